//! `/`: lists narrow while one types; texts are searched, and `n` and `N` go from match to match.

use std::time::Instant;

use crate::tui::action::{Action, Place};
use crate::tui::app::{App, Overlay};
use crate::tui::layout::Pane;
use crate::tui::theme::Token;
use crate::tui::widgets::composer::Composer;
use crate::tui::widgets::filter::Filter;

use super::Effect;

impl App {
    /// The filter of a pane; none if it has no list and no text.
    pub fn filter_of(&self, pane: Pane) -> Option<&Filter> {
        let panes = &self.panes;
        Some(match pane {
            Pane::Waiting => &panes.waiting.filter,
            Pane::Agents => &panes.agents.filter,
            Pane::Board => &panes.board.filter,
            Pane::Settings | Pane::Sections => &panes.settings.filter,
            Pane::Stream | Pane::Second | Pane::Third | Pane::Fourth => {
                &panes.streams.get(pane.stream()?)?.search
            }
            Pane::Diff => &panes.review.search,
            Pane::Log => &panes.log.filter,
            // The others have no rows to narrow.
            _ => return None,
        })
    }

    /// The pane that is narrowed or searched from the focused one: the list or the text that it belongs to.
    pub(super) fn narrowed(&self) -> Pane {
        match self.place {
            Place::Review => Pane::Diff,
            Place::Log => Pane::Log,
            _ => self.focused(),
        }
    }

    fn set_filter(&mut self, pane: Pane, filter: Filter) {
        let panes = &mut self.panes;
        match pane {
            Pane::Waiting => panes.waiting.filter = filter,
            Pane::Agents => panes.agents.filter = filter,
            Pane::Board => panes.board.filter = filter,
            Pane::Settings | Pane::Sections => panes.settings.filter = filter,
            Pane::Stream | Pane::Second | Pane::Third | Pane::Fourth => {
                let number = pane.stream().unwrap_or_default();
                if let Some(stream) = panes.streams.get_mut(number) {
                    stream.search = filter;
                }
            }
            Pane::Diff => panes.review.search = filter,
            Pane::Log => panes.log.filter = filter,
            _ => {}
        }
    }

    /// Begins to narrow the focused pane, from what narrows it already.
    pub(super) fn begin_filter(&mut self, at: Instant) {
        let pane = self.narrowed();
        let Some(filter) = self.filter_of(pane) else {
            let text = "/ narrows waiting items, agents, tasks, events and settings; searches streams and changes";
            self.say(Token::Info, text, at);
            return;
        };
        let mut text = Composer::single_line();
        text.paste(&filter.typed);
        self.overlay = Some(Overlay::Filter { pane, text });
    }

    /// Something was typed: the list narrows at once.
    pub(super) fn narrow(&mut self) {
        if let Some(Overlay::Filter { pane, text }) = &self.overlay {
            let (pane, filter) = (*pane, Filter::read(&text.text()));
            self.set_filter(pane, filter);
        }
    }

    /// Takes away what narrows a pane; false if nothing did.
    pub(super) fn clear_filter(&mut self, pane: Pane) -> bool {
        let had = self
            .filter_of(pane)
            .is_some_and(|filter| !filter.is_empty());
        if had {
            self.set_filter(pane, Filter::default());
        }
        had
    }

    /// To the next or previous match: in a list every row is one.
    pub(super) fn search(&mut self, action: Action, at: Instant) -> Vec<Effect> {
        let is_next = action == Action::SearchNext;
        let pane = self.narrowed();
        let has_search = self
            .filter_of(pane)
            .is_some_and(|filter| !filter.is_empty());
        if !has_search {
            self.say(Token::Info, "nothing is looked for; / says what", at);
            return Vec::new();
        }
        let height = self.area(pane).height.saturating_sub(2);
        let is_found = match (pane, pane.stream()) {
            (_, Some(number)) => {
                let height = self.stream_room(pane).1;
                let stream = self.panes.streams.get_mut(number);
                stream.is_some_and(|stream| stream.find(is_next, height))
            }
            (Pane::Diff, None) => self.panes.review.find(is_next, height),
            _ => {
                let step = if is_next { Action::Down } else { Action::Up };
                return self.act(step, at);
            }
        };
        if !is_found {
            self.say(Token::Info, "no other match", at);
        }
        Vec::new()
    }
}
