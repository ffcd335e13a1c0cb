//! The whole log checked, and its good part written out. Both read only and take no lock, so they run beside a writer.

use std::io::Write;
use std::path::Path;

use super::record;
use super::segment;
use super::survey::{Survey, read, shown};
use super::walk::{End, Walked, walk};
use crate::engine::ports::journal::{Head, JournalFailure};

/// What an export wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Lines, the genesis line among them.
    pub lines: u64,
    /// What stopped it before the end of the log.
    pub stopped: Option<JournalFailure>,
}

/// Checks every sealed segment in `dir` in full: lengths, checksums, trailers, and the chain of hashes across them. The last
/// segment, which opening has verified, is left out unless it is sealed too.
///
/// # Errors
/// The first damage, or a file that could not be read.
pub fn verify_sealed(dir: &Path) -> Result<(), JournalFailure> {
    if let Some(damage) = Survey::of(dir)?.damage {
        return Err(damage);
    }
    let mut before = None;
    let indices = segment::list(dir)?;
    let last = indices.last().copied();
    for index in indices {
        if Some(index) == last && segment::trailer(dir, index)?.is_none() {
            break;
        }
        let walked = walk(&read(dir, index)?, index, before);
        match flaw(&walked.end) {
            None => before = walked.head,
            Some(why) => return Err(broken(dir, index, before, &walked, &why)),
        }
    }
    Ok(())
}

/// Writes every line of the journal in `dir` that is good to `out`, each with a newline, from the genesis line to the end or
/// to the first damage.
///
/// # Errors
/// A file could not be read or `out` could not be written. Damage is told in the result.
pub fn export_good(dir: &Path, out: &mut dyn Write) -> Result<Exported, JournalFailure> {
    let mut exported = Exported {
        lines: 0,
        stopped: None,
    };
    let mut before = None;
    let indices = segment::list(dir)?;
    let last = indices.last().copied();
    for (expected, index) in (1_u32..).zip(indices) {
        if index != expected {
            break;
        }
        let bytes = read(dir, index)?;
        let walked = walk(&bytes, index, before);
        copy(bytes.get(..walked.bytes).unwrap_or_default(), out)?;
        exported.lines += walked.lines;
        let is_tail = Some(index) == last && matches!(walked.end, End::Open | End::Torn);
        if let Some(why) = flaw(&walked.end).filter(|_| !is_tail) {
            exported.stopped = Some(broken(dir, index, before, &walked, &why));
            return Ok(exported);
        }
        before = walked.head;
    }
    // All that is there was good; a file may be missing.
    exported.stopped = Survey::of(dir)?.damage;
    Ok(exported)
}

/// Why a segment is not sealed as it ought to be.
fn flaw(end: &End) -> Option<String> {
    match end {
        End::Sealed(_) => None,
        End::Open => Some("the trailer that seals the file is missing".to_owned()),
        End::Torn => Some("the file is cut short".to_owned()),
        End::Damaged(why) => Some(why.clone()),
    }
}

fn broken(
    dir: &Path,
    index: u32,
    before: Option<Head>,
    walked: &Walked,
    why: &str,
) -> JournalFailure {
    let first = before.map_or(0, |head| head.seq.saturating_add(1));
    JournalFailure::Broken {
        file: shown(dir, index),
        record: walked.lines.saturating_add(1),
        seq: first.saturating_add(walked.lines),
        why: why.to_owned(),
    }
}

fn copy(mut bytes: &[u8], out: &mut dyn Write) -> Result<(), JournalFailure> {
    while let Ok(record) = record::decode(bytes) {
        let written = out
            .write_all(record.line.as_bytes())
            .and_then(|()| out.write_all(b"\n"));
        written.map_err(|error| JournalFailure::Io {
            what: format!("could not write the export: {error}"),
        })?;
        bytes = bytes.get(record.size..).unwrap_or_default();
    }
    Ok(())
}
