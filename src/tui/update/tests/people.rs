//! Others at the session.

use super::*;
use crate::session::{Company, Guest, Presence};

pub(super) fn company(bench: &mut Bench, is_idle: bool) {
    let guest = |number, name: &str, gate| Guest {
        number,
        name: name.to_owned(),
        looks_only: false,
        presence: Presence {
            place: "review".to_owned(),
            gate,
            size: (120, 36),
            is_idle,
        },
    };
    let company = Company {
        version: 1,
        you: 1,
        guests: vec![
            guest(1, fixture::ME, None),
            guest(2, "li", Some(fixture::gate(2))),
        ],
    };
    let at = bench.at();
    bench.app.news([News::Company(Box::new(company))], at);
}

pub(super) fn picture(bench: &Bench) -> String {
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
    crate::tui::view::view(&bench.app, &mut buffer, bench.at());
    probe::rows(&buffer).join("\n")
}

#[test]
fn what_somebody_else_has_open_is_not_next_and_still_can_be_decided() {
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    assert!(picture(&bench).contains("2 here live"));
    bench.press("w");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(3)));
    bench.press("W");
    insta::assert_snapshot!("claimed", picture(&bench));
    // A claim warns and does not lock.
    bench.app.open_item(fixture::gate(2));
    bench.app.settle();
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
    // Who pressed no key for a while claims nothing.
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, true);
    bench.press("w");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(2)));
}

#[test]
fn the_others_are_told_once_where_the_person_is() {
    let mut bench = Bench::new(fixture::running());
    let told = |bench: &mut Bench| {
        let effects = bench.app.tick(fixture::NOW, bench.at());
        effects.into_iter().find_map(|effect| match effect {
            Effect::Request(Request::Here(presence)) => Some(*presence),
            _ => None,
        })
    };
    assert_eq!(told(&mut bench).map(|presence| presence.gate), Some(None));
    assert_eq!(told(&mut bench), None);
    bench.press("w");
    let presence = told(&mut bench).unwrap();
    assert_eq!(
        (presence.place.as_str(), presence.gate),
        ("review", Some(fixture::gate(2)))
    );
    assert!(!presence.is_idle);
    // A minute without a key ends the claim, and the loop wakes for it.
    let wakes = bench.app.deadline(bench.at()).unwrap();
    assert!(wakes.saturating_duration_since(bench.at()) <= Duration::from_secs(60));
    bench.ms += 60_000;
    assert!(told(&mut bench).is_some_and(|presence| presence.is_idle));
    bench.press("g h");
    assert!(told(&mut bench).is_some_and(|presence| presence.gate.is_none()));
}

#[test]
fn people_are_listed() {
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    bench.press("@");
    insta::assert_snapshot!("people", picture(&bench));
    bench.press("Esc");
    assert!(bench.app.overlay.is_none());
}
