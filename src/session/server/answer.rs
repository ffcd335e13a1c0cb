//! The answer to one request. What a client is told is what a client in the host's own process would be told.

use std::sync::Arc;
use std::time::Duration;

use crate::base::id::CommandId;
use crate::domain::journal::{Command, EffectKey, Envelope, Refusal};
use crate::domain::presence::Standing;
use crate::engine::core::{Pulled, Slot, export_world};
use crate::session::Gone;
use crate::session::local::Local;
use crate::session::protocol::{Heard, Known, MOST_NAME_BYTES, Mark, Reply, Request};

use super::access::Access;
use super::reception::{Change, Seat};

/// How long a request may wait for something to happen; then it is answered with nothing, and the client asks again.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of events in an answer, roughly; the rest is pulled next.
const MOST_EVENT_BYTES: usize = 4 << 20;

/// One line, as far as its requests need it.
#[derive(Clone)]
pub(super) struct Line {
    /// The way to the core.
    pub(super) local: Local,
    /// Its place among those who are there.
    pub(super) seat: Arc<Seat>,
    /// Where changes of who may do what are asked for.
    pub(super) access: Access,
}

/// Answers a request.
pub(super) async fn answer(line: &Line, request: Request) -> Reply {
    // Whoever was sent away hears that, whatever they wait for.
    if let Some(by) = line.seat.removed() {
        return Reply::Removed(by);
    }
    let reply = reply(line, request).await;
    line.seat.removed().map_or(reply, Reply::Removed)
}

async fn reply(line: &Line, request: Request) -> Reply {
    let (local, seat) = (&line.local, &line.seat);
    match request {
        Request::Here(presence) => {
            seat.here(presence).await;
            Reply::Noted
        }
        Request::Company(version) => {
            match tokio::time::timeout(PATIENCE, seat.company(version)).await {
                Ok(Some(company)) => Reply::Company(company),
                Ok(None) => Reply::Gone("the host ends".to_owned()),
                Err(_) => Reply::Noted,
            }
        }
        // Whatever the client's own program would let through.
        Request::Submit(..) if seat.standing() == Standing::Viewer => {
            Reply::Answer(Err(looks_only(seat)))
        }
        Request::Keep(_) if seat.standing() == Standing::Viewer => {
            Reply::Kept(Err(looks_only(seat).to_string()))
        }
        Request::Hand(..) | Request::Tell(_) if seat.standing() == Standing::Viewer => {
            Reply::Unheard(looks_only(seat).to_string())
        }
        Request::Hand(to, gate) => said(seat.hand(to, gate, local.clock.now())),
        Request::Tell(text) => said(seat.tell(&text, local.clock.now())),
        Request::Submit(id, _) if id.0.len() > MOST_NAME_BYTES => Reply::Gone(format!(
            "a command's name has at most {MOST_NAME_BYTES} bytes"
        )),
        Request::Submit(id, command) => submit(line, id, *command).await,
        Request::Snapshot => match local.snapshot().await {
            Ok(world) => export_world(&world).map_or_else(
                |error| Reply::Gone(format!("the world cannot be sent: {error}")),
                Reply::World,
            ),
            Err(Gone(why)) => Reply::Gone(why),
        },
        Request::Events(after) => match tokio::time::timeout(PATIENCE, local.events(after)).await {
            Ok(Ok(Pulled::Events(events))) => Reply::Events(portion(events)),
            Ok(Ok(Pulled::TooOld)) => Reply::TooOld,
            Ok(Err(Gone(why))) => Reply::Gone(why),
            Err(_) => Reply::Events(Vec::new()),
        },
        Request::Signals(known) => signals(local, known).await,
        Request::Fetch(digest) => Reply::Text(local.fetch(digest).await.map_err(|Gone(why)| why)),
        Request::Keep(text) => Reply::Kept(match local.keep(text).await {
            Ok(body) => body.digest().ok_or_else(|| "the text is short".to_owned()),
            Err(Gone(why)) => Err(why),
        }),
        // It has no answer and does not come here.
        Request::Forget(_) => Reply::Gone("nothing was asked".to_owned()),
    }
}

fn said(said: Result<(), String>) -> Reply {
    said.map_or_else(Reply::Unheard, |()| Reply::Noted)
}

/// Why a line that looks only decides nothing: it wants it so, or was given no more.
fn looks_only(seat: &Seat) -> Refusal {
    if seat.looks_only() {
        return Refusal::LooksOnly;
    }
    let needs = Standing::Approver;
    let ask = needs.anybody().to_owned();
    let has = Standing::Viewer;
    named(seat, Refusal::Below { has, needs, ask })
}

/// With the names of those who may, where the machine knows none.
fn named(seat: &Seat, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Below { has, needs, ask } => Refusal::Below {
            has,
            needs,
            ask: seat.reception().who(needs).unwrap_or(ask),
        },
        other => other,
    }
}

async fn submit(line: &Line, id: CommandId, command: Command) -> Reply {
    let (local, seat) = (&line.local, &line.seat);
    let change = match &command {
        Command::SetStanding { line, to, .. } => Some((*line, Change::Standing(*to))),
        Command::Remove { line, .. } => Some((*line, Change::Remove)),
        _ => None,
    };
    let answer = match change {
        Some((to, change)) => line.access.ask((local, seat), id, (to, change)).await,
        None => local.submit(id, seat.standing(), command).await,
    };
    match answer {
        Ok(answer) => Reply::Answer(answer.map_err(|refusal| named(seat, refusal))),
        Err(Gone(why)) => Reply::Gone(why),
    }
}

/// As many of the first events as fit into an answer, and at least one.
fn portion(mut events: Vec<Arc<Envelope>>) -> Vec<Arc<Envelope>> {
    while events.len() > 1 {
        let bytes = postcard::experimental::serialized_size(&events).unwrap_or(usize::MAX);
        if bytes <= MOST_EVENT_BYTES {
            break;
        }
        events.truncate(events.len() / 2);
    }
    events
}

async fn signals(local: &Local, known: Known) -> Reply {
    let saying = match tokio::time::timeout(PATIENCE, local.signals(known.version)).await {
        Ok(Ok(saying)) => saying,
        Ok(Err(Gone(why))) => return Reply::Gone(why),
        Err(_) => {
            return Reply::Signals {
                version: known.version,
                heard: Vec::new(),
                all: known.texts.into_iter().map(|(key, _)| key).collect(),
            };
        }
    };
    let heard = saying.changed.into_iter().map(|(key, slot)| {
        let mark = known.texts.iter().find(|(known, _)| *known == key);
        heard(key, slot, mark.map(|(_, mark)| mark))
    });
    Reply::Signals {
        version: saying.version,
        heard: heard.collect(),
        all: saying.all,
    }
}

/// Only what is new of a text, if the client has the rest.
fn heard(key: EffectKey, slot: Slot, known: Option<&Mark>) -> Heard {
    let rest = known.and_then(|mark| mark.rest(slot.dropped, &slot.text));
    let (text, is_rest) = match rest {
        Some(rest) => (rest.to_owned(), true),
        None => (slot.text, false),
    };
    Heard {
        key,
        version: slot.version,
        dropped: slot.dropped,
        text,
        is_rest,
    }
}
