//! A text field: one line or several. It owns every printable key while it has the focus.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget as _;
use tui_textarea::{CursorMove, TextArea, WrapMode};

use crate::base::text::SafeText;
use crate::tui::key::{Code, Key};
use crate::tui::theme::{Theme, Token};

/// Texts that are remembered.
const REMEMBERED: usize = 50;

/// What was written before, oldest first, and which of it is looked at.
#[derive(Clone, Debug, Default)]
pub struct History {
    texts: Vec<String>,
    at: Option<usize>,
}

impl History {
    /// Remembers a text; the next look begins with it.
    pub fn keep(&mut self, text: &str) {
        self.at = None;
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.texts.retain(|known| known != text);
        self.texts.push(text.to_owned());
        let surplus = self.texts.len().saturating_sub(REMEMBERED);
        self.texts.drain(..surplus);
    }

    /// The text before the one that `written` is, or after it; an empty one after the last. None if something else was written.
    pub fn walk(&mut self, written: &str, is_back: bool) -> Option<&str> {
        let at = self
            .at
            .filter(|at| self.texts.get(*at).is_some_and(|text| text == written));
        let end = self.texts.len();
        let place = match (at, is_back) {
            (None, _) if !written.is_empty() => return None,
            (None, false) => return None,
            (at, true) => at.unwrap_or(end).checked_sub(1)?,
            (Some(at), false) => at + 1,
        };
        self.at = (place < end).then_some(place);
        Some(self.texts.get(place).map_or("", String::as_str))
    }
}

/// A text being written.
#[derive(Clone, Debug)]
pub struct Composer {
    area: TextArea<'static>,
    is_single_line: bool,
    /// Tabs stay tabs, because what is written goes into a file.
    keeps_tabs: bool,
}

impl Composer {
    /// A field for several lines.
    pub fn new() -> Self {
        let mut area = TextArea::default();
        area.set_wrap_mode(WrapMode::WordOrGlyph);
        Self {
            area,
            is_single_line: false,
            keeps_tabs: false,
        }
    }

    /// A field for lines of a file.
    pub fn code() -> Self {
        Self {
            keeps_tabs: true,
            ..Self::new()
        }
    }

    /// A field for one line.
    pub fn single_line() -> Self {
        Self {
            area: TextArea::default(),
            is_single_line: true,
            keeps_tabs: false,
        }
    }

    /// What is written so far.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Empties the field and gives what was in it.
    pub fn take(&mut self) -> String {
        let text = self.text();
        self.area.clear();
        text
    }

    /// Inserts pasted text, without what must not be shown.
    pub fn paste(&mut self, pasted: &str) {
        if self.keeps_tabs {
            for (place, part) in pasted.split('\t').enumerate() {
                if place > 0 {
                    self.area.insert_char('\t');
                }
                self.area.insert_str(SafeText::block(part).as_str());
            }
            return;
        }
        let safe = if self.is_single_line {
            SafeText::line(pasted)
        } else {
            SafeText::block(pasted)
        };
        self.area.insert_str(safe.as_str());
    }

    /// The word that ends at the cursor.
    pub fn word(&self) -> String {
        let cursor = self.area.cursor();
        let (row, column) = (cursor.0, cursor.1);
        let line = self.area.lines().get(row).map_or("", String::as_str);
        let before: String = line.chars().take(column).collect();
        let word = before.rsplit(' ').next().unwrap_or_default();
        word.to_owned()
    }

    /// Puts another in the place of the word that ends at the cursor.
    pub fn replace_word(&mut self, word: &str) {
        for _ in self.word().chars() {
            self.area.delete_char();
        }
        self.paste(word);
    }

    /// Starts a new line, where there can be one.
    pub fn newline(&mut self) {
        if !self.is_single_line {
            self.area.insert_newline();
        }
    }

    /// Takes a key; false if the field has no use for it.
    pub fn key(&mut self, key: Key) -> bool {
        if key.ctrl {
            return self.control(key);
        }
        let mut go = |to: CursorMove| {
            self.area.move_cursor(to);
            true
        };
        match key.code {
            Code::Left => go(CursorMove::Back),
            Code::Right => go(CursorMove::Forward),
            Code::Up => go(CursorMove::Up),
            Code::Down => go(CursorMove::Down),
            Code::Home => go(CursorMove::Head),
            Code::End => go(CursorMove::End),
            Code::Backspace => {
                self.area.delete_char();
                true
            }
            Code::Delete => {
                self.area.delete_next_char();
                true
            }
            Code::Char(character) if !key.alt => {
                self.area.insert_char(character);
                true
            }
            Code::Char(_)
            | Code::Enter
            | Code::ShiftEnter
            | Code::Esc
            | Code::Tab
            | Code::BackTab
            | Code::Insert
            | Code::PageUp
            | Code::PageDown
            | Code::Function(_) => false,
        }
    }

