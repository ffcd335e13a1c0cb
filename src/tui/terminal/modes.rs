//! The terminal's modes: entered in one order, left in the reverse one, and left whatever happens: at the end, in a panic, on
//! a signal, before a stop.

use std::backtrace::Backtrace;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::layout::Size;

use super::lent::Draft;

/// What a terminal that does not know its size is taken for.
const UNKNOWN: Size = Size {
    width: 80,
    height: 24,
};

/// Rows that an interface on the terminal's own screen takes.
const INLINE: u16 = 20;

/// A screen of one's own.
const ALTERNATE: (&str, &str, &str) = ("alternate screen", "\x1b[?1049h", "\x1b[?1049l");

/// Each mode with what turns it on and off, in the order of entering.
const MODES: [(&str, &str, &str); 6] = [
    ("title kept", "\x1b[22;0t", "\x1b[23;0t"),
    ALTERNATE,
    // What a terminal takes for wider than we do must not run into the next row.
    ("lines cut", "\x1b[?7l", "\x1b[?7h"),
    ("bracketed paste", "\x1b[?2004h", "\x1b[?2004l"),
    ("focus reports", "\x1b[?1004h", "\x1b[?1004l"),
    ("cursor hidden", "\x1b[?25l", "\x1b[?25h"),
];

/// Ends a frame that was cut off, and its colours.
const END_FRAME: &str = "\x1b[?2026l\x1b[m";

/// Where on the terminal the interface is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its size in cells.
    pub size: Size,
    /// Its first row, where it is the last rows of the terminal's own screen; none where it has a screen of its own.
    pub first: Option<u16>,
}

impl Window {
    fn of(whole: Size, is_inline: bool) -> Self {
        if !is_inline {
            return Self {
                size: whole,
                first: None,
            };
        }
        let height = whole.height.min(INLINE);
        Self {
            size: Size { height, ..whole },
            first: Some(whole.height - height),
        }
    }

    /// Moves what stands there up, out of the way; from wherever the cursor is.
    fn make_room(self) -> String {
        match self.first {
            Some(_) => format!("\r{}", "\n".repeat(usize::from(self.size.height))),
            None => String::new(),
        }
    }

    /// Leaves the rows empty, with the cursor where the shell goes on.
    fn clear(self) -> String {
        let first = self.first.map(|first| format!("\x1b[{}H\x1b[J", first + 1));
        first.unwrap_or_default()
    }
}

/// Holds the terminal in the program's modes. Dropping it gives the terminal back.
#[derive(Debug)]
pub struct Modes {
    terminal: Arc<OwnedFd>,
    state: Arc<State>,
}

/// Which modes are on, or will be when they are entered again.
#[derive(Debug, Default)]
struct State {
    is_inline: bool,
    is_entered: AtomicBool,
    keyboard: AtomicBool,
    mouse: AtomicBool,
    scheme: AtomicBool,
}

/// Modes that not every terminal has or not every person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// Kitty's keyboard: keys that are the same byte are told apart (1), and the place of a key is told (4).
    Keyboard,
    /// Presses of buttons and the wheel, in decimal numbers.
    Mouse,
    /// A word whenever the person goes from dark colours to light ones or back.
    Scheme,
}

impl Extra {
    const ALL: [Self; 3] = [Self::Keyboard, Self::Mouse, Self::Scheme];

    const fn bytes(self, is_on: bool) -> &'static str {
        match (self, is_on) {
            (Self::Keyboard, true) => "\x1b[>5u",
            (Self::Keyboard, false) => "\x1b[<u",
            (Self::Mouse, true) => "\x1b[?1000h\x1b[?1006h",
            (Self::Mouse, false) => "\x1b[?1006l\x1b[?1000l",
            (Self::Scheme, true) => "\x1b[?2031h",
            (Self::Scheme, false) => "\x1b[?2031l",
        }
    }
}

impl State {
    const fn of(&self, extra: Extra) -> &AtomicBool {
        match extra {
            Extra::Keyboard => &self.keyboard,
            Extra::Mouse => &self.mouse,
            Extra::Scheme => &self.scheme,
        }
    }

    /// The modes that belong to such an interface.
    fn modes(&self) -> impl DoubleEndedIterator<Item = (&'static str, &'static str, &'static str)> {
        let is_inline = self.is_inline;
        let all = MODES.into_iter();
        all.filter(move |mode| !is_inline || *mode != ALTERNATE)
    }

    /// What turns the extra modes that are on on again, or off.
    fn extras(&self, is_on: bool) -> String {
        let extras = Extra::ALL.into_iter();
        let wanted = extras.filter(|extra| self.of(*extra).load(Ordering::SeqCst));
        wanted.map(|extra| extra.bytes(is_on)).collect()
    }
}

impl Modes {
    /// Enters the modes of `terminal`, which is also the controlling one; with a screen of one's own, or `is_inline` in its last rows.
    pub fn enter(terminal: OwnedFd, is_inline: bool) -> io::Result<Self> {
        let state = State {
            is_inline,
            ..State::default()
        };
        let modes = Self {
            terminal: Arc::new(terminal),
            state: Arc::new(state),
        };
        modes.again()?;
        Ok(modes)
    }

