//! Diffs: reading a large one, taking and applying its hunks.

use aios::domain::change::{Selected, apply_hunks, parse, select};

use crate::report::{best, ms, row};

/// Lines of the large diff.
const LINES: usize = 100_000;

/// A file, and git's diff of it with a changed line in every ten.
pub(crate) fn large() -> (Vec<u8>, Vec<u8>) {
    let text = |number: usize| {
        format!("    let value_{number} = compute(input, {number}); // line {number}\n")
    };
    let mut old = String::new();
    let zero = "0".repeat(40);
    let one = "1".repeat(40);
    let mut diff = format!(
        "diff --git a/src/large.rs b/src/large.rs\nindex {zero}..{one} 100644\n--- a/src/large.rs\n+++ b/src/large.rs\n"
    );
    // A hunk has three lines before, one out, one in, three behind: eight of the diff's lines and a heading.
    let hunks = LINES / 9;
    for hunk in 0..hunks {
        let first = hunk * 10;
        for line in first..first + 10 {
            old.push_str(&text(line));
        }
        diff.push_str(&format!("@@ -{0},7 +{0},7 @@\n", first + 1));
        for line in first..first + 3 {
            diff.push_str(&format!(" {}", text(line)));
        }
        diff.push_str(&format!("-{}", text(first + 3)));
        diff.push_str(&format!(
            "+{}",
            text(first + 3).replace("compute", "reckon")
        ));
        for line in first + 4..first + 7 {
            diff.push_str(&format!(" {}", text(line)));
        }
    }
    (old.into_bytes(), diff.into_bytes())
}

/// The rows.
pub(crate) fn run() {
    let (old, bytes) = large();
    let size = format!("{LINES} lines, {:.1} MB", bytes.len() as f64 / 1e6);
    let read = best(3, || parse(bytes.clone()).expect("a diff as git writes it"));
    row("diff.parse", ms(read), "ms")
        .aim("<= 100 on screen, of which git takes 70 to 110 itself")
        .note(size)
        .print();
    let change = parse(bytes).expect("a diff as git writes it");
    let file = &change.files[0];
    row("diff.summary", ms(best(3, || change.summary())), "ms").print();
    let half = best(3, || {
        // Digests are as good as coins.
        let selected = select(file, &old, |hunk| hunk.to_string().as_str() < "8");
        assert!(
            matches!(selected, Ok(Selected::Part(_))),
            "half of it is a part"
        );
    });
    row("diff.select_half", ms(half), "ms").print();
    let hunks: Vec<_> = file.hunks.iter().collect();
    let whole = best(3, || {
        apply_hunks(&old, &hunks).expect("the diff is of this file")
    });
    row("diff.apply", ms(whole), "ms").print();
}
