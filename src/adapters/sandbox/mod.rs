//! The two sandboxes: [`bubblewrap`] puts commands into namespaces of their own, [`none`] runs them bare. [`environment`] makes the
//! environment that both hand on. Landlock, seccomp and resource groups are not here yet.

pub mod bubblewrap;
mod mounts;
pub mod none;
mod process;

pub use bubblewrap::Bubblewrap;
pub use none::Bare;

use std::path::Path;

/// Variables that are handed on when the program itself has them: where tools keep what they have downloaded. None of them holds a
/// secret, and none changes which program runs.
const HANDED_ON: [&str; 18] = [
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "CARGO_NET_OFFLINE",
    "GOPATH",
    "GOCACHE",
    "GOMODCACHE",
    "GOROOT",
    "npm_config_cache",
    "YARN_CACHE_FOLDER",
    "PNPM_HOME",
    "NVM_DIR",
    "PYENV_ROOT",
    "PIP_CACHE_DIR",
    "UV_CACHE_DIR",
    "JAVA_HOME",
    "GRADLE_USER_HOME",
    "TZ",
];

/// Makes the environment of a command. `home` is the folder that the command sees as its home; `lookup` reads the program's own
/// environment. Tools that keep their files in the user's home by default (cargo, rustup) are pointed there, because `HOME` no longer is.
pub fn environment(home: &Path, lookup: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    let fixed = [
        ("LANG", "C.UTF-8"),
        ("TERM", "dumb"),
        ("CI", "1"),
        ("AIOS", "1"),
        ("NO_COLOR", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_PAGER", "cat"),
        ("PAGER", "cat"),
    ];
    let mut variables: Vec<(String, String)> = fixed
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let path = lookup("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".to_owned());
    variables.push(("PATH".to_owned(), path));
    variables.push(("HOME".to_owned(), home.display().to_string()));
    variables.push(("TMPDIR".to_owned(), "/tmp".to_owned()));
    for name in HANDED_ON {
        if let Some(value) = lookup(name) {
            variables.push((name.to_owned(), value));
        }
    }
    if let Some(user_home) = lookup("HOME") {
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let default = Path::new(&user_home).join(folder);
            if lookup(name).is_none() && default.is_dir() {
                variables.push((name.to_owned(), default.display().to_string()));
            }
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_enter_the_environment() {
        let own = |name: &str| match name {
            "PATH" => Some("/bin".to_owned()),
            "OPENAI_API_KEY" | "LD_PRELOAD" => Some("secret".to_owned()),
            "GOCACHE" => Some("/cache/go".to_owned()),
            _ => None,
        };
        let made = environment(Path::new("/tmp/home"), own);
        let value = |name: &str| {
            let found = made.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(value("PATH"), Some("/bin"));
        assert_eq!(value("HOME"), Some("/tmp/home"));
        assert_eq!(value("GOCACHE"), Some("/cache/go"));
        assert_eq!(value("AIOS"), Some("1"));
        assert_eq!(value("OPENAI_API_KEY"), None);
        assert_eq!(value("LD_PRELOAD"), None);
    }
}
