//! One segment verified from its first byte to its last: lengths, checksums, batches and the chain of hashes. Reads bytes that
//! are already in memory and changes nothing.

use super::record::{self, Marks, Record};
use super::segment::Trailer;
use crate::base::id::Digest;
use crate::engine::ports::journal::{Genesis, Head};

/// What a walk found. All figures describe the good part.
#[derive(Debug)]
pub(super) struct Walked {
    /// Where the log ends; none if the segment begins the log and its first line is not good.
    pub(super) head: Option<Head>,
    /// The first line, if this segment holds it.
    pub(super) genesis: Option<Genesis>,
    /// Lines in it.
    pub(super) lines: u64,
    /// Bytes of these lines.
    pub(super) bytes: usize,
    /// How it ends.
    pub(super) end: End,
}

/// What stands behind the good part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Nothing.
    Open,
    /// A trailer that fits, and nothing behind it.
    Sealed(Trailer),
    /// The last batch, not whole: it was being written when the program or the machine stopped.
    Torn,
    /// Something that no crash explains.
    Damaged(String),
}

/// Walks `bytes`, the content of segment `index`. `before` is where the log ends in front of it, none for the first.
pub(super) fn walk(bytes: &[u8], index: u32, before: Option<Head>) -> Walked {
    let mut walk = Walk {
        index,
        before,
        now: Place {
            head: before,
            lines: 0,
            bytes: 0,
        },
        batch_start: None,
        genesis: None,
    };
    let end = walk.run(bytes);
    let good = match (&end, walk.batch_start) {
        (End::Torn, Some(start)) => start,
        _ => walk.now,
    };
    Walked {
        head: good.head,
        genesis: walk.genesis.filter(|_| good.head.is_some()),
        lines: good.lines,
        bytes: good.bytes,
        end,
    }
}

#[derive(Clone, Copy)]
struct Place {
    head: Option<Head>,
    lines: u64,
    bytes: usize,
}

struct Walk {
    index: u32,
    before: Option<Head>,
    now: Place,
    /// Where the batch began that is not over yet.
    batch_start: Option<Place>,
    genesis: Option<Genesis>,
}

impl Walk {
    fn run(&mut self, bytes: &[u8]) -> End {
        loop {
            let rest = bytes.get(self.now.bytes..).unwrap_or_default();
            if rest.is_empty() {
                return self.batch_start.map_or(End::Open, |_| End::Torn);
            }
            let record = match record::decode(rest) {
                Ok(record) => record,
                Err(_) if !record::has_later_batch(rest) => return End::Torn,
                Err(flaw) => return End::Damaged(flaw.to_string()),
            };
            if record.marks.opens() == self.batch_start.is_some() {
                return End::Damaged("the record before it is missing".to_owned());
            }
            if record.marks.seals() {
                return self.trailer(&record, rest.len());
            }
            if let Err(why) = self.line(&record) {
                return End::Damaged(why);
            }
        }
    }

    fn line(&mut self, record: &Record<'_>) -> Result<(), String> {
        let head = if let Some(head) = self.now.head {
            head.next(record.line)?
        } else {
            self.genesis = Some(Genesis::read(record.line)?);
            Head::genesis(record.line)
        };
        let start = self.batch_start.take().unwrap_or(self.now);
        self.now.head = Some(head);
        self.now.lines += 1;
        self.now.bytes += record.size;
        self.batch_start = record.marks.continues().then_some(start);
        Ok(())
    }

    fn trailer(&self, record: &Record<'_>, rest: usize) -> End {
        match Trailer::read(record.line) {
            Some(trailer) if Some(&trailer) != self.expected().as_ref() => {
                End::Damaged("the trailer does not fit the lines before it".to_owned())
            }
            Some(_) if rest > record.size => {
                End::Damaged("something stands behind the trailer".to_owned())
            }
            Some(trailer) => End::Sealed(trailer),
            None => End::Damaged("the trailer cannot be read".to_owned()),
        }
    }

    fn expected(&self) -> Option<Trailer> {
        let head = self.now.head?;
        Some(Trailer {
            segment: self.index,
            first: self.before.map_or(0, |head| head.seq.saturating_add(1)),
            last: head.seq,
            count: self.now.lines,
            hash: head.hash,
        })
    }
}

/// The records of one batch of `lines`.
pub(super) fn batch(lines: &[String]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(lines.iter().map(|line| line.len() + 9).sum());
    for (place, line) in lines.iter().enumerate() {
        record::encode(&mut bytes, line, Marks::of_batch(place, lines.len()));
    }
    bytes
}

/// The head of a log of which nothing could be read.
pub(super) const UNREAD: Head = Head {
    seq: 0,
    hash: Digest([0; 32]),
};
