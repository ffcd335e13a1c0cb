//! Waiting items as lines, with their numbered answers.

use std::collections::BTreeMap;

use crate::base::id::GateId;
use crate::base::time;
use crate::domain::change::LineKind;
use crate::domain::sprint::outlook::{Difference, differences, outlook};
use crate::domain::sprint::{Ask, Gate, GateState, Sprint, Verdict, estimate};
use crate::tui::facts::snooze::Snoozes;
use crate::tui::facts::waiting::Hands;
use crate::tui::facts::{self, events, gate_label, line};
use crate::tui::known::Known;
use crate::tui::panes::card::{self, Choice};

/// Lines of a change that are read out at once.
const READ_LINES: usize = 400;

/// What a numbered answer does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Act {
    /// Decides.
    Choose(Choice),
    /// Asks why, then rejects.
    Reject,
    /// Asks for words, then answers.
    Answer,
    /// Asks for an amount, then sets it.
    Amount,
    /// Reads the whole of it out.
    Read,
}

/// Open items, most pressing first.
pub(super) fn waiting(known: &Known) -> Vec<GateId> {
    let items = facts::waiting::items(
        &known.world,
        (&Snoozes::default(), &Hands::default()),
        known.now,
    );
    items.into_iter().map(|item| item.gate).collect()
}

/// All answers to a gate, in the order of their numbers.
pub(super) fn acts(sprint: &Sprint, gate: &Gate) -> Vec<(String, Act)> {
    let (words, rest): (Vec<Choice>, Vec<Choice>) = card::choices(sprint, gate)
        .into_iter()
        .partition(|choice| choice.word.is_some());
    let choose = |choice: Choice| {
        let label = match choice.result.as_str() {
            "" => choice.label.clone(),
            result => format!("{}, {result}", choice.label),
        };
        (label, Act::Choose(choice))
    };
    let mut acts: Vec<(String, Act)> = rest.into_iter().map(choose).collect();
    let named = |name: &str, act: Act| (name.to_owned(), act);
    match &gate.ask {
        Ask::Question { .. } => acts.push(named("another answer", Act::Answer)),
        Ask::Budget { .. } | Ask::Nearing { .. } => acts.push(named("another limit", Act::Amount)),
        Ask::Diff { .. } => {
            acts.push(named("reject", Act::Reject));
            acts.push(named("read hunks", Act::Read));
        }
        Ask::Plan { .. } => {
            acts.push(named("reject", Act::Reject));
            acts.push(named("read the tasks", Act::Read));
        }
        _ if gate.ask.takes(&Verdict::Reject(String::new())) => {
            acts.push(named("refuse", Act::Reject));
        }
        _ => {}
    }
    acts.extend(words.into_iter().map(choose));
    acts
}

/// The line that names an item: its place, kind, who, what, and what it holds.
pub(super) fn heading(known: &Known, gate: &Gate, place: usize, all: usize) -> String {
    let Some(sprint) = known.world.sprints.get(&gate.id.sprint) else {
        return String::new();
    };
    let who = facts::asker(sprint, gate);
    let held = match facts::waiting::held(sprint, gate) {
        0 => String::new(),
        held => format!(" Holds {held} tasks."),
    };
    let age = time::age(known.now.since(gate.opened_at));
    let why = match &gate.ask {
        Ask::Tool { why, .. } => format!(" Why: {}.", line(why)),
        _ => String::new(),
    };
    format!(
        "waiting {place} of {all}. {}, {who}, {}: {}.{why}{held} Asked {age} ago.",
        gate.ask.kind().word(),
        gate_label(gate),
        facts::waiting::text(sprint, gate)
    )
}

/// The numbered answers, a line each.
pub(super) fn answers(known: &Known, gate: &Gate) -> Vec<String> {
    let Some(sprint) = known.world.sprints.get(&gate.id.sprint) else {
        return Vec::new();
    };
    let mut lines: Vec<String> = (1..)
        .zip(acts(sprint, gate))
        .map(|(number, (label, act))| match act {
            Act::Choose(Choice {
                word: Some(word), ..
            }) => format!("  {number} {label}, needs the word {word}"),
            _ => format!("  {number} {label}"),
        })
        .collect();
    if crate::tui::panes::clash::asked(gate).is_some() {
        lines.push(super::clash::WAYS.to_owned());
    }
    lines.push("  n next, ? more".to_owned());
    lines
}

