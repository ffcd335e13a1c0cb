//! The past: the events as the journal has them, and the world after any of them. A world of the past is folded from the same events
//! as the world of now, so that what is shown is what is stored; worlds are kept now and then, so that a step is a short fold.

use std::collections::VecDeque;

use crate::base::id::{Digest, SprintId};
use crate::base::time::Timestamp;
use crate::domain::agent::End;
use crate::domain::journal::{Envelope, Event, World};
use crate::domain::sprint::Ask;

use super::facts::events::{Line, describe};

/// Events that are held. What stands before them is in `aios logs`.
const MOST_EVENTS: usize = 50_000;

/// Worlds that are kept.
const MOST_WORLDS: usize = 24;

/// Events between two of them at first; doubled whenever there are too many.
const STRIDE: u64 = 128;

/// What an event means to somebody who looks over a long time, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// A plan was made or approved.
    Plan,
    /// A task was merged, or a sprint landed.
    Merge,
    /// An agent asked something.
    Question,
    /// A budget was reached or changed.
    Budget,
    /// A person has to decide.
    Gate,
    /// Something went wrong.
    Failure,
}

impl Mark {
    /// All of them, in the order of the legend.
    pub const ALL: [Self; 6] = [
        Self::Plan,
        Self::Merge,
        Self::Question,
        Self::Gate,
        Self::Budget,
        Self::Failure,
    ];

    /// Its character and its word.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Plan => ("P", "plan"),
            Self::Merge => ("M", "merge"),
            Self::Question => ("?", "question"),
            Self::Gate => ("!", "gate"),
            Self::Budget => ("$", "budget"),
            Self::Failure => ("✗", "failure"),
        }
    }

    /// The mark of an event; none for what happens all the time.
    pub const fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::PlanProposed { .. } | Event::PlanApproved { .. } => Self::Plan,
            Event::Merged { .. } => Self::Merge,
            Event::BudgetChanged { .. } | Event::TiersChanged { .. } | Event::HalfSpent { .. } => {
                Self::Budget
            }
            Event::GateOpened { ask, .. } => match ask {
                Ask::Question { .. } => Self::Question,
                Ask::Budget { .. } | Ask::Nearing { .. } => Self::Budget,
                Ask::Plan { .. } => Self::Plan,
                Ask::Fail { .. } | Ask::Conflict { .. } => Self::Failure,
                _ => Self::Gate,
            },
            Event::MergeConflicted { .. }
            | Event::LandingBlocked { .. }
            | Event::EffectFailed { .. }
            | Event::AttemptEnded {
                end: End::Failed(..) | End::Looped(_),
                ..
            } => Self::Failure,
            _ => return None,
        })
    }
}

/// How an event stands in the chain of hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// It names the hash of the event before it.
    Whole,
    /// The event before it is not held, so that nothing can be said.
    Begins,
    /// It names another hash: one of the two was changed.
    Broken,
}

/// An event that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The event.
    pub envelope: Box<Envelope>,
    /// The hash of its line.
    pub hash: Digest,
    /// What it means from afar.
    pub mark: Option<Mark>,
}

/// A part of the past that is shown as a whole: a sprint, with what stands before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The number of its first event.
    pub first: u64,
    /// The number of its last.
    pub last: u64,
    /// Its last event is the last of all.
    pub is_newest: bool,
}

/// The past.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Without gaps, oldest first.
    events: VecDeque<Held>,
    /// Ascending. The first is the one before the first event, or nothing at all.
    worlds: Vec<World>,
    /// Events between two worlds, in powers of two of [`STRIDE`].
    doublings: u32,
    /// After the last event.
    tip: World,
    /// Numbers of the events with which sprints began.
    sprints: Vec<u64>,
}

impl Past {
    /// Takes the next event in, and gives its line. None if it is held already, or does not follow.
    pub fn take(&mut self, envelope: Envelope, hash: Digest) -> Option<Option<Line>> {
        if envelope.seq != self.tip.seq + 1 {
            return None;
        }
        if self.worlds.is_empty() {
            self.worlds.push(self.tip.clone());
        }
        self.tip.absorb(&envelope);
        let line = describe(&envelope, &self.tip);
        if matches!(envelope.event, Event::SprintOpening(_)) {
            self.sprints.push(envelope.seq);
        }
        self.events.push_back(Held {
            mark: Mark::of(&envelope.event),
            envelope: Box::new(envelope),
            hash,
        });
        self.keep_world();
        Some(line)
    }

