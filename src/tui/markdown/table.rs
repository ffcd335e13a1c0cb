//! Tables: columns side by side, cut to the room there is.

use crate::base::text;
use crate::tui::theme::Token;
use crate::tui::widgets::row::{Piece, Row, piece};

use super::flow::Span;

/// Cells that a column keeps.
const LEAST: usize = 3;

/// Columns that are looked at.
pub(super) const MOST_COLUMNS: usize = 64;

/// Between two columns.
const WALL: &str = " │ ";

/// A table that is being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// Whether each column stands at its right edge.
    pub(super) is_right: Vec<bool>,
    /// The first row is the head.
    pub(super) rows: Vec<Vec<Vec<Span>>>,
}

impl Table {
    /// Its rows, each of at most `room` cells.
    pub(super) fn laid_out(&self, room: usize) -> Vec<Row> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut wanted = vec![1; columns];
        for row in &self.rows {
            for (width, cell) in wanted.iter_mut().zip(row) {
                *width = (*width).max(cells(cell));
            }
        }
        let (widths, is_cut) = fitting(&wanted, room);
        let mut rows = Vec::new();
        for (place, row) in self.rows.iter().enumerate() {
            let mut pieces = self.row(row, &widths);
            if is_cut {
                pieces.push(piece(" …", Token::Dim));
            }
            rows.push(pieces);
            if place == 0 {
                let line: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
                rows.push(vec![piece(line.join("─┼─"), Token::Border)]);
            }
        }
        rows
    }

    fn row(&self, row: &[Vec<Span>], widths: &[usize]) -> Row {
        let mut pieces = Row::new();
        for (column, width) in widths.iter().enumerate() {
            if column > 0 {
                pieces.push(piece(WALL, Token::Border));
            }
            let cell = row.get(column).map_or(&[][..], Vec::as_slice);
            let blanks = " ".repeat(width.saturating_sub(cells(cell)));
            let is_right = self.is_right.get(column).copied().unwrap_or(false);
            let is_last = column + 1 == widths.len();
            if is_right && !blanks.is_empty() {
                pieces.push(piece(blanks.clone(), Token::Text));
            }
            cut(cell, *width, &mut pieces);
            if !is_right && !is_last && !blanks.is_empty() {
                pieces.push(piece(blanks, Token::Text));
            }
        }
        pieces
    }
}

fn cells(cell: &[Span]) -> usize {
    cell.iter().map(|span| text::width(&span.text)).sum()
}

/// The pieces of a cell in `width` cells, ending in `…` if something is missing.
fn cut(cell: &[Span], width: usize, pieces: &mut Vec<Piece<'static>>) {
    let mut left = width;
    let mut rest = cells(cell);
    for span in cell {
        let cells = text::width(&span.text);
        rest -= cells;
        if cells < left || (cells == left && rest == 0) {
            pieces.push(piece(span.text.clone(), span.token));
            left -= cells;
            continue;
        }
        // A span that would just fit still needs room for the sign that more would follow.
        let shown = if rest == 0 {
            text::clip(&span.text, left)
        } else {
            let room = left.saturating_sub(1);
            format!("{}…", text::clip_with(&span.text, room, ""))
        };
        pieces.push(piece(shown, span.token));
        return;
    }
}

/// The widths of the columns that fit, and whether columns are left out. Wide columns give first.
fn fitting(wanted: &[usize], room: usize) -> (Vec<usize>, bool) {
    let wall = text::width(WALL);
    let least = |width: usize| width.min(LEAST);
    let mut count = 0;
    let mut used = 0;
    for width in wanted {
        let more = least(*width) + if count > 0 { wall } else { 0 };
        let sign = if count + 1 < wanted.len() { 2 } else { 0 };
        if used + more + sign > room {
            break;
        }
        used += more;
        count += 1;
    }
    let is_cut = count < wanted.len();
    let walls = count.saturating_sub(1) * wall + if is_cut { 2 } else { 0 };
    let room = room.saturating_sub(walls);
    let kept = wanted.get(..count).unwrap_or_default();
    let sum = |most: usize| kept.iter().map(|width| (*width).min(most)).sum::<usize>();
    // The widest that a column may be.
    let (mut low, mut high) = (LEAST, room.max(LEAST));
    while low < high {
        let middle = (low + high).div_ceil(2);
        if sum(middle) <= room {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    (kept.iter().map(|width| (*width).min(low)).collect(), is_cut)
}
