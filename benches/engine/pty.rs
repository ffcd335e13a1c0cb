//! A program in a pseudo-terminal, with the moment of every byte that it writes. The screens of the tests' own terminal cost too much to
//! be in the way here: what is looked at is read from the emulator only where a row asks for it.

use std::io::{Read as _, Write as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{ChildKiller, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Rows and columns of every terminal here.
pub(crate) const SIZE: (u16, u16) = (40, 120);

/// A program that runs in a terminal; it is killed with it.
pub(crate) struct Terminal {
    writer: Box<dyn std::io::Write + Send>,
    chunks: Receiver<(Instant, Vec<u8>)>,
    killer: Box<dyn ChildKiller + Send + Sync>,
    screen: vt100::Parser,
    /// Bytes so far.
    pub(crate) bytes: usize,
    /// When it was started.
    pub(crate) began: Instant,
    // Closing it hangs the terminal up.
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts it.
    pub(crate) fn start(command: CommandBuilder) -> Self {
        let size = PtySize {
            rows: SIZE.0,
            cols: SIZE.1,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let began = Instant::now();
        let mut child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let killer = child.clone_killer();
        let (send, chunks) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if send
                    .send((Instant::now(), buffer[..count].to_vec()))
                    .is_err()
                {
                    break;
                }
            }
        });
        std::thread::spawn(move || child.wait());
        Self {
            writer,
            chunks,
            killer,
            screen: vt100::Parser::new(SIZE.0, SIZE.1, 0),
            bytes: 0,
            began,
            _master: pair.master,
        }
    }

    /// The moment and size of what comes next; none if nothing comes in time, or never will.
    pub(crate) fn next(&mut self, within: Duration) -> Option<(Instant, usize)> {
        match self.chunks.recv_timeout(within) {
            Ok((at, bytes)) => {
                self.answer(&bytes);
                self.screen.process(&bytes);
                self.bytes += bytes.len();
                Some((at, bytes.len()))
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => None,
        }
    }

    /// A terminal answers the questions that programs begin with, or they wait for it: what it is, and where the cursor stands.
    fn answer(&mut self, bytes: &[u8]) {
        let asks = |what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
        if asks(b"\x1b[c") {
            self.send(b"\x1b[?62;22c");
        }
        if asks(b"\x1b[6n") {
            self.send(b"\x1b[1;1R");
        }
    }

    /// Types.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        // A program that has ended takes no keys; the row will show it.
        let _ = self.writer.write_all(bytes);
        let _ = self.writer.flush();
    }

    /// Waits until the screen shows what is looked for; gives when it did.
    pub(crate) fn wait(
        &mut self,
        within: Duration,
        shows: impl Fn(&vt100::Screen) -> bool,
    ) -> Option<Duration> {
        let began = Instant::now();
        while began.elapsed() < within {
            let (at, _) = self.next(within.saturating_sub(began.elapsed()))?;
            if shows(self.screen.screen()) {
                return Some(at - self.began);
            }
        }
        None
    }

    /// Waits until the screen shows what is looked for; gives how long after `since` that was.
    pub(crate) fn wait_from(
        &mut self,
        since: Instant,
        within: Duration,
        shows: impl Fn(&vt100::Screen) -> bool,
    ) -> Option<Duration> {
        while since.elapsed() < within {
            let (at, _) = self.next(within.saturating_sub(since.elapsed()))?;
            if shows(self.screen.screen()) {
                return Some(at.saturating_duration_since(since));
            }
        }
        None
    }

    /// Reads on until nothing came for so long; false if it never becomes quiet in time.
    pub(crate) fn settle(&mut self, quiet: Duration, within: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < within {
            if self.next(quiet).is_none() {
                return true;
            }
        }
        false
    }

    /// The screen as text.
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.killer.kill();
    }
}
