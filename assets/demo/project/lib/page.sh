# Functions for the steps. Read with `. lib/page.sh` from the top of the project.

# html_text: makes the text on standard input safe to stand in a page.
html_text() {
    sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g' -e 's/"/\&quot;/g'
}

# page_head FILE TITLE: the beginning of the page that is written to out/FILE.
page_head() {
    sed -e "s/@TITLE@/$2/g" parts/head.html
}

# page_foot: the end of every page.
page_foot() {
    cat parts/foot.html
}
