//! The way back after an append that failed, and the first command of a host: both find effects that had begun and are known to run
//! nowhere.
//!
//! A journal that failed once takes nothing more until it is opened again, which verifies it. That is tried with the next command, and
//! from time to time without one. What the lost turn had decided is asked for again by whoever is interested: people see that it was
//! refused, effects are started again by the wishes of the world.

use crate::domain::journal::{Command, Input, Refusal, step};
use crate::domain::presence::Standing;
use crate::domain::security::Actor;
use crate::engine::core::load::load;
use crate::engine::core::turn::Core;
use crate::engine::ports::journal::JournalFailure;

impl Core {
    /// Nothing runs yet: what had begun is settled, written off, or forgotten so that it is looked up and done again.
    pub(super) fn take_over(&mut self) {
        let command = Command::TakeOver {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
        };
        let input = Input {
            id: None,
            by: Actor::System,
            standing: Standing::Owner,
            client: "host".to_owned(),
            at: self.moment(),
            command,
        };
        let first = self.parts.world.seq + 1;
        // The system's own command is never refused.
        if let Ok(events) = step(&mut self.parts.world, &input) {
            self.seal(&input, first, events);
        }
        self.parts.world.settle();
        self.changed = self.parts.world.open.keys().copied().collect();
    }

    /// What was decided did not become true: the world is thrown away and folded again.
    pub(super) fn fall_back(&mut self, failure: &JournalFailure) {
        let why = failure.to_string();
        self.pending.clear();
        self.lines.clear();
        self.changed.clear();
        self.ended.clear();
        self.parts.follower.halt();
        for (answer, _) in self.answers.drain(..) {
            // A client that went away sees it when it comes back.
            let _ = answer.send(Err(Refusal::ReadOnly(why.clone())));
        }
        self.is_astray = true;
        self.find_back();
        self.close(why);
    }

    /// Folds the world again if it holds what is not durable.
    pub(super) fn find_back(&mut self) {
        if !self.is_astray {
            return;
        }
        if let Some(journal) = &self.journal
            && let Ok(loaded) = load(&**journal, self.parts.state.as_deref())
        {
            self.parts.world = loaded.world;
            self.head = journal.head().hash;
            self.is_astray = false;
        }
    }

    fn close(&mut self, why: String) {
        self.parts.feed.set_trouble(Some(why.clone()));
        self.read_only = Some(why);
        self.parts.follower.call_later();
    }

    /// Tries to write again without a command: space may have been freed.
    pub(super) fn reopen(&mut self) {
        if self.read_only.is_some() && self.writable().is_err() {
            self.parts.follower.call_later();
        }
    }

    /// Whether commands can be taken; a journal that failed is opened again first.
    pub(super) fn writable(&mut self) -> Result<(), Refusal> {
        let Some(why) = self.read_only.clone() else {
            return Ok(());
        };
        // The old one holds the lock.
        self.journal = None;
        let journal =
            (self.parts.reopen)().map_err(|failure| Refusal::ReadOnly(failure.to_string()))?;
        let loaded = load(&*journal, self.parts.state.as_deref());
        let still = journal.is_read_only();
        if let Ok(loaded) = loaded {
            self.head = journal.head().hash;
            self.parts.world = loaded.world;
            self.is_astray = false;
        }
        self.journal = Some(journal);
        if let Some(still) = still {
            return Err(Refusal::ReadOnly(still));
        }
        if self.is_astray {
            return Err(Refusal::ReadOnly(why));
        }
        self.read_only = None;
        // Everything was ended. Its end becomes durable with the first events that the journal takes, before anything starts.
        self.take_over();
        Ok(())
    }
}