/// What came of an item that is no longer open.
pub(super) fn ended(known: &Known, id: GateId) -> String {
    match known.world.gate(id).map(|gate| &gate.state) {
        Some(GateState::Closed { verdict, by, .. } | GateState::Pending { verdict, by, .. }) => {
            format!(
                "{} by {}.",
                events::decided(verdict).0,
                line(&by.to_string())
            )
        }
        _ => "It no longer waits.".to_owned(),
    }
}

/// The tasks of a plan.
pub(super) fn plan(sprint: &Sprint) -> Vec<String> {
    let mut lines: Vec<String> = (1..)
        .zip(&sprint.plan.tasks)
        .map(|(number, task)| {
            let needs = if task.needs.is_empty() {
                String::new()
            } else {
                format!(", needs {}", line(&task.needs.join(", ")))
            };
            let dropped = if task.is_dropped { ", dropped" } else { "" };
            format!(
                "task {number}. {}, {}, {}, about {}{needs}{dropped}.",
                line(&task.title),
                facts::role_name(sprint, &task.role),
                estimate::tier(&sprint.setup, task),
                estimate::task(&sprint.setup, task)
            )
        })
        .collect();
    let faults = sprint.plan.faults.iter();
    lines.extend(faults.map(|fault| format!("fault. {}.", line(&fault.to_string()))));
    lines.push(format!(
        "estimate. {}{}.",
        estimate::plan(&sprint.setup, &sprint.plan),
        facts::simulated(sprint)
    ));
    let outlook = outlook(&sprint.setup, &sprint.plan);
    if let Some(wall_ms) = outlook.wall_ms {
        lines.push(format!("work. {} minutes.", time::minutes(wall_ms)));
    }
    let warnings = outlook.warnings.iter();
    lines.extend(warnings.map(|warning| format!("warning. {}.", line(&warning.to_string()))));
    let before = sprint.before.as_ref();
    let since = before.map_or_else(BTreeMap::new, |before| differences(before, &sprint.plan));
    lines.extend(since.iter().map(|(slug, how)| {
        let how = match how {
            Difference::Added => "added",
            Difference::Changed => "changed",
            Difference::Dropped => "dropped",
        };
        format!("since the draft before. {} is {how}.", line(slug))
    }));
    lines
}

/// The hunks of a change, each with what it removes and adds.
pub(super) fn hunks(diff: &[u8]) -> Vec<String> {
    let change = match crate::domain::change::parse(diff.to_vec()) {
        Ok(change) => change,
        Err(bad) => return vec![format!("unreadable. {}.", line(&bad.to_string()))],
    };
    let all: usize = change.files.iter().map(|file| file.hunks.len()).sum();
    let mut lines = Vec::new();
    let mut number = 0;
    for file in &change.files {
        let path = line(&file.path.to_string());
        if file.hunks.is_empty() {
            lines.push(format!("file {path}. no lines to show."));
        }
        for hunk in &file.hunks {
            number += 1;
            lines.push(format!(
                "hunk {number} of {all}, {path} line {}.",
                hunk.new_start
            ));
            let changed = hunk
                .lines
                .iter()
                .filter(|line| line.kind != LineKind::Context);
            lines.extend(changed.map(|changed| {
                let word = match changed.kind {
                    LineKind::Removed => "removed",
                    LineKind::Added | LineKind::Context => "added",
                };
                format!("{word}: {}", line(&String::from_utf8_lossy(&changed.text)))
            }));
        }
    }
    if lines.len() > READ_LINES {
        let more = lines.len() - READ_LINES;
        lines.truncate(READ_LINES);
        lines.push(format!("cut. {more} lines more; aios diff shows them all."));
    }
    lines
}
