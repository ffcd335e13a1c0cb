//! Lines that break: every reply is cut once, at a place that moves on from call to call, and the sprint completes all the same.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};
use std::thread::{ThreadId, current};

use crate::agents::{Work, doing, write};
use crate::bench::Bench;
use crate::llm::{Behaviour, Wire};

/// Tasks side by side, so that the waits before second tries overlap.
const TASKS: usize = 6;

fn works() -> Vec<Work> {
    (0..TASKS)
        .map(|number| {
            write(
                &format!("task-{number}"),
                &format!("file-{number}.txt"),
                "x\n",
            )
        })
        .collect()
}

/// Cuts the first answer to each request: the place of the cut steps on by `step` bytes from one to the next.
fn cutting(start: usize, step: usize) -> (Behaviour, Arc<Mutex<BTreeSet<usize>>>) {
    let mut behaviour = doing(works());
    let script = behaviour.script.clone();
    // Two requests of the same content are two tries of one call. A connection is served by a thread of its own, which asks the script
    // and then for the cut.
    let seen: Mutex<BTreeSet<String>> = Mutex::default();
    let firsts: Arc<Mutex<HashSet<ThreadId>>> = Arc::default();
    let noted = firsts.clone();
    behaviour.script = Arc::new(move |request| {
        if seen.lock().unwrap().insert(request.to_string()) {
            noted.lock().unwrap().insert(current().id());
        }
        script(request)
    });
    let places: Arc<Mutex<BTreeSet<usize>>> = Arc::default();
    let (next, cut) = (Mutex::new(start), places.clone());
    behaviour.cut = Arc::new(move |_, length| {
        if !firsts.lock().unwrap().remove(&current().id()) {
            return None;
        }
        let mut next = next.lock().unwrap();
        let place = *next % length;
        *next += step;
        cut.lock().unwrap().insert(place);
        Some(place)
    });
    (behaviour, places)
}

fn complete(wire: Wire, start: usize, step: usize) -> BTreeSet<usize> {
    let (behaviour, places) = cutting(start, step);
    let bench = Bench::new(wire, behaviour);
    bench.run(&["--agents", "6"]).ends(0);
    assert_eq!(
        bench
            .git(&["log", "--merges", "--format=%s", "main"])
            .lines()
            .count(),
        TASKS
    );
    let (replied, failed) = (
        bench.of_kind("ModelReplied").len(),
        bench.of_kind("CallFailed").len(),
    );
    assert_eq!(replied + failed, bench.fake.calls());
    places.lock().unwrap().clone()
}

#[test]
fn replies_that_are_cut_anywhere_are_asked_for_again() {
    if std::env::var("AIOS_PROOF").as_deref() != Ok("full") {
        // A sample: the beginning, and steps that meet all parts of the streams.
        std::thread::scope(|scope| {
            scope.spawn(|| complete(Wire::Anthropic, 0, 61));
            scope.spawn(|| complete(Wire::OpenAi, 1, 53));
        });
        return;
    }
    for wire in [Wire::Anthropic, Wire::OpenAi] {
        let mut covered = BTreeSet::new();
        for start in (0..1_400).step_by(20) {
            covered.extend(complete(wire, start, 1));
        }
        assert!(
            (0..600).all(|place| covered.contains(&place)),
            "{covered:?}"
        );
    }
}
