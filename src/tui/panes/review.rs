//! A change, hunk by hunk, in one scroll over all its files, in one column or side by side: each hunk, or some of its lines, is accepted,
//! or rejected with a reason; words about lines are kept as drafts; all of it is sent together.

mod colours;
mod index;
mod judge;
mod line;
mod paint;
mod panels;
mod remarks;
mod search;
mod shared;

use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::Rect;

use crate::base::body::Body;
use crate::base::id::{Digest, GateId, TaskId, Work};
use crate::domain::change::{Change, Comment, FileDiff, Split};
use crate::domain::journal::World;
use crate::domain::sprint::{Ask, Gate, GateState, Task};
use crate::tui::action::Action;
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::filter::Filter;

use super::Intent;
use colours::Colours;
use index::{CONTEXT, Code, Index, Look, Parts, Pin, Place, Row, Shape};
pub use paint::view;
pub use panels::{explains, files, remarks, why};
use remarks::Remark;
use search::Found;

/// Side by side needs so many columns, so that each side has 40.
pub const BESIDE: u16 = 100;

/// From so many columns on a change is shown side by side unless the person wants it otherwise.
const BESIDE_BY_ITSELF: u16 = 140;

/// Cells that one step to the side moves.
const STEP: usize = 8;

/// What the pane beside the diff tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Panel {
    /// The task in a few rows.
    #[default]
    Task,
    /// Which calls wrote the file under the cursor, what for, and what they cost.
    Blame,
    /// What the checks gave.
    Tests,
}

/// What only the review knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The task whose change is shown; none shows the first that waits.
    task: Option<TaskId>,
    /// The change as it was read, by the digest of its text.
    read: Option<(Digest, Result<Read, String>)>,
    /// The row under the cursor.
    cursor: usize,
    /// The first row in view.
    top: usize,
    /// Cells out of view at the left.
    shift: usize,
    /// What the person wants; nothing: by the width of the terminal.
    beside: Option<bool>,
    /// Lines of context that are left out.
    less_context: u8,
    skips_blanks: bool,
    folded: BTreeSet<usize>,
    /// Lines that were picked, by file, hunk and place in the hunk.
    picked: BTreeSet<(usize, usize, u32)>,
    /// The row at which a range of lines began.
    range: Option<usize>,
    /// Words that were not sent yet.
    drafts: Drafts,
    /// Those that are in the person's file.
    saved: Drafts,
    /// Words that were sent with a decision that may still be withdrawn.
    sent: Option<(GateId, TaskId, Vec<Comment>)>,
    /// The words about the change that is shown.
    remarks: Vec<Remark>,
    /// The review before the one that is open.
    before: Option<(GateId, Option<GateId>)>,
    panel: Panel,
    colours: Colours,
    /// What is looked for.
    pub search: Filter,
    found: Option<Found>,
    /// The pane is as wide as the terminal, which then moves the rows itself.
    is_wide: bool,
    /// The first line in view and the one under the cursor of somebody who is followed, until they are shown here.
    wants: Option<(crate::session::Spot, crate::session::Spot)>,
}

#[derive(Clone, Debug)]
struct Read {
    change: Change,
    /// Hashes of the files' contents, for the cache of colours.
    files: Vec<Digest>,
    laid: Option<Laid>,
    index: Index,
}

/// What the rows were laid out with.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Laid {
    look: Look,
    splits: BTreeMap<Digest, Split>,
    folded: BTreeSet<usize>,
    pins: Vec<Pin>,
}

/// The review of a task that is open, if one is.
fn gate_of(world: &World, task: TaskId) -> Option<&Gate> {
    let mut open = world.sprints.get(&task.sprint)?.open_gates();
    open.find(|gate| {
        gate.state == GateState::Open
            && gate.work == Work::Task(task)
            && matches!(gate.ask, Ask::Diff { .. })
    })
}

/// Words that were not sent, by task.
type Drafts = BTreeMap<TaskId, Vec<Comment>>;

impl State {
    /// Shows the change of a task.
    pub fn show(&mut self, task: TaskId) {
        if self.task != Some(task) {
            *self = Self {
                task: Some(task),
                beside: self.beside,
                less_context: self.less_context,
                skips_blanks: self.skips_blanks,
                drafts: std::mem::take(&mut self.drafts),
                saved: std::mem::take(&mut self.saved),
                sent: self.sent.take(),
                colours: std::mem::take(&mut self.colours),
                search: std::mem::take(&mut self.search),
                ..Self::default()
            };
        }
    }

