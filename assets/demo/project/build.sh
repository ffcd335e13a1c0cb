#!/bin/sh
# Builds the site into out/ by running every step in the order of its name.
set -eu
cd "$(dirname "$0")"
LC_ALL=C
export LC_ALL
rm -rf out
mkdir -p out
for step in steps/*.sh; do
    sh "$step"
done
echo "built: $(ls out/*.html | wc -l | sed 's| ||g') pages"
