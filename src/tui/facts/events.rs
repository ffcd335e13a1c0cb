//! An event in a line: who, and what happened.

use crate::base::id::{AttemptId, GateId, Work};
use crate::base::time::Timestamp;
use crate::domain::agent::{End, Nudge};
use crate::domain::change::Mark;
use crate::domain::change::checks::CheckResult;
use crate::domain::journal::{Envelope, Event, PauseScope, World};
use crate::domain::security::Actor;
use crate::domain::sprint::trial::TrialEnd;
use crate::domain::sprint::{Closing, Verdict};
use crate::tui::theme::Token;

use super::{line, role_name, subject, task_label, work_label};

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The event's number.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What.
    pub text: String,
    /// How it looks.
    pub token: Token,
    /// What kind of event it is.
    pub kind: &'static str,
    /// What work it is about.
    pub work: Option<Work>,
}

/// The line of an event. `world` is the one after it. None for what is of no interest to people.
pub fn describe(envelope: &Envelope, world: &World) -> Option<Line> {
    let (who, text, token) = words(&envelope.event, &envelope.by, world)?;
    Some(Line {
        seq: envelope.seq,
        at: envelope.at,
        who,
        text,
        token,
        kind: subject::kind(&envelope.event),
        work: subject::work(&envelope.event, world),
    })
}

type Words = Option<(String, String, Token)>;

#[expect(clippy::unnecessary_wraps, reason = "what most events become")]
fn said(who: impl Into<String>, text: impl Into<String>, token: Token) -> Words {
    Some((who.into(), text.into(), token))
}

fn words(event: &Event, by: &Actor, world: &World) -> Words {
    match event {
        Event::HostStarted { .. }
        | Event::SprintStarted { .. }
        | Event::SprintOpening(_)
        | Event::SprintOpened { .. }
        | Event::BaselineFinished { .. }
        | Event::SprintClosed { .. }
        | Event::SummingBegan(_)
        | Event::LandingBegan(_)
        | Event::LandingBlocked { .. }
        | Event::Paused { .. }
        | Event::Resumed { .. }
        | Event::HalfSpent { .. }
        | Event::BudgetChanged { .. }
        | Event::TiersChanged { .. } => of_sprint(event, by),
        Event::PlanProposed { .. }
        | Event::PlanEdited { .. }
        | Event::PlanApproved { .. }
        | Event::PlanRejected { .. } => of_plan(event),
        Event::AttemptOpened { .. }
        | Event::ModelReplied { .. }
        | Event::CallFailed { .. }
        | Event::CallLost { .. }
        | Event::ToolReturned { .. }
        | Event::FileEdited { .. }
        | Event::Nudged { .. }
        | Event::AttemptEnded { .. } => of_agent(event, world),
        Event::NodeEntered { .. }
        | Event::NodeLeft { .. }
        | Event::Committed { .. }
        | Event::ChecksFinished { .. }
        | Event::Merged { .. }
        | Event::MergeConflicted { .. }
        | Event::ConflictBrought { .. }
        | Event::ConflictResolved { .. }
        | Event::TrialAsked { .. }
        | Event::TrialEnded { .. } => of_task(event, world),
        Event::TaskTaken { .. }
        | Event::TaskRetried(_)
        | Event::TaskDropped(_)
        | Event::TaskOrdered { .. }
        | Event::TaskAdded { .. }
        | Event::TaskTakenBack { .. }
        | Event::TaskAssigned { .. } => of_hands(event, world),
        Event::GateOpened { .. }
        | Event::GateChanged { .. }
        | Event::GateDecided { .. }
        | Event::DecisionWithdrawn { .. }
        | Event::HunkMarked { .. }
        | Event::HunkSplit { .. }
        | Event::CommandGranted { .. }
        | Event::CommandRevoked { .. } => of_gate(event, world),
        Event::EffectFailed { key, why } => {
            said("aios", format!("{key}: {}", line(why)), Token::Fail)
        }
        Event::StandingChanged { whom, to, by, .. } => said(
            line(&by.to_string()),
            format!("made {} {to}", line(&whom.who.to_string())),
            Token::Info,
        ),
        Event::PersonRemoved { whom, by, .. } => said(
            line(&by.to_string()),
            format!("removed {}", line(&whom.who.to_string())),
            Token::Risk,
        ),
        Event::EffectBegan { .. }
        | Event::EffectForgotten { .. }
        | Event::TranscriptTrimmed { .. }
        | Event::WorktreePrepared { .. }
        | Event::WorktreeRemoved(_)
        | Event::GateClosed(_)
        | Event::GateDropped(_)
        | Event::TaskSettled(_)
        | Event::RetryElapsed(_) => None,
    }
}

