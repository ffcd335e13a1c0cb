//! Parts that this test program plays in processes of its own: it starts itself again with a part in the environment.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use aios::boot::demo::{self, Stage};
use aios::boot::serve::{detach, serve};
use aios::engine::ports::clock::SystemClock;
use aios::session::SessionClient;

const PART: &str = "AIOS_TEST_PART";
const FOLDER: &str = "AIOS_TEST_FOLDER";
const SPEED: &str = "AIOS_TEST_SPEED";

/// A process that plays a part; it is killed when this is dropped.
pub(crate) struct Played {
    pub(crate) child: Child,
    output: BufReader<ChildStdout>,
}

impl Drop for Played {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn socket(folder: &Path) -> PathBuf {
    folder.join("run/host.sock")
}

pub(crate) fn command(part: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["parts::plays_a_part", "--exact", "--nocapture"])
        .env(PART, part)
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

impl Played {
    pub(crate) fn host(folder: &Path, speed: &str) -> Self {
        Self::start(command("host", folder).env(SPEED, speed))
    }

    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// The rest of the line that begins with `word`.
    pub(crate) fn says(&mut self, word: &str) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            let count = self.output.read_line(&mut line).unwrap();
            assert!(count > 0, "it ended without saying {word}");
            if let Some((_, rest)) = line.split_once(word) {
                return rest.trim().to_owned();
            }
        }
    }
}

fn say(word: &str) {
    let mut output = std::io::stdout();
    writeln!(output, "{word}").unwrap();
    output.flush().unwrap();
}

/// Does nothing in an ordinary run.
#[test]
fn plays_a_part() {
    let Some(part) = std::env::var_os(PART) else {
        return;
    };
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    match part.to_str().unwrap() {
        "host" => runtime.block_on(play_host(&folder)),
        "client" => runtime.block_on(play_client(&folder)),
        "stranger" => play_stranger(&folder),
        other => panic!("there is no part {other}"),
    }
}

/// A demo behind a socket; nobody in this process decides anything.
async fn play_host(folder: &Path) {
    detach(true);
    let speed: f64 = std::env::var(SPEED).unwrap().parse().unwrap();
    let stage = Stage::set(Some(&folder.join("stage"))).unwrap();
    let running = demo::start(&stage, speed, 0).await.unwrap();
    drop(running.client);
    let idle = Duration::from_millis(300);
    let clock = Arc::new(SystemClock);
    let ended = serve(running.host, clock, &socket(folder), idle, || say("ready")).await;
    say(&format!("ended {:?}", ended.unwrap()));
}

/// Follows until it is killed.
async fn play_client(folder: &Path) {
    let client = match SessionClient::attach(&socket(folder), "killed").await {
        Ok(client) => client,
        Err(failure) => return say(&format!("refused {failure}")),
    };
    let mut seq = client.snapshot().await.unwrap().seq;
    say("attached");
    let signals = client.clone();
    tokio::spawn(async move { signals.signals(0).await });
    loop {
        if let aios::engine::core::Pulled::Events(events) = client.events(seq).await.unwrap() {
            seq = events.last().map_or(seq, |event| event.seq);
        }
    }
}

/// Connects without looking whose socket it is, as a client of another make would, and says what it hears.
fn play_stranger(folder: &Path) {
    use std::io::Read as _;
    match std::os::unix::net::UnixStream::connect(socket(folder)) {
        Ok(mut stream) => {
            let mut heard = Vec::new();
            stream.read_to_end(&mut heard).ok();
            say(&format!("heard {}", String::from_utf8_lossy(&heard[4..])));
        }
        Err(error) => say(&format!("heard {error}")),
    }
}
