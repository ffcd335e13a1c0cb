//! The review: marks, lines, words, layouts, what cannot be decided.

use std::fmt::Write as _;

use super::super::bench::{known, rows};
use super::*;
use crate::domain::change::{HunkSummary, Mark};
use crate::domain::journal::Command;
use crate::domain::sprint::Verdict;
use crate::tui::fixture::{self, Story};
use crate::tui::panes::Purpose;

pub(super) const AREA: Rect = Rect::new(0, 0, 80, 14);

fn seen(story: Story, diff: &str) -> Known {
    let mut known = known(story);
    known.take(crate::tui::link::News::Text {
        digest: Digest::of(diff.as_bytes()),
        bytes: Some(diff.as_bytes().to_vec()),
    });
    known
}

pub(super) fn settled() -> (State, Known) {
    let known = seen(fixture::running(), fixture::DIFF);
    let mut state = State::default();
    state.settle(&known, AREA, 80);
    (state, known)
}

/// A review of any change, as far as it can be shown without a world that knows of it.
pub(super) fn of_text(diff: &str, columns: u16) -> (State, Known) {
    let known = known(fixture::running());
    let mut state = State::default();
    let digest = known
        .world
        .task(fixture::task(1))
        .unwrap()
        .change
        .as_ref()
        .unwrap()
        .diff
        .clone();
    let digest = digest
        .digest()
        .unwrap_or_else(|| Digest::of(fixture::DIFF.as_bytes()));
    state.read = Some((digest, read(diff.as_bytes())));
    state.settle(&known, Rect::new(0, 0, columns, 30), columns);
    (state, known)
}

pub(super) fn act(state: &mut State, known: &Known, action: Action) -> Vec<Intent> {
    let intents = state.act(action, known, (12, 80));
    state.settle(known, AREA, 80);
    intents
}

fn shown(state: &State, known: &Known, (width, height): (u16, u16)) -> Vec<String> {
    rows(width, height, |canvas, area| {
        view(state, known, canvas, area, (true, true));
    })
}

fn keys(state: &State) -> Vec<Digest> {
    let hunks = &state.content().unwrap().index.hunks;
    hunks.iter().map(|hunk| hunk.key).collect()
}

#[test]
fn a_change_in_one_scroll() {
    let (state, known) = settled();
    insta::assert_snapshot!(shown(&state, &known, (78, 24)).join("\n"));
    let seen = rows(32, 5, |canvas, area| {
        files(&state, &known, canvas, area, false);
    });
    insta::assert_snapshot!(seen.join("\n"));
}

#[test]
fn both_sides_have_their_cells() {
    let (mut state, known) = settled();
    state.beside = Some(true);
    state.settle(&known, Rect::new(0, 0, 100, 20), 100);
    insta::assert_snapshot!(shown(&state, &known, (100, 20)).join("\n"));
    state.act(Action::Right, &known, (18, 100));
    state.settle(&known, Rect::new(0, 0, 100, 20), 100);
    let moved = shown(&state, &known, (100, 20));
    assert!(moved[3].contains("│  13  s: Vec<Item>,"), "{}", moved[3]);
}

#[test]
fn side_by_side_needs_room() {
    let (mut state, known) = settled();
    let said = act(&mut state, &known, Action::SideBySide);
    let text = "side by side needs 100 columns".to_owned();
    assert_eq!(said, [Intent::Say(Token::Info, text)]);
    assert!(!state.is_beside(99) && !state.is_beside(139) && state.is_beside(140));
    state.act(Action::SideBySide, &known, (12, 120));
    assert!(state.is_beside(120) && !state.is_beside(99));
    state.act(Action::SideBySide, &known, (12, 200));
    assert!(!state.is_beside(200));
}

