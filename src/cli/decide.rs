//! Deciding from the command line: what `approve`, `reject` and `answer` share. A decision names what was looked at, so that one on
//! something else by now is refused; it takes effect at once, because nobody is there to take it back.

use serde_json::json;

use crate::base::text::SafeText;
use crate::cli::item;
use crate::cli::{ExitCode, Out, Problem, Stop};
use crate::domain::journal::{Command, World, asked};
use crate::domain::sprint::{Gate, GateState, Verdict};
use crate::session::SessionClient;

/// Decides the item that `typed` names with what `verdict` makes of it.
///
/// # Errors
/// The output cannot be written.
pub async fn decide(
    typed: &str,
    client: &SessionClient,
    verdict: impl FnOnce(&World, &Gate) -> Result<Verdict, Problem>,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    let world = match client.snapshot().await {
        Ok(world) => world,
        Err(gone) => return Ok(out.problem(&item::gone(&gone))),
    };
    let gate = match item::gate(&world, typed) {
        Ok(gate) => gate,
        Err(problem) => return Ok(out.problem(&problem)),
    };
    // One that is decided gives the host's refusal, which names who was first; its verdict does not matter.
    let verdict = match (verdict(&world, gate), &gate.state) {
        (Ok(verdict), _) => verdict,
        (Err(_), GateState::Closed { .. } | GateState::Pending { .. }) => Verdict::Approve,
        (Err(problem), GateState::Open | GateState::Moot) => return Ok(out.problem(&problem)),
    };
    let command = Command::Decide {
        gate: gate.id,
        revision: gate.revision,
        verdict,
        is_final: true,
    };
    match client.submit(command).await {
        Ok(Ok(_)) => {}
        Ok(Err(refusal)) => return Ok(out.problem(&item::refused(&refusal))),
        Err(gone) => return Ok(out.problem(&item::gone(&gone))),
    }
    if out.is_json() {
        out.object(&json!({ "id": gate.id.to_string(), "decided": true }))?;
    } else {
        let asked = asked(&gate.ask);
        out.text(&format!("decided {}: {}", gate.id, SafeText::line(&asked)))?;
    }
    Ok(ExitCode::Done)
}

/// An item that this verb cannot decide.
pub(super) fn not_so(gate: &Gate, hint: &str) -> Problem {
    let kind = gate.ask.kind().word();
    let text = format!("{} is {kind}, which is decided in another way", gate.id);
    Problem::new(&crate::cli::errors::table::BAD_ARGUMENTS, text).hint(hint)
}
