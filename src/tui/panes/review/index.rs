//! The rows of a change: which lines stand where, in one column or side by side, and where hunks begin. Nothing is painted here, and
//! no line's text is read but to see whether only blanks differ.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::id::Digest;
use crate::domain::change::{self, Change, FileDiff, Hunk, LineKind, Split};

/// Lines of context that a diff holds around what differs.
pub(super) const CONTEXT: u8 = 3;

/// How a change is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// Before and after beside each other.
    pub(super) is_beside: bool,
    /// Lines around what differs, up to [`CONTEXT`].
    pub(super) context: u8,
    /// Lines in which only blanks differ are shown as if they did not.
    pub(super) skips_blanks: bool,
}

/// A line of a hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// Its place in the hunk, as git wrote it.
    pub(super) line: u32,
    /// Its number in the file, before or now.
    pub(super) number: u32,
}

/// What a row of code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// The same on both sides.
    Context,
    /// A removed line; the other spot is the line that replaces it.
    Removed,
    /// An added line; the other spot is the line that it replaces.
    Added,
    /// Both sides beside each other.
    Pair,
}

/// A row of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// The hunk, by number over all files.
    pub(super) hunk: usize,
    /// The line before.
    pub(super) old: Option<Spot>,
    /// The line now.
    pub(super) new: Option<Spot>,
    /// What it is.
    pub(super) shape: Shape,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// Nothing.
    Gap,
    /// The name of a file.
    File(usize),
    /// A file that is folded.
    Folded(usize),
    /// The head of a hunk, by number over all files.
    Hunk(usize),
    /// A line, or two.
    Code(Code),
    /// A row of a remark: which remark, which of its rows.
    Remark(usize, usize),
}

/// Where a hunk is, or a piece of one that was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its key.
    pub(super) key: Digest,
    /// Its first row.
    pub(super) row: usize,
    /// The row behind its last.
    pub(super) end: usize,
    /// Its file.
    pub(super) file: usize,
    /// The number of git's hunk in the file; none for the stand-in of a file without hunks.
    pub(super) number: Option<usize>,
    /// The part of git's hunk that it is, in lines.
    pub(super) lines: (u32, u32),
    /// First line and count before.
    pub(super) old: (u32, u32),
    /// First line and count now.
    pub(super) new: (u32, u32),
}

/// Where words about a change stand: the file, the line as it is now, and how many rows they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pin {
    /// The file.
    pub(super) file: usize,
    /// The line; none for the file as a whole.
    pub(super) line: Option<u32>,
    /// How many rows.
    pub(super) rows: usize,
}

/// What a change is laid out with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    /// Hunks that were cut.
    pub(super) splits: &'a BTreeMap<Digest, Split>,
    /// Files that are folded.
    pub(super) folded: &'a BTreeSet<usize>,
    /// Words about lines.
    pub(super) pins: &'a [Pin],
}

/// All rows, and where hunks are among them.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// From top to bottom.
    pub(super) rows: Vec<Row>,
    /// In the order of rows.
    pub(super) hunks: Vec<Place>,
}

impl Index {
    /// Lays out a change.
    pub(super) fn of(change: &Change, look: Look, parts: Parts<'_>) -> Self {
        let mut index = Self::default();
        for (number, file) in change.files.iter().enumerate() {
            // The first file's name stands in the border.
            if number > 0 {
                index.rows.extend([Row::Gap, Row::File(number)]);
            }
            let mut waiting: Vec<(usize, Pin)> = parts.pins.iter().copied().enumerate().collect();
            waiting.retain(|(_, pin)| pin.file == number);
            index.remarks(&mut waiting, None);
            if parts.folded.contains(&number) {
                index.folded(number, file, parts.splits);
            } else {
                index.file(number, file, look, (parts.splits, &mut waiting));
            }
            index.remarks(&mut waiting, Some(u32::MAX));
        }
        index
    }

    fn folded(&mut self, number: usize, file: &FileDiff, splits: &BTreeMap<Digest, Split>) {
        let row = self.rows.len();
        self.rows.push(Row::Folded(number));
        let from = self.hunks.len();
        self.places(number, file, splits);
        for place in self.hunks.iter_mut().skip(from) {
            (place.row, place.end) = (row, row + 1);
        }
    }

    /// Adds the places of a file's hunks; their rows are not known yet.
    fn places(&mut self, number: usize, file: &FileDiff, splits: &BTreeMap<Digest, Split>) {
        for (place, hunk) in file.hunks.iter().enumerate() {
            let pieces = pieces(hunk, splits.get(&hunk.key));
            self.hunks.extend(pieces.into_iter().map(|piece| Place {
                file: number,
                number: Some(place),
                ..piece
            }));
        }
        if file.hunks.is_empty() {
            let key = file.keys().first().copied();
            self.hunks.extend(key.map(|key| Place {
                key,
                row: 0,
                end: 0,
                file: number,
                number: None,
                lines: (0, 0),
                old: (0, 0),
                new: (0, 0),
            }));
        }
    }

