//! The project's own checks: [`detect()`] finds their commands, [`run`] runs them in the sandbox. What a result means against the base's is
//! `domain::workflow::checks`.

mod detect;

pub use detect::{Configured, detect};

use crate::domain::workflow::checks::{CheckResult, CheckSpec};
use crate::engine::tools::{Workplace, displayable};

/// Bytes of output's end that a model and a card get.
const TAIL_BYTES: usize = 2 << 10;
/// The exit code of a check that could not be started, as shells have it.
const NOT_STARTED: i32 = 126;

/// Runs the checks one after the other in the order build, lint, test, proof; all of them, even if one fails. `progress` hears which check
/// printed what. A check that cannot be started is red, and its tail says why.
pub async fn run(
    specs: &[CheckSpec],
    place: &Workplace,
    progress: &(dyn Fn(&CheckSpec, &str) + Send + Sync),
) -> Vec<CheckResult> {
    let mut ordered = specs.to_vec();
    ordered.sort_by_key(|spec| spec.kind);
    let mut results = Vec::with_capacity(ordered.len());
    for spec in ordered {
        results.push(one(spec, place, progress).await);
    }
    results
}

async fn one(
    spec: CheckSpec,
    place: &Workplace,
    progress: &(dyn Fn(&CheckSpec, &str) + Send + Sync),
) -> CheckResult {
    let job = place.job(&spec.command, spec.timeout_s);
    let hear = |piece: &[u8]| progress(&spec, &place.redactor.redact(&displayable(piece)));
    let (exit, wall_ms, output) = match place.sandbox.run(job, &hear).await {
        Ok(result) => (result.exit.code(), result.wall_ms, result.output),
        Err(failure) => (NOT_STARTED, 0, failure.to_string().into_bytes()),
    };
    let text = place.redactor.redact(&displayable(&output));
    let (blobs, tail) = (place.blobs.clone(), tail(&text).to_owned());
    let kept = tokio::task::spawn_blocking(move || blobs.put(text.as_bytes()).ok()).await;
    CheckResult {
        spec,
        exit,
        wall_ms,
        output: kept.ok().flatten(),
        tail,
    }
}

/// The last lines that fit.
fn tail(text: &str) -> &str {
    let text = text.trim_end();
    let mut starts = text.len().saturating_sub(TAIL_BYTES)..=text.len();
    let tail = starts
        .find_map(|start| text.get(start..))
        .unwrap_or_default();
    match tail.split_once('\n') {
        Some((cut, rest)) if tail.len() < text.len() && cut.len() < tail.len() / 2 => rest,
        _ => tail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_begins_with_a_whole_line() {
        let lines: Vec<String> = (0..1000).map(|n| format!("line {n}\n")).collect();
        let text = lines.concat();
        let tail = tail(&text);
        assert!(tail.len() <= TAIL_BYTES && tail.starts_with("line "));
        assert!(tail.ends_with("line 999"));
        assert_eq!(super::tail("short\n"), "short");
    }
}
