//! Derived state in sled. This is the only place that opens sled, and it expects the worst of it: on damaged files sled 0.34
//! opens without noticing, refuses, or panics, at once or at a later read; on a full disk it cannot be opened at all. So
//! opening runs on a thread of its own with a time limit, every call catches panics, and a folder that cannot be opened is
//! moved aside for a fresh one. Nothing is lost with it: the journal is the truth.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use super::memory::MemoryState;
use crate::engine::ports::state::{Entry, State, StateFailure, Tree};

/// How long opening may take.
pub const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// Memory for pages, in bytes.
const CACHE: u64 = 16_000_000;

/// Folders of broken state that are kept.
const KEPT: usize = 3;

/// A store that works, whatever was found.
pub struct Opened {
    /// The store: sled, or memory where sled would not.
    pub state: Arc<dyn State>,
    /// One line for people if it is not the store of the last start.
    pub notice: Option<String>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened")
            .field("notice", &self.notice)
            .finish_non_exhaustive()
    }
}

/// The adapter.
#[derive(Debug)]
pub struct SledState {
    database: sled::Db,
    trees: Trees,
}

#[derive(Debug)]
struct Trees {
    snapshot: sled::Tree,
    index: sled::Tree,
    cache: sled::Tree,
    ledger: sled::Tree,
    view: sled::Tree,
    meta: sled::Tree,
}

/// Why sled did not open, as far as it matters for what to do next.
enum Refusal {
    /// Another process, or a thread that hangs in it, has the folder: it must stay where it is.
    InUse(String),
    /// There is no room; another folder would not open either.
    Full(String),
    /// The folder itself is the likely cause.
    Broken(String),
}

/// Opens the state in the folder `dir` (`…/state.sled`) within `limit` (see [`OPEN_LIMIT`]). Always gives a store.
#[must_use]
pub fn open(dir: &Path, limit: Duration) -> Opened {
    let why = match SledState::open_within(dir, limit) {
        Ok(state) => {
            return Opened {
                state: Arc::new(state),
                notice: None,
            };
        }
        Err(Refusal::InUse(why) | Refusal::Full(why)) => return in_memory(&why),
        Err(Refusal::Broken(why)) => why,
    };
    let aside = match move_aside(dir) {
        Ok(aside) => aside,
        Err(error) => return in_memory(&format!("{why}; it could not be moved aside: {error}")),
    };
    match SledState::open_within(dir, limit) {
        Ok(state) => Opened {
            state: Arc::new(state),
            notice: Some(format!(
                "stored state was broken and is made anew from the journal ({why}; the old one is in {})",
                aside.display()
            )),
        },
        Err(Refusal::InUse(why) | Refusal::Full(why) | Refusal::Broken(why)) => in_memory(&why),
    }
}

fn in_memory(why: &str) -> Opened {
    Opened {
        state: Arc::new(MemoryState::default()),
        notice: Some(format!("state is kept in memory for now: {why}")),
    }
}

impl SledState {
    fn open_within(dir: &Path, limit: Duration) -> Result<Self, Refusal> {
        let (answer, answered) = mpsc::sync_channel(1);
        let dir = dir.to_owned();
        let opening = thread::Builder::new()
            .name("state-open".to_owned())
            .spawn(move || {
                let opened = catch_unwind(|| Self::open_here(&dir));
                // If the time was up, no one listens and the store is closed again.
                drop(answer.send(opened));
            });
        if let Err(error) = opening {
            return Err(Refusal::InUse(format!("could not start a thread: {error}")));
        }
        match answered.recv_timeout(limit) {
            Ok(Ok(Ok(state))) => Ok(state),
            Ok(Ok(Err(error))) => Err(refusal(&error)),
            Ok(Err(_)) => Err(Refusal::Broken("sled panicked over it".to_owned())),
            Err(_) => Err(Refusal::Broken(format!(
                "sled did not open it within {} s",
                limit.as_secs()
            ))),
        }
    }

