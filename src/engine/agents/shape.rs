//! From the calls of a reply to what the decider needs to know of them.

use crate::base::id::Digest;
use crate::base::text::clip;
use crate::domain::agent::{CallState, Role, Shape};
use crate::domain::llm::{Reply, ToolUse};
use crate::domain::tool::{BadCall, Call, ToolName, parse};

/// Seconds that a command may take if its call names none.
const DEFAULT_TIMEOUT_S: u32 = 120;
/// Seconds that a command may take at most.
const MOST_TIMEOUT_S: u32 = 600;
/// Cells of a label.
const LABEL_CELLS: usize = 100;
/// Bytes kept of a summary or a finding.
const WORDS_BYTES: usize = 4_000;

/// The calls of a reply in order.
#[must_use]
pub fn calls(reply: &Reply, role: &Role) -> Vec<CallState> {
    reply.calls().map(|call| state(call, role)).collect()
}

fn state(call: &ToolUse, role: &Role) -> CallState {
    let parsed = parse(&call.name, &call.args).and_then(|(tool, parsed)| {
        if role.tools.contains(&tool) {
            Ok((tool, parsed))
        } else {
            Err(BadCall::NotOffered(tool))
        }
    });
    let (label, shape) = match parsed {
        Ok((tool, parsed)) => (label(tool, &parsed), shape(tool, parsed)),
        Err(bad) => (call.name.clone(), Shape::Bad(bad.to_string())),
    };
    let same = Digest::of(format!("{}\0{}", call.name, canonical(&call.args)).as_bytes());
    CallState {
        id: call.id.clone(),
        label: clip(&label.replace('\n', " "), LABEL_CELLS),
        same,
        shape,
        answer: None,
    }
}

/// The arguments with sorted keys, so that the same call is known again.
fn canonical(args: &str) -> String {
    let sorted: Result<std::collections::BTreeMap<String, serde_json::Value>, _> =
        serde_json::from_str(args);
    sorted
        .ok()
        .and_then(|sorted| serde_json::to_string(&sorted).ok())
        .unwrap_or_else(|| args.to_owned())
}

fn label(tool: ToolName, call: &Call) -> String {
    let object = match call {
        Call::ReadFile(args) => args.path.clone(),
        Call::ListFiles(args) => args.path.clone().unwrap_or_else(|| ".".to_owned()),
        Call::Search(args) => args.pattern.clone(),
        Call::EditFile(args) => args.path.clone(),
        Call::WriteFile(args) => args.path.clone(),
        Call::MoveFile(args) => format!("{} to {}", args.from, args.to),
        Call::DeleteFile(args) => args.path.clone(),
        Call::RunCommand(args) => args.command.clone(),
        Call::ReadOutput(args) => args.handle.clone(),
        Call::ShowDiff(args) => args.path.clone().unwrap_or_default(),
        Call::AskHuman(args) => args.question.clone(),
        Call::Message(args) => format!("to {}: {}", args.to, args.text),
        Call::Note(args) => args.text.clone(),
        Call::Finish(args) => args.summary.clone(),
        Call::ProposePlan(args) => format!("{} tasks", args.tasks.len()),
        Call::Verdict(args) => if args.accepted {
            "accepted"
        } else {
            "rejected"
        }
        .to_owned(),
    };
    format!("{tool} {object}")
}

fn shape(tool: ToolName, call: Call) -> Shape {
    match call {
        Call::ReadFile(_)
        | Call::ListFiles(_)
        | Call::Search(_)
        | Call::EditFile(_)
        | Call::WriteFile(_)
        | Call::MoveFile(_)
        | Call::DeleteFile(_)
        | Call::ReadOutput(_)
        | Call::ShowDiff(_) => Shape::Work(tool),
        Call::RunCommand(args) => Shape::Command {
            command: args.command,
            timeout_s: args
                .timeout_s
                .unwrap_or(DEFAULT_TIMEOUT_S)
                .clamp(1, MOST_TIMEOUT_S),
        },
        Call::AskHuman(args) if args.question.trim().is_empty() => {
            Shape::Bad("the question is empty".to_owned())
        }
        Call::AskHuman(args) => Shape::Ask(args),
        Call::Message(args) => Shape::Message(args),
        Call::Note(args) => Shape::Note(cut(args.text)),
        Call::Finish(args) => Shape::Finish {
            summary: cut(args.summary),
            claims: args.criteria,
        },
        Call::ProposePlan(args) => Shape::Plan(args),
        Call::Verdict(mut args) => {
            args.summary = cut(args.summary);
            Shape::Verdict(args)
        }
    }
}

fn cut(text: String) -> String {
    if text.len() <= WORDS_BYTES {
        return text;
    }
    let mut kept: String = text.chars().take(WORDS_BYTES / 4).collect();
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::tokens::TokenUsage;
    use crate::domain::llm::{Block, StopReason};
    use crate::engine::agents::built_in_roles;

    fn states(name: &str, args: &str) -> Vec<CallState> {
        let call = ToolUse {
            id: "1".to_owned(),
            name: name.to_owned(),
            args: args.to_owned(),
        };
        let reply = Reply {
            blocks: vec![Block::ToolUse(call)],
            stop: StopReason::ToolUse,
            usage: TokenUsage::default(),
        };
        let role = built_in_roles()
            .into_iter()
            .find(|role| role.key == "backend")
            .unwrap();
        calls(&reply, &role)
    }

    #[test]
    fn a_tool_that_the_role_lacks_is_named() {
        let state = states("verdict", r#"{"accepted":true,"summary":"fine"}"#).remove(0);
        assert_eq!(
            state.shape,
            Shape::Bad(
                "this role does not have the tool verdict: use one of those that you were given"
                    .to_owned()
            )
        );
    }

    #[test]
    fn the_same_call_is_known_whatever_the_order_of_its_fields() {
        let one = states("read_file", r#"{"path":"a","lines":3}"#).remove(0);
        let other = states("read_file", r#"{ "lines": 3, "path": "a" }"#).remove(0);
        assert_eq!(one.same, other.same);
        assert_eq!(one.label, "read_file a");
    }

    #[test]
    fn a_commands_time_is_bounded() {
        let state = states("run_command", r#"{"command":"sleep 9","timeout_s":9999}"#).remove(0);
        assert_eq!(
            state.shape,
            Shape::Command {
                command: "sleep 9".to_owned(),
                timeout_s: 600
            }
        );
    }
}
