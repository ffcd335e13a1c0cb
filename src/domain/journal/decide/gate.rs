//! Decisions: who may, on what they looked at, and what a verdict makes happen once it takes effect.

use std::collections::BTreeSet;

use crate::base::body::Body;
use crate::base::id::{AttemptId, Digest, GateId};
use crate::base::money::Money;
use crate::domain::agent::{Answer, End, Opening};
use crate::domain::change::clash::{Choice, Clash, MOST_TEXT_BYTES};
use crate::domain::change::{Comment, Mark, Split};
use crate::domain::journal::decide::people;
use crate::domain::journal::{Command, Event, Input, Refusal, World};
use crate::domain::llm::Tier;
use crate::domain::presence::Standing;
use crate::domain::security::Actor;
use crate::domain::sprint::gate::{BudgetScope, Kind};
use crate::domain::sprint::{Ask, Closing, Gate, GateState, Reach, Sprint, Verdict};
use crate::domain::sprint::{board, rule};
use crate::domain::tool::grant::Scope;
use crate::domain::tool::risk;
use crate::domain::workflow::Outcome;

/// A gate that nobody has decided. Whoever comes second hears who was first, also when the sprint is over by then.
pub(super) fn open_gate(world: &World, id: GateId) -> Result<(&Sprint, &Gate), Refusal> {
    let unknown = || Refusal::Unknown(id.to_string());
    let sprint = world.sprints.get(&id.sprint).ok_or_else(unknown)?;
    let gate = sprint.gate(id).ok_or_else(unknown)?;
    match &gate.state {
        GateState::Open => Ok((sprint, gate)),
        GateState::Pending { by, .. } | GateState::Closed { by, .. } => {
            Err(Refusal::AlreadyDecided {
                gate: id,
                by: by.to_string(),
            })
        }
        GateState::Moot => Err(Refusal::Over(id.to_string())),
    }
}

pub(super) fn decide(world: &World, input: &Input) -> Result<Vec<Event>, Refusal> {
    let Command::Decide {
        gate: id,
        revision,
        verdict,
        is_final,
    } = &input.command
    else {
        return Ok(Vec::new());
    };
    let (sprint, gate) = open_gate(world, *id)?;
    if gate.revision != *revision {
        return Err(Refusal::Stale(id.to_string()));
    }
    if !gate.ask.takes(verdict) {
        return Err(Refusal::WrongVerdict(*id));
    }
    check(sprint, gate, verdict)?;
    let undo_ms = if *is_final || !has_outward_effect(gate, verdict) {
        0
    } else {
        sprint.setup.policy.undo_ms
    };
    let mut events = vec![Event::GateDecided {
        gate: *id,
        verdict: verdict.clone(),
        by: input.by.clone(),
        revision: *revision,
        client: input.client.clone(),
        latency_ms: input.at.since(gate.opened_at),
        effective_at: input.at.plus_ms(undo_ms),
    }];
    if undo_ms == 0 {
        events.extend(take_effect(sprint, gate, verdict, &input.by));
    }
    Ok(events)
}

/// A rule for the command of an item: one that waits is decided so; for one that was allowed before, the same is so from now on.
pub(super) fn allow(
    world: &World,
    (id, revision): (GateId, Digest),
    input: &Input,
) -> Result<Vec<Event>, Refusal> {
    let sprint = people::open_sprint(world, id.sprint)?;
    let gate = sprint
        .gate(id)
        .ok_or_else(|| Refusal::Unknown(id.to_string()))?;
    let Some(command) = rule::command_of(gate) else {
        return Err(Refusal::WrongVerdict(id));
    };
    if gate.revision != revision {
        return Err(Refusal::Stale(id.to_string()));
    }
    if risk::is_high(command) {
        return Err(Refusal::TooRisky(id));
    }
    if gate.state == GateState::Open {
        let command = Command::Decide {
            gate: id,
            revision,
            verdict: Verdict::Allow(Scope::Sprint),
            is_final: false,
        };
        return decide(
            world,
            &Input {
                command,
                ..input.clone()
            },
        );
    }
    // What a person refused, or never saw, is no reason for a rule.
    if rule::allowed_by(gate).is_none() {
        return Err(Refusal::Over(id.to_string()));
    }
    let granted = granted(sprint, command, Reach::Sprint);
    let is_new = !sprint
        .grants
        .contains_key(&(Digest::of(command.as_bytes()), Reach::Sprint));
    Ok(is_new.then_some(granted).into_iter().collect())
}

