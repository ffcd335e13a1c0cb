//! Files as trees hold them.

use crate::base::id::Oid;
use crate::base::text::SafeText;

/// What a path in a tree stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// An ordinary file, git's `100644`.
    Plain,
    /// A file that may be run, `100755`.
    Executable,
    /// A symbolic link; the content is its target. `120000`.
    Link,
    /// A commit of another repository, `160000`; there is no content.
    Submodule,
}

impl FileKind {
    /// Reads git's octal mode; none for folders and unknown ones. Old repositories hold `100664`, which is a plain file.
    #[must_use]
    pub fn from_mode(mode: &str) -> Option<Self> {
        match mode {
            "100644" | "100664" => Some(Self::Plain),
            "100755" => Some(Self::Executable),
            "120000" => Some(Self::Link),
            "160000" => Some(Self::Submodule),
            _ => None,
        }
    }

    /// Git's octal mode.
    #[must_use]
    pub const fn mode(self) -> &'static str {
        match self {
            Self::Plain => "100644",
            Self::Executable => "100755",
            Self::Link => "120000",
            Self::Submodule => "160000",
        }
    }
}

/// A file in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// What it is.
    pub kind: FileKind,
    /// Its content (for a submodule: the commit).
    pub oid: Oid,
    /// Bytes of content; none for a submodule and for content that is not in the repository.
    pub size: Option<u64>,
}

/// A path that differs between two trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeChange {
    /// Where, relative to the root.
    pub path: Vec<u8>,
    /// What was there; none if the path is new.
    pub before: Option<TreeEntry>,
    /// What is there; none if the path is gone.
    pub after: Option<TreeEntry>,
}

/// What a path of a tree shall become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeEdit {
    /// Where, relative to the root.
    pub path: Vec<u8>,
    /// Kind and content; none removes the path.
    pub after: Option<(FileKind, NewContent)>,
}

/// What a file shall hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewContent {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What an object of the repository holds, of whatever size.
    Object(Oid),
}

impl From<Vec<u8>> for NewContent {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// One answer of many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Bytes(Vec<u8>),
    /// It is larger than asked for.
    TooLarge(u64),
    /// It is not in the repository.
    Missing,
}

/// A path for people, in one line: readable as it is, or with everything that is not plain text written out.
#[must_use]
pub fn shown_path(path: &[u8]) -> String {
    let text = SafeText::from_bytes(path).into_string();
    text.replace('\n', "\\x0a").replace('\t', "\\x09")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_without_tricks() {
        for (path, shown) in [
            (&b"src/main.rs"[..], "src/main.rs"),
            ("caf\u{e9} x".as_bytes(), "caf\u{e9} x"),
            (b"e\x1b[2Jx", "e\\x1b[2Jx"),
            ("r\u{202e}lo".as_bytes(), "r<U+202E>lo"),
            (b"bad\xff", "bad\\xff"),
            (b"n\nl", "n\\x0al"),
        ] {
            assert_eq!(shown_path(path), shown);
        }
    }

    #[test]
    fn modes_read_back() {
        for kind in [
            FileKind::Plain,
            FileKind::Executable,
            FileKind::Link,
            FileKind::Submodule,
        ] {
            assert_eq!(FileKind::from_mode(kind.mode()), Some(kind));
        }
        assert_eq!(FileKind::from_mode("040000"), None);
    }
}
