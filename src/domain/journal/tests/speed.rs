//! The cost of an event does not grow with the number of open tasks. Counted in time, as a ratio within one run.

use std::time::{Duration, Instant};

use crate::base::id::{SprintId, TaskId};
use crate::domain::journal::Report;
use crate::domain::journal::stage::{Stage, base, planned, propose};
use crate::domain::sprint::Verdict;
use crate::domain::sprint::gate::Kind;

/// Tasks whose events are measured.
const MEASURED: u32 = 30;

const fn task(number: u32) -> TaskId {
    TaskId {
        sprint: SprintId(1),
        number,
    }
}

/// The fastest walk of a task to its review while so many others wait for theirs.
fn cost(others: u32) -> Duration {
    let tasks = others + MEASURED;
    let mut stage = Stage::started(|setup| {
        setup.policy.max_tasks = tasks;
        setup.policy.agents_max = tasks;
    });
    stage.is_checked = false;
    stage.do_it("s1/open", Report::Opened(base(Vec::new())));
    let plan = (0..tasks).map(|number| planned(&format!("t{number}"), &[]));
    stage.answers("s1.plan", vec![propose(plan.collect())]);
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    for number in 1..=others {
        stage.work_at(task(number));
    }
    let measured = (others + 1..=tasks).map(|number| {
        let begun = Instant::now();
        stage.work_at(task(number));
        begun.elapsed()
    });
    let best = measured.min().unwrap();
    assert_eq!(stage.waiting().len(), tasks as usize);
    best
}

#[test]
fn an_event_costs_the_same_among_ten_thousand_open_tasks() {
    let (few, many) = (cost(100), cost(10_000));
    // Trees of a hundred times more keys are a little deeper; a look at all tasks would cost fifty times more.
    assert!(
        many < few * 2,
        "{few:?} among 100 open tasks, {many:?} among 10,000"
    );
}
