//! The events of an Anthropic stream into pieces. Unknown events and blocks are read over; what breaks the order of a known
//! one is not.

use serde_json::{Value, json};

use crate::adapters::model::answer::{Broken, Decoder};
use crate::adapters::model::anthropic::codec::WIRE;
use crate::adapters::model::failure::Complaint;
use crate::adapters::model::json;
use crate::adapters::model::sse::Event;
use crate::base::tokens::TokenUsage;
use crate::domain::llm::{StopReason, StreamItem};

/// The most blocks that may be open at once; honest answers have one.
const MOST_OPEN: usize = 64;

/// A block that has begun and not stopped.
#[derive(Clone, Debug)]
enum Open {
    Text,
    Call {
        has_args: bool,
        input: Option<Value>,
    },
    /// Kept as it comes and sent back: thinking with its signature, or its encrypted form.
    Opaque(Value),
    /// Not known here.
    Other,
}

/// The state of one stream.
#[derive(Clone, Debug, Default)]
pub struct Events {
    open: Vec<(u32, Open)>,
    usage: TokenUsage,
    calls: u32,
    stop: Option<StopReason>,
}

type Items = Result<Vec<StreamItem>, Broken>;

fn rule<T>(text: &str) -> Result<T, Broken> {
    Err(Broken::Rule(text.to_owned()))
}

impl Decoder for Events {
    fn read(&mut self, event: &Event) -> Items {
        let json = json::of_event(event)?;
        let kind = json.get("type").and_then(Value::as_str);
        match kind.unwrap_or(&event.name) {
            "message_start" => {
                let usage = json.pointer("/message/usage");
                Ok(self.count(usage))
            }
            "content_block_start" => self.begin(&json),
            "content_block_delta" => self.delta(&json),
            "content_block_stop" => self.end_block(&json),
            "message_delta" => {
                let reason = json.pointer("/delta/stop_reason").and_then(Value::as_str);
                self.stop = reason.map(|reason| self.stop_reason(reason)).or(self.stop);
                Ok(self.count(json.get("usage")))
            }
            "message_stop" => self.end(),
            "error" => Err(Broken::Complaint(
                Complaint::read(&json).unwrap_or_default(),
            )),
            // `ping`, and whatever is added later.
            _ => Ok(Vec::new()),
        }
    }

    fn close(&mut self) -> Vec<StreamItem> {
        // This format always marks its end; without it the answer is cut.
        Vec::new()
    }
}

impl Events {
    /// Takes the four classes of a `usage`. Counts only grow: what is no count, or less than before, changes nothing.
    fn count(&mut self, usage: Option<&Value>) -> Vec<StreamItem> {
        let Some(usage) = usage else {
            return Vec::new();
        };
        let field = |name: &str, known: u64| {
            let given = usage.get(name).and_then(Value::as_u64);
            // More than any window holds is no count either.
            known.max(given.filter(|count| *count < 1 << 40).unwrap_or(0))
        };
        self.usage = TokenUsage {
            input: field("input_tokens", self.usage.input),
            output: field("output_tokens", self.usage.output),
            cache_read: field("cache_read_input_tokens", self.usage.cache_read),
            cache_write: field("cache_creation_input_tokens", self.usage.cache_write),
        };
        vec![StreamItem::Usage(self.usage)]
    }

    fn begin(&mut self, json: &Value) -> Items {
        let index = index(json)?;
        let Some(block) = json.get("content_block") else {
            return rule("a block without content");
        };
        if self.open.len() >= MOST_OPEN || self.open.iter().any(|(open, _)| *open == index) {
            return rule("a block that begins twice");
        }
        let text = |field: &str| {
            block
                .get(field)
                .and_then(Value::as_str)
                .unwrap_or("")
                .to_owned()
        };
        let (open, items) = match block.get("type").and_then(Value::as_str) {
            Some("text") => (Open::Text, said(text("text"))),
            Some("tool_use") => {
                self.calls += 1;
                let begins = StreamItem::CallBegins {
                    index,
                    id: text("id"),
                    name: text("name"),
                };
                let input = block
                    .get("input")
                    .filter(|input| input.as_object().is_some_and(|fields| !fields.is_empty()));
                (
                    Open::Call {
                        has_args: false,
                        input: input.cloned(),
                    },
                    vec![begins],
                )
            }
            Some("thinking" | "redacted_thinking") => (Open::Opaque(block.clone()), Vec::new()),
            _ => (Open::Other, Vec::new()),
        };
        self.open.push((index, open));
        Ok(items)
    }

