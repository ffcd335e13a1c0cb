//! Where the person is, for the others, and going where one of them goes. What is in view is told by what it is, and only while somebody
//! follows.

use std::time::{Duration, Instant};

use crate::base::id::{GateId, Work};
use crate::session::{Company, Guest, Presence, View, Way};
use crate::tui::action::Place;
use crate::tui::app::App;
use crate::tui::facts::people;
use crate::tui::layout::Pane;
use crate::tui::link::Request;
use crate::tui::notify::IDLE;
use crate::tui::terminal::caps::Multiplexer;
use crate::tui::theme::Token;

use super::Effect;

/// What is in view is told at most this often.
const VIEW_EVERY: Duration = Duration::from_millis(200);

/// Round trips are told in steps of so many milliseconds, so that they are told seldom.
const TRIP_STEP: u128 = 50;

/// What somebody looks at.
type Spot = (Place, Option<Work>, Option<GateId>, Option<View>);

/// Following, and being followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Following {
    /// Who is followed, by the number of their line, and where they were last.
    whom: Option<(u64, Option<Spot>)>,
    /// Others may not follow.
    is_private: bool,
    /// When the others were told last.
    told: Option<Instant>,
    /// When they are told what is in view now.
    due: Option<Instant>,
}

impl App {
    /// Tells where the person is, if that is another place than was told last.
    pub(super) fn tell_others(&mut self, at: Instant) -> Option<Effect> {
        let presence = self.presence(at);
        self.others.following.due = None;
        let told = self.told_others.as_ref();
        if told == Some(&presence) {
            return None;
        }
        let is_view_only = told.is_some_and(|told| {
            let view = told.view.clone();
            let same_view = Presence {
                view,
                ..presence.clone()
            };
            *told == same_view
        });
        let next = self.others.following.told;
        let next = next.and_then(|told| told.checked_add(VIEW_EVERY));
        if is_view_only && next.is_some_and(|next| next > at) {
            self.others.following.due = next;
            return None;
        }
        self.others.following.told = Some(at);
        self.told_others = Some(presence.clone());
        Some(Effect::Request(Request::Here(Box::new(presence))))
    }

    fn presence(&self, at: Instant) -> Presence {
        let is_idle = |key: Instant| at.saturating_duration_since(key) >= IDLE;
        let (world, panes) = (&self.known.world, &self.panes);
        let work = match self.place {
            Place::Agents => panes.streams.first().and_then(|stream| stream.work(world)),
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
        let item = item.filter(|_| self.place == Place::Waiting);
        let trip = self
            .line
            .trip
            .map(|trip| trip.as_millis() / TRIP_STEP * TRIP_STEP);
        let following = &self.others.following;
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
            item: item.map(|item| item.gate),
            way: Way {
                is_remote: self.caps.is_remote,
                is_multiplexed: self.caps.multiplexer != Multiplexer::None,
            },
            trip_ms: trip.and_then(|trip| u32::try_from(trip).ok()),
            is_private: following.is_private,
            follows: following.whom.as_ref().map(|(number, _)| *number),
            view: self.view_for_others(),
        }
    }

    /// What is in view, while somebody follows and may.
    fn view_for_others(&self) -> Option<View> {
        let company = &self.known.company;
        let follows = |guest: &Guest| guest.presence.follows == Some(company.you);
        if self.others.following.is_private || !company.guests.iter().any(follows) {
            return None;
        }
        let (panes, known) = (&self.panes, &self.known);
        match self.place {
            Place::Review => panes.review.in_view(),
            Place::Agents => {
                let (_, height) = self.stream_room(Pane::Stream);
                panes.streams.first()?.in_view(height)
            }
            Place::Log => panes.log.in_view(),
            Place::Plan => panes.plan.cursor.at.clone().map(View::Row),
            Place::Cost => panes.cost.in_view(),
            Place::Home | Place::Board | Place::Waiting | Place::Settings | Place::Conflict => None,
        }
        .filter(|_| !known.is_past() || self.place == Place::Log)
    }

    /// When an open card is no longer a claim, because no key came; or when what is in view is told.
    pub(super) fn others_due(&self, at: Instant) -> Option<Instant> {
        let told = self.told_others.as_ref();
        let claim = told
            .filter(|told| told.gate.is_some() && !told.is_idle)
            .and(self.last_key)
            .and_then(|key| key.checked_add(IDLE));
        let both = claim.into_iter().chain(self.others.following.due);
        both.filter(|end| *end > at).min()
    }

