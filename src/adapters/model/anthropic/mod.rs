//! Anthropic Messages (version 2023-06-01): the port over the codec.

use futures_util::future::BoxFuture;

use crate::adapters::model::http::{Endpoint, Header};
use crate::adapters::model::json;
use crate::domain::llm::{CallFailure, Reply, Request};
use crate::engine::ports::model::{Model, Sink};

pub mod codec;
pub mod events;
#[cfg(test)]
mod tests;

/// A server of this format.
pub struct Anthropic {
    endpoint: Endpoint,
}

impl Anthropic {
    /// Behind this endpoint.
    #[must_use]
    pub const fn new(endpoint: Endpoint) -> Self {
        Self { endpoint }
    }

    fn headers(&self) -> Vec<Header> {
        let mut headers = vec![Header::plain("anthropic-version", "2023-06-01")];
        headers.extend(
            self.endpoint
                .key()
                .map(|key| Header::secret("x-api-key", key)),
        );
        headers
    }
}

impl Model for Anthropic {
    fn call<'a>(
        &'a self,
        request: &'a Request,
        sink: Sink<'a>,
    ) -> BoxFuture<'a, Result<Reply, CallFailure>> {
        Box::pin(async move {
            let body = codec::body(request).to_string();
            let decoder = events::Events::default();
            self.endpoint
                .stream(("messages", self.headers(), body), decoder, request, sink)
                .await
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<String>, CallFailure>> {
        Box::pin(async move {
            let found = self
                .endpoint
                .get("models?limit=1000", self.headers())
                .await?;
            Ok(json::model_names(&found))
        })
    }
}
