//! The one client of the session protocol: submit a command, take a snapshot, pull events, watch signals, fetch texts. There is no back
//! door beside it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::body::Body;
use crate::base::id::{CommandId, Digest, GateId};
use crate::domain::journal::{Answered, Command, EffectKey, Refusal, World};
use crate::domain::presence::Standing;
use crate::domain::security::Actor;
use crate::engine::core::{CoreHandle, Pulled, Slot};
use crate::engine::ports::clock::Clock;
use crate::session::line::AttachFailure;
use crate::session::local::Local;
use crate::session::presence::{Company, Presence};
use crate::session::protocol::Hello;
use crate::session::remote::Remote;

/// The host is not there any more, or could not give what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session host is gone: {0}")]
pub struct Gone(pub String);

/// What is being said: changed slots, all that exist, and the version to ask from next time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saying {
    /// Slots that changed.
    pub changed: Vec<(EffectKey, Slot)>,
    /// Every effect that says something now.
    pub all: Vec<EffectKey>,
    /// Ask from here next time.
    pub version: u64,
}

/// A client of one session. Cheap to clone.
#[derive(Clone)]
pub struct SessionClient {
    way: Way,
    name: Arc<str>,
    next: Arc<AtomicU64>,
}

/// The way to the host.
#[derive(Clone)]
enum Way {
    /// In this process.
    Local(Local),
    /// Over its socket.
    Remote(Arc<Remote>),
}

impl SessionClient {
    /// A client in the host's own process. `name` is unique among clients; command ids are made from it.
    #[must_use]
    pub fn local(core: CoreHandle, clock: Arc<dyn Clock>, by: Actor, name: &str) -> Self {
        let name: Arc<str> = name.into();
        let local = Local {
            core,
            clock,
            by,
            name: name.clone(),
        };
        Self::over(Way::Local(local), name)
    }

    /// A client of the host that listens at `socket`. A line that is lost is made again once for each request.
    ///
    /// # Errors
    /// No host answers, or not us.
    pub async fn attach(socket: &Path, name: &str) -> Result<Self, AttachFailure> {
        Self::greet(socket, Hello::new(name)).await
    }

    /// As [`attach`](Self::attach), to look only: the host refuses every command of this client.
    ///
    /// # Errors
    /// As for [`attach`](Self::attach).
    pub async fn attach_to_look(socket: &Path, name: &str) -> Result<Self, AttachFailure> {
        let hello = Hello {
            looks_only: true,
            ..Hello::new(name)
        };
        Self::greet(socket, hello).await
    }

    async fn greet(socket: &Path, hello: Hello) -> Result<Self, AttachFailure> {
        let name = hello.name.as_str().into();
        let remote = Remote::attach(socket, hello).await?;
        Ok(Self::over(Way::Remote(Arc::new(remote)), name))
    }

    fn over(way: Way, name: Arc<str>) -> Self {
        Self {
            way,
            name,
            next: Arc::new(AtomicU64::new(1)),
        }
    }

    /// The host's process, if it is another one.
    #[must_use]
    pub fn host_pid(&self) -> Option<u32> {
        match &self.way {
            Way::Local(_) => None,
            Way::Remote(remote) => Some(remote.host_pid()),
        }
    }

    /// Submits a command and waits until it is durable or refused.
    ///
    /// # Errors
    /// The host is gone; whether the command was taken is unknown, and sending it again under the same id would tell.
    pub async fn submit(&self, command: Command) -> Result<Result<Answered, Refusal>, Gone> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = CommandId(format!("{}-{number}", self.name));
        self.submit_as(id, command).await
    }

    /// As [`submit`](Self::submit), under a name of the caller's: a second time gives the answer of the first.
    ///
    /// # Errors
    /// As for [`submit`](Self::submit).
    pub async fn submit_as(
        &self,
        id: CommandId,
        command: Command,
    ) -> Result<Result<Answered, Refusal>, Gone> {
        match &self.way {
            // The host's own process is its user's.
            Way::Local(local) => local.submit(id, Standing::Owner, command).await,
            Way::Remote(remote) => remote.submit(id, command).await,
        }
    }

    /// The world as it is on disk.
    ///
    /// # Errors
    /// The host is gone.
    pub async fn snapshot(&self) -> Result<World, Gone> {
        match &self.way {
            Way::Local(local) => local.snapshot().await,
            Way::Remote(remote) => remote.snapshot().await,
        }
    }

    /// Waits until there is an event after number `after`, and gives those that there are. Cancel safe.
    ///
    /// # Errors
    /// The host is gone.
    pub async fn events(&self, after: u64) -> Result<Pulled, Gone> {
        match &self.way {
            Way::Local(local) => local.events(after).await,
            Way::Remote(remote) => remote.events(after).await,
        }
    }

    /// Waits until something else is being said than at `version`. Cancel safe.
    ///
    /// # Errors
    /// The host is gone.
    pub async fn signals(&self, version: u64) -> Result<Saying, Gone> {
        match &self.way {
            Way::Local(local) => local.signals(version).await,
            Way::Remote(remote) => remote.signals(version).await,
        }
    }

    /// Says where the person at this end is. In the host's own process nobody else is told.
    ///
    /// # Errors
    /// The host is gone.
    pub async fn here(&self, presence: Presence) -> Result<(), Gone> {
        match &self.way {
            Way::Local(_) => Ok(()),
            Way::Remote(remote) => remote.here(presence).await,
        }
    }

    /// Hands an item to somebody else who is there, by the number of their line. In the host's own process nobody else is.
    ///
    /// # Errors
    /// The host is gone, or does not pass it on; the text says why.
    pub async fn hand(&self, to: u64, gate: GateId) -> Result<Result<(), String>, Gone> {
        match &self.way {
            Way::Local(_) => Ok(Ok(())),
            Way::Remote(remote) => remote.hand(to, gate).await,
        }
    }

    /// Says something to everybody else who is there, in a line. In the host's own process nobody is.
    ///
    /// # Errors
    /// The host is gone, or does not pass it on; the text says why.
    pub async fn tell(&self, text: &str) -> Result<Result<(), String>, Gone> {
        match &self.way {
            Way::Local(_) => Ok(Err("nobody else can join this session".to_owned())),
            Way::Remote(remote) => remote.tell(text).await,
        }
    }

    /// Why this client may not come back by itself, once somebody has sent it away.
    #[must_use]
    pub fn removed(&self) -> Option<String> {
        match &self.way {
            Way::Local(_) => None,
            Way::Remote(remote) => remote.removed(),
        }
    }

    /// Waits until other people are there, or elsewhere, than at `version`. Cancel safe.
    ///
    /// # Errors
    /// The host is gone.
    pub async fn company(&self, version: u64) -> Result<Company, Gone> {
        match &self.way {
            Way::Local(_) => std::future::pending().await,
            Way::Remote(remote) => remote.company(version).await,
        }
    }

    /// Fetches a long text.
    ///
    /// # Errors
    /// It is missing or damaged; the text says so.
    pub async fn fetch(&self, digest: Digest) -> Result<Vec<u8>, Gone> {
        match &self.way {
            Way::Local(local) => local.fetch(digest).await,
            Way::Remote(remote) => remote.fetch(digest).await,
        }
    }

    /// Makes a body of a text for a command, and has the host keep it if it is long.
    ///
    /// # Errors
    /// It cannot be kept, or is longer than a message may be.
    pub async fn keep(&self, text: &str) -> Result<Body, Gone> {
        match &self.way {
            Way::Local(local) => local.keep(text.to_owned()).await,
            Way::Remote(remote) => remote.keep(text).await,
        }
    }
}
