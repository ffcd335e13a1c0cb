//! A host on a small real repository, with a model and a sandbox that the test holds in its hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command as Program;
use std::sync::{Arc, Mutex};

use aios::adapters::sandbox::{self, Bare};
use aios::adapters::vcs::git::GitRepo;
use aios::base::body::Body;
use aios::base::money::{Money, TokenPrice};
use aios::base::secret::Redactor;
use aios::base::tokens::TokenUsage;
use aios::boot::host::{Host, Rooms, Stores};
use aios::domain::change::checks::{CheckKind, CheckSpec};
use aios::domain::cost::Price;
use aios::domain::journal::{Answered, Command, World};
use aios::domain::llm::{Block, CallFailure, Reply, Request, Route, StopReason, Tier, ToolUse};
use aios::domain::security::Actor;
use aios::domain::sprint::{Ask, ModelChoice, Policy, Setup, Sprint, Verdict};
use aios::domain::tool::grant::CommandPolicy;
use aios::domain::workflow::Workflow;
use aios::engine::agents::{Fragments, built_in_roles};
use aios::engine::changes::Changes;
use aios::engine::core::Pulled;
use aios::engine::llm::Gateway;
use aios::engine::ports::clock::{Clock, SystemClock};
use aios::engine::ports::model::{Model, Sink};
use aios::engine::ports::sandbox::{Job, JobResult, Sandbox, SandboxFailure, SandboxTier};
use aios::engine::reconcile::{Custom, Project, Workshop};
use aios::session::SessionClient;
use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, watch};

