//! `aios pause`, `aios resume` and `aios stop`: a task or the sprint holds, goes on, or ends. What cannot be undone wants `--yes` as well.

use serde_json::json;

use crate::base::id::SprintId;
use crate::cli::args::Halt as Args;
use crate::cli::errors::table;
use crate::cli::item;
use crate::cli::{ExitCode, Out, Problem, Stop};
use crate::domain::journal::{Command, PauseScope, World};
use crate::session::SessionClient;

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Hold.
    Pause,
    /// Go on.
    Resume,
    /// End for good.
    Stop,
}

impl Act {
    const fn done(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Resume => "goes on",
            Self::Stop => "stopped",
        }
    }
}

/// Does it. `is_sure` is `--yes`.
///
/// # Errors
/// The output cannot be written.
pub async fn run(
    (act, args): (Act, &Args),
    is_sure: bool,
    client: &SessionClient,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    let world = match client.snapshot().await {
        Ok(world) => world,
        Err(gone) => return Ok(out.problem(&item::gone(&gone))),
    };
    let (name, command) = match command(&world, act, args.what.as_deref(), is_sure) {
        Ok(meant) => meant,
        Err(problem) => return Ok(out.problem(&problem)),
    };
    match client.submit(command).await {
        Ok(Ok(_)) => {}
        Ok(Err(refusal)) => return Ok(out.problem(&item::refused(&refusal))),
        Err(gone) => return Ok(out.problem(&item::gone(&gone))),
    }
    if out.is_json() {
        out.object(&json!({ "id": name, "is": act.done() }))?;
    } else {
        out.text(&format!("{name} {}", act.done()))?;
    }
    Ok(ExitCode::Done)
}

/// What is meant, and what is asked of the session for it.
fn command(
    world: &World,
    act: Act,
    typed: Option<&str>,
    is_sure: bool,
) -> Result<(String, Command), Problem> {
    let current = world.current().map(|sprint| sprint.id);
    let sprint = match typed {
        None => Some(current.ok_or_else(|| {
            let text = "no sprint runs here";
            Problem::new(&table::NO_SUCH_ITEM, text).hint("aios status shows what there is")
        })?),
        Some(typed) => typed.parse::<SprintId>().ok(),
    };
    let scope = match (sprint, typed) {
        (Some(sprint), _) if world.sprints.contains_key(&sprint) => PauseScope::Sprint(sprint),
        (None, Some(typed)) => PauseScope::Task(item::task(world, typed)?.id),
        (_, typed) => {
            let text = format!("there is no {} here", typed.unwrap_or("sprint"));
            return Err(Problem::new(&table::NO_SUCH_ITEM, text));
        }
    };
    let name = match scope {
        PauseScope::Sprint(id) => id.to_string(),
        PauseScope::Task(id) => id.to_string(),
    };
    let command = match (act, scope) {
        (Act::Pause, scope) => Command::Pause(scope),
        (Act::Resume, scope) => Command::Resume(scope),
        (Act::Stop, _) if !is_sure => {
            let text = format!("stopping {name} cannot be undone; its work stays in its branches");
            let hint = format!("if that is meant: aios stop {name} --yes");
            return Err(Problem::new(&table::DECISION_NEEDED, text).hint(hint));
        }
        (Act::Stop, PauseScope::Sprint(id)) => Command::Stop(id),
        (Act::Stop, PauseScope::Task(id)) => Command::DropTask(id),
    };
    Ok((name, command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_run_is_not_stopped() {
        let world = World::default();
        for act in [Act::Pause, Act::Resume, Act::Stop] {
            let problem = command(&world, act, None, true).unwrap_err();
            assert!(
                problem.to_string().contains("no sprint runs here"),
                "{problem}"
            );
            let problem = command(&world, act, Some("s3"), true).unwrap_err();
            assert!(problem.to_string().contains("there is no s3"), "{problem}");
            assert!(command(&world, act, Some("t3"), true).is_err());
        }
    }
}
