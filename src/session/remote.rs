//! The client over the socket: what each request gives, and a lost line that is made again once for each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::base::body::Body;
use crate::base::id::{CommandId, Digest, GateId};
use crate::base::text::SafeText;
use crate::domain::journal::{Answered, Command, EffectKey, Refusal, World};
use crate::domain::presence::Standing;
use crate::engine::core::{Pulled, Slot};
use crate::session::line::{AttachFailure, Line, Lost};
use crate::session::presence::{Company, Presence};
use crate::session::protocol::{Heard, Hello, Known, Mark, Reply, Request};
use crate::session::{Gone, Saying};

/// Requests of this client that wait for an answer; then asking waits. The host takes more than that.
const MOST_WAITING: usize = 128;

/// Between tries to make a lost line again: a host may be ending while the next one starts.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
];

/// A line to a host, made again when it is lost.
pub(super) struct Remote {
    path: PathBuf,
    /// How it greets; what it was given meanwhile is what it comes back with.
    hello: Mutex<Hello>,
    /// Why it does not come back.
    removed: OnceLock<String>,
    pid: AtomicU32,
    /// The line in use; whoever finds it lost makes the next.
    line: tokio::sync::Mutex<Arc<Line>>,
    /// The texts of signals as far as they came.
    heard: Mutex<BTreeMap<EffectKey, Arc<Slot>>>,
    waiting: Semaphore,
}

impl Remote {
    pub(super) async fn attach(path: &Path, hello: Hello) -> Result<Self, AttachFailure> {
        let (line, pid) = Line::connect(path, &hello).await?;
        Ok(Self {
            path: path.to_owned(),
            hello: Mutex::new(hello),
            removed: OnceLock::new(),
            pid: AtomicU32::new(pid),
            line: tokio::sync::Mutex::new(Arc::new(line)),
            heard: Mutex::default(),
            waiting: Semaphore::new(MOST_WAITING),
        })
    }

    pub(super) fn host_pid(&self) -> u32 {
        self.pid.load(Ordering::Relaxed)
    }

    pub(super) async fn submit(
        &self,
        id: CommandId,
        command: Command,
    ) -> Result<Result<Answered, Refusal>, Gone> {
        match self.ask(&Request::Submit(id, Box::new(command))).await? {
            Reply::Answer(answer) => {
                if let Err(Refusal::Below { has, .. }) = &answer {
                    self.is_given(*has);
                }
                Ok(answer)
            }
            other => Err(unexpected(&other)),
        }
    }

    pub(super) async fn snapshot(&self) -> Result<World, Gone> {
        let bytes = match self.ask(&Request::Snapshot).await? {
            Reply::World(bytes) => bytes,
            other => return Err(unexpected(&other)),
        };
        let (_, _, mut world): (u32, String, World) = postcard::from_bytes(&bytes)
            .map_err(|error| Gone(format!("its world cannot be read: {error}")))?;
        world.settle_all();
        Ok(world)
    }

    pub(super) async fn events(&self, after: u64) -> Result<Pulled, Gone> {
        loop {
            match self.ask(&Request::Events(after)).await? {
                // Nothing happened for a while.
                Reply::Events(events) if events.is_empty() => {}
                Reply::Events(events) => return Ok(Pulled::Events(events)),
                Reply::TooOld => return Ok(Pulled::TooOld),
                other => return Err(unexpected(&other)),
            }
        }
    }

    pub(super) async fn signals(&self, version: u64) -> Result<Saying, Gone> {
        loop {
            let base = self.heard().clone();
            let texts = base
                .iter()
                .map(|(key, slot)| (*key, Mark::of(slot.dropped, &slot.text)));
            let known = Known {
                version,
                texts: texts.collect(),
            };
            let reply = self.ask(&Request::Signals(known)).await?;
            let Reply::Signals {
                version: now,
                heard,
                all,
            } = reply
            else {
                return Err(unexpected(&reply));
            };
            if now != version {
                let changed = self.take_in(&base, heard, &all);
                return Ok(Saying {
                    changed,
                    all,
                    version: now,
                });
            }
        }
    }

    /// Puts what came behind what was there when it was asked for.
    fn take_in(
        &self,
        base: &BTreeMap<EffectKey, Arc<Slot>>,
        heard: Vec<Heard>,
        all: &[EffectKey],
    ) -> Vec<(EffectKey, Slot)> {
        let mut slots = self.heard();
        slots.retain(|key, _| all.contains(key));
        let mut changed = Vec::new();
        for more in heard {
            let had = base.get(&more.key).filter(|_| more.is_rest);
            let text = had.map_or_else(
                || more.text.clone(),
                |had| [had.text.as_str(), &more.text].concat(),
            );
            let slot = Slot {
                version: more.version,
                text,
                dropped: more.dropped,
            };
            slots.insert(more.key, Arc::new(slot.clone()));
            changed.push((more.key, slot));
        }
        changed
    }

    pub(super) async fn fetch(&self, digest: Digest) -> Result<Vec<u8>, Gone> {
        match self.ask(&Request::Fetch(digest)).await? {
            Reply::Text(text) => text.map_err(Gone),
            other => Err(unexpected(&other)),
        }
    }

