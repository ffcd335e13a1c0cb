//! Parts, folds and scrolling of a stream.

use super::*;
use crate::tui::fixture;
use crate::tui::link::News;
use crate::tui::panes::agents;
use crate::tui::panes::bench::{known, rows};

fn shown(known: &Known, state: &mut State, agents: &agents::State) -> Vec<String> {
    pin(std::slice::from_mut(state), (&known.world, agents), None);
    state.settle(known, (46, 6));
    rows(50, 8, |canvas, area| {
        view((state, 0), known, canvas, area, (true, 0));
    })
}

#[test]
fn words_and_calls_of_the_agent_under_the_cursor() {
    let mut known = known(fixture::running());
    let (mut state, mut agents) = (State::default(), agents::State::default());
    agents.show(Work::Task(fixture::task(3)), &known.world);
    known.take(News::Streaming {
        attempt: fixture::attempt(3),
        text: "and then".to_owned(),
    });
    let seen = shown(&known, &mut state, &agents);
    insta::assert_snapshot!(seen.join("\n"));
}

#[test]
fn whoever_scrolled_back_is_left_alone() {
    let mut known = known(fixture::running());
    let (mut state, mut agents) = (State::default(), agents::State::default());
    agents.show(Work::Task(fixture::task(3)), &known.world);
    let text = |lines: usize| News::Streaming {
        attempt: fixture::attempt(3),
        text: "x\n".repeat(lines),
    };
    known.take(text(10));
    shown(&known, &mut state, &agents);
    state.act(Action::PageUp, 6);
    let before = shown(&known, &mut state, &agents);
    known.take(text(20));
    assert_eq!(shown(&known, &mut state, &agents)[1..], before[1..]);
    state.act(Action::Follow, 6);
    assert_eq!(state.view.from_end, 0);
}

/// The stream of the one agent of a story, in a window of `height` rows.
fn only_stream(height: u16) -> impl FnMut(&mut State, &Known) -> Vec<String> {
    move |state, known| {
        let agents = agents::State::default();
        pin(std::slice::from_mut(state), (&known.world, &agents), None);
        state.settle(known, (56, height));
        rows(60, height + 2, |canvas, area| {
            view((state, 0), known, canvas, area, (true, 0));
        })
    }
}

#[test]
fn failures_show_their_first_lines_and_calls_unfold() {
    let known = known(fixture::failing());
    let (mut state, mut shown) = (State::default(), only_stream(14));
    insta::assert_snapshot!("folded", shown(&mut state, &known).join("\n"));
    assert!(state.act(Action::Open, 14), "the last call in view");
    assert!(state.act(Action::PartPrevious, 14));
    insta::assert_snapshot!("unfolded", shown(&mut state, &known).join("\n"));
    state.act(Action::Open, 14);
    let all = shown(&mut state, &known).join("\n");
    assert!(
        all.contains("▶  ├ read_file") && all.contains("line two of it"),
        "{all}"
    );
    state.act(Action::Open, 14);
    let all = shown(&mut state, &known).join("\n");
    assert!(!all.contains("line two of it"), "{all}");
}

#[test]
fn the_call_under_the_cursor_stands_beside_with_all_that_it_gave() {
    let known = known(fixture::failing());
    let (mut state, mut stream) = (State::default(), only_stream(14));
    let beside = |state: &State, height: u16| {
        rows(60, height, |canvas, area| {
            call(state, &known, canvas, area);
        })
    };
    stream(&mut state, &known);
    let last = beside(&state, 12).join("\n");
    for _ in 0..9 {
        state.act(Action::PartPrevious, 14);
        stream(&mut state, &known);
        let seen = beside(&state, 12).join("\n");
        if seen.contains("read_file") {
            assert!(
                seen.contains("line two of it"),
                "not unfolded, and whole: {seen}"
            );
            assert!(!last.contains("read_file"), "{last}");
            let cut = beside(&state, 6).join("\n");
            assert!(cut.contains("more lines"), "{cut}");
            return;
        }
    }
    panic!("no call was found: {last}");
}

#[test]
fn a_roomy_stream_has_a_row_before_each_message() {
    let known = known(fixture::failing());
    let (mut state, mut shown) = (State::default(), only_stream(20));
    let rows = |seen: Vec<String>| {
        let is_blank = |row: &&String| row.trim_matches(['┃', ' ']).is_empty();
        seen.iter().filter(|row| !is_blank(row)).count()
    };
    let usual = shown(&mut state, &known);
    state.is_roomy = true;
    let roomy = shown(&mut state, &known);
    assert!(
        roomy[2].trim_matches(['┃', ' ']).is_empty() && roomy[3].contains("Marcus"),
        "{roomy:#?}"
    );
    assert_eq!(rows(roomy), rows(usual), "nothing else differs");
}

#[test]
fn only_calls_then_only_words_then_all() {
    let known = known(fixture::failing());
    let (mut state, mut shown) = (State::default(), only_stream(20));
    let all = shown(&mut state, &known);
    for (title, has_words, has_calls) in [("only calls", false, true), ("only words", true, false)]
    {
        assert!(state.act(Action::Only, 20));
        let text = shown(&mut state, &known).join("\n");
        assert!(text.contains(title), "{text}");
        assert_eq!(text.contains("I look at it first."), has_words, "{text}");
        assert_eq!(text.contains("read_file"), has_calls, "{text}");
    }
    state.act(Action::Only, 20);
    assert_eq!(shown(&mut state, &known), all);
}

#[test]
fn the_cursor_goes_from_part_to_part_and_stays_in_view() {
    let mut known = known(fixture::failing());
    known.take(News::Streaming {
        attempt: fixture::attempt(1),
        text: "and so on\n\n".repeat(20),
    });
    let (mut state, mut shown) = (State::default(), only_stream(6));
    shown(&mut state, &known);
    for _ in 0..9 {
        state.act(Action::PartPrevious, 6);
        let marked = shown(&mut state, &known)
            .iter()
            .filter(|row| row.contains('▶'))
            .count();
        assert!(marked == 1 || state.cursor.is_none());
    }
    assert_eq!(state.cursor, Some(Part::Said(0)));
    state.act(Action::Follow, 6);
    assert_eq!((state.cursor, state.view.from_end), (None, 0));
}

#[test]
fn what_came_below_is_counted() {
    let mut known = known(fixture::failing());
    let (mut state, mut shown) = (State::default(), only_stream(6));
    let text = |lines: usize| News::Streaming {
        attempt: fixture::attempt(1),
        text: "x\n".repeat(lines),
    };
    known.take(text(10));
    shown(&mut state, &known);
    state.act(Action::Up, 6);
    assert!(shown(&mut state, &known)[0].contains("▼ 1 below"));
    known.take(text(24));
    assert!(shown(&mut state, &known)[0].contains("▼ 14 new"));
    state.act(Action::Follow, 6);
    assert!(!shown(&mut state, &known)[0].contains('▼'));
}
