//! The host's list of who is there: what each line may do, what it tells of its person, what it was told. The names are the kernel's,
//! and what a client says of itself gives it nothing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::base::id::GateId;
use crate::base::text::SafeText;
use crate::base::time::Timestamp;
use crate::domain::journal::Refusal;
use crate::domain::presence::{Party, Standing};
use crate::domain::security::Actor;
use crate::session::peer::Process;
use crate::session::presence::{Company, Guest, Matter, Note, Presence, View};

/// Characters of a place's name, and of a path or a row's name.
const MOST_PLACE: usize = 20;
const MOST_ANCHOR: usize = 200;
/// Characters of what is said to everybody.
const MOST_WORDS: usize = 200;
/// Notes that are kept for one line.
const MOST_NOTES: usize = 8;
/// Notes in [`WINDOW_MS`], of one line and of all together; more are refused.
const MOST_OF_LINE: usize = 5;
const MOST_OF_ALL: usize = 20;
const WINDOW_MS: i64 = 10_000;
/// A line says where it is at most this often; what comes sooner waits.
const HERE_EVERY: Duration = Duration::from_millis(100);
/// Processes whose standing is remembered beyond their line.
const MOST_HELD: usize = 256;

/// What an owner may change about a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// What it may do.
    Standing(Standing),
    /// It is closed.
    Remove,
}

/// Who comes.
#[derive(Clone, Debug)]
pub(super) struct Comer {
    /// The person, by the kernel's word.
    pub(super) by: Actor,
    /// Their process, by the kernel's word.
    pub(super) process: Option<Process>,
    /// The client as it calls itself.
    pub(super) client: String,
    /// It wants to look only.
    pub(super) looks_only: bool,
    /// What it was given by a host before this one.
    pub(super) given: Standing,
}

#[derive(Clone, Debug)]
struct Place {
    comer: Comer,
    /// Nothing before the line says where its person is: a command that asks for the state is not a person.
    presence: Option<Presence>,
    notes: Vec<Note>,
    /// Who closed the line.
    removed: Option<String>,
}

impl Place {
    /// The least of what the kernel's word allows (all, for the host's own user), what the line wants, and what it was given.
    const fn standing(&self) -> Standing {
        if self.comer.looks_only {
            Standing::Viewer
        } else {
            self.comer.given
        }
    }

    fn name(&self) -> String {
        self.comer.by.to_string()
    }

    /// Somebody sits there.
    const fn is_guest(&self) -> bool {
        self.presence.is_some() && self.removed.is_none()
    }
}

/// What is remembered of a process, so that a new line gives it nothing back.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Held {
    Given(Standing),
    Removed(String),
}

#[derive(Clone, Debug, Default)]
struct Book {
    version: u64,
    next: u64,
    places: BTreeMap<u64, Place>,
    note_count: u64,
    /// When who said something, of late.
    said: VecDeque<(Timestamp, u64)>,
    held: VecDeque<(Process, Held)>,
}

impl Book {
    fn hold(&mut self, process: Option<Process>, held: Held) {
        let Some(process) = process else {
            return;
        };
        self.held.retain(|(other, _)| *other != process);
        self.held.push_back((process, held));
        let surplus = self.held.len().saturating_sub(MOST_HELD);
        self.held.drain(..surplus);
    }

    fn held(&self, process: Option<&Process>) -> Option<&Held> {
        let (_, held) = self.held.iter().find(|(other, _)| Some(other) == process)?;
        Some(held)
    }

    /// Tells a line something. False: nobody is there.
    fn tell(&mut self, to: u64, (line, from): (u64, &str), matter: Matter) -> bool {
        let Some(place) = self.places.get_mut(&to).filter(|place| place.is_guest()) else {
            return false;
        };
        self.note_count += 1;
        place.notes.push(Note {
            number: self.note_count,
            line,
            from: from.to_owned(),
            matter,
        });
        let surplus = place.notes.len().saturating_sub(MOST_NOTES);
        place.notes.drain(..surplus);
        self.version += 1;
        true
    }

    /// Counts a note of a line, or says that there are too many.
    fn count(&mut self, line: u64, now: Timestamp) -> Result<(), String> {
        // A clock that was set back forgets, too.
        self.said
            .retain(|(at, _)| (0..WINDOW_MS).contains(&now.since(*at)));
        let of_line = self.said.iter().filter(|(_, other)| *other == line).count();
        if of_line >= MOST_OF_LINE || self.said.len() >= MOST_OF_ALL {
            let seconds = WINDOW_MS / 1_000;
            return Err(format!("too many notes within {seconds} s: wait a moment"));
        }
        self.said.push_back((now, line));
        Ok(())
    }

