//! The derived state's adapters: sled, and memory for tests and for when sled cannot be opened.

pub mod memory;
pub mod sled;
