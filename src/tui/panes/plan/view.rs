//! How the plan is painted: its tasks, the one under the cursor, the limits, and what speaks for and against it.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::{State, gate, shown, slugs, told};
use crate::base::money::Money;
use crate::base::text::wrap;
use crate::base::time;
use crate::domain::llm::Tier;
use crate::domain::sprint::outlook::{Difference, differences, outlook};
use crate::domain::sprint::{Phase, Plan, Planned, Proof, Setup, Sprint, estimate};
use crate::tui::facts::{line, role_name, simulated};
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{Piece, piece, plain};
use crate::tui::widgets::table::{Column, Side, Table, Width};

const COLUMNS: [Column; 7] = [
    column(Width::Cells(3), Side::Left, 0),
    column(Width::Cells(1), Side::Left, 0),
    column(Width::Rest(12), Side::Left, 0),
    column(Width::Cells(8), Side::Left, 3),
    column(Width::Cells(4), Side::Left, 2),
    column(Width::Cells(6), Side::Right, 0),
    column(Width::Cells(14), Side::Left, 4),
];

const fn column(width: Width, side: Side, drop: u8) -> Column {
    Column { width, side, drop }
}

/// How the tasks differ, by slug, and whether the person or the planner made it so.
type Marks = BTreeMap<String, (Difference, Token)>;

/// What the person changed; where that is nothing, what the planner changed since the draft before.
fn marks(state: &State, known: &Known, sprint: &Sprint) -> Marks {
    let before = sprint.before.as_ref();
    let planner = before.map_or_else(BTreeMap::new, |before| differences(before, &sprint.plan));
    let person = if known.is_past() {
        BTreeMap::new()
    } else {
        state.draft.marks(sprint)
    };
    let of = |marks: BTreeMap<String, Difference>, token| {
        marks
            .into_iter()
            .map(move |(slug, difference)| (slug, (difference, token)))
    };
    let mut all: Marks = of(planner, Token::Info).collect();
    let added = sprint.tasks.values().filter(|task| task.added_by.is_some());
    all.extend(added.map(|task| (task.spec.slug.clone(), (Difference::Added, Token::Info))));
    all.extend(of(person, Token::Accent));
    all
}

const fn sign(difference: Difference) -> &'static str {
    match difference {
        Difference::Added => "+",
        Difference::Changed => "~",
        Difference::Dropped => "-",
    }
}

/// Paints the tasks.
pub fn view(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let Some(sprint) = shown(known) else {
        let inside = canvas.frame(area, "PLAN", "", has_focus);
        let text = match known.world.current().map(|sprint| &sprint.phase) {
            Some(Phase::Opening | Phase::Planning | Phase::Queued) => {
                " No plan yet. The planner is at work; it comes to you when it is done.  3 agents"
            }
            _ => " No plan. The planner makes one of what you want.  i  describe a goal",
        };
        canvas.row(inside, &[piece(text, Token::Dim)]);
        return;
    };
    let plan = state.plan(known, sprint);
    let dropped = plan.tasks.len() - plan.kept().count();
    let title = format!(
        "PLAN {} draft {}  {}",
        sprint.id,
        sprint.plan.revision,
        line(&sprint.goal.first_line())
    );
    let mut right = format!("{} tasks", plan.tasks.len() - dropped);
    for (count, word) in [(dropped, "dropped"), (edits(state, known), "edits")] {
        if count > 0 {
            right = format!("{right} · {count} {word}");
        }
    }
    let inside = canvas.frame(area, &title, &right, has_focus);
    let table = Table::fit(&COLUMNS, inside.width.saturating_sub(2));
    let marks = marks(state, known, sprint);
    let selected = state.cursor.place(&slugs(plan));
    let mut rows = inside.rows();
    if let Some(row) = rows.next() {
        let head = ["", "", "task", "who", "tier", "est", "needs"];
        let head = head.map(|text| piece(text, Token::Dim));
        table.paint(canvas.buffer, indented(row), canvas.theme, &head);
    }
    let shown = plan.tasks.iter().enumerate().skip(state.cursor.list.top);
    for (row, (place, task)) in rows.by_ref().zip(shown) {
        let mark = marks.get(&task.slug).copied();
        let cells = cells(sprint, task, mark);
        table.paint(canvas.buffer, indented(row), canvas.theme, &cells);
        if place == selected && has_focus {
            canvas.cursor(row);
        }
    }
    // Below the last task, if there is room behind an empty row.
    if let Some(row) = rows.nth(1).filter(|_| edits(state, known) > 0) {
        let text: Vec<String> = state.draft.edits().iter().rev().map(told).collect();
        let left = [
            piece("edits by you: ", Token::Accent),
            plain(text.join(", ")),
        ];
        canvas.both(indented(row), &left, &[piece("u undo", Token::Dim)]);
    }
}

