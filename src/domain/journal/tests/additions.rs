//! Tasks that people add while a sprint runs, and take back.

use crate::base::id::{SprintId, TaskId};
use crate::base::money::Money;
use crate::domain::journal::stage::{RESERVED, Stage, person};
use crate::domain::journal::{Command, Event, PauseScope, Refusal, Report};
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Closing, GateState, Phase, Planned, Status, Verdict};

const ONE: SprintId = SprintId(1);

fn id(number: u32) -> TaskId {
    TaskId {
        sprint: ONE,
        number,
    }
}

fn add(title: &str, needs: &[&str], is_final: bool) -> Command {
    let task = Planned {
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        ..crate::domain::sprint::Plan::default().new_task(title, "dev")
    };
    Command::AddTask {
        sprint: ONE,
        task: Box::new(task),
        is_final,
    }
}

fn refused(stage: &mut Stage, command: Command) -> String {
    stage.says(command).unwrap_err().to_string()
}

#[test]
fn an_added_task_walks_the_workflow_as_all_do() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    let revision = stage.sprint().plan.revision;
    let events = stage.says(add("make it fast", &[], true)).unwrap();
    assert!(
        matches!(&events[..], [Event::TaskAdded { task, held_until: None, .. }, Event::NodeEntered { .. }] if *task == id(2)),
        "{events:?}"
    );
    assert_eq!(stage.sprint().plan.revision, revision + 1);
    assert_eq!(stage.sprint().plan.tasks[1].slug, "make-it-fast");
    assert_eq!(stage.task("s1.t2").added_by, Some(person("kim")));
    for task in ["s1.t2", "s1.t1"] {
        stage.reach_review(task, &[1]);
        stage.decide(Kind::Diff, Verdict::Approve).unwrap();
        stage.merge(task);
    }
    assert_eq!(stage.sprint().phase, Phase::Summing);
    assert_eq!(stage.sprint().progress(), (2, 2));
}

#[test]
fn it_does_not_begin_while_it_can_be_taken_back() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    let events = stage.says(add("more", &[], false)).unwrap();
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(stage.wanted().contains(&"s1.t2/settle".to_owned()));
    // A pause of the sprint does not lose the wait.
    stage.says(Command::Pause(PauseScope::Sprint(ONE))).unwrap();
    let key = stage.key("s1.t2/settle");
    stage.report(key, Report::Elapsed).unwrap();
    stage
        .says(Command::Resume(PauseScope::Sprint(ONE)))
        .unwrap();
    assert_eq!(stage.task("s1.t2").status, Status::Running);
    assert_eq!(
        stage.says(Command::TakeBack(id(2))),
        Err(Refusal::Begun(id(2)))
    );
}

#[test]
fn what_has_not_begun_is_taken_back_and_leaves_the_plan() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.says(add("more", &[], false)).unwrap();
    let events = stage.says(Command::TakeBack(id(2))).unwrap();
    assert!(
        matches!(&events[..], [Event::TaskTakenBack { .. }]),
        "{events:?}"
    );
    assert_eq!(stage.sprint().progress(), (0, 1));
    assert_eq!(stage.sprint().plan.kept().count(), 1);
    assert!(!stage.wanted().contains(&"s1.t2/settle".to_owned()));
    assert_eq!(
        stage.says(Command::TakeBack(id(1))),
        Err(Refusal::Begun(id(1)))
    );
    // Its number is not used again.
    stage.says(add("another", &[], false)).unwrap();
    stage.says(add("last", &["another"], false)).unwrap();
    assert_eq!(stage.task("s1.t4").spec.slug, "last");
    let needed = stage.says(Command::TakeBack(id(3)));
    assert_eq!(
        needed,
        Err(Refusal::Needed {
            task: id(3),
            by: id(4)
        })
    );
    let waiting =
        Stage::running(|_| {}, &[("a", &[]), ("b", &["a"])]).says(Command::TakeBack(id(2)));
    assert_eq!(waiting, Err(Refusal::NotAdded(id(2))));
}

