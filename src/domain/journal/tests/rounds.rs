//! Rounds of work: red checks, red proofs, a judge's no, and where a person is asked; who works when there is little room.

use crate::domain::agent::{Opening, RoleKind};
use crate::domain::journal::Report;
use crate::domain::journal::stage::{Stage, base, call_failed, check, judge, ran};
use crate::domain::llm::{FailureKind, Tier};
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Ask, Cause, Phase, Status, Verdict};

fn with_checks() -> Stage {
    let mut stage = Stage::started(|_| {});
    stage.do_it(
        "s1/open",
        Report::Opened(base(vec![check("make test"), check("make lint")])),
    );
    stage.plan(&[("a", &[])]);
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    stage
}

fn checked(stage: &mut Stage, results: &[(&str, i32)]) {
    let visit = stage.task("s1.t1").visit;
    let results = results
        .iter()
        .map(|(command, exit)| ran(command, *exit))
        .collect();
    let on = stage.sprint().tip.clone();
    let key = stage.key(&format!("s1.t1/checks:{visit}"));
    stage.report(key, Report::Checked { results, on }).unwrap();
}

fn baseline(stage: &mut Stage, results: &[(&str, i32)]) {
    let results = results
        .iter()
        .map(|(command, exit)| ran(command, *exit))
        .collect();
    let key = stage.key("s1/baseline");
    stage.report(key, Report::Baseline(results)).unwrap();
}

#[test]
fn checks_wait_for_the_baseline_and_forgive_what_was_red_there() {
    let mut stage = with_checks();
    stage.work("s1.t1", &[1]);
    let key = stage.key("s1.t1/checks:2");
    assert!(stage.world.open[&key].hold.is_some());
    baseline(&mut stage, &[("make test", 0), ("make lint", 1)]);
    assert!(stage.world.open[&key].hold.is_none());
    checked(&mut stage, &[("make test", 0), ("make lint", 2)]);
    assert_eq!(stage.attempt("s1.t1").kind, RoleKind::Judge);
}

#[test]
fn red_checks_go_round_until_a_person_is_asked() {
    let mut stage = with_checks();
    baseline(&mut stage, &[("make test", 0)]);
    for round in 1..=3 {
        stage.work("s1.t1", &[round]);
        assert_eq!(u64::from(stage.task("s1.t1").round), round);
        checked(&mut stage, &[("make test", 1)]);
    }
    let last = stage.attempt("s1.t1");
    // The last round was a fresh attempt, one tier up.
    assert_eq!((last.tier, last.continues), (Tier::Premium, None));
    let Ask::Fail { cause, evidence } = &stage.gate(Kind::Fail).ask else {
        panic!()
    };
    assert_eq!(
        (cause.as_str(), evidence.as_str()),
        ("3 rounds did not get it done", "make test exit 1")
    );
    assert_eq!(stage.task("s1.t1").status, Status::Held(Cause::Stuck));
    stage.decide(Kind::Fail, Verdict::Retry).unwrap();
    assert_eq!(
        (stage.task("s1.t1").round, stage.task("s1.t1").status),
        (1, Status::Running)
    );
    assert!(matches!(
        stage.attempt("s1.t1").opening,
        Opening::ChecksFailed(_)
    ));
    stage.work("s1.t1", &[9]);
    checked(&mut stage, &[("make test", 0)]);
    stage.answers("s1.t1", vec![judge(true)]);
    assert_eq!(stage.waiting(), ["DIFF"]);
}

#[test]
fn a_judges_no_shares_the_rounds() {
    let mut stage = Stage::running(|setup| setup.workflow.max_rounds = 2, &[("a", &[])]);
    for _ in 0..2 {
        stage.work("s1.t1", &[1]);
        stage.answers("s1.t1", vec![judge(false)]);
    }
    assert_eq!(
        stage
            .task("s1.t1")
            .verdict
            .as_ref()
            .map(|verdict| verdict.accepted),
        Some(false)
    );
    let Ask::Fail { evidence, .. } = &stage.gate(Kind::Fail).ask else {
        panic!()
    };
    assert_eq!(evidence, "c1 is not met");
    stage.decide(Kind::Fail, Verdict::Drop).unwrap();
    assert!(matches!(stage.sprint().phase, Phase::Closed(_)));
}

#[test]
fn red_proofs_go_back_as_well() {
    let mut stage = Stage::started(|_| {});
    stage.do_it("s1/open", Report::Opened(base(Vec::new())));
    let mut task = crate::domain::journal::stage::planned("a", &[]);
    task.criteria[0].proof = "sh prove".to_owned();
    stage.answers(
        "s1.plan",
        vec![crate::domain::journal::stage::propose(vec![task])],
    );
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    stage.reach_review("s1.t1", &[1]);
    checked(&mut stage, &[("sh prove", 3)]);
    assert!(matches!(
        stage.attempt("s1.t1").opening,
        Opening::ProofsFailed(_)
    ));
    stage.reach_review("s1.t1", &[1]);
    checked(&mut stage, &[("sh prove", 0)]);
    assert_eq!(stage.task("s1.t1").proven(), (1, 1));
    assert_eq!(stage.waiting(), ["DIFF"]);
}

#[test]
fn what_a_dropped_task_was_needed_for_goes_on_without_it() {
    let mut stage = Stage::running(|_| {}, &[("a", &[]), ("b", &["a"]), ("c", &["a", "b"])]);
    let first = stage.task("s1.t1").id;
    stage
        .says(crate::domain::journal::Command::DropTask(first))
        .unwrap();
    assert_eq!(stage.wanted(), ["s1.t2/worktree"]);
    assert_eq!(stage.task("s1.t3").unmet, 1);
}

#[test]
fn only_so_many_tasks_are_in_work() {
    let mut stage = Stage::running(
        |setup| setup.policy.agents_max = 2,
        &[("a", &[]), ("b", &[]), ("c", &[])],
    );
    assert_eq!(stage.wanted(), ["s1.t1/worktree", "s1.t2/worktree"]);
    stage.reach_review("s1.t1", &[1]);
    assert_eq!(stage.wanted(), ["s1.t2/worktree", "s1.t3/worktree"]);
    // A task that comes back waits for room as well.
    stage
        .decide(Kind::Diff, Verdict::Reject("no".to_owned()))
        .unwrap();
    assert_eq!(stage.sprint().busy.len(), 2);
    assert_eq!(stage.attempt("s1.t1").kind, RoleKind::Judge);
    stage.reach_review("s1.t2", &[1]);
    assert_eq!(
        stage.attempt("s1.t1").kind,
        RoleKind::Worker,
        "it was forgotten"
    );
    assert_eq!(stage.sprint().busy.len(), 2);
}

#[test]
fn too_long_conversations_begin_anew_three_times() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.prepare("s1.t1");
    for number in 1..=3 {
        assert_eq!(stage.attempt_id("s1.t1").number, number);
        let key = stage.model_of("s1.t1");
        stage.end(key, call_failed(FailureKind::ContextOverflow));
    }
    assert_eq!(stage.waiting(), ["FAIL"]);
    assert_eq!(stage.attempt_id("s1.t1").number, 3);
}
