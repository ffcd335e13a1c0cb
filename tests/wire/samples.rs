//! A request, a provider and a call, as the tests of this crate need them.

use std::sync::Arc;
use std::time::Duration;

use aios::adapters::model::{Kind, Provider, Retrying, Timeouts, connect_with};
use aios::base::secret::Secret;
use aios::domain::llm::{CallFailure, Message, Metadata, Reply, Request, StreamItem, ToolOffer};
use aios::engine::ports::model::Model;

/// The key of the tests.
pub(crate) const KEY: &str = "sk-very-secret-key";

/// A short request with one tool.
pub(crate) fn request() -> Request {
    Request {
        model: "model-x".to_owned(),
        system: "Rules.".to_owned(),
        messages: vec![Message::user("Do it.")],
        tools: vec![ToolOffer {
            name: "read_file".to_owned(),
            description: "Reads.".to_owned(),
            schema: r#"{"type":"object"}"#.to_owned(),
        }],
        max_output: 100,
        metadata: Metadata {
            attempt: "s1.t2.a1".parse().unwrap(),
            step: 0,
            role: "backend".to_owned(),
            slug: "api".to_owned(),
            goal: "A goal".to_owned(),
        },
    }
}

/// A provider named `fake` at this address.
pub(crate) fn provider(kind: Kind, base_url: &str) -> Provider {
    Provider {
        name: "fake".to_owned(),
        kind,
        base_url: base_url.to_owned(),
        key: Some(Secret::new(KEY.to_owned())),
        ca_file: None,
    }
}

/// Its port with this patience.
pub(crate) fn model(kind: Kind, base_url: &str, patience: Duration) -> Arc<dyn Model> {
    let timeouts = Timeouts {
        connect: patience,
        first_byte: patience,
        idle: patience,
    };
    connect_with(&provider(kind, base_url), Some(timeouts)).unwrap()
}

/// The same, tried again without waiting.
pub(crate) fn retrying(model: Arc<dyn Model>) -> Retrying {
    Retrying::new(model, Arc::new(|_| Box::pin(std::future::ready(()))))
}

/// Calls and gathers what the sink sees. Texts of failures are checked at every call.
pub(crate) async fn ask(model: &dyn Model) -> (Result<Reply, CallFailure>, Vec<StreamItem>) {
    let mut seen = Vec::new();
    let outcome = model
        .call(&request(), &mut |item| seen.push(item.clone()))
        .await;
    if let Err(failure) = &outcome {
        let text = &failure.text;
        assert!(!text.is_empty() && text.chars().count() <= 300, "{text:?}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(!text.contains(KEY), "{text:?}");
    }
    (outcome, seen)
}
