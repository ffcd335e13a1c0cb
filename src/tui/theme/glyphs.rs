//! The characters of the interface for terminals that have none but ASCII, and for fonts that are patched for programmers.
//!
//! Panes are always painted in Unicode; the finished picture is translated, foreign text included.

use ratatui::buffer::Buffer;

/// Replaces every character over 127 in the picture; each stays one cell wide. What has no likeness becomes `?`.
pub fn to_ascii(picture: &mut Buffer) {
    for cell in &mut picture.content {
        let symbol = cell.symbol();
        if !symbol.is_ascii() {
            let likeness = symbol.chars().next().map_or(' ', likeness);
            cell.set_char(likeness);
        }
    }
}

/// Puts signs of a patched font (Nerd Fonts, Font Awesome's range) in the place of marks; each stays one cell wide.
pub fn to_nerd(picture: &mut Buffer) {
    for cell in &mut picture.content {
        let mut letters = cell.symbol().chars();
        if let (Some(mark), None) = (letters.next(), letters.next())
            && let Some(sign) = patched(mark)
        {
            cell.set_char(sign);
        }
    }
}

const fn patched(mark: char) -> Option<char> {
    Some(match mark {
        '✓' => '\u{f00c}', // check
        '✗' => '\u{f00d}', // times
        '▲' => '\u{f071}', // triangle with an exclamation mark
        '◌' => '\u{f252}', // hourglass
        '▸' => '\u{f04b}', // play
        '±' => '\u{f12b}', // superscript, for what was changed
        '≠' => '\u{f126}', // fork
        _ => return None,
    })
}

const fn likeness(character: char) -> char {
    match character {
        '─' | '┄' | '▃' | '—' => '-',
        '│' | '┆' => '|',
        '╭' | '╰' | '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '±' | '▅' => {
            '+'
        }
        '━' | '┅' | '▪' | '▄' => '=',
        '┃' | '┇' | '┏' | '┓' | '┗' | '┛' | '█' | '■' => '#',
        '▶' | '▸' | '›' | '→' => '>',
        '◀' | '◂' | '‹' | '←' => '<',
        '●' | '▆' => '*',
        '○' => 'o',
        '▲' => '!',
        '◌' | '…' => '~',
        '·' | '░' | '▁' | '–' => '.',
        '✓' | '▼' | '↓' => 'v',
        '✗' | '×' => 'x',
        '≠' | '▇' => '%',
        '↑' => '^',
        '▌' => '[',
        '▐' => ']',
        '▂' => ':',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_signs_of_one_cell() {
        let mut picture = Buffer::with_lines(["┃ ✓ done 世 ▲"]);
        to_nerd(&mut picture);
        let rows = crate::tui::theme::probe::rows(&picture);
        assert_eq!(rows, ["┃ \u{f00c} done 世 \u{f071}"]);
        assert_eq!(crate::base::text::width(&rows[0]), 13);
    }

    #[test]
    fn the_table_of_the_design_holds() {
        let table = [
            ("─│┌┐└┘", "-|++++"),
            ("━┃", "=#"),
            ("▶▸›", ">>>"),
            ("█░", "#."),
            ("▁▂▃▄▅▆▇█", ".:-=+*%#"),
            ("●○▲▪◌·✓✗±≠↑…", "*o!=~.vx+%^~"),
            ("▌▐", "[]"),
        ];
        for (unicode, ascii) in table {
            let seen: String = unicode.chars().map(likeness).collect();
            assert_eq!(seen, ascii, "{unicode}");
        }
    }

    #[test]
    fn no_byte_over_127_is_left() {
        let mut picture = Buffer::with_lines(["┏━ ●▶▲ ✓✗± ━┓", "┃ Grüße 世界 ┃"]);
        to_ascii(&mut picture);
        let rows = crate::tui::theme::probe::rows(&picture);
        assert_eq!(rows, ["#= *>! vx+ =#", "# Gr??e ? ?  #"]);
        assert!(rows.concat().is_ascii());
    }
}
