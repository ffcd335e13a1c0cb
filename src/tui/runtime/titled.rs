//! The title of the terminal's window: at most one change in five seconds, and the last one is never lost.

use std::time::{Duration, Instant};

/// The title changes at most so often.
const EVERY: Duration = Duration::from_secs(5);

/// What the window is called, and when it may be called something else.
#[derive(Debug, Default)]
pub(super) struct Titled {
    shown: Option<(Instant, String)>,
    is_late: bool,
}

impl Titled {
    /// What the terminal is told at `at`, if the title is another one and may change.
    pub(super) fn next(&mut self, wanted: String, at: Instant) -> Option<String> {
        self.is_late = false;
        if let Some((since, shown)) = &self.shown {
            if *shown == wanted {
                return None;
            }
            if at.saturating_duration_since(*since) < EVERY {
                self.is_late = true;
                return None;
            }
        }
        let told = format!("\x1b]2;{wanted}\x07");
        self.shown = Some((at, wanted));
        Some(told)
    }

    /// When a change that came too early is to be told.
    pub(super) fn due(&self) -> Option<Instant> {
        let (since, _) = self.shown.as_ref().filter(|_| self.is_late)?;
        since.checked_add(EVERY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_comes_too_early_is_told_when_it_may_be() {
        let (mut titled, start) = (Titled::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut next = |title: &str, seconds| titled.next(title.to_owned(), after(seconds));
        assert_eq!(next("one", 0).as_deref(), Some("\x1b]2;one\x07"));
        assert_eq!(next("two", 1), None);
        assert_eq!(titled.due(), Some(after(5)));
        let mut next = |title: &str, seconds| titled.next(title.to_owned(), after(seconds));
        assert_eq!(next("two", 5).as_deref(), Some("\x1b]2;two\x07"));
        assert_eq!(next("two", 20), None);
        assert_eq!(titled.due(), None);
        // What is again as it is shown need not be told.
        let mut next = |title: &str, seconds| titled.next(title.to_owned(), after(seconds));
        assert_eq!(next("three", 6), None);
        assert_eq!(next("two", 7), None);
        assert_eq!(titled.due(), None);
    }
}
