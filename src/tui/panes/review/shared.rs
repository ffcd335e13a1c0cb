//! What is in view of a change, told to those who follow, and shown where others have it in view. Terminals differ in size and in how
//! they lay a change out, so that lines are named by file and number.

use crate::session::{Spot, View};

use super::index::{Index, Row, Spot as Line};
use super::{Read, State};

impl State {
    /// What is in view.
    pub fn in_view(&self) -> Option<View> {
        let read = self.content()?;
        let top = spot(read, self.top)?;
        let cursor = spot(read, self.cursor)?;
        Some(View::Change { top, cursor })
    }

    /// Shows lines that somebody else has in view, once the change is here.
    pub fn reveal(&mut self, top: Spot, cursor: Spot) {
        self.wants = Some((top, cursor));
    }

    /// Goes to the lines that are wanted, if the change is here.
    pub(super) fn go_to_wanted(&mut self) {
        let Some((top, cursor)) = self.wants.take() else {
            return;
        };
        let Some(read) = self.content() else {
            self.wants = Some((top, cursor));
            return;
        };
        let (top, cursor) = (row(read, &top), row(read, &cursor));
        if let (Some(top), Some(cursor)) = (top, cursor) {
            (self.top, self.cursor) = (top, cursor);
        }
    }
}

/// The line of a row, or of the next row that has one; at the end, of the last.
fn spot(read: &Read, row: usize) -> Option<Spot> {
    let of = |row: &Row| line_of(&read.index, row);
    let (before, behind) = read.index.rows.split_at_checked(row)?;
    let found = behind.iter().find_map(of);
    let (file, line, is_old) = found.or_else(|| before.iter().rev().find_map(of))?;
    Some(Spot {
        path: read.change.files.get(file)?.path.to_string(),
        line: line.number,
        is_old,
    })
}

/// File and line of a row of code.
fn line_of(index: &Index, row: &Row) -> Option<(usize, Line, bool)> {
    let Row::Code(code) = row else {
        return None;
    };
    let file = index.hunks.get(code.hunk)?.file;
    match (code.new, code.old) {
        (Some(line), _) => Some((file, line, false)),
        (None, Some(line)) => Some((file, line, true)),
        (None, None) => None,
    }
}

/// The row that shows a line, or the nearest line of its file where it is left out; the file's name where it is folded.
fn row(read: &Read, spot: &Spot) -> Option<usize> {
    let mut files = read.change.files.iter();
    let file = files.position(|file| file.path.to_string() == spot.path)?;
    let far = |row: &Row| {
        let Row::Code(code) = row else {
            return None;
        };
        let is_here = read.index.hunks.get(code.hunk)?.file == file;
        let side = if spot.is_old { code.old } else { code.new };
        let line = side.filter(|_| is_here)?;
        Some(line.number.abs_diff(spot.line))
    };
    let rows = read.index.rows.iter().enumerate();
    let lines = rows.filter_map(|(place, row)| Some((far(row)?, place)));
    let nearest = lines.min().map(|(_, place)| place);
    let is_name =
        |row: &Row| matches!(row, Row::File(number) | Row::Folded(number) if *number == file);
    nearest.or_else(|| read.index.rows.iter().position(is_name))
}
