# Wish: a page with the opening hours, and a word on when the kitchen rests.
. "$(dirname "$0")/lib/say.sh"
check 'there is a page' [ -f out/hours.html ]
days=$(grep -c '<th scope="row">' out/hours.html 2> /dev/null)
check "it has seven days (found ${days:-0})" [ "${days:-0}" -eq 7 ]
check 'Friday is open until 22:00' grep -q 'Friday.*22:00' out/hours.html
check 'it says when the kitchen rests' grep -q '<p class="kitchen">Kitchen rests: ..*</p>' out/hours.html
done_with_test
