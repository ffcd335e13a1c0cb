//! The journal in a folder of append-only segment files. One process writes, by lock; others may read beside it.
//!
//! What a crash can leave is only a last batch that is not whole. It was never acknowledged, so opening cuts it off and keeps
//! its bytes in a file `torn-N`. Anything else that is wrong is damage: the journal then opens read-only and gives what stands
//! before it. A write or sync that fails is never tried again on the same handle, because after it the system may claim that
//! lost pages are clean.

use std::fs::File;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::disk::{self, failure};
use super::lock::Lock;
use super::mend::{self, Mended};
use super::record::{self, MAX_LINE};
use super::segment::{self, Trailer};
use super::survey::{self, Last, Span, Survey};
use super::walk;
use crate::engine::ports::journal::{Genesis, Head, Journal, JournalFailure};

/// Bytes after which a segment is sealed.
pub const SEGMENT_BYTES: u64 = 16 << 20;

/// What opening found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReport {
    /// Bytes of a last batch that was not whole, cut off (a reader passes over them).
    pub cut_bytes: u64,
    /// Events that can be read.
    pub events: u64,
    /// Why nothing can be appended, if so; of a journal that was opened for reading, what is damaged.
    pub read_only: Option<String>,
}

/// The adapter.
#[derive(Debug)]
pub struct FileJournal {
    dir: PathBuf,
    genesis: Option<Genesis>,
    /// What can be read, in order. The last one grows while there is a writer.
    spans: Vec<Span>,
    head: Head,
    /// The segment that is not sealed; none right after a seal and for readers.
    writer: Option<Writer>,
    /// Why appends are refused.
    refuses: Option<String>,
    segment_bytes: u64,
    /// Held for as long as the journal lives; none for readers.
    lock: Option<Lock>,
}

#[derive(Debug)]
struct Writer {
    file: File,
    path: PathBuf,
    /// Bytes of acknowledged records.
    length: u64,
}

impl FileJournal {
    /// Opens the journal in `dir` for writing and verifies its tail; a new one begins with `genesis`. Segments are sealed
    /// once they hold `segment_bytes` (see [`SEGMENT_BYTES`]).
    ///
    /// # Errors
    /// Another process writes it, it is from a newer program, or files cannot be read or made. Damage, and a disk too full
    /// to mend a tail, are no errors: the journal is then read-only and the report says why.
    pub fn open(
        dir: &Path,
        genesis: &Genesis,
        segment_bytes: u64,
    ) -> Result<(Self, OpenReport), JournalFailure> {
        disk::make_dir(dir)?;
        let lock = Lock::take(dir)?;
        let survey = Survey::of(dir)?;
        if let Some(damage) = &survey.damage {
            let why = damage.to_string();
            return Ok(Self::read_only(dir, survey, Some(lock), why));
        }
        match Self::writable(dir, genesis, &survey, segment_bytes) {
            Ok((mut journal, cut_bytes)) => {
                journal.lock = Some(lock);
                let report = journal.report(cut_bytes);
                Ok((journal, report))
            }
            Err(failure) if survey.genesis.is_none() => Err(failure),
            Err(failure) => Ok(Self::read_only(
                dir,
                survey,
                Some(lock),
                failure.to_string(),
            )),
        }
    }

    /// Opens the journal in `dir` for reading up to where it ends now, beside a writer or without one. Changes nothing.
    ///
    /// # Errors
    /// There is none, it is from a newer program, or files cannot be read.
    pub fn open_read_only(dir: &Path) -> Result<(Self, OpenReport), JournalFailure> {
        let survey = Survey::of(dir)?;
        let damage = survey.damage.as_ref().map(ToString::to_string);
        let why = damage
            .clone()
            .unwrap_or_else(|| "it was opened for reading".to_owned());
        let (journal, report) = Self::read_only(dir, survey, None, why);
        let report = OpenReport {
            read_only: damage,
            ..report
        };
        Ok((journal, report))
    }

    fn read_only(
        dir: &Path,
        survey: Survey,
        lock: Option<Lock>,
        why: String,
    ) -> (Self, OpenReport) {
        let torn = match survey.last {
            Last::Open { torn, .. } => torn,
            Last::Missing | Last::Sealed => 0,
        };
        let journal = Self {
            dir: dir.to_owned(),
            genesis: survey.genesis,
            spans: survey.spans,
            head: survey.head,
            writer: None,
            refuses: Some(why),
            segment_bytes: SEGMENT_BYTES,
            lock,
        };
        let report = journal.report(torn);
        (journal, report)
    }

    /// The journal ready for appends, and how many bytes were cut off.
    fn writable(
        dir: &Path,
        genesis: &Genesis,
        found: &Survey,
        segment_bytes: u64,
    ) -> Result<(Self, u64), JournalFailure> {
        let (survey, cut_bytes) = match mend::mend(dir, genesis, found)? {
            Mended::Whole => (found.clone(), 0),
            Mended::Changed { cut_bytes } => (Survey::of(dir)?, cut_bytes),
        };
        let writer = match survey.last {
            Last::Open { index, bytes, .. } => Some(Writer {
                file: mend::reopen(dir, index)?,
                path: segment::path(dir, index),
                length: bytes,
            }),
            Last::Missing | Last::Sealed => None,
        };
        let journal = Self {
            dir: dir.to_owned(),
            genesis: survey.genesis,
            spans: survey.spans,
            head: survey.head,
            writer,
            refuses: None,
            segment_bytes,
            lock: None,
        };
        Ok((journal, cut_bytes))
    }