fn granted(sprint: &Sprint, command: &str, reach: Reach) -> Event {
    Event::CommandGranted {
        sprint: sprint.id,
        command: Digest::of(command.as_bytes()),
        reach,
        text: rule::brief(command),
    }
}

/// What cannot be decided although the verdict fits the kind.
fn check(sprint: &Sprint, gate: &Gate, verdict: &Verdict) -> Result<(), Refusal> {
    let (_, rejected, open) = gate.marked();
    match (&gate.ask, verdict) {
        (Ask::Plan { .. }, Verdict::Approve) if !sprint.plan.faults.is_empty() => {
            let faults: Vec<String> = sprint.plan.faults.iter().map(ToString::to_string).collect();
            Err(Refusal::FaultyPlan(faults.join("; ")))
        }
        (Ask::Diff { .. }, Verdict::Approve) if rejected > 0 => {
            Err(Refusal::MarkedRejected(rejected))
        }
        (Ask::Diff { .. }, Verdict::Send) if open > 0 && rejected == 0 => {
            Err(Refusal::Unmarked(open))
        }
        (
            Ask::Budget { limit, .. },
            Verdict::Raise(to) | Verdict::Cheaper(to) | Verdict::Finish(to),
        ) if to <= limit => Err(Refusal::BudgetTooLow(*limit)),
        (Ask::Nearing { limit, .. }, Verdict::Raise(to)) if to <= limit => {
            Err(Refusal::BudgetTooLow(*limit))
        }
        (Ask::Nearing { limit, .. }, Verdict::Cheaper(to)) if to < limit => {
            Err(Refusal::BudgetTooLow(*limit))
        }
        (Ask::Budget { .. }, Verdict::Finish(_)) if board::by_review(sprint).0.is_empty() => {
            Err(Refusal::WrongVerdict(gate.id))
        }
        (Ask::Conflict { clash, .. }, Verdict::Resolve(choices)) => {
            check_choices(sprint, gate, clash.as_ref(), choices)
        }
        // Only a task has a worktree to work in by hand.
        (_, Verdict::TakeOver) if gate.work.task().is_none() => Err(Refusal::WrongVerdict(gate.id)),
        (_, Verdict::Drop) => check_drop(sprint, gate),
        _ => Ok(()),
    }
}

/// Whether a conflict is solved as a whole, and is still the one that was looked at.
pub(super) fn check_choices(
    sprint: &Sprint,
    gate: &Gate,
    clash: Option<&Clash>,
    choices: &[Vec<Choice>],
) -> Result<(), Refusal> {
    let task = gate.work.task().and_then(|task| sprint.task(task));
    let head = task.and_then(|task| Some(&task.change.as_ref()?.commit));
    let Some(clash) = clash else {
        return Err(Refusal::WrongVerdict(gate.id));
    };
    if sprint.tip.as_ref() != Some(&clash.onto) || head != Some(&clash.head) {
        return Err(Refusal::Stale(gate.id.to_string()));
    }
    let bytes: usize = choices.iter().flatten().map(Choice::bytes).sum();
    if bytes > MOST_TEXT_BYTES {
        let most = MOST_TEXT_BYTES >> 10;
        return Err(Refusal::BadEdit(format!(
            "the written results are too long, at most {most} KiB: take a side, or take the task over by hand"
        )));
    }
    let mut files = clash.files.iter().zip(choices);
    if clash.files.len() != choices.len() || !files.all(|(file, choices)| file.takes(choices)) {
        return Err(Refusal::BadEdit(format!(
            "{} is not solved as a whole: choose for every place, or take the task over by hand",
            gate.id
        )));
    }
    Ok(())
}

