//! The sums: by who, what, model, tier, day or sprint; of this sprint or of all; in the order that is asked for.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::base::money::Money;
use crate::base::text::SafeText;
use crate::base::time::Timestamp;
use crate::domain::cost::Totals;
use crate::domain::sprint::Sprint;
use crate::session::View;
use crate::tui::action::Action;
use crate::tui::facts::{count, line, role_name};
use crate::tui::known::Known;
use crate::tui::panes::{Intent, Purpose, step};
use crate::tui::theme::Token;
use crate::tui::widgets::bar::meter;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::list::Cursor;
use crate::tui::widgets::row::{Piece, piece, plain};
use crate::tui::widgets::table::{Column, Side, Table, Width};

const DAY_MS: i64 = 24 * 60 * 60_000;

/// What the sums are by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Group {
    #[default]
    Agent,
    Task,
    Model,
    Tier,
    Day,
    Sprint,
}

impl Group {
    const fn next(self) -> Self {
        match self {
            Self::Agent => Self::Task,
            Self::Task => Self::Model,
            Self::Model => Self::Tier,
            Self::Tier => Self::Day,
            Self::Day => Self::Sprint,
            Self::Sprint => Self::Agent,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Task => "task",
            Self::Model => "model",
            Self::Tier => "tier",
            Self::Day => "day",
            Self::Sprint => "sprint",
        }
    }
}

/// Which row stands first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sort {
    #[default]
    Cost,
    Calls,
    Tokens,
    Name,
}

impl Sort {
    const fn next(self) -> Self {
        match self {
            Self::Cost => Self::Calls,
            Self::Calls => Self::Tokens,
            Self::Tokens => Self::Name,
            Self::Name => Self::Cost,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Calls => "calls",
            Self::Tokens => "tokens",
            Self::Name => "name",
        }
    }
}

/// One row of the sums.
#[derive(Clone, Debug, Default)]
struct Line {
    /// What it is in the ledger.
    key: String,
    name: String,
    /// The tier, where the row has one.
    tier: &'static str,
    /// Tasks that were worked on, where the row is an agent.
    tasks: Option<usize>,
    totals: Totals,
}

/// What only the sums know.
#[derive(Clone, Debug, Default)]
pub struct State {
    group: Group,
    sort: Sort,
    /// All sprints, not only this one.
    is_all: bool,
    /// The role whose tasks are shown.
    within: Option<String>,
    cursor: Cursor<String>,
}

impl State {
    /// The row under the cursor, for those who follow.
    pub fn in_view(&self) -> Option<View> {
        self.cursor.at.clone().map(View::Row)
    }

    /// Puts the cursor on a row.
    pub fn reveal(&mut self, name: String) {
        self.cursor.set(name);
    }

    fn rows(&self, known: &Known) -> Vec<Line> {
        let world = &known.world;
        let of_all = self.is_all || self.group == Group::Sprint;
        let mut rows = Rows::new();
        if of_all {
            for sprint in world.sprints.values() {
                self.join(&mut rows, sprint);
            }
        } else if let Some(sprint) = world.current() {
            self.join(&mut rows, sprint);
        }
        let mut rows: Vec<Line> = rows.into_values().collect();
        match self.sort {
            Sort::Cost => rows.sort_by_key(|line| std::cmp::Reverse(line.totals.cost)),
            Sort::Calls => rows.sort_by_key(|line| std::cmp::Reverse(line.totals.calls)),
            Sort::Tokens => {
                let tokens = |line: &Line| line.totals.usage.prompt() + line.totals.usage.output;
                rows.sort_by_key(|line| std::cmp::Reverse(tokens(line)));
            }
            // By their keys they stand already, which for days is by time.
            Sort::Name => {}
        }
        rows
    }

    /// Adds what a sprint spent.
    fn join(&self, rows: &mut Rows, sprint: &Sprint) {
        let ledger = &sprint.ledger;
        let named = |key: &String| (key.clone(), line(key));
        match (self.group, &self.within) {
            (Group::Task, Some(role)) => add(rows, &tasks_of(sprint, role), named),
            (Group::Task, None) => add(rows, &ledger.by_work, named),
            (Group::Model, _) => add(rows, &ledger.by_model, named),
            (Group::Tier, _) => add(rows, &ledger.by_tier, |tier| {
                (tier.to_string(), tier.to_string())
            }),
            (Group::Day, _) => add(rows, &ledger.by_day, |days| {
                let (year, month, day) = Timestamp(days.saturating_mul(DAY_MS)).date();
                let date = format!("{year:04}-{month:02}-{day:02}");
                (date.clone(), date)
            }),
            (Group::Sprint, _) => {
                let all = BTreeMap::from([(sprint.id.to_string(), ledger.all.clone())]);
                add(rows, &all, |id| {
                    (
                        id.clone(),
                        format!("{id} {}", line(&sprint.goal.first_line())),
                    )
                });
            }
            (Group::Agent, _) => {
                add(rows, &ledger.by_role, |role| {
                    (role.clone(), role_name(sprint, role))
                });
                for role in ledger.by_role.keys() {
                    if let Some(row) = rows.get_mut(role) {
                        row.tier = sprint.role(role).map_or("", |role| role.tier.short());
                        let works = tasks_of(sprint, role).len();
                        row.tasks = Some(row.tasks.unwrap_or(0) + works);
                    }
                }
            }
        }
    }