    /// Lets others follow, or not.
    pub(super) fn let_follow(&mut self, at: Instant) {
        let is_private = !self.others.following.is_private;
        self.others.following.is_private = is_private;
        let text = if is_private {
            "others do not see what you look at; F lets them follow again"
        } else {
            "others may follow you"
        };
        self.say(Token::Info, text, at);
    }

    pub(super) fn follow_person(&mut self, guest: &Guest, at: Instant) {
        let company = &self.known.company;
        let name = people::label(company, guest);
        if guest.presence.is_private {
            let text = format!("{name} lets nobody follow");
            return self.say(Token::Info, text, at);
        }
        if leads(company, guest.number, company.you) {
            let text = format!("{name} follows you: one of you goes ahead");
            return self.say(Token::Info, text, at);
        }
        self.overlay = None;
        if self.known.is_past() {
            self.come_back(at);
        }
        self.others.following.whom = Some((guest.number, None));
        self.say(
            Token::Info,
            format!("you follow {name}: any key ends it"),
            at,
        );
        self.mirror(at);
    }

    /// Who is followed, by name.
    pub fn followed(&self) -> Option<String> {
        let (number, _) = self.others.following.whom.as_ref()?;
        let company = &self.known.company;
        Some(people::label(company, company.guest(*number)?))
    }

    /// A key of one's own ends following. False: nobody is followed.
    pub(super) fn unfollow(&mut self, at: Instant) -> bool {
        let name = self.followed();
        self.others.following.whom = None;
        let Some(name) = name else {
            return false;
        };
        // What somebody else opened was not opened here: it has to be seen anew before it is decided.
        self.arming.show(None);
        self.say(Token::Info, format!("you follow {name} no longer"), at);
        true
    }

    /// Goes where the person went who is followed.
    pub(super) fn mirror(&mut self, at: Instant) {
        let Some((number, before)) = self.others.following.whom.clone() else {
            return;
        };
        let company = &self.known.company;
        let guest = company.guest(number);
        let why = match guest {
            None => Some("whom you followed is gone".to_owned()),
            Some(guest) if guest.presence.is_private => {
                let name = people::label(company, guest);
                Some(format!("{name} lets nobody follow any more"))
            }
            // Both began at once.
            Some(guest) if leads(company, number, company.you) => {
                let name = people::label(company, guest);
                Some(format!("{name} follows you: one of you goes ahead"))
            }
            Some(_) => None,
        };
        if let Some(why) = why {
            self.others.following.whom = None;
            self.arming.show(None);
            return self.say(Token::Info, why, at);
        }
        let Some(presence) = guest.map(|guest| guest.presence.clone()) else {
            return;
        };
        let Some(place) = Place::named(&presence.place) else {
            return;
        };
        let spot = (place, presence.work, presence.item, presence.view);
        if before.as_ref() == Some(&spot) {
            return;
        }
        self.others.following.whom = Some((number, Some(spot.clone())));
        self.go_to(spot);
    }

    fn go_to(&mut self, (place, work, item, view): Spot) {
        let (panes, known) = (&mut self.panes, &self.known);
        match (place, work, item) {
            (Place::Agents, Some(work), _) => panes.show_agent(work, &known.world),
            (Place::Board, Some(Work::Task(task)), _) => panes.board.show(task, known),
            (Place::Review, Some(Work::Task(task)), _) => panes.review.show(task),
            (Place::Waiting, _, Some(gate)) => panes.waiting.put(gate),
            _ => {}
        }
        match (place, view) {
            (Place::Review, Some(View::Change { top, cursor })) => panes.review.reveal(top, cursor),
            (Place::Agents, view) => {
                if let Some(stream) = panes.streams.first_mut() {
                    stream.reveal(view);
                }
            }
            (Place::Log, Some(View::Event(seq))) => panes.log.show(seq),
            (Place::Log, _) => panes.log.follow(),
            (Place::Plan, Some(View::Row(slug))) => panes.plan.cursor.set(slug),
            (Place::Cost, Some(View::Row(name))) => panes.cost.reveal(name),
            _ => {}
        }
        match place {
            Place::Waiting => self.go_waiting(Pane::Card),
            place => self.go(place),
        }
    }
}

/// Whether following `from` leads to `to`, over however many.
fn leads(company: &Company, from: u64, to: u64) -> bool {
    let next = |number: &u64| company.guest(*number)?.presence.follows;
    // A ring of others comes round without an end.
    let steps = company.guests.len();
    let mut line = std::iter::successors(next(&from), next).take(steps);
    line.any(|number| number == to)
}
