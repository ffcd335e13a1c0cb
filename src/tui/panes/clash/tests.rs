//! Choosing, walking, writing, and what each size shows.

use super::super::bench::{known, rows};
use super::*;
use crate::domain::change::clash::{Choosable, Side, Whole};
use crate::tui::fixture;
use crate::tui::layout::{Layout, Shape};
use crate::tui::link::News;

fn scene() -> (State, Known) {
    let mut known = known(fixture::clashing());
    let gate = known.world.gate(fixture::gate(3)).unwrap().clone();
    let mut state = State::default();
    state.show(&gate);
    let digest = state.wanted(&known).unwrap().digest().unwrap();
    state.settle(&known);
    assert!(state.wanted(&known).is_some(), "it is not here yet");
    let bytes = Some(fixture::document().into_bytes());
    known.take(News::Text { digest, bytes });
    state.settle(&known);
    assert!(state.wanted(&known).is_none());
    (state, known)
}

fn act(state: &mut State, known: &Known, actions: &[Action]) -> Vec<Intent> {
    let acted = actions
        .iter()
        .map(|action| state.act(*action, known, (Pane::Result, 8)));
    acted.last().unwrap_or_default()
}

fn screen(state: &State, known: &Known, (width, height): (u16, u16)) -> String {
    let size = ratatui::layout::Size::new(width, height);
    let place = crate::tui::action::Place::Conflict;
    let layout = Layout::shaped(size, place, None, Shape::default());
    let seen = rows(width, height, |canvas, _| {
        for (pane, area) in &layout.panes {
            let focus = (*pane == Pane::Result, false);
            match pane {
                Pane::ClashHead => head(state, known, canvas, *area),
                Pane::Ours => ours(state, known, canvas, *area, focus),
                Pane::Theirs => theirs(state, known, canvas, *area, focus),
                Pane::Result => result(state, known, canvas, *area, focus),
                _ => why(state, known, canvas, *area, (false, true)),
            }
        }
    });
    let body = seen.into_iter().skip(usize::from(layout.body.y));
    let body = body.take(usize::from(layout.body.height));
    body.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_conflict_in_three_sizes() {
    let (mut state, known) = scene();
    for (name, size) in SIZES {
        insta::assert_snapshot!(format!("conflict_{name}"), screen(&state, &known, size));
    }
    act(&mut state, &known, &[Action::ClashBoth]);
    insta::assert_snapshot!("conflict_chosen", screen(&state, &known, (80, 24)));
    act(
        &mut state,
        &known,
        &[Action::SiblingNext, Action::ClashTheirs],
    );
    insta::assert_snapshot!("conflict_deleted", screen(&state, &known, (80, 24)));
}

/// What happened at the host since.
fn happens(known: &mut Known, event: crate::domain::journal::Event) {
    let mut story = fixture::clashing();
    story.world = known.world.clone();
    story.then(1, event);
    let mut last = story.lines.pop().unwrap();
    last.seq = known.world.seq + 1;
    known.take(News::Event(Box::new(last)));
}

/// All places are chosen, and that is being tested.
fn testing() -> (State, Known) {
    let (mut state, mut known) = scene();
    let choose = [
        Action::ClashProposal,
        Action::PartNext,
        Action::ClashProposal,
        Action::PartNext,
        Action::ClashOurs,
    ];
    act(&mut state, &known, &choose);
    act(&mut state, &known, &[Action::SiblingPrevious]);
    let sent = act(&mut state, &known, &[Action::ClashTest]);
    let [Intent::Submit(command)] = &sent[..] else {
        panic!("{sent:?}")
    };
    let Command::Try { gate, choices, .. } = &**command else {
        panic!("{command:?}")
    };
    let asked = crate::domain::journal::Event::TrialAsked {
        task: fixture::task(3),
        gate: *gate,
        number: 1,
        choices: choices.clone(),
        by: crate::domain::security::Actor::System,
    };
    happens(&mut known, asked);
    (state, known)
}

fn ended(known: &mut Known, exit: i32, tail: &str) {
    let mut result = fixture::check("cargo test", exit);
    tail.clone_into(&mut result.tail);
    let end = crate::domain::sprint::trial::TrialEnd::Ran {
        tree: fixture::oid('f'),
        results: vec![result],
    };
    let ended = crate::domain::journal::Event::TrialEnded {
        task: fixture::task(3),
        gate: fixture::gate(3),
        number: 1,
        end,
    };
    happens(known, ended);
}

const SIZES: [(&str, (u16, u16)); 3] = [
    ("80x24", (80, 24)),
    ("120x36", (120, 36)),
    ("200x55", (200, 55)),
];

const FAILED: &str = "running 2 tests\ntest cart::empty ... ok\ntest cart::total ... FAILED\n\nleft: 9.00\nright: 10.00\n";

#[test]
fn a_tested_result_in_three_sizes() {
    let (mut state, mut known) = testing();
    insta::assert_snapshot!("testing_80x24", screen(&state, &known, (80, 24)));
    let said = act(&mut state, &known, &[Action::ClashTest]);
    assert!(
        matches!(&said[..], [Intent::Say(_, text)] if text.contains("testing")),
        "{said:?}"
    );
    let mut red = known.clone();
    ended(&mut known, 0, "");
    ended(&mut red, 101, FAILED);
    for (name, size) in SIZES {
        insta::assert_snapshot!(format!("tested_{name}"), screen(&state, &known, size));
        insta::assert_snapshot!(format!("red_{name}"), screen(&state, &red, size));
    }
}

#[test]
fn an_outcome_belongs_to_the_choices_that_were_tested() {
    let (mut state, mut known) = testing();
    ended(&mut known, 101, FAILED);
    let says = |state: &State, words: &str| screen(state, &known, (80, 24)).contains(words);
    assert!(says(&state, "red: cargo test") && says(&state, "cart::total ... FAILED"));
    act(&mut state, &known, &[Action::ClashTurned]);
    assert!(says(&state, "not tested") && !says(&state, "red:"));
    act(&mut state, &known, &[Action::Undo]);
    assert!(says(&state, "red: cargo test"));
    // The same result is not tested twice; another one is.
    let said = act(&mut state, &known, &[Action::ClashTest]);
    assert!(
        matches!(&said[..], [Intent::Say(_, text)] if text.contains("red: cargo test")),
        "{said:?}"
    );
    let sent = act(&mut state, &known, &[Action::ClashBoth, Action::ClashTest]);
    assert!(matches!(&sent[..], [Intent::Submit(_)]), "{sent:?}");
}

#[test]
fn a_proposal_is_a_choice_like_any_other_and_never_taken_by_itself() {
    let (mut state, known) = scene();
    let gate = known.world.gate(fixture::gate(3)).unwrap();
    let before = state.revision(gate);
    let said = act(&mut state, &known, &[Action::ApproveAll]);
    assert!(
        matches!(&said[..], [Intent::Say(_, text)] if text.starts_with("3 of 3")),
        "{said:?}"
    );
    act(&mut state, &known, &[Action::ClashProposal]);
    let shown = state.shown.as_ref().unwrap();
    let Some(Choice::Text(text)) = shown.draft.get(0) else {
        panic!("{:?}", shown.draft)
    };
    assert_eq!(
        text,
        "    fn line_total(&self, guest: &Guest) -> Money {\n        guest.rate(self.price) * self.qty\n"
    );
    assert_ne!(state.revision(gate), before);
    assert!(screen(&state, &known, (80, 24)).contains("as proposed · not tested"));
    act(&mut state, &known, &[Action::Undo]);
    assert_eq!(state.revision(gate), before);
    // A file that is taken as a whole has none; a place where both want the same words has none either.
    let said = act(
        &mut state,
        &known,
        &[Action::SiblingNext, Action::ClashProposal],
    );
    assert!(matches!(&said[..], [Intent::Say(..)]), "{said:?}");
    let shown = state.shown.as_mut().unwrap();
    shown.document.files[0].shape = ClashShape::Places(vec![
        Piece::Same("a\n".to_owned()),
        Piece::Split(Split {
            ours: "n = 5\n".to_owned(),
            base: "n = 3\n".to_owned(),
            theirs: "n = 7\n".to_owned(),
        }),
    ]);
    shown.spots = spots(&shown.document);
    shown.proposals.clear();
    let said = act(
        &mut state,
        &known,
        &[Action::SiblingPrevious, Action::ClashProposal],
    );
    assert!(
        matches!(&said[..], [Intent::Say(_, text)] if text.contains("same words")),
        "{said:?}"
    );
    let seen = screen(&state, &known, (80, 24));
    assert!(
        seen.contains("nothing chosen · no proposal") && seen.contains("same words"),
        "{seen}"
    );
    assert_eq!(act(&mut state, &known, &[Action::ApproveAll]).len(), 1);
    assert!(
        state.shown.as_ref().unwrap().draft.count() == 0,
        "nothing was taken"
    );
}

#[test]
fn the_panes_name_the_keys_as_they_are() {
    let (mut state, known) = scene();
    state.keys = Keys::of(|action| match action {
        Action::ClashOurs => Some("F2".to_owned()),
        Action::ApproveAll => Some("C-s".to_owned()),
        Action::ClashProposal => Some("F9".to_owned()),
        _ => None,
    });
    let seen = screen(&state, &known, (120, 36));
    for words in ["F2 take", "F9 takes it", "Nothing is written until C-s."] {
        assert!(seen.contains(words), "{words}: {seen}");
    }
    assert!(
        !seen.contains("t take"),
        "a key that is not there is not named: {seen}"
    );
    let said = act(&mut state, &known, &[Action::Reject]);
    assert!(
        matches!(&said[..], [Intent::Say(_, text)] if text.starts_with("C-s finishes")),
        "{said:?}"
    );
}

#[test]
fn a_pane_that_is_alone_says_where_it_is() {
    let (state, known) = scene();
    let alone = |pane: Pane| {
        let seen = rows(60, 12, |canvas, area| match pane {
            Pane::Result => result(&state, &known, canvas, area, (true, true)),
            _ => theirs(&state, &known, canvas, area, (true, true)),
        });
        seen.into_iter().next().unwrap_or_default()
    };
    assert!(alone(Pane::Result).contains("conflict 1 of 3"));
    assert!(alone(Pane::Theirs).contains("THEIRS  src/cart/total.rs:3"));
}

#[test]
fn choices_are_made_place_by_place_and_sent_as_a_whole() {
    let (mut state, known) = scene();
    let said = act(&mut state, &known, &[Action::ClashOurs, Action::ApproveAll]);
    assert!(
        matches!(&said[..], [Intent::Say(_, text)] if text.starts_with("2 of 3")),
        "{said:?}"
    );
    // The cursor went to the place that is open: the next choice is about that.
    act(&mut state, &known, &[Action::ClashTurned, Action::PartNext]);
    let said = act(&mut state, &known, &[Action::ClashBoth]);
    assert!(
        matches!(&said[..], [Intent::Say(_, text)] if text.contains("as a whole")),
        "{said:?}"
    );
    let sent = act(&mut state, &known, &[Action::ClashOurs, Action::ApproveAll]);
    let gate = known.world.gate(fixture::gate(3)).unwrap();
    let choices = vec![vec![Choice::Ours, Choice::BothTurned], vec![Choice::Ours]];
    assert_eq!(
        sent,
        [Intent::Decide {
            gate: gate.id,
            revision: gate.revision,
            verdict: Verdict::Resolve(choices),
        }]
    );
}

#[test]
fn what_is_chosen_is_another_thing_to_look_at_and_can_be_undone() {
    let (mut state, known) = scene();
    let gate = known.world.gate(fixture::gate(3)).unwrap();
    let before = state.revision(gate);
    assert_ne!(before, gate.revision);
    act(&mut state, &known, &[Action::ClashOurs]);
    assert_ne!(state.revision(gate), before);
    assert!(state.is_changed());
    act(&mut state, &known, &[Action::PartNext, Action::Undo]);
    assert_eq!(state.revision(gate), before);
    let shown = state.shown.as_ref().unwrap();
    assert_eq!(shown.at, 0, "it goes to what it undoes");
    act(&mut state, &known, &[Action::Redo]);
    assert_ne!(state.revision(gate), before);
}

#[test]
fn a_place_can_be_written_by_hand() {
    let (mut state, known) = scene();
    let write = act(&mut state, &known, &[Action::PartNext, Action::ClashEdit]);
    let [Intent::Write(Purpose::Solve(gate, at, before))] = &write[..] else {
        panic!("{write:?}")
    };
    assert_eq!(
        before, "fn total(cart: &Cart, guest: &Guest) -> Money {",
        "what is proposed, to begin with"
    );
    state.written((*gate, *at), "fn total() -> Money {");
    let shown = state.shown.as_ref().unwrap();
    let text = Choice::Text("fn total() -> Money {\n".to_owned());
    assert_eq!(shown.draft.get(1), Some(&text));
    // A file that is taken as a whole is not written.
    let said = act(&mut state, &known, &[Action::PartNext, Action::ClashEdit]);
    assert!(matches!(&said[..], [Intent::Say(..)]), "{said:?}");
}

#[test]
fn written_lines_end_as_those_of_their_place() {
    let split = |ours: &str, theirs: &str| Split {
        ours: ours.to_owned(),
        base: String::new(),
        theirs: theirs.to_owned(),
    };
    assert_eq!(as_file("a\nb", &split("x\n", "y\n")), "a\nb\n");
    assert_eq!(as_file("a\nb", &split("x\r\n", "y\r\n")), "a\r\nb\r\n");
    assert_eq!(as_file("a", &split("x", "y")), "a");
    assert_eq!(as_file("a", &split("x\n", "")), "a\n");
    assert_eq!(as_file("", &split("x\n", "y\n")), "");
}

#[test]
fn choices_for_a_conflict_that_is_gone_are_dropped_and_that_is_said() {
    let (mut state, mut known) = scene();
    assert_eq!(state.rebase(&known), None);
    act(
        &mut state,
        &known,
        &[Action::ClashOurs, Action::PartNext, Action::ClashBoth],
    );
    let mut story = fixture::clashing();
    story.then(
        1,
        crate::domain::journal::Event::GateDropped(fixture::gate(3)),
    );
    let last = story.lines.pop().unwrap();
    known.take(News::Event(Box::new(last)));
    let (_, text) = state.rebase(&known).unwrap();
    assert!(
        text.contains("t3") && text.contains("moved") && text.contains("2 choices"),
        "{text}"
    );
    assert_eq!(state.rebase(&known), None, "it is said once");
    assert_eq!(act(&mut state, &known, &[Action::ClashOurs]), []);
    let seen = screen(&state, &known, (80, 24));
    assert!(seen.contains("not asked about any more"), "{seen}");
}

#[test]
fn what_cannot_be_solved_here_is_not_sent() {
    let (mut state, known) = scene();
    let shown = state.shown.as_mut().unwrap();
    let why = "CONFLICT (rename/rename): \u{1b}[2Jodd".to_owned();
    shown.document.files[1].shape = ClashShape::Beyond(why);
    shown.spots = spots(&shown.document);
    assert_eq!(shown.document.choosable()[1], Choosable::Nothing);
    let said = act(&mut state, &known, &[Action::ApproveAll]);
    assert!(
        matches!(&said[..], [Intent::Say(_, text)] if text.contains("by hand")),
        "{said:?}"
    );
    let seen = screen(&state, &known, (80, 24));
    assert!(
        seen.contains("rename/rename") && !seen.contains('\u{1b}'),
        "{seen}"
    );
}

#[test]
fn hostile_texts_stay_within_their_cells() {
    let (mut state, known) = scene();
    let shown = state.shown.as_mut().unwrap();
    let long = format!("\u{1b}]0;x\u{7}\u{202e}{}\n", "ä\t".repeat(200_000));
    shown.document.files[0].shape = shape(&long);
    shown.document.files[1].shape = ClashShape::Whole {
        ours: Side::Bytes(10_000_000),
        theirs: Side::Text(long),
        why: Whole::TooLarge,
    };
    shown.spots = spots(&shown.document);
    let said = act(&mut state, &known, &[Action::ClashBoth, Action::ClashEdit]);
    assert!(
        matches!(&said[..], [Intent::Say(_, text)] if text.contains("cannot be written")),
        "{said:?}"
    );
    for actions in [
        [Action::ClashBoth].as_slice(),
        &[Action::SiblingNext],
        &[Action::ClashTheirs],
    ] {
        act(&mut state, &known, actions);
        let seen = screen(&state, &known, (120, 36));
        assert!(
            !seen.contains(['\u{1b}', '\u{7}', '\u{202e}', '\t']),
            "{seen}"
        );
    }
    assert!(screen(&state, &known, (80, 24)).contains("10000000 bytes, not shown"));
}

fn shape(text: &str) -> ClashShape {
    ClashShape::Places(vec![Piece::Split(Split {
        ours: text.to_owned(),
        base: String::new(),
        theirs: "x\n".to_owned(),
    })])
}
