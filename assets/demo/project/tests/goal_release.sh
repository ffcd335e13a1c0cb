# Wish: one command makes a folder that can be put on a server.
. "$(dirname "$0")/lib/say.sh"
check 'the command works' sh release.sh
check 'it works a second time' sh release.sh
for page in out/*.html; do
    name=${page#out/}
    check "$name is in the release" [ -f "release/$name" ]
    check "$name is in the site map" has release/sitemap.txt "https://harbor-cafe.example/$name"
done
files=$(ls release 2> /dev/null | grep -c -v FILES.txt)
listed=$(grep -c . release/FILES.txt 2> /dev/null)
check "the list of files is whole ($files files, ${listed:-0} listed)" [ "${listed:-0}" = "$files" ]
done_with_test
