//! Lines about those who are at the session: who they are, what they may do, notes, items handed over. A person is named by the number
//! of their line, which stays theirs while others come and go.

use crate::domain::journal::Command;
use crate::domain::presence::Standing;
use crate::session::{Guest, Matter, Presence};
use crate::tui::facts::{line, people, work_label};
use crate::tui::link::Request;

use super::{Expect, Output, Plain};

/// The words of this file: name, what follows it, what it does. The names are those of the table of actions.
pub(super) const WORDS: [(&str, &str, &str); 6] = [
    ("people", "", "who is at this session, each with a number"),
    (
        "people.role",
        "NUMBER ROLE",
        "what the person may do: owner, approver or viewer",
    ),
    (
        "people.remove",
        "NUMBER",
        "close the person's line; needs a word",
    ),
    (
        "people.note",
        "TEXT",
        "say something to everybody who is here",
    ),
    (
        "people.hand",
        "NUMBER",
        "hand the item that was asked last to the person",
    ),
    ("people.let", "", "let others see where you are, or not"),
];

impl Plain {
    /// Tells the others that somebody is here, without a screen to be followed on.
    pub(super) fn here() -> Request {
        Request::Here(Box::new(Presence {
            place: "plain".to_owned(),
            is_private: true,
            ..Presence::default()
        }))
    }

    /// Does what a line about people says. False: it is about something else.
    pub(super) fn about_people(&mut self, word: &str, rest: &str, out: &mut Output) -> bool {
        match word {
            "people" | "@" => self.list_people(out),
            "people.let" => out
                .lines
                .push("lines are never followed: nobody sees what you read.".to_owned()),
            "people.role" | "people.remove" | "people.note" | "people.hand" => {
                if let Err(why) = self.tell_people(word, rest, out) {
                    out.lines.push(format!("{why}."));
                }
            }
            _ => return false,
        }
        true
    }

    fn tell_people(&mut self, word: &str, rest: &str, out: &mut Output) -> Result<(), String> {
        let needs = match word {
            "people.role" | "people.remove" => Standing::Owner,
            _ => Standing::Approver,
        };
        let has = self.known.standing();
        if has < needs {
            return Err(people::whom_to_ask(&self.known.company, has, needs));
        }
        if word == "people.note" {
            let text = line(rest);
            if text.is_empty() {
                return Err("people.note wants a text".to_owned());
            }
            let count = self.known.company.guests.len().saturating_sub(1);
            out.lines.push(format!("told {count}."));
            out.requests.push(Request::Tell(text));
            return Ok(());
        }
        let (number, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let guest = number
            .parse()
            .ok()
            .and_then(|number| self.known.company.guest(number))
            .cloned()
            .ok_or("no such person; people names them with their numbers")?;
        let name = people::label(&self.known.company, &guest);
        let to = guest.number;
        match word {
            "people.role" => {
                let standing =
                    Standing::named(rest.trim()).ok_or("a role is owner, approver or viewer")?;
                let command = Command::SetStanding {
                    line: to,
                    to: standing,
                    whom: None,
                };
                out.requests.push(self.submit(command));
            }
            "people.remove" => {
                let command = Command::Remove {
                    line: to,
                    whom: None,
                };
                self.expect = Expect::Word("remove", Box::new(command));
                out.lines.push(format!(
                    "{name} is sent away; what they decided stays. Type remove, or nothing."
                ));
            }
            _ => {
                let item = self.current().ok_or("no item is asked")?;
                let (gate, label) = (item.id, work_label(item.work));
                out.lines.push(format!("{label} is handed to {name}."));
                out.requests.push(Request::Hand { to, gate });
            }
        }
        Ok(())
    }

    fn list_people(&self, out: &mut Output) {
        let company = &self.known.company;
        if company.guests.is_empty() {
            out.lines
                .push("nobody else can join this session.".to_owned());
        }
        let person = |guest: &Guest| {
            let presence = &guest.presence;
            let you = if guest.number == company.you {
                ", you"
            } else {
                ""
            };
            let idle = if presence.is_idle { ", idle" } else { "" };
            let work = presence
                .work
                .map_or_else(String::new, |work| format!(" {}", work_label(work)));
            format!(
                "person {}. {}{you}, {}, {}{work}{idle}.",
                guest.number,
                people::label(company, guest),
                guest.standing,
                line(&presence.place)
            )
        };
        out.lines.extend(company.guests.iter().map(person));
    }

    /// Says what others said since.
    pub(super) fn hear(&mut self, out: &mut Output) {
        let company = &self.known.company;
        if company.guests.is_empty() {
            self.heard = 0; // Another host counts anew.
        }
        let heard = self.heard;
        for note in company.notes.iter().filter(|note| note.number > heard) {
            self.heard = note.number;
            let from = people::author(company, note);
            let text = match &note.matter {
                Matter::Item(id) => {
                    let gate = self.known.world.gate(*id);
                    let Some(gate) = gate.filter(|gate| gate.state.is_open()) else {
                        continue;
                    };
                    let (kind, label) = (gate.ask.kind().word(), work_label(gate.work));
                    format!("{from} hands you {kind} {label}")
                }
                Matter::Text(text) => format!("{from}: {}", line(text)),
                Matter::Standing(standing) => format!("{from} made you {standing}"),
            };
            out.lines.push(format!("note. {text}."));
        }
    }
}
