//! A request and a way to gather a stream, for the tests of this room.

use crate::adapters::model::Place;
use crate::adapters::model::answer::{Answer, Decoder};
use crate::domain::llm::{
    Block, CallFailure, Message, Metadata, Reply, Request, Speaker, StreamItem, ToolOffer, ToolUse,
};

/// A conversation with everything in it.
pub(crate) fn request() -> Request {
    let assistant = vec![
        Block::Opaque {
            provider: "anthropic".to_owned(),
            json: r#"{"type":"thinking","thinking":"hm","signature":"c2ln"}"#.to_owned(),
        },
        Block::Opaque {
            provider: "openai:local".to_owned(),
            json: r#"{"reasoning_content":"hm"}"#.to_owned(),
        },
        Block::Text("I look.".to_owned()),
        Block::ToolUse(ToolUse {
            id: "functions.read:0".to_owned(),
            name: "read_file".to_owned(),
            args: r#"{"path":"a"}"#.to_owned(),
        }),
        Block::ToolUse(ToolUse {
            id: "c2".to_owned(),
            name: "read_file".to_owned(),
            args: "{\"pa".to_owned(),
        }),
    ];
    let results = vec![
        Block::ToolResult {
            id: "functions.read:0".to_owned(),
            text: "one".to_owned(),
            is_error: false,
        },
        Block::ToolResult {
            id: "c2".to_owned(),
            text: String::new(),
            is_error: true,
        },
        Block::Text("Go on.".to_owned()),
    ];
    Request {
        model: "model-x".to_owned(),
        system: "Rules.".to_owned(),
        messages: vec![
            Message::user("Do it."),
            Message {
                speaker: Speaker::Assistant,
                blocks: assistant,
            },
            Message {
                speaker: Speaker::User,
                blocks: results,
            },
        ],
        tools: ["read_file", "finish"]
            .map(|name| ToolOffer {
                name: name.to_owned(),
                description: "Does.".to_owned(),
                schema: r#"{"type":"object"}"#.to_owned(),
            })
            .to_vec(),
        max_output: 100,
        metadata: Metadata {
            attempt: "s1.t2.a1".parse().unwrap(),
            step: 1,
            role: "backend".to_owned(),
            slug: "api".to_owned(),
            goal: "A goal".to_owned(),
        },
    }
}

/// Where the tests pretend to be.
pub(crate) fn place() -> Place {
    Place::for_tests("local", Some("sk-very-secret"))
}

/// Gathers a stream that comes in these parts and then ends in good order; gives the outcome and what the sink saw.
pub(crate) fn gather<D: Decoder>(
    decoder: D,
    parts: &[&[u8]],
) -> (Result<Reply, CallFailure>, Vec<StreamItem>) {
    let mut seen = Vec::new();
    let mut sink = |item: &StreamItem| seen.push(item.clone());
    let mut answer = Answer::new(decoder);
    let ended = parts.iter().any(|part| {
        answer.feed(part, &mut sink) == crate::adapters::model::answer::Progress::Whole
    });
    if !ended {
        answer.close(&mut sink);
    }
    (answer.finish(&place(), &request(), None), seen)
}

/// Checks that a stream gives the same however it is split: at every position, and byte by byte.
pub(crate) fn gather_every_split<D: Decoder>(
    decoder: impl Fn() -> D,
    bytes: &[u8],
) -> Result<Reply, CallFailure> {
    let (whole, pieces) = gather(decoder(), &[bytes]);
    for place in 0..bytes.len() {
        let (first, second) = bytes.split_at(place);
        let (outcome, seen) = gather(decoder(), &[first, second]);
        assert_eq!((&outcome, &seen), (&whole, &pieces), "split at {place}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(gather(decoder(), &single), (whole.clone(), pieces));
    whole
}
