//! A change with its texts, as read from git. Lines are bytes, since files need not be UTF-8; they share the buffer that git
//! filled. What events keep of it is in `summary`.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::base::id::{Digest, Oid};
use crate::base::path::RepoPath;
use crate::domain::change::summary::{FileKind, FileSummary, HunkSummary};

/// All files that differ, in git's order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// One entry per file. A file that became a link, or the reverse, has two: deleted, then added.
    pub files: Vec<FileDiff>,
}

/// What differs in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Its name now; of a deleted file, its name before.
    pub path: RepoPath,
    /// Its name before, if that was another.
    pub renamed_from: Option<RepoPath>,
    /// What happened to it.
    pub kind: FileKind,
    /// Its mode before; `None` if it is new, or if git does not tell since nothing but the name changed.
    pub old_mode: Option<FileMode>,
    /// Its mode now; `None` if it is gone, or if git does not tell.
    pub new_mode: Option<FileMode>,
    /// The blob (of a submodule: the commit) before.
    pub old_blob: Option<Oid>,
    /// The blob (of a submodule: the commit) now.
    pub new_blob: Option<Oid>,
    /// Git takes it for no text; there are no hunks then.
    pub is_binary: bool,
    /// In the order of lines.
    pub hunks: Vec<Hunk>,
    /// Lines added in all hunks.
    pub added: u32,
    /// Lines removed in all hunks.
    pub removed: u32,
}

/// What kind of thing a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileMode {
    /// 100644
    Regular,
    /// 100755
    Executable,
    /// 120000
    Link,
    /// 160000
    Submodule,
}

/// Neighbouring lines that differ, with lines around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Content hash with the path, independent of line numbers: a mark survives a moved base. Twins in one file are numbered. An
    /// inverted hunk keeps the key.
    pub key: Digest,
    /// First line before, from 1; if there are none, the line behind which they would be.
    pub old_start: u32,
    /// Lines before.
    pub old_lines: u32,
    /// First line now, from 1; if there are none, the line behind which they would be.
    pub new_start: u32,
    /// Lines now.
    pub new_lines: u32,
    /// The function or section that git names, possibly empty.
    pub heading: Bytes,
    /// Within a run without context, removed lines stand before added ones.
    pub lines: Vec<DiffLine>,
}

/// One line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// On which side it stands.
    pub kind: LineKind,
    /// Without `\n`, but with a `\r` before it.
    pub text: Bytes,
    /// It ends the file, and has no line end.
    pub no_newline: bool,
}

/// On which side of a change a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// On both.
    Context,
    /// Only after.
    Added,
    /// Only before.
    Removed,
}

impl Change {
    /// What events and the world keep: names and counts, no texts.
    #[must_use]
    pub fn summary(&self) -> Vec<FileSummary> {
        self.files.iter().map(FileDiff::summary).collect()
    }

    /// Splits hunks as reviewers did: for each key, the lines before which its hunk is cut.
    pub fn split(&mut self, cuts: &BTreeMap<Digest, Vec<u32>>) {
        for file in &mut self.files {
            let hunks = std::mem::take(&mut file.hunks).into_iter();
            file.hunks = hunks
                .flat_map(|hunk| match cuts.get(&hunk.key) {
                    Some(cuts) => super::select::split(&hunk, cuts),
                    None => vec![hunk],
                })
                .collect();
        }
    }
}

impl FileDiff {
    /// The keys that can be marked: those of its hunks, or the stand-in of a file without any.
    #[must_use]
    pub fn keys(&self) -> Vec<Digest> {
        if self.hunks.is_empty() {
            return vec![self.facts()];
        }
        self.hunks.iter().map(|hunk| hunk.key).collect()
    }

    /// Names and counts.
    #[must_use]
    pub fn summary(&self) -> FileSummary {
        let stand_in = || HunkSummary {
            key: self.facts(),
            new_start: 0,
            added: 0,
            removed: 0,
        };
        let mut hunks: Vec<_> = self.hunks.iter().map(Hunk::summary).collect();
        if hunks.is_empty() {
            hunks.push(stand_in());
        }
        FileSummary {
            path: self.path.display().into_string(),
            kind: self.kind,
            added: self.added,
            removed: self.removed,
            hunks,
            is_binary: self.is_binary,
        }
    }

    /// Whether it is, or was, a submodule.
    #[must_use]
    pub fn is_submodule(&self) -> bool {
        [self.old_mode, self.new_mode].contains(&Some(FileMode::Submodule))
    }

