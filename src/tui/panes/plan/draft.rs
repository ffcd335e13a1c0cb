//! A person's changes to the planner's draft, until they are sent together with the approval. Each can be undone. The changed plan is
//! made by the same function that the session decides with.

use std::collections::BTreeMap;

use crate::base::id::{Digest, SprintId};
use crate::domain::sprint::outlook::{self, Difference};
use crate::domain::sprint::{Ask, Phase, Plan, PlanEdit, Sprint};

/// The changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    base: Option<Base>,
    done: Vec<PlanEdit>,
    undone: Vec<PlanEdit>,
}

/// What is changed, and what came of it.
#[derive(Clone, Debug, PartialEq)]
struct Base {
    sprint: SprintId,
    before: Plan,
    after: Plan,
}

/// What became of the changes when the plan below them became another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// So many stay, so many fit no more.
    Rebased(usize, usize),
    /// The plan was approved, or the sprint ended, without so many of them.
    Lost(usize),
}

impl Draft {
    /// Whether nothing is changed.
    pub const fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// The changes, in the order in which they were made.
    pub fn edits(&self) -> &[PlanEdit] {
        &self.done
    }

    /// The plan with the changes.
    pub fn plan<'a>(&'a self, sprint: &'a Sprint) -> &'a Plan {
        match &self.base {
            Some(base) if base.fits(sprint) => &base.after,
            Some(_) | None => &sprint.plan,
        }
    }

    /// One more change. What changes nothing is none.
    ///
    /// # Errors
    /// It names a task that is not there.
    pub fn take(&mut self, sprint: &Sprint, edit: PlanEdit) -> Result<(), String> {
        let mut done = self.done.clone();
        done.push(edit);
        let after = edited(sprint, &done)?;
        if after.tasks != self.plan(sprint).tasks {
            self.undone.clear();
            self.set(sprint, done, after);
        }
        Ok(())
    }

    /// Takes the last change back; gives it.
    pub fn undo(&mut self, sprint: &Sprint) -> Option<PlanEdit> {
        let (last, rest) = self.done.split_last()?;
        let (last, rest) = (last.clone(), rest.to_vec());
        let after = edited(sprint, &rest).ok()?;
        self.undone.push(last.clone());
        self.set(sprint, rest, after);
        Some(last)
    }

    /// Makes the change again that was taken back last; gives it.
    pub fn redo(&mut self, sprint: &Sprint) -> Option<PlanEdit> {
        let edit = self.undone.last()?.clone();
        let mut done = self.done.clone();
        done.push(edit.clone());
        let after = edited(sprint, &done).ok()?;
        self.undone.pop();
        self.set(sprint, done, after);
        Some(edit)
    }

    fn set(&mut self, sprint: &Sprint, done: Vec<PlanEdit>, after: Plan) {
        self.done = done;
        self.base = (!self.done.is_empty()).then(|| Base {
            sprint: sprint.id,
            before: sprint.plan.clone(),
            after,
        });
    }

    /// Holds the changes against the plan as it is now: those that still fit stay. None if nothing was lost and nothing moved.
    pub fn rebase(&mut self, sprint: Option<&Sprint>) -> Option<Fate> {
        let base = self.base.take()?;
        let Some(sprint) = sprint.filter(|sprint| sprint.id == base.sprint) else {
            return Some(Fate::Lost(self.clear()));
        };
        if sprint.plan.tasks == base.after.tasks && sprint.plan.revision > base.before.revision {
            self.clear(); // They were sent, and arrived.
            return None;
        }
        if !matches!(sprint.phase, Phase::Approving | Phase::Planning) {
            return Some(Fate::Lost(self.clear()));
        }
        if base.fits(sprint) {
            self.base = Some(base);
            return None;
        }
        let edits = std::mem::take(&mut self.done);
        self.clear();
        let all = edits.len();
        for edit in edits {
            let is_twice = matches!(&edit, PlanEdit::Add(task) if self.plan(sprint).tasks.iter().any(|known| known.slug == task.slug));
            if !is_twice {
                drop(self.take(sprint, edit)); // What does not fit is left behind.
            }
        }
        Some(Fate::Rebased(self.done.len(), all - self.done.len()))
    }

    fn clear(&mut self) -> usize {
        let count = self.done.len();
        *self = Self::default();
        count
    }

    /// The revision that the plan's gate will have with the changes, so that the approval names what was seen.
    pub fn revision(&self, sprint: &Sprint) -> Digest {
        let plan = self.plan(sprint);
        let ask = Ask::Plan {
            revision: plan.revision,
            digest: plan.digest(),
        };
        ask.revision()
    }

    /// How the tasks differ from the planner's, by slug; a task that only moved counts as changed.
    pub fn marks(&self, sprint: &Sprint) -> BTreeMap<String, Difference> {
        let Some(base) = self.base.as_ref().filter(|base| base.fits(sprint)) else {
            return BTreeMap::new();
        };
        let mut marks = outlook::differences(&base.before, &base.after);
        let place = |plan: &Plan, slug: &str| plan.tasks.iter().position(|task| task.slug == slug);
        for edit in &self.done {
            let slug = edit.slug();
            let is_moved = matches!(edit, PlanEdit::Move { .. })
                && place(&base.before, slug) != place(&base.after, slug);
            if is_moved {
                marks.entry(slug.to_owned()).or_insert(Difference::Changed);
            }
        }
        marks
    }
}

