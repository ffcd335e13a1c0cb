//! Who is there, told over two real lines.

use std::time::Duration;

use aios::base::id::SprintId;
use aios::base::money::Money;
use aios::domain::journal::{Command, Event, PauseScope, Refusal};
use aios::domain::presence::Standing;
use aios::domain::sprint::Verdict;
use aios::engine::core::Pulled;
use aios::session::{Company, Matter, Presence, SessionClient};

use crate::rig::Rig;

fn at(place: &str) -> Presence {
    Presence {
        place: place.to_owned(),
        gate: Some("s1.g1".parse().unwrap()),
        size: (120, 36),
        work: Some("s1.t2".parse().unwrap()),
        ..Presence::default()
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
    assert_eq!(seen.guests[0].standing, Standing::Viewer);
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
    two.hand(seen.you, item).await.unwrap().unwrap();
    let seen = soon(one.company(seen.version)).await.unwrap();
    assert_eq!(seen.notes[0].matter, Matter::Item(item));
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

fn set(line: u64, to: Standing) -> Command {
    let whom = None;
    Command::SetStanding { line, to, whom }
}

/// The number of a client's line, once it has said where it is.
async fn sits(client: &SessionClient, place: &str) -> u64 {
    client.here(at(place)).await.unwrap();
    soon(client.company(0)).await.unwrap().you
}

/// What the journal says after a number.
async fn written(client: &SessionClient, after: u64) -> Vec<Event> {
    match soon(client.events(after)).await.unwrap() {
        Pulled::Events(events) => events.iter().map(|line| line.event.clone()).collect(),
        Pulled::TooOld => panic!("the events are gone"),
    }
}

/// What only an owner may ask for, at the line `own`, of itself and of another.
fn for_owners(other: u64, own: u64) -> [Command; 5] {
    [
        Command::SetBudget {
            sprint: SprintId(1),
            limit: Money(9_000_000),
        },
        Command::Stop(SprintId(1)),
        set(own, Standing::Owner),
        set(other, Standing::Viewer),
        Command::Remove {
            line: other,
            whom: None,
        },
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_may_do_is_held_by_the_host_and_written_down() {
    let mut rig = Rig::new();
    rig.listen().await;
    let (mira, li) = (rig.remote("mira").await, rig.remote("li").await);
    let script = rig.remote("script").await;
    let (gate, revision) = rig.ask_for_key(&mira).await;
    let decide = |verdict| Command::Decide {
        gate,
        revision,
        verdict,
        is_final: false,
    };
    let (first, second) = (sits(&mira, "home").await, sits(&li, "review").await);
    let before = mira.snapshot().await.unwrap().seq;
    // Who a line is, is the host's to say, whatever a client writes there.
    let forged = aios::domain::presence::Party {
        who: crate::rig::person("somebody else"),
        client: "forged".to_owned(),
    };
    let command = Command::SetStanding {
        line: second,
        to: Standing::Approver,
        whom: Some(forged),
    };
    mira.submit(command).await.unwrap().unwrap();
    let own = aios::session::name_of(rustix::process::geteuid().as_raw());
    let events = written(&script, before).await;
    let [Event::StandingChanged { line, whom, to, by }] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!((*line, *to), (second, Standing::Approver));
    assert_eq!(
        (whom.who.to_string(), by.to_string()),
        (own.clone(), own.clone())
    );
    assert_eq!(whom.client, "li");
    // They are told at once, and may decide and no more.
    let told = soon(li.company(0)).await.unwrap();
    assert_eq!(told.standing, Standing::Approver);
    assert_eq!(told.notes[0].matter, Matter::Standing(Standing::Approver));
    // To drop that would stop the sprint, too.
    let drop = decide(Verdict::Drop);
    for command in for_owners(first, second).into_iter().chain([drop]) {
        let refused = li.submit(command.clone()).await.unwrap().unwrap_err();
        let expected = format!("approver: ask {own}");
        assert_eq!(refused.to_string(), expected, "{command:?}");
    }
    let scope = PauseScope::Sprint(SprintId(1));
    li.submit(Command::Pause(scope)).await.unwrap().unwrap();
    li.submit(Command::Resume(scope)).await.unwrap().unwrap();
    // Then they look on.
    mira.submit(set(second, Standing::Viewer))
        .await
        .unwrap()
        .unwrap();
    let refused = li
        .submit(decide(Verdict::Retry))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(refused.to_string(), format!("viewer: ask {own}"));
    assert!(li.tell("hello").await.unwrap().is_err());
    assert!(li.hand(first, gate).await.unwrap().is_err());
    assert!(li.keep(&"x".repeat(100_000)).await.is_err());
    // A line that is made again gives nothing back, with another host neither.
    rig.close().await;
    rig.listen().await;
    let refused = li
        .submit(decide(Verdict::Retry))
        .await
        .unwrap()
        .unwrap_err();
    assert!(refused.to_string().starts_with("viewer: "), "{refused}");
    let (first, second) = (sits(&mira, "home").await, sits(&li, "review").await);
    mira.submit(set(second, Standing::Owner))
        .await
        .unwrap()
        .unwrap();
    // Two who take it from each other at once: one stays.
    let (one, two) = tokio::join!(
        mira.submit(set(second, Standing::Viewer)),
        li.submit(set(first, Standing::Viewer)),
    );
    assert_ne!(one.unwrap().is_ok(), two.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_is_sent_away_hears_why_and_stays_away() {
    let mut rig = Rig::new();
    rig.listen().await;
    let (mira, li) = (rig.remote("mira").await, rig.remote("li").await);
    let (first, second) = (sits(&mira, "home").await, sits(&li, "review").await);
    let remove = |line| Command::Remove { line, whom: None };
    let before = mira.snapshot().await.unwrap().seq;
    let own = mira.submit(remove(first)).await.unwrap();
    assert_eq!(own, Err(Refusal::Yourself));
    let nobody = mira.submit(remove(99)).await.unwrap();
    assert!(matches!(nobody, Err(Refusal::Unknown(_))));
    let version = soon(li.company(0)).await.unwrap().version;
    // Li waits for news as a terminal does.
    let (gone, removed) = tokio::join!(soon(li.company(version)), mira.submit(remove(second)));
    removed.unwrap().unwrap();
    let own = aios::session::name_of(rustix::process::geteuid().as_raw());
    let why = format!("{own} removed this terminal");
    assert!(gone.unwrap_err().0.starts_with(&why));
    assert!(li.removed().is_some_and(|said| said.starts_with(&why)));
    for _ in 0..3 {
        assert!(li.snapshot().await.unwrap_err().0.starts_with(&why));
        assert!(li.submit(Command::Stop(SprintId(1))).await.is_err());
    }
    let events = written(&mira, before).await;
    assert!(
        matches!(&events[..], [Event::PersonRemoved { line, .. }] if *line == second),
        "{events:?}"
    );
    // Nor does its process come back as somebody new.
    let again = SessionClient::attach(&rig.socket(), "new").await;
    let refused = again.err().map(|failure| failure.to_string());
    assert!(refused.is_some_and(|said| said.starts_with(&why)));
    let mut left = soon(mira.company(0)).await.unwrap();
    while left.guests.len() > 1 {
        left = soon(mira.company(left.version)).await.unwrap();
    }
    // Who was not waiting for anything finds the line closed, and the reason at the door.
    assert!(mira.snapshot().await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hear_a_note_and_a_flood_is_stopped() {
    let mut rig = Rig::new();
    rig.listen().await;
    let (mira, li, tom) = (
        rig.remote("mira").await,
        rig.remote("li").await,
        rig.remote("tom").await,
    );
    for client in [&mira, &li, &tom] {
        sits(client, "home").await;
    }
    mira.tell("stop\u{1b}[2J merging, please")
        .await
        .unwrap()
        .unwrap();
    for client in [&li, &tom] {
        let notes = soon(client.company(0)).await.unwrap().notes;
        let Matter::Text(text) = &notes[0].matter else {
            panic!("{notes:?}");
        };
        assert!(
            text.starts_with("stop") && !text.contains('\u{1b}'),
            "{text}"
        );
    }
    let mut passed = 0;
    for _ in 0..50 {
        passed += usize::from(mira.tell("again").await.unwrap().is_ok());
    }
    assert!(passed < 6, "{passed}");
    li.tell("others are heard all the same")
        .await
        .unwrap()
        .unwrap();
}
