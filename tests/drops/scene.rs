//! A host with a sprint of the demo, a wire to it, and a witness that writes down all that is decided.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aios::base::id::{GateId, SprintId};
use aios::base::time::Timestamp;
use aios::cli::headless::{Approval, Drive, drive};
use aios::cli::output::{Out, Wanted};
use aios::domain::journal::{Event, World};
use aios::domain::sprint::Sprint;
use aios::engine::core::Pulled;
use aios::session::SessionClient;
use aios::tui::action::{Action, Place};
use aios::tui::app::{App, Settings};
use aios::tui::keymap::Keymap;
use aios::tui::known::Known;
use aios::tui::link::News;
use aios::tui::terminal::caps::Caps;
use aios::tui::theme::Theme;
use aios::tui::view::view;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use regex::Regex;
use tokio::runtime::Runtime;

use crate::parts::{Played, socket};
use crate::pty::{CommandBuilder, DEADLINE, Pty, command};
use crate::wire::Wire;

/// Between two looks at what is being said.
const SOON: Duration = Duration::from_millis(50);

pub(crate) const SIZE: (u16, u16) = (120, 36);

/// Stands in the environment of every client, so that none is overlooked.
const MARK: &str = "TEST_OF_DROPS";

/// What the journal says of people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Gates that were decided.
    pub(crate) decided: BTreeSet<GateId>,
    /// Anything else that a person caused, and calls that were lost.
    pub(crate) odd: Vec<String>,
    seq: u64,
}

pub(crate) struct Scene {
    pub(crate) wire: Wire,
    client: SessionClient,
    runtime: Runtime,
    host: Played,
    record: Arc<Mutex<Record>>,
    folder: tempfile::TempDir,
    /// How a terminal is set before a program comes.
    pub(crate) settings: String,
    /// Decisions whose key was pressed on a card that said it was ready.
    pub(crate) pressed: BTreeSet<GateId>,
    /// Decisions that the screen said were taken.
    pub(crate) told: BTreeSet<GateId>,
}

/// Writes down what happens until the host is gone.
async fn witness(client: SessionClient, record: Arc<Mutex<Record>>) {
    let mut seq = 0;
    while let Ok(Pulled::Events(events)) = client.events(seq).await {
        let mut record = record.lock().unwrap();
        for envelope in events {
            seq = envelope.seq;
            match &envelope.event {
                Event::GateDecided { gate, .. } => drop(record.decided.insert(*gate)),
                Event::CallLost { .. }
                | Event::Nudged { .. }
                | Event::HunkMarked { .. }
                | Event::DecisionWithdrawn { .. } => {
                    let odd = format!("{} {:?}", envelope.seq, envelope.event);
                    record.odd.push(odd);
                }
                _ => {}
            }
        }
        record.seq = seq;
    }
}

impl Scene {
    /// A sprint whose models write so many times as fast as people read.
    pub(crate) fn set(speed: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut host = Played::host(folder.path(), speed);
        host.says("ready");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let path = socket(folder.path());
        let client = runtime
            .block_on(SessionClient::attach(&path, "witness"))
            .unwrap();
        let record = Arc::<Mutex<Record>>::default();
        runtime.spawn(witness(client.clone(), Arc::clone(&record)));
        Self {
            wire: Wire::lay(&folder.path().join("wire"), path),
            client,
            runtime,
            host,
            record,
            settings: untouched(folder.path()),
            folder,
            pressed: BTreeSet::new(),
            told: BTreeSet::new(),
        }
    }

    pub(crate) fn world(&self) -> World {
        self.runtime.block_on(self.client.snapshot()).unwrap()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.world().current().is_none_or(Sprint::is_closed)
    }

