//! `aios status`: one screen, one line, or one object about what goes on.

use serde_json::{Value, json};

use crate::base::text::{SafeText, clip};
use crate::base::time::{Timestamp, age};
use crate::cli::args::Status as Args;
use crate::cli::columns::columns;
use crate::cli::follow::follow;
use crate::cli::item;
use crate::cli::waiting;
use crate::cli::{ExitCode, Out, Stop};
use crate::domain::journal::World;
use crate::domain::sprint::board::{Column, column};
use crate::domain::sprint::{Cause, Phase, Sprint, Status, Task, headline};
use crate::engine::ports::clock::Clock;
use crate::session::SessionClient;

/// Cells of a title.
const TITLE: usize = 40;

/// Prints the status, and again whenever it changes where that is asked for.
///
/// # Errors
/// The output cannot be written.
pub async fn run(
    args: &Args,
    project: &str,
    mut world: World,
    client: Option<&SessionClient>,
    clock: &dyn Clock,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    let mut last = String::new();
    loop {
        let text = shown((args, project), &world, client, clock.now(), out)?;
        if text != last {
            out.text(&text)?;
            last = text;
        }
        let Some(client) = client.filter(|_| args.watch) else {
            return Ok(ExitCode::Done);
        };
        if let Err(gone) = follow(client, &mut world).await {
            return Ok(out.problem(&item::gone(&gone)));
        }
    }
}

fn shown(
    (args, project): (&Args, &str),
    world: &World,
    client: Option<&SessionClient>,
    now: Timestamp,
    out: &Out,
) -> Result<String, Stop> {
    Ok(if out.is_json() {
        Out::line_of(&object(world, client.is_some()))?
    } else if args.line {
        line(project, world)
    } else {
        screen(world, client.is_some(), now)
    })
}

fn phase(sprint: &Sprint) -> &'static str {
    match &sprint.phase {
        Phase::Queued => "queued",
        Phase::Opening => "opening",
        Phase::Planning => "planning",
        Phase::Approving => "approving",
        _ if sprint.paused.is_some() => "paused",
        Phase::Running => "running",
        Phase::Summing => "summing up",
        Phase::Landing => "landing",
        Phase::Closed(_) => "closed",
    }
}

fn money(sprint: &Sprint) -> String {
    let spent = sprint.ledger.all.cost;
    let of = sprint
        .account
        .limit
        .map_or_else(String::new, |limit| format!(" of {limit}"));
    let simulated = if sprint.setup.policy.simulated {
        " (simulated)"
    } else {
        ""
    };
    format!("{spent}{of}{simulated}")
}

/// One line, for a prompt or a status bar: what the interface's title says.
#[must_use]
pub fn line(project: &str, world: &World) -> String {
    let project = SafeText::line(project);
    let waiting = waiting::items(world).len();
    headline(project.as_str(), world.current(), waiting)
}

/// One screen.
#[must_use]
pub fn screen(world: &World, has_host: bool, now: Timestamp) -> String {
    let host = if has_host {
        "a host runs"
    } else {
        "no host runs: aios starts one"
    };
    let Some(sprint) = world.current() else {
        return format!("no sprint yet; {host}\n");
    };
    let (done, all) = sprint.progress();
    let goal = SafeText::line(&sprint.goal.first_line());
    let mut text = format!(
        "{} {}  {}\n{done} of {all} tasks done   {} waiting   {}   {host}\n",
        sprint.id,
        phase(sprint),
        clip(goal.as_str(), 60),
        waiting::items(world).len(),
        money(sprint)
    );
    let rows: Vec<Vec<String>> = sprint
        .tasks
        .values()
        .map(|task| row(sprint, task, now))
        .collect();
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&columns(&rows));
    }
    text
}

fn state(sprint: &Sprint, task: &Task) -> String {
    let place = column(sprint, task).map_or("DROPPED", |column| column.title());
    let mark = match task.status {
        Status::Asking => " asks",
        Status::Held(Cause::Paused) => " paused",
        Status::Held(Cause::TakenOver) => " taken over",
        Status::Held(Cause::Stuck) => " stuck",
        Status::Ready if task.unmet > 0 => " blocked",
        Status::Ready | Status::Running | Status::Done | Status::Dropped => "",
    };
    format!("{place}{mark}")
}

fn row(sprint: &Sprint, task: &Task, now: Timestamp) -> Vec<String> {
    let role = sprint.role(&task.spec.role);
    let name = role.map_or(task.spec.role.as_str(), |role| role.name.as_str());
    let round = if task.round > 1 {
        format!("round {}", task.round)
    } else {
        String::new()
    };
    vec![
        task.id.to_string(),
        state(sprint, task),
        clip(SafeText::line(name).as_str(), 8),
        clip(SafeText::line(&task.spec.title).as_str(), TITLE),
        task.account.spent.to_string(),
        if task.node.is_empty() {
            String::new()
        } else {
            age(now.since(task.since))
        },
        round,
    ]
}

/// All of it as an object.
#[must_use]
pub fn object(world: &World, has_host: bool) -> Value {
    let sprint = world.current().map(|sprint| {
        let (done, all) = sprint.progress();
        let tasks: Vec<Value> = sprint
            .tasks
            .values()
            .map(|task| {
                json!({
                    "id": task.id.to_string(),
                    "slug": SafeText::line(&task.spec.slug),
                    "title": SafeText::line(&task.spec.title),
                    "role": SafeText::line(&task.spec.role),
                    "column": column(sprint, task).map(Column::title),
                    "state": state(sprint, task),
                    "round": task.round,
                    "spent": task.account.spent.exact(),
                })
            })
            .collect();
        json!({
            "id": sprint.id.to_string(),
            "phase": phase(sprint),
            "goal": SafeText::line(&sprint.goal.first_line()),
            "done": done,
            "tasks": all,
            "spent": sprint.ledger.all.cost.exact(),
            "budget": sprint.account.limit.map(crate::base::money::Money::exact),
            "simulated": sprint.setup.policy.simulated,
            "board": tasks,
        })
    });
    json!({
        "seq": world.seq,
        "host": has_host,
        "waiting": waiting::items(world).len(),
        "sprint": sprint,
    })
}
