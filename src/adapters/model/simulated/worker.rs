//! The simulated planner and workers: they walk through the steps of a round. Where a call failed or was interrupted they look first and
//! do again only what is not there.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::conversation::{Answered, Conversation};
use super::recipe::{Call, General, Recipe, Round, Step, When};
use super::{Said, call, words};
use crate::domain::tool::{Access, ToolName};
use crate::engine::agents::BadFill;

/// What the program sets before a person's answer.
const ANSWER: &str = "The person answers:";

/// Where a conversation stands in a round.
enum Place {
    /// At this step.
    Step(usize),
    /// This step's calls failed: look at what is there.
    Look(usize, Vec<Call>),
    /// These calls are done once more, then the step after this one.
    Again(usize, Vec<Call>),
}

pub(super) fn reply(
    conversation: &Conversation<'_>,
    recipe: &Recipe,
    general: &General,
) -> Result<Option<Said>, BadFill> {
    let Some(steps) = steps(conversation, recipe) else {
        let is_refused = conversation.when == When::HunksRejected;
        return if is_refused {
            leave_out(conversation, general)
        } else {
            Ok(None)
        };
    };
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    known.insert("evidence".to_owned(), conversation.evidence());
    known.insert("record".to_owned(), record(conversation.opening));
    let mut place = Place::Step(0);
    let mut heard = None;
    for turn in &conversation.turns {
        heard = None;
        if let Place::Step(at) = place
            && let Some((name, text)) = steps.get(at).and_then(|step| kept(step, turn))
        {
            heard = turn.iter().any(|one| !one.is_error).then(|| text.clone());
            known.insert(name, text);
        }
        place = after(place, turn);
    }
    let mut said = match place {
        Place::Step(at) => match steps.get(at) {
            Some(step) => spoken(step, &known, conversation)?,
            None => return Ok(None),
        },
        Place::Look(_, failed) => Said::new(general.look.clone(), look_calls(&failed)),
        Place::Again(_, missing) => Said::new(general.retry.clone(), missing),
    };
    if let Some(text) = heard {
        said.begin_with(&words(&general.answered, &[("text", &text)])?);
    }
    Ok(Some(said))
}

/// The steps of the round that fits, or none: nothing is known for this reason, or only what was refused already.
fn steps(conversation: &Conversation<'_>, recipe: &Recipe) -> Option<Vec<Step>> {
    let fits = |round: &&Round| round.when.contains(&conversation.when);
    let round = recipe.round.iter().find(fits)?;
    if conversation.when != When::HunksRejected {
        return Some(round.step.clone());
    }
    // Only files whose hunks were refused are written again, and once; everything else was accepted.
    let mut writes_something = false;
    let mut steps = round.step.clone();
    for step in &mut steps {
        step.call.retain(|call| {
            let path = call
                .args
                .get("path")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let is_edit = call.tool.access() == Access::Edits;
            let is_wanted = !is_edit || conversation.wants_anew(path);
            writes_something |= is_edit && is_wanted;
            is_wanted
        });
    }
    writes_something.then_some(steps)
}

fn after(place: Place, turn: &[Answered<'_>]) -> Place {
    match place {
        Place::Step(at) => mended(at, turn.iter().filter(|one| did_fail(one))),
        Place::Look(at, failed) => {
            let missing: Vec<Call> = failed
                .into_iter()
                .filter(|call| !is_there(call, turn))
                .collect();
            if missing.is_empty() {
                Place::Step(at + 1)
            } else {
                Place::Again(at, missing)
            }
        }
        // What fails twice is a result; what was interrupted is none, however often.
        Place::Again(at, _) => mended(at, turn.iter().filter(|one| one.was_interrupted())),
    }
}

/// What comes after a step in which some calls came to nothing.
fn mended<'a>(at: usize, failed: impl Iterator<Item = &'a Answered<'a>>) -> Place {
    let failed: Vec<Call> = failed.filter_map(as_call).collect();
    if failed.is_empty() {
        Place::Step(at + 1)
    } else if failed.iter().all(|call| call.tool == ToolName::RunCommand) {
        Place::Again(at, failed)
    } else {
        Place::Look(at, failed)
    }
}

/// Whether a call is worth another try: edits that failed, and commands that were interrupted. A command's own failure is a result.
fn did_fail(one: &Answered<'_>) -> bool {
    match one.tool().map(ToolName::access) {
        Some(Access::Edits) => one.is_error,
        Some(Access::Runs) => one.was_interrupted(),
        Some(Access::Reads | Access::Decides) | None => false,
    }
}

fn as_call(one: &Answered<'_>) -> Option<Call> {
    let args: Value = serde_json::from_str(&one.call.args).ok()?;
    Some(call(one.tool()?, args))
}

fn look_calls(failed: &[Call]) -> Vec<Call> {
    let paths = failed.iter().filter_map(|call| call.args.get("path"));
    paths
        .map(|path| call(ToolName::ReadFile, json!({"path": path})))
        .collect()
}

