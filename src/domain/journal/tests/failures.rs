//! Models that fail, providers that do not let us in, effects that cannot be done.

use crate::base::money::Money;
use crate::domain::agent::End;
use crate::domain::journal::stage::{RESERVED, Stage, call_failed, finish, model, reply};
use crate::domain::journal::{Event, Hold, Refusal, Report};
use crate::domain::llm::{FailureKind, Tier};
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Ask, Closing, Phase, Verdict};

fn working(tasks: usize) -> Stage {
    let tasks: Vec<(&str, &[&str])> = [("a", &[] as &[&str]), ("b", &[])]
        .into_iter()
        .take(tasks)
        .collect();
    let mut stage = Stage::running(|_| {}, &tasks);
    for number in 1..=tasks.len() {
        stage.prepare(&format!("s1.t{number}"));
    }
    stage
}

fn fail(stage: &mut Stage, work: &str, kind: FailureKind) {
    let key = stage.model_of(work);
    stage.end(key, call_failed(kind));
}

#[test]
fn passing_trouble_is_waited_out() {
    let mut stage = working(1);
    for failures in 1..=3 {
        fail(&mut stage, "s1.t1", FailureKind::RateLimited);
        let timer = stage.key(&format!("s1.t1.a1/retry:{failures}"));
        assert!(stage.world.open[&timer].until.is_some());
        stage.report(timer, Report::Elapsed).unwrap();
    }
    stage.answers("s1.t1", vec![finish()]);
    assert_eq!(stage.attempt("s1.t1").failures, 0);
}

#[test]
fn lasting_trouble_holds_all_that_need_the_provider() {
    let mut stage = working(2);
    for failures in 1..=3 {
        fail(&mut stage, "s1.t1", FailureKind::Unreachable);
        let timer = stage.key(&format!("s1.t1.a1/retry:{failures}"));
        stage.report(timer, Report::Elapsed).unwrap();
    }
    fail(&mut stage, "s1.t1", FailureKind::Unreachable);
    assert_eq!(stage.waiting(), ["KEY"]);
    for work in ["s1.t1", "s1.t2"] {
        let key = stage.model_of(work);
        assert_eq!(stage.world.open[&key].hold, Some(Hold::Provider));
        assert_eq!(stage.begin(key), Err(Refusal::Held(key.to_string())));
    }
    stage.decide(Kind::Key, Verdict::Retry).unwrap();
    stage.answers("s1.t1", vec![finish()]);
    stage.answers("s1.t2", vec![finish()]);
}

#[test]
fn a_wrong_key_is_asked_about_once() {
    let mut stage = working(2);
    let (one, two) = (stage.model_of("s1.t1"), stage.model_of("s1.t2"));
    stage.begin(one).unwrap();
    stage.begin(two).unwrap();
    stage.report(one, call_failed(FailureKind::Auth)).unwrap();
    stage.report(two, call_failed(FailureKind::Auth)).unwrap();
    assert_eq!(stage.waiting(), ["KEY"]);
    stage.decide(Kind::Key, Verdict::Drop).unwrap();
    assert_eq!(stage.sprint().phase, Phase::Closed(Closing::Stopped));
}

#[test]
fn a_call_that_went_to_another_provider_than_planned_is_held_too() {
    let mut stage = working(1);
    let key = stage.model_of("s1.t1");
    let route = model("three", "other").route;
    let model = crate::domain::journal::BeganModel {
        route,
        tier: Tier::Standard,
        reserved: RESERVED,
        fingerprint: crate::base::id::Digest::of(b""),
        words: 0,
    };
    stage
        .runs(crate::domain::journal::Command::Begin {
            key,
            model: Some(model),
        })
        .unwrap();
    stage.report(key, call_failed(FailureKind::Auth)).unwrap();
    assert!(matches!(&stage.gate(Kind::Key).ask, Ask::Key { provider, .. } if provider == "three"));
    assert_eq!(
        stage.world.open[&key].hold,
        Some(Hold::Provider),
        "it would be asked again at once"
    );
}

#[test]
fn what_no_retry_mends_ends_the_attempt() {
    let mut stage = working(1);
    fail(&mut stage, "s1.t1", FailureKind::BadRequest);
    assert!(matches!(
        stage.attempt("s1.t1").end,
        Some(End::Failed(FailureKind::BadRequest, _))
    ));
    assert_eq!(stage.waiting(), ["FAIL"]);
}

#[test]
fn an_effect_that_cannot_be_done_is_a_persons_business() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.do_it("s1.t1/worktree", Report::Failed("no space left".to_owned()));
    assert_eq!(stage.waiting(), ["FAIL"]);
    stage.decide(Kind::Fail, Verdict::Retry).unwrap();
    stage.prepare("s1.t1");
    // A model call that broke off gives its reservation back as spent.
    let key = stage.model_of("s1.t1");
    stage.end(key, Report::Failed("the thread broke off".to_owned()));
    assert_eq!(
        (stage.sprint().account.reserved, stage.world.reserved),
        (Money::ZERO, Money::ZERO)
    );
    assert_eq!(stage.sprint().ledger.all.lost, 1);
    assert_eq!(stage.waiting(), ["FAIL"]);
}

#[test]
fn a_planner_that_fails_is_tried_again_but_not_taken_over() {
    let mut stage = Stage::started(|_| {});
    stage.do_it(
        "s1/open",
        Report::Opened(crate::domain::journal::stage::base(Vec::new())),
    );
    fail(&mut stage, "s1.plan", FailureKind::BadRequest);
    let wrong = stage.decide(Kind::Fail, Verdict::TakeOver);
    assert!(
        matches!(wrong, Err(Refusal::WrongVerdict(_))),
        "a sprint was stopped by a wrong key: {wrong:?}"
    );
    stage.decide(Kind::Fail, Verdict::Retry).unwrap();
    stage.plan(&[("a", &[])]);
    assert_eq!(stage.waiting(), ["PLAN"]);
}

#[test]
fn a_base_that_cannot_be_opened_ends_the_sprint() {
    let mut stage = Stage::started(|_| {});
    stage.do_it("s1/open", Report::NotOpened("no commits".to_owned()));
    assert_eq!(
        stage.sprint().phase,
        Phase::Closed(Closing::Failed("no commits".to_owned()))
    );
}

#[test]
fn late_and_double_reports_change_nothing_but_money() {
    let mut stage = working(1);
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    let task = stage.task("s1.t1").id;
    stage
        .says(crate::domain::journal::Command::DropTask(task))
        .unwrap();
    assert_eq!(stage.sprint().account.reserved, RESERVED);
    let events = stage.report(key, reply(vec![finish()])).unwrap();
    assert!(matches!(events[..], [Event::CallLost { .. }]));
    assert_eq!(stage.sprint().account.reserved, Money::ZERO);
    // Begun for the plan and for this.
    assert_eq!(
        (
            stage.sprint().ledger.all.calls,
            stage.sprint().ledger.all.lost
        ),
        (2, 0)
    );
    let again = stage.report(key, reply(vec![finish()]));
    assert_eq!(again, Err(Refusal::NotAwaited(key.to_string())));
}

#[test]
fn a_call_that_was_cancelled_counts_as_spent() {
    let mut stage = working(1);
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    let task = stage.task("s1.t1").id;
    stage
        .says(crate::domain::journal::Command::DropTask(task))
        .unwrap();
    stage.report(key, call_failed(FailureKind::Cut)).unwrap();
    assert_eq!(stage.sprint().ledger.all.lost, 1);
}
