//! What becomes of effects that do not simply end: they panic, are cancelled, are paused, are too dear, or change files by themselves.
//! The host, git and the commands are real; the model does what the test says.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is missing"
)]

mod bench;
mod conflicts;

use std::sync::Arc;

use aios::base::body::Body;
use aios::base::id::{SprintId, TaskId};
use aios::base::money::Money;
use aios::domain::journal::{Command, EffectKey, PauseScope, World};
use aios::domain::sprint::{Ask, Closing, Phase, Sprint, Status};
use tokio::sync::Semaphore;

use bench::{Act, Bench, accept, finish, git, left_over, plan, run, running};

const SPRINT: SprintId = SprintId(1);

fn task(number: u32) -> TaskId {
    TaskId {
        sprint: SPRINT,
        number,
    }
}

/// A worker that makes a file by a command, and a judge that likes it.
fn good(role: &str, step: u32) -> Act {
    match (role, step) {
        ("qa", _) => accept(),
        (_, 0) => run("echo made > made.txt"),
        _ => finish(),
    }
}

fn has_failed(sprint: &Sprint, number: u32, words: &str) -> bool {
    sprint.open_gates().any(|gate| {
        gate.work.task() == Some(task(number))
            && matches!(&gate.ask, Ask::Fail { evidence, .. } if evidence.contains(words))
    })
}

