//! What is said, and who is called.

use super::*;
use crate::tui::notify::{Call, Level};

fn later(bench: &mut Bench, seconds: u64) -> Vec<Call> {
    bench.ms += seconds * 1_000;
    let effects = bench.app.tick(fixture::NOW, bench.at());
    let call = |effect| match effect {
        Effect::Call(call) => Some(call),
        _ => None,
    };
    effects.into_iter().filter_map(call).collect()
}

#[test]
fn who_looks_elsewhere_is_called_once_for_all_that_waits() {
    let mut bench = Bench::new(fixture::running());
    let at = bench.at();
    bench.app.input(Input::Focus(false), at);
    assert!(later(&mut bench, 19).is_empty());
    let wakes = bench.app.deadline(bench.at()).unwrap();
    assert_eq!(
        wakes.saturating_duration_since(bench.at()),
        Duration::from_secs(1)
    );
    let calls = later(&mut bench, 1);
    let expected = Call {
        level: Level::Need,
        count: 3,
        text: "3 wait: t1, t3, t5".to_owned(),
    };
    assert_eq!(calls, [expected]);
    assert!(later(&mut bench, 300).is_empty());
}

#[test]
fn without_word_of_the_focus_a_key_shows_that_somebody_is_there() {
    let mut bench = Bench::new(fixture::running());
    assert!(later(&mut bench, 0).is_empty());
    bench.ms += 50_000;
    bench.press("j");
    assert!(later(&mut bench, 59).is_empty());
    assert_eq!(later(&mut bench, 1).len(), 1);
}

#[test]
fn a_lost_host_and_a_budget_call_at_once_and_what_is_put_off_does_not() {
    let mut bench = Bench::new(fixture::over_budget());
    let at = bench.at();
    let effects = bench.app.news([News::Lost("gone".to_owned())], at);
    let stops = effects
        .iter()
        .filter(|effect| matches!(effect, Effect::Call(call) if call.level == Level::Stop));
    assert_eq!(stops.count(), 2, "{effects:?}");
    let mut bench = Bench::new(fixture::running());
    let at = bench.at();
    for _ in 0..3 {
        bench.press("w s");
    }
    bench.app.input(Input::Focus(false), at);
    assert!(later(&mut bench, 100).is_empty());
}

#[test]
fn what_was_said_can_be_read_later_and_the_newest_opened() {
    let mut bench = Bench::new(fixture::running());
    bench.press("w");
    bench.look(500);
    bench.press("A");
    bench.ms += 60_000;
    later(&mut bench, 0);
    assert!(bench.app.notices.is_empty());
    bench.press("g h :");
    bench.write("notices");
    bench.press("Enter");
    assert!(matches!(bench.app.overlay, Some(Overlay::Notices(0))));
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
    crate::tui::view::view(&bench.app, &mut buffer, bench.at());
    insta::assert_snapshot!("notices", probe::rows(&buffer).join("\n"));
    bench.press("Esc");
    assert!(bench.app.overlay.is_none());
    bench.press("g n");
    assert_eq!(
        (bench.app.place, bench.app.focused()),
        (Place::Review, Pane::Diff)
    );
}
