//! Where the program works: the repository here, its id, its folders. Nothing of the repository is trusted or run for this.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::adapters::vcs::git::GitRepo;
use crate::boot::config::{self, Effective, Settings};
use crate::boot::look::Look;
use crate::boot::places::{Environment, Places, RepoId, RepoPlaces};
use crate::cli::Args;
use crate::cli::errors::{ErrorCode, Problem, table};
use crate::engine::ports::vcs::{ASKING_VERSION, RepoFacts, Vcs, VcsFailure};

/// The machine and the user, as far as this call can see them.
#[derive(Clone, Debug)]
pub struct Person {
    /// The arguments.
    pub args: Arc<Args>,
    /// The environment, read once.
    pub environment: Environment,
    /// The user's folders.
    pub places: Places,
}

impl Person {
    /// Of this process.
    ///
    /// # Errors
    /// There is no home.
    pub fn of_process(args: &Args) -> Result<Self, Problem> {
        let environment = Environment::of_process();
        let places = Places::new(&environment)?;
        Ok(Self {
            args: Arc::new(args.clone()),
            environment,
            places,
        })
    }

    /// The folder that the call is about.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        let given = self.args.global.directory.clone();
        given.unwrap_or_else(|| PathBuf::from("."))
    }

    /// The settings: with the repository's layers if `root` is given.
    ///
    /// # Errors
    /// The program's own table is broken.
    pub fn layers(&self, root: Option<&Path>) -> Result<Effective, Problem> {
        config::load(&self.sources(root)).map_err(ours)
    }

    /// Where the settings come from.
    #[must_use]
    pub fn sources(&self, root: Option<&Path>) -> config::Sources {
        config::sources(&self.args, &self.environment, &self.places, root)
    }

    /// How the interface looks on this terminal.
    #[must_use]
    pub fn look(&self, settings: &Settings) -> Look {
        let color = self.args.global.color;
        Look::new(&settings.display, color, &self.environment, &self.places)
    }

    /// The settings that are the person's own, without faults.
    ///
    /// # Errors
    /// The first fault.
    pub fn settings(&self) -> Result<(Effective, Settings), Problem> {
        faultless(self.layers(None)?)
    }
}

/// The settings of layers that have no fault.
///
/// # Errors
/// The first fault.
pub(super) fn faultless(layers: Effective) -> Result<(Effective, Settings), Problem> {
    if let Some(fault) = layers.first_error() {
        return Err(fault.problem());
    }
    let settings = Settings::new(&layers).map_err(ours)?;
    Ok((layers, settings))
}

/// A fault of this program.
pub(in crate::boot) fn ours(what: impl std::fmt::Display) -> Problem {
    Problem::new(&table::OUR_FAULT, what.to_string())
}

/// One repository, and where its things are.
#[derive(Clone)]
pub struct Site {
    /// Who works there.
    pub person: Person,
    /// The repository.
    pub git: Arc<GitRepo>,
    /// What it says about itself.
    pub facts: RepoFacts,
    /// Its name for AIOS.
    pub id: RepoId,
    /// Where its state is.
    pub rooms: RepoPlaces,
}

impl Site {
    /// Finds the repository that the call is about. It may have no commits yet. Makes its id where it has none, and no folder.
    ///
    /// # Errors
    /// There is none, git cannot be used, or the person's own settings have a fault.
    pub fn find(person: Person) -> Result<Self, Problem> {
        let folder = person.folder();
        let git = GitRepo::discover(&folder).map_err(|failure| problem(&failure))?;
        let facts = git.facts().map_err(|failure| problem(&failure))?;
        let (_, settings) = person.settings()?;
        let id = RepoId::make(&facts.common_dir)
            .map_err(|error| cannot_write(&facts.common_dir.join("aios"), &error))?;
        let rooms = person.places.repository(&id, &settings.paths);
        if rooms.worktrees.starts_with(&facts.root) {
            let text = "paths.worktrees lies inside the repository";
            return Err(Problem::new(&table::BAD_VALUE, text).hint("name a folder outside of it"));
        }
        Ok(Self {
            person,
            git: Arc::new(git),
            facts,
            id,
            rooms,
        })
    }

    /// Says why no sprint can start from this repository as it is.
    ///
    /// # Errors
    /// It has no commits.
    pub fn needs_commit(&self) -> Result<(), Problem> {
        match self.facts.base() {
            Ok(_) => Ok(()),
            Err(failure) => Err(problem(&failure)),
        }
    }

    /// Makes the folders, and gives them under their true names: sandboxes and git compare paths.
    ///
    /// # Errors
    /// A folder cannot be made.
    pub fn make_rooms(&mut self) -> Result<(), Problem> {
        let state = self.rooms.state.clone();
        let cannot = |error: std::io::Error| cannot_write(&state, &error);
        self.rooms.make().map_err(cannot)?;
        self.rooms.worktrees = self.rooms.worktrees.canonicalize().map_err(cannot)?;
        Ok(())
    }
}

/// Why a file or folder of the user cannot be used. A limit on the size of files is a full disk, too.
pub(in crate::boot) fn cannot_write(path: &Path, error: &std::io::Error) -> Problem {
    let code: &'static ErrorCode = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            &table::DISK_FULL
        }
        _ => &table::UNSAFE_FILE,
    };
    Problem::new(code, format!("{}: {error}", path.display()))
}

/// What version control says, as a problem with its code.
#[must_use]
pub fn problem(failure: &VcsFailure) -> Problem {
    match failure {
        VcsFailure::NotARepository { path } => {
            Problem::at(&table::NOT_A_REPOSITORY, path.display())
        }
        VcsFailure::Bare { path } => Problem::at(&table::BARE_REPOSITORY, path.display()),
        VcsFailure::NoCommits { path } => Problem::at(&table::NO_COMMITS, path.display()),
        VcsFailure::TooOld { found, needed } => Problem::new(
            &table::OLD_GIT,
            format!("git {found} is too old, {needed} is needed"),
        ),
        VcsFailure::Other {
            during: ASKING_VERSION,
            message,
        } => Problem::new(&table::NO_GIT, format!("git does not work: {message}")),
        VcsFailure::Missing => Problem::new(&table::NO_GIT, table::NO_GIT.title),
        VcsFailure::NotFound { what } => {
            Problem::new(&table::NOT_A_REPOSITORY, format!("not found: {what}"))
                .hint("name a folder that exists with -C DIR")
        }
        VcsFailure::Moved { .. }
        | VcsFailure::DirtyCheckout { .. }
        | VcsFailure::TooLarge { .. }
        | VcsFailure::TimedOut { .. }
        | VcsFailure::Other { .. } => Problem::new(&table::NOT_A_REPOSITORY, failure.to_string())
            .hint("look at it with git status"),
    }
}
