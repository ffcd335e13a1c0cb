//! The one way by which tools reach files of a worktree. Everything is opened from a handle of the worktree's top by the kernel's own
//! check that the path stays beneath and passes no link, so that a folder swapped for a link between two steps leads nowhere.
//!
//! Files are opened without waiting (a pipe does not hang a tool) and looked at after they are open. A write makes a new file beside the
//! old one and renames it. Nothing here knows what the bytes mean.

mod draft;

use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, RenameFlags, ResolveFlags, Stat};
use rustix::io::Errno;

use crate::base::path::RepoPath;
use draft::Draft;

/// The largest file that is read.
pub(crate) const READ_BYTES: u64 = 10 << 20;
/// The largest file that is written.
pub(crate) const WRITE_BYTES: u64 = 2 << 20;
/// How often an open is tried again that ran into a rename.
const TRIES: usize = 16;

/// Why a file could not be reached. The texts are for the model and say what to do instead; the path stands before them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// Nothing is there.
    #[error("there is no such file or folder. Look with list_files")]
    Missing,
    /// A folder where a file is wanted.
    #[error("it is a folder. Name a file in it; list_files shows them")]
    Folder,
    /// A file where a folder is wanted.
    #[error("a part of the path is a file or a link, not a folder. Look with list_files")]
    NotFolder,
    /// A link, at the end or on the way.
    #[error(
        "it is, or passes, a symbolic link, which no tool follows. Use the path that it points to, if that is in the worktree"
    )]
    Link,
    /// A pipe, socket or device.
    #[error("it is not a regular file (a pipe, socket or device), so it is not touched")]
    Special,
    /// Has other names.
    #[error(
        "it has several hard links, so that it may belong to something outside of the worktree; it is not touched. A copy made by run_command can be"
    )]
    HardLinked,
    /// Too much.
    #[error(
        "it has {size} bytes, over the limit of {limit}. Use run_command to look at or change a part of it"
    )]
    TooLarge {
        /// Its size.
        size: u64,
        /// The most.
        limit: u64,
    },
    /// Something is there already.
    #[error(
        "something is there already, and nothing is written over. Choose another path, or delete it first if the task asks for that"
    )]
    Exists,
    /// The program's own files.
    #[error(
        "files below .aios steer the program and are only changed by people. Leave it, and say in finish what should change there"
    )]
    Protected,
    /// The system says no.
    #[error("the system does not permit it")]
    Denied,
    /// No room.
    #[error("the disk is full. Nothing was changed. Ask the person to make room")]
    Full,
    /// Anything else.
    #[error("the system answers: {0}")]
    System(String),
}

impl From<Errno> for Trouble {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT => Self::Missing,
            Errno::ISDIR => Self::Folder,
            Errno::NOTDIR => Self::NotFolder,
            Errno::LOOP | Errno::XDEV => Self::Link,
            Errno::NXIO | Errno::NODEV => Self::Special,
            Errno::EXIST | Errno::NOTEMPTY => Self::Exists,
            Errno::ACCESS | Errno::PERM | Errno::ROFS => Self::Denied,
            Errno::NOSPC | Errno::DQUOT | Errno::FBIG => Self::Full,
            other => Self::System(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        let errno = Errno::from_io_error(&error);
        errno.map_or_else(|| Self::System(error.to_string()), Self::from)
    }
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// All of it.
    pub(crate) bytes: Vec<u8>,
    /// Its permission bits.
    pub(crate) mode: u32,
}

/// What stands in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    File,
    Folder,
    Link,
    Special,
}

/// Who checks that a path stays beneath the top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resolver {
    /// The kernel, in one call.
    Kernel,
    /// This file, name by name; for kernels before 5.6 and for where the call is forbidden.
    Steps,
}

/// A worktree, opened at its top.
#[derive(Debug)]
pub(crate) struct Tree {
    top: OwnedFd,
    resolver: Resolver,
}

