//! A change from the keys to the host: lines, words, the editor.

use super::*;

#[test]
fn a_text_goes_to_the_editor_and_back_to_its_draft() {
    let mut bench = Bench::new(fixture::running());
    bench.app.act(Action::Go(Place::Review), Instant::now());
    bench.app.write(Purpose::Goal);
    for key in ["a", "b", "C-x", "C-e"] {
        let effects = bench
            .app
            .input(Input::Key(key.parse().unwrap()), Instant::now());
        let is_last = key == "C-e";
        assert_eq!(
            effects.contains(&Effect::Edit("ab".to_owned())),
            is_last,
            "{key}"
        );
    }
    bench
        .app
        .edited(Ok("two\nlines\n".to_owned()), Instant::now());
    let Some(Overlay::Draft { text, .. }) = &bench.app.overlay else {
        panic!("the draft is gone")
    };
    assert_eq!(text.text(), "two\nlines");
    bench
        .app
        .edited(Err("no editor".to_owned()), Instant::now());
    assert!(bench.app.notices.last().unwrap().text.contains("no editor"));
}

#[test]
fn lines_are_taken_and_words_are_sent_as_one_message() {
    let mut bench = Bench::new(fixture::running());
    bench.press("w");
    bench.look(500);
    // The head, two lines of context, then the line that goes and the line that comes.
    bench.press("j j j space a");
    assert_eq!(bench.refused, [""; 0]);
    let gate = bench.host.gate(fixture::gate(2)).unwrap();
    assert_eq!((gate.splits.len(), gate.marked()), (1, (1, 0, 3)));
    bench.press("c");
    bench.write("is it signed?");
    bench.press("Enter");
    bench.press("C");
    bench.write("tests?");
    bench.press("Enter");
    bench.look(500);
    bench.press("A");
    assert!(
        bench.said().contains("comments are not sent"),
        "{}",
        bench.said()
    );
    bench.press("S");
    let Some(Verdict::Return(comments)) = bench.verdict(2) else {
        panic!("{:?}", bench.verdict(2))
    };
    let told: Vec<String> = comments
        .iter()
        .map(crate::domain::change::Comment::told)
        .collect();
    let expected = [
        "src/cart/total.rs line 14: is it signed?",
        "src/cart/total.rs: tests?",
    ];
    assert_eq!(told, expected);
    assert_eq!(bench.refused, [""; 0]);
}

#[test]
fn the_change_of_a_task_is_shown_from_the_board() {
    let mut bench = Bench::new(fixture::running());
    bench.press("2");
    bench
        .app
        .focus
        .insert(Place::Board, crate::tui::layout::Pane::Board);
    for _ in 0..6 {
        bench.press("D");
        if bench.app.place == Place::Review {
            return;
        }
        assert!(bench.said().contains("has committed nothing yet") || bench.said().is_empty());
        bench.press("l");
    }
    panic!("no task with a change was found: {}", bench.said());
}

#[test]
fn words_that_were_not_sent_are_there_the_next_time() {
    let mut bench = Bench::new(fixture::running());
    bench.press("w");
    bench.look(500);
    bench.press("j j j c");
    bench.write("is it signed?");
    let sent = bench
        .app
        .input(Input::Key("Enter".parse().unwrap()), bench.at());
    let kept = sent.iter().find_map(|effect| match effect {
        Effect::KeepDrafts(text) => Some(text.clone()),
        _ => None,
    });
    bench.press("g h q");
    assert!(
        bench.said().contains("1 of your comments"),
        "{}",
        bench.said()
    );
    let mut later = Bench::new(fixture::running());
    later
        .app
        .panes
        .review
        .read_drafts(&kept.expect("they are kept"));
    later.press("w");
    later.look(500);
    later.press("S");
    let Some(Verdict::Return(comments)) = later.verdict(2) else {
        panic!("{:?}", later.verdict(2))
    };
    assert_eq!(comments[0].text, "is it signed?");
    // What is sent is no draft any more, and what cannot be read is none.
    assert_eq!(later.app.panes.review.draft_count(), 0);
    later.app.panes.review.read_drafts("[1, 2");
    assert_eq!(later.app.panes.review.draft_count(), 0);
}

fn marks(bench: &Bench) -> (usize, usize, usize) {
    bench.host.gate(fixture::gate(2)).unwrap().marked()
}

