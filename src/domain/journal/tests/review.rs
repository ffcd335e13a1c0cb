//! Reviews, their undo window, merges, conflicts, landing.

use crate::base::id::{Oid, SprintId};
use crate::base::time::Timestamp;
use crate::domain::agent::Opening;
use crate::domain::change::{Comment, HunkSummary, Mark, Split};
use crate::domain::journal::stage::{Stage, committed, finish, hunk, judge, oid};
use crate::domain::journal::{Command, Effect, Event, Refusal, Report, Sides};
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Ask, Cause, Closing, GateState, Hindrance, Phase, Status, Verdict};

fn reviewing(hunks: &[u64]) -> Stage {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.reach_review("s1.t1", hunks);
    stage
}

fn tip(stage: &Stage) -> Oid {
    stage.sprint().tip.clone().unwrap()
}

fn sides(stage: &Stage, paths: &[&str]) -> Sides {
    Sides {
        onto: tip(stage),
        paths: paths.iter().map(|path| (*path).to_owned()).collect(),
        clash: None,
    }
}

#[test]
fn a_decision_can_be_withdrawn_until_it_takes_effect() {
    let mut stage = reviewing(&[1]);
    let gate = stage.gate(Kind::Diff).id;
    stage.decide_on(gate, Verdict::Approve, false).unwrap();
    assert_eq!(stage.wanted(), ["s1.g2/undo:0"]);
    stage.says(Command::Undo { gate }).unwrap();
    assert_eq!(stage.world.gate(gate).unwrap().state, GateState::Open);
    assert_eq!(stage.wanted(), Vec::<String>::new());
    stage.decide_on(gate, Verdict::Approve, false).unwrap();
    let timer = stage.key("s1.g2/undo:1");
    stage.report(timer, Report::Elapsed).unwrap();
    assert_eq!(stage.wanted(), ["s1.t1/merge:1"]);
    assert_eq!(
        stage.says(Command::Undo { gate }),
        Err(Refusal::TooLate(gate))
    );
}

#[test]
fn a_timer_counts_even_if_the_clock_was_set_back() {
    let mut stage = reviewing(&[1]);
    let gate = stage.gate(Kind::Diff).id;
    stage.decide_on(gate, Verdict::Approve, false).unwrap();
    // The stage's clock is far from the end of the window.
    let timer = stage.key("s1.g2/undo:0");
    stage.report(timer, Report::Elapsed).unwrap();
    assert_eq!(stage.wanted(), ["s1.t1/merge:1"]);
}

#[test]
fn rejected_hunks_go_back_to_their_author() {
    let mut stage = reviewing(&[1, 2]);
    let gate = stage.gate(Kind::Diff).id;
    let reject = Mark::Rejected {
        reason: "too slow".to_owned(),
    };
    let marks = vec![(hunk(1), Mark::Accepted), (hunk(2), reject)];
    stage.says(Command::Mark { gate, marks }).unwrap();
    assert_eq!(
        stage.decide_on(gate, Verdict::Approve, true),
        Err(Refusal::MarkedRejected(1))
    );
    stage.decide_on(gate, Verdict::Send, true).unwrap();
    let key = stage.key("s1.t1/part:5");
    assert!(
        matches!(stage.world.brief(&key), Some(Effect::Part { accepted, .. }) if accepted == [hunk(1)])
    );
    stage.end(key, committed(oid(50), oid(1), &[1]));
    let attempt = stage.attempt("s1.t1");
    let Opening::Changes(rejected, words) = &attempt.opening else {
        panic!("{:?}", attempt.opening)
    };
    assert_eq!(
        (rejected[0].reason.as_str(), rejected.len(), words.as_str()),
        ("too slow", 1, "")
    );
    assert_eq!(
        (
            stage.task("s1.t1").round,
            attempt.continues.map(|id| id.number)
        ),
        (1, Some(1))
    );
}

