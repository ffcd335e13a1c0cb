//! Lines about tasks that have not begun, and about commands that run without a question.

use crate::base::id::TaskId;
use crate::domain::journal::Command;
use crate::domain::sprint::{Reach, Sprint};
use crate::tui::facts::{line, role_name, task_label};
use crate::tui::panes::board::form::{Field, Form};

use super::{Expect, Output, Plain};

/// The words of this file: name, what follows it, what it does.
pub(super) const WORDS: [(&str, &str, &str); 6] = [
    (
        "add",
        "TITLE; FIELD TEXT",
        "add a task to the running sprint; fields are what, role, tier, size, needs, done when, proof, cap",
    ),
    ("drop", "TASK", "give a task up; needs a word"),
    (
        "before",
        "TASK TASK",
        "let the first begin before the second",
    ),
    (
        "assign",
        "TASK ROLE",
        "give a task that has not begun to a role",
    ),
    ("rules", "", "the commands that run without a question"),
    ("ask-again", "NUMBER", "ask about a command of rules again"),
];

impl Plain {
    /// Does what a line about tasks or rules says. False: it is about something else.
    pub(super) fn about_tasks(&mut self, word: &str, rest: &str, out: &mut Output) -> bool {
        let is_known = WORDS.iter().any(|(name, ..)| *name == word);
        let Some(sprint) = self.known.world.running().filter(|_| is_known) else {
            if is_known {
                out.lines.push("no sprint runs.".to_owned());
            }
            return is_known;
        };
        if word == "rules" {
            out.lines.extend(rules(sprint));
            return true;
        }
        let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
        if word == "add" {
            match added(sprint, rest) {
                Err(why) => out.lines.push(format!("{why}.")),
                Ok(form) => {
                    let (money, _) = form.money(sprint);
                    let title = line(&form.task.title);
                    let role = role_name(sprint, &form.task.role);
                    let text = format!("{title}, for {role}, {money}. Type add, or nothing.");
                    out.lines.push(text);
                    self.expect = Expect::Word("add", Box::new(form.command()));
                }
            }
            return true;
        }
        match wanted(sprint, word, (first, second.trim())) {
            Err(why) => out.lines.push(why),
            Ok(command @ Command::DropTask(task)) => {
                let label = task_label(task);
                let text = "is given up for good. Type drop, or nothing.";
                out.lines.push(format!("{label} {text}"));
                self.expect = Expect::Word("drop", Box::new(command));
            }
            Ok(command) => out.requests.push(self.submit(command)),
        }
        true
    }
}

/// The command that a line asks for, or what is wrong with the line.
fn wanted(sprint: &Sprint, word: &str, (first, second): (&str, &str)) -> Result<Command, String> {
    match word {
        "drop" => Ok(Command::DropTask(task(sprint, first)?)),
        "before" => Ok(Command::Order {
            task: task(sprint, first)?,
            before: task(sprint, second)?,
        }),
        "assign" => {
            let task = task(sprint, first)?;
            let mut workers = sprint.setup.workers();
            let is_meant = |name: &str| name.eq_ignore_ascii_case(second);
            let role = workers
                .find(|role| is_meant(&role.key) || is_meant(&role_name(sprint, &role.key)))
                .map_or(second, |role| role.key.as_str())
                .to_owned();
            Ok(Command::Assign { task, role })
        }
        _ => {
            let rules = sprint.rules();
            let place = first.parse::<usize>().ok();
            let place = place.and_then(|number| number.checked_sub(1));
            let rule = place.and_then(|place| rules.get(place));
            let rule = rule.ok_or("no such rule. rules lists them.")?;
            Ok(Command::Revoke {
                sprint: sprint.id,
                command: rule.command,
                reach: rule.reach,
            })
        }
    }
}

/// The task that a line describes: its title, and behind semicolons its fields by their names.
fn added(sprint: &Sprint, rest: &str) -> Result<Form, String> {
    sprint.takes_tasks().map_err(|why| line(&why.to_string()))?;
    let mut parts = rest.split(';').map(str::trim);
    let title = parts.next().filter(|title| !title.is_empty());
    let mut form = Form::new(sprint, title.ok_or("a task needs a title")?);
    for part in parts.filter(|part| !part.is_empty()) {
        let mut named = Field::ALL.into_iter().filter_map(|field| {
            let text = part.strip_prefix(field.name())?;
            (text.is_empty() || text.starts_with(' ')).then_some((field, text))
        });
        let (field, text) = named
            .next()
            .ok_or_else(|| format!("no field is called so: {}", line(part)))?;
        form.set(sprint, field, text)?;
    }
    sprint
        .with_task(&form.task)
        .map_err(|why| line(&why.to_string()))?;
    Ok(form)
}

fn task(sprint: &Sprint, name: &str) -> Result<TaskId, String> {
    let mut tasks = sprint.tasks.values().map(|task| task.id);
    let found = tasks.find(|id| task_label(*id).eq_ignore_ascii_case(name));
    found.ok_or_else(|| format!("no task is called {}. tasks lists them.", line(name)))
}

fn rules(sprint: &Sprint) -> Vec<String> {
    let rules = sprint.rules();
    if rules.is_empty() {
        return vec!["no command runs without a question.".to_owned()];
    }
    let row = |(number, rule): (usize, &crate::domain::sprint::rule::Rule)| {
        let reach = match rule.reach {
            Reach::Sprint => "the sprint".to_owned(),
            Reach::Task(task) => task_label(task),
        };
        format!("rule {number}, in {reach}. {}", line(&rule.text))
    };
    (1..).zip(&rules).map(row).collect()
}
