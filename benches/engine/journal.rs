//! The journal by itself, beside the bare disk.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use aios::adapters::journal::files::{FileJournal, SEGMENT_BYTES};
use aios::domain::journal::{Envelope, World};
use aios::engine::ports::journal::{Genesis, Head, Journal};

use crate::play::{Player, Shapes, Stage, setup};
use crate::report::{ms, percentile, row};

/// How long a rate is measured.
const SPAN: Duration = Duration::from_millis(700);

/// The first line of every log here.
pub(crate) fn genesis() -> Genesis {
    Genesis::new("0123456789abcdef", "bench")
}

/// A journal in a folder.
pub(crate) fn open(dir: &Path) -> FileJournal {
    FileJournal::open(dir, &genesis(), SEGMENT_BYTES)
        .expect("the journal opens")
        .0
}

/// Lines as the machine writes them, behind `head`.
pub(crate) struct Lines {
    stage: Stage,
}

impl Lines {
    /// Lines behind a head.
    pub(crate) fn new(head: Head) -> Self {
        let shapes = Shapes {
            tasks: 5,
            replies: 7,
            agents: 4,
        };
        let player = Player::new(shapes, true);
        Self {
            stage: Stage::new(player, setup(shapes, true, true), head.hash),
        }
    }

    /// The world that they make.
    pub(crate) const fn world(&self) -> &World {
        &self.stage.world
    }

    /// Goes on behind lines that somebody else wrote.
    pub(crate) fn go_on(&mut self, world: World, head: Head) {
        self.stage.go_on(world, head.hash);
    }

    /// At least so many more.
    pub(crate) fn next(&mut self, count: usize) -> Vec<String> {
        let mut lines = Vec::with_capacity(count + 16);
        while lines.len() < count {
            lines.extend(self.stage.advance());
        }
        lines
    }
}

/// Appends of 300 bytes, each brought to the disk: the best that one writer can have.
pub(crate) fn bare_syncs(dir: &Path) -> Vec<f64> {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join("bare"))
        .unwrap();
    let line = [b'x'; 300];
    let began = Instant::now();
    let mut samples = Vec::new();
    while began.elapsed() < SPAN {
        let started = Instant::now();
        file.write_all(&line).unwrap();
        file.sync_data().unwrap();
        samples.push(ms(started.elapsed()));
    }
    samples
}

/// The rows.
pub(crate) fn run() {
    let dir = tempfile::tempdir().unwrap();
    let mut bare = bare_syncs(dir.path());
    let bare_rate = bare.len() as f64 / SPAN.as_secs_f64();
    row("disk.fdatasync", bare_rate, "per s")
        .note(format!(
            "300 bytes appended and synced; p50 {:.3} ms, p99 {:.3} ms",
            percentile(&mut bare, 50),
            percentile(&mut bare, 99)
        ))
        .print();
    let mut journal = open(&dir.path().join("journal"));
    let mut lines = Lines::new(journal.head());
    let mut pool = lines.next(40_000).into_iter();
    for (name, group) in [("journal.append.single", 1), ("journal.append.100", 100)] {
        let mut events = 0;
        let mut inside = Duration::ZERO;
        while inside < SPAN {
            let batch: Vec<String> = pool.by_ref().take(group).collect();
            if batch.len() < group {
                break;
            }
            let started = Instant::now();
            journal.append(&batch).expect("the journal takes lines");
            inside += started.elapsed();
            events += group;
        }
        let rate = events as f64 / inside.as_secs_f64();
        let line = row(name, rate, "events/s");
        if group == 1 {
            line.aim("the disk's own rate")
                .note(format!("{:.2} of the bare rate", rate / bare_rate))
                .print();
        } else {
            line.print();
        }
    }
    seal();
}

/// What a line costs before it reaches the journal: made, hashed, checked, read back.
fn seal() {
    let mut lines = Lines::new(open(tempfile::tempdir().unwrap().path()).head());
    let sample = lines.next(5_000);
    let bytes: usize = sample.iter().map(String::len).sum();
    let started = Instant::now();
    let envelopes: Vec<Envelope> = sample
        .iter()
        .map(|line| Envelope::read(line).expect("own lines read back"))
        .collect();
    let read = started.elapsed();
    let started = Instant::now();
    for envelope in &envelopes {
        std::hint::black_box(envelope.seal().expect("an event serialises"));
    }
    let sealed = started.elapsed();
    let each = |time: Duration| time.as_secs_f64() * 1e6 / envelopes.len() as f64;
    row(
        "journal.line.bytes",
        bytes as f64 / sample.len() as f64,
        "bytes",
    )
    .print();
    row("journal.line.seal", each(sealed), "µs").print();
    row("journal.line.read", each(read), "µs").print();
}
