//! What is said and to whom: the list of notices, and the calls to a person who looks elsewhere.

use std::time::Instant;

use crate::base::id::GateId;
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Gate, GateState};
use crate::tui::action::Action;
use crate::tui::app::{App, Overlay};
use crate::tui::known::Connection;
use crate::tui::notify::{Facts, IDLE};
use crate::tui::theme::Token;

use super::Effect;
use super::overlay::scrolled;

impl App {
    /// The list of what was said.
    pub(super) fn open_notices(&mut self, at: Instant) {
        if self.said.is_empty() {
            self.say(Token::Info, "nothing was said yet", at);
        }
        self.overlay = Some(Overlay::Notices(0));
    }

    /// Opens what the newest notice is about, else the list of all.
    pub(super) fn newest_notice(&mut self, at: Instant) {
        let gate = self.said.back().and_then(|said| said.gate);
        self.notices.clear();
        match gate {
            Some(gate) => self.open_noticed(gate, at),
            None => self.open_notices(at),
        }
    }

    /// Opens the item of a notice while it is asked; another card must not stand where that one is expected.
    fn open_noticed(&mut self, gate: GateId, at: Instant) {
        let is_shown = |gate: &Gate| match gate.ask.kind() {
            Kind::Plan | Kind::Diff => true, // They have places of their own.
            _ => gate.state == GateState::Open,
        };
        if self.known.world.gate(gate).is_some_and(is_shown) {
            self.open_item(gate);
        } else {
            self.say(Token::Info, "that is decided; g l shows it in the log", at);
        }
    }

    /// Keys on the list.
    pub(super) fn on_notices(&mut self, (action, at): (Action, Instant), row: usize) {
        if action == Action::Open {
            let said = self.said.iter().rev().nth(row);
            match said.and_then(|said| said.gate) {
                Some(gate) => self.open_noticed(gate, at),
                None => self.overlay = Some(Overlay::Notices(row)),
            }
            return;
        }
        let last = self.said.len().saturating_sub(1);
        self.overlay = scrolled(action, row).map(|row| Overlay::Notices(row.min(last)));
    }

    /// Calls the person if that is due.
    pub(super) fn call(&mut self, effects: &mut Vec<Effect>, at: Instant) {
        // Somebody walks through the past and looks, or can only look.
        if self.known.is_past() || self.known.only_looks() {
            return;
        }
        let facts = self.facts_for_calls(at);
        let calls = self.caller.take(&facts, &self.settings.calls, at);
        effects.extend(calls.into_iter().map(Effect::Call));
    }

    fn facts_for_calls(&self, at: Instant) -> Facts {
        let (mut stops, mut needs) = (Vec::new(), Vec::new());
        if matches!(self.known.connection, Connection::Lost(_)) {
            stops.push(("host".to_owned(), "the host is lost".to_owned()));
        }
        for item in self.panes.waiting.shown(&self.known) {
            if item.is_snoozed() || item.claimed.is_some() {
                continue;
            }
            let gate = self.known.world.gate(item.gate);
            let holds = gate.is_some_and(|gate| gate.ask.holds());
            let what = match item.kind {
                Kind::Budget if holds && item.stops => Some("a budget is reached"),
                Kind::Key => Some("a provider does not answer"),
                _ => None,
            };
            let id = item.gate.to_string();
            if let Some(what) = what {
                let of = if self.settings.calls.only_counts {
                    String::new()
                } else {
                    format!(": {}", item.label)
                };
                stops.push((id, format!("{what}{of}")));
            } else if item.held > 0
                || item.stops
                || self.panes.waiting.handed.contains_key(&item.gate)
            {
                needs.push((item.gate, item.label));
            }
        }
        let sprint = self.known.world.current();
        let running = sprint.filter(|sprint| !sprint.is_closed());
        let minutes = (self.known.now.0 / 1_000 + self.known.offset_s).div_euclid(60);
        Facts {
            stops,
            needs,
            running: running.map(|sprint| sprint.id),
            away_from: self.away_from(at),
            minute: u16::try_from(minutes.rem_euclid(24 * 60)).unwrap_or_default(),
        }
    }

    /// From when on nobody looks at this terminal, as far as can be known.
    fn away_from(&self, at: Instant) -> Option<Instant> {
        match (self.tells_focus, self.has_focus) {
            (true, true) => None,
            (true, false) => Some(at),
            (false, _) => self.last_key.and_then(|key| key.checked_add(IDLE)),
        }
    }
}
