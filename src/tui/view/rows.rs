//! The four rows around the body: tabs, pulse, keys, state.

use crate::base::money::Money;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::{Ask, GateState, Sprint};
use crate::tui::action::{Action, Mode, Place};
use crate::tui::app::App;
use crate::tui::facts::{agents, line, risks};
use crate::tui::known::{Connection, Known};
use crate::tui::layout::{Class, Layout};
use crate::tui::panes::cost::flow;
use crate::tui::panes::{overview, waiting};
use crate::tui::theme::Token;
use crate::tui::widgets::bar::meter;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{Piece, piece, plain};

use super::{keys, lost, past};

/// Paints the rows that the layout has.
pub(super) fn paint(app: &App, layout: &Layout, canvas: &mut Canvas<'_>) {
    match layout.class {
        Class::Tiny | Class::Small => {
            canvas.row(layout.pulse, &short_pulse(app));
            keys::paint(app, layout, canvas);
        }
        Class::S | Class::M | Class::L => {
            canvas.both(
                layout.title,
                &tabs(app, layout.class),
                &connection(app, layout.class),
            );
            canvas.row(layout.pulse, &pulse(app, layout.class));
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
        Connection::Live if app.replay.is_some() => piece("replay ", Token::Info),
        Connection::Live => match app.line.trip {
            Some(trip) => piece(format!("{}ms ", trip.as_millis()), Token::Risk),
            None => piece("live ", Token::Dim),
        },
        Connection::Lost(_) => piece("OFFLINE ", Token::Fail),
    };
    let count = app.known.company.guests.len();
    let viewer = app.looks().map(|_| piece("viewer ", Token::Info));
    // There is no room for both beside the tabs of a small screen.
    let tells_count = count > 1 && (viewer.is_none() || class > Class::S);
    let here = tells_count.then(|| piece(format!("{count} here "), Token::Info));
    here.into_iter().chain(viewer).chain([link]).collect()
}

/// How many items wait, with their token.
fn waiting_count(app: &App) -> (usize, Token) {
    let items = app.panes.waiting.shown(&app.known);
    match waiting::counts(&items) {
        (0, _) => (0, Token::Faint),
        (count, _) => (count, Token::Need),
    }
}

fn spent(sprint: Option<&Sprint>) -> (Money, Option<Money>, Option<u32>) {
    sprint.map_or((Money::ZERO, None, None), |sprint| {
        (
            sprint.account.spent,
            sprint.account.limit,
            sprint.account.percent(),
        )
    })
}

fn short_pulse(app: &App) -> Vec<Piece<'static>> {
    if let Some(bar) = past::bar(app, Class::Small).or_else(|| lost::bar(app, Class::Small)) {
        return bar;
    }
    let (count, token) = waiting_count(app);
    let (spent, limit, percent) = spent(app.known.world.current());
    let limit = limit.map_or_else(String::new, |limit| format!("/{limit}"));
    // There is no row for the mode.
    let (word, look) = match app.looks() {
        Some(word) => (word, Token::ModeView),
        None => ("aios", Token::Accent),
    };
    vec![
        plain(" "),
        piece(word, look),
        plain("  "),
        piece(format!("● {count} waiting"), token),
        plain("  "),
        piece(format!("{spent}{limit}"), overview::money(percent)),
    ]
}

