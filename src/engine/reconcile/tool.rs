//! Making the call of an agent, and getting a worktree ready for it.

use std::path::Path;
use std::sync::Arc;

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;

use crate::base::id::{CriterionId, Digest};
use crate::domain::agent::Answer;
use crate::domain::journal::{Effect, EffectKey, Report, World};
use crate::domain::llm::Block;
use crate::domain::tool::{Call, Outcome, parse};
use crate::engine::changes::VcsWitness;
use crate::engine::reconcile::Workshop;
use crate::engine::reconcile::carry::Carrier;
use crate::engine::tools::{Context, Desk};

/// Ignored files that are copied into a worktree, at most.
const MOST_INCLUDED: usize = 10_000;

/// The long results of an attempt so far, which it may read more of.
pub(super) fn outputs(world: &World, key: &EffectKey) -> Vec<Digest> {
    let EffectKey::Tool { attempt, .. } = key else {
        return Vec::new();
    };
    let mut outputs = Vec::new();
    let mut next = world.attempt(*attempt);
    while let Some(attempt) = next {
        let answers = attempt
            .steps
            .iter()
            .flat_map(|step| &step.calls)
            .filter_map(|call| call.answer.as_ref());
        outputs.extend(answers.filter_map(|answer| answer.rest));
        next = attempt.continues.and_then(|before| world.attempt(before));
    }
    outputs
}

impl Carrier {
    pub(super) async fn tool(&self, effect: Effect, outputs: &[Digest]) -> Report {
        let Effect::Tool {
            attempt,
            task,
            reply,
            call: id,
            base,
        } = effect
        else {
            return Report::Failed("not a call".to_owned());
        };
        let shop = self.shop.clone();
        let read = tokio::task::spawn_blocking(move || shop.text(&reply)).await;
        let call = match read {
            Ok(Ok(json)) => find(&json, &id),
            Ok(Err(why)) => Err(why),
            Err(_) => Err("the reply could not be read".to_owned()),
        };
        let call = match call {
            Ok(call) => call,
            Err(why) => return Report::Failed(why),
        };
        let worktree = match &task {
            Some(task) => self.shop.changes.worktree(task.id),
            None => self.shop.changes.base_worktree(attempt.work.sprint()),
        };
        let witness = VcsWitness {
            vcs: self.shop.changes.vcs.clone(),
            worktree: worktree.clone(),
            base: task.as_ref().and_then(|task| task.base.clone()).or(base),
        };
        let desk = Desk {
            place: self.shop.place(worktree),
            witness: Arc::new(witness),
        };
        let _permit = match &call {
            Call::RunCommand(_) => self.limits.commands.acquire().await.ok(),
            _ => None,
        };
        let progress = |more: &str| self.handle.signals.say(self.key, more);
        let outcome = desk
            .run(
                &call,
                Context {
                    outputs,
                    progress: &progress,
                },
            )
            .await;
        self.answered(outcome, criterion(&call)).await
    }

    async fn answered(&self, outcome: Outcome, criterion: Option<CriterionId>) -> Report {
        let shop = self.shop.clone();
        let text = outcome.text;
        let kept = tokio::task::spawn_blocking(move || shop.keep(&text)).await;
        let text = match kept {
            Ok(Ok(text)) => text,
            Ok(Err(why)) => return Report::Failed(why),
            Err(_) => return Report::Failed("the result could not be kept".to_owned()),
        };
        let answer = Answer {
            text,
            is_error: outcome.is_error,
            brief: outcome.brief,
            exit: outcome.exit,
            rest: outcome.rest,
        };
        Report::Tool {
            answer,
            edits: outcome.edits,
            criterion,
        }
    }
}

/// The call of that id in a reply's blocks.
fn find(json: &str, id: &str) -> Result<Call, String> {
    let blocks: Vec<Block> = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let call = blocks.iter().find_map(|block| match block {
        Block::ToolUse(call) if call.id == id => Some(call),
        _ => None,
    });
    let call = call.ok_or_else(|| format!("no call {id} in the reply"))?;
    parse(&call.name, &call.args)
        .map(|(_, call)| call)
        .map_err(|bad| bad.to_string())
}

fn criterion(call: &Call) -> Option<CriterionId> {
    let named = match call {
        Call::EditFile(args) => args.criterion.as_deref(),
        Call::WriteFile(args) => args.criterion.as_deref(),
        Call::MoveFile(args) => args.criterion.as_deref(),
        Call::DeleteFile(args) => args.criterion.as_deref(),
        Call::RunCommand(args) => args.criterion.as_deref(),
        _ => None,
    };
    named.and_then(|name| name.parse().ok())
}

/// Copies files that git ignores and worktrees need (`worktree.include`) from the user's checkout.
pub(super) fn include(shop: &Workshop, worktree: &Path) -> Result<(), String> {
    let include = shop.custom().include;
    if include.is_empty() {
        return Ok(());
    }
    let mut globs = OverrideBuilder::new(&shop.root);
    for glob in &include {
        globs
            .add(glob)
            .map_err(|error| format!("worktree.include: {error}"))?;
    }
    let globs = globs
        .build()
        .map_err(|error| format!("worktree.include: {error}"))?;
    let walk = WalkBuilder::new(&shop.root)
        .standard_filters(false)
        .overrides(globs)
        .follow_links(false)
        .build();
    let files = walk
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    for entry in files.take(MOST_INCLUDED) {
        let Ok(relative) = entry.path().strip_prefix(&shop.root) else {
            continue;
        };
        if relative.starts_with(".git") {
            continue;
        }
        let target = worktree.join(relative);
        if target.exists() {
            continue;
        }
        let say = |error: std::io::Error| {
            format!(
                "worktree.include: could not copy {}: {error}",
                relative.display()
            )
        };
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder).map_err(say)?;
        }
        // By way of another name, so that a copy that was broken off is not taken for the file.
        let part = target.with_file_name(format!(".aios-write-{:016x}", std::process::id()));
        std::fs::copy(entry.path(), &part).map_err(say)?;
        std::fs::rename(&part, &target).map_err(say)?;
    }
    Ok(())
}
