# Wish: a page that says how to reach the café.
. "$(dirname "$0")/lib/say.sh"
check 'there is a page' [ -f out/contact.html ]
check 'it has the address' has out/contact.html 'Old Pier 4'
check 'a tap calls' has out/contact.html 'href="tel:+494315550123"'
check 'a tap writes' has out/contact.html 'href="mailto:ahoy@harbor-cafe.example"'
done_with_test
