//! The palette: everything that can be done or gone to, by a few letters of its name, and short commands for those who know
//! them. Decisions are not here: they are made on their cards.

use std::time::Instant;

use crate::base::id::{GateId, TaskId};
use crate::base::money::Money;
use crate::domain::journal::{Command, PauseScope};
use crate::tui::action::{Action, Class, Mode, Place, Spec, TABLE};
use crate::tui::app::{App, Overlay};
use crate::tui::facts::agents::agents;
use crate::tui::facts::{line, task_label, work_label};
use crate::tui::layout::Pane;
use crate::tui::panes::Intent;
use crate::tui::theme::Token;
use crate::tui::widgets::composer::Composer;

use super::{Effect, rules};

/// Rows that are offered at most.
const ROWS: usize = 60;

/// A short command: its word, what may follow, what it does, and the action that it is if nothing follows.
pub const SHORT: [(&str, &str, &str, Option<Action>); 23] = [
    ("q", "", "leave; the work goes on", None),
    (
        "w",
        "",
        "the next item that waits on you",
        Some(Action::WaitingNext),
    ),
    ("h", "", "home", Some(Action::Go(Place::Home))),
    ("b", "", "board", Some(Action::Go(Place::Board))),
    ("a", "", "agents", Some(Action::Go(Place::Agents))),
    ("r", "", "review", Some(Action::Go(Place::Review))),
    ("p", "", "plan", Some(Action::Go(Place::Plan))),
    ("c", "", "costs", Some(Action::Go(Place::Cost))),
    ("l", "", "log", Some(Action::Go(Place::Log))),
    (
        "settings",
        "",
        "settings; >NAME finds one",
        Some(Action::Go(Place::Settings)),
    ),
    ("pause", "all | t3", "pause the sprint or a task", None),
    ("resume", "all | t3", "let the sprint or a task go on", None),
    (
        "budget",
        "+4 | 25.00",
        "another budget for the sprint",
        None,
    ),
    (
        "stop",
        "",
        "stop the sprint for good; needs a word",
        Some(Action::StopSprint),
    ),
    (
        "undo",
        "",
        "take your last decision back",
        Some(Action::Undo),
    ),
    (
        "mouse",
        "",
        "take the mouse, or give it back",
        Some(Action::Mouse),
    ),
    ("redraw", "", "paint everything anew", Some(Action::Redraw)),
    (
        "reload",
        "",
        "read the file of keys again",
        Some(Action::Reload),
    ),
    ("keytest", "", "which keys arrive", Some(Action::KeyTest)),
    ("pager", "", "this pane in $PAGER", Some(Action::Pager)),
    ("help", "", "keys and marks", Some(Action::Help)),
    (
        "lock",
        "",
        "only show, until the word is typed",
        Some(Action::Lock),
    ),
    ("unlock", "", "let keys decide again; needs a word", None),
];

/// What a row of the palette leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// An action.
    Act(&'static Spec),
    /// A theme, by its name.
    Theme(String),
    /// A setting, by its name.
    Setting(String),
    /// The commands that are typed.
    Commands(String),
    /// An item that waits.
    Item(GateId),
    /// A rule for the command of an item.
    Allow(GateId),
    /// A task on the board.
    Task(TaskId),
    /// An agent, by what it works for.
    Agent(crate::base::id::Work),
}

/// A row of the palette.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub text: String,
    /// Its key, or where it leads.
    pub right: String,
    /// What it leads to.
    pub deed: Deed,
}

