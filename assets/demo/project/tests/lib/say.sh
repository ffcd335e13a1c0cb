# What every test begins with: the site is built, and wrong things are counted.
cd "$(dirname "$0")/.." || exit 1
LC_ALL=C
export LC_ALL
wrong=0

sh build.sh > /dev/null || {
    echo 'not ok - the site does not build'
    exit 1
}

# check TEXT COMMAND...: says whether the command holds.
check() {
    text=$1
    shift
    if "$@" > /dev/null 2>&1; then
        echo "ok - $text"
    else
        echo "not ok - $text"
        wrong=$((wrong + 1))
    fi
}

# has FILE TEXT, lacks FILE TEXT: whether the text stands in a file that is there.
has() { [ -f "$1" ] && grep -q -F -e "$2" "$1"; }
lacks() { [ -f "$1" ] && ! grep -q -F -e "$2" "$1"; }

# done_with_test: ends the test.
done_with_test() {
    [ "$wrong" -eq 0 ]
    exit
}
