//! From one picture to the next: the bytes that change what the terminal shows. Pure; nothing is written here.
//!
//! Compared with ratatui's own terminal this knows which frame the terminal really has (frames are skipped while it is busy),
//! sets a style only where it changes, moves by the shortest way, and paints a row whole, cell by cell, where the width of a
//! character is uncertain, so that borders cannot shift.

mod links;
mod scroll;

use std::io::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::modes::Window;
use super::sgr::{self, PLAIN};
use links::Linked;
pub use links::{Links, base};

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// What the terminal shows, and the next picture.
#[derive(Debug)]
pub struct Screen {
    shown: Buffer,
    next: Buffer,
    cursor: Option<Position>,
    /// Nothing is known about what the terminal shows.
    is_stale: bool,
    is_bracketed: bool,
    /// What names on the screen lead to.
    links: Option<Links>,
    /// The first row, where the frame is the last rows of the terminal's own screen.
    first: Option<u16>,
}

impl Screen {
    /// A screen of which nothing is known yet.
    pub fn new(size: Size) -> Self {
        let area = Rect::from((Position::ORIGIN, size));
        Self {
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            cursor: None,
            is_stale: true,
            is_bracketed: true,
            links: None,
            first: None,
        }
    }

    /// Takes another place and size; the next frame is a whole one.
    pub fn resize(&mut self, Window { size, first }: Window) {
        *self = Self {
            first,
            is_bracketed: self.is_bracketed,
            links: self.links.take(),
            ..Self::new(size)
        };
    }

    /// Forgets what the terminal shows; the next frame is a whole one.
    pub const fn forget(&mut self) {
        self.is_stale = true;
    }

    /// Asks how many cells `mark` takes: it is written in the corner, the place of the cursor is asked for, and what stood there
    /// is painted again. Only while the cursor is hidden and the terminal shows what we think.
    pub fn ask_width(&self, bytes: &mut Vec<u8>, mark: &str) {
        let mut pen = Pen::new(bytes, self.is_bracketed);
        pen.move_to(0, 0);
        pen.put(mark.as_bytes());
        pen.put(b"\x1b[6n");
        pen.at = None;
        for (x, cell) in (0..).zip(self.shown.content.iter().take(2)) {
            pen.cell(x, 0, cell);
        }
        pen.finish();
    }

    /// Whether frames are bracketed as synchronised updates; terminals that do not know them are spared the bytes.
    pub const fn bracket(&mut self, is_on: bool) {
        self.is_bracketed = is_on;
    }

    /// Names of files are linked from now on. Rows that do not change keep what they have.
    pub fn link(&mut self, links: Option<Links>) {
        self.links = links;
    }

    /// The terminal's row of the first row.
    pub fn first_row(&self) -> u16 {
        self.first.unwrap_or(0)
    }

    /// The whole area.
    pub const fn area(&self) -> Rect {
        self.next.area
    }

    /// Paints a frame and adds the bytes that lead to it, bracketed as one synchronised update; none if nothing changed.
    /// `paint` gets an empty picture and says where the cursor is shown, if anywhere.
    pub fn frame(
        &mut self,
        bytes: &mut Vec<u8>,
        paint: impl FnOnce(&mut Buffer) -> Option<Position>,
    ) {
        self.next.reset();
        let cursor = paint(&mut self.next);
        let mut pen = Pen::new(bytes, self.is_bracketed);
        pen.first = self.first;
        if self.is_stale {
            self.shown.reset();
            pen.clear();
        }
        let width = usize::from(self.next.area.width).max(1);
        // What leaves the top of a terminal's own screen is kept above it, and no part of a frame belongs there.
        let moves_rows = !self.is_stale && self.first != Some(0);
        if moves_rows
            && let Some(moves) = scroll::best(&self.shown.content, &self.next.content, width)
        {
            pen.scroll(moves);
            scroll::apply(&mut self.shown.content, width, moves);
        }
        let rows = self.shown.content.chunks(width);
        for (row, (shown, next)) in (0..).zip(rows.zip(self.next.content.chunks(width))) {
            paint_row(&mut pen, row, (shown, next), self.links.as_ref());
        }
        pen.cursor(self.cursor, cursor, self.is_stale);
        if self.first.is_some() && cursor.is_none() {
            pen.park(self.next.area.height.saturating_sub(1));
        }
        pen.finish();
        std::mem::swap(&mut self.shown, &mut self.next);
        self.cursor = cursor;
        self.is_stale = false;
    }
}

