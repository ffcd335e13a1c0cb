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
