//! `aios run`: a goal becomes merged work without a screen, in this process or in the host that runs already.

use std::time::Duration;

use crate::base::body::Body;
use crate::base::id::SprintId;
use crate::boot::dispatch::{Halt, Outcome};
use crate::boot::serve;
use crate::boot::verbs::goal;
use crate::boot::verbs::session::{Followed, GoingOn, Opening, Session};
use crate::boot::wiring::Allowed;
use crate::boot::wiring::project::Grant;
use crate::boot::wiring::sandbox::Weaker;
use crate::cli::ExitCode;
use crate::cli::args::{Args, Run, Until};
use crate::cli::errors::{Problem, table};
use crate::cli::headless::{Approval, Drive, Ending};
use crate::cli::output::Out;
use crate::domain::journal::Command;

/// Runs a goal to its end, or to where a person is needed.
///
/// # Errors
/// Something is in the way, or the output is gone.
pub async fn run(args: &Args, run: &Run, out: &mut Out) -> Outcome {
    if !run.allow.is_empty() {
        let text = "--allow is not built yet: nothing is marked as a high risk";
        return Err(Problem::new(&table::NOT_BUILT, text)
            .hint("leave it out")
            .into());
    }
    let goal = goal::read(run.goal.as_deref(), run.from.as_deref())?;
    let site = serve::site(args, None)?;
    let opening = Opening::find(site, allowed(run), out).await?;
    if opening.is_there() && (run.tier.is_some() || run.agents.is_some()) {
        let text =
            "a host runs here with settings of its own, and --tier and --agents are settings";
        return Err(Problem::new(&table::HOST_RUNS, text)
            .hint("leave them out, or end the host first")
            .into());
    }
    if args.global.yes && run.budget.is_none() && opening.can_cost() {
        return Err(Problem::new(&table::NO_BUDGET_GIVEN, table::NO_BUDGET_GIVEN.title).into());
    }
    let approval = match (args.global.yes, run.until) {
        (false, _) => Approval::None,
        (true, Until::Review) => Approval::ToReview,
        (true, Until::Done) => Approval::All,
    };
    let session = opening.start().await?;
    let how = How {
        going_on: GoingOn {
            approval,
            budget: run.budget,
        },
        verbose: args.global.verbose > 0,
        timeout: run.timeout,
    };
    let followed = follow_all(&session, &goal, &how, out).await;
    session.stop().await;
    end(followed?, out)
}

const fn allowed(run: &Run) -> Allowed {
    Allowed {
        grant: if run.trust { Grant::Now } else { Grant::Before },
        weaker: if run.accept_weaker_sandbox {
            Weaker::Accepted
        } else {
            Weaker::Stops
        },
    }
}

struct How {
    going_on: GoingOn,
    verbose: bool,
    timeout: Option<Duration>,
}

/// Follows what an earlier run left, then the goal. The same goal again is the same sprint.
async fn follow_all(
    session: &Session,
    goal: &str,
    how: &How,
    out: &mut Out,
) -> Result<Followed, Halt> {
    let mut sprints: Vec<SprintId> = Vec::new();
    let mut is_known = false;
    for sprint in session
        .world()
        .await?
        .sprints
        .values()
        .filter(|sprint| !sprint.is_closed())
    {
        if session.is_stuck(sprint) {
            out.note(&format!(
                "{} could not be planned with its models and is given up",
                sprint.id
            ))?;
            session.submit(Command::Stop(sprint.id)).await?;
            continue;
        }
        is_known |= sprint.goal == Body::of(goal);
        let goal = sprint.goal.first_line();
        out.note(&format!(
            "{} was begun before and goes on: {goal}",
            sprint.id
        ))?;
        session.go_on(sprint, how.going_on).await?;
        sprints.push(sprint.id);
    }
    if !is_known {
        sprints.push(session.begin(goal, how.going_on.budget).await?);
    }
    let mut followed = Followed::OutOfTime;
    for sprint in sprints {
        let drive = Drive {
            sprint,
            approval: how.going_on.approval,
            verbose: how.verbose,
            rejects_once: false,
        };
        followed = session.follow(drive, how.timeout, out).await?;
        let is_over = matches!(&followed, Followed::Ended(ending) if ending.exit == ExitCode::Done);
        if !is_over {
            break;
        }
    }
    Ok(followed)
}

/// Tells how it ended: well on standard output, else as a problem.
///
/// # Errors
/// The output is gone, or it did not end well.
pub fn end(followed: Followed, out: &mut Out) -> Outcome {
    let kept = "nothing is lost; the same command goes on from here";
    match followed {
        Followed::Ended(Ending {
            exit,
            code: Some(code),
            text,
        }) => {
            out.problem(&Problem::new(code, text));
            Ok(exit)
        }
        Followed::Ended(Ending {
            exit,
            code: None,
            text,
        }) => {
            if out.is_json() {
                out.object(&serde_json::json!({ "ended": text, "exit": exit.number() }))?;
            } else {
                out.text(&text)?;
            }
            Ok(exit)
        }
        Followed::Signalled(exit) => {
            out.note(&format!("{}: {kept}", exit.meaning()))?;
            Ok(exit)
        }
        Followed::OutOfTime => {
            let problem = Problem::new(&table::OUT_OF_TIME, table::OUT_OF_TIME.title);
            Err(problem.hint(kept).into())
        }
    }
}
