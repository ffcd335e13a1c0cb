//! What a client promises, in process and over the socket alike.

use aios::base::id::{CommandId, Digest, SprintId};
use aios::domain::journal::{Answered, Command, EffectKey, PauseScope, Refusal, World};
use aios::domain::sprint::Verdict;
use aios::engine::core::Pulled;
use aios::session::SessionClient;

use crate::rig::Rig;

/// Runs a test over both.
macro_rules! over_both {
    ($($name:ident),+ $(,)?) => {
        mod local {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let rig = super::Rig::new();
                super::$name(&rig, &rig.local("one"), &rig.local("two")).await;
            })+
        }
        mod remote {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let mut rig = super::Rig::new();
                rig.listen().await;
                super::$name(&rig, &rig.remote("one").await, &rig.remote("two").await).await;
            })+
        }
    };
}

over_both!(
    the_second_to_decide_hears_who_was_first,
    a_command_sent_again_gets_the_same_answer,
    events_come_in_order_and_fold_to_the_snapshot,
    a_wait_for_events_that_is_given_up_costs_nothing,
    signals_come_whole_and_end,
    long_texts_are_kept_and_fetched,
    only_people_are_let_in_and_effects_are_not_played,
);

fn key() -> EffectKey {
    EffectKey::Open(SprintId(9))
}

async fn the_second_to_decide_hears_who_was_first(
    rig: &Rig,
    one: &SessionClient,
    two: &SessionClient,
) {
    let (gate, revision) = rig.ask_for_key(one).await;
    let decide = |verdict| Command::Decide {
        gate,
        revision,
        verdict,
        is_final: true,
    };
    one.submit(decide(Verdict::Retry)).await.unwrap().unwrap();
    let refusal = two
        .submit(decide(Verdict::Retry))
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        matches!(&refusal, Refusal::AlreadyDecided { by, .. } if !by.is_empty()),
        "{refusal}"
    );
    let other = Digest::of(b"another look");
    let stale = Command::Decide {
        gate,
        revision: other,
        verdict: Verdict::Retry,
        is_final: true,
    };
    assert!(two.submit(stale).await.unwrap().is_err());
}

async fn a_command_sent_again_gets_the_same_answer(
    rig: &Rig,
    one: &SessionClient,
    two: &SessionClient,
) {
    rig.ask_for_key(one).await;
    let id = CommandId("mine-1".to_owned());
    let pause = Command::Pause(PauseScope::Sprint(SprintId(1)));
    let first = one.submit_as(id.clone(), pause.clone()).await.unwrap();
    let Ok(Answered::Done(seq)) = first else {
        panic!("{first:?}");
    };
    let again = two.submit_as(id, pause).await.unwrap();
    assert_eq!(again, Ok(Answered::Again(seq)));
}

/// Folds what comes until `seq`.
async fn fold(client: &SessionClient, world: &mut World, seq: u64) {
    while world.seq < seq {
        match client.events(world.seq).await.unwrap() {
            Pulled::Events(events) => {
                for envelope in events {
                    assert_eq!(envelope.seq, world.seq + 1);
                    world.absorb(&envelope);
                }
            }
            Pulled::TooOld => *world = client.snapshot().await.unwrap(),
        }
    }
}

async fn events_come_in_order_and_fold_to_the_snapshot(
    rig: &Rig,
    one: &SessionClient,
    two: &SessionClient,
) {
    let mut early = one.snapshot().await.unwrap();
    rig.ask_for_key(one).await;
    let mut late = two.snapshot().await.unwrap();
    for _ in 0..50 {
        let scope = PauseScope::Sprint(SprintId(1));
        one.submit(Command::Pause(scope)).await.unwrap().unwrap();
        two.submit(Command::Resume(scope)).await.unwrap().unwrap();
    }
    let now = one.snapshot().await.unwrap();
    fold(one, &mut early, now.seq).await;
    fold(two, &mut late, now.seq).await;
    assert_eq!(early, now);
    assert_eq!(late, now);
    early.settle_all();
    assert_eq!(early.open, now.open);
}

async fn a_wait_for_events_that_is_given_up_costs_nothing(
    rig: &Rig,
    one: &SessionClient,
    _: &SessionClient,
) {
    rig.ask_for_key(one).await;
    let head = one.snapshot().await.unwrap().seq;
    for _ in 0..600 {
        tokio::select! {
            biased;
            _ = one.events(head) => panic!("nothing happened"),
            () = tokio::task::yield_now() => {}
        }
    }
    let waiting = one.events(head);
    let scope = PauseScope::Sprint(SprintId(1));
    let (events, paused) = tokio::join!(waiting, one.submit(Command::Pause(scope)));
    paused.unwrap().unwrap();
    assert!(matches!(events.unwrap(), Pulled::Events(events) if !events.is_empty()));
}

async fn signals_come_whole_and_end(rig: &Rig, one: &SessionClient, two: &SessionClient) {
    let signals = &rig.core.signals;
    let mut version = 0;
    let mut said = String::new();
    for piece in ["one ", "two é ", "", "three"] {
        signals.say(key(), piece);
        said.push_str(piece);
        let saying = one.signals(version).await.unwrap();
        version = saying.version;
        assert_eq!(saying.changed[0].1.text, said);
    }
    assert_eq!(two.signals(0).await.unwrap().changed[0].1.text, said);
    // The same effect again: another text under the same key.
    signals.clear(&key());
    signals.say(key(), "another, longer than the first was");
    let saying = one.signals(version).await.unwrap();
    assert_eq!(
        saying.changed[0].1.text,
        "another, longer than the first was"
    );
    version = saying.version;
    // So much that its head is dropped.
    for _ in 0..40 {
        signals.say(key(), &"x".repeat(10_000));
        let saying = one.signals(version).await.unwrap();
        version = saying.version;
        let (expected, _) = signals.since(0);
        assert_eq!(saying.changed, expected);
    }
    signals.clear(&key());
    let saying = one.signals(version).await.unwrap();
    assert!(saying.all.is_empty() && saying.changed.is_empty());
}

async fn long_texts_are_kept_and_fetched(_: &Rig, one: &SessionClient, two: &SessionClient) {
    let text = "a long text\n".repeat(5_000);
    let body = one.keep(&text).await.unwrap();
    let digest = body.digest().unwrap();
    assert_eq!(two.fetch(digest).await.unwrap(), text.as_bytes());
    assert_eq!(one.keep("short").await.unwrap().digest(), None);
    assert!(one.fetch(Digest::of(b"nowhere")).await.is_err());
}

async fn only_people_are_let_in_and_effects_are_not_played(
    rig: &Rig,
    one: &SessionClient,
    _: &SessionClient,
) {
    rig.ask_for_key(one).await;
    let begin = Command::Begin {
        key: key(),
        model: None,
    };
    let take_over = Command::TakeOver {
        version: "0".to_owned(),
        pid: 1,
    };
    for command in [begin, take_over] {
        let refused = one.submit(command).await.unwrap();
        assert_eq!(refused, Err(Refusal::NotAPerson));
    }
}
