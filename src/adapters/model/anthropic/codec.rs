//! Requests as Anthropic Messages wants them. The same request always gives the same bytes, and the marks for the prompt cache
//! stand at the ends of the parts that stay: the rules, the tools, and the conversation so far.

use serde_json::{Value, json};

use crate::adapters::model::json;
use crate::domain::llm::{Block, Message, Request, Speaker, ToolOffer};

/// The name that this format's opaque blocks carry.
pub const WIRE: &str = "anthropic";

/// The body of `POST /v1/messages`.
#[must_use]
pub fn body(request: &Request) -> Value {
    let mut body = json!({
        "model": request.model,
        "max_tokens": request.max_output,
        "stream": true,
    });
    if !request.system.is_empty() {
        json::set(
            &mut body,
            "system",
            json!([marked(json!({"type": "text", "text": request.system}))]),
        );
    }
    if !request.tools.is_empty() {
        let mut tools: Vec<Value> = request.tools.iter().map(tool).collect();
        mark_last(&mut tools);
        json::set(&mut body, "tools", Value::Array(tools));
    }
    let last_user = request
        .messages
        .iter()
        .rposition(|message| message.speaker == Speaker::User);
    let messages = request.messages.iter().enumerate();
    json::set(
        &mut body,
        "messages",
        messages
            .map(|(place, said)| message(said, Some(place) == last_user))
            .collect(),
    );
    body
}

fn tool(offer: &ToolOffer) -> Value {
    json!({
        "name": offer.name,
        "description": offer.description,
        "input_schema": json::schema(&offer.schema),
    })
}

fn message(message: &Message, is_marked: bool) -> Value {
    let mut content: Vec<Value> = message.blocks.iter().filter_map(block).collect();
    if content.is_empty() {
        // A message without content is refused, and leaving it out would let one speaker speak twice.
        content.push(json!({"type": "text", "text": "(nothing)"}));
    }
    if is_marked {
        mark_last(&mut content);
    }
    let role = match message.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    };
    json!({"role": role, "content": content})
}

/// None for what this format does not take: empty text, and other formats' blocks.
fn block(block: &Block) -> Option<Value> {
    match block {
        Block::Text(text) if text.trim().is_empty() => None,
        Block::Text(text) => Some(json!({"type": "text", "text": text})),
        Block::ToolUse(call) => Some(json!({
            "type": "tool_use",
            "id": plain_id(&call.id),
            "name": call.name,
            "input": json::arguments(&call.args),
        })),
        Block::ToolResult { id, text, is_error } => {
            let text = if text.is_empty() { "(nothing)" } else { text };
            let mut result =
                json!({"type": "tool_result", "tool_use_id": plain_id(id), "content": text});
            if *is_error {
                json::set(&mut result, "is_error", Value::Bool(true));
            }
            Some(result)
        }
        Block::Opaque { provider, json } if provider == WIRE => serde_json::from_str(json).ok(),
        Block::Opaque { .. } => None,
    }
}

/// Ids made by other servers may hold characters that are refused here.
fn plain_id(id: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '-';
    id.chars()
        .map(|char| if is_plain(char) { char } else { '_' })
        .collect()
}

fn marked(mut block: Value) -> Value {
    json::set(&mut block, "cache_control", json!({"type": "ephemeral"}));
    block
}

fn mark_last(blocks: &mut [Value]) {
    if let Some(last) = blocks.last_mut() {
        *last = marked(last.take());
    }
}
