//! Events about what may be spent.

use crate::base::id::SprintId;
use crate::base::money::Money;
use crate::base::time::{DAY_MS, Timestamp};
use crate::domain::journal::{Event, Scope, World};
use crate::domain::sprint::estimate;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::nearing::{self, HALF, Told};

impl World {
    pub(super) fn apply_money(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::BudgetChanged {
                sprint: id,
                scope,
                limit,
            } => self.change_budget(*id, *scope, *limit, at),
            Event::TiersChanged { sprint: id, tier } => {
                let Some(sprint) = self.sprint_mut(*id) else {
                    return;
                };
                for task in sprint.tasks.values_mut().filter(|task| !task.is_over()) {
                    // Never up: what runs on this machine costs nothing.
                    let now = estimate::tier(&sprint.setup, &task.spec);
                    task.spec.tier = Some(now.min(*tier));
                }
            }
            Event::HalfSpent {
                sprint,
                scope,
                limit,
                day,
                ..
            } => {
                let (limit, step, day) = (*limit, HALF, *day);
                self.settle_step(*sprint, *scope, Told { limit, step, day });
            }
            _ => debug_assert!(false, "not an event about money"),
        }
    }

    /// Another limit. Whoever set it knew what was spent: of the step that is reached by that they need not be told.
    fn change_budget(&mut self, id: SprintId, scope: BudgetScope, limit: Money, at: Timestamp) {
        let today = at.0.div_euclid(DAY_MS);
        let of_today = self.days.get(&today).copied().unwrap_or_default();
        if let BudgetScope::Task(task) = scope {
            self.touch(Scope::Task(task));
        }
        let Some(sprint) = self.sprint_mut(id) else {
            return;
        };
        let (spent, day) = match scope {
            BudgetScope::Request => {
                sprint.setup.policy.request_budget = Some(limit);
                return;
            }
            BudgetScope::Day => {
                sprint.setup.policy.day_budget = Some(limit);
                (of_today, Some(today))
            }
            BudgetScope::Sprint => {
                sprint.account.limit = Some(limit);
                (sprint.account.spent, None)
            }
            BudgetScope::Task(task) => {
                let Some(task) = sprint.tasks.get_mut(&task.number) else {
                    return;
                };
                task.account.limit = Some(limit);
                (task.account.spent, None)
            }
        };
        let step = nearing::step(spent.percent_of(limit), sprint.setup.policy.ask_at_percent);
        sprint.told.insert(scope, Told { limit, step, day });
    }
}
