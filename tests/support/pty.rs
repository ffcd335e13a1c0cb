//! A program in a pseudo-terminal of a given size, read through a terminal emulator.
//!
//! Nothing here sleeps: every wait is for a state of the screen or for the end of the program, and has a deadline. When a
//! wait fails, the panic shows the screen as it was.

use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{ChildKiller, MasterPty, PtySize, native_pty_system};
pub(crate) use portable_pty::{CommandBuilder, ExitStatus};

/// How long a wait may take. Long, because machines that run tests may be slow; a passing test never waits this long.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// At most this much of what the program wrote is kept for [`Pty::raw`]; the emulator sees all of it.
const RAW_KEPT: usize = 16 << 20;

/// A program that runs in a pseudo-terminal. Dropping it kills the program.
pub(crate) struct Pty {
    state: Arc<State>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Writer,
    killer: Box<dyn ChildKiller + Send + Sync>,
    process: u32,
}

/// What types into the terminal: the test, and the terminal itself when it is asked.
type Writer = Arc<Mutex<Option<Box<dyn Write + Send>>>>;

struct State {
    seen: Mutex<Seen>,
    changed: Condvar,
}

struct Seen {
    emulator: vt100::Parser<Titles>,
    raw: Vec<u8>,
    /// The last bytes, in which a question may have begun.
    tail: Vec<u8>,
    bytes: usize,
    exit: Option<ExitStatus>,
    closed: bool,
    /// Nobody reads any more.
    hung_up: bool,
}

/// Window titles that the program set, oldest first.
#[derive(Default)]
struct Titles(Vec<String>);

impl vt100::Callbacks for Titles {
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.0.push(String::from_utf8_lossy(title).into_owned());
    }
}

/// A command with a clean environment: only `PATH`, a UTF-8 locale, a 256 colour terminal and `home`.
pub(crate) fn command(program: impl AsRef<Path>, home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program.as_ref());
    command.env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", home);
    command.env("LANG", "C.UTF-8");
    command.env("TERM", "xterm-256color");
    command.cwd(home);
    command
}

impl Pty {
    /// Starts `command` in a terminal of `columns` × `rows`. Zeros are allowed: that is what some terminals report.
    pub(crate) fn spawn(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        Self::at_a_line(command, (columns, rows), None)
    }

    /// As [`spawn`](Self::spawn), at the end of a line that takes so many bytes a second, and with a terminal that answers what it is
    /// asked.
    pub(crate) fn spawn_far(command: CommandBuilder, size: (u16, u16), rate: u32) -> Self {
        Self::at_a_line(command, size, Some(rate))
    }

