//! Results of a conflict that are tested before anybody decides: when that is wanted, what it is worth, and when it ends.

use crate::base::body::Body;
use crate::base::id::GateId;
use crate::domain::change::checks::Judgement;
use crate::domain::change::clash::{Choice, Choosable, Clash, name_of};
use crate::domain::journal::stage::{Stage, base, check, judge, oid, ran};
use crate::domain::journal::{
    Command, Effect, Envelope, Event, Hold, PauseScope, Refusal, Report, Sides, VOCABULARY,
};
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::trial::TrialEnd;
use crate::domain::sprint::{Setup, Verdict};

const TASK: &str = "s1.t1";

/// A task at the gate of its second conflict, in a project with these checks.
fn stage(checks: &[&str]) -> Stage {
    let mut stage = Stage::started(|_: &mut Setup| {});
    let specs = checks.iter().map(|command| check(command));
    stage.do_it("s1/open", Report::Opened(base(specs.collect())));
    stage.plan(&[("a", &[])]);
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    let red = checks
        .iter()
        .map(|command| ran(command, i32::from(*command == "red")));
    if !checks.is_empty() {
        let key = stage.key("s1/baseline");
        stage.report(key, Report::Baseline(red.collect())).unwrap();
    }
    for number in 1..=2 {
        stage.work(TASK, &[1]);
        if !checks.is_empty() {
            let visit = stage.task(TASK).visit;
            let key = stage.key(&format!("{TASK}/checks:{visit}"));
            let results = checks.iter().map(|command| ran(command, 0)).collect();
            let on = stage.sprint().tip.clone();
            stage.report(key, Report::Checked { results, on }).unwrap();
        }
        stage.answers(TASK, vec![judge(true)]);
        stage.decide(Kind::Diff, Verdict::Approve).unwrap();
        let key = stage.key(&format!("{TASK}/merge:{number}"));
        let Some(Effect::Merge { is_asked, .. }) = stage.world.brief(&key) else {
            panic!("no merge")
        };
        assert_eq!(is_asked, number == 2, "the author is asked first");
        let sides = Sides {
            onto: stage.sprint().tip.clone().unwrap(),
            paths: vec!["a.txt".to_owned()],
            clash: is_asked.then(|| clash(&stage)),
        };
        stage.end(key, Report::Conflicted(sides.clone()));
        if number == 1 {
            stage.do_it(&format!("{TASK}/conflict:1"), Report::Brought(sides));
        }
    }
    stage
}

fn clash(stage: &Stage) -> Clash {
    Clash {
        onto: stage.sprint().tip.clone().unwrap(),
        head: stage.task(TASK).change.as_ref().unwrap().commit.clone(),
        document: Body::Inline("{}".to_owned()),
        files: vec![Choosable::Places(2)],
    }
}

fn ours() -> Vec<Vec<Choice>> {
    vec![vec![Choice::Ours; 2]]
}

fn both() -> Vec<Vec<Choice>> {
    vec![vec![Choice::Both, Choice::Text("x\n".to_owned())]]
}

fn gate(stage: &Stage) -> GateId {
    stage.gate(Kind::Conflict).id
}

fn asks(stage: &mut Stage, choices: &[Vec<Choice>]) -> Result<Vec<Event>, Refusal> {
    let (gate, revision) = (gate(stage), stage.gate(Kind::Conflict).revision);
    let choices = choices.to_vec();
    stage.says(Command::Try {
        gate,
        revision,
        choices,
    })
}

fn tried(tree: u64, results: &[(&str, i32)]) -> Report {
    Report::Tried {
        tree: oid(tree),
        results: results
            .iter()
            .map(|(command, exit)| ran(command, *exit))
            .collect(),
    }
}

fn ended(stage: &mut Stage, number: u32, report: Report) {
    let key = stage.key(&format!("{TASK}/trial:{number}"));
    stage.report(key, report).unwrap();
}