    fn keep_world(&mut self) {
        let stride = STRIDE << self.doublings;
        let is_due = |world: &World| self.tip.seq >= world.seq + stride;
        if !self.worlds.last().is_some_and(is_due) {
            return;
        }
        self.worlds.push(self.tip.clone());
        if self.worlds.len() > MOST_WORLDS {
            self.doublings += 1;
            let mut place = 0;
            self.worlds.retain(|_| {
                place += 1;
                place % 2 == 1
            });
        }
        if self.events.len() > MOST_EVENTS && self.worlds.len() > 2 {
            self.worlds.remove(0);
            let before = self.worlds.first().map_or(0, |world| world.seq);
            self.events.retain(|held| held.envelope.seq > before);
        }
    }

    /// The number of the last event that is held; 0 before any.
    pub const fn last(&self) -> u64 {
        self.tip.seq
    }

    /// The number of the first event that is held; one more than the last if there is none.
    pub fn first(&self) -> u64 {
        let front = self.events.front();
        front.map_or(self.tip.seq + 1, |held| held.envelope.seq)
    }

    /// An event.
    pub fn event(&self, seq: u64) -> Option<&Held> {
        let place = usize::try_from(seq.checked_sub(self.first())?).ok()?;
        self.events.get(place)
    }

    /// The events of a span, oldest first.
    pub fn within(&self, span: Span) -> impl Iterator<Item = &Held> {
        let place = usize::try_from(span.first.saturating_sub(self.first())).unwrap_or(usize::MAX);
        let events = self.events.iter().skip(place);
        events.take_while(move |held| held.envelope.seq <= span.last)
    }

    /// The world after event `seq`; none if its events are not held. A fold of at most a stride of events.
    pub fn world_at(&self, seq: u64) -> Option<World> {
        let before = self.worlds.partition_point(|world| world.seq <= seq);
        let nearest = self.worlds.get(before.checked_sub(1)?)?;
        if seq > self.tip.seq {
            return None;
        }
        let mut world = nearest.clone();
        while world.seq < seq {
            world.absorb(&self.event(world.seq + 1)?.envelope);
        }
        world.settle_all();
        Some(world)
    }

    /// Whether event `seq` follows the one before it.
    pub fn chain(&self, seq: u64) -> Chain {
        let Some(held) = self.event(seq) else {
            return Chain::Begins;
        };
        match self.event(seq.saturating_sub(1)) {
            None => Chain::Begins,
            Some(before) if before.hash == held.envelope.prev => Chain::Whole,
            Some(_) => Chain::Broken,
        }
    }

    /// The sprint around an event, as a span of events; everything that is held before the second sprint.
    pub fn span(&self, seq: u64) -> Option<Span> {
        self.events.front()?;
        let begun = self.sprints.partition_point(|first| *first <= seq);
        let first = match begun {
            0 | 1 => None,
            later => self.sprints.get(later - 1).copied(),
        };
        let next = self.sprints.get(begun.max(1)).copied();
        let last = next.map_or(self.tip.seq, |next| next - 1);
        Some(Span {
            first: first.unwrap_or(0).max(self.first()),
            last,
            is_newest: next.is_none(),
        })
    }

    /// The nearest decision of a person before event `seq`.
    pub fn decision_before(&self, seq: u64) -> Option<u64> {
        let count = usize::try_from(seq.saturating_sub(self.first())).unwrap_or(usize::MAX);
        let earlier = self.events.iter().take(count);
        earlier
            .rev()
            .find(|held| is_decision(held))
            .map(|held| held.envelope.seq)
    }

    /// The nearest decision of a person after event `seq`.
    pub fn decision_after(&self, seq: u64) -> Option<u64> {
        let skip = usize::try_from((seq + 1).saturating_sub(self.first())).unwrap_or(usize::MAX);
        let mut later = self.events.iter().skip(skip);
        later
            .find(|held| is_decision(held))
            .map(|held| held.envelope.seq)
    }

    /// The last event at or before a moment; the first that is held if all are later.
    pub fn at(&self, moment: Timestamp) -> Option<u64> {
        let earlier = self
            .events
            .partition_point(|held| held.envelope.at <= moment);
        let found = self.events.get(earlier.saturating_sub(1))?;
        Some(found.envelope.seq)
    }

    /// The goal and the first event of a sprint, to begin it anew from elsewhere.
    pub fn started(&self, id: SprintId) -> Option<&Held> {
        let is_it = |held: &&Held| matches!(&held.envelope.event, Event::SprintStarted { sprint, .. } if *sprint == id);
        self.events.iter().find(is_it)
    }
}

const fn is_decision(held: &Held) -> bool {
    matches!(held.envelope.event, Event::GateDecided { .. })
}
