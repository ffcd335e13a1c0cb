//! The one boundary for text that comes from outside: models, tools, git, other people. What has passed it can be written to a
//! terminal, a log or a file of events without doing anything there but being read.
//!
//! Not here: colours, markup and layout of panes (the terminal's rooms), and secrets (`base::secret`).

mod cells;
mod filter;
mod hidden;
mod near;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use cells::{clip, clip_with, first_line, pad, width, wrap};
pub use filter::{Form, Sanitizer};
pub use near::nearest;

/// Text without control characters, escape sequences and hidden characters. It can only be made by sanitising.
///
/// ```
/// use aios::base::text::SafeText;
/// assert_eq!(SafeText::line("\u{1b}[31mred\u{1b}[0m\nnext").as_str(), "red next");
/// assert_eq!(SafeText::exact("rm\u{200b} -rf\u{8}").as_str(), "rm<U+200B> -rf\\x08");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SafeText(String);

impl SafeText {
    /// One line: line ends and tabs become a space each. For titles, names, branches, rows.
    #[must_use]
    pub fn line(text: &str) -> Self {
        Self::made(text, Form::Line)
    }

    /// Several lines: `\n` stays, other line ends become it, a tab becomes four spaces. For messages and output.
    #[must_use]
    pub fn block(text: &str) -> Self {
        Self::made(text, Form::Block)
    }

    /// Several lines, of which nothing is left out: what `block` drops is marked here. For what a person is asked to allow.
    #[must_use]
    pub fn exact(text: &str) -> Self {
        Self::made(text, Form::Exact)
    }

    /// Bytes of unknown encoding, of which nothing is left out: invalid bytes and controls become marks such as `\x9d`.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut sanitizer = Sanitizer::new(Form::Exact);
        let mut out = sanitizer.push_bytes(bytes);
        out.push_str(&sanitizer.finish());
        Self(out)
    }

    fn made(text: &str, form: Form) -> Self {
        let mut sanitizer = Sanitizer::new(form);
        let mut out = sanitizer.push(text);
        out.push_str(&sanitizer.finish());
        Self(out)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as an owned string. It stays safe only as long as nothing from outside is added to it.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lines of a block.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.lines()
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Sanitises again, since a file may have been written by someone else. Safe text passes unchanged.
impl<'de> Deserialize<'de> for SafeText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::block(&text))
    }
}

#[cfg(test)]
mod tests;
