//! Paths inside a repository, as people, models and git write them. A [`RepoPath`] cannot leave its root by how it is written;
//! links in the file system can still lead out, which is for whoever opens files to prevent.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::text::SafeText;

/// The longest path in bytes, as the kernel has it.
const LONGEST: usize = 4096;

/// A text that is no path inside a repository. The texts are for models and people alike.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// Nothing, or only dots and slashes.
    #[error("the path is empty: name a file or folder inside the worktree")]
    Empty,
    /// It begins at the root of the file system, or at a drive.
    #[error("the path is absolute: give it relative to the worktree")]
    Absolute,
    /// It begins with `~` or a variable.
    #[error("the path begins with {0}, which is not expanded: give it relative to the worktree")]
    Unexpanded(String),
    /// It has a component `..`.
    #[error("the path has a component \"..\": give it relative to the worktree, without going up")]
    Upwards,
    /// It has a component `.`, or two slashes in a row.
    #[error("the path has an empty component or \".\": write each name once, with one / between")]
    EmptyComponent,
    /// It has a component that git or a file system takes for `.git`.
    #[error("the path leads into git's own folder, which no tool may touch: {0}")]
    Git(String),
    /// It has a NUL byte.
    #[error("the path has a NUL byte")]
    Nul,
    /// It has another control character.
    #[error("the path has a control character, such as a line end: names may not have any")]
    Control,
    /// It has a `\` that is no escape.
    #[error(
        "the path has a \\ that is no escape: write / between names, \\\\ for a \\ in a name, \\xNN for a byte"
    )]
    Backslash,
    /// It is too long.
    #[error("the path has {0} bytes: at most 4096 are possible")]
    TooLong(usize),
}

/// A relative path with `/` between names, held as bytes since git's paths need not be UTF-8.
///
/// Written, and serialised, as text in which a byte that is no UTF-8 or a control is `\xNN` and a `\` is `\\`; reading that text
/// gives the same path.
///
/// ```
/// use aios::base::path::RepoPath;
/// assert_eq!(RepoPath::parse("./src/main.rs").unwrap().to_string(), "src/main.rs");
/// assert!(RepoPath::parse("src/../../etc/passwd").is_err());
/// assert_eq!(RepoPath::from_bytes(b"\xe4.txt").unwrap().to_string(), "\\xe4.txt");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoPath(Vec<u8>);

impl RepoPath {
    /// Reads a path as a model or a person gives it. A leading `./` and one trailing `/` are forgiven.
    ///
    /// # Errors
    /// It is not a path inside a repository, or one that nobody should make: with control characters, or with `~` or a variable
    /// in front.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        if text.starts_with('/') || has_drive(text) {
            return Err(BadPath::Absolute);
        }
        let first = text.split('/').next().unwrap_or_default();
        if is_unexpanded(first, text) {
            return Err(BadPath::Unexpanded(first.to_owned()));
        }
        let mut inner = text;
        while let Some(rest) = inner.strip_prefix("./") {
            inner = rest;
        }
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        let path = Self::checked(unescape(if inner == "." { "" } else { inner })?)?;
        let text = String::from_utf8_lossy(&path.0);
        if text.chars().any(char::is_control) {
            return Err(BadPath::Control);
        }
        Ok(path)
    }

    /// Takes a path as git lists it, with unusual names, but never one that leaves its root.
    ///
    /// # Errors
    /// It is not a path inside a repository.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadPath> {
        Self::checked(bytes.to_vec())
    }

    fn checked(bytes: Vec<u8>) -> Result<Self, BadPath> {
        if bytes.is_empty() {
            return Err(BadPath::Empty);
        }
        if bytes.len() > LONGEST {
            return Err(BadPath::TooLong(bytes.len()));
        }
        if bytes.starts_with(b"/") {
            return Err(BadPath::Absolute);
        }
        if bytes.contains(&0) {
            return Err(BadPath::Nul);
        }
        for component in bytes.split(|byte| *byte == b'/') {
            check_component(component)?;
        }
        Ok(Self(bytes))
    }

    /// The bytes, as git and the kernel take them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The path for the file system, relative.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }

    /// The path for the screen.
    #[must_use]
    pub fn display(&self) -> SafeText {
        SafeText::exact(&self.to_string())
    }

    /// The names from the root on.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|byte| *byte == b'/')
    }

    /// The last name.
    #[must_use]
    pub fn file_name(&self) -> &[u8] {
        self.components().next_back().unwrap_or(&self.0)
    }

    /// What stands behind the last dot of the last name, if it is UTF-8 and something stands before the dot.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.as_path().extension().and_then(OsStr::to_str)
    }

    /// The folder that it is in; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let end = self.0.iter().rposition(|byte| *byte == b'/')?;
        self.0.get(..end).map(|folder| Self(folder.to_vec()))
    }

    /// A path below this one.
    ///
    /// # Errors
    /// Both together are too long.
    pub fn join(&self, below: &Self) -> Result<Self, BadPath> {
        Self::checked([self.0.as_slice(), b"/", &below.0].concat())
    }

    /// Whether it is `folder`, or something in it.
    #[must_use]
    pub fn is_within(&self, folder: &Self) -> bool {
        let behind = self.0.strip_prefix(folder.0.as_slice());
        behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\\' => f.write_str("\\\\")?,
                    '\0'..' ' | '\u{7f}' => write!(f, "\\x{:02x}", u32::from(c))?,
                    _ => write!(f, "{c}")?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RepoPath({self})")
    }
}

