//! The person's distance from UTC. The standard library does not know it; `date` does, with the person's `TZ` and the system's tables.

use std::process::{Command, Stdio};

/// Seconds from UTC to the clock that is shown: the person's own, or UTC itself.
#[must_use]
pub fn shown(is_utc: bool) -> i64 {
    if is_utc { 0 } else { offset_s() }
}

/// Seconds east of UTC at this moment; 0 where `date` cannot say. A change of summer time shows at the next start.
fn offset_s() -> i64 {
    let date = Command::new("date")
        .arg("+%z")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    date.ok()
        .and_then(|output| seconds(String::from_utf8_lossy(&output.stdout).trim()))
        .unwrap_or(0)
}

/// `+0530` in seconds.
fn seconds(zone: &str) -> Option<i64> {
    let (sign, digits) = match zone.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = digits.split_at_checked(2).filter(|_| digits.len() == 4)?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some(sign * (hours * 60 + minutes) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read() {
        for (zone, expected) in [
            ("+0000", Some(0)),
            ("+0530", Some(19_800)),
            ("-0330", Some(-12_600)),
            ("", None),
            ("CEST", None),
            ("+1", None),
            ("+ä00", None),
        ] {
            assert_eq!(seconds(zone), expected, "{zone}");
        }
    }
}
