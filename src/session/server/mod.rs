//! The host's end of the line: a socket that only its own user can open, and one conversation for each client. Nothing is queued for a
//! client beyond the answers to what it asked; one that reads slowly holds up nobody but itself.

mod access;
mod answer;
mod listener;
mod reception;

pub use listener::{BindFailure, Listener};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

use crate::engine::core::CoreHandle;
use crate::engine::ports::clock::Clock;
use crate::session::codec::{Frames, MOST_FROM_CLIENT, MOST_FROM_HOST, frame};
use crate::session::local::Local;
use crate::session::peer;
use crate::session::protocol::{Hello, MOST_NAME_BYTES, Reply, Request, Welcome, decode, encode};

use access::Access;
use answer::Line;
use reception::{Comer, Reception};

/// Clients at once.
const MOST_CLIENTS: usize = 64;
/// Requests of one client that are being answered at once; more are refused.
const MOST_REQUESTS: usize = 256;
/// Answers of one client that wait to be written; then answering waits.
const MOST_ANSWERS: usize = 16;
/// How long a client may take to say who it is.
const GREETING: Duration = Duration::from_secs(5);
/// How long a client that was sent away has to hear why.
const FAREWELL: Duration = Duration::from_millis(500);

/// Serves clients.
pub struct Server {
    core: CoreHandle,
    clock: Arc<dyn Clock>,
    clients: watch::Sender<usize>,
    reception: Reception,
}

impl Server {
    /// A server for the clients of a core.
    #[must_use]
    pub fn new(core: CoreHandle, clock: Arc<dyn Clock>) -> Self {
        Self {
            core,
            clock,
            clients: watch::Sender::new(0),
            reception: Reception::new(),
        }
    }

    /// How many clients are served, to wait on.
    #[must_use]
    pub fn clients(&self) -> watch::Receiver<usize> {
        self.clients.subscribe()
    }

    /// Serves whoever comes, until the core ends or the future is dropped, which ends all conversations.
    pub async fn run(&self, listener: &Listener) {
        let (access, wanted) = Access::new();
        tokio::select! {
            () = self.serve(listener, access) => {}
            () = access::make(&self.reception, wanted) => {}
        }
    }

    async fn serve(&self, listener: &Listener, access: Access) {
        let mut conversations = JoinSet::new();
        loop {
            tokio::select! {
                came = listener.accept() => match came {
                    Ok(stream) => {
                        let guest = Guest {
                            core: self.core.clone(),
                            clock: self.clock.clone(),
                            clients: self.clients.clone(),
                            reception: self.reception.clone(),
                            access: access.clone(),
                            is_full: conversations.len() >= MOST_CLIENTS,
                        };
                        conversations.spawn(guest.converse(stream));
                    }
                    // No descriptor is left, or the like: one that ends frees some.
                    Err(_) => drop(tokio::time::timeout(Duration::from_millis(100), conversations.join_next()).await),
                },
                Some(_) = conversations.join_next() => {}
                () = self.core.post.closed() => return,
            }
        }
    }
}

/// A client that came.
struct Guest {
    core: CoreHandle,
    clock: Arc<dyn Clock>,
    clients: watch::Sender<usize>,
    reception: Reception,
    access: Access,
    is_full: bool,
}

/// Counts a client for as long as it is served.
struct Counted(watch::Sender<usize>);

