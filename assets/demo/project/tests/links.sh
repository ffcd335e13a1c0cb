# Every link to a file of the site leads to one.
. "$(dirname "$0")/lib/say.sh"
for page in out/*.html; do
    for target in $(sed -n -e 's/.*href="\([a-z0-9-]*\.[a-z]*\)".*/\1/p' "$page"); do
        check "$page links to $target" [ -f "out/$target" ]
    done
done
done_with_test