fn of_sprint(event: &Event, by: &Actor) -> Words {
    match event {
        Event::HostStarted { version, .. } => said(
            "aios",
            format!("host {} started", line(version)),
            Token::Dim,
        ),
        Event::SprintStarted { goal, by, .. } => said(
            line(&by.to_string()),
            format!("goal: {}", line(&goal.first_line())),
            Token::Text,
        ),
        Event::SprintOpening(id) => said("aios", format!("{id} begins"), Token::Dim),
        Event::SprintOpened { base, .. } => said(
            "aios",
            format!("starts from {}", base.commit.short()),
            Token::Dim,
        ),
        Event::BaselineFinished { results, .. } => checks("aios", "on the base", results),
        Event::SprintClosed { closing, .. } => match closing {
            Closing::Landed(commit) => {
                said("aios", format!("landed as {}", commit.short()), Token::Ok)
            }
            Closing::KeptApart => said("aios", "ended; its branch is kept apart", Token::Info),
            Closing::Stopped => said(line(&by.to_string()), "stopped the sprint", Token::Fail),
            Closing::Failed(why) => said("aios", format!("failed: {}", line(why)), Token::Fail),
        },
        Event::SummingBegan(_) => said(
            "aios",
            "all tasks are over; the planner sums up",
            Token::Dim,
        ),
        Event::LandingBegan(_) => said("aios", "ready for the base branch", Token::Info),
        Event::LandingBlocked { why, .. } => said("aios", line(why), Token::Risk),
        Event::Paused { scope, by } => said(
            line(&by.to_string()),
            format!("paused {}", scoped(*scope)),
            Token::Info,
        ),
        Event::Resumed { scope } => said(
            line(&by.to_string()),
            format!("resumed {}", scoped(*scope)),
            Token::Info,
        ),
        Event::TiersChanged { tier, .. } => said(
            line(&by.to_string()),
            format!("what begins now works on {tier}"),
            Token::Money,
        ),
        Event::HalfSpent {
            scope,
            spent,
            limit,
            ..
        } => {
            let whose = super::waiting::budget(*scope);
            let text = format!("half of {whose} is spent: {spent} of {limit}");
            said("aios", text, Token::Money)
        }
        Event::BudgetChanged { scope, limit, .. } => {
            let whose = super::waiting::budget(*scope);
            said(
                line(&by.to_string()),
                format!("{whose} is now {limit}"),
                Token::Money,
            )
        }
        _ => None,
    }
}

fn scoped(scope: PauseScope) -> String {
    match scope {
        PauseScope::Sprint(id) => id.to_string(),
        PauseScope::Task(id) => task_label(id),
    }
}

fn of_plan(event: &Event) -> Words {
    match event {
        Event::PlanProposed { plan, .. } => said(
            "planner",
            format!("draft {}: {} tasks", plan.revision, plan.tasks.len()),
            Token::Info,
        ),
        Event::PlanEdited { plan, by, .. } => said(
            line(&by.to_string()),
            format!("edited the plan: draft {}", plan.revision),
            Token::Text,
        ),
        Event::PlanApproved { revision, by, .. } => said(
            line(&by.to_string()),
            format!("approved draft {revision}"),
            Token::Ok,
        ),
        Event::PlanRejected { why, .. } => said(
            "planner",
            format!("plans again: {}", line(why)),
            Token::Info,
        ),
        _ => None,
    }
}