    fn keys(&self, known: &Known) -> Vec<String> {
        self.rows(known).into_iter().map(|row| row.key).collect()
    }

    /// Acts on an action; `height` is the height of the list.
    pub fn act(&mut self, action: Action, known: &Known, height: u16) -> Vec<Intent> {
        match action {
            Action::Budget => {
                let open = known.world.running();
                return open
                    .map(|sprint| Intent::Write(Purpose::Budget(sprint.id)))
                    .into_iter()
                    .collect();
            }
            Action::GroupBy => {
                self.group = self.group.next();
                self.within = None;
            }
            Action::CostSort => self.sort = self.sort.next(),
            Action::CostRange => self.is_all = !self.is_all,
            Action::CostExport => return vec![Intent::Copy(self.csv(known))],
            Action::Open => return self.open(known),
            _ => {
                if let Some(step) = step(action, height) {
                    let keys = self.keys(known);
                    self.cursor.step(step, &keys);
                }
            }
        }
        Vec::new()
    }

    /// What is behind the row under the cursor: an agent's tasks, the one who works on a task, a sprint's agents.
    fn open(&mut self, known: &Known) -> Vec<Intent> {
        let Some(key) = self.cursor.current(&self.keys(known)) else {
            return Vec::new();
        };
        let sprint = known.world.current();
        match self.group {
            Group::Agent => {
                self.within = Some(key);
                self.group = Group::Task;
                Vec::new()
            }
            Group::Sprint if sprint.is_some_and(|sprint| sprint.id.to_string() == key) => {
                self.is_all = false;
                self.group = Group::Agent;
                Vec::new()
            }
            Group::Task => {
                let mut attempts = sprint.into_iter().flat_map(|sprint| sprint.attempts.keys());
                let work = attempts.find(|attempt| attempt.work.to_string() == key);
                work.map_or_else(
                    || vec![nothing("that task is of another sprint")],
                    |attempt| vec![Intent::OpenAgent(attempt.work)],
                )
            }
            _ => vec![nothing("nothing more is known about it")],
        }
    }

    /// Goes back from one agent's tasks to the agents; false if there is nothing to go back from.
    pub fn back(&mut self) -> bool {
        let Some(role) = self.within.take() else {
            return false;
        };
        self.group = Group::Agent;
        self.cursor.set(role);
        true
    }

    /// The rows as comma-separated values.
    fn csv(&self, known: &Known) -> String {
        let rows = self.rows(known);
        let rows = rows
            .iter()
            .map(|row| row.totals.csv(&SafeText::line(&row.name)));
        let head = format!("{},{}\r\n", self.group.word(), Totals::CSV_HEAD);
        head + &rows.collect::<String>()
    }

    /// Keeps the cursor in view.
    pub fn settle(&mut self, known: &Known, height: u16) {
        let keys = self.keys(known);
        self.cursor.settle(&keys, height.saturating_sub(1));
    }
}

/// The rows by what they are in the ledger.
type Rows = BTreeMap<String, Line>;

fn add<K>(rows: &mut Rows, totals: &BTreeMap<K, Totals>, name: impl Fn(&K) -> (String, String)) {
    for (of, totals) in totals {
        let (key, name) = name(of);
        let row = rows.entry(key.clone()).or_insert_with(|| Line {
            key,
            name,
            ..Line::default()
        });
        row.totals += totals;
    }
}

/// What the attempts of a role cost, by what they worked on. Calls that gave no step are not among them.
fn tasks_of(sprint: &Sprint, role: &str) -> BTreeMap<String, Totals> {
    let mut tasks: BTreeMap<String, Totals> = BTreeMap::new();
    let attempts = sprint.attempts.values();
    for attempt in attempts.filter(|attempt| attempt.role == role) {
        let totals = tasks.entry(attempt.id.work.to_string()).or_default();
        totals.calls += attempt.steps.len() as u64;
        totals.cost += attempt.cost;
        for step in &attempt.steps {
            totals.usage += step.usage;
        }
    }
    tasks
}

fn nothing(text: &str) -> Intent {
    Intent::Say(Token::Info, text.to_owned())
}

const COLUMNS: [Column; 9] = [
    column(Width::Rest(8), Side::Left, 0),
    column(Width::Cells(4), Side::Left, 5),
    column(Width::Cells(5), Side::Right, 6),
    column(Width::Cells(6), Side::Right, 2),
    column(Width::Cells(7), Side::Right, 3),
    column(Width::Cells(7), Side::Right, 3),
    column(Width::Cells(6), Side::Right, 4),
    column(Width::Cells(7), Side::Right, 0),
    column(Width::Cells(10), Side::Left, 1),
];

const fn column(width: Width, side: Side, drop: u8) -> Column {
    Column { width, side, drop }
}

