//! Model servers on the loopback device, for every test crate that needs one:
//!
//! ```ignore
//! #[cfg(test)]
//! #[path = "../support/llm.rs"]
//! mod llm;
//! ```
//!
//! A crate that leaves a part unused says so with `#[expect(dead_code, reason = "…")]` there.
//!
//! [`Server`] hands each request to a closure that writes what it likes to the socket. [`FakeLlm`] is a provider: it speaks
//! both wire formats at once (`/v1/messages`, `/v1/chat/completions`, `/v1/models`), checks the key and the model, counts calls
//! and cuts answers where it is told to. It runs on plain threads, so that tests with and without a runtime can use it.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// `POST /v1/messages`.
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Null where there is none.
    pub(crate) body: Value,
    /// Its place among all requests, from 0.
    pub(crate) number: usize,
}

impl Received {
    /// A header's value, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

type Handler = dyn Fn(&Received, &mut TcpStream) -> std::io::Result<()> + Send + Sync;

/// A server whose answers a closure writes. One request a connection. Dropping it stops it.
pub(crate) struct Server {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    requests: Arc<Mutex<Vec<Received>>>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on a free port.
    pub(crate) fn start(
        handler: impl Fn(&Received, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let handler: Arc<Handler> = Arc::new(handler);
        let (over, noted) = (Arc::clone(&is_over), Arc::clone(&requests));
        let acceptor = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (handler, noted) = (Arc::clone(&handler), Arc::clone(&noted));
                std::thread::spawn(move || serve(stream, &noted, &*handler));
            }
        });
        Self {
            address,
            is_over,
            requests,
            acceptor: Some(acceptor),
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The port.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which waits for a connection.
        drop(TcpStream::connect(self.address));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

/// Reads one request and lets it be answered. A client that goes away is no fault.
fn serve(mut stream: TcpStream, noted: &Mutex<Vec<Received>>, handler: &Handler) {
    let Ok(Some(mut received)) = read(&stream) else {
        return;
    };
    {
        let mut requests = noted.lock().unwrap();
        received.number = requests.len();
        requests.push(received.clone());
    }
    let _ = handler(&received, &mut stream);
}

fn read(stream: &TcpStream) -> std::io::Result<Option<Received>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 {
            return Ok(None);
        }
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![
        0;
        length
            .and_then(|(_, length)| length.parse().ok())
            .unwrap_or(0)
    ];
    reader.read_exact(&mut body)?;
    let words: Vec<&str> = line.split_whitespace().take(2).collect();
    Ok(Some(Received {
        line: words.join(" "),
        headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        number: 0,
    }))
}

/// Writes the head of a response; the body follows in chunks.
pub(crate) fn write_head(
    stream: &mut TcpStream,
    status: u16,
    headers: &[(&str, &str)],
) -> std::io::Result<()> {
    let mut head =
        format!("HTTP/1.1 {status} Status\r\ntransfer-encoding: chunked\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())
}

/// Writes one chunk of a body. Without the end that [`write_end`] writes, the client sees that the body is cut.
pub(crate) fn write_chunk(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    stream.write_all(&chunk)
}

/// Writes the end of a body.
pub(crate) fn write_end(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"0\r\n\r\n")
}

/// Waits until the client has gone away; true if it did within ten seconds.
pub(crate) fn client_leaves(stream: &mut TcpStream) -> bool {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    match stream.read(&mut [0]) {
        Ok(count) => count == 0,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

/// The two wire formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Anthropic Messages.
    Anthropic,
    /// Chat Completions.
    OpenAi,
}

/// Which format a request is written in: only Chat Completions has the rules among the messages and wraps its tools.
pub(crate) fn wire_of(request: &Value) -> Wire {
    let has_system_message = request["messages"][0]["role"] == "system";
    let wraps_tools = request["tools"][0]["type"] == "function";
    if has_system_message || wraps_tools || request.get("stream_options").is_some() {
        Wire::OpenAi
    } else {
        Wire::Anthropic
    }
}

/// What a request says, the same for both formats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Conversation {
    /// The rules.
    pub(crate) system: String,
    /// What is said first: the task.
    pub(crate) task: String,
    /// The names of the tools called so far, in order.
    pub(crate) calls: Vec<String>,
    /// The texts of the results so far, in order.
    pub(crate) results: Vec<String>,
    /// The text of the last message, results left out.
    pub(crate) last: String,
    /// The tools on offer.
    pub(crate) tools: Vec<String>,
}

/// Reads a request of either format.
pub(crate) fn conversation(request: &Value) -> Conversation {
    let mut found = Conversation {
        system: texts(&request["system"]),
        ..Conversation::default()
    };
    let empty = Vec::new();
    for message in request["messages"].as_array().unwrap_or(&empty) {
        let role = message["role"].as_str().unwrap_or_default();
        let text = texts(&message["content"]);
        match role {
            "system" => found.system = text,
            "tool" => found.results.push(text),
            "user" if found.task.is_empty() => found.task.clone_from(&text),
            _ => {}
        }
        if role == "user" {
            found.last = texts(&message["content"]);
        }
        for call in message["tool_calls"].as_array().unwrap_or(&empty) {
            found
                .calls
                .extend(call["function"]["name"].as_str().map(str::to_owned));
        }
        for block in message["content"].as_array().unwrap_or(&empty) {
            match block["type"].as_str() {
                Some("tool_use") => found
                    .calls
                    .extend(block["name"].as_str().map(str::to_owned)),
                Some("tool_result") => found.results.push(texts(&block["content"])),
                _ => {}
            }
        }
    }
    for tool in request["tools"].as_array().unwrap_or(&empty) {
        let name = tool["name"]
            .as_str()
            .or_else(|| tool["function"]["name"].as_str());
        found.tools.extend(name.map(str::to_owned));
    }
    found
}

/// The text of a content, which is a string or a list of blocks.
fn texts(content: &Value) -> String {
    let empty = Vec::new();
    let blocks = content.as_array().unwrap_or(&empty).iter();
    let texts: Vec<&str> = blocks.filter_map(|block| block["text"].as_str()).collect();
    content
        .as_str()
        .map_or_else(|| texts.join("\n"), str::to_owned)
}

/// What the fake provider answers.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// Said first.
    pub(crate) text: String,
    /// Calls: a tool's name and its arguments. A text is sent as it is, so that arguments can be no JSON at all.
    pub(crate) calls: Vec<(String, Value)>,
    /// Prompt tokens.
    pub(crate) input: u64,
    /// Written tokens.
    pub(crate) output: u64,
}

