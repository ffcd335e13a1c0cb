//! What a journal's folder holds: which segments, how far they are good, and what is wrong behind that. Changes nothing.
//!
//! Sealed segments are believed by their trailer here (they are checked in full by [`super::rescue`]); the last segment is
//! walked byte by byte.

use std::path::Path;

use super::disk::failure;
use super::segment::{self, Trailer};
use super::walk::{End, UNREAD, Walked, walk};
use crate::engine::ports::journal::{FORMAT, Genesis, Head, JournalFailure};

/// The readable lines of one segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// Which segment.
    pub(super) index: u32,
    /// Number of its first line.
    pub(super) first: u64,
    /// Number behind its last readable line.
    pub(super) next: u64,
}

/// The state of the last segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// There is no journal yet.
    Missing,
    /// It is sealed: the next append begins a new one.
    Sealed,
    /// It goes on behind its first `bytes`; `torn` bytes stand there of a batch that is not whole.
    Open {
        /// Which segment.
        index: u32,
        /// Good bytes.
        bytes: u64,
        /// Bytes behind them.
        torn: u64,
    },
}

/// All of it.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    /// The first line.
    pub(super) genesis: Option<Genesis>,
    /// What can be read, in order.
    pub(super) spans: Vec<Span>,
    /// Where that ends.
    pub(super) head: Head,
    /// How the last segment ends. Means nothing after damage.
    pub(super) last: Last,
    /// The first damage.
    pub(super) damage: Option<JournalFailure>,
}

impl Survey {
    /// Looks at `dir`.
    ///
    /// # Errors
    /// A file could not be read, or the log was written by a newer program. Damage is not an error here.
    pub(super) fn of(dir: &Path) -> Result<Self, JournalFailure> {
        let mut survey = Self {
            genesis: None,
            spans: Vec::new(),
            head: UNREAD,
            last: Last::Missing,
            damage: None,
        };
        // `head` comes first: a writer makes the segment that it speaks of before it, so a reader beside a writer never
        // takes a new segment for a missing one.
        let sealed = segment::read_head(dir);
        let indices = segment::list(dir)?;
        survey.segments(dir, &indices)?;
        if survey.damage.is_none() {
            survey.damage = sealed
                .and_then(|sealed| survey.contradiction(dir, &sealed).transpose())
                .transpose()?;
        }
        match &survey.genesis {
            Some(genesis) if genesis.format > FORMAT => Err(JournalFailure::Newer {
                format: genesis.format,
            }),
            Some(_) | None => Ok(survey),
        }
    }

    fn segments(&mut self, dir: &Path, indices: &[u32]) -> Result<(), JournalFailure> {
        for (expected, &index) in (1_u32..).zip(indices) {
            if index != expected {
                self.damage = Some(self.missing(dir, expected));
                return Ok(());
            }
            let is_last = indices.last() == Some(&index);
            let whole = if is_last {
                None
            } else {
                self.believed(dir, index)?
            };
            if let Some(trailer) = whole {
                self.spans.push(Span {
                    index,
                    first: trailer.first,
                    next: trailer.last.saturating_add(1),
                });
                self.head = trailer.head();
                continue;
            }
            let bytes = read(dir, index)?;
            let walked = walk(&bytes, index, self.before());
            self.walked(dir, index, walked, bytes.len());
            if self.damage.is_none() && !is_last {
                self.damage =
                    Some(self.broken(dir, index, "the trailer that seals the file is missing"));
            }
            if self.damage.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The trailer of a segment that is not the last, if it and, in the first segment, the first line are good.
    fn believed(&mut self, dir: &Path, index: u32) -> Result<Option<Trailer>, JournalFailure> {
        let next = self.before().map_or(0, |head| head.seq.saturating_add(1));
        let trailer = segment::trailer(dir, index)?
            .filter(|trailer| trailer.segment == index && trailer.first == next);
        if index == 1 && trailer.is_some() {
            self.genesis = first_line(dir)?;
            if self.genesis.is_none() {
                return Ok(None);
            }
        }
        Ok(trailer)
    }

    fn before(&self) -> Option<Head> {
        (!self.spans.is_empty()).then_some(self.head)
    }

    fn walked(&mut self, dir: &Path, index: u32, walked: Walked, size: usize) {
        let first = self.before().map_or(0, |head| head.seq.saturating_add(1));
        if let Some(genesis) = walked.genesis {
            self.genesis = Some(genesis);
        }
        if let Some(head) = walked.head {
            self.head = head;
            self.spans.push(Span {
                index,
                first,
                next: first.saturating_add(walked.lines),
            });
        }
        self.last = match walked.end {
            End::Sealed(_) => Last::Sealed,
            End::Open | End::Torn => Last::Open {
                index,
                bytes: walked.bytes as u64,
                torn: (size - walked.bytes) as u64,
            },
            End::Damaged(why) => {
                self.damage = Some(self.broken(dir, index, &why));
                Last::Sealed
            }
        };
    }

    /// What `head` remembers and the folder does not have.
    fn contradiction(
        &self,
        dir: &Path,
        sealed: &Trailer,
    ) -> Result<Option<JournalFailure>, JournalFailure> {
        let following = sealed.segment.saturating_add(1);
        if !segment::path(dir, following).exists() {
            return Ok(Some(self.missing(dir, following)));
        }
        let kept = segment::trailer(dir, sealed.segment)?;
        Ok(
            (kept.as_ref() != Some(sealed)).then(|| JournalFailure::Broken {
                file: shown(dir, sealed.segment),
                record: sealed.count.saturating_add(1),
                seq: sealed.first,
                why: "the file is not the one that was sealed".to_owned(),
            }),
        )
    }

    fn missing(&self, dir: &Path, index: u32) -> JournalFailure {
        JournalFailure::Broken {
            file: shown(dir, index),
            record: 1,
            seq: self.before().map_or(0, |head| head.seq.saturating_add(1)),
            why: "the file is missing".to_owned(),
        }
    }

    fn broken(&self, dir: &Path, index: u32, why: &str) -> JournalFailure {
        let read = self.spans.last().filter(|span| span.index == index);
        JournalFailure::Broken {
            file: shown(dir, index),
            record: read.map_or(1, |span| (span.next - span.first).saturating_add(1)),
            seq: self.before().map_or(0, |head| head.seq.saturating_add(1)),
            why: why.to_owned(),
        }
    }
}

/// The bytes of segment `index`: at most one segment and one batch, so it is read at once.
pub(super) fn read(dir: &Path, index: u32) -> Result<Vec<u8>, JournalFailure> {
    let path = segment::path(dir, index);
    std::fs::read(&path).map_err(|error| failure("read", &path, &error))
}

/// A segment's file as people are told of it.
pub(super) fn shown(dir: &Path, index: u32) -> String {
    segment::path(dir, index).display().to_string()
}

fn first_line(dir: &Path) -> Result<Option<Genesis>, JournalFailure> {
    let bytes = read(dir, 1)?;
    let record = super::record::decode(&bytes).ok();
    Ok(record.and_then(|record| Genesis::read(record.line).ok()))
}
