//! Who is under the cursor: known by what they work on, so that it stays on them when the list is sorted anew, their state
//! changes, or a twin of theirs is done and takes its number along.

use crate::base::id::Work;
use crate::tui::widgets::list::{List, Step};

use super::fleet::Entry;

/// A row of the list, as the cursor remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    work: Option<Work>,
    name: String,
}

impl Seat {
    fn of(entry: &Entry) -> Self {
        let work = match entry {
            Entry::Agent(agent) => agent.work,
            Entry::Others { .. } => None,
        };
        Self {
            work,
            name: entry.name(),
        }
    }

    fn is_at(&self, entry: &Entry) -> bool {
        match entry {
            Entry::Agent(agent) => agent.work.is_some() && agent.work == self.work,
            Entry::Others { .. } => false,
        }
    }
}

/// The cursor of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seats {
    /// Whom the person put it on.
    chosen: Option<Seat>,
    /// Whom it was on when the person began to look.
    held: Option<Seat>,
    /// The last place of the cursor.
    pub(super) list: List,
}

impl Seats {
    /// The place of the cursor: on whoever does that work; if it is done, on whoever has that name; else where it was.
    pub(super) fn place(&self, entries: &[Entry]) -> usize {
        let seat = self.chosen.as_ref().or(self.held.as_ref());
        let found = seat.and_then(|seat| {
            let by_work = entries.iter().position(|entry| seat.is_at(entry));
            by_work.or_else(|| entries.iter().position(|entry| entry.name() == seat.name))
        });
        found
            .unwrap_or(self.list.selected)
            .min(entries.len().saturating_sub(1))
    }

    /// Whether the person has put it somewhere.
    pub(super) const fn is_chosen(&self) -> bool {
        self.chosen.is_some()
    }

    /// Puts the cursor on a row.
    pub(super) fn choose(&mut self, entry: &Entry) {
        self.chosen = Some(Seat::of(entry));
    }

    /// Moves the cursor.
    pub(super) fn step(&mut self, step: Step, entries: &[Entry]) {
        self.list.selected = self.place(entries);
        self.list.step(step, entries.len());
        self.chosen = entries.get(self.list.selected).map(Seat::of);
    }

    /// Notes where the cursor is. While the person looks (`is_held`) it stays on whom it is on, though they never moved it.
    pub(super) fn settle(&mut self, entries: &[Entry], (height, is_held): (u16, bool)) {
        self.list.selected = self.place(entries);
        let seat = entries.get(self.list.selected).map(Seat::of);
        match &mut self.chosen {
            // A list that is empty for a while forgets nobody.
            Some(chosen) => *chosen = seat.unwrap_or_else(|| chosen.clone()),
            None if is_held => self.held = seat.or(self.held.take()),
            None => self.held = None,
        }
        self.list.top = self.list.window(entries.len(), usize::from(height));
    }
}
