//! From what a tool found to what the model reads: secrets out, length bounded, the whole kept as a blob under a handle.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::base::id::Digest;
use crate::base::secret::Redactor;
use crate::base::text;
use crate::domain::tool::{EditFact, Outcome};
use crate::engine::ports::blobs::Blobs;

/// Bytes of a result that a model gets.
pub(super) const RESULT_BYTES: usize = 16 << 10;
/// Bytes of a command's result.
pub(super) const COMMAND_BYTES: usize = 30 << 10;
/// Cells of a brief.
const BRIEF_CELLS: usize = 60;
/// Hex digits of a handle; enough to be unique among the results of one attempt.
const HANDLE_DIGITS: usize = 12;

/// What a tool found, of any length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) text: String,
    pub(super) is_error: bool,
    pub(super) brief: String,
    pub(super) exit: Option<i32>,
    pub(super) edits: Vec<EditFact>,
}

impl Reply {
    pub(super) fn of(text: String, brief: impl Into<String>) -> Self {
        Self {
            text,
            brief: brief.into(),
            ..Self::default()
        }
    }

    pub(super) fn error(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            brief: text.clone(),
            text,
            is_error: true,
            ..Self::default()
        }
    }

    /// Redacts, bounds to `limit` bytes and keeps the whole if it was cut.
    pub(super) fn finish(
        self,
        redactor: &Redactor,
        blobs: &Arc<dyn Blobs>,
        limit: usize,
    ) -> Outcome {
        let whole = redactor.redact(&self.text);
        let (text, rest) = bound(whole, blobs.as_ref(), limit);
        Outcome {
            text,
            is_error: self.is_error,
            brief: text::first_line(&redactor.redact(&self.brief), BRIEF_CELLS),
            exit: self.exit,
            rest,
            edits: self.edits,
        }
    }
}

/// How a model names a result that was cut.
pub(super) fn handle(digest: &Digest) -> String {
    let digits: String = digest.to_string().chars().take(HANDLE_DIGITS).collect();
    format!("h_{digits}")
}

fn bound(whole: String, blobs: &dyn Blobs, limit: usize) -> (String, Option<Digest>) {
    if whole.len() <= limit {
        return (whole, None);
    }
    let kept = blobs.put(whole.as_bytes()).ok();
    let (head, tail) = ends(&whole, limit.saturating_sub(200));
    let middle_bytes = whole.len() - head.len() - tail.len();
    let middle = whole.get(head.len()..head.len() + middle_bytes);
    let lines = middle.unwrap_or_default().matches('\n').count();
    let amount = if lines > 1 {
        format!("{lines} lines")
    } else {
        format!("{middle_bytes} bytes")
    };
    let mut text = String::with_capacity(limit);
    text.push_str(head);
    if !head.ends_with('\n') {
        text.push('\n');
    }
    let _ = match kept {
        Some(digest) => writeln!(
            text,
            "… {amount} left out; read_output handle \"{}\" (the whole has {} lines) …",
            handle(&digest),
            whole.lines().count()
        ),
        None => writeln!(
            text,
            "… {amount} left out, and the whole could not be kept …"
        ),
    };
    text.push_str(tail);
    (text, kept)
}

/// A beginning and an end of together at most `room` bytes, cut between lines where lines are short enough.
fn ends(whole: &str, room: usize) -> (&str, &str) {
    let head_room = room * 3 / 5;
    let head = first_bytes(whole, head_room);
    let head = match head.rfind('\n') {
        Some(end) if end > head_room / 2 => head.get(..=end).unwrap_or(head),
        _ => head,
    };
    let tail = last_bytes(whole, room - head_room);
    let tail = match tail.find('\n') {
        Some(end) if end < tail.len() / 2 => tail.get(end + 1..).unwrap_or(tail),
        _ => tail,
    };
    (head, tail)
}

/// At most `room` bytes from the beginning, ending between characters.
fn first_bytes(text: &str, room: usize) -> &str {
    let ends = (0..=room.min(text.len())).rev();
    ends.into_iter()
        .find_map(|end| text.get(..end))
        .unwrap_or_default()
}

/// At most `room` bytes from the end, beginning between characters.
fn last_bytes(text: &str, room: usize) -> &str {
    let starts = text.len().saturating_sub(room)..=text.len();
    starts
        .into_iter()
        .find_map(|start| text.get(start..))
        .unwrap_or_default()
}

/// Why a part of a numbered text cannot be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoPart {
    #[error("lines count from 1")]
    Zero,
    #[error("from_line {from} is past the end: there are {lines} lines")]
    PastEnd { from: u32, lines: usize },
}

