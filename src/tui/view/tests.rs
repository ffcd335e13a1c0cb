//! Every place in four sizes, and what lies above.

use std::time::Duration;

use proptest::prelude::*;
use ratatui::layout::Size;

use super::super::panes::bench;
use super::*;
use crate::tui::action::{Action, Place};
use crate::tui::app::Settings;
use crate::tui::fixture::{self, Story};
use crate::tui::key::Key;
use crate::tui::keymap::Keymap;
use crate::tui::known::Known;
use crate::tui::layout::Density;
use crate::tui::link::News;
use crate::tui::motion::Motion;
use crate::tui::terminal::caps::Caps;
use crate::tui::terminal::decoder::Input;
use crate::tui::theme::probe;

fn caps() -> Caps {
    Caps::from_environment(|name| (name == "LANG").then(|| "C.UTF-8".to_owned()))
}

pub(super) fn app(story: Story, (width, height): (u16, u16)) -> App {
    let known: Known = bench::known(story);
    let look = (Keymap::built_in().unwrap(), probe::theme());
    let mut app = App::new(known, Settings::default(), caps(), look);
    app.resize(Size::new(width, height));
    app
}

pub(super) fn picture(app: &App) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.width, app.size.height));
    view(app, &mut buffer, Instant::now());
    buffer
}

pub(super) fn go(app: &mut App, action: Action) {
    app.act(action, Instant::now());
    app.resize(app.size);
}

fn app_title(story: Story) -> String {
    title(&app(story, (80, 24)))
}

const PLACES: [(&str, Place); 9] = [
    ("home", Place::Home),
    ("board", Place::Board),
    ("agents", Place::Agents),
    ("review", Place::Review),
    ("plan", Place::Plan),
    ("cost", Place::Cost),
    ("log", Place::Log),
    ("waiting", Place::Waiting),
    ("settings", Place::Settings),
];

#[test]
fn every_place_in_four_sizes() {
    for (size, (width, height)) in [
        ("80x24", (80, 24)),
        ("120x36", (120, 36)),
        ("200x55", (200, 55)),
        ("40x12", (40, 12)),
    ] {
        for (name, place) in PLACES {
            let story = if place == Place::Plan {
                fixture::approving()
            } else {
                fixture::running()
            };
            let mut app = app(story, (width, height));
            let diff = News::Text {
                digest: crate::base::id::Digest::of(fixture::DIFF.as_bytes()),
                bytes: Some(fixture::DIFF.as_bytes().to_vec()),
            };
            let settings = News::Settings(Box::new(fixture::settings()));
            app.news([diff, settings], Instant::now());
            go(
                &mut app,
                if place == Place::Waiting {
                    Action::WaitingList
                } else {
                    Action::Go(place)
                },
            );
            let picture = picture(&app);
            // Which cells have which meaning is looked at once, in the smallest full size.
            let shown = if size == "80x24" {
                probe::snapshot(&picture)
            } else {
                probe::rows(&picture).join("\n")
            };
            insta::assert_snapshot!(format!("{name}_{size}"), shown);
        }
    }
}

#[test]
fn a_team_of_fifty_in_three_sizes() {
    for (size, (width, height)) in [
        ("80x24", (80, 24)),
        ("120x36", (120, 36)),
        ("200x55", (200, 55)),
    ] {
        let mut app = app(fixture::fleet(), (width, height));
        for (name, place) in [("home", Place::Home), ("agents", Place::Agents)] {
            go(&mut app, Action::Go(place));
            let shown = probe::rows(&picture(&app)).join("\n");
            insta::assert_snapshot!(format!("fleet_{name}_{size}"), shown);
        }
    }
}

#[test]
fn compact_panes_have_lines_between_them_and_more_rows() {
    for (size, (width, height)) in [("80x24", (80, 24)), ("120x36", (120, 36))] {
        let mut app = app(fixture::running(), (width, height));
        let before = app.area(Pane::Waiting).height;
        app.settings.density = Density::Compact;
        app.resize(app.size);
        assert_eq!(app.area(Pane::Waiting).height, before + 1);
        let shown = probe::rows(&picture(&app)).join("\n");
        insta::assert_snapshot!(format!("compact_home_{size}"), shown);
    }
}

#[test]
fn compact_panes_can_be_drawn_in_every_size() {
    for width in (0..=250).step_by(31) {
        for height in (0..=80).step_by(9) {
            let mut app = app(fixture::running(), (width, height));
            app.settings.density = Density::Compact;
            for (_, place) in PLACES {
                go(&mut app, Action::Go(place));
                picture(&app);
            }
        }
    }
}

