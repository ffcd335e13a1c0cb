//! From a goal to an approved plan.

use crate::base::id::SprintId;
use crate::domain::agent::{End, Opening, Shape};
use crate::domain::journal::stage::{Stage, finish, judge, person, planned, propose, read, tool};
use crate::domain::journal::{Command, Event, Refusal};
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Closing, Phase, PlanEdit, Verdict};

const ONE: SprintId = SprintId(1);

#[test]
fn an_approved_plan_starts_what_needs_nothing() {
    let stage = Stage::running(|_| {}, &[("a", &[]), ("b", &["a"])]);
    assert_eq!(stage.wanted(), ["s1.t1/worktree"]);
    assert_eq!(stage.task("s1.t2").unmet, 1);
}

#[test]
fn without_the_gate_a_plan_approves_itself() {
    let mut stage = Stage::started(|setup| setup.policy.plan = false);
    stage.do_it(
        "s1/open",
        crate::domain::journal::Report::Opened(crate::domain::journal::stage::base(Vec::new())),
    );
    stage.plan(&[("a", &[])]);
    assert_eq!(stage.sprint().phase, Phase::Running);
    assert_eq!(stage.waiting(), Vec::<&str>::new());
}

#[test]
fn a_rejected_plan_goes_on_with_the_same_conversation() {
    let mut stage = Stage::planned(|_| {}, &[("a", &[])]);
    stage
        .decide(Kind::Plan, Verdict::Reject("smaller".to_owned()))
        .unwrap();
    let attempt = stage.attempt("s1.plan");
    assert_eq!(attempt.opening, Opening::PlanRejected("smaller".to_owned()));
    assert_eq!(attempt.continues.map(|id| id.number), Some(1));
    stage.plan(&[("b", &[])]);
    assert_eq!(stage.sprint().plan.revision, 2);
    assert_eq!(stage.waiting(), ["PLAN"]);
}

#[test]
fn an_edit_makes_older_decisions_stale() {
    let mut stage = Stage::planned(|_| {}, &[("a", &[]), ("b", &[])]);
    let (gate, revision) = (stage.gate(Kind::Plan).id, stage.gate(Kind::Plan).revision);
    let edit = |revision| Command::EditPlan {
        sprint: ONE,
        revision,
        edits: vec![PlanEdit::Keep {
            slug: "b".to_owned(),
            keep: false,
        }],
    };
    stage.says(edit(1)).unwrap();
    let verdict = Verdict::Approve;
    let late = stage.says(Command::Decide {
        gate,
        revision,
        verdict,
        is_final: true,
    });
    assert_eq!(late, Err(Refusal::Stale("s1.g1".to_owned())));
    assert_eq!(
        stage.says(edit(1)),
        Err(Refusal::Stale("the plan of s1".to_owned()))
    );
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    assert_eq!(stage.sprint().tasks.len(), 1);
    let again = stage.says(edit(2));
    assert_eq!(
        again,
        Err(Refusal::Unknown("plan of s1 to edit".to_owned()))
    );
}

#[test]
fn whoever_decides_second_hears_who_was_first() {
    let mut stage = Stage::planned(|_| {}, &[("a", &[])]);
    let (gate, revision) = (stage.gate(Kind::Plan).id, stage.gate(Kind::Plan).revision);
    let decide = |verdict| Command::Decide {
        gate,
        revision,
        verdict,
        is_final: true,
    };
    stage.take(person("ana"), decide(Verdict::Drop)).unwrap();
    assert_eq!(stage.sprint().phase, Phase::Closed(Closing::Stopped));
    let second = stage.take(person("ben"), decide(Verdict::Approve));
    // Also when the first decision ended the sprint.
    assert_eq!(
        second,
        Err(Refusal::AlreadyDecided {
            gate,
            by: "ana".to_owned()
        })
    );
}

