//! Who acts, and who may. Only people decide; agents and effects report.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::id::AttemptId;

/// Who an event is from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Actor {
    /// A person, known by the kernel as the owner of the other end of the socket.
    Person {
        /// The user id.
        uid: u32,
        /// The login name, for people to read.
        name: String,
    },
    /// An agent, by its attempt.
    Agent(AttemptId),
    /// The runner of effects reporting back.
    Effect,
    /// The program itself: start, recovery, consequences.
    System,
}

impl Actor {
    /// Whether this is a person, the only kind that may decide.
    #[must_use]
    pub const fn is_person(&self) -> bool {
        match self {
            Self::Person { .. } => true,
            Self::Agent(_) | Self::Effect | Self::System => false,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { name, .. } => f.pad(name),
            Self::Agent(attempt) => write!(f, "{attempt}"),
            Self::Effect => f.pad("runner"),
            Self::System => f.pad("aios"),
        }
    }
}
