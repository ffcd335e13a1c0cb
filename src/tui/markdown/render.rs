//! One part of a text, parsed and laid out. Nothing of it is hidden: what the parser would take away (definitions of links, marks
//! of HTML) is shown as it was written, and what it makes of entities is made safe again.

use std::borrow::Cow;

use pulldown_cmark::{Alignment, Event, Options, Parser, Tag, TagEnd};

use crate::base::text::SafeText;
use crate::tui::theme::Token;
use crate::tui::widgets::row::{Piece, Row, piece, width};

use super::flow::{self, Span};
use super::table::{MOST_COLUMNS, Table};

/// Containers that are drawn; what lies deeper stands at the same edge.
const DEEPEST: usize = 12;

/// Rows of at most `width` cells, with no empty one at either end.
pub(super) fn rows(source: &str, width: usize) -> Vec<Row> {
    let (indent, source) = prepared(source);
    let mut writer = Writer::new(&source, width);
    if indent > 0 {
        writer.containers.push(Container::blank(indent));
    }
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for (event, range) in Parser::new_ext(&source, options).into_offset_iter() {
        writer.take(event, range.start);
    }
    writer.flush();
    let mut rows = writer.rows;
    while rows.last().is_some_and(Vec::is_empty) {
        rows.pop();
    }
    rows
}

/// The text without the cells that all of it stands from the edge, and with a sign before what the parser would take for the
/// definition of a link, which nobody would see.
fn prepared(source: &str) -> (usize, Cow<'_, str>) {
    let first = source.lines().find(|line| !line.trim().is_empty());
    let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let indent = first.map_or(0, blanks);
    let has_definition = source.contains("]:");
    if indent == 0 && !has_definition {
        return (0, Cow::Borrowed(source));
    }
    let mut text = String::with_capacity(source.len() + 8);
    for line in source.split_inclusive('\n') {
        let line = line.get(blanks(line).min(indent)..).unwrap_or_default();
        let inside = line.trim_start_matches(|c: char| " >*+-.)".contains(c) || c.is_ascii_digit());
        if has_definition && inside.starts_with('[') {
            let before = line.len() - inside.len();
            text.push_str(line.get(..before).unwrap_or_default());
            text.push('\\');
            text.push_str(inside);
        } else {
            text.push_str(line);
        }
    }
    (indent, Cow::Owned(text))
}

/// What stands before the rows of a quote or an item.
struct Container {
    first: Piece<'static>,
    rest: Piece<'static>,
    /// A row of it was written.
    is_begun: bool,
}

impl Container {
    fn blank(cells: usize) -> Self {
        let blanks = piece(" ".repeat(cells), Token::Text);
        Self {
            first: blanks.clone(),
            rest: blanks,
            is_begun: true,
        }
    }

    fn item(marker: String) -> Self {
        let rest = " ".repeat(crate::base::text::width(&marker));
        Self {
            first: piece(marker, Token::Dim),
            rest: piece(rest, Token::Text),
            is_begun: false,
        }
    }

    fn quote() -> Self {
        let mark = piece("› ", Token::Dim);
        Self {
            first: mark.clone(),
            rest: mark,
            is_begun: true,
        }
    }
}

struct Writer<'a> {
    source: &'a str,
    width: usize,
    rows: Vec<Row>,
    spans: Vec<Span>,
    /// The looks that are open, the innermost last.
    looks: Vec<Token>,
    containers: Vec<Container>,
    /// The next number of each list that is open; none if it has marks.
    lists: Vec<Option<u64>>,
    /// The addresses of the links that are open.
    links: Vec<String>,
    table: Option<Table>,
    is_code: bool,
}

impl<'a> Writer<'a> {
    fn new(source: &'a str, width: usize) -> Self {
        Self {
            source,
            width,
            rows: Vec::new(),
            spans: Vec::new(),
            looks: Vec::new(),
            containers: Vec::new(),
            lists: Vec::new(),
            links: Vec::new(),
            table: None,
            is_code: false,
        }
    }