    fn file(
        &mut self,
        number: usize,
        file: &FileDiff,
        look: Look,
        (splits, waiting): (&BTreeMap<Digest, Split>, &mut Vec<(usize, Pin)>),
    ) {
        let from = self.hunks.len();
        self.places(number, file, splits);
        for at in from..self.hunks.len() {
            let Some(mut place) = self.hunks.get(at).copied() else {
                continue;
            };
            if at > from {
                self.rows.push(Row::Gap);
            }
            place.row = self.rows.len();
            let hunk = place.number.and_then(|number| file.hunks.get(number));
            if !look.is_beside || hunk.is_none() {
                self.rows.push(Row::Hunk(at));
            }
            if let Some(hunk) = hunk {
                let lines = Lines { hunk, place, look };
                for code in lines.rows(at) {
                    self.rows.push(Row::Code(code));
                    if code.shape != Shape::Removed {
                        self.remarks(waiting, code.new.map(|spot| spot.number));
                    }
                }
            }
            place.end = self.rows.len();
            if let Some(known) = self.hunks.get_mut(at) {
                *known = place;
            }
        }
    }

    /// Adds the words that stand behind a line: those about the lines up to it.
    fn remarks(&mut self, waiting: &mut Vec<(usize, Pin)>, upto: Option<u32>) {
        let is_due = |pin: &Pin| match (pin.line, upto) {
            (None, _) => true,
            (Some(line), Some(upto)) => line <= upto,
            (Some(_), None) => false,
        };
        waiting.retain(|(remark, pin)| {
            let is_due = is_due(pin);
            if is_due {
                self.rows
                    .extend((0..pin.rows).map(|row| Row::Remark(*remark, row)));
            }
            !is_due
        });
    }

    /// The hunk that a row belongs to: the one that holds it, or the last above.
    pub(super) fn hunk_at(&self, row: usize) -> usize {
        let above = self.hunks.partition_point(|hunk| hunk.row <= row);
        let last = above.saturating_sub(1);
        // All hunks of a folded file stand in one row; it is the first that is meant.
        let row = self.hunks.get(last).map_or(0, |hunk| hunk.row);
        self.hunks.partition_point(|hunk| hunk.row < row)
    }

    /// The first hunk of the next or the previous file.
    pub(super) fn neighbour(&self, hunk: usize, forward: bool) -> usize {
        let file = self.hunks.get(hunk).map_or(0, |hunk| hunk.file);
        let wanted = if forward {
            file + 1
        } else {
            file.saturating_sub(1)
        };
        let found = self.hunks.iter().position(|hunk| hunk.file == wanted);
        found.unwrap_or(hunk)
    }

    /// Where a row of code with this line is, if it is shown.
    pub(super) fn find(&self, hunk: usize, line: u32) -> Option<usize> {
        let place = self.hunks.get(hunk)?;
        let is_it = |row: &Row| match row {
            Row::Code(code) => [code.old, code.new]
                .into_iter()
                .flatten()
                .any(|spot| spot.line == line),
            _ => false,
        };
        let rows = self.rows.get(place.row..place.end)?;
        rows.iter().position(is_it).map(|at| place.row + at)
    }
}

/// A hunk as one piece, or as those that it is cut into. File and rows are filled in later.
fn pieces(hunk: &Hunk, cut: Option<&Split>) -> Vec<Place> {
    let piece = |piece: &Hunk, lines: (u32, u32)| Place {
        key: piece.key,
        row: 0,
        end: 0,
        file: 0,
        number: None,
        lines,
        old: (piece.old_start, piece.old_lines),
        new: (piece.new_start, piece.new_lines),
    };
    let cuts = cut.map_or(&[][..], |cut| &cut.cuts);
    let pieces = change::pieces(hunk, cuts).into_iter();
    pieces.map(|(lines, found)| piece(&found, lines)).collect()
}

/// The lines of a piece on their way into rows.
struct Lines<'a> {
    hunk: &'a Hunk,
    place: Place,
    look: Look,
}

