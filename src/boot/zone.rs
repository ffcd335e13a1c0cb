//! The person's distance from UTC, which the standard library does not know: by their `TZ`, else by the machine's own clock.

use tz::TimeZone;

use crate::engine::ports::clock::{Clock as _, SystemClock};

/// Seconds from UTC to the clock that is shown: the person's own, or UTC itself.
#[must_use]
pub fn shown(is_utc: bool) -> i64 {
    if is_utc {
        return 0;
    }
    let now_s = SystemClock.now().0.div_euclid(1_000);
    offset_s(std::env::var("TZ").ok().as_deref(), now_s)
}

/// Seconds east of UTC at a moment; 0 where nothing is known. A change of summer time shows at the next start.
fn offset_s(variable: Option<&str>, now_s: i64) -> i64 {
    let zone = match variable {
        Some("") => return 0,
        Some(name) => TimeZone::from_posix_tz(name),
        None => TimeZone::local(),
    };
    let known = zone.ok();
    let found = known
        .as_ref()
        .and_then(|zone| zone.find_local_time_type(now_s).ok());
    found.map_or(0, |found| i64::from(found.ut_offset()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_read() {
        // Half of July and of January of 2026.
        let (summer, winter) = (1_784_073_600, 1_768_435_200);
        for (variable, expected) in [
            ("", (0, 0)),
            ("UTC0", (0, 0)),
            ("<+0530>-5:30", (19_800, 19_800)),
            ("CET-1CEST,M3.5.0,M10.5.0/3", (7_200, 3_600)),
            ("no such place", (0, 0)),
            ("/dev/null", (0, 0)),
        ] {
            let found = |moment| offset_s(Some(variable), moment);
            assert_eq!((found(summer), found(winter)), expected, "{variable}");
        }
        assert!(offset_s(None, winter).abs() <= 14 * 3_600);
    }
}
