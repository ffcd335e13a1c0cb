//! One line of code in cells: made safe, shifted, cut at the edge, with the look of what changed and of its syntax. However long the
//! line is, only what can be in view is read.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::base::text::{SafeText, width};
use crate::domain::change::{DiffLine, LineKind, Span, word_diff};
use crate::tui::highlight::Runs;
use crate::tui::theme::{Theme, Token};

/// The most bytes that one cell can take: a letter with as many marks as safe text lets through.
const CELL_BYTES: usize = 32;

/// A line's text as it is shown: safe, without the `\r` of its end, and no longer than `cells` cells can need.
pub(super) fn shown(text: &[u8], cells: usize) -> String {
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let most = cells.saturating_mul(CELL_BYTES);
    let mut part = text.get(..most).unwrap_or(text);
    if part.len() < text.len() {
        // A character that is cut here would be shown as broken bytes.
        while part.last().is_some_and(|byte| byte & 0xc0 == 0x80) {
            part = part.split_last().map_or(part, |(_, rest)| rest);
        }
        part = part.split_last().map_or(part, |(_, rest)| rest);
    }
    SafeText::from_bytes(part).into_string()
}

/// A line to be painted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// The line.
    pub(super) own: &'a DiffLine,
    /// The line that it replaces, or that replaces it.
    pub(super) other: Option<&'a DiffLine>,
    /// Its syntax, if it is known.
    pub(super) runs: Option<&'a Runs>,
    /// Cells that are out of view at its left.
    pub(super) shift: usize,
}

