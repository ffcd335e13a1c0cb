//! Messages, requests and replies.

use serde::{Deserialize, Serialize};

use crate::base::id::{AttemptId, Digest};
use crate::base::tokens::{self, TokenUsage};

/// Who speaks in a message. Rules go into [`Request::system`]; tool results travel in the user's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speaker {
    /// The person, the program, or the results of tools.
    User,
    /// The model.
    Assistant,
}

/// A tool call as the model asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolUse {
    /// The provider's name for this call, unique within a reply; made up (`call_1`) where a provider gives none.
    pub id: String,
    /// The tool's name as the model wrote it; it may not exist.
    pub name: String,
    /// The arguments as JSON text as the model wrote it; it may not parse. Never empty: no arguments is `{}`.
    pub args: String,
}

/// One part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// Plain text.
    Text(String),
    /// A call that the model wants made. Only in the model's messages.
    ToolUse(ToolUse),
    /// What a call gave. Only in the user's messages.
    ToolResult {
        /// The id of the [`ToolUse`].
        id: String,
        /// Text for the model.
        text: String,
        /// The call failed.
        is_error: bool,
    },
    /// A block that only its provider understands (signed thinking, say), as JSON text. Sent back unchanged to the same
    /// provider and left out for others.
    Opaque {
        /// The wire format it belongs to: `anthropic`.
        provider: String,
        /// The block as the provider sent it.
        json: String,
    },
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub speaker: Speaker,
    /// Its parts in order.
    pub blocks: Vec<Block>,
}

impl Message {
    /// A user's message of one text.
    #[must_use]
    pub fn user(text: impl Into<String>) -> Self {
        Self {
            speaker: Speaker::User,
            blocks: vec![Block::Text(text.into())],
        }
    }

    /// Bytes of all parts, a measure for estimates.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.blocks
            .iter()
            .map(|block| match block {
                Block::Text(text) => text.len(),
                Block::ToolUse(call) => call.name.len() + call.args.len() + 32,
                Block::ToolResult { text, .. } => text.len() + 32,
                Block::Opaque { json, .. } => json.len(),
            })
            .sum()
    }
}

/// What a tool is to a model: a name, a description, and a JSON schema of its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolOffer {
    /// Its name: letters, digits and `_`.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of the arguments, as JSON text.
    pub schema: String,
}

/// Facts about a request that are not sent to a provider; the simulated and scripted models act on them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The attempt that asks.
    pub attempt: AttemptId,
    /// Which call of the attempt it is, from 0.
    pub step: u32,
    /// The role's key: `cto`, `frontend`, `backend`, `qa`, `devops` or a user's.
    pub role: String,
    /// The task's slug; `plan` or `summary` for the CTO's own turns.
    pub slug: String,
    /// The sprint's goal.
    pub goal: String,
}

/// One call to a model, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The model's name as its provider knows it.
    pub model: String,
    /// The rules: byte-stable within an attempt, so that providers can cache them.
    pub system: String,
    /// The conversation; it begins with a user's message, and speakers alternate.
    pub messages: Vec<Message>,
    /// The tools on offer, in a stable order.
    pub tools: Vec<ToolOffer>,
    /// The most tokens that may be written.
    pub max_output: u64,
    /// Not sent.
    pub metadata: Metadata,
}

impl Request {
    /// Tokens of the prompt, estimated from above, for reservations.
    #[must_use]
    pub fn estimated_prompt(&self) -> u64 {
        let messages: usize = self
            .messages
            .iter()
            .map(|message| message.bytes() + 16)
            .sum();
        let tools: usize = self
            .tools
            .iter()
            .map(|tool| tool.name.len() + tool.description.len() + tool.schema.len())
            .sum();
        tokens::estimate(self.system.len() + messages + tools)
    }

    /// The SHA-256 over everything that is sent, in one canonical order. Two requests with the same fingerprint say the same.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        let sent = (
            &self.model,
            &self.system,
            &self.messages,
            &self.tools,
            self.max_output,
        );
        // Plain structs of strings and numbers always serialise; an empty text would only merge fingerprints of broken ones.
        Digest::of(&serde_json::to_vec(&sent).unwrap_or_default())
    }
}

/// Why a model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopReason {
    /// It had said everything.
    EndTurn,
    /// It waits for the results of its calls.
    ToolUse,
    /// The limit of output tokens was reached; the last block may be cut.
    MaxTokens,
    /// The provider or the model refused.
    Refusal,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Its parts in order: text, calls, opaque.
    pub blocks: Vec<Block>,
    /// Why it ended.
    pub stop: StopReason,
    /// What it cost in tokens, as the provider counted.
    pub usage: TokenUsage,
}

impl Reply {
    /// All text parts, joined by blank lines.
    #[must_use]
    pub fn text(&self) -> String {
        let texts = self.blocks.iter().filter_map(|block| match block {
            Block::Text(text) => Some(text.as_str()),
            Block::ToolUse(_) | Block::ToolResult { .. } | Block::Opaque { .. } => None,
        });
        texts.collect::<Vec<_>>().join("\n\n")
    }

    /// The calls it asks for, in order.
    pub fn calls(&self) -> impl Iterator<Item = &ToolUse> {
        self.blocks.iter().filter_map(|block| match block {
            Block::ToolUse(call) => Some(call),
            Block::Text(_) | Block::ToolResult { .. } | Block::Opaque { .. } => None,
        })
    }
}