    /// What a line is told.
    fn company(&self, you: u64) -> Company {
        let own = self.places.get(&you);
        let follows = own
            .and_then(|place| place.presence.as_ref())
            .and_then(|presence| presence.follows);
        let guests = self.places.iter().filter(|(_, place)| place.is_guest());
        let guests = guests.filter_map(|(number, place)| {
            let mut presence = place.presence.clone()?;
            if presence.is_private && *number != you {
                (presence.work, presence.item) = (None, None);
            }
            if presence.is_private || follows != Some(*number) {
                presence.view = None;
            }
            Some(Guest {
                number: *number,
                name: place.name(),
                standing: place.standing(),
                presence,
            })
        });
        Company {
            version: self.version,
            you,
            standing: own.map_or(Standing::Viewer, Place::standing),
            guests: guests.collect(),
            notes: own.map_or_else(Vec::new, |place| place.notes.clone()),
        }
    }
}

/// The list.
#[derive(Clone, Debug)]
pub(super) struct Reception(Arc<watch::Sender<Book>>);

/// A line's place in it; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    reception: Reception,
    number: u64,
    name: String,
    looks_only: bool,
    /// When its person may be elsewhere next.
    next_here: tokio::sync::Mutex<Option<Instant>>,
    /// What it was told last.
    last: Mutex<Option<Company>>,
}

impl Reception {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Book::default())))
    }

    /// A place for a new line.
    ///
    /// # Errors
    /// Its process was sent away; by whom.
    pub(super) fn seat(&self, mut comer: Comer) -> Result<Seat, String> {
        let (name, looks_only) = (comer.by.to_string(), comer.looks_only);
        let mut seated = Err(String::new());
        self.0.send_if_modified(|book| {
            match book.held(comer.process.as_ref()) {
                Some(Held::Removed(by)) => {
                    seated = Err(by.clone());
                    return false;
                }
                Some(Held::Given(given)) => comer.given = comer.given.min(*given),
                None => {}
            }
            book.next += 1;
            seated = Ok(book.next);
            let place = Place {
                comer,
                presence: None,
                notes: Vec::new(),
                removed: None,
            };
            book.places.insert(book.next, place);
            // Nobody sees it yet.
            false
        });
        Ok(Seat {
            reception: self.clone(),
            number: seated?,
            name,
            looks_only,
            next_here: tokio::sync::Mutex::default(),
            last: Mutex::default(),
        })
    }

    /// Who may do what takes a standing, by name; none if nobody is there.
    pub(super) fn who(&self, needs: Standing) -> Option<String> {
        let book = self.0.borrow();
        let places = book.places.values().filter(|place| place.is_guest());
        let mut names: Vec<String> = Vec::new();
        for place in places.filter(|place| place.standing() >= needs) {
            if !names.contains(&place.name()) {
                names.push(place.name());
            }
        }
        let (last, first) = names.split_last()?;
        Some(match first {
            [] => last.clone(),
            _ => format!("{} or {last}", first.join(", ")),
        })
    }

    /// What may be done on a line now.
    pub(super) fn standing(&self, line: u64) -> Standing {
        let book = self.0.borrow();
        let place = book.places.get(&line);
        place.map_or(Standing::Viewer, Place::standing)
    }

    /// Whether the line `from` may make a change to the line `to` now; who that is.
    ///
    /// # Errors
    /// It may not.
    pub(super) fn check(&self, from: u64, to: u64, change: Change) -> Result<Party, Refusal> {
        let has = self.standing(from);
        let book = self.0.borrow();
        let unknown = || Refusal::Unknown(format!("line {to} at this session"));
        let place = book.places.get(&to).filter(|place| place.is_guest());
        if has < Standing::Owner {
            let needs = Standing::Owner;
            let ask = needs.anybody().to_owned();
            return Err(Refusal::Below { has, needs, ask });
        }
        let place = place.ok_or_else(unknown)?;
        match change {
            Change::Remove if from == to => return Err(Refusal::Yourself),
            Change::Remove => {}
            Change::Standing(given) if place.comer.looks_only && given > Standing::Viewer => {
                return Err(Refusal::OwnWill(place.name()));
            }
            Change::Standing(given) if place.standing() == given => {
                return Err(Refusal::BadEdit(format!(
                    "{} is {given} already",
                    place.name()
                )));
            }
            Change::Standing(given) => {
                let mut others = book.places.iter().filter(|(number, _)| **number != to);
                let is_owner =
                    |place: &Place| place.is_guest() && place.standing() == Standing::Owner;
                if given < Standing::Owner && !others.any(|(_, other)| is_owner(other)) {
                    return Err(Refusal::LastOwner);
                }
            }
        }
        Ok(Party {
            who: place.comer.by.clone(),
            client: SafeText::line(&place.comer.client).into_string(),
        })
    }

    /// Makes a change that was checked and is in the journal.
    pub(super) fn change(&self, (from, by): (u64, &str), to: u64, change: Change) {
        self.0.send_if_modified(|book| {
            let Some(place) = book.places.get_mut(&to) else {
                return false;
            };
            let process = place.comer.process;
            match change {
                Change::Standing(given) => {
                    place.comer.given = given;
                    book.hold(process, Held::Given(given));
                    if from != to {
                        book.tell(to, (from, by), Matter::Standing(given));
                    }
                }
                Change::Remove => {
                    place.removed = Some(by.to_owned());
                    book.hold(process, Held::Removed(by.to_owned()));
                }
            }
            book.version += 1;
            true
        });
    }
}

