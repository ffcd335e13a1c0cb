//! Money: the budget, what was saved, and sums by who, what, model and tier. Money first, tokens second.

pub mod flow;

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use crate::base::money::Money;
use crate::domain::cost::Totals;
use crate::domain::sprint::{Sprint, estimate};
use crate::tui::action::Action;
use crate::tui::facts::{count, line, role_name, simulated};
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::bar::meter;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::list::Cursor;
use crate::tui::widgets::row::{Piece, piece, plain};
use crate::tui::widgets::table::{Column, Side, Table, Width};

use super::overview::money;
use super::{Intent, Purpose, step};

/// What the sums are by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Group {
    #[default]
    Agent,
    Task,
    Model,
    Tier,
}

/// One row of the sums.
#[derive(Clone, Debug)]
struct Line {
    name: String,
    /// The tier, where the row has one.
    tier: &'static str,
    /// Tasks that were worked on, where the row is an agent.
    tasks: Option<usize>,
    totals: Totals,
}

/// Tasks that somebody of this role worked on.
fn tasks_of(sprint: &Sprint, role: &str) -> usize {
    let attempts = sprint.attempts.values();
    let works = attempts.filter(|attempt| attempt.role == role);
    let tasks: BTreeSet<_> = works.filter_map(|attempt| attempt.id.work.task()).collect();
    tasks.len()
}

/// What only the sums know.
#[derive(Clone, Debug, Default)]
pub struct State {
    group: Group,
    cursor: Cursor<String>,
}

impl State {
    fn rows(&self, sprint: &Sprint) -> Vec<Line> {
        let ledger = &sprint.ledger;
        let plain = |name: String, totals: &Totals| Line {
            name,
            tier: "",
            tasks: None,
            totals: totals.clone(),
        };
        let mut rows: Vec<Line> = match self.group {
            Group::Agent => ledger
                .by_role
                .iter()
                .map(|(key, totals)| Line {
                    tier: sprint.role(key).map_or("", |role| role.tier.short()),
                    tasks: Some(tasks_of(sprint, key)),
                    ..plain(role_name(sprint, key), totals)
                })
                .collect(),
            Group::Task => {
                let rows = ledger.by_work.iter();
                rows.map(|(key, totals)| plain(line(key), totals)).collect()
            }
            Group::Model => {
                let rows = ledger.by_model.iter();
                rows.map(|(key, totals)| plain(line(key), totals)).collect()
            }
            Group::Tier => ledger
                .by_tier
                .iter()
                .map(|(key, totals)| Line {
                    tier: key.short(),
                    ..plain(key.to_string(), totals)
                })
                .collect(),
        };
        rows.sort_by_key(|line| std::cmp::Reverse(line.totals.cost));
        rows
    }

    fn names(&self, known: &Known) -> Vec<String> {
        let rows = known
            .world
            .current()
            .map(|sprint| self.rows(sprint))
            .unwrap_or_default();
        rows.into_iter().map(|line| line.name).collect()
    }

    /// Acts on an action; `height` is the height of the list.
    pub fn act(&mut self, action: Action, known: &Known, height: u16) -> Vec<Intent> {
        let open = known.world.running();
        if let (Action::Budget, Some(sprint)) = (action, open) {
            return vec![Intent::Write(Purpose::Budget(sprint.id))];
        }
        if action == Action::GroupBy {
            self.group = match self.group {
                Group::Agent => Group::Task,
                Group::Task => Group::Model,
                Group::Model => Group::Tier,
                Group::Tier => Group::Agent,
            };
        } else if let Some(step) = step(action, height) {
            let names = self.names(known);
            self.cursor.step(step, &names);
        }
        Vec::new()
    }

