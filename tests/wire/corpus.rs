//! The corpus of bad streams, `tests/fixtures/llm_streams.jsonl`: each is served as it is written, and the outcome, the tools
//! that could run and the count of tokens are compared.

use std::net::TcpStream;
use std::time::Duration;

use aios::adapters::model::Kind;
use aios::domain::llm::{CallFailure, FailureKind, Reply, StreamItem};
use aios::domain::tool;
use serde_json::{Value, json};

use crate::llm::{Received, Server, client_leaves, write_chunk, write_end, write_head};
use crate::samples::{ask, model, retrying};

const CORPUS: &str = include_str!("../fixtures/llm_streams.jsonl");

/// Bytes of a chunk of the corpus.
fn bytes(chunk: &Value) -> Vec<u8> {
    if let Some(text) = chunk["data"].as_str() {
        return text.as_bytes().to_vec();
    }
    if let Some(text) = chunk["b64"].as_str() {
        return base64(text);
    }
    match chunk["generate"].as_str() {
        Some("@generate:'{\"content\":\"'+'x'*50_000_000+'\"}'") => {
            format!("{{\"content\":\"{}\"}}", "x".repeat(50_000_000)).into_bytes()
        }
        Some(other) => panic!("cannot generate {other}"),
        None => Vec::new(),
    }
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.bytes().filter(|byte| *byte != b'=') {
        let value = DIGITS.iter().position(|known| *known == digit).unwrap();
        bits = (bits << 6 | value as u32) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// Writes a case to the socket as the corpus says.
fn serve(case: &Value, received: &Received, stream: &mut TcpStream) -> std::io::Result<()> {
    assert!(received.line.starts_with("POST /v1/"), "{}", received.line);
    if case["end"] == "stall_before_headers" {
        client_leaves(stream);
        return Ok(());
    }
    let headers: Vec<(&str, &str)> = case["http"]["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    let status = case["http"]["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    write_head(stream, status.unwrap(), &headers)?;
    for chunk in case["chunks"].as_array().into_iter().flatten() {
        if let Some(wait_ms) = chunk["wait_ms"].as_u64() {
            std::thread::sleep(Duration::from_millis(wait_ms.min(1000)));
        }
        write_chunk(stream, &bytes(chunk))?;
    }
    match case["end"].as_str() {
        Some("eof") => write_end(stream),
        Some("reset") => rustix::net::sockopt::set_socket_linger(&*stream, Some(Duration::ZERO))
            .map_err(Into::into),
        Some("stall") => {
            client_leaves(stream);
            Ok(())
        }
        other => panic!("an unknown end: {other:?}"),
    }
}

/// The tools that the agent's runtime would run: whole calls whose name and arguments are right.
fn runnable(reply: &Reply) -> Vec<Value> {
    let calls = reply
        .calls()
        .filter(|call| tool::parse(&call.name, &call.args).is_ok());
    let told = calls.map(|call| {
        let input: Value = serde_json::from_str(&call.args).unwrap();
        json!({"name": call.name, "input": input})
    });
    told.collect()
}

/// Whether an outcome is what one word of the corpus asks for.
fn fits(wanted: &str, outcome: &Result<Reply, CallFailure>, served: usize) -> bool {
    match (wanted, outcome) {
        ("complete" | "complete_with_replacement" | "handled" | "empty", Ok(_)) => true,
        ("tool_error", Ok(reply)) => reply.calls().count() > 0 && runnable(reply).is_empty(),
        // The engine asks again, or the wrapper has done so.
        ("retry" | "incomplete", Err(failure)) => failure.kind.is_transient() || served > 1,
        ("park", Err(failure)) => failure.kind == FailureKind::RateLimited,
        // Cut by the limit: nothing to run is left, and the reply says why.
        ("fail_clean", Ok(reply)) => {
            runnable(reply).is_empty() && reply.stop == aios::domain::llm::StopReason::MaxTokens
        }
        ("fail_clean" | "handled", Err(_)) => served == 1,
        _ => false,
    }
}

/// Runs one case; says what is wrong with its outcome.
async fn run(case: Value, kind: Kind) -> Result<(), String> {
    let patience = if case["end"]
        .as_str()
        .is_some_and(|end| end.starts_with("stall"))
    {
        Duration::from_millis(300)
    } else {
        Duration::from_secs(30)
    };
    let script = case.clone();
    let server = Server::start(move |received, stream| serve(&script, received, stream));
    let model = retrying(model(kind, &server.base_url(), patience));
    let (outcome, seen) = ask(&model).await;
    let tries = server.requests().len();

    let expect = &case["expect"];
    let wanted = expect["outcome"].as_str().unwrap_or_default();
    if !wanted.split("_or_").any(|word| fits(word, &outcome, tries)) {
        return Err(format!(
            "wanted {wanted}, got {outcome:?} after {tries} tries"
        ));
    }
    let ran = outcome.as_ref().map(runnable).unwrap_or_default();
    if json!(ran) != expect["tools_executed"] {
        return Err(format!("ran {ran:?}"));
    }
    if let (Some(text), Ok(reply)) = (expect["text"].as_str(), &outcome)
        && reply.text() != text
    {
        return Err(format!("said {:?}", reply.text()));
    }
    // One entry a call that the provider counted, however often it said so.
    let entries = u64::from(seen.iter().any(|item| matches!(item, StreamItem::Usage(_))));
    if Some(entries) != expect["cost_entries"].as_u64() {
        return Err(format!("{entries} entries"));
    }
    let usage = outcome.map_or_else(|failure| failure.usage, |reply| reply.usage);
    let counted = json!({"input": usage.input, "output": usage.output});
    if expect["usage"].is_object() && counted != expect["usage"] {
        return Err(format!("counted {counted}"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_stream_of_the_corpus_ends_as_expected() {
    let mut faults = Vec::new();
    let mut left_out = Vec::new();
    let cases: Vec<Value> = CORPUS
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(cases.len() >= 39, "the corpus is not whole");
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let kind = match case["provider"].as_str() {
            Some("anthropic") => Kind::Anthropic,
            Some("openai_chat") => Kind::OpenAi,
            other => {
                left_out.push(format!("{id}: no adapter speaks {other:?}"));
                continue;
            }
        };
        if let Err(fault) = run(case.clone(), kind).await {
            faults.push(format!("{id} ({}): {fault}", case["desc"]));
        }
    }
    println!("left out: {left_out:#?}");
    assert!(left_out.len() * 10 <= cases.len(), "{left_out:#?}");
    assert!(faults.is_empty(), "{faults:#?}");
}
