//! Others at the session.

use super::*;
use crate::domain::journal::Command;
use crate::domain::presence::Standing;
use crate::session::{Company, Guest, Matter, Note, Presence, Way};

pub(super) fn company(bench: &mut Bench, is_idle: bool) {
    let guest = |number, name: &str, gate| Guest {
        number,
        name: name.to_owned(),
        standing: Standing::Owner,
        presence: Presence {
            place: "review".to_owned(),
            gate,
            size: (120, 36),
            is_idle,
            ..Presence::default()
        },
    };
    let company = Company {
        version: 1,
        you: 1,
        standing: Standing::Owner,
        notes: Vec::new(),
        guests: vec![
            guest(1, fixture::ME, None),
            guest(2, "li", Some(fixture::gate(2))),
        ],
    };
    let at = bench.at();
    bench.app.news([News::Company(Box::new(company))], at);
}

pub(super) fn picture(bench: &Bench) -> String {
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
    crate::tui::view::view(&bench.app, &mut buffer, bench.at());
    probe::rows(&buffer).join("\n")
}

#[test]
fn what_somebody_else_has_open_is_not_next_and_still_can_be_decided() {
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    assert!(picture(&bench).contains("2 here demo"));
    bench.press("w");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(3)));
    bench.press("W");
    insta::assert_snapshot!("claimed", picture(&bench));
    // A claim warns and does not lock.
    bench.app.open_item(fixture::gate(2));
    bench.app.settle();
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
    // Who pressed no key for a while claims nothing.
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, true);
    bench.press("w");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(2)));
}

#[test]
fn the_others_are_told_once_where_the_person_is() {
    let mut bench = Bench::new(fixture::running());
    let told = |bench: &mut Bench| {
        let effects = bench.app.tick(fixture::NOW, bench.at());
        effects.into_iter().find_map(|effect| match effect {
            Effect::Request(Request::Here(presence)) => Some(*presence),
            _ => None,
        })
    };
    assert_eq!(told(&mut bench).map(|presence| presence.gate), Some(None));
    assert_eq!(told(&mut bench), None);
    bench.press("w");
    let presence = told(&mut bench).unwrap();
    assert_eq!(
        (presence.place.as_str(), presence.gate),
        ("review", Some(fixture::gate(2)))
    );
    assert!(!presence.is_idle);
    // A minute without a key ends the claim, and the loop wakes for it.
    let wakes = bench.app.deadline(bench.at()).unwrap();
    assert!(wakes.saturating_duration_since(bench.at()) <= Duration::from_secs(60));
    bench.ms += 60_000;
    assert!(told(&mut bench).is_some_and(|presence| presence.is_idle));
    bench.press("g h");
    assert!(told(&mut bench).is_some_and(|presence| presence.gate.is_none()));
}

#[test]
fn people_are_listed() {
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    bench.press("@");
    insta::assert_snapshot!("people", picture(&bench));
    bench.press("Esc");
    assert!(bench.app.overlay.is_none());
}

/// The second guest is there now, and their item or work under the cursor.
pub(super) fn li_goes(bench: &mut Bench, place: &str, work: Option<&str>, item: Option<u32>) {
    let mut company = bench.app.known.company.clone();
    company.version += 1;
    let presence = &mut company.guests[1].presence;
    presence.place = place.to_owned();
    presence.work = work.map(|work| work.parse().unwrap());
    presence.item = item.map(fixture::gate);
    bench
        .app
        .news([News::Company(Box::new(company))], bench.at());
}

#[test]
fn what_is_under_the_cursor_is_told() {
    let mut bench = Bench::new(fixture::running());
    bench.app.open_item(fixture::gate(2));
    let told = bench.app.tell_others(bench.at());
    let Some(Effect::Request(Request::Here(presence))) = told else {
        panic!("nothing is told");
    };
    let task = bench.app.known.world.gate(fixture::gate(2)).unwrap().work;
    assert_eq!(
        (presence.place.as_str(), presence.work),
        ("review", Some(task))
    );
}

