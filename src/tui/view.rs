//! The interface as a picture: a pure function of its state, the moment and the terminal's size.

mod above;
mod keys;
mod lost;
mod past;
mod pulse;
mod rows;
mod told;

use std::time::Instant;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::domain::sprint::headline;

use super::action::Place;
use super::app::{App, Overlay};
use super::layout::{Class, Layout, Pane};
use super::panes::{
    agents, board, card, clash, cost, log, overview, plan, review, settings, setup, stream,
    timeline, waiting,
};
use super::terminal::caps::Glyphs;
use super::theme::{Token, to_ascii, to_nerd};
use super::widgets::canvas::Canvas;
use super::widgets::row::piece;

/// Paints everything and gives the place of the terminal's cursor, if it is shown.
pub fn view(app: &App, buffer: &mut Buffer, at: Instant) -> Option<Position> {
    let layout = app.layout();
    let mut canvas = Canvas {
        buffer,
        theme: &app.theme,
        density: app.settings.density,
    };
    if let Some(Overlay::Setup(setup)) = &app.overlay {
        let whole = canvas.buffer.area;
        let cursor = setup::view(setup, &mut canvas, whole);
        in_glyphs(app.caps.glyphs, buffer);
        return cursor;
    }
    rows::paint(app, &layout, &mut canvas);
    if layout.class != Class::Tiny {
        for (pane, area) in &layout.panes {
            self::pane(app, *pane, &mut canvas, *area, at);
        }
        if app.known.is_past() && app.caps.glyphs != Glyphs::Ascii {
            past::dash(&layout, &mut canvas);
        }
    }
    let cursor = above::paint(app, &layout, &mut canvas, at);
    let wants = app.settings.shows_cursor && cursor.is_none() && app.overlay.is_none();
    let cursor = wants
        .then(|| marked(app, &layout, canvas.buffer))
        .flatten()
        .or(cursor);
    in_glyphs(app.caps.glyphs, buffer);
    cursor
}

/// The cell of the focused pane's cursor: its mark stands at the left of a row, or, in a tree, a little further.
fn marked(app: &App, layout: &Layout, buffer: &Buffer) -> Option<Position> {
    let area = layout.area(app.focused())?.intersection(buffer.area);
    let mut cells = area.positions();
    cells.find(|place| buffer.cell(*place).is_some_and(|cell| cell.symbol() == "▶"))
}

fn in_glyphs(glyphs: Glyphs, buffer: &mut Buffer) {
    match glyphs {
        Glyphs::Unicode => {}
        Glyphs::Ascii => to_ascii(buffer),
        Glyphs::Nerd => to_nerd(buffer),
    }
}

/// Paints the focused pane alone into `area`, for its text.
pub(super) fn focused(app: &App, buffer: &mut Buffer, area: Rect, at: Instant) {
    let mut canvas = Canvas {
        buffer,
        theme: &app.theme,
        density: app.settings.density,
    };
    pane(app, app.focused(), &mut canvas, area, at);
}

/// How many rows the focused pane, which only tells, would tell in a pane as wide as `area`.
pub(super) fn rows_told(app: &App, area: Rect, at: Instant) -> u16 {
    let mut buffer = Buffer::empty(Rect::ZERO);
    let canvas = Canvas {
        buffer: &mut buffer,
        theme: &app.theme,
        density: app.settings.density,
    };
    let draw = |canvas: &mut Canvas<'_>, area| drawn(app, app.focused(), canvas, area, at);
    told::rows(&canvas, area, draw)
}

/// Paints a stream; what its agent asks stands below the first one at the agents.
fn stream(
    app: &App,
    pane: Pane,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (has_focus, is_armed): (bool, bool),
) {
    let (known, panes) = (&app.known, &app.panes);
    let number = pane.stream().unwrap_or_default();
    let Some(stream) = panes.streams.get(number) else {
        return;
    };
    let is_whole = app.place == Place::Agents && pane == Pane::Stream;
    let foot = if is_whole {
        stream::foot_height(known, stream, area)
    } else {
        0
    };
    stream::view((stream, number), known, canvas, area, (has_focus, foot));
    if is_whole {
        stream::foot((known, stream), (&panes.card, is_armed), canvas, area);
    }
}

fn pane(app: &App, pane: Pane, canvas: &mut Canvas<'_>, area: Rect, at: Instant) {
    if !pane.is_told() {
        return drawn(app, pane, canvas, area, at);
    }
    let state = (app.focused() == pane, app.top(pane));
    told::paint(canvas, area, state, |canvas, area| {
        drawn(app, pane, canvas, area, at);
    });
}

