//! Tests of the simulated model's port and of what it refuses. How its recipes fare on real files
//! is tested in `tests/demo_recipes`.

use super::*;
use crate::base::id::{SprintId, TaskId, Work};
use crate::domain::llm::{DeltaFold, Message, Metadata};

fn recipes() -> Arc<Recipes> {
    Arc::new(Recipes::built_in().unwrap())
}

fn request(role: &str, slug: &str, goal: &str) -> Request {
    let task = TaskId {
        sprint: SprintId(1),
        number: 1,
    };
    Request {
        model: MODEL.to_owned(),
        system: "s".repeat(4_000),
        messages: vec![Message::user("# Task")],
        tools: Vec::new(),
        max_output: 8_000,
        metadata: Metadata {
            attempt: AttemptId {
                work: Work::Task(task),
                number: 1,
            },
            step: 0,
            role: role.to_owned(),
            slug: slug.to_owned(),
            goal: goal.to_owned(),
        },
    }
}

fn known() -> Request {
    request("backend", "vegan", recipes().goal())
}

fn streamed(model: &Simulated, request: &Request) -> (Vec<StreamItem>, Result<Reply, CallFailure>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let mut items = Vec::new();
    let mut sink = |item: &StreamItem| items.push(item.clone());
    let reply = runtime.block_on(model.call(request, &mut sink));
    (items, reply)
}

#[test]
fn what_no_recipe_knows_is_said() {
    let goal = recipes().goal().to_owned();
    let cases = [
        (
            request("backend", "vegan", "Build a rocket"),
            "this goal; it knows only the demo's",
        ),
        (request("backend", "rocket", &goal), "rocket by backend"),
        (request("cto", "vegan-plan", &goal), "vegan-plan by cto"),
    ];
    for (request, expected) in cases {
        let failure = reply(&recipes(), &request).unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadRequest);
        assert_eq!(
            failure.text,
            format!("the simulation has no recipe for {expected}")
        );
    }
    let mut conflict = known();
    conflict.messages = vec![Message::user(
        "# Your change conflicts with one merged meanwhile\n\nx",
    )];
    let failure = reply(&recipes(), &conflict).unwrap_err();
    assert!(
        failure.text.ends_with("in vegan after a merge conflict"),
        "{}",
        failure.text
    );
}

#[test]
fn the_goal_may_be_wrapped_otherwise() {
    let goal = recipes().goal().replace(' ', "\n  ");
    assert!(reply(&recipes(), &request("backend", "vegan", &goal)).is_ok());
}

#[test]
fn the_same_request_gives_the_same_reply_and_the_stream_says_it() {
    let model = Simulated::new(recipes(), 0.0);
    let (items, answer) = streamed(&model, &known());
    let answer = answer.unwrap();
    assert_eq!(answer, reply(&recipes(), &known()).unwrap());
    let mut fold = DeltaFold::default();
    for item in items {
        fold.push(item).unwrap();
    }
    assert_eq!(fold.finish().unwrap(), answer);
}

#[test]
fn what_was_sent_before_comes_from_the_cache() {
    let mut request = known();
    let first = reply(&recipes(), &request).unwrap();
    assert_eq!(first.usage.cache_read, 0);
    request.messages.push(Message {
        speaker: Speaker::Assistant,
        blocks: first.blocks,
    });
    request.messages.push(Message::user("go on"));
    let second = reply(&recipes(), &request).unwrap();
    assert_eq!(second.usage.cache_read, first.usage.prompt());
    assert!(second.usage.input > 0 && second.usage.input < first.usage.input);
}

#[test]
fn faults_strike_once_and_the_bill_knows_what_was_served() {
    let bill = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&bill);
    let attempt = known().metadata.attempt;
    for (fault, kind) in [
        (Fault::Before, FailureKind::Overloaded),
        (Fault::Cut, FailureKind::Cut),
        (Fault::After, FailureKind::Cut),
    ] {
        let heard = Arc::clone(&heard);
        let model = Simulated::new(recipes(), 0.0)
            .failing([((attempt, 0), fault)])
            .billing(Box::new(move |served| {
                heard.lock().unwrap().push(served.usage);
            }));
        let (_, first) = streamed(&model, &known());
        let failure = first.unwrap_err();
        assert_eq!(failure.kind, kind, "{fault:?}");
        let (_, second) = streamed(&model, &known());
        let whole = second.unwrap().usage;
        let served = std::mem::take(&mut *bill.lock().unwrap());
        match fault {
            Fault::Before => assert_eq!(served, [whole]),
            Fault::Cut | Fault::After => assert_eq!(served, [failure.usage, whole]),
        }
        assert_eq!(failure.usage == whole, fault == Fault::After, "{fault:?}");
    }
}

#[test]
fn the_pace_is_that_of_a_reader() {
    let model = Simulated::new(recipes(), 2.0);
    // 480 bytes are 120 tokens, a second at twice the reader's 60; arguments, which nobody reads along, take an eighth.
    let words = StreamItem::Text("x".repeat(480));
    let args = StreamItem::CallArgs {
        index: 0,
        json: "x".repeat(480),
    };
    assert_eq!(model.delay(&words), Duration::from_secs(1));
    assert_eq!(model.delay(&args), Duration::from_millis(125));
    let still = Simulated::new(recipes(), f64::NAN);
    assert_eq!(
        still.delay(&StreamItem::Text("word".to_owned())),
        Duration::ZERO
    );
}
