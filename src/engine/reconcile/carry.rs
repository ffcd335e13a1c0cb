//! Carrying one effect out, from its recorded beginning to its report. However it ends (done, cancelled, by a panic), the core hears of
//! it: an effect that began and is never heard of again would hold its work and its money for ever.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::sync::watch;

use crate::base::id::{Digest, Oid, SprintId};
use crate::base::time::Timestamp;
use crate::base::tokens::TokenUsage;
use crate::domain::change::checks::CheckSpec;
use crate::domain::journal::{BeganModel, Command, Effect, EffectKey, Input, Report};
use crate::domain::llm::{CallFailure, FailureKind};
use crate::domain::presence::Standing;
use crate::domain::security::Actor;
use crate::engine::changes::{ChangeFailure, Changes};
use crate::engine::checks;
use crate::engine::core::{CoreHandle, Post};
use crate::engine::reconcile::{Limits, Workshop};
use crate::engine::tools::Workplace;

/// The longest sleep of a wait: clocks jump, machines sleep.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// Seconds that setting a worktree up may take.
const SETUP_S: u32 = 1_800;

/// Carries one effect.
#[derive(Clone)]
pub(super) struct Carrier {
    pub(super) handle: CoreHandle,
    pub(super) shop: Arc<Workshop>,
    pub(super) limits: Arc<Limits>,
    pub(super) key: EffectKey,
    pub(super) is_recorded: bool,
    /// What it waits before it begins, because it came to nothing before.
    pub(super) pause: Duration,
    /// The word that nobody wants it any more.
    pub(super) cancelled: watch::Receiver<bool>,
}

impl Carrier {
    /// Runs to the report, or to the cancellation.
    pub(super) async fn run(self, effect: Effect, outputs: Vec<Digest>) {
        // It ends what it runs by itself, and puts away what it made.
        let ends_itself = matches!(effect, Effect::Trial { .. });
        let asked = AtomicBool::new(false);
        let nothing_set_aside = match &effect {
            Effect::Model(brief) => Some(Self::began_model(brief, None)),
            _ => None,
        };
        let work = Box::pin(AssertUnwindSafe(self.carry(effect, &outputs, &asked)).catch_unwind());
        let report = tokio::select! {
            // What is done is reported as done, also if nobody wants it any more: it may have cost money.
            biased;
            report = work => match report {
                Ok(report) => report,
                Err(panic) => {
                    let words = words(&*panic);
                    self.broken(words, nothing_set_aside, &asked).await
                }
            },
            () = self.is_cancelled(), if !ends_itself => {
                asked.load(Ordering::Acquire).then(|| self.cancelled())
            }
        };
        self.handle.signals.clear(&self.key);
        match report {
            Some(report) => self.report(report).await,
            // A core that is gone needs no word.
            None => drop(self.handle.post.send(Post::Ended(self.key)).await),
        }
    }

    /// A panic is a fault of this program; a person hears of it, and everything else goes on.
    async fn broken(
        &self,
        words: String,
        model: Option<BeganModel>,
        asked: &AtomicBool,
    ) -> Option<Report> {
        // Only what has begun can be reported as failed; without that it would be started again for ever.
        if self.is_recorded && !asked.load(Ordering::Acquire) && !self.begin(model, asked).await {
            return None;
        }
        Some(Report::Failed(format!(
            "a fault of this program, please report it: {words}"
        )))
    }

    /// What a cancelled effect reports: that it ended, and that nobody knows what it has cost.
    fn cancelled(&self) -> Report {
        match self.key {
            EffectKey::Model { .. } => Report::CallFailed {
                failure: CallFailure {
                    kind: FailureKind::Cut,
                    text: "cancelled".to_owned(),
                    retry_after_ms: None,
                    usage: TokenUsage::default(),
                },
                latency_ms: 0,
            },
            _ => Report::Failed("cancelled".to_owned()),
        }
    }

    /// Waits for the word that the effect is no longer wanted. Who went away without a word has not said so.
    pub(super) async fn is_cancelled(&self) {
        let mut cancelled = self.cancelled.clone();
        let word = cancelled.wait_for(|is_cancelled| *is_cancelled).await;
        if word.map(drop).is_err() {
            std::future::pending::<()>().await;
        }
    }

