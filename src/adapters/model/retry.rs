//! A few more tries for calls that failed before anything came: at rate limits, overload and unreachable servers. The waits
//! are fixed and a provider's own wish is honoured. Longer trouble is the engine's business, which parks the work.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::domain::llm::{CallFailure, FailureKind, Reply, Request, StreamItem};
use crate::engine::ports::model::{Model, Sink};

/// How often a call is tried.
const TRIES: u32 = 3;

/// A longer wait is not slept through here: the failure goes up and carries the wish.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Waits for a length of time. Handed in, so that tests do not sleep.
pub type Sleeper = Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>;

/// The real one.
#[must_use]
pub fn sleeper() -> Sleeper {
    Arc::new(|length| Box::pin(tokio::time::sleep(length)))
}

/// Any model with up to three tries a call.
pub struct Retrying {
    inner: Arc<dyn Model>,
    sleeper: Sleeper,
}

impl Retrying {
    /// Wraps `inner`.
    #[must_use]
    pub const fn new(inner: Arc<dyn Model>, sleeper: Sleeper) -> Self {
        Self { inner, sleeper }
    }
}

/// How long to wait after the failure of this try (counted from 0); none if another try is not worth it.
fn wait(failure: &CallFailure, number: u32) -> Option<Duration> {
    let may_help = match failure.kind {
        FailureKind::Unreachable | FailureKind::RateLimited | FailureKind::Overloaded => true,
        // A cut or broken answer is paid for: asking again is a decision that the engine takes.
        FailureKind::Cut
        | FailureKind::Malformed
        | FailureKind::Auth
        | FailureKind::NoCredit
        | FailureKind::UnknownModel
        | FailureKind::ContextOverflow
        | FailureKind::BadRequest => false,
    };
    if !may_help || number + 1 >= TRIES {
        return None;
    }
    let own = Duration::from_secs(1_u64 << number.min(6));
    let asked = Duration::from_millis(failure.retry_after_ms.unwrap_or(0));
    Some(own.max(asked)).filter(|wait| *wait <= LONGEST_WAIT)
}

impl Model for Retrying {
    fn call<'a>(
        &'a self,
        request: &'a Request,
        sink: Sink<'a>,
    ) -> BoxFuture<'a, Result<Reply, CallFailure>> {
        Box::pin(async move {
            let mut number = 0;
            loop {
                let mut has_begun = false;
                let mut watched = |item: &StreamItem| {
                    has_begun = true;
                    sink(item);
                };
                let failure = match self.inner.call(request, &mut watched).await {
                    Ok(reply) => return Ok(reply),
                    Err(failure) => failure,
                };
                match wait(&failure, number) {
                    Some(length) if !has_begun => (self.sleeper)(length).await,
                    _ => return Err(failure),
                }
                number += 1;
            }
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<String>, CallFailure>> {
        self.inner.list()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::adapters::model::Scripted;
    use crate::adapters::model::samples::request;

    /// Asks a script with retries; gives the outcome and the waits in milliseconds.
    fn ask(script: &str) -> (Result<Reply, CallFailure>, Vec<u128>, Vec<usize>) {
        let waits = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&waits);
        let sleeper: Sleeper = Arc::new(move |length| {
            noted.lock().unwrap().push(length.as_millis());
            Box::pin(std::future::ready(()))
        });
        let scripted = Arc::new(Scripted::parse(script).unwrap());
        let retrying = Retrying::new(Arc::<Scripted>::clone(&scripted), sleeper);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let outcome = runtime.block_on(retrying.call(&request(), &mut |_| {}));
        let waits = waits.lock().unwrap().clone();
        (outcome, waits, scripted.unused())
    }

    #[test]
    fn transient_failures_are_tried_three_times() {
        let fine = r#"{"reply": {"text": "Hi"}}"#;
        let busy = r#"{"fail": {"kind": "Overloaded", "text": "busy"}}"#;
        let (outcome, waits, _) = ask(&[busy, busy, fine].join("\n"));
        assert_eq!(
            (outcome.unwrap().text().as_str(), waits),
            ("Hi", vec![1000, 2000])
        );
        let (outcome, waits, unused) = ask(&[busy, busy, busy, fine].join("\n"));
        assert_eq!(
            (outcome.unwrap_err().text.as_str(), waits.len(), unused),
            ("busy", 2, vec![4])
        );
    }

    #[test]
    fn a_wish_to_wait_is_honoured_up_to_a_minute() {
        let fine = r#"{"reply": {"text": "Hi"}}"#;
        let limited =
            r#"{"fail": {"kind": "RateLimited", "text": "slow", "retry_after_ms": 7000}}"#;
        let (outcome, waits, _) = ask(&[limited, fine].join("\n"));
        assert_eq!((outcome.is_ok(), waits), (true, vec![7000]));
        let long = r#"{"fail": {"kind": "RateLimited", "text": "slow", "retry_after_ms": 61000}}"#;
        let (outcome, waits, _) = ask(&[long, fine].join("\n"));
        assert_eq!(
            (outcome.unwrap_err().retry_after_ms, waits.len()),
            (Some(61_000), 0)
        );
    }

    #[test]
    fn what_more_tries_do_not_help_is_not_tried_again() {
        for kind in [
            "Cut",
            "Malformed",
            "Auth",
            "NoCredit",
            "UnknownModel",
            "ContextOverflow",
            "BadRequest",
        ] {
            let failing = format!(r#"{{"fail": {{"kind": "{kind}", "text": "no"}}}}"#);
            let (outcome, waits, unused) = ask(&format!("{failing}\n{{}}"));
            assert_eq!(
                (outcome.is_err(), waits.len(), unused),
                (true, 0, vec![2]),
                "{kind}"
            );
        }
    }

    /// Says something and then fails.
    struct Breaking;

    impl Model for Breaking {
        fn call<'a>(
            &'a self,
            _: &'a Request,
            sink: Sink<'a>,
        ) -> BoxFuture<'a, Result<Reply, CallFailure>> {
            sink(&StreamItem::Text("Hel".to_owned()));
            let failure = crate::adapters::model::failure::plain(FailureKind::Overloaded, "busy");
            Box::pin(std::future::ready(Err(failure)))
        }

        fn list(&self) -> BoxFuture<'_, Result<Vec<String>, CallFailure>> {
            Box::pin(std::future::ready(Ok(Vec::new())))
        }
    }

    #[test]
    fn nothing_is_tried_again_after_the_first_piece() {
        let sleeper: Sleeper = Arc::new(|_| panic!("waits"));
        let retrying = Retrying::new(Arc::new(Breaking), sleeper);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let mut pieces = 0;
        let outcome = runtime.block_on(retrying.call(&request(), &mut |_| pieces += 1));
        assert!(outcome.is_err());
        assert_eq!(pieces, 1);
    }
}
