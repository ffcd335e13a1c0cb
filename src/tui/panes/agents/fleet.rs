//! A large team: one mark an agent, then those who need something or are at risk, and one row for all others until it is opened.

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use crate::base::id::Work;
use crate::tui::facts::agents::{Agent, State as Goes};
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{Piece, piece};

/// A team of more agents is large.
pub(super) const LARGE: usize = 14;

/// What the list is in the order of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Group {
    /// Who needs something stands first.
    #[default]
    Need,
    /// By role.
    Role,
    /// By task.
    Task,
}

impl Group {
    /// The next one.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::Need => Self::Role,
            Self::Role => Self::Task,
            Self::Task => Self::Need,
        }
    }

    /// What the title says.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Need => "by need",
            Self::Role => "by role",
            Self::Task => "by task",
        }
    }
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// An agent.
    Agent(Box<Agent>),
    /// Agents that need nothing.
    Others {
        /// Their role; none for all of them.
        role: Option<String>,
        /// How many run.
        running: usize,
        /// How many do nothing.
        off: usize,
        /// Whether they stand below.
        is_open: bool,
    },
}

impl Entry {
    /// What the cursor remembers it by. No agent's name has a line end.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Agent(agent) => agent.name.clone(),
            Self::Others { role, .. } => format!("\n{}", role.as_deref().unwrap_or_default()),
        }
    }

    /// What the row of others says.
    pub(super) fn text(&self) -> String {
        let Self::Others {
            role,
            running,
            off,
            is_open,
        } = self
        else {
            return String::new();
        };
        let who = role
            .as_ref()
            .map_or_else(String::new, |role| format!(" {role}"));
        let verb = if *running == 1 { "runs" } else { "run" };
        let off = match off {
            0 => String::new(),
            off => format!(", {off} off"),
        };
        let what = if *is_open { "hides" } else { "shows" };
        format!("{running}{who} {verb} normally{off}  (Enter {what} them)")
    }
}

/// Whether an agent is worth a row of its own in a large team.
pub(super) fn stands_out(agent: &Agent, at_risk: &BTreeSet<Work>) -> bool {
    match agent.state {
        Goes::Gate | Goes::Asks | Goes::Failed | Goes::Limited => true,
        Goes::Tool | Goes::Writing | Goes::Paused | Goes::Idle => is_at_risk(agent, at_risk),
    }
}

fn is_at_risk(agent: &Agent, at_risk: &BTreeSet<Work>) -> bool {
    agent.work.is_some_and(|work| at_risk.contains(&work))
}

/// An agent's mark: who runs and is at risk has that of a risk.
pub(super) fn mark(agent: &Agent, at_risk: &BTreeSet<Work>) -> (&'static str, Token) {
    if agent.state.is_running() && is_at_risk(agent, at_risk) {
        ("▲", Token::Risk)
    } else {
        (agent.state.mark(), agent.state.token())
    }
}

/// Who stands before whom: need, then risk, then work.
pub(super) fn order(agents: &mut [Agent], group: Group, at_risk: &BTreeSet<Work>) {
    let need = |agent: &Agent| (!stands_out(agent, at_risk), agent.state);
    match group {
        Group::Need => agents.sort_by_key(need),
        Group::Role => {
            agents.sort_by(|one, other| (&one.role, need(one)).cmp(&(&other.role, need(other))));
        }
        Group::Task => agents.sort_by_key(|agent| (agent.work.is_none(), agent.work)),
    }
}

/// The rows of a large team. `open` has the roles whose others are shown, and an empty word for all of them.
pub(super) fn entries(
    agents: Vec<Agent>,
    (group, open): (Group, &BTreeSet<String>),
    at_risk: &BTreeSet<Work>,
) -> Vec<Entry> {
    let as_agent = |agent| Entry::Agent(Box::new(agent));
    if group == Group::Task {
        return agents.into_iter().map(as_agent).collect();
    }
    let is_by_role = group == Group::Role;
    let (special, others): (Vec<Agent>, Vec<Agent>) = agents
        .into_iter()
        .partition(|agent| stands_out(agent, at_risk));
    let mut entries: Vec<Entry> = special.into_iter().map(as_agent).collect();
    for group in others.chunk_by(|one, other| !is_by_role || one.role == other.role) {
        let role = group.first().map(|agent| agent.role.clone());
        let role = role.filter(|_| is_by_role);
        let running = group.iter().filter(|agent| agent.state.is_running());
        let running = running.count();
        let is_open = open.contains(role.as_deref().unwrap_or_default());
        entries.push(Entry::Others {
            role,
            running,
            off: group.len() - running,
            is_open,
        });
        if is_open {
            entries.extend(group.iter().cloned().map(as_agent));
        }
    }
    entries
}

/// Rows that the strip takes in a list of `width` cells.
pub(super) fn strip_height(count: usize, width: u16) -> u16 {
    if count <= LARGE {
        return 0;
    }
    let rows = count.div_ceil(usize::from(width.saturating_sub(2)).max(1));
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// Paints the strip and gives the area below it.
pub(super) fn strip(
    agents: &[Agent],
    at_risk: &BTreeSet<Work>,
    canvas: &mut Canvas<'_>,
    area: Rect,
) -> Rect {
    let height = strip_height(agents.len(), area.width).min(area.height);
    let cells = usize::from(area.width.saturating_sub(2)).max(1);
    let mut marks: Vec<&Agent> = agents.iter().collect();
    marks.sort_by_key(|agent| (!stands_out(agent, at_risk), agent.state));
    for (row, agents) in area
        .rows()
        .zip(marks.chunks(cells))
        .take(usize::from(height))
    {
        let mut pieces: Vec<Piece<'_>> = vec![piece(" ", Token::Text)];
        for agent in agents {
            let (mark, token) = mark(agent, at_risk);
            match pieces.last_mut() {
                Some(last) if last.token == token => last.text.to_mut().push_str(mark),
                _ => pieces.push(piece(mark, token)),
            }
        }
        canvas.row(row, &pieces);
    }
    Rect {
        y: area.y + height,
        height: area.height - height,
        ..area
    }
}
