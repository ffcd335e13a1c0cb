//! Looks for model servers on this machine at their usual ports, so that a user without a key can begin.

use std::time::Duration;

use futures_util::future::join_all;

use crate::adapters::model::http::Endpoint;
use crate::adapters::model::{Kind, Provider, Timeouts, json};

/// Servers and their usual ports, in the order of preference.
const USUAL: [(&str, u16); 4] = [
    ("ollama", 11434),
    ("llamacpp", 8080),
    ("vllm", 8000),
    ("lmstudio", 1234),
];

/// How long one server may take to answer.
const PATIENCE: Duration = Duration::from_millis(300);

/// A server that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalServer {
    /// The provider's name: `ollama`, `llamacpp`, `vllm`, `lmstudio`.
    pub name: String,
    /// Its address: `http://127.0.0.1:11434`.
    pub base_url: String,
    /// The models that it offers; never empty.
    pub models: Vec<String>,
}

/// Asks all usual ports at once; takes at most 300 ms.
pub async fn probe_local() -> Vec<LocalServer> {
    probe(&USUAL, PATIENCE).await
}

/// Asks these ports at once and waits so long for each. What answers with anything but a list of models is not one of ours: 8000 and 8080 are popular.
pub async fn probe(ports: &[(&str, u16)], patience: Duration) -> Vec<LocalServer> {
    let found = join_all(ports.iter().map(|(name, port)| ask(name, *port, patience))).await;
    found.into_iter().flatten().collect()
}

async fn ask(name: &str, port: u16, patience: Duration) -> Option<LocalServer> {
    let provider = Provider {
        name: name.to_owned(),
        kind: Kind::OpenAi,
        base_url: format!("http://127.0.0.1:{port}"),
        key: None,
        ca_file: None,
    };
    let timeouts = Timeouts {
        connect: patience,
        first_byte: patience,
        idle: patience,
    };
    let endpoint = Endpoint::new(&provider, Some(timeouts)).ok()?;
    let list = tokio::time::timeout(patience, endpoint.get("models", Vec::new()))
        .await
        .ok()?
        .ok()?;
    let models = json::model_names(&list);
    (!models.is_empty()).then(|| LocalServer {
        name: name.to_owned(),
        base_url: provider.base_url,
        models,
    })
}
