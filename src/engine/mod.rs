//! What the program does: the single writer, the reconciler, agents, tools, checks, changes.

pub mod agents;
pub mod changes;
pub mod checks;
pub mod core;
pub mod costs;
pub mod llm;
pub mod ports;
pub mod reconcile;
pub mod tools;
