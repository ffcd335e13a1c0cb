//! What lies above the panes: notices, the menu behind a first key, help, texts, the palette, the word that confirms.

mod answers;
mod help;
mod notices;
mod people;

use std::time::Instant;

use ratatui::layout::{Position, Rect};

use crate::base::text::wrap;
use crate::tui::app::{App, Overlay};
use crate::tui::facts::{line, work_label, worker};
use crate::tui::layout::{Class, Layout, Pane};
use crate::tui::panes::Purpose;
use crate::tui::panes::plan::Wording;
use crate::tui::theme::Token;
use crate::tui::update::{MENU, palette};
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::composer::Composer;
use crate::tui::widgets::popup;
use crate::tui::widgets::row::{Piece, piece, plain};

/// Paints what lies above; gives the place of the terminal's cursor in a text field.
pub(super) fn paint(
    app: &App,
    layout: &Layout,
    canvas: &mut Canvas<'_>,
    at: Instant,
) -> Option<Position> {
    if layout.class == Class::Tiny {
        return None;
    }
    let free = match &app.overlay {
        Some(Overlay::Draft { text, .. }) => Rect {
            height: layout.body.height - draft_height(text, layout.body),
            ..layout.body
        },
        Some(Overlay::Filter { .. }) => Rect {
            height: layout.body.height.saturating_sub(1),
            ..layout.body
        },
        _ => layout.body,
    };
    notices::toasts(app, (layout.class, free), canvas);
    menu(app, layout.body, canvas, at);
    match &app.overlay {
        None | Some(Overlay::Setup(_)) => None,
        Some(Overlay::Help {
            text,
            row,
            is_legend,
        }) => help::paint(app, (text, *row, *is_legend), layout.body, canvas),
        Some(Overlay::Filter { pane, text }) => filter((*pane, text), layout.body, canvas),
        Some(Overlay::KeyTest(keys)) => {
            help::keys(app, keys, layout.body, canvas);
            None
        }
        Some(Overlay::Past(panel, top)) => {
            super::past::panel(app, (*panel, *top), layout.body, canvas);
            None
        }
        Some(Overlay::NewTask) => {
            new_task(app, layout.body, canvas);
            None
        }
        Some(Overlay::People(row)) => {
            people::paint(app, *row, layout.body, canvas);
            None
        }
        Some(Overlay::Notices(row)) => {
            notices::list(app, *row, layout.body, canvas);
            None
        }
        Some(Overlay::Answers(gates, verdict)) => {
            answers::paint(app, (gates, verdict), layout.body, canvas, at);
            None
        }
        Some(Overlay::Draft { purpose, text }) => draft(app, (purpose, text), layout.body, canvas),
        Some(Overlay::Palette { text, row }) => palette(app, (text, *row), layout.body, canvas),
        Some(Overlay::Confirm {
            word, text, typed, ..
        }) => confirm((word, text, typed), layout.body, canvas),
    }
}

