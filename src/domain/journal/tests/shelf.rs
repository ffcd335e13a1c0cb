//! A sprint is put away when the next one begins.

use crate::base::id::SprintId;
use crate::domain::journal::Command;
use crate::domain::journal::stage::Stage;

#[test]
fn the_last_sprint_stays_whole_until_the_next_begins() {
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.reach_review("s1.t1", &[1, 2]);
    stage.says(Command::Stop(SprintId(1))).unwrap();
    let whole = stage.sprint().clone();
    assert!(!whole.is_shelved && !stage.attempt("s1.t1").steps.is_empty());
    stage.start(|_| {}).unwrap();
    let shelved = stage.sprint();
    assert!(
        shelved.is_shelved
            && shelved
                .attempts
                .values()
                .all(|attempt| attempt.steps.is_empty())
    );
    assert_eq!(shelved.ledger, whole.ledger);
    assert_eq!(shelved.attempts.len(), whole.attempts.len());
    assert_eq!(shelved.gates.len(), whole.gates.len());
    let commit = |sprint: &crate::domain::sprint::Sprint| {
        sprint.tasks[&1]
            .change
            .as_ref()
            .map(|change| change.commit.clone())
    };
    assert_eq!(commit(shelved), commit(&whole));
}

#[test]
fn a_queued_sprint_puts_those_before_it_away_when_its_turn_comes() {
    let mut stage = Stage::started(|_| {});
    stage.start(|_| {}).unwrap();
    stage.start(|_| {}).unwrap();
    stage.says(Command::Stop(SprintId(2))).unwrap();
    let shelved = |stage: &Stage| {
        stage
            .world
            .sprints
            .values()
            .filter(|sprint| sprint.is_shelved)
            .count()
    };
    assert_eq!(shelved(&stage), 0);
    stage.says(Command::Stop(SprintId(1))).unwrap();
    assert_eq!(
        (stage.world.active, shelved(&stage)),
        (Some(SprintId(3)), 2)
    );
}
