//! Inside an attempt: questions, commands, silence, loops, long conversations, a person's words.

use crate::base::body::Body;
use crate::base::id::Work;
use crate::domain::agent::{End, Looping, Nudge, Shape};
use crate::domain::journal::stage::{
    Stage, ask, call_failed, command, finish, read, replied, tool, write,
};
use crate::domain::journal::{Command, Effect, EffectKey, Event, Refusal, Speech};
use crate::domain::llm::FailureKind;
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Ask, Status, Verdict};
use crate::domain::tool::grant::{CommandPolicy, Scope};

fn working() -> Stage {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.prepare("s1.t1");
    stage
}

fn careful(tasks: &[(&str, &[&str])]) -> Stage {
    let mut stage = Stage::running(|setup| setup.policy.commands = CommandPolicy::Ask, tasks);
    for number in 1..=tasks.len() {
        stage.prepare(&format!("s1.t{number}"));
    }
    stage
}

fn steer(stage: &mut Stage, text: &str) -> Result<Vec<Event>, Refusal> {
    let work: Work = "s1.t1".parse().unwrap();
    stage.says(Command::Steer {
        work,
        text: Body::Inline(text.to_owned()),
    })
}

fn speeches(stage: &Stage, key: EffectKey) -> Vec<Speech> {
    match stage.world.brief(&key) {
        Some(Effect::Model(brief)) => brief.speeches,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_question_waits_for_its_answer() {
    let mut stage = working();
    stage.answers("s1.t1", vec![ask("tabs?")]);
    assert_eq!(
        (stage.waiting(), stage.task("s1.t1").status),
        (vec!["ASK"], Status::Asking)
    );
    assert_eq!(stage.wanted(), Vec::<String>::new());
    assert!(matches!(
        stage.decide(Kind::Ask, Verdict::Approve),
        Err(Refusal::WrongVerdict(_))
    ));
    stage
        .decide(Kind::Ask, Verdict::Answer("spaces".to_owned()))
        .unwrap();
    assert_eq!(stage.wanted(), ["s1.t1.a1/1:model"]);
    assert_eq!(stage.task("s1.t1").status, Status::Running);
}

#[test]
fn the_fourth_question_is_not_asked() {
    let mut stage = working();
    for _ in 0..3 {
        stage.answers("s1.t1", vec![ask("again?")]);
        stage
            .decide(Kind::Ask, Verdict::Answer("yes".to_owned()))
            .unwrap();
    }
    stage.answers("s1.t1", vec![ask("again?")]);
    assert_eq!(stage.waiting(), Vec::<&str>::new());
}

#[test]
fn reads_run_side_by_side_and_the_rest_in_order() {
    let mut stage = working();
    stage.answers("s1.t1", vec![read(), read(), write(), read()]);
    assert_eq!(stage.wanted(), ["s1.t1.a1/0:tool:0", "s1.t1.a1/0:tool:1"]);
    for call in [1, 0] {
        let key = stage.key(&format!("s1.t1.a1/0:tool:{call}"));
        stage.report(key, tool(false)).unwrap();
    }
    stage.do_it("s1.t1.a1/0:tool:2", tool(false));
    let key = stage.key("s1.t1.a1/0:tool:3");
    stage.report(key, tool(false)).unwrap();
    assert_eq!(stage.wanted(), ["s1.t1.a1/1:model"]);
}

#[test]
fn without_a_sandbox_a_command_waits_for_a_yes() {
    let mut stage = careful(&[("a", &[])]);
    stage.answers("s1.t1", vec![command("make")]);
    assert_eq!(stage.waiting(), ["TOOL"]);
    stage
        .decide(Kind::Tool, Verdict::Reject("not now".to_owned()))
        .unwrap();
    stage.answers("s1.t1", vec![command("make")]);
    stage
        .decide(Kind::Tool, Verdict::Allow(Scope::Once))
        .unwrap();
    stage.do_it("s1.t1.a1/1:tool:0", tool(false));
    stage.answers("s1.t1", vec![command("make")]);
    assert_eq!(stage.waiting(), ["TOOL"], "a yes for once counted twice");
    let sprint = stage.world.current().unwrap();
    let reasons: Vec<&str> = sprint
        .gates
        .values()
        .filter_map(|gate| match &gate.ask {
            Ask::Tool { why, .. } => Some(why.as_str()),
            _ => None,
        })
        .collect();
    for (why, part) in reasons.iter().zip(["nobody", "nobody", "allowed before"]) {
        assert!(why.contains("no sandbox") && why.contains(part), "{why}");
    }
    stage
        .decide(Kind::Tool, Verdict::Allow(Scope::Task))
        .unwrap();
    stage.do_it("s1.t1.a1/2:tool:0", tool(false));
    stage.answers("s1.t1", vec![command("make")]);
    assert_eq!(stage.waiting(), Vec::<&str>::new());
}

#[test]
fn a_yes_for_the_sprint_answers_the_same_question_elsewhere() {
    let mut stage = careful(&[("a", &[]), ("b", &[])]);
    stage.answers("s1.t1", vec![command("make")]);
    stage.answers("s1.t2", vec![command("make")]);
    assert_eq!(stage.waiting(), ["TOOL", "TOOL"]);
    stage
        .decide(Kind::Tool, Verdict::Allow(Scope::Sprint))
        .unwrap();
    assert_eq!(stage.waiting(), Vec::<&str>::new());
    assert_eq!(stage.wanted(), ["s1.t1.a1/0:tool:0", "s1.t2.a1/0:tool:0"]);
    assert_eq!(stage.task("s1.t2").status, Status::Running);
}

#[test]
fn silence_is_named_once_and_then_counts_as_done() {
    let mut stage = working();
    stage.answers("s1.t1", Vec::new());
    assert_eq!(stage.attempt("s1.t1").nudged_for_silence(), 1);
    stage.answers("s1.t1", Vec::new());
    assert!(matches!(
        stage.attempt("s1.t1").end,
        Some(End::Finished { .. })
    ));
    stage.commit("s1.t1", &[1]);
    for _ in 0..2 {
        stage.answers("s1.t1", Vec::new());
    }
    assert_eq!(stage.attempt("s1.t1").end, Some(End::Silent));
    assert_eq!(stage.waiting(), ["FAIL"]);
}

#[test]
fn the_brake_shows_its_evidence_once() {
    let mut stage = working();
    for step in 0..6 {
        assert_eq!(stage.attempt("s1.t1").was_braked, step > 2);
        stage.answers("s1.t1", vec![Shape::Bad("no such tool".to_owned())]);
    }
    assert_eq!(
        stage.attempt("s1.t1").end,
        Some(End::Looped(Looping::SameFailure))
    );
    assert_eq!(stage.waiting(), ["FAIL"]);
}

#[test]
fn a_long_conversation_is_trimmed_and_then_ended() {
    let mut stage = working();
    for step in 0..20 {
        let key = stage.model_of("s1.t1");
        let prompt = if step < 19 { 65_000 } else { 90_000 };
        stage.end(key, replied(vec![write()], prompt));
        stage.do_it(&format!("s1.t1.a1/{step}:tool:0"), tool(false));
    }
    let trims = stage
        .log
        .iter()
        .filter(|(_, event)| matches!(event, Event::TranscriptTrimmed { .. }));
    assert_eq!(trims.count(), 1, "each trim costs the cache");
    let attempts = &stage.sprint().attempts;
    assert_eq!(attempts[&"s1.t1.a1".parse().unwrap()].end, Some(End::Full));
    assert_eq!(stage.attempt_id("s1.t1").number, 2);
}

#[test]
fn words_between_calls_are_in_the_next_request() {
    let mut stage = working();
    steer(&mut stage, "use tabs").unwrap();
    let key = stage.model_of("s1.t1");
    let first = speeches(&stage, key);
    assert!(matches!(
        first.as_slice(),
        [Speech::Opening(..), Speech::Words(_)]
    ));
    stage.answers("s1.t1", vec![read()]);
    steer(&mut stage, "and no dots").unwrap();
    let key = stage.key("s1.t1.a1/0:tool:0");
    stage.report(key, tool(false)).unwrap();
    let key = stage.model_of("s1.t1");
    let second = speeches(&stage, key);
    assert_eq!(
        second[..2],
        first[..],
        "what was said is said again, in the same place"
    );
    assert!(matches!(
        second[2..],
        [Speech::Reply(_), Speech::Results(_), Speech::Words(_)]
    ));
    // They were read with this request: the end is not put off for them.
    stage.answers("s1.t1", vec![finish()]);
    assert!(stage.attempt("s1.t1").end.is_some());
    assert!(matches!(
        steer(&mut stage, "late"),
        Err(Refusal::NobodyThere(_))
    ));
}

#[test]
fn words_during_a_call_put_off_the_end() {
    let mut stage = working();
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    steer(&mut stage, "use tabs").unwrap();
    stage
        .report(key, crate::domain::journal::stage::reply(vec![finish()]))
        .unwrap();
    assert_eq!(stage.attempt("s1.t1").end, None);
    assert!(matches!(
        stage.attempt("s1.t1").steps[0].nudges[..],
        [Nudge::Steer { .. }]
    ));
    stage.answers("s1.t1", vec![finish()]);
    assert!(stage.attempt("s1.t1").end.is_some());
}

#[test]
fn words_during_a_call_that_fails_are_in_the_next_try() {
    let mut stage = working();
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    steer(&mut stage, "use tabs").unwrap();
    stage
        .report(key, call_failed(FailureKind::Overloaded))
        .unwrap();
    let timer = stage.key("s1.t1.a1/retry:1");
    stage
        .report(timer, crate::domain::journal::Report::Elapsed)
        .unwrap();
    assert!(matches!(
        speeches(&stage, key).last(),
        Some(Speech::Words(_))
    ));
    assert_eq!(stage.attempt("s1.t1").inbox, Vec::new());
}

#[test]
fn a_request_without_the_last_words_may_not_begin() {
    let mut stage = working();
    let key = stage.model_of("s1.t1");
    let Some(Effect::Model(brief)) = stage.world.brief(&key) else {
        panic!()
    };
    let model = crate::domain::journal::BeganModel {
        route: brief.choice.route,
        tier: brief.tier,
        reserved: crate::domain::journal::stage::RESERVED,
        fingerprint: crate::base::id::Digest::of(b""),
        words: brief.words,
    };
    steer(&mut stage, "wait").unwrap();
    let begun = stage.runs(Command::Begin {
        key,
        model: Some(model),
    });
    assert_eq!(begun, Err(Refusal::Stale(key.to_string())));
    stage.begin(key).unwrap();
}
