//! Keys as the interface knows them, and their notation: `a`, `A`, `space`, `esc`, `C-x`. Which bytes they came from is the
//! terminal's business.

use std::fmt;
use std::str::FromStr;

/// Which key, without Ctrl and Alt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A character as typed: Shift is in the character.
    Char(char),
    /// Enter or Return.
    Enter,
    /// Shift and Enter, from terminals that tell the two apart.
    ShiftEnter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    Function(u8),
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The key itself.
    pub code: Code,
    /// Whether Ctrl is held.
    pub ctrl: bool,
    /// Whether Alt is held.
    pub alt: bool,
}

/// A text that names no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key is called {0:?}")]
pub struct BadKey(pub String);

/// Keys with a name of their own; the first name of a key is the one that is shown.
const NAMES: [(&str, Code); 21] = [
    ("Enter", Code::Enter),
    ("S-Enter", Code::ShiftEnter),
    ("Esc", Code::Esc),
    ("Tab", Code::Tab),
    ("S-Tab", Code::BackTab),
    ("Backspace", Code::Backspace),
    ("Del", Code::Delete),
    ("Ins", Code::Insert),
    ("↑", Code::Up),
    ("↓", Code::Down),
    ("←", Code::Left),
    ("→", Code::Right),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PgUp", Code::PageUp),
    ("PgDn", Code::PageDown),
    ("space", Code::Char(' ')),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
];

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self {
            code,
            ctrl: false,
            alt: false,
        }
    }

    /// A character without modifiers.
    pub const fn char(character: char) -> Self {
        Self::plain(Code::Char(character))
    }

    /// A character with Ctrl.
    pub const fn ctrl(character: char) -> Self {
        Self {
            code: Code::Char(character),
            ctrl: true,
            alt: false,
        }
    }

    /// The digit that this key types, if it types one.
    pub fn digit(self) -> Option<u8> {
        match self.text()? {
            digit @ '0'..='9' => u8::try_from(u32::from(digit) - u32::from('0')).ok(),
            _ => None,
        }
    }

    /// The character that this key types into a text field, if it types one.
    pub fn text(self) -> Option<char> {
        match self.code {
            Code::Char(character) if !self.ctrl && !self.alt => Some(character),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("C-")?;
        }
        if self.alt {
            f.write_str("A-")?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(character) => write!(f, "{character}"),
            Code::Function(number) => write!(f, "F{number}"),
            named => write!(f, "{named:?}"),
        }
    }
}

impl FromStr for Key {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let (mut rest, mut ctrl, mut alt) = (text, false, false);
        loop {
            // A lone `C-` is not a modifier with nothing behind it.
            match (rest.strip_prefix("C-"), rest.strip_prefix("A-")) {
                (Some(after), _) if !after.is_empty() => (rest, ctrl) = (after, true),
                (_, Some(after)) if !after.is_empty() => (rest, alt) = (after, true),
                _ => break,
            }
        }
        let code = code_of(rest).ok_or_else(|| BadKey(text.to_owned()))?;
        Ok(Self { code, ctrl, alt })
    }
}

fn code_of(name: &str) -> Option<Code> {
    let named = NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    if let Some((_, code)) = named {
        return Some(*code);
    }
    let mut characters = name.chars();
    match (characters.next(), characters.as_str()) {
        (Some(only), "") if !only.is_control() => Some(Code::Char(only)),
        (Some('F'), number) => number
            .parse()
            .ok()
            .filter(|number| (1..=35).contains(number))
            .map(Code::Function),
        _ => None,
    }
}

/// Reads keys one after the other: `g b`.
///
/// # Errors
/// One of them is no key, or there is none.
pub fn sequence(text: &str) -> Result<Vec<Key>, BadKey> {
    let keys: Result<Vec<Key>, BadKey> = text.split_whitespace().map(str::parse).collect();
    match keys {
        Ok(keys) if keys.is_empty() => Err(BadKey(text.to_owned())),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for name in [
            "a", "A", "space", "Esc", "C-x", "A-x", "C-A-→", "F12", "S-Tab", "±", "-", "C--", "↑",
        ] {
            assert_eq!(name.parse::<Key>().unwrap().to_string(), name);
        }
        assert_eq!("ESC".parse::<Key>().unwrap(), Key::plain(Code::Esc));
        assert_eq!(sequence("g b").unwrap(), [Key::char('g'), Key::char('b')]);
    }

    #[test]
    fn other_texts_are_no_keys() {
        for name in ["", "C-", "ab", "F0", "F99", "\u{1b}", "C-ab"] {
            assert!(name.parse::<Key>().is_err(), "{name:?} was taken");
        }
        assert!(sequence("  ").is_err());
    }

    #[test]
    fn only_plain_characters_are_text() {
        assert_eq!(Key::char('7').digit(), Some(7));
        assert_eq!(Key::ctrl('7').digit(), None);
        assert_eq!(Key::plain(Code::Enter).text(), None);
    }
}
