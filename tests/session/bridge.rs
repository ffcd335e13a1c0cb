//! The interface's bridge over a line that breaks: it says so, looks for the host by itself, and goes on where it was.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aios::boot::bridge::{Joined, serve};
use aios::boot::desk::Desk;
use aios::boot::places::{Environment, Places};
use aios::boot::wiring::site::Person;
use aios::cli::args::parse;
use aios::domain::journal::{Command, PauseScope};
use aios::tui::link::{Link, News, Request, pair};

use crate::rig::Rig;

/// The settings of somebody who lives in `folder` and has none.
fn desk(folder: &Path) -> Arc<Desk> {
    let environment = Environment::of([("HOME", folder.to_str().unwrap())]);
    let person = Person {
        args: Arc::new(parse(["aios".into()]).unwrap()),
        places: Places::new(&environment).unwrap(),
        environment,
    };
    Arc::new(Desk::new(person, None))
}

/// The first news that `wanted` accepts.
async fn wait<T>(link: &mut Link, mut wanted: impl FnMut(News) -> Option<T>) -> T {
    let looking = async {
        loop {
            let news = link.news.recv().await.unwrap();
            if let Some(found) = wanted(news) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_comes_back_is_found_and_what_was_under_way_is_told() {
    let mut rig = Rig::new();
    rig.listen().await;
    let client = rig.remote("screen").await;
    let (gate, revision) = rig.ask_for_key(&client).await;
    let (mut link, peer) = pair();
    let joined = Joined {
        client,
        journal: rig.folder.path().join("journal"),
        revive: None,
        desk: desk(rig.folder.path()),
    };
    let bridge = tokio::spawn(serve(peer, joined));
    let world = |news| match news {
        News::World(world) => Some(world),
        _ => None,
    };
    let before = wait(&mut link, world).await;
    assert!(before.gate(gate).is_some());

    rig.close().await;
    let retry = |news| match news {
        News::Retry(pause) => Some(pause),
        _ => None,
    };
    let first = wait(&mut link, retry).await;
    assert!(
        wait(&mut link, retry).await > first,
        "it is tried less and less often"
    );
    // What is asked now is neither done nor forgotten.
    let id = aios::base::id::CommandId("screen-1".to_owned());
    let command = Box::new(Command::Decide {
        gate,
        revision,
        verdict: aios::domain::sprint::Verdict::Retry,
        is_final: false,
    });
    let submit = Request::Submit {
        id: id.clone(),
        command,
    };
    link.requests.send(submit.clone()).await.unwrap();
    let unsent = |news| match news {
        News::Unsent(id) => Some(id),
        _ => None,
    };
    assert_eq!(wait(&mut link, unsent).await, id);

    rig.listen().await;
    link.requests.send(Request::Again).await.unwrap();
    assert_eq!(wait(&mut link, world).await.seq, before.seq);
    link.requests.send(submit.clone()).await.unwrap();
    let answered = |news| match news {
        News::Answered { refusal, .. } => Some(refusal),
        _ => None,
    };
    assert_eq!(wait(&mut link, answered).await, None);
    // The same name again is the same decision.
    link.requests.send(submit).await.unwrap();
    assert_eq!(wait(&mut link, answered).await, None);

    // Events come again, too.
    let local = rig.local("other");
    let scope = PauseScope::Sprint(aios::base::id::SprintId(1));
    local.submit(Command::Pause(scope)).await.unwrap().unwrap();
    let paused = |news| match news {
        News::Event(envelope) => Some(envelope.seq),
        _ => None,
    };
    assert!(wait(&mut link, paused).await > before.seq);
    bridge.abort();
}
