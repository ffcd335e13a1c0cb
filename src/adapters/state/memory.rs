//! Derived state in memory: gone with the process, which is all that the port promises.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::ports::state::{Entry, State, StateFailure, Tree};

type Trees = BTreeMap<Tree, BTreeMap<Vec<u8>, Vec<u8>>>;

/// The adapter.
#[derive(Debug, Default)]
pub struct MemoryState(Mutex<Trees>);

impl MemoryState {
    fn trees(&self) -> MutexGuard<'_, Trees> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State for MemoryState {
    fn put(&self, tree: Tree, key: &[u8], value: &[u8]) -> Result<(), StateFailure> {
        let mut trees = self.trees();
        let entries = trees.entry(tree).or_default();
        entries.insert(key.to_vec(), value.to_vec());
        Ok(())
    }

    fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, StateFailure> {
        let trees = self.trees();
        let entries = trees.get(&tree);
        Ok(entries.and_then(|entries| entries.get(key)).cloned())
    }

    fn remove(&self, tree: Tree, key: &[u8]) -> Result<(), StateFailure> {
        if let Some(entries) = self.trees().get_mut(&tree) {
            entries.remove(key);
        }
        Ok(())
    }

    fn scan(&self, tree: Tree, prefix: &[u8], limit: usize) -> Result<Vec<Entry>, StateFailure> {
        let trees = self.trees();
        let Some(entries) = trees.get(&tree) else {
            return Ok(Vec::new());
        };
        let from = (Bound::Included(prefix), Bound::Unbounded);
        Ok(entries
            .range::<[u8], _>(from)
            .take_while(|(key, _)| key.starts_with(prefix))
            .take(limit)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn clear(&self, tree: Tree) -> Result<(), StateFailure> {
        self.trees().remove(&tree);
        Ok(())
    }

    fn flush(&self) -> Result<(), StateFailure> {
        Ok(())
    }
}
