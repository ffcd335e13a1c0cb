//! Every tool on real files, with a sandbox that only pretends. Real sandboxes are tried in tests/tools.

use std::path::Path;
use std::sync::Mutex;

use super::*;
use crate::base::secret::Secret;
use crate::domain::tool::parse;
use crate::engine::ports::sandbox::{Exit, JobResult, SandboxFailure, SandboxTier};

/// Prints a fixed text and writes a fixed file.
struct Pretended {
    output: Vec<u8>,
    exit: Exit,
    jobs: Mutex<Vec<Job>>,
}

impl Sandbox for Pretended {
    fn tier(&self) -> SandboxTier {
        SandboxTier::None
    }

    fn run<'a>(
        &'a self,
        job: Job,
        progress: &'a (dyn Fn(&[u8]) + Send + Sync),
    ) -> BoxFuture<'a, Result<JobResult, SandboxFailure>> {
        self.jobs.lock().unwrap().push(job);
        progress(&self.output);
        let result = JobResult {
            exit: self.exit,
            output: self.output.clone(),
            total_bytes: self.output.len() as u64,
            wall_ms: 420,
        };
        Box::pin(async move { Ok(result) })
    }
}

/// Saw one file change.
struct Saw;

impl Witness for Saw {
    fn mark(&self) -> BoxFuture<'_, Result<Oid, String>> {
        Box::pin(async { Ok("a".repeat(40).parse().unwrap()) })
    }

    fn since(&self, _mark: Oid) -> BoxFuture<'_, Result<Vec<EditFact>, String>> {
        let fact = EditFact {
            path: "made.txt".to_owned(),
            before: None,
            after: Some(Digest::of(b"x")),
            added: 1,
            removed: 0,
        };
        Box::pin(async { Ok(vec![fact]) })
    }

    fn diff(&self, path: Option<RepoPath>) -> BoxFuture<'_, Result<Vec<u8>, String>> {
        Box::pin(async move {
            Ok(path.map_or_else(
                || b"diff of all\n".to_vec(),
                |path| format!("diff of {path}\n").into_bytes(),
            ))
        })
    }
}

struct Yard {
    place: tempfile::TempDir,
    desk: Desk,
    runtime: tokio::runtime::Runtime,
    outputs: Mutex<Vec<Digest>>,
}

impl Yard {
    fn new() -> Self {
        Self::with(b"hello\n", Exit::Code(0))
    }

