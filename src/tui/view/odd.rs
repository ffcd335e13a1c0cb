//! Texts that terminals find hard, as titles, names, paths and changes, on every screen: each cell stays in its place, in the picture
//! and in a terminal.

use std::time::Instant;

use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use serde_json::Value;
use unicode_width::UnicodeWidthStr as _;

use super::looks::{SCREENS, picture, screens};
use crate::base::id::Digest;
use crate::domain::journal::Envelope;
use crate::tui::app::{App, Settings};
use crate::tui::fixture::{self, Story};
use crate::tui::keymap::Keymap;
use crate::tui::link::News;
use crate::tui::panes::bench;
use crate::tui::terminal::caps::Caps;
use crate::tui::terminal::screen::Screen;
use crate::tui::theme::probe;

/// Wide, joined, combining, without width, from right to left, and what would move the cursor.
const ODD: [&str; 7] = [
    "日本語の長い題名がここに立つ日本語の長い題名がここに立つ",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦 family 🏳\u{fe0f}\u{200d}🌈 ❤\u{fe0f} 🇩🇪🇫🇷",
    "e\u{301}\u{302}\u{303}a\u{308}\u{20dd} Z\u{335}\u{322}algo",
    "a\u{200b}b\u{200c}c\u{feff}d\u{2060}e\u{ad}f",
    "שלום עולם مرحبا بالعالم",
    "\u{202e}reversed\u{202c} \u{2066}isolated\u{2069} \u{200f}mark",
    "\u{1b}[2J\u{1b}]0;x\u{7}\ttab\rback\u{8}\u{9b}1m ｆｕｌｌ",
];

/// What a person or a model has written, by the names of the fields.
const WRITTEN: [&str; 12] = [
    "title", "goal", "text", "question", "summary", "why", "name", "command", "cause", "evidence",
    "label", "Inline",
];

/// The path that the fixture's change is about.
const PATH: &str = "src/cart/total.rs";

fn spoil(value: &mut Value, odd: &str) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if WRITTEN.contains(&name.as_str()) => {
                        *text = format!("{odd} {text}");
                    }
                    field => spoil(field, odd),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, odd)),
        Value::String(text) if text == PATH => *text = format!("src/{odd}.rs"),
        _ => {}
    }
}

/// The story with an odd text in each of its texts.
fn spoiled(story: Story, odd: &str) -> Story {
    let mut spoiled = Story::begin();
    for envelope in story.lines {
        let mut event = serde_json::to_value(&envelope.event).unwrap();
        spoil(&mut event, odd);
        // What a field of that name is not a free text in stays as it was.
        let event = serde_json::from_value(event).unwrap_or(envelope.event);
        let envelope = Envelope { event, ..envelope };
        spoiled.world.absorb(&envelope);
        spoiled.lines.push(envelope);
    }
    spoiled.world.settle();
    spoiled
}

fn app(story: Story, odd: &str) -> App {
    let caps = Caps::from_environment(|name| (name == "LANG").then(|| "C.UTF-8".to_owned()));
    let look = (Keymap::built_in().unwrap(), probe::theme());
    let mut app = App::new(bench::known(story), Settings::default(), caps, look);
    let diff = fixture::DIFF
        .replace(PATH, &format!("src/{odd}.rs"))
        .replace("items", odd);
    let text = News::Text {
        digest: Digest::of(fixture::DIFF.as_bytes()),
        bytes: Some(diff.into_bytes()),
    };
    app.news([text], Instant::now());
    let attempt = fixture::attempt(3);
    let text = format!("{odd}\n\n- {odd}\n\n```\n{odd}\n```\n");
    app.news([News::Streaming { attempt, text }], Instant::now());
    app
}

/// Every row is exactly as wide as the picture: no mark without a cell, and nothing over the second half of a wide one.
pub(super) fn assert_whole(picture: &Buffer, what: &str) {
    let width = usize::from(picture.area.width);
    for (y, row) in picture.content.chunks(width.max(1)).enumerate() {
        let mut x = 0;
        while let Some(cell) = row.get(x) {
            let cells = cell.symbol().width();
            let told = || format!("{what}: {:?} at {x}, {y}", cell.symbol());
            assert!(cells > 0, "{}", told());
            assert!(!cell.symbol().chars().any(char::is_control), "{}", told());
            for covered in 1..cells {
                let behind = row.get(x + covered).map(ratatui::buffer::Cell::symbol);
                assert_eq!(behind, Some(" "), "{}", told());
            }
            x += cells;
        }
        assert_eq!(x, width, "{what}: row {y}");
    }
}

/// Borders stand in the terminal where the picture has them.
fn assert_borders(picture: &Buffer, emulator: &vt100::Parser, what: &str) {
    for y in 0..picture.area.height {
        for x in 0..picture.area.width {
            let wanted = picture[(x, y)].symbol();
            if "─│┌┐└┘━┃┏┓┗┛▌▐".contains(wanted) {
                let seen = emulator.screen().cell(y, x).unwrap().contents();
                assert_eq!(seen, wanted, "{what}: at {x}, {y}");
            }
        }
    }
}

#[test]
fn no_text_moves_a_cell_of_any_screen() {
    for odd in ODD {
        for (width, height) in [(60, 14), (80, 24), (120, 36), (200, 55)] {
            for story in [fixture::running(), fixture::approving()] {
                let mut app = app(spoiled(story, odd), odd);
                app.resize(Size::new(width, height));
                let mut emulator = vt100::Parser::new(height, width, 0);
                let mut terminal = Screen::new(app.size);
                let mut seen = 0;
                screens(&mut app, |action, picture| {
                    let what = format!("{odd:?}, {action:?}, {width}x{height}");
                    assert_whole(picture, &what);
                    let mut bytes = Vec::new();
                    terminal.frame(&mut bytes, |next| {
                        next.clone_from(picture);
                        None
                    });
                    emulator.process(&bytes);
                    // The emulator counts each part of a joined sign and cannot cut lines, as terminals are told to.
                    if !odd.contains('\u{200d}') {
                        assert_borders(picture, &emulator, &what);
                    }
                    seen += 1;
                });
                assert_eq!(seen, SCREENS.len());
            }
        }
    }
}

#[test]
fn odd_texts_reach_the_screens() {
    let odd = ODD[0];
    let mut app = app(spoiled(fixture::running(), odd), odd);
    app.resize(Size::new(200, 55));
    let mut with = 0;
    screens(&mut app, |_, picture| {
        with += usize::from(probe::rows(picture).concat().contains("日本語"));
    });
    assert!(with >= 8, "{with} screens show them");
    assert!(!picture(&app).content.is_empty());
}
