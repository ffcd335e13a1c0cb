//! What a repository says to agents and what it wants run: its settings, team, prompts, workflow, instructions, checks. All of it is
//! read only once the user trusts exactly this content; before that nothing of the repository has a say.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use super::site::{Site, cannot_write, faultless, ours};
use crate::boot::config::{Effective, Settings};
use crate::boot::trust::{self, Change, Item, TrustState};
use crate::boot::wiring::workflow;
use crate::cli::errors::{Problem, table};
use crate::domain::agent::Role;
use crate::domain::change::checks::CheckKind;
use crate::domain::workflow::Workflow;
use crate::engine::agents::{Fragments, built_in_roles, load_team};
use crate::engine::checks::{Configured, detect};
use crate::engine::reconcile::{Custom, Project};

/// The largest text of instructions or of a prompt that is read.
const MOST_TEXT: u64 = 256 * 1024;
/// Files that agents read as the project's instructions.
const INSTRUCTIONS: [&str; 2] = ["AGENTS.md", "CLAUDE.md"];

/// What stands between the user and the repository's say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// As it is now.
    pub state: TrustState,
    /// Everything that is to be trusted.
    pub items: Vec<Item>,
    /// The commands among it.
    pub commands: Vec<String>,
}

impl Trust {
    /// Whether the repository has a say. One that brings nothing along needs no trust.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.state == TrustState::Trusted || self.items.is_empty()
    }

    /// Why it has none, in one line.
    #[must_use]
    pub fn problem(&self, root: &Path) -> Problem {
        let names = |items: &mut dyn Iterator<Item = String>| {
            let mut names: Vec<String> = items.take(5).collect();
            if names.len() == 5 {
                names.truncate(4);
                names.push("…".to_owned());
            }
            names.join(", ")
        };
        let what = match &self.state {
            TrustState::Trusted => String::new(),
            TrustState::ReadOnly => "you chose to read only".to_owned(),
            TrustState::Unknown { items } => {
                let mut names_of = items.iter().map(|item| item.name.clone());
                format!("new: {}", names(&mut names_of))
            }
            TrustState::Changed { items } => {
                let word = |change: &Change| match change {
                    Change::New => "new",
                    Change::Edited => "edited",
                    Change::Gone => "gone",
                };
                let mut names_of = items
                    .iter()
                    .map(|(item, change)| format!("{} ({})", item.name, word(change)));
                format!("changed: {}", names(&mut names_of))
            }
        };
        Problem::new(
            &table::NOT_TRUSTED,
            format!("the repository is not trusted, {}, {what}", root.display()),
        )
        .hint("look at them, then say --trust once, or aios init --trust")
    }
}

/// What is in force for a repository.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The layers, the repository's among them if it is trusted.
    pub layers: Effective,
    /// The settings.
    pub settings: Settings,
    /// Who works here.
    pub team: Vec<Role>,
    /// The parts of prompts.
    pub fragments: Fragments,
    /// The path of tasks.
    pub workflow: Workflow,
    /// The project's instructions to agents.
    pub instructions: Option<String>,
    /// Whether all this has the repository's say in it.
    pub trust: Trust,
}

/// What of a call's wish about trust counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Only what was granted before.
    Before,
    /// The user trusts the repository as it is now (`--trust`).
    Now,
}

impl Reading {
    /// Reads what is in force now. Without trust it is what the user's own files say.
    ///
    /// # Errors
    /// A file in force has a fault, or it changed while it was read.
    pub fn of(site: &Site, grant: Grant) -> Result<Self, Problem> {
        let trust = look(site)?;
        if grant == Grant::Now && !trust.is_given() {
            trust::grant(&site.rooms.trust, &trust.items)
                .map_err(|error| cannot_write(&site.rooms.trust, &error))?;
            return Self::of(site, Grant::Before);
        }
        if !trust.is_given() {
            let (layers, settings) = site.person.settings()?;
            let workflow = Workflow::deliver(rounds(&settings));
            return Ok(Self {
                layers,
                team: built_in_roles(),
                fragments: Fragments::built_in().map_err(ours)?,
                workflow,
                instructions: None,
                settings,
                trust,
            });
        }
        let root = &site.facts.root;
        let (layers, settings) = faultless(site.person.layers(Some(root))?)?;
        let reading = Self {
            team: load_team(&root.join(".aios/team"))
                .map_err(|bad| Problem::new(&table::BAD_ROLE, format!(".aios/team/{bad}")))?,
            fragments: fragments(root)?,
            workflow: workflow::load(&root.join(".aios/workflow.toml"), rounds(&settings))?,
            instructions: instructions(root)?,
            layers,
            settings,
            trust,
        };
        // What was read is what was trusted only if it is the same afterwards.
        if look(site)? != reading.trust {
            return Err(Problem::new(
                &table::NOT_TRUSTED,
                "the repository's instructions changed while they were read",
            )
            .hint("run it again"));
        }
        Ok(reading)
    }

    /// What people should know about the checks of a checkout: that there are none, or no tests among them.
    #[must_use]
    pub fn unchecked(&self, root: &Path) -> Option<String> {
        let checks = detect(root, &self.configured());
        let has_tests = checks.iter().any(|check| check.kind == CheckKind::Test);
        let what = match (checks.is_empty(), has_tests) {
            (true, _) => "no checks were found, so only proofs, the judge and you look at the work",
            (false, false) => "no tests were found among the checks",
            (false, true) => return None,
        };
        let advice = "name the command that tests: aios config set checks.test COMMAND --project";
        Some(format!("{what}: {advice}"))
    }

