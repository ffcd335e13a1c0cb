//! `aios completions` and `aios man`: made of the same table of arguments that reads the command line.

use std::io;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::cli::args::{Args, Man};
use crate::cli::errors::{Problem, table};
use crate::cli::exit::ExitCode;
use crate::cli::output::{Out, Stop};

/// Prints the completions of a shell.
///
/// # Errors
/// The output cannot be written.
pub fn completions(shell: Shell, out: &mut Out) -> Result<ExitCode, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "aios", &mut script);
    out.text(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::Done)
}

/// Prints the page of the program, or writes one for each verb.
///
/// # Errors
/// The output or a page cannot be written.
pub fn run<E: From<Problem> + From<Stop>>(man: &Man, out: &mut Out) -> Result<ExitCode, E> {
    let mut command = Args::command();
    command.build();
    let Some(folder) = &man.out else {
        let page = page(&command).map_err(Stop::from)?;
        out.text(&String::from_utf8_lossy(&page))?;
        return Ok(ExitCode::Done);
    };
    let count = write(&command, folder).map_err(|error| {
        let text = format!("{}: {error}", folder.display());
        Problem::new(&table::UNSAFE_FILE, text).hint("name a folder that can be written")
    })?;
    out.note(&format!("{count} pages written to {}", folder.display()))?;
    Ok(ExitCode::Done)
}

fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}

/// The pages of a command and of its verbs; gives how many.
fn write(command: &clap::Command, folder: &Path) -> io::Result<usize> {
    std::fs::create_dir_all(folder)?;
    let name = command.get_display_name().unwrap_or("aios");
    std::fs::write(folder.join(format!("{name}.1")), page(command)?)?;
    let mut count = 1;
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        count += write(verb, folder)?;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_page_for_every_verb() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Args::command();
        command.build();
        let count = write(&command, folder.path()).unwrap();
        assert!(count > command.get_subcommands().count(), "{count}");
        let page = std::fs::read_to_string(folder.path().join("aios-config-set.1")).unwrap();
        assert!(page.contains("Such as budget.sprint"), "{page}");
    }

    #[test]
    fn every_shell_gets_the_verbs() {
        for shell in [
            Shell::Bash,
            Shell::Zsh,
            Shell::Fish,
            Shell::Elvish,
            Shell::PowerShell,
        ] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "aios", &mut script);
            let script = String::from_utf8(script).unwrap();
            for verb in ["doctor", "config", "completions"] {
                assert!(script.contains(verb), "{shell}: {verb}");
            }
        }
    }
}
