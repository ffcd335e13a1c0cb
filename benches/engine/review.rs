//! A large change before a person: from its bytes to the first frame, a key that scrolls, the colours of its code. The interface is the
//! real one, without a terminal: what a frame writes is counted.

use std::time::{Duration, Instant};

use aios::base::body::Body;
use aios::base::id::Digest;
use aios::base::time::Timestamp;
use aios::domain::change::LineKind;
use aios::domain::journal::{Envelope, World};
use aios::tui::action::{Action, Place};
use aios::tui::app::{App, Settings};
use aios::tui::highlight::{CHUNK, Job, Key, Painter};
use aios::tui::key::Key as Pressed;
use aios::tui::keymap::Keymap;
use aios::tui::known::Known;
use aios::tui::link::News;
use aios::tui::terminal::caps::Caps;
use aios::tui::terminal::decoder::Input;
use aios::tui::terminal::screen::Screen;
use aios::tui::theme::Theme;
use aios::tui::view::view;
use ratatui::layout::Size;

use crate::diff::large;
use crate::report::{ms, percentile, row, time};

/// Columns and rows, as of all terminals here.
const SIZE: Size = Size::new(120, 40);
/// Keys that are pressed.
const KEYS: usize = 2_000;

/// A world with a task, and a change of these bytes.
fn world(diff: &[u8]) -> World {
    let lines = include_str!("../../tests/fixtures/logs/v1.jsonl");
    let mut world = World::default();
    for line in lines.lines() {
        world.absorb(&Envelope::read(line).expect("a log of this program"));
        world.settle();
    }
    let sprint = world.sprints.values_mut().next_back().expect("a sprint");
    let changed = |task: &&mut aios::domain::sprint::Task| task.change.is_some();
    let task = sprint.tasks.values_mut().rfind(changed).expect("a change");
    let (digest, bytes) = (Digest::of(diff), diff.len() as u64);
    let change = task.change.as_mut().expect("it has one");
    change.diff = Body::Blob {
        digest,
        bytes,
        first_line: String::new(),
    };
    let id = task.id;
    for other in sprint.tasks.values_mut().filter(|task| task.id != id) {
        other.change = None;
    }
    world
}

/// The interface, and what its frames would write.
struct Bench {
    app: App,
    screen: Screen,
    bytes: usize,
}

impl Bench {
    fn new(world: World) -> Self {
        let caps = Caps::from_environment(|_| None);
        let theme = Theme::built_in(caps.depth).expect("the built-in theme");
        let keymap = Keymap::built_in().expect("the built-in keys");
        let mut known = Known::new("mia", "bench");
        known.now = Timestamp(1_800_000_000_000);
        known.take(News::World(Box::new(world)));
        let mut app = App::new(known, Settings::default(), caps, (keymap, theme));
        app.resize(SIZE);
        app.act(Action::Go(Place::Review), Instant::now());
        app.resize(SIZE);
        Self {
            app,
            screen: Screen::new(SIZE),
            bytes: 0,
        }
    }

    fn frame(&mut self) {
        let mut bytes = Vec::new();
        let (app, at) = (&self.app, Instant::now());
        self.screen
            .frame(&mut bytes, |picture| view(app, picture, at));
        self.bytes = bytes.len();
    }

    fn show(&mut self, diff: Vec<u8>) {
        let digest = Digest::of(&diff);
        let bytes = Some(diff);
        self.app
            .news([News::Text { digest, bytes }], Instant::now());
        self.frame();
    }

    fn press(&mut self, key: char) {
        self.app
            .input(Input::Key(Pressed::char(key)), Instant::now());
        self.frame();
    }

    fn text(&self) -> String {
        let mut picture = ratatui::buffer::Buffer::empty(self.screen.area());
        view(&self.app, &mut picture, Instant::now());
        picture
            .content
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }
}

/// So many files of a hunk of a hundred lines each.
fn many(files: usize) -> Vec<u8> {
    let (zero, one) = ("0".repeat(40), "1".repeat(40));
    let mut diff = String::new();
    for file in 0..files {
        let path = format!("src/room_{file}/file.rs");
        diff.push_str(&format!(
            "diff --git a/{path} b/{path}\nindex {zero}..{one} 100644\n--- a/{path}\n+++ b/{path}\n@@ -1,66 +1,66 @@\n"
        ));
        for line in 0..33 {
            diff.push_str(&format!(
                "     let kept_{line} = {line};\n-    old({line});\n+    new({line});\n"
            ));
        }
    }
    diff.into_bytes()
}

