//! Help: every action that can be done here with its keys, this pane's first, from the keys as they are now.

use std::time::Instant;

use crate::tui::action::{Place, Spec};
use crate::tui::app::{App, Overlay};
use crate::tui::theme::Token;
use crate::tui::widgets::composer::Composer;

use super::palette::distance;
use super::{Effect, is_decision};

/// A row of help: the keys and what they do.
pub type Row = (String, &'static Spec);

/// What can be done here: what belongs to this place, then what can be done everywhere. `typed` narrows it: every word must be
/// found in a name, a help text or the keys.
pub fn rows(app: &App, typed: &str) -> (Vec<Row>, Vec<Row>) {
    let wanted = typed.trim().to_lowercase();
    let fits = |(keys, spec): &Row| {
        let texts = format!("{} {} {}", spec.title, spec.help, spec.id).to_lowercase();
        let is_key = keys.split(' ').any(|key| key.eq_ignore_ascii_case(&wanted));
        is_key || wanted.split_whitespace().all(|word| texts.contains(word))
    };
    let listed = app.keymap.listed(app.mode_below(), app.place);
    let mut rows: Vec<Row> = listed.into_iter().filter(fits).collect();
    if !wanted.is_empty() {
        // Without a sort the order of the table stays; the closest name comes first.
        rows.sort_by_key(|(_, spec)| distance(&wanted, spec.title).unwrap_or(usize::MAX));
    }
    let is_here = |spec: &Spec| spec.places.contains(&app.place) || is_of_card(app, spec);
    rows.into_iter().partition(|(_, spec)| is_here(spec))
}

/// On a card the digits are its own.
fn is_of_card(app: &App, spec: &Spec) -> bool {
    app.place == Place::Waiting && spec.modes.len() == 1
}

impl App {
    /// Opens help.
    pub(super) fn open_help(&mut self) {
        self.overlay = Some(Overlay::Help {
            text: Composer::single_line(),
            row: 0,
            is_legend: false,
        });
    }

    /// Does the action of a row; decisions are made on their cards.
    pub(super) fn run_from_help(&mut self, typed: &str, row: usize, at: Instant) -> Vec<Effect> {
        let (here, everywhere) = rows(self, typed);
        let mut all = here.into_iter().chain(everywhere);
        let count = all.size_hint().0;
        let Some((keys, spec)) = all.nth(row.min(count.saturating_sub(1))) else {
            return Vec::new();
        };
        if is_decision(spec.action) {
            self.say(
                Token::Info,
                format!("press {keys} where the card is shown"),
                at,
            );
            return Vec::new();
        }
        self.act(spec.action, at)
    }
}
