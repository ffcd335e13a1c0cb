//! Three texts compared line by line: what only one side changed is taken over, what both changed in other ways is split.

use std::ops::Range;

use similar::DiffOp;
use similar::algorithms::{Capture, myers};

use super::clash::{Piece, Split};

/// The pieces of a text that became two others. Texts that fit together although they were said to clash are split as a whole, so that
/// nothing is settled without a person's look at it.
#[must_use]
pub(super) fn three_way(base: &str, ours: &str, theirs: &str) -> Vec<Piece> {
    let (base_lines, our_lines, their_lines) = (lines(base), lines(ours), lines(theirs));
    let in_ours = places(&base_lines, &our_lines);
    let in_theirs = places(&base_lines, &their_lines);
    let mut pieces = Pieces::default();
    let (mut at_base, mut at_ours, mut at_theirs) = (0, 0, 0);
    loop {
        // The next line of the base that both still have.
        let shared = (at_base..base_lines.len()).find_map(|line| {
            let found = (*in_ours.get(line)?)?;
            Some((line, found, (*in_theirs.get(line)?)?))
        });
        let (base_end, ours_end, theirs_end) =
            shared.unwrap_or((base_lines.len(), our_lines.len(), their_lines.len()));
        pieces.add(Split {
            ours: text(&our_lines, at_ours..ours_end),
            base: text(&base_lines, at_base..base_end),
            theirs: text(&their_lines, at_theirs..theirs_end),
        });
        let Some((line, ours_line, theirs_line)) = shared else {
            break;
        };
        pieces.same(base_lines.get(line).copied().unwrap_or_default());
        (at_base, at_ours, at_theirs) = (line + 1, ours_line + 1, theirs_line + 1);
    }
    let pieces = pieces.list;
    if pieces.iter().any(|piece| matches!(piece, Piece::Split(_))) {
        return pieces;
    }
    vec![Piece::Split(Split {
        ours: ours.to_owned(),
        base: base.to_owned(),
        theirs: theirs.to_owned(),
    })]
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn text(lines: &[&str], range: Range<usize>) -> String {
    lines.get(range).unwrap_or_default().concat()
}

/// Where each line of `base` is in `side`; the places grow.
fn places(base: &[&str], side: &[&str]) -> Vec<Option<usize>> {
    let mut captured = Capture::new();
    // Collecting cannot fail.
    let _ = myers::diff(&mut captured, base, 0..base.len(), side, 0..side.len());
    let mut places = vec![None; base.len()];
    for op in captured.into_ops() {
        if let DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        {
            for step in 0..len {
                if let Some(place) = places.get_mut(old_index + step) {
                    *place = Some(new_index + step);
                }
            }
        }
    }
    places
}

/// Pieces in the order of the text; what is the same stays in one.
#[derive(Default)]
struct Pieces {
    list: Vec<Piece>,
}

impl Pieces {
    /// Lines between two that both have: taken over where only one side changed them, or both did so in one way.
    fn add(&mut self, split: Split) {
        if split.ours == split.theirs || split.theirs == split.base {
            self.same(&split.ours);
        } else if split.ours == split.base {
            self.same(&split.theirs);
        } else {
            self.list.push(Piece::Split(split));
        }
    }

    fn same(&mut self, more: &str) {
        if more.is_empty() {
            return;
        }
        match self.list.last_mut() {
            Some(Piece::Same(text)) => text.push_str(more),
            _ => self.list.push(Piece::Same(more.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::change::clash::{Choice, resolved};

    fn split(ours: &str, base: &str, theirs: &str) -> Piece {
        Piece::Split(Split {
            ours: ours.to_owned(),
            base: base.to_owned(),
            theirs: theirs.to_owned(),
        })
    }

    fn same(text: &str) -> Piece {
        Piece::Same(text.to_owned())
    }

    #[test]
    fn only_what_both_changed_is_split() {
        let pieces = three_way(
            "1\na\n2\nb\n3\nc\n4\n",
            "1\nA\n2\nb\n3\nX\n4\n",
            "1\na\n2\nB\n3\nY\n4\nend\n",
        );
        assert_eq!(
            pieces,
            [
                same("1\nA\n2\nB\n3\n"),
                split("X\n", "c\n", "Y\n"),
                same("4\nend\n")
            ]
        );
    }

    #[test]
    fn files_that_both_made_are_split_as_a_whole() {
        assert_eq!(
            three_way("", "one\n", "two\n"),
            [split("one\n", "", "two\n")]
        );
    }

    #[test]
    fn what_fits_together_is_shown_all_the_same() {
        let (base, ours, theirs) = ("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n");
        assert_eq!(three_way(base, ours, theirs), [split(ours, base, theirs)]);
    }

    proptest! {
        /// Whatever the texts are, one side for every place gives that side wherever the other changed nothing of its own.
        #[test]
        fn nothing_that_a_side_has_is_lost(
            base in "[ab\n]{0,12}",
            ours in "[abx\n]{0,12}",
            theirs in "[aby\n]{0,12}",
        ) {
            let pieces = three_way(&base, &ours, &theirs);
            let places = pieces.iter().filter(|piece| matches!(piece, Piece::Split(_))).count();
            let taken = |choice: Choice| resolved(&pieces, &vec![choice; places]).unwrap();
            let lacks = |text: &str, all: &str, letter: char| {
                all.chars().filter(|found| *found == letter).count()
                    != text.chars().filter(|found| *found == letter).count()
            };
            prop_assert!(!lacks(&taken(Choice::Ours), &ours, 'x'));
            prop_assert!(!lacks(&taken(Choice::Theirs), &theirs, 'y'));
            let both = taken(Choice::Both);
            prop_assert!(!lacks(&both, &ours, 'x') && !lacks(&both, &theirs, 'y'));
        }
    }
}
