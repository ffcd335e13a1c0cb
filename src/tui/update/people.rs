//! Where the person is, for the others at the session. It is told when it changes, and nothing is decided by it.

use std::time::Instant;

use crate::session::Presence;
use crate::tui::app::App;
use crate::tui::link::Request;
use crate::tui::notify::IDLE;

use super::Effect;

impl App {
    /// Tells where the person is, if that is another place than was told last.
    pub(super) fn tell_others(&mut self, at: Instant) -> Option<Effect> {
        let presence = self.presence(at);
        if self.told_others.as_ref() == Some(&presence) {
            return None;
        }
        self.told_others = Some(presence.clone());
        Some(Effect::Request(Request::Here(Box::new(presence))))
    }

    fn presence(&self, at: Instant) -> Presence {
        let is_idle = |key: Instant| at.saturating_duration_since(key) >= IDLE;
        Presence {
            place: self.place.title().to_lowercase(),
            // Also while a text about it is written.
            gate: self
                .gate()
                .filter(|_| self.decides() && !self.known.is_past())
                .map(|gate| gate.id),
            size: (self.size.width, self.size.height),
            is_idle: self.last_key.is_none_or(is_idle),
        }
    }

    /// When an open card is no longer a claim, because no key came.
    pub(super) fn claim_ends(&self, at: Instant) -> Option<Instant> {
        let told = self.told_others.as_ref();
        told.filter(|told| told.gate.is_some() && !told.is_idle)?;
        self.last_key?.checked_add(IDLE).filter(|end| *end > at)
    }
}
