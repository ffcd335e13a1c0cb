//! A setting without effect is a lie: every row of the table of settings has code that reads it.

use std::fs;
use std::path::Path;

/// Rows whose readers do not call them `settings.` and their name: the row, and what its reader says.
const READERS: [(&str, &str); 23] = [
    ("display.theme", "&display.theme"),
    ("display.glyphs", "display.glyphs"),
    ("display.depth", "&display.depth"),
    ("display.background", "&display.background"),
    ("display.time", "settings.display.utc"),
    ("budget.ask_at", "settings.budget.ask_at_percent"),
    ("models.premium", "settings.models.tiers"),
    ("models.standard", "settings.models.tiers"),
    ("models.economy", "settings.models.tiers"),
    ("models.local", "settings.models.tiers"),
    ("providers.NAME.kind", "provider.kind"),
    ("providers.NAME.base_url", "provider.base_url"),
    ("providers.NAME.key", "provider.key_variable"),
    ("providers.NAME.ca_file", "provider.ca_file"),
    ("keys.NAME.source", "provider.key_variable"),
    ("prices.NAME.input", "own.input"),
    ("prices.NAME.output", "own.output"),
    ("prices.NAME.cache_read", "own.cache_read"),
    ("prices.NAME.cache_write", "own.cache_write"),
    ("plan.max_tasks", "settings.plan_max_tasks"),
    ("worktree.keep", "settings.worktree.stays"),
    ("sandbox.minimum", "settings.sandbox.required"),
    ("sandbox.network", "settings.sandbox.host_network"),
];

/// Rows that are read by another name of the same kind.
const OTHERS: [(&str, &str); 19] = [
    ("display.motion", "&display.motion"),
    ("display.density", "&display.density"),
    ("display.links", "display.links"),
    ("notify.method", "showing.notify.method"),
    ("notify.quiet", "showing.notify.quiet"),
    ("notify.content", "showing.notify.only_counts"),
    ("notify.command", "showing.notify.command"),
    ("display.cursor", "display.shows_cursor"),
    ("a11y.plain", "display.plain"),
    ("agents.max", "settings.agents_max"),
    ("rounds.max", "settings.rounds_max"),
    ("git.prefix", "settings.git_prefix"),
    ("paths.state", "paths.state"),
    ("paths.worktrees", "paths.worktrees"),
    ("checks.build", "checks.build"),
    ("checks.test", "checks.test"),
    ("checks.lint", "checks.lint"),
    ("checks.format", "checks.format"),
    ("checks.timeout_s", "checks.timeout"),
];

/// The code below a folder without blanks, but for what only reads the table and its tests.
fn code(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !path.ends_with("boot/config") {
                code(&path, all);
            }
        } else if path.extension().is_some_and(|kind| kind == "rs") && name != "tests.rs" {
            let text = fs::read_to_string(&path).unwrap();
            // What is said about a setting does not read it.
            let lines = text.lines().filter(|line| !line.trim().starts_with("//"));
            all.extend(
                lines.flat_map(|line| line.chars().filter(|letter| !letter.is_whitespace())),
            );
        }
    }
}

#[test]
fn every_setting_is_read_by_somebody() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = String::new();
    code(&root.join("src"), &mut all);
    let table = fs::read_to_string(root.join("assets/config.toml")).unwrap();
    let names: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .collect();
    assert!(names.len() > 30, "the table is found");
    let reader_of = |row: &str| {
        let mut known = READERS.iter().chain(&OTHERS);
        known
            .find(|(name, _)| *name == row)
            .map(|(_, reader)| *reader)
    };
    let mut unread = Vec::new();
    for name in &names {
        let reader = reader_of(name).map_or_else(|| format!("settings.{name}"), str::to_owned);
        if !all.contains(&reader) {
            unread.push(format!("{name}: nothing says {reader}"));
        }
    }
    assert!(
        unread.is_empty(),
        "settings without effect; give them one or take them out of assets/config.toml:\n{}",
        unread.join("\n")
    );
    for (name, _) in READERS.iter().chain(&OTHERS) {
        assert!(names.contains(name), "{name} is no setting any more");
    }
}
