//! Which commands prove something about a project, by the files at its top. What the configuration says wins for its kind; then scripts
//! and Makefiles, which people wrote for just this; then what the language's own tool gives.
//!
//! Nothing is started here, and files are read through the tools' path layer, since the project may be hostile.

use std::path::Path;

use crate::base::path::RepoPath;
use crate::domain::workflow::checks::{CheckKind, CheckSpec};
use crate::engine::tools::tree::{Content, Tree};

/// The largest project file that is read.
const FILE_BYTES: u64 = 1 << 20;
/// Seconds that a check gets if nothing is configured.
const TIMEOUT_S: u32 = 600;

/// What the configuration says about checks: commands in the order in which they run. A kind without a word about it is found by
/// itself; an empty list means that there is none of this kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configured {
    /// `checks.build`
    pub build: Option<Vec<String>>,
    /// `checks.test`
    pub test: Option<Vec<String>>,
    /// `checks.lint`
    pub lint: Option<Vec<String>>,
    /// `checks.timeout_s`
    pub timeout_s: Option<u32>,
}

/// Finds the checks of the project at `root`, in the order in which they run. None is an answer, too.
#[must_use]
pub fn detect(root: &Path, configured: &Configured) -> Vec<CheckSpec> {
    let mut found = Found {
        timeout_s: configured.timeout_s.unwrap_or(TIMEOUT_S),
        checks: Vec::new(),
    };
    let from_config = [
        (CheckKind::Build, &configured.build),
        (CheckKind::Lint, &configured.lint),
        (CheckKind::Test, &configured.test),
    ];
    let from_config = from_config.into_iter();
    for (kind, commands) in from_config.filter_map(|(kind, list)| Some((kind, list.as_ref()?))) {
        let source = format!("checks.{kind} in the configuration");
        // An empty command settles the kind and goes at the end.
        found.add(kind, "", &source);
        for command in commands {
            found.add(kind, command.trim(), &source);
        }
    }
    if let Ok(tree) = Tree::open(root) {
        let project = Project(tree);
        found.settle(|found| {
            scripts(&project, found);
            makefile(&project, found);
        });
        found.settle(|found| {
            cargo(&project, found);
            node(&project, found);
            python(&project, found);
            go(&project, found);
        });
    }
    let mut checks = found.checks;
    checks.retain(|check| !check.command.is_empty());
    checks.sort_by_key(|check| check.kind);
    checks
}

struct Found {
    timeout_s: u32,
    checks: Vec<CheckSpec>,
}

impl Found {
    fn add(&mut self, kind: CheckKind, command: &str, source: &str) {
        self.checks.push(CheckSpec {
            kind,
            command: command.to_owned(),
            timeout_s: self.timeout_s,
            source: source.to_owned(),
        });
    }

    /// Takes what a group of sources gives for kinds that no earlier group spoke about.
    fn settle(&mut self, look: impl FnOnce(&mut Self)) {
        let mut group = Self {
            timeout_s: self.timeout_s,
            checks: Vec::new(),
        };
        look(&mut group);
        let known: Vec<CheckKind> = self.checks.iter().map(|check| check.kind).collect();
        group.checks.retain(|check| !known.contains(&check.kind));
        self.checks.extend(group.checks);
    }
}

struct Project(Tree);

impl Project {
    fn file(&self, name: &str) -> Option<Content> {
        let path = RepoPath::parse(name).ok()?;
        self.0.read(&path, FILE_BYTES).ok()
    }

    fn text(&self, name: &str) -> Option<String> {
        let content = self.file(name)?;
        Some(String::from_utf8_lossy(&content.bytes).into_owned())
    }

    fn has(&self, name: &str) -> bool {
        let path = RepoPath::parse(name);
        path.is_ok_and(|path| self.0.kind(&path).is_ok())
    }
}

fn scripts(project: &Project, found: &mut Found) {
    let names = ["checks.sh", "test.sh", "run-tests.sh"];
    let is_program = |name: &&str| {
        project
            .file(name)
            .is_some_and(|file| file.mode & 0o100 != 0)
    };
    if let Some(name) = names.into_iter().find(is_program) {
        found.add(CheckKind::Test, &format!("./{name}"), name);
    }
}

fn makefile(project: &Project, found: &mut Found) {
    let names = ["GNUmakefile", "makefile", "Makefile"];
    let Some((name, text)) = names
        .into_iter()
        .find_map(|name| Some((name, project.text(name)?)))
    else {
        return;
    };
    let has_target = |target: &str| {
        text.lines().any(|line| {
            let (targets, rest) = line.split_once(':').unwrap_or_default();
            !line.starts_with(['\t', '#', '.'])
                && !rest.starts_with('=')
                && targets.split_whitespace().any(|word| word == target)
        })
    };
    let is_settled = |found: &Found, kind| found.checks.iter().any(|check| check.kind == kind);
    for (target, kind) in [
        ("test", CheckKind::Test),
        ("check", CheckKind::Test),
        ("lint", CheckKind::Lint),
    ] {
        if has_target(target) && !is_settled(found, kind) {
            found.add(kind, &format!("make {target}"), name);
        }
    }
}

