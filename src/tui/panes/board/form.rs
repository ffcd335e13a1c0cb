//! A task that a person adds while a sprint runs: what it is, field by field, and what it will cost, before it is sent.

use crate::base::id::SprintId;
use crate::base::money::{BadAmount, Money};
use crate::base::text::{clip, wrap};
use crate::domain::journal::Command;
use crate::domain::llm::Tier;
use crate::domain::sprint::addition::NoRoom;
use crate::domain::sprint::{Criterion, Planned, Proof, Sprint, estimate};
use crate::tui::action::Action;
use crate::tui::facts::{line, role_name, simulated, task_label};
use crate::tui::theme::Token;
use crate::tui::widgets::row::{Piece, piece};

/// A part of the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// What is to be done, in a line.
    Title,
    /// More, for its author.
    What,
    /// Who does it.
    Role,
    /// On which tier.
    Tier,
    /// How much work it is.
    Size,
    /// What must be merged before.
    Needs,
    /// When it is done.
    Done,
    /// The command that shows it.
    Proof,
    /// The most that it may cost.
    Cap,
}

impl Field {
    /// All of them, from the top.
    pub const ALL: [Self; 9] = [
        Self::Title,
        Self::What,
        Self::Role,
        Self::Tier,
        Self::Size,
        Self::Needs,
        Self::Done,
        Self::Proof,
        Self::Cap,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::What => "what",
            Self::Role => "role",
            Self::Tier => "tier",
            Self::Size => "size",
            Self::Needs => "needs",
            Self::Done => "done when",
            Self::Proof => "proof",
            Self::Cap => "cap",
        }
    }

    /// What its text is asked for with.
    pub const fn asks(self) -> &'static str {
        match self {
            Self::Title => "TITLE of the new task",
            Self::What => "WHAT its author has to know; may be empty",
            Self::Role => "ROLE that does it",
            Self::Tier => "TIER, such as economy",
            Self::Size => "SIZE, 1 to 5",
            Self::Needs => "NEEDS, such as t1 t3; empty is nothing",
            Self::Done => "DONE WHEN, in a line; empty is the title",
            Self::Proof => "PROOF, a command; empty is your own eye",
            Self::Cap => "CAP, such as 1.50; empty is the usual one",
        }
    }

    /// Whether it is one of a few values, and not a text.
    pub const fn is_choice(self) -> bool {
        matches!(self, Self::Role | Self::Tier | Self::Size)
    }
}

/// The task so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Of which sprint.
    pub sprint: SprintId,
    /// What is filled in.
    pub task: Planned,
    /// The field under the cursor.
    pub row: usize,
}

/// Why nothing can be added now, in words for the place from which it is asked.
pub fn refusal(why: &NoRoom) -> String {
    match why {
        NoRoom::NotApproved => "the plan is not approved yet: g p, then n adds it there".to_owned(),
        NoRoom::OverBudget => "the budget is reached: w, or g c and b, raises it first".to_owned(),
        NoRoom::Over | NoRoom::Landing | NoRoom::Fault(_) => line(&why.to_string()),
    }
}

impl Form {
    /// A task of this title, for the first who does tasks.
    pub fn new(sprint: &Sprint, title: &str) -> Self {
        let worker = sprint.setup.workers().next();
        let role = worker.map_or("", |role| role.key.as_str());
        Self {
            sprint: sprint.id,
            task: sprint.plan.new_task(title, role),
            row: 0,
        }
    }

    /// The field under the cursor.
    pub fn field(&self) -> Field {
        Field::ALL.get(self.row).copied().unwrap_or(Field::Title)
    }

    /// Moves the cursor.
    pub fn step(&mut self, action: Action) {
        let last = Field::ALL.len() - 1;
        self.row = match action {
            Action::Down => (self.row + 1).min(last),
            Action::Up => self.row.saturating_sub(1),
            Action::Top => 0,
            Action::Bottom => last,
            _ => self.row,
        };
    }

    /// What stands in a field as it is written.
    pub fn text(&self, sprint: &Sprint, field: Field) -> String {
        let task = &self.task;
        let done = task.criteria.first();
        match field {
            Field::Title => task.title.clone(),
            Field::What => task.detail.clone(),
            Field::Role => role_name(sprint, &task.role),
            Field::Tier => estimate::tier(&sprint.setup, task).to_string(),
            Field::Size => task.complexity.to_string(),
            Field::Needs => needs(sprint, task),
            Field::Done => done.map_or_else(String::new, |done| done.text.clone()),
            Field::Proof => match done.map(|done| &done.proof) {
                Some(Proof::Command(command)) => command.clone(),
                Some(Proof::Human) | None => String::new(),
            },
            Field::Cap => task.cap.map_or_else(String::new, |cap| {
                cap.to_string().trim_start_matches('$').to_owned()
            }),
        }
    }

