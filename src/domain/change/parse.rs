//! Reads what `git diff` writes. Git must be asked with [`FLAGS`]: users' settings change the form otherwise. Whatever does not
//! fit is an error with its line; nothing is guessed, since people decide on what is read here.

use std::ops::Range;

use bytes::Bytes;

use crate::base::id::{Digest, Oid};
use crate::base::path::{BadPath, RepoPath};
use crate::base::text::{self, SafeText};
use crate::domain::change::diff::{Change, DiffLine, FileDiff, FileMode, Hunk, LineKind};
use crate::domain::change::names;
use crate::domain::change::summary::FileKind;

/// The options of `git diff` that give the form read here, whatever a user has set.
pub const FLAGS: [&str; 13] = [
    "--patch",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--no-indent-heuristic",
    "--full-index",
    "--find-renames",
    "--unified=3",
    "--inter-hunk-context=0",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
];

/// A text that is not a diff of git.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a diff, line {line}: {why}")]
pub struct BadDiff {
    /// Where, from 1.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

/// Reads a whole diff. Takes time in proportion to its length; its lines share the buffer.
///
/// # Errors
/// Something in it is not as git writes it, a conflict is open, or a path leaves the repository.
pub fn parse(diff: impl Into<Bytes>) -> Result<Change, BadDiff> {
    let mut reader = Reader {
        diff: diff.into(),
        at: 0,
        line: 0,
    };
    let mut files = Vec::new();
    while let Some(header) = reader.next() {
        let names = header
            .strip_prefix(b"diff --git ")
            .ok_or_else(|| reader.unexpected(&header))?;
        files.push(read_file(&mut reader, names)?);
    }
    Ok(Change { files })
}

/// Walks over the lines.
struct Reader {
    diff: Bytes,
    /// Where the next line begins.
    at: usize,
    /// How many lines were taken.
    line: usize,
}

impl Reader {
    /// The place of the next line, without its line end, and where the one behind it begins.
    fn find(&self) -> Option<(Range<usize>, usize)> {
        let rest = self.diff.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| *byte == b'\n');
        let end = self.at + length.unwrap_or(rest.len());
        Some((self.at..end, end + 1))
    }

    fn peek(&self) -> Option<&[u8]> {
        self.find().and_then(|(place, _)| self.diff.get(place))
    }

    fn next(&mut self) -> Option<Bytes> {
        let (place, after) = self.find()?;
        self.at = after;
        self.line += 1;
        Some(self.diff.slice(place))
    }

    fn next_if(&mut self, is_wanted: impl Fn(&[u8]) -> bool) -> Option<Bytes> {
        self.peek().filter(|line| is_wanted(line))?;
        self.next()
    }

    fn bad(&self, why: impl Into<String>) -> BadDiff {
        BadDiff {
            line: self.line,
            why: why.into(),
        }
    }

    fn unexpected(&self, line: &[u8]) -> BadDiff {
        let shown = SafeText::from_bytes(line.get(..200).unwrap_or(line));
        self.bad(format!("unexpected: {}", text::clip(shown.as_str(), 80)))
    }

    fn path(&self, bytes: &[u8]) -> Result<RepoPath, BadDiff> {
        RepoPath::from_bytes(bytes).map_err(|bad: BadPath| self.bad(bad.to_string()))
    }
}

/// What the lines between `diff --git` and the first hunk say.
#[derive(Default)]
struct Header {
    old_path: Option<RepoPath>,
    new_path: Option<RepoPath>,
    /// What a line says outright; `None` is a change of content or mode.
    kind: Option<FileKind>,
    old_mode: Option<FileMode>,
    new_mode: Option<FileMode>,
    old_blob: Option<Oid>,
    new_blob: Option<Oid>,
    is_binary: bool,
}

fn read_file(reader: &mut Reader, names: &[u8]) -> Result<FileDiff, BadDiff> {
    let mut header = Header::default();
    // The names of the first line are needed only where no other line has them: they cannot be told apart if they differ.
    let same_name = names::same_name(names);
    let is_header = |line: &[u8]| !line.starts_with(b"diff --git ") && !line.starts_with(b"@@");
    while let Some(line) = reader.next_if(is_header) {
        read_header_line(reader, &line, &mut header)?;
    }
    let mut hunks = Vec::new();
    while let Some(line) = reader.next_if(|line| line.starts_with(b"@@ ")) {
        hunks.push(read_hunk(reader, &line)?);
    }
    if header.old_path.is_none() && header.new_path.is_none() {
        let name = same_name.ok_or_else(|| reader.bad("a file without a name"))?;
        header.new_path = Some(reader.path(&name)?);
    }
    finish_file(reader, header, hunks)
}