#[test]
fn hunks_are_marked_one_by_one_and_the_cursor_goes_on() {
    let (mut state, known) = settled();
    let keys = keys(&state);
    assert_eq!(keys.len(), 3);
    let marks = |intents: &[Intent]| match intents {
        [Intent::Submit(command)] => match &**command {
            Command::Mark { marks, .. } => marks.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    for key in &keys[..2] {
        let intents = act(&mut state, &known, Action::Approve);
        assert_eq!(marks(&intents), [(*key, Mark::Accepted)]);
    }
    let asked = act(&mut state, &known, Action::Reject);
    assert_eq!(
        asked,
        [Intent::Write(Purpose::RejectHunks(
            fixture::gate(2),
            vec![keys[2]]
        ))]
    );
    let sent = act(&mut state, &known, Action::ReviewSend);
    assert!(matches!(
        sent[..],
        [Intent::Decide {
            verdict: Verdict::Send,
            ..
        }]
    ));
}

#[test]
fn moving_by_files_and_hunks() {
    let (mut state, known) = settled();
    for (action, hunk) in [
        (Action::SiblingNext, 2),
        (Action::SiblingNext, 2),
        (Action::SiblingPrevious, 0),
        (Action::PartNext, 1),
        (Action::Down, 1),
        (Action::PartPrevious, 1),
        (Action::PartPrevious, 0),
        (Action::Bottom, 2),
        (Action::Top, 0),
        (Action::PageDown, 0),
    ] {
        act(&mut state, &known, action);
        assert_eq!(state.hunk(), hunk, "{action:?}");
        let height = usize::from(rows_of(AREA));
        assert!(
            (state.top..state.top + height).contains(&state.cursor),
            "{action:?}"
        );
    }
}

#[test]
fn what_is_looked_for_is_counted_and_gone_through() {
    let (mut state, known) = settled();
    state.search = crate::tui::widgets::filter::Filter::read("TOTAL");
    state.settle(&known, AREA, 80);
    let first = state.cursor;
    let mut counts = Vec::new();
    for _ in 0..5 {
        counts.extend(state.count_found());
        assert!(state.find(true, rows_of(AREA)));
    }
    assert_eq!(
        counts,
        [
            "/TOTAL 1/5",
            "/TOTAL 2/5",
            "/TOTAL 3/5",
            "/TOTAL 4/5",
            "/TOTAL 5/5"
        ]
    );
    assert_eq!(state.cursor, first, "round the end");
    assert!(state.find(false, rows_of(AREA)));
    assert_eq!(state.count_found().as_deref(), Some("/TOTAL 5/5"));
    state.search = crate::tui::widgets::filter::Filter::read("nowhere");
    state.settle(&known, AREA, 80);
    assert!(!state.find(true, rows_of(AREA)));
    assert_eq!(state.count_found().as_deref(), Some("/nowhere 0/0"));
}

/// Goes to the row that shows a text.
fn go_to(state: &mut State, known: &Known, text: &str) {
    act(state, known, Action::Top);
    for _ in 0..40 {
        let row = state.cursor - state.top + 1;
        if shown(state, known, (80, 14))[row].contains(text) {
            return;
        }
        act(state, known, Action::Down);
    }
    panic!("{text} is not there");
}

#[test]
fn lines_are_accepted_without_the_rest_of_their_hunk() {
    let (mut state, mut known) = settled();
    go_to(&mut state, &known, "+     pub fn total");
    act(&mut state, &known, Action::LineMark);
    go_to(&mut state, &known, "-     pub fn total");
    act(&mut state, &known, Action::LineMark);
    let intents = act(&mut state, &known, Action::Approve);
    let [Intent::Submit(cut), Intent::Submit(mark)] = &intents[..] else {
        panic!("{intents:?}")
    };
    let Command::Split { hunk, split, gate } = &**cut else {
        panic!("{cut:?}")
    };
    let pieces = |split: &Split| -> Vec<(u32, u32, u32)> {
        let all = split.pieces.iter();
        let facts = |piece: &HunkSummary| (piece.new_start, piece.added, piece.removed);
        all.map(facts).collect()
    };
    // ` impl`, `-fn`, `-sum`, `+fn`, `+sum`, ` }`, ` }`: four lines differ, two are picked.
    assert_eq!(split.cuts, [1, 2, 3, 4]);
    assert_eq!(
        pieces(split),
        [(30, 0, 1), (30, 0, 1), (31, 1, 0), (32, 1, 0)]
    );
    let taken = [split.pieces[0].key, split.pieces[2].key];
    let Command::Mark { marks, .. } = &**mark else {
        panic!("{mark:?}")
    };
    assert_eq!(marks.as_slice(), taken.map(|key| (key, Mark::Accepted)));
    // The world takes it, and the pieces are shown where the hunk was.
    let mut story = fixture::running();
    story.then(
        1,
        crate::domain::journal::Event::HunkSplit {
            gate: *gate,
            hunk: *hunk,
            split: split.clone(),
            by: fixture::person(),
        },
    );
    let line = story.lines.pop().unwrap();
    known.take(crate::tui::link::News::Event(Box::new(line)));
    state.settle(&known, AREA, 80);
    assert_eq!(keys(&state).len(), 6);
    assert_eq!(keys(&state)[1], split.pieces[0].key);
    insta::assert_snapshot!(shown(&state, &known, (78, 30)).join("\n"));
}

#[test]
fn a_range_of_lines_is_picked_and_all_lines_are_the_hunk() {
    let (mut state, known) = settled();
    go_to(&mut state, &known, "-     total");
    act(&mut state, &known, Action::LineRange);
    act(&mut state, &known, Action::Down);
    act(&mut state, &known, Action::LineRange);
    assert_eq!(state.picked.len(), 2);
    let key = keys(&state)[0];
    let intents = act(&mut state, &known, Action::Reject);
    let hunks = vec![key];
    let purpose = Purpose::RejectHunks(fixture::gate(2), hunks);
    assert_eq!(intents, [Intent::Write(purpose)]);
    assert!(state.picked.is_empty());
}

#[test]
fn comments_are_drafts_until_the_review_is_sent() {
    let (mut state, known) = settled();
    go_to(&mut state, &known, "+     total");
    let intents = act(&mut state, &known, Action::Comment);
    let [Intent::Write(Purpose::Remark(comment))] = &intents[..] else {
        panic!("{intents:?}")
    };
    assert_eq!(
        (comment.path.as_str(), comment.line),
        ("src/cart/total.rs", Some(14))
    );
    assert_eq!(comment.hunks, [keys(&state)[0]]);
    let text = "is Money signed?".to_owned();
    let draft = Comment {
        text,
        ..(**comment).clone()
    };
    state.keep(&known, draft.clone());
    state.settle(&known, AREA, 80);
    let seen = shown(&state, &known, (78, 14)).join("\n");
    assert!(
        seen.contains("╭ mira 10:42  is Money signed?") && seen.contains("╰ draft"),
        "{seen}"
    );
    // The draft is there to be changed.
    let again = act(&mut state, &known, Action::Comment);
    assert_eq!(
        again,
        [Intent::Write(Purpose::Remark(Box::new(draft.clone())))]
    );
    // Nothing is approved over words that were not sent.
    let refused = act(&mut state, &known, Action::ApproveAll);
    assert!(
        matches!(&refused[..], [Intent::Say(Token::Risk, _)]),
        "{refused:?}"
    );
    let sent = act(&mut state, &known, Action::ReviewSend);
    let [
        Intent::Decide {
            verdict: Verdict::Return(comments),
            ..
        },
    ] = &sent[..]
    else {
        panic!("{sent:?}")
    };
    assert_eq!(comments.as_slice(), std::slice::from_ref(&draft));
    // Without words it goes.
    state.keep(
        &known,
        Comment {
            text: String::new(),
            ..draft
        },
    );
    assert!(state.drafts(&known).is_empty());
}

#[test]
fn drafts_that_were_sent_come_back_with_the_decision() {
    let (mut state, mut known) = settled();
    let comment = state.comment(&known, true).unwrap();
    assert_eq!((comment.line, comment.hunks.len()), (None, 2));
    let draft = Comment {
        text: "two files?".to_owned(),
        ..comment
    };
    state.keep(&known, draft.clone());
    let mut story = fixture::running();
    let before = story.lines.len();
    story.decided(5, 2, Verdict::Return(vec![draft.clone()]));
    // Not yet in effect.
    story.lines.pop();
    let decided = story.lines.split_off(before);
    for line in decided {
        known.take(crate::tui::link::News::Event(Box::new(line)));
    }
    state.settle(&known, AREA, 80);
    assert!(state.drafts(&known).is_empty() && state.remarks.len() == 1);
    let mut undone = fixture::running();
    undone.then(
        0,
        crate::domain::journal::Event::SprintOpening(fixture::SPRINT),
    );
    undone.then(
        1,
        crate::domain::journal::Event::DecisionWithdrawn {
            gate: fixture::gate(2),
            by: fixture::person(),
        },
    );
    let line = undone.lines.pop().unwrap();
    known.take(crate::tui::link::News::Event(Box::new(line)));
    state.settle(&known, AREA, 80);
    assert_eq!(state.drafts(&known), [draft]);
}

#[test]
fn what_became_of_the_words_of_the_review_before() {
    let known = seen(fixture::second_round(), &fixture::second_diff());
    let mut state = State::default();
    state.settle(&known, AREA, 80);
    insta::assert_snapshot!(shown(&state, &known, (78, 30)).join("\n"));
    let marks = &state.gate(&known.world).unwrap().marks;
    assert_eq!(marks.get(&keys(&state)[0]), Some(&Mark::Accepted));
    state.act(Action::Blame, &known, (12, 80));
    let seen = rows(44, 12, |canvas, area| {
        explains(&state, &known, canvas, area);
    });
    insta::assert_snapshot!(seen.join("\n"));
    state.act(Action::Tests, &known, (12, 80));
    let seen = rows(44, 6, |canvas, area| {
        why(&state, &known, canvas, area, true);
    });
    assert!(seen[2].contains("✓ cargo test  4.2s"), "{seen:?}");
}

#[test]
fn a_hunk_is_written_as_it_should_be() {
    let (mut state, known) = settled();
    let intents = act(&mut state, &known, Action::EditHunk);
    let key = keys(&state)[0];
    let text = "pub struct Cart {\n    items: Vec<Item>,\n    total: Money,\n}".to_owned();
    let purpose = Purpose::EditHunk(fixture::gate(2), key, text);
    assert_eq!(intents, [Intent::Write(purpose)]);
}

#[test]
fn a_pane_as_wide_as_the_terminal_scrolls_row_by_row() {
    let (mut state, known) = settled();
    for (area, top) in [(AREA, 1), (Rect { width: 60, ..AREA }, 4)] {
        state.act(Action::Top, &known, (12, 80));
        state.settle(&known, area, 80);
        for _ in 0..12 {
            state.act(Action::Down, &known, (12, 80));
        }
        assert_eq!(state.top, top);
    }
}

#[test]
fn context_is_cut_and_comes_back() {
    let (mut state, known) = settled();
    let all = state.content().unwrap().index.rows.len();
    for _ in 0..4 {
        act(&mut state, &known, Action::ContextLess);
    }
    let none = state.content().unwrap().index.rows.len();
    assert_eq!((all, none), (20, 14));
    for _ in 0..3 {
        assert_eq!(act(&mut state, &known, Action::ContextMore), []);
    }
    assert_eq!(state.content().unwrap().index.rows.len(), all);
    let said = act(&mut state, &known, Action::ContextMore);
    assert!(matches!(&said[..], [Intent::Say(..)]), "{said:?}");
}

pub(super) fn diff_of(path: &str, body: &str) -> String {
    let (zero, one) = ("1".repeat(40), "2".repeat(40));
    format!(
        "diff --git a/{path} b/{path}\nindex {zero}..{one} 100644\n--- a/{path}\n+++ b/{path}\n{body}"
    )
}

#[test]
fn changes_of_blanks_can_be_left_out() {
    let diff = diff_of("a.rs", "@@ -1,2 +1,2 @@\n-if x {\n-a\n+if  x  {\n+b\n");
    let (mut state, known) = of_text(&diff, 80);
    let signs = |state: &State| {
        let seen = shown(state, &known, (60, 9));
        seen.iter()
            .filter(|row| row.contains(" - ") || row.contains(" + "))
            .count()
    };
    assert_eq!(signs(&state), 4);
    state.act(Action::Blanks, &known, (12, 80));
    state.settle(&known, AREA, 80);
    assert_eq!(signs(&state), 2);
}

#[test]
fn long_made_and_lock_files_are_folded_at_first() {
    let long: String = (0..2_001).fold(String::new(), |text, line| format!("{text}+{line}\n"));
    for (path, body, why) in [
        (
            "Cargo.lock",
            "@@ -1 +1 @@\n-a\n+b\n".to_owned(),
            "a lock file",
        ),
        (
            "web/dist/app.js",
            "@@ -1 +1 @@\n-a\n+b\n".to_owned(),
            "generated",
        ),
        ("a.pb.go", "@@ -1 +1 @@\n-a\n+b\n".to_owned(), "generated"),
        (
            "a.go",
            "@@ -1,2 +1,2 @@\n // Code generated by x. DO NOT EDIT.\n-a\n+b\n".to_owned(),
            "generated",
        ),
        ("data.txt", format!("@@ -0,0 +1,2001 @@\n{long}"), "long"),
    ] {
        let (mut state, known) = of_text(&diff_of(path, &body), 80);
        state.folded = [0].into();
        let change = &state.content().unwrap().change;
        assert_eq!(index::why_folded(&change.files[0]), Some(why), "{path}");
        state.settle(&known, AREA, 80);
        let seen = shown(&state, &known, (78, 6)).join("\n");
        assert!(
            seen.contains(&format!("({why}).  Enter shows them")),
            "{seen}"
        );
        state.act(Action::Open, &known, (12, 80));
        state.settle(&known, AREA, 80);
        assert!(
            !shown(&state, &known, (78, 6)).join("\n").contains("Enter"),
            "{path}"
        );
    }
    let (state, _) = of_text(&diff_of("src/a.rs", "@@ -1 +1 @@\n-a\n+b\n"), 80);
    assert!(state.folded.is_empty());
}

#[test]
fn a_file_that_is_unfolded_shows_its_beginning() {
    let mut hunks = String::new();
    for hunk in 0..400 {
        let line = hunk * 10 + 1;
        writeln!(hunks, "@@ -{line},1 +{line},1 @@\n-a{hunk}\n+b{hunk}").unwrap();
    }
    let (mut state, known) = of_text(&diff_of("src/a.rs", &hunks), 80);
    state.folded = [0].into();
    state.settle(&known, AREA, 80);
    state.act(Action::Open, &known, (12, 80));
    state.settle(&known, AREA, 80);
    let seen = shown(&state, &known, (78, 6)).join("\n");
    assert!(seen.contains("hunk 1/400") && seen.contains("a0"), "{seen}");
}

#[test]
fn without_an_open_review_nothing_can_be_decided() {
    let (mut state, mut known) = settled();
    let mut story = fixture::running();
    let before = story.lines.len();
    story.decided(5, 2, Verdict::Approve);
    for line in story.lines.split_off(before) {
        known.take(crate::tui::link::News::Event(Box::new(line)));
    }
    assert_eq!(act(&mut state, &known, Action::ApproveAll), []);
    let said = act(&mut state, &known, Action::Approve);
    assert!(
        matches!(&said[..], [Intent::Say(Token::Info, _)]),
        "{said:?}"
    );
}

#[test]
fn a_text_that_is_no_diff_is_told() {
    let (mut state, known) = settled();
    let digest = state.read.as_ref().unwrap().0;
    state.read = Some((
        digest,
        read(b"diff --git nonsense\n@@ what\n").map_err(|_| "no diff".to_owned()),
    ));
    let seen = shown(&state, &known, (50, 4));
    assert!(seen[1].contains("cannot be read: no diff"), "{seen:?}");
}
