//! The filter behind [`super::SafeText`]: one character at a time, so that it holds for every split of a stream. What it keeps
//! between characters only makes its result nicer (whole escape sequences go, not just their first character); that no control
//! character passes does not depend on it.
//!
//! What stands inside an operating system command or a device control string is shown as text: a sender could otherwise hide
//! words from a reader, and one that never ends would hide all that follows.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

use super::hidden;

/// More marks than this on one letter, or pictures in one joined picture, are an attack on the reader's screen.
const MOST_COMBINED: u8 = 8;

/// Longer parameter lists of a control sequence are taken for text.
const LONGEST_CONTROL: u8 = 64;

/// What becomes of line ends, tabs and dropped characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A line end or tab becomes one space.
    Line,
    /// A line end stays as `\n`, a tab becomes four spaces.
    Block,
    /// As a block, but what would be dropped or replaced by a space is marked.
    Exact,
}

/// How far into an escape sequence the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escape {
    /// Not in one.
    None,
    /// Behind ESC.
    Started,
    /// Behind ESC and so many intermediate characters.
    Intermediate(u8),
    /// Behind `ESC [` and so many parameter characters.
    Control(u8),
}

/// Sanitises a stream. All pushes together, with `finish`, give what the whole text would have given at once.
#[derive(Clone, Debug)]
pub struct Sanitizer {
    form: Form,
    escape: Escape,
    /// The letter or picture that a combining mark would fall on.
    base: Option<char>,
    /// Marks on it so far.
    combined: u8,
    /// Pictures joined to it so far.
    joined: u8,
    /// A joiner that waits for the picture behind it.
    has_joiner: bool,
    /// The last character was a carriage return that was shown as a line end.
    after_return: bool,
    /// The start of a character of which bytes are missing, at most three.
    bytes: Vec<u8>,
}

