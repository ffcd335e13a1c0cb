//! What the interface knows: the world, the last events in words, the replies that are being written, texts that were fetched.
//! Panes read it and never change it.

mod travel;

pub use travel::NO_TIME;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::base::body::Body;
use crate::base::id::{AttemptId, Digest};
use crate::base::money::Money;
use crate::base::text::SafeText;
use crate::base::time::Timestamp;
use crate::domain::journal::{Envelope, Event, World};
use crate::domain::presence::Standing;
use crate::session::Company;

use super::facts::events::{Line, describe};
use super::facts::risks;
use super::link::{Kept, News};
use super::past::Past;

/// Lines of the log that are kept.
const LINES: usize = 10_000;

/// Bytes of fetched texts that are kept.
const TEXT_BYTES: usize = 32 << 20;

/// Longer streams are cut at their beginning; the whole reply comes with its event.
const STREAM_BYTES: usize = 256 << 10;

/// Bytes that are cut from a long stream at once.
const STREAM_STEP: usize = 64 << 10;

/// Settled calls that are kept for the curve of spending.
const SPENDINGS: usize = 20_000;

/// What one call cost, when, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spending {
    /// When it was settled.
    pub at: Timestamp,
    /// What it cost.
    pub cost: Money,
    /// For which attempt.
    pub attempt: AttemptId,
}

/// The line to the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Nothing has come yet.
    #[default]
    Connecting,
    /// What is shown is what is.
    Live,
    /// What is shown is old; the text says why.
    Lost(String),
}

/// A line that is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Since when; what is shown is as old.
    pub since: Timestamp,
    /// When it is tried again.
    pub again: Option<Timestamp>,
}

/// A text that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It is on its way.
    Asked,
    /// Here it is.
    Here(Arc<[u8]>),
    /// It is no longer kept.
    Gone,
}

/// How far the past was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Reading {
    /// Nothing is on its way.
    #[default]
    Idle,
    /// The events after this number are on their way.
    Asked(u64),
    /// No more can be read; the text says why.
    Stuck(String),
}

/// What is now, kept while the past is shown.
#[derive(Clone, Debug, Default)]
pub struct Present {
    world: World,
    streams: BTreeMap<AttemptId, String>,
    spendings: VecDeque<Spending>,
    now: Timestamp,
}

/// All that is known.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The world.
    pub world: World,
    /// The log, oldest first.
    pub log: VecDeque<Line>,
    /// Replies that are being written.
    pub streams: BTreeMap<AttemptId, String>,
    /// What the last calls cost, oldest first.
    pub spendings: VecDeque<Spending>,
    /// The line to the host.
    pub connection: Connection,
    /// Since when the line to the host is lost, and when it is tried again.
    pub lost: Option<Lost>,
    /// Who is there.
    pub company: Company,
    /// This client wants to look only: the host takes no command of it.
    pub looks_only: bool,
    /// What the host lets this client do.
    pub given: Standing,
    /// Why this client does not come back by itself: somebody sent it away.
    pub removed: Option<String>,
    /// The moment that is shown.
    pub now: Timestamp,
    /// What was before.
    pub past: Past,
    /// What is now, while [`world`](Self::world) is one of the past.
    present: Option<Box<Present>>,
    reading: Reading,
    /// Lines of the past that were read and are not in the log yet.
    read: Vec<Line>,
    /// Replies that are being written are told in a line, without their words.
    pub is_brief: bool,
    /// Who the person is.
    pub me: String,
    /// What the repository is called.
    pub project: String,
    /// Percentage of a limit from which on it is said that it is near.
    pub near: u32,
    /// The person's distance from UTC in seconds.
    pub offset_s: i64,
    texts: BTreeMap<Digest, Fetched>,
    text_order: VecDeque<Digest>,
    text_bytes: usize,
}

impl Known {
    /// Nothing is known yet, but who looks and where.
    pub fn new(me: &str, project: &str) -> Self {
        Self {
            me: me.to_owned(),
            project: project.to_owned(),
            near: risks::NEAR,
            ..Self::default()
        }
    }

