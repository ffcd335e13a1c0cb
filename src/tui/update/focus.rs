//! The focus among the panes, and what is done to the sprint as a whole.

use std::time::Instant;

use crate::domain::journal::{Command, PauseScope};
use crate::tui::app::App;
use crate::tui::layout::{Class, Pane, panes_of};
use crate::tui::panes::Intent;

use super::Effect;

impl App {
    /// Moves the focus among the panes that can have it.
    pub(super) fn shift_focus(&mut self, by: isize) {
        let class = Class::of(self.size);
        let streams = if class == Class::L {
            self.stream_count
        } else {
            1
        };
        let is_there = |pane: &Pane| pane.stream().is_none_or(|number| number < streams);
        let mut can: Vec<Pane> = panes_of(self.place).to_vec();
        can.retain(is_there);
        // Those that stand beside each other come first; then those for which there is no room, each alone.
        if class > Class::Small && !self.is_zoomed {
            can.sort_by_key(|pane| !self.has_room(*pane));
        }
        let Ok(count) = isize::try_from(can.len()) else {
            return;
        };
        let at = can
            .iter()
            .position(|pane| *pane == self.focused())
            .unwrap_or(0);
        let next = isize::try_from(at)
            .unwrap_or(0)
            .saturating_add(by)
            .rem_euclid(count.max(1));
        if let Some(pane) = usize::try_from(next).ok().and_then(|next| can.get(next)) {
            self.focus.insert(self.place, *pane);
        }
    }

    pub(super) fn pause_all(&mut self, at: Instant) -> Vec<Effect> {
        let command = match self.known.world.current() {
            Some(sprint) if sprint.is_closed() => None,
            Some(sprint) if sprint.paused.is_some() => {
                Some(Command::Resume(PauseScope::Sprint(sprint.id)))
            }
            Some(sprint) => Some(Command::Pause(PauseScope::Sprint(sprint.id))),
            None => None,
        };
        match command {
            Some(command) => self.perform(vec![Intent::Submit(Box::new(command))], at),
            None => Vec::new(),
        }
    }

    pub(super) fn stop_sprint(&mut self, at: Instant) {
        let open = self.known.world.running();
        if let Some(sprint) = open.map(|sprint| sprint.id) {
            let confirm = Intent::Confirm {
                word: "stop",
                text: format!(
                    "All agents of {sprint} stop now. Their work stays in its branches. This cannot be undone."
                ),
                then: vec![Command::Stop(sprint)],
            };
            self.perform(vec![confirm], at);
        }
    }
}
