//! The accepted part of a change: what a file holds when only some of its hunks are taken.

use std::collections::BTreeMap;

use crate::base::id::Digest;
use crate::domain::change::diff::{DiffLine, FileDiff, Hunk, LineKind, numbered, start};

/// A hunk that does not fit the content it is put on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hunk does not fit: line {line} of the old file is another")]
pub struct Conflict {
    /// The hunk.
    pub hunk: Digest,
    /// The line of the old file, from 1.
    pub line: u32,
}

/// What a file becomes by the accepted part of its change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selected {
    /// Nothing is accepted: name, mode and content stay as they were.
    Unchanged,
    /// All is accepted: name, mode and blob are the new ones.
    Whole,
    /// Some hunks are accepted. The file has its new name and mode (of a deleted file: the old ones) and this content.
    Part(Vec<u8>),
}

/// Takes the hunks of `file` that `is_accepted`. `old` is its content before, nothing for a new file.
///
/// # Errors
/// `old` is not the content that the change was made from.
pub fn select(
    file: &FileDiff,
    old: &[u8],
    is_accepted: impl Fn(&Digest) -> bool,
) -> Result<Selected, Conflict> {
    let keys = file.keys();
    let accepted = keys.iter().filter(|key| is_accepted(key)).count();
    if accepted == 0 {
        return Ok(Selected::Unchanged);
    }
    if accepted == keys.len() {
        return Ok(Selected::Whole);
    }
    let hunks: Vec<&Hunk> = file
        .hunks
        .iter()
        .filter(|hunk| is_accepted(&hunk.key))
        .collect();
    apply_hunks(old, &hunks).map(Selected::Part)
}

/// Puts hunks of one diff, or pieces of them, on the content that the diff was made from. Their order does not matter. Every
/// line that a hunk keeps or removes must be there exactly; nothing is searched for.
///
/// A line without line end gets one if another line comes to stand behind it.
///
/// # Errors
/// A line is not as a hunk has it, or two hunks overlap.
pub fn apply_hunks(old: &[u8], hunks: &[&Hunk]) -> Result<Vec<u8>, Conflict> {
    let mut hunks = hunks.to_vec();
    hunks.sort_by_key(|hunk| (hunk.old_index(), hunk.new_index()));
    let mut rest = old.split_inclusive(|byte| *byte == b'\n');
    let mut out = Output(Vec::with_capacity(old.len()));
    let mut taken = 0;
    for hunk in hunks {
        let conflict = |line: u32| Conflict {
            hunk: hunk.key,
            line: line.saturating_add(1),
        };
        if hunk.old_index() < taken {
            return Err(conflict(taken));
        }
        while taken < hunk.old_index() {
            out.push(rest.next().ok_or_else(|| conflict(taken))?);
            taken += 1;
        }
        for line in &hunk.lines {
            if line.kind == LineKind::Added {
                out.push_line(line);
                continue;
            }
            let found = rest.next().filter(|found| is_same(found, line));
            let found = found.ok_or_else(|| conflict(taken))?;
            taken += 1;
            if line.kind == LineKind::Context {
                out.push(found);
            }
        }
    }
    rest.for_each(|line| out.push(line));
    Ok(out.0)
}

fn is_same(found: &[u8], line: &DiffLine) -> bool {
    match found.strip_suffix(b"\n") {
        Some(text) => !line.no_newline && text == line.text,
        None => line.no_newline && found == line.text,
    }
}

/// Content that is being put together.
struct Output(Vec<u8>);

impl Output {
    fn push(&mut self, line: &[u8]) {
        if self.0.last().is_some_and(|byte| *byte != b'\n') {
            self.0.push(b'\n');
        }
        self.0.extend_from_slice(line);
    }

    fn push_line(&mut self, line: &DiffLine) {
        self.push(&line.text);
        if !line.no_newline {
            self.0.push(b'\n');
        }
    }
}

