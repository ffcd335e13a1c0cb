//! The interface by appended lines on standard input and output, joined to a session.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::boot::bridge::{self, Joined};
use crate::boot::screen::Showing;
use crate::cli::output::{Out, Stop};
use crate::engine::ports::clock::{Clock, SystemClock};
use crate::tui::known::Known;
use crate::tui::link;
use crate::tui::plain::{Output, Plain};

/// Lines that wait to be taken; a script may write faster than decisions are made.
const LINES: usize = 64;
/// After the input has ended, answers that are under way are waited for so long.
const PATIENCE: Duration = Duration::from_secs(2);

/// Talks until the person leaves or the input ends.
///
/// # Errors
/// Standard output is gone.
pub async fn talk(joined: Joined, showing: Showing, out: &mut Out) -> Result<(), Stop> {
    let mut known = Known::new(&showing.me.to_string(), &showing.project);
    known.near = showing.near;
    known.offset_s = showing.offset_s;
    known.looks_only = showing.opening.view;
    // Only a person can type before they have read.
    let is_person = io::stdin().is_terminal();
    let arm = is_person.then_some(showing.arm);
    let mut plain = Plain::new(known, &showing.client, arm).confirming(showing.confirm_all);
    let (mut ends, peer) = link::pair();
    let bridge = tokio::spawn(bridge::serve(peer, joined));
    let mut typed = lines();
    let mut is_prompted = false;
    let mut ends_at = None;
    loop {
        let output = tokio::select! {
            biased;
            Some(news) = ends.news.recv() => plain.news(news, SystemClock.now(), Instant::now()),
            line = typed.recv(), if ends_at.is_none() => if let Some(line) = line {
                is_prompted = false;
                plain.line(&line, Instant::now())
            } else {
                ends_at = Some(tokio::time::Instant::now() + PATIENCE);
                Output::default()
            },
            () = until(ends_at) => break,
        };
        if !output.lines.is_empty() && std::mem::take(&mut is_prompted) {
            out.text("")?;
        }
        for line in &output.lines {
            out.text(line)?;
        }
        for request in output.requests {
            // A bridge that takes no more says so by its news.
            let _ = ends.requests.try_send(request);
        }
        if output.leaves {
            break;
        }
        if is_person && !is_prompted && plain.has_begun() && ends_at.is_none() {
            out.prompt(plain.prompt())?;
            is_prompted = true;
        }
    }
    bridge.abort();
    Ok(())
}

async fn until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// The lines of standard input, read by a thread of their own: such a read cannot be given up.
fn lines() -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel(LINES);
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if send.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}
