//! Reading objects, many at a time.

use super::GitRepo;
use crate::base::id::Oid;
use crate::engine::ports::vcs::{Content, VcsFailure};

/// One run of git gives at most about this many bytes of contents.
const BATCH_BYTES: u64 = 64 << 20;

/// An object as git hands it over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Object<'a> {
    pub(super) kind: &'a [u8],
    pub(super) bytes: &'a [u8],
}

impl GitRepo {
    /// Bytes of each object; none for missing ones.
    pub(super) fn sizes(&self, oids: &[Oid]) -> Result<Vec<Option<u64>>, VcsFailure> {
        if oids.is_empty() {
            return Ok(Vec::new());
        }
        let answer = self
            .own("measure files")?
            .args(["cat-file", "--batch-check=%(objectsize)", "--buffer"])
            .stdin(lines(oids))
            .output()?;
        Ok(answer
            .split(|byte| *byte == b'\n')
            .take(oids.len())
            .map(|line| std::str::from_utf8(line).ok()?.parse().ok())
            .collect())
    }

    /// Hands out every object in the order asked for; none for missing ones.
    pub(super) fn each_object(
        &self,
        during: &'static str,
        oids: &[Oid],
        mut take: impl FnMut(Option<Object<'_>>),
    ) -> Result<(), VcsFailure> {
        if oids.is_empty() {
            return Ok(());
        }
        let answer = self
            .own(during)?
            .args(["cat-file", "--batch", "--buffer"])
            .stdin(lines(oids))
            .output()?;
        let mut rest = answer.as_slice();
        for oid in oids {
            let (object, behind) = split_object(rest).ok_or_else(|| VcsFailure::Other {
                during,
                message: format!("git's answer breaks off before {oid}"),
            })?;
            take(object);
            rest = behind;
        }
        Ok(())
    }

    pub(super) fn content(&self, blob: &Oid, limit: u64) -> Result<Vec<u8>, VcsFailure> {
        let what = || format!("file content {blob}");
        let mut contents = self.contents(std::slice::from_ref(blob), limit)?;
        match contents.pop() {
            Some(Content::Bytes(bytes)) => Ok(bytes),
            Some(Content::TooLarge(_)) => Err(VcsFailure::TooLarge {
                what: what(),
                limit,
            }),
            Some(Content::Missing) | None => Err(VcsFailure::NotFound { what: what() }),
        }
    }

    pub(super) fn contents(&self, blobs: &[Oid], limit: u64) -> Result<Vec<Content>, VcsFailure> {
        let sizes = self.sizes(blobs)?;
        let mut contents: Vec<_> = sizes
            .iter()
            .map(|size| match size {
                Some(size) if *size > limit => Content::TooLarge(*size),
                Some(_) | None => Content::Missing,
            })
            .collect();
        let mut wanted = blobs
            .iter()
            .zip(&sizes)
            .zip(&mut contents)
            .filter_map(|((oid, size), place)| {
                Some((oid, (*size).filter(|size| *size <= limit)?, place))
            })
            .peekable();
        while wanted.peek().is_some() {
            let (mut oids, mut places, mut total) = (Vec::new(), Vec::new(), 0);
            while total < BATCH_BYTES {
                let Some((oid, size, place)) = wanted.next() else {
                    break;
                };
                oids.push(oid.clone());
                places.push(place);
                total += size;
            }
            let mut places = places.into_iter();
            self.each_object("read files", &oids, |object| {
                let blob = object.filter(|object| object.kind == b"blob");
                if let (Some(place), Some(blob)) = (places.next(), blob) {
                    *place = Content::Bytes(blob.bytes.to_vec());
                }
            })?;
        }
        Ok(contents)
    }
}

/// Reads an object's name out of git's answer.
pub(super) fn oid(during: &'static str, bytes: &[u8]) -> Result<Oid, VcsFailure> {
    let text = String::from_utf8_lossy(bytes);
    text.parse().map_err(|error| VcsFailure::Other {
        during,
        message: format!("git's answer is {error}"),
    })
}

/// One name a line.
pub(super) fn lines(oids: &[Oid]) -> Vec<u8> {
    let mut text = Vec::new();
    for oid in oids {
        text.extend_from_slice(oid.as_str().as_bytes());
        text.push(b'\n');
    }
    text
}

/// Splits the first object off an answer of `cat-file --batch`.
fn split_object(answer: &[u8]) -> Option<(Option<Object<'_>>, &[u8])> {
    let end = answer.iter().position(|byte| *byte == b'\n')?;
    let (head, rest) = (answer.get(..end)?, answer.get(end + 1..)?);
    let mut words = head.split(|byte| *byte == b' ').skip(1);
    let kind = words.next()?;
    let Some(size) = words.next() else {
        return Some((None, rest)); // `NAME missing`
    };
    let size: usize = std::str::from_utf8(size).ok()?.parse().ok()?;
    let bytes = rest.get(..size)?;
    Some((Some(Object { kind, bytes }), rest.get(size + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_split_by_sizes() {
        let answer = b"aa blob 5\nx\ny\nz\nbb missing\ncc tree 0\n\n";
        let (first, rest) = split_object(answer).unwrap();
        assert_eq!(
            first,
            Some(Object {
                kind: b"blob",
                bytes: b"x\ny\nz"
            })
        );
        let (second, rest) = split_object(rest).unwrap();
        assert_eq!(second, None);
        let (third, rest) = split_object(rest).unwrap();
        assert_eq!(
            third,
            Some(Object {
                kind: b"tree",
                bytes: b""
            })
        );
        assert_eq!(
            (rest, split_object(b"aa blob 9\nshort\n")),
            (&b""[..], None)
        );
    }
}
