//! The list of what waits. Its order rests while the person looks at it; new items come at its end until `w` sorts it again.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::layout::Rect;

use crate::base::id::{CommandId, Digest, GateId};
use crate::base::text::wrap;
use crate::base::time::{self, Timestamp};
use crate::domain::journal::Command;
use crate::domain::sprint::{Ask, Gate, GateState, Verdict};
use crate::domain::tool::grant::Scope;
use crate::domain::tool::risk;
use crate::tui::action::Action;
use crate::tui::facts::next::nothing_waits;
use crate::tui::facts::people::{self, Claims};
use crate::tui::facts::snooze::{Back, Snoozes};
use crate::tui::facts::waiting::{Hands, Item, items};
use crate::tui::facts::{mark, mark_token, work_label};
use crate::tui::known::{Connection, Known};
use crate::tui::layout::Pane;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::filter::{Fields, Filter};
use crate::tui::widgets::list::{Cursor, Step};
use crate::tui::widgets::row::{Piece, piece, plain};
use crate::tui::widgets::table::{Column, Side, Table, Width};

use super::{Intent, Purpose, narrowed, nothing_fits, step};

/// A decision that waits for the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// On which gate.
    pub gate: GateId,
    /// The name that it was given.
    pub id: CommandId,
    /// What is asked.
    pub command: Box<Command>,
    /// In words.
    pub text: String,
    /// It was sent once, and may have arrived.
    pub is_sent: bool,
}

/// What only the list knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The item under the cursor.
    pub cursor: Cursor<GateId>,
    /// What narrows the list; it hides nothing from `w` and from what is counted.
    pub filter: Filter,
    /// The order in which items were when they were last sorted.
    order: Vec<GateId>,
    /// The item that came under the cursor by itself, because the one that was there is gone.
    slid: Option<GateId>,
    /// Items that were put off.
    pub snoozes: Snoozes,
    /// Items that others handed to the person, with who it was.
    pub handed: Claims,
    /// Decisions that were made while the host was lost, in their order.
    pub kept: Vec<Kept>,
    /// Items that are decided together, with the revision whose card was seen when they were marked.
    marked: BTreeMap<GateId, Digest>,
}

/// The yes that items of a kind have in common: what a person who read each of them would answer without choosing.
fn common(ask: &Ask) -> Option<Verdict> {
    match ask {
        Ask::Tool { command, .. } if risk::is_high(command) => None,
        Ask::Tool { .. } => Some(Verdict::Allow(Scope::Once)),
        Ask::Conflict { .. } | Ask::Fail { .. } | Ask::Key { .. } => Some(Verdict::Retry),
        Ask::Hand { .. } => Some(Verdict::Approve),
        Ask::Plan { .. }
        | Ask::Question { .. }
        | Ask::Diff { .. }
        | Ask::Merge { .. }
        | Ask::Nearing { .. }
        | Ask::Budget { .. } => None,
    }
}

impl State {
    fn items(&self, known: &Known) -> Vec<Item> {
        let hands = Hands {
            claimed: people::claims(&known.company),
            handed: self.handed.clone(),
        };
        items(&known.world, (&self.snoozes, &hands), known.now)
    }

    /// The items in the order that is shown.
    pub fn shown(&self, known: &Known) -> Vec<Item> {
        let mut items = self.items(known);
        let place = |item: &Item| self.order.iter().position(|gate| *gate == item.gate);
        items.sort_by_key(|item| place(item).unwrap_or(usize::MAX));
        items
    }

    /// The items that what narrows the list leaves.
    fn listed(&self, known: &Known) -> Vec<Item> {
        let mut items = self.shown(known);
        if !self.filter.is_empty() {
            items.retain(|item| {
                let text = format!(
                    "{} {} {} {}",
                    item.kind.word(),
                    item.label,
                    item.who,
                    item.text
                );
                self.filter.fits(&Fields {
                    text: &text,
                    agent: &item.who,
                    kind: item.kind.word(),
                    age_ms: Some(item.age_ms),
                    ..Fields::default()
                })
            });
        }
        items
    }