#[test]
fn a_review_is_sent_with_marks_or_not_at_all() {
    let mut stage = reviewing(&[1, 2]);
    let gate = stage.gate(Kind::Diff).id;
    assert_eq!(
        stage.decide_on(gate, Verdict::Send, true),
        Err(Refusal::Unmarked(2))
    );
    let unknown = stage.says(Command::Mark {
        gate,
        marks: vec![(hunk(9), Mark::Accepted)],
    });
    assert!(matches!(unknown, Err(Refusal::Unknown(_))));
    let marks = vec![(hunk(1), Mark::Accepted), (hunk(2), Mark::Accepted)];
    stage.says(Command::Mark { gate, marks }).unwrap();
    stage.decide_on(gate, Verdict::Send, true).unwrap();
    assert_eq!(stage.wanted(), ["s1.t1/merge:1"]);
}

fn comment(about: u64) -> Comment {
    Comment {
        path: "a.txt".to_owned(),
        line: Some(19),
        hunks: vec![hunk(about)],
        at: Timestamp(7),
        text: "what about zero?".to_owned(),
    }
}

#[test]
fn words_about_lines_go_back_as_one_message() {
    let mut stage = reviewing(&[1, 2]);
    let gate = stage.gate(Kind::Diff).id;
    stage
        .decide_on(gate, Verdict::Return(vec![comment(1), comment(2)]), true)
        .unwrap();
    let told = "a.txt line 19: what about zero?\na.txt line 19: what about zero?".to_owned();
    assert_eq!(
        stage.attempt("s1.t1").opening,
        Opening::Changes(Vec::new(), told)
    );
    assert_eq!(stage.world.gate(gate).unwrap().comments().len(), 2);
    assert!(!comment(1).is_answered(|key| *key == hunk(1)));
    assert!(comment(1).is_answered(|key| *key == hunk(2)));
}

#[test]
fn words_about_lines_go_with_the_rejected_hunks() {
    let mut stage = reviewing(&[1, 2]);
    let gate = stage.gate(Kind::Diff).id;
    let reason = "too slow".to_owned();
    let marks = vec![(hunk(2), Mark::Rejected { reason })];
    stage.says(Command::Mark { gate, marks }).unwrap();
    stage
        .decide_on(gate, Verdict::Return(vec![comment(1)]), true)
        .unwrap();
    let key = stage.key("s1.t1/part:5");
    stage.end(key, committed(oid(50), oid(1), &[1]));
    let Opening::Changes(rejected, words) = &stage.attempt("s1.t1").opening else {
        panic!("not sent back")
    };
    assert_eq!(
        (rejected.len(), words.as_str()),
        (1, "a.txt line 19: what about zero?")
    );
}

#[test]
fn a_hunk_is_cut_and_its_pieces_are_marked() {
    let mut stage = reviewing(&[1, 2]);
    let gate = stage.gate(Kind::Diff).id;
    let piece = |number: u64| HunkSummary {
        key: hunk(number),
        new_start: number as u32,
        added: 1,
        removed: 0,
    };
    let split = Split {
        cuts: vec![3],
        pieces: vec![piece(11), piece(12)],
    };
    let cut = |hunk, split: &Split| Command::Split {
        gate,
        hunk,
        split: split.clone(),
    };
    let accept = |number| Command::Mark {
        gate,
        marks: vec![(hunk(number), Mark::Accepted)],
    };
    stage.says(accept(1)).unwrap();
    stage.says(cut(hunk(1), &split)).unwrap();
    assert_eq!(stage.world.gate(gate).unwrap().marked(), (0, 0, 3));
    assert!(matches!(stage.says(accept(1)), Err(Refusal::Unknown(_))));
    assert!(matches!(
        stage.says(cut(hunk(11), &split)),
        Err(Refusal::Unknown(_))
    ));
    stage.says(accept(11)).unwrap();
    stage.says(accept(2)).unwrap();
    let reason = "not this line".to_owned();
    let marks = vec![(hunk(12), Mark::Rejected { reason })];
    stage.says(Command::Mark { gate, marks }).unwrap();
    stage.decide_on(gate, Verdict::Send, true).unwrap();
    let key = stage.key("s1.t1/part:5");
    let Some(Effect::Part { accepted, cuts, .. }) = stage.world.brief(&key) else {
        panic!("no part")
    };
    assert_eq!(accepted, [hunk(11), hunk(2)]);
    assert_eq!(cuts, [(hunk(1), vec![3])].into());
    stage.end(key, committed(oid(50), oid(1), &[11]));
    let Opening::Changes(rejected, _) = &stage.attempt("s1.t1").opening else {
        panic!("not sent back")
    };
    assert_eq!((rejected[0].line, rejected.len()), (12, 1));
}

