//! The tools for single files: read, edit, write, move, delete. Blocking; every path goes through [`Tree`].

use std::path::Path;

use crate::base::id::Digest;
use crate::base::path::{BadPath, RepoPath};
use crate::base::secret::Redactor;
use crate::domain::tool::EditFact;
use crate::domain::tool::args::{DeleteFile, EditFile, MoveFile, ReadFile, WriteFile};

use super::exact;
use super::reply::{self, Reply};
use super::tree::{Content, Kind, READ_BYTES, Tree, Trouble};

/// Lines around an edit that are shown after it.
const AROUND: usize = 2;
/// Lines shown after an edit.
const SHOWN: usize = 24;
/// Time to count changed lines; beyond it the count is a rough one.
const DIFF_TIME: std::time::Duration = std::time::Duration::from_millis(500);

/// Why a tool did nothing; its text goes to the model.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("{path}: {why}")]
    Path { path: String, why: BadPath },
    #[error("{path}: {trouble}")]
    File { path: String, trouble: Trouble },
    #[error("{path}: {why}")]
    Other { path: String, why: String },
}

impl Refused {
    pub(super) fn file(path: &RepoPath, trouble: Trouble) -> Self {
        let path = path.to_string();
        Self::File { path, trouble }
    }

    pub(super) fn other(path: &RepoPath, why: impl std::fmt::Display) -> Self {
        Self::Other {
            path: path.to_string(),
            why: why.to_string(),
        }
    }
}

/// Reads a path as the model wrote it.
pub(super) fn path(text: &str) -> Result<RepoPath, Refused> {
    RepoPath::parse(text).map_err(|why| Refused::Path {
        path: text.chars().take(200).collect(),
        why,
    })
}

/// Opens the worktree.
pub(super) fn open(worktree: &Path) -> Result<Tree, Refused> {
    Tree::open(worktree).map_err(|trouble| Refused::File {
        path: "the worktree".to_owned(),
        trouble,
    })
}

/// `read_file`
pub(super) fn read(worktree: &Path, args: &ReadFile) -> Result<Reply, Refused> {
    let path = path(&args.path)?;
    let content = content(&open(worktree)?, &path)?;
    let text = as_text(&path, content.bytes)?;
    let mut reply =
        reply::part(&text, args.from_line, args.lines).map_err(|why| Refused::other(&path, why))?;
    if text.contains("\r\n") {
        reply
            .text
            .push_str("(lines end in CRLF; edit_file keeps that, write plain line ends there)\n");
    }
    Ok(reply)
}

/// `edit_file`
pub(super) fn edit(
    worktree: &Path,
    redactor: &Redactor,
    args: &EditFile,
) -> Result<Reply, Refused> {
    let path = path(&args.path)?;
    let tree = open(worktree)?;
    let content = content(&tree, &path)?;
    let before = Digest::of(&content.bytes);
    let text = as_text(&path, content.bytes)?;
    let (old, new) = (redactor.restore(&args.old), redactor.restore(&args.new));
    let edited = exact::replace(&text, &old, &new).map_err(|miss| Refused::other(&path, miss))?;
    tree.write(&path, edited.text.as_bytes(), None)
        .map_err(|trouble| Refused::file(&path, trouble))?;
    let fact = fact(&path, Some((before, &text)), Some(&edited.text));
    let lines: Vec<&str> = edited.text.lines().collect();
    let from = edited.first_line.saturating_sub(1 + AROUND);
    let count = (edited.lines + 2 * AROUND).min(SHOWN);
    let place = exact::numbered(&lines, from, count);
    let brief = counts(&fact);
    let text = format!("edited {path}: {brief}. The place now reads:\n{place}");
    Ok(changed(text, brief, vec![fact]))
}

/// `write_file`
pub(super) fn write(
    worktree: &Path,
    redactor: &Redactor,
    args: &WriteFile,
) -> Result<Reply, Refused> {
    let path = path(&args.path)?;
    let tree = open(worktree)?;
    let old = match tree.read(&path, READ_BYTES) {
        Ok(content) => Some(content),
        Err(Trouble::Missing) => None,
        Err(trouble) => return Err(Refused::file(&path, trouble)),
    };
    let mut text = redactor.restore(&args.content);
    let old_text = old
        .as_ref()
        .and_then(|old| std::str::from_utf8(&old.bytes).ok());
    let keeps_returns = old_text.is_some_and(has_returns) && !text.contains('\r');
    if keeps_returns {
        text = text.replace('\n', "\r\n");
    }
    let is_same = old.as_ref().is_some_and(|old| {
        let executable = args.executable.unwrap_or(old.mode & 0o100 != 0);
        old.bytes == text.as_bytes() && executable == (old.mode & 0o100 != 0)
    });
    if is_same {
        return Ok(Reply::of(
            format!("{path} has this content already; nothing was changed"),
            "unchanged",
        ));
    }
    tree.write(&path, text.as_bytes(), args.executable)
        .map_err(|trouble| Refused::file(&path, trouble))?;
    let before = old
        .as_ref()
        .map(|old| (Digest::of(&old.bytes), old_text.unwrap_or_default()));
    let fact = fact(&path, before, Some(&text));
    let verb = if old.is_some() { "replaced" } else { "created" };
    let ends = if keeps_returns {
        "; its line ends stayed CRLF"
    } else {
        ""
    };
    let brief = counts(&fact);
    Ok(changed(
        format!("{verb} {path}: {brief}{ends}"),
        brief,
        vec![fact],
    ))
}

