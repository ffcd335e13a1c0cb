//! Cards that change under the eye, that are not seen whole, or that stand beside others.

use super::*;
use crate::base::id::Work;
use crate::domain::tool::grant::Scope;
use crate::tui::panes::Purpose;

/// The card of a gate has the focus and was seen.
fn open(bench: &mut Bench, number: u32) {
    bench.press("W");
    bench.app.panes.waiting.cursor.set(fixture::gate(number));
    bench.app.focus.insert(Place::Waiting, Pane::Card);
    bench.app.news([], bench.at());
    bench.look(500);
}

#[test]
fn amounts_that_follow_what_is_spent_must_be_seen_again() {
    let mut bench = Bench::new(fixture::over_budget());
    open(&mut bench, 5);
    assert!(bench.app.is_armed(bench.at()));
    let dropped = Event::TaskDropped(fixture::task(4));
    bench.happens(dropped);
    bench.press("a");
    assert_eq!(
        bench.verdict(5),
        None,
        "the first answer is another one now"
    );
    bench.look(500);
    bench.press("a");
    assert!(matches!(bench.verdict(5), Some(Verdict::Raise(_))));
}

#[test]
fn a_command_that_is_not_seen_whole_takes_a_word() {
    let long = format!("printf {}", "x".repeat(3_000));
    let mut bench = Bench::new(fixture::commands(&[&long, "make"]));
    open(&mut bench, 5);
    bench.press("a");
    assert_eq!(bench.app.mode(), Mode::Modal, "{}", bench.said());
    bench.press("Esc");
    assert_eq!(bench.verdict(5), None);
    bench.look(500);
    bench.press("a");
    bench.write("allow");
    bench.press("Enter");
    assert_eq!(bench.verdict(5), Some(Verdict::Allow(Scope::Once)));
    open(&mut bench, 6);
    bench.press("a");
    assert_eq!(bench.verdict(6), Some(Verdict::Allow(Scope::Once)));
}

#[test]
fn a_risky_command_takes_a_word_and_is_decided_alone() {
    let mut bench = Bench::new(fixture::commands(&["rm -rf build", "rm -rf build"]));
    open(&mut bench, 5);
    bench.press("A");
    assert!(
        bench.said().contains("nothing like this"),
        "{}",
        bench.said()
    );
    bench.press("space");
    assert!(bench.said().contains("one by one"), "{}", bench.said());
    open(&mut bench, 5);
    bench.press("a");
    assert_eq!((bench.app.mode(), bench.verdict(5)), (Mode::Modal, None));
    bench.write("allow");
    bench.press("Enter");
    assert_eq!(bench.verdict(5), Some(Verdict::Allow(Scope::Once)));
    assert_eq!(bench.verdict(6), None);
}

#[test]
fn keys_in_a_stream_are_about_the_agent_that_it_shows() {
    let mut bench = Bench::new(fixture::running());
    bench.app.resize(Size::new(200, 55));
    bench.press("3");
    bench.app.stream_count = 2;
    bench.app.focus.insert(Place::Agents, Pane::Second);
    bench.app.news([], bench.at());
    let shown = |bench: &Bench, number: usize| {
        let stream = &bench.app.panes.streams[number];
        stream.work(&bench.app.known.world)
    };
    let second: Option<Work> = shown(&bench, 1);
    assert!(second.is_some() && second != shown(&bench, 0));
    bench.press("i");
    let Some(Overlay::Draft { purpose, .. }) = &bench.app.overlay else {
        panic!("no text was begun");
    };
    assert_eq!(Some(purpose.clone()), second.map(Purpose::Steer));
}

#[test]
fn one_word_confirms_a_list_and_says_how_many() {
    let mut bench = Bench::new(fixture::commands(&["make", "make"]));
    bench.app.settings.confirm_all = true;
    open(&mut bench, 5);
    bench.press("A");
    bench.look(500);
    bench.press("A");
    let Some(Overlay::Confirm { text, .. }) = &bench.app.overlay else {
        panic!("no word is asked for");
    };
    assert!(text.ends_with("2 commands are sent."), "{text}");
    assert_eq!((bench.verdict(5), bench.verdict(6)), (None, None));
    bench.write("yes");
    bench.press("Enter");
    let once = Some(Verdict::Allow(Scope::Once));
    assert_eq!((bench.verdict(5), bench.verdict(6)), (once.clone(), once));
}

#[test]
fn answers_that_come_together_each_leave_a_receipt() {
    let mut bench = Bench::new(fixture::commands(&["make", "make"]));
    open(&mut bench, 5);
    bench.press("A");
    bench.look(500);
    let effects = bench.app.input(Input::Key(Key::char('A')), bench.at());
    let ids = effects.iter().filter_map(|effect| match effect {
        Effect::Request(Request::Submit { id, .. }) => Some(id.clone()),
        _ => None,
    });
    // Both are taken before the world shows either.
    let answers: Vec<News> = ids.map(|id| News::Answered { id, refusal: None }).collect();
    assert_eq!(answers.len(), 2);
    bench.app.news(answers, bench.at());
    bench.serve(effects);
    let receipts = bench.app.said.iter().filter(|said| said.token == Token::Ok);
    let mut gates: Vec<_> = receipts.filter_map(|said| said.gate).collect();
    gates.sort();
    assert_eq!(gates, [fixture::gate(5), fixture::gate(6)]);
}