#[test]
fn a_cut_is_taken_back_and_unchanged_pieces_keep_their_marks() {
    let mut stage = reviewing(&[1]);
    let gate = stage.gate(Kind::Diff).id;
    let mut says = |numbers: &[u64], accepted: Option<u64>| {
        let piece = |number: &u64| HunkSummary {
            key: hunk(*number),
            new_start: 1,
            added: 1,
            removed: 0,
        };
        let split = Split {
            cuts: vec![1],
            pieces: numbers.iter().map(piece).collect(),
        };
        let cut = Command::Split {
            gate,
            hunk: hunk(1),
            split,
        };
        let answer = stage.says(cut);
        let marks = accepted.map(|number| (hunk(number), Mark::Accepted));
        let marks = marks.into_iter().collect();
        stage.says(Command::Mark { gate, marks }).unwrap();
        (answer.is_ok(), stage.world.gate(gate).unwrap().marked())
    };
    assert_eq!(says(&[11, 12], Some(11)), (true, (1, 0, 1)));
    assert_eq!(says(&[11, 13, 14], None), (true, (1, 0, 2)));
    assert_eq!(says(&[15], None), (false, (1, 0, 2)));
    assert_eq!(says(&[], None), (true, (0, 0, 1)));
}

#[test]
fn what_was_accepted_and_did_not_change_is_still_accepted() {
    let mut stage = reviewing(&[1, 2]);
    let gate = stage.gate(Kind::Diff).id;
    let marks = vec![(hunk(1), Mark::Accepted), (hunk(2), Mark::Accepted)];
    stage.says(Command::Mark { gate, marks }).unwrap();
    stage
        .decide(Kind::Diff, Verdict::Return(vec![comment(2)]))
        .unwrap();
    stage.reach_review("s1.t1", &[1, 3]);
    let next = stage.gate(Kind::Diff);
    assert_ne!(next.id, gate);
    assert_eq!(next.marks, [(hunk(1), Mark::Accepted)].into());
}

#[test]
fn a_change_sent_back_as_a_whole_keeps_its_worktree() {
    let mut stage = reviewing(&[1]);
    stage
        .decide(Kind::Diff, Verdict::Reject("another way".to_owned()))
        .unwrap();
    assert_eq!(
        stage.attempt("s1.t1").opening,
        Opening::Changes(Vec::new(), "another way".to_owned())
    );
    stage.reach_review("s1.t1", &[3]);
    stage.decide(Kind::Diff, Verdict::Drop).unwrap();
    assert_eq!(
        stage.sprint().phase,
        Phase::Closed(Closing::Stopped),
        "nothing is left to merge"
    );
}

#[test]
fn an_empty_change_needs_no_review() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.work("s1.t1", &[]);
    stage.answers("s1.t1", vec![judge(true)]);
    assert_eq!(stage.wanted(), ["s1.t1/merge:1"]);
}

