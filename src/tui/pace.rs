//! When the next frame is due. Keys are answered at once; streams are joined into a few frames a second, fewer where the line
//! is slow or nobody looks; nothing is due when nothing changed.
//!
//! How fast the line is follows from two things: how long the writer takes, and how long the terminal takes to say where its cursor is.
//! The question goes out with a frame, behind so and so many bytes of streams; until it is answered only so many more are sent. So
//! what is under way stays short, and a key is never answered behind a long queue. Each level has an allowance of bytes that streams
//! live on; what a key costs counts too, but a key never waits for it.

use std::time::{Duration, Instant};

/// A flush that takes longer shows a slow line.
const SLOW: Duration = Duration::from_millis(100);

/// The terminal answers so much later than it did at best where more is under way than the line takes.
const LATE: Duration = Duration::from_millis(400);

/// A round trip that takes longer is told.
const TOLD: Duration = Duration::from_millis(150);

/// An answer that has not come by then is not waited for.
const GIVE_UP: Duration = Duration::from_secs(5);

/// Allowances may be used so far ahead, and are never owed for longer.
const CREDIT: Duration = Duration::from_secs(1);

/// Bytes under way that no question follows yet.
const WINDOW: usize = 8_192;

/// Windows that keys may fill before they wait for an answer, too.
const KEYS: usize = 2;

/// Keys that are held down wait for an answer no longer than this.
const HELD: Duration = Duration::from_millis(250);

/// A terminal that leaves so many questions in a row without an answer is asked no more.
const MISSED: u8 = 2;

/// The shortest window: a row of a stream and what frames it.
const SHORT: usize = 512;

/// Good answers in a row that lead back to a faster level.
const GOOD: u8 = 8;

/// How fast the line is taken to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speed {
    /// The terminal is on this machine.
    Local,
    /// It is at the other end of a network.
    Remote,
    /// It takes its time.
    Slow,
    /// It takes less than streams need: they are told in a line each.
    Least,
}

impl Speed {
    /// How far apart the frames of streams are.
    const fn interval(self) -> Duration {
        Duration::from_millis(match self {
            Self::Local => 50,
            Self::Remote => 125,
            Self::Slow => 250,
            Self::Least => 1_000,
        })
    }

    /// Bytes a second that streams may cost.
    const fn allowance(self) -> u64 {
        match self {
            Self::Local => 20_000,
            Self::Remote => 5_000,
            Self::Slow => 2_500,
            Self::Least => 500,
        }
    }

    const fn slower(self) -> Self {
        match self {
            Self::Local | Self::Remote => Self::Slow,
            Self::Slow | Self::Least => Self::Least,
        }
    }
}

/// What the person is told of the line, and what streams are then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The round trip, where it is long.
    pub trip: Option<Duration>,
    /// Agents' words do not fit through it: each is told in a line.
    pub is_brief: bool,
}

/// A question that is under way.
#[derive(Clone, Copy, Debug)]
struct Asked {
    at: Instant,
    /// Bytes that went before it since the last answer.
    behind: usize,
    /// Its frame has reached the terminal's end of the line.
    is_sent: bool,
}

/// The pace of frames.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How fast the line is at best.
    best: Speed,
    speed: Speed,
    last: Option<Instant>,
    /// A key or the like waits for its frame since then.
    urgent: Option<Instant>,
    /// Something that changed by itself does, and how far apart such frames are at least.
    soon: Option<(Instant, Duration)>,
    /// Until when the allowance is used up.
    paid: Option<Instant>,
    asked: Option<Asked>,
    /// Whether the terminal answers.
    answers: bool,
    /// Questions in a row that it did not answer.
    missed: u8,
    /// Bytes since the last answer.
    under_way: usize,
    /// Bytes a second that the line was seen to take.
    rate: Option<u64>,
    /// The last round trips, newest last.
    trips: [Option<Duration>; 16],
    /// What a round trip takes while nothing else is under way.
    floor: Option<Duration>,
    good: u8,
}

