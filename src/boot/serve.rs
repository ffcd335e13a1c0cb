//! `aios serve`: the host's own process. It belongs to no terminal, listens at the repository's socket, ends by itself when nobody and
//! nothing needs it, and leaves no process behind.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::boot::attach::{self, READY, Starter};
use crate::boot::host::Host;
use crate::boot::wiring::project::Grant;
use crate::boot::wiring::sandbox::Weaker;
use crate::boot::wiring::site::{Person, Site};
use crate::boot::wiring::{self, Allowed};
use crate::cli::args::{self, Args};
use crate::cli::errors::{Problem, table};
use crate::cli::{ExitCode, Out, Stop};
use crate::domain::journal::World;
use crate::engine::core::CoreHandle;
use crate::engine::ports::clock::{Clock, SystemClock};
use crate::session::{BindFailure, Listener, Server, descends};

/// How long a host stays without client, running effect and armed timer.
pub const IDLE: Duration = Duration::from_secs(600);
/// How long stopping may take before what still runs is left to be killed.
const STOPPING: Duration = Duration::from_secs(8);
/// Rounds of ending what is left, 10 ms apart; processes may be started while others end.
const ROUNDS: usize = 140;
/// Rounds before nobody is asked any more.
const ASKED: usize = 100;

/// Why a host ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nobody and nothing needed it.
    Idle,
    /// It was told to: SIGTERM, or SIGINT in the foreground.
    Told,
    /// Its core ended.
    Broken,
}

impl Ended {
    /// How the process ends then.
    #[must_use]
    pub const fn exit(self) -> ExitCode {
        match self {
            Self::Idle | Self::Told => ExitCode::Done,
            Self::Broken => ExitCode::Internal,
        }
    }
}

/// Leaves the terminal's session, so that closing the terminal ends nothing here, and takes in processes whose parents have ended, so
/// that every command of an agent stays a descendant of this process and can be told from a person's.
pub fn detach(is_detached: bool) {
    if is_detached {
        // A process that leads its group already has a session of its own.
        let _ = rustix::process::setsid();
    }
    #[cfg(target_os = "linux")]
    {
        // Where the kernel refuses, the check at the socket still sees those with a living parent.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }
}

/// Why there is no socket, with its code.
#[must_use]
pub fn problem(failure: &BindFailure) -> Problem {
    let text = failure.to_string();
    match failure {
        BindFailure::Taken(_) => Problem::new(&table::HOST_RUNS, text),
        BindFailure::Unsafe(_) => Problem::new(&table::OTHER_USER, text)
            .hint("name another folder with --socket, or take the others' right to write away"),
        BindFailure::InTheWay(_) => {
            Problem::new(&table::NO_HOST, text).hint("move it away, or name another with --socket")
        }
        BindFailure::Io { .. } => Problem::new(&table::NO_HOST, text)
            .hint("look at the folder, or name another with --socket"),
    }
}

/// Says on standard output that clients can come, for whoever started this process.
pub fn say_ready() {
    let mut output = std::io::stdout();
    // Whoever started it may have gone; the host stays.
    let _ = writeln!(output, "{READY} {}", std::process::id());
    let _ = output.flush();
}

/// Does what `aios serve` asks for: is the host, or starts one and says where it is.
///
/// # Errors
/// The output cannot be written.
pub async fn run(args: &Args, how: &args::Serve, out: &mut Out) -> Result<ExitCode, Stop> {
    let done = if how.foreground || how.detached {
        be_host(args, how, out).await
    } else {
        start(args, how, out).await
    };
    match done {
        Ok(code) => code,
        Err(problem) => {
            if how.detached {
                // Whoever started it reads this, and the log keeps it, too.
                out.text(&problem.to_string())?;
            }
            Ok(out.problem(&problem))
        }
    }
}

/// Where the host of this call listens.
///
/// # Errors
/// There is no repository, or the settings have a fault.
pub fn site(args: &Args, socket: Option<&PathBuf>) -> Result<Site, Problem> {
    let mut site = Site::find(Person::of_process(args)?)?;
    let variable = site
        .person
        .environment
        .get("AIOS_SOCKET")
        .map(PathBuf::from);
    if let Some(named) = socket.cloned().or(variable) {
        site.rooms.socket = std::path::absolute(&named).unwrap_or(named);
    }
    Ok(site)
}

async fn start(
    args: &Args,
    how: &args::Serve,
    out: &mut Out,
) -> Result<Result<ExitCode, Stop>, Problem> {
    let site = site(args, how.socket.as_ref())?;
    let name = attach::client_name("serve", SystemClock.now());
    if let Some(client) = attach::attach(&site.rooms, &name).await? {
        let pid = client.host_pid().unwrap_or_default();
        let text = format!("a host runs already, process {pid}");
        return Err(Problem::new(&table::HOST_RUNS, text));
    }
    let starter = Starter::own(&args.global, &site.rooms)?;
    let client = attach::attach_or_start(&site.rooms, &starter, &name).await?;
    let pid = client.host_pid().unwrap_or_default();
    let socket = site.rooms.socket.display();
    Ok(if out.is_json() {
        out.object(&serde_json::json!({ "pid": pid, "socket": socket.to_string() }))
    } else {
        out.text(&format!("host started, process {pid}, socket {socket}"))
    }
    .map(|()| ExitCode::Done))
}

async fn be_host(
    args: &Args,
    how: &args::Serve,
    out: &mut Out,
) -> Result<Result<ExitCode, Stop>, Problem> {
    detach(how.detached);
    let site = site(args, how.socket.as_ref())?;
    let socket = site.rooms.socket.clone();
    let allowed = Allowed {
        grant: Grant::Before,
        weaker: Weaker::Asks,
    };
    let parts = wiring::assemble(site, allowed).await?;
    for notice in &parts.notices {
        // A host's own words may get lost; its work may not.
        let _ = out.note(notice);
    }
    let host = parts.start().await?;
    let ready = || {
        if how.detached {
            say_ready();
        }
        let _ = out.note(&format!("listening at {}", socket.display()));
    };
    let ended = serve(host, Arc::new(SystemClock), &socket, IDLE, ready).await?;
    let _ = out.note(match ended {
        Ended::Idle => "ended: nobody and nothing needed it",
        Ended::Told => "ended: it was told to",
        Ended::Broken => "ended: its core did not come to an end by itself",
    });
    Ok(Ok(ended.exit()))
}

/// Serves a host's clients until it is told to end or nothing needs it. `ready` is called once clients can come.
///
/// # Errors
/// There is no socket. The host is stopped then, too.
pub async fn serve(
    host: Host,
    clock: Arc<dyn Clock>,
    socket: &Path,
    idle: Duration,
    ready: impl FnOnce(),
) -> Result<Ended, Problem> {
    let listener = match Listener::bind(socket).await {
        Ok(listener) => listener,
        Err(failure) => {
            host.stop().await;
            return Err(problem(&failure));
        }
    };
    let server = Server::new(host.handle.clone(), clock);
    ready();
    let ended = tokio::select! {
        () = server.run(&listener) => Ended::Broken,
        ended = unneeded(host.handle.clone(), server.clients(), idle) => ended,
        () = told() => Ended::Told,
    };
    drop(listener);
    // A core that does not come to an end is killed with the process; its journal is whole up to its last answer.
    let stopping = tokio::time::timeout(STOPPING, host.stop()).await;
    sweep();
    Ok(if stopping.is_ok() {
        ended
    } else {
        Ended::Broken
    })
}

/// Waits for a signal that ends a host. Closing a terminal does not.
async fn told() {
    let (Ok(mut term), Ok(mut interrupt), Ok(mut hangup)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::hangup()),
    ) else {
        return std::future::pending().await;
    };
    loop {
        tokio::select! {
            _ = term.recv() => return,
            _ = interrupt.recv() => return,
            _ = hangup.recv() => {}
        }
    }
}

