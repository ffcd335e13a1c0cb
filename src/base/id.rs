//! Names of things: short, ordered, never used again. Their printed forms (`s3`, `s3.t4`, `s3.t4.a2`, `s3.g7`) are the ones
//! that people type, that branches carry and that the journal keeps.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is not an id of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {expected}: {given}")]
pub struct BadId {
    /// What was looked for, with an example.
    pub expected: &'static str,
    /// The text as given, cut to 80 characters.
    pub given: String,
}

impl BadId {
    fn new(expected: &'static str, given: &str) -> Self {
        Self {
            expected,
            given: given.chars().take(80).collect(),
        }
    }
}

/// Reads a number written without sign, spaces or leading zeros.
fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok()
}

/// Serialises an id as its printed form, so that journal lines read as people speak.
macro_rules! printed {
    ($name:ty) => {
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// A sprint, printed `s3`. Counted from 1 within a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SprintId(pub u32);

impl fmt::Display for SprintId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.0)
    }
}

impl FromStr for SprintId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        text.strip_prefix('s')
            .and_then(number)
            .map(Self)
            .ok_or_else(|| BadId::new("a sprint such as s3", text))
    }
}
printed!(SprintId);

/// A task of a sprint, printed `s3.t4`. Counted from 1 within its sprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    /// The sprint that the task belongs to.
    pub sprint: SprintId,
    /// Its number there.
    pub number: u32,
}

impl TaskId {
    /// Reads `t4` as a task of `current`, or a full `s3.t4`.
    ///
    /// # Errors
    /// The text is neither, or there is no current sprint for the short form.
    pub fn parse_in(text: &str, current: Option<SprintId>) -> Result<Self, BadId> {
        match (text.strip_prefix('t').and_then(number), current) {
            (Some(number), Some(sprint)) => Ok(Self { sprint, number }),
            _ => text.parse(),
        }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.t{}", self.sprint, self.number)
    }
}

impl FromStr for TaskId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId::new("a task such as s3.t4", text);
        let (sprint, task) = text.split_once('.').ok_or_else(bad)?;
        let number = task.strip_prefix('t').and_then(number).ok_or_else(bad)?;
        Ok(Self {
            sprint: sprint.parse().map_err(|_: BadId| bad())?,
            number,
        })
    }
}
printed!(TaskId);

/// What an attempt works for: the plan, one task, or the summary of the whole sprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// The CTO planning, printed `s3.plan`.
    Plan(SprintId),
    /// A role working on, or judging, a task, printed `s3.t4`.
    Task(TaskId),
    /// The CTO summing up, printed `s3.sum`.
    Summary(SprintId),
}

impl Work {
    /// The sprint that all of it happens in.
    #[must_use]
    pub const fn sprint(self) -> SprintId {
        match self {
            Self::Plan(sprint) | Self::Summary(sprint) => sprint,
            Self::Task(task) => task.sprint,
        }
    }

    /// The task, if it is one.
    #[must_use]
    pub const fn task(self) -> Option<TaskId> {
        match self {
            Self::Task(task) => Some(task),
            Self::Plan(_) | Self::Summary(_) => None,
        }
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan(sprint) => write!(f, "{sprint}.plan"),
            Self::Task(task) => write!(f, "{task}"),
            Self::Summary(sprint) => write!(f, "{sprint}.sum"),
        }
    }
}

impl FromStr for Work {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId::new("a piece of work such as s3.t4, s3.plan or s3.sum", text);
        match text.split_once('.').ok_or_else(bad)? {
            (sprint, "plan") => Ok(Self::Plan(sprint.parse().map_err(|_: BadId| bad())?)),
            (sprint, "sum") => Ok(Self::Summary(sprint.parse().map_err(|_: BadId| bad())?)),
            _ => Ok(Self::Task(text.parse().map_err(|_: BadId| bad())?)),
        }
    }
}
printed!(Work);

/// One visit of an agent to a node: a transcript of messages and tool calls. Printed `s3.t4.a2`; counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId {
    /// What it works for.
    pub work: Work,
    /// Its number there.
    pub number: u32,
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.a{}", self.work, self.number)
    }
}

