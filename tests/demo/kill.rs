//! Killed at any moment and started again, the demo ends as if nothing had happened: the same files, every task merged once, every call
//! paid once or written off.

use std::process::Child;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::stage::Stage;

/// Kills in all; ten times as many for `AIOS_PROOF=full`.
const KILLS: usize = 30;
/// Kills of one demo.
const KILLS_OF_ONE: usize = 8;
/// About what a demo writes to its journal.
const JOURNAL_BYTES: u64 = 280_000;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    /// A number below `sides`. Source of the constants: Sebastiano Vigna, "splitmix64" (public domain).
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// Lets the demo run until a moment that the dice name; false if it came to its end before.
fn run_until(stage: &Stage, child: &mut Child, dice: &mut Dice) -> bool {
    if dice.below(3) == 0 {
        let moment = Duration::from_millis(dice.below(900));
        let began = Instant::now();
        return stage.until(child, |_| began.elapsed() >= moment);
    }
    let wanted = stage.journal_bytes() + 1 + dice.below(JOURNAL_BYTES / 5);
    stage.until(child, |stage| stage.journal_bytes() >= wanted)
}

/// One demo that is killed again and again; how often.
fn killed_and_resumed(seed: u64, tree: &str) -> usize {
    let (stage, mut dice) = (Stage::new(), Dice(seed));
    let mut kills = 0;
    while kills < KILLS_OF_ONE {
        let mut child = stage.start();
        let was_killed = run_until(&stage, &mut child, &mut dice);
        child.kill().unwrap();
        child.wait().unwrap();
        if !was_killed {
            break;
        }
        kills += 1;
    }
    let output = stage.run();
    let text = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(0),
        "seed {seed}, {kills} kills: {text}{said}\n{}",
        stage.story()
    );
    assert_eq!(
        stage.git(&["rev-parse", "main^{tree}"]),
        tree,
        "seed {seed}, {kills} kills:\n{}",
        stage.story()
    );
    stage.assert_whole();
    let lost: u32 = stage.ended().lost.values().sum();
    // At most the calls in flight: four agents at once.
    assert!(lost as usize <= 4 * kills, "seed {seed}: {lost} lost");
    kills
}

#[test]
fn killed_at_any_moment_it_ends_the_same() {
    let calm = Stage::new();
    assert_eq!(calm.run().status.code(), Some(0));
    let tree = calm.git(&["rev-parse", "main^{tree}"]);
    let is_full = std::env::var("AIOS_PROOF").is_ok_and(|proof| proof == "full");
    let wanted = if is_full { 10 * KILLS } else { KILLS };
    // As many as the machine that the time is promised for has cores.
    let workers = 2;
    let kills: usize = thread::scope(|scope| {
        let tree = &tree;
        let worker = |first: u64| {
            scope.spawn(move || {
                let (mut kills, mut seed) = (0, first);
                while kills < wanted / workers {
                    kills += killed_and_resumed(seed, tree);
                    seed += workers as u64;
                }
                kills
            })
        };
        let working = [worker(0), worker(1)];
        working.map(|one| one.join().unwrap()).iter().sum()
    });
    assert!(kills >= wanted);
}

#[test]
fn told_to_end_it_ends_in_order() {
    let stage = Stage::new();
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut child = stage.start();
        let wanted = stage.journal_bytes() + 60_000;
        assert!(stage.until(&mut child, |stage| stage.journal_bytes() >= wanted));
        let pid = Pid::from_child(&child);
        kill_process(pid, signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(stage.processes(), Vec::<String>::new());
    }
    let output = stage.run();
    assert_eq!(output.status.code(), Some(0));
    stage.assert_whole();
}

#[test]
fn the_second_is_told_of_the_first() {
    let stage = Stage::new();
    let mut first = stage.start();
    assert!(stage.until(&mut first, |stage| stage.journal_bytes() > 1_000));
    let second = stage.run();
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(7), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(&format!("process {}", first.id())), "{said}");
    // The first one is not disturbed.
    let began = Instant::now();
    let status = loop {
        if let Some(status) = first.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < Duration::from_secs(120));
        sleep(Duration::from_millis(5));
    };
    assert_eq!(status.code(), Some(0));
    stage.assert_whole();
}
