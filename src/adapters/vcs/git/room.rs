//! The two ways into a repository.
//!
//! Whatever touches contents (snapshots, diffs, commits, merges, checkouts of AIOS's own worktrees) runs in AIOS's *own room*: a
//! git folder at `<common>/aios/git` with an empty configuration that borrows the repository's object store. The repository's
//! configuration, its `info/attributes` and its hooks are not overridden there, they are not read. Where git can be told to,
//! `.gitattributes` are left unread as well, so that a worktree's files and its blobs have the same bytes and no file can hide
//! from a diff.
//!
//! What is left runs in the repository itself: references, the list of worktrees, and a person's checkout. Such calls run
//! nothing that could be named under [`settings::CONFIG`]; those that look at files override every content filter by name.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};

use super::GitRepo;
use super::command::{Call, broken};
use super::settings;
use crate::engine::ports::vcs::VcsFailure;

/// How objects are named here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ObjectFormat {
    Sha1,
    Sha256,
}

impl ObjectFormat {
    /// The tree without files, which exists in every repository.
    pub(super) const fn empty_tree(self) -> &'static str {
        match self {
            Self::Sha1 => "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            Self::Sha256 => "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
        }
    }

    /// The whole configuration of the own room.
    const fn config(self) -> &'static str {
        match self {
            Self::Sha1 => "[core]\n\trepositoryformatversion = 0\n",
            Self::Sha256 => {
                "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n"
            }
        }
    }
}

/// A worktree and the folder in which git keeps its HEAD and index.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) admin: PathBuf,
}

impl Place {
    /// AIOS's index of this worktree.
    pub(super) fn index(&self) -> PathBuf {
        self.admin.join("aios-index")
    }
}

impl GitRepo {
    /// A call in the own room, without files.
    pub(super) fn own(&self, during: &'static str) -> Result<Call, VcsFailure> {
        let room = self.own_room()?;
        Ok(self.furnished(self.program.call(during, room), room))
    }

    /// A call in the own room with the files of a worktree and AIOS's index of it.
    pub(super) fn own_at(&self, during: &'static str, place: &Place) -> Result<Call, VcsFailure> {
        let room = self.own_room()?;
        let call = self.program.call(during, &place.path);
        Ok(self
            .furnished(call, room)
            .env("GIT_WORK_TREE", &place.path)
            .env("GIT_INDEX_FILE", place.index()))
    }

    fn furnished(&self, call: Call, room: &Path) -> Call {
        let mut call = call
            .env("GIT_DIR", room)
            .env("GIT_OBJECT_DIRECTORY", self.common_dir.join("objects"))
            .env("GIT_ATTR_SOURCE", self.format.empty_tree())
            .config("core.autocrlf", "false")
            .config("core.excludesFile", &self.excludes);
        for (key, value) in &self.kept {
            call = call.config(key, value);
        }
        call
    }

    /// A call in the repository, for references and worktrees.
    pub(super) fn shared(&self, during: &'static str) -> Call {
        self.at(during, &self.common_dir)
    }

    /// A call in the repository with the HEAD of one worktree, without its files.
    pub(super) fn at(&self, during: &'static str, admin: &Path) -> Call {
        self.program.call(during, admin).env("GIT_DIR", admin)
    }

    /// A call with a person's checkout, its index and its line ends. Content filters are known by name and do not run.
    pub(super) fn checkout(&self, during: &'static str, place: &Place) -> Result<Call, VcsFailure> {
        let keys = self
            .at(during, &place.admin)
            .args(["config", "--list", "-z", "--name-only"])
            .output()?;
        let mut call = self
            .program
            .call(during, &place.path)
            .env("GIT_DIR", &place.admin)
            .env("GIT_WORK_TREE", &place.path)
            .config("core.excludesFile", &self.excludes);
        for key in keys.split(|byte| *byte == 0) {
            if let Some(value) = settings::filter_override(key) {
                call = call.config(std::ffi::OsString::from_vec(key.to_vec()), value);
            }
        }
        Ok(call)
    }

    /// The own room, made on first use. Making it again changes nothing.
    fn own_room(&self) -> Result<&Path, VcsFailure> {
        if self.room.get().is_none() {
            let room = self.common_dir.join("aios/git");
            let _held = self.locks.hold(&room);
            furnish(&room, self.format.config()).map_err(|error| {
                broken("make a folder inside the repository's git folder", &error)
            })?;
            return Ok(self.room.get_or_init(|| room));
        }
        Ok(self.room.get().map_or(Path::new("/"), PathBuf::as_path))
    }
}

/// Makes the own room. The ignore list and the mark of a shallow clone are the repository's, by link.
fn furnish(room: &Path, config: &str) -> std::io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder.create(room.join("refs"))?;
    folder.create(room.join("info"))?;
    write_whole(&room.join("config"), config.as_bytes())?;
    write_whole(&room.join("HEAD"), b"ref: refs/heads/none\n")?;
    link("../../../info/exclude", &room.join("info/exclude"))?;
    link("../../shallow", &room.join("shallow"))
}

/// Makes a symbolic link unless it is there.
fn link(target: &str, at: &Path) -> std::io::Result<()> {
    match symlink(target, at) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// Replaces a file in one step, so that another process sees the old or the new one.
pub(super) fn write_whole(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = file.file_name().unwrap_or(OsStr::new("file")).to_owned();
    name.push(format!(".{}", std::process::id()));
    let passing = file.with_file_name(name);
    fs::write(&passing, bytes)?;
    fs::rename(&passing, file)
}
