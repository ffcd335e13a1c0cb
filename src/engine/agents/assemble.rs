//! From a brief to the request that a model gets: rules, task, and the conversation so far, byte-stable from call to call.

use crate::base::body::Body;
use crate::domain::agent::{Nudge, Opening, RoleKind};
use crate::domain::change::checks::CheckResult;
use crate::domain::journal::{ModelBrief, Speech, TaskFacts};
use crate::domain::llm::{Block, Message, Metadata, Request, Speaker};
use crate::domain::sprint::Proof;
use crate::domain::tool::ToolName;
use crate::engine::agents::{
    BadFill, CriterionLine, Fragments, Template, assemble_prefix, criteria_text,
};
use crate::engine::tools::offers::{BadOffer, offers};

/// Why no request can be made.
#[derive(Debug, thiserror::Error)]
pub enum BadRequest {
    /// A text is missing.
    #[error("could not read a text of the conversation: {0}")]
    Text(String),
    /// A template and its values do not fit; a fault of the program's own files.
    #[error("could not fill a template: {0}")]
    Fill(#[from] BadFill),
    /// A tool's file is broken; a fault of the program's own files.
    #[error(transparent)]
    Offer(#[from] BadOffer),
}

/// Fetches the text of a body.
pub type Texts<'a> = &'a dyn Fn(&Body) -> Result<String, String>;

/// Makes the request for the next reply.
///
/// # Errors
/// A text cannot be read, or the program's own files do not fit one another.
pub fn assemble(
    brief: &ModelBrief,
    fragments: &Fragments,
    texts: Texts<'_>,
) -> Result<Request, BadRequest> {
    let text = |body: &Body| texts(body).map_err(BadRequest::Text);
    let instructions = brief.instructions.as_ref().map(&text).transpose()?;
    let goal = text(&brief.goal)?;
    let task = first_words(brief, &goal)?;
    let prefix = assemble_prefix(&brief.role, fragments, instructions.as_deref(), &task);
    let mut messages = vec![Message::user(prefix.first_user)];
    for speech in &brief.speeches {
        match speech {
            Speech::Opening(opening, round) => {
                if let Some(words) = opening_words(brief, opening, *round)? {
                    say(&mut messages, Speaker::User, vec![Block::Text(words)]);
                }
            }
            Speech::Reply(body) => {
                let json = text(body)?;
                let mut blocks: Vec<Block> = serde_json::from_str(&json)
                    .map_err(|error| BadRequest::Text(error.to_string()))?;
                if blocks.is_empty() {
                    // Providers take no message without content.
                    blocks.push(Block::Text("(no words)".to_owned()));
                }
                say(&mut messages, Speaker::Assistant, blocks);
            }
            Speech::Results(results) => {
                let blocks = results.iter().map(|(id, body, is_error)| {
                    Ok(Block::ToolResult {
                        id: id.clone(),
                        text: text(body)?,
                        is_error: *is_error,
                    })
                });
                say(
                    &mut messages,
                    Speaker::User,
                    blocks.collect::<Result<_, BadRequest>>()?,
                );
            }
            Speech::Stubs(results) => {
                let blocks = results
                    .iter()
                    .map(|(id, body, is_error)| Block::ToolResult {
                        id: id.clone(),
                        text: stub(body),
                        is_error: *is_error,
                    });
                say(&mut messages, Speaker::User, blocks.collect());
            }
            Speech::Words(nudges) => {
                let blocks = nudges
                    .iter()
                    .map(|nudge| Ok(Block::Text(nudge_words(brief, nudge, texts)?)));
                say(
                    &mut messages,
                    Speaker::User,
                    blocks.collect::<Result<_, BadRequest>>()?,
                );
            }
        }
    }
    Ok(Request {
        model: brief.choice.route.model.clone(),
        system: prefix.system,
        messages,
        tools: if is_summing(brief) {
            Vec::new()
        } else {
            offers(&tools(brief))?
        },
        max_output: brief.choice.max_output,
        metadata: Metadata {
            attempt: brief.attempt,
            step: brief.step,
            role: brief.role.key.clone(),
            slug: match &brief.task {
                Some(task) => task.spec.slug.clone(),
                None if is_summing(brief) => "summary".to_owned(),
                None => "plan".to_owned(),
            },
            goal,
        },
    })
}

/// Speakers alternate: what the same one says next joins the message before.
fn say(messages: &mut Vec<Message>, speaker: Speaker, blocks: Vec<Block>) {
    match messages.last_mut() {
        Some(last) if last.speaker == speaker => last.blocks.extend(blocks),
        _ => messages.push(Message { speaker, blocks }),
    }
}

fn is_summing(brief: &ModelBrief) -> bool {
    matches!(brief.attempt.work, crate::base::id::Work::Summary(_))
}

/// The role's tools that fit what it does now.
fn tools(brief: &ModelBrief) -> Vec<ToolName> {
    brief.role.tools.clone()
}

fn first_words(brief: &ModelBrief, goal: &str) -> Result<String, BadRequest> {
    let checks = list(
        brief
            .checks
            .iter()
            .map(|check| format!("{} ({})", check.command, check.kind)),
        "none found",
    );
    let team = list(
        brief
            .workers
            .iter()
            .map(|(key, charge)| format!("`{key}`: {charge}")),
        "nobody",
    );
    let Some(task) = &brief.task else {
        if is_summing(brief) {
            let id = brief.attempt.work.sprint().to_string();
            let record = list(brief.outcomes.iter().cloned(), "no tasks");
            return Ok(Template::SumUp.fill(&[
                ("id", &id),
                ("goal", goal),
                ("record", &record),
            ])?);
        }
        return Ok(Template::Goal.fill(&[("goal", goal), ("team", &team), ("checks", &checks)])?);
    };
    let id = task.id.to_string();
    let criteria = criteria_text(&criteria(task));
    let detail = if task.spec.detail.is_empty() {
        "No more detail."
    } else {
        &task.spec.detail
    };
    if brief.role.kind == RoleKind::Judge {
        let checked = list(brief.checked.iter().cloned(), "none were found");
        let claims = if task.summary.is_empty() {
            "none"
        } else {
            &task.summary
        };
        let values = [
            ("id", id.as_str()),
            ("title", &task.spec.title),
            ("author", &task.author),
            ("detail", detail),
            ("criteria", &criteria),
            ("claims", claims),
            ("checks", &checked),
            ("notes", "none"),
        ];
        return Ok(Template::Judge.fill(&values)?);
    }
    let touches = list(task.spec.touches.iter().cloned(), "not said");
    let before = list(brief.before.iter().cloned(), "nothing");
    let values = [
        ("id", id.as_str()),
        ("title", &task.spec.title),
        ("detail", detail),
        ("goal", goal),
        ("criteria", &criteria),
        ("touches", &touches),
        ("checks", &checks),
        ("before", &before),
        ("notes", "none"),
        ("team", &team),
    ];
    Ok(Template::Task.fill(&values)?)
}

fn criteria(task: &TaskFacts) -> Vec<CriterionLine> {
    let lines = task
        .spec
        .criteria
        .iter()
        .enumerate()
        .map(|(place, criterion)| CriterionLine {
            id: format!("c{}", place + 1),
            text: criterion.text.clone(),
            proof: match &criterion.proof {
                Proof::Command(command) => Some(command.clone()),
                Proof::Human => None,
            },
        });
    lines.collect()
}

/// What an attempt is told beyond the task: why it is there again.
fn opening_words(
    brief: &ModelBrief,
    opening: &Opening,
    round: u32,
) -> Result<Option<String>, BadRequest> {
    let (round, rounds) = (round.to_string(), brief.max_rounds.to_string());
    let rounds: [(&str, &str); 2] = [("round", &round), ("rounds", &rounds)];
    let fill = |template: Template, values: &[(&str, &str)]| {
        let all: Vec<_> = rounds.iter().chain(values).copied().collect();
        template.fill(&all).map(Some)
    };
    Ok(match opening {
        Opening::Plan | Opening::Task | Opening::Judge | Opening::Summary => None,
        Opening::PlanRejected(why) => Some(Template::PlanRejected.fill(&[("reason", why)])?),
        Opening::Again(note) => Some(Template::Again.fill(&[("why", note)])?),
        Opening::ChecksFailed(red) => {
            fill(Template::ChecksFailed, &[("failures", &failures(red))])?
        }
        Opening::ProofsFailed(red) => {
            fill(Template::ProofsFailed, &[("failures", &failures(red))])?
        }
        Opening::Judged(verdict) => {
            let findings = list(verdict.findings.iter().cloned(), "none beyond the summary");
            let values = [
                ("judge", brief.judge.as_str()),
                ("summary", &verdict.summary),
                ("findings", &findings),
            ];
            fill(Template::QaRejected, &values)?
        }
        Opening::Changes(hunks, comment) => {
            let lines = hunks.iter().map(|hunk| {
                let reason = if hunk.reason.is_empty() {
                    "no reason given"
                } else {
                    &hunk.reason
                };
                format!("{} line {}: {reason}", hunk.path, hunk.line)
            });
            let hunks = list(lines, "none");
            let comment = if comment.is_empty() {
                "nothing"
            } else {
                comment
            };
            fill(
                Template::HunksRejected,
                &[("hunks", &hunks), ("comment", comment)],
            )?
        }
        Opening::Conflict(paths) => {
            let files = list(
                paths.iter().cloned(),
                "no marks: both merge cleanly, but together the checks are red; run them",
            );
            let other =
                "tasks of this sprint that were merged meanwhile; their files are in your worktree";
            Some(Template::Conflict.fill(&[("files", &files), ("other", other)])?)
        }
    })
}

fn failures(red: &[CheckResult]) -> String {
    let each = red.iter().map(|check| {
        format!(
            "$ {}\nexit {}\n{}",
            check.spec.command, check.exit, check.tail
        )
    });
    each.collect::<Vec<_>>().join("\n\n")
}

fn nudge_words(brief: &ModelBrief, nudge: &Nudge, texts: Texts<'_>) -> Result<String, BadRequest> {
    Ok(match nudge {
        Nudge::NoCall => {
            let template = match brief.role.kind {
                RoleKind::Planner => Template::PlanMissing,
                RoleKind::Worker => Template::CallFinish,
                RoleKind::Judge => Template::CallVerdict,
            };
            template.fill(&[])?
        }
        Nudge::Brake(sign) => Template::LoopBrake.fill(&[("evidence", sign.evidence())])?,
        Nudge::Steer { text, .. } => {
            let text = texts(text).map_err(BadRequest::Text)?;
            Template::Steered.fill(&[("text", &text)])?
        }
    })
}

fn stub(body: &Body) -> String {
    if body.bytes() < 400 {
        return body.first_line();
    }
    format!(
        "[{} bytes, left out to save room; begins: {}]",
        body.bytes(),
        body.first_line()
    )
}

fn list(items: impl Iterator<Item = String>, none: &str) -> String {
    let lines: Vec<String> = items.map(|item| format!("- {item}")).collect();
    if lines.is_empty() {
        none.to_owned()
    } else {
        lines.join("\n")
    }
}
