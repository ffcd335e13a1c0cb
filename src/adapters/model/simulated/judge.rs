//! The simulated judge: it reads the diff, really runs every proof, and takes its verdict from the exit codes.

use std::collections::BTreeMap;

use serde_json::json;

use super::conversation::Conversation;
use super::recipe::{Call, General};
use super::{Said, call, words};
use crate::domain::tool::ToolName;
use crate::engine::agents::BadFill;

/// How often a command is tried that did not run.
const TRIES: usize = 2;

/// A command with the criterion that hangs on it.
struct Trial {
    id: String,
    command: String,
    text: String,
}

pub(super) fn reply(
    conversation: &Conversation<'_>,
    general: &General,
) -> Result<Option<Said>, BadFill> {
    let own = &general.judge;
    if conversation.turns.is_empty() {
        return Ok(Some(Said::new(
            own.look.clone(),
            vec![call(ToolName::ShowDiff, json!({}))],
        )));
    }
    let answered = || conversation.turns.iter().flatten();
    if answered().any(|one| one.tool() == Some(ToolName::Verdict)) {
        return Ok(None);
    }
    let trials = trials(conversation);
    let mut exits: BTreeMap<String, i32> = BTreeMap::new();
    for one in answered().filter(|one| one.tool() == Some(ToolName::RunCommand)) {
        if let Some(exit) = one.exit() {
            exits.insert(one.arg("command"), exit);
        }
    }
    let missing = trials
        .iter()
        .filter(|trial| !exits.contains_key(&trial.command));
    let missing: Vec<Call> = missing
        .map(|trial| call(ToolName::RunCommand, json!({"command": trial.command})))
        .collect();
    // A run that was interrupted is no try.
    let turns = conversation.turns.iter();
    let tries = turns.filter(|turn| {
        !turn
            .iter()
            .any(super::conversation::Answered::was_interrupted)
    });
    if !missing.is_empty() && tries.count() <= TRIES {
        return Ok(Some(Said::new(own.run.clone(), missing)));
    }
    verdict(&trials, &exits, general).map(Some)
}

fn trials(conversation: &Conversation<'_>) -> Vec<Trial> {
    let mut trials: Vec<Trial> = Vec::new();
    for criterion in &conversation.criteria {
        if let Some(command) = &criterion.proof {
            trials.push(Trial {
                id: criterion.id.clone(),
                command: command.clone(),
                text: criterion.text.clone(),
            });
        }
    }
    trials
}

fn verdict(
    trials: &[Trial],
    exits: &BTreeMap<String, i32>,
    general: &General,
) -> Result<Said, BadFill> {
    let own = &general.judge;
    let mut ran = Vec::new();
    let mut findings = Vec::new();
    for trial in trials {
        let exit = exits.get(&trial.command);
        let shown = exit.map_or_else(|| "nothing: it was not run".to_owned(), ToString::to_string);
        ran.push(format!("`{}` exits with {shown}", trial.command));
        if exit != Some(&0) {
            let values = [
                ("id", trial.id.as_str()),
                ("command", &trial.command),
                ("exit", &shown),
                ("text", &trial.text),
            ];
            findings.push(words(&own.finding, &values)?);
        }
    }
    let accepted = findings.is_empty();
    let template = match (accepted, trials.is_empty()) {
        (true, true) => &own.by_eye,
        (true, false) => &own.accept,
        (false, _) => &own.reject,
    };
    let summary = words(template, &[("ran", &ran.join("; "))])?;
    let args = json!({"accepted": accepted, "summary": summary, "findings": findings});
    Ok(Said::new(
        String::new(),
        vec![call(ToolName::Verdict, args)],
    ))
}
