//! The interface on this terminal, joined to a session. It is painted before there is one: a person should not look at an empty
//! terminal while a host starts.

use std::future::Future;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::boot::bridge::{self, Joined};
use crate::boot::config;
use crate::boot::look::{EVERY, Look, watch};
use crate::boot::person as me;
use crate::boot::places::Environment;
use crate::boot::verbs::keys;
use crate::boot::wiring::site::Person;
use crate::boot::zone;
use crate::cli::args::Opening;
use crate::cli::errors::{Problem, table};
use crate::domain::security::Actor;
use crate::engine::ports::clock::{Clock, SystemClock};
use crate::tui::app::{App, DRAFTS, SNOOZES, Settings};
use crate::tui::facts::snooze::Snoozes;
use crate::tui::keymap::Keymap;
use crate::tui::known::Known;
use crate::tui::link;
use crate::tui::notify::Rules;
use crate::tui::runtime::Runtime;
use crate::tui::terminal::call::Way;
use crate::tui::terminal::probe::Asks;
use crate::tui::terminal::screen::base;
use crate::tui::theme::{Theme, Token};
use crate::tui::update::terminal::MOUSE;

/// What the interface is told at its start.
pub struct Showing {
    /// What the repository is called.
    pub project: String,
    /// Who sits in front of it.
    pub me: Actor,
    /// A name for the client, unique for all time: its commands are named by it.
    pub client: String,
    /// How long a card is shown before it takes a decision.
    pub arm: Duration,
    /// The next item opens by itself.
    pub auto_advance: bool,
    /// A word is asked for before each decision.
    pub confirm_all: bool,
    /// How it looks.
    pub look: Look,
    /// The folder that names of files belong to; none where they lead nowhere.
    pub folder: Option<PathBuf>,
    /// The mouse is taken from the terminal.
    pub mouse: bool,
    /// The terminal's cursor is shown outside of text fields, too.
    pub shows_cursor: bool,
    /// Seconds from UTC to the clock that is shown.
    pub offset_s: i64,
    /// Percentage of a limit from which on it is said that it is near.
    pub near: u32,
    /// The folder of what the person left for the next time; none in a session that does not last.
    pub state: Option<PathBuf>,
    /// How the person is called.
    pub notify: config::settings::Notify,
    /// Who only looks, and how much of the terminal is used.
    pub opening: Opening,
}

impl Showing {
    /// As the settings of `person` say. The names are those of the repository and of the client.
    #[must_use]
    pub fn new(person: &Person, settings: &config::Settings, names: (String, String)) -> Self {
        let (project, client) = names;
        Self {
            project,
            me: me::of_process(),
            client,
            arm: Duration::from_millis(u64::from(settings.decide.arm_ms)),
            auto_advance: settings.decide.auto_advance,
            confirm_all: settings.decide.confirm_all,
            look: person.look(settings),
            mouse: settings.display.mouse,
            shows_cursor: settings.display.shows_cursor,
            offset_s: zone::shown(settings.display.utc),
            near: settings.budget.ask_at_percent,
            folder: None,
            state: None,
            notify: settings.notify.clone(),
            opening: Opening::default(),
        }
    }
}