    /// What is said about the checks in the settings.
    #[must_use]
    pub fn configured(&self) -> Configured {
        configured(&self.settings)
    }

    /// What it changes about how it is worked in.
    #[must_use]
    pub fn custom(&self) -> Custom {
        Custom {
            fragments: Arc::new(self.fragments.clone()),
            setup: set_up(&self.settings),
            include: self.settings.worktree.include.clone(),
        }
    }
}

fn rounds(settings: &Settings) -> u32 {
    settings.rounds_max.clamp(1, 9)
}

/// What is said about the checks in the settings. Looking at the format is a lint.
#[must_use]
pub fn configured(settings: &Settings) -> Configured {
    let checks = &settings.checks;
    let some = |list: &[String]| Some(list.to_vec()).filter(|list| !list.is_empty());
    let lint = [checks.lint.as_slice(), &checks.format].concat();
    Configured {
        build: some(&checks.build),
        test: some(&checks.test),
        lint: some(&lint),
        timeout_s: u32::try_from(checks.timeout.as_secs()).ok(),
    }
}

fn set_up(settings: &Settings) -> Option<String> {
    let both = [&settings.worktree.setup, &settings.checks.setup];
    let commands: Vec<&str> = both.into_iter().flatten().map(String::as_str).collect();
    match commands.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        several => Some(
            several
                .iter()
                .map(|one| format!("{{ {one}; }}"))
                .collect::<Vec<_>>()
                .join(" && "),
        ),
    }
}

/// Everything that the repository brings along, and whether it is trusted. Its settings are read only to know its commands.
///
/// # Errors
/// It cannot be read.
pub fn look(site: &Site) -> Result<Trust, Problem> {
    let root = &site.facts.root;
    let settings = Settings::new(&site.person.layers(Some(root))?).map_err(ours)?;
    let found = detect(root, &configured(&settings));
    let mut commands: Vec<String> = found.into_iter().map(|check| check.command).collect();
    commands.extend(set_up(&settings));
    let items = trust::items(root, &commands)
        .map_err(|error| Problem::new(&table::UNSAFE_FILE, error.to_string()))?;
    let state = trust::state(&site.rooms.trust, &items);
    Ok(Trust {
        state,
        items,
        commands,
    })
}

/// Looks at a project at its base commit: with the settings and instructions of the user's checkout, which are what was trusted.
/// A check that nobody has seen is not run.
///
/// # Errors
/// Trust is gone, or the base has other checks than the ones that were trusted.
pub fn at_base(site: &Site, base: &Path) -> Result<Project, String> {
    let reading = Reading::of(site, Grant::Before).map_err(|problem| problem.words())?;
    if !reading.trust.is_given() {
        return Err(reading.trust.problem(&site.facts.root).words());
    }
    let checks = detect(base, &reading.configured());
    let unseen = checks
        .iter()
        .find(|check| !reading.trust.commands.contains(&check.command));
    if let Some(check) = unseen {
        return Err(format!(
            "the last commit has a check that differs from the checkout's and is not trusted: {}; commit or undo the change to {}",
            check.command, check.source
        ));
    }
    Ok(Project {
        checks,
        instructions: reading.instructions,
    })
}

/// [`at_base`], as the workshop wants it.
#[must_use]
pub fn project_of(site: &Site) -> crate::engine::reconcile::ProjectOf {
    let site = site.clone();
    Arc::new(move |base: &Path| at_base(&site, base))
}

fn fragments(root: &Path) -> Result<Fragments, Problem> {
    let mut fragments = Fragments::built_in().map_err(ours)?;
    let folder = root.join(".aios/prompts");
    let bad = |why: String| {
        Problem::new(&table::BAD_ROLE, format!(".aios/prompts: {why}"))
            .hint("correct or remove the file that is named")
    };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(fragments),
        Err(error) => return Err(bad(error.to_string())),
    };
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".md").map(str::to_owned))
        .collect();
    names.sort();
    for name in names {
        let text = text(root, &folder.join(format!("{name}.md")))
            .map_err(|why| bad(format!("{name}.md: {why}")))?;
        fragments
            .replace(&name, &text)
            .map_err(|why| bad(format!("{name}.md: {why}")))?;
    }
    Ok(fragments)
}

fn instructions(root: &Path) -> Result<Option<String>, Problem> {
    let mut parts: Vec<String> = Vec::new();
    for name in INSTRUCTIONS {
        let path = root.join(name);
        if path.symlink_metadata().is_err() {
            continue;
        }
        let text = text(root, &path)
            .map_err(|why| Problem::new(&table::UNSAFE_FILE, format!("{name}: {why}")))?;
        // Often one is a link to the other, or says the same.
        if !text.trim().is_empty() && !parts.contains(&text) {
            parts.push(text);
        }
    }
    Ok(Some(parts.join("\n\n")).filter(|text| !text.is_empty()))
}

/// The text of a plain file inside the repository.
pub(super) fn text(root: &Path, path: &Path) -> Result<String, String> {
    let real = path.canonicalize().map_err(|error| error.to_string())?;
    let root = root.canonicalize().map_err(|error| error.to_string())?;
    if !real.starts_with(&root) || !real.is_file() {
        return Err("not a plain file of the repository".to_owned());
    }
    let file = fs::File::open(&real).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(MOST_TEXT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MOST_TEXT {
        return Err("larger than 256 KiB".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
}