/// Whether terminals may disagree on how many cells this takes.
fn is_uncertain(cell: &Cell) -> bool {
    let symbol = cell.symbol();
    !symbol.is_ascii() && (symbol.width() != 1 || symbol.chars().nth(1).is_some())
}

fn paint_row<'a>(
    pen: &mut Pen<'a>,
    row: u16,
    (shown, next): (&[Cell], &[Cell]),
    links: Option<&'a Links>,
) {
    if shown == next {
        return;
    }
    let linked = |cells: &[Cell]| links.map_or_else(Linked::default, |links| links.of(cells));
    let (links_before, links_after) = (linked(shown), linked(next));
    pen.links = links;
    let is_uncertain_row = shown.iter().chain(next).any(is_uncertain);
    if is_uncertain_row {
        pen.clear_from(0, row); // Halves of wide characters would be left over.
    }
    // Behind this column the row is empty and can be cleared at once.
    let blank = |cell: &Cell| *cell == Cell::EMPTY || *cell == Cell::default();
    let end = next
        .iter()
        .rposition(|cell| !blank(cell))
        .map_or(0, |x| x + 1);
    let must_clear = !is_uncertain_row && shown.iter().skip(end).any(|cell| !blank(cell));
    let mut covered = 0_usize;
    for (column, (before, after)) in shown.iter().zip(next).enumerate().take(end) {
        if covered > 0 {
            covered -= 1; // The right half of a wide character.
            continue;
        }
        covered = after.symbol().width().saturating_sub(1);
        let link = links_after.at(column);
        if is_uncertain_row || before != after || links_before.at(column) != link {
            pen.move_to(column as u16, row);
            pen.link(link);
            pen.cell(column as u16, row, after);
        }
    }
    pen.link(None);
    if must_clear {
        pen.clear_from(end as u16, row);
    }
}

/// Writes cells and remembers where the terminal's cursor is and what its style is.
struct Pen<'a> {
    bytes: &'a mut Vec<u8>,
    /// Where the frame began, and where its contents begin.
    start: usize,
    inside: usize,
    /// The terminal's row of the first row, if it is not the terminal's first.
    first: Option<u16>,
    /// Where the next character would appear, if that is certain.
    at: Option<Position>,
    style: Option<(Color, Color, Modifier)>,
    links: Option<&'a Links>,
    /// What the next cells lead to.
    path: Option<&'a str>,
}

