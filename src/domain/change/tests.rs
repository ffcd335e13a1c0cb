//! Diffs as git writes them, and the laws of hunks. Real repositories are in `tests/change.rs`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use similar::algorithms::{Capture, diff_slices};
use similar::{Algorithm, DiffOp, DiffTag};

use super::*;
use crate::base::id::Digest;

const ZERO: &str = "0000000000000000000000000000000000000000";
const ONE: &str = "1111111111111111111111111111111111111111";
const TWO: &str = "2222222222222222222222222222222222222222";

fn lines_of(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Groups of neighbouring operations, from one file to the other. The library's own texts of diffs are not used: their counts
/// are wrong where it shifts operations.
fn groups_of(old: &[&str], new: &[&str]) -> Vec<Vec<DiffOp>> {
    let mut captured = Capture::new();
    diff_slices(Algorithm::Myers, &mut captured, old, new).unwrap();
    let mut groups = similar::group_diff_ops(captured.into_ops(), 3);
    groups.retain(|group| group.iter().any(|op| op.tag() != DiffTag::Equal));
    groups
}

/// The diff of one file `a.txt`, written by another program than git.
fn unified(old: &str, new: &str) -> String {
    let mut text = format!(
        "diff --git a/a.txt b/a.txt\nindex {ONE}..{TWO} 100644\n--- a/a.txt\n+++ b/a.txt\n"
    );
    let (old, new) = (lines_of(old), lines_of(new));
    for group in groups_of(&old, &new) {
        let (first, last) = (group[0], group[group.len() - 1]);
        let range = |start: usize, end: usize| match end - start {
            0 => format!("{start},0"),
            count => format!("{},{count}", start + 1),
        };
        let before = range(first.old_range().start, last.old_range().end);
        let after = range(first.new_range().start, last.new_range().end);
        let _ = writeln!(text, "@@ -{before} +{after} @@");
        for run in group
            .chunk_by(|one, next| (one.tag() == DiffTag::Equal) == (next.tag() == DiffTag::Equal))
        {
            for op in run {
                let sign = if op.tag() == DiffTag::Equal { ' ' } else { '-' };
                write_lines(&mut text, sign, &old[op.old_range()]);
            }
            for op in run.iter().filter(|op| op.tag() != DiffTag::Equal) {
                write_lines(&mut text, '+', &new[op.new_range()]);
            }
        }
    }
    text
}

fn write_lines(text: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        let end = if line.ends_with('\n') {
            ""
        } else {
            "\n\\ No newline at end of file\n"
        };
        let _ = write!(text, "{sign}{line}{end}");
    }
}

fn only_file(diff: &str) -> FileDiff {
    let mut change = parse(diff.to_owned()).unwrap();
    assert_eq!(change.files.len(), 1, "{diff}");
    change.files.remove(0)
}

fn applied(old: &str, hunks: &[&Hunk]) -> String {
    String::from_utf8(apply_hunks(old.as_bytes(), hunks).unwrap()).unwrap()
}

