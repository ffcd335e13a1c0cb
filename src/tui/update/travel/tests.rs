//! Nothing is decided in the past, and the present is there again with all that came meanwhile.

use ratatui::layout::Size;

use super::*;
use crate::domain::journal::{Envelope, Event, PauseScope};
use crate::tui::action::{Mode, Place, TABLE};
use crate::tui::app::Settings;
use crate::tui::fixture::{self, Story};
use crate::tui::key::sequence;
use crate::tui::keymap::Keymap;
use crate::tui::layout::Pane;
use crate::tui::link::News;
use crate::tui::panes::bench;
use crate::tui::terminal::caps::Caps;
use crate::tui::terminal::decoder::Input;
use crate::tui::theme::probe;

fn app(story: Story) -> App {
    let look = (Keymap::built_in().unwrap(), probe::theme());
    let caps = Caps::from_environment(|_| None);
    let mut app = App::new(bench::known(story), Settings::default(), caps, look);
    app.resize(Size::new(80, 24));
    app
}

fn press(app: &mut App, names: &str, at: Instant) -> Vec<Effect> {
    let keys = sequence(names).unwrap();
    keys.into_iter()
        .flat_map(|key| app.input(Input::Key(key), at))
        .collect()
}

fn submits(effects: &[Effect]) -> usize {
    let is_one = |effect: &&Effect| matches!(effect, Effect::Request(Request::Submit { .. }));
    effects.iter().filter(is_one).count()
}

fn said(app: &App) -> String {
    let texts: Vec<&str> = app
        .notices
        .iter()
        .map(|notice| notice.text.as_str())
        .collect();
    texts.join(" | ")
}

/// What happens next in the story.
fn more(story: &mut Story) -> Envelope {
    let scope = PauseScope::Sprint(fixture::SPRINT);
    story.then(9, Event::Resumed { scope });
    story.lines.last().cloned().unwrap()
}

#[test]
fn steps_lead_through_the_past_and_back_to_now() {
    let at = Instant::now();
    let mut app = app(fixture::running());
    let newest = app.known.world.seq;
    press(&mut app, "7 h", at);
    assert_eq!(
        (app.mode(), app.known.world.seq),
        (Mode::Travel, newest - 1)
    );
    press(&mut app, "h h left", at);
    assert_eq!(app.known.world.seq, newest - 4);
    press(&mut app, "l right", at);
    assert_eq!(app.known.world.seq, newest - 2);
    press(&mut app, "l l", at);
    assert_eq!((app.known.is_past(), app.known.world.seq), (false, newest));
    press(&mut app, "l", at);
    assert!(said(&app).contains("this is now"), "{}", said(&app));
    press(&mut app, "0", at);
    assert_eq!(app.known.world.seq, 1);
    press(&mut app, "h", at);
    assert!(said(&app).contains("begins here"), "{}", said(&app));
    press(&mut app, "$", at);
    assert!(!app.known.is_past());
    // The one decision of the story: the plan.
    press(&mut app, "H", at);
    let decided = app.known.past.event(app.known.world.seq).unwrap();
    assert!(matches!(decided.envelope.event, Event::GateDecided { .. }));
    press(&mut app, "H", at);
    assert!(said(&app).contains("nothing was decided before"));
    press(&mut app, "0 L", at);
    assert!(app.known.world.seq > 1, "the decision after");
    press(&mut app, "j", at);
    let line = app.known.world.seq;
    press(&mut app, "k k", at);
    assert!(app.known.world.seq < line, "the cursor of the list travels");
}

#[test]
fn from_an_older_row_the_first_step_leads_to_that_row() {
    let at = Instant::now();
    let mut app = app(fixture::running());
    press(&mut app, "7 k k k", at);
    let row = app.panes.log.moment(&app.known);
    assert!(!app.known.is_past() && row < app.known.world.seq);
    press(&mut app, "h", at);
    assert_eq!(app.known.world.seq, row);
}

