//! Requests as Chat Completions wants them. The same request always gives the same bytes; providers of this format cache a
//! stable prefix by themselves.

use serde_json::{Value, json};

use crate::adapters::model::json;
use crate::domain::llm::{Block, Message, Request, Speaker, ToolOffer};

/// What one server wants otherwise than another.
#[derive(Clone, Copy, Debug)]
pub struct Dialect<'a> {
    /// The provider's name; thoughts that it gave to be sent back are sent back to it only.
    pub provider: &'a str,
    /// `max_completion_tokens` in place of `max_tokens`.
    pub wants_max_completion_tokens: bool,
    /// `stream_options` is an unknown field there.
    pub refuses_stream_options: bool,
}

/// The name that opaque blocks of a provider of this format carry.
#[must_use]
pub fn wire(provider: &str) -> String {
    format!("openai:{provider}")
}

/// The body of `POST /v1/chat/completions`.
#[must_use]
pub fn body(request: &Request, dialect: &Dialect<'_>) -> Value {
    let limit = if dialect.wants_max_completion_tokens {
        "max_completion_tokens"
    } else {
        "max_tokens"
    };
    let mut messages = Vec::new();
    if !request.system.is_empty() {
        messages.push(json!({"role": "system", "content": request.system}));
    }
    let wire = wire(dialect.provider);
    for message in &request.messages {
        match message.speaker {
            Speaker::User => users(message, &mut messages),
            Speaker::Assistant => messages.push(assistants(message, &wire)),
        }
    }
    let mut body = json!({
        "model": request.model,
        limit: request.max_output,
        "stream": true,
        "messages": messages,
    });
    if !dialect.refuses_stream_options {
        json::set(&mut body, "stream_options", json!({"include_usage": true}));
    }
    if !request.tools.is_empty() {
        json::set(&mut body, "tools", request.tools.iter().map(tool).collect());
    }
    body
}

fn tool(offer: &ToolOffer) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": offer.name,
            "description": offer.description,
            "parameters": json::schema(&offer.schema),
        },
    })
}

/// Results first: they must follow the calls at once. Then what is said, as one message.
fn users(message: &Message, messages: &mut Vec<Value>) {
    let mut texts = Vec::new();
    for block in &message.blocks {
        match block {
            Block::ToolResult { id, text, .. } => {
                messages.push(json!({"role": "tool", "tool_call_id": id, "content": text}));
            }
            Block::Text(text) => texts.push(text.as_str()),
            Block::ToolUse(_) | Block::Opaque { .. } => {}
        }
    }
    if !texts.is_empty() {
        messages.push(json!({"role": "user", "content": texts.join("\n\n")}));
    }
}

fn assistants(message: &Message, wire: &str) -> Value {
    let mut texts = Vec::new();
    let mut calls = Vec::new();
    let mut thoughts = String::new();
    for block in &message.blocks {
        match block {
            Block::Text(text) => texts.push(text.as_str()),
            Block::ToolUse(call) => calls.push(json!({
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json::arguments(&call.args).to_string()},
            })),
            Block::Opaque { provider, json } if provider == wire => {
                let thought: Value = serde_json::from_str(json).unwrap_or_default();
                thoughts.push_str(
                    thought
                        .get("reasoning_content")
                        .and_then(Value::as_str)
                        .unwrap_or(""),
                );
            }
            Block::ToolResult { .. } | Block::Opaque { .. } => {}
        }
    }
    let mut message = json!({"role": "assistant", "content": texts.join("\n\n")});
    if !thoughts.is_empty() {
        json::set(&mut message, "reasoning_content", Value::String(thoughts));
    }
    if !calls.is_empty() {
        json::set(&mut message, "tool_calls", Value::Array(calls));
    }
    message
}
