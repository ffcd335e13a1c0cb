//! Keys while something lies above the panes: texts, the palette, a word that confirms, help.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::domain::journal::Command;
use crate::tui::action::Action;
use crate::tui::app::{App, Overlay};
use crate::tui::facts::{line, task_label, work_label};
use crate::tui::key::{Code, Key};
use crate::tui::theme::Token;
use crate::tui::widgets::composer::Composer;

use super::palette::{Deed, entries};
use super::{Effect, rules};

/// What happens once a word was typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// This is asked of the session.
    Submit(Vec<Command>),
    /// The display decides again.
    Unlock,
}

impl App {
    /// A key that is text.
    pub(super) fn typed(&mut self, key: Key) {
        match &mut self.overlay {
            // The second `?` turns the page; no name holds one.
            Some(Overlay::Help { is_legend, .. }) if key == Key::char('?') => {
                *is_legend = !*is_legend;
            }
            Some(Overlay::Palette { .. }) if key.code == Code::Tab => self.complete(),
            Some(Overlay::Palette { text, row } | Overlay::Help { text, row, .. }) => match key {
                Key {
                    code: Code::Down, ..
                } => *row += 1,
                Key { code: Code::Up, .. } => *row = row.saturating_sub(1),
                Key {
                    code: Code::PageDown,
                    ..
                } => *row += 10,
                Key {
                    code: Code::PageUp, ..
                } => *row = row.saturating_sub(10),
                key if key == Key::ctrl('n') => *row += 1,
                key if key == Key::ctrl('p') => *row = row.saturating_sub(1),
                key => {
                    if text.key(key) {
                        *row = 0;
                    }
                }
            },
            Some(Overlay::Filter { text, .. }) => {
                text.key(key);
                self.narrow();
            }
            Some(Overlay::Draft { .. }) if key.code == Code::Tab => self.complete_mention(),
            Some(Overlay::Draft { text, .. }) => {
                let is_back = key.code == Code::Up;
                let walks = is_back || key.code == Code::Down;
                let before = walks.then(|| self.history.walk(&text.text(), is_back));
                match before.flatten() {
                    Some(before) => {
                        text.take();
                        text.paste(before);
                    }
                    None => drop(text.key(key)),
                }
            }
            Some(Overlay::Confirm { typed, .. }) => drop(typed.key(key)),
            Some(
                Overlay::KeyTest(_)
                | Overlay::Past(..)
                | Overlay::Setup(_)
                | Overlay::Answers(..)
                | Overlay::Notices(_)
                | Overlay::People(_)
                | Overlay::NewTask,
            )
            | None => {}
        }
    }

    /// `@t4` and `@src/form.rs`: the word at the cursor becomes the first task or file that begins so; again, the next.
    fn complete_mention(&mut self) {
        let Some(Overlay::Draft { text, .. }) = &self.overlay else {
            return;
        };
        let word = text.word();
        let Some(begun) = word.strip_prefix('@') else {
            return;
        };
        let names = self.mentions();
        let found = match names.iter().position(|name| name == begun) {
            // The name is whole: the next that begins as what was typed cannot be known, so all follow.
            Some(at) => names.get(at + 1).or(names.first()),
            None => names.iter().find(|name| name.starts_with(begun)),
        };
        let found = found.map(|name| format!("@{name}"));
        if let (Some(found), Some(Overlay::Draft { text, .. })) = (found, &mut self.overlay) {
            text.replace_word(&found);
        }
    }

    /// What a message can name: the tasks of the sprint, then the files of its changes.
    fn mentions(&self) -> Vec<String> {
        let Some(sprint) = self.known.world.current() else {
            return Vec::new();
        };
        let tasks = sprint.tasks.values().map(|task| task_label(task.id));
        let changes = sprint
            .tasks
            .values()
            .filter_map(|task| task.change.as_ref());
        let files = changes.flat_map(|change| &change.files);
        let files: BTreeSet<String> = files.map(|file| line(&file.path)).collect();
        tasks.chain(files).collect()
    }

    /// The row under the cursor is written out, so that it can be gone on with.
    fn complete(&mut self) {
        let Some(Overlay::Palette { text, row }) = &self.overlay else {
            return;
        };
        let entries = entries(self, &text.text());
        let full = match entries.into_iter().nth(*row).map(|entry| entry.deed) {
            Some(Deed::Act(spec)) => spec.id.to_owned(),
            Some(Deed::Theme(name)) => format!("theme {name}"),
            Some(Deed::Setting(name)) => format!(">{name}"),
            Some(Deed::Task(task)) => task_label(task),
            Some(Deed::Agent(work)) => work_label(work),
            Some(Deed::Commands(_) | Deed::Item(_) | Deed::Allow(_)) | None => return,
        };
        let mut text = Composer::single_line();
        text.paste(&full);
        self.overlay = Some(Overlay::Palette { text, row: 0 });
    }

