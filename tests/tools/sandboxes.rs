//! The contract of the sandbox port, for each adapter; and what only a wall can hold.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use aios::adapters::sandbox::bubblewrap::Places;
use aios::adapters::sandbox::{Bare, Bubblewrap, environment};
use aios::engine::ports::sandbox::{Exit, Job, JobResult, Sandbox};

use crate::needs;

/// Runs a future on a runtime of its own.
pub(crate) fn block<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(future)
}

/// bubblewrap as a person would have it, or none where it is missing.
pub(crate) fn bubblewrap(test: &str) -> Option<Bubblewrap> {
    let places = Places {
        home: std::env::var_os("HOME").map(PathBuf::from),
        hidden: Vec::new(),
    };
    let found = block(Bubblewrap::find(places));
    if let Err(why) = &found {
        // Installed but not holding is a fault only where it is demanded; containers often forbid namespaces.
        assert!(!why.contains("does not hold"), "{why}");
    }
    needs::has("bwrap", found.is_ok(), test).then(|| found.unwrap())
}

fn each(test: &str) -> Vec<Box<dyn Sandbox>> {
    let mut all: Vec<Box<dyn Sandbox>> = vec![Box::new(Bare)];
    if let Some(sandbox) = bubblewrap(test) {
        all.push(Box::new(sandbox));
    }
    all
}

pub(crate) fn job(worktree: &Path, command: &str) -> Job {
    Job {
        command: command.to_owned(),
        cwd: worktree.to_owned(),
        worktree: worktree.to_owned(),
        read_only: Vec::new(),
        environment: environment(Path::new("/tmp/home"), |name| std::env::var(name).ok()),
        timeout_ms: 20_000,
        output_limit: 64 << 20,
    }
}

fn run(sandbox: &dyn Sandbox, job: Job) -> JobResult {
    block(sandbox.run(job, &|_| {})).unwrap()
}

fn text(result: &JobResult) -> String {
    String::from_utf8_lossy(&result.output).into_owned()
}

/// Whether a process with this word on its command line is alive.
fn lives(word: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let own = std::process::id().to_string();
    processes
        .filter(|entry| entry.file_name().to_string_lossy() != own)
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .any(|line| {
            String::from_utf8_lossy(&line)
                .split('\0')
                .any(|part| part == word)
        })
}

/// Asserts that it is gone soon. What a namespace held dies a moment after its first process.
fn dies(word: &str, what: &str) {
    let until = Instant::now() + Duration::from_secs(5);
    while lives(word) {
        assert!(Instant::now() < until, "{what}: {word} is still running");
        std::thread::yield_now();
    }
}

#[test]
fn commands_end_as_they_end() {
    let place = tempfile::tempdir().unwrap();
    for sandbox in each("commands_end_as_they_end") {
        let tier = sandbox.tier();
        let go = |command: &str| run(sandbox.as_ref(), job(place.path(), command));
        let plain = go("echo out; echo err >&2; echo out; pwd");
        let here = place.path().canonicalize().unwrap();
        assert_eq!(
            text(&plain),
            format!("out\nerr\nout\n{}\n", here.display()),
            "{tier}"
        );
        assert_eq!(plain.exit, Exit::Code(0), "{tier}");
        assert_eq!(go("exit 7").exit, Exit::Code(7), "{tier}");
        assert_eq!(go("kill -9 $$").exit.code(), 137, "{tier}");
        assert_eq!(go("no-such-program-here").exit, Exit::Code(127), "{tier}");
        assert_eq!(
            go("cat; echo end").output,
            b"end\n",
            "{tier}: stdin is not empty"
        );
        let tty = go("echo x 2>/dev/null >/dev/tty || echo none");
        assert_eq!(text(&tty), "none\n", "{tier}: a terminal is there");
        assert_eq!(
            text(&go("echo $HOME $AIOS ${ANTHROPIC_API_KEY-unset}")),
            "/tmp/home 1 unset\n"
        );
        go("echo made > made.txt");
        assert_eq!(
            std::fs::read(place.path().join("made.txt")).unwrap(),
            b"made\n",
            "{tier}"
        );
    }
}

