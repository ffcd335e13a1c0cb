//! A log that was written once must replay for ever. `AIOS_UPDATE=1` writes it anew, which is right only before a release or
//! together with a new version of the vocabulary and a file of its own.

use std::collections::BTreeSet;
use std::path::PathBuf;

use aios::base::id::Digest;
use aios::domain::journal::{Envelope, World};

use crate::play::{name, play};

/// Name, seed and sprints of each run: a long one in which much happens, and a short one with the rest.
const LOGS: [(&str, u64, usize); 2] = [("v1", 29, 5), ("v1-short", 35, 1)];

fn fixture(name: &str) -> PathBuf {
    [
        env!("CARGO_MANIFEST_DIR"),
        "tests",
        "fixtures",
        "logs",
        name,
    ]
    .iter()
    .collect()
}

/// What the world says in words that outlive its types.
fn facts(world: &World) -> String {
    let mut facts = vec![format!("{} events", world.seq)];
    for sprint in world.sprints.values() {
        let ledger = &sprint.ledger.all;
        facts.push(format!(
            "{} {:?}, {} attempts, {} gates, {} calls, {} lost, {}",
            sprint.id,
            sprint.phase,
            sprint.attempts.len(),
            sprint.gates.len(),
            ledger.calls,
            ledger.lost,
            ledger.cost.exact()
        ));
        for task in sprint.tasks.values() {
            let merged = task.merged.as_ref().map_or("-", |commit| commit.short());
            facts.push(format!(
                "  {} {:?} round {} at {} {merged} {}",
                task.id,
                task.status,
                task.round,
                task.node,
                task.account.spent.exact()
            ));
        }
    }
    facts.join("\n") + "\n"
}

fn fold(log: &str) -> World {
    let mut world = World::default();
    let mut head = Digest::of(b"genesis");
    for line in log.lines() {
        let envelope = Envelope::read(line).unwrap();
        assert_eq!(envelope.prev, head, "event {}", envelope.seq);
        head = Digest::of(line.as_bytes());
        world.absorb(&envelope);
    }
    world.settle_all();
    world
}

#[test]
fn the_first_logs_replay_for_ever() {
    for (name, seed, sprints) in LOGS {
        let log = fixture(&format!("{name}.jsonl"));
        let said = fixture(&format!("{name}.txt"));
        if std::env::var_os("AIOS_UPDATE").is_some() {
            let lines = play(seed, sprints, false).lines.join("\n") + "\n";
            std::fs::create_dir_all(log.parent().unwrap()).unwrap();
            std::fs::write(&said, facts(&fold(&lines))).unwrap();
            std::fs::write(&log, lines).unwrap();
        }
        let world = fold(&std::fs::read_to_string(&log).unwrap());
        assert_eq!(facts(&world), std::fs::read_to_string(&said).unwrap());
        assert!(world.open.is_empty());
    }
}

/// Kinds that came after the first logs were written; the journal's own tests hold them.
const LATER: [&str; 15] = [
    "CommandRevoked",
    "ConflictResolved",
    "GateChanged",
    "HalfSpent",
    "HunkSplit",
    "PersonRemoved",
    "StandingChanged",
    "TaskAdded",
    "TaskAssigned",
    "TaskOrdered",
    "TaskSettled",
    "TaskTakenBack",
    "TiersChanged",
    "TrialAsked",
    "TrialEnded",
];

#[test]
fn the_first_logs_hold_every_kind_of_event() {
    let mut found = BTreeSet::new();
    for (log, _, _) in LOGS {
        let text = std::fs::read_to_string(fixture(&format!("{log}.jsonl"))).unwrap();
        found.extend(
            text.lines()
                .map(|line| name(&Envelope::read(line).unwrap().event)),
        );
    }
    let source = include_str!("../../src/domain/journal/event.rs");
    let (_, list) = source.split_once("pub enum Event {").unwrap();
    let all = list.lines().filter_map(|line| {
        let line = line.strip_prefix("    ")?;
        let word: String = line
            .chars()
            .take_while(|letter| letter.is_alphanumeric())
            .collect();
        line.starts_with(char::is_uppercase).then_some(word)
    });
    let missing: Vec<String> = all
        .filter(|word| !found.contains(word) && !LATER.contains(&word.as_str()))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}