#[test]
fn a_faulty_plan_goes_back_once_and_then_waits_with_its_faults() {
    let mut stage = Stage::planned(|_| {}, &[("a", &[])]);
    stage
        .decide(Kind::Plan, Verdict::Reject("no".to_owned()))
        .unwrap();
    let faulty = || vec![propose(vec![planned("a", &["b"])])];
    let events = stage.answers("s1.plan", faulty());
    assert!(matches!(&events[1], Event::ToolReturned { answer, .. } if answer.is_error));
    stage.answers("s1.plan", faulty());
    assert_eq!(stage.waiting(), ["PLAN"]);
    assert!(matches!(
        stage.decide(Kind::Plan, Verdict::Approve),
        Err(Refusal::FaultyPlan(_))
    ));
}

#[test]
fn a_plan_mended_by_hand_needs_no_gate_where_the_gate_is_waived() {
    let mut stage = Stage::started(|setup| setup.policy.plan = false);
    stage.do_it(
        "s1/open",
        crate::domain::journal::Report::Opened(crate::domain::journal::stage::base(Vec::new())),
    );
    for _ in 0..2 {
        stage.answers(
            "s1.plan",
            vec![propose(vec![planned("a", &[]), planned("b", &["c"])])],
        );
    }
    assert_eq!(stage.waiting(), ["PLAN"]);
    let edits = vec![PlanEdit::Keep {
        slug: "b".to_owned(),
        keep: false,
    }];
    stage
        .says(Command::EditPlan {
            sprint: ONE,
            revision: 1,
            edits,
        })
        .unwrap();
    assert_eq!(stage.sprint().phase, Phase::Running);
    assert_eq!(
        stage.waiting(),
        Vec::<&str>::new(),
        "the gate was left open behind the approval"
    );
}

#[test]
fn what_cannot_be_read_twice_is_shown_raw() {
    for reply in [vec![Shape::Bad("not JSON".to_owned())], Vec::new()] {
        let mut stage = Stage::planned(|_| {}, &[("a", &[])]);
        stage
            .decide(Kind::Plan, Verdict::Reject(String::new()))
            .unwrap();
        stage.answers("s1.plan", reply.clone());
        assert_eq!(stage.sprint().phase, Phase::Planning);
        stage.answers("s1.plan", reply);
        assert_eq!(stage.sprint().phase, Phase::Approving);
        assert!(stage.sprint().plan.raw.is_some());
        assert!(!stage.sprint().plan.faults.is_empty());
    }
}

#[test]
fn only_the_closing_call_of_its_own_kind_ends_an_attempt() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.prepare("s1.t1");
    for shape in [judge(true), propose(vec![planned("x", &[])])] {
        stage.answers("s1.t1", vec![shape]);
        assert_eq!(stage.attempt("s1.t1").end, None);
    }
    stage.answers("s1.t1", vec![finish()]);
    stage.commit("s1.t1", &[1]);
    stage.answers("s1.t1", vec![finish()]);
    assert_eq!(
        stage.attempt("s1.t1").end,
        None,
        "a judge ended without a verdict"
    );
    stage.answers("s1.t1", vec![judge(true)]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    stage.merge("s1.t1");
    stage.answers("s1.sum", vec![propose(vec![planned("x", &[])])]);
    for _ in 0..2 {
        stage.answers("s1.sum", vec![Shape::Bad("not JSON".to_owned())]);
    }
    assert_eq!(
        stage.sprint().phase,
        Phase::Summing,
        "the summary began another plan"
    );
    stage.answers("s1.sum", Vec::new());
    assert_eq!(stage.sprint().phase, Phase::Landing);
}

#[test]
fn calls_before_the_plan_are_made_first() {
    let mut stage = Stage::planned(|_| {}, &[("a", &[])]);
    stage
        .decide(Kind::Plan, Verdict::Reject("no".to_owned()))
        .unwrap();
    stage.answers("s1.plan", vec![read(), propose(vec![planned("a", &[])])]);
    assert_eq!(stage.sprint().phase, Phase::Planning);
    let key = stage.key("s1.plan.a2/0:tool:0");
    stage.report(key, tool(false)).unwrap();
    assert_eq!(stage.sprint().phase, Phase::Approving);
    assert_eq!(stage.attempt("s1.plan").end, Some(End::Planned));
}
