//! Two tasks that clash again and again, until a person solves it: what they chose is what is merged, byte by byte, also when the host
//! goes away in between.

use std::process::Command as Program;

use aios::base::body::Body;
use aios::base::id::GateId;
use aios::domain::change::checks::Judgement;
use aios::domain::change::clash::{Choice, ClashShape, Document, Piece, Side, Whole, name_of};
use aios::domain::journal::{Command, Refusal, World};
use aios::domain::sprint::trial::TrialEnd;
use aios::domain::sprint::{Ask, Gate, Status, Verdict};

use crate::bench::{Act, Bench, Running, accept, finish, left_over, plan, run, running};
use crate::task;

const SLUGS: [&str; 3] = ["one", "two", "three"];

/// Each worker writes its name into the same two files, whatever is there.
fn script(slug: &str, role: &str, step: u32) -> Act {
    match (slug, role, step) {
        ("plan", _, _) => plan(&SLUGS),
        (_, "qa", _) => accept(),
        (slug, _, 0) => run(&format!(
            "printf 'first\\n{slug}\\nlast\\n' > made.txt; printf 'a\\0{slug}' > b.bin"
        )),
        _ => finish(),
    }
}

fn asked(world: &World, number: u32, is_it: impl Fn(&Ask) -> bool) -> Option<&Gate> {
    let mut gates = world.current()?.open_gates();
    gates.find(|gate| gate.work.task() == Some(task(number)) && is_it(&gate.ask))
}

const fn is_review(ask: &Ask) -> bool {
    matches!(ask, Ask::Diff { .. })
}

const fn is_clash(ask: &Ask) -> bool {
    matches!(ask, Ask::Conflict { clash: Some(_), .. })
}

async fn decide(host: &Running, gate: &Gate, verdict: Verdict) -> Result<(), Refusal> {
    let command = Command::Decide {
        gate: gate.id,
        revision: gate.revision,
        verdict,
        is_final: true,
    };
    host.client.submit(command).await.unwrap().map(|_| ())
}

/// Waits for the review of a task and accepts it; gives the gate.
async fn accepted(host: &Running, number: u32, before: Option<GateId>) -> GateId {
    let is_next =
        |world: &World| asked(world, number, is_review).is_some_and(|gate| Some(gate.id) != before);
    let what = format!("a review of t{number}");
    let world = host.until(&what, |world, _| is_next(world)).await;
    let gate = asked(&world, number, is_review).unwrap();
    decide(host, gate, Verdict::Approve).await.unwrap();
    gate.id
}

/// Takes the third task to the gate of its second conflict.
async fn clashing(host: &Running) -> Gate {
    accepted(host, 1, None).await;
    let is_merged = |number| {
        move |_: &World, sprint: &aios::domain::sprint::Sprint| {
            sprint.task(task(number)).unwrap().status == Status::Done
        }
    };
    host.until("the first is merged", is_merged(1)).await;
    // Both are brought together with the first, and then one of them comes in before the other.
    let second = accepted(host, 2, None).await;
    let third = accepted(host, 3, None).await;
    let of = |world: &World, number, before| {
        asked(world, number, is_review).is_some_and(|gate| gate.id != before)
    };
    host.until("both come back", |world, _| {
        of(world, 2, second) && of(world, 3, third)
    })
    .await;
    accepted(host, 2, Some(second)).await;
    host.until("the second is merged", is_merged(2)).await;
    accepted(host, 3, Some(third)).await;
    let world = host
        .until("a conflict for a person", |world, _| {
            asked(world, 3, is_clash).is_some()
        })
        .await;
    asked(&world, 3, is_clash).unwrap().clone()
}

async fn document(host: &Running, gate: &Gate) -> Document {
    let Ask::Conflict {
        clash: Some(clash), ..
    } = &gate.ask
    else {
        panic!("{gate:?}")
    };
    match &clash.document {
        Body::Inline(text) => serde_json::from_str(text).unwrap(),
        Body::Blob { digest, .. } => {
            let bytes = host.client.fetch(*digest).await.unwrap();
            serde_json::from_slice(&bytes).unwrap()
        }
    }
}

