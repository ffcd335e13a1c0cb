//! A model that is none: it follows recipes, for the demo and for tests without a network. Its core is a pure function of recipes and
//! request; where a conversation stands is read from the conversation itself, so rework after a red check, a finding or a refused hunk follows from
//! what really happened. What no recipe knows is said so, and never made up.

mod conversation;
mod judge;
mod recipe;
mod worker;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;

use crate::adapters::model::failure;
use crate::base::id::AttemptId;
use crate::base::tokens::TokenUsage;
use crate::domain::llm::{
    Block, CallFailure, FailureKind, Reply, Request, Speaker, StopReason, StreamItem, ToolUse,
};
use crate::domain::tool::ToolName;
use crate::engine::agents::{BadFill, fill};
use crate::engine::ports::model::{Model, Sink};
use conversation::Conversation;
use recipe::Call;
pub use recipe::{BadRecipe, Recipes};

/// The only model on offer.
pub const MODEL: &str = "sim";

/// The role key of the judge.
const JUDGE: &str = "qa";

/// What is said in one reply.
#[derive(Clone, Debug)]
struct Said {
    text: String,
    calls: Vec<Call>,
}

impl Said {
    fn new(text: String, calls: Vec<Call>) -> Self {
        Self { text, calls }
    }

    fn begin_with(&mut self, text: &str) {
        let rest = std::mem::take(&mut self.text);
        self.text = [text, &rest].join(" ");
    }
}

fn call(tool: ToolName, args: Value) -> Call {
    let args = match args {
        Value::Object(args) => args,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            serde_json::Map::new()
        }
    };
    Call { tool, args }
}

/// Fills a text with those of the values that it names.
fn words(template: &str, values: &[(&str, &str)]) -> Result<String, BadFill> {
    let named = values
        .iter()
        .filter(|(name, _)| template.contains(&format!("{{{{{name}}}}}")));
    fill(template, &named.copied().collect::<Vec<_>>())
}

/// The reply to a request: a pure function.
///
/// # Errors
/// [`FailureKind::BadRequest`] where no recipe knows what to say.
pub fn reply(recipes: &Recipes, request: &Request) -> Result<Reply, CallFailure> {
    let about = &request.metadata;
    let refuse = |what: &str| {
        let text = format!("the simulation has no recipe for {what}");
        Err(failure::plain(FailureKind::BadRequest, &text))
    };
    if !recipes.knows_goal(&about.goal) {
        return refuse("this goal; it knows only the demo's");
    }
    let conversation = Conversation::of(request);
    let general = &recipes.general;
    let said = if about.role == JUDGE {
        judge::reply(&conversation, general)
    } else {
        match recipes.find(about) {
            Some(recipe) => worker::reply(&conversation, recipe, general),
            None => return refuse(&format!("{} by {}", about.slug, about.role)),
        }
    };
    let mut said = match said {
        Ok(Some(said)) => said,
        Ok(None) => {
            let when = conversation.when.words();
            return refuse(&format!("what comes here in {} after {when}", about.slug));
        }
        Err(bad) => return refuse(&format!("{}: {bad}", about.slug)),
    };
    if let Some(word) = conversation.word {
        let word: String = word.chars().take(400).collect();
        match words(&general.noted, &[("text", &word)]) {
            Ok(noted) => said.begin_with(&noted),
            Err(bad) => return refuse(&bad.to_string()),
        }
    }
    Ok(as_reply(request, said))
}

fn as_reply(request: &Request, said: Said) -> Reply {
    let mut blocks = Vec::new();
    if !said.text.trim().is_empty() {
        blocks.push(Block::Text(said.text.trim().to_owned()));
    }
    for (place, call) in said.calls.into_iter().enumerate() {
        blocks.push(Block::ToolUse(ToolUse {
            // Unique within the conversation, and the same each time it is asked for.
            id: format!("sim_{}_{place}", request.messages.len()),
            name: call.tool.to_string(),
            args: Value::Object(call.args).to_string(),
        }));
    }
    let has_calls = blocks
        .iter()
        .any(|block| matches!(block, Block::ToolUse(_)));
    let stop = if has_calls {
        StopReason::ToolUse
    } else {
        StopReason::EndTurn
    };
    let usage = usage(request, &blocks);
    Reply {
        blocks,
        stop,
        usage,
    }
}

/// Tokens as if a fourth of the bytes: what an earlier call of this conversation sent is read from the cache.
fn usage(request: &Request, blocks: &[Block]) -> TokenUsage {
    let tokens = |bytes: usize| (bytes as u64).div_ceil(4);
    let fixed = request
        .tools
        .iter()
        .map(|tool| tool.name.len() + tool.description.len() + tool.schema.len());
    let fixed = fixed.sum::<usize>() + request.system.len();
    let last_reply = request
        .messages
        .iter()
        .rposition(|message| message.speaker == Speaker::Assistant);
    let bytes_of = |count: usize| {
        request
            .messages
            .iter()
            .take(count)
            .map(|message| message.bytes() + 16)
    };
    let all = tokens(fixed + bytes_of(request.messages.len()).sum::<usize>());
    let cached = last_reply.map_or(0, |at| tokens(fixed + bytes_of(at).sum::<usize>()));
    let written = blocks.iter().map(|block| match block {
        Block::Text(text) => text.len(),
        Block::ToolUse(call) => call.name.len() + call.args.len() + 32,
        Block::ToolResult { .. } | Block::Opaque { .. } => 0,
    });
    TokenUsage {
        input: all.saturating_sub(cached),
        output: tokens(written.sum()),
        cache_read: cached,
        cache_write: 0,
    }
}

