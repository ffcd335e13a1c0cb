//! Putting a sprint away. Once the next one is under way, nobody works in it or watches it any more, and the world, which every client
//! holds, must not grow with all that was ever said. What was said stands in the journal; here stay its sums, its plan, its tasks and
//! what was decided.

use crate::domain::agent::{Attempt, Brake};
use crate::domain::sprint::{Ask, Gate, Sprint, Task};

impl Sprint {
    /// Drops what is of use only in a sprint that runs or was the last one to run.
    pub fn shelve(&mut self) {
        self.is_shelved = true;
        for role in &mut self.setup.team {
            role.prompt = String::new();
            role.tools = Vec::new();
        }
        self.plan.raw = None;
        self.grants.clear();
        self.allowed.clear();
        self.attempts.values_mut().for_each(shelve_attempt);
        self.gates.values_mut().for_each(shelve_gate);
        self.tasks.values_mut().for_each(shelve_task);
    }
}

/// The conversation goes; who it was, what it cost and how it ended stays.
fn shelve_attempt(attempt: &mut Attempt) {
    attempt.told = Vec::new();
    attempt.steps = Vec::new();
    attempt.inbox = Vec::new();
    attempt.brake = Brake::default();
}

/// The marks on single hunks go; what was asked and decided stays.
fn shelve_gate(gate: &mut Gate) {
    gate.marks.clear();
    gate.splits.clear();
    if let Ask::Diff { hunks, .. } = &mut gate.ask {
        *hunks = Vec::new();
    }
}

/// Which call wrote which file goes, and what checks printed; the change, its files and the verdicts stay.
fn shelve_task(task: &mut Task) {
    task.edits.clear();
    task.feedback = None;
    let files = task.change.iter_mut().flat_map(|change| &mut change.files);
    files.for_each(|file| file.hunks = Vec::new());
    let results = task.checks.iter_mut().chain(&mut task.proofs).flatten();
    results.for_each(|result| result.tail = String::new());
}