/// What is on its way into a branch cannot be given up before it is known whether it got there.
fn check_drop(sprint: &Sprint, gate: &Gate) -> Result<(), Refusal> {
    if sprint.is_landing {
        return Err(Refusal::Landing(sprint.id));
    }
    match gate.work.task().and_then(|task| sprint.task(task)) {
        Some(task) if task.is_merging => Err(Refusal::Merging(task.id)),
        Some(_) | None => Ok(()),
    }
}

/// Whether a decision goes out of the program (a merge, a landing, words to an agent), so that it is held back for a while.
const fn has_outward_effect(gate: &Gate, verdict: &Verdict) -> bool {
    match gate.ask.kind() {
        Kind::Diff => matches!(
            verdict,
            Verdict::Approve | Verdict::Send | Verdict::Return(_) | Verdict::Reject(_)
        ),
        Kind::Merge => matches!(verdict, Verdict::Approve),
        Kind::Plan
        | Kind::Ask
        | Kind::Tool
        | Kind::Budget
        | Kind::Conflict
        | Kind::Fail
        | Kind::Key
        | Kind::Hand => false,
    }
}

pub(super) fn undo(world: &World, id: GateId, input: &Input) -> Result<Vec<Event>, Refusal> {
    let gate = world
        .gate(id)
        .ok_or_else(|| Refusal::Unknown(id.to_string()))?;
    match &gate.state {
        GateState::Pending { .. } => Ok(vec![Event::DecisionWithdrawn {
            gate: id,
            by: input.by.clone(),
        }]),
        GateState::Closed { .. } | GateState::Moot => Err(Refusal::TooLate(id)),
        GateState::Open => Err(Refusal::Unknown(format!("decision on {id} to withdraw"))),
    }
}

/// The wait for a withdrawal is over: the timer's word counts, not the clock's, which may have been set back since.
pub(super) fn elapsed(world: &World, id: GateId) -> Result<Vec<Event>, Refusal> {
    let awaited = || Refusal::NotAwaited(id.to_string());
    let sprint = world.sprints.get(&id.sprint).ok_or_else(awaited)?;
    let gate = sprint.gate(id).ok_or_else(awaited)?;
    match &gate.state {
        GateState::Pending { verdict, by, .. } => Ok(take_effect(sprint, gate, verdict, by)),
        GateState::Open | GateState::Closed { .. } | GateState::Moot => Err(awaited()),
    }
}

pub(super) fn mark(
    world: &World,
    id: GateId,
    marks: &[(Digest, Mark)],
    by: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let (_, gate) = open_gate(world, id)?;
    if !matches!(gate.ask, Ask::Diff { .. }) {
        return Err(Refusal::WrongVerdict(id));
    }
    let hunks: BTreeSet<Digest> = gate.hunks().collect();
    let mut events = Vec::new();
    for (hunk, mark) in marks {
        if !hunks.contains(hunk) {
            return Err(Refusal::Unknown(format!("hunk {} in {id}", hunk.short())));
        }
        if gate.marks.get(hunk).unwrap_or(&Mark::Open) != mark {
            events.push(Event::HunkMarked {
                gate: id,
                hunk: *hunk,
                mark: mark.clone(),
                by: by.clone(),
            });
        }
    }
    Ok(events)
}

pub(super) fn split(
    world: &World,
    id: GateId,
    (hunk, split): (Digest, &Split),
    by: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let (_, gate) = open_gate(world, id)?;
    let Ask::Diff { hunks, .. } = &gate.ask else {
        return Err(Refusal::WrongVerdict(id));
    };
    if !hunks.contains(&hunk) {
        return Err(Refusal::Unknown(format!("hunk {} in {id}", hunk.short())));
    }
    if split.pieces.len() == 1 {
        return Err(Refusal::BadEdit("one piece is no cut".to_owned()));
    }
    Ok(vec![Event::HunkSplit {
        gate: id,
        hunk,
        split: split.clone(),
        by: by.clone(),
    }])
}

