# The menu with its prices.
. lib/page.sh
{
    page_head menu.html Menu
    echo '<ul class="menu">'
    html_text < content/menu.txt | awk -f lib/menu.awk
    echo '</ul>'
    page_foot
} > out/menu.html