fn git(bench: &Bench, arguments: &[&str]) -> Vec<u8> {
    let ran = Program::new("git")
        .args(arguments)
        .current_dir(bench.folder.path().join("project"))
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    ran.stdout
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_chose_is_what_is_merged() {
    let bench = Bench::new(script);
    let host = bench.start().await;
    let gate = clashing(&host).await;
    let shown = document(&host, &gate).await;
    let paths: Vec<&str> = shown.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["b.bin", "made.txt"]);
    let whole = ClashShape::Whole {
        ours: Side::Bytes(5),
        theirs: Side::Bytes(7),
        why: Whole::Binary,
    };
    assert_eq!(shown.files[0].shape, whole);
    let ClashShape::Places(pieces) = &shown.files[1].shape else {
        panic!("{shown:?}")
    };
    let [Piece::Same(head), Piece::Split(split), Piece::Same(tail)] = pieces.as_slice() else {
        panic!("{pieces:?}")
    };
    assert_eq!((head.as_str(), tail.as_str()), ("first\n", "last\n"));
    assert_eq!(
        (
            split.ours.as_str(),
            split.base.as_str(),
            split.theirs.as_str()
        ),
        ("two\n", "one\n", "three\n")
    );

    let half = Verdict::Resolve(vec![vec![Choice::Theirs], vec![]]);
    let refused = decide(&host, &gate, half).await;
    assert!(matches!(refused, Err(Refusal::BadEdit(_))), "{refused:?}");
    let both = vec![vec![Choice::Theirs], vec![Choice::BothTurned]];
    decide(&host, &gate, Verdict::Resolve(both)).await.unwrap();
    // The host goes away wherever it is just then, and the next one goes on.
    host.host.stop().await;
    let host = bench.start().await;
    accepted(&host, 3, None).await;
    let world = host
        .until("the third is merged", |_, sprint| {
            sprint.task(task(3)).unwrap().status == Status::Done
        })
        .await;
    assert_eq!(
        git(&bench, &["show", "aios/s1:made.txt"]),
        b"first\nthree\ntwo\nlast\n"
    );
    assert_eq!(git(&bench, &["show", "aios/s1:b.bin"]), b"a\0three");
    let commit = &world.task(task(3)).unwrap().change.as_ref().unwrap().commit;
    let parents = git(&bench, &["log", "-1", "--format=%P", commit.as_str()]);
    assert_eq!(
        String::from_utf8_lossy(&parents).split_whitespace().count(),
        2,
        "one merge of the sprint's branch into the task's"
    );
    host.host.stop().await;
}

/// What is chosen for both files: the task's bytes, and this for the lines.
fn chosen(lines: Choice) -> Vec<Vec<Choice>> {
    vec![vec![Choice::Theirs], vec![lines]]
}

fn text(text: &str) -> Choice {
    Choice::Text(text.to_owned())
}

async fn tries(host: &Running, gate: &Gate, choices: &[Vec<Choice>]) {
    let (gate, revision) = (gate.id, gate.revision);
    let choices = choices.to_vec();
    host.submit(Command::Try {
        gate,
        revision,
        choices,
    })
    .await;
}

/// Has a result tested, and waits for what comes of it: the tree, and whether the checks passed.
async fn tried(host: &Running, gate: &Gate, choices: &[Vec<Choice>]) -> (String, bool) {
    tries(host, gate, choices).await;
    let of = name_of(choices);
    let end = |world: &World| world.gate(gate.id)?.trial_of(of)?.end.clone();
    let world = host
        .until("the end of a test", |world, _| end(world).is_some())
        .await;
    let sprint = world.current().unwrap();
    match end(&world).unwrap() {
        end @ TrialEnd::Ran { .. } => {
            let judged = end.judged(sprint).unwrap();
            let TrialEnd::Ran { tree, .. } = end else {
                panic!("it ran")
            };
            (tree.to_string(), matches!(judged, Judgement::Passed { .. }))
        }
        TrialEnd::Broke(why) => panic!("{why}"),
    }
}