/// The rows for what is typed, the closest first.
pub fn entries(app: &App, typed: &str) -> Vec<Entry> {
    if let Some(themes) = app.fitting_themes(typed) {
        let own = |name: &str| {
            if app.themes.shelf.is_own(name) {
                "your own"
            } else {
                ""
            }
        };
        let row = |name: &str| Entry {
            text: name.to_owned(),
            right: own(name).to_owned(),
            deed: Deed::Theme(name.to_owned()),
        };
        return themes.into_iter().map(row).collect();
    }
    if let Some(wanted) = rules::wanted(typed) {
        return rules::entries(app, wanted);
    }
    if let Some(wanted) = typed.trim().strip_prefix('>') {
        return settings(app, wanted.trim());
    }
    let typed = typed.trim();
    // What follows is the time, and no part of a name.
    if typed.starts_with("at ") {
        let row = crate::tui::action::row(Action::TimeAt).into_iter();
        let entry = |spec: &'static Spec| Entry {
            text: spec.help.to_owned(),
            right: String::new(),
            deed: Deed::Act(spec),
        };
        return row.map(entry).collect();
    }
    let wanted = typed.to_lowercase();
    let (tasks, people) = (wanted.starts_with("t-"), wanted.starts_with('@'));
    let mut found: Vec<(usize, Entry)> = Vec::new();
    if let Some(entry) = commands(typed) {
        found.push((0, entry));
    }
    if !tasks && !people {
        found.extend(actions(app, &wanted));
    }
    let wanted = wanted.trim_start_matches('@');
    // `t-4` and `t4` are the same task.
    let wanted = wanted
        .strip_prefix("t-")
        .map_or(wanted.to_owned(), |number| format!("t{number}"));
    if !wanted.is_empty() || tasks || people {
        let mut offer = |rank: usize, text: String, right: String, deed: Deed| {
            if let Some(distance) = distance(&wanted, &text) {
                found.push((distance + rank, Entry { text, right, deed }));
            }
        };
        if !people {
            for task in app
                .known
                .world
                .current()
                .iter()
                .flat_map(|sprint| sprint.tasks.values())
            {
                let text = format!("{} {}", task_label(task.id), line(&task.spec.title));
                offer(20, text, "› board".to_owned(), Deed::Task(task.id));
            }
        }
        if !tasks {
            for agent in agents(&app.known.world) {
                if let Some(work) = agent.work {
                    let text =
                        format!("{} {} {}", agent.name, work_label(work), agent.state.word());
                    offer(30, text, "› agents".to_owned(), Deed::Agent(work));
                }
            }
        }
        for item in app.panes.waiting.shown(&app.known) {
            let text = format!("{} {} {}", item.kind.word(), item.label, item.text);
            offer(40, text, "› waiting".to_owned(), Deed::Item(item.gate));
        }
    }
    found.sort_by_key(|(distance, _)| *distance);
    found
        .into_iter()
        .map(|(_, entry)| entry)
        .take(ROWS)
        .collect()
}

