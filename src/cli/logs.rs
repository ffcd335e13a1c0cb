//! `aios logs`: what happened, one line each. The past comes from the journal, what follows from the host.

use serde_json::{Value, json};

use crate::base::text::SafeText;
use crate::base::time::Timestamp;
use crate::cli::args::Logs as Args;
use crate::cli::errors::{Problem, table};
use crate::cli::item;
use crate::cli::{ExitCode, Out, Stop};
use crate::domain::journal::{Envelope, Line, World, narrate};
use crate::engine::core::Pulled;
use crate::session::SessionClient;

/// Kinds that lines have of themselves, and those that are finer.
const KINDS: [&str; 15] = [
    "agent", "check", "cost", "diff", "edit", "effect", "fail", "gate", "host", "merge", "model",
    "plan", "sprint", "task", "tool",
];

/// Prints events as lines. Keeps the world that goes with them.
pub struct Printer {
    world: World,
    agent: Option<String>,
    kinds: Vec<String>,
    since: Timestamp,
    shows_trace: bool,
}

impl Printer {
    /// A printer of what the arguments ask for.
    ///
    /// # Errors
    /// There is no such kind.
    pub fn new(args: &Args, is_verbose: bool, now: Timestamp) -> Result<Self, Problem> {
        let kinds: Vec<String> = args.kind.iter().map(|kind| kind.to_lowercase()).collect();
        if let Some(unknown) = kinds.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
            let problem =
                Problem::new(&table::BAD_ARGUMENTS, format!("there is no kind {unknown}"));
            return Err(problem.hint(format!("kinds are {}", KINDS.join(", "))));
        }
        let since = args.since.map_or(Timestamp(i64::MIN), |since| {
            now.plus_ms(-i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
        });
        Ok(Self {
            world: World::default(),
            agent: args.agent.as_ref().map(|agent| agent.to_lowercase()),
            shows_trace: is_verbose || args.agent.is_some() || !kinds.is_empty(),
            kinds,
            since,
        })
    }

    /// The number of the last event that was taken.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.world.seq
    }

    /// Takes the next event and prints it if it is wanted. One that was taken before is passed over.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn take(&mut self, envelope: &Envelope, out: &mut Out) -> Result<(), Stop> {
        if envelope.seq <= self.world.seq {
            return Ok(());
        }
        self.world.absorb(envelope);
        if envelope.at < self.since {
            return Ok(());
        }
        let line = narrate(&self.world, envelope);
        let (name, fields) = parts(envelope)?;
        let finer = finer(&name);
        if !self.wants(&line, finer, &fields)
            || (line.is_trace && !self.shows_trace && !out.is_json())
        {
            return Ok(());
        }
        if out.is_json() {
            return out.object(&json!({
                "seq": envelope.seq,
                "at": envelope.at.to_string(),
                "kind": finer.unwrap_or(line.kind),
                "who": SafeText::line(&line.who),
                "text": SafeText::line(&line.text),
                "event": name,
                "attempt": fields.get("attempt").and_then(Value::as_str),
                "task": fields.get("task").and_then(Value::as_str),
                "gate": fields.get("gate").and_then(Value::as_str),
            }));
        }
        out.text(&text(envelope.at, finer.unwrap_or(line.kind), &line))
    }

    fn wants(&self, line: &Line, finer: Option<&str>, fields: &Value) -> bool {
        let of_kind = |kind: &String| kind == line.kind || Some(kind.as_str()) == finer;
        if !self.kinds.is_empty() && !self.kinds.iter().any(of_kind) {
            return false;
        }
        let Some(agent) = &self.agent else {
            return true;
        };
        let attempt = fields.get("attempt").and_then(Value::as_str);
        let role = attempt
            .and_then(|attempt| self.world.attempt(attempt.parse().ok()?))
            .map(|attempt| attempt.role.to_lowercase());
        line.who.to_lowercase() == *agent
            || role.as_ref() == Some(agent)
            || attempt.is_some_and(|attempt| is_part(attempt, agent))
    }
}

/// Whether an id is `whole` or below it: `s1.t4.a2` is part of `s1.t4`.
fn is_part(id: &str, whole: &str) -> bool {
    id.strip_prefix(whole)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// An event's name and its fields, as the journal has them.
fn parts(envelope: &Envelope) -> Result<(String, Value), Stop> {
    let value = serde_json::to_value(&envelope.event)?;
    let found = match value {
        Value::Object(variants) => variants.into_iter().next(),
        Value::String(name) => Some((name, Value::Null)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    };
    Ok(found.unwrap_or_default())
}

fn finer(name: &str) -> Option<&'static str> {
    match name {
        "ToolReturned" => Some("tool"),
        "FileEdited" => Some("edit"),
        "ModelReplied" | "CallFailed" | "CallLost" => Some("model"),
        "Committed" | "HunkMarked" => Some("diff"),
        _ => None,
    }
}

fn text(at: Timestamp, kind: &str, line: &Line) -> String {
    let (who, text) = (SafeText::line(&line.who), SafeText::line(&line.text));
    format!("{}  {kind:<6} {who:<8} {text}", at.clock(0))
}

/// Goes on as more happens, until the host or the reader is gone.
///
/// # Errors
/// The output cannot be written.
pub async fn follow(
    printer: &mut Printer,
    client: &SessionClient,
    mut reread: impl FnMut(&mut Printer, &mut Out) -> Result<Option<Problem>, Stop>,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    loop {
        match client.events(printer.seq()).await {
            Ok(Pulled::Events(events)) => {
                for envelope in events {
                    printer.take(&envelope, out)?;
                }
            }
            // So much happened that only the journal has all of it.
            Ok(Pulled::TooOld) => {
                if let Some(problem) = reread(printer, out)? {
                    return Ok(out.problem(&problem));
                }
            }
            Err(gone) => return Ok(out.problem(&item::gone(&gone))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_part_of_what_stands_above_it() {
        assert!(is_part("s1.t4.a2", "s1.t4") && is_part("s1.t4", "s1.t4"));
        assert!(!is_part("s1.t41.a1", "s1.t4"));
    }
}
