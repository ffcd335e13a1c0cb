//! The keys that these panes name, as they are on this person's keyboard.

use std::collections::BTreeMap;

use crate::tui::action::{Action, row};

/// What the panes name keys of.
const NAMED: [Action; 10] = [
    Action::ClashOurs,
    Action::ClashTheirs,
    Action::ClashBoth,
    Action::ClashEdit,
    Action::ClashProposal,
    Action::ClashTest,
    Action::ClashAgent,
    Action::ApproveAll,
    Action::Undo,
    Action::WaitingList,
];

/// How the keys of actions are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys(BTreeMap<Action, String>);

impl Default for Keys {
    /// The keys of the table.
    fn default() -> Self {
        Self::of(|action| Some((*row(action)?.keys.first()?).to_owned()))
    }
}

impl Keys {
    /// As `shown` writes them.
    pub fn of(shown: impl Fn(Action) -> Option<String>) -> Self {
        let named = NAMED.into_iter();
        Self(
            named
                .filter_map(|action| Some((action, shown(action)?)))
                .collect(),
        )
    }

    /// `o take`; nothing where the action has no key.
    pub fn with(&self, action: Action, words: &str) -> String {
        let key = self.0.get(&action);
        key.map_or_else(String::new, |key| format!("{key} {words}"))
    }

    /// The key alone; the action's name where it has none.
    pub fn key(&self, action: Action) -> &str {
        let name = || row(action).map_or("", |spec| spec.title);
        self.0.get(&action).map_or_else(name, String::as_str)
    }

    /// What can be done, in a row: `o ours · t theirs`.
    pub fn list(&self, all: &[(Action, &str)]) -> String {
        let each = all.iter().map(|(action, words)| self.with(*action, words));
        let each: Vec<String> = each.filter(|words| !words.is_empty()).collect();
        each.join(" · ")
    }
}
