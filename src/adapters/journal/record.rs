//! The bytes of one record: a word (length in the low 29 bits, marks above), the CRC32C of word and line, the line, a newline.
//! Nothing here knows what a line says.
//!
//! The marks tell where a batch begins and whether more of it follows. With them a crash in the middle of a batch can be told
//! from damage: only the last batch of a log was perhaps never acknowledged.

/// Bytes before the line.
const HEADER: usize = 8;

/// The longest line, in bytes. Texts are kept as blobs, so a line is far shorter.
pub(super) const MAX_LINE: usize = 1 << 24;

const OPENS: u32 = 1 << 31;
const CONTINUES: u32 = 1 << 30;
const SEALS: u32 = 1 << 29;
const LENGTH: u32 = SEALS - 1;

/// What a record is to those around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks(u32);

impl Marks {
    /// A segment's trailer.
    pub(super) const TRAILER: Self = Self(OPENS | SEALS);

    /// Record `place` (from 0) of a batch of `count`.
    pub(super) const fn of_batch(place: usize, count: usize) -> Self {
        let opens = if place == 0 { OPENS } else { 0 };
        let continues = if place + 1 < count { CONTINUES } else { 0 };
        Self(opens | continues)
    }

    /// The first record of its batch.
    pub(super) const fn opens(self) -> bool {
        self.0 & OPENS != 0
    }

    /// More of the batch follows.
    pub(super) const fn continues(self) -> bool {
        self.0 & CONTINUES != 0
    }

    /// The trailer of a segment, not an event.
    pub(super) const fn seals(self) -> bool {
        self.0 & SEALS != 0
    }
}

/// One whole record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    /// Its place in a batch.
    pub(super) marks: Marks,
    /// The line without newline.
    pub(super) line: &'a str,
    /// Bytes that it takes in the file.
    pub(super) size: usize,
}

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    #[error("it is cut short, or its length is wrong")]
    Short,
    #[error("its length is impossible")]
    Length,
    #[error("its checksum does not match")]
    Checksum,
    #[error("it is not text")]
    Text,
}

/// Appends the record of `line` to `out`. The caller has checked the line's length.
pub(super) fn encode(out: &mut Vec<u8>, line: &str, marks: Marks) {
    let word = (marks.0 | (line.len() as u32 & LENGTH)).to_le_bytes();
    out.extend_from_slice(&word);
    out.extend_from_slice(&checksum(word, line.as_bytes()).to_le_bytes());
    out.extend_from_slice(line.as_bytes());
    out.push(b'\n');
}

/// Reads the record at the start of `bytes`.
pub(super) fn decode(bytes: &[u8]) -> Result<Record<'_>, Flaw> {
    let (word, rest) = bytes.split_first_chunk::<4>().ok_or(Flaw::Short)?;
    let (sum, rest) = rest.split_first_chunk::<4>().ok_or(Flaw::Short)?;
    let marked = u32::from_le_bytes(*word);
    let length = (marked & LENGTH) as usize;
    if length == 0 || length > MAX_LINE {
        return Err(Flaw::Length);
    }
    let (line, rest) = rest.split_at_checked(length).ok_or(Flaw::Short)?;
    // The newline is looked at first: it is the cheap half when bytes are searched for a record.
    if *rest.first().ok_or(Flaw::Short)? != b'\n'
        || checksum(*word, line) != u32::from_le_bytes(*sum)
    {
        return Err(Flaw::Checksum);
    }
    Ok(Record {
        marks: Marks(marked & !LENGTH),
        line: str::from_utf8(line).map_err(|_| Flaw::Text)?,
        size: HEADER + length + 1,
    })
}

/// Whether a batch begins anywhere behind the first byte of `bytes`. JSON lines hold no bytes that look like a header, so
/// a find is real.
pub(super) fn has_later_batch(bytes: &[u8]) -> bool {
    (1..bytes.len()).any(|offset| {
        bytes
            .get(offset..)
            .and_then(|rest| decode(rest).ok())
            .is_some_and(|record| record.marks.opens())
    })
}

fn checksum(word: [u8; 4], line: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&word), line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_read_back_with_their_marks() {
        let mut bytes = Vec::new();
        for place in 0..3 {
            encode(&mut bytes, "{\"a\":1}", Marks::of_batch(place, 3));
        }
        let mut seen = Vec::new();
        let mut rest = bytes.as_slice();
        while let Ok(record) = decode(rest) {
            seen.push((record.marks.opens(), record.marks.continues()));
            rest = &rest[record.size..];
        }
        assert!(rest.is_empty());
        assert_eq!(seen, [(true, true), (false, true), (false, false)]);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_shows() {
        let mut bytes = Vec::new();
        encode(&mut bytes, r#"{"seq":1}"#, Marks::of_batch(0, 1));
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&flipped).is_err(), "bit {bit}");
        }
        for cut in 0..bytes.len() {
            assert!(decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn a_later_batch_is_told_from_the_rest_of_one() {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        encode(&mut one, "{}", Marks::of_batch(1, 2));
        encode(&mut two, "{}", Marks::of_batch(0, 1));
        assert!(!has_later_batch(&[b"torn".as_slice(), &one].concat()));
        assert!(has_later_batch(&[b"torn".as_slice(), &one, &two].concat()));
    }
}
