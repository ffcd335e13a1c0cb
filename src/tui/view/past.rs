//! What tells the past from the present, so that nobody takes one for the other: the bar of time in the place of the pulse, dashed
//! borders, and what is shown above the panes about then and now.

use ratatui::layout::Rect;

use crate::tui::app::App;
use crate::tui::facts::line;
use crate::tui::facts::since::{differences, grouped, long_age};
use crate::tui::layout::{Class, Layout, Pane};
use crate::tui::panes::timeline::difference;
use crate::tui::theme::Token;
use crate::tui::update::travel::Panel;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::popup;
use crate::tui::widgets::row::{Piece, piece, plain};

/// The bar of time, while the past is shown.
pub(super) fn bar(app: &App, class: Class) -> Option<Vec<Piece<'static>>> {
    let known = &app.known;
    if !known.is_past() {
        return None;
    }
    let clock = known.clock(known.now);
    let ago = long_age(known.clock_now().since(known.now));
    let mut pieces = vec![piece(format!(" ◀ {clock}"), Token::ModeTravel)];
    if class <= Class::Small {
        pieces.push(plain(format!("  {ago} ago  Esc now")));
        return Some(pieces);
    }
    let (seq, newest) = (grouped(known.world.seq), grouped(known.world_now().seq));
    let was = if class > Class::S { "as it was " } else { "" };
    pieces.push(plain(format!("  {was}{ago} ago · seq {seq} of {newest}")));
    pieces.push(piece(" · read only · Esc back to now", Token::Dim));
    Some(pieces)
}

/// Where one is, in the last row: `log › 10:37:11 (4m 56s ago) read only`.
pub(super) fn crumbs(app: &App, place: &str) -> String {
    let known = &app.known;
    let ago = long_age(known.clock_now().since(known.now));
    format!(
        "  {place} › {} ({ago} ago) read only",
        known.clock(known.now)
    )
}

/// Makes the borders of all panes dashed. Only cells of borders are touched.
pub(super) fn dash(layout: &Layout, canvas: &mut Canvas<'_>) {
    for (pane, area) in &layout.panes {
        let area = area.intersection(canvas.buffer.area);
        if area.is_empty() {
            continue;
        }
        let edge = area.positions().filter(|cell| {
            let is_row = cell.y == area.top() || cell.y + 1 == area.bottom();
            // The columns of the board have frames of their own.
            is_row || cell.x == area.left() || cell.x + 1 == area.right() || *pane == Pane::Board
        });
        for cell in edge {
            if let Some(cell) = canvas.buffer.cell_mut(cell) {
                let dashed = match cell.symbol() {
                    "─" => '┄',
                    "━" => '┅',
                    "│" => '┆',
                    "┃" => '┇',
                    _ => continue,
                };
                cell.set_char(dashed);
            }
        }
    }
}

/// Paints what is shown about the past above the panes.
pub(super) fn panel(app: &App, (panel, top): (Panel, usize), area: Rect, canvas: &mut Canvas<'_>) {
    match panel {
        Panel::Differences => {
            let found = differences(&app.known.world, app.known.world_now());
            let height = u16::try_from(found.len().max(1) + 2).unwrap_or(u16::MAX);
            let area = popup::centered(area, 64, height);
            let title = format!("SINCE {}", app.known.clock(app.known.now));
            let right = format!("{} differ", found.len());
            let inside = popup::paint(canvas.buffer, area, canvas.theme, &title, &right);
            if found.is_empty() {
                canvas.row(inside, &[piece("Nothing differs.", Token::Dim)]);
            }
            let most = found.len().saturating_sub(usize::from(inside.height));
            let rows = found.iter().skip(top.min(most));
            canvas.rows(
                inside,
                rows.map(|found| difference(&found.what, &found.then, &found.now)),
            );
        }
        Panel::Fork => {
            let area = popup::centered(area, 70, 11);
            let title = format!("FORK FROM {}", app.known.clock(app.known.now));
            let inside = popup::paint(canvas.buffer, area, canvas.theme, &title, "F starts it");
            canvas.rows(inside, fork(app));
        }
    }
}

/// What a fork will do.
fn fork(app: &App) -> Vec<Vec<Piece<'static>>> {
    let Some(sprint) = app.known.world.current() else {
        return Vec::new();
    };
    let now = app.known.world_now();
    let last = now.sprints.last_key_value().map_or(0, |(id, _)| id.0);
    let new = crate::base::id::SprintId(last + 1);
    let tip = sprint.tip.as_ref().map_or("", |tip| tip.short());
    let (done, all) = sprint.progress();
    let turn = match now.active {
        Some(active) => format!("begins when {active} is over"),
        None => "begins at once".to_owned(),
    };
    let goal = crate::base::text::clip(&line(&sprint.goal.first_line()), 56);
    let row =
        |label: &str, text: String| vec![piece(format!("{label:<10}"), Token::Dim), plain(text)];
    vec![
        row("new", format!("{new}, {turn}")),
        row("goal", goal),
        row(
            "from",
            format!(
                "{tip}, the tip of {} then: {done}/{all} tasks merged",
                sprint.id
            ),
        ),
        row(
            "plan",
            "made anew; nothing runs before you approve it".to_owned(),
        ),
        row("where", "worktrees and a branch of its own".to_owned()),
        row(
            "rules",
            "today's settings, with a budget of its own".to_owned(),
        ),
        row("kept", format!("{} stays as it is", sprint.id)),
        Vec::new(),
        vec![
            piece("F", Token::Accent),
            plain(" start it      "),
            piece("Esc", Token::Accent),
            piece(" keep things as they are", Token::Dim),
        ],
    ]
}
