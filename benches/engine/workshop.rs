//! A whole engine without a network: the core on a journal on disk, the reconciler, real tools on real files, a model that answers at
//! once, and version control that is either git or only folders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aios::adapters::blobs::files::FileBlobs;
use aios::adapters::sandbox::Bare;
use aios::adapters::state::sled;
use aios::base::body::Body;
use aios::base::id::Oid;
use aios::base::secret::Redactor;
use aios::base::tokens::TokenUsage;
use aios::domain::journal::Command;
use aios::domain::llm::{Block, CallFailure, Reply, Request, StopReason, ToolUse};
use aios::domain::sprint::Setup;
use aios::engine::agents::Fragments;
use aios::engine::changes::Changes;
use aios::engine::core::{Core, CoreHandle, CoreParts, Feed, MAILBOX, Signals};
use aios::engine::llm::Gateway;
use aios::engine::ports::blobs::Blobs;
use aios::engine::ports::clock::SystemClock;
use aios::engine::ports::model::{Model, Sink};
use aios::engine::ports::vcs::{
    Content, Identity, LandOutcome, LogEntry, MergeOutcome, NewCommit, RefUpdate, Removal,
    RepoFacts, TreeChange, TreeEdit, TreeEntry, Vcs, VcsFailure, WorkspaceId, Worktree,
};
use aios::engine::reconcile::{Project, Reconciler, Workshop};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::core_rows::{Counted, Counts, said};
use crate::journal::open;
use crate::play::{Shapes, oid, planned, setup};

/// The file that every task edits one line of; each task has its own.
pub(crate) const LINE: &str = "the line to be changed\n";

/// Answers at once: a plan, or three replies of a worker with a call each (read, edit, list) of which the last one also ends the work.
struct Canned {
    tasks: u32,
}

fn call(id: String, name: &str, args: &Value) -> Block {
    Block::ToolUse(ToolUse {
        id,
        name: name.to_owned(),
        args: args.to_string(),
    })
}

impl Canned {
    fn blocks(&self, request: &Request) -> Vec<Block> {
        let step = request.metadata.step;
        let slug = &request.metadata.slug;
        let file = format!("parts/{slug}.txt");
        let id = |place: u32| format!("call_{step}_{place}");
        let plan = || {
            let tasks: Vec<_> = (1..=self.tasks).map(planned).collect();
            call(
                id(0),
                "propose_plan",
                &json!({"summary": "each by itself", "tasks": tasks}),
            )
        };
        let mut blocks = vec![Block::Text("I go on with the next thing.".to_owned())];
        match (slug.as_str(), step) {
            ("plan", _) => blocks.push(plan()),
            ("summary", _) => {}
            (_, 0) => blocks.push(call(id(0), "read_file", &json!({"path": file}))),
            (_, 1) => blocks.push(call(
                id(0),
                "edit_file",
                &json!({"path": file, "old": LINE, "new": format!("{slug} was here\n")}),
            )),
            _ => {
                blocks.push(call(
                    id(0),
                    "list_files",
                    &json!({"path": "parts", "glob": format!("{slug}*")}),
                ));
                blocks.push(call(
                    id(1),
                    "finish",
                    &json!({"summary": "done", "criteria": []}),
                ));
            }
        }
        blocks
    }
}

impl Model for Canned {
    fn call<'a>(
        &'a self,
        request: &'a Request,
        _: Sink<'a>,
    ) -> BoxFuture<'a, Result<Reply, CallFailure>> {
        let reply = Reply {
            blocks: self.blocks(request),
            stop: StopReason::ToolUse,
            usage: TokenUsage {
                input: 900,
                output: 60,
                ..TokenUsage::default()
            },
        };
        Box::pin(std::future::ready(Ok(reply)))
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<String>, CallFailure>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

/// Version control that only makes and removes folders, and gives every commit a new name.
pub(crate) struct Folders {
    root: PathBuf,
    refs: Mutex<BTreeMap<String, Oid>>,
    number: AtomicU64,
}

impl Folders {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            root,
            refs: Mutex::new(BTreeMap::from([("refs/heads/main".to_owned(), oid(1))])),
            number: AtomicU64::new(10),
        }
    }

    fn fresh(&self) -> Oid {
        oid(self.number.fetch_add(1, Ordering::Relaxed))
    }

    fn set(&self, name: &str, oid: &Oid) {
        self.refs
            .lock()
            .unwrap()
            .insert(name.to_owned(), oid.clone());
    }
}

fn unused<T>(during: &'static str) -> Result<T, VcsFailure> {
    Err(VcsFailure::Other {
        during,
        message: "not needed in this bench".to_owned(),
    })
}