    fn at_a_line(command: CommandBuilder, (columns, rows): (u16, u16), rate: Option<u32>) -> Self {
        let pair = native_pty_system()
            .openpty(size(columns, rows))
            .expect("a pseudo-terminal");
        let mut child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave); // Else the reader never sees the end.
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let writer: Writer = Arc::new(Mutex::new(Some(writer)));
        let (killer, process) = (child.clone_killer(), child.process_id().expect("a process"));
        // The emulator needs room for at least one cell even where the kernel says 0 × 0; the program then assumes 80 × 24.
        let emulator = match (columns, rows) {
            (0, _) | (_, 0) => vt100::Parser::new_with_callbacks(24, 80, 0, Titles::default()),
            _ => vt100::Parser::new_with_callbacks(rows, columns, 0, Titles::default()),
        };
        let seen = Seen {
            emulator,
            raw: Vec::new(),
            tail: Vec::new(),
            bytes: 0,
            exit: None,
            closed: false,
            hung_up: false,
        };
        let state = Arc::new(State {
            seen: Mutex::new(seen),
            changed: Condvar::new(),
        });
        let (reads, answers) = (Arc::clone(&state), Arc::clone(&writer));
        std::thread::spawn(move || {
            // A far terminal takes what it takes in a fiftieth of a second at once.
            let room = rate.map_or(16 << 10, |rate| rate as usize / 50);
            let mut buffer = vec![0_u8; room];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if reads.lock().hung_up {
                    break;
                }
                let asked = reads.take(&buffer[..count]);
                if rate.is_some() {
                    answer(&answers, &asked);
                    std::thread::sleep(Duration::from_millis(20)); // The line takes no more.
                }
            }
            drop(reader);
            reads.lock().closed = true;
            reads.changed.notify_all();
        });
        let waits = Arc::clone(&state);
        std::thread::spawn(move || {
            let exit = child.wait().expect("the program can be waited for");
            waits.lock().exit = Some(exit);
            waits.changed.notify_all();
        });
        Self {
            state,
            master: Some(pair.master),
            writer,
            killer,
            process,
        }
    }

    /// Writes to the program as if typed. What it does with it is to be waited for.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let mut writer = self.writer.lock().expect("no reader panicked");
        let writer = writer.as_mut().expect("the terminal was not hung up");
        writer
            .write_all(bytes.as_ref())
            .expect("the terminal takes input");
        writer.flush().expect("the terminal takes input");
    }

    /// Types `text` as a bracketed paste.
    pub(crate) fn paste(&mut self, text: &str) {
        self.send(format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Changes the size of the terminal; the kernel tells the program.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        if columns > 0 && rows > 0 {
            self.state
                .lock()
                .emulator
                .screen_mut()
                .set_size(rows, columns);
        }
        let master = self.master.as_ref().expect("the terminal was not hung up");
        master
            .resize(size(columns, rows))
            .expect("the terminal resizes");
    }

    /// Takes the terminal away, as when its window is closed or a line to it breaks: reads and writes of the program fail, and the
    /// kernel hangs up on it.
    pub(crate) fn hang_up(&mut self) {
        self.state.lock().hung_up = true;
        // A frame of another size ends the read that is under way, and with it the last holder of the other end.
        self.resize(99, 33);
        *self.writer.lock().expect("no reader panicked") = None;
        self.master = None;
    }

    /// How the terminal is set: how it echoes, which keys are signals.
    pub(crate) fn settings(&self) -> String {
        let master = self.master.as_ref().expect("the terminal was not hung up");
        format!("{:?}", master.get_termios())
    }

    /// The program's process id, for signals.
    pub(crate) fn process(&self) -> u32 {
        self.process
    }

    /// Waits until `done` holds for the screen, and gives the screen's text.
    pub(crate) fn wait_until(&self, what: &str, done: impl Fn(&Screen<'_>) -> bool) -> String {
        let seen = self.wait_for(what, |seen| done(&Screen(seen)));
        Screen(&seen).text()
    }

    /// Waits until `text` is on the screen.
    pub(crate) fn wait_for_text(&self, text: &str) -> String {
        self.wait_until(&format!("{text:?} on the screen"), |screen| {
            screen.contains(text)
        })
    }

    /// Waits until the program ended and all of its output was read.
    pub(crate) fn wait_exit(&self) -> ExitStatus {
        let seen = self.wait_for("the end of the program", |seen| {
            seen.exit.is_some() && seen.closed
        });
        seen.exit.clone().expect("was just seen")
    }

    /// What is on the screen now. Prefer the waits.
    pub(crate) fn text(&self) -> String {
        Screen(&self.state.lock()).text()
    }

    /// How many bytes the program wrote so far.
    pub(crate) fn bytes_written(&self) -> usize {
        self.state.lock().bytes
    }

    /// The bytes that the program wrote, up to 16 MiB.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.state.lock().raw.clone()
    }

    /// Window titles that the program set, oldest first.
    pub(crate) fn titles(&self) -> Vec<String> {
        self.state.lock().emulator.callbacks().0.clone()
    }

    fn wait_for(&self, what: &str, done: impl Fn(&Seen) -> bool) -> MutexGuard<'_, Seen> {
        let deadline = Instant::now() + DEADLINE;
        let mut seen = self.state.lock();
        while !done(&seen) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "waited {DEADLINE:?} for {what}; the screen is\n{}",
                Screen(&seen).text()
            );
            seen = self
                .state
                .changed
                .wait_timeout(seen, left)
                .expect("no reader panicked")
                .0;
        }
        seen
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        self.killer.kill().ok(); // It may have ended already.
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("no reader panicked")
    }

    /// Takes what the program wrote; gives the answers to what it asked with that.
    fn take(&self, bytes: &[u8]) -> String {
        let mut seen = self.lock();
        seen.emulator.process(bytes);
        // A question may come in two pieces.
        seen.tail.extend_from_slice(bytes);
        let (mut answers, mut done) = (String::new(), 0);
        for end in 1..=seen.tail.len() {
            let so_far = &seen.tail[done..end];
            let known = [("\x1b[6n", "\x1b[1;1R"), ("\x1b[c", "\x1b[?62;22c")];
            for (question, reply) in known {
                if so_far.ends_with(question.as_bytes()) {
                    answers.push_str(reply);
                    done = end;
                }
            }
        }
        let kept = done.max(seen.tail.len().saturating_sub(3));
        seen.tail.drain(..kept);
        seen.bytes += bytes.len();
        let room = RAW_KEPT.saturating_sub(seen.raw.len());
        seen.raw.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.changed.notify_all();
        answers
    }
}