/// Who an attempt is: its role's name, and what it works for.
fn agent(world: &World, attempt: AttemptId) -> (String, String) {
    let sprint = world.sprints.get(&attempt.work.sprint());
    let role = world.attempt(attempt).map_or("", |attempt| &attempt.role);
    let name = sprint.map_or_else(String::new, |sprint| role_name(sprint, role));
    (name, work_label(attempt.work))
}

fn of_agent(event: &Event, world: &World) -> Words {
    match event {
        Event::AttemptOpened { attempt, .. } => {
            let (name, label) = agent(world, *attempt);
            said(name, format!("begins {label}"), Token::Dim)
        }
        Event::ModelReplied {
            attempt,
            first_line,
            calls,
            ..
        } => {
            let (name, label) = agent(world, *attempt);
            let text = match (first_line.is_empty(), calls.first()) {
                (true, Some(call)) => line(&call.label),
                _ => line(first_line),
            };
            said(name, format!("{label} {text}"), Token::Text)
        }
        Event::CallFailed {
            attempt, failure, ..
        } => {
            let (name, label) = agent(world, *attempt);
            said(
                name,
                format!("{label} {}", line(&failure.to_string())),
                Token::Risk,
            )
        }
        Event::CallLost { attempt, .. } => {
            let (name, label) = agent(world, *attempt);
            said(
                name,
                format!("{label} a call was lost with the host"),
                Token::Risk,
            )
        }
        Event::ToolReturned {
            attempt,
            step,
            call,
            answer,
        } => {
            let (name, label) = agent(world, *attempt);
            let call = world
                .attempt(*attempt)
                .and_then(|attempt| attempt.call(*step, *call));
            let what = call.map_or("", |call| call.label.as_str());
            let token = if answer.is_error {
                Token::Fail
            } else {
                Token::Dim
            };
            said(
                name,
                format!("{label} {}  {}", line(what), line(&answer.brief)),
                token,
            )
        }
        Event::FileEdited { attempt, edit, .. } => {
            let (name, _) = agent(world, *attempt);
            said(
                name,
                format!(
                    "wrote {} +{} -{}",
                    line(&edit.path),
                    edit.added,
                    edit.removed
                ),
                Token::Text,
            )
        }
        Event::Nudged { attempt, nudge } => nudged(agent(world, *attempt).0, nudge),
        Event::AttemptEnded { attempt, end } => {
            let (name, label) = agent(world, *attempt);
            let (text, token) = ended(end);
            said(name, format!("{label} {text}"), token)
        }
        _ => None,
    }
}

fn nudged(name: String, nudge: &Nudge) -> Words {
    match nudge {
        Nudge::Steer { by, text } => {
            let text = line(&text.first_line());
            said(line(by), format!("to {name}: {text}"), Token::Text)
        }
        Nudge::Brake(looping) => said(
            name,
            format!("is stopped: {}", looping.evidence()),
            Token::Risk,
        ),
        Nudge::NoCall => None,
    }
}

fn ended(end: &End) -> (String, Token) {
    match end {
        End::Finished { summary, .. } => (format!("done: {}", line(summary)), Token::Ok),
        End::Judged(verdict) if verdict.accepted => {
            (format!("accepts: {}", line(&verdict.summary)), Token::Ok)
        }
        End::Judged(verdict) => (format!("rejects: {}", line(&verdict.summary)), Token::Fail),
        End::Planned => ("has a plan".to_owned(), Token::Ok),
        End::Summed(_) => ("has summed up".to_owned(), Token::Ok),
        End::Looped(looping) => (format!("got nowhere: {}", looping.evidence()), Token::Risk),
        End::Silent => ("stopped without a result".to_owned(), Token::Risk),
        End::Failed(_, why) => (format!("failed: {}", line(why)), Token::Fail),
        End::Full => (
            "its context is full; it begins anew".to_owned(),
            Token::Info,
        ),
        End::Stopped => ("was stopped".to_owned(), Token::Dim),
    }
}

