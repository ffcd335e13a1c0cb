//! The client in the host's own process, and what the server does for a client elsewhere: the same.

use std::sync::Arc;

use crate::base::body::Body;
use crate::base::id::{CommandId, Digest};
use crate::domain::journal::{Answered, Command, Input, Refusal, World};
use crate::domain::presence::Standing;
use crate::domain::security::Actor;
use crate::engine::core::{CoreHandle, Pulled};
use crate::engine::ports::blobs::{BlobFailure, Blobs};
use crate::engine::ports::clock::Clock;
use crate::session::{Gone, Saying};

/// Events taken in one pull.
const PULL: usize = 1_000;

/// Somebody's way to the core.
#[derive(Clone)]
pub(super) struct Local {
    pub(super) core: CoreHandle,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) by: Actor,
    pub(super) name: Arc<str>,
}

impl Local {
    pub(super) async fn submit(
        &self,
        id: CommandId,
        standing: Standing,
        command: Command,
    ) -> Result<Result<Answered, Refusal>, Gone> {
        let input = Input {
            id: Some(id),
            by: self.by.clone(),
            standing,
            client: self.name.to_string(),
            at: self.clock.now(),
            command,
        };
        self.core
            .submit(input)
            .await
            .map_err(|gone| Gone(gone.to_string()))
    }

    pub(super) async fn snapshot(&self) -> Result<World, Gone> {
        self.core
            .snapshot()
            .await
            .map_err(|gone| Gone(gone.to_string()))
    }

    pub(super) async fn events(&self, after: u64) -> Result<Pulled, Gone> {
        let mut head = self.core.feed.head();
        let newer = head.wait_for(|head| *head > after);
        tokio::select! {
            found = newer => found.map(|_| ()).map_err(|_| Gone("the feed has ended".to_owned()))?,
            () = self.core.post.closed() => return Err(Gone("the core has ended".to_owned())),
        }
        Ok(self.core.feed.since(after, PULL))
    }

    /// A version that is higher than the host's is one of a host before it, so that everything is new.
    pub(super) async fn signals(&self, version: u64) -> Result<Saying, Gone> {
        let mut watched = self.core.signals.version();
        let other = watched.wait_for(|now| *now != version);
        let now = tokio::select! {
            now = other => *now.map_err(|_| Gone("the signals have ended".to_owned()))?,
            () = self.core.post.closed() => return Err(Gone("the core has ended".to_owned())),
        };
        let from = if now < version { 0 } else { version };
        let (changed, all) = self.core.signals.since(from);
        Ok(Saying {
            changed,
            all,
            version: now,
        })
    }

    pub(super) async fn fetch(&self, digest: Digest) -> Result<Vec<u8>, Gone> {
        self.blobs(move |blobs| blobs.get(&digest)).await
    }

    pub(super) async fn keep(&self, text: String) -> Result<Body, Gone> {
        let body = Body::of(&text);
        if body.digest().is_some() {
            self.blobs(move |blobs| blobs.put(text.as_bytes())).await?;
        }
        Ok(body)
    }

    /// Blobs are files, and reading them blocks.
    async fn blobs<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Blobs) -> Result<T, BlobFailure> + Send + 'static,
    ) -> Result<T, Gone> {
        let blobs = self.core.blobs.clone();
        match tokio::task::spawn_blocking(move || work(&*blobs)).await {
            Ok(done) => done.map_err(|failure| Gone(failure.to_string())),
            Err(_) => Err(Gone("the texts cannot be reached".to_owned())),
        }
    }
}