fn finish_file(reader: &Reader, header: Header, hunks: Vec<Hunk>) -> Result<FileDiff, BadDiff> {
    let (kind, old_path, new_path) = (header.kind, header.old_path, header.new_path);
    let is_renamed = kind == Some(FileKind::Renamed);
    if !is_renamed && matches!((&old_path, &new_path), (Some(old), Some(new)) if old != new) {
        return Err(reader.bad("a file with two names that was not renamed"));
    }
    let renamed_from = old_path.clone().filter(|_| is_renamed);
    let path = new_path
        .or(old_path)
        .ok_or_else(|| reader.bad("a file without a name"))?;
    let has_content = !hunks.is_empty() || header.is_binary;
    let kind = kind.unwrap_or(if !has_content && header.old_mode != header.new_mode {
        FileKind::ModeChanged
    } else {
        FileKind::Modified
    });
    let mut file = FileDiff {
        path,
        renamed_from,
        kind,
        old_mode: header.old_mode.filter(|_| kind != FileKind::Added),
        new_mode: header.new_mode.filter(|_| kind != FileKind::Deleted),
        old_blob: header.old_blob,
        new_blob: header.new_blob,
        is_binary: header.is_binary,
        hunks,
        added: 0,
        removed: 0,
    };
    file.seal();
    Ok(file)
}

fn read_header_line(reader: &mut Reader, line: &[u8], header: &mut Header) -> Result<(), BadDiff> {
    let (word, rest) = split_word(line);
    match word {
        b"old mode" => header.old_mode = Some(mode(reader, rest)?),
        b"new mode" => header.new_mode = Some(mode(reader, rest)?),
        b"new file mode" => {
            header.kind = Some(FileKind::Added);
            header.new_mode = Some(mode(reader, rest)?);
        }
        b"deleted file mode" => {
            header.kind = Some(FileKind::Deleted);
            header.old_mode = Some(mode(reader, rest)?);
        }
        b"rename from" => {
            header.kind = Some(FileKind::Renamed);
            header.old_path = Some(named(reader, rest, b"")?);
        }
        b"rename to" => header.new_path = Some(named(reader, rest, b"")?),
        b"index" => read_index(reader, rest, header)?,
        b"---" if rest != b"/dev/null" => header.old_path = Some(named(reader, rest, b"a/")?),
        b"+++" if rest != b"/dev/null" => header.new_path = Some(named(reader, rest, b"b/")?),
        b"---" | b"+++" | b"similarity index" | b"dissimilarity index" => {}
        b"Binary files" => header.is_binary = true,
        b"GIT binary patch" => {
            header.is_binary = true;
            while reader
                .next_if(|line| !line.starts_with(b"diff --git "))
                .is_some()
            {}
        }
        _ => return Err(reader.unexpected(line)),
    }
    Ok(())
}

/// The words that a line of a header may begin with, and what stands behind.
fn split_word(line: &[u8]) -> (&[u8], &[u8]) {
    const WORDS: [&[u8]; 12] = [
        b"old mode",
        b"new mode",
        b"new file mode",
        b"deleted file mode",
        b"rename from",
        b"rename to",
        b"similarity index",
        b"dissimilarity index",
        b"index",
        b"---",
        b"+++",
        b"Binary files",
    ];
    if line == b"GIT binary patch" {
        return (line, b"");
    }
    let found = WORDS.into_iter().find_map(|word| {
        let rest = line.strip_prefix(word)?.strip_prefix(b" ")?;
        Some((word, rest))
    });
    found.unwrap_or((b"", line))
}

fn mode(reader: &Reader, digits: &[u8]) -> Result<FileMode, BadDiff> {
    match digits {
        // 100664 was written by early versions of git.
        b"100644" | b"100664" => Ok(FileMode::Regular),
        b"100755" => Ok(FileMode::Executable),
        b"120000" => Ok(FileMode::Link),
        b"160000" => Ok(FileMode::Submodule),
        _ => Err(reader.bad(format!(
            "no file has this mode: {}",
            SafeText::from_bytes(digits)
        ))),
    }
}

