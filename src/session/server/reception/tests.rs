//! Who sits where, and what each of them may do and hears.

use super::*;
use crate::session::presence::{Spot, Way};

const NOW: Timestamp = Timestamp(1_000_000);

fn comer(name: &str) -> Comer {
    Comer {
        by: Actor::Person {
            uid: 7,
            name: name.to_owned(),
        },
        process: None,
        client: format!("{name}\u{1b}[2J's client"),
        looks_only: false,
        given: Standing::Owner,
    }
}

fn at(place: &str) -> Presence {
    Presence {
        place: place.to_owned(),
        ..Presence::default()
    }
}

/// People who are there.
async fn seats<const N: usize>(names: [&str; N]) -> [Seat; N] {
    let reception = Reception::new();
    let seats = names.map(|name| reception.seat(comer(name)).unwrap());
    for seat in &seats {
        seat.here(at("home")).await;
    }
    seats
}

fn standings(company: &Company) -> Vec<Standing> {
    let guests = company.guests.iter();
    guests.map(|guest| guest.standing).collect()
}

#[tokio::test]
async fn who_says_where_they_are_is_there_until_they_leave() {
    let reception = Reception::new();
    let looks = Comer {
        looks_only: true,
        ..comer("mira")
    };
    let (mira, status) = (
        reception.seat(looks).unwrap(),
        reception.seat(comer("mira")).unwrap(),
    );
    mira.here(at("review")).await;
    let company = status.company(0).await.unwrap();
    assert_eq!((company.you, company.guests.len()), (2, 1));
    assert_eq!(company.guests[0].presence.place, "review");
    assert_eq!(company.guests[0].standing, Standing::Viewer);
    // The same again is no news.
    mira.here(at("review")).await;
    assert_eq!(status.company(0).await.unwrap().version, company.version);
    drop(mira);
    let after = status.company(company.version).await.unwrap();
    assert!(after.guests.is_empty());
}

#[tokio::test]
async fn who_moves_too_often_waits() {
    let [mira] = seats(["mira"]).await;
    let before = Instant::now();
    for number in 0..4 {
        mira.here(at(&format!("place {number}"))).await;
    }
    let took = before.elapsed();
    assert!(took >= HERE_EVERY * 4, "{took:?}");
    let company = mira.company(0).await.unwrap();
    assert_eq!(company.guests[0].presence.place, "place 3");
}

#[tokio::test]
async fn what_is_handed_over_comes_to_one_line_only() {
    let [mira, li, tom] = seats(["mira", "li", "tom"]).await;
    let gate: GateId = "s1.g2".parse().unwrap();
    mira.hand(2, gate, NOW).unwrap();
    mira.hand(77, gate, NOW).unwrap(); // Nobody is there.
    let notes = li.company(0).await.unwrap().notes;
    let expected = Note {
        number: 1,
        line: 1,
        from: "mira".to_owned(),
        matter: Matter::Item(gate),
    };
    assert_eq!(notes, [expected]);
    assert!(tom.company(0).await.unwrap().notes.is_empty());
    for number in 0..20 {
        let now = NOW.plus_ms(number * WINDOW_MS);
        tom.hand(2, gate, now).unwrap();
    }
    let notes = li.company(0).await.unwrap().notes;
    assert_eq!((notes.len(), notes[0].number), (MOST_NOTES, 14));
}

#[tokio::test]
async fn a_note_to_all_is_clean_short_and_goes_to_the_others() {
    let [mira, li, tom] = seats(["mira", "li", "tom"]).await;
    let long = format!("\x1b[2J stop\nmerging {}", "x".repeat(500));
    mira.tell(&long, NOW).unwrap();
    for other in [&li, &tom] {
        let notes = other.company(0).await.unwrap().notes;
        let Matter::Text(text) = &notes[0].matter else {
            panic!("{notes:?}");
        };
        assert!(text.starts_with("stop") && text.chars().count() == MOST_WORDS);
        assert!(!text.contains(['\x1b', '\n']), "{text:?}");
    }
    assert!(mira.company(0).await.unwrap().notes.is_empty());
    assert!(mira.tell(" \u{1b}[0m \n", NOW).is_err());
}

