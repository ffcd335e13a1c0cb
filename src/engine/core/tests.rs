//! The core: turns, recovery, snapshots, moments.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::{mpsc, oneshot};

use super::*;
use crate::adapters::journal::memory::{MemoryJournal, Store};
use crate::adapters::state::memory::MemoryState;
use crate::base::body::Body;
use crate::base::id::{CommandId, SprintId};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::domain::cost::Price;
use crate::domain::journal::{
    Answered, Command, EffectKey, Envelope, Event, Input, PauseScope, Refusal, World,
};
use crate::domain::llm::{Route, Tier};
use crate::domain::presence::Standing;
use crate::domain::security::Actor;
use crate::domain::sprint::{ModelChoice, Policy, Setup};
use crate::domain::tool::grant::CommandPolicy;
use crate::domain::workflow::Workflow;
use crate::engine::agents::built_in_roles;
use crate::engine::ports::clock::Clock;
use crate::engine::ports::journal::{Genesis, Head, Journal, JournalFailure};
use crate::engine::ports::state::{State, Tree};

fn setup() -> Setup {
    let choice = ModelChoice {
        route: Route {
            provider: "test".to_owned(),
            model: "test".to_owned(),
        },
        price: Price::default(),
        is_priced: true,
        window: 100_000,
        max_output: 1_000,
    };
    Setup {
        policy: Policy {
            budget: Some(Money::dollars(1)),
            task_budget: None,
            request_budget: None,
            day_budget: None,
            agents_max: 2,
            max_tasks: 12,
            commands: CommandPolicy::Accepted,
            review: true,
            plan: true,
            merge: true,
            undo_ms: 0,
            keeps_worktrees: false,
            simulated: true,
            ask_at_percent: 80,
        },
        team: built_in_roles(),
        workflow: Workflow::deliver(3),
        baseline: Price::default(),
        fallback: choice.clone(),
        models: BTreeMap::from([(Tier::Standard, choice)]),
        prefix: "aios".to_owned(),
    }
}

/// A journal that counts its appends.
struct Counting {
    inner: MemoryJournal,
    appends: Arc<AtomicUsize>,
}

impl Journal for Counting {
    fn genesis(&self) -> Option<&Genesis> {
        self.inner.genesis()
    }

    fn head(&self) -> Head {
        self.inner.head()
    }

    fn append(&mut self, lines: &[String]) -> Result<(), JournalFailure> {
        self.appends.fetch_add(1, Ordering::Relaxed);
        self.inner.append(lines)
    }

    fn read(
        &self,
        from: u64,
        each: &mut dyn FnMut(u64, &str) -> ControlFlow<()>,
    ) -> Result<(), JournalFailure> {
        self.inner.read(from, each)
    }

    fn is_read_only(&self) -> Option<String> {
        self.inner.is_read_only()
    }
}

/// A clock that is set by hand.
#[derive(Default)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

/// What a follower was told.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    started: BTreeSet<EffectKey>,
    halts: usize,
    calls: usize,
}

#[derive(Clone, Default)]
struct Witness(Arc<Mutex<Told>>);

impl Follower for Witness {
    fn follow(&mut self, world: &World, changed: &BTreeSet<EffectKey>, _: &[EffectKey]) {
        let wanted = changed.iter().filter(|key| world.open.contains_key(key));
        self.0.lock().unwrap().started.extend(wanted);
    }

    fn halt(&mut self) {
        let mut told = self.0.lock().unwrap();
        told.halts += 1;
        told.started.clear();
    }

    fn call_later(&mut self) {
        self.0.lock().unwrap().calls += 1;
    }
}

/// A disk, and everything that outlives a core.
struct Bench {
    store: Store,
    state: Arc<MemoryState>,
    clock: Arc<Hand>,
    witness: Witness,
    appends: Arc<AtomicUsize>,
    feed: Arc<Feed>,
}

impl Bench {
    fn new() -> Self {
        Self {
            store: Store::new(Genesis::new("0123456789abcdef", "test")),
            state: Arc::default(),
            clock: Arc::default(),
            witness: Witness::default(),
            appends: Arc::default(),
            feed: Arc::new(Feed::new(0)),
        }
    }