#[test]
fn an_item_is_handed_over_and_told_once() {
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    bench.press("@ j h");
    assert!(bench.said().contains("li"), "{}", bench.said());
    bench.press("Esc w");
    let gate = bench.app.gate().unwrap().id;
    bench.press("@ j");
    let effects = bench.app.input(Input::Key(Key::char('h')), bench.at());
    let hand = Effect::Request(Request::Hand { to: 2, gate });
    assert!(effects.contains(&hand), "{effects:?}");
    // The other end.
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    let mut told = bench.app.known.company.clone();
    told.notes.push(Note {
        number: 1,
        line: 9,
        from: "li\u{1b}[2J".to_owned(),
        matter: Matter::Item(fixture::gate(2)),
    });
    for _ in 0..2 {
        let news = News::Company(Box::new(told.clone()));
        bench.app.news([news], bench.at());
    }
    let said = bench
        .app
        .said
        .iter()
        .filter(|said| said.text.contains("hands you DIFF t1: "));
    assert_eq!(said.count(), 1, "{}", bench.said());
    assert!(!bench.said().contains('\u{1b}'));
    bench.press("g n");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(2)));
    // A viewer hands nothing over.
    bench.app.known.looks_only = true;
    bench.press("@ j h");
    assert!(bench.said().contains("viewer: ask li (@)"));
}

/// Three are here: the person, who may do this much, li, and tom, who looks on from afar.
pub(super) fn three(bench: &mut Bench, standing: Standing) {
    company(bench, false);
    let mut company = bench.app.known.company.clone();
    company.version += 1;
    company.standing = standing;
    company.guests[0].standing = standing;
    let mut tom = company.guests[1].clone();
    (tom.number, tom.name, tom.standing) = (3, "tom".to_owned(), Standing::Viewer);
    tom.presence = Presence {
        place: "review".to_owned(),
        size: (80, 24),
        is_idle: true,
        way: Way {
            is_remote: true,
            is_multiplexed: true,
        },
        trip_ms: Some(250),
        follows: Some(1),
        ..Presence::default()
    };
    company.guests.push(tom);
    hear(bench, company);
}

pub(super) fn hear(bench: &mut Bench, company: Company) {
    let news = News::Company(Box::new(company));
    bench.app.news([news], bench.at());
}

/// The commands that a key sends.
fn sent(bench: &mut Bench, key: char) -> Vec<Command> {
    let effects = bench.app.input(Input::Key(Key::char(key)), bench.at());
    commands(effects)
}

fn commands(effects: Vec<Effect>) -> Vec<Command> {
    let commands = effects.into_iter().filter_map(|effect| match effect {
        Effect::Request(Request::Submit { command, .. }) => Some(*command),
        _ => None,
    });
    commands.collect()
}

fn set(line: u64, to: Standing) -> Command {
    let whom = None;
    Command::SetStanding { line, to, whom }
}

#[test]
fn people_are_listed_with_what_they_may_do_and_how_they_are_here() {
    for (width, height) in [(80, 24), (120, 36), (200, 55)] {
        let mut bench = Bench::new(fixture::running());
        three(&mut bench, Standing::Owner);
        bench.app.resize(ratatui::layout::Size::new(width, height));
        bench.press("@");
        let area = ratatui::layout::Rect::new(0, 0, width, height);
        let mut buffer = ratatui::buffer::Buffer::empty(area);
        crate::tui::view::view(&bench.app, &mut buffer, bench.at());
        let rows = probe::rows(&buffer);
        let from = rows.iter().position(|row| row.contains("HERE 3")).unwrap();
        let till = rows.iter().position(|row| row.contains("join: ")).unwrap();
        let hints = rows.len() - 2;
        let shown: Vec<String> = rows[from..=till + 1]
            .iter()
            .chain([&rows[hints]])
            .map(|row| row.trim_end().to_owned())
            .collect();
        insta::assert_snapshot!(format!("people_{width}"), shown.join("\n"));
    }
}

