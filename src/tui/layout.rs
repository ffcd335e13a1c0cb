//! What goes where: a function of the terminal's size, the place, and the pane that is zoomed. Nothing is painted here.

mod reach;

use ratatui::layout::{Rect, Size};

use super::action::Place;

pub use reach::panes_of;

/// A part of a place that can have the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    /// What waits on the person.
    #[default]
    Waiting,
    /// One waiting item, to be decided.
    Card,
    /// Who works, by need.
    Agents,
    /// The sprint in a few rows.
    Sprint,
    /// Money in a few rows.
    Cost,
    /// The last events.
    Events,
    /// What one agent writes.
    Stream,
    /// A column of the board each.
    Board,
    /// One task.
    Task,
    /// The tasks of the plan.
    Plan,
    /// One task of the plan.
    Planned,
    /// What the plan may cost and what asks a person.
    Limits,
    /// Whether the plan can be approved, and what it will cost.
    PlanChecks,
    /// The files of a change.
    Files,
    /// The hunks of a change.
    Diff,
    /// The task of a change in a few rows.
    Why,
    /// The words about a change.
    Remarks,
    /// Who wrote what of a change, and why.
    Explains,
    /// The budget.
    Budget,
    /// How fast money goes.
    Burn,
    /// Money by tier.
    Tiers,
    /// Money by day.
    Days,
    /// Who answers the calls.
    Providers,
    /// What is likely to go wrong.
    Risk,
    /// Who is here.
    People,
    /// What another agent writes.
    Second,
    /// What a third agent writes.
    Third,
    /// What a fourth agent writes.
    Fourth,
    /// One call of an agent.
    Call,
    /// What was saved.
    Saved,
    /// Sums by something.
    Sums,
    /// All events.
    Log,
    /// One event.
    Event,
    /// The events of a sprint over time.
    Time,
    /// The board at the moment that is shown.
    BoardThen,
    /// The agents at the moment that is shown.
    AgentsThen,
    /// The settings of a section.
    Settings,
    /// The sections of the settings.
    Sections,
    /// Which conflict it is.
    ClashHead,
    /// What the sprint's branch has.
    Ours,
    /// What the task has.
    Theirs,
    /// What would be written.
    Result,
    /// What a choice leads to.
    ClashWhy,
}

impl Pane {
    /// The panes of streams, in their order.
    pub const STREAMS: [Self; 4] = [Self::Stream, Self::Second, Self::Third, Self::Fourth];

    /// Which stream it shows, if it shows one.
    pub fn stream(self) -> Option<usize> {
        Self::STREAMS.iter().position(|pane| *pane == self)
    }
}

/// How wide the terminal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Below 40 × 12: one line.
    Tiny,
    /// Below 80 × 24: one pane at a time.
    Small,
    /// 80 to 99 columns.
    S,
    /// 100 to 159 columns.
    M,
    /// 160 columns and more.
    L,
}

impl Class {
    /// The class of a size.
    pub const fn of(size: Size) -> Self {
        match (size.width, size.height) {
            (0..40, _) | (_, 0..12) => Self::Tiny,
            (0..80, _) | (_, 0..24) => Self::Small,
            (80..100, _) => Self::S,
            (100..160, _) => Self::M,
            (160.., _) => Self::L,
        }
    }
}

/// How much stands on a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Density {
    /// Lines between panes and no borders around them.
    Compact,
    /// Borders.
    #[default]
    Normal,
    /// Borders, and an empty row between groups where there is room.
    Roomy,
}

impl Density {
    /// Reads the setting `display.density`.
    pub fn from_setting(word: &str) -> Self {
        match word {
            "compact" => Self::Compact,
            "roomy" => Self::Roomy,
            _ => Self::Normal,
        }
    }
}

/// Where everything goes. Rectangles may be empty; those with cells never overlap, but that compact ones have their last column
/// and row in common with their neighbours, who alone paint there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The class of the size.
    pub class: Class,
    /// The first row: tabs, who is here, the line to the host.
    pub title: Rect,
    /// The second row: what waits, what it costs.
    pub pulse: Rect,
    /// The row of keys.
    pub hints: Rect,
    /// The last row: mode, place, clock.
    pub status: Rect,
    /// Everything between.
    pub body: Rect,
    /// The panes in the order of the focus.
    pub panes: Vec<(Pane, Rect)>,
}

