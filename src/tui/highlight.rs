//! Colours of code, from syntect's grammars to the tokens of the theme. It is slow work, so it is done on a thread of its own, a
//! chunk at a time, the last one asked for first; the interface shows plain text until the answer comes.
//!
//! A chunk begins where the one before it ended, if that one was done; else with a fresh state, as a reader would who opens the file
//! there.

mod scopes;

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use bytes::Bytes;
use syntect::parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet};
use tokio::sync::mpsc;

use crate::base::id::Digest;
use crate::domain::change::LineKind;

use super::theme::Token;
use scopes::Scopes;

/// Lines of a chunk.
pub const CHUNK: usize = 128;

/// Longer lines stay plain: they are data, not code that somebody reads.
const LONGEST: usize = 2_000;

/// Chunks that wait to be done. When full, the chunk is asked for again by a later frame.
const WAITING: usize = 64;

/// States at the ends of chunks that are remembered.
const STATES: usize = 256;

/// The syntax of one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs(Vec<(u32, Token)>);

impl Runs {
    /// The token at a byte of the line.
    pub fn at(&self, byte: usize) -> Option<Token> {
        let run = self.0.partition_point(|(end, _)| *end as usize <= byte);
        self.0.get(run).map(|(_, token)| *token)
    }
}

/// Which lines: a part of one hunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The file, by its content before and now.
    pub file: Digest,
    /// The hunk in it.
    pub hunk: u32,
    /// The chunk of the hunk.
    pub chunk: u32,
}

/// Lines to be coloured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Which.
    pub key: Key,
    /// The file's name, for its language.
    pub path: String,
    /// The lines, as they are shown.
    pub lines: Vec<(LineKind, Bytes)>,
}

/// Coloured lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coloured {
    /// Which.
    pub key: Key,
    /// In the order of the lines.
    pub lines: Vec<Runs>,
}

/// Where a reader of code is: what is open at this point.
#[derive(Clone, Debug, PartialEq)]
struct Reading {
    state: ParseState,
    stack: ScopeStack,
}

/// Colours code. Grammars are read when the first line comes.
pub struct Painter {
    grammars: SyntaxSet,
    scopes: Scopes,
    ends: BTreeMap<Key, Reading>,
}

impl Default for Painter {
    fn default() -> Self {
        Self {
            grammars: SyntaxSet::load_defaults_newlines(),
            scopes: Scopes::new(),
            ends: BTreeMap::new(),
        }
    }
}

impl Painter {
    /// Colours a chunk.
    pub fn paint(&mut self, job: &Job) -> Coloured {
        let key = job.key;
        let Some(grammar) = self.grammar(&job.path) else {
            let lines = vec![Runs::default(); job.lines.len()];
            return Coloured { key, lines };
        };
        let before = key.chunk.checked_sub(1);
        let before = before.and_then(|chunk| self.ends.get(&Key { chunk, ..key }));
        let mut now = before.cloned().unwrap_or_else(|| Reading {
            state: ParseState::new(grammar),
            stack: ScopeStack::new(),
        });
        // Removed lines are read from where their run began, and leave nothing behind.
        let mut gone: Option<Reading> = None;
        let mut lines = Vec::with_capacity(job.lines.len());
        for (kind, text) in &job.lines {
            let reading = match kind {
                LineKind::Removed => gone.get_or_insert_with(|| now.clone()),
                LineKind::Added => &mut now,
                LineKind::Context => {
                    gone = None;
                    &mut now
                }
            };
            lines.push(line(&self.grammars, &mut self.scopes, reading, text));
        }
        if self.ends.len() >= STATES {
            self.ends.pop_first();
        }
        self.ends.insert(key, now);
        Coloured { key, lines }
    }

    fn grammar(&self, path: &str) -> Option<&SyntaxReference> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit('.').next().unwrap_or(name);
        // The grammars know no dialects.
        let known = match extension {
            "ts" | "tsx" | "jsx" | "mjs" | "cjs" => "js",
            "hpp" | "hxx" | "hh" | "cc" | "cxx" => "cpp",
            "pyi" => "py",
            "zsh" | "bash" => "sh",
            "yml" => "yaml",
            "jsonc" | "json5" => "json",
            "toml" | "ini" | "cfg" | "conf" => "properties",
            "kt" | "kts" => "java",
            "vue" | "svelte" => "html",
            other => other,
        };
        self.grammars
            .find_syntax_by_extension(name)
            .or_else(|| self.grammars.find_syntax_by_extension(known))
            .filter(|grammar| grammar.name != "Plain Text")
    }
}

fn line(grammars: &SyntaxSet, scopes: &mut Scopes, reading: &mut Reading, text: &[u8]) -> Runs {
    let Ok(text) = std::str::from_utf8(text) else {
        return Runs::default();
    };
    if text.len() > LONGEST {
        return Runs::default();
    }
    let text = format!("{text}\n");
    let Ok(steps) = reading.state.parse_line(&text, grammars) else {
        return Runs::default();
    };
    let mut runs: Vec<(u32, Token)> = Vec::new();
    let mut add = |end: usize, token: Token| match runs.last_mut() {
        Some((last, known)) if *known == token => *last = end as u32,
        Some((last, _)) if *last as usize >= end => {}
        _ if end > 0 => runs.push((end as u32, token)),
        _ => {}
    };
    for (at, step) in steps {
        add(at, scopes.token(&reading.stack));
        if reading.stack.apply(&step).is_err() {
            break;
        }
    }
    add(text.len(), scopes.token(&reading.stack));
    Runs(runs)
}