#[test]
fn an_owner_gives_roles_and_takes_them() {
    let mut bench = Bench::new(fixture::running());
    three(&mut bench, Standing::Owner);
    bench.press("@ j");
    assert_eq!(sent(&mut bench, 'r'), [set(2, Standing::Approver)]);
    assert!(matches!(bench.app.overlay, Some(Overlay::People(1))));
    bench.press("j");
    assert_eq!(sent(&mut bench, 'r'), [set(3, Standing::Owner)]);
    // Whoever would be less by their own key is asked for the word.
    bench.press("up up");
    assert_eq!(sent(&mut bench, 'r'), []);
    bench.write("approver");
    let effects = bench.app.act(Action::Send, bench.at());
    assert_eq!(commands(effects), [set(1, Standing::Approver)]);
}

#[test]
fn somebody_is_sent_away_with_a_word_and_never_oneself() {
    let mut bench = Bench::new(fixture::running());
    three(&mut bench, Standing::Owner);
    bench.press("@ k");
    assert!(bench.said().contains("that is you"), "{}", bench.said());
    bench.press("j k");
    assert!(matches!(bench.app.overlay, Some(Overlay::Confirm { .. })));
    bench.write("yes");
    let effects = bench.app.act(Action::Send, bench.at());
    assert_eq!(commands(effects), []);
    bench.press("Esc @ j k");
    bench.write("remove");
    let effects = bench.app.act(Action::Send, bench.at());
    let removed = Command::Remove {
        line: 2,
        whom: None,
    };
    assert_eq!(commands(effects), [removed]);
}

#[test]
fn an_approver_decides_and_is_told_whom_to_ask_for_the_rest() {
    let mut bench = Bench::new(fixture::running());
    three(&mut bench, Standing::Approver);
    let who = "approver: ask li (@)";
    for keys in ["@ j r", "@ j k", "g p B", "g c b"] {
        bench.app.notices.clear();
        bench.press("Esc Esc");
        bench.press(keys);
        assert_eq!(bench.said(), who, "{keys}");
        let open = &bench.app.overlay;
        assert!(matches!(open, None | Some(Overlay::People(_))), "{keys}");
    }
    bench.press("Esc");
    for line in ["budget +4", "stop"] {
        bench.app.notices.clear();
        bench.press(":");
        bench.write(line);
        bench.press("Enter");
        assert_eq!(bench.said(), who, "{line}");
        assert!(bench.app.overlay.is_none(), "{line}");
    }
    // A rule is an owner's, one call is not.
    assert!(bench.app.sent.is_empty());
    bench.app.open_item(fixture::gate(2));
    bench.app.settle();
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
}

#[test]
fn who_is_made_viewer_is_told_and_looks_on_at_once() {
    let mut bench = Bench::new(fixture::running());
    three(&mut bench, Standing::Owner);
    bench.app.open_item(fixture::gate(2));
    bench.app.settle();
    bench.look(500);
    let mut company = bench.app.known.company.clone();
    company.standing = Standing::Viewer;
    company.guests[0].standing = Standing::Viewer;
    company.notes.push(Note {
        number: 1,
        line: 2,
        from: "li".to_owned(),
        matter: Matter::Standing(Standing::Viewer),
    });
    hear(&mut bench, company.clone());
    assert!(bench.said().contains("li made you viewer"));
    assert!(picture(&bench).contains(" VIEW  "));
    bench.press("A");
    assert_eq!(bench.verdict(2), None);
    assert!(bench.said().contains("viewer: ask li (@)"));
    // And back.
    company.standing = Standing::Owner;
    company.guests[0].standing = Standing::Owner;
    hear(&mut bench, company);
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
}

#[test]
fn who_was_removed_sees_it_and_does_not_come_back_by_a_key() {
    let mut bench = Bench::new(fixture::running());
    three(&mut bench, Standing::Owner);
    let why = "li removed this terminal: aios attach in another one joins again";
    bench.app.news([News::Removed(why.to_owned())], bench.at());
    let shown = picture(&bench);
    assert!(shown.contains("li removed this terminal"), "{shown}");
    assert!(!shown.contains("retry") && !shown.contains("trying"));
    let effects = bench.app.input(Input::Key(Key::char('r')), bench.at());
    assert!(!effects.contains(&Effect::Request(Request::Again)));
    bench.app.open_item(fixture::gate(2));
    bench.app.settle();
    bench.look(500);
    bench.press("A");
    assert!(bench.app.panes.waiting.kept.is_empty());
    assert_eq!(bench.verdict(2), None);
}

