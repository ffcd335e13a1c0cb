//! The real binary, headless, on real repositories, against a provider on the loopback device: what completes, what is refused, with
//! which code, and what is left behind.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot prepare or read its own parts fails"
)]

#[expect(dead_code, reason = "shared with other crates, which use other parts")]
#[path = "../support/agents.rs"]
mod agents;
#[path = "../support/bench.rs"]
mod bench;
mod conflict;
mod cuts;
mod journal;
#[expect(dead_code, reason = "shared with other crates, which use other parts")]
#[path = "../support/llm.rs"]
mod llm;
#[path = "../support/needs.rs"]
mod needs;
mod plain;
mod projects;
#[cfg(test)]
#[path = "../support/pty.rs"]
mod pty;
mod refused;
mod verbs;
