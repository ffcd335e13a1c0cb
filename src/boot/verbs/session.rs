//! A session for the length of one verb: the host that runs already, or one in this process. It is asked for a sprint and followed until
//! its end, a signal or the time.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::base::id::SprintId;
use crate::base::money::Money;
use crate::boot::attach::{attach, client_name};
use crate::boot::dispatch::Halt;
use crate::boot::host::Host;
use crate::boot::person;
use crate::boot::wiring::models::Models;
use crate::boot::wiring::project::Reading;
use crate::boot::wiring::site::{Site, ours};
use crate::boot::wiring::{Allowed, Parts, assemble, choosing};
use crate::cli::ExitCode;
use crate::cli::errors::{Problem, table};
use crate::cli::headless::{Approval, Drive, Ending, drive};
use crate::cli::output::Out;
use crate::domain::journal::{Command, PauseScope, World};
use crate::domain::llm::Route;
use crate::domain::sprint::{Ask, GateState, Sprint, Verdict};
use crate::engine::ports::clock::{Clock as _, SystemClock};
use crate::session::SessionClient;

/// Where the work will be done; nothing is started yet.
pub enum Opening {
    /// In this process.
    Here(Box<Parts>),
    /// In the host that runs already, with its own settings.
    There {
        /// A client of it.
        client: SessionClient,
        /// The models of the settings as they are now, which may differ from the host's.
        models: Box<Models>,
    },
}

impl Opening {
    /// Finds the host of a repository, or puts one together; says what is to be known, and whether a sprint can start at all.
    ///
    /// # Errors
    /// It cannot.
    pub async fn find(site: Site, allowed: Allowed, out: &mut Out) -> Result<Self, Halt> {
        site.needs_commit()?;
        let name = client_name("run", SystemClock.now());
        let Some(client) = attach(&site.rooms, &name).await? else {
            let parts = assemble(site, allowed).await?;
            // What is in the way is the only line; what is to be known comes where something begins.
            parts.is_ready()?.greet().await?;
            for notice in &parts.notices {
                out.note(notice)?;
            }
            return Ok(Self::Here(Box::new(parts)));
        };
        let reading = Reading::of(&site, allowed.grant)?;
        if !reading.trust.is_given() {
            return Err(reading.trust.problem(&site.facts.root).into());
        }
        let models = Box::new(choosing(&site, &reading).models().await?);
        out.note(&format!(
            "process {} is the host here and does the work, with the settings that it was started with",
            client.host_pid().unwrap_or_default()
        ))?;
        Ok(Self::There { client, models })
    }

    /// Whether a model that costs money can be reached.
    #[must_use]
    pub fn can_cost(&self) -> bool {
        self.models().is_some_and(Models::can_cost)
    }

    /// Whether another process does the work.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        matches!(self, Self::There { .. })
    }

    fn models(&self) -> Option<&Models> {
        match self {
            Self::Here(parts) => parts.models.as_ref().ok(),
            Self::There { models, .. } => Some(models),
        }
    }

    /// Starts it.
    ///
    /// # Errors
    /// The host cannot be started.
    pub async fn start(self) -> Result<Session, Problem> {
        let models = self.models().map(|models| models.tiers.values());
        let routes = models
            .into_iter()
            .flatten()
            .map(|choice| choice.route.clone())
            .collect();
        Ok(match self {
            Self::There { client, .. } => Session {
                host: None,
                client,
                routes,
            },
            Self::Here(parts) => {
                let host = parts.start().await?;
                let client = SessionClient::local(
                    host.handle.clone(),
                    Arc::new(SystemClock),
                    person::of_process(),
                    &client_name("run", SystemClock.now()),
                );
                Session {
                    host: Some(host),
                    client,
                    routes,
                }
            }
        })
    }
}

/// Waits until the host in this process cannot write any more. Another process tells its own clients.
async fn trouble(host: Option<&Host>) -> String {
    match host {
        Some(host) => host.trouble().await,
        None => std::future::pending().await,
    }
}

/// A client of a host, which is in this process or in another.
pub struct Session {
    host: Option<Host>,
    /// The client.
    pub client: SessionClient,
    /// The models of the settings as they are now.
    routes: Vec<Route>,
}

/// Why following a sprint ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// By itself.
    Ended(Ending),
    /// By a signal.
    Signalled(ExitCode),
    /// The time given is over.
    OutOfTime,
}

/// How to go on with what was begun before.
#[derive(Clone, Copy, Debug)]
pub struct GoingOn {
    /// What may be decided.
    pub approval: Approval,
    /// A budget that was named.
    pub budget: Option<Money>,
}

impl Session {
    /// The world now.
    ///
    /// # Errors
    /// The host is gone.
    pub async fn world(&self) -> Result<World, Problem> {
        let world = self.client.snapshot().await;
        world.map_err(|gone| Problem::new(&table::NO_HOST, gone.to_string()))
    }