#[test]
fn a_note_goes_to_all_and_is_kept() {
    let mut bench = Bench::new(fixture::running());
    bench.press("@ m");
    assert!(bench.said().contains("nobody else is here"));
    three(&mut bench, Standing::Approver);
    bench.press("@ m");
    bench.write(&"x".repeat(201));
    bench.press("Enter");
    assert!(bench.said().contains("1 too many"), "{}", bench.said());
    bench.press("Backspace");
    let effects = bench.app.act(Action::Send, bench.at());
    let tell = Effect::Request(Request::Tell("x".repeat(200)));
    assert!(effects.contains(&tell), "{effects:?}");
    assert!(bench.said().contains("told 2: x"), "{}", bench.said());
    // The other end; and what the host does not pass on is said.
    let mut company = bench.app.known.company.clone();
    company.notes.push(Note {
        number: 1,
        line: 2,
        from: "li".to_owned(),
        matter: Matter::Text("coffee\u{1b}[2J?".to_owned()),
    });
    hear(&mut bench, company);
    assert!(bench.said().contains("li: coffee"), "{}", bench.said());
    assert!(!bench.said().contains('\u{1b}'));
    assert!(bench.app.said.iter().any(|said| said.text.contains("li: ")));
    let unheard = News::Unheard("too many notes".to_owned());
    bench.app.news([unheard], bench.at());
    assert!(bench.said().contains("too many notes"));
    // Who looks only says nothing to all.
    three(&mut bench, Standing::Viewer);
    bench.press("@ m");
    assert!(bench.app.overlay.is_some() && bench.said().contains("viewer: ask li"));
    assert!(!matches!(bench.app.overlay, Some(Overlay::Draft { .. })));
}

#[test]
fn an_item_that_is_handed_over_comes_first_and_is_nobody_elses() {
    let mut bench = Bench::new(fixture::running());
    // Li still has it open.
    company(&mut bench, false);
    bench.press("w");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(3)));
    let mut company = bench.app.known.company.clone();
    company.notes.push(Note {
        number: 1,
        line: 2,
        from: "li".to_owned(),
        matter: Matter::Item(fixture::gate(2)),
    });
    hear(&mut bench, company);
    bench.press("g h w");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(2)));
    bench.press("g h W");
    assert!(picture(&bench).contains("@ li"), "{}", picture(&bench));
    // What is over is handed to nobody.
    let mut company = bench.app.known.company.clone();
    company.notes.push(Note {
        number: 2,
        line: 2,
        from: "li".to_owned(),
        matter: Matter::Item(fixture::gate(99)),
    });
    let before = bench.app.said.len();
    hear(&mut bench, company);
    assert_eq!(bench.app.said.len(), before);
}

#[test]
fn initials_stand_beside_the_rows_that_others_are_on() {
    let mut bench = Bench::new(fixture::running());
    company(&mut bench, false);
    bench.press("g b");
    let letters = |bench: &Bench| picture(bench).matches("l Marcus").count();
    assert_eq!(letters(&bench), 0);
    li_goes(&mut bench, "board", Some("s1.t2"), None);
    assert_eq!(letters(&bench), 1, "{}", picture(&bench));
    // One's own is not told.
    let mut own = bench.app.known.company.clone();
    own.guests[0].presence.work = Some("s1.t2".parse().unwrap());
    own.guests[1].presence.work = None;
    own.version += 1;
    hear(&mut bench, own);
    assert_eq!(letters(&bench), 0);
    // On the list of what waits.
    let mut waiting = bench.app.known.company.clone();
    waiting.guests[1].presence.gate = None;
    waiting.version += 1;
    hear(&mut bench, waiting);
    li_goes(&mut bench, "waiting", None, Some(3));
    bench.press("g h W");
    let shown = picture(&bench);
    let row = shown.lines().find(|row| row.contains("ASK ")).unwrap();
    assert!(row.trim_end_matches('#').trim_end().ends_with('l'), "{row}");
}
