//! Words for tests about worlds: rules, plans, replies and reports, each with the least that it needs. Declared by `world.rs`.

use std::collections::BTreeMap;

use aios::base::body::Body;
use aios::base::id::{Digest, Oid};
use aios::base::money::{Money, TokenPrice};
use aios::base::tokens::TokenUsage;
use aios::domain::agent::{Answer, CallState, Role, RoleKind, Shape};
use aios::domain::change::checks::{CheckKind, CheckResult, CheckSpec};
use aios::domain::change::{FileKind, FileSummary, HunkSummary};
use aios::domain::cost::Price;
use aios::domain::journal::Report;
use aios::domain::llm::{CallFailure, FailureKind, Tier};
use aios::domain::security::Actor;
use aios::domain::sprint::{Base, ModelChoice, Policy, Setup};
use aios::domain::tool::ToolName;
use aios::domain::tool::args::{
    AskHuman, PlannedCriterion, PlannedTask, ProposePlan, Verdict as Judged,
};
use aios::domain::tool::grant::CommandPolicy;
use aios::domain::workflow::Workflow;

/// What every call is expected to cost at most in these tests.
pub(crate) const RESERVED: Money = Money(1_000_000);

/// A git object named by a number.
pub(crate) fn oid(number: u64) -> Oid {
    format!("{number:040x}").parse().unwrap()
}

/// A person by name.
pub(crate) fn person(name: &str) -> Actor {
    Actor::Person {
        uid: 1000,
        name: name.to_owned(),
    }
}

fn role(key: &str, kind: RoleKind, tier: Tier) -> Role {
    Role {
        key: key.to_owned(),
        name: key.to_uppercase(),
        title: key.to_owned(),
        charge: format!("does {key}"),
        kind,
        tools: Vec::new(),
        tier,
        prompt: String::new(),
    }
}

/// A model that costs a thousandth of a cent for ten tokens read and for one written.
pub(crate) fn model(provider: &str, name: &str) -> ModelChoice {
    let price = |text| TokenPrice::per_million(text).unwrap();
    ModelChoice {
        route: format!("{provider}/{name}").parse().unwrap(),
        price: Price {
            input: price("1"),
            output: price("10"),
            cache_read: price("0.1"),
            cache_write: price("1.25"),
        },
        is_priced: true,
        window: 100_000,
        max_output: 4_000,
    }
}

/// The rules of a sprint: everything is asked, nothing is limited.
pub(crate) fn setup() -> Setup {
    Setup {
        policy: Policy {
            budget: None,
            task_budget: None,
            request_budget: None,
            day_budget: None,
            agents_max: 4,
            max_tasks: 12,
            commands: CommandPolicy::Sandboxed,
            review: true,
            plan: true,
            merge: true,
            undo_ms: 5_000,
            keeps_worktrees: false,
            simulated: true,
            ask_at_percent: 80,
        },
        team: vec![
            role("cto", RoleKind::Planner, Tier::Premium),
            role("dev", RoleKind::Worker, Tier::Standard),
            role("qa", RoleKind::Judge, Tier::Standard),
        ],
        workflow: Workflow::deliver(3),
        models: BTreeMap::from([
            (Tier::Standard, model("one", "small")),
            (Tier::Premium, model("two", "large")),
        ]),
        fallback: model("one", "small"),
        baseline: model("two", "large").price,
        prefix: "aios".to_owned(),
    }
}

/// A check of the project.
pub(crate) fn check(command: &str) -> CheckSpec {
    CheckSpec {
        kind: CheckKind::Test,
        command: command.to_owned(),
        timeout_s: 60,
        source: "Makefile".to_owned(),
    }
}

/// A check and its exit code.
pub(crate) fn ran(command: &str, exit: i32) -> CheckResult {
    CheckResult {
        spec: check(command),
        exit,
        wall_ms: 5,
        output: None,
        tail: String::new(),
    }
}

/// A planned task with one criterion for a person's eye.
pub(crate) fn planned(slug: &str, needs: &[&str]) -> PlannedTask {
    PlannedTask {
        slug: slug.to_owned(),
        title: format!("do {slug}"),
        role: "dev".to_owned(),
        detail: String::new(),
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        criteria: vec![PlannedCriterion {
            text: "it works".to_owned(),
            proof: "human".to_owned(),
        }],
        touches: Vec::new(),
        complexity: 2,
    }
}

