//! What is looked for in a change: the rows that hold it, and the way from one to the next.

use crate::tui::facts::line;
use crate::tui::widgets::filter::Fields;

use super::index::{Code, Row, Shape};
use super::{Laid, Read, State};

/// The rows that hold what is looked for.
#[derive(Clone, Debug)]
pub(super) struct Found {
    typed: String,
    laid: Option<Laid>,
    /// In the order of rows.
    pub(super) rows: Vec<usize>,
}

impl State {
    /// Looks for the words again, if they or the rows are others; while they are typed the cursor goes to the first that holds them.
    pub(super) fn look_again(&mut self) {
        if self.search.is_empty() {
            self.found = None;
            return;
        }
        let Some(read) = self.content() else {
            self.found = None;
            return;
        };
        let known = self.found.as_ref();
        if known.is_some_and(|found| found.typed == self.search.typed && found.laid == read.laid) {
            return;
        }
        let is_new = known.is_none_or(|found| found.typed != self.search.typed);
        let rows = read.index.rows.iter().enumerate();
        let rows: Vec<usize> = rows
            .filter(|(_, row)| self.holds(read, **row))
            .map(|(number, _)| number)
            .collect();
        let first = rows.iter().find(|row| **row >= self.cursor);
        let first = first.or(rows.first()).copied();
        self.found = Some(Found {
            typed: self.search.typed.clone(),
            laid: read.laid.clone(),
            rows,
        });
        if let Some(first) = first.filter(|_| is_new) {
            self.cursor = first;
        }
    }

    fn holds(&self, read: &Read, row: Row) -> bool {
        let fits = |text: &str| {
            self.search.fits(&Fields {
                text,
                ..Fields::default()
            })
        };
        match row {
            Row::File(file) | Row::Folded(file) => {
                let file = read.change.files.get(file);
                file.is_some_and(|file| fits(&line(&file.path.to_string())))
            }
            Row::Code(code) => {
                let [old, new] = sides(read, code);
                [old, new].into_iter().flatten().any(|text| fits(&text))
            }
            Row::Gap | Row::Hunk(_) | Row::Remark(..) => false,
        }
    }

    /// Goes to the next row that holds what is looked for, or to the one before, round the end; false if there is none.
    pub fn find(&mut self, is_next: bool, height: u16) -> bool {
        let rows = self.found.as_ref().map_or(&[][..], |found| &found.rows);
        let after = rows.partition_point(|row| *row <= self.cursor);
        let before = rows.partition_point(|row| *row < self.cursor);
        let next = if is_next {
            rows.get(after).or(rows.first())
        } else {
            let place = before.checked_sub(1);
            place.and_then(|place| rows.get(place)).or(rows.last())
        };
        let Some(row) = next.copied() else {
            return false;
        };
        self.cursor = row;
        self.follow(height);
        true
    }

    /// Which of the rows that hold it has the cursor, and how many there are: `2/5`.
    pub(super) fn count_found(&self) -> Option<String> {
        let rows = &self.found.as_ref()?.rows;
        let place = rows.partition_point(|row| *row <= self.cursor);
        Some(format!("/{} {place}/{}", self.search.typed, rows.len()))
    }
}

/// The texts that a row of code shows: a line that was replaced stands in a row of its own unless both are beside each other.
fn sides(read: &Read, code: Code) -> [Option<String>; 2] {
    let place = read.index.hunks.get(code.hunk);
    let hunk = place.and_then(|place| {
        let file = read.change.files.get(place.file)?;
        file.hunks.get(place.number?)
    });
    let shown = match code.shape {
        Shape::Removed => [code.old, None],
        Shape::Added | Shape::Context => [None, code.new],
        Shape::Pair => [code.old, code.new],
    };
    shown.map(|spot| {
        let line = hunk?.lines.get(spot?.line as usize)?;
        Some(String::from_utf8_lossy(&line.text).into_owned())
    })
}
