//! Who is at the session, in the words of the interface.

use std::collections::BTreeMap;

use crate::base::id::GateId;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::presence::Standing;
use crate::session::{Company, Guest, Note, Presence};

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

/// Who a note is from: as in the list, as long as they are there.
pub fn author(company: &Company, note: &Note) -> String {
    let guest = company.guest(note.line);
    let guest = guest.filter(|guest| guest.name == note.from);
    guest.map_or_else(|| line(&note.from), |guest| label(company, guest))
}

/// The items that others have open. Somebody who pressed no key for a while has none.
pub fn claims(company: &Company) -> Claims {
    let others = company.guests.iter();
    let others = others.filter(|guest| {
        let decides = guest.standing > Standing::Viewer;
        guest.number != company.you && decides && !guest.presence.is_idle
    });
    others
        .filter_map(|guest| Some((guest.presence.gate?, label(company, guest))))
        .collect()
}

/// Whom somebody asks for what takes a standing that is above theirs, by name.
pub fn whom_to_ask(company: &Company, has: Standing, needs: Standing) -> String {
    let mut names: Vec<String> = Vec::new();
    let others = company
        .guests
        .iter()
        .filter(|guest| guest.number != company.you);
    for guest in others.filter(|guest| guest.standing >= needs) {
        let name = line(&guest.name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        // They are not told yet.
        [] if company.version == 0 => format!("{has}: ask {}", needs.anybody()),
        [] => format!("{has}: nobody who may do that is here"),
        [one] => format!("{has}: ask {one}"),
        [first @ .., last] => format!("{has}: ask {} or {last}", first.join(", ")),
    }
}

/// The initials of the first others who are on a row of a list, at most so many.
pub fn initials(company: &Company, most: usize, is_there: impl Fn(&Presence) -> bool) -> String {
    let others = company.guests.iter();
    let others = others.filter(|guest| guest.number != company.you && is_there(&guest.presence));
    let names: Vec<String> = others.map(|guest| line(&guest.name)).collect();
    let first = names.iter().take(most);
    first
        .flat_map(|name| name.graphemes(true).take(1))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn who_may_not_do_it_is_told_whom_to_ask() {
        use Standing::{Approver, Owner, Viewer};
        let told = |has, needs, guests: &[(&str, Standing)]| {
            let guests = guests.iter().zip(1..);
            let guests = guests.map(|((name, standing), number)| Guest {
                number,
                name: (*name).to_owned(),
                standing: *standing,
                presence: Presence::default(),
            });
            let company = Company {
                version: 1,
                guests: guests.collect(),
                ..Company::default()
            };
            whom_to_ask(&company, has, needs)
        };
        let nobody = "viewer: nobody who may do that is here";
        assert_eq!(told(Viewer, Approver, &[("tom", Viewer)]), nobody);
        let untold = whom_to_ask(&Company::default(), Viewer, Approver);
        assert_eq!(untold, "viewer: ask an owner or an approver");
        let one = [("tom", Viewer), ("mira", Owner), ("mira", Owner)];
        assert_eq!(told(Viewer, Approver, &one), "viewer: ask mira");
        let two = [("mira", Owner), ("tom", Viewer), ("li", Approver)];
        assert_eq!(told(Viewer, Approver, &two), "viewer: ask mira or li");
        assert_eq!(told(Approver, Owner, &two), "approver: ask mira");
        let three = [("mira", Owner), ("li", Owner), ("\u{1b}ana", Owner)];
        let said = told(Viewer, Approver, &three);
        assert!(said.starts_with("viewer: ask mira, li or ") && !said.contains('\u{1b}'));
    }

    #[test]
    fn claims_are_those_of_others_who_are_awake() {
        let guest = |number, name: &str, gate, is_idle| Guest {
            number,
            name: name.to_owned(),
            standing: Standing::Owner,
            presence: Presence {
                gate: Some(fixture::gate(gate)),
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
