//! What is shown is what is stored: the interface's world, of now and of any moment before, is the fold of the journal's first events.
//! 500 random histories, 10,000 with `AIOS_PROOF=full`.

use std::time::{Duration, Instant};

use aios::base::id::Digest;
use aios::domain::journal::{Envelope, World};
use aios::engine::core::export_world;
use aios::tui::known::Known;
use aios::tui::link::{Kept, News};

use crate::dice::Dice;
use crate::play::play;

const USUAL: u64 = 500;
const FULL: u64 = 10_000;

/// Moments of each history that are looked at.
const LOOKS: usize = 12;

/// The lines of a history as the journal gives them.
fn history(seed: u64, sprints: usize) -> Vec<Kept> {
    let lines = play(seed, sprints, false).lines;
    let read = |line: &String| Kept {
        envelope: Envelope::read(line).unwrap(),
        hash: Digest::of(line.as_bytes()),
    };
    lines.iter().map(read).collect()
}

fn happens(kept: &Kept) -> News {
    News::Event(Box::new(kept.envelope.clone()))
}

/// The fold of the first `count` events, with everything that is derived.
fn fold(events: &[Kept], count: usize) -> World {
    let mut world = World::default();
    for kept in &events[..count] {
        world.absorb(&kept.envelope);
    }
    world.settle_all();
    world
}

/// The hash of a world as every client gets it.
fn hash(world: &World) -> Digest {
    Digest::of(&export_world(world).unwrap())
}

/// The interface after a history: a part of it came as pages of the past, the rest as it happened.
fn interface(events: &[Kept], joined: usize) -> Known {
    let mut known = Known::default();
    known.take(News::World(Box::new(fold(events, joined))));
    assert_eq!(known.want_past(), (joined > 0).then_some(0));
    // Some of it happens while the past is still being read.
    let (before, after) = events.split_at(joined);
    let (meanwhile, later) = after.split_at(after.len().min(3));
    for kept in meanwhile {
        known.take(happens(kept));
    }
    let pages = before.len().div_ceil(37);
    for (number, page) in before.chunks(37).enumerate() {
        known.take(News::Past {
            events: page.to_vec(),
            is_last: number + 1 == pages,
        });
    }
    if let Some(missing) = known.want_past() {
        let from = usize::try_from(missing).unwrap();
        known.take(News::Past {
            events: events[from..joined + meanwhile.len()].to_vec(),
            is_last: true,
        });
    }
    for kept in later {
        known.take(happens(kept));
    }
    assert_eq!((known.want_past(), known.reading()), (None, None));
    known
}

/// Goes to moments of a history at random and compares; gives the longest step.
fn compare(seed: u64) -> (usize, Duration) {
    let lines = history(seed, 1);
    let mut dice = Dice::new(seed);
    let mut known = interface(&lines, dice.below(lines.len() + 1));
    let now = fold(&lines, lines.len());
    assert_eq!(hash(&known.world), hash(&now), "seed {seed}: now");
    let mut longest = Duration::ZERO;
    let mut seq = 0;
    for look in 0..LOOKS {
        // Far away, or one step on or back.
        seq = match dice.below(3) {
            0 => seq + 1,
            1 => seq.max(2) - 1,
            _ => 1 + dice.below(lines.len()),
        }
        .clamp(1, lines.len());
        let begun = Instant::now();
        assert!(known.travel(seq as u64), "seed {seed}: no event {seq}");
        longest = longest.max(begun.elapsed());
        let stored = fold(&lines, seq);
        assert_eq!(known.world, stored, "seed {seed}, look {look}: event {seq}");
        assert_eq!(known.world.open, stored.open, "seed {seed}: event {seq}");
    }
    known.come_back();
    assert_eq!(known.world, now, "seed {seed}: back");
    (lines.len(), longest)
}

#[test]
fn what_is_shown_is_what_is_stored() {
    let count = match std::env::var("AIOS_PROOF").as_deref() {
        Ok("full") => FULL,
        _ => USUAL,
    };
    // A day's seeds differ from another's, and a failure names its own.
    let first = 1_000_000 * (1 + std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() / 86_400);
    let (mut events, mut longest) = (0, Duration::ZERO);
    for seed in first..first + count {
        let (length, step) = compare(seed);
        events += length;
        longest = longest.max(step);
    }
    println!("{count} histories from seed {first}, {events} events, longest step {longest:.1?}");
    assert!(
        events as u64 > count * 50,
        "histories in which nothing happens prove nothing: {events}"
    );
}

#[test]
fn a_step_in_a_long_history_is_short() {
    let lines = history(7, 24);
    let begun = Instant::now();
    let mut known = interface(&lines, lines.len());
    let reading = begun.elapsed();
    let newest = known.world.seq;
    let mut steps: Vec<Duration> = (1..200)
        .map(|back| {
            let begun = Instant::now();
            assert!(known.travel(newest - back));
            begun.elapsed()
        })
        .collect();
    steps.sort();
    println!(
        "{newest} events read in {reading:.1?}; 199 steps back: median {:.1?}, longest {:.1?}",
        steps[100], steps[198]
    );
    // The middle one, so that a busy machine does not fail it; builds without optimization are ten times slower.
    assert!(steps[100] < Duration::from_millis(100), "{:?}", steps[100]);
}
