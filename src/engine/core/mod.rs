//! The core: the only writer. One thread owns the world and the journal; commands come through a bounded mailbox, whatever has queued up
//! is decided one by one, made durable with one flush, published, and only then answered and acted on.
//!
//! Not here: what is decided (`domain::journal`), and how effects are carried out (`engine::reconcile`).

mod feed;
mod handle;
mod load;
mod recover;
mod signals;
mod turn;

pub use feed::{Feed, Pulled};
pub use handle::{CoreGone, CoreHandle, Post};
pub use load::{Loaded, export_world, load};
pub use signals::{Signals, Slot};
pub use turn::{Core, CoreParts, Follower, MAILBOX};

#[cfg(test)]
mod tests;
