//! The git adapter against real repositories, with the `git` of this machine. Every test has its own folder, home included.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on says where by a panic, and one that is left out says why"
)]

mod facts;
mod history;
mod hostile;
mod land;
mod sample;
mod snapshot;
mod tour;
mod worktree;
