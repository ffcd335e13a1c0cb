//! One line to a host: connecting, greeting, and asking under numbers. What to do when it is lost is [`remote`](super::remote)'s.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::session::codec::{Frames, MOST_FROM_CLIENT, MOST_FROM_HOST, frame};
use crate::session::protocol::{Hello, Reply, Request, Welcome, decode, encode};

/// Requests that wait to be written; then asking waits.
const MOST_OUT: usize = 16;
/// How long a host may take to greet.
const GREETING: Duration = Duration::from_secs(10);

/// Why a host could not be attached to. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub enum AttachFailure {
    /// Nobody listens there.
    #[error("no host listens at {0}")]
    NoHost(String),
    /// The host, or the socket, is another user's.
    #[error("{0}")]
    NotYours(String),
    /// The host is of another version; the text offers to restart one side.
    #[error("{0}")]
    OtherVersion(String),
    /// It answers, and not as a host does.
    #[error("{0}")]
    Unclear(String),
    /// Somebody sent this process away; who.
    #[error("{0} removed this terminal: aios attach in another one joins again")]
    Removed(String),
}

/// Why there is no reply.
pub(super) enum Lost {
    /// The line has ended.
    Line,
    /// The request is longer than a message may be.
    TooLong(String),
}

/// Who waits for which answer.
#[derive(Default)]
struct Waiting {
    is_over: bool,
    askers: BTreeMap<u64, oneshot::Sender<Reply>>,
    /// Requests whose asker went away; the host is told with the next request.
    forgotten: Vec<u64>,
}

/// One line.
pub(super) struct Line {
    out: mpsc::Sender<Vec<u8>>,
    waiting: Arc<Mutex<Waiting>>,
    next: AtomicU64,
    /// Reading and writing; they end with the line.
    _tasks: JoinSet<()>,
}

/// A request that was asked. Dropping it before its answer came forgets it.
struct Ticket<'a> {
    line: &'a Line,
    number: u64,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.line.waiting);
        if waiting.askers.remove(&self.number).is_some() {
            waiting.forgotten.push(self.number);
        }
    }
}

fn lock(waiting: &Mutex<Waiting>) -> MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Line {
    /// Connects, looks who listens, and greets.
    pub(super) async fn connect(path: &Path, hello: &Hello) -> Result<(Self, u32), AttachFailure> {
        let shown = || path.display().to_string();
        let mut stream = UnixStream::connect(path)
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::PermissionDenied => {
                    AttachFailure::NotYours(format!("not yours: {} is another user's", shown()))
                }
                _ => AttachFailure::NoHost(shown()),
            })?;
        let own = rustix::process::geteuid().as_raw();
        match stream.peer_cred() {
            Ok(host) if host.uid() == own => {}
            Ok(host) => {
                let text = format!(
                    "not yours: user {} listens at {}, and you are user {own}",
                    host.uid(),
                    shown()
                );
                // A real host of another user says so itself, in the same words; what a false one says is not heard.
                return Err(AttachFailure::NotYours(text));
            }
            Err(error) => return Err(AttachFailure::Unclear(error.to_string())),
        }
        let broken = |error: &dyn std::fmt::Display| {
            AttachFailure::Unclear(format!(
                "{} does not answer as a host does: {error}",
                shown()
            ))
        };
        let greeting = serde_json::to_vec(hello).map_err(|error| broken(&error))?;
        let greeting = frame(&greeting, MOST_FROM_CLIENT).map_err(|error| broken(&error))?;
        // A host that refuses may have closed before it read: its answer counts.
        let _ = stream.write_all(&greeting).await;
        let (mut read, mut write) = stream.into_split();
        let mut frames = Frames::new(MOST_FROM_HOST);
        let welcome = tokio::time::timeout(GREETING, read_frame(&mut read, &mut frames)).await;
        let Some(welcome) = welcome.map_err(|_| broken(&"it says nothing"))? else {
            return Err(broken(&"it closed the line"));
        };
        let pid = match serde_json::from_slice(&welcome).map_err(|error| broken(&error))? {
            Welcome::Served { pid } => pid,
            Welcome::NotYours(text) => return Err(AttachFailure::NotYours(text)),
            Welcome::OtherVersion(text) => return Err(AttachFailure::OtherVersion(text)),
            Welcome::Removed(by) => return Err(AttachFailure::Removed(by)),
            Welcome::Full(text) => return Err(AttachFailure::Unclear(text)),
        };
        let (out, mut to_write) = mpsc::channel::<Vec<u8>>(MOST_OUT);
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let mut tasks = JoinSet::new();
        let askers = waiting.clone();
        tasks.spawn(async move {
            while let Some((number, reply)) = read_message(&mut read, &mut frames).await {
                let asker = lock(&askers).askers.remove(&number);
                // Whoever asked may have gone.
                let _ = asker.map(|asker| asker.send(reply));
            }
            end(&askers);
        });
        let askers = waiting.clone();
        tasks.spawn(async move {
            while let Some(framed) = to_write.recv().await {
                if write.write_all(&framed).await.is_err() {
                    break;
                }
            }
            end(&askers);
        });
        let line = Self {
            out,
            waiting,
            next: AtomicU64::new(1),
            _tasks: tasks,
        };
        Ok((line, pid))
    }

    pub(super) fn is_open(&self) -> bool {
        !lock(&self.waiting).is_over
    }

    pub(super) async fn ask(&self, request: &Request) -> Result<Reply, Lost> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (asker, answer) = oneshot::channel();
        let forgotten = {
            let mut waiting = lock(&self.waiting);
            if waiting.is_over {
                return Err(Lost::Line);
            }
            waiting.askers.insert(number, asker);
            std::mem::take(&mut waiting.forgotten)
        };
        let _ticket = Ticket { line: self, number };
        for number in forgotten {
            self.send(0, &Request::Forget(number)).await?;
        }
        self.send(number, request).await?;
        answer.await.map_err(|_| Lost::Line)
    }

    async fn send(&self, number: u64, request: &Request) -> Result<(), Lost> {
        let framed = encode(number, request)
            .map_err(|unclear| unclear.to_string())
            .and_then(|bytes| frame(&bytes, MOST_FROM_CLIENT).map_err(|long| long.to_string()))
            .map_err(Lost::TooLong)?;
        self.out.send(framed).await.map_err(|_| Lost::Line)
    }
}

/// The line is over: whoever waits hears so.
fn end(waiting: &Mutex<Waiting>) {
    let mut waiting = lock(waiting);
    waiting.is_over = true;
    waiting.askers.clear();
}

async fn read_frame(read: &mut OwnedReadHalf, frames: &mut Frames) -> Option<bytes::Bytes> {
    loop {
        if let Some(frame) = frames.take().ok()? {
            return Some(frame);
        }
        if read.read_buf(frames.buffer()).await.ok()? == 0 {
            return None;
        }
    }
}

async fn read_message<T: DeserializeOwned>(
    read: &mut OwnedReadHalf,
    frames: &mut Frames,
) -> Option<(u64, T)> {
    let frame = read_frame(read, frames).await?;
    decode(&frame).ok()
}