fn of_task(event: &Event, world: &World) -> Words {
    match event {
        Event::NodeEntered { task, node, round } => {
            let again = if *round > 1 {
                format!(" (round {round})")
            } else {
                String::new()
            };
            said(
                "aios",
                format!("{} enters {}{again}", task_label(*task), line(node)),
                Token::Dim,
            )
        }
        Event::NodeLeft {
            task,
            node,
            outcome,
            ..
        } => said(
            "aios",
            format!("{} {}: {outcome}", task_label(*task), line(node)),
            Token::Dim,
        ),
        Event::Committed {
            task,
            commit,
            files,
            ..
        } => {
            let stat = crate::domain::change::diff_stat(files);
            let name = worker_of(world, *task);
            said(
                name,
                format!("{} commit {}: {stat}", task_label(*task), commit.short()),
                Token::Text,
            )
        }
        Event::ChecksFinished { task, results, .. } => checks("aios", &task_label(*task), results),
        Event::Merged { task, commit, .. } => said(
            "aios",
            format!("{} merged as {}", task_label(*task), commit.short()),
            Token::Ok,
        ),
        Event::MergeConflicted { task, sides } | Event::ConflictBrought { task, sides } => {
            let paths = line(&sides.paths.join(", "));
            said(
                "aios",
                format!("{} conflicts in {paths}", task_label(*task)),
                Token::Fail,
            )
        }
        Event::TrialAsked { task, by, .. } => said(
            line(&by.to_string()),
            format!("tests a result for {}", task_label(*task)),
            Token::Info,
        ),
        Event::TrialEnded { task, end, .. } => {
            let what = format!("a result for {}", task_label(*task));
            match end {
                TrialEnd::Ran { results, .. } => checks("aios", &what, results),
                TrialEnd::Broke(why) => said(
                    "aios",
                    format!("{what} could not be tested: {}", line(why)),
                    Token::Fail,
                ),
            }
        }
        Event::ConflictResolved { task, .. } => said(
            "aios",
            format!(
                "{} takes the sprint’s branch in, as was chosen",
                task_label(*task)
            ),
            Token::Info,
        ),
        _ => None,
    }
}

/// What a person did with a task.
fn of_hands(event: &Event, world: &World) -> Words {
    match event {
        Event::TaskTaken {
            task,
            is_held: true,
        } => said(
            "aios",
            format!("{} is in your hands", task_label(*task)),
            Token::Info,
        ),
        Event::TaskTaken {
            task,
            is_held: false,
        } => said(
            "aios",
            format!("{} goes on", task_label(*task)),
            Token::Info,
        ),
        Event::TaskRetried(task) => said(
            "aios",
            format!("{} begins anew", task_label(*task)),
            Token::Info,
        ),
        Event::TaskDropped(task) => said(
            "aios",
            format!("{} is dropped", task_label(*task)),
            Token::Info,
        ),
        Event::TaskOrdered { task, before, by } => {
            let (task, before) = (task_label(*task), task_label(*before));
            let text = format!("put {task} in front of {before}");
            said(line(&by.to_string()), text, Token::Info)
        }
        Event::TaskAdded { task, spec, by, .. } => said(
            line(&by.to_string()),
            format!("added {}: {}", task_label(*task), line(&spec.title)),
            Token::Info,
        ),
        Event::TaskTakenBack { task, by } => said(
            line(&by.to_string()),
            format!("took {} back", task_label(*task)),
            Token::Info,
        ),
        Event::TaskAssigned { task, by, .. } => said(
            line(&by.to_string()),
            format!("gave {} to {}", task_label(*task), worker_of(world, *task)),
            Token::Info,
        ),
        _ => None,
    }
}