impl Layout {
    /// Lays out `place` on a terminal of `size`. `alone` is the pane that fills the body: the zoomed one; on a small terminal, the
    /// focused one.
    pub fn of(size: Size, place: Place, alone: Option<Pane>) -> Self {
        Self::shaped(size, place, alone, Shape::default())
    }

    /// As [`of`](Self::of), in a certain shape.
    pub fn shaped(size: Size, place: Place, alone: Option<Pane>, shape: Shape) -> Self {
        let class = Class::of(size);
        let row = |y: u16| Rect::new(0, y, size.width, 1);
        let last = size.height.saturating_sub(1);
        let mut layout = Self {
            class,
            title: Rect::ZERO,
            pulse: Rect::new(0, 0, size.width, size.height.min(1)),
            hints: Rect::ZERO,
            status: Rect::ZERO,
            body: Rect::ZERO,
            panes: Vec::new(),
        };
        match class {
            Class::Tiny => return layout,
            Class::Small => {
                layout.hints = row(last);
                layout.body = Rect::new(0, 1, size.width, size.height - 2);
            }
            Class::S | Class::M | Class::L => {
                layout.title = row(0);
                layout.pulse = row(1);
                layout.hints = row(last - 1);
                layout.status = row(last);
                layout.body = Rect::new(0, 2, size.width, size.height - 4);
            }
        }
        layout.panes = panes(class, place, layout.body, shape);
        let first = panes_of(place).first().copied();
        let shown = |pane: Pane| layout.panes.iter().any(|(known, _)| *known == pane);
        let alone = alone.filter(|pane| shown(*pane) || panes_of(place).contains(pane));
        if class == Class::Small || alone.is_some() {
            let pane = alone.or(first);
            layout.panes = pane.map(|pane| (pane, layout.body)).into_iter().collect();
        }
        if shape.density == Density::Compact {
            layout.panes.iter_mut().for_each(|(_, area)| spread(area));
        }
        layout
    }

    /// The area of a pane, if it is shown.
    pub fn area(&self, pane: Pane) -> Option<Rect> {
        let found = self.panes.iter().find(|(known, _)| *known == pane);
        found.map(|(_, area)| *area)
    }
}

/// A pane that has no border on its right and below reaches so far that they would stand outside of it. An empty one stays so.
const fn spread(area: &mut Rect) {
    if area.width > 0 && area.height > 0 {
        area.width = area.width.saturating_add(1);
        area.height = area.height.saturating_add(1);
    }
}

fn panes(class: Class, place: Place, body: Rect, shape: Shape) -> Vec<(Pane, Rect)> {
    match place {
        Place::Home => home(class, body),
        Place::Board => {
            let (board, task) = over(
                body,
                body.height.saturating_sub(body.height.clamp(6, 36) / 4 + 1),
            );
            vec![(Pane::Board, board), (Pane::Task, task)]
        }
        Place::Agents if class >= Class::M => {
            let (agents, rest) = beside(body, share(class, 28, 44));
            let mut panes = streams(class, rest, shape.streams);
            panes.push((Pane::Agents, agents));
            panes
        }
        Place::Agents => vec![(Pane::Stream, body)],
        Place::Review => review(class, body, shape),
        Place::Plan => plan(class, body),
        Place::Cost => cost(class, body),
        Place::Log => log(class, body),
        Place::Settings => {
            let (sections, settings) = beside(body, share(class, 20, 34));
            vec![(Pane::Settings, settings), (Pane::Sections, sections)]
        }
        Place::Conflict => conflict(class, body),
        Place::Waiting if class >= Class::M => {
            let (list, card) = beside(body, share(class, 46, 60));
            vec![(Pane::Card, card), (Pane::Waiting, list)]
        }
        Place::Waiting => {
            let (list, card) = over(body, 7);
            vec![(Pane::Card, card), (Pane::Waiting, list)]
        }
    }
}

/// One, two or four streams; more than one where there is room. Below two that stand beside each other is room for a call.
fn streams(class: Class, area: Rect, count: usize) -> Vec<(Pane, Rect)> {
    let halves = |area: Rect| beside(area, area.width / 2);
    let mut call = None;
    let areas = match count {
        2 if class == Class::L => {
            let (one, rest) = halves(area);
            let (two, below) = over(rest, rest.height / 2);
            call = Some((Pane::Call, below));
            vec![one, two]
        }
        4 if class == Class::L => {
            let (above, below) = over(area, area.height / 2);
            let ((one, two), (three, four)) = (halves(above), halves(below));
            vec![one, two, three, four]
        }
        _ => vec![area],
    };
    Pane::STREAMS.into_iter().zip(areas).chain(call).collect()
}

