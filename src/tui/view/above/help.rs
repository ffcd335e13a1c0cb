//! Help, the legend of marks, and the key test.

use ratatui::layout::{Position, Rect};

use crate::tui::action::Class as Care;
use crate::tui::app::App;
use crate::tui::terminal::caps::Multiplexer;
use crate::tui::theme::Token;
use crate::tui::theme::choice::Background;
use crate::tui::theme::colour::Rgb;
use crate::tui::update::help::rows;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::composer::Composer;
use crate::tui::widgets::popup;
use crate::tui::widgets::row::{Piece, piece, plain};

use super::row;

/// Marks with their tokens: of agents and tasks, then of what waits.
const MARKS: [(&str, Token, &str); 18] = [
    ("▸", Token::Run, "works"),
    ("?", Token::Need, "asks a question"),
    ("!", Token::Need, "wants to run a command"),
    ("▲", Token::Risk, "at risk; in help: needs a word"),
    ("▪", Token::Dim, "waits for another task"),
    ("◌", Token::Dim, "held by a provider or a budget"),
    ("·", Token::Off, "idle or paused"),
    ("✗", Token::Fail, "failed"),
    ("✓", Token::Ok, "done"),
    ("P", Token::Need, "a plan to approve"),
    ("±", Token::Need, "a change to review"),
    ("↑", Token::Need, "work to let into the main branch"),
    ("$", Token::Need, "a budget is reached"),
    ("≠", Token::Need, "a conflict"),
    ("●", Token::Need, "waits on you"),
    ("○", Token::Faint, "nothing waits"),
    ("▶", Token::Text, "the cursor"),
    ("■", Token::Risk, "everything is held, or the line is lost"),
];

/// Paints help, or the legend; gives the place of the cursor in its field.
pub(super) fn paint(
    app: &App,
    (text, selected, is_legend): (&Composer, usize, bool),
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> Option<Position> {
    let area = popup::centered(area, 90, area.height);
    if is_legend {
        let inside = popup::paint(canvas.buffer, area, canvas.theme, "MARKS", "? keys  Esc");
        canvas.rows(
            inside,
            MARKS.iter().map(|(mark, token, meaning)| {
                vec![piece(format!(" {mark}   "), *token), plain(*meaning)]
            }),
        );
        return None;
    }
    let title = format!("HELP  {}", app.place.title().to_lowercase());
    let right = "type to search  ? marks  Esc";
    let inside = popup::paint(canvas.buffer, area, canvas.theme, &title, right);
    let field = Rect {
        height: inside.height.min(1),
        ..inside
    };
    canvas.row(field, &[piece("/ ", Token::Accent)]);
    let typed = Rect {
        x: field.x + field.width.min(2),
        width: field.width.saturating_sub(2),
        ..field
    };
    let cursor = text.paint(canvas.buffer, typed, canvas.theme);
    let (here, everywhere) = rows(app, &text.text());
    let selected = selected.min((here.len() + everywhere.len()).saturating_sub(1));
    let mut lines: Vec<Vec<Piece<'_>>> = Vec::new();
    let (mut number, mut marked) = (0, 0);
    for (head, part) in [("HERE", &here), ("EVERYWHERE", &everywhere)] {
        if !part.is_empty() {
            lines.push(vec![piece(head, Token::Title)]);
        }
        for (keys, spec) in part {
            let keys = if keys.is_empty() { ":" } else { keys.as_str() };
            let pointer = if number == selected {
                marked = lines.len();
                "▶ "
            } else {
                "  "
            };
            let mut pieces = vec![plain(pointer)];
            pieces.extend(row(keys, 10, spec.help));
            if spec.class == Care::C {
                pieces.push(piece("  ▲", Token::Risk));
            }
            lines.push(pieces);
            number += 1;
        }
    }
    let below = Rect {
        y: inside.y + field.height,
        height: inside.height - field.height,
        ..inside
    };
    if lines.is_empty() {
        let nothing = format!(
            "Nothing here is called {:?}. : finds tasks and agents too",
            text.text()
        );
        canvas.row(below, &[piece(nothing, Token::Dim)]);
        return cursor;
    }
    // The head of the first part stays with its first row.
    let marked = if selected == 0 { 0 } else { marked };
    let height = usize::from(below.height).max(1);
    let first = (marked + 1).saturating_sub(height);
    canvas.rows(below, lines.into_iter().skip(first));
    cursor
}

/// Paints the last keys that arrived, and what the terminal has told.
pub(super) fn keys(app: &App, keys: &[String], area: Rect, canvas: &mut Canvas<'_>) {
    let area = popup::centered(area, 66, 12);
    let inside = popup::paint(canvas.buffer, area, canvas.theme, "KEY TEST", "Esc");
    let told = &app.told;
    let known = |fact: Option<String>| fact.unwrap_or_else(|| "not told".to_owned());
    let ground = told.background.map(|colour| {
        let word = Background::of(colour).word();
        let Rgb { red, green, blue } = colour;
        format!("{word}, #{red:02x}{green:02x}{blue:02x}")
    });
    let rows = [
        ("keys", keys.join("  ")),
        ("", String::new()),
        ("terminal", known(told.name.clone())),
        ("background", known(ground)),
        (
            "keyboard",
            if told.keyboard {
                "kitty protocol"
            } else {
                "plain"
            }
            .to_owned(),
        ),
        (
            "whole frames",
            known(
                told.synchronised
                    .map(|is_on| if is_on { "yes" } else { "no" }.to_owned()),
            ),
        ),
        (
            "marks take",
            known(told.mark_cells.map(|cells| format!("{cells} cells"))),
        ),
        (
            "around it",
            match app.caps.multiplexer {
                Multiplexer::None => "no multiplexer",
                Multiplexer::Tmux => "tmux",
                Multiplexer::Screen => "screen",
                Multiplexer::Zellij => "zellij",
            }
            .to_owned(),
        ),
    ];
    canvas.rows(
        inside,
        rows.iter().map(|(name, fact)| {
            vec![
                piece(crate::base::text::pad(name, 14), Token::Dim),
                plain(fact.as_str()),
            ]
        }),
    );
}