#[test]
fn a_result_is_tested_once_and_its_outcome_is_its_own() {
    let mut stage = stage(&["make", "red"]);
    assert_eq!(stage.wanted(), Vec::<String>::new());
    asks(&mut stage, &both()).unwrap();
    assert_eq!(stage.wanted(), ["s1.t1/trial:1"]);
    assert!(!stage.world.open[&stage.key("s1.t1/trial:1")].is_recorded);
    let effect = stage.world.brief(&stage.key("s1.t1/trial:1")).unwrap();
    let Effect::Trial {
        chosen,
        specs,
        known,
        ..
    } = effect
    else {
        panic!("{effect:?}")
    };
    assert_eq!((chosen.clash, chosen.choices), (clash(&stage), both()));
    assert_eq!(
        (specs, known),
        (vec![check("make"), check("red")], Vec::new())
    );
    // It is on its way, so that it is not asked for again; a new host begins it anew.
    assert_eq!(asks(&mut stage, &both()), Ok(Vec::new()));
    stage.crash();
    assert_eq!(stage.wanted(), ["s1.t1/trial:1"]);
    ended(&mut stage, 1, tried(50, &[("make", 0), ("red", 1)]));
    assert_eq!(stage.wanted(), Vec::<String>::new());
    let asked = stage.gate(Kind::Conflict);
    let trial = asked.trial_of(name_of(&both())).unwrap();
    let passed = Some(Judgement::Passed { known_red: 1 });
    assert_eq!(trial.end.as_ref().unwrap().judged(stage.sprint()), passed);
    assert_eq!(
        trial.choices,
        Vec::<Vec<Choice>>::new(),
        "nobody needs them any more"
    );
    assert_eq!(asked.trial_of(name_of(&ours())), None);
    // Not once more, and another one has to be tested by itself.
    assert_eq!(asks(&mut stage, &both()), Ok(Vec::new()));
    asks(&mut stage, &ours()).unwrap();
    let effect = stage.world.brief(&stage.key("s1.t1/trial:2")).unwrap();
    let Effect::Trial { known, .. } = effect else {
        panic!("{effect:?}")
    };
    assert_eq!(known, [(oid(50), vec![ran("make", 0), ran("red", 1)])]);
    ended(&mut stage, 2, tried(51, &[("make", 1), ("red", 1)]));
    let trial = stage
        .gate(Kind::Conflict)
        .trial_of(name_of(&ours()))
        .unwrap();
    let judged = trial.end.as_ref().unwrap().judged(stage.sprint());
    assert_eq!(judged, Some(Judgement::Failed(vec![ran("make", 1)])));
    // What was tested writes nothing and decides nothing; the checks of the task run all the same.
    stage
        .decide(Kind::Conflict, Verdict::Resolve(both()))
        .unwrap();
    let visit = stage.task(TASK).visit;
    assert_eq!(stage.wanted(), [format!("{TASK}/commit:{visit}")]);
    stage.commit(TASK, &[3]);
    assert_eq!(stage.task(TASK).node, "check");
}

#[test]
fn who_asks_for_another_result_wants_the_one_before_no_more() {
    let mut stage = stage(&["make"]);
    asks(&mut stage, &both()).unwrap();
    let first = stage.key("s1.t1/trial:1");
    asks(&mut stage, &ours()).unwrap();
    assert_eq!(stage.wanted(), ["s1.t1/trial:2"]);
    let late = stage.report(first, tried(50, &[("make", 0)]));
    assert_eq!(late, Err(Refusal::NotAwaited(first.to_string())));
    // What was given up is asked for anew under a name of its own.
    asks(&mut stage, &both()).unwrap();
    assert_eq!(stage.wanted(), ["s1.t1/trial:3"]);
}

#[test]
fn a_test_that_could_not_be_run_is_no_persons_question_and_may_be_asked_for_again() {
    let mut stage = stage(&["make"]);
    asks(&mut stage, &both()).unwrap();
    ended(&mut stage, 1, Report::Failed("no space left".to_owned()));
    assert_eq!(stage.waiting(), ["CONFLICT"]);
    let trial = stage
        .gate(Kind::Conflict)
        .trial_of(name_of(&both()))
        .unwrap();
    assert_eq!(trial.end, Some(TrialEnd::Broke("no space left".to_owned())));
    asks(&mut stage, &both()).unwrap();
    assert_eq!(stage.wanted(), ["s1.t1/trial:2"]);
}