/// `OLD..NEW` or `OLD..NEW MODE`.
fn read_index(reader: &Reader, rest: &[u8], header: &mut Header) -> Result<(), BadDiff> {
    let line = std::str::from_utf8(rest).unwrap_or_default();
    let (blobs, mode_digits) = line.split_once(' ').unwrap_or((line, ""));
    let (old, new) = blobs
        .split_once("..")
        .ok_or_else(|| reader.unexpected(rest))?;
    header.old_blob = blob(reader, old)?;
    header.new_blob = blob(reader, new)?;
    if !mode_digits.is_empty() {
        let both = Some(mode(reader, mode_digits.as_bytes())?);
        (header.old_mode, header.new_mode) = (both, both);
    }
    Ok(())
}

/// Zeros stand for nothing.
fn blob(reader: &Reader, digits: &str) -> Result<Option<Oid>, BadDiff> {
    if digits.bytes().all(|digit| digit == b'0') {
        return Ok(None);
    }
    let oid = digits.parse::<Oid>();
    oid.map(Some)
        .map_err(|_| reader.bad("an object name is cut: git must be asked for --full-index"))
}

/// A name of a header line, without its prefix. Git puts a tab behind a name with spaces.
fn named(reader: &Reader, rest: &[u8], prefix: &[u8]) -> Result<RepoPath, BadDiff> {
    let name = if rest.starts_with(b"\"") {
        let (name, after) = names::unquote(rest).ok_or_else(|| reader.unexpected(rest))?;
        if !after.is_empty() && after != b"\t" {
            return Err(reader.unexpected(rest));
        }
        name
    } else {
        rest.strip_suffix(b"\t").unwrap_or(rest).to_vec()
    };
    let inner = name
        .strip_prefix(prefix)
        .ok_or_else(|| reader.unexpected(rest))?;
    reader.path(inner)
}

/// `@@ -START[,LINES] +START[,LINES] @@[ HEADING]` and the lines that it promises.
fn read_hunk(reader: &mut Reader, header: &Bytes) -> Result<Hunk, BadDiff> {
    let (old, new, heading) = hunk_header(header).ok_or_else(|| reader.unexpected(header))?;
    let mut hunk = Hunk {
        key: Digest([0; 32]),
        old_start: old.0,
        old_lines: old.1,
        new_start: new.0,
        new_lines: new.1,
        heading: header.slice(heading..),
        lines: Vec::new(),
    };
    let (mut old_left, mut new_left) = (hunk.old_lines, hunk.new_lines);
    while old_left > 0 || new_left > 0 {
        let line = reader
            .next()
            .ok_or_else(|| reader.bad("the diff ends inside a hunk"))?;
        let (kind, old, new) = match line.first() {
            // A setting of git leaves the space out of blank lines.
            Some(b' ') | None => (LineKind::Context, 1, 1),
            Some(b'-') => (LineKind::Removed, 1, 0),
            Some(b'+') => (LineKind::Added, 0, 1),
            Some(_) => return Err(reader.unexpected(&line)),
        };
        let too_many = || reader.bad("a hunk has more lines than its header says");
        old_left = old_left.checked_sub(old).ok_or_else(too_many)?;
        new_left = new_left.checked_sub(new).ok_or_else(too_many)?;
        // Git writes this in the user's language, but always with the backslash.
        let no_newline = reader.next_if(|line| line.starts_with(b"\\ ")).is_some();
        hunk.lines.push(DiffLine {
            kind,
            text: line.slice(line.len().min(1)..),
            no_newline,
        });
    }
    Ok(hunk)
}

type Lines = (u32, u32);

/// The two ranges and where the heading begins.
fn hunk_header(header: &[u8]) -> Option<(Lines, Lines, usize)> {
    let rest = header.strip_prefix(b"@@ -")?;
    let end = rest.windows(3).position(|window| window == b" @@")?;
    let ranges = std::str::from_utf8(rest.get(..end)?).ok()?;
    let (old, new) = ranges.split_once(" +")?;
    let behind = b"@@ -".len() + end + b" @@".len();
    let heading = behind + usize::from(header.get(behind) == Some(&b' '));
    Some((lines(old)?, lines(new)?, heading))
}

fn lines(range: &str) -> Option<Lines> {
    let (start, count) = range.split_once(',').unwrap_or((range, "1"));
    Some((start.parse().ok()?, count.parse().ok()?))
}