/// Nothing is left of a test, and nothing was done to the task.
fn is_as_before(bench: &Bench, head: &str) {
    let mut left = Vec::new();
    for _ in 0..500 {
        let worktrees = std::fs::read_dir(bench.folder.path().join("worktrees")).unwrap();
        let names = worktrees.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let refs = git(
            bench,
            &["for-each-ref", "--format=%(refname)", "refs/heads/"],
        );
        let refs = String::from_utf8_lossy(&refs).into_owned();
        left = names.chain(refs.lines().map(str::to_owned)).collect();
        left.retain(|name| name.contains("trial"));
        if left.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(left, [""; 0], "something is left of a test");
    let now = git(bench, &["rev-parse", "aios/s1.t3"]);
    assert_eq!(String::from_utf8_lossy(&now).trim(), head);
    let made = bench.folder.path().join("worktrees/s1.t3/made.txt");
    assert_eq!(std::fs::read(made).unwrap(), b"first\nthree\nlast\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_is_tested_and_nothing_is_written() {
    let bench = Bench::new(script);
    let log = bench.folder.path().canonicalize().unwrap().join("ran");
    let check = format!("echo \"$PWD\" >> {}; ! grep -q bad made.txt", log.display());
    let bench = bench.with_check(&check);
    let host = bench.start().await;
    let gate = clashing(&host).await;
    let head = git(&bench, &["rev-parse", "aios/s1.t3"]);
    let head = String::from_utf8_lossy(&head).trim().to_owned();
    std::fs::write(&log, "").unwrap();
    let asked = bench.asked.lock().unwrap().len();

    let (_, passed) = tried(&host, &gate, &chosen(text("bad\n"))).await;
    assert!(!passed);
    is_as_before(&bench, &head);
    let (tree, passed) = tried(&host, &gate, &chosen(Choice::BothTurned)).await;
    assert!(passed);
    // The same once more, and the same files by another choice: neither is checked again.
    tries(&host, &gate, &chosen(Choice::BothTurned)).await;
    let same = tried(&host, &gate, &chosen(text("three\ntwo\n"))).await;
    assert_eq!(same, (tree.clone(), true));
    is_as_before(&bench, &head);
    let ran = std::fs::read_to_string(&log).unwrap();
    assert_eq!(ran.lines().count(), 2, "{ran}");
    assert!(
        ran.lines().all(|line| line.contains("/s1.t3.trial")),
        "{ran}"
    );
    assert_eq!(
        bench.asked.lock().unwrap().len(),
        asked,
        "no model is asked"
    );

    let verdict = Verdict::Resolve(chosen(Choice::BothTurned));
    decide(&host, &gate, verdict).await.unwrap();
    accepted(&host, 3, None).await;
    let committed = git(&bench, &["rev-parse", "aios/s1.t3^{tree}"]);
    assert_eq!(
        String::from_utf8_lossy(&committed).trim(),
        tree,
        "what was tested is what is written"
    );
    let ran = std::fs::read_to_string(&log).unwrap();
    assert!(
        ran.lines().count() > 2,
        "later stages check for themselves: {ran}"
    );
    host.host.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_outlives_its_host_and_ends_with_its_question() {
    let mark = "sleep 86397.25";
    let check = format!("! grep -q slow made.txt || {mark}");
    let bench = Bench::new(script).with_check(&check);
    let host = bench.start().await;
    let gate = clashing(&host).await;
    let head = git(&bench, &["rev-parse", "aios/s1.t3"]);
    let head = String::from_utf8_lossy(&head).trim().to_owned();
    let runs = || async {
        for _ in 0..3_000 {
            if running(mark).iter().any(|line| line.starts_with("sleep")) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("the test does not run");
    };
    tries(&host, &gate, &chosen(text("slow\n"))).await;
    runs().await;
    host.host.stop().await;
    assert_eq!(left_over(mark), [""; 0]);
    let host = bench.start().await;
    runs().await;
    // Another result takes its place, and ends before it would have.
    let (_, passed) = tried(&host, &gate, &chosen(Choice::Both)).await;
    assert!(passed);
    assert_eq!(left_over(mark), [""; 0]);
    is_as_before(&bench, &head);
    tries(&host, &gate, &chosen(text("slow\n"))).await;
    runs().await;
    decide(&host, &gate, Verdict::TakeOver).await.unwrap();
    assert_eq!(left_over(mark), [""; 0]);
    is_as_before(&bench, &head);
    host.host.stop().await;
}