    /// The task whose change is shown.
    pub fn task<'a>(&self, world: &'a World) -> Option<&'a Task> {
        if let Some(task) = self.task.and_then(|id| world.task(id)) {
            return Some(task);
        }
        let sprint = world.current()?;
        let mut open = sprint
            .open_gates()
            .filter(|gate| matches!(gate.ask, Ask::Diff { .. }));
        let waiting = open.find_map(|gate| gate.work.task());
        let last = || {
            sprint
                .tasks
                .values()
                .filter(|task| task.change.is_some())
                .max_by_key(|task| task.since)
        };
        waiting.and_then(|id| sprint.task(id)).or_else(last)
    }

    /// The review that the shown change waits for.
    pub fn gate<'a>(&self, world: &'a World) -> Option<&'a Gate> {
        gate_of(world, self.task(world)?.id)
    }

    /// The review whose marks are shown: the one that is open, or the last one.
    fn shown_gate<'a>(&self, world: &'a World) -> Option<&'a Gate> {
        let last = || world.gate(self.task(world)?.reviewed?);
        self.gate(world).or_else(last)
    }

    /// The text that must be here to show the change.
    pub fn wanted(&self, known: &Known) -> Option<Body> {
        Some(self.task(&known.world)?.change.as_ref()?.diff.clone())
    }

    /// Whether both sides are shown beside each other on a terminal of so many columns.
    pub fn is_beside(&self, columns: u16) -> bool {
        columns >= BESIDE && self.beside.unwrap_or(columns >= BESIDE_BY_ITSELF)
    }

    /// What the pane beside the diff tells.
    pub const fn panel(&self) -> Panel {
        self.panel
    }

    fn look(&self, columns: u16) -> Look {
        Look {
            is_beside: self.is_beside(columns),
            context: CONTEXT - self.less_context.min(CONTEXT),
            skips_blanks: self.skips_blanks,
        }
    }

    /// Reads the change if it is another than the one that was read, lays it out, and keeps the cursor in view.
    pub fn settle(&mut self, known: &Known, area: Rect, columns: u16) {
        let body = self.wanted(known);
        let digest = body.as_ref().map(|body| match body {
            Body::Inline(text) => Digest::of(text.as_bytes()),
            Body::Blob { digest, .. } => *digest,
        });
        if digest != self.read.as_ref().map(|(digest, _)| *digest) {
            let text = body.and_then(|body| known.text(&body));
            self.read = digest.zip(text).map(|(digest, text)| (digest, read(&text)));
            self.picked.clear();
            self.range = None;
            (self.cursor, self.top, self.shift) = (0, 0, 0);
            let folded = self.content().map(|read| read.change.files.iter());
            let folded = folded.into_iter().flatten().enumerate();
            self.folded = folded
                .filter(|(_, file)| index::why_folded(file).is_some())
                .map(|(number, _)| number)
                .collect();
        }
        self.is_wide = area.width >= columns;
        self.take_back(known);
        self.remember_before(known);
        self.remarks = remarks::all(self, known, area.width);
        self.lay(known, columns);
        self.look_again();
        self.go_to_wanted();
        self.follow(rows_of(area));
    }

    /// Lays the change out, if anything that matters for it is another.
    fn lay(&mut self, known: &Known, columns: u16) {
        let gate = self.shown_gate(&known.world);
        let laid = Laid {
            look: self.look(columns),
            splits: gate.map_or_else(BTreeMap::new, |gate| gate.splits.clone()),
            folded: self.folded.clone(),
            pins: self
                .remarks
                .iter()
                .filter_map(|remark| remark.pin)
                .collect(),
        };
        let cursor = self.cursor;
        let Some((_, Ok(read))) = &mut self.read else {
            return;
        };
        if read.laid.as_ref() == Some(&laid) {
            return;
        }
        let is_first = read.laid.is_none();
        let at = anchor(&read.index, cursor);
        let parts = Parts {
            splits: &laid.splits,
            folded: &laid.folded,
            pins: &laid.pins,
        };
        read.index = Index::of(&read.change, laid.look, parts);
        read.laid = Some(laid);
        if is_first {
            return;
        }
        // The cursor stays on its line, and the line where it was on the screen.
        let above = cursor.saturating_sub(self.top);
        self.cursor = at.map_or(0, |at| found(&read.index, &at));
        self.top = self.cursor.saturating_sub(above);
        self.range = None;
    }

    /// Keeps the cursor in the change and in view.
    fn follow(&mut self, height: u16) {
        let Some(read) = self.content() else { return };
        let (count, height) = (read.index.rows.len(), usize::from(height));
        self.cursor = self.cursor.min(count.saturating_sub(1));
        // Beside other panes every row that moves is painted anew: many at once are cheaper for the line.
        let leap = if self.is_wide { 1 } else { (height / 3).max(1) };
        if height == 0 {
            return;
        }
        if self.cursor < self.top {
            self.top = (self.cursor + 1).saturating_sub(leap);
        } else if self.cursor >= self.top + height {
            self.top = (self.cursor + leap).saturating_sub(height);
        }
        self.top = self.top.min(count.saturating_sub(height));
    }

    fn content(&self) -> Option<&Read> {
        self.read.as_ref().and_then(|(_, read)| read.as_ref().ok())
    }

    /// The hunk under the cursor, by number over all files.
    fn hunk(&self) -> usize {
        self.content()
            .map_or(0, |read| read.index.hunk_at(self.cursor))
    }

    fn place(&self) -> Option<Place> {
        self.content()?.index.hunks.get(self.hunk()).copied()
    }

    fn row(&self) -> Option<Row> {
        self.content()?.index.rows.get(self.cursor).copied()
    }

    /// The file under the cursor.
    fn file(&self) -> Option<(usize, &FileDiff)> {
        let number = match self.row()? {
            Row::File(number) | Row::Folded(number) => number,
            _ => self.place()?.file,
        };
        Some((number, self.content()?.change.files.get(number)?))
    }

    /// The hunk's place in its file and how many there are.
    fn hunk_of_file(&self) -> Option<(usize, usize)> {
        let read = self.content()?;
        let (hunk, place) = (self.hunk(), self.place()?);
        let first = read
            .index
            .hunks
            .iter()
            .position(|other| other.file == place.file)?;
        let count = read
            .index
            .hunks
            .iter()
            .filter(|other| other.file == place.file)
            .count();
        Some((hunk - first.min(hunk) + 1, count))
    }

    /// Where the person is, for the last row: `src/cart/total.rs › hunk 2/4`.
    pub fn crumbs(&self) -> Option<String> {
        let (_, file) = self.file()?;
        let (hunk, count) = self.hunk_of_file()?;
        let path = crate::tui::facts::line(&file.path.to_string());
        Some(format!("{path} › hunk {hunk}/{count}"))
    }

    /// Puts the cursor on the head of a hunk and shows it from there, if it is not all in view.
    fn go(&mut self, hunk: usize, height: u16) {
        let Some(read) = self.content() else { return };
        let hunk = hunk.min(read.index.hunks.len().saturating_sub(1));
        let Some(place) = read.index.hunks.get(hunk).copied() else {
            return;
        };
        let is_in_view = place.row >= self.top && place.end <= self.top + usize::from(height);
        self.cursor = place.row;
        if !is_in_view {
            self.top = place.row.saturating_sub(1);
        }
        self.follow(height);
    }

    /// Moves the cursor by rows.
    fn step(&mut self, rows: isize, height: u16) {
        let Some(read) = self.content() else { return };
        let last = read.index.rows.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(rows).min(last);
        self.follow(height);
    }

    /// Acts on an action; `height` is the height of the diff, `columns` the width of the terminal.
    pub fn act(
        &mut self,
        action: Action,
        known: &Known,
        (height, columns): (u16, u16),
    ) -> Vec<Intent> {
        let page = isize::try_from(height / 2).unwrap_or(1);
        match action {
            Action::Down => self.step(1, height),
            Action::Up => self.step(-1, height),
            Action::PageDown => self.step(page, height),
            Action::PageUp => self.step(-page, height),
            Action::Top => self.step(isize::MIN, height),
            Action::Bottom => self.step(isize::MAX, height),
            Action::PartNext => self.go(self.hunk() + 1, height),
            Action::PartPrevious => {
                let is_below = self.place().is_some_and(|place| place.row < self.cursor);
                self.go(self.hunk().saturating_sub(usize::from(!is_below)), height);
            }
            Action::SiblingNext | Action::SiblingPrevious => {
                let hunk = self.content().map(|read| {
                    read.index
                        .neighbour(self.hunk(), action == Action::SiblingNext)
                });
                self.go(hunk.unwrap_or(0), height);
            }
            Action::Right => self.shift += STEP,
            Action::Left => self.shift = self.shift.saturating_sub(STEP),
            Action::Open => self.fold(),
            Action::SideBySide if columns < BESIDE => {
                let text = format!("side by side needs {BESIDE} columns");
                return vec![Intent::Say(Token::Info, text)];
            }
            Action::SideBySide => self.beside = Some(!self.is_beside(columns)),
            Action::ContextMore if self.less_context == 0 => {
                let text = format!("the diff holds {CONTEXT} lines around what differs");
                return vec![Intent::Say(Token::Info, text)];
            }
            Action::ContextMore => self.less_context -= 1,
            Action::ContextLess => self.less_context = (self.less_context + 1).min(CONTEXT),
            Action::Blanks => {
                self.skips_blanks = !self.skips_blanks;
                let text = if self.skips_blanks {
                    "changes of blanks are left out"
                } else {
                    "changes of blanks are shown"
                };
                return vec![Intent::Say(Token::Info, text.to_owned())];
            }
            Action::Blame => self.turn(Panel::Blame),
            Action::Tests => self.turn(Panel::Tests),
            _ => return self.judge(action, known, height),
        }
        Vec::new()
    }

    fn turn(&mut self, panel: Panel) {
        self.panel = if self.panel == panel {
            Panel::Task
        } else {
            panel
        };
    }

    /// Folds the file under the cursor, or unfolds it.
    fn fold(&mut self) {
        if let Some((number, _)) = self.file()
            && !self.folded.remove(&number)
        {
            self.folded.insert(number);
        }
    }

    /// Remembers which review came before the open one.
    fn remember_before(&mut self, known: &Known) {
        let Some(gate) = self.shown_gate(&known.world) else {
            self.before = None;
            return;
        };
        if self.before.is_some_and(|(of, _)| of == gate.id) {
            return;
        }
        let sprint = known.world.sprints.get(&gate.id.sprint);
        let before = sprint.and_then(|sprint| {
            let older = sprint.gates.range(..gate.id.number).rev();
            let mut same = older.map(|(_, other)| other);
            same.find(|other| other.work == gate.work && matches!(other.ask, Ask::Diff { .. }))
        });
        self.before = Some((gate.id, before.map(|gate| gate.id)));
    }

    fn gate_before<'a>(&self, world: &'a World) -> Option<&'a Gate> {
        world.gate(self.before?.1?)
    }
}

