//! Checks of a project, found and run for real.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use aios::adapters::blobs::memory::MemoryBlobs;
use aios::adapters::sandbox::Bare;
use aios::base::secret::Redactor;
use aios::domain::workflow::checks::{CheckKind, CheckSpec};
use aios::engine::checks::{Configured, detect, run};
use aios::engine::ports::blobs::Blobs;
use aios::engine::tools::Workplace;

use crate::sandboxes::{block, job};

#[test]
fn all_checks_run_in_order_and_keep_their_output() {
    let place = tempfile::tempdir().unwrap();
    let script = place.path().join("checks.sh");
    std::fs::write(&script, "#!/bin/sh\necho tested\nexit 3\n").unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let configured = Configured {
        build: Some(vec!["echo built; false".to_owned()]),
        lint: Some(vec!["sleep 99".to_owned()]),
        timeout_s: Some(1),
        ..Configured::default()
    };
    let specs = detect(place.path(), &configured);
    let blobs = MemoryBlobs::default();
    let workplace = Workplace {
        worktree: place.path().to_owned(),
        sandbox: Arc::new(Bare),
        blobs: Arc::new(blobs.clone()),
        redactor: Arc::new(Redactor::new([])),
        read_only: Vec::new(),
        environment: job(place.path(), "").environment,
    };
    let heard = Mutex::new(String::new());
    let hear = |spec: &CheckSpec, text: &str| {
        write!(heard.lock().unwrap(), "{}: {text}", spec.kind).unwrap();
    };
    let results = block(run(&specs, &workplace, &hear));
    let ended: Vec<_> = results
        .iter()
        .map(|result| (result.spec.kind, result.exit))
        .collect();
    let expected = [
        (CheckKind::Build, 1),
        (CheckKind::Lint, 124),
        (CheckKind::Test, 3),
    ];
    assert_eq!(ended, expected);
    let last = results.last().unwrap();
    assert_eq!(last.tail, "tested");
    assert_eq!(blobs.get(&last.output.unwrap()).unwrap(), b"tested\n");
    assert_eq!(*heard.lock().unwrap(), "build: built\ntest: tested\n");
}
