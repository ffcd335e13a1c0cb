//! Lines that drop: a client is killed, told to hang up, loses its terminal or its socket, or is left hanging, while a person types,
//! decides or watches. The host and its agents go on, nobody has decided what was not decided, nothing decided is lost, and the next
//! client shows the host's world.
//!
//! The first 12 of 200 drops; `AIOS_SEED=n` drops one again, `AIOS_PROOF=full` drops all.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, and say what they have done"
)]

#[expect(dead_code, reason = "only a part of its ways is used here")]
#[path = "../simulation/dice.rs"]
mod dice;
#[path = "../session/parts.rs"]
mod parts;
#[path = "../support/pty.rs"]
mod pty;
mod scene;
mod slow;
mod wire;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use aios::domain::journal::{EffectKey, World};
use aios::tui::facts::work_label;
use rustix::process::{Pid, Signal, kill_process};

use dice::Dice;
use pty::Pty;
use scene::Scene;

const USUAL: u64 = 12;
const FULL: u64 = 200;

/// How the line drops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dropped {
    /// The client is killed.
    Killed,
    /// It is told that its terminal hung up.
    Told,
    /// Its terminal is gone.
    HungUp,
    /// Its socket is cut; it makes a new line by itself.
    Cut,
    /// Nothing comes through the socket any more, and then the terminal hangs up.
    Silent,
}

const WAYS: [Dropped; 5] = [
    Dropped::Killed,
    Dropped::Told,
    Dropped::HungUp,
    Dropped::Cut,
    Dropped::Silent,
];

/// What the person was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Typing,
    Deciding,
    Watching,
}

/// What is possible in a world; none: something is about to happen.
fn moment(world: &World, dice: &mut Dice) -> Option<Moment> {
    let sprint = world.current()?;
    let is_asked = sprint.open_gates().next().is_some();
    let mut began = world.began.keys();
    let is_writing = began.any(|key| matches!(key, EffectKey::Model { .. }));
    let mut possible = Vec::new();
    if is_asked {
        possible.extend([Moment::Deciding, Moment::Deciding, Moment::Typing]);
    }
    if is_writing {
        possible.extend([Moment::Watching, Moment::Typing]);
    }
    dice.pick(&possible).copied()
}

fn is_ready(text: &str) -> bool {
    ["start   ready", "· ready ", "┃ ready "]
        .iter()
        .any(|word| text.contains(word))
}

/// Types something that would decide and leave if it were not text.
fn types(pty: &mut Pty) -> &'static str {
    let text = "aA wAS 12 qq a\u{e4}A";
    pty.send("gh");
    pty.wait_for_text("▌1 Home▐");
    pty.send("i");
    pty.wait_until("a text field", |screen| screen.contains("INSERT"));
    pty.send(text);
    pty.wait_for_text(text);
    text
}

/// Opens an item and perhaps decides it; what was pressed and what was told is noted.
fn decides(scene: &mut Scene, pty: &mut Pty, dice: &mut Dice) {
    pty.send("w");
    let text = pty.wait_until("an item that may be decided", |screen| {
        is_ready(&screen.text()) || screen.contains("othing waits")
    });
    if !is_ready(&text) || dice.below(4) == 0 {
        return; // It is read only.
    }
    let world = scene.world();
    let open: Vec<_> = world
        .current()
        .into_iter()
        .flat_map(aios::domain::sprint::Sprint::open_gates)
        .collect();
    scene.pressed.extend(open.iter().map(|gate| gate.id));
    pty.send(if text.contains("DECIDE") { "a" } else { "A" });
    if dice.below(3) == 0 {
        return; // Whether it was taken will be seen.
    }
    // The receipt names the work; what it says must be in the journal for ever.
    let text = pty.wait_until("the receipt", |screen| receipt(&screen.text()).is_some());
    let said = receipt(&text).unwrap();
    let told = open.iter().filter(|gate| work_label(gate.work) == said);
    scene.told.extend(told.map(|gate| gate.id));
}

/// The work that the receipt at the foot of the screen names.
fn receipt(text: &str) -> Option<String> {
    let begins = [
        " approved ",
        " answered ",
        " allowed ",
        " sent ",
        " retried ",
    ];
    text.lines().rev().take(6).find_map(|row| {
        let at = begins.iter().find_map(|act| row.rfind(act))?;
        let said = row.get(at..)?.trim_start().split("   ").next()?;
        said.split_whitespace().last().map(str::to_owned)
    })
}

