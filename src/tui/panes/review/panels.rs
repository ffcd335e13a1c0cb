//! What stands beside the diff: its files, the task in a few rows, the words about it, which calls wrote the file under the cursor, what
//! the checks gave.

use ratatui::layout::Rect;

use crate::base::text::{clip, width, wrap};
use crate::domain::change::checks::CheckResult;
use crate::domain::change::{FileKind, diff_stat};
use crate::domain::sprint::Provenance;
use crate::domain::sprint::{Sprint, Task};
use crate::tui::facts::{line, role_name, task_label, worker};
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::list::List;
use crate::tui::widgets::row::{Piece, piece, plain};

use super::paint::is_marked;
use super::{Panel, State};

type Rows = Vec<Vec<Piece<'static>>>;

/// Paints the files of the change, the one under the cursor marked.
pub fn files(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let gate = state.shown_gate(&known.world);
    let Some(read) = state.content() else {
        canvas.frame(area, "FILES", "", has_focus);
        return;
    };
    let mut counts = vec![(0_usize, 0_usize); read.change.files.len()];
    for place in &read.index.hunks {
        if let Some((marked, count)) = counts.get_mut(place.file) {
            *marked += usize::from(gate.is_some_and(|gate| is_marked(gate, place)));
            *count += 1;
        }
    }
    let (done, all) = counts.iter().fold((0, 0), |(done, all), (marked, count)| {
        (done + marked, all + count)
    });
    let inside = canvas.frame(area, "FILES", &format!("{done}/{all} hunks"), has_focus);
    let current = state.file().map(|(number, _)| number);
    let selected = current.unwrap_or(0);
    let list = List { selected, top: 0 };
    let top = list.window(read.change.files.len(), usize::from(inside.height));
    let files = read.change.files.iter().enumerate().skip(top);
    for (row, (number, file)) in inside.rows().zip(files) {
        let (marked, count) = counts.get(number).copied().unwrap_or_default();
        let sign = match file.kind {
            FileKind::Added => "+",
            FileKind::Deleted => "-",
            FileKind::Modified | FileKind::ModeChanged => "~",
            FileKind::Renamed => ">",
        };
        let is_done = marked == count;
        let token = if is_done { Token::Ok } else { Token::Text };
        let check = if is_done { "✓ " } else { "" };
        let right = format!("{check}{marked}/{count} ");
        let room = usize::from(row.width).saturating_sub(width(&right) + 5);
        let left: [Piece<'_>; 2] = [
            piece(format!("  {sign} "), Token::Dim),
            piece(end_of(&line(&file.path.to_string()), room), token),
        ];
        canvas.both(row, &left, &[plain(right)]);
        if current == Some(number) {
            canvas.cursor(row);
        }
    }
}

/// The end of a path, which tells more than its beginning.
fn end_of(path: &str, cells: usize) -> String {
    if width(path) <= cells {
        return path.to_owned();
    }
    let mut parts = path.char_indices().map(|(at, _)| at);
    let fits = |at: usize| path.get(at..).filter(|end| width(end) < cells);
    let end = parts.find_map(fits);
    end.map_or_else(|| clip(path, cells), |end| format!("…{end}"))
}

fn mark(is_green: bool) -> Piece<'static> {
    if is_green {
        piece("✓", Token::Ok)
    } else {
        piece("✗", Token::Fail)
    }
}

/// `test ✓  lint ✗  judge ✓`
fn signs(task: &Task) -> Vec<Piece<'static>> {
    let mut pieces = Vec::new();
    let checks = task.checks.iter().flatten();
    for check in checks {
        pieces.push(plain(format!("{} ", check.spec.kind)));
        pieces.push(mark(check.passed()));
        pieces.push(plain("  "));
    }
    if let Some(verdict) = &task.verdict {
        pieces.push(plain("judge "));
        pieces.push(mark(verdict.accepted));
        pieces.push(plain("  "));
    }
    pieces
}

/// Paints the task of the change: one row where there is no room for more, else a pane. On demand it tells of calls or checks instead.
pub fn why(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect, is_alone: bool) {
    let found = state.task(&known.world).zip(known.world.current());
    let Some((task, sprint)) = found else {
        if area.height > 1 {
            canvas.frame(area, "WHY", "", false);
        }
        return;
    };
    if area.height <= 1 {
        return canvas.row(area, &row(state, known, task, sprint));
    }
    // Where another pane tells of calls and checks, this one keeps telling of the task.
    let panel = if is_alone { state.panel() } else { Panel::Task };
    let cells = usize::from(area.width.saturating_sub(4));
    let (title, rows) = match panel {
        Panel::Task => ("WHY", about(task, sprint, cells)),
        Panel::Blame => ("WHO WROTE IT", blame(state, task, sprint, cells)),
        Panel::Tests => ("TESTS", tests(task, cells)),
    };
    let inside = canvas.frame(area, title, "", false);
    canvas.rows(inside, rows);
}