fn worker_of(world: &World, task: crate::base::id::TaskId) -> String {
    let sprint = world.sprints.get(&task.sprint);
    sprint.map_or_else(String::new, |sprint| {
        super::worker(sprint, crate::base::id::Work::Task(task))
    })
}

fn checks(who: &str, label: &str, results: &[CheckResult]) -> Words {
    let red: Vec<String> = results
        .iter()
        .filter(|result| !result.passed())
        .map(|result| line(&result.spec.command))
        .collect();
    match (results.len(), red.is_empty()) {
        (0, _) => said(who, format!("{label}: nothing to check"), Token::Dim),
        (count, true) => said(who, format!("{label}: {count} checks green"), Token::Ok),
        (_, false) => said(
            who,
            format!("{label}: red: {}", red.join(", ")),
            Token::Fail,
        ),
    }
}

fn of_gate(event: &Event, world: &World) -> Words {
    match event {
        Event::GateOpened { gate, ask, .. } | Event::GateChanged { gate, ask } => {
            let text = gate_text(world, *gate);
            said(
                "aios",
                format!("{} waits on you: {text}", ask.kind().word()),
                Token::Need,
            )
        }
        Event::GateDecided {
            gate, verdict, by, ..
        } => {
            let label = world
                .gate(*gate)
                .map_or_else(String::new, |gate| work_label(gate.work));
            let (act, token) = decided(verdict);
            said(line(&by.to_string()), format!("{act} {label}"), token)
        }
        Event::DecisionWithdrawn { gate, by } => said(
            line(&by.to_string()),
            format!("took the decision on {gate} back"),
            Token::Info,
        ),
        Event::HunkMarked { mark, by, .. } => match mark {
            Mark::Accepted => said(line(&by.to_string()), "accepted a hunk", Token::Dim),
            Mark::Rejected { reason } => said(
                line(&by.to_string()),
                format!("rejected a hunk: {}", line(reason)),
                Token::Dim,
            ),
            Mark::Open => None,
        },
        Event::CommandGranted { text, .. } => said(
            "aios",
            format!("runs without a question from now on: {}", line(text)),
            Token::Info,
        ),
        Event::CommandRevoked { text, by, .. } => said(
            line(&by.to_string()),
            format!("wants to be asked again about {}", line(text)),
            Token::Info,
        ),
        _ => None,
    }
}

fn gate_text(world: &World, gate: GateId) -> String {
    let sprint = world.sprints.get(&gate.sprint);
    let found = sprint.and_then(|sprint| {
        sprint
            .gate(gate)
            .map(|gate| super::waiting::text(sprint, gate))
    });
    found.unwrap_or_default()
}

/// A verdict as a past act.
pub fn decided(verdict: &Verdict) -> (String, Token) {
    match verdict {
        Verdict::Approve => ("approved".to_owned(), Token::Ok),
        Verdict::Reject(_) => ("rejected".to_owned(), Token::Fail),
        Verdict::Answer(text) => (format!("answered “{}” on", line(text)), Token::Ok),
        Verdict::Allow(_) => ("allowed the command of".to_owned(), Token::Ok),
        Verdict::Send => ("sent the review of".to_owned(), Token::Ok),
        Verdict::Return(comments) => (format!("sent {} comments on", comments.len()), Token::Ok),
        Verdict::Raise(limit) => (format!("raised to {limit} the budget of"), Token::Money),
        Verdict::Cheaper(limit) => (
            format!("raised to {limit}, on the economy tier, the budget of"),
            Token::Money,
        ),
        Verdict::Finish(limit) => (
            format!("raised to {limit}, to finish what is in review, the budget of"),
            Token::Money,
        ),
        Verdict::Retry => ("retried".to_owned(), Token::Ok),
        Verdict::TakeOver => ("took over".to_owned(), Token::Info),
        Verdict::Drop => ("dropped".to_owned(), Token::Fail),
        Verdict::Resolve(_) => ("solved".to_owned(), Token::Ok),
    }
}
