//! The journal in memory, for tests and simulation: it keeps nothing on disk, but what is in a [`Store`] outlives the journals
//! that are opened on it, as files outlive a process. Appends can be made to fail.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::engine::ports::journal::{Genesis, Head, Journal, JournalFailure};

/// What stands in for the disk. Clones share it.
#[derive(Clone, Debug)]
pub struct Store(Arc<Mutex<Content>>);

#[derive(Debug)]
struct Content {
    genesis: Genesis,
    lines: Vec<String>,
    head: Head,
    failures: u32,
}

impl Store {
    /// A store with a log that holds only `genesis`.
    #[must_use]
    pub fn new(genesis: Genesis) -> Self {
        let head = Head::genesis(&genesis.line());
        Self(Arc::new(Mutex::new(Content {
            genesis,
            lines: Vec::new(),
            head,
            failures: 0,
        })))
    }

    /// Makes the next `count` appends that reach the store fail as on a full disk.
    pub fn fail_next_appends(&self, count: u32) {
        self.content().failures = count;
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The adapter.
#[derive(Debug)]
pub struct MemoryJournal {
    store: Store,
    genesis: Genesis,
    refuses: Option<String>,
}

impl MemoryJournal {
    /// Opens the log in `store`. There is no lock: whoever opens two at once is told by [`JournalFailure::OutOfOrder`].
    #[must_use]
    pub fn open(store: &Store) -> Self {
        Self {
            store: store.clone(),
            genesis: store.content().genesis.clone(),
            refuses: None,
        }
    }

    fn write(&self, lines: &[String]) -> Result<(), JournalFailure> {
        let mut content = self.store.content();
        if content.failures > 0 && !lines.is_empty() {
            content.failures -= 1;
            return Err(JournalFailure::Full {
                file: "the journal in memory".to_owned(),
            });
        }
        let mut head = content.head;
        for line in lines {
            head = head
                .next(line)
                .map_err(|why| JournalFailure::OutOfOrder { why })?;
        }
        content.lines.extend_from_slice(lines);
        content.head = head;
        Ok(())
    }
}

impl Journal for MemoryJournal {
    fn genesis(&self) -> Option<&Genesis> {
        Some(&self.genesis)
    }

    fn head(&self) -> Head {
        self.store.content().head
    }

    fn append(&mut self, lines: &[String]) -> Result<(), JournalFailure> {
        if let Some(why) = self.refuses.clone() {
            return Err(JournalFailure::ReadOnly { why });
        }
        let written = self.write(lines);
        self.refuses = written.as_ref().err().map(ToString::to_string);
        written
    }

    fn read(
        &self,
        from: u64,
        each: &mut dyn FnMut(u64, &str) -> ControlFlow<()>,
    ) -> Result<(), JournalFailure> {
        // A copy, so that `each` may use the store.
        let skipped = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
        let lines: Vec<String> = self
            .store
            .content()
            .lines
            .iter()
            .skip(skipped)
            .cloned()
            .collect();
        for (seq, line) in (from.max(1)..).zip(&lines) {
            if each(seq, line).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn is_read_only(&self) -> Option<String> {
        self.refuses.clone()
    }
}
