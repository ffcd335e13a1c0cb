//! The session: one suite over the client in process and the client over the socket, what a hostile or careless other end can do, and
//! whole processes that come and go.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod binary;
mod bridge;
mod contract;
mod line;
#[expect(dead_code, reason = "only one of its two questions is asked here")]
#[path = "../support/needs.rs"]
mod needs;
mod parts;
mod presence;
mod processes;
mod rig;
mod verbs;
