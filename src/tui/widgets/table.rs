//! Columns of a table: who gets how many cells, and who goes first when there are too few.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::row::{self, Piece};
use crate::base::text;
use crate::tui::theme::Theme;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// How wide it is.
    pub width: Width,
    /// On which side its text stands.
    pub side: Side,
    /// Who is dropped first when space is short: the highest. 0 is never dropped.
    pub drop: u8,
}

/// The width of a column in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Exactly so many.
    Cells(u16),
    /// Shares what is left, and wants at least so many.
    Rest(u16),
}

/// Where text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// At its left.
    Left,
    /// At its right, as figures do.
    Right,
}

/// Columns with their places in rows of one width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<'a> {
    columns: &'a [Column],
    /// Offset and width of each column, or `None` for a dropped one. One cell lies between columns.
    places: Vec<Option<(u16, u16)>>,
}

impl<'a> Table<'a> {
    /// Fits the columns into rows of `total` cells, dropping what does not fit.
    pub fn fit(columns: &'a [Column], total: u16) -> Self {
        let mut kept = vec![true; columns.len()];
        while needed(columns, &kept) > total {
            let candidates = columns.iter().zip(&mut kept);
            let last = candidates
                .filter(|(column, kept)| **kept && column.drop > 0)
                .max_by_key(|(column, _)| column.drop);
            match last {
                Some((_, kept)) => *kept = false,
                None => break,
            }
        }
        let places = spread(columns, &kept, total);
        Self { columns, places }
    }

    /// Paints one row of cells into the first row of `area`.
    pub fn paint(&self, buffer: &mut Buffer, area: Rect, theme: &Theme, cells: &[Piece<'_>]) {
        for ((column, place), cell) in self.columns.iter().zip(&self.places).zip(cells) {
            let Some((offset, width)) = *place else {
                continue;
            };
            let taken = u16::try_from(text::width(&cell.text)).unwrap_or(u16::MAX);
            let indent = match column.side {
                Side::Left => 0,
                Side::Right => width.saturating_sub(taken),
            };
            let place = Rect {
                x: area.x.saturating_add(offset).saturating_add(indent),
                width: width - indent,
                ..area
            };
            row::paint(
                buffer,
                place.intersection(area),
                theme,
                std::slice::from_ref(cell),
            );
        }
    }
}

const fn least(column: Column) -> u16 {
    match column.width {
        Width::Cells(cells) | Width::Rest(cells) => cells,
    }
}

fn needed(columns: &[Column], kept: &[bool]) -> u16 {
    let widths = columns.iter().zip(kept).filter(|(_, kept)| **kept);
    let sum: u16 = widths
        .map(|(column, _)| least(*column).saturating_add(1))
        .sum();
    sum.saturating_sub(1)
}

fn spread(columns: &[Column], kept: &[bool], total: u16) -> Vec<Option<(u16, u16)>> {
    let mut left_over = total.saturating_sub(needed(columns, kept));
    let is_rest =
        |(column, kept): &(&Column, &bool)| **kept && matches!(column.width, Width::Rest(_));
    let mut rests = columns.iter().zip(kept).filter(is_rest).count() as u16;
    let mut x = 0_u16;
    let mut places = Vec::with_capacity(columns.len());
    for (column, kept) in columns.iter().zip(kept) {
        if !kept {
            places.push(None);
            continue;
        }
        let mut width = least(*column);
        if matches!(column.width, Width::Rest(_)) && rests > 0 {
            let share = left_over / rests;
            width = width.saturating_add(share);
            left_over -= share;
            rests -= 1;
        }
        let width = width.min(total.saturating_sub(x));
        places.push((width > 0).then_some((x, width)));
        x = x.saturating_add(width).saturating_add(1);
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::bench::rows;
    use super::super::row::plain;
    use super::*;

    const fn column(width: Width, side: Side, drop: u8) -> Column {
        Column { width, side, drop }
    }

    const COLUMNS: [Column; 4] = [
        column(Width::Cells(3), Side::Left, 0),
        column(Width::Rest(8), Side::Left, 0),
        column(Width::Cells(5), Side::Right, 2),
        column(Width::Cells(6), Side::Right, 1),
    ];

    #[test]
    fn columns_are_dropped_from_the_least_wanted() {
        let cells = ["t4", "guest checkout form", "22%", "$0.18"].map(plain);
        for (width, expected) in [
            (32, "t4  guest checkout…   22%  $0.18"),
            (24, "t4  guest checko…  $0.18"),
            (12, "t4  guest c…"),
            (6, "t4  g…"),
        ] {
            let seen = rows(width, 1, |buffer, theme| {
                Table::fit(&COLUMNS, width).paint(buffer, buffer.area, theme, &cells);
            });
            assert_eq!(seen, [expected]);
        }
    }

    proptest! {
        #[test]
        fn places_never_overlap_nor_leave_the_row(total in 0_u16..200) {
            let mut end = 0;
            for (x, width) in Table::fit(&COLUMNS, total).places.into_iter().flatten() {
                prop_assert!(x >= end && x + width <= total);
                end = x + width + 1;
            }
        }
    }
}
