//! From a repository to a host that is ready to start: settings, trust, team, models, sandbox, state, put together in one place for every
//! front door. What a part does is in its own room; here they are only chosen and handed to one another.

pub mod models;
pub mod project;
pub mod sandbox;
pub mod site;
mod workflow;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use self::models::{Choosing, Models};
use self::project::{Grant, Reading};
use self::sandbox::{Shelter, Weaker};
use self::site::{Site, ours};
use crate::base::secret::{Redactor, Secret};
use crate::boot::config::settings::Gate;
use crate::boot::host::{Host, Rooms, SetupOf, Stores};
use crate::boot::places::Environment;
use crate::cli::errors::{Problem, table};
use crate::domain::llm::Tier;
use crate::domain::sprint::{Policy, Setup};
use crate::domain::tool::grant::CommandPolicy;
use crate::engine::changes::Changes;
use crate::engine::llm::Gateway;
use crate::engine::ports::blobs::Blobs;
use crate::engine::ports::clock::{Clock, SystemClock};
use crate::engine::ports::journal::JournalFailure;
use crate::engine::reconcile::{Custom, Workshop};

/// What the caller allows beyond the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// About trust.
    pub grant: Grant,
    /// About commands that cannot be shut in.
    pub weaker: Weaker,
}

/// Everything that a host is made of, chosen and opened, nothing started. The lock on the journal is held.
pub struct Parts {
    /// Where it works.
    pub site: Site,
    /// The truth, opened.
    pub stores: Stores,
    /// What is in force now.
    pub reading: Reading,
    /// The models, or why there are none: a host runs without, and a sprint does not start.
    pub models: Result<Models, Problem>,
    /// How commands are shut in.
    pub shelter: Shelter,
    /// What people should know before it starts.
    pub notices: Vec<String>,
}

/// Puts a host together for the repository at `site`.
///
/// # Errors
/// A file in force has a fault, another host runs, or state cannot be opened. That the repository is not trusted, that there is no
/// model and that there is no sandbox are no errors here: whoever starts a sprint asks [`Parts::is_ready`].
pub async fn assemble(mut site: Site, allowed: Allowed) -> Result<Parts, Problem> {
    site.make_rooms()?;
    let reading = Reading::of(&site, allowed.grant)?;
    let mut notices: Vec<String> = reading
        .layers
        .faults
        .iter()
        .map(|fault| fault.problem().words())
        .collect();
    let stores = Stores::open(&rooms(&site), &site.id.to_string())
        .map_err(|failure| cannot_open(&failure))?;
    notices.extend(stores.notices.iter().cloned());
    let models = choosing(&site, &reading).models().await;
    notices.extend(models.iter().flat_map(|models| models.notices.clone()));
    let shelter = Shelter::find(&site, &reading.settings, allowed.weaker).await;
    notices.extend(shelter.notices.iter().cloned());
    if reading.trust.is_given() {
        notices.extend(reading.unchecked(&site.facts.root));
    }
    if site.facts.branch.is_none() {
        notices
            .push("HEAD is on no branch: the work is kept on the sprint's own branch".to_owned());
    }
    if !site.facts.dirty.is_empty() {
        notices.push(format!(
            "{} changed files are not committed: agents start from the last commit and do not see them",
            site.facts.dirty.len()
        ));
    }
    Ok(Parts {
        site,
        stores,
        reading,
        models,
        shelter,
        notices,
    })
}

/// What the models of a repository are chosen from.
#[must_use]
pub fn choosing<'a>(site: &'a Site, reading: &'a Reading) -> Choosing<'a> {
    Choosing {
        settings: &reading.settings,
        layers: &reading.layers,
        environment: &site.person.environment,
        team: &reading.team,
    }
}

/// The rooms of a repository's state, as the stores want them.
#[must_use]
pub fn rooms(site: &Site) -> Rooms {
    Rooms {
        journal: site.rooms.journal.clone(),
        derived: site.rooms.derived.clone(),
        blobs: site.rooms.blobs.clone(),
    }
}

/// Why the journal cannot be opened, with its code.
#[must_use]
pub fn cannot_open(failure: &JournalFailure) -> Problem {
    let text = failure.to_string();
    match failure {
        JournalFailure::Locked { .. } => Problem::new(&table::HOST_RUNS, text),
        JournalFailure::Full { .. } => Problem::new(&table::DISK_FULL, text),
        JournalFailure::Broken { .. } | JournalFailure::ReadOnly { .. } => {
            Problem::new(&table::LOG_READ_ONLY, text)
        }
        JournalFailure::Newer { .. } => Problem::new(&table::OTHER_VERSION, text),
        JournalFailure::Io { .. } | JournalFailure::OutOfOrder { .. } => ours(text),
    }
}

