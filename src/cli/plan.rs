//! A plan as people and scripts read it: text, an object, a TOML file. All three hold the same.

use serde::Serialize;

use crate::base::id::SprintId;
use crate::base::text::SafeText;
use crate::domain::sprint::{Plan, Proof};

/// A plan, written out.
#[derive(Debug, Serialize)]
pub struct Written {
    /// Of which sprint.
    pub sprint: String,
    /// What is wanted.
    pub goal: String,
    /// The planner's words.
    pub summary: String,
    /// The tasks.
    pub tasks: Vec<Task>,
}

/// One task of it.
#[derive(Debug, Serialize)]
pub struct Task {
    /// Its short name.
    pub slug: String,
    /// What is to be done.
    pub title: String,
    /// Who does it.
    pub role: String,
    /// 1 to 5.
    pub complexity: u8,
    /// What must be merged before.
    pub needs: Vec<String>,
    /// What it will change.
    pub touches: Vec<String>,
    /// More, for its author.
    pub detail: String,
    /// When it is done.
    pub criteria: Vec<Criterion>,
}

/// When a task is done.
#[derive(Debug, Serialize)]
pub struct Criterion {
    /// What must be true.
    pub text: String,
    /// A command, or `human`.
    pub proof: String,
}

impl Written {
    /// Writes a plan out.
    #[must_use]
    pub fn of(sprint: SprintId, goal: &str, plan: &Plan) -> Self {
        let kept = plan.tasks.iter().filter(|task| !task.is_dropped);
        let tasks = kept.map(|task| Task {
            slug: task.slug.clone(),
            title: task.title.clone(),
            role: task.role.clone(),
            complexity: task.complexity,
            needs: task.needs.clone(),
            touches: task.touches.clone(),
            detail: task.detail.clone(),
            criteria: task
                .criteria
                .iter()
                .map(|criterion| Criterion {
                    text: criterion.text.clone(),
                    proof: match &criterion.proof {
                        Proof::Command(command) => command.clone(),
                        Proof::Human => "human".to_owned(),
                    },
                })
                .collect(),
        });
        Self {
            sprint: sprint.to_string(),
            goal: goal.to_owned(),
            summary: plan.summary.clone(),
            tasks: tasks.collect(),
        }
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = vec![format!(
            "{}  {}",
            self.sprint,
            self.goal.lines().next().unwrap_or_default()
        )];
        if !self.summary.is_empty() {
            lines.push(self.summary.clone());
        }
        for (place, task) in self.tasks.iter().enumerate() {
            let needs = if task.needs.is_empty() {
                String::new()
            } else {
                format!("  after {}", task.needs.join(", "))
            };
            lines.push(String::new());
            lines.push(format!(
                "t{}  {}  [{}, complexity {}]{needs}",
                place + 1,
                task.title,
                task.role,
                task.complexity
            ));
            for (number, criterion) in task.criteria.iter().enumerate() {
                lines.push(format!(
                    "    c{}  {}  ({})",
                    number + 1,
                    criterion.text,
                    criterion.proof
                ));
            }
        }
        let safe = lines.iter().map(|line| SafeText::line(line).into_string());
        safe.collect::<Vec<_>>().join("\n")
    }

    /// As a file.
    ///
    /// # Errors
    /// Never for today's plans: they hold texts and numbers only.
    pub fn toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sprint::{Criterion as Wanted, Planned};

    #[test]
    fn all_forms_hold_the_same() {
        let task = Planned {
            slug: "banner".to_owned(),
            title: "Add a \u{1b}[2J banner".to_owned(),
            detail: String::new(),
            role: "frontend".to_owned(),
            needs: vec!["page".to_owned()],
            criteria: vec![Wanted {
                text: "it shows".to_owned(),
                proof: Proof::Command("grep -q banner page".to_owned()),
            }],
            touches: Vec::new(),
            complexity: 2,
            tier: None,
            cap: None,
            is_dropped: false,
        };
        let plan = Plan {
            tasks: vec![task],
            ..Plan::default()
        };
        let written = Written::of(SprintId(3), "A banner", &plan);
        assert_eq!(
            written.text(),
            "s3  A banner\n\nt1  Add a  banner  [frontend, complexity 2]  after page\n    c1  it shows  (grep -q banner page)"
        );
        let back: toml::Table = written.toml().unwrap().parse().unwrap();
        assert_eq!(
            back["tasks"][0]["criteria"][0]["proof"].as_str(),
            Some("grep -q banner page")
        );
        assert_eq!(serde_json::to_value(&written).unwrap()["goal"], "A banner");
    }
}
