//! A person's own work in the checkout is never touched; once it is out of the way, the sprint lands.

use std::fs;

use crate::stage::{Stage, bytes_below};

#[test]
fn a_dirty_checkout_stays_byte_equal_and_lands_later() {
    let stage = Stage::new();
    let mut early = stage.start();
    // Killed once the plan is on its way: nothing has landed yet.
    assert!(stage.until(&mut early, |stage| stage.journal_bytes() > 40_000));
    early.kill().unwrap();
    early.wait().unwrap();
    let project = stage.project();
    let main = stage.git(&["rev-parse", "main"]);
    // Tracked, untracked, and in the index; names that the sprint changes, too, and a file that it makes.
    fs::write(project.join("README.md"), "my own words\n").unwrap();
    fs::write(project.join("notes.txt"), "mine\n").unwrap();
    fs::write(project.join("staged.txt"), "staged\n").unwrap();
    stage.git(&["add", "staged.txt"]);
    let before = bytes_below(&project);
    let blocked = stage.run();
    let text = String::from_utf8(blocked.stdout).unwrap();
    assert_eq!(blocked.status.code(), Some(4), "{text}");
    let last = text
        .lines()
        .find(|line| line.contains("waits for a person"));
    let last = last.unwrap_or_else(|| panic!("nothing waits in\n{text}"));
    for part in ["MERGE", "README.md", "commit or stash", "aios/s1"] {
        assert!(last.contains(part), "{part} is missing: {last}");
    }
    assert_eq!(bytes_below(&project), before);
    assert_eq!(stage.git(&["rev-parse", "main"]), main);
    // Asked again in vain, it says the same and touches nothing.
    let again = stage.run();
    assert_eq!(again.status.code(), Some(4));
    assert_eq!(bytes_below(&project), before);
    assert_eq!(stage.git(&["rev-parse", "main"]), main);
    // Out of the way: the next run lands, and the person's work comes back.
    stage.git(&["stash", "--include-untracked"]);
    let landed = stage.run();
    let text = String::from_utf8(landed.stdout).unwrap();
    assert_eq!(landed.status.code(), Some(0), "{text}");
    assert!(text.contains("after: sh checks.sh is green"), "{text}");
    stage.assert_whole();
    assert_eq!(stage.git(&["status", "--porcelain"]), "");
}

#[test]
fn own_commits_beside_the_sprint_are_merged_with() {
    let stage = Stage::new();
    let mut early = stage.start();
    assert!(stage.until(&mut early, |stage| stage.journal_bytes() > 40_000));
    early.kill().unwrap();
    early.wait().unwrap();
    fs::write(stage.project().join("notes.txt"), "mine\n").unwrap();
    stage.git(&["add", "notes.txt"]);
    stage.git(&["commit", "-q", "-m", "Notes"]);
    let landed = stage.run();
    let text = String::from_utf8(landed.stdout).unwrap();
    assert_eq!(landed.status.code(), Some(0), "{text}");
    assert_eq!(stage.git(&["show", "main:notes.txt"]), "mine");
    assert_eq!(stage.git(&["status", "--porcelain"]), "");
    assert_eq!(
        stage.git(&[
            "log",
            "-1",
            "--format=%(trailers:key=AIOS-Sprint,valueonly,separator=)",
            "main"
        ]),
        "s1"
    );
}