fn answer(writer: &Writer, answers: &str) {
    let mut writer = writer.lock().expect("nobody panicked");
    // The program may be gone.
    let written = writer
        .as_mut()
        .map(|writer| writer.write_all(answers.as_bytes()));
    written.and_then(Result::ok);
}

/// The screen at one moment.
pub(crate) struct Screen<'a>(&'a Seen);

impl Screen<'_> {
    /// All rows, cut at their last visible cell.
    pub(crate) fn text(&self) -> String {
        self.rows().join("\n")
    }

    /// The rows from top to bottom.
    pub(crate) fn rows(&self) -> Vec<String> {
        let screen = self.0.emulator.screen();
        let (_, columns) = screen.size();
        screen.rows(0, columns).collect()
    }

    /// Whether any row holds `text`.
    pub(crate) fn contains(&self, text: &str) -> bool {
        self.rows().iter().any(|row| row.contains(text))
    }

    /// Bytes that the program has written so far.
    pub(crate) fn bytes(&self) -> usize {
        self.0.bytes
    }

    /// Whether the alternate screen is shown.
    pub(crate) fn is_alternate(&self) -> bool {
        self.0.emulator.screen().alternate_screen()
    }

    /// Row and column of the cursor, if it is shown.
    pub(crate) fn cursor(&self) -> Option<(u16, u16)> {
        let screen = self.0.emulator.screen();
        (!screen.hide_cursor()).then(|| screen.cursor_position())
    }

    /// The emulator's own screen, for colours and modes.
    pub(crate) fn emulated(&self) -> &vt100::Screen {
        self.0.emulator.screen()
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_can_be_driven() {
        let home = tempfile::tempdir().expect("a folder");
        let mut shell = command("/bin/sh", home.path());
        shell.arg("-c");
        shell.arg("printf '\\033]2;hello\\007\\033[?1049h'; stty size; read line; echo \"got $line\"; read line; stty size; exit 3");
        let mut pty = Pty::spawn(shell, 60, 10);
        assert!(pty.process() > 0);
        pty.wait_for_text("10 60");
        pty.send("ping\r");
        let text = pty.wait_until("an answer", |screen| {
            screen.contains("got ping") && screen.is_alternate() && screen.bytes() > 0
        });
        assert!(text.contains("got ping"));
        pty.resize(70, 12);
        pty.paste("x");
        pty.send("\r");
        pty.wait_until("the new size", |screen| {
            screen.contains("12 70")
                && screen.cursor().is_some()
                && screen.emulated().size() == (12, 70)
        });
        assert_eq!(pty.wait_exit().exit_code(), 3);
        assert_eq!(pty.titles(), ["hello"]);
        assert!(pty.settings().contains("ECHO"));
        assert_eq!(pty.raw().len(), pty.bytes_written());
        assert!(pty.text().contains("12 70"));
        let mut shell = command("/bin/sh", home.path());
        shell.args([
            "-c",
            "printf '\\033[6n'; read line; echo \"$line\" | tail -c 5",
        ]);
        let mut pty = Pty::spawn_far(shell, (60, 10), 2_000);
        pty.send("\r");
        pty.wait_for_text(";1R");
        let mut shell = command("/bin/sh", home.path());
        shell.args([
            "-c",
            "trap 'stty size' WINCH; while :; do read line || exit 7; done",
        ]);
        let mut pty = Pty::spawn(shell, 60, 10);
        pty.send("x");
        pty.wait_for_text("x");
        pty.hang_up();
        pty.wait_exit();
    }
}
