//! The board: a column is a function of a task's state and is stored nowhere.

use crate::domain::sprint::{Cause, Sprint, Status, Task};
use crate::domain::workflow::NodeKind;

/// A column of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    /// Not begun.
    Ready,
    /// Its role works on it.
    Running,
    /// Checks and proofs run.
    Check,
    /// The judge judges.
    Qa,
    /// A person reviews; it is being merged.
    Review,
    /// Merged.
    Done,
}

impl Column {
    /// All of them from left to right.
    pub const ALL: [Self; 6] = [
        Self::Ready,
        Self::Running,
        Self::Check,
        Self::Qa,
        Self::Review,
        Self::Done,
    ];

    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ready => "READY",
            Self::Running => "RUNNING",
            Self::Check => "CHECK",
            Self::Qa => "QA",
            Self::Review => "REVIEW",
            Self::Done => "DONE",
        }
    }
}

/// The column that a task stands in; none for a dropped one.
#[must_use]
pub fn column(sprint: &Sprint, task: &Task) -> Option<Column> {
    match task.status {
        Status::Dropped => return None,
        Status::Done => return Some(Column::Done),
        Status::Ready => return Some(Column::Ready),
        Status::Running | Status::Asking | Status::Held(_) => {}
    }
    Some(match sprint.kind_of(task) {
        None => Column::Ready,
        Some(NodeKind::Work) => Column::Running,
        Some(NodeKind::Checks | NodeKind::Proofs) => Column::Check,
        Some(NodeKind::Judge) => Column::Qa,
        Some(NodeKind::Review | NodeKind::Merge) => Column::Review,
    })
}

/// Tasks that a person reviews or that are being merged, and those that have not come so far.
#[must_use]
pub fn by_review(sprint: &Sprint) -> (Vec<&Task>, Vec<&Task>) {
    let open = sprint.tasks.values().filter(|task| !task.is_over());
    // One that was sent back stands there only until it begins again.
    open.partition(|task| column(sprint, task) == Some(Column::Review) && task.left.is_none())
}

/// Whether a task is held, or waits for others, and so belongs to the filter BLOCKED.
#[must_use]
pub const fn is_blocked(task: &Task) -> bool {
    match task.status {
        Status::Held(Cause::Paused | Cause::TakenOver | Cause::Stuck) => true,
        Status::Ready => task.unmet > 0,
        Status::Running | Status::Asking | Status::Done | Status::Dropped => false,
    }
}