/// The settings whose names or helps hold the letters.
fn settings(app: &App, wanted: &str) -> Vec<Entry> {
    let known = app.panes.settings.listing.iter();
    let mut found: Vec<(usize, Entry)> = known
        .flat_map(|listing| &listing.settings)
        .filter_map(|setting| {
            let by_help = || Some(distance(wanted, &setting.help)? + 100);
            let distance = distance(wanted, &setting.name).or_else(by_help)?;
            let entry = Entry {
                text: format!("{}  {}", setting.name, setting.help),
                right: line(&setting.value),
                deed: Deed::Setting(setting.name.clone()),
            };
            Some((distance, entry))
        })
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// The row for commands that are typed in full. It shows what may follow a word that stands alone.
fn commands(typed: &str) -> Option<Entry> {
    let find = |one: &str| {
        let word = one.split_whitespace().next()?;
        SHORT.iter().find(|(name, ..)| *name == word)
    };
    let found: Vec<_> = typed.split(';').map(find).collect::<Option<_>>()?;
    let helps: Vec<&str> = found.iter().map(|(_, _, help, _)| *help).collect();
    let right = match found.as_slice() {
        [(word, more, ..)] if *word == typed => format!(":{word} {more}"),
        _ => format!(":{}", line(typed)),
    };
    Some(Entry {
        text: helps.join("; "),
        right: right.trim_end().to_owned(),
        deed: Deed::Commands(typed.to_owned()),
    })
}

fn actions(app: &App, wanted: &str) -> Vec<(usize, Entry)> {
    let mode = app.mode_below();
    let mut seen = std::collections::BTreeSet::new();
    let here = TABLE
        .iter()
        .filter(|spec| spec.fits(mode, app.place) && !super::is_decision(spec.action));
    let mut rows: Vec<(usize, Entry)> = Vec::new();
    for spec in here {
        let texts = [spec.title, spec.id, spec.help];
        let best = texts
            .iter()
            .zip(0..)
            .filter_map(|(text, rank)| Some(distance(wanted, text)? + rank * 100))
            .min();
        let Some(distance) = best.filter(|_| seen.insert(spec.action)) else {
            continue;
        };
        let mut text = spec.help.to_owned();
        if spec.class == Class::C {
            text.push_str("  ▲");
        }
        let entry = Entry {
            text,
            right: app
                .keymap
                .shown(spec.action, mode, app.place)
                .unwrap_or_default(),
            deed: Deed::Act(spec),
        };
        rows.push((distance, entry));
    }
    rows
}

/// How far apart the letters of `typed` stand in `text`; none if they are not all there in order.
pub(super) fn distance(typed: &str, text: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    let (mut first, mut last) = (None, 0);
    for wanted in typed.chars() {
        let same = |letter: char| letter.to_lowercase().eq(wanted.to_lowercase());
        let (place, _) = letters.find(|(_, letter)| same(*letter))?;
        first.get_or_insert(place);
        last = place;
    }
    let first = first.unwrap_or(0);
    Some((last - first).saturating_sub(typed.len().saturating_sub(1)) * 2 + first)
}

impl App {
    /// Opens the palette with something typed in it.
    pub(super) fn open_palette(&mut self, typed: &str) {
        let mut text = Composer::single_line();
        text.paste(typed);
        self.overlay = Some(Overlay::Palette { text, row: 0 });
    }

    /// Does what a row of the palette leads to.
    pub(super) fn choose(&mut self, deed: Deed, at: Instant) -> Vec<Effect> {
        match deed {
            Deed::Act(spec) => return self.act(spec.action, at),
            Deed::Commands(line) => return self.commands(&line, at),
            Deed::Theme(name) => self.set_theme(&name, at),
            Deed::Setting(name) => {
                self.panes.settings.show(&name);
                self.go(Place::Settings);
                self.focus.insert(Place::Settings, Pane::Settings);
            }
            Deed::Item(gate) => self.open_item(gate),
            Deed::Allow(gate) => self.confirm_rule(gate, at),
            Deed::Task(task) => {
                self.panes.board.show(task, &self.known);
                self.go(Place::Board);
                self.focus.insert(Place::Board, Pane::Board);
            }
            Deed::Agent(work) => return self.perform(vec![Intent::OpenAgent(work)], at),
        }
        Vec::new()
    }

    fn commands(&mut self, line: &str, at: Instant) -> Vec<Effect> {
        let mut effects = Vec::new();
        for one in line.split(';') {
            let mut words = one.split_whitespace();
            let (word, rest) = (words.next().unwrap_or_default(), words.collect::<Vec<_>>());
            effects.extend(self.command(word, &rest.join(" "), at));
        }
        effects
    }

    fn command(&mut self, word: &str, rest: &str, at: Instant) -> Vec<Effect> {
        match word {
            "q" => return vec![Effect::Leave],
            "pause" | "resume" => return self.pause_by_name(word == "pause", rest, at),
            "budget" => return self.budget_by_name(rest, at),
            "unlock" => self.ask_to_unlock(at),
            _ => {}
        }
        let known = SHORT.iter().find(|(name, ..)| *name == word);
        match known.and_then(|(_, _, _, action)| *action) {
            Some(action) => self.act(action, at),
            None => Vec::new(), // The palette offers no others.
        }
    }

    fn pause_by_name(&mut self, is_pause: bool, what: &str, at: Instant) -> Vec<Effect> {
        let Some(sprint) = self.known.world.running() else {
            self.say(Token::Info, "no sprint runs", at);
            return Vec::new();
        };
        let scope = match what {
            "" | "all" => Some(PauseScope::Sprint(sprint.id)),
            task => {
                let mut tasks = sprint.tasks.values();
                let found = tasks.find(|known| {
                    task_label(known.id).eq_ignore_ascii_case(&task.replace('-', ""))
                });
                found.map(|task| PauseScope::Task(task.id))
            }
        };
        let Some(scope) = scope else {
            self.say(
                Token::Fail,
                format!("no task is called {}; all means the sprint", line(what)),
                at,
            );
            return Vec::new();
        };
        let command = if is_pause {
            Command::Pause(scope)
        } else {
            Command::Resume(scope)
        };
        vec![self.submit(command)]
    }

    /// `+4` adds to the limit, `25.00` sets it.
    fn budget_by_name(&mut self, amount: &str, at: Instant) -> Vec<Effect> {
        let Some(sprint) = self.known.world.running() else {
            self.say(Token::Info, "no sprint runs", at);
            return Vec::new();
        };
        let (more, figure) = match amount.strip_prefix('+') {
            Some(figure) => (sprint.account.limit.unwrap_or(Money::ZERO), figure),
            None => (Money::ZERO, amount),
        };
        let id = sprint.id;
        match figure.trim_start_matches('$').parse::<Money>() {
            Ok(figure) => {
                let limit = more + figure;
                let effect = self.submit(Command::SetBudget { sprint: id, limit });
                if self.barred().is_none() && !self.is_above(&effect) {
                    self.say(Token::Info, format!("budget of {id}: {limit}"), at);
                }
                vec![effect]
            }
            Err(bad) => {
                self.say(
                    Token::Fail,
                    format!("{bad}; write budget +4 or budget 25.00"),
                    at,
                );
                Vec::new()
            }
        }
    }

    /// What keys mean when nothing lies above the panes.
    pub fn mode_below(&self) -> Mode {
        if self.known.is_past() {
            return Mode::Travel;
        }
        // Changes and plans are decided with the keys of their places; digits stay tabs there.
        let is_card = matches!(self.focused(), Pane::Card | Pane::Stream);
        if is_card && self.decides() && self.gate().is_some() {
            Mode::Decide
        } else {
            Mode::Normal
        }
    }
}
