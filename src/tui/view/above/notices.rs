//! What is said: a few rows at the lower right that go by themselves, and the list of all of it.

use std::fmt::Write as _;

use ratatui::layout::Rect;

use crate::base::time;
use crate::tui::app::App;
use crate::tui::layout::Class;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::popup;
use crate::tui::widgets::row::{Piece, piece};

/// Paints the notices that are there now: three at most, and on a narrow screen the newest, with how many more there are.
pub(super) fn toasts(app: &App, (class, area): (Class, Rect), canvas: &mut Canvas<'_>) {
    let one = |(text, token): (String, Token)| vec![piece(text, token)];
    let notices = app.notices.iter();
    let mut said: Vec<(String, Token)> = notices
        .map(|notice| (notice.text.clone(), notice.token))
        .collect();
    if class <= Class::S && said.len() > 1 {
        let more = said.len() - 1;
        said.drain(..more);
        if let Some((text, _)) = said.last_mut() {
            let _ = write!(text, "   (+{more})"); // A string takes everything.
        }
    }
    let rows: Vec<Vec<Piece<'_>>> = said.into_iter().map(one).collect();
    popup::notices(canvas.buffer, area, canvas.theme, &rows);
}

/// Paints the list, newest first.
pub(super) fn list(app: &App, row: usize, body: Rect, canvas: &mut Canvas<'_>) {
    let count = app.said.len();
    let height = u16::try_from(count.max(1))
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let width = body.width.saturating_sub(4).min(100);
    let area = popup::centered(body, width, height.min(body.height.saturating_sub(2)));
    let title = format!("NOTICES {count}");
    let inside = popup::paint(canvas.buffer, area, canvas.theme, &title, "Esc");
    let first = (row + 1).saturating_sub(usize::from(inside.height));
    let now = app.known.clock_now();
    let shown = app.said.iter().rev().enumerate().skip(first);
    for (place, (number, said)) in inside.rows().zip(shown) {
        let pointer = if number == row { "▶ " } else { "  " };
        let leads = if said.gate.is_some() {
            "  Enter opens"
        } else {
            ""
        };
        let age = time::age(now.since(said.at));
        canvas.both(
            place,
            &[
                piece(pointer, Token::Accent),
                piece(format!("{age:>4}  "), Token::Dim),
                piece(said.text.as_str(), said.token),
            ],
            &[piece(leads, Token::Dim)],
        );
    }
}
