//! The words of AIOS's commits: a title for people, trailers for programs.

use crate::base::id::{Oid, SprintId};
use crate::domain::journal::{EffectKey, TaskFacts};
use crate::engine::ports::vcs::Identity;

/// The identity of an agent in commits: `Marcus (aios) <marcus@aios.invalid>`.
pub(super) fn author(name: &str) -> Identity {
    let local: String = name
        .to_lowercase()
        .chars()
        .filter(|one| one.is_ascii_alphanumeric() || *one == '-')
        .collect();
    Identity {
        name: format!("{name} (aios)"),
        email: format!(
            "{}@aios.invalid",
            if local.is_empty() { "agent" } else { &local }
        ),
    }
}

fn trailers(task: &TaskFacts, event: &str) -> String {
    let attempt = task
        .attempt
        .map_or_else(|| "by hand".to_owned(), |attempt| attempt.to_string());
    let criteria: Vec<String> = (1..=task.spec.criteria.len())
        .map(|number| format!("c{number}"))
        .collect();
    format!(
        "AIOS-Task: {}\nAIOS-Attempt: {attempt}\nAIOS-Criterion: {}\nAIOS-Model: {}\nAIOS-Cost: {}\nAIOS-Event: {event}\n",
        task.id,
        criteria.join(" "),
        task.model,
        task.cost.exact(),
    )
}

/// One line without line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn of_task(task: &TaskFacts, event: &str) -> String {
    let title = one_line(&task.spec.title);
    let summary = task.summary.trim();
    let body = if summary.is_empty() {
        String::new()
    } else {
        format!("{summary}\n\n")
    };
    format!(
        "{}: {title}\n\n{body}{}",
        task.spec.slug,
        trailers(task, event)
    )
}

pub(super) fn of_merge(task: &TaskFacts, key: EffectKey) -> String {
    let title = one_line(&task.spec.title);
    format!(
        "Merge {}: {title}\n\n{}",
        task.id,
        trailers(task, &key.to_string())
    )
}

pub(super) fn of_landing(sprint: SprintId, title: &str, commit: &Oid) -> String {
    format!(
        "Merge sprint {sprint}: {}\n\nAIOS-Sprint: {sprint}\nAIOS-Head: {commit}\n",
        one_line(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_is_known_as_an_agent() {
        assert_eq!(author("Marcus").email, "marcus@aios.invalid");
        assert_eq!(author("Zoë <x>").email, "zox@aios.invalid");
    }
}
