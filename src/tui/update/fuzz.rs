//! Random keys while items arrive: nothing is approved that had not the focus and was not seen for long enough. 2,000 streams by
//! the day's seed; `AIOS_SEED=n` plays one again, `AIOS_PROOF=full` plays 100,000.

use ratatui::layout::Size;

use super::tests::Bench;
use super::*;
use crate::base::id::{Digest, GateId, TaskId, Work};
use crate::domain::change::Mark;
use crate::domain::journal::{Command, Envelope, Event, VOCABULARY};
use crate::domain::security::Actor;
use crate::domain::sprint::{Ask, Verdict};
use crate::tui::fixture;
use crate::tui::key::sequence;
use crate::tui::keymap::Keymap;
use crate::tui::terminal::answer::Answer;
use crate::tui::terminal::decoder::{Mouse, MouseAct};
use crate::tui::theme::colour::Rgb;

/// A small seeded generator (Marsaglia's xorshift), so that a failure names its seed.
struct Dice(u64);

impl Dice {
    fn of(seed: u64) -> Self {
        // Neighbouring seeds must not begin alike.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % sides
    }
}

/// What a person could have seen: kept by watching from outside, by the words of the rule.
#[derive(Default)]
struct Witness {
    shown: Option<(GateId, Digest)>,
    painted: bool,
    seen_at: Option<u64>,
}

impl Witness {
    fn watch(&mut self, app: &App) {
        let shown = app.decidable();
        if shown != self.shown {
            *self = Self {
                shown,
                ..Self::default()
            };
        }
    }

    /// What may be decided now.
    fn allowed(&self, ms: u64) -> Option<(GateId, Digest)> {
        let is_seen = self.seen_at.is_some_and(|seen| ms >= seen + 400);
        self.shown.filter(|_| is_seen)
    }
}

/// A text that is being written: the card it began on, and whether that might have been decided then.
#[derive(Clone, Copy)]
struct Begun {
    gate: Option<GateId>,
    was_allowed: bool,
}

/// A new item arrives from nowhere.
fn arrival(app: &App, number: u32, dice: &mut Dice) -> News {
    let task = TaskId {
        sprint: fixture::SPRINT,
        number: 2,
    };
    let ask = match dice.roll(2) {
        0 => Ask::Fail {
            cause: format!("cause {number}"),
            evidence: String::new(),
        },
        _ => Ask::Conflict {
            clash: None,
            paths: vec![format!("src/file{number}.rs")],
        },
    };
    let event = Event::GateOpened {
        gate: fixture::gate(number),
        work: Work::Task(task),
        ask,
    };
    News::Event(Box::new(Envelope {
        v: VOCABULARY,
        seq: app.known.world.seq + 1,
        at: fixture::NOW,
        by: Actor::System,
        cmd: None,
        prev: Digest::of(b""),
        event,
    }))
}

/// Keys that lead to decisions, and letters of another script; then every key that the table binds.
fn keys() -> [Vec<Key>; 2] {
    let often = sequence(
        "w w w w a a a a A A x X S S 1 2 3 4 j k J K Tab space space Enter Enter Enter Esc Esc Esc c s u g z Z ф ц Ф C-x A-a",
    )
    .unwrap();
    let table = crate::tui::action::TABLE.iter();
    let all = table
        .flat_map(|spec| spec.keys)
        .flat_map(|keys| sequence(keys).unwrap());
    [often, all.collect()]
}

fn something(dice: &mut Dice, keys: &[Vec<Key>; 2]) -> Input {
    match dice.roll(40) {
        0 => Input::Paste("aA1\ra\n".to_owned()),
        1 => Input::Focus(dice.roll(2) == 0),
        2 => Input::Mouse(Mouse {
            act: [MouseAct::Press, MouseAct::WheelUp, MouseAct::WheelDown][dice.roll(3) as usize],
            x: dice.roll(120) as u16,
            y: dice.roll(40) as u16,
        }),
        3 => Input::Answer(Answer::Background(Rgb::new(255, 255, 255))),
        _ => {
            let keys = &keys[usize::from(dice.roll(4) == 0)];
            Input::Key(keys[dice.roll(keys.len() as u64) as usize])
        }
    }
}

/// Says yes to something, or lets something happen.
const fn is_yes(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::Reject(_) | Verdict::Answer(_))
}

/// What may be decided now, as a decision names it: of a budget, whose card is known by its amounts too, the gate's own revision.
fn allowed(witness: &Witness, bench: &Bench) -> Option<(GateId, Digest)> {
    let (gate, seen) = witness.allowed(bench.ms)?;
    let known = bench.app.known.world.gate(gate);
    let budget = known.filter(|gate| gate.ask.kind() == Kind::Budget);
    Some((gate, budget.map_or(seen, |gate| gate.revision)))
}

