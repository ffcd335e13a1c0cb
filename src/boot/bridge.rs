//! Joins the interface's link to a session: requests go out, events, answers, texts and streams come back. Events are pulled from the
//! client's own number, so a slow interface holds nothing up and loses nothing.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};

use crate::adapters::journal::files::FileJournal;
use crate::base::id::{AttemptId, Digest};
use crate::boot::attach::{self, Starter};
use crate::boot::desk::Desk;
use crate::boot::places::RepoPlaces;
use crate::domain::journal::{EffectKey, Envelope};
use crate::engine::core::Pulled;
use crate::engine::ports::journal::{Journal as _, JournalFailure};
use crate::session::{Gone, Presence, SessionClient};
use crate::tui::link::{Kept, News, Peer, Request};

/// Streams are joined to this many a second at the source; the interface may draw fewer.
const STREAMS_A_SECOND: u64 = 20;

/// A lost line is tried again after this time, then after twice as long, and so on.
const PAUSE: Duration = Duration::from_secs(1);

/// But never less often than this.
const LONGEST: Duration = Duration::from_secs(15);

/// Events of the past that are handed over at once: what the interface folds between two frames.
const PAGE: usize = 256;

/// A session that is there.
pub struct Joined {
    /// The line to it.
    pub client: SessionClient,
    /// The folder of its journal, from which the past is read.
    pub journal: PathBuf,
    /// Where settings are read and written.
    pub desk: Arc<Desk>,
    /// How a host is started in the place of one that is lost, when the person asks for it; none where that cannot be.
    pub revive: Option<(RepoPlaces, Starter)>,
}

/// What the parts of the bridge tell each other about the line.
struct Line {
    /// Whether the host answers.
    is_there: watch::Sender<bool>,
    /// Look now whether it does.
    look: Notify,
    /// Where the person is, once they are somewhere.
    mine: watch::Sender<Option<Presence>>,
}

/// Serves a link until the interface or the host is gone. The past is read from the journal's files beside the host, so that no
/// command waits for it.
pub async fn serve(peer: Peer, joined: Joined) {
    let Peer { requests, news } = peer;
    let line = Line {
        is_there: watch::Sender::new(true),
        look: Notify::new(),
        mine: watch::Sender::new(None),
    };
    tokio::select! {
        () = events(&joined.client, &news, &line) => {}
        () = streams(&joined.client, &news, &line) => {}
        () = company(&joined.client, &news, &line) => {}
        () = answers(&joined, requests, &news, &line) => {}
        () = news.closed() => {}
    }
}

/// The world at first, whenever events were missed, and when a lost line is there again; then event by event.
async fn events(client: &SessionClient, news: &mpsc::Sender<News>, line: &Line) {
    let mut known = None;
    let mut pause = PAUSE;
    loop {
        let Some(seq) = known else {
            match client.snapshot().await {
                Ok(world) => {
                    known = Some(world.seq);
                    pause = PAUSE;
                    line.is_there.send_replace(true);
                    if news.send(News::World(Box::new(world))).await.is_err() {
                        return;
                    }
                }
                Err(gone) => {
                    if let Some(why) = client.removed() {
                        // An interface that has gone needs no word. One that is there shows what it knows.
                        let _ = news.send(News::Removed(why)).await;
                        return news.closed().await;
                    }
                    lost((news, line), &gone, pause).await;
                    pause = (pause * 2).min(LONGEST);
                }
            }
            continue;
        };
        let pulled = tokio::select! {
            pulled = client.events(seq) => pulled,
            () = line.look.notified() => {
                known = None;
                continue;
            }
        };
        match pulled {
            Ok(Pulled::Events(pulled)) => {
                for envelope in pulled {
                    known = Some(envelope.seq);
                    let event = News::Event(Box::new((*envelope).clone()));
                    if news.send(event).await.is_err() {
                        return;
                    }
                }
            }
            // The snapshot says whether it is the line or only this answer.
            Ok(Pulled::TooOld) | Err(_) => known = None,
        }
    }
}

