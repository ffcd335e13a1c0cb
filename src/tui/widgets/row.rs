//! One row of text in pieces, each with its token.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::text;
use crate::tui::theme::{Theme, Token};

/// A piece of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What it says. Foreign text is safe text by now; control characters would be left out.
    pub text: Cow<'a, str>,
    /// What it means.
    pub token: Token,
}

/// A row of pieces that lasts.
pub type Row = Vec<Piece<'static>>;

/// A piece with a token.
pub fn piece<'a>(text: impl Into<Cow<'a, str>>, token: Token) -> Piece<'a> {
    Piece {
        text: text.into(),
        token,
    }
}

/// A piece of plain text.
pub fn plain<'a>(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
    piece(text, Token::Text)
}

/// How many cells the pieces take together.
pub fn width(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|piece| text::width(&piece.text)).sum()
}

/// Paints the pieces into the first row of `area`, cut with `…` at its end. Gives the column behind the last cell painted.
pub fn paint(buffer: &mut Buffer, area: Rect, theme: &Theme, pieces: &[Piece<'_>]) -> u16 {
    let area = area.intersection(buffer.area);
    let mut x = area.left();
    if area.is_empty() {
        return x;
    }
    for piece in pieces {
        let room = usize::from(area.right().saturating_sub(x));
        if room == 0 {
            break;
        }
        let style = theme.style(piece.token);
        let shown: Cow<'_, str> = if text::width(&piece.text) > room {
            text::clip(&piece.text, room).into()
        } else {
            Cow::Borrowed(&piece.text)
        };
        (x, _) = buffer.set_stringn(x, area.y, shown, room, style);
    }
    x
}

/// Paints `left` from the left and `right` up to the right edge. Where both do not fit, `left` is cut.
pub fn both(
    buffer: &mut Buffer,
    area: Rect,
    theme: &Theme,
    left: &[Piece<'_>],
    right: &[Piece<'_>],
) {
    let wanted = u16::try_from(width(right)).unwrap_or(u16::MAX);
    let right_width = wanted.min(area.width);
    let left_width = (area.width - right_width).saturating_sub(u16::from(right_width > 0));
    let left_area = Rect {
        width: left_width,
        ..area
    };
    paint(buffer, left_area, theme, left);
    let right_area = Rect {
        x: area.right() - right_width,
        width: right_width,
        ..area
    };
    paint(buffer, right_area, theme, right);
}

#[cfg(test)]
mod tests {
    use super::super::bench::{rows, snapshot};
    use super::*;

    #[test]
    fn pieces_are_cut_at_the_edge() {
        let pieces = [piece("t4", Token::Accent), plain(" guest checkout form")];
        for (width, expected) in [
            (30, "t4 guest checkout form"),
            (12, "t4 guest ch…"),
            (2, "t4"),
            (1, "…"),
        ] {
            let seen = rows(width, 1, |buffer, theme| {
                paint(buffer, buffer.area, theme, &pieces);
            });
            assert_eq!(seen, [expected]);
        }
    }

    #[test]
    fn the_right_side_is_kept() {
        let (left, right) = ([plain("a long title")], [piece("$0.18", Token::Money)]);
        for (width, expected) in [
            (20, "a long title   $0.18"),
            (12, "a lon… $0.18"),
            (5, "$0.18"),
            (3, "$0…"),
        ] {
            let seen = rows(width, 1, |buffer, theme| {
                both(buffer, buffer.area, theme, &left, &right);
            });
            assert_eq!(seen, [expected]);
        }
    }

    #[test]
    fn tokens_reach_their_cells() {
        let seen = snapshot(8, 1, |buffer, theme| {
            paint(
                buffer,
                buffer.area,
                theme,
                &[plain("t4 "), piece("ok", Token::Ok)],
            );
        });
        assert_eq!(seen, "|t4 ok   |\n\nr0 c3-4 ok\n");
    }
}
