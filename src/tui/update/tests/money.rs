//! The sums of what was spent, and the log of a thing, from the keys.

use super::*;
use crate::tui::facts::task_label;

#[test]
fn the_log_of_a_task_is_a_key_away() {
    let mut bench = Bench::new(fixture::running());
    bench.press("2");
    let task = bench.app.panes.board.current(&bench.app.known);
    let label = task_label(task.map(|task| task.id).expect("a task"));
    bench.press("t");
    assert_eq!(bench.app.place, Place::Log);
    assert_eq!(bench.app.panes.log.filter.typed, format!("task:{label}"));
}

#[test]
fn what_is_behind_a_sum_is_left_before_the_place_is() {
    let mut bench = Bench::new(fixture::running());
    bench.press("6 Enter Esc");
    assert_eq!(bench.app.place, Place::Cost, "back from an agent's tasks");
    bench.press("Esc");
    assert_eq!(bench.app.place, Place::Home);
    bench.press("6");
    let key = Key::char('E');
    let copied = bench.app.input(Input::Key(key), bench.at());
    assert!(matches!(copied.as_slice(), [Effect::Copy(csv)] if csv.starts_with("agent,")));
}
