//! The border of a pane: heavy where the focus is, a title on the left, its state or its key on the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::row::{self, Piece, piece};
use crate::base::text;
use crate::tui::theme::{Theme, Token};

/// What stands in the border.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Capital nouns with a count: `AGENTS 14`.
    pub title: &'a str,
    /// The pane's state or key: `8 run`.
    pub right: &'a str,
    /// How the border looks.
    pub edge: Edge,
}

/// The kinds of border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Light: not focused.
    Light,
    /// Heavy: focused.
    Heavy,
}

/// Left, right, horizontal, and the corners from the upper left clockwise.
type Lines = (&'static str, &'static str, &'static str, [&'static str; 4]);

impl Edge {
    /// Heavy if it `has_focus`.
    pub const fn focused(has_focus: bool) -> Self {
        if has_focus { Self::Heavy } else { Self::Light }
    }

    const fn lines(self) -> Lines {
        match self {
            Self::Light => ("│", "│", "─", ["┌", "┐", "┘", "└"]),
            Self::Heavy => ("┃", "┃", "━", ["┏", "┓", "┛", "┗"]),
        }
    }

    const fn token(self) -> Token {
        match self {
            Self::Light => Token::Border,
            Self::Heavy => Token::BorderFocus,
        }
    }
}

/// Paints the border and gives the area within. Below 2 × 2 there is no room for either.
pub fn paint(buffer: &mut Buffer, area: Rect, theme: &Theme, frame: &Frame<'_>) -> Rect {
    let area = area.intersection(buffer.area);
    if area.width < 2 || area.height < 2 {
        return Rect {
            width: 0,
            height: 0,
            ..area
        };
    }
    let token = frame.edge.token();
    let (left, right, across, [top_left, top_right, bottom_right, bottom_left]) =
        frame.edge.lines();
    let inside = usize::from(area.width) - 2;
    let top = Rect { height: 1, ..area };
    row::paint(
        buffer,
        top,
        theme,
        &heading(frame, inside, (top_left, across, top_right)),
    );
    let bottom = format!("{bottom_left}{}{bottom_right}", across.repeat(inside));
    row::paint(
        buffer,
        Rect {
            y: area.bottom() - 1,
            height: 1,
            ..area
        },
        theme,
        &[piece(bottom, token)],
    );
    let style = theme.style(token);
    for y in area.top() + 1..area.bottom() - 1 {
        buffer.set_string(area.left(), y, left, style);
        buffer.set_string(area.right() - 1, y, right, style);
    }
    Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width - 2,
        height: area.height - 2,
    }
}

/// Paints a line above and one on the left where another pane stands, and gives the area within. What would be the border on the
/// right and below belongs to the neighbours, and may lie outside of the picture.
pub fn rule(buffer: &mut Buffer, area: Rect, theme: &Theme, frame: &Frame<'_>) -> Rect {
    if area.width < 3 || area.height < 3 {
        return Rect {
            width: 0,
            height: 0,
            ..area.intersection(buffer.area)
        };
    }
    let token = frame.edge.token();
    let (left, _, across, _) = frame.edge.lines();
    let top = Rect {
        width: area.width - 1,
        height: 1,
        ..area
    };
    let line = heading(frame, usize::from(area.width) - 2, (across, across, ""));
    row::paint(buffer, top, theme, &line);
    let inside = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width - 2,
        height: area.height - 2,
    };
    let inside = inside.intersection(buffer.area);
    if area.x > 0 {
        for y in inside.top()..inside.bottom() {
            buffer.set_string(area.x, y, left, theme.style(token));
        }
    }
    inside
}

/// Cells of a title that are kept beside a right one.
const LEAST_TITLE: usize = 24;

/// The upper border. When space is short the title is cut, for the right one holds the state; below [`LEAST_TITLE`] the right one goes.
fn heading<'a>(
    frame: &Frame<'a>,
    inside: usize,
    (left, across, right): (&'static str, &'static str, &'static str),
) -> Vec<Piece<'a>> {
    let token = frame.edge.token();
    let room = inside.saturating_sub(4); // `─ ` and ` ─` around the title.
    let right_width = text::width(frame.right);
    let wanted = text::width(frame.title).min(LEAST_TITLE);
    let has_right = right_width > 0 && room >= wanted + right_width + 3;
    let title_room = if has_right {
        room - right_width - 3
    } else {
        room
    };
    let title = text::clip(frame.title, title_room);
    if title.is_empty() {
        return vec![piece(
            format!("{left}{}{right}", across.repeat(inside)),
            token,
        )];
    }
    let title_width = text::width(&title);
    let left_over = room - title_width;
    let mut pieces = vec![
        piece(format!("{left}{across} "), token),
        piece(title, Token::Title),
    ];
    // The right title needs its own blanks, a line before it and one behind it.
    if has_right {
        let line = across.repeat(left_over - right_width - 2);
        pieces.push(piece(format!(" {line} "), token));
        pieces.push(piece(frame.right, Token::Text));
        pieces.push(piece(format!(" {across}{right}"), token));
    } else {
        let line = across.repeat(left_over + 1);
        pieces.push(piece(format!(" {line}{right}"), token));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::super::bench::rows;
    use super::*;

    fn painted(width: u16, height: u16, edge: Edge) -> Vec<String> {
        let frame = Frame {
            title: "AGENTS 14",
            right: "8 run",
            edge,
        };
        rows(width, height, |buffer, theme| {
            paint(buffer, buffer.area, theme, &frame);
        })
    }

    #[test]
    fn borders_at_several_widths() {
        assert_eq!(
            painted(30, 3, Edge::Light),
            [
                "┌─ AGENTS 14 ──────── 8 run ─┐",
                "│                            │",
                "└────────────────────────────┘",
            ]
        );
        assert_eq!(
            painted(24, 2, Edge::Heavy),
            ["┏━ AGENTS 14 ━━ 8 run ━┓", "┗━━━━━━━━━━━━━━━━━━━━━━┛"]
        );
        assert_eq!(painted(18, 2, Edge::Light)[0], "┌─ AGENTS 14 ────┐");
        assert_eq!(painted(10, 2, Edge::Light)[0], "┌─ AGE… ─┐");
        assert_eq!(painted(6, 2, Edge::Light)[0], "┌────┐");
        assert_eq!(painted(2, 2, Edge::Heavy), ["┏┓", "┗┛"]);
        assert_eq!(painted(1, 5, Edge::Heavy), [""; 5]);
    }

    #[test]
    fn compact_panes_have_lines_between_them() {
        let seen = rows(24, 4, |buffer, theme| {
            let frame = |title, edge| Frame {
                title,
                right: "",
                edge,
            };
            let left = Rect::new(0, 0, 13, 5);
            let right = Rect::new(12, 0, 13, 5);
            let inside = rule(buffer, left, theme, &frame("ONE", Edge::Heavy));
            assert_eq!(inside, Rect::new(1, 1, 11, 3));
            let inside = rule(buffer, right, theme, &frame("TWO", Edge::Light));
            assert_eq!(inside, Rect::new(13, 1, 11, 3));
        });
        assert_eq!(seen[0], "━━ ONE ━━━━━── TWO ─────");
        assert_eq!(seen[1].trim(), "│");
    }

    #[test]
    fn the_inside_is_what_is_left() {
        let mut inside = Rect::ZERO;
        rows(20, 5, |buffer, theme| {
            let frame = Frame {
                title: "",
                right: "",
                edge: Edge::Light,
            };
            inside = paint(buffer, Rect::new(2, 1, 10, 4), theme, &frame);
        });
        assert_eq!(inside, Rect::new(3, 2, 8, 2));
    }
}
