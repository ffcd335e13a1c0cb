//! A model that follows a script, for tests: lines of JSON, each with what it expects of a request and what it answers. A
//! request that no line expects fails and names the difference, so that a test never goes on with the wrong answer.
//!
//! ```json
//! {"expect": {"role": "backend", "slug": "api", "step": 0, "says": ["Add a"], "tools": ["edit_file"]},
//!  "reply": {"text": "I read.", "calls": [{"name": "read_file", "args": {"path": "a"}}], "usage": {"input": 9, "output": 3}}}
//! {"expect": {"slug": "api"}, "fail": {"kind": "RateLimited", "text": "slow down", "retry_after_ms": 2000}}
//! ```
//!
//! Everything in `expect` may be left out and then fits every request. A line answers once; of the lines that fit, the first
//! unused one does.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;

use crate::adapters::model::failure;
use crate::base::tokens::TokenUsage;
use crate::domain::llm::{
    Block, CallFailure, DeltaFold, FailureKind, Message, Reply, Request, StopReason, StreamItem,
};
use crate::engine::ports::model::{Model, Sink};

/// A script that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BadScript {
    /// The file cannot be read.
    #[error("the script cannot be read: {0}: {1}")]
    File(String, std::io::Error),
    /// A line is not of the form.
    #[error("line {0} of the script: {1}")]
    Line(usize, serde_json::Error),
}

/// What a line expects.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expect {
    model: Option<String>,
    attempt: Option<String>,
    role: Option<String>,
    slug: Option<String>,
    step: Option<u32>,
    /// Texts that stand somewhere in the last message.
    says: Vec<String>,
    /// Tools that are on offer.
    tools: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    #[serde(default)]
    id: String,
    name: String,
    #[serde(default)]
    args: Value,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Answer {
    text: String,
    calls: Vec<Call>,
    stop: Option<StopReason>,
    usage: Usage,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Usage {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
}

impl From<Usage> for TokenUsage {
    fn from(usage: Usage) -> Self {
        Self {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    kind: FailureKind,
    text: String,
    #[serde(default)]
    retry_after_ms: Option<u64>,
    #[serde(default)]
    usage: Usage,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default)]
    expect: Expect,
    #[serde(default)]
    reply: Answer,
    fail: Option<Failure>,
}

/// A line and whether it has answered.
#[derive(Debug)]
struct Entry {
    number: usize,
    line: Line,
    is_used: bool,
}

/// A model that follows a script.
#[derive(Debug)]
pub struct Scripted {
    entries: Mutex<Vec<Entry>>,
}

impl Scripted {
    /// Reads a script; empty lines and lines that begin with `#` are left out.
    ///
    /// # Errors
    /// A line is not of the form; names it.
    pub fn parse(script: &str) -> Result<Self, BadScript> {
        let mut entries = Vec::new();
        for (place, text) in script.lines().enumerate() {
            let number = place + 1;
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            let line =
                serde_json::from_str(text).map_err(|error| BadScript::Line(number, error))?;
            entries.push(Entry {
                number,
                line,
                is_used: false,
            });
        }
        Ok(Self {
            entries: Mutex::new(entries),
        })
    }

    /// Reads a script from a file.
    ///
    /// # Errors
    /// The file cannot be read, or as [`parse`](Self::parse).
    pub fn open(path: &Path) -> Result<Self, BadScript> {
        let script = std::fs::read_to_string(path)
            .map_err(|error| BadScript::File(path.display().to_string(), error))?;
        Self::parse(&script)
    }

    /// The numbers of the lines that have not answered yet.
    #[must_use]
    pub fn unused(&self) -> Vec<usize> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .iter()
            .filter(|entry| !entry.is_used)
            .map(|entry| entry.number)
            .collect()
    }

    /// The line for this request, which is then used.
    fn answer(&self, request: &Request) -> Result<Line, CallFailure> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let mut nearest: Option<(usize, Vec<String>)> = None;
        for entry in entries.iter_mut().filter(|entry| !entry.is_used) {
            let differences = differences(&entry.line.expect, request);
            if differences.is_empty() {
                entry.is_used = true;
                return Ok(entry.line.clone());
            }
            if nearest
                .as_ref()
                .is_none_or(|(_, known)| differences.len() < known.len())
            {
                nearest = Some((entry.number, differences));
            }
        }
        let asks = &request.metadata;
        let told = match nearest {
            Some((number, differences)) => {
                format!("line {number} wants {}", differences.join("; "))
            }
            None => "no line is left".to_owned(),
        };
        let text = format!(
            "the script has no answer for step {} of {} ({}, {}): {told}",
            asks.step, asks.attempt, asks.role, asks.slug
        );
        Err(failure::plain(FailureKind::BadRequest, &text))
    }
}

