//! Files of a journal that were cut, flipped, changed, moved or removed while it was closed.

use std::fs;
use std::path::Path;

use aios::adapters::journal::files::FileJournal;
use aios::adapters::journal::rescue::{export_good, verify_sealed};
use aios::engine::ports::journal::{Genesis, Journal as _, JournalFailure};
use tempfile::TempDir;

use crate::chain::{Dice, SMALL, all, copy, genesis, grow, last_segment, lines, open, written};

fn texts(journal: &FileJournal) -> Vec<String> {
    all(journal, 0).into_iter().map(|(_, line)| line).collect()
}

fn flip(path: &Path, offset: usize, bit: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[offset] ^= 1 << bit;
    fs::write(path, bytes).unwrap();
}

fn cut(path: &Path, length: u64) {
    fs::OpenOptions::new()
        .write(true)
        .open(path)
        .unwrap()
        .set_len(length)
        .unwrap();
}

#[test]
fn a_tail_cut_at_any_byte_loses_only_its_batch() {
    for batch in [1, 3] {
        let home = TempDir::new().unwrap();
        let whole = home.path().join("whole");
        let kept = written(&whole, 5);
        let before = fs::metadata(last_segment(&whole)).unwrap().len();
        {
            let (mut journal, _) = open(&whole);
            grow(&mut journal, batch);
        }
        let after = fs::metadata(last_segment(&whole)).unwrap().len();
        assert!(after > before, "the batch went into the same segment");
        // Every byte of a single record; of a longer batch a part, for the disk's sake.
        let step = if batch == 1 { 1 } else { 17 };
        for length in (before..after).step_by(step) {
            let dir = home.path().join(length.to_string());
            copy(&whole, &dir);
            cut(&last_segment(&dir), length);
            let (mut journal, report) = open(&dir);
            assert_eq!(report.read_only, None, "cut at {length}");
            assert_eq!(report.cut_bytes, length - before);
            assert_eq!(texts(&journal), kept, "cut at {length}");
            assert_eq!(dir.join("torn-1").exists(), length > before);
            // It goes on as if the batch had never been tried.
            grow(&mut journal, 1);
            drop(journal);
            assert_eq!(open(&dir).1.events, kept.len() as u64 + 1);
        }
    }
}

#[test]
fn the_bytes_that_are_cut_off_are_kept() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("journal");
    for number in 1..4 {
        written(&dir, 1);
        let path = last_segment(&dir);
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(b"half a record");
        fs::write(&path, bytes).unwrap();
        let (_, report) = FileJournal::open_read_only(&dir).unwrap();
        assert_eq!(report.cut_bytes, 13, "a reader passes over them");
        assert!(!dir.join(format!("torn-{number}")).exists());
        assert_eq!(open(&dir).1.cut_bytes, 13);
        assert_eq!(
            fs::read(dir.join(format!("torn-{number}"))).unwrap(),
            b"half a record"
        );
    }
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let home = TempDir::new().unwrap();
    let whole = home.path().join("whole");
    let good = written(&whole, 20);
    let mut segments: Vec<_> = fs::read_dir(&whole)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().ends_with(".seg"))
        .collect();
    segments.sort();
    assert!(segments.len() > 3, "{} segments", segments.len());
    let mut dice = Dice(7);
    for turn in 0..300 {
        let dir = home.path().join(turn.to_string());
        copy(&whole, &dir);
        let path = dir.join(&segments[dice.below(segments.len())]);
        let offset = dice.below(usize::try_from(fs::metadata(&path).unwrap().len()).unwrap());
        flip(&path, offset, dice.below(8));
        let place = format!("turn {turn}: {} at {offset}", path.display());
        let sealed = verify_sealed(&dir);
        let mut exported = Vec::new();
        export_good(&dir, &mut exported).unwrap();
        let exported = String::from_utf8(exported).unwrap();
        let (journal, report) = open(&dir);
        let found = sealed.is_err() || report.cut_bytes > 0 || report.read_only.is_some();
        assert!(found, "{place}");
        if report.read_only.is_none() && sealed.is_ok() {
            // Only the last batch can be taken for one that was never finished.
            assert!(report.events + 3 >= good.len() as u64, "{place}");
        }
        // What is given is what was written, from the start and without a gap.
        let mut read = Vec::new();
        let _ = journal.read(0, &mut |_, line| {
            read.push(line.to_owned());
            std::ops::ControlFlow::Continue(())
        });
        assert!(good.starts_with(&read), "{place}");
        let exported: Vec<_> = exported.lines().skip(1).map(str::to_owned).collect();
        assert!(good.starts_with(&exported), "{place}");
        fs::remove_dir_all(&dir).unwrap();
    }
}

#[test]
fn damage_before_the_tail_makes_it_read_only_and_says_where() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("journal");
    // One segment: genesis, then one batch a line.
    let (mut journal, _) = FileJournal::open(&dir, &genesis(), 1 << 20).unwrap();
    let good: Vec<_> = (0..6).flat_map(|_| grow(&mut journal, 1)).collect();
    drop(journal);
    let path = last_segment(&dir);
    let bytes = fs::read(&path).unwrap();
    let at = |seq: &str| {
        let needle = format!("\"seq\":{seq},");
        bytes
            .windows(needle.len())
            .position(|window| window == needle.as_bytes())
            .unwrap()
    };
    flip(&path, at("3") + 2, 0);
    let (mut journal, report) = open(&dir);
    let why = report.read_only.unwrap();
    assert!(
        why.contains("00000001.seg, record 4 (event 3) is damaged"),
        "{why}"
    );
    assert_eq!((report.events, report.cut_bytes), (2, 0));
    assert_eq!(texts(&journal), good[..2]);
    let next = lines(journal.head(), 1);
    assert!(matches!(
        journal.append(&next),
        Err(JournalFailure::ReadOnly { .. })
    ));
    assert_eq!(
        fs::metadata(&path).unwrap().len(),
        bytes.len() as u64,
        "nothing was cut"
    );
    let mut out = Vec::new();
    let exported = export_good(&dir, &mut out).unwrap();
    assert_eq!(exported.lines, 3);
    assert!(matches!(
        exported.stopped,
        Some(JournalFailure::Broken {
            record: 4,
            seq: 3,
            ..
        })
    ));
    assert_eq!(
        String::from_utf8(out).unwrap().lines().nth(2),
        Some(good[1].as_str())
    );
}