    fn report(&self, cut_bytes: u64) -> OpenReport {
        OpenReport {
            cut_bytes,
            events: self.head.seq,
            read_only: self.refuses.clone(),
        }
    }

    fn write(&mut self, lines: &[String]) -> Result<Head, JournalFailure> {
        let mut head = self.head;
        for line in lines {
            if line.len() > MAX_LINE {
                let why = format!("it has {} bytes, {MAX_LINE} is the limit", line.len());
                return Err(JournalFailure::OutOfOrder { why });
            }
            head = head
                .next(line)
                .map_err(|why| JournalFailure::OutOfOrder { why })?;
        }
        let bytes = walk::batch(lines);
        self.segment_with_room()?.append(&bytes)?;
        Ok(head)
    }

    /// The writer of a segment that is not full, after a seal if need be.
    fn segment_with_room(&mut self) -> Result<&mut Writer, JournalFailure> {
        let writer = match self.writer.take() {
            Some(writer) if writer.length < self.segment_bytes => writer,
            Some(mut full) => {
                let trailer = self.trailer();
                full.append(&trailer.record()?)?;
                self.begin_segment(&trailer)?
            }
            None => self.begin_segment(&self.trailer())?,
        };
        Ok(self.writer.insert(writer))
    }

    /// What seals the last segment.
    fn trailer(&self) -> Trailer {
        let (segment, first) = self
            .spans
            .last()
            .map_or((0, 0), |span| (span.index, span.first));
        Trailer {
            segment,
            first,
            last: self.head.seq,
            count: self.head.seq.saturating_add(1).saturating_sub(first),
            hash: self.head.hash,
        }
    }

    /// Makes the segment behind the one that `sealed` seals. `head` is written last: it also says that this one exists.
    fn begin_segment(&mut self, sealed: &Trailer) -> Result<Writer, JournalFailure> {
        let index = sealed.segment.saturating_add(1);
        let first = sealed.last.saturating_add(1);
        let path = segment::path(&self.dir, index);
        let file = disk::create(&path)?;
        disk::sync_dir(&self.dir)?;
        segment::write_head(&self.dir, sealed)?;
        self.spans.push(Span {
            index,
            first,
            next: first,
        });
        Ok(Writer {
            file,
            path,
            length: 0,
        })
    }

    fn read_span(
        &self,
        span: &Span,
        from: u64,
        each: &mut dyn FnMut(u64, &str) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, JournalFailure> {
        let bytes = survey::read(&self.dir, span.index)?;
        let mut rest = bytes.as_slice();
        for seq in span.first..span.next {
            let record = record::decode(rest).map_err(|flaw| JournalFailure::Broken {
                file: survey::shown(&self.dir, span.index),
                record: seq - span.first + 1,
                seq,
                why: flaw.to_string(),
            })?;
            if seq >= from.max(1) && each(seq, record.line).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            rest = rest.get(record.size..).unwrap_or_default();
        }
        Ok(ControlFlow::Continue(()))
    }
}

impl Journal for FileJournal {
    fn genesis(&self) -> Option<&Genesis> {
        self.genesis.as_ref()
    }

    fn head(&self) -> Head {
        self.head
    }

    fn append(&mut self, lines: &[String]) -> Result<(), JournalFailure> {
        if let Some(why) = self.refuses.clone() {
            return Err(JournalFailure::ReadOnly { why });
        }
        if lines.is_empty() {
            return Ok(());
        }
        match self.write(lines) {
            Ok(head) => {
                self.head = head;
                if let Some(span) = self.spans.last_mut() {
                    span.next = head.seq.saturating_add(1);
                }
                Ok(())
            }
            Err(failure) => {
                self.refuses = Some(failure.to_string());
                Err(failure)
            }
        }
    }

    fn read(
        &self,
        from: u64,
        each: &mut dyn FnMut(u64, &str) -> ControlFlow<()>,
    ) -> Result<(), JournalFailure> {
        for span in self.spans.iter().filter(|span| span.next > from) {
            if self.read_span(span, from, each)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn is_read_only(&self) -> Option<String> {
        self.refuses.clone()
    }
}

impl Writer {
    /// Appends whole records; they are on the disk when this returns. After a failure the file is cut back to what it was,
    /// so that what was not acknowledged is not found by the next opener.
    fn append(&mut self, bytes: &[u8]) -> Result<(), JournalFailure> {
        let written = self
            .file
            .write_all(bytes)
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // If this fails too, the next opener finds a torn batch, or a whole one that no one was told of.
            let _ = self.file.set_len(self.length);
            return Err(failure("write", &self.path, &error));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }
}