fn cargo(project: &Project, found: &mut Found) {
    if !project.has("Cargo.toml") {
        return;
    }
    found.add(CheckKind::Build, "cargo build --all-targets", "Cargo.toml");
    found.add(CheckKind::Test, "cargo test", "Cargo.toml");
    for name in ["rustfmt.toml", ".rustfmt.toml"] {
        if project.has(name) {
            found.add(CheckKind::Lint, "cargo fmt --check", name);
            break;
        }
    }
}

fn node(project: &Project, found: &mut Found) {
    let Some(text) = project.text("package.json") else {
        return;
    };
    let package: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let runner = [
        ("pnpm-lock.yaml", "pnpm"),
        ("yarn.lock", "yarn"),
        ("bun.lock", "bun"),
        ("bun.lockb", "bun"),
    ];
    let runner = runner.into_iter().find(|(lock, _)| project.has(lock));
    let runner = runner.map_or("npm", |(_, runner)| runner);
    for (script, kind) in [
        ("build", CheckKind::Build),
        ("lint", CheckKind::Lint),
        ("test", CheckKind::Test),
    ] {
        let line = package
            .get("scripts")
            .and_then(|scripts| scripts.get(script));
        let line = line.and_then(serde_json::Value::as_str).unwrap_or_default();
        // What `npm init` writes fails always and tests nothing.
        if !line.is_empty() && !line.contains("no test specified") {
            found.add(kind, &format!("{runner} run {script}"), "package.json");
        }
    }
}

fn python(project: &Project, found: &mut Found) {
    let config = project.text("pyproject.toml").unwrap_or_default();
    let signs = ["pytest.ini", "conftest.py", "tests/conftest.py"];
    let has_section = |name: &str| config.contains(&format!("[tool.{name}"));
    let source = if has_section("pytest") {
        Some("pyproject.toml")
    } else {
        signs.into_iter().find(|sign| project.has(sign))
    };
    let source = source.or_else(|| {
        let names_it = config.contains("pytest") && project.has("tests");
        names_it.then_some("pyproject.toml")
    });
    if let Some(source) = source {
        found.add(CheckKind::Test, "python3 -m pytest -q", source);
    }
    if has_section("ruff") || project.has("ruff.toml") {
        found.add(CheckKind::Lint, "ruff check .", "ruff's configuration");
    }
}

fn go(project: &Project, found: &mut Found) {
    if project.has("go.mod") {
        found.add(CheckKind::Build, "go build ./...", "go.mod");
        found.add(CheckKind::Lint, "go vet ./...", "go.mod");
        found.add(CheckKind::Test, "go test ./...", "go.mod");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and contents; a `+` before a name makes it executable.
    type Files<'a> = &'a [(&'a str, &'a str)];

    fn commands(files: Files<'_>, configured: &Configured) -> Vec<String> {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = place.path().join(name.trim_start_matches('+'));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            if name.starts_with('+') {
                std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
            }
        }
        let found = detect(place.path(), configured);
        found.into_iter().map(|check| check.command).collect()
    }

    #[test]
    fn projects_are_known_by_their_files() {
        let package = r#"{"scripts":{"test":"node t.js","lint":"eslint .","build":""}}"#;
        let init = r#"{"scripts":{"test":"echo \"Error: no test specified\" && exit 1"}}"#;
        let make = "CC := gcc\ntest: all\n\t./t\nlint fmt:\n\techo\nbuild-all:\n";
        let cases: [(Files<'_>, &[&str]); 12] = [
            (&[], &[]),
            (&[("README.md", "x")], &[]),
            (
                &[("Cargo.toml", "")],
                &["cargo build --all-targets", "cargo test"],
            ),
            (
                &[("package.json", package)],
                &["npm run lint", "npm run test"],
            ),
            (
                &[("package.json", package), ("pnpm-lock.yaml", "")],
                &["pnpm run lint", "pnpm run test"],
            ),
            (&[("package.json", init)], &[]),
            (&[("package.json", "{broken")], &[]),
            (&[("Makefile", make)], &["make lint", "make test"]),
            (&[("Makefile", "check := x\ntest=1\n")], &[]),
            (&[("+checks.sh", ""), ("test.sh", "")], &["./checks.sh"]),
            (&[("checks.sh", "not executable")], &[]),
            (
                &[("+checks.sh", ""), ("go.mod", "")],
                &["go build ./...", "go vet ./...", "./checks.sh"],
            ),
        ];
        for (files, expected) in cases {
            assert_eq!(
                commands(files, &Configured::default()),
                expected,
                "{files:?}"
            );
        }
        let python = [("pyproject.toml", "[tool.pytest.ini_options]\n[tool.ruff]\n")];
        let found = commands(&python, &Configured::default());
        assert_eq!(found, ["ruff check .", "python3 -m pytest -q"]);
    }

    #[test]
    fn the_configuration_wins_for_its_kind() {
        let configured = Configured {
            test: Some(vec!["make -C sub test".to_owned(), "make smoke".to_owned()]),
            build: Some(Vec::new()),
            ..Configured::default()
        };
        let files = [("Cargo.toml", ""), ("rustfmt.toml", "")];
        assert_eq!(
            commands(&files, &configured),
            ["cargo fmt --check", "make -C sub test", "make smoke"]
        );
    }

    #[test]
    fn links_and_pipes_are_no_project_files() {
        let place = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/zero", place.path().join("Makefile")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", place.path().join("package.json")).unwrap();
        assert_eq!(detect(place.path(), &Configured::default()), vec![]);
    }
}
