//! What the system tells the program about its terminal and its life.

use std::io;

use futures_util::FutureExt as _;

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// A signal, as the interface takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// The terminal has another size.
    Resized,
    /// The program was stopped and goes on.
    Continued,
    /// The program is asked to stop, as by `kill -TSTP`.
    Stop,
    /// The program is asked to end: SIGINT, SIGTERM or SIGHUP.
    Leave,
}

/// Listens until dropped.
#[derive(Debug)]
pub struct Signals {
    resized: Stream,
    continued: Stream,
    stop: Stream,
    interrupt: Stream,
    terminate: Stream,
    hangup: Stream,
}

impl Signals {
    /// Begins to listen. From here on the program decides itself when it ends.
    pub fn listen() -> io::Result<Self> {
        let raw = |wanted: rustix::process::Signal| SignalKind::from_raw(wanted.as_raw());
        Ok(Self {
            resized: signal(SignalKind::window_change())?,
            continued: signal(raw(rustix::process::Signal::CONT))?,
            stop: signal(raw(rustix::process::Signal::TSTP))?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The next signal. Cancel safe; several of one kind may come as one.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Leave,
            _ = self.hangup.recv() => Signal::Leave,
            _ = self.interrupt.recv() => Signal::Leave,
            _ = self.stop.recv() => Signal::Stop,
            _ = self.continued.recv() => Signal::Continued,
            _ = self.resized.recv() => Signal::Resized,
        }
    }

    /// The next signal while another program has the terminal. What is typed to interrupt that one is not for us.
    pub async fn next_while_lent(&mut self) -> Signal {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Signal::Leave,
                _ = self.hangup.recv() => return Signal::Leave,
                _ = self.interrupt.recv() => {}
                _ = self.stop.recv() => return Signal::Stop,
                _ = self.continued.recv() => return Signal::Continued,
                _ = self.resized.recv() => return Signal::Resized,
            }
        }
    }

    /// Forgets that the program was continued before, so that the next [`Signal::Continued`] follows the next stop.
    pub fn forget_continued(&mut self) {
        while self.continued.recv().now_or_never().is_some() {}
    }
}

/// Stops this program and whatever runs with it in its process group, until someone continues it. A thread may run a little
/// further before the stop reaches it: wait for [`Signal::Continued`] before anything is done.
pub fn stop_here() -> io::Result<()> {
    // SIGTSTP is ours by now; SIGSTOP also stops a group that no shell looks after.
    Ok(rustix::process::kill_current_process_group(
        rustix::process::Signal::STOP,
    )?)
}