    fn journal(&self) -> Box<dyn Journal> {
        Box::new(Counting {
            inner: MemoryJournal::open(&self.store),
            appends: self.appends.clone(),
        })
    }

    /// A core on this disk; has taken over.
    fn core(&self) -> Core {
        let mut core = self.quiet_core();
        core.begin();
        core
    }

    fn quiet_core(&self) -> Core {
        let journal = self.journal();
        let world = load(&*journal, Some(&*self.state)).unwrap().world;
        let (store, appends) = (self.store.clone(), self.appends.clone());
        let parts = CoreParts {
            reopen: Box::new(move || {
                Ok(Box::new(Counting {
                    inner: MemoryJournal::open(&store),
                    appends: appends.clone(),
                }))
            }),
            state: Some(self.state.clone()),
            world,
            feed: self.feed.clone(),
            clock: self.clock.clone(),
            setup: Box::new(|| Ok(setup())),
            follower: Box::new(self.witness.clone()),
        };
        Core::new(journal, parts)
    }

    fn told(&self) -> Told {
        self.witness.0.lock().unwrap().clone()
    }

    fn folded(&self) -> World {
        load(&*self.journal(), None).unwrap().world
    }

    fn envelopes(&self) -> Vec<Envelope> {
        let mut all = Vec::new();
        let mut take = |_, line: &str| {
            all.push(Envelope::read(line).unwrap());
            ControlFlow::Continue(())
        };
        self.journal().read(1, &mut take).unwrap();
        all
    }
}

type Answer = oneshot::Receiver<Result<Answered, Refusal>>;

fn post(id: Option<&str>, command: Command) -> (Post, Answer) {
    let (answer, answered) = oneshot::channel();
    let input = Input {
        id: id.map(|id| CommandId(id.to_owned())),
        by: Actor::Person {
            uid: 1,
            name: "mia".to_owned(),
        },
        standing: Standing::Owner,
        client: "test".to_owned(),
        at: Timestamp(i64::MAX),
        command,
    };
    (Post::Command(Box::new(input), answer), answered)
}

fn goal(text: &str) -> Command {
    Command::StartSprint {
        goal: Body::Inline(text.to_owned()),
        setup: None,
        base: None,
    }
}

fn submit(core: &mut Core, id: Option<&str>, command: Command) -> Result<Answered, Refusal> {
    let (post, mut answer) = post(id, command);
    core.turn(std::iter::once(post));
    answer.try_recv().unwrap()
}

#[test]
fn writers_that_come_together_share_one_append() {
    let bench = Bench::new();
    let (sender, mailbox) = mpsc::channel(MAILBOX);
    let mut answers = Vec::new();
    for number in 0..64 {
        let (post, answer) = post(None, goal(&format!("goal {number}")));
        sender.try_send(post).unwrap();
        answers.push(answer);
    }
    sender.try_send(Post::Stop).unwrap();
    bench.quiet_core().run(mailbox);
    let seqs: BTreeSet<u64> = answers
        .iter_mut()
        .map(|answer| match answer.try_recv().unwrap().unwrap() {
            Answered::Done(seq) => seq,
            Answered::Again(seq) => panic!("{seq} was not asked for before"),
        })
        .collect();
    assert_eq!(seqs.len(), 64);
    assert_eq!(bench.folded().sprints.len(), 64);
    // One for the host that takes over, one for all the others.
    assert_eq!(bench.appends.load(Ordering::Relaxed), 2);
}