/// Says that the host is lost, and waits until it is time for the next try, or the person wants it now.
async fn lost((news, line): (&mpsc::Sender<News>, &Line), gone: &Gone, pause: Duration) {
    line.is_there.send_replace(false);
    // An interface that has gone needs no word.
    let _ = news.send(News::Lost(gone.to_string())).await;
    let _ = news.send(News::Retry(pause)).await;
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = line.look.notified() => {}
    }
}

/// What is being said, latest wins.
async fn streams(client: &SessionClient, news: &mpsc::Sender<News>, line: &Line) {
    let mut version = 0;
    let mut is_there = line.is_there.subscribe();
    let pause = Duration::from_millis(1_000 / STREAMS_A_SECOND);
    loop {
        let Ok(saying) = client.signals(version).await else {
            version = 0; // Another host counts anew.
            tokio::time::sleep(PAUSE).await;
            if is_there.wait_for(|is_there| *is_there).await.is_err() {
                return;
            }
            continue;
        };
        version = saying.version;
        let mut latest: BTreeMap<AttemptId, String> = BTreeMap::new();
        for (key, slot) in saying.changed {
            if let EffectKey::Model { attempt, .. } = key {
                latest.insert(attempt, slot.text);
            }
        }
        for (attempt, text) in latest {
            if news.send(News::Streaming { attempt, text }).await.is_err() {
                return;
            }
        }
        tokio::time::sleep(pause).await;
    }
}

/// Who is there, and where this person is.
async fn company(client: &SessionClient, news: &mpsc::Sender<News>, line: &Line) {
    let mut is_there = line.is_there.subscribe();
    let mut mine = line.mine.subscribe();
    let mut version = 0;
    loop {
        let told = tokio::select! {
            told = client.company(version) => told,
            changed = mine.changed() => {
                if changed.is_err() {
                    return;
                }
                say_where(client, &mut mine).await;
                continue;
            }
        };
        if let Ok(company) = told {
            version = company.version;
            // A line that was made again is a new one, on which nothing was said yet.
            if company
                .guests
                .iter()
                .all(|guest| guest.number != company.you)
            {
                say_where(client, &mut mine).await;
            }
            if news.send(News::Company(Box::new(company))).await.is_err() {
                return;
            }
        } else if client.removed().is_some() {
            // The first to know: whatever waits for an answer has none. What is said then is the events' part.
            line.look.notify_one();
            return news.closed().await;
        } else {
            version = 0;
            tokio::time::sleep(PAUSE).await;
            if is_there.wait_for(|is_there| *is_there).await.is_err() {
                return;
            }
            say_where(client, &mut mine).await;
        }
    }
}

async fn say_where(client: &SessionClient, mine: &mut watch::Receiver<Option<Presence>>) {
    let presence = mine.borrow_and_update().clone();
    if let Some(presence) = presence {
        // A host that is lost is told when it is back.
        let _ = client.here(presence).await;
    }
}

