//! A text that an event names: short ones stand in the event itself, long ones lie in a blob. The first line is always at hand, so
//! that lists can be drawn without fetching anything.

use serde::{Deserialize, Serialize};

use crate::base::id::Digest;

/// Texts up to this many bytes stand in the event.
pub const INLINE_BYTES: usize = 512;

/// Cells kept of the first line of a text that lies in a blob.
const FIRST_LINE_CHARS: usize = 120;

/// A text, here or elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Body {
    /// The text itself, at most [`INLINE_BYTES`] bytes.
    Inline(String),
    /// Its address.
    Blob {
        /// SHA-256 of the text.
        digest: Digest,
        /// Its length.
        bytes: u64,
        /// The first line that says anything, cut to 120 characters.
        first_line: String,
    },
}

impl Body {
    /// Makes a body of `text`: inline if it is short, else the address that [`Digest::of`] gives; then the caller stores the bytes.
    #[must_use]
    pub fn of(text: &str) -> Self {
        if text.len() <= INLINE_BYTES {
            return Self::Inline(text.to_owned());
        }
        Self::Blob {
            digest: Digest::of(text.as_bytes()),
            bytes: text.len() as u64,
            first_line: first_line(text),
        }
    }

    /// The blob to fetch, if the text is not here.
    #[must_use]
    pub const fn digest(&self) -> Option<Digest> {
        match self {
            Self::Inline(_) => None,
            Self::Blob { digest, .. } => Some(*digest),
        }
    }

    /// The first line that says anything, at most 120 characters.
    #[must_use]
    pub fn first_line(&self) -> String {
        match self {
            Self::Inline(text) => first_line(text),
            Self::Blob { first_line, .. } => first_line.clone(),
        }
    }

    /// Length of the text in bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        match self {
            Self::Inline(text) => text.len() as u64,
            Self::Blob { bytes, .. } => *bytes,
        }
    }
}

fn first_line(text: &str) -> String {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("");
    line.chars().take(FIRST_LINE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_go_elsewhere_and_keep_their_first_line() {
        let long = format!("\n  head \n{}", "x".repeat(600));
        let body = Body::of(&long);
        assert_eq!(
            (body.digest(), body.first_line().as_str()),
            (Some(Digest::of(long.as_bytes())), "head")
        );
        assert_eq!(Body::of("short").digest(), None);
    }
}
