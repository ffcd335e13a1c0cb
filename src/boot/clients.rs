//! The verbs that look at a session or decide in it, joined to where they get it from. Where a host runs, they are its clients. Where none
//! does, reading verbs fold the journal without its lock, and deciding ones take the lock, append, and leave: the next host acts on it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::adapters::blobs::files::FileBlobs;
use crate::adapters::journal::files::{FileJournal, OpenReport};
use crate::base::body::Body;
use crate::boot::attach::{attach, client_name};
use crate::boot::host::{Rooms, Stores};
use crate::boot::person;
use crate::boot::places::RepoPlaces;
use crate::boot::serve;
use crate::boot::wiring::cannot_open as problem;
use crate::cli::args::{self, Args, Verb};
use crate::cli::errors::{Problem, table};
use crate::cli::halt::Act;
use crate::cli::logs::Printer;
use crate::cli::{
    ExitCode, Out, Stop, answer, approve, cost, diff, halt, item, logs, reject, status, waiting,
};
use crate::domain::journal::{EffectKey, Envelope, World};
use crate::engine::core::{Core, CoreHandle, CoreParts, Feed, Follower, MAILBOX, Signals, load};
use crate::engine::ports::blobs::Blobs as _;
use crate::engine::ports::clock::{Clock, SystemClock};
use crate::engine::ports::journal::{Journal, JournalFailure};
use crate::session::SessionClient;

/// How often a host that has the journal and does not listen yet is looked for.
const LOOKS: u32 = 50;
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Where a verb works: one repository's state.
pub struct Desk<'a> {
    /// Its places.
    pub rooms: &'a RepoPlaces,
    /// Its name, for a journal that has to be begun.
    pub workspace: &'a str,
    /// What the repository is called.
    pub project: &'a str,
    /// The arguments.
    pub args: &'a Args,
}

/// Whether a verb is one of these.
#[must_use]
pub const fn is_client(verb: &Verb) -> bool {
    matches!(
        verb,
        Verb::Status(_)
            | Verb::Waiting(_)
            | Verb::Approve(_)
            | Verb::Reject(_)
            | Verb::Answer(_)
            | Verb::Pause(_)
            | Verb::Resume(_)
            | Verb::Stop(_)
            | Verb::Logs(_)
            | Verb::Cost(_)
            | Verb::Diff(_)
    )
}

/// Does what a client's verb asks for in the repository here.
///
/// # Errors
/// The output cannot be written.
pub async fn here(args: &Args, verb: &Verb, out: &mut Out) -> Result<ExitCode, Stop> {
    let site = match serve::site(args, None) {
        Ok(site) => site,
        Err(problem) => return Ok(out.problem(&problem)),
    };
    let project = site.facts.root.file_name();
    let project = project.map_or_else(|| "repository".into(), |name| name.to_string_lossy());
    let desk = Desk {
        rooms: &site.rooms,
        project: &project,
        workspace: &site.id.to_string(),
        args,
    };
    run(&desk, verb, out).await
}

/// Does what a client's verb asks for.
///
/// # Errors
/// The output cannot be written.
pub async fn run(desk: &Desk<'_>, verb: &Verb, out: &mut Out) -> Result<ExitCode, Stop> {
    let client = match attach(desk.rooms, &client_name("cli", SystemClock.now())).await {
        Ok(client) => client,
        Err(problem) => return Ok(out.problem(&problem)),
    };
    match verb {
        Verb::Approve(_)
        | Verb::Reject(_)
        | Verb::Answer(_)
        | Verb::Pause(_)
        | Verb::Resume(_)
        | Verb::Stop(_) => decide(desk, verb, client, out).await,
        Verb::Logs(args) => show_logs(desk, args, client.as_ref(), out).await,
        Verb::Cost(args) if args.since.is_some() => recent_cost(desk, args, out),
        _ => look(desk, verb, client.as_ref(), out).await,
    }
}

/// Verbs that need the world as it is.
async fn look(
    desk: &Desk<'_>,
    verb: &Verb,
    client: Option<&SessionClient>,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    if client.is_none() {
        warn_of_damage(desk.rooms, out)?;
    }
    let world = match client {
        Some(client) => client.snapshot().await.map_err(|gone| item::gone(&gone)),
        None => folded(desk.rooms),
    };
    let world = match world {
        Ok(world) => world,
        Err(problem) => return Ok(out.problem(&problem)),
    };
    match verb {
        Verb::Status(args) if args.watch && client.is_none() => {
            let text = "no host runs, so nothing changes";
            Ok(out.problem(&Problem::new(&table::NO_HOST, text).hint("start it with aios")))
        }
        Verb::Status(args) => {
            status::run(args, desk.project, world, client, &SystemClock, out).await
        }
        Verb::Waiting(args) => waiting::run(args, world, client, &SystemClock, out).await,
        Verb::Cost(args) => {
            let is_simulated = cost::is_simulated(&world);
            cost::Rows::of_world(&world, args.by).print(args, is_simulated, out)
        }
        Verb::Diff(args) => show_diff(desk.rooms, args, &world, out),
        _ => Ok(out.problem(&Problem::new(&table::NOT_BUILT, table::NOT_BUILT.title))),
    }
}