impl Tree {
    /// Opens the worktree. Its own path may pass links; nothing below may.
    pub(crate) fn open(worktree: &Path) -> Result<Self, Trouble> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let top = rustix::fs::openat(CWD, worktree, flags, Mode::empty())?;
        let probe = rustix::fs::openat2(&top, ".", flags, Mode::empty(), beneath());
        let resolver = match probe {
            Err(Errno::NOSYS | Errno::PERM) => Resolver::Steps,
            Ok(_) | Err(_) => Resolver::Kernel,
        };
        Ok(Self { top, resolver })
    }

    #[cfg(test)]
    pub(crate) fn by_steps(self) -> Self {
        Self {
            resolver: Resolver::Steps,
            ..self
        }
    }

    /// Reads a regular file whole.
    pub(crate) fn read(&self, path: &RepoPath, limit: u64) -> Result<Content, Trouble> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::NOFOLLOW;
        let file = self.reach(path, flags)?;
        let found = rustix::fs::fstat(&file)?;
        regular(&found)?;
        if found.st_nlink > 1 {
            return Err(Trouble::HardLinked);
        }
        let size = u64::try_from(found.st_size).unwrap_or(0);
        if size > limit {
            return Err(Trouble::TooLarge { size, limit });
        }
        let mut bytes = Vec::with_capacity(size as usize);
        // One more than allowed, in case that it grows meanwhile.
        let mut file = std::fs::File::from(file).take(limit + 1);
        file.read_to_end(&mut bytes)?;
        let size = bytes.len() as u64;
        if size > limit {
            return Err(Trouble::TooLarge { size, limit });
        }
        let mode = found.st_mode & 0o777;
        Ok(Content { bytes, mode })
    }

    /// Writes a regular file whole, over the old one or new, with the folders that it needs. Keeps the mode of an old file but for
    /// what `executable` says.
    pub(crate) fn write(
        &self,
        path: &RepoPath,
        bytes: &[u8],
        executable: Option<bool>,
    ) -> Result<(), Trouble> {
        protect(path)?;
        let size = bytes.len() as u64;
        if size > WRITE_BYTES {
            let limit = WRITE_BYTES;
            return Err(Trouble::TooLarge { size, limit });
        }
        let folder = self.folder_of(path, true)?;
        let old = match look(&folder, path)? {
            None => None,
            Some(found) => {
                regular(&found)?;
                if found.st_nlink > 1 {
                    return Err(Trouble::HardLinked);
                }
                Some(found.st_mode & 0o777)
            }
        };
        let draft = Draft::make(&folder, old, executable)?;
        draft.fill(bytes)?;
        draft.land(path, old.is_some())
    }

    /// Deletes a regular file or a link (itself, not what it points to).
    pub(crate) fn delete(&self, path: &RepoPath) -> Result<(), Trouble> {
        protect(path)?;
        let folder = self.folder_of(path, false)?;
        let found = look(&folder, path)?.ok_or(Trouble::Missing)?;
        if FileType::from_raw_mode(found.st_mode) == FileType::Directory {
            return Err(Trouble::Folder);
        }
        Ok(rustix::fs::unlinkat(
            &folder,
            path.file_name(),
            AtFlags::empty(),
        )?)
    }

    /// Moves a regular file to where nothing is, with the folders that it needs.
    pub(crate) fn rename(&self, from: &RepoPath, to: &RepoPath) -> Result<(), Trouble> {
        protect(from)?;
        protect(to)?;
        let source = self.folder_of(from, false)?;
        regular(&look(&source, from)?.ok_or(Trouble::Missing)?)?;
        let target = self.folder_of(to, true)?;
        rename_to_free(&source, from.file_name(), &target, to.file_name())
    }

    /// What stands in a folder, sorted by name. The top is `None`.
    pub(crate) fn list(&self, folder: Option<&RepoPath>) -> Result<Vec<(Vec<u8>, Kind)>, Trouble> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let handle = match folder {
            Some(path) => self.reach(path, flags)?,
            None => rustix::fs::openat(&self.top, ".", flags | OFlags::CLOEXEC, Mode::empty())?,
        };
        let mut names = Vec::new();
        for entry in Dir::read_from(&handle)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => {
                    let found = rustix::fs::statat(&handle, name, AtFlags::SYMLINK_NOFOLLOW);
                    found.map_or(FileType::Unknown, |found| {
                        FileType::from_raw_mode(found.st_mode)
                    })
                }
                known => known,
            };
            names.push((name.to_owned(), kind_of(kind)));
        }
        names.sort_unstable();
        Ok(names)
    }

    /// What `path` is.
    pub(crate) fn kind(&self, path: &RepoPath) -> Result<Kind, Trouble> {
        let found = rustix::fs::fstat(self.reach(path, OFlags::PATH | OFlags::NOFOLLOW)?)?;
        Ok(kind_of(FileType::from_raw_mode(found.st_mode)))
    }

    fn folder_of(&self, path: &RepoPath, make: bool) -> Result<OwnedFd, Trouble> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW;
        let Some(folder) = path.parent() else {
            return Ok(self.top.try_clone()?);
        };
        match self.reach(&folder, flags) {
            Err(Trouble::Missing) if make => self.make_folders(&folder),
            other => other,
        }
    }

    /// Opens each folder from the one before, and makes those that are missing.
    fn make_folders(&self, folder: &RepoPath) -> Result<OwnedFd, Trouble> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut here = self.top.try_clone()?;
        for name in folder.components() {
            match rustix::fs::mkdirat(&here, name, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
            here = rustix::fs::openat(&here, name, flags, Mode::empty())?;
        }
        Ok(here)
    }

    /// Opens what is at `path`, beneath the top and through no link.
    fn reach(&self, path: &RepoPath, flags: OFlags) -> Result<OwnedFd, Trouble> {
        let flags = flags | OFlags::CLOEXEC;
        if self.resolver == Resolver::Steps {
            return self.reach_by_steps(path, flags);
        }
        for _ in 0..TRIES {
            let opened =
                rustix::fs::openat2(&self.top, path.as_bytes(), flags, Mode::empty(), beneath());
            match opened {
                // Something was renamed meanwhile.
                Err(Errno::AGAIN) => {}
                other => return Ok(other?),
            }
        }
        Err(Errno::AGAIN.into())
    }

    fn reach_by_steps(&self, path: &RepoPath, flags: OFlags) -> Result<OwnedFd, Trouble> {
        let steps = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut here = self.top.try_clone()?;
        for name in path.parent().iter().flat_map(RepoPath::components) {
            here = rustix::fs::openat(&here, name, steps, Mode::empty())?;
        }
        Ok(rustix::fs::openat(
            &here,
            path.file_name(),
            flags,
            Mode::empty(),
        )?)
    }
}