fn signal(pty: &Pty, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(pty.process()).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

/// The terminal is as it was found.
fn given_back(pty: &Pty, settings: &str) {
    pty.wait_until("the terminal given back", |screen| {
        !screen.is_alternate() && screen.cursor().is_some() && !screen.emulated().bracketed_paste()
    });
    assert_eq!(pty.settings(), settings);
}

/// Drops one line; gives how, when, and how long the client took to end.
fn one(scene: &mut Scene, seed: u64) -> (Dropped, Moment, Duration) {
    let mut dice = Dice::new(seed);
    let mut pty = scene.attach();
    scene.shows_the_world(&mut pty);
    let deadline = Instant::now() + pty::DEADLINE;
    let (moment, seq) = loop {
        let world = scene.world();
        if let Some(moment) = moment(&world, &mut dice) {
            break (moment, world.seq);
        }
        if scene.is_over() {
            // It ended meanwhile: the same in a new one.
            pty.send("\x03\x03");
            pty.wait_exit();
            std::mem::replace(scene, Scene::set("4")).strike();
            pty = scene.attach();
        }
        assert!(
            Instant::now() < deadline,
            "seed {seed}: nothing is possible"
        );
        std::thread::sleep(Duration::from_millis(10));
    };
    let typed = match moment {
        Moment::Typing => Some(types(&mut pty)),
        Moment::Deciding => {
            decides(scene, &mut pty, &mut dice);
            None
        }
        Moment::Watching => {
            pty.send("3");
            pty.wait_for_text("▌3 Agents▐");
            None
        }
    };
    let dropped = WAYS[seed as usize % WAYS.len()];
    let began = Instant::now();
    match dropped {
        Dropped::Killed => signal(&pty, Signal::KILL),
        Dropped::Told => signal(&pty, Signal::HUP),
        Dropped::HungUp => pty.hang_up(),
        Dropped::Cut => {
            scene.wire.cut();
            if let Some(typed) = typed {
                pty.send("!");
                pty.wait_for_text(&format!("{typed}!"));
                pty.send("\x1b");
                pty.wait_until("no text field", |screen| !screen.contains("INSERT"));
            }
            scene.shows_the_world(&mut pty);
            pty.send("\x03\x03");
        }
        Dropped::Silent => {
            scene.wire.silence(true);
            pty.send("7");
            pty.hang_up();
        }
    }
    pty.wait_exit();
    let took = began.elapsed();
    scene.wire.silence(false);
    if matches!(dropped, Dropped::Told | Dropped::Cut) {
        given_back(&pty, &scene.settings);
    }
    if moment == Moment::Watching {
        scene.goes_on(seq);
    }
    scene.holds(&format!("seed {seed}, {dropped:?} while {moment:?}"));
    (dropped, moment, took)
}

#[test]
fn a_line_that_drops_changes_nothing() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let (first, count) = match (number("AIOS_SEED"), std::env::var("AIOS_PROOF").as_deref()) {
        (Some(seed), _) => (seed, 1),
        (None, Ok("full")) => (1, FULL),
        (None, _) => (1, USUAL),
    };
    let mut scene = Scene::set("4");
    let mut tally: BTreeMap<(Dropped, Moment), u32> = BTreeMap::new();
    let (mut longest, mut told, mut sprints) = (Duration::ZERO, 0, 1);
    for seed in first..first + count {
        if seed > first && (seed - first) % 25 == 0 {
            println!("{} of {count} lines have dropped", seed - first);
        }
        if scene.is_over() {
            told += scene.told.len();
            sprints += 1;
            std::mem::replace(&mut scene, Scene::set("4")).strike();
        }
        let (dropped, moment, took) = one(&mut scene, seed);
        *tally.entry((dropped, moment)).or_default() += 1;
        if dropped != Dropped::Cut {
            longest = longest.max(took);
        }
    }
    told += scene.told.len();
    scene.strike();
    println!(
        "{count} lines dropped from seed {first} on, in {sprints} sprints with {told} decisions that were told; the longest end took {longest:?}: {tally:?}"
    );
}
