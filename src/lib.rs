//! AIOS, a control center in the terminal for a team of AI software agents.
//!
//! A tour in reading order. Each module imports only from those above it (`tests/tidy.rs` holds the lists):
//!
//! 1. [`base`]: words without business meaning: ids, money, tokens, time, text, paths, secrets.
//! 2. [`domain`]: what is true. Pure: no async, no I/O, no clock, no randomness, no logging.
//! 3. [`engine`]: what the program does: the single writer, the reconciler, the agents' turns, tools, checks.
//! 4. [`adapters`]: back doors that implement the engine's ports; [`tui`], [`session`], [`cli`]: front doors.
//! 5. [`boot`]: the only place that sees everything: configuration, wiring, start and stop.

// Test support that other test crates share names this crate from outside.
#[cfg(test)]
extern crate self as aios;

pub mod adapters;
pub mod base;
pub mod boot;
pub mod cli;
pub mod domain;
pub mod engine;
pub mod session;
pub mod tui;
