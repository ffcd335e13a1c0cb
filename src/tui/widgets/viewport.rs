//! A long text in a window: blocks that are broken into rows once, and again only when they or the width change. A stream that
//! grows costs what is open of its last block.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::row::{self, piece};
use crate::base::text;
use crate::tui::highlight::{Coloured, Job, Key};
use crate::tui::markdown::{Document, Names};
use crate::tui::theme::{Theme, Token};

/// Chunks of code that are asked for at once.
const ASKED: usize = 8;

/// How a block is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As it is, in one colour.
    Plain(Token),
    /// As an agent wrote it: headings, lists, code.
    Words,
}

/// A block of text: a paragraph, a message, a tool's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// Safe text; `\n` ends a line.
    pub text: Cow<'a, str>,
    /// How it is laid out.
    pub look: Look,
    /// Cells before each of its rows.
    pub indent: u16,
}

#[derive(Clone, Debug)]
enum Body {
    Plain {
        text: String,
        token: Token,
        lines: Vec<String>,
    },
    Words(Box<Document>),
}

#[derive(Clone, Debug)]
struct Broken {
    indent: u16,
    body: Body,
}

impl Broken {
    fn new(block: &Block<'_>, width: u16, names: &mut Names) -> Self {
        let cells = width.saturating_sub(block.indent);
        let body = match block.look {
            Look::Plain(token) => Body::Plain {
                lines: text::wrap(&block.text, usize::from(cells)),
                text: block.text.to_string(),
                token,
            },
            Look::Words => {
                let mut document = Document::default();
                document.set(&block.text, cells, names);
                Body::Words(Box::new(document))
            }
        };
        Self {
            indent: block.indent,
            body,
        }
    }

    /// Becomes the block, with as little work as possible.
    fn become_block(&mut self, block: &Block<'_>, width: u16, names: &mut Names) {
        let is_indented_so = self.indent == block.indent;
        match (&mut self.body, block.look) {
            (Body::Plain { text, token, .. }, Look::Plain(look))
                if is_indented_so && *text == block.text && *token == look => {}
            (Body::Words(document), Look::Words) if is_indented_so => {
                document.set(&block.text, width.saturating_sub(block.indent), names);
            }
            _ => *self = Self::new(block, width, names),
        }
    }

    fn count(&self) -> usize {
        match &self.body {
            Body::Plain { lines, .. } => lines.len(),
            Body::Words(document) => document.count(),
        }
    }

    /// What its rows say.
    fn texts(&self) -> Vec<Cow<'_, str>> {
        match &self.body {
            Body::Plain { lines, .. } => lines.iter().map(Into::into).collect(),
            Body::Words(document) => {
                let said = |row: &row::Row| row.iter().map(|piece| &*piece.text).collect();
                document.rows().map(|row| Cow::Owned(said(row))).collect()
            }
        }
    }
}

/// The blocks with their rows, and which of them are in view.
#[derive(Clone, Debug, Default)]
pub struct Viewport {
    blocks: Vec<Broken>,
    width: u16,
    names: Names,
    /// Rows between the last one in view and the end; 0 follows the text.
    pub from_end: usize,
}

impl Viewport {
    /// An empty one; no other has its `number`.
    pub fn numbered(number: usize) -> Self {
        let names = Names {
            seed: number,
            ..Names::default()
        };
        Self {
            names,
            ..Self::default()
        }
    }