    /// Sorts the list again.
    pub fn sort(&mut self, known: &Known) {
        let sorted = self.items(known);
        self.order = sorted.iter().map(|item| item.gate).collect();
    }

    /// The decision on a gate that waits for the host.
    fn kept_of(&self, gate: GateId) -> Option<&Kept> {
        self.kept.iter().find(|kept| kept.gate == gate)
    }

    /// How many items came since the list was sorted.
    fn fresh(&self, known: &Known) -> usize {
        let items = self.shown(known);
        let is_fresh = |item: &&Item| !item.is_snoozed() && !self.order.contains(&item.gate);
        if self.order.is_empty() {
            return 0;
        }
        items.iter().filter(is_fresh).count()
    }

    /// The next item worth a look: behind the one under the cursor if it is still open, else the first. Put-off items never are.
    pub fn next(&self, known: &Known, skips: Option<GateId>) -> Option<GateId> {
        let items = self.shown(known);
        let candidates: Vec<GateId> = items
            .iter()
            .filter(|item| !item.is_snoozed() && self.kept_of(item.gate).is_none())
            .filter(|item| item.claimed.is_none())
            .map(|item| item.gate)
            .collect();
        let behind = skips.and_then(|skipped| candidates.iter().position(|gate| *gate == skipped));
        match behind {
            Some(place) => candidates
                .get((place + 1) % candidates.len().max(1))
                .copied(),
            None => candidates.first().copied(),
        }
    }

    /// The item under the cursor.
    pub fn current(&self, known: &Known) -> Option<Item> {
        let items = self.listed(known);
        let place = self.cursor.place(&gates(&items));
        items.into_iter().nth(place)
    }

    /// Puts the item of a gate off, longer each time, and at last takes that back.
    pub fn snooze(&mut self, gate: &Gate, known: &Known) -> Vec<Intent> {
        let back = self.snoozes.again(gate.id, gate.revision, known.now);
        let text = match back {
            Some(Back::Soon(_)) => "put off for 10 minutes; s again: an hour",
            Some(Back::Later(_)) => "put off for an hour; s again: until it changes",
            Some(Back::Changed) => "put off until it changes; s takes it back",
            None => "waits again",
        };
        let is_open = |id: GateId| {
            known
                .world
                .gate(id)
                .is_some_and(|gate| gate.state.is_open())
        };
        self.snoozes.retain(is_open);
        let word = gate.ask.kind().word();
        let text = format!("{word} {} {text}", work_label(gate.work));
        vec![Intent::Say(Token::Info, text), Intent::KeepSnoozes]
    }