#[tokio::test]
async fn one_line_does_not_flood_the_others_and_all_together_do_not_either() {
    let seats = seats(["a", "b", "c", "d", "e", "f"]).await;
    for (number, seat) in (0..).zip(&seats) {
        let told = (0..=MOST_OF_LINE).map(|_| seat.tell("hello", NOW));
        let heard = told.flatten().count();
        let room = MOST_OF_ALL.saturating_sub(number * MOST_OF_LINE);
        assert_eq!(heard, room.min(MOST_OF_LINE), "line {number}");
    }
    let later = NOW.plus_ms(WINDOW_MS);
    seats[0].tell("hello", later).unwrap();
    // A clock that was set back holds nobody up for ever.
    seats[0].tell("hello", NOW.plus_ms(-WINDOW_MS)).unwrap();
}

#[tokio::test]
async fn an_owner_changes_what_others_may_do() {
    let [mira, li] = seats(["mira", "li"]).await;
    let reception = mira.reception();
    let approver = Change::Standing(Standing::Approver);
    let party = reception.check(1, 2, approver).unwrap();
    assert_eq!(party.who.to_string(), "li");
    assert!(!party.client.contains('\u{1b}'));
    assert_eq!(li.standing(), Standing::Owner, "checked is not done");
    reception.change((1, "mira"), 2, approver);
    assert_eq!(li.standing(), Standing::Approver);
    let company = li.company(0).await.unwrap();
    assert_eq!(company.standing, Standing::Approver);
    assert_eq!(standings(&company), [Standing::Owner, Standing::Approver]);
    assert_eq!(
        company.notes[0].matter,
        Matter::Standing(Standing::Approver)
    );
    // Whoever is none gives nothing, themselves neither.
    for (to, change) in [
        (2, Change::Standing(Standing::Owner)),
        (1, Change::Standing(Standing::Viewer)),
        (1, Change::Remove),
    ] {
        let refused = reception.check(2, to, change).unwrap_err();
        assert!(matches!(refused, Refusal::Below { .. }), "{refused}");
    }
    assert_eq!(reception.who(Standing::Owner).as_deref(), Some("mira"));
    let both = reception.who(Standing::Approver);
    assert_eq!(both.as_deref(), Some("mira or li"));
    let again = reception.check(1, 2, approver).unwrap_err();
    assert_eq!(again.to_string(), "li is approver already");
}

#[tokio::test]
async fn somebody_always_owns_the_session_and_nobody_sends_themselves_away() {
    let [mira, li] = seats(["mira", "li"]).await;
    let reception = mira.reception();
    let viewer = Change::Standing(Standing::Viewer);
    reception.check(1, 1, viewer).unwrap();
    reception.change((1, "mira"), 2, viewer);
    assert_eq!(reception.check(1, 1, viewer), Err(Refusal::LastOwner));
    assert_eq!(
        reception.check(1, 1, Change::Remove),
        Err(Refusal::Yourself)
    );
    // A line on which nobody sits is no owner who stays, and nobody to be changed.
    let script = reception.seat(comer("mira")).unwrap();
    assert_eq!(reception.check(1, 1, viewer), Err(Refusal::LastOwner));
    let number = script.number();
    assert!(matches!(
        reception.check(1, number, viewer),
        Err(Refusal::Unknown(_))
    ));
    drop(li);
    assert!(matches!(
        reception.check(1, 2, viewer),
        Err(Refusal::Unknown(_))
    ));
}

#[tokio::test]
async fn who_wants_to_look_only_is_given_no_more() {
    let [mira] = seats(["mira"]).await;
    let wall = Comer {
        looks_only: true,
        ..comer("tom")
    };
    let wall = mira.reception().seat(wall).unwrap();
    wall.here(at("home")).await;
    let owner = Change::Standing(Standing::Owner);
    let refused = mira.reception().check(1, 2, owner).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "tom attached with --view: only they can change that"
    );
}

