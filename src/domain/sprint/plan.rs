//! The plan: tasks in order, checked by code, edited by a person before it is approved.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::id::Digest;
use crate::base::money::Money;
use crate::domain::agent::{Role, RoleKind};
use crate::domain::llm::Tier;
use crate::domain::tool::args::ProposePlan;

/// How a criterion is proven.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Proof {
    /// By a command's exit code 0.
    Command(String),
    /// By a person's eye.
    Human,
}

/// When a task is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Criterion {
    /// What must be true.
    pub text: String,
    /// What shows it.
    pub proof: Proof,
}

/// One task of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Planned {
    /// Its unique short name.
    pub slug: String,
    /// What is to be done, in a line.
    pub title: String,
    /// More, for its author.
    pub detail: String,
    /// The key of the role that does it.
    pub role: String,
    /// Slugs of tasks that must be merged before.
    pub needs: Vec<String>,
    /// When it is done.
    pub criteria: Vec<Criterion>,
    /// Globs of the paths that it is expected to change.
    pub touches: Vec<String>,
    /// 1 to 5.
    pub complexity: u8,
    /// The tier that a person chose; else the role's.
    pub tier: Option<Tier>,
    /// The most that it may cost before a person is asked; else what the sprint's rules say.
    #[serde(default)]
    pub cap: Option<Money>,
    /// Left out by a person; kept in the list so that it can be taken back.
    pub is_dropped: bool,
}

/// A plan and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Plan {
    /// Counted from 1 with every draft and every edit; 0 is no plan.
    pub revision: u32,
    /// The planner's words.
    pub summary: String,
    /// The tasks in order.
    pub tasks: Vec<Planned>,
    /// Faults; a plan with faults cannot be approved.
    pub faults: Vec<Fault>,
    /// The planner's raw text where nothing could be read.
    pub raw: Option<String>,
}

/// What is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum Fault {
    /// Nothing is left to do.
    #[error("the plan has no task")]
    Empty,
    /// More tasks than a sprint should have.
    #[error("{0} tasks are more than the limit of {1}: split the goal")]
    TooMany(usize, u32),
    /// A slug that cannot name a branch or a recipe.
    #[error("task {0}: the slug must be 1 to 40 small letters, digits or -")]
    Slug(String),
    /// Two tasks of one name.
    #[error("task {0}: the slug is used twice")]
    Twice(String),
    /// Nobody has that role.
    #[error("task {slug}: unknown role {role}; the team has {team}")]
    Role {
        /// The task.
        slug: String,
        /// The role as given.
        role: String,
        /// The keys that exist.
        team: String,
    },
    /// A need that is no task, or is left out.
    #[error("task {0}: needs {1}, which is not in the plan")]
    Need(String, String),
    /// A ring of needs.
    #[error("tasks need one another in a circle: {0}")]
    Circle(String),
    /// No criterion.
    #[error("task {0}: has no acceptance criterion")]
    NoCriterion(String),
    /// A criterion without text or proof.
    #[error("task {0}: criterion c{1} has no {2}")]
    Criterion(String, usize, String),
    /// No title.
    #[error("task {0}: has no title")]
    NoTitle(String),
    /// Out of range.
    #[error("task {0}: complexity must be 1 to 5")]
    Complexity(String),
    /// Nothing could be read; the text says why.
    #[error("no plan could be read: {0}")]
    Unreadable(String),
}

impl Plan {
    /// Makes a checked draft of what the planner proposed.
    #[must_use]
    pub fn draft(revision: u32, proposed: &ProposePlan, team: &[Role], max_tasks: u32) -> Self {
        let tasks = proposed.tasks.iter().map(|task| Planned {
            slug: task.slug.trim().to_owned(),
            title: task.title.trim().to_owned(),
            detail: task.detail.clone(),
            role: task.role.trim().to_owned(),
            needs: task.needs.clone(),
            criteria: task
                .criteria
                .iter()
                .map(|criterion| Criterion {
                    text: criterion.text.clone(),
                    proof: proof(&criterion.proof),
                })
                .collect(),
            touches: task.touches.clone(),
            complexity: task.complexity,
            tier: None,
            cap: None,
            is_dropped: false,
        });
        let mut plan = Self {
            revision,
            summary: proposed.summary.clone(),
            tasks: tasks.collect(),
            faults: Vec::new(),
            raw: None,
        };
        plan.faults = plan.check(team, max_tasks);
        plan
    }

    /// An empty draft with the planner's raw text, when nothing could be read.
    #[must_use]
    pub fn unreadable(revision: u32, why: String, raw: String) -> Self {
        Self {
            revision,
            summary: String::new(),
            tasks: Vec::new(),
            faults: vec![Fault::Unreadable(why)],
            raw: Some(raw),
        }
    }

    /// The tasks that a person kept, in order.
    pub fn kept(&self) -> impl Iterator<Item = &Planned> {
        self.tasks.iter().filter(|task| !task.is_dropped)
    }

