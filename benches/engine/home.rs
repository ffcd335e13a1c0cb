//! One frame of Home on a large terminal, with a large team and a long board. The interface is the real one, without a terminal.

use std::time::{Duration, Instant};

use aios::base::id::Digest;
use aios::base::time::Timestamp;
use aios::domain::journal::EffectKey;
use aios::tui::app::{App, Settings};
use aios::tui::keymap::Keymap;
use aios::tui::known::Known;
use aios::tui::link::News;
use aios::tui::terminal::caps::Caps;
use aios::tui::terminal::screen::Screen;
use aios::tui::theme::Theme;
use aios::tui::view::view;
use ratatui::layout::Size;

use crate::play::{Player, Shapes, Stage, setup};
use crate::report::{ms, percentile, row, time};

const SIZE: Size = Size::new(200, 55);
/// Frames that are painted.
const FRAMES: i64 = 400;
/// Milliseconds between them: the mark of those who run is another each time.
const APART_MS: i64 = 250;

/// A sprint of a thousand tasks, fifty of them at their first reply.
fn known() -> Known {
    let shapes = Shapes {
        tasks: 1_000,
        replies: 60,
        agents: 50,
    };
    let player = Player::new(shapes, false);
    let mut stage = Stage::new(player, setup(shapes, true, false), Digest::of(b""));
    stage.start();
    let is_reply = |key: &EffectKey| matches!(key, EffectKey::Model { attempt, .. } if attempt.work.task().is_some());
    while let Some(key) = stage.world.open.keys().find(|key| !is_reply(key)).copied() {
        stage.carry(key);
    }
    let mut known = Known::new("mia", "bench");
    known.now = Timestamp(1_800_000_000_000);
    known.take(News::World(Box::new(stage.world)));
    known
}

/// The rows.
pub(crate) fn run() {
    let caps = Caps::from_environment(|_| None);
    let theme = Theme::built_in(caps.depth).expect("the built-in theme");
    let keymap = Keymap::built_in().expect("the built-in keys");
    let mut app = App::new(known(), Settings::default(), caps, (keymap, theme));
    app.resize(SIZE);
    assert!(app.runs(), "somebody runs");
    let mut screen = Screen::new(SIZE);
    let (mut frames, mut changes) = (Vec::new(), Vec::new());
    let start = Instant::now();
    let mut written = 0;
    for frame in 0..FRAMES {
        let now = app.known.now.plus_ms(APART_MS);
        let at = start + Duration::from_millis((frame * APART_MS) as u64);
        app.tick(now, at);
        let mut bytes = Vec::new();
        let (took, ()) = time(|| screen.frame(&mut bytes, |picture| view(&app, picture, at)));
        frames.push(ms(took));
        written += bytes.len();
        let (took, _) = time(|| app.resize(SIZE));
        changes.push(ms(took));
    }
    let note = "200x55, 50 agents, 1,000 cards";
    row("home.frame", percentile(&mut frames, 50), "ms")
        .aim("<= 2")
        .note(note)
        .print();
    row("home.frame.p99", percentile(&mut frames, 99), "ms").print();
    row(
        "home.frame.bytes",
        written as f64 / FRAMES as f64,
        "bytes/frame",
    )
    .print();
    row("home.settle", percentile(&mut changes, 50), "ms")
        .note("what panes do after each change, besides the frame")
        .print();
}
