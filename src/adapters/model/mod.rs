//! Models behind the port [`Model`]: two wire formats over HTTP ([`anthropic`], [`openai`]
//! and everything compatible with it), a scripted one for tests, a wrapper that tries again, and a look at the usual ports of
//! local servers. Which model is asked, what it costs and whether it may be afforded is decided elsewhere.
//!
//! The formats are sans-I/O: [`sse`] and the codecs turn bytes into pieces, [`answer`] gathers the pieces into a reply, and
//! only [`http`] knows sockets and clocks.

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::secret::{Redactor, Secret};
use crate::domain::llm::{CallFailure, FailureKind};
use crate::engine::ports::model::Model;

pub mod answer;
pub mod anthropic;
pub mod failure;
pub mod http;
pub mod json;
pub mod openai;
pub mod probe;
pub mod retry;
#[cfg(test)]
mod samples;
pub mod scripted;
pub mod simulated;
pub mod sse;

pub use http::Timeouts;
pub use probe::{LocalServer, probe_local};
pub use retry::Retrying;
pub use scripted::Scripted;
pub use simulated::Simulated;

/// Which wire format a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Anthropic Messages.
    Anthropic,
    /// `OpenAI` Chat Completions, and every server compatible with it.
    OpenAi,
}

/// A provider as the settings name it.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its key under `providers` in the settings.
    pub name: String,
    /// What it speaks.
    pub kind: Kind,
    /// Where it is: `https://api.anthropic.com`, `http://127.0.0.1:11434`. Without a path, `/v1` is added.
    pub base_url: String,
    /// Its key; local servers want none.
    pub key: Option<Secret<String>>,
    /// Root certificates in PEM to trust beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// A provider that cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProvider {
    /// Not an address of a web server.
    #[error("providers.{0}.base_url is not an address such as https://example.org: {1}")]
    BaseUrl(String, String),
    /// The key holds characters that no header may hold, such as a line end.
    #[error("the key of {0} holds characters that no key has: check for line ends and quotes")]
    Key(String),
    /// The certificates cannot be read.
    #[error("providers.{0}.ca_file cannot be used: {1}")]
    CaFile(String, String),
    /// The system gives no encrypted connections.
    #[error("no encrypted connection to {0} can be set up: {1}")]
    Tls(String, String),
}

/// Sets up a provider's model port. Nothing is sent yet. Tries once a call; wrap it in [`Retrying`] for more.
///
/// # Errors
/// The settings cannot work.
pub fn connect(provider: &Provider) -> Result<Arc<dyn Model>, BadProvider> {
    connect_with(provider, None)
}

/// As [`connect`], with patience other than the usual one.
///
/// # Errors
/// The settings cannot work.
pub fn connect_with(
    provider: &Provider,
    timeouts: Option<Timeouts>,
) -> Result<Arc<dyn Model>, BadProvider> {
    let endpoint = http::Endpoint::new(provider, timeouts)?;
    Ok(match provider.kind {
        Kind::Anthropic => Arc::new(anthropic::Anthropic::new(endpoint)),
        Kind::OpenAi => Arc::new(openai::OpenAi::new(endpoint)),
    })
}

/// Who is asked and where, as far as texts of failures need it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The provider's name in the settings.
    pub name: String,
    /// Scheme, host and port; never a password.
    pub origin: String,
    /// On this machine.
    pub is_local: bool,
    /// Takes the key out of texts, in whatever form it comes back.
    redactor: Arc<Redactor>,
}

impl Place {
    /// Where this provider is.
    fn new(provider: &Provider, origin: String, is_local: bool) -> Self {
        let secrets = provider.key.iter().map(|key| (provider.name.as_str(), key));
        Self {
            name: provider.name.clone(),
            origin,
            is_local,
            redactor: Arc::new(Redactor::new(secrets)),
        }
    }

    /// A failure whose text is one short line without the key.
    #[must_use]
    pub fn failure(&self, kind: FailureKind, text: &str) -> CallFailure {
        failure::plain(kind, &self.redactor.redact(text))
    }

    #[cfg(test)]
    fn for_tests(name: &str, key: Option<&str>) -> Self {
        let provider = Provider {
            name: name.to_owned(),
            kind: Kind::Anthropic,
            base_url: "http://127.0.0.1:1".to_owned(),
            key: key.map(|key| Secret::new(key.to_owned())),
            ca_file: None,
        };
        Self::new(&provider, provider.base_url.clone(), true)
    }
}
