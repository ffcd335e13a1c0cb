//! A host: a core on its own thread, the reconciler behind it, and the handle that clients get.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::adapters::blobs::files::FileBlobs;
use crate::adapters::journal::files::{FileJournal, OpenReport, SEGMENT_BYTES};
use crate::adapters::state::sled;
use crate::domain::sprint::Setup;
use crate::engine::core::{Core, CoreHandle, CoreParts, Feed, MAILBOX, Signals, load};
use crate::engine::ports::blobs::Blobs;
use crate::engine::ports::clock::Clock;
use crate::engine::ports::journal::{Genesis, Journal, JournalFailure};
use crate::engine::ports::state::State;
use crate::engine::reconcile::{Reconciler, Workshop};

/// Where a host keeps what it knows.
#[derive(Clone, Debug)]
pub struct Rooms {
    /// The journal's folder.
    pub journal: PathBuf,
    /// Derived state.
    pub derived: PathBuf,
    /// Long texts.
    pub blobs: PathBuf,
}

impl Rooms {
    /// The rooms below one folder.
    #[must_use]
    pub fn below(folder: &Path) -> Self {
        Self {
            journal: folder.join("journal"),
            derived: folder.join("state.sled"),
            blobs: folder.join("blobs"),
        }
    }
}

/// Gives the settings of a sprint that is about to start.
pub type SetupOf = Box<dyn FnMut() -> Result<Setup, String> + Send>;

/// The truth and what is kept beside it, opened and locked.
pub struct Stores {
    /// Its rooms.
    pub rooms: Rooms,
    /// The journal.
    pub journal: FileJournal,
    /// What was found at opening.
    pub report: OpenReport,
    /// Long texts.
    pub blobs: Arc<dyn Blobs>,
    /// Derived state.
    pub state: Arc<dyn State>,
    /// What people should know: torn tails, rebuilt state.
    pub notices: Vec<String>,
    genesis: Genesis,
}

impl Stores {
    /// Opens everything below `rooms`, which takes the lock on the journal.
    ///
    /// # Errors
    /// Another host has it, or it cannot be opened at all.
    pub fn open(rooms: &Rooms, workspace: &str) -> Result<Self, JournalFailure> {
        let genesis = Genesis::new(workspace, env!("CARGO_PKG_VERSION"));
        let (journal, report) = FileJournal::open(&rooms.journal, &genesis, SEGMENT_BYTES)?;
        let blobs = FileBlobs::open(&rooms.blobs).map_err(|failure| JournalFailure::Io {
            what: failure.to_string(),
        })?;
        let opened = sled::open(&rooms.derived, sled::OPEN_LIMIT);
        let mut notices: Vec<String> = opened.notice.into_iter().collect();
        if report.cut_bytes > 0 {
            notices.push(format!(
                "the journal's last record was torn: {} bytes were cut off and kept beside it",
                report.cut_bytes
            ));
        }
        notices.extend(
            report
                .read_only
                .iter()
                .map(|why| format!("read-only: {why}; `aios journal export` writes the good part")),
        );
        Ok(Self {
            rooms: rooms.clone(),
            journal,
            report,
            blobs: Arc::new(blobs),
            state: opened.state,
            notices,
            genesis,
        })
    }
}

/// A running host. Dropping it does not stop it; [`Host::stop`] does.
pub struct Host {
    /// How clients reach it.
    pub handle: CoreHandle,
    thread: JoinHandle<()>,
}

impl Host {
    /// Folds the journal, records the new host and what the one before left unfinished, and starts to work.
    ///
    /// # Errors
    /// The journal cannot be folded, or the thread cannot be started.
    #[expect(
        clippy::unused_async,
        reason = "only on a runtime: it takes its handle"
    )]
    pub async fn start(
        stores: Stores,
        shop: impl FnOnce(Arc<dyn Blobs>) -> Workshop,
        setup: SetupOf,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, JournalFailure> {
        let loaded = load(&stores.journal, Some(&*stores.state))?;
        let feed = Arc::new(Feed::new(loaded.world.seq));
        let (post, mailbox) = mpsc::channel(MAILBOX);
        let handle = CoreHandle {
            post,
            feed: feed.clone(),
            signals: Arc::new(Signals::default()),
            blobs: stores.blobs.clone(),
        };
        let reconciler = Reconciler::new(
            handle.clone(),
            Handle::current(),
            Arc::new(shop(stores.blobs.clone())),
        );
        let (folder, genesis) = (stores.rooms.journal.clone(), stores.genesis.clone());
        let reopen = move || -> Result<Box<dyn Journal>, JournalFailure> {
            let (journal, _) = FileJournal::open(&folder, &genesis, SEGMENT_BYTES)?;
            Ok(Box::new(journal))
        };
        let parts = CoreParts {
            reopen: Box::new(reopen),
            state: Some(stores.state.clone()),
            world: loaded.world,
            feed,
            clock,
            setup,
            follower: Box::new(reconciler),
        };
        let core = Core::new(Box::new(stores.journal), parts);
        let thread = std::thread::Builder::new()
            .name("core".to_owned())
            .spawn(move || core.run(mailbox))
            .map_err(|error| JournalFailure::Io {
                what: format!("could not start the core: {error}"),
            })?;
        Ok(Self { handle, thread })
    }

    /// Waits until nothing can be written any more, and says why.
    pub async fn trouble(&self) -> String {
        let mut trouble = self.handle.feed.trouble();
        match trouble.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            Err(_) => "the feed has ended".to_owned(),
        }
    }

    /// Stops the core after what it is doing, with a snapshot; effects that run are ended and will be looked up by the next host.
    pub async fn stop(self) {
        self.handle.stop().await;
        let thread = self.thread;
        // A core that panicked has stopped, too; its journal is whole up to the last answer.
        let _ = tokio::task::spawn_blocking(move || drop(thread.join())).await;
    }
}
