//! Text measured in cells of a terminal, cut at the borders of graphemes. The same tables as the screen's own are used, so that
//! what is measured here is what is drawn.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// How many cells one line takes. Text with several lines must be split first.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(cells_of).sum()
}

fn cells_of(grapheme: &str) -> usize {
    grapheme.width()
}

/// Cuts a line to at most `cells`, ending in `…` if something is missing.
#[must_use]
pub fn clip(text: &str, cells: usize) -> String {
    clip_with(text, cells, "…")
}

/// Cuts a line to at most `cells`, ending in `ellipsis` if something is missing and there is room for it.
#[must_use]
pub fn clip_with(text: &str, cells: usize, ellipsis: &str) -> String {
    let (all, rest) = fitting(text, cells);
    if rest.is_empty() {
        return all.to_owned();
    }
    match cells.checked_sub(width(ellipsis)) {
        Some(room) => format!("{}{ellipsis}", fitting(text, room).0),
        None => all.to_owned(),
    }
}

/// Splits a line behind the last grapheme that fits into `cells`. Reads no further than that.
fn fitting(text: &str, cells: usize) -> (&str, &str) {
    let mut used = 0;
    for (start, grapheme) in text.grapheme_indices(true) {
        used += cells_of(grapheme);
        if used > cells {
            return text.split_at_checked(start).unwrap_or((text, ""));
        }
    }
    (text, "")
}

/// Makes a line exactly `cells` wide: cut, or filled with spaces at its end.
#[must_use]
pub fn pad(text: &str, cells: usize) -> String {
    let mut line = clip(text, cells);
    let missing = cells.saturating_sub(width(&line));
    line.extend(std::iter::repeat_n(' ', missing));
    line
}

/// The first line that is not blank, cut to `cells`; `…` also stands for lines left out.
#[must_use]
pub fn first_line(text: &str, cells: usize) -> String {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default().trim();
    if lines.next().is_none() {
        return clip(first, cells);
    }
    clip(&format!("{first} …"), cells)
}

/// Breaks text into lines of at most `cells`, between words; longer words are cut. Lines that are broken keep the indentation
/// of their first part, up to half of the room. No line for no room.
#[must_use]
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    if cells == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for line in text.split('\n') {
        wrap_line(line, cells, &mut lines);
    }
    lines
}

fn wrap_line(line: &str, cells: usize, lines: &mut Vec<String>) {
    let words = line.trim_start_matches(' ');
    let indent = line.len().saturating_sub(words.len());
    let mut row = Row {
        indent: indent.min(cells / 2),
        cells,
        text: " ".repeat(indent.min(cells / 2)),
        used: indent.min(cells / 2),
    };
    let mut gap = 0;
    for word in words.split(' ') {
        if !word.is_empty() {
            row.add(word, gap, lines);
            gap = 0;
        }
        gap += 1;
    }
    lines.push(row.text);
}

/// The line that is being filled.
struct Row {
    indent: usize,
    cells: usize,
    text: String,
    used: usize,
}

impl Row {
    fn add(&mut self, word: &str, gap: usize, lines: &mut Vec<String>) {
        let wanted = width(word);
        if self.used > self.indent && self.used + gap + wanted > self.cells {
            self.next(lines);
        }
        if self.used > self.indent {
            self.text.extend(std::iter::repeat_n(' ', gap));
            self.used += gap;
        }
        let mut rest = word;
        loop {
            let (part, after) = fitting(rest, self.cells.saturating_sub(self.used));
            self.text.push_str(part);
            if after.is_empty() {
                self.used += width(part);
                return;
            }
            rest = after;
            if part.is_empty() && self.used == self.indent {
                // One grapheme is wider than the whole line.
                self.text.push('…');
                rest = behind_first(after);
            }
            self.next(lines);
        }
    }

    fn next(&mut self, lines: &mut Vec<String>) {
        let fresh = " ".repeat(self.indent);
        lines.push(std::mem::replace(&mut self.text, fresh));
        self.used = self.indent;
    }
}

fn behind_first(text: &str) -> &str {
    let mut graphemes = text.graphemes(true);
    graphemes.next();
    graphemes.as_str()
}
