//! The screens without colours and without Unicode, and that every theme reaches every screen.

use std::fmt::Write as _;
use std::time::Instant;

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::{Color, Modifier};

use super::view;
use crate::tui::action::{Action, Place};
use crate::tui::app::{App, Settings};
use crate::tui::fixture;
use crate::tui::keymap::Keymap;
use crate::tui::link::News;
use crate::tui::panes::bench;
use crate::tui::terminal::caps::{Caps, Depth, Glyphs};
use crate::tui::theme::choice::{Choice, Wish};
use crate::tui::theme::{Theme, probe};

fn app(depth: Depth, glyphs: Glyphs, (width, height): (u16, u16)) -> App {
    let mut caps = Caps::from_environment(|_| None);
    caps.depth = depth;
    caps.glyphs = glyphs;
    let look = (Keymap::built_in().unwrap(), Theme::built_in(depth).unwrap());
    let known = bench::known(fixture::running());
    let mut app = App::new(known, Settings::default(), caps, look);
    app.resize(Size::new(width, height));
    let diff = News::Text {
        digest: crate::base::id::Digest::of(fixture::DIFF.as_bytes()),
        bytes: Some(fixture::DIFF.as_bytes().to_vec()),
    };
    app.news([diff], Instant::now());
    app
}

pub(super) fn picture(app: &App) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.width, app.size.height));
    view(app, &mut buffer, Instant::now());
    buffer
}

/// All that can be on the screen: every place, and what lies above.
pub(super) const SCREENS: [Action; 12] = [
    Action::Go(Place::Home),
    Action::WaitingList,
    Action::Go(Place::Board),
    Action::Go(Place::Agents),
    Action::Go(Place::Review),
    Action::Go(Place::Plan),
    Action::Go(Place::Cost),
    Action::Go(Place::Log),
    Action::Help,
    Action::Palette,
    Action::Theme,
    Action::StopSprint,
];

pub(super) fn screens(app: &mut App, mut look: impl FnMut(Action, &Buffer)) {
    for action in SCREENS {
        app.overlay = None;
        app.act(action, Instant::now());
        app.resize(app.size);
        look(action, &picture(app));
    }
}

/// What a screen's snapshot is called.
fn file(action: Action) -> String {
    match action {
        Action::Go(place) => place.title().to_lowercase(),
        Action::WaitingList => "waiting".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// A line for each run of cells with an attribute, and with a colour if there should be one by mistake.
fn attributes(buffer: &Buffer) -> String {
    let mut text = String::new();
    let width = usize::from(buffer.area.width).max(1);
    for (y, cells) in buffer.content.chunks(width).enumerate() {
        let mut start = 0;
        let look = |cell: &ratatui::buffer::Cell| (cell.fg, cell.bg, cell.modifier);
        for run in cells.chunk_by(|one, two| look(one) == look(two)) {
            let end = start + run.len();
            let (fg, bg, modifier) = look(&run[0]);
            let is_seen = modifier.contains(Modifier::REVERSED)
                || run.iter().any(|cell| cell.symbol() != " ");
            if (fg, bg) != (Color::Reset, Color::Reset) {
                writeln!(text, "r{y} c{start}-{} {fg} on {bg}", end - 1).unwrap();
            } else if !modifier.is_empty() && is_seen {
                let names: Vec<String> = modifier
                    .iter_names()
                    .map(|(name, _)| name.to_lowercase())
                    .collect();
                writeln!(text, "r{y} c{start}-{} {}", end - 1, names.join(" ")).unwrap();
            }
            start = end;
        }
    }
    text
}

#[test]
fn every_place_without_colours() {
    let mut app = app(Depth::Mono, Glyphs::Unicode, (80, 24));
    screens(&mut app, |action, picture| {
        let shown = format!(
            "{}\n\n{}",
            probe::rows(picture).join("\n"),
            attributes(picture)
        );
        insta::assert_snapshot!(format!("{}_mono", file(action)), shown);
    });
}

#[test]
fn every_place_in_ascii() {
    let mut app = app(Depth::Mono, Glyphs::Ascii, (80, 24));
    screens(&mut app, |action, picture| {
        let shown = probe::rows(picture).join("\n");
        insta::assert_snapshot!(format!("{}_ascii", file(action)), shown);
    });
}

#[test]
fn no_screen_in_ascii_has_a_byte_over_127() {
    for size in [(40, 12), (80, 24), (200, 55)] {
        let mut app = app(Depth::True, Glyphs::Ascii, size);
        screens(&mut app, |action, picture| {
            let foreign = picture
                .content
                .iter()
                .find(|cell| !cell.symbol().is_ascii());
            let foreign = foreign.map(ratatui::buffer::Cell::symbol);
            assert_eq!(foreign, None, "{action:?} {size:?}");
        });
    }
}

/// The fixtures' texts are ASCII, so that every other sign is the interface's own.
#[test]
fn every_sign_of_every_screen_has_a_likeness_in_ascii() {
    for size in [(40, 12), (60, 14), (80, 24), (120, 36), (200, 55)] {
        let mut unicode = app(Depth::True, Glyphs::Unicode, size);
        let mut ascii = app(Depth::True, Glyphs::Ascii, size);
        let mut pictures = Vec::new();
        screens(&mut ascii, |_, picture| pictures.push(picture.clone()));
        let mut pictures = pictures.into_iter();
        screens(&mut unicode, |action, picture| {
            let translated = pictures.next().unwrap();
            let pairs = picture.content.iter().zip(&translated.content);
            for (cell, likeness) in pairs {
                let is_lost = likeness.symbol() == "?" && cell.symbol() != "?";
                assert!(!is_lost, "{action:?} {size:?}: {}", cell.symbol());
            }
        });
    }
}

#[test]
fn no_screen_without_colours_has_one() {
    let mut app = app(Depth::Mono, Glyphs::Unicode, (120, 36));
    screens(&mut app, |action, picture| {
        let is_plain =
            |cell: &ratatui::buffer::Cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset);
        assert!(picture.content.iter().all(is_plain), "{action:?}");
    });
}

#[test]
fn no_screen_of_a_theme_paints_a_ground_without_a_text_colour() {
    let mut app = app(Depth::True, Glyphs::Unicode, (120, 36));
    for name in ["terminal", "nord", "github-light"] {
        let choice = Choice {
            wish: Wish::Named(name.to_owned()),
            ..Choice::usual(Depth::True)
        };
        app.wear(choice, Instant::now());
        screens(&mut app, |action, picture| {
            for cell in &picture.content {
                let is_bare = cell.bg != Color::Reset && cell.fg == Color::Reset;
                assert!(
                    !is_bare || cell.symbol() == " ",
                    "{name} {action:?}: {:?} on {}",
                    cell.symbol(),
                    cell.bg
                );
            }
        });
    }
}
