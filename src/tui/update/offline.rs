//! While the host is lost: everything can be read, and decisions are kept. They are sent when it is back, if what they were made on is
//! still the same.

use std::time::Instant;

use crate::base::id::{CommandId, GateId};
use crate::domain::journal::Command;
use crate::domain::sprint::GateState;
use crate::tui::action::Action;
use crate::tui::app::{App, Sent};
use crate::tui::facts::{events, work_label};
use crate::tui::link::Request;
use crate::tui::panes::waiting::Kept;
use crate::tui::theme::Token;

use super::Effect;

impl App {
    /// Tries to make a lost line again.
    pub(super) fn reconnect(&mut self, at: Instant) -> Vec<Effect> {
        if self.known.lost.is_none() {
            self.say(Token::Info, "the host is there", at);
            return Vec::new();
        }
        if let Some(why) = self.known.removed.clone() {
            self.say(Token::Risk, why, at);
            return Vec::new();
        }
        self.say(Token::Info, "looking for the host", at);
        vec![Effect::Request(Request::Again)]
    }

    /// The key that looks for the host. On the board it is for something else, but not while the host is lost.
    pub fn key_for_the_host(&self) -> Option<String> {
        let shown = |action| self.keymap.shown(action, self.mode_below(), self.place);
        shown(Action::Reconnect).or_else(|| shown(Action::Assign))
    }

    /// What would be sent over a line that is lost: decisions are kept, everything else is not done, and that is said.
    pub(super) fn hold(&mut self, effects: &mut Vec<Effect>, at: Instant) {
        if self.known.lost.is_none() {
            return;
        }
        let mut held = Vec::new();
        effects.retain(|effect| match effect {
            Effect::Request(Request::Submit { id, command }) => {
                held.push((id.clone(), command.clone()));
                false
            }
            _ => true,
        });
        // An approval counts only behind the changes that it was given to, and changes are not kept for later.
        let is_plan = |(_, command): &(CommandId, Box<Command>)| {
            matches!(**command, Command::EditPlan { .. })
        };
        let changes_plan = held.iter().any(is_plan);
        let mut last = None;
        let mut is_undone = false;
        for (id, command) in held {
            self.sent.remove(&id);
            if let Command::Decide { gate, .. } = *command
                && !changes_plan
            {
                self.keep(id, command, false);
                last = Some(gate);
            } else {
                is_undone = true;
            }
        }
        if is_undone {
            let key = self.key_for_the_host();
            let key = key.map_or_else(String::new, |key| format!("; {key} looks for it"));
            let text = format!("the host is lost: this was not done{key}");
            self.say(Token::Fail, text, at);
        }
        if let Some(gate) = last {
            let count = self.panes.waiting.kept.len();
            let text = format!("{count} kept, sent when the host is back   u takes back");
            self.say_of(Some(gate), (Token::Info, text), at);
            if self.settings.auto_advance {
                self.next_item(at);
            }
        }
    }

    fn keep(&mut self, id: CommandId, command: Box<Command>, is_sent: bool) {
        let Command::Decide {
            gate, ref verdict, ..
        } = *command
        else {
            return;
        };
        let label = self
            .known
            .world
            .gate(gate)
            .map_or_else(String::new, |gate| work_label(gate.work));
        let text = format!("{} {label}", events::decided(verdict).0);
        self.panes.waiting.kept.push(Kept {
            gate,
            id,
            command,
            text,
            is_sent,
        });
    }

    /// The line was lost before an answer. A decision is sent again under its own name, which tells what became of it.
    pub(super) fn unsent(&mut self, id: &CommandId, at: Instant) {
        match self.sent.remove(id) {
            Some(Sent {
                decision: Some(command),
                ..
            }) => self.keep(id.clone(), command, true),
            Some(_) => {
                let text = "the host was lost: whether your last command was taken is not known";
                self.say(Token::Fail, text, at);
            }
            None => {}
        }
    }

    /// The last decision that was kept and not sent is dropped. False: there is none.
    pub(super) fn take_kept_back(&mut self, at: Instant) -> bool {
        let kept = &mut self.panes.waiting.kept;
        let Some(place) = kept.iter().rposition(|kept| !kept.is_sent) else {
            return false;
        };
        let kept = kept.remove(place);
        self.say_of(
            Some(kept.gate),
            (Token::Info, format!("not sent: {}", kept.text)),
            at,
        );
        true
    }

    /// The host is back: what was kept is sent if it still is about what was looked at.
    pub(super) fn send_kept(&mut self, at: Instant) -> Vec<Effect> {
        let mut effects = Vec::new();
        // In the past nothing is decided, and what is open there says nothing about now: they are sent on coming back.
        // What was decided before a display was locked waits until it is unlocked.
        if self.known.is_past() || self.known.lost.is_some() || !self.decides() {
            return effects;
        }
        for kept in std::mem::take(&mut self.panes.waiting.kept) {
            if !kept.is_sent && !self.is_as_seen(&kept) {
                let text = format!(
                    "not sent: {}. It changed or was decided meanwhile",
                    kept.text
                );
                self.say_of(Some(kept.gate), (Token::Fail, text), at);
                continue;
            }
            let sent = Sent {
                adds: None,
                decides: Some(kept.gate),
                decision: Some(kept.command.clone()),
            };
            self.sent.insert(kept.id.clone(), sent);
            effects.push(Effect::Request(Request::Submit {
                id: kept.id,
                command: kept.command,
            }));
        }
        effects
    }

    fn is_as_seen(&self, kept: &Kept) -> bool {
        let Command::Decide { revision, .. } = *kept.command else {
            return false;
        };
        let gate = self.known.world.gate(kept.gate);
        gate.is_some_and(|gate| gate.state == GateState::Open && gate.revision == revision)
    }

    /// Whether a decision on the gate is on its way, or kept until there is one.
    pub(super) fn is_decided(&self, gate: GateId) -> bool {
        self.closing.contains(&gate)
            || self.sent.values().any(|sent| sent.decides == Some(gate))
            || self.panes.waiting.kept.iter().any(|kept| kept.gate == gate)
    }
}
