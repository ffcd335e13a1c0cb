//! `aios config`: lists, gets, sets and checks settings. The words for them are in `boot::config::list`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use crate::adapters::vcs::git::GitRepo;
use crate::base::text::SafeText;
use crate::boot::config::{Layer, Sources, list, write};
use crate::boot::dispatch::Outcome;
use crate::boot::wiring::site::{Person, cannot_write};
use crate::cli::ExitCode;
use crate::cli::args::{Args, Config, ConfigFile, ConfigVerb};
use crate::cli::errors::{Problem, table};
use crate::cli::output::Out;

/// Does what is asked of the settings.
///
/// # Errors
/// A name or a value is wrong, a file cannot be written, or the output is gone.
pub fn run(args: &Args, config: &Config, out: &mut Out) -> Outcome {
    let person = Person::of_process(args)?;
    // Settings can be looked at outside of a repository, too.
    let root = GitRepo::discover(&person.folder())
        .ok()
        .map(|repo| repo.root().to_owned());
    match &config.verb {
        ConfigVerb::List { origin } => {
            let layers = person.layers(root.as_deref())?;
            if out.is_json() {
                out.object(&list::json(&layers))?;
            } else {
                out.text(&list::text(&layers, *origin))?;
            }
            warn(&layers.faults, out);
            Ok(ExitCode::Done)
        }
        ConfigVerb::Get { name, origin } => get(&person, root.as_deref(), (name, *origin), out),
        ConfigVerb::Set { name, value, file } => {
            let sources = person.sources(root.as_deref());
            set((&sources, layer(file)), (name, value), out)
        }
        ConfigVerb::Edit { file } => {
            let sources = person.sources(root.as_deref());
            edit(&person, root.as_deref(), (&sources, layer(file)), out)
        }
        ConfigVerb::Path => path(&person, root.as_deref(), out),
        ConfigVerb::Check => check(&person, root.as_deref(), out),
    }
}

const fn layer(file: &ConfigFile) -> Layer {
    match (file.project, file.local) {
        (true, _) => Layer::Project,
        (_, true) => Layer::Local,
        (false, false) => Layer::User,
    }
}

fn warn(faults: &[crate::boot::config::Fault], out: &mut Out) {
    for fault in faults {
        out.problem(&fault.problem());
    }
}

fn get(
    person: &Person,
    root: Option<&Path>,
    (name, origin): (&str, bool),
    out: &mut Out,
) -> Outcome {
    let layers = person.layers(root)?;
    let path = write::parts(name);
    let key = write::row(&layers, name, &path)?;
    let Some(setting) = layers.settings.get(&path) else {
        let text = format!("{name} is not set");
        return Err(Problem::new(&table::UNKNOWN_KEY, text)
            .hint(format!("it takes {}", key.takes()))
            .into());
    };
    if out.is_json() {
        out.object(&list::object(name, setting))?;
    } else if origin {
        out.text(&format!("{}  {}", setting.value, setting.origin))?;
    } else {
        out.text(&setting.value.to_string())?;
    }
    Ok(ExitCode::Done)
}

fn set((sources, layer): (&Sources, Layer), (name, value): (&str, &str), out: &mut Out) -> Outcome {
    let change = write::write(sources, layer, name, Some(value))?;
    let file = change.file.display().to_string();
    if out.is_json() {
        let now = change.now.as_ref();
        let now = now.map(|now| list::object(name, now));
        out.object(
            &serde_json::json!({ "name": name, "file": file, "layer": layer.to_string(), "now": now }),
        )?;
    } else if let Some(value) = &change.value {
        out.text(SafeText::line(&format!("{name} = {value}  {file}")).as_str())?;
    }
    if let Some(why) = change.hidden_by() {
        out.note(&why)?;
    }
    Ok(ExitCode::Done)
}

/// The person's editor on a file of settings, and what is wrong with it afterwards.
fn edit(
    person: &Person,
    root: Option<&Path>,
    (sources, layer): (&Sources, Layer),
    out: &mut Out,
) -> Outcome {
    let file = write::place(sources, layer)?;
    if !std::io::stdin().is_terminal() {
        let problem = Problem::new(&table::BAD_ARGUMENTS, "an editor needs a terminal");
        return Err(problem
            .hint("change one setting with aios config set NAME VALUE")
            .into());
    }
    let target = write::target(&file, layer).map_err(|error| cannot_write(&file, &error))?;
    let editor = person.environment.editor();
    let status = std::process::Command::new("/bin/sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg("editor")
        .arg(&target)
        .status();
    match status {
        Ok(status) if status.success() => check(person, root, out),
        Ok(status) => Err(bad_editor(editor, &status.to_string()).into()),
        Err(error) => Err(bad_editor(editor, &error.to_string()).into()),
    }
}

fn bad_editor(editor: &str, why: &str) -> Problem {
    let text = format!("the editor {editor} failed: {why}");
    Problem::new(&table::BAD_ARGUMENTS, text).hint("name another in VISUAL or EDITOR")
}

fn path(person: &Person, root: Option<&Path>, out: &mut Out) -> Outcome {
    let sources = person.sources(root);
    let system = sources.system.into_iter().rev();
    let mut files: Vec<(Layer, PathBuf)> = system.map(|file| (Layer::System, file)).collect();
    files.extend(sources.user.map(|file| (Layer::User, file)));
    files.extend(sources.project.map(|file| (Layer::Project, file)));
    files.extend(sources.local.map(|file| (Layer::Local, file)));
    for (layer, file) in files {
        let exists = file.exists();
        if out.is_json() {
            out.object(&serde_json::json!({ "layer": layer.to_string(), "file": file.display().to_string(), "exists": exists }))?;
        } else {
            let note = if exists { "" } else { "  (none)" };
            out.text(&format!("{layer:<8} {}{note}", file.display()))?;
        }
    }
    Ok(ExitCode::Done)
}

fn check(person: &Person, root: Option<&Path>, out: &mut Out) -> Outcome {
    let layers = person.layers(root)?;
    warn(&layers.faults, out);
    if let Some(error) = layers.first_error() {
        return Ok(error.code.exit);
    }
    if layers.faults.is_empty() {
        out.text("no faults")?;
    }
    Ok(ExitCode::Done)
}
