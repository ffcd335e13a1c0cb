//! Items that ask the same, so that one look can answer all of them: several agents with one question, one kind of command, one
//! provider that does not answer.

use crate::domain::sprint::{Ask, Gate, GateState, Sprint, Verdict};
use crate::domain::tool::grant::Scope;
use crate::domain::tool::risk;

/// Words of a command that make it one kind of command: the program and what it is told to do.
const WORDS: usize = 2;

/// The other open gates that ask the same as `gate`, in the order in which they came. Money, plans, changes and merges are looked
/// at one by one.
pub fn others<'a>(sprint: &'a Sprint, gate: &Gate) -> Vec<&'a Gate> {
    let open = sprint.open_gates();
    open.filter(|other| other.id != gate.id && other.state == GateState::Open)
        .filter(|other| ask_the_same(&gate.ask, &other.ask))
        .collect()
}

fn ask_the_same(one: &Ask, other: &Ask) -> bool {
    match (one, other) {
        (Ask::Tool { command: one, .. }, Ask::Tool { command: other, .. }) => {
            if [one, other]
                .into_iter()
                .any(|command| risk::is_high(command))
            {
                return false; // Each is looked at by itself, and takes a word.
            }
            let head = |command: &str| -> Vec<String> {
                let words = command.split_whitespace().take(WORDS);
                words.map(str::to_owned).collect()
            };
            head(one) == head(other)
        }
        (
            Ask::Question {
                question: one,
                options,
                ..
            },
            Ask::Question {
                question: other,
                options: theirs,
                ..
            },
        ) => one == other && options == theirs,
        (Ask::Fail { cause: one, .. }, Ask::Fail { cause: other, .. })
        | (
            Ask::Key { provider: one, .. },
            Ask::Key {
                provider: other, ..
            },
        ) => one == other,
        (Ask::Conflict { paths: one, .. }, Ask::Conflict { paths: other, .. }) => one == other,
        _ => false,
    }
}

/// What all of them get when the person chose `verdict` for one. A command is allowed once each, whatever scope was chosen: a wider
/// one is for the single card. None: such an answer is given one by one.
pub fn for_all(verdict: &Verdict) -> Option<Verdict> {
    match verdict {
        Verdict::Allow(_) => Some(Verdict::Allow(Scope::Once)),
        Verdict::Answer(_) | Verdict::Retry => Some(verdict.clone()),
        Verdict::Approve
        | Verdict::Reject(_)
        | Verdict::Send
        | Verdict::Raise(_)
        | Verdict::Cheaper(_)
        | Verdict::Finish(_)
        | Verdict::Return(_)
        | Verdict::TakeOver
        | Verdict::Drop
        | Verdict::Resolve(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::GateId;
    use crate::base::money::Money;
    use crate::tui::fixture;

    #[test]
    fn commands_are_alike_by_program_and_verb() {
        let story = fixture::commands(&["terraform plan -out=/x", "terraform apply", "cargo test"]);
        let sprint = story.world.current().unwrap();
        let asked = |number| others(sprint, sprint.gate(fixture::gate(number)).unwrap());
        let names =
            |gates: Vec<&Gate>| -> Vec<GateId> { gates.into_iter().map(|gate| gate.id).collect() };
        // The fourth gate of the fixture is a terraform plan, too.
        assert_eq!(names(asked(4)), [fixture::gate(5)]);
        assert_eq!(names(asked(5)), [fixture::gate(4)]);
        assert!(asked(6).is_empty() && asked(7).is_empty() && asked(2).is_empty());
    }

    #[test]
    fn no_answer_to_all_widens_a_grant_or_spends() {
        let once = Some(Verdict::Allow(Scope::Once));
        for scope in [Scope::Once, Scope::Task, Scope::Sprint] {
            assert_eq!(for_all(&Verdict::Allow(scope)), once);
        }
        for verdict in [
            Verdict::Approve,
            Verdict::Raise(Money(1)),
            Verdict::Drop,
            Verdict::TakeOver,
        ] {
            assert_eq!(for_all(&verdict), None, "{verdict:?}");
        }
    }
}
