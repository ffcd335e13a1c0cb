//! One turn of the core. What is guaranteed at which moment:
//!
//! 1. *Taken.* Up to 256 posts leave the mailbox. Each command gets the core's own moment, which never goes back, whatever clocks say.
//! 2. *Decided*, one by one, each on the world that the one before it left. A command that was accepted before under the same name gets
//!    the number that it got then. So far nobody but this thread knows of anything, and all of it may still be thrown away.
//! 3. *Durable.* One append for the whole turn. Only from here on has anything happened.
//! 4. *Published* to the feed, *answered*, and then *acted on*, in this order: who has an answer finds its events in the feed, and no
//!    effect begins whose reason could still be lost.
//!
//! If the append fails, the world is thrown away and folded again from what is durable, everybody in the turn is told that nothing can
//! be written, and all effects are ended; see [`recover`](super::recover) for the way back.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::base::id::Digest;
use crate::base::time::Timestamp;
use crate::domain::journal::{
    Answered, Command, EffectKey, Envelope, Event, Input, Refusal, VOCABULARY, World, step,
};
use crate::domain::sprint::Setup;
use crate::engine::core::load::{last_moment, write_snapshot};
use crate::engine::core::{Feed, Post};
use crate::engine::ports::clock::Clock;
use crate::engine::ports::journal::{Journal, JournalFailure};
use crate::engine::ports::state::State;

/// Commands that may wait; then posting waits.
pub const MAILBOX: usize = 1_024;
/// Commands decided in one turn, at most.
const MOST_IN_TURN: usize = 256;
/// Events between two snapshots.
const SNAPSHOT_EVERY: u64 = 2_000;

/// Who acts on what is wanted.
pub trait Follower: Send {
    /// The wishes of these keys appeared, changed or went away; effects of `ended` no longer run.
    fn follow(&mut self, world: &World, changed: &BTreeSet<EffectKey>, ended: &[EffectKey]);
    /// Nothing may run any more: the world that wanted it is gone.
    fn halt(&mut self);
    /// The journal takes nothing now: posts [`Post::Reopen`] after a while, later from time to time.
    fn call_later(&mut self) {}
}

/// What a core is made of.
pub struct CoreParts {
    /// Opens the journal again after a failed append.
    pub reopen: Box<dyn FnMut() -> Result<Box<dyn Journal>, JournalFailure> + Send>,
    /// For snapshots.
    pub state: Option<Arc<dyn State>>,
    /// The world as loaded.
    pub world: World,
    /// Where events are published.
    pub feed: Arc<Feed>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Settings for a sprint whose client named none.
    pub setup: Box<dyn FnMut() -> Result<Setup, String> + Send>,
    /// Who acts.
    pub follower: Box<dyn Follower>,
}

/// The single writer. Runs on a thread of its own until it is told to stop or every handle is gone.
pub struct Core {
    pub(super) parts: CoreParts,
    /// None only while it is being opened again: the old one must let go of its lock first.
    pub(super) journal: Option<Box<dyn Journal>>,
    pub(super) head: Digest,
    /// The moment of the last event.
    pub(super) at: Timestamp,
    pub(super) pending: Vec<Envelope>,
    pub(super) lines: Vec<String>,
    pub(super) answers: Vec<Waiting>,
    pub(super) changed: BTreeSet<EffectKey>,
    pub(super) ended: Vec<EffectKey>,
    snapshot_at: u64,
    /// Why nothing can be written, if so.
    pub(super) read_only: Option<String>,
    /// The world holds what never became durable, and the journal could not be read since.
    pub(super) is_astray: bool,
}

/// Who waits for an answer, and which one it is.
pub(super) type Waiting = (
    oneshot::Sender<Result<Answered, Refusal>>,
    Result<Answered, Refusal>,
);

impl Core {
    /// A core over its parts.
    #[must_use]
    pub fn new(journal: Box<dyn Journal>, parts: CoreParts) -> Self {
        let head = journal.head().hash;
        let read_only = journal.is_read_only();
        let snapshot_at = parts.world.seq;
        let at = last_moment(&*journal);
        parts.feed.set_trouble(read_only.clone());
        Self {
            parts,
            journal: Some(journal),
            head,
            at,
            pending: Vec::new(),
            lines: Vec::new(),
            answers: Vec::new(),
            changed: BTreeSet::new(),
            ended: Vec::new(),
            snapshot_at,
            read_only,
            is_astray: false,
        }
    }

    /// Works until the end. Blocks.
    pub fn run(mut self, mut mailbox: mpsc::Receiver<Post>) {
        self.begin();
        let mut batch = Vec::with_capacity(MOST_IN_TURN);
        while mailbox.blocking_recv_many(&mut batch, MOST_IN_TURN) > 0 {
            let is_last = self.turn(batch.drain(..));
            if is_last {
                break;
            }
        }
        self.parts.follower.halt();
        self.snapshot();
    }

    /// Takes over, and starts everything that is wanted.
    pub fn begin(&mut self) {
        if self.read_only.is_some() {
            self.parts.follower.call_later();
            return;
        }
        self.take_over();
        self.turn(std::iter::empty());
    }

