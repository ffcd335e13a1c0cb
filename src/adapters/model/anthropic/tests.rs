//! The format in both directions: what is sent, and what every kind of stream gives at every split.

use serde_json::{Value, json};

use super::codec;
use super::events::Events;
use crate::adapters::model::samples::{gather, gather_every_split, request};
use crate::base::tokens::TokenUsage;
use crate::domain::llm::{Block, CallFailure, FailureKind, Reply, StopReason};

fn sse(events: &[Value]) -> Vec<u8> {
    let written = events.iter().map(|event| {
        let name = event["type"].as_str().unwrap_or_default();
        format!("event: {name}\ndata: {event}\n\n")
    });
    written.collect::<String>().into_bytes()
}

fn outcome(events: &[Value]) -> Result<Reply, CallFailure> {
    gather_every_split(Events::default, &sse(events))
}

fn start() -> Value {
    json!({"type": "message_start", "message": {"usage": {
        "input_tokens": 25, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 7, "output_tokens": 1}}})
}

fn begin(index: u32, block: &Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

fn delta(index: u32, delta: &Value) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": delta})
}

fn stop(index: u32) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

fn end(reason: &str) -> [Value; 2] {
    [
        json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 12}}),
        json!({"type": "message_stop"}),
    ]
}

const USAGE: TokenUsage = TokenUsage {
    input: 25,
    output: 12,
    cache_read: 100,
    cache_write: 7,
};

#[test]
fn a_request_is_written_with_its_marks() {
    let mark = json!({"type": "ephemeral"});
    let wanted = json!({
        "model": "model-x", "max_tokens": 100, "stream": true,
        "system": [{"type": "text", "text": "Rules.", "cache_control": mark}],
        "tools": [
            {"name": "read_file", "description": "Does.", "input_schema": {"type": "object"}},
            {"name": "finish", "description": "Does.", "input_schema": {"type": "object"}, "cache_control": mark},
        ],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Do it."}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "functions_read_0", "name": "read_file", "input": {"path": "a"}},
                {"type": "tool_use", "id": "c2", "name": "read_file", "input": {"unreadable": "{\"pa"}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "functions_read_0", "content": "one"},
                {"type": "tool_result", "tool_use_id": "c2", "content": "(nothing)", "is_error": true},
                {"type": "text", "text": "Go on.", "cache_control": mark},
            ]},
        ],
    });
    assert_eq!(codec::body(&request()), wanted);
}

#[test]
fn text_thinking_and_calls_come_whole_at_every_split() {
    let mut events = vec![
        start(),
        json!({"type": "ping"}),
        begin(
            0,
            &json!({"type": "thinking", "thinking": "", "signature": ""}),
        ),
        delta(
            0,
            &json!({"type": "thinking_delta", "thinking": "I th\u{1F600}"}),
        ),
        delta(0, &json!({"type": "thinking_delta", "thinking": "ink"})),
        delta(0, &json!({"type": "signature_delta", "signature": "c2ln"})),
        stop(0),
        begin(1, &json!({"type": "text", "text": ""})),
        delta(1, &json!({"type": "text_delta", "text": "Hé"})),
        json!({"type": "something_new", "index": -9}),
        delta(1, &json!({"type": "text_delta", "text": "llo"})),
        delta(1, &json!({"type": "citations_delta", "citation": {}})),
        stop(1),
        begin(
            2,
            &json!({"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": {}}),
        ),
        delta(2, &json!({"type": "input_json_delta", "partial_json": ""})),
        delta(
            2,
            &json!({"type": "input_json_delta", "partial_json": "{\"pa"}),
        ),
        delta(
            2,
            &json!({"type": "input_json_delta", "partial_json": "th\":\"a\"}"}),
        ),
        stop(2),
        begin(
            3,
            &json!({"type": "tool_use", "id": "toolu_2", "name": "finish", "input": {"summary": "s"}}),
        ),
        stop(3),
    ];
    events.extend(end("tool_use"));
    let reply = outcome(&events).unwrap();
    assert_eq!(reply.usage, USAGE);
    assert_eq!(reply.stop, StopReason::ToolUse);
    assert_eq!(reply.text(), "Héllo");
    let calls: Vec<_> = reply
        .calls()
        .map(|call| (call.id.as_str(), call.args.as_str()))
        .collect();
    assert_eq!(
        calls,
        [
            ("toolu_1", "{\"path\":\"a\"}"),
            ("toolu_2", "{\"summary\":\"s\"}")
        ]
    );
    let Some(Block::Opaque { provider, json }) = reply.blocks.first() else {
        panic!("the thinking is lost: {reply:?}");
    };
    assert_eq!(provider, "anthropic");
    assert_eq!(
        json,
        "{\"type\":\"thinking\",\"thinking\":\"I th\u{1F600}ink\",\"signature\":\"c2ln\"}"
    );
}

