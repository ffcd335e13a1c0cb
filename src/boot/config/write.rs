//! Writing one setting to a file: for `aios config set` and for the settings pane, so that both keep the same rules. A file is
//! replaced as a whole or not at all; nothing is written that a later start would refuse.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::layers::{Effective, Layer, Setting, Sources, load};
use super::table::Key;
use super::value::{self, Refused, Value};
use super::{edit, file};
use crate::boot::places::make_private;
use crate::boot::wiring::site::{cannot_write, ours};
use crate::cli::errors::{Problem, table as codes};

/// A setting that was written, or taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file.
    pub file: PathBuf,
    /// What stands there now; `None` after it was taken out.
    pub value: Option<Value>,
    /// What is in force now, after all layers.
    pub now: Option<Setting>,
    /// The layer that was written.
    pub layer: Layer,
    /// The file before and after; `None` where nothing had to be written.
    pub replaced: Option<Replaced>,
}

/// A file as it was before a change, and as it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Before; `None` where there was no file.
    pub before: Option<String>,
    /// Afterwards.
    pub after: String,
}

impl Change {
    /// What is stronger than the line that was written, so that it changes nothing here.
    #[must_use]
    pub fn hidden_by(&self) -> Option<String> {
        let now = self.now.as_ref()?;
        let is_hidden = self.value.is_some() && now.origin.layer > self.layer;
        is_hidden.then(|| format!("here it is {} by {}", now.value, now.origin))
    }
}

/// The row of a setting.
///
/// # Errors
/// There is none of that name; the nearest is named.
pub fn row<'a>(layers: &'a Effective, name: &str, path: &[String]) -> Result<&'a Key, Problem> {
    layers.table.find(path).ok_or_else(|| {
        let problem = Problem::new(&codes::UNKNOWN_KEY, format!("unknown setting {name}"));
        match layers.table.nearest(path) {
            Some(nearest) => problem.hint(format!("perhaps {nearest}")),
            None => problem,
        }
    })
}

/// The parts of a dotted name. A quoted part, such as a model's name under `prices`, may hold dots.
#[must_use]
pub fn parts(name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut is_quoted = false;
    for letter in name.chars() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => parts.push(std::mem::take(&mut part)),
            other => part.push(other),
        }
    }
    parts.push(part);
    parts
}

/// Writes `given` as the setting `name` into the file of `layer`, or takes the setting out of it where nothing is given.
///
/// # Errors
/// There is no such setting or no such file, the setting does not take the value, the layer may not set it or only more strictly, or
/// the file cannot be written. The file is as it was then.
pub fn write(
    sources: &Sources,
    layer: Layer,
    name: &str,
    given: Option<&str>,
) -> Result<Change, Problem> {
    let below = load(&below(sources, layer)).map_err(ours)?;
    let path = parts(name);
    let key = row(&below, name, &path)?;
    let file = place(sources, layer)?;
    let value = given
        .map(|given| checked((layer, &below), (name, key, &path), given))
        .transpose()?;
    let before = file::read(&file, layer.whose()).map_err(|fault| fault.problem())?;
    let text = before.as_deref().unwrap_or_default();
    let after = match &value {
        Some(value) => edit::set(text, &path, value).map(Some),
        None => edit::remove(text, &path),
    };
    let after = after.map_err(|bad| {
        let problem = Problem::new(&codes::BAD_SYNTAX, format!("{}: {bad}", file.display()));
        problem.hint("see it with aios config check")
    })?;
    let after = after.filter(|after| after != text);
    if let Some(after) = &after {
        replace(&file, layer, after).map_err(|error| cannot_write(&file, &error))?;
    }
    let replaced = after.map(|after| Replaced { before, after });
    Ok(Change {
        now: load(sources).map_err(ours)?.settings.remove(&path),
        file,
        value,
        layer,
        replaced,
    })
}

/// Makes the file of a layer what it was before a change. False: it was changed since, and is left as it is.
///
/// # Errors
/// It cannot be read or written.
pub fn restore(file: &Path, layer: Layer, replaced: &Replaced) -> Result<bool, Problem> {
    let now = file::read(file, layer.whose()).map_err(|fault| fault.problem())?;
    if now.as_ref() != Some(&replaced.after) {
        return Ok(false);
    }
    let done = match &replaced.before {
        Some(before) => replace(file, layer, before),
        None => target(file, layer).and_then(fs::remove_file),
    };
    done.map_err(|error| cannot_write(file, &error))?;
    Ok(true)
}