fn is_quiet(world: &World) -> bool {
    world.began.is_empty() && world.reserved == Money::ZERO
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_a_persons_business_and_nobody_elses() {
    let bench = Bench::new(|slug, role, step| match slug {
        "plan" => plan(&["model", "sandbox", "good"]),
        "model" => Act::Panic,
        "sandbox" => run("panic"),
        _ => good(role, step),
    });
    let host = bench.start().await;
    let world = host
        .until("two failures and one review", |_, sprint| {
            has_failed(sprint, 1, "the model's adapter is broken")
                && has_failed(sprint, 2, "the sandbox is broken")
                && sprint
                    .open_gates()
                    .any(|gate| matches!(gate.ask, Ask::Diff { .. }))
        })
        .await;
    assert!(is_quiet(&world), "{:?}", world.began);
    // Asked once each: a panic is not tried again by itself.
    assert_eq!((bench.asked("model"), bench.asked("sandbox")), (1, 1));
    // The call that panicked may have cost what was set aside.
    assert_eq!(world.current().unwrap().ledger.all.lost, 1);
    host.host.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stopped_sprint_ran_is_ended_and_paid() {
    let mark = "61.25";
    let bench = Bench::new(|slug, _, _| match slug {
        "plan" => plan(&["talks", "runs"]),
        "talks" => Act::Hang,
        _ => run("(setsid sleep 61.25 &) ; sleep 61.25"),
    });
    let host = bench.start().await;
    until_both_run(&host, mark).await;
    host.submit(Command::Stop(SPRINT)).await;
    let world = host
        .until("an end in order", |world, sprint| {
            sprint.phase == Phase::Closed(Closing::Stopped) && is_quiet(world)
        })
        .await;
    let sprint = world.sprints.get(&SPRINT).unwrap();
    // Nobody knows what the cancelled call cost: what was set aside counts as spent.
    assert_eq!(sprint.ledger.all.lost, 1);
    assert!(sprint.account.spent > Money::ZERO);
    assert_eq!(sprint.account.spent, sprint.ledger.all.cost);
    assert_eq!(left_over(mark), Vec::<String>::new());
    host.host.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dropped_task_ran_is_ended_and_the_others_go_on() {
    let mark = "62.25";
    let bench = Bench::new(|slug, role, step| match (slug, step) {
        ("plan", _) => plan(&["talks", "runs", "good"]),
        ("talks", _) => Act::Hang,
        ("runs", _) => run("sleep 62.25"),
        _ => good(role, step),
    });
    let host = bench.start().await;
    until_both_run(&host, mark).await;
    host.submit(Command::DropTask(task(1))).await;
    host.submit(Command::DropTask(task(2))).await;
    host.approve("a review", |ask| matches!(ask, Ask::Diff { .. }))
        .await;
    let world = host
        .until("the other's merge", |world, sprint| {
            sprint
                .tasks
                .get(&3)
                .is_some_and(|task| task.status == Status::Done)
                && is_quiet(world)
        })
        .await;
    assert_eq!(world.current().unwrap().ledger.all.lost, 1);
    assert_eq!(left_over(mark), Vec::<String>::new());
    host.host.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pause_lets_what_runs_end_and_begins_nothing() {
    let gate = Arc::new(Semaphore::new(0));
    let held = gate.clone();
    let bench = Bench::new(move |slug, role, step| match (slug, role, step) {
        ("plan", ..) => plan(&["good"]),
        ("good", "backend", 0) => Act::Wait(
            held.clone(),
            vec![(
                "run_command",
                serde_json::json!({"command": "echo made > made.txt"}),
            )],
        ),
        _ => good(role, step),
    });
    let host = bench.start().await;
    host.until("a call in flight", |world, _| {
        world.began.keys().any(
            |key| matches!(key, EffectKey::Model { attempt, .. } if attempt.work.task().is_some()),
        )
    })
    .await;
    host.submit(Command::Pause(PauseScope::Sprint(SPRINT)))
        .await;
    gate.add_permits(1);
    // The call ends and is recorded; the command that it asks for is wanted, and does not begin.
    let world = host
        .until("the call's end", |world, _| is_quiet(world))
        .await;
    let sprint = world.current().unwrap();
    assert_eq!(sprint.ledger.all.lost, 0);
    let is_held = |key: &EffectKey| {
        matches!(key, EffectKey::Tool { .. })
            && world.open.get(key).is_some_and(|wish| wish.hold.is_some())
    };
    let keys: Vec<&EffectKey> = world.open.keys().collect();
    assert!(keys.iter().any(|key| is_held(key)), "{keys:?}");
    host.submit(Command::Resume(PauseScope::Sprint(SPRINT)))
        .await;
    host.approve("a review", |ask| matches!(ask, Ask::Diff { .. }))
        .await;
    host.approve("the landing", |ask| matches!(ask, Ask::Merge { .. }))
        .await;
    host.until("the end", |_, sprint| sprint.is_closed()).await;
    host.host.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_stops_leaves_no_process_and_the_next_one_settles() {
    let mark = "63.25";
    let bench = Bench::new(|slug, _, step| match (slug, step) {
        ("plan", _) => plan(&["talks", "runs"]),
        ("talks", _) => Act::Hang,
        (_, 0) => run("sleep 63.25"),
        _ => Act::Hang,
    });
    let first = bench.start().await;
    until_both_run(&first, mark).await;
    first.host.stop().await;
    assert_eq!(left_over(mark), Vec::<String>::new());
    let second = bench.start().await;
    let world = second
        .until("everything asked again", |world, sprint| {
            sprint.ledger.all.lost == 1 && world.began.len() == 2
        })
        .await;
    // The command is not run a second time: its agent hears that nobody knows its outcome.
    assert_eq!(running(mark), Vec::<String>::new());
    let answers = world
        .current()
        .unwrap()
        .attempts
        .values()
        .flat_map(|attempt| &attempt.steps);
    let briefs: Vec<String> = answers
        .flat_map(|step| &step.calls)
        .filter_map(|call| call.answer.as_ref())
        .map(|answer| answer.brief.clone())
        .collect();
    assert!(briefs.contains(&"interrupted".to_owned()), "{briefs:?}");
    second.host.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_the_budget_does_not_cover_is_never_made() {
    let bench = Bench::new(|_, _, _| plan(&["good"])).with_budget(Money::dollars(0));
    let host = bench.start().await;
    host.until("a question for more", |world, sprint| {
        sprint
            .open_gates()
            .any(|gate| matches!(gate.ask, Ask::Budget { .. }))
            && is_quiet(world)
    })
    .await;
    host.host.stop().await;
    assert_eq!(bench.asked("plan"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_changes_is_known_by_its_call() {
    let bench = Bench::new(|slug, role, step| match (slug, role, step) {
        ("plan", ..) => plan(&["good"]),
        ("good", "backend", 0) => run(
            "echo made > made.txt; echo two >> a.txt; mkdir d; head -c 2000000 /dev/zero > d/large; chmod +x a.txt",
        ),
        ("good", "backend", 1) => run("rm d/large; echo more >> made.txt"),
        ("good", "backend", 2) => Act::Calls(vec![(
            "write_file",
            serde_json::json!({"path": "b.txt", "content": "b\n", "criterion": "none"}),
        )]),
        ("good", "backend", _) => finish(),
        _ => accept(),
    });
    let host = bench.start().await;
    let world = host
        .until("a review", |_, sprint| {
            sprint
                .open_gates()
                .any(|gate| matches!(gate.ask, Ask::Diff { .. }))
        })
        .await;
    let sprint = world.current().unwrap();
    let done = sprint.tasks.get(&1).unwrap();
    let seen: Vec<_> = done
        .edits
        .iter()
        .flat_map(|(path, edits)| edits.iter().map(move |edit| (path, edit)))
        .map(|(path, edit)| {
            (
                path.as_str(),
                edit.step,
                edit.after.is_some(),
                edit.criterion.is_some(),
                edit.added,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("a.txt", 0, true, true, 1),
            ("b.txt", 2, true, false, 1),
            ("d/large", 0, true, true, 0),
            ("d/large", 1, false, true, 0),
            ("made.txt", 0, true, true, 1),
            ("made.txt", 1, true, true, 1),
        ]
    );
    let changed = done.change.as_ref().unwrap();
    for file in &changed.files {
        assert!(done.edits.contains_key(&file.path), "{}", file.path);
    }
    host.host.stop().await;
}

/// Waits until a call hangs and a command runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fork_starts_where_a_sprint_stood_though_the_checkout_went_on() {
    let bench = Bench::new(|slug, _, _| match slug {
        "plan" => Act::Hang,
        _ => finish(),
    });
    let host = bench.start().await;
    let opened = |world: &World, number| {
        let base = world.sprints.get(&SprintId(number))?.base.as_ref()?;
        Some(base.commit.clone())
    };
    let world = host
        .until("the first is open", |world, _| opened(world, 1).is_some())
        .await;
    let base = opened(&world, 1).unwrap();
    host.submit(Command::Stop(SPRINT)).await;
    host.until("an end in order", |world, _| is_quiet(world))
        .await;
    let project = bench.folder.path().join("project");
    git(&project, &["commit", "--allow-empty", "-m", "later"]);
    for (from, number) in [(Some(base.clone()), 2), (None, 3)] {
        host.submit(Command::StartSprint {
            goal: Body::Inline("another way".to_owned()),
            setup: None,
            base: from.clone(),
        })
        .await;
        let world = host
            .until("it is open", |world, _| opened(world, number).is_some())
            .await;
        let is_old = opened(&world, number) == Some(base.clone());
        assert_eq!(is_old, from.is_some(), "s{number}");
        host.submit(Command::Stop(SprintId(number))).await;
    }
    host.host.stop().await;
}

async fn until_both_run(host: &bench::Running, mark: &str) {
    host.until("a call and a command in flight", |world, _| {
        let of_task = |key: &EffectKey| matches!(key, EffectKey::Model { attempt, .. } if attempt.work.task() == Some(task(1)));
        let tool = |key: &EffectKey| matches!(key, EffectKey::Tool { .. });
        world.began.keys().any(of_task) && world.began.keys().any(tool)
    })
    .await;
    while running(mark).is_empty() {
        tokio::task::yield_now().await;
    }
}
