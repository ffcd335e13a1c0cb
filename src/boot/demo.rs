//! `aios demo`: a whole sprint on a sample project, with the simulated model and everything else real.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Program, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::adapters::model::simulated::{MODEL, Recipes, Simulated};
use crate::adapters::sandbox::{self, Bare, Bubblewrap};
use crate::adapters::vcs::git::GitRepo;
use crate::base::body::Body;
use crate::base::id::SprintId;
use crate::base::money::Money;
use crate::base::secret::Redactor;
use crate::boot::attach::client_name;
use crate::boot::bridge::Joined;
use crate::boot::config::{self, Settings, Sources};
use crate::boot::demo_assets::{CHECK, GOAL, demo_project};
use crate::boot::desk::Desk;
use crate::boot::host::{Host, Rooms, SetupOf, Stores};
use crate::boot::person;
use crate::boot::places::Environment;
use crate::boot::plain::talk;
use crate::boot::screen::{Showing, show};
use crate::boot::wiring::cannot_open;
use crate::boot::wiring::project::configured;
use crate::boot::wiring::site::{Person, ours};
use crate::cli::ExitCode;
use crate::cli::args;
use crate::cli::errors::{Problem, table};
use crate::cli::headless::{Approval, Drive, Ending, drive};
use crate::cli::output::{Out, Stop};
use crate::domain::change::checks::CheckSpec;
use crate::domain::journal::{Answered, Command};
use crate::domain::llm::{Route, Tier};
use crate::domain::sprint::{ModelChoice, Policy, Setup};
use crate::domain::tool::grant::CommandPolicy;
use crate::domain::workflow::Workflow;
use crate::engine::agents::{Fragments, built_in_roles};
use crate::engine::changes::Changes;
use crate::engine::checks::detect;
use crate::engine::costs::PriceTable;
use crate::engine::llm::Gateway;
use crate::engine::ports::blobs::Blobs;
use crate::engine::ports::clock::{Clock, SystemClock};
use crate::engine::ports::sandbox::Sandbox;
use crate::engine::reconcile::{Custom, Project, Workshop};
use crate::session::SessionClient;

/// How long a decision can be taken back in the demo, where nobody wants to wait for half a minute.
const UNDO_MS: i64 = 5_000;

