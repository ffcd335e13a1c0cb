//! Lines that continue a journal, and ways to look into one.

use std::ops::ControlFlow;
use std::path::Path;

use aios::adapters::journal::files::{FileJournal, OpenReport};
use aios::engine::ports::journal::{Genesis, Head, Journal};

/// Segments of the tests: a handful of events each.
pub(crate) const SMALL: u64 = 1_000;

pub(crate) fn genesis() -> Genesis {
    Genesis::new("0123456789abcdef", "0.1.0")
}

/// `count` lines behind `head`.
pub(crate) fn lines(head: Head, count: u64) -> Vec<String> {
    let mut head = head;
    let mut lines = Vec::new();
    for _ in 0..count {
        let seq = head.seq + 1;
        let line = format!(
            r#"{{"v":1,"seq":{seq},"at":0,"prev":"{}","event":{{"Noted":{{"text":"número {seq}"}}}}}}"#,
            head.hash
        );
        head = head.next(&line).unwrap();
        lines.push(line);
    }
    lines
}

/// Appends `count` lines in one batch.
pub(crate) fn grow(journal: &mut dyn Journal, count: u64) -> Vec<String> {
    let lines = lines(journal.head(), count);
    journal.append(&lines).unwrap();
    lines
}

/// Every event from `from` on.
pub(crate) fn all(journal: &dyn Journal, from: u64) -> Vec<(u64, String)> {
    let mut seen = Vec::new();
    journal
        .read(from, &mut |seq, line| {
            seen.push((seq, line.to_owned()));
            ControlFlow::Continue(())
        })
        .unwrap();
    seen
}

pub(crate) fn open(dir: &Path) -> (FileJournal, OpenReport) {
    FileJournal::open(dir, &genesis(), SMALL).unwrap()
}

/// A journal of `batches` batches of one to three lines, closed again; gives its lines.
pub(crate) fn written(dir: &Path, batches: u64) -> Vec<String> {
    let (mut journal, _) = open(dir);
    (0..batches)
        .flat_map(|batch| grow(&mut journal, 1 + batch % 3))
        .collect()
}

/// The last segment's file.
pub(crate) fn last_segment(dir: &Path) -> std::path::PathBuf {
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "seg"))
        .collect();
    files.sort();
    files.pop().unwrap()
}

/// Copies the files of `from` into a new folder `to`.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Numbers that look random and are the same in every run (a linear congruential generator, Knuth's MMIX constants).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}
