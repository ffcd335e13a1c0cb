//! One step of the machine: a command is decided, its events are applied, and what follows from them by itself is added until nothing
//! more follows.

use serde::{Deserialize, Serialize};

use crate::base::id::CommandId;
use crate::base::time::Timestamp;
use crate::domain::journal::consequence::consequences;
use crate::domain::journal::decide::decide;
use crate::domain::journal::{Command, Event, Refusal, World};
use crate::domain::presence::Standing;
use crate::domain::security::Actor;

/// A command and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// A client's name for it; none for what effects report.
    pub id: Option<CommandId>,
    /// Who asks.
    pub by: Actor,
    /// What they may do, if they are a person.
    pub standing: Standing,
    /// From which client.
    pub client: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub command: Command,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answered {
    /// It is done; the number of its last event.
    Done(u64),
    /// It was done before under the same name.
    Again(u64),
}

/// More follow-ups than any command of this machine can have: a guard against a rule that never comes to rest.
const MOST_FOLLOWING: usize = 1_000_000;

/// Decides a command and applies everything that follows. On a refusal the world is as before. [`World::open`] is up to date before
/// and afterwards; [`World::settle`] tells which of its keys changed, over one step or many. A command that was accepted before under
/// the same name is not recognised here: ask [`World::answer_to`] first.
///
/// # Errors
/// The refusal, in words for people.
pub fn step(world: &mut World, input: &Input) -> Result<Vec<Event>, Refusal> {
    // Decisions look at the wanted effects, which a fold leaves for later.
    world.recompute();
    let mut events = decide(world, input)?;
    for event in &events {
        world.apply(event, input.at);
    }
    // Scopes are looked at until none is left; applying an event puts all that it touches back on the list.
    while let Some(scope) = world.next_restless() {
        if let Some(event) = consequences(world, scope, input.at) {
            world.touch(scope);
            world.apply(&event, input.at);
            events.push(event);
        }
        if events.len() > MOST_FOLLOWING {
            debug_assert!(false, "the rules do not come to rest");
            break;
        }
    }
    world.recompute();
    world.seq += events.len() as u64;
    if let (Some(id), false) = (&input.id, events.is_empty()) {
        world.remember(id.clone(), world.seq);
    }
    Ok(events)
}
