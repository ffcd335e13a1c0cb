//! A task that a person adds to a sprint whose plan is approved: whether there can be one, and what it makes of the plan.

use crate::base::money::Money;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::plan::Fault;
use crate::domain::sprint::{
    Ask, GateState, Phase, Plan, Planned, Sprint, Status, Verdict, estimate,
};

/// Why no task can be added. The texts are for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoom {
    /// There is no approved plan yet.
    #[error("the plan is not approved yet: add the task there")]
    NotApproved,
    /// It is over.
    #[error("the sprint is over: another one can do it")]
    Over,
    /// It is let into the base branch.
    #[error("the sprint is on its way into the base branch: another one can do it")]
    Landing,
    /// No money is left.
    #[error("the budget is reached: raise it first")]
    OverBudget,
    /// It does not fit the plan.
    #[error("{0}")]
    Fault(Fault),
}

/// What a task would cost, and what the sprint would have cost at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// The task alone.
    pub cost: Money,
    /// The sprint without it.
    pub before: Money,
    /// The sprint with it.
    pub after: Money,
    /// The sprint's budget.
    pub limit: Option<Money>,
}

impl Prospect {
    /// Whether the sprint is expected to spend more than its budget then.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.limit.is_some_and(|limit| self.after > limit)
    }
}

impl Sprint {
    /// Whether a task can be added now, whatever it is.
    ///
    /// # Errors
    /// The reason.
    pub fn takes_tasks(&self) -> Result<(), NoRoom> {
        match self.phase {
            Phase::Queued | Phase::Opening | Phase::Planning | Phase::Approving => {
                return Err(NoRoom::NotApproved);
            }
            Phase::Closed(_) => return Err(NoRoom::Over),
            Phase::Landing if self.is_let_in() => return Err(NoRoom::Landing),
            Phase::Running | Phase::Summing | Phase::Landing => {}
        }
        let is_spent = self
            .account
            .limit
            .is_some_and(|limit| self.account.spent >= limit);
        let is_asked = self.holding_gates().any(|gate| {
            matches!(
                gate.ask,
                Ask::Budget {
                    scope: BudgetScope::Sprint | BudgetScope::Day,
                    ..
                }
            )
        });
        if is_spent || is_asked {
            return Err(NoRoom::OverBudget);
        }
        Ok(())
    }

    /// The plan with one more task at its end. Tasks that were given up count as left out.
    ///
    /// # Errors
    /// It does not fit.
    pub fn with_task(&self, task: &Planned) -> Result<Plan, NoRoom> {
        self.takes_tasks()?;
        if self.plan.tasks.iter().any(|known| known.slug == task.slug) {
            return Err(NoRoom::Fault(Fault::Twice(task.slug.clone())));
        }
        let mut plan = self.plan.clone();
        plan.tasks.push(task.clone());
        plan.revision += 1;
        let mut seen = plan.clone();
        for known in &mut seen.tasks {
            let mut tasks = self
                .tasks
                .values()
                .filter(|task| task.status == Status::Dropped);
            known.is_dropped |= tasks.any(|dropped| dropped.spec.slug == known.slug);
        }
        let faults = seen.faults_of(&task.slug, &self.setup.team, self.setup.policy.max_tasks);
        match faults.into_iter().next() {
            Some(fault) => Err(NoRoom::Fault(fault)),
            None => Ok(plan),
        }
    }

    /// What a task would cost if it were added.
    #[must_use]
    pub fn prospect(&self, task: &Planned) -> Prospect {
        let cost = estimate::task(&self.setup, task);
        let before = estimate::forecast(self);
        Prospect {
            cost,
            before,
            after: before + cost,
            limit: self.account.limit,
        }
    }

    /// Whether a person let it into the base branch, or nobody is asked about that.
    fn is_let_in(&self) -> bool {
        if self.is_landing || !self.setup.policy.merge {
            return true;
        }
        let merges = self
            .gates
            .values()
            .filter(|gate| matches!(gate.ask, Ask::Merge { .. }));
        let let_in = merges.filter(|gate| {
            matches!(
                gate.state,
                GateState::Pending {
                    verdict: Verdict::Approve,
                    ..
                } | GateState::Closed {
                    verdict: Verdict::Approve,
                    ..
                }
            )
        });
        let_in.count() > self.landings as usize
    }
}
