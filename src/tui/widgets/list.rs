//! A cursor in a list, and the part of the list that is in view.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::theme::{Theme, Token};

/// Where the cursor is and what is at the top. The list itself lives elsewhere and may change under it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The row under the cursor.
    pub selected: usize,
    /// The first row in view when it was last painted.
    pub top: usize,
}

/// Ways to move the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One down.
    Down,
    /// One up.
    Up,
    /// To the first.
    Top,
    /// To the last.
    Bottom,
    /// So many down.
    Forward(usize),
    /// So many up.
    Back(usize),
}

impl List {
    /// Moves the cursor within `count` rows.
    pub fn step(&mut self, step: Step, count: usize) {
        let wanted = match step {
            Step::Down => self.selected.saturating_add(1),
            Step::Up => self.selected.saturating_sub(1),
            Step::Top => 0,
            Step::Bottom => usize::MAX,
            Step::Forward(rows) => self.selected.saturating_add(rows),
            Step::Back(rows) => self.selected.saturating_sub(rows),
        };
        self.selected = wanted.min(count.saturating_sub(1));
    }

    /// The first row to show so that the cursor is in view: as little scrolling as possible, no empty room at the end.
    pub fn window(self, count: usize, height: usize) -> usize {
        let selected = self.selected.min(count.saturating_sub(1));
        let lowest = (selected + 1).saturating_sub(height);
        let top = self.top.clamp(lowest, selected.max(lowest));
        top.min(count.saturating_sub(height))
    }
}

/// A cursor that stays on the same thing when the list around it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor<T> {
    /// The thing under the cursor, as long as it is there.
    pub at: Option<T>,
    /// The last place of the cursor.
    pub list: List,
}

impl<T> Default for Cursor<T> {
    fn default() -> Self {
        Self {
            at: None,
            list: List::default(),
        }
    }
}

impl<T: Clone + PartialEq> Cursor<T> {
    /// The place of the cursor among `things`: where its thing is now, else where it was.
    pub fn place(&self, things: &[T]) -> usize {
        let found = things
            .iter()
            .position(|thing| Some(thing) == self.at.as_ref());
        found
            .unwrap_or(self.list.selected)
            .min(things.len().saturating_sub(1))
    }

    /// The thing under the cursor.
    pub fn current(&self, things: &[T]) -> Option<T> {
        things.get(self.place(things)).cloned()
    }

    /// Moves the cursor.
    pub fn step(&mut self, step: Step, things: &[T]) {
        self.list.selected = self.place(things);
        self.list.step(step, things.len());
        self.at = things.get(self.list.selected).cloned();
    }

    /// Puts the cursor on a thing.
    pub fn set(&mut self, thing: T) {
        self.at = Some(thing);
    }

    /// Notes where the cursor is and what is in view, after anything changed.
    pub fn settle(&mut self, things: &[T], height: u16) {
        self.list.selected = self.place(things);
        self.list.top = self.list.window(things.len(), usize::from(height));
    }
}

/// Marks `area`, one row, as the one under the cursor: `▶` in its first cell and the selection's look on all of it. Colour
/// alone would not do.
pub fn cursor(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    let selected = theme.style(Token::SurfaceSelected);
    buffer.set_style(area, selected);
    // A ground is never painted without a colour for what stands on it.
    let mark = theme.style(Token::Text).patch(selected);
    buffer.set_stringn(area.x, area.y, "▶", 1, mark);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_stay_in_the_list() {
        let mut list = List::default();
        for (step, count, expected) in [
            (Step::Up, 5, 0),
            (Step::Down, 5, 1),
            (Step::Bottom, 5, 4),
            (Step::Down, 5, 4),
            (Step::Back(2), 5, 2),
            (Step::Forward(9), 5, 4),
            (Step::Down, 2, 1), // It shrank.
            (Step::Down, 0, 0),
        ] {
            list.step(step, count);
            assert_eq!(list.selected, expected, "{step:?} of {count}");
        }
    }

    #[test]
    fn the_cursor_follows_its_thing() {
        let mut cursor = Cursor::default();
        cursor.step(Step::Down, &["a", "b", "c"]);
        assert_eq!(cursor.current(&["x", "a", "b", "c"]), Some("b"));
        cursor.settle(&["x", "a", "b", "c"], 2);
        assert_eq!((cursor.list.selected, cursor.list.top), (2, 1));
        // Its thing is gone: the cursor stays where it was.
        assert_eq!(cursor.current(&["x", "a", "c"]), Some("c"));
        assert_eq!(cursor.current(&[]), None);
    }

    proptest! {
        #[test]
        fn the_cursor_is_in_view(selected in 0_usize..40, top in 0_usize..60, count in 1_usize..40, height in 1_usize..20) {
            let list = List { selected: selected.min(count - 1), top };
            let first = list.window(count, height);
            prop_assert!(first <= list.selected && list.selected < first + height);
            prop_assert!(first == 0 || first + height <= count, "no empty room");
            prop_assert_eq!(List { top: first, ..list }.window(count, height), first, "it rests");
        }
    }
}
