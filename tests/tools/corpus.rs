//! The hostile calls of the corpus. Paths go through every file tool; commands run behind the wall with the policy left out, so that only the
//! wall holds. What is a question of policy or of approval (`ask`, `sudo`) is decided before a tool runs, and is not tried here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aios::adapters::blobs::memory::MemoryBlobs;
use aios::adapters::sandbox::Bare;
use aios::base::id::{Digest, Oid};
use aios::base::path::RepoPath;
use aios::base::secret::Redactor;
use aios::domain::tool::{EditFact, Outcome, parse};
use aios::engine::ports::sandbox::Sandbox;
use aios::engine::tools::{Context, Desk, Witness, Workplace};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::needs;
use crate::sandboxes::{block, bubblewrap, job};

/// Sees nothing.
struct Blind;

impl Witness for Blind {
    fn mark(&self) -> BoxFuture<'_, Result<Oid, String>> {
        Box::pin(async { Err("not looked at".to_owned()) })
    }

    fn since(&self, _mark: Oid) -> BoxFuture<'_, Result<Vec<EditFact>, String>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn diff(&self, _path: Option<RepoPath>) -> BoxFuture<'_, Result<Vec<u8>, String>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// The worktree that the corpus speaks about, and all around it.
struct Yard {
    place: tempfile::TempDir,
}

impl Yard {
    fn new(test: &str) -> Option<Self> {
        let has_tools = ["bash", "git", "python3"].into_iter().all(needs::installed);
        if !needs::has("python3", has_tools, test) {
            return None;
        }
        let place = tempfile::tempdir().unwrap();
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/corpus/fixture_worktree.sh");
        let made = std::process::Command::new("bash")
            .arg(script)
            .arg(place.path().join("o"))
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        Some(Self { place })
    }

    fn root(&self) -> PathBuf {
        self.place.path().canonicalize().unwrap().join("o")
    }

    fn desk(&self, sandbox: Arc<dyn Sandbox>) -> Desk {
        let worktree = self.root().join("w1");
        Desk {
            place: Workplace {
                environment: job(&worktree, "").environment,
                worktree,
                sandbox,
                blobs: Arc::new(MemoryBlobs::default()),
                redactor: Arc::new(Redactor::new([])),
                read_only: vec![self.root().join("repo/.git")],
            },
            witness: Arc::new(Blind),
        }
    }

    /// Every file outside of the worktree, with its bytes, its links and its mode.
    fn outside(&self) -> BTreeMap<PathBuf, String> {
        let mut seen = BTreeMap::new();
        let mut folders = vec![self.place.path().canonicalize().unwrap()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                if path == self.root().join("w1") {
                    continue;
                }
                let found = path.symlink_metadata().unwrap();
                let mut state = format!("{:?}", found.permissions());
                if found.is_dir() {
                    folders.push(path.clone());
                } else if found.is_file() {
                    state.push_str(&Digest::of(&std::fs::read(&path).unwrap()).to_string());
                }
                seen.insert(path, state);
            }
        }
        seen
    }

    fn call(&self, desk: &Desk, tool: &str, args: &Value) -> Option<Outcome> {
        let (_, call) = parse(tool, &args.to_string()).ok()?;
        let context = Context {
            outputs: &[],
            progress: &|_| {},
        };
        let _ = self;
        Some(block(desk.run(&call, context)))
    }
}

struct Case {
    id: String,
    tool: String,
    args: Value,
    expected: String,
}