/// The second row: what waits, what is at risk, who works, what it costs. If the line is lost, or everything is held, that.
fn pulse(app: &App, class: Class) -> Vec<Piece<'static>> {
    if let Some(bar) = past::bar(app, class) {
        return bar;
    }
    if let Some(bar) = lost::bar(app, class) {
        return bar;
    }
    if let Some(money) = app.known.world.current().and_then(at_its_end) {
        return reached(app, money, class);
    }
    let (count, token) = waiting_count(app);
    let mut pieces = vec![match count {
        0 => piece(" ○ nothing waits", token),
        count => piece(format!(" ● {count} waiting on you"), token),
    }];
    let Some(sprint) = app.known.world.current() else {
        pieces.push(piece(
            "  no sprint yet: i says what you want built",
            Token::Dim,
        ));
        return pieces;
    };
    if sprint.paused.is_some() {
        pieces.push(piece("  ■ PAUSED  P goes on", Token::Risk));
    }
    let risks = risks::count(&app.known.world, app.known.now, app.known.near);
    if risks > 0 {
        pieces.push(piece(format!("  ▲ {risks} at risk"), Token::Risk));
    }
    let gap = if class > Class::S { "  │  " } else { "  " };
    pieces.push(plain(gap));
    if app.runs() {
        let mark = app.settings.motion.mark(app.known.now, app.still_ms());
        pieces.push(piece(format!("{mark} "), Token::Run));
    }
    pieces.push(plain(team(&app.known, class)));
    let (spent, limit, percent) = spent(Some(sprint));
    let money = overview::money(percent);
    let cells = if class > Class::S { 10 } else { 6 };
    pieces.push(plain(gap));
    match limit {
        Some(limit) => {
            pieces.push(piece(format!("{spent} of {limit} "), money));
            pieces.push(piece(meter(cells, percent.unwrap_or(0) * 10), money));
            pieces.push(piece(format!(" {}%", percent.unwrap_or(0)), money));
        }
        None => pieces.push(piece(spent.to_string(), money)),
    }
    if let Some(rate) = flow::rate(&app.known, sprint).filter(|_| class > Class::S) {
        pieces.push(piece(format!("  {rate}/h"), Token::Dim));
    }
    if sprint.setup.policy.simulated {
        pieces.push(piece(" simulated", Token::Dim));
    }
    if class > Class::S {
        let (done, all) = sprint.progress();
        pieces.push(plain(format!("{gap}{done}/{all} tasks")));
    }
    pieces
}

/// What is spent, and of how much, where all agents hold because the money of the sprint or of the day is at its end.
fn at_its_end(sprint: &Sprint) -> Option<(Money, Money)> {
    let mut open = sprint.holding_gates();
    open.find_map(|gate| match gate.ask {
        _ if gate.state != GateState::Open => None,
        Ask::Budget {
            scope: BudgetScope::Sprint,
            limit,
            ..
        } => Some((sprint.account.spent, limit)),
        Ask::Budget {
            scope: BudgetScope::Day,
            left,
            limit,
            ..
        } => Some((limit - left, limit)),
        _ => None,
    })
}

fn reached(app: &App, (spent, limit): (Money, Money), class: Class) -> Vec<Piece<'static>> {
    let percent = spent.percent_of(limit);
    let said = if class > Class::S {
        "  agents hold before their next call · nothing is lost   "
    } else {
        "  all agents hold · nothing lost  "
    };
    let cells = if class > Class::S { 10 } else { 4 };
    let key = app
        .keymap
        .shown(Action::WaitingNext, Mode::Normal, app.place);
    vec![
        piece(" ■ BUDGET REACHED", Token::Fail),
        plain(said),
        piece(
            format!(
                "{spent} of {limit} {} {percent}%",
                meter(cells, percent * 10)
            ),
            overview::money(Some(percent)),
        ),
        piece(format!("  {}", key.unwrap_or_default()), Token::Need),
        piece(if class > Class::S { " decides" } else { "" }, Token::Need),
    ]
}

fn team(known: &Known, class: Class) -> String {
    let agents = agents::agents(&known.world);
    let count = |wanted: &dyn Fn(agents::State) -> bool| {
        agents.iter().filter(|agent| wanted(agent.state)).count()
    };
    let running = count(&agents::State::is_running);
    let asking = count(&|state| matches!(state, agents::State::Gate | agents::State::Asks));
    if class > Class::S {
        let off = agents.len() - running - asking;
        format!("{running} run · {asking} ask · {off} off")
    } else {
        format!("{running} run {asking} ask")
    }
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

fn clock(app: &App, class: Class) -> String {
    let clock = app.known.clock(app.known.clock_now());
    let minutes = clock.get(..5).unwrap_or(&clock).to_owned();
    if class > Class::S {
        format!("seq {} · {minutes} ", app.known.world_now().seq)
    } else {
        format!("{minutes} ")
    }
}