fn row(state: &State, known: &Known, task: &Task, sprint: &Sprint) -> Vec<Piece<'static>> {
    let who = worker(sprint, crate::base::id::Work::Task(task.id));
    let stat = task.change.as_ref().map(|change| diff_stat(&change.files));
    let mut pieces = vec![
        plain(format!(" {} ", task_label(task.id))),
        piece(who, Token::Accent),
    ];
    if let Some(stat) = stat {
        let plural = if stat.files == 1 { "" } else { "s" };
        pieces.push(plain(format!("  {} file{plural} ", stat.files)));
        pieces.push(piece(format!("+{}", stat.added), Token::DiffAdd));
        pieces.push(piece(format!(" -{}  ", stat.removed), Token::DiffDel));
    }
    pieces.extend(signs(task));
    if let Some(gate) = state.shown_gate(&known.world) {
        let (accepted, rejected, open) = gate.marked();
        let done = accepted + rejected;
        pieces.push(plain(format!("hunks {done}/{}", done + open)));
    }
    let drafts = state.drafts(known).len();
    if drafts > 0 {
        pieces.push(piece(format!("  {drafts} to send"), Token::Need));
    }
    pieces
}

/// Rows of text under a mark at their first.
fn texts(first: &'static str, text: &str, cells: usize, token: Token) -> Rows {
    let indent = width(first);
    let lines = wrap(text, cells.saturating_sub(indent));
    let lines = lines.into_iter().enumerate();
    lines
        .map(|(row, text)| {
            let head = if row == 0 {
                first.to_owned()
            } else {
                " ".repeat(indent)
            };
            vec![plain(" "), plain(head), piece(text, token)]
        })
        .collect()
}

fn about(task: &Task, sprint: &Sprint, cells: usize) -> Rows {
    let who = worker(sprint, crate::base::id::Work::Task(task.id));
    let mut rows = texts(
        "",
        &format!("{} {}", task_label(task.id), line(&task.spec.title)),
        cells,
        Token::Title,
    );
    let judge = sprint
        .setup
        .team
        .iter()
        .find(|role| role.kind == crate::domain::agent::RoleKind::Judge);
    let mut by = vec![plain(" "), piece(who, Token::Accent)];
    if let (Some(judge), Some(verdict)) = (judge, &task.verdict) {
        by.push(plain(format!(" · judge {} ", line(&judge.name))));
        by.push(mark(verdict.accepted));
    }
    rows.push(by);
    if let Some(change) = &task.change {
        let stat = diff_stat(&change.files);
        let plural = if stat.files == 1 { "" } else { "s" };
        rows.push(vec![
            piece(format!(" +{}", stat.added), Token::DiffAdd),
            piece(format!(" -{}", stat.removed), Token::DiffDel),
            plain(format!(" in {} file{plural}", stat.files)),
        ]);
    }
    rows.push(Vec::new());
    let mut signs_row = vec![plain(" ")];
    signs_row.extend(signs(task));
    rows.push(signs_row);
    let (proven, criteria) = task.proven();
    rows.push(vec![plain(format!(
        " proofs {proven} of {criteria} by command"
    ))]);
    let limit = task
        .account
        .limit
        .map_or_else(String::new, |limit| format!(" of {limit}"));
    rows.push(vec![
        plain(" cost "),
        piece(format!("{}{limit}", task.account.spent), Token::Money),
    ]);
    rows.push(Vec::new());
    rows.push(vec![piece(" done when", Token::Dim)]);
    let claims = claims(task, sprint);
    for (number, criterion) in task.spec.criteria.iter().enumerate() {
        let id = format!("c{}", number + 1);
        let first = if claims.contains(&id) { "[x] " } else { "[ ] " };
        rows.extend(texts(first, &line(&criterion.text), cells, Token::Text));
    }
    rows
}

/// The criteria that the author says are met, in its last attempt that ended.
fn claims(task: &Task, sprint: &Sprint) -> Vec<String> {
    let ends = sprint
        .attempts
        .values()
        .rev()
        .filter(|attempt| attempt.id.work.task() == Some(task.id));
    let mut finished = ends.filter_map(|attempt| match &attempt.end {
        Some(crate::domain::agent::End::Finished { claims, .. }) => Some(claims),
        _ => None,
    });
    let claims = finished.next().into_iter().flatten();
    let met = claims.filter(|claim| claim.done);
    met.map(|claim| claim.id.clone()).collect()
}

/// Which calls wrote the file under the cursor, the newest first: the turn, the call, what for, the words, the cost.
fn blame(state: &State, task: &Task, sprint: &Sprint, cells: usize) -> Rows {
    let Some((_, file)) = state.file() else {
        return Vec::new();
    };
    let path = file.path.display().into_string();
    let mut rows: Rows = vec![vec![piece(
        format!(" {}", clip(&path, cells)),
        Token::Title,
    )]];
    let edits = task.edits.get(&path);
    let edits = edits.map_or(&[][..], Vec::as_slice);
    if edits.is_empty() {
        rows.extend(texts(
            "",
            "No call is known to have written this file: a command of the agent did, or a person.",
            cells,
            Token::Dim,
        ));
    }
    for edit in edits.iter().rev() {
        rows.push(Vec::new());
        rows.extend(call(edit, task, sprint, cells));
    }
    rows
}

