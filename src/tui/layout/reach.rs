//! Which panes can have the focus, and which of them have a cursor.

use super::Pane;
use crate::tui::action::Place;

/// Every pane that a place can show, in the order of the focus. The first has it at first.
pub const fn panes_of(place: Place) -> &'static [Pane] {
    match place {
        Place::Home => &[
            Pane::Waiting,
            Pane::Agents,
            Pane::Stream,
            Pane::Board,
            Pane::Events,
            Pane::Sprint,
            Pane::Cost,
            Pane::Risk,
            Pane::People,
            Pane::Providers,
        ],
        Place::Board => &[Pane::Board, Pane::Task],
        Place::Agents => &[
            Pane::Stream,
            Pane::Second,
            Pane::Third,
            Pane::Fourth,
            Pane::Agents,
        ],
        Place::Review => &[
            Pane::Diff,
            Pane::Files,
            Pane::Why,
            Pane::Remarks,
            Pane::Explains,
        ],
        Place::Plan => &[Pane::Plan, Pane::PlanChecks, Pane::Limits, Pane::Planned],
        Place::Cost => &[
            Pane::Sums,
            Pane::Budget,
            Pane::Burn,
            Pane::Saved,
            Pane::Tiers,
            Pane::Days,
        ],
        Place::Log => &[
            Pane::Log,
            Pane::Event,
            Pane::Time,
            Pane::BoardThen,
            Pane::AgentsThen,
        ],
        Place::Waiting => &[Pane::Card, Pane::Waiting],
        Place::Settings => &[Pane::Settings, Pane::Sections],
        Place::Conflict => &[Pane::Result, Pane::Ours, Pane::Theirs, Pane::ClashWhy],
    }
}

impl Pane {
    /// Whether it only tells: it has no cursor of its own, and is scrolled as a text is.
    pub const fn is_told(self) -> bool {
        matches!(
            self,
            Self::Sprint
                | Self::Cost
                | Self::Events
                | Self::Risk
                | Self::People
                | Self::Providers
                | Self::Task
                | Self::Planned
                | Self::Limits
                | Self::PlanChecks
                | Self::Why
                | Self::Remarks
                | Self::Explains
                | Self::Budget
                | Self::Saved
                | Self::Burn
                | Self::Tiers
                | Self::Days
        )
    }
}
