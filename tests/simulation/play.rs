//! One run: what is wanted begins, what began ends, people act, and now and then the program dies.

use std::collections::BTreeMap;
use std::fmt;

use aios::base::id::CommandId;
use aios::base::money::Money;
use aios::base::time::Timestamp;
use aios::base::tokens::TokenUsage;
use aios::domain::agent::RoleKind;
use aios::domain::journal::{BeganModel, Command, Effect, EffectKey, Event, Input, Report};
use aios::domain::llm::{CallFailure, FailureKind};
use aios::domain::presence::Standing;
use aios::domain::security::Actor;
use aios::domain::sprint::{Ask, Closing, GateState, Phase, Setup, Verdict};
use aios::domain::tool::grant::CommandPolicy;
use aios::domain::workflow::Workflow;

use crate::dice::Dice;
use crate::host::{Answer, Fate, Host};
use crate::outside::{Outside, nothing};
use crate::{laws, people, world};

/// Steps in which anything may happen; after them all goes well, and what is open must come to its end.
const WILD: usize = 220;
/// Steps after which a sprint that is not over never will be.
const MOST: usize = 4_000;

/// What happened in a run, to tell whether enough did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Played {
    pub(crate) sprints: u64,
    pub(crate) landed: u64,
    pub(crate) merges: u64,
    /// Conflicts that a person was asked about with all that there is to see, those that they solved, and results that were tested.
    pub(crate) clashes: u64,
    pub(crate) solved: u64,
    pub(crate) trials: u64,
    pub(crate) crashes: u64,
    pub(crate) commands: u64,
    pub(crate) refused: u64,
    pub(crate) events: u64,
    /// The journal, where it is wanted.
    pub(crate) lines: Vec<String>,
}

impl Played {
    pub(crate) fn add(&mut self, other: &Self) {
        self.sprints += other.sprints;
        self.landed += other.landed;
        self.merges += other.merges;
        self.clashes += other.clashes;
        self.solved += other.solved;
        self.trials += other.trials;
        self.crashes += other.crashes;
        self.commands += other.commands;
        self.refused += other.refused;
        self.events += other.events;
    }
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sprints ({} landed), {} merges, {} conflicts asked ({} solved, {} results tested), {} crashes, {} commands ({} refused), {} events",
            self.sprints,
            self.landed,
            self.merges,
            self.clashes,
            self.solved,
            self.trials,
            self.crashes,
            self.commands,
            self.refused,
            self.events
        )
    }
}

/// An effect that runs: its brief, and its report once it was carried out.
#[derive(Debug)]
struct Running {
    effect: Effect,
    report: Option<Report>,
}

struct Play {
    dice: Dice,
    host: Host,
    outside: Outside,
    running: BTreeMap<EffectKey, Running>,
    /// Reports that were sent, for sending them again.
    past: Vec<(EffectKey, Report)>,
    /// Commands of people that nobody answered.
    unheard: Vec<Input>,
    now: i64,
    names: u64,
    left: usize,
    tell: bool,
    sum: Played,
}

/// Plays a seed with so many sprints to the end and checks every law on the way.
pub(crate) fn play(seed: u64, sprints: usize, tell: bool) -> Played {
    let mut dice = Dice::new(seed);
    let left = sprints + usize::from(sprints == 1 && dice.percent(15));
    let mut play = Play {
        dice,
        host: Host::default(),
        outside: Outside::default(),
        running: BTreeMap::new(),
        past: Vec::new(),
        unheard: Vec::new(),
        now: 1_700_000_000_000,
        names: 0,
        left,
        tell,
        sum: Played::default(),
    };
    play.host.take_over(Timestamp(play.now));
    let wild = WILD * sprints;
    for step in 0.. {
        assert!(
            step < MOST * sprints,
            "seed {seed} does not end; wanted: {:?}",
            play.host.world.open
        );
        play.outside.is_calm = step > wild;
        if play.is_over() {
            break;
        }
        play.step();
    }
    laws::sometimes(&play.host.world, Timestamp(play.now));
    laws::finally(&play.host, &play.outside);
    play.sum()
}

/// The rules of a sprint, as they may be.
fn setup(dice: &mut Dice) -> Setup {
    let mut setup = world::setup();
    let policy = &mut setup.policy;
    let limit = |dice: &mut Dice, percent| {
        dice.percent(percent)
            .then(|| Money(100_000_000 + dice.next() as i64 % 2_000_000_000))
    };
    policy.budget = limit(dice, 25);
    policy.task_budget = limit(dice, 15);
    policy.request_budget = limit(dice, 5);
    policy.day_budget = limit(dice, 10);
    policy.agents_max = 1 + dice.below(4) as u32;
    policy.review = dice.percent(80);
    policy.plan = dice.percent(80);
    policy.merge = dice.percent(80);
    policy.undo_ms = if dice.percent(50) { 5_000 } else { 0 };
    policy.commands = if dice.percent(50) {
        CommandPolicy::Ask
    } else {
        CommandPolicy::Sandboxed
    };
    if dice.percent(15) {
        setup.team.retain(|role| role.kind != RoleKind::Judge);
    }
    setup.workflow = Workflow::deliver(1 + dice.below(3) as u32);
    setup
}

