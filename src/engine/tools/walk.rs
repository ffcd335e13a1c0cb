//! Goes through a worktree as .gitignore has it, folder by folder over [`Tree`], sorted. Neither links nor pipes are entered, and
//! neither is read a .gitignore that is one.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::tree::{Kind, Tree, Trouble};
use crate::base::path::RepoPath;

/// Entries looked at before a walk gives up.
const ENTRIES: usize = 200_000;
/// How deep it goes.
const DEPTH: usize = 100;
/// How long it takes at most.
const TIME: Duration = Duration::from_secs(20);
/// The largest .gitignore that counts.
const RULES_BYTES: u64 = 1 << 20;

/// Whether a walk saw everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walked {
    /// It did, or was told to stop.
    Whole,
    /// It gave up.
    CutShort,
}

/// Calls `visit` for each file and link below `start` (the top if none) that is not ignored.
pub(super) fn walk(
    tree: &Tree,
    start: Option<&RepoPath>,
    visit: &mut dyn FnMut(&RepoPath, Kind) -> ControlFlow<()>,
) -> Result<Walked, Trouble> {
    let mut walk = Walk {
        tree,
        visit,
        rules: vec![rules(tree, None)],
        left: ENTRIES,
        deadline: Instant::now() + TIME,
        was_cut: false,
    };
    // The folders above the start are not visited, but their rules hold.
    let mut above = Vec::new();
    let mut folder = start.cloned();
    while let Some(path) = folder {
        folder = path.parent();
        above.push(path);
    }
    for path in above.into_iter().rev() {
        walk.rules.push(rules(tree, Some(&path)));
    }
    let _ = walk.folder(start)?;
    Ok(if walk.was_cut {
        Walked::CutShort
    } else {
        Walked::Whole
    })
}

struct Walk<'a> {
    tree: &'a Tree,
    visit: &'a mut dyn FnMut(&RepoPath, Kind) -> ControlFlow<()>,
    /// One for each folder from the top to the present one.
    rules: Vec<Rules>,
    left: usize,
    deadline: Instant,
    was_cut: bool,
}

impl Walk<'_> {
    fn folder(&mut self, folder: Option<&RepoPath>) -> Result<ControlFlow<()>, Trouble> {
        for (name, kind) in self.tree.list(folder)? {
            self.left = self.left.saturating_sub(1);
            if self.left == 0 || Instant::now() > self.deadline {
                self.was_cut = true;
                return Ok(ControlFlow::Break(()));
            }
            // What has no name here, git's own folder above all, is not seen.
            let Ok(name) = RepoPath::from_bytes(&name) else {
                continue;
            };
            let path = match folder {
                Some(folder) => folder.join(&name),
                None => Ok(name),
            };
            let Ok(path) = path else { continue };
            if self.is_ignored(&path, kind == Kind::Folder) {
                continue;
            }
            if self.entry(&path, kind).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn entry(&mut self, path: &RepoPath, kind: Kind) -> ControlFlow<()> {
        match kind {
            Kind::File | Kind::Link => (self.visit)(path, kind),
            Kind::Special => ControlFlow::Continue(()),
            Kind::Folder if self.rules.len() > DEPTH => {
                self.was_cut = true;
                ControlFlow::Continue(())
            }
            Kind::Folder => {
                self.rules.push(rules(self.tree, Some(path)));
                // A folder that cannot be read, or is gone, is passed over.
                let flow = self.folder(Some(path));
                self.rules.pop();
                flow.unwrap_or(ControlFlow::Continue(()))
            }
        }
    }

    /// The nearest rules that say something decide.
    fn is_ignored(&self, path: &RepoPath, is_folder: bool) -> bool {
        for rules in self.rules.iter().rev() {
            let Some(matcher) = &rules.matcher else {
                continue;
            };
            let below = path.as_path().strip_prefix(&rules.folder);
            match matcher.matched(below.unwrap_or(path.as_path()), is_folder) {
                Match::None => {}
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
            }
        }
        false
    }
}

/// What the .gitignore of one folder says.
struct Rules {
    folder: std::path::PathBuf,
    matcher: Option<Gitignore>,
}

fn rules(tree: &Tree, folder: Option<&RepoPath>) -> Rules {
    let place = folder.map(|folder| folder.as_path().to_owned());
    Rules {
        folder: place.unwrap_or_default(),
        matcher: read_rules(tree, folder),
    }
}

fn read_rules(tree: &Tree, folder: Option<&RepoPath>) -> Option<Gitignore> {
    let name = RepoPath::from_bytes(b".gitignore").ok()?;
    let path = match folder {
        Some(folder) => folder.join(&name).ok()?,
        None => name,
    };
    let content = tree.read(&path, RULES_BYTES).ok()?;
    let mut builder = GitignoreBuilder::new("");
    for line in String::from_utf8_lossy(&content.bytes).lines() {
        // A line that is no rule is none for git either.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_every_folder_hold() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = place.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write(".gitignore", "*.log\n/target/\nbuild\n");
        write("a/.gitignore", "!keep.log\nlocal\n");
        for name in [
            ".git/config",
            ".github/ci.yml",
            "a/keep.log",
            "a/other.log",
            "a/local/x",
            "b/local/x",
            "target/x",
            "b/target/x",
            "b/build/x",
            "x.log",
        ] {
            write(name, "x");
        }
        let tree = Tree::open(place.path()).unwrap();
        let seen = |start: Option<&str>| {
            let mut seen = Vec::new();
            let start = start.map(|text| RepoPath::parse(text).unwrap());
            let walked = walk(&tree, start.as_ref(), &mut |path, _| {
                seen.push(path.to_string());
                ControlFlow::Continue(())
            });
            assert_eq!(walked, Ok(Walked::Whole));
            seen
        };
        let all = [
            ".github/ci.yml",
            ".gitignore",
            "a/.gitignore",
            "a/keep.log",
            "b/local/x",
            "b/target/x",
        ];
        assert_eq!(seen(None), all);
        assert_eq!(seen(Some("a")), ["a/.gitignore", "a/keep.log"]);
        assert_eq!(seen(Some("target")), ["target/x"], "asked for by name");
    }

    #[test]
    fn rules_that_are_a_pipe_do_not_hang() {
        use rustix::fs::{CWD, FileType, Mode};
        let place = tempfile::tempdir().unwrap();
        let fifo = place.path().join(".gitignore");
        rustix::fs::mknodat(CWD, &fifo, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        std::fs::write(place.path().join("a"), "x").unwrap();
        let tree = Tree::open(place.path()).unwrap();
        let mut count = 0;
        let walked = walk(&tree, None, &mut |_, _| {
            count += 1;
            ControlFlow::Continue(())
        });
        assert_eq!((walked, count), (Ok(Walked::Whole), 1));
    }
}