impl Parts {
    /// Says why no sprint can start here now.
    ///
    /// # Errors
    /// The journal is damaged, the repository has no commits or is not trusted, there is no model, or commands cannot be shut in.
    pub fn is_ready(&self) -> Result<&Models, Problem> {
        if let Some(why) = &self.stores.report.read_only {
            return Err(Problem::new(&table::LOG_READ_ONLY, why.clone()));
        }
        self.site.needs_commit()?;
        if !self.reading.trust.is_given() {
            return Err(self.reading.trust.problem(&self.site.facts.root));
        }
        self.shelter.is_good_enough()?;
        self.models.as_ref().map_err(Clone::clone)
    }

    /// Starts the host.
    ///
    /// # Errors
    /// The journal cannot be folded.
    pub async fn start(self) -> Result<Host, Problem> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let (newer, customs) = watch::channel(self.reading.custom());
        let setup = setup_of(&self, newer);
        let (site, shelter) = (self.site, self.shelter);
        let ports = self.models.map(|models| models.ports).unwrap_or_default();
        let commits = clock.clone();
        let shop = move |blobs: Arc<dyn Blobs>| Workshop {
            changes: Changes {
                vcs: site.git.clone(),
                blobs: blobs.clone(),
                worktrees: site.rooms.worktrees.clone(),
                clock: commits,
            },
            gateway: Gateway::new(ports),
            sandbox: shelter.sandbox,
            blobs,
            redactor: Arc::new(redactor(&site.person.environment)),
            environment: shelter.environment,
            read_only: vec![site.facts.common_dir.clone()],
            project: project::project_of(&site),
            custom: customs,
            root: site.facts.root.clone(),
        };
        Host::start(self.stores, shop, setup, clock)
            .await
            .map_err(|failure| cannot_open(&failure))
    }
}

/// Takes every key out of what agents see, whether a provider uses it or not.
fn redactor(environment: &Environment) -> Redactor {
    let known: Vec<(&str, Secret<String>)> = environment
        .secrets()
        .map(|(name, value)| (name, Secret::new(value.to_owned())))
        .collect();
    Redactor::new(known.iter().map(|(name, secret)| (*name, secret)))
}

/// The settings of a sprint, read anew for each: what changed on disk since the host started counts, trust above all.
fn setup_of(parts: &Parts, customs: watch::Sender<Custom>) -> SetupOf {
    let site = parts.site.clone();
    let models = parts.models.clone();
    let commands = parts.shelter.policy;
    Box::new(move || {
        let models = models.as_ref().map_err(Problem::words)?;
        let reading = Reading::of(&site, Grant::Before).map_err(|problem| problem.words())?;
        if !reading.trust.is_given() {
            return Err(reading.trust.problem(&site.facts.root).words());
        }
        let setup = setup(&reading, models, commands)?;
        customs.send_replace(reading.custom());
        Ok(setup)
    })
}

fn setup(reading: &Reading, models: &Models, commands: CommandPolicy) -> Result<Setup, String> {
    let settings = &reading.settings;
    let fallback = models.fallback().ok_or("there is no model")?.clone();
    let asks = |gate: Gate| gate != Gate::Auto;
    let tiers: BTreeMap<Tier, _> = models.tiers.clone();
    Ok(Setup {
        policy: Policy {
            budget: Some(settings.budget.sprint),
            task_budget: Some(settings.budget.task),
            request_budget: Some(settings.budget.request),
            day_budget: Some(settings.budget.day),
            agents_max: settings.agents_max,
            max_tasks: settings.plan_max_tasks,
            commands,
            review: asks(settings.gates.review),
            plan: asks(settings.gates.plan),
            merge: asks(settings.gates.merge),
            undo_ms: i64::from(settings.decide.undo_s) * 1_000,
            keeps_worktrees: settings.worktree.stays,
            simulated: false,
            ask_at_percent: settings.budget.ask_at_percent,
        },
        team: reading.team.clone(),
        workflow: reading.workflow.clone(),
        models: tiers,
        fallback,
        baseline: models.baseline,
        prefix: settings.git_prefix.clone(),
    })
}
