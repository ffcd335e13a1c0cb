//! What a person changes about tasks that have not begun: which of them begins first, and who does it.

use crate::base::id::TaskId;
use crate::domain::agent::Role;
use crate::domain::journal::stage::Stage;
use crate::domain::journal::{Command, Event, PauseScope, Refusal};
use crate::domain::llm::Tier;
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Setup, Verdict};

fn id(number: u32) -> TaskId {
    format!("s1.t{number}").parse().unwrap()
}

fn order(task: u32, before: u32) -> Command {
    let (task, before) = (id(task), id(before));
    Command::Order { task, before }
}

fn assign(task: u32, role: &str) -> Command {
    let (task, role) = (id(task), role.to_owned());
    Command::Assign { task, role }
}

fn alone(setup: &mut Setup) {
    setup.policy.agents_max = 1;
}

/// A team with a second worker, on another tier.
fn with_second(setup: &mut Setup) {
    alone(setup);
    let dev = setup.team.iter().find(|role| role.key == "dev").unwrap();
    let ops = Role {
        key: "ops".to_owned(),
        tier: Tier::Economy,
        ..dev.clone()
    };
    setup.team.push(ops);
}

/// Gives up whatever is at work, until nothing is; tells in which order tasks began.
fn begun(stage: &mut Stage) -> Vec<u32> {
    let mut order = Vec::new();
    while let Some(number) = stage.sprint().busy.first().copied() {
        order.push(number);
        stage.says(Command::DropTask(id(number))).unwrap();
    }
    order
}

#[test]
fn tasks_begin_in_the_order_that_a_person_puts_them_in() {
    let tasks: [(&str, &[&str]); 5] = [
        ("a", &[]),
        ("b", &[]),
        ("c", &[]),
        ("d", &["b"]),
        ("e", &[]),
    ];
    let mut stage = Stage::running(alone, &tasks);
    stage.says(order(5, 2)).unwrap();
    stage.says(order(3, 5)).unwrap();
    // It is where it shall be: a second person who wants the same changes nothing.
    assert_eq!(stage.says(order(3, 5)), Ok(Vec::new()));
    stage.check();
    assert_eq!(begun(&mut stage), [1, 3, 5, 2, 4]);
}

#[test]
fn a_task_that_waits_for_others_keeps_the_place_that_it_was_given() {
    let tasks: [(&str, &[&str]); 4] = [("a", &[]), ("b", &["a"]), ("c", &[]), ("d", &["a"])];
    let mut stage = Stage::running(alone, &tasks);
    stage.says(order(4, 2)).unwrap();
    stage.says(Command::DropTask(id(1))).unwrap();
    assert_eq!(begun(&mut stage), [4, 2, 3]);
}

#[test]
fn what_has_begun_or_is_needed_is_not_put_elsewhere() {
    let tasks: [(&str, &[&str]); 4] = [("a", &[]), ("b", &[]), ("c", &["b"]), ("d", &[])];
    let mut stage = Stage::running(alone, &tasks);
    assert_eq!(stage.says(order(2, 1)), Err(Refusal::Begun(id(1))));
    assert_eq!(stage.says(order(1, 2)), Err(Refusal::Begun(id(1))));
    let (task, need) = (id(3), id(2));
    assert_eq!(stage.says(order(3, 2)), Err(Refusal::Needs { task, need }));
    assert_eq!(
        stage.says(order(9, 2)),
        Err(Refusal::Unknown("s1.t9".to_owned()))
    );
    stage.says(Command::DropTask(id(4))).unwrap();
    assert_eq!(
        stage.says(order(4, 2)),
        Err(Refusal::Over("s1.t4".to_owned()))
    );
    let pause = Command::Pause(PauseScope::Task(id(2)));
    assert_eq!(stage.runs(order(3, 2)), Err(Refusal::NotAPerson));
    stage.says(pause).unwrap();
}

#[test]
fn a_task_that_has_not_begun_goes_to_another_worker() {
    let mut stage = Stage::running(with_second, &[("a", &[]), ("b", &[])]);
    let given = stage.says(assign(2, "ops")).unwrap();
    assert!(matches!(&given[..], [Event::TaskAssigned { role, .. }] if role == "ops"));
    assert_eq!(stage.says(assign(2, "ops")), Ok(Vec::new()));
    stage.says(Command::DropTask(id(1))).unwrap();
    stage.prepare("s1.t2");
    let attempt = stage.attempt("s1.t2");
    assert_eq!(
        (attempt.role.as_str(), attempt.tier),
        ("ops", Tier::Economy)
    );
}

#[test]
fn only_those_who_do_tasks_get_one_and_only_before_it_begins() {
    let mut stage = Stage::running(with_second, &[("a", &[]), ("b", &[])]);
    for nobody in ["qa", "cto", "nobody"] {
        let refused = stage.says(assign(2, nobody)).unwrap_err().to_string();
        assert_eq!(
            refused,
            format!("{nobody} does no tasks; those who do: dev, ops")
        );
    }
    assert_eq!(stage.says(assign(1, "ops")), Err(Refusal::Begun(id(1))));
    stage.reach_review("s1.t1", &[1]);
    let in_review = [order(1, 2), assign(1, "ops")];
    for command in in_review.clone() {
        assert_eq!(stage.says(command), Err(Refusal::Begun(id(1))));
    }
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    stage.merge("s1.t1");
    for command in in_review {
        assert_eq!(stage.says(command), Err(Refusal::Over("s1.t1".to_owned())));
    }
}
