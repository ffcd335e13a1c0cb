//! The gateway to models: which provider answers for a route. One door, so that caches, breakers and limits have one place to stand.
//! Prices and budgets are settled in the journal, not here.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::tokens::TokenUsage;
use crate::domain::llm::{CallFailure, FailureKind, Reply, Request, Route};
use crate::engine::ports::model::{Model, Sink};

/// All providers by the name that routes give them.
#[derive(Clone, Default)]
pub struct Gateway {
    models: BTreeMap<String, Arc<dyn Model>>,
}

impl Gateway {
    /// A gateway to these providers.
    #[must_use]
    pub fn new(models: BTreeMap<String, Arc<dyn Model>>) -> Self {
        Self { models }
    }

    /// Asks the provider of a route.
    ///
    /// # Errors
    /// The provider failed, or there is none of that name.
    pub async fn call(
        &self,
        route: &Route,
        request: &Request,
        sink: Sink<'_>,
    ) -> Result<Reply, CallFailure> {
        match self.models.get(&route.provider) {
            Some(model) => model.call(request, sink).await,
            None => Err(CallFailure {
                kind: FailureKind::Auth,
                text: format!(
                    "no key and no address for the provider {}: set its key in the environment, or providers.{}.base_url",
                    route.provider, route.provider
                ),
                retry_after_ms: None,
                usage: TokenUsage::default(),
            }),
        }
    }
}