impl Vcs for Folders {
    fn facts(&self) -> Result<RepoFacts, VcsFailure> {
        Ok(RepoFacts {
            root: self.root.clone(),
            common_dir: self.root.clone(),
            head: Some(oid(1)),
            branch: Some("refs/heads/main".to_owned()),
            dirty: Vec::new(),
            untracked: 0,
            git_version: "none".to_owned(),
            is_linked_worktree: false,
            is_shallow: false,
        })
    }
    fn workspace_id(&self) -> Result<WorkspaceId, VcsFailure> {
        Ok(WorkspaceId::from_bytes([0; 8]))
    }
    fn identity(&self) -> Result<Option<Identity>, VcsFailure> {
        Ok(None)
    }
    fn read_ref(&self, name: &str) -> Result<Option<Oid>, VcsFailure> {
        Ok(self.refs.lock().unwrap().get(name).cloned())
    }
    fn list_refs(&self, _: &str) -> Result<Vec<(String, Oid)>, VcsFailure> {
        Ok(Vec::new())
    }
    fn update_ref(&self, change: &RefUpdate<'_>) -> Result<(), VcsFailure> {
        self.set(change.name, change.new);
        Ok(())
    }
    fn delete_ref(&self, name: &str, _: &Oid) -> Result<(), VcsFailure> {
        self.refs.lock().unwrap().remove(name);
        Ok(())
    }
    fn worktree_add(&self, path: &Path, branch: &str, start: &Oid) -> Result<(), VcsFailure> {
        let parts = path.join("parts");
        std::fs::create_dir_all(&parts).unwrap();
        let id = path.file_name().unwrap_or_default().to_string_lossy();
        let number = id.rsplit('t').next().unwrap_or_default();
        std::fs::write(parts.join(format!("task-{number}.txt")), LINE).unwrap();
        self.set(branch, start);
        Ok(())
    }
    fn worktree_remove(&self, path: &Path, _: Removal) -> Result<(), VcsFailure> {
        // One that is gone already is no failure.
        let _ = std::fs::remove_dir_all(path);
        Ok(())
    }
    fn worktree_list(&self) -> Result<Vec<Worktree>, VcsFailure> {
        Ok(Vec::new())
    }
    fn worktree_prune(&self, _: &Path) -> Result<u32, VcsFailure> {
        Ok(0)
    }
    fn snapshot(&self, _: &Path) -> Result<Oid, VcsFailure> {
        Ok(self.fresh())
    }
    fn set_worktree_head(&self, _: &Path, _: &Oid, _: &Oid) -> Result<(), VcsFailure> {
        Ok(())
    }
    fn reset_worktree(&self, _: &Path, _: &Oid) -> Result<(), VcsFailure> {
        Ok(())
    }
    fn tree_of(&self, _: &Oid) -> Result<Oid, VcsFailure> {
        Ok(oid(2))
    }
    fn entry(&self, _: &Oid, _: &[u8]) -> Result<Option<TreeEntry>, VcsFailure> {
        Ok(None)
    }
    fn tree_changes(&self, _: &Oid, _: &Oid) -> Result<Vec<TreeChange>, VcsFailure> {
        Ok(Vec::new())
    }
    fn diff_tree_paths(&self, _: &Oid, _: &Oid) -> Result<Vec<Vec<u8>>, VcsFailure> {
        Ok(Vec::new())
    }
    fn blob(&self, _: &Oid, _: u64) -> Result<Vec<u8>, VcsFailure> {
        unused("read a file")
    }
    fn blobs(&self, _: &[Oid], _: u64) -> Result<Vec<Content>, VcsFailure> {
        unused("read files")
    }
    fn write_tree_with(&self, _: &Oid, _: &[TreeEdit]) -> Result<Oid, VcsFailure> {
        unused("write a tree")
    }
    fn commit_tree(&self, _: &NewCommit<'_>) -> Result<Oid, VcsFailure> {
        Ok(self.fresh())
    }
    fn diff(&self, _: &Oid, _: &Oid, _: u32) -> Result<Vec<u8>, VcsFailure> {
        Ok(format!(
            "diff --git a/a.txt b/a.txt\nindex {0}..{1} 100644\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n",
            oid(3),
            oid(4)
        )
        .into_bytes())
    }
    fn merge_trees(&self, _: Option<&Oid>, _: &Oid, _: &Oid) -> Result<MergeOutcome, VcsFailure> {
        Ok(MergeOutcome::Clean { tree: self.fresh() })
    }
    fn merge_base(&self, _: &Oid, _: &Oid) -> Result<Option<Oid>, VcsFailure> {
        Ok(None)
    }
    fn is_ancestor(&self, one: &Oid, two: &Oid) -> Result<bool, VcsFailure> {
        Ok(one == two)
    }
    fn log(&self, _: &Oid, _: Option<&Oid>, _: u32) -> Result<Vec<LogEntry>, VcsFailure> {
        Ok(Vec::new())
    }
    fn find_commit(&self, _: &Oid, _: Option<&Oid>, _: &str) -> Result<Option<Oid>, VcsFailure> {
        Ok(None)
    }
    fn land(&self, branch: &str, commit: &Oid, _: &Oid) -> Result<LandOutcome, VcsFailure> {
        self.set(branch, commit);
        Ok(LandOutcome::Moved)
    }
}