    /// Takes news in. Answers to commands are not facts about the world, so they are left to the caller.
    pub fn take(&mut self, news: News) {
        match news {
            News::World(world) => {
                let mut world = *world;
                world.settle_all();
                *self.live() = world;
                self.is_there();
            }
            News::Event(envelope) => self.happened_now(*envelope),
            News::Past { events, is_last } => self.read(events, is_last),
            News::NoPast(why) => self.reading = Reading::Stuck(why),
            News::Streaming { attempt, text } => self.stream(attempt, &text),
            News::Text { digest, bytes } => self.keep(digest, bytes),
            News::Company(company) => {
                self.given = company.standing;
                self.company = *company;
            }
            News::Removed(why) => {
                self.take(News::Lost(why.clone()));
                self.removed = Some(why);
            }
            News::Lost(why) => {
                self.company = Company::default();
                self.connection = Connection::Lost(why);
                let since = self.clock_now();
                self.lost.get_or_insert(Lost { since, again: None });
            }
            News::Retry(pause) => {
                let pause = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
                let again = self.clock_now().plus_ms(pause);
                if let Some(lost) = &mut self.lost {
                    lost.again = Some(again);
                }
            }
            News::Answered { .. }
            | News::Themes(_)
            | News::Settings(_)
            | News::Set(_)
            | News::Unheard(_)
            | News::Unsent(_) => {}
        }
    }

    /// The host is there. What did not come over a lost line can be asked for again.
    fn is_there(&mut self) {
        self.connection = Connection::Live;
        if self.lost.take().is_some() {
            self.texts.retain(|_, text| *text != Fetched::Gone);
        }
    }

    /// What may be done at this client.
    pub const fn standing(&self) -> Standing {
        if self.looks_only {
            Standing::Viewer
        } else {
            self.given
        }
    }

    /// Whether this client looks only: by its own will, or because it may do no more.
    pub const fn only_looks(&self) -> bool {
        matches!(self.standing(), Standing::Viewer)
    }

    /// The world of now, whatever is shown.
    fn live(&mut self) -> &mut World {
        match &mut self.present {
            Some(present) => &mut present.world,
            None => &mut self.world,
        }
    }

    fn happened_now(&mut self, envelope: Envelope) {
        let world = self.live();
        if envelope.seq > world.seq {
            world.absorb(&envelope);
            world.settle();
        }
        let line = describe(&envelope, world);
        self.log.extend(line);
        if self.log.len() > LINES {
            self.log.pop_front();
        }
        self.forget_stream(&envelope.event);
        self.spend(&envelope);
        self.is_there();
        // What cannot be written as a line cannot be in a journal either.
        if envelope.seq == self.past.last() + 1
            && let Ok((_, hash)) = envelope.seal()
        {
            self.past.take(envelope, hash);
        }
    }

    fn stream(&mut self, attempt: AttemptId, text: &str) {
        // In steps, so that a long stream mostly grows at its end alone.
        let surplus = text.len().saturating_sub(STREAM_BYTES);
        let mut start = surplus.next_multiple_of(STREAM_STEP).min(text.len());
        while !text.is_char_boundary(start) {
            start += 1;
        }
        let text = SafeText::block(text.get(start..).unwrap_or_default());
        self.streams_now().insert(attempt, text.into_string());
    }

    /// Notes what a call cost. Events come once each and in their order.
    fn spend(&mut self, envelope: &Envelope) {
        let (Event::ModelReplied { attempt, ended, .. }
        | Event::CallFailed { attempt, ended, .. }
        | Event::CallLost { attempt, ended, .. }) = &envelope.event
        else {
            return;
        };
        let spendings = match &mut self.present {
            Some(present) => &mut present.spendings,
            None => &mut self.spendings,
        };
        spendings.push_back(Spending {
            at: envelope.at,
            cost: ended.entry.cost,
            attempt: *attempt,
        });
        if spendings.len() > SPENDINGS {
            spendings.pop_front();
        }
    }

    /// A reply that is whole, or that will not come, is no longer being written.
    fn forget_stream(&mut self, event: &Event) {
        match event {
            Event::ModelReplied { attempt, .. }
            | Event::CallFailed { attempt, .. }
            | Event::CallLost { attempt, .. }
            | Event::AttemptEnded { attempt, .. } => {
                self.streams_now().remove(attempt);
            }
            _ => {}
        }
    }

