# The first page.
. lib/page.sh
{
    page_head index.html Welcome
    html_text < content/home.txt | sed -e 's|.*|<p>&</p>|'
    echo '<p><a href="menu.html">What we cook</a></p>'
    page_foot
} > out/index.html