impl<'a> Pen<'a> {
    fn new(bytes: &'a mut Vec<u8>, is_bracketed: bool) -> Self {
        let start = bytes.len();
        if is_bracketed {
            bytes.extend_from_slice(BEGIN);
        }
        Self {
            start,
            inside: bytes.len(),
            bytes,
            first: None,
            at: None,
            style: Some(PLAIN), // Every frame ends plain.
            links: None,
            path: None,
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn print(&mut self, text: std::fmt::Arguments<'_>) {
        self.bytes.write_fmt(text).ok(); // A vector takes everything.
    }

    /// Clears the frame, and nothing above it.
    fn clear(&mut self) {
        self.put(b"\x1b[m");
        if self.first.is_some() {
            self.move_to(0, 0);
            self.put(b"\x1b[J");
        } else {
            self.put(b"\x1b[2J");
        }
    }

    /// Leaves the hidden cursor in the last row: a terminal that becomes smaller drops rows below it, and keeps those above.
    fn park(&mut self, row: u16) {
        if self.bytes.len() > self.inside {
            self.move_to(0, row);
        }
    }

    fn cell(&mut self, x: u16, y: u16, cell: &Cell) {
        self.move_to(x, y);
        self.style((cell.fg, cell.bg, cell.modifier));
        self.put(cell.symbol().as_bytes());
        let after = x.saturating_add(cell.symbol().width() as u16);
        self.at = (!is_uncertain(cell)).then_some(Position::new(after, y));
    }

    /// Moves rows within a region. The region is given back, which takes the cursor home.
    fn scroll(&mut self, moves: scroll::Scroll) {
        let above = usize::from(self.first.unwrap_or(0));
        let (first, last) = (above + moves.top + 1, above + moves.bottom);
        let way = if moves.is_up { 'S' } else { 'T' };
        self.print(format_args!(
            "\x1b[{first};{last}r\x1b[{}{way}\x1b[r",
            moves.by
        ));
        self.at = (above == 0).then_some(Position::ORIGIN);
    }

    fn clear_from(&mut self, x: u16, y: u16) {
        self.move_to(x, y);
        self.style(PLAIN);
        self.put(b"\x1b[K");
    }

    fn move_to(&mut self, x: u16, y: u16) {
        let row = self.first.unwrap_or(0).saturating_add(y);
        match self.at {
            Some(at) if (at.x, at.y) == (x, y) => {}
            Some(at) if at.y == y && at.x < x => match x - at.x {
                1 => self.put(b"\x1b[C"),
                gap => self.print(format_args!("\x1b[{gap}C")),
            },
            _ if x == 0 => self.print(format_args!("\x1b[{}H", row + 1)),
            _ => self.print(format_args!("\x1b[{};{}H", row + 1, x + 1)),
        }
        self.at = Some(Position::new(x, y));
    }

    fn style(&mut self, style: (Color, Color, Modifier)) {
        if self.style == Some(style) {
            return;
        }
        self.style = Some(style);
        sgr::write(self.bytes, style);
    }

    fn link(&mut self, path: Option<&'a str>) {
        if let Some(links) = self.links.filter(|_| self.path != path) {
            self.put(links.begin(path).as_bytes());
            self.path = path;
        }
    }

    fn cursor(&mut self, before: Option<Position>, after: Option<Position>, is_stale: bool) {
        let is_unchanged = self.bytes.len() == self.inside;
        match after {
            Some(at) => {
                if before != after || !is_unchanged {
                    self.move_to(at.x, at.y);
                }
                if before.is_none() || is_stale {
                    self.put(b"\x1b[?25h");
                }
            }
            None if before.is_some() => self.put(b"\x1b[?25l"),
            None => {}
        }
    }

    /// Ends the frame plain, or takes it back if it holds nothing.
    fn finish(mut self) {
        if self.bytes.len() == self.inside {
            self.bytes.truncate(self.start);
            return;
        }
        self.style(PLAIN);
        if self.inside > self.start {
            self.put(END);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::Style;

    use super::*;

    const SIZE: Size = Size {
        width: 12,
        height: 4,
    };

    /// A text at a place in a style.
    type Stroke = (u16, u16, String, Style);

    fn paint(buffer: &mut Buffer, strokes: &[Stroke]) {
        for (x, y, text, style) in strokes {
            buffer.set_stringn(*x, *y, text, usize::from(SIZE.width - x), *style);
        }
    }

    fn assert_shows(emulator: &vt100::Parser, expected: &Buffer) {
        for y in 0..SIZE.height {
            for x in 0..SIZE.width {
                let (seen, wanted) = (emulator.screen().cell(y, x).unwrap(), &expected[(x, y)]);
                if seen.is_wide_continuation() {
                    continue;
                }
                let text = if seen.has_contents() {
                    seen.contents()
                } else {
                    " "
                };
                assert_eq!(text, wanted.symbol(), "at {x}, {y}");
                let bold = wanted.modifier.contains(Modifier::BOLD);
                let reverse = wanted.modifier.contains(Modifier::REVERSED);
                assert_eq!(
                    (seen.bold(), seen.inverse()),
                    (bold, reverse),
                    "at {x}, {y}"
                );
                let red = wanted.fg == Color::Red;
                assert_eq!(seen.fgcolor() == vt100::Color::Idx(1), red, "at {x}, {y}");
            }
        }
    }

    fn stroke() -> impl Strategy<Value = Stroke> {
        let style = prop::sample::select(vec![
            Style::new(),
            Style::new().fg(Color::Red),
            Style::new().add_modifier(Modifier::BOLD),
            Style::new().add_modifier(Modifier::REVERSED),
        ]);
        (0..SIZE.width, 0..SIZE.height, "[a-c 世é█]{0,12}", style)
    }

    proptest! {
        #[test]
        fn the_terminal_shows_what_was_painted(frames in prop::collection::vec(prop::collection::vec(stroke(), 0..5), 1..6)) {
            let mut emulator = vt100::Parser::new(SIZE.height, SIZE.width, 0);
            let mut screen = Screen::new(SIZE);
            for strokes in frames {
                let mut bytes = Vec::new();
                screen.frame(&mut bytes, |buffer| { paint(buffer, &strokes); None });
                emulator.process(&bytes);
                assert_shows(&emulator, &screen.shown);
                let mut again = Vec::new();
                screen.frame(&mut again, |buffer| { paint(buffer, &strokes); None });
                prop_assert_eq!(again, Vec::<u8>::new(), "the same picture costs nothing");
            }
        }
    }

    proptest! {
        #[test]
        fn nothing_above_a_small_window_is_written(
            lines in prop::collection::vec("[a-c 世é█]{0,12}", 20..30),
            steps in prop::collection::vec((0..14_usize, any::<bool>()), 1..8),
            above in 0..4_u16,
        ) {
            let size = Size { height: SIZE.height * 2, ..SIZE };
            let mut emulator = vt100::Parser::new(size.height + above, SIZE.width, 50);
            // Rows that have left the screen, then those above the window.
            for row in 0..size.height + above * 2 {
                emulator.process(format!("before {row}\r\n").as_bytes());
            }
            let kept = |emulator: &mut vt100::Parser| {
                emulator.screen_mut().set_scrollback(50);
                // As many as there are.
                let held = emulator.screen().scrollback();
                emulator.screen_mut().set_scrollback(0);
                let shown = emulator.screen().rows(0, SIZE.width).take(usize::from(above));
                (held, shown.collect::<Vec<String>>())
            };
            let before = kept(&mut emulator);
            let mut screen = Screen::new(size);
            screen.resize(Window { size, first: Some(above) });
            for (first, is_shown) in steps {
                let mut bytes = Vec::new();
                screen.frame(&mut bytes, |buffer| {
                    for (y, line) in (0..size.height).zip(lines.iter().skip(first)) {
                        buffer.set_stringn(0, y, line, usize::from(SIZE.width), Style::new());
                    }
                    is_shown.then_some(Position::new(1, 1))
                });
                emulator.process(&bytes);
                for y in 0..size.height {
                    for x in 0..SIZE.width {
                        let (seen, wanted) = (emulator.screen().cell(y + above, x).unwrap(), &screen.shown[(x, y)]);
                        let text = if seen.has_contents() { seen.contents() } else { " " };
                        if !seen.is_wide_continuation() {
                            prop_assert_eq!(text, wanted.symbol(), "at {}, {}", x, y);
                        }
                    }
                }
                prop_assert_eq!(kept(&mut emulator), before.clone());
                if !bytes.is_empty() {
                    let (row, _) = emulator.screen().cursor_position();
                    prop_assert_eq!(row, if is_shown { above + 1 } else { above + size.height - 1 });
                }
            }
        }
    }

    proptest! {
        #[test]
        fn text_that_moves_is_moved(
            lines in prop::collection::vec("[a-c 世é█]{0,12}", 20..30),
            steps in prop::collection::vec((0..14_usize, any::<bool>()), 1..12),
        ) {
            let mut emulator = vt100::Parser::new(SIZE.height * 3, SIZE.width, 0);
            let size = Size { height: SIZE.height * 3, ..SIZE };
            let mut screen = Screen::new(size);
            for (first, has_head) in steps {
                let mut bytes = Vec::new();
                screen.frame(&mut bytes, |buffer| {
                    for (y, line) in (0..size.height).zip(lines.iter().skip(first)) {
                        buffer.set_stringn(0, y, line, usize::from(SIZE.width), Style::new());
                    }
                    if has_head {
                        buffer.set_string(0, 0, "head        ", Style::new().fg(Color::Red));
                    }
                    None
                });
                emulator.process(&bytes);
                for y in 0..size.height {
                    for x in 0..SIZE.width {
                        let (seen, wanted) = (emulator.screen().cell(y, x).unwrap(), &screen.shown[(x, y)]);
                        let text = if seen.has_contents() { seen.contents() } else { " " };
                        if !seen.is_wide_continuation() {
                            prop_assert_eq!(text, wanted.symbol(), "at {}, {}", x, y);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn names_of_files_are_linked_wherever_they_move() {
        let paths = ["src/a.rs", "src/a.rsx"].map(str::to_owned);
        let mut screen = Screen::new(Size::new(20, 6));
        screen.bracket(false);
        screen.link(Some(Links {
            base: "file://box/r/".to_owned(),
            paths: std::sync::Arc::new(paths.into()),
        }));
        let mut emulator = vt100::Parser::new(6, 20, 0);
        let mut paint = |lines: &[&str]| {
            let mut bytes = Vec::new();
            screen.frame(&mut bytes, |buffer| {
                for (y, line) in (0..).zip(lines) {
                    buffer.set_string(0, y, line, Style::new());
                }
                None
            });
            emulator.process(&bytes);
            for (y, line) in (0..).zip(lines) {
                let seen: String = (0..20)
                    .map(|x| emulator.screen().cell(y, x).unwrap().contents())
                    .collect();
                assert_eq!(seen.trim_end(), line.replace(' ', ""));
            }
            String::from_utf8(bytes).unwrap()
        };
        let open = "\x1b]8;id=f0;file://box/r/src/a.rs\x1b\\";
        let close = "\x1b]8;;\x1b\\";
        let first = paint(&["one src/a.rs.", "two", "three", "four"]);
        assert!(
            first.contains(&format!("{open}src/a.rs{close}.")),
            "{first:?}"
        );
        assert_eq!(paint(&["one src/a.rs.", "two", "three", "four"]), "");
        // Another word beside it costs no link; another name is linked anew as a whole.
        let same = paint(&["ony src/a.rs.", "two", "three", "four"]);
        assert!(!same.contains("]8;"), "{same:?}");
        let longer = paint(&["ony src/a.rsx", "two", "three", "four"]);
        assert!(
            longer.contains("id=f1;file://box/r/src/a.rsx\x1b\\src/a.rsx"),
            "{longer:?}"
        );
        // Rows that the terminal moves bring their links along.
        let moved = paint(&["zero", "ony src/a.rsx", "two", "three", "four"]);
        assert!(moved.contains('T') && !moved.contains("]8;id"), "{moved:?}");
    }

    #[test]
    fn one_key_in_a_text_field_is_cheap() {
        let mut screen = Screen::new(SIZE);
        let mut type_text = |text: &str| {
            let mut bytes = Vec::new();
            let cursor = Position::new(text.len() as u16, 1);
            screen.frame(&mut bytes, |buffer| {
                buffer.set_string(0, 1, text, Style::new());
                Some(cursor)
            });
            String::from_utf8(bytes).unwrap()
        };
        type_text("ab");
        assert_eq!(type_text("abc"), "\u{1b}[?2026h\u{1b}[2;3Hc\u{1b}[?2026l");
        assert_eq!(type_text("abc"), "");
    }

    #[test]
    fn asking_for_a_width_leaves_the_picture_as_it_was() {
        let mut emulator = vt100::Parser::new(SIZE.height, SIZE.width, 0);
        let mut screen = Screen::new(SIZE);
        screen.bracket(false);
        let mut bytes = Vec::new();
        screen.frame(&mut bytes, |buffer| {
            buffer.set_string(0, 0, "[1] x", Style::new().fg(Color::Red));
            None
        });
        screen.ask_width(&mut bytes, "●");
        emulator.process(&bytes);
        assert_shows(&emulator, &screen.shown);
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.contains("●\u{1b}[6n") && !text.contains("2026"),
            "{text:?}"
        );
    }

    #[test]
    fn the_first_frame_after_forgetting_is_whole() {
        let mut screen = Screen::new(SIZE);
        let mut lengths = Vec::new();
        for turn in 0..3 {
            let mut bytes = Vec::new();
            if turn == 2 {
                screen.forget();
            }
            screen.frame(&mut bytes, |buffer| {
                buffer.set_string(0, 0, "here", Style::new());
                Some(Position::new(1, 1))
            });
            lengths.push(bytes.len());
        }
        assert!(
            lengths[0] > 0 && lengths[0] == lengths[2] && lengths[1] == 0,
            "{lengths:?}"
        );
    }
}
