//! A model that writes fast, as the person sees it: the real client and its host in a repository, a provider on the loopback device, and
//! the stream of one agent on the whole screen. What a token costs on the line and in processor time, and how soon a key is answered
//! meanwhile.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;

use crate::process::{cpu_ms, family, pss_mb};
use crate::pty::Terminal;
use crate::report::{ms, percentile, row};

const PROGRAM: &str = env!("CARGO_BIN_EXE_aios");
/// Tokens a second.
const RATE: u64 = 1_000;
/// Tokens of one measurement.
const TOKENS: u64 = 10_000;
/// Letters that are typed while it streams.
const KEYS: usize = 60;

/// What the provider is told to send.
enum Order {
    /// So many tokens at the usual rate.
    Stream(u64),
    /// So many tokens in one piece.
    Burst(u64),
}

/// The rows.
pub(crate) fn run() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path().canonicalize().unwrap();
    let (orders, asked) = provider_and_repository(&home);
    let mut terminal = Terminal::start(command(&home));
    let shows = |text: &'static str| move |screen: &vt100::Screen| screen.contents().contains(text);
    let patience = Duration::from_secs(20);
    if terminal.wait(patience, shows("live")).is_none() {
        row("stream.bytes", f64::NAN, "bytes/token")
            .note(format!("no session: {}", terminal.text()))
            .print();
        return;
    }
    terminal.send(b"i");
    terminal.wait(patience, shows("WHAT DO YOU"));
    terminal.send(b"make it fast");
    terminal.settle(Duration::from_millis(300), patience);
    terminal.send(b"\r");
    if asked.recv_timeout(patience).is_err() {
        row("stream.bytes", f64::NAN, "bytes/token")
            .note(format!("no call came: {}", terminal.text()))
            .print();
        return;
    }
    terminal.send(b"3");
    orders.send(Order::Stream(50)).unwrap();
    asked.recv_timeout(patience).unwrap();
    terminal.settle(Duration::from_millis(500), patience);
    quiet(&mut terminal, &home, (&orders, &asked));
    typing(&mut terminal, (&orders, &asked));
    burst(&mut terminal, (&orders, &asked));
    // The host lives on by design; here it ends with its home.
    for process in family(&home) {
        let id = process.file_name().unwrap_or_default().to_owned();
        let _ = Command::new("kill").arg("-9").arg(id).status();
    }
}

type Provider<'a> = (&'a Sender<Order>, &'a Receiver<()>);

/// Nobody types: what a token costs.
fn quiet(terminal: &mut Terminal, home: &Path, (orders, asked): Provider<'_>) {
    let (client, host) = client_and_host(home);
    let before = (cpu_ms(&client), cpu_ms(&host), terminal.bytes);
    orders.send(Order::Stream(TOKENS)).unwrap();
    let began = Instant::now();
    let mut is_over = false;
    while !is_over {
        terminal.next(Duration::from_millis(20));
        is_over = asked.try_recv().is_ok();
    }
    terminal.settle(Duration::from_millis(400), Duration::from_secs(3));
    let seconds = began.elapsed().as_secs_f64();
    let tokens = TOKENS as f64;
    let bytes = (terminal.bytes - before.2) as f64;
    row("stream.bytes", bytes / tokens, "bytes/token")
        .aim("<= 12")
        .note(format!("{:.1} kB/s of at most 20", bytes / seconds / 1e3))
        .print();
    let spent = |now: f64, then: f64| (now - then) / 1e3 * 10_000.0 / tokens;
    row(
        "stream.cpu.client",
        spent(cpu_ms(&client), before.0),
        "s per 10,000 tokens",
    )
    .aim("<= 1.0")
    .print();
    row(
        "stream.cpu.host",
        spent(cpu_ms(&host), before.1),
        "s per 10,000 tokens",
    )
    .print();
    row("stream.pss.client", pss_mb(&client), "MB")
        .aim("<= 45")
        .print();
    row("stream.pss.host", pss_mb(&host), "MB")
        .aim("<= 90")
        .print();
}

/// Letters into the composer while it streams: each is waited for on the screen.
fn typing(terminal: &mut Terminal, (orders, asked): Provider<'_>) {
    terminal.send(b"i");
    let is_open = |screen: &vt100::Screen| screen.contents().contains("MESSAGE");
    terminal.wait(Duration::from_secs(5), is_open);
    orders.send(Order::Stream(TOKENS)).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let mut waits = Vec::new();
    for typed in 1..=KEYS {
        while terminal.next(Duration::ZERO).is_some() {}
        let word = "q".repeat(typed);
        let sent = Instant::now();
        terminal.send(b"q");
        let shown = terminal.wait_from(sent, Duration::from_secs(2), |screen| {
            screen.contents().contains(&word)
        });
        waits.extend(shown.map(ms));
        std::thread::sleep(Duration::from_millis(40));
    }
    let note = format!("{} of {KEYS} letters were shown", waits.len());
    row("stream.key", percentile(&mut waits, 50), "ms")
        .aim("<= 1.5")
        .note(note)
        .print();
    row("stream.key.p99", percentile(&mut waits, 99), "ms")
        .aim("<= 8")
        .print();
    while asked.try_recv().is_err() {
        terminal.next(Duration::from_millis(50));
    }
    terminal.send(b"\x03");
    terminal.send(b"\x1b");
    terminal.settle(Duration::from_millis(400), Duration::from_secs(3));
}

