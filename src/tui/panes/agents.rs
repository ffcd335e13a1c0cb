//! The list of agents: who needs something first, then who works, then who is idle.

mod fleet;
mod seat;

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use crate::base::id::{AttemptId, Work};
use crate::base::time;
use crate::domain::journal::{Command, PauseScope, World};
use crate::domain::sprint::{Cause, Status};
use crate::tui::action::Action;
use crate::tui::facts::agents::{Agent, agents};
use crate::tui::facts::{risks, work_label};
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::filter::{Fields, Filter};
use crate::tui::widgets::list::Step;
use crate::tui::widgets::row::piece;
use crate::tui::widgets::table::{Column, Side, Table, Width};

use super::{Intent, Purpose, narrowed, nothing_fits, step};
use fleet::{Entry, Group, LARGE};
use seat::Seats;

/// Whom a stream shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// What somebody says and does in this attempt.
    Attempt(AttemptId),
    /// Somebody, by name, who has said nothing so far.
    Silent(String),
    /// Nobody in particular.
    Nobody,
}

/// What only the list knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Who is under the cursor.
    cursor: Seats,
    /// What narrows the list.
    pub filter: Filter,
    /// What the list is in the order of.
    group: Group,
    /// The roles whose unremarkable agents are shown; an empty word for all.
    open: BTreeSet<String>,
    /// What is at risk.
    at_risk: BTreeSet<Work>,
}

impl State {
    /// The agents that what narrows the list leaves, in their order.
    fn listed(&self, world: &World) -> Vec<Agent> {
        let mut agents = agents(world);
        if !self.filter.is_empty() {
            agents.retain(|agent| {
                let label = agent.work.map(work_label).unwrap_or_default();
                let text = format!(
                    "{} {label} {} {}",
                    agent.name,
                    agent.state.word(),
                    agent.doing
                );
                self.filter.fits(&Fields {
                    text: &text,
                    agent: &agent.name,
                    kind: agent.tier.short(),
                    state: agent.state.word(),
                    money: Some(agent.cost),
                    ..Fields::default()
                })
            });
        }
        fleet::order(&mut agents, self.group, &self.at_risk);
        agents
    }

    /// The rows of the list.
    fn entries(&self, world: &World) -> Vec<Entry> {
        let agents = self.listed(world);
        if agents.len() > LARGE && self.filter.is_empty() {
            fleet::entries(agents, (self.group, &self.open), &self.at_risk)
        } else {
            let agent = |agent| Entry::Agent(Box::new(agent));
            agents.into_iter().map(agent).collect()
        }
    }

    fn entry(&self, world: &World) -> Option<Entry> {
        let entries = self.entries(world);
        let place = self.cursor.place(&entries);
        entries.into_iter().nth(place)
    }

    /// The agent under the cursor.
    pub fn current(&self, world: &World) -> Option<Agent> {
        match self.entry(world)? {
            Entry::Agent(agent) => Some(*agent),
            Entry::Others { .. } => None,
        }
    }

    /// Puts the cursor on the agent that does this work.
    pub fn show(&mut self, work: Work, world: &World) {
        if let Some(agent) = agents(world)
            .into_iter()
            .find(|agent| agent.work == Some(work))
        {
            self.filter = Filter::default(); // It must not hide what is opened.
            let is_hidden = !self
                .entries(world)
                .iter()
                .any(|entry| entry.name() == agent.name);
            if is_hidden {
                let role = Some(agent.role.clone()).filter(|_| self.group == Group::Role);
                self.open.insert(role.unwrap_or_default());
            }
            self.cursor.choose(&Entry::Agent(Box::new(agent)));
        }
    }

    /// Puts the cursor on whoever does this work, if they are in the list.
    pub fn seat(&mut self, work: Work, world: &World) {
        let entries = self.entries(world);
        let does =
            |entry: &&Entry| matches!(entry, Entry::Agent(agent) if agent.work == Some(work));
        if let Some(entry) = entries.iter().find(does) {
            self.cursor.choose(entry);
        }
    }

    /// Whom a stream of the agent under the cursor shows. Whoever is idle is shown with what they did last.
    pub fn watched(&self, world: &World) -> Watched {
        let Some(sprint) = world.current() else {
            return Watched::Nobody;
        };
        let latest = |role: Option<&str>| {
            let attempts = sprint.attempts.values();
            let attempts = attempts.filter(|attempt| role.is_none_or(|role| attempt.role == role));
            attempts.max_by_key(|attempt| attempt.active_at)
        };
        let found = match self.current(world) {
            Some(agent) if agent.work.is_some() || self.cursor.is_chosen() => {
                let last = agent.work.and_then(|work| sprint.last_attempt(work));
                let last = last.map(|attempt| attempt.id);
                let idle = || latest(Some(&agent.role)).map(|attempt| attempt.id);
                let found = agent.attempt.or(last);
                let found = found.or_else(|| idle().filter(|_| agent.work.is_none()));
                return found.map_or(Watched::Silent(agent.name), Watched::Attempt);
            }
            // A row that stands for many, or a list that nobody has touched.
            Some(_) | None => {
                let busy = agents(world).into_iter().find_map(|agent| agent.attempt);
                busy.or_else(|| latest(None).map(|attempt| attempt.id))
            }
        };
        found.map_or(Watched::Nobody, Watched::Attempt)
    }

