//! What a command takes of whoever asks for it. Agents and effects are held elsewhere: they decide nothing.

use crate::domain::journal::decide::standing_for;
use crate::domain::journal::{Command, World};
use crate::domain::presence::Standing;
use crate::domain::sprint::GateState;

/// The least standing that may ask for a command. Clients ask before they send; the machine asks again before it decides.
#[must_use]
pub fn needs(world: &World, command: &Command) -> Standing {
    match command {
        Command::StartSprint { .. }
        | Command::SetBudget { .. }
        | Command::Stop(_)
        | Command::Allow { .. }
        | Command::Revoke { .. }
        | Command::SetStanding { .. }
        | Command::Remove { .. } => Standing::Owner,
        Command::Decide { gate, verdict, .. } => standing_for(world, *gate, verdict),
        // Whoever could not have decided so does not take it back either.
        Command::Undo { gate } => match world.gate(*gate).map(|gate| &gate.state) {
            Some(GateState::Pending { verdict, .. }) => standing_for(world, *gate, verdict),
            Some(GateState::Open | GateState::Closed { .. } | GateState::Moot) | None => {
                Standing::Approver
            }
        },
        Command::TakeOver { .. }
        | Command::EditPlan { .. }
        | Command::Mark { .. }
        | Command::Split { .. }
        | Command::Steer { .. }
        | Command::Pause(_)
        | Command::Resume(_)
        | Command::DropTask(_)
        | Command::Begin { .. }
        | Command::Report { .. }
        | Command::Order { .. }
        | Command::Try { .. }
        | Command::AddTask { .. }
        | Command::TakeBack(_)
        | Command::Assign { .. } => Standing::Approver,
    }
}
