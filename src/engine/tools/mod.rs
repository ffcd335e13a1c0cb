//! The tools that touch files and processes. A [`Desk`] is where one task's agent works: its worktree, its sandbox, and where long
//! results are kept. Whether a call may run, and the tools that only talk (`ask_human`, `finish` and the like), are decided elsewhere.

mod command;
mod exact;
mod files;
mod look;
pub mod offers;
mod reply;
#[cfg(test)]
mod tests;
pub(crate) mod tree;
mod walk;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::base::id::{Digest, Oid};
use crate::base::path::RepoPath;
use crate::base::secret::Redactor;
use crate::domain::tool::{Call, EditFact, Outcome, args};
use crate::engine::ports::blobs::Blobs;
use crate::engine::ports::sandbox::{Job, Sandbox};

pub(crate) use command::displayable;
use files::Refused;
pub(crate) use files::changed_lines;
use reply::{RESULT_BYTES, Reply};

/// What a command needs to run for a task; tools and checks share it.
#[derive(Clone)]
pub struct Workplace {
    /// The task's worktree, under its true name (no links).
    pub worktree: PathBuf,
    /// Where commands run.
    pub sandbox: Arc<dyn Sandbox>,
    /// Where long results are kept.
    pub blobs: Arc<dyn Blobs>,
    /// Takes secrets out of results, and puts them back into edits.
    pub redactor: Arc<Redactor>,
    /// What commands must be able to read beside the worktree, such as git's common folder.
    pub read_only: Vec<PathBuf>,
    /// All of a command's environment.
    pub environment: Vec<(String, String)>,
}

/// Bytes of output after which a command is killed.
const OUTPUT_LIMIT: u64 = 64 << 20;

impl Workplace {
    /// A job at the top of the worktree.
    #[must_use]
    pub fn job(&self, command: &str, timeout_s: u32) -> Job {
        Job {
            command: command.to_owned(),
            cwd: self.worktree.clone(),
            worktree: self.worktree.clone(),
            read_only: self.read_only.clone(),
            environment: self.environment.clone(),
            timeout_ms: u64::from(timeout_s) * 1000,
            output_limit: OUTPUT_LIMIT,
        }
    }
}

/// Sees what happens to the worktree as git sees it. The engine gives one that asks its version control.
pub trait Witness: Send + Sync {
    /// Writes down how the files stand: the tree of all that are tracked or not ignored.
    ///
    /// # Errors
    /// It cannot be told; the text says why.
    fn mark(&self) -> BoxFuture<'_, Result<Oid, String>>;

    /// What changed since then.
    ///
    /// # Errors
    /// It cannot be told; the text says why.
    fn since(&self, mark: Oid) -> BoxFuture<'_, Result<Vec<EditFact>, String>>;

    /// The task's whole change as a unified diff, or that of one file or folder.
    ///
    /// # Errors
    /// It cannot be made; the text says why.
    fn diff(&self, path: Option<RepoPath>) -> BoxFuture<'_, Result<Vec<u8>, String>>;
}

/// What one call needs to know beyond its arguments.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The long results of this attempt so far ([`Outcome::rest`]); `read_output` reads these and no others.
    pub outputs: &'a [Digest],
    /// Hears what a command prints, in whole lines and without secrets; must not block.
    pub progress: &'a (dyn Fn(&str) + Send + Sync),
}

/// Where one task's agent works.
#[derive(Clone)]
pub struct Desk {
    /// The worktree and what belongs to it.
    pub place: Workplace,
    /// Sees edits by commands.
    pub witness: Arc<dyn Witness>,
}

impl Desk {
    /// Does what the call asks for. Never fails: what went wrong is in the outcome, with what to do instead. An edit that has begun
    /// is finished even if the future is dropped; a command is killed.
    pub async fn run(&self, call: &Call, context: Context<'_>) -> Outcome {
        match call {
            Call::RunCommand(args) => command::run(self, args, context).await,
            Call::ShowDiff(args) => self.diff(args).await,
            Call::ReadOutput(args) => self.output(args, context).await,
            Call::ReadFile(_)
            | Call::ListFiles(_)
            | Call::Search(_)
            | Call::EditFile(_)
            | Call::WriteFile(_)
            | Call::MoveFile(_)
            | Call::DeleteFile(_) => self.files(call.clone()).await,
            Call::AskHuman(_)
            | Call::Message(_)
            | Call::Note(_)
            | Call::Finish(_)
            | Call::ProposePlan(_)
            | Call::Verdict(_) => {
                let reply = Reply::error("this tool is answered by the program itself, not here");
                self.finish(reply, RESULT_BYTES).await
            }
        }
    }

