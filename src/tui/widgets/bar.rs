//! Meters and small charts out of block elements.

/// A meter of `cells`: `██▌░░`. `permille` over 1000 is full; anything over 0 shows at least a half.
pub fn meter(cells: usize, permille: u32) -> String {
    let halves = cells * 2;
    let share = (halves * permille.min(1000) as usize + 500) / 1000;
    let filled = share.max(usize::from(permille > 0 && cells > 0));
    let mut text = "█".repeat(filled / 2);
    text.push_str(if filled % 2 == 1 { "▌" } else { "" });
    text.push_str(&"░".repeat(cells - filled.div_ceil(2)));
    text
}

const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The last `cells` of `values` as columns, the largest of them full. Zeros lie on the ground.
pub fn sparkline(values: &[u64], cells: usize) -> String {
    let shown = values
        .get(values.len().saturating_sub(cells)..)
        .unwrap_or_default();
    let largest = shown.iter().copied().max().unwrap_or(0).max(1);
    let step = |value: &u64| {
        let step = u128::from(*value) * (STEPS.len() as u128 - 1) / u128::from(largest);
        STEPS.get(step as usize).copied().unwrap_or('█')
    };
    shown.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meters() {
        for (cells, permille, expected) in [
            (6, 0, "░░░░░░"),
            (6, 1, "▌░░░░░"),
            (6, 370, "██░░░░"),
            (6, 420, "██▌░░░"),
            (6, 1000, "██████"),
            (6, 9999, "██████"),
            (0, 500, ""),
        ] {
            assert_eq!(meter(cells, permille), expected, "{permille}");
        }
    }

    #[test]
    fn charts() {
        assert_eq!(sparkline(&[0, 1, 2, 4, 8], 4), "▁▂▄█");
        assert_eq!(sparkline(&[0, 0], 4), "▁▁");
        assert_eq!(sparkline(&[u64::MAX], 1), "█");
        assert_eq!(sparkline(&[], 4), "");
    }
}