/// The call that proposes a plan.
pub(crate) fn propose(tasks: Vec<PlannedTask>) -> Shape {
    Shape::Plan(ProposePlan {
        summary: "a plan".to_owned(),
        tasks,
    })
}

/// The call that ends a worker's attempt.
pub(crate) fn finish() -> Shape {
    Shape::Finish {
        summary: "done".to_owned(),
        claims: Vec::new(),
    }
}

/// The call that ends a judge's attempt.
pub(crate) fn judge(accepted: bool) -> Shape {
    Shape::Verdict(Judged {
        accepted,
        summary: if accepted { "fine" } else { "c1 is not met" }.to_owned(),
        findings: Vec::new(),
    })
}

/// A question to a person.
pub(crate) fn ask(question: &str) -> Shape {
    Shape::Ask(AskHuman {
        question: question.to_owned(),
        options: vec!["yes".to_owned(), "no".to_owned()],
    })
}

/// A command line.
pub(crate) fn command(line: &str) -> Shape {
    Shape::Command {
        command: line.to_owned(),
        timeout_s: 60,
    }
}

/// A file is read.
pub(crate) fn read() -> Shape {
    Shape::Work(ToolName::ReadFile)
}

/// A file is written.
pub(crate) fn write() -> Shape {
    Shape::Work(ToolName::WriteFile)
}

/// A reply with these calls.
pub(crate) fn reply(calls: Vec<Shape>) -> Report {
    replied(calls, 1_000)
}

/// A reply with these calls to a prompt of so many tokens.
pub(crate) fn replied(calls: Vec<Shape>, prompt: u64) -> Report {
    let calls = calls.into_iter().enumerate().map(|(place, shape)| {
        let label = match &shape {
            Shape::Bad(_) => "propose_plan".to_owned(),
            _ => format!("call {place}"),
        };
        CallState {
            id: format!("call_{place}"),
            label,
            same: Digest::of(format!("{shape:?}").as_bytes()),
            shape,
            answer: None,
        }
    });
    Report::Replied {
        reply: Body::Inline("[]".to_owned()),
        first_line: "words".to_owned(),
        calls: calls.collect(),
        usage: TokenUsage {
            input: prompt,
            output: 20,
            ..TokenUsage::default()
        },
        latency_ms: 10,
    }
}

/// A call to a model that gave nothing.
pub(crate) fn call_failed(kind: FailureKind) -> Report {
    Report::CallFailed {
        failure: CallFailure {
            kind,
            text: format!("{kind:?}"),
            retry_after_ms: None,
            usage: TokenUsage::default(),
        },
        latency_ms: 10,
    }
}

/// A tool's result.
pub(crate) fn tool(is_error: bool) -> Report {
    Report::Tool {
        answer: Answer {
            text: Body::Inline("output".to_owned()),
            is_error,
            brief: "1 line".to_owned(),
            exit: None,
            rest: None,
        },
        edits: Vec::new(),
        criterion: None,
    }
}

/// A hunk named by a number.
pub(crate) fn hunk(number: u64) -> Digest {
    Digest::of(&number.to_le_bytes())
}

/// A commit of one file with these hunks.
pub(crate) fn committed(commit: Oid, base: Oid, hunks: &[u64]) -> Report {
    let hunks: Vec<HunkSummary> = hunks
        .iter()
        .map(|number| HunkSummary {
            key: hunk(*number),
            new_start: 1,
            added: 1,
            removed: 0,
        })
        .collect();
    let added = hunks.len() as u32;
    let file = FileSummary {
        path: "a.txt".to_owned(),
        kind: FileKind::Modified,
        added,
        removed: 0,
        is_binary: false,
        hunks,
    };
    Report::Committed {
        commit,
        base,
        diff: Body::Inline(String::new()),
        files: if added == 0 { Vec::new() } else { vec![file] },
        merged: None,
    }
}

/// What a sprint starts from.
pub(crate) fn base(checks: Vec<CheckSpec>) -> Base {
    Base {
        commit: oid(1),
        target: Some("refs/heads/main".to_owned()),
        branch: "refs/heads/aios/s1".to_owned(),
        dirty: Vec::new(),
        checks,
        instructions: None,
    }
}
