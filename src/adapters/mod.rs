//! Back doors: each implements one of the engine's ports. Adapters never import one another.

pub mod blobs;
pub mod journal;
pub mod model;
pub mod sandbox;
pub mod state;
pub mod vcs;
