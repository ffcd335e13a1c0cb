//! Gathers an answer: bytes through the event parser, the wire format's decoder and the fold, to a whole reply or a failure
//! that says what was used up. No I/O here, so that every cut of every stream can be tested.

use crate::adapters::model::Place;
use crate::adapters::model::failure::Complaint;
use crate::adapters::model::sse::{Event, Parser};
use crate::base::tokens::TokenUsage;
use crate::domain::llm::{
    CallFailure, DeltaFold, FailureKind, Malformed, Reply, Request, StreamItem,
};
use crate::engine::ports::model::Sink;

/// The most bytes on the wire of one answer: an honest one of 128k tokens, each in a chunk of its own, has a third of it.
const MOST_WIRE_BYTES: usize = 128 * 1024 * 1024;

/// Why an event cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The provider says that it failed.
    Complaint(Complaint),
    /// The event is not of the format's form; says how.
    Rule(String),
}

/// One wire format's events into pieces.
pub trait Decoder: Send {
    /// Takes the next event. After a broken rule it is fed on, for the usage that may still come.
    ///
    /// # Errors
    /// The provider complains, or the event breaks the format's rules.
    fn read(&mut self, event: &Event) -> Result<Vec<StreamItem>, Broken>;

    /// The connection ended in good order without the format's mark of the end; gives what that means.
    fn close(&mut self) -> Vec<StreamItem>;
}

/// How far an answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More is to come.
    More,
    /// The provider said that it is whole; nothing after it counts.
    Whole,
}

/// An answer that is coming in.
pub struct Answer<D> {
    parser: Parser,
    decoder: D,
    fold: DeltaFold,
    /// The first broken rule. From then on only usage is taken.
    fault: Option<String>,
    complaint: Option<Complaint>,
    wire_bytes: usize,
    /// Bytes of text, arguments and opaque blocks.
    said_bytes: usize,
    is_counted: bool,
    has_begun: bool,
    is_whole: bool,
}

impl<D: Decoder> Answer<D> {
    /// Nothing has come yet.
    #[must_use]
    pub fn new(decoder: D) -> Self {
        Self {
            parser: Parser::default(),
            decoder,
            fold: DeltaFold::default(),
            fault: None,
            complaint: None,
            wire_bytes: 0,
            said_bytes: 0,
            is_counted: false,
            has_begun: false,
            is_whole: false,
        }
    }

    /// Takes more bytes and passes the pieces in them on. [`Progress::Whole`] also when nothing more is wanted.
    pub fn feed(&mut self, bytes: &[u8], sink: Sink<'_>) -> Progress {
        self.wire_bytes = self.wire_bytes.saturating_add(bytes.len());
        if self.wire_bytes > MOST_WIRE_BYTES {
            self.fault
                .get_or_insert_with(|| format!("more than {MOST_WIRE_BYTES} bytes"));
            return Progress::Whole;
        }
        for event in self.parser.feed(bytes) {
            self.event(&event, sink);
            if self.is_whole || self.complaint.is_some() {
                return Progress::Whole;
            }
        }
        Progress::More
    }

    /// The connection ended in good order.
    pub fn close(&mut self, sink: Sink<'_>) {
        for item in self.decoder.close() {
            self.take(item, sink);
        }
    }

    /// The reply, or why there is none. `broke` tells how the connection ended, if it was not by the answer's own end.
    ///
    /// # Errors
    /// The provider failed, the answer breaks a rule, or it is cut.
    pub fn finish(
        mut self,
        place: &Place,
        request: &Request,
        broke: Option<&str>,
    ) -> Result<Reply, CallFailure> {
        let usage = self.usage(request);
        let name = format!("{}/{}", place.name, request.model);
        let with_usage = |mut failure: CallFailure| {
            failure.usage = usage;
            failure
        };
        if let Some(complaint) = &self.complaint {
            return Err(with_usage(complaint.failure(place, &request.model)));
        }
        if self.parser.has_dropped() {
            self.fault
                .get_or_insert_with(|| "a piece that is too long".to_owned());
        }
        let malformed = |fault: &str| {
            let text = format!("the answer of {name} breaks its format: {fault}");
            with_usage(place.failure(FailureKind::Malformed, &text))
        };
        if let Some(fault) = &self.fault {
            return Err(malformed(fault));
        }
        match self.fold.finish() {
            Ok(mut reply) => {
                reply.usage = usage;
                Ok(reply)
            }
            Err(Malformed::Cut) => {
                let how = broke.unwrap_or("the connection was closed before the end");
                let text = format!("the answer of {name} was cut off: {how}");
                Err(with_usage(place.failure(FailureKind::Cut, &text)))
            }
            Err(fault @ (Malformed::UnknownCall(_) | Malformed::TooLong(_))) => {
                Err(malformed(&fault.to_string()))
            }
        }
    }

