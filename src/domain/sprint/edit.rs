//! What a person changes about a plan before it is approved.

use serde::{Deserialize, Serialize};

use crate::base::money::Money;
use crate::domain::agent::Role;
use crate::domain::llm::Tier;
use crate::domain::sprint::{Criterion, Plan, Planned, Proof};

/// A person's change to a plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PlanEdit {
    /// Leaves a task out, or takes it back.
    Keep {
        /// Which.
        slug: String,
        /// In or out.
        keep: bool,
    },
    /// Moves a task to a place, from 0.
    Move {
        /// Which.
        slug: String,
        /// Where.
        to: usize,
    },
    /// Gives a task another title.
    Title {
        /// Which.
        slug: String,
        /// What.
        title: String,
    },
    /// Gives a task another tier.
    Tier {
        /// Which.
        slug: String,
        /// What.
        tier: Tier,
    },
    /// Gives a task to another role.
    Role {
        /// Which.
        slug: String,
        /// Who.
        role: String,
    },
    /// Adds a task at the end.
    Add(Box<Planned>),
    /// Lets a task wait for others than before.
    Needs {
        /// Which.
        slug: String,
        /// The slugs of all that it needs.
        needs: Vec<String>,
    },
    /// Sets the most that a task may cost before a person is asked.
    Cap {
        /// Which.
        slug: String,
        /// What; none is what the sprint's rules say.
        cap: Option<Money>,
    },
    /// Makes two tasks of one, the second behind the first. The second proves what the whole had to prove; a person looks at the first.
    Break {
        /// Which; the first part keeps the name.
        slug: String,
        /// The titles of the parts.
        titles: [String; 2],
    },
}

impl PlanEdit {
    /// The task that it is about.
    #[must_use]
    pub fn slug(&self) -> &str {
        match self {
            Self::Keep { slug, .. }
            | Self::Move { slug, .. }
            | Self::Title { slug, .. }
            | Self::Tier { slug, .. }
            | Self::Role { slug, .. }
            | Self::Needs { slug, .. }
            | Self::Cap { slug, .. }
            | Self::Break { slug, .. } => slug,
            Self::Add(task) => &task.slug,
        }
    }
}

impl Plan {
    /// Changes the plan; gives the changed one with a new revision and new faults.
    ///
    /// # Errors
    /// An edit names a task that is not there.
    pub fn edited(
        &self,
        edits: &[PlanEdit],
        team: &[Role],
        max_tasks: u32,
    ) -> Result<Self, String> {
        let mut plan = self.clone();
        edits.iter().try_for_each(|edit| plan.edit(edit))?;
        plan.revision += 1;
        plan.faults = plan.check(team, max_tasks);
        Ok(plan)
    }

    /// A task that a person adds: proven by a person's eye, because nobody has written a command for it.
    #[must_use]
    pub fn new_task(&self, title: &str, role: &str) -> Planned {
        Planned {
            slug: self.free_slug(title),
            title: title.trim().to_owned(),
            detail: String::new(),
            role: role.to_owned(),
            needs: Vec::new(),
            criteria: vec![by_eye(title)],
            touches: Vec::new(),
            complexity: 2,
            tier: None,
            cap: None,
            is_dropped: false,
        }
    }

    /// A slug that no task has, made of the letters and digits of a title.
    fn free_slug(&self, title: &str) -> String {
        let words = title.to_lowercase();
        let words = words.split(|character: char| !character.is_ascii_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let slug: String = words.join("-").chars().take(36).collect();
        let slug = match slug.trim_end_matches('-') {
            "" => "task",
            slug => slug,
        };
        let is_free = |wanted: &str| !self.tasks.iter().any(|task| task.slug == wanted);
        let mut free = slug.to_owned();
        let mut number = 2;
        while !is_free(&free) {
            free = format!("{slug}-{number}");
            number += 1;
        }
        free
    }

    fn edit(&mut self, edit: &PlanEdit) -> Result<(), String> {
        match edit {
            PlanEdit::Keep { slug, keep } => self.find(slug)?.is_dropped = !keep,
            PlanEdit::Move { slug, to } => {
                let from = self.place(slug)?;
                let task = self.tasks.remove(from);
                self.tasks.insert((*to).min(self.tasks.len()), task);
            }
            PlanEdit::Title { slug, title } => title.trim().clone_into(&mut self.find(slug)?.title),
            PlanEdit::Tier { slug, tier } => self.find(slug)?.tier = Some(*tier),
            PlanEdit::Role { slug, role } => self.find(slug)?.role.clone_from(role),
            PlanEdit::Add(task) => self.tasks.push((**task).clone()),
            PlanEdit::Needs { slug, needs } => self.find(slug)?.needs.clone_from(needs),
            PlanEdit::Cap { slug, cap } => self.find(slug)?.cap = *cap,
            PlanEdit::Break { slug, titles } => self.break_up(slug, titles)?,
        }
        Ok(())
    }

    fn break_up(&mut self, slug: &str, [first, second]: &[String; 2]) -> Result<(), String> {
        let place = self.place(slug)?;
        let after = self.free_slug(second);
        for task in &mut self.tasks {
            for need in task.needs.iter_mut().filter(|need| *need == slug) {
                need.clone_from(&after);
            }
        }
        let task = self.find(slug)?;
        task.complexity = task.complexity.div_ceil(2);
        task.cap = task.cap.map(|cap| Money(cap.0 / 2));
        let rest = Planned {
            slug: after,
            title: second.trim().to_owned(),
            needs: vec![slug.to_owned()],
            ..task.clone()
        };
        first.trim().clone_into(&mut task.title);
        task.criteria = vec![by_eye(first)];
        self.tasks.insert(place + 1, rest);
        Ok(())
    }

    fn place(&self, slug: &str) -> Result<usize, String> {
        let found = self.tasks.iter().position(|task| task.slug == slug);
        found.ok_or_else(|| no_task(slug))
    }

    fn find(&mut self, slug: &str) -> Result<&mut Planned, String> {
        self.tasks
            .iter_mut()
            .find(|task| task.slug == slug)
            .ok_or_else(|| no_task(slug))
    }
}

fn by_eye(title: &str) -> Criterion {
    Criterion {
        text: title.trim().to_owned(),
        proof: Proof::Human,
    }
}

fn no_task(slug: &str) -> String {
    format!("no task {slug} in the plan")
}
