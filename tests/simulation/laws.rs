//! What must hold after every batch, and at the end.

use std::collections::{BTreeMap, BTreeSet};

use aios::base::id::{Digest, SprintId};
use aios::base::money::Money;
use aios::base::time::Timestamp;
use aios::domain::cost::Settlement;
use aios::domain::journal::{Command, EffectKey, Envelope, Event, Input, World, step};
use aios::domain::presence::Standing;
use aios::domain::security::Actor;
use aios::domain::sprint::{Ask, Closing, Gate, GateState, Phase, Sprint, Status};

use crate::host::{Host, take};
use crate::outside::Outside;

/// Cheap ones, after every batch.
pub(crate) fn always(world: &World) {
    let mut merging: BTreeMap<SprintId, u32> = BTreeMap::new();
    let mut reserved = Money::ZERO;
    for (key, model) in &world.began {
        if matches!(key, EffectKey::Merge { .. }) {
            *merging.entry(key.sprint()).or_default() += 1;
        }
        reserved += model.as_ref().map_or(Money::ZERO, |model| model.reserved);
    }
    assert!(
        merging.values().all(|count| *count <= 1),
        "two merges at once: {:?}",
        world.began
    );
    assert_eq!(
        world.reserved, reserved,
        "money is set aside for nothing, or not at all"
    );
    let by_sprint: Money = world
        .sprints
        .values()
        .map(|sprint| sprint.account.reserved)
        .sum();
    assert_eq!(by_sprint, reserved, "the sprints' reservations");
    for sprint in world.sprints.values() {
        let over = sprint.tasks.values().filter(|task| task.is_over()).count();
        assert_eq!(
            sprint.unfinished as usize,
            sprint.tasks.len() - over,
            "{}",
            sprint.id
        );
        let open: BTreeSet<u32> = sprint
            .gates
            .values()
            .filter(|gate| gate.state.is_open())
            .map(|gate| gate.id.number)
            .collect();
        assert_eq!(sprint.open, open, "{}: the list of open gates", sprint.id);
        one_card_for_each_budget(sprint);
        for gate in sprint.gates.values() {
            trials(world, gate);
        }
    }
}

/// A result is tested once, one at a time, and only while its question is open.
fn trials(world: &World, gate: &Gate) {
    let mut enough: Vec<Digest> = Vec::new();
    for trial in gate.trials.iter().filter(|trial| trial.is_enough()) {
        assert!(!enough.contains(&trial.of), "{}: tested twice", gate.id);
        enough.push(trial.of);
    }
    let Some(task) = gate.work.task() else { return };
    let running = gate.trials.iter().filter(|trial| trial.end.is_none());
    let running: Vec<u32> = running.map(|trial| trial.number).collect();
    assert!(running.len() <= 1, "{}: {running:?}", gate.id);
    for number in running {
        let is_wanted = world.open.contains_key(&EffectKey::Trial { task, number });
        let is_asked = gate.state == GateState::Open;
        let sprint = world.sprints.get(&gate.id.sprint);
        let is_over = sprint.is_none_or(Sprint::is_closed);
        assert_eq!(
            is_wanted,
            is_asked && !is_over,
            "{}: {:?}",
            gate.id,
            gate.state
        );
    }
}

/// What comes to its end is asked about once, and not beside the question about its end.
fn one_card_for_each_budget(sprint: &Sprint) {
    let mut seen = BTreeSet::new();
    for gate in sprint.open_gates() {
        let scope = match &gate.ask {
            Ask::Nearing { scope, .. } => {
                let found = sprint.nearing(*scope).map(|gate| gate.id);
                assert_eq!(found, Some(gate.id), "the index of {scope:?}");
                *scope
            }
            Ask::Budget { scope, .. } => *scope,
            _ => continue,
        };
        assert!(
            seen.insert(scope),
            "{}: two cards about {scope:?}",
            sprint.id
        );
    }
}

/// Dear ones, after some batches.
pub(crate) fn sometimes(world: &World, at: Timestamp) {
    let mut fresh = world.clone();
    fresh.settle_all();
    assert_eq!(world.open, fresh.open, "the wanted effects are stale");
    let bytes = postcard::to_stdvec(world).unwrap();
    let back: World = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(&back, world, "the world does not read back from postcard");
    // A new host finds nothing to do that the old one left undone.
    if world.began.is_empty() {
        let by = Actor::System;
        let command = Command::TakeOver {
            version: "0".to_owned(),
            pid: 0,
        };
        let input = Input {
            id: None,
            by,
            standing: Standing::Owner,
            client: String::new(),
            at,
            command,
        };
        let events = step(&mut fresh, &input).unwrap();
        assert_eq!(events.len(), 1, "something was left undone: {events:?}");
    }
}

