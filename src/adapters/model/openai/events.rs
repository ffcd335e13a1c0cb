//! The chunks of a Chat Completions stream into pieces, with the habits of the servers that call themselves compatible: calls
//! without an index or all with the same one, whole calls in one chunk, arguments as an object, `stop` after a call, usage in
//! any chunk or in none, and no `[DONE]`.

use serde_json::{Value, json};

use crate::adapters::model::answer::{Broken, Decoder};
use crate::adapters::model::failure::Complaint;
use crate::adapters::model::json;
use crate::adapters::model::openai::codec;
use crate::adapters::model::sse::Event;
use crate::base::tokens::TokenUsage;
use crate::domain::llm::{StopReason, StreamItem};

/// The most calls in one reply; honest answers have a few.
const MOST_CALLS: usize = 256;

/// A call that has begun. Its place in the list is its number in the reply.
#[derive(Clone, Debug)]
struct Begun {
    /// The index on the wire, if it has one.
    index: Option<u64>,
    /// The id on the wire; may be empty.
    id: String,
}

/// The state of one stream.
#[derive(Clone, Debug)]
pub struct Events {
    /// The name that opaque blocks get.
    wire: String,
    calls: Vec<Begun>,
    /// Thoughts of the model that are to be sent back (`reasoning_content`), until something else begins.
    thoughts: String,
    usage: TokenUsage,
    stop: Option<StopReason>,
    has_refused: bool,
}

type Items = Result<Vec<StreamItem>, Broken>;

fn rule<T>(text: &str) -> Result<T, Broken> {
    Err(Broken::Rule(text.to_owned()))
}

impl Decoder for Events {
    fn read(&mut self, event: &Event) -> Items {
        if event.data.trim() == "[DONE]" {
            return Ok(self.close());
        }
        let json = json::of_event(event)?;
        if let Some(complaint) = Complaint::read(&json) {
            return Err(Broken::Complaint(complaint));
        }
        let mut items = self.count(json.get("usage"));
        let choices = json.get("choices").and_then(Value::as_array);
        let is_first =
            |choice: &&Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
        for choice in choices.into_iter().flatten().filter(is_first) {
            self.choice(choice, &mut items)?;
        }
        Ok(items)
    }

    fn close(&mut self) -> Vec<StreamItem> {
        // Without a reason to stop the end is not believed, and the answer counts as cut.
        let Some(stop) = self.stop else {
            return Vec::new();
        };
        let mut items: Vec<_> = self.think().into_iter().collect();
        items.extend([StreamItem::Stop(stop), StreamItem::End]);
        items
    }
}

impl Events {
    /// For a stream of this provider.
    #[must_use]
    pub fn new(provider: &str) -> Self {
        Self {
            wire: codec::wire(provider),
            calls: Vec::new(),
            thoughts: String::new(),
            usage: TokenUsage::default(),
            stop: None,
            has_refused: false,
        }
    }

    /// Takes a `usage`. `prompt_tokens` counts all of the prompt; what was read from or written to a cache is taken out of it.
    fn count(&mut self, usage: Option<&Value>) -> Vec<StreamItem> {
        let Some(usage) = usage.filter(|usage| usage.is_object()) else {
            return Vec::new();
        };
        let field = |path: &str| {
            let given = usage.pointer(path).and_then(Value::as_u64);
            // More than any window holds is no count.
            given.filter(|count| *count < 1 << 40)
        };
        let cached = field("/prompt_tokens_details/cached_tokens")
            .or_else(|| field("/prompt_cache_hit_tokens"));
        let written = field("/prompt_tokens_details/cache_write_tokens");
        let prompt = field("/prompt_tokens")
            .unwrap_or(0)
            .max(self.usage.prompt());
        let cache_read = cached.unwrap_or(0).max(self.usage.cache_read).min(prompt);
        let cache_write = written
            .unwrap_or(0)
            .max(self.usage.cache_write)
            .min(prompt - cache_read);
        self.usage = TokenUsage {
            input: prompt - cache_read - cache_write,
            output: field("/completion_tokens")
                .unwrap_or(0)
                .max(self.usage.output),
            cache_read,
            cache_write,
        };
        vec![StreamItem::Usage(self.usage)]
    }

