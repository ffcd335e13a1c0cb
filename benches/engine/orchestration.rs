//! Orchestration without git: 200 tasks of three model and three tool calls, from the goal to the landed branch, with a model that
//! answers at once and the journal on disk.

use std::sync::Arc;

use crate::report::row;
use crate::workshop::{Folders, play};

/// Tasks of the sprint.
const TASKS: u32 = 200;
/// Calls of a task, to models and to tools.
const CALLS: u32 = 6;

/// The rows.
pub(crate) fn run() {
    for agents in [1, 8, 32] {
        let dir = tempfile::tempdir().unwrap();
        let vcs = Arc::new(Folders::new(dir.path().to_owned()));
        let played = play(dir.path(), vcs, TASKS, agents);
        let an_hour = f64::from(TASKS) * 3_600.0 / played.wall.as_secs_f64();
        let name = format!("orchestration.agents_{agents}");
        let line = row(&name, an_hour, "tasks/h").note(format!(
            "{:.2} s, {:.1} events a task",
            played.wall.as_secs_f64(),
            played.events as f64 / f64::from(TASKS)
        ));
        let syncs = played.syncs as f64 / f64::from(TASKS * CALLS);
        let line_of_syncs = row(&format!("{name}.syncs"), syncs, "fsyncs/step");
        if agents == 8 {
            line.aim(">= 300000").print();
            line_of_syncs.aim("<= 1.2").print();
        } else {
            line.print();
            line_of_syncs.print();
        }
    }
}
