//! Items that the person has put off, and until when. They stay on the list and are counted; only `w` passes them by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::id::{Digest, GateId};
use crate::base::time::Timestamp;

/// The first time that an item is put off.
const SOON_MS: i64 = 10 * 60_000;
/// The second time.
const LATER_MS: i64 = 60 * 60_000;

/// When an item comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Back {
    /// After ten minutes, at this moment.
    Soon(Timestamp),
    /// After an hour, at this moment.
    Later(Timestamp),
    /// When something about it changes.
    Changed,
}

impl Back {
    /// The moment, if it is one.
    pub const fn at(self) -> Option<Timestamp> {
        match self {
            Self::Soon(at) | Self::Later(at) => Some(at),
            Self::Changed => None,
        }
    }
}

/// Everything that is put off. An item that has changed since is not, whatever was said before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snoozes(BTreeMap<GateId, (Digest, Back)>);

/// As it stands in the file.
#[derive(Serialize, Deserialize)]
struct Line {
    gate: GateId,
    revision: Digest,
    back: Back,
}

impl Snoozes {
    /// From the text of a file. One that cannot be read puts nothing off.
    pub fn read(text: &str) -> Self {
        let lines: Vec<Line> = serde_json::from_str(text).unwrap_or_default();
        let lines = lines.into_iter();
        Self(
            lines
                .map(|line| (line.gate, (line.revision, line.back)))
                .collect(),
        )
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let lines = self.0.iter().map(|(gate, (revision, back))| Line {
            gate: *gate,
            revision: *revision,
            back: *back,
        });
        // Plain lists of names and numbers always serialise.
        serde_json::to_string(&lines.collect::<Vec<_>>()).unwrap_or_default()
    }

    /// When an item comes back; none if it is not put off.
    pub fn of(&self, gate: GateId, revision: Digest, now: Timestamp) -> Option<Back> {
        let (seen, back) = self.0.get(&gate)?;
        let is_off = *seen == revision && back.at().is_none_or(|at| now < at);
        is_off.then_some(*back)
    }

    /// Puts an item off for longer each time: ten minutes, an hour, until it changes, and then no longer.
    pub fn again(&mut self, gate: GateId, revision: Digest, now: Timestamp) -> Option<Back> {
        let back = match self.of(gate, revision, now) {
            None => Some(Back::Soon(now.plus_ms(SOON_MS))),
            Some(Back::Soon(_)) => Some(Back::Later(now.plus_ms(LATER_MS))),
            Some(Back::Later(_)) => Some(Back::Changed),
            Some(Back::Changed) => None,
        };
        match back {
            Some(back) => self.0.insert(gate, (revision, back)),
            None => self.0.remove(&gate),
        };
        back
    }

    /// Lets an item wait again.
    pub fn forget(&mut self, gate: GateId) {
        self.0.remove(&gate);
    }

    /// Keeps only what `is_open`.
    pub fn retain(&mut self, is_open: impl Fn(GateId) -> bool) {
        self.0.retain(|gate, _| is_open(*gate));
    }

    /// The first moment after `now` at which an item comes back.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let moments = self.0.values().filter_map(|(_, back)| back.at());
        moments.filter(|at| *at > now).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn gate() -> GateId {
        "s1.g4".parse().unwrap()
    }

    #[test]
    fn each_time_it_is_longer_and_the_fourth_ends_it() {
        let mut snoozes = Snoozes::default();
        let revision = Digest::of(b"a");
        let mut again = |now| snoozes.again(gate(), revision, now);
        assert_eq!(again(NOW), Some(Back::Soon(NOW.plus_ms(600_000))));
        let later = NOW.plus_ms(1_000);
        assert_eq!(again(later), Some(Back::Later(later.plus_ms(3_600_000))));
        assert_eq!(again(later), Some(Back::Changed));
        assert_eq!(again(later), None);
        // One that came back by itself begins with the shortest again.
        again(NOW);
        let back = NOW.plus_ms(600_000);
        assert_eq!(again(back), Some(Back::Soon(back.plus_ms(600_000))));
    }

    #[test]
    fn time_or_a_change_brings_it_back() {
        let mut snoozes = Snoozes::default();
        let revision = Digest::of(b"a");
        snoozes.again(gate(), revision, NOW);
        let back = NOW.plus_ms(600_000);
        assert!(snoozes.of(gate(), revision, back.plus_ms(-1)).is_some());
        assert_eq!(snoozes.of(gate(), revision, back), None);
        assert_eq!(snoozes.of(gate(), Digest::of(b"b"), NOW), None);
        assert_eq!(snoozes.next(NOW), Some(back));
        assert_eq!(snoozes.next(back), None);
    }

    #[test]
    fn the_file_reads_back_and_a_damaged_one_puts_nothing_off() {
        let mut snoozes = Snoozes::default();
        snoozes.again(gate(), Digest::of(b"a"), NOW);
        assert_eq!(Snoozes::read(&snoozes.text()), snoozes);
        for text in ["", "[", "[{\"gate\":\"no\"}]", "{}"] {
            assert_eq!(Snoozes::read(text), Snoozes::default(), "{text}");
        }
        snoozes.retain(|_| false);
        assert_eq!(snoozes, Snoozes::default());
    }
}