    /// What a person approves: a hash over everything that the plan says.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // Plain structs of strings and numbers always serialise.
        Digest::of(&serde_json::to_vec(&(&self.tasks, self.revision)).unwrap_or_default())
    }

    /// All faults at once, in the order of the checks.
    #[must_use]
    pub fn check(&self, team: &[Role], max_tasks: u32) -> Vec<Fault> {
        let count = self.kept().count();
        let mut faults = Vec::new();
        if count == 0 {
            faults.push(Fault::Empty);
        }
        if count > max_tasks as usize {
            faults.push(Fault::TooMany(count, max_tasks));
        }
        let mut seen = BTreeSet::new();
        for task in self.kept() {
            if !is_slug(&task.slug) {
                faults.push(Fault::Slug(task.slug.clone()));
            }
            if !seen.insert(task.slug.as_str()) {
                faults.push(Fault::Twice(task.slug.clone()));
            }
            faults.extend(task.check(team));
        }
        for task in self.kept() {
            let lost = task
                .needs
                .iter()
                .filter(|need| !seen.contains(need.as_str()));
            faults.extend(lost.map(|need| Fault::Need(task.slug.clone(), need.clone())));
        }
        faults.extend(self.circle());
        faults
    }

    /// What is wrong with one of its tasks, or with how many there are because of it.
    #[must_use]
    pub fn faults_of(&self, slug: &str, team: &[Role], max_tasks: u32) -> Vec<Fault> {
        let is_about = |fault: &Fault| match fault {
            Fault::Slug(known)
            | Fault::Twice(known)
            | Fault::Need(known, _)
            | Fault::NoCriterion(known)
            | Fault::Criterion(known, ..)
            | Fault::NoTitle(known)
            | Fault::Complexity(known)
            | Fault::Role { slug: known, .. } => known == slug,
            Fault::Empty | Fault::TooMany(..) | Fault::Circle(_) | Fault::Unreadable(_) => true,
        };
        let mut faults = self.check(team, max_tasks);
        faults.retain(is_about);
        faults
    }

    /// A ring of needs, if there is one: tasks whose needs are met are taken away until none is left or nothing moves.
    fn circle(&self) -> Option<Fault> {
        let mut left: BTreeMap<&str, &Planned> =
            self.kept().map(|task| (task.slug.as_str(), task)).collect();
        loop {
            let free: Vec<&str> = left
                .iter()
                .filter(|(_, task)| {
                    !task
                        .needs
                        .iter()
                        .any(|need| left.contains_key(need.as_str()))
                })
                .map(|(slug, _)| *slug)
                .collect();
            if free.is_empty() {
                break;
            }
            for slug in free {
                left.remove(slug);
            }
        }
        let (start, _) = left.first_key_value()?;
        let mut ring = vec![*start];
        while let Some(next) = ring
            .last()
            .and_then(|slug| left.get(slug))
            .and_then(|task| {
                task.needs
                    .iter()
                    .find_map(|need| left.get_key_value(need.as_str()).map(|(slug, _)| *slug))
            })
        {
            if let Some(begin) = ring.iter().position(|slug| *slug == next) {
                ring.push(next);
                return Some(Fault::Circle(
                    ring.get(begin..).unwrap_or_default().join(" > "),
                ));
            }
            ring.push(next);
        }
        None
    }
}

impl Planned {
    fn check(&self, team: &[Role]) -> Vec<Fault> {
        let slug = || self.slug.clone();
        let mut faults = Vec::new();
        if self.title.is_empty() {
            faults.push(Fault::NoTitle(slug()));
        }
        if !team
            .iter()
            .any(|role| role.key == self.role && role.kind == RoleKind::Worker)
        {
            let workers = team
                .iter()
                .filter(|role| role.kind == RoleKind::Worker)
                .map(|role| role.key.as_str());
            faults.push(Fault::Role {
                slug: slug(),
                role: self.role.clone(),
                team: workers.collect::<Vec<_>>().join(", "),
            });
        }
        if self.criteria.is_empty() {
            faults.push(Fault::NoCriterion(slug()));
        }
        for (place, criterion) in self.criteria.iter().enumerate() {
            if criterion.text.trim().is_empty() {
                faults.push(Fault::Criterion(slug(), place + 1, "text".to_owned()));
            }
            if criterion.proof == Proof::Command(String::new()) {
                faults.push(Fault::Criterion(slug(), place + 1, "proof".to_owned()));
            }
        }
        if !(1..=5).contains(&self.complexity) {
            faults.push(Fault::Complexity(slug()));
        }
        faults
    }
}

fn proof(text: &str) -> Proof {
    match text.trim() {
        "human" => Proof::Human,
        command => Proof::Command(command.to_owned()),
    }
}

fn is_slug(slug: &str) -> bool {
    (1..=40).contains(&slug.len())
        && slug
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
