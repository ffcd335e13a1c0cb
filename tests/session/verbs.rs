//! The verbs as clients: what they print and how they end.

use std::io::Write;
use std::sync::{Arc, Mutex};

use aios::cli::args::{self, Verb};
use aios::cli::halt::Act;
use aios::cli::output::{Out, Wanted};
use aios::cli::{ExitCode, approve, halt, reject, status, waiting};
use aios::session::SessionClient;

use crate::rig::{Rig, clock};

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Runs a verb and gives its exit code, its results and its problems.
async fn run(client: &SessionClient, arguments: &[&str]) -> (ExitCode, String, String) {
    let words = ["aios"].iter().chain(arguments).map(Into::into);
    let args = args::parse(words).expect("the arguments are right");
    let (results, notes) = (Page::default(), Page::default());
    let wanted = Wanted {
        json: args.global.json,
        progress: false,
        quiet: false,
    };
    let mut out = Out::over(Box::new(results.clone()), Box::new(notes.clone()), wanted);
    let world = client.snapshot().await.unwrap();
    let clock = clock();
    let code = match args.verb.as_ref().unwrap() {
        Verb::Approve(verb) => approve::run(verb, client, &mut out).await,
        Verb::Reject(verb) => reject::run(verb, args.global.yes, client, &mut out).await,
        Verb::Pause(verb) => halt::run((Act::Pause, verb), args.global.yes, client, &mut out).await,
        Verb::Resume(verb) => {
            halt::run((Act::Resume, verb), args.global.yes, client, &mut out).await
        }
        Verb::Stop(verb) => halt::run((Act::Stop, verb), args.global.yes, client, &mut out).await,
        Verb::Status(verb) => {
            status::run(verb, "shop", world, Some(client), &*clock, &mut out).await
        }
        Verb::Waiting(verb) => waiting::run(verb, world, Some(client), &*clock, &mut out).await,
        other => panic!("{other:?} is not tried here"),
    };
    (code.unwrap(), results.text(), notes.text())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approving_twice_tells_who_was_first() {
    let mut rig = Rig::new();
    rig.listen().await;
    let (one, two) = (rig.remote("one").await, rig.local("somebody else"));
    rig.ask_for_key(&one).await;
    let (code, text, _) = run(&two, &["approve", "g1"]).await;
    assert_eq!(code, ExitCode::Done);
    assert!(text.starts_with("decided s1.g1: "), "{text}");
    let (code, text, problem) = run(&one, &["approve", "s1.g1"]).await;
    assert_eq!((code, text.as_str()), (ExitCode::NotAllowed, ""));
    assert_eq!(
        problem,
        "aios: s1.g1 was already decided by somebody else: see what was decided with aios logs  (E-GATE-02)\n"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_listed_and_what_stops_everything_is_asked_twice() {
    let mut rig = Rig::new();
    rig.listen().await;
    let client = rig.remote("one").await;
    assert_eq!(run(&client, &["waiting"]).await.1, "nothing waits\n");
    let (code, _, problem) = run(&client, &["waiting", "--wait", "--timeout", "0s"]).await;
    assert_eq!((code, problem.lines().count()), (ExitCode::Timeout, 1));
    rig.ask_for_key(&client).await;
    let (_, text, _) = run(&client, &["waiting"]).await;
    assert!(text.starts_with("s1.g1  KEY  s1.plan  "), "{text}");
    let (_, json, _) = run(&client, &["waiting", "--wait", "--json"]).await;
    assert!(
        json.starts_with(r#"{"v":1,"id":"s1.g1","kind":"KEY","#),
        "{json}"
    );
    let (_, line, _) = run(&client, &["status", "--line"]).await;
    assert_eq!(line, "aios shop: 1 waiting, $0.00 (simulated)\n");
    let (_, object, _) = run(&client, &["status", "--json"]).await;
    let object: serde_json::Value = serde_json::from_str(&object).unwrap();
    assert_eq!(object["sprint"]["phase"], "planning");
    let (code, _, problem) = run(&client, &["reject", "g1"]).await;
    assert_eq!(code, ExitCode::PersonNeeded);
    assert!(problem.contains("stops s1 for good"), "{problem}");
    let (code, ..) = run(&client, &["reject", "g1", "--yes"]).await;
    assert_eq!(code, ExitCode::Done);
    assert!(
        client
            .snapshot()
            .await
            .unwrap()
            .current()
            .unwrap()
            .is_closed()
    );
    for unknown in ["g9", "s4.g1", "t1", "x"] {
        let (code, _, problem) = run(&client, &["approve", unknown]).await;
        assert_eq!((code, problem.lines().count()), (ExitCode::Usage, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sprint_is_paused_goes_on_and_is_stopped_only_by_who_is_sure() {
    let mut rig = Rig::new();
    rig.listen().await;
    let client = rig.remote("one").await;
    rig.ask_for_key(&client).await;
    let (code, text, _) = run(&client, &["pause"]).await;
    assert_eq!((code, text.as_str()), (ExitCode::Done, "s1 paused\n"));
    let world = client.snapshot().await.unwrap();
    assert!(world.current().unwrap().paused.is_some());
    let (_, text, _) = run(&client, &["resume", "s1", "--json"]).await;
    assert_eq!(text, "{\"v\":1,\"id\":\"s1\",\"is\":\"goes on\"}\n");
    let (code, _, problem) = run(&client, &["stop"]).await;
    assert_eq!((code, problem.lines().count()), (ExitCode::PersonNeeded, 1));
    assert!(problem.contains("aios stop s1 --yes"), "{problem}");
    let (code, _, problem) = run(&client, &["pause", "t9"]).await;
    assert!(
        code != ExitCode::Done && problem.contains("t9"),
        "{problem}"
    );
    let (code, text, _) = run(&client, &["stop", "--yes"]).await;
    assert_eq!((code, text.as_str()), (ExitCode::Done, "s1 stopped\n"));
    assert!(
        client
            .snapshot()
            .await
            .unwrap()
            .current()
            .unwrap()
            .is_closed()
    );
}
