//! Driving a sprint without a screen: prints one line for each happening, answers what a rule may answer, and says how it ended.
//!
//! The driver is a client like any other; its decisions are recorded as the person's who started it, from this client.

use std::collections::BTreeSet;

use crate::base::id::{GateId, SprintId, Work};
use crate::base::text::SafeText;
use crate::cli::ExitCode;
use crate::cli::errors::{ErrorCode, table};
use crate::cli::output::{Out, Stop};
use crate::domain::change::Mark;
use crate::domain::journal::{Command, Line, Refusal, World, narrate};
use crate::domain::llm::FailureKind;
use crate::domain::sprint::plan::Fault;
use crate::domain::sprint::{Ask, Closing, Gate, Hindrance, Phase, Sprint, Status, Verdict};
use crate::domain::workflow::NodeKind;
use crate::engine::core::Pulled;
use crate::session::SessionClient;

/// What the driver may decide by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approval {
    /// Everything that is not dangerous: plan, reviews, merges; questions get their first option.
    All,
    /// As [`All`](Self::All), up to the first change that waits for review, which ends the run well.
    ToReview,
    /// Nothing, and the plan ends the run well. Lines are progress, because the plan is the result.
    ToPlan,
    /// Nothing: the first thing that needs a person ends the run.
    None,
}

/// How to drive.
#[derive(Clone, Copy, Debug)]
pub struct Drive {
    /// The sprint.
    pub sprint: SprintId,
    /// What may be decided.
    pub approval: Approval,
    /// Tool calls and beginnings are printed, too.
    pub verbose: bool,
    /// Reject the first hunk of the first review once, to show what follows.
    pub rejects_once: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The exit code that says so.
    pub exit: ExitCode,
    /// What the code is about, where it is a problem.
    pub code: Option<&'static ErrorCode>,
    /// A line for people.
    pub text: String,
}

/// Follows a sprint to its end, or to where only a person can go on.
///
/// # Errors
/// Standard output is gone. That the host is gone is an ending.
pub async fn drive(client: &SessionClient, drive: Drive, out: &mut Out) -> Result<Ending, Stop> {
    // From the first event where the feed still has it, so that nothing is left untold; else from now.
    let mut world = World::default();
    let mut decided = BTreeSet::new();
    let mut state = State {
        has_rejected: !drive.rejects_once,
        found_blocked: match client.snapshot().await {
            Ok(found) => blocked(&found, drive.sprint),
            Err(failure) => return Ok(gone(failure.to_string())),
        },
    };
    loop {
        if let Some(ending) = answer(client, &world, &drive, &mut decided, &mut state).await {
            return Ok(ending);
        }
        match client.events(world.seq).await {
            Ok(Pulled::Events(events)) => {
                for envelope in events {
                    world.absorb(&envelope);
                    let line = narrate(&world, &envelope);
                    if drive.verbose || !line.is_trace {
                        print(out, drive.approval, &line, &envelope.at.clock(0))?;
                    }
                }
            }
            Ok(Pulled::TooOld) => match client.snapshot().await {
                Ok(newer) => world = newer,
                Err(failure) => return Ok(gone(failure.to_string())),
            },
            Err(failure) => return Ok(gone(failure.to_string())),
        }
    }
}

/// The host is gone, which ends every run.
fn gone(text: String) -> Ending {
    Ending::of(&table::NO_HOST, text)
}

impl Ending {
    /// A good one.
    fn done(text: String) -> Self {
        Self {
            exit: ExitCode::Done,
            code: None,
            text,
        }
    }

    /// Nothing can be written any more. What was acknowledged is safe.
    #[must_use]
    pub fn no_room(why: impl std::fmt::Display) -> Self {
        Self::of(&table::DISK_FULL, format!("nothing can be written: {why}"))
    }

    /// A problem.
    fn of(code: &'static ErrorCode, text: String) -> Self {
        Self {
            exit: code.exit,
            code: Some(code),
            text,
        }
    }
}

fn print(out: &mut Out, approval: Approval, line: &Line, clock: &str) -> Result<(), Stop> {
    if approval == Approval::ToPlan {
        let text = SafeText::line(&line.text);
        return out.progress(&format!("{clock}  {text}"));
    }
    if out.is_json() {
        return out.object(&serde_json::json!({ "at": clock, "kind": line.kind, "who": line.who, "text": line.text }));
    }
    let text = SafeText::line(&line.text);
    out.text(&format!(
        "{clock}  {:<6} {:<8} {text}",
        line.kind,
        SafeText::line(&line.who)
    ))
}

struct State {
    has_rejected: bool,
    /// Merges that were blocked before this run: that it was started is a person's word to try once more.
    found_blocked: BTreeSet<GateId>,
}

/// Merges that the base branch could not take.
fn blocked(world: &World, sprint: SprintId) -> BTreeSet<GateId> {
    let gates = world
        .sprints
        .get(&sprint)
        .into_iter()
        .flat_map(Sprint::open_gates);
    gates
        .filter(|gate| {
            matches!(
                gate.ask,
                Ask::Merge {
                    blocked: Some(_),
                    ..
                }
            )
        })
        .map(|gate| gate.id)
        .collect()
}

