//! Bytes from the terminal to keys, pastes and focus changes, without I/O and without a clock.
//!
//! Two steps. The first cuts the bytes into whole units: a character, an escape sequence, a control string, a paste. The
//! second asks termina's parser what a unit means. Cutting comes first because of what must never happen: the answer to a
//! query, late or in pieces, typed into a text field. A unit that means nothing is dropped whole.

use termina::event::{KeyCode, KeyEvent, KeyEventKind, Modifiers};
use termina::{Event, Parser};

use super::answer::{self, Answer};
use crate::tui::key::{Code, Key};

/// What the mouse did, and over which cell, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub act: MouseAct,
    /// The column.
    pub x: u16,
    /// The row.
    pub y: u16,
}

/// What the mouse did. Releases, drags and other buttons have no meaning here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseAct {
    /// The left button was pressed.
    Press,
    /// The wheel went up.
    WheelUp,
    /// The wheel went down.
    WheelDown,
}

/// Something that the person or their terminal did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key was pressed, or repeats.
    Key(Key),
    /// Text was pasted in brackets, so that it cannot be taken for keys.
    Paste(String),
    /// A button or the wheel of the mouse.
    Mouse(Mouse),
    /// The terminal answers a question about itself.
    Answer(Answer),
    /// The terminal got (or lost) the focus of the person's desktop.
    Focus(bool),
    /// The terminal is gone: nothing will come any more.
    End,
}

/// Escape alone is a key; Escape with something after it begins a sequence. This long is waited to tell.
pub const ESCAPE_MS: u64 = 50;

/// A control string that does not go on for this long is given up.
pub const STRING_MS: u64 = 2_000;

/// Longer sequences are none that we know. Their bytes are dropped, the end is still looked for.
const SEQUENCE_BYTES: usize = 4 << 10;

/// Of a paste that is longer, the rest is dropped.
const PASTE_BYTES: usize = 8 << 20;

const PASTE_END: &[u8] = b"\x1b[201~";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between units.
    Ground,
    /// Within a character of several bytes; this many are missing.
    Character(usize),
    /// After Escape.
    Escape,
    /// After `Escape O`: one more byte.
    Single,
    /// Within `Escape [ …`.
    Sequence,
    /// Within a control string: `Escape ]`, `P`, `_`, `^` or `X`.
    ControlString,
    /// In a control string, after Escape: a backslash ends it.
    StringEscape,
    /// Within a bracketed paste.
    Paste,
}

/// Cuts and parses. Feed it bytes as they come; ask [`Decoder::patience_ms`] how long to wait when they stop.
#[derive(Debug)]
pub struct Decoder {
    state: State,
    unit: Vec<u8>,
    /// The last thing given was an Escape that nothing followed in time, so the rest of an answer may still come.
    gave_escape: bool,
    parser: Parser,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            state: State::Ground,
            unit: Vec::new(),
            gave_escape: false,
            parser: Parser::default(),
        }
    }
}

impl Decoder {
    /// Takes the bytes of one read and adds what they mean to `inputs`.
    pub fn feed(&mut self, bytes: &[u8], inputs: &mut Vec<Input>) {
        if std::mem::take(&mut self.gave_escape) && is_rest_of_answer(bytes) {
            self.unit.push(0x1b);
            self.state = State::Escape;
        }
        for byte in bytes {
            self.byte(*byte, inputs);
        }
    }

    /// How long to wait for more before [`Decoder::give_up`]; `None` if nothing is open.
    pub fn patience_ms(&self) -> Option<u64> {
        match self.state {
            State::Ground => None,
            // A paste and an answer may come slowly; a person who pressed Alt and a bracket should not wait.
            State::Paste => Some(STRING_MS),
            State::ControlString | State::StringEscape | State::Sequence if self.unit.len() > 2 => {
                Some(STRING_MS)
            }
            State::Character(_)
            | State::Escape
            | State::Single
            | State::Sequence
            | State::ControlString
            | State::StringEscape => Some(ESCAPE_MS),
        }
    }

    /// Nothing more came in time: an Escape alone becomes the key, `Escape [` becomes Alt and `[`, a paste without its end is
    /// given as far as it came, and the rest is dropped.
    pub fn give_up(&mut self, inputs: &mut Vec<Input>) {
        let state = std::mem::replace(&mut self.state, State::Ground);
        let mut unit = std::mem::take(&mut self.unit);
        match state {
            State::Escape => {
                self.gave_escape = true;
                inputs.push(Input::Key(Key::plain(Code::Esc)));
            }
            State::Single | State::Sequence | State::ControlString if unit.len() == 2 => {
                if let Some(byte) = unit.pop() {
                    let key = Key::char(char::from(byte));
                    inputs.push(Input::Key(Key { alt: true, ..key }));
                }
            }
            State::Paste => give_paste(&unit, inputs),
            State::Ground
            | State::Character(_)
            | State::Single
            | State::Sequence
            | State::ControlString
            | State::StringEscape => {}
        }
    }

