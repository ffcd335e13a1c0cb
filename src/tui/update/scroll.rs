//! Panes that only tell: what they tell is scrolled, and what it is about opens.

use std::time::Instant;

use crate::tui::action::{Action, Place};
use crate::tui::app::App;
use crate::tui::facts::risks;
use crate::tui::layout::Pane;
use crate::tui::panes::{Intent, step};
use crate::tui::view;
use crate::tui::widgets::list::Step;

impl App {
    /// The first row that a pane shows of what it tells.
    pub fn top(&self, pane: Pane) -> u16 {
        self.tops.get(&pane).copied().unwrap_or(0)
    }

    /// Scrolls the focused pane if that is what the action does to it.
    pub(super) fn scrolls(&mut self, action: Action, at: Instant) -> bool {
        let pane = self.focused();
        let area = self.area(pane);
        let room = area.height.saturating_sub(2);
        let Some(step) = step(action, room).filter(|_| pane.is_told()) else {
            return false;
        };
        let last = view::rows_told(self, area, at).saturating_sub(room);
        let by = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX);
        let top = self.top(pane).min(last);
        let top = match step {
            Step::Down => top.saturating_add(1),
            Step::Up => top.saturating_sub(1),
            Step::Top => 0,
            Step::Bottom => last,
            Step::Forward(rows) => top.saturating_add(by(rows)),
            Step::Back(rows) => top.saturating_sub(by(rows)),
        };
        self.tops.insert(pane, top.min(last));
        true
    }

    /// What opening a small pane leads to.
    pub(super) fn open_told(&mut self, pane: Pane) -> Vec<Intent> {
        let place = match pane {
            Pane::Events => Place::Log,
            Pane::Sprint => Place::Board,
            Pane::Cost | Pane::Providers => Place::Cost,
            Pane::Risk => {
                let known = &self.known;
                let risks = risks::risks(&known.world, known.now, known.near);
                let work = risks.into_iter().find_map(|risk| risk.work);
                return work.map(Intent::OpenAgent).into_iter().collect();
            }
            _ => return Vec::new(),
        };
        self.go(place);
        Vec::new()
    }
}
