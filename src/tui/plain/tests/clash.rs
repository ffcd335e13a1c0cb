//! A conflict by names.

use super::*;

#[test]
fn a_conflict_is_read_chosen_tested_and_solved_by_names() {
    let mut bench = Bench::new(&fixture::clashing());
    let said = |bench: &mut Bench| std::mem::take(&mut bench.said).join("\n");
    let opened = said(&mut bench);
    assert!(
        opened.contains("CONFLICT") && opened.contains("place by place: read, ours"),
        "{opened}"
    );
    bench.types("read");
    insta::assert_snapshot!("conflict", said(&mut bench));
    bench.types("run tests");
    assert!(said(&mut bench).contains("3 of 3 have no result yet"));
    bench.types("conflict.proposal");
    let chosen = said(&mut bench);
    assert!(
        chosen.contains("chosen: as proposed. 1 of 3 chosen, not tested.")
            && chosen.contains("fn line_total(&self, guest: &Guest) -> Money {"),
        "{chosen}"
    );
    bench.types("undo");
    assert!(said(&mut bench).contains("0 of 3 chosen"));
    for line in ["ours", "next conflict", "both", "next conflict", "theirs"] {
        bench.types(line);
    }
    assert!(said(&mut bench).contains("conflict 3 of 3, src/legacy.rs line 1."));
    bench.types("run tests");
    let wanted: Vec<String> = bench.host.open.keys().map(ToString::to_string).collect();
    assert!(wanted.contains(&"s1.t3/trial:1".to_owned()), "{wanted:?}");
    bench.types("run tests");
    assert!(said(&mut bench).contains("this very result: testing"));
    let gate = bench.host.gate(fixture::gate(3)).unwrap();
    assert_eq!(gate.state, GateState::Open, "a test decides nothing");
    bench.types("approve all");
    let gate = bench.host.gate(fixture::gate(3)).unwrap();
    assert!(
        matches!(
            &gate.state,
            GateState::Closed {
                verdict: Verdict::Resolve(_),
                ..
            }
        ),
        "{gate:?}"
    );
    // The names mean what they did before once no conflict is asked.
    said(&mut bench);
    bench.types("ours");
    assert!(said(&mut bench).contains("needs the full screen"));
}

#[test]
fn who_looks_only_has_nothing_tested() {
    let mut bench = Bench::new(&fixture::clashing());
    bench.plain.known.looks_only = true;
    for line in [
        "read",
        "ours",
        "next conflict",
        "ours",
        "next conflict",
        "ours",
        "run tests",
    ] {
        bench.types(line);
    }
    assert!(
        bench
            .said
            .last()
            .is_some_and(|line| line.contains("viewer: ask")),
        "{:?}",
        bench.said
    );
    let mut wanted = bench.host.open.keys().map(ToString::to_string);
    assert!(!wanted.any(|key| key.contains("trial")));
}
