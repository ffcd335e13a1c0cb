//! What the program costs in time and room: `cargo bench` prints one JSON object a line on standard output, `{"name", "value", "unit"}`,
//! with `aim` where there is one and `note` where the number needs a word. `cargo bench -- journal diff` runs only groups whose name
//! holds one of the words. `AIOS_BENCH=full` takes the full sizes; without it the whole takes about two minutes.
//!
//! No figure is a pass or a fail: machines differ, so the ratios between rows of one run are what counts.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::format_push_string,
    reason = "a bench that cannot set its scene ends"
)]

mod codecs;
mod core_rows;
mod diff;
mod git;
mod home;
mod journal;
mod log;
mod orchestration;
mod play;
mod process;
mod pty;
mod reach;
mod report;
mod review;
mod stream;
mod workshop;

/// A group of rows, and what makes them.
type Group = (&'static str, fn());

/// Quiet groups first: what comes later heats the machine.
const GROUPS: [Group; 12] = [
    ("process", process::run),
    ("stream", stream::run),
    ("journal", journal::run),
    ("core", core_rows::run),
    ("log", log::run),
    ("reach", reach::run),
    ("orchestration", orchestration::run),
    ("git", git::run),
    ("diff", diff::run),
    ("review", review::run),
    ("home", home::run),
    ("codecs", codecs::run),
];

fn main() {
    if log::is_child() {
        log::child();
        return;
    }
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    for (name, run) in GROUPS {
        if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
            run();
        }
    }
}
