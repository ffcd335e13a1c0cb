//! The second row while the host is lost: for how long, how old the view is, what is kept, when it is tried again; or who sent
//! this client away.

use crate::tui::app::App;
use crate::tui::facts::line;
use crate::tui::known::Connection;
use crate::tui::layout::Class;
use crate::tui::theme::Token;
use crate::tui::widgets::row::{Piece, piece};

/// The row; none while the host is there.
pub(super) fn bar(app: &App, class: Class) -> Option<Vec<Piece<'static>>> {
    let (lost, Connection::Lost(why)) = (app.known.lost?, &app.known.connection) else {
        return None;
    };
    if let Some(why) = &app.known.removed {
        // It is not tried again by itself.
        let head = piece(" ▲ REMOVED  ", Token::Fail);
        return Some(vec![head, piece(line(why), Token::Risk)]);
    }
    let now = app.known.clock_now();
    let seconds = now.since(lost.since).max(0) / 1_000;
    let age = format!(" ▲ OFFLINE {}:{:02}", seconds / 60, seconds % 60);
    let seen = app.known.clock(lost.since);
    let key = app
        .key_for_the_host()
        .map_or_else(String::new, |key| format!(" ({key} now)"));
    let again = lost
        .again
        .map(|again| (again.since(now).max(0) + 999) / 1_000);
    let again = match again {
        Some(1..) if class == Class::Small => String::new(),
        Some(seconds @ 1..) => format!(" · retry in {seconds}s{key}"),
        Some(_) | None => " · trying".to_owned(),
    };
    let kept = match app.panes.waiting.kept.len() {
        0 => String::new(),
        1 => " · 1 decision kept".to_owned(),
        count => format!(" · {count} decisions kept"),
    };
    let rest = match class {
        Class::Tiny | Class::Small | Class::S => format!("  view of {seen}{kept}{again}"),
        Class::M | Class::L => format!("  you see the state of {seen}{kept}{again}"),
    };
    let rest = format!("{rest} · {}", line(why));
    Some(vec![piece(age, Token::Fail), piece(rest, Token::Risk)])
}
