//! A project's own workflow: `.aios/workflow.toml`, checked as a whole before anything walks it.

use std::path::Path;

use super::project::text;
use crate::cli::errors::{Problem, table};
use crate::domain::workflow::Workflow;

/// The workflow of the file, or the built-in one where there is no file. The settings' limit of rounds holds for both.
///
/// # Errors
/// The file has an error; the text says where.
pub(super) fn load(path: &Path, most_rounds: u32) -> Result<Workflow, Problem> {
    if path.symlink_metadata().is_err() {
        return Ok(Workflow::deliver(most_rounds));
    }
    let bad = |why: String| Problem::new(&table::BAD_WORKFLOW, format!("{}{why}", path.display()));
    let root = path.parent().and_then(Path::parent).unwrap_or(path);
    let text = text(root, path).map_err(|why| bad(format!(": {why}")))?;
    let mut workflow: Workflow = toml::from_str(&text).map_err(|error| {
        let (line, column) = position(&text, error.span().map_or(0, |span| span.start));
        bad(format!(":{line}:{column}: {}", error.message()))
    })?;
    if let Err(fault) = workflow.validate() {
        let (line, column) = place(&text, &fault.to_string(), &workflow);
        return Err(bad(format!(":{line}:{column}: {fault}")));
    }
    workflow.max_rounds = workflow.max_rounds.min(most_rounds);
    Ok(workflow)
}

/// Line and column of a byte, both from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let in_line = before.get(line_start..).unwrap_or_default();
    (
        before.matches('\n').count() + 1,
        in_line.chars().count() + 1,
    )
}

/// Where the node stands that a fault names; the top of the file if it names none.
fn place(text: &str, fault: &str, workflow: &Workflow) -> (usize, usize) {
    let named = workflow
        .nodes
        .iter()
        .filter(|node| !node.id.is_empty())
        .filter(|node| fault.split([' ', ':']).any(|word| word == node.id))
        .find_map(|node| text.find(&format!("\"{}\"", node.id)));
    position(text, named.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_text(text: &str) -> Result<Workflow, String> {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(".aios")).unwrap();
        let path = root.path().join(".aios/workflow.toml");
        std::fs::write(&path, text).unwrap();
        load(&path, 3).map_err(|problem| {
            let full = problem.to_string();
            full.replace(&root.path().display().to_string(), "")
        })
    }

    #[test]
    fn the_built_in_one_reads_back_from_a_file() {
        let mut deliver = Workflow::deliver(9);
        let text = toml::to_string(&deliver).unwrap();
        deliver.max_rounds = 3;
        assert_eq!(load_text(&text), Ok(deliver));
        let none = load(Path::new("/nowhere/.aios/workflow.toml"), 2).unwrap();
        assert_eq!(none, Workflow::deliver(2));
    }

    #[test]
    fn errors_have_a_place() {
        let node = "[[nodes]]\nid = \"a\"\nkind = \"work\"\n";
        for (text, expected) in [
            ("name = 1\n", "/.aios/workflow.toml:1:8: "),
            (
                &format!(
                    "name = \"x\"\nmax_rounds = 2\n{node}edges = [{{ on = \"done\", to = \"b\" }}]\n"
                ),
                "/.aios/workflow.toml:4:6: edge of a leads to an unknown node: b",
            ),
            (
                &format!("name = \"x\"\nmax_rounds = 2\nextra = 1\n{node}edges = []\n"),
                "/.aios/workflow.toml:3:1: unknown field `extra`",
            ),
        ] {
            let told = load_text(text).unwrap_err();
            assert!(told.contains(expected), "{told}");
            assert!(told.ends_with("(E-CONF-10)"), "{told}");
        }
    }
}
