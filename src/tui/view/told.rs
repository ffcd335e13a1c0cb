//! Panes that only tell have no cursor: while one has the focus it is painted as tall as all that it tells, and a window of that is shown.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::layout::Density;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{self, piece};

/// Rows that a pane can tell; more are not looked for.
const TALL: u16 = 200;

/// Paints a pane with `draw`: as it is where it does not have the focus, else from row `top` on, within a heavy border.
pub(super) fn paint(
    canvas: &mut Canvas<'_>,
    area: Rect,
    (has_focus, top): (bool, u16),
    draw: impl Fn(&mut Canvas<'_>, Rect),
) {
    if !has_focus || area.width < 3 || area.height < 3 {
        return draw(canvas, area);
    }
    let tall = tall(canvas, area, draw);
    let (rows, room) = (told(&tall), area.height - 2);
    let top = top.min(rows.saturating_sub(room));
    // Compact panes have no border on the right and below: those cells are their neighbours'.
    let is_compact = canvas.density == Density::Compact;
    let shown = area.intersection(canvas.buffer.area);
    let edge = u16::from(is_compact);
    for y in shown.top()..shown.bottom().min(area.bottom() - edge) {
        let from = match y - area.y {
            0 => area.y,
            row if row + 1 == area.height => tall.area.bottom() - 1,
            row => area.y + row + top,
        };
        for x in shown.left()..shown.right().min(area.right() - edge) {
            if let (Some(cell), Some(painted)) =
                (canvas.buffer.cell_mut((x, y)), tall.cell((x, from)))
            {
                *cell = painted.clone();
            }
        }
    }
    heavy(canvas, shown);
    let below = rows.saturating_sub(top + room);
    if below > 0 && !is_compact && area.width > 14 {
        let text = format!(" ▼ {below} more ");
        let mark = Rect {
            x: area.right() - 14,
            y: area.bottom() - 1,
            width: 13,
            height: 1,
        };
        row::paint(
            canvas.buffer,
            mark,
            canvas.theme,
            &[piece(text, Token::BorderFocus)],
        );
    }
}

/// How many rows a pane tells that is as wide as `area`.
pub(super) fn rows(canvas: &Canvas<'_>, area: Rect, draw: impl Fn(&mut Canvas<'_>, Rect)) -> u16 {
    told(&tall(canvas, area, draw))
}

fn tall(canvas: &Canvas<'_>, area: Rect, draw: impl Fn(&mut Canvas<'_>, Rect)) -> Buffer {
    let height = area.height.max(TALL).min(u16::MAX - area.y);
    let whole = Rect { height, ..area };
    let mut picture = Buffer::empty(whole);
    let mut scratch = Canvas {
        buffer: &mut picture,
        theme: canvas.theme,
        density: canvas.density,
    };
    draw(&mut scratch, whole);
    picture
}

/// The rows within the border down to the last that says something.
fn told(picture: &Buffer) -> u16 {
    let area = picture.area;
    let inside = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    };
    let says = |row: &Rect| {
        row.positions()
            .any(|cell| picture.cell(cell).is_some_and(|cell| cell.symbol() != " "))
    };
    let last = inside.rows().rfind(says);
    last.map_or(0, |row| row.y - area.y)
}

/// Makes the border of a pane heavy, as the focus wants it.
fn heavy(canvas: &mut Canvas<'_>, area: Rect) {
    let style = canvas.theme.style(Token::BorderFocus);
    let edge = area.positions().filter(|cell| {
        let is_row = cell.y == area.top() || cell.y + 1 == area.bottom();
        is_row || cell.x == area.left() || cell.x + 1 == area.right()
    });
    for cell in edge {
        if let Some(cell) = canvas.buffer.cell_mut(cell) {
            let heavy = match cell.symbol() {
                "─" => '━',
                "│" => '┃',
                "┌" => '┏',
                "┐" => '┓',
                "└" => '┗',
                "┘" => '┛',
                _ => continue,
            };
            cell.set_char(heavy).set_style(style);
        }
    }
}
