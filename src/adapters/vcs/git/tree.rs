//! Trees: what differs, what is where, and trees made out of others.

use std::sync::atomic::{AtomicU64, Ordering};

use super::GitRepo;
use super::objects::oid;
use crate::base::id::Oid;
use crate::engine::ports::vcs::{
    FileKind, NewContent, TreeChange, TreeEdit, TreeEntry, VcsFailure, shown_path,
};

const COMPARE: &str = "compare two trees";
const WRITE: &str = "write a tree";

impl GitRepo {
    pub(super) fn commit_tree_of(&self, commit: &Oid) -> Result<Oid, VcsFailure> {
        const DURING: &str = "read a commit";
        let line = self
            .own(DURING)?
            .args(["rev-parse", "--verify", "--end-of-options"])
            .arg(format!("{commit}^{{tree}}"))
            .line()?;
        oid(DURING, &line)
    }

    pub(super) fn entry_at(
        &self,
        tree: &Oid,
        path: &[u8],
    ) -> Result<Option<TreeEntry>, VcsFailure> {
        use std::os::unix::ffi::OsStrExt as _;
        let list = self
            .own("read a tree")?
            .env("GIT_LITERAL_PATHSPECS", "1")
            .args(["ls-tree", "-z", "--full-tree", "--end-of-options"])
            .arg(tree.as_str())
            .arg("--")
            .arg(std::ffi::OsStr::from_bytes(path))
            .output()?;
        let entry = list.split(|byte| *byte == 0).find_map(|line| {
            let tab = line.iter().position(|byte| *byte == b'\t')?;
            let mut words = std::str::from_utf8(line.get(..tab)?).ok()?.split(' ');
            let kind = FileKind::from_mode(words.next()?)?;
            let oid = words.nth(1)?.parse().ok()?;
            (line.get(tab + 1..)? == path).then_some(TreeEntry {
                kind,
                oid,
                size: None,
            })
        });
        let Some(mut entry) = entry else {
            return Ok(None);
        };
        if entry.kind != FileKind::Submodule {
            let sizes = self.sizes(std::slice::from_ref(&entry.oid))?;
            entry.size = sizes.into_iter().next().flatten();
        }
        Ok(Some(entry))
    }

    pub(super) fn changes_between(
        &self,
        before: &Oid,
        after: &Oid,
    ) -> Result<Vec<TreeChange>, VcsFailure> {
        if before == after {
            return Ok(Vec::new());
        }
        let raw = self
            .own(COMPARE)?
            .args([
                "diff-tree",
                "-r",
                "-z",
                "--raw",
                "--no-renames",
                "--no-abbrev",
            ])
            .args(["--end-of-options", before.as_str(), after.as_str()])
            .output()?;
        let mut changes = read_raw(&raw).ok_or_else(|| VcsFailure::Other {
            during: COMPARE,
            message: "git's answer is not understood".to_owned(),
        })?;
        let mut measured: Vec<&mut TreeEntry> = changes
            .iter_mut()
            .flat_map(|change| [&mut change.before, &mut change.after])
            .flatten()
            .filter(|entry| entry.kind != FileKind::Submodule)
            .collect();
        let oids: Vec<Oid> = measured.iter().map(|entry| entry.oid.clone()).collect();
        for (entry, size) in measured.iter_mut().zip(self.sizes(&oids)?) {
            entry.size = size;
        }
        Ok(changes)
    }

