//! What a person did last is taken back, whichever kind it was, and done again: marks and words in a review at once, decisions as
//! long as the host lets them be withdrawn.

use std::time::Instant;

use crate::base::id::{Digest, GateId, TaskId};
use crate::domain::change::{Comment, Mark};
use crate::domain::journal::{Command, World};
use crate::domain::sprint::{Gate, GateState, Verdict};
use crate::tui::action::Place;
use crate::tui::app::App;
use crate::tui::facts::{events, task_label, waiting, work_label};
use crate::tui::link::Request;
use crate::tui::theme::Token;

use super::Effect;

/// Acts that are remembered.
const ACTS: usize = 200;

/// What a person did, as far as it can be taken back.
#[derive(Clone, Debug, PartialEq)]
enum Act {
    /// Hunks of a review were marked: as they were, and as they are since.
    Marked {
        gate: GateId,
        before: Vec<(Digest, Mark)>,
        after: Vec<(Digest, Mark)>,
    },
    /// Words about a change were written, which are not sent yet: as they were, and as they are since.
    Worded {
        task: TaskId,
        before: Vec<Comment>,
        after: Vec<Comment>,
    },
    /// A task was added to a sprint that runs, by its name.
    Added { slug: String },
    /// Something was decided.
    Decided {
        gate: GateId,
        revision: Digest,
        verdict: Verdict,
    },
}

/// What was done here, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Acts {
    done: Vec<Act>,
    undone: Vec<Act>,
}

impl Acts {
    /// Remembers what a command does, if that can be taken back. What was taken back before cannot be done again then.
    pub(super) fn note(&mut self, command: &Command, world: &World) {
        let act = match command {
            Command::Mark { gate: id, marks } => world.gate(*id).map(|gate| Act::Marked {
                gate: *id,
                before: marked(gate, marks),
                after: marks.clone(),
            }),
            Command::Decide {
                gate,
                revision,
                verdict,
                is_final: false,
            } => Some(Act::Decided {
                gate: *gate,
                revision: *revision,
                verdict: verdict.clone(),
            }),
            Command::AddTask { task, .. } => Some(Act::Added {
                slug: task.slug.clone(),
            }),
            _ => None,
        };
        if let Some(act) = act {
            self.push(act);
        }
    }

    /// Remembers that words about a change were written.
    pub(super) fn worded(&mut self, task: TaskId, before: Vec<Comment>, after: Vec<Comment>) {
        if before != after {
            self.push(Act::Worded {
                task,
                before,
                after,
            });
        }
    }

    fn push(&mut self, act: Act) {
        self.undone.clear();
        self.done.push(act);
        let surplus = self.done.len().saturating_sub(ACTS);
        self.done.drain(..surplus);
    }
}

/// How these hunks are marked now.
fn marked(gate: &Gate, marks: &[(Digest, Mark)]) -> Vec<(Digest, Mark)> {
    let now = |hunk: &Digest| gate.marks.get(hunk).cloned().unwrap_or(Mark::Open);
    marks.iter().map(|(hunk, _)| (*hunk, now(hunk))).collect()
}

/// Marks in words: `2 hunks of t1 accepted`.
fn told(gate: &Gate, marks: &[(Digest, Mark)]) -> String {
    let count = marks.len();
    let hunks = if count == 1 { "hunk" } else { "hunks" };
    let how = match marks.first() {
        Some((_, Mark::Accepted)) => "accepted",
        Some((_, Mark::Rejected { .. })) => "rejected",
        Some((_, Mark::Open)) | None => "open",
    };
    format!("{count} {hunks} of {} {how}", work_label(gate.work))
}

impl App {
    /// Takes back what this person did last and what can be taken back; says what it was.
    pub(super) fn undo(&mut self, at: Instant) -> Vec<Effect> {
        if self.take_kept_back(at) {
            return Vec::new();
        }
        while let Some(act) = self.acts.done.pop() {
            if let Some(effects) = self.take_back(&act, at) {
                self.acts.undone.push(act);
                return effects;
            }
            // What was done before it is not taken back in its place by surprise.
            if let Some(text) = self.stays(&act) {
                self.say(Token::Info, text, at);
                return Vec::new();
            }
        }
        // What was decided elsewhere, or before this run.
        match waiting::undo(&self.known.world, &self.known.me) {
            Some(Command::Undo { gate }) => {
                let gate = self.known.world.gate(gate).cloned();
                gate.map(|gate| self.withdraw(&gate, at))
                    .into_iter()
                    .collect()
            }
            Some(command) => vec![self.submit(command)],
            None if self.place == Place::Settings => vec![Effect::Request(Request::TakeBack)],
            None => {
                self.say(Token::Info, "nothing of yours can be taken back now", at);
                Vec::new()
            }
        }
    }

