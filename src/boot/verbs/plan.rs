//! `aios plan`: makes a plan, prints it and stops. It waits for approval under its goal.

use std::fs;

use crate::base::body::Body;
use crate::boot::dispatch::{Halt, Outcome};
use crate::boot::serve;
use crate::boot::verbs::session::{Followed, Opening, Session};
use crate::boot::verbs::{goal, run};
use crate::boot::wiring::Allowed;
use crate::boot::wiring::project::Grant;
use crate::boot::wiring::sandbox::Weaker;
use crate::boot::wiring::site::{cannot_write, ours};
use crate::cli::ExitCode;
use crate::cli::args::{Args, Plan};
use crate::cli::errors::{Problem, table};
use crate::cli::headless::{Approval, Drive};
use crate::cli::output::Out;
use crate::cli::plan::Written;

/// Plans a goal.
///
/// # Errors
/// Something is in the way, there is no valid plan, or the output is gone.
pub async fn run(args: &Args, plan: &Plan, out: &mut Out) -> Outcome {
    let goal = goal::read(plan.goal.as_deref(), plan.from.as_deref())?;
    let site = serve::site(args, None)?;
    let allowed = Allowed {
        grant: if plan.trust {
            Grant::Now
        } else {
            Grant::Before
        },
        // Planners run no commands.
        weaker: Weaker::Asks,
    };
    let session = Opening::find(site, allowed, out).await?.start().await?;
    let planned = planned(&session, &goal, plan, out).await;
    session.stop().await;
    match planned? {
        Ok(written) => show(&written, plan, out),
        Err(followed) => run::end(followed, out),
    }
}

/// The plan, or how it ended without one.
async fn planned(
    session: &Session,
    goal: &str,
    plan: &Plan,
    out: &mut Out,
) -> Result<Result<Written, Followed>, Halt> {
    let world = session.world().await?;
    let unfinished = world.sprints.values().find(|sprint| !sprint.is_closed());
    let sprint = match unfinished {
        Some(sprint) if sprint.goal == Body::of(goal) => sprint.id,
        Some(sprint) => {
            let text = format!("{} is unfinished: {}", sprint.id, sprint.goal.first_line());
            return Err(Problem::new(&table::DECISION_NEEDED, text)
                .hint("finish it first: aios run with its goal")
                .into());
        }
        None => session.begin(goal, plan.budget).await?,
    };
    let drive = Drive {
        sprint,
        approval: Approval::ToPlan,
        verbose: false,
        rejects_once: false,
    };
    let followed = session.follow(drive, None, out).await?;
    if !matches!(&followed, Followed::Ended(ending) if ending.exit == ExitCode::Done) {
        return Ok(Err(followed));
    }
    let world = session.world().await?;
    let sprint = world
        .sprints
        .get(&sprint)
        .ok_or_else(|| ours("the sprint is gone"))?;
    Ok(Ok(Written::of(sprint.id, goal, &sprint.plan)))
}

fn show(written: &Written, plan: &Plan, out: &mut Out) -> Outcome {
    if let Some(path) = &plan.out {
        let text = written.toml().map_err(ours)?;
        fs::write(path, text).map_err(|error| cannot_write(path, &error))?;
    }
    if out.is_json() {
        out.object(written)?;
    } else {
        out.text(&written.text())?;
    }
    Ok(ExitCode::Done)
}