fn beneath() -> ResolveFlags {
    ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_SYMLINKS
}

fn kind_of(file_type: FileType) -> Kind {
    match file_type {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::Special,
    }
}

fn regular(found: &Stat) -> Result<(), Trouble> {
    match kind_of(FileType::from_raw_mode(found.st_mode)) {
        Kind::File => Ok(()),
        Kind::Folder => Err(Trouble::Folder),
        Kind::Link => Err(Trouble::Link),
        Kind::Special => Err(Trouble::Special),
    }
}

/// What stands at the last name of `path` in its folder.
fn look(folder: &OwnedFd, path: &RepoPath) -> Result<Option<Stat>, Trouble> {
    match rustix::fs::statat(folder, path.file_name(), AtFlags::SYMLINK_NOFOLLOW) {
        Ok(found) => Ok(Some(found)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

/// Paths into `.git` cannot be written down as a [`RepoPath`]; these can, and are the program's.
fn protect(path: &RepoPath) -> Result<(), Trouble> {
    let first = path.components().next().unwrap_or_default();
    if first.eq_ignore_ascii_case(b".aios") {
        return Err(Trouble::Protected);
    }
    Ok(())
}

fn rename_to_free(
    source: &OwnedFd,
    from: &[u8],
    target: &OwnedFd,
    to: &[u8],
) -> Result<(), Trouble> {
    match rustix::fs::renameat_with(source, from, target, to, RenameFlags::NOREPLACE) {
        // Some file systems do not know the flag.
        Err(Errno::INVAL | Errno::NOSYS) => {
            match rustix::fs::statat(target, to, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => Ok(rustix::fs::renameat(source, from, target, to)?),
                Ok(_) => Err(Trouble::Exists),
                Err(errno) => Err(errno.into()),
            }
        }
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests;