/// Each request is served on its own: a long one holds no other up.
async fn answers(
    joined: &Joined,
    mut requests: mpsc::Receiver<Request>,
    news: &mpsc::Sender<News>,
    line: &Line,
) {
    let mut serving = tokio::task::JoinSet::new();
    // Those that may find the line lost.
    let mut looking = tokio::task::JoinSet::new();
    let mut reviving: Option<tokio::task::AbortHandle> = None;
    loop {
        tokio::select! {
            request = requests.recv() => {
                let Some(request) = request else { return };
                let (client, news) = (joined.client.clone(), news.clone());
                let desk = Arc::clone(&joined.desk);
                match request {
                    Request::Past { after } => {
                        let journal = joined.journal.clone();
                        serving.spawn_blocking(move || past(&journal, after, &news));
                    }
                    Request::Settings => {
                        serving.spawn_blocking(move || settings(&desk, None, &news));
                    }
                    Request::Set(wanted) => {
                        serving.spawn_blocking(move || {
                            settings(&desk, Some(desk.set(&wanted)), &news);
                        });
                    }
                    Request::TakeBack => {
                        serving.spawn_blocking(move || {
                            settings(&desk, Some(desk.take_back()), &news);
                        });
                    }
                    // Asked before there is a session.
                    Request::Begin(_) => {}
                    Request::Here(presence) => drop(line.mine.send_replace(Some(*presence))),
                    // Signals: with the line they are lost, and that is said by the line.
                    Request::Hand { to, gate } => drop(serving.spawn(async move {
                        unheard(client.hand(to, gate).await, &news).await;
                    })),
                    Request::Tell(text) => drop(serving.spawn(async move {
                        unheard(client.tell(&text).await, &news).await;
                    })),
                    // A key that is held down starts one host, not thirty.
                    Request::Again if reviving.as_ref().is_some_and(|one| !one.is_finished()) => {
                        line.look.notify_one();
                    }
                    Request::Again => {
                        let revive = revive(joined.revive.clone(), news);
                        reviving = Some(looking.spawn(revive));
                    }
                    other @ (Request::Submit { .. } | Request::Fetch(_)) => {
                        looking.spawn(answer(client, other, news));
                    }
                }
            }
            Some(_) = serving.join_next() => {}
            Some(ended) = looking.join_next() => if matches!(ended, Ok(true)) {
                line.look.notify_one();
            },
        }
    }
}

/// Says why others were not told.
async fn unheard(told: Result<Result<(), String>, Gone>, news: &mpsc::Sender<News>) {
    if let Ok(Err(why)) = told {
        // An interface that has gone needs no word.
        let _ = news.send(News::Unheard(why)).await;
    }
}

/// Starts a host where none runs. True: it is worth a look whether one answers.
async fn revive(how: Option<(RepoPlaces, Starter)>, news: mpsc::Sender<News>) -> bool {
    if let Some((rooms, starter)) = how
        && let Err(problem) = attach::start(&rooms, &starter).await
    {
        // An interface that has gone needs no word.
        let _ = news.send(News::Lost(problem.to_string())).await;
    }
    true
}

/// True: the line was lost.
async fn answer(client: SessionClient, request: Request, news: mpsc::Sender<News>) -> bool {
    let mut is_lost = false;
    let word = match request {
        Request::Submit { id, command } => match client.submit_as(id.clone(), *command).await {
            Ok(Ok(_)) => News::Answered { id, refusal: None },
            Ok(Err(refusal)) => News::Answered {
                id,
                refusal: Some(refusal),
            },
            Err(_) => {
                is_lost = true;
                News::Unsent(id)
            }
        },
        Request::Fetch(digest) => News::Text {
            digest,
            bytes: client.fetch(digest).await.ok(),
        },
        // They need no client.
        Request::Past { .. }
        | Request::Begin(_)
        | Request::Settings
        | Request::Set(_)
        | Request::TakeBack
        | Request::Here(_)
        | Request::Hand { .. }
        | Request::Tell(_)
        | Request::Again => return false,
    };
    // An interface that has gone needs no word.
    let _ = news.send(word).await;
    is_lost
}

/// Tells what came of writing a setting, if one was written, and reads all of them.
fn settings(desk: &Desk, written: Option<Result<String, String>>, news: &mpsc::Sender<News>) {
    let written = written.map(News::Set);
    let listing = match desk.listing() {
        Ok(listing) => News::Settings(Box::new(listing)),
        Err(problem) => News::Set(Err(problem.to_string())),
    };
    for word in written.into_iter().chain([listing]) {
        // An interface that has gone needs no word.
        let _ = news.blocking_send(word);
    }
}