/// The rows.
pub(crate) fn run() {
    let (_, bytes) = large();
    let note = format!(
        "100,000 lines, {:.1} MB, from its bytes",
        bytes.len() as f64 / 1e6
    );
    let bench = || Bench::new(world(&bytes));
    let mut fastest = Duration::MAX;
    for _ in 0..3 {
        let (mut bench, diff) = (bench(), bytes.clone());
        let (took, ()) = time(|| {
            bench.show(diff);
            // A file of that length is folded at first.
            bench.app.act(Action::Open, Instant::now());
            bench.app.resize(SIZE);
            bench.frame();
        });
        assert!(bench.text().contains("value_4"), "{}", bench.text());
        fastest = fastest.min(took);
    }
    row("review.100k.on_screen", ms(fastest), "ms")
        .aim("<= 100")
        .note(note)
        .print();
    let files = many(200);
    let mut fastest = Duration::MAX;
    for _ in 0..3 {
        let (mut bench, diff) = (Bench::new(world(&files)), files.clone());
        let (took, ()) = time(|| bench.show(diff));
        assert!(bench.text().contains("kept_4"), "{}", bench.text());
        fastest = fastest.min(took);
    }
    row("review.200_files.on_screen", ms(fastest), "ms")
        .aim("<= 40")
        .print();
    scroll("review.scroll", bench(), &bytes);
    let mut alone = bench();
    alone.app.is_zoomed = true;
    scroll("review.scroll.alone", alone, &bytes);
    colours();
}

/// Down row by row.
fn scroll(name: &str, mut bench: Bench, diff: &[u8]) {
    bench.show(diff.to_vec());
    bench.app.act(Action::Open, Instant::now());
    bench.app.resize(SIZE);
    bench.frame();
    let (mut waits, mut written) = (Vec::new(), 0);
    for _ in 0..KEYS {
        let (took, ()) = time(|| bench.press('j'));
        waits.push(ms(took));
        written += bench.bytes;
    }
    row(&format!("{name}.p50"), percentile(&mut waits, 50), "ms")
        .aim("<= 1")
        .print();
    row(&format!("{name}.p99"), percentile(&mut waits, 99), "ms")
        .aim("<= 5")
        .print();
    row(
        &format!("{name}.bytes"),
        written as f64 / KEYS as f64,
        "bytes/key",
    )
    .aim("<= 300")
    .print();
}

/// Code as it stands in changes: this program's own.
fn colours() {
    let code = include_str!("../../src/tui/update.rs");
    let lines: Vec<_> = code
        .lines()
        .map(|line| (LineKind::Context, line.to_owned().into()))
        .collect();
    let job = |chunk: usize, lines: &[_]| Job {
        key: Key {
            file: Digest::of(b"update.rs"),
            hunk: 0,
            chunk: chunk as u32,
        },
        path: "src/tui/update.rs".to_owned(),
        lines: lines.to_vec(),
    };
    let view = usize::from(SIZE.height).min(lines.len());
    let first = &lines[..view];
    let (cold, mut painter) = time(|| {
        let mut painter = Painter::default();
        painter.paint(&job(0, first));
        painter
    });
    row("highlight.first", ms(cold), "ms")
        .note("with the grammars read; plain text is on the screen meanwhile")
        .print();
    let all = || lines.chunks(CHUNK).enumerate();
    for (chunk, lines) in all() {
        painter.paint(&job(chunk, lines));
    }
    let (warm, _) = time(|| painter.paint(&job(0, first)));
    row("highlight.viewport", ms(warm), "ms")
        .aim("<= 5")
        .note(format!("{view} lines"))
        .print();
    let (took, ()) = time(|| {
        for (chunk, lines) in all() {
            painter.paint(&job(chunk, lines));
        }
    });
    row(
        "highlight.lines",
        lines.len() as f64 / took.as_secs_f64(),
        "lines/s",
    )
    .aim(">= 12,000")
    .print();
}