/// What a person wants to see of a change, and how many streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Before and after beside each other.
    pub is_beside: bool,
    /// More than a row about where the change comes from.
    pub is_told: bool,
    /// Streams at the agents.
    pub streams: usize,
    /// How much stands on a screen.
    pub density: Density,
}

fn review(class: Class, body: Rect, shape: Shape) -> Vec<(Pane, Rect)> {
    let column = share(class, 32, 36);
    // Each side has 40 cells, and there are two borders and a wall.
    let is_tight = shape.is_beside && body.width < column + 83;
    if class < Class::M || is_tight {
        let height = if shape.is_told { 9 } else { 1 };
        let (why, diff) = over(body, height.min(body.height / 2));
        return vec![(Pane::Diff, diff), (Pane::Why, why)];
    }
    let (left, rest) = beside(body, column);
    let (above, remarks) = over(left, left.height - (left.height * 3 / 10).max(6));
    let (files, why) = over(above, above.height / 2);
    let mut panes = vec![
        (Pane::Files, files),
        (Pane::Why, why),
        (Pane::Remarks, remarks),
    ];
    if class == Class::L && !shape.is_beside {
        let (diff, explains) = beside(rest, rest.width.saturating_sub(44));
        panes.insert(0, (Pane::Explains, explains));
        panes.insert(0, (Pane::Diff, diff));
    } else {
        panes.insert(0, (Pane::Diff, rest));
    }
    panes
}

/// Both sides beside each other, below them the result, below that the reasons.
fn conflict(class: Class, body: Rect) -> Vec<(Pane, Rect)> {
    let (head, rest) = over(body, 1);
    let (sides, result) = match class {
        Class::Tiny | Class::Small | Class::S => (rest.height / 3, rest.height * 2 / 5),
        Class::M | Class::L => (rest.height * 2 / 5, rest.height / 3),
    };
    let (sides, below) = over(rest, sides);
    let (result, why) = over(below, result);
    let (ours, theirs) = beside(sides, sides.width / 2);
    vec![
        (Pane::Result, result),
        (Pane::Ours, ours),
        (Pane::Theirs, theirs),
        (Pane::ClashWhy, why),
        (Pane::ClashHead, head),
    ]
}

fn home(class: Class, body: Rect) -> Vec<(Pane, Rect)> {
    match class {
        Class::Tiny | Class::Small | Class::S => {
            let (waiting, rest) = over(body, 7 + body.height.saturating_sub(20) / 4);
            let (middle, events) = over(
                rest,
                rest.height
                    .saturating_sub(4 + body.height.saturating_sub(20) / 4),
            );
            let (agents, right) = beside(middle, middle.width.saturating_sub(30));
            let (sprint, cost) = over(right, 4);
            vec![
                (Pane::Waiting, waiting),
                (Pane::Agents, agents),
                (Pane::Sprint, sprint),
                (Pane::Cost, cost),
                (Pane::Events, events),
            ]
        }
        Class::M => {
            let (left, right) = beside(body, body.width.saturating_sub(44));
            let (waiting, rest) = over(left, 9);
            let (agents, events) = over(rest, rest.height.saturating_sub(rest.height / 3));
            let (sprint, rest) = over(right, 9);
            let low = if body.height < 28 {
                0
            } else {
                3 + body.height.saturating_sub(32) / 4
            };
            let (stream, rest) = over(rest, rest.height.saturating_sub(9 + low));
            let (cost, risk) = over(rest, 9);
            vec![
                (Pane::Waiting, waiting),
                (Pane::Agents, agents),
                (Pane::Stream, stream),
                (Pane::Sprint, sprint),
                (Pane::Cost, cost),
                (Pane::Risk, risk),
                (Pane::Events, events),
            ]
        }
        Class::L => {
            let (left, rest) = beside(body, body.width * 21 / 50);
            let (middle, right) = beside(rest, rest.width.saturating_sub(44));
            let (waiting, rest) = over(left, 11);
            let (agents, events) = over(rest, rest.height / 2);
            let (board, rest) = over(middle, 17.min(middle.height / 2));
            let (stream, second) = over(rest, rest.height / 2);
            let (sprint, rest) = over(right, 9);
            let (cost, rest) = over(rest, 9);
            let (risk, rest) = over(rest, rest.height * 2 / 5);
            let (people, providers) = over(rest, rest.height / 2);
            vec![
                (Pane::Waiting, waiting),
                (Pane::Agents, agents),
                (Pane::Stream, stream),
                (Pane::Second, second),
                (Pane::Board, board),
                (Pane::Sprint, sprint),
                (Pane::Cost, cost),
                (Pane::Risk, risk),
                (Pane::People, people),
                (Pane::Providers, providers),
                (Pane::Events, events),
            ]
        }
    }
}