/// Decides what may be decided; an ending if nothing more can be done here.
async fn answer(
    client: &SessionClient,
    world: &World,
    drive: &Drive,
    decided: &mut BTreeSet<(GateId, u32)>,
    state: &mut State,
) -> Option<Ending> {
    let sprint = world.sprints.get(&drive.sprint)?;
    if let Phase::Closed(closing) = &sprint.phase {
        return Some(ending(sprint, closing));
    }
    for gate in sprint
        .open_gates()
        .filter(|gate| gate.state == crate::domain::sprint::GateState::Open)
        // What holds nothing ends no run, and no rule answers it.
        .filter(|gate| gate.ask.holds())
    {
        if !decided.insert((gate.id, gate.withdrawn)) {
            continue;
        }
        if let Some(ending) = stops_at(sprint, gate, drive.approval) {
            return Some(ending);
        }
        if !state.has_rejected
            && let Ask::Diff { hunks, .. } = &gate.ask
            && let Some(first) = hunks.first()
        {
            state.has_rejected = true;
            reject_one(client, gate, *first, hunks).await;
            continue;
        }
        let verdict = if state.found_blocked.remove(&gate.id) {
            Some(Verdict::Approve)
        } else {
            verdict(gate)
        };
        let Some(verdict) = verdict else {
            return Some(needs_person(sprint, gate));
        };
        let command = Command::Decide {
            gate: gate.id,
            revision: gate.revision,
            verdict,
            is_final: true,
        };
        match client.submit(command).await {
            Ok(Ok(_)) => {}
            // Somebody else was first, or the item changed: the next look tells.
            Ok(Err(
                Refusal::AlreadyDecided { .. }
                | Refusal::Stale(_)
                | Refusal::Over(_)
                | Refusal::Unknown(_),
            )) => {
                decided.remove(&(gate.id, gate.withdrawn));
            }
            Ok(Err(Refusal::ReadOnly(why))) => return Some(Ending::of(&table::LOG_READ_ONLY, why)),
            Ok(Err(refusal)) => {
                return Some(Ending::of(&table::DECISION_NEEDED, refusal.to_string()));
            }
            Err(failure) => return Some(gone(failure.to_string())),
        }
    }
    None
}

async fn reject_one(
    client: &SessionClient,
    gate: &Gate,
    first: crate::base::id::Digest,
    hunks: &[crate::base::id::Digest],
) {
    let reason = "shown for the demo: please write this another way".to_owned();
    let marks = hunks.iter().map(|hunk| {
        (
            *hunk,
            if *hunk == first {
                Mark::Rejected {
                    reason: reason.clone(),
                }
            } else {
                Mark::Accepted
            },
        )
    });
    let marked = client
        .submit(Command::Mark {
            gate: gate.id,
            marks: marks.collect(),
        })
        .await;
    if matches!(marked, Ok(Ok(_))) {
        let verdict = Verdict::Send;
        let command = Command::Decide {
            gate: gate.id,
            revision: gate.revision,
            verdict,
            is_final: true,
        };
        // If it is refused, the gate stays open and the next host shows it.
        drop(client.submit(command).await);
    }
}

/// The answer that a rule may give; none where only a person can decide.
fn verdict(gate: &Gate) -> Option<Verdict> {
    match &gate.ask {
        Ask::Plan { .. } | Ask::Diff { .. } | Ask::Merge { blocked: None, .. } => {
            Some(Verdict::Approve)
        }
        Ask::Question { options, .. } => {
            options.first().map(|first| Verdict::Answer(first.clone()))
        }
        Ask::Merge {
            blocked: Some(_), ..
        }
        | Ask::Tool { .. }
        | Ask::Conflict { .. }
        | Ask::Budget { .. }
        | Ask::Nearing { .. }
        | Ask::Fail { .. }
        | Ask::Key { .. }
        | Ask::Hand { .. } => None,
    }
}

/// Where a run ends although nothing went wrong.
fn stops_at(sprint: &Sprint, gate: &Gate, approval: Approval) -> Option<Ending> {
    let text = || {
        format!(
            "{} waits: {}",
            gate.id,
            crate::domain::journal::asked(&gate.ask)
        )
    };
    match (approval, &gate.ask) {
        (Approval::ToPlan, Ask::Plan { .. }) if sprint.plan.faults.is_empty() => {
            Some(Ending::done(text()))
        }
        (Approval::None | Approval::ToPlan, _) => Some(needs_person(sprint, gate)),
        (Approval::ToReview, Ask::Diff { .. }) => Some(Ending::done(text())),
        // A plan with faults cannot be approved.
        (_, Ask::Plan { .. }) if !sprint.plan.faults.is_empty() => Some(needs_person(sprint, gate)),
        (Approval::All | Approval::ToReview, _) => None,
    }
}