fn edits(state: &State, known: &Known) -> usize {
    if known.is_past() {
        0
    } else {
        state.draft.edits().len()
    }
}

const fn indented(row: Rect) -> Rect {
    Rect {
        x: row.x + 1,
        width: row.width.saturating_sub(2),
        ..row
    }
}

fn cells<'a>(sprint: &Sprint, task: &Planned, mark: Option<(Difference, Token)>) -> [Piece<'a>; 7] {
    let token = if task.is_dropped {
        Token::Faint
    } else {
        Token::Text
    };
    let keep = if task.is_dropped { "[ ]" } else { "[x]" };
    let note = match mark {
        _ if task.is_dropped => "  (dropped)",
        Some((Difference::Added, Token::Accent)) => "  (you added)",
        Some(_) | None => "",
    };
    let needs = if task.needs.is_empty() {
        "-".to_owned()
    } else {
        line(&task.needs.join(" "))
    };
    let cost = if task.is_dropped {
        Money::ZERO
    } else {
        estimate::task(&sprint.setup, task)
    };
    [
        piece(keep, token),
        mark.map_or_else(
            || plain(" "),
            |(difference, token)| piece(sign(difference), token),
        ),
        piece(format!("{}{note}", line(&task.title)), token),
        piece(role_name(sprint, &task.role), token),
        piece(estimate::tier(&sprint.setup, task).short(), Token::Dim),
        piece(cost.to_string(), Token::Money),
        piece(needs, Token::Dim),
    ]
}

/// Paints the task under the cursor.
pub fn planned(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let found = shown(known).and_then(|sprint| {
        let plan = state.plan(known, sprint);
        let task = plan.tasks.get(state.cursor.place(&slugs(plan)))?;
        Some((sprint, plan, task))
    });
    let Some((sprint, plan, task)) = found else {
        canvas.frame(area, "TASK", "", false);
        return;
    };
    let inside = indented(canvas.frame(area, &line(&task.slug), "e edit", false));
    let width = usize::from(inside.width);
    let mut rows: Vec<Vec<Piece<'_>>> = Vec::new();
    let detail = line(&task.detail);
    if !detail.is_empty() {
        rows.extend(
            wrap(&detail, width)
                .into_iter()
                .map(|text| vec![plain(text)]),
        );
    }
    for (number, criterion) in (1..).zip(&task.criteria) {
        let proof = match &criterion.proof {
            Proof::Command(command) => format!("  $ {}", line(command)),
            Proof::Human => "  by a person".to_owned(),
        };
        rows.push(vec![
            piece(format!("c{number} "), Token::Dim),
            plain(line(&criterion.text)),
            piece(proof, Token::Dim),
        ]);
    }
    rows.push(vec![
        piece("touches ", Token::Dim),
        plain(line(&task.touches.join(", "))),
    ]);
    let holds = plan.kept().filter(|other| other.needs.contains(&task.slug));
    let holds: Vec<&str> = holds.map(|other| other.slug.as_str()).collect();
    let holds = if holds.is_empty() {
        String::new()
    } else {
        format!("   holds {}", line(&holds.join(", ")))
    };
    let cap = task.cap.or(sprint.setup.policy.task_budget);
    let cap = cap.map_or_else(|| "no cap".to_owned(), |cap| format!("cap {cap}"));
    rows.push(vec![
        piece("est     ", Token::Dim),
        piece(
            estimate::task(&sprint.setup, task).to_string(),
            Token::Money,
        ),
        plain(format!(
            "   {}   {cap}{holds}",
            minutes(estimate::wall_ms(&sprint.setup, task))
        )),
    ]);
    canvas.rows(inside, rows);
}

fn minutes(wall_ms: i64) -> String {
    format!("{} min", time::minutes(wall_ms))
}

