//! Rules: a command that a person allowed for a sprint runs without a question, until that is taken back.

use crate::base::id::{Digest, SprintId};
use crate::domain::journal::stage::{Stage, command, tool};
use crate::domain::journal::{Command, Event, Refusal};
use crate::domain::security::Actor;
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Reach, Verdict};
use crate::domain::tool::grant::{CommandPolicy, Scope};

fn careful(tasks: &[(&str, &[&str])]) -> Stage {
    let mut stage = Stage::running(|setup| setup.policy.commands = CommandPolicy::Ask, tasks);
    for number in 1..=tasks.len() {
        stage.prepare(&format!("s1.t{number}"));
    }
    stage
}

/// The last item about a command, as a person who looks at it would have a rule made of it.
fn rule(stage: &Stage) -> Command {
    let gates = stage.sprint().gates.values();
    let gate = gates
        .rev()
        .find(|gate| gate.ask.kind() == Kind::Tool)
        .unwrap();
    Command::Allow {
        gate: gate.id,
        revision: gate.revision,
    }
}

fn revoke(text: &str) -> Command {
    Command::Revoke {
        sprint: SprintId(1),
        command: Digest::of(text.as_bytes()),
        reach: Reach::Sprint,
    }
}

fn rules(stage: &Stage) -> Vec<String> {
    let rules = stage.sprint().rules().into_iter();
    rules.map(|rule| rule.text).collect()
}

/// The item is about the command of the first task's next step, which was allowed once.
fn allowed_once(stage: &mut Stage, step: u32) {
    stage.answers("s1.t1", vec![command("make")]);
    stage
        .decide(Kind::Tool, Verdict::Allow(Scope::Once))
        .unwrap();
    stage.do_it(&format!("s1.t1.a1/{step}:tool:0"), tool(false));
}

#[test]
fn a_rule_is_for_that_very_command_everywhere_in_the_sprint() {
    let mut stage = careful(&[("a", &[]), ("b", &[])]);
    stage.answers("s1.t1", vec![command("make")]);
    stage.answers("s1.t2", vec![command("make")]);
    stage.says(rule(&stage)).unwrap();
    assert_eq!(stage.waiting(), Vec::<&str>::new());
    assert_eq!(rules(&stage), ["make"]);
    stage.do_it("s1.t1.a1/0:tool:0", tool(false));
    stage.answers("s1.t1", vec![command("make ")]);
    assert_eq!(
        stage.waiting(),
        ["TOOL"],
        "one blank more is another command"
    );
    stage.check();
}

#[test]
fn a_command_that_was_allowed_before_needs_no_item_that_waits() {
    let mut stage = careful(&[("a", &[])]);
    allowed_once(&mut stage, 0);
    stage.says(rule(&stage)).unwrap();
    assert_eq!(stage.says(rule(&stage)), Ok(Vec::new()));
    stage.answers("s1.t1", vec![command("make")]);
    assert_eq!(stage.waiting(), Vec::<&str>::new());
}

#[test]
fn no_rule_for_what_was_refused_changed_or_is_risky_and_none_by_agents() {
    let mut stage = careful(&[("a", &[])]);
    stage.answers("s1.t1", vec![command("make")]);
    let make = rule(&stage);
    assert_eq!(stage.runs(make.clone()), Err(Refusal::NotAPerson));
    let Command::Allow { gate, .. } = make else {
        panic!("{make:?}");
    };
    let revision = Digest::of(b"something else");
    let changed = stage.says(Command::Allow { gate, revision });
    assert_eq!(changed, Err(Refusal::Stale(gate.to_string())));
    stage
        .decide(Kind::Tool, Verdict::Reject(String::new()))
        .unwrap();
    assert!(stage.says(rule(&stage)).is_err());
    stage.answers("s1.t1", vec![command("rm -r out")]);
    let risky = stage.says(rule(&stage)).unwrap_err();
    assert!(matches!(risky, Refusal::TooRisky(_)), "{risky}");
    assert!(stage.sprint().allowable().is_empty());
    assert_eq!(rules(&stage), Vec::<String>::new());
}

#[test]
fn what_is_taken_back_is_asked_about_again_and_what_runs_runs_on() {
    let mut stage = careful(&[("a", &[]), ("b", &[])]);
    stage.answers("s1.t1", vec![command("make")]);
    stage.says(rule(&stage)).unwrap();
    let running = stage.key("s1.t1.a1/0:tool:0");
    stage.begin(running).unwrap();
    stage.answers("s1.t2", vec![command("make")]);
    assert_eq!(stage.waiting(), Vec::<&str>::new());
    let events = stage.says(revoke("make")).unwrap();
    assert!(matches!(&events[0], Event::CommandRevoked { text, .. } if text == "make"));
    // The one that has not begun waits for a person again.
    assert_eq!(stage.waiting(), ["TOOL"]);
    assert_eq!(rules(&stage), Vec::<String>::new());
    stage.report(running, tool(false)).unwrap();
    stage.answers("s1.t1", vec![command("make")]);
    assert_eq!(stage.waiting(), ["TOOL", "TOOL"]);
    let again = stage.says(revoke("make"));
    assert!(matches!(again, Err(Refusal::Unknown(_))), "{again:?}");
    stage.check();
}

#[test]
fn three_equal_answers_of_one_person_are_reason_enough_to_offer_a_rule() {
    let mut stage = careful(&[("a", &[])]);
    let offers = |stage: &Stage, person: &str| {
        let gate = stage.gate(Kind::Tool);
        stage.sprint().offers_rule(gate, person)
    };
    let mut person = String::new();
    for step in 0..3 {
        stage.answers("s1.t1", vec![command("make")]);
        assert!(!offers(&stage, "mira"), "{step}");
        let events = stage
            .decide(Kind::Tool, Verdict::Allow(Scope::Once))
            .unwrap();
        if let Some(Event::GateDecided {
            by: Actor::Person { name, .. },
            ..
        }) = events.first()
        {
            person.clone_from(name);
        }
        stage.do_it(&format!("s1.t1.a1/{step}:tool:0"), tool(false));
    }
    stage.answers("s1.t1", vec![command("make")]);
    assert!(offers(&stage, &person));
    assert!(!offers(&stage, "somebody else"));
    stage.says(rule(&stage)).unwrap();
    assert!(stage.sprint().allowable().is_empty());
}

#[test]
fn a_rule_of_a_task_is_over_with_it() {
    let mut stage = careful(&[("a", &[]), ("b", &[])]);
    stage.answers("s1.t1", vec![command("make")]);
    stage
        .decide(Kind::Tool, Verdict::Allow(Scope::Task))
        .unwrap();
    assert_eq!(rules(&stage), ["make"]);
    stage
        .says(Command::DropTask("s1.t1".parse().unwrap()))
        .unwrap();
    assert_eq!(rules(&stage), Vec::<String>::new());
}