impl Lines<'_> {
    fn rows(&self, at: usize) -> Vec<Code> {
        let (mut old, mut new) = (self.place.old.0, self.place.new.0);
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        let mut rows = Vec::new();
        for line in self.place.lines.0..self.place.lines.1 {
            let Some(kind) = self.kind(line) else { break };
            let before = Spot { line, number: old };
            let after = Spot { line, number: new };
            old += u32::from(kind != LineKind::Added);
            new += u32::from(kind != LineKind::Removed);
            match kind {
                LineKind::Removed => removed.push(before),
                LineKind::Added => added.push(after),
                LineKind::Context => {
                    self.run(at, &mut removed, &mut added, &mut rows);
                    if self.is_near(line) {
                        let (old, new) = (Some(before), Some(after));
                        let shape = Shape::Context;
                        rows.push(Code {
                            hunk: at,
                            old,
                            new,
                            shape,
                        });
                    }
                }
            }
        }
        self.run(at, &mut removed, &mut added, &mut rows);
        rows
    }

    fn kind(&self, line: u32) -> Option<LineKind> {
        self.hunk.lines.get(line as usize).map(|line| line.kind)
    }

    /// Whether something differs within so many lines as context is shown.
    fn is_near(&self, line: u32) -> bool {
        let reach = u32::from(self.look.context);
        if self.look.context >= CONTEXT {
            return true;
        }
        let from = line.saturating_sub(reach).max(self.place.lines.0);
        let to = line.saturating_add(reach + 1).min(self.place.lines.1);
        (from..to).any(|near| self.kind(near) != Some(LineKind::Context))
    }

    /// A run of lines that differ: the first removed one stands for the first added one, and so on.
    fn run(
        &self,
        hunk: usize,
        removed: &mut Vec<Spot>,
        added: &mut Vec<Spot>,
        out: &mut Vec<Code>,
    ) {
        let (gone, come) = (std::mem::take(removed), std::mem::take(added));
        let pair = |row: usize| (gone.get(row).copied(), come.get(row).copied());
        let row_of = |(old, new), shape| Code {
            hunk,
            old,
            new,
            shape,
        };
        let is_quiet = |row: usize| match pair(row) {
            (Some(old), Some(new)) => self.look.skips_blanks && self.is_blank_change(old, new),
            _ => false,
        };
        if self.look.is_beside {
            let rows = 0..gone.len().max(come.len());
            out.extend(rows.map(|row| {
                let shape = if is_quiet(row) {
                    Shape::Context
                } else {
                    Shape::Pair
                };
                row_of(pair(row), shape)
            }));
            return;
        }
        let removed = (0..gone.len()).filter(|row| !is_quiet(*row));
        out.extend(removed.map(|row| row_of(pair(row), Shape::Removed)));
        out.extend((0..come.len()).map(|row| {
            let shape = if is_quiet(row) {
                Shape::Context
            } else {
                Shape::Added
            };
            row_of(pair(row), shape)
        }));
    }

    fn is_blank_change(&self, old: Spot, new: Spot) -> bool {
        let text = |spot: Spot| self.hunk.lines.get(spot.line as usize);
        match (text(old), text(new)) {
            (Some(old), Some(new)) => {
                let letters = |text: &'_ [u8]| -> Vec<u8> {
                    let kept = text.iter().copied();
                    kept.filter(|byte| !byte.is_ascii_whitespace()).collect()
                };
                letters(&old.text) == letters(&new.text)
            }
            _ => false,
        }
    }
}

/// Why a file is folded at first, if it is: nobody reads it line by line.
pub(super) fn why_folded(file: &FileDiff) -> Option<&'static str> {
    const LONG: usize = 2_000;
    const LOCKS: [&str; 4] = [
        "package-lock.json",
        "pnpm-lock.yaml",
        "go.sum",
        "npm-shrinkwrap.json",
    ];
    const MADE: [&str; 5] = [".min.js", ".min.css", ".map", ".pb.go", "_pb2.py"];
    let path = file.path.as_bytes();
    let path = String::from_utf8_lossy(path);
    let name = path.rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit('.').next();
    if LOCKS.contains(&name) || extension == Some("lock") || extension == Some("lockb") {
        return Some("a lock file");
    }
    let is_made = MADE.iter().any(|end| name.ends_with(end));
    let mut folders = path.split('/').rev().skip(1);
    if is_made
        || folders.any(|folder| matches!(folder, "node_modules" | "vendor" | "dist" | "generated"))
    {
        return Some("generated");
    }
    let first = file.hunks.first().filter(|hunk| hunk.new_start <= 1);
    let says_so = |text: &[u8]| {
        let head = text.get(..200).unwrap_or(text);
        let head = String::from_utf8_lossy(head);
        head.contains("@generated") || head.contains("DO NOT EDIT")
    };
    if first.is_some_and(|hunk| hunk.lines.iter().take(5).any(|line| says_so(&line.text))) {
        return Some("generated");
    }
    let lines: usize = file.hunks.iter().map(|hunk| hunk.lines.len()).sum();
    (lines > LONG).then_some("long")
}