#[test]
fn output_comes_while_it_is_printed() {
    let place = tempfile::tempdir().unwrap();
    for sandbox in each("output_comes_while_it_is_printed") {
        let heard = Mutex::new(Vec::new());
        let hear = |piece: &[u8]| heard.lock().unwrap().extend_from_slice(piece);
        block(sandbox.run(job(place.path(), "echo one; echo two"), &hear)).unwrap();
        assert_eq!(*heard.lock().unwrap(), b"one\ntwo\n");
    }
}

#[test]
fn who_takes_too_long_is_stopped_with_all_children() {
    let place = tempfile::tempdir().unwrap();
    for (at, sandbox) in each("who_takes_too_long").into_iter().enumerate() {
        let tier = sandbox.tier();
        let word = format!("8{}{at}1.25", std::process::id());
        let cases = [
            format!("sleep {word}"),
            format!("trap '' TERM INT HUP; sleep {word}; sleep {word}"),
            format!("sleep {word} & sleep {word} & wait"),
            format!("setsid sleep {word} >/dev/null 2>&1 & setsid setsid sleep {word} & wait"),
            format!(
                "for i in 1 2 3 4 5 6 7 8 9; do (setsid sh -c 'sleep {word} & sleep {word}' &) ; done; sleep {word}"
            ),
        ];
        for command in cases {
            let mut job = job(place.path(), &command);
            job.timeout_ms = 700;
            let result = run(sandbox.as_ref(), job);
            assert_eq!(result.exit, Exit::TimedOut, "{tier}: {command}");
            assert!(
                result.wall_ms < 5000,
                "{tier}: {} ms for {command}",
                result.wall_ms
            );
            dies(&word, &format!("{tier}: {command}"));
        }
    }
}

#[test]
fn what_a_finished_command_left_running_is_stopped() {
    let place = tempfile::tempdir().unwrap();
    for (at, sandbox) in each("what_a_finished_command_left").into_iter().enumerate() {
        let tier = sandbox.tier();
        let word = format!("8{}{at}2.25", std::process::id());
        for command in [
            format!("sleep {word} & echo done"),
            format!("setsid sleep {word} >/dev/null 2>&1 & echo done"),
            format!("(setsid sh -c 'exec sleep {word}' &); echo done"),
        ] {
            let result = run(sandbox.as_ref(), job(place.path(), &command));
            assert_eq!(
                (result.exit, text(&result).as_str()),
                (Exit::Code(0), "done\n"),
                "{tier}"
            );
            assert!(result.wall_ms < 5000, "{tier}: {} ms", result.wall_ms);
            dies(&word, &format!("{tier}: {command}"));
        }
    }
}

#[test]
fn who_prints_without_end_is_stopped() {
    let place = tempfile::tempdir().unwrap();
    for sandbox in each("who_prints_without_end_is_stopped") {
        let tier = sandbox.tier();
        // A gigabyte, of which the first 64 MB are taken.
        let result = run(
            sandbox.as_ref(),
            job(
                place.path(),
                "head -c 1000000000 /dev/zero | tr '\\0' y; echo end",
            ),
        );
        assert_eq!(result.exit, Exit::OutputLimit, "{tier}");
        assert!(result.output.len() < 2 << 20, "{tier}");
        assert!(result.total_bytes >= 64 << 20, "{tier}");
    }
}

#[test]
fn who_is_no_longer_wanted_is_stopped() {
    let place = tempfile::tempdir().unwrap();
    for (at, sandbox) in each("who_is_no_longer_wanted").into_iter().enumerate() {
        let word = format!("8{}{at}3.25", std::process::id());
        let command = format!("setsid sleep {word} & echo started; sleep {word}");
        block(async {
            let started = tokio::sync::Notify::new();
            let hear = |_: &[u8]| started.notify_one();
            let running = sandbox.run(job(place.path(), &command), &hear);
            tokio::select! {
                _ = running => panic!("it ended by itself"),
                () = started.notified() => {}
            }
        });
        dies(&word, &sandbox.tier().to_string());
    }
}

