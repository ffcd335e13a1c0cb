//! When a person who looks elsewhere is called: a pure machine over what is open, whether somebody looks, and the time. What it says
//! are our own words and ids, never a text of an agent. How the terminal is told stands in [`call`](super::terminal::call).

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::base::id::{GateId, SprintId};

/// An item must be open for so long before anybody is called for it.
const OPEN_FOR: Duration = Duration::from_secs(20);
/// Calls for items that wait are joined: one in this time.
const EVERY: Duration = Duration::from_secs(60);
/// Where the terminal does not tell who has the focus, a person without a key for so long looks elsewhere.
pub const IDLE: Duration = Duration::from_secs(60);
/// The longest text.
const MOST: usize = 120;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing goes on: at once, also in quiet hours.
    Stop,
    /// Something holds a task.
    Need,
    /// Something is finished.
    Done,
}

impl Level {
    /// Its number, for programs.
    pub const fn number(self) -> u8 {
        match self {
            Self::Stop => 0,
            Self::Need => 1,
            Self::Done => 2,
        }
    }
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// How much it matters.
    pub level: Level,
    /// How many items wait.
    pub count: usize,
    /// What is said.
    pub text: String,
}

/// What the person wants of calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Minutes of the day between which only a stop calls.
    pub quiet: Option<(u16, u16)>,
    /// Ids stay out of the text.
    pub only_counts: bool,
}

impl Rules {
    /// Whether this minute of the day is quiet; hours may go over midnight.
    fn is_quiet(&self, minute: u16) -> bool {
        self.quiet.is_some_and(|(from, to)| {
            if from <= to {
                (from..to).contains(&minute)
            } else {
                minute >= from || minute < to
            }
        })
    }
}

/// What is so now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What stops everything: a name that stays the same while it lasts, and the words.
    pub stops: Vec<(String, String)>,
    /// Items that hold something, with their labels.
    pub needs: Vec<(GateId, String)>,
    /// The sprint that runs.
    pub running: Option<SprintId>,
    /// From when on nobody looks; none while somebody does.
    pub away_from: Option<Instant>,
    /// The minute of the person's day.
    pub minute: u16,
}

/// What was called for already.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    stops: BTreeSet<String>,
    /// Since when an item is open, and whether somebody was called for it.
    needs: BTreeMap<GateId, (Instant, bool)>,
    last: Option<Instant>,
    running: Option<SprintId>,
    away_from: Option<Instant>,
}

impl Caller {
    /// Takes in what is so, and gives the calls that are due.
    pub fn take(&mut self, facts: &Facts, rules: &Rules, at: Instant) -> Vec<Call> {
        self.away_from = facts.away_from;
        let is_away = facts.away_from.is_some_and(|from| from <= at);
        let mut calls = self.stop(facts);
        self.needs
            .retain(|gate, _| facts.needs.iter().any(|(need, _)| need == gate));
        for (gate, _) in &facts.needs {
            self.needs.entry(*gate).or_insert((at, false));
        }
        let ended = self.running.filter(|_| facts.running != self.running);
        self.running = facts.running;
        if is_away && !rules.is_quiet(facts.minute) {
            calls.extend(
                ended.map(|sprint| said(Level::Done, 0, sprint.to_string(), "is over", rules)),
            );
            calls.extend(self.need(facts, rules, at));
        }
        calls
    }

    fn stop(&mut self, facts: &Facts) -> Vec<Call> {
        let now = facts.stops.iter().map(|(name, _)| name.clone());
        let before = std::mem::replace(&mut self.stops, now.collect());
        let new = facts
            .stops
            .iter()
            .filter(|(name, _)| !before.contains(name));
        new.map(|(_, text)| Call {
            level: Level::Stop,
            count: facts.needs.len(),
            text: cut(text),
        })
        .collect()
    }

    fn need(&mut self, facts: &Facts, rules: &Rules, at: Instant) -> Option<Call> {
        if self.due()? > at {
            return None;
        }
        self.last = Some(at);
        for (_, is_called) in self.needs.values_mut() {
            *is_called = true;
        }
        let labels: Vec<&str> = facts
            .needs
            .iter()
            .map(|(_, label)| label.as_str())
            .collect();
        let count = labels.len();
        let verb = if count == 1 { "waits" } else { "wait" };
        let text = if rules.only_counts {
            format!("{count} {verb}")
        } else {
            format!("{count} {verb}: {}", labels.join(", "))
        };
        Some(Call {
            level: Level::Need,
            count,
            text: cut(&text),
        })
    }

    /// When the next call for items is due, if nothing changes.
    fn due(&self) -> Option<Instant> {
        let open = self.needs.values().filter(|(_, is_called)| !is_called);
        let first = open.map(|(since, _)| *since).min()? + OPEN_FOR;
        let again = self.last.map(|last| last + EVERY);
        let away = self.away_from?;
        Some(first.max(away).max(again.unwrap_or(first)))
    }

    /// When to look again by time alone; moments that have passed wait for something else, such as the end of quiet hours.
    pub fn next(&self, at: Instant) -> Option<Instant> {
        self.due().filter(|due| *due > at)
    }
}

fn said(level: Level, count: usize, id: String, what: &str, rules: &Rules) -> Call {
    let who = if rules.only_counts {
        "the sprint".to_owned()
    } else {
        id
    };
    Call {
        level,
        count,
        text: cut(&format!("{who} {what}")),
    }
}

