//! A conflict that is solved with keys, by the rules of the host.

use super::*;
use crate::domain::change::clash::Choice;

#[test]
fn a_conflict_is_solved_with_keys_and_sent_only_when_it_is_whole_and_was_seen() {
    let mut bench = Bench::new(fixture::clashing());
    bench.press("w");
    assert_eq!(
        (bench.app.place, bench.app.focused()),
        (Place::Conflict, Pane::Result)
    );
    bench.look(500);
    bench.press("o J b");
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(3), None, "a place is open");
    assert!(bench.said().contains("1 of 3"), "{}", bench.said());
    bench.press("t");
    bench.press("A Enter a");
    assert_eq!(bench.verdict(3), None, "the last choice was not seen");
    bench.look(500);
    bench.press("Enter a");
    assert_eq!(bench.verdict(3), None, "only the capital finishes");
    bench.press("A");
    let choices = vec![vec![Choice::Ours, Choice::Both], vec![Choice::Theirs]];
    assert_eq!(bench.verdict(3), Some(Verdict::Resolve(choices)));
    assert_eq!(bench.refused, [""; 0]);
    let wanted: Vec<String> = bench.host.open.keys().map(ToString::to_string).collect();
    assert!(
        wanted.iter().any(|key| key.starts_with("s1.t3/commit:")),
        "{wanted:?}"
    );
}

#[test]
fn a_place_is_written_and_u_brings_the_choice_back() {
    let mut bench = Bench::new(fixture::clashing());
    bench.press("w o e");
    assert!(
        matches!(&bench.app.overlay, Some(Overlay::Draft { text, .. }) if text.text().contains("-> Money"))
    );
    // What is pasted while nothing is written commands nothing; what is typed here is text.
    bench.write(" A");
    bench.press("Enter");
    assert!(bench.app.overlay.is_none());
    assert_eq!(bench.verdict(3), None);
    bench.press("u");
    let before = bench.app.panes.clash.clone();
    bench.press("u u U U");
    assert_ne!(bench.app.panes.clash, before);
    let at = bench.at();
    bench.app.input(Input::Paste("ttJttJtA".to_owned()), at);
    bench.look(500);
    assert_eq!(bench.verdict(3), None);
}

#[test]
fn m_gives_it_back_to_the_author_once_it_was_seen() {
    let mut bench = Bench::new(fixture::clashing());
    bench.press("w m");
    assert_eq!(bench.verdict(3), None, "it was not seen");
    bench.look(500);
    bench.press("m");
    assert_eq!(bench.verdict(3), Some(Verdict::Retry));
}

#[test]
fn the_card_still_takes_the_other_answers() {
    let mut bench = Bench::new(fixture::clashing());
    bench.press("w W Tab");
    assert_eq!(bench.app.place, Place::Waiting);
    bench.app.focus.insert(Place::Waiting, Pane::Card);
    bench.look(500);
    bench.press("2");
    bench.look(500);
    bench.press("a");
    assert_eq!(bench.verdict(3), Some(Verdict::TakeOver));
}

/// What the screen shows.
fn seen(bench: &Bench) -> String {
    let area = ratatui::layout::Rect::new(0, 0, 80, 24);
    let mut buffer = ratatui::buffer::Buffer::empty(area);
    crate::tui::view::view(&bench.app, &mut buffer, bench.at());
    probe::rows(&buffer).join("\n")
}

/// The tests that the host wants now.
fn trials(bench: &Bench) -> Vec<String> {
    let keys = bench.host.open.keys().map(ToString::to_string);
    keys.filter(|key| key.contains("/trial:")).collect()
}

fn ended(bench: &mut Bench, number: u32, exit: i32) {
    let end = crate::domain::sprint::trial::TrialEnd::Ran {
        tree: fixture::oid('f'),
        results: vec![fixture::check("cargo test", exit)],
    };
    bench.happens(Event::TrialEnded {
        task: fixture::task(3),
        gate: fixture::gate(3),
        number,
        end,
    });
}

#[test]
fn t_has_the_result_tested_and_decides_nothing() {
    let mut bench = Bench::new(fixture::clashing());
    bench.press("w p T");
    assert!(bench.said().contains("2 of 3"), "{}", bench.said());
    assert_eq!(trials(&bench), [""; 0]);
    bench.press("p J o T");
    assert_eq!(trials(&bench), ["s1.t3/trial:1"]);
    assert!(seen(&bench).contains("ours . testing~"), "{}", seen(&bench));
    assert_eq!(bench.verdict(3), None);
    ended(&mut bench, 1, 0);
    assert!(seen(&bench).contains("tested: checks passed"));
    bench.press("t");
    assert!(seen(&bench).contains("not tested"));
    bench.press("T");
    assert_eq!(trials(&bench), ["s1.t3/trial:2"]);
    ended(&mut bench, 2, 101);
    assert!(seen(&bench).contains("red: cargo test"));
    // What is red may be finished all the same: it is the person who decides.
    bench.press("u");
    assert!(seen(&bench).contains("tested: checks passed"));
    bench.look(500);
    bench.press("A");
    assert!(matches!(bench.verdict(3), Some(Verdict::Resolve(_))));
    assert_eq!(bench.refused, [""; 0]);
}

#[test]
fn t_is_refused_where_nothing_can_be_decided() {
    let choose = |bench: &mut Bench| bench.press("w o J o J o");
    let mut viewer = Bench::new(fixture::clashing());
    viewer.app.known.looks_only = true;
    choose(&mut viewer);
    viewer.press("T");
    assert!(viewer.said().contains("viewer: ask"), "{}", viewer.said());
    let mut locked = Bench::new(fixture::clashing());
    choose(&mut locked);
    locked.app.is_locked = true;
    locked.press("T");
    assert!(locked.said().contains("locked"), "{}", locked.said());
    let mut lost = Bench::new(fixture::clashing());
    choose(&mut lost);
    let at = lost.at();
    let why = News::Lost("no host listens".to_owned());
    lost.app
        .news([why, News::Retry(Duration::from_secs(50))], at);
    lost.press("T");
    assert!(lost.said().contains("this was not done"), "{}", lost.said());
    let mut past = Bench::new(fixture::clashing());
    choose(&mut past);
    past.press("g l h");
    assert!(past.app.known.is_past());
    past.app.place = Place::Conflict;
    past.press("T");
    for bench in [&viewer, &locked, &lost, &past] {
        assert_eq!(trials(bench), [""; 0]);
        assert!(bench.app.sent.is_empty());
    }
}

#[test]
fn titles_follow_the_keys_of_the_person() {
    let mut bench = Bench::new(fixture::clashing());
    let own = "[conflict]\n\"F2\" = \"conflict.ours\"\n\"C-t\" = \"conflict.test\"\n";
    bench.app.keymap = Keymap::read(own).unwrap();
    bench.press("w");
    let screen = seen(&bench);
    assert!(
        screen.contains("F2 take") && screen.contains("t take"),
        "{screen}"
    );
    assert!(!screen.contains("o take"), "{screen}");
}
