//! Indexes over the gates that are open, so that no event has to look at all of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::id::Work;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::{Ask, Gate};

/// The numbers of a sprint's open gates, in the ways in which they are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// By what they are about.
    by_work: BTreeMap<Work, BTreeSet<u32>>,
    /// Those that hold calls to models beyond their own work: a provider, or a budget that is not one task's.
    holding: BTreeSet<u32>,
    /// Those whose decision can still be withdrawn.
    pending: BTreeSet<u32>,
    /// Those that say that a budget comes to its end; one a budget.
    #[serde(default)]
    nearing: BTreeMap<BudgetScope, u32>,
}

impl Asking {
    /// Takes in a gate that has just been opened.
    pub(crate) fn insert(&mut self, gate: &Gate) {
        let number = gate.id.number;
        self.by_work.entry(gate.work).or_default().insert(number);
        if holds_others(&gate.ask) {
            self.holding.insert(number);
        }
        if let Ask::Nearing { scope, .. } = gate.ask {
            self.nearing.insert(scope, number);
        }
    }

    /// Notes that a gate's decision can be withdrawn, or is withdrawn.
    pub(crate) fn set_pending(&mut self, number: u32, is_pending: bool) {
        if is_pending {
            self.pending.insert(number);
        } else {
            self.pending.remove(&number);
        }
    }

    /// Leaves out a gate that is no longer open.
    pub(crate) fn remove(&mut self, gate: &Gate) {
        let number = gate.id.number;
        if let Some(about) = self.by_work.get_mut(&gate.work) {
            about.remove(&number);
            if about.is_empty() {
                self.by_work.remove(&gate.work);
            }
        }
        self.holding.remove(&number);
        self.pending.remove(&number);
        self.nearing.retain(|_, nearing| *nearing != number);
    }

    /// About some work.
    pub(super) fn about(&self, work: Work) -> impl Iterator<Item = u32> {
        self.by_work.get(&work).into_iter().flatten().copied()
    }

    /// Holding other work's calls to models.
    pub(super) fn holding(&self) -> impl Iterator<Item = u32> {
        self.holding.iter().copied()
    }

    /// Saying that a budget comes to its end.
    pub(super) fn nearing(&self, scope: BudgetScope) -> Option<u32> {
        self.nearing.get(&scope).copied()
    }

    /// Decided, and withdrawable.
    pub(super) fn pending(&self) -> impl Iterator<Item = u32> {
        self.pending.iter().copied()
    }
}

/// Whether a question holds more than the work that it is about.
const fn holds_others(ask: &Ask) -> bool {
    match ask {
        Ask::Key { .. } => true,
        Ask::Budget { scope, .. } => match scope {
            BudgetScope::Request | BudgetScope::Sprint | BudgetScope::Day => true,
            BudgetScope::Task(_) => false,
        },
        Ask::Plan { .. }
        | Ask::Question { .. }
        | Ask::Tool { .. }
        | Ask::Diff { .. }
        | Ask::Merge { .. }
        | Ask::Conflict { .. }
        | Ask::Fail { .. }
        | Ask::Hand { .. }
        | Ask::Nearing { .. } => false,
    }
}
