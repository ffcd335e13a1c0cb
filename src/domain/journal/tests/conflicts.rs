//! A person solves a conflict: what is taken, what is refused, and what follows.

use crate::base::body::Body;
use crate::domain::change::clash::{Choice, Choosable, Clash, MOST_TEXT_BYTES};
use crate::domain::journal::stage::{Stage, committed, oid};
use crate::domain::journal::{Effect, Event, Refusal, Report, Resolved, Sides};
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Ask, Cause, GateState, Status, Verdict};

/// Takes a task to the gate of its second conflict; its files are one in two places and one as a whole.
fn clash(stage: &mut Stage, task: &str) -> Clash {
    for number in 1..=2 {
        stage.reach_review(task, &[1]);
        stage.decide(Kind::Diff, Verdict::Approve).unwrap();
        let clash = of(stage, task);
        let sides = Sides {
            onto: clash.onto.clone(),
            paths: vec!["a.txt".to_owned(), "b.bin".to_owned()],
            clash: Some(clash.clone()),
        };
        let merge = format!("{task}/merge:{number}");
        stage.do_it(&merge, Report::Conflicted(sides.clone()));
        if number == 2 {
            return clash;
        }
        let brought = Sides {
            clash: None,
            ..sides
        };
        stage.do_it(&format!("{task}/conflict:1"), Report::Brought(brought));
    }
    panic!("two conflicts")
}

/// What would be shown of a conflict now.
fn of(stage: &Stage, task: &str) -> Clash {
    let head = &stage.task(task).change.as_ref().unwrap().commit;
    Clash {
        onto: stage.sprint().tip.clone().unwrap(),
        head: head.clone(),
        document: Body::Inline("{}".to_owned()),
        files: vec![Choosable::Places(2), Choosable::Whole],
    }
}

fn one(number: u32) -> Stage {
    let tasks: [(&str, &[&str]); 2] = [("a", &[]), ("b", &[])];
    Stage::running(|_| {}, &tasks[..number as usize])
}

fn chosen() -> Vec<Vec<Choice>> {
    let text = Choice::Text("both, by hand\n".to_owned());
    vec![vec![Choice::Both, text], vec![Choice::Theirs]]
}

#[test]
fn a_solved_conflict_is_committed_as_it_was_chosen_and_checked() {
    let mut stage = one(1);
    let clash = clash(&mut stage, "s1.t1");
    let asked = stage.gate(Kind::Conflict).clone();
    let with = Some(clash.clone());
    assert!(matches!(&asked.ask, Ask::Conflict { clash, .. } if *clash == with));
    let visit = stage.task("s1.t1").visit;
    stage
        .decide(Kind::Conflict, Verdict::Resolve(chosen()))
        .unwrap();
    let commit = format!("s1.t1/commit:{}", visit + 1);
    assert_eq!(stage.wanted(), [commit.as_str()]);
    let effect = stage.world.brief(&stage.key(&commit)).unwrap();
    let Effect::Commit { task, resolved } = effect else {
        panic!("{effect:?}")
    };
    assert_eq!(task.merging, Some(clash.onto.clone()));
    let choices = chosen();
    let onto = clash.onto.clone();
    assert_eq!(resolved, Some(Resolved { clash, choices }));
    // A crash between the beginning and the report begins the same effect again.
    let key = stage.key(&commit);
    stage.begin(key).unwrap();
    stage.crash();
    assert_eq!(stage.wanted(), [commit.as_str()]);
    assert_eq!(stage.task("s1.t1").resolved, Some(asked.id));
    stage.do_it(&commit, committed(oid(77), onto.clone(), &[3]));
    let task = stage.task("s1.t1");
    assert_eq!((task.resolved, task.base.clone()), (None, Some(onto)));
    assert_eq!(
        (task.node.as_str(), task.round, task.is_clashing),
        ("qa", 0, false),
        "the sprint has no checks"
    );
}