    pub(super) async fn here(&self, presence: Presence) -> Result<(), Gone> {
        match self.ask(&Request::Here(presence)).await? {
            Reply::Noted => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    pub(super) async fn hand(&self, to: u64, gate: GateId) -> Result<Result<(), String>, Gone> {
        passed(self.ask(&Request::Hand(to, gate)).await?)
    }

    pub(super) async fn tell(&self, text: &str) -> Result<Result<(), String>, Gone> {
        passed(self.ask(&Request::Tell(text.to_owned())).await?)
    }

    pub(super) fn removed(&self) -> Option<String> {
        self.removed.get().cloned()
    }

    pub(super) async fn company(&self, version: u64) -> Result<Company, Gone> {
        loop {
            match self.ask(&Request::Company(version)).await? {
                // Nobody came or went for a while.
                Reply::Noted => {}
                Reply::Company(company) => {
                    self.is_given(company.standing);
                    return Ok(company);
                }
                other => return Err(unexpected(&other)),
            }
        }
    }

    pub(super) async fn keep(&self, text: &str) -> Result<Body, Gone> {
        let body = Body::of(text);
        if body.digest().is_none() {
            return Ok(body);
        }
        match self.ask(&Request::Keep(text.to_owned())).await? {
            Reply::Kept(kept) => kept.map(|_| body).map_err(Gone),
            other => Err(unexpected(&other)),
        }
    }

    /// What the host lets this client do: it comes back with no more.
    fn is_given(&self, standing: Standing) {
        let mut hello = self.hello.lock().unwrap_or_else(PoisonError::into_inner);
        if !hello.looks_only {
            hello.given = standing;
        }
    }

    /// Asks, and asks once more over a new line if this one is lost. Every request may be asked twice: a command carries its name.
    async fn ask(&self, request: &Request) -> Result<Reply, Gone> {
        let _turn = self.waiting.acquire().await;
        if let Some(why) = self.removed() {
            return Err(Gone(why));
        }
        let mut line = self.line.lock().await.clone();
        if line.is_open() {
            match line.ask(request).await {
                Ok(reply) => return self.reply_of(reply),
                Err(Lost::TooLong(why)) => return Err(Gone(why)),
                Err(Lost::Line) => {}
            }
        }
        line = self.again(&line).await?;
        match line.ask(request).await {
            Ok(reply) => self.reply_of(reply),
            Err(Lost::TooLong(why)) => Err(Gone(why)),
            Err(Lost::Line) => Err(Gone("the line was lost twice".to_owned())),
        }
    }

    /// A new line in the place of `lost`, unless somebody else made it already.
    async fn again(&self, lost: &Arc<Line>) -> Result<Arc<Line>, Gone> {
        let mut line = self.line.lock().await;
        if Arc::ptr_eq(&line, lost) || !line.is_open() {
            if let Some(why) = self.removed() {
                return Err(Gone(why));
            }
            let hello = self
                .hello
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            let mut made = Line::connect(&self.path, &hello).await;
            for pause in PAUSES {
                if !matches!(made, Err(AttachFailure::NoHost(_))) {
                    break;
                }
                tokio::time::sleep(pause).await;
                made = Line::connect(&self.path, &hello).await;
            }
            if let Err(AttachFailure::Removed(by)) = made {
                return Err(self.is_removed(&by));
            }
            let (made, pid) = made.map_err(|failure| Gone(failure.to_string()))?;
            self.pid.store(pid, Ordering::Relaxed);
            *line = Arc::new(made);
        }
        Ok(line.clone())
    }

    fn reply_of(&self, reply: Reply) -> Result<Reply, Gone> {
        match reply {
            Reply::Gone(why) => Err(Gone(why)),
            Reply::Removed(by) => Err(self.is_removed(&by)),
            reply => Ok(reply),
        }
    }

    /// Somebody sent this client away: it does not come back by itself.
    fn is_removed(&self, by: &str) -> Gone {
        let by = SafeText::line(by);
        let why = AttachFailure::Removed(by.into_string()).to_string();
        Gone(self.removed.get_or_init(|| why).clone())
    }

    fn heard(&self) -> MutexGuard<'_, BTreeMap<EffectKey, Arc<Slot>>> {
        // Every change to it is whole, whatever panics beside it.
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of something that was to be passed on.
fn passed(reply: Reply) -> Result<Result<(), String>, Gone> {
    match reply {
        Reply::Noted => Ok(Ok(())),
        Reply::Unheard(why) => Ok(Err(why)),
        other => Err(unexpected(&other)),
    }
}

fn unexpected(reply: &Reply) -> Gone {
    let what = match reply {
        Reply::Answer(_) => "an answer",
        Reply::World(_) => "a world",
        Reply::Events(_) | Reply::TooOld => "events",
        Reply::Signals { .. } => "signals",
        Reply::Text(_) | Reply::Kept(_) => "a text",
        Reply::Noted | Reply::Unheard(_) | Reply::Company(_) | Reply::Removed(_) => "who is there",
        Reply::Gone(why) => return Gone(why.clone()),
    };
    Gone(format!("it gave {what} to another question"))
}
