//! Codes of what stands in the way before work begins: arguments, repository, configuration, trust, sandbox.

use crate::cli::errors::ErrorCode;
use crate::cli::exit::ExitCode;

/// The arguments are not understood.
pub static BAD_ARGUMENTS: ErrorCode = ErrorCode {
    id: "E-USE-01",
    exit: ExitCode::Usage,
    title: "the arguments are not understood",
    means: "The command line names a flag, a verb or a value that does not exist. Nothing was started.",
    fix: "see aios --help",
};

/// No such error code.
pub static UNKNOWN_CODE: ErrorCode = ErrorCode {
    id: "E-USE-02",
    exit: ExitCode::Usage,
    title: "no such error code",
    means: "Error codes look like E-REPO-01 and stand in brackets at the end of an error.",
    fix: "see the list with aios explain",
};

/// No such item here.
pub static NO_SUCH_ITEM: ErrorCode = ErrorCode {
    id: "E-USE-03",
    exit: ExitCode::Usage,
    title: "no such item here",
    means: "The id names no sprint, task, agent or waiting item of this repository. Ids are never used again, so an old one may be closed.",
    fix: "see aios waiting or aios status",
};

/// Not built yet.
pub static NOT_BUILT: ErrorCode = ErrorCode {
    id: "E-USE-04",
    exit: ExitCode::Usage,
    title: "not built yet",
    means: "This part is planned and is not in this version. Nothing was started.",
    fix: "see aios --help for what is there",
};

/// `--yes` without --budget.
pub static NO_BUDGET_GIVEN: ErrorCode = ErrorCode {
    id: "E-USE-05",
    exit: ExitCode::Usage,
    title: "--yes without --budget",
    means: "Approving everything unseen is allowed only with an amount that cannot be passed, where a model that costs money can be reached.",
    fix: "add --budget AMOUNT, such as --budget 5",
};

/// Not a git repository.
pub static NOT_A_REPOSITORY: ErrorCode = ErrorCode {
    id: "E-REPO-01",
    exit: ExitCode::Configuration,
    title: "not a git repository",
    means: "AIOS works on one git repository: it needs its commits as the base and its worktrees as the agents' rooms.",
    fix: "run git init, or name a repository with aios -C DIR",
};

/// The repository has no commits.
pub static NO_COMMITS: ErrorCode = ErrorCode {
    id: "E-REPO-02",
    exit: ExitCode::Configuration,
    title: "the repository has no commits",
    means: "Agents start from a commit, and there is none yet.",
    fix: "commit something first: git add -A && git commit",
};

/// `HEAD` is on no branch.
pub static DETACHED_HEAD: ErrorCode = ErrorCode {
    id: "E-REPO-03",
    exit: ExitCode::Configuration,
    title: "HEAD is on no branch",
    means: "A sprint is merged into the branch that it began on, and no branch is checked out.",
    fix: "check out a branch: git switch BRANCH",
};

/// Git is not found.
pub static NO_GIT: ErrorCode = ErrorCode {
    id: "E-REPO-04",
    exit: ExitCode::Configuration,
    title: "git is not found",
    means: "AIOS runs the git program for everything that writes.",
    fix: "install git 2.38 or newer and see that it is in PATH",
};

/// Git is too old.
pub static OLD_GIT: ErrorCode = ErrorCode {
    id: "E-REPO-05",
    exit: ExitCode::Configuration,
    title: "git is too old",
    means: "Merging without touching a checkout needs git 2.38.",
    fix: "install git 2.38 or newer",
};

/// The repository is bare.
pub static BARE_REPOSITORY: ErrorCode = ErrorCode {
    id: "E-REPO-06",
    exit: ExitCode::Configuration,
    title: "the repository is bare",
    means: "There is no checkout to read the project's instructions and commands from.",
    fix: "name a checkout with aios -C DIR",
};

/// The base branch was rewritten.
pub static BASE_MOVED: ErrorCode = ErrorCode {
    id: "E-REPO-07",
    exit: ExitCode::PersonNeeded,
    title: "the base branch was rewritten",
    means: "The branch no longer holds the commit that the sprint began on. Nothing was merged; the work is on the sprint's branch.",
    fix: "look at the new merge base and decide again: aios waiting",
};

/// The checkout has changes that are not committed.
pub static DIRTY_CHECKOUT: ErrorCode = ErrorCode {
    id: "E-REPO-08",
    exit: ExitCode::PersonNeeded,
    title: "the checkout has changes that are not committed",
    means: "Moving the branch under them would make them look like a revert, so it was not moved.",
    fix: "commit or stash them and approve again, or take the sprint's branch",
};

/// The sprint cannot begin.
pub static CANNOT_OPEN: ErrorCode = ErrorCode {
    id: "E-REPO-09",
    exit: ExitCode::Configuration,
    title: "the sprint cannot begin",
    means: "The repository does not give what a sprint starts from: a commit to branch off and checks that were looked at. Nothing was changed.",
    fix: "mend what is named and say the goal again",
};

