//! What is asked of the terminal, once, behind the first frame, and what it has told so far. Nothing here waits.

use super::answer::{ASKED_COLOUR, Answer, RGB};
use super::caps::{Caps, Depth, Glyphs, Multiplexer};
use crate::tui::theme::colour::Rgb;

/// Columns behind a mark that takes one cell at the left edge.
const NARROW: u16 = 2;

/// What the person has settled, so that it need not be found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Knows {
    /// Whether the background is dark. Who says it wants nothing asked: some terminals print questions.
    pub background: bool,
    /// How many colours there are.
    pub depth: bool,
    /// Which marks are shown.
    pub glyphs: bool,
}

/// What to ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asks {
    /// Anything at all.
    pub anything: bool,
    /// The colour of the background.
    pub background: bool,
    /// Whether there are 24-bit colours.
    pub depth: bool,
    /// Whether marks take one cell.
    pub width: bool,
}

impl Asks {
    /// What is worth asking such a terminal.
    pub fn of(caps: Caps, knows: Knows, is_console: bool) -> Self {
        if knows.background {
            return Self::default();
        }
        // Screen gives strings to the terminal around it, whose answer would be about itself.
        let reaches_it = !is_console && caps.multiplexer != Multiplexer::Screen;
        let is_open = !knows.depth && !matches!(caps.depth, Depth::True | Depth::Mono);
        Self {
            anything: true,
            // The Linux console knows no such questions and may print them.
            background: !is_console,
            depth: is_open && reaches_it,
            width: caps.glyphs == Glyphs::Unicode && !knows.glyphs,
        }
    }

    /// The questions without the one about width, which needs a place on the screen. The one that every terminal answers is
    /// the last.
    pub fn bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if !self.anything {
            return bytes;
        }
        if self.background {
            bytes.extend_from_slice(b"\x1b]11;?\x1b\\");
        }
        if self.depth {
            let ask = format!("\x1bP+q{RGB}\x1b\\\x1b[{ASKED_COLOUR}m\x1bP$qm\x1b\\\x1b[m");
            bytes.extend_from_slice(ask.as_bytes());
        }
        // Kitty's keyboard, the name, synchronised output; then the end mark.
        bytes.extend_from_slice(b"\x1b[?u\x1b[>0q\x1b[?2026$p\x1b[c");
        bytes
    }
}

/// What the terminal has told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Its name and version.
    pub name: Option<String>,
    /// Its background.
    pub background: Option<Rgb>,
    /// It knows kitty's keyboard protocol.
    pub keyboard: bool,
    /// Whether it knows synchronised output; none if it did not say.
    pub synchronised: Option<bool>,
    /// How many cells a mark takes.
    pub mark_cells: Option<u16>,
    /// It has answered the last question.
    pub is_done: bool,
}

impl Told {
    /// Takes an answer. An answer that is not the first of its kind, or that means nothing to us, changes nothing.
    pub fn take(&mut self, answer: Answer) {
        match answer {
            Answer::Background(colour) => drop(self.background.get_or_insert(colour)),
            Answer::Cursor { row: 1, column } if self.mark_cells.is_none() => {
                self.mark_cells = Some(column.saturating_sub(NARROW - 1));
            }
            Answer::Keyboard(_) => self.keyboard = true,
            Answer::Mode {
                number: 2026,
                state,
            } => self.synchronised = Some(matches!(state, 1..=3)),
            Answer::Name(name) => drop(self.name.get_or_insert(name)),
            Answer::Attributes => self.is_done = true,
            Answer::Cursor { .. }
            | Answer::Mode { .. }
            | Answer::Colours
            | Answer::Scheme { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_known_is_asked_and_the_end_mark_is_last() {
        let caps = |lang: &str| {
            let lang = lang.to_owned();
            Caps::from_environment(move |name| (name == "LANG").then(|| lang.clone()))
        };
        let none = Knows::default();
        let asks = Asks::of(caps("C.UTF-8"), none, false);
        assert!(asks.background && asks.width && asks.depth);
        assert_eq!(
            asks.bytes(),
            b"\x1b]11;?\x1b\\\x1bP+q524742\x1b\\\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m\x1b[?u\x1b[>0q\x1b[?2026$p\x1b[c"
        );
        let knows = Knows {
            depth: true,
            ..none
        };
        let asks = Asks::of(caps("C"), knows, true);
        assert!(!asks.background && !asks.width && !asks.depth);
        assert_eq!(asks.bytes(), b"\x1b[?u\x1b[>0q\x1b[?2026$p\x1b[c");
        let chosen = Knows {
            glyphs: true,
            ..none
        };
        assert!(!Asks::of(caps("C.UTF-8"), chosen, false).width);
        let quiet = Knows {
            background: true,
            ..none
        };
        let asks = Asks::of(caps("C.UTF-8"), quiet, false);
        assert_eq!((asks, asks.bytes()), (Asks::default(), Vec::new()));
    }

    #[test]
    fn the_first_answer_of_a_kind_counts() {
        let mut told = Told::default();
        for answer in [
            Answer::Cursor { row: 9, column: 4 },
            Answer::Cursor { row: 1, column: 3 },
            Answer::Cursor { row: 1, column: 2 },
            Answer::Background(Rgb::new(1, 2, 3)),
            Answer::Background(Rgb::new(9, 9, 9)),
            Answer::Mode {
                number: 2026,
                state: 0,
            },
            Answer::Mode {
                number: 7,
                state: 1,
            },
            Answer::Keyboard(0),
            Answer::Name("foot".to_owned()),
        ] {
            told.take(answer);
        }
        let expected = Told {
            name: Some("foot".to_owned()),
            background: Some(Rgb::new(1, 2, 3)),
            keyboard: true,
            synchronised: Some(false),
            mark_cells: Some(2),
            is_done: false,
        };
        assert_eq!(told, expected);
        told.take(Answer::Attributes);
        assert!(told.is_done);
    }
}
