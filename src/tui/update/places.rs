//! From place to place, one level back, and out.

use std::time::Instant;

use crate::tui::action::{Action, Place};
use crate::tui::app::{App, Overlay};
use crate::tui::layout::Pane;
use crate::tui::panes::Purpose;
use crate::tui::theme::Token;

use super::{Effect, TWICE};

impl App {
    /// To a place, with its own focus as it was left.
    pub(super) fn go(&mut self, place: Place) {
        if place != Place::Waiting {
            self.before_waiting = None;
        }
        self.place = place;
        self.is_zoomed = false;
        self.tops.clear();
    }

    /// To the waiting place, remembering where the person was before the first time.
    pub(super) fn go_waiting(&mut self, focus: Pane) {
        let before = self
            .before_waiting
            .or(Some(self.place))
            .filter(|place| *place != Place::Waiting);
        self.go(Place::Waiting);
        self.before_waiting = before;
        self.focus.insert(Place::Waiting, focus);
    }

    /// One level back: from a zoomed pane, from the waiting place to where the person was, from anywhere home.
    pub(super) fn back(&mut self) {
        match self.overlay.take() {
            // A part of a form that is not changed after all.
            Some(Overlay::Draft {
                purpose: Purpose::NewTask(_),
                ..
            }) if self.panes.board.form.is_some() => {
                self.overlay = Some(Overlay::NewTask);
                return;
            }
            Some(Overlay::Draft { purpose, text }) if !text.is_empty() => {
                self.kept = Some((purpose, text));
                return;
            }
            Some(Overlay::Filter { pane, .. }) => {
                self.clear_filter(pane);
                return;
            }
            Some(_) => return,
            None => {}
        }
        if self.clear_filter(self.narrowed()) || self.clear_marks() {
            return;
        }
        if self.is_zoomed {
            self.is_zoomed = false;
            return;
        }
        if self.place == Place::Cost && self.panes.cost.back() {
            return;
        }
        if self.is_aside() {
            self.focus.remove(&self.place);
            return;
        }
        let before = self.before_waiting.take();
        self.go(before.unwrap_or(Place::Home));
    }

    /// Takes all marks off; false if there is none.
    fn clear_marks(&mut self) -> bool {
        match self.place {
            Place::Waiting => self.panes.waiting.clear_marks(),
            Place::Board => self.panes.board.clear_marks(),
            _ => false,
        }
    }

    fn is_at_the_top(&self) -> bool {
        self.overlay.is_none() && !self.is_zoomed && !self.is_aside() && self.place == Place::Home
    }

    pub(super) fn leave_or_back(&mut self, action: Action, at: Instant) -> Vec<Effect> {
        if let (Action::Interrupt, Some(Overlay::Draft { text, .. })) = (action, &mut self.overlay)
            && !text.is_empty()
        {
            self.history.keep(&text.take());
            return Vec::new();
        }
        let is_second = self
            .leaving
            .is_some_and(|since| at.saturating_duration_since(since) < TWICE);
        if is_second {
            return vec![Effect::Leave];
        }
        if action == Action::BackOrLeave && !self.is_at_the_top() {
            self.back();
            return Vec::new();
        }
        if self.overlay.is_some() {
            self.back();
        }
        self.leaving = Some(at);
        let key = if action == Action::Interrupt {
            "C-c"
        } else {
            "q"
        };
        let drafts = self.panes.review.draft_count();
        let text = match self.panes.waiting.kept.len() {
            0 if self.kept.is_some() => {
                format!("{key} again leaves; a message that you began is lost then")
            }
            0 if drafts > 0 => {
                format!("{key} again leaves; {drafts} of your comments stay here, not sent")
            }
            0 => format!("{key} again leaves; the work goes on"),
            count => format!("{key} again leaves; {count} kept for the host are lost then"),
        };
        self.say(Token::Info, text, at);
        Vec::new()
    }
}