impl FromStr for AttemptId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId::new("an attempt such as s3.t4.a2", text);
        let (work, attempt) = text.rsplit_once('.').ok_or_else(bad)?;
        let number = attempt.strip_prefix('a').and_then(number).ok_or_else(bad)?;
        Ok(Self {
            work: work.parse().map_err(|_: BadId| bad())?,
            number,
        })
    }
}
printed!(AttemptId);

/// A decision that waits for a person, printed `s3.g7`. Counted from 1 within its sprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GateId {
    /// The sprint that it belongs to.
    pub sprint: SprintId,
    /// Its number there.
    pub number: u32,
}

impl GateId {
    /// Reads `g7` as a gate of `current`, or a full `s3.g7`.
    ///
    /// # Errors
    /// The text is neither, or there is no current sprint for the short form.
    pub fn parse_in(text: &str, current: Option<SprintId>) -> Result<Self, BadId> {
        match (text.strip_prefix('g').and_then(number), current) {
            (Some(number), Some(sprint)) => Ok(Self { sprint, number }),
            _ => text.parse(),
        }
    }
}

impl fmt::Display for GateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.g{}", self.sprint, self.number)
    }
}

impl FromStr for GateId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId::new("a gate such as s3.g7", text);
        let (sprint, gate) = text.split_once('.').ok_or_else(bad)?;
        let number = gate.strip_prefix('g').and_then(number).ok_or_else(bad)?;
        Ok(Self {
            sprint: sprint.parse().map_err(|_: BadId| bad())?,
            number,
        })
    }
}
printed!(GateId);

/// An acceptance criterion of a task, printed `c2`. Counted from 1 within its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CriterionId(pub u32);

impl fmt::Display for CriterionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}

impl FromStr for CriterionId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        text.strip_prefix('c')
            .and_then(number)
            .map(Self)
            .ok_or_else(|| BadId::new("a criterion such as c2", text))
    }
}
printed!(CriterionId);

/// A name made by a client for one command; resending under the same name gives the same answer. At most 64 bytes are kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandId(pub String);

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A git object name: 40 or 64 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Oid(String);

impl Oid {
    /// The first ten digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..10).unwrap_or(&self.0)
    }

    /// All digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Oid {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let is_hex = text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex && matches!(text.len(), 40 | 64) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadId::new("a git object name", text))
        }
    }
}

impl TryFrom<String> for Oid {
    type Error = BadId;
    fn try_from(text: String) -> Result<Self, BadId> {
        text.parse()
    }
}

impl From<Oid> for String {
    fn from(oid: Oid) -> Self {
        oid.0
    }
}

/// The SHA-256 of some bytes, printed as 64 lower-case hex digits. Names blobs, revisions, hunks and fingerprints.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Hashes `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// The first eight digits, for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short())
    }
}

impl FromStr for Digest {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = || BadId::new("64 hex digits", text);
        if text.len() != 64 || !text.is_ascii() {
            return Err(bad());
        }
        let mut bytes = [0_u8; 32];
        for (place, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| bad())?;
            *place = u8::from_str_radix(pair, 16).map_err(|_| bad())?;
        }
        Ok(Self(bytes))
    }
}
printed!(Digest);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_forms_read_back() {
        for text in ["s3.plan.a1", "s3.sum.a2", "s3.t4.a12"] {
            assert_eq!(text.parse::<AttemptId>().unwrap().to_string(), text);
        }
        assert_eq!(
            "s12.g7".parse::<GateId>().unwrap(),
            GateId {
                sprint: SprintId(12),
                number: 7
            }
        );
        assert_eq!(
            TaskId::parse_in("t4", Some(SprintId(3)))
                .unwrap()
                .to_string(),
            "s3.t4"
        );
    }

    #[test]
    fn look_alikes_are_refused() {
        for text in [
            "",
            "s",
            "s03",
            "s-1",
            "s3 ",
            "S3",
            "s3.t",
            "s3.t+4",
            "s99999999999.t1",
        ] {
            assert!(text.parse::<TaskId>().is_err(), "{text:?} was taken");
        }
        assert!("ABCDEF".parse::<Oid>().is_err());
        assert!(TaskId::parse_in("t4", None).is_err());
    }

    #[test]
    fn digests_read_back() {
        let digest = Digest::of(b"aios");
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
    }
}
