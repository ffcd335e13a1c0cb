//! The quiet steps on the way to the end of the sprint's budget: a line at the half of it, and two warnings.

use std::time::Instant;

use crate::base::id::SprintId;
use crate::tui::app::App;
use crate::tui::theme::Token;

/// From which share of the budget on something is said, in percent.
const STEPS: [u32; 3] = [50, 80, 90];

impl App {
    /// How much of the sprint's budget is spent, in percent; none in the past.
    pub(super) fn share(&self) -> Option<(SprintId, u32)> {
        let sprint = self
            .known
            .world
            .current()
            .filter(|_| !self.known.is_past())?;
        Some((sprint.id, sprint.account.percent()?))
    }

    /// Says which step was taken since `before`, if one was.
    pub(super) fn say_share(&mut self, before: Option<(SprintId, u32)>, at: Instant) {
        let (Some((of, before)), Some((sprint, now))) = (before, self.share()) else {
            return;
        };
        let step = STEPS
            .iter()
            .rev()
            .find(|step| before < **step && **step <= now);
        let Some(step) = step.filter(|_| of == sprint) else {
            return;
        };
        let account = self.known.world.current().map(|sprint| &sprint.account);
        let Some((spent, limit)) =
            account.and_then(|account| Some((account.spent, account.limit?)))
        else {
            return;
        };
        let text = format!("{step}% of the budget is spent: {spent} of {limit}");
        if *step == STEPS[0] {
            self.say(Token::Info, text, at);
        } else {
            self.say(Token::Risk, format!("{text}; g c, then b sets it"), at);
        }
    }
}
