//! What can go wrong with version control, in words for people: what, where, what to do.

use std::path::PathBuf;

use crate::base::id::Oid;

/// The oldest git that has every command that AIOS needs (`merge-tree --write-tree`).
pub const OLDEST_GIT: &str = "2.38";

/// What is being done while the program is looked at itself: a failure there is one of the program.
pub const ASKING_VERSION: &str = "ask git for its version";

/// Why an operation on the repository did not happen. Nothing was half done unless the text says so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VcsFailure {
    /// The folder lies in no repository.
    #[error("not a git repository: {}; run `git init` there and commit once, or start in another folder", path.display())]
    NotARepository {
        /// The folder that was asked about.
        path: PathBuf,
    },
    /// The repository has no files to work on.
    #[error("a bare repository: {}; start in a clone that has its files checked out", path.display())]
    Bare {
        /// The folder that was asked about.
        path: PathBuf,
    },
    /// There is nothing to start from.
    #[error("no commits in {}; commit once, for example `git commit --allow-empty -m start`", path.display())]
    NoCommits {
        /// The root of the repository.
        path: PathBuf,
    },
    /// The installed git lacks something that is needed.
    #[error("git {found} is too old; install git {needed} or newer")]
    TooOld {
        /// The version found.
        found: String,
        /// The oldest version that would do.
        needed: &'static str,
    },
    /// There is no git program.
    #[error("no git program in PATH; install git {OLDEST_GIT} or newer")]
    Missing,
    /// Somebody else moved the reference first; it was left as found.
    #[error("{reference} has moved: expected {}, found {}; look at it and decide again", named(expected.as_ref()), named(found.as_ref()))]
    Moved {
        /// The full name.
        reference: String,
        /// Where it was expected; none if it was not to exist.
        expected: Option<Oid>,
        /// Where it is; none if it does not exist.
        found: Option<Oid>,
    },
    /// A checkout holds work that is not committed, and was left alone.
    #[error("uncommitted changes in {}: {}; commit or stash them", path.display(), files.join(", "))]
    DirtyCheckout {
        /// The checkout.
        path: PathBuf,
        /// Some of the files, in displayable form.
        files: Vec<String>,
    },
    /// A name that stands for nothing here.
    #[error("not found: {what}")]
    NotFound {
        /// The kind of thing and its name.
        what: String,
    },
    /// Something is larger than the caller takes.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// The kind of thing and its name.
        what: String,
        /// The caller's limit.
        limit: u64,
    },
    /// git did not come to an end and was killed with all that it had started.
    #[error(
        "could not {during}: git took longer than {seconds} s and was stopped; is the disk slow or the repository locked?"
    )]
    TimedOut {
        /// What was being done, as in "could not …".
        during: &'static str,
        /// The time that it was given.
        seconds: u64,
    },
    /// Anything else, in git's own words.
    #[error("could not {during}: {message}")]
    Other {
        /// What was being done, as in "could not …".
        during: &'static str,
        /// The first line of git's complaint, or the system's.
        message: String,
    },
}

/// An object's short name, or "nothing".
fn named(oid: Option<&Oid>) -> &str {
    oid.map_or("nothing", Oid::short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_say_what_where_and_what_to_do() {
        let moved = VcsFailure::Moved {
            reference: "refs/heads/main".to_owned(),
            expected: None,
            found: Some("ab".repeat(20).parse().unwrap()),
        };
        assert_eq!(
            moved.to_string(),
            "refs/heads/main has moved: expected nothing, found ababababab; look at it and decide again"
        );
        let dirty = VcsFailure::DirtyCheckout {
            path: "/repo".into(),
            files: vec!["a".to_owned(), "b".to_owned()],
        };
        assert_eq!(
            dirty.to_string(),
            "uncommitted changes in /repo: a, b; commit or stash them"
        );
    }
}
