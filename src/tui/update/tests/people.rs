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
            ..Presence::default()
        },
    };
    let company = Company {
        version: 1,
        you: 1,
        notes: Vec::new(),
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
    assert!(picture(&bench).contains("2 here demo"));
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

/// The second guest is there now, and their item or work under the cursor.
fn li_goes(bench: &mut Bench, place: &str, work: Option<&str>, item: Option<u32>) {
    let mut company = bench.app.known.company.clone();
    company.version += 1;
    let presence = &mut company.guests[1].presence;
    presence.place = place.to_owned();
    presence.work = work.map(|work| work.parse().unwrap());
    presence.item = item.map(fixture::gate);
    bench
        .app
        .news([News::Company(Box::new(company))], bench.at());
}

#[test]
fn a_follower_goes_where_the_other_goes_until_a_key() {
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    bench.press("@ f");
    assert!(bench.said().contains("that is you"), "{}", bench.said());
    bench.press("j f");
    assert!(bench.app.overlay.is_none());
    assert_eq!(bench.app.place, Place::Review);
    assert!(picture(&bench).contains("follows li"));
    li_goes(&mut bench, "board", Some("s1.t2"), None);
    assert_eq!(bench.app.place, Place::Board);
    let task = bench.app.panes.board.current(&bench.app.known);
    assert_eq!(task.map(|task| task.id.number), Some(2));
    li_goes(&mut bench, "waiting", None, Some(2));
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(2)));
    // A place that is not known moves nobody.
    li_goes(&mut bench, "elsewhere", None, None);
    assert_eq!(bench.app.place, Place::Waiting);
    // The key that ends it does nothing else, though a card is open and was seen.
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(2), None);
    assert!(bench.said().contains("you follow li no longer"));
    assert!(bench.app.followed().is_none());
    bench.press("A");
    assert_eq!(bench.verdict(2), None, "it is seen anew first");
    li_goes(&mut bench, "cost", None, None);
    assert_eq!(bench.app.place, Place::Waiting);
    // Who leaves is followed no longer.
    bench.press("@ j f");
    assert_eq!(bench.app.place, Place::Cost);
    bench.app.news([News::Company(Box::default())], bench.at());
    assert!(bench.said().contains("whom you followed is gone"));
    bench.press("2");
    assert_eq!(bench.app.place, Place::Board);
}

#[test]
fn what_is_under_the_cursor_is_told() {
    let mut bench = Bench::new(fixture::running());
    bench.app.open_item(fixture::gate(2));
    let told = bench.app.tell_others(bench.at());
    let Some(Effect::Request(Request::Here(presence))) = told else {
        panic!("nothing is told");
    };
    let task = bench.app.known.world.gate(fixture::gate(2)).unwrap().work;
    assert_eq!(
        (presence.place.as_str(), presence.work),
        ("review", Some(task))
    );
}

#[test]
fn an_item_is_handed_over_and_told_once() {
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    bench.press("@ j h");
    assert!(bench.said().contains("li"), "{}", bench.said());
    bench.press("Esc w");
    let gate = bench.app.gate().unwrap().id;
    bench.press("@ j");
    let effects = bench.app.input(Input::Key(Key::char('h')), bench.at());
    let hand = Effect::Request(Request::Hand { to: 2, gate });
    assert!(effects.contains(&hand), "{effects:?}");
    // The other end.
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    let mut told = bench.app.known.company.clone();
    told.notes.push(crate::session::Note {
        number: 1,
        from: "li\u{1b}[2J".to_owned(),
        gate: fixture::gate(2),
    });
    for _ in 0..2 {
        let news = News::Company(Box::new(told.clone()));
        bench.app.news([news], bench.at());
    }
    let said = bench
        .app
        .said
        .iter()
        .filter(|said| said.text.contains("hands you DIFF t1: "));
    assert_eq!(said.count(), 1, "{}", bench.said());
    assert!(!bench.said().contains('\u{1b}'));
    bench.press("g n");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(2)));
    // A viewer hands nothing over.
    bench.app.known.looks_only = true;
    bench.press("@ j h");
    assert!(bench.said().contains("you look on"));
}