/// `move_file`
pub(super) fn rename(worktree: &Path, args: &MoveFile) -> Result<Reply, Refused> {
    let (from, to) = (path(&args.from)?, path(&args.to)?);
    let tree = open(worktree)?;
    if tree.kind(&from) == Ok(Kind::Folder) {
        let why = "it is a folder. Move its files one by one";
        return Err(Refused::other(&from, why));
    }
    // A file too large to be read has no digest that could be told; the tree comparison of the attempt sees it anyway.
    let content = tree
        .read(&from, READ_BYTES)
        .map_err(|trouble| Refused::file(&from, trouble))?;
    tree.rename(&from, &to).map_err(|trouble| {
        let at_target = matches!(
            trouble,
            Trouble::Exists | Trouble::NotFolder | Trouble::Link
        );
        Refused::file(if at_target { &to } else { &from }, trouble)
    })?;
    let digest = Digest::of(&content.bytes);
    let text = String::from_utf8_lossy(&content.bytes);
    let gone = fact(&from, Some((digest, &text)), None);
    let mut come = fact(&to, None, Some(&text));
    come.after = Some(digest);
    let brief = format!("to {to}");
    Ok(changed(
        format!("moved {from} to {to}"),
        brief,
        vec![gone, come],
    ))
}

/// `delete_file`
pub(super) fn delete(worktree: &Path, args: &DeleteFile) -> Result<Reply, Refused> {
    let path = path(&args.path)?;
    let tree = open(worktree)?;
    let content = tree.read(&path, READ_BYTES);
    tree.delete(&path).map_err(|trouble| match trouble {
        Trouble::Folder => Refused::other(&path, "it is a folder. Delete its files one by one"),
        other => Refused::file(&path, other),
    })?;
    // Of a link, or a file too large to be read, only the name is told.
    let bytes = content.ok().map(|content| content.bytes);
    let text = bytes.as_deref().map(String::from_utf8_lossy);
    let before = bytes.as_deref().map(Digest::of);
    let fact = fact(&path, before.zip(text.as_deref()), None);
    let brief = counts(&fact);
    Ok(changed(format!("deleted {path}"), brief, vec![fact]))
}

fn content(tree: &Tree, path: &RepoPath) -> Result<Content, Refused> {
    tree.read(path, READ_BYTES).map_err(|trouble| match trouble {
        Trouble::TooLarge { size, limit } => Refused::other(
            path,
            format!("it has {size} bytes, over the limit of {limit}. Look at a part with run_command: sed -n '1,200p' FILE"),
        ),
        other => Refused::file(path, other),
    })
}

fn as_text(path: &RepoPath, bytes: Vec<u8>) -> Result<String, Refused> {
    let size = bytes.len();
    if bytes.contains(&0) {
        let why = format!("it is a binary file of {size} bytes, not text. Work without its bytes");
        return Err(Refused::other(path, why));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let why = format!(
            "it is not UTF-8 (at byte {at} of {size}), so that this tool cannot keep it whole. Use run_command, such as: iconv -f latin1 -t utf-8 FILE"
        );
        Refused::other(path, why)
    })
}

/// Whether most lines end in `\r\n`.
fn has_returns(text: &str) -> bool {
    text.matches("\r\n").count() * 2 > text.matches('\n').count()
}

fn changed(text: String, brief: String, edits: Vec<EditFact>) -> Reply {
    Reply {
        edits,
        ..Reply::of(text, brief)
    }
}

fn counts(fact: &EditFact) -> String {
    format!("+{} -{}", fact.added, fact.removed)
}

fn fact(path: &RepoPath, before: Option<(Digest, &str)>, after: Option<&str>) -> EditFact {
    let old = before.map_or("", |(_, text)| text);
    let (added, removed) = changed_lines(old, after.unwrap_or_default());
    EditFact {
        path: path.to_string(),
        before: before.map(|(digest, _)| digest),
        after: after.map(|text| Digest::of(text.as_bytes())),
        added,
        removed,
    }
}

/// Lines added and removed between two texts.
pub(crate) fn changed_lines(old: &str, new: &str) -> (u32, u32) {
    use similar::{ChangeTag, TextDiff};
    let diff = TextDiff::configure()
        .timeout(DIFF_TIME)
        .diff_lines(old, new);
    diff.iter_all_changes()
        .fold((0, 0), |(added, removed), change| match change.tag() {
            ChangeTag::Insert => (added + 1, removed),
            ChangeTag::Delete => (added, removed + 1),
            ChangeTag::Equal => (added, removed),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_lines_are_counted() {
        assert_eq!(changed_lines("a\nb\n", "a\nc\nd\n"), (2, 1));
    }
}
