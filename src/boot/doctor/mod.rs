//! `aios doctor`: facts about machine, repository, models, sandbox and settings, each with what to do about it. What has to be
//! probed with an adapter is handed in. Nothing here prints a key or the repository's content.

mod report;
pub mod terminal;

use std::io;
use std::path::Path;

use crate::base::time::Timestamp;
use crate::boot::config::settings::Provider;
use crate::boot::config::{Fault, Settings};
use crate::boot::places::Environment;
use crate::cli::errors::{Problem, table as codes};

pub use report::{Fact, Health, Report};

/// The oldest git whose `merge-tree` merges without a checkout.
pub const LEAST_GIT: (u32, u32) = (2, 38);
/// Below this much room a sprint is at risk.
const LITTLE_ROOM: u64 = 2 * 1024 * 1024 * 1024;
/// Below this much nothing should begin.
const NO_ROOM: u64 = 64 * 1024 * 1024;
/// Prices older than this are said to be old.
const OLD_PRICES_DAYS: i64 = 30;

/// What git says about the repository, asked through the port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryFacts {
    /// The branch that is checked out; `None` is a detached head.
    pub branch: Option<String>,
    /// Whether there is a commit.
    pub has_commits: bool,
    /// Whether the checkout is as the commit says.
    pub is_clean: bool,
}

/// What is examined.
#[derive(Debug)]
pub struct Patient<'a> {
    /// The output of `git --version`, `None` if git cannot be run.
    pub git: Option<&'a str>,
    /// The repository; `None` if there is none here.
    pub repository: Option<&'a RepositoryFacts>,
    /// Where its state is, or would be.
    pub state: &'a Path,
    /// The sandbox's name and what keeps it from a better one: `bubblewrap`, or `none` with a reason.
    pub sandbox: Result<&'a str, &'a str>,
    /// The settings in force, if they could be read.
    pub settings: Option<&'a Settings>,
    /// What is wrong with the configuration.
    pub faults: &'a [Fault],
    /// The terminal.
    pub terminal: &'a terminal::Terminal,
    /// The journal of this repository: its events if it verifies, else why not; none where there is none.
    pub log: Option<Result<u64, Problem>>,
    /// Variables; only whether keys are set and their last four letters are taken.
    pub environment: &'a Environment,
    /// Local servers that answered, with their models.
    pub local_servers: &'a [(String, Vec<String>)],
    /// The day of the price table.
    pub prices_from: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// Looks at everything.
#[must_use]
pub fn examine(patient: &Patient<'_>) -> Report {
    let mut facts = terminal::examine(patient.terminal);
    facts.push(git(patient.git));
    facts.push(repository(patient.repository));
    facts.push(room(patient.state, free_bytes(patient.state)));
    facts.extend(patient.log.as_ref().map(log));
    facts.extend(models(patient));
    facts.extend(prices(patient));
    facts.push(match patient.sandbox {
        Ok(name) => Fact::ok("sandbox", format!("{name}: commands are shut in")),
        Err(why) => Fact::warn(
            "sandbox",
            format!("none: {why}; every command asks"),
            codes::WEAK_SANDBOX.fix,
        ),
    });
    facts.extend(settings(patient.faults));
    Report { facts }
}

