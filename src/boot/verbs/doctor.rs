//! `aios doctor`: asks the machine and hands what it says to [`doctor`].

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::adapters::model::probe_local;
use crate::adapters::sandbox::Bubblewrap;
use crate::adapters::sandbox::bubblewrap::Places as Sight;
use crate::adapters::vcs::git::GitRepo;
use crate::boot::config::Settings;
use crate::boot::dispatch::Outcome;
use crate::boot::doctor::terminal::Terminal;
use crate::boot::doctor::{self, Patient, RepositoryFacts};
use crate::boot::places::RepoId;
use crate::boot::verbs::{journal, keys};
use crate::boot::wiring::site::{Person, ours};
use crate::cli::args::Args;
use crate::cli::errors::Problem;
use crate::cli::output::Out;
use crate::engine::costs::PriceTable;
use crate::engine::ports::clock::{Clock as _, SystemClock};
use crate::engine::ports::vcs::{RepoFacts, Vcs as _};
use crate::tui::keymap::Keymap;
use crate::tui::terminal::caps::{Caps, Multiplexer};

/// Examines and reports. Changes nothing.
///
/// # Errors
/// There is no home, or the output is gone.
pub async fn run(args: &Args, out: &mut Out) -> Outcome {
    let person = Person::of_process(args)?;
    let git = Command::new("git")
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let git = git
        .ok()
        .map(|ran| String::from_utf8_lossy(&ran.stdout).into_owned());
    let facts = GitRepo::discover(&person.folder())
        .ok()
        .and_then(|repo| repo.facts().ok());
    let layers = person.layers(facts.as_ref().map(|facts| facts.root.as_path()))?;
    let settings = match layers.first_error() {
        None => Some(Settings::new(&layers).map_err(ours)?),
        Some(_) => None,
    };
    let sandbox = Bubblewrap::find(Sight::default()).await;
    let servers: Vec<(String, Vec<String>)> = probe_local()
        .await
        .into_iter()
        .map(|server| (server.name, server.models))
        .collect();
    let repository = facts.as_ref().map(|facts| RepositoryFacts {
        branch: facts.branch.as_deref().map(short),
        has_commits: facts.head.is_some(),
        is_clean: facts.dirty.is_empty(),
    });
    let state = state(&person, facts.as_ref(), settings.as_ref());
    let terminal = terminal(&person, settings.as_ref());
    let report = doctor::examine(&Patient {
        git: git.as_deref(),
        repository: repository.as_ref(),
        state: &state,
        terminal: &terminal,
        log: log(&state),
        sandbox: sandbox
            .as_ref()
            .map(|_| "bubblewrap")
            .map_err(String::as_str),
        settings: settings.as_ref(),
        faults: &layers.faults,
        environment: &person.environment,
        local_servers: &servers,
        prices_from: newest_price(),
        now: SystemClock.now(),
    });
    if out.is_json() {
        out.object(&report.json())?;
    } else {
        out.text(&report.text())?;
    }
    Ok(report.exit())
}

fn short(branch: &str) -> String {
    branch
        .strip_prefix("refs/heads/")
        .unwrap_or(branch)
        .to_owned()
}

fn state(
    person: &Person,
    facts: Option<&RepoFacts>,
    settings: Option<&Settings>,
) -> std::path::PathBuf {
    let id = facts.and_then(|facts| RepoId::read(&facts.common_dir).ok().flatten());
    match (id, settings) {
        (Some(id), Some(settings)) => person.places.repository(&id, &settings.paths).state,
        _ => person.places.state.clone(),
    }
}

/// Whether the journal of this state verifies; none where there is none.
fn log(state: &Path) -> Option<Result<u64, Problem>> {
    let folder = state.join("journal");
    folder
        .is_dir()
        .then(|| journal::verified(&folder).map(|(_, report)| report.events))
}

fn terminal(person: &Person, settings: Option<&Settings>) -> Terminal {
    let environment = &person.environment;
    let caps = match settings {
        Some(settings) => person.look(settings).caps,
        None => Caps::from_environment(|name| environment.text(name).map(str::to_owned)),
    };
    let file = keys::text(&person.places.config.join(keys::FILE)).unwrap_or_default();
    let keymap = Keymap::read(&file).or_else(|_| Keymap::built_in());
    let is_tmux = caps.multiplexer == Multiplexer::Tmux;
    let tmux = |option| {
        let told = is_tmux.then(|| keys::tmux(option)).flatten();
        told.map(|told| told.trim().to_owned())
    };
    Terminal {
        term: environment.text("TERM").unwrap_or("not set").to_owned(),
        size: crossterm::terminal::size()
            .ok()
            .filter(|_| std::io::stdout().is_terminal()),
        caps,
        clipboard: tmux("set-clipboard"),
        focus: tmux("focus-events"),
        taken: keymap.map_or_else(
            |_| Vec::new(),
            |keymap| keys::taken(&keymap, caps.multiplexer),
        ),
    }
}

/// The day of the newest row of the price table.
fn newest_price() -> Option<crate::base::time::Timestamp> {
    let table = PriceTable::embedded();
    let days = table.rows().filter_map(|row| day(row.as_of.get(..10)?));
    days.max()
}

/// The first moment of a day written `2026-10-03`.
fn day(text: &str) -> Option<crate::base::time::Timestamp> {
    let mut parts = text.split('-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    // Found by trying: days since 1970 are close to this, and dates of moments are known exactly.
    let guess = (year - 1970) * 365 + (month - 1) * 30 + day;
    (guess - 5..guess + 60)
        .map(|days| crate::base::time::Timestamp(days * 86_400_000))
        .find(|moment| {
            let (at_year, at_month, at_day) = moment.date();
            (at_year, i64::from(at_month), i64::from(at_day)) == (year, month, day)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read() {
        assert_eq!(day("1970-01-02").map(|moment| moment.0), Some(86_400_000));
        assert_eq!(
            day("2026-11-22").map(crate::base::time::Timestamp::date),
            Some((2026, 11, 22))
        );
        assert_eq!(day("2026-13-01"), None);
        assert!(newest_price().is_some());
    }
}