#[test]
fn a_wall_hides_and_holds() {
    let Some(sandbox) = bubblewrap("a_wall_hides_and_holds") else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let worktree = place.path().canonicalize().unwrap().join("w");
    let beside = worktree.parent().unwrap().to_owned();
    std::fs::create_dir_all(worktree.join(".aios")).unwrap();
    std::fs::write(worktree.join(".git"), "gitdir: nowhere\n").unwrap();
    std::fs::write(beside.join("secret"), "CANARY").unwrap();
    let word = format!("8{}4.25", std::process::id());
    let secret = beside.join("secret");
    let commands = [
        format!("cat {}", secret.display()),
        "cat /proc/1/environ; cat /root/.ssh/*; ls -A /home /root /run".to_owned(),
        format!("echo x > {}", beside.join("escaped").display()),
        "echo x > /etc/aios-escaped; echo x > /usr/aios-escaped; mkdir /aios-escaped".to_owned(),
        "chmod 777 /etc/passwd; chown 1 /etc/passwd; touch -d 2001-01-01 /etc/passwd".to_owned(),
        "echo gitdir: /tmp > .git; rm -f .git; mv .git git; echo x > .aios/config.toml".to_owned(),
        "mount -t tmpfs x /mnt; unshare -Urm mount -t tmpfs x /mnt".to_owned(),
        format!(
            "env -i setsid sleep {word} >/dev/null 2>&1 & ln -s / root; echo x > root/etc/aios-escaped"
        ),
        "kill -9 -1".to_owned(),
        "cat /etc/shadow".to_owned(),
    ];
    let before = std::fs::metadata("/etc/passwd").unwrap();
    for command in &commands {
        let result = run(&sandbox, job(&worktree, command));
        let output = text(&result);
        // The second is how a line of the password file ends.
        assert!(
            !output.contains("CANARY") && !output.contains(":0:99999:"),
            "{command}: {output}"
        );
    }
    dies(&word, "a process without the mark");
    let after = std::fs::metadata("/etc/passwd").unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    assert_eq!(before.permissions(), after.permissions());
    for path in ["/etc/aios-escaped", "/usr/aios-escaped", "/aios-escaped"] {
        assert!(!Path::new(path).exists(), "{path}");
    }
    assert!(!beside.join("escaped").exists());
    assert_eq!(
        std::fs::read(worktree.join(".git")).unwrap(),
        b"gitdir: nowhere\n"
    );
    assert_eq!(
        std::fs::read_dir(worktree.join(".aios")).unwrap().count(),
        0
    );
}

#[test]
fn a_wall_has_no_network() {
    let Some(sandbox) = bubblewrap("a_wall_has_no_network") else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let command = format!(
        "bash -c 'echo x > /dev/tcp/127.0.0.1/{port}'; curl -s -m 2 http://127.0.0.1:{port}/; \
         python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 2)'; cat /proc/net/dev"
    );
    let result = run(&sandbox, job(place.path(), &command));
    assert!(listener.accept().is_err(), "connected");
    let output = text(&result);
    let devices = output
        .lines()
        .filter(|line| line.trim_start().starts_with("eth"))
        .count();
    assert_eq!(devices, 0, "{output}");
}

#[test]
fn a_bomb_of_processes_is_cleared_away() {
    let Some(sandbox) = bubblewrap("a_bomb_of_processes_is_cleared_away") else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let word = format!("8{}5.25", std::process::id());
    // Doubles eight times and stays; a bomb without an end would take this machine's other work along where tests run as root.
    let bomb = format!(
        "b() {{ [ $1 -eq 0 ] && exec env -i setsid sleep {word}; b $(($1-1)) & b $(($1-1)) & }}; b 8; sleep {word}"
    );
    let mut job = job(place.path(), &bomb);
    job.timeout_ms = 3000;
    let result = run(&sandbox, job);
    assert_eq!(result.exit, Exit::TimedOut, "{}", text(&result));
    dies(&word, "the bomb");
}