/// What stands below a layer, by which it is bound.
fn below(sources: &Sources, layer: Layer) -> Sources {
    Sources {
        user: sources.user.clone().filter(|_| layer > Layer::User),
        user_is_named: false,
        project: sources.project.clone().filter(|_| layer > Layer::Project),
        local: None,
        environment: Vec::new(),
        flags: Vec::new(),
        ..sources.clone()
    }
}

/// The file of a layer.
///
/// # Errors
/// It has none: there is no repository here.
pub fn place(sources: &Sources, layer: Layer) -> Result<PathBuf, Problem> {
    let file = match layer {
        Layer::User => &sources.user,
        Layer::Project => &sources.project,
        Layer::Local => &sources.local,
        Layer::Default | Layer::System | Layer::Environment | Layer::Flag => &None,
    };
    file.clone().ok_or_else(|| {
        let text = format!("there is no {layer} file here");
        Problem::new(&codes::NOT_A_REPOSITORY, text)
    })
}

/// The value, if the setting takes it and the layer may set it.
fn checked(
    (layer, below): (Layer, &Effective),
    (name, key, path): (&str, &Key, &[String]),
    given: &str,
) -> Result<Value, Problem> {
    if !layer.may_set(key) {
        let text = format!("{name} may not stand in a {layer} file");
        return Err(Problem::new(&codes::WRONG_LAYER, text));
    }
    let value = value::from_text(key, given).map_err(|refused| match refused {
        Refused::Unfit => Problem::new(&codes::BAD_VALUE, format!("{name} takes {}", key.takes())),
        Refused::Secret => Problem::new(
            &codes::SECRET_IN_FILE,
            format!("a key was given for {name}"),
        ),
        Refused::NotBuilt => Problem::new(
            &codes::SETTING_NOT_BUILT,
            format!("{name} from a command is not built yet"),
        ),
    })?;
    match below.bound(layer, path) {
        Some(bound) if !value::is_as_strict(key, &value, bound) => {
            let text = format!("{name} = {value} is looser than {bound}; nothing was written");
            Err(
                Problem::new(&codes::LOOSER_IGNORED, text).hint(if layer == Layer::User {
                    "the machine's own file holds it"
                } else {
                    "set it in your own file, without --project or --local"
                }),
            )
        }
        _ => Ok(value),
    }
}

/// Where the file of a layer really is, in a folder that is made if it is missing. A link of the person's own stays a link; one of
/// a repository's may not lead out of it.
///
/// # Errors
/// The folder cannot be made, or the file leads out of the repository.
pub fn target(file: &Path, layer: Layer) -> io::Result<PathBuf> {
    let folder = file.parent().unwrap_or(Path::new("."));
    if layer.is_repository() {
        fs::create_dir_all(folder)?;
    } else {
        make_private(folder)?;
    }
    let target = match file.canonicalize() {
        Ok(target) => target,
        Err(_) if file.is_symlink() => return Err(io::Error::other("it is a link to nothing")),
        Err(_) => folder
            .canonicalize()?
            .join(file.file_name().unwrap_or_default()),
    };
    if layer.is_repository() {
        let root = folder.parent().unwrap_or(folder).canonicalize()?;
        if !target.starts_with(&root) {
            return Err(io::Error::other("it leads out of the repository"));
        }
    }
    Ok(target)
}

