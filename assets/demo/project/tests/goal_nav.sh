# Wish: every page leads to every other one.
. "$(dirname "$0")/lib/say.sh"
for page in out/*.html; do
    name=${page#out/}
    check "$name has a navigation" has "$page" '<nav aria-label="Site">'
    check "$name marks itself in it" has "$page" "<a href=\"$name\" aria-current=\"page\">"
    check "$name leads to the menu" has "$page" '<a href="menu.html"'
done
check 'there are entries' [ -f nav/20-menu.txt ]
for entry in nav/*.txt; do
    [ -f "$entry" ] || continue
    check "$entry is in the navigation" has out/index.html ">$(sed -n -e 's/^[^|]*|//p' "$entry")</a>"
done
done_with_test
