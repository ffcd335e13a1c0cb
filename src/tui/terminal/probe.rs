//! What is asked of the terminal, once, behind the first frame, and what it has told so far. Nothing here waits.

use super::answer::Answer;
use super::caps::{Caps, Glyphs};
use crate::tui::theme::colour::Rgb;

/// Columns behind a mark that takes one cell at the left edge.
const NARROW: u16 = 2;

/// What to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asks {
    /// The colour of the background.
    pub background: bool,
    /// Whether marks take one cell.
    pub width: bool,
}

impl Asks {
    /// What is worth asking such a terminal. A background that the person has set is not asked for.
    pub fn of(caps: Caps, knows_background: bool, is_console: bool) -> Self {
        Self {
            // The Linux console knows no such question and may print it.
            background: !knows_background && !is_console,
            width: caps.glyphs == Glyphs::Unicode,
        }
    }

    /// The questions without the one about width, which needs a place on the screen. The one that every terminal answers is
    /// the last.
    pub fn bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.background {
            bytes.extend_from_slice(b"\x1b]11;?\x1b\\");
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
            Answer::Cursor { .. } | Answer::Mode { .. } => {}
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
        let asks = Asks::of(caps("C.UTF-8"), false, false);
        assert!(asks.background && asks.width);
        assert_eq!(
            asks.bytes(),
            b"\x1b]11;?\x1b\\\x1b[?u\x1b[>0q\x1b[?2026$p\x1b[c"
        );
        let asks = Asks::of(caps("C"), true, false);
        assert!(!asks.background && !asks.width);
        assert_eq!(asks.bytes(), b"\x1b[?u\x1b[>0q\x1b[?2026$p\x1b[c");
        assert!(!Asks::of(caps("C"), false, true).background);
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
