//! The tools that look at many files: `list_files` and `search`. Both go by the same walk; what .gitignore leaves out is left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};
use regex::bytes::{Regex, RegexBuilder};

use crate::base::path::RepoPath;
use crate::domain::tool::args::{ListFiles, Search};

use super::files::{Refused, open, path};
use super::reply::Reply;
use super::tree::{Kind, READ_BYTES, Tree};
use super::walk::{Walked, walk};

/// Paths listed.
const LISTED: usize = 1000;
/// Folders named for the paths beyond.
const FOLDERS: usize = 30;
/// Hits shown.
const HITS: usize = 200;
/// Columns of a hit.
const COLUMNS: usize = 300;
/// The largest compiled expression.
const REGEX_BYTES: usize = 4 << 20;
/// Bytes in which a NUL makes a file binary.
const SNIFFED: usize = 8 << 10;

/// `list_files`
pub(super) fn list(worktree: &Path, args: &ListFiles) -> Result<Reply, Refused> {
    let tree = open(worktree)?;
    let start = start(args.path.as_deref())?;
    if let Some(start) = &start {
        folder(&tree, start)?;
    }
    let glob = glob(args.glob.as_deref())?;
    let mut listing = Listing::default();
    let walked = walk(&tree, start.as_ref(), &mut |path, kind| {
        if wanted(glob.as_ref(), path) {
            listing.add(path, kind, start.as_ref());
        }
        ControlFlow::Continue(())
    });
    let walked = walked.map_err(|trouble| refused(start.as_ref(), trouble))?;
    let total = listing.shown + listing.more;
    let mut text = listing.finish();
    if walked == Walked::CutShort {
        text.push_str("(gave up after 200000 entries; name a folder in path)\n");
    }
    let plural = if total == 1 { "" } else { "s" };
    Ok(Reply::of(text, format!("{total} file{plural}")))
}

#[derive(Default)]
struct Listing {
    text: String,
    shown: usize,
    more: usize,
    /// Paths that were not shown, by the folder below the start.
    folders: BTreeMap<String, usize>,
}

impl Listing {
    fn add(&mut self, path: &RepoPath, kind: Kind, start: Option<&RepoPath>) {
        if self.shown < LISTED {
            self.shown += 1;
            let mark = if kind == Kind::Link { " (a link)" } else { "" };
            let _ = writeln!(self.text, "{path}{mark}");
            return;
        }
        self.more += 1;
        let below = start.map_or(path.as_path(), |start| {
            path.as_path()
                .strip_prefix(start.as_path())
                .unwrap_or(path.as_path())
        });
        let mut names = below.components();
        let first = names
            .next()
            .map(|name| name.as_os_str().to_string_lossy().into_owned());
        let has_more = names.next().is_some();
        let folder = first.filter(|_| has_more).unwrap_or_else(|| ".".to_owned());
        *self.folders.entry(folder).or_default() += 1;
    }

    fn finish(mut self) -> String {
        if self.shown == 0 {
            return "no files (what .gitignore leaves out is not listed)\n".to_owned();
        }
        if self.more > 0 {
            let _ = write!(
                self.text,
                "… {} more files; narrow with path or glob. They are in:",
                self.more
            );
            for (folder, count) in self.folders.iter().take(FOLDERS) {
                let _ = write!(self.text, " {folder}/ {count}");
            }
            self.text.push('\n');
        }
        self.text
    }
}

