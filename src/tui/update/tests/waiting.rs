//! What waits: putting off, and one answer to all that ask the same.

use super::*;
use crate::domain::tool::grant::Scope;
use crate::tui::view::view;

#[test]
fn what_is_put_off_comes_back_by_time_and_is_kept_meanwhile() {
    let mut bench = Bench::new(fixture::running());
    bench.app.tells_focus = true; // Somebody looks, so that nothing else wakes the loop.
    bench.press("w");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(2)));
    let at = bench.at();
    let effects = bench.app.input(Input::Key(Key::char('s')), at);
    let kept = bench.app.panes.waiting.snoozes.text();
    assert!(
        effects.contains(&Effect::KeepSnoozes(kept.clone())),
        "{effects:?}"
    );
    assert!(
        bench.said().contains("DIFF t1 put off for 10 minutes"),
        "{}",
        bench.said()
    );
    // The next ones are asked, and at the end it is said what is put off.
    bench.press("w");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(3)));
    let next = bench
        .app
        .panes
        .waiting
        .next(&bench.app.known, Some(fixture::gate(4)));
    assert_eq!(next, Some(fixture::gate(3)));
    // Nothing ticks for it: the loop sleeps until the moment itself.
    bench.press("g h");
    bench.app.notices.clear();
    let minutes = |count: i64| fixture::NOW.plus_ms(count * 60_000);
    bench.app.tick(minutes(4), at);
    let wakes = bench.app.deadline(at).unwrap();
    assert_eq!(
        wakes.saturating_duration_since(at),
        Duration::from_secs(360)
    );
    bench.app.tick(minutes(10), at);
    assert_eq!(bench.app.deadline(at), None);
    let items = bench.app.panes.waiting.shown(&bench.app.known);
    assert!(items.iter().all(|item| !item.is_snoozed()));
    // Another run of the program knows it, too.
    let mut later = Bench::new(fixture::running());
    later.app.panes.waiting.snoozes = crate::tui::facts::snooze::Snoozes::read(&kept);
    later.press("w");
    assert_eq!(later.app.gate().map(|gate| gate.id), Some(fixture::gate(3)));
}

#[test]
fn at_the_end_it_is_said_who_works() {
    let mut bench = Bench::new(fixture::running());
    for _ in 0..3 {
        bench.press("w s");
    }
    bench.press("w");
    assert!(
        bench.said().contains("3 put off, nothing else"),
        "{}",
        bench.said()
    );
    let mut bench = Bench::new(fixture::approving());
    bench.app.known.world = World::default();
    bench.press("w");
    assert!(
        bench.said().contains("Nothing waits on you. 0 agents run."),
        "{}",
        bench.said()
    );
}

/// The list as it is seen, without what is around it.
fn picture(bench: &Bench) -> String {
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
    view(&bench.app, &mut buffer, bench.at());
    probe::rows(&buffer).join("\n")
}

#[test]
fn all_that_are_alike_are_listed_before_they_are_decided() {
    let story = fixture::commands(&[
        "terraform plan -out=/x",
        "terraform apply",
        "terraform plan",
    ]);
    let mut bench = Bench::new(story);
    bench.app.open_item(fixture::gate(4));
    bench.app.settle();
    bench.look(500);
    assert!(picture(&bench).contains("2 more like this: A lists them"));
    // A wide grant was chosen for this one: it is not for the others.
    bench.press("3 A");
    let seen = picture(&bench);
    for line in [
        "terraform plan -out=/tmp/p.tfplan",
        "$ terraform plan -out=/x",
        "ANSWER ALL 3",
    ] {
        assert!(seen.contains(line), "{line} in {seen}");
    }
    insta::assert_snapshot!("alike", seen);
    // Nothing is decided by a key that comes before the list could be read, nor by Enter.
    bench.press("A A Enter");
    assert_eq!(bench.verdict(4), None);
    bench.look(500);
    bench.press("A");
    for number in [4, 5, 7] {
        assert_eq!(
            bench.verdict(number),
            Some(Verdict::Allow(Scope::Once)),
            "{number}"
        );
    }
    assert_eq!(bench.verdict(6), None);
    assert!(bench.refused.is_empty(), "{:?}", bench.refused);
}

#[test]
fn a_list_that_changes_must_be_seen_again() {
    let story = fixture::commands(&["terraform plan -out=/x", "terraform plan -out=/y"]);
    let mut bench = Bench::new(story);
    bench.app.open_item(fixture::gate(4));
    bench.app.settle();
    bench.look(500);
    bench.press("A");
    bench.look(500);
    // Somebody else decides one of them: what was seen is no longer what would be decided.
    let gone = crate::domain::journal::Event::GateDecided {
        gate: fixture::gate(6),
        verdict: Verdict::Reject(String::new()),
        by: fixture::person(),
        revision: Digest::of(b""),
        client: "other".to_owned(),
        latency_ms: 0,
        effective_at: fixture::NOW,
    };
    let envelope = Envelope {
        v: VOCABULARY,
        seq: bench.host.seq + 1,
        at: fixture::NOW,
        by: fixture::person(),
        cmd: None,
        prev: Digest::of(b""),
        event: gone,
    };
    bench.host.absorb(&envelope);
    let at = bench.at();
    bench.app.news([News::Event(Box::new(envelope))], at);
    bench.press("A");
    assert_eq!(bench.verdict(4), None);
    // Esc goes back to the one card, and there is no list of one.
    bench.press("Esc");
    assert!(bench.app.overlay.is_none());
    let mut alone = Bench::new(fixture::running());
    alone.app.open_item(fixture::gate(4));
    alone.app.settle();
    alone.look(500);
    alone.press("A");
    assert!(alone.app.overlay.is_none() && alone.verdict(4).is_none());
    assert!(
        alone.said().contains("nothing like this"),
        "{}",
        alone.said()
    );
}