/// Shows the session that `connect` leads to, until the person leaves or the terminal is gone. Gives what `connect` gave beside
/// the session; none if the person left before there was one.
///
/// # Errors
/// There is no terminal, no session, or the program's own tables are broken.
pub async fn show<K: Send + 'static>(
    connect: impl Future<Output = Result<(Joined, K), Problem>> + Send + 'static,
    showing: Showing,
) -> Result<Option<K>, Problem> {
    let (link, peer) = link::pair();
    let themes = tokio::spawn(watch(showing.look.places.clone(), EVERY, peer.news.clone()));
    let runtime = Runtime::start(app(showing)?, link, || SystemClock.now()).map_err(|error| {
        Problem::new(
            &table::OUR_FAULT,
            format!("the terminal cannot be used: {error}"),
        )
    })?;
    let (connected, mut kept) = oneshot::channel();
    let (failed, failure) = oneshot::channel();
    let bridge = tokio::spawn(async move {
        // Nobody listens any more where the interface is gone.
        match connect.await {
            Ok((joined, keep)) => {
                let _ = connected.send(keep);
                bridge::serve(peer, joined).await;
            }
            Err(problem) => {
                let _ = failed.send(problem);
                // The news line stays, so that the interface goes for one reason only.
                peer.news.closed().await;
            }
        }
    });
    // Leaving the interface gives the terminal back, whichever way it ends.
    let problem = tokio::select! {
        () = runtime.run() => None,
        Ok(problem) = failure => Some(problem),
    };
    bridge.abort();
    themes.abort();
    problem.map_or_else(|| Ok(kept.try_recv().ok()), Err)
}

/// The interface before anything is known.
///
/// # Errors
/// The program's own tables are broken.
pub(super) fn app(showing: Showing) -> Result<App, Problem> {
    let fault = |what: String| Problem::new(&table::OUR_FAULT, what);
    let keymap = Keymap::built_in().map_err(|bad| fault(bad.to_string()))?;
    let Look {
        caps,
        choice,
        motion,
        density,
        places,
        knows,
    } = showing.look;
    let theme = Theme::built_in(caps.depth).map_err(|bad| fault(bad.to_string()))?;
    let mut known = Known::new(&showing.me.to_string(), &showing.project);
    known.near = showing.near;
    known.offset_s = showing.offset_s;
    known.looks_only = showing.opening.view;
    let environment = Environment::of_process();
    let linked = showing.folder.filter(|_| caps.links);
    let settings = Settings {
        arm: showing.arm,
        auto_advance: showing.auto_advance,
        confirm_all: showing.confirm_all,
        client: showing.client,
        editor: environment.editor().to_owned(),
        pager: environment.text("PAGER").unwrap_or("less").to_owned(),
        folder: places.state,
        asks: Asks::of(caps, knows, environment.text("TERM") == Some("linux")),
        keymap: Some(places.config.join(keys::FILE)),
        is_inline: showing.opening.inline,
        shows_cursor: showing.shows_cursor,
        motion,
        density,
        linked: linked.map(|folder| base(&host(), &folder.to_string_lossy())),
        host: host(),
        kept: showing.state,
        calls: Rules {
            quiet: showing.notify.quiet,
            only_counts: showing.notify.only_counts,
        },
        way: Way::new(&showing.notify.method, |name| {
            environment.text(name).map(str::to_owned)
        }),
        hook: showing.notify.command,
    };
    let mut app = App::new(known, settings, caps, (keymap, theme));
    app.wear(choice, Instant::now());
    app.has_mouse = showing.mouse;
    if app.has_mouse {
        app.say(Token::Info, MOUSE, Instant::now());
    }
    let kept = app.settings.kept.clone();
    let left = |file| std::fs::read_to_string(kept.as_ref()?.join(file)).ok();
    if let Some(text) = left(SNOOZES) {
        app.panes.waiting.snoozes = Snoozes::read(&text);
    }
    if let Some(text) = left(DRAFTS) {
        app.panes.review.read_drafts(&text);
    }
    own_keys(&mut app);
    Ok(app)
}

/// What this machine is called; empty if it does not say.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

/// The person's own keys, if there are any; with a fault in them those of the table are taken, and it is said.
fn own_keys(app: &mut App) {
    let Some(file) = app.settings.keymap.clone() else {
        return;
    };
    let text = match keys::text(&file) {
        Ok(text) if text.is_empty() => return,
        Ok(text) => text,
        Err(problem) => return app.say(Token::Fail, problem.to_string(), Instant::now()),
    };
    match Keymap::read(&text) {
        Ok(keymap) => app.keymap = keymap,
        Err(_) => app.read_keys(&text, Instant::now()),
    }
}