#[tokio::test]
async fn a_new_line_gives_a_process_nothing_back() {
    let own = |comer: Comer| Comer {
        process: crate::session::peer::process_of(std::process::id()),
        ..comer
    };
    let reception = Reception::new();
    let mira = reception.seat(comer("mira")).unwrap();
    mira.here(at("home")).await;
    let li = reception.seat(own(comer("li"))).unwrap();
    li.here(at("home")).await;
    reception.change((1, "mira"), 2, Change::Standing(Standing::Viewer));
    drop(li);
    let again = reception.seat(own(comer("li"))).unwrap();
    assert_eq!(again.standing(), Standing::Viewer);
    // Another process of the person is as it was.
    let other = reception.seat(comer("li")).unwrap();
    assert_eq!(other.standing(), Standing::Owner);
    // What a client says of itself can only be less.
    let modest = Comer {
        given: Standing::Approver,
        ..comer("li")
    };
    let modest = reception.seat(modest).unwrap();
    assert_eq!(modest.standing(), Standing::Approver);
    again.here(at("home")).await;
    let number = again.number();
    reception.change((1, "mira"), number, Change::Remove);
    assert_eq!(again.removed().as_deref(), Some("mira"));
    let refused = reception.seat(own(comer("li")));
    assert_eq!(refused.err().as_deref(), Some("mira"));
    assert_eq!(mira.company(0).await.unwrap().guests.len(), 1);
}

#[tokio::test]
async fn what_is_in_view_goes_to_those_who_follow_and_only_if_they_may() {
    let [mira, li, tom] = seats(["mira", "li", "tom"]).await;
    let spot = |line| Spot {
        path: format!("src/\x1b{}", "x".repeat(400)),
        line,
        is_old: false,
    };
    let shows = |is_private| Presence {
        work: Some("s1.t2".parse().unwrap()),
        item: Some("s1.g1".parse().unwrap()),
        gate: Some("s1.g1".parse().unwrap()),
        view: Some(View::Change {
            top: spot(1),
            cursor: spot(9),
        }),
        way: Way::default(),
        is_private,
        ..at("review")
    };
    let follows = Presence {
        follows: Some(1),
        ..at("review")
    };
    li.here(follows).await;
    let before = tom.company(0).await.unwrap();
    mira.here(shows(false)).await;
    let seen = |company: Company| company.guests[0].presence.clone();
    let of_li = seen(li.company(0).await.unwrap());
    let Some(View::Change { top, cursor }) = &of_li.view else {
        panic!("{of_li:?}");
    };
    assert_eq!((top.line, cursor.line), (1, 9));
    assert!(top.path.chars().count() == MOST_ANCHOR && !top.path.contains('\x1b'));
    let of_tom = tom.company(before.version).await.unwrap();
    assert_eq!(seen(of_tom.clone()).view, None);
    // Who does not follow is not told of every row.
    let scrolled = Presence {
        view: Some(View::Event(7)),
        ..shows(false)
    };
    mira.here(scrolled).await;
    let quiet = tokio::time::timeout(Duration::from_millis(50), tom.company(of_tom.version));
    assert!(quiet.await.is_err());
    assert!(li.company(of_tom.version).await.is_some());
    // Nobody is told what a private person looks at; what they are about to decide is a warning, and stays.
    mira.here(shows(true)).await;
    for other in [&li, &tom] {
        let presence = seen(other.company(0).await.unwrap());
        assert_eq!((presence.work, presence.item), (None, None));
        assert!(presence.view.is_none() && presence.gate.is_some());
    }
    assert!(seen(mira.company(0).await.unwrap()).work.is_some());
}

#[tokio::test]
async fn a_place_is_short_and_clean() {
    let [seat] = seats(["mira"]).await;
    seat.here(at(&format!("\x1b[2J{}", "x".repeat(500)))).await;
    let company = seat.company(0).await.unwrap();
    let place = &company.guests[0].presence.place;
    assert!(
        place.len() <= MOST_PLACE && !place.contains('\x1b'),
        "{place}"
    );
}