#[test]
fn a_notice_of_what_is_decided_opens_no_other_card() {
    let mut bench = Bench::new(fixture::commands(&["make", "cargo test"]));
    open(&mut bench, 5);
    bench.press("a");
    assert!(bench.verdict(5).is_some());
    bench.press("g h g n");
    assert_eq!(bench.app.place, Place::Home, "{}", bench.said());
    assert!(bench.said().contains("that is decided"), "{}", bench.said());
}

#[test]
fn the_days_budget_shows_the_days_money() {
    let mut story = fixture::running();
    let ask = crate::domain::sprint::Ask::Budget {
        scope: crate::domain::sprint::gate::BudgetScope::Day,
        asked: crate::base::money::Money::cents(50),
        left: crate::base::money::Money::cents(12),
        limit: crate::base::money::Money::dollars(90),
    };
    story.then(
        1,
        Event::GateOpened {
            gate: fixture::gate(9),
            work: Work::Task(fixture::task(3)),
            ask,
        },
    );
    let bench = Bench::new(story);
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
    crate::tui::view::view(&bench.app, &mut buffer, bench.at());
    let pulse = probe::rows(&buffer).swap_remove(1);
    assert!(
        pulse.contains("BUDGET REACHED") && pulse.contains("$89.88 of $90.00"),
        "{pulse}"
    );
}

/// A question that has no room at the end of a stream, and none on a card of 80 columns.
fn long_question(rows: usize) -> fixture::Story {
    let mut story = fixture::running();
    let question: Vec<String> = (1..=rows).map(|row| format!("line {row} of it")).collect();
    let asks = crate::domain::sprint::Ask::Question {
        attempt: fixture::attempt(3),
        step: 0,
        call: 0,
        question: question.join("\n"),
        options: vec!["yes".to_owned(), "no".to_owned()],
    };
    let opened = Event::GateOpened {
        gate: fixture::gate(9),
        work: Work::Task(fixture::task(3)),
        ask: asks,
    };
    story.decided(1, 3, Verdict::Answer("optional".to_owned()));
    story.then(1, opened);
    story
}

fn seen(bench: &Bench) -> String {
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
    crate::tui::view::view(&bench.app, &mut buffer, bench.at());
    probe::rows(&buffer).join("\n")
}

#[test]
fn a_question_that_has_no_room_is_read_before_it_is_answered() {
    let mut bench = Bench::new(long_question(40));
    bench.app.open_item(fixture::gate(9));
    bench.app.settle();
    // The end of the stream has no room for it.
    assert_eq!(
        (bench.app.place, bench.app.focused()),
        (Place::Waiting, Pane::Card)
    );
    bench.look(500);
    assert!(!seen(&bench).contains("line 40 of it"), "{}", seen(&bench));
    for keys in ["a", "c"] {
        bench.press(keys);
        assert!(
            bench.said().contains("not all of the question"),
            "{}",
            bench.said()
        );
        assert!(bench.app.overlay.is_none());
    }
    assert_eq!(bench.verdict(9), None);
    for _ in 0..8 {
        bench.press("PgDn");
    }
    assert!(seen(&bench).contains("line 40 of it"), "{}", seen(&bench));
    bench.press("a");
    assert_eq!(bench.verdict(9), Some(Verdict::Answer("yes".to_owned())));
}

#[test]
fn a_short_question_is_answered_where_it_is_asked_with_what_it_holds() {
    let mut bench = Bench::new(long_question(2));
    bench.app.open_item(fixture::gate(9));
    bench.app.settle();
    assert_eq!(bench.app.place, Place::Agents);
    assert!(seen(&bench).contains("holds 3 tasks"), "{}", seen(&bench));
    // A stream that stays with its agent shows a question in part, and then takes no answer to it.
    let mut bench = Bench::new(long_question(40));
    bench
        .app
        .panes
        .show_agent(Work::Task(fixture::task(3)), &bench.app.known.world);
    bench.press("3");
    bench.look(500);
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(9)));
    bench.press("a");
    assert_eq!(bench.verdict(9), None);
    assert!(
        bench.said().contains("not all of the question"),
        "{}",
        bench.said()
    );
}

#[test]
fn a_command_comes_with_its_risk_its_reason_and_what_was_said_before() {
    let mut bench = Bench::new(fixture::commands(&["git push --force"]));
    bench.app.open_item(fixture::gate(4));
    bench.app.settle();
    let card = seen(&bench);
    for part in [
        "TOOL  Jordan t5",
        "said before it: ",
        "I check the plan first.",
        "risk: its words tell of none",
        "holds 1 task",
        "cost so far",
    ] {
        assert!(card.contains(part), "{part} in {card}");
    }
    bench.app.open_item(fixture::gate(5));
    bench.app.settle();
    let card = seen(&bench);
    let risk = "risk: it may destroy or change rights, and may publish or change what is";
    assert!(card.contains(risk), "{card}");
}
