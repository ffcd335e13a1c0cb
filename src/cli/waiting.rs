//! `aios waiting`: what waits for a person's decision, what stops the team first.

use std::time::Duration;

use serde_json::{Value, json};

use crate::base::text::{SafeText, clip};
use crate::base::time::{Timestamp, age};
use crate::cli::args::Waiting as Args;
use crate::cli::columns::columns;
use crate::cli::errors::{Problem, table};
use crate::cli::follow::follow;
use crate::cli::item;
use crate::cli::{ExitCode, Out, Stop};
use crate::domain::journal::{World, asked};
use crate::domain::sprint::{Ask, Gate, GateState, Sprint};
use crate::engine::ports::clock::Clock;
use crate::session::{Gone, SessionClient};

/// Cells of what is asked.
const ASKED: usize = 100;

/// Everything that nobody has decided: first what stops a whole sprint, then the oldest.
#[must_use]
pub fn items(world: &World) -> Vec<&Gate> {
    let sprints = world.sprints.values().filter(|sprint| !sprint.is_closed());
    let mut open: Vec<&Gate> = sprints
        .flat_map(Sprint::open_gates)
        .filter(|gate| gate.state == GateState::Open)
        .collect();
    open.sort_by_key(|gate| (!gate.ask.stops_all(), gate.opened_at, gate.id));
    open
}

/// Prints what waits; waits for it where that is asked for.
///
/// # Errors
/// The output cannot be written.
pub async fn run(
    args: &Args,
    mut world: World,
    client: Option<&SessionClient>,
    clock: &dyn Clock,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    if args.wait && items(&world).is_empty() {
        let Some(client) = client else {
            let text = "nothing waits, and no host runs that could bring something";
            return Ok(out.problem(&Problem::new(&table::NO_HOST, text).hint("start it with aios")));
        };
        let limit = args.timeout.unwrap_or(Duration::MAX);
        match tokio::time::timeout(limit, until_something(client, &mut world)).await {
            Ok(Ok(())) => {}
            Ok(Err(gone)) => return Ok(out.problem(&item::gone(&gone))),
            Err(_) => {
                return Ok(out.problem(&Problem::new(&table::OUT_OF_TIME, "nothing waits yet")));
            }
        }
    }
    let items = items(&world);
    let now = clock.now();
    if out.is_json() {
        for gate in items {
            out.object(&object(gate, now))?;
        }
    } else if items.is_empty() {
        out.text("nothing waits")?;
    } else {
        out.text(&list(&items, now))?;
    }
    Ok(ExitCode::Done)
}

async fn until_something(client: &SessionClient, world: &mut World) -> Result<(), Gone> {
    while items(world).is_empty() {
        follow(client, world).await?;
    }
    Ok(())
}

/// What to say to `aios answer`, or which verb decides it.
#[must_use]
pub const fn ways(ask: &Ask) -> &'static str {
    match ask {
        Ask::Question { .. } => "answer",
        Ask::Tool { .. } => "approve, reject, answer once|task|sprint",
        Ask::Budget { .. } => "answer AMOUNT, reject",
        Ask::Conflict { clash: Some(_), .. } => {
            "approve (tries again), answer ours|theirs|take-over, reject"
        }
        Ask::Fail { .. } | Ask::Conflict { .. } => {
            "approve (tries again), answer take-over, reject"
        }
        Ask::Key { .. } => "approve (tries again), reject",
        Ask::Plan { .. } | Ask::Diff { .. } | Ask::Merge { .. } | Ask::Hand { .. } => {
            "approve, reject"
        }
    }
}

/// The list for people.
#[must_use]
pub fn list(items: &[&Gate], now: Timestamp) -> String {
    let rows: Vec<Vec<String>> = items
        .iter()
        .map(|gate| {
            vec![
                gate.id.to_string(),
                gate.ask.kind().word().to_owned(),
                gate.work.to_string(),
                age(now.since(gate.opened_at)),
                clip(SafeText::line(&asked(&gate.ask)).as_str(), ASKED),
            ]
        })
        .collect();
    let mut text = columns(&rows);
    let options = items.iter().filter_map(|gate| match &gate.ask {
        Ask::Question { options, .. } if !options.is_empty() => Some((gate.id, options)),
        _ => None,
    });
    for (id, options) in options {
        for (place, option) in options.iter().enumerate() {
            let option = SafeText::line(option);
            let line = format!("{id} {}  {}\n", place + 1, clip(option.as_str(), ASKED));
            text.push_str(&line);
        }
    }
    text
}

fn object(gate: &Gate, now: Timestamp) -> Value {
    let options: Vec<SafeText> = match &gate.ask {
        Ask::Question { options, .. } => options.iter().map(|text| SafeText::line(text)).collect(),
        _ => Vec::new(),
    };
    json!({
        "id": gate.id.to_string(),
        "kind": gate.ask.kind().word(),
        "about": gate.work.to_string(),
        "asks": SafeText::exact(&asked(&gate.ask)),
        "options": options,
        "ways": ways(&gate.ask),
        "stops_all": gate.ask.stops_all(),
        "revision": gate.revision.to_string(),
        "opened_at": gate.opened_at.to_string(),
        "age_ms": now.since(gate.opened_at),
    })
}