impl Pace {
    /// The pace of a terminal here or far away.
    pub const fn new(is_remote: bool) -> Self {
        let best = if is_remote {
            Speed::Remote
        } else {
            Speed::Local
        };
        Self {
            best,
            speed: best,
            last: None,
            urgent: None,
            soon: None,
            paid: None,
            asked: None,
            answers: false,
            missed: 0,
            under_way: 0,
            rate: None,
            trips: [None; 16],
            floor: None,
            good: 0,
        }
    }

    /// The terminal was asked about itself; that tells the time of a round trip as well.
    pub const fn asked(&mut self, at: Instant) {
        let behind = self.under_way;
        self.asked = Some(Asked {
            at,
            behind,
            is_sent: true,
        });
    }

    /// The terminal has answered the question that every terminal answers, so it will answer others.
    pub fn it_answers(&mut self, at: Instant) {
        self.answers = true;
        self.answered(at);
    }

    /// Something changed by the person's hand: a frame is due at once.
    pub fn now(&mut self, at: Instant) {
        self.urgent = Some(self.urgent.map_or(at, |due| due.min(at)));
    }

    /// Something changed by itself: a frame is due when the last is old enough. `is_looked_at` is whether the terminal has the
    /// desktop's focus.
    pub fn soon(&mut self, at: Instant, is_looked_at: bool) {
        let interval = if is_looked_at {
            self.speed.interval()
        } else {
            Duration::from_secs(1)
        };
        self.soon = Some(match self.soon {
            Some((since, known)) => (since, known.min(interval)),
            None => (at, interval),
        });
    }

    /// When a frame is due, if one is.
    pub fn due(&self) -> Option<Instant> {
        let given_up = |most| {
            // A terminal that has told nothing yet may never do.
            let asked = self.asked.filter(|_| self.answers && self.under_way > most);
            asked.map(|asked| self.end(&asked))
        };
        let urgent = self.urgent.map(|since| {
            // Keys that are held down must not fill the line either.
            given_up(KEYS * self.window())
                .map_or(since, |end| end.clamp(since, since + self.holds()))
        });
        let soon = self.soon.and_then(|(since, interval)| {
            let apart = self.last.and_then(|last| last.checked_add(interval));
            // What is used ahead is not owed yet.
            let paid = self.paid.and_then(|paid| paid.checked_sub(CREDIT));
            let waits = [Some(since), apart, paid, given_up(self.window())];
            waits.into_iter().flatten().max()
        });
        urgent.into_iter().chain(soon).min()
    }

    /// How long a key is held at most: longer only where the line is known to need it.
    fn holds(&self) -> Duration {
        let drains = self
            .rate
            .map(|rate| 2_000 * self.under_way as u64 / rate.max(1));
        HELD.max(Duration::from_millis(drains.unwrap_or(0)))
    }

    /// Bytes that may be under way before streams wait for an answer.
    fn window(&self) -> usize {
        let quarter = self
            .rate
            .map(|rate| usize::try_from(rate / 4).unwrap_or(WINDOW));
        quarter.map_or(WINDOW, |quarter| quarter.clamp(SHORT, WINDOW))
    }

    /// Whether a frame of `bytes` is to carry the question. Never without bytes of its own: while nothing happens nothing is asked.
    pub fn asks(&self, bytes: usize) -> bool {
        let is_free = self.asked.is_none() && self.answers;
        is_free && bytes > 0 && self.under_way + bytes > self.window() / 2
    }

    /// A frame of so many bytes was painted; whether it carries the question.
    pub fn painted(&mut self, at: Instant, bytes: usize, is_asked: bool) {
        self.last = Some(at);
        self.urgent = None;
        self.soon = None;
        if bytes == 0 {
            return;
        }
        self.under_way += bytes;
        if is_asked {
            self.asked = Some(Asked {
                at,
                behind: self.under_way,
                is_sent: false,
            });
        }
        let paid = self.paid.map_or(at, |paid| paid.max(at));
        let allowance = self.rate.map_or(self.speed.allowance(), |rate| {
            self.speed.allowance().min(rate / 2).max(1)
        });
        let cost = Duration::from_micros(bytes as u64 * 1_000_000 / allowance);
        // Nothing is owed for longer than this, so that streams never stop for long behind a large frame.
        let most = at + 2 * CREDIT;
        self.paid = Some(paid.checked_add(cost).map_or(most, |paid| paid.min(most)));
    }

