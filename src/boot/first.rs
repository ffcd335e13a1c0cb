//! The first run: shown where AIOS has never worked and the person has no settings of their own. It looks and asks; nothing is
//! written before its last step is finished, not even the repository's id.

use std::fs;
use std::time::Instant;

use crate::adapters::model::{LocalServer, probe_local};
use crate::adapters::vcs::git::GitRepo;
use crate::base::money::Money;
use crate::boot::config::settings::Gate;
use crate::boot::config::{Layer, Settings, Sources, write};
use crate::boot::places::RepoId;
use crate::boot::screen::{Showing, app};
use crate::boot::wiring::site::Person;
use crate::cli::args::{Args, Verb};
use crate::cli::errors::{Problem, table};
use crate::engine::ports::clock::{Clock as _, SystemClock};
use crate::engine::ports::vcs::{RepoFacts, Vcs as _};
use crate::tui::app::Overlay;
use crate::tui::link::{self, Request};
use crate::tui::panes::setup::{Check, Facts, Models, Outcome, State};
use crate::tui::runtime::Runtime;
use crate::tui::terminal::caps::{Caps, Glyphs, Multiplexer};

/// A first run that is due.
pub struct First {
    person: Person,
    repository: RepoFacts,
    settings: Settings,
}

impl First {
    /// The first run of this call; none where there was an earlier choice or a session is named to be joined, or where something is
    /// in the way that is told elsewhere.
    ///
    /// # Errors
    /// There is no home.
    pub fn due(args: &Args) -> Result<Option<Self>, Problem> {
        let person = Person::of_process(args)?;
        let joins = matches!(args.verb, Some(Verb::Attach(_)))
            || person.environment.get("AIOS_SOCKET").is_some();
        // What is cheap to know comes first: every later start goes through here.
        let has_chosen = || person.sources(None).user.is_some_and(|file| file.exists());
        if joins || has_chosen() {
            return Ok(None);
        }
        let Ok(repo) = GitRepo::discover(&person.folder()) else {
            return Ok(None);
        };
        if !matches!(RepoId::read(repo.common_dir()), Ok(None)) {
            return Ok(None);
        }
        let Some(repository) = repo.facts().ok().filter(|facts| facts.head.is_some()) else {
            return Ok(None);
        };
        let Ok((_, settings)) = person.settings() else {
            return Ok(None);
        };
        Ok(Some(Self {
            person,
            repository,
            settings,
        }))
    }

    /// Asks; none if the person leaves. What is set up is written.
    ///
    /// # Errors
    /// There is no terminal, or a setting cannot be written.
    pub async fn ask(self) -> Result<Option<Outcome>, Problem> {
        let servers = probe_local().await;
        let names = ("repository".to_owned(), "setup".to_owned());
        let showing = Showing::new(&self.person, &self.settings, names);
        let facts = self.facts(showing.look.caps, servers.first());
        let mut app = app(showing)?;
        app.overlay = Some(Overlay::Setup(Box::new(State::new(facts))));
        app.tick(SystemClock.now(), Instant::now());
        let (link, mut peer) = link::pair();
        let runtime = Runtime::start(app, link, || SystemClock.now()).map_err(|error| {
            let text = format!("the terminal cannot be used: {error}");
            Problem::new(&table::OUR_FAULT, text)
        })?;
        runtime.run().await;
        let outcome = loop {
            match peer.requests.try_recv() {
                Ok(Request::Begin(outcome)) => break Some(outcome),
                Ok(_) => {}
                Err(_) => break None,
            }
        };
        if let Some(Outcome::Done { models, budget }) = &outcome {
            keep(&self.person.sources(None), models, budget)?;
        }
        Ok(outcome)
    }

    fn facts(&self, caps: Caps, server: Option<&LocalServer>) -> Facts {
        let keys = self
            .settings
            .providers
            .iter()
            .filter_map(|(name, provider)| {
                let variable = provider.key_variable.clone()?;
                Some((variable, name.clone()))
            });
        let keys: Vec<(String, String)> = keys.collect();
        let is_set =
            |(variable, _): &&(String, String)| self.person.environment.get(variable).is_some();
        Facts {
            terminal: terminal(caps),
            repository: self.repository(),
            key: keys.iter().find(is_set).cloned(),
            variables: keys.into_iter().map(|(variable, _)| variable).collect(),
            server: server.and_then(|server| {
                let model = server.models.first()?;
                Some((server.name.clone(), model.clone()))
            }),
            budget: plain(self.settings.budget.sprint),
            safety: safety(&self.settings),
            word: word(SystemClock.now().0.unsigned_abs() ^ u64::from(std::process::id())),
        }
    }

    fn repository(&self) -> Vec<Check> {
        let root = self.person.places.shown(&self.repository.root);
        let git = format!("git {}", self.repository.git_version);
        let mut checks = vec![check(true, root), check(true, git)];
        checks.push(match &self.repository.branch {
            Some(branch) => {
                let short = branch.strip_prefix("refs/heads/").unwrap_or(branch);
                check(true, short)
            }
            None => check(false, "HEAD is on no branch"),
        });
        checks.push(match self.repository.dirty.len() {
            0 => check(true, "clean"),
            1 => check(false, "1 file changed"),
            count => check(false, format!("{count} files changed")),
        });
        checks
    }
}

