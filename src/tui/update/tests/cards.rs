//! Cards that change under the eye, that are not seen whole, or that stand beside others.

use super::*;
use crate::base::id::Work;
use crate::domain::tool::grant::Scope;
use crate::tui::panes::Purpose;

/// The card of a gate has the focus and was seen.
fn open(bench: &mut Bench, number: u32) {
    bench.press("W");
    bench.app.panes.waiting.cursor.set(fixture::gate(number));
    bench.app.focus.insert(Place::Waiting, Pane::Card);
    bench.app.news([], bench.at());
    bench.look(500);
}

#[test]
fn amounts_that_follow_what_is_spent_must_be_seen_again() {
    let mut bench = Bench::new(fixture::over_budget());
    open(&mut bench, 5);
    assert!(bench.app.is_armed(bench.at()));
    let dropped = Event::TaskDropped(fixture::task(4));
    bench.happens(dropped);
    bench.press("a");
    assert_eq!(
        bench.verdict(5),
        None,
        "the first answer is another one now"
    );
    bench.look(500);
    bench.press("a");
    assert!(matches!(bench.verdict(5), Some(Verdict::Raise(_))));
}

#[test]
fn a_command_that_is_not_seen_whole_takes_a_word() {
    let long = format!("printf {}", "x".repeat(3_000));
    let mut bench = Bench::new(fixture::commands(&[&long, "make"]));
    open(&mut bench, 5);
    bench.press("a");
    assert_eq!(bench.app.mode(), Mode::Modal, "{}", bench.said());
    bench.press("Esc");
    assert_eq!(bench.verdict(5), None);
    bench.look(500);
    bench.press("a");
    bench.write("allow");
    bench.press("Enter");
    assert_eq!(bench.verdict(5), Some(Verdict::Allow(Scope::Once)));
    open(&mut bench, 6);
    bench.press("a");
    assert_eq!(bench.verdict(6), Some(Verdict::Allow(Scope::Once)));
}

#[test]
fn a_risky_command_takes_a_word_and_is_decided_alone() {
    let mut bench = Bench::new(fixture::commands(&["rm -rf build", "rm -rf build"]));
    open(&mut bench, 5);
    bench.press("A");
    assert!(
        bench.said().contains("nothing like this"),
        "{}",
        bench.said()
    );
    bench.press("space");
    assert!(bench.said().contains("one by one"), "{}", bench.said());
    open(&mut bench, 5);
    bench.press("a");
    assert_eq!((bench.app.mode(), bench.verdict(5)), (Mode::Modal, None));
    bench.write("allow");
    bench.press("Enter");
    assert_eq!(bench.verdict(5), Some(Verdict::Allow(Scope::Once)));
    assert_eq!(bench.verdict(6), None);
}

#[test]
fn keys_in_a_stream_are_about_the_agent_that_it_shows() {
    let mut bench = Bench::new(fixture::running());
    bench.app.resize(Size::new(200, 55));
    bench.press("3");
    bench.app.stream_count = 2;
    bench.app.focus.insert(Place::Agents, Pane::Second);
    bench.app.news([], bench.at());
    let shown = |bench: &Bench, number: usize| {
        let stream = &bench.app.panes.streams[number];
        stream.work(&bench.app.known.world, &bench.app.panes.agents)
    };
    let second: Option<Work> = shown(&bench, 1);
    assert!(second.is_some() && second != shown(&bench, 0));
    bench.press("i");
    let Some(Overlay::Draft { purpose, .. }) = &bench.app.overlay else {
        panic!("no text was begun");
    };
    assert_eq!(Some(purpose.clone()), second.map(Purpose::Steer));
}

#[test]
fn one_word_confirms_a_list_and_says_how_many() {
    let mut bench = Bench::new(fixture::commands(&["make", "make"]));
    bench.app.settings.confirm_all = true;
    open(&mut bench, 5);
    bench.press("A");
    bench.look(500);
    bench.press("A");
    let Some(Overlay::Confirm { text, .. }) = &bench.app.overlay else {
        panic!("no word is asked for");
    };
    assert!(text.ends_with("2 commands are sent."), "{text}");
    assert_eq!((bench.verdict(5), bench.verdict(6)), (None, None));
    bench.write("yes");
    bench.press("Enter");
    let once = Some(Verdict::Allow(Scope::Once));
    assert_eq!((bench.verdict(5), bench.verdict(6)), (once.clone(), once));
}
