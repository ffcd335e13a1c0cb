//! Frames: four bytes with the length, little-endian, and that many bytes. Bytes in, frames out, whatever the pieces in which they come;
//! no sockets here, and nothing of what a frame holds.

use bytes::{Buf, Bytes, BytesMut};

/// The longest frame that a client may send.
pub const MOST_FROM_CLIENT: usize = 1 << 20;
/// The longest frame that a host may send: a world, or a text of the largest size with what stands around it.
pub const MOST_FROM_HOST: usize = 65 << 20;
/// Bytes of a length.
const HEAD: usize = 4;

/// A frame that is longer than its side may send. The line is of no more use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message of {length} bytes, at most {limit} are taken")]
pub struct TooLong {
    /// Its length as announced.
    pub length: usize,
    /// The limit.
    pub limit: usize,
}

/// A frame with its length in front.
///
/// # Errors
/// It is longer than `limit`.
pub fn frame(body: &[u8], limit: usize) -> Result<Vec<u8>, TooLong> {
    let length = u32::try_from(body.len())
        .ok()
        .filter(|_| body.len() <= limit);
    let Some(length) = length else {
        return Err(TooLong {
            length: body.len(),
            limit,
        });
    };
    let mut framed = Vec::with_capacity(HEAD + body.len());
    framed.extend_from_slice(&length.to_le_bytes());
    framed.extend_from_slice(body);
    Ok(framed)
}

/// Finds the frames in a stream of bytes. Memory grows with what has come, never with what a length announces.
#[derive(Debug)]
pub struct Frames {
    limit: usize,
    buffer: BytesMut,
}

impl Frames {
    /// For a side that may send frames of up to `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            buffer: BytesMut::new(),
        }
    }

    /// Where bytes are read into.
    pub const fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// Takes bytes in.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, if it has come.
    ///
    /// # Errors
    /// It is announced as too long; nothing after it can be found.
    pub fn take(&mut self) -> Result<Option<Bytes>, TooLong> {
        let Some(head) = self.buffer.first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_le_bytes(*head)).unwrap_or(usize::MAX);
        if length > self.limit {
            return Err(TooLong {
                length,
                limit: self.limit,
            });
        }
        if self.buffer.len() - HEAD < length {
            return Ok(None);
        }
        self.buffer.advance(HEAD);
        Ok(Some(self.buffer.split_to(length).freeze()))
    }

    /// Whether a frame has begun that is not whole.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        !self.buffer.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(frames: &mut Frames) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        while let Some(frame) = frames.take().unwrap() {
            found.push(frame.to_vec());
        }
        found
    }

    #[test]
    fn every_split_gives_the_same_frames() {
        let bodies: [&[u8]; 4] = [b"one", b"", b"three three", &[0xff; 300]];
        let stream: Vec<u8> = bodies
            .iter()
            .flat_map(|body| frame(body, 300).unwrap())
            .collect();
        for first in 0..stream.len() {
            for second in (first..stream.len()).step_by(7) {
                let mut frames = Frames::new(300);
                let mut found = Vec::new();
                for piece in [&stream[..first], &stream[first..second], &stream[second..]] {
                    frames.push(piece);
                    found.extend(all(&mut frames));
                }
                assert_eq!(found, bodies);
                assert!(!frames.is_inside());
            }
        }
    }

    #[test]
    fn a_hostile_length_is_refused_before_anything_is_kept() {
        for length in [11_u32, 1 << 20, u32::MAX] {
            let mut frames = Frames::new(10);
            frames.push(&length.to_le_bytes());
            let refused = frames.take().unwrap_err();
            assert_eq!(refused.length, length as usize);
            assert!(frames.buffer.capacity() < 1_024);
        }
        assert!(frame(&[0; 11], 10).is_err());
    }

    #[test]
    fn a_frame_cut_short_is_not_given() {
        let mut frames = Frames::new(10);
        frames.push(&[5, 0, 0, 0, 1, 2]);
        assert_eq!(frames.take(), Ok(None));
        assert!(frames.is_inside());
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_frames_or_a_refusal(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let mut frames = Frames::new(64);
            for piece in pieces {
                frames.push(&piece);
                while let Ok(Some(frame)) = frames.take() {
                    prop_assert!(frame.len() <= 64);
                }
            }
        }
    }
}
