//! The blob store's adapters: content-addressed files, and memory for tests and simulation.

pub mod files;
pub mod memory;
