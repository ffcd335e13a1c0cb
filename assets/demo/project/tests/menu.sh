# The menu shows every dish once, each with its price in the same form.
. "$(dirname "$0")/lib/say.sh"
listed=$(grep -c -v '^#' content/menu.txt)
shown=$(grep -c 'class="dish"' out/menu.html)
priced=$(grep -c -E 'class="price">[0-9]+\.[0-9][0-9] &euro;<' out/menu.html)
check "all $listed dishes are shown (found $shown)" [ "$listed" -eq "$shown" ]
check "every price has two decimals and the euro sign (found $priced of $listed)" [ "$listed" -eq "$priced" ]
check 'the soup costs 8.50' has out/menu.html '8.50 &euro;'
done_with_test