    /// The marked items that are still as they were seen.
    fn marked<'a>(&self, known: &'a Known) -> Vec<&'a Gate> {
        let gates = self.marked.iter().filter_map(|(id, seen)| {
            let gate = known.world.gate(*id)?;
            (gate.revision == *seen && gate.state == GateState::Open).then_some(gate)
        });
        gates.collect()
    }

    /// Whether an item is marked.
    pub fn has_marks(&self, known: &Known) -> bool {
        !self.marked(known).is_empty()
    }

    /// Takes all marks off; false if there is none.
    pub fn clear_marks(&mut self) -> bool {
        !std::mem::take(&mut self.marked).is_empty()
    }

    /// Marks the item whose card was seen, or takes the mark off, and goes on to the next.
    pub fn mark(&mut self, known: &Known, gate: &Gate) -> Vec<Intent> {
        let kind = gate.ask.kind();
        let marked = self.marked(known);
        let other = marked
            .iter()
            .map(|gate| gate.ask.kind())
            .find(|other| *other != kind);
        let refused = match other {
            _ if common(&gate.ask).is_none() => {
                Some(format!("{} is decided one by one", kind.word()))
            }
            Some(other) => Some(format!(
                "{} is marked; only one kind at a time",
                other.word()
            )),
            None => None,
        };
        if let Some(text) = refused {
            return vec![Intent::Say(Token::Info, text)];
        }
        // A mark on what has changed since is none.
        if self.marked.remove(&gate.id) != Some(gate.revision) {
            self.marked.insert(gate.id, gate.revision);
        }
        let gates = gates(&self.listed(known));
        self.cursor.step(Step::Down, &gates);
        self.slid = None;
        Vec::new()
    }

    /// Lists all marked items to be decided, each with the yes of its kind, or asks for one reason for all.
    pub fn decide_marked(&mut self, action: Action, known: &Known) -> Vec<Intent> {
        let marked = self.marked(known);
        let no = Verdict::Reject(String::new());
        if action == Action::RejectAll {
            if !marked.iter().all(|gate| gate.ask.takes(&no)) {
                let text = "these cannot be refused; Enter shows what each takes";
                return vec![Intent::Say(Token::Info, text.to_owned())];
            }
            let gates = marked.iter().map(|gate| (gate.id, gate.revision)).collect();
            self.marked.clear();
            return vec![Intent::Write(Purpose::RejectAll(gates))];
        }
        let gates = marked.iter().map(|gate| gate.id).collect();
        let verdict = marked.first().and_then(|gate| common(&gate.ask));
        let listed = verdict.map(|verdict| Intent::ListAnswers(gates, verdict));
        listed.into_iter().collect()
    }

    /// What `A` does to the marked items, with their count; none if none is marked.
    pub fn marks_told(&self, known: &Known) -> Option<String> {
        let marked = self.marked(known);
        let first = marked.first()?;
        let act = match common(&first.ask)? {
            Verdict::Allow(_) => "A lists them · X refuses",
            _ => "A lists them",
        };
        Some(format!("{} marked · {act}", marked.len()))
    }

    /// Acts on an action; `height` is the height of the list.
    pub fn act(&mut self, action: Action, known: &Known, height: u16) -> Vec<Intent> {
        let items = self.listed(known);
        if let Some(step) = step(action, height) {
            self.cursor.step(step, &gates(&items));
            self.slid = None;
            return Vec::new();
        }
        let Some(item) = self.current(known) else {
            return Vec::new();
        };
        match action {
            Action::Snooze => match known.world.gate(item.gate) {
                Some(gate) => self.snooze(gate, known),
                None => Vec::new(),
            },
            Action::Mark => vec![
                Intent::Focus(Pane::Card),
                Intent::Say(
                    Token::Info,
                    "space marks a card that was ready; j k go from card to card".to_owned(),
                ),
            ],
            // A list shows too little to decide on: the item opens, and is decided there.
            Action::Open
            | Action::Approve
            | Action::ApproveAll
            | Action::Reject
            | Action::RejectAll
            | Action::Comment => vec![Intent::OpenItem(item.gate)],
            _ => Vec::new(),
        }
    }

    /// Puts the cursor on an item.
    pub fn put(&mut self, gate: GateId) {
        self.cursor.set(gate);
        self.slid = None;
    }

    /// Says that an item came under the cursor by itself, or that the person has seen the one that did.
    pub const fn slides(&mut self, to: Option<GateId>) {
        self.slid = to;
    }

    /// The item that came under the cursor by itself, with its revision: whoever acts on it must have seen it first.
    pub fn slid(&self, known: &Known) -> Option<(GateId, Digest)> {
        let item = self.current(known)?;
        (self.slid == Some(item.gate)).then_some((item.gate, item.revision))
    }

    /// Keeps the cursor in view. While the person looks at the list (`is_held`) its order rests, and the cursor stays on its item.
    pub fn settle(&mut self, known: &Known, (height, is_held): (u16, bool)) {
        if !self.handed.is_empty() {
            let world = known.world_now();
            let is_open = |gate: GateId| world.gate(gate).is_some_and(|gate| gate.state.is_open());
            self.handed.retain(|gate, _| is_open(*gate));
        }
        if known.is_past() {
            let gates = gates(&self.listed(known));
            return self.cursor.settle(&gates, height);
        }
        let open: Vec<GateId> = self.items(known).iter().map(|item| item.gate).collect();
        self.order.retain(|gate| open.contains(gate));
        // In an empty list nothing can move.
        if !is_held || self.order.is_empty() {
            self.sort(known);
        }
        let gates = gates(&self.listed(known));
        self.cursor.settle(&gates, height);
        let Some(now) = gates.get(self.cursor.list.selected).copied() else {
            return;
        };
        match self.cursor.at {
            // What is only hidden by what narrows the list comes back.
            Some(before) if before == now || open.contains(&before) => {}
            Some(_) => {
                self.cursor.at = Some(now);
                self.slid = Some(now);
            }
            None if is_held => self.cursor.at = Some(now),
            None => {}
        }
    }
}

