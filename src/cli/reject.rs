//! `aios reject`: no to a waiting item. Where that would stop the whole sprint, which cannot be undone, it wants `--yes` as well.

use crate::cli::args::Reject as Args;
use crate::cli::decide::{decide, not_so};
use crate::cli::errors::table;
use crate::cli::{ExitCode, Out, Problem, Stop};
use crate::domain::journal::World;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::{Ask, Gate, Verdict};
use crate::session::SessionClient;

/// Rejects. `is_sure` is `--yes`.
///
/// # Errors
/// The output cannot be written.
pub async fn run(
    args: &Args,
    is_sure: bool,
    client: &SessionClient,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    let why = args.message.clone().unwrap_or_default();
    let verdict = |_: &World, gate: &Gate| verdict(gate, why, is_sure);
    decide(&args.id, client, verdict, out).await
}

/// What a no means for each kind.
fn verdict(gate: &Gate, why: String, is_sure: bool) -> Result<Verdict, Problem> {
    match &gate.ask {
        Ask::Plan { .. } | Ask::Diff { .. } | Ask::Merge { .. } | Ask::Tool { .. } => {
            Ok(Verdict::Reject(why))
        }
        Ask::Question { .. } => Err(not_so(gate, &format!("aios answer {} TEXT", gate.id))),
        Ask::Conflict { .. }
        | Ask::Fail { .. }
        | Ask::Hand { .. }
        | Ask::Budget { .. }
        | Ask::Nearing { .. }
        | Ask::Key { .. }
            if is_sure || !stops_sprint(gate) =>
        {
            Ok(Verdict::Drop)
        }
        Ask::Conflict { .. }
        | Ask::Fail { .. }
        | Ask::Hand { .. }
        | Ask::Budget { .. }
        | Ask::Nearing { .. }
        | Ask::Key { .. } => {
            let text = format!("rejecting {} stops {} for good", gate.id, gate.id.sprint);
            let hint = format!("if that is meant: aios reject {} --yes", gate.id);
            Err(Problem::new(&table::DECISION_NEEDED, text).hint(hint))
        }
    }
}

/// Whether giving up means the sprint and not one task of it.
fn stops_sprint(gate: &Gate) -> bool {
    match &gate.ask {
        Ask::Budget { scope, .. } | Ask::Nearing { scope, .. } => match scope {
            BudgetScope::Task(_) => false,
            BudgetScope::Request | BudgetScope::Sprint | BudgetScope::Day => true,
        },
        Ask::Key { .. } => true,
        Ask::Conflict { .. } | Ask::Fail { .. } | Ask::Hand { .. } => gate.work.task().is_none(),
        Ask::Plan { .. }
        | Ask::Diff { .. }
        | Ask::Merge { .. }
        | Ask::Tool { .. }
        | Ask::Question { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Money;
    use crate::base::time::Timestamp;
    use crate::domain::sprint::GateState;

    fn gate(ask: Ask) -> Gate {
        Gate {
            id: "s1.g1".parse().unwrap(),
            work: "s1.t1".parse().unwrap(),
            revision: ask.revision(),
            ask,
            opened_at: Timestamp(0),
            state: GateState::Open,
            marks: std::collections::BTreeMap::new(),
            splits: std::collections::BTreeMap::new(),
            withdrawn: 0,
            trials: Vec::new(),
        }
    }

    fn budget(scope: BudgetScope) -> Gate {
        let (asked, left, limit) = (Money(1), Money(0), Money(5));
        gate(Ask::Budget {
            scope,
            asked,
            left,
            limit,
        })
    }

    #[test]
    fn what_stops_a_sprint_wants_to_be_meant() {
        let task = budget(BudgetScope::Task("s1.t1".parse().unwrap()));
        assert_eq!(verdict(&task, String::new(), false).unwrap(), Verdict::Drop);
        let sprint = budget(BudgetScope::Sprint);
        let problem = verdict(&sprint, String::new(), false).unwrap_err();
        assert_eq!(problem.exit(), ExitCode::PersonNeeded);
        assert_eq!(
            verdict(&sprint, String::new(), true).unwrap(),
            Verdict::Drop
        );
    }
}