    fn open_here(dir: &Path) -> sled::Result<Self> {
        let database = sled::Config::new()
            .path(dir)
            .mode(sled::Mode::LowSpace)
            .cache_capacity(CACHE)
            .flush_every_ms(None)
            .open()?;
        let tree = |tree: Tree| database.open_tree(tree.name());
        let trees = Trees {
            snapshot: tree(Tree::Snapshot)?,
            index: tree(Tree::Index)?,
            cache: tree(Tree::Cache)?,
            ledger: tree(Tree::Ledger)?,
            view: tree(Tree::View)?,
            meta: tree(Tree::Meta)?,
        };
        Ok(Self { database, trees })
    }

    const fn tree(&self, tree: Tree) -> &sled::Tree {
        match tree {
            Tree::Snapshot => &self.trees.snapshot,
            Tree::Index => &self.trees.index,
            Tree::Cache => &self.trees.cache,
            Tree::Ledger => &self.trees.ledger,
            Tree::View => &self.trees.view,
            Tree::Meta => &self.trees.meta,
        }
    }
}

impl State for SledState {
    fn put(&self, tree: Tree, key: &[u8], value: &[u8]) -> Result<(), StateFailure> {
        caught("write", || self.tree(tree).insert(key, value).map(drop))
    }

    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, StateFailure> {
        caught("read", || {
            let found = self.tree(tree).get(key)?;
            Ok(found.map(|value| value.to_vec()))
        })
    }

    fn remove(&self, tree: Tree, key: &[u8]) -> Result<(), StateFailure> {
        caught("write", || self.tree(tree).remove(key).map(drop))
    }

    fn scan(&self, tree: Tree, prefix: &[u8], limit: usize) -> Result<Vec<Entry>, StateFailure> {
        caught("read", || {
            let entries = self.tree(tree).scan_prefix(prefix).take(limit);
            entries
                .map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec())))
                .collect()
        })
    }

    fn clear(&self, tree: Tree) -> Result<(), StateFailure> {
        caught("clear", || self.tree(tree).clear())
    }

    fn flush(&self) -> Result<(), StateFailure> {
        caught("write out", || self.database.flush().map(drop))
    }
}

fn caught<T>(
    during: &'static str,
    act: impl FnOnce() -> sled::Result<T>,
) -> Result<T, StateFailure> {
    let failure = |what: String| StateFailure { during, what };
    catch_unwind(AssertUnwindSafe(act))
        .map_err(|_| failure("sled panicked".to_owned()))?
        .map_err(|error| failure(error.to_string()))
}

fn refusal(error: &sled::Error) -> Refusal {
    let text = error.to_string();
    match error {
        sled::Error::Io(io) if is_full(io) => Refusal::Full("no room left on its disk".to_owned()),
        // sled 0.34 gives this no kind of its own.
        sled::Error::Io(_) if text.contains("could not acquire lock") => {
            Refusal::InUse("another process has it open".to_owned())
        }
        sled::Error::Io(_)
        | sled::Error::CollectionNotFound(_)
        | sled::Error::Unsupported(_)
        | sled::Error::ReportableBug(_)
        | sled::Error::Corruption { .. } => Refusal::Broken(text),
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}

/// Gives the folder the next free name `….broken-N` and drops the oldest ones.
fn move_aside(dir: &Path) -> io::Result<PathBuf> {
    let mut broken = Vec::new();
    let prefix = format!(
        "{}.broken-",
        dir.file_name().unwrap_or_default().to_string_lossy()
    );
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    for entry in std::fs::read_dir(parent)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        broken.extend(number.and_then(|number| number.parse::<u32>().ok()));
    }
    broken.sort_unstable();
    let next = broken.last().map_or(1, |last| last.saturating_add(1));
    let aside = parent.join(format!("{prefix}{next}"));
    std::fs::rename(dir, &aside)?;
    broken.push(next);
    let surplus = broken.len().saturating_sub(KEPT);
    for number in broken.iter().take(surplus) {
        // One that cannot be removed is met again next time.
        drop(std::fs::remove_dir_all(
            parent.join(format!("{prefix}{number}")),
        ));
    }
    Ok(aside)
}
