//! The program from outside: how fast it starts and paints, what it holds and does while nothing happens, how soon a key is answered.
//! Everything is measured on the binary of this profile, in a terminal of 40 rows and 120 columns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;

use crate::pty::Terminal;
use crate::report::{ms, percentile, row, time};

const PROGRAM: &str = env!("CARGO_BIN_EXE_aios");
/// How long a program is watched while nothing happens.
const IDLE: Duration = Duration::from_secs(10);
/// Keys that are timed.
const KEYS: usize = 120;

/// The rows.
pub(crate) fn run() {
    let size = std::fs::metadata(PROGRAM).map_or(0, |file| file.len());
    row("binary.size", size as f64 / 1e6, "MB")
        .aim("<= 25")
        .print();
    starts();
    interface();
}

/// A process that only says its version, beside one that does nothing at all.
fn starts() {
    let run = |program: &str, arguments: &[&str]| {
        let mut samples: Vec<f64> = (0..40)
            .map(|_| {
                let mut command = Command::new(program);
                command.args(arguments).stdout(Stdio::null());
                ms(time(|| command.status().unwrap()).0)
            })
            .collect();
        percentile(&mut samples, 50)
    };
    let floor = run("true", &[]);
    row("start.version", run(PROGRAM, &["version"]), "ms")
        .note(format!(
            "p50 of 40, process and all; `true` takes {floor:.2}"
        ))
        .print();
}

/// The interface of `aios demo`, whose plan waits for a person: nothing moves by itself then.
fn interface() {
    let mut paints = Vec::new();
    for _ in 0..5 {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = Terminal::start(command(home.path()));
        let Some(at) = terminal.wait(Duration::from_secs(3), is_painted) else {
            row("tui.first_paint", f64::NAN, "ms")
                .note("`aios demo` shows no interface in this binary")
                .print();
            return;
        };
        paints.push(ms(at));
    }
    row("tui.first_paint", percentile(&mut paints, 50), "ms")
        .aim("<= 30")
        .note("p50 of 5, from the start of the process to a frame with text")
        .print();
    let home = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(command(home.path()));
    let waits = |screen: &vt100::Screen| screen.contents().contains("PLAN");
    terminal.wait(Duration::from_secs(20), waits);
    // An age below a minute is shown in seconds and moves.
    let is_quiet = terminal.settle(Duration::from_millis(3_500), Duration::from_secs(90));
    idle(&mut terminal, home.path(), is_quiet);
    keys(&mut terminal);
}

fn command(home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["demo", "--speed", "0"]);
    command.env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", home);
    command.env("TMPDIR", home);
    command.env("LANG", "C.UTF-8");
    command.env("TERM", "xterm-256color");
    command.cwd(home);
    command
}

/// A full screen with words on it.
fn is_painted(screen: &vt100::Screen) -> bool {
    let letters = || {
        screen
            .contents()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .count()
    };
    screen.alternate_screen() && letters() >= 20
}

/// What a thread did so far: milliseconds of processor time, and how often it was woken.
type Done = (f64, f64);

/// What client and host hold, and what each of their threads did so far. Threads come and go; only those that are there at both ends
/// of a time can be compared.
#[derive(Default)]
struct Spent {
    threads: BTreeMap<PathBuf, Done>,
    pss_mb: f64,
    processes: usize,
}

impl Spent {
    /// What was done since `before`.
    fn since(&self, before: &Self) -> Done {
        let mut sum = (0.0, 0.0);
        for (thread, now) in &self.threads {
            let then = before.threads.get(thread).copied().unwrap_or_default();
            sum.0 += now.0 - then.0;
            sum.1 += now.1 - then.1;
        }
        sum
    }
}

/// Client and host, by the home that they were given.
fn spent(home: &Path) -> Spent {
    let mut sum = Spent::default();
    for process in family(home) {
        let number = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name));
            let word = line.and_then(|line| line.split_whitespace().nth(1));
            word.and_then(|word| word.parse::<f64>().ok())
                .unwrap_or(0.0)
        };
        sum.pss_mb += pss_mb(&process);
        sum.processes += 1;
        let threads = std::fs::read_dir(process.join("task"))
            .into_iter()
            .flatten();
        for thread in threads.flatten() {
            let read =
                |file: &str| std::fs::read_to_string(thread.path().join(file)).unwrap_or_default();
            let wakes = number(&read("status"), "voluntary_ctxt_switches:");
            let nanoseconds = read("schedstat");
            let first = nanoseconds.split_whitespace().next();
            let run = first
                .and_then(|word| word.parse::<f64>().ok())
                .unwrap_or(0.0);
            sum.threads.insert(thread.path(), (run / 1e6, wakes));
        }
    }
    sum
}

