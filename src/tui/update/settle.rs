//! After every change: panes take in what is new, and what is shown but not here is asked for.

use std::time::Instant;

use crate::base::id::{Digest, GateId};
use crate::tui::action::{Action, Place};
use crate::tui::app::App;
use crate::tui::layout::{Class, Density, Pane};
use crate::tui::link::Request;
use crate::tui::panes::{card, clash, review, step, stream};

use super::Effect;

impl App {
    /// Lets panes take in what changed, and asks for texts that are shown and not here.
    pub(super) fn settle(&mut self) -> Vec<Effect> {
        self.preview();
        if self.place == Place::Conflict {
            let mode = self.mode_below();
            let shown = |action| self.keymap.shown(action, mode, Place::Conflict);
            self.panes.clash.keys = clash::Keys::of(shown);
        }
        self.arming.show(self.seen());
        let height = |pane: Pane| self.area(pane).height.saturating_sub(2);
        let heights = [
            Pane::Waiting,
            Pane::Board,
            Pane::Plan,
            Pane::Sums,
            Pane::Log,
            Pane::Settings,
        ]
        .map(height);
        let [waiting, board, plan, sums, log, settings] = heights;
        let agents = self.area(Pane::Agents);
        let agents = (
            agents.width.saturating_sub(2),
            agents.height.saturating_sub(2),
        );
        let rooms = Pane::STREAMS.map(|pane| self.stream_room(pane));
        let is_log_shown = self.place == Place::Log;
        let (diff, columns) = (self.area(Pane::Diff), self.size.width);
        let focused = self.focused();
        let is_watching =
            self.place == Place::Agents || focused == Pane::Agents || focused.stream().is_some();
        let (panes, known) = (&mut self.panes, &self.known);
        let is_listed = self.place == Place::Waiting || focused == Pane::Waiting;
        panes.waiting.settle(known, (waiting, is_listed));
        panes.agents.settle(known, agents, is_watching);
        stream::pin(
            &mut panes.streams,
            (&known.world, &panes.agents),
            focused.stream(),
        );
        panes.board.settle(known, board);
        panes.plan.settle(known, plan);
        panes.cost.settle(known, sums);
        panes.log.settle(known, log, is_log_shown);
        panes.settings.allowed.read(&known.world);
        panes.settings.settle(settings);
        // On a small terminal room is for what is said.
        let is_roomy = self.settings.density == Density::Roomy && Class::of(self.size) > Class::S;
        let mut jobs = Vec::new();
        for (state, room) in panes.streams.iter_mut().zip(rooms) {
            if room.1 > 0 {
                state.is_roomy = is_roomy;
                state.settle(known, room);
                jobs.extend(state.wanted_colours(room.1));
            }
        }
        panes.review.settle(known, diff, columns);
        panes.clash.settle(known);
        self.arming.show(self.seen());
        let mut effects = self.fetch();
        if diff.height > 0 {
            jobs.extend(self.panes.review.wanted_colours(review::rows_of(diff)));
        }
        effects.extend(jobs.into_iter().map(|job| Effect::Colour(Box::new(job))));
        let drafts = self.panes.review.unsaved_drafts();
        effects.extend(drafts.map(Effect::KeepDrafts));
        effects
    }

    /// What must be seen before it is acted on: a card, and an item that came under the list's cursor by itself.
    fn seen(&self) -> Option<(GateId, Digest)> {
        let is_listed = self.focused() == Pane::Waiting && self.overlay.is_none();
        let slid = || self.panes.waiting.slid(&self.known);
        self.decidable()
            .or_else(|| slid().filter(|_| is_listed && !self.known.is_past()))
    }

    /// Whether an action is about an item that came under the cursor by itself and was not seen for long enough.
    pub(super) fn is_unseen(&mut self, action: Action, at: Instant) -> bool {
        if step(action, 1).is_some() {
            return false;
        }
        let Some((slid, _)) = self.panes.waiting.slid(&self.known) else {
            return false;
        };
        let is_about = match self.gate() {
            Some(gate) => gate.id == slid,
            None => self.focused() == Pane::Waiting,
        };
        if !is_about {
            return false;
        }
        if self.arming.decides(at) {
            self.panes.waiting.slides(None);
            return false;
        }
        true
    }

    /// Whether the card that has the focus does not show all that it asks, and was not read to its end.
    pub(super) fn is_card_cut(&self) -> bool {
        let focused = self.focused();
        let area = self.area(focused);
        self.gate().is_some_and(|gate| match focused {
            Pane::Card => {
                let hidden = card::hidden((&self.known, gate), area);
                hidden > 0 && !self.panes.card.is_read(gate)
            }
            Pane::Stream => self
                .panes
                .streams
                .first()
                .is_some_and(|stream| stream::is_foot_cut(gate, &self.known, stream, area)),
            _ => false,
        })
    }

    /// The columns and rows that a stream has for its text.
    pub(super) fn stream_room(&self, pane: Pane) -> (u16, u16) {
        let area = self.area(pane);
        let has_foot = pane == Pane::Stream && self.place == Place::Agents;
        let stream = self.panes.streams.first().filter(|_| has_foot);
        let foot = stream.map_or(0, |stream| stream::foot_height(&self.known, stream, area));
        let height = area.height.saturating_sub(2).saturating_sub(foot);
        (area.width.saturating_sub(4), height)
    }

    fn fetch(&mut self) -> Vec<Effect> {
        let mut wanted = Vec::new();
        for (pane, stream) in Pane::STREAMS.into_iter().zip(&self.panes.streams) {
            if self.area(pane).height > 0 {
                wanted.extend(stream.wanted(&self.known));
            }
        }
        let card = self.gate().filter(|_| self.focused() == Pane::Card);
        wanted.extend(card.and_then(|gate| card::wanted(&self.known, gate)));
        if self.area(Pane::Call).height > 0 {
            let stream = self.panes.streams.get(self.called_stream());
            wanted.extend(stream.and_then(|stream| stream.wanted_call(&self.known.world)));
        }
        if self.area(Pane::Diff).height > 0 {
            wanted.extend(self.panes.review.wanted(&self.known));
        }
        if self.place == Place::Conflict {
            wanted.extend(self.panes.clash.wanted(&self.known));
        }
        let missing = self.known.want(wanted);
        let texts = missing
            .into_iter()
            .map(|digest| Effect::Request(Request::Fetch(digest)));
        let is_wanted = self.place == Place::Log || self.known.is_past();
        let past = is_wanted.then(|| self.known.want_past()).flatten();
        let past = past.map(|after| Effect::Request(Request::Past { after }));
        let settings = self.want_settings().map(Effect::Request);
        texts.chain(past).chain(settings).collect()
    }
}