/// A demo on disk: its repository and its state.
pub struct Stage {
    /// The folder of everything.
    pub folder: PathBuf,
    /// The repository of the sample project.
    pub project: PathBuf,
    /// It was begun before and is gone on with.
    pub is_resumed: bool,
    /// It goes away when this is dropped.
    is_temporary: bool,
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.is_temporary {
            // A throw-away folder that cannot be removed is the system's to clean.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn broken(what: impl std::fmt::Display) -> Problem {
    Problem::new(
        &table::OUR_FAULT,
        format!("the demo cannot be set up: {what}"),
    )
}

impl Stage {
    /// Copies the sample project into a new repository, or finds the one that `keep` already holds.
    ///
    /// # Errors
    /// git is missing, or the folder cannot be written.
    pub fn set(keep: Option<&Path>) -> Result<Self, Problem> {
        let folder = match keep {
            Some(folder) => folder.to_owned(),
            None => std::env::temp_dir().join(format!("aios-demo-{}", std::process::id())),
        };
        fs::create_dir_all(&folder).map_err(broken)?;
        let folder = folder.canonicalize().map_err(broken)?;
        let project = folder.join("project");
        let is_resumed = folder.join("ready").exists();
        if !is_resumed {
            build(&project)?;
            fs::write(folder.join("ready"), b"").map_err(broken)?;
        }
        Ok(Self {
            project,
            is_resumed,
            is_temporary: keep.is_none(),
            folder,
        })
    }
}

/// Writes the files and commits them, with an identity of its own and none of the user's settings.
fn build(project: &Path) -> Result<(), Problem> {
    if project.exists() {
        fs::remove_dir_all(project).map_err(broken)?;
    }
    for file in demo_project() {
        let path = project.join(file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(broken)?;
        }
        fs::write(&path, file.bytes).map_err(broken)?;
        let mode = if file.executable { 0o755 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).map_err(broken)?;
    }
    for arguments in [
        &["init", "-q", "-b", "main"][..],
        &["add", "-A"],
        &[
            "-c",
            "user.name=Harbor Cafe",
            "-c",
            "user.email=demo@aios.invalid",
            "commit",
            "-q",
            "-m",
            "The site as it is",
        ],
    ] {
        git(project, arguments)?;
    }
    Ok(())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<(), Problem> {
    let ran = Program::new("git")
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .stdin(Stdio::null())
        .output()
        .map_err(|_| Problem::new(&table::NO_GIT, "no git program in PATH"))?;
    if ran.status.success() {
        Ok(())
    } else {
        Err(broken(String::from_utf8_lossy(&ran.stderr).trim()))
    }
}

/// Runs the sample's own checks on what is checked out; true if they are green.
fn check(project: &Path) -> bool {
    let ran = Program::new("/bin/sh")
        .args(["-c", CHECK])
        .current_dir(project)
        .stdin(Stdio::null())
        .output();
    ran.is_ok_and(|ran| ran.status.success())
}

const fn colour(is_green: bool) -> &'static str {
    if is_green { "green" } else { "red" }
}

/// The sample's checks: its own settings, read as any project's, and what is found beside them.
fn checks_of(project: &Path) -> Result<Vec<CheckSpec>, String> {
    let sources = Sources {
        project: Some(project.join(".aios/config.toml")),
        ..Sources::default()
    };
    let layers = config::load(&sources).map_err(|error| error.to_string())?;
    let settings = Settings::new(&layers).map_err(|error| error.to_string())?;
    Ok(detect(project, &configured(&settings)))
}

/// The sandbox of this machine and what to call it.
async fn sandbox(stage: &Stage) -> (Arc<dyn Sandbox>, String) {
    let places = sandbox::bubblewrap::Places {
        home: std::env::home_dir(),
        hidden: vec![stage.folder.join("state")],
    };
    match Bubblewrap::find(places).await {
        Ok(found) => (Arc::new(found), "bubblewrap".to_owned()),
        Err(why) => (
            Arc::new(Bare),
            format!("none ({why}); the demo's commands come from the program itself"),
        ),
    }
}

/// The settings of a demo's sprint.
fn setup(undo_ms: i64) -> Setup {
    let prices = PriceTable::embedded();
    let choice = |model: &str| {
        let row = prices.lookup("anthropic", model);
        ModelChoice {
            route: Route {
                provider: MODEL.to_owned(),
                model: model.to_owned(),
            },
            price: row.map_or_else(|| prices.dearest(), |row| row.price),
            is_priced: row.is_some(),
            window: 200_000,
            max_output: 8_000,
        }
    };
    let premium = choice("claude-opus-5-5");
    let models = BTreeMap::from([
        (Tier::Premium, premium.clone()),
        (Tier::Standard, choice("claude-sonnet-5-5")),
        (Tier::Economy, choice("claude-haiku-5-5")),
        (Tier::Local, choice("claude-haiku-5-5")),
    ]);
    Setup {
        policy: Policy {
            budget: Some(Money::dollars(20)),
            task_budget: Some(Money::dollars(5)),
            request_budget: None,
            day_budget: None,
            agents_max: 4,
            max_tasks: 12,
            commands: CommandPolicy::Accepted,
            review: true,
            plan: true,
            merge: true,
            undo_ms,
            keeps_worktrees: false,
            simulated: true,
            ask_at_percent: 80,
        },
        team: built_in_roles(),
        workflow: Workflow::deliver(3),
        baseline: premium.price,
        fallback: premium,
        models,
        prefix: "aios".to_owned(),
    }
}

/// A running demo.
pub struct Running {
    /// The host.
    pub host: Host,
    /// A client of it.
    pub client: SessionClient,
    /// The machine's sandbox tier, in words.
    pub tier: String,
    /// The sprint.
    pub sprint: SprintId,
}

/// Starts the host of a demo and its sprint, or goes on with the one that a killed process left.
///
/// # Errors
/// A one-line problem for people.
pub async fn start(stage: &Stage, speed: f64, undo_ms: i64) -> Result<Running, Problem> {
    let repo = GitRepo::discover(&stage.project).map_err(broken)?;
    let (sandbox, tier) = sandbox(stage).await;
    let rooms = Rooms::below(&stage.folder.join("state"));
    let stores = Stores::open(&rooms, "demo").map_err(|failure| cannot_open(&failure))?;
    let worktrees = stage.folder.join("worktrees");
    let home = stage.folder.join("home");
    fs::create_dir_all(&worktrees).map_err(broken)?;
    fs::create_dir_all(&home).map_err(broken)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let recipes = Arc::new(Recipes::built_in().map_err(broken)?);
    let fragments = Arc::new(Fragments::built_in().map_err(broken)?);
    let model = Simulated::new(recipes, speed).billing(bill(&stage.folder)?);
    let environment = Environment::of_process();
    let environment = sandbox::environment(&home, |name| environment.text(name).map(str::to_owned));
    let (root, common) = (stage.project.clone(), stage.project.join(".git"));
    let commit_clock = clock.clone();
    let shop = move |blobs: Arc<dyn Blobs>| Workshop {
        changes: Changes {
            vcs: Arc::new(repo),
            blobs: blobs.clone(),
            worktrees,
            clock: commit_clock,
        },
        gateway: Gateway::new(BTreeMap::from([(MODEL.to_owned(), Arc::new(model) as _)])),
        sandbox,
        blobs,
        redactor: Arc::new(Redactor::new([])),
        environment,
        read_only: vec![common],
        project: Arc::new(|root: &Path| {
            Ok(Project {
                checks: checks_of(root)?,
                instructions: fs::read_to_string(root.join("AGENTS.md")).ok(),
            })
        }),
        custom: watch::channel(Custom::plain(fragments)).1,
        root,
    };
    let settings: SetupOf = Box::new(move || Ok(setup(undo_ms)));
    let host = Host::start(stores, shop, settings, clock.clone())
        .await
        .map_err(broken)?;
    // Process ids come again, in containers at every start; a client by the name of an earlier one would get that one's answers.
    let name = client_name("demo", clock.now());
    let client = SessionClient::local(host.handle.clone(), clock, person::of_process(), &name);
    let world = client.snapshot().await.map_err(broken)?;
    if world.sprints.is_empty() {
        let command = Command::StartSprint {
            goal: Body::Inline(GOAL.trim().to_owned()),
            setup: None,
            base: None,
        };
        match client.submit(command).await.map_err(broken)? {
            Ok(Answered::Done(_) | Answered::Again(_)) => {}
            Err(refusal) => return Err(broken(refusal)),
        }
    }
    Ok(Running {
        host,
        client,
        tier,
        sprint: SprintId(1),
    })
}

/// Writes down every reply that is served, so that the ledger can be compared with it.
fn bill(
    folder: &Path,
) -> Result<Box<dyn Fn(crate::adapters::model::simulated::Served) + Send + Sync>, Problem> {
    let file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("served.jsonl"))
        .map_err(broken)?;
    let file = Mutex::new(file);
    Ok(Box::new(move |served| {
        // In one piece, so that a process that is killed leaves no half line.
        let line = serde_json::json!({ "attempt": served.attempt, "step": served.step, "usage": served.usage });
        let line = format!("{line}\n");
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // A bill that cannot be written is missed only by the tests that compare it.
        let _ = file.write_all(line.as_bytes());
    }))
}