    /// Submits a command.
    ///
    /// # Errors
    /// It is refused, or the host is gone.
    pub async fn submit(&self, command: Command) -> Result<(), Problem> {
        match self.client.submit(command).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(refusal)) => Err(Problem::new(&table::DECISION_NEEDED, refusal.to_string())),
            Err(gone) => Err(Problem::new(&table::NO_HOST, gone.to_string())),
        }
    }

    /// Begins a sprint, under the budget that was named.
    ///
    /// # Errors
    /// It is refused, or the host is gone.
    pub async fn begin(&self, goal: &str, budget: Option<Money>) -> Result<SprintId, Problem> {
        let kept = self.client.keep(goal).await;
        let goal = kept.map_err(|gone| Problem::new(&table::DISK_FULL, gone.to_string()))?;
        let command = Command::StartSprint {
            goal: goal.clone(),
            setup: None,
            base: None,
        };
        self.submit(command).await?;
        let world = self.world().await?;
        let mut own = world
            .sprints
            .values()
            .rev()
            .filter(|sprint| sprint.goal == goal);
        let Some(sprint) = own.next() else {
            return Err(ours("the sprint that was begun is not there"));
        };
        // A host that runs already has limits of its own. Long before the first call is paid for, the one that was named holds.
        if let Some(limit) = budget.filter(|budget| sprint.account.limit != Some(*budget)) {
            let sprint = sprint.id;
            self.submit(Command::SetBudget { sprint, limit }).await?;
        }
        Ok(sprint.id)
    }

    /// Whether a sprint waits for a provider before anything is planned, while the settings name other models now. What a sprint was
    /// given at its start does not change, so it is begun anew rather than tried again.
    #[must_use]
    pub fn is_stuck(&self, sprint: &Sprint) -> bool {
        let waits = sprint
            .holding_gates()
            .any(|gate| matches!(gate.ask, Ask::Key { .. }));
        let models = sprint.setup.models.values().map(|choice| &choice.route);
        waits
            && sprint.plan.revision == 0
            && models.into_iter().any(|route| !self.routes.contains(route))
    }

    /// Gets a sprint going again that an earlier run left: what stopped that run is tried again, because a person has just asked for it.
    ///
    /// # Errors
    /// A command is refused, or the host is gone.
    pub async fn go_on(&self, sprint: &Sprint, how: GoingOn) -> Result<(), Problem> {
        if sprint.paused.is_some() {
            self.submit(Command::Resume(PauseScope::Sprint(sprint.id)))
                .await?;
        }
        let limit = sprint.account.limit;
        if let Some(budget) = how
            .budget
            .filter(|budget| limit.is_some_and(|limit| limit < *budget))
        {
            let sprint = sprint.id;
            self.submit(Command::SetBudget {
                sprint,
                limit: budget,
            })
            .await?;
        }
        for gate in sprint
            .open_gates()
            .filter(|gate| gate.state == GateState::Open)
        {
            let verdict = match &gate.ask {
                Ask::Key { .. } => Verdict::Retry,
                Ask::Merge {
                    blocked: Some(_), ..
                } if how.approval == Approval::All => Verdict::Approve,
                // A sprint's budget is settled by the new limit above, where it is enough.
                Ask::Plan { .. }
                | Ask::Question { .. }
                | Ask::Tool { .. }
                | Ask::Diff { .. }
                | Ask::Merge { .. }
                | Ask::Conflict { .. }
                | Ask::Budget { .. }
                | Ask::Nearing { .. }
                | Ask::Fail { .. }
                | Ask::Hand { .. } => continue,
            };
            self.submit(Command::Decide {
                gate: gate.id,
                revision: gate.revision,
                verdict,
                is_final: true,
            })
            .await?;
        }
        Ok(())
    }

    /// Follows a sprint until it ends, a signal comes or the time is over.
    ///
    /// # Errors
    /// Standard output is gone.
    pub async fn follow(
        &self,
        how: Drive,
        timeout: Option<Duration>,
        out: &mut Out,
    ) -> Result<Followed, Halt> {
        let listen = |kind| signal(kind).map_err(|error| Halt::from(ours(error)));
        let mut interrupt = listen(SignalKind::interrupt())?;
        let mut terminate = listen(SignalKind::terminate())?;
        let mut hangup = listen(SignalKind::hangup())?;
        let ends = async |signal: &mut Signal| {
            if signal.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        };
        let over = async {
            match timeout {
                Some(length) => tokio::time::sleep(length).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ending = drive(&self.client, how, out) => Ok(Followed::Ended(ending?)),
            why = trouble(self.host.as_ref()) => Ok(Followed::Ended(Ending::no_room(why))),
            () = ends(&mut interrupt) => Ok(Followed::Signalled(ExitCode::Interrupted)),
            () = ends(&mut terminate) => Ok(Followed::Signalled(ExitCode::Terminated)),
            () = ends(&mut hangup) => Ok(Followed::Signalled(ExitCode::Terminated)),
            () = over => Ok(Followed::OutOfTime),
        }
    }

    /// Stops the host if it is in this process, after what it writes now. What runs is looked up by the next one.
    pub async fn stop(self) {
        if let Some(host) = self.host {
            host.stop().await;
        }
    }
}
