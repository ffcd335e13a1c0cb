//! All events, oldest first, as far as they are of interest to people. The cursor stays on the newest until it is moved; in the past
//! it stands at the moment that is shown, and to move it is to travel.

use ratatui::layout::Rect;

use crate::session::View;
use crate::tui::action::Action;
use crate::tui::facts::events::Line;
use crate::tui::facts::since::Figures;
use crate::tui::facts::work_label;
use crate::tui::known::Known;
use crate::tui::layout::Pane;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::filter::{Fields, Filter};
use crate::tui::widgets::list::{List, Step};
use crate::tui::widgets::row::piece;

use super::{Intent, step};

/// What only the log knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The event under the cursor; none follows the newest.
    at: Option<u64>,
    list: List,
    /// The figures right after the event under the cursor.
    then: Option<(u64, Figures)>,
    /// What narrows the events.
    pub filter: Filter,
    /// The events that it leaves, by their places in the log; none while nothing narrows.
    left: Option<Vec<usize>>,
}

impl State {
    /// The number of the event that is looked at.
    pub fn moment(&self, known: &Known) -> u64 {
        if known.is_past() {
            known.world.seq
        } else {
            self.at.unwrap_or(known.world.seq)
        }
    }

    /// The figures right after the event that is looked at, once they are known.
    pub const fn then(&self) -> Option<(u64, Figures)> {
        self.then
    }

    /// The event under the cursor, for those who follow; none while the newest is.
    pub fn in_view(&self) -> Option<View> {
        self.at.map(View::Event)
    }

    /// Puts the cursor on an event.
    pub const fn show(&mut self, seq: u64) {
        self.at = Some(seq);
    }

    /// Follows the newest event again.
    pub const fn follow(&mut self) {
        self.at = None;
    }

    /// The row of the cursor.
    fn place(&self, known: &Known) -> usize {
        let moment = self.moment(known);
        // Numbers grow, so the row can be searched for.
        let is_until = |line: &Line| line.seq <= moment;
        let until = match &self.left {
            Some(left) => left.partition_point(|at| known.log.get(*at).is_none_or(is_until)),
            None => known.log.partition_point(is_until),
        };
        until.saturating_sub(1)
    }

    /// How many rows there are.
    fn count(&self, known: &Known) -> usize {
        self.left.as_ref().map_or(known.log.len(), Vec::len)
    }

    /// The event of a row.
    fn line<'a>(&self, known: &'a Known, row: usize) -> Option<&'a Line> {
        let place = match &self.left {
            Some(left) => *left.get(row)?,
            None => row,
        };
        known.log.get(place)
    }

    fn narrow(&mut self, known: &Known) {
        self.left = (!self.filter.is_empty()).then(|| {
            let lines = known.log.iter().enumerate();
            let fits = |line: &Line| with_fields(known, line, |row| self.filter.fits(row));
            let left = lines.filter(|(_, line)| fits(line));
            left.map(|(place, _)| place).collect()
        });
    }

    /// Acts on an action; `height` is the height of the list, `is_inspecting` whether one event has the focus.
    pub fn act(
        &mut self,
        action: Action,
        known: &Known,
        height: u16,
        is_inspecting: bool,
    ) -> Vec<Intent> {
        if action == Action::Open {
            let other = if is_inspecting {
                Pane::Log
            } else {
                Pane::Event
            };
            return vec![Intent::Focus(other)];
        }
        let Some(step) = step(action, height) else {
            return Vec::new();
        };
        self.list.selected = self.place(known);
        self.list.step(step, self.count(known));
        let line = self.line(known, self.list.selected);
        if known.is_past() {
            return line
                .map(|line| Intent::Travel(line.seq))
                .into_iter()
                .collect();
        }
        let is_last = self.list.selected + 1 >= self.count(known);
        self.at = match step {
            Step::Bottom => None,
            _ if is_last => None,
            _ => line.map(|line| line.seq),
        };
        Vec::new()
    }

    /// Keeps the cursor in view. While the log `is_shown`, the figures of its moment are kept at hand.
    pub fn settle(&mut self, known: &Known, height: u16, is_shown: bool) {
        if is_shown {
            self.narrow(known);
        }
        self.list.selected = self.place(known);
        self.list.top = self.list.window(self.count(known), usize::from(height));
        let moment = self.moment(known);
        if !is_shown || self.then.is_some_and(|(seq, _)| seq == moment) {
            return;
        }
        self.then = if known.world.seq == moment {
            Some((moment, Figures::of(&known.world)))
        } else {
            let world = known.past.world_at(moment);
            world.map(|world| (moment, Figures::of(&world)))
        };
    }

    /// The line under the cursor.
    pub fn current<'a>(&self, known: &'a Known) -> Option<&'a Line> {
        self.line(known, self.place(known))
    }
}