#[test]
fn a_test_ends_with_its_question_and_waits_while_all_is_paused() {
    let mut paused = stage(&["make"]);
    asks(&mut paused, &both()).unwrap();
    let (decided, mut dropped) = (paused.clone(), paused.clone());
    let scope = PauseScope::Task(TASK.parse().unwrap());
    paused.says(Command::Pause(scope)).unwrap();
    let key = paused.key("s1.t1/trial:1");
    assert_eq!(paused.world.open[&key].hold, Some(Hold::Paused));
    paused.says(Command::Resume(scope)).unwrap();
    assert_eq!(paused.world.open[&key].hold, None);
    for verdict in [
        Verdict::Resolve(ours()),
        Verdict::Retry,
        Verdict::TakeOver,
        Verdict::Drop,
    ] {
        let mut stage = decided.clone();
        stage.decide(Kind::Conflict, verdict).unwrap();
        assert!(!stage.world.open.contains_key(&key), "{:?}", stage.wanted());
    }
    dropped.says(Command::Stop(key.sprint())).unwrap();
    assert!(!dropped.world.open.contains_key(&key));
}

#[test]
fn what_cannot_be_sent_cannot_be_tested() {
    let mut bare = stage(&[]);
    assert_eq!(asks(&mut bare, &ours()), Err(Refusal::NothingToTest));
    let mut stage = stage(&["make"]);
    let half = asks(&mut stage, &[vec![Choice::Ours]]);
    assert!(matches!(half, Err(Refusal::BadEdit(_))), "{half:?}");
    let (gate, revision) = (gate(&stage), crate::base::id::Digest::of(b"another"));
    let command = |revision| Command::Try {
        gate,
        revision,
        choices: ours(),
    };
    let refused = stage.says(command(revision));
    assert_eq!(refused, Err(Refusal::Stale(gate.to_string())));
    let revision = stage.gate(Kind::Conflict).revision;
    assert_eq!(stage.runs(command(revision)), Err(Refusal::NotAPerson));
    stage.decide(Kind::Conflict, Verdict::Drop).unwrap();
    let late = stage.says(command(revision));
    assert!(
        matches!(late, Err(Refusal::AlreadyDecided { .. })),
        "{late:?}"
    );
}

#[test]
fn the_journals_lines_read_back() {
    let mut stage = stage(&["make"]);
    let asked = asks(&mut stage, &both()).unwrap();
    let key = stage.key("s1.t1/trial:1");
    let ended = stage.report(key, tried(50, &[("make", 1)])).unwrap();
    let broke = Event::TrialEnded {
        task: TASK.parse().unwrap(),
        gate: gate(&stage),
        number: 1,
        end: TrialEnd::Broke("no space left".to_owned()),
    };
    for event in asked.into_iter().chain(ended).chain([broke]) {
        let envelope = Envelope {
            v: VOCABULARY,
            seq: 1,
            at: crate::base::time::Timestamp(1),
            by: crate::domain::security::Actor::System,
            cmd: None,
            prev: crate::base::id::Digest::of(b""),
            event,
        };
        let (line, _) = envelope.seal().unwrap();
        assert_eq!(Envelope::read(&line), Ok(envelope));
    }
}

#[test]
fn only_some_tests_are_remembered() {
    let mut stage = stage(&["make"]);
    for number in 1..=20 {
        let text = Choice::Text(format!("{number}\n"));
        asks(&mut stage, &[vec![text, Choice::Ours]]).unwrap();
        ended(&mut stage, number, tried(u64::from(number), &[("make", 0)]));
    }
    assert_eq!(stage.gate(Kind::Conflict).trials.len(), 9);
    assert_eq!(stage.task(TASK).trials, 20);
}
