//! What people type for a thing (`g7`, `s1.g7`, `t4`), and what they hear when a command is refused.

use crate::base::id::{GateId, SprintId, TaskId, Work};
use crate::cli::errors::{ErrorCode, Problem, table};
use crate::domain::journal::{Refusal, World};
use crate::domain::sprint::{Gate, GateState, Task};
use crate::session::Gone;

fn current(world: &World) -> Option<SprintId> {
    world.current().map(|sprint| sprint.id)
}

fn unknown(typed: &str) -> Problem {
    Problem::new(&table::NO_SUCH_ITEM, format!("there is no {typed} here"))
}

/// The gate that is meant: by its own id, or by the task that it is about.
///
/// # Errors
/// There is none.
pub fn gate<'a>(world: &'a World, typed: &str) -> Result<&'a Gate, Problem> {
    if let Ok(id) = GateId::parse_in(typed, current(world)) {
        return world.gate(id).ok_or_else(|| unknown(typed));
    }
    let task = task(world, typed)?;
    let sprint = world.sprints.get(&task.id.sprint);
    let gates = sprint.into_iter().flat_map(|sprint| sprint.gates.values());
    let about: Vec<&Gate> = gates
        .filter(|gate| gate.work == Work::Task(task.id))
        .collect();
    let open = about.iter().find(|gate| gate.state == GateState::Open);
    // Of those that are decided the last tells who was first.
    open.or(about.last()).copied().ok_or_else(|| {
        Problem::new(
            &table::NO_SUCH_ITEM,
            format!("nothing waits at {}", task.id),
        )
    })
}

/// The task that is meant.
///
/// # Errors
/// There is none.
pub fn task<'a>(world: &'a World, typed: &str) -> Result<&'a Task, Problem> {
    TaskId::parse_in(typed, current(world))
        .ok()
        .and_then(|id| world.task(id))
        .ok_or_else(|| unknown(typed))
}

/// A refusal as a problem.
#[must_use]
pub fn refused(refusal: &Refusal) -> Problem {
    let code: &'static ErrorCode = match refusal {
        Refusal::NotAPerson
        | Refusal::LooksOnly
        | Refusal::Below { .. }
        | Refusal::LastOwner
        | Refusal::Yourself
        | Refusal::OwnWill(_) => &table::NOT_ALLOWED,
        Refusal::Unknown(_) | Refusal::Over(_) | Refusal::NobodyThere(_) => &table::NO_SUCH_ITEM,
        Refusal::AlreadyDecided { .. } => &table::DECIDED_ALREADY,
        Refusal::Stale(_) => &table::CARD_CHANGED,
        Refusal::FaultyPlan(_) => &table::NO_VALID_PLAN,
        Refusal::WrongVerdict(_)
        | Refusal::BadEdit(_)
        | Refusal::BudgetTooLow(_)
        | Refusal::Begun(_)
        | Refusal::Needs { .. }
        | Refusal::NoWorker { .. }
        | Refusal::NoRoom { .. }
        | Refusal::NotAdded(_)
        | Refusal::Needed { .. }
        | Refusal::TooRisky(_)
        | Refusal::NothingToTest => &table::BAD_ARGUMENTS,
        Refusal::MarkedRejected(_)
        | Refusal::Unmarked(_)
        | Refusal::Merging(_)
        | Refusal::Landing(_) => &table::DECISION_NEEDED,
        Refusal::TooLate(_) => &table::TOO_LATE,
        Refusal::NoSetup(_) => &table::BAD_VALUE,
        Refusal::ReadOnly(_) => &table::LOG_READ_ONLY,
        Refusal::NotAwaited(_) | Refusal::Held(_) | Refusal::AttemptOver(_) => &table::OUR_FAULT,
    };
    let problem = Problem::new(code, refusal.to_string());
    match refusal {
        Refusal::WrongVerdict(id) => problem.hint(format!("see what {id} asks with aios waiting")),
        Refusal::BudgetTooLow(_) => problem.hint("name a higher amount"),
        Refusal::Below { needs, ask, .. } => problem.hint(format!("that takes {needs}: ask {ask}")),
        Refusal::MarkedRejected(_) | Refusal::Unmarked(_) => {
            problem.hint("open the review with aios")
        }
        Refusal::Merging(_) | Refusal::Landing(_) => problem.hint("try again in a moment"),
        _ => problem,
    }
}

/// A host that is gone as a problem.
#[must_use]
pub fn gone(gone: &Gone) -> Problem {
    Problem::new(&table::NO_HOST, gone.to_string()).hint("run aios again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::exit::ExitCode;
    use crate::domain::presence::Standing;

    #[test]
    fn who_may_not_do_it_hears_whom_to_ask_and_the_code_says_so() {
        let below = Refusal::Below {
            has: Standing::Viewer,
            needs: Standing::Approver,
            ask: "mira or li".to_owned(),
        };
        let refusals = [
            below.clone(),
            Refusal::LooksOnly,
            Refusal::LastOwner,
            Refusal::Yourself,
            Refusal::OwnWill("tom".to_owned()),
        ];
        for refusal in refusals {
            let problem = refused(&refusal);
            assert_eq!(problem.exit(), ExitCode::NotAllowed, "{refusal}");
        }
        assert_eq!(ExitCode::NotAllowed.number(), 9);
        let shown = refused(&below).to_string();
        assert!(shown.contains("viewer: ask mira or li"), "{shown}");
    }
}