impl Counted {
    fn new(clients: &watch::Sender<usize>) -> Self {
        clients.send_modify(|count| *count += 1);
        Self(clients.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Guest {
    async fn converse(self, stream: UnixStream) {
        let admitted = stream
            .peer_cred()
            .map_err(|error| format!("not yours: the kernel does not say who you are: {error}"))
            .and_then(|peer| Ok((peer::admit(&peer)?, peer::process(&peer))));
        let (mut read, mut write) = stream.into_split();
        let (by, process) = match admitted {
            Ok(admitted) => admitted,
            Err(why) => return refuse(&mut write, Welcome::NotYours(why)).await,
        };
        if self.is_full {
            let text = format!("the host serves {MOST_CLIENTS} clients already: close one");
            return refuse(&mut write, Welcome::Full(text)).await;
        }
        let mut frames = Frames::new(MOST_FROM_CLIENT);
        let greeting = tokio::time::timeout(GREETING, next(&mut read, &mut frames)).await;
        let Ok(Some(hello)) = greeting else {
            return;
        };
        let Ok(hello) = serde_json::from_slice::<Hello>(&hello) else {
            return;
        };
        let pid = std::process::id();
        if let Some(text) = hello.misfit(pid) {
            return refuse(&mut write, Welcome::OtherVersion(text)).await;
        }
        if hello.name.len() > MOST_NAME_BYTES {
            return;
        }
        let seat = self.reception.seat(Comer {
            by: by.clone(),
            process,
            client: hello.name.clone(),
            looks_only: hello.looks_only,
            given: hello.given,
        });
        let seat = match seat {
            Ok(seat) => Arc::new(seat),
            Err(who) => return refuse(&mut write, Welcome::Removed(who)).await,
        };
        if !greet(&mut write, &Welcome::Served { pid }).await {
            return;
        }
        let _counted = Counted::new(&self.clients);
        let local = Local {
            core: self.core,
            clock: self.clock,
            by,
            name: hello.name.into(),
        };
        let line = Line {
            local,
            seat: seat.clone(),
            access: self.access,
        };
        let ends = async {
            seat.is_removed().await;
            // Whatever it waits for is answered with that meanwhile.
            tokio::time::sleep(FAREWELL).await;
        };
        let (answers, written) = mpsc::channel(MOST_ANSWERS);
        tokio::select! {
            () = listen(read, frames, line, answers) => {}
            () = speak(write, written) => {}
            () = ends => {}
        }
    }
}

async fn greet(write: &mut OwnedWriteHalf, welcome: &Welcome) -> bool {
    let Ok(text) = serde_json::to_vec(welcome) else {
        return false;
    };
    match frame(&text, MOST_FROM_HOST) {
        Ok(framed) => write.write_all(&framed).await.is_ok(),
        Err(_) => false,
    }
}

async fn refuse(write: &mut OwnedWriteHalf, welcome: Welcome) {
    greet(write, &welcome).await;
}

/// The next whole frame; none when the line has ended or can no longer be understood.
async fn next(read: &mut OwnedReadHalf, frames: &mut Frames) -> Option<bytes::Bytes> {
    loop {
        if let Some(frame) = frames.take().ok()? {
            return Some(frame);
        }
        let count = read.read_buf(frames.buffer()).await.ok()?;
        if count == 0 {
            return None;
        }
    }
}

/// Takes requests until the line ends. Each is answered by a task of its own, so that one that waits holds up no other.
async fn listen(
    mut read: OwnedReadHalf,
    mut frames: Frames,
    line: Line,
    answers: mpsc::Sender<Vec<u8>>,
) {
    let mut tasks = JoinSet::new();
    let mut waiting: BTreeMap<u64, AbortHandle> = BTreeMap::new();
    loop {
        let frame = tokio::select! {
            frame = next(&mut read, &mut frames) => frame,
            Some(ended) = tasks.join_next() => {
                if let Ok(number) = ended {
                    waiting.remove(&number);
                }
                continue;
            }
        };
        let Some(frame) = frame else {
            return;
        };
        let Ok((number, request)) = decode::<Request>(&frame) else {
            return;
        };
        if let Request::Forget(number) = request {
            if let Some(task) = waiting.remove(&number) {
                task.abort();
            }
            continue;
        }
        let (line, answers) = (line.clone(), answers.clone());
        let is_busy = tasks.len() >= MOST_REQUESTS;
        if is_busy {
            let gone = Reply::Gone("too many requests wait for an answer".to_owned());
            send(&answers, number, &gone).await;
            continue;
        }
        let task = tasks.spawn(async move {
            let reply = answer::answer(&line, request).await;
            send(&answers, number, &reply).await;
            number
        });
        waiting.insert(number, task);
    }
}

async fn send(answers: &mpsc::Sender<Vec<u8>>, number: u64, reply: &Reply) {
    let framed = encode(number, reply)
        .map_err(|unclear| unclear.to_string())
        .and_then(|bytes| frame(&bytes, MOST_FROM_HOST).map_err(|long| long.to_string()));
    let framed = framed.or_else(|why| {
        let gone = encode(number, &Reply::Gone(why)).unwrap_or_default();
        frame(&gone, MOST_FROM_HOST)
    });
    if let Ok(framed) = framed {
        // A line that has ended needs no answer.
        let _ = answers.send(framed).await;
    }
}

/// Writes answers until the line ends.
async fn speak(mut write: OwnedWriteHalf, mut written: mpsc::Receiver<Vec<u8>>) {
    while let Some(framed) = written.recv().await {
        if write.write_all(&framed).await.is_err() {
            return;
        }
    }
}
