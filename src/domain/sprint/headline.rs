//! Everything in a few words, for places that have no more room: the title of a terminal, a status bar, a prompt.

use crate::base::money::Money;

use super::Sprint;

/// `aios shop: 5 waiting, $7.42/20`. Whose project it is must be displayable already.
#[must_use]
pub fn headline(project: &str, sprint: Option<&Sprint>, waiting: usize) -> String {
    let spent = sprint.map_or(Money::ZERO, |sprint| sprint.account.spent);
    let limit = sprint.and_then(|sprint| sprint.account.limit);
    let limit = limit.map_or_else(String::new, |limit| {
        let limit = limit.to_string();
        let bare = limit.trim_start_matches('$');
        format!("/{}", bare.strip_suffix(".00").unwrap_or(bare))
    });
    let simulated = match sprint {
        Some(sprint) if sprint.setup.policy.simulated => " (simulated)",
        _ => "",
    };
    format!("aios {project}: {waiting} waiting, {spent}{limit}{simulated}")
}
