//! What one agent says and does: its replies, one line a call, and the reply that is being written.

mod call;
mod foot;
mod parts;
mod pin;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::Rect;

use crate::base::body::Body;
use crate::base::id::{AttemptId, Work};
use crate::domain::agent::Attempt;
use crate::domain::journal::World;
use crate::session::View;
use crate::tui::action::Action;
use crate::tui::facts::{role_name, work_label};
use crate::tui::highlight::{Coloured, Job, Key};
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::filter::{Fields, Filter};
use crate::tui::widgets::row::piece;
use crate::tui::widgets::viewport::Viewport;

use super::agents::Watched;
pub use call::call;
pub use foot::{asked, foot, foot_height, is_foot_cut};
pub(super) use parts::reply;
use parts::{Only, Part};
pub use pin::{pin, turn};

/// Columns from which on a title has room for everything.
const WIDE: u16 = 70;

/// Steps whose texts are fetched.
const FETCHED: usize = 40;

/// Texts that were read before: reading them again for every key would cost too much.
#[derive(Clone, Debug, Default)]
struct Read {
    /// The words of replies, by step.
    replies: Vec<Option<String>>,
    /// What stands below calls, by step and call.
    answers: BTreeMap<(usize, usize), String>,
}

/// What only the stream knows.
#[derive(Clone, Debug)]
pub struct State {
    view: Viewport,
    /// Whom it shows.
    pin: Watched,
    /// What was read so far is of this attempt.
    shown: Option<AttemptId>,
    read: Read,
    /// What begins with each block.
    begins: Vec<Option<Part>>,
    /// Which parts are shown.
    only: Only,
    /// An empty row stands before each message.
    pub is_roomy: bool,
    /// What is under the cursor.
    cursor: Option<Part>,
    /// Calls that the person has unfolded, or folded if they failed.
    turned: BTreeSet<(usize, usize)>,
    /// Rows that came while the end was not in view.
    new: usize,
    /// What is looked for.
    pub search: Filter,
    /// What somebody who is followed has at the top, until it is shown here.
    wants: Option<View>,
}

impl Default for State {
    fn default() -> Self {
        Self::numbered(0)
    }
}

impl State {
    /// The stream of this number among those that stand beside each other.
    pub fn numbered(number: usize) -> Self {
        Self {
            view: Viewport::numbered(number),
            pin: Watched::Nobody,
            shown: None,
            read: Read::default(),
            begins: Vec::new(),
            only: Only::default(),
            is_roomy: false,
            cursor: None,
            turned: BTreeSet::new(),
            new: 0,
            search: Filter::default(),
            wants: None,
        }
    }

