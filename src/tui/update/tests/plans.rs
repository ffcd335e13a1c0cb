//! Plans that are changed before they are approved, items that are decided together, and how near the end of the money is.

use super::*;

#[test]
fn a_plan_is_edited_and_approved() {
    let mut bench = Bench::new(fixture::approving());
    bench.press("w");
    assert_eq!(bench.app.place, Place::Plan);
    bench.press("J space m u U");
    bench.look(500);
    bench.press("A");
    let sprint = bench.host.current().unwrap();
    assert_eq!(sprint.plan.revision, 1, "a fault keeps the edits here");
    bench.press("space e");
    bench.press("C-u");
    bench.write("totals as integers");
    bench.press("Enter n");
    bench.write("rounding");
    bench.press("Enter $");
    bench.write("0.30");
    bench.press("Enter b");
    bench.write("read");
    bench.press("Enter");
    bench.write("write");
    bench.press("Enter");
    // Leaving keeps what is changed; what is changed is another thing to look at.
    bench.press("1 5 A");
    assert_eq!(bench.host.current().unwrap().plan.revision, 1);
    bench.look(500);
    bench.press("a");
    assert_eq!(
        bench.host.current().unwrap().tasks.len(),
        0,
        "only the capital approves a plan"
    );
    bench.press("A");
    let sprint = bench.host.current().unwrap();
    let seen: Vec<_> = sprint
        .tasks
        .values()
        .map(|task| task.spec.title.as_str())
        .collect();
    assert_eq!(sprint.plan.revision, 2, "all edits at once");
    assert_eq!(
        (seen[1], seen[6], seen[7]),
        ("totals as integers", "read", "write")
    );
    assert_eq!(
        sprint.tasks[&7].account.limit,
        Some(crate::base::money::Money::cents(15))
    );
    assert!(bench.app.panes.plan.draft.is_empty());
    assert_eq!(bench.refused, [""; 0]);
}

#[test]
fn marked_items_are_decided_together_and_only_when_each_was_seen() {
    let mut bench = Bench::new(fixture::running());
    for number in [20, 21] {
        bench.happens(Event::GateOpened {
            gate: fixture::gate(number),
            work: crate::base::id::Work::Task(fixture::task(2)),
            ask: crate::domain::sprint::Ask::Fail {
                cause: format!("cause {number}"),
                evidence: String::new(),
            },
        });
    }
    bench.press("W");
    for number in [20, 21] {
        bench.app.panes.waiting.cursor.set(fixture::gate(number));
        bench.app.focus.insert(Place::Waiting, Pane::Card);
        bench.app.news([], bench.at());
        if number == 21 {
            bench.press("space A");
            assert_eq!(bench.verdict(20), None, "A on a card that was not seen");
        }
        bench.look(500);
        bench.press("space");
    }
    bench.app.panes.waiting.cursor.set(fixture::gate(20));
    bench.app.news([], bench.at());
    let told = bench.app.panes.waiting.marks_told(&bench.app.known);
    assert_eq!(told.as_deref(), Some("2 marked · A lists them"));
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(20), None, "they are listed first");
    bench.press("A");
    assert_eq!(bench.verdict(20), None, "the list was not seen");
    bench.look(500);
    bench.press("A");
    let retry = Some(Verdict::Retry);
    assert_eq!(
        (bench.verdict(20), bench.verdict(21)),
        (retry.clone(), retry)
    );
}

#[test]
fn the_card_of_a_changed_plan_leads_to_the_plan() {
    let mut bench = Bench::new(fixture::approving());
    bench.press("5 m W Tab");
    bench.app.focus.insert(Place::Waiting, Pane::Card);
    bench.app.news([], bench.at());
    bench.look(500);
    bench.press("a");
    assert_eq!(bench.app.place, Place::Plan);
    assert_eq!(bench.host.current().unwrap().tasks.len(), 0);
}

#[test]
fn the_half_of_the_budget_is_said_once() {
    let mut bench = Bench::new(fixture::running());
    let mut limit = |cents| {
        bench.app.notices.clear();
        bench.happens(Event::BudgetChanged {
            sprint: fixture::SPRINT,
            scope: crate::domain::sprint::gate::BudgetScope::Sprint,
            limit: crate::base::money::Money::cents(cents),
        });
        let said = bench.app.notices.last();
        said.map_or_else(String::new, |notice| notice.text.clone())
    };
    assert_eq!(limit(1_000), "", "2% are no step");
    assert_eq!(limit(30), "half of the budget is spent: $0.20 of $0.30");
    assert_eq!(limit(28), "", "once is enough");
    assert_eq!(limit(21), "", "the next steps are items that wait");
}
