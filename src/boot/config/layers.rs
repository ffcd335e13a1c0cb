//! The layers, from the weakest to the strongest, and how they are laid over one another. Limits only get stricter from what a
//! person has set down to the repository's files; a file that tries to loosen one is reported and that line left out.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::fault::{Fault, Position};
use super::file::{self, Whose};
use super::table::{BadTable, Key, Layers, Table};
use super::value::{self, Refused, Value};
use crate::cli::errors::{ErrorCode, table as codes};

/// Where a value comes from. Later ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The table of this binary.
    Default,
    /// The machine's file.
    System,
    /// The user's file.
    User,
    /// `.aios/config.toml` of the repository.
    Project,
    /// `.aios/local.toml` of the checkout, as a rule ignored by git.
    Local,
    /// A variable `AIOS_…`.
    Environment,
    /// A flag of the command line.
    Flag,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Default => "default",
            Self::System => "system",
            Self::User => "user",
            Self::Project => "project",
            Self::Local => "local",
            Self::Environment => "environment",
            Self::Flag => "flag",
        })
    }
}

impl Layer {
    /// Whether whoever writes the repository can write it.
    pub(super) const fn is_repository(self) -> bool {
        matches!(self, Self::Project | Self::Local)
    }

    pub(super) const fn whose(self) -> Whose {
        if self.is_repository() {
            Whose::Theirs
        } else {
            Whose::Ours
        }
    }

    pub(super) fn may_set(self, key: &Key) -> bool {
        match key.layers {
            Layers::Everyone => true,
            Layers::Person => !self.is_repository(),
            Layers::User => self == Self::User,
        }
    }
}

/// Layer and, for files, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The layer.
    pub layer: Layer,
    /// The line, if it is a file's; the variable's or flag's name stands in `name`.
    pub position: Option<Position>,
    /// The variable or the flag.
    pub name: Option<String>,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.position, &self.name) {
            (Some(at), _) => write!(f, "{}  {}:{}", self.layer, at.file.display(), at.line),
            (None, Some(name)) => write!(f, "{}  {name}", self.layer),
            (None, None) => write!(f, "{}", self.layer),
        }
    }
}

/// A setting's value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The value in force.
    pub value: Value,
    /// Who set it.
    pub origin: Origin,
}

/// What is laid over one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The machine's files, the most important first.
    pub system: Vec<PathBuf>,
    /// The user's file.
    pub user: Option<PathBuf>,
    /// Whether the user's file was named by flag or variable, so that it has to be there.
    pub user_is_named: bool,
    /// The repository's file.
    pub project: Option<PathBuf>,
    /// The checkout's own file.
    pub local: Option<PathBuf>,
    /// Variables that begin with `AIOS_`.
    pub environment: Vec<(String, String)>,
    /// Settings given as flags: dotted name and text.
    pub flags: Vec<(String, String)>,
    /// Cores of the machine, on which some defaults depend.
    pub cores: usize,
}

/// Variables that begin like settings and are none.
const OTHER_VARIABLES: [&str; 12] = [
    "AIOS_CONFIG",
    "AIOS_SESSION",
    "AIOS_SOCKET",
    "AIOS_TRACE",
    "AIOS_PROOF",
    "AIOS_UPDATE",
    "AIOS_TEST_REQUIRE",
    "AIOS_PLAIN",
    "AIOS_ASCII",
    "AIOS_LOG",
    "AIOS_CI",
    "AIOS_TARGET",
];

/// The settings in force and what was wrong on the way.
#[derive(Clone, Debug)]
pub struct Effective {
    /// All settings.
    pub table: Table,
    /// Values by the parts of their names.
    pub settings: BTreeMap<Vec<String>, Setting>,
    /// Errors and warnings, weakest layer first.
    pub faults: Vec<Fault>,
    /// The machine's limits, which no person loosens either.
    bounds: BTreeMap<Vec<String>, Value>,
}

/// Lays all layers over one another. Faults do not stop it: `aios doctor` and `aios config check` show all of them.
///
/// # Errors
/// The table of this binary is broken.
pub fn load(sources: &Sources) -> Result<Effective, BadTable> {
    let mut effective = Effective {
        table: Table::built_in()?,
        settings: BTreeMap::new(),
        faults: Vec::new(),
        bounds: BTreeMap::new(),
    };
    effective.defaults(sources.cores)?;
    for path in sources.system.iter().rev() {
        effective.file(Layer::System, path);
    }
    effective.bounds = effective
        .settings
        .iter()
        .filter(|(_, setting)| setting.origin.layer == Layer::System)
        .map(|(path, setting)| (path.clone(), setting.value.clone()))
        .collect();
    if let Some(user) = sources
        .user
        .as_deref()
        .filter(|user| sources.user_is_named && !user.exists())
    {
        let text = format!("{}: no such file", user.display());
        effective
            .faults
            .push(Fault::new(&codes::UNSAFE_FILE, text, None));
    }
    let files = [
        (Layer::User, &sources.user),
        (Layer::Project, &sources.project),
        (Layer::Local, &sources.local),
    ];
    for (layer, path) in files {
        if let Some(path) = path {
            effective.file(layer, path);
        }
    }
    effective.environment(&sources.environment);
    for (name, text) in &sources.flags {
        let path: Vec<String> = name.split('.').map(str::to_owned).collect();
        effective.words(Layer::Flag, &path, name, text);
    }
    Ok(effective)
}

