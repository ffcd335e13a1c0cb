//! The plan: tasks in order, kept or dropped, moved, renamed, priced; approved as a whole. What a person changes stays here until `A`
//! sends it together with the approval.

pub mod draft;
mod view;

pub use view::{checks, limits, planned, view};

use crate::base::id::Digest;
use crate::base::money::Money;
use crate::domain::journal::Command;
use crate::domain::llm::Tier;
use crate::domain::sprint::outlook::outlook;
use crate::domain::sprint::{
    Ask, Gate, GateState, Phase, Plan, PlanEdit, Planned, Sprint, Verdict, estimate,
};
use crate::tui::action::Action;
use crate::tui::facts::line;
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::list::Cursor;

use super::{Intent, Purpose, step};
use draft::{Draft, Fate};

/// What only the plan's list knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The task under the cursor, by its slug.
    pub cursor: Cursor<String>,
    /// Where there is room for one of them only: the task under the cursor instead of the limits.
    pub shows_task: bool,
    /// What the person changed and has not sent.
    pub draft: Draft,
}

/// A change that is written as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wording {
    /// Another title for a task: which, and the title so far.
    Title(String, String),
    /// The title of a new task of a role.
    New(String),
    /// The title of a part of a task: which, and the title of the first part once it has one.
    Part(String, Option<String>),
    /// The cap of a task.
    Cap(String),
}

/// The sprint whose plan is shown, if it has one.
pub fn shown(known: &Known) -> Option<&Sprint> {
    known
        .world
        .current()
        .filter(|sprint| sprint.plan.revision > 0)
}

/// The gate at which the plan waits.
pub fn gate(sprint: &Sprint) -> Option<&Gate> {
    let mut open = sprint.open_gates();
    open.find(|gate| gate.state == GateState::Open && matches!(gate.ask, Ask::Plan { .. }))
}

fn slugs(plan: &Plan) -> Vec<String> {
    plan.tasks.iter().map(|task| task.slug.clone()).collect()
}

impl State {
    /// The plan that is shown: with the person's changes, unless it is the past.
    pub fn plan<'a>(&'a self, known: &Known, sprint: &'a Sprint) -> &'a Plan {
        if known.is_past() {
            &sprint.plan
        } else {
            self.draft.plan(sprint)
        }
    }

    /// What a decision on the plan as it is shown names.
    pub fn revision(&self, known: &Known) -> Option<Digest> {
        let sprint = shown(known).filter(|_| !self.draft.is_empty())?;
        Some(self.draft.revision(sprint))
    }

    /// Takes in that the plan below the changes may be another one; says what became of them.
    pub fn rebase(&mut self, known: &Known) -> Option<(Token, String)> {
        if known.is_past() {
            return None;
        }
        let sprint = shown(known);
        let draft = sprint.map_or(0, |sprint| sprint.plan.revision);
        Some(match self.draft.rebase(sprint)? {
            Fate::Rebased(kept, 0) => (
                Token::Info,
                format!("the plan is draft {draft} now; your {kept} edits still fit"),
            ),
            Fate::Rebased(kept, lost) => (
                Token::Risk,
                format!(
                    "the plan is draft {draft} now; {kept} of your edits still fit, {lost} do not"
                ),
            ),
            Fate::Lost(count) => (
                Token::Risk,
                format!("the plan is decided without your {count} edits"),
            ),
        })
    }

    /// Acts on an action; `height` is the height of the list.
    pub fn act(&mut self, action: Action, known: &Known, height: u16) -> Vec<Intent> {
        let Some(sprint) = shown(known) else {
            return Vec::new();
        };
        let plan = self.plan(known, sprint);
        let slugs = slugs(plan);
        if let Some(step) = step(action, height) {
            self.cursor.step(step, &slugs);
            return Vec::new();
        }
        let place = self.cursor.place(&slugs);
        let task = plan.tasks.get(place).cloned();
        match (action, gate(sprint)) {
            (Action::Open, _) => {
                self.shows_task = !self.shows_task;
                Vec::new()
            }
            (Action::Budget, _) => vec![Intent::Write(Purpose::Budget(sprint.id))],
            (Action::ApproveAll, Some(gate)) => self.approve(sprint, gate),
            (Action::Approve, Some(_)) => vec![say("A approves the whole plan and starts it")],
            (Action::Reject | Action::RejectAll | Action::Comment, Some(gate)) => {
                vec![Intent::Write(Purpose::Reject(gate.id, gate.revision))]
            }
            _ if !is_edit(action) => Vec::new(),
            _ if sprint.phase == Phase::Planning => {
                vec![say("the planner is at work; its draft can be changed then")]
            }
            (Action::PlanNew, _) if sprint.phase != Phase::Approving => {
                vec![say("the plan is approved; g b, then n adds a task to it")]
            }
            _ if sprint.phase != Phase::Approving => {
                vec![say("the plan is approved; it no longer changes")]
            }
            (Action::Undo | Action::Redo, _) => self.step_back(action, sprint),
            (Action::PlanFix, _) => self.fix(sprint),
            (Action::PlanNew, _) => {
                let worker = sprint.setup.workers().next();
                let first = worker.map(|role| role.key.clone()).unwrap_or_default();
                let role = task.map_or(first, |task| task.role);
                vec![Intent::Write(Purpose::Plan(Wording::New(role)))]
            }
            _ => task.map_or_else(Vec::new, |task| {
                self.on_task(action, sprint, &task, (place, slugs.len()))
            }),
        }
    }

