//! How much moves. One mark moves for the whole team, in the pulse, and only while somebody runs; the level changes how many frames
//! are sent, not only how they look.

use crate::base::time::{self, Timestamp};

/// How much moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Motion {
    /// Four frames a second.
    #[default]
    Full,
    /// Two.
    Reduced,
    /// A still mark, and the seconds since something happened.
    Off,
}

impl Motion {
    /// Reads the setting `display.motion`; what is not fixed moves less where the terminal is far away.
    pub fn from_setting(word: &str, is_remote: bool) -> Self {
        match word {
            "full" => Self::Full,
            "reduced" => Self::Reduced,
            "off" => Self::Off,
            _ if is_remote => Self::Reduced,
            _ => Self::Full,
        }
    }

    /// Milliseconds from a frame of the mark to the next.
    pub const fn step_ms(self) -> i64 {
        match self {
            Self::Full => 250,
            Self::Reduced => 500,
            Self::Off => 1_000,
        }
    }

    /// The mark of a team that runs; the last thing happened `still_ms` ago.
    pub fn mark(self, now: Timestamp, still_ms: i64) -> String {
        const FRAMES: [&str; 4] = ["▁", "▃", "▅", "▃"];
        const FEW: [&str; 2] = ["▁", "▅"];
        let step = usize::try_from(now.0.div_euclid(self.step_ms()).rem_euclid(4)).unwrap_or(0);
        match self {
            Self::Full => FRAMES.get(step).copied().unwrap_or_default().to_owned(),
            Self::Reduced => FEW.get(step % 2).copied().unwrap_or_default().to_owned(),
            Self::Off => format!("▸ {}", time::age(still_ms)),
        }
    }
}
