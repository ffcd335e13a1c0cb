//! Following others, and being followed.

use super::people::{company, hear, li_goes, picture, three};
use super::*;
use crate::session::{Presence, View};

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
fn who_lets_nobody_follow_is_not_followed() {
    let mut bench = Bench::new(fixture::running());
    three(&mut bench, Standing::Owner);
    bench.app.tick(fixture::NOW, bench.at());
    bench.press("@ F");
    assert!(bench.said().contains("others do not see"));
    let told = bench.app.tell_others(bench.at());
    assert!(
        matches!(&told, Some(Effect::Request(Request::Here(presence))) if presence.is_private && presence.view.is_none()),
        "{told:?}"
    );
    let mut company = bench.app.known.company.clone();
    company.guests[1].presence.is_private = true;
    hear(&mut bench, company.clone());
    bench.press("j f");
    assert!(bench.said().contains("li lets nobody follow"));
    assert_eq!(bench.app.followed(), None);
    // Also in the middle of it.
    company.guests[1].presence.is_private = false;
    hear(&mut bench, company.clone());
    bench.press("f");
    assert_eq!(bench.app.followed().as_deref(), Some("li"));
    company.guests[1].presence.is_private = true;
    hear(&mut bench, company);
    assert_eq!(bench.app.followed(), None);
    assert!(bench.said().contains("li lets nobody follow any more"));
}

#[test]
fn two_do_not_follow_each_other() {
    let mut bench = Bench::new(fixture::running());
    three(&mut bench, Standing::Owner);
    // Tom follows the person; li follows tom.
    let mut company = bench.app.known.company.clone();
    company.guests[1].presence.follows = Some(3);
    hear(&mut bench, company);
    for (row, name) in [("j", "li"), ("j j", "tom")] {
        bench.press(&format!("@ {row} f"));
        assert!(bench.said().contains(&format!("{name} follows you")));
        assert_eq!(bench.app.followed(), None);
        bench.press("Esc");
    }
}

/// What is shown is here.
fn fetched(bench: &mut Bench) {
    let effects = bench.app.settle();
    bench.serve(effects);
    bench.app.settle();
}

/// What the others are told at this moment.
fn told(bench: &mut Bench) -> Option<Presence> {
    let effects = bench.app.tick(fixture::NOW, bench.at());
    effects.into_iter().find_map(|effect| match effect {
        Effect::Request(Request::Here(presence)) => Some(*presence),
        _ => None,
    })
}

#[test]
fn what_is_in_view_is_told_while_somebody_follows_and_not_too_often() {
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    bench.app.open_item(fixture::gate(2));
    fetched(&mut bench);
    assert_eq!(told(&mut bench).unwrap().view, None);
    bench.press("j");
    bench.ms += 1_000;
    assert_eq!(told(&mut bench), None, "nobody follows");
    three(&mut bench, Standing::Owner);
    let first = told(&mut bench).unwrap().view.unwrap();
    bench.press("j j");
    assert_eq!(told(&mut bench), None, "too soon");
    let wakes = bench.app.deadline(bench.at()).unwrap();
    assert!(wakes.saturating_duration_since(bench.at()) <= Duration::from_millis(200));
    bench.ms += 200;
    let second = told(&mut bench).unwrap().view.unwrap();
    assert_ne!(first, second);
    bench.ms += 10_000;
    assert_eq!(told(&mut bench), None, "nothing moved");
    // At most five times a second, whatever is pressed.
    let mut count = 0;
    for _ in 0..100 {
        bench.press("j");
        bench.press("k");
        bench.press("j");
        count += usize::from(told(&mut bench).is_some());
        bench.ms += 10;
    }
    assert!(count <= 6, "{count}");
}

#[test]
fn a_follower_of_another_size_has_the_same_lines_in_view() {
    let mut ahead = Bench::new(fixture::running());
    three(&mut ahead, Standing::Owner);
    let open = |bench: &mut Bench, size: (u16, u16)| {
        bench.app.resize(ratatui::layout::Size::new(size.0, size.1));
        bench.app.open_item(fixture::gate(2));
        fetched(bench);
    };
    open(&mut ahead, (200, 20));
    ahead.press("v G");
    let view = told(&mut ahead).unwrap().view.unwrap();
    let mut behind = Bench::new(fixture::running());
    company(&mut behind, false);
    open(&mut behind, (80, 12));
    behind.press("g h @ j f");
    let mut company = behind.app.known.company.clone();
    company.guests[1].presence.view = Some(view.clone());
    company.guests[1].presence.work = Some("s1.t1".parse().unwrap());
    hear(&mut behind, company);
    assert_eq!(behind.app.place, Place::Review);
    let View::Change { cursor, .. } = view else {
        panic!("{view:?}");
    };
    let Some(View::Change { cursor: here, .. }) = behind.app.panes.review.in_view() else {
        panic!("nothing is in view");
    };
    assert_eq!(here, cursor);
}

#[test]
fn a_follower_of_the_log_looks_at_the_same_event() {
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    bench.press("@ j f");
    let mut company = bench.app.known.company.clone();
    company.guests[1].presence.place = "log".to_owned();
    company.guests[1].presence.view = Some(View::Event(5));
    hear(&mut bench, company.clone());
    assert_eq!(bench.app.place, Place::Log);
    assert_eq!(bench.app.panes.log.in_view(), Some(View::Event(5)));
    // They follow the newest again.
    company.guests[1].presence.view = None;
    hear(&mut bench, company);
    assert_eq!(bench.app.panes.log.in_view(), None);
}
