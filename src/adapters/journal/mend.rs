//! What opening for writing changes on disk: it begins a new journal and cuts off a last batch that is not whole. Damage is
//! not mended here or anywhere: it is kept for a person to look at.

use std::fs::{File, OpenOptions};
use std::path::Path;

use super::disk::{self, failure};
use super::segment;
use super::survey::{self, Last, Survey};
use super::walk;
use crate::engine::ports::journal::{Genesis, JournalFailure};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mended {
    /// Nothing was needed.
    Whole,
    /// The files changed; so many bytes were cut off.
    Changed { cut_bytes: u64 },
}

/// Makes the undamaged journal of `survey` ready to be continued; a new one begins with `genesis`.
pub(super) fn mend(
    dir: &Path,
    genesis: &Genesis,
    survey: &Survey,
) -> Result<Mended, JournalFailure> {
    let cut_bytes = match survey.last {
        Last::Open { index, bytes, torn } if torn > 0 => {
            cut(dir, index, bytes)?;
            torn
        }
        Last::Open { .. } | Last::Missing | Last::Sealed => 0,
    };
    if survey.genesis.is_none() {
        begin(dir, genesis)?;
        return Ok(Mended::Changed { cut_bytes });
    }
    Ok(match cut_bytes {
        0 => Mended::Whole,
        cut_bytes => Mended::Changed { cut_bytes },
    })
}

/// Cuts segment `index` to its first `bytes` bytes, once what stands behind them is safe in a file of its own.
fn cut(dir: &Path, index: u32, bytes: u64) -> Result<(), JournalFailure> {
    let content = survey::read(dir, index)?;
    let torn = content.get(bytes as usize..).unwrap_or_default();
    let free = (1_u32..=u32::MAX).find(|number| !dir.join(format!("torn-{number}")).exists());
    disk::write_new(dir, &format!("torn-{}", free.unwrap_or(0)), torn)?;
    let path = segment::path(dir, index);
    let shorten = || -> std::io::Result<()> {
        let file = OpenOptions::new().write(true).open(&path)?;
        file.set_len(bytes)?;
        file.sync_all()
    };
    shorten().map_err(|error| failure("shorten", &path, &error))
}

/// Makes the first segment with its genesis line. An empty one may be there from a start that was cut off.
fn begin(dir: &Path, genesis: &Genesis) -> Result<(), JournalFailure> {
    let path = segment::path(dir, 1);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(failure("remove", &path, &error));
        }
        Ok(()) | Err(_) => {}
    }
    let name = segment::name(1);
    disk::write_new(dir, &name, &walk::batch(&[genesis.line()]))?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => disk::sync_dir(parent),
        Some(_) | None => Ok(()),
    }
}

/// Opens segment `index` for appending. What was found in it may still be on its way to the disk (its writer was killed), so
/// it is written out before anyone builds on it.
pub(super) fn reopen(dir: &Path, index: u32) -> Result<File, JournalFailure> {
    let path = segment::path(dir, index);
    let open = || -> std::io::Result<File> {
        let file = OpenOptions::new().append(true).open(&path)?;
        file.sync_data()?;
        Ok(file)
    };
    let file = open().map_err(|error| failure("open", &path, &error))?;
    disk::sync_dir(dir)?;
    Ok(file)
}
