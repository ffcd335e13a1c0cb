//! Rows that are shown already, only higher or lower: the terminal moves them itself, within a scroll region, for a dozen bytes instead of
//! some thousand. A stream that grows by a line costs that line.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ratatui::buffer::Cell;

/// Fewer rows than this are painted anew: the region has its price.
const LEAST: usize = 3;

/// A part of the screen that moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scroll {
    /// The first row of the region.
    pub(super) top: usize,
    /// The row behind the last of the region.
    pub(super) bottom: usize,
    /// Rows by which it moves.
    pub(super) by: usize,
    /// Towards the top, as text does that grows at its end.
    pub(super) is_up: bool,
}

fn prints(cells: &[Cell], width: usize) -> Vec<u64> {
    let print = |row: &[Cell]| {
        let mut hasher = DefaultHasher::new();
        row.hash(&mut hasher);
        hasher.finish()
    };
    cells.chunks(width).map(print).collect()
}

/// The one move that saves most rows of painting; none if none is worth it.
pub(super) fn best(shown: &[Cell], next: &[Cell], width: usize) -> Option<Scroll> {
    let (shown, next) = (prints(shown, width), prints(next, width));
    let rows = next.len().min(shown.len());
    let differs = |row: usize| shown.get(row) != next.get(row);
    if (0..rows).filter(|row| differs(*row)).count() < LEAST {
        return None;
    }
    let mut best: Option<(usize, Scroll)> = None;
    for is_up in [true, false] {
        // By half a screen at most: behind that hardly a row is the same.
        for by in 1..=rows / 2 {
            let (mut saved, mut start) = (0, 0);
            for place in 0..=rows - by {
                // The upper of the two rows that are compared.
                let (from, to) = if is_up {
                    (place + by, place)
                } else {
                    (place, place + by)
                };
                let is_same = place < rows - by && shown.get(from) == next.get(to);
                if is_same {
                    saved += usize::from(differs(to));
                    continue;
                }
                if saved >= LEAST && best.is_none_or(|(most, _)| saved > most) {
                    let region = Scroll {
                        top: start,
                        bottom: place + by,
                        by,
                        is_up,
                    };
                    best = Some((saved, region));
                }
                (saved, start) = (0, place + 1);
            }
        }
    }
    best.map(|(_, region)| region)
}

/// Does to the cells what the terminal does.
pub(super) fn apply(cells: &mut [Cell], width: usize, scroll: Scroll) {
    let region = scroll.top * width..scroll.bottom * width;
    let Some(region) = cells.get_mut(region) else {
        return;
    };
    let moved = (scroll.by * width).min(region.len());
    let blank = if scroll.is_up {
        region.rotate_left(moved);
        region.len() - moved..region.len()
    } else {
        region.rotate_right(moved);
        0..moved
    };
    if let Some(blank) = region.get_mut(blank) {
        blank.fill(Cell::EMPTY);
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;

    use super::*;

    fn cells(rows: &[&str]) -> Vec<Cell> {
        Buffer::with_lines(rows.to_vec()).content
    }

    #[test]
    fn text_that_grew_by_a_line_moves_up_within_its_frame() {
        let before = cells(&[
            "title", "#1  #", "#2  #", "#3  #", "#4  #", "#5  #", "foot ",
        ]);
        let after = cells(&[
            "title", "#2  #", "#3  #", "#4  #", "#5  #", "#6  #", "foot ",
        ]);
        let scroll = best(&before, &after, 5).unwrap();
        let expected = Scroll {
            top: 1,
            bottom: 6,
            by: 1,
            is_up: true,
        };
        assert_eq!(scroll, expected);
        let mut moved = before.clone();
        apply(&mut moved, 5, scroll);
        let still = (0..7).filter(|row| moved[row * 5..row * 5 + 5] != after[row * 5..row * 5 + 5]);
        assert_eq!(still.collect::<Vec<_>>(), [5], "one row is left to paint");
        let back = best(&after, &before, 5).unwrap();
        assert!(!back.is_up && back.by == 1);
    }

    #[test]
    fn a_picture_that_stays_or_is_another_does_not_move() {
        let one = cells(&["a", "b", "c", "d", "e"]);
        assert_eq!(best(&one, &one, 1), None);
        assert_eq!(best(&one, &cells(&["v", "w", "x", "y", "z"]), 1), None);
        assert_eq!(best(&one, &cells(&["a", "x", "c", "y", "e"]), 1), None);
    }
}
