//! Fenced code: its lines as they are, coloured when the colours come.

use bytes::Bytes;

use crate::base::id::Digest;
use crate::domain::change::LineKind;
use crate::tui::highlight::{Coloured, Job, Key, Runs};
use crate::tui::theme::Token;
use crate::tui::widgets::row::{Row, piece};

use super::{Names, flow};

/// Lines that are coloured at once: few, as the last of them are asked for anew while they grow in number.
const CHUNK: usize = 32;

/// Longer lines open and end no code.
const LONGEST_FENCE: usize = 200;

/// Cells before a fence that are kept.
const DEEPEST: usize = 8;

/// What fenced code ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    mark: char,
    length: usize,
    indent: usize,
}

impl Fence {
    /// The fence that a line opens, and the language behind it.
    pub(super) fn open(line: &str) -> Option<(Self, String)> {
        if line.len() > LONGEST_FENCE {
            return None;
        }
        let inside = line.trim_start_matches(' ');
        let mark = inside.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let after = inside.trim_start_matches(mark);
        let length = inside.len() - after.len();
        if length < 3 || (mark == '`' && after.contains('`')) {
            return None;
        }
        let fence = Self {
            mark,
            length,
            indent: line.len() - inside.len(),
        };
        let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | '{' | '}');
        let word = after.trim().split(is_between).next().unwrap_or_default();
        Some((fence, word.to_lowercase()))
    }

    /// Whether a whole line ends the code.
    pub(super) fn ends(&self, line: &str) -> bool {
        let inside = line.trim();
        inside.len() >= self.length && self.may_end(line)
    }

    /// Whether a line that is being written may come to end the code.
    pub(super) fn may_end(&self, line: &str) -> bool {
        line.len() <= LONGEST_FENCE && line.trim().chars().all(|c| c == self.mark) && {
            !line.trim().is_empty()
        }
    }
}

/// Code of a text.
#[derive(Clone, Debug)]
pub(super) struct Code {
    name: Digest,
    /// A name that its grammar is found by; empty if there is none.
    path: String,
    /// Cells before the fence: as many go from each line.
    indent: usize,
    lines: Vec<String>,
    /// Where the rows of each line begin.
    begins: Vec<usize>,
    pub(super) rows: Vec<Row>,
    /// Lines that have their colours.
    coloured: usize,
    asked: Option<Key>,
}

impl Code {
    pub(super) fn new(fence: &Fence, language: &str, has_gap: bool, names: &mut Names) -> Self {
        names.last += 1;
        Self {
            name: Digest::of(format!("{} {}", names.seed, names.last).as_bytes()),
            path: path(language),
            indent: fence.indent,
            lines: Vec::new(),
            begins: Vec::new(),
            rows: vec![Row::new(); usize::from(has_gap)],
            coloured: 0,
            asked: None,
        }
    }

    pub(super) fn push(&mut self, line: &str, width: u16) {
        let line = self.dedented(line);
        self.begins.push(self.rows.len());
        self.rows.extend(self.laid_out(line, None, width));
        self.lines.push(line.to_owned());
    }

    pub(super) fn open_rows(&self, line: &str, width: u16) -> Vec<Row> {
        self.laid_out(self.dedented(line), None, width)
    }

    fn dedented<'a>(&self, line: &'a str) -> &'a str {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        line.get(blanks.min(self.indent)..).unwrap_or_default()
    }

    fn laid_out(&self, line: &str, runs: Option<&Runs>, width: u16) -> Vec<Row> {
        let edge = format!("{}│ ", " ".repeat(self.indent.min(DEEPEST)));
        let edge = [piece(edge, Token::Border)];
        let token = |byte: usize| runs.and_then(|runs| runs.at(byte)).unwrap_or(Token::Text);
        flow::hard(line, token, &edge, usize::from(width))
    }

    /// The next lines to be coloured: all of a chunk again while it grows, a chunk after the one before is done.
    pub(super) fn wanted(&mut self) -> Option<Job> {
        if self.asked.is_some() || self.path.is_empty() || self.coloured == self.lines.len() {
            return None;
        }
        let chunk = self.coloured / CHUNK;
        let key = Key {
            file: self.name,
            hunk: 0,
            chunk: chunk as u32,
        };
        let lines = self.lines.iter().skip(chunk * CHUNK).take(CHUNK);
        let shown = |line: &String| (LineKind::Context, Bytes::from(line.clone()));
        self.asked = Some(key);
        Some(Job {
            key,
            path: self.path.clone(),
            lines: lines.map(shown).collect(),
        })
    }

    pub(super) fn coloured(&mut self, coloured: &Coloured, width: u16) -> bool {
        if self.asked != Some(coloured.key) {
            return false;
        }
        self.asked = None;
        let first = coloured.key.chunk as usize * CHUNK;
        for (line, runs) in (first..).zip(&coloured.lines) {
            let (Some(text), Some(begin)) = (self.lines.get(line), self.begins.get(line)) else {
                break;
            };
            let rows = self.laid_out(text, Some(runs), width);
            for (known, row) in self.rows.iter_mut().skip(*begin).zip(rows) {
                *known = row;
            }
        }
        self.coloured = (first + coloured.lines.len()).min(self.lines.len());
        true
    }

    pub(super) fn uncoloured(&mut self, key: Key) {
        if self.asked == Some(key) {
            self.asked = None;
        }
    }
}

/// A file's name in the language that is named behind a fence.
fn path(language: &str) -> String {
    let extension = match language {
        "" | "text" | "plain" | "plaintext" | "txt" | "output" => return String::new(),
        "rust" => "rs",
        "python" | "python3" => "py",
        "javascript" | "node" => "js",
        "typescript" => "ts",
        "shell" | "console" | "shellsession" => "sh",
        "c++" => "cpp",
        "csharp" | "c#" => "cs",
        "ruby" => "rb",
        "golang" => "go",
        "kotlin" => "kt",
        "haskell" => "hs",
        "markdown" => "md",
        "make" | "makefile" => "mk",
        "patch" => "diff",
        other => other,
    };
    format!("code.{extension}")
}
