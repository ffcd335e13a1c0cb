//! Derived state: sorted keys and values, all of which can be made again from the journal. Nothing that would be missed is
//! kept here alone, so an adapter may lose everything between two starts, but never gives a value that was not put.

/// The trees, each with its own keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tree {
    /// Snapshots of the world by sequence number.
    Snapshot,
    /// Search: from a task or a word to events.
    Index,
    /// Exact answers of models by the fingerprint of their request.
    Cache,
    /// Totals of the ledger.
    Ledger,
    /// What a person's screen remembers: open panes, folded rows.
    View,
    /// Which journal and up to which event the other trees were made from.
    Meta,
}

impl Tree {
    /// Every tree.
    pub const ALL: [Self; 6] = [
        Self::Snapshot,
        Self::Index,
        Self::Cache,
        Self::Ledger,
        Self::View,
        Self::Meta,
    ];

    /// Its name on disk.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Index => "index",
            Self::Cache => "cache",
            Self::Ledger => "ledger",
            Self::View => "view",
            Self::Meta => "meta",
        }
    }
}

/// The store broke. Its caller goes on without it; what it held is made again at the next start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not {during} derived state: {what}")]
pub struct StateFailure {
    /// What was tried: `read`, `write`, …
    pub during: &'static str,
    /// The store's answer.
    pub what: String,
}

/// A key and its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// A store of derived state. Calls block and may come from many threads.
pub trait State: Send + Sync {
    /// Sets `key` to `value`. Durable only after [`State::flush`].
    ///
    /// # Errors
    /// The store broke.
    fn put(&self, tree: Tree, key: &[u8], value: &[u8]) -> Result<(), StateFailure>;

    /// The value of `key`.
    ///
    /// # Errors
    /// The store broke.
    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, StateFailure>;

    /// Removes `key`, if it is there.
    ///
    /// # Errors
    /// The store broke.
    fn remove(&self, tree: Tree, key: &[u8]) -> Result<(), StateFailure>;

    /// The first `limit` entries whose key begins with `prefix`, sorted by key bytes.
    ///
    /// # Errors
    /// The store broke.
    fn scan(&self, tree: Tree, prefix: &[u8], limit: usize) -> Result<Vec<Entry>, StateFailure>;

    /// Removes every entry of `tree`.
    ///
    /// # Errors
    /// The store broke.
    fn clear(&self, tree: Tree) -> Result<(), StateFailure>;

    /// Writes everything out.
    ///
    /// # Errors
    /// The store broke or has no room; what was put since the last flush may be lost.
    fn flush(&self) -> Result<(), StateFailure>;
}
