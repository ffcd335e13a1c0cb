//! Streams stay with the agents that they show.

use super::*;
use crate::base::id::Work;
use crate::domain::journal::{Command, PauseScope};
use crate::tui::panes::Purpose;

fn work(number: u32) -> Work {
    Work::Task(fixture::task(number))
}

fn shown(bench: &Bench) -> Vec<Option<Work>> {
    let streams = bench.app.panes.streams.iter();
    streams
        .map(|stream| stream.work(&bench.app.known.world))
        .collect()
}

/// Somebody's question is answered, so that others come before them.
fn answered(bench: &mut Bench, number: u32) {
    let gate = bench.host.gate(fixture::gate(number)).unwrap().clone();
    bench.happens(Event::GateDecided {
        gate: gate.id,
        verdict: Verdict::Answer("optional".to_owned()),
        by: fixture::person(),
        revision: gate.revision,
        client: "tui".to_owned(),
        latency_ms: 0,
        effective_at: fixture::NOW,
    });
    bench.happens(Event::GateClosed(gate.id));
}

fn written_to(bench: &Bench) -> Option<Purpose> {
    match &bench.app.overlay {
        Some(Overlay::Draft { purpose, .. }) => Some(purpose.clone()),
        _ => None,
    }
}

#[test]
fn streams_stay_when_the_list_is_sorted_anew() {
    let mut bench = Bench::new(fixture::fleet());
    bench.app.resize(Size::new(200, 55));
    bench.press("3");
    let before = shown(&bench);
    assert_eq!(before[0], Some(work(11)), "a command waits for leave");
    assert_eq!(before[1], Some(work(7)), "a question waits");
    // Whoever asked is answered, and is one of many now.
    answered(&mut bench, 3);
    assert_eq!(shown(&bench), before);
    answered(&mut bench, 2);
    assert_eq!(shown(&bench), before);
    bench.press("i");
    assert_eq!(written_to(&bench), Some(Purpose::Steer(work(11))));
    bench.press("Esc Tab i");
    assert_eq!(written_to(&bench), Some(Purpose::Steer(work(7))));
}

#[test]
fn the_list_of_agents_holds_whom_it_is_on() {
    let mut bench = Bench::new(fixture::running());
    bench.press("Tab");
    assert_eq!(bench.app.focused(), Pane::Agents);
    // The first in the list wants leave for a command; then it only works, and somebody else comes first.
    answered(&mut bench, 4);
    let agents = &bench.app.panes.agents;
    let under = agents.current(&bench.app.known.world).unwrap();
    assert_eq!(under.work, Some(work(5)));
    let effects = bench.app.input(Input::Key(Key::char('p')), bench.at());
    let paused = effects.into_iter().find_map(|effect| match effect {
        Effect::Request(Request::Submit { command, .. }) => Some(*command),
        _ => None,
    });
    let expected = Command::Pause(PauseScope::Task(fixture::task(5)));
    assert_eq!(paused, Some(expected));
}

#[test]
fn what_lives_on_home_changes_only_without_the_focus() {
    let mut bench = Bench::new(fixture::running());
    bench.app.resize(Size::new(120, 36));
    assert_eq!(shown(&bench)[0], Some(work(5)));
    answered(&mut bench, 4);
    assert_eq!(shown(&bench)[0], Some(work(3)), "by need");
    let mut bench = Bench::new(fixture::running());
    bench.app.resize(Size::new(120, 36));
    bench.press("Tab Tab");
    assert_eq!(bench.app.focused(), Pane::Stream);
    answered(&mut bench, 4);
    assert_eq!(shown(&bench)[0], Some(work(5)));
}

#[test]
fn each_stream_goes_on_to_another_agent_by_a_key() {
    let mut bench = Bench::new(fixture::fleet());
    bench.app.resize(Size::new(200, 55));
    bench.press("3 Tab");
    assert_eq!(bench.app.focused(), Pane::Second);
    let before = shown(&bench);
    bench.press("L");
    let after = shown(&bench);
    assert_ne!(after[1], before[1]);
    assert_eq!(
        (after[0], after[2], after[3]),
        (before[0], before[2], before[3])
    );
    bench.press("H");
    assert_eq!(shown(&bench)[1], before[1]);
    // No agent is shown twice.
    bench.press("S-Tab L");
    let mut all = shown(&bench);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 4, "{all:?}");
}