/// Everything, when all sprints are over.
pub(crate) fn finally(host: &Host, outside: &Outside) {
    let world = &host.world;
    for sprint in world.sprints.values() {
        assert!(sprint.is_closed(), "{} did not end", sprint.id);
        let tasks = sprint.tasks.values();
        let reserved: Money = tasks.map(|task| task.account.reserved).sum();
        assert_eq!(
            (reserved, sprint.account.reserved),
            (Money::ZERO, Money::ZERO),
            "{}",
            sprint.id
        );
    }
    assert!(world.open.is_empty(), "still wanted: {:?}", world.open);
    for (sprint, commit) in &outside.landed {
        let landed = Phase::Closed(Closing::Landed(commit.clone()));
        assert_eq!(
            world.sprints[sprint].phase, landed,
            "{sprint} is in the base branch"
        );
    }
    let envelopes: Vec<Envelope> = host
        .lines
        .iter()
        .map(|line| Envelope::read(line).unwrap())
        .collect();
    chain(host, &envelopes);
    ledger(world, &envelopes, outside);
    merges(world, &envelopes);
    one_by_one(host);
}

/// The lines hang together, and folding them gives the world that is.
fn chain(host: &Host, envelopes: &[Envelope]) {
    let mut head = Digest::of(b"genesis");
    let mut world = World::default();
    for ((line, envelope), seq) in host.lines.iter().zip(envelopes).zip(1..) {
        assert_eq!((envelope.seq, envelope.prev), (seq, head), "line {seq}");
        head = Digest::of(line.as_bytes());
        world.absorb(envelope);
    }
    assert_eq!(world, host.world, "the replay differs from the live world");
}

/// Each call that began ended once, at its price; each answer was served once.
fn ledger(world: &World, envelopes: &[Envelope], outside: &Outside) {
    let (mut calls, mut cost, mut lost) = (0_u64, Money::ZERO, 0_u64);
    let mut begun: BTreeMap<EffectKey, Money> = BTreeMap::new();
    let mut answers = BTreeSet::new();
    for envelope in envelopes {
        let (attempt, step, ended) = match &envelope.event {
            Event::EffectBegan {
                key,
                model: Some(model),
            } => {
                assert_eq!(
                    begun.insert(*key, model.reserved),
                    None,
                    "{key} began twice"
                );
                continue;
            }
            Event::ModelReplied {
                attempt,
                step,
                ended,
                first_line,
                ..
            } => {
                assert!(
                    answers.insert(first_line.clone()),
                    "{first_line} was taken twice"
                );
                let place: usize = first_line.trim_start_matches("served ").parse().unwrap();
                assert_eq!(ended.entry.usage, outside.served[place], "{first_line}");
                assert_eq!(ended.entry.cost, ended.entry.price.cost(&ended.entry.usage));
                (attempt, step, ended)
            }
            Event::CallFailed {
                attempt,
                step,
                ended,
                ..
            }
            | Event::CallLost {
                attempt,
                step,
                ended,
            } => (attempt, step, ended),
            _ => continue,
        };
        let key = EffectKey::Model {
            attempt: *attempt,
            step: *step,
        };
        assert_eq!(
            begun.remove(&key),
            Some(ended.reserved),
            "{key} ended and had not begun"
        );
        if ended.entry.settlement == Settlement::Lost {
            lost += 1;
            assert_eq!(
                ended.entry.cost, ended.reserved,
                "{key}: a lost call costs what was set aside"
            );
        }
        calls += 1;
        cost += ended.entry.cost;
    }
    assert!(begun.is_empty(), "never ended: {begun:?}");
    let all = world.sprints.values().map(|sprint| &sprint.ledger.all);
    let sum = all.fold((0, Money::ZERO, 0), |(calls, cost, lost), totals| {
        (calls + totals.calls, cost + totals.cost, lost + totals.lost)
    });
    assert_eq!(sum, (calls, cost, lost), "the ledger");
    let days: Money = world.days.values().copied().sum();
    let accounts: Money = world
        .sprints
        .values()
        .map(|sprint| sprint.account.spent)
        .sum();
    assert_eq!((days, accounts), (cost, cost), "the days and the accounts");
}

/// No task is merged twice, and all that is done was merged.
fn merges(world: &World, envelopes: &[Envelope]) {
    let mut merged = BTreeSet::new();
    for envelope in envelopes {
        if let Event::Merged { task, .. } = &envelope.event {
            assert!(merged.insert(*task), "{task} was merged twice");
        }
    }
    let tasks = world
        .sprints
        .values()
        .flat_map(|sprint| sprint.tasks.values());
    let done: BTreeSet<_> = tasks
        .filter(|task| task.status == Status::Done)
        .map(|task| task.id)
        .collect();
    assert_eq!(done, merged, "done and merged differ");
}

/// The same commands one at a time give the same answers and the same world.
fn one_by_one(host: &Host) {
    let mut world = World::default();
    for (input, expected) in &host.asked {
        let answer = take(&mut world, input, &mut Vec::new());
        assert_eq!(
            &answer, expected,
            "one by one, {:?} is answered otherwise",
            input.command
        );
        world.settle();
    }
    assert_eq!(world, host.world, "one by one, another world comes about");
    assert_eq!(world.open, host.world.open);
}
