//! A file of the person's that is read again when it has changed. It is looked at while the person types, at most once a
//! second, and never while nothing happens.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// Larger files are none of ours.
const MOST_BYTES: u64 = 256 * 1024;

/// What a look has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// Nothing new.
    Same,
    /// Another text; empty where the file is gone.
    Text(String),
    /// It cannot be read.
    Failed(String),
}

/// A file that is watched.
#[derive(Clone, Debug)]
pub struct Watch {
    path: Option<PathBuf>,
    /// When it was changed and how long it is, when it was last looked at; none: it was not there.
    seen: Option<(SystemTime, u64)>,
    looked: Option<Instant>,
}

impl Watch {
    /// Watches a file from its state of now on; nothing if there is no path.
    pub fn new(path: Option<PathBuf>) -> Self {
        let mut watch = Self {
            path,
            seen: None,
            looked: None,
        };
        watch.seen = watch.state();
        watch
    }

    fn state(&self) -> Option<(SystemTime, u64)> {
        let facts = std::fs::metadata(self.path.as_ref()?).ok()?;
        Some((facts.modified().ok()?, facts.len()))
    }

    /// Looks if the last look is old enough. With `is_wanted` it reads in any case.
    pub fn look(&mut self, at: Instant, is_wanted: bool) -> Look {
        let Some(path) = &self.path else {
            return Look::Same;
        };
        let is_fresh = |looked: Instant| at.saturating_duration_since(looked) < EVERY;
        if !is_wanted && self.looked.is_some_and(is_fresh) {
            return Look::Same;
        }
        self.looked = Some(at);
        let now = self.state();
        if !is_wanted && now == self.seen {
            return Look::Same;
        }
        self.seen = now;
        match now {
            None => Look::Text(String::new()),
            Some((_, length)) if length > MOST_BYTES => {
                Look::Failed(format!("{}: larger than 256 KiB", path.display()))
            }
            Some(_) => match std::fs::read_to_string(path) {
                Ok(text) => Look::Text(text),
                Err(error) => Look::Failed(format!("{}: {error}", path.display())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_seen_once_and_not_more_often_than_once_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keymap.toml");
        let mut watch = Watch::new(Some(path.clone()));
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        assert_eq!(watch.look(at(0), false), Look::Same);
        std::fs::write(&path, "preset = \"vim\"").unwrap();
        assert_eq!(watch.look(at(500), false), Look::Same);
        let text = Look::Text("preset = \"vim\"".to_owned());
        assert_eq!(watch.look(at(1_000), false), text);
        assert_eq!(watch.look(at(2_000), false), Look::Same);
        assert_eq!(watch.look(at(2_001), true), text);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(watch.look(at(4_000), false), Look::Text(String::new()));
        std::fs::create_dir(&path).unwrap();
        assert!(matches!(watch.look(at(6_000), false), Look::Failed(_)));
        assert_eq!(Watch::new(None).look(at(0), true), Look::Same);
    }
}
