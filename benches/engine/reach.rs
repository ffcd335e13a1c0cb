//! What an event costs where many tasks are open, against where few are: nothing may look at all of them.

use std::time::Duration;

use aios::domain::journal::{Command, EffectKey};
use aios::domain::security::Actor;

use crate::play::{Player, Shapes, Stage, began, setup};
use crate::report::{row, time};

/// Commands that are timed.
const TIMED: usize = 3_000;

/// A sprint whose tasks are all in work, each at its first reply.
fn stage(tasks: u32) -> Stage {
    let shapes = Shapes {
        tasks,
        replies: 60,
        agents: tasks,
    };
    let mut stage = Stage::new(
        Player::new(shapes, false),
        setup(shapes, true, false),
        aios::base::id::Digest::of(b""),
    );
    stage.start();
    loop {
        let wanted = stage.world.open.keys();
        let next = wanted
            .filter(|key| !matches!(key, EffectKey::Model { attempt, .. } if attempt.work.task().is_some()))
            .copied()
            .next();
        match next {
            Some(key) => drop(stage.carry(key)),
            None => return stage,
        }
    }
}

/// Microseconds of a command in the domain alone: decide, apply, what follows, the wanted effects.
fn cost(stage: &mut Stage) -> f64 {
    let mut inside = Duration::ZERO;
    let mut events = 0;
    let keys: Vec<EffectKey> = stage.world.open.keys().copied().collect();
    let mut queue: std::collections::VecDeque<EffectKey> = keys.into();
    for _ in 0..TIMED {
        let Some(key) = queue.pop_front() else { break };
        let model = began(&key);
        let report = stage.player.report(&stage.world, key);
        let begin = Command::Begin { key, model };
        let is_recorded = stage
            .world
            .open
            .get(&key)
            .is_some_and(|wish| wish.is_recorded);
        let (spent, lines) = time(|| {
            let mut lines = 0;
            if is_recorded {
                lines += stage.take(Actor::Effect, begin).len();
            }
            lines += stage
                .take(Actor::Effect, Command::Report { key, report })
                .len();
            lines
        });
        inside += spent;
        events += lines;
        queue.extend(stage.world.settle().into_iter().filter(|new| *new != key));
        queue.retain(|key| stage.world.open.contains_key(key));
    }
    inside.as_secs_f64() * 1e6 / events as f64
}

/// The rows.
pub(crate) fn run() {
    let (built, mut many) = time(|| stage(10_000));
    let mut few = stage(100);
    for world in [&mut many, &mut few] {
        world.world.settle();
    }
    let few = cost(&mut few);
    let many = cost(&mut many);
    row("event.cost.100", few, "µs/event").print();
    row("event.cost.10000", many, "µs/event")
        .note(format!(
            "the sprint of 10000 tasks took {:.2} s to begin",
            built.as_secs_f64()
        ))
        .print();
    row("event.cost.ratio", many / few, "x").aim("<= 2").print();
}
