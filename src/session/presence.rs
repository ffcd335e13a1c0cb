//! Who is at the session: which terminals are open, where each person is and what they have open. A signal, never in the journal: it
//! is true only while the line lasts, and nothing is decided by it. The host's list of them is `server::reception`.

use serde::{Deserialize, Serialize};

use crate::base::id::{AttemptId, GateId, Work};
use crate::domain::presence::Standing;

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
    /// How they reach this machine.
    pub way: Way,
    /// Milliseconds to their terminal and back, where that is known.
    pub trip_ms: Option<u32>,
    /// They do not let others follow: the host tells nobody what they look at.
    pub is_private: bool,
    /// Whom they follow, by the number of the line.
    pub follows: Option<u64>,
    /// What is in view; told while somebody follows, and by the host to those only.
    pub view: Option<View>,
}

/// How a person reaches the machine of the host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// Over a network.
    pub is_remote: bool,
    /// Through a terminal multiplexer.
    pub is_multiplexed: bool,
}

/// What is in view, by what it is and never by rows: terminals differ in size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    /// Lines of a change.
    Change {
        /// The first in view.
        top: Spot,
        /// The one under the cursor.
        cursor: Spot,
    },
    /// A message of an agent at the top, or a call of it.
    Message {
        /// Whose.
        attempt: AttemptId,
        /// Which step of theirs, from 0.
        step: u32,
        /// Which call of the step, from 0; none for its words.
        call: Option<u32>,
    },
    /// An event under the cursor, by its number.
    Event(u64),
    /// A row under the cursor, by its name.
    Row(String),
}

/// A line of a file in a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The file.
    pub path: String,
    /// The number of the line after the change, or before it where the change takes it out.
    pub line: u32,
    /// The change takes it out.
    pub is_old: bool,
}

/// Something that one line is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Grows from note to note.
    pub number: u64,
    /// The line that it is from.
    pub line: u64,
    /// Who that is, by the kernel's word.
    pub from: String,
    /// What.
    pub matter: Matter,
}

/// What a note says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matter {
    /// This item is handed to you.
    Item(GateId),
    /// These words, to everybody.
    Text(String),
    /// This is what you may do from now on.
    Standing(Standing),
}

/// One terminal with somebody in front of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// The host's number for the line.
    pub number: u64,
    /// The person, by the kernel's word.
    pub name: String,
    /// What they may do, by the host's word.
    pub standing: Standing,
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
    /// What may be done on it.
    pub standing: Standing,
    /// They, in the order in which they came.
    pub guests: Vec<Guest>,
    /// What the line is told on which this is told, oldest first.
    pub notes: Vec<Note>,
}

impl Company {
    /// Somebody who is there, by the number of their line.
    #[must_use]
    pub fn guest(&self, number: u64) -> Option<&Guest> {
        self.guests.iter().find(|guest| guest.number == number)
    }

    /// Whether the same people are told of, at the same places and with the same words.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (self.you, self.standing) == (other.you, other.standing)
            && self.guests == other.guests
            && self.notes == other.notes
    }
}
