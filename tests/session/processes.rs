//! Whole processes: a host with a real sprint, clients that come, are killed, or may not come in.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use aios::base::id::SprintId;
use aios::cli::ExitCode;
use aios::cli::headless::{Approval, Drive, drive};
use aios::cli::output::{Out, Wanted};
use aios::domain::journal::World;
use aios::domain::sprint::Sprint;
use aios::engine::core::Pulled;
use aios::session::SessionClient;
use rustix::process::{Pid, Signal, kill_process};

use crate::needs;
use crate::parts::{Played, command, socket};
use crate::rig::Rig;

fn quiet() -> Out {
    Out::over(
        Box::new(std::io::sink()),
        Box::new(std::io::sink()),
        Wanted::default(),
    )
}

const HOW: Drive = Drive {
    sprint: SprintId(1),
    approval: Approval::All,
    verbose: false,
    rejects_once: false,
};

/// Folds everything until the sprint is over.
async fn fold(client: SessionClient) -> World {
    let mut world = client.snapshot().await.unwrap();
    while !world.current().is_some_and(Sprint::is_closed) {
        match client.events(world.seq).await.unwrap() {
            Pulled::Events(events) => events.iter().for_each(|event| world.absorb(event)),
            Pulled::TooOld => world = client.snapshot().await.unwrap(),
        }
    }
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sprint_over_the_socket_and_a_killed_client_that_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = Played::host(folder.path(), "0");
    host.says("ready");
    let mut killed = Played::start(&mut command("client", folder.path()));
    killed.says("attached");
    let attach = |name| {
        let path = socket(folder.path());
        async move { SessionClient::attach(&path, name).await.unwrap() }
    };
    let (decider, one, two) = (
        attach("decider").await,
        attach("one").await,
        attach("two").await,
    );
    let (one, two) = (tokio::spawn(fold(one)), tokio::spawn(fold(two)));
    killed.child.kill().unwrap();
    let ending = drive(&decider, HOW, &mut quiet()).await.unwrap();
    assert_eq!(ending.exit, ExitCode::Done, "{}", ending.text);
    let (one, two) = (one.await.unwrap(), two.await.unwrap());
    assert_eq!(one, two);
    assert_eq!(one, decider.snapshot().await.unwrap());
    let (done, all) = one.current().unwrap().progress();
    assert_eq!(done, all);
    // Nobody needs it any more: it ends by itself and takes its socket with it.
    drop(decider);
    host.says("ended Idle");
    assert!(host.child.wait().unwrap().success());
    assert!(!socket(folder.path()).exists());
}

/// Processes whose working folder lies below `folder`.
fn working_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let here = entries.filter(|entry| {
        let folder_of = fs::read_link(entry.path().join("cwd"));
        folder_of.is_ok_and(|path| path.starts_with(folder))
    });
    here.map(|entry| fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_ends_a_host_and_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = Played::host(folder.path(), "0");
    host.says("ready");
    let client = SessionClient::attach(&socket(folder.path()), "one")
        .await
        .unwrap();
    let other = client.clone();
    let driver = tokio::spawn(async move { drive(&other, HOW, &mut quiet()).await.unwrap() });
    // In the middle of the sprint's work, whatever it is doing.
    let mut world = client.snapshot().await.unwrap();
    while world
        .current()
        .is_none_or(|sprint| sprint.progress().0 == 0)
    {
        match client.events(world.seq).await.unwrap() {
            Pulled::Events(events) => events.iter().for_each(|event| world.absorb(event)),
            Pulled::TooOld => world = client.snapshot().await.unwrap(),
        }
    }
    let pid = Pid::from_child(&host.child);
    kill_process(pid, Signal::TERM).unwrap();
    host.says("ended Told");
    assert!(host.child.wait().unwrap().success());
    assert_eq!(working_in(folder.path()), Vec::<String>::new());
    assert_eq!(driver.await.unwrap().exit, ExitCode::HostNotReached);
    // The next host goes on where this one was told to end.
    let mut host = Played::host(folder.path(), "0");
    host.says("ready");
    let client = SessionClient::attach(&socket(folder.path()), "two")
        .await
        .unwrap();
    let ending = drive(&client, HOW, &mut quiet()).await.unwrap();
    assert_eq!(ending.exit, ExitCode::Done, "{}", ending.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_host_started_decides_nothing() {
    let mut rig = Rig::new();
    rig.listen().await;
    // This process is the host, so what it starts is what an agent's command would be.
    let mut child = Played::start(&mut command("client", rig.folder.path()));
    let refusal = child.says("refused ");
    assert!(
        refusal.starts_with("not yours: ") && refusal.contains("only a person decides"),
        "{refusal}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_user_is_refused_with_one_line() {
    let is_root = rustix::process::geteuid().is_root();
    if !needs::has("root", is_root, "another_user_is_refused_with_one_line") {
        return;
    }
    let mut rig = Rig::new();
    rig.listen().await;
    let nobody = |part| {
        let mut command = command(part, rig.folder.path());
        command.uid(65_534).gid(65_534).current_dir("/");
        command
    };
    let open = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    open(rig.folder.path(), 0o755);
    let Ok(mut probe) = nobody("none").spawn() else {
        needs::has(
            "a test program that others can read",
            false,
            "another_user_is_refused_with_one_line",
        );
        return;
    };
    probe.wait().unwrap();
    // The folder alone keeps others out.
    let refusal = Played::start(&mut nobody("client")).says("refused ");
    assert!(refusal.starts_with("not yours: "), "{refusal}");
    // Were it open, the client would not talk to another user's host, nor the host to another user's client.
    open(rig.socket().parent().unwrap(), 0o755);
    open(&rig.socket(), 0o666);
    let refusal = Played::start(&mut nobody("client")).says("refused ");
    assert!(
        refusal.starts_with("not yours: user 0 listens"),
        "{refusal}"
    );
    let heard = Played::start(&mut nobody("stranger")).says("heard ");
    assert!(
        heard.contains("not yours: the host belongs to user 0 and you are user 65534"),
        "{heard}"
    );
}
