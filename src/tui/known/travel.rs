//! The past is shown in the place of the present: the same fields, other contents. What happens meanwhile goes to the present, which
//! is back as soon as the person is.

use std::collections::BTreeMap;

use crate::base::time::Timestamp;
use crate::domain::journal::World;
use crate::tui::facts::events::Line;

use super::{Kept, Known, LINES, Present, Reading};

/// What a day has.
const DAY_MS: i64 = 86_400_000;

/// What is said of a text that is no time.
pub const NO_TIME: &str = "a time is written as 10:37 or 10:37:11";

impl Known {
    /// The last moment before now at a time of day as the person reads it; none if the text is none.
    pub fn time_of_day(&self, text: &str) -> Option<Timestamp> {
        let offset_ms = self.offset_s * 1_000;
        let now = self.clock_now().plus_ms(offset_ms);
        let midnight = now.0 - now.0.rem_euclid(DAY_MS);
        let today = Timestamp(midnight + time_of_day(text.trim())? - offset_ms);
        Some(if today > self.clock_now() {
            today.plus_ms(-DAY_MS)
        } else {
            today
        })
    }

    /// Whether the world that is shown is one of the past.
    pub const fn is_past(&self) -> bool {
        self.present.is_some()
    }

    /// The world of now.
    pub fn world_now(&self) -> &World {
        self.present
            .as_ref()
            .map_or(&self.world, |present| &present.world)
    }

    /// The moment on the clock, whatever is shown.
    pub fn clock_now(&self) -> Timestamp {
        self.present
            .as_ref()
            .map_or(self.now, |present| present.now)
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Timestamp) {
        match &mut self.present {
            Some(present) => present.now = now,
            None => self.now = now,
        }
    }

    /// The lines of what had happened by the moment that is shown, oldest first.
    pub fn happened(&self) -> impl DoubleEndedIterator<Item = &Line> {
        let count = self
            .log
            .partition_point(|line| !self.is_past() || line.seq <= self.world.seq);
        self.log.range(..count)
    }

    /// Shows everything as it was right after event `seq`; from the newest on that is the present. False if that event is not held.
    pub fn travel(&mut self, seq: u64) -> bool {
        if seq >= self.world_now().seq {
            self.come_back();
            return true;
        }
        let Some(held) = self.past.event(seq) else {
            return false;
        };
        let at = held.envelope.at;
        if self.is_past() && seq == self.world.seq + 1 {
            self.world.absorb(&held.envelope);
            self.world.settle();
        } else {
            let Some(world) = self.past.world_at(seq) else {
                return false;
            };
            let shown = std::mem::replace(&mut self.world, world);
            if self.present.is_none() {
                self.present = Some(Box::new(Present {
                    world: shown,
                    streams: std::mem::take(&mut self.streams),
                    spendings: std::mem::take(&mut self.spendings),
                    now: self.now,
                }));
            }
        }
        self.now = at;
        if let Some(present) = &self.present {
            let then = present
                .spendings
                .iter()
                .filter(|spending| spending.at <= at);
            self.spendings = then.cloned().collect();
        }
        true
    }

    /// Shows the present again, with all that came meanwhile.
    pub fn come_back(&mut self) {
        if let Some(present) = self.present.take() {
            self.world = present.world;
            self.streams = present.streams;
            self.spendings = present.spendings;
            self.now = present.now;
        }
    }

    /// After which event the past is missing, once: it is then to be asked for.
    pub fn want_past(&mut self) -> Option<u64> {
        let is_whole = self.past.last() >= self.world_now().seq;
        if is_whole || self.reading != Reading::Idle {
            return None;
        }
        let after = self.past.last();
        self.reading = Reading::Asked(after);
        Some(after)
    }

    /// How much of the past is here, in words; none once all of it is.
    pub fn reading(&self) -> Option<String> {
        let (have, all) = (self.past.last(), self.world_now().seq);
        match &self.reading {
            _ if have >= all => None,
            Reading::Stuck(why) => Some(why.clone()),
            Reading::Idle | Reading::Asked(_) => Some(format!("reading {have} of {all}")),
        }
    }

    /// Takes a page of the past in.
    pub(super) fn read(&mut self, events: Vec<Kept>, is_last: bool) {
        for kept in events {
            let line = self.past.take(kept.envelope, kept.hash);
            self.read.extend(line.flatten());
        }
        if !is_last {
            return;
        }
        let have = self.past.last();
        let is_whole = have >= self.world_now().seq;
        self.reading = match self.reading {
            // Asking again would bring as little.
            Reading::Asked(after) if after == have && !is_whole => {
                Reading::Stuck(format!("no events after {have} can be read"))
            }
            _ => Reading::Idle,
        };
        let read = std::mem::take(&mut self.read);
        let all = std::mem::take(&mut self.log).into_iter().chain(read);
        let lines: BTreeMap<u64, Line> = all.map(|line| (line.seq, line)).collect();
        let surplus = lines.len().saturating_sub(LINES);
        self.log = lines.into_values().skip(surplus).collect();
    }
}

/// `10:37` or `10:37:11` in milliseconds since midnight.
fn time_of_day(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let mut part = |most: i64| -> Option<i64> {
        let number = parts.next()?.parse().ok()?;
        (0..most).contains(&number).then_some(number)
    };
    let (hours, minutes) = (part(24)?, part(60)?);
    let seconds = if text.matches(':').count() == 2 {
        part(60)?
    } else {
        // The whole minute counts.
        59
    };
    let is_all = parts.next().is_none();
    is_all.then_some(((hours * 60 + minutes) * 60 + seconds) * 1_000 + 999)
}
