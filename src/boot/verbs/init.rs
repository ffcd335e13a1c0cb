//! `aios init`: writes the project's settings file with every setting it may hold as a comment, and shows what would be trusted.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::base::text::SafeText;
use crate::boot::config::table::{Key, Layers, Table};
use crate::boot::dispatch::{Halt, Outcome};
use crate::boot::trust::{self, TrustState};
use crate::boot::wiring::project::{configured, look};
use crate::boot::wiring::site::{Person, Site, cannot_write, ours};
use crate::cli::ExitCode;
use crate::cli::args::{Args, Init};
use crate::cli::errors::Problem;
use crate::cli::output::Out;
use crate::engine::checks::detect;

/// Sets a repository up.
///
/// # Errors
/// The file cannot be written, or the output is gone.
pub fn run(args: &Args, init: &Init, out: &mut Out) -> Outcome {
    let site = Site::find(Person::of_process(args)?)?;
    let root = site.facts.root.clone();
    let path = root.join(".aios/config.toml");
    let is_new = write(&path).map_err(|error| cannot_write(&path, &error))?;
    let (_, settings) = site.person.settings()?;
    let checks = match crate::boot::config::Settings::new(&site.person.layers(Some(&root))?) {
        Ok(with_project) => detect(&root, &configured(&with_project)),
        Err(_) => detect(&root, &configured(&settings)),
    };
    if init.trust {
        let found = look(&site)?;
        trust::grant(&site.rooms.trust, &found.items)
            .map_err(|error| cannot_write(&site.rooms.trust, &error))?;
    }
    let trust = look(&site)?;
    if out.is_json() {
        let checks: Vec<_> = checks
            .iter()
            .map(|check| serde_json::json!({"kind": check.kind.to_string(), "command": check.command, "source": check.source}))
            .collect();
        let items: Vec<_> = trust.items.iter().map(|item| &item.name).collect();
        out.object(&serde_json::json!({
            "file": path.display().to_string(), "written": is_new, "checks": checks, "items": items, "trusted": trust.is_given(),
        }))?;
        return Ok(ExitCode::Done);
    }
    let did = if is_new {
        "written"
    } else {
        "already there, left as it is"
    };
    let mut lines = vec![
        format!("{}: {did}", path.display()),
        String::new(),
        "checks".to_owned(),
    ];
    if checks.is_empty() {
        lines.push(
            "  none found: set checks.test in the file, or changes are judged without".to_owned(),
        );
    }
    for check in &checks {
        lines.push(format!(
            "  {:<6} {}  ({})",
            check.kind.to_string(),
            check.command,
            check.source
        ));
    }
    lines.extend([String::new(), "trust".to_owned()]);
    for item in &trust.items {
        lines.push(format!("  {}", item.name));
    }
    lines.push(match trust.state {
        _ if trust.items.is_empty() => "  nothing to trust".to_owned(),
        TrustState::Trusted => "trusted as it is now".to_owned(),
        TrustState::ReadOnly | TrustState::Unknown { .. } | TrustState::Changed { .. } => {
            "not trusted yet: look at these, then say aios init --trust".to_owned()
        }
    });
    let safe: Vec<String> = lines
        .iter()
        .map(|line| SafeText::line(line).into_string())
        .collect();
    out.text(&safe.join("\n")).map_err(Halt::from)?;
    Ok(ExitCode::Done)
}

/// Writes the file where there is none; says whether it did.
fn write(path: &Path) -> std::io::Result<bool> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = text().map_err(|problem| std::io::Error::other(problem.to_string()))?;
    match fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
    {
        Ok(mut file) => file.write_all(text.as_bytes()).map(|()| true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Every setting that a project may have, as a comment with its default.
fn text() -> Result<String, Problem> {
    let table = Table::built_in().map_err(ours)?;
    let mut text = String::from(
        "# Settings of this project for AIOS. All are comments with their defaults: take the # away to change one.\n\
         # Limits can only be made stricter here than in your own file. Keys never stand in a file.\n",
    );
    let mut section = String::new();
    let rows = table
        .keys
        .iter()
        .filter(|key| key.layers == Layers::Everyone);
    for key in rows {
        let Some((head, name)) = key.name.rsplit_once('.') else {
            continue;
        };
        if head != section {
            head.clone_into(&mut section);
            text.extend(["\n[", &section, "]\n"]);
        }
        text.extend(["# ", name, " = ", &default(key), "  # ", &key.help, "\n"]);
    }
    Ok(text)
}

fn default(key: &Key) -> String {
    match &key.default {
        Some(value) => value.to_string(),
        None => "\"\"".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::config::{Sources, load};

    #[test]
    fn the_file_is_valid_with_and_without_its_comments() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".aios/config.toml");
        assert!(write(&path).unwrap());
        assert!(!write(&path).unwrap());
        let faults = || {
            let sources = Sources {
                project: Some(path.clone()),
                cores: 2,
                ..Sources::default()
            };
            load(&sources).unwrap().faults
        };
        assert_eq!(faults(), []);
        let text = fs::read_to_string(&path).unwrap();
        let bare: Vec<&str> = text
            .lines()
            .skip(2)
            .map(|line| line.strip_prefix("# ").unwrap_or(line))
            .collect();
        fs::write(&path, bare.join("\n")).unwrap();
        assert_eq!(faults(), []);
    }
}
