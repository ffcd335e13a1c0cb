//! Merges in memory: no checkout, no reference and no file is touched.

use super::GitRepo;
use super::objects::oid;
use super::program::Version;
use crate::base::id::Oid;
use crate::engine::ports::vcs::{MergeOutcome, VcsFailure};

const MERGE: &str = "merge two commits";

impl GitRepo {
    pub(super) fn merge(
        &self,
        base: Option<&Oid>,
        ours: &Oid,
        theirs: &Oid,
    ) -> Result<MergeOutcome, VcsFailure> {
        let mut call = self.own(MERGE)?.args([
            "merge-tree",
            "--write-tree",
            "-z",
            "--name-only",
            "--messages",
        ]);
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
                paths: answer.paths.into_iter().map(<[u8]>::to_vec).collect(),
                notes: answer.notes,
            },
        })
    }
}

/// What `merge-tree -z --name-only --messages` prints: the tree, the paths in conflict, an empty part, then messages, each of a
/// count, that many paths, a kind and a text.
#[derive(Debug, PartialEq, Eq)]
struct Answer<'a> {
    tree: &'a [u8],
    paths: Vec<&'a [u8]>,
    notes: Vec<String>,
}

impl<'a> Answer<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let mut parts = bytes.split(|byte| *byte == 0);
        let tree = parts.next().unwrap_or_default();
        let paths = parts.by_ref().take_while(|path| !path.is_empty()).collect();
        let mut notes = Vec::new();
        while let Some(count) = parts.next().and_then(number) {
            let kind = parts.by_ref().nth(count).unwrap_or_default();
            let text = parts.next().unwrap_or_default();
            if kind.starts_with(b"CONFLICT") {
                notes.push(String::from_utf8_lossy(text).trim_end().to_owned());
            }
        }
        Self { tree, paths, notes }
    }
}

fn number(part: &[u8]) -> Option<usize> {
    std::str::from_utf8(part).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let answer = Answer::read(
            b"aa\0a.txt\0b \xff\0\x001\0a.txt\0Auto-merging\0Auto-merging a.txt\n\0\
              2\0a.txt\0b\0CONFLICT (modify/delete)\0CONFLICT (modify/delete): a.txt\n\0",
        );
        assert_eq!(
            answer,
            Answer {
                tree: b"aa",
                paths: vec![b"a.txt", b"b \xff"],
                notes: vec!["CONFLICT (modify/delete): a.txt".to_owned()],
            }
        );
        let clean = Answer::read(b"aa\0\0");
        assert_eq!(
            (clean.tree, clean.paths.len(), clean.notes.len()),
            (&b"aa"[..], 0, 0)
        );
    }
}
