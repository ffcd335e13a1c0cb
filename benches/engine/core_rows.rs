//! The core: commands of one client and of sixty-four, through mailbox, decision, journal and answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aios::adapters::blobs::memory::MemoryBlobs;
use aios::base::body::Body;
use aios::base::id::SprintId;
use aios::base::money::Money;
use aios::base::time::Timestamp;
use aios::domain::journal::{Command, EffectKey, Input, World};
use aios::domain::presence::Standing;
use aios::engine::core::{Core, CoreHandle, CoreParts, Feed, Follower, MAILBOX, Signals};
use aios::engine::ports::clock::SystemClock;
use aios::engine::ports::journal::{Genesis, Head, Journal, JournalFailure};
use tokio::sync::mpsc;

use crate::journal::{bare_syncs, open};
use crate::play::{Shapes, person, setup};
use crate::report::{ms, percentile, row};

/// Counts what reaches the disk.
#[derive(Default)]
pub(crate) struct Counts {
    /// Appends, each with one sync.
    pub(crate) appends: AtomicU64,
    /// Lines in them.
    pub(crate) lines: AtomicU64,
    /// Nanoseconds inside them.
    pub(crate) inside: AtomicU64,
}

/// A journal that counts.
pub(crate) struct Counted<J>(pub(crate) J, pub(crate) Arc<Counts>);

impl<J: Journal> Journal for Counted<J> {
    fn genesis(&self) -> Option<&Genesis> {
        self.0.genesis()
    }
    fn head(&self) -> Head {
        self.0.head()
    }
    fn append(&mut self, lines: &[String]) -> Result<(), JournalFailure> {
        let started = Instant::now();
        let result = self.0.append(lines);
        let inside = started.elapsed().as_nanos() as u64;
        self.1.inside.fetch_add(inside, Ordering::Relaxed);
        self.1.appends.fetch_add(1, Ordering::Relaxed);
        self.1
            .lines
            .fetch_add(lines.len() as u64, Ordering::Relaxed);
        result
    }
    fn read(
        &self,
        from: u64,
        each: &mut dyn FnMut(u64, &str) -> std::ops::ControlFlow<()>,
    ) -> Result<(), JournalFailure> {
        self.0.read(from, each)
    }
    fn is_read_only(&self) -> Option<String> {
        self.0.is_read_only()
    }
}

/// Nobody acts.
pub(crate) struct Idle;

impl Follower for Idle {
    fn follow(&mut self, _: &World, _: &std::collections::BTreeSet<EffectKey>, _: &[EffectKey]) {}
    fn halt(&mut self) {}
}

/// A command of a person.
pub(crate) fn said(command: Command) -> Input {
    Input {
        id: None,
        by: person(),
        standing: Standing::Owner,
        client: "bench".to_owned(),
        at: Timestamp(1_700_000_000_000),
        command,
    }
}

/// The rows.
pub(crate) fn run() {
    let dir = tempfile::tempdir().unwrap();
    let mut bare = bare_syncs(dir.path());
    let sync = percentile(&mut bare, 50);
    let counts = Arc::new(Counts::default());
    let journal = Counted(open(&dir.path().join("journal")), counts.clone());
    let feed = Arc::new(Feed::new(0));
    let (post, mailbox) = mpsc::channel(MAILBOX);
    let handle = CoreHandle {
        post,
        feed: feed.clone(),
        signals: Arc::new(Signals::default()),
        blobs: Arc::new(MemoryBlobs::default()),
    };
    let shapes = Shapes {
        tasks: 1,
        replies: 1,
        agents: 1,
    };
    let parts = CoreParts {
        reopen: Box::new(|| unreachable!("no append fails here")),
        state: None,
        world: World::default(),
        feed,
        clock: Arc::new(SystemClock),
        setup: Box::new(move || Ok(setup(shapes, true, true))),
        follower: Box::new(Idle),
    };
    let core = Core::new(Box::new(journal), parts);
    let thread = std::thread::spawn(move || core.run(mailbox));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let start = Command::StartSprint {
            goal: Body::Inline("go".to_owned()),
            setup: None,
            base: None,
        };
        handle.submit(said(start)).await.unwrap().unwrap();
        for writers in [1, 64] {
            let before =
                [&counts.appends, &counts.lines].map(|count| count.load(Ordering::Relaxed));
            let span = Duration::from_millis(1_200);
            let mut waits = write(&handle, writers, span).await;
            let [appends, lines] =
                [&counts.appends, &counts.lines].map(|count| count.load(Ordering::Relaxed) as f64);
            let (appends, lines) = (appends - before[0] as f64, lines - before[1] as f64);
            let rate = lines / span.as_secs_f64();
            let over = |percent, waits: &mut [f64]| percentile(waits, percent) - sync;
            let (half, most) = (over(50, &mut waits), over(99, &mut waits));
            let name = format!("core.append.{writers}");
            if writers == 1 {
                row(&name, rate, "events/s")
                    .aim("the disk's own rate")
                    .note(format!("{:.2} of the bare rate", rate * sync / 1_000.0))
                    .print();
            } else {
                row(&name, rate, "events/s").aim(">= 20000").print();
                row(&format!("{name}.group"), lines / appends, "events/fsync")
                    .aim(">= 16")
                    .print();
            }
            row(&format!("{name}.latency"), most, "ms over the fsync")
                .aim("<= 5")
                .note(format!(
                    "p99; p50 {half:.3}; the bare fsync takes {sync:.3}"
                ))
                .print();
        }
        handle.stop().await;
    });
    thread.join().expect("the core ends");
}

/// So many clients, each with one command on its way at a time; gives how long each waited.
async fn write(handle: &CoreHandle, writers: i64, span: Duration) -> Vec<f64> {
    let began = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let handle = handle.clone();
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while began.elapsed() < span {
                    let limit = Money::cents(writer + waits.len() as i64 + 1);
                    let command = Command::SetBudget {
                        sprint: SprintId(1),
                        limit,
                    };
                    let started = Instant::now();
                    handle.submit(said(command)).await.unwrap().unwrap();
                    waits.push(ms(started.elapsed()));
                }
                waits
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.unwrap());
    }
    waits
}
