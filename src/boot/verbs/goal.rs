//! The goal of a sprint, from the command line, from a file or from standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::cli::errors::{Problem, table};

/// The longest goal: more is a document, and belongs into the repository.
const MOST_BYTES: u64 = 64 * 1024;

/// Reads the goal.
///
/// # Errors
/// There is none, it is too long, or it is no text.
pub fn read(given: Option<&str>, from: Option<&Path>) -> Result<String, Problem> {
    let wrong = |text: String| {
        Problem::new(&table::BAD_ARGUMENTS, text)
            .hint("say in a sentence or two what is to be reached")
    };
    let text = match (given, from) {
        (Some("-"), _) => {
            slurp(io::stdin()).map_err(|error| wrong(format!("standard input: {error}")))?
        }
        (Some(text), _) => text.to_owned(),
        (None, Some(path)) if path == Path::new("-") => {
            slurp(io::stdin()).map_err(|error| wrong(format!("standard input: {error}")))?
        }
        (None, Some(path)) => File::open(path)
            .and_then(slurp)
            .map_err(|error| wrong(format!("{}: {error}", path.display())))?,
        (None, None) => String::new(),
    };
    if is_plan(&text) {
        let text = "running a plan from a file is not built yet";
        return Err(Problem::new(&table::NOT_BUILT, text)
            .hint("say its goal: a plan that was made here waits under it"));
    }
    let text = text.trim();
    if text.is_empty() {
        return Err(wrong("the goal is empty".to_owned()));
    }
    Ok(text.to_owned())
}

fn slurp(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::other("larger than 64 KiB"));
    }
    Ok(text)
}

/// Whether a text is what `aios plan --out` writes.
fn is_plan(text: &str) -> bool {
    let table: Option<toml::Table> = text
        .contains("[[tasks]]")
        .then(|| text.parse().ok())
        .flatten();
    table.is_some_and(|table| table.contains_key("goal") && table.contains_key("tasks"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_come_from_words_and_files() {
        assert_eq!(read(Some("  fix it\n"), None).unwrap(), "fix it");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from a file\n").unwrap();
        assert_eq!(read(None, Some(file.path())).unwrap(), "from a file");
        std::fs::write(file.path(), "goal = \"x\"\n[[tasks]]\nslug = \"a\"\n").unwrap();
        assert_eq!(
            read(None, Some(file.path())).unwrap_err().code.id,
            "E-USE-04"
        );
        for (text, size) in [(" ", 1), ("x", 70_000)] {
            std::fs::write(file.path(), text.repeat(size)).unwrap();
            assert_eq!(
                read(None, Some(file.path())).unwrap_err().code.id,
                "E-USE-01"
            );
        }
        assert!(read(None, Some(Path::new("/no/such/file"))).is_err());
    }
}
