//! Who is at work, and how it goes: one row for every piece of work that has an agent, most needy first, then who is idle.

use crate::base::id::{AttemptId, Work};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::domain::agent::{Attempt, Next};
use crate::domain::journal::{EffectKey, Hold, World};
use crate::domain::llm::Tier;
use crate::domain::sprint::{Ask, Cause, GateState, Phase, Sprint, Status, Task};
use crate::domain::workflow::NodeKind;
use crate::tui::theme::Token;

use super::{line, role_name, work_label};

/// How it goes with an agent, in the order of need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A command waits for a yes.
    Gate,
    /// A question waits for an answer.
    Asks,
    /// It cannot go on by itself.
    Failed,
    /// Its provider or its budget holds it.
    Limited,
    /// It runs a tool.
    Tool,
    /// It thinks or writes.
    Writing,
    /// A person paused it.
    Paused,
    /// Nothing to do.
    Idle,
}

impl State {
    /// Its mark.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Gate => "!",
            Self::Asks => "?",
            Self::Failed => "✗",
            Self::Limited => "◌",
            Self::Tool | Self::Writing => "▸",
            Self::Paused | Self::Idle => "·",
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gate | Self::Asks => "asks",
            Self::Failed => "failed",
            Self::Limited => "limited",
            Self::Tool => "tool",
            Self::Writing => "writing",
            Self::Paused => "paused",
            Self::Idle => "idle",
        }
    }

    /// How it looks.
    pub const fn token(self) -> Token {
        match self {
            Self::Gate | Self::Asks => Token::Need,
            Self::Failed => Token::Fail,
            Self::Limited => Token::Dim,
            Self::Tool | Self::Writing => Token::Run,
            Self::Paused | Self::Idle => Token::Off,
        }
    }

    /// Whether it is busy.
    pub const fn is_running(self) -> bool {
        match self {
            Self::Tool | Self::Writing => true,
            Self::Gate | Self::Asks | Self::Failed | Self::Limited | Self::Paused | Self::Idle => {
                false
            }
        }
    }
}

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// What it is called.
    pub name: String,
    /// The key of its role.
    pub role: String,
    /// The tier that it runs on.
    pub tier: Tier,
    /// How it goes.
    pub state: State,
    /// What it works for; none if it is idle.
    pub work: Option<Work>,
    /// Its attempt, once there is one.
    pub attempt: Option<AttemptId>,
    /// What it does, in a line.
    pub doing: String,
    /// What its work cost so far.
    pub cost: Money,
    /// How much of its context is in use, in percent.
    pub context: Option<u64>,
    /// When something was heard of it last.
    pub heard: Option<Timestamp>,
}

/// All agents of the current sprint.
pub fn agents(world: &World) -> Vec<Agent> {
    let Some(sprint) = world.current() else {
        return Vec::new();
    };
    let planner = match sprint.phase {
        Phase::Planning => Some(Work::Plan(sprint.id)),
        Phase::Summing => Some(Work::Summary(sprint.id)),
        Phase::Queued
        | Phase::Opening
        | Phase::Approving
        | Phase::Running
        | Phase::Landing
        | Phase::Closed(_) => None,
    };
    let mut agents: Vec<Agent> = planner
        .and_then(|work| sprint.last_attempt(work))
        .map(|attempt| of_attempt(world, sprint, attempt))
        .into_iter()
        .collect();
    let busy = sprint
        .tasks
        .values()
        .filter(|task| is_worked_on(sprint, task));
    agents.extend(busy.map(|task| of_task(world, sprint, task)));
    number_twins(&mut agents);
    agents.sort_by_key(|agent| (agent.state, agent.work));
    let idle: Vec<Agent> = sprint
        .setup
        .team
        .iter()
        .filter(|role| !agents.iter().any(|agent| agent.role == role.key))
        .map(|role| Agent {
            name: line(&role.name),
            role: role.key.clone(),
            tier: role.tier,
            state: State::Idle,
            work: None,
            attempt: None,
            doing: line(&role.title),
            cost: sprint
                .ledger
                .by_role
                .get(&role.key)
                .map_or(Money::ZERO, |totals| totals.cost),
            context: None,
            heard: None,
        })
        .collect();
    agents.extend(idle);
    agents
}

/// What is worked on at the moment: whoever works on it hears a message.
pub fn worked_on(world: &World) -> Vec<Work> {
    let sprint = world.current().into_iter();
    let attempts = sprint.flat_map(|sprint| sprint.attempts.values());
    let open = attempts.filter(|attempt| attempt.end.is_none());
    open.map(|attempt| attempt.id.work).collect()
}

