//! `aios roles` and `aios dump-prompt`: who is in the team, and what each is told.

use serde_json::json;

use crate::base::text::SafeText;
use crate::boot::dispatch::{Halt, Outcome};
use crate::boot::wiring::project::{Grant, Reading};
use crate::boot::wiring::site::{Person, Site, ours};
use crate::cli::ExitCode;
use crate::cli::args::{Args, DumpPrompt};
use crate::cli::errors::{Problem, table};
use crate::cli::output::Out;
use crate::domain::agent::{Role, RoleKind};
use crate::engine::agents::{Fragments, Prefix, Template, assemble_prefix, built_in_roles};

/// What a role is told here.
struct Told {
    team: Vec<Role>,
    fragments: Fragments,
    instructions: Option<String>,
}

/// In a repository its own, if it is trusted; elsewhere what the program brings.
fn told(args: &Args, out: &mut Out) -> Result<Told, Halt> {
    let person = Person::of_process(args)?;
    let Ok(site) = Site::find(person) else {
        return Ok(Told {
            team: built_in_roles(),
            fragments: Fragments::built_in().map_err(ours)?,
            instructions: None,
        });
    };
    let reading = Reading::of(&site, Grant::Before)?;
    if !reading.trust.is_given() {
        out.note(
            "the repository is not trusted: its roles, prompts and instructions are left out",
        )?;
    }
    Ok(Told {
        team: reading.team,
        fragments: reading.fragments,
        instructions: reading.instructions,
    })
}

/// Lists the roles.
///
/// # Errors
/// A role's file has an error, or the output is gone.
pub fn list(args: &Args, out: &mut Out) -> Outcome {
    for role in told(args, out)?.team {
        if out.is_json() {
            let tools: Vec<String> = role.tools.iter().map(ToString::to_string).collect();
            out.object(&json!({
                "key": role.key, "name": role.name, "title": role.title, "kind": role.kind.to_string(),
                "tier": role.tier.to_string(), "charge": role.charge, "tools": tools,
            }))?;
        } else {
            let line = format!(
                "{:<10} {:<8} {:<9} {:<22} {}",
                role.key, role.name, role.tier, role.title, role.charge
            );
            out.text(SafeText::line(&line).as_str())?;
        }
    }
    Ok(ExitCode::Done)
}

/// Prints what a role is told.
///
/// # Errors
/// There is no such role, or the output is gone.
pub fn dump(args: &Args, dump: &DumpPrompt, out: &mut Out) -> Outcome {
    let told = told(args, out)?;
    let wanted = |role: &&Role| role.key == dump.role || role.name.eq_ignore_ascii_case(&dump.role);
    let Some(role) = told.team.iter().find(wanted) else {
        let names: Vec<&str> = told.team.iter().map(|role| role.key.as_str()).collect();
        let problem = Problem::new(
            &table::NO_SUCH_ITEM,
            format!("there is no role {}", dump.role),
        );
        return Err(problem
            .hint(format!("name one of {}", names.join(", ")))
            .into());
    };
    let first = first(role.kind, &told.team)?;
    let prefix = assemble_prefix(role, &told.fragments, told.instructions.as_deref(), &first);
    if out.is_json() {
        let tokens: Vec<_> = prefix
            .tokens
            .iter()
            .map(|(part, tokens)| json!({ "part": part, "tokens": tokens }))
            .collect();
        out.object(&json!({ "role": role.key, "system": prefix.system, "first": prefix.first_user, "tokens": tokens }))?;
    } else {
        let text = SafeText::block(&text(&prefix));
        out.text(text.as_str())?;
    }
    Ok(ExitCode::Done)
}

fn text(prefix: &Prefix) -> String {
    let all: u64 = prefix.tokens.iter().map(|(_, tokens)| tokens).sum();
    let parts: Vec<String> = prefix
        .tokens
        .iter()
        .map(|(part, tokens)| format!("{part} {tokens}"))
        .collect();
    format!(
        "{}\n\n----- first message -----\n\n{}\n\n----- about {all} tokens: {} -----",
        prefix.system,
        prefix.first_user,
        parts.join(", ")
    )
}

/// The first message with placeholders in the place of a real task.
fn first(kind: RoleKind, team: &[Role]) -> Result<String, Problem> {
    let workers = team.iter().filter(|role| role.kind == RoleKind::Worker);
    let workers: Vec<String> = workers
        .map(|role| format!("- `{}`: {}", role.key, role.charge))
        .collect();
    let workers = workers.join("\n");
    let (title, detail) = ("(the task's title)", "(what its author needs to know)");
    let criteria = "- c1: (what must be true)\n  proof: (a command)";
    let checks = "(the project's checks)";
    let filled = match kind {
        RoleKind::Planner => Template::Goal.fill(&[
            ("goal", "(the goal)"),
            ("team", &workers),
            ("checks", checks),
        ]),
        RoleKind::Worker => Template::Task.fill(&[
            ("id", "s1.t1"),
            ("title", title),
            ("detail", detail),
            ("goal", "(the goal)"),
            ("criteria", criteria),
            ("touches", "(globs)"),
            ("checks", checks),
            ("before", "nothing"),
            ("notes", "none"),
            ("team", &workers),
        ]),
        RoleKind::Judge => Template::Judge.fill(&[
            ("id", "s1.t1"),
            ("title", title),
            ("author", "(the author)"),
            ("detail", detail),
            ("criteria", criteria),
            ("claims", "(the author's claims)"),
            ("checks", checks),
            ("notes", "none"),
        ]),
    };
    filled.map_err(ours)
}
