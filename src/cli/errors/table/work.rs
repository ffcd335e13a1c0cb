//! Codes of what happens to work under way: plans, models, budgets, the host, decisions, merges, the journal.

use crate::cli::errors::ErrorCode;
use crate::cli::exit::ExitCode;

/// The plan is not valid.
pub static NO_VALID_PLAN: ErrorCode = ErrorCode {
    id: "E-PLAN-01",
    exit: ExitCode::TasksFailed,
    title: "the plan is not valid",
    means: "The planner answered twice without a plan that passes the checks. What it wrote is kept as a draft.",
    fix: "edit the draft, or say the goal in other words",
};

/// Tasks of the plan wait on one another in a circle.
pub static PLAN_CIRCLE: ErrorCode = ErrorCode {
    id: "E-PLAN-02",
    exit: ExitCode::TasksFailed,
    title: "tasks of the plan wait on one another in a circle",
    means: "None of them could ever begin.",
    fix: "take one need out of the circle that is named",
};

/// The plan names an unknown role.
pub static PLAN_ROLE: ErrorCode = ErrorCode {
    id: "E-PLAN-03",
    exit: ExitCode::TasksFailed,
    title: "the plan names an unknown role",
    means: "No agent could do the task.",
    fix: "name one of aios roles",
};

/// A criterion has no proof.
pub static PLAN_PROOF: ErrorCode = ErrorCode {
    id: "E-PLAN-04",
    exit: ExitCode::TasksFailed,
    title: "a criterion has no proof",
    means: "What cannot be checked by a command or by a person cannot be accepted.",
    fix: "name a command, or say that a person looks",
};

/// The provider refuses the key.
pub static KEY_REFUSED: ErrorCode = ErrorCode {
    id: "E-KEY-01",
    exit: ExitCode::Provider,
    title: "the provider refuses the key",
    means: "The key is wrong, expired or for another account. No work is lost; what waits on the model goes on with a right key.",
    fix: "renew the key and set its variable again",
};

/// No key and no local model server.
pub static NO_MODEL: ErrorCode = ErrorCode {
    id: "E-KEY-02",
    exit: ExitCode::Provider,
    title: "no key and no local model server",
    means: "No variable with a provider's key is set, and nothing answers on the ports of local servers.",
    fix: "set ANTHROPIC_API_KEY or OPENAI_API_KEY, start a local server, or try aios demo",
};

/// The provider does not know the model.
pub static UNKNOWN_MODEL: ErrorCode = ErrorCode {
    id: "E-MODEL-01",
    exit: ExitCode::Provider,
    title: "the provider does not know the model",
    means: "The name is mistyped, or the account cannot use it.",
    fix: "see aios config get models.standard and correct the name",
};

/// The provider is not reached.
pub static PROVIDER_DOWN: ErrorCode = ErrorCode {
    id: "E-MODEL-02",
    exit: ExitCode::Provider,
    title: "the provider is not reached",
    means: "Calls were tried again and gave up. What is done is kept; the sprint goes on when the provider answers.",
    fix: "look at the network and the provider's status, then run aios again",
};

/// The model has no price.
pub static UNKNOWN_PRICE: ErrorCode = ErrorCode {
    id: "E-MODEL-03",
    exit: ExitCode::Provider,
    title: "the model has no price",
    means: "A call whose cost is not known cannot be held to a budget, so it is refused.",
    fix: "add its price to your own file under [prices]",
};

/// The budget is used up.
pub static OUT_OF_BUDGET: ErrorCode = ErrorCode {
    id: "E-BUDGET-01",
    exit: ExitCode::BudgetReached,
    title: "the budget is used up",
    means: "No call was begun that could pass the limit. Finished work is kept.",
    fix: "raise the budget and resume, or take what is done",
};

/// The session host is not reached.
pub static NO_HOST: ErrorCode = ErrorCode {
    id: "E-HOST-01",
    exit: ExitCode::HostNotReached,
    title: "the session host is not reached",
    means: "No host answers on the repository's socket, and none could be started.",
    fix: "run aios serve --foreground and read what it says",
};

/// The host is of another version.
pub static OTHER_VERSION: ErrorCode = ErrorCode {
    id: "E-HOST-02",
    exit: ExitCode::HostNotReached,
    title: "the host is of another version",
    means: "Host and client have to speak the same language. The host's work goes on.",
    fix: "end the host when it is idle and start aios again",
};

/// The host belongs to another user.
pub static OTHER_USER: ErrorCode = ErrorCode {
    id: "E-HOST-03",
    exit: ExitCode::NotAllowed,
    title: "the host belongs to another user",
    means: "Only who started the host may attach to it.",
    fix: "ask that user, or work in a clone of your own",
};

/// A host runs already.
pub static HOST_RUNS: ErrorCode = ErrorCode {
    id: "E-HOST-04",
    exit: ExitCode::HostNotReached,
    title: "a host runs already",
    means: "One host at a time owns a repository's journal.",
    fix: "attach with aios",
};

