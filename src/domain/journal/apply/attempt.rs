//! Events about attempts: replies, calls, words.

use crate::base::id::AttemptId;
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::domain::agent::{Answer, Attempt, Brake, End, Next, Nudge, Shape, Step};
use crate::domain::journal::{EffectKey, Event, World};
use crate::domain::sprint::{Provenance, Status};
use crate::domain::tool::Access;

impl World {
    pub(super) fn apply_attempt(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::AttemptOpened { .. } => self.open_attempt(event, at),
            Event::ModelReplied { .. } => self.take_reply(event, at),
            Event::CallFailed {
                attempt: id,
                step,
                retry_at,
                ended,
                ..
            } => {
                self.settle_call(*id, *step, ended, at);
                if let Some(attempt) = self.attempt_mut(*id) {
                    attempt.failures += 1;
                    attempt.retry_at = *retry_at;
                    attempt.is_barred = retry_at.is_none();
                }
                self.deliver(*id);
            }
            Event::CallLost {
                attempt,
                step,
                ended,
            } => {
                self.settle_call(*attempt, *step, ended, at);
                self.deliver(*attempt);
            }
            Event::ToolReturned {
                attempt,
                step,
                call,
                answer,
            } => self.answer(*attempt, *step, *call, answer, at),
            Event::FileEdited { .. } => self.note_edit(event),
            Event::Nudged { attempt, nudge } => self.nudge(*attempt, nudge),
            Event::TranscriptTrimmed { attempt, upto } => {
                if let Some(attempt) = self.attempt_mut(*attempt) {
                    attempt.trimmed_upto = *upto;
                }
            }
            Event::AttemptEnded { attempt, end } => self.end_attempt(*attempt, end, at),
            Event::RetryElapsed(id) => {
                if let Some(attempt) = self.attempt_mut(*id) {
                    attempt.retry_at = None;
                }
            }
            _ => debug_assert!(false, "not an event about an attempt"),
        }
    }

    fn open_attempt(&mut self, event: &Event, at: Timestamp) {
        let Event::AttemptOpened {
            attempt: id,
            role,
            kind,
            tier,
            continues,
            opening,
        } = event
        else {
            return;
        };
        let attempt = Attempt {
            id: *id,
            role: role.clone(),
            kind: *kind,
            tier: *tier,
            continues: *continues,
            opening: opening.clone(),
            told: Vec::new(),
            steps: Vec::new(),
            inbox: Vec::new(),
            trimmed_upto: 0,
            end: None,
            opened_at: at,
            active_at: at,
            failures: 0,
            retry_at: None,
            is_barred: false,
            cost: Money::ZERO,
            brake: Brake::default(),
            was_braked: false,
        };
        if let Some(sprint) = self.sprint_mut(id.work.sprint()) {
            sprint.attempts.insert(*id, attempt);
            if id.work.task().is_none() {
                sprint.replan = None;
            }
        }
        if let Some(task) = id.work.task().and_then(|task| self.task_mut(task)) {
            task.attempt = Some(*id);
            task.feedback = None;
            task.is_fresh = false;
            task.status = Status::Running;
        }
    }

    fn take_reply(&mut self, event: &Event, at: Timestamp) {
        let Event::ModelReplied {
            attempt: id,
            step,
            reply,
            first_line,
            calls,
            ended,
        } = event
        else {
            return;
        };
        self.settle_call(*id, *step, ended, at);
        let Some(attempt) = self.attempt_mut(*id) else {
            return;
        };
        let nudges = std::mem::take(&mut attempt.inbox);
        attempt.failures = 0;
        attempt.retry_at = None;
        attempt.is_barred = false;
        attempt.steps.push(Step {
            reply: reply.clone(),
            first_line: first_line.clone(),
            calls: calls.clone(),
            nudges,
            usage: ended.entry.usage,
            cost: ended.entry.cost,
            at,
        });
    }

    fn end_attempt(&mut self, id: AttemptId, end: &End, at: Timestamp) {
        if let Some(attempt) = self.attempt_mut(id) {
            attempt.end = Some(end.clone());
            attempt.active_at = at;
        }
        match end {
            End::Summed(text) => {
                if let Some(sprint) = self.sprint_mut(id.work.sprint()) {
                    sprint.summary = Some(text.clone());
                }
            }
            End::Judged(verdict) => {
                if let Some(task) = id.work.task().and_then(|task| self.task_mut(task)) {
                    task.verdict = Some(verdict.clone());
                }
            }
            End::Finished { .. }
            | End::Planned
            | End::Looped(_)
            | End::Silent
            | End::Failed(..)
            | End::Full
            | End::Stopped => {}
        }
    }

    fn note_edit(&mut self, event: &Event) {
        let Event::FileEdited {
            attempt,
            step,
            call,
            criterion,
            edit,
        } = event
        else {
            return;
        };
        let provenance = Provenance {
            attempt: *attempt,
            step: *step,
            call: *call,
            criterion: *criterion,
            after: edit.after,
            added: edit.added,
            removed: edit.removed,
        };
        if let Some(task) = attempt.work.task().and_then(|task| self.task_mut(task)) {
            task.edits
                .entry(edit.path.clone())
                .or_default()
                .push(provenance);
        }
    }

    fn answer(&mut self, id: AttemptId, step: u32, call: u32, answer: &Answer, at: Timestamp) {
        self.began.remove(&EffectKey::Tool {
            attempt: id,
            step,
            call,
        });
        let Some(attempt) = self.attempt_mut(id) else {
            return;
        };
        attempt.active_at = at;
        let Some(state) = attempt
            .steps
            .get_mut(step as usize)
            .and_then(|step| step.calls.get_mut(call as usize))
            .filter(|state| state.answer.is_none())
        else {
            return;
        };
        state.answer = Some(answer.clone());
        let advanced = match state.shape.access() {
            Access::Edits => !answer.is_error,
            Access::Runs => true,
            Access::Reads | Access::Decides => false,
        };
        let same = state.same;
        if matches!(state.shape, Shape::Ask(_)) {
            attempt.brake.asked();
        }
        attempt.brake.answered(same, answer.is_error, advanced);
    }

    /// A word goes behind the last step if the next reply was not asked for yet; else it waits for that reply.
    fn nudge(&mut self, id: AttemptId, nudge: &Nudge) {
        let Some(next) = self.attempt(id).map(Attempt::next) else {
            return;
        };
        let is_asked = matches!(next, Next::Model(step) if self.began.contains_key(&EffectKey::Model { attempt: id, step }));
        let Some(attempt) = self.attempt_mut(id) else {
            return;
        };
        if matches!(nudge, Nudge::Brake(_)) {
            attempt.brake.reset();
            attempt.was_braked = true;
        }
        if is_asked {
            attempt.inbox.push(nudge.clone());
        } else {
            attempt.hear([nudge.clone()]);
        }
    }

    /// The reply that words waited for did not come: the next try is asked with them.
    fn deliver(&mut self, id: AttemptId) {
        if let Some(attempt) = self.attempt_mut(id) {
            let words = std::mem::take(&mut attempt.inbox);
            attempt.hear(words);
        }
    }
}