    async fn report(&self, report: Report) {
        let command = Command::Report {
            key: self.key,
            report,
        };
        // A refused report is one that nobody waits for any more.
        let _ = self.handle.submit(self.input(command)).await;
    }

    fn input(&self, command: Command) -> Input {
        Input {
            id: None,
            by: Actor::Effect,
            standing: Standing::Owner,
            client: "runner".to_owned(),
            at: self.now(),
            command,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.shop.changes.clock.now()
    }

    /// Records the beginning; false if it may not begin. `asked` is set before: a beginning whose answer was not waited for may have
    /// been recorded all the same, and then its end must be, too.
    pub(super) async fn begin(&self, model: Option<BeganModel>, asked: &AtomicBool) -> bool {
        let command = Command::Begin {
            key: self.key,
            model,
        };
        asked.store(true, Ordering::Release);
        let is_begun = matches!(self.handle.submit(self.input(command)).await, Ok(Ok(_)));
        asked.store(is_begun, Ordering::Release);
        is_begun
    }

    async fn carry(
        &self,
        effect: Effect,
        outputs: &[Digest],
        asked: &AtomicBool,
    ) -> Option<Report> {
        if !self.pause.is_zero() {
            tokio::time::sleep(self.pause).await;
        }
        match effect {
            Effect::Model(brief) => self.model(*brief, asked).await,
            Effect::Wait { until } => {
                self.wait(until).await;
                Some(Report::Elapsed)
            }
            effect if self.is_recorded && !self.begin(None, asked).await => {
                drop(effect);
                None
            }
            Effect::Tool { .. } => Some(self.tool(effect, outputs).await),
            Effect::Checks { task, specs, on } => {
                let results = self.checks(&specs, &self.shop.workplace(task.id)).await;
                Some(Report::Checked { results, on })
            }
            Effect::Baseline {
                sprint,
                base,
                specs,
            } => Some(self.baseline(sprint, base, &specs).await),
            Effect::Open {
                sprint,
                branch,
                from,
            } => Some(self.open(sprint, branch, from).await),
            Effect::Worktree { task, start } => {
                let worktree = self.shop.changes.worktree(task.id);
                let report = self
                    .blocking(move |changes| changes.prepare(&task, &start))
                    .await;
                if !matches!(report, Report::Worktree { .. }) {
                    return Some(report);
                }
                Some(match self.set_up(worktree).await {
                    Ok(()) => report,
                    Err(why) => Report::Failed(why),
                })
            }
            Effect::Merge { .. } => Some(self.merge(effect).await),
            Effect::Trial { .. } => self.trial(effect).await,
            Effect::Commit { .. }
            | Effect::Part { .. }
            | Effect::Conflict { .. }
            | Effect::Clear { .. }
            | Effect::Land { .. } => {
                Some(self.blocking(move |changes| change(changes, effect)).await)
            }
        }
    }

    /// Waits until a moment of the log. Clocks that are set back in between make it no longer, and a machine that slept no shorter.
    async fn wait(&self, until: Timestamp) {
        let now = || self.handle.feed.moment().max(Some(self.now()));
        let left = |now: Option<Timestamp>| until.since(now.unwrap_or_default()).unsigned_abs();
        let (since, all) = (Instant::now(), Duration::from_millis(left(now())));
        loop {
            let by_clock = Duration::from_millis(left(now()));
            let left = by_clock.min(all.saturating_sub(since.elapsed()));
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
        }
    }

    /// Runs what blocks on a thread that may block; a failure becomes a report.
    pub(super) async fn blocking(
        &self,
        work: impl FnOnce(&Changes) -> Result<Report, ChangeFailure> + Send + 'static,
    ) -> Report {
        let changes = self.shop.changes.clone();
        match tokio::task::spawn_blocking(move || work(&changes)).await {
            Ok(Ok(report)) => report,
            Ok(Err(failure)) => Report::Failed(failure.to_string()),
            Err(_) => Report::Failed("the work broke off".to_owned()),
        }
    }

    async fn open(&self, sprint: SprintId, branch: String, from: Option<Oid>) -> Report {
        let changes = self.shop.changes.clone();
        let shop = self.shop.clone();
        let work = move || -> Result<Report, ChangeFailure> {
            let opened = changes.open(&branch, from.as_ref())?;
            changes.prepare_base(sprint, &opened.commit)?;
            let project = match (shop.project)(&changes.base_worktree(sprint)) {
                Ok(project) => project,
                Err(why) => return Ok(Report::NotOpened(why)),
            };
            let instructions = project
                .instructions
                .map(|text| shop.keep(&text))
                .transpose()
                .map_err(ChangeFailure::Setup)?;
            Ok(Report::Opened(crate::domain::sprint::Base {
                commit: opened.commit,
                target: opened.target,
                branch,
                dirty: opened.dirty,
                checks: project.checks,
                instructions,
            }))
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(report)) => report,
            Ok(Err(failure)) => Report::NotOpened(failure.to_string()),
            Err(_) => Report::NotOpened("the look at the repository broke off".to_owned()),
        }
    }

