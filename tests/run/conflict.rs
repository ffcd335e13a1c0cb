//! Tasks that clash again and again, until a person solves it with a few keys in the interface.

use portable_pty::CommandBuilder;
use rustix::process::{Pid, Signal, kill_process};

use crate::agents::{Work, doing, write};
use crate::bench::{Bench, KEY, RUN};
use crate::llm::Wire;
use crate::pty::{Pty, command};

/// Looks at the journal until it is so.
const LOOKS: usize = 300;

fn interface(bench: &Bench) -> CommandBuilder {
    let home = bench.home();
    let mut aios = command(env!("CARGO_BIN_EXE_aios"), &home);
    for (name, folder) in [
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_STATE_HOME", ".state"),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_CONFIG_DIRS", "etc"),
    ] {
        aios.env(name, home.join(folder));
    }
    aios.env("FAKE_KEY", KEY);
    aios.cwd(&bench.repo);
    aios
}

/// Ends the host, which outlives the interface.
struct Hosted(Bench);

impl Drop for Hosted {
    fn drop(&mut self) {
        let started = self.0.of_kind("HostStarted");
        let pid = started.last().and_then(|host| host["pid"].as_i64());
        if let Some(pid) = pid.and_then(|pid| Pid::from_raw(pid as i32)) {
            // One that has ended by itself needs no word.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Whether the sprint's branch was brought into a task's after a person had chosen how.
fn is_brought(bench: &Bench) -> bool {
    let events = bench.events();
    let mut after = events
        .iter()
        .skip_while(|event| event.get("ConflictResolved").is_none());
    after.any(|event| {
        let committed = event.get("Committed");
        committed.is_some_and(|committed| !committed["merged"].is_null())
    })
}

#[test]
fn a_conflict_is_solved_with_a_few_keys() {
    let works: Vec<Work> = (0..6)
        .map(|number| {
            let text = format!("{number}\n");
            write(&format!("task-{number}"), "same.txt", &text)
        })
        .collect();
    let bench = Hosted(Bench::new(Wire::OpenAi, doing(works)));
    let bench = &bench.0;
    // What one task wrote is good, and no two of them together.
    let check = "#!/bin/sh\n! test -f same.txt || test $(wc -l < same.txt) -le 1\n";
    bench.put("checks.sh", check, 0o755);
    bench.commit("checks");
    bench
        .aios(&[&RUN[..], &["--agents", "6"]].concat())
        .says("E-MERGE-01", "same.txt")
        .ends(8);
    let mut pty = Pty::spawn(interface(bench), 80, 24);
    pty.wait_for_text("waiting on you");
    pty.send("w");
    let text = pty.wait_for_text("nothing chosen");
    assert!(
        text.contains("conflict 1 of 1  same.txt:1") && text.contains("(merged) × t"),
        "{text}"
    );
    // Both files are new, so that nothing is proposed; both together are not good, and one is.
    assert!(text.contains("no proposal"), "{text}");
    pty.send("b");
    pty.wait_for_text("both, ours first · not tested");
    pty.send("T");
    pty.wait_for_text("red: ./checks.sh");
    assert_eq!(bench.of_kind("TrialEnded").len(), 1);
    pty.send("o");
    pty.wait_for_text("ours · not tested");
    pty.send("T");
    pty.wait_for_text("tested: checks passed");
    assert_eq!(bench.of_kind("ConflictResolved").len(), 0);
    pty.wait_for_text("A ready");
    pty.send("A");
    pty.wait_for_text("solved t");
    assert!(
        (0..LOOKS).any(|_| is_brought(bench)),
        "what was chosen is not committed: {}",
        pty.text()
    );
}
