//! The others at the session: who they are, what they may do, handing items over, notes to all. What is said is a signal; what somebody
//! may do is the host's to keep, and stands in the journal. Where the person is and whom they follow is `follow`'s.

use std::time::Instant;

use crate::base::id::GateId;
use crate::domain::journal::Command;
use crate::domain::presence::Standing;
use crate::session::{Guest, Matter, Note};
use crate::tui::action::Action;
use crate::tui::app::{App, Overlay};
use crate::tui::facts::{line, people, waiting, work_label};
use crate::tui::layout::Pane;
use crate::tui::link::Request;
use crate::tui::panes::Purpose;
use crate::tui::theme::Token;
use crate::tui::widgets::composer::Composer;

use super::Effect;
use super::follow::Following;
use super::overlay::Then;

/// Characters of a note to all; the host cuts what is longer.
const MOST_WORDS: usize = 200;

/// What is typed so that somebody is sent away.
const WORD: &str = "remove";

/// What there is between the person and the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// Who is followed, and what others are told.
    pub following: Following,
    /// The number of the last note that was told.
    heard: u64,
}

impl App {
    /// Keys on the list of those who are there.
    pub(super) fn on_people(&mut self, action: Action, row: usize, at: Instant) -> Vec<Effect> {
        let guests = &self.known.company.guests;
        let last = guests.len().saturating_sub(1);
        let row = row.min(last);
        let next = match action {
            Action::Down => (row + 1).min(last),
            Action::Up => row.saturating_sub(1),
            _ => row,
        };
        self.overlay = Some(Overlay::People(next));
        match action {
            Action::NoteAll => {
                self.write_note(at);
                return Vec::new();
            }
            Action::LetFollow => {
                self.let_follow(at);
                return Vec::new();
            }
            _ => {}
        }
        let Some(guest) = guests.get(row).cloned() else {
            return Vec::new();
        };
        let is_you = guest.number == self.known.company.you;
        match action {
            Action::PersonRole => return self.next_role(&guest, at),
            Action::FollowPerson | Action::HandOver | Action::PersonRemove if is_you => {
                self.say(Token::Info, "that is you: pick somebody else", at);
            }
            Action::PersonRemove => self.ask_to_remove(&guest, at),
            Action::HandOver => return self.hand_over(&guest, at),
            Action::FollowPerson => self.follow_person(&guest, at),
            _ => {}
        }
        Vec::new()
    }

    /// Whether only an owner may do what a key asks for, and the person is none; then that is said.
    fn is_owners(&mut self, at: Instant) -> bool {
        let why = self.barred().or_else(|| {
            (self.known.standing() < Standing::Owner).then(|| self.ask_for(Standing::Owner))
        });
        if let Some(why) = &why {
            self.say(Token::Risk, why.clone(), at);
        }
        why.is_some()
    }

    /// Gives somebody the next role. Whoever is to be no owner any more by their own key is asked for a word.
    fn next_role(&mut self, guest: &Guest, at: Instant) -> Vec<Effect> {
        if self.is_owners(at) {
            return Vec::new();
        }
        let to = guest.standing.next();
        let command = Command::SetStanding {
            line: guest.number,
            to,
            whom: None,
        };
        if guest.number != self.known.company.you {
            let name = people::label(&self.known.company, guest);
            self.say(Token::Info, format!("{name} becomes {to}"), at);
            return vec![self.submit(command)];
        }
        self.overlay = Some(Overlay::Confirm {
            word: to.word(),
            text: format!("You become {to}. Another owner can make you owner again."),
            typed: Composer::single_line(),
            then: Then::Submit(vec![command]),
        });
        Vec::new()
    }

    fn ask_to_remove(&mut self, guest: &Guest, at: Instant) {
        if self.is_owners(at) {
            return;
        }
        let name = people::label(&self.known.company, guest);
        let text = format!(
            "The line of {name} is closed, and that terminal does not come back by itself. What {name} decided stays."
        );
        self.overlay = Some(Overlay::Confirm {
            word: WORD,
            text,
            typed: Composer::single_line(),
            then: Then::Submit(vec![Command::Remove {
                line: guest.number,
                whom: None,
            }]),
        });
    }

