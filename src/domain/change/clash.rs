//! A conflict as a person sees and solves it: what both sides have where they do not agree, what is chosen for each place, and the text
//! that follows from the choices. Pure: contents come in, a text goes out, the same one each time.
//!
//! Not here: finding the files that conflict, and writing them (`engine::changes::clash`).

use serde::{Deserialize, Serialize};

use super::three::three_way;
use crate::base::body::Body;
use crate::base::id::{Digest, Oid};

/// Bytes of a side that is shown in parts; larger ones are taken or left as a whole.
pub const MOST_SIDE_BYTES: usize = 256 << 10;
/// Lines of a side that is shown in parts.
pub const MOST_SIDE_LINES: usize = 10_000;
/// Bytes that the texts of one resolution may have together.
pub const MOST_TEXT_BYTES: usize = 256 << 10;

/// A conflict that can be looked at: the two commits, and where the document is that tells what they do not agree about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Clash {
    /// The head of the sprint's branch.
    pub onto: Oid,
    /// The head of the task's branch.
    pub head: Oid,
    /// A [`Document`] as JSON.
    pub document: Body,
    /// What can be chosen in each of its files, in their order.
    pub files: Vec<Choosable>,
}

/// What can be chosen in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Choosable {
    /// So many places, one by one.
    Places(u32),
    /// One side, as a whole.
    Whole,
    /// Nothing: a person has to look at it in the worktree.
    Nothing,
}

/// What is chosen for one conflict.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Choice {
    /// What the sprint's branch has.
    Ours,
    /// What the task has.
    Theirs,
    /// First the one, then the other.
    Both,
    /// First what the task has.
    BothTurned,
    /// A text of the person's.
    Text(String),
}

/// All that two commits do not agree about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// File by file, in the order of their paths.
    pub files: Vec<ClashFile>,
}

/// A file that two commits do not agree about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClashFile {
    /// Where it is; of a name that is no plain text, what people are shown.
    pub path: String,
    /// How it clashes.
    pub shape: ClashShape,
}

/// How a file clashes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClashShape {
    /// In some of its lines.
    Places(Vec<Piece>),
    /// As a whole.
    Whole {
        /// What the sprint's branch has.
        ours: Side,
        /// What the task has.
        theirs: Side,
        /// Why it is not shown in parts.
        why: Whole,
    },
    /// In a way that cannot be solved by choosing; what it is, in words.
    Beyond(String),
}

/// A part of a file, as far as it is alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// Lines that both agree about.
    Same(String),
    /// Lines that they do not agree about.
    Split(Split),
}

/// Lines that two sides do not agree about, each side whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// What the sprint's branch has.
    pub ours: String,
    /// What was there before both.
    pub base: String,
    /// What the task has.
    pub theirs: String,
}

/// What one side has of a file that clashes as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// It deleted the file.
    Gone,
    /// So many bytes that are not shown.
    Bytes(u64),
    /// A text.
    Text(String),
}

/// Why a file is taken or left as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whole {
    /// One side deleted it.
    Deleted,
    /// It is no text.
    Binary,
    /// It is too large to be shown.
    TooLarge,
    /// A link, which has no lines.
    Link,
}

/// Choices that do not fit the conflict that they are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the choices do not fit the conflict")]
pub struct Misfit;

impl Clash {
    /// The same choice for every place; none where something is left that no choice solves.
    #[must_use]
    pub fn all(&self, choice: &Choice) -> Option<Vec<Vec<Choice>>> {
        let files = self.files.iter().map(|file| {
            let choices = vec![choice.clone(); file.count()];
            file.takes(&choices).then_some(choices)
        });
        files.collect()
    }
}

impl Document {
    /// What can be chosen in each file.
    #[must_use]
    pub fn choosable(&self) -> Vec<Choosable> {
        self.files.iter().map(ClashFile::choosable).collect()
    }
}

impl ClashFile {
    /// What can be chosen.
    #[must_use]
    pub fn choosable(&self) -> Choosable {
        match &self.shape {
            ClashShape::Places(pieces) => {
                let splits = pieces
                    .iter()
                    .filter(|piece| matches!(piece, Piece::Split(_)));
                Choosable::Places(splits.count() as u32)
            }
            ClashShape::Whole { .. } => Choosable::Whole,
            ClashShape::Beyond(_) => Choosable::Nothing,
        }
    }
}

