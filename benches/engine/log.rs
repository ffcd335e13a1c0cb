//! A long log after an abort: opening, the snapshot and the events behind it, the fold of everything, the memory that this takes, and
//! the size of the world. The reading is done by a child process, so that the memory is its own.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aios::adapters::journal::files::FileJournal;
use aios::adapters::state::sled::{self, OPEN_LIMIT};
use aios::domain::journal::World;
use aios::engine::core::{Core, CoreParts, Feed, Post, load};
use aios::engine::ports::clock::SystemClock;
use aios::engine::ports::journal::Journal as _;
use aios::engine::ports::state::State;
use tokio::sync::mpsc;

use crate::core_rows::Idle;
use crate::journal::{Lines, open};
use crate::report::{is_full, ms, row};

/// Names what the child is to do, and where.
const CHILD: &str = "AIOS_BENCH_CHILD";
/// Events behind the last snapshot: as many as a core writes between two.
const TAIL: u64 = 2_000;

/// Whether this process is only to read.
pub(crate) fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Reads and says how long that took: milliseconds until ready, kilobytes at most, bytes of the world, its events.
pub(crate) fn child() {
    let task = std::env::var(CHILD).unwrap();
    let (what, dir) = task.split_once(':').unwrap();
    let dir = Path::new(dir);
    let started = Instant::now();
    let journal = open(&dir.join("journal"));
    let opened = started.elapsed();
    let state = (what == "snapshot").then(|| sled::open(&dir.join("state.sled"), OPEN_LIMIT));
    let state = state.map(|opened| opened.state);
    let loaded = load(&journal, state.as_deref()).expect("the log is whole");
    let ready = started.elapsed();
    assert_eq!(loaded.from_snapshot, what == "snapshot");
    let (cpu, peak) = (cpu_ms(), peak_kb());
    let size = postcard::to_stdvec(&loaded.world).unwrap().len();
    println_child(&format!(
        "{} {} {cpu} {peak} {size} {}",
        ms(ready),
        ms(opened),
        loaded.world.seq
    ));
}

#[expect(clippy::print_stdout, reason = "the parent reads it")]
fn println_child(line: &str) {
    println!("{line}");
}

/// Milliseconds of processor time so far, of the first thread: the wall clock counts what else the machine does.
fn cpu_ms() -> f64 {
    let nanoseconds = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let first = nanoseconds.split_whitespace().next();
    first
        .and_then(|word| word.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1e6
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

struct Read {
    ready: f64,
    opened: f64,
    cpu: f64,
    peak_mb: f64,
    world_mb: f64,
    events: f64,
}

fn read(what: &str, dir: &Path) -> Read {
    let output = Command::new(std::env::current_exe().unwrap())
        .env(CHILD, format!("{what}:{}", dir.display()))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    let [ready, opened, cpu, peak, size, events] = numbers[..] else {
        panic!(
            "the child broke: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    Read {
        ready,
        opened,
        cpu,
        peak_mb: peak / 1e3,
        world_mb: size / 1e6,
        events,
    }
}

/// Writes a log of at least so many events, with a snapshot before its tail.
fn write(dir: &Path, events: u64) -> Duration {
    let started = Instant::now();
    let mut journal = open(&dir.join("journal"));
    let mut lines = Lines::new(journal.head());
    let opened = sled::open(&dir.join("state.sled"), OPEN_LIMIT);
    let mut is_kept = false;
    while journal.head().seq < events {
        journal
            .append(&lines.next(500))
            .expect("the journal takes lines");
        if !is_kept && journal.head().seq + TAIL >= events {
            keep(journal, opened.state.clone(), lines.world().clone());
            journal = open(&dir.join("journal"));
            // The core has written that it ended.
            let loaded = load(&journal, Some(&*opened.state)).expect("the log is whole");
            lines.go_on(loaded.world, journal.head());
            is_kept = true;
        }
    }
    started.elapsed()
}

/// A core writes a snapshot as it ends.
fn keep(journal: FileJournal, state: Arc<dyn State>, world: World) {
    let (post, mailbox) = mpsc::channel(1);
    post.try_send(Post::Stop).expect("a free place");
    let parts = CoreParts {
        reopen: Box::new(|| unreachable!("no append fails here")),
        state: Some(state),
        feed: Arc::new(Feed::new(world.seq)),
        world,
        clock: Arc::new(SystemClock),
        setup: Box::new(|| Err("no sprint starts here".to_owned())),
        follower: Box::new(Idle),
    };
    Core::new(Box::new(journal), parts).run(mailbox);
}

/// The rows.
pub(crate) fn run() {
    let wanted: u64 = if is_full() { 1_000_000 } else { 250_000 };
    let dir = tempfile::tempdir().unwrap();
    let made = write(dir.path(), wanted);
    let journal_bytes: u64 = std::fs::read_dir(dir.path().join("journal"))
        .unwrap()
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .map(|file| file.len())
        .sum();
    let short = read("snapshot", dir.path());
    let full = read("full", dir.path());
    let size = format!(
        "{} events, {} MB on disk (AIOS_BENCH=full: a million)",
        full.events,
        journal_bytes / 1_000_000
    );
    row(
        "log.make",
        made.as_secs_f64() * 1e6 / full.events,
        "µs/event",
    )
    .print();
    row("log.ready", short.ready, "ms")
        .aim("<= 500 at 1000000 events")
        .note(format!(
            "{size}; {:.0} ms of processor time, {:.0} ms until the journal is open",
            short.cpu, short.opened
        ))
        .print();
    row("log.ready.peak", short.peak_mb, "MB")
        .aim("<= 100 at 1000000 events")
        .note(size.clone())
        .print();
    row("log.fold", full.ready, "ms")
        .aim("<= 3000 at 1000000 events")
        .note(format!(
            "{size}; {:.0} ms of processor time; a million would be {:.0} ms by proportion",
            full.cpu,
            full.ready * 1e6 / full.events
        ))
        .print();
    row("log.fold.peak", full.peak_mb, "MB")
        .aim("<= 100 at 1000000 events")
        .note(size.clone())
        .print();
    row(
        "world.bytes",
        full.world_mb * 1e5 / full.events,
        "MB at 100000 events",
    )
    .aim("<= 20")
    .note(format!(
        "{:.2} MB at {} events, postcard",
        full.world_mb, full.events
    ))
    .print();
}