    /// The keys that every shell has.
    fn control(&mut self, key: Key) -> bool {
        match key.code {
            Code::Char('a') => self.area.move_cursor(CursorMove::Head),
            Code::Char('e') => self.area.move_cursor(CursorMove::End),
            Code::Char('b') => self.area.move_cursor(CursorMove::Back),
            Code::Char('f') => self.area.move_cursor(CursorMove::Forward),
            Code::Char('u') => drop(self.area.delete_line_by_head()),
            Code::Char('k') => drop(self.area.delete_line_by_end()),
            Code::Char('w') => drop(self.area.delete_word()),
            Code::Char('j') => self.newline(),
            Code::Left => self.area.move_cursor(CursorMove::WordBack),
            Code::Right => self.area.move_cursor(CursorMove::WordForward),
            _ => return false,
        }
        true
    }

    /// Paints the field and gives the place of the terminal's cursor, so that input methods follow it.
    pub fn paint(&self, buffer: &mut Buffer, area: Rect, theme: &Theme) -> Option<Position> {
        let area = area.intersection(buffer.area);
        if area.is_empty() {
            return None;
        }
        let mut field = self.area.clone();
        let plain = theme.style(Token::Text);
        field.set_style(plain);
        field.set_cursor_line_style(plain);
        field.set_cursor_style(plain); // The terminal's own cursor is shown.
        (&field).render(area, buffer);
        let (cursor, (top, left)) = (field.screen_cursor(), field.scroll_offset());
        let x = cursor.col.saturating_sub(usize::from(left));
        let y = cursor.row.saturating_sub(usize::from(top));
        let last = |cells: u16| usize::from(cells) - 1;
        Some(Position::new(
            area.x + x.min(last(area.width)) as u16,
            area.y + y.min(last(area.height)) as u16,
        ))
    }
}

impl Default for Composer {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::rows;
    use super::*;

    fn typed(composer: &mut Composer, names: &str) {
        for key in crate::tui::key::sequence(names).unwrap() {
            composer.key(key);
        }
    }

    #[test]
    fn shell_keys_edit() {
        for (names, expected) in [
            ("a b c", "abc"),
            ("a b C-a x", "xab"),
            ("a b C-a C-e x", "abx"),
            ("a b C-u x", "x"),
            ("a b left C-k", "a"),
            ("a space b C-w", "a "),
            ("a C-j b", "a\nb"),
            ("a A-x Enter Esc F1", "a"),
            ("a b Backspace", "a"),
            ("a b Home Del", "b"),
        ] {
            let mut composer = Composer::new();
            typed(&mut composer, names);
            assert_eq!(composer.text(), expected, "{names}");
        }
    }

    #[test]
    fn what_was_written_comes_back() {
        let mut history = History::default();
        assert_eq!(history.walk("", true), None);
        for text in ["one", "two ", "one", " "] {
            history.keep(text);
        }
        for (written, is_back, expected) in [
            ("", true, Some("one")),
            ("one", true, Some("two")),
            ("two", true, None),
            ("two", false, Some("one")),
            ("one", false, Some("")),
            ("", false, None),
            ("", true, Some("one")),
            ("one more", true, None),
        ] {
            assert_eq!(history.walk(written, is_back), expected, "{written}");
        }
    }

    #[test]
    fn the_word_at_the_cursor_is_replaced() {
        let mut composer = Composer::new();
        typed(&mut composer, "s e e space @ f o");
        assert_eq!(composer.word(), "@fo");
        composer.replace_word("@form ");
        assert_eq!(
            (composer.text(), composer.word()),
            ("see @form ".to_owned(), String::new())
        );
    }

    #[test]
    fn a_paste_cannot_bring_escapes_or_lines_where_there_is_one() {
        let mut field = Composer::single_line();
        field.paste("rm\u{1b}[31m -rf\nnow");
        field.newline();
        assert_eq!(field.text(), "rm -rf now");
        assert_eq!(field.take(), "rm -rf now");
        assert!(field.is_empty());
    }

    #[test]
    fn the_cursor_is_where_the_next_character_goes() {
        let mut composer = Composer::new();
        typed(&mut composer, "h e l l o space w o r l d");
        let mut cursor = None;
        let seen = rows(8, 3, |buffer, theme| {
            cursor = composer.paint(buffer, Rect::new(1, 0, 7, 3), theme);
        });
        assert_eq!(
            (seen, cursor),
            (
                vec![" hello".into(), " world".into(), String::new()],
                Some(Position::new(6, 1))
            )
        );
    }
}
