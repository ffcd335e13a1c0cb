//! Events in words: one line each, for logs, plain mode and the list of events. Ids, money and states are the program's; titles and
//! reasons are other people's words and must pass `base::text` before they reach a terminal.

use crate::base::id::{AttemptId, TaskId};
use crate::domain::agent::{End, Nudge, Opening};
use crate::domain::change::checks::CheckResult;
use crate::domain::journal::{Envelope, Event, PauseScope, World};
use crate::domain::sprint::trial::TrialEnd;
use crate::domain::sprint::{Ask, Closing, Reach, Verdict};

/// An event in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is about, a word: `plan`, `task`, `agent`, `check`, `merge`, `gate`, `cost`, `host`, `sprint`,
    /// `people`.
    pub kind: &'static str,
    /// Who did it or whose it is, as people call them.
    pub who: String,
    /// What happened.
    pub text: String,
    /// It is of use only to those who look closely: tool calls, beginnings.
    pub is_trace: bool,
}

/// Says an event in words, against the world after it.
#[must_use]
pub fn narrate(world: &World, envelope: &Envelope) -> Line {
    let by = envelope.by.to_string();
    let event = &envelope.event;
    of_sprint(event, &by)
        .or_else(|| of_plan(event, &by))
        .or_else(|| of_agent(world, event))
        .or_else(|| of_task(world, event, &by))
        .or_else(|| of_hands(world, event, &by))
        .or_else(|| of_gate(event, &by))
        .or_else(|| of_access(event))
        .unwrap_or_else(|| of_effect(event, &by))
}

fn line(kind: &'static str, who: &str, text: String) -> Line {
    Line {
        kind,
        who: who.to_owned(),
        text,
        is_trace: false,
    }
}

fn trace(kind: &'static str, who: &str, text: String) -> Line {
    Line {
        is_trace: true,
        ..line(kind, who, text)
    }
}

fn of_sprint(event: &Event, by: &str) -> Option<Line> {
    let said = |kind, text| Some(line(kind, by, text));
    match event {
        Event::HostStarted { version, pid } => said(
            "host",
            format!("host started, aios {version}, process {pid}"),
        ),
        Event::SprintStarted { sprint, goal, .. } => {
            said("sprint", format!("{sprint} started: {}", goal.first_line()))
        }
        Event::SprintOpening(sprint) => said("sprint", format!("{sprint} begins")),
        Event::SprintOpened { sprint, base } => {
            let dirty = match base.dirty.len() {
                0 => String::new(),
                count => format!(", {count} local changes stay outside"),
            };
            said(
                "sprint",
                format!(
                    "{sprint} opened at {}, {} checks{dirty}",
                    base.commit.short(),
                    base.checks.len()
                ),
            )
        }
        Event::BaselineFinished { sprint, results } => {
            let red = results.iter().filter(|result| !result.passed()).count();
            said(
                "check",
                format!(
                    "{sprint} baseline: {} green, {red} red",
                    results.len() - red
                ),
            )
        }
        Event::SprintClosed { sprint, closing } => {
            said("sprint", format!("{sprint} {}", closed(closing)))
        }
        Event::SummingBegan(sprint) => {
            said("sprint", format!("{sprint} all tasks are over, summing up"))
        }
        Event::LandingBegan(sprint) => {
            said("sprint", format!("{sprint} is ready for the base branch"))
        }
        Event::LandingBlocked { sprint, why, .. } => {
            said("merge", format!("{sprint} cannot land: {why}"))
        }
        Event::BudgetChanged { scope, limit, .. } => said(
            "cost",
            format!("budget of {} is now {limit}", scope_word(*scope)),
        ),
        Event::HalfSpent {
            scope,
            spent,
            limit,
            ..
        } => said(
            "cost",
            format!(
                "half of the budget of {} is spent: {spent} of {limit}",
                scope_word(*scope)
            ),
        ),
        Event::TiersChanged { tier, .. } => {
            said("cost", format!("what begins now works on {tier}"))
        }
        Event::Paused { scope, by: who } => {
            said("sprint", format!("{} paused by {who}", paused(*scope)))
        }
        Event::Resumed { scope } => said("sprint", format!("{} goes on", paused(*scope))),
        _ => None,
    }
}

fn paused(scope: PauseScope) -> String {
    match scope {
        PauseScope::Sprint(sprint) => sprint.to_string(),
        PauseScope::Task(task) => task.to_string(),
    }
}

