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

#[test]
fn a_task_is_added_with_its_price_and_taken_back() {
    let mut bench = Bench::new(fixture::running());
    let before = bench.host.current().unwrap().tasks.len();
    bench.press("g b n");
    bench.write("Round the total");
    bench.press("Enter");
    let seen = painted(&mut bench);
    assert!(
        seen.contains("NEW TASK") && seen.contains("Round the total"),
        "{seen}"
    );
    assert!(
        seen.contains("about $") && seen.contains("s1 ends at about $"),
        "{seen}"
    );
    // The fields: words, one of a few, and tasks by their labels.
    bench.press("j Enter");
    bench.write("Half to even.");
    bench.press("Enter j l j l j Enter");
    bench.press("j Enter");
    bench.write("t9");
    bench.press("Enter");
    assert!(
        bench.said().contains("no task is called t9"),
        "{}",
        bench.said()
    );
    bench.press("C-u");
    bench.write("t1, t2");
    bench.press("Enter G Enter");
    bench.write("1.50");
    // Esc leaves a field as it was; again, the form, which is there again with n.
    bench.press("Esc Esc");
    assert!(bench.app.overlay.is_none());
    bench.press("n");
    bench.press("a");
    assert_eq!(
        bench.host.current().unwrap().tasks.len(),
        before,
        "a small letter added it"
    );
    bench.press("A");
    assert_eq!(bench.refused, [""; 0]);
    let sprint = bench.host.current().unwrap();
    let task = sprint.tasks.values().last().unwrap();
    assert_eq!(task.spec.title, "Round the total");
    assert_eq!(task.spec.detail, "Half to even.");
    assert_eq!(
        (task.spec.role.as_str(), task.spec.complexity, task.spec.cap),
        ("backend", 3, None)
    );
    assert_eq!(
        (&task.needs[..], task.held_until.is_some()),
        (&[1, 2][..], true)
    );
    let id = task.id;
    let label = format!("added t{}", id.number);
    assert!(
        bench.said().contains(&label) && bench.said().contains("u takes it back"),
        "{}",
        bench.said()
    );
    assert!(
        painted(&mut bench).contains("added by"),
        "{}",
        painted(&mut bench)
    );
    bench.press("u");
    assert_eq!(
        bench.host.task(id).unwrap().status,
        crate::domain::sprint::Status::Dropped
    );
    bench.press("u");
    assert!(
        bench.said().contains("nothing of yours can be taken back"),
        "{}",
        bench.said()
    );
}

#[test]
fn why_no_task_is_added_is_said_at_once() {
    let mut bench = Bench::new(fixture::approving());
    bench.press("g b n");
    assert!(
        bench.said().contains("the plan is not approved yet"),
        "{}",
        bench.said()
    );
    assert!(bench.app.overlay.is_none());
    let mut bench = Bench::new(fixture::over_budget());
    bench.press("g b n");
    assert!(
        bench.said().contains("the budget is reached"),
        "{}",
        bench.said()
    );
    // At the plan the same key says where.
    let mut bench = Bench::new(fixture::running());
    bench.press("g p n");
    assert!(
        bench.said().contains("n adds a task to it"),
        "{}",
        bench.said()
    );
}

#[test]
fn an_answer_that_comes_before_its_event_makes_one_receipt() {
    let mut bench = Bench::new(fixture::running());
    bench.is_answered_first = true;
    bench.press("g b n");
    bench.write("More");
    bench.press("Enter A");
    assert!(
        bench.said().contains("More   u takes it back"),
        "{}",
        bench.said()
    );
    assert!(bench.app.adding.is_empty() && bench.app.panes.board.form.is_none());
}

#[test]
fn money_that_comes_to_its_end_is_answered_and_holds_nobody() {
    let mut bench = Bench::new(fixture::nearing(84));
    let item = |bench: &Bench| {
        let items = bench.app.panes.waiting.shown(&bench.app.known);
        items.iter().position(|item| item.gate == fixture::gate(5))
    };
    assert_eq!(item(&bench), Some(3), "it holds nothing and comes last");
    let gate = bench.host.gate(fixture::gate(5)).unwrap().ask.clone();
    let crate::domain::sprint::Ask::Nearing {
        scope,
        spent,
        limit,
        day,
        ..
    } = gate
    else {
        panic!("{gate:?}");
    };
    // At 90% the same item is the first.
    let ask = crate::domain::sprint::Ask::Nearing {
        scope,
        step: 90,
        spent,
        limit,
        day,
    };
    let gate = fixture::gate(5);
    bench.happens(Event::GateChanged { gate, ask });
    bench.press("g h w");
    assert_eq!(item(&bench), Some(0));
    let seen = painted(&mut bench);
    assert!(
        seen.contains("go on as it is") && seen.contains("holds nothing"),
        "{seen}"
    );
    bench.look(500);
    bench.press("a");
    assert_eq!(bench.refused, [""; 0]);
    let state = &bench.host.gate(gate).unwrap().state;
    assert!(
        matches!(
            state,
            GateState::Closed {
                verdict: Verdict::Approve,
                ..
            }
        ),
        "{state:?}"
    );
    assert_eq!(item(&bench), None);
}