#[test]
fn every_kind_of_file_is_read() {
    let diff = format!(
        "diff --git a/new.txt b/new.txt\nnew file mode 100755\nindex {ZERO}..{ONE}\n\
         --- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+x\n\
         diff --git a/gone b/gone\ndeleted file mode 100644\nindex {ONE}..{ZERO}\n\
         --- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\
         diff --git a/empty new b/empty new\nnew file mode 100644\nindex {ZERO}..{ONE}\n\
         diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n\
         diff --git a/pic b/pic\nindex {ONE}..{TWO} 100644\nBinary files a/pic and b/pic differ\n\
         diff --git a/from there b/to here\nsimilarity index 100%\nrename from from there\nrename to to here\n\
         diff --git \"a/\\303\\244 \\\"q\\\".txt\" \"b/\\303\\244 \\\"q\\\".txt\"\nindex {ONE}..{TWO} 100644\n\
         --- \"a/\\303\\244 \\\"q\\\".txt\"\n+++ \"b/\\303\\244 \\\"q\\\".txt\"\n@@ -1 +1 @@ fn main()\n-a\r\n\\ No newline at end of file\n+b\n\
         diff --git a/sub b/sub\nindex {ONE}..{TWO} 160000\n--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n-Subproject commit {ONE}\n+Subproject commit {TWO}\n"
    );
    let change = parse(diff).unwrap();
    let seen: Vec<_> = change
        .summary()
        .into_iter()
        .map(|file| {
            (
                file.path,
                file.kind,
                file.added,
                file.removed,
                file.hunks.len(),
            )
        })
        .collect();
    let expected = [
        ("new.txt", FileKind::Added, 1, 0),
        ("gone", FileKind::Deleted, 0, 1),
        ("empty new", FileKind::Added, 0, 0),
        ("run.sh", FileKind::ModeChanged, 0, 0),
        ("pic", FileKind::Modified, 0, 0),
        ("to here", FileKind::Renamed, 0, 0),
        ("ä \"q\".txt", FileKind::Modified, 1, 1),
        ("sub", FileKind::Modified, 1, 1),
    ]
    .map(|(path, kind, added, removed)| (path.to_owned(), kind, added, removed, 1));
    assert_eq!(seen, expected);
    let [new, gone, _, run, pic, renamed, quoted, sub] = change.files.as_slice() else {
        panic!("eight files");
    };
    assert_eq!(
        (new.old_mode, new.new_mode),
        (None, Some(FileMode::Executable))
    );
    assert_eq!(
        (gone.old_mode, gone.new_mode),
        (Some(FileMode::Regular), None)
    );
    assert_eq!(run.new_mode, Some(FileMode::Executable));
    assert!(pic.is_binary && sub.is_submodule());
    assert_eq!(
        renamed.renamed_from.as_ref().unwrap().to_string(),
        "from there"
    );
    let hunk = &quoted.hunks[0];
    assert_eq!(
        (&hunk.heading[..], &hunk.lines[0].text[..]),
        (&b"fn main()"[..], &b"a\r"[..])
    );
    assert!(hunk.lines[0].no_newline && !hunk.lines[1].no_newline);
    assert_eq!(
        diff_stat(&change.summary()).to_string(),
        "8 files, 3 added, 3 removed"
    );
}

#[test]
fn what_git_does_not_write_is_refused() {
    let head = "diff --git a/x b/x\n";
    for (diff, why) in [
        ("hello\n".to_owned(), "line 1: unexpected: hello"),
        (
            "diff --cc x\n".to_owned(),
            "line 1: unexpected: diff --cc x",
        ),
        ("* Unmerged path x\n".to_owned(), "line 1: unexpected"),
        (
            format!("{head}new mode 104755\n"),
            "line 2: no file has this mode: 104755",
        ),
        (
            format!("{head}index 123..456\n"),
            "line 2: an object name is cut",
        ),
        (
            format!("{head}--- a/x\n+++ b/../../outside\n"),
            "line 3: the path has a component \"..\"",
        ),
        (format!("{head}--- a/x\n+++ b/y\n"), "two names"),
        (format!("{head}+++ b/.git/config\n"), "git's own folder"),
        (format!("{head}--- x\n"), "line 2: unexpected: x"),
        ("diff --git a/x b/y\n".to_owned(), "without a name"),
        (
            format!("{head}@@ -1 +1 @@\n-a\n"),
            "line 3: the diff ends inside a hunk",
        ),
        (
            format!("{head}@@ -1 +1 @@\n-a\n-b\n+c\n"),
            "line 4: a hunk has more lines",
        ),
        (
            format!("{head}@@ -1 +1 @@\n-a\n+b\n+c\n"),
            "line 5: unexpected: +c",
        ),
        (format!("{head}@@ -1 @@\n"), "line 2: unexpected"),
        (
            format!("{head}copy from y\n"),
            "line 2: unexpected: copy from y",
        ),
    ] {
        let error = parse(diff.clone()).expect_err(&diff).to_string();
        assert!(error.contains(why), "{diff:?}: {error}");
    }
    assert_eq!(parse("").unwrap(), Change::default());
}

