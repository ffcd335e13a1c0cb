//! Finding this repository's host, and starting one from the program's own binary where none runs. Two that start one at the same time
//! get the same: the lock on the journal lets one through, and the other attaches to it.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use crate::boot::places::RepoPlaces;
use crate::cli::args::Global;
use crate::cli::errors::{Problem, table};
use crate::session::{AttachFailure, SessionClient};

/// What a started host says on its standard output once it listens; anything else is why it does not.
pub const READY: &str = "ready";
/// How long a started host may take to fold its journal and to listen.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a host that another call started at the same time may take to listen.
const OTHERS: Duration = Duration::from_secs(20);
/// Between two looks for such a host.
const PAUSE: Duration = Duration::from_millis(50);
/// Bytes that a started host may say.
const MOST_SAID: u64 = 64 * 1024;

/// How a host is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starter {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

impl Starter {
    /// This very program, about the same repository and with the same settings.
    ///
    /// # Errors
    /// The program's own file is not known.
    pub fn own(global: &Global, rooms: &RepoPlaces) -> Result<Self, Problem> {
        let program = std::env::current_exe().map_err(|error| {
            Problem::new(
                &table::NO_HOST,
                format!("the program's own file is not known: {error}"),
            )
        })?;
        let mut arguments: Vec<OsString> = Vec::new();
        let mut give = |flag: &str, value: Option<&PathBuf>| {
            if let Some(value) = value {
                arguments.extend([flag.into(), value.into()]);
            }
        };
        give("-C", global.directory.as_ref());
        give("--config", global.config.as_ref());
        arguments.extend(["serve".into(), "--detached".into(), "--socket".into()]);
        arguments.push(rooms.socket.clone().into());
        Ok(Self { program, arguments })
    }
}

/// A name for a client of this process, unique among all that ever were: commands are named after it.
#[must_use]
pub fn client_name(kind: &str, now: crate::base::time::Timestamp) -> String {
    format!("{kind}-{}-{:x}", std::process::id(), now.0)
}

/// Why a host could not be attached to, with its code.
#[must_use]
pub fn problem(failure: &AttachFailure) -> Problem {
    let text = failure.to_string();
    match failure {
        AttachFailure::NoHost(_) | AttachFailure::Unclear(_) => Problem::new(&table::NO_HOST, text),
        AttachFailure::NotYours(_) => Problem::new(&table::OTHER_USER, text),
        AttachFailure::Removed(_) => Problem::new(&table::NOT_ALLOWED, text),
        AttachFailure::OtherVersion(_) => Problem::new(&table::OTHER_VERSION, text),
    }
}

/// Attaches to the host that runs; none if none does.
///
/// # Errors
/// There is one, and it does not serve us.
pub async fn attach(rooms: &RepoPlaces, name: &str) -> Result<Option<SessionClient>, Problem> {
    found(SessionClient::attach(&rooms.socket, name).await)
}

/// Attaches to the host that runs, to look only.
///
/// # Errors
/// None runs, or it does not serve us.
pub async fn attach_to_look(rooms: &RepoPlaces, name: &str) -> Result<SessionClient, Problem> {
    let client = found(SessionClient::attach_to_look(&rooms.socket, name).await)?;
    client.ok_or_else(|| {
        let text = "no host runs here, so there is nothing to look at";
        Problem::new(&table::NO_HOST, text).hint("start it with aios")
    })
}

fn found(attached: Result<SessionClient, AttachFailure>) -> Result<Option<SessionClient>, Problem> {
    match attached {
        Ok(client) => Ok(Some(client)),
        Err(AttachFailure::NoHost(_)) => Ok(None),
        Err(failure) => Err(problem(&failure)),
    }
}

/// Attaches to the host that runs, or to one that is started now.
///
/// # Errors
/// None can be started, or it does not serve us.
pub async fn attach_or_start(
    rooms: &RepoPlaces,
    starter: &Starter,
    name: &str,
) -> Result<SessionClient, Problem> {
    if let Some(client) = attach(rooms, name).await? {
        return Ok(client);
    }
    start(rooms, starter).await?;
    let looking = async {
        loop {
            if let Some(client) = attach(rooms, name).await? {
                return Ok(client);
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(OTHERS, looking).await {
        Ok(found) => found,
        Err(_) => Err(Problem::at(&table::NO_HOST, rooms.socket.display())),
    }
}

/// Starts a host and waits until it listens. That another one is starting at the same time is no error.
///
/// # Errors
/// It says why it cannot run.
pub async fn start(rooms: &RepoPlaces, starter: &Starter) -> Result<(), Problem> {
    let failed = |error: io::Error| {
        Problem::new(
            &table::NO_HOST,
            format!("could not start a session host: {error}"),
        )
    };
    rooms.make().map_err(failed)?;
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&rooms.log)
        .map_err(failed)?;
    let mut child = tokio::process::Command::new(&starter.program)
        .args(&starter.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .map_err(failed)?;
    let Some(output) = child.stdout.take() else {
        return Err(failed(io::ErrorKind::BrokenPipe.into()));
    };
    let mut said = String::new();
    let mut output = BufReader::new(output.take(MOST_SAID));
    let reading = tokio::time::timeout(PATIENCE, output.read_line(&mut said)).await;
    let said = said.trim();
    if said.starts_with(READY) {
        return Ok(());
    }
    // Somebody else's host has the journal: it is the one to attach to.
    if said.contains(table::HOST_RUNS.id) {
        return Ok(());
    }
    let why = match reading {
        Err(_) => "the session host does not answer".to_owned(),
        Ok(_) if said.is_empty() => "the session host ended without a word".to_owned(),
        Ok(_) => said.strip_prefix("aios: ").unwrap_or(said).to_owned(),
    };
    let hint = format!("read {}", rooms.log.display());
    Err(Problem::new(&table::NO_HOST, why).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms(folder: &std::path::Path) -> RepoPlaces {
        RepoPlaces {
            state: folder.to_owned(),
            journal: folder.join("journal"),
            derived: folder.join("state.sled"),
            blobs: folder.join("blobs"),
            trust: folder.join("trust.json"),
            log: folder.join("host.log"),
            worktrees: folder.join("worktrees"),
            socket: folder.join("host.sock"),
        }
    }

    fn shell(script: &str) -> Starter {
        Starter {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
        }
    }

    #[tokio::test]
    async fn a_host_that_cannot_start_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let rooms = rooms(folder.path());
        let ended = start(&rooms, &shell("exit 1")).await.unwrap_err();
        assert!(ended.to_string().contains("without a word"), "{ended}");
        let said = start(&rooms, &shell("echo 'aios: no git: install it'"))
            .await
            .unwrap_err();
        assert!(said.text.starts_with("no git"), "{said}");
        assert_eq!(said.exit().number(), 7);
    }

    #[tokio::test]
    async fn one_that_finds_the_journal_taken_is_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        let rooms = rooms(folder.path());
        let script = format!("echo 'aios: taken: attach  ({})'", table::HOST_RUNS.id);
        assert_eq!(start(&rooms, &shell(&script)).await, Ok(()));
        assert_eq!(start(&rooms, &shell("echo ready 7")).await, Ok(()));
    }
}
