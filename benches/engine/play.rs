//! A sprint that plays itself: every wanted effect begins and ends at once with a likely result, every open question is answered.
//! Makes logs that are like real ones, by the program's own decisions.

use std::collections::BTreeMap;

use aios::base::body::Body;
use aios::base::id::{AttemptId, Digest, Oid, Work};
use aios::base::money::{Money, TokenPrice};
use aios::base::time::Timestamp;
use aios::base::tokens::TokenUsage;
use aios::domain::agent::{Answer, CallState, Role, RoleKind, Shape};
use aios::domain::change::checks::{CheckKind, CheckResult, CheckSpec};
use aios::domain::change::{FileKind, FileSummary, HunkSummary};
use aios::domain::cost::Price;
use aios::domain::journal::{
    BeganModel, Command, EffectKey, Envelope, Input, Report, VOCABULARY, World, step,
};
use aios::domain::llm::Tier;
use aios::domain::presence::Standing;
use aios::domain::security::Actor;
use aios::domain::sprint::{Ask, Base, ModelChoice, Policy, Setup, Verdict};
use aios::domain::tool::args::{PlannedCriterion, PlannedTask, ProposePlan, Verdict as Judged};
use aios::domain::tool::grant::CommandPolicy;
use aios::domain::tool::{EditFact, ToolName};
use aios::domain::workflow::Workflow;

/// The shape of the sprints to be played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shapes {
    /// Tasks of a sprint.
    pub(crate) tasks: u32,
    /// Replies of a worker before its last one.
    pub(crate) replies: u32,
    /// Tasks in work at once.
    pub(crate) agents: u32,
}

/// A git object named by a number.
pub(crate) fn oid(number: u64) -> Oid {
    format!("{number:040x}").parse().unwrap()
}

/// A person.
pub(crate) fn person() -> Actor {
    Actor::Person {
        uid: 1000,
        name: "kim".to_owned(),
    }
}

fn role(key: &str, kind: RoleKind) -> Role {
    let tools = ToolName::ALL
        .into_iter()
        .filter(|tool| kind.may_have(*tool))
        .collect();
    Role {
        key: key.to_owned(),
        name: key.to_owned(),
        title: key.to_owned(),
        charge: format!("does {key}"),
        kind,
        tools,
        tier: Tier::Standard,
        prompt: "Do it well.".to_owned(),
    }
}

/// The rules of these sprints; nobody is asked where `asks` is false.
pub(crate) fn setup(shapes: Shapes, has_judge: bool, asks: bool) -> Setup {
    let price = |text| TokenPrice::per_million(text).unwrap();
    let price = Price {
        input: price("1"),
        output: price("10"),
        cache_read: price("0.1"),
        cache_write: price("1.25"),
    };
    let choice = ModelChoice {
        route: "canned/model".parse().unwrap(),
        price,
        is_priced: true,
        window: 200_000,
        max_output: 4_000,
    };
    let mut team = vec![
        role("cto", RoleKind::Planner),
        role("dev", RoleKind::Worker),
    ];
    if has_judge {
        team.push(role("qa", RoleKind::Judge));
    }
    Setup {
        policy: Policy {
            budget: None,
            task_budget: None,
            request_budget: None,
            day_budget: None,
            agents_max: shapes.agents,
            max_tasks: shapes.tasks,
            commands: CommandPolicy::Sandboxed,
            review: asks,
            plan: asks,
            merge: asks,
            undo_ms: 0,
            keeps_worktrees: false,
            simulated: true,
            ask_at_percent: 80,
        },
        team,
        workflow: Workflow::deliver(3),
        models: BTreeMap::from([(Tier::Standard, choice.clone())]),
        baseline: choice.price,
        fallback: choice,
        prefix: "aios".to_owned(),
    }
}

/// A planned task.
pub(crate) fn planned(number: u32) -> PlannedTask {
    PlannedTask {
        slug: format!("task-{number}"),
        title: format!("Make part {number} of the form work"),
        role: "dev".to_owned(),
        detail: "The field takes an address and says what is wrong with it.".to_owned(),
        needs: Vec::new(),
        criteria: vec![PlannedCriterion {
            text: "A wrong address is named below the field".to_owned(),
            proof: "human".to_owned(),
        }],
        touches: vec![format!("src/part{number}/**")],
        complexity: 2,
    }
}

fn check() -> CheckSpec {
    CheckSpec {
        kind: CheckKind::Test,
        command: "make test".to_owned(),
        timeout_s: 60,
        source: "Makefile".to_owned(),
    }
}

fn checked() -> Vec<CheckResult> {
    vec![CheckResult {
        spec: check(),
        exit: 0,
        wall_ms: 812,
        output: None,
        tail: "42 passed".to_owned(),
    }]
}

/// A text that lies in a blob, as most replies and results do.
fn long(seed: u64) -> Body {
    Body::Blob {
        digest: Digest::of(&seed.to_le_bytes()),
        bytes: 2_400,
        first_line: format!("I look at part {seed} of the form first."),
    }
}

