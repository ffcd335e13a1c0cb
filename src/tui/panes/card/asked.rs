//! What a card says before the answers: what is asked, what it holds, and what else is known of it.

use crate::base::id::Work;
use crate::base::text::{SafeText, clip, wrap};
use crate::base::time;
use crate::domain::agent::Step;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::{Ask, Gate, Sprint, rule};
use crate::domain::tool::risk::{self, Risk};
use crate::tui::facts::people;
use crate::tui::facts::{alike, line, waiting};
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::row::{Piece, piece, plain};

use super::budget;
use crate::tui::panes::stream;

/// Cells of what an agent said before it asked.
const SAID: usize = 240;

/// Ways to say it in fewer rows.
const SHORTER: u8 = 4;

/// What is asked, in rows of `width` cells: as much as there is `room` for. If the least of it has none, all of it.
pub(super) fn body<'a>(
    known: &Known,
    (sprint, gate): (&Sprint, &Gate),
    (width, room): (usize, usize),
) -> Vec<Vec<Piece<'a>>> {
    let at = |shorter: u8| rows(known, (sprint, gate), width, shorter);
    let fitting = (0..=SHORTER).map(at).find(|rows| rows.len() <= room);
    fitting.unwrap_or_else(|| at(0))
}

/// What is asked; the more it is `shorter`, the less is said beside it.
fn rows<'a>(
    known: &Known,
    (sprint, gate): (&Sprint, &Gate),
    width: usize,
    shorter: u8,
) -> Vec<Vec<Piece<'a>>> {
    let mut rows = Vec::new();
    let mut say = |text: &str, token: Token, indent: &str| {
        let lines = wrap(text, width.saturating_sub(indent.len()));
        rows.extend(
            lines
                .into_iter()
                .map(|line| vec![plain(indent.to_owned()), piece(line, token)]),
        );
    };
    match &gate.ask {
        Ask::Budget {
            scope: BudgetScope::Sprint,
            ..
        } => {
            for text in budget::body(sprint) {
                say(&text, Token::Text, "");
            }
        }
        Ask::Nearing { scope, .. } => {
            for text in budget::on_the_way(sprint, gate, *scope) {
                say(&text, Token::Text, "");
            }
        }
        Ask::Plan { .. } | Ask::Budget { .. } => {
            say(&waiting::text(sprint, gate), Token::Text, "");
        }
        Ask::Question { question, .. } => say(SafeText::block(question).as_str(), Token::Text, ""),
        Ask::Tool { command, why, .. } => {
            if shorter < 1 {
                say("wants to run this command:", Token::Text, "");
            }
            say(SafeText::exact(command).as_str(), Token::Accent, "  $ ");
            let (text, token) = risky(command);
            say(&text, token, "");
            if shorter < 3 {
                say(&format!("asked because {}", line(why)), Token::Dim, "");
            }
            if let Some(said) = said(known, sprint, gate).filter(|_| shorter < 4) {
                let said = format!("said before it: “{said}”");
                let most = if shorter < 2 { usize::MAX } else { width };
                say(&clip(&said, most), Token::Dim, "");
            }
        }
        Ask::Diff { .. } => {
            say(&waiting::text(sprint, gate), Token::Text, "");
            say("Enter shows it hunk by hunk", Token::Dim, "");
        }
        Ask::Merge { blocked, .. } => {
            for (text, token) in landing(sprint, blocked.as_deref()) {
                say(&text, token, "");
            }
        }
        Ask::Conflict { paths, .. } => {
            say(clash(paths), Token::Text, "");
            for path in paths {
                say(&line(path), Token::Fail, "  ");
            }
        }
        Ask::Fail { cause, evidence } => {
            say(SafeText::block(cause).as_str(), Token::Fail, "");
            say(SafeText::block(evidence).as_str(), Token::Dim, "  ");
        }
        Ask::Key { provider, text, .. } => {
            say(
                &format!("{} does not answer, or not us:", line(provider)),
                Token::Text,
                "",
            );
            say(SafeText::block(text).as_str(), Token::Dim, "  ");
        }
        Ask::Hand { text } => say(SafeText::block(text).as_str(), Token::Text, ""),
    }
    if shorter < 1 {
        rows.push(Vec::new());
    }
    rows.push(vec![piece(holds(known, sprint, gate), Token::Dim)]);
    rows.extend(more(sprint, gate));
    rows.extend(rule_offer(known, sprint, gate));
    rows.extend(people::claims(&known.company).get(&gate.id).map(|who| {
        let text = format!("{who} has it open, too: the first decision counts");
        vec![piece(text, Token::Risk)]
    }));
    rows
}