/// The least standing that a verdict takes: one that sets a budget, makes a rule or stops the sprint is its owner's.
pub(in crate::domain::journal) fn standing_for(
    world: &World,
    id: GateId,
    verdict: &Verdict,
) -> Standing {
    let is_rule = matches!(verdict, Verdict::Allow(Scope::Task | Scope::Sprint));
    let gate = world.sprints.get(&id.sprint);
    let gate = gate.and_then(|sprint| Some((sprint, sprint.gate(id)?)));
    // What a gate does not take has no effect, and is refused for that.
    let gate = gate.filter(|(_, gate)| gate.ask.takes(verdict));
    let effect = gate.map_or_else(Vec::new, |(sprint, gate)| {
        take_effect(sprint, gate, verdict, &Actor::System)
    });
    let is_owners = |event: &Event| {
        matches!(
            event,
            Event::BudgetChanged { .. }
                | Event::SprintClosed {
                    closing: Closing::Stopped,
                    ..
                }
        )
    };
    if is_rule || effect.iter().any(is_owners) {
        Standing::Owner
    } else {
        Standing::Approver
    }
}

/// What follows when a verdict counts.
fn take_effect(sprint: &Sprint, gate: &Gate, verdict: &Verdict, by: &Actor) -> Vec<Event> {
    let mut events = vec![Event::GateClosed(gate.id)];
    let stopped = Event::SprintClosed {
        sprint: sprint.id,
        closing: Closing::Stopped,
    };
    match &gate.ask {
        Ask::Plan { revision, .. } => events.push(of_plan(sprint, *revision, verdict, by)),
        Ask::Question {
            attempt,
            step,
            call,
            ..
        } => {
            if let Verdict::Answer(text) = verdict {
                let text = format!("The person answers: {text}");
                let answer = answer(text, "answered", false);
                events.push(returned(*attempt, *step, *call, answer));
            }
        }
        Ask::Tool { .. } => events.extend(of_command(sprint, gate, verdict)),
        Ask::Diff { .. } => events.extend(of_review(sprint, gate, verdict)),
        Ask::Merge { .. } => match verdict {
            Verdict::Reject(_) => events.push(Event::SprintClosed {
                sprint: sprint.id,
                closing: Closing::KeptApart,
            }),
            Verdict::Drop => events.push(stopped),
            _ => {}
        },
        Ask::Conflict { .. } | Ask::Fail { .. } => events.extend(of_trouble(sprint, gate, verdict)),
        Ask::Nearing { .. } if *verdict == Verdict::Approve => {}
        Ask::Budget { scope, .. } | Ask::Nearing { scope, .. } => {
            events.extend(of_budget(sprint, *scope, verdict));
        }
        Ask::Key { .. } => events.extend((*verdict == Verdict::Drop).then_some(stopped)),
        Ask::Hand { .. } => events.extend(gate.work.task().map(|task| match verdict {
            Verdict::Drop => Event::TaskDropped(task),
            _ => Event::TaskTaken {
                task,
                is_held: false,
            },
        })),
    }
    events
}

fn of_budget(sprint: &Sprint, scope: BudgetScope, verdict: &Verdict) -> Vec<Event> {
    let limited = |limit: &Money| Event::BudgetChanged {
        sprint: sprint.id,
        scope,
        limit: *limit,
    };
    match (verdict, scope) {
        (Verdict::Raise(limit), _) => vec![limited(limit)],
        (Verdict::Cheaper(limit), _) => {
            let cheaper = Event::TiersChanged {
                sprint: sprint.id,
                tier: Tier::Economy,
            };
            let is_other = sprint.account.limit != Some(*limit);
            let limited = is_other.then(|| limited(limit));
            std::iter::once(cheaper).chain(limited).collect()
        }
        (Verdict::Finish(limit), _) => {
            let (_, others) = board::by_review(sprint);
            let dropped = others.into_iter().map(|task| Event::TaskDropped(task.id));
            dropped.chain([limited(limit)]).collect()
        }
        (_, BudgetScope::Task(task)) => vec![Event::TaskDropped(task)],
        _ => vec![Event::SprintClosed {
            sprint: sprint.id,
            closing: Closing::Stopped,
        }],
    }
}

