#!/bin/sh
# Runs every test and says what holds. Exit code 0 only if all do.
cd "$(dirname "$0")" || exit 1
red=0
for test in tests/*.sh; do
    if sh "$test" >/dev/null 2>&1; then
        echo "ok     $test"
    else
        echo "not ok $test"
        red=$((red + 1))
    fi
done
echo "$red red"
[ "$red" -eq 0 ]