impl Effective {
    fn defaults(&mut self, cores: usize) -> Result<(), BadTable> {
        for key in &self.table.keys {
            let many = key.many_cores.as_ref().filter(|_| cores > 4);
            let Some(default) = many.or(key.default.as_ref()) else {
                continue;
            };
            let text = match default {
                toml::Value::String(text) => text.clone(),
                toml::Value::Array(_) => String::new(),
                other => other.to_string(),
            };
            let value =
                value::from_text(key, &text).map_err(|_| BadTable::Missing(key.name.clone()))?;
            let origin = Origin {
                layer: Layer::Default,
                position: None,
                name: None,
            };
            let path = key.parts().map(str::to_owned).collect();
            self.settings.insert(path, Setting { value, origin });
        }
        Ok(())
    }

    fn file(&mut self, layer: Layer, path: &Path) {
        let text = match file::read(path, layer.whose()) {
            Ok(Some(text)) => text,
            Ok(None) => return,
            Err(fault) => return self.faults.push(fault),
        };
        let (entries, faults) = file::entries(&self.table, path, &text);
        self.faults.extend(faults);
        for entry in entries {
            let Some(key) = self.table.find(&entry.path).cloned() else {
                continue;
            };
            let position = Some(entry.position);
            let origin = Origin {
                layer,
                position: position.clone(),
                name: None,
            };
            if !layer.may_set(&key) {
                let text = format!("{} may not stand here", entry.path.join("."));
                self.faults
                    .push(Fault::new(&codes::WRONG_LAYER, text, position));
                continue;
            }
            match value::from_toml(&key, &entry.value) {
                Ok(value) => self.lay(&key, entry.path, Setting { value, origin }),
                Err(refused) => self.refuse(&key, &entry.path, refused, position),
            }
        }
    }

    fn environment(&mut self, variables: &[(String, String)]) {
        for (variable, text) in variables {
            if OTHER_VARIABLES.contains(&variable.as_str()) || !variable.starts_with("AIOS_") {
                continue;
            }
            let spelled =
                |key: &Key| format!("AIOS_{}", key.name.replace('.', "_").to_ascii_uppercase());
            let key = self.table.keys.iter().find(|key| spelled(key) == *variable);
            let Some(key) = key.filter(|key| !key.name.contains("NAME")) else {
                let text = format!("unknown variable {variable}");
                self.faults
                    .push(Fault::new(&codes::UNKNOWN_KEY, text, None));
                continue;
            };
            let path: Vec<String> = key.parts().map(str::to_owned).collect();
            self.words(Layer::Environment, &path, variable, text);
        }
    }

    fn words(&mut self, layer: Layer, path: &[String], name: &str, text: &str) {
        let Some(key) = self.table.find(path).cloned() else {
            let text = format!("unknown setting {name}");
            return self
                .faults
                .push(Fault::new(&codes::UNKNOWN_KEY, text, None));
        };
        match value::from_text(&key, text) {
            Ok(value) => {
                let origin = Origin {
                    layer,
                    position: None,
                    name: Some(name.to_owned()),
                };
                self.lay(&key, path.to_vec(), Setting { value, origin });
            }
            Err(refused) => {
                self.refuse(&key, path, refused, None);
                if let Some(fault) = self.faults.last_mut().filter(|_| name != path.join(".")) {
                    fault.text = format!("{}, {name}", fault.text);
                }
            }
        }
    }

    /// Lays a value over the one below, unless that loosens a limit.
    fn lay(&mut self, key: &Key, path: Vec<String>, setting: Setting) {
        let bound = self.bound(setting.origin.layer, &path);
        let Some(bound) = bound.filter(|bound| !value::is_as_strict(key, &setting.value, bound))
        else {
            self.settings.insert(path, setting);
            return;
        };
        let (name, value) = (path.join("."), &setting.value);
        let text = format!("{name} = {value} is looser than {bound} and was left out");
        let fault = Fault::new(&codes::LOOSER_IGNORED, text, setting.origin.position);
        self.faults.push(fault);
    }

    /// What a layer may not loosen: for the repository's files what stands below them, else the machine's limit.
    pub(super) fn bound(&self, layer: Layer, path: &[String]) -> Option<&Value> {
        if layer.is_repository() {
            self.settings.get(path).map(|below| &below.value)
        } else {
            self.bounds.get(path)
        }
    }

    fn refuse(&mut self, key: &Key, path: &[String], refused: Refused, position: Option<Position>) {
        let name = path.join(".");
        let (code, text): (&'static ErrorCode, String) = match refused {
            Refused::Unfit => (&codes::BAD_VALUE, format!("{name} takes {}", key.takes())),
            Refused::Secret => (&codes::SECRET_IN_FILE, format!("a key stands under {name}")),
            Refused::NotBuilt => (
                &codes::SETTING_NOT_BUILT,
                format!("{name} from a command is not built yet"),
            ),
        };
        self.faults.push(Fault::new(code, text, position));
    }

    /// The first fault that stops the program.
    #[must_use]
    pub fn first_error(&self) -> Option<&Fault> {
        self.faults.iter().find(|fault| !fault.is_warning())
    }

    /// The setting of a dotted name without dots inside its parts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Setting> {
        let path: Vec<String> = name.split('.').map(str::to_owned).collect();
        self.settings.get(&path)
    }
}