/// As strict as [`RepoPath::parse`].
impl FromStr for RepoPath {
    type Err = BadPath;
    fn from_str(text: &str) -> Result<Self, BadPath> {
        Self::parse(text)
    }
}

/// For files of ours: takes the printed form of every path that git may list.
impl TryFrom<String> for RepoPath {
    type Error = BadPath;
    fn try_from(text: String) -> Result<Self, BadPath> {
        Self::checked(unescape(&text)?)
    }
}

impl From<RepoPath> for String {
    fn from(path: RepoPath) -> Self {
        path.to_string()
    }
}

/// `C:`, alone or before a slash.
fn has_drive(text: &str) -> bool {
    let first = text.split(['/', '\\']).next().unwrap_or_default();
    matches!(first.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
}

/// `~`, `~user/…`, `$NAME/…`, `${NAME}/…`. Names such as `$id.tsx` and `~notes` are ordinary.
fn is_unexpanded(first: &str, whole: &str) -> bool {
    if first.starts_with('~') {
        return first == "~" || first.len() < whole.len();
    }
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
    };
    first
        .strip_prefix('$')
        .is_some_and(|name| is_name(name) || name.starts_with('{'))
}

fn check_component(component: &[u8]) -> Result<(), BadPath> {
    match component {
        b"" | b"." => return Err(BadPath::EmptyComponent),
        b".." => return Err(BadPath::Upwards),
        _ => {}
    }
    // Where a checkout lands on a file system of Windows, a backslash parts names as well.
    for part in component.split(|byte| *byte == b'\\') {
        if part == b".." {
            return Err(BadPath::Upwards);
        }
        if is_git(part) {
            let shown = SafeText::from_bytes(component).into_string();
            return Err(BadPath::Git(shown));
        }
    }
    Ok(())
}

/// Whether some file system takes the name for `.git`: in any case, with dots, spaces or a stream behind it, in its short form,
/// or with characters that HFS+ ignores. The same names that git itself refuses in a tree.
fn is_git(name: &[u8]) -> bool {
    let text = String::from_utf8_lossy(name);
    let seen: String = text
        .chars()
        .filter(|c| !is_ignored_by_hfs(*c))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let stem = seen.split(':').next().unwrap_or_default();
    matches!(stem.trim_end_matches(['.', ' ']), ".git" | "git~1")
}

const fn is_ignored_by_hfs(c: char) -> bool {
    matches!(
        c,
        '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
    )
}

fn unescape(text: &str) -> Result<Vec<u8>, BadPath> {
    let mut parts = text.split('\\');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    while let Some(part) = parts.next() {
        if part.is_empty() {
            // Two in a row: the next part stands behind the second.
            let after = parts.next().ok_or(BadPath::Backslash)?;
            bytes.push(b'\\');
            bytes.extend_from_slice(after.as_bytes());
            continue;
        }
        let digits = part.strip_prefix('x').and_then(|rest| rest.get(..2));
        let byte = digits
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.ok_or(BadPath::Backslash)?);
        bytes.extend_from_slice(part.get(3..).unwrap_or_default().as_bytes());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
