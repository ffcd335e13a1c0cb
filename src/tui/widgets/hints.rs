//! The row of keys: best first, as many as fit, always ending in help.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::row::{self, Piece, piece, plain};
use crate::base::text;
use crate::tui::theme::{Theme, Token};

/// A key and what it does here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The key as shown.
    pub key: String,
    /// A word or two.
    pub label: String,
}

/// Paints the hints with `last` behind them. A hint that does not fit is left out with all after it.
pub fn paint(buffer: &mut Buffer, area: Rect, theme: &Theme, hints: &[Hint], last: &Hint) {
    let mut room = usize::from(area.width).saturating_sub(cells(last) + 2);
    let mut pieces: Vec<Piece<'_>> = vec![plain(" ")];
    for hint in hints {
        let needed = cells(hint) + 2;
        if needed > room {
            break;
        }
        room -= needed;
        push(&mut pieces, hint);
        pieces.push(plain("  "));
    }
    push(&mut pieces, last);
    row::paint(buffer, area, theme, &pieces);
}

fn cells(hint: &Hint) -> usize {
    text::width(&hint.key) + 1 + text::width(&hint.label)
}

fn push<'a>(pieces: &mut Vec<Piece<'a>>, hint: &'a Hint) {
    pieces.push(piece(hint.key.as_str(), Token::Accent));
    pieces.push(piece(format!(" {}", hint.label), Token::Dim));
}

#[cfg(test)]
mod tests {
    use super::super::bench::rows;
    use super::*;

    fn hint(key: &str, label: &str) -> Hint {
        Hint {
            key: key.to_owned(),
            label: label.to_owned(),
        }
    }

    #[test]
    fn help_is_always_there() {
        let hints = [
            hint("w", "next waiting"),
            hint("Enter", "open"),
            hint("a", "approve"),
        ];
        for (width, expected) in [
            (60, " w next waiting  Enter open  a approve  ? help"),
            (40, " w next waiting  Enter open  ? help"),
            (24, " w next waiting  ? help"),
            (10, " ? help"),
            (4, " ? …"),
        ] {
            let seen = rows(width, 1, |buffer, theme| {
                paint(buffer, buffer.area, theme, &hints, &hint("?", "help"));
            });
            assert_eq!(seen, [expected]);
        }
    }
}