    /// Puts a text into a field.
    ///
    /// # Errors
    /// It does not fit; the text says why.
    pub fn set(&mut self, sprint: &Sprint, field: Field, text: &str) -> Result<(), String> {
        let text = text.trim();
        match field {
            Field::Title => {
                let named = sprint.plan.new_task(text, &self.task.role);
                // What nobody wrote follows the title.
                if self.done().text == self.task.title {
                    self.task.criteria.clone_from(&named.criteria);
                }
                self.task.slug = named.slug;
                self.task.title = named.title;
            }
            Field::What => text.clone_into(&mut self.task.detail),
            Field::Role => {
                let is_meant = |name: &str| name.eq_ignore_ascii_case(text);
                let mut workers = sprint.setup.workers();
                let found = workers
                    .find(|role| is_meant(&role.key) || is_meant(&role_name(sprint, &role.key)));
                let names: Vec<&str> = sprint
                    .setup
                    .workers()
                    .map(|role| role.key.as_str())
                    .collect();
                let role =
                    found.ok_or_else(|| format!("who does tasks: {}", line(&names.join(", "))))?;
                self.task.role.clone_from(&role.key);
            }
            Field::Tier => {
                let mut tiers = Tier::ALL.into_iter();
                let found = tiers.find(|tier| tier.to_string() == text || tier.short() == text);
                let tier = found.ok_or("a tier is premium, standard, economy or local")?;
                self.task.tier = Some(tier);
            }
            Field::Size => {
                let size = text.parse().ok().filter(|size: &u8| (1..=5).contains(size));
                self.task.complexity = size.ok_or("a size is 1 to 5")?;
            }
            Field::Needs => self.task.needs = named_tasks(sprint, text)?,
            Field::Done => {
                let text = if text.is_empty() {
                    &self.task.title
                } else {
                    text
                };
                self.task.criteria = vec![Criterion {
                    text: text.to_owned(),
                    proof: self.done().proof,
                }];
            }
            Field::Proof => {
                let proof = match text {
                    "" => Proof::Human,
                    command => Proof::Command(command.to_owned()),
                };
                let text = self.done().text;
                self.task.criteria = vec![Criterion { text, proof }];
            }
            Field::Cap => {
                let cap = match text.trim_start_matches('$') {
                    "" => Money::ZERO,
                    text => text.parse().map_err(|bad: BadAmount| bad.to_string())?,
                };
                self.task.cap = (cap > Money::ZERO).then_some(cap);
            }
        }
        Ok(())
    }

    /// The next value of a field that is one of a few, or the one before it.
    pub fn turn(&mut self, sprint: &Sprint, is_back: bool) {
        let next = |place: Option<usize>, count: usize| {
            let place = place.unwrap_or(0);
            let step = if is_back { count - 1 } else { 1 };
            (place + step) % count.max(1)
        };
        match self.field() {
            Field::Role => {
                let workers: Vec<_> = sprint.setup.workers().collect();
                let now = workers.iter().position(|role| role.key == self.task.role);
                if let Some(role) = workers.get(next(now, workers.len().max(1))) {
                    self.task.role.clone_from(&role.key);
                }
            }
            Field::Tier => {
                let tiers = Tier::ALL;
                let tier = estimate::tier(&sprint.setup, &self.task);
                let now = tiers.iter().position(|known| *known == tier);
                self.task.tier = tiers.get(next(now, tiers.len())).copied();
            }
            Field::Size => {
                let sizes = [1, 2, 3, 4, 5];
                let now = sizes.iter().position(|size| *size == self.task.complexity);
                let size = sizes.get(next(now, sizes.len())).copied();
                self.task.complexity = size.unwrap_or(self.task.complexity);
            }
            Field::Title | Field::What | Field::Needs | Field::Done | Field::Proof | Field::Cap => {
            }
        }
    }

    /// When it is done, and what shows it.
    fn done(&self) -> Criterion {
        let first = self.task.criteria.first().cloned();
        first.unwrap_or_else(|| Criterion {
            text: self.task.title.clone(),
            proof: Proof::Human,
        })
    }