/// All at once: how long until the end is on the screen.
fn burst(terminal: &mut Terminal, (orders, asked): Provider<'_>) {
    let sent = Instant::now();
    orders.send(Order::Burst(TOKENS)).unwrap();
    let shown = terminal.wait_from(sent, Duration::from_secs(10), |screen| {
        screen.contents().contains("THE-END")
    });
    asked.recv_timeout(Duration::from_secs(10)).ok();
    row(
        "stream.burst",
        shown.map_or(f64::NAN, |shown| shown.as_secs_f64()),
        "s",
    )
    .aim("<= 0.5")
    .note("10,000 tokens at once, until the last is shown")
    .print();
}

fn client_and_host(home: &Path) -> (PathBuf, PathBuf) {
    let serves = |process: &PathBuf| {
        let line = std::fs::read(process.join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|word| word == b"serve")
    };
    let (mut hosts, mut clients): (Vec<_>, Vec<_>) = family(home).into_iter().partition(serves);
    (clients.remove(0), hosts.remove(0))
}

fn command(home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(PROGRAM);
    command.env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", home);
    command.env("XDG_RUNTIME_DIR", home.join("run"));
    command.env("FAKE_KEY", "key");
    command.env("LANG", "C.UTF-8");
    command.env("TERM", "xterm-256color");
    command.cwd(home.join("repo"));
    command
}

/// A repository of one file, the user's configuration, and the provider that it names. Gives where to send orders, and where the
/// provider says that it was asked or has carried one out.
fn provider_and_repository(home: &Path) -> (Sender<Order>, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let repo = home.join("repo");
    for folder in [&repo, &home.join("run"), &home.join(".config/aios")] {
        std::fs::create_dir_all(folder).unwrap();
    }
    std::fs::write(repo.join("README.md"), "A project.\n").unwrap();
    let model = "fake/model-x";
    let config = format!(
        "[providers.fake]\nkind = \"compatible\"\nbase_url = \"{url}\"\nkey = \"env:FAKE_KEY\"\n\
         [models]\npremium = \"{model}\"\nstandard = \"{model}\"\neconomy = \"{model}\"\n\
         [prices.\"{model}\"]\ninput = \"1\"\noutput = \"1\"\n"
    );
    std::fs::write(home.join(".config/aios/config.toml"), config).unwrap();
    for arguments in [
        &["init", "-q", "-b", "main"][..],
        &["add", "-A"],
        &[
            "-c",
            "user.name=Mia",
            "-c",
            "user.email=m@example.invalid",
            "commit",
            "-qm",
            "begin",
        ],
    ] {
        let mut git = Command::new("git");
        git.args(arguments).current_dir(&repo).stdout(Stdio::null());
        let status = git.status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    }
    let (orders, taken) = channel();
    let (say, asked) = channel();
    std::thread::spawn(move || serve(&listener, &taken, &say));
    (orders, asked)
}

/// Answers one call after the other; the first reply that is asked for goes on as long as orders come.
fn serve(listener: &TcpListener, orders: &Receiver<Order>, say: &Sender<()>) {
    for stream in listener.incoming().flatten() {
        // Whoever goes away meanwhile needs no answer.
        let _ = reply(stream, orders, say);
    }
}

fn reply(mut stream: TcpStream, orders: &Receiver<Order>, say: &Sender<()>) -> std::io::Result<()> {
    use std::io::{BufRead as _, BufReader, Read as _};
    let mut lines = BufReader::new(stream.try_clone()?);
    let (mut line, mut length, mut is_post) = (String::new(), 0_usize, false);
    while lines.read_line(&mut line)? > 2 {
        let lower = line.to_lowercase();
        is_post |= lower.starts_with("post");
        if let Some(text) = lower.strip_prefix("content-length:") {
            length = text.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    lines.take(length as u64).read_to_end(&mut Vec::new())?;
    if !is_post {
        let body = r#"{"data":[{"id":"model-x"}]}"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        return stream.write_all(format!("{head}{body}").as_bytes());
    }
    stream.set_nodelay(true)?;
    stream.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n",
    )?;
    say.send(()).ok();
    let mut number = 0;
    while let Ok(order) = orders.recv() {
        match order {
            Order::Stream(count) => {
                let began = Instant::now();
                for sent in 1..=count {
                    stream.write_all(token(&mut number, false).as_bytes())?;
                    let due = Duration::from_micros(sent * 1_000_000 / RATE);
                    std::thread::sleep(due.saturating_sub(began.elapsed()));
                }
            }
            Order::Burst(count) => {
                let mut all: String = (1..count).map(|_| token(&mut number, false)).collect();
                all.push_str(&token(&mut number, true));
                stream.write_all(all.as_bytes())?;
            }
        }
        say.send(()).ok();
    }
    Ok(())
}

/// One token as an event of the stream: words of four letters on average, a line end now and then, as prose has them.
fn token(number: &mut u64, is_last: bool) -> String {
    const WORDS: [&str; 8] = [
        "the ", "cart ", "keeps ", "its ", "total ", "in ", "cents ", "so ",
    ];
    *number += 1;
    let word = match *number {
        _ if is_last => "THE-END",
        number if number.is_multiple_of(60) => "end.\\n\\n",
        number => WORDS[(number * number % 8) as usize],
    };
    format!(
        "data: {{\"id\":\"c\",\"model\":\"model-x\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}}}}]}}\n\n"
    )
}