/// In what a request differs from what is expected.
fn differences(expect: &Expect, request: &Request) -> Vec<String> {
    let asks = &request.metadata;
    let mut found = Vec::new();
    let pairs = [
        ("model", &expect.model, request.model.clone()),
        ("attempt", &expect.attempt, asks.attempt.to_string()),
        ("role", &expect.role, asks.role.clone()),
        ("slug", &expect.slug, asks.slug.clone()),
        (
            "step",
            &expect.step.map(|step| step.to_string()),
            asks.step.to_string(),
        ),
    ];
    for (field, wanted, given) in pairs {
        if let Some(wanted) = wanted.as_ref().filter(|wanted| **wanted != given) {
            found.push(format!("{field} {wanted}, got {given}"));
        }
    }
    let said = request.messages.last().map(last_words).unwrap_or_default();
    for wanted in expect
        .says
        .iter()
        .filter(|wanted| !said.contains(wanted.as_str()))
    {
        let start: String = said.chars().take(60).collect();
        found.push(format!(
            "the last message to say \"{wanted}\", got \"{start}\""
        ));
    }
    for wanted in &expect.tools {
        if !request.tools.iter().any(|offer| offer.name == *wanted) {
            found.push(format!("the tool {wanted} on offer"));
        }
    }
    found
}

fn last_words(message: &Message) -> String {
    let texts = message.blocks.iter().map(|block| match block {
        Block::Text(text) | Block::ToolResult { text, .. } => text.as_str(),
        Block::ToolUse(_) | Block::Opaque { .. } => "",
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// A reply as the pieces that a server would have sent.
fn items(answer: Answer) -> Vec<StreamItem> {
    let mut items = Vec::new();
    if !answer.text.is_empty() {
        items.push(StreamItem::Text(answer.text));
    }
    for (call, index) in answer.calls.into_iter().zip(0_u32..) {
        items.push(StreamItem::CallBegins {
            index,
            id: call.id,
            name: call.name,
        });
        // A string is taken as it stands, so that a script can hold broken arguments.
        let json = match call.args {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        };
        items.push(StreamItem::CallArgs { index, json });
    }
    items.push(StreamItem::Usage(answer.usage.into()));
    items.extend(answer.stop.map(StreamItem::Stop));
    items.push(StreamItem::End);
    items
}

impl Model for Scripted {
    fn call<'a>(
        &'a self,
        request: &'a Request,
        sink: Sink<'a>,
    ) -> BoxFuture<'a, Result<Reply, CallFailure>> {
        Box::pin(async move {
            let line = self.answer(request)?;
            if let Some(fail) = line.fail {
                let mut failure = failure::plain(fail.kind, &fail.text);
                failure.retry_after_ms = fail.retry_after_ms;
                failure.usage = fail.usage.into();
                return Err(failure);
            }
            let mut fold = DeltaFold::default();
            let broken = |fault: crate::domain::llm::Malformed| {
                failure::plain(FailureKind::Malformed, &fault.to_string())
            };
            for item in items(line.reply) {
                sink(&item);
                fold.push(item).map_err(broken)?;
            }
            fold.finish().map_err(broken)
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<String>, CallFailure>> {
        Box::pin(async { Ok(vec!["scripted".to_owned()]) })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::adapters::model::samples::request;

    fn ask(scripted: &Scripted) -> Result<Reply, CallFailure> {
        scripted
            .call(&request(), &mut |_| {})
            .now_or_never()
            .unwrap()
    }

    #[test]
    fn the_first_unused_line_that_fits_answers() {
        let script = r#"
# two turns
{"expect": {"slug": "ui"}, "reply": {"text": "not asked"}}
{"expect": {"role": "backend", "slug": "api", "step": 1, "says": ["Go on."], "tools": ["finish"]}, "reply": {"text": "one", "calls": [{"name": "finish", "args": {"summary": "s"}}], "usage": {"input": 9, "output": 3}}}
{"expect": {"slug": "api"}, "fail": {"kind": "RateLimited", "text": "slow down", "retry_after_ms": 2000}}
"#;
        let scripted = Scripted::parse(script).unwrap();
        let reply = ask(&scripted).unwrap();
        assert_eq!(
            (reply.text().as_str(), reply.stop),
            ("one", StopReason::ToolUse)
        );
        assert_eq!(reply.calls().next().unwrap().args, "{\"summary\":\"s\"}");
        assert_eq!(reply.usage.prompt(), 9);
        assert_eq!(ask(&scripted).unwrap_err().retry_after_ms, Some(2000));
        assert_eq!(scripted.unused(), [3]);
    }

    #[test]
    fn an_unexpected_request_names_the_difference() {
        let scripted = Scripted::parse(
            r#"{"expect": {"slug": "ui", "step": 0}}
{"expect": {"slug": "ui", "step": 1}}"#,
        )
        .unwrap();
        let failure = ask(&scripted).unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadRequest);
        assert_eq!(
            failure.text,
            "the script has no answer for step 1 of s1.t2.a1 (backend, api): line 2 wants slug ui, got api"
        );
        let empty = Scripted::parse("").unwrap();
        assert!(ask(&empty).unwrap_err().text.ends_with("no line is left"));
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = Scripted::parse("\n{\"expekt\": {}}").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("line 2 of the script: unknown field `expekt`"),
            "{error}"
        );
    }
}