    async fn baseline(&self, sprint: SprintId, base: Oid, specs: &[CheckSpec]) -> Report {
        let prepared = self
            .blocking(move |changes| {
                changes.prepare_base(sprint, &base)?;
                Ok(Report::Cleared)
            })
            .await;
        if let Report::Failed(why) = prepared {
            return Report::Failed(why);
        }
        let worktree = self.shop.changes.base_worktree(sprint);
        if let Err(why) = self.set_up(worktree.clone()).await {
            return Report::Failed(why);
        }
        Report::Baseline(self.checks(specs, &self.shop.place(worktree)).await)
    }

    pub(super) async fn checks(
        &self,
        specs: &[CheckSpec],
        place: &Workplace,
    ) -> Vec<crate::domain::change::checks::CheckResult> {
        // Closed semaphores do not exist here; without a permit the checks run all the same.
        let _permit = self.limits.commands.acquire().await;
        let hear = |spec: &CheckSpec, more: &str| {
            self.handle
                .signals
                .say(self.key, &format!("{}: {more}", spec.command));
        };
        checks::run(specs, place, &hear).await
    }

    /// Makes a new worktree ready: files that git ignores, then the set-up command.
    pub(super) async fn set_up(&self, worktree: PathBuf) -> Result<(), String> {
        let shop = self.shop.clone();
        let into = worktree.clone();
        let copied = tokio::task::spawn_blocking(move || super::tool::include(&shop, &into)).await;
        copied.map_err(|_| "the copy of ignored files broke off".to_owned())??;
        let Some(command) = self.shop.custom().setup else {
            return Ok(());
        };
        let job = self.shop.place(worktree).job(&command, SETUP_S);
        let hear = |_: &[u8]| {};
        let result = self
            .shop
            .sandbox
            .run(job, &hear)
            .await
            .map_err(|failure| failure.to_string())?;
        match result.exit.code() {
            0 => Ok(()),
            code => {
                let output = String::from_utf8_lossy(&result.output);
                let tail: Vec<&str> = output.lines().rev().take(5).collect();
                let tail = tail.into_iter().rev().collect::<Vec<_>>().join(" / ");
                Err(format!(
                    "worktree.setup ({command}) ended with {code}: {tail}"
                ))
            }
        }
    }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    crate::base::text::first_line(text.unwrap_or("no words"), 300)
}

fn change(changes: &Changes, effect: Effect) -> Result<Report, ChangeFailure> {
    match effect {
        Effect::Commit {
            task,
            resolved: None,
        } => changes.commit(&task),
        Effect::Commit {
            task,
            resolved: Some(resolved),
        } => changes.resolve(&task, &resolved),
        Effect::Part {
            task,
            diff,
            cuts,
            accepted,
        } => changes.part(&task, &diff, (&cuts, &accepted)),
        Effect::Conflict { task, onto } => changes.bring(&task, &onto),
        Effect::Clear { task } => changes.clear(&task),
        Effect::Land {
            sprint,
            base,
            commit,
            title,
            known,
        } => {
            let report = changes.land(sprint, &base, &commit, &title, known.as_deref())?;
            if matches!(report, Report::Landed(_) | Report::NoTarget) {
                // Left over only if it cannot be removed now; the next start prunes it.
                let _ = changes.clear_base(sprint, &base.commit);
            }
            Ok(report)
        }
        _ => Err(ChangeFailure::Setup("not a change".to_owned())),
    }
}