/// Plays.
pub(crate) struct Player {
    /// What it plays.
    pub(crate) shapes: Shapes,
    /// Checks run on the base and on every task.
    pub(crate) has_checks: bool,
    number: u64,
}

impl Player {
    pub(crate) fn new(shapes: Shapes, has_checks: bool) -> Self {
        Self {
            shapes,
            has_checks,
            number: 100,
        }
    }

    fn next_oid(&mut self) -> Oid {
        self.number += 1;
        oid(self.number)
    }

    /// What an effect gives.
    pub(crate) fn report(&mut self, world: &World, key: EffectKey) -> Report {
        let tip = || {
            let sprint = world.sprints.get(&key.sprint());
            sprint
                .and_then(|sprint| sprint.tip.clone())
                .unwrap_or_else(|| oid(1))
        };
        match key {
            EffectKey::Open(sprint) => Report::Opened(Base {
                commit: oid(1),
                target: Some("refs/heads/main".to_owned()),
                branch: format!("refs/heads/aios/{sprint}"),
                dirty: Vec::new(),
                checks: if self.has_checks {
                    vec![check()]
                } else {
                    Vec::new()
                },
                instructions: None,
            }),
            EffectKey::Baseline(_) => Report::Baseline(checked()),
            EffectKey::Worktree(_) => Report::Worktree { base: tip() },
            EffectKey::Commit { task, .. } | EffectKey::Part { task, .. } => {
                let base = world.task(task).and_then(|task| task.base.clone());
                self.committed(base.unwrap_or_else(|| oid(1)))
            }
            EffectKey::Checks { .. } => Report::Checked {
                results: checked(),
                on: Some(tip()),
            },
            EffectKey::Merge { .. } => Report::Merged {
                onto: tip(),
                commit: self.next_oid(),
            },
            EffectKey::Conflict { .. } | EffectKey::Trial { .. } => {
                Report::Failed("no conflicts here".to_owned())
            }
            EffectKey::Clear(_) => Report::Cleared,
            EffectKey::Land { .. } => Report::Landed(tip()),
            EffectKey::Model { attempt, step } => self.reply(world, attempt, step),
            EffectKey::Tool {
                attempt,
                step,
                call,
            } => self.tool(world, attempt, step, call),
            EffectKey::Undo { .. } | EffectKey::Retry { .. } | EffectKey::Settle(_) => {
                Report::Elapsed
            }
        }
    }

    fn committed(&mut self, base: Oid) -> Report {
        let hunk = |number: u64| HunkSummary {
            key: Digest::of(&number.to_be_bytes()),
            new_start: 10,
            added: 4,
            removed: 1,
        };
        let file = FileSummary {
            path: format!("src/part{}/form.rs", self.number % 40),
            kind: FileKind::Modified,
            added: 8,
            removed: 2,
            is_binary: false,
            hunks: vec![hunk(self.number), hunk(self.number + 1)],
        };
        Report::Committed {
            commit: self.next_oid(),
            base,
            diff: long(self.number),
            files: vec![file],
            merged: None,
        }
    }

    fn reply(&mut self, world: &World, attempt: AttemptId, step: u32) -> Report {
        self.number += 1;
        let kind = world.attempt(attempt).map(|attempt| attempt.kind);
        let shapes = match (attempt.work, kind) {
            (Work::Plan(_), _) => vec![Shape::Plan(ProposePlan {
                summary: "Each part by itself, then the whole.".to_owned(),
                tasks: (1..=self.shapes.tasks).map(planned).collect(),
            })],
            (Work::Summary(_), _) => Vec::new(),
            (Work::Task(_), Some(RoleKind::Judge)) if step == 0 => {
                vec![Shape::Work(ToolName::ShowDiff)]
            }
            (Work::Task(_), Some(RoleKind::Judge)) => vec![Shape::Verdict(Judged {
                accepted: true,
                summary: "Each criterion is met by what the diff shows.".to_owned(),
                findings: Vec::new(),
            })],
            (Work::Task(_), _) if step < self.shapes.replies => {
                vec![Shape::Work(if step.is_multiple_of(2) {
                    ToolName::ReadFile
                } else {
                    ToolName::EditFile
                })]
            }
            (Work::Task(_), _) => vec![
                Shape::Work(ToolName::EditFile),
                Shape::Finish {
                    summary: "The field says what is wrong with an address.".to_owned(),
                    claims: Vec::new(),
                },
            ],
        };
        let calls = shapes
            .into_iter()
            .enumerate()
            .map(|(place, shape)| CallState {
                id: format!("call_{}_{place}", self.number),
                label: format!("{} src/part{step}/form.rs", tool_of(&shape)),
                same: Digest::of(&(self.number + place as u64).to_le_bytes()),
                shape,
                answer: None,
            });
        Report::Replied {
            reply: long(self.number),
            first_line: "I look at the form first, then at what it says.".to_owned(),
            calls: calls.collect(),
            usage: TokenUsage {
                input: 900,
                output: 250,
                cache_read: 4_000,
                ..TokenUsage::default()
            },
            latency_ms: 2_300,
        }
    }

