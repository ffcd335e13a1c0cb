//! Rows and how they are timed.

use std::io::Write as _;
use std::time::{Duration, Instant};

/// One measured figure.
pub(crate) struct Row {
    line: serde_json::Map<String, serde_json::Value>,
}

/// Begins a row.
pub(crate) fn row(name: &str, value: f64, unit: &str) -> Row {
    let mut line = serde_json::Map::new();
    line.insert("name".to_owned(), name.into());
    line.insert("value".to_owned(), short(value));
    line.insert("unit".to_owned(), unit.into());
    Row { line }
}

impl Row {
    /// What it should be.
    pub(crate) fn aim(mut self, aim: &str) -> Self {
        self.line.insert("aim".to_owned(), aim.into());
        self
    }

    /// What the reader must know of it.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.line.insert("note".to_owned(), note.into().into());
        self
    }

    /// Says it.
    pub(crate) fn print(self) {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", serde_json::Value::Object(self.line)).expect("somebody reads the rows");
    }
}

/// Four digits are more than any of these figures is worth.
fn short(value: f64) -> serde_json::Value {
    if !value.is_finite() {
        return serde_json::Value::Null;
    }
    let digits = 3 - value.abs().max(1e-9).log10().floor() as i32;
    if digits <= 0 {
        return (value.round() as i64).into();
    }
    let scale = 10_f64.powi(digits.min(9));
    ((value * scale).round() / scale).into()
}

/// Milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// How long something takes, once.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let result = std::hint::black_box(work());
    (started.elapsed(), result)
}

/// The fastest of some runs: the one that was disturbed least.
pub(crate) fn best<T>(runs: u32, mut work: impl FnMut() -> T) -> Duration {
    (0..runs)
        .map(|_| time(&mut work).0)
        .min()
        .unwrap_or_default()
}

/// The value below which `percent` of the samples lie.
pub(crate) fn percentile(samples: &mut [f64], percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    let place = samples.len().saturating_sub(1) * percent / 100;
    samples.get(place).copied().unwrap_or(f64::NAN)
}

/// Whether the full sizes are wanted.
pub(crate) fn is_full() -> bool {
    std::env::var_os("AIOS_BENCH").is_some_and(|size| size == "full")
}
