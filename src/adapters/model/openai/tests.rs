//! The format in both directions: what is sent, and what every kind of stream gives at every split.

use serde_json::{Value, json};

use super::codec::{self, Dialect};
use super::events::Events;
use crate::adapters::model::samples::{gather, gather_every_split, request};
use crate::base::tokens::TokenUsage;
use crate::domain::llm::{Block, CallFailure, FailureKind, Reply, StopReason};

const DIALECT: Dialect<'static> = Dialect {
    provider: "local",
    wants_max_completion_tokens: false,
    refuses_stream_options: false,
};

fn sse(chunks: &[Value]) -> Vec<u8> {
    let written = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
    let mut bytes = written.collect::<String>().into_bytes();
    bytes.extend_from_slice(b"data: [DONE]\n\n");
    bytes
}

fn outcome(chunks: &[Value]) -> Result<Reply, CallFailure> {
    gather_every_split(|| Events::new("local"), &sse(chunks))
}

fn delta(delta: &Value) -> Value {
    json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
}

fn call(call: &Value) -> Value {
    delta(&json!({"tool_calls": [call]}))
}

fn end(reason: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
}

fn usage() -> Value {
    json!({"choices": [], "usage": {
        "prompt_tokens": 20, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 15}}})
}

const USAGE: TokenUsage = TokenUsage {
    input: 5,
    output: 7,
    cache_read: 15,
    cache_write: 0,
};

fn calls(reply: &Reply) -> Vec<(&str, &str)> {
    reply
        .calls()
        .map(|call| (call.id.as_str(), call.args.as_str()))
        .collect()
}

#[test]
fn a_request_is_written() {
    let function = |id: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": "read_file", "arguments": arguments}});
    let tool = |name: &str| json!({"type": "function", "function": {"name": name, "description": "Does.", "parameters": {"type": "object"}}});
    let wanted = json!({
        "model": "model-x", "max_tokens": 100, "stream": true,
        "stream_options": {"include_usage": true},
        "tools": [tool("read_file"), tool("finish")],
        "messages": [
            {"role": "system", "content": "Rules."},
            {"role": "user", "content": "Do it."},
            {"role": "assistant", "content": "I look.", "reasoning_content": "hm", "tool_calls": [
                function("functions.read:0", "{\"path\":\"a\"}"),
                function("c2", "{\"unreadable\":\"{\\\"pa\"}"),
            ]},
            {"role": "tool", "tool_call_id": "functions.read:0", "content": "one"},
            {"role": "tool", "tool_call_id": "c2", "content": ""},
            {"role": "user", "content": "Go on."},
        ],
    });
    assert_eq!(codec::body(&request(), &DIALECT), wanted);
    let other = Dialect {
        provider: "openai",
        wants_max_completion_tokens: true,
        refuses_stream_options: true,
    };
    let body = codec::body(&request(), &other);
    assert_eq!(body["max_completion_tokens"], 100);
    assert_eq!(
        (body.get("max_tokens"), body.get("stream_options")),
        (None, None)
    );
    assert_eq!(body["messages"][2].get("reasoning_content"), None);
}

#[test]
fn text_thoughts_and_calls_come_whole_at_every_split() {
    let reply = outcome(&[
        delta(&json!({"role": "assistant", "content": ""})),
        delta(&json!({"reasoning_content": "I th"})),
        delta(&json!({"reasoning_content": "ink"})),
        delta(&json!({"content": "Hé"})),
        delta(&json!({"content": "llo \u{1F600}"})),
        json!({"choices": [{"index": 1, "delta": {"content": "another choice"}}]}),
        call(&json!({"index": 0, "id": "c1", "type": "function", "function": {"name": "read_file", "arguments": ""}})),
        call(&json!({"index": 0, "function": {"arguments": "{\"pa"}})),
        call(&json!({"index": 1, "id": "c2", "function": {"name": "finish", "arguments": "{}"}})),
        call(&json!({"index": 0, "function": {"arguments": "th\":\"a\"}"}})),
        end("tool_calls"),
        usage(),
        usage(),
    ])
    .unwrap();
    assert_eq!(reply.text(), "Héllo \u{1F600}");
    assert_eq!(calls(&reply), [("c1", "{\"path\":\"a\"}"), ("c2", "{}")]);
    assert_eq!((reply.stop, reply.usage), (StopReason::ToolUse, USAGE));
    let thoughts = Block::Opaque {
        provider: "openai:local".to_owned(),
        json: "{\"reasoning_content\":\"I think\"}".to_owned(),
    };
    assert_eq!(reply.blocks.first(), Some(&thoughts));
}

