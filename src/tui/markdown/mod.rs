//! Agents' words as rows: a text is cut into parts while it is being written, and each part that is whole is laid out once. A word
//! more costs the part that is open, which is never longer than [`MOST`]. The same text gives the same rows however it came.
//!
//! Where parts end is decided here and not by the parser, by what stands before alone: a line that begins at the edge behind an
//! empty one, a fence, or [`MOST`]. Fenced code is not parsed at all.

mod code;
mod flow;
mod render;
mod table;
#[cfg(test)]
mod tests;

use crate::tui::highlight::{Coloured, Job, Key};
use crate::tui::widgets::row::Row;

use code::{Code, Fence};

/// Bytes of a part that is open, or of a line of code.
const MOST: usize = 8 << 10;

/// Names for fenced code, so that its colours find it.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Whose texts they are.
    pub seed: usize,
    /// The last one given.
    pub last: u64,
}

#[derive(Clone, Debug)]
enum Part {
    Words(Vec<Row>),
    Code(Code),
}

impl Part {
    fn rows(&self) -> &[Row] {
        match self {
            Self::Words(rows) => rows,
            Self::Code(code) => &code.rows,
        }
    }
}

/// A text that is laid out as it grows.
#[derive(Clone, Debug, Default)]
pub struct Document {
    width: u16,
    source: String,
    /// Where the part that is open begins; lines before [`scanned`](Self::scanned) were looked at.
    start: usize,
    scanned: usize,
    /// The last line looked at is empty.
    is_after_blank: bool,
    /// An empty row stands before the part that is open.
    has_gap: bool,
    /// The fence that the open part ends with, if it is code.
    fence: Option<Fence>,
    parts: Vec<Part>,
    tail: Vec<Row>,
    count: usize,
}

impl Document {
    /// Takes the text, which must be safe by now, for rows of `width` cells. What it had before at its beginning costs nothing.
    pub fn set(&mut self, text: &str, width: u16, names: &mut Names) {
        if width != self.width || !text.starts_with(self.source.as_str()) {
            *self = Self {
                width,
                ..Self::default()
            };
        }
        let Some(more) = text
            .get(self.source.len()..)
            .filter(|more| !more.is_empty())
        else {
            return;
        };
        self.source.push_str(more);
        while self.step(names) {}
        self.tail = self.open_rows();
        let whole: usize = self.parts.iter().map(|part| part.rows().len()).sum();
        self.count = whole + self.tail.len();
    }