/// Waits until the process is told to end. What runs is stopped in order; the next start goes on.
async fn told_to_end() -> Result<Ending, Stop> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let (exit, by) = tokio::select! {
        _ = terminate.recv() => (ExitCode::Terminated, "SIGTERM"),
        _ = interrupt.recv() => (ExitCode::Interrupted, "Ctrl-C"),
    };
    let text = format!("ended by {by}; started again with the same --keep, the demo goes on");
    Ok(Ending {
        exit,
        code: None,
        text,
    })
}

/// The demo where nobody can be asked: approves by itself and says so.
///
/// # Errors
/// Standard output is gone.
pub async fn plain(args: &args::Demo, out: &mut Out) -> Result<ExitCode, Stop> {
    let stage = match Stage::set(args.keep.as_deref()) {
        Ok(stage) => stage,
        Err(problem) => return Ok(out.problem(&problem)),
    };
    let running = match start(&stage, f64::from(args.speed), 0).await {
        Ok(running) => running,
        Err(problem) => return Ok(out.problem(&problem)),
    };
    out.text("simulated: the models and all money in this demo are simulated; no key, no network, no cost")?;
    out.text(&format!("project: {}", stage.project.display()))?;
    out.text(&format!("sandbox: {}", running.tier))?;
    if stage.is_resumed {
        out.text("goes on where it was ended")?;
    } else {
        out.text(&format!(
            "before: {CHECK} is {}",
            colour(check(&stage.project))
        ))?;
    }
    out.text("approves by itself: plan, reviews, questions (first option) and the merge")?;
    let how = Drive {
        sprint: running.sprint,
        approval: Approval::All,
        verbose: false,
        rejects_once: false,
    };
    let ending = tokio::select! {
        ending = drive(&running.client, how, out) => ending,
        ending = told_to_end() => ending,
        why = running.host.trouble() => Ok(Ending::no_room(why)),
    };
    running.host.stop().await;
    let ending = ending?;
    let is_green = check(&stage.project);
    if let (Some(code), ExitCode::ReadOnly) = (ending.code, ending.exit) {
        // Its lines would speak of work that cannot be recorded any more.
        return Ok(out.problem(&Problem::new(code, ending.text)));
    }
    out.text(&ending.text)?;
    out.text(&format!("after: {CHECK} is {}", colour(is_green)))?;
    Ok(match ending.exit {
        ExitCode::Done if !is_green => ExitCode::QualityGateFailed,
        exit => exit,
    })
}

