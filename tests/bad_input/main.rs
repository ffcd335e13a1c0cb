//! Bad input, one row each: what is wrong, and how the real program takes it. Every row asks for one clear line with its code, for the
//! right exit code, and that nothing is lost: the user's files, branches and journal are looked at before and afterwards.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot prepare or read its own parts fails"
)]

#[path = "../support/agents.rs"]
mod agents;
mod arguments;
#[expect(dead_code, reason = "shared with other crates, which use other parts")]
#[path = "../support/bench.rs"]
mod bench;
mod branches;
mod calls;
mod commands;
mod files;
mod kept;
#[expect(dead_code, reason = "shared with other crates, which use other parts")]
#[path = "../support/llm.rs"]
mod llm;
mod models;
#[expect(dead_code, reason = "shared with other crates, which use other parts")]
#[path = "../support/needs.rs"]
mod needs;
mod plans;
mod projects;
mod repositories;
mod row;
mod state;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::row::Row;

/// Rows that are tried at a time: they wait more than they work.
const AT_A_TIME: usize = 6;

/// The table.
fn table() -> Vec<Row> {
    let parts = [
        arguments::rows(),
        repositories::rows(),
        branches::rows(),
        files::rows(),
        models::rows(),
        plans::rows(),
        calls::rows(),
        commands::rows(),
        projects::rows(),
        state::rows(),
    ];
    parts.into_iter().flatten().collect()
}

/// Why a row failed.
fn reason(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let literal = || panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(literal).unwrap_or_default()
}

#[test]
fn each_row_ends_with_one_line_its_code_and_nothing_lost() {
    // `AIOS_ROW=words` tries only the rows whose names hold the words.
    let only = std::env::var("AIOS_ROW").unwrap_or_default();
    let mut rows = table();
    let names: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.what).collect();
    assert_eq!(names.len(), rows.len(), "two rows have one name");
    rows.retain(|row| row.what.contains(&only));
    let (next, faults) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(row) = rows.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let begun = std::time::Instant::now();
                    let done = catch_unwind(AssertUnwindSafe(|| row.check()));
                    println!("{:>7.2} s  {}", begun.elapsed().as_secs_f64(), row.what);
                    if let Err(panic) = done {
                        let fault = format!("== {}: {}", row.what, reason(&*panic));
                        faults.lock().unwrap().push(fault);
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(
        faults.is_empty(),
        "{} of {} rows fail:\n{}",
        faults.len(),
        rows.len(),
        faults.join("\n")
    );
}