    /// Counts the lines and names the hunks, once all of them are there.
    pub(super) fn seal(&mut self) {
        let facts = self.facts();
        let mut seen: BTreeMap<Digest, u64> = BTreeMap::new();
        for hunk in &mut self.hunks {
            let content = hunk.content(facts);
            let twins = seen.entry(content).or_default();
            hunk.key = numbered(content, *twins);
            *twins += 1;
        }
        self.added = self.hunks.iter().map(Hunk::added).sum();
        self.removed = self.hunks.iter().map(Hunk::removed).sum();
    }

    /// The hash of all that is decided together with any hunk: name, kind and modes; of a file without hunks, its blobs, too.
    fn facts(&self) -> Digest {
        let mut hashed = Hashed::new("file");
        hashed.add(self.path.as_bytes());
        hashed.add(self.renamed_from.as_ref().map_or(b"", RepoPath::as_bytes));
        let facts = (self.kind, self.old_mode, self.new_mode, self.is_binary);
        hashed.add(format!("{facts:?}").as_bytes());
        if self.hunks.is_empty() {
            for blob in [&self.old_blob, &self.new_blob] {
                hashed.add(blob.as_ref().map_or("", Oid::as_str).as_bytes());
            }
        }
        hashed.digest()
    }
}

impl FileMode {
    /// The mode as git writes it.
    #[must_use]
    pub const fn octal(self) -> &'static str {
        match self {
            Self::Regular => "100644",
            Self::Executable => "100755",
            Self::Link => "120000",
            Self::Submodule => "160000",
        }
    }
}

impl Hunk {
    /// Lines added.
    #[must_use]
    pub fn added(&self) -> u32 {
        self.count(LineKind::Added)
    }

    /// Lines removed.
    #[must_use]
    pub fn removed(&self) -> u32 {
        self.count(LineKind::Removed)
    }

    /// Its key and counts.
    #[must_use]
    pub fn summary(&self) -> HunkSummary {
        HunkSummary {
            key: self.key,
            new_start: self.new_start,
            added: self.added(),
            removed: self.removed(),
        }
    }

    fn count(&self, kind: LineKind) -> u32 {
        self.lines
            .iter()
            .map(|line| u32::from(line.kind == kind))
            .sum()
    }

    /// How many lines of the old file stand before it.
    pub(super) const fn old_index(&self) -> u32 {
        index(self.old_start, self.old_lines)
    }

    /// How many lines of the new file stand before it.
    pub(super) const fn new_index(&self) -> u32 {
        index(self.new_start, self.new_lines)
    }

    /// The hash of its lines from one before the first that differs to one behind the last, below that of its owner.
    pub(super) fn content(&self, owner: Digest) -> Digest {
        let differs = |line: &DiffLine| line.kind != LineKind::Context;
        let first = self.lines.iter().position(differs).unwrap_or(0);
        let last = self.lines.iter().rposition(differs).unwrap_or(0);
        let before = first.saturating_sub(1);
        let mut hashed = Hashed::new("hunk");
        hashed.add(&owner.0);
        for line in self.lines.iter().take(last + 2).skip(before) {
            hashed.add(match (line.kind, line.no_newline) {
                (LineKind::Context, false) => b" ",
                (LineKind::Added, false) => b"+",
                (LineKind::Removed, false) => b"-",
                (LineKind::Context, true) => b" \\",
                (LineKind::Added, true) => b"+\\",
                (LineKind::Removed, true) => b"-\\",
            });
            hashed.add(&line.text);
        }
        hashed.digest()
    }
}

const fn index(start: u32, lines: u32) -> u32 {
    if lines == 0 {
        start
    } else {
        start.saturating_sub(1)
    }
}

/// The start of a run of `lines` lines that has `index` lines before it, as git counts.
pub(super) const fn start(index: u32, lines: u32) -> u32 {
    if lines == 0 {
        index
    } else {
        index.saturating_add(1)
    }
}

/// The key of the hunk that has `twins` equal ones before it.
pub(super) fn numbered(content: Digest, twins: u64) -> Digest {
    if twins == 0 {
        return content;
    }
    let mut hashed = Hashed::new("twin");
    hashed.add(&content.0);
    hashed.add(&twins.to_le_bytes());
    hashed.digest()
}

/// Fields to be hashed, each behind its length, so that no two lists of fields look alike.
struct Hashed(Vec<u8>);

impl Hashed {
    fn new(kind: &str) -> Self {
        let mut hashed = Self(Vec::new());
        hashed.add(kind.as_bytes());
        hashed
    }

    fn add(&mut self, field: &[u8]) {
        self.0.extend((field.len() as u64).to_le_bytes());
        self.0.extend_from_slice(field);
    }

    fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}