    fn write_note(&mut self, at: Instant) {
        match self.barred() {
            Some(why) => self.say(Token::Risk, why, at),
            None if self.known.company.guests.len() < 2 => {
                self.say(Token::Info, "nobody else is here", at);
            }
            None => self.write(Purpose::Note),
        }
    }

    /// Says something to everybody else who is there.
    pub(super) fn note_all(&mut self, text: &str, at: Instant) -> Result<Vec<Effect>, Purpose> {
        let text = line(text);
        let surplus = text.chars().count().saturating_sub(MOST_WORDS);
        if surplus > 0 {
            let text = format!("a note has {MOST_WORDS} characters: {surplus} too many");
            self.say(Token::Fail, text, at);
            return Err(Purpose::Note);
        }
        let count = self.known.company.guests.len().saturating_sub(1);
        self.say(Token::Ok, format!("told {count}: {text}"), at);
        Ok(vec![Effect::Request(Request::Tell(text))])
    }

    /// Hands the item that is open, or under the cursor of the list, to somebody else.
    fn hand_over(&mut self, guest: &Guest, at: Instant) -> Vec<Effect> {
        if let Some(why) = self.barred() {
            self.say(Token::Risk, why, at);
            return Vec::new();
        }
        let listed = (self.focused() == Pane::Waiting)
            .then(|| self.panes.waiting.current(&self.known))
            .flatten();
        let open = self.gate().map(|gate| gate.id);
        let gate = open.or(listed.map(|item| item.gate));
        let Some(gate) = gate.and_then(|gate| self.known.world.gate(gate)) else {
            self.say(
                Token::Info,
                "open an item first; then @ and h hand it over",
                at,
            );
            return Vec::new();
        };
        let (id, what) = (gate.id, gate.ask.kind().word());
        let name = people::label(&self.known.company, guest);
        let text = format!("{what} {} is handed to {name}", work_label(gate.work));
        self.overlay = None;
        self.say_of(Some(id), (Token::Ok, text), at);
        let to = guest.number;
        vec![Effect::Request(Request::Hand { to, gate: id })]
    }

    /// Goes after who is followed, and tells what others say.
    pub(super) fn heed_others(&mut self, at: Instant) {
        self.mirror(at);
        let company = &self.known.company;
        if company.guests.is_empty() {
            self.others.heard = 0; // Another host counts anew.
        }
        let heard = self.others.heard;
        let new = company.notes.iter().filter(|note| note.number > heard);
        for note in new.cloned().collect::<Vec<_>>() {
            self.others.heard = note.number;
            self.heed(&note, at);
        }
    }

    fn heed(&mut self, note: &Note, at: Instant) {
        let from = people::author(&self.known.company, note);
        let (gate, said) = match &note.matter {
            Matter::Item(id) => {
                let Some(what) = self.item_in_words(*id) else {
                    return;
                };
                self.panes.waiting.handed.insert(*id, from.clone());
                // What was put off is asked for again.
                self.panes.waiting.snoozes.forget(*id);
                let text = format!("{from} hands you {what}");
                (Some(*id), (Token::Need, text))
            }
            Matter::Text(text) => (None, (Token::Need, format!("{from}: {}", line(text)))),
            Matter::Standing(standing) => {
                let token = match standing {
                    Standing::Owner => Token::Ok,
                    Standing::Approver | Standing::Viewer => Token::Risk,
                };
                (None, (token, format!("{from} made you {standing}")))
            }
        };
        self.say_of(gate, said, at);
    }

    /// An item in a line: its kind, what it is about, what is asked; none if it is not open.
    fn item_in_words(&self, id: GateId) -> Option<String> {
        let world = &self.known.world;
        let gate = world.gate(id).filter(|gate| gate.state.is_open())?;
        let sprint = world.sprints.get(&id.sprint)?;
        let (kind, label) = (gate.ask.kind().word(), work_label(gate.work));
        Some(format!("{kind} {label}: {}", waiting::text(sprint, gate)))
    }
}