#[test]
fn nothing_of_a_turn_that_was_not_written_is_true() {
    let bench = Bench::new();
    let mut core = bench.core();
    submit(&mut core, None, goal("kept")).unwrap();
    let before = bench.folded();
    assert_eq!(
        bench.told().started,
        BTreeSet::from([EffectKey::Open(SprintId(1))])
    );
    bench.store.fail_next_appends(1);
    let (first, mut one) = post(Some("c1"), goal("lost"));
    let (second, mut two) = post(None, Command::Pause(PauseScope::Sprint(SprintId(1))));
    // Refused by itself, but what it was refused on is not true either.
    let (third, mut three) = post(None, Command::Stop(SprintId(9)));
    let (snapshot, mut seen) = oneshot::channel();
    core.turn([first, second, third, Post::Snapshot(snapshot)].into_iter());
    for answer in [&mut one, &mut two, &mut three] {
        let refusal = answer.try_recv().unwrap().unwrap_err();
        assert!(matches!(refusal, Refusal::ReadOnly(_)), "{refusal}");
    }
    assert_eq!(*seen.try_recv().unwrap(), before);
    assert_eq!(*core.world(), before);
    assert_eq!(*bench.feed.head().borrow(), before.seq);
    let told = bench.told();
    assert_eq!((told.halts, told.calls, told.started.len()), (1, 1, 0));
    assert!(bench.feed.trouble().borrow().is_some());
}

#[test]
fn a_journal_that_takes_again_is_used_again() {
    let bench = Bench::new();
    let mut core = bench.core();
    submit(&mut core, None, goal("one")).unwrap();
    let key = EffectKey::Open(SprintId(1));
    let begun = Input {
        id: None,
        by: Actor::Effect,
        standing: Standing::Owner,
        client: String::new(),
        at: Timestamp(0),
        command: Command::Begin { key, model: None },
    };
    let (answer, _answered) = oneshot::channel();
    core.turn(std::iter::once(Post::Command(Box::new(begun), answer)));
    assert!(core.world().began.contains_key(&key));
    bench.store.fail_next_appends(3);
    let lost = submit(&mut core, Some("c1"), goal("two"));
    assert!(matches!(lost, Err(Refusal::ReadOnly(_))));
    // Without a command, and in vain: opening works, the first append does not.
    core.turn(std::iter::once(Post::Reopen));
    assert!(matches!(
        submit(&mut core, Some("c1"), goal("two")),
        Err(Refusal::ReadOnly(_))
    ));
    assert_eq!(bench.told().halts, 3);
    // Now there is room. What ran when it failed runs nowhere and is started again, after that is on record.
    let taken = submit(&mut core, Some("c1"), goal("two"));
    assert!(matches!(taken, Ok(Answered::Done(_))), "{taken:?}");
    assert!(bench.told().started.contains(&key));
    assert!(!core.world().began.contains_key(&key));
    assert!(bench.feed.trouble().borrow().is_none());
    assert_eq!(*core.world(), bench.folded());
    let forgotten = |envelope: &Envelope| envelope.event == Event::EffectForgotten { key };
    assert_eq!(
        bench
            .envelopes()
            .iter()
            .filter(|one| forgotten(one))
            .count(),
        1
    );
}

#[test]
fn the_way_back_needs_no_command() {
    let bench = Bench::new();
    let mut core = bench.core();
    submit(&mut core, None, goal("one")).unwrap();
    bench.store.fail_next_appends(1);
    submit(&mut core, None, goal("two")).unwrap_err();
    assert!(bench.told().started.is_empty());
    core.turn(std::iter::once(Post::Reopen));
    assert_eq!(bench.told().started.len(), 1);
    assert!(bench.feed.trouble().borrow().is_none());
}

#[test]
fn a_command_that_is_sent_again_is_answered_again() {
    let bench = Bench::new();
    let mut core = bench.core();
    let (first, mut one) = post(Some("c1"), goal("one"));
    let (again, mut two) = post(Some("c1"), goal("one"));
    core.turn([first, again].into_iter());
    let Ok(Answered::Done(seq)) = one.try_recv().unwrap() else {
        panic!("not taken");
    };
    assert_eq!(two.try_recv().unwrap(), Ok(Answered::Again(seq)));
    drop(core);
    // Also by the next host.
    let mut core = bench.core();
    assert_eq!(
        submit(&mut core, Some("c1"), goal("one")),
        Ok(Answered::Again(seq))
    );
    assert_eq!(core.world().sprints.len(), 1);
}