/// The lines wanted, each with its number and a tab, as many as fit into a result; then how to go on.
pub(super) fn part(whole: &str, from: Option<u32>, count: Option<u32>) -> Result<Reply, NoPart> {
    let from = from.unwrap_or(1);
    let lines: Vec<&str> = whole.lines().collect();
    let skipped = from.checked_sub(1).ok_or(NoPart::Zero)? as usize;
    if lines.is_empty() {
        return Ok(Reply::of("(empty)".to_owned(), "0 lines"));
    }
    if skipped >= lines.len() {
        let lines = lines.len();
        return Err(NoPart::PastEnd { from, lines });
    }
    if count == Some(0) {
        return Err(NoPart::Zero);
    }
    let wanted = count.map_or(usize::MAX, |count| count as usize);
    let mut out = String::new();
    let mut shown = 0;
    for (at, line) in lines.iter().enumerate().skip(skipped).take(wanted) {
        let line = clipped(line);
        // The last lines of the result are for how to go on.
        if out.len() + line.len() + 12 > RESULT_BYTES - 200 {
            break;
        }
        let _ = writeln!(out, "{}\t{line}", at + 1);
        shown += 1;
    }
    let last = skipped + shown;
    if last < lines.len() {
        let total = lines.len();
        let next = last + 1;
        let _ = writeln!(
            out,
            "(lines {from} to {last} of {total}; go on with from_line {next})"
        );
    } else if !whole.ends_with('\n') {
        out.push_str("(no line end after the last line)\n");
    }
    let plural = if shown == 1 { "" } else { "s" };
    Ok(Reply::of(out, format!("{shown} line{plural}")))
}

/// Longest line shown, in bytes.
const LINE_BYTES: usize = 4000;

fn clipped(line: &str) -> std::borrow::Cow<'_, str> {
    if line.len() <= LINE_BYTES {
        return line.into();
    }
    let head = first_bytes(line, LINE_BYTES);
    let left = line.len() - head.len();
    format!("{head} … ({left} more bytes in this line)").into()
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;
    use crate::engine::ports::blobs::BlobFailure;

    /// Blobs in memory.
    #[derive(Default)]
    pub(crate) struct Kept(Mutex<BTreeMap<Digest, Vec<u8>>>);

    impl Blobs for Kept {
        fn put(&self, bytes: &[u8]) -> Result<Digest, BlobFailure> {
            let digest = Digest::of(bytes);
            self.0.lock().unwrap().insert(digest, bytes.to_owned());
            Ok(digest)
        }

        fn get(&self, digest: &Digest) -> Result<Vec<u8>, BlobFailure> {
            let found = self.0.lock().unwrap().get(digest).cloned();
            found.ok_or(BlobFailure::Missing { digest: *digest })
        }
    }

    #[test]
    fn long_results_keep_both_ends_and_name_a_handle() {
        let blobs: Arc<dyn Blobs> = Arc::new(Kept::default());
        let lines: Vec<String> = (1..=9000).map(|n| format!("line {n}\n")).collect();
        let text = lines.concat();
        let reply = Reply::of(text.clone(), "9000 lines");
        let outcome = reply.finish(&Redactor::new([]), &blobs, RESULT_BYTES);
        assert!(outcome.text.len() <= RESULT_BYTES);
        assert!(outcome.text.starts_with("line 1\nline 2\n"));
        assert!(outcome.text.ends_with("line 8999\nline 9000\n"));
        let digest = outcome.rest.unwrap();
        let named = format!(
            "read_output handle \"{}\" (the whole has 9000 lines)",
            handle(&digest)
        );
        assert!(outcome.text.contains(&named), "{}", outcome.text);
        assert_eq!(blobs.get(&digest).unwrap(), text.as_bytes());
    }

    #[test]
    fn one_endless_line_is_cut_between_characters() {
        let blobs: Arc<dyn Blobs> = Arc::new(Kept::default());
        let outcome = Reply::of("ü".repeat(50_000), "x").finish(&Redactor::new([]), &blobs, 1000);
        assert!(outcome.text.len() <= 1000);
        assert!(outcome.text.contains("bytes left out"));
    }

    #[test]
    fn parts_say_how_to_go_on() {
        let text = "a\nb\nc\n";
        let give = |from, count| part(text, from, count).map(|reply| reply.text);
        assert_eq!(give(None, None).unwrap(), "1\ta\n2\tb\n3\tc\n");
        assert_eq!(
            give(Some(2), Some(1)).unwrap(),
            "2\tb\n(lines 2 to 2 of 3; go on with from_line 3)\n"
        );
        let past = give(Some(9), None).unwrap_err();
        assert_eq!(past, NoPart::PastEnd { from: 9, lines: 3 });
        assert_eq!(
            part("x", None, None).unwrap().text,
            "1\tx\n(no line end after the last line)\n"
        );
        let long = part(&"word\n".repeat(9000), None, None).unwrap().text;
        assert!(long.len() <= RESULT_BYTES);
        assert!(long.contains("go on with from_line"));
    }
}
