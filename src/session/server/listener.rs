//! The socket file: mode 0600 in a folder of the user's own. One that a host left behind is removed, one that answers never.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{
    DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

/// Why there is no socket. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub enum BindFailure {
    /// A host answers there.
    #[error("a host runs already at {0}")]
    Taken(String),
    /// Another user could change what lies there.
    #[error("the folder {0} belongs to another user, or others may write to it")]
    Unsafe(String),
    /// Something else lies there.
    #[error("{0} is there and is no socket")]
    InTheWay(String),
    /// The system refused.
    #[error("could not listen at {path}: {source}")]
    Io {
        /// Where.
        path: String,
        /// Its answer.
        #[source]
        source: io::Error,
    },
}

/// A socket on which clients come in. Its file goes when this is dropped.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    path: PathBuf,
    /// The file's number, so that a later host's file is left alone.
    inode: u64,
}

impl Listener {
    /// Listens at `path`. Whoever calls it holds the lock on the journal, so that two hosts do not get here at once.
    ///
    /// # Errors
    /// A host answers there, or the place is not fit for a socket.
    pub async fn bind(path: &Path) -> Result<Self, BindFailure> {
        let shown = || path.display().to_string();
        let failed = |source| BindFailure::Io {
            path: shown(),
            source,
        };
        prepare_folder(path)?;
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(BindFailure::InTheWay(shown()));
            }
            Ok(_) if UnixStream::connect(path).await.is_ok() => {
                return Err(BindFailure::Taken(shown()));
            }
            _ => {}
        }
        // Made under another name and renamed once its mode is right; this also replaces what a killed host left.
        let mut draft = path.as_os_str().to_owned();
        draft.push(".n");
        let draft = PathBuf::from(draft);
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let socket = UnixListener::bind(&draft).map_err(failed)?;
        fs::set_permissions(&draft, Permissions::from_mode(0o600)).map_err(failed)?;
        let inode = fs::symlink_metadata(&draft).map_err(failed)?.ino();
        fs::rename(&draft, path).map_err(failed)?;
        Ok(Self {
            socket,
            path: path.to_owned(),
            inode,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        self.socket.accept().await.map(|(stream, _)| stream)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let is_ours = fs::symlink_metadata(&self.path).is_ok_and(|found| found.ino() == self.inode);
        if is_ours {
            // A file that stays is replaced by the next host.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The folder is made if it is missing. One in which others could put another socket in the place of this one is refused.
fn prepare_folder(path: &Path) -> Result<(), BindFailure> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let failed = |source| BindFailure::Io {
        path: path.display().to_string(),
        source,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(failed)?;
    let found = fs::metadata(folder).map_err(failed)?;
    let own = rustix::process::geteuid().as_raw();
    let is_sticky = found.mode() & 0o1000 != 0;
    let others_write = found.mode() & 0o022 != 0 && !is_sticky;
    if (found.uid() != own && found.uid() != 0) || others_write {
        return Err(BindFailure::Unsafe(folder.display().to_string()));
    }
    Ok(())
}