#[test]
fn moments_never_go_back_and_clients_do_not_set_them() {
    let bench = Bench::new();
    let moments = [1_000, 5_000, 2_000, -7, 6_000];
    let mut core = bench.core();
    for (place, moment) in moments.into_iter().enumerate() {
        bench.clock.0.store(moment, Ordering::Relaxed);
        if place == 3 {
            core = bench.core();
        }
        submit(&mut core, None, goal("goal")).unwrap();
    }
    let seen: Vec<i64> = bench
        .envelopes()
        .iter()
        .filter(|envelope| matches!(envelope.event, Event::SprintStarted { .. }))
        .map(|envelope| envelope.at.0)
        .collect();
    assert_eq!(seen, [1_000, 5_000, 5_000, 5_000, 6_000]);
    assert_eq!(bench.feed.moment(), Some(Timestamp(6_000)));
}

#[test]
fn a_snapshot_and_the_tail_are_the_whole() {
    let bench = Bench::new();
    let mut core = bench.core();
    submit(&mut core, None, goal("one")).unwrap();
    let (sender, mailbox) = mpsc::channel(1);
    sender.try_send(Post::Stop).unwrap();
    core.run(mailbox);
    let full = load(&*bench.journal(), Some(&*bench.state)).unwrap();
    assert!(full.from_snapshot && full.folded == 0);
    // The tail behind it.
    let mut core = bench.core();
    submit(&mut core, Some("c7"), goal("two")).unwrap();
    submit(
        &mut core,
        None,
        Command::Pause(PauseScope::Sprint(SprintId(1))),
    )
    .unwrap();
    let loaded = load(&*bench.journal(), Some(&*bench.state)).unwrap();
    assert!(loaded.from_snapshot && loaded.folded > 0);
    assert_eq!(loaded.world, bench.folded());
    assert_eq!(loaded.world.open, bench.folded().open);
    assert_eq!(loaded.world, *core.world());
}

#[test]
fn a_snapshot_that_does_not_fit_is_passed_over() {
    let bench = Bench::new();
    let stop = |core: Core| {
        let (sender, mailbox) = mpsc::channel(1);
        sender.try_send(Post::Stop).unwrap();
        core.run(mailbox);
    };
    let mut core = bench.core();
    submit(&mut core, None, goal("one")).unwrap();
    stop(core);
    let good = bench.state.get(Tree::Snapshot, b"latest").unwrap().unwrap();
    let flips = (0..good.len()).step_by(97).map(|at| {
        let mut bytes = good.clone();
        bytes[at] ^= 0x10;
        bytes
    });
    let cuts = [0, 1, good.len() / 2, good.len() - 1].map(|length| good[..length].to_vec());
    for bad in flips.chain(cuts) {
        bench.state.put(Tree::Snapshot, b"latest", &bad).unwrap();
        let loaded = load(&*bench.journal(), Some(&*bench.state)).unwrap();
        assert!(!loaded.from_snapshot);
        assert_eq!(loaded.world, bench.folded());
    }
    // Another journal of the same length, a shorter and a longer one.
    for sprints in 0..3 {
        let other = Bench::new();
        other.clock.0.store(9, Ordering::Relaxed);
        let mut core = other.core();
        for _ in 0..sprints {
            submit(&mut core, None, goal("other")).unwrap();
        }
        drop(core);
        other.state.put(Tree::Snapshot, b"latest", &good).unwrap();
        let loaded = load(&*other.journal(), Some(&*other.state)).unwrap();
        assert!(!loaded.from_snapshot, "{sprints}");
        assert_eq!(loaded.world, other.folded());
    }
}

#[test]
fn a_damaged_journal_starts_nothing_and_says_why() {
    let bench = Bench::new();
    drop(bench.core());
    bench.store.fail_next_appends(1);
    let mut journal = bench.journal();
    journal.append(&["{}".to_owned()]).unwrap_err();
    let mut core = bench.quiet_core();
    core.journal = Some(journal);
    core.read_only = core.journal.as_ref().unwrap().is_read_only();
    core.begin();
    assert_eq!(
        bench.told(),
        Told {
            calls: 1,
            ..Told::default()
        }
    );
}
