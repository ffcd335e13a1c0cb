//! Looking on: a client of which the host takes no command, and a display that is locked until a word is typed. Keys that look work as
//! ever; those that would send something, or begin a text that is sent, say who decides.

use std::time::Instant;

use crate::tui::app::{App, Overlay};
use crate::tui::facts::people;
use crate::tui::theme::Token;
use crate::tui::widgets::composer::Composer;

use super::overlay::Then;
use super::travel::PAST;

/// What is typed so that a locked display decides again.
const WORD: &str = "unlock";

/// What a locked display says to keys that would change something.
const LOCKED: &str = "this display is locked: :unlock, then decide";

impl App {
    /// Whether anything can be decided at this client.
    pub const fn decides(&self) -> bool {
        !self.known.looks_only && !self.is_locked
    }

    /// The word in the last row of a client that looks only.
    pub const fn looks(&self) -> Option<&'static str> {
        match (self.known.looks_only, self.is_locked) {
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
        if self.known.looks_only {
            let who = people::who_decides(&self.known.company);
            return Some(format!("{who} (@)"));
        }
        self.is_locked.then(|| LOCKED.to_owned())
    }

    /// Makes a display of this client; a display is asked for the word that ends it.
    pub(super) fn lock(&mut self, at: Instant) {
        if self.is_locked {
            return self.ask_to_unlock(at);
        }
        if self.known.looks_only {
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
