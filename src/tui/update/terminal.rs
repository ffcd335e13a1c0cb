//! What comes from the terminal beside keys: its answers, and the mouse for those who want it. A press gives a pane the focus,
//! the wheel scrolls; neither decides.

use std::time::Instant;

use ratatui::layout::Position;

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::layout::panes_of;
use crate::tui::pace::Line;
use crate::tui::terminal::answer::Answer;
use crate::tui::terminal::caps::{Depth, Glyphs};
use crate::tui::terminal::decoder::{Mouse, MouseAct};
use crate::tui::theme::choice::Background;

use super::Effect;

/// What is said where the mouse is taken from the terminal.
pub const MOUSE: &str = "the mouse gives focus and scrolls; Shift and drag selects";

impl App {
    /// The terminal says something about itself.
    pub(super) fn told(&mut self, answer: Answer, at: Instant) -> Vec<Effect> {
        let (knew_keyboard, knew_ground) = (self.told.keyboard, self.told.background);
        let asks = self.settings.asks;
        match answer {
            Answer::Colours if asks.depth => self.set_depth(Depth::True, at),
            Answer::Scheme { is_dark } if asks.background => {
                let ground = if is_dark {
                    Background::Dark
                } else {
                    Background::Light
                };
                self.set_background(ground, at);
            }
            _ => {}
        }
        self.told.take(answer);
        if asks.width && self.told.mark_cells.is_some_and(|cells| cells > 1) {
            self.caps.glyphs = Glyphs::Ascii;
        }
        let mut effects = Vec::new();
        if let Some(colour) = self.told.background
            && knew_ground.is_none()
            && asks.background
        {
            self.set_background(Background::of(colour), at);
            // A terminal that knows its ground may know when it changes.
            effects.push(Effect::Scheme);
        }
        if self.told.keyboard && !knew_keyboard {
            effects.push(Effect::Keyboard);
        }
        effects
    }

    /// Takes what is known of the line to the terminal.
    pub fn on_line(&mut self, line: Line) -> Vec<Effect> {
        self.line = line;
        self.known.is_brief = line.is_brief;
        self.settle()
    }

    /// Takes what the mouse did. Nothing while something lies above the panes, and nothing while the mouse is the terminal's.
    pub(super) fn mouse(&mut self, mouse: Mouse, at: Instant) -> Vec<Effect> {
        if !self.has_mouse || self.overlay.is_some() {
            return Vec::new();
        }
        let layout = self.layout();
        let place = Position::new(mouse.x, mouse.y);
        let can = panes_of(self.place);
        let mut panes = layout.panes.iter().filter(|(pane, _)| can.contains(pane));
        let hit = panes.find(|(_, area)| area.contains(place));
        let Some((pane, _)) = hit else {
            return Vec::new();
        };
        match mouse.act {
            MouseAct::Press => {
                self.focus.insert(self.place, *pane);
                Vec::new()
            }
            // The wheel scrolls what has the focus: nothing else may move under the person's eyes.
            MouseAct::WheelUp if *pane == self.focused() => self.act(Action::Up, at),
            MouseAct::WheelDown if *pane == self.focused() => self.act(Action::Down, at),
            MouseAct::WheelUp | MouseAct::WheelDown => Vec::new(),
        }
    }

    /// Takes the mouse from the terminal, or gives it back.
    pub(super) fn toggle_mouse(&mut self, at: Instant) -> Vec<Effect> {
        self.has_mouse = !self.has_mouse;
        let text = if self.has_mouse {
            MOUSE
        } else {
            "the mouse is the terminal's"
        };
        self.say(crate::tui::theme::Token::Info, text, at);
        vec![Effect::Mouse(self.has_mouse)]
    }
}