    /// What it shows.
    fn attempt<'a>(&self, world: &'a World) -> Option<&'a Attempt> {
        match self.pin {
            Watched::Attempt(id) => world.sprints.get(&id.work.sprint())?.attempts.get(&id),
            Watched::Silent(_) | Watched::Nobody => None,
        }
    }

    /// What the agent of this stream works on.
    pub fn work(&self, world: &World) -> Option<Work> {
        self.attempt(world).map(|attempt| attempt.id.work)
    }

    /// Acts on what a window of `height` rows can do by itself; true if the action was one of those.
    pub fn act(&mut self, action: Action, height: u16) -> bool {
        let page = isize::try_from(height / 2).unwrap_or(1);
        let lines = match action {
            Action::Up => 1,
            Action::Down => -1,
            Action::PageUp => page,
            Action::PageDown => -page,
            Action::Top => isize::MAX,
            Action::Bottom => isize::MIN,
            Action::Follow => {
                self.cursor = None;
                isize::MIN
            }
            Action::PartNext => return self.go(true, height),
            Action::PartPrevious => return self.go(false, height),
            Action::Only => {
                self.only = self.only.next();
                self.cursor = None;
                isize::MIN
            }
            Action::Open => return self.turn(height),
            _ => return false,
        };
        self.view.scroll(lines, height);
        true
    }

    /// Moves the cursor to the next part or the one before; without one it begins in view.
    fn go(&mut self, is_next: bool, height: u16) -> bool {
        let parts: Vec<(usize, Part)> = self
            .begins
            .iter()
            .enumerate()
            .filter_map(|(block, part)| Some((block, (*part)?)))
            .collect();
        let at = parts
            .iter()
            .position(|(_, part)| Some(*part) == self.cursor);
        let window = self.view.window(height);
        let begin = |(block, _): &&(usize, Part)| self.view.begin(*block);
        let found = match (at, is_next) {
            (Some(at), true) => parts.get(at + 1),
            (Some(at), false) => at.checked_sub(1).and_then(|at| parts.get(at)),
            (None, true) => parts.iter().find(|part| begin(part) >= window.start),
            (None, false) => parts.iter().rfind(|part| begin(part) < window.end),
        };
        if let Some((block, part)) = found.copied() {
            self.cursor = Some(part);
            self.view.show(block, height);
        }
        true
    }

    /// Unfolds the call under the cursor, or folds it; without a cursor, the last call in view. False if there is none.
    fn turn(&mut self, height: u16) -> bool {
        let parts = self.begins.iter().enumerate();
        let window = self.view.window(height);
        let in_view = parts.filter(|(block, _)| window.contains(&self.view.begin(*block)));
        let last = || in_view.filter_map(|(_, part)| *part).rfind(Part::is_call);
        let Some(Part::Call(step, call)) = self.cursor.or_else(last) else {
            return false;
        };
        if !self.turned.remove(&(step, call)) {
            self.turned.insert((step, call));
        }
        self.read.answers.remove(&(step, call));
        self.cursor = Some(Part::Call(step, call));
        true
    }

    /// Scrolls to the next line that is looked for, or to the one before; false if there is none.
    pub fn find(&mut self, is_next: bool, height: u16) -> bool {
        let fits = |text: &str| {
            self.search.fits(&Fields {
                text,
                ..Fields::default()
            })
        };
        match self.view.find(is_next, height, fits) {
            Some(from_end) => {
                self.view.from_end = from_end;
                true
            }
            None => false,
        }
    }

    /// The part at the top of a window of `height` rows, for those who follow; none while the end is in view.
    pub fn in_view(&self, height: u16) -> Option<View> {
        let attempt = self.shown.filter(|_| self.view.from_end > 0)?;
        let top = self.view.window(height).start;
        let parts = self.begins.iter().enumerate();
        let above = parts.filter(|(block, _)| self.view.begin(*block) <= top);
        let (step, call) = match above.filter_map(|(_, part)| *part).next_back()? {
            Part::Said(step) => (step, None),
            Part::Call(step, call) => (step, Some(u32::try_from(call).ok()?)),
            Part::Live => return None,
        };
        Some(View::Message {
            attempt,
            step: u32::try_from(step).ok()?,
            call,
        })
    }

    /// Shows what somebody else has at the top, once it is here; the end where they follow the text.
    pub fn reveal(&mut self, view: Option<View>) {
        self.wants = view;
        if self.wants.is_none() {
            self.view.from_end = 0;
        }
    }

    /// Puts the part that is wanted at the top; where it is left out, the one before it.
    fn go_to_wanted(&mut self, height: u16) {
        let Some(View::Message {
            attempt,
            step,
            call,
        }) = self.wants
        else {
            return;
        };
        // Nothing is read yet, or somebody else is shown until the cursor is there.
        if self.shown != Some(attempt) || self.begins.is_empty() {
            return;
        }
        let wanted = (step, call);
        let place = |part: Part| match part {
            Part::Said(step) => (u32::try_from(step).unwrap_or(u32::MAX), None),
            Part::Call(step, call) => (
                u32::try_from(step).unwrap_or(u32::MAX),
                u32::try_from(call).ok(),
            ),
            Part::Live => (u32::MAX, None),
        };
        let parts = self.begins.iter().enumerate();
        let mut parts = parts.filter_map(|(block, part)| Some((block, place((*part)?))));
        let first = parts.next();
        let at = parts
            .take_while(|(_, place)| *place <= wanted)
            .last()
            .or(first);
        if let Some((block, _)) = at {
            self.view.top(block, height);
        }
        self.wants = None;
    }

    /// Takes in what is new, for a window of `width` × `height`.
    pub fn settle(&mut self, known: &Known, (width, height): (u16, u16)) {
        let attempt = self.attempt(&known.world);
        if self.shown != attempt.map(|attempt| attempt.id) {
            self.shown = attempt.map(|attempt| attempt.id);
            self.read = Read::default();
            self.begins.clear();
            self.cursor = None;
            self.turned.clear();
            self.new = 0;
            self.view.from_end = 0;
        }
        if let Some(attempt) = attempt {
            self.read(known, attempt);
        }
        let begun = attempt
            .map(|attempt| parts::blocks(known, attempt, (&self.read, self.only)))
            .unwrap_or_default();
        let begun = if self.is_roomy {
            parts::apart(begun)
        } else {
            begun
        };
        let (before, turned) = (self.view.count(), self.view.from_end);
        self.begins.clear();
        self.begins.extend(begun.iter().map(|(part, _)| *part));
        self.view
            .set(width, begun.into_iter().map(|(_, block)| block));
        // Whoever scrolled back keeps what they read in view.
        if turned == 0 {
            self.new = 0;
        } else {
            let grown = self.view.count().saturating_sub(before);
            self.new += grown;
            self.view.from_end += grown;
            self.view.scroll(0, height);
        }
        self.go_to_wanted(height);
    }

    /// Reads the texts that came.
    fn read(&mut self, known: &Known, attempt: &Attempt) {
        let replies = &mut self.read.replies;
        replies.resize(attempt.steps.len(), None);
        let missing = replies.iter_mut().zip(&attempt.steps);
        for (text, step) in missing.filter(|(text, _)| text.is_none()) {
            *text = parts::reply(known, &step.reply);
        }
        for (step, call, answer) in self.below(attempt) {
            if !self.read.answers.contains_key(&(step, call)) {
                let is_open = !answer.is_error || self.turned.contains(&(step, call));
                let text = parts::answer(known, answer, is_open);
                let text = text.map(|text| ((step, call), text));
                self.read.answers.extend(text);
            }
        }
    }

    /// The answers that stand below their calls: those that were unfolded, and failures.
    fn below<'a>(
        &self,
        attempt: &'a Attempt,
    ) -> Vec<(usize, usize, &'a crate::domain::agent::Answer)> {
        let mut below = Vec::new();
        for (step, known) in attempt.steps.iter().enumerate() {
            for (call, known) in known.calls.iter().enumerate() {
                let answer = known.answer.as_ref();
                let is_below = |is_error: bool| is_error || self.turned.contains(&(step, call));
                below.extend(
                    answer
                        .filter(|answer| is_below(answer.is_error))
                        .map(|answer| (step, call, answer)),
                );
            }
        }
        below
    }

    /// Code in a window of `height` rows that should be coloured.
    pub fn wanted_colours(&mut self, height: u16) -> Vec<Job> {
        self.view.wanted_colours(height)
    }

    /// Takes coloured lines in; false if they belong elsewhere.
    pub fn coloured(&mut self, coloured: &Coloured) -> bool {
        self.view.coloured(coloured)
    }

    /// Lines could not be asked for; a later frame asks again.
    pub fn uncoloured(&mut self, key: Key) {
        self.view.uncoloured(key);
    }

    /// Texts that the window shows and that lie elsewhere.
    pub fn wanted(&self, known: &Known) -> Vec<Body> {
        let Some(attempt) = self.attempt(&known.world) else {
            return Vec::new();
        };
        let steps = attempt.steps.iter().rev().take(FETCHED);
        let first = attempt.steps.len().saturating_sub(FETCHED);
        let below = self.below(attempt).into_iter();
        let is_near = |step: usize, call| step >= first || self.turned.contains(&(step, call));
        let answers = below.filter(|(step, call, _)| is_near(*step, *call));
        steps
            .map(|step| step.reply.clone())
            .chain(answers.map(|(_, _, answer)| answer.text.clone()))
            .collect()
    }
}