/// The hunk that takes this one back. Inverting twice gives the same hunk.
#[must_use]
pub fn invert(hunk: &Hunk) -> Hunk {
    let mut lines = Vec::with_capacity(hunk.lines.len());
    let is_context = |line: &DiffLine| line.kind == LineKind::Context;
    for run in hunk
        .lines
        .chunk_by(|one, next| is_context(one) == is_context(next))
    {
        // What was added is removed now, and stands first.
        for kind in [LineKind::Context, LineKind::Added, LineKind::Removed] {
            let of_kind = run.iter().filter(|line| line.kind == kind);
            lines.extend(of_kind.map(|line| DiffLine {
                kind: opposite(kind),
                ..line.clone()
            }));
        }
    }
    Hunk {
        key: hunk.key,
        old_start: hunk.new_start,
        old_lines: hunk.new_lines,
        new_start: hunk.old_start,
        new_lines: hunk.old_lines,
        heading: hunk.heading.clone(),
        lines,
    }
}

const fn opposite(kind: LineKind) -> LineKind {
    match kind {
        LineKind::Context => LineKind::Context,
        LineKind::Added => LineKind::Removed,
        LineKind::Removed => LineKind::Added,
    }
}

/// Cuts a hunk before the given lines (counted from 0 within the hunk) into pieces that can be taken one without the other, each
/// with its lines in the hunk (from, and the one behind its last). Pieces in which nothing differs are left out; a hunk that is
/// not really cut stays as it is. The keys of pieces follow from that of the hunk and from their own lines.
#[must_use]
pub fn pieces(hunk: &Hunk, cuts: &[u32]) -> Vec<((u32, u32), Hunk)> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut piece = piece_at(hunk, hunk.old_index(), hunk.new_index());
    for (line, at) in hunk.lines.iter().zip(0_u32..) {
        if cuts.contains(&at) && !piece.lines.is_empty() {
            let (old, new) = close(&mut piece);
            let next = piece_at(hunk, old, new);
            pieces.push(((from, at), std::mem::replace(&mut piece, next)));
            from = at;
        }
        piece.old_lines += u32::from(line.kind != LineKind::Added);
        piece.new_lines += u32::from(line.kind != LineKind::Removed);
        piece.lines.push(line.clone());
    }
    close(&mut piece);
    let count = hunk.lines.len() as u32;
    pieces.push(((from, count), piece));
    pieces.retain(|(_, piece)| piece.added() + piece.removed() > 0);
    if pieces.len() < 2 {
        return vec![((0, count), hunk.clone())];
    }
    let mut seen: BTreeMap<Digest, u64> = BTreeMap::new();
    for (_, piece) in &mut pieces {
        let content = piece.content(hunk.key);
        let twins = seen.entry(content).or_default();
        piece.key = numbered(content, *twins);
        *twins += 1;
    }
    pieces
}

/// The [`pieces`] of a hunk without their places.
#[must_use]
pub fn split(hunk: &Hunk, cuts: &[u32]) -> Vec<Hunk> {
    let pieces = pieces(hunk, cuts).into_iter();
    pieces.map(|(_, piece)| piece).collect()
}

/// An empty piece with so many lines of the two files before it; its starts are these counts until it is closed.
fn piece_at(hunk: &Hunk, old_index: u32, new_index: u32) -> Hunk {
    Hunk {
        key: hunk.key,
        old_start: old_index,
        old_lines: 0,
        new_start: new_index,
        new_lines: 0,
        heading: hunk.heading.clone(),
        lines: Vec::new(),
    }
}

/// Turns the counts into starts, and gives the counts of the piece behind it.
fn close(piece: &mut Hunk) -> (u32, u32) {
    let (old_index, new_index) = (piece.old_start, piece.new_start);
    piece.old_start = start(old_index, piece.old_lines);
    piece.new_start = start(new_index, piece.new_lines);
    (
        old_index.saturating_add(piece.old_lines),
        new_index.saturating_add(piece.new_lines),
    )
}
