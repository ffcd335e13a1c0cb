# Wish: vegan dishes are marked on the menu, and only they.
. "$(dirname "$0")/lib/say.sh"
listed=$(grep -c '|vegan$' content/menu.txt)
marked=$(grep -c '<span class="mark">vegan</span>' out/menu.html)
check "all $listed vegan dishes are marked (found $marked)" [ "$listed" -eq "$marked" ]
check 'the lentil stew is' grep -q 'Lentil stew.*class="mark">vegan<' out/menu.html
check 'the crab roll is not' sh -c '! grep "Crab roll" out/menu.html | grep -q vegan'
done_with_test
