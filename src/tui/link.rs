//! The two channels between the interface and the session. What is at their other end, a socket or a host in this process, is
//! not known here.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::base::id::{AttemptId, CommandId, Digest, GateId};
use crate::domain::journal::{Command, Envelope, Refusal, World};
use crate::session::{Company, Presence};

use super::panes::setup::Outcome;
use super::setting::{Listing, Wanted};
use super::theme::shelf::Shelf;

/// Requests that wait to be taken. When full, the interface says that the host does not answer.
pub const REQUESTS: usize = 256;

/// News that wait to be shown. When full, the session waits: events can be pulled again, and of streams the newest is enough.
pub const NEWS: usize = 1_024;

/// What the interface asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Do this. Answered under the same name.
    Submit {
        /// The client's name for it.
        id: CommandId,
        /// What.
        command: Box<Command>,
    },
    /// Send this text.
    Fetch(Digest),
    /// The first run is over.
    Begin(Outcome),
    /// Read the settings.
    Settings,
    /// Write a setting, and read the settings again.
    Set(Wanted),
    /// Take the last change of a setting back, and read the settings again.
    TakeBack,
    /// Send the events after this number, as the journal has them.
    Past {
        /// The number.
        after: u64,
    },
    /// Where the person is now.
    Here(Box<Presence>),
    /// Hand an item to somebody else who is there.
    Hand {
        /// The number of their line.
        to: u64,
        /// Which item.
        gate: GateId,
    },
    /// Say this to everybody else who is there.
    Tell(String),
    /// The line is lost: try to make it again now, and start a host if none runs.
    Again,
}

/// An event as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The event.
    pub envelope: Envelope,
    /// The hash of its line.
    pub hash: Digest,
}

/// What the interface is told.
#[derive(Clone, Debug)]
pub enum News {
    /// The whole world: at first, and whenever events were missed.
    World(Box<World>),
    /// Something happened. Events that the world already holds are for the log only.
    Event(Box<Envelope>),
    /// What came of a command.
    Answered {
        /// Which.
        id: CommandId,
        /// Why it is refused, if it is.
        refusal: Option<Refusal>,
    },
    /// A text that was asked for; none if it is no longer kept.
    Text {
        /// Which.
        digest: Digest,
        /// Its bytes.
        bytes: Option<Vec<u8>>,
    },
    /// Some events of the past, in order.
    Past {
        /// They.
        events: Vec<Kept>,
        /// No more were there when they were read.
        is_last: bool,
    },
    /// The journal cannot be read; the text says why.
    NoPast(String),
    /// The reply that is being written, so far. The last one counts.
    Streaming {
        /// Whose.
        attempt: AttemptId,
        /// All of its text so far.
        text: String,
    },
    /// The line to the host is lost; the text says why. It is tried again by itself.
    Lost(String),
    /// The settings, as they are now.
    Settings(Box<Listing>),
    /// What came of writing a setting: a receipt, or why it was not written.
    Set(Result<String, String>),
    /// Who is there.
    Company(Box<Company>),
    /// What was to be told to others was not; the text says why.
    Unheard(String),
    /// Somebody sent this client away: it is not tried again. The text says who, and what to do.
    Removed(String),
    /// The next try to make a lost line again is in so long.
    Retry(Duration),
    /// The line was lost before this command was answered: whether it was taken is not known.
    Unsent(CommandId),
    /// The person's own themes, read again because a file has changed.
    Themes(Box<Shelf>),
}

/// The interface's end.
#[derive(Debug)]
pub struct Link {
    /// To the session.
    pub requests: mpsc::Sender<Request>,
    /// From the session.
    pub news: mpsc::Receiver<News>,
}

/// The session's end.
#[derive(Debug)]
pub struct Peer {
    /// From the interface.
    pub requests: mpsc::Receiver<Request>,
    /// To the interface.
    pub news: mpsc::Sender<News>,
}

/// Both ends.
pub fn pair() -> (Link, Peer) {
    let (requests, taken) = mpsc::channel(REQUESTS);
    let (sender, news) = mpsc::channel(NEWS);
    let link = Link { requests, news };
    let peer = Peer {
        requests: taken,
        news: sender,
    };
    (link, peer)
}