fn of_plan(event: &Event, by: &str) -> Option<Line> {
    let text = match event {
        Event::PlanProposed { sprint, plan } => {
            let faults = if plan.faults.is_empty() {
                String::new()
            } else {
                format!(", {} faults", plan.faults.len())
            };
            format!(
                "{sprint} plan {}: {} tasks{faults}",
                plan.revision,
                plan.kept().count()
            )
        }
        Event::PlanEdited { sprint, plan, .. } => {
            format!("{sprint} plan edited, now revision {}", plan.revision)
        }
        Event::PlanApproved {
            sprint,
            revision,
            by,
        } => format!("{sprint} plan {revision} approved by {by}"),
        Event::PlanRejected { sprint, why } => format!("{sprint} plan rejected: {why}"),
        _ => return None,
    };
    Some(line("plan", by, text))
}

fn of_effect(event: &Event, by: &str) -> Line {
    match event {
        Event::EffectBegan { key, .. } => trace("effect", by, format!("{key} begins")),
        Event::EffectForgotten { key } => trace("effect", by, format!("{key} is looked up again")),
        Event::EffectFailed { key, why } => line("fail", by, format!("{key} failed: {why}")),
        _ => trace("event", by, String::new()),
    }
}

fn of_agent(world: &World, event: &Event) -> Option<Line> {
    let name = |id: AttemptId| {
        let role = world
            .attempt(id)
            .map(|attempt| attempt.role.clone())
            .unwrap_or_default();
        let sprint = world.sprints.get(&id.work.sprint());
        sprint
            .and_then(|sprint| sprint.role(&role))
            .map_or(role.clone(), |role| role.name.clone())
    };
    let said = |id: &AttemptId, text: String| Some(line("agent", &name(*id), text));
    let traced = |id: &AttemptId, text: String| Some(trace("agent", &name(*id), text));
    match event {
        Event::AttemptOpened {
            attempt,
            opening,
            tier,
            ..
        } => said(
            attempt,
            format!("begins {attempt} ({tier}){}", why(opening)),
        ),
        Event::ModelReplied {
            attempt,
            first_line,
            calls,
            ended,
            ..
        } => {
            let words = if first_line.is_empty() {
                String::new()
            } else {
                format!(": {first_line}")
            };
            traced(
                attempt,
                format!(
                    "replies with {} calls, {}{words}",
                    calls.len(),
                    ended.entry.cost
                ),
            )
        }
        Event::CallFailed {
            attempt,
            failure,
            retry_at,
            ..
        } => {
            let then = if retry_at.is_some() {
                ", tries again"
            } else {
                ""
            };
            said(attempt, format!("model call failed: {failure}{then}"))
        }
        Event::CallLost { attempt, ended, .. } => said(
            attempt,
            format!("a call was lost, {} counts as spent", ended.entry.cost),
        ),
        Event::ToolReturned {
            attempt,
            step,
            call,
            answer,
        } => {
            let label = world
                .attempt(*attempt)
                .and_then(|attempt| attempt.call(*step, *call))
                .map(|call| call.label.clone());
            traced(
                attempt,
                format!("{}  {}", label.unwrap_or_default(), answer.brief),
            )
        }
        Event::FileEdited { attempt, edit, .. } => traced(
            attempt,
            format!("wrote {} +{} -{}", edit.path, edit.added, edit.removed),
        ),
        Event::Nudged { attempt, nudge } => said(attempt, nudged(nudge)),
        Event::TranscriptTrimmed { attempt, .. } => {
            traced(attempt, "old results are stubbed".to_owned())
        }
        Event::AttemptEnded { attempt, end } => said(attempt, ended(end)),
        Event::RetryElapsed(attempt) => traced(attempt, "tries again".to_owned()),
        _ => None,
    }
}

fn nudged(nudge: &Nudge) -> String {
    match nudge {
        Nudge::NoCall => "is told to end or go on".to_owned(),
        Nudge::Brake(sign) => format!("is stopped to think: {}", sign.evidence()),
        Nudge::Steer { by, text } => format!("is told by {by}: {}", text.first_line()),
    }
}

/// How many checks ran, and which are red.
fn ran(results: &[CheckResult]) -> String {
    let red = results.iter().filter(|result| !result.passed());
    let red: Vec<&str> = red.map(|result| result.spec.command.as_str()).collect();
    let red = if red.is_empty() {
        "all green".to_owned()
    } else {
        format!("red: {}", red.join(", "))
    };
    format!("{} ran, {red}", results.len())
}

