//! References: read and moved by their full names, by compare-and-swap.

use super::GitRepo;
use super::objects::oid;
use crate::base::id::Oid;
use crate::engine::ports::vcs::{RefUpdate, VcsFailure};

impl GitRepo {
    pub(super) fn reference(&self, name: &str) -> Result<Option<Oid>, VcsFailure> {
        let found = self.references(checked(name)?)?;
        Ok(found
            .into_iter()
            .find(|(one, _)| one == name)
            .map(|(_, oid)| oid))
    }

    pub(super) fn references(&self, prefix: &str) -> Result<Vec<(String, Oid)>, VcsFailure> {
        const DURING: &str = "read the references";
        let list = self
            .shared(DURING)
            .args(["for-each-ref", "--format=%(objectname) %(refname)"])
            .arg(checked(prefix)?.trim_end_matches('/'))
            .output()?;
        list.split(|byte| *byte == b'\n')
            .filter_map(|line| std::str::from_utf8(line).ok()?.split_once(' '))
            .map(|(object, name)| Ok((name.to_owned(), oid(DURING, object.as_bytes())?)))
            .collect()
    }

    pub(super) fn move_ref(&self, change: &RefUpdate<'_>) -> Result<(), VcsFailure> {
        let name = checked(change.name)?;
        let order = match change.expected {
            Some(old) => format!("update {name}\0{}\0{old}\0", change.new),
            None => format!("create {name}\0{}\0", change.new),
        };
        self.swap(name, &order, change.reason, change.expected)
    }

    pub(super) fn drop_ref(&self, name: &str, expected: &Oid) -> Result<(), VcsFailure> {
        let name = checked(name)?;
        if self.reference(name)?.is_none() {
            return Ok(());
        }
        let order = format!("delete {name}\0{expected}\0");
        self.swap(name, &order, "aios: delete", Some(expected))
    }

    fn swap(
        &self,
        name: &str,
        order: &str,
        reason: &str,
        expected: Option<&Oid>,
    ) -> Result<(), VcsFailure> {
        let reason: String = reason.chars().filter(|one| !one.is_control()).collect();
        let output = self
            .shared("move a reference")
            .args(["update-ref", "--no-deref", "-m", &reason, "--stdin", "-z"])
            .stdin(order)
            .run()?;
        if output.code == 0 {
            return Ok(());
        }
        // git's reasons differ between its ways of storing references; where the reference stands now tells them apart.
        let found = self.reference(name)?;
        if found.as_ref() == expected {
            return Err(output.failure());
        }
        Err(VcsFailure::Moved {
            reference: name.to_owned(),
            expected: expected.cloned(),
            found,
        })
    }
}

/// Lets full names pass that git's own rules can hold; everything else could be read as an option or as an expression.
fn checked(name: &str) -> Result<&str, VcsFailure> {
    let is_odd = |one: char| one.is_control() || " ~^:?*[\\".contains(one);
    let is_whole = name.starts_with("refs/")
        && !name.contains("..")
        && !name.contains("@{")
        && !name.contains(is_odd);
    if is_whole {
        return Ok(name);
    }
    Err(VcsFailure::NotFound {
        what: format!("reference {}", name.escape_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_names_pass() {
        for name in ["refs/heads/aios/s3.t4", "refs/aios/", "refs/heads/\u{e9}"] {
            assert_eq!(checked(name), Ok(name));
        }
        for name in [
            "HEAD",
            "main",
            "-d",
            "refs/a b",
            "refs/a\0b",
            "refs/a..b",
            "refs/a@{1}",
        ] {
            assert!(checked(name).is_err(), "{name:?} passed");
        }
    }
}
