//! From a stream of small pieces to a whole reply. Nothing is acted on before the stream has ended well: a half-received tool
//! call never runs.

use crate::base::tokens::TokenUsage;
use crate::domain::llm::message::{Block, Reply, StopReason, ToolUse};

/// One piece of an answer, as a wire codec yields it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamItem {
    /// More text.
    Text(String),
    /// A tool call begins. Calls do not interleave by themselves: `index` says which one later pieces belong to.
    CallBegins {
        /// The call's place, unique within the reply.
        index: u32,
        /// The provider's id; empty where it gives none.
        id: String,
        /// The tool's name.
        name: String,
    },
    /// More of a call's arguments.
    CallArgs {
        /// The call's place.
        index: u32,
        /// A piece of JSON text.
        json: String,
    },
    /// A block to be sent back unchanged.
    Opaque {
        /// Its wire format.
        provider: String,
        /// As it came.
        json: String,
    },
    /// The usage as known now: all four classes, cumulative; a later one replaces an earlier one.
    Usage(TokenUsage),
    /// Why the model stopped.
    Stop(StopReason),
    /// The provider said that the answer is whole.
    End,
}

/// A stream that breaks the rules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Arguments for a call that did not begin.
    #[error("arguments for an unknown call {0}")]
    UnknownCall(u32),
    /// More than the bound, which no honest answer reaches.
    #[error("an answer of more than {0} bytes")]
    TooLong(usize),
    /// The stream ended before the provider said so.
    #[error("the answer was cut off")]
    Cut,
}

/// The most bytes that one reply may hold.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Gathers a reply from its pieces.
#[derive(Clone, Debug, Default)]
pub struct DeltaFold {
    blocks: Vec<Block>,
    /// For each call its index on the wire and its place in `blocks`.
    calls: Vec<(u32, usize)>,
    bytes: usize,
    usage: TokenUsage,
    stop: Option<StopReason>,
    is_whole: bool,
}

impl DeltaFold {
    /// Takes the next piece.
    ///
    /// # Errors
    /// The piece breaks the rules; the reply is lost, its usage so far is not.
    pub fn push(&mut self, item: StreamItem) -> Result<(), Malformed> {
        match item {
            StreamItem::Text(text) => self.text(text)?,
            StreamItem::CallBegins { index, id, name } => {
                self.grow(id.len() + name.len())?;
                let id = if id.is_empty() {
                    format!("call_{}", self.calls.len() + 1)
                } else {
                    id
                };
                self.calls.push((index, self.blocks.len()));
                self.blocks.push(Block::ToolUse(ToolUse {
                    id,
                    name,
                    args: String::new(),
                }));
            }
            StreamItem::CallArgs { index, json } => {
                self.grow(json.len())?;
                let place = self
                    .calls
                    .iter()
                    .rev()
                    .find(|(known, _)| *known == index)
                    .map(|(_, place)| *place);
                match place.and_then(|place| self.blocks.get_mut(place)) {
                    Some(Block::ToolUse(call)) => call.args.push_str(&json),
                    _ => return Err(Malformed::UnknownCall(index)),
                }
            }
            StreamItem::Opaque { provider, json } => {
                self.grow(json.len())?;
                self.blocks.push(Block::Opaque { provider, json });
            }
            StreamItem::Usage(usage) => self.usage = usage,
            StreamItem::Stop(stop) => self.stop = Some(stop),
            StreamItem::End => self.is_whole = true,
        }
        Ok(())
    }

    /// The usage as known so far; what a cut stream has cost.
    #[must_use]
    pub const fn usage(&self) -> TokenUsage {
        self.usage
    }

    /// The reply, if the provider said that it is whole. A reply with calls counts as [`StopReason::ToolUse`] unless it was cut by the
    /// limit of tokens, in which case its last call is dropped: its arguments may be cut.
    ///
    /// # Errors
    /// [`Malformed::Cut`] before [`StreamItem::End`].
    pub fn finish(mut self) -> Result<Reply, Malformed> {
        if !self.is_whole {
            return Err(Malformed::Cut);
        }
        let mut stop = self.stop.unwrap_or(StopReason::EndTurn);
        if stop == StopReason::MaxTokens && matches!(self.blocks.last(), Some(Block::ToolUse(_))) {
            self.blocks.pop();
        } else if stop == StopReason::EndTurn && !self.calls.is_empty() {
            stop = StopReason::ToolUse;
        }
        for block in &mut self.blocks {
            if let Block::ToolUse(call) = block
                && call.args.trim().is_empty()
            {
                "{}".clone_into(&mut call.args);
            }
        }
        Ok(Reply {
            blocks: self.blocks,
            stop,
            usage: self.usage,
        })
    }

    fn text(&mut self, text: String) -> Result<(), Malformed> {
        self.grow(text.len())?;
        match self.blocks.last_mut() {
            Some(Block::Text(so_far)) => so_far.push_str(&text),
            _ if text.is_empty() => {}
            _ => self.blocks.push(Block::Text(text)),
        }
        Ok(())
    }

    fn grow(&mut self, bytes: usize) -> Result<(), Malformed> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MOST_BYTES {
            Err(Malformed::TooLong(MOST_BYTES))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(items: Vec<StreamItem>) -> Result<Reply, Malformed> {
        let mut fold = DeltaFold::default();
        for item in items {
            fold.push(item)?;
        }
        fold.finish()
    }

    fn call(index: u32) -> StreamItem {
        StreamItem::CallBegins {
            index,
            id: String::new(),
            name: "read_file".to_owned(),
        }
    }

    fn args(index: u32, json: &str) -> StreamItem {
        StreamItem::CallArgs {
            index,
            json: json.to_owned(),
        }
    }

    #[test]
    fn pieces_of_two_calls_find_their_places() {
        let items = vec![
            call(0),
            call(7),
            args(7, "{\"b\""),
            args(0, "{\"a\":1}"),
            args(7, ":2}"),
            StreamItem::End,
        ];
        let reply = fold(items).unwrap();
        let calls: Vec<_> = reply
            .calls()
            .map(|call| (call.id.as_str(), call.args.as_str()))
            .collect();
        assert_eq!(calls, [("call_1", "{\"a\":1}"), ("call_2", "{\"b\":2}")]);
        assert_eq!(reply.stop, StopReason::ToolUse);
    }

    #[test]
    fn a_stream_without_its_end_is_no_reply() {
        assert_eq!(
            fold(vec![StreamItem::Text("half".to_owned())]),
            Err(Malformed::Cut)
        );
    }

    #[test]
    fn a_call_cut_by_the_token_limit_is_dropped() {
        let items = vec![
            call(0),
            args(0, "{\"pa"),
            StreamItem::Stop(StopReason::MaxTokens),
            StreamItem::End,
        ];
        let reply = fold(items).unwrap();
        assert_eq!(
            (reply.calls().count(), reply.stop),
            (0, StopReason::MaxTokens)
        );
    }

    #[test]
    fn arguments_without_a_call_are_refused() {
        assert_eq!(fold(vec![args(3, "{}")]), Err(Malformed::UnknownCall(3)));
    }
}
