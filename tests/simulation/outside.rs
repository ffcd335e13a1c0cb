//! Everything that effects meet: a git that remembers what it did, models of every temper, checks that turn red.

use std::collections::{BTreeMap, BTreeSet};

use aios::base::body::Body;
use aios::base::id::{CriterionId, Digest, Oid, SprintId, TaskId, Work};
use aios::base::tokens::TokenUsage;
use aios::domain::agent::{RoleKind, Shape};
use aios::domain::change::checks::{CheckResult, CheckSpec};
use aios::domain::change::clash::{Choosable, Clash};
use aios::domain::journal::{Effect, EffectKey, ModelBrief, Report, Sides, TaskFacts};
use aios::domain::llm::{CallFailure, FailureKind};
use aios::domain::sprint::Hindrance;
use aios::domain::tool::EditFact;

use crate::dice::Dice;
use crate::world::{
    ask, base, check, command, committed, finish, judge, oid, planned, propose, ran, read, replied,
    tool, write,
};

/// The world beyond the program. It survives every crash.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    /// Object names given out.
    objects: u64,
    /// The head of each sprint's branch.
    tips: BTreeMap<SprintId, Oid>,
    /// Merges by the key that stands in their commit.
    merged: BTreeMap<EffectKey, (Oid, Oid)>,
    /// Tasks that are in.
    tasks: BTreeSet<TaskId>,
    /// Sprints that are in the base branch.
    pub(crate) landed: BTreeMap<SprintId, Oid>,
    /// Calls that were answered: what was used. The reply names its place.
    pub(crate) served: Vec<TokenUsage>,
    /// From now on all goes well.
    pub(crate) is_calm: bool,
}

impl Outside {
    fn object(&mut self) -> Oid {
        self.objects += 1;
        oid(1_000 + self.objects)
    }

    /// Carries an effect out, as far as it reaches out of the program, and says what to report.
    pub(crate) fn carry(&mut self, key: EffectKey, effect: &Effect, dice: &mut Dice) -> Report {
        let breaks = !self.is_calm && dice.percent(3);
        match effect {
            // What may have reached out is never reported as not done.
            Effect::Merge { .. } | Effect::Land { .. } | Effect::Model(_) | Effect::Wait { .. } => {
            }
            _ if breaks => return Report::Failed("the disk is full".to_owned()),
            _ => {}
        }
        match effect {
            Effect::Open { sprint, .. } if !self.is_calm && dice.percent(1) => {
                Report::NotOpened(format!("{sprint}: not a repository"))
            }
            Effect::Open { sprint, .. } => {
                let specs = [check("make"), check("make test")];
                let checks = specs.into_iter().take(dice.below(3)).collect();
                let opened = base(checks);
                self.tips.insert(*sprint, opened.commit.clone());
                Report::Opened(opened)
            }
            Effect::Baseline { specs, .. } => Report::Baseline(self.checks(specs, 10, dice)),
            Effect::Worktree { start, .. } => Report::Worktree {
                base: start.clone(),
            },
            Effect::Commit { task, .. } | Effect::Part { task, .. } => {
                let hunks: Vec<u64> = (0..dice.below(4))
                    .map(|_| dice.next() % 50)
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect();
                let from = task.merging.clone().or_else(|| task.base.clone()).unwrap();
                committed(self.object(), from, &hunks)
            }
            Effect::Checks { specs, on, .. } => Report::Checked {
                results: self.checks(specs, 25, dice),
                on: on.clone(),
            },
            Effect::Merge {
                task,
                onto,
                is_asked,
                ..
            } => self.merge(key, task, onto, (*is_asked, dice)),
            Effect::Trial {
                task,
                chosen,
                specs,
                known,
                ..
            } => {
                assert_eq!(task.head.as_ref(), Some(&chosen.clash.head), "{key}");
                assert!(!specs.is_empty(), "{key}: nothing to test with");
                // Now and then other choices come to the same files.
                let known = known.first().filter(|_| dice.percent(20));
                let (tree, results) = match known {
                    Some((tree, results)) => (tree.clone(), results.clone()),
                    None => (self.object(), self.checks(specs, 40, dice)),
                };
                Report::Tried { tree, results }
            }
            Effect::Conflict { onto, .. } => Report::Brought(Sides {
                onto: onto.clone(),
                paths: vec!["a.txt".to_owned()],
                clash: None,
            }),
            Effect::Clear { .. } => Report::Cleared,
            Effect::Land { sprint, commit, .. } => self.land(*sprint, commit, dice),
            Effect::Model(brief) => self.ask_model(brief, dice),
            Effect::Tool { .. } => self.call(dice),
            Effect::Wait { .. } => Report::Elapsed,
        }
    }

