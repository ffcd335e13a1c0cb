//! What is said over the line. The greeting is JSON, so that programs of any version understand it; behind it both sides are of the same
//! version, and everything is postcard. The host says nothing that was not asked for; requests carry a number, so that those that wait
//! for something hold no others up.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::id::{CommandId, Digest, GateId};
use crate::domain::journal::{Answered, Command, EffectKey, Envelope, Refusal, VOCABULARY};
use crate::domain::presence::Standing;
use crate::session::presence::{Company, Presence};

/// The version of this protocol.
pub const PROTOCOL: u32 = 4;
/// Bytes of a client's name, and of a command's.
pub const MOST_NAME_BYTES: usize = 64;

/// A client's first words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// See [`PROTOCOL`].
    pub protocol: u32,
    /// The vocabulary of events.
    pub vocabulary: u32,
    /// The program's version.
    pub version: String,
    /// The client's name, unique among clients.
    pub name: String,
    /// The client only wants to look: none of its commands is taken.
    #[serde(default)]
    pub looks_only: bool,
    /// What a host before this one gave it: it comes back with no more.
    #[serde(default)]
    pub given: Standing,
}

impl Hello {
    /// Of this program.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            protocol: PROTOCOL,
            vocabulary: VOCABULARY,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: name.to_owned(),
            looks_only: false,
            given: Standing::Owner,
        }
    }

    /// Why a host of this program cannot serve the client; the sentence offers to restart one side.
    #[must_use]
    pub fn misfit(&self, pid: u32) -> Option<String> {
        let own = Self {
            looks_only: self.looks_only,
            given: self.given,
            ..Self::new(&self.name)
        };
        if *self == own {
            return None;
        }
        let host = own.version;
        Some(if self.version == host {
            format!(
                "the host is another build of aios {host}: end it with kill {pid}, which loses nothing, and start aios again"
            )
        } else {
            let client = &self.version;
            format!(
                "the host runs aios {host} and this is aios {client}: use aios {host}, or end the host with kill {pid}, which loses nothing, and start aios again"
            )
        })
    }
}

/// A host's first words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Welcome {
    /// Come in.
    Served {
        /// The host's process.
        pid: u32,
    },
    /// Not you: another user, or a process that an agent started.
    NotYours(String),
    /// Not this program.
    OtherVersion(String),
    /// Not now.
    Full(String),
    /// Not you any more: who sent you away.
    Removed(String),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// A command under a name that its client made.
    Submit(CommandId, Box<Command>),
    /// The world.
    Snapshot,
    /// The events after a number; answered when there are some, or with none after a while.
    Events(u64),
    /// What is being said; answered when it differs from what the client knows, or with nothing after a while.
    Signals(Known),
    /// A long text.
    Fetch(Digest),
    /// Keep a long text.
    Keep(String),
    /// The answer to this request is no longer of interest.
    Forget(u64),
    /// Somebody sits at the client's end, and this is where they are.
    Here(Presence),
    /// Who is there; answered when it differs from this version, or with nothing after a while.
    Company(u64),
    /// Hand an item to the line of a number.
    Hand(u64, GateId),
    /// Say this to everybody else.
    Tell(String),
}

/// What a client knows of the signals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The version that it saw.
    pub version: u64,
    /// The texts that it has.
    pub texts: Vec<(EffectKey, Mark)>,
}

/// A text that one side has, by its looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Bytes that were dropped from its head.
    pub dropped: u64,
    /// Its length in bytes.
    pub bytes: u64,
    /// CRC32C of it.
    pub crc: u32,
}

impl Mark {
    /// The looks of a text.
    #[must_use]
    pub fn of(dropped: u64, text: &str) -> Self {
        Self {
            dropped,
            bytes: text.len() as u64,
            crc: crc32c::crc32c(text.as_bytes()),
        }
    }

    /// What follows in `text` behind the part that this looks like; none if `text` does not begin so.
    #[must_use]
    pub fn rest<'a>(&self, dropped: u64, text: &'a str) -> Option<&'a str> {
        let (head, rest) = text.split_at_checked(usize::try_from(self.bytes).ok()?)?;
        (Self::of(dropped, head) == *self).then_some(rest)
    }
}

