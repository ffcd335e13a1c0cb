//! The repository's name for AIOS, in a file of the common git folder.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::command::broken;
use crate::engine::ports::vcs::{VcsFailure, WorkspaceId};

const DURING: &str = "read the workspace's id";

/// Reads the id, or makes one up.
pub(super) fn id(common_dir: &Path) -> Result<WorkspaceId, VcsFailure> {
    let file = common_dir.join("aios/id");
    let failed = |error: io::Error| broken(DURING, &error);
    if !file.exists() {
        make(&file).map_err(failed)?;
    }
    let text = fs::read_to_string(&file).map_err(failed)?;
    WorkspaceId::parse(text.trim_end()).ok_or_else(|| VcsFailure::Other {
        during: DURING,
        message: format!("{} does not hold 16 hex digits; restore it", file.display()),
    })
}

/// Writes a new id beside the file and links it there, which fails if another process was faster: then that one counts.
fn make(file: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder.create(file.parent().unwrap_or(file))?;
    let mut bytes = [0_u8; 8];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let id = WorkspaceId::from_bytes(bytes);
    let passing = file.with_file_name(format!("id.{id}"));
    let mut new = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&passing)?;
    new.write_all(format!("{id}\n").as_bytes())?;
    new.sync_all()?;
    let linked = fs::hard_link(&passing, file);
    fs::remove_file(&passing)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn an_id_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..4).map(|_| scope.spawn(|| id(folder.path()))).collect();
            let ids: Vec<_> = racers
                .into_iter()
                .map(|racer| racer.join().unwrap().unwrap())
                .collect();
            assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
            ids[0].clone()
        });
        assert_eq!(id(folder.path()), Ok(first));
        let file = folder.path().join("aios/id");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(&file, "nonsense").unwrap();
        assert!(id(folder.path()).is_err());
    }
}
