//! A program of the person's own, an editor or a pager, that has the terminal for a while. The interface waits; the host and its
//! agents do not.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::signals::{Signal, Signals, stop_here};

/// Longer texts are not taken back.
const LONGEST: u64 = 1 << 20;

/// How it went.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was shown, or edited.
    Well,
    /// It could not be run, or says that something went wrong.
    Failed(String),
    /// This program is told to end.
    Leave,
}

/// A file that only the person can read, removed with this value.
#[derive(Debug)]
pub struct Draft(PathBuf);

impl Draft {
    /// Writes `text` into a new file of `folder`, which is made if it is missing and which only the person can enter.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(folder: &Path, name: &str, text: &str) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let file = folder.join(name);
        // Left over from a process of the same number that was killed; a link that is there is not followed.
        fs::remove_file(&file).ok();
        let mut open = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)?;
        let draft = Self(file);
        open.write_all(text.as_bytes())?;
        Ok(draft)
    }

    /// What it holds now.
    ///
    /// # Errors
    /// It cannot be read, is no text, or is too long.
    pub fn text(&self) -> io::Result<String> {
        if fs::metadata(&self.0)?.len() > LONGEST {
            return Err(io::Error::other("the text is longer than 1 MiB"));
        }
        fs::read_to_string(&self.0)
    }

    /// Leaves it there, in place of `file`: nobody sees half of it.
    ///
    /// # Errors
    /// It cannot be moved.
    pub fn keep_as(self, file: &Path) -> io::Result<()> {
        fs::rename(&self.0, file)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok(); // The person, or the program, may have moved it.
    }
}

/// Runs `line`, as a shell reads it, on a file and waits for its end. The terminal must have been given back before, and must
/// not be read meanwhile.
pub async fn run(line: &str, draft: &Draft, signals: &mut Signals) -> Ended {
    let child = tokio::process::Command::new("/bin/sh")
        .arg("-c")
        .arg(format!("{line} \"$@\""))
        .arg(line)
        .arg(&draft.0)
        .kill_on_drop(true)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return Ended::Failed(format!("{line} could not be started: {error}")),
    };
    let status = loop {
        tokio::select! {
            biased;
            status = child.wait() => break status,
            signal = signals.next_while_lent() => match signal {
                Signal::Leave => return Ended::Leave,
                // The person's key stops the whole group: the program has stopped itself.
                Signal::Stop => drop(stop_here()),
                Signal::Resized | Signal::Continued => {}
            }
        }
    };
    match status {
        Ok(status) if status.success() => Ended::Well,
        Ok(status) => Ended::Failed(format!("{line} ended with {status}")),
        Err(error) => Ended::Failed(format!("{line}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[tokio::test]
    async fn a_text_is_shown_or_edited_and_no_file_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let mut signals = Signals::listen().unwrap();
        let inside = folder.path().join("deeper");
        let failed = "grep -q hidden ended with exit status: 1".to_owned();
        for (line, expected, text) in [
            ("grep -q seen", Ended::Well, "seen"),
            ("grep -q hidden", Ended::Failed(failed), "seen"),
            ("printf ' and more' >>", Ended::Well, "seen and more"),
        ] {
            let draft = Draft::write(&inside, "draft.md", "seen").unwrap();
            let mode = fs::metadata(&draft.0).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            assert_eq!(run(line, &draft, &mut signals).await, expected);
            assert_eq!(draft.text().unwrap(), text);
            drop(draft);
            assert_eq!(fs::read_dir(&inside).unwrap().count(), 0);
        }
    }
}
