//! When a card may take a decision: only after a person could have read it.
//!
//! A card is armed when it has the focus, its present revision has been on the terminal for a while, and nothing was typed
//! before it could be seen. Keys that come earlier are dropped, never kept; each of them starts the wait anew, so that a key
//! held down decides nothing.

use std::time::{Duration, Instant};

/// The default wait.
pub const ARM: Duration = Duration::from_millis(400);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The revision is not painted, or was painted while something typed was waiting.
    Hidden,
    /// A frame with it is on its way to the terminal.
    Painted,
    /// It is seen since then.
    Seen(Instant),
}

/// The wait of one card. `R` names what is shown: an item and its revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arming<R> {
    shown: Option<R>,
    step: Step,
    wait: Duration,
}

impl<R: PartialEq> Arming<R> {
    /// Nothing is shown yet.
    pub const fn new(wait: Duration) -> Self {
        Self {
            shown: None,
            step: Step::Hidden,
            wait,
        }
    }

    /// Says what the focused card shows now; `None` if no card has the focus. Anything new starts from the beginning.
    pub fn show(&mut self, now: Option<R>) {
        if self.shown != now {
            self.shown = now;
            self.step = Step::Hidden;
        }
    }

    /// A frame with the card was made; `is_typed` if input was waiting at that moment.
    pub fn painted(&mut self, is_typed: bool) {
        if self.shown.is_some() && self.step == Step::Hidden && !is_typed {
            self.step = Step::Painted;
        }
    }

    /// The last frame has reached the terminal.
    pub fn flushed(&mut self, at: Instant) {
        if self.step == Step::Painted {
            self.step = Step::Seen(at);
        }
    }

    /// A decision key was read at `at`. True if it counts; if not, it is dropped and the wait begins anew.
    pub fn decides(&mut self, at: Instant) -> bool {
        if self.is_armed(at) {
            return true;
        }
        if let Step::Seen(since) = self.step {
            self.step = Step::Seen(since.max(at));
        }
        false
    }

    /// Whether a decision at `at` would count.
    pub fn is_armed(&self, at: Instant) -> bool {
        self.ready_at().is_some_and(|ready| at >= ready)
    }

    /// When a decision will count, if nothing changes; `None` while the card is not seen.
    pub fn ready_at(&self) -> Option<Instant> {
        match self.step {
            Step::Seen(since) if self.shown.is_some() => since.checked_add(self.wait),
            Step::Hidden | Step::Painted | Step::Seen(_) => None,
        }
    }

    /// Whether the card must be painted again before it can be armed.
    pub fn wants_frame(&self) -> bool {
        self.shown.is_some() && self.step == Step::Hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bench {
        arming: Arming<u32>,
        start: Instant,
    }

    impl Bench {
        fn new() -> Self {
            Self {
                arming: Arming::new(ARM),
                start: Instant::now(),
            }
        }

        fn at(&self, ms: u64) -> Instant {
            self.start + Duration::from_millis(ms)
        }

        fn seen(&mut self, revision: u32, ms: u64) {
            self.arming.show(Some(revision));
            self.arming.painted(false);
            self.arming.flushed(self.at(ms));
        }

        fn decides(&mut self, ms: u64) -> bool {
            let at = self.at(ms);
            self.arming.decides(at)
        }
    }

    #[test]
    fn a_card_that_was_seen_long_enough_decides() {
        let mut bench = Bench::new();
        assert!(!bench.decides(0));
        bench.seen(1, 100);
        assert_eq!(bench.arming.ready_at(), Some(bench.at(500)));
        assert!(bench.decides(500));
    }

    #[test]
    fn early_keys_are_dropped_and_start_the_wait_anew() {
        let mut bench = Bench::new();
        bench.seen(1, 0);
        // A key held down repeats every 30 ms and never decides.
        for ms in (30..3000).step_by(30) {
            assert!(!bench.decides(ms), "at {ms}");
        }
        assert!(bench.decides(3400));
    }

    #[test]
    fn a_changed_or_unfocused_card_starts_from_the_beginning() {
        let mut bench = Bench::new();
        bench.seen(1, 0);
        bench.arming.show(Some(2));
        assert!(!bench.decides(9000));
        bench.seen(2, 9000);
        bench.arming.show(None);
        bench.arming.show(Some(2));
        assert!(!bench.decides(9900) && bench.arming.wants_frame());
    }

    #[test]
    fn what_was_typed_blindly_keeps_the_card_hidden() {
        let mut bench = Bench::new();
        bench.arming.show(Some(1));
        bench.arming.painted(true);
        bench.arming.flushed(bench.at(0));
        assert!(!bench.decides(1000) && bench.arming.wants_frame());
        bench.seen(1, 1000);
        assert!(bench.decides(1400));
    }

    /// A small seeded generator, so that a failure names its seed.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % sides
        }
    }

    /// Follows the rules by keeping the whole history, in another way than the machine does.
    #[derive(Default)]
    struct Oracle {
        shown: Option<u32>,
        /// A clean frame of what is shown was made since it is shown.
        painted: bool,
        seen_at: Option<u64>,
        last_key: u64,
    }

    #[test]
    fn two_thousand_random_streams_never_decide_unseen() {
        let mut accepted = 0;
        for seed in 1..=2_000_u64 {
            let (mut bench, mut dice) = (Bench::new(), Dice(seed));
            let (mut oracle, mut now) = (Oracle::default(), 0);
            for _ in 0..200 {
                now += dice.roll(250);
                match dice.roll(6) {
                    0 => {
                        let revision = dice.roll(3) as u32;
                        let shown = (revision > 0).then_some(revision);
                        if oracle.shown != shown {
                            oracle = Oracle {
                                shown,
                                ..Oracle::default()
                            };
                        }
                        bench.arming.show(shown);
                    }
                    1 => {
                        let is_typed = dice.roll(3) == 0;
                        oracle.painted |= oracle.shown.is_some() && !is_typed;
                        bench.arming.painted(is_typed);
                    }
                    2 | 3 => {
                        if oracle.painted && oracle.seen_at.is_none() {
                            oracle.seen_at = Some(now);
                        }
                        bench.arming.flushed(bench.at(now));
                    }
                    _ => {
                        let decided = bench.decides(now);
                        let quiet_since = oracle.seen_at.map(|seen| seen.max(oracle.last_key));
                        let allowed = quiet_since.is_some_and(|since| now >= since + 400);
                        assert_eq!(decided, allowed, "seed {seed} at {now}");
                        accepted += u32::from(decided);
                        if !decided && oracle.seen_at.is_some() {
                            oracle.last_key = now;
                        }
                    }
                }
            }
        }
        assert!(
            accepted > 1_000,
            "the streams did decide at times: {accepted}"
        );
    }
}