/// What a model does when it is asked.
pub(crate) enum Act {
    /// Makes these calls.
    Calls(Vec<(&'static str, serde_json::Value)>),
    /// Panics.
    Panic,
    /// Never answers.
    Hang,
    /// Answers once the test lets it.
    Wait(Arc<Semaphore>, Vec<(&'static str, serde_json::Value)>),
}

/// Decides by the task's slug, the role and the step.
pub(crate) type Script = Arc<dyn Fn(&str, &str, u32) -> Act + Send + Sync>;

struct Puppet {
    script: Script,
    asked: Arc<Mutex<Vec<(String, u32)>>>,
}

impl Model for Puppet {
    fn call<'a>(
        &'a self,
        request: &'a Request,
        _: Sink<'a>,
    ) -> BoxFuture<'a, Result<Reply, CallFailure>> {
        let about = &request.metadata;
        self.asked
            .lock()
            .unwrap()
            .push((about.slug.clone(), about.step));
        let act = (self.script)(&about.slug, &about.role, about.step);
        let step = about.step;
        Box::pin(async move {
            let calls = match act {
                Act::Calls(calls) => calls,
                Act::Panic => panic!("the model's adapter is broken"),
                Act::Hang => std::future::pending().await,
                Act::Wait(gate, calls) => {
                    gate.acquire().await.unwrap().forget();
                    calls
                }
            };
            let blocks = calls.into_iter().enumerate().map(|(place, (name, args))| {
                Block::ToolUse(ToolUse {
                    id: format!("call_{step}_{place}"),
                    name: name.to_owned(),
                    args: args.to_string(),
                })
            });
            Ok(Reply {
                blocks: blocks.collect(),
                stop: StopReason::ToolUse,
                usage: TokenUsage {
                    input: 100,
                    output: 10,
                    ..TokenUsage::default()
                },
            })
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<String>, CallFailure>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// Runs commands bare, and panics on one of them.
struct Shaky;

impl Sandbox for Shaky {
    fn tier(&self) -> SandboxTier {
        SandboxTier::None
    }

    fn run<'a>(
        &'a self,
        job: Job,
        progress: &'a (dyn Fn(&[u8]) + Send + Sync),
    ) -> BoxFuture<'a, Result<JobResult, SandboxFailure>> {
        assert!(job.command != "panic", "the sandbox is broken");
        Bare.run(job, progress)
    }
}

/// The repository, the state, and a host on them.
pub(crate) struct Bench {
    pub(crate) folder: tempfile::TempDir,
    script: Script,
    budget: Money,
    checks: Vec<CheckSpec>,
    pub(crate) asked: Arc<Mutex<Vec<(String, u32)>>>,
}

/// A host and its client.
pub(crate) struct Running {
    pub(crate) host: Host,
    pub(crate) client: SessionClient,
}

pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    let ran = Program::new("git")
        .args(["-c", "user.name=Mia", "-c", "user.email=mia@example.com"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
}

fn setup(budget: Money) -> Setup {
    let choice = ModelChoice {
        route: Route {
            provider: "puppet".to_owned(),
            model: "puppet".to_owned(),
        },
        price: Price {
            input: TokenPrice(1_000_000),
            output: TokenPrice(1_000_000),
            ..Price::default()
        },
        is_priced: true,
        window: 200_000,
        max_output: 1_000,
    };
    Setup {
        policy: Policy {
            budget: Some(budget),
            task_budget: None,
            request_budget: None,
            day_budget: None,
            agents_max: 4,
            max_tasks: 12,
            commands: CommandPolicy::Accepted,
            review: true,
            plan: false,
            merge: true,
            undo_ms: 0,
            keeps_worktrees: false,
            simulated: false,
            ask_at_percent: 80,
        },
        team: built_in_roles(),
        workflow: Workflow::deliver(3),
        baseline: choice.price,
        fallback: choice.clone(),
        models: BTreeMap::from([(Tier::Standard, choice)]),
        prefix: "aios".to_owned(),
    }
}

/// A plan of tasks with these slugs.
pub(crate) fn plan(slugs: &[&str]) -> Act {
    let tasks: Vec<_> = slugs
        .iter()
        .map(|slug| {
            serde_json::json!({
                "slug": slug, "title": format!("Do {slug}"), "role": "backend", "complexity": 1, "touches": ["*"], "needs": [],
                "detail": "", "criteria": [{"text": "it is there", "proof": "test -f made.txt"}],
            })
        })
        .collect();
    Act::Calls(vec![(
        "propose_plan",
        serde_json::json!({"summary": "a plan", "tasks": tasks}),
    )])
}

pub(crate) fn run(command: &str) -> Act {
    Act::Calls(vec![(
        "run_command",
        serde_json::json!({"command": command, "criterion": "c1", "timeout_s": 600}),
    )])
}

pub(crate) fn finish() -> Act {
    Act::Calls(vec![(
        "finish",
        serde_json::json!({"summary": "done", "criteria": [{"id": "c1", "done": true, "how": "made"}]}),
    )])
}

pub(crate) fn accept() -> Act {
    Act::Calls(vec![(
        "verdict",
        serde_json::json!({"accepted": true, "summary": "good", "findings": []}),
    )])
}

impl Bench {
    pub(crate) fn new(script: impl Fn(&str, &str, u32) -> Act + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        fs::create_dir(&project).unwrap();
        git(&project, &["init", "-q", "-b", "main"]);
        fs::write(project.join("a.txt"), "one\n").unwrap();
        git(&project, &["add", "-A"]);
        git(&project, &["commit", "-q", "-m", "Start"]);
        Self {
            folder,
            script: Arc::new(script),
            budget: Money::dollars(5),
            checks: Vec::new(),
            asked: Arc::default(),
        }
    }

    pub(crate) fn with_budget(self, budget: Money) -> Self {
        Self { budget, ..self }
    }

    /// With this as the project's one check.
    pub(crate) fn with_check(self, command: &str) -> Self {
        let check = CheckSpec {
            kind: CheckKind::Test,
            command: command.to_owned(),
            timeout_s: 1_200,
            source: "the test".to_owned(),
        };
        Self {
            checks: vec![check],
            ..self
        }
    }

    pub(crate) fn asked(&self, slug: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(known, _)| known == slug).count()
    }

    /// Starts a host, and the sprint if there is none.
    pub(crate) async fn start(&self) -> Running {
        let folder = self.folder.path().canonicalize().unwrap();
        let project = folder.join("project");
        let repo = GitRepo::discover(&project).unwrap();
        let stores = Stores::open(&Rooms::below(&folder.join("state")), "test").unwrap();
        let (worktrees, home) = (folder.join("worktrees"), folder.join("home"));
        fs::create_dir_all(&worktrees).unwrap();
        fs::create_dir_all(&home).unwrap();
        let model = Puppet {
            script: self.script.clone(),
            asked: self.asked.clone(),
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let checks = self.checks.clone();
        let of_commits = clock.clone();
        let shop = move |blobs: Arc<dyn aios::engine::ports::blobs::Blobs>| Workshop {
            changes: Changes {
                vcs: Arc::new(repo),
                blobs: blobs.clone(),
                worktrees,
                clock: of_commits,
            },
            gateway: Gateway::new(BTreeMap::from([(
                "puppet".to_owned(),
                Arc::new(model) as _,
            )])),
            sandbox: Arc::new(Shaky),
            blobs,
            redactor: Arc::new(Redactor::new([])),
            custom: watch::channel(Custom::plain(Arc::new(Fragments::built_in().unwrap()))).1,
            environment: sandbox::environment(&home, |name| std::env::var(name).ok()),
            read_only: Vec::new(),
            project: Arc::new(move |_: &Path| {
                Ok(Project {
                    checks: checks.clone(),
                    instructions: None,
                })
            }),
            root: project,
        };
        let budget = self.budget;
        let host = Host::start(
            stores,
            shop,
            Box::new(move || Ok(setup(budget))),
            clock.clone(),
        )
        .await
        .unwrap();
        let me = Actor::Person {
            uid: 1,
            name: "mia".to_owned(),
        };
        let name = format!("test-{}", clock.now().0);
        let client = SessionClient::local(host.handle.clone(), clock, me, &name);
        let running = Running { host, client };
        if running.world().await.sprints.is_empty() {
            let goal = Body::Inline("make it".to_owned());
            running
                .submit(Command::StartSprint {
                    goal,
                    setup: None,
                    base: None,
                })
                .await;
        }
        running
    }
}

impl Running {
    pub(crate) async fn world(&self) -> World {
        self.client.snapshot().await.unwrap()
    }

    pub(crate) async fn submit(&self, command: Command) {
        let answer = self.client.submit(command).await.unwrap();
        assert!(matches!(answer, Ok(Answered::Done(_))), "{answer:?}");
    }

    /// Waits until the world is so.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&World, &Sprint) -> bool) -> World {
        let wait = async {
            loop {
                let world = self.world().await;
                if let Some(sprint) = world.current()
                    && holds(&world, sprint)
                {
                    return world;
                }
                match self.client.events(world.seq).await.unwrap() {
                    Pulled::Events(_) | Pulled::TooOld => {}
                }
            }
        };
        let found = tokio::time::timeout(std::time::Duration::from_secs(60), wait).await;
        let Ok(world) = found else {
            let world = self.world().await;
            let gates = world.current().into_iter().flat_map(Sprint::open_gates);
            let asked: Vec<_> = gates.map(|gate| (gate.work, &gate.ask)).collect();
            panic!(
                "it never came to: {what}; wanted: {:?}; asked: {asked:?}",
                world.open
            );
        };
        world
    }

    /// Waits for a gate and approves it.
    pub(crate) async fn approve(&self, what: &str, is_it: impl Fn(&Ask) -> bool) {
        let world = self
            .until(what, |_, sprint| {
                sprint.open_gates().any(|gate| is_it(&gate.ask))
            })
            .await;
        let sprint = world.current().unwrap();
        let gate = sprint.open_gates().find(|gate| is_it(&gate.ask)).unwrap();
        self.submit(Command::Decide {
            gate: gate.id,
            revision: gate.revision,
            verdict: Verdict::Approve,
            is_final: true,
        })
        .await;
    }
}

/// Processes whose command line holds `mark`; waits a moment for those that are on their way out.
pub(crate) fn left_over(mark: &str) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..200 {
        found = running(mark);
        if found.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    found
}

pub(crate) fn running(mark: &str) -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let lines = processes.filter_map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains(mark)).collect()
}