impl Base {
    fn fits(&self, sprint: &Sprint) -> bool {
        self.sprint == sprint.id && self.before.revision == sprint.plan.revision
    }
}

fn edited(sprint: &Sprint, edits: &[PlanEdit]) -> Result<Plan, String> {
    let policy = &sprint.setup.policy;
    sprint
        .plan
        .edited(edits, &sprint.setup.team, policy.max_tasks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::journal::Event;
    use crate::tui::fixture::{self, SPRINT, Story};

    fn sprint(story: &Story) -> &Sprint {
        story.world.current().unwrap()
    }

    fn keep(slug: &str, keep: bool) -> PlanEdit {
        PlanEdit::Keep {
            slug: slug.to_owned(),
            keep,
        }
    }

    fn titled(slug: &str, title: &str) -> PlanEdit {
        PlanEdit::Title {
            slug: slug.to_owned(),
            title: title.to_owned(),
        }
    }

    fn marks(draft: &Draft, story: &Story) -> Vec<(String, Difference)> {
        draft.marks(sprint(story)).into_iter().collect()
    }

    #[test]
    fn each_change_is_undone_and_made_again() {
        let story = fixture::approving();
        let sprint = sprint(&story);
        let mut draft = Draft::default();
        let edits = [
            titled("tax", "taxes"),
            PlanEdit::Move {
                slug: "readme".to_owned(),
                to: 0,
            },
            keep("queue", false),
        ];
        let mut seen = vec![draft.plan(sprint).clone()];
        for edit in edits.clone() {
            draft.take(sprint, edit).unwrap();
            seen.push(draft.plan(sprint).clone());
        }
        let expected = [
            ("queue", Difference::Dropped),
            ("readme", Difference::Changed),
            ("tax", Difference::Changed),
        ];
        let expected = expected.map(|(slug, how)| (slug.to_owned(), how));
        assert_eq!(marks(&draft, &story), expected);
        for edit in edits.iter().rev() {
            assert_eq!(draft.plan(sprint), &seen.pop().unwrap());
            assert_eq!(draft.undo(sprint).as_ref(), Some(edit));
        }
        assert_eq!((draft.undo(sprint), draft.is_empty()), (None, true));
        assert_eq!(draft.redo(sprint), Some(edits[0].clone()));
        draft.take(sprint, keep("form", false)).unwrap();
        assert_eq!(draft.redo(sprint), None, "another way was taken");
    }

    #[test]
    fn what_changes_nothing_is_no_change() {
        let story = fixture::approving();
        let mut draft = Draft::default();
        draft.take(sprint(&story), keep("tax", true)).unwrap();
        assert!(draft.is_empty());
        assert!(draft.take(sprint(&story), keep("ghost", true)).is_err());
    }

    #[test]
    fn the_approval_names_what_was_seen() {
        let mut story = fixture::approving();
        let mut draft = Draft::default();
        let before = draft.revision(sprint(&story));
        let gate = |story: &Story| story.world.gate(fixture::gate(1)).unwrap().revision;
        assert_eq!(before, gate(&story));
        draft.take(sprint(&story), keep("queue", false)).unwrap();
        let (plan, revision) = (
            draft.plan(sprint(&story)).clone(),
            draft.revision(sprint(&story)),
        );
        assert_ne!(revision, before);
        let edited = Event::PlanEdited {
            sprint: SPRINT,
            plan,
            by: fixture::person(),
        };
        story.then(1, edited);
        assert_eq!(gate(&story), revision);
        assert_eq!(draft.rebase(Some(sprint(&story))), None);
        assert!(draft.is_empty(), "they arrived");
    }

    #[test]
    fn changes_that_still_fit_stay_when_the_plan_changes() {
        let mut story = fixture::approving();
        let mut draft = Draft::default();
        let new = sprint(&story).plan.new_task("rounding", "backend");
        for edit in [
            keep("queue", false),
            titled("tax", "taxes"),
            PlanEdit::Add(Box::new(new)),
        ] {
            draft.take(sprint(&story), edit).unwrap();
        }
        assert_eq!(draft.rebase(Some(sprint(&story))), None);
        let mut plan = fixture::plan();
        plan.revision = 2;
        plan.tasks.retain(|task| task.slug != "queue");
        let proposed = Event::PlanProposed {
            sprint: SPRINT,
            plan,
        };
        story.then(1, proposed);
        assert_eq!(
            draft.rebase(Some(sprint(&story))),
            Some(Fate::Rebased(2, 1))
        );
        assert_eq!(draft.plan(sprint(&story)).revision, 3);
        assert_eq!(draft.plan(sprint(&story)).tasks.len(), 6);
    }

    #[test]
    fn an_approval_by_somebody_else_ends_the_changes() {
        let mut draft = Draft::default();
        let story = fixture::approving();
        draft.take(sprint(&story), keep("queue", false)).unwrap();
        let running = fixture::running();
        assert_eq!(draft.rebase(Some(sprint(&running))), Some(Fate::Lost(1)));
        assert!(draft.is_empty());
    }
}