/// This may not be decided by who asks.
pub static NOT_ALLOWED: ErrorCode = ErrorCode {
    id: "E-GATE-01",
    exit: ExitCode::NotAllowed,
    title: "this may not be decided by who asks",
    means: "Only a person decides, never an agent or a command of one.",
    fix: "decide it in a terminal of your own",
};

/// The item is decided already.
pub static DECIDED_ALREADY: ErrorCode = ErrorCode {
    id: "E-GATE-02",
    exit: ExitCode::NotAllowed,
    title: "the item is decided already",
    means: "Somebody was first. Their decision stands.",
    fix: "see what was decided with aios logs",
};

/// A person has to decide.
pub static DECISION_NEEDED: ErrorCode = ErrorCode {
    id: "E-GATE-03",
    exit: ExitCode::PersonNeeded,
    title: "a person has to decide",
    means: "The sprint waits and loses nothing while it waits.",
    fix: "see aios waiting, then aios approve, reject or answer",
};

/// The item has changed since it was shown.
pub static CARD_CHANGED: ErrorCode = ErrorCode {
    id: "E-GATE-04",
    exit: ExitCode::PersonNeeded,
    title: "the item has changed since it was shown",
    means: "A decision holds for what was on the card, and that is no longer the same.",
    fix: "look again with aios waiting",
};

/// The decision has taken effect.
pub static TOO_LATE: ErrorCode = ErrorCode {
    id: "E-GATE-05",
    exit: ExitCode::NotAllowed,
    title: "the decision has taken effect",
    means: "The time for taking it back is over.",
    fix: "see aios logs for what happened, and revert the commit if need be",
};

/// A merge met a conflict.
pub static CONFLICT: ErrorCode = ErrorCode {
    id: "E-MERGE-01",
    exit: ExitCode::MergeConflict,
    title: "a merge met a conflict",
    means: "Both sides are kept on their branches; nothing was overwritten.",
    fix: "look at the item in aios waiting",
};

/// The checks do not pass.
pub static CHECKS_FAILED: ErrorCode = ErrorCode {
    id: "E-CHECK-01",
    exit: ExitCode::QualityGateFailed,
    title: "the checks do not pass",
    means: "Something that was green before is red now, so nothing was merged.",
    fix: "read the output with aios logs",
};

/// Tasks failed.
pub static TASKS_FAILED: ErrorCode = ErrorCode {
    id: "E-RUN-01",
    exit: ExitCode::TasksFailed,
    title: "tasks failed",
    means: "The sprint came to its end, but not all tasks were accepted.",
    fix: "see which with aios status",
};

/// The time given is over.
pub static OUT_OF_TIME: ErrorCode = ErrorCode {
    id: "E-RUN-02",
    exit: ExitCode::Timeout,
    title: "the time given is over",
    means: "The host goes on; only waiting for it ended.",
    fix: "look at it with aios status",
};

/// The journal does not verify.
pub static LOG_BROKEN: ErrorCode = ErrorCode {
    id: "E-LOG-01",
    exit: ExitCode::LogNotVerified,
    title: "the journal does not verify",
    means: "A record's hash or length is not what the next one says. The records before it are good.",
    fix: "save the good part with aios journal export",
};

/// The journal is damaged and opened read-only.
pub static LOG_READ_ONLY: ErrorCode = ErrorCode {
    id: "E-LOG-02",
    exit: ExitCode::ReadOnly,
    title: "the journal is damaged and opened read-only",
    means: "Nothing is written behind a damaged record, so that nothing more is lost.",
    fix: "save the good part with aios journal export",
};

/// The journal's last record was cut short.
pub static LOG_TORN: ErrorCode = ErrorCode {
    id: "E-LOG-03",
    exit: ExitCode::Done,
    title: "the journal's last record was cut short",
    means: "The machine stopped in the middle of a write. The torn record was never acknowledged, and it was cut off.",
    fix: "nothing to do",
};

/// The state was rebuilt from the journal.
pub static STATE_REBUILT: ErrorCode = ErrorCode {
    id: "E-STATE-01",
    exit: ExitCode::Done,
    title: "the state was rebuilt from the journal",
    means: "What is derived was missing, damaged or older than the journal. Nothing is lost.",
    fix: "nothing to do",
};

/// The disk is full.
pub static DISK_FULL: ErrorCode = ErrorCode {
    id: "E-DISK-01",
    exit: ExitCode::ReadOnly,
    title: "the disk is full",
    means: "Nothing more is acknowledged until there is room. What was acknowledged is safe.",
    fix: "make room, then run aios again",
};

/// A fault of this program.
pub static OUR_FAULT: ErrorCode = ErrorCode {
    id: "E-INT-01",
    exit: ExitCode::Internal,
    title: "a fault of this program",
    means: "Something that cannot happen has happened. The journal is as it was.",
    fix: "report it with what you did and the output of aios doctor",
};
