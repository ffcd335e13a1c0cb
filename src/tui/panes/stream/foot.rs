//! The foot of a stream: what its agent asks, and the line to write on.

use ratatui::layout::Rect;

use crate::domain::sprint::{Ask, Gate, GateState};
use crate::tui::facts::role_name;
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::piece;

use super::State;
use crate::tui::panes::card;

/// What the agent whose stream is shown asks for, if it does.
pub fn asked<'a>(known: &'a Known, stream: &State) -> Option<&'a Gate> {
    let attempt = stream.attempt(&known.world)?;
    let sprint = known.world.current()?;
    let mut open = sprint.open_gates();
    open.find(|gate| {
        gate.work == attempt.id.work
            && gate.state == GateState::Open
            && matches!(gate.ask, Ask::Question { .. } | Ask::Tool { .. })
    })
}

/// The rows at the foot of a stream in `area`: what is asked, a rule, the line to write on.
pub fn foot_height(known: &Known, stream: &State, area: Rect) -> u16 {
    if stream.attempt(&known.world).is_none() {
        return 0;
    }
    let width = usize::from(area.width.saturating_sub(4));
    let card = asked(known, stream).map_or(0, |gate| {
        card::short(&card::State::default(), (known, gate), width, false).len()
    });
    u16::try_from(card + 2)
        .unwrap_or(u16::MAX)
        .min(area.height.saturating_sub(2) * 2 / 3)
}

/// Whether the foot of the stream in `area` has no room for the whole of what is asked.
pub fn is_foot_cut(gate: &Gate, known: &Known, stream: &State, area: Rect) -> bool {
    let width = usize::from(area.width.saturating_sub(4));
    let rows = card::short(&card::State::default(), (known, gate), width, false).len();
    card::is_short_cut(gate, width) || rows + 2 > usize::from(foot_height(known, stream, area))
}

/// Paints the foot of the stream in `area`. Text that arrives goes above it, so that a question does not move.
pub fn foot(
    (known, stream): (&Known, &State),
    (state, is_armed): (&card::State, bool),
    canvas: &mut Canvas<'_>,
    area: Rect,
) {
    let height = foot_height(known, stream, area);
    let Some(attempt) = stream.attempt(&known.world).filter(|_| height > 1) else {
        return;
    };
    let inside = Rect {
        x: area.x + 2,
        y: (area.bottom() - 1).saturating_sub(height),
        width: area.width.saturating_sub(4),
        height,
    };
    let width = usize::from(inside.width);
    let mut rows = asked(known, stream).map_or_else(Vec::new, |gate| {
        card::short(state, (known, gate), width, is_armed)
    });
    // The answers and the last row count; a long question loses its end.
    let most = usize::from(height) - 2;
    while rows.len() > most && rows.len() > 2 {
        rows.remove(1);
    }
    rows.push(vec![piece("─".repeat(width), Token::Border)]);
    let sprint = known.world.sprints.get(&attempt.id.work.sprint());
    let name = sprint.map_or_else(String::new, |sprint| role_name(sprint, &attempt.role));
    rows.push(vec![
        piece("i", Token::Accent),
        piece(format!("  message {name} …"), Token::Dim),
    ]);
    canvas.rows(inside, rows);
}