/// The thread that colours, seen from the interface. Dropping it ends the thread.
#[derive(Debug)]
pub struct Highlighter {
    jobs: SyncSender<Job>,
    done: mpsc::Receiver<Coloured>,
}

impl Highlighter {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start() -> std::io::Result<Self> {
        let (jobs, asked) = sync_channel(WAITING);
        let (finished, done) = mpsc::channel(WAITING);
        std::thread::Builder::new()
            .name("highlight".to_owned())
            .spawn(move || work(&asked, &finished))?;
        Ok(Self { jobs, done })
    }

    /// Asks for a chunk; gives it back if it cannot be taken now.
    pub fn ask(&self, job: Job) -> Option<Job> {
        match self.jobs.try_send(job) {
            Ok(()) => None,
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => Some(job),
        }
    }

    /// The next chunk that is done. Cancel safe; waits for ever when the thread is gone, since plain text is good enough.
    pub async fn next(&mut self) -> Coloured {
        match self.done.recv().await {
            Some(coloured) => coloured,
            None => std::future::pending().await,
        }
    }
}

/// Does what waits, the last asked first: that is what the person looks at now.
fn work(asked: &Receiver<Job>, finished: &mpsc::Sender<Coloured>) {
    let mut painter: Option<Painter> = None;
    let mut waiting: Vec<Job> = Vec::new();
    loop {
        if waiting.is_empty() {
            match asked.recv() {
                Ok(job) => waiting.push(job),
                Err(_) => return,
            }
        }
        waiting.extend(asked.try_iter());
        let Some(job) = waiting.pop() else { continue };
        let coloured = painter.get_or_insert_default().paint(&job);
        if finished.blocking_send(coloured).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(chunk: u32, path: &str, lines: &[(LineKind, &str)]) -> Job {
        Job {
            key: Key {
                file: Digest::of(path.as_bytes()),
                hunk: 0,
                chunk,
            },
            path: path.to_owned(),
            lines: lines
                .iter()
                .map(|(kind, text)| (*kind, Bytes::from((*text).to_owned())))
                .collect(),
        }
    }

    fn at(runs: &Runs, text: &str, word: &str) -> Option<Token> {
        runs.at(text.find(word)?)
    }

    #[test]
    fn code_has_the_tokens_of_its_meaning() {
        let text = r#"pub fn total(&self) -> Money { let x = 42; "text" } // why"#;
        let mut painter = Painter::default();
        let coloured = painter.paint(&job(0, "src/a.rs", &[(LineKind::Context, text)]));
        for (word, token) in [
            ("pub", Token::SynKeyword),
            ("fn", Token::SynKeyword),
            ("total", Token::SynFunction),
            ("42", Token::SynNumber),
            ("text", Token::SynString),
            ("why", Token::SynComment),
        ] {
            assert_eq!(at(&coloured.lines[0], text, word), Some(token), "{word}");
        }
    }

    #[test]
    fn a_chunk_goes_on_where_the_one_before_ended() {
        let mut painter = Painter::default();
        let open = [(LineKind::Context, "/* a comment")];
        let inside = [(LineKind::Context, "fn no code */ let")];
        painter.paint(&job(0, "a.rs", &open));
        let after = painter.paint(&job(1, "a.rs", &inside));
        assert_eq!(after.lines[0].at(0), Some(Token::SynComment));
        let fresh = Painter::default().paint(&job(1, "a.rs", &inside));
        assert_eq!(fresh.lines[0].at(0), Some(Token::SynKeyword));
    }

    #[test]
    fn what_is_removed_leaves_nothing_behind() {
        let lines = [
            (LineKind::Removed, "/* open"),
            (LineKind::Added, "fn one() {}"),
            (LineKind::Context, "fn two() {}"),
        ];
        let coloured = Painter::default().paint(&job(0, "a.rs", &lines));
        let first: Vec<_> = coloured.lines.iter().map(|runs| runs.at(0)).collect();
        let keyword = Some(Token::SynKeyword);
        assert_eq!(first, [Some(Token::SynComment), keyword, keyword]);
    }

    #[test]
    fn what_is_no_code_stays_plain() {
        let long = "x".repeat(LONGEST + 1);
        let mut painter = Painter::default();
        let plain = painter.paint(&job(0, "a.unknown", &[(LineKind::Context, "fn")]));
        assert_eq!(plain.lines, [Runs::default()]);
        let plain = painter.paint(&job(0, "a.rs", &[(LineKind::Context, &long)]));
        assert_eq!(plain.lines, [Runs::default()]);
        let mut bad = job(0, "a.rs", &[(LineKind::Context, "x")]);
        bad.lines[0].1 = Bytes::from_static(b"\xff\xfe");
        assert_eq!(painter.paint(&bad).lines, [Runs::default()]);
    }

    #[tokio::test]
    async fn the_thread_answers_every_chunk() {
        let mut highlighter = Highlighter::start().unwrap();
        for chunk in 0..3 {
            let left = highlighter.ask(job(chunk, "a.py", &[(LineKind::Added, "def f(): pass")]));
            assert_eq!(left, None);
        }
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.push(highlighter.next().await.key.chunk);
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
    }
}
