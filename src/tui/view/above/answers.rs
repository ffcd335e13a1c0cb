//! The list of items that get one answer together, before it is given.

use std::time::Instant;

use ratatui::layout::Rect;

use crate::base::id::GateId;
use crate::domain::sprint::Verdict;
use crate::tui::app::App;
use crate::tui::facts::events;
use crate::tui::theme::Token;
use crate::tui::update::answers;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::popup;
use crate::tui::widgets::row::{Piece, piece, plain};

/// Paints the list as high as it must be.
pub(super) fn paint(
    app: &App,
    (gates, verdict): (&[GateId], &Verdict),
    body: Rect,
    canvas: &mut Canvas<'_>,
    at: Instant,
) {
    let Some(all) = app.answers_to_all(gates, verdict) else {
        let area = popup::centered(body, 40, 3);
        let inside = popup::paint(canvas.buffer, area, canvas.theme, "ANSWER ALL", "Esc");
        return canvas.row(inside, &[piece("It was decided meanwhile.", Token::Dim)]);
    };
    let mut rows: Vec<Vec<Piece<'_>>> = Vec::new();
    for (_, _, item) in &all.gates {
        for (number, line) in item.iter().enumerate() {
            let mark = if number == 0 { "· " } else { "  " };
            rows.push(vec![piece(mark, Token::Need), plain(line.as_str())]);
        }
    }
    rows.push(Vec::new());
    let ready = if app.is_armed(at) {
        piece("ready  ", Token::Ok)
    } else {
        piece("…      ", Token::Dim)
    };
    let count = all.gates.len();
    let act = match verdict {
        Verdict::Allow(_) => format!("A allows each of the {count} once"),
        other => format!(
            "A gives all {count} this answer: {}",
            events::decided(other).0
        ),
    };
    rows.push(vec![ready, plain(act)]);
    if all.rest > 0 {
        let rest = format!(
            "{} more do not fit here and are asked after these",
            all.rest
        );
        rows.push(vec![piece(rest, Token::Dim)]);
    }
    let height = u16::try_from(rows.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let widest = answers::area(body);
    let area = popup::centered(body, widest.width, height);
    let title = format!("ANSWER ALL {count}");
    let inside = popup::paint(canvas.buffer, area, canvas.theme, &title, "Esc one by one");
    canvas.rows(inside, rows);
}