/// How a call is made to go wrong, for tests. Each strikes once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is answered and nothing is used up.
    Before,
    /// The answer breaks off in the middle.
    Cut,
    /// The whole answer is served and paid for, but the end of the stream is lost.
    After,
}

/// A reply that was served, whole or in part: what a provider would put on the bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// The attempt that asked.
    pub attempt: AttemptId,
    /// Which of its calls.
    pub step: u32,
    /// What it used up.
    pub usage: TokenUsage,
}

/// Hears of every reply that is served.
pub type Bill = Box<dyn Fn(Served) + Send + Sync>;

/// The simulated model behind the port.
pub struct Simulated {
    recipes: Arc<Recipes>,
    speed: f64,
    served: Option<Bill>,
    faults: Mutex<BTreeMap<(AttemptId, u32), Fault>>,
}

impl std::fmt::Debug for Simulated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulated")
            .field("speed", &self.speed)
            .finish_non_exhaustive()
    }
}

impl Simulated {
    /// A model that writes `speed` times as fast as people like to read (60 tokens a second); 0 is without any delay.
    #[must_use]
    pub fn new(recipes: Arc<Recipes>, speed: f64) -> Self {
        let speed = if speed.is_finite() {
            speed.max(0.0)
        } else {
            0.0
        };
        Self {
            recipes,
            speed,
            served: None,
            faults: Mutex::default(),
        }
    }

    /// Tells `served` of every reply.
    #[must_use]
    pub fn billing(mut self, served: Bill) -> Self {
        self.served = Some(served);
        self
    }

    /// Makes calls go wrong, each once.
    #[must_use]
    pub fn failing(self, faults: impl IntoIterator<Item = ((AttemptId, u32), Fault)>) -> Self {
        Self {
            faults: Mutex::new(faults.into_iter().collect()),
            ..self
        }
    }

    async fn answer(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, CallFailure> {
        let key = (request.metadata.attempt, request.metadata.step);
        let fault = {
            let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
            faults.remove(&key)
        };
        if fault == Some(Fault::Before) {
            return Err(failure::plain(
                FailureKind::Overloaded,
                "the simulated model is overloaded",
            ));
        }
        let reply = reply(&self.recipes, request)?;
        let pieces = pieces(&reply);
        let kept = if fault == Some(Fault::Cut) {
            pieces.len() / 2
        } else {
            pieces.len()
        };
        let mut owed = Duration::ZERO;
        for piece in pieces.iter().take(kept) {
            owed += self.delay(piece);
            // Timers are no finer than a millisecond; short delays are gathered.
            if owed >= Duration::from_millis(15) {
                tokio::time::sleep(owed).await;
                owed = Duration::ZERO;
            }
            sink(piece);
        }
        let mut usage = reply.usage;
        if kept < pieces.len() {
            usage.output = usage.output.div_ceil(2);
        }
        sink(&StreamItem::Usage(usage));
        if let Some(served) = &self.served {
            let (attempt, step) = key;
            served(Served {
                attempt,
                step,
                usage,
            });
        }
        if fault.is_some() {
            let cut = failure::plain(FailureKind::Cut, "the simulated model's answer was cut off");
            return Err(CallFailure { usage, ..cut });
        }
        sink(&StreamItem::Stop(reply.stop));
        sink(&StreamItem::End);
        Ok(reply)
    }

    fn delay(&self, piece: &StreamItem) -> Duration {
        const TOKENS_PER_SECOND: f64 = 60.0;
        if self.speed <= 0.0 {
            return Duration::ZERO;
        }
        let bytes = match piece {
            StreamItem::Text(text) => text.len(),
            // Arguments are not shown as they stream, so nobody reads along: a plan must not take half a minute.
            StreamItem::CallArgs { json, .. } => json.len() / 8,
            StreamItem::CallBegins { .. } => 16,
            StreamItem::Opaque { .. }
            | StreamItem::Usage(_)
            | StreamItem::Stop(_)
            | StreamItem::End => 0,
        };
        Duration::from_secs_f64(bytes as f64 / 4.0 / TOKENS_PER_SECOND / self.speed)
    }
}

impl Model for Simulated {
    fn call<'a>(
        &'a self,
        request: &'a Request,
        sink: Sink<'a>,
    ) -> BoxFuture<'a, Result<Reply, CallFailure>> {
        Box::pin(self.answer(request, sink))
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<String>, CallFailure>> {
        Box::pin(async { Ok(vec![MODEL.to_owned()]) })
    }
}

/// A reply cut into words, without its end.
fn pieces(reply: &Reply) -> Vec<StreamItem> {
    let mut pieces = Vec::new();
    let mut index = 0;
    for block in &reply.blocks {
        match block {
            Block::Text(text) => {
                pieces.extend(
                    text.split_inclusive(' ')
                        .map(|word| StreamItem::Text(word.to_owned())),
                );
            }
            Block::ToolUse(call) => {
                pieces.push(StreamItem::CallBegins {
                    index,
                    id: call.id.clone(),
                    name: call.name.clone(),
                });
                let words = call.args.split_inclusive(' ');
                pieces.extend(words.map(|word| StreamItem::CallArgs {
                    index,
                    json: word.to_owned(),
                }));
                index += 1;
            }
            Block::ToolResult { .. } | Block::Opaque { .. } => {}
        }
    }
    pieces
}

#[cfg(test)]
mod tests;
