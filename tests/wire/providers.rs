//! What providers do, well or badly: answers cut at every byte, wrong keys, unknown models, nobody there.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aios::adapters::model::probe::probe;
use aios::adapters::model::{BadProvider, Kind, connect};
use aios::domain::llm::FailureKind;
use serde_json::{Value, json};

use crate::llm::{
    Answer, Behaviour, FakeLlm, Server, Wire, client_leaves, conversation, respond, wire_of,
    write_chunk, write_end, write_head,
};
use crate::samples::{KEY, ask, model, provider, request, retrying};

const PATIENCE: Duration = Duration::from_secs(30);
const KINDS: [Kind; 2] = [Kind::Anthropic, Kind::OpenAi];

/// Text and one call.
fn answer() -> Answer {
    Answer {
        text: "I réad.".to_owned(),
        ..Answer::call("read_file", json!({"path": "a.rs"}))
    }
}

/// An address where nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_cut_at_any_byte_is_no_reply() {
    for kind in KINDS {
        let mut behaviour = Behaviour::new(|request| answer().sse(request));
        // The call's number is the place of the cut, until the stream is whole.
        behaviour.cut = Arc::new(|number, length| Some(number).filter(|place| *place < length));
        let fake = FakeLlm::start(behaviour);
        let model = model(kind, &fake.base_url(), PATIENCE);
        let mut place = 0;
        let reply = loop {
            match ask(&*model).await.0 {
                Ok(reply) => break reply,
                Err(failure) => {
                    assert_eq!(failure.kind, FailureKind::Cut, "cut at {place}: {failure}");
                }
            }
            place += 1;
        };
        assert!(place > 500, "{place}");
        assert_eq!((fake.calls(), fake.whole()), (place + 1, 1));
        assert_eq!(reply.text(), "I réad.");
        assert_eq!(reply.calls().next().unwrap().args, "{\"path\":\"a.rs\"}");
        assert_eq!((reply.usage.input, reply.usage.output), (100, 10));
    }
}

#[tokio::test]
async fn both_formats_carry_the_same_conversation() {
    for (kind, wire) in [
        (Kind::Anthropic, Wire::Anthropic),
        (Kind::OpenAi, Wire::OpenAi),
    ] {
        let mut behaviour = Behaviour::new(|request| answer().sse(request));
        behaviour.key = Some(KEY.to_owned());
        let fake = FakeLlm::start(behaviour);
        let model = model(kind, &fake.base_url(), PATIENCE);
        ask(&*model).await.0.unwrap();
        let asked = fake.server().requests().remove(0);
        let said = conversation(&asked.body);
        assert_eq!(wire_of(&asked.body), wire);
        assert_eq!(
            (said.system.as_str(), said.task.as_str()),
            ("Rules.", "Do it.")
        );
        assert_eq!(
            (said.last.as_str(), said.tools),
            ("Do it.", vec!["read_file".to_owned()])
        );
        assert!(said.calls.is_empty() && said.results.is_empty());
        assert_eq!(asked.number, 0);
        assert_eq!(model.list().await.unwrap(), ["model-x"]);
    }
}

#[tokio::test]
async fn a_wrong_key_and_an_unknown_model_are_said_in_one_line() {
    for kind in KINDS {
        let mut behaviour = Behaviour::new(|request| Answer::text("Hi").sse(request));
        behaviour.key = Some("another".to_owned());
        let fake = FakeLlm::start(behaviour.clone());
        let failure = ask(&retrying(model(kind, &fake.base_url(), PATIENCE)))
            .await
            .0
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::Auth);
        assert_eq!(
            failure.text,
            "fake refuses the key (401), set providers.fake.key: invalid key"
        );

        behaviour.key = None;
        behaviour.models = vec!["model-y".to_owned()];
        let fake = FakeLlm::start(behaviour);
        let failure = ask(&retrying(model(kind, &fake.base_url(), PATIENCE)))
            .await
            .0
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::UnknownModel);
        assert_eq!(
            failure.text,
            "fake has no model model-x (404): model: model-x"
        );
        assert_eq!((fake.calls(), fake.server().requests().len()), (0, 1));
    }
}

#[tokio::test]
async fn nobody_there_is_said_with_what_to_do() {
    let address = nowhere();
    let model = model(Kind::OpenAi, &address, PATIENCE);
    let failure = ask(&*model).await.0.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert_eq!(
        failure.text,
        format!("no server answers at {address}: start it, or set providers.fake.base_url")
    );
    assert_eq!(
        model.list().await.unwrap_err().kind,
        FailureKind::Unreachable
    );
}

#[tokio::test]
async fn a_limited_rate_is_waited_for() {
    let server = Server::start(|received, stream| {
        if received.number == 0 {
            write_head(stream, 429, &[("retry-after", "7")])?;
            return write_end(stream);
        }
        write_head(stream, 200, &[("content-type", "text/event-stream")])?;
        write_chunk(stream, &Answer::text("Hi").sse(&received.body))?;
        write_end(stream)
    });
    let model = model(Kind::Anthropic, &server.base_url(), PATIENCE);
    assert_eq!(ask(&*model).await.0.unwrap_err().retry_after_ms, Some(7000));
    let server_again = retrying(model);
    assert_eq!(ask(&server_again).await.0.unwrap().text(), "Hi");
}

