//! What is looked for, marked where it stands.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::theme::{Theme, Token};

/// Marks the cells of `area` that show one of `words`, which are in small letters. A word is found within a row only.
pub fn mark(buffer: &mut Buffer, area: Rect, theme: &Theme, words: &[&str]) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        let mut text = String::new();
        let mut cells = Vec::new();
        for x in area.left()..area.right() {
            cells.push((text.len(), x));
            let symbol = buffer.cell((x, y)).map_or(" ", |cell| cell.symbol());
            text.push_str(&symbol.to_lowercase());
        }
        for word in words.iter().filter(|word| !word.is_empty()) {
            for (at, found) in text.match_indices(word) {
                let is_in = |(start, _): &&(usize, u16)| (at..at + found.len()).contains(start);
                for (_, x) in cells.iter().filter(is_in) {
                    buffer.set_style(Rect::new(*x, y, 1, 1), theme.style(Token::Match));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::probe;

    #[test]
    fn whole_words_are_marked_whatever_their_letters() {
        let area = Rect::new(0, 0, 20, 2);
        let (mut buffer, theme) = (Buffer::empty(area), probe::theme());
        buffer.set_string(0, 0, "let Total = total;", theme.style(Token::Text));
        buffer.set_string(0, 1, "日本 total", theme.style(Token::Text));
        mark(&mut buffer, Rect::new(4, 0, 16, 2), &theme, &["total"]);
        let wanted = theme.style(Token::Match);
        let mut plain = buffer.clone();
        plain.set_style(area, wanted);
        let marked: Vec<(u16, u16)> = (0..2)
            .flat_map(|y| (0..20).map(move |x| (x, y)))
            .filter(|place| buffer[*place].style() == plain[*place].style())
            .collect();
        let run = |xs: std::ops::Range<u16>, y| xs.map(move |x| (x, y)).collect::<Vec<_>>();
        assert_eq!(
            marked,
            [run(4..9, 0), run(12..17, 0), run(5..10, 1)].concat()
        );
    }
}
