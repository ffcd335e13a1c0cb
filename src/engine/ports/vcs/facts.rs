//! What a repository says about itself.

use std::fmt;
use std::path::PathBuf;

use super::VcsFailure;
use crate::base::id::Oid;

/// A repository and one checkout of it, as found at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoFacts {
    /// The checkout's top folder, without symbolic links.
    pub root: PathBuf,
    /// The git folder that all worktrees share.
    pub common_dir: PathBuf,
    /// The commit that is checked out; none before the first one.
    pub head: Option<Oid>,
    /// The branch that is checked out, by its full name; none if HEAD is detached.
    pub branch: Option<String>,
    /// Tracked files that differ from HEAD, at most 200, in displayable form.
    pub dirty: Vec<String>,
    /// Untracked files and folders of untracked files that are not ignored.
    pub untracked: u32,
    /// The version of the program in use.
    pub git_version: String,
    /// The checkout is a linked worktree, not the main one.
    pub is_linked_worktree: bool,
    /// Older history is cut off.
    pub is_shallow: bool,
}

impl RepoFacts {
    /// The commit to start from; [`VcsFailure::NoCommits`] before the first one.
    pub fn base(&self) -> Result<&Oid, VcsFailure> {
        self.head.as_ref().ok_or_else(|| VcsFailure::NoCommits {
            path: self.root.clone(),
        })
    }
}

/// A worktree as the repository lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worktree {
    /// Its folder.
    pub path: PathBuf,
    /// The commit checked out there; none before the first one.
    pub head: Option<Oid>,
    /// The branch checked out there, by its full name; none if detached.
    pub branch: Option<String>,
    /// Its folder is gone.
    pub is_stale: bool,
}

/// A name and an address for commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `Marcus (aios)`.
    pub name: String,
    /// `marcus@aios.invalid`.
    pub email: String,
}

/// A repository's name for AIOS: 16 lower-case hex digits, random.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspaceId(String);

impl WorkspaceId {
    /// Spells eight random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(format!("{:016x}", u64::from_be_bytes(bytes)))
    }

    /// Reads the sixteen digits; none if the text is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == 16 && is_hex).then(|| Self(text.to_owned()))
    }

    /// The sixteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkspaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workspace_ids_read_back() {
        let id = WorkspaceId::from_bytes([0, 1, 2, 3, 0xff, 5, 6, 7]);
        assert_eq!(id.as_str(), "00010203ff050607");
        assert_eq!(WorkspaceId::parse(id.as_str()), Some(id));
        for bad in [
            "",
            "00010203FF050607",
            "00010203ff05060",
            "zz010203ff050607",
        ] {
            assert_eq!(WorkspaceId::parse(bad), None, "{bad:?} was taken");
        }
    }
}
