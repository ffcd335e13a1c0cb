//! Who is asked, and how a call can fail.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::base::tokens::TokenUsage;

/// How strong and dear a model is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Runs on this machine.
    Local,
    /// The cheapest that does simple work.
    Economy,
    /// The everyday one.
    Standard,
    /// The strongest.
    Premium,
}

impl Tier {
    /// All of them, weakest first.
    pub const ALL: [Self; 4] = [Self::Local, Self::Economy, Self::Standard, Self::Premium];

    /// The next stronger one; the strongest stays.
    #[must_use]
    pub const fn up(self) -> Self {
        match self {
            Self::Local => Self::Economy,
            Self::Economy => Self::Standard,
            Self::Standard | Self::Premium => Self::Premium,
        }
    }

    /// Three or four letters for tables: `loc eco std prem`.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Local => "loc",
            Self::Economy => "eco",
            Self::Standard => "std",
            Self::Premium => "prem",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Local => "local",
            Self::Economy => "economy",
            Self::Standard => "standard",
            Self::Premium => "premium",
        })
    }
}

/// A text that names no tier or no model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRoute {
    /// Not one of the four tiers.
    #[error("not a tier (premium, standard, economy, local): {0}")]
    Tier(String),
    /// Not of the form provider/model.
    #[error("not a model such as anthropic/claude-sonnet-5-5: {0}")]
    Model(String),
}

impl FromStr for Tier {
    type Err = BadRoute;
    fn from_str(text: &str) -> Result<Self, BadRoute> {
        let found = Self::ALL
            .into_iter()
            .find(|tier| tier.to_string() == text || tier.short() == text);
        found.ok_or_else(|| BadRoute::Tier(text.chars().take(40).collect()))
    }
}

/// A provider's name in the settings and a model's name there; printed `anthropic/claude-sonnet-5-5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Route {
    /// The key under `providers` in the settings: `anthropic`, `openai`, `ollama`, `sim`.
    pub provider: String,
    /// The model's name as the provider knows it; may hold slashes.
    pub model: String,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

impl FromStr for Route {
    type Err = BadRoute;
    fn from_str(text: &str) -> Result<Self, BadRoute> {
        match text.split_once('/') {
            Some((provider, model)) if !provider.is_empty() && !model.is_empty() => Ok(Self {
                provider: provider.to_owned(),
                model: model.to_owned(),
            }),
            _ => Err(BadRoute::Model(text.chars().take(80).collect())),
        }
    }
}

/// What kind of failure a call ended in; the kind alone decides what happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FailureKind {
    /// No server there, or the line broke before an answer began.
    Unreachable,
    /// The provider limits the rate; wait.
    RateLimited,
    /// The provider is overloaded or broken (5xx, 529).
    Overloaded,
    /// The key is missing, wrong or without rights.
    Auth,
    /// The account has no credit left.
    NoCredit,
    /// No such model there.
    UnknownModel,
    /// The prompt does not fit the model's window.
    ContextOverflow,
    /// The request was refused as malformed.
    BadRequest,
    /// The stream ended before the answer did.
    Cut,
    /// The answer was not of the promised form.
    Malformed,
}

impl FailureKind {
    /// Another try of the same call may succeed.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        match self {
            Self::Unreachable
            | Self::RateLimited
            | Self::Overloaded
            | Self::Cut
            | Self::Malformed => true,
            Self::Auth
            | Self::NoCredit
            | Self::UnknownModel
            | Self::ContextOverflow
            | Self::BadRequest => false,
        }
    }
}

/// A model call that gave no whole reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{text}")]
pub struct CallFailure {
    /// What kind.
    pub kind: FailureKind,
    /// One line for people: what, where, and what the provider said. No secrets, no control characters.
    pub text: String,
    /// How long the provider asks to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// What was used up all the same, as far as it is known.
    pub usage: TokenUsage,
}