/// Whether an edit's text stands in its file already, as the look showed it.
fn is_there(edit: &Call, looks: &[Answered<'_>]) -> bool {
    let arg = |name: &str| edit.args.get(name).and_then(Value::as_str);
    let (Some(path), Some(wanted)) = (arg("path"), arg("content").or(arg("new"))) else {
        return false;
    };
    let shown = looks
        .iter()
        .find(|one| !one.is_error && one.arg("path") == path);
    shown.is_some_and(|one| without_numbers(one.text).contains(wanted.trim_end()))
}

/// The text of a file without the numbers that `read_file` sets before each line.
fn without_numbers(shown: &str) -> String {
    let lines = shown.lines().map(|line| match line.split_once('\t') {
        Some((number, text)) if number.trim().parse::<u32>().is_ok() => text,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What a step keeps of its result: one of the options if the answer names exactly one, else its last line.
fn kept(step: &Step, turn: &[Answered<'_>]) -> Option<(String, String)> {
    let name = step.keep.clone()?;
    let one = turn.first()?;
    if one.is_error {
        return Some((name, step.otherwise.clone().unwrap_or_default()));
    }
    let options = step.call.first().and_then(|call| call.args.get("options"));
    let options = options.and_then(Value::as_array).into_iter().flatten();
    let named = options
        .filter_map(Value::as_str)
        .filter(|option| one.text.contains(option));
    let named: Vec<&str> = named.collect();
    let text = match named.as_slice() {
        [only] => only,
        _ => one
            .text
            .lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty())
            .map(|line| line.strip_prefix(ANSWER).unwrap_or(line).trim())
            .unwrap_or_default(),
    };
    Some((name, text.chars().take(120).collect()))
}

fn spoken(
    step: &Step,
    known: &BTreeMap<String, String>,
    conversation: &Conversation<'_>,
) -> Result<Said, BadFill> {
    let values: Vec<(&str, &str)> = known
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let mut calls = Vec::new();
    for planned in &step.call {
        let mut args = Value::Object(planned.args.clone());
        fill_all(&mut args, &values)?;
        if planned.tool == ToolName::Finish && !conversation.criteria.is_empty() {
            keep_known_claims(&mut args, conversation);
        }
        calls.push(call(planned.tool, args));
    }
    Ok(Said::new(words(&step.say, &values)?, calls))
}

fn fill_all(value: &mut Value, values: &[(&str, &str)]) -> Result<(), BadFill> {
    match value {
        Value::String(text) => *text = words(text, values)?,
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| fill_all(item, values))?,
        Value::Object(fields) => fields
            .values_mut()
            .try_for_each(|field| fill_all(field, values))?,
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

/// A person may have taken criteria out of the plan; nothing is claimed of those.
fn keep_known_claims(args: &mut Value, conversation: &Conversation<'_>) {
    if let Some(claims) = args.get_mut("criteria").and_then(Value::as_array_mut) {
        claims.retain(|claim| {
            let id = claim.get("id").and_then(Value::as_str).unwrap_or_default();
            conversation
                .criteria
                .iter()
                .any(|criterion| criterion.id == id)
        });
    }
}

/// What to do when a refused part cannot be written another way: run the proofs without it and claim what they say.
fn leave_out(conversation: &Conversation<'_>, general: &General) -> Result<Option<Said>, BadFill> {
    let evidence = conversation.evidence();
    let evidence = [("evidence", evidence.as_str())];
    let proofs = conversation
        .criteria
        .iter()
        .filter_map(|criterion| criterion.proof.as_ref());
    let mut runs: Vec<Call> = proofs
        .map(|command| call(ToolName::RunCommand, json!({"command": command})))
        .collect();
    if runs.is_empty() {
        runs.push(call(ToolName::ShowDiff, json!({})));
    }
    let [ran] = conversation.turns.as_slice() else {
        let said = Said::new(words(&general.left_out, &evidence)?, runs);
        return Ok(conversation.turns.is_empty().then_some(said));
    };
    let how = words(&general.left_out_how, &evidence)?;
    let claims = conversation.criteria.iter().map(|criterion| {
        let run = ran
            .iter()
            .find(|one| Some(one.arg("command")) == criterion.proof);
        json!({"id": criterion.id, "done": run.is_none_or(|one| one.exit() == Some(0)), "how": how})
    });
    let args = json!({"summary": general.left_out_summary, "criteria": claims.collect::<Vec<_>>()});
    Ok(Some(Said::new(
        String::new(),
        vec![call(ToolName::Finish, args)],
    )))
}

/// At most eight lines of the record that a summary is asked from.
fn record(opening: &str) -> String {
    let lines = opening
        .lines()
        .skip_while(|line| *line != "## Record")
        .skip(1);
    let lines = lines.take_while(|line| !line.starts_with("Write the summary"));
    let lines: Vec<&str> = lines
        .filter(|line| !line.trim().is_empty())
        .take(8)
        .collect();
    lines.join("\n")
}