#[test]
fn marks_are_taken_back_at_once_and_made_again() {
    let mut bench = Bench::new(fixture::running());
    // Something else was decided before: it is not what is taken back.
    bench.app.open_item(fixture::gate(4));
    bench.app.settle();
    bench.look(500);
    bench.press("a");
    assert!(bench.verdict(4).is_some());
    bench.app.open_item(fixture::gate(2));
    bench.app.settle();
    bench.look(500);
    bench.press("a");
    assert_eq!(marks(&bench), (1, 0, 2));
    bench.press("x");
    bench.write("no");
    bench.press("Enter");
    assert_eq!(marks(&bench), (1, 1, 1));
    bench.press("u");
    assert_eq!(marks(&bench), (1, 0, 2));
    let said = bench.said();
    assert!(said.contains("taken back: 1 hunk of t1 rejected"), "{said}");
    bench.press("u");
    assert_eq!(marks(&bench), (0, 0, 3));
    assert!(bench.verdict(4).is_some(), "the older decision stays");
    bench.press("U C-r");
    assert_eq!(marks(&bench), (1, 1, 1));
    // A command that was allowed runs: nothing older is taken back in its place.
    bench.press("u u u");
    assert_eq!(marks(&bench), (0, 0, 3));
    let said = bench.said();
    assert!(said.contains("t5: that holds"), "{said}");
    assert_eq!(bench.refused, [""; 0]);
}

#[test]
fn words_that_are_not_sent_are_taken_back() {
    let mut bench = Bench::new(fixture::running());
    bench.press("w");
    bench.look(500);
    bench.press("c");
    bench.write("is it signed?");
    bench.press("Enter");
    let drafts = |bench: &Bench| bench.app.panes.review.drafts_of(fixture::task(1)).len();
    assert_eq!(drafts(&bench), 1);
    bench.press("u");
    assert_eq!(drafts(&bench), 0);
    assert!(bench.said().contains("words about t1"), "{}", bench.said());
    bench.press("U");
    assert_eq!(drafts(&bench), 1);
    // What is new makes what was taken back the past.
    bench.look(500);
    bench.press("u a U");
    assert_eq!((drafts(&bench), marks(&bench)), (0, (1, 0, 2)));
    assert!(
        bench.said().contains("nothing was taken back"),
        "{}",
        bench.said()
    );
}

#[test]
fn a_decision_is_made_again_on_a_card_that_was_seen() {
    let mut bench = Bench::new(fixture::running());
    bench.app.open_item(fixture::gate(2));
    bench.app.settle();
    bench.look(500);
    bench.press("A");
    let answer = Some(Verdict::Approve);
    assert_eq!(bench.verdict(2), answer);
    bench.press("u");
    assert_eq!(bench.verdict(2), None);
    bench.press("U");
    assert_eq!(bench.verdict(2), None, "{}", bench.said());
    bench.app.open_item(fixture::gate(2));
    bench.app.settle();
    bench.press("U");
    assert_eq!(bench.verdict(2), None, "it is not seen yet");
    bench.look(500);
    bench.press("U");
    assert_eq!(bench.verdict(2), answer);
}

#[test]
fn hunks_are_marked_and_the_review_is_sent() {
    let mut bench = Bench::new(fixture::running());
    bench.press("w");
    bench.look(500);
    bench.press("a a x");
    bench.write("why a tuple");
    bench.press("Enter");
    let marks: Vec<Mark> = bench
        .host
        .gate(fixture::gate(2))
        .unwrap()
        .marks
        .values()
        .cloned()
        .collect();
    assert_eq!(marks.len(), 3);
    assert!(marks.contains(&Mark::Rejected {
        reason: "why a tuple".to_owned()
    }));
    bench.look(500);
    bench.press("S");
    assert_eq!(bench.verdict(2), Some(Verdict::Send));
    // While it can be withdrawn, u does so.
    bench.press("u");
    assert_eq!(bench.verdict(2), None);
    // Then the marks, the last first.
    bench.press("u u u");
    let gate = bench.host.gate(fixture::gate(2)).unwrap();
    assert_eq!(gate.marked(), (0, 0, 3));
    bench.press("u");
    assert!(
        bench.said().contains("nothing of yours can be taken back"),
        "{}",
        bench.said()
    );
}
