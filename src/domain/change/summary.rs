//! A change without its texts: what events and the world keep of a diff.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::id::Digest;

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
    /// Its content changed.
    Modified,
    /// It has another name, and perhaps another content.
    Renamed,
    /// Only its mode changed.
    ModeChanged,
}

/// One hunk of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HunkSummary {
    /// Content hash, independent of line numbers: marks survive a moved base.
    pub key: Digest,
    /// First line in the new file.
    pub new_start: u32,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
}

/// One file of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSummary {
    /// Its name, displayable.
    pub path: String,
    /// What happened to it.
    pub kind: FileKind,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
    /// Its hunks. A file without hunks (binary, mode, empty) has one stand-in hunk of 0 lines, so that it can be marked.
    pub hunks: Vec<HunkSummary>,
    /// It is not text.
    pub is_binary: bool,
}

/// The size of a change. Prints `5 files, 182 added, 40 removed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffStat {
    /// Files.
    pub files: u32,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
}

/// Adds up the files of a change.
#[must_use]
pub fn diff_stat(files: &[FileSummary]) -> DiffStat {
    files
        .iter()
        .fold(DiffStat::default(), |stat, file| DiffStat {
            files: stat.files.saturating_add(1),
            added: stat.added.saturating_add(file.added),
            removed: stat.removed.saturating_add(file.removed),
        })
}

impl fmt::Display for DiffStat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.files == 1 { "" } else { "s" };
        write!(
            f,
            "{} file{plural}, {} added, {} removed",
            self.files, self.added, self.removed
        )
    }
}
