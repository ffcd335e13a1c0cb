//! Agents: their roles, and one attempt as a machine: from a transcript to what is wanted next.

mod attempt;
mod brake;
pub mod role;

pub use attempt::{Answer, Attempt, CallState, End, Next, Nudge, Opening, Rejected, Shape, Step};
pub use brake::{Brake, Looping};
pub use role::{Role, RoleKind};
