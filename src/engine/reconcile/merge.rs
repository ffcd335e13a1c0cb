//! Merging a task: in memory first, then the checks on what came out, then for good.

use crate::base::id::Oid;
use crate::domain::change::checks::{CheckSpec, Judgement, compare};
use crate::domain::journal::{Effect, Report, Sides, TaskFacts};
use crate::engine::changes::Merging;
use crate::engine::reconcile::carry::Carrier;

impl Carrier {
    /// Merges in memory, checks the result if the sprint's branch moved since the task was checked, then commits.
    pub(super) async fn merge(&self, effect: Effect) -> Report {
        let Effect::Merge {
            task,
            into,
            onto,
            specs,
            known_red,
            is_asked,
            key,
        } = effect
        else {
            return Report::Failed("not a merge".to_owned());
        };
        let changes = self.shop.changes.clone();
        let (of, branch, head) = (task.clone(), into.clone(), onto.clone());
        let tried = tokio::task::spawn_blocking(move || {
            changes.try_merge(&of, (&branch, &head), key, is_asked)
        })
        .await;
        let tree = match tried {
            Ok(Ok(Merging::Clean(tree))) => tree,
            Ok(Ok(Merging::Over(report))) => return report,
            Ok(Err(failure)) => return Report::Failed(failure.to_string()),
            Err(_) => return Report::Failed("the merge broke off".to_owned()),
        };
        let of = task.clone();
        let report = if specs.is_empty() {
            None
        } else {
            self.check_merged(&task, &tree, &specs, &known_red, &onto)
                .await
        };
        let report = match report {
            Some(report) => report,
            None => {
                self.blocking(move |changes| changes.finish_merge(&task, &into, &onto, &tree, key))
                    .await
            }
        };
        if let (Report::Failed(_), false) = (&report, specs.is_empty()) {
            // A person looks at the task's own files next, not at what they merge to. If this fails, too, the first failure counts.
            let _ = self.blocking(move |changes| changes.restore(&of)).await;
        }
        report
    }

    /// Runs the checks on a merged tree; none if they let it in.
    async fn check_merged(
        &self,
        task: &TaskFacts,
        tree: &Oid,
        specs: &[CheckSpec],
        known_red: &[String],
        onto: &Oid,
    ) -> Option<Report> {
        let (of, laid) = (task.clone(), tree.clone());
        let report = self
            .blocking(move |changes| {
                changes.lay(&of, &laid)?;
                Ok(Report::Cleared)
            })
            .await;
        if let Report::Failed(_) = report {
            return Some(report);
        }
        let mut results = self.checks(specs, &self.shop.workplace(task.id)).await;
        results.retain(|result| !known_red.contains(&result.spec.command));
        let is_red = matches!(compare(&[], &results), Judgement::Failed(_));
        is_red.then(|| {
            Report::Conflicted(Sides {
                onto: onto.clone(),
                paths: Vec::new(),
                clash: None,
            })
        })
    }
}
