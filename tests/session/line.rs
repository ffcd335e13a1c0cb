//! What can go wrong on the line: it breaks, the other end lies, sends half, sends too much, or does not read.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;

use aios::base::id::SprintId;
use aios::domain::journal::{Command, PauseScope};
use aios::session::codec::{Frames, MOST_FROM_CLIENT, MOST_FROM_HOST, frame};
use aios::session::protocol::{Hello, Reply, Request, Welcome, decode, encode};
use aios::session::{AttachFailure, BindFailure, Listener, SessionClient};

use crate::rig::Rig;

async fn rig() -> Rig {
    let mut rig = Rig::new();
    rig.listen().await;
    rig
}

fn greet(stream: &mut UnixStream, hello: &Hello) {
    let hello = serde_json::to_vec(hello).unwrap();
    stream
        .write_all(&frame(&hello, MOST_FROM_CLIENT).unwrap())
        .unwrap();
}

fn next(stream: &mut UnixStream, frames: &mut Frames) -> Option<Vec<u8>> {
    let mut buffer = [0; 16_000];
    loop {
        if let Some(frame) = frames.take().unwrap() {
            return Some(frame.to_vec());
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => frames.push(&buffer[..count]),
        }
    }
}

fn raw(rig: &Rig) -> (UnixStream, Frames) {
    let mut stream = UnixStream::connect(rig.socket()).unwrap();
    let mut frames = Frames::new(MOST_FROM_HOST);
    greet(&mut stream, &Hello::new("raw"));
    let welcome = next(&mut stream, &mut frames).unwrap();
    assert!(matches!(
        serde_json::from_slice(&welcome).unwrap(),
        Welcome::Served { .. }
    ));
    (stream, frames)
}

async fn pause(client: &SessionClient) {
    let scope = PauseScope::Sprint(SprintId(1));
    // That there is no sprint yet is an answer, too.
    client.submit(Command::Pause(scope)).await.unwrap().ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_line_is_made_again() {
    let mut rig = rig().await;
    let client = rig.remote("one").await;
    rig.ask_for_key(&client).await;
    rig.close().await;
    rig.listen().await;
    pause(&client).await;
    rig.close().await;
    assert!(client.snapshot().await.is_err());
    rig.listen().await;
    assert_eq!(
        client.snapshot().await.unwrap(),
        rig.local("two").snapshot().await.unwrap()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_goes_on_over_a_new_line() {
    let mut rig = rig().await;
    let client = rig.remote("one").await;
    rig.ask_for_key(&client).await;
    let head = client.snapshot().await.unwrap().seq;
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.events(head).await }
    });
    pause(&rig.remote("warm").await).await;
    let _ = waiting.await.unwrap().unwrap();
    let head = client.snapshot().await.unwrap().seq;
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.events(head).await }
    });
    rig.close().await;
    rig.listen().await;
    let scope = PauseScope::Sprint(SprintId(1));
    let local = rig.local("two");
    local.submit(Command::Resume(scope)).await.unwrap().unwrap();
    assert!(waiting.await.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_frames_lies_and_noise_harm_nobody_else() {
    let rig = rig().await;
    let client = rig.remote("one").await;
    let request = frame(&encode(1, &Request::Snapshot).unwrap(), MOST_FROM_CLIENT).unwrap();
    for length in 0..request.len() {
        let (mut stream, _) = raw(&rig);
        stream.write_all(&request[..length]).unwrap();
    }
    let noise: [&[u8]; 4] = [
        &u32::MAX.to_le_bytes(),
        &[3, 0, 0, 0, 0xff, 0xff, 0xff],
        &[0, 0, 0, 0],
        &[0xff; 4_096],
    ];
    for bytes in noise {
        let (mut stream, mut frames) = raw(&rig);
        stream.write_all(bytes).unwrap();
        assert_eq!(next(&mut stream, &mut frames), None, "{bytes:?}");
        // Before the greeting, too.
        let mut stream = UnixStream::connect(rig.socket()).unwrap();
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        assert_eq!(next(&mut stream, &mut Frames::new(MOST_FROM_HOST)), None);
    }
    client.snapshot().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_loses_nothing_and_holds_nobody_up() {
    let rig = rig().await;
    let client = rig.remote("one").await;
    rig.ask_for_key(&client).await;
    let text = "x".repeat(400_000);
    let digest = client.keep(&text).await.unwrap().digest().unwrap();
    let (mut stream, mut frames) = raw(&rig);
    for number in 1..=200 {
        let request = encode(number, &Request::Fetch(digest)).unwrap();
        stream
            .write_all(&frame(&request, MOST_FROM_CLIENT).unwrap())
            .unwrap();
    }
    for _ in 0..20 {
        pause(&client).await;
        client.snapshot().await.unwrap();
    }
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 200 {
        let reply = next(&mut stream, &mut frames).unwrap();
        let (number, reply) = decode::<Reply>(&reply).unwrap();
        assert!(matches!(reply, Reply::Text(Ok(bytes)) if bytes == text.as_bytes()));
        assert!(seen.insert(number));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_program_version_hears_a_sentence() {
    let rig = rig().await;
    let mut stream = UnixStream::connect(rig.socket()).unwrap();
    let hello = Hello {
        version: "0.0.1".to_owned(),
        ..Hello::new("old")
    };
    greet(&mut stream, &hello);
    let welcome = next(&mut stream, &mut Frames::new(MOST_FROM_HOST)).unwrap();
    let Welcome::OtherVersion(text) = serde_json::from_slice(&welcome).unwrap() else {
        panic!("it was let in");
    };
    assert!(
        text.contains("this is aios 0.0.1") && text.contains("kill"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_long_a_message_is_refused_where_it_is_made() {
    let rig = rig().await;
    let client = rig.remote("one").await;
    let gone = client.keep(&"x".repeat(2 << 20)).await.unwrap_err();
    assert!(gone.to_string().contains("at most"), "{gone}");
    client.snapshot().await.unwrap();
}

#[tokio::test]
async fn the_socket_is_the_users_alone_and_is_not_taken_twice() {
    let mut rig = rig().await;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&rig.socket()), 0o600);
    assert_eq!(mode(rig.socket().parent().unwrap()), 0o700);
    let second = Listener::bind(&rig.socket()).await;
    assert!(matches!(second, Err(BindFailure::Taken(_))));
    rig.close().await;
    assert!(!rig.socket().exists());
    let nobody = SessionClient::attach(&rig.socket(), "one").await;
    assert!(matches!(nobody.err(), Some(AttachFailure::NoHost(_))));
    // What a killed host left is replaced; what is no socket is not.
    drop(std::os::unix::net::UnixListener::bind(rig.socket()).unwrap());
    rig.listen().await;
    rig.remote("one").await.snapshot().await.unwrap();
    rig.close().await;
    std::fs::write(rig.socket(), "mine").unwrap();
    let in_the_way = Listener::bind(&rig.socket()).await;
    assert!(matches!(in_the_way, Err(BindFailure::InTheWay(_))));
    std::fs::remove_file(rig.socket()).unwrap();
    let folder = rig.socket().parent().unwrap().to_owned();
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let shared = Listener::bind(&rig.socket()).await;
    assert!(matches!(shared, Err(BindFailure::Unsafe(_))));
}
