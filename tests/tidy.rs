//! The rules that hold the tree in shape: who may import whom, how long a file may be, which words have no place here. The rules
//! are the lists at the top. The checks are functions over sources in memory, and each is shown a planted fault.

#[path = "tidy/imports.rs"]
mod imports;
#[cfg(test)]
#[path = "tidy/planted.rs"]
mod planted;
#[cfg(test)]
#[path = "tidy/settings.rs"]
mod settings;
#[path = "tidy/source.rs"]
mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use source::{Source, functions};

/// Houses by rank. A file imports from lower ranks; houses of one rank know nothing of one another.
const RANKS: [&[&str]; 6] = [
    &["base"],
    &["domain"],
    &["engine"],
    // Below the doors, because each of them holds a session client and nothing else of another door.
    &["session"],
    &["tui", "api", "cli", "adapters"],
    &["boot"],
];

/// Houses with rooms in a fixed order: a room imports only from those that stand before it.
const ORDERED: [(&str, &[&str]); 2] = [
    (
        "domain",
        &[
            "security",
            "llm",
            "tool",
            "cost",
            "knowledge",
            "change",
            "agent",
            "workflow",
            "sprint",
            "presence",
            "journal",
        ],
    ),
    (
        "engine",
        &[
            "ports",
            "llm",
            "tools",
            "checks",
            "changes",
            "agents",
            "planning",
            "costs",
            "core",
            "reconcile",
        ],
    ),
];

/// Houses whose rooms never import one another.
const SEPARATE: [&str; 1] = ["adapters"];

/// Rooms and houses of the lists that have no file yet, one a line. The line goes when the first file comes.
const NOT_YET: &[&str] = &["api", "domain::knowledge", "engine::planning"];

/// Imports that no rank forbids and that are wrong all the same: from, to, why.
const BARRED: [(&str, &str, &str); 3] = [
    ("adapters::", "session::", "back doors know no front door"),
    ("tui::widgets::", "domain::", "widgets know no domain"),
    ("tui::widgets::", "engine::", "widgets know no engine"),
];

/// Words that a house's production code may not hold, and why.
const IMPURE: [(&str, &[&str], &str); 2] = [
    (
        "src/domain/",
        &[
            "tokio::",
            "std::fs",
            "std::env",
            "std::net",
            "std::process",
            "SystemTime",
            "Instant::now",
            "async fn",
            "async move",
        ],
        "the domain is pure",
    ),
    (
        "src/base/",
        &["tokio::", "std::fs", "std::env", "SystemTime"],
        "base words do no work",
    ),
];

/// What production code may not hold anywhere.
const UNFINISHED: [&str; 6] = [
    "todo!",
    "unimplemented!",
    "dbg!",
    "#[ignore",
    ".unwrap()",
    ".expect(",
];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["utils", "helpers", "common", "manager", "misc", "types"];

/// Paths of a workplace, put together here so that this file does not hold them.
const WORKPLACE: [&str; 4] = [
    concat!("../", "shared"),
    concat!("/wo", "rk/"),
    concat!("/tmp/", "wt/"),
    concat!("/tmp/", "tgt"),
];

const MOST_LINES_A_FILE: usize = 600;
const MOST_LINES_A_FUNCTION: usize = 90;
const MOST_PACKAGES: usize = 380;

/// What may lie at the top of the repository.
const TOP: [&str; 16] = [
    ".cargo",
    ".ci",
    ".clippy.toml",
    ".gitattributes",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "assets",
    "benches",
    "rustfmt.toml",
    "src",
    "tests",
];
/// As [`TOP`], for what is only sometimes there.
const TOP_TOO: [&str; 1] = ["themes"];

// The checks.

fn long_file(source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    (lines > MOST_LINES_A_FILE).then(|| {
        format!(
            "{}: {lines} lines; split it by who owns the state",
            source.path
        )
    })
}

fn long_functions(source: &Source) -> Vec<String> {
    let long = functions(&source.code)
        .into_iter()
        .filter(|function| function.lines > MOST_LINES_A_FUNCTION);
    long.map(|function| {
        let (path, line) = (&source.path, function.line);
        format!(
            "{path}:{line}: fn {} has {} lines",
            function.name, function.lines
        )
    })
    .collect()
}