impl Seat {
    /// The number of the line.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// What may be done on the line now.
    pub(super) fn standing(&self) -> Standing {
        self.reception.standing(self.number)
    }

    /// The client itself wants no command taken.
    pub(super) const fn looks_only(&self) -> bool {
        self.looks_only
    }

    /// The list that it is in.
    pub(super) const fn reception(&self) -> &Reception {
        &self.reception
    }

    /// Who closed the line, if somebody did.
    pub(super) fn removed(&self) -> Option<String> {
        let book = self.reception.0.borrow();
        book.places.get(&self.number)?.removed.clone()
    }

    /// Waits until somebody closes the line. Cancel safe.
    pub(super) async fn is_removed(&self) {
        let mut watched = self.reception.0.subscribe();
        let gone = |book: &Book| {
            let place = book.places.get(&self.number);
            place.is_none_or(|place| place.removed.is_some())
        };
        // The list lasts longer than its seats.
        drop(watched.wait_for(gone).await);
    }

    /// The person is here now. Who moves too often waits.
    pub(super) async fn here(&self, presence: Presence) {
        let mut next = self.next_here.lock().await;
        if let Some(next) = *next {
            tokio::time::sleep_until(next).await;
        }
        *next = Instant::now().checked_add(HERE_EVERY);
        let presence = cleaned(presence);
        self.reception.0.send_if_modified(|book| {
            let Some(place) = book.places.get_mut(&self.number) else {
                return false;
            };
            let is_new = place.presence.as_ref() != Some(&presence);
            place.presence = Some(presence);
            book.version += u64::from(is_new);
            is_new
        });
    }

    /// Hands an item to the line of a number. Nothing comes of it where nobody is.
    ///
    /// # Errors
    /// Too much was said of late.
    pub(super) fn hand(&self, to: u64, gate: GateId, now: Timestamp) -> Result<(), String> {
        self.say(now, |book| {
            book.tell(to, (self.number, &self.name), Matter::Item(gate));
        })
    }

    /// Says something to everybody else.
    ///
    /// # Errors
    /// There is nothing to say, or too much was said of late.
    pub(super) fn tell(&self, text: &str, now: Timestamp) -> Result<(), String> {
        let text: String = SafeText::line(text)
            .as_str()
            .trim()
            .chars()
            .take(MOST_WORDS)
            .collect();
        if text.is_empty() {
            return Err("the note is empty".to_owned());
        }
        self.say(now, |book| {
            let others: Vec<u64> = book.places.keys().copied().collect();
            for to in others.into_iter().filter(|to| *to != self.number) {
                let matter = Matter::Text(text.clone());
                book.tell(to, (self.number, &self.name), matter);
            }
        })
    }

    fn say(&self, now: Timestamp, tell: impl FnOnce(&mut Book)) -> Result<(), String> {
        let mut counted = Ok(());
        self.reception.0.send_if_modified(|book| {
            let before = book.version;
            counted = book.count(self.number, now);
            if counted.is_ok() {
                tell(book);
            }
            book.version != before
        });
        counted
    }

    /// Waits until the list is another one for this line than at `version`, and gives it. Cancel safe.
    pub(super) async fn company(&self, version: u64) -> Option<Company> {
        let mut watched = self.reception.0.subscribe();
        let mut seen = version;
        loop {
            let company = {
                let book = watched.wait_for(|book| book.version != seen).await.ok()?;
                book.company(self.number)
            };
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            let is_known = last
                .as_ref()
                .is_some_and(|last| last.version == version && last.is_same(&company));
            if !is_known {
                *last = Some(company.clone());
                return Some(company);
            }
            // What changed is not for this line.
            seen = company.version;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.reception.0.send_if_modified(|book| {
            let place = book.places.remove(&self.number);
            let was_there = place.is_some_and(|place| place.presence.is_some());
            book.version += u64::from(was_there);
            was_there
        });
    }
}

fn cleaned(mut presence: Presence) -> Presence {
    let short = |text: &str, most: usize| -> String {
        let text = SafeText::line(text);
        text.as_str().chars().take(most).collect()
    };
    presence.place = short(&presence.place, MOST_PLACE);
    match &mut presence.view {
        Some(View::Change { top, cursor }) => {
            top.path = short(&top.path, MOST_ANCHOR);
            cursor.path = short(&cursor.path, MOST_ANCHOR);
        }
        Some(View::Row(name)) => *name = short(name, MOST_ANCHOR),
        Some(View::Message { .. } | View::Event(_)) | None => {}
    }
    presence
}

#[cfg(test)]
mod tests;
