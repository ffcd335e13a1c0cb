//! What a call gave.

use serde::{Deserialize, Serialize};

use crate::base::id::Digest;

/// The result of a tool, as the engine hands it over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Text for the model, at most 16 KiB (commands: 30 KiB); longer results are cut in the middle and name a handle.
    pub text: String,
    /// The call failed; the text says why and what to do instead.
    pub is_error: bool,
    /// One line of at most 60 cells for people: `12 lines`, `exit 1  0.4s`, `+3 -1`.
    pub brief: String,
    /// For commands: the exit code, 128 + n for a signal, 124 when time ran out.
    pub exit: Option<i32>,
    /// The whole result as a blob, where the text was cut.
    pub rest: Option<Digest>,
    /// Files that the call changed.
    pub edits: Vec<EditFact>,
}

/// One file changed by one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditFact {
    /// Relative to the worktree, in its displayable form.
    pub path: String,
    /// SHA-256 of the content before; none if the file is new.
    pub before: Option<Digest>,
    /// SHA-256 of the content afterwards; none if the file is gone.
    pub after: Option<Digest>,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
}