fn without_opening(source: &Source) -> Option<String> {
    let opens = source.text.starts_with("//!");
    (!opens).then(|| {
        format!(
            "{}:1: opens without //! (what is this file for?)",
            source.path
        )
    })
}

/// Lines of `text` that hold one of `words`, as `path:line: word`.
fn holding(path: &str, text: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let held = words.iter().filter(|word| line.contains(**word));
        found.extend(held.map(|word| format!("{path}:{}: {word}", at + 1)));
    }
    found
}

fn unfinished(source: &Source) -> Vec<String> {
    let mut faults = holding(&source.path, &source.production, &UNFINISHED);
    faults.extend(holding(&source.path, &source.code, &["#[ignore", "todo!"]));
    faults.sort();
    faults.dedup();
    faults
}

fn impure(source: &Source) -> Vec<String> {
    let rules = IMPURE
        .iter()
        .filter(|(house, _, _)| source.path.starts_with(house));
    rules
        .flat_map(|(_, words, reason)| {
            let found = holding(&source.path, &source.production, words);
            found
                .into_iter()
                .map(move |fault| format!("{fault}: {reason}"))
        })
        .collect()
}

fn empty_name(path: &str) -> Option<String> {
    let named = |part: &str| EMPTY_NAMES.contains(&part.strip_suffix(".rs").unwrap_or(part));
    path.split('/')
        .any(named)
        .then(|| format!("{path}: a name that says nothing"))
}

/// Paths of the workplace in any file. A word counts only where it begins a path: a folder of the same name further down is
/// anybody's.
fn workplace(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        for word in WORKPLACE {
            let begins = line.match_indices(word).any(|(start, _)| {
                let before = line.get(..start).and_then(|before| before.chars().last());
                !before.is_some_and(|letter| letter.is_alphanumeric() || "~./_-}$".contains(letter))
            });
            if begins {
                found.push(format!("{path}:{}: {word}", at + 1));
            }
        }
    }
    found
}

fn packages(lock: &str) -> usize {
    lock.lines().filter(|line| *line == "[[package]]").count()
}

fn strangers<'a>(top: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    top.into_iter()
        .filter(|name| !TOP.contains(name) && !TOP_TOO.contains(name))
        .collect()
}

/// Differences between the lists and the rooms that exist.
fn room_faults(existing: &BTreeSet<String>) -> Vec<String> {
    let houses = RANKS.iter().flat_map(|houses| houses.iter());
    let mut listed: BTreeSet<String> = houses.map(|house| (*house).to_owned()).collect();
    for (house, rooms) in ORDERED {
        listed.extend(rooms.iter().map(|room| format!("{house}::{room}")));
    }
    let absent: BTreeSet<String> = NOT_YET.iter().map(|&name| name.to_owned()).collect();
    let mut faults = Vec::new();
    for name in existing.difference(&listed) {
        faults.push(format!(
            "{name} exists and stands in no list of tests/tidy.rs"
        ));
    }
    for name in existing.intersection(&absent) {
        faults.push(format!(
            "{name} exists: take its line out of NOT_YET in tests/tidy.rs"
        ));
    }
    for name in listed
        .difference(existing)
        .filter(|name| !absent.contains(*name))
    {
        faults.push(format!("{name} stands in the lists and does not exist"));
    }
    faults
}