    fn event(&mut self, event: &Event, sink: Sink<'_>) {
        match self.decoder.read(event) {
            Ok(items) => {
                for item in items {
                    self.take(item, sink);
                }
            }
            Err(Broken::Complaint(complaint)) => self.complaint = Some(complaint),
            Err(Broken::Rule(fault)) => {
                self.fault.get_or_insert(fault);
            }
        }
    }

    fn take(&mut self, item: StreamItem, sink: Sink<'_>) {
        if self.fault.is_some() && !matches!(item, StreamItem::Usage(_) | StreamItem::End) {
            return;
        }
        self.has_begun = true;
        self.is_counted |= matches!(item, StreamItem::Usage(_));
        self.is_whole |= matches!(item, StreamItem::End);
        self.said_bytes = self.said_bytes.saturating_add(match &item {
            StreamItem::Text(text) => text.len(),
            StreamItem::CallBegins { name, .. } => name.len(),
            StreamItem::CallArgs { json, .. } | StreamItem::Opaque { json, .. } => json.len(),
            StreamItem::Usage(_) | StreamItem::Stop(_) | StreamItem::End => 0,
        });
        sink(&item);
        if let Err(fault) = self.fold.push(item) {
            self.fault = Some(fault.to_string());
        }
    }

    /// The provider's count; without one, and if anything came, an estimate of a token for four bytes.
    fn usage(&self, request: &Request) -> TokenUsage {
        if self.is_counted || !self.has_begun {
            return self.fold.usage();
        }
        TokenUsage {
            input: request.estimated_prompt().saturating_mul(3) / 4,
            output: (self.said_bytes as u64).div_ceil(4),
            ..TokenUsage::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::adapters::model::samples::gather;
    use crate::adapters::model::{anthropic, openai};

    const ANTHROPIC: &str = concat!(
        r#"data: {"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}"#,
        "\n\n",
        r#"data: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"finish","input":{}}}"#,
        "\n\n",
        r#"data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
        "\n\n",
        r#"data: {"type":"content_block_stop","index":0}"#,
        "\n\n",
        r#"data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":3}}"#,
        "\n\n",
        r#"data: {"type":"message_stop"}"#,
        "\n\n",
    );
    const OPENAI: &str = concat!(
        r#"data: {"choices":[{"index":0,"delta":{"content":"Hi","tool_calls":[{"index":0,"id":"t","function":{"name":"finish","arguments":"{}"}}]}}]}"#,
        "\n\n",
        r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":3}}"#,
        "\n\n",
        "data: [DONE]\n\n",
    );

    /// Gathers bytes in two parts and whole, and checks what holds for every stream, good or broken.
    fn check<D: Decoder>(decoder: impl Fn() -> D, bytes: &[u8], split: usize) {
        let (first, second) = bytes.split_at(split.min(bytes.len()));
        let (outcome, seen) = gather(decoder(), &[first, second]);
        assert_eq!(
            (&outcome, &seen),
            (
                &gather(decoder(), &[bytes]).0,
                &gather(decoder(), &[bytes]).1
            )
        );
        match outcome {
            Ok(_) => assert!(matches!(seen.last(), Some(StreamItem::End))),
            Err(failure) => {
                assert!(!failure.text.is_empty() && failure.text.chars().count() <= 300);
                assert!(!failure.text.chars().any(char::is_control));
            }
        }
    }

    proptest! {
        #[test]
        fn broken_streams_end_in_a_reply_or_a_failure(
            changes in prop::collection::vec((0..800_usize, any::<u8>()), 0..6),
            split in 0..800_usize,
            is_openai: bool,
        ) {
            let mut bytes = if is_openai { OPENAI } else { ANTHROPIC }.as_bytes().to_vec();
            for (place, byte) in changes {
                let place = place % bytes.len();
                bytes[place] = byte;
            }
            check(anthropic::events::Events::default, &bytes, split);
            check(|| openai::events::Events::new("local"), &bytes, split);
        }
    }
}
