# Wish: what is sold out this week is not offered.
. "$(dirname "$0")/lib/say.sh"
check 'there is a page' [ -f out/specials.html ]
sed -n -e 's/|.*|sold out$//p' content/specials.txt > out/sold_out.list
while read -r dish; do
    check "$dish is not offered" lacks out/specials.html "$dish"
done < out/sold_out.list
rm -f out/sold_out.list
done_with_test