    /// Keeps the cursor in view.
    pub fn settle(&mut self, known: &Known, height: u16) {
        let names = self.names(known);
        self.cursor.settle(&names, height.saturating_sub(1));
    }
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
pub fn sums(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let title = match state.group {
        Group::Agent => "BY AGENT",
        Group::Task => "BY TASK",
        Group::Model => "BY MODEL",
        Group::Tier => "BY TIER",
    };
    let inside = canvas.frame(area, title, "v group", has_focus);
    let Some(sprint) = known
        .world
        .current()
        .filter(|sprint| sprint.ledger.all.calls > 0)
    else {
        canvas.row(inside, &[piece(" No spending yet.", Token::Dim)]);
        return;
    };
    let table = Table::fit(&COLUMNS, inside.width.saturating_sub(2));
    let indented = |row: Rect| Rect {
        x: row.x + 1,
        width: row.width.saturating_sub(2),
        ..row
    };
    let mut places = inside.rows();
    if let Some(row) = places.next() {
        let head = [
            "name", "tier", "tasks", "calls", "in tok", "out tok", "cached", "cost", "share",
        ]
        .map(|text| piece(text, Token::Dim));
        table.paint(canvas.buffer, indented(row), canvas.theme, &head);
    }
    let selected = state.cursor.place(&state.names(known));
    let all = sprint.ledger.all.cost;
    let rows = state.rows(sprint);
    let shown = rows.iter().enumerate().skip(state.cursor.list.top);
    for (row, (place, line)) in places.zip(shown) {
        table.paint(
            canvas.buffer,
            indented(row),
            canvas.theme,
            &cells(line, all),
        );
        if place == selected && has_focus {
            canvas.cursor(row);
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

/// Paints the budget.
pub fn budget(known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(sprint) = known.world.current() else {
        canvas.frame(area, "BUDGET", "", false);
        return;
    };
    let inside = canvas.frame(
        area,
        &format!("BUDGET {}{}", sprint.id, simulated(sprint)),
        if sprint.is_closed() { "" } else { "b change" },
        false,
    );
    let inside = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    };
    let account = &sprint.account;
    let percent = account.percent();
    let limit = match (account.limit, account.left()) {
        (Some(limit), Some(left)) => format!("{limit}   left {left}"),
        _ => "no limit".to_owned(),
    };
    let cells = usize::from(inside.width.saturating_sub(5)).min(40);
    canvas.rows(
        inside,
        [
            vec![
                piece("spent    ", Token::Dim),
                piece(account.spent.to_string(), money(percent)),
            ],
            vec![piece("budget   ", Token::Dim), plain(limit)],
            vec![
                piece(meter(cells, percent.unwrap_or(0) * 10), money(percent)),
                plain(percent.map_or_else(String::new, |percent| format!(" {percent}%"))),
            ],
            vec![
                piece("reserved ", Token::Dim),
                plain(account.reserved.to_string()),
            ],
            vec![
                piece("at its end about ", Token::Dim),
                plain(estimate::forecast(sprint).to_string()),
            ],
            vec![piece(
                if sprint.setup.policy.simulated {
                    "the models are simulated, and so is the money"
                } else {
                    ""
                },
                Token::Info,
            )],
        ],
    );
}

/// Paints what was saved against the dearest way.
pub fn saved(known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(sprint) = known.world.current() else {
        canvas.frame(area, "SAVED", "", false);
        return;
    };
    let all = &sprint.ledger.all;
    let title = format!(
        "SAVED {} ({}%){}",
        all.saved(),
        all.saved().percent_of(all.baseline),
        simulated(sprint)
    );
    let inside = canvas.frame(area, &title, "", false);
    let inside = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    };
    let tiers = sprint
        .ledger
        .by_tier
        .iter()
        .map(|(tier, totals)| format!("{tier} {}", totals.cost));
    canvas.rows(
        inside,
        [
            vec![piece(
                format!("the same calls at the baseline, uncached: {}", all.baseline),
                Token::Dim,
            )],
            vec![plain(tiers.collect::<Vec<_>>().join("   "))],
            vec![piece(
                format!("cache {}% of input", all.cached_percent()),
                Token::Dim,
            )],
            vec![piece(
                if all.unpriced > 0 {
                    "? unknown price, counted at the dearest"
                } else {
                    ""
                },
                Token::Risk,
            )],
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::super::bench::{known, rows};
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn the_dearest_stands_first() {
        let known = known(fixture::running());
        let mut state = State::default();
        let seen = rows(80, 6, |canvas, area| {
            sums(&state, &known, canvas, area, true);
        });
        insta::assert_snapshot!(seen.join(
            "
"
        ));
        state.act(Action::GroupBy, &known, 9);
        let seen = rows(30, 5, |canvas, area| {
            sums(&state, &known, canvas, area, true);
        });
        insta::assert_snapshot!(seen.join(
            "
"
        ));
        let seen = rows(40, 7, |canvas, area| {
            budget(&known, canvas, area);
        });
        insta::assert_snapshot!(seen.join(
            "
"
        ));
        let seen = rows(60, 4, |canvas, area| {
            saved(&known, canvas, area);
        });
        insta::assert_snapshot!(seen.join(
            "
"
        ));
    }
}
