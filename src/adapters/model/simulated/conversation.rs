//! What a request says about where its conversation stands: why it is there, what was asked for since, and how that was answered.

use serde_json::Value;

use super::recipe::When;
use crate::domain::llm::{Block, Request, Speaker, ToolUse};
use crate::domain::tool::ToolName;
use crate::engine::agents::{CriterionLine, Template, read_criteria};

/// One call with its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered<'a> {
    pub(super) call: &'a ToolUse,
    /// The result's text; none if it is missing.
    pub(super) text: &'a str,
    pub(super) is_error: bool,
}

impl Answered<'_> {
    pub(super) fn tool(&self) -> Option<ToolName> {
        self.call.name.parse().ok()
    }

    /// An argument that is a text.
    pub(super) fn arg(&self, name: &str) -> String {
        let args: Value = serde_json::from_str(&self.call.args).unwrap_or_default();
        args.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// Whether the program ended while the call was being made, so that nobody knows what came of it.
    pub(super) fn was_interrupted(&self) -> bool {
        let heading = Template::Interrupted.heading();
        let word = heading.split(',').next().unwrap_or(heading);
        self.is_error && self.exit().is_none() && self.text.starts_with(word)
    }

    /// The exit code, if the command ran: `exit N` on the first line.
    pub(super) fn exit(&self) -> Option<i32> {
        let line = self.text.lines().next()?.strip_prefix("exit ")?;
        let digits: String = line.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    }
}

/// A conversation from the last reason to be there.
#[derive(Clone, Debug)]
pub(super) struct Conversation<'a> {
    /// Why it is there.
    pub(super) when: When,
    /// The message that brought the work back; empty at the start.
    pub(super) feedback: &'a str,
    /// Refusals before that one in the same conversation.
    earlier: Vec<&'a str>,
    /// Replies since then, each with its answered calls.
    pub(super) turns: Vec<Vec<Answered<'a>>>,
    /// What a person said since the last reply.
    pub(super) word: Option<&'a str>,
    /// The task's criteria.
    pub(super) criteria: Vec<CriterionLine>,
    /// The first message.
    pub(super) opening: &'a str,
}

impl<'a> Conversation<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        let mut when = When::Start;
        let mut feedback = "";
        let mut since = 0;
        let mut earlier = Vec::new();
        for (place, message) in request.messages.iter().enumerate() {
            let texts = texts(&message.blocks).filter(|_| message.speaker == Speaker::User);
            for (reason, text) in texts.filter_map(reason_in) {
                if when == When::HunksRejected {
                    earlier.push(feedback);
                }
                when = reason;
                feedback = text;
                since = place;
            }
        }
        let opening = request.messages.first().map(|first| &first.blocks[..]);
        let opening = texts(opening.unwrap_or_default())
            .next()
            .unwrap_or_default();
        Self {
            when,
            feedback,
            earlier,
            turns: turns(request, since),
            word: word(request),
            criteria: read_criteria(opening),
            opening,
        }
    }

    /// Whether hunks of a file were refused, and for the first time: there is only one other way to write it.
    pub(super) fn wants_anew(&self, path: &str) -> bool {
        names_file(self.feedback, path) && !self.earlier.iter().any(|text| names_file(text, path))
    }

    /// The line of the feedback that says most: a red test, else the first finding, else the first line.
    pub(super) fn evidence(&self) -> String {
        let lines = self.feedback.lines().skip(1).map(str::trim);
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        let findings = lines.iter().skip_while(|line| **line != "Findings:");
        let red = lines.iter().find(|line| line.contains("not ok"));
        let plain = |line: &&&str| {
            !line.starts_with("Round ") && !line.starts_with("```") && !line.ends_with(':')
        };
        let first = findings.chain(&lines).find(plain);
        let line = red.or(first).copied().unwrap_or("what came back");
        let line = line.trim_start_matches(['-', '*', ' ']);
        line.chars().take(160).collect()
    }
}

/// Whether a line begins with this path, as the places of hunks do. A path inside a line does not count.
fn names_file(text: &str, path: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches(['-', '*', '#', '`', ' ']);
        line.starts_with(path)
    })
}

fn texts(blocks: &[Block]) -> impl Iterator<Item = &str> {
    blocks.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.as_str()),
        Block::ToolUse(_) | Block::ToolResult { .. } | Block::Opaque { .. } => None,
    })
}

/// The last reason that a text names by a heading, with the text from there on.
fn reason_in(text: &str) -> Option<(When, &str)> {
    let found = When::BACK.into_iter().filter_map(|when| {
        let at = heading_at(text, when.template()?)?;
        Some((at, when))
    });
    let (at, when) = found.max_by_key(|(at, _)| *at)?;
    Some((when, text.get(at..)?))
}

/// Where a template's heading stands as a line of its own, the last time.
fn heading_at(text: &str, template: Template) -> Option<usize> {
    let heading = template.heading();
    let starts_line =
        |at: usize| at == 0 || text.get(..at).is_some_and(|before| before.ends_with('\n'));
    let ends_line = |at: usize| {
        let rest = text.get(at + heading.len()..);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r']))
    };
    let found = text.rmatch_indices(heading).map(|(at, _)| at);
    found
        .into_iter()
        .find(|at| starts_line(*at) && ends_line(*at))
}

fn turns(request: &Request, since: usize) -> Vec<Vec<Answered<'_>>> {
    let mut turns = Vec::new();
    let messages = request.messages.iter().enumerate().skip(since);
    for (place, message) in messages {
        if message.speaker != Speaker::Assistant {
            continue;
        }
        let next = request.messages.get(place + 1);
        let results = next.map(|next| &next.blocks[..]).unwrap_or_default();
        let calls = message.blocks.iter().filter_map(|block| match block {
            Block::ToolUse(call) => Some(answered(call, results)),
            Block::Text(_) | Block::ToolResult { .. } | Block::Opaque { .. } => None,
        });
        turns.push(calls.collect());
    }
    turns
}

fn answered<'a>(call: &'a ToolUse, results: &'a [Block]) -> Answered<'a> {
    let found = results.iter().find_map(|block| match block {
        Block::ToolResult { id, text, is_error } if *id == call.id => Some((text, *is_error)),
        Block::ToolResult { .. } | Block::Text(_) | Block::ToolUse(_) | Block::Opaque { .. } => {
            None
        }
    });
    Answered {
        call,
        text: found.map_or("", |(text, _)| text),
        is_error: found.is_none_or(|(_, is_error)| is_error),
    }
}

/// What a person says in the last message, if it is no message of the program.
fn word(request: &Request) -> Option<&str> {
    let last = request.messages.last()?;
    if request.messages.len() < 2 || last.speaker != Speaker::User {
        return None;
    }
    let is_program = |text: &str| {
        let templates = Template::ALL
            .iter()
            .filter(|one| **one != Template::Steered);
        templates
            .into_iter()
            .any(|template| heading_at(text, *template).is_some())
    };
    let said = texts(&last.blocks)
        .filter(|text| !is_program(text))
        .last()?;
    let heading = Template::Steered.heading();
    Some(said.trim().strip_prefix(heading).unwrap_or(said).trim())
}
