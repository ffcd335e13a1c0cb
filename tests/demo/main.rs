//! The demo, played with the real binary: what it prints and leaves, what becomes of a dirty checkout, and what a kill at any moment
//! changes, which is nothing. `AIOS_PROOF=full` kills ten times as often.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops where something is missing"
)]

mod dirty;
mod kill;
mod plain;
mod stage;