impl Answer {
    /// Text without a call.
    pub(crate) fn text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            calls: Vec::new(),
            input: 100,
            output: 10,
        }
    }

    /// One call.
    pub(crate) fn call(name: &str, args: Value) -> Self {
        Self {
            calls: vec![(name.to_owned(), args)],
            ..Self::text("")
        }
    }

    /// The stream in the format of the request. Ids of calls are unique within a conversation.
    pub(crate) fn sse(&self, request: &Value) -> Vec<u8> {
        let turn = request["messages"].as_array().map_or(0, Vec::len);
        match wire_of(request) {
            Wire::Anthropic => self.anthropic(turn),
            Wire::OpenAi => self.openai(turn),
        }
    }

    fn anthropic(&self, turn: usize) -> Vec<u8> {
        let mut events = vec![
            json!({"type": "message_start", "message": {"role": "assistant", "content": [],
            "usage": {"input_tokens": self.input, "output_tokens": 1}}}),
        ];
        let mut block = |index: usize, start: Value, deltas: Vec<Value>| {
            events.push(
                json!({"type": "content_block_start", "index": index, "content_block": start}),
            );
            for delta in deltas {
                events.push(json!({"type": "content_block_delta", "index": index, "delta": delta}));
            }
            events.push(json!({"type": "content_block_stop", "index": index}));
        };
        let pieces = halves(&self.text).map(|text| json!({"type": "text_delta", "text": text}));
        block(0, json!({"type": "text", "text": ""}), pieces.to_vec());
        for (place, (name, args)) in self.calls.iter().enumerate() {
            let start = json!({"type": "tool_use", "id": format!("toolu_{turn}_{place}"), "name": name, "input": {}});
            let pieces = halves(&written(args))
                .map(|json| json!({"type": "input_json_delta", "partial_json": json}));
            block(place + 1, start, pieces.to_vec());
        }
        let reason = if self.calls.is_empty() {
            "end_turn"
        } else {
            "tool_use"
        };
        events.push(json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": self.output}}));
        events.push(json!({"type": "message_stop"}));
        let written = events.iter().map(|event| {
            let name = event["type"].as_str().unwrap_or_default();
            format!("event: {name}\ndata: {event}\n\n")
        });
        written.collect::<String>().into_bytes()
    }

    fn openai(&self, turn: usize) -> Vec<u8> {
        let chunk = |delta: Value, reason: Value| json!({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
        let mut chunks = vec![chunk(
            json!({"role": "assistant", "content": ""}),
            Value::Null,
        )];
        chunks.extend(halves(&self.text).map(|text| chunk(json!({"content": text}), Value::Null)));
        for (place, (name, args)) in self.calls.iter().enumerate() {
            let [first, second] = halves(&written(args));
            let begin = json!({"index": place, "id": format!("call_{turn}_{place}"), "type": "function",
                "function": {"name": name, "arguments": first}});
            let more = json!({"index": place, "function": {"arguments": second}});
            chunks.extend(
                [begin, more].map(|call| chunk(json!({"tool_calls": [call]}), Value::Null)),
            );
        }
        let reason = if self.calls.is_empty() {
            "stop"
        } else {
            "tool_calls"
        };
        chunks.push(chunk(json!({}), json!(reason)));
        chunks.push(json!({"choices": [], "usage": {"prompt_tokens": self.input, "completion_tokens": self.output,
            "total_tokens": self.input + self.output}}));
        let written = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
        let mut bytes = written.collect::<String>().into_bytes();
        bytes.extend_from_slice(b"data: [DONE]\n\n");
        bytes
    }
}

/// Arguments as they are sent.
fn written(args: &Value) -> String {
    args.as_str()
        .map_or_else(|| args.to_string(), str::to_owned)
}

/// A text in two pieces.
fn halves(text: &str) -> [String; 2] {
    let middle = text.chars().count() / 2;
    [
        text.chars().take(middle).collect(),
        text.chars().skip(middle).collect(),
    ]
}

type Script = dyn Fn(&Value) -> Vec<u8> + Send + Sync;
type Cut = dyn Fn(usize, usize) -> Option<usize> + Send + Sync;

/// How a fake provider behaves; change what a test is about.
#[derive(Clone)]
pub(crate) struct Behaviour {
    /// The key that it wants; none takes every caller.
    pub(crate) key: Option<String>,
    /// The models that it has.
    pub(crate) models: Vec<String>,
    /// The body of the stream for a request; see [`Answer::sse`].
    pub(crate) script: Arc<Script>,
    /// For the number of a call (from 0) and the length of its stream: after how many bytes the line is cut, if at all.
    pub(crate) cut: Arc<Cut>,
}

impl Behaviour {
    /// A provider that has the model `model-x`, wants no key and never cuts.
    pub(crate) fn new(script: impl Fn(&Value) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self {
            key: None,
            models: vec!["model-x".to_owned()],
            script: Arc::new(script),
            cut: Arc::new(|_, _| None),
        }
    }
}

/// A provider.
pub(crate) struct FakeLlm {
    server: Server,
    calls: Arc<AtomicUsize>,
    whole: Arc<AtomicUsize>,
}

impl FakeLlm {
    /// Starts it.
    pub(crate) fn start(behaviour: Behaviour) -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let whole = Arc::new(AtomicUsize::new(0));
        let (counted, finished) = (Arc::clone(&calls), Arc::clone(&whole));
        let server = Server::start(move |received, stream| {
            if !may_enter(&behaviour, received) {
                let error = json!({"type": "error", "error": {"type": "authentication_error", "message": "invalid key"}});
                return respond(stream, 401, &error);
            }
            if received.line.starts_with("GET /v1/models") {
                let models: Vec<Value> = behaviour
                    .models
                    .iter()
                    .map(|name| json!({"id": name}))
                    .collect();
                return respond(stream, 200, &json!({"object": "list", "data": models}));
            }
            let model = received.body["model"].as_str().unwrap_or_default();
            if !behaviour.models.iter().any(|known| known == model) {
                let error = json!({"type": "error", "error": {"type": "not_found_error", "message": format!("model: {model}")}});
                return respond(stream, 404, &error);
            }
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let body = (behaviour.script)(&received.body);
            let cut = (behaviour.cut)(number, body.len());
            write_head(stream, 200, &[("content-type", "text/event-stream")])?;
            let sent = &body[..cut.unwrap_or(body.len()).min(body.len())];
            for part in sent.chunks(200) {
                write_chunk(stream, part)?;
            }
            if cut.is_none() {
                finished.fetch_add(1, Ordering::SeqCst);
                write_end(stream)?;
            }
            Ok(())
        });
        Self {
            server,
            calls,
            whole,
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// Its server, for its port and its requests.
    pub(crate) const fn server(&self) -> &Server {
        &self.server
    }

    /// How many calls it has begun to answer; refused ones are not counted.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// How many of them it did not cut.
    pub(crate) fn whole(&self) -> usize {
        self.whole.load(Ordering::SeqCst)
    }
}

fn may_enter(behaviour: &Behaviour, received: &Received) -> bool {
    let Some(key) = &behaviour.key else {
        return true;
    };
    received.header("x-api-key") == key
        || received.header("authorization") == format!("Bearer {key}")
}

/// Answers with JSON.
pub(crate) fn respond(stream: &mut TcpStream, status: u16, body: &Value) -> std::io::Result<()> {
    write_head(stream, status, &[("content-type", "application/json")])?;
    write_chunk(stream, body.to_string().as_bytes())?;
    write_end(stream)
}
