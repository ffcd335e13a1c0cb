//! The port to language models: one call, one try. Prices, budgets and routes are not its business, and neither is a second
//! try: a wrapper (`Retrying` of the adapters) adds that around any implementation.

use futures_util::future::BoxFuture;

use crate::domain::llm::{CallFailure, Reply, Request, StreamItem};

/// Takes the pieces of an answer as they come; must be quick.
pub type Sink<'a> = &'a mut (dyn FnMut(&StreamItem) + Send);

/// Something that answers requests.
///
/// The contract of every implementation:
/// - A reply is whole, or there is none. A call (of a tool) that was cut is in no reply.
/// - A failure carries the tokens that are used up all the same, as far as they are known.
/// - [`StreamItem::Usage`] reaches the sink only as the provider's own count. A usage in the reply or the failure that the
///   sink has not seen is an estimate.
/// - Texts of failures are one line without control characters, of at most 300 characters, and never hold a key.
pub trait Model: Send + Sync {
    /// One call, one try. Dropping the future ends the call. Returns only whole replies.
    ///
    /// # Errors
    /// Why there is no reply; the kind alone decides what happens next.
    fn call<'a>(
        &'a self,
        request: &'a Request,
        sink: Sink<'a>,
    ) -> BoxFuture<'a, Result<Reply, CallFailure>>;

    /// The names of the models on offer there, for discovery and the doctor.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    fn list(&self) -> BoxFuture<'_, Result<Vec<String>, CallFailure>>;
}