#[test]
fn a_conflict_that_is_solved_in_part_is_refused() {
    let mut stage = one(1);
    clash(&mut stage, "s1.t1");
    let whole = || vec![Choice::Ours];
    for choices in [
        vec![],
        vec![vec![Choice::Ours; 2]],
        vec![vec![Choice::Ours], whole()],
        vec![vec![Choice::Ours; 3], whole()],
        vec![vec![Choice::Ours; 2], vec![Choice::Both]],
        vec![vec![Choice::Ours; 2], whole(), whole()],
    ] {
        let refused = stage.decide(Kind::Conflict, Verdict::Resolve(choices.clone()));
        assert!(
            matches!(refused, Err(Refusal::BadEdit(_))),
            "{choices:?}: {refused:?}"
        );
    }
    let long = Choice::Text("x".repeat(MOST_TEXT_BYTES / 2 + 1));
    let choices = vec![vec![long; 2], whole()];
    let refused = stage.decide(Kind::Conflict, Verdict::Resolve(choices));
    let Err(Refusal::BadEdit(text)) = refused else {
        panic!("{refused:?}")
    };
    assert!(text.contains("256 KiB"), "{text}");
    assert_eq!(stage.waiting(), ["CONFLICT"]);
}

#[test]
fn a_conflict_without_anything_to_look_at_is_not_solved_so() {
    let mut stage = one(1);
    let clash = clash(&mut stage, "s1.t1");
    let paths = Vec::new();
    assert!(!Ask::Conflict { paths, clash: None }.takes(&Verdict::Resolve(chosen())));
    let files = vec![Choosable::Nothing];
    assert!(!files[0].takes(&[]));
    let other = Ask::Conflict {
        paths: Vec::new(),
        clash: Some(Clash { files, ..clash }),
    };
    assert_ne!(other.revision(), stage.gate(Kind::Conflict).revision);
}

#[test]
fn a_branch_that_moved_is_met_anew() {
    let mut stage = one(2);
    let clash = clash(&mut stage, "s1.t1");
    stage.reach_review("s1.t2", &[2]);
    let gate = stage.gate(Kind::Conflict).clone();
    assert_eq!(stage.task("s1.t1").status, Status::Held(Cause::Stuck));
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    let events = stage.merge("s1.t2");
    assert!(events.contains(&Event::GateDropped(gate.id)), "{events:?}");
    assert_eq!(stage.waiting(), Vec::<&str>::new());
    let gone = &stage.sprint().gate(gate.id).unwrap().state;
    assert_eq!(*gone, GateState::Moot);
    // What was looked at is decided no more, and the merge is tried with the branch as it is.
    let late = stage.decide_on(gate.id, Verdict::Resolve(chosen()), true);
    assert_eq!(late, Err(Refusal::Over(gate.id.to_string())));
    assert_eq!(stage.wanted(), ["s1.t1/merge:3", "s1.t2/clear"]);
    let now = of(&stage, "s1.t1");
    assert_ne!(now.onto, clash.onto);
    let sides = Sides {
        onto: now.onto.clone(),
        paths: vec!["a.txt".to_owned()],
        clash: Some(now.clone()),
    };
    stage.do_it("s1.t1/merge:3", Report::Conflicted(sides));
    let asked = stage.gate(Kind::Conflict);
    assert!(matches!(&asked.ask, Ask::Conflict { clash: Some(clash), .. } if *clash == now));
    stage
        .decide(Kind::Conflict, Verdict::Resolve(chosen()))
        .unwrap();
}

#[test]
fn another_answer_forgets_the_choices() {
    let mut stage = one(1);
    clash(&mut stage, "s1.t1");
    stage
        .decide(Kind::Conflict, Verdict::Resolve(chosen()))
        .unwrap();
    let commit = stage.wanted()[0].clone();
    stage.do_it(&commit, Report::Failed("no space left".to_owned()));
    assert_eq!(stage.waiting(), ["FAIL"]);
    stage.decide(Kind::Fail, Verdict::Retry).unwrap();
    let task = stage.task("s1.t1");
    assert_eq!((task.resolved, task.merging.as_ref()), (None, None));
}