    fn tool(&mut self, world: &World, attempt: AttemptId, step: u32, call: u32) -> Report {
        self.number += 1;
        let called = world
            .attempt(attempt)
            .and_then(|attempt| attempt.call(step, call));
        let edits = called.is_some_and(|called| called.shape == Shape::Work(ToolName::EditFile));
        let edit = || EditFact {
            path: format!("src/part{}/form.rs", self.number % 40),
            before: Some(Digest::of(&self.number.to_le_bytes())),
            after: Some(Digest::of(&self.number.to_be_bytes())),
            added: 4,
            removed: 1,
        };
        Report::Tool {
            answer: Answer {
                text: long(self.number),
                is_error: false,
                brief: "84 lines".to_owned(),
                exit: None,
                rest: None,
            },
            edits: if edits { vec![edit()] } else { Vec::new() },
            criterion: None,
        }
    }
}

fn tool_of(shape: &Shape) -> &'static str {
    match shape {
        Shape::Work(ToolName::ReadFile) => "read_file",
        Shape::Work(_) => "edit_file",
        _ => "call",
    }
}

/// What a person says to an open gate.
pub(crate) fn verdict(ask: &Ask) -> Verdict {
    match ask {
        Ask::Question { options, .. } => {
            Verdict::Answer(options.first().cloned().unwrap_or_default())
        }
        Ask::Plan { .. } | Ask::Diff { .. } | Ask::Merge { .. } | Ask::Hand { .. } => {
            Verdict::Approve
        }
        other => unreachable!("nobody plays {other:?}"),
    }
}

/// A world, its player and its log.
pub(crate) struct Stage {
    /// The world.
    pub(crate) world: World,
    /// Who plays in it.
    pub(crate) player: Player,
    setup: Setup,
    now: i64,
    head: Digest,
}

impl Stage {
    /// An empty world behind this line.
    pub(crate) fn new(player: Player, setup: Setup, head: Digest) -> Self {
        Self {
            world: World::default(),
            player,
            setup,
            now: 1_700_000_000_000,
            head,
        }
    }

    /// Goes on behind lines that somebody else wrote.
    pub(crate) fn go_on(&mut self, world: World, head: Digest) {
        (self.world, self.head) = (world, head);
    }

    /// One command; gives its lines.
    pub(crate) fn take(&mut self, by: Actor, command: Command) -> Vec<String> {
        self.now += 400;
        let first = self.world.seq + 1;
        let input = Input {
            id: None,
            by,
            standing: Standing::Owner,
            client: "bench".to_owned(),
            at: Timestamp(self.now),
            command,
        };
        let events = step(&mut self.world, &input).expect("the player plays by the rules");
        let sealed = events.into_iter().zip(first..).map(|(event, seq)| {
            let envelope = Envelope {
                v: VOCABULARY,
                seq,
                at: input.at,
                by: input.by.clone(),
                cmd: None,
                prev: self.head,
                event,
            };
            let (line, hash) = envelope.seal().expect("an event serialises");
            self.head = hash;
            line
        });
        sealed.collect()
    }

    /// An effect begins and ends.
    pub(crate) fn carry(&mut self, key: EffectKey) -> Vec<String> {
        let mut lines = Vec::new();
        if self
            .world
            .open
            .get(&key)
            .is_some_and(|wish| wish.is_recorded)
        {
            let command = Command::Begin {
                key,
                model: began(&key),
            };
            lines.extend(self.take(Actor::Effect, command));
        }
        let report = self.player.report(&self.world, key);
        lines.extend(self.take(Actor::Effect, Command::Report { key, report }));
        lines
    }

    /// Starts a sprint.
    pub(crate) fn start(&mut self) -> Vec<String> {
        let command = Command::StartSprint {
            goal: Body::Inline("Make the order form say what is wrong".to_owned()),
            setup: Some(Box::new(self.setup.clone())),
            base: None,
        };
        self.take(person(), command)
    }

    /// The next thing that happens, whatever it is; a new sprint when nothing else does.
    pub(crate) fn advance(&mut self) -> Vec<String> {
        let wanted = self.world.open.iter();
        let next = wanted
            .filter(|(_, wish)| wish.hold.is_none())
            .map(|(key, _)| *key)
            .next();
        if let Some(key) = next {
            return self.carry(key);
        }
        let active = self.world.active.and_then(|id| self.world.sprints.get(&id));
        let gate = active.and_then(|sprint| sprint.open_gates().next());
        match gate {
            Some(gate) => {
                let command = Command::Decide {
                    gate: gate.id,
                    revision: gate.revision,
                    verdict: verdict(&gate.ask),
                    is_final: true,
                };
                self.take(person(), command)
            }
            None => self.start(),
        }
    }
}

/// What is known as a model call begins.
pub(crate) fn began(key: &EffectKey) -> Option<BeganModel> {
    matches!(key, EffectKey::Model { .. }).then(|| BeganModel {
        route: "canned/model".parse().unwrap(),
        tier: Tier::Standard,
        reserved: Money::cents(4),
        fingerprint: Digest::of(b"request"),
        words: 0,
    })
}