    fn call(&self, dice: &mut Dice) -> Report {
        let is_error = !self.is_calm && dice.percent(20);
        let Report::Tool { answer, .. } = tool(is_error) else {
            panic!("not a result")
        };
        let edit = EditFact {
            path: format!("src/{}.txt", dice.below(5)),
            before: None,
            after: Some(nothing()),
            added: 1,
            removed: 0,
        };
        let is_edited = !is_error && dice.percent(30);
        Report::Tool {
            answer,
            edits: if is_edited { vec![edit] } else { Vec::new() },
            criterion: dice.percent(50).then_some(CriterionId(1)),
        }
    }

    fn checks(&self, specs: &[CheckSpec], red: u64, dice: &mut Dice) -> Vec<CheckResult> {
        let red = if self.is_calm { 0 } else { red };
        specs
            .iter()
            .map(|spec| CheckResult {
                spec: spec.clone(),
                ..ran(&spec.command, i32::from(dice.percent(red)))
            })
            .collect()
    }

    /// Looks the merge up first, as the real one does; else compares and swaps.
    fn merge(
        &mut self,
        key: EffectKey,
        task: &TaskFacts,
        onto: &Oid,
        (is_asked, dice): (bool, &mut Dice),
    ) -> Report {
        let (task, head) = (task.id, task.head.clone());
        if let Some((onto, commit)) = self.merged.get(&key) {
            return Report::Merged {
                onto: onto.clone(),
                commit: commit.clone(),
            };
        }
        let tip = &self.tips[&task.sprint];
        assert_eq!(
            tip, onto,
            "{key}: the program does not know the head of its own branch"
        );
        // What clashed once does so again more often than not.
        let clashes = if is_asked { 50 } else { 15 };
        if dice.percent(clashes) {
            let paths = if dice.percent(75) {
                vec!["a.txt".to_owned()]
            } else {
                Vec::new()
            };
            // What a person can look at was made for the very commits.
            let is_told = is_asked && !paths.is_empty();
            let clash = head.filter(|_| is_told).map(|head| Clash {
                onto: onto.clone(),
                head,
                document: Body::Inline("{}".to_owned()),
                files: vec![Choosable::Places(2)],
            });
            return Report::Conflicted(Sides {
                onto: onto.clone(),
                paths,
                clash,
            });
        }
        if !self.is_calm && dice.percent(3) {
            return Report::Failed("the disk is full".to_owned());
        }
        assert!(self.tasks.insert(task), "{task} was merged twice");
        let commit = self.object();
        self.tips.insert(task.sprint, commit.clone());
        self.merged.insert(key, (onto.clone(), commit.clone()));
        Report::Merged {
            onto: onto.clone(),
            commit,
        }
    }

    fn land(&mut self, sprint: SprintId, commit: &Oid, dice: &mut Dice) -> Report {
        if let Some(landed) = self.landed.get(&sprint) {
            return Report::Landed(landed.clone());
        }
        assert_eq!(
            &self.tips[&sprint], commit,
            "{sprint} lands something else than its branch"
        );
        if dice.percent(if self.is_calm { 10 } else { 40 }) {
            return Report::LandBlocked(Hindrance::Dirty, "commit or stash first".to_owned());
        }
        if !self.is_calm && dice.percent(5) {
            return Report::NoTarget;
        }
        self.landed.insert(sprint, commit.clone());
        Report::Landed(commit.clone())
    }

    pub(crate) fn merges(&self) -> u64 {
        self.tasks.len() as u64
    }