fn is_worked_on(sprint: &Sprint, task: &Task) -> bool {
    let is_agents = matches!(sprint.kind_of(task), Some(NodeKind::Work | NodeKind::Judge));
    is_agents && !task.is_over() && task.status != Status::Ready
}

/// A second agent of a role is `marcus-2`.
fn number_twins(agents: &mut [Agent]) {
    for place in (1..agents.len()).rev() {
        let (before, rest) = agents.split_at_mut(place);
        let Some(agent) = rest.first_mut() else {
            continue;
        };
        let twins = before
            .iter()
            .filter(|other| other.role == agent.role)
            .count();
        if twins > 0 {
            agent.name = format!("{}-{}", agent.name, twins + 1);
        }
    }
}

fn of_task(world: &World, sprint: &Sprint, task: &Task) -> Agent {
    let attempt = task.attempt.and_then(|id| sprint.attempts.get(&id));
    let mut agent = match attempt {
        Some(attempt) => of_attempt(world, sprint, attempt),
        None => Agent {
            name: role_name(sprint, &task.spec.role),
            role: task.spec.role.clone(),
            tier: crate::domain::sprint::estimate::tier(&sprint.setup, &task.spec),
            state: State::Tool,
            work: Some(Work::Task(task.id)),
            attempt: None,
            doing: "prepares its worktree".to_owned(),
            cost: Money::ZERO,
            context: None,
            heard: None,
        },
    };
    agent.cost = task.account.spent;
    let (state, doing) = match (task.status, gate_of(sprint, task)) {
        (_, Some(Ask::Question { question, .. })) => (State::Asks, line(question)),
        (_, Some(Ask::Tool { command, .. })) => (State::Gate, line(command)),
        (_, Some(Ask::Budget { .. })) => (State::Limited, "its budget is reached".to_owned()),
        (_, Some(Ask::Key { provider, .. })) => (
            State::Limited,
            format!("{} does not let it in", line(provider)),
        ),
        (Status::Held(Cause::Paused), _) => (State::Paused, line(&task.spec.title)),
        (Status::Held(Cause::TakenOver), _) => (State::Paused, "in your hands".to_owned()),
        (Status::Held(Cause::Stuck), _) => (State::Failed, line(&task.spec.title)),
        (Status::Ready | Status::Running | Status::Asking | Status::Done | Status::Dropped, _) => {
            (agent.state, agent.doing)
        }
    };
    Agent {
        state,
        doing,
        ..agent
    }
}

/// What is asked about a task at the moment.
fn gate_of<'a>(sprint: &'a Sprint, task: &Task) -> Option<&'a Ask> {
    let mut open = sprint
        .open_gates()
        .filter(|gate| gate.state == GateState::Open && gate.ask.holds());
    open.find(|gate| gate.work == Work::Task(task.id))
        .map(|gate| &gate.ask)
}

fn of_attempt(world: &World, sprint: &Sprint, attempt: &Attempt) -> Agent {
    let work = attempt.id.work;
    let step = u32::try_from(attempt.steps.len()).unwrap_or(u32::MAX);
    let key = EffectKey::Model {
        attempt: attempt.id,
        step,
    };
    let hold = world.open.get(&key).and_then(|wanted| wanted.hold);
    let (state, doing) = match (hold, attempt.next()) {
        (Some(Hold::Paused), _) => (State::Paused, "paused".to_owned()),
        (Some(Hold::Budget), _) => (State::Limited, "its budget is reached".to_owned()),
        (Some(Hold::Provider), _) => (State::Limited, "its provider does not answer".to_owned()),
        (Some(Hold::Baseline), _) => (
            State::Limited,
            "waits for the checks on the base".to_owned(),
        ),
        (None, Next::Answers) => {
            let call = attempt
                .unanswered()
                .next()
                .map_or("", |(_, call)| call.label.as_str());
            (State::Tool, line(call))
        }
        (None, Next::Model(_) | Next::Word | Next::Nothing) => {
            (State::Writing, title(sprint, work))
        }
    };
    Agent {
        name: role_name(sprint, &attempt.role),
        role: attempt.role.clone(),
        tier: attempt.tier,
        state,
        work: Some(work),
        attempt: Some(attempt.id),
        doing,
        cost: attempt.cost,
        context: Some(used(sprint, attempt)),
        heard: Some(attempt.active_at),
    }
}

/// How much of its context an attempt has in use, in percent.
pub fn used(sprint: &Sprint, attempt: &Attempt) -> u64 {
    let window = sprint.model(attempt.tier).window.max(1);
    attempt.context().saturating_mul(100) / window
}

fn title(sprint: &Sprint, work: Work) -> String {
    match work.task().and_then(|id| sprint.task(id)) {
        Some(task) => line(&task.spec.title),
        None => work_label(work),
    }
}
