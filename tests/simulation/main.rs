//! Whole sprints in a made-up world: random plans, models, checks, conflicts, people, crashes between any two steps. Everything follows
//! from a seed. `AIOS_SEED=n` runs one again and tells what happened, `AIOS_PROOF=full` runs a hundred thousand.

#[cfg(test)]
mod dice;
#[cfg(test)]
mod host;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod log;
#[cfg(test)]
mod outside;
#[cfg(test)]
mod people;
#[cfg(test)]
mod play;
#[cfg(test)]
mod shown;
#[cfg(test)]
#[path = "../support/world.rs"]
#[expect(
    dead_code,
    reason = "the stage itself is for tables of given, when, then"
)]
mod world;

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::time::Instant;

    use crate::play::{Played, play};

    const USUAL: u64 = 2_000;
    const FULL: u64 = 100_000;

    /// Plays seeds on all cores until none is left or one fails.
    fn sweep(first: u64, count: u64) -> Played {
        let (next, failed) = (AtomicU64::new(first), AtomicBool::new(false));
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let worker = || {
            let mut sum = Played::default();
            while !failed.load(Ordering::Relaxed) {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= first + count {
                    break;
                }
                if let Ok(played) = catch_unwind(AssertUnwindSafe(|| play(seed, 1, false))) {
                    sum.add(&played);
                } else {
                    failed.store(true, Ordering::Relaxed);
                    eprintln!("seed {seed} failed: run it again with AIOS_SEED={seed}");
                }
            }
            sum
        };
        let sum = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
            workers
                .into_iter()
                .fold(Played::default(), |mut sum, worker| {
                    sum.add(&worker.join().unwrap());
                    sum
                })
        });
        assert!(
            !failed.load(Ordering::Relaxed),
            "a seed failed; its number stands above"
        );
        sum
    }

    #[test]
    fn every_sprint_ends_and_every_law_holds() {
        if let Some(seed) = std::env::var("AIOS_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
        {
            let played = play(seed, 1, true);
            println!("seed {seed}: {played}");
            return;
        }
        let count = match std::env::var("AIOS_PROOF").as_deref() {
            Ok("full") => FULL,
            _ => USUAL,
        };
        let begun = Instant::now();
        let played = sweep(1, count);
        println!("seeds 1 to {count}: {played} in {:.1?}", begun.elapsed());
        // A simulation in which nothing happens proves nothing.
        assert!(
            played.merges > count && played.crashes > count && played.landed > count / 4,
            "{played}"
        );
        assert!(
            played.clashes > count / 10
                && played.solved > played.clashes / 4
                && played.trials > count / 50,
            "{played}"
        );
    }
}