    fn byte(&mut self, byte: u8, inputs: &mut Vec<Input>) {
        match self.state {
            State::Ground => self.begin(byte, inputs),
            State::Character(missing) => self.character(missing, byte, inputs),
            State::Escape => self.after_escape(byte, inputs),
            State::Single => {
                self.unit.push(byte);
                self.finish(inputs);
            }
            State::Sequence => self.sequence(byte, inputs),
            State::ControlString => self.string(byte, inputs),
            State::StringEscape => self.string_escape(byte, inputs),
            State::Paste => self.paste(byte, inputs),
        }
    }

    fn begin(&mut self, byte: u8, inputs: &mut Vec<Input>) {
        self.unit.push(byte);
        match byte {
            0x1b => self.state = State::Escape,
            0xc2..=0xdf => self.state = State::Character(1),
            0xe0..=0xef => self.state = State::Character(2),
            0xf0..=0xf4 => self.state = State::Character(3),
            0x80..=0xff => self.unit.clear(), // No character begins so.
            0x00..=0x7f => self.finish(inputs),
        }
    }

    fn character(&mut self, missing: usize, byte: u8, inputs: &mut Vec<Input>) {
        if byte & 0xc0 != 0x80 {
            // The character broke off; what follows stands for itself.
            self.drop_unit();
            return self.begin(byte, inputs);
        }
        self.unit.push(byte);
        match missing {
            0 | 1 => self.finish(inputs),
            more => self.state = State::Character(more - 1),
        }
    }

    fn after_escape(&mut self, byte: u8, inputs: &mut Vec<Input>) {
        match byte {
            b'[' => self.state = State::Sequence,
            b'O' => self.state = State::Single,
            b']' | b'P' | b'_' | b'^' | b'X' => self.state = State::ControlString,
            0x1b => {
                // Twice Escape: the first was a key, the second may begin something.
                inputs.push(Input::Key(Key::plain(Code::Esc)));
                return;
            }
            0xc2..=0xf4 => {
                // Alt and a character of several bytes. We bind none of these; the character is dropped with its Alt.
                self.drop_unit();
                let mut ignored = Vec::new();
                return self.begin(byte, &mut ignored);
            }
            _ => {
                self.unit.push(byte);
                return self.finish(inputs);
            }
        }
        self.unit.push(byte);
    }

    fn sequence(&mut self, byte: u8, inputs: &mut Vec<Input>) {
        match byte {
            0x1b => {
                // A new sequence cuts the old one off.
                self.drop_unit();
                self.begin(byte, inputs);
            }
            // The Linux console names its function keys `Escape [ [ A`.
            b'[' if self.unit.len() == 2 => self.keep(byte),
            0x40..=0x7e => {
                self.keep(byte);
                if self.unit == b"\x1b[200~" {
                    self.unit.clear();
                    self.state = State::Paste;
                } else {
                    self.finish(inputs);
                }
            }
            0x20..=0x3f => self.keep(byte),
            0x18 | 0x1a => self.drop_unit(), // The sender took it back.
            _ => {}
        }
    }

    fn string(&mut self, byte: u8, inputs: &mut Vec<Input>) {
        match byte {
            0x1b => self.state = State::StringEscape,
            0x07 => {
                self.keep(byte);
                self.finish(inputs);
            }
            0x18 | 0x1a => self.drop_unit(),
            _ => self.keep(byte),
        }
    }

    fn string_escape(&mut self, byte: u8, inputs: &mut Vec<Input>) {
        if byte == b'\\' {
            self.keep(0x1b);
            self.keep(byte);
            return self.finish(inputs);
        }
        self.drop_unit();
        self.begin(0x1b, inputs);
        self.byte(byte, inputs);
    }

