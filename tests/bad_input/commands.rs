//! Commands of agents that do not end, leave others behind, or print without end.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::agents::{stumbling, write};
use crate::row::{Row, results};

/// A worker that first runs this line.
fn command(
    what: &'static str,
    line: &'static str,
    timeout_s: u32,
    says: &'static [&'static str],
) -> Row {
    Row::told(what, says, move || {
        let args = json!({"command": line, "timeout_s": timeout_s, "criterion": "c1"});
        stumbling(
            vec![write("one", "one.txt", "1\n")],
            vec![("run_command".to_owned(), args)],
        )
    })
}

/// Nothing runs any more whose words are these.
fn is_gone(words: &str) {
    let patience = Instant::now() + Duration::from_secs(5);
    let runs = || {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
        lines
            .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
            .any(|line| line.contains(words))
    };
    while runs() {
        assert!(Instant::now() < patience, "{words} still runs");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        command(
            "a command that hangs",
            "echo begun; sleep 86411",
            1,
            &[
                "exit ",
                "stopped after 1 s with all that it had started",
                "timeout_s",
            ],
        )
        .then(|_, _| is_gone("sleep 86411")),
        command(
            "a command that ignores being asked",
            "trap '' TERM INT HUP; echo begun; while :; do sleep 86412; done",
            1,
            &["stopped after 1 s with all"],
        )
        .then(|_, _| is_gone("sleep 86412")),
        command(
            "a command that leaves others behind",
            "sleep 86413 & setsid sleep 86413 & echo forked",
            20,
            &["exit 0", "forked"],
        )
        .then(|_, _| is_gone("sleep 86413")),
        command(
            "a command that forks and waits",
            "for n in $(seq 300); do sleep 86414 & done; echo forked; wait",
            2,
            &["exit ", "stopped after 2 s with all that it had started"],
        )
        .then(|_, _| is_gone("sleep 86414")),
        command(
            "a command that prints a gigabyte",
            "head -c 1073741824 /dev/zero | tr '\\0' 'x'",
            60,
            &["stopped: it printed more than 64 MB; make it print less"],
        )
        .then(|bench, _| {
            let longest = results(bench).iter().map(String::len).max();
            assert!(longest < Some(64 << 10), "{longest:?} bytes for the model");
        }),
        command(
            "a command that is none",
            "no-such-program-here --now",
            20,
            &["exit 127", "no-such-program-here"],
        ),
        command(
            "a command without words",
            " ",
            20,
            &["command is empty or has a NUL byte"],
        ),
        command(
            "a time that is too long",
            "true",
            86400,
            &["timeout_s is 86400: it can be 1 to 600"],
        ),
    ]
}