    fn choice(&mut self, choice: &Value, items: &mut Vec<StreamItem>) -> Result<(), Broken> {
        let delta = choice.get("delta").or_else(|| choice.get("message"));
        let text = |field: &str| {
            delta
                .and_then(|delta| delta.get(field)?.as_str())
                .unwrap_or("")
        };
        self.thoughts.push_str(text("reasoning_content"));
        let refusal = text("refusal");
        self.has_refused |= !refusal.is_empty();
        for said in [text("content"), refusal] {
            if !said.is_empty() {
                items.extend(self.think());
                items.push(StreamItem::Text(said.to_owned()));
            }
        }
        let calls = delta.and_then(|delta| delta.get("tool_calls")?.as_array());
        for call in calls.into_iter().flatten() {
            self.call(call, items)?;
        }
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
            self.stop = Some(self.stop_reason(reason));
        }
        Ok(())
    }

    fn call(&mut self, call: &Value, items: &mut Vec<StreamItem>) -> Result<(), Broken> {
        let index = match call.get("index") {
            None | Some(Value::Null) => None,
            Some(index) => match index.as_u64() {
                Some(index) => Some(index),
                None => return rule("a tool call without a proper index"),
            },
        };
        let id = call.get("id").and_then(Value::as_str).unwrap_or("");
        let name = call
            .pointer("/function/name")
            .and_then(Value::as_str)
            .unwrap_or("");
        let place = match self.place(index, id, name) {
            Some(place) => place,
            None => self.begin(
                Begun {
                    index,
                    id: id.to_owned(),
                },
                name,
                items,
            )?,
        };
        let json = match call.pointer("/function/arguments") {
            Some(Value::String(text)) => text.clone(),
            Some(fields @ Value::Object(_)) => fields.to_string(),
            _ => String::new(),
        };
        if !json.is_empty() {
            items.push(StreamItem::CallArgs { index: place, json });
        }
        Ok(())
    }

    /// The number of the call that a piece continues; none if it begins one. A new id with a name begins one even at a known
    /// index, since some servers give every call the index 0.
    fn place(&self, index: Option<u64>, id: &str, name: &str) -> Option<u32> {
        let place = match index {
            Some(_) => self.calls.iter().rposition(|call| call.index == index)?,
            // No index: more of the last call, unless it has a name of its own.
            None if name.is_empty() => self.calls.len().checked_sub(1)?,
            None => return None,
        };
        let known = self.calls.get(place)?;
        let is_another = !name.is_empty() && !id.is_empty() && known.id != id;
        (!is_another).then(|| u32::try_from(place).ok()).flatten()
    }

    fn begin(
        &mut self,
        call: Begun,
        name: &str,
        items: &mut Vec<StreamItem>,
    ) -> Result<u32, Broken> {
        if name.is_empty() {
            return rule("a tool call without a name");
        }
        if self.calls.len() >= MOST_CALLS {
            return rule("too many tool calls");
        }
        if !call.id.is_empty() && self.calls.iter().any(|known| known.id == call.id) {
            return rule("two tool calls with one id");
        }
        items.extend(self.think());
        let index = self.calls.len() as u32;
        items.push(StreamItem::CallBegins {
            index,
            id: call.id.clone(),
            name: name.to_owned(),
        });
        self.calls.push(call);
        Ok(index)
    }

    /// What the model thought, as a block before what it says next: the fold looks for a cut call at the end.
    fn think(&mut self) -> Option<StreamItem> {
        let thoughts = std::mem::take(&mut self.thoughts);
        (!thoughts.is_empty()).then(|| StreamItem::Opaque {
            provider: self.wire.clone(),
            json: json!({"reasoning_content": thoughts}).to_string(),
        })
    }

    fn stop_reason(&self, reason: &str) -> StopReason {
        match reason {
            "length" => StopReason::MaxTokens,
            "content_filter" => StopReason::Refusal,
            _ if self.has_refused => StopReason::Refusal,
            // Waiting for the results of no call would be waiting for ever.
            "tool_calls" | "function_call" if !self.calls.is_empty() => StopReason::ToolUse,
            _ => StopReason::EndTurn,
        }
    }
}