    fn streams_now(&mut self) -> &mut BTreeMap<AttemptId, String> {
        match &mut self.present {
            Some(present) => &mut present.streams,
            None => &mut self.streams,
        }
    }

    fn keep(&mut self, digest: Digest, bytes: Option<Vec<u8>>) {
        let Some(bytes) = bytes else {
            self.texts.insert(digest, Fetched::Gone);
            return;
        };
        self.text_bytes += bytes.len();
        self.texts.insert(digest, Fetched::Here(bytes.into()));
        self.text_order.push_back(digest);
        while self.text_bytes > TEXT_BYTES && self.text_order.len() > 1 {
            let oldest = self.text_order.pop_front();
            if let Some(Fetched::Here(bytes)) = oldest.and_then(|oldest| self.texts.remove(&oldest))
            {
                self.text_bytes -= bytes.len();
            }
        }
    }

    /// A text, if it is here: in the event itself, or fetched.
    pub fn text(&self, body: &Body) -> Option<Arc<[u8]>> {
        match body {
            Body::Inline(text) => Some(Arc::from(text.as_bytes())),
            Body::Blob { digest, .. } => match self.texts.get(digest) {
                Some(Fetched::Here(bytes)) => Some(Arc::clone(bytes)),
                Some(Fetched::Asked | Fetched::Gone) | None => None,
            },
        }
    }

    /// Notes that the texts of `bodies` are wanted; gives those that must be asked for.
    pub fn want(&mut self, bodies: impl IntoIterator<Item = Body>) -> BTreeSet<Digest> {
        let digests = bodies.into_iter().filter_map(|body| body.digest());
        let missing: BTreeSet<Digest> = digests
            .filter(|digest| !self.texts.contains_key(digest))
            .collect();
        for digest in &missing {
            self.texts.insert(*digest, Fetched::Asked);
        }
        missing
    }

    /// Texts that were asked for and did not come with the line that is lost now can be asked for again.
    pub fn forget_asked(&mut self) {
        self.texts.retain(|_, text| *text != Fetched::Asked);
        self.reading = Reading::Idle;
    }

    /// The time of day of a moment, as the person reads it.
    pub fn clock(&self, at: Timestamp) -> String {
        at.clock(self.offset_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn events_that_the_world_holds_are_for_the_log_only() {
        let story = fixture::running();
        let mut known = Known::default();
        known.take(News::World(Box::new(story.world.clone())));
        for line in &story.lines {
            known.take(News::Event(Box::new(line.clone())));
        }
        assert_eq!(known.world, story.world);
        assert!(known.log.len() > 20 && known.connection == Connection::Live);
    }

    #[test]
    fn texts_are_asked_for_once_and_the_oldest_go() {
        let mut known = Known::default();
        let body = Body::of(&"x".repeat(1_000));
        let digest = body.digest().unwrap();
        assert_eq!(known.want([body.clone()]), BTreeSet::from([digest]));
        assert_eq!(known.want([body.clone()]), BTreeSet::new());
        known.take(News::Text {
            digest,
            bytes: Some(vec![b'x'; 1_000]),
        });
        assert_eq!(known.text(&body).map(|bytes| bytes.len()), Some(1_000));
        for number in 0..3_u8 {
            let digest = Digest::of(&[number]);
            known.take(News::Text {
                digest,
                bytes: Some(vec![0; 16 << 20]),
            });
        }
        assert!(known.text(&body).is_none() && known.text_bytes <= TEXT_BYTES);
    }

    #[test]
    fn streams_are_safe_bounded_and_end_with_their_reply() {
        let mut known = Known::default();
        let attempt = fixture::attempt(1);
        let text = format!("\u{1b}[2J{}", "ä".repeat(200_000));
        known.take(News::Streaming { attempt, text });
        let shown = &known.streams[&attempt];
        assert!(shown.len() <= STREAM_BYTES + 4 && !shown.contains('\u{1b}'));
        for line in fixture::running().lines {
            known.take(News::Event(Box::new(line)));
        }
        assert!(known.streams.is_empty());
    }
}