    /// Takes a batch; says whether it was told to stop.
    pub fn turn(&mut self, batch: impl Iterator<Item = Post>) -> bool {
        let mut is_last = false;
        let mut snapshots = Vec::new();
        for post in batch {
            match post {
                Post::Command(input, answer) => self.take(*input, answer),
                Post::Snapshot(answer) => snapshots.push(answer),
                Post::Ended(key) => {
                    self.ended.push(key);
                    self.changed.insert(key);
                }
                Post::Reopen => self.reopen(),
                Post::Stop => is_last = true,
            }
        }
        self.commit();
        if !snapshots.is_empty() {
            self.find_back();
        }
        // While nobody knows what is true, nothing is shown.
        for snapshot in snapshots.into_iter().filter(|_| !self.is_astray) {
            // A client that went away needs no snapshot.
            let _ = snapshot.send(Box::new(self.parts.world.clone()));
        }
        if self.read_only.is_none() && (!self.changed.is_empty() || !self.ended.is_empty()) {
            let (changed, ended) = (
                std::mem::take(&mut self.changed),
                std::mem::take(&mut self.ended),
            );
            self.parts
                .follower
                .follow(&self.parts.world, &changed, &ended);
        }
        if self.parts.world.seq >= self.snapshot_at + SNAPSHOT_EVERY {
            self.snapshot();
        }
        is_last
    }

    /// Decides one command; its events wait for the flush, and so does its answer.
    fn take(&mut self, mut input: Input, answer: oneshot::Sender<Result<Answered, Refusal>>) {
        if let Err(refusal) = self.writable() {
            let _ = answer.send(Err(refusal));
            return;
        }
        if let Some(seq) = input
            .id
            .as_ref()
            .and_then(|id| self.parts.world.answer_to(id))
        {
            self.answers.push((answer, Ok(Answered::Again(seq))));
            return;
        }
        input.at = self.moment();
        if let Command::Report { key, .. } = &input.command {
            self.ended.push(*key);
            self.changed.insert(*key);
        }
        if let Command::StartSprint {
            setup: setup @ None,
            ..
        } = &mut input.command
        {
            match (self.parts.setup)() {
                Ok(made) => *setup = Some(Box::new(made)),
                Err(why) => {
                    self.answers.push((answer, Err(Refusal::NoSetup(why))));
                    return;
                }
            }
        }
        let first = self.parts.world.seq + 1;
        match step(&mut self.parts.world, &input) {
            Ok(events) => {
                self.changed.extend(self.parts.world.settle());
                self.seal(&input, first, events);
                let world = &self.parts.world;
                let result = match &input.command {
                    // A budget stands in the way: a person is asked, and the effect does not run.
                    Command::Begin { key, .. } if !world.may_run(key) => {
                        Err(Refusal::Held(key.to_string()))
                    }
                    _ => Ok(Answered::Done(world.seq)),
                };
                self.answers.push((answer, result));
            }
            Err(refusal) => self.answers.push((answer, Err(refusal))),
        }
    }

    pub(super) fn seal(&mut self, input: &Input, first: u64, events: Vec<Event>) {
        for (event, seq) in events.into_iter().zip(first..) {
            let envelope = Envelope {
                v: VOCABULARY,
                seq,
                at: input.at,
                by: input.by.clone(),
                cmd: input.id.clone(),
                prev: self.head,
                event,
            };
            // Events hold strings and numbers only; one that did not serialise would break the chain and be refused by the journal.
            let (line, hash) = envelope
                .seal()
                .unwrap_or_else(|error| (error.to_string(), self.head));
            self.head = hash;
            self.lines.push(line);
            self.pending.push(envelope);
        }
    }

    /// One flush for all; nothing is answered or published before it.
    fn commit(&mut self) {
        if !self.lines.is_empty() {
            let closed = || JournalFailure::ReadOnly {
                why: "it is closed".to_owned(),
            };
            let appended = self
                .journal
                .as_mut()
                .ok_or_else(closed)
                .and_then(|journal| journal.append(&self.lines));
            self.lines.clear();
            if let Err(failure) = appended {
                self.fall_back(&failure);
                return;
            }
            let pending: Vec<Arc<Envelope>> = self.pending.drain(..).map(Arc::new).collect();
            self.parts.feed.publish(pending);
            self.parts.feed.set_trouble(None);
        }
        for (answer, result) in self.answers.drain(..) {
            // A client that went away hears of it from the feed when it comes back.
            let _ = answer.send(result);
        }
    }

    /// Now. Moments never go back within the log, and no client sets them: what was taken in later did happen later.
    pub(super) fn moment(&mut self) -> Timestamp {
        self.at = self.at.max(self.parts.clock.now());
        self.at
    }

    fn snapshot(&mut self) {
        self.snapshot_at = self.parts.world.seq;
        if let (Some(state), None) = (&self.parts.state, &self.read_only) {
            write_snapshot(&**state, &self.parts.world, self.head);
        }
    }

    /// The world as it is.
    #[must_use]
    pub const fn world(&self) -> &World {
        &self.parts.world
    }
}
