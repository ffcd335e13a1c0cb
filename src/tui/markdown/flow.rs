//! Styled text broken into rows.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::base::text;
use crate::tui::theme::Token;
use crate::tui::widgets::row::{Piece, Row, piece};

/// A stretch of text in one look; `\n` ends a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) text: String,
    pub(super) token: Token,
}

/// Rows of at most `room` cells behind what stands before the first and before the others.
pub(super) fn rows(
    spans: &[Span],
    (first, rest): (&[Piece<'static>], &[Piece<'static>]),
    room: usize,
) -> Vec<Row> {
    let text: String = spans.iter().map(|span| span.text.as_str()).collect();
    let mut end = 0;
    let ends: Vec<(usize, Token)> = spans
        .iter()
        .map(|span| {
            end += span.text.len();
            (end, span.token)
        })
        .collect();
    let mut rows = Vec::new();
    let mut offset = 0;
    for line in text.split('\n') {
        for range in broken(line, room.max(1)) {
            let before = if rows.is_empty() { first } else { rest };
            let mut row = before.to_vec();
            let range = range.start + offset..range.end + offset;
            row.extend(pieces(&text, range, &ends));
            rows.push(row);
        }
        offset += line.len() + 1;
    }
    rows
}

/// A line of code behind `edge`, broken where the room ends.
pub(super) fn hard(
    line: &str,
    token: impl Fn(usize) -> Token,
    edge: &[Piece<'static>],
    width: usize,
) -> Vec<Row> {
    let room = width
        .saturating_sub(crate::tui::widgets::row::width(edge))
        .max(1);
    let (mut rows, mut row, mut used) = (Vec::new(), edge.to_vec(), 0);
    let mut run = String::new();
    let mut look = Token::Text;
    for (at, grapheme) in line.grapheme_indices(true) {
        let (cells, now) = (text::width(grapheme), token(at));
        let is_full = used > 0 && used + cells > room;
        if !run.is_empty() && (is_full || now != look) {
            row.push(piece(std::mem::take(&mut run), look));
        }
        if is_full {
            rows.push(std::mem::replace(&mut row, edge.to_vec()));
            used = 0;
        }
        look = now;
        run.push_str(grapheme);
        used += cells;
    }
    if !run.is_empty() {
        row.push(piece(run, look));
    }
    rows.push(row);
    rows
}

/// The pieces of a part of a text; `ends` says where each look ends.
fn pieces(text: &str, range: Range<usize>, ends: &[(usize, Token)]) -> Vec<Piece<'static>> {
    let mut pieces: Vec<Piece<'static>> = Vec::new();
    let mut at = range.start;
    let first = ends.partition_point(|(end, _)| *end <= range.start);
    for (end, token) in ends.iter().skip(first) {
        if at >= range.end {
            break;
        }
        let part = text.get(at..range.end.min(*end)).unwrap_or_default();
        match pieces.last_mut() {
            Some(last) if last.token == *token => last.text.to_mut().push_str(part),
            _ => pieces.push(piece(part.to_owned(), *token)),
        }
        at = *end;
    }
    pieces
}

/// Where a line is broken: between words, and in words that are longer than a row.
fn broken(line: &str, room: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let (mut start, mut used) = (0, 0);
    // The last blank of the row, and the cells behind it.
    let mut blank: Option<(usize, usize)> = None;
    for (at, grapheme) in line.grapheme_indices(true) {
        let cells = text::width(grapheme);
        while at > start && used + cells > room {
            match blank.take() {
                _ if grapheme == " " => {
                    rows.push(start..at);
                    start = at;
                    used = 0;
                }
                Some((place, behind)) => {
                    rows.push(start..place);
                    start = place + 1;
                    used = behind;
                }
                None => {
                    rows.push(start..at);
                    start = at;
                    used = 0;
                }
            }
        }
        if grapheme == " " && !rows.is_empty() && at == start {
            start = at + 1; // The blank at which a row was broken.
            blank = None;
            continue;
        }
        used += cells;
        match &mut blank {
            _ if grapheme == " " && at > start => blank = Some((at, 0)),
            Some((_, behind)) => *behind += cells,
            None => {}
        }
    }
    if start < line.len() || rows.is_empty() {
        rows.push(start.min(line.len())..line.len());
    }
    rows
}