/// Plays one stream; gives how many decisions were sent.
fn play(seed: u64, fresh: &App, keys: &[Vec<Key>; 2]) -> usize {
    let mut dice = Dice::of(seed);
    let mut bench = Bench::new(fixture::Story::begin());
    bench.app = fresh.clone();
    let sizes = [(80, 24), (120, 36), (200, 55), (60, 14), (30, 8)];
    let (width, height) = sizes[dice.roll(sizes.len() as u64) as usize];
    bench.app.resize(Size::new(width, height));
    let (mut witness, mut begun, mut decided) = (Witness::default(), None, 0);
    let mut marked = std::collections::BTreeSet::new();
    witness.watch(&bench.app);
    for turn in 0..60_u32 {
        bench.ms += dice.roll(1_000);
        let at = bench.at();
        match dice.roll(10) {
            0 => {
                let news = arrival(&bench.app, 100 + turn, &mut dice);
                bench.app.news([news], at);
            }
            1 | 2 => {
                let is_typed = dice.roll(4) == 0;
                bench.app.arming.painted(is_typed);
                witness.painted |= witness.shown.is_some() && !is_typed;
            }
            3 | 4 => {
                bench.app.arming.flushed(at);
                if witness.painted && witness.seen_at.is_none() {
                    witness.seen_at = Some(bench.ms);
                }
            }
            _ => {
                let input = something(&mut dice, keys);
                let was_written = bench.app.mode().is_text();
                let shown = bench.app.gate().map(|gate| gate.id);
                let allowed = allowed(&witness, &bench);
                // What was ready when space was pressed may be decided later, as one of many.
                if input == Input::Key(Key::char(' ')) {
                    marked.extend(allowed);
                }
                let effects = bench.app.input(input.clone(), at);
                let is_written = bench.app.mode().is_text();
                for effect in effects {
                    let Effect::Request(Request::Submit { command, id }) = effect else {
                        continue;
                    };
                    let told = format!("seed {seed}, turn {turn}, {input:?}: {command:?}");
                    match (*command, was_written) {
                        (Command::Decide { gate, revision, .. }, false) => {
                            let was_marked =
                                allowed.is_some() && marked.contains(&(gate, revision));
                            assert!(was_marked || allowed == Some((gate, revision)), "{told}");
                        }
                        (Command::Mark { gate, .. }, false) => {
                            assert_eq!(allowed.map(|(gate, _)| gate), Some(gate), "{told}");
                        }
                        // Changes to a plan go with its approval and never alone.
                        (Command::EditPlan { .. }, is_written) => {
                            assert!(!is_written && allowed.is_some(), "{told}");
                            continue;
                        }
                        (Command::Decide { gate, verdict, .. }, true) => {
                            let begun: Begun = begun.unwrap();
                            let was_marked = marked.iter().any(|(marked, _)| *marked == gate);
                            assert!(was_marked || begun.gate == Some(gate), "{told}");
                            assert!(begun.was_allowed || !is_yes(&verdict), "{told}");
                        }
                        (Command::Mark { gate, marks }, true) => {
                            let begun: Begun = begun.unwrap();
                            assert_eq!(begun.gate, Some(gate), "{told}");
                            let is_no =
                                |(_, mark): &(_, Mark)| matches!(mark, Mark::Rejected { .. });
                            assert!(begun.was_allowed || marks.iter().all(is_no), "{told}");
                        }
                        _ => continue,
                    }
                    decided += 1;
                    if dice.roll(3) > 0 {
                        bench.app.news([News::Answered { id, refusal: None }], at);
                    }
                }
                if is_written && !was_written {
                    begun = Some(Begun {
                        gate: shown,
                        was_allowed: allowed.is_some(),
                    });
                }
            }
        }
        witness.watch(&bench.app);
    }
    decided
}

/// What the streams begin with.
fn apps() -> [App; 3] {
    let keymap = Keymap::read("layouts = [\"ru\"]").unwrap();
    [
        fixture::over_budget(),
        fixture::running(),
        fixture::approving(),
    ]
    .map(|story| {
        let mut app = Bench::new(story).app;
        app.keymap = keymap.clone();
        app.has_mouse = true;
        let diff = News::Text {
            digest: Digest::of(fixture::DIFF.as_bytes()),
            bytes: Some(fixture::DIFF.as_bytes().to_vec()),
        };
        app.news([diff], Instant::now());
        app
    })
}

#[test]
fn random_keys_send_nothing_from_a_client_that_only_looks() {
    let keys = keys();
    let [_, fresh, plan] = apps();
    for seed in 1..200 {
        let mut dice = Dice::of(seed);
        let mut bench = Bench::new(fixture::Story::begin());
        bench.app = if seed % 2 == 0 {
            fresh.clone()
        } else {
            plan.clone()
        };
        if seed % 4 < 2 {
            bench.app.known.looks_only = true;
        } else {
            bench.app.is_locked = true;
        }
        bench.app.resize(Size::new(120, 36));
        for turn in 0..60 {
            bench.ms += 500;
            let at = bench.at();
            bench.app.arming.painted(false);
            bench.app.arming.flushed(at);
            let input = something(&mut dice, &keys);
            for effect in bench.app.input(input.clone(), at) {
                let is_sent = matches!(
                    effect,
                    Effect::Request(Request::Submit { .. } | Request::Set(_)) | Effect::Edit(_)
                );
                assert!(!is_sent, "seed {seed}, turn {turn}, {input:?}: {effect:?}");
            }
        }
    }
}

#[test]
fn random_keys_with_items_arriving_never_decide_what_was_not_seen() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let today = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_secs()
        / 86_400;
    let (first, count) = match (number("AIOS_SEED"), std::env::var("AIOS_PROOF").as_deref()) {
        (Some(seed), _) => (seed, 1),
        (None, Ok("full")) => (1, 100_000),
        (None, _) => (today * 100_000, 2_000),
    };
    let keys = keys();
    // Two at a time: streams know nothing of one another.
    let half = |odd: u64| {
        let apps = apps();
        let seeds = (first..first + count).filter(move |seed| seed % 2 == odd);
        seeds
            .map(|seed| play(seed, &apps[(seed % 3) as usize], &keys))
            .sum::<usize>()
    };
    let decided = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        half(0) + other.join().unwrap()
    });
    println!("{count} streams from seed {first} on, {decided} decisions");
    assert!(
        count < 100 || decided as u64 > count / 10,
        "decisions were made at all: {decided}"
    );
}
