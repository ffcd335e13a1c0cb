//! The path that a task walks: a graph of nodes with edges taken on outcomes, as data that is checked when it is loaded; and the
//! project's checks.

pub use crate::domain::change::checks;
mod graph;

pub use graph::{BadWorkflow, Edge, Node, NodeKind, Outcome, Workflow};
