//! Where things are: configuration, state, sockets. Only paths are worked out here, from the environment that is handed in; folders
//! are made when they are first used, and only the user can enter them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use crate::boot::config::settings::Paths;
use crate::cli::errors::{Problem, table as codes};

/// The environment of the process, read once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    usual: Option<Usual>,
}

/// The folders that are usual on this system.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Usual {
    config: PathBuf,
    state: PathBuf,
    cache: PathBuf,
}

impl Environment {
    /// Of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let usual = ProjectDirs::from("", "", "aios").map(|dirs| Usual {
            config: dirs.config_dir().to_owned(),
            state: dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned(),
            cache: dirs.cache_dir().to_owned(),
        });
        Self {
            variables: std::env::vars_os().collect(),
            usual,
        }
    }

    /// From pairs, for tests; what is usual is what is usual on Linux.
    #[must_use]
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let pairs = pairs.into_iter();
        let variables: BTreeMap<OsString, OsString> = pairs
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let usual = variables.get(OsStr::new("HOME")).map(|home| Usual {
            config: Path::new(home).join(".config/aios"),
            state: Path::new(home).join(".local/state/aios"),
            cache: Path::new(home).join(".cache/aios"),
        });
        Self { variables, usual }
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(OsStr::new(name))?;
        Some(value.as_os_str()).filter(|value| !value.is_empty())
    }

    /// As [`get`](Self::get), where it is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str()
    }

    /// The person's editor, as a shell reads it.
    #[must_use]
    pub fn editor(&self) -> &str {
        let named = ["VISUAL", "EDITOR"];
        named
            .iter()
            .find_map(|name| self.text(name))
            .unwrap_or("vi")
    }

    /// The variables that begin with `AIOS_`, for the settings.
    #[must_use]
    pub fn settings(&self) -> Vec<(String, String)> {
        let pairs = self
            .variables
            .iter()
            .filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)));
        let own = pairs.filter(|(name, _)| name.starts_with("AIOS_"));
        own.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// Variables that by their names hold a key, and are long enough to be one.
    pub fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        const ENDS: [&str; 5] = ["_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_CREDENTIALS"];
        let pairs = self.variables.iter();
        let texts = pairs.filter_map(|(name, value)| Some((name.to_str()?, value.to_str()?)));
        texts
            .filter(|(name, value)| value.len() >= 12 && ENDS.iter().any(|end| name.ends_with(end)))
    }

    /// A variable that holds an absolute path; others are ignored, as the XDG rules want it.
    fn path(&self, name: &str) -> Option<PathBuf> {
        Some(PathBuf::from(self.get(name)?)).filter(|path| path.is_absolute())
    }
}

/// The user's folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    home: Option<PathBuf>,
    /// The machine's configuration files, the most important first.
    pub system_config: Vec<PathBuf>,
    /// The user's configuration folder.
    pub config: PathBuf,
    /// The folder of all repositories' state.
    pub state: PathBuf,
    /// What can be made again.
    pub cache: PathBuf,
    /// Sockets; gone after a restart. `None` puts them into the state folder.
    pub runtime: Option<PathBuf>,
}

impl Places {
    /// XDG variables where they are set, else what is usual on this system.
    ///
    /// # Errors
    /// Neither a home folder nor the XDG variables are known.
    pub fn new(environment: &Environment) -> Result<Self, Problem> {
        let usual = environment.usual.as_ref();
        let pick = |variable: &str, usual: Option<&PathBuf>| {
            let set = environment.path(variable).map(|folder| folder.join("aios"));
            let folder = set.or_else(|| usual.cloned());
            folder.ok_or_else(|| Problem::new(&codes::NO_HOME, codes::NO_HOME.title))
        };
        let system = environment.text("XDG_CONFIG_DIRS").unwrap_or("/etc/xdg");
        let system = system
            .split(':')
            .map(PathBuf::from)
            .filter(|folder| folder.is_absolute());
        Ok(Self {
            system_config: system
                .map(|folder| folder.join("aios/config.toml"))
                .collect(),
            config: pick("XDG_CONFIG_HOME", usual.map(|usual| &usual.config))?,
            state: pick("XDG_STATE_HOME", usual.map(|usual| &usual.state))?,
            cache: pick("XDG_CACHE_HOME", usual.map(|usual| &usual.cache))?,
            runtime: environment
                .path("XDG_RUNTIME_DIR")
                .map(|folder| folder.join("aios")),
            home: environment.path("HOME"),
        })
    }

    /// The user's configuration file, unless `--config` or `AIOS_CONFIG` names another.
    #[must_use]
    pub fn user_config(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The folder of the user's own themes.
    #[must_use]
    pub fn themes(&self) -> PathBuf {
        self.config.join("themes")
    }

    /// A path of the settings: `~/` is the home folder.
    #[must_use]
    pub fn expand(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path.to_owned(),
        }
    }

    /// A path as people write it: `~/` for the home folder.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        let below = self
            .home
            .as_ref()
            .and_then(|home| path.strip_prefix(home).ok());
        below.map_or_else(
            || path.display().to_string(),
            |below| format!("~/{}", below.display()),
        )
    }

    /// The places of one repository, the settings' folders honoured.
    #[must_use]
    pub fn repository(&self, id: &RepoId, paths: &Paths) -> RepoPlaces {
        let state = paths
            .state
            .as_deref()
            .map_or_else(|| self.state.clone(), |folder| self.expand(folder));
        let state = state.join(&id.0);
        let worktrees = paths
            .worktrees
            .as_deref()
            .map(|folder| self.expand(folder).join(&id.0));
        let socket = self
            .runtime
            .as_ref()
            .map(|folder| folder.join(format!("{id}.sock")));
        // A socket's path has at most 107 bytes; a longer one would fail when it is bound.
        let socket = socket.filter(|path| path.as_os_str().len() <= 107);
        RepoPlaces {
            journal: state.join("journal"),
            derived: state.join("state.sled"),
            blobs: state.join("blobs"),
            trust: state.join("trust.json"),
            log: state.join("host.log"),
            worktrees: worktrees.unwrap_or_else(|| state.join("worktrees")),
            socket: socket.unwrap_or_else(|| state.join("host.sock")),
            state,
        }
    }
}

