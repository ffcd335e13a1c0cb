//! A terminal that takes two kilobytes a second, while agents write: a key is answered after a few bytes, nothing queues up, and the
//! client does not grow.

use std::time::{Duration, Instant};

use crate::pty::Pty;
use crate::scene::Scene;

/// Bytes a second.
const RATE: u32 = 2_000;

/// Bytes that may come before the echo of a key once the line is known: what is under way, and the frame with the key.
const BUDGET: usize = 3_000;

/// So long is waited for more of the streams before the next key.
const SOON: Duration = Duration::from_millis(700);

/// The line is known after so many keys.
const KNOWN: usize = 5;

/// Kilobytes that the client may grow by while the sprint goes on.
const GROWTH: u64 = 16_000;

/// What the client holds in memory, in kilobytes.
fn memory(pty: &Pty) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pty.process())).unwrap();
    let mut lines = status.lines();
    let line = lines.find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_key_is_answered_on_a_slow_line_while_agents_write() {
    let scene = Scene::set("1");
    let mut pty = scene.attach_far(RATE);
    pty.send("3");
    pty.wait_for_text("[3 Agents]");
    pty.send("i");
    pty.wait_until("a text field", |screen| screen.contains("INSERT"));
    scene.drive();
    let (mut typed, mut costs, mut before) = (String::new(), Vec::new(), 0);
    for (number, letter) in "abcdefghijklmnopqrst".chars().enumerate() {
        // More is said between two keys, where somebody speaks: agents also wait for checks and for one another.
        let (said, until) = (pty.bytes_written(), Instant::now() + SOON);
        while pty.bytes_written() <= said + 100 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        if number == KNOWN {
            before = memory(&pty);
        }
        typed.push(letter);
        let sent = pty.bytes_written();
        pty.send(letter.to_string());
        pty.wait_for_text(&typed);
        costs.push(pty.bytes_written() - sent);
    }
    let after = memory(&pty);
    println!("bytes before each echo: {costs:?}; {before} kB, then {after} kB");
    assert!(
        costs[KNOWN..].iter().all(|cost| *cost <= BUDGET),
        "{costs:?}"
    );
    assert!(after <= before + GROWTH, "{before} kB, then {after} kB");
    pty.send("\x03\x03\x03");
    pty.wait_exit();
    scene.strike();
}
