//! `aios diff`: a task's changes as they are committed, whole or as a table of files.

use serde_json::json;

use crate::base::body::Body;
use crate::base::text::SafeText;
use crate::cli::columns::columns;
use crate::cli::errors::{Problem, table};
use crate::cli::{ExitCode, Out, Stop};
use crate::domain::change::FileSummary;
use crate::domain::sprint::Task;

/// The text that must be fetched for it; none if only files are wanted or nothing is committed.
#[must_use]
pub fn needs(task: &Task, is_stat: bool) -> Option<&Body> {
    task.change
        .as_ref()
        .filter(|_| !is_stat)
        .map(|change| &change.diff)
}

/// Prints it; `text` is the diff, if [`needs`] asked for one.
///
/// # Errors
/// The output cannot be written.
pub fn print(task: &Task, text: Option<&[u8]>, out: &mut Out) -> Result<ExitCode, Stop> {
    let Some(change) = &task.change else {
        let text = format!("{} has no committed change yet", task.id);
        let problem = Problem::new(&table::NO_SUCH_ITEM, text);
        return Ok(out.problem(&problem.hint("see how far it is with aios status")));
    };
    if out.is_json() {
        for file in &change.files {
            out.object(&json!({
                "task": task.id.to_string(),
                "commit": change.commit.as_str(),
                "path": SafeText::line(&file.path),
                "kind": file.kind,
                "added": file.added,
                "removed": file.removed,
                "hunks": file.hunks.len(),
                "binary": file.is_binary,
            }))?;
        }
        return Ok(ExitCode::Done);
    }
    match text {
        Some(diff) => out.text(SafeText::from_bytes(diff).as_str())?,
        None => out.text(&stat(&change.files))?,
    }
    Ok(ExitCode::Done)
}

fn stat(files: &[FileSummary]) -> String {
    let mut rows: Vec<Vec<String>> = files
        .iter()
        .map(|file| {
            let size = if file.is_binary {
                "binary".to_owned()
            } else {
                format!("+{} -{}", file.added, file.removed)
            };
            vec![SafeText::line(&file.path).into_string(), size]
        })
        .collect();
    let (added, removed) = files.iter().fold((0_u64, 0_u64), |(added, removed), file| {
        (
            added + u64::from(file.added),
            removed + u64::from(file.removed),
        )
    });
    rows.push(vec![
        format!("{} files", files.len()),
        format!("+{added} -{removed}"),
    ]);
    columns(&rows)
}
