//! What lies above the panes: boxes in the middle, and short notices at the lower right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::frame::{self, Edge, Frame};
use super::row::{self, Piece};
use crate::tui::theme::{Theme, Token};

/// The area of `width` × `height` in the middle of `area`, or as much as there is.
pub fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// Clears `area`, frames it, and gives the area within, one cell from the border at each side.
pub fn paint(buffer: &mut Buffer, area: Rect, theme: &Theme, title: &str, right: &str) -> Rect {
    ground(buffer, area, theme);
    let edge = Edge::Heavy;
    let inside = frame::paint(buffer, area, theme, &Frame { title, right, edge });
    Rect {
        x: inside.x + u16::from(inside.width > 2),
        width: inside.width.saturating_sub(2),
        ..inside
    }
}

/// The sign of a row that the person is on.
const CURSOR: &str = "▶";

/// Whether the person is on this row: it stays free.
fn is_taken(buffer: &Buffer, row: Rect) -> bool {
    let cells = row.positions().filter_map(|place| buffer.cell(place));
    cells.into_iter().any(|cell| cell.symbol() == CURSOR)
}

/// Paints notices, newest last, one a row from the bottom of `area` up, at its right. At most three are shown, and none over a row
/// with a cursor.
pub fn notices(buffer: &mut Buffer, area: Rect, theme: &Theme, notices: &[Vec<Piece<'_>>]) {
    let area = area.intersection(buffer.area);
    let row = |above: u16| Rect::new(area.x, area.bottom() - 1 - above, area.width, 1);
    let free: Vec<u16> = (0..area.height)
        .filter(|above| !is_taken(buffer, row(*above)))
        .take(3)
        .collect();
    for (above, notice) in free.into_iter().zip(notices.iter().rev()) {
        let wanted = u16::try_from(row::width(notice))
            .unwrap_or(u16::MAX)
            .saturating_add(2);
        let width = wanted.min(area.width);
        let place = Rect::new(area.right() - width, area.bottom() - 1 - above, width, 1);
        ground(buffer, place, theme);
        let inside = Rect {
            x: place.x + u16::from(width > 2),
            width: width.saturating_sub(2),
            ..place
        };
        row::paint(buffer, inside, theme, notice);
    }
}

/// Clears `area`. A wide character that reaches into it from the left goes, or it would cover the border.
pub fn ground(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let left = area.x.checked_sub(1);
    for place in area.rows().filter_map(|row| Some((left?, row.y))) {
        if let Some(cell) = buffer.cell_mut(place)
            && cell.symbol().width() > 1
        {
            cell.set_char(' ');
        }
    }
    for position in area.intersection(buffer.area).positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.reset();
            cell.set_style(theme.style(Token::SurfaceRaised));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::rows;
    use super::super::row::plain;
    use super::*;

    #[test]
    fn a_box_hides_what_is_below() {
        let seen = rows(20, 6, |buffer, theme| {
            for y in 0..6 {
                buffer.set_string(0, y, "x".repeat(20), theme.style(Token::Text));
            }
            let area = centered(buffer.area, 12, 4);
            let inside = paint(buffer, area, theme, "STOP", "");
            assert_eq!(inside, Rect::new(6, 2, 8, 2));
        });
        assert_eq!(
            seen,
            [
                "xxxxxxxxxxxxxxxxxxxx",
                "xxxx┏━ STOP ━━━┓xxxx",
                "xxxx┃          ┃xxxx",
                "xxxx┃          ┃xxxx",
                "xxxx┗━━━━━━━━━━┛xxxx",
                "xxxxxxxxxxxxxxxxxxxx",
            ]
        );
    }

    #[test]
    fn a_box_cuts_no_character_in_half() {
        let seen = rows(9, 3, |buffer, theme| {
            buffer.set_string(0, 1, "日本語x", theme.style(Token::Text));
            paint(buffer, Rect::new(3, 0, 6, 3), theme, "", "");
        });
        assert_eq!(seen[1], "日 ┃    ┃");
    }

    #[test]
    fn the_newest_notices_stand_lowest() {
        let list: Vec<_> = ["one", "two", "three", "four"]
            .map(|text| vec![plain(text)])
            .into();
        let seen = rows(10, 5, |buffer, theme| {
            notices(buffer, buffer.area, theme, &list);
        });
        assert_eq!(seen, ["", "", "      two", "    three", "     four"]);
        let beside = rows(10, 3, |buffer, theme| {
            buffer.set_string(0, 2, "▶ here", theme.style(Token::Text));
            notices(buffer, buffer.area, theme, &list);
        });
        assert_eq!(beside, ["    three", "     four", "▶ here"]);
        let narrow = rows(4, 1, |buffer, theme| {
            notices(buffer, buffer.area, theme, &list);
        });
        assert_eq!(narrow, [" f…"]);
    }
}