// The tree.

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder` (from the root), sorted, as paths from the root.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(root().join(&folder))
            .into_iter()
            .flatten();
        for entry in entries.filter_map(Result::ok) {
            let path = folder.join(entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(_) => found.push(path.to_string_lossy().into_owned()),
                Err(_) => {}
            }
        }
    }
    found.sort();
    found
}

fn sources(folder: &str) -> Vec<Source> {
    let rust = files(folder).into_iter().filter(|path| {
        Path::new(path).extension().is_some_and(|end| end == "rs")
            && !path.starts_with("tests/fixtures")
    });
    rust.map(|path| Source::new(&path, &read(&path))).collect()
}

fn read(path: &str) -> String {
    let bytes = std::fs::read(root().join(path)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The sources below src/ that are compiled outside tests.
fn production() -> Vec<Source> {
    let mut all = sources("src");
    let tests: Vec<Vec<String>> = all
        .iter()
        .flat_map(|source| source.test_modules.clone())
        .collect();
    all.retain(|source| !tests.iter().any(|test| source.module().starts_with(test)));
    all
}

/// Fails with all faults at once.
fn hold(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}:\n  {}", faults.join("\n  "));
}

fn each(sources: &[Source], check: impl Fn(&Source) -> Vec<String>) -> Vec<String> {
    sources.iter().flat_map(check).collect()
}

fn everything() -> Vec<Source> {
    let mut all = sources("src");
    all.extend(sources("tests"));
    all.extend(sources("benches"));
    all
}

#[test]
fn imports_follow_the_ranks() {
    let sources = production();
    hold("imports", &each(&sources, imports::faults));
    let circle: Vec<String> = imports::circle(&sources).into_iter().collect();
    hold("rooms in a circle", &circle);
}

#[test]
fn files_and_functions_stay_short_and_say_what_they_are_for() {
    let all = everything();
    hold(
        "long files",
        &each(&all, |source| long_file(source).into_iter().collect()),
    );
    hold("long functions", &each(&all, long_functions));
    hold(
        "openings",
        &each(&all, |source| without_opening(source).into_iter().collect()),
    );
    hold(
        "names",
        &each(&all, |source| {
            empty_name(&source.path).into_iter().collect()
        }),
    );
}

#[test]
fn nothing_unfinished_or_impure_is_in_production_code() {
    let sources = production();
    hold("unfinished", &each(&sources, unfinished));
    hold("impure", &each(&sources, impure));
}

#[test]
fn no_file_names_the_workplace() {
    let mut faults = Vec::new();
    for folder in [
        "src", "tests", "benches", "assets", "themes", ".ci", ".cargo",
    ] {
        let paths = files(folder);
        let own = paths
            .iter()
            .filter(|path| !path.starts_with("tests/fixtures"));
        faults.extend(own.flat_map(|path| workplace(path, &read(path))));
    }
    for path in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Cargo.toml"] {
        faults.extend(workplace(path, &read(path)));
    }
    hold("paths of a workplace", &faults);
}

#[test]
fn the_lists_name_the_rooms_that_exist() {
    let mut existing = BTreeSet::new();
    for path in files("src") {
        let module = Source::new(&path, "").module();
        let (house, room) = (module.first(), module.get(1));
        let Some(house) = house.filter(|house| !["lib", "main"].contains(&house.as_str())) else {
            continue;
        };
        existing.insert(house.clone());
        let ordered = ORDERED.iter().any(|(name, _)| name == house);
        existing.extend(
            room.filter(|_| ordered)
                .map(|room| format!("{house}::{room}")),
        );
    }
    hold("rooms", &room_faults(&existing));
}

#[test]
fn dependencies_and_the_top_folder_stay_few() {
    let count = packages(&read("Cargo.lock"));
    assert!(
        (1..=MOST_PACKAGES).contains(&count),
        "Cargo.lock has {count} packages, at most {MOST_PACKAGES} are allowed"
    );
    println!("packages in Cargo.lock: {count} of {MOST_PACKAGES}");
    let listed = std::process::Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    let top: BTreeSet<&str> = listed
        .split('\0')
        .filter_map(|path| path.split('/').next())
        .filter(|name| !name.is_empty())
        .collect();
    assert!(
        strangers(top.iter().copied()).is_empty(),
        "strangers at the top: {:?}",
        strangers(top)
    );
}

#[test]
fn the_longest_are_named() {
    let all = everything();
    let mut lines: Vec<(usize, String)> = all
        .iter()
        .map(|source| (source.text.lines().count(), source.path.clone()))
        .collect();
    let mut long: Vec<(usize, String)> = all
        .iter()
        .flat_map(|source| {
            let named = |function: source::Function| {
                let place = format!("{}:{} fn {}", source.path, function.line, function.name);
                (function.lines, place)
            };
            functions(&source.code).into_iter().map(named)
        })
        .collect();
    for (title, list) in [
        ("longest files", &mut lines),
        ("longest functions", &mut long),
    ] {
        list.sort_by(|one, other| other.cmp(one));
        println!("{title}:");
        for (count, name) in list.iter().take(10) {
            println!("  {count:>4}  {name}");
        }
    }
}