    fn with(output: &[u8], exit: Exit) -> Self {
        let place = tempfile::tempdir().unwrap();
        let key = Secret::new("sk-secret-value-123".to_owned());
        let desk = Desk {
            place: Workplace {
                worktree: place.path().to_owned(),
                sandbox: Arc::new(Pretended {
                    output: output.to_owned(),
                    exit,
                    jobs: Mutex::default(),
                }),
                blobs: Arc::new(reply::tests::Kept::default()),
                redactor: Arc::new(Redactor::new([("KEY", &key)])),
                read_only: Vec::new(),
                environment: Vec::new(),
            },
            witness: Arc::new(Saw),
        };
        Self {
            place,
            desk,
            runtime: tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap(),
            outputs: Mutex::default(),
        }
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.place.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn get(&self, name: &str) -> String {
        let bytes = std::fs::read(Path::new(self.place.path()).join(name)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads as json! at the call")]
    fn call(&self, tool: &str, args: serde_json::Value) -> Outcome {
        let (_, call) = parse(tool, &args.to_string()).unwrap();
        let outputs = self.outputs.lock().unwrap().clone();
        let context = Context {
            outputs: &outputs,
            progress: &|_| {},
        };
        let outcome = self.runtime.block_on(self.desk.run(&call, context));
        assert!(outcome.text.len() <= reply::COMMAND_BYTES);
        self.outputs.lock().unwrap().extend(outcome.rest);
        outcome
    }

    /// The text of a call that must go well.
    fn good(&self, tool: &str, args: serde_json::Value) -> Outcome {
        let outcome = self.call(tool, args);
        assert!(!outcome.is_error, "{}", outcome.text);
        outcome
    }

    /// The text of a call that must be refused.
    fn bad(&self, tool: &str, args: serde_json::Value) -> String {
        let outcome = self.call(tool, args);
        assert!(outcome.is_error, "{}", outcome.text);
        assert_eq!(outcome.edits, vec![]);
        outcome.text
    }
}

use serde_json::json;

#[test]
fn files_are_read_with_numbers() {
    let yard = Yard::new();
    yard.put("a.txt", "one\ntwo\nthree\n");
    yard.put("crlf.txt", "one\r\ntwo\r\n");
    yard.put("bin", b"a\0b");
    yard.put("latin.txt", b"caf\xe9\n");
    yard.put("empty", "");
    let read = |path: &str| yard.good("read_file", json!({ "path": path })).text;
    assert_eq!(read("a.txt"), "1\tone\n2\ttwo\n3\tthree\n");
    assert!(read("crlf.txt").starts_with("1\tone\n2\ttwo\n(lines end in CRLF"));
    assert_eq!(read("empty"), "(empty)");
    let outcome = yard.good(
        "read_file",
        json!({"path": "a.txt", "from_line": 2, "lines": 1}),
    );
    assert_eq!(
        outcome.text,
        "2\ttwo\n(lines 2 to 2 of 3; go on with from_line 3)\n"
    );
    assert_eq!(outcome.brief, "1 line");
    let bad = |path: &str| yard.bad("read_file", json!({ "path": path }));
    assert!(bad("bin").contains("binary file of 3 bytes"));
    assert!(bad("latin.txt").contains("not UTF-8 (at byte 3 of 5)"));
    assert!(bad("none").starts_with("none: there is no such file or folder"));
    assert!(bad("a.txt/x").contains("not a folder"));
    assert!(bad("../x").contains("\"..\""));
    assert!(bad("/etc/passwd").contains("absolute"));
    let past = yard.bad("read_file", json!({"path": "a.txt", "from_line": 9}));
    assert!(past.contains("there are 3 lines"), "{past}");
}

#[test]
fn edits_tell_what_they_did() {
    let yard = Yard::new();
    yard.put("a.rs", "fn a() {\r\n    one();\r\n}\r\n");
    let outcome = yard.good(
        "edit_file",
        json!({"path": "a.rs", "old": "    one();\n", "new": "    one();\n    two();\n"}),
    );
    assert_eq!(
        yard.get("a.rs"),
        "fn a() {\r\n    one();\r\n    two();\r\n}\r\n"
    );
    assert!(
        outcome.text.starts_with("edited a.rs: +1 -0."),
        "{}",
        outcome.text
    );
    let fact = &outcome.edits[0];
    assert_eq!(
        (fact.path.as_str(), fact.added, fact.removed),
        ("a.rs", 1, 0)
    );
    assert_eq!(
        fact.before,
        Some(Digest::of(b"fn a() {\r\n    one();\r\n}\r\n"))
    );
    assert_eq!(fact.after, Some(Digest::of(yard.get("a.rs").as_bytes())));
    let twice = yard.bad(
        "edit_file",
        json!({"path": "a.rs", "old": "()", "new": "x"}),
    );
    assert!(twice.contains("3 times, at lines 1, 2, 3"), "{twice}");
}

#[test]
fn whole_files_are_written_moved_and_deleted() {
    let yard = Yard::new();
    let made = yard.good(
        "write_file",
        json!({"path": "deep/er/a.sh", "content": "x\ny\n", "executable": true}),
    );
    assert_eq!(made.text, "created deep/er/a.sh: +2 -0");
    assert_eq!(made.edits[0].before, None);
    let same = yard.good(
        "write_file",
        json!({"path": "deep/er/a.sh", "content": "x\ny\n"}),
    );
    assert_eq!(same.edits, vec![]);
    let over = yard.good(
        "write_file",
        json!({"path": "deep/er/a.sh", "content": "x\nz\n"}),
    );
    assert_eq!(over.text, "replaced deep/er/a.sh: +1 -1");
    yard.put("b", "b");
    let taken = yard.bad("move_file", json!({"from": "deep/er/a.sh", "to": "b"}));
    assert!(
        taken.starts_with("b: something is there already"),
        "{taken}"
    );
    let moved = yard.good(
        "move_file",
        json!({"from": "deep/er/a.sh", "to": "new/c.sh"}),
    );
    assert_eq!(moved.edits.len(), 2);
    assert_eq!(moved.edits[0].before, moved.edits[1].after);
    let gone = yard.good("delete_file", json!({"path": "new/c.sh"}));
    assert_eq!((gone.edits[0].after, gone.edits[0].removed), (None, 2));
    assert!(
        yard.bad("delete_file", json!({"path": "new"}))
            .contains("it is a folder")
    );
    assert!(
        yard.bad("move_file", json!({"from": "new", "to": "old"}))
            .contains("one by one")
    );
    for path in [
        ".git/config",
        "sub/.GIT/hooks/x",
        ".aios/config.toml",
        ".Aios/x",
    ] {
        let args = json!({"path": path, "content": "x"});
        let why = yard.bad("write_file", args);
        assert!(
            why.contains("git's own folder") || why.contains("only changed by people"),
            "{why}"
        );
    }
    let huge = "x".repeat(3 << 20);
    assert!(
        yard.bad("write_file", json!({"path": "huge", "content": huge}))
            .contains("over the limit")
    );
}

#[test]
fn crlf_files_stay_so_when_they_are_written_over() {
    let yard = Yard::new();
    yard.put("a.txt", "a\r\nb\r\n");
    let outcome = yard.good("write_file", json!({"path": "a.txt", "content": "a\nc\n"}));
    assert_eq!(yard.get("a.txt"), "a\r\nc\r\n");
    assert_eq!((outcome.edits[0].added, outcome.edits[0].removed), (1, 1));
}

#[test]
fn listings_and_searches_are_bounded() {
    let yard = Yard::new();
    yard.put(".gitignore", "skipped\n");
    yard.put("skipped/x", "needle");
    yard.put("src/a.rs", "let needle = 1;\r\nother\n");
    yard.put("src/deep/b.rs", "no\nneedle\n");
    yard.put("bin", b"\0needle");
    yard.put(
        "long.txt",
        format!("{}needle{}", "x".repeat(5000), "y".repeat(5000)),
    );
    let list = |args| yard.good("list_files", args).text;
    assert_eq!(
        list(json!({})),
        ".gitignore\nbin\nlong.txt\nsrc/a.rs\nsrc/deep/b.rs\n"
    );
    assert_eq!(list(json!({"glob": "*.rs"})), "src/a.rs\nsrc/deep/b.rs\n");
    assert_eq!(list(json!({"glob": "src/*.rs"})), "src/a.rs\n");
    assert_eq!(list(json!({"path": "src/deep"})), "src/deep/b.rs\n");
    assert!(
        yard.bad("list_files", json!({"path": "bin"}))
            .contains("it is a file")
    );
    assert!(
        yard.bad("list_files", json!({"glob": "[x"}))
            .starts_with("glob: ")
    );
    let found = yard.good("search", json!({"pattern": "needle", "glob": "*.rs"}));
    assert_eq!(
        found.text,
        "src/a.rs:1:let needle = 1;\nsrc/deep/b.rs:2:needle\n"
    );
    assert_eq!(found.brief, "2 matches in 2 files");
    let long = yard
        .good("search", json!({"pattern": "needle", "path": "long.txt"}))
        .text;
    assert!(long.len() < 350 && long.contains("needle"), "{long}");
    assert_eq!(
        yard.good("search", json!({"pattern": "1;$"})).brief,
        "1 match"
    );
    assert_eq!(
        yard.good("search", json!({"pattern": "nowhere"})).text,
        "no matches\n"
    );
    assert!(
        yard.bad("search", json!({"pattern": "(a"}))
            .contains("unclosed group")
    );
    assert!(
        yard.bad("search", json!({"pattern": "a{1000}{1000}{1000}"}))
            .starts_with("pattern: ")
    );
    yard.put("many.txt", "needle\n".repeat(5000));
    let many = yard
        .good("search", json!({"pattern": "needle", "path": "many.txt"}))
        .text;
    assert!(many.contains("stopped at 200 matches"));
    for number in 0..1100 {
        yard.put(&format!("lots/{number}"), "");
    }
    let outcome = yard.good("list_files", json!({"path": "lots"}));
    assert_eq!(outcome.brief, "1100 files");
    assert!(
        outcome.text.contains("… 100 more files"),
        "{}",
        outcome.text
    );
}

#[test]
fn names_that_are_not_utf8_are_listed_and_can_be_named() {
    use std::os::unix::ffi::OsStrExt as _;
    let yard = Yard::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    std::fs::write(yard.place.path().join(name), "x\n").unwrap();
    let listed = yard.good("list_files", json!({})).text;
    assert_eq!(listed, "caf\\xe9.txt\n");
    let read = yard.good("read_file", json!({"path": listed.trim()})).text;
    assert_eq!(read, "1\tx\n");
}

#[test]
fn secrets_leave_as_placeholders_and_come_back() {
    let yard = Yard::new();
    yard.put("env", "KEY=sk-secret-value-123\nA=1\n");
    let read = yard.good("read_file", json!({"path": "env"})).text;
    assert_eq!(read, "1\tKEY=⟦secret:KEY⟧\n2\tA=1\n");
    let edit =
        json!({"path": "env", "old": "KEY=⟦secret:KEY⟧\nA=1", "new": "KEY=⟦secret:KEY⟧\nA=2"});
    let outcome = yard.good("edit_file", edit);
    assert_eq!(yard.get("env"), "KEY=sk-secret-value-123\nA=2\n");
    assert!(!outcome.text.contains("sk-secret"));
}

#[test]
fn commands_tell_their_end_and_their_edits() {
    let yard = Yard::with(b"key sk-secret-value-123\n", Exit::Code(3));
    let outcome = yard.good("run_command", json!({"command": "make"}));
    let expected = "exit 3\nkey ⟦secret:KEY⟧\nchanged files: new made.txt (+1 -0)\n";
    assert_eq!(outcome.text, expected);
    assert_eq!(
        (outcome.exit, outcome.brief.as_str()),
        (Some(3), "exit 3  0.4s")
    );
    assert_eq!(outcome.edits.len(), 1);
    let late = Yard::with(b"", Exit::TimedOut).call("run_command", json!({"command": "sleep 9"}));
    assert!(late.is_error && late.exit == Some(124), "{}", late.text);
    assert!(late.text.contains("stopped after 120 s"));
    for timeout_s in [0, 601] {
        let args = json!({"command": "x", "timeout_s": timeout_s});
        assert!(yard.bad("run_command", args).contains("1 to 600"));
    }
}

#[test]
fn long_output_can_be_read_on_by_its_handle_only() {
    let rows: Vec<String> = (1..=20_000).map(|n| format!("row {n}\n")).collect();
    let text = rows.concat();
    let yard = Yard::with(text.as_bytes(), Exit::Code(0));
    let outcome = yard.good("run_command", json!({"command": "seq"}));
    assert!(outcome.text.len() <= reply::COMMAND_BYTES);
    let (_, rest) = outcome.text.split_once("read_output handle \"").unwrap();
    let (handle, _) = rest.split_once('"').unwrap();
    let part = yard.good(
        "read_output",
        json!({"handle": handle, "from_line": 10_001, "lines": 1}),
    );
    assert!(part.text.starts_with("10001\trow 10000\n"), "{}", part.text);
    let other = yard.bad("read_output", json!({"handle": "h_000000000000"}));
    assert!(other.contains("no such handle"));
}

#[test]
fn diffs_come_from_the_witness() {
    let yard = Yard::new();
    assert_eq!(yard.good("show_diff", json!({})).text, "diff of all\n");
    assert_eq!(
        yard.good("show_diff", json!({"path": "src"})).text,
        "diff of src\n"
    );
    assert!(
        yard.bad("show_diff", json!({"path": "../x"}))
            .contains("\"..\"")
    );
}