/// The keys that can follow the ones that were pressed, after a moment of hesitation.
fn menu(app: &App, area: Rect, canvas: &mut Canvas<'_>, at: Instant) {
    let is_late = app
        .pending_since
        .is_some_and(|since| at.saturating_duration_since(since) >= MENU);
    if !is_late {
        return;
    }
    let rows = app
        .keymap
        .continuations(app.mode(), app.place, &app.pending.keys);
    let height = u16::try_from(rows.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let area = popup::centered(area, 30, height);
    let inside = popup::paint(canvas.buffer, area, canvas.theme, "THEN", "Esc");
    canvas.rows(
        inside,
        rows.iter().map(|(keys, spec)| row(keys, 6, spec.title)),
    );
}

pub(super) fn row<'a>(keys: &'a str, width: usize, text: &'a str) -> Vec<Piece<'a>> {
    vec![
        piece(crate::base::text::pad(keys, width), Token::Accent),
        plain(" "),
        plain(text),
    ]
}

/// The line in which a filter is typed: the last of the body.
fn filter(
    (pane, text): (Pane, &Composer),
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Option<Position> {
    let row = Rect {
        y: area.bottom().saturating_sub(1),
        height: area.height.min(1),
        ..area
    };
    popup::ground(canvas.buffer, row, canvas.theme);
    let head = " / ";
    let help = match pane {
        Pane::Log => "agent:  kind:  task:  since:10m ",
        Pane::Stream | Pane::Second | Pane::Third | Pane::Fourth | Pane::Diff => {
            "n N next and previous match "
        }
        _ => "agent:  kind:  state:  >$1  since:10m ",
    };
    canvas.both(
        row,
        &[piece(head, Token::Accent)],
        &[piece(help, Token::Dim)],
    );
    let indent = head.len() as u16;
    let field = Rect {
        x: row.x + indent.min(row.width),
        width: row.width.saturating_sub(indent + help.len() as u16),
        ..row
    };
    text.paint(canvas.buffer, field, canvas.theme)
}

/// A task that is about to be added, and what becomes of the money.
fn new_task(app: &App, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(sprint) = app.known.world.current() else {
        return;
    };
    let Some(form) = &app.panes.board.form else {
        return;
    };
    let width = area.width.min(74);
    // What is agreed to is shown whole: the box is as high as its rows.
    let room = (
        usize::from(width.saturating_sub(4)),
        usize::from(area.height.saturating_sub(2)),
    );
    let rows = form.rows(sprint, room);
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let area = popup::centered(area, width, height.saturating_add(2));
    let right = sprint.id.to_string();
    let inside = popup::paint(canvas.buffer, area, canvas.theme, "NEW TASK", &right);
    canvas.rows(inside, rows);
}

fn draft(
    app: &App,
    (purpose, text): (&Purpose, &Composer),
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Option<Position> {
    let height = draft_height(text, area);
    let area = Rect {
        y: area.bottom() - height,
        height,
        ..area
    };
    let inside = popup::paint(
        canvas.buffer,
        area,
        canvas.theme,
        &heading(app, purpose),
        "Enter sends",
    );
    text.paint(canvas.buffer, inside, canvas.theme)
}

/// The rows of a text with its border: more for longer texts, up to half of what there is.
fn draft_height(text: &Composer, area: Rect) -> u16 {
    let width = usize::from(area.width.saturating_sub(4)).max(1);
    let rows = text
        .text()
        .lines()
        .map(|line| crate::base::text::width(line) / width + 1)
        .sum::<usize>();
    let rows = u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(3);
    rows.clamp(4, (area.height / 2).max(4)).min(area.height)
}

fn heading(app: &App, purpose: &Purpose) -> String {
    let label = |work| {
        let sprint = app.known.world.current();
        let who = sprint.map_or_else(String::new, |sprint| worker(sprint, work));
        format!("{who} ({})", work_label(work))
    };
    let gate = |id| {
        app.known
            .world
            .gate(id)
            .map_or_else(String::new, |gate| label(gate.work))
    };
    match purpose {
        Purpose::Goal => "WHAT DO YOU WANT BUILT".to_owned(),
        Purpose::Team => "MESSAGE to all who work now".to_owned(),
        Purpose::Steer(work) => format!("MESSAGE to {}", label(*work)),
        Purpose::SteerAll(works) => format!("MESSAGE to {} marked", works.len()),
        Purpose::RejectAll(gates) => format!("WHY NOT, to {} marked; may be empty", gates.len()),
        Purpose::Answer(id, _) => format!("ANSWER to {}", gate(*id)),
        Purpose::Reject(id, _) => format!("WHY NOT, to {}; may be empty", gate(*id)),
        Purpose::RejectHunks(_, hunks) if hunks.len() > 1 => {
            format!("WHY NOT THESE {}; may be empty", hunks.len())
        }
        Purpose::RejectHunks(..) => "WHY NOT THIS HUNK; may be empty".to_owned(),
        Purpose::EditHunk(..) => "THE HUNK AS IT SHOULD BE".to_owned(),
        Purpose::Solve(..) => "WHAT IT BECOMES; empty takes the lines out".to_owned(),
        Purpose::Remark(comment) => {
            let number = comment
                .line
                .map_or_else(String::new, |line| format!(" line {line}"));
            format!("COMMENT on {}{number}; S sends it", line(&comment.path))
        }
        Purpose::Amount(..) => "NEW LIMIT, such as 25.00".to_owned(),
        Purpose::Budget(sprint) => format!("BUDGET of {sprint}, such as 25.00"),
        Purpose::Setting { wanted, takes } => {
            let name = line(&wanted.name);
            format!("{name} in the {} file: {takes}", wanted.target)
        }
        Purpose::Note => "NOTE to everybody here".to_owned(),
        Purpose::NewTask(field) => field.asks().to_owned(),
        Purpose::Plan(Wording::Title(slug, _)) => format!("TITLE of {}", line(slug)),
        Purpose::Plan(Wording::New(_)) => "TITLE of the new task".to_owned(),
        Purpose::Plan(Wording::Part(slug, None)) => {
            format!("BREAK UP {}: title of the first part", line(slug))
        }
        Purpose::Plan(Wording::Part(slug, Some(_))) => {
            format!("BREAK UP {}: title of the second part", line(slug))
        }
        Purpose::Plan(Wording::Cap(slug)) => {
            format!("CAP of {}, such as 1.50; 0 takes it away", line(slug))
        }
    }
}

fn palette(
    app: &App,
    (text, row): (&Composer, usize),
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Option<Position> {
    let found = palette::entries(app, &text.text());
    let area = popup::centered(area, 74, 17);
    let selected = row.min(found.len().saturating_sub(1));
    let right = format!("{} of {}", found.len().min(selected + 1), found.len());
    let inside = popup::paint(canvas.buffer, area, canvas.theme, "COMMAND", &right);
    let mut places = inside.rows();
    let field = places.next()?;
    canvas.row(field, &[piece(": ", Token::Accent)]);
    let field = Rect {
        x: field.x + field.width.min(2),
        width: field.width.saturating_sub(2),
        ..field
    };
    let cursor = text.paint(canvas.buffer, field, canvas.theme);
    let height = usize::from(inside.height.saturating_sub(2));
    let first = (selected + 1).saturating_sub(height);
    let shown = found.iter().enumerate().skip(first);
    for (row, (place, entry)) in places.skip(1).zip(shown) {
        let pointer = if place == selected { "▶ " } else { "  " };
        let token = if entry.right.starts_with('›') {
            Token::Dim
        } else {
            Token::Accent
        };
        canvas.both(
            row,
            &[plain(pointer), plain(entry.text.as_str())],
            &[piece(entry.right.as_str(), token)],
        );
    }
    cursor
}

fn confirm(
    (word, text, typed): (&str, &str, &Composer),
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Option<Position> {
    // What is agreed to is shown whole.
    let width = usize::from(area.width.min(66).saturating_sub(4));
    let lines = wrap(text, width);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let area = popup::centered(area, 66, height.max(2).saturating_add(7));
    let inside = popup::paint(
        canvas.buffer,
        area,
        canvas.theme,
        "ARE YOU SURE",
        "needs a word",
    );
    let mut rows: Vec<Vec<Piece<'_>>> = vec![Vec::new()];
    rows.extend(lines.into_iter().map(|line| vec![plain(line)]));
    rows.push(Vec::new());
    let prompt = format!("Type  {word}  to confirm: ");
    let y = u16::try_from(rows.len()).unwrap_or(0);
    rows.push(vec![piece(prompt.clone(), Token::Need)]);
    rows.push(Vec::new());
    rows.push(vec![piece(
        "Enter confirm      Esc keep things as they are",
        Token::Dim,
    )]);
    canvas.rows(inside, rows);
    let indent = u16::try_from(prompt.len()).unwrap_or(0).min(inside.width);
    let field = Rect {
        x: inside.x + indent,
        y: inside.y + y,
        width: inside.width - indent,
        height: 1,
    };
    typed.paint(canvas.buffer, field.intersection(inside), canvas.theme)
}
