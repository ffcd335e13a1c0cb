//! Those who are here, by number.

use super::*;

/// Two are here, and the reader may do this much.
fn people(bench: &mut Bench, standing: Standing) -> crate::session::Company {
    let guest = |number, name: &str, standing| crate::session::Guest {
        number,
        name: name.to_owned(),
        standing,
        presence: crate::session::Presence {
            place: "review".to_owned(),
            work: Some("s1.t1".parse().unwrap()),
            ..crate::session::Presence::default()
        },
    };
    let company = crate::session::Company {
        version: 1,
        you: 4,
        standing,
        guests: vec![
            guest(4, fixture::ME, standing),
            guest(7, "li", Standing::Owner),
        ],
        notes: Vec::new(),
    };
    bench.news(News::Company(Box::new(company.clone())));
    company
}

/// What a line asks of the session.
fn asked(bench: &mut Bench, line: &str) -> Vec<Request> {
    bench.ms += 1_000;
    let at = bench.at();
    let out = bench.plain.line(line, at);
    bench.said.extend(out.lines);
    out.requests
}

#[test]
fn people_are_named_told_and_changed_by_number() {
    let mut bench = Bench::new(&fixture::running());
    people(&mut bench, Standing::Owner);
    bench.heard();
    bench.types("people");
    let me = fixture::ME;
    assert_eq!(
        bench.heard(),
        format!("person 4. {me}, you, owner, review t1.\nperson 7. li, owner, review t1.")
    );
    let role = asked(&mut bench, "people.role 7 approver");
    let set = Command::SetStanding {
        line: 7,
        to: Standing::Approver,
        whom: None,
    };
    assert!(
        matches!(&role[..], [Request::Submit { command, .. }] if **command == set),
        "{role:?}"
    );
    for wrong in ["people.role 9 viewer", "people.role 7 king", "people.note"] {
        assert_eq!(asked(&mut bench, wrong), [], "{wrong}");
    }
    assert_eq!(asked(&mut bench, "people.remove 7"), []);
    assert_eq!(asked(&mut bench, "yes"), []);
    asked(&mut bench, "people.remove 7");
    let removed = asked(&mut bench, "remove");
    assert!(matches!(&removed[..], [Request::Submit { .. }]));
    let note = asked(&mut bench, "people.note look at t1");
    assert_eq!(note, [Request::Tell("look at t1".to_owned())]);
    let gate = bench.plain.asked.unwrap().0;
    let hand = asked(&mut bench, "people.hand 7");
    assert_eq!(hand, [Request::Hand { to: 7, gate }]);
    // Who looks only, and who does not own the session, is told whom to ask.
    for (standing, line) in [
        (Standing::Viewer, "people.note hello"),
        (Standing::Viewer, "people.hand 7"),
        (Standing::Approver, "people.role 7 viewer"),
        (Standing::Approver, "people.remove 7"),
    ] {
        people(&mut bench, standing);
        bench.said.clear();
        assert_eq!(asked(&mut bench, line), [], "{line}");
        assert_eq!(bench.heard(), format!("{standing}: ask li."), "{line}");
    }
}

#[test]
fn notes_are_read_out_once_and_who_was_removed_leaves() {
    let mut bench = Bench::new(&fixture::running());
    let mut company = people(&mut bench, Standing::Owner);
    bench.heard();
    let matters = [
        crate::session::Matter::Text("coffee\u{1b}[2J".to_owned()),
        crate::session::Matter::Item(fixture::gate(2)),
        crate::session::Matter::Standing(Standing::Viewer),
    ];
    let notes = matters.into_iter().zip(1..);
    company.notes = notes
        .map(|(matter, number)| crate::session::Note {
            number,
            line: 7,
            from: "li".to_owned(),
            matter,
        })
        .collect();
    for _ in 0..2 {
        bench.news(News::Company(Box::new(company.clone())));
    }
    let heard = bench.heard();
    assert!(!heard.contains('\u{1b}'), "{heard}");
    let expected = [
        "note. li: coffee",
        "note. li hands you DIFF t1.",
        "note. li made you viewer.",
    ];
    for said in expected {
        assert_eq!(heard.matches(said).count(), 1, "{said}: {heard}");
    }
    let at = bench.at();
    let why = "li removed this terminal".to_owned();
    let out = bench.plain.news(News::Removed(why), fixture::NOW, at);
    assert!(out.leaves && out.lines[0].contains("li removed this terminal"));
}