/// The journal for reading, beside a host or without one; none if there is none yet.
fn reader(rooms: &RepoPlaces) -> Result<Option<(FileJournal, OpenReport)>, Problem> {
    if !rooms.journal.exists() {
        return Ok(None);
    }
    match FileJournal::open_read_only(&rooms.journal) {
        Ok(opened) => Ok(Some(opened)),
        // The folder is there and nothing was ever written.
        Err(_) if is_empty(rooms) => Ok(None),
        Err(failure) => Err(problem(&failure)),
    }
}

fn is_empty(rooms: &RepoPlaces) -> bool {
    let entries = std::fs::read_dir(&rooms.journal)
        .into_iter()
        .flatten()
        .flatten();
    !entries.into_iter().any(|entry| entry.file_name() != "lock")
}

/// What is shown of a damaged journal is its good part, and that has to be said.
fn warn_of_damage(rooms: &RepoPlaces, out: &mut Out) -> Result<(), Stop> {
    let damage = match reader(rooms) {
        Ok(Some((_, report))) => report.read_only,
        Ok(None) | Err(_) => None,
    };
    match damage {
        Some(why) => out.note(&format!("only the journal's good part is shown: {why}")),
        None => Ok(()),
    }
}

fn folded(rooms: &RepoPlaces) -> Result<World, Problem> {
    match reader(rooms)? {
        Some((journal, _)) => load(&journal, None)
            .map(|loaded| loaded.world)
            .map_err(|failure| problem(&failure)),
        None => Ok(World::default()),
    }
}

