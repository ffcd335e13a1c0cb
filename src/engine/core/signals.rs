//! Signals: what is being said right now. One slot for each running effect, the latest wins; nothing here is durable, and a client that
//! joins late gets the text so far.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::domain::journal::EffectKey;

/// Bytes of text kept in a slot; the head goes when more comes.
const MOST_BYTES: usize = 256 * 1024;

/// What a running effect has said so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Grows with every change, over all slots.
    pub version: u64,
    /// The text so far, raw: it is made displayable where it is shown.
    pub text: String,
    /// Bytes that were dropped from its head.
    pub dropped: u64,
}

/// All slots.
#[derive(Debug, Default)]
pub struct Signals {
    slots: Mutex<BTreeMap<EffectKey, Slot>>,
    version: watch::Sender<u64>,
}

impl Signals {
    /// Adds to what an effect says.
    pub fn say(&self, key: EffectKey, more: &str) {
        let mut slots = self.slots();
        let version = *self.version.borrow() + 1;
        let slot = slots.entry(key).or_insert_with(|| Slot {
            version,
            text: String::new(),
            dropped: 0,
        });
        slot.version = version;
        slot.text.push_str(more);
        if slot.text.len() > MOST_BYTES {
            let mut cut = slot.text.len() - MOST_BYTES / 2;
            while !slot.text.is_char_boundary(cut) {
                cut += 1;
            }
            slot.text.drain(..cut);
            slot.dropped += cut as u64;
        }
        // Within the lock, so that no two changes get one version.
        self.version.send_replace(version);
    }

    /// Forgets what an effect said: it has ended, and its result is an event.
    pub fn clear(&self, key: &EffectKey) {
        let mut slots = self.slots();
        if slots.remove(key).is_none() {
            return;
        }
        self.version.send_modify(|version| *version += 1);
    }

    /// Slots that changed after `version`, and the keys of all that exist.
    #[must_use]
    pub fn since(&self, version: u64) -> (Vec<(EffectKey, Slot)>, Vec<EffectKey>) {
        let slots = self.slots();
        let changed = slots.iter().filter(|(_, slot)| slot.version > version);
        (
            changed.map(|(key, slot)| (*key, slot.clone())).collect(),
            slots.keys().copied().collect(),
        )
    }

    /// The version, to wait on.
    #[must_use]
    pub fn version(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<EffectKey, Slot>> {
        // A panic elsewhere leaves texts that are at worst short: they are not durable anyway.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::SprintId;

    #[test]
    fn the_latest_wins_and_the_end_clears() {
        let signals = Signals::default();
        let key = EffectKey::Open(SprintId(1));
        signals.say(key, "one ");
        let seen = *signals.version().borrow();
        signals.say(key, "two");
        let (changed, all) = signals.since(seen);
        assert_eq!((changed[0].1.text.as_str(), all.len()), ("one two", 1));
        signals.clear(&key);
        assert!(signals.since(0).1.is_empty());
    }

    #[test]
    fn a_long_text_loses_its_head_at_a_character() {
        let signals = Signals::default();
        let key = EffectKey::Open(SprintId(1));
        signals.say(key, &"é".repeat(MOST_BYTES));
        let slot = signals.since(0).0.remove(0).1;
        assert!(
            slot.text.len() <= MOST_BYTES
                && slot.dropped as usize + slot.text.len() == 2 * MOST_BYTES
        );
    }
}
