//! What somebody at a session may do there. Who is at it now, and where they look, is a signal between clients and is not here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::security::Actor;

/// How much somebody may do, least first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub enum Standing {
    /// Look, copy, follow.
    Viewer,
    /// Decide on items, edit plans, message agents, pause.
    Approver,
    /// Everything: also begin and stop sprints, budgets, rules, who may do what.
    #[default]
    Owner,
}

impl Standing {
    /// All, least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Approver, Self::Owner];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Approver => "approver",
            Self::Owner => "owner",
        }
    }

    /// The one that goes by a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|standing| standing.word() == word)
    }

    /// The next one down; from the least up to the highest again.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Owner => Self::Approver,
            Self::Approver => Self::Viewer,
            Self::Viewer => Self::Owner,
        }
    }

    /// Who can be asked for something that takes this standing, where nobody is known by name.
    #[must_use]
    pub const fn anybody(self) -> &'static str {
        match self {
            Self::Viewer => "anybody",
            Self::Approver => "an owner or an approver",
            Self::Owner => "an owner",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Somebody at one line, for the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The person, by the kernel's word.
    pub who: Actor,
    /// The client as it calls itself.
    pub client: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_allows_more_than_the_one_before_and_has_a_word() {
        assert!(Standing::ALL.is_sorted());
        for standing in Standing::ALL {
            assert_eq!(Standing::named(standing.word()), Some(standing));
            assert_eq!(standing.next().next().next(), standing);
        }
        assert_eq!(Standing::named("root"), None);
        assert_eq!(Standing::Owner.next(), Standing::Approver);
    }
}
