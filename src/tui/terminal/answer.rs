//! What a terminal says when it is asked about itself. Answers come when they like, late, in pieces or never; the decoder cuts
//! them out of what is typed, and nothing waits for them.

use crate::base::text::{SafeText, clip};
use crate::tui::theme::colour::Rgb;

/// Cells of a terminal's name that are kept.
const NAME: usize = 60;

/// `RGB`, the capability of 24-bit colours, in hexadecimal digits.
pub(super) const RGB: &str = "524742";

/// A ground that no palette has; a terminal that still knows it when it is asked can paint it.
pub(super) const ASKED_COLOUR: &str = "48;2;1;2;3";

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Its background (OSC 11).
    Background(Rgb),
    /// Where its cursor is, from 1 (CPR).
    Cursor {
        /// The row.
        row: u16,
        /// The column.
        column: u16,
    },
    /// Which parts of kitty's keyboard protocol are on; that it answers says that it knows it.
    Keyboard(u16),
    /// The state of a private mode (DECRPM): 0 is unknown to it.
    Mode {
        /// Which.
        number: u16,
        /// 0 unknown, 1 set, 2 reset, 3 always set, 4 never.
        state: u16,
    },
    /// Its name and version (XTVERSION).
    Name(String),
    /// It has 24-bit colours: it says so (XTGETTCAP `RGB`), or paints with the one that it was given (DECRQSS).
    Colours,
    /// The colours of its surface were changed (mode 2031).
    Scheme {
        /// They are dark ones.
        is_dark: bool,
    },
    /// What kind of terminal it is (DA1). Every terminal answers this, and in order: what was asked before and is not answered
    /// by now will not be.
    Attributes,
}

/// Reads a whole control sequence; none if it is no answer.
pub fn read(unit: &[u8]) -> Option<Answer> {
    let text = std::str::from_utf8(unit).ok()?;
    if let Some(colour) = text.strip_prefix("\x1b]11;") {
        return Some(Answer::Background(rgb(unterminated(colour)?)?));
    }
    if let Some(name) = text.strip_prefix("\x1bP>|") {
        let name = SafeText::line(unterminated(name)?);
        return Some(Answer::Name(clip(name.as_str(), NAME)));
    }
    if let Some(given) = text.strip_prefix("\x1bP1+r") {
        // The name in hexadecimal digits, of either case.
        return given
            .to_ascii_lowercase()
            .starts_with(RGB)
            .then_some(Answer::Colours);
    }
    if let Some(look) = text.strip_prefix("\x1bP1$r") {
        let proof = look.replace(':', ";").replace(";;", ";");
        return proof.contains(ASKED_COLOUR).then_some(Answer::Colours);
    }
    let body = text.strip_prefix("\x1b[")?;
    match body {
        "?997;1n" => return Some(Answer::Scheme { is_dark: true }),
        "?997;2n" => return Some(Answer::Scheme { is_dark: false }),
        _ => {}
    }
    if let Some(private) = body.strip_prefix('?') {
        if let Some(mode) = private.strip_suffix("$y") {
            let (number, state) = pair(mode)?;
            return Some(Answer::Mode { number, state });
        }
        if let Some(flags) = private.strip_suffix('u') {
            return flags.parse().ok().map(Answer::Keyboard);
        }
        return private.ends_with('c').then_some(Answer::Attributes);
    }
    let (row, column) = pair(body.strip_suffix('R')?)?;
    Some(Answer::Cursor { row, column })
}

/// Without the end of a control string.
fn unterminated(text: &str) -> Option<&str> {
    text.strip_suffix("\x1b\\")
        .or_else(|| text.strip_suffix('\x07'))
}

fn pair(text: &str) -> Option<(u16, u16)> {
    let (one, other) = text.split_once(';')?;
    Some((one.parse().ok()?, other.parse().ok()?))
}

/// `rgb:RRRR/GGGG/BBBB` with one to four digits each, `rgba:` with a fourth part, or `#RRGGBB`.
fn rgb(text: &str) -> Option<Rgb> {
    let parts: Vec<&str> = if let Some(digits) = text.strip_prefix('#') {
        vec![digits.get(0..2)?, digits.get(2..4)?, digits.get(4..)?]
    } else {
        let text = text
            .strip_prefix("rgb:")
            .or_else(|| text.strip_prefix("rgba:"))?;
        text.split('/').collect()
    };
    let channel = |part: &&str| {
        let most = match part.len() {
            1..=4 => (1_u32 << (4 * part.len())) - 1,
            _ => return None,
        };
        let value = u32::from_str_radix(part, 16).ok()?;
        u8::try_from(value * 255 / most).ok()
    };
    match parts.as_slice() {
        [red, green, blue] | [red, green, blue, _] => {
            Some(Rgb::new(channel(red)?, channel(green)?, channel(blue)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_many_terminals() {
        let dark = Answer::Background(Rgb::new(0x1e, 0x1e, 0x2e));
        for (unit, expected) in [
            ("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", Some(dark.clone())),
            ("\x1b]11;rgb:1e/1e/2e\x07", Some(dark.clone())),
            ("\x1b]11;#1e1e2e\x07", Some(dark.clone())),
            ("\x1b]11;rgba:1e1e/1e1e/2e2e/ffff\x07", Some(dark)),
            (
                "\x1b]11;rgb:f/f/f\x07",
                Some(Answer::Background(Rgb::new(255, 255, 255))),
            ),
            ("\x1b]11;rgb:12345/1/1\x07", None),
            ("\x1b]11;green\x07", None),
            ("\x1b[?62;22c", Some(Answer::Attributes)),
            ("\x1b[1;3R", Some(Answer::Cursor { row: 1, column: 3 })),
            (
                "\x1b[?2026;2$y",
                Some(Answer::Mode {
                    number: 2026,
                    state: 2,
                }),
            ),
            ("\x1b[?5u", Some(Answer::Keyboard(5))),
            (
                "\x1bP>|tmux 3.4\x1b\\",
                Some(Answer::Name("tmux 3.4".to_owned())),
            ),
            ("\x1bP>|a\x08b\x1b\\", Some(Answer::Name("ab".to_owned()))),
            ("\x1bP1+r524742=38\x1b\\", Some(Answer::Colours)),
            ("\x1bP0+r524742\x1b\\", None),
            ("\x1bP1+r544e=78\x1b\\", None),
            ("\x1bP1$r0;48:2::1:2:3m\x1b\\", Some(Answer::Colours)),
            ("\x1bP1$r0;48;2;1;2;3m\x1b\\", Some(Answer::Colours)),
            ("\x1bP1$r0;48;5;16m\x1b\\", None),
            ("\x1bP0$r\x1b\\", None),
            ("\x1b[?997;1n", Some(Answer::Scheme { is_dark: true })),
            ("\x1b[?997;2n", Some(Answer::Scheme { is_dark: false })),
            ("\x1b[?997;3n", None),
            ("\x1b[R", None),
            ("\x1b[A", None),
            ("a", None),
        ] {
            assert_eq!(read(unit.as_bytes()), expected, "{unit:?}");
        }
    }
}
