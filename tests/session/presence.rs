//! Who is there, told over two real lines.

use std::time::Duration;

use aios::domain::journal::{Command, PauseScope, Refusal};
use aios::domain::sprint::Verdict;
use aios::session::{Company, Presence, SessionClient};

use crate::rig::Rig;

fn at(place: &str) -> Presence {
    Presence {
        place: place.to_owned(),
        gate: Some("s1.g1".parse().unwrap()),
        size: (120, 36),
        is_idle: false,
        work: Some("s1.t2".parse().unwrap()),
        item: None,
    }
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .unwrap()
}

fn places(company: &Company) -> Vec<&str> {
    let guests = company.guests.iter();
    guests.map(|guest| guest.presence.place.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_looks_is_served_and_decides_nothing() {
    let mut rig = Rig::new();
    rig.listen().await;
    let decider = rig.remote("decider").await;
    let (gate, revision) = rig.ask_for_key(&decider).await;
    let viewer = SessionClient::attach_to_look(&rig.socket(), "viewer").await;
    let viewer = viewer.unwrap();
    let before = viewer.snapshot().await.unwrap();
    assert_eq!(before.gate(gate).map(|gate| gate.revision), Some(revision));
    let decide = Command::Decide {
        gate,
        revision,
        verdict: Verdict::Retry,
        is_final: false,
    };
    let scope = PauseScope::Sprint(gate.sprint);
    for command in [decide.clone(), Command::Pause(scope)] {
        let refused = viewer.submit(command).await.unwrap();
        assert_eq!(refused, Err(Refusal::LooksOnly));
    }
    assert!(viewer.keep(&"x".repeat(100_000)).await.is_err());
    // Also over a line that was made again.
    rig.close().await;
    rig.listen().await;
    let refused = viewer.submit(decide.clone()).await.unwrap();
    assert_eq!(refused, Err(Refusal::LooksOnly));
    assert_eq!(viewer.snapshot().await.unwrap(), before);
    // The others see that they look only.
    viewer.here(at("home")).await.unwrap();
    let seen = soon(decider.company(0)).await.unwrap();
    assert!(seen.guests[0].looks_only);
    decider.submit(decide).await.unwrap().unwrap();
    assert!(viewer.snapshot().await.unwrap().seq > before.seq);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_see_each_other_come_move_and_go() {
    let mut rig = Rig::new();
    rig.listen().await;
    let (one, two) = (rig.remote("one").await, rig.remote("two").await);
    let before = one.snapshot().await.unwrap().seq;
    one.here(at("home")).await.unwrap();
    let seen = soon(two.company(0)).await.unwrap();
    assert_eq!(places(&seen), ["home"]);
    assert_ne!(seen.you, seen.guests[0].number);
    // The name is the kernel's, not the client's.
    let own = aios::session::name_of(rustix::process::geteuid().as_raw());
    assert_eq!(seen.guests[0].name, own);
    two.here(at("review")).await.unwrap();
    let seen = soon(one.company(seen.version)).await.unwrap();
    assert_eq!(places(&seen), ["home", "review"]);
    assert_eq!(seen.guests[1].presence.work, at("review").work);
    // What is handed over comes to the one that it is for.
    let item = "s1.g1".parse().unwrap();
    two.hand(seen.you, item).await.unwrap();
    let seen = soon(one.company(seen.version)).await.unwrap();
    assert_eq!(seen.notes[0].gate, item);
    assert_eq!(seen.notes[0].from, own);
    assert!(soon(two.company(0)).await.unwrap().notes.is_empty());
    // Nothing of it is in the journal.
    assert_eq!(one.snapshot().await.unwrap().seq, before);
    drop(one);
    let mut left = soon(two.company(seen.version)).await.unwrap();
    while left.guests.len() > 1 {
        left = soon(two.company(left.version)).await.unwrap();
    }
    assert_eq!(places(&left), ["review"]);
    // Another host knows nobody until they say where they are.
    rig.close().await;
    rig.listen().await;
    let other = soon(two.company(left.version)).await.unwrap();
    assert!(other.guests.is_empty());
}
