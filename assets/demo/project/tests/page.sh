# Every page is whole: language, title, one headline, and an end.
. "$(dirname "$0")/lib/say.sh"
for page in out/*.html; do
    check "$page says its language" has "$page" '<html lang="en">'
    check "$page has a title" grep -q '<title>..* - Harbor' "$page"
    check "$page has one headline" [ "$(grep -c '<h1>' "$page")" -eq 1 ]
    check "$page has no placeholder left" lacks "$page" '@TITLE@'
    check "$page ends" has "$page" '</html>'
done
done_with_test
