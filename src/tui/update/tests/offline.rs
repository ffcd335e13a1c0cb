//! The host is lost and comes back: what was decided meanwhile.

use super::*;

fn lose(bench: &mut Bench) {
    let at = bench.at();
    let why = News::Lost("no host listens".to_owned());
    bench
        .app
        .news([why, News::Retry(Duration::from_secs(50))], at);
}

/// The host is there again, with its world.
fn find(bench: &mut Bench) {
    let at = bench.at();
    let world = Box::new(bench.host.clone());
    let effects = bench.app.news([News::World(world)], at);
    bench.serve(effects);
}

fn pulse(bench: &Bench, width: u16) -> String {
    let mut app = bench.app.clone();
    app.resize(Size::new(width, 36));
    let area = ratatui::layout::Rect::new(0, 0, width, 36);
    let mut buffer = ratatui::buffer::Buffer::empty(area);
    crate::tui::view::view(&app, &mut buffer, bench.at());
    probe::rows(&buffer).swap_remove(1)
}

#[test]
fn a_decision_is_kept_and_sent_when_the_host_is_back() {
    let mut bench = Bench::new(fixture::running());
    lose(&mut bench);
    bench.app.known.tick(fixture::NOW.plus_ms(42_000));
    bench.press("w");
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(2), None, "nothing is sent");
    // It counts as decided here: the next one is open, and this one is not asked again.
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(3)));
    let seen = [80, 120].map(|width| pulse(&bench, width));
    insta::assert_snapshot!("offline", seen.join("\n"));
    find(&mut bench);
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
    assert!(bench.app.panes.waiting.kept.is_empty() && bench.refused.is_empty());
    assert!(!pulse(&bench, 120).contains("OFFLINE"));
}

#[test]
fn what_changed_meanwhile_is_not_decided() {
    let mut bench = Bench::new(fixture::running());
    lose(&mut bench);
    bench.press("w");
    bench.look(500);
    bench.press("A");
    bench.app.panes.waiting.kept[0].command = {
        let mut command = bench.app.panes.waiting.kept[0].command.clone();
        if let crate::domain::journal::Command::Decide { revision, .. } = &mut *command {
            *revision = Digest::of(b"what was seen then");
        }
        command
    };
    find(&mut bench);
    assert_eq!(bench.verdict(2), None);
    assert!(
        bench.said().contains("not sent: approved t1. It changed"),
        "{}",
        bench.said()
    );
    assert!(bench.refused.is_empty(), "the host was not even asked");
}

#[test]
fn an_approval_of_a_changed_plan_is_not_kept_without_the_changes() {
    let mut bench = Bench::new(fixture::approving());
    lose(&mut bench);
    bench.press("5 m");
    bench.look(500);
    bench.press("A");
    let said = bench.said();
    assert!(said.contains("this was not done; r looks for it"), "{said}");
    assert!(bench.app.panes.waiting.kept.is_empty());
    assert!(!bench.app.panes.plan.draft.is_empty(), "the changes stay");
}

#[test]
fn leaving_says_that_kept_decisions_are_lost() {
    let mut bench = Bench::new(fixture::running());
    lose(&mut bench);
    bench.press("w");
    bench.look(500);
    bench.press("A C-c");
    assert!(
        bench.said().contains("1 kept for the host are lost"),
        "{}",
        bench.said()
    );
}

#[test]
fn u_takes_a_kept_decision_back() {
    let mut bench = Bench::new(fixture::running());
    lose(&mut bench);
    bench.press("w");
    bench.look(500);
    bench.press("A u");
    assert!(
        bench.said().contains("not sent: approved t1"),
        "{}",
        bench.said()
    );
    find(&mut bench);
    assert_eq!(bench.verdict(2), None);
    bench.press("W g g w");
    assert!(bench.app.gate().is_some());
}

#[test]
fn other_commands_are_not_done_and_that_is_said() {
    let mut bench = Bench::new(fixture::running());
    lose(&mut bench);
    bench.press("P");
    assert!(
        bench.said().contains("this was not done; r looks for it"),
        "{}",
        bench.said()
    );
    assert!(bench.app.sent.is_empty());
    let at = bench.at();
    bench.press("g h");
    let effects = bench.app.input(Input::Key(Key::char('r')), at);
    assert!(
        effects.contains(&Effect::Request(Request::Again)),
        "{effects:?}"
    );
    find(&mut bench);
    let effects = bench.app.input(Input::Key(Key::char('r')), at);
    assert!(!effects.contains(&Effect::Request(Request::Again)));
}

#[test]
fn a_decision_that_was_on_its_way_is_sent_again_under_its_own_name() {
    let mut bench = Bench::new(fixture::running());
    bench.press("w");
    bench.look(500);
    let at = bench.at();
    let effects = bench.app.input(Input::Key(Key::char('A')), at);
    let id = effects.iter().find_map(|effect| match effect {
        Effect::Request(Request::Submit { id, .. }) => Some(id.clone()),
        _ => None,
    });
    let id = id.unwrap();
    bench.app.news([News::Unsent(id.clone())], at);
    lose(&mut bench);
    // It may have arrived: it cannot be taken back, and is not decided twice.
    bench.press("u");
    assert_eq!(bench.app.panes.waiting.kept.len(), 1);
    let world = Box::new(bench.host.clone());
    let effects = bench.app.news([News::World(world)], at);
    let again = |effect: &Effect| matches!(effect, Effect::Request(Request::Submit { id: again, .. }) if *again == id);
    assert!(effects.iter().any(again), "{effects:?}");
    bench.serve(effects);
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
}
