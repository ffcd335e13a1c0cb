//! What is left between two runs and may be damaged, and runs that are broken off.

use std::fs;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, Signal, kill_process};

use crate::agents::{doing, write};
use crate::bench::{Bench, RUN, Ran};
use crate::llm::{Behaviour, Wire};

fn one() -> Behaviour {
    doing(vec![write("one", "one.txt", "1\n")])
}

/// Lines of a run without their times and without the names of commits, which hold the time.
fn story(ran: &Ran) -> Vec<String> {
    let is_commit =
        |word: &&str| word.len() == 10 && word.chars().all(|one| one.is_ascii_hexdigit());
    let lines = ran.out.lines().map(|line| {
        let words = line
            .split_whitespace()
            .filter(|word| !is_commit(word) && !word.contains(':'));
        words.collect::<Vec<_>>().join(" ")
    });
    let mut lines: Vec<String> = lines.collect();
    lines.sort();
    lines
}

#[test]
fn derived_state_may_go_away_or_break() {
    let mut stories = Vec::new();
    for damage in ["none", "deleted", "broken", "a file"] {
        let bench = Bench::new(Wire::Anthropic, one());
        bench.aios(&["plan", crate::bench::GOAL, "--trust"]).ends(0);
        let derived = bench.state().join("state.sled");
        assert!(derived.exists());
        match damage {
            "deleted" => fs::remove_dir_all(&derived).unwrap(),
            "a file" => {
                fs::remove_dir_all(&derived).unwrap();
                fs::write(&derived, "not a folder").unwrap();
            }
            "broken" => {
                for file in fs::read_dir(&derived).unwrap() {
                    let path = file.unwrap().path();
                    if path.is_file() {
                        fs::write(path, [0xa5; 4096]).unwrap();
                    }
                }
            }
            _ => {}
        }
        let ran = bench.run(&[]).ends(0);
        assert_eq!(bench.git(&["show", "main:one.txt"]), "1");
        assert_eq!(bench.fake.calls(), bench.of_kind("ModelReplied").len());
        stories.push(story(&ran));
    }
    let first = stories.first().cloned().unwrap_or_default();
    assert!(stories.iter().all(|story| *story == first), "{stories:#?}");
}

#[test]
fn a_torn_tail_is_cut_off_and_said() {
    let bench = Bench::new(Wire::Anthropic, one());
    bench.aios(&["plan", crate::bench::GOAL, "--trust"]).ends(0);
    let segment = bench.segment();
    let mut bytes = fs::read(&segment).unwrap();
    // The beginning of a record that a crash kept from its end.
    let half = bytes.get(..40).unwrap().to_vec();
    bytes.extend(half);
    fs::write(&segment, bytes).unwrap();
    let ran = bench.run(&[]).ends(0);
    assert!(
        ran.err.contains("torn: 40 bytes were cut off"),
        "{}",
        ran.err
    );
    bench.aios(&["journal", "verify"]).ends(0);
}

#[test]
fn a_broken_journal_is_read_only_and_named() {
    let bench = Bench::new(Wire::Anthropic, one());
    bench.aios(&["plan", crate::bench::GOAL, "--trust"]).ends(0);
    let all = bench
        .aios(&["journal", "export"])
        .ends(0)
        .out
        .lines()
        .count();
    let segment = bench.segment();
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, &bytes).unwrap();
    let calls = bench.fake.calls();
    bench.run(&[]).ends(12).says("E-LOG-02", "record ");
    assert_eq!(fs::read(&segment).unwrap(), bytes);
    assert_eq!(bench.fake.calls(), calls);
    bench
        .aios(&["journal", "verify"])
        .ends(11)
        .says("E-LOG-01", "is damaged");
    let good = bench.aios(&["journal", "export"]).ends(11);
    let lines = good.out.lines().count();
    assert!(lines > 0 && lines < all, "{lines} of {all}");
}