fn gates(items: &[Item]) -> Vec<GateId> {
    items.iter().map(|item| item.gate).collect()
}

/// How many items wait, and how many are put off.
pub fn counts(items: &[Item]) -> (usize, usize) {
    let snoozed = items.iter().filter(|item| item.is_snoozed()).count();
    (items.len() - snoozed, snoozed)
}

const COLUMNS: [Column; 7] = [
    column(Width::Cells(1), Side::Left, 0),
    column(Width::Cells(8), Side::Left, 3),
    column(Width::Cells(4), Side::Left, 0),
    column(Width::Cells(6), Side::Left, 2),
    column(Width::Rest(10), Side::Left, 0),
    column(Width::Cells(8), Side::Left, 1),
    column(Width::Cells(4), Side::Right, 0),
];

const fn column(width: Width, side: Side, drop: u8) -> Column {
    Column { width, side, drop }
}

/// Paints the list.
pub fn view(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let (waiting, snoozed) = counts(&state.shown(known));
    let items = state.listed(known);
    let fresh = state.fresh(known).min(waiting);
    let mut title = format!("WAITING ON YOU {}", waiting - fresh);
    if fresh > 0 {
        let _ = write!(title, " +{fresh}"); // A string takes everything.
    }
    if snoozed > 0 {
        let _ = write!(title, "  {snoozed} put off"); // A string takes everything.
    }
    let told = state.marks_told(known);
    let right = told.unwrap_or_else(|| narrowed(&state.filter, "w next  W all"));
    let inside = canvas.frame(area, &title, &right, has_focus);
    if items.is_empty() && !state.filter.is_empty() {
        return canvas.rows(inside, nothing_fits(&state.filter));
    }
    if items.is_empty() {
        canvas.rows(inside, empty(known, inside.width));
        return;
    }
    let table = Table::fit(&COLUMNS, inside.width.saturating_sub(2));
    let selected = state.cursor.place(&gates(&items));
    let shown = items.iter().enumerate().skip(state.cursor.list.top);
    for (row, (place, item)) in inside.rows().zip(shown) {
        let (text, shade) = if item.is_snoozed() {
            (Token::Faint, Token::Faint)
        } else {
            (Token::Text, mark_token(item.kind))
        };
        let cells = [
            piece(mark(item.kind), shade),
            piece(item.kind.word(), text),
            piece(item.label.as_str(), text),
            piece(item.who.as_str(), text),
            match state.kept_of(item.gate) {
                Some(kept) => piece(format!("kept: {}", kept.text), Token::Info),
                None => piece(item.text.as_str(), text),
            },
            piece(holds(item, known.now), Token::Dim),
            piece(time::age(item.age_ms), Token::Dim),
        ];
        let place_of_cells = Rect {
            x: row.x + 1,
            width: row.width.saturating_sub(2),
            ..row
        };
        table.paint(canvas.buffer, place_of_cells, canvas.theme, &cells);
        let last = Rect {
            x: row.right().saturating_sub(1),
            width: row.width.min(1),
            ..row
        };
        let here = people::initials(&known.company, 1, |presence| {
            presence.item == Some(item.gate) && presence.gate.is_none()
        });
        if state.marked.get(&item.gate) == Some(&item.revision) {
            canvas.row(last, &[piece("●", Token::SurfaceMark)]);
        } else {
            canvas.row(last, &[piece(here, Token::Info)]);
        }
        if place == selected && has_focus {
            canvas.cursor(row);
        }
    }
}

