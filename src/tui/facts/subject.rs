//! What an event is about, in the words that the log is narrowed with.

use crate::base::id::{GateId, Work};
use crate::domain::journal::{Event, World};

/// What kind of event it is: `kind:merge`.
pub const fn kind(event: &Event) -> &'static str {
    match event {
        Event::HostStarted { .. } => "host",
        Event::SprintStarted { .. }
        | Event::SprintOpening(_)
        | Event::SprintOpened { .. }
        | Event::SprintClosed { .. }
        | Event::SummingBegan(_)
        | Event::LandingBegan(_)
        | Event::LandingBlocked { .. } => "sprint",
        Event::PlanProposed { .. }
        | Event::PlanEdited { .. }
        | Event::PlanApproved { .. }
        | Event::PlanRejected { .. } => "plan",
        Event::Paused { .. } | Event::Resumed { .. } => "pause",
        Event::BudgetChanged { .. } | Event::TiersChanged { .. } | Event::HalfSpent { .. } => {
            "budget"
        }
        Event::AttemptOpened { .. } | Event::AttemptEnded { .. } => "agent",
        Event::ModelReplied { .. }
        | Event::CallFailed { .. }
        | Event::CallLost { .. }
        | Event::TranscriptTrimmed { .. }
        | Event::RetryElapsed(_) => "model",
        Event::ToolReturned { .. }
        | Event::CommandGranted { .. }
        | Event::CommandRevoked { .. } => "tool",
        Event::FileEdited { .. } => "file",
        Event::Nudged { .. } => "message",
        Event::NodeEntered { .. }
        | Event::NodeLeft { .. }
        | Event::TaskTaken { .. }
        | Event::TaskRetried(_)
        | Event::TaskDropped(_)
        | Event::TaskOrdered { .. }
        | Event::TaskAssigned { .. }
        | Event::TaskAdded { .. }
        | Event::TaskSettled(_)
        | Event::TaskTakenBack { .. }
        | Event::WorktreePrepared { .. }
        | Event::WorktreeRemoved(_) => "task",
        Event::Committed { .. } => "commit",
        Event::BaselineFinished { .. }
        | Event::ChecksFinished { .. }
        | Event::TrialAsked { .. }
        | Event::TrialEnded { .. } => "check",
        Event::Merged { .. }
        | Event::MergeConflicted { .. }
        | Event::ConflictBrought { .. }
        | Event::ConflictResolved { .. } => "merge",
        Event::GateOpened { .. } | Event::GateChanged { .. } | Event::GateDropped(_) => "ask",
        Event::GateDecided { .. }
        | Event::GateClosed(_)
        | Event::DecisionWithdrawn { .. }
        | Event::HunkMarked { .. }
        | Event::HunkSplit { .. } => "decision",
        Event::EffectBegan { .. } | Event::EffectForgotten { .. } => "effect",
        Event::EffectFailed { .. } => "failure",
        Event::StandingChanged { .. } | Event::PersonRemoved { .. } => "people",
    }
}

/// The work that an event is about, if it is about one: `task:t3`.
pub fn work(event: &Event, world: &World) -> Option<Work> {
    let of_gate = |gate: &GateId| world.gate(*gate).map(|gate| gate.work);
    match event {
        Event::AttemptOpened { attempt, .. }
        | Event::AttemptEnded { attempt, .. }
        | Event::ModelReplied { attempt, .. }
        | Event::CallFailed { attempt, .. }
        | Event::CallLost { attempt, .. }
        | Event::ToolReturned { attempt, .. }
        | Event::FileEdited { attempt, .. }
        | Event::Nudged { attempt, .. } => Some(attempt.work),
        Event::NodeEntered { task, .. }
        | Event::NodeLeft { task, .. }
        | Event::TaskTaken { task, .. }
        | Event::Committed { task, .. }
        | Event::ChecksFinished { task, .. }
        | Event::Merged { task, .. }
        | Event::MergeConflicted { task, .. }
        | Event::ConflictBrought { task, .. }
        | Event::TaskOrdered { task, .. }
        | Event::TaskAssigned { task, .. }
        | Event::TaskAdded { task, .. }
        | Event::TaskTakenBack { task, .. }
        | Event::ConflictResolved { task, .. }
        | Event::TrialAsked { task, .. }
        | Event::TrialEnded { task, .. }
        | Event::TaskRetried(task)
        | Event::TaskSettled(task)
        | Event::TaskDropped(task) => Some(Work::Task(*task)),
        Event::PlanProposed { sprint, .. }
        | Event::PlanEdited { sprint, .. }
        | Event::PlanApproved { sprint, .. }
        | Event::PlanRejected { sprint, .. } => Some(Work::Plan(*sprint)),
        Event::GateOpened { work, .. } => Some(*work),
        Event::GateDecided { gate, .. }
        | Event::GateChanged { gate, .. }
        | Event::DecisionWithdrawn { gate, .. }
        | Event::HunkMarked { gate, .. }
        | Event::HunkSplit { gate, .. } => of_gate(gate),
        _ => None,
    }
}