    /// A frame took this long to reach the terminal's end of the line.
    pub fn flushed(&mut self, at: Instant, took: Duration, bytes: usize) {
        if took > SLOW {
            self.measured(took, bytes);
            self.falls(took > 10 * SLOW);
        } else if !self.answers {
            self.rises();
        }
        if let Some(asked) = self.asked.as_mut().filter(|asked| !asked.is_sent) {
            asked.at = asked.at.max(at);
            asked.is_sent = true;
        }
    }

    /// The terminal has answered. False if nothing was asked.
    pub fn answered(&mut self, at: Instant) -> bool {
        let Some(asked) = self.asked.take() else {
            return false;
        };
        self.missed = 0;
        let trip = at.saturating_duration_since(asked.at);
        // A line may become longer, but one that is full all the time does not look empty for that.
        let floor = self
            .floor
            .map(|floor| floor + floor / 64 + Duration::from_millis(1));
        let longer = trip.saturating_sub(self.floor.unwrap_or_default());
        self.floor = Some(floor.map_or(trip, |floor| floor.min(trip)));
        self.trips.rotate_left(1);
        if let Some(last) = self.trips.last_mut() {
            *last = Some(trip);
        }
        self.under_way = self.under_way.saturating_sub(asked.behind);
        if longer > LATE {
            self.measured(longer, asked.behind);
            self.falls(longer > 4 * LATE);
        } else {
            self.rises();
        }
        true
    }

    /// How long an answer may take: longer, where much that is under way goes before it.
    fn end(&self, asked: &Asked) -> Instant {
        let rate = self.rate.unwrap_or(u64::MAX).max(1);
        let drains = Duration::from_secs(2 * asked.behind as u64 / rate);
        asked
            .at
            .checked_add(GIVE_UP.max(drains))
            .unwrap_or(asked.at)
    }

    /// Gives up an answer that does not come.
    pub fn gives_up(&mut self, at: Instant) {
        let is_lost = self
            .asked
            .as_ref()
            .is_some_and(|asked| self.end(asked) <= at);
        if is_lost {
            self.asked = None;
            self.under_way = 0;
            self.missed += 1;
            if self.missed < MISSED {
                self.falls(false);
            } else {
                // It answers one kind of question and not the other: its silence says nothing about the line.
                self.answers = false;
                self.missed = 0;
                self.speed = self.best;
            }
        }
    }

    /// The line took so long for so many bytes.
    fn measured(&mut self, took: Duration, bytes: usize) {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
        let seen = (bytes as u64).saturating_mul(1_000) / ms;
        self.rate = Some(self.rate.map_or(seen, |rate| (3 * rate + seen) / 4).max(64));
    }

    fn falls(&mut self, is_far: bool) {
        self.good = 0;
        self.speed = self.speed.slower();
        let is_little = self
            .rate
            .is_some_and(|rate| rate < 2 * Speed::Least.allowance());
        if is_far && is_little {
            self.speed = Speed::Least;
        }
    }

    fn rises(&mut self) {
        self.good = self.good.saturating_add(1);
        if self.good < GOOD {
            return;
        }
        self.good = 0;
        // What was measured on a busy line is the least that it takes.
        self.rate = self
            .rate
            .map(|rate| rate * 2)
            .filter(|rate| *rate < 2 * Speed::Local.allowance());
        self.speed = match self.speed {
            Speed::Least => Speed::Slow,
            Speed::Slow | Speed::Remote | Speed::Local => self.best,
        };
    }

    /// Whether an answer is still to come.
    pub const fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// How long the answer that is still to come is worth waiting for.
    pub fn patience(&self) -> Duration {
        let longest = self.trips.iter().flatten().max().copied();
        (longest.unwrap_or_default() * 2).min(Duration::from_secs(1))
    }

    /// How fast the line is taken to be.
    pub const fn speed(&self) -> Speed {
        self.speed
    }

    /// The round trip, if it is long enough to be told; in steps, so that it does not flicker.
    pub fn told_trip(&self) -> Option<Duration> {
        let best = self.trips.iter().flatten().min()?;
        let tens = best.as_millis() / 10;
        (*best > TOLD).then(|| Duration::from_millis(u64::try_from(tens * 10).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests;
