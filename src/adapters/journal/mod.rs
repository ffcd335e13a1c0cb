//! The journal's adapters: segment files on disk, and memory for tests and simulation.
//!
//! How the files look, from the smallest part up: [`record`] (bytes of one line), [`walk`] (one segment verified), [`segment`]
//! (names, trailers, the head file), [`survey`] (what a folder holds), [`mend`] (what opening
//! changes), [`files`] (the adapter), [`rescue`] (full check and
//! export).

mod disk;
pub mod files;
mod lock;
pub mod memory;
mod mend;
mod record;
pub mod rescue;
mod segment;
mod survey;
mod walk;
