//! A task that a person adds while a sprint runs: the form is filled in, sent, and told of when the world shows it.

use std::time::Instant;

use crate::tui::action::Action;
use crate::tui::app::{App, Overlay};
use crate::tui::facts::{line, task_label};
use crate::tui::panes::Purpose;
use crate::tui::panes::board::form::{self, Field};
use crate::tui::theme::Token;

use super::Effect;

impl App {
    /// What stands in a part of the form so far.
    pub(super) fn so_far(&self, field: Field) -> String {
        let form = self.panes.board.form.as_ref();
        form.zip(self.known.world.current())
            .map_or_else(String::new, |(form, sprint)| form.text(sprint, field))
    }

    /// Takes what was written for a part of the form; the form is shown again.
    pub(super) fn word_task(
        &mut self,
        field: Field,
        text: &str,
        at: Instant,
    ) -> Result<Vec<Effect>, Purpose> {
        match self.panes.board.written(&self.known, field, text) {
            Ok(()) => {
                self.overlay = Some(Overlay::NewTask);
                Ok(self.settle())
            }
            Err(why) => {
                self.say(Token::Fail, why, at);
                Err(Purpose::NewTask(field))
            }
        }
    }

    /// Acts on an action while the form lies above.
    pub(super) fn on_new_task(&mut self, action: Action, at: Instant) -> Vec<Effect> {
        let sprint = self.known.world.running();
        let Some((form, sprint)) = self.panes.board.form.as_mut().zip(sprint) else {
            return Vec::new();
        };
        self.overlay = Some(Overlay::NewTask);
        match action {
            Action::Open if !form.field().is_choice() => {
                let field = form.field();
                self.write(Purpose::NewTask(field));
            }
            Action::Open | Action::Right => form.turn(sprint, false),
            Action::Left => form.turn(sprint, true),
            Action::ApproveAll => {
                if let Err(why) = sprint.with_task(&form.task) {
                    self.say(Token::Fail, form::refusal(&why), at);
                    return Vec::new();
                }
                let command = form.command();
                self.overlay = None;
                return self.decide(vec![command]);
            }
            Action::Approve => {
                self.say(
                    Token::Info,
                    "A adds the task: it will cost what is shown",
                    at,
                );
            }
            _ => form.step(action),
        }
        Vec::new()
    }

    /// A task was added: once the world shows it, there is a receipt. The answer or the event may come first.
    pub(super) fn tell_added(&mut self, at: Instant) {
        for slug in std::mem::take(&mut self.adding) {
            let sprint = self.known.world.current();
            let mut tasks = sprint.into_iter().flat_map(|sprint| sprint.tasks.values());
            let Some(task) = tasks.find(|task| task.spec.slug == slug) else {
                self.adding.push(slug);
                continue;
            };
            let (label, title) = (task_label(task.id), line(&task.spec.title));
            let undo = task.held_until.map_or_else(String::new, |until| {
                let seconds = until.since(self.known.now) / 1_000;
                format!("   u takes it back, {seconds}s")
            });
            let id = task.id;
            self.panes.board.form = None;
            self.panes.board.show(id, &self.known);
            self.say(Token::Ok, format!("added {label} {title}{undo}"), at);
        }
    }
}
