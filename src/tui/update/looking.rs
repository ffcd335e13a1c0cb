//! Looking on: a client of which the host takes no command, and a display that is locked until a word is typed. Keys that look work as
//! ever; those that would send something, or begin a text that is sent, say who decides.

use std::time::Instant;

use crate::domain::journal::{Command, needs};
use crate::domain::presence::Standing;
use crate::tui::app::{App, Overlay};
use crate::tui::facts::people;
use crate::tui::link::Request;
use crate::tui::panes::Purpose;
use crate::tui::theme::Token;
use crate::tui::widgets::composer::Composer;

use super::Effect;
use super::overlay::Then;
use super::travel::PAST;

/// What is typed so that a locked display decides again.
const WORD: &str = "unlock";

/// What a locked display says to keys that would change something.
const LOCKED: &str = "this display is locked: :unlock, then decide";

impl App {
    /// Whether anything can be decided at this client.
    pub const fn decides(&self) -> bool {
        !self.known.only_looks() && !self.is_locked
    }

    /// The word in the last row of a client that looks only.
    pub const fn looks(&self) -> Option<&'static str> {
        match (self.known.only_looks(), self.is_locked) {
            (true, _) => Some("VIEW"),
            (false, true) => Some("LOCK"),
            (false, false) => None,
        }
    }

    /// Why nothing can be changed here now; none if it can.
    pub(super) fn barred(&self) -> Option<String> {
        if self.known.is_past() {
            return Some(PAST.to_owned());
        }
        if let Some(why) = &self.known.removed {
            return Some(why.clone());
        }
        if self.known.only_looks() {
            return Some(self.ask_for(Standing::Approver));
        }
        self.is_locked.then(|| LOCKED.to_owned())
    }

    /// Whom the person asks for what takes more than they may do.
    pub(super) fn ask_for(&self, needs: Standing) -> String {
        let has = self.known.standing();
        let ask = people::whom_to_ask(&self.known.company, has, needs);
        format!("{ask} (@)")
    }

    /// Whether what is asked of the session is above what the person may do.
    pub(super) fn is_above(&self, effect: &Effect) -> bool {
        match effect {
            Effect::Request(Request::Submit { command, .. }) => self.needs_more(command),
            Effect::Request(Request::Set(_) | Request::TakeBack) => {
                self.known.standing() < Standing::Owner
            }
            _ => false,
        }
    }

    fn needs_more(&self, command: &Command) -> bool {
        self.known.standing() < needs(&self.known.world, command)
    }

    /// Whether what is being written, or confirmed by a word, is above what the person may do.
    pub(super) fn writes_above(&self) -> bool {
        match &self.overlay {
            Some(Overlay::Draft { purpose, .. }) => match purpose {
                Purpose::Goal
                | Purpose::Amount(..)
                | Purpose::Budget(_)
                | Purpose::Setting { .. } => self.known.standing() < Standing::Owner,
                _ => self.known.only_looks(),
            },
            Some(Overlay::Confirm {
                then: Then::Submit(commands),
                ..
            }) => commands.iter().any(|command| self.needs_more(command)),
            _ => false,
        }
    }

    /// Makes a display of this client; a display is asked for the word that ends it.
    pub(super) fn lock(&mut self, at: Instant) {
        if self.is_locked {
            return self.ask_to_unlock(at);
        }
        if self.known.only_looks() {
            return self.say(Token::Info, "you look on only as it is", at);
        }
        self.is_locked = true;
        let text = format!("locked: it only shows now; :{WORD} takes a word");
        self.say(Token::Info, text, at);
    }

    /// Asks for the word, so that nobody who passes by decides by accident.
    pub(super) fn ask_to_unlock(&mut self, at: Instant) {
        if !self.is_locked {
            return self.say(Token::Info, "this display is not locked", at);
        }
        self.overlay = Some(Overlay::Confirm {
            word: WORD,
            text: "This display only shows. Unlocked, its keys decide again.".to_owned(),
            typed: Composer::single_line(),
            then: Then::Unlock,
        });
    }

    /// The word was typed.
    pub(super) fn unlock(&mut self, at: Instant) {
        self.is_locked = false;
        self.say(Token::Ok, "unlocked: keys decide again", at);
    }
}