/// `search`
pub(super) fn search(worktree: &Path, args: &Search) -> Result<Reply, Refused> {
    let tree = open(worktree)?;
    let start = start(args.path.as_deref())?;
    let glob = glob(args.glob.as_deref())?;
    let pattern = RegexBuilder::new(&args.pattern)
        .size_limit(REGEX_BYTES)
        .dfa_size_limit(REGEX_BYTES)
        .crlf(true)
        .build()
        .map_err(|error| Refused::Other {
            path: "pattern".to_owned(),
            why: format!("{error}\nPut a backslash before characters that you mean as they are"),
        })?;
    let mut hits = Hits::default();
    if let Some(file) = start
        .as_ref()
        .filter(|start| tree.kind(start) == Ok(Kind::File))
    {
        let content = tree
            .read(file, READ_BYTES)
            .map_err(|trouble| Refused::file(file, trouble))?;
        hits.look(&pattern, file, &content.bytes);
        return Ok(hits.finish(Walked::Whole));
    }
    if let Some(start) = &start {
        folder(&tree, start)?;
    }
    let walked = walk(&tree, start.as_ref(), &mut |path, kind| {
        if kind == Kind::File && wanted(glob.as_ref(), path) {
            match tree.read(path, READ_BYTES) {
                Ok(content) => hits.look(&pattern, path, &content.bytes),
                Err(_) => hits.unread += 1,
            }
        }
        if hits.is_full {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    let walked = walked.map_err(|trouble| refused(start.as_ref(), trouble))?;
    Ok(hits.finish(walked))
}

#[derive(Default)]
struct Hits {
    text: String,
    count: usize,
    files: usize,
    /// Files that could not be read or are too large.
    unread: usize,
    is_full: bool,
}

impl Hits {
    fn look(&mut self, pattern: &Regex, path: &RepoPath, bytes: &[u8]) {
        if bytes.iter().take(SNIFFED).any(|byte| *byte == 0) {
            return;
        }
        let before = self.count;
        for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let Some(found) = pattern.find(line) else {
                continue;
            };
            if self.count == HITS {
                self.is_full = true;
                break;
            }
            self.count += 1;
            let shown = window(line, found.start());
            let _ = writeln!(self.text, "{path}:{}:{shown}", at + 1);
        }
        self.files += usize::from(self.count > before);
    }

    fn finish(mut self, walked: Walked) -> Reply {
        if self.count == 0 {
            self.text.push_str("no matches\n");
        }
        if self.is_full {
            let _ = writeln!(
                self.text,
                "… stopped at {HITS} matches; narrow with path or glob, or search for something rarer"
            );
        }
        if self.unread > 0 {
            let _ = writeln!(
                self.text,
                "({} files could not be read or are over 10 MB)",
                self.unread
            );
        }
        if walked == Walked::CutShort {
            self.text
                .push_str("(gave up before the end: too many files; name a folder in path)\n");
        }
        let brief = match (self.count, self.files) {
            (0, _) => "no matches".to_owned(),
            (1, _) => "1 match".to_owned(),
            (count, 1) => format!("{count} matches in 1 file"),
            (count, files) => format!("{count} matches in {files} files"),
        };
        Reply::of(self.text, brief)
    }
}

/// The part of a long line around the place.
fn window(line: &[u8], place: usize) -> String {
    let from = if place > COLUMNS * 2 / 3 {
        place - COLUMNS / 3
    } else {
        0
    };
    let rest = String::from_utf8_lossy(line.get(from..).unwrap_or_default());
    let mut shown: String = rest.chars().take(COLUMNS).collect();
    if shown.len() < rest.len() {
        shown.push('…');
    }
    if from > 0 {
        shown.insert(0, '…');
    }
    shown
}

/// A folder or file to start at; the top is none.
fn start(text: Option<&str>) -> Result<Option<RepoPath>, Refused> {
    match text {
        None | Some("" | "." | "./") => Ok(None),
        Some(text) => path(text).map(Some),
    }
}

fn folder(tree: &Tree, start: &RepoPath) -> Result<(), Refused> {
    match tree.kind(start) {
        Ok(Kind::Folder) => Ok(()),
        Ok(Kind::File) => Err(Refused::other(
            start,
            "it is a file, not a folder. Read it with read_file",
        )),
        Ok(Kind::Link) => Err(Refused::file(start, super::tree::Trouble::Link)),
        Ok(Kind::Special) => Err(Refused::file(start, super::tree::Trouble::Special)),
        Err(trouble) => Err(Refused::file(start, trouble)),
    }
}

fn refused(start: Option<&RepoPath>, trouble: super::tree::Trouble) -> Refused {
    match start {
        Some(start) => Refused::file(start, trouble),
        None => Refused::File {
            path: "the worktree".to_owned(),
            trouble,
        },
    }
}

/// A glob on the path from the top; without a slash, on the last name.
struct Glob {
    matcher: GlobMatcher,
    names_only: bool,
}

fn glob(text: Option<&str>) -> Result<Option<Glob>, Refused> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let plain = text.trim_start_matches("./").trim_start_matches('/');
    let built = GlobBuilder::new(plain).literal_separator(true).build();
    let built = built.map_err(|error| Refused::Other {
        path: "glob".to_owned(),
        why: error.to_string(),
    })?;
    Ok(Some(Glob {
        matcher: built.compile_matcher(),
        names_only: !plain.contains('/'),
    }))
}

fn wanted(glob: Option<&Glob>, path: &RepoPath) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    glob.is_none_or(|glob| {
        if glob.names_only {
            let name = std::ffi::OsStr::from_bytes(path.file_name());
            glob.matcher.is_match(name)
        } else {
            glob.matcher.is_match(path.as_path())
        }
    })
}