    /// Sends the changes and the approval of what came of them. The second names what the first will make of the plan; where that is
    /// not what becomes of it, both are refused.
    fn approve(&self, sprint: &Sprint, gate: &Gate) -> Vec<Intent> {
        let plan = self.draft.plan(sprint);
        if let Some(fault) = plan.faults.first() {
            let more = match plan.faults.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let text = format!("not approved: {}{more}", line(&fault.to_string()));
            return vec![Intent::Say(Token::Fail, text)];
        }
        let decide = Intent::Decide {
            gate: gate.id,
            revision: self.draft.revision(sprint),
            verdict: Verdict::Approve,
        };
        if self.draft.is_empty() {
            return vec![decide];
        }
        let edit = Intent::Submit(Box::new(Command::EditPlan {
            sprint: sprint.id,
            revision: sprint.plan.revision,
            edits: self.draft.edits().to_vec(),
        }));
        // Where nobody is asked about sound plans, the edit alone starts it.
        if sprint.setup.policy.plan {
            vec![edit, decide]
        } else {
            vec![edit]
        }
    }

    fn step_back(&mut self, action: Action, sprint: &Sprint) -> Vec<Intent> {
        let (edit, word) = if action == Action::Undo {
            (self.draft.undo(sprint), "undone")
        } else {
            (self.draft.redo(sprint), "done again")
        };
        let Some(edit) = edit else {
            return vec![say("there is no edit to make again")];
        };
        self.cursor.set(edit.slug().to_owned());
        vec![say(&format!("{word}: {}", told(&edit)))]
    }

    /// Mends what a check has against the plan: the first thing that the program knows a change for.
    fn fix(&mut self, sprint: &Sprint) -> Vec<Intent> {
        let plan = self.draft.plan(sprint);
        let mut faults = plan.faults.iter();
        let cure = faults.find_map(|fault| fault.cure(&sprint.setup, plan));
        let cure = cure.or_else(|| {
            let warnings = outlook(&sprint.setup, plan).warnings;
            warnings.iter().find_map(|warning| warning.cure(plan))
        });
        match cure {
            Some(edit) => {
                let text = format!("fixed: {}", told(&edit));
                match self.edit(sprint, edit) {
                    Ok(()) => vec![say(&text)],
                    Err(why) => vec![Intent::Say(Token::Fail, why)],
                }
            }
            None => vec![say("no check has a fix that can be made for you")],
        }
    }

    fn on_task(
        &mut self,
        action: Action,
        sprint: &Sprint,
        task: &Planned,
        (place, count): (usize, usize),
    ) -> Vec<Intent> {
        let slug = task.slug.clone();
        let write = |wording| vec![Intent::Write(Purpose::Plan(wording))];
        let edit = match action {
            Action::PlanKeep => PlanEdit::Keep {
                slug,
                keep: task.is_dropped,
            },
            Action::PlanDown if place + 1 < count => PlanEdit::Move {
                slug,
                to: place + 1,
            },
            Action::PlanUp if place > 0 => PlanEdit::Move {
                slug,
                to: place - 1,
            },
            Action::PlanTier => PlanEdit::Tier {
                slug,
                tier: next_tier(estimate::tier(&sprint.setup, task)),
            },
            Action::PlanTitle => return write(Wording::Title(slug, task.title.clone())),
            Action::PlanBreak => return write(Wording::Part(slug, None)),
            Action::PlanCap => return write(Wording::Cap(slug)),
            _ => return Vec::new(),
        };
        match self.edit(sprint, edit) {
            Ok(()) => Vec::new(),
            Err(why) => vec![Intent::Say(Token::Fail, why)],
        }
    }

    fn edit(&mut self, sprint: &Sprint, edit: PlanEdit) -> Result<(), String> {
        self.cursor.set(edit.slug().to_owned());
        self.draft.take(sprint, edit)
    }

    /// Takes what was written. What is to be written next, if that was not all.
    ///
    /// # Errors
    /// It does not fit; the text says why.
    pub fn written(
        &mut self,
        known: &Known,
        wording: &Wording,
        text: &str,
    ) -> Result<Option<Wording>, String> {
        let sprint = shown(known).filter(|sprint| sprint.phase == Phase::Approving);
        let sprint = sprint.ok_or("the plan no longer waits for approval")?;
        let edit = match wording.clone() {
            Wording::Title(slug, _) => PlanEdit::Title {
                slug,
                title: text.to_owned(),
            },
            Wording::New(role) => {
                let task = self.draft.plan(sprint).new_task(text, &role);
                PlanEdit::Add(Box::new(task))
            }
            Wording::Part(slug, None) => {
                return Ok(Some(Wording::Part(slug, Some(text.to_owned()))));
            }
            Wording::Part(slug, Some(first)) => PlanEdit::Break {
                slug,
                titles: [first, text.to_owned()],
            },
            Wording::Cap(slug) => {
                let cap: Result<Money, _> = text.trim_start_matches('$').parse();
                let cap = cap.map_err(|bad| bad.to_string())?;
                PlanEdit::Cap {
                    slug,
                    cap: (cap > Money::ZERO).then_some(cap),
                }
            }
        };
        self.edit(sprint, edit).map(|()| None)
    }