impl Play {
    fn is_over(&self) -> bool {
        let world = &self.host.world;
        let are_closed = world
            .sprints
            .values()
            .all(aios::domain::sprint::Sprint::is_closed);
        self.left == 0 && are_closed && self.running.is_empty() && world.open.is_empty()
    }

    fn step(&mut self) {
        let mut batch = Vec::new();
        let mut briefs = BTreeMap::new();
        self.want(&mut batch, &mut briefs);
        self.finish(&mut batch);
        self.people(&mut batch);
        self.dice.shuffle(&mut batch);
        let most = 1 + self.dice.below(64);
        for input in batch.split_off(batch.len().min(most)) {
            if let Command::Report { key, report } = input.command {
                // It is sent with the next batch.
                if let Some(running) = self.running.get_mut(&key) {
                    running.report = Some(report);
                }
            }
        }
        for input in &mut batch {
            self.now += (self.dice.next() % 40) as i64;
            input.at = Timestamp(self.now);
        }
        if batch.is_empty() {
            self.pass_time();
            return;
        }
        let fate = self.fate();
        self.sum.commands += batch.len() as u64;
        match self.host.submit(&batch, fate) {
            Some(answers) => self.hear(&batch, &answers, briefs),
            None => self.die(batch),
        }
        laws::always(&self.host.world);
        if self.dice.percent(3) {
            laws::sometimes(&self.host.world, Timestamp(self.now));
        }
        if self.dice.percent(3) {
            self.host.keep();
        }
    }

    fn fate(&mut self) -> Fate {
        if self.outside.is_calm {
            return Fate::Kept;
        }
        match self.dice.below(100) {
            0 | 1 => Fate::Lost,
            2 | 3 => Fate::Unheard,
            _ => Fate::Kept,
        }
    }

    fn input(&mut self, by: Actor, command: Command) -> Input {
        self.names += 1;
        Input {
            id: by
                .is_person()
                .then(|| CommandId(format!("c{}", self.names))),
            by,
            standing: Standing::Owner,
            client: "play".to_owned(),
            at: Timestamp(self.now),
            command,
        }
    }

    /// What is wanted, may start and does not run.
    fn want(&mut self, batch: &mut Vec<Input>, briefs: &mut BTreeMap<EffectKey, Effect>) {
        let missing: Vec<(EffectKey, bool)> = self
            .host
            .world
            .open
            .iter()
            .filter(|(key, wish)| wish.hold.is_none() && !self.running.contains_key(key))
            .map(|(key, wish)| (*key, wish.is_recorded))
            .collect();
        for (key, is_recorded) in missing {
            if !self.outside.is_calm && self.dice.percent(40) {
                continue;
            }
            let effect = self
                .host
                .world
                .brief(&key)
                .unwrap_or_else(|| panic!("{key} is wanted and cannot be told"));
            if !is_recorded {
                self.running.insert(
                    key,
                    Running {
                        effect,
                        report: None,
                    },
                );
                continue;
            }
            let model = match &effect {
                Effect::Model(brief) => Some(BeganModel {
                    route: brief.choice.route.clone(),
                    tier: brief.tier,
                    reserved: brief.choice.price.worst_case(100_000, 20),
                    fingerprint: nothing(),
                    words: brief.words,
                }),
                _ => None,
            };
            batch.push(self.input(Actor::Effect, Command::Begin { key, model }));
            briefs.insert(key, effect);
        }
    }

    /// What runs and ends now, and what is sent twice.
    fn finish(&mut self, batch: &mut Vec<Input>) {
        let keys: Vec<EffectKey> = self.running.keys().copied().collect();
        for key in keys {
            let wish = self.host.world.open.get(&key).copied();
            let is_recorded = self.host.world.began.contains_key(&key);
            if wish.is_none() && !is_recorded {
                // A read or a wait that nobody needs any more.
                self.running.remove(&key);
                continue;
            }
            if wish
                .and_then(|wish| wish.until)
                .is_some_and(|until| until.0 > self.now)
            {
                continue;
            }
            let is_slow = !self.outside.is_calm && self.dice.percent(40);
            let is_cancelled = wish.is_none() && self.dice.percent(50);
            let running = self.running.get_mut(&key).unwrap();
            if running.report.is_none() && (!is_slow || self.dice.percent(50)) && !is_cancelled {
                running.report = Some(self.outside.carry(key, &running.effect, &mut self.dice));
            }
            let report = if is_cancelled && running.report.is_none() {
                Some(cancelled(key))
            } else {
                running.report.clone()
            };
            if let (Some(report), false) = (report, is_slow) {
                let input = self.input(Actor::Effect, Command::Report { key, report });
                batch.push(input);
            }
        }
        if !self.outside.is_calm
            && self.dice.percent(10)
            && let Some((key, report)) = self.dice.pick(&self.past).cloned()
            && !self.running.contains_key(&key)
            && !self.host.world.open.contains_key(&key)
            && !self.host.world.began.contains_key(&key)
        {
            let input = self.input(Actor::Effect, Command::Report { key, report });
            batch.push(input);
        }
    }

