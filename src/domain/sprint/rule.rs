//! Commands that run without a question in a sprint, because a person said so: which are in force, and which could be.

use std::collections::BTreeSet;

use crate::base::id::Digest;
use crate::base::text::{SafeText, clip};
use crate::domain::security::Actor;
use crate::domain::sprint::{Ask, Gate, GateState, Reach, Sprint, Task, Verdict};
use crate::domain::tool::risk;

/// The same answers of one person after which a rule is offered.
const ANSWERS: usize = 3;

/// Cells of a command in the list of rules.
const CELLS: usize = 120;

/// A command that a person allowed beyond one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which, by its hash.
    pub command: Digest,
    /// How far.
    pub reach: Reach,
    /// The command as one line, cut if it is long.
    pub text: String,
}

/// A command as the list of rules has it.
#[must_use]
pub fn brief(command: &str) -> String {
    clip(SafeText::line(command).as_str(), CELLS)
}

impl Sprint {
    /// The rules in force: of the sprint, and of tasks that are not over.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        let is_in_force = |reach: &Reach| match reach {
            Reach::Sprint => !self.is_closed(),
            Reach::Task(task) => self.task(*task).is_some_and(|task| !Task::is_over(task)),
        };
        let grants = self
            .grants
            .iter()
            .filter(|((_, reach), _)| is_in_force(reach));
        grants
            .map(|((command, reach), text)| Rule {
                command: *command,
                reach: *reach,
                text: text.clone(),
            })
            .collect()
    }

    /// Items about commands that could be allowed for the whole sprint, one a command: those that wait, then those that were allowed
    /// before. Never a risky one.
    #[must_use]
    pub fn allowable(&self) -> Vec<&Gate> {
        let open = self
            .gates
            .values()
            .filter(|gate| gate.state == GateState::Open);
        let before = self
            .gates
            .values()
            .filter(|gate| allowed_by(gate).is_some());
        let mut seen = BTreeSet::new();
        open.chain(before)
            .filter(|gate| self.can_be_rule(gate))
            .filter(|gate| command_of(gate).is_some_and(|command| seen.insert(command)))
            .collect()
    }

    /// Whether a person has allowed the command of an item so often that a rule is worth offering.
    #[must_use]
    pub fn offers_rule(&self, gate: &Gate, person: &str) -> bool {
        let is_theirs = |by: &Actor| matches!(by, Actor::Person { name, .. } if name == person);
        let same = self.gates.values().filter(|other| {
            command_of(other) == command_of(gate) && allowed_by(other).is_some_and(is_theirs)
        });
        gate.state == GateState::Open && self.can_be_rule(gate) && same.count() >= ANSWERS
    }

    fn can_be_rule(&self, gate: &Gate) -> bool {
        command_of(gate).is_some_and(|command| {
            let rule = (Digest::of(command.as_bytes()), Reach::Sprint);
            !risk::is_high(command) && !self.grants.contains_key(&rule)
        })
    }
}

/// The command that an item asks about, if it asks about one.
#[must_use]
pub fn command_of(gate: &Gate) -> Option<&str> {
    match &gate.ask {
        Ask::Tool { command, .. } => Some(command),
        _ => None,
    }
}

/// Who allowed the command of an item, if somebody did.
#[must_use]
pub const fn allowed_by(gate: &Gate) -> Option<&Actor> {
    match &gate.state {
        GateState::Closed {
            verdict: Verdict::Allow(_),
            by,
        } => Some(by),
        _ => None,
    }
}