/// Says of an event what it can be narrowed by.
fn with_fields<T>(known: &Known, line: &Line, ask: impl FnOnce(&Fields<'_>) -> T) -> T {
    let task = line.work.map_or_else(String::new, work_label);
    let text = format!("{} {}", line.who, line.text);
    ask(&Fields {
        text: &text,
        agent: &line.who,
        kind: line.kind,
        task: &task,
        age_ms: Some(known.clock_now().since(line.at)),
        ..Fields::default()
    })
}

/// What is said where no event is left, with the name that was perhaps meant.
fn nothing(state: &State, known: &Known) -> String {
    let typed = &state.filter.typed;
    let tasks: Vec<String> = known
        .log
        .iter()
        .map(|line| line.work.map_or_else(String::new, work_label))
        .collect();
    let rows = known.log.iter().zip(&tasks).map(|(line, task)| Fields {
        agent: &line.who,
        kind: line.kind,
        task,
        ..Fields::default()
    });
    let meant = state.filter.nearest(rows);
    let meant = meant.map_or_else(String::new, |meant| format!(" Did you mean {meant}?"));
    format!(" No event matches \"{typed}\". Esc clears.{meant}")
}

/// Paints the events.
pub fn view(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let right = match known.reading() {
        _ if !state.filter.is_empty() => {
            format!(
                "/{} {} of {}",
                state.filter.typed,
                state.count(known),
                known.log.len()
            )
        }
        Some(reading) => reading,
        None if known.is_past() || state.at.is_some() => "G follows".to_owned(),
        None => "following".to_owned(),
    };
    let inside = canvas.frame(area, "EVENTS", &right, has_focus && !known.is_past());
    if known.log.is_empty() {
        canvas.row(inside, &[piece(" Nothing has happened yet.", Token::Dim)]);
        return;
    }
    if state.count(known) == 0 {
        return canvas.row(inside, &[piece(nothing(state, known), Token::Dim)]);
    }
    let selected = state.place(known);
    for (row, place) in inside.rows().zip(state.list.top..) {
        let Some(event) = state.line(known, place) else {
            break;
        };
        // What had not happened by then is there to go to, and stands back.
        let is_later = known.is_past() && place > selected;
        let token = |token| if is_later { Token::Faint } else { token };
        let pieces = [
            piece(format!(" {} ", known.clock(event.at)), token(Token::Dim)),
            piece(
                format!("{:<8} ", crate::base::text::clip(&event.who, 8)),
                token(Token::Accent),
            ),
            piece(event.text.as_str(), token(event.token)),
        ];
        canvas.row(row, &pieces);
        if place == selected && has_focus {
            canvas.cursor(row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::{known, rows};
    use super::*;
    use crate::tui::fixture;
    use crate::tui::link::News;

    #[test]
    fn the_newest_is_followed_until_the_cursor_moves() {
        let mut story = fixture::running();
        let mut known = known(fixture::running());
        let mut state = State::default();
        let newest = known.log.back().map(|line| line.seq);
        state.act(Action::Up, &known, 9, false);
        let second = state.current(&known).map(|line| line.seq);
        assert!(second < newest);
        let scope = crate::domain::journal::PauseScope::Sprint(fixture::SPRINT);
        story.then(9, crate::domain::journal::Event::Resumed { scope });
        known.take(News::Event(Box::new(story.lines.pop().unwrap())));
        assert_eq!(
            state.current(&known).map(|line| line.seq),
            second,
            "new events do not move the cursor"
        );
        state.act(Action::Bottom, &known, 9, false);
        assert!(state.current(&known).map(|line| line.seq) > newest);
        state.settle(&known, 3, true);
        let seen = rows(60, 5, |canvas, area| {
            view(&state, &known, canvas, area, true);
        });
        assert!(seen[3].contains("resumed s1"), "{seen:?}");
    }

    #[test]
    fn events_are_narrowed_and_the_nearest_name_is_said() {
        let known = known(fixture::running());
        let mut state = State::default();
        let mut seen = |typed: &str, action| {
            state.filter = Filter::read(typed);
            state.settle(&known, 9, true);
            state.act(action, &known, 9, false);
            state.settle(&known, 9, true);
            rows(76, 8, |canvas, area| {
                view(&state, &known, canvas, area, true);
            })
            .join("\n")
        };
        insta::assert_snapshot!("narrowed", seen("task:t1 kind:tool", Action::Up));
        insta::assert_snapshot!("nothing", seen("agent:markus", Action::Up));
        assert!(seen("", Action::Bottom).contains("following"));
    }

    #[test]
    fn the_figures_are_those_of_the_moment() {
        let known = known(fixture::running());
        let mut state = State::default();
        state.settle(&known, 9, true);
        let now = state.then().unwrap();
        state.act(Action::Top, &known, 9, false);
        state.settle(&known, 9, true);
        let then = state.then().unwrap();
        assert!(
            then.0 < now.0 && then.1.spent < now.1.spent,
            "{then:?} {now:?}"
        );
        assert_eq!((then.1.all, now.1.all), (0, 6));
    }
}
