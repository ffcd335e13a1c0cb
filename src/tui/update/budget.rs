//! The first quiet step on the way to the end of the sprint's budget: a line at the half of it. The next are items that wait.

use std::time::Instant;

use crate::base::id::SprintId;
use crate::domain::sprint::nearing::HALF;
use crate::tui::app::App;
use crate::tui::theme::Token;

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

    /// Says that the half was spent since `before`, if it was.
    pub(super) fn say_share(&mut self, before: Option<(SprintId, u32)>, at: Instant) {
        let (Some((of, before)), Some((sprint, now))) = (before, self.share()) else {
            return;
        };
        if of != sprint || before >= HALF || now < HALF {
            return;
        }
        let account = self.known.world.current().map(|sprint| &sprint.account);
        let Some((spent, limit)) =
            account.and_then(|account| Some((account.spent, account.limit?)))
        else {
            return;
        };
        let text = format!("half of the budget is spent: {spent} of {limit}");
        self.say(Token::Info, text, at);
    }
}