/// Where one repository's things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoPlaces {
    /// The folder of all of them but worktrees and socket.
    pub state: PathBuf,
    /// The journal's segments.
    pub journal: PathBuf,
    /// What is derived from the journal.
    pub derived: PathBuf,
    /// Large texts by their hash.
    pub blobs: PathBuf,
    /// What the user has trusted.
    pub trust: PathBuf,
    /// What the host says.
    pub log: PathBuf,
    /// The agents' worktrees, never inside the repository.
    pub worktrees: PathBuf,
    /// Where the host listens.
    pub socket: PathBuf,
}

impl RepoPlaces {
    /// Makes the folders that are missing, for the user alone.
    ///
    /// # Errors
    /// A folder cannot be made.
    pub fn make(&self) -> io::Result<()> {
        for folder in [&self.state, &self.journal, &self.blobs, &self.worktrees] {
            make_private(folder)?;
        }
        self.socket.parent().map_or(Ok(()), make_private)
    }
}

/// Makes a folder and those above it with mode 0700, where they are missing.
///
/// # Errors
/// It cannot be made.
pub fn make_private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A repository's name for its state: 16 hexadecimal digits, kept in its git folder, so that moves keep it and clones get their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoId(String);

impl fmt::Display for RepoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl RepoId {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 16 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    /// The id in a git common folder; `None` if AIOS has not worked there yet.
    ///
    /// # Errors
    /// The file is there and cannot be read, or holds no id.
    pub fn read(common: &Path) -> io::Result<Option<Self>> {
        let text = match std::fs::read_to_string(common.join("aios/id")) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let found = Self::parse(&text).map(Some);
        found.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "aios/id holds no id"))
    }

    /// The id in a git common folder, made where there is none. Two programs that make it at the same time get the same.
    ///
    /// # Errors
    /// The folder cannot be written, or holds a broken id.
    pub fn make(common: &Path) -> io::Result<Self> {
        if let Some(found) = Self::read(common)? {
            return Ok(found);
        }
        let folder = common.join("aios");
        make_private(&folder)?;
        let mut random = [0_u8; 8];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
        let id = format!("{:016x}", u64::from_ne_bytes(random));
        // Written whole under another name and linked: a reader never sees half an id, and the first to link wins.
        let draft = folder.join(format!("id.{id}"));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(id.as_bytes())?;
        file.sync_all()?;
        let linked = std::fs::hard_link(&draft, folder.join("id"));
        std::fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Self::read(common)?.ok_or_else(|| io::ErrorKind::NotFound.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn variables_win_and_relative_ones_do_not_count() {
        let environment = Environment::of([
            ("HOME", "/home/mia"),
            ("XDG_STATE_HOME", "/var/mia"),
            ("XDG_CONFIG_HOME", "here"),
            ("XDG_RUNTIME_DIR", "/run/user/1000"),
            ("XDG_CONFIG_DIRS", "/etc/one:relative:/etc/two"),
        ]);
        let places = Places::new(&environment).unwrap();
        assert_eq!(places.config, Path::new("/home/mia/.config/aios"));
        assert_eq!(places.state, Path::new("/var/mia/aios"));
        let system: Vec<&str> = places
            .system_config
            .iter()
            .filter_map(|path| path.to_str())
            .collect();
        assert_eq!(
            system,
            ["/etc/one/aios/config.toml", "/etc/two/aios/config.toml"]
        );
        let id = RepoId("0123456789abcdef".to_owned());
        let usual = Paths {
            state: None,
            worktrees: None,
        };
        let repository = places.repository(&id, &usual);
        assert_eq!(
            repository.socket,
            Path::new("/run/user/1000/aios/0123456789abcdef.sock")
        );
        assert_eq!(
            repository.worktrees,
            Path::new("/var/mia/aios/0123456789abcdef/worktrees")
        );
        let own = Paths {
            state: None,
            worktrees: Some("~/trees".into()),
        };
        let repository = places.repository(&id, &own);
        assert_eq!(
            repository.worktrees,
            Path::new("/home/mia/trees/0123456789abcdef")
        );
    }

    #[test]
    fn without_a_home_there_is_no_place() {
        let problem = Places::new(&Environment::default()).unwrap_err();
        assert_eq!(problem.code.id, "E-CONF-12");
    }

    #[test]
    fn without_a_runtime_folder_the_socket_lies_in_the_state() {
        let environment = Environment::of([("HOME", "/home/mia")]);
        let places = Places::new(&environment).unwrap();
        let id = RepoId("0123456789abcdef".to_owned());
        let repository = places.repository(
            &id,
            &Paths {
                state: None,
                worktrees: None,
            },
        );
        assert_eq!(repository.socket, repository.state.join("host.sock"));
    }

    #[test]
    fn an_id_is_made_once_and_read_ever_after() {
        let common = tempfile::tempdir().unwrap();
        assert_eq!(RepoId::read(common.path()).unwrap(), None);
        let id = RepoId::make(common.path()).unwrap();
        assert_eq!(RepoId::make(common.path()).unwrap(), id);
        let file = common.path().join("aios/id");
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        std::fs::write(&file, "../../etc").unwrap();
        assert!(RepoId::make(common.path()).is_err());
    }
}