#[test]
fn a_key_survives_a_moved_base_and_nothing_else() {
    let old = "a\nb\nc\nd\ne\nf\ng\n";
    let key = |old: &str, new: &str| only_file(&unified(old, new)).hunks[0].key;
    let first = key(old, &old.replace('d', "D"));
    let moved = format!("x\ny\n{old}");
    assert_eq!(first, key(&moved, &moved.replace('d', "D")));
    assert_ne!(first, key(old, &old.replace('d', "E")));
    let neighbour = old.replace('c', "other");
    assert_ne!(first, key(&neighbour, &neighbour.replace('d', "D")));
    let renamed = unified(old, &old.replace('d', "D")).replace("a.txt", "b.txt");
    assert_ne!(first, only_file(&renamed).hunks[0].key);
    let executable = unified(old, &old.replace('d', "D")).replace("100644", "100755");
    assert_ne!(first, only_file(&executable).hunks[0].key);
}

#[test]
fn twins_have_keys_of_their_own() {
    let old = "same\nx\nsame\n1\n2\n3\n4\n5\n6\n7\nsame\nx\nsame\n";
    let file = only_file(&unified(old, &old.replace('x', "y")));
    let keys: BTreeSet<Digest> = file.keys().into_iter().collect();
    assert_eq!((file.hunks.len(), keys.len()), (2, 2));
}

#[test]
fn a_binary_file_is_marked_by_its_blobs() {
    let diff = |new: &str| {
        format!("diff --git a/p b/p\nindex {ONE}..{new} 100644\nBinary files a/p and b/p differ\n")
    };
    let (file, other) = (only_file(&diff(TWO)), only_file(&diff(&"3".repeat(40))));
    assert_ne!(file.keys(), other.keys());
    assert_eq!(file.summary().hunks[0].key, file.keys()[0]);
    assert_eq!(select(&file, b"", |_| true), Ok(Selected::Whole));
    assert_eq!(select(&file, b"", |_| false), Ok(Selected::Unchanged));
}

#[test]
fn a_hunk_that_does_not_fit_is_a_conflict() {
    let file = only_file(&unified("a\nb\n", "a\nc\n"));
    let hunk = &file.hunks[0];
    for old in ["a\nx\n", "a\n", "a\nb", ""] {
        assert!(apply_hunks(old.as_bytes(), &[hunk]).is_err(), "{old:?}");
    }
    let twice = apply_hunks(b"a\nb\n", &[hunk, hunk]).unwrap_err();
    assert_eq!(
        twice.to_string(),
        "the hunk does not fit: line 3 of the old file is another"
    );
}

#[test]
fn pieces_of_a_hunk_can_be_taken_alone() {
    let (old, new) = ("a\nb\nc\n", "a\nB\nx\nc\ny\n");
    let file = only_file(&unified(old, new));
    let hunk = &file.hunks[0];
    // " a", "-b", "+B", "+x", " c", "+y"
    let pieces = split(hunk, &[3, 4]);
    assert_eq!(pieces.len(), 3);
    for (picked, result) in [
        (vec![], "a\nb\nc\n"),
        (vec![0], "a\nB\nc\n"),
        (vec![1], "a\nb\nx\nc\n"),
        (vec![2], "a\nb\nc\ny\n"),
        (vec![2, 0], "a\nB\nc\ny\n"),
        (vec![0, 1, 2], new),
    ] {
        let hunks: Vec<&Hunk> = picked.iter().map(|at: &usize| &pieces[*at]).collect();
        assert_eq!(applied(old, &hunks), result, "{picked:?}");
    }
    assert_eq!(split(hunk, &[]), std::slice::from_ref(hunk));
    assert_eq!(split(hunk, &[0, 1, 99]), std::slice::from_ref(hunk));
    let mut change = Change {
        files: vec![file.clone()],
    };
    change.split(&[(hunk.key, vec![3, 4])].into());
    assert_eq!(change.files[0].hunks, pieces);
}

#[test]
fn a_line_end_is_added_where_a_line_comes_behind() {
    let (old, new) = ("a", "a\nb");
    let file = only_file(&unified(old, new));
    // "-a\", "+a", "+b\": only the last.
    let pieces = split(&file.hunks[0], &[2]);
    assert_eq!(applied(old, &[&pieces[1]]), "a\nb");
    assert_eq!(applied(old, &[&pieces[0]]), "a\n");
}