    /// What the journal says, up to the present.
    pub(crate) fn record(&self) -> Record {
        let seq = self.world().seq;
        let deadline = Instant::now() + DEADLINE;
        loop {
            let record = self.record.lock().unwrap().clone();
            if record.seq >= seq {
                return record;
            }
            assert!(Instant::now() < deadline, "the witness hears nothing");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Somebody opens the interface over the wire.
    pub(crate) fn attach(&self) -> Pty {
        let pty = Pty::spawn(self.aios(), SIZE.0, SIZE.1);
        is_live(&pty);
        pty
    }

    /// Somebody opens it from far away, at a terminal that takes so many bytes a second.
    pub(crate) fn attach_far(&self, rate: u32) -> Pty {
        let pty = Pty::spawn_far(self.aios(), (80, 24), rate);
        is_live(&pty);
        pty
    }

    /// Lets somebody else approve everything.
    pub(crate) fn drive(&self) {
        let client = self.client.clone();
        self.runtime.spawn(async move {
            let sink = || Box::new(std::io::sink());
            let mut quiet = Out::over(sink(), sink(), Wanted::default());
            let how = Drive {
                sprint: SprintId(1),
                approval: Approval::All,
                verbose: false,
                rejects_once: false,
            };
            drive(&client, how, &mut quiet).await
        });
    }

    fn aios(&self) -> CommandBuilder {
        let home = self.folder.path().join("home");
        std::fs::create_dir_all(&home).unwrap();
        let mut aios = command(env!("CARGO_BIN_EXE_aios"), &home);
        aios.arg("attach");
        aios.cwd(self.folder.path().join("stage/project"));
        aios.env("AIOS_SOCKET", &self.wire.socket);
        aios.env(MARK, self.folder.path());
        aios
    }

    /// Holds the board on the screen against the host's world.
    pub(crate) fn shows_the_world(&self, pty: &mut Pty) {
        pty.send("gb");
        let deadline = Instant::now() + DEADLINE;
        loop {
            let expected = board(&self.world());
            let shown = comparable(&pty.text());
            if shown == expected {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "the screen shows\n{shown}\n\nthe world is\n{expected}"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The agents go on: after event `seq` something more happens, or is being said.
    pub(crate) fn goes_on(&self, seq: u64) {
        let said = |version| {
            let saying = self.client.signals(version);
            let soon = async { tokio::time::timeout(SOON, saying).await };
            self.runtime.block_on(soon).ok()?.ok()
        };
        let version = said(0).map_or(0, |saying| saying.version);
        let deadline = Instant::now() + DEADLINE;
        while self.world().seq <= seq && said(version).is_none() {
            assert!(Instant::now() < deadline, "the agents do not go on");
        }
    }

    /// The host lives, no client is left, and only what was decided is decided.
    pub(crate) fn holds(&mut self, what: &str) {
        assert_eq!(
            self.host.child.try_wait().unwrap(),
            None,
            "{what}: the host"
        );
        assert_eq!(clients_below(self.folder.path()), 0, "{what}: clients");
        let record = self.record();
        assert!(record.odd.is_empty(), "{what}: {:?}", record.odd);
        assert!(
            record.decided.is_subset(&self.pressed),
            "{what}: nobody decided {:?}",
            record.decided.difference(&self.pressed)
        );
        assert!(
            self.told.is_subset(&record.decided),
            "{what}: lost are {:?}",
            self.told.difference(&record.decided)
        );
    }

    /// Ends the host; nothing of the scene is left.
    pub(crate) fn strike(mut self) {
        let host = rustix::process::Pid::from_child(&self.host.child);
        rustix::process::kill_process(host, rustix::process::Signal::TERM).unwrap();
        self.host.says("ended");
        assert!(self.host.child.wait().unwrap().success());
        let deadline = Instant::now() + DEADLINE;
        while let Some(left) = working_in(self.folder.path()).first() {
            assert!(Instant::now() < deadline, "{left} is left");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn is_live(pty: &Pty) {
    pty.wait_until("a live session", |screen| {
        let rows = screen.rows();
        let title = rows.first().map_or("", |row| row.trim_end());
        // The demo's models are simulated, and its title says so.
        let live = [" live", " demo", "ms"];
        live.iter().any(|word| title.ends_with(word))
    });
}

/// How a terminal is set where no program has touched it.
fn untouched(home: &Path) -> String {
    let mut cat = command("/bin/cat", home);
    cat.env(MARK, "none");
    let mut pty = Pty::spawn(cat, SIZE.0, SIZE.1);
    pty.send("x\r");
    pty.wait_for_text("x");
    pty.settings()
}

fn processes() -> impl Iterator<Item = std::path::PathBuf> {
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
}

/// Clients of this scene, and whatever they started.
fn clients_below(folder: &Path) -> usize {
    let mark = format!("{MARK}={}", folder.display());
    let is_ours = |path: &std::path::PathBuf| {
        let environment = std::fs::read(path.join("environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|entry| entry == mark.as_bytes())
    };
    processes().filter(is_ours).count()
}

fn working_in(folder: &Path) -> Vec<String> {
    let is_here = |path: &std::path::PathBuf| {
        std::fs::read_link(path.join("cwd")).is_ok_and(|path| path.starts_with(folder))
    };
    let name = |path: std::path::PathBuf| std::fs::read_to_string(path.join("cmdline"));
    processes().filter(is_here).flat_map(name).collect()
}

/// The board as the interface paints it, made comparable.
fn board(world: &World) -> String {
    let caps = Caps::from_environment(|name| (name == "LANG").then(|| "C.UTF-8".to_owned()));
    let look = (
        Keymap::built_in().unwrap(),
        Theme::built_in(caps.depth).unwrap(),
    );
    let known = Known::new(&aios::boot::person::of_process().to_string(), "project");
    let mut app = App::new(known, Settings::default(), caps, look);
    let at = Instant::now();
    app.resize(Size::new(SIZE.0, SIZE.1));
    app.news([News::World(Box::new(world.clone()))], at);
    app.act(Action::Go(Place::Board), at);
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    app.tick(Timestamp(i64::try_from(now).unwrap()), at);
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut buffer = Buffer::empty(area);
    view(&app, &mut buffer, at);
    let rows = buffer.content.chunks(usize::from(SIZE.0));
    let rows: Vec<String> = rows
        .map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect())
        .collect();
    comparable(&rows.join("\n"))
}

/// Without what time changes by itself, and without the two rows of keys and messages.
fn comparable(text: &str) -> String {
    let moving = Regex::new(r"[0-9]+[smhd]\b|\$[0-9.]+/h|[ ─━]+").unwrap();
    let rows: Vec<&str> = text.lines().take(usize::from(SIZE.1) - 2).collect();
    let rows = rows.iter().map(|row| moving.replace_all(row, " "));
    let rows: Vec<String> = rows.map(|row| row.trim().to_owned()).collect();
    rows.join("\n").trim_end().to_owned()
}