    /// Takes an act back; none if that is no longer possible.
    fn take_back(&mut self, act: &Act, at: Instant) -> Option<Vec<Effect>> {
        match act {
            Act::Marked {
                gate,
                before,
                after,
            } => {
                let open = self.open_gate(*gate)?;
                if marked(open, after) != *after {
                    return None; // Somebody has marked them anew.
                }
                let text = format!("taken back: {}   U does it again", told(open, after));
                self.say(Token::Ok, text, at);
                Some(vec![self.submit_again(*gate, before)])
            }
            Act::Worded {
                task,
                before,
                after,
            } => {
                if self.panes.review.drafts_of(*task) != *after {
                    return None; // They are sent, or were changed since.
                }
                self.panes.review.set_drafts(*task, before.clone());
                let text = format!(
                    "taken back: words about {}   U writes them again",
                    task_label(*task)
                );
                self.say(Token::Ok, text, at);
                Some(Vec::new())
            }
            Act::Added { slug } => {
                let sprint = self.known.world.current()?;
                let mut tasks = sprint.tasks.values();
                let task =
                    tasks.find(|task| task.spec.slug == *slug && task.held_until.is_some())?;
                let command = Command::TakeBack(task.id);
                Some(vec![self.submit(command)])
            }
            Act::Decided { gate, .. } => {
                let gate = self.known.world.gate(*gate)?;
                let is_mine = matches!(&gate.state, GateState::Pending { by, .. } if by.to_string() == self.known.me);
                let gate = gate.clone();
                is_mine.then(|| vec![self.withdraw(&gate, at)])
            }
        }
    }

    /// What is said of a decision that has taken effect.
    fn stays(&self, act: &Act) -> Option<String> {
        let Act::Decided { gate, .. } = act else {
            return None;
        };
        let gate = self.known.world.gate(*gate)?;
        let GateState::Closed { verdict, by } = &gate.state else {
            return None;
        };
        let what = events::decided(verdict).0;
        let label = work_label(gate.work);
        let is_mine = by.to_string() == self.known.me;
        is_mine.then(|| format!("{what} {label}: that holds. u again: what was before it"))
    }

    /// Asks the host to take a decision back.
    fn withdraw(&mut self, gate: &Gate, at: Instant) -> Effect {
        if let GateState::Pending { verdict, .. } = &gate.state {
            let what = events::decided(verdict).0;
            let text = format!("taken back: {what} {}", work_label(gate.work));
            self.say_of(Some(gate.id), (Token::Info, text), at);
        }
        self.submit(Command::Undo { gate: gate.id })
    }

    /// Does again what was taken back last. A decision counts only on a card that was seen.
    pub(super) fn redo(&mut self, at: Instant) -> Vec<Effect> {
        let Some(act) = self.acts.undone.pop() else {
            self.say(
                Token::Info,
                "nothing was taken back that could be done again",
                at,
            );
            return Vec::new();
        };
        match &act {
            Act::Marked {
                gate,
                before,
                after,
            } => {
                let open = self.open_gate(*gate);
                let Some(open) = open.filter(|open| marked(open, before) == *before) else {
                    self.say(Token::Info, "these hunks have changed since", at);
                    return Vec::new();
                };
                let text = format!("again: {}", told(open, after));
                self.say(Token::Ok, text, at);
                let effects = vec![self.submit_again(*gate, after)];
                self.acts.done.push(act);
                effects
            }
            Act::Worded {
                task,
                before,
                after,
            } => {
                if self.panes.review.drafts_of(*task) == *before {
                    self.panes.review.set_drafts(*task, after.clone());
                    let text = format!("again: words about {}", task_label(*task));
                    self.say(Token::Ok, text, at);
                    self.acts.done.push(act);
                }
                Vec::new()
            }
            Act::Added { .. } => {
                self.say(Token::Info, "n adds a task again", at);
                Vec::new()
            }
            Act::Decided {
                gate,
                revision,
                verdict,
            } => {
                let is_shown = self
                    .gate()
                    .is_some_and(|shown| shown.id == *gate && shown.revision == *revision);
                if !is_shown {
                    let text = "the card that was decided must be open for that: w opens it";
                    self.say(Token::Info, text, at);
                    self.acts.undone.push(act);
                    return Vec::new();
                }
                if !self.arming.decides(at) {
                    self.acts.undone.push(act);
                    return Vec::new();
                }
                let again = Command::Decide {
                    gate: *gate,
                    revision: *revision,
                    verdict: verdict.clone(),
                    is_final: false,
                };
                self.decide(vec![again])
            }
        }
    }

    fn open_gate(&self, id: GateId) -> Option<&Gate> {
        let gate = self.known.world.gate(id)?;
        (gate.state == GateState::Open).then_some(gate)
    }

    /// Marks hunks without that being an act of its own.
    fn submit_again(&mut self, gate: GateId, marks: &[(Digest, Mark)]) -> Effect {
        let acts = std::mem::take(&mut self.acts);
        let marks = marks.to_vec();
        let effect = self.submit(Command::Mark { gate, marks });
        self.acts = acts;
        effect
    }
}