/// Reads the events after number `after` from the files of a journal and hands them over page by page. The line to the interface
/// is short, so that no more is read ahead than it takes.
fn past(journal: &std::path::Path, after: u64, news: &mpsc::Sender<News>) {
    let mut page = Vec::new();
    let mut trouble = None;
    let read = FileJournal::open_read_only(journal).and_then(|(journal, _)| {
        journal.read(after + 1, &mut |seq, line| {
            let envelope = match Envelope::read(line) {
                Ok(envelope) => envelope,
                Err(why) => {
                    trouble = Some(format!("event {seq} cannot be read: {why}"));
                    return ControlFlow::Break(());
                }
            };
            page.push(Kept {
                envelope,
                hash: Digest::of(line.as_bytes()),
            });
            if page.len() < PAGE {
                return ControlFlow::Continue(());
            }
            let events = std::mem::take(&mut page);
            let is_last = false;
            match news.blocking_send(News::Past { events, is_last }) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })
    });
    let trouble = trouble.or(read
        .err()
        .map(|failure: JournalFailure| failure.to_string()));
    let last = News::Past {
        events: page,
        is_last: true,
    };
    // An interface that has gone needs no word.
    let _ = news.blocking_send(last);
    if let Some(why) = trouble {
        let _ = news.blocking_send(News::NoPast(why));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::journal::files::SEGMENT_BYTES;
    use crate::engine::ports::journal::Genesis;
    use crate::tui::fixture;
    use crate::tui::known::Known;

    /// A journal of `count` events in a folder of its own.
    fn journal(count: usize) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let genesis = Genesis::new("0123456789abcdef", "0.1.0");
        let (mut journal, _) = FileJournal::open(folder.path(), &genesis, SEGMENT_BYTES).unwrap();
        let story = fixture::running().lines;
        for number in 0..count {
            let mut envelope = story[number % story.len()].clone();
            envelope.seq = number as u64 + 1;
            envelope.prev = journal.head().hash;
            journal.append(&[envelope.seal().unwrap().0]).unwrap();
        }
        folder
    }

    async fn read(journal: &std::path::Path, after: u64) -> Vec<News> {
        let (news, mut taken) = mpsc::channel(1);
        let journal = journal.to_owned();
        let reading = tokio::task::spawn_blocking(move || past(&journal, after, &news));
        let mut all = Vec::new();
        while let Some(next) = taken.recv().await {
            all.push(next);
        }
        reading.await.unwrap();
        all
    }

    #[tokio::test]
    async fn the_past_comes_in_pages_with_the_hashes_of_its_lines() {
        let story = fixture::running();
        let folder = journal(story.lines.len());
        let mut known = Known::default();
        known.take(News::World(Box::new(story.world.clone())));
        assert_eq!(known.want_past(), Some(0));
        for news in read(folder.path(), 0).await {
            known.take(news);
        }
        assert_eq!((known.want_past(), known.reading()), (None, None));
        assert_eq!(known.past.last(), story.world.seq);
        assert!(known.log.len() > 20, "the log is filled up");
        let chain = |seq| known.past.chain(seq);
        assert!((2..=story.world.seq).all(|seq| chain(seq) == crate::tui::past::Chain::Whole));
    }

    #[tokio::test]
    async fn a_long_journal_is_read_from_any_number_on() {
        let folder = journal(3 * PAGE + 7);
        let lengths = |news: Vec<News>| -> Vec<(usize, bool)> {
            let page = |news| match news {
                News::Past { events, is_last } => Some((events.len(), is_last)),
                _ => None,
            };
            news.into_iter().filter_map(page).collect()
        };
        let all = lengths(read(folder.path(), 0).await);
        assert_eq!(
            all,
            [(PAGE, false), (PAGE, false), (PAGE, false), (7, true)]
        );
        let rest = lengths(read(folder.path(), 3 * PAGE as u64).await);
        assert_eq!(rest, [(7, true)]);
    }

    #[tokio::test]
    async fn a_journal_that_is_not_there_is_said_and_not_asked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut known = Known::default();
        known.take(News::World(Box::new(fixture::running().world)));
        assert_eq!(known.want_past(), Some(0));
        for news in read(&folder.path().join("none"), 0).await {
            known.take(news);
        }
        assert!(
            known
                .reading()
                .is_some_and(|why| !why.starts_with("reading"))
        );
        assert_eq!(known.want_past(), None);
    }
}