/// Every event of the journal after number `after`, until `each` cannot write any more.
fn read(
    rooms: &RepoPlaces,
    after: u64,
    mut each: impl FnMut(&Envelope) -> Result<(), Stop>,
) -> Result<Result<(), Problem>, Stop> {
    let journal = match reader(rooms) {
        Ok(Some((journal, _))) => journal,
        Ok(None) => return Ok(Ok(())),
        Err(problem) => return Ok(Err(problem)),
    };
    let (mut stop, mut broken) = (None, None);
    let done = journal.read(after + 1, &mut |seq, line| {
        match Envelope::read(line) {
            Ok(envelope) => stop = each(&envelope).err(),
            Err(why) => broken = Some(format!("event {seq} cannot be read: {why}")),
        }
        if stop.is_some() || broken.is_some() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    match (stop, broken) {
        (Some(stop), _) => Err(stop),
        (None, Some(why)) => Ok(Err(Problem::new(&table::LOG_BROKEN, why))),
        (None, None) => Ok(done.map_err(|failure| problem(&failure))),
    }
}

async fn show_logs(
    desk: &Desk<'_>,
    args: &args::Logs,
    client: Option<&SessionClient>,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    let is_verbose = desk.args.global.verbose > 0;
    let mut printer = match Printer::new(args, is_verbose, SystemClock.now()) {
        Ok(printer) => printer,
        Err(problem) => return Ok(out.problem(&problem)),
    };
    if client.is_none() {
        warn_of_damage(desk.rooms, out)?;
    }
    let reread = |printer: &mut Printer, out: &mut Out| {
        let after = printer.seq();
        read(desk.rooms, after, |envelope| printer.take(envelope, out)).map(Result::err)
    };
    if let Some(problem) = reread(&mut printer, out)? {
        return Ok(out.problem(&problem));
    }
    match client {
        Some(client) if args.follow => logs::follow(&mut printer, client, reread, out).await,
        None if args.follow => {
            let text = "no host runs, so nothing more happens";
            Ok(out.problem(&Problem::new(&table::NO_HOST, text).hint("start it with aios")))
        }
        Some(_) | None => Ok(ExitCode::Done),
    }
}

/// What was spent of late is in the journal only: the world keeps sums.
fn recent_cost(desk: &Desk<'_>, args: &args::Cost, out: &mut Out) -> Result<ExitCode, Stop> {
    let ms = args.since.map_or(0, |since| since.as_millis());
    let from = SystemClock
        .now()
        .plus_ms(-i64::try_from(ms).unwrap_or(i64::MAX));
    let mut rows = cost::Rows::default();
    let mut world = World::default();
    let done = read(desk.rooms, 0, |envelope| {
        world.absorb(envelope);
        if envelope.at >= from {
            rows.take(&world, envelope, args.by);
        }
        Ok(())
    })?;
    match done {
        Ok(()) => rows.print(args, cost::is_simulated(&world), out),
        Err(problem) => Ok(out.problem(&problem)),
    }
}

/// Texts lie in files that may be read beside a host.
fn show_diff(
    rooms: &RepoPlaces,
    args: &args::Diff,
    world: &World,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    let task = match item::task(world, &args.task) {
        Ok(task) => task,
        Err(problem) => return Ok(out.problem(&problem)),
    };
    let bytes = match diff::needs(task, args.stat || out.is_json()) {
        None => None,
        Some(Body::Inline(text)) => Some(text.clone().into_bytes()),
        Some(Body::Blob { digest, .. }) => {
            let blobs = FileBlobs::open(&rooms.blobs);
            match blobs.and_then(|blobs| blobs.get(digest)) {
                Ok(bytes) => Some(bytes),
                Err(failure) => {
                    let problem = Problem::new(&table::NO_SUCH_ITEM, failure.to_string());
                    return Ok(out.problem(&problem.hint("see its files with --stat")));
                }
            }
        }
    };
    diff::print(task, bytes.as_deref(), out)
}

/// Decides as a client of the host, or of a core that acts on nothing.
async fn decide(
    desk: &Desk<'_>,
    verb: &Verb,
    client: Option<SessionClient>,
    out: &mut Out,
) -> Result<ExitCode, Stop> {
    let (client, alone) = match client {
        Some(client) => (client, None),
        None => match alone(desk).await {
            Ok(found) => found,
            Err(problem) => return Ok(out.problem(&problem)),
        },
    };
    let is_sure = desk.args.global.yes;
    let done = match verb {
        Verb::Approve(args) => approve::run(args, &client, out).await,
        Verb::Reject(args) => reject::run(args, is_sure, &client, out).await,
        Verb::Answer(args) => answer::run(args, &client, out).await,
        Verb::Pause(args) => halt::run((Act::Pause, args), is_sure, &client, out).await,
        Verb::Resume(args) => halt::run((Act::Resume, args), is_sure, &client, out).await,
        Verb::Stop(args) => halt::run((Act::Stop, args), is_sure, &client, out).await,
        _ => Ok(out.problem(&Problem::new(&table::NOT_BUILT, table::NOT_BUILT.title))),
    };
    if let Some(alone) = alone {
        alone.stop().await;
    }
    done
}

/// The lock, or the host that has it: one that has just been started listens in a moment.
async fn alone(desk: &Desk<'_>) -> Result<(SessionClient, Option<Alone>), Problem> {
    let mut looks = 0;
    loop {
        match Alone::start(desk) {
            Ok((client, alone)) => return Ok((client, Some(alone))),
            Err(problem) if problem.code != &table::HOST_RUNS || looks >= LOOKS => {
                return Err(problem);
            }
            Err(_) => {}
        }
        let name = client_name("cli", SystemClock.now());
        if let Some(client) = attach(desk.rooms, &name).await? {
            return Ok((client, None));
        }
        looks += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

/// A core without anybody who acts: what it decides waits for the next host.
struct Alone {
    handle: CoreHandle,
    thread: std::thread::JoinHandle<()>,
}

/// Acts on nothing.
struct Nobody;

impl Follower for Nobody {
    fn follow(&mut self, _: &World, _: &BTreeSet<EffectKey>, _: &[EffectKey]) {}
    fn halt(&mut self) {}
}

impl Alone {
    fn start(desk: &Desk<'_>) -> Result<(SessionClient, Self), Problem> {
        if reader(desk.rooms)?.is_none() {
            let text = "nothing waits: no session has run here";
            return Err(Problem::new(&table::NO_SUCH_ITEM, text).hint("start one with aios"));
        }
        let rooms = Rooms {
            journal: desk.rooms.journal.clone(),
            derived: desk.rooms.derived.clone(),
            blobs: desk.rooms.blobs.clone(),
        };
        let stores = Stores::open(&rooms, desk.workspace).map_err(|failure| problem(&failure))?;
        if let Some(why) = &stores.report.read_only {
            return Err(Problem::new(&table::LOG_READ_ONLY, why.clone()));
        }
        let loaded =
            load(&stores.journal, Some(&*stores.state)).map_err(|failure| problem(&failure))?;
        let feed = Arc::new(Feed::new(loaded.world.seq));
        let (post, mailbox) = mpsc::channel(MAILBOX);
        let handle = CoreHandle {
            post,
            feed: feed.clone(),
            signals: Arc::new(Signals::default()),
            blobs: stores.blobs.clone(),
        };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let parts = CoreParts {
            // A failed append is told, and tried again by whoever calls again.
            reopen: Box::new(|| {
                Err(JournalFailure::ReadOnly {
                    why: "an append failed".to_owned(),
                })
            }),
            state: Some(stores.state),
            world: loaded.world,
            feed,
            clock: clock.clone(),
            setup: Box::new(|| Err("no host runs: start it with aios".to_owned())),
            follower: Box::new(Nobody),
        };
        let core = Core::new(Box::new(stores.journal) as Box<dyn Journal>, parts);
        let thread = std::thread::Builder::new()
            .name("core".to_owned())
            .spawn(move || core.run(mailbox))
            .map_err(|error| Problem::new(&table::OUR_FAULT, error.to_string()))?;
        let name = client_name("cli", clock.now());
        let client = SessionClient::local(handle.clone(), clock, person::of_process(), &name);
        Ok((client, Self { handle, thread }))
    }

    async fn stop(self) {
        self.handle.stop().await;
        // A core that panicked has let go of the journal, too.
        let _ = tokio::task::spawn_blocking(move || drop(self.thread.join())).await;
    }
}