    /// Enters the modes again, after [`Modes::leave`] or when the program was stopped from outside. Twice does no harm.
    pub fn again(&self) -> io::Result<()> {
        // The shell may have set the terminal otherwise while the program was stopped; crossterm sets nothing that it believes
        // to be set already.
        crossterm::terminal::disable_raw_mode()?;
        crossterm::terminal::enable_raw_mode()?;
        // The title and the screen are on stacks; entering twice would push them twice.
        if !self.state.is_entered.swap(true, Ordering::SeqCst) {
            let mut on: String = self.state.modes().map(|(_, on, _)| on).collect();
            on.push_str(&self.state.extras(true));
            write_all(&*self.terminal, on.as_bytes())?;
        }
        // Also where it was stopped without a word: a shell has written into the last rows since.
        write_all(&*self.terminal, self.window().make_room().as_bytes())
    }

    /// Gives the terminal back as it was found.
    pub fn leave(&self) {
        leave(&self.terminal, &self.state);
    }

    /// Notes that an extra mode is on or off from now on, and gives the bytes that make it so; they belong between two frames.
    /// None if it is so already.
    #[must_use]
    pub fn turn(&self, extra: Extra, is_on: bool) -> Option<&'static str> {
        let was_on = self.state.of(extra).swap(is_on, Ordering::SeqCst);
        (was_on != is_on).then(|| extra.bytes(is_on))
    }

    /// Has the terminal given back before a panic's message is printed, so that it can be read, and a report of it written into
    /// `folder`.
    pub fn leave_on_panic(&self, folder: PathBuf) {
        let (terminal, state) = (Arc::clone(&self.terminal), Arc::clone(&self.state));
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            leave(&terminal, &state);
            before(panic);
            let trace = Backtrace::force_capture();
            let version = env!("CARGO_PKG_VERSION");
            let text = format!("aios {version}\n{panic}\n\n{trace}\n");
            // Nobody is left to be told that there is no report; the message above stands for it.
            if let Ok(file) = report(&folder, &text) {
                let told = format!("aios: the report of it is {}\n", file.display());
                write_all(rustix::stdio::stderr(), told.as_bytes()).ok();
            }
        }));
    }

    /// Where the interface is now.
    pub fn window(&self) -> Window {
        window(&self.terminal, &self.state)
    }

    /// The size in cells of the interface.
    pub fn size(&self) -> Size {
        self.window().size
    }
}

/// Writes what happened into a new file of the person's own folder; gives where.
fn report(folder: &Path, text: &str) -> io::Result<PathBuf> {
    let name = format!("panic-{}", std::process::id());
    let file = folder.join(format!("{name}.txt"));
    Draft::write(folder, &name, text)?.keep_as(&file)?;
    Ok(file)
}

/// The window of a terminal; of 80 × 24 cells where it does not know its size.
fn window(terminal: &OwnedFd, state: &State) -> Window {
    let whole = match rustix::termios::tcgetwinsize(terminal) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => Size {
            width: size.ws_col,
            height: size.ws_row,
        },
        _ => UNKNOWN,
    };
    Window::of(whole, state.is_inline)
}

impl Drop for Modes {
    fn drop(&mut self) {
        self.leave();
    }
}

fn leave(terminal: &OwnedFd, state: &State) {
    if !state.is_entered.swap(false, Ordering::SeqCst) {
        return;
    }
    // Lines come first: whoever sees the other screen types lines, and a Return that came as a raw key would end none.
    // The terminal may be gone; then there is nothing to give back.
    crossterm::terminal::disable_raw_mode().ok();
    let extras = state.extras(false);
    let cleared = window(terminal, state).clear();
    let off: String = state.modes().rev().map(|(_, _, off)| off).collect();
    let bytes = format!("{END_FRAME}{cleared}{extras}{off}");
    write_all(terminal, bytes.as_bytes()).ok();
}

/// Writes all of `bytes`, waiting as long as it takes.
pub fn write_all(terminal: impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    while !bytes.is_empty() {
        match rustix::io::write(&terminal, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Someone else made it non-blocking.
            Err(Errno::AGAIN) => {
                poll(&mut [PollFd::new(&terminal, PollFlags::OUT)], None).ok();
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_window_is_the_last_rows_and_has_no_screen_of_its_own() {
        let whole = Size::new(80, 30);
        let window = Window::of(whole, true);
        assert_eq!((window.size, window.first), (Size::new(80, 20), Some(10)));
        assert_eq!(window.make_room().matches('\n').count(), 20);
        assert_eq!(window.clear(), "\x1b[11H\x1b[J");
        let small = Window::of(Size::new(80, 7), true);
        assert_eq!((small.size.height, small.first), (7, Some(0)));
        let own = Window::of(whole, false);
        assert_eq!((own.size, own.first), (whole, None));
        assert!(own.make_room().is_empty() && own.clear().is_empty());
        let inline = State {
            is_inline: true,
            ..State::default()
        };
        assert_eq!(inline.modes().count() + 1, MODES.len());
        assert!(inline.modes().all(|mode| mode != ALTERNATE));
    }

    #[test]
    fn every_mode_that_is_entered_can_be_left() {
        for (name, on, off) in MODES {
            assert_ne!(on, off, "{name}");
            assert!(
                on.starts_with("\x1b[") && off.starts_with("\x1b["),
                "{name}"
            );
        }
    }
}
