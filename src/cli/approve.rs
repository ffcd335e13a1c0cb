//! `aios approve`: yes to a waiting item; for one about trouble, another try.

use crate::cli::args::Approve as Args;
use crate::cli::decide::{decide, not_so};
use crate::cli::{ExitCode, Out, Problem, Stop};
use crate::domain::journal::World;
use crate::domain::sprint::{Ask, Gate, Verdict};
use crate::domain::tool::grant::Scope;
use crate::session::SessionClient;

/// Approves.
///
/// # Errors
/// The output cannot be written.
pub async fn run(args: &Args, client: &SessionClient, out: &mut Out) -> Result<ExitCode, Stop> {
    if args.message.is_some() {
        out.progress("an approval carries no words: the message is not kept")?;
    }
    decide(&args.id, client, verdict, out).await
}

/// What a yes means for each kind.
fn verdict(_: &World, gate: &Gate) -> Result<Verdict, Problem> {
    match &gate.ask {
        Ask::Plan { .. }
        | Ask::Diff { .. }
        | Ask::Merge { .. }
        | Ask::Hand { .. }
        | Ask::Nearing { .. } => Ok(Verdict::Approve),
        Ask::Tool { .. } => Ok(Verdict::Allow(Scope::Once)),
        Ask::Conflict { .. } | Ask::Fail { .. } | Ask::Key { .. } => Ok(Verdict::Retry),
        Ask::Question { .. } => Err(not_so(gate, &format!("aios answer {} TEXT", gate.id))),
        Ask::Budget { .. } => Err(not_so(
            gate,
            &format!("name the new limit, such as aios answer {} 10.00", gate.id),
        )),
    }
}
