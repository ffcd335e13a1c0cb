//! The journal's words and the machine over them: commands come in, [`decide`](step::step) says what happened, the [`World`] is the
//! fold of all that happened, and [`desired`] says which effects ought to be running now.

mod access;
mod apply;
mod brief;
mod command;
mod consequence;
mod decide;
mod desired;
mod effect;
mod envelope;
mod event;
mod narrate;
mod step;
mod world;

pub use access::needs;
pub use brief::{Effect, ModelBrief, Resolved, Speech, TaskFacts};
pub use command::{Command, Refusal, Report};
pub use desired::{Hold, Wanted};
pub use effect::EffectKey;
pub use envelope::{Envelope, VOCABULARY, upcast};
pub use event::{BeganModel, EndedCall, Event, PauseScope, Sides};
pub use narrate::{Line, asked, narrate};
pub use step::{Answered, Input, step};
pub use world::{Scope, World};

#[cfg(test)]
#[path = "../../../tests/support/world.rs"]
mod stage;
#[cfg(test)]
mod tests;
