//! Plain columns: as wide as their widest cell, two spaces between, nothing behind the last.

use crate::base::text::{pad, width};

/// Rows as lines. Cells must be displayable already; rows may have different lengths.
#[must_use]
pub fn columns(rows: &[Vec<String>]) -> String {
    let most = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..most)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| width(cell)).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| pad(cell, *width));
        let line = cells.collect::<Vec<_>>().join("  ");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_end_clean() {
        let rows = [
            vec!["a".into(), "bcd".into()],
            vec!["ef".into(), "é".into(), "g".into()],
        ];
        assert_eq!(columns(&rows), "a   bcd\nef  é    g\n");
        assert_eq!(columns(&[]), "");
    }
}