/// Frames that differ from the one before, in a minute in which nothing happens.
fn frames_a_minute(app: &mut App) -> usize {
    let (start, end) = (Instant::now(), app.known.now.plus_ms(60_000));
    let mut shown = picture(app);
    let mut changed = 0;
    while app.known.now < end {
        let wait = app.until_next_figure();
        let now = app.known.now.plus_ms(wait.as_millis() as i64).min(end);
        app.tick(now, start);
        let next = picture(app);
        changed += usize::from(next != shown);
        shown = next;
    }
    changed
}

#[test]
fn motion_sends_as_many_frames_as_its_level_and_none_where_nobody_runs() {
    for (motion, heard_ms, expected) in [
        (Motion::Full, 600_000, 235..=241),
        (Motion::Reduced, 600_000, 118..=121),
        (Motion::Off, 5_000, 50..=60),
        (Motion::Off, 600_000, 0..=2),
    ] {
        let mut app = app(fixture::fleet(), (120, 36));
        app.settings.motion = motion;
        let heard = app.known.now.plus_ms(-heard_ms);
        for sprint in app.known.world.sprints.values_mut() {
            for attempt in sprint.attempts.values_mut() {
                attempt.active_at = heard;
            }
        }
        let frames = frames_a_minute(&mut app);
        assert!(expected.contains(&frames), "{motion:?}: {frames}");
    }
    // The clock shows another minute, and that is all.
    let mut idle = app(fixture::approving(), (120, 36));
    assert!(frames_a_minute(&mut idle) <= 1);
    let mut unseen = app(fixture::fleet(), (120, 36));
    unseen.has_focus = false;
    assert!(frames_a_minute(&mut unseen) <= 2);
}

#[test]
fn the_terminals_cursor_follows_the_row_for_those_who_want_it() {
    let mut app = app(fixture::running(), (80, 24));
    let cursor = |app: &App| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
        view(app, &mut buffer, Instant::now())
    };
    assert_eq!(cursor(&app), None);
    app.settings.shows_cursor = true;
    let first = cursor(&app).expect("it stands on the first item");
    go(&mut app, Action::Down);
    let next = cursor(&app).expect("it stands on the next item");
    assert_eq!((next.x, next.y), (first.x, first.y + 1));
    // In a text it stands where the text goes on.
    go(&mut app, Action::Compose);
    assert_ne!(cursor(&app), Some(next));
}

#[test]
fn four_streams_beside_each_other() {
    let mut app = app(fixture::fleet(), (200, 55));
    go(&mut app, Action::Go(Place::Agents));
    let streams = |app: &App| {
        let panes = app.layout().panes;
        panes
            .iter()
            .filter(|(pane, _)| pane.stream().is_some())
            .count()
    };
    assert_eq!(streams(&app), 2);
    assert!(app.layout().area(Pane::Call).is_some());
    go(&mut app, Action::StreamMore);
    go(&mut app, Action::StreamMore);
    assert_eq!(streams(&app), 4);
    go(&mut app, Action::FocusNext);
    assert_eq!(app.focused(), Pane::Second);
    insta::assert_snapshot!(
        "agents_four_streams",
        probe::rows(&picture(&app)).join("\n")
    );
    app.resize(Size::new(120, 36));
    assert_eq!((streams(&app), app.focused()), (1, Pane::Stream));
    go(&mut app, Action::StreamLess);
    assert_eq!(app.stream_count, 4, "there was no room to see it");
    app.resize(Size::new(200, 55));
    go(&mut app, Action::StreamLess);
    go(&mut app, Action::StreamLess);
    assert_eq!((streams(&app), app.focused()), (1, Pane::Stream));
}

#[test]
fn the_past_in_four_sizes() {
    for (size, (width, height)) in [
        ("80x24", (80, 24)),
        ("120x36", (120, 36)),
        ("200x55", (200, 55)),
        ("40x12", (40, 12)),
    ] {
        let mut app = app(fixture::running(), (width, height));
        go(&mut app, Action::Go(Place::Log));
        go(&mut app, Action::DecisionPrevious);
        let picture = picture(&app);
        let shown = if size == "80x24" {
            probe::snapshot(&picture)
        } else {
            probe::rows(&picture).join("\n")
        };
        insta::assert_snapshot!(format!("past_{size}"), shown);
    }
    let mut app = app(fixture::running(), (80, 24));
    go(&mut app, Action::Go(Place::Log));
    go(&mut app, Action::DecisionPrevious);
    for (name, place) in [("past_home", Place::Home), ("past_plan", Place::Plan)] {
        go(&mut app, Action::Go(place));
        insta::assert_snapshot!(name, probe::rows(&picture(&app)).join("\n"));
    }
    go(&mut app, Action::Go(Place::Log));
    for (name, action) in [
        ("past_differences", Action::TimeDiff),
        ("past_fork", Action::Fork),
    ] {
        go(&mut app, action);
        insta::assert_snapshot!(name, probe::rows(&picture(&app)).join("\n"));
        go(&mut app, Action::Back);
    }
}

