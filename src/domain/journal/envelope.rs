//! The line of the journal: an event with its number, its moment, its author, and the hash of the line before.

use serde::{Deserialize, Serialize};

use crate::base::id::{CommandId, Digest};
use crate::base::time::Timestamp;
use crate::domain::journal::Event;
use crate::domain::security::Actor;

/// The version of the vocabulary that this program writes.
pub const VOCABULARY: u32 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Version of the vocabulary.
    pub v: u32,
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// The command that it answers, if a client named it.
    pub cmd: Option<CommandId>,
    /// SHA-256 of the line before, without its newline.
    pub prev: Digest,
    /// What happened.
    pub event: Event,
}

impl Envelope {
    /// The line, without newline, and its hash.
    ///
    /// # Errors
    /// Never for today's events: they hold strings and numbers only.
    pub fn seal(&self) -> Result<(String, Digest), serde_json::Error> {
        let line = serde_json::to_string(self)?;
        let hash = Digest::of(line.as_bytes());
        Ok((line, hash))
    }

    /// Reads a line of any version up to today's.
    ///
    /// # Errors
    /// The text says whether the line is broken or of a newer program.
    pub fn read(line: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            v: u32,
        }
        // Nearly all lines are of this version: they are read once only.
        if let Ok(envelope) = serde_json::from_str::<Self>(line)
            && envelope.v == VOCABULARY
        {
            return Ok(envelope);
        }
        let head: Head = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if head.v > VOCABULARY {
            return Err(format!(
                "written by a newer aios (vocabulary {}, this one reads {VOCABULARY})",
                head.v
            ));
        }
        if head.v == VOCABULARY {
            return serde_json::from_str(line).map_err(|error| error.to_string());
        }
        let value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        serde_json::from_value(upcast(head.v, value)).map_err(|error| error.to_string())
    }
}

/// Brings the JSON of an older vocabulary up to today's, step by step. There is only one so far.
#[must_use]
pub fn upcast(version: u32, value: serde_json::Value) -> serde_json::Value {
    debug_assert!(version <= VOCABULARY, "newer versions are refused before");
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::SprintId;

    fn envelope() -> Envelope {
        Envelope {
            v: VOCABULARY,
            seq: 7,
            at: Timestamp(5),
            by: Actor::System,
            cmd: Some(CommandId("c1".to_owned())),
            prev: Digest::of(b"before"),
            event: Event::SummingBegan(SprintId(3)),
        }
    }

    #[test]
    fn a_line_reads_back() {
        let (line, _) = envelope().seal().unwrap();
        assert!(
            line.starts_with(r#"{"v":1,"seq":7,"at":5,"by":"System","cmd":"c1","prev":""#),
            "{line}"
        );
        assert!(
            line.ends_with(r#""event":{"SummingBegan":"s3"}}"#),
            "{line}"
        );
        assert_eq!(Envelope::read(&line).unwrap(), envelope());
    }

    #[test]
    fn a_newer_line_is_refused_by_name() {
        let (line, _) = envelope().seal().unwrap();
        let newer = line.replacen("\"v\":1", "\"v\":2", 1);
        assert_eq!(
            Envelope::read(&newer).unwrap_err(),
            "written by a newer aios (vocabulary 2, this one reads 1)"
        );
    }
}