/// A provider that holds its answers back from call `from` on, until it is released.
fn holding(from: usize) -> (Behaviour, Arc<AtomicBool>) {
    let released = Arc::new(AtomicBool::new(false));
    let (gate, mut behaviour) = (released.clone(), one());
    behaviour.cut = Arc::new(move |number, _| {
        while number >= from && !gate.load(Ordering::SeqCst) {
            std::thread::park_timeout(std::time::Duration::from_millis(5));
        }
        None
    });
    (behaviour, released)
}

fn end(child: Child) -> Ran {
    Ran::of(&child.wait_with_output().unwrap())
}

/// Waits until so many calls have come in.
fn until_calls(bench: &Bench, count: usize) {
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while bench.fake.calls() < count {
        assert!(
            std::time::Instant::now() < patience,
            "call {count} does not come"
        );
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_signal_stops_and_the_same_command_goes_on() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let (behaviour, released) = holding(2);
        let bench = Bench::new(Wire::OpenAi, behaviour);
        let child = bench.spawn(&RUN);
        until_calls(&bench, 3);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let ran = end(child).ends(code);
        assert!(ran.err.contains("nothing is lost"), "{}", ran.err);
        released.store(true, Ordering::SeqCst);
        let ran = bench.run(&[]).ends(0);
        assert!(
            ran.err.contains("s1 was begun before and goes on"),
            "{}",
            ran.err
        );
        assert_eq!(bench.git(&["show", "main:one.txt"]), "1");
        let (replied, lost) = (
            bench.of_kind("ModelReplied").len(),
            bench.of_kind("CallLost").len(),
        );
        assert_eq!((replied + lost, lost), (bench.fake.calls(), 1));
    }
}

#[test]
fn the_time_may_be_over_and_one_host_is_enough() {
    let (behaviour, released) = holding(0);
    let bench = Bench::new(Wire::OpenAi, behaviour);
    let child = bench.spawn(&[&RUN[..], &["--timeout", "3s"]].concat());
    until_calls(&bench, 1);
    bench
        .run(&[])
        .ends(7)
        .says("E-HOST-04", "another aios has the journal open");
    end(child)
        .ends(124)
        .says("E-RUN-02", "the same command goes on");
    released.store(true, Ordering::SeqCst);
    bench.run(&[]).ends(0);
}

#[test]
fn a_host_that_runs_already_does_the_work() {
    let program = std::path::Path::new("/usr/bin/bwrap").exists();
    if !crate::needs::has(
        "bwrap",
        program,
        "a run in a host that asks for every bare command",
    ) {
        return;
    }
    let bench = Bench::new(Wire::OpenAi, one());
    bench.put(".gitignore", "made\n", 0o644);
    bench.put("checks.sh", "#!/bin/sh\ntest -f made\n", 0o755);
    bench.put(
        ".aios/config.toml",
        "[worktree]\nsetup = \"touch made\"\n",
        0o644,
    );
    bench.commit("a check that wants the set-up");
    // It starts untrusted; the trust that comes later counts for all that the project says.
    bench.aios(&["serve"]).ends(0);
    let refused = ["run", crate::bench::GOAL, "--yes", "--budget=5"];
    bench.aios(&refused).ends(4).says("E-TRUST-01", "checks.sh");
    let ran = bench.run(&[]).ends(0);
    assert!(
        ran.err.contains("is the host here and does the work"),
        "{}",
        ran.err
    );
    assert_eq!(bench.git(&["show", "main:one.txt"]), "1");
    bench
        .run(&["--tier", "premium"])
        .ends(7)
        .says("E-HOST-04", "--tier");
    let pid = ran
        .err
        .split_whitespace()
        .skip_while(|word| *word != "process")
        .nth(1);
    let pid = pid
        .and_then(|pid| pid.parse().ok())
        .and_then(Pid::from_raw)
        .unwrap();
    kill_process(pid, Signal::TERM).unwrap();
}
