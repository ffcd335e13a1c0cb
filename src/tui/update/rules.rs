//! Rules: the palette's `allow` lets the very command of an item run in its sprint without a question. It lists what can be allowed, and
//! wants a word for what is chosen.

use std::time::Instant;

use crate::base::id::GateId;
use crate::base::text::SafeText;
use crate::domain::journal::Command;
use crate::domain::sprint::{GateState, rule};
use crate::tui::app::{App, Overlay};
use crate::tui::facts::work_label;
use crate::tui::theme::Token;
use crate::tui::widgets::composer::Composer;

use super::overlay::Then;
use super::palette::{Deed, Entry};

/// What begins a line of the palette that allows a command.
pub const VERB: &str = "allow";

/// What is said where nothing can be allowed.
pub const NONE: &str = "no such command can be allowed: none was asked about, or it is too risky";

/// What is looked for among the commands, if the palette allows one.
pub fn wanted(typed: &str) -> Option<&str> {
    let rest = typed.trim_start().strip_prefix(VERB)?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim())
}

/// The commands that can be allowed and hold what is typed, that of the card in front first.
pub fn entries(app: &App, wanted: &str) -> Vec<Entry> {
    let Some(sprint) = app.known.world.running() else {
        return Vec::new();
    };
    let shown = app.gate().map(|gate| gate.id);
    let mut gates = sprint.allowable();
    gates.sort_by_key(|gate| Some(gate.id) != shown);
    let rows = gates.into_iter().filter_map(|gate| {
        let command = rule::command_of(gate)?;
        let state = if gate.state == GateState::Open {
            "waits"
        } else {
            "allowed before"
        };
        command.contains(wanted).then(|| Entry {
            text: rule::brief(command),
            right: format!("{} {state}", work_label(gate.work)),
            deed: Deed::Allow(gate.id),
        })
    });
    rows.collect()
}

impl App {
    /// Lists what can be allowed.
    pub(super) fn list_rules(&mut self, at: Instant) {
        if entries(self, "").is_empty() {
            self.say(Token::Info, NONE, at);
        } else {
            self.open_palette(&format!("{VERB} "));
        }
    }

    /// Asks for the word that makes a rule of an item's command. It is shown whole: nothing else is allowed.
    pub(super) fn confirm_rule(&mut self, id: GateId, at: Instant) {
        let found = self.known.world.gate(id);
        let Some((gate, command)) = found.and_then(|gate| Some((gate, rule::command_of(gate)?)))
        else {
            self.say(Token::Info, "that is no longer asked", at);
            return;
        };
        self.overlay = Some(Overlay::Confirm {
            word: VERB,
            text: format!(
                "Runs in {} without a question, and nothing but it (Settings takes it back): $ {}",
                id.sprint,
                SafeText::exact(command)
            ),
            typed: Composer::single_line(),
            then: Then::Submit(vec![Command::Allow {
                gate: id,
                revision: gate.revision,
            }]),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::app::Settings;
    use crate::tui::fixture;
    use crate::tui::key::{Code, Key};
    use crate::tui::keymap::Keymap;
    use crate::tui::known::Known;
    use crate::tui::link::{News, Request};
    use crate::tui::terminal::caps::{Caps, Depth};
    use crate::tui::terminal::decoder::Input;
    use crate::tui::theme::choice::Choice;
    use crate::tui::update::Effect;

    fn app(commands: &[&str]) -> App {
        let caps = Caps::from_environment(|name| (name == "LANG").then(|| "C.UTF-8".to_owned()));
        let look = (
            Keymap::built_in().unwrap(),
            Choice::usual(Depth::Sixteen).theme().unwrap(),
        );
        let known = Known::new(fixture::ME, "shop");
        let mut app = App::new(known, Settings::default(), caps, look);
        app.resize(ratatui::layout::Size::new(120, 36));
        let lines = fixture::commands(commands).lines.into_iter();
        let news: Vec<News> = lines.map(|line| News::Event(Box::new(line))).collect();
        app.news(news, Instant::now());
        app
    }

    fn press(app: &mut App, keys: &str) -> Vec<Command> {
        let mut effects = Vec::new();
        for character in keys.chars() {
            let key = match character {
                '\r' => Key::plain(Code::Enter),
                other => Key::char(other),
            };
            effects.extend(app.input(Input::Key(key), Instant::now()));
        }
        let commands = effects.into_iter().filter_map(|effect| match effect {
            Effect::Request(Request::Submit { command, .. }) => Some(*command),
            _ => None,
        });
        commands.collect()
    }

    fn texts(app: &App, typed: &str) -> Vec<String> {
        let rows = super::super::palette::entries(app, typed).into_iter();
        rows.map(|row| row.text).collect()
    }

    #[test]
    fn a_rule_needs_its_word_and_is_for_what_was_shown() {
        let mut app = app(&["cargo test", "rm -rf target", "cargo test"]);
        assert_eq!(texts(&app, "allow cargo"), ["cargo test"]);
        assert!(
            texts(&app, "allow target").is_empty(),
            "too risky for a rule"
        );
        assert_eq!(press(&mut app, ":allow cargo test\r"), []);
        let Some(Overlay::Confirm { text, .. }) = &app.overlay else {
            panic!("{:?}", app.overlay);
        };
        assert!(text.ends_with("$ cargo test"), "{text}");
        // Enter alone, or another word, allows nothing.
        assert_eq!(press(&mut app, "\r"), []);
        app.overlay = None;
        let gate = fixture::gate(5);
        let revision = app.known.world.gate(gate).unwrap().revision;
        press(&mut app, ":allow cargo test\r");
        assert_eq!(
            press(&mut app, "allow\r"),
            [Command::Allow { gate, revision }]
        );
    }

    #[test]
    fn what_was_never_asked_cannot_be_allowed() {
        let mut app = app(&[]);
        assert_eq!(press(&mut app, ":allow cargo test\r"), []);
        assert!(app.overlay.is_none());
        let said = app.notices.last().map(|notice| notice.text.as_str());
        assert_eq!(said, Some(NONE));
    }
}
