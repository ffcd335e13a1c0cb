//! Clients that look only: of the host's will, or because the display is locked.

use super::people::{company, picture};
use super::*;
use crate::domain::presence::Standing;

/// Every key of a card, and those that begin a text.
const DECIDES: [&str; 9] = ["a", "A", "x", "X", "c", "i", "s", "u", "P"];

fn viewer() -> Bench {
    let mut bench = Bench::new(fixture::running());
    bench.app.known.looks_only = true;
    company(&mut bench, false);
    bench
}

#[test]
fn a_viewer_looks_everywhere_and_decides_nowhere() {
    let mut bench = viewer();
    let before = bench.host.seq;
    let who = "viewer: ask li (@)";
    let mut refused = 0;
    for place in ["w", "g a", "g r", "g b", "W"] {
        bench.press(place);
        bench.look(500);
        assert_eq!(bench.app.decidable(), None, "{place}");
        for key in DECIDES {
            bench.app.notices.clear();
            bench.press(key);
            // Not every key means something everywhere.
            let said = bench.said();
            assert!(
                said == who || said.is_empty(),
                "{key} after {place}: {said}"
            );
            refused += usize::from(said == who);
            assert!(bench.app.overlay.is_none(), "{key} after {place}");
        }
    }
    assert!(refused > 30, "{refused}");
    for line in ["budget +4", "pause all", "stop"] {
        bench.app.notices.clear();
        bench.press(":");
        bench.write(line);
        bench.press("Enter");
        assert!(bench.said().contains("viewer: ask li"), "{line}");
        assert!(bench.app.overlay.is_none(), "{line}");
    }
    assert_eq!(bench.host.seq, before);
    assert!(bench.app.sent.is_empty() && bench.refused.is_empty());
    // What only looks works.
    bench.press("g l h");
    assert!(bench.app.known.is_past());
    bench.press("Esc ?");
    assert!(matches!(bench.app.overlay, Some(Overlay::Help { .. })));
}

#[test]
fn a_viewer_is_named_and_claims_nothing() {
    let mut bench = viewer();
    bench.press("W");
    insta::assert_snapshot!("viewer", picture(&bench));
    bench.press("w");
    let told = bench.app.tick(fixture::NOW, bench.at());
    let claims = told.iter().any(|effect| {
        matches!(effect, Effect::Request(Request::Here(presence)) if presence.gate.is_some())
    });
    assert!(!claims);
    bench.app.known.company.guests[1].standing = Standing::Viewer;
    bench.press("@");
    assert!(picture(&bench).contains("li         viewer   busy"));
}

#[test]
fn a_locked_display_wants_a_word_before_it_decides() {
    let mut bench = Bench::new(fixture::running());
    let run = |bench: &mut Bench, line: &str| {
        bench.press(":");
        bench.write(line);
        bench.press("Enter");
    };
    run(&mut bench, "unlock");
    assert!(bench.said().contains("not locked") && bench.app.decides());
    run(&mut bench, "lock");
    bench.press("w");
    bench.look(500);
    bench.press("A");
    assert!(bench.said().contains("locked: :unlock"), "{}", bench.said());
    assert_eq!(bench.verdict(2), None);
    assert!(picture(&bench).contains(" LOCK  ") && picture(&bench).contains("viewer demo"));
    // Another word, a paste and Esc leave it locked.
    run(&mut bench, "unlock");
    bench.write("yes");
    bench
        .app
        .input(Input::Paste("unlock".to_owned()), bench.at());
    bench.press("Enter");
    assert!(!bench.app.decides());
    bench.press("Esc");
    assert!(bench.app.overlay.is_none() && !bench.app.decides());
    // The same action asks for the word, too.
    run(&mut bench, "lock");
    bench.write("unlock");
    bench.press("Enter");
    assert!(bench.app.decides());
    // The card is seen anew before it decides.
    bench.press("A");
    assert_eq!(bench.verdict(2), None);
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
}

#[test]
fn a_viewer_needs_no_lock() {
    let mut bench = viewer();
    bench.app.act(Action::Lock, bench.at());
    assert!(!bench.app.is_locked && bench.said().contains("as it is"));
}