    fn people(&mut self, batch: &mut Vec<Input>) {
        let world = &self.host.world;
        let is_next = world.active.is_none() || world.current().is_some_and(people::is_early);
        if self.left > 0 && (self.outside.is_calm || is_next) {
            self.left -= 1;
            let setup = Some(Box::new(setup(&mut self.dice)));
            let goal = people::goal(&mut self.dice);
            let input = self.input(
                world::person("ana"),
                Command::StartSprint {
                    goal,
                    setup,
                    base: None,
                },
            );
            // Asked for until it is heard.
            self.unheard.push(input);
        }
        batch.append(&mut self.unheard);
        for command in people::act(&self.host.world, &mut self.dice, self.outside.is_calm) {
            let name = if self.dice.percent(50) { "ana" } else { "ben" };
            let input = self.input(world::person(name), command);
            batch.push(input);
        }
    }

    /// Nothing happens until the next wait is over.
    fn pass_time(&mut self) {
        let waits = self.host.world.open.values().filter_map(|wish| wish.until);
        let until = waits.map(|until| until.0).min().unwrap_or(self.now);
        self.now = self.now.max(until) + 1;
    }

    fn hear(
        &mut self,
        batch: &[Input],
        answers: &[Answer],
        mut briefs: BTreeMap<EffectKey, Effect>,
    ) {
        for (input, answer) in batch.iter().zip(answers) {
            self.sum.refused += u64::from(answer.is_err());
            if self.tell {
                println!("{} {:?} -> {answer:?}", input.by, input.command);
            }
            match (&input.command, answer) {
                (Command::Begin { key, .. }, Ok(_)) => {
                    if let Some(effect) = briefs.remove(key) {
                        self.running.insert(
                            *key,
                            Running {
                                effect,
                                report: None,
                            },
                        );
                    }
                }
                (Command::Report { key, report }, _) => {
                    self.running.remove(key);
                    self.past.push((*key, report.clone()));
                }
                _ => {}
            }
        }
    }

    /// The program dies. What ran may have reached its end all the same; clients ask again.
    fn die(&mut self, batch: Vec<Input>) {
        self.sum.crashes += 1;
        if self.tell {
            println!("the program dies");
        }
        for (key, mut running) in std::mem::take(&mut self.running) {
            if running.report.is_none() && self.dice.percent(50) {
                running.report = Some(self.outside.carry(key, &running.effect, &mut self.dice));
            }
            if let Some(report) = running.report {
                self.past.push((key, report));
            }
        }
        // A start that nobody heard of is asked for again, under its own name; of the rest some is.
        for input in batch.into_iter().filter(|input| input.id.is_some()) {
            if matches!(input.command, Command::StartSprint { .. }) || self.dice.percent(50) {
                self.unheard.push(input);
            }
        }
        self.now += 1_000;
        self.host.take_over(Timestamp(self.now));
    }

    fn sum(mut self) -> Played {
        let sprints = self.host.world.sprints.values();
        self.sum.landed = sprints
            .filter(|sprint| matches!(sprint.phase, Phase::Closed(Closing::Landed(_))))
            .count() as u64;
        let gates = self.host.world.sprints.values();
        for gate in gates.flat_map(|sprint| sprint.gates.values()) {
            let is_clash = matches!(&gate.ask, Ask::Conflict { clash: Some(_), .. });
            let is_solved = matches!(
                &gate.state,
                GateState::Closed {
                    verdict: Verdict::Resolve(_),
                    ..
                }
            );
            self.sum.clashes += u64::from(is_clash);
            self.sum.solved += u64::from(is_solved);
            let ended = gate.trials.iter().filter(|trial| trial.end.is_some());
            self.sum.trials += ended.count() as u64;
        }
        self.sum.sprints = self.host.world.sprints.len() as u64;
        self.sum.merges = self.outside.merges();
        self.sum.events = self.host.lines.len() as u64;
        self.sum.lines = self.host.lines;
        self.sum
    }
}

/// What a runner says of an effect that was cancelled in its middle.
fn cancelled(key: EffectKey) -> Report {
    match key {
        EffectKey::Model { .. } => Report::CallFailed {
            failure: CallFailure {
                kind: FailureKind::Cut,
                text: "cancelled".to_owned(),
                retry_after_ms: None,
                usage: TokenUsage::default(),
            },
            latency_ms: 0,
        },
        _ => Report::Failed("cancelled".to_owned()),
    }
}

/// Whether an event of this name is in a log.
pub(crate) fn name(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split(|letter: char| !letter.is_alphanumeric())
        .next()
        .unwrap_or_default()
        .to_owned()
}