/// How the demo looks. A fault in the person's settings does not keep it from being shown; the rest of them holds.
fn seen(global: &args::Args) -> Result<(Showing, Arc<Desk>), Problem> {
    let owner = Person::of_process(global)?;
    let settings = Settings::new(&owner.layers(None)?).map_err(ours)?;
    let client = format!("demo-screen-{}", std::process::id());
    let showing = Showing::new(&owner, &settings, ("demo".to_owned(), client));
    Ok((showing, Arc::new(Desk::new(owner, None))))
}

/// The demo by appended lines: every decision is the person's, as on the screen.
///
/// # Errors
/// Standard output is gone.
pub async fn talked(
    global: &args::Args,
    args: &args::Demo,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    let started = async {
        let (showing, desk) = seen(global)?;
        let stage = Stage::set(args.keep.as_deref())?;
        let running = start(&stage, f64::from(args.speed), UNDO_MS).await?;
        Ok::<_, Problem>((showing, desk, stage, running))
    };
    let (showing, desk, stage, running) = match started.await {
        Ok(started) => started,
        Err(problem) => return Ok(out.problem(&problem)),
    };
    out.text("simulated: the models and all money in this demo are simulated; no key, no network, no cost")?;
    out.text(&format!("project: {}", stage.project.display()))?;
    let joined = joined(&stage, &running, desk);
    let talked = talk(joined, showing, out).await;
    running.host.stop().await;
    talked.map(|()| ExitCode::Done)
}

/// What a surface of the demo is joined to.
fn joined(stage: &Stage, running: &Running, desk: Arc<Desk>) -> Joined {
    Joined {
        client: running.client.clone(),
        journal: Rooms::below(&stage.folder.join("state")).journal,
        desk,
        revive: None,
    }
}

/// The demo in the interface: every decision is the person's.
///
/// # Errors
/// Standard output is gone.
pub async fn shown(
    global: &args::Args,
    args: &args::Demo,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    let (showing, desk) = match seen(global) {
        Ok((showing, desk)) => {
            let opening = global.opening();
            (Showing { opening, ..showing }, desk)
        }
        Err(problem) => return Ok(out.problem(&problem)),
    };
    let (keep, speed) = (args.keep.clone(), f64::from(args.speed));
    let connect = async move {
        let stage = Stage::set(keep.as_deref())?;
        let running = start(&stage, speed, UNDO_MS).await?;
        let joined = joined(&stage, &running, desk);
        Ok((joined, (running, stage)))
    };
    Ok(match Box::pin(show(connect, showing)).await {
        Ok(kept) => {
            if let Some((running, _stage)) = kept {
                running.host.stop().await;
            }
            ExitCode::Done
        }
        Err(problem) => out.problem(&problem),
    })
}