#[test]
fn a_time_of_day_is_gone_to() {
    let at = Instant::now();
    let mut app = app(fixture::running());
    for (typed, expected) in [
        ("at 09:42", "09:42:45"),
        ("at 09:47:47", "09:47:47"),
        ("at 23:59", "09:42:05"),
    ] {
        press(&mut app, ":", at);
        for letter in typed.chars() {
            app.input(Input::Key(crate::tui::key::Key::char(letter)), at);
        }
        press(&mut app, "Enter", at);
        assert_eq!(app.known.clock(app.known.now), expected, "{typed}");
        press(&mut app, "Esc", at);
    }
    for bad in ["", "10", "25:00", "10:61", "10:10:10:10", "-1:20", "ten"] {
        assert_eq!(app.known.time_of_day(bad), None, "{bad}");
    }
}

#[test]
fn every_place_shows_the_past_and_no_action_of_the_table_gets_out() {
    let at = Instant::now();
    let places = Place::TABS.into_iter().chain([Place::Waiting]);
    let mut refused = 0;
    for place in places {
        for spec in TABLE.iter().filter(|spec| spec.fits(Mode::Travel, place)) {
            let mut app = app(fixture::running());
            app.act(Action::Go(Place::Log), at);
            // The plan waits: everything on it could be decided.
            app.travel_to(8, at);
            if place == Place::Waiting {
                app.act(Action::WaitingList, at);
            } else {
                app.act(Action::Go(place), at);
            }
            for pane in [None, Some(Pane::Card), Some(Pane::Agents)] {
                if let Some(pane) = pane {
                    app.focus.insert(place, pane);
                }
                app.arming.painted(false);
                app.arming.flushed(at);
                app.overlay = None;
                let later = at + Duration::from_secs(3);
                let mut effects = app.act(spec.action, later);
                app.wall(&mut effects, later);
                assert_eq!(submits(&effects), 0, "{} in {place:?}", spec.id);
                assert!(app.sent.is_empty(), "{} in {place:?}", spec.id);

                let is_writing = match &app.overlay {
                    Some(Overlay::Confirm { then, .. }) => *then != Then::Unlock,
                    other => matches!(other, Some(Overlay::Draft { .. })),
                };
                assert!(!is_writing, "{} in {place:?}", spec.id);
                let is_refused = said(&app).contains(PAST);
                if changes(spec.action) {
                    assert!(is_refused, "{} in {place:?} says nothing", spec.id);
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn what_the_table_lets_through_the_wall_holds() {
    let at = Instant::now();
    let mut app = app(fixture::running());
    press(&mut app, "7 h", at);
    let effect = app.submit(Command::Stop(fixture::SPRINT));
    let mut effects = vec![effect, Effect::Redraw];
    app.wall(&mut effects, at);
    assert_eq!(effects, [Effect::Redraw]);
    assert!(app.sent.is_empty() && said(&app).contains(PAST));
    press(&mut app, "Esc", at);
    let effect = app.submit(Command::Stop(fixture::SPRINT));
    let mut effects = vec![effect];
    app.wall(&mut effects, at);
    assert_eq!(submits(&effects), 1, "now it may leave");
}

#[test]
fn random_keys_in_the_past_send_nothing() {
    let at = Instant::now();
    let keys = sequence(
        "w a A x X S 1 2 3 c s u i e d p P space J K j k h l H L Tab Enter m z 4 5 7 ? F r",
    )
    .unwrap();
    let fresh = app(fixture::over_budget());
    for seed in 1..=300_u64 {
        let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut app = fresh.clone();
        press(&mut app, "7 h h h", at);
        for turn in 0..60 {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let key = keys[(dice % keys.len() as u64) as usize];
            app.arming.painted(false);
            app.arming.flushed(at);
            let later = at + Duration::from_secs(turn);
            let was_past = app.known.is_past();
            let was_fork = matches!(app.overlay, Some(Overlay::Past(Panel::Fork, _)));
            let effects = app.input(Input::Key(key), later);
            if was_past && !was_fork {
                assert_eq!(submits(&effects), 0, "seed {seed}, turn {turn}, {key}");
            }
            if !app.known.is_past() {
                app.overlay = None;
                app.known.travel(20);
            }
        }
    }
}

#[test]
fn what_comes_meanwhile_is_there_when_the_person_is_back() {
    let at = Instant::now();
    let (mut story, mut twin) = (fixture::running(), app(fixture::running()));
    let mut app = app(fixture::running());
    press(&mut app, "7 h h 2", at);
    let shown = app.known.world.clone();
    let attempt = fixture::attempt(3);
    for _ in 0..3 {
        let envelope = more(&mut story);
        for app in [&mut app, &mut twin] {
            app.news([News::Event(Box::new(envelope.clone()))], at);
            let text = "still here".to_owned();
            app.news([News::Streaming { attempt, text }], at);
        }
    }
    assert_eq!(app.known.world, shown, "the past stands still");
    assert!(app.known.streams.is_empty());
    press(&mut app, "Esc", at);
    assert_eq!(app.place, Place::Board, "Esc is now, in the same place");
    assert_eq!(app.known.world, twin.known.world);
    assert_eq!(app.known.world, story.world);
    assert_eq!(app.known.streams, twin.known.streams);
    assert_eq!(app.known.log, twin.known.log);
    assert_eq!(app.known.now, twin.known.now);
}

#[test]
fn a_replay_has_three_speeds_and_ends_in_the_present() {
    let at = Instant::now();
    let mut app = app(fixture::running());
    let newest = app.known.world.seq;
    press(&mut app, "7 r", at);
    assert_eq!(app.replay.map(|replay| replay.speed), Some(1));
    assert_eq!(app.known.world.seq, 1, "from the beginning");
    let mut lengths = Vec::new();
    for speed in [1, 4, 16] {
        app.known.travel(1);
        app.replay = None;
        while app.replay.is_none_or(|replay| replay.speed != speed) {
            press(&mut app, "r", at);
        }
        let mut now = at;
        while let Some(replay) = app.replay {
            now = replay.next.max(now);
            assert!(app.deadline(at).is_some_and(|deadline| deadline <= now));
            let before = app.known.world.seq;
            app.tick(fixture::NOW, now);
            assert!(app.known.world.seq > before);
        }
        assert!(!app.known.is_past() && app.known.world.seq == newest);
        lengths.push((now - at).as_millis());
    }
    // Every pause but the shortest is cut to two seconds: the story has about thirty events.
    assert!(lengths[0] > 30_000 && lengths[0] < 70_000, "{lengths:?}");
    assert!(
        lengths[0] / 4 <= lengths[1] + 40 && lengths[1] / 4 <= lengths[2] + 40,
        "{lengths:?}"
    );
    assert!(lengths[2] < lengths[0] / 10, "{lengths:?}");
    press(&mut app, "r", at);
    press(&mut app, "C-c", at);
    assert!(
        app.replay.is_none() && app.known.is_past(),
        "it can be stopped"
    );
}

#[test]
fn a_fork_says_first_what_it_does_and_starts_from_the_tip_of_then() {
    let at = Instant::now();
    let mut app = app(fixture::running());
    press(&mut app, "7 0", at);
    assert_eq!(submits(&press(&mut app, "F", at)), 0);
    assert!(
        app.overlay.is_none() && said(&app).contains("no sprint"),
        "{}",
        said(&app)
    );
    press(&mut app, "$ H", at);
    let tip = app
        .known
        .world
        .current()
        .and_then(|sprint| sprint.tip.clone());
    assert_eq!(submits(&press(&mut app, "F Enter a", at)), 0);
    assert!(app.overlay.is_some(), "Enter starts nothing");
    let effects = press(&mut app, "F", at);
    let Some(Effect::Request(Request::Submit { command, .. })) = effects.first() else {
        panic!("{effects:?}");
    };
    let Command::StartSprint { base, setup, .. } = &**command else {
        panic!("{command:?}");
    };
    assert!(base.is_some() && *base == tip && setup.is_none());
    assert!(!app.known.is_past() && app.overlay.is_none());
    assert!(
        said(&app).contains("begins when s1 is over"),
        "{}",
        said(&app)
    );
    // Esc keeps things as they are.
    press(&mut app, "H F", at);
    assert_eq!(submits(&press(&mut app, "Esc F", at)), 0);
}

#[test]
fn differences_open_and_close() {
    let at = Instant::now();
    let mut app = app(fixture::running());
    press(&mut app, "7 d", at);
    assert!(app.overlay.is_none() && said(&app).contains("steps back first"));
    press(&mut app, "h d j", at);
    assert!(matches!(
        app.overlay,
        Some(Overlay::Past(Panel::Differences, 1))
    ));
    press(&mut app, "d", at);
    assert!(app.overlay.is_none() && app.known.is_past());
}
