//! The journal: every event, in order, and the truth. This room fixes what a line must carry and what an adapter promises;
//! what an event means is the domain's business and is not looked at here.
//!
//! The log is a chain. Each line names its sequence number and the hash of the line before, and starts from a genesis line
//! with number 0, so that a line that was changed, dropped or moved breaks the chain at a known place.

use std::ops::ControlFlow;

use serde::Deserialize;

use crate::base::id::Digest;

/// The newest form of the log that this program reads and the one that it writes.
pub const FORMAT: u32 = 1;

/// The first line of a log: what it is and whose.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Genesis {
    /// The form of the log, see [`FORMAT`].
    pub format: u32,
    /// The workspace's id, 16 hex digits.
    pub workspace: String,
    /// The version of the program that started the log.
    pub aios: String,
}

impl Genesis {
    /// The first line of a new log of the form that this program writes.
    #[must_use]
    pub fn new(workspace: &str, aios: &str) -> Self {
        Self {
            format: FORMAT,
            workspace: workspace.to_owned(),
            aios: aios.to_owned(),
        }
    }

    /// The line itself, without newline.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::json!({
            "seq": 0,
            "format": self.format,
            "workspace": self.workspace,
            "aios": self.aios,
        })
        .to_string()
    }

    /// Reads a first line.
    ///
    /// # Errors
    /// Says why the line is not one.
    pub fn read(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|error| format!("it is not a first line: {error}"))
    }
}

/// Where the log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the last event; 0 while there is only the genesis line.
    pub seq: u64,
    /// SHA-256 of the exact last line without newline.
    pub hash: Digest,
}

/// The two fields of a line that make the chain. All others are the domain's.
#[derive(Deserialize)]
struct Link {
    seq: u64,
    prev: Digest,
}

impl Head {
    /// The head of a log that holds only `genesis`.
    #[must_use]
    pub fn genesis(line: &str) -> Self {
        Self {
            seq: 0,
            hash: Digest::of(line.as_bytes()),
        }
    }

    /// The head once `line` stands behind this one.
    ///
    /// # Errors
    /// Says why `line` does not continue the log.
    pub fn next(&self, line: &str) -> Result<Self, String> {
        if line.contains('\n') {
            return Err("it holds a newline".to_owned());
        }
        let found: Link =
            serde_json::from_str(line).map_err(|error| format!("it is not an event: {error}"))?;
        let seq = self.seq.saturating_add(1);
        if found.seq != seq {
            return Err(format!("its number is {}, {seq} comes next", found.seq));
        }
        if found.prev != self.hash {
            return Err("it does not follow the line before it (the hashes differ)".to_owned());
        }
        let hash = Digest::of(line.as_bytes());
        Ok(Self { seq, hash })
    }
}

/// Why the journal did not do what was asked. The texts are meant for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalFailure {
    /// No room: the disk, a quota or a limit on the size of files.
    #[error("no room left to write {file}: free some space on its disk and start again")]
    Full {
        /// The file that could not grow.
        file: String,
    },
    /// The system refused.
    #[error("{what}")]
    Io {
        /// What was tried, where, and the system's answer.
        what: String,
    },
    /// A record is damaged or was changed.
    #[error("{file}, record {record} (event {seq}) is damaged: {why}")]
    Broken {
        /// The segment's file.
        file: String,
        /// Which record of the file, counted from 1.
        record: u64,
        /// The number of the event that ought to be there; all before it are good.
        seq: u64,
        /// What is wrong.
        why: String,
    },
    /// Nothing may be appended.
    #[error("the journal is read-only: {why}")]
    ReadOnly {
        /// Why it is.
        why: String,
    },
    /// A line was to be appended that does not continue the log. Nothing was written.
    #[error("a line does not continue the journal: {why}")]
    OutOfOrder {
        /// What is wrong with it.
        why: String,
    },
    /// Another process has the journal open for writing.
    #[error("another aios has the journal open: {}", holder(*.pid))]
    Locked {
        /// That process, if it could be read.
        pid: Option<u32>,
    },
    /// The log was written by a newer program.
    #[error("the journal has format {format} and this aios reads up to {FORMAT}: use a newer aios")]
    Newer {
        /// The log's form.
        format: u32,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "process unknown".to_owned(),
        |pid| format!("process {pid}"),
    )
}

/// The log of one workspace, owned by one caller. All calls block until they are done.
pub trait Journal: Send {
    /// The first line; none if it could not be read, in which case the journal is read-only.
    fn genesis(&self) -> Option<&Genesis>;

    /// Where the log ends. After damage: where its good part ends.
    fn head(&self) -> Head;

    /// Appends whole JSON lines without newlines. Each carries `seq` and `prev` and they continue the head. `Ok` means that
    /// they survive a crash and a loss of power. A batch is kept whole or not at all, also by a crash in the middle.
    ///
    /// # Errors
    /// Nothing of the batch counts as written, and every further call is refused with [`JournalFailure::ReadOnly`]: the
    /// journal has to be opened again, which verifies it.
    fn append(&mut self, lines: &[String]) -> Result<(), JournalFailure>;

    /// Calls `each(seq, line)` for every event from number `from` on, in order, until it breaks. The genesis line is not an
    /// event.
    ///
    /// # Errors
    /// A record could not be read; `each` has seen all before it.
    fn read(
        &self,
        from: u64,
        each: &mut dyn FnMut(u64, &str) -> ControlFlow<()>,
    ) -> Result<(), JournalFailure>;

    /// Why nothing can be appended, if so.
    fn is_read_only(&self) -> Option<String>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_reads_back() {
        let genesis = Genesis::new("0123456789abcdef", "0.1.0");
        assert_eq!(Genesis::read(&genesis.line()), Ok(genesis));
        assert!(Genesis::read(r#"{"seq":1}"#).is_err());
    }

    #[test]
    fn only_the_next_line_continues_a_head() {
        let head = Head::genesis("{}");
        let line = |seq: u64, prev: Digest| format!(r#"{{"v":1,"seq":{seq},"prev":"{prev}"}}"#);
        assert_eq!(head.next(&line(1, head.hash)).map(|head| head.seq), Ok(1));
        for wrong in [
            line(2, head.hash),
            line(1, Digest::of(b"other")),
            line(1, head.hash).replace(',', ",\n"),
            line(1, head.hash).replace('}', r#","seq":1}"#),
            "not json".to_owned(),
        ] {
            assert!(head.next(&wrong).is_err(), "{wrong} was taken");
        }
    }
}
