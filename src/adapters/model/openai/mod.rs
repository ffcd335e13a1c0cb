//! Chat Completions of `OpenAI` and of every server compatible with it (Ollama, llama.cpp, vLLM, LM Studio, gateways): the port over
//! the codec. Servers differ in which fields they refuse; what one refuses is remembered and not sent again.
//!
//! A server that sends no usage gets an estimate of a token for four bytes, in the reply only: the sink never sees it.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::BoxFuture;

use crate::adapters::model::http::{Endpoint, Header};
use crate::adapters::model::json;
use crate::domain::llm::{CallFailure, FailureKind, Reply, Request};
use crate::engine::ports::model::{Model, Sink};

pub mod codec;
pub mod events;
#[cfg(test)]
mod tests;

use codec::Dialect;

/// A server of this format.
pub struct OpenAi {
    endpoint: Endpoint,
    wants_max_completion_tokens: AtomicBool,
    refuses_stream_options: AtomicBool,
}

impl OpenAi {
    /// Behind this endpoint.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        let is_original = endpoint.place().origin.ends_with("//api.openai.com");
        Self {
            endpoint,
            wants_max_completion_tokens: AtomicBool::new(is_original),
            refuses_stream_options: AtomicBool::new(false),
        }
    }

    fn dialect(&self) -> Dialect<'_> {
        Dialect {
            provider: &self.endpoint.place().name,
            wants_max_completion_tokens: self.wants_max_completion_tokens.load(Ordering::Relaxed),
            refuses_stream_options: self.refuses_stream_options.load(Ordering::Relaxed),
        }
    }

    /// Learns from a refusal; true if the next request will differ.
    fn learns(&self, failure: &CallFailure) -> bool {
        if failure.kind != FailureKind::BadRequest {
            return false;
        }
        let names_limit =
            failure.text.contains("max_completion_tokens") && failure.text.contains("max_tokens");
        let learns_limit = names_limit
            && !self
                .wants_max_completion_tokens
                .swap(true, Ordering::Relaxed);
        let names_options = failure.text.contains("stream_options");
        let learns_options =
            names_options && !self.refuses_stream_options.swap(true, Ordering::Relaxed);
        learns_limit || learns_options
    }

    fn headers(&self) -> Vec<Header> {
        let key = self.endpoint.key();
        key.map(|key| Header::secret("authorization", &format!("Bearer {key}")))
            .into_iter()
            .collect()
    }

    async fn once(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, CallFailure> {
        let dialect = self.dialect();
        let body = codec::body(request, &dialect).to_string();
        let decoder = events::Events::new(dialect.provider);
        self.endpoint
            .stream(
                ("chat/completions", self.headers(), body),
                decoder,
                request,
                sink,
            )
            .await
    }
}

impl Model for OpenAi {
    fn call<'a>(
        &'a self,
        request: &'a Request,
        sink: Sink<'a>,
    ) -> BoxFuture<'a, Result<Reply, CallFailure>> {
        Box::pin(async move {
            loop {
                match self.once(request, sink).await {
                    // A refused field costs nothing, so this is still one try. Each is learnt once, so this ends.
                    Err(failure) if self.learns(&failure) => {}
                    outcome => return outcome,
                }
            }
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<String>, CallFailure>> {
        Box::pin(async move {
            let found = self.endpoint.get("models", self.headers()).await?;
            Ok(json::model_names(&found))
        })
    }
}
