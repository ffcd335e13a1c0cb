# Wish: the menu prints on paper without the navigation.
. "$(dirname "$0")/lib/say.sh"
check 'there is a style for paper' [ -f out/print.css ]
check 'it hides the navigation' grep -q -E '(^|[ ,])nav[ ,].*\{.*display: none' out/print.css
for page in out/*.html; do
    check "$page uses it for paper only" has "$page" '<link rel="stylesheet" href="print.css" media="print">'
done
done_with_test
