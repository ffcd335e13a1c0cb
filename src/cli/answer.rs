//! `aios answer`: words to a waiting item: the answer to a question, the reach of a permission, an amount, a way out of trouble.

use std::io::Read as _;

use crate::base::money::Money;
use crate::cli::args::Answer as Args;
use crate::cli::decide::{decide, not_so};
use crate::cli::errors::table;
use crate::cli::{ExitCode, Out, Problem, Stop};
use crate::domain::change::clash::Choice;
use crate::domain::journal::World;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::{Ask, Gate, Verdict};
use crate::domain::tool::grant::Scope;
use crate::session::SessionClient;

/// Bytes of an answer.
const MOST_BYTES: u64 = 64 * 1024;

/// Answers.
///
/// # Errors
/// The output cannot be written, or standard input cannot be read.
pub async fn run(args: &Args, client: &SessionClient, out: &mut Out) -> Result<ExitCode, Stop> {
    let text = if args.text == "-" {
        let mut text = String::new();
        let input = std::io::stdin().take(MOST_BYTES).read_to_string(&mut text);
        if let Err(error) = input {
            let text = format!("could not read the answer from standard input: {error}");
            return Ok(out.problem(&Problem::new(&table::BAD_ARGUMENTS, text)));
        }
        text.trim().to_owned()
    } else {
        args.text.clone()
    };
    decide(
        &args.id,
        client,
        |_: &World, gate| verdict(gate, &text),
        out,
    )
    .await
}

fn verdict(gate: &Gate, text: &str) -> Result<Verdict, Problem> {
    let word = text.trim();
    match &gate.ask {
        Ask::Question { options, .. } => {
            let chosen = word
                .parse()
                .ok()
                .and_then(|number: usize| options.get(number.checked_sub(1)?));
            Ok(Verdict::Answer(
                chosen.map_or(text, |option| option).to_owned(),
            ))
        }
        Ask::Tool { .. } => match word {
            "once" | "1" => Ok(Verdict::Allow(Scope::Once)),
            "task" | "2" => Ok(Verdict::Allow(Scope::Task)),
            "sprint" | "3" => Ok(Verdict::Allow(Scope::Sprint)),
            _ => Err(not_so(
                gate,
                "answer once, task or sprint, or reject it with a reason",
            )),
        },
        Ask::Nearing {
            scope: BudgetScope::Sprint,
            limit,
            ..
        } if word == "economy" => Ok(Verdict::Cheaper(*limit)),
        Ask::Budget { .. } | Ask::Nearing { .. } => {
            word.parse::<Money>().map(Verdict::Raise).map_err(|bad| {
                Problem::new(&table::BAD_ARGUMENTS, bad.to_string())
                    .hint("name the new limit in dollars, such as 10.00")
            })
        }
        Ask::Conflict {
            clash: Some(clash), ..
        } if matches!(word, "ours" | "theirs") => {
            let side = if word == "ours" {
                Choice::Ours
            } else {
                Choice::Theirs
            };
            clash.all(&side).map(Verdict::Resolve).ok_or_else(|| {
                let text = "one side is not enough here: answer take-over, and merge it by hand";
                not_so(gate, text)
            })
        }
        Ask::Conflict { .. } | Ask::Fail { .. } | Ask::Key { .. } => match word {
            "retry" => Ok(Verdict::Retry),
            "take-over" => Ok(Verdict::TakeOver),
            _ => Err(not_so(gate, "answer retry or take-over, or reject it")),
        },
        Ask::Plan { .. } | Ask::Diff { .. } | Ask::Merge { .. } | Ask::Hand { .. } => {
            Err(not_so(gate, "approve or reject it"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::body::Body;
    use crate::base::time::Timestamp;
    use crate::domain::change::clash::{Choosable, Clash};
    use crate::domain::sprint::GateState;

    fn gate(ask: Ask) -> Gate {
        Gate {
            id: "s1.g1".parse().unwrap(),
            work: "s1.t1".parse().unwrap(),
            revision: ask.revision(),
            ask,
            opened_at: Timestamp(0),
            state: GateState::Open,
            marks: std::collections::BTreeMap::new(),
            splits: std::collections::BTreeMap::new(),
            withdrawn: 0,
            trials: Vec::new(),
        }
    }

    #[test]
    fn one_side_of_a_conflict_is_taken_everywhere() {
        let conflict = |files: &[Choosable]| {
            let oid = |digit: &str| digit.repeat(40).parse().unwrap();
            gate(Ask::Conflict {
                paths: vec!["a.txt".to_owned()],
                clash: Some(Clash {
                    onto: oid("a"),
                    head: oid("b"),
                    document: Body::Inline(String::new()),
                    files: files.to_vec(),
                }),
            })
        };
        let solvable = conflict(&[Choosable::Places(2), Choosable::Whole]);
        let theirs = vec![vec![Choice::Theirs; 2], vec![Choice::Theirs]];
        let answered = verdict(&solvable, "theirs").unwrap();
        assert_eq!(answered, Verdict::Resolve(theirs));
        let answered = verdict(&solvable, "take-over").unwrap();
        assert_eq!(answered, Verdict::TakeOver);
        let beyond = conflict(&[Choosable::Nothing]);
        assert!(verdict(&beyond, "ours").is_err());
        let paths = Vec::new();
        let unseen = gate(Ask::Conflict { paths, clash: None });
        assert!(verdict(&unseen, "ours").is_err());
    }

    #[test]
    fn a_number_picks_an_option() {
        let ask = Ask::Question {
            attempt: "s1.t1.a1".parse().unwrap(),
            step: 0,
            call: 0,
            question: "which?".to_owned(),
            options: vec!["red".to_owned(), "blue".to_owned()],
        };
        let gate = gate(ask);
        for (typed, answer) in [("2", "blue"), ("0", "0"), ("3", "3"), ("green", "green")] {
            let expected = Verdict::Answer(answer.to_owned());
            assert_eq!(verdict(&gate, typed).unwrap(), expected);
        }
    }
}