    fn delta(&mut self, json: &Value) -> Items {
        let index = index(json)?;
        let Some((_, open)) = self.open.iter_mut().find(|(open, _)| *open == index) else {
            return rule("a piece of a block that did not begin");
        };
        let field = |name: &str| {
            json.pointer("/delta")
                .and_then(|delta| delta.get(name)?.as_str())
                .unwrap_or("")
        };
        let kind = field("type");
        match (open, kind) {
            (Open::Text, "text_delta") => Ok(said(field("text").to_owned())),
            (Open::Call { has_args, .. }, "input_json_delta") => {
                let json = field("partial_json").to_owned();
                *has_args |= !json.is_empty();
                Ok(vec![StreamItem::CallArgs { index, json }])
            }
            (Open::Opaque(block), "thinking_delta") => {
                Ok(grow(block, "thinking", field("thinking")))
            }
            (Open::Opaque(block), "signature_delta") => {
                Ok(grow(block, "signature", field("signature")))
            }
            (_, "text_delta" | "input_json_delta") => rule("a piece that does not fit its block"),
            // `citations_delta`, and whatever is added later.
            _ => Ok(Vec::new()),
        }
    }

    fn end_block(&mut self, json: &Value) -> Items {
        let index = index(json)?;
        let Some(place) = self.open.iter().position(|(open, _)| *open == index) else {
            return rule("the end of a block that did not begin");
        };
        Ok(match self.open.swap_remove(place).1 {
            Open::Call {
                has_args: false,
                input: Some(input),
            } => {
                vec![StreamItem::CallArgs {
                    index,
                    json: input.to_string(),
                }]
            }
            Open::Opaque(block) => vec![StreamItem::Opaque {
                provider: WIRE.to_owned(),
                json: block.to_string(),
            }],
            Open::Text | Open::Call { .. } | Open::Other => Vec::new(),
        })
    }

    fn end(&mut self) -> Items {
        let has_open_call = self
            .open
            .iter()
            .any(|(_, open)| matches!(open, Open::Call { .. }));
        match self.stop {
            Some(StopReason::MaxTokens) | None => {}
            Some(StopReason::EndTurn | StopReason::ToolUse | StopReason::Refusal)
                if !has_open_call => {}
            Some(_) => return rule("an end within a tool call"),
        }
        // Without a reason to stop the end is not believed, and the answer counts as cut.
        Ok(match self.stop {
            Some(stop) => vec![StreamItem::Stop(stop), StreamItem::End],
            None => Vec::new(),
        })
    }

    fn stop_reason(&self, reason: &str) -> StopReason {
        match reason {
            // Waiting for the results of no call would be waiting for ever.
            "tool_use" if self.calls > 0 => StopReason::ToolUse,
            "max_tokens" | "model_context_window_exceeded" => StopReason::MaxTokens,
            "refusal" => StopReason::Refusal,
            _ => StopReason::EndTurn,
        }
    }
}

fn index(json: &Value) -> Result<u32, Broken> {
    let index = json.get("index").and_then(Value::as_u64);
    match index.and_then(|index| u32::try_from(index).ok()) {
        Some(index) => Ok(index),
        None => rule("a block without a proper index"),
    }
}

fn said(text: String) -> Vec<StreamItem> {
    if text.is_empty() {
        Vec::new()
    } else {
        vec![StreamItem::Text(text)]
    }
}

/// Adds to a text field of an opaque block. Its growth is bounded by the bytes on the wire.
fn grow(block: &mut Value, field: &str, more: &str) -> Vec<StreamItem> {
    let Some(fields) = block.as_object_mut() else {
        return Vec::new();
    };
    match fields.entry(field).or_insert_with(|| json!("")) {
        Value::String(text) => text.push_str(more),
        other => *other = json!(more),
    }
    Vec::new()
}