#[test]
fn needs_are_met_by_what_is_merged_and_waited_for_otherwise() {
    let mut stage = Stage::running(|_| {}, &[("a", &[]), ("b", &[])]);
    stage.reach_review("s1.t1", &[1]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    stage.merge("s1.t1");
    stage.says(add("c", &["a", "b"], true)).unwrap();
    assert_eq!(
        (stage.task("s1.t3").unmet, stage.task("s1.t3").status),
        (1, Status::Ready)
    );
    stage.reach_review("s1.t2", &[2]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    stage.merge("s1.t2");
    assert_eq!(stage.task("s1.t3").status, Status::Running);
}

#[test]
fn faults_are_those_of_the_plan() {
    let mut stage = Stage::running(
        |setup| setup.policy.max_tasks = 3,
        &[("a", &[]), ("b", &[])],
    );
    let mut with = |change: fn(&mut Planned)| {
        let Command::AddTask { mut task, .. } = add("c", &[], true) else {
            panic!()
        };
        change(&mut task);
        let command = Command::AddTask {
            sprint: ONE,
            task,
            is_final: true,
        };
        refused(&mut stage, command)
    };
    let head = "s1 takes no such task: ";
    assert_eq!(
        with(|task| task.role = "qa".to_owned()),
        format!("{head}task c: unknown role qa; the team has dev")
    );
    assert_eq!(
        with(|task| task.needs = vec!["z".to_owned()]),
        format!("{head}task c: needs z, which is not in the plan")
    );
    assert_eq!(
        with(|task| task.needs = vec!["c".to_owned()]),
        format!("{head}tasks need one another in a circle: c > c")
    );
    assert_eq!(
        with(|task| task.slug = "a".to_owned()),
        format!("{head}task a: the slug is used twice")
    );
    assert_eq!(
        with(|task| task.title = " ".to_owned()),
        format!("{head}task c: has no title")
    );
    assert_eq!(
        with(|task| task.criteria.clear()),
        format!("{head}task c: has no acceptance criterion")
    );
    stage.says(Command::DropTask(id(2))).unwrap();
    assert_eq!(
        refused(&mut stage, add("c", &["b"], true)),
        format!("{head}task c: needs b, which is not in the plan")
    );
    stage.says(add("c", &[], true)).unwrap();
    stage.says(add("d", &[], true)).unwrap();
    assert_eq!(
        refused(&mut stage, add("e", &[], true)),
        format!("{head}4 tasks are more than the limit of 3: split the goal")
    );
}

#[test]
fn a_sprint_that_was_summed_up_goes_on() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    let merged = |stage: &mut Stage, task: &str| {
        stage.reach_review(task, &[1]);
        stage.decide(Kind::Diff, Verdict::Approve).unwrap();
        stage.merge(task);
    };
    merged(&mut stage, "s1.t1");
    // While it is summed up: the summary is cut short.
    assert_eq!(stage.sprint().phase, Phase::Summing);
    stage.says(add("b", &[], true)).unwrap();
    assert_eq!(stage.sprint().phase, Phase::Running);
    assert!(
        !stage.wanted().iter().any(|key| key.contains("sum")),
        "{:?}",
        stage.wanted()
    );
    merged(&mut stage, "s1.t2");
    stage.answers("s1.sum", Vec::new());
    // While it waits for the base branch: the question is dropped, and comes again behind another summary.
    let asked = stage.gate(Kind::Merge).id;
    stage.says(add("c", &[], true)).unwrap();
    assert_eq!(stage.world.gate(asked).unwrap().state, GateState::Moot);
    assert_eq!(stage.sprint().summary, None);
    merged(&mut stage, "s1.t3");
    stage.answers("s1.sum", Vec::new());
    assert_ne!(stage.gate(Kind::Merge).id, asked);
    // Once it is let in, even while that can be withdrawn, nothing is added.
    let merge = stage.gate(Kind::Merge).id;
    stage.decide_on(merge, Verdict::Approve, false).unwrap();
    let why = "s1 takes no such task: the sprint is on its way into the base branch: another one can do it";
    assert_eq!(refused(&mut stage, add("d", &[], true)), why);
    stage.says(Command::Undo { gate: merge }).unwrap();
    stage.says(add("d", &[], false)).unwrap();
    // Taken back: what was done before is summed up anew.
    stage.says(Command::TakeBack(id(4))).unwrap();
    assert_eq!(stage.sprint().phase, Phase::Summing);
}

#[test]
fn it_is_added_after_the_approval_with_money_and_before_the_end() {
    let mut stage = Stage::planned(|_| {}, &[("a", &[])]);
    assert_eq!(
        refused(&mut stage, add("b", &[], true)),
        "s1 takes no such task: the plan is not approved yet: add the task there"
    );
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    let limit = stage.sprint().account.spent;
    stage
        .says(Command::SetBudget { sprint: ONE, limit })
        .unwrap();
    let broke = "s1 takes no such task: the budget is reached: raise it first";
    assert_eq!(refused(&mut stage, add("b", &[], true)), broke);
    // A little is left, but the agents hold.
    let limit = limit + Money(RESERVED.0 / 2);
    stage
        .says(Command::SetBudget { sprint: ONE, limit })
        .unwrap();
    stage.prepare("s1.t1");
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    assert_eq!(refused(&mut stage, add("b", &[], true)), broke);
    stage.says(Command::Stop(ONE)).unwrap();
    assert_eq!(stage.sprint().phase, Phase::Closed(Closing::Stopped));
    assert_eq!(
        stage.says(add("b", &[], true)),
        Err(Refusal::Over("s1".to_owned()))
    );
}

#[test]
fn a_stopped_sprint_waits_for_no_added_task() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.says(add("b", &[], false)).unwrap();
    stage.says(Command::Stop(ONE)).unwrap();
    assert!(!stage.wanted().contains(&"s1.t2/settle".to_owned()));
}

#[test]
fn what_it_would_cost_is_known_before() {
    let mut stage = Stage::running(
        |setup| setup.policy.budget = Some(Money::dollars(1)),
        &[("a", &[])],
    );
    let task = stage.sprint().plan.new_task("b", "dev");
    let prospect = stage.sprint().prospect(&task);
    assert!(prospect.cost > Money::ZERO && !prospect.is_over());
    assert_eq!(prospect.after, prospect.before + prospect.cost);
    let limit = prospect.before;
    stage
        .says(Command::SetBudget { sprint: ONE, limit })
        .unwrap();
    assert!(stage.sprint().prospect(&task).is_over());
}