#[test]
fn a_review_counts_and_tells_the_author() {
    let old: String = (0..40).fold(String::new(), |text, line| text + &format!("{line}\n"));
    let new = old
        .replace("\n5\n", "\nfive\n")
        .replace("\n20\n", "\ntwenty\n")
        .replace("\n35\n", "\n");
    let files = parse(unified(&old, &new)).unwrap().summary();
    let keys: Vec<Digest> = files[0].hunks.iter().map(|hunk| hunk.key).collect();
    let mut review = Review::default();
    review.mark(keys[0], Mark::Accepted);
    review.mark(
        keys[1],
        Mark::Rejected {
            reason: "spell it".into(),
        },
    );
    review.mark(Digest::of(b"a hunk of an older change"), Mark::Accepted);
    assert_eq!(
        review.tally(&files),
        Tally {
            accepted: 1,
            rejected: 1,
            open: 1
        }
    );
    let told: Vec<_> = review.rejections(&files).collect();
    assert_eq!(told, [(&files[0], &files[0].hunks[1], "spell it")]);
    for key in &keys {
        review.mark(*key, Mark::Accepted);
    }
    assert!(review.tally(&files).is_accepted());
    review.mark(keys[2], Mark::Open);
    assert_eq!(review.tally(&files).open, 1);
    let bytes = postcard::to_stdvec(&review).unwrap();
    assert_eq!(postcard::from_bytes::<Review>(&bytes).unwrap(), review);
    let json = serde_json::to_string(&review).unwrap();
    assert_eq!(serde_json::from_str::<Review>(&json).unwrap(), review);
}

fn bracketed(line: &str, spans: &[Span]) -> String {
    let mut out = String::new();
    for span in spans {
        let text = &line.get(span.range.clone()).unwrap();
        let _ = if span.is_changed {
            write!(out, "[{text}]")
        } else {
            write!(out, "{text}")
        };
    }
    out
}

#[test]
fn words_that_differ_are_found() {
    for (old, new, left, right) in [
        (
            "let total: f64 = sum;",
            "let total: Money = sum;",
            "let total: [f64] = sum;",
            "let total: [Money] = sum;",
        ),
        ("same", "same", "same", "same"),
        ("", "new", "", "[new]"),
        ("one two", "three four", "[one two]", "[three four]"),
        ("äöü a b c", "äöü a b d", "äöü a b [c]", "äöü a b [d]"),
    ] {
        let (before, after) = word_diff(old, new);
        assert_eq!(
            (bracketed(old, &before), bracketed(new, &after)),
            (left.into(), right.into())
        );
    }
}

/// Texts of few different lines, so that hunks look alike; the second with some lines of the first changed.
fn two_texts() -> impl Strategy<Value = (String, String)> {
    let line = prop::sample::select(vec!["a", "b", "c", "", "}", "  x", "ä\r"]);
    let edit = prop_oneof![8 => Just(None), 1 => prop::sample::select(vec!["", "n\n", "m\no\n"]).prop_map(Some)];
    let rows = prop::collection::vec((line, edit), 0..80);
    (rows, any::<bool>(), any::<bool>()).prop_map(|(rows, old_ends, new_ends)| {
        let old: String = rows
            .iter()
            .fold(String::new(), |text, (line, _)| text + line + "\n");
        let new: String = rows
            .iter()
            .map(|(line, edit)| edit.map_or_else(|| format!("{line}\n"), str::to_owned))
            .collect();
        let ended = |text: String, ends: bool| {
            if ends {
                text
            } else {
                text.trim_end_matches(['\n', '\r']).to_owned()
            }
        };
        (ended(old, old_ends), ended(new, new_ends))
    })
}

