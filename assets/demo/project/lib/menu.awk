# Makes list items of dishes: name | price | marks. Lines that begin with # are comments.
BEGIN { FS = "|" }
/^#/ || NF < 2 { next }
{
    printf "<li><span class=\"dish\">%s</span> <span class=\"price\">%.2f &euro;</span></li>\n", $1, $2
}