/// What an item holds; of one that is put off, when it comes back.
fn holds(item: &Item, now: Timestamp) -> String {
    if let Some(who) = item.handed.as_ref().filter(|_| !item.is_snoozed()) {
        return format!("@ {who}");
    }
    if let Some(who) = item.claimed.as_ref().filter(|_| !item.is_snoozed()) {
        return format!("{who} here");
    }
    match item.snoozed {
        Some(Back::Soon(at) | Back::Later(at)) => {
            // Nothing ticks for it.
            format!("back {}m", time::minutes(at.since(now)))
        }
        Some(Back::Changed) => "put off".to_owned(),
        None if item.held > 0 => format!("holds {}", item.held),
        None => String::new(),
    }
}

/// What an empty list says: what it is, why it is empty, one key.
fn empty(known: &Known, width: u16) -> Vec<Vec<Piece<'static>>> {
    let text = match known.world.current() {
        None if known.connection == Connection::Connecting => {
            "The session of this repository is being opened.".to_owned()
        }
        None => "No sprint yet.  i  says what you want built".to_owned(),
        Some(sprint) if sprint.is_closed() => "The sprint is over.  i  begins the next".to_owned(),
        Some(_) => nothing_waits(&known.world, known.now),
    };
    let lines = wrap(&text, usize::from(width.saturating_sub(2)));
    let row = |line: String| vec![plain(format!(" {line}"))];
    lines.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::super::bench::{known, rows};
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn the_list_at_two_widths() {
        let known = known(fixture::running());
        let state = State::default();
        for (name, width) in [("wide", 80), ("narrow", 40)] {
            let seen = rows(width, 6, |canvas, area| {
                view(&state, &known, canvas, area, true);
            });
            insta::assert_snapshot!(name, seen.join("\n"));
        }
    }

    #[test]
    fn an_item_put_off_goes_last_and_is_not_next() {
        let known = known(fixture::running());
        let mut state = State::default();
        assert_eq!(state.next(&known, None), Some(fixture::gate(2)));
        assert_eq!(
            state.next(&known, Some(fixture::gate(2))),
            Some(fixture::gate(3))
        );
        let intents = state.act(Action::Snooze, &known, 5);
        assert!(intents.contains(&Intent::KeepSnoozes));
        assert_eq!(state.next(&known, None), Some(fixture::gate(3)));
        assert_eq!(counts(&state.shown(&known)), (2, 1));
        let seen = rows(80, 6, |canvas, area| {
            view(&state, &known, canvas, area, true);
        });
        insta::assert_snapshot!("one_put_off", seen.join("\n"));
        // A list never decides.
        assert_eq!(state.act(Action::Approve, &known, 5).len(), 1);
    }

    #[test]
    fn new_items_come_last_until_the_list_is_sorted() {
        let mut state = State::default();
        let before = known(fixture::running());
        state.sort(&before);
        let now = known(fixture::over_budget());
        let order: Vec<_> = state
            .shown(&now)
            .iter()
            .map(|item| item.kind.word())
            .collect();
        assert_eq!(order, ["DIFF", "ASK", "TOOL", "BUDGET"]);
        assert_eq!(state.fresh(&now), 1);
        state.sort(&now);
        assert_eq!(state.fresh(&now), 0);
        assert_eq!(state.shown(&now)[0].kind.word(), "BUDGET");
    }
}