/// Milliseconds of processor time of all threads of a process, by its folder in /proc.
pub(crate) fn cpu_ms(process: &Path) -> f64 {
    let threads = std::fs::read_dir(process.join("task"));
    let threads = threads.into_iter().flatten().flatten();
    let nanoseconds = threads.map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        let first = text.split_whitespace().next().map(str::to_owned);
        first
            .and_then(|word| word.parse::<f64>().ok())
            .unwrap_or(0.0)
    });
    nanoseconds.sum::<f64>() / 1e6
}

/// Megabytes that a process holds, shared pages by their share.
pub(crate) fn pss_mb(process: &Path) -> f64 {
    let text = std::fs::read_to_string(process.join("smaps_rollup")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("Pss:"));
    let word = line.and_then(|line| line.split_whitespace().nth(1));
    word.and_then(|word| word.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1e3
}

/// The folders in /proc of all processes with this home: a host is no child of its client.
pub(crate) fn family(home: &Path) -> BTreeSet<PathBuf> {
    let mark = format!("HOME={}", home.display());
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.map(|entry| entry.path())
        .filter(|path| {
            let environment = std::fs::read(path.join("environ")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|setting| setting == mark.as_bytes())
        })
        .collect()
}

fn idle(terminal: &mut Terminal, home: &Path, is_quiet: bool) {
    let before = spent(home);
    let bytes = terminal.bytes;
    let began = Instant::now();
    while let Some(left) = IDLE.checked_sub(began.elapsed()) {
        terminal.next(left);
    }
    let after = spent(home);
    let seconds = began.elapsed().as_secs_f64();
    let quiet = if is_quiet {
        ""
    } else {
        "; it never became quiet"
    };
    let who = format!("{} processes{quiet}", after.processes);
    row("idle.pss", after.pss_mb, "MB")
        .aim("<= 40")
        .note(who)
        .print();
    let (cpu_ms, wakes) = after.since(&before);
    row("idle.cpu", cpu_ms / seconds / 10.0, "%")
        .aim("< 0.52 (client 0.02, host 0.5)")
        .print();
    row("idle.wakes", wakes / seconds, "per s")
        .aim("<= 15.2 (client 0.2, host 15)")
        .print();
    row(
        "idle.bytes",
        (terminal.bytes - bytes) as f64,
        "bytes in 10 s",
    )
    .aim("at most the clock once a minute")
    .print();
}

/// Letters into the composer, one after the other.
fn keys(terminal: &mut Terminal) {
    terminal.send(b"i");
    terminal.settle(Duration::from_millis(200), Duration::from_secs(2));
    let mut waits = Vec::new();
    let bytes = terminal.bytes;
    for key in b"the quick brown fox ".iter().cycle().take(KEYS) {
        let sent = Instant::now();
        terminal.send(&[*key]);
        match terminal.next(Duration::from_millis(500)) {
            Some((at, _)) => waits.push(ms(at.saturating_duration_since(sent))),
            None => break,
        }
        terminal.settle(Duration::from_millis(8), Duration::from_millis(100));
    }
    if waits.len() < KEYS {
        let last = terminal.text();
        let line = last.lines().rev().find(|line| !line.trim().is_empty());
        row("key.echo", f64::NAN, "ms")
            .note(format!(
                "{} of {KEYS} keys were answered; the last line: {}",
                waits.len(),
                line.unwrap_or("")
            ))
            .print();
        return;
    }
    row("key.echo", percentile(&mut waits, 50), "ms")
        .aim("<= 1")
        .note("p50")
        .print();
    row("key.echo.p99", percentile(&mut waits, 99), "ms")
        .aim("<= 3")
        .print();
    row(
        "key.bytes",
        (terminal.bytes - bytes) as f64 / KEYS as f64,
        "bytes/key",
    )
    .aim("<= 50")
    .print();
}
