//! Commits: written without hooks, signatures or templates, and read as they are stored.

use super::GitRepo;
use super::objects::oid;
use crate::base::id::Oid;
use crate::base::time::Timestamp;
use crate::engine::ports::vcs::{Identity, LogEntry, NewCommit, VcsFailure};

const WRITE: &str = "write a commit";
const READ: &str = "read the history";

impl GitRepo {
    pub(super) fn write_commit(&self, commit: &NewCommit<'_>) -> Result<Oid, VcsFailure> {
        let committer = commit.committer.unwrap_or(commit.author);
        let date = format!("@{} +0000", commit.at.0.div_euclid(1000).max(0));
        let mut call = self
            .own(WRITE)?
            .env("GIT_AUTHOR_NAME", &commit.author.name)
            .env("GIT_AUTHOR_EMAIL", &commit.author.email)
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_NAME", &committer.name)
            .env("GIT_COMMITTER_EMAIL", &committer.email)
            .env("GIT_COMMITTER_DATE", &date)
            .args(["commit-tree", "--no-gpg-sign", "-F", "-"]);
        for parent in commit.parents {
            call = call.args(["-p", parent.as_str()]);
        }
        let line = call
            .arg(commit.tree.as_str())
            .stdin(commit.message)
            .line()?;
        oid(WRITE, &line)
    }

    pub(super) fn common_ancestor(
        &self,
        one: &Oid,
        other: &Oid,
    ) -> Result<Option<Oid>, VcsFailure> {
        let output = self
            .own(READ)?
            .args([
                "merge-base",
                "--end-of-options",
                one.as_str(),
                other.as_str(),
            ])
            .run()?;
        match output.code {
            0 => oid(READ, output.stdout.trim_ascii_end()).map(Some),
            1 => Ok(None),
            _ => Err(output.failure()),
        }
    }

    pub(super) fn reaches(&self, ancestor: &Oid, descendant: &Oid) -> Result<bool, VcsFailure> {
        let output = self
            .own(READ)?
            .args(["merge-base", "--is-ancestor", "--end-of-options"])
            .args([ancestor.as_str(), descendant.as_str()])
            .run()?;
        match output.code {
            0 => Ok(true),
            1 => Ok(false),
            _ => Err(output.failure()),
        }
    }

    pub(super) fn history(
        &self,
        tip: &Oid,
        until: Option<&Oid>,
        limit: u32,
    ) -> Result<Vec<LogEntry>, VcsFailure> {
        let mut call = self
            .own(READ)?
            .arg("rev-list")
            .arg(format!("--max-count={limit}"))
            .args(["--end-of-options", tip.as_str()]);
        if let Some(until) = until {
            call = call.arg(format!("^{until}"));
        }
        let list = call.output()?;
        let mut oids = Vec::new();
        for line in list
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            oids.push(oid(READ, line)?);
        }
        let mut entries = Vec::with_capacity(oids.len());
        let mut names = oids.iter();
        self.each_object(READ, &oids, |object| {
            if let (Some(name), Some(object)) = (names.next(), object) {
                entries.push(read_commit(name.clone(), object.bytes));
            }
        })?;
        Ok(entries)
    }
}

/// Reads a stored commit. What is missing or odd is left empty: anybody can write such objects.
fn read_commit(oid: Oid, bytes: &[u8]) -> LogEntry {
    let text = String::from_utf8_lossy(bytes);
    let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
    let field = |name: &str| {
        head.lines()
            .find_map(move |line| line.strip_prefix(name)?.strip_prefix(' '))
    };
    let (author, _) = field("author").map(read_person).unwrap_or_default();
    let (_, at) = field("committer").map(read_person).unwrap_or_default();
    LogEntry {
        oid,
        parents: head
            .lines()
            .filter_map(|line| line.strip_prefix("parent ")?.parse().ok())
            .collect(),
        author,
        at,
        message: message.to_owned(),
    }
}

/// Reads `Name <address> seconds zone`.
fn read_person(text: &str) -> (Identity, Timestamp) {
    let (name, rest) = text.split_once('<').unwrap_or((text, ""));
    let (email, rest) = rest.rsplit_once('>').unwrap_or((rest, ""));
    let seconds: i64 = rest
        .split_whitespace()
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or(0);
    let identity = Identity {
        name: name.trim().to_owned(),
        email: email.to_owned(),
    };
    (identity, Timestamp(seconds.saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_commits_are_read() {
        let (oid, parent) = ("a".repeat(40), "b".repeat(40));
        let raw = format!(
            "tree {oid}\nparent {parent}\nauthor Marcus (aios) <marcus@aios.invalid> 5 +0000\n\
             committer U <u@x> 7 +0200\ngpgsig -----BEGIN\n parent {oid}\n -----END\n\nsubject\n\nparent {oid}\n"
        );
        let entry = read_commit(oid.parse().unwrap(), raw.as_bytes());
        assert_eq!(entry.parents, [parent.parse().unwrap()]);
        assert_eq!(entry.author.name, "Marcus (aios)");
        assert_eq!(entry.author.email, "marcus@aios.invalid");
        assert_eq!(entry.at, Timestamp(7000));
        assert_eq!(entry.message, format!("subject\n\nparent {oid}\n"));
    }

    #[test]
    fn odd_commits_do_not_fail() {
        for raw in [
            &b""[..],
            b"\n\n",
            b"author",
            b"author <",
            b"committer x> 99999999999999999999\n\nm",
            b"\xff\xfe",
        ] {
            read_commit("a".repeat(40).parse().unwrap(), raw);
        }
    }
}