#[test]
fn the_author_gets_one_conflict_and_a_person_the_next() {
    let mut stage = reviewing(&[1]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    let report = Report::Conflicted(sides(&stage, &["a.txt"]));
    stage.do_it("s1.t1/merge:1", report);
    let report = Report::Brought(sides(&stage, &["a.txt"]));
    stage.do_it("s1.t1/conflict:1", report);
    assert_eq!(
        stage.attempt("s1.t1").opening,
        Opening::Conflict(vec!["a.txt".to_owned()])
    );
    assert_eq!(stage.task("s1.t1").merging, Some(tip(&stage)));
    stage.reach_review("s1.t1", &[2]);
    assert_eq!(stage.task("s1.t1").merging, None);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    let report = Report::Conflicted(sides(&stage, &["a.txt"]));
    stage.do_it("s1.t1/merge:2", report);
    assert_eq!(stage.waiting(), ["CONFLICT"]);
    let paths = vec!["a.txt".to_owned()];
    let ask = Ask::Conflict { paths, clash: None };
    assert_eq!(stage.gate(Kind::Conflict).ask, ask);
    stage.decide(Kind::Conflict, Verdict::Retry).unwrap();
    // A retry counts conflicts anew: else the same gate would open again at once.
    stage.reach_review("s1.t1", &[3]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    let report = Report::Conflicted(sides(&stage, &[]));
    stage.do_it("s1.t1/merge:3", report);
    assert_eq!(stage.wanted(), ["s1.t1/conflict:3"]);
}

#[test]
fn a_conflict_after_a_review_counts_as_the_first_round() {
    let mut stage = Stage::running(|setup| setup.workflow.max_rounds = 1, &[("a", &[])]);
    stage.reach_review("s1.t1", &[1]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    let report = Report::Conflicted(sides(&stage, &["a.txt"]));
    stage.do_it("s1.t1/merge:1", report);
    let report = Report::Brought(sides(&stage, &["a.txt"]));
    stage.do_it("s1.t1/conflict:1", report);
    assert_eq!(stage.waiting(), Vec::<&str>::new());
    assert_eq!(stage.task("s1.t1").round, 1);
}

#[test]
fn one_merge_at_a_time_and_none_waits_for_a_stuck_one() {
    let mut stage = Stage::running(|_| {}, &[("a", &[]), ("b", &[]), ("c", &[])]);
    for task in ["s1.t1", "s1.t2", "s1.t3"] {
        stage.reach_review(task, &[1]);
        stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    }
    assert_eq!(stage.wanted(), ["s1.t1/merge:1"]);
    stage.do_it("s1.t1/merge:1", Report::Failed("no space left".to_owned()));
    assert_eq!(stage.waiting(), ["FAIL"]);
    assert_eq!(
        stage.wanted(),
        ["s1.t2/merge:1"],
        "the stuck merge holds the others up"
    );
    stage.merge("s1.t2");
    assert_eq!(stage.wanted(), ["s1.t3/merge:1", "s1.t2/clear"]);
}

#[test]
fn a_task_is_not_given_up_while_it_is_merged() {
    let mut stage = reviewing(&[1]);
    let task = stage.task("s1.t1").id;
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    let key = stage.key("s1.t1/merge:1");
    stage.begin(key).unwrap();
    assert_eq!(
        stage.says(Command::DropTask(task)),
        Err(Refusal::Merging(task))
    );
    // After a crash the merge may have happened: still not.
    stage.crash();
    assert_eq!(
        stage.says(Command::DropTask(task)),
        Err(Refusal::Merging(task))
    );
    stage.merge("s1.t1");
    assert_eq!(
        stage.says(Command::DropTask(task)),
        Err(Refusal::Over("s1.t1".to_owned()))
    );
}

fn landing() -> Stage {
    let mut stage = reviewing(&[1]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    stage.merge("s1.t1");
    stage.answers("s1.sum", Vec::new());
    stage
}

#[test]
fn landing_waits_for_a_person_again_after_it_was_blocked() {
    let mut stage = landing();
    assert_eq!(stage.waiting(), ["MERGE"]);
    stage.decide(Kind::Merge, Verdict::Approve).unwrap();
    stage.do_it(
        "s1/land:1",
        Report::LandBlocked(Hindrance::Dirty, "commit or stash first".to_owned()),
    );
    let Ask::Merge { blocked, .. } = &stage.gate(Kind::Merge).ask else {
        panic!()
    };
    assert_eq!(blocked.as_deref(), Some("commit or stash first"));
    assert_eq!(stage.sprint().hindrance, Hindrance::Dirty);
    stage.decide(Kind::Merge, Verdict::Approve).unwrap();
    stage.do_it("s1/land:2", Report::Landed(oid(9)));
    assert_eq!(stage.sprint().phase, Phase::Closed(Closing::Landed(oid(9))));
    assert_eq!(stage.wanted(), ["s1.t1/clear"]);
    stage.do_it("s1.t1/clear", Report::Cleared);
    assert_eq!(stage.wanted(), Vec::<String>::new());
}

#[test]
fn a_worktree_stays_where_the_settings_want_it() {
    let mut stage = Stage::running(|setup| setup.policy.keeps_worktrees = true, &[("a", &[])]);
    stage.reach_review("s1.t1", &[1]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    stage.merge("s1.t1");
    stage.answers("s1.sum", Vec::new());
    stage.decide(Kind::Merge, Verdict::Approve).unwrap();
    stage.do_it("s1/land:1", Report::Landed(oid(9)));
    assert_eq!(stage.wanted(), Vec::<String>::new());
}

#[test]
fn what_is_landing_is_not_stopped() {
    let mut stage = landing();
    stage.decide(Kind::Merge, Verdict::Approve).unwrap();
    let key = stage.key("s1/land:1");
    stage.begin(key).unwrap();
    let stop = || Command::Stop(SprintId(1));
    assert_eq!(stage.says(stop()), Err(Refusal::Landing(SprintId(1))));
    stage.crash();
    assert_eq!(stage.says(stop()), Err(Refusal::Landing(SprintId(1))));
    stage.end(
        key,
        Report::LandBlocked(Hindrance::Dirty, "commit or stash first".to_owned()),
    );
    stage.says(stop()).unwrap();
}

#[test]
fn a_sprint_can_be_kept_apart() {
    let mut stage = landing();
    stage
        .decide(Kind::Merge, Verdict::Reject(String::new()))
        .unwrap();
    assert_eq!(stage.sprint().phase, Phase::Closed(Closing::KeptApart));
}

#[test]
fn a_taken_over_task_comes_back_by_hand() {
    let mut stage = reviewing(&[1]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    stage.do_it("s1.t1/merge:1", Report::Failed("disk full".to_owned()));
    stage.decide(Kind::Fail, Verdict::TakeOver).unwrap();
    assert_eq!(stage.task("s1.t1").status, Status::Held(Cause::TakenOver));
    assert_eq!(stage.waiting(), ["HAND"]);
    let wrong = stage.decide(Kind::Hand, Verdict::Reject("no".to_owned()));
    assert!(matches!(wrong, Err(Refusal::WrongVerdict(_))));
    stage.decide(Kind::Hand, Verdict::Approve).unwrap();
    stage.commit("s1.t1", &[7]);
    stage.answers("s1.t1", vec![judge(false)]);
    assert!(matches!(stage.attempt("s1.t1").opening, Opening::Judged(_)));
    stage.answers("s1.t1", vec![finish()]);
    assert!(stage.wanted()[0].contains("/commit:"));
}

#[test]
fn a_report_of_another_kind_is_not_taken() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    let key = stage.key("s1.t1/worktree");
    stage.begin(key).unwrap();
    let merged = Report::Merged {
        onto: oid(1),
        commit: oid(2),
    };
    assert!(matches!(
        stage.report(key, merged),
        Err(Refusal::NotAwaited(_))
    ));
    let events = stage
        .report(key, Report::Worktree { base: oid(1) })
        .unwrap();
    assert!(matches!(events[0], Event::WorktreePrepared { .. }));
}