    /// Actions while something lies above. Those that are about the panes do nothing.
    pub(super) fn on_overlay(&mut self, action: Action, at: Instant) -> Vec<Effect> {
        match (action, self.overlay.take()) {
            (Action::Newline, Some(Overlay::Draft { purpose, mut text })) => {
                text.newline();
                self.overlay = Some(Overlay::Draft { purpose, text });
            }
            (Action::Editor, Some(Overlay::Draft { purpose, text })) => {
                let written = text.text();
                self.overlay = Some(Overlay::Draft { purpose, text });
                return vec![Effect::Edit(written)];
            }
            (Action::Send, Some(Overlay::Draft { purpose, mut text })) => {
                return self.send(purpose, &mut text, at);
            }
            (Action::Send, Some(Overlay::Palette { text, row })) => {
                if self.is_theme(&text.text(), row, at) {
                    return Vec::new();
                }
                if let Some(clock) = text.text().trim().strip_prefix("at ") {
                    self.travel_to_clock(clock, at);
                    return Vec::new();
                }
                let mut found = entries(self, &text.text());
                let row = row.min(found.len().saturating_sub(1));
                if let Some(entry) = found.drain(..).nth(row) {
                    return self.choose(entry.deed, at);
                }
                let text = if rules::wanted(&text.text()).is_some() {
                    rules::NONE
                } else {
                    "nothing is called that"
                };
                self.say(Token::Info, text, at);
            }
            (
                Action::Send,
                Some(Overlay::Confirm {
                    word,
                    text,
                    typed,
                    then,
                }),
            ) => {
                if typed.text().trim() == word {
                    return self.confirmed(then, at);
                }
                self.say(
                    Token::Info,
                    format!("type the word {word} to confirm, Esc to keep things as they are"),
                    at,
                );
                self.overlay = Some(Overlay::Confirm {
                    word,
                    text,
                    typed,
                    then,
                });
            }
            (Action::Send, Some(Overlay::Help { text, row, .. })) => {
                return self.run_from_help(&text.text(), row, at);
            }
            (action, Some(Overlay::Notices(row))) => self.on_notices((action, at), row),
            (action, Some(Overlay::People(row))) => return self.on_people(action, row, at),
            (action, Some(Overlay::NewTask)) => return self.on_new_task(action, at),
            (action, Some(Overlay::Past(panel, top))) => {
                return self.on_panel(action, (panel, top), at);
            }
            (Action::ApproveAll, Some(Overlay::Answers(gates, verdict))) => {
                return self.decide_all(gates, verdict, at);
            }
            // What narrows stays.
            (Action::Send, Some(Overlay::Filter { .. })) => {}
            (_, overlay) => self.overlay = overlay,
        }
        Vec::new()
    }

    fn confirmed(&mut self, then: Then, at: Instant) -> Vec<Effect> {
        match then {
            Then::Submit(commands) => {
                let commands = commands.into_iter();
                commands.map(|command| self.submit(command)).collect()
            }
            Then::Unlock => {
                self.unlock(at);
                Vec::new()
            }
        }
    }

    fn send(
        &mut self,
        purpose: crate::tui::panes::Purpose,
        text: &mut Composer,
        at: Instant,
    ) -> Vec<Effect> {
        // A backslash before Enter is a new line, for terminals that swallow C-j.
        let written = text.text();
        // For those whose terminal swallows C-x: `:edit` and Enter go on in the editor.
        if let Some(before) = written.strip_suffix(":edit") {
            let before = before.trim_end().to_owned();
            let mut again = text.clone();
            again.take();
            again.paste(&before);
            self.overlay = Some(Overlay::Draft {
                purpose,
                text: again,
            });
            return vec![Effect::Edit(before)];
        }
        if let Some(before) = written.strip_suffix('\\') {
            let mut again = text.clone();
            again.take();
            again.paste(before);
            again.newline();
            self.overlay = Some(Overlay::Draft {
                purpose,
                text: again,
            });
            return Vec::new();
        }
        match self.written(purpose, &written, at) {
            Ok(effects) => {
                self.history.keep(&written);
                effects
            }
            Err(purpose) => {
                self.overlay = Some(Overlay::Draft {
                    purpose,
                    text: text.clone(),
                });
                Vec::new()
            }
        }
    }
}

/// The first row of a panel after an action; none closes it.
pub(super) const fn scrolled(action: Action, top: usize) -> Option<usize> {
    match action {
        Action::Down => Some(top + 1),
        Action::Up => Some(top.saturating_sub(1)),
        Action::PageDown => Some(top + 10),
        Action::PageUp => Some(top.saturating_sub(10)),
        Action::Top => Some(0),
        Action::Help => None,
        _ => Some(top),
    }
}
