//! Asking a model: the request, the reservation, the stream, the reply.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use crate::base::id::Digest;
use crate::base::money::Money;
use crate::domain::journal::{BeganModel, ModelBrief, Report};
use crate::domain::llm::{CallFailure, FailureKind, Reply, Request, StreamItem};
use crate::engine::agents::{assemble, calls};
use crate::engine::reconcile::carry::Carrier;

impl Carrier {
    pub(super) async fn model(&self, brief: ModelBrief, asked: &AtomicBool) -> Option<Report> {
        let _permit = self.limits.models.acquire().await;
        let shop = self.shop.clone();
        let of = brief.clone();
        let made = tokio::task::spawn_blocking(move || {
            assemble(&of, &shop.custom().fragments, &|body| shop.text(body))
        })
        .await;
        let request = match made {
            Ok(Ok(request)) => Ok(request),
            Ok(Err(bad)) => Err(bad.to_string()),
            Err(_) => Err("the request broke off".to_owned()),
        };
        let model = Self::began_model(&brief, request.as_ref().ok());
        if !self.begin(Some(model), asked).await {
            return None;
        }
        let started = Instant::now();
        let answered = match request {
            Ok(request) => self.ask(&brief, &request).await,
            Err(text) => Err(failure(FailureKind::BadRequest, text)),
        };
        let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Some(match answered {
            Ok(reply) => self.replied(&brief, reply, latency_ms).await,
            Err(failure) => Report::CallFailed {
                failure,
                latency_ms,
            },
        })
    }

    /// What is recorded before a call: the worst case of its cost above all.
    pub(super) fn began_model(brief: &ModelBrief, request: Option<&Request>) -> BeganModel {
        BeganModel {
            route: brief.choice.route.clone(),
            tier: brief.tier,
            reserved: request.map_or(Money::ZERO, |request| {
                let price = brief.choice.price;
                price.worst_case(request.estimated_prompt(), request.max_output)
            }),
            fingerprint: request.map_or_else(|| Digest::of(b""), Request::fingerprint),
            words: brief.words,
        }
    }

    async fn ask(&self, brief: &ModelBrief, request: &Request) -> Result<Reply, CallFailure> {
        let signals = self.handle.signals.clone();
        let key = self.key;
        let mut sink = move |item: &StreamItem| match item {
            StreamItem::Text(text) => signals.say(key, text),
            StreamItem::CallBegins { name, .. } => signals.say(key, &format!("\n[{name}]\n")),
            StreamItem::CallArgs { .. }
            | StreamItem::Opaque { .. }
            | StreamItem::Usage(_)
            | StreamItem::Stop(_)
            | StreamItem::End => {}
        };
        self.shop
            .gateway
            .call(&brief.choice.route, request, &mut sink)
            .await
    }

    async fn replied(&self, brief: &ModelBrief, reply: Reply, latency_ms: u64) -> Report {
        let calls = calls(&reply, &brief.role);
        let text = reply.text();
        let first_line = crate::base::text::first_line(&text, 120);
        let usage = reply.usage;
        let shop = self.shop.clone();
        let kept = tokio::task::spawn_blocking(move || {
            let json = serde_json::to_string(&reply.blocks).map_err(|error| error.to_string())?;
            shop.keep(&json)
        })
        .await;
        match kept {
            Ok(Ok(reply)) => Report::Replied {
                reply,
                first_line,
                calls,
                usage,
                latency_ms,
            },
            Ok(Err(why)) => Report::CallFailed {
                failure: CallFailure {
                    usage,
                    ..failure(FailureKind::Cut, why)
                },
                latency_ms,
            },
            Err(_) => {
                let failure = CallFailure {
                    usage,
                    ..failure(FailureKind::Cut, "the reply could not be kept".to_owned())
                };
                Report::CallFailed {
                    failure,
                    latency_ms,
                }
            }
        }
    }
}

fn failure(kind: FailureKind, text: String) -> CallFailure {
    CallFailure {
        kind,
        text,
        retry_after_ms: None,
        usage: crate::base::tokens::TokenUsage::default(),
    }
}