    /// Takes the blocks of the text, of which most are as before, for a window of `width` cells.
    pub fn set<'a>(&mut self, width: u16, blocks: impl IntoIterator<Item = Block<'a>>) {
        if std::mem::replace(&mut self.width, width) != width {
            self.blocks.clear();
        }
        let mut count = 0;
        for block in blocks {
            match self.blocks.get_mut(count) {
                Some(known) => known.become_block(&block, width, &mut self.names),
                None => self
                    .blocks
                    .push(Broken::new(&block, width, &mut self.names)),
            }
            count += 1;
        }
        self.blocks.truncate(count);
    }

    /// All rows.
    pub fn count(&self) -> usize {
        self.blocks.iter().map(Broken::count).sum()
    }

    /// Moves the window back into the text by `rows`, or towards its end.
    pub fn scroll(&mut self, rows: isize, height: u16) {
        let furthest = self.count().saturating_sub(usize::from(height));
        self.from_end = self.from_end.saturating_add_signed(rows).min(furthest);
    }

    /// The row that a block begins with.
    pub fn begin(&self, block: usize) -> usize {
        self.blocks.iter().take(block).map(Broken::count).sum()
    }

    /// The rows that a window of this height shows.
    pub fn window(&self, height: u16) -> Range<usize> {
        let furthest = self.count().saturating_sub(usize::from(height));
        let first = furthest.saturating_sub(self.from_end.min(furthest));
        first..first + usize::from(height)
    }

    /// Moves the window so that the beginning of a block is at its top, as far as there is text.
    pub fn top(&mut self, block: usize, height: u16) {
        let furthest = self.count().saturating_sub(usize::from(height));
        self.from_end = furthest.saturating_sub(self.begin(block));
    }

    /// Moves the window no further than is needed to have the beginning of a block in view.
    pub fn show(&mut self, block: usize, height: u16) {
        let rows = usize::from(height);
        let furthest = self.count().saturating_sub(rows);
        let begin = self.begin(block);
        let lowest = (begin + 1).saturating_sub(rows);
        let first = self.window(height).start;
        let first = first.clamp(lowest, begin.max(lowest)).min(furthest);
        self.from_end = furthest - first;
    }

    /// Where the window must stand so that its first row is the next that fits below its present first row, or the one before
    /// it; as [`Viewport::from_end`]. Rows on the last page can be in view only, not first.
    pub fn find(&self, is_next: bool, height: u16, fits: impl Fn(&str) -> bool) -> Option<usize> {
        let furthest = self.count().saturating_sub(usize::from(height));
        let first = self.window(height).start;
        let rows = self.blocks.iter().flat_map(Broken::texts).enumerate();
        let mut found = rows.filter(|(_, row)| fits(row)).map(|(place, _)| place);
        let place = if is_next {
            found.find(|place| *place > first)
        } else {
            found.take_while(|place| *place < first).last()
        }?;
        Some(furthest.saturating_sub(place))
    }

    /// Code in view that should be coloured.
    pub fn wanted_colours(&mut self, height: u16) -> Vec<Job> {
        let Range {
            start: first,
            end: last,
        } = self.window(height);
        let mut begin = 0;
        let mut jobs = Vec::new();
        for broken in &mut self.blocks {
            let end = begin + broken.count();
            if let Body::Words(document) = &mut broken.body
                && begin < last
                && end > first
            {
                jobs.extend(document.wanted().take(ASKED.saturating_sub(jobs.len())));
            }
            begin = end;
        }
        jobs
    }

    /// Takes coloured lines in; false if they belong elsewhere.
    pub fn coloured(&mut self, coloured: &Coloured) -> bool {
        self.documents().any(|document| document.coloured(coloured))
    }

    /// Lines could not be asked for; a later frame asks again.
    pub fn uncoloured(&mut self, key: Key) {
        self.documents()
            .for_each(|document| document.uncoloured(key));
    }

    fn documents(&mut self) -> impl Iterator<Item = &mut Document> {
        self.blocks
            .iter_mut()
            .filter_map(|broken| match &mut broken.body {
                Body::Words(document) => Some(&mut **document),
                Body::Plain { .. } => None,
            })
    }

    /// Paints the rows in view. A text shorter than the window stands at its top.
    pub fn paint(&self, buffer: &mut Buffer, area: Rect, theme: &Theme) {
        let mut skip = self.window(area.height).start;
        let mut places = area.top()..area.bottom();
        for broken in &self.blocks {
            let count = broken.count();
            if skip >= count {
                skip -= count;
                continue;
            }
            let indent = broken.indent.min(area.width);
            let place = |y: u16| Rect::new(area.x + indent, y, area.width - indent, 1);
            match &broken.body {
                Body::Plain { lines, token, .. } => {
                    let lines = lines.iter().skip(skip);
                    // The lines come first: a place that was taken is gone.
                    for (line, y) in lines.zip(places.by_ref()) {
                        row::paint(buffer, place(y), theme, &[piece(line.as_str(), *token)]);
                    }
                }
                Body::Words(document) => {
                    for (row, y) in document.rows().skip(skip).zip(places.by_ref()) {
                        row::paint(buffer, place(y), theme, row);
                    }
                }
            }
            if places.is_empty() {
                return;
            }
            skip = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::rows;
    use super::*;

    fn block(text: &str) -> Block<'_> {
        Block {
            text: text.into(),
            look: Look::Plain(Token::Text),
            indent: 0,
        }
    }

    fn shown(viewport: &Viewport) -> Vec<String> {
        rows(10, 3, |buffer, theme| {
            viewport.paint(buffer, buffer.area, theme);
        })
    }

    #[test]
    fn the_end_is_followed_unless_someone_scrolled() {
        let mut viewport = Viewport::default();
        viewport.set(10, [block("one two three"), block("four")]);
        assert_eq!(shown(&viewport), ["one two", "three", "four"]);
        viewport.set(10, [block("one two three"), block("four\nfive")]);
        assert_eq!(shown(&viewport), ["three", "four", "five"]);
        viewport.scroll(1, 3);
        assert_eq!(shown(&viewport), ["one two", "three", "four"]);
        viewport.scroll(99, 3);
        assert_eq!(viewport.from_end, 1);
        viewport.scroll(-99, 3);
        assert_eq!(shown(&viewport), ["three", "four", "five"]);
    }

    #[test]
    fn another_width_breaks_again_and_blocks_go() {
        let mut viewport = Viewport::default();
        viewport.set(10, [block("one two three"), block("four")]);
        viewport.set(20, [block("one two three")]);
        assert_eq!(
            (viewport.count(), shown(&viewport)[0].as_str()),
            (1, "one two t…")
        );
    }

    #[test]
    fn lines_are_found_up_and_down() {
        let mut view = Viewport::default();
        let lines: Vec<String> = (0..20).map(|number| format!("line {number}")).collect();
        view.set(20, [block(&lines.join("\n"))]);
        view.from_end = 10; // Lines 5 to 9 are in view.
        assert_eq!(view.find(true, 5, |line| line.ends_with('8')), Some(7));
        assert_eq!(view.find(false, 5, |line| line.ends_with('2')), Some(13));
        assert_eq!(view.find(true, 5, |line| line == "line 19"), Some(0));
        assert_eq!(view.find(false, 5, |line| line.ends_with('7')), None);
    }
}
