//! A person's marks on hunks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::id::Digest;
use crate::base::time::Timestamp;
use crate::domain::change::summary::{FileSummary, HunkSummary};

/// What a person thinks of a hunk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// Not looked at.
    #[default]
    Open,
    /// Taken.
    Accepted,
    /// Left out, and why.
    Rejected {
        /// For the author; may be empty.
        reason: String,
    },
}

/// Words about a line, or about a file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Comment {
    /// The file's name, displayable.
    pub path: String,
    /// The line as it is now, from 1, or as it was, if it is gone; `None` is all of the file.
    pub line: Option<u32>,
    /// What it is about, by the keys of hunks: one, or all of the file. As long as every one of them is in the change, nothing was
    /// done about it.
    pub hunks: Vec<Digest>,
    /// When it was written.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

impl Comment {
    /// Whether a change that has these hunks is another where the comment points.
    #[must_use]
    pub fn is_answered(&self, mut has: impl FnMut(&Digest) -> bool) -> bool {
        !self.hunks.iter().all(&mut has)
    }

    /// The comment for its author: `src/cart.rs line 19: what about zero?`
    #[must_use]
    pub fn told(&self) -> String {
        let place = self
            .line
            .map_or_else(String::new, |line| format!(" line {line}"));
        format!("{}{place}: {}", self.path, self.text)
    }
}

/// A hunk that a person cut, so that its pieces are marked one without the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// The lines before which it is cut, from 0 within the hunk.
    pub cuts: Vec<u32>,
    /// What that gives, as [`split`](super::split) does.
    pub pieces: Vec<HunkSummary>,
}

/// One person's look at a change. Hunks are named by content, so that a moved base and a dropped line lose no mark; a mark on a
/// hunk that has changed since names nothing any more, and counts for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// By the key of the hunk; a missing mark is an open one.
    pub marks: BTreeMap<Digest, Mark>,
}

/// How many hunks have which mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Taken.
    pub accepted: u32,
    /// Left out.
    pub rejected: u32,
    /// Not looked at.
    pub open: u32,
}

impl Tally {
    /// All of them.
    #[must_use]
    pub const fn hunks(self) -> u32 {
        self.accepted
            .saturating_add(self.rejected)
            .saturating_add(self.open)
    }

    /// Whether every hunk was accepted: only then a change may be merged.
    #[must_use]
    pub const fn is_accepted(self) -> bool {
        self.rejected == 0 && self.open == 0
    }
}

impl Review {
    /// Sets a mark; `Open` takes one back.
    pub fn mark(&mut self, hunk: Digest, mark: Mark) {
        match mark {
            Mark::Open => self.marks.remove(&hunk),
            Mark::Accepted | Mark::Rejected { .. } => self.marks.insert(hunk, mark),
        };
    }

    /// The mark of a hunk.
    #[must_use]
    pub fn mark_of(&self, hunk: &Digest) -> &Mark {
        self.marks.get(hunk).unwrap_or(&Mark::Open)
    }

    /// Whether a hunk is accepted.
    #[must_use]
    pub fn has_accepted(&self, hunk: &Digest) -> bool {
        *self.mark_of(hunk) == Mark::Accepted
    }

    /// Counts the marks on the hunks of a change.
    #[must_use]
    pub fn tally(&self, files: &[FileSummary]) -> Tally {
        let mut tally = Tally::default();
        for hunk in files.iter().flat_map(|file| &file.hunks) {
            match self.mark_of(&hunk.key) {
                Mark::Open => tally.open += 1,
                Mark::Accepted => tally.accepted += 1,
                Mark::Rejected { .. } => tally.rejected += 1,
            }
        }
        tally
    }

    /// What the author is told: each rejected hunk with its file and the reason, in the order of the change.
    pub fn rejections<'a>(
        &'a self,
        files: &'a [FileSummary],
    ) -> impl Iterator<Item = (&'a FileSummary, &'a HunkSummary, &'a str)> {
        files.iter().flat_map(move |file| {
            file.hunks
                .iter()
                .filter_map(move |hunk| match self.mark_of(&hunk.key) {
                    Mark::Rejected { reason } => Some((file, hunk, reason.as_str())),
                    Mark::Open | Mark::Accepted => None,
                })
        })
    }
}