impl ClashShape {
    /// Bytes of text that it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match self {
            Self::Places(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Same(text) => text.len(),
                    Piece::Split(split) => split.ours.len() + split.base.len() + split.theirs.len(),
                })
                .sum(),
            Self::Whole { ours, theirs, .. } => [ours, theirs]
                .into_iter()
                .map(|side| match side {
                    Side::Text(text) => text.len(),
                    Side::Gone | Side::Bytes(_) => 0,
                })
                .sum(),
            Self::Beyond(_) => 0,
        }
    }

    /// The same clash, taken or left as a whole, and not shown.
    #[must_use]
    pub fn without_texts(self) -> Self {
        let (ours, theirs, why) = match self {
            Self::Places(pieces) => {
                let sum = |of: fn(&Split) -> &str| {
                    let bytes = pieces.iter().map(|piece| match piece {
                        Piece::Same(text) => text.len(),
                        Piece::Split(split) => of(split).len(),
                    });
                    Side::Bytes(bytes.sum::<usize>() as u64)
                };
                let theirs = sum(|split| &split.theirs);
                (sum(|split| &split.ours), theirs, Whole::TooLarge)
            }
            Self::Whole { ours, theirs, why } => (ours.unshown(), theirs.unshown(), why),
            Self::Beyond(_) => return self,
        };
        Self::Whole { ours, theirs, why }
    }
}

impl Side {
    fn unshown(self) -> Self {
        match self {
            Self::Text(text) => Self::Bytes(text.len() as u64),
            Self::Gone | Self::Bytes(_) => self,
        }
    }
}

impl Choosable {
    /// How many choices it takes.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Places(count) => count as usize,
            Self::Whole => 1,
            Self::Nothing => 0,
        }
    }

    /// Whether these are answers to all that is asked of a file.
    #[must_use]
    pub fn takes(self, choices: &[Choice]) -> bool {
        match self {
            Self::Places(_) => choices.len() == self.count(),
            Self::Whole => matches!(choices, [Choice::Ours | Choice::Theirs]),
            Self::Nothing => false,
        }
    }
}

