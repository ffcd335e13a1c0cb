//! The demo's sample project and goal, embedded: plain data. Copying it into a repository is the demo's own business.

/// A file of the sample project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoFile {
    /// Relative to the project's top, with `/`.
    pub path: &'static str,
    /// All of it.
    pub bytes: &'static [u8],
    /// Whether it may be started as a program.
    pub executable: bool,
}

/// The goal that the demo's sprint works for.
pub const GOAL: &str = include_str!("../../assets/demo/goal.txt");

/// The command that shows the demo's result: red before the sprint, green after it.
pub const CHECK: &str = "sh checks.sh";

macro_rules! file {
    ($path:literal, $executable:literal) => {
        DemoFile {
            path: $path,
            bytes: include_bytes!(concat!("../../assets/demo/project/", $path)),
            executable: $executable,
        }
    };
}

/// Every file of the sample project, by path.
#[must_use]
pub const fn demo_project() -> &'static [DemoFile] {
    &[
        file!(".aios/config.toml", false),
        file!(".gitignore", false),
        file!("AGENTS.md", false),
        file!("CONTRIBUTING.md", false),
        file!("README.md", false),
        file!("build.sh", true),
        file!("checks.sh", true),
        file!("content/contact.txt", false),
        file!("content/home.txt", false),
        file!("content/hours.txt", false),
        file!("content/menu.txt", false),
        file!("content/specials.txt", false),
        file!("lib/menu.awk", false),
        file!("lib/page.sh", false),
        file!("parts/foot.html", false),
        file!("parts/head.html", false),
        file!("static/style.css", false),
        file!("steps/10-home.sh", false),
        file!("steps/20-menu.sh", false),
        file!("steps/90-static.sh", false),
        file!("tests/goal_contact.sh", false),
        file!("tests/goal_hours.sh", false),
        file!("tests/goal_nav.sh", false),
        file!("tests/goal_print.sh", false),
        file!("tests/goal_release.sh", false),
        file!("tests/goal_sold_out.sh", false),
        file!("tests/goal_specials.sh", false),
        file!("tests/goal_vegan.sh", false),
        file!("tests/lib/say.sh", false),
        file!("tests/links.sh", false),
        file!("tests/menu.sh", false),
        file!("tests/page.sh", false),
    ]
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    #[test]
    fn the_list_is_what_the_folder_holds() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/project");
        let mut found = Vec::new();
        walk(&root, &mut found);
        let found = found.iter().map(|path| path.strip_prefix(&root).unwrap());
        let mut found: Vec<String> = found
            .map(|path| path.to_str().unwrap().to_owned())
            .collect();
        found.sort();
        let listed: Vec<&str> = demo_project().iter().map(|file| file.path).collect();
        assert_eq!(listed, found);
    }
}