/// A place that survives another layout: the hunk, and the line in what git wrote.
struct Anchor {
    place: Place,
    hunk: usize,
    line: Option<u32>,
}

fn anchor(index: &Index, row: usize) -> Option<Anchor> {
    let hunk = index.hunk_at(row);
    let place = *index.hunks.get(hunk)?;
    let line = match index.rows.get(row) {
        Some(Row::Code(code)) => code.new.or(code.old).map(|spot| spot.line),
        _ => None,
    };
    Some(Anchor { place, hunk, line })
}

/// The row of an anchor: of its line, else of its hunk, which may be in pieces or whole again by now.
fn found(index: &Index, anchor: &Anchor) -> usize {
    let of_same = |place: &Place| {
        (place.file, place.number) == (anchor.place.file, anchor.place.number)
            && anchor
                .line
                .is_none_or(|line| (place.lines.0..place.lines.1).contains(&line))
    };
    let same_key = |place: &Place| place.key == anchor.place.key;
    let places = &index.hunks;
    let hunk = places.iter().position(same_key);
    let hunk = hunk.or_else(|| places.iter().position(of_same));
    let hunk = hunk.unwrap_or(anchor.hunk.min(places.len().saturating_sub(1)));
    let head = places.get(hunk).map_or(0, |place| place.row);
    let line = anchor.line.and_then(|line| index.find(hunk, line));
    line.unwrap_or(head)
}

/// The lines of a row that differ, by their place in the hunk.
fn changed(code: Code) -> Vec<u32> {
    let spots = match code.shape {
        Shape::Context => [None, None],
        Shape::Removed => [code.old, None],
        Shape::Added => [None, code.new],
        Shape::Pair => [code.old, code.new],
    };
    spots.into_iter().flatten().map(|spot| spot.line).collect()
}

fn read(text: &[u8]) -> Result<Read, String> {
    let change = crate::domain::change::parse(text.to_vec()).map_err(|bad| bad.to_string())?;
    let file = |file: &FileDiff| {
        let blob = |blob: &Option<crate::base::id::Oid>| blob.as_ref().map(ToString::to_string);
        let content = (&file.path, blob(&file.old_blob), blob(&file.new_blob));
        Digest::of(format!("{content:?}").as_bytes())
    };
    Ok(Read {
        files: change.files.iter().map(file).collect(),
        change,
        laid: None,
        index: Index::default(),
    })
}

/// The height that the diff has for its rows within a pane of `area`.
pub const fn rows_of(area: Rect) -> u16 {
    area.height.saturating_sub(2)
}

#[cfg(test)]
mod odd;
#[cfg(test)]
mod tests;