fn needs_person(sprint: &Sprint, gate: &Gate) -> Ending {
    let code = match &gate.ask {
        Ask::Plan { .. } => sprint
            .plan
            .faults
            .first()
            .map_or(&table::DECISION_NEEDED, of_fault),
        Ask::Budget { .. } | Ask::Nearing { .. } => &table::OUT_OF_BUDGET,
        Ask::Key { kind, .. } => of_failure(*kind),
        Ask::Conflict { .. } => &table::CONFLICT,
        Ask::Fail { .. } if is_quality(sprint, gate) => &table::CHECKS_FAILED,
        Ask::Fail { .. } => &table::TASKS_FAILED,
        Ask::Merge {
            blocked: Some(_), ..
        } => of_hindrance(sprint.hindrance),
        Ask::Question { .. }
        | Ask::Tool { .. }
        | Ask::Diff { .. }
        | Ask::Merge { blocked: None, .. }
        | Ask::Hand { .. } => &table::DECISION_NEEDED,
    };
    let faults: Vec<String> = sprint.plan.faults.iter().map(ToString::to_string).collect();
    let asked = match &gate.ask {
        Ask::Plan { .. } if !faults.is_empty() => faults.join("; "),
        ask => crate::domain::journal::asked(ask),
    };
    let text = format!(
        "{} {} waits for a person: {asked}",
        gate.id,
        gate.ask.kind().word()
    );
    Ending::of(code, text)
}

/// Whether a task is stuck because checks, proofs or the judge said no in every round.
fn is_quality(sprint: &Sprint, gate: &Gate) -> bool {
    let task = match gate.work {
        Work::Task(id) => sprint.task(id),
        Work::Plan(_) | Work::Summary(_) => None,
    };
    task.is_some_and(|task| {
        let kind = sprint.kind_of(task);
        let judges = matches!(
            kind,
            Some(NodeKind::Checks | NodeKind::Judge | NodeKind::Proofs)
        );
        task.left.is_some() && judges
    })
}

const fn of_hindrance(hindrance: Hindrance) -> &'static ErrorCode {
    match hindrance {
        Hindrance::Dirty => &table::DIRTY_CHECKOUT,
        Hindrance::Conflict => &table::CONFLICT,
        Hindrance::Rewritten => &table::BASE_MOVED,
        Hindrance::Other => &table::DECISION_NEEDED,
    }
}

const fn of_fault(fault: &Fault) -> &'static ErrorCode {
    match fault {
        Fault::Circle(_) => &table::PLAN_CIRCLE,
        Fault::Role { .. } => &table::PLAN_ROLE,
        Fault::Criterion(..) | Fault::NoCriterion(_) => &table::PLAN_PROOF,
        Fault::Empty
        | Fault::TooMany(..)
        | Fault::Slug(_)
        | Fault::Twice(_)
        | Fault::Need(..)
        | Fault::NoTitle(_)
        | Fault::Complexity(_)
        | Fault::Unreadable(_) => &table::NO_VALID_PLAN,
    }
}

const fn of_failure(kind: FailureKind) -> &'static ErrorCode {
    match kind {
        FailureKind::Auth | FailureKind::NoCredit => &table::KEY_REFUSED,
        FailureKind::UnknownModel => &table::UNKNOWN_MODEL,
        FailureKind::Unreachable
        | FailureKind::RateLimited
        | FailureKind::Overloaded
        | FailureKind::ContextOverflow
        | FailureKind::BadRequest
        | FailureKind::Cut
        | FailureKind::Malformed => &table::PROVIDER_DOWN,
    }
}

fn ending(sprint: &Sprint, closing: &Closing) -> Ending {
    let (done, all) = sprint.progress();
    let dropped = sprint
        .tasks
        .values()
        .filter(|task| task.status == Status::Dropped)
        .count();
    let spent = sprint.account.spent;
    let simulated = if sprint.setup.policy.simulated {
        " (simulated)"
    } else {
        ""
    };
    let branch = sprint.base.as_ref().map_or("", |base| base.branch.as_str());
    let branch = branch.strip_prefix("refs/heads/").unwrap_or(branch);
    let (is_good, text) = match closing {
        Closing::Landed(commit) => (
            true,
            format!(
                "{} landed as {}: {done} of {all} tasks",
                sprint.id,
                commit.short()
            ),
        ),
        Closing::KeptApart => (
            true,
            format!(
                "{} is over, its work is kept apart on the branch {branch}: {done} of {all} tasks",
                sprint.id
            ),
        ),
        Closing::Stopped => (
            false,
            format!("{} was stopped: {done} of {all} tasks", sprint.id),
        ),
        Closing::Failed(why) => {
            return Ending::of(
                &table::CANNOT_OPEN,
                format!("{} cannot begin: {why}", sprint.id),
            );
        }
    };
    let text = format!("{text}, spent {spent}{simulated}");
    if is_good && dropped == 0 {
        return Ending::done(text);
    }
    Ending::of(&table::TASKS_FAILED, text)
}
