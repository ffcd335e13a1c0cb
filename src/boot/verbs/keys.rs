//! `aios keys`: the keys as they are in force, what cannot be reached, and what the multiplexer around this terminal takes first.

use std::path::Path;

use serde_json::{Value, json};

use crate::boot::dispatch::{Halt, Outcome};
use crate::boot::doctor::terminal::Taken;
use crate::boot::places::{Environment, Places};
use crate::cli::ExitCode;
use crate::cli::columns::columns;
use crate::cli::errors::{Problem, table};
use crate::cli::output::Out;
use crate::tui::action::{Mode, Place};
use crate::tui::key::Key;
use crate::tui::keymap::{Keymap, PRESETS};
use crate::tui::terminal::caps::{Caps, Multiplexer};

/// The name of the file in the user's configuration folder.
pub const FILE: &str = "keymap.toml";

/// The file's text; empty where there is none.
///
/// # Errors
/// It is there and cannot be read.
pub fn text(file: &Path) -> Result<String, Problem> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => {
            let what = format!("{}: {error}", file.display());
            Err(Problem::new(&table::UNSAFE_FILE, what))
        }
    }
}

/// A part of the list: its title, and where its keys hold.
const PARTS: [(&str, Mode, Place); 16] = [
    ("everywhere", Mode::Normal, Place::Home),
    ("home", Mode::Normal, Place::Home),
    ("board", Mode::Normal, Place::Board),
    ("agents", Mode::Normal, Place::Agents),
    ("review", Mode::Normal, Place::Review),
    ("plan", Mode::Normal, Place::Plan),
    ("cost", Mode::Normal, Place::Cost),
    ("log", Mode::Normal, Place::Log),
    ("waiting", Mode::Normal, Place::Waiting),
    ("settings", Mode::Normal, Place::Settings),
    ("conflict", Mode::Normal, Place::Conflict),
    ("on a card", Mode::Decide, Place::Waiting),
    ("while writing", Mode::Insert, Place::Home),
    ("while filtering", Mode::Filter, Place::Home),
    ("in the palette", Mode::Palette, Place::Home),
    ("among people", Mode::People, Place::Home),
];

/// What takes keys before this program gets them.
#[derive(Debug, PartialEq, Eq)]
struct Taker {
    who: &'static str,
    keys: Vec<Key>,
}

/// Prints the keys.
///
/// # Errors
/// The file of keys has a fault, or the output is gone.
pub fn run(out: &mut Out) -> Outcome {
    let environment = Environment::of_process();
    let file = Places::new(&environment)?.config.join(FILE);
    let text = text(&file)?;
    let keymap = Keymap::read(&text).map_err(|fault| {
        let what = format!("{}, {fault}", file.display());
        let presets: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
        Problem::new(&table::BAD_SYNTAX, what).hint(format!(
            "correct the line; presets are {}",
            presets.join(", ")
        ))
    })?;
    let caps = Caps::from_environment(|name| environment.text(name).map(str::to_owned));
    let takers = takers(caps.multiplexer, tmux);
    if out.is_json() {
        out.object(&as_json(&keymap, &file, &takers))?;
    } else {
        let from = if text.is_empty() {
            format!("the table; {} would change them\n\n", file.display())
        } else {
            format!("the table and {}\n\n", file.display())
        };
        out.text(&(format!("keys from {from}") + &as_text(&keymap, &takers)))?;
    }
    Ok::<_, Halt>(ExitCode::Done)
}

/// The rows of a part that no part before it has.
fn part(
    keymap: &Keymap,
    (title, mode, place): (&str, Mode, Place),
) -> Vec<(String, &'static str, &'static str)> {
    let listed = keymap.listed(mode, place);
    let belongs = |spec: &crate::tui::action::Spec| match (title, mode) {
        ("everywhere", _) => spec.places.is_empty(),
        (_, Mode::Normal) => spec.places.contains(&place),
        (_, Mode::Decide) => !spec.modes.contains(&Mode::Normal),
        _ => true,
    };
    let rows = listed.into_iter().filter(|(_, spec)| belongs(spec));
    rows.map(|(keys, spec)| (keys, spec.id, spec.help))
        .collect()
}

fn as_text(keymap: &Keymap, takers: &[Taker]) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for one in PARTS {
        let part = part(keymap, one);
        if part.is_empty() {
            continue;
        }
        if !rows.is_empty() {
            rows.push(Vec::new());
        }
        rows.push(vec![one.0.to_owned()]);
        rows.extend(part.into_iter().map(|(keys, id, help)| {
            let keys = if keys.is_empty() {
                ":".to_owned()
            } else {
                keys
            };
            vec![format!("  {keys}"), id.to_owned(), help.to_owned()]
        }));
    }
    let mut lines = vec![columns(&rows), "conflicts".to_owned()];
    let conflicts = keymap.conflicts();
    if conflicts.is_empty() {
        lines.push("  none".to_owned());
    }
    for conflict in &conflicts {
        let (taken, by) = &conflict.taken;
        let (keys, wanted) = (&conflict.keys, conflict.wanted);
        lines.push(format!("  {keys} never reaches {wanted}: {taken} is {by}"));
    }
    for spec in keymap.without_keys() {
        lines.push(format!("  {} has no key; : runs it", spec.id));
    }
    lines.push("\ntaken before they arrive".to_owned());
    if takers.is_empty() {
        lines.push("  no multiplexer is around this terminal".to_owned());
    }
    for taker in takers {
        for key in &taker.keys {
            let lost = keymap.begun_by(*key);
            let what = if lost.is_empty() {
                "no key of AIOS begins with it".to_owned()
            } else {
                let names: Vec<String> = lost
                    .iter()
                    .map(|(keys, id)| format!("{keys} {id}"))
                    .collect();
                format!("not for {}; each has another way", names.join(", "))
            };
            lines.push(format!("  {key}  by {}: {what}", taker.who));
        }
    }
    lines.join("\n") + "\n"
}

