//! The others at the session: where the person is, for them; following one of them; handing items over. Signals all: nothing is decided by
//! them, and none is in the journal.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::base::id::{GateId, Work};
use crate::session::{Guest, Presence};
use crate::tui::action::{Action, Place};
use crate::tui::app::{App, Overlay};
use crate::tui::facts::{line, people, waiting, work_label};
use crate::tui::layout::Pane;
use crate::tui::link::Request;
use crate::tui::notify::IDLE;
use crate::tui::theme::Token;

use super::Effect;

/// What somebody looks at.
type Spot = (Place, Option<Work>, Option<GateId>);

/// What there is between the person and the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// Who is followed, by the number of their line, and where they were last.
    following: Option<(u64, Option<Spot>)>,
    /// The number of the last note that was told.
    heard: u64,
    /// Items that others handed over.
    pub handed: BTreeSet<GateId>,
}

impl App {
    /// Tells where the person is, if that is another place than was told last.
    pub(super) fn tell_others(&mut self, at: Instant) -> Option<Effect> {
        let presence = self.presence(at);
        if self.told_others.as_ref() == Some(&presence) {
            return None;
        }
        self.told_others = Some(presence.clone());
        Some(Effect::Request(Request::Here(Box::new(presence))))
    }

    fn presence(&self, at: Instant) -> Presence {
        let is_idle = |key: Instant| at.saturating_duration_since(key) >= IDLE;
        let (world, panes) = (&self.known.world, &self.panes);
        let work = match self.place {
            Place::Agents => panes.agents.current(world).and_then(|agent| agent.work),
            Place::Board => panes
                .board
                .current(&self.known)
                .map(|task| Work::Task(task.id)),
            Place::Conflict => self.gate().map(|gate| gate.work),
            Place::Review => panes.review.task(world).map(|task| Work::Task(task.id)),
            Place::Home
            | Place::Plan
            | Place::Cost
            | Place::Log
            | Place::Waiting
            | Place::Settings => None,
        };
        let item = panes.waiting.current(&self.known);
        Presence {
            place: self.place.title().to_lowercase(),
            // Also while a text about it is written.
            gate: self
                .gate()
                .filter(|_| self.decides() && !self.known.is_past())
                .map(|gate| gate.id),
            size: (self.size.width, self.size.height),
            is_idle: self.last_key.is_none_or(is_idle),
            work,
            item: item
                .filter(|_| self.place == Place::Waiting)
                .map(|item| item.gate),
        }
    }

    /// When an open card is no longer a claim, because no key came.
    pub(super) fn claim_ends(&self, at: Instant) -> Option<Instant> {
        let told = self.told_others.as_ref();
        told.filter(|told| told.gate.is_some() && !told.is_idle)?;
        self.last_key?.checked_add(IDLE).filter(|end| *end > at)
    }

    /// Keys on the list of those who are there.
    pub(super) fn on_people(&mut self, action: Action, row: usize, at: Instant) -> Vec<Effect> {
        let guests = &self.known.company.guests;
        let last = guests.len().saturating_sub(1);
        let row = row.min(last);
        let (next, other) = match action {
            Action::Down => ((row + 1).min(last), None),
            Action::Up => (row.saturating_sub(1), None),
            Action::FollowPerson | Action::HandOver => (row, guests.get(row).cloned()),
            _ => (row, None),
        };
        self.overlay = Some(Overlay::People(next));
        match other {
            Some(guest) if guest.number == self.known.company.you => {
                self.say(Token::Info, "that is you: pick somebody else", at);
            }
            Some(guest) if action == Action::HandOver => return self.hand_over(&guest, at),
            Some(guest) => self.follow_person(&guest, at),
            None => {}
        }
        Vec::new()
    }

    fn follow_person(&mut self, guest: &Guest, at: Instant) {
        self.overlay = None;
        if self.known.is_past() {
            self.come_back(at);
        }
        self.others.following = Some((guest.number, None));
        let name = people::label(&self.known.company, guest);
        self.say(
            Token::Info,
            format!("you follow {name}: any key ends it"),
            at,
        );
        self.mirror(at);
    }

