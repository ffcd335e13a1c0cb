//! Who is at the session: which terminals are open, where each person is and what they have open. A signal, never in the journal: it
//! is true only while the line lasts, and nothing is decided by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::base::id::{GateId, Work};
use crate::base::text::SafeText;

/// Characters of a place's name.
const MOST_PLACE: usize = 20;
/// Notes that are kept for one line.
const MOST_NOTES: usize = 8;

/// What a terminal tells about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Where the person is, in a word or two.
    pub place: String,
    /// The item whose card they have open: they are about to decide it.
    pub gate: Option<GateId>,
    /// Columns and rows.
    pub size: (u16, u16),
    /// No key came for a while.
    pub is_idle: bool,
    /// Whose work they look at: an agent's, or a task's.
    pub work: Option<Work>,
    /// The item under their cursor where items are listed.
    pub item: Option<GateId>,
}

/// An item that somebody hands to somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Grows from note to note.
    pub number: u64,
    /// Who hands it, by the kernel's word.
    pub from: String,
    /// Which item.
    pub gate: GateId,
}

/// One terminal with somebody in front of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// The host's number for the line.
    pub number: u64,
    /// The person, by the kernel's word.
    pub name: String,
    /// They look on: the host takes no command on this line.
    pub looks_only: bool,
    /// What it tells.
    pub presence: Presence,
}

/// Everybody who is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Grows with every change.
    pub version: u64,
    /// The number of the line on which this is told.
    pub you: u64,
    /// They, in the order in which they came.
    pub guests: Vec<Guest>,
    /// What was handed to the line on which this is told, oldest first.
    pub notes: Vec<Note>,
}

#[derive(Clone, Debug, Default)]
struct Book {
    version: u64,
    next: u64,
    guests: BTreeMap<u64, Guest>,
    /// By the number of the line that they are for.
    notes: BTreeMap<u64, Vec<Note>>,
    note_count: u64,
}

/// The host's list of who is there.
#[derive(Clone, Debug)]
pub(super) struct Reception(Arc<watch::Sender<Book>>);

/// A line's place in it; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    reception: Reception,
    number: u64,
    name: String,
    looks_only: bool,
}

impl Reception {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Book::default())))
    }

    /// A place for a new line. Nobody is told of it before it says where it is: a command that asks for the state is not a person.
    pub(super) fn seat(&self, name: &str, looks_only: bool) -> Seat {
        let mut number = 0;
        self.0.send_modify(|book| {
            book.next += 1;
            number = book.next;
        });
        Seat {
            reception: self.clone(),
            number,
            name: name.to_owned(),
            looks_only,
        }
    }
}

impl Seat {
    /// Nothing of this line is a command.
    pub(super) const fn looks_only(&self) -> bool {
        self.looks_only
    }

    /// The person is here now.
    pub(super) fn here(&self, mut presence: Presence) {
        let place = SafeText::line(&presence.place).into_string();
        presence.place = place.chars().take(MOST_PLACE).collect();
        let guest = Guest {
            number: self.number,
            name: self.name.clone(),
            looks_only: self.looks_only,
            presence,
        };
        self.reception.0.send_if_modified(|book| {
            let is_new = book.guests.get(&self.number) != Some(&guest);
            if is_new {
                book.version += 1;
                book.guests.insert(self.number, guest);
            }
            is_new
        });
    }

    /// Hands an item to the line of a number. Nothing comes of it where nobody is.
    pub(super) fn hand(&self, to: u64, gate: GateId) {
        self.reception.0.send_if_modified(|book| {
            let is_there = book.guests.contains_key(&to);
            if is_there {
                book.version += 1;
                book.note_count += 1;
                let notes = book.notes.entry(to).or_default();
                notes.push(Note {
                    number: book.note_count,
                    from: self.name.clone(),
                    gate,
                });
                let surplus = notes.len().saturating_sub(MOST_NOTES);
                notes.drain(..surplus);
            }
            is_there
        });
    }

    /// Waits until the list is another one than at `version`, and gives it. Cancel safe.
    pub(super) async fn company(&self, version: u64) -> Option<Company> {
        let mut watched = self.reception.0.subscribe();
        let book = watched
            .wait_for(|book| book.version != version)
            .await
            .ok()?;
        Some(Company {
            version: book.version,
            you: self.number,
            guests: book.guests.values().cloned().collect(),
            notes: book.notes.get(&self.number).cloned().unwrap_or_default(),
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.reception.0.send_if_modified(|book| {
            book.notes.remove(&self.number);
            let was_there = book.guests.remove(&self.number).is_some();
            book.version += u64::from(was_there);
            was_there
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: &str) -> Presence {
        Presence {
            place: place.to_owned(),
            ..Presence::default()
        }
    }

    #[tokio::test]
    async fn who_says_where_they_are_is_there_until_they_leave() {
        let reception = Reception::new();
        let (mira, status) = (reception.seat("mira", true), reception.seat("mira", false));
        mira.here(at("review"));
        let company = status.company(0).await.unwrap();
        assert_eq!((company.you, company.guests.len()), (2, 1));
        assert_eq!(company.guests[0].presence.place, "review");
        assert!(company.guests[0].looks_only);
        // The same again is no news.
        mira.here(at("review"));
        assert_eq!(status.company(0).await.unwrap().version, company.version);
        drop(mira);
        let after = status.company(company.version).await.unwrap();
        assert!(after.guests.is_empty());
    }

    #[tokio::test]
    async fn what_is_handed_over_comes_to_one_line_only() {
        let reception = Reception::new();
        let [mira, li, tom] = ["mira", "li", "tom"].map(|name| reception.seat(name, false));
        for seat in [&mira, &li, &tom] {
            seat.here(at("home"));
        }
        let gate: GateId = "s1.g2".parse().unwrap();
        mira.hand(2, gate);
        mira.hand(77, gate); // Nobody is there.
        let notes = li.company(0).await.unwrap().notes;
        let expected = Note {
            number: 1,
            from: "mira".to_owned(),
            gate,
        };
        assert_eq!(notes, [expected]);
        assert!(tom.company(0).await.unwrap().notes.is_empty());
        for _ in 0..20 {
            tom.hand(2, gate);
        }
        let notes = li.company(0).await.unwrap().notes;
        assert_eq!((notes.len(), notes[0].number), (MOST_NOTES, 14));
    }

    #[tokio::test]
    async fn a_place_is_short_and_clean() {
        let reception = Reception::new();
        let seat = reception.seat("mira", false);
        seat.here(at(&format!("\x1b[2J{}", "x".repeat(500))));
        let place = seat
            .company(0)
            .await
            .unwrap()
            .guests
            .remove(0)
            .presence
            .place;
        assert!(
            place.len() <= MOST_PLACE && !place.contains('\x1b'),
            "{place}"
        );
    }
}