    /// Keeps the cursor in view.
    pub fn settle(&mut self, known: &Known, height: u16) {
        if let Some(sprint) = shown(known) {
            let slugs = slugs(self.plan(known, sprint));
            self.cursor.settle(&slugs, height.saturating_sub(1));
        }
    }
}

fn say(text: &str) -> Intent {
    Intent::Say(Token::Info, text.to_owned())
}

const fn is_edit(action: Action) -> bool {
    matches!(
        action,
        Action::Undo
            | Action::Redo
            | Action::PlanFix
            | Action::PlanNew
            | Action::PlanBreak
            | Action::PlanCap
            | Action::PlanKeep
            | Action::PlanDown
            | Action::PlanUp
            | Action::PlanTier
            | Action::PlanTitle
    )
}

/// A change in a few words.
fn told(edit: &PlanEdit) -> String {
    let slug = line(edit.slug());
    match edit {
        PlanEdit::Keep { keep: true, .. } => format!("{slug} kept"),
        PlanEdit::Keep { keep: false, .. } => format!("{slug} dropped"),
        PlanEdit::Move { .. } => format!("{slug} moved"),
        PlanEdit::Title { .. } => format!("{slug} renamed"),
        PlanEdit::Tier { tier, .. } => format!("{slug} {}", tier.short()),
        PlanEdit::Role { role, .. } => format!("{slug} to {}", line(role)),
        PlanEdit::Add(_) => format!("{slug} added"),
        PlanEdit::Needs { needs, .. } if needs.is_empty() => format!("{slug} needs nothing"),
        PlanEdit::Needs { needs, .. } => format!("{slug} needs {}", line(&needs.join(" "))),
        PlanEdit::Cap { cap: None, .. } => format!("{slug} no cap of its own"),
        PlanEdit::Cap { cap: Some(cap), .. } => format!("{slug} cap {cap}"),
        PlanEdit::Break { .. } => format!("{slug} broken up"),
    }
}

const fn next_tier(tier: Tier) -> Tier {
    match tier {
        Tier::Local => Tier::Economy,
        Tier::Economy => Tier::Standard,
        Tier::Standard => Tier::Premium,
        Tier::Premium => Tier::Local,
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::{known, rows};
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn the_plan_on_a_small_terminal() {
        let known = known(fixture::approving());
        let seen = rows(80, 9, |canvas, area| {
            view(&State::default(), &known, canvas, area, true);
        });
        insta::assert_snapshot!(seen.join("\n"));
    }

    #[test]
    fn edits_are_kept_and_go_with_the_approval() {
        let known = known(fixture::approving());
        let mut state = State::default();
        for action in [Action::PlanUp, Action::PlanDown, Action::PlanTier] {
            assert_eq!(state.act(action, &known, 9), [], "{action:?}");
        }
        let sent = state.act(Action::ApproveAll, &known, 9);
        let [Intent::Submit(edit), Intent::Decide { revision, .. }] = &sent[..] else {
            panic!("{sent:?}");
        };
        let slug = || "cents".to_owned();
        let edits = vec![
            PlanEdit::Move {
                slug: slug(),
                to: 1,
            },
            PlanEdit::Tier {
                slug: slug(),
                tier: Tier::Premium,
            },
        ];
        assert_eq!(
            **edit,
            Command::EditPlan {
                sprint: fixture::SPRINT,
                revision: 1,
                edits
            }
        );
        assert_eq!(Some(*revision), state.revision(&known));
    }

    #[test]
    fn a_plan_with_faults_is_not_sent() {
        let known = known(fixture::approving());
        let mut state = State::default();
        state.act(Action::PlanKeep, &known, 9);
        let said = state.act(Action::ApproveAll, &known, 9);
        let text = "not approved: task tax: needs cents, which is not in the plan and 1 more";
        assert_eq!(said, [Intent::Say(Token::Fail, text.to_owned())]);
        // Both needs are taken away, one at a time.
        state.act(Action::PlanFix, &known, 9);
        state.act(Action::PlanFix, &known, 9);
        assert_eq!(state.act(Action::ApproveAll, &known, 9).len(), 2);
    }

    #[test]
    fn only_the_capital_approves() {
        let known = known(fixture::approving());
        let mut state = State::default();
        assert!(matches!(
            state.act(Action::Approve, &known, 9)[..],
            [Intent::Say(..)]
        ));
        assert!(matches!(
            state.act(Action::ApproveAll, &known, 9)[..],
            [Intent::Decide {
                verdict: Verdict::Approve,
                ..
            }]
        ));
    }
}
