//! The bar, the event and the panes beside it.

use super::super::bench::{known, rows};
use super::*;
use crate::tui::fixture;
use crate::tui::link::News;

fn painted(known: &Known, width: u16) -> Vec<String> {
    let mut state = log::State::default();
    state.settle(known, 9, true);
    let mut seen = rows(width, 6, |canvas, area| {
        time(&state, known, canvas, area, (true, "r replay"));
    });
    seen.extend(rows(width / 2, 12, |canvas, area| {
        event(&state, known, canvas, area, false);
    }));
    seen.extend(rows(width / 2, 14, |canvas, area| {
        board(known, canvas, area, false);
    }));
    seen.extend(rows(width / 2, 7, |canvas, area| {
        agents(known, canvas, area, false);
    }));
    seen
}

#[test]
fn now_and_then() {
    let mut known = known(fixture::running());
    insta::assert_snapshot!(painted(&known, 80).join("\n"));
    assert!(known.travel(16));
    insta::assert_snapshot!(painted(&known, 120).join("\n"));
}

#[test]
fn the_bar_fits_any_width_and_the_worst_of_a_cell_wins() {
    let known = known(fixture::over_budget());
    let newest = known.world.seq;
    for cells in 1..=200 {
        let bar = Bar::of(&known, newest, cells).unwrap();
        assert_eq!((bar.counts.len(), bar.marks.len()), (cells, cells));
        assert_eq!(
            bar.counts.iter().sum::<u64>(),
            newest,
            "every event is counted"
        );
        assert_eq!(bar.here, cells - 1);
        if cells >= 48 {
            assert_eq!(crate::base::text::width(&bar.labels), cells);
        }
    }
    assert_eq!(Bar::of(&known, newest, 0), None);
    let one = Bar::of(&known, newest, 1).unwrap();
    assert_eq!(
        one.marks,
        [Some(Mark::Gate)],
        "worse than plan, question and budget"
    );
    assert_eq!(Bar::of(&Known::default(), 0, 40), None);
}

#[test]
fn a_changed_event_breaks_the_chain_at_its_place() {
    let story = fixture::running();
    let mut known = Known::default();
    for (number, mut line) in story.lines.into_iter().enumerate() {
        if number == 9 {
            line.prev = Digest::of(b"another line");
        }
        known.take(News::Event(Box::new(line)));
    }
    let said = [1, 9, 10, 11].map(|seq| known.past.chain(seq));
    assert_eq!(
        said,
        [Chain::Begins, Chain::Whole, Chain::Broken, Chain::Broken],
        "it names another hash, and so its own is another"
    );
}

#[test]
fn kinds_are_written_for_people() {
    let shown = ["GateOpened", "TranscriptTrimmed", "SprintOpening", "Merged"].map(dotted);
    assert_eq!(
        shown,
        [
            "gate.opened",
            "transcript.trimmed",
            "sprint.opening",
            "merged"
        ]
    );
}