/// Waits until there has been neither client nor event for a while, and nothing is wanted.
async fn unneeded(core: CoreHandle, mut clients: watch::Receiver<usize>, idle: Duration) -> Ended {
    let mut head = core.feed.head();
    loop {
        if clients.wait_for(|count| *count == 0).await.is_err() {
            return Ended::Broken;
        }
        tokio::select! {
            _ = clients.changed() => continue,
            _ = head.changed() => continue,
            () = tokio::time::sleep(idle) => {}
        }
        match core.snapshot().await {
            Ok(world) if is_at_rest(&world) && *clients.borrow() == 0 => return Ended::Idle,
            Ok(_) => {}
            Err(_) => return Ended::Broken,
        }
    }
}

/// Whether nothing runs and no timer is armed: what is held waits for a person.
fn is_at_rest(world: &World) -> bool {
    world.open.values().all(|wish| wish.hold.is_some())
}

/// Ends what still descends from this process: commands that outlived the effects that started them. They are asked first, so that git
/// takes its half-made files away.
fn sweep() {
    let own = i32::try_from(std::process::id()).unwrap_or(i32::MAX);
    for round in 0..ROUNDS {
        let signal = match round {
            0 => Some(Signal::TERM),
            1..ASKED => None,
            _ => Some(Signal::KILL),
        };
        let all = processes();
        let parent = |pid| {
            all.iter()
                .find(|process| process.pid == pid)
                .map(|process| process.parent)
        };
        let mut is_clean = true;
        for process in all
            .iter()
            .filter(|process| !process.is_over && descends(process.pid, own, parent))
        {
            is_clean = false;
            if let (Some(pid), Some(signal)) = (Pid::from_raw(process.pid), signal) {
                // One that has just ended needs no signal.
                let _ = kill_process(pid, signal);
            }
        }
        if is_clean {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

struct Process {
    pid: i32,
    parent: i32,
    /// It has ended and waits for its parent to look.
    is_over: bool,
}

/// All processes that can be seen; none where the system has no `/proc`.
fn processes() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| {
        let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
        process(pid, &String::from_utf8_lossy(&stat))
    })
    .collect()
}

fn process(pid: i32, stat: &str) -> Option<Process> {
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_ascii_whitespace();
    let is_over = matches!(fields.next()?, "Z" | "X");
    let parent = fields.next()?.parse().ok()?;
    Some(Process {
        pid,
        parent,
        is_over,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_from_the_kernels_line() {
        let ended = process(9, "9 (a) b) Z 4 9 9").unwrap();
        assert_eq!((ended.pid, ended.parent, ended.is_over), (9, 4, true));
        let runs = process(9, "9 (sh) S 1 9 9").unwrap();
        assert_eq!((runs.parent, runs.is_over), (1, false));
        assert!(process(9, "").is_none());
    }

    #[test]
    fn this_process_is_seen() {
        let own = i32::try_from(std::process::id()).unwrap();
        let is_linux = cfg!(target_os = "linux");
        assert_eq!(
            processes().iter().any(|process| process.pid == own),
            is_linux
        );
    }

    #[test]
    fn an_empty_world_is_at_rest() {
        assert!(is_at_rest(&World::default()));
    }
}