/// Paints what the plan may cost, what other tiers would cost, and what a person is asked for.
pub fn limits(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(sprint) = shown(known) else {
        canvas.frame(area, "BUDGET AND LIMITS", "", false);
        return;
    };
    let inside = indented(canvas.frame(area, "BUDGET AND LIMITS", "", false));
    let (setup, policy) = (&sprint.setup, &sprint.setup.policy);
    let plan = state.plan(known, sprint);
    let limit = |limit: Option<Money>| limit.map_or_else(|| "none".to_owned(), |l| l.to_string());
    let gate = |is_asked: bool, text: &'static str| {
        let mark = if is_asked { "[x] " } else { "[ ] " };
        vec![piece("gates   ", Token::Dim), plain(mark), plain(text)]
    };
    let row = |name: &'static str, text: String| vec![piece(name, Token::Dim), plain(text)];
    let tasks = limit(policy.task_budget);
    let mut rows = vec![row(
        "budget  ",
        format!("[ {} ]  task {tasks}", limit(sprint.account.limit)),
    )];
    rows.extend(choices(setup, plan, inside.height > 9));
    rows.extend([
        gate(policy.review, "I review each change"),
        gate(policy.merge, "I let it land"),
        row("agents  ", format!("[ {} ] at once", policy.agents_max)),
    ]);
    if inside.height <= 6 {
        rows.push(row("task    ", "Enter shows the chosen one".to_owned()));
    }
    canvas.rows(inside, rows);
}

/// What the plan costs as it is, and if all its tasks had one tier: a row for each where there is room, with a mark at what is so.
fn choices<'a>(setup: &Setup, plan: &Plan, is_roomy: bool) -> Vec<Vec<Piece<'a>>> {
    let all_at = |tier: Tier| {
        let mut plan = plan.clone();
        for task in &mut plan.tasks {
            task.tier = Some(tier);
        }
        estimate::plan(setup, &plan)
    };
    let now = estimate::plan(setup, plan);
    if !is_roomy {
        let text = format!("{now}, all eco {}", all_at(Tier::Economy));
        return vec![vec![piece("tiers   ", Token::Dim), plain(text)]];
    }
    let tiers = [Tier::Premium, Tier::Standard, Tier::Economy, Tier::Local];
    let is_all = |tier: Tier| plan.kept().all(|task| estimate::tier(setup, task) == tier);
    let is_mixed = !tiers.into_iter().any(is_all);
    let choice = |name: String, is_so: bool, cost: Money, is_first: bool| {
        let label = if is_first { "tiers   " } else { "        " };
        vec![
            piece(label, Token::Dim),
            plain(if is_so { "(●) " } else { "( ) " }),
            plain(format!("{name:<9}")),
            piece(format!("{:>8}", cost.to_string()), Token::Money),
        ]
    };
    let mixed = is_mixed.then(|| choice("mixed".to_owned(), true, now, true));
    let mut rows: Vec<_> = mixed.into_iter().collect();
    for tier in tiers
        .into_iter()
        .filter(|tier| setup.models.contains_key(tier))
    {
        let is_first = rows.is_empty();
        let name = format!("all {}", tier.short());
        rows.push(choice(
            name,
            !is_mixed && is_all(tier),
            all_at(tier),
            is_first,
        ));
    }
    rows.push(vec![piece("        m changes a task's", Token::Dim)]);
    rows
}

