//! What the fake provider's models say: they plan tasks named by the test, write the file that a task is about, finish, and judge by
//! running the proof. They know nothing but the conversation.

use serde_json::{Value, json};

use crate::llm::{Answer, Behaviour, conversation};

/// The tokens of every reply.
pub(crate) const INPUT: u64 = 1_000;
pub(crate) const OUTPUT: u64 = 100;

/// A file that a task writes.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) slug: String,
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) proof: String,
}

/// A task that writes a file of one line.
pub(crate) fn write(slug: &str, path: &str, text: &str) -> Work {
    Work {
        slug: slug.to_owned(),
        path: path.to_owned(),
        text: text.to_owned(),
        proof: format!("test -f {path}"),
    }
}

/// The title of a task, by which its conversation is known.
fn title(work: &Work) -> String {
    format!("Write the file of {}", work.slug)
}

/// The plan's arguments, as a planner gives them.
pub(crate) fn plan(works: &[Work]) -> Value {
    let tasks: Vec<Value> = works
        .iter()
        .map(|work| {
            json!({
                "slug": work.slug, "title": title(work), "role": "backend", "complexity": 1, "touches": [work.path],
                "criteria": [{"text": format!("{} is there", work.path), "proof": work.proof}],
            })
        })
        .collect();
    json!({"summary": "One file a task", "tasks": tasks})
}

/// A provider whose models do these works.
pub(crate) fn doing(works: Vec<Work>) -> Behaviour {
    planning(plan(&works), works)
}

/// A provider whose planner proposes `plan`, and whose workers do these works.
pub(crate) fn planning(plan: Value, works: Vec<Work>) -> Behaviour {
    Behaviour::new(move |request| {
        let mut answer = reply(request, &plan, &works);
        (answer.input, answer.output) = (INPUT, OUTPUT);
        answer.sse(request)
    })
}

/// A provider whose workers make these calls first, one a reply, and then do these works.
pub(crate) fn stumbling(works: Vec<Work>, calls: Vec<(String, Value)>) -> Behaviour {
    let plan = plan(&works);
    Behaviour::new(move |request| {
        let talk = conversation(request);
        let works_here = talk.tools.iter().any(|tool| tool == "write_file");
        let next = calls.get(talk.calls.len()).filter(|_| works_here);
        let mut answer = match next {
            Some((tool, args)) => Answer::call(tool, args.clone()),
            None => reply(request, &plan, &works),
        };
        (answer.input, answer.output) = (INPUT, OUTPUT);
        answer.sse(request)
    })
}

fn reply(request: &Value, plan: &Value, works: &[Work]) -> Answer {
    let talk = conversation(request);
    let offers = |tool: &str| talk.tools.iter().any(|known| known == tool);
    if offers("propose_plan") {
        return Answer::call("propose_plan", plan.clone());
    }
    if talk.tools.is_empty() {
        return Answer::text("All files are written and proven.");
    }
    let Some(work) = works.iter().find(|work| talk.task.contains(&title(work))) else {
        return Answer::text("Nothing is known about this task.");
    };
    let last = talk.calls.last().map_or("", String::as_str);
    if offers("verdict") {
        return match last {
            "" => Answer::call("run_command", json!({"command": work.proof})),
            _ => Answer::call(
                "verdict",
                json!({"accepted": true, "summary": "The proof exits with 0.", "findings": []}),
            ),
        };
    }
    match last {
        "write_file" => Answer::call(
            "finish",
            json!({"summary": "Wrote it.", "criteria": [{"id": "c1", "done": true, "how": "It is there."}]}),
        ),
        _ => Answer::call(
            "write_file",
            json!({"path": work.path, "content": work.text, "criterion": "c1"}),
        ),
    }
}
