//! A picture and the theme that it is painted with, handed to every pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::frame::{self, Edge, Frame};
use super::list;
use super::row::{self, Piece};
use crate::tui::layout::Density;
use crate::tui::theme::Theme;

/// Where panes paint.
#[derive(Debug)]
pub struct Canvas<'a> {
    /// The picture.
    pub buffer: &'a mut Buffer,
    /// How meanings look.
    pub theme: &'a Theme,
    /// How much stands on a screen.
    pub density: Density,
}

impl Canvas<'_> {
    /// Paints a row of pieces into the first row of `area`.
    pub fn row(&mut self, area: Rect, pieces: &[Piece<'_>]) {
        row::paint(self.buffer, area, self.theme, pieces);
    }

    /// Paints pieces at both ends of the first row of `area`.
    pub fn both(&mut self, area: Rect, left: &[Piece<'_>], right: &[Piece<'_>]) {
        row::both(self.buffer, area, self.theme, left, right);
    }

    /// Paints rows from the top of `area`; those that do not fit are left out.
    pub fn rows<'p>(&mut self, area: Rect, rows: impl IntoIterator<Item = Vec<Piece<'p>>>) {
        for (row, pieces) in area.rows().zip(rows) {
            self.row(row, &pieces);
        }
    }

    /// Frames `area` and gives the area within.
    pub fn frame(&mut self, area: Rect, title: &str, right: &str, has_focus: bool) -> Rect {
        let edge = Edge::focused(has_focus);
        let frame = Frame { title, right, edge };
        match self.density {
            Density::Compact => frame::rule(self.buffer, area, self.theme, &frame),
            Density::Normal | Density::Roomy => frame::paint(self.buffer, area, self.theme, &frame),
        }
    }

    /// Marks a row as the one under the cursor.
    pub fn cursor(&mut self, area: Rect) {
        list::cursor(self.buffer, area, self.theme);
    }
}
