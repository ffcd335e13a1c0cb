//! What every journal does.

use std::ops::ControlFlow;

use aios::adapters::journal::files::FileJournal;
use aios::adapters::journal::memory::{MemoryJournal, Store};
use aios::engine::ports::journal::{Head, Journal, JournalFailure};
use tempfile::TempDir;

use crate::chain::{SMALL, all, genesis, grow, lines};

/// Where journals of one kind outlive their handles.
trait Bench {
    fn open(&self) -> Box<dyn Journal>;
}

struct Files(TempDir);

impl Bench for Files {
    fn open(&self) -> Box<dyn Journal> {
        let (journal, report) =
            FileJournal::open(&self.0.path().join("journal"), &genesis(), SMALL).unwrap();
        assert_eq!((report.cut_bytes, report.read_only), (0, None));
        Box::new(journal)
    }
}

impl Bench for Store {
    fn open(&self) -> Box<dyn Journal> {
        Box::new(MemoryJournal::open(self))
    }
}

fn suite(bench: &dyn Bench) {
    a_new_journal_holds_its_genesis(bench);
    what_was_appended_is_read_back(bench);
    it_outlives_its_handle(bench);
    wrong_lines_are_refused_and_poison(bench);
}

#[test]
fn files_keep_the_contract() {
    suite(&Files(TempDir::new().unwrap()));
}

#[test]
fn memory_keeps_the_contract() {
    suite(&Store::new(genesis()));
}

fn a_new_journal_holds_its_genesis(bench: &dyn Bench) {
    let journal = bench.open();
    assert_eq!(journal.genesis(), Some(&genesis()));
    assert_eq!(journal.head(), Head::genesis(&genesis().line()));
    assert_eq!(all(journal.as_ref(), 0), []);
    assert_eq!(journal.is_read_only(), None);
}

fn what_was_appended_is_read_back(bench: &dyn Bench) {
    let mut journal = bench.open();
    journal.append(&[]).unwrap();
    let mut appended = Vec::new();
    for count in 1..10 {
        appended.extend(grow(journal.as_mut(), count));
    }
    assert_eq!(journal.head().seq, 45);
    let numbered: Vec<_> = (1_u64..).zip(appended).collect();
    for from in [0, 1, 2, 17, 45, 46, 1_000] {
        let expected: Vec<_> = numbered
            .iter()
            .filter(|(seq, _)| *seq >= from)
            .cloned()
            .collect();
        assert_eq!(all(journal.as_ref(), from), expected, "from {from}");
    }
    let mut seen = Vec::new();
    let stop_at_9 = &mut |seq: u64, _: &str| {
        seen.push(seq);
        if seq == 9 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    journal.read(7, stop_at_9).unwrap();
    assert_eq!(seen, [7, 8, 9]);
}

fn it_outlives_its_handle(bench: &dyn Bench) {
    let before = bench.open();
    let (head, events) = (before.head(), all(before.as_ref(), 0));
    drop(before);
    let mut after = bench.open();
    assert_eq!((after.head(), all(after.as_ref(), 0)), (head, events));
    grow(after.as_mut(), 1);
    assert_eq!(after.head().seq, head.seq + 1);
}

fn wrong_lines_are_refused_and_poison(bench: &dyn Bench) {
    let head = bench.open().head();
    let next = lines(head, 3);
    let gap = vec![next[0].clone(), next[2].clone()];
    let newline = vec![format!("{}\n", next[0])];
    let not_json = vec!["seq".to_owned()];
    let other = lines(
        Head {
            seq: head.seq,
            ..Head::genesis("x")
        },
        1,
    );
    for wrong in [gap, newline, not_json, other] {
        let mut journal = bench.open();
        let refused = journal.append(&wrong);
        assert!(
            matches!(refused, Err(JournalFailure::OutOfOrder { .. })),
            "{wrong:?}: {refused:?}"
        );
        let poisoned = journal.append(&next);
        assert!(
            matches!(poisoned, Err(JournalFailure::ReadOnly { .. })),
            "{poisoned:?}"
        );
        assert!(journal.is_read_only().is_some());
        assert_eq!(journal.head(), head);
    }
    assert_eq!(bench.open().head(), head);
    bench.open().append(&next).unwrap();
    assert_eq!(bench.open().head().seq, head.seq + 3);
}

#[test]
fn memory_fails_as_often_as_it_is_told() {
    let store = Store::new(genesis());
    store.fail_next_appends(2);
    let next = lines(MemoryJournal::open(&store).head(), 1);
    for _ in 0..2 {
        let mut journal = MemoryJournal::open(&store);
        assert!(matches!(
            journal.append(&next),
            Err(JournalFailure::Full { .. })
        ));
        assert!(matches!(
            journal.append(&next),
            Err(JournalFailure::ReadOnly { .. })
        ));
    }
    assert_eq!(MemoryJournal::open(&store).append(&next), Ok(()));
}