#[test]
fn a_changed_plan_in_two_sizes() {
    for (size, (width, height)) in [("80x24", (80, 24)), ("120x36", (120, 36))] {
        let mut app = app(fixture::approving(), (width, height));
        go(&mut app, Action::Go(Place::Plan));
        for action in [
            Action::Down,
            Action::Down,
            Action::PlanUp,
            Action::PlanTier,
            Action::Bottom,
            Action::PlanKeep,
            Action::PlanNew,
        ] {
            go(&mut app, action);
        }
        app.input(
            Input::Paste("rounding per region".to_owned()),
            Instant::now(),
        );
        go(&mut app, Action::Send);
        let picture = picture(&app);
        let shown = if size == "80x24" {
            probe::snapshot(&picture)
        } else {
            probe::rows(&picture).join("\n")
        };
        insta::assert_snapshot!(format!("plan_changed_{size}"), shown);
    }
}

#[test]
fn in_the_past_every_size_can_be_painted_and_no_border_looks_like_now() {
    for width in [0, 1, 2, 3, 5, 39, 40, 60, 80, 100, 121, 160, 250] {
        for height in [0, 1, 2, 3, 11, 12, 23, 24, 25, 32, 80] {
            let mut app = app(fixture::running(), (width, height));
            go(&mut app, Action::Go(Place::Log));
            go(&mut app, Action::TimeBack);
            for (_, place) in PLACES {
                go(&mut app, Action::Go(place));
                let rows = probe::rows(&picture(&app));
                let live = ["┌─", "┏━", "─┐", "━┓", "└─", "┗━"];
                let is_live = live.iter().any(|edge| rows.concat().contains(edge));
                assert!(!is_live, "{place:?} {width}x{height}: {rows:#?}");
                let is_told = rows.concat().contains("ago");
                assert!(
                    is_told || width < 30 || height == 0,
                    "{place:?} {width}x{height}"
                );
            }
        }
    }
}

#[test]
fn what_lies_above() {
    for (name, action) in [
        ("help", Action::Help),
        ("palette", Action::Palette),
        ("filter", Action::Filter),
        ("keytest", Action::KeyTest),
        ("stop", Action::StopSprint),
    ] {
        let mut app = app(fixture::running(), (80, 24));
        go(&mut app, action);
        insta::assert_snapshot!(name, probe::rows(&picture(&app)).join("\n"));
    }
    let mut app = app(fixture::running(), (80, 24));
    app.focus
        .insert(Place::Home, crate::tui::layout::Pane::Agents);
    go(&mut app, Action::Compose);
    app.input(
        Input::Paste("Please keep the API".to_owned()),
        Instant::now(),
    );
    insta::assert_snapshot!("message", probe::rows(&picture(&app)).join("\n"));
}

#[test]
fn when_the_money_is_at_its_end() {
    for (size, (width, height)) in [("80x24", (80, 24)), ("120x36", (120, 36))] {
        let mut app = app(fixture::over_budget(), (width, height));
        go(&mut app, Action::WaitingNext);
        insta::assert_snapshot!(
            format!("budget_{size}"),
            probe::rows(&picture(&app)).join("\n")
        );
    }
}

#[test]
fn before_the_money_is_at_its_end() {
    for (size, (width, height)) in [
        ("80x24", (80, 24)),
        ("120x36", (120, 36)),
        ("200x55", (200, 55)),
    ] {
        let mut app = app(fixture::nearing(93), (width, height));
        go(&mut app, Action::WaitingNext);
        let shown = probe::rows(&picture(&app)).join("\n");
        assert!(!shown.contains("BUDGET REACHED"), "{shown}");
        insta::assert_snapshot!(format!("nearing_{size}"), shown);
    }
    let mut app = app(fixture::nearing(84), (80, 24));
    go(&mut app, Action::WaitingList);
    insta::assert_snapshot!("nearing_list", probe::rows(&picture(&app)).join("\n"));
}

/// A task that is about to be added, with a long title.
fn adding(size: (u16, u16)) -> App {
    let mut app = app(fixture::running(), size);
    go(&mut app, Action::Go(Place::Board));
    go(&mut app, Action::TaskNew);
    let title =
        "Round every total of the cart half to even, in each of the regions that we sell to";
    app.input(Input::Paste(title.to_owned()), Instant::now());
    go(&mut app, Action::Send);
    app
}

#[test]
fn a_task_that_is_added_in_four_sizes() {
    for (size, (width, height)) in [
        ("80x24", (80, 24)),
        ("120x36", (120, 36)),
        ("200x55", (200, 55)),
        ("40x12", (40, 12)),
    ] {
        let mut app = adding((width, height));
        go(&mut app, Action::Down);
        let shown = probe::rows(&picture(&app)).join("\n");
        insta::assert_snapshot!(format!("new_task_{size}"), shown);
    }
    let mut app = adding((80, 24));
    app.caps.glyphs = Glyphs::Ascii;
    assert!(probe::rows(&picture(&app)).concat().is_ascii());
    for size in sizes() {
        app.resize(Size::new(size.0, size.1));
        super::odd::assert_whole(&picture(&app), "a task that is added");
    }
}