impl Sanitizer {
    /// A filter at the beginning of a text.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self {
            form,
            escape: Escape::None,
            base: None,
            combined: 0,
            joined: 0,
            has_joiner: false,
            after_return: false,
            bytes: Vec::new(),
        }
    }

    /// Takes the next part and gives back what can be shown of it.
    pub fn push(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        self.mark_waiting_bytes(&mut out);
        text.chars().for_each(|c| self.take(c, &mut out));
        out
    }

    /// Takes bytes; a character may be cut by the border of two pushes. Invalid bytes become marks such as `\x9d`.
    pub fn push_bytes(&mut self, bytes: &[u8]) -> String {
        let mut joined = std::mem::take(&mut self.bytes);
        joined.extend_from_slice(bytes);
        let mut out = String::with_capacity(joined.len());
        let mut chunks = joined.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            chunk.valid().chars().for_each(|c| self.take(c, &mut out));
            if chunks.peek().is_none() && is_unfinished(chunk.invalid()) {
                self.bytes = chunk.invalid().to_vec();
            } else {
                self.mark_bytes(chunk.invalid(), &mut out);
            }
        }
        out
    }

    /// Ends the text: gives back what waited for more.
    #[must_use]
    pub fn finish(mut self) -> String {
        let mut out = String::new();
        self.mark_waiting_bytes(&mut out);
        self.settle_joiner(None, &mut out);
        out
    }

    fn take(&mut self, c: char, out: &mut String) {
        if self.form != Form::Exact && self.is_escape(c) {
            return;
        }
        let is_second_half = std::mem::take(&mut self.after_return) && c == '\n';
        if self.settle_joiner(Some(c), out) || is_second_half {
            return;
        }
        match c {
            ' '..='~' => self.show(c, out),
            '\n' => self.end_line(out),
            '\r' if self.form != Form::Exact => {
                self.end_line(out);
                self.after_return = true;
            }
            '\t' if self.form == Form::Line => self.show(' ', out),
            '\t' => (0..4).for_each(|_| self.show(' ', out)),
            _ if c.is_control() => self.drop_control(c, out),
            _ if hidden::is_false_space(c) && self.form != Form::Exact => self.show(' ', out),
            _ if hidden::is_false_space(c) => self.mark(c, out),
            '\u{200d}' if self.base.is_some_and(hidden::is_picture) => self.has_joiner = true,
            '\u{fe0e}' | '\u{fe0f}' if self.takes_presentation() => self.combine(c, out),
            _ if hidden::is_hidden(c) => self.mark(c, out),
            _ if c.width() == Some(0) => self.combine(c, out),
            _ => self.show(c, out),
        }
    }

    /// Follows escape sequences; true if `c` belongs to one and is left out.
    fn is_escape(&mut self, c: char) -> bool {
        let next = match (self.escape, c) {
            (_, '\u{1b}') => Escape::Started,
            (_, '\u{9b}') | (Escape::Started, '[') => Escape::Control(0),
            (Escape::Started, ' '..='/') => Escape::Intermediate(1),
            (Escape::Intermediate(seen @ 0..4), ' '..='/') => Escape::Intermediate(seen + 1),
            (Escape::Control(seen @ 0..LONGEST_CONTROL), ' '..='?') => Escape::Control(seen + 1),
            (Escape::Started | Escape::Intermediate(_), '0'..='~')
            | (Escape::Control(_), '@'..='~') => {
                self.escape = Escape::None;
                return true;
            }
            (Escape::None | Escape::Started | Escape::Intermediate(_) | Escape::Control(_), _) => {
                Escape::None
            }
        };
        self.escape = next;
        next != Escape::None
    }

    /// Decides on a waiting joiner now that the next character is known; true if `next` was shown with it.
    fn settle_joiner(&mut self, next: Option<char>, out: &mut String) -> bool {
        if !std::mem::take(&mut self.has_joiner) {
            return false;
        }
        match next {
            Some(c) if hidden::is_picture(c) && self.joined < MOST_COMBINED => {
                out.push('\u{200d}');
                out.push(c);
                self.base = Some(c);
                self.joined += 1;
                self.combined = 0;
                true
            }
            Some(_) | None => {
                self.mark('\u{200d}', out);
                false
            }
        }
    }

    fn takes_presentation(&self) -> bool {
        self.combined == 0 && self.base.is_some_and(hidden::has_presentations)
    }

    fn show(&mut self, c: char, out: &mut String) {
        out.push(c);
        self.base = Some(c);
        self.combined = 0;
        self.joined = 0;
    }

    fn end_line(&mut self, out: &mut String) {
        if self.form == Form::Line {
            return self.show(' ', out);
        }
        out.push('\n');
        self.base = None;
        self.combined = 0;
        self.joined = 0;
    }

    /// A mark without a letter gets a dotted circle, or it would fall on whatever stands left of the text.
    fn combine(&mut self, c: char, out: &mut String) {
        if self.combined >= MOST_COMBINED {
            return self.mark(c, out);
        }
        if self.base.is_none() {
            self.show('\u{25cc}', out);
        }
        out.push(c);
        self.combined += 1;
    }

    fn drop_control(&mut self, c: char, out: &mut String) {
        if self.form != Form::Exact {
            return;
        }
        match u8::try_from(c) {
            Ok(byte) if byte.is_ascii() => self.mark_bytes(&[byte], out),
            Ok(_) | Err(_) => self.mark(c, out),
        }
    }

    fn mark(&mut self, c: char, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = write!(out, "<U+{:04X}", u32::from(c));
        self.show('>', out);
    }

    fn mark_bytes(&mut self, bytes: &[u8], out: &mut String) {
        if bytes.is_empty() {
            return;
        }
        self.settle_joiner(None, out);
        self.escape = Escape::None;
        self.after_return = false;
        for byte in bytes {
            let _ = write!(out, "\\x{byte:02x}");
        }
        self.base = Some('x');
        self.combined = 0;
        self.joined = 0;
    }

    fn mark_waiting_bytes(&mut self, out: &mut String) {
        let waiting = std::mem::take(&mut self.bytes);
        self.mark_bytes(&waiting, out);
    }
}

/// Whether more bytes could make a character of these, which no character is made of yet.
fn is_unfinished(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}
