//! What runs on every byte of an answer or on every request: the codecs, the filter of foreign text, the conversation.

use aios::adapters::model::answer::Answer;
use aios::adapters::model::{anthropic, openai};
use aios::base::id::{AttemptId, Digest, SprintId, TaskId, Work};
use aios::base::text::SafeText;
use aios::domain::journal::{Effect, EffectKey};
use aios::domain::llm::{StreamItem, ToolUse};
use aios::engine::agents::{Fragments, assemble};

use crate::play::{Player, Shapes, Stage, setup};
use crate::report::{best, ms, row};

/// Tokens of the answers.
const TOKENS: usize = 50_000;
/// Messages of the long conversation.
const MESSAGES: usize = 200;
/// Bytes that a connection gives at once.
const CHUNK: usize = 4_096;

fn anthropic_stream() -> String {
    let mut out = String::from(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
    );
    for number in 0..TOKENS {
        out.push_str(&format!("event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"text_delta\",\"text\":\" word{}\"}}}}\n\n", number % 100));
    }
    out
}

fn openai_stream() -> Vec<u8> {
    let mut out = String::new();
    for number in 0..TOKENS {
        out.push_str(&format!("data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" word{}\"}},\"finish_reason\":null}}]}}\n\n", number % 100));
    }
    out.into_bytes()
}

fn count(items: &mut usize) -> impl FnMut(&StreamItem) + Send {
    |item| {
        if matches!(item, StreamItem::Text(_)) {
            *items += 1;
        }
    }
}

fn streams() {
    let bytes = anthropic_stream().into_bytes();
    let took = best(3, || {
        let mut answer = Answer::new(anthropic::events::Events::default());
        let mut items = 0;
        for chunk in bytes.chunks(CHUNK) {
            answer.feed(chunk, &mut count(&mut items));
        }
        assert_eq!(items, TOKENS, "every token arrives");
    });
    throughput("codec.anthropic", took, bytes.len());
    let bytes = openai_stream();
    let took = best(3, || {
        let mut answer = Answer::new(openai::events::Events::new("local"));
        let mut items = 0;
        for chunk in bytes.chunks(CHUNK) {
            answer.feed(chunk, &mut count(&mut items));
        }
        assert_eq!(items, TOKENS, "every token arrives");
    });
    throughput("codec.openai", took, bytes.len());
}

fn throughput(name: &str, took: std::time::Duration, bytes: usize) {
    let seconds = took.as_secs_f64();
    row(name, TOKENS as f64 / seconds / 1e6, "M tokens/s")
        .note(format!(
            "{:.0} MB/s on the wire",
            bytes as f64 / seconds / 1e6
        ))
        .print();
}

fn filter() {
    let plain = "    let value = compute(input); // a line like many others\n".repeat(40_000);
    let mixed = "\u{1b}[32mok\u{1b}[0m — größer als äöü 漢字 👩‍👩‍👧 \t done\r\n".repeat(30_000);
    for (name, text) in [("text.filter.plain", &plain), ("text.filter.mixed", &mixed)] {
        let took = best(3, || SafeText::block(text));
        row(name, text.len() as f64 / took.as_secs_f64() / 1e6, "MB/s").print();
    }
}

/// The request of a long conversation, its texts at hand.
fn conversation() {
    let shapes = Shapes {
        tasks: 1,
        replies: 40,
        agents: 1,
    };
    let setup = setup(shapes, false, false);
    let mut stage = Stage::new(Player::new(shapes, false), setup, Digest::of(b""));
    let attempt = AttemptId {
        work: Work::Task(TaskId {
            sprint: SprintId(1),
            number: 1,
        }),
        number: 1,
    };
    let key = EffectKey::Model { attempt, step: 20 };
    while !stage.world.open.contains_key(&key) {
        stage.advance();
    }
    let brief = best(20, || stage.world.brief(&key));
    let Some(Effect::Model(mut of)) = stage.world.brief(&key) else {
        panic!("{key} is a call to a model");
    };
    // The brake ends an attempt long before; conversations grow this long over several rounds.
    let replies: Vec<_> = of.speeches.iter().skip(1).cloned().collect();
    let rounds = MESSAGES / replies.len();
    (0..rounds).for_each(|_| of.speeches.extend(replies.clone()));
    let fragments = Fragments::built_in().unwrap();
    let reply = serde_json::to_string(&[
        aios::domain::llm::Block::Text(
            "I look at the form first, then at what it says. ".repeat(8),
        ),
        aios::domain::llm::Block::ToolUse(ToolUse {
            id: "call".to_owned(),
            name: "read_file".to_owned(),
            args: "{\"path\":\"src/form.rs\"}".to_owned(),
        }),
    ])
    .unwrap();
    let texts = |_: &aios::base::body::Body| Ok(reply.clone());
    let made = best(20, || assemble(&of, &fragments, &texts).unwrap());
    let request = assemble(&of, &fragments, &texts).unwrap();
    let encoded = best(20, || anthropic::codec::body(&request).to_string());
    let print = best(20, || request.fingerprint());
    let size = format!("{} messages", request.messages.len());
    row("request.brief", ms(brief), "ms")
        .note("41 messages")
        .print();
    row("request.assemble", ms(made), "ms")
        .note(size.clone())
        .print();
    row("request.fingerprint", ms(print), "ms")
        .note(size.clone())
        .print();
    row("request.encode", ms(encoded), "ms").note(size).print();
}

/// The rows.
pub(crate) fn run() {
    streams();
    filter();
    conversation();
}