impl Choice {
    /// Bytes of text that it carries.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Ours | Self::Theirs | Self::Both | Self::BothTurned => 0,
        }
    }

    /// The lines that it leads to.
    #[must_use]
    pub fn text(&self, split: &Split) -> String {
        match self {
            Self::Ours => split.ours.clone(),
            Self::Theirs => split.theirs.clone(),
            Self::Both => joined(&split.ours, &split.theirs),
            Self::BothTurned => joined(&split.theirs, &split.ours),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Names all that is chosen: equal choices have equal names.
#[must_use]
pub fn name_of(choices: &[Vec<Choice>]) -> Digest {
    // Plain enums of strings always serialise.
    Digest::of(&serde_json::to_vec(choices).unwrap_or_default())
}

/// One text behind the other.
fn joined(first: &str, second: &str) -> String {
    let mut text = first.to_owned();
    append(&mut text, second);
    text
}

/// Puts a text behind another; a last line without an end gets one, for else two lines would become one.
fn append(text: &mut String, more: &str) {
    let is_open = !text.is_empty() && !text.ends_with('\n') && !more.is_empty();
    text.push_str(match (is_open, more.contains("\r\n")) {
        (false, _) => "",
        (true, true) => "\r\n",
        (true, false) => "\n",
    });
    text.push_str(more);
}

/// Compares three contents of a file. With texts that are too long, or no texts, it clashes as a whole.
#[must_use]
pub fn shape_of(base: &[u8], ours: &[u8], theirs: &[u8]) -> ClashShape {
    let whole = |why| ClashShape::Whole {
        ours: side(ours),
        theirs: side(theirs),
        why,
    };
    let all = [base, ours, theirs];
    if all.iter().any(|content| is_large(content)) {
        return whole(Whole::TooLarge);
    }
    match (text(base), text(ours), text(theirs)) {
        (Some(base), Some(ours), Some(theirs)) => ClashShape::Places(three_way(base, ours, theirs)),
        _ => whole(Whole::Binary),
    }
}

/// What one side has, if it is shown as a whole.
#[must_use]
pub fn side(content: &[u8]) -> Side {
    match text(content) {
        Some(text) if !is_large(content) => Side::Text(text.to_owned()),
        _ => Side::Bytes(content.len() as u64),
    }
}

fn is_large(content: &[u8]) -> bool {
    let lines = content.split(|byte| *byte == b'\n').count();
    content.len() > MOST_SIDE_BYTES || lines > MOST_SIDE_LINES + 1
}

/// A content as text; what holds a zero byte is none, as git has it.
fn text(content: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(content).ok()?;
    (!text.contains('\0')).then_some(text)
}

/// The text of a file with a choice for each place.
///
/// # Errors
/// There is a choice too few or too many.
pub fn resolved(pieces: &[Piece], choices: &[Choice]) -> Result<String, Misfit> {
    let mut choices = choices.iter();
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Same(same) => append(&mut text, same),
            Piece::Split(split) => {
                append(&mut text, &choices.next().ok_or(Misfit)?.text(split));
            }
        }
    }
    if choices.next().is_some() {
        return Err(Misfit);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "a\nb\nc\n";
    const OURS: &str = "a\nB\nc\n";
    const THEIRS: &str = "a\n2\nc\n";

    fn places(base: &str, ours: &str, theirs: &str) -> Vec<Piece> {
        match shape_of(base.as_bytes(), ours.as_bytes(), theirs.as_bytes()) {
            ClashShape::Places(pieces) => pieces,
            shape => panic!("{shape:?}"),
        }
    }

    #[test]
    fn each_choice_gives_its_text() {
        let pieces = places(BASE, OURS, THEIRS);
        for (choice, text) in [
            (Choice::Ours, OURS),
            (Choice::Theirs, THEIRS),
            (Choice::Both, "a\nB\n2\nc\n"),
            (Choice::BothTurned, "a\n2\nB\nc\n"),
            (Choice::Text("x\n".to_owned()), "a\nx\nc\n"),
            (Choice::Text(String::new()), "a\nc\n"),
        ] {
            assert_eq!(resolved(&pieces, &[choice]), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_choice_too_few_or_too_many_is_refused() {
        let pieces = places(BASE, OURS, THEIRS);
        assert_eq!(resolved(&pieces, &[]), Err(Misfit));
        let two = [Choice::Ours, Choice::Ours];
        assert_eq!(resolved(&pieces, &two), Err(Misfit));
        assert!(!Choosable::Places(1).takes(&two));
        assert!(Choosable::Places(1).takes(&[Choice::Both]));
        assert!(Choosable::Whole.takes(&[Choice::Theirs]));
        assert!(!Choosable::Whole.takes(&[Choice::Both]));
        assert!(!Choosable::Nothing.takes(&[]));
    }

    #[test]
    fn one_side_can_be_taken_everywhere_where_a_choice_is_enough() {
        let clash = |files: &[Choosable]| Clash {
            onto: "a".repeat(40).parse().unwrap(),
            head: "b".repeat(40).parse().unwrap(),
            document: Body::Inline(String::new()),
            files: files.to_vec(),
        };
        let whole = clash(&[Choosable::Places(2), Choosable::Whole]);
        let ours = vec![vec![Choice::Ours; 2], vec![Choice::Ours]];
        assert_eq!(whole.all(&Choice::Ours), Some(ours));
        assert_eq!(whole.all(&Choice::Both), None);
        let beyond = clash(&[Choosable::Places(2), Choosable::Nothing]);
        assert_eq!(beyond.all(&Choice::Ours), None);
    }

    #[test]
    fn a_last_line_without_an_end_is_not_glued_to_the_next() {
        let pieces = places("a\nb", "a\nB", "a\n2");
        let text = resolved(&pieces, &[Choice::Both]);
        assert_eq!(text, Ok("a\nB\n2".to_owned()));
        assert_eq!(joined("a", "b\r\nc\r\n"), "a\r\nb\r\nc\r\n");
        assert_eq!(resolved(&pieces, &[Choice::Theirs]), Ok("a\n2".to_owned()));
        let pieces = places(BASE, OURS, THEIRS);
        let open = [Choice::Text("x".to_owned())];
        assert_eq!(resolved(&pieces, &open), Ok("a\nx\nc\n".to_owned()));
    }

    #[test]
    fn what_is_not_shown_keeps_its_sizes() {
        let shape = ClashShape::Places(places(BASE, OURS, THEIRS));
        assert_eq!(shape.bytes(), 10);
        let whole = ClashShape::Whole {
            ours: Side::Bytes(6),
            theirs: Side::Bytes(6),
            why: Whole::TooLarge,
        };
        assert_eq!(shape.without_texts(), whole);
        assert_eq!(whole.bytes(), 0);
    }

    #[test]
    fn what_is_no_short_text_is_taken_as_a_whole() {
        let of = |ours: &[u8]| match shape_of(b"a\n", ours, b"b\n") {
            ClashShape::Whole { ours, theirs, why } => (ours, theirs, why),
            shape => panic!("{shape:?}"),
        };
        let theirs = || Side::Text("b\n".to_owned());
        assert_eq!(of(b"a\0b"), (Side::Bytes(3), theirs(), Whole::Binary));
        assert_eq!(of(b"caf\xe9"), (Side::Bytes(4), theirs(), Whole::Binary));
        let long = vec![b'x'; MOST_SIDE_BYTES + 1];
        let size = long.len() as u64;
        assert_eq!(of(&long), (Side::Bytes(size), theirs(), Whole::TooLarge));
        let lines = "\n".repeat(MOST_SIDE_LINES + 1);
        let size = lines.len() as u64;
        assert_eq!(
            of(lines.as_bytes()),
            (Side::Bytes(size), theirs(), Whole::TooLarge)
        );
    }
}