/// What is wrong with a merge.
const fn clash(paths: &[String]) -> &'static str {
    if paths.is_empty() {
        "merges, but the checks fail then, and its author could not solve it"
    } else {
        "does not merge, and its author could not solve it:"
    }
}

/// What is risky about a command, in words.
fn risky(command: &str) -> (String, Token) {
    let risks: Vec<&str> = risk::risks(command).into_iter().map(Risk::words).collect();
    match risks.as_slice() {
        [] => ("risk: its words tell of none".to_owned(), Token::Dim),
        [only] => (format!("risk: it {only}"), Token::Risk),
        [first @ .., last] => (
            format!("risk: it {}, and {last}", first.join(", ")),
            Token::Risk,
        ),
    }
}

/// The reply in which the agent asked.
pub(super) fn asking<'a>(sprint: &'a Sprint, gate: &Gate) -> Option<&'a Step> {
    let (Ask::Tool { attempt, step, .. } | Ask::Question { attempt, step, .. }) = &gate.ask else {
        return None;
    };
    let steps = &sprint.attempts.get(attempt)?.steps;
    steps.get(usize::try_from(*step).ok()?)
}

/// What the agent said before it asked, in one line; its first line until the text is here.
fn said(known: &Known, sprint: &Sprint, gate: &Gate) -> Option<String> {
    let step = asking(sprint, gate)?;
    let whole = stream::reply(known, &step.reply);
    let said = clip(&line(whole.as_ref().unwrap_or(&step.first_line)), SAID);
    (!said.trim().is_empty()).then_some(said)
}

/// What the card of a sprint that is ready for its base branch says.
fn landing(sprint: &Sprint, blocked: Option<&str>) -> Vec<(String, Token)> {
    let target = sprint.base.as_ref().and_then(|base| base.target.as_deref());
    let target = target.unwrap_or_default();
    let target = line(target.strip_prefix("refs/heads/").unwrap_or(target));
    let (done, all) = sprint.progress();
    let merged = format!("{done} of {all} tasks are merged into the sprint's branch.");
    let mut rows = vec![
        (merged, Token::Text),
        (format!("Let the branch into {target}?"), Token::Text),
    ];
    rows.extend(blocked.map(|why| (line(why), Token::Risk)));
    let summary = sprint.last_attempt(Work::Summary(sprint.id));
    let said = summary.and_then(|attempt| attempt.steps.last());
    rows.extend(said.map(|said| (line(&said.first_line), Token::Dim)));
    rows
}

/// How many more ask the same.
pub(super) fn more<'a>(sprint: &Sprint, gate: &Gate) -> Option<Vec<Piece<'a>>> {
    let count = alike::others(sprint, gate).len();
    (count > 0).then(|| {
        vec![piece(
            format!("{count} more like this: A lists them"),
            Token::Info,
        )]
    })
}

/// The rule that would answer the same question from now on, once the person has answered it often enough.
pub(super) fn rule_offer<'a>(
    known: &Known,
    sprint: &Sprint,
    gate: &Gate,
) -> Option<Vec<Piece<'a>>> {
    let command = rule::command_of(gate).filter(|_| sprint.offers_rule(gate, &known.me))?;
    let command = clip(&line(command), 40);
    let text = format!(":allow {command}   no more asking in this sprint");
    Some(vec![piece(text, Token::Info)])
}

/// What a gate holds, since when it waits, and what its work has cost.
pub(super) fn holds(known: &Known, sprint: &Sprint, gate: &Gate) -> String {
    let held = waiting::held(sprint, gate);
    let tasks = match held {
        0 if !gate.ask.holds() => "nothing",
        1 => "1 task",
        _ => &format!("{held} tasks"),
    };
    let age = time::age(known.now.since(gate.opened_at));
    let cost = match gate.work.task().and_then(|id| sprint.task(id)) {
        Some(task) => task.account.spent,
        None => sprint.account.spent,
    };
    format!("holds {tasks} · asked {age} ago · cost so far {cost}")
}