    fn take(&mut self, event: Event<'_>, at: usize) {
        match event {
            Event::Start(tag) => self.begin(tag, at),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.is_code => self.say(&text, Token::TextCode),
            Event::Text(text) => self.say(&text, self.look()),
            Event::Code(text) => self.say(&text, Token::TextCode),
            Event::Html(text) | Event::InlineHtml(text) => self.say(&text, Token::Dim),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.say(&text, Token::TextCode);
            }
            Event::SoftBreak | Event::HardBreak if self.table.is_some() => {
                self.say(" ", Token::Text);
            }
            Event::SoftBreak | Event::HardBreak => self.push("\n".to_owned(), Token::Text),
            Event::TaskListMarker(is_done) => {
                self.say(if is_done { "[x] " } else { "[ ] " }, Token::Dim);
            }
            Event::Rule => {
                self.open(at);
                let room = self.width.saturating_sub(width(&self.before().1)).max(1);
                self.say(&"─".repeat(room), Token::Border);
                self.flush();
            }
        }
    }

    fn begin(&mut self, tag: Tag<'_>, at: usize) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.open(at),
            Tag::Heading { .. } => {
                self.open(at);
                self.looks.push(Token::Title);
            }
            Tag::BlockQuote(_) => {
                self.open(at);
                self.containers.push(Container::quote());
            }
            Tag::CodeBlock(_) => {
                self.open(at);
                self.is_code = true;
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.open(at);
                let marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}. ");
                        *number = number.saturating_add(1);
                        marker
                    }
                    Some(None) | None => "· ".to_owned(),
                };
                self.containers.push(Container::item(marker));
            }
            Tag::Table(alignments) => {
                self.open(at);
                let is_right = alignments.iter().map(|side| *side == Alignment::Right);
                self.table = Some(Table {
                    is_right: is_right.collect(),
                    rows: Vec::new(),
                });
            }
            Tag::TableHead => {
                self.looks.push(Token::Title);
                self.begin_row();
            }
            Tag::TableRow => self.begin_row(),
            Tag::Emphasis => self.looks.push(Token::TextEmphasis),
            Tag::Strong => self.looks.push(Token::TextStrong),
            Tag::Strikethrough => self.looks.push(Token::Dim),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.looks.push(Token::Link);
                self.links.push(clean(&dest_url).into_owned());
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.flush(),
            TagEnd::Heading(_) => {
                self.flush();
                self.looks.pop();
            }
            TagEnd::CodeBlock => {
                self.flush();
                self.is_code = false;
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.containers.pop();
            }
            TagEnd::Item => {
                let is_empty = self.containers.last().is_some_and(|item| !item.is_begun);
                if is_empty && self.spans.is_empty() {
                    self.push(String::new(), Token::Text);
                }
                self.flush();
                self.containers.pop();
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Table => self.end_table(),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.spans);
                let row = self.table.as_mut().and_then(|table| table.rows.last_mut());
                if let Some(row) = row.filter(|row| row.len() < MOST_COLUMNS) {
                    row.push(cell);
                }
            }
            TagEnd::TableHead | TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.looks.pop();
            }
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    /// The address follows the words of a link, unless they are the address.
    fn end_link(&mut self) {
        self.looks.pop();
        let Some(address) = self.links.pop().filter(|address| !address.is_empty()) else {
            return;
        };
        let is_said = self.spans.last().is_some_and(|span| {
            span.token == Token::Link
                && address.strip_prefix("mailto:").unwrap_or(&address) == span.text
        });
        if !is_said {
            self.push(format!(" ({address})"), Token::Dim);
        }
    }

    fn begin_row(&mut self) {
        if let Some(table) = &mut self.table {
            table.rows.push(Vec::new());
        }
    }

    fn end_table(&mut self) {
        let Some(table) = self.table.take() else {
            return;
        };
        let (mut first, rest) = self.before();
        let room = self.width.saturating_sub(width(&rest));
        for row in table.laid_out(room) {
            let before = std::mem::replace(&mut first, rest.clone());
            self.rows.push(before.into_iter().chain(row).collect());
        }
        self.begun();
    }

    fn look(&self) -> Token {
        self.looks.last().copied().unwrap_or(Token::Text)
    }

    fn say(&mut self, text: &str, token: Token) {
        self.push(clean(text).into_owned(), token);
    }

    fn push(&mut self, text: String, token: Token) {
        match self.spans.last_mut() {
            Some(last) if last.token == token => last.text.push_str(&text),
            _ => self.spans.push(Span { text, token }),
        }
    }

    /// Begins what starts at `at`: behind an empty line of the text an empty row stands, too.
    fn open(&mut self, at: usize) {
        self.flush();
        let has_gap = self.containers.len() < DEEPEST
            && self.rows.last().is_some_and(|row| !row.is_empty())
            && is_after_blank(self.source, at);
        if has_gap {
            self.rows.push(Row::new());
        }
    }

    /// Lays out the words that were said.
    fn flush(&mut self) {
        let mut spans = std::mem::take(&mut self.spans);
        if spans.is_empty() {
            return;
        }
        if let Some(last) = spans.last_mut() {
            let kept = last.text.trim_end_matches('\n').len();
            last.text.truncate(kept);
        }
        let (first, rest) = self.before();
        let edge = [piece("│ ", Token::Border)];
        let (first, rest) = if self.is_code {
            let with_edge = |pieces: Vec<Piece<'static>>| [pieces, edge.to_vec()].concat();
            (with_edge(first), with_edge(rest))
        } else {
            (first, rest)
        };
        let room = self.width.saturating_sub(width(&rest));
        self.rows.extend(flow::rows(&spans, (&first, &rest), room));
        self.begun();
    }

    fn begun(&mut self) {
        for container in &mut self.containers {
            container.is_begun = true;
        }
    }

    /// What stands before the first of the next rows, and before the others. At most half of the room.
    fn before(&self) -> (Row, Row) {
        let (mut first, mut rest, mut used) = (Row::new(), Row::new(), 0);
        for container in self.containers.iter().take(DEEPEST) {
            used += crate::base::text::width(&container.rest.text);
            if used > self.width / 2 {
                break;
            }
            let begun = container.is_begun;
            let now = if begun {
                &container.rest
            } else {
                &container.first
            };
            first.push(now.clone());
            rest.push(container.rest.clone());
        }
        (first, rest)
    }
}

/// Whether the line above the one at `at` is empty, but for marks of quotes.
fn is_after_blank(source: &str, at: usize) -> bool {
    let before = source.get(..at).unwrap_or_default();
    let Some(end) = before.rfind('\n') else {
        return false;
    };
    let above = before.get(..end).unwrap_or_default();
    let above = above.rsplit('\n').next().unwrap_or_default();
    above.trim_matches([' ', '>']).is_empty()
}

/// Entities may have become characters that must not be shown.
fn clean(text: &str) -> Cow<'_, str> {
    if text
        .bytes()
        .all(|byte| (b' '..=b'~').contains(&byte) || byte == b'\n')
    {
        return Cow::Borrowed(text);
    }
    Cow::Owned(SafeText::block(text).into_string())
}