/// Paints the stream, with `foot` rows left free below.
pub fn view(
    (state, number): (&State, usize),
    known: &Known,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (has_focus, foot): (bool, u16),
) {
    let Some(attempt) = state.attempt(&known.world) else {
        let inside = canvas.frame(area, "LIVE", "", has_focus);
        let text = match (&state.pin, number) {
            (Watched::Silent(name), _) => format!(" {name} has not spoken yet."),
            (Watched::Attempt(_) | Watched::Nobody, 0) => {
                " Nobody has spoken yet. Agents start when a plan is approved.  5 plan".to_owned()
            }
            (Watched::Attempt(_) | Watched::Nobody, _) => " Nobody else is at work.".to_owned(),
        };
        canvas.row(inside, &[piece(text, Token::Dim)]);
        return;
    };
    let sprint = known.world.sprints.get(&attempt.id.work.sprint());
    let name = sprint.map_or_else(String::new, |sprint| role_name(sprint, &attempt.role));
    let title = format!(
        "{name} · {} · {}",
        attempt.tier.short(),
        work_label(attempt.id.work)
    );
    let context = sprint.map_or(1, |sprint| sprint.model(attempt.tier).window.max(1));
    let percent = attempt.context().saturating_mul(100) / context;
    let mut right = format!("{}ctx {percent}%  {}", state.only.word(), attempt.cost);
    if state.view.from_end > 0 {
        let below = match state.new {
            0 => format!("▼ {} below", state.view.from_end),
            new => format!("▼ {new} new"),
        };
        right = if area.width < WIDE {
            format!("{below}, f follows")
        } else {
            format!("{below}, f follows  {right}")
        };
    }
    let inside = canvas.frame(area, &title, &right, has_focus);
    let inside = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        height: inside.height.saturating_sub(foot),
        ..inside
    };
    state.view.paint(canvas.buffer, inside, canvas.theme);
    let at = state
        .begins
        .iter()
        .position(|part| part.is_some() && *part == state.cursor);
    let window = state.view.window(inside.height);
    let row = at
        .map(|block| state.view.begin(block))
        .filter(|row| window.contains(row));
    let place = row.and_then(|row| inside.rows().nth(row - window.start));
    if let Some(place) = place {
        canvas.cursor(Rect {
            x: place.x - 1,
            width: place.width + 1,
            ..place
        });
    }
}
