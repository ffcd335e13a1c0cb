//! A conflict by lines: its places are read out and chosen by the names of the table, tested, and sent as a whole.

use std::time::Instant;

use crate::domain::sprint::{Gate, GateState};
use crate::tui::action::{Action, row};
use crate::tui::layout::Pane;
use crate::tui::link::Request;
use crate::tui::panes::{Intent, clash};

use super::{Output, Plain};

/// Said with the answers to a conflict.
pub(super) const WAYS: &str = "  or place by place: read, ours, theirs, both, proposal, next conflict, undo; run tests, approve all";

impl Plain {
    /// The conflict that is asked about, if it can be looked at.
    fn conflict(&self) -> Option<&Gate> {
        let gate = self
            .current()
            .filter(|gate| gate.state == GateState::Open)?;
        clash::asked(gate).is_some().then_some(gate)
    }

    /// Does what a name of the table means at a conflict. False: none is asked about, or it means nothing there.
    pub(super) fn at_conflict(&mut self, action: Action, at: Instant, out: &mut Output) -> bool {
        let Some(gate) = self.conflict().filter(|_| is_for_conflict(action)).cloned() else {
            return false;
        };
        // The first name is said before anything was read: then there is nothing yet to take back.
        if action == Action::Undo
            && !(self.clash.gate(&self.known.world).is_some() && self.clash.is_changed())
        {
            return false;
        }
        if !self.look_at(&gate, out) {
            return true;
        }
        if action == Action::ApproveAll && self.is_too_early(at) {
            out.lines.push(super::TOO_EARLY.to_owned());
            return true;
        }
        let walks = matches!(
            action,
            Action::PartNext | Action::PartPrevious | Action::SiblingNext | Action::SiblingPrevious
        );
        let intents = self.clash.act(action, &self.known, (Pane::Result, 0));
        let is_quiet = intents.is_empty();
        for intent in intents {
            match intent {
                Intent::Submit(command) => out.requests.push(self.submit(*command)),
                Intent::Decide {
                    gate,
                    revision,
                    verdict,
                } => self.decide((gate, revision), verdict, out),
                Intent::Say(_, text) => out.lines.push(format!("{text}.")),
                _ => out.lines.push("that needs the full screen.".to_owned()),
            }
        }
        if walks {
            out.lines.extend(self.clash.spoken(&self.known));
        } else if is_quiet {
            out.lines.extend(self.clash.chosen(&self.known));
        }
        true
    }

    /// Opens a conflict; asks for its files if they are not here, and then it is read out when they are. False: they are not here.
    pub(super) fn look_at(&mut self, gate: &Gate, out: &mut Output) -> bool {
        self.clash.keys = clash::Keys::of(|action| Some(row(action)?.title.to_owned()));
        self.clash.show(gate);
        self.clash.settle(&self.known);
        let missing = self.clash.wanted(&self.known);
        let is_here = missing.is_none();
        if !is_here {
            self.reading = Some(gate.id);
            let missing = self.known.want(missing);
            out.requests.extend(missing.into_iter().map(Request::Fetch));
        }
        is_here
    }
}

/// Whether an action is about a conflict while one is asked about.
const fn is_for_conflict(action: Action) -> bool {
    matches!(
        action,
        Action::ClashOurs
            | Action::ClashTheirs
            | Action::ClashBoth
            | Action::ClashTurned
            | Action::ClashProposal
            | Action::ClashTest
            | Action::ClashEdit
            | Action::ClashAgent
            | Action::ApproveAll
            | Action::Undo
            | Action::Redo
            | Action::PartNext
            | Action::PartPrevious
            | Action::SiblingNext
            | Action::SiblingPrevious
    )
}
