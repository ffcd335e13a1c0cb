//! The change of a task: files, hunks, and a person's marks on them. Pure: the text of a diff comes in, contents and counts go out.
//!
//! Not here: running git, trees and merges (`engine::changes` and the git adapter).

pub mod checks;
pub mod clash;
mod diff;
mod names;
mod parse;
pub mod proposal;
mod review;
mod select;
mod summary;
mod three;
mod words;

pub use diff::{Change, DiffLine, FileDiff, FileMode, Hunk, LineKind};
pub use parse::{BadDiff, FLAGS, parse};
pub use review::{Comment, Mark, Review, Split, Tally};
pub use select::{Conflict, Selected, apply_hunks, invert, pieces, select, split};
pub use summary::{DiffStat, FileKind, FileSummary, HunkSummary, diff_stat};
pub use words::{Span, word_diff};

#[cfg(test)]
mod tests;
