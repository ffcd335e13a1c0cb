//! The only traits that the outside implements, one a file, each with its contract.

pub mod blobs;
pub mod clock;
pub mod journal;
pub mod model;
pub mod sandbox;
pub mod state;
pub mod vcs;