#[test]
fn what_is_looked_for_in_a_change() {
    let mut app = app(fixture::running(), (80, 24));
    let diff = News::Text {
        digest: crate::base::id::Digest::of(fixture::DIFF.as_bytes()),
        bytes: Some(fixture::DIFF.as_bytes().to_vec()),
    };
    app.news([diff], Instant::now());
    go(&mut app, Action::Go(Place::Review));
    go(&mut app, Action::Filter);
    for character in "money".chars() {
        app.input(Input::Key(Key::char(character)), Instant::now());
    }
    go(&mut app, Action::Send);
    go(&mut app, Action::SearchNext);
    insta::assert_snapshot!("review_search", probe::snapshot(&picture(&app)));
}

#[test]
fn before_anything_is_known() {
    let app = app(Story::begin(), (80, 24));
    insta::assert_snapshot!("empty", probe::rows(&picture(&app)).join("\n"));
    assert_eq!(title(&app), "aios shop: 0 waiting, $0.00");
    let limited = app_title(fixture::running());
    assert!(limited.starts_with("aios shop: 3 waiting, $"), "{limited}");
    assert!(limited.ends_with("/20 (simulated)"), "{limited}");
}

#[test]
fn a_terminal_without_unicode_gets_none() {
    let mut app = app(fixture::running(), (80, 24));
    app.caps.glyphs = Glyphs::Ascii;
    for (_, place) in PLACES {
        go(&mut app, Action::Go(place));
        assert!(probe::rows(&picture(&app)).concat().is_ascii(), "{place:?}");
    }
}

/// All sizes with `AIOS_PROOF=full`; else those at which something changes, and some by the day.
fn sizes() -> Vec<(u16, u16)> {
    let edges: (&[u16], &[u16]) = (
        &[
            0, 1, 2, 3, 5, 39, 40, 41, 60, 79, 80, 81, 99, 100, 120, 159, 160, 250,
        ],
        &[0, 1, 2, 3, 11, 12, 13, 23, 24, 25, 31, 32, 80],
    );
    let all: (Vec<u16>, Vec<u16>) = ((0..=250).collect(), (0..=80).collect());
    let pairs = |(widths, heights): (&[u16], &[u16])| -> Vec<(u16, u16)> {
        let rows = widths
            .iter()
            .map(|width| heights.iter().map(|height| (*width, *height)));
        rows.flatten().collect()
    };
    if std::env::var("AIOS_PROOF").as_deref() == Ok("full") {
        return pairs((&all.0, &all.1));
    }
    let today = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() / 86_400;
    let mut every = pairs((&all.0, &all.1));
    let offset = usize::try_from(today % 97).unwrap();
    every.drain(..offset);
    pairs(edges)
        .into_iter()
        .chain(every.into_iter().step_by(97))
        .collect()
}

#[test]
fn every_size_can_be_painted_and_each_row_is_whole() {
    let mut app = app(fixture::running(), (80, 24));
    let sizes = sizes();
    for (name, place) in PLACES {
        go(&mut app, Action::Go(place));
        for (width, height) in &sizes {
            app.resize(Size::new(*width, *height));
            let what = format!("{name} {width}x{height}");
            super::odd::assert_whole(&picture(&app), &what);
        }
    }
    println!("{} sizes of {} places", sizes.len(), PLACES.len());
}

#[test]
fn the_menu_comes_after_a_moment() {
    let mut app = app(fixture::running(), (80, 24));
    let start = Instant::now();
    app.input(Input::Key(Key::char('g')), start);
    let paint = |at| {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
        view(&app, &mut buffer, at);
        probe::rows(&buffer).join("\n")
    };
    assert!(!paint(start).contains("THEN"));
    assert_eq!(
        app.deadline(start),
        Some(start + Duration::from_millis(300))
    );
    assert!(paint(start + Duration::from_millis(300)).contains("THEN"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_keys_leave_the_interface_drawable(keys in "[a-zA-Z0-9 :?!/\u{1b}\r\t]{0,40}", width in 0_u16..130, height in 0_u16..40) {
        let mut app = app(fixture::over_budget(), (width, height));
        for character in keys.chars() {
            let key = match character {
                '\u{1b}' => Key::plain(crate::tui::key::Code::Esc),
                '\r' => Key::plain(crate::tui::key::Code::Enter),
                '\t' => Key::plain(crate::tui::key::Code::Tab),
                other => Key::char(other),
            };
            app.input(Input::Key(key), Instant::now());
        }
        picture(&app);
    }
}