/// A configuration file is not valid TOML.
pub static BAD_SYNTAX: ErrorCode = ErrorCode {
    id: "E-CONF-01",
    exit: ExitCode::Configuration,
    title: "a configuration file is not valid TOML",
    means: "The file was not used. Settings from the other layers are as they were.",
    fix: "correct the line that is named",
};

/// Unknown setting.
pub static UNKNOWN_KEY: ErrorCode = ErrorCode {
    id: "E-CONF-02",
    exit: ExitCode::Configuration,
    title: "unknown setting",
    means: "A mistyped setting would silently do nothing, so it is an error.",
    fix: "see the names with aios config list",
};

/// A value that the setting cannot take.
pub static BAD_VALUE: ErrorCode = ErrorCode {
    id: "E-CONF-03",
    exit: ExitCode::Configuration,
    title: "a value that the setting cannot take",
    means: "The value has another type, or is outside what the setting allows. Money is text in quotes, such as \"5.00\".",
    fix: "see the setting with aios config get NAME",
};

/// A service that is not built yet.
pub static SETTING_NOT_BUILT: ErrorCode = ErrorCode {
    id: "E-CONF-04",
    exit: ExitCode::Configuration,
    title: "a service that is not built yet",
    means: "The section belongs to a service that this version cannot use. Everything works without it.",
    fix: "take the section out",
};

/// A key in a configuration file.
pub static SECRET_IN_FILE: ErrorCode = ErrorCode {
    id: "E-CONF-05",
    exit: ExitCode::Configuration,
    title: "a key in a configuration file",
    means: "Keys are never kept in files of AIOS, because files are copied, committed and shown. The value is not printed.",
    fix: "take it out, renew the key, and name its variable: key = \"env:NAME\"",
};

/// A file that is not read.
pub static UNSAFE_FILE: ErrorCode = ErrorCode {
    id: "E-CONF-06",
    exit: ExitCode::Configuration,
    title: "a file that is not read",
    means: "Settings are read only from regular files of moderate size that nobody else can write.",
    fix: "look at its kind, its size, its owner and its mode",
};

/// A setting that may not stand here.
pub static WRONG_LAYER: ErrorCode = ErrorCode {
    id: "E-CONF-07",
    exit: ExitCode::Configuration,
    title: "a setting that may not stand here",
    means: "The repository's files may not set this, because whoever writes the repository is not whoever runs it.",
    fix: "set it in your own file: aios config path",
};

/// A file of the repository tries to loosen a limit.
pub static LOOSER_IGNORED: ErrorCode = ErrorCode {
    id: "E-CONF-08",
    exit: ExitCode::Configuration,
    title: "a file of the repository tries to loosen a limit",
    means: "Limits only get stricter from your own settings down to the repository's. The line was left out; your limit holds.",
    fix: "take the line out, or set it in your own file: aios config path",
};

/// A role file has an error.
pub static BAD_ROLE: ErrorCode = ErrorCode {
    id: "E-CONF-09",
    exit: ExitCode::Configuration,
    title: "a role file has an error",
    means: "The role was not loaded, and nothing runs with half a role.",
    fix: "correct the line that is named",
};

/// A workflow file has an error.
pub static BAD_WORKFLOW: ErrorCode = ErrorCode {
    id: "E-CONF-10",
    exit: ExitCode::Configuration,
    title: "a workflow file has an error",
    means: "The workflow was not loaded.",
    fix: "correct the line that is named",
};

/// A theme or key file has an error.
pub static BAD_THEME: ErrorCode = ErrorCode {
    id: "E-CONF-11",
    exit: ExitCode::Configuration,
    title: "a theme or key file has an error",
    means: "The one before stays in use.",
    fix: "correct the line that is named",
};

/// No folder for state.
pub static NO_HOME: ErrorCode = ErrorCode {
    id: "E-CONF-12",
    exit: ExitCode::Configuration,
    title: "no folder for state",
    means: "Neither XDG_STATE_HOME nor a home folder is known, so there is no place for the journal.",
    fix: "set HOME, or XDG_STATE_HOME to an absolute path",
};

/// The repository is not trusted.
pub static NOT_TRUSTED: ErrorCode = ErrorCode {
    id: "E-TRUST-01",
    exit: ExitCode::PersonNeeded,
    title: "the repository is not trusted",
    means: "Its instructions and commands are new or have changed since you trusted them. Nothing of it was run.",
    fix: "look at them with aios, or say --trust once",
};

/// Commands cannot be shut in on this machine.
pub static WEAK_SANDBOX: ErrorCode = ErrorCode {
    id: "E-BOX-01",
    exit: ExitCode::PersonNeeded,
    title: "commands cannot be shut in on this machine",
    means: "Without a sandbox an agent's command could touch everything that you can. A person decides whether that is right.",
    fix: "install bubblewrap, or say --accept-weaker-sandbox",
};