fn drawn(app: &App, pane: Pane, canvas: &mut Canvas<'_>, area: Rect, at: Instant) {
    let (known, panes) = (&app.known, &app.panes);
    let has_focus = app.focused() == pane;
    let state = (has_focus, app.is_armed(at));
    match pane {
        Pane::Waiting => waiting::view(
            &panes.waiting,
            known,
            canvas,
            area,
            has_focus || app.place == Place::Waiting,
        ),
        Pane::Card => {
            let item = panes.waiting.current(known);
            if let Some(gate) = item.and_then(|item| known.world.gate(item.gate)) {
                card::view(&panes.card, (known, gate), canvas, area, state);
            } else {
                let inside = canvas.frame(area, "NOTHING WAITS ON YOU", "", has_focus);
                canvas.row(inside, &[piece(" Esc goes back", Token::Dim)]);
            }
        }
        Pane::Agents => agents::view(&panes.agents, known, canvas, area, has_focus),
        Pane::Stream | Pane::Second | Pane::Third | Pane::Fourth => {
            stream(app, pane, canvas, area, state);
        }
        Pane::Call => {
            if let Some(stream) = panes.streams.get(app.called_stream()) {
                stream::call(stream, known, canvas, area);
            }
        }
        Pane::Sprint
        | Pane::Cost
        | Pane::Events
        | Pane::Risk
        | Pane::People
        | Pane::Providers
        | Pane::Burn
        | Pane::Tiers
        | Pane::Days => figures(app, pane, canvas, area),
        Pane::Board => board::view(&panes.board, known, canvas, area, has_focus),
        Pane::Task => board::task(&panes.board, known, canvas, area),
        Pane::Plan => plan::view(&panes.plan, known, canvas, area, has_focus),
        Pane::Planned => plan::planned(&panes.plan, known, canvas, area),
        Pane::Limits if panes.plan.shows_task => plan::planned(&panes.plan, known, canvas, area),
        Pane::Limits => plan::limits(&panes.plan, known, canvas, area),
        Pane::PlanChecks => plan::checks(&panes.plan, known, canvas, area, app.is_armed(at)),
        Pane::Files => review::files(&panes.review, known, canvas, area, has_focus),
        Pane::Why => {
            let is_alone = app.layout().area(Pane::Explains).is_none();
            review::why(&panes.review, known, canvas, area, is_alone);
        }
        Pane::Remarks => review::remarks(&panes.review, known, canvas, area),
        Pane::Explains => review::explains(&panes.review, known, canvas, area),
        Pane::Diff => review::view(&panes.review, known, canvas, area, state),
        Pane::Budget => cost::budget(known, canvas, area),
        Pane::Saved => cost::saved(known, canvas, area),
        Pane::Sums => cost::sums(&panes.cost, known, canvas, area, has_focus),
        Pane::Log => log::view(&panes.log, known, canvas, area, has_focus),
        Pane::Event => timeline::event(&panes.log, known, canvas, area, has_focus),
        Pane::Time => {
            // In the past the log is walked by this bar, so that it has the focus, too.
            let is_walked = known.is_past() && app.focused() == Pane::Log;
            let speed = app.replay.map(|replay| format!("replay {}x", replay.speed));
            let right = speed.unwrap_or_else(|| "r replay".to_owned());
            let state = (has_focus || is_walked, right.as_str());
            timeline::time(&panes.log, known, canvas, area, state);
        }
        Pane::BoardThen => timeline::board(known, canvas, area, has_focus),
        Pane::AgentsThen => timeline::agents(known, canvas, area, has_focus),
        Pane::Settings => settings::view(&panes.settings, canvas, area, has_focus),
        Pane::Sections => settings::sections(&panes.settings, canvas, area, has_focus),
        Pane::ClashHead | Pane::Ours | Pane::Theirs | Pane::Result | Pane::ClashWhy => {
            conflict(app, pane, canvas, area, state);
        }
    }
}

/// The panes of a conflict.
fn conflict(app: &App, pane: Pane, canvas: &mut Canvas<'_>, area: Rect, state: (bool, bool)) {
    let (known, panes) = (&app.known, &app.panes.clash);
    let is_alone = app.layout().area(Pane::ClashHead).is_none();
    let focus = (state.0, is_alone);
    match pane {
        Pane::Ours => clash::ours(panes, known, canvas, area, focus),
        Pane::Theirs => clash::theirs(panes, known, canvas, area, focus),
        Pane::Result => clash::result(panes, known, canvas, area, focus),
        Pane::ClashWhy => clash::why(panes, known, canvas, area, state),
        _ => clash::head(panes, known, canvas, area),
    }
}

/// Paints a pane that only tells: of the first screen, or of money over time.
fn figures(app: &App, pane: Pane, canvas: &mut Canvas<'_>, area: Rect) {
    let (known, has_focus) = (&app.known, app.focused() == pane);
    match pane {
        Pane::Sprint => overview::sprint(known, canvas, area, has_focus),
        Pane::Cost => overview::cost(known, canvas, area, has_focus),
        Pane::Events => overview::events(known, canvas, area, has_focus),
        Pane::Risk => overview::risk(known, &app.keymap, canvas, area),
        Pane::People => overview::people(known, canvas, area),
        Pane::Burn => cost::flow::burn(known, canvas, area),
        Pane::Tiers => cost::flow::tiers(known, canvas, area),
        Pane::Days => cost::flow::days(known, canvas, area),
        _ => cost::flow::providers(known, canvas, area),
    }
}

/// What the terminal's title bar says: `aios shop: 5 waiting, $7.42/20`.
pub fn title(app: &App) -> String {
    let project = super::facts::line(&app.known.project);
    if app.known.is_past() {
        return format!(
            "aios {project}: the past, {}",
            app.known.clock(app.known.now)
        );
    }
    let items = app.panes.waiting.shown(&app.known);
    let (count, _) = waiting::counts(&items);
    headline(&project, app.known.world.current(), count)
}

#[cfg(test)]
mod looks;
#[cfg(test)]
mod odd;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod tests;
