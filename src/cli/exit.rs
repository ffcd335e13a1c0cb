//! The exit codes, which scripts rely on: a number never changes its meaning.

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExitCode {
    /// Did what was asked.
    Done,
    /// Ran to the end, but tasks failed.
    TasksFailed,
    /// The arguments are wrong.
    Usage,
    /// The repository, git or a configuration file stands in the way.
    Configuration,
    /// A person has to decide and may not be asked here.
    PersonNeeded,
    /// The budget is used up.
    BudgetReached,
    /// A model's provider or its key.
    Provider,
    /// The session host cannot be reached.
    HostNotReached,
    /// A merge met a conflict.
    MergeConflict,
    /// Who asks may not do this.
    NotAllowed,
    /// The checks or the judge said no.
    QualityGateFailed,
    /// The journal's chain is broken.
    LogNotVerified,
    /// Nothing can be written: disk full, journal damaged.
    ReadOnly,
    /// A fault of this program.
    Internal,
    /// The time given was over.
    Timeout,
    /// Ctrl-C.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl ExitCode {
    /// All of them, by number.
    pub const ALL: [Self; 17] = [
        Self::Done,
        Self::TasksFailed,
        Self::Usage,
        Self::Configuration,
        Self::PersonNeeded,
        Self::BudgetReached,
        Self::Provider,
        Self::HostNotReached,
        Self::MergeConflict,
        Self::NotAllowed,
        Self::QualityGateFailed,
        Self::LogNotVerified,
        Self::ReadOnly,
        Self::Internal,
        Self::Timeout,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// The number that the shell sees.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::TasksFailed => 1,
            Self::Usage => 2,
            Self::Configuration => 3,
            Self::PersonNeeded => 4,
            Self::BudgetReached => 5,
            Self::Provider => 6,
            Self::HostNotReached => 7,
            Self::MergeConflict => 8,
            Self::NotAllowed => 9,
            Self::QualityGateFailed => 10,
            Self::LogNotVerified => 11,
            Self::ReadOnly => 12,
            Self::Internal => 70,
            Self::Timeout => 124,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// What the number means, in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::TasksFailed => "ran, but tasks failed",
            Self::Usage => "usage",
            Self::Configuration => "configuration",
            Self::PersonNeeded => "a person is needed",
            Self::BudgetReached => "budget reached",
            Self::Provider => "provider or key",
            Self::HostNotReached => "host not reached",
            Self::MergeConflict => "merge conflict",
            Self::NotAllowed => "not allowed",
            Self::QualityGateFailed => "quality gate failed",
            Self::LogNotVerified => "log does not verify",
            Self::ReadOnly => "read-only",
            Self::Internal => "a fault of this program",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_published_ones() {
        let numbers = ExitCode::ALL.map(ExitCode::number);
        let published = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 70, 124, 130, 143];
        assert_eq!(numbers, published);
    }
}
