//! One call beside the streams, where there is room: what it was and all that it gave, without the stream being unfolded.

use ratatui::layout::Rect;

use crate::base::body::Body;
use crate::base::text::wrap;
use crate::domain::agent::{Answer, Attempt, CallState, Step};
use crate::domain::journal::World;
use crate::domain::sprint::{Ask, Gate};
use crate::tui::facts::line;
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{Piece, piece, plain};

use super::State;
use super::parts::{self, Part};

impl State {
    /// The call under the cursor; without one the last that has an answer, else the last.
    fn call<'a>(&self, attempt: &'a Attempt) -> Option<(&'a Step, &'a CallState)> {
        if let Some(Part::Call(step, call)) = self.cursor {
            let step = attempt.steps.get(step)?;
            return Some((step, step.calls.get(call)?));
        }
        let calls = || {
            let steps = attempt.steps.iter().rev();
            steps.flat_map(|step| step.calls.iter().rev().map(move |call| (step, call)))
        };
        let answered = calls().find(|(_, call)| call.answer.is_some());
        answered.or_else(|| calls().next())
    }

    /// What the call gave that is shown beside the stream, where it lies elsewhere.
    pub fn wanted_call(&self, world: &World) -> Option<Body> {
        let (_, call) = self.call(self.attempt(world)?)?;
        call.answer.as_ref().map(|answer| answer.text.clone())
    }
}

/// Paints the call that belongs to `state`.
pub fn call(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let attempt = state.attempt(&known.world);
    let Some((step, call)) = attempt.and_then(|attempt| state.call(attempt)) else {
        let inside = canvas.frame(area, "CALL", "", false);
        canvas.row(inside, &[piece(" No call yet.", Token::Dim)]);
        return;
    };
    let clock = known.clock(step.at);
    let clock = clock.get(..5).unwrap_or(&clock);
    let exit = call.answer.as_ref().and_then(|answer| answer.exit);
    let right = exit.map_or_else(|| clock.to_owned(), |code| format!("exit {code} · {clock}"));
    let inside = canvas.frame(area, "CALL", &right, false);
    let inside = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    };
    let rows = match &call.answer {
        Some(answer) => answered(known, answer, inside),
        None if waits(&known.world, attempt) => {
            vec![vec![piece("! waits for a person", Token::Need)]]
        }
        None => vec![vec![piece("▸ runs", Token::Run)]],
    };
    let label = wrap(&line(&call.label), usize::from(inside.width));
    let label = label
        .into_iter()
        .map(|text| vec![piece(text, Token::Title)]);
    canvas.rows(inside, label.chain(rows));
}

/// Whether the agent of an attempt holds until somebody answers.
fn waits(world: &World, attempt: Option<&Attempt>) -> bool {
    let sprint = world.current();
    let mut gates = sprint
        .into_iter()
        .flat_map(crate::domain::sprint::Sprint::open_gates);
    let asks = |gate: &Gate| matches!(gate.ask, Ask::Question { .. } | Ask::Tool { .. });
    gates.any(|gate| asks(gate) && attempt.is_some_and(|attempt| attempt.id.work == gate.work))
}

/// What came of a call, and the text that it gave, as much as there is room for.
fn answered<'a>(known: &Known, answer: &Answer, area: Rect) -> Vec<Vec<Piece<'a>>> {
    let (mark, token) = if answer.is_error {
        ("✗ ", Token::Fail)
    } else {
        ("✓ ", Token::Ok)
    };
    let brief = piece(line(&answer.brief), Token::Dim);
    let mut rows = vec![vec![piece(mark, token), brief], Vec::new()];
    let Some(text) = parts::answer(known, answer, true) else {
        rows.push(vec![piece("…", Token::Dim)]);
        return rows;
    };
    // One more row is what was called.
    let room = usize::from(area.height).saturating_sub(rows.len() + 1);
    let lines: Vec<&str> = text.lines().collect();
    let is_cut = lines.len() > room;
    let shown = lines.len().min(room.saturating_sub(usize::from(is_cut)));
    let texts = lines.iter().take(shown);
    rows.extend(texts.map(|text| vec![plain((*text).to_owned())]));
    if is_cut {
        let left = lines.len() - shown;
        let told = format!("… {left} more lines  (Enter unfolds them in the stream)");
        rows.push(vec![piece(told, Token::Dim)]);
    }
    rows
}
