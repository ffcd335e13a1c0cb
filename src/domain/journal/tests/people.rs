//! Pause, stop, queued sprints, who may do what.

use crate::base::body::Body;
use crate::base::id::SprintId;
use crate::domain::journal::stage::{Stage, finish, oid, setup};
use crate::domain::journal::{Command, EffectKey, Hold, PauseScope, Refusal, Report};
use crate::domain::security::Actor;
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Closing, Phase, Verdict};

const ONE: SprintId = SprintId(1);
const TWO: SprintId = SprintId(2);

#[test]
fn a_pause_starts_nothing_and_breaks_nothing_off() {
    for scope in [
        PauseScope::Sprint(ONE),
        PauseScope::Task("s1.t1".parse().unwrap()),
    ] {
        let mut stage = Stage::running(|_| {}, &[("a", &[]), ("b", &[])]);
        let key = stage.key("s1.t1/worktree");
        stage.begin(key).unwrap();
        stage.says(Command::Pause(scope)).unwrap();
        assert_eq!(stage.says(Command::Pause(scope)), Ok(Vec::new()));
        stage
            .report(key, Report::Worktree { base: oid(1) })
            .unwrap();
        let key = stage.model_of("s1.t1");
        assert_eq!(stage.world.open[&key].hold, Some(Hold::Paused));
        assert_eq!(stage.begin(key), Err(Refusal::Held(key.to_string())));
        stage.says(Command::Resume(scope)).unwrap();
        stage.answers("s1.t1", vec![finish()]);
    }
}

#[test]
fn a_paused_task_is_not_begun() {
    let mut stage = Stage::running(
        |setup| setup.policy.agents_max = 1,
        &[("a", &[]), ("b", &[]), ("c", &[])],
    );
    stage
        .says(Command::Pause(PauseScope::Task("s1.t2".parse().unwrap())))
        .unwrap();
    let task = stage.task("s1.t1").id;
    stage.says(Command::DropTask(task)).unwrap();
    assert_eq!(stage.wanted(), ["s1.t3/worktree"]);
    stage
        .says(Command::Resume(PauseScope::Task("s1.t2".parse().unwrap())))
        .unwrap();
    stage
        .says(Command::DropTask("s1.t3".parse().unwrap()))
        .unwrap();
    assert_eq!(stage.wanted(), ["s1.t2/worktree"]);
}

#[test]
fn a_decision_that_waits_takes_effect_in_a_pause() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.reach_review("s1.t1", &[1]);
    let gate = stage.gate(Kind::Diff).id;
    stage.decide_on(gate, Verdict::Approve, false).unwrap();
    stage.says(Command::Pause(PauseScope::Sprint(ONE))).unwrap();
    let timer = stage.key("s1.g2/undo:0");
    assert_eq!(stage.world.open[&timer].hold, None);
    stage.report(timer, Report::Elapsed).unwrap();
    let key = stage.key("s1.t1/merge:1");
    assert_eq!(stage.world.open[&key].hold, Some(Hold::Paused));
}

#[test]
fn a_stopped_sprint_wants_nothing_and_asks_nothing() {
    let mut stage = Stage::running(|_| {}, &[("a", &[]), ("b", &[])]);
    stage.reach_review("s1.t1", &[1]);
    stage.says(Command::Stop(ONE)).unwrap();
    assert_eq!(stage.sprint().phase, Phase::Closed(Closing::Stopped));
    assert_eq!((stage.wanted(), stage.waiting()), (Vec::new(), Vec::new()));
    assert_eq!(
        stage.says(Command::Stop(ONE)),
        Err(Refusal::Over("s1".to_owned()))
    );
    let late = stage.decide_on("s1.g2".parse().unwrap(), Verdict::Approve, true);
    assert_eq!(late, Err(Refusal::Over("s1.g2".to_owned())));
}

#[test]
fn a_second_sprint_waits_for_the_first() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.start(|_| {}).unwrap();
    stage.start(|_| {}).unwrap();
    assert_eq!(stage.world.sprints[&TWO].phase, Phase::Queued);
    stage.says(Command::Stop(TWO)).unwrap();
    stage.says(Command::Stop(ONE)).unwrap();
    assert_eq!(stage.world.active, Some(SprintId(3)));
    assert_eq!(stage.wanted(), ["s3/open"]);
}

#[test]
fn only_people_decide_and_only_runners_report() {
    let mut stage = Stage::planned(|_| {}, &[("a", &[])]);
    let gate = stage.gate(Kind::Plan).id;
    let revision = stage.gate(Kind::Plan).revision;
    let decide = Command::Decide {
        gate,
        revision,
        verdict: Verdict::Approve,
        is_final: true,
    };
    let agent = Actor::Agent("s1.plan.a1".parse().unwrap());
    for by in [agent, Actor::Effect, Actor::System] {
        assert_eq!(stage.take(by, decide.clone()), Err(Refusal::NotAPerson));
    }
    let key = EffectKey::Open(ONE);
    assert_eq!(
        stage.says(Command::Begin { key, model: None }),
        Err(Refusal::NotAPerson)
    );
    assert_eq!(
        stage.says(Command::Report {
            key,
            report: Report::Elapsed
        }),
        Err(Refusal::NotAPerson)
    );
}

#[test]
fn a_sprint_needs_a_goal_a_planner_and_a_sound_workflow() {
    let start = |goal: &str, change: fn(&mut crate::domain::sprint::Setup)| {
        let mut made = setup();
        change(&mut made);
        let goal = Body::Inline(goal.to_owned());
        Stage::default().says(Command::StartSprint {
            goal,
            setup: Some(Box::new(made)),
            base: None,
        })
    };
    for refused in [
        start("  ", |_| {}),
        start("x", |setup| setup.team.clear()),
        start("x", |setup| setup.workflow.nodes.clear()),
    ] {
        assert!(matches!(refused, Err(Refusal::NoSetup(_))), "{refused:?}");
    }
    let goal = Body::Inline("x".to_owned());
    let refused = Stage::default().says(Command::StartSprint {
        goal,
        setup: None,
        base: None,
    });
    assert!(matches!(refused, Err(Refusal::NoSetup(_))));
}

#[test]
fn a_sprint_starts_from_a_commit_that_a_sprint_stood_at_and_from_no_other() {
    let mut stage = Stage::planned(|_| {}, &[("a", &[])]);
    let tip = stage.sprint().tip.clone().unwrap();
    let fork = |base| Command::StartSprint {
        goal: Body::Inline("another way".to_owned()),
        setup: Some(Box::new(setup())),
        base: Some(base),
    };
    let stranger = "9".repeat(40).parse().unwrap();
    let refused = stage.says(fork(stranger)).unwrap_err();
    assert!(
        refused.to_string().contains("stood at 9999"),
        "{refused}: nobody may have agents work on any commit"
    );
    stage.says(fork(tip.clone())).unwrap();
    let (_, sprint) = stage.world.sprints.last_key_value().unwrap();
    assert_eq!(
        (&sprint.phase, &sprint.from),
        (&crate::domain::sprint::Phase::Queued, &Some(tip.clone()))
    );
    let brief = stage.world.brief(&EffectKey::Open(sprint.id));
    assert!(
        matches!(&brief, Some(crate::domain::journal::Effect::Open { from: Some(from), .. }) if *from == tip),
        "{brief:?}"
    );
}

#[test]
fn a_command_is_remembered_with_its_last_event() {
    let stage = Stage::planned(|_| {}, &[("a", &[])]);
    let (id, seq) = stage.world.answered.back().cloned().unwrap();
    assert_eq!(stage.world.answer_to(&id), Some(seq));
}
