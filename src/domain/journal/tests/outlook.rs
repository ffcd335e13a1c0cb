//! What is to be expected of a plan, and how drafts differ.

use crate::base::id::SprintId;
use crate::base::money::Money;
use crate::domain::journal::Command;
use crate::domain::journal::stage::{Stage, planned, setup};
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::outlook::{Difference, Warning, differences, outlook, rest_ms};
use crate::domain::sprint::{Plan, PlanEdit, Setup, Status, Verdict, estimate};
use crate::domain::tool::args::ProposePlan;

/// A plan of tasks with their needs and what they touch.
fn plan(setup: &Setup, tasks: &[(&str, &[&str], &str)]) -> Plan {
    let tasks = tasks.iter().map(|(slug, needs, touches)| {
        let mut task = planned(slug, needs);
        task.touches = vec![(*touches).to_owned()];
        task
    });
    let proposed = ProposePlan {
        summary: String::new(),
        tasks: tasks.collect(),
    };
    Plan::draft(1, &proposed, &setup.team, 12)
}

#[test]
fn the_end_follows_needs_and_room() {
    let mut setup = setup();
    let tasks: &[(&str, &[&str], &str)] = &[
        ("a", &[], "a"),
        ("b", &["a"], "b"),
        ("c", &[], "c"),
        ("d", &[], "d"),
    ];
    let plan = plan(&setup, tasks);
    let one = estimate::wall_ms(&setup, &plan.tasks[0]);
    let seen = |setup: &Setup| outlook(setup, &plan).wall_ms.map(|wall| wall / one);
    assert_eq!(seen(&setup), Some(2));
    setup.policy.agents_max = 2;
    assert_eq!(seen(&setup), Some(2), "c beside a, d beside b");
    setup.policy.agents_max = 1;
    assert_eq!(seen(&setup), Some(4));
    assert_eq!(outlook(&setup, &plan).critical, ["a", "b"]);
    let circle = self::plan(&setup, &[("a", &["b"], "a"), ("b", &["a"], "b")]);
    assert_eq!(outlook(&setup, &circle).wall_ms, None);
}

#[test]
fn warnings_have_cures_that_take_them_away() {
    let mut setup = setup();
    setup.policy.task_budget = Some(Money::cents(1));
    let tasks: &[(&str, &[&str], &str)] = &[
        ("a", &[], "src/cart/total.rs"),
        ("b", &["a"], "src/**"),
        ("c", &[], "src/cart/*"),
        ("d", &[], "docs/**"),
    ];
    let mut plan = plan(&setup, tasks);
    let touching = |plan: &Plan| {
        let found = outlook(&setup, plan).warnings.into_iter();
        let touching = found.filter(|warning| matches!(warning, Warning::Touch(..)));
        touching
            .map(|warning| warning.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        touching(&plan),
        [
            "a and c both touch src/cart/total.rs",
            "b and c both touch src/cart/*"
        ]
    );
    let mut steps = 0;
    while let Some(cure) = outlook(&setup, &plan)
        .warnings
        .iter()
        .find_map(|warning| warning.cure(&plan))
    {
        plan = plan.edited(&[cure], &setup.team, 12).unwrap();
        steps += 1;
        assert!(steps < 9, "a cure changes nothing");
    }
    assert_eq!((steps, plan.faults.len()), (6, 0), "four caps, two needs");
}

#[test]
fn a_lost_need_and_a_strange_role_are_mended() {
    let setup = setup();
    let mut plan = plan(&setup, &[("a", &[], "a"), ("b", &["a"], "b")]);
    let edits = [
        PlanEdit::Keep {
            slug: "a".to_owned(),
            keep: false,
        },
        PlanEdit::Role {
            slug: "b".to_owned(),
            role: "nobody".to_owned(),
        },
    ];
    plan = plan.edited(&edits, &setup.team, 12).unwrap();
    assert_eq!(plan.faults.len(), 2);
    let cures: Vec<PlanEdit> = plan
        .faults
        .iter()
        .filter_map(|fault| fault.cure(&setup, &plan))
        .collect();
    let mended = plan.edited(&cures, &setup.team, 12).unwrap();
    assert_eq!(mended.faults, []);
    let seen: Vec<_> = differences(&plan, &mended).into_iter().collect();
    assert_eq!(seen, [("b".to_owned(), Difference::Changed)]);
}

#[test]
fn the_next_draft_is_held_against_the_one_that_was_sent_back() {
    let mut stage = Stage::planned(|_| {}, &[("a", &[]), ("b", &[])]);
    assert_eq!(stage.sprint().before, None);
    stage
        .decide(Kind::Plan, Verdict::Reject("smaller".to_owned()))
        .unwrap();
    stage.plan(&[("a", &[]), ("c", &["a"])]);
    let sprint = stage.sprint();
    let before = sprint.before.as_ref().unwrap();
    let seen: Vec<_> = differences(before, &sprint.plan).into_iter().collect();
    assert_eq!(
        seen,
        [
            ("b".to_owned(), Difference::Dropped),
            ("c".to_owned(), Difference::Added)
        ]
    );
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    assert_eq!(stage.sprint().before, None);
}

#[test]
fn a_cap_of_its_own_goes_with_the_task() {
    let mut stage = Stage::planned(
        |setup| setup.policy.task_budget = Some(Money::cents(90)),
        &[("a", &[]), ("b", &[])],
    );
    let cap = PlanEdit::Cap {
        slug: "b".to_owned(),
        cap: Some(Money::cents(30)),
    };
    stage
        .says(Command::EditPlan {
            sprint: SprintId(1),
            revision: 1,
            edits: vec![cap],
        })
        .unwrap();
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    let limits = ["s1.t1", "s1.t2"].map(|task| stage.task(task).account.limit);
    assert_eq!(limits, [Some(Money::cents(90)), Some(Money::cents(30))]);
}

#[test]
fn the_rest_of_a_running_sprint_becomes_less() {
    let mut stage = Stage::planned(
        |setup| setup.policy.agents_max = 1,
        &[("a", &[]), ("b", &["a"])],
    );
    assert_eq!(rest_ms(stage.sprint()), None, "nothing is approved yet");
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    let mut sprint = stage.sprint().clone();
    let whole = outlook(&sprint.setup, &sprint.plan).wall_ms.unwrap();
    assert_eq!(rest_ms(&sprint), Some(whole));
    let first = sprint.tasks.values_mut().next().unwrap();
    first.status = Status::Done;
    let rest = rest_ms(&sprint).unwrap();
    assert!(rest > 0 && rest < whole, "{rest} of {whole}");
    sprint.paused = Some(crate::domain::journal::stage::person("mira"));
    assert_eq!(rest_ms(&sprint), None);
}
