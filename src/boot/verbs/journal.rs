//! `aios journal`: the whole log verified, or its good part written out. Both only read and take no lock.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use crate::adapters::journal::files::{FileJournal, OpenReport};
use crate::adapters::journal::rescue::{export_good, verify_sealed};
use crate::boot::dispatch::Outcome;
use crate::boot::wiring::cannot_open;
use crate::boot::wiring::site::{Person, Site, cannot_write};
use crate::cli::ExitCode;
use crate::cli::args::{Args, Journal, JournalVerb};
use crate::cli::errors::{Problem, table};
use crate::cli::output::{Out, Stop};
use crate::engine::ports::journal::{Journal as _, JournalFailure};

/// Does what is asked of the journal.
///
/// # Errors
/// There is none, it does not verify, or the output is gone.
pub fn run(args: &Args, journal: &Journal, out: &mut Out) -> Outcome {
    let site = Site::find(Person::of_process(args)?)?;
    let folder = &site.rooms.journal;
    if !folder.exists() {
        let text = format!("no journal yet, {}", folder.display());
        return Err(Problem::new(&table::NO_SUCH_ITEM, text)
            .hint("it begins with the first sprint")
            .into());
    }
    match &journal.verb {
        JournalVerb::Verify => verify(&site, out),
        JournalVerb::Export { out: None } => {
            let exported =
                export_good(folder, out.results()).map_err(|failure| written(&failure))?;
            Ok(stopped(exported.stopped.as_ref(), out))
        }
        JournalVerb::Export { out: Some(path) } => {
            let failed = |error: std::io::Error| cannot_write(path, &error);
            let mut file = File::create(path).map_err(failed)?;
            let exported =
                export_good(folder, &mut file).map_err(|failure| cannot_open(&failure))?;
            file.flush()
                .and_then(|()| file.sync_all())
                .map_err(failed)?;
            out.note(&format!(
                "{} lines written to {}",
                exported.lines,
                path.display()
            ))?;
            Ok(stopped(exported.stopped.as_ref(), out))
        }
    }
}

/// A reader of standard output that has gone is no fault of the journal.
fn written(failure: &JournalFailure) -> crate::boot::dispatch::Halt {
    match failure {
        JournalFailure::Io { what } if what.contains("Broken pipe") => Stop::ReaderGone.into(),
        other => cannot_open(other).into(),
    }
}

fn stopped(damage: Option<&JournalFailure>, out: &mut Out) -> ExitCode {
    match damage {
        Some(damage) => out.problem(
            &Problem::new(&table::LOG_BROKEN, damage.to_string())
                .hint("what stands before it was written"),
        ),
        None => ExitCode::Done,
    }
}

/// The whole journal of a folder, if every record of it is as it was written.
///
/// # Errors
/// It is damaged, or cannot be read.
pub fn verified(folder: &Path) -> Result<(FileJournal, OpenReport), Problem> {
    let opened = verify_sealed(folder).and_then(|()| FileJournal::open_read_only(folder));
    opened.map_err(|failure| match failure {
        JournalFailure::Broken { .. } => Problem::new(&table::LOG_BROKEN, failure.to_string()),
        other => cannot_open(&other),
    })
}

fn verify(site: &Site, out: &mut Out) -> Outcome {
    let (journal, report) = verified(&site.rooms.journal)?;
    let head = journal.head();
    if out.is_json() {
        out.object(&serde_json::json!({ "events": report.events, "head": head.hash.to_string(), "torn_bytes": report.cut_bytes }))?;
    } else {
        let torn = match report.cut_bytes {
            0 => String::new(),
            bytes => format!("; {bytes} bytes of a torn last record are not counted"),
        };
        out.text(&format!(
            "{} events, the chain is whole, head {}{torn}",
            report.events,
            head.hash.short()
        ))?;
    }
    Ok(ExitCode::Done)
}
