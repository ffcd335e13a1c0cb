//! The handle to a running core: post a command, take a snapshot, follow the feed and the signals.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::domain::journal::{Answered, EffectKey, Input, Refusal, World};
use crate::engine::core::{Feed, Signals};
use crate::engine::ports::blobs::Blobs;

/// What goes through the mailbox.
#[derive(Debug)]
pub enum Post {
    /// A command, and where its answer goes.
    Command(Box<Input>, oneshot::Sender<Result<Answered, Refusal>>),
    /// A copy of the world as it is on disk.
    Snapshot(oneshot::Sender<Box<World>>),
    /// An effect came to an end without a report: it was cancelled, or could not begin.
    Ended(EffectKey),
    /// Try to write again, if the journal failed before.
    Reopen,
    /// Write a snapshot and stop.
    Stop,
}

/// The core has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the session host has ended")]
pub struct CoreGone;

/// How everybody talks to the core. Cheap to clone.
#[derive(Clone)]
pub struct CoreHandle {
    /// The mailbox; when it is full, posting waits.
    pub post: mpsc::Sender<Post>,
    /// What happened.
    pub feed: Arc<Feed>,
    /// What is being said.
    pub signals: Arc<Signals>,
    /// Long texts.
    pub blobs: Arc<dyn Blobs>,
}

impl CoreHandle {
    /// Posts a command and waits until its events are durable.
    ///
    /// # Errors
    /// The core has ended. A refusal is an answer, not an error. Dropping the future does not take the command back.
    pub async fn submit(&self, input: Input) -> Result<Result<Answered, Refusal>, CoreGone> {
        let (answer, answered) = oneshot::channel();
        self.post
            .send(Post::Command(Box::new(input), answer))
            .await
            .map_err(|_| CoreGone)?;
        answered.await.map_err(|_| CoreGone)
    }

    /// A copy of the world.
    ///
    /// # Errors
    /// The core has ended.
    pub async fn snapshot(&self) -> Result<World, CoreGone> {
        let (answer, answered) = oneshot::channel();
        self.post
            .send(Post::Snapshot(answer))
            .await
            .map_err(|_| CoreGone)?;
        answered.await.map(|world| *world).map_err(|_| CoreGone)
    }

    /// Asks the core to write a snapshot and stop; returns at once.
    pub async fn stop(&self) {
        // A core that is gone has stopped already.
        let _ = self.post.send(Post::Stop).await;
    }
}