    pub(super) fn paths_between(
        &self,
        before: &Oid,
        after: &Oid,
    ) -> Result<Vec<Vec<u8>>, VcsFailure> {
        let list = self
            .own(COMPARE)?
            .args(["diff-tree", "-r", "-z", "--name-only", "--no-renames"])
            .args(["--end-of-options", before.as_str(), after.as_str()])
            .output()?;
        Ok(list
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty())
            .map(<[u8]>::to_vec)
            .collect())
    }

    pub(super) fn unified_diff(
        &self,
        base: &Oid,
        head: &Oid,
        context_lines: u32,
    ) -> Result<Vec<u8>, VcsFailure> {
        self.own("compare two trees")?
            .args(["diff-tree", "-r", "-p", "-M", "--full-index", "--no-color"])
            .args(["--no-ext-diff", "--no-textconv", "--submodule=short"])
            .args(["--src-prefix=a/", "--dst-prefix=b/"])
            .arg(format!("--unified={context_lines}"))
            .args(["--end-of-options", base.as_str(), head.as_str()])
            .long()
            .output()
    }

    /// Builds a tree in a passing index, which no worktree has to do with.
    pub(super) fn edit_tree(&self, base: &Oid, edits: &[TreeEdit]) -> Result<Oid, VcsFailure> {
        static PASSING: AtomicU64 = AtomicU64::new(0);
        let number = PASSING.fetch_add(1, Ordering::Relaxed);
        let index = self
            .common_dir
            .join(format!("aios/git/index.{}.{number}", std::process::id()));
        let made = self.edit_tree_in(&index, base, edits);
        // It may not exist, and a left-over does no harm: its name is never used again by this process.
        std::fs::remove_file(&index).ok();
        made
    }

    fn edit_tree_in(
        &self,
        index: &std::path::Path,
        base: &Oid,
        edits: &[TreeEdit],
    ) -> Result<Oid, VcsFailure> {
        let call = || Ok(self.own(WRITE)?.env("GIT_INDEX_FILE", index));
        // A left-over of an earlier process that had the same id.
        std::fs::remove_file(index).ok();
        call()?.args(["read-tree", base.as_str()]).output()?;
        let orders = self.index_orders(edits)?;
        let output = call()?
            .args(["update-index", "--add", "--replace", "-z", "--index-info"])
            .stdin(orders)
            .run()?;
        // A path that must not be in a tree is only complained about; the tree would quietly lack it.
        if output.code != 0 || !output.stderr.is_empty() {
            return Err(output.failure());
        }
        oid(WRITE, &call()?.args(["write-tree"]).line()?)
    }

    /// Stores the contents of edits, and spells the edits for `update-index --index-info`.
    fn index_orders(&self, edits: &[TreeEdit]) -> Result<Vec<u8>, VcsFailure> {
        let nothing = "0".repeat(self.format.empty_tree().len());
        // Removals first, so that a folder may become a file and the reverse.
        let (mut removals, mut additions) = (Vec::new(), Vec::new());
        for edit in edits {
            let is_odd = edit.path.is_empty() || edit.path.contains(&0);
            if is_odd {
                return Err(VcsFailure::NotFound {
                    what: format!("path {:?}", shown_path(&edit.path)),
                });
            }
            let (orders, head) = match &edit.after {
                None => (&mut removals, format!("0 {nothing}\t")),
                Some((kind, content)) => {
                    let object = match content {
                        NewContent::Bytes(bytes) => self.store(*kind, bytes)?,
                        NewContent::Object(object) => object.clone(),
                    };
                    (&mut additions, format!("{} {object}\t", kind.mode()))
                }
            };
            orders.extend_from_slice(head.as_bytes());
            orders.extend_from_slice(&edit.path);
            orders.push(0);
        }
        removals.append(&mut additions);
        Ok(removals)
    }

    fn store(&self, kind: FileKind, bytes: &[u8]) -> Result<Oid, VcsFailure> {
        if kind == FileKind::Submodule {
            return oid(WRITE, bytes);
        }
        let line = self
            .own("store a file")?
            .args(["hash-object", "-w", "--stdin", "--no-filters"])
            .stdin(bytes)
            .line()?;
        oid(WRITE, &line)
    }
}

/// Reads `diff-tree --raw -z --no-renames --no-abbrev`.
fn read_raw(raw: &[u8]) -> Option<Vec<TreeChange>> {
    let mut parts = raw.split(|byte| *byte == 0);
    let mut changes = Vec::new();
    while let Some(head) = parts.next().filter(|head| !head.is_empty()) {
        let mut words = std::str::from_utf8(head)
            .ok()?
            .strip_prefix(':')?
            .split(' ');
        let (mode_before, mode_after) = (words.next()?, words.next()?);
        let (oid_before, oid_after) = (words.next()?, words.next()?);
        let entry = |mode: &str, oid: &str| -> Option<Option<TreeEntry>> {
            if mode == "000000" {
                return Some(None);
            }
            Some(Some(TreeEntry {
                kind: FileKind::from_mode(mode)?,
                oid: oid.parse().ok()?,
                size: None,
            }))
        };
        changes.push(TreeChange {
            path: parts.next()?.to_vec(),
            before: entry(mode_before, oid_before)?,
            after: entry(mode_after, oid_after)?,
        });
    }
    Some(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_changes_are_read() {
        let (one, two, none) = ("1".repeat(40), "2".repeat(40), "0".repeat(40));
        let raw = format!(
            ":100644 100755 {one} {two} M\0a b\n\0:000000 120000 {none} {two} A\0l\0:160000 000000 {one} {none} D\0s\0"
        );
        let changes = read_raw(raw.as_bytes()).unwrap();
        let kinds: Vec<_> = changes
            .iter()
            .map(|change| {
                let kind = |entry: &Option<TreeEntry>| entry.as_ref().map(|entry| entry.kind);
                (
                    change.path.as_slice(),
                    kind(&change.before),
                    kind(&change.after),
                )
            })
            .collect();
        assert_eq!(
            kinds,
            [
                (
                    &b"a b\n"[..],
                    Some(FileKind::Plain),
                    Some(FileKind::Executable)
                ),
                (b"l", None, Some(FileKind::Link)),
                (b"s", Some(FileKind::Submodule), None),
            ]
        );
        assert_eq!(read_raw(b""), Some(Vec::new()));
        assert_eq!(read_raw(b":100644 garbage\0x\0"), None);
    }
}