fn cut(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bench {
        caller: Caller,
        facts: Facts,
        rules: Rules,
        start: Instant,
    }

    fn gate(number: u32) -> GateId {
        format!("s1.g{number}").parse().unwrap()
    }

    impl Bench {
        /// Nobody looks, and these wait.
        fn new(numbers: &[u32]) -> Self {
            let start = Instant::now();
            let mut bench = Self {
                caller: Caller::default(),
                facts: Facts {
                    away_from: Some(start),
                    minute: 12 * 60,
                    ..Facts::default()
                },
                rules: Rules::default(),
                start,
            };
            bench.wait(numbers);
            bench
        }

        fn wait(&mut self, numbers: &[u32]) {
            let need = |number: &u32| (gate(*number), format!("t{number}"));
            self.facts.needs = numbers.iter().map(need).collect();
        }

        fn at(&self, seconds: u64) -> Instant {
            self.start + Duration::from_secs(seconds)
        }

        fn calls(&mut self, seconds: u64) -> Vec<String> {
            let at = self.at(seconds);
            let calls = self.caller.take(&self.facts, &self.rules, at);
            calls
                .into_iter()
                .map(|call| format!("{} {}", call.level.number(), call.text))
                .collect()
        }
    }

    #[test]
    fn what_is_open_for_twenty_seconds_calls_once() {
        let mut bench = Bench::new(&[4]);
        assert!(bench.calls(0).is_empty());
        assert_eq!(bench.caller.next(bench.at(0)), Some(bench.at(20)));
        assert!(bench.calls(19).is_empty());
        assert_eq!(bench.calls(20), ["1 1 waits: t4"]);
        assert!(bench.calls(200).is_empty());
        assert_eq!(bench.caller.next(bench.at(200)), None);
    }

    #[test]
    fn what_is_answered_in_time_calls_nobody() {
        let mut bench = Bench::new(&[4]);
        bench.calls(0);
        bench.wait(&[]);
        assert!(bench.calls(10).is_empty());
        // The same one opened again begins anew.
        bench.wait(&[4]);
        assert!(bench.calls(25).is_empty());
        assert_eq!(bench.calls(45), ["1 1 waits: t4"]);
    }

    #[test]
    fn calls_are_joined_to_one_a_minute() {
        let mut bench = Bench::new(&[4]);
        bench.calls(0);
        bench.calls(20);
        bench.wait(&[4, 5, 6]);
        assert!(bench.calls(30).is_empty() && bench.calls(79).is_empty());
        assert_eq!(bench.caller.next(bench.at(30)), Some(bench.at(80)));
        assert_eq!(bench.calls(80), ["1 3 wait: t4, t5, t6"]);
    }

    #[test]
    fn who_looks_is_not_called_until_they_look_away() {
        let mut bench = Bench::new(&[4]);
        bench.facts.away_from = None;
        bench.calls(0);
        assert!(bench.calls(100).is_empty());
        assert_eq!(bench.caller.next(bench.at(100)), None);
        bench.facts.away_from = Some(bench.at(110));
        assert!(bench.calls(101).is_empty());
        assert_eq!(bench.caller.next(bench.at(101)), Some(bench.at(110)));
        assert_eq!(bench.calls(110), ["1 1 waits: t4"]);
    }

    #[test]
    fn quiet_hours_let_only_a_stop_through() {
        let mut bench = Bench::new(&[4]);
        bench.rules.quiet = Some((22 * 60, 7 * 60));
        bench.facts.minute = 23 * 60;
        bench.calls(0);
        assert!(bench.calls(30).is_empty());
        assert_eq!(bench.caller.next(bench.at(30)), None, "nothing spins");
        bench.facts.stops = vec![("g5".to_owned(), "the budget is reached".to_owned())];
        assert_eq!(bench.calls(31), ["0 the budget is reached"]);
        assert!(bench.calls(32).is_empty());
        for (minute, is_quiet) in [(6 * 60 + 59, true), (7 * 60, false), (22 * 60, true)] {
            assert_eq!(bench.rules.is_quiet(minute), is_quiet, "{minute}");
        }
        bench.facts.minute = 7 * 60;
        assert_eq!(bench.calls(40), ["1 1 waits: t4"]);
    }

    #[test]
    fn a_stop_calls_whoever_looks_and_again_when_it_comes_again() {
        let mut bench = Bench::new(&[]);
        bench.facts.away_from = None;
        let stops = vec![("host".to_owned(), "the host is lost".to_owned())];
        bench.facts.stops.clone_from(&stops);
        assert_eq!(bench.calls(0), ["0 the host is lost"]);
        bench.facts.stops.clear();
        bench.calls(1);
        bench.facts.stops = stops;
        assert_eq!(bench.calls(2), ["0 the host is lost"]);
    }

    #[test]
    fn the_end_of_a_sprint_is_told_once_and_not_of_one_that_never_ran() {
        let mut bench = Bench::new(&[]);
        assert!(bench.calls(0).is_empty());
        bench.facts.running = Some(SprintId(3));
        assert!(bench.calls(1).is_empty());
        bench.facts.running = None;
        assert_eq!(bench.calls(2), ["2 s3 is over"]);
        assert!(bench.calls(3).is_empty());
    }

    #[test]
    fn texts_are_short_and_may_hide_the_ids() {
        let numbers: Vec<u32> = (0..100).collect();
        let mut bench = Bench::new(&numbers);
        bench.calls(0);
        let text = bench.calls(20).remove(0);
        assert!(text.chars().count() <= MOST + 2, "{text}");
        assert_eq!(cut("a\u{1b}]0;b\u{7}\n"), "a]0;b");
        let mut bench = Bench::new(&[4, 5]);
        bench.rules.only_counts = true;
        bench.calls(0);
        assert_eq!(bench.calls(20), ["1 2 wait"]);
    }
}