/// Replaces the file as a whole: written beside it, moved over it, with the mode that it had.
fn replace(file: &Path, layer: Layer, text: &str) -> io::Result<()> {
    let target = target(file, layer)?;
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    let draft = target.with_file_name(name);
    let mode = if layer.is_repository() { 0o644 } else { 0o600 };
    let mut options = fs::OpenOptions::new();
    // A file or link that is there already is somebody else's.
    let mut open = options
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&draft)?;
    let written = open.write_all(text.as_bytes()).and_then(|()| {
        if let Ok(facts) = fs::metadata(&target) {
            open.set_permissions(facts.permissions())?;
        }
        open.sync_all()?;
        fs::rename(&draft, &target)
    });
    if written.is_err() {
        fs::remove_file(&draft).ok(); // The first error tells more.
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    struct Home {
        folder: tempfile::TempDir,
        sources: Sources,
    }

    impl Home {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| Some(folder.path().join(name));
            let sources = Sources {
                user: at("home/config.toml"),
                project: at("repo/.aios/config.toml"),
                local: at("repo/.aios/local.toml"),
                system: vec![folder.path().join("system.toml")],
                cores: 2,
                ..Sources::default()
            };
            fs::create_dir_all(folder.path().join("repo")).unwrap();
            Self { folder, sources }
        }

        fn put(&self, name: &str, text: &str) -> PathBuf {
            let file = self.folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
            file
        }

        fn set(&self, layer: Layer, name: &str, given: &str) -> Result<Change, String> {
            let code = |problem: Problem| problem.code.id.to_owned();
            write(&self.sources, layer, name, Some(given)).map_err(code)
        }
    }

    #[test]
    fn a_setting_goes_to_the_file_that_is_named_and_keeps_its_mode() {
        let home = Home::new();
        let change = home.set(Layer::User, "budget.sprint", "3").unwrap();
        let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&change.file), 0o600);
        assert_eq!(change.now.as_ref().unwrap().origin.layer, Layer::User);
        assert_eq!(change.hidden_by(), None);
        let project = home.set(Layer::Project, "budget.sprint", "2").unwrap();
        fs::set_permissions(&project.file, fs::Permissions::from_mode(0o640)).unwrap();
        home.set(Layer::Project, "agents.max", "2").unwrap();
        assert_eq!(mode(&project.file), 0o640);
        let hidden = home.set(Layer::User, "budget.sprint", "4").unwrap();
        let why = hidden.hidden_by().unwrap();
        assert!(why.starts_with("here it is \"2.00\" by project"), "{why}");
        let gone = write(&home.sources, Layer::Project, "budget.sprint", None).unwrap();
        assert_eq!(gone.now.unwrap().value.to_string(), "\"4.00\"");
        assert_eq!(
            fs::read_to_string(&project.file).unwrap(),
            "[budget]\n\n[agents]\nmax = 2\n"
        );
        let names = fs::read_dir(project.file.parent().unwrap()).unwrap();
        assert_eq!(names.count(), 1, "no draft is left");
    }

    #[test]
    fn what_a_later_start_would_refuse_is_not_written() {
        let home = Home::new();
        home.put("home/config.toml", "[budget]\nsprint = \"3\"\n");
        home.put("system.toml", "[gates]\nmerge = \"ask\"\n");
        for (layer, name, given, code) in [
            (Layer::User, "budget.sprnt", "1", "E-CONF-02"),
            (Layer::User, "budget.sprint", "much", "E-CONF-03"),
            (
                Layer::User,
                "checks.test",
                "sk-ant-api03-abcdefgh1234",
                "E-CONF-05",
            ),
            (Layer::User, "providers.x.key", "hunter2", "E-CONF-05"),
            (Layer::User, "gates.merge", "auto", "E-CONF-08"),
            (Layer::Project, "display.theme", "nord", "E-CONF-07"),
            (Layer::Project, "prices.\"a/b\".input", "1", "E-CONF-07"),
            (Layer::Project, "budget.sprint", "4", "E-CONF-08"),
            (Layer::Local, "sandbox.network", "host", "E-CONF-08"),
        ] {
            assert_eq!(
                home.set(layer, name, given).err().as_deref(),
                Some(code),
                "{name}"
            );
        }
        home.put("home/config.toml", "[budget\n");
        let broken = home.set(Layer::User, "agents.max", "2");
        assert_eq!(broken.err().as_deref(), Some("E-CONF-01"));
        assert!(!home.folder.path().join("repo/.aios").exists());
    }

    #[test]
    fn a_person_may_use_links_and_a_repository_may_not_lead_out_by_one() {
        let home = Home::new();
        let dotfile = home.put("dotfiles/aios.toml", "# mine\n");
        fs::create_dir_all(home.folder.path().join("home")).unwrap();
        symlink(&dotfile, home.sources.user.as_ref().unwrap()).unwrap();
        home.set(Layer::User, "agents.max", "2").unwrap();
        assert!(
            fs::read_to_string(&dotfile)
                .unwrap()
                .starts_with("# mine\n")
        );
        let theirs = home.put("elsewhere.toml", "");
        fs::create_dir_all(home.folder.path().join("repo/.aios")).unwrap();
        symlink(&theirs, home.sources.local.as_ref().unwrap()).unwrap();
        let refused = home.set(Layer::Local, "agents.max", "2");
        assert_eq!(refused.err().as_deref(), Some("E-CONF-06"));
        assert_eq!(fs::read_to_string(&theirs).unwrap(), "");
        // An editor would make what a link to nothing leads to.
        fs::remove_file(&theirs).unwrap();
        assert!(target(home.sources.local.as_ref().unwrap(), Layer::Local).is_err());
    }

    #[test]
    fn quoted_parts_keep_their_dots() {
        assert_eq!(parts("budget.sprint"), ["budget", "sprint"]);
        let quoted = parts("prices.\"openai/gpt-5.4\".input");
        assert_eq!(quoted, ["prices", "openai/gpt-5.4", "input"]);
    }
}
