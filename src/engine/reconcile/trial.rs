//! Testing what a person chose for a conflict: in a worktree of its own, by the checks and in the sandbox that every merge has.

use crate::domain::journal::{Effect, Report};
use crate::engine::reconcile::carry::Carrier;

impl Carrier {
    /// Runs the checks on a result, or ends them when nobody wants them any more; then there is no report. The same files are not
    /// checked twice.
    pub(super) async fn trial(&self, effect: Effect) -> Option<Report> {
        let Effect::Trial {
            task,
            number,
            chosen,
            specs,
            known,
        } = effect
        else {
            return Some(Report::Failed("not a test of a result".to_owned()));
        };
        let of = task.clone();
        let prepared = self
            .blocking(move |changes| {
                let tree = changes.chosen_tree(&of, &chosen)?;
                let known = known.into_iter().find(|(known, _)| *known == tree);
                if known.is_none() {
                    changes.prepare_trial(&of, number, &tree)?;
                }
                let results = known.map_or_else(Vec::new, |(_, results)| results);
                Ok(Report::Tried { tree, results })
            })
            .await;
        let tree = match prepared {
            Report::Tried { tree, results } if results.is_empty() => tree,
            report => return Some(report),
        };
        let worktree = self.shop.changes.trial_worktree(task.id, number);
        let checked = async {
            match self.set_up(worktree.clone()).await {
                Ok(()) => Report::Tried {
                    tree,
                    results: self.checks(&specs, &self.shop.place(worktree)).await,
                },
                Err(why) => Report::Failed(why),
            }
        };
        let report = tokio::select! {
            report = checked => Some(report),
            () = self.is_cancelled() => None,
        };
        let clear = self.blocking(move |changes| {
            changes.clear_trial(&task, number)?;
            Ok(Report::Cleared)
        });
        // What cannot be removed now goes with the task's own worktree.
        clear.await;
        report
    }
}