    fn ask_model(&mut self, brief: &ModelBrief, dice: &mut Dice) -> Report {
        if !self.is_calm && dice.percent(10) {
            return fails(dice);
        }
        let calls = match brief.role.kind {
            RoleKind::Planner => self.plans(brief, dice),
            RoleKind::Worker => self.works(brief, dice),
            RoleKind::Judge => self.judges(dice),
        };
        // Some conversations are long, some prompts larger still.
        let is_long = is_long(brief);
        let prompt = match dice.below(100) {
            0..4 if !self.is_calm => 62_000 + dice.next() % 30_000,
            _ if is_long => 62_000,
            _ => 500 + dice.next() % 9_000,
        };
        let Report::Replied {
            reply,
            mut calls,
            usage,
            latency_ms,
            ..
        } = replied(calls, prompt)
        else {
            panic!("not a reply")
        };
        for call in &mut calls {
            if matches!(call.shape, Shape::Plan(_)) {
                "propose_plan".clone_into(&mut call.label);
            }
        }
        self.served.push(usage);
        Report::Replied {
            reply,
            first_line: format!("served {}", self.served.len() - 1),
            calls,
            usage,
            latency_ms,
        }
    }

    fn plans(&self, brief: &ModelBrief, dice: &mut Dice) -> Vec<Shape> {
        if !self.is_calm {
            match dice.below(20) {
                0 => return Vec::new(),
                1 => return vec![Shape::Bad("not JSON".to_owned())],
                2 => return vec![read(), read()],
                3 => return vec![ask("what is meant?")],
                4 => return vec![finish()],
                5 => return vec![command("ls")],
                _ => {}
            }
        }
        if matches!(brief.attempt.work, Work::Summary(_)) && !dice.percent(10) {
            return Vec::new();
        }
        let count = 1 + dice.below(8);
        let mut tasks = Vec::new();
        for number in 0..count {
            let needs: Vec<String> = (0..number)
                .filter(|_| dice.percent(30))
                .map(|need| format!("t{need}"))
                .collect();
            let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
            let mut task = planned(&format!("t{number}"), &needs);
            if dice.percent(40) {
                "sh prove".clone_into(&mut task.criteria[0].proof);
            }
            tasks.push(task);
        }
        if !self.is_calm && dice.percent(15) {
            tasks[0].needs.push(format!("t{}", dice.below(7)));
            tasks[0].complexity = 9;
        }
        vec![propose(tasks)]
    }

    fn works(&self, brief: &ModelBrief, dice: &mut Dice) -> Vec<Shape> {
        if is_long(brief) && brief.step < 18 {
            return vec![write()];
        }
        if self.is_calm || dice.percent(25) {
            return vec![finish()];
        }
        let shapes = [
            read(),
            read(),
            write(),
            write(),
            command("make"),
            command("make test"),
            ask("tabs?"),
            finish(),
            Shape::Bad("no such tool".to_owned()),
            Shape::Note("a note".to_owned()),
            judge(true),
        ];
        (0..dice.below(4))
            .filter_map(|_| dice.pick(&shapes).cloned())
            .collect()
    }

    fn judges(&self, dice: &mut Dice) -> Vec<Shape> {
        if self.is_calm {
            return vec![judge(true)];
        }
        match dice.below(10) {
            0 => Vec::new(),
            1 => vec![command("make test"), judge(false)],
            2 => vec![read()],
            3 => vec![finish()],
            4 | 5 => vec![judge(false)],
            _ => vec![judge(true)],
        }
    }
}

/// One attempt in nine writes and writes.
fn is_long(brief: &ModelBrief) -> bool {
    let Work::Task(task) = brief.attempt.work else {
        return false;
    };
    (task.number + brief.attempt.number) % 9 == 4
}

fn fails(dice: &mut Dice) -> Report {
    let kinds = [
        FailureKind::Unreachable,
        FailureKind::RateLimited,
        FailureKind::Overloaded,
        FailureKind::Auth,
        FailureKind::NoCredit,
        FailureKind::UnknownModel,
        FailureKind::ContextOverflow,
        FailureKind::BadRequest,
        FailureKind::Cut,
        FailureKind::Malformed,
    ];
    if dice.percent(2) {
        return Report::Failed("the thread broke off".to_owned());
    }
    let usage = TokenUsage {
        input: dice.next() % 100,
        ..TokenUsage::default()
    };
    Report::CallFailed {
        failure: CallFailure {
            kind: *dice.pick(&kinds).unwrap(),
            text: "it failed".to_owned(),
            retry_after_ms: dice.percent(30).then(|| dice.next() % 90_000),
            usage,
        },
        latency_ms: 5,
    }
}

/// Something to say.
pub(crate) fn words(dice: &mut Dice) -> Body {
    Body::Inline(format!("words {}", dice.next() % 100))
}

/// A digest of nothing that exists.
pub(crate) fn nothing() -> Digest {
    Digest::of(b"nothing")
}
