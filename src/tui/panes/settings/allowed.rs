//! The commands that run without a question, because a person allowed them: a section of the settings, read from the world.

use ratatui::layout::Rect;

use crate::base::id::SprintId;
use crate::domain::journal::{Command, World};
use crate::domain::sprint::Reach;
use crate::domain::sprint::rule::Rule;
use crate::tui::action::Action;
use crate::tui::facts::{line, task_label};
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::list::List;
use crate::tui::widgets::row::{piece, plain};

use super::super::{Intent, step};

/// The rules in force, and the one under the cursor.
#[derive(Clone, Debug, Default)]
pub struct State {
    rules: Vec<(SprintId, Rule)>,
    list: List,
}

impl State {
    /// Takes in the rules of the sprint that runs.
    pub fn read(&mut self, world: &World) {
        let sprint = world.running().into_iter();
        let rules = sprint.flat_map(|sprint| {
            let rules = sprint.rules().into_iter();
            rules.map(|rule| (sprint.id, rule))
        });
        self.rules = rules.collect();
        let last = self.rules.len().saturating_sub(1);
        self.list.selected = self.list.selected.min(last);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Acts on an action; `height` is the height of the list.
    pub fn act(&mut self, action: Action, height: u16) -> Vec<Intent> {
        let count = self.rules.len();
        if let Some(step) = step(action, height) {
            self.list.step(step, count);
            self.list.top = self.list.window(count, usize::from(height));
            return Vec::new();
        }
        let rule = self.rules.get(self.list.selected);
        match (action, rule) {
            (Action::AskAgain, Some((sprint, rule))) => {
                vec![Intent::Submit(Box::new(Command::Revoke {
                    sprint: *sprint,
                    command: rule.command,
                    reach: rule.reach,
                }))]
            }
            _ => Vec::new(),
        }
    }

    /// Paints the list: each command, and where it runs without a question.
    pub fn view(&self, canvas: &mut Canvas<'_>, inside: Rect) {
        let shown = self.rules.iter().enumerate().skip(self.list.top);
        for (row, (place, (_, rule))) in inside.rows().zip(shown) {
            let reach = match rule.reach {
                Reach::Sprint => "in this sprint".to_owned(),
                Reach::Task(task) => format!("in {}", task_label(task)),
            };
            // The first logs do not hold the command itself.
            let text = match rule.text.as_str() {
                "" => format!("command {}", rule.command.short()),
                text => line(text),
            };
            canvas.both(
                row,
                &[plain("  "), piece(text, Token::Text)],
                &[piece(reach, Token::Dim)],
            );
            if place == self.list.selected {
                canvas.cursor(row);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::bench::rows;
    use super::*;
    use crate::base::id::Digest;
    use crate::domain::journal::Event;
    use crate::tui::fixture;

    fn allowed() -> State {
        let mut story = fixture::running();
        for (text, reach) in [
            ("cargo test", Reach::Sprint),
            ("make\u{1b}[2J check", Reach::Task(fixture::task(3))),
        ] {
            story.then(
                1,
                Event::CommandGranted {
                    sprint: fixture::SPRINT,
                    command: Digest::of(text.as_bytes()),
                    reach,
                    text: text.to_owned(),
                },
            );
        }
        let mut state = State::default();
        state.read(&story.world);
        state
            .rules
            .sort_by(|one, other| one.1.text.cmp(&other.1.text));
        state
    }

    #[test]
    fn commands_are_listed_with_their_reach() {
        let state = allowed();
        let seen = rows(50, 3, |canvas, area| state.view(canvas, area));
        insta::assert_snapshot!(seen.join("\n"));
    }

    #[test]
    fn the_one_under_the_cursor_is_asked_about_again() {
        let mut state = allowed();
        state.act(Action::Down, 9);
        let revoke = |text: &str, reach| {
            [Intent::Submit(Box::new(Command::Revoke {
                sprint: fixture::SPRINT,
                command: Digest::of(text.as_bytes()),
                reach,
            }))]
        };
        let task = Reach::Task(fixture::task(3));
        assert_eq!(
            state.act(Action::AskAgain, 9),
            revoke("make\u{1b}[2J check", task)
        );
        state.act(Action::Top, 9);
        assert_eq!(
            state.act(Action::AskAgain, 9),
            revoke("cargo test", Reach::Sprint)
        );
        state.read(&crate::domain::journal::World::default());
        assert!(state.is_empty() && state.act(Action::AskAgain, 9).is_empty());
    }
}