fn log(class: Class, body: Rect) -> Vec<(Pane, Rect)> {
    let (time, below) = over(body, 6);
    let mut panes = Vec::new();
    match class {
        Class::Tiny | Class::Small | Class::S => {
            let (log, event) = beside(below, below.width * 3 / 5);
            panes.extend([(Pane::Log, log), (Pane::Event, event)]);
        }
        Class::M => {
            let (log, right) = beside(below, below.width * 8 / 15);
            let height = if right.height < 20 { right.height } else { 12 };
            let (event, board) = over(right, height);
            panes.extend([
                (Pane::Log, log),
                (Pane::Event, event),
                (Pane::BoardThen, board),
            ]);
        }
        Class::L => {
            let (log, right) = beside(below, below.width * 9 / 20);
            let (middle, board) = beside(right, below.width * 3 / 10);
            let (event, agents) = over(middle, middle.height.min(36) / 2);
            panes.extend([
                (Pane::Log, log),
                (Pane::Event, event),
                (Pane::BoardThen, board),
                (Pane::AgentsThen, agents),
            ]);
        }
    }
    panes.push((Pane::Time, time));
    panes
}

fn plan(class: Class, body: Rect) -> Vec<(Pane, Rect)> {
    let below = (body.height / 3).max(8);
    if class >= Class::M {
        let (left, right) = beside(body, body.width.saturating_sub(36));
        let (tasks, planned) = over(left, left.height.saturating_sub(below));
        let (limits, checks) = over(right, right.height.saturating_sub(below));
        return vec![
            (Pane::Plan, tasks),
            (Pane::Limits, limits),
            (Pane::Planned, planned),
            (Pane::PlanChecks, checks),
        ];
    }
    let (tasks, below) = over(body, body.height.saturating_sub(below));
    let (limits, checks) = beside(below, below.width.saturating_sub(34));
    vec![
        (Pane::Plan, tasks),
        (Pane::Limits, limits),
        (Pane::PlanChecks, checks),
    ]
}

fn cost(class: Class, body: Rect) -> Vec<(Pane, Rect)> {
    if class >= Class::M {
        let (top, rest) = over(body, 9);
        let low = if body.height < 28 { 0 } else { 9 };
        let (sums, below) = over(rest, rest.height.saturating_sub(low));
        let (budget, rest) = beside(top, top.width * 7 / 20);
        let (burn, saved) = beside(rest, rest.width / 2);
        let (tiers, days) = beside(below, below.width / 2);
        return vec![
            (Pane::Budget, budget),
            (Pane::Burn, burn),
            (Pane::Saved, saved),
            (Pane::Sums, sums),
            (Pane::Tiers, tiers),
            (Pane::Days, days),
        ];
    }
    let (top, rest) = over(body, 7);
    let (budget, burn) = beside(top, top.width / 2);
    let (sums, saved) = over(rest, rest.height.saturating_sub(4));
    vec![
        (Pane::Budget, budget),
        (Pane::Burn, burn),
        (Pane::Sums, sums),
        (Pane::Saved, saved),
    ]
}

const fn share(class: Class, medium: u16, large: u16) -> u16 {
    match class {
        Class::Tiny | Class::Small | Class::S | Class::M => medium,
        Class::L => large,
    }
}

/// Cuts `area` at `height`: above and below.
fn over(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let below = Rect {
        y: area.y + height,
        height: area.height - height,
        ..area
    };
    (Rect { height, ..area }, below)
}

/// Cuts `area` at `width`: left and right.
fn beside(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let right = Rect {
        x: area.x + width,
        width: area.width - width,
        ..area
    };
    (Rect { width, ..area }, right)
}

#[cfg(test)]
mod tests;