fn answer(text: String, brief: &str, is_error: bool) -> Answer {
    Answer {
        brief: brief.to_owned(),
        text: Body::Inline(text),
        is_error,
        exit: None,
        rest: None,
    }
}

const fn returned(attempt: AttemptId, step: u32, call: u32, answer: Answer) -> Event {
    Event::ToolReturned {
        attempt,
        step,
        call,
        answer,
    }
}

/// A command may run, this once or again and again, or its agent hears why it may not.
fn of_command(sprint: &Sprint, gate: &Gate, verdict: &Verdict) -> Option<Event> {
    let Ask::Tool {
        attempt,
        step,
        call,
        command,
        ..
    } = &gate.ask
    else {
        return None;
    };
    match verdict {
        Verdict::Allow(scope) => {
            Reach::of(*scope, gate.work).map(|reach| granted(sprint, command, reach))
        }
        Verdict::Reject(why) => {
            let text = format!("A person refused this command. {why}\nFind another way, or ask.");
            Some(returned(
                *attempt,
                *step,
                *call,
                answer(text, "refused", true),
            ))
        }
        _ => None,
    }
}

fn of_plan(sprint: &Sprint, revision: u32, verdict: &Verdict, by: &Actor) -> Event {
    match verdict {
        Verdict::Approve => Event::PlanApproved {
            sprint: sprint.id,
            revision,
            by: by.clone(),
        },
        Verdict::Reject(why) => Event::PlanRejected {
            sprint: sprint.id,
            why: why.clone(),
        },
        _ => Event::SprintClosed {
            sprint: sprint.id,
            closing: Closing::Stopped,
        },
    }
}

fn of_review(sprint: &Sprint, gate: &Gate, verdict: &Verdict) -> Vec<Event> {
    let Some(task) = gate.work.task().and_then(|id| sprint.task(id)) else {
        return Vec::new();
    };
    let left = |outcome, feedback| {
        vec![Event::NodeLeft {
            task: task.id,
            node: task.node.clone(),
            outcome,
            feedback,
        }]
    };
    let (_, rejected, _) = gate.marked();
    match verdict {
        Verdict::Approve => left(Outcome::Accepted, None),
        Verdict::Send if rejected == 0 => left(Outcome::Accepted, None),
        Verdict::Return(comments) if rejected == 0 => left(
            Outcome::Changes,
            Some(Opening::Changes(Vec::new(), told(comments))),
        ),
        Verdict::Reject(why) => left(
            Outcome::Changes,
            Some(Opening::Changes(Vec::new(), why.clone())),
        ),
        Verdict::Drop => vec![Event::TaskDropped(task.id)],
        // With rejected hunks the accepted part is written first; its report sends the task back.
        _ => Vec::new(),
    }
}

/// Words about lines as their author hears them: one line each.
pub(super) fn told(comments: &[Comment]) -> String {
    let lines: Vec<String> = comments.iter().map(Comment::told).collect();
    lines.join("\n")
}

fn of_trouble(sprint: &Sprint, gate: &Gate, verdict: &Verdict) -> Vec<Event> {
    match (gate.work.task(), verdict) {
        (Some(task), Verdict::Retry) => vec![Event::TaskRetried(task)],
        (Some(task), Verdict::Resolve(_)) => vec![Event::ConflictResolved {
            task,
            gate: gate.id,
        }],
        (Some(task), Verdict::TakeOver) => vec![Event::TaskTaken {
            task,
            is_held: true,
        }],
        (Some(task), _) => vec![Event::TaskDropped(task)],
        (None, Verdict::Retry) => vec![Event::PlanRejected {
            sprint: sprint.id,
            why: String::new(),
        }],
        (None, _) => vec![Event::SprintClosed {
            sprint: sprint.id,
            closing: Closing::Stopped,
        }],
    }
}

/// Whether an attempt's end is one that the next attempt of a plan can go on from.
pub(in crate::domain::journal) const fn can_go_on(end: &End) -> bool {
    match end {
        End::Planned | End::Finished { .. } | End::Judged(_) | End::Summed(_) => true,
        End::Looped(_) | End::Silent | End::Failed(..) | End::Full | End::Stopped => false,
    }
}