impl Line<'_> {
    /// Paints it into the first row of `area`.
    pub(super) fn paint(&self, buffer: &mut Buffer, area: Rect, theme: &Theme) {
        let area = area.intersection(buffer.area);
        if area.is_empty() {
            return;
        }
        let cells = self.shift.saturating_add(usize::from(area.width) + 1);
        let text = shown(&self.own.text, cells);
        let words = self.words(&text, cells);
        let (token, word) = match self.own.kind {
            LineKind::Context => (Token::Text, Token::Text),
            LineKind::Added => (Token::DiffAdd, Token::DiffAddWord),
            LineKind::Removed => (Token::DiffDel, Token::DiffDelWord),
        };
        let base = theme.style(token);
        // Where a theme tints the ground of changed lines, the letters are free for the syntax. Else they tell of the change.
        let has_room = token == Token::Text || base.bg.is_some();
        let look = |byte: usize| {
            let mut style = base;
            if let Some(token) = self
                .runs
                .filter(|_| has_room)
                .and_then(|runs| runs.at(byte))
            {
                style = style.patch(theme.style(token));
            }
            if words
                .iter()
                .any(|span| span.is_changed && span.range.contains(&byte))
            {
                style = style.patch(theme.style(word));
            }
            style
        };
        let end = if self.has_odd_end() { "\\r" } else { "" };
        self.cells(
            buffer,
            area,
            &text,
            (look, base.patch(theme.style(Token::Dim)), end),
        );
    }

    /// Paints graphemes from left to right.
    fn cells(
        &self,
        buffer: &mut Buffer,
        area: Rect,
        text: &str,
        (look, dim, end): (impl Fn(usize) -> Style, Style, &str),
    ) {
        let (mut column, mut x) = (0_usize, area.left());
        let mut last: Option<(u16, Style)> = None;
        let ends = end
            .grapheme_indices(true)
            .map(|(_, grapheme)| (None, grapheme));
        let graphemes = text
            .grapheme_indices(true)
            .map(|(at, grapheme)| (Some(at), grapheme));
        for (at, grapheme) in graphemes.chain(ends) {
            let cells = width(grapheme);
            let start = column;
            column += cells;
            if column <= self.shift {
                continue;
            }
            let style = at.map_or(dim, &look);
            if start < self.shift {
                // Half of it is out of view.
                let visible = (column - self.shift) as u16;
                (x, _) = buffer.set_stringn(x, area.y, "  ", usize::from(visible), style);
                continue;
            }
            let room = usize::from(area.right().saturating_sub(x));
            if cells > room {
                let (at, style) = if room > 0 {
                    (x, style)
                } else {
                    last.unwrap_or((x, style))
                };
                buffer.set_stringn(at, area.y, "…  ", usize::from(area.right() - at), style);
                return;
            }
            if cells > 0 {
                last = Some((x, style));
                (x, _) = buffer.set_stringn(x, area.y, grapheme, cells, style);
            }
        }
    }

    /// Which words differ from the other line; nothing for lines that stand alone.
    fn words(&self, text: &str, cells: usize) -> Vec<Span> {
        let Some(other) = self.other else {
            return Vec::new();
        };
        let other_text = shown(&other.text, cells);
        let spans = match self.own.kind {
            LineKind::Removed => word_diff(text, &other_text).0,
            LineKind::Added => word_diff(&other_text, text).1,
            LineKind::Context => Vec::new(),
        };
        // Marking all of a line says no more than its sign.
        let is_whole = spans.iter().all(|span| span.is_changed);
        if is_whole { Vec::new() } else { spans }
    }

    /// It ends in `\r`, and the line across does not: what cannot be seen is what differs.
    fn has_odd_end(&self) -> bool {
        let has_return = |line: &DiffLine| line.text.ends_with(b"\r");
        has_return(self.own) && self.other.is_some_and(|other| !has_return(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::probe;

    fn line(kind: LineKind, text: &[u8]) -> DiffLine {
        DiffLine {
            kind,
            text: text.to_vec().into(),
            no_newline: false,
        }
    }

    fn painted(text: &[u8], other: Option<&[u8]>, (shift, width): (usize, u16)) -> Buffer {
        let line_of = line(LineKind::Added, text);
        let other = other.map(|text| line(LineKind::Removed, text));
        let mut buffer = Buffer::empty(Rect::new(0, 0, width + 1, 1));
        buffer.set_string(width, 0, "|", Style::new());
        let line = Line {
            own: &line_of,
            other: other.as_ref(),
            runs: None,
            shift,
        };
        line.paint(&mut buffer, Rect::new(0, 0, width, 1), &probe::theme());
        buffer
    }

    #[test]
    fn no_text_moves_the_border() {
        for (text, shift, expected) in [
            (&b"plain"[..], 0, "plain   |"),
            (b"plain text", 0, "plain t…|"),
            (b"plain text", 3, "in text |"),
            ("日本語のテキスト".as_bytes(), 0, "日本語… |"),
            ("日本語のテキスト".as_bytes(), 1, " 本語の…|"),
            (
                "e\u{301}e\u{301}clair".as_bytes(),
                0,
                "e\u{301}e\u{301}clair |",
            ),
            (
                "👩\u{200d}👩\u{200d}👧 ok".as_bytes(),
                0,
                "👩\u{200d}👩\u{200d}👧 ok   |",
            ),
            ("שלום".as_bytes(), 0, "שלום    |"),
            ("a\u{202e}b".as_bytes(), 0, "a<U+202…|"),
            ("a\u{200b}b".as_bytes(), 0, "a<U+200…|"),
            (b"\ttab", 0, "    tab |"),
            (b"crlf\r", 0, "crlf    |"),
            (b"\x1b[31mred", 0, "\\x1b[31…|"),
            (b"\xff\xfe\xfd", 0, "\\xff\\xf…|"),
            (b"", 0, "        |"),
            (b"gone", 9, "        |"),
        ] {
            let seen = probe::rows(&painted(text, None, (shift, 8)));
            assert_eq!(seen, [expected], "{:?}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_line_without_end_is_read_only_as_far_as_it_is_seen() {
        let long = vec![b'x'; 10 << 20];
        assert_eq!(shown(&long, 80).len(), 80 * CELL_BYTES - 1);
        let wide = "語".repeat(1_000_000);
        let part = shown(wide.as_bytes(), 80);
        assert!(
            part.len() < 80 * CELL_BYTES && !part.contains('\\'),
            "{part}"
        );
        painted(&long, Some(&long), (0, 100));
    }

    #[test]
    fn words_that_differ_have_a_look_of_their_own() {
        let seen = probe::snapshot(&painted(
            b"let total: Money = sum;",
            Some(b"let total: f64 = sum;"),
            (0, 24),
        ));
        assert!(seen.contains("r0 c11-15 diff.add.word"), "{seen}");
        let alone = probe::snapshot(&painted(b"all is new", Some(b"nothing stays"), (0, 24)));
        assert!(!alone.contains("word"), "{alone}");
    }

    #[test]
    fn an_end_of_line_that_differs_is_told() {
        let seen = probe::rows(&painted(b"same\r", Some(b"same"), (0, 8)));
        assert_eq!(seen, ["same\\r  |"]);
    }
}
