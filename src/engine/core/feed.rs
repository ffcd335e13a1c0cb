//! The feed: what happened, for clients that pull. Nothing is queued per client, so a slow one loses nothing and holds nothing up: it
//! reads from its own number on, out of a ring of the last events, or is told to take a new snapshot.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::base::time::Timestamp;
use crate::domain::journal::Envelope;

/// Events kept for pulling.
const RING: usize = 10_000;

/// What a pull gives.
#[derive(Clone, Debug)]
pub enum Pulled {
    /// The events after the asked number, in order; may be empty.
    Events(Vec<Arc<Envelope>>),
    /// They are no longer in the ring: take a snapshot.
    TooOld,
}

/// The ring and the number of the last event.
#[derive(Debug)]
pub struct Feed {
    ring: Mutex<VecDeque<Arc<Envelope>>>,
    head: watch::Sender<u64>,
    trouble: watch::Sender<Option<String>>,
}

impl Feed {
    /// An empty feed whose last event was `head`.
    #[must_use]
    pub fn new(head: u64) -> Self {
        Self {
            ring: Mutex::new(VecDeque::new()),
            head: watch::Sender::new(head),
            trouble: watch::Sender::new(None),
        }
    }

    /// Adds what was made durable, in order.
    pub fn publish(&self, envelopes: Vec<Arc<Envelope>>) {
        let Some(last) = envelopes.last().map(|envelope| envelope.seq) else {
            return;
        };
        let mut ring = self.ring();
        ring.extend(envelopes);
        let surplus = ring.len().saturating_sub(RING);
        ring.drain(..surplus);
        drop(ring);
        self.head.send_replace(last);
    }

    /// At most `most` events after number `after`.
    #[must_use]
    pub fn since(&self, after: u64, most: usize) -> Pulled {
        let ring = self.ring();
        let head = *self.head.borrow();
        if after >= head {
            return Pulled::Events(Vec::new());
        }
        match ring.front() {
            Some(first) if first.seq <= after + 1 => {
                let skip = usize::try_from(after + 1 - first.seq).unwrap_or(usize::MAX);
                Pulled::Events(ring.iter().skip(skip).take(most).cloned().collect())
            }
            Some(_) | None => Pulled::TooOld,
        }
    }

    /// The number of the last event, to wait on.
    #[must_use]
    pub fn head(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// The moment of the last event that this feed has; by it the log counts time, whatever the clock does.
    #[must_use]
    pub fn moment(&self) -> Option<Timestamp> {
        self.ring().back().map(|last| last.at)
    }

    /// Why nothing can be written now, to wait on; none while all is well.
    #[must_use]
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.trouble.subscribe()
    }

    pub(super) fn set_trouble(&self, why: Option<String>) {
        self.trouble.send_if_modified(|now| {
            let is_new = *now != why;
            *now = why;
            is_new
        });
    }

    fn ring(&self) -> MutexGuard<'_, VecDeque<Arc<Envelope>>> {
        // A panic while the lock was held leaves a ring that is whole: every change to it is one call.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::{Digest, SprintId};
    use crate::base::time::Timestamp;
    use crate::domain::journal::{Event, VOCABULARY};
    use crate::domain::security::Actor;

    fn envelopes(numbers: std::ops::RangeInclusive<u64>) -> Vec<Arc<Envelope>> {
        let envelope = |seq| Envelope {
            v: VOCABULARY,
            seq,
            at: Timestamp(0),
            by: Actor::System,
            cmd: None,
            prev: Digest::of(b""),
            event: Event::SummingBegan(SprintId(1)),
        };
        numbers.map(|seq| Arc::new(envelope(seq))).collect()
    }

    fn numbers(pulled: Pulled) -> Option<Vec<u64>> {
        match pulled {
            Pulled::Events(events) => Some(events.iter().map(|event| event.seq).collect()),
            Pulled::TooOld => None,
        }
    }

    #[test]
    fn a_client_reads_from_its_own_number() {
        let feed = Feed::new(4);
        assert_eq!(numbers(feed.since(4, 10)), Some(vec![]));
        assert_eq!(numbers(feed.since(3, 10)), None);
        feed.publish(envelopes(5..=9));
        assert_eq!(numbers(feed.since(6, 2)), Some(vec![7, 8]));
        assert_eq!(numbers(feed.since(4, 99)), Some(vec![5, 6, 7, 8, 9]));
    }

    #[test]
    fn old_events_leave_the_ring() {
        let feed = Feed::new(0);
        feed.publish(envelopes(1..=RING as u64 + 5));
        assert_eq!(numbers(feed.since(4, 1)), None);
        assert_eq!(numbers(feed.since(5, 1)), Some(vec![6]));
    }
}