    /// Those who work, in the order of the list, with their attempts.
    pub fn at_work(&self, world: &World) -> Vec<AttemptId> {
        let listed = self.listed(world).into_iter();
        listed.filter_map(|agent| agent.attempt).collect()
    }

    /// Moves to the next or previous agent.
    pub fn sibling(&mut self, step: Step, world: &World) {
        let entries = self.entries(world);
        self.cursor.step(step, &entries);
    }

    /// Acts on an action; `height` is the height of the list.
    pub fn act(&mut self, action: Action, known: &Known, height: u16) -> Vec<Intent> {
        if let Some(step) = step(action, height) {
            self.sibling(step, &known.world);
            return Vec::new();
        }
        if action == Action::GroupBy {
            self.group = self.group.next();
            return Vec::new();
        }
        let agent = match self.entry(&known.world) {
            Some(Entry::Agent(agent)) => agent,
            Some(Entry::Others { role, .. }) if action == Action::Open => {
                let role = role.unwrap_or_default();
                if !self.open.remove(&role) {
                    self.open.insert(role);
                }
                return Vec::new();
            }
            Some(Entry::Others { .. }) if is_about_work(action) => {
                let text = "Enter shows these agents; what is done is done to one";
                return vec![Intent::Say(Token::Info, text.to_owned())];
            }
            Some(Entry::Others { .. }) | None => return Vec::new(),
        };
        match agent.work {
            Some(work) => on_work(action, known, work),
            None if is_about_work(action) => {
                let text = format!("{} has no task at the moment", agent.name);
                vec![Intent::Say(Token::Info, text)]
            }
            None => Vec::new(),
        }
    }

    /// Takes in what is at risk, and keeps the cursor in view of a list of `width` × `height`; while the person looks (`is_held`)
    /// also on whom it is on.
    pub fn settle(&mut self, known: &Known, (width, height): (u16, u16), is_held: bool) {
        let risks = risks::risks(&known.world, known.now, known.near);
        self.at_risk = risks.into_iter().filter_map(|risk| risk.work).collect();
        let strip = fleet::strip_height(agents(&known.world).len(), width);
        let entries = self.entries(&known.world);
        let room = (height.saturating_sub(strip), is_held);
        self.cursor.settle(&entries, room);
    }
}

const fn is_about_work(action: Action) -> bool {
    matches!(
        action,
        Action::Open
            | Action::Compose
            | Action::Comment
            | Action::Pause
            | Action::DiffOf
            | Action::TimelineOf
    )
}

/// Acts on what an agent works on.
pub fn on_work(action: Action, known: &Known, work: Work) -> Vec<Intent> {
    match action {
        Action::Open => vec![Intent::OpenAgent(work)],
        Action::Compose | Action::Comment => vec![Intent::Write(Purpose::Steer(work))],
        Action::Pause => pause(known, work),
        Action::DiffOf => diff_of(known, work),
        Action::TimelineOf => vec![timeline_of(work)],
        _ => Vec::new(),
    }
}

/// Shows the change of what an agent works for, if it has committed any.
pub fn diff_of(known: &Known, work: Work) -> Vec<Intent> {
    let task = work.task().and_then(|id| known.world.task(id));
    match task {
        Some(task) if task.change.is_some() => vec![Intent::OpenChange(task.id)],
        Some(_) | None => {
            let text = format!("{} has committed nothing yet", work_label(work));
            vec![Intent::Say(Token::Info, text)]
        }
    }
}

/// Shows the log of a work.
pub fn timeline_of(work: Work) -> Intent {
    Intent::OpenLog(format!("task:{}", work_label(work)))
}

/// Pauses what an agent works for, or lets it go on.
pub fn pause(known: &Known, work: Work) -> Vec<Intent> {
    let Some(task) = work.task() else {
        return vec![Intent::Say(
            Token::Info,
            "P pauses the whole sprint".to_owned(),
        )];
    };
    let status = known
        .world
        .task(task)
        .map(|task| (task.status, task.is_paused));
    let command = match status {
        Some((Status::Held(Cause::Paused), _) | (_, true)) => {
            Command::Resume(PauseScope::Task(task))
        }
        Some(_) => Command::Pause(PauseScope::Task(task)),
        None => return Vec::new(),
    };
    vec![Intent::Submit(Box::new(command))]
}

/// Mark, name, role, tier, state, task, what it does, context, money, age.
const COLUMNS: [Column; 10] = [
    column(Width::Cells(1), Side::Left, 0),
    column(Width::Cells(8), Side::Left, 0),
    column(Width::Cells(8), Side::Left, 6),
    column(Width::Cells(4), Side::Left, 5),
    column(Width::Cells(7), Side::Left, 1),
    column(Width::Cells(4), Side::Left, 0),
    column(Width::Rest(10), Side::Left, 4),
    column(Width::Cells(4), Side::Right, 7),
    column(Width::Cells(6), Side::Right, 3),
    column(Width::Cells(4), Side::Right, 2),
];