#[tokio::test]
async fn a_refused_field_is_not_sent_again() {
    let server = Server::start(|received, stream| {
        let refused = ["max_tokens", "stream_options"]
            .into_iter()
            .find(|field| received.body.get(field).is_some());
        if let Some(field) = refused {
            let hint = if field == "max_tokens" {
                "Use 'max_completion_tokens' instead."
            } else {
                ""
            };
            let text = format!("Unsupported parameter: '{field}'. {hint}");
            return respond(
                stream,
                400,
                &json!({"error": {"message": text, "type": "invalid_request_error"}}),
            );
        }
        write_head(stream, 200, &[("content-type", "text/event-stream")])?;
        let request = json!({"messages": [{"role": "system"}]});
        write_chunk(stream, &Answer::text("Hi").sse(&request))?;
        write_end(stream)
    });
    let model = model(Kind::OpenAi, &server.base_url(), PATIENCE);
    // The first call learns both fields.
    assert_eq!(ask(&*model).await.0.unwrap().text(), "Hi");
    assert_eq!(ask(&*model).await.0.unwrap().text(), "Hi");
    assert_eq!(server.requests().len(), 4);
    let body = &server.requests()[3].body;
    assert_eq!(
        (&body["max_completion_tokens"], body.get("max_tokens")),
        (&json!(100), None)
    );
}

#[tokio::test]
async fn a_redirect_does_not_carry_the_key_away() {
    let thief = Server::start(|_, stream| respond(stream, 200, &Value::Null));
    let target = format!("{}/v1/messages", thief.base_url());
    let server = Server::start(move |_, stream| {
        write_head(stream, 307, &[("location", &target)])?;
        write_end(stream)
    });
    let failure = ask(&*model(Kind::Anthropic, &server.base_url(), PATIENCE))
        .await
        .0
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadRequest);
    assert!(thief.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_call_ends_at_the_provider() {
    let left = Arc::new(AtomicUsize::new(0));
    let noted = Arc::clone(&left);
    let (tell, mut begun) = tokio::sync::mpsc::channel(4);
    let server = Server::start(move |received, stream| {
        write_head(stream, 200, &[("content-type", "text/event-stream")])?;
        let body = Answer::text("Hello").sse(&received.body);
        write_chunk(stream, &body[..body.len() / 2])?;
        let _ = tell.blocking_send(());
        noted.fetch_add(usize::from(client_leaves(stream)), Ordering::SeqCst);
        let _ = tell.blocking_send(());
        Ok(())
    });
    let model = model(Kind::Anthropic, &server.base_url(), PATIENCE);
    {
        let asked = request();
        let mut sink = |_: &aios::domain::llm::StreamItem| {};
        let call = model.call(&asked, &mut sink);
        tokio::select! {
            outcome = call => panic!("ended: {outcome:?}"),
            _ = begun.recv() => {}
        }
    }
    begun.recv().await;
    assert_eq!(left.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn local_servers_are_found_by_their_lists() {
    let fake = FakeLlm::start(Behaviour::new(|request| Answer::text("Hi").sse(request)));
    let page = Server::start(|_, stream| {
        write_head(stream, 200, &[("content-type", "text/html")])?;
        write_chunk(stream, b"<html>It works</html>")?;
        write_end(stream)
    });
    let closed: u16 = nowhere().rsplit(':').next().unwrap().parse().unwrap();
    let silent = Server::start(|_, stream| {
        client_leaves(stream);
        Ok(())
    });
    let ports = [
        ("llamacpp", page.port()),
        ("vllm", closed),
        ("lmstudio", silent.port()),
        ("ollama", fake.server().port()),
    ];
    let found = probe(&ports, Duration::from_secs(2)).await;
    let [server] = found.as_slice() else {
        panic!("found {found:?}");
    };
    assert_eq!(
        (server.name.as_str(), &server.base_url),
        ("ollama", &fake.base_url())
    );
    assert_eq!(server.models, ["model-x"]);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    for address in [
        "",
        "example.org",
        "ftp://example.org",
        "http://",
        "http://me:secret@example.org",
        "http://h/?q=1",
    ] {
        let refused = connect(&provider(Kind::OpenAi, address)).err();
        assert!(
            matches!(refused, Some(BadProvider::BaseUrl(_, _))),
            "{address}: {refused:?}"
        );
    }
    let mut bad = provider(Kind::OpenAi, "http://127.0.0.1:1");
    bad.key = Some(aios::base::secret::Secret::new("a\nb".to_owned()));
    assert!(matches!(connect(&bad).err(), Some(BadProvider::Key(_))));
    bad.key = None;
    bad.ca_file = Some("no/such/file.pem".into());
    let told = connect(&bad).err().unwrap().to_string();
    assert!(
        told.starts_with("providers.fake.ca_file cannot be used: no/such/file.pem: "),
        "{told}"
    );
}
