//! The one writer of the terminal. A thread writes; the interface never waits for it. While a frame is on its way no other is
//! made, so a slow terminal gets fewer frames, never a queue of old ones.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use super::modes::write_all;

/// A frame that has reached the terminal, or the news that the terminal is gone.
#[derive(Debug)]
pub struct Flush {
    /// When the last byte was taken.
    pub at: Instant,
    /// How long the terminal took for it.
    pub took: Duration,
    /// How many bytes it had.
    pub length: usize,
    /// Why it could not be written.
    pub failure: Option<io::Error>,
    /// The frame's bytes, to be used again.
    bytes: Vec<u8>,
}

/// Owns the writing thread. Dropping it lets the thread end after what it is writing.
#[derive(Debug)]
pub struct Output {
    frames: SyncSender<Vec<u8>>,
    flushed: mpsc::Receiver<Flush>,
    spare: Vec<u8>,
    is_busy: bool,
    written: u64,
}

impl Output {
    /// Starts a writer to `terminal`.
    pub fn start(terminal: OwnedFd) -> io::Result<Self> {
        // One frame at a time: the second place of either channel is never used.
        let (frames, received) = sync_channel(1);
        let (sender, flushed) = mpsc::channel(1);
        std::thread::Builder::new()
            .name("terminal output".to_owned())
            .spawn(move || write(&terminal, &received, &sender))?;
        Ok(Self {
            frames,
            flushed,
            spare: Vec::new(),
            is_busy: false,
            written: 0,
        })
    }

    /// Whether a frame is on its way, so that none may be made.
    pub const fn is_busy(&self) -> bool {
        self.is_busy
    }

    /// Bytes handed to the terminal so far.
    pub const fn written(&self) -> u64 {
        self.written
    }

    /// An empty buffer for the next frame.
    pub fn buffer(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.spare);
        bytes.clear();
        bytes
    }

    /// Sends a frame on its way. Only when not busy; nothing is sent for an empty frame.
    pub fn send(&mut self, frame: Vec<u8>) {
        if frame.is_empty() || self.is_busy {
            self.spare = frame;
            return;
        }
        self.written = self.written.saturating_add(frame.len() as u64);
        // If the thread is gone, so is its end of `flushed`, which tells.
        self.frames.try_send(frame).ok();
        self.is_busy = true;
    }

    /// Waits for the frame on its way; for ever if there is none. `None` if the writer is gone. Cancel safe.
    pub async fn flushed(&mut self) -> Option<Flush> {
        if !self.is_busy {
            std::future::pending::<()>().await;
        }
        let mut flush = self.flushed.recv().await;
        self.is_busy = false;
        if let Some(flush) = &mut flush {
            self.spare = std::mem::take(&mut flush.bytes);
        }
        flush
    }
}

fn write(terminal: &OwnedFd, frames: &Receiver<Vec<u8>>, flushed: &mpsc::Sender<Flush>) {
    while let Ok(bytes) = frames.recv() {
        let start = Instant::now();
        let failure = write_all(terminal, &bytes).err();
        let at = Instant::now();
        let flush = Flush {
            at,
            took: at.saturating_duration_since(start),
            length: bytes.len(),
            failure,
            bytes,
        };
        if flushed.blocking_send(flush).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_terminal_gets_one_frame_at_a_time() {
        let (terminal, pipe) = rustix::pipe::pipe().unwrap();
        let mut output = Output::start(pipe).unwrap();
        let large = vec![b'x'; 1 << 20]; // More than a pipe holds: the writer must wait.
        output.send(large.clone());
        assert!(output.is_busy());
        output.send(b"dropped".to_vec());
        let mut seen = Vec::new();
        let mut buffer = vec![0_u8; 65536];
        while seen.len() < large.len() {
            let count = rustix::io::read(&terminal, &mut buffer).unwrap();
            seen.extend_from_slice(&buffer[..count]);
        }
        let flush = output.flushed().await.unwrap();
        assert!(flush.failure.is_none() && !output.is_busy());
        assert_eq!((seen, output.written()), (large, 1 << 20));
    }

    #[tokio::test]
    async fn a_terminal_that_is_gone_is_told() {
        let (terminal, pipe) = rustix::pipe::pipe().unwrap();
        drop(terminal);
        let mut output = Output::start(pipe).unwrap();
        output.send(b"x".to_vec());
        assert!(output.flushed().await.unwrap().failure.is_some());
    }
}
