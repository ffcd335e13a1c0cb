//! A new host finds what was in flight.

use crate::base::money::Money;
use crate::domain::journal::stage::{RESERVED, Stage, command, finish, read, tool, write};
use crate::domain::journal::{Event, Refusal, Report};
use crate::domain::sprint::Verdict;
use crate::domain::sprint::gate::Kind;

#[test]
fn a_lost_call_costs_its_reservation_and_is_made_again() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.prepare("s1.t1");
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    let spent = stage.sprint().account.spent;
    let events = stage.crash();
    assert!(matches!(
        events[..],
        [Event::HostStarted { .. }, Event::CallLost { .. }]
    ));
    assert_eq!(stage.sprint().account.spent, spent + RESERVED);
    assert_eq!(
        (stage.sprint().account.reserved, stage.world.reserved),
        (Money::ZERO, Money::ZERO)
    );
    stage.answers("s1.t1", vec![finish()]);
}

#[test]
fn what_may_have_changed_something_is_not_repeated() {
    for (shape, is_repeated) in [(read(), true), (write(), false), (command("make"), false)] {
        let mut stage = Stage::running(|_| {}, &[("a", &[])]);
        stage.prepare("s1.t1");
        stage.answers("s1.t1", vec![shape]);
        let key = stage.key("s1.t1.a1/0:tool:0");
        stage.begin(key).unwrap();
        stage.crash();
        assert_eq!(stage.world.open.contains_key(&key), is_repeated);
        if !is_repeated {
            assert_eq!(
                stage.report(key, tool(false)),
                Err(Refusal::NotAwaited(key.to_string()))
            );
        }
    }
}

#[test]
fn a_merge_in_flight_is_looked_up_under_the_same_key() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.reach_review("s1.t1", &[1]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    let key = stage.key("s1.t1/merge:1");
    stage.begin(key).unwrap();
    stage.crash();
    assert_eq!(stage.wanted(), ["s1.t1/merge:1"]);
    // Not begun again: nobody waits for the old host's word.
    let onto = stage.sprint().tip.clone().unwrap();
    let report = Report::Merged {
        commit: onto.clone(),
        onto,
    };
    assert!(stage.report(key, report).is_err());
    stage.merge("s1.t1");
}

#[test]
fn an_open_window_stays_open() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.reach_review("s1.t1", &[1]);
    let gate = stage.gate(Kind::Diff).id;
    stage.decide_on(gate, Verdict::Approve, false).unwrap();
    let before = stage.wanted();
    stage.crash();
    assert_eq!(stage.wanted(), before);
}