#[test]
fn only_what_can_be_shown_is_decided() {
    let lines: Vec<String> = (0..30)
        .map(|number| format!("terraform plan -out=/{number}"))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let mut bench = Bench::new(fixture::commands(&lines));
    bench.app.open_item(fixture::gate(4));
    bench.app.settle();
    bench.look(500);
    bench.press("A");
    assert!(picture(&bench).contains("do not fit here"));
    bench.look(500);
    bench.press("A");
    let decided = (4..35)
        .filter(|number| bench.verdict(*number).is_some())
        .count();
    assert!((10..20).contains(&decided), "{decided}");
}

/// Something waits from now on.
fn arrives(bench: &mut Bench, number: u32) {
    let ask = crate::domain::sprint::Ask::Key {
        provider: "anthropic".to_owned(),
        kind: crate::domain::llm::FailureKind::Auth,
        text: "401".to_owned(),
    };
    let work = crate::base::id::Work::Task(fixture::task(3));
    let gate = fixture::gate(number);
    bench.happens(Event::GateOpened { gate, work, ask });
}

/// Somebody else answers something.
fn goes(bench: &mut Bench, number: u32) {
    bench.happens(Event::GateDecided {
        gate: fixture::gate(number),
        verdict: Verdict::Approve,
        by: fixture::person(),
        revision: Digest::of(b""),
        client: "other".to_owned(),
        latency_ms: 0,
        effective_at: fixture::NOW,
    });
    bench.happens(Event::GateClosed(fixture::gate(number)));
}

fn listed(bench: &Bench) -> Vec<u32> {
    let items = bench.app.panes.waiting.shown(&bench.app.known);
    items.iter().map(|item| item.gate.number).collect()
}

#[test]
fn the_list_on_home_rests_while_it_has_the_focus() {
    let mut bench = Bench::new(fixture::running());
    assert_eq!(bench.app.focused(), Pane::Waiting, "nobody chose it");
    assert_eq!(listed(&bench), [2, 3, 4]);
    arrives(&mut bench, 5);
    assert_eq!(listed(&bench), [2, 3, 4, 5], "the most pressing comes last");
    assert!(
        picture(&bench).contains("WAITING ON YOU 3 +1"),
        "{}",
        picture(&bench)
    );
    bench.press("w");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(5)));
    assert_eq!(listed(&bench), [5, 2, 3, 4]);
    // Without the focus it is in order at any time.
    let mut bench = Bench::new(fixture::running());
    bench.press("Tab");
    arrives(&mut bench, 5);
    assert_eq!(listed(&bench), [5, 2, 3, 4]);
}

#[test]
fn what_slides_under_the_cursor_must_be_seen_before_it_is_acted_on() {
    let put_off = |bench: &Bench, number: u32| {
        let gate = bench.host.gate(fixture::gate(number)).unwrap();
        let snoozes = &bench.app.panes.waiting.snoozes;
        snoozes.of(gate.id, gate.revision, fixture::NOW).is_some()
    };
    let mut bench = Bench::new(fixture::running());
    bench.look(500);
    goes(&mut bench, 2);
    bench.press("s Enter");
    assert_eq!(bench.app.place, Place::Home);
    assert!(!put_off(&bench, 3));
    bench.look(500);
    bench.press("s");
    assert!(put_off(&bench, 3));
    // A key that moves the cursor says where it is.
    goes(&mut bench, 3);
    bench.press("j k s");
    assert!(put_off(&bench, 4));
}

#[test]
fn the_cap_of_a_task_holds_that_task_and_wakes_nobody() {
    use crate::base::id::Work;
    use crate::base::money::Money;
    use crate::domain::sprint::Ask;
    use crate::domain::sprint::gate::BudgetScope;
    let reached = |scope| Ask::Budget {
        scope,
        asked: Money::cents(50),
        left: Money::cents(12),
        limit: Money::dollars(1),
    };
    for (scope, held, first) in [
        (BudgetScope::Task(fixture::task(5)), 1, 2),
        (BudgetScope::Sprint, 6, 9),
    ] {
        let mut story = fixture::running();
        let opened = Event::GateOpened {
            gate: fixture::gate(9),
            work: Work::Task(fixture::task(5)),
            ask: reached(scope),
        };
        story.then(1, opened);
        let mut bench = Bench::new(story);
        let items = bench.app.panes.waiting.shown(&bench.app.known);
        let item = items.iter().find(|item| item.gate == fixture::gate(9));
        assert_eq!(item.map(|item| item.held), Some(held), "{scope:?}");
        assert_eq!(listed(&bench)[0], first, "{scope:?}");
        // What stops the team is called for at any hour, also while somebody looks.
        let effects = bench.app.news([], bench.at());
        let calls = effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Call(_)));
        let is_called = calls.count() > 0;
        assert_eq!(is_called, scope == BudgetScope::Sprint, "{effects:?}");
    }
}
