//! Parts that panes are made of. They know cells, tokens and sizes, and no domain: what they show was made into text before.
//!
//! All of them paint into the area they are given and nowhere else, whatever its size.

pub mod bar;
pub mod canvas;
pub mod composer;
pub mod filter;
pub mod frame;
pub mod hints;
pub mod list;
pub mod matches;
pub mod popup;
pub mod row;
pub mod table;
pub mod viewport;

#[cfg(test)]
mod bench {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use crate::tui::theme::{Theme, probe};

    /// Paints into a picture of `width` × `height` and gives its rows.
    pub(super) fn rows(
        width: u16,
        height: u16,
        paint: impl FnOnce(&mut Buffer, &Theme),
    ) -> Vec<String> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        paint(&mut buffer, &probe::theme());
        probe::rows(&buffer)
    }

    /// Paints into a picture and gives its snapshot with tokens.
    pub(super) fn snapshot(
        width: u16,
        height: u16,
        paint: impl FnOnce(&mut Buffer, &Theme),
    ) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        paint(&mut buffer, &probe::theme());
        probe::snapshot(&buffer)
    }
}