#[test]
fn a_changed_line_with_right_checksums_and_trailer_breaks_the_chain() {
    let home = TempDir::new().unwrap();
    let (honest, forged) = (home.path().join("honest"), home.path().join("forged"));
    written(&honest, 20);
    // The forger's journal has another event 1. Their first segment, sealed by the program itself, is put in the place of
    // the real one, and what remembers the last seal is removed.
    let (mut journal, _) = open(&forged);
    let mut first = lines(journal.head(), 1);
    first[0] = first[0].replace("\"at\":0", "\"at\":1");
    journal.append(&first).unwrap();
    for batch in 1..20 {
        grow(&mut journal, 1 + batch % 3);
    }
    drop(journal);
    fs::copy(forged.join("00000001.seg"), honest.join("00000001.seg")).unwrap();
    fs::remove_file(honest.join("head")).unwrap();
    match verify_sealed(&honest) {
        Err(JournalFailure::Broken { file, record, .. }) => {
            assert!(file.ends_with("00000002.seg"), "{file}");
            assert_eq!(record, 1);
        }
        other => panic!("{other:?}"),
    }
    let mut out = Vec::new();
    let stopped = export_good(&honest, &mut out).unwrap().stopped;
    assert_eq!(stopped, verify_sealed(&honest).err());
}

#[test]
fn files_that_went_missing_are_noticed() {
    let home = TempDir::new().unwrap();
    let whole = home.path().join("whole");
    written(&whole, 20);
    let last = last_segment(&whole)
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    for gone in ["00000001.seg", "00000002.seg", &last] {
        let dir = home.path().join(format!("without-{gone}"));
        copy(&whole, &dir);
        fs::remove_file(dir.join(gone)).unwrap();
        let why = open(&dir).1.read_only.unwrap();
        assert!(why.contains(gone) && why.contains("missing"), "{why}");
        assert!(verify_sealed(&dir).is_err());
        assert!(
            export_good(&dir, &mut Vec::new())
                .unwrap()
                .stopped
                .is_some()
        );
    }
    // `head` only guards; without it nothing is lost and the next seal writes it anew.
    fs::remove_file(whole.join("head")).unwrap();
    let (mut journal, report) = open(&whole);
    assert_eq!(report.read_only, None);
    grow(&mut journal, 10);
    grow(&mut journal, 1);
    assert!(whole.join("head").exists());
    assert_eq!(verify_sealed(&whole), Ok(()));
}

#[test]
fn a_whole_journal_exports_to_its_last_line() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("journal");
    let good = written(&dir, 20);
    let mut out = Vec::new();
    let exported = export_good(&dir, &mut out).unwrap();
    assert_eq!(
        (exported.lines, exported.stopped),
        (good.len() as u64 + 1, None)
    );
    let expected = format!("{}\n{}\n", genesis().line(), good.join("\n"));
    assert_eq!(String::from_utf8(out).unwrap(), expected);
    assert_eq!(verify_sealed(&dir), Ok(()));
}

#[test]
fn a_seal_interrupted_at_any_byte_is_made_again() {
    let home = TempDir::new().unwrap();
    let whole = home.path().join("whole");
    let (mut journal, _) = open(&whole);
    let mut good = Vec::new();
    let mut sealed_at = 0;
    while last_segment(&whole).ends_with("00000001.seg") {
        sealed_at = fs::metadata(last_segment(&whole)).unwrap().len();
        good.extend(grow(&mut journal, 1));
    }
    drop(journal);
    good.pop();
    fs::remove_file(whole.join("00000002.seg")).unwrap();
    fs::remove_file(whole.join("head")).unwrap();
    let full = fs::metadata(whole.join("00000001.seg")).unwrap().len();
    for length in [sealed_at, sealed_at + 1, full - 1, full] {
        let dir = home.path().join(length.to_string());
        copy(&whole, &dir);
        cut(&dir.join("00000001.seg"), length);
        let (mut journal, report) = open(&dir);
        assert_eq!((report.read_only, report.events), (None, good.len() as u64));
        assert_eq!(texts(&journal), good);
        grow(&mut journal, 1);
        assert_eq!(verify_sealed(&dir), Ok(()));
        assert!(dir.join("00000002.seg").exists() && dir.join("head").exists());
    }
}

#[test]
fn a_log_of_a_newer_program_is_left_alone() {
    let home = TempDir::new().unwrap();
    let newer = Genesis {
        format: 99,
        ..genesis()
    };
    let made = FileJournal::open(home.path(), &newer, SMALL);
    assert_eq!(made.unwrap_err(), JournalFailure::Newer { format: 99 });
    let bytes = fs::read(last_segment(home.path())).unwrap();
    for refused in [
        FileJournal::open(home.path(), &genesis(), SMALL),
        FileJournal::open_read_only(home.path()),
    ] {
        assert_eq!(refused.unwrap_err(), JournalFailure::Newer { format: 99 });
    }
    assert_eq!(fs::read(last_segment(home.path())).unwrap(), bytes);
}