    /// How many rows there are.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        let whole = self.parts.iter().flat_map(Part::rows);
        whole.chain(&self.tail)
    }

    /// Code that should be coloured.
    pub fn wanted(&mut self) -> impl Iterator<Item = Job> {
        self.codes().filter_map(Code::wanted)
    }

    /// Takes coloured lines in; false if they belong to another text.
    pub fn coloured(&mut self, coloured: &Coloured) -> bool {
        let width = self.width;
        self.codes().any(|code| code.coloured(coloured, width))
    }

    /// Lines could not be asked for; they are asked for again.
    pub fn uncoloured(&mut self, key: Key) {
        self.codes().for_each(|code| code.uncoloured(key));
    }

    fn codes(&mut self) -> impl Iterator<Item = &mut Code> {
        self.parts.iter_mut().filter_map(|part| match part {
            Part::Code(code) => Some(code),
            Part::Words(_) => None,
        })
    }

    /// Looks at the next line; false if there is none, or if it must be whole first.
    fn step(&mut self, names: &mut Names) -> bool {
        let rest = self.source.get(self.scanned..).unwrap_or_default();
        let (line, is_whole) = match rest.find('\n') {
            Some(end) => (rest.get(..end).unwrap_or_default(), true),
            None => (rest, false),
        };
        if line.is_empty() && !is_whole {
            return false;
        }
        let (begin, end) = (self.scanned, self.scanned + line.len());
        if self.fence.is_some() {
            return self.step_in_code(end, is_whole);
        }
        let is_at_edge = line.chars().next().is_some_and(|c| !c.is_whitespace());
        if self.is_after_blank && is_at_edge && begin > self.start {
            self.close(begin);
            self.has_gap = true;
        }
        if end - self.start > MOST {
            let cut = if begin > self.start {
                begin
            } else {
                word_end(&self.source, self.start)
            };
            let has_gap = self.is_after_blank && cut == begin;
            self.close(cut);
            self.scanned = cut;
            self.has_gap = has_gap;
            return true;
        }
        if !is_whole {
            return false;
        }
        let fence = self.source.get(begin..end).and_then(Fence::open);
        let is_blank = self
            .source
            .get(begin..end)
            .is_some_and(|line| line.trim().is_empty());
        self.scanned = end + 1;
        match fence {
            Some((fence, language)) => {
                self.close(begin);
                let has_gap = self.is_after_blank && !self.parts.is_empty();
                let code = Code::new(&fence, &language, has_gap, names);
                self.parts.push(Part::Code(code));
                self.fence = Some(fence);
                self.start = self.scanned;
                self.is_after_blank = false;
                self.has_gap = false;
            }
            None => self.is_after_blank = is_blank,
        }
        true
    }

    fn step_in_code(&mut self, end: usize, is_whole: bool) -> bool {
        let begin = self.scanned;
        let line = self.source.get(begin..end).unwrap_or_default();
        if is_whole && self.fence.as_ref().is_some_and(|fence| fence.ends(line)) {
            self.fence = None;
            self.scanned = end + 1;
            self.start = self.scanned;
            return true;
        }
        let is_long = line.len() > MOST;
        if !is_whole && !is_long {
            return false;
        }
        let cut = if is_long {
            boundary(line, MOST)
        } else {
            line.len()
        };
        let line = line.get(..cut).unwrap_or_default();
        if let Some(Part::Code(code)) = self.parts.last_mut() {
            code.push(line, self.width);
        }
        self.scanned = begin + cut + usize::from(!is_long);
        self.start = self.scanned;
        true
    }

    /// Lays out what is open up to `end`; what follows is open then.
    fn close(&mut self, end: usize) {
        let rows = self.laid_out(end);
        if !rows.is_empty() {
            self.parts.push(Part::Words(rows));
        }
        self.start = end;
        self.has_gap = false;
    }

    fn laid_out(&self, end: usize) -> Vec<Row> {
        let text = self.source.get(self.start..end).unwrap_or_default();
        let mut rows = render::rows(text, usize::from(self.width));
        let begins_blank = text
            .lines()
            .next()
            .is_some_and(|line| line.trim().is_empty());
        if (self.has_gap || begins_blank) && !self.parts.is_empty() && !rows.is_empty() {
            rows.insert(0, Row::new());
        }
        rows
    }

    /// The rows of the part that is open.
    fn open_rows(&self) -> Vec<Row> {
        match (&self.fence, self.parts.last()) {
            (Some(fence), Some(Part::Code(code))) => {
                let line = self.source.get(self.scanned..).unwrap_or_default();
                if line.is_empty() || fence.may_end(line) {
                    return Vec::new();
                }
                code.open_rows(line, self.width)
            }
            _ => self.laid_out(self.source.len()),
        }
    }
}

/// The last border of characters up to a byte.
fn boundary(text: &str, byte: usize) -> usize {
    let mut border = byte.min(text.len());
    while !text.is_char_boundary(border) {
        border -= 1;
    }
    border
}

/// Where a text that has no better place is cut: behind a word, if there is one.
fn word_end(source: &str, start: usize) -> usize {
    let end = boundary(source, start + MOST);
    let text = source.get(start..end).unwrap_or_default();
    match text.rfind(' ') {
        Some(space) if space > 0 => start + space + 1,
        _ => end,
    }
}
