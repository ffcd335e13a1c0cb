//! Merges in memory: no checkout, no reference and no file is touched.

use super::GitRepo;
use super::objects::oid;
use super::program::Version;
use crate::base::id::Oid;
use crate::engine::ports::vcs::{FileKind, InConflict, MergeOutcome, VcsFailure};

const MERGE: &str = "merge two commits";

impl GitRepo {
    pub(super) fn merge(
        &self,
        base: Option<&Oid>,
        ours: &Oid,
        theirs: &Oid,
    ) -> Result<MergeOutcome, VcsFailure> {
        let mut call = self
            .own(MERGE)?
            .args(["merge-tree", "--write-tree", "-z", "--messages"]);
        if let Some(base) = base {
            if self.program.version < Version::MERGE_BASE {
                return Err(VcsFailure::TooOld {
                    found: self.program.version_text.clone(),
                    needed: "2.40",
                });
            }
            call = call.arg(format!("--merge-base={base}"));
        }
        let output = call
            .args(["--end-of-options", ours.as_str(), theirs.as_str()])
            .long()
            .run()?;
        if output.code > 1 || output.stdout.is_empty() {
            return Err(output.failure());
        }
        let answer = Answer::read(&output.stdout);
        let tree = oid(MERGE, answer.tree)?;
        Ok(match output.code {
            0 => MergeOutcome::Clean { tree },
            _ => MergeOutcome::Conflict {
                tree,
                files: answer.files(),
                notes: answer.notes.into_iter().map(|note| note.text).collect(),
            },
        })
    }
}

/// Kinds of conflicts that are about what is in one file.
const PLAIN: [&[u8]; 3] = [
    b"CONFLICT (contents)",
    b"CONFLICT (binary)",
    b"CONFLICT (modify/delete)",
];

/// What `merge-tree -z --messages` prints: the tree, a line for each side of each file in conflict, an empty part, then messages,
/// each of a count, that many paths, a kind and a text.
#[derive(Debug, PartialEq, Eq)]
struct Answer<'a> {
    tree: &'a [u8],
    sides: Vec<&'a [u8]>,
    notes: Vec<Note<'a>>,
}

/// What git says about a conflict.
#[derive(Debug, PartialEq, Eq)]
struct Note<'a> {
    paths: Vec<&'a [u8]>,
    is_plain: bool,
    text: String,
}

impl<'a> Answer<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let mut parts = bytes.split(|byte| *byte == 0);
        let tree = parts.next().unwrap_or_default();
        let sides = parts.by_ref().take_while(|side| !side.is_empty()).collect();
        let mut notes = Vec::new();
        while let Some(count) = parts.next().and_then(number) {
            let paths = parts.by_ref().take(count).collect();
            let kind = parts.next().unwrap_or_default();
            let text = parts.next().unwrap_or_default();
            if kind.starts_with(b"CONFLICT") {
                notes.push(Note {
                    paths,
                    is_plain: PLAIN.contains(&kind),
                    text: String::from_utf8_lossy(text).trim_end().to_owned(),
                });
            }
        }
        Self { tree, sides, notes }
    }

    fn files(&self) -> Vec<InConflict> {
        let mut files: Vec<InConflict> = Vec::new();
        for (mode, oid, stage, path) in self.sides.iter().filter_map(|side| read_side(side)) {
            let is_next = files.last().is_none_or(|file| file.path != path);
            if is_next {
                files.push(InConflict {
                    path: path.to_vec(),
                    base: None,
                    ours: None,
                    theirs: None,
                    beyond: self.beyond(path),
                });
            }
            let Some(file) = files.last_mut() else {
                continue;
            };
            let Some(kind) = FileKind::from_mode(mode) else {
                file.beyond.get_or_insert(format!("a file of mode {mode}"));
                continue;
            };
            match stage {
                "1" => file.base = Some((kind, oid)),
                "2" => file.ours = Some((kind, oid)),
                _ => file.theirs = Some((kind, oid)),
            }
        }
        files
    }

    /// What is wrong with a path beyond what is in it. A word about no file at all is one about each.
    fn beyond(&self, path: &[u8]) -> Option<String> {
        let is_listed = |path: &&[u8]| {
            let mut sides = self.sides.iter().filter_map(|side| read_side(side));
            sides.any(|(_, _, _, listed)| listed == *path)
        };
        let mut about = self.notes.iter().filter(|note| note.paths.contains(&path));
        let mut others = self.notes.iter().filter(|note| !note.is_plain);
        if about.clone().next().is_none() {
            return Some("git does not say what is wrong".to_owned());
        }
        about
            .find(|note| !note.is_plain)
            .or_else(|| others.find(|note| !note.paths.iter().any(is_listed)))
            .map(|note| note.text.clone())
    }
}

/// Reads `mode object stage`, a tab and a path.
fn read_side(side: &[u8]) -> Option<(&str, Oid, &str, &[u8])> {
    let tab = side.iter().position(|byte| *byte == b'\t')?;
    let (head, path) = side.split_at_checked(tab)?;
    let mut words = std::str::from_utf8(head).ok()?.split(' ');
    let (mode, oid, stage) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
    Some((mode, oid, stage, path.get(1..)?))
}

fn number(part: &[u8]) -> Option<usize> {
    std::str::from_utf8(part).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(sides: &str, notes: &str) -> String {
        let (ours, theirs) = ("a".repeat(40), "b".repeat(40));
        let text = format!("aa\n{sides}\n{notes}");
        let text = text.replace("OURS", &format!("100644 {ours} 2"));
        text.replace("THEIRS", &format!("120000 {theirs} 3"))
            .replace('\n', "\0")
    }

    #[test]
    fn answers_are_read() {
        let text = said(
            "OURS\ta.txt\nTHEIRS\ta.txt\nOURS\tb\n",
            "1\na.txt\nAuto-merging\nAuto-merging a.txt\n\
             1\na.txt\nCONFLICT (contents)\nCONFLICT (content): a.txt\n\
             2\nb\nc\nCONFLICT (rename/delete)\nCONFLICT (rename/delete): b\n",
        );
        let answer = Answer::read(text.as_bytes());
        assert_eq!(answer.tree, b"aa");
        let notes: Vec<&str> = answer.notes.iter().map(|note| note.text.as_str()).collect();
        assert_eq!(
            notes,
            ["CONFLICT (content): a.txt", "CONFLICT (rename/delete): b"]
        );
        let files = answer.files();
        let side = |kind, letter: &str| Some((kind, letter.repeat(40).parse().unwrap()));
        assert_eq!(
            files[0],
            InConflict {
                path: b"a.txt".to_vec(),
                base: None,
                ours: side(FileKind::Plain, "a"),
                theirs: side(FileKind::Link, "b"),
                beyond: None,
            }
        );
        assert_eq!(
            files[1].beyond.as_deref(),
            Some("CONFLICT (rename/delete): b")
        );
        assert_eq!(files.len(), 2);
        assert_eq!(Answer::read(b"aa\0\0").files(), []);
    }

    #[test]
    fn a_word_about_no_file_is_about_each() {
        let text = said(
            "OURS\ta.txt\nTHEIRS\ta.txt\n",
            "1\na.txt\nCONFLICT (contents)\nx\n1\nold\nCONFLICT (directory rename split)\nsplit\n",
        );
        let files = Answer::read(text.as_bytes()).files();
        assert_eq!(files[0].beyond.as_deref(), Some("split"));
        let silent = Answer::read(said("OURS\ta.txt\n", "").as_bytes()).files();
        assert!(silent[0].beyond.is_some());
    }
}
