//! The journal and what is derived from it: torn, broken, gone; and a disk without room.

use std::fs;
use std::process::{Command, Stdio};

use crate::arguments::planned;
use crate::bench::{Bench, RUN};
use crate::needs;
use crate::row::{Row, run};

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = journal();
    rows.extend(journal_looked_at());
    rows.extend(derived());
    rows.extend(disk());
    rows
}

/// A bit in the middle of the journal is another one.
fn broken(bench: &Bench) {
    planned(bench);
    let segment = bench.segment();
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, &bytes).unwrap();
}

fn journal() -> Vec<Row> {
    vec![
        Row::goes_on(
            "a journal with a torn last record",
            &["torn: 40 bytes were cut off and kept beside it"],
            |bench| {
                planned(bench);
                let segment = bench.segment();
                let mut bytes = fs::read(&segment).unwrap();
                let half = bytes.get(..40).unwrap().to_vec();
                bytes.extend(half);
                fs::write(&segment, bytes).unwrap();
                run(bench)
            },
        )
        .then(|bench, _| {
            bench.aios(&["journal", "verify"]).ends(0);
        }),
        Row::refused(
            "a broken journal",
            12,
            "E-LOG-02",
            &["00000001.seg, record ", "aios journal export"],
            |bench| {
                broken(bench);
                run(bench)
            },
        )
        .then(|bench, _| assert_eq!(bench.fake.calls(), 1)),
        Row::refused(
            "a decision on a broken journal",
            12,
            "E-LOG-02",
            &["record "],
            |bench| {
                broken(bench);
                bench.command(&["approve", "g1"])
            },
        ),
        Row::goes_on(
            "what a broken journal still shows",
            &[
                "only the journal's good part is shown",
                "record ",
                "is damaged",
            ],
            |bench| {
                broken(bench);
                bench.command(&["status"])
            },
        )
        .with_sprint(),
    ]
}

fn journal_looked_at() -> Vec<Row> {
    vec![
        Row::refused(
            "a broken journal, verified",
            11,
            "E-LOG-01",
            &["record ", "is damaged"],
            |bench| {
                broken(bench);
                bench.command(&["journal", "verify"])
            },
        ),
        Row::refused(
            "the good part of a broken journal",
            11,
            "E-LOG-01",
            &["what stands before it was written"],
            |bench| {
                broken(bench);
                bench.command(&["journal", "export"])
            },
        )
        .then(|_, ran| {
            let lines: Vec<serde_json::Value> = ran
                .out
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            assert!(lines.len() > 1, "{}", ran.out);
        }),
        Row::refused(
            "a journal that another has open",
            7,
            "E-HOST-04",
            &["another aios has the journal open"],
            |bench| {
                planned(bench);
                let lock = fs::File::open(bench.state().join("journal/lock")).unwrap();
                rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).unwrap();
                // Open as long as this test runs.
                std::mem::forget(lock);
                run(bench)
            },
        ),
    ]
}

fn derived() -> Vec<Row> {
    let sled = |bench: &Bench| {
        planned(bench);
        let derived = bench.state().join("state.sled");
        assert!(derived.is_dir());
        derived
    };
    vec![
        Row::story(
            "derived state that is gone",
            &["s1 landed as", "tasks, spent"],
            move |bench| {
                fs::remove_dir_all(sled(bench)).unwrap();
                run(bench)
            },
        ),
        Row::goes_on(
            "derived state that is broken",
            &["made anew from the journal"],
            move |bench| {
                for file in fs::read_dir(sled(bench)).unwrap() {
                    let path = file.unwrap().path();
                    if path.is_file() {
                        fs::write(path, [0xa5; 4096]).unwrap();
                    }
                }
                run(bench)
            },
        ),
        Row::goes_on(
            "derived state that is a file",
            &["made anew from the journal"],
            move |bench| {
                let derived = sled(bench);
                fs::remove_dir_all(&derived).unwrap();
                fs::write(&derived, "not a folder").unwrap();
                run(bench)
            },
        ),
    ]
}

/// The program, begun by a shell that first says these words. `$1` is the folder of all state.
fn after(bench: &Bench, words: &str, arguments: &[&str]) -> Command {
    let run = bench.command(&[]);
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{words}; shift; exec \"$@\""), "sh"])
        .arg(bench.home().join(".state"))
        .arg(run.get_program())
        .args(arguments)
        .current_dir(&bench.repo)
        .env_clear()
        .envs(
            run.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null());
    command
}

/// The program, none of whose files can grow beyond so many KiB: the system takes a part of a write and refuses the rest.
fn with_room(bench: &Bench, kib: u64, arguments: &[&str]) -> Command {
    let words = format!("trap '' XFSZ; ulimit -f {}", kib * 2);
    after(bench, &words, arguments)
}

fn disk() -> Vec<Row> {
    let mut rows = vec![
        Row::ends(
            "a disk that becomes full",
            12,
            "E-DISK-01",
            &[
                "nothing can be written: no room left to write ",
                "make room",
            ],
            |bench| {
                planned(bench);
                let kib = fs::metadata(bench.segment()).unwrap().len() / 1024 + 2;
                with_room(bench, kib, &RUN)
            },
        )
        .then(|bench, _| {
            bench.aios(&["journal", "verify"]).ends(0);
            let ran = bench.run(&[]).ends(0);
            assert!(ran.out.contains("s1 landed"), "{}", ran.out);
            assert_eq!(bench.of_kind("SprintStarted").len(), 1);
        }),
        Row::refused(
            "a disk that becomes full under the demo",
            12,
            "E-DISK-01",
            &[
                "nothing can be written: no room left to write ",
                "make room",
            ],
            |bench| with_room(bench, 24, &["demo", "--plain", "--speed", "0"]),
        ),
        Row::refused(
            "a disk that is full",
            12,
            "E-DISK-01",
            &["make room"],
            |bench| with_room(bench, 0, &RUN),
        ),
    ];
    let may_mount = Command::new("unshare")
        .args(["-m", "true"])
        .output()
        .is_ok_and(|ran| ran.status.success());
    if needs::has("mount", may_mount, "the row: a file system without room") {
        // A file system of the state's own, seen by the run alone and gone with it.
        let filled = "mkdir -p \"$1\"; mount -t tmpfs -o size=64k none \"$1\"; head -c 1m /dev/zero > \"$1/all\" 2> /dev/null";
        rows.push(Row::refused(
            "a file system without room",
            12,
            "E-DISK-01",
            &["make room"],
            move |bench| {
                let inner = after(bench, filled, &RUN);
                let mut command = Command::new("unshare");
                command
                    .arg("-m")
                    .arg(inner.get_program())
                    .args(inner.get_args())
                    .current_dir(&bench.repo)
                    .env_clear()
                    .envs(
                        inner
                            .get_envs()
                            .filter_map(|(name, value)| Some((name, value?))),
                    )
                    .stdin(Stdio::null());
                command
            },
        ));
    }
    rows
}
