//! The one reader of the terminal. A thread waits for bytes, decodes them and hands them on in batches, one a read; nothing
//! else in the program reads the terminal.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::sync::mpsc;

use super::decoder::{Decoder, Input};

/// Reads that wait to be handled. When full, the thread waits and the kernel keeps what is typed.
const BATCHES: usize = 64;

/// What one read gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// When the bytes were read, which is at most a moment after they arrived.
    pub read_at: Instant,
    /// What they mean, in order.
    pub inputs: Vec<Input>,
}

/// Owns the reading thread. Dropping it ends the thread.
#[derive(Debug)]
pub struct InputReader {
    batches: mpsc::Receiver<Batch>,
    terminal: Arc<OwnedFd>,
    /// Closing it wakes the thread.
    stop: Option<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl InputReader {
    /// Starts reading `terminal`.
    pub fn start(terminal: OwnedFd) -> io::Result<Self> {
        Self::of(Arc::new(terminal))
    }

    fn of(terminal: Arc<OwnedFd>) -> io::Result<Self> {
        let (stopped, stop) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let (sender, batches) = mpsc::channel(BATCHES);
        let reads = Arc::clone(&terminal);
        let thread = std::thread::Builder::new()
            .name("terminal input".to_owned())
            .spawn(move || read(&reads, &stopped, &sender))?;
        Ok(Self {
            batches,
            terminal,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Stops reading, so that another program can.
    pub fn pause(&mut self) {
        self.batches.close();
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            thread.join().ok(); // A reader that panicked has nothing more to say.
        }
    }

    /// Reads again if it had stopped.
    pub fn resume(&mut self) -> io::Result<()> {
        if self.thread.is_some() {
            return Ok(());
        }
        *self = Self::of(Arc::clone(&self.terminal))?;
        Ok(())
    }

    /// The next batch; `None` once the terminal is gone. Cancel safe.
    pub async fn next(&mut self) -> Option<Batch> {
        self.batches.recv().await
    }

    /// Whether the person typed something that was not handed out yet. Decisions ask this when their card is painted: what was
    /// typed before it could be read cannot have been meant for it.
    pub fn is_waiting(&self) -> bool {
        !self.batches.is_empty() || has_bytes(&self.terminal)
    }
}

impl Drop for InputReader {
    fn drop(&mut self) {
        self.pause();
    }
}

fn has_bytes(terminal: &OwnedFd) -> bool {
    let mut wait = [PollFd::new(terminal, PollFlags::IN)];
    poll(&mut wait, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
}

/// Reads until the terminal ends, the reader is dropped, or nobody takes the batches any more.
fn read(terminal: &OwnedFd, stopped: &OwnedFd, batches: &mpsc::Sender<Batch>) {
    let (mut decoder, mut buffer) = (Decoder::default(), vec![0_u8; 64 << 10]);
    loop {
        let mut inputs = Vec::new();
        match wait(terminal, stopped, decoder.patience_ms()) {
            Ok(Ready::Stop) => return,
            Ok(Ready::Nothing) => decoder.give_up(&mut inputs),
            Ok(Ready::Bytes) => match rustix::io::read(terminal, &mut buffer) {
                Ok(count @ 1..) => {
                    decoder.feed(buffer.get(..count).unwrap_or_default(), &mut inputs);
                }
                Err(Errno::INTR | Errno::AGAIN) => {}
                Ok(0) | Err(_) => inputs.push(Input::End),
            },
            Err(Errno::INTR) => {}
            Err(_) => inputs.push(Input::End),
        }
        let is_end = inputs.last() == Some(&Input::End);
        let batch = Batch {
            read_at: Instant::now(),
            inputs,
        };
        if !batch.inputs.is_empty() && batches.blocking_send(batch).is_err() {
            return;
        }
        if is_end {
            return;
        }
    }
}

enum Ready {
    Bytes,
    Nothing,
    Stop,
}

fn wait(terminal: &OwnedFd, stopped: &OwnedFd, patience_ms: Option<u64>) -> Result<Ready, Errno> {
    let mut waits = [
        PollFd::new(stopped, PollFlags::IN),
        PollFd::new(terminal, PollFlags::IN),
    ];
    let patience = patience_ms.map(|ms| Timespec {
        tv_sec: i64::try_from(ms / 1000).unwrap_or(i64::MAX),
        tv_nsec: i64::from(u32::try_from(ms % 1000).unwrap_or(0)) * 1_000_000,
    });
    if poll(&mut waits, patience.as_ref())? == 0 {
        return Ok(Ready::Nothing);
    }
    let [stop, _] = waits;
    Ok(if stop.revents().is_empty() {
        Ready::Bytes // Or hung up, which the read tells.
    } else {
        Ready::Stop
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::key::{Code, Key};

    fn write(pipe: &OwnedFd, bytes: &[u8]) {
        assert_eq!(rustix::io::write(pipe, bytes).unwrap(), bytes.len());
    }

    #[tokio::test]
    async fn a_reader_that_pauses_leaves_the_bytes_to_others() {
        let (terminal, person) = rustix::pipe::pipe().unwrap();
        let mut reader = InputReader::start(terminal).unwrap();
        reader.pause();
        write(&person, b"a");
        let mut byte = [0];
        rustix::io::read(&*reader.terminal, &mut byte).unwrap();
        assert_eq!(byte, *b"a");
        reader.resume().unwrap();
        write(&person, b"b");
        let batch = reader.next().await.unwrap();
        assert_eq!(batch.inputs, [Input::Key(Key::char('b'))]);
    }

    #[tokio::test]
    async fn reads_become_batches_and_the_end_is_told() {
        let (terminal, person) = rustix::pipe::pipe().unwrap();
        let mut reader = InputReader::start(terminal).unwrap();
        assert!(!reader.is_waiting());
        write(&person, b"ab");
        let batch = reader.next().await.unwrap();
        assert_eq!(
            batch.inputs,
            [Input::Key(Key::char('a')), Input::Key(Key::char('b'))]
        );
        // A lone Escape comes after a moment, without more bytes.
        write(&person, b"\x1b");
        assert_eq!(
            reader.next().await.unwrap().inputs,
            [Input::Key(Key::plain(Code::Esc))]
        );
        drop(person);
        assert_eq!(reader.next().await.unwrap().inputs, [Input::End]);
        assert_eq!(reader.next().await, None);
    }

    #[tokio::test]
    async fn what_was_typed_before_is_seen_as_waiting() {
        let (terminal, person) = rustix::pipe::pipe().unwrap();
        let mut reader = InputReader::start(terminal).unwrap();
        write(&person, b"a");
        // Wherever the byte is on its way, it counts as waiting until it is handed out.
        while !reader.is_waiting() {
            tokio::task::yield_now().await;
        }
        reader.next().await.unwrap();
        assert!(!reader.is_waiting());
    }

    #[test]
    fn dropping_ends_the_thread() {
        let (terminal, _person) = rustix::pipe::pipe().unwrap();
        drop(InputReader::start(terminal).unwrap());
    }
}
