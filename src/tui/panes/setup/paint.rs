//! The first run as a picture: the four steps, and what the keys do.

use ratatui::layout::{Position, Rect};

use super::{Check, Copying, FIELDS, Models, State, Step, Way};
use crate::base::text::{pad, wrap};
use crate::tui::facts::line;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::popup;
use crate::tui::widgets::row::{Piece, piece, plain};

/// The box's size.
const BOX: (u16, u16) = (90, 20);

/// Paints everything; gives the place of the cursor while something is typed.
pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) -> Option<Position> {
    let row = |y: u16| Rect {
        y,
        height: 1,
        ..area
    };
    let last = area.bottom().saturating_sub(1);
    canvas.row(
        row(area.y),
        &[piece(" aios", Token::Accent), plain("  first run")],
    );
    let promise = " nothing is sent and nothing is written until you finish step 4";
    canvas.row(row(area.y + 1), &[piece(promise, Token::Dim)]);
    let body = Rect {
        y: area.y + 2,
        height: area.height.saturating_sub(4),
        ..area
    };
    let body = popup::centered(body, BOX.0.min(area.width.saturating_sub(4)), BOX.1);
    let right = format!("step {} of 4", state.number());
    let inside = popup::paint(canvas.buffer, body, canvas.theme, "WELCOME", &right);
    let (mut rows, cursor) = if state.shows_sent {
        (paragraphs(&SENT, usize::from(inside.width)), None)
    } else {
        steps(state, usize::from(inside.width), (area.width, area.height))
    };
    if cursor.is_none() && rows.len() > usize::from(inside.height) {
        rows.retain(|row| !row.is_empty());
    }
    canvas.rows(inside, rows);
    let keys = match state.step {
        _ if state.shows_sent => "any key goes back",
        Step::Models => {
            "j k pick   Enter go on   s look around   t test copy   ? what is sent   q quit"
        }
        Step::Copy => "paste, or Enter: it was something else   Esc goes back",
        Step::Variable => "Enter goes back   q quit",
        Step::Gateway(..) => "Enter go on   Esc goes back",
        Step::Safety(_) => "Enter finish   Esc goes back",
    };
    canvas.row(row(last.saturating_sub(1)), &[plain(format!(" {keys}"))]);
    status(canvas, row(last));
    let (y, x) = cursor?;
    let place = Rect {
        x: inside.x + x.min(inside.width),
        y: inside.y + u16::try_from(y).unwrap_or(u16::MAX).min(inside.height),
        width: inside.width.saturating_sub(x),
        height: 1,
    };
    let place = place.intersection(inside);
    state.field.paint(canvas.buffer, place, canvas.theme)
}

/// The four steps, and the row and column of the field if one is open.
fn steps(
    state: &State,
    width: usize,
    (columns, lines): (u16, u16),
) -> (Vec<Vec<Piece<'_>>>, Option<(usize, u16)>) {
    let size = Check {
        is_good: columns >= 80 && lines >= 24,
        text: format!("{columns}x{lines}"),
    };
    let copying = Check {
        is_good: state.copying == Copying::Works,
        text: match state.copying {
            Copying::Untested => "copy? (t)",
            Copying::Works => "copy",
            Copying::Fails => "copy fails",
        }
        .to_owned(),
    };
    let known = state.facts.terminal.iter().cloned();
    let terminal: Vec<Check> = known.chain([size, copying]).collect();
    let mut cursor = None;
    let mut rows = vec![Vec::new(), checks("1 terminal  ", &terminal)];
    if matches!(state.step, Step::Copy) {
        let text = "   4 letters went to the clipboard by way of the terminal: paste them here";
        rows.push(vec![piece(text, Token::Need)]);
        cursor = Some((rows.len(), 5));
        rows.push(vec![piece("   > ", Token::Accent)]);
    }
    rows.extend([checks("2 repository", &state.facts.repository), Vec::new()]);
    rows.extend(models(state));
    match &state.step {
        Step::Models | Step::Copy | Step::Safety(_) => {}
        Step::Variable => rows.extend(variables(state, width)),
        Step::Gateway(place, _) => {
            let asked = FIELDS.get(*place).copied().unwrap_or_default();
            rows.push(vec![piece(format!("   {asked}"), Token::Dim)]);
            cursor = Some((rows.len(), 5));
            rows.push(vec![piece("   > ", Token::Accent)]);
        }
    }
    rows.push(Vec::new());
    let label = "4 safety      budget of a sprint, in dollars: ";
    if matches!(state.step, Step::Safety(_)) {
        cursor = Some((rows.len(), label.len() as u16));
        rows.push(vec![piece(label, Token::Need)]);
    } else {
        let budget = line(&state.facts.budget);
        rows.push(vec![piece(label, Token::Dim), plain(budget)]);
    }
    let safety = wrap(&state.facts.safety, width.saturating_sub(14));
    let indent = pad("", 14);
    rows.extend(
        safety
            .into_iter()
            .map(|text| vec![piece(format!("{indent}{text}"), Token::Dim)]),
    );
    rows.extend(
        state
            .fault
            .iter()
            .map(|fault| vec![piece(fault.as_str(), Token::Fail)]),
    );
    (rows, cursor)
}

