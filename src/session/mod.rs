//! The session protocol: how every surface talks to the host. In process and over the socket it is the same client.
//!
//! Reading order: [`client`] (what a surface holds), [`local`] (in the host's own process), [`protocol`] and [`codec`] (what goes over
//! the line), [`peer`] (who is at its other end), [`presence`] (who else is there), [`server`], [`mod@line`] and [`remote`] (its two ends). Starting and finding hosts is `boot`'s.

mod client;
pub mod codec;
mod line;
mod local;
mod peer;
mod presence;
pub mod protocol;
mod remote;
mod server;

pub use client::{Gone, Saying, SessionClient};
pub use line::AttachFailure;
pub use peer::{descends, name_of};
pub use presence::{Company, Guest, Matter, Note, Presence, Spot, View, Way};
pub use server::{BindFailure, Listener, Server};
