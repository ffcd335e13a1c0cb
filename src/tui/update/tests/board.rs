//! The keys of the board, and rules for commands, against a host that decides with the real rules.

use super::*;
use crate::tui::view::view;

fn painted(bench: &mut Bench) -> String {
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
    view(&bench.app, &mut buffer, bench.at());
    probe::rows(&buffer).join("\n")
}

#[test]
fn tasks_are_put_in_order_and_given_to_others() {
    let mut bench = Bench::new(fixture::running());
    bench.press("g b j +");
    let sprint = bench.host.current().unwrap();
    assert!(sprint.tasks[&4].turn < sprint.tasks[&2].turn);
    let before = sprint.tasks[&4].spec.role.clone();
    bench.press("r");
    let sprint = bench.host.current().unwrap();
    assert_ne!(sprint.tasks[&4].spec.role, before);
    // The cursor went with the task; what has begun is not touched.
    bench.press("+");
    assert!(bench.said().contains("t4: it is the first already"));
    bench.press("l r J");
    assert!(bench.said().contains("it has begun"), "{}", bench.said());
    assert_eq!(bench.refused, [""; 0]);
}

#[test]
fn a_command_is_allowed_listed_and_asked_about_again() {
    let mut bench = Bench::new(fixture::commands(&["cargo test", "git push"]));
    bench.press("g h :");
    bench.write("allow cargo");
    bench.press("Enter");
    assert!(painted(&mut bench).contains("$ cargo test"));
    bench.write("allow");
    bench.press("Enter");
    assert_eq!(bench.refused, [""; 0]);
    let rules = |bench: &Bench| bench.host.current().unwrap().rules().len();
    assert_eq!((rules(&bench), bench.app.overlay.is_none()), (1, true));
    // It stands behind the sections of the settings.
    bench.press("g s Tab G Tab");
    let seen = painted(&mut bench);
    assert!(
        seen.contains("cargo test") && seen.contains("in this sprint"),
        "{seen}"
    );
    bench.press("d");
    assert_eq!((rules(&bench), bench.refused.len()), (0, 0));
    // The command that pushes is never in the list.
    bench.press(":");
    bench.write("allow git");
    bench.press("Enter");
    assert!(bench.said().contains("too risky"), "{}", bench.said());
}
