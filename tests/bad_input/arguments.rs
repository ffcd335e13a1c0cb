//! Words on the command line.

use crate::bench::{Bench, GOAL, RUN};
use crate::row::Row;

/// A call of the program with these words.
fn words(
    what: &'static str,
    arguments: &'static [&'static str],
    exit: i32,
    id: &'static str,
    says: &[&'static str],
) -> Row {
    Row::refused(what, exit, id, says, move |bench: &Bench| {
        bench.command(arguments)
    })
}

pub(crate) fn rows() -> Vec<Row> {
    of_a_run().into_iter().chain(of_other_verbs()).collect()
}

fn of_a_run() -> Vec<Row> {
    vec![
        words(
            "an unknown flag",
            &["--sideways"],
            2,
            "E-USE-01",
            &["--sideways"],
        ),
        words(
            "an unknown verb",
            &["statsu"],
            2,
            "E-USE-01",
            &["statsu", "perhaps status"],
        ),
        words(
            "an amount that is none",
            &["run", GOAL, "--yes", "--budget=much"],
            2,
            "E-USE-01",
            &["much", "--budget"],
        ),
        words(
            "a goal without words",
            &["run", " "],
            2,
            "E-USE-01",
            &["the goal is empty"],
        ),
        words(
            "a goal from a file that is not there",
            &["run", "--from", "nowhere.txt"],
            2,
            "E-USE-01",
            &["nowhere.txt"],
        ),
        words(
            "yes to everything without an amount",
            &["run", GOAL, "--yes", "--trust", "--accept-weaker-sandbox"],
            2,
            "E-USE-05",
            &["--budget 5"],
        ),
    ]
}

fn of_other_verbs() -> Vec<Row> {
    vec![
        words(
            "a kind of risk that cannot be allowed",
            &["run", GOAL, "--allow", "push"],
            2,
            "E-USE-04",
            &["--allow"],
        ),
        words(
            "an item that is not there",
            &["approve", "s9.g9"],
            2,
            "E-USE-03",
            &["s9.g9"],
        )
        .on(planned),
        words(
            "a decision where no session has run",
            &["approve", "g1"],
            2,
            "E-USE-03",
            &["no session"],
        ),
        words(
            "a code that is none",
            &["explain", "E-NONE-99"],
            2,
            "E-USE-02",
            &["E-NONE-99"],
        ),
        words(
            "a folder that is not there",
            &["-C", "nowhere", "run", GOAL],
            3,
            "E-REPO-01",
            &["nowhere", "-C DIR"],
        ),
        words(
            "a journal where no session has run",
            &["journal", "export"],
            2,
            "E-USE-03",
            &["no journal yet"],
        ),
        words(
            "another goal while a plan waits",
            &["plan", "Another goal"],
            4,
            "E-GATE-03",
            &["s1 is unfinished"],
        )
        .on(planned),
    ]
}

/// A plan waits for approval.
pub(crate) fn planned(bench: &Bench) {
    bench.aios(&["plan", GOAL, "--trust"]).ends(0);
}

/// A change waits for review.
pub(crate) fn reviewed(bench: &Bench) {
    bench
        .aios(&[&RUN[..], &["--until", "review"]].concat())
        .ends(0);
}