    async fn files(&self, call: Call) -> Outcome {
        let (worktree, redactor) = (self.place.worktree.clone(), self.place.redactor.clone());
        let work = move || match &call {
            Call::ReadFile(args) => files::read(&worktree, args),
            Call::ListFiles(args) => look::list(&worktree, args),
            Call::Search(args) => look::search(&worktree, args),
            Call::EditFile(args) => files::edit(&worktree, &redactor, args),
            Call::WriteFile(args) => files::write(&worktree, &redactor, args),
            Call::MoveFile(args) => files::rename(&worktree, args),
            Call::DeleteFile(args) => files::delete(&worktree, args),
            Call::RunCommand(_)
            | Call::ReadOutput(_)
            | Call::ShowDiff(_)
            | Call::AskHuman(_)
            | Call::Message(_)
            | Call::Note(_)
            | Call::Finish(_)
            | Call::ProposePlan(_)
            | Call::Verdict(_) => Ok(Reply::error("not a tool for files")),
        };
        let reply = match tokio::task::spawn_blocking(work).await {
            Ok(result) => result.unwrap_or_else(|refused| Reply::error(refused.to_string())),
            Err(_) => Reply::error("the tool broke off; look at the file before you go on"),
        };
        self.finish(reply, RESULT_BYTES).await
    }

    async fn diff(&self, args: &args::ShowDiff) -> Outcome {
        let path = match args.path.as_deref() {
            None | Some("" | "." | "./") => Ok(None),
            Some(text) => files::path(text).map(Some),
        };
        let reply = match path {
            Err(refused) => Reply::error(refused.to_string()),
            Ok(path) => match self.witness.diff(path).await {
                Err(why) => Reply::error(format!("the diff could not be made: {why}")),
                Ok(bytes) if bytes.is_empty() => Reply::of("no changes\n".to_owned(), "no changes"),
                Ok(bytes) => {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let lines = text.lines().count();
                    Reply::of(text, format!("{lines} lines of diff"))
                }
            },
        };
        self.finish(reply, RESULT_BYTES).await
    }

    async fn output(&self, args: &args::ReadOutput, context: Context<'_>) -> Outcome {
        let known = context.outputs.iter().rev();
        let found = known
            .copied()
            .find(|digest| reply::handle(digest) == args.handle);
        let blobs = self.place.blobs.clone();
        let (from, lines) = (args.from_line, args.lines);
        let work = move || {
            let digest = found.ok_or_else(|| {
                "there is no such handle: give one that a result of this attempt named".to_owned()
            })?;
            let bytes = blobs.get(&digest).map_err(|failure| failure.to_string())?;
            let text = String::from_utf8_lossy(&bytes);
            reply::part(&text, from, lines).map_err(|why| why.to_string())
        };
        let reply = match tokio::task::spawn_blocking(work).await {
            Ok(result) => result.unwrap_or_else(Reply::error),
            Err(_) => Reply::error("the result could not be read"),
        };
        self.finish(reply, RESULT_BYTES).await
    }

    async fn finish(&self, reply: Reply, limit: usize) -> Outcome {
        let (redactor, blobs) = (self.place.redactor.clone(), self.place.blobs.clone());
        let work = move || reply.finish(&redactor, &blobs, limit);
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|_| Outcome {
                text: "the result could not be kept".to_owned(),
                is_error: true,
                brief: "lost".to_owned(),
                exit: None,
                rest: None,
                edits: Vec::new(),
            })
    }
}

impl From<Refused> for Reply {
    fn from(refused: Refused) -> Self {
        Self::error(refused.to_string())
    }
}