#[test]
fn a_stream_cut_anywhere_is_no_reply_and_has_no_call() {
    let mut events = vec![
        start(),
        begin(
            0,
            &json!({"type": "tool_use", "id": "toolu_1", "name": "finish", "input": {}}),
        ),
        delta(
            0,
            &json!({"type": "input_json_delta", "partial_json": "{}"}),
        ),
        stop(0),
    ];
    events.extend(end("tool_use"));
    let bytes = sse(&events);
    let first_event = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap() + 2;
    for place in 0..bytes.len() - 1 {
        let (outcome, _) = gather(Events::default(), &[&bytes[..place]]);
        let failure = outcome.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Cut, "cut at {place}");
        let counted = if place < first_event { 0 } else { 25 };
        assert_eq!(failure.usage.input, counted, "cut at {place}");
    }
}

#[test]
fn stops_have_their_reasons() {
    for (reason, stop) in [
        ("end_turn", StopReason::EndTurn),
        ("stop_sequence", StopReason::EndTurn),
        ("pause_turn", StopReason::EndTurn),
        // No call began: waiting for its result would be waiting for ever.
        ("tool_use", StopReason::EndTurn),
        ("max_tokens", StopReason::MaxTokens),
        ("model_context_window_exceeded", StopReason::MaxTokens),
        ("refusal", StopReason::Refusal),
    ] {
        let mut events = vec![start()];
        events.extend(end(reason));
        assert_eq!(outcome(&events).unwrap().stop, stop, "{reason}");
    }
}

#[test]
fn a_call_cut_by_the_limit_is_left_out() {
    let mut events = vec![
        start(),
        begin(
            0,
            &json!({"type": "tool_use", "id": "toolu_1", "name": "finish", "input": {}}),
        ),
        delta(
            0,
            &json!({"type": "input_json_delta", "partial_json": "{\"su"}),
        ),
        stop(0),
    ];
    events.extend(end("max_tokens"));
    let reply = outcome(&events).unwrap();
    assert_eq!(
        (reply.calls().count(), reply.stop),
        (0, StopReason::MaxTokens)
    );
}

#[test]
fn broken_rules_fail_and_keep_the_count() {
    let text = json!({"type": "text", "text": ""});
    let call = json!({"type": "tool_use", "id": "t", "name": "finish", "input": {}});
    let table: Vec<(&str, Vec<Value>)> = vec![
        (
            "a piece that does not fit",
            vec![
                begin(0, &call),
                delta(0, &json!({"type": "text_delta", "text": "x"})),
            ],
        ),
        (
            "did not begin",
            vec![delta(4, &json!({"type": "text_delta", "text": "x"}))],
        ),
        ("the end of a block", vec![stop(4)]),
        ("begins twice", vec![begin(0, &text), begin(0, &text)]),
        (
            "proper index",
            vec![json!({"type": "content_block_start", "index": -1, "content_block": text})],
        ),
        (
            "proper index",
            vec![
                json!({"type": "content_block_start", "index": 4_294_967_296_u64, "content_block": text}),
            ],
        ),
        ("within a tool call", vec![begin(0, &call)]),
    ];
    for (fault, broken) in table {
        let mut events = vec![start()];
        events.extend(broken);
        events.extend(end("tool_use"));
        let failure = outcome(&events).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed, "{fault}");
        assert!(failure.text.contains(fault), "{}", failure.text);
        assert_eq!(failure.usage, USAGE, "{fault}");
    }
}

#[test]
fn an_error_in_the_stream_is_told_with_what_was_used() {
    let error =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let failure = outcome(&[start(), error]).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Overloaded);
    assert_eq!(failure.text, "local is overloaded or broken: Overloaded");
    assert_eq!(failure.usage.input, 25);
}

#[test]
fn counts_that_are_none_change_nothing() {
    let bad = |count: Value| json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": count}});
    let events = [
        start(),
        bad(json!(12)),
        bad(json!(-5)),
        bad(json!(1e300)),
        bad(json!("9")),
        bad(json!(u64::MAX)),
        bad(json!(3)),
        json!({"type": "message_stop"}),
    ];
    assert_eq!(outcome(&events).unwrap().usage, USAGE);
}
