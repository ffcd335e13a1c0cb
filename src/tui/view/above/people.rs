//! Who is at the session: name, place, what they have open, their terminal.

use ratatui::layout::Rect;

use crate::base::text::{clip, pad};
use crate::domain::presence::Standing;
use crate::session::{Guest, Way};
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
    let may = |text: &str| vec![piece(text.to_owned(), Token::Dim)];
    if let Some(text) = beside(app) {
        rows.push(vec![piece(text, Token::Info)]);
    }
    rows.push(may(
        "An open card is seen by the others. The first decision counts.",
    ));
    rows.push(may(
        "join: aios attach in this repository, by ssh too; to look: add --view",
    ));
    let height = u16::try_from(rows.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let area = popup::centered(body, 78, height);
    let title = format!("HERE {}", company.guests.len());
    let inside = popup::paint(canvas.buffer, area, canvas.theme, &title, "Esc");
    canvas.rows(inside, rows);
}

/// Who has the same item open as the person, or follows them.
fn beside(app: &App) -> Option<String> {
    let company = &app.known.company;
    let others = || {
        let others = company.guests.iter();
        others.filter(|guest| guest.number != company.you)
    };
    let own = company.guest(company.you)?.presence.gate;
    let gate = own.and_then(|gate| app.known.world.gate(gate));
    let same = gate.and_then(|gate| {
        let claims = people::claims(company);
        let who = claims.get(&gate.id)?;
        let (kind, label) = (gate.ask.kind().word(), work_label(gate.work));
        Some(format!("{who} has {kind} {label} open, as you do."))
    });
    same.or_else(|| {
        let follows = |guest: &&Guest| guest.presence.follows == Some(company.you);
        let names = others()
            .filter(follows)
            .map(|guest| people::label(company, guest));
        let names = names.collect::<Vec<_>>().join(", ");
        (!names.is_empty()).then(|| format!("You are followed by {names}."))
    })
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
    let standing = match guest.standing {
        Standing::Owner => Token::Text,
        Standing::Approver | Standing::Viewer => Token::Info,
    };
    let (columns, lines) = presence.size;
    // Whoever has lines and no screen has no size.
    let size = match columns {
        0 => String::new(),
        _ => format!("{columns}x{lines}"),
    };
    let trip = presence.trip_ms.map(|trip| format!("{trip} ms"));
    vec![
        piece(if is_selected { "▶ " } else { "  " }, Token::Accent),
        piece(mark, token),
        plain(pad(&clip(&people::label(company, guest), 10), 11)),
        piece(pad(guest.standing.word(), 9), standing),
        piece(pad(word, 5), Token::Dim),
        plain(pad(&clip(&whereabouts(app, guest), 19), 20)),
        piece(pad(way(presence.way), 9), Token::Dim),
        piece(pad(&size, 8), Token::Dim),
        piece(trip.unwrap_or_default(), Token::Dim),
    ]
}

/// What somebody does: decides, follows, or where they are and at what.
fn whereabouts(app: &App, guest: &Guest) -> String {
    let company = &app.known.company;
    let presence = &guest.presence;
    let gate = presence.gate.and_then(|gate| app.known.world.gate(gate));
    let followed = presence.follows.and_then(|number| company.guest(number));
    match (gate, followed) {
        (_, Some(followed)) => format!("follows {}", people::label(company, followed)),
        (Some(gate), _) => {
            let kind = gate.ask.kind().word();
            format!("has {kind} {} open", work_label(gate.work))
        }
        (None, None) => {
            let work = presence.work.map(work_label).unwrap_or_default();
            let shown = format!("{} {work}", line(&presence.place));
            let private = if presence.is_private { ", private" } else { "" };
            format!("{}{private}", shown.trim_end())
        }
    }
}

const fn way(way: Way) -> &'static str {
    match (way.is_remote, way.is_multiplexed) {
        (true, true) => "ssh tmux",
        (true, false) => "ssh",
        (false, true) => "tmux",
        (false, false) => "",
    }
}