fn status(canvas: &mut Canvas<'_>, row: Rect) {
    let text = "  aios doctor shows the same checks in plain text";
    canvas.row(
        row,
        &[
            plain(" "),
            piece("SETUP", Token::ModeInsert),
            piece(text, Token::Dim),
        ],
    );
}

fn checks(label: &'static str, checks: &[Check]) -> Vec<Piece<'static>> {
    let mut pieces = vec![plain(label), plain("  ")];
    for check in checks {
        pieces.push(if check.is_good {
            piece("✓ ", Token::Ok)
        } else {
            piece("▲ ", Token::Risk)
        });
        pieces.push(plain(format!("{}  ", line(&check.text))));
    }
    pieces
}

/// The third step: what was found, and the ways on.
fn models(state: &State) -> Vec<Vec<Piece<'static>>> {
    let label = plain("3 models      ");
    if let Step::Safety(models) = &state.step {
        return vec![vec![label, piece("✓ ", Token::Ok), plain(told(models))]];
    }
    let mut rows = vec![match &state.facts.key {
        Some((variable, _)) => vec![
            label,
            piece("✓ ", Token::Ok),
            plain(format!("{variable} is set")),
        ],
        None => vec![
            label,
            plain("no API key found. Choose one; you can change it later:"),
        ],
    }];
    if !matches!(state.step, Step::Models) {
        return rows;
    }
    for (place, way) in state.ways().into_iter().enumerate() {
        let (key, text) = match way {
            Way::Key => {
                let provider = state.facts.key.as_ref().map(|(_, name)| line(name));
                let name = provider.unwrap_or_default();
                ("u", format!("use it: {name}'s models"))
            }
            Way::Demo => (
                "d",
                "demo: a simulated model. No key, no network, no cost".to_owned(),
            ),
            Way::Server => (
                "l",
                match &state.facts.server {
                    Some((name, model)) => {
                        format!("local model: {} answers with {}", line(name), line(model))
                    }
                    None => "local model: no server answers on the usual ports".to_owned(),
                },
            ),
            Way::Variable => ("e", "an environment variable: how to set one".to_owned()),
            Way::Gateway => (
                "g",
                "gateway: an address that speaks as OpenAI does".to_owned(),
            ),
        };
        let mark = if place == state.row { "▶ " } else { "  " };
        let token = if way == Way::Server && state.facts.server.is_none() {
            Token::Dim
        } else {
            Token::Text
        };
        rows.push(vec![
            piece(format!("   {mark}"), Token::Accent),
            piece(format!("{key}  "), Token::Accent),
            piece(text, token),
        ]);
    }
    rows
}

fn variables(state: &State, width: usize) -> Vec<Vec<Piece<'static>>> {
    let names = state.facts.variables.join(", ");
    let first = state.facts.variables.first().cloned().unwrap_or_default();
    let texts = [
        format!("Looked for: {names}."),
        format!("In your shell, before aios: export {first}=…"),
        "Put that line into your shell's own start file, or take it from a password program. aios never keeps a key.".to_owned(),
        "Then open aios again: it finds the variable.".to_owned(),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    paragraphs(&texts, width)
}

/// What leaves this machine.
const SENT: [&str; 4] = [
    "What is sent, and where to:",
    "Only to the provider that you choose: your goal, the files that agents read, and what commands print. Never the values of variables that hold keys.",
    "The demo and a model on this machine send nothing over the network.",
    "There are no statistics and no reports: aios sends nothing to its authors.",
];

fn paragraphs(texts: &[&str], width: usize) -> Vec<Vec<Piece<'static>>> {
    let lines = texts
        .iter()
        .flat_map(|text| wrap(text, width.saturating_sub(4)));
    lines
        .map(|text| vec![plain(format!("   {text}"))])
        .collect()
}

fn told(models: &Models) -> String {
    match models {
        Models::Key => "the key in your environment is used; it is kept nowhere else".to_owned(),
        Models::Server(route) => format!("all work is done by {} on this machine", line(route)),
        Models::Gateway { url, model, .. } => {
            format!("all work is done by {} at {}", line(model), line(url))
        }
    }
}
