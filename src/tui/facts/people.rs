//! Who is at the session, in the words of the interface.

use std::collections::BTreeMap;

use crate::base::id::GateId;
use crate::session::{Company, Guest};

use super::line;

/// Items that somebody else has open, with who it is.
pub type Claims = BTreeMap<GateId, String>;

/// What a guest is called: by name, and where several sit under one name, by the order in which they came.
pub fn label(company: &Company, guest: &Guest) -> String {
    let name = line(&guest.name);
    let same = || {
        company
            .guests
            .iter()
            .filter(|other| other.name == guest.name)
    };
    let place = same().position(|other| other.number == guest.number);
    match place {
        Some(place) if same().count() > 1 => format!("{name} {}", place + 1),
        Some(_) | None => name,
    }
}

/// The items that others have open. Somebody who pressed no key for a while has none.
pub fn claims(company: &Company) -> Claims {
    let others = company.guests.iter();
    let others = others.filter(|guest| {
        guest.number != company.you && !guest.looks_only && !guest.presence.is_idle
    });
    others
        .filter_map(|guest| Some((guest.presence.gate?, label(company, guest))))
        .collect()
}

/// What somebody is told who only looks on: who decides, by name.
pub fn who_decides(company: &Company) -> String {
    let mut names: Vec<String> = Vec::new();
    for guest in company.guests.iter().filter(|guest| !guest.looks_only) {
        let name = line(&guest.name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        // They are not told yet.
        [] if company.version == 0 => "you look on: nothing is decided here".to_owned(),
        [] => "you look on: nobody who decides is here".to_owned(),
        [one] => format!("you look on: {one} decides"),
        [first @ .., last] => format!("you look on: {} or {last} decide", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Presence;
    use crate::tui::fixture;

    #[test]
    fn who_looks_on_is_told_the_names_of_those_who_decide() {
        let told = |guests: &[(&str, bool)]| {
            let guests = guests.iter().zip(1..);
            let guests = guests.map(|((name, looks_only), number)| Guest {
                number,
                name: (*name).to_owned(),
                looks_only: *looks_only,
                presence: Presence::default(),
            });
            who_decides(&Company {
                version: 1,
                guests: guests.collect(),
                ..Company::default()
            })
        };
        let nobody = "you look on: nobody who decides is here";
        assert_eq!(told(&[("tom", true)]), nobody);
        let untold = who_decides(&Company::default());
        assert_eq!(untold, "you look on: nothing is decided here");
        let one = [("tom", true), ("mira", false), ("mira", false)];
        assert_eq!(told(&one), "you look on: mira decides");
        let two = [("mira", false), ("tom", true), ("li", false)];
        assert_eq!(told(&two), "you look on: mira or li decide");
        let three = [("mira", false), ("li", false), ("\u{1b}ana", false)];
        let said = told(&three);
        assert!(said.starts_with("you look on: mira, li or ") && !said.contains('\u{1b}'));
    }

    #[test]
    fn claims_are_those_of_others_who_are_awake() {
        let guest = |number, name: &str, gate, is_idle| Guest {
            number,
            name: name.to_owned(),
            looks_only: false,
            presence: Presence {
                gate: Some(fixture::gate(gate)),
                is_idle,
                ..Presence::default()
            },
        };
        let company = Company {
            version: 1,
            you: 1,
            notes: Vec::new(),
            guests: vec![
                guest(1, "mira", 2, false),
                guest(2, "li", 3, false),
                guest(4, "mira", 4, false),
                guest(5, "tom", 5, true),
            ],
        };
        let expected = [(3, "li"), (4, "mira 2")];
        let expected = expected.map(|(gate, who)| (fixture::gate(gate), who.to_owned()));
        assert_eq!(claims(&company), Claims::from(expected));
    }
}
