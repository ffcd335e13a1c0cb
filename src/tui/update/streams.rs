//! What is done in a stream: it scrolls, shows its parts, folds and unfolds calls, and has others beside it.

use std::sync::Arc;
use std::time::Instant;

use crate::base::id::Work;
use crate::domain::journal::World;
use crate::tui::action::{Action, Place};
use crate::tui::app::{App, Panes};
use crate::tui::layout::{Class, Pane};
use crate::tui::panes::{Intent, agents, stream};
use crate::tui::theme::Token;
use crate::tui::widgets::list::Step;

impl Panes {
    /// Has the first stream show whoever does this work, and puts the cursor of the list on them.
    pub(super) fn show_agent(&mut self, work: Work, world: &World) {
        self.agents.show(work, world);
        let watched = self.agents.watched(world);
        if let Some(stream) = self.streams.first_mut() {
            stream.watch(watched);
        }
    }

    /// To the next or previous agent. The first stream follows the cursor of the list; one beside it goes on to somebody whom no
    /// other shows.
    fn turn_stream(&mut self, action: Action, number: usize, world: &World) {
        let is_next = action == Action::SiblingNext;
        if number > 0 {
            let order = self.agents.at_work(world);
            return stream::turn(&mut self.streams, number, (&order, is_next));
        }
        // The stream may still show somebody whom the cursor has lost.
        if let Some(work) = self.streams.first().and_then(|stream| stream.work(world)) {
            self.agents.seat(work, world);
        }
        let step = if is_next { Step::Down } else { Step::Up };
        self.agents.sibling(step, world);
        let watched = self.agents.watched(world);
        if let Some(stream) = self.streams.first_mut() {
            stream.watch(watched);
        }
    }
}

impl App {
    /// Acts on an action in a stream's pane.
    pub(super) fn on_stream(&mut self, action: Action, (pane, at): (Pane, Instant)) -> Vec<Intent> {
        let height = self.stream_room(pane).1;
        let is_for_agent = action == Action::Open && self.place != Place::Agents;
        let number = pane.stream().unwrap_or_default();
        if let Some(stream) = self.panes.streams.get_mut(number).filter(|_| !is_for_agent)
            && stream.act(action, height)
        {
            return Vec::new();
        }
        let world = &self.known.world;
        match action {
            Action::SiblingNext | Action::SiblingPrevious => {
                self.panes.turn_stream(action, number, world);
            }
            Action::Open if !is_for_agent => {
                self.say(Token::Info, "there is no call to unfold here", at);
            }
            // What is done is done to whom the stream shows, wherever the list's cursor is.
            _ => {
                let stream = self.panes.streams.get(number);
                return match stream.and_then(|stream| stream.work(world)) {
                    Some(work) => agents::on_work(action, &self.known, work),
                    None if number == 0 => self.panes.agents.act(action, &self.known, height),
                    None => Vec::new(),
                };
            }
        }
        Vec::new()
    }

    /// The files of all changes of the sprint, which are links where they are named.
    pub(super) fn find_files(&mut self) {
        if self.settings.linked.is_none() {
            return;
        }
        let tasks = self.known.world.current().into_iter();
        let tasks = tasks.flat_map(|sprint| sprint.tasks.values());
        let files = tasks.filter_map(|task| task.change.as_ref());
        let files = files.flat_map(|change| &change.files);
        self.files = Arc::new(files.map(|file| file.path.clone()).collect());
    }

    /// One, two or four streams beside each other.
    pub(super) fn change_streams(&mut self, action: Action, at: Instant) {
        if Class::of(self.size) < Class::L {
            self.say(Token::Info, "more than one stream needs 160 columns", at);
            return;
        }
        let is_more = action == Action::StreamMore;
        let count = match (self.stream_count, is_more) {
            (1, true) | (4, false) => 2,
            (2, true) => 4,
            (2, false) => 1,
            (count, true) => {
                return self.say(Token::Info, format!("{count} streams are the most"), at);
            }
            (_, false) => return self.say(Token::Info, "one stream stays", at),
        };
        self.stream_count = count;
    }
}
