//! What effects are carried out with.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use crate::base::body::Body;
use crate::base::id::TaskId;
use crate::base::secret::Redactor;
use crate::domain::change::checks::CheckSpec;
use crate::engine::agents::Fragments;
use crate::engine::changes::Changes;
use crate::engine::llm::Gateway;
use crate::engine::ports::blobs::Blobs;
use crate::engine::ports::sandbox::Sandbox;
use crate::engine::tools::Workplace;

/// What a project says about itself at a commit.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// Its checks.
    pub checks: Vec<CheckSpec>,
    /// Its instructions to agents.
    pub instructions: Option<String>,
}

/// Looks at a project, checked out in a folder; or says why nothing of it may be used.
pub type ProjectOf = Arc<dyn Fn(&Path) -> Result<Project, String> + Send + Sync>;

/// What a project changes about how it is worked in.
#[derive(Clone, Debug)]
pub struct Custom {
    /// The parts of prompts.
    pub fragments: Arc<Fragments>,
    /// A command that makes a new worktree ready.
    pub setup: Option<String>,
    /// Files of the user's checkout that git ignores and worktrees need, by glob; copied from there.
    pub include: Vec<String>,
}

impl Custom {
    /// These prompts and nothing else.
    #[must_use]
    pub const fn plain(fragments: Arc<Fragments>) -> Self {
        Self {
            fragments,
            setup: None,
            include: Vec::new(),
        }
    }
}

/// Everything at hand.
#[derive(Clone)]
pub struct Workshop {
    /// The repository.
    pub changes: Changes,
    /// The models.
    pub gateway: Gateway,
    /// Where commands run.
    pub sandbox: Arc<dyn Sandbox>,
    /// Where long texts are kept.
    pub blobs: Arc<dyn Blobs>,
    /// Takes secrets out of what agents see.
    pub redactor: Arc<Redactor>,
    /// The environment of commands.
    pub environment: Vec<(String, String)>,
    /// What commands may read beside their worktree: git's common folder.
    pub read_only: Vec<PathBuf>,
    /// Looks at a project.
    pub project: ProjectOf,
    /// What the project changes about how it is worked in; whoever starts sprints may send a newer one.
    pub custom: watch::Receiver<Custom>,
    /// The user's checkout.
    pub root: PathBuf,
}

impl Workshop {
    /// What the project changes, as it is now.
    #[must_use]
    pub fn custom(&self) -> Custom {
        self.custom.borrow().clone()
    }

    /// Where commands of a task run.
    #[must_use]
    pub fn workplace(&self, task: TaskId) -> Workplace {
        self.place(self.changes.worktree(task))
    }

    /// A place for commands in any worktree.
    #[must_use]
    pub fn place(&self, worktree: PathBuf) -> Workplace {
        Workplace {
            worktree,
            sandbox: self.sandbox.clone(),
            blobs: self.blobs.clone(),
            redactor: self.redactor.clone(),
            read_only: self.read_only.clone(),
            environment: self.environment.clone(),
        }
    }

    /// Keeps a text and gives its body.
    ///
    /// # Errors
    /// It cannot be kept; the text says why.
    pub fn keep(&self, text: &str) -> Result<Body, String> {
        let body = Body::of(text);
        if body.digest().is_some() {
            self.blobs
                .put(text.as_bytes())
                .map_err(|failure| failure.to_string())?;
        }
        Ok(body)
    }

    /// The text of a body.
    ///
    /// # Errors
    /// It is missing or damaged; the text says so.
    pub fn text(&self, body: &Body) -> Result<String, String> {
        let bytes = self
            .changes
            .bytes(body)
            .map_err(|failure| failure.to_string())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