/// The cases, with the corpus's names turned into ours and its variables filled in.
fn cases(root: &Path) -> Vec<Case> {
    let text = include_str!("../fixtures/corpus/tool_calls.jsonl");
    let rows = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let word = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let filled = |args: &Value| {
        let home = root.join("home");
        let text = args.to_string();
        let text = text.replace("$HOME", home.to_str().unwrap());
        let text = text
            .replace("$SOCKET_DIR", "/run/aios")
            .replace("$UID", "1000");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    rows.map(|row| {
        let tool = word(&row, "tool");
        let mut args = filled(&row["args"]);
        if let Some(root) = args.as_object_mut().and_then(|args| args.remove("root")) {
            args["path"] = root;
        }
        if args["content"] == json!("@generate:zeros:2GiB") {
            args["content"] = json!("0".repeat(3 << 20));
        }
        Case {
            id: word(&row, "id"),
            tool: if tool == "list_dir" {
                "list_files".to_owned()
            } else {
                tool
            },
            expected: word(&row, "expected"),
            args: if args.is_object() { args } else { json!({}) },
        }
    })
    .collect()
}

#[test]
fn hostile_paths_and_schemas_are_refused() {
    let Some(yard) = Yard::new("hostile_paths_and_schemas_are_refused") else {
        return;
    };
    let desk = yard.desk(Arc::new(Bare));
    let before = yard.outside();
    let mut tried = 0;
    for case in cases(&yard.root()) {
        let is_command = case.tool == "run_command" && case.args.get("command").is_some();
        let is_swap = case.args["path"] == json!("swap/target.txt"); // A race; the path layer's own tests run it.
        let is_plain_command = is_command && case.args.as_object().unwrap().len() == 1;
        if is_plain_command || is_swap || case.expected == "ask" {
            continue;
        }
        tried += 1;
        let outcome = yard.call(&desk, &case.tool, &case.args);
        let refused = outcome.as_ref().is_none_or(|outcome| outcome.is_error);
        let expected = !matches!(case.expected.as_str(), "allow" | "contain");
        assert_eq!(refused, expected, "{} {}: {outcome:?}", case.id, case.args);
        if let Some(outcome) = outcome {
            assert!(!outcome.text.contains("CANARY"), "{}", case.id);
        }
        assert_eq!(yard.outside(), before, "{} had an effect outside", case.id);
    }
    assert!(tried >= 35, "only {tried} cases were tried");
}

#[test]
fn every_file_tool_refuses_every_way_out() {
    let Some(yard) = Yard::new("every_file_tool_refuses_every_way_out") else {
        return;
    };
    let desk = yard.desk(Arc::new(Bare));
    let before = yard.outside();
    let fixed = [
        "link-to-home/.bashrc",
        "link-to-home",
        "a/b/c/link-up/outside",
        "dangling-link",
        "loop-a",
        "link-inside",
        "hardlinked.txt",
        "hardlink-to-home-file",
        "fifo-in-worktree",
        "sock-in-worktree",
        ".git",
        "sub/.git/hooks/pre-commit",
        "..",
        "a/../../w2/README.md",
    ];
    let from_corpus = cases(&yard.root())
        .into_iter()
        .filter(|case| case.expected == "deny");
    let from_corpus = from_corpus.filter_map(|case| case.args["path"].as_str().map(str::to_owned));
    let paths = fixed.into_iter().map(str::to_owned).chain(from_corpus);
    for path in
        paths.filter(|path| !matches!(path.as_str(), "swap/target.txt" | "a" | "src/huge.bin"))
    {
        let calls = [
            ("read_file", json!({"path": path})),
            ("list_files", json!({"path": path})),
            ("search", json!({"pattern": ".", "path": path})),
            (
                "edit_file",
                json!({"path": path, "old": "CANARY", "new": "x"}),
            ),
            ("write_file", json!({"path": path, "content": "x"})),
            (
                "write_file",
                json!({"path": format!("{path}/new"), "content": "x"}),
            ),
            ("move_file", json!({"from": "README.md", "to": path})),
            ("move_file", json!({"from": path, "to": "stolen"})),
        ];
        for (tool, args) in calls {
            let outcome = yard.call(&desk, tool, &args).unwrap();
            assert!(outcome.is_error, "{tool} {args}: {}", outcome.text);
            assert!(
                !outcome.text.contains("CANARY"),
                "{tool} {args}: {}",
                outcome.text
            );
        }
        let _ = yard.call(
            &desk,
            "delete_file",
            &json!({"path": format!("{path}/outside")}),
        );
    }
    let found = yard
        .call(&desk, "search", &json!({"pattern": "CANARY-"}))
        .unwrap();
    assert!(
        !found.text.contains("outside") && !found.text.contains("home"),
        "{}",
        found.text
    );
    assert_eq!(yard.outside(), before);
}

#[test]
fn hostile_commands_are_contained() {
    let Some(sandbox) = bubblewrap("hostile_commands_are_contained") else {
        return;
    };
    let Some(yard) = Yard::new("hostile_commands_are_contained") else {
        return;
    };
    let desk = yard.desk(Arc::new(sandbox));
    let before = yard.outside();
    let mut tried = 0;
    for case in cases(&yard.root()) {
        let Some(command) = case.args["command"]
            .as_str()
            .filter(|_| case.tool == "run_command")
        else {
            continue;
        };
        tried += 1;
        let is_build = command.starts_with("cargo");
        let args = json!({"command": command, "timeout_s": if is_build { 120 } else { 2 }});
        let outcome = yard.call(&desk, &case.tool, &args).unwrap();
        assert!(
            !outcome.text.contains("CANARY"),
            "{} {command}: {}",
            case.id,
            outcome.text
        );
        assert_eq!(
            yard.outside(),
            before,
            "{} {command} had an effect outside",
            case.id
        );
        // The fixture has no package.json and is not formatted; that these start is all they can show.
        let must_pass = case.expected == "runs_in_sandbox"
            && !matches!(command, "npm test" | "cargo fmt --check");
        if must_pass {
            assert_eq!(outcome.exit, Some(0), "{command}: {}", outcome.text);
        }
    }
    assert!(tried >= 55, "only {tried} cases were tried");
}
