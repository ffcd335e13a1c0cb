//! The journal's files under processes that are killed, run out of room, or come second. Other processes are this test program
//! started again with one of the `child_` tests and an order in the environment; without that order these tests do nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aios::adapters::journal::files::FileJournal;
use aios::adapters::journal::rescue::verify_sealed;
use aios::engine::ports::journal::{Journal as _, JournalFailure};
use tempfile::TempDir;

use crate::chain::{Dice, SMALL, all, genesis, grow, last_segment, lines, open, written};

const DIR: &str = "AIOS_TEST_JOURNAL";

/// Starts `test` of this program in a process of its own, by way of `shell` (`"$@"` stands for it), on the journal in `dir`.
fn child(test: &str, shell: &str, dir: &Path) -> Child {
    Command::new("sh")
        .args(["-c", shell, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(DIR, dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The number in a line `acknowledged N` that a child wrote.
fn acknowledged(line: &str) -> Option<u64> {
    line.strip_prefix("acknowledged ")?.parse().ok()
}

/// Appends until it fails or is killed, and tells of each batch once it is acknowledged.
#[test]
fn child_appends_for_ever() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let (mut journal, _) = open(Path::new(&dir));
    let mut out = std::io::stdout();
    loop {
        let next = lines(journal.head(), 1 + journal.head().seq % 4);
        if let Err(failure) = journal.append(&next) {
            writeln!(out, "\n{failure:?}\nfailed").unwrap();
            return;
        }
        // The test runner begins a line of its own; the newline in front keeps ours apart.
        writeln!(out, "\nacknowledged {}", journal.head().seq).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn sigkill_loses_nothing_that_was_acknowledged() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("journal");
    let mut dice = Dice(3);
    let mut known = 0;
    for turn in 0..12 {
        let mut writer = child("journal_crash::child_appends_for_ever", "exec \"$@\"", &dir);
        let mut told = BufReader::new(writer.stdout.take().unwrap());
        let enough = dice.below(60);
        let mut line = String::new();
        let mut acks = 0;
        while acks <= enough {
            line.clear();
            assert_ne!(
                told.read_line(&mut line).unwrap(),
                0,
                "the writer ended by itself"
            );
            if let Some(seq) = acknowledged(line.trim_end()) {
                (known, acks) = (seq, acks + 1);
            }
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        let mut rest = String::new();
        told.read_to_string(&mut rest).unwrap();
        // A last line may be cut; only whole ones were acknowledged.
        let whole = rest.rsplit_once('\n').map_or("", |(whole, _)| whole);
        known = whole
            .lines()
            .filter_map(acknowledged)
            .next_back()
            .unwrap_or(known);
        let (journal, report) = open(&dir);
        assert_eq!(report.read_only, None, "turn {turn}");
        assert!(
            report.events >= known,
            "turn {turn}: {} of {known}",
            report.events
        );
        let numbers: Vec<_> = all(&journal, 0).into_iter().map(|(seq, _)| seq).collect();
        assert!(numbers.into_iter().eq(1..=report.events), "turn {turn}");
        assert_eq!(verify_sealed(&dir), Ok(()));
    }
}

/// A limit on the size of files stands in for a full disk: the system takes a part of the write and refuses the rest.
#[test]
fn no_room_is_told_and_loses_nothing() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("journal");
    // 512-byte blocks: far below a segment's limit plus a batch, so the write is cut in the middle of a batch.
    let shell = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    let mut writer = child("journal_crash::child_appends_for_ever", shell, &dir);
    let mut told = String::new();
    writer
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut told)
        .unwrap();
    writer.wait().unwrap();
    let known = told
        .lines()
        .filter_map(acknowledged)
        .next_back()
        .unwrap_or(0);
    assert!(
        told.lines().any(|line| line.starts_with("Full {")),
        "{told}"
    );
    assert!(known > 0, "{told}");
    let (mut journal, report) = open(&dir);
    assert_eq!(
        (report.events, report.cut_bytes, report.read_only),
        (known, 0, None)
    );
    grow(&mut journal, 5);
    assert_eq!(journal.head().seq, known + 5);
}

/// Opens the journal and tells what was found.
#[test]
fn child_opens() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let (journal, report) = open(Path::new(&dir));
    let mut out = std::io::stdout();
    writeln!(out, "\nread {} {report:?}", all(&journal, 0).len()).unwrap();
}

#[test]
fn a_torn_tail_that_cannot_be_kept_is_not_cut() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("journal");
    let events = written(&dir, 5).len();
    let path = last_segment(&dir);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"half a record");
    std::fs::write(&path, &bytes).unwrap();
    let shell = "trap '' XFSZ; ulimit -f 0; exec \"$@\"";
    let opener = child("journal_crash::child_opens", shell, &dir);
    let told = opener.wait_with_output().unwrap().stdout;
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains(&format!("\nread {events} ")), "{told}");
    assert!(told.contains("no room left to write"), "{told}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    // With room again the next start is as usual.
    assert_eq!(open(&dir).1.read_only, None);
}

/// Opens the journal, says so, and holds it until its standard output is closed.
#[test]
fn child_holds_the_lock() {
    let Some(dir) = std::env::var_os(DIR) else {
        return;
    };
    let (_journal, _) = open(Path::new(&dir));
    let mut out = std::io::stdout();
    // Ends with an error once the other side is gone.
    while writeln!(out, "\nholding {}", std::process::id())
        .and_then(|()| out.flush())
        .is_ok()
    {}
}

#[test]
fn the_second_opener_is_told_who_has_it() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("journal");
    let mut holder = child("journal_crash::child_holds_the_lock", "exec \"$@\"", &dir);
    let mut told = BufReader::new(holder.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("holding ") {
        line.clear();
        assert_ne!(
            told.read_line(&mut line).unwrap(),
            0,
            "the holder ended by itself"
        );
    }
    let refused = FileJournal::open(&dir, &genesis(), SMALL).unwrap_err();
    assert_eq!(
        refused,
        JournalFailure::Locked {
            pid: Some(holder.id())
        }
    );
    assert!(refused.to_string().contains(&holder.id().to_string()));
    assert!(
        FileJournal::open_read_only(&dir).is_ok(),
        "readers need no lock"
    );
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(
        open(&dir).1.read_only,
        None,
        "the lock ends with its holder"
    );
}

#[test]
fn a_second_handle_in_one_process_is_refused_too() {
    let home = TempDir::new().unwrap();
    let (mut journal, _) = open(home.path());
    let refused = FileJournal::open(home.path(), &genesis(), SMALL).unwrap_err();
    assert_eq!(
        refused,
        JournalFailure::Locked {
            pid: Some(std::process::id())
        }
    );
    let (reader, _) = FileJournal::open_read_only(home.path()).unwrap();
    let appended = grow(&mut journal, 2);
    assert_eq!(
        all(&reader, 0),
        [],
        "a reader sees what was there when it opened"
    );
    let (reader, _) = FileJournal::open_read_only(home.path()).unwrap();
    assert_eq!(all(&reader, 2), [(2, appended[1].clone())]);
}