#[test]
fn habits_of_compatible_servers() {
    // Whole calls, all with the index 0, and "stop" at the end.
    let one = call(
        &json!({"index": 0, "id": "a", "function": {"name": "read_file", "arguments": "{\"path\":\"a\"}"}}),
    );
    let two = call(
        &json!({"index": 0, "id": "b", "function": {"name": "read_file", "arguments": "{\"path\":\"b\"}"}}),
    );
    let reply = outcome(&[one, two, end("stop"), usage()]).unwrap();
    assert_eq!(
        calls(&reply),
        [("a", "{\"path\":\"a\"}"), ("b", "{\"path\":\"b\"}")]
    );
    assert_eq!(reply.stop, StopReason::ToolUse);

    // No index and no id; arguments in pieces, or as an object.
    let one = call(&json!({"function": {"name": "read_file", "arguments": "{\"path\""}}));
    let more = call(&json!({"function": {"arguments": ":\"a\"}"}}));
    let two = call(
        &json!({"index": null, "function": {"name": "read_file", "arguments": {"path": "b"}}}),
    );
    let reply = outcome(&[one, more, two, end("tool_calls")]).unwrap();
    assert_eq!(
        calls(&reply),
        [
            ("call_1", "{\"path\":\"a\"}"),
            ("call_2", "{\"path\":\"b\"}")
        ]
    );

    // The name and the id again in each piece.
    let piece = |json: &str| {
        call(&json!({"index": 0, "id": "a", "function": {"name": "finish", "arguments": json}}))
    };
    let reply = outcome(&[piece("{"), piece("}"), end("tool_calls")]).unwrap();
    assert_eq!(calls(&reply), [("a", "{}")]);

    // An unlimited count in each chunk; null where others leave out.
    let mut chunk = delta(&json!({"content": "Hi", "tool_calls": null}));
    chunk["usage"] = json!({"prompt_tokens": 20, "completion_tokens": 1});
    let mut last = end("stop");
    last["usage"] = json!({"prompt_tokens": 20, "completion_tokens": 2});
    let usage = outcome(&[chunk, last]).unwrap().usage;
    assert_eq!((usage.input, usage.output), (20, 2));
}

#[test]
fn a_server_without_usage_gets_an_estimate_that_the_sink_never_sees() {
    let bytes = sse(&[delta(&json!({"content": "12345"})), end("stop")]);
    let (reply, seen) = gather(Events::new("local"), &[&bytes]);
    let usage = reply.unwrap().usage;
    assert_eq!(usage.output, 2);
    assert!(usage.input > 10);
    assert!(
        !seen
            .iter()
            .any(|item| matches!(item, crate::domain::llm::StreamItem::Usage(_)))
    );
}

#[test]
fn the_end_of_the_connection_ends_a_finished_answer_only() {
    let whole = sse(&[delta(&json!({"content": "Hi"})), end("stop"), usage()]);
    let without_done = whole.strip_suffix(b"data: [DONE]\n\n").unwrap();
    let (reply, _) = gather(Events::new("local"), &[without_done]);
    assert_eq!(reply.unwrap().usage, USAGE);

    let (reply, _) = gather(
        Events::new("local"),
        &[&sse(&[delta(&json!({"content": "Hi"}))])],
    );
    assert_eq!(reply.unwrap_err().kind, FailureKind::Cut);
    let (reply, _) = gather(Events::new("local"), &[&sse(&[json!({"choices": []})])]);
    assert_eq!(reply.unwrap_err().usage, TokenUsage::default());
}

#[test]
fn a_stream_cut_before_its_reason_to_stop_is_no_reply() {
    let one = json!({"index": 0, "id": "a", "function": {"name": "finish", "arguments": "{}"}});
    let bytes = sse(&[call(&one), end("tool_calls")]);
    let finished = bytes.windows(6).position(|part| part == b"[DONE]").unwrap() - b"data: ".len();
    for place in 0..bytes.len() {
        let (outcome, _) = gather(Events::new("local"), &[&bytes[..place]]);
        assert_eq!(
            outcome.is_ok(),
            place >= finished,
            "cut at {place}: {outcome:?}"
        );
    }
}

#[test]
fn stops_have_their_reasons() {
    for (reason, stop) in [
        ("stop", StopReason::EndTurn),
        ("tool_calls", StopReason::EndTurn),
        ("length", StopReason::MaxTokens),
        ("content_filter", StopReason::Refusal),
        ("a_new_one", StopReason::EndTurn),
    ] {
        assert_eq!(outcome(&[end(reason)]).unwrap().stop, stop, "{reason}");
    }
    let refused = outcome(&[delta(&json!({"refusal": "No."})), end("stop")]).unwrap();
    assert_eq!(
        (refused.text().as_str(), refused.stop),
        ("No.", StopReason::Refusal)
    );
}

#[test]
fn a_call_cut_by_the_limit_is_left_out() {
    let one = json!({"index": 0, "id": "a", "function": {"name": "finish", "arguments": "{\"su"}});
    let thoughts = delta(&json!({"reasoning_content": "x"}));
    let reply = outcome(&[thoughts, call(&one), end("length"), usage()]).unwrap();
    assert_eq!(
        (reply.calls().count(), reply.stop),
        (0, StopReason::MaxTokens)
    );
}

#[test]
fn broken_rules_fail() {
    let one = json!({"index": 0, "id": "a", "function": {"name": "finish", "arguments": "{}"}});
    let same_id = json!({"index": 1, "id": "a", "function": {"name": "finish", "arguments": "{}"}});
    let nameless = json!({"index": 0, "id": "a", "function": {"arguments": "{}"}});
    let negative = json!({"index": -1, "id": "a", "function": {"name": "finish"}});
    for (fault, calls) in [
        ("two tool calls with one id", vec![one, same_id]),
        ("without a name", vec![nameless]),
        ("proper index", vec![negative]),
    ] {
        let mut chunks: Vec<Value> = calls.iter().map(call).collect();
        chunks.extend([end("tool_calls"), usage()]);
        let failure = outcome(&chunks).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Malformed);
        assert!(failure.text.contains(fault), "{}", failure.text);
        assert_eq!(failure.usage, USAGE);
    }
}

#[test]
fn an_error_in_the_stream_is_told() {
    let error = json!({"error": {"code": 400, "type": "exceed_context_size_error", "message": "the request exceeds the available context size"}});
    let failure = outcome(&[error]).unwrap_err();
    assert_eq!(failure.kind, FailureKind::ContextOverflow);
}