    /// What is asked of the session.
    pub fn command(&self) -> Command {
        Command::AddTask {
            sprint: self.sprint,
            task: Box::new(self.task.clone()),
            is_final: false,
        }
    }

    /// What the task will cost, and what becomes of the sprint's money by it; whether that is over its budget.
    pub fn money(&self, sprint: &Sprint) -> (String, bool) {
        let prospect = sprint.prospect(&self.task);
        let of = prospect
            .limit
            .map_or_else(String::new, |limit| format!(" of {limit}"));
        let over = if prospect.is_over() {
            ", over its budget"
        } else {
            ""
        };
        let text = format!(
            "about {}{}; {} ends at about {}{of}, not {}{over}",
            prospect.cost,
            simulated(sprint),
            sprint.id,
            prospect.after,
            prospect.before
        );
        (text, prospect.is_over())
    }

    /// The rows of the form, at most `height`: the fields around the cursor, and the money below them, which is never left out.
    pub fn rows(
        &self,
        sprint: &Sprint,
        (width, height): (usize, usize),
    ) -> Vec<Vec<Piece<'static>>> {
        let foot = self.foot(sprint, width);
        let room = height.saturating_sub(foot.len()).min(Field::ALL.len());
        let top = (self.row + 1).saturating_sub(room);
        let shown = Field::ALL.into_iter().enumerate().skip(top).take(room);
        let mut rows: Vec<Vec<Piece<'static>>> = shown
            .map(|(place, field)| {
                let (pointer, token) = if place == self.row {
                    ("▶ ", Token::SurfaceMark)
                } else {
                    ("  ", Token::Text)
                };
                let shown = line(&self.shown(sprint, field));
                vec![
                    piece(pointer, token),
                    piece(format!("{:<10}", field.name()), Token::Dim),
                    piece(clip(&shown, width.saturating_sub(12)), token),
                ]
            })
            .collect();
        if rows.len() + foot.len() < height {
            rows.push(Vec::new());
        }
        rows.extend(foot);
        rows
    }

    /// What becomes of the money, and what keeps the task from being added.
    fn foot(&self, sprint: &Sprint, width: usize) -> Vec<Vec<Piece<'static>>> {
        let (text, is_over) = self.money(sprint);
        let token = if is_over { Token::Risk } else { Token::Money };
        let money = wrap(&text, width).into_iter();
        let mut rows: Vec<Vec<Piece<'static>>> =
            money.map(|text| vec![piece(text, token)]).collect();
        let fault = sprint.with_task(&self.task).err();
        let fault = fault.map_or_else(String::new, |why| line(&why.to_string()));
        let fault = wrap(&fault, width).into_iter();
        rows.extend(
            fault
                .filter(|text| !text.is_empty())
                .map(|text| vec![piece(text, Token::Fail)]),
        );
        rows
    }

    /// A field as it is shown.
    fn shown(&self, sprint: &Sprint, field: Field) -> String {
        let text = self.text(sprint, field);
        match field {
            Field::What if text.is_empty() => "nothing more".to_owned(),
            Field::Needs if text.is_empty() => "nothing".to_owned(),
            Field::Proof if text.is_empty() => "a person’s eye".to_owned(),
            Field::Cap if text.is_empty() => match sprint.setup.policy.task_budget {
                Some(cap) => format!("{cap}, the usual one"),
                None => "none".to_owned(),
            },
            Field::Size => format!("{text} of 5"),
            _ => text,
        }
    }
}

fn needs(sprint: &Sprint, task: &Planned) -> String {
    let names = task.needs.iter().map(|slug| {
        let need = sprint.tasks.values().find(|other| other.spec.slug == *slug);
        need.map_or_else(|| slug.clone(), |need| task_label(need.id))
    });
    names.collect::<Vec<_>>().join(" ")
}

/// The slugs of tasks that are called by `t3` or by their slugs.
fn named_tasks(sprint: &Sprint, text: &str) -> Result<Vec<String>, String> {
    let words = text.split([' ', ',']).filter(|word| !word.is_empty());
    let slugs = words.map(|word| {
        let mut tasks = sprint.tasks.values();
        let found = tasks
            .find(|task| task_label(task.id).eq_ignore_ascii_case(word) || task.spec.slug == word);
        let found = found.map(|task| task.spec.slug.clone());
        found.ok_or_else(|| format!("no task is called {}", line(word)))
    });
    slugs.collect()
}
