//! Which words of a line differ from those of the line that it replaces.

use std::ops::Range;

use similar::DiffOp;
use similar::algorithms::{Capture, myers};
use unicode_segmentation::UnicodeSegmentation as _;

/// Longer lines are not compared word by word: nobody reads them so, and time grows with the square of the difference.
const LONGEST: usize = 600;

/// Lines that share less than one part in so many are taken as wholly different, for single shared words confuse.
const SHARED: usize = 4;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The place in the line, in bytes, at the borders of characters.
    pub range: Range<usize>,
    /// It is not in the other line.
    pub is_changed: bool,
}

/// Compares a removed and an added line. The spans of each cover it without gaps; neighbours differ in `is_changed`.
#[must_use]
pub fn word_diff(old: &str, new: &str) -> (Vec<Span>, Vec<Span>) {
    if old.len() > LONGEST || new.len() > LONGEST {
        return (whole(old), whole(new));
    }
    let old_words: Vec<&str> = old.split_word_bounds().collect();
    let new_words: Vec<&str> = new.split_word_bounds().collect();
    let mut captured = Capture::new();
    let (all_old, all_new) = (0..old_words.len(), 0..new_words.len());
    // Without the library's clean-up, which shifts operations and leaves some with wrong places. Collecting cannot fail.
    let _ = myers::diff(&mut captured, &old_words, all_old, &new_words, all_new);
    let (mut before, mut after) = (Spans::default(), Spans::default());
    for op in captured.into_ops() {
        let is_changed = !matches!(op, DiffOp::Equal { .. });
        before.add(words(&old_words, op.old_range()), is_changed);
        after.add(words(&new_words, op.new_range()), is_changed);
    }
    if before.shared.saturating_mul(SHARED) < old.trim().len().max(new.trim().len()) {
        return (whole(old), whole(new));
    }
    (before.list, after.list)
}

fn words<'a>(all: &'a [&'a str], range: Range<usize>) -> &'a [&'a str] {
    all.get(range).unwrap_or_default()
}

fn whole(line: &str) -> Vec<Span> {
    let mut spans = Spans::default();
    spans.add(&[line], true);
    spans.list
}

/// Spans in the order of the line.
#[derive(Default)]
struct Spans {
    list: Vec<Span>,
    end: usize,
    /// Bytes that both lines have, blanks not counted.
    shared: usize,
}

impl Spans {
    fn add(&mut self, words: &[&str], is_changed: bool) {
        let start = self.end;
        self.end += words.iter().map(|word| word.len()).sum::<usize>();
        if !is_changed {
            self.shared += words.iter().map(|word| word.trim().len()).sum::<usize>();
        }
        if start == self.end {
            return;
        }
        match self.list.last_mut() {
            Some(last) if last.is_changed == is_changed => last.range.end = self.end,
            Some(_) | None => self.list.push(Span {
                range: start..self.end,
                is_changed,
            }),
        }
    }
}