fn call(edit: &Provenance, task: &Task, sprint: &Sprint, cells: usize) -> Rows {
    let attempt = sprint.attempts.get(&edit.attempt);
    let step = attempt.and_then(|attempt| attempt.steps.get(edit.step as usize));
    let label = attempt.and_then(|attempt| attempt.call(edit.step, edit.call));
    let who = attempt.map_or_else(String::new, |attempt| role_name(sprint, &attempt.role));
    let mut head = vec![
        piece(format!(" {who} "), Token::Accent),
        plain(format!("turn {}  ", edit.step + 1)),
        piece(format!("+{}", edit.added), Token::DiffAdd),
        piece(format!(" -{}", edit.removed), Token::DiffDel),
    ];
    if let Some(step) = step {
        head.push(piece(format!("  {}", step.cost), Token::Money));
    }
    let mut rows = vec![head];
    if let Some(label) = label {
        rows.extend(texts("", &line(&label.label), cells, Token::Dim));
    }
    if let Some(id) = &edit.criterion {
        let id = id.to_string();
        let number = id
            .rsplit('c')
            .next()
            .and_then(|digits| digits.parse::<usize>().ok());
        let criterion = number.and_then(|number| task.spec.criteria.get(number.checked_sub(1)?));
        let text = criterion.map_or_else(String::new, |criterion| line(&criterion.text));
        rows.extend(texts("for ", &format!("{id} {text}"), cells, Token::Text));
    }
    if let Some(step) = step.filter(|step| !step.first_line.is_empty()) {
        rows.extend(texts("", &line(&step.first_line), cells, Token::Text));
    }
    rows
}

/// What the checks and proofs gave, red ones with the end of their output.
fn tests(task: &Task, cells: usize) -> Rows {
    let parts = [("checks", &task.checks), ("proofs", &task.proofs)];
    let mut rows = Rows::new();
    for (name, results) in parts {
        let Some(results) = results else { continue };
        rows.push(vec![piece(format!(" {name}"), Token::Dim)]);
        rows.extend(results.iter().flat_map(|result| check(result, cells)));
    }
    if rows.is_empty() {
        rows.extend(texts(
            "",
            "No checks have run on this change.",
            cells,
            Token::Dim,
        ));
    }
    rows
}

fn check(result: &CheckResult, cells: usize) -> Rows {
    let seconds = format!(
        "{}.{}s",
        result.wall_ms / 1_000,
        result.wall_ms % 1_000 / 100
    );
    let exit = if result.passed() {
        String::new()
    } else {
        format!("  exit {}", result.exit)
    };
    let command = clip(&line(&result.spec.command), cells.saturating_sub(14));
    let mut rows = vec![vec![
        plain(" "),
        mark(result.passed()),
        plain(format!(" {command}  {seconds}{exit}")),
    ]];
    if !result.passed() {
        let tail: Vec<&str> = result.tail.lines().collect();
        let last = tail.iter().skip(tail.len().saturating_sub(8));
        rows.extend(last.map(|text| {
            vec![
                plain("   "),
                piece(clip(&line(text), cells.saturating_sub(3)), Token::Dim),
            ]
        }));
    }
    rows
}

/// Paints the words about the change.
pub fn remarks(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let title = format!("COMMENTS {}", state.remarks.len());
    let right = if state.drafts(known).is_empty() {
        ""
    } else {
        "S sends all"
    };
    let inside = canvas.frame(area, &title, right, false);
    let mut rows: Rows = state
        .remarks
        .iter()
        .rev()
        .map(|remark| {
            vec![
                plain(format!(" {}  ", remark.place)),
                piece(remark.who.clone(), Token::Accent),
                piece(format!("  {}", remark.fate.words()), Token::Dim),
            ]
        })
        .collect();
    let found = state.task(&known.world).zip(known.world.current());
    let who = found.map_or_else(String::new, |(task, sprint)| {
        worker(sprint, crate::base::id::Work::Task(task.id))
    });
    if !rows.is_empty() {
        rows.push(Vec::new());
    }
    let text = format!(
        "c comments on a line, C on the file; drafts go to {who} as one message when you press S"
    );
    rows.extend(texts(
        "",
        &text,
        usize::from(inside.width.saturating_sub(2)),
        Token::Dim,
    ));
    canvas.rows(inside, rows);
}

/// Paints which calls wrote the file under the cursor, or what the checks gave.
pub fn explains(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let found = state.task(&known.world).zip(known.world.current());
    let Some((task, sprint)) = found else {
        canvas.frame(area, "WHO WROTE IT", "", false);
        return;
    };
    let cells = usize::from(area.width.saturating_sub(4));
    let who = worker(sprint, crate::base::id::Work::Task(task.id));
    let (title, rows) = match state.panel() {
        Panel::Tests => ("TESTS".to_owned(), tests(task, cells)),
        Panel::Task | Panel::Blame => {
            (format!("{who} explains"), blame(state, task, sprint, cells))
        }
    };
    let inside = canvas.frame(area, &title, "", false);
    canvas.rows(inside, rows);
}
