//! What is true: pure functions over plain data. No async, no I/O, no clock, no randomness, no logging; time, ids and results
//! arrive inside commands. The rooms stand in the order in which they may import one another.

pub mod agent;
pub mod change;
pub mod cost;
pub mod journal;
pub mod llm;
pub mod presence;
pub mod security;
pub mod sprint;
pub mod tool;
pub mod workflow;
