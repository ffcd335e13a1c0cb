//! Who is at the session: name, place, what they have open, their terminal.

use ratatui::layout::Rect;

use crate::base::text::pad;
use crate::session::Guest;
use crate::tui::app::App;
use crate::tui::facts::{line, people, work_label};
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::popup;
use crate::tui::widgets::row::{Piece, piece, plain};

/// Paints the list.
pub(super) fn paint(app: &App, selected: usize, body: Rect, canvas: &mut Canvas<'_>) {
    let company = &app.known.company;
    let mut rows: Vec<Vec<Piece<'_>>> = vec![Vec::new()];
    let selected = selected.min(company.guests.len().saturating_sub(1));
    let guests = company.guests.iter().enumerate();
    rows.extend(guests.map(|(place, guest)| row(app, guest, place == selected)));
    if company.guests.is_empty() {
        rows.push(vec![piece(
            "Nobody else can join this session.",
            Token::Dim,
        )]);
    }
    rows.push(Vec::new());
    let rule = "An open card is seen by the others. The first decision counts.";
    rows.push(vec![piece(rule, Token::Dim)]);
    let join = "join: aios attach in this repository, by ssh or in another terminal";
    rows.push(vec![piece(join, Token::Dim)]);
    let height = u16::try_from(rows.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let area = popup::centered(body, 76, height);
    let title = format!("HERE {}", company.guests.len());
    let inside = popup::paint(canvas.buffer, area, canvas.theme, &title, "Esc");
    canvas.rows(inside, rows);
}

fn row<'a>(app: &App, guest: &Guest, is_selected: bool) -> Vec<Piece<'a>> {
    let company = &app.known.company;
    let presence = &guest.presence;
    let (mark, token, word) = if presence.is_idle {
        ("○ ", Token::Dim, "idle")
    } else {
        ("● ", Token::Ok, "busy")
    };
    let word = if guest.number == company.you {
        "you"
    } else {
        word
    };
    let gate = presence.gate.and_then(|gate| app.known.world.gate(gate));
    let open = gate.map_or_else(String::new, |gate| {
        format!(
            "has {} {} open",
            gate.ask.kind().word(),
            work_label(gate.work)
        )
    });
    let (columns, lines) = presence.size;
    vec![
        piece(if is_selected { "▶ " } else { "  " }, Token::Accent),
        piece(mark, token),
        plain(pad(&people::label(company, guest), 12)),
        piece(pad(word, 6), Token::Dim),
        plain(pad(&line(&presence.place), 10)),
        plain(pad(&open, 22)),
        piece(format!("{columns}x{lines}"), Token::Dim),
        piece(if guest.looks_only { "  viewer" } else { "" }, Token::Info),
    ]
}