/// Major and minor number of `git version 2.47.3`.
#[must_use]
pub fn git_version(output: &str) -> Option<(u32, u32)> {
    let version = output.trim().strip_prefix("git version ")?;
    let mut parts = version.split(['.', ' ', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn git(output: Option<&str>) -> Fact {
    let Some(output) = output else {
        return Fact::fail("repository", "git is not found", &codes::NO_GIT);
    };
    match git_version(output) {
        Some((major, minor)) if (major, minor) >= LEAST_GIT => {
            Fact::ok("repository", format!("git {major}.{minor}"))
        }
        Some((major, minor)) => Fact::fail(
            "repository",
            format!("git {major}.{minor} is too old"),
            &codes::OLD_GIT,
        ),
        None => Fact::warn(
            "repository",
            "git does not say its version",
            "install git 2.38 or newer",
        ),
    }
}

fn repository(facts: Option<&RepositoryFacts>) -> Fact {
    let Some(facts) = facts else {
        return Fact::fail(
            "repository",
            "not a git repository",
            &codes::NOT_A_REPOSITORY,
        );
    };
    if !facts.has_commits {
        return Fact::fail("repository", "no commits", &codes::NO_COMMITS);
    }
    let Some(branch) = &facts.branch else {
        let text = "HEAD is on no branch: the work of a sprint is kept apart";
        return Fact::warn("repository", text, codes::DETACHED_HEAD.fix);
    };
    if facts.is_clean {
        return Fact::ok("repository", format!("{branch}, clean"));
    }
    let text = format!("{branch}, with changes that are not committed");
    Fact::warn(
        "repository",
        text,
        "agents start from the last commit and do not see them",
    )
}

/// Bytes that the user can still write where `path` is or would be.
///
/// # Errors
/// No folder above it can be asked.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let existing = path.ancestors().find(|folder| folder.is_dir());
    let facts = rustix::fs::statvfs(existing.unwrap_or(Path::new("/")))?;
    Ok(facts.f_bavail.saturating_mul(facts.f_frsize))
}

fn room(state: &Path, free: io::Result<u64>) -> Fact {
    let at = state.display();
    match free {
        Ok(free) if free < NO_ROOM => Fact::fail(
            "state",
            format!("{at}: {} free", size(free)),
            &codes::DISK_FULL,
        ),
        Ok(free) if free < LITTLE_ROOM => Fact::warn(
            "state",
            format!("{at}: {} free", size(free)),
            "make room before a long sprint",
        ),
        Ok(free) => Fact::ok("state", format!("{at}: {} free", size(free))),
        Err(error) => Fact::warn(
            "state",
            format!("{at}: could not ask for free room: {error}"),
            "look at the folder",
        ),
    }
}

fn log(verified: &Result<u64, Problem>) -> Fact {
    match verified {
        Ok(events) => Fact::ok("state", format!("log {events} events, chain verified")),
        Err(why) => Fact::fail("state", format!("log: {}", why.text), why.code),
    }
}

fn size(bytes: u64) -> String {
    let mega = bytes / 1_000_000;
    if mega >= 1_000 {
        return format!("{} GB", mega / 1_000);
    }
    format!("{mega} MB")
}

fn models(patient: &Patient<'_>) -> Vec<Fact> {
    let Some(settings) = patient.settings else {
        return vec![Fact::warn(
            "models",
            "not looked at: the settings have errors",
            "correct the settings first",
        )];
    };
    let mut facts: Vec<Fact> = settings
        .providers
        .iter()
        .filter_map(|(name, provider)| key(name, provider, patient.environment))
        .collect();
    for (name, models) in patient.local_servers {
        let models = if models.is_empty() {
            "no model loaded".to_owned()
        } else {
            models.join(", ")
        };
        facts.push(Fact::ok("models", format!("{name} answers: {models}")));
    }
    if !facts.iter().any(|fact| fact.health == Health::Ok) {
        facts.push(Fact::fail(
            "models",
            codes::NO_MODEL.title,
            &codes::NO_MODEL,
        ));
    }
    facts
}

/// Whether a provider's key is set. Providers without a key are shown when they answer.
fn key(name: &str, provider: &Provider, environment: &Environment) -> Option<Fact> {
    let variable = provider.key_variable.as_deref()?;
    let Some(key) = environment.text(variable) else {
        return Some(Fact::warn(
            "models",
            format!("{name}: {variable} is not set"),
            format!("export {variable}=…"),
        ));
    };
    // Four letters tell two keys apart and help nobody to guess one; of a short text not even these are shown.
    let letters = key.chars().count();
    let end: String = key
        .chars()
        .skip(letters.saturating_sub(4))
        .filter(char::is_ascii_graphic)
        .collect();
    let end = if letters >= 20 {
        format!(", ends …{end}")
    } else {
        String::new()
    };
    Some(Fact::ok(
        "models",
        format!("{name}: {variable} is set{end}"),
    ))
}

fn prices(patient: &Patient<'_>) -> Option<Fact> {
    let days = patient.now.since(patient.prices_from?) / 86_400_000;
    let text = format!("prices are {days} days old");
    if days <= OLD_PRICES_DAYS {
        return Some(Fact::ok("models", text));
    }
    Some(Fact::warn(
        "models",
        text,
        "compare them with the provider's page; your own stand under [prices]",
    ))
}

fn settings(faults: &[Fault]) -> Vec<Fact> {
    if faults.is_empty() {
        return vec![Fact::ok("settings", "no faults")];
    }
    let of = |fault: &Fault| {
        let place = fault
            .position
            .as_ref()
            .map(|at| format!(", {at}"))
            .unwrap_or_default();
        let text = format!("{}{place}", fault.text);
        if fault.is_warning() {
            return Fact::warn("settings", text, fault.hint.clone());
        }
        Fact {
            fix: fault.hint.clone(),
            ..Fact::fail("settings", text, fault.code)
        }
    };
    faults.iter().map(of).collect()
}

#[cfg(test)]
mod tests;
