//! `aios explain`: what an error code means and what to do.

use serde_json::{Value, json};

use crate::cli::errors::{ErrorCode, Problem, table};
use crate::cli::exit::ExitCode;
use crate::cli::output::{Out, Stop};

/// Prints one code, or all of them.
///
/// # Errors
/// The output cannot be written.
pub fn run(code: Option<&str>, out: &mut Out) -> Result<ExitCode, Stop> {
    let Some(code) = code else {
        return all(out);
    };
    let wanted = code.trim_matches(['(', ')', ' ']);
    let Some(found) = table::ALL
        .into_iter()
        .find(|row| row.id.eq_ignore_ascii_case(wanted))
    else {
        return Ok(out.problem(&Problem::at(&table::UNKNOWN_CODE, code)));
    };
    if out.is_json() {
        out.object(&object(found))?;
    } else {
        let exit = found.exit;
        out.text(&format!(
            "{}  {}\n\n  means  {}\n  do     {}\n  exit   {} ({})",
            found.id,
            found.title,
            found.means,
            found.fix,
            exit.number(),
            exit.meaning()
        ))?;
    }
    Ok(ExitCode::Done)
}

fn all(out: &mut Out) -> Result<ExitCode, Stop> {
    for row in table::ALL {
        if out.is_json() {
            out.object(&object(row))?;
        } else {
            out.text(&format!(
                "{:<13} exit {:>3}  {}",
                row.id,
                row.exit.number(),
                row.title
            ))?;
        }
    }
    Ok(ExitCode::Done)
}

fn object(row: &ErrorCode) -> Value {
    json!({
        "code": row.id,
        "exit": row.exit.number(),
        "title": row.title,
        "means": row.means,
        "fix": row.fix,
    })
}
