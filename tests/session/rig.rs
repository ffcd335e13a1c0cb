//! A core on memory whose effects nobody carries out: the tests report for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aios::adapters::blobs::memory::MemoryBlobs;
use aios::adapters::journal::memory::{MemoryJournal, Store};
use aios::base::id::{AttemptId, Digest, GateId, SprintId, Work};
use aios::base::money::Money;
use aios::base::time::Timestamp;
use aios::base::tokens::TokenUsage;
use aios::domain::cost::Price;
use aios::domain::journal::{BeganModel, Command, EffectKey, Input, Report, World};
use aios::domain::llm::{CallFailure, FailureKind, Route, Tier};
use aios::domain::presence::Standing;
use aios::domain::security::Actor;
use aios::domain::sprint::{Base, ModelChoice, Policy, Setup};
use aios::domain::tool::grant::CommandPolicy;
use aios::domain::workflow::Workflow;
use aios::engine::agents::built_in_roles;
use aios::engine::core::{Core, CoreHandle, CoreParts, Feed, Follower, MAILBOX, Signals};
use aios::engine::ports::clock::{Clock, SystemClock};
use aios::engine::ports::journal::{Genesis, JournalFailure};
use aios::session::{Listener, Server, SessionClient};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A core that runs, and perhaps a socket to it.
pub(crate) struct Rig {
    pub(crate) core: CoreHandle,
    pub(crate) folder: TempDir,
    server: Option<JoinHandle<()>>,
}

struct Nobody;

impl Follower for Nobody {
    fn follow(&mut self, _: &World, _: &BTreeSet<EffectKey>, _: &[EffectKey]) {}
    fn halt(&mut self) {}
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

pub(crate) fn person(name: &str) -> Actor {
    Actor::Person {
        uid: rustix::process::geteuid().as_raw(),
        name: name.to_owned(),
    }
}

impl Rig {
    pub(crate) fn new() -> Self {
        let (post, mailbox) = mpsc::channel(MAILBOX);
        let feed = Arc::new(Feed::new(0));
        let core = CoreHandle {
            post,
            feed: feed.clone(),
            signals: Arc::new(Signals::default()),
            blobs: Arc::new(MemoryBlobs::default()),
        };
        let store = Store::new(Genesis::new("0123456789abcdef", "test"));
        let parts = CoreParts {
            reopen: Box::new(|| {
                Err(JournalFailure::ReadOnly {
                    why: "a test".to_owned(),
                })
            }),
            state: None,
            world: World::default(),
            feed,
            clock: clock(),
            setup: Box::new(|| Ok(setup())),
            follower: Box::new(Nobody),
        };
        let single = Core::new(Box::new(MemoryJournal::open(&store)), parts);
        std::thread::spawn(move || single.run(mailbox));
        Self {
            core,
            folder: tempfile::tempdir().unwrap(),
            server: None,
        }
    }

    pub(crate) fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("run/host.sock")
    }

    pub(crate) async fn listen(&mut self) {
        let listener = Listener::bind(&self.socket()).await.unwrap();
        let server = Server::new(self.core.clone(), clock());
        self.server = Some(tokio::spawn(async move { server.run(&listener).await }));
    }

    /// Ends the server and every line to it.
    pub(crate) async fn close(&mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
            drop(server.await);
        }
    }

    pub(crate) fn local(&self, name: &str) -> SessionClient {
        SessionClient::local(self.core.clone(), clock(), person(name), name)
    }

    pub(crate) async fn remote(&self, name: &str) -> SessionClient {
        SessionClient::attach(&self.socket(), name).await.unwrap()
    }

    /// An effect begins or reports.
    async fn effect(&self, command: Command) {
        let input = Input {
            id: None,
            by: Actor::Effect,
            standing: Standing::Owner,
            client: "runner".to_owned(),
            at: Timestamp(0),
            command,
        };
        self.core.submit(input).await.unwrap().unwrap();
    }

    /// Lets the first model call of sprint 1 fail for want of a key, so that a person is asked.
    pub(crate) async fn ask_for_key(&self, client: &SessionClient) -> (GateId, Digest) {
        let sprint = SprintId(1);
        let goal = aios::base::body::Body::of("a goal");
        let start = Command::StartSprint {
            goal,
            setup: None,
            base: None,
        };
        client.submit(start).await.unwrap().unwrap();
        let report = |key, report| Command::Report { key, report };
        let key = EffectKey::Open(sprint);
        self.effect(Command::Begin { key, model: None }).await;
        self.effect(report(key, Report::Opened(base()))).await;
        let key = EffectKey::Model {
            attempt: AttemptId {
                work: Work::Plan(sprint),
                number: 1,
            },
            step: 0,
        };
        let model = BeganModel {
            route: "sim/m".parse().unwrap(),
            tier: Tier::Premium,
            reserved: Money(1),
            fingerprint: Digest::of(b"request"),
            words: 0,
        };
        let model = Some(model);
        self.effect(Command::Begin { key, model }).await;
        let failure = CallFailure {
            kind: FailureKind::Auth,
            text: "the key is refused".to_owned(),
            retry_after_ms: None,
            usage: TokenUsage::default(),
        };
        let latency_ms = 1;
        let failed = Report::CallFailed {
            failure,
            latency_ms,
        };
        self.effect(report(key, failed)).await;
        let world = client.snapshot().await.unwrap();
        let gate = world.current().unwrap().open_gates().next().unwrap();
        (gate.id, gate.revision)
    }
}

fn base() -> Base {
    Base {
        commit: "0123456789012345678901234567890123456789".parse().unwrap(),
        target: Some("refs/heads/main".to_owned()),
        branch: "refs/heads/aios/s1".to_owned(),
        dirty: Vec::new(),
        checks: Vec::new(),
        instructions: None,
    }
}

fn setup() -> Setup {
    let route: Route = "sim/m".parse().unwrap();
    let fallback = ModelChoice {
        route,
        price: Price::default(),
        is_priced: true,
        window: 200_000,
        max_output: 8_000,
    };
    Setup {
        policy: Policy {
            budget: None,
            task_budget: None,
            request_budget: None,
            day_budget: None,
            agents_max: 4,
            max_tasks: 12,
            commands: CommandPolicy::Ask,
            review: true,
            plan: true,
            merge: true,
            undo_ms: 0,
            keeps_worktrees: false,
            simulated: true,
            ask_at_percent: 80,
        },
        team: built_in_roles(),
        workflow: Workflow::deliver(3),
        models: BTreeMap::new(),
        fallback,
        baseline: Price::default(),
        prefix: "aios".to_owned(),
    }
}