fn as_json(keymap: &Keymap, file: &Path, takers: &[Taker]) -> Value {
    let bindings = PARTS.into_iter().flat_map(|one| {
        part(keymap, one).into_iter().map(move |(keys, id, help)| {
            let keys: Vec<&str> = keys.split("  ").filter(|keys| !keys.is_empty()).collect();
            json!({"where": one.0, "action": id, "keys": keys, "help": help})
        })
    });
    let conflicts = keymap.conflicts();
    let conflicts = conflicts.iter().map(|conflict| {
        json!({
            "keys": conflict.keys,
            "action": conflict.wanted,
            "taken": conflict.taken.0,
            "by": conflict.taken.1,
        })
    });
    let taken = takers.iter().flat_map(|taker| {
        taker.keys.iter().map(|key| {
            let actions: Vec<&str> = keymap.begun_by(*key).iter().map(|(_, id)| *id).collect();
            json!({"key": key.to_string(), "by": taker.who, "actions": actions})
        })
    });
    json!({
        "file": file.display().to_string(),
        "bindings": bindings.collect::<Vec<_>>(),
        "conflicts": conflicts.collect::<Vec<_>>(),
        "taken": taken.collect::<Vec<_>>(),
    })
}

/// What is around the terminal, and the keys it takes. tmux is asked; the others have the keys of their manuals.
fn takers(around: Multiplexer, tmux: impl Fn(&str) -> Option<String>) -> Vec<Taker> {
    let named = |keys: &str| crate::tui::key::sequence(keys).unwrap_or_default();
    match around {
        Multiplexer::None => Vec::new(),
        Multiplexer::Tmux => {
            let told = ["prefix", "prefix2"].into_iter().filter_map(tmux);
            // tmux writes C-Space; there is no such key here, nor is one bound to it.
            let keys: Vec<Key> = told.filter_map(|name| name.trim().parse().ok()).collect();
            let usual = || named("C-b");
            vec![Taker {
                who: "tmux",
                keys: if keys.is_empty() { usual() } else { keys },
            }]
        }
        Multiplexer::Screen => vec![Taker {
            who: "screen",
            keys: named("C-a"),
        }],
        Multiplexer::Zellij => vec![Taker {
            who: "zellij",
            keys: named("C-g C-p C-n C-t C-h C-s C-o C-q C-b"),
        }],
    }
}

/// What is taken before it arrives, and which actions it is meant for.
#[must_use]
pub fn taken(keymap: &Keymap, around: Multiplexer) -> Vec<Taken> {
    let all = takers(around, tmux).into_iter();
    let keys = all.flat_map(|taker| taker.keys.into_iter().map(move |key| (taker.who, key)));
    keys.map(|(who, key)| Taken {
        key: key.to_string(),
        who,
        actions: keymap.begun_by(key).iter().map(|(_, id)| *id).collect(),
    })
    .collect()
}

/// A setting of the tmux around us.
#[must_use]
pub fn tmux(setting: &str) -> Option<String> {
    let told = std::process::Command::new("tmux")
        .args(["show", "-gv", setting])
        .output()
        .ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    Some(told).filter(|told| !told.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_there_and_conflicts_are_told() {
        let keymap = Keymap::read("[normal]\n\"g\" = \"help\"\n\"x\" = \"none\"").unwrap();
        let takers = takers(Multiplexer::Tmux, |name| {
            (name == "prefix").then(|| "C-p\n".to_owned())
        });
        let text = as_text(&keymap, &takers);
        for line in [
            "everywhere\n  w !",
            "\nplan\n",
            "on a card\n  1",
            "while writing\n",
            "  g b never reaches go.board: g is help\n",
            "  reject has no key; : runs it\n",
            "  C-p  by tmux: not for C-p palette; each has another way\n",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        let value = as_json(&keymap, Path::new("/k"), &takers);
        assert_eq!(value["taken"][0]["actions"][0], "palette");
    }

    #[test]
    fn the_default_keys_stand_in_nobodys_way() {
        let keymap = Keymap::built_in().unwrap();
        for around in [Multiplexer::Tmux, Multiplexer::Screen] {
            let text = as_text(&keymap, &takers(around, |_| None));
            assert!(text.contains("conflicts\n  none\n"), "{text}");
            assert!(text.contains("no key of AIOS begins with it"), "{text}");
        }
        assert!(as_text(&keymap, &[]).contains("no multiplexer"));
    }
}