    fn paste(&mut self, byte: u8, inputs: &mut Vec<Input>) {
        self.unit.push(byte);
        if byte == b'~' && self.unit.ends_with(PASTE_END) {
            self.unit.truncate(self.unit.len() - PASTE_END.len());
            let unit = std::mem::take(&mut self.unit);
            self.state = State::Ground;
            give_paste(&unit, inputs);
        } else if self.unit.len() > PASTE_BYTES + PASTE_END.len() {
            // Keep the beginning, and a window in which the end can be found.
            self.unit.remove(PASTE_BYTES);
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.unit.len() < SEQUENCE_BYTES {
            self.unit.push(byte);
        }
    }

    fn drop_unit(&mut self) {
        self.unit.clear();
        self.state = State::Ground;
    }

    /// The unit is whole: asks termina what it means.
    fn finish(&mut self, inputs: &mut Vec<Input>) {
        self.state = State::Ground;
        let unit = std::mem::take(&mut self.unit);
        if let Some(answer) = answer::read(&unit) {
            return inputs.push(Input::Answer(answer));
        }
        if unit.starts_with(b"\x1b[<") {
            return inputs.extend(mouse(&unit).map(Input::Mouse));
        }
        if !is_known(&unit) {
            return;
        }
        self.parser.parse(&unit, false);
        let Some(event) = self.parser.pop() else {
            // What termina still waits for must not be glued to the next unit.
            self.parser = Parser::default();
            return;
        };
        match event {
            Event::Key(event) => inputs.extend(key(event, base(&unit)).map(Input::Key)),
            Event::FocusIn => inputs.push(Input::Focus(true)),
            Event::FocusOut => inputs.push(Input::Focus(false)),
            Event::Paste(text) => inputs.push(Input::Paste(text)),
            // The mouse was read above, sizes come by signal, and other answers were not asked for.
            Event::Mouse(_)
            | Event::WindowResized(_)
            | Event::Csi(_)
            | Event::Osc(_)
            | Event::Dcs(_) => {}
        }
    }
}

/// Whether a sequence begins in a way that termina reads to its end. Others it gives up half-way, and would then take the rest
/// for typed characters.
fn is_known(unit: &[u8]) -> bool {
    match unit {
        [0x1b, b'[', first, ..] => matches!(first, b'0'..=b'9' | b'A'..=b'Z' | b'?' | b'['),
        [0x1b, b'_' | b'^' | b'X', _, ..] => false,
        _ => true,
    }
}

/// Whether a read that follows a lone Escape is the rest of an answer that was split behind its first byte. People type one
/// key at a time, so it takes three bytes at once.
fn is_rest_of_answer(bytes: &[u8]) -> bool {
    match bytes {
        [b']', digit, _, ..] | [b'[', b'?' | b'>', digit, ..] => digit.is_ascii_digit(),
        [b'[', first, .., b'R'] => first.is_ascii_digit(),
        [b'P', first, .., b'\\'] => !first.is_ascii_alphabetic(),
        _ => false,
    }
}

/// Reads `Escape [ < button ; column ; row` and `M` for a press.
fn mouse(unit: &[u8]) -> Option<Mouse> {
    let text = std::str::from_utf8(unit).ok()?;
    let mut parts = text.strip_prefix("\x1b[<")?.strip_suffix('M')?.split(';');
    let mut number = || parts.next()?.parse::<u16>().ok();
    let (button, x, y) = (number()?, number()?, number()?);
    // Shift, Alt and Ctrl are the bits 2 to 4.
    let act = match button & !0b1_1100 {
        0 => MouseAct::Press,
        64 => MouseAct::WheelUp,
        65 => MouseAct::WheelDown,
        _ => return None,
    };
    Some(Mouse {
        act,
        x: x.checked_sub(1)?,
        y: y.checked_sub(1)?,
    })
}

/// The character that stands at the key's place on an English keyboard, where the terminal tells it: the third part of
/// `Escape [ code : shifted : base ; … u`.
fn base(unit: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(unit).ok()?;
    let body = text.strip_prefix("\x1b[")?.strip_suffix('u')?;
    let code = body.split(';').next()?.split(':').nth(2)?.parse().ok()?;
    char::from_u32(code).filter(char::is_ascii_graphic)
}

fn give_paste(unit: &[u8], inputs: &mut Vec<Input>) {
    if !unit.is_empty() {
        inputs.push(Input::Paste(String::from_utf8_lossy(unit).into_owned()));
    }
}

/// Our key for termina's; none for releases and for keys that AIOS has no use for. With Ctrl or Alt, which type nothing, the
/// key's place counts: `C-c` is the same key on a Russian keyboard.
fn key(event: KeyEvent, base: Option<char>) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let shift = event.modifiers.contains(Modifiers::SHIFT);
    let is_command = event
        .modifiers
        .intersects(Modifiers::CONTROL | Modifiers::ALT);
    let code = match event.code {
        KeyCode::Char(character) if is_command && !character.is_ascii() => {
            Code::Char(base.unwrap_or(character))
        }
        KeyCode::Char(character) if shift => Code::Char(upper(character)),
        KeyCode::Char(character) => Code::Char(character),
        KeyCode::Enter if shift && !is_command => Code::ShiftEnter,
        KeyCode::Enter => Code::Enter,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Tab if shift => Code::BackTab,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Escape => Code::Esc,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Insert => Code::Insert,
        KeyCode::Delete => Code::Delete,
        KeyCode::Function(number) => Code::Function(number),
        KeyCode::KeypadBegin
        | KeyCode::CapsLock
        | KeyCode::ScrollLock
        | KeyCode::NumLock
        | KeyCode::PrintScreen
        | KeyCode::Pause
        | KeyCode::Menu
        | KeyCode::Null
        | KeyCode::Modifier(_)
        | KeyCode::Media(_) => return None,
    };
    let strange = Modifiers::SUPER | Modifiers::HYPER | Modifiers::META;
    if event.modifiers.intersects(strange) {
        return None;
    }
    Some(Key {
        code,
        ctrl: event.modifiers.contains(Modifiers::CONTROL),
        alt: event.modifiers.contains(Modifiers::ALT),
    })
}

/// With Shift a letter is its capital, whatever the terminal calls it.
fn upper(character: char) -> char {
    let mut capital = character.to_uppercase();
    match (capital.next(), capital.next()) {
        (Some(only), None) => only,
        _ => character,
    }
}

#[cfg(test)]
mod tests;