fn check(is_good: bool, text: impl Into<String>) -> Check {
    Check {
        is_good,
        text: text.into(),
    }
}

fn terminal(caps: Caps) -> Vec<Check> {
    let mut checks = vec![check(true, caps.depth.words())];
    checks.push(match caps.glyphs {
        Glyphs::Unicode | Glyphs::Nerd => check(true, "UTF-8"),
        Glyphs::Ascii => check(true, "ASCII"),
    });
    match caps.multiplexer {
        Multiplexer::None => {}
        Multiplexer::Tmux => checks.push(check(true, "tmux")),
        Multiplexer::Screen => checks.push(check(true, "screen")),
        Multiplexer::Zellij => checks.push(check(true, "zellij")),
    }
    checks
}

/// Four letters of a number: nobody guesses them, and nothing hangs on them.
fn word(mut number: u64) -> String {
    let mut letters = String::new();
    for _ in 0..4 {
        letters.push(char::from(b'a' + (number % 26) as u8));
        number /= 26;
    }
    letters
}

fn plain(money: Money) -> String {
    money.to_string().trim_start_matches('$').to_owned()
}

/// What agents may do, as the settings say.
fn safety(settings: &Settings) -> String {
    let network = if settings.sandbox.host_network {
        "with this machine's network"
    } else {
        "without network"
    };
    let gates = &settings.gates;
    let asks = [
        (gates.plan, "plans"),
        (gates.review, "changes"),
        (gates.merge, "merges"),
    ];
    let asked: Vec<&str> = asks
        .into_iter()
        .filter(|(gate, _)| *gate == Gate::Ask)
        .map(|(_, what)| what)
        .collect();
    let asked = match asked.as_slice() {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    };
    format!("agents work in worktrees, {network}, and never push. You approve {asked}.")
}

/// Writes what was set up to the person's own file, all of it or nothing: a file that is there is an earlier choice.
fn keep(sources: &Sources, models: &Models, budget: &str) -> Result<(), Problem> {
    let mut wanted: Vec<(&str, String)> = Vec::new();
    match models {
        Models::Key => {}
        Models::Server(route) => {
            wanted.push(("models.default", "local".to_owned()));
            wanted.push(("models.local", route.clone()));
        }
        Models::Gateway {
            url,
            model,
            variable,
        } => {
            wanted.push(("providers.gateway.kind", "compatible".to_owned()));
            wanted.push(("providers.gateway.base_url", url.clone()));
            if !variable.is_empty() {
                wanted.push(("providers.gateway.key", format!("env:{variable}")));
            }
            for tier in ["models.premium", "models.standard", "models.economy"] {
                wanted.push((tier, format!("gateway/{model}")));
            }
        }
    }
    wanted.push(("budget.sprint", budget.to_owned()));
    let file = write::place(sources, Layer::User)?;
    let written = wanted.iter().try_for_each(|(name, value)| {
        write::write(sources, Layer::User, name, Some(value)).map(|_| ())
    });
    if written.is_err() {
        fs::remove_file(&file).ok(); // There was none before; the first error tells more.
    }
    written
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::boot::config::load;

    fn kept(models: &Models) -> (String, Settings) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("aios/config.toml");
        let sources = Sources {
            user: Some(file.clone()),
            cores: 2,
            ..Sources::default()
        };
        keep(&sources, models, "3.50").unwrap();
        let layers = load(&sources).unwrap();
        assert_eq!(layers.first_error(), None);
        (
            fs::read_to_string(file).unwrap(),
            Settings::new(&layers).unwrap(),
        )
    }

    #[test]
    fn a_gateway_is_set_up_for_every_tier_and_its_key_stays_a_variable() {
        let (text, settings) = kept(&Models::Gateway {
            url: "https://llm.here/v1".to_owned(),
            model: "big".to_owned(),
            variable: "BIG_KEY".to_owned(),
        });
        let gateway = settings.providers.get("gateway").unwrap();
        assert_eq!(gateway.base_url, "https://llm.here/v1");
        assert_eq!(gateway.key_variable.as_deref(), Some("BIG_KEY"));
        assert!(text.contains("standard = \"gateway/big\""), "{text}");
        assert!(text.contains("sprint = \"3.50\""), "{text}");
    }

    #[test]
    fn a_local_model_does_all_work() {
        let (_, settings) = kept(&Models::Server("ollama/qwen3-coder".to_owned()));
        assert_eq!(
            settings.models.default,
            Some(crate::domain::llm::Tier::Local)
        );
    }

    #[test]
    fn with_a_key_only_the_budget_is_kept() {
        let (text, settings) = kept(&Models::Key);
        assert_eq!(text, "[budget]\nsprint = \"3.50\"\n");
        assert_eq!(
            safety(&settings),
            "agents work in worktrees, without network, and never push. You approve plans, changes and merges."
        );
    }
}
