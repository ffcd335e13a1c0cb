//! Plans as models propose them: a fault goes back once; a plan that is still faulty is a person's business, and its draft is kept.

use serde_json::{Value, json};

use crate::agents::{Work, plan, planning, write};
use crate::bench::{Bench, Ran};
use crate::llm::{Answer, Behaviour, conversation};
use crate::row::{Row, results, run};

fn works() -> Vec<Work> {
    vec![
        write("one", "one.txt", "1\n"),
        write("two", "two.txt", "2\n"),
    ]
}

/// The good plan, changed.
fn changed(change: impl Fn(&mut Value)) -> Value {
    let mut plan = plan(&works());
    change(&mut plan);
    plan
}

/// A planner that never learns.
fn stubborn(
    what: &'static str,
    id: &'static str,
    says: &'static [&'static str],
    change: impl Fn(&mut Value) + Send + Sync + 'static,
) -> Row {
    Row::ends(what, 1, id, says, run)
        .provider(move || planning(changed(&change), works()))
        .then(|bench, _| assert_eq!(bench.fake.calls(), 2, "the fault goes back once"))
        .then(move |bench, _| was_told(bench, says))
        .then(is_kept)
}

/// The planner has read what is wrong.
fn was_told(bench: &Bench, says: &[&str]) {
    let told = results(bench);
    assert_eq!(told.len(), 1, "{told:#?}");
    for words in says {
        assert!(told[0].contains(words), "{words} is not in {}", told[0]);
    }
}

/// The draft waits, and may be looked at.
fn is_kept(bench: &Bench, _: &Ran) {
    let waiting = bench.aios(&["waiting"]).ends(0);
    assert!(waiting.out.contains("PLAN"), "{}", waiting.out);
    assert_eq!(bench.of_kind("PlanProposed").len(), 1);
}

pub(crate) fn rows() -> Vec<Row> {
    of_tasks().into_iter().chain(of_plans()).collect()
}

fn of_tasks() -> Vec<Row> {
    vec![
        stubborn(
            "a plan with an unknown role",
            "E-PLAN-03",
            &["task one: unknown role wizard", "backend"],
            |plan| {
                plan["tasks"][0]["role"] = json!("wizard");
            },
        ),
        stubborn(
            "a plan with a circle",
            "E-PLAN-02",
            &["in a circle: one", "two"],
            |plan| {
                plan["tasks"][0]["needs"] = json!(["two"]);
                plan["tasks"][1]["needs"] = json!(["one"]);
            },
        ),
        stubborn(
            "a criterion without proof",
            "E-PLAN-04",
            &["task one: criterion c1 has no proof"],
            |plan| {
                plan["tasks"][0]["criteria"][0]["proof"] = json!(" ");
            },
        ),
        stubborn(
            "a task without a criterion",
            "E-PLAN-04",
            &["task two: has no acceptance criterion"],
            |plan| {
                plan["tasks"][1]["criteria"] = json!([]);
            },
        ),
        stubborn(
            "a plan without a task",
            "E-PLAN-01",
            &["the plan has no task"],
            |plan| {
                plan["tasks"] = json!([]);
            },
        ),
    ]
}

fn of_plans() -> Vec<Row> {
    vec![
        stubborn(
            "a plan with two tasks of one name",
            "E-PLAN-01",
            &["task one: the slug is used twice"],
            |plan| {
                plan["tasks"][1]["slug"] = json!("one");
            },
        ),
        stubborn(
            "a plan with a need that is no task",
            "E-PLAN-01",
            &["task one: needs three, which is not in the plan"],
            |plan| {
                plan["tasks"][0]["needs"] = json!(["three"]);
            },
        ),
        stubborn(
            "a plan that is too large",
            "E-PLAN-01",
            &["13 tasks are more than the limit of 12"],
            |plan| {
                let task = plan["tasks"][0].clone();
                let tasks = (0..13).map(|number| {
                    let mut task = task.clone();
                    task["slug"] = json!(format!("task-{number}"));
                    task
                });
                plan["tasks"] = tasks.collect();
            },
        ),
        stubborn(
            "a plan that is no JSON",
            "E-PLAN-01",
            &["the arguments of propose_plan do not fit its schema"],
            |plan| {
                *plan = json!("{\"tasks\": [");
            },
        ),
        Row::story(
            "a plan that is mended once it was told",
            &["s1 landed as", "tasks, spent"],
            run,
        )
        .provider(mending),
        Row::ends(
            "a planner without a plan",
            1,
            "E-PLAN-01",
            &[
                "the planner answered in words",
                "say the goal in other words",
            ],
            run,
        )
        .provider(|| Behaviour::new(|request| Answer::text("I would rather not.").sse(request))),
    ]
}

/// A planner whose second plan is good.
fn mending() -> Behaviour {
    let good = planning(plan(&works()), works());
    let bad = planning(
        changed(|plan| plan["tasks"][0]["role"] = json!("wizard")),
        works(),
    );
    Behaviour::new(move |request| {
        let is_first = conversation(request).results.is_empty();
        let script = if is_first { &bad.script } else { &good.script };
        script(request)
    })
}
