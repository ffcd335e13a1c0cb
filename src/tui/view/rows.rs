//! The four rows around the body: tabs, pulse, keys, state.

use crate::tui::action::{Mode, Place};
use crate::tui::app::App;
use crate::tui::facts::line;
use crate::tui::facts::since::grouped;
use crate::tui::known::Connection;
use crate::tui::layout::{Class, Layout};
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{Piece, piece, plain};

use super::pulse::pulse;
use super::{keys, past};

/// Paints the rows that the layout has.
pub(super) fn paint(app: &App, layout: &Layout, canvas: &mut Canvas<'_>) {
    match layout.class {
        Class::Tiny | Class::Small => {
            canvas.row(layout.pulse, &pulse(app, layout.class, layout.pulse.width));
            keys::paint(app, layout, canvas);
        }
        Class::S | Class::M | Class::L => {
            canvas.both(
                layout.title,
                &tabs(app, layout.class),
                &connection(app, layout.class),
            );
            canvas.row(layout.pulse, &pulse(app, layout.class, layout.pulse.width));
            keys::paint(app, layout, canvas);
            let right = clock(app, layout.class);
            canvas.both(layout.status, &status(app), &[piece(right, Token::Dim)]);
        }
    }
}

fn tabs(app: &App, class: Class) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    if class > Class::S {
        pieces.push(piece(" aios", Token::Accent));
        let sprint = app
            .known
            .world
            .current()
            .map_or_else(String::new, |sprint| format!(" {}", sprint.id));
        pieces.push(plain(format!("  {}{sprint} ", line(&app.known.project))));
    }
    let (open, close) = if class > Class::S {
        ("▌", "▐")
    } else {
        ("[", "]")
    };
    for (number, place) in (1..).zip(Place::TABS) {
        let label = format!("{number} {}", place.title());
        if place == app.place {
            pieces.push(piece(format!("{open}{label}{close}"), Token::BorderFocus));
        } else {
            pieces.push(piece(format!(" {label} "), Token::Text));
        }
        pieces.push(plain(" "));
    }
    pieces
}

fn connection(app: &App, class: Class) -> Vec<Piece<'_>> {
    let link = match &app.known.connection {
        Connection::Connecting => piece("connecting ", Token::Dim),
        Connection::Lost(_) => match app.known.lost {
            Some(lost) => {
                let seconds = app.known.clock_now().since(lost.since).max(0) / 1_000;
                let text = format!("OFFLINE {}:{:02} ", seconds / 60, seconds % 60);
                piece(text, Token::Fail)
            }
            None => piece("OFFLINE ", Token::Fail),
        },
        Connection::Live if app.replay.is_some() => piece("replay ", Token::Info),
        Connection::Live => match app.line.trip {
            Some(trip) => piece(format!("{}ms ", trip.as_millis()), Token::Risk),
            None if is_demo(app) => piece("demo ", Token::Info),
            None => piece("live ", Token::Dim),
        },
    };
    let count = app.known.company.guests.len();
    let viewer = app.looks().map(|_| piece("viewer ", Token::Info));
    // There is no room for both beside the tabs of a small screen.
    let tells_count = count > 1 && (viewer.is_none() || class > Class::S);
    let here = tells_count.then(|| piece(format!("{count} here "), Token::Info));
    here.into_iter().chain(viewer).chain([link]).collect()
}

/// Whether what is shown is played: its models are simulated.
fn is_demo(app: &App) -> bool {
    let sprint = app.known.world.current();
    sprint.is_some_and(|sprint| sprint.setup.policy.simulated)
}

fn status(app: &App) -> Vec<Piece<'static>> {
    let mode = app.mode();
    let token = match mode {
        Mode::Normal | Mode::People => Token::ModeNormal,
        Mode::Decide | Mode::Modal => Token::ModeDecide,
        Mode::Insert | Mode::Filter | Mode::Palette => Token::ModeInsert,
        Mode::Travel => Token::ModeTravel,
    };
    let place = app.place.title().to_lowercase();
    if app.known.is_past() {
        let crumbs = past::crumbs(app, &place);
        return vec![plain(" "), piece(mode.word(), token), plain(crumbs)];
    }
    let crumbs = app.gate().map_or_else(
        || match app.place {
            Place::Settings => {
                let section = app.panes.settings.title().to_lowercase();
                format!("  {place} › {section}")
            }
            _ => format!("  {place}"),
        },
        |gate| {
            let label = crate::tui::facts::gate_label(gate);
            let crumbs = match app.place {
                Place::Review => app.panes.review.crumbs(),
                Place::Conflict => app.panes.clash.crumbs(),
                _ => None,
            };
            match crumbs {
                Some(crumbs) => format!("  {place} › {label} › {crumbs}"),
                None => format!("  {place} › {} {label}", gate.ask.kind().word()),
            }
        },
    );
    let (word, token) = match app.looks().filter(|_| !mode.is_text()) {
        Some(word) => (word, Token::ModeView),
        None => (mode.word(), token),
    };
    let follows = app.followed().map(|name| format!("  follows {name}"));
    vec![
        plain(" "),
        piece(word, token),
        plain(crumbs),
        piece(follows.unwrap_or_default(), Token::Info),
    ]
}

/// The right end of the last row: `s1 · seq 8412 · 10:42`; where there is room also where this runs. The clock is always there.
fn clock(app: &App, class: Class) -> String {
    let clock = app.known.clock(app.known.clock_now());
    let minutes = clock.get(..5).unwrap_or(&clock).to_owned();
    let mouse = app.has_mouse.then(|| "mouse".to_owned());
    let sprint = app.known.world.current();
    let seq = format!("seq {}", grouped(app.known.world_now().seq));
    let branch = sprint
        .and_then(|sprint| sprint.base.as_ref()?.target.as_deref())
        .map(|branch| line(branch.strip_prefix("refs/heads/").unwrap_or(branch)));
    let host = Some(line(&app.settings.host)).filter(|host| !host.is_empty());
    let sprint = sprint.map(|sprint| sprint.id.to_string());
    let parts = match class {
        Class::Tiny | Class::Small | Class::S => vec![mouse],
        Class::M => vec![mouse, sprint, Some(seq)],
        Class::L => vec![mouse, branch, host, sprint, Some(seq)],
    };
    let parts = parts.into_iter().flatten().chain([minutes]);
    let parts: Vec<String> = parts.collect();
    format!("{} ", parts.join(" · "))
}