fn of_task(world: &World, event: &Event, by: &str) -> Option<Line> {
    let said = |id: &TaskId, kind, text: String| Some(line(kind, by, about(world, *id, &text)));
    match event {
        Event::NodeEntered { task, node, round } => {
            let again = if *round > 1 {
                format!(", round {round}")
            } else {
                String::new()
            };
            said(task, "task", format!("enters {node}{again}"))
        }
        Event::NodeLeft {
            task,
            node,
            outcome,
            ..
        } => said(task, "task", format!("leaves {node}: {outcome}")),
        Event::WorktreePrepared { task, .. } => said(task, "task", "has its worktree".to_owned()),
        Event::Committed {
            task,
            commit,
            files,
            ..
        } => said(
            task,
            "task",
            format!("committed {} in {} files", commit.short(), files.len()),
        ),
        Event::ChecksFinished {
            task,
            are_proofs,
            results,
            ..
        } => {
            let what = if *are_proofs { "proofs" } else { "checks" };
            said(task, "check", format!("{what}: {}", ran(results)))
        }
        Event::Merged { task, commit, .. } => {
            said(task, "merge", format!("merged as {}", commit.short()))
        }
        Event::MergeConflicted { task, sides } => said(
            task,
            "merge",
            format!("does not merge: {}", sides.paths.join(", ")),
        ),
        Event::ConflictBrought { task, .. } => {
            said(task, "merge", "has the conflict in its worktree".to_owned())
        }
        Event::TrialAsked { task, .. } => said(
            task,
            "check",
            "what was chosen for its conflict is tested".to_owned(),
        ),
        Event::TrialEnded { task, end, .. } => said(
            task,
            "check",
            match end {
                TrialEnd::Ran { results, .. } => format!("tested: {}", ran(results)),
                TrialEnd::Broke(why) => format!("could not be tested: {why}"),
            },
        ),
        Event::ConflictResolved { task, .. } => {
            said(task, "merge", "its conflict is solved by hand".to_owned())
        }
        Event::WorktreeRemoved(task) => {
            said(task, "task", "worktree removed".to_owned()).map(|line| Line {
                is_trace: true,
                ..line
            })
        }
        _ => None,
    }
}

/// What a person did with a task.
fn of_hands(world: &World, event: &Event, by: &str) -> Option<Line> {
    let said = |id: &TaskId, text: String| Some(line("task", by, about(world, *id, &text)));
    match event {
        Event::TaskTaken {
            task,
            is_held: true,
        } => said(task, "is in a person's hands".to_owned()),
        Event::TaskTaken {
            task,
            is_held: false,
        } => said(task, "is given back".to_owned()),
        Event::TaskRetried(task) => said(task, "begins anew".to_owned()),
        Event::TaskDropped(task) => said(task, "is dropped".to_owned()),
        Event::TaskOrdered { task, before, by } => {
            said(task, format!("put in front of {before} by {by}"))
        }
        Event::TaskAssigned { task, role, by } => said(task, format!("given to {role} by {by}")),
        Event::TaskAdded { task, spec, by, .. } => {
            said(task, format!("added to the plan by {by}: {}", spec.title))
        }
        Event::TaskSettled(task) => said(task, "may begin".to_owned()).map(|line| Line {
            is_trace: true,
            ..line
        }),
        Event::TaskTakenBack { task, by } => said(task, format!("taken back by {by}")),
        _ => None,
    }
}

fn about(world: &World, id: TaskId, text: &str) -> String {
    let slug = world.task(id).map_or("", |task| task.spec.slug.as_str());
    format!("{id} {slug} {text}")
}

fn of_access(event: &Event) -> Option<Line> {
    let (by, text) = match event {
        Event::StandingChanged { line, whom, to, by } => {
            (by, format!("{} at line {line} is {to} now", whom.who))
        }
        Event::PersonRemoved { line, whom, by } => {
            (by, format!("{} at line {line} was removed", whom.who))
        }
        _ => return None,
    };
    Some(self::line("people", &by.to_string(), text))
}

fn of_gate(event: &Event, by: &str) -> Option<Line> {
    let said = |text: String| Some(line("gate", by, text));
    match event {
        Event::GateOpened { gate, ask, work } => said(format!(
            "{gate} {} waits ({work}): {}",
            ask.kind().word(),
            asked(ask)
        )),
        Event::GateDecided {
            gate, verdict, by, ..
        } => said(format!("{gate} {} by {by}", decided(verdict))),
        Event::DecisionWithdrawn { gate, by } => said(format!("{gate} withdrawn by {by}")),
        Event::GateClosed(gate) => Some(trace("gate", by, format!("{gate} takes effect"))),
        Event::GateChanged { gate, ask } => said(format!(
            "{gate} {} asks anew: {}",
            ask.kind().word(),
            asked(ask)
        )),
        Event::GateDropped(gate) => said(format!("{gate} is no longer asked")),
        Event::HunkMarked {
            gate, hunk, mark, ..
        } => Some(trace(
            "gate",
            by,
            format!("{gate} hunk {} {mark:?}", hunk.short()),
        )),
        Event::HunkSplit {
            gate, hunk, split, ..
        } => Some(trace(
            "gate",
            by,
            format!(
                "{gate} hunk {} in {} pieces",
                hunk.short(),
                split.pieces.len().max(1)
            ),
        )),
        Event::CommandGranted { reach, text, .. } => said(format!(
            "allowed {} without a question: {text}",
            reached(*reach)
        )),
        Event::CommandRevoked {
            reach, text, by, ..
        } => said(format!(
            "asked about again {}, by {by}: {text}",
            reached(*reach)
        )),
        _ => None,
    }
}