/// What a sprint of so many tasks took.
pub(crate) struct Played {
    /// From the goal to the landed branch.
    pub(crate) wall: Duration,
    /// Syncs of the journal.
    pub(crate) syncs: u64,
    /// Events.
    pub(crate) events: u64,
}

/// Plays one sprint of `tasks` tasks with `agents` at once, below `dir`.
pub(crate) fn play(dir: &Path, vcs: Arc<dyn Vcs>, tasks: u32, agents: u32) -> Played {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let shapes = Shapes {
        tasks,
        replies: 2,
        agents,
    };
    let setup = setup(shapes, false, false);
    let played = runtime.block_on(run(dir, vcs, tasks, setup));
    runtime.shutdown_background();
    played
}

async fn run(dir: &Path, vcs: Arc<dyn Vcs>, tasks: u32, setup: Setup) -> Played {
    let counts = Arc::new(Counts::default());
    let journal = Counted(open(&dir.join("journal")), counts.clone());
    let state = sled::open(&dir.join("state.sled"), sled::OPEN_LIMIT);
    let blobs: Arc<dyn Blobs> = Arc::new(FileBlobs::open(&dir.join("blobs")).unwrap());
    let feed = Arc::new(Feed::new(0));
    let (post, mailbox) = mpsc::channel(MAILBOX);
    let handle = CoreHandle {
        post,
        feed: feed.clone(),
        signals: Arc::new(Signals::default()),
        blobs: blobs.clone(),
    };
    let shop = workshop(dir, vcs, blobs, tasks);
    let reconciler = Reconciler::new(
        handle.clone(),
        tokio::runtime::Handle::current(),
        Arc::new(shop),
    );
    let parts = CoreParts {
        reopen: Box::new(|| unreachable!("no append fails here")),
        state: Some(state.state),
        world: aios::domain::journal::World::default(),
        feed,
        clock: Arc::new(SystemClock),
        setup: Box::new(move || Ok(setup.clone())),
        follower: Box::new(reconciler),
    };
    let core = Core::new(Box::new(journal), parts);
    let thread = std::thread::spawn(move || core.run(mailbox));
    let started = Instant::now();
    let start = Command::StartSprint {
        goal: Body::Inline("go".to_owned()),
        setup: None,
        base: None,
    };
    handle.submit(said(start)).await.unwrap().unwrap();
    let mut head = handle.feed.head();
    loop {
        // A hundred events at a time: looking costs a copy of the world.
        let seen = *head.borrow_and_update();
        let world = handle.snapshot().await.unwrap();
        let sprint = world.current().expect("a sprint was started");
        if sprint.is_closed() && world.open.is_empty() {
            let (done, all) = sprint.progress();
            assert_eq!(
                (done, all),
                (tasks as usize, tasks as usize),
                "not all is done"
            );
            break;
        }
        let gate = sprint.open_gates().next();
        assert!(gate.is_none(), "somebody is asked: {gate:?}");
        let near_end = sprint.unfinished < 4;
        let pause = Duration::from_millis(if near_end { 2 } else { 50 });
        // A timeout only looks again.
        let _ = tokio::time::timeout(pause, head.wait_for(|now| *now > seen + 100)).await;
    }
    let wall = started.elapsed();
    handle.stop().await;
    tokio::task::spawn_blocking(move || thread.join())
        .await
        .unwrap()
        .expect("the core ends");
    Played {
        wall,
        syncs: counts.appends.load(Ordering::Relaxed),
        events: counts.lines.load(Ordering::Relaxed),
    }
}

fn workshop(dir: &Path, vcs: Arc<dyn Vcs>, blobs: Arc<dyn Blobs>, tasks: u32) -> Workshop {
    let worktrees = dir.join("worktrees");
    std::fs::create_dir_all(&worktrees).unwrap();
    Workshop {
        changes: Changes {
            vcs,
            blobs: blobs.clone(),
            worktrees,
            clock: Arc::new(SystemClock),
        },
        gateway: Gateway::new(BTreeMap::from([(
            "canned".to_owned(),
            Arc::new(Canned { tasks }) as _,
        )])),
        sandbox: Arc::new(Bare),
        blobs,
        redactor: Arc::new(Redactor::new([])),
        custom: tokio::sync::watch::channel(aios::engine::reconcile::Custom::plain(Arc::new(
            Fragments::built_in().unwrap(),
        )))
        .1,
        environment: Vec::new(),
        read_only: Vec::new(),
        project: Arc::new(|_: &Path| Ok(Project::default())),
        root: dir.to_owned(),
    }
}
