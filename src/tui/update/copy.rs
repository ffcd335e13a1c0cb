//! What a pane holds as plain text, for the clipboard and the pager. The pane is painted once more on a picture large enough
//! for all of it, so that it says the same there as on the screen.

use std::time::Instant;

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::theme::Token;
use crate::tui::view;

use super::Effect;

/// Heights of the picture, the first of which is enough for most panes; of a longer one the end is cut.
const HEIGHTS: [u16; 3] = [100, 800, 6_000];

/// Columns in which rows are not cut.
const COLUMNS: u16 = 240;

impl App {
    /// All of the focused pane, row by row; the marked row too, if the pane has a cursor.
    fn rows_of_pane(&self, at: Instant) -> (Vec<String>, Option<String>) {
        let mut large = self.clone();
        large.overlay = None;
        large.notices.clear();
        large.is_zoomed = true;
        let mut found = (Vec::new(), None);
        for height in HEIGHTS {
            large.resize(Size::new(COLUMNS.max(self.size.width), height));
            found = large.painted_rows(at);
            // With room left at the end, that was all.
            if found.0.len() + 8 < usize::from(height) {
                break;
            }
        }
        found
    }

    /// The rows of the focused pane as it is painted now.
    fn painted_rows(&self, at: Instant) -> (Vec<String>, Option<String>) {
        let area = self.area(self.focused());
        let whole = Rect::new(0, 0, self.size.width, self.size.height);
        let mut picture = Buffer::empty(whole);
        view::focused(self, &mut picture, area, at);
        let mut rows = Vec::new();
        let mut marked = None;
        for y in area.top().saturating_add(1)..area.bottom().saturating_sub(1) {
            let mut row = String::new();
            let mut covered = 0;
            for x in area.left().saturating_add(1)..area.right().saturating_sub(1) {
                if covered > 0 {
                    covered -= 1;
                    continue;
                }
                let symbol = picture.cell((x, y)).map_or(" ", |cell| cell.symbol());
                covered = crate::base::text::width(symbol).saturating_sub(1);
                row.push_str(symbol);
            }
            let is_marked = row.starts_with('▶');
            let text = row.strip_prefix('▶').unwrap_or(&row).trim_end().to_owned();
            if is_marked && marked.is_none() {
                marked = Some(text.trim_start().to_owned());
            }
            rows.push(text);
        }
        // Columns side by side keep their borders below their last rows.
        let is_blank = |row: &String| row.chars().all(|sign| matches!(sign, ' ' | '│' | '┃'));
        while rows.last().is_some_and(is_blank) {
            rows.pop();
        }
        // What all rows are indented by is the pane's, not the text's.
        let indent = |row: &String| row.len() - row.trim_start_matches(' ').len();
        let common = rows.iter().filter(|row| !row.is_empty()).map(indent).min();
        let cut = |row: String| {
            row.get(common.unwrap_or(0)..)
                .unwrap_or_default()
                .to_owned()
        };
        (rows.into_iter().map(cut).collect(), marked)
    }

    /// Copies the row under the cursor, or all of the pane.
    pub(super) fn copy(&mut self, action: Action, at: Instant) -> Vec<Effect> {
        let (rows, marked) = self.rows_of_pane(at);
        let text = match marked {
            Some(row) if action == Action::Copy => row,
            _ => rows.join("\n"),
        };
        if text.is_empty() {
            self.say(Token::Info, "there is nothing to copy here", at);
            return Vec::new();
        }
        vec![Effect::Copy(text)]
    }

    /// Shows all of the pane in the pager.
    pub(super) fn page(&self, at: Instant) -> Vec<Effect> {
        let (rows, _) = self.rows_of_pane(at);
        vec![Effect::Page(rows.join("\n") + "\n")]
    }
}