/// What came to one text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Whose text.
    pub key: EffectKey,
    /// Its version.
    pub version: u64,
    /// Bytes that were dropped from its head.
    pub dropped: u64,
    /// The whole text, or what follows on what the client has.
    pub text: String,
    /// The text follows on what the client has.
    pub is_rest: bool,
}

/// A reply.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// To a command.
    Answer(Result<Answered, Refusal>),
    /// The world, as [`export_world`](crate::engine::core::export_world) gives it.
    World(Vec<u8>),
    /// Events in order; none if nothing happened for a while.
    Events(Vec<Arc<Envelope>>),
    /// The events asked for are no longer at hand: take a snapshot.
    TooOld,
    /// What is being said now.
    Signals {
        /// The version of it.
        version: u64,
        /// What changed.
        heard: Vec<Heard>,
        /// Everybody who says something.
        all: Vec<EffectKey>,
    },
    /// The text that was asked for, or was kept.
    Text(Result<Vec<u8>, String>),
    /// The text is kept.
    Kept(Result<Digest, String>),
    /// The host cannot answer; the text says why.
    Gone(String),
    /// It is noted, or there is nothing new.
    Noted,
    /// Who is there.
    Company(Company),
    /// It is not passed on; the text says why.
    Unheard(String),
    /// Who sent the client away. It is the last that is said on the line.
    Removed(String),
}

/// A message that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the other side says something that this program does not understand: {0}")]
pub struct Unclear(String);

/// The bytes of a numbered message.
///
/// # Errors
/// Never for today's messages: they hold strings, numbers and lists only.
pub fn encode(number: u64, message: &impl Serialize) -> Result<Vec<u8>, Unclear> {
    postcard::to_stdvec(&(number, message)).map_err(|error| Unclear(error.to_string()))
}

/// A numbered message from its bytes.
///
/// # Errors
/// They are none.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<(u64, T), Unclear> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        Ok(_) => Err(Unclear("there is more than one message".to_owned())),
        Err(error) => Err(Unclear(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::journal::PauseScope;

    #[test]
    fn another_version_hears_what_to_do() {
        assert_eq!(Hello::new("c").misfit(7), None);
        let older = Hello {
            version: "0.0.9".to_owned(),
            ..Hello::new("c")
        };
        let text = older.misfit(7).unwrap();
        assert!(
            text.contains("this is aios 0.0.9") && text.contains("kill 7"),
            "{text}"
        );
        let build = Hello {
            vocabulary: VOCABULARY + 1,
            ..Hello::new("c")
        };
        assert!(build.misfit(7).unwrap().contains("another build"));
    }

    #[test]
    fn who_only_looks_fits_and_an_older_greeting_is_readable() {
        let viewer = Hello {
            looks_only: true,
            ..Hello::new("c")
        };
        assert_eq!(viewer.misfit(7), None);
        let lower = Hello {
            given: Standing::Approver,
            ..Hello::new("c")
        };
        assert_eq!(lower.misfit(7), None);
        let older = r#"{"protocol":2,"vocabulary":1,"version":"0.0.9","name":"c"}"#;
        let older: Hello = serde_json::from_str(older).unwrap();
        assert!(!older.looks_only && older.misfit(7).is_some());
    }

    #[test]
    fn a_request_reads_back() {
        let command = Command::Pause(PauseScope::Sprint("s1".parse().unwrap()));
        let request = Request::Submit(CommandId("a-1".to_owned()), Box::new(command));
        let bytes = encode(3, &request).unwrap();
        assert_eq!(decode::<Request>(&bytes).unwrap(), (3, request));
        let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
        assert!(decode::<Request>(&longer).is_err());
        for end in 0..bytes.len() {
            assert!(decode::<Request>(&bytes[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn only_what_follows_is_sent() {
        let mark = Mark::of(0, "one é");
        assert_eq!(mark.rest(0, "one é two"), Some(" two"));
        assert_eq!(mark.rest(0, "one é"), Some(""));
        assert_eq!(mark.rest(0, "one"), None);
        assert_eq!(mark.rest(0, "other text"), None);
        assert_eq!(mark.rest(4, "one é two"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_request_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode::<Request>(&bytes);
            let _ = decode::<Reply>(&bytes);
        }
    }
}