    /// Who is followed, by name.
    pub fn followed(&self) -> Option<String> {
        let (number, _) = self.others.following?;
        let company = &self.known.company;
        let guest = company.guests.iter().find(|guest| guest.number == number)?;
        Some(people::label(company, guest))
    }

    /// A key of one's own ends following. False: nobody is followed.
    pub(super) fn unfollow(&mut self, at: Instant) -> bool {
        let Some(name) = self.followed() else {
            self.others.following = None;
            return false;
        };
        self.others.following = None;
        // What somebody else opened was not opened here: it has to be seen anew before it is decided.
        self.arming.show(None);
        self.say(Token::Info, format!("you follow {name} no longer"), at);
        true
    }

    /// Goes where the person went who is followed.
    fn mirror(&mut self, at: Instant) {
        let Some((number, before)) = self.others.following else {
            return;
        };
        let mut guests = self.known.company.guests.iter();
        let Some(guest) = guests.find(|guest| guest.number == number) else {
            self.others.following = None;
            self.say(Token::Info, "whom you followed is gone", at);
            return;
        };
        let Presence {
            place, work, item, ..
        } = &guest.presence;
        let Some(spot) = Place::named(place).map(|place| (place, *work, *item)) else {
            return;
        };
        if before == Some(spot) {
            return;
        }
        self.others.following = Some((number, Some(spot)));
        let (panes, known) = (&mut self.panes, &self.known);
        match spot {
            (Place::Agents, Some(work), _) => panes.agents.show(work, &known.world),
            (Place::Board, Some(Work::Task(task)), _) => panes.board.show(task, known),
            (Place::Review, Some(Work::Task(task)), _) => panes.review.show(task),
            (Place::Waiting, _, Some(gate)) => panes.waiting.cursor.set(gate),
            _ => {}
        }
        match spot.0 {
            Place::Waiting => self.go_waiting(Pane::Card),
            place => self.go(place),
        }
    }

    /// Hands the item that is open, or under the cursor of the list, to somebody else.
    fn hand_over(&mut self, guest: &Guest, at: Instant) -> Vec<Effect> {
        if let Some(why) = self.barred() {
            self.say(Token::Risk, why, at);
            return Vec::new();
        }
        let listed = (self.focused() == Pane::Waiting)
            .then(|| self.panes.waiting.current(&self.known))
            .flatten();
        let open = self.gate().map(|gate| gate.id);
        let gate = open.or(listed.map(|item| item.gate));
        let Some(gate) = gate.and_then(|gate| self.known.world.gate(gate)) else {
            self.say(
                Token::Info,
                "open an item first; then @ and h hand it over",
                at,
            );
            return Vec::new();
        };
        let (id, what) = (gate.id, gate.ask.kind().word());
        let name = people::label(&self.known.company, guest);
        let text = format!("{what} {} is handed to {name}", work_label(gate.work));
        self.overlay = None;
        self.say_of(Some(id), (Token::Ok, text), at);
        let to = guest.number;
        vec![Effect::Request(Request::Hand { to, gate: id })]
    }

    /// Goes after who is followed, and tells what was handed over.
    pub(super) fn heed_others(&mut self, at: Instant) {
        self.mirror(at);
        let company = &self.known.company;
        if company.guests.is_empty() {
            self.others.heard = 0; // Another host counts anew.
        }
        let heard = self.others.heard;
        let new = company.notes.iter().filter(|note| note.number > heard);
        for note in new.cloned().collect::<Vec<_>>() {
            self.others.heard = note.number;
            let world = &self.known.world;
            let gate = world
                .gate(note.gate)
                .zip(world.sprints.get(&note.gate.sprint));
            let Some((gate, sprint)) = gate else {
                continue;
            };
            let (kind, label) = (gate.ask.kind().word(), work_label(gate.work));
            let what = waiting::text(sprint, gate);
            let text = format!("{} hands you {kind} {label}: {what}", line(&note.from));
            self.others.handed.insert(note.gate);
            self.say_of(Some(note.gate), (Token::Need, text), at);
        }
    }
}