fn reached(reach: Reach) -> String {
    match reach {
        Reach::Task(task) => format!("in {task}"),
        Reach::Sprint => "in the sprint".to_owned(),
    }
}

fn closed(closing: &Closing) -> String {
    match closing {
        Closing::Landed(commit) => format!("landed as {}", commit.short()),
        Closing::KeptApart => "is over; its branch is kept apart".to_owned(),
        Closing::Stopped => "was stopped".to_owned(),
        Closing::Failed(why) => format!("failed: {why}"),
    }
}

fn why(opening: &Opening) -> &'static str {
    match opening {
        Opening::Plan | Opening::Task | Opening::Judge | Opening::Summary => "",
        Opening::PlanRejected(_) => ": the plan was rejected",
        Opening::Again(_) => ": another try",
        Opening::ChecksFailed(_) => ": rework, checks are red",
        Opening::ProofsFailed(_) => ": rework, proofs are red",
        Opening::Judged(_) => ": rework, QA rejected",
        Opening::Changes(..) => ": rework, a person wants changes",
        Opening::Conflict(_) => ": rework, a merge conflict",
    }
}

fn ended(end: &End) -> String {
    match end {
        End::Finished { summary, .. } => format!("finished: {summary}"),
        End::Judged(verdict) if verdict.accepted => format!("QA accepts: {}", verdict.summary),
        End::Judged(verdict) => format!("QA rejects: {}", verdict.summary),
        End::Planned => "the plan stands".to_owned(),
        End::Summed(_) => "summed up".to_owned(),
        End::Looped(sign) => format!("stopped: {}", sign.evidence()),
        End::Silent => "stopped without its closing call".to_owned(),
        End::Failed(_, text) => format!("failed: {text}"),
        End::Full => "its conversation is full".to_owned(),
        End::Stopped => "was stopped".to_owned(),
    }
}

/// What a gate asks, in a line.
#[must_use]
pub fn asked(ask: &Ask) -> String {
    match ask {
        Ask::Plan { revision, .. } => format!("approve plan {revision}"),
        Ask::Question { question, .. } => question.clone(),
        Ask::Tool { command, .. } => format!("run: {command}"),
        Ask::Diff { hunks, lines, .. } => {
            format!("review {} hunks, +{} -{}", hunks.len(), lines.0, lines.1)
        }
        Ask::Merge { blocked: None, .. } => "let the sprint into the base branch".to_owned(),
        Ask::Merge {
            blocked: Some(why), ..
        } => why.clone(),
        Ask::Conflict { paths, .. } => format!("conflict in {}", paths.join(", ")),
        Ask::Budget {
            scope,
            asked,
            left,
            limit,
        } => {
            format!(
                "budget of {}: the next call may cost {asked}, {left} of {limit} is left",
                scope_word(*scope)
            )
        }
        Ask::Nearing {
            scope,
            spent,
            limit,
            ..
        } => format!(
            "{}% of the budget of {} is spent: {spent} of {limit}",
            spent.percent_of(*limit),
            scope_word(*scope)
        ),
        Ask::Fail { cause, evidence } => format!("{cause}: {evidence}"),
        Ask::Key { provider, text, .. } => format!("{provider}: {text}"),
        Ask::Hand { text } => text.clone(),
    }
}

fn decided(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Approve => "approved".to_owned(),
        Verdict::Reject(why) => format!("rejected ({why})"),
        Verdict::Answer(text) => format!("answered \"{text}\""),
        Verdict::Allow(scope) => format!("allowed ({scope:?})"),
        Verdict::Send => "review sent".to_owned(),
        Verdict::Return(comments) => format!("review sent with {} comments", comments.len()),
        Verdict::Raise(limit) => format!("raised to {limit}"),
        Verdict::Cheaper(limit) => format!("raised to {limit}, economy tier from now on"),
        Verdict::Finish(limit) => format!("raised to {limit}, to finish what is in review"),
        Verdict::Retry => "tried again".to_owned(),
        Verdict::TakeOver => "taken over".to_owned(),
        Verdict::Drop => "dropped".to_owned(),
        Verdict::Resolve(_) => "solved by hand".to_owned(),
    }
}

fn scope_word(scope: crate::domain::sprint::gate::BudgetScope) -> String {
    use crate::domain::sprint::gate::BudgetScope;
    match scope {
        BudgetScope::Request => "one call".to_owned(),
        BudgetScope::Task(task) => task.to_string(),
        BudgetScope::Sprint => "the sprint".to_owned(),
        BudgetScope::Day => "the day".to_owned(),
    }
}