/// Paints what speaks for and against the plan, what it will cost, and whether it can be approved now.
pub fn checks(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect, is_armed: bool) {
    let Some(sprint) = shown(known) else {
        canvas.frame(area, "CHECKS", "", false);
        return;
    };
    let plan = state.plan(known, sprint);
    let outlook = outlook(&sprint.setup, plan);
    let right = match (plan.faults.len(), outlook.warnings.len()) {
        (0, 0) => "no faults".to_owned(),
        (0, 1) => "1 warning".to_owned(),
        (0, count) => format!("{count} warnings"),
        (1, _) => "1 fault".to_owned(),
        (count, _) => format!("{count} faults"),
    };
    let inside = indented(canvas.frame(area, "CHECKS", &right, false));
    let width = usize::from(inside.width.saturating_sub(2));
    let change = change(outlook.cost - estimate::plan(&sprint.setup, &sprint.plan));
    let mut rows = vec![vec![
        piece("estimate ", Token::Dim),
        piece(outlook.cost.to_string(), Token::Money),
        if change.is_empty() {
            piece(simulated(sprint), Token::Dim)
        } else {
            piece(change, Token::Accent)
        },
    ]];
    rows.extend(end(state, known, sprint, (outlook.wall_ms, plan)));
    rows.extend(against(sprint));
    let mut say = |mark: &'static str, token: Token, text: &str| {
        for (place, text) in wrap(&line(text), width).into_iter().enumerate() {
            let mark = if place == 0 { mark } else { "  " };
            rows.push(vec![piece(mark, token), plain(text)]);
        }
    };
    for fault in &plan.faults {
        let fix = fault.cure(&sprint.setup, plan).map_or("", |_| "  f fixes");
        say("✗ ", Token::Fail, &format!("{fault}{fix}"));
    }
    for warning in &outlook.warnings {
        let fix = warning.cure(plan).map_or("", |_| "  f fixes");
        say("▲ ", Token::Risk, &format!("{warning}{fix}"));
    }
    let limit = sprint.account.limit.filter(|limit| outlook.cost <= *limit);
    let mut sound: Vec<String> = limit
        .map(|limit| format!("budget {limit}"))
        .into_iter()
        .collect();
    if plan.faults.is_empty() {
        sound.extend(["criteria", "needs"].map(str::to_owned));
    }
    if !sound.is_empty() {
        say("✓ ", Token::Ok, &sound.join(" · "));
    }
    if outlook.critical.len() > 1 {
        let text = format!("longest: {}", outlook.critical.join(" › "));
        say("  ", Token::Dim, &text);
    }
    // The last row is kept for the key, whatever the length of the rest.
    let room = usize::from(inside.height.saturating_sub(1));
    let surplus = (rows.len() + 1).saturating_sub(room);
    if rows.len() > room && room > 0 {
        rows.truncate(room - 1);
        rows.push(vec![piece(format!("  {surplus} more"), Token::Dim)]);
    }
    if gate(sprint).is_some() {
        rows.push(key(plan, is_armed));
    }
    canvas.rows(inside, rows);
}

fn key<'a>(plan: &Plan, is_armed: bool) -> Vec<Piece<'a>> {
    if !plan.faults.is_empty() {
        return vec![
            piece("A", Token::Faint),
            piece(" approves when no ✗ is left", Token::Dim),
        ];
    }
    vec![
        piece("A", Token::Accent),
        piece(" approve and start   ", Token::Dim),
        if is_armed {
            piece("ready", Token::Ok)
        } else {
            piece("…", Token::Dim)
        },
    ]
}

/// A difference in money with its sign; nothing where there is none.
fn change(difference: Money) -> String {
    match difference.0 {
        0 => String::new(),
        1.. => format!(" +{difference}"),
        _ => format!(" -{}", Money::ZERO - difference),
    }
}

/// When all could be done, and how that differs from what the planner proposed.
fn end<'a>(
    state: &State,
    known: &Known,
    sprint: &Sprint,
    (wall_ms, plan): (Option<i64>, &Plan),
) -> Option<Vec<Piece<'a>>> {
    let wall_ms = wall_ms.filter(|_| plan.kept().next().is_some())?;
    let mut text = minutes(wall_ms);
    if gate(sprint).is_some() {
        let clock = known.clock(known.clock_now().plus_ms(wall_ms));
        let clock = clock.get(..5).unwrap_or(&clock);
        text = format!("about {clock} · {text}");
    }
    let before = (edits(state, known) > 0)
        .then(|| outlook(&sprint.setup, &sprint.plan).wall_ms)
        .flatten();
    let moved = before.map_or(0, |before| (wall_ms - before) / 60_000);
    let moved = match moved {
        0 => String::new(),
        _ => format!(" {moved:+} min"),
    };
    Some(vec![
        piece("ends ", Token::Dim),
        plain(text),
        piece(moved, Token::Accent),
    ])
}

/// What the planner changed since the draft that was sent back.
fn against<'a>(sprint: &Sprint) -> Option<Vec<Piece<'a>>> {
    let before = sprint.before.as_ref()?;
    let found = differences(before, &sprint.plan);
    let count = |wanted: Difference| found.values().filter(|found| **found == wanted).count();
    let (added, changed, gone) = (
        count(Difference::Added),
        count(Difference::Changed),
        count(Difference::Dropped),
    );
    let names: Vec<String> = found
        .iter()
        .filter(|(_, difference)| **difference == Difference::Dropped)
        .map(|(slug, _)| line(slug))
        .collect();
    let gone_names = if names.is_empty() {
        String::new()
    } else {
        format!(": {}", names.join(" "))
    };
    Some(vec![
        piece(format!("since {} ", before.revision), Token::Dim),
        piece(
            format!("+{added} ~{changed} -{gone}{gone_names}"),
            Token::Info,
        ),
    ])
}
