//! What is said to a language model and what it answers, in no provider's words. Wire formats live in the adapters; prices in
//! [`cost`](crate::domain::cost); who is asked is the routing policy's business.

mod fold;
mod message;
mod route;

pub use fold::{DeltaFold, Malformed, StreamItem};
pub use message::{
    Block, Message, Metadata, Reply, Request, Speaker, StopReason, ToolOffer, ToolUse,
};
pub use route::{BadRoute, CallFailure, FailureKind, Route, Tier};
