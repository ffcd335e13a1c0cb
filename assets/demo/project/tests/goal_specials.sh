# Wish: a page with the dishes of the week.
. "$(dirname "$0")/lib/say.sh"
check 'there is a page' [ -f out/specials.html ]
check 'it shows the mackerel' has out/specials.html 'Grilled mackerel'
check 'with its price' has out/specials.html '13.90 &euro;'
check 'it shows the tart' has out/specials.html 'Strawberry tart'
done_with_test