/// Paints the sums.
pub fn view(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let of = match &state.within {
        Some(role) => known.world.current().map(|sprint| role_name(sprint, role)),
        None => (state.is_all || state.group == Group::Sprint).then(|| "all sprints".to_owned()),
    };
    let of = of.map_or_else(String::new, |of| format!(" · {of}"));
    let title = format!("BY {}{of}", state.group.word().to_uppercase());
    let right = format!("v group  s by {}", state.sort.word());
    let inside = canvas.frame(area, &title, &right, has_focus);
    let rows = state.rows(known);
    let all: Money = rows.iter().map(|row| row.totals.cost).sum();
    if rows.iter().all(|row| row.totals.calls == 0) {
        canvas.row(
            inside,
            &[piece(
                " No spending yet. Demo and local models cost nothing.",
                Token::Dim,
            )],
        );
        return;
    }
    let table = Table::fit(&COLUMNS, inside.width.saturating_sub(2));
    let indented = |row: Rect| Rect {
        x: row.x + 1,
        width: row.width.saturating_sub(2),
        ..row
    };
    let mut places = inside.rows();
    if let Some(row) = places.next() {
        let head = [
            state.group.word(),
            "tier",
            "tasks",
            "calls",
            "in tok",
            "out tok",
            "cached",
            "cost",
            "share",
        ]
        .map(|text| piece(text, Token::Dim));
        table.paint(canvas.buffer, indented(row), canvas.theme, &head);
    }
    let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
    let selected = state.cursor.place(&keys);
    let shown = rows.iter().enumerate().skip(state.cursor.list.top);
    for (place, (number, row)) in places.zip(shown) {
        table.paint(
            canvas.buffer,
            indented(place),
            canvas.theme,
            &cells(row, all),
        );
        if number == selected && has_focus {
            canvas.cursor(place);
        }
    }
}

fn cells(line: &Line, all: Money) -> [Piece<'_>; 9] {
    let totals = &line.totals;
    let unsure = if totals.lost + totals.unpriced > 0 {
        "?"
    } else {
        ""
    };
    [
        plain(line.name.as_str()),
        piece(line.tier, Token::Dim),
        plain(
            line.tasks
                .map_or_else(String::new, |tasks| tasks.to_string()),
        ),
        plain(totals.calls.to_string()),
        plain(count(totals.usage.prompt())),
        plain(count(totals.usage.output)),
        plain(format!("{}%", totals.cached_percent())),
        piece(format!("{}{unsure}", totals.cost), Token::Money),
        piece(meter(10, totals.cost.percent_of(all) * 10), Token::Run),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;
    use crate::tui::panes::bench::{known, rows};

    fn shown(state: &State, known: &Known) -> String {
        let seen = rows(90, 8, |canvas, area| view(state, known, canvas, area, true));
        seen.join("\n")
    }

    #[test]
    fn rows_are_of_one_sprint_or_of_all_and_in_the_order_that_is_asked_for() {
        let known = known(fixture::running());
        let mut state = State::default();
        let by_cost = state.keys(&known);
        assert!(by_cost.len() > 1);
        let costs: Vec<Money> = state
            .rows(&known)
            .iter()
            .map(|row| row.totals.cost)
            .collect();
        assert!(costs.is_sorted_by(|one, other| one >= other), "{costs:?}");
        for _ in 0..3 {
            state.act(Action::CostSort, &known, 6);
        }
        assert!(state.keys(&known).is_sorted(), "by name");
        assert!(shown(&state, &known).contains("s by name"));
        state.act(Action::CostRange, &known, 6);
        assert!(shown(&state, &known).contains("BY AGENT · all sprints"));
        // With one sprint all of them are the one.
        assert_eq!(state.keys(&known).len(), by_cost.len());
        for (word, key) in [
            ("TASK", "s1"),
            ("MODEL", "/"),
            ("TIER", "standard"),
            ("DAY", "-"),
            ("SPRINT", "s1"),
        ] {
            state.act(Action::GroupBy, &known, 6);
            let seen = shown(&state, &known);
            assert!(
                seen.contains(&format!("BY {word}")) && seen.contains(key),
                "{seen}"
            );
        }
    }

    #[test]
    fn a_row_opens_what_is_behind_it_and_goes_as_csv() {
        let known = known(fixture::running());
        let mut state = State::default();
        let role = state.keys(&known)[0].clone();
        let all = state.rows(&known)[0].totals.cost;
        assert_eq!(state.act(Action::Open, &known, 6), []);
        let tasks: Money = state.rows(&known).iter().map(|row| row.totals.cost).sum();
        assert_eq!(tasks, all, "an agent's tasks are all that it cost");
        let opened = state.act(Action::Open, &known, 6);
        assert!(
            matches!(opened.as_slice(), [Intent::OpenAgent(_)]),
            "{opened:?}"
        );
        assert!(state.back() && !state.back());
        assert_eq!(state.cursor.current(&state.keys(&known)), Some(role));
        let copied = state.act(Action::CostExport, &known, 6);
        let [Intent::Copy(csv)] = copied.as_slice() else {
            panic!("{copied:?}");
        };
        assert!(csv.starts_with("agent,calls,input,"), "{csv}");
        assert_eq!(csv.lines().count(), state.keys(&known).len() + 1);
    }
}