/// What taking the groups of lines for which `is_taken` gives, computed without hunks.
fn by_groups(old: &str, new: &str, is_taken: impl Fn(usize) -> bool) -> String {
    let (before, after) = (lines_of(old), lines_of(new));
    let groups = groups_of(&before, &after);
    let mut out = String::new();
    let mut add = |lines: &[&str]| {
        for line in lines {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            out.push_str(line);
        }
    };
    let mut at = 0;
    for (number, group) in groups.iter().enumerate() {
        for op in group {
            add(&before[at..op.old_range().start]);
            at = op.old_range().end;
            if op.tag() == DiffTag::Equal || !is_taken(number) {
                add(&before[op.old_range()]);
            } else {
                add(&after[op.new_range()]);
            }
        }
    }
    add(&before[at..]);
    out
}

proptest! {
    #[test]
    fn all_hunks_make_the_new_file_and_none_the_old((old, new) in two_texts()) {
        let file = only_file(&unified(&old, &new));
        let hunks: Vec<&Hunk> = file.hunks.iter().collect();
        prop_assert_eq!(applied(&old, &hunks), new);
        prop_assert_eq!(applied(&old, &[]), old);
    }

    #[test]
    fn an_inverted_hunk_takes_back_and_inverts_again((old, new) in two_texts()) {
        let file = only_file(&unified(&old, &new));
        let inverted: Vec<Hunk> = file.hunks.iter().map(invert).collect();
        prop_assert_eq!(applied(&new, &inverted.iter().collect::<Vec<_>>()), old);
        let again: Vec<Hunk> = inverted.iter().map(invert).collect();
        prop_assert_eq!(again, file.hunks);
    }

    #[test]
    fn any_part_is_what_taking_its_lines_gives((old, new) in two_texts(), taken in any::<u64>()) {
        let file = only_file(&unified(&old, &new));
        let is_taken = |number: usize| taken >> (number % 64) & 1 == 1;
        let keys: BTreeSet<Digest> = file.keys().into_iter().enumerate().filter(|(at, _)| is_taken(*at)).map(|(_, key)| key).collect();
        let expected = by_groups(&old, &new, is_taken);
        match select(&file, old.as_bytes(), |key| keys.contains(key)).unwrap() {
            Selected::Unchanged => prop_assert_eq!(expected, old),
            Selected::Whole => prop_assert_eq!(expected, new),
            Selected::Part(content) => prop_assert_eq!(expected.into_bytes(), content),
        }
    }

    #[test]
    fn keys_differ_within_a_file((old, new) in two_texts()) {
        let file = only_file(&unified(&old, &new));
        let keys: BTreeSet<Digest> = file.keys().into_iter().collect();
        prop_assert_eq!(keys.len(), file.keys().len());
    }

    #[test]
    fn pieces_together_are_the_hunk((old, new) in two_texts(), cuts in prop::collection::vec(0_u32..20, 0..6), drop in 0_usize..8) {
        let file = only_file(&unified(&old, &new));
        let pieces: Vec<Hunk> = file.hunks.iter().flat_map(|hunk| split(hunk, &cuts)).collect();
        prop_assert_eq!(applied(&old, &pieces.iter().collect::<Vec<_>>()), new);
        // Any part of them can be put on the old file.
        let some: Vec<&Hunk> = pieces.iter().enumerate().filter(|(at, _)| at % 8 != drop).map(|(_, piece)| piece).collect();
        prop_assert!(apply_hunks(old.as_bytes(), &some).is_ok());
        let keys: BTreeSet<Digest> = pieces.iter().map(|piece| piece.key).collect();
        prop_assert_eq!(keys.len(), pieces.len());
    }

    #[test]
    fn damaged_diffs_are_errors_and_never_worse((old, new) in two_texts(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut diff = unified(&old, &new).into_bytes();
        let place = at.index(diff.len());
        diff[place] = byte;
        if let Ok(change) = parse(diff) {
            for file in &change.files {
                let _ = apply_hunks(old.as_bytes(), &file.hunks.iter().collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn word_spans_cover_their_lines(old in "[a-cä ]{0,20}", new in "[a-cä ]{0,20}") {
        let (before, after) = word_diff(&old, &new);
        let unmarked = |line: &str, spans: &[Span]| spans.iter().map(|span| line.get(span.range.clone()).unwrap().to_owned()).collect::<String>();
        prop_assert_eq!(unmarked(&old, &before), old);
        prop_assert_eq!(unmarked(&new, &after), new);
    }
}