const fn column(width: Width, side: Side, drop: u8) -> Column {
    Column { width, side, drop }
}

/// Paints the list.
pub fn view(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let agents = agents(&known.world);
    let running = agents
        .iter()
        .filter(|agent| agent.state.is_running())
        .count();
    let title = format!("AGENTS {}", agents.len());
    let order = match state.group {
        Group::Need => String::new(),
        other => format!("{} · ", other.word()),
    };
    let right = narrowed(&state.filter, &format!("{order}{running} run"));
    let inside = canvas.frame(area, &title, &right, has_focus);
    if agents.is_empty() {
        let text = " No agents yet. They start when a plan is approved.  g p plan";
        canvas.row(inside, &[piece(text, Token::Dim)]);
        return;
    }
    let entries = state.entries(&known.world);
    let inside = fleet::strip(&agents, &state.at_risk, canvas, inside);
    if entries.is_empty() {
        return canvas.rows(inside, nothing_fits(&state.filter));
    }
    let table = Table::fit(&COLUMNS, inside.width.saturating_sub(2));
    let selected = state.cursor.place(&entries);
    let shown = entries.iter().enumerate().skip(state.cursor.list.top);
    for (row, (place, entry)) in inside.rows().zip(shown) {
        let cells = Rect {
            x: row.x + 1,
            width: row.width.saturating_sub(2),
            ..row
        };
        match entry {
            Entry::Agent(agent) => {
                let age = agent.heard.map(|heard| time::age(known.now.since(heard)));
                let state = (state, age.unwrap_or_default());
                agent_row(state, agent, (canvas, &table), cells);
            }
            Entry::Others { .. } => canvas.row(cells, &[piece(entry.text(), Token::Dim)]),
        }
        if place == selected && has_focus {
            canvas.cursor(row);
        }
    }
}

fn agent_row(
    (state, age): (&State, String),
    agent: &Agent,
    (canvas, table): (&mut Canvas<'_>, &Table<'_>),
    area: Rect,
) {
    let (mark, token) = fleet::mark(agent, &state.at_risk);
    let text = if agent.work.is_some() {
        Token::Text
    } else {
        Token::Faint
    };
    let context = agent.context.map(|percent| format!("{percent}%"));
    let is_full = agent.context.is_some_and(|percent| percent >= risks::FULL);
    let full = if is_full { Token::Risk } else { Token::Dim };
    let cells = [
        piece(mark, token),
        piece(agent.name.as_str(), text),
        piece(agent.role.as_str(), Token::Dim),
        piece(agent.tier.short(), Token::Dim),
        piece(agent.state.word(), token),
        piece(agent.work.map(work_label).unwrap_or_default(), text),
        piece(agent.doing.as_str(), text),
        piece(context.unwrap_or_default(), full),
        piece(agent.cost.to_string(), Token::Money),
        piece(age, Token::Dim),
    ];
    table.paint(canvas.buffer, area, canvas.theme, &cells);
}

#[cfg(test)]
mod tests {
    use super::super::bench::{known, rows};
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn those_in_need_stand_first() {
        let known = known(fixture::running());
        let seen = rows(60, 7, |canvas, area| {
            view(&State::default(), &known, canvas, area, false);
        });
        insta::assert_snapshot!(seen.join("\n"));
    }

    #[test]
    fn a_large_team_is_folded_until_it_is_opened() {
        let known = known(fixture::fleet());
        let mut state = State::default();
        let shown = |state: &mut State| {
            state.settle(&known, (78, 11), false);
            rows(80, 13, |canvas, area| {
                view(state, &known, canvas, area, true);
            })
            .join("\n")
        };
        insta::assert_snapshot!("fleet_folded", shown(&mut state));
        state.act(Action::Bottom, &known, 11);
        assert_eq!(state.current(&known.world), None);
        state.act(Action::Open, &known, 11);
        insta::assert_snapshot!("fleet_open", shown(&mut state));
        state.act(Action::GroupBy, &known, 11);
        insta::assert_snapshot!("fleet_by_role", shown(&mut state));
        state.act(Action::GroupBy, &known, 11);
        state.act(Action::Top, &known, 11);
        insta::assert_snapshot!("fleet_by_task", shown(&mut state));
    }

    #[test]
    fn whoever_is_shown_is_not_folded_away() {
        let known = known(fixture::fleet());
        let mut state = State::default();
        let work = Work::Task(fixture::task(40));
        state.show(work, &known.world);
        let shown = state.current(&known.world).and_then(|agent| agent.work);
        assert_eq!(shown, Some(work));
    }

    #[test]
    fn a_pause_is_taken_back_by_the_same_key() {
        let known = known(fixture::running());
        let mut state = State::default();
        let paused = state.act(Action::Pause, &known, 5);
        let expected = Command::Pause(PauseScope::Task(fixture::task(5)));
        assert_eq!(paused, [Intent::Submit(Box::new(expected))]);
        state.sibling(Step::Bottom, &known.world);
        assert!(matches!(
            state.act(Action::Pause, &known, 5)[..],
            [Intent::Say(..)]
        ));
    }
}
