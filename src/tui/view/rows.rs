//! The four rows around the body: tabs, pulse, keys, state.

use crate::base::money::Money;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::{Ask, GateState, Sprint, estimate};
use crate::tui::action::{Action, Mode, Place, TABLE, row};
use crate::tui::app::{App, Overlay};
use crate::tui::facts::{agents, line, risks};
use crate::tui::known::{Connection, Known};
use crate::tui::layout::{Class, Layout, Pane};
use crate::tui::panes::cost::flow;
use crate::tui::panes::{overview, plan, waiting};
use crate::tui::theme::Token;
use crate::tui::update::travel::{Panel, changes};
use crate::tui::widgets::bar::meter;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::hints::{self, Hint};
use crate::tui::widgets::row::{Piece, piece, plain};

use super::{lost, past};

/// Paints the rows that the layout has.
pub(super) fn paint(app: &App, layout: &Layout, canvas: &mut Canvas<'_>) {
    match layout.class {
        Class::Tiny | Class::Small => {
            canvas.row(layout.pulse, &short_pulse(app));
            keys(app, layout, canvas);
        }
        Class::S | Class::M | Class::L => {
            canvas.both(
                layout.title,
                &tabs(app, layout.class),
                &connection(app, layout.class),
            );
            canvas.row(layout.pulse, &pulse(app, layout.class));
            keys(app, layout, canvas);
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

/// The keys that are worth showing at a change, best first.
const AT_A_CHANGE: &[Action] = &[
    Action::Approve,
    Action::Reject,
    Action::Comment,
    Action::ApproveAll,
    Action::PartNext,
    Action::SiblingNext,
    Action::ReviewSend,
    Action::SideBySide,
    Action::LineMark,
    Action::EditHunk,
    Action::Blame,
    Action::Tests,
    Action::ContextMore,
    Action::Undo,
    Action::WaitingNext,
];

/// The keys that are worth showing at a pane, best first.
fn best(pane: Pane, mode: Mode) -> &'static [Action] {
    if mode == Mode::Decide {
        return &[
            Action::Approve,
            Action::Reject,
            Action::Comment,
            Action::Snooze,
            Action::WaitingNext,
            Action::Undo,
            Action::Back,
        ];
    }
    match pane {
        Pane::Waiting | Pane::Card => &[
            Action::WaitingNext,
            Action::Open,
            Action::Snooze,
            Action::Compose,
            Action::Undo,
            Action::FocusNext,
            Action::Zoom,
        ],
        Pane::Agents => &[
            Action::Open,
            Action::Compose,
            Action::Pause,
            Action::WaitingNext,
            Action::FocusNext,
            Action::Zoom,
        ],
        Pane::Stream | Pane::Second | Pane::Third | Pane::Fourth => &[
            Action::Compose,
            Action::SiblingNext,
            Action::PartNext,
            Action::Open,
            Action::Only,
            Action::Follow,
            Action::WaitingNext,
            Action::Pause,
            Action::StreamMore,
            Action::FocusNext,
        ],
        Pane::Board | Pane::Task => &[
            Action::Right,
            Action::Open,
            Action::Compose,
            Action::Pause,
            Action::CardFurther,
            Action::TaskEarlier,
            Action::Assign,
            Action::DropTask,
            Action::WaitingNext,
            Action::Mark,
        ],
        Pane::Plan | Pane::Planned | Pane::Limits | Pane::PlanChecks => &[
            Action::ApproveAll,
            Action::PlanKeep,
            Action::PlanDown,
            Action::PlanTitle,
            Action::PlanTier,
            Action::PlanCap,
            Action::Undo,
            Action::PlanFix,
            Action::PlanNew,
            Action::PlanBreak,
            Action::RejectAll,
            Action::Open,
            Action::Budget,
            Action::WaitingNext,
        ],
        Pane::Diff | Pane::Files | Pane::Why | Pane::Remarks | Pane::Explains => AT_A_CHANGE,
        Pane::Budget | Pane::Burn | Pane::Saved | Pane::Sums | Pane::Tiers | Pane::Days => &[
            Action::GroupBy,
            Action::Budget,
            Action::WaitingNext,
            Action::Back,
        ],
        Pane::Log | Pane::Event | Pane::Time | Pane::BoardThen | Pane::AgentsThen => LOG_BEST,
        Pane::Settings | Pane::Sections => SETTINGS_BEST,
        Pane::ClashHead | Pane::Ours | Pane::Theirs | Pane::Result | Pane::ClashWhy => CLASH_BEST,
        Pane::Sprint | Pane::Cost | Pane::Risk | Pane::Providers | Pane::Events => {
            &[Action::WaitingNext, Action::Open, Action::FocusNext]
        }
    }
}

/// The keys that are worth showing beside those in the log.
const LOG_BEST: &[Action] = &[
    Action::Open,
    Action::Replay,
    Action::WaitingNext,
    Action::Back,
];

/// The keys that are worth showing beside the settings.
const SETTINGS_BEST: &[Action] = &[
    Action::Open,
    Action::SettingDefault,
    Action::SettingTarget,
    Action::Undo,
    Action::Filter,
    Action::SiblingNext,
    Action::FocusNext,
    Action::Back,
];

/// The keys that are worth showing beside a conflict.
const CLASH_BEST: &[Action] = &[
    Action::ClashOurs,
    Action::ClashTheirs,
    Action::ClashBoth,
    Action::ClashProposal,
    Action::ClashEdit,
    Action::ApproveAll,
    Action::ClashTest,
    Action::ClashAgent,
    Action::PartNext,
    Action::Undo,
    Action::ClashTurned,
    Action::WaitingList,
];

/// The keys that walk through time, in pairs.
const WALK: [(Action, Action, &str); 2] = [
    (Action::TimeBack, Action::TimeForward, "step"),
    (Action::DecisionPrevious, Action::DecisionNext, "decision"),
];

/// The keys that are worth showing in the past: those that decide are not.
const fn past_best(place: Place) -> &'static [Action] {
    match place {
        Place::Log => &[
            Action::Back,
            Action::Replay,
            Action::TimeDiff,
            Action::Fork,
            Action::TimeStart,
            Action::Open,
        ],
        _ => &[Action::Back, Action::Go(Place::Log), Action::WaitingNext],
    }
}

/// What `A` does to the plan, with what it will cost; nothing where no plan waits.
fn approves(app: &App) -> Option<String> {
    let sprint = plan::shown(&app.known).filter(|sprint| plan::gate(sprint).is_some())?;
    let shown = app.panes.plan.plan(&app.known, sprint);
    Some(format!("approve {}", estimate::plan(&sprint.setup, shown)))
}

/// A key and what it does here.
fn hint(app: &App, action: Action) -> Option<Hint> {
    let mode = app.mode();
    let here = TABLE
        .iter()
        .find(|spec| spec.action == action && spec.fits(mode, app.place));
    Some(Hint {
        key: app.keymap.shown(action, mode, app.place)?,
        label: here.or_else(|| row(action))?.title.to_owned(),
    })
}

fn written(key: &str, label: &str) -> Hint {
    Hint {
        key: key.to_owned(),
        label: label.to_owned(),
    }
}

/// The keys that are worth showing while nothing lies above the panes, and the one that is always shown.
fn here(app: &App) -> (Vec<Hint>, Hint) {
    let mode = app.mode();
    let pair = |(first, second, label): (Action, Action, &str)| {
        let key = |action| app.keymap.shown(action, mode, app.place);
        let key = format!("{} {}", key(first)?, key(second)?);
        Some(written(&key, label))
    };
    let mut hints: Vec<Hint> = if app.place == Place::Log {
        WALK.into_iter().filter_map(pair).collect()
    } else {
        Vec::new()
    };
    let best: &[Action] = if app.known.is_past() {
        past_best(app.place)
    } else {
        best(app.focused(), mode)
    };
    let best = best.iter();
    let best = best.filter(|action| app.decides() || !changes(**action));
    hints.extend(best.filter_map(|action| {
        let label = match action {
            Action::Back if app.known.is_past() => "now".to_owned(),
            Action::Open if app.place == Place::Log => "inspect".to_owned(),
            Action::ApproveAll if app.place == Place::Plan => approves(app)?,
            Action::ApproveAll if app.place == Place::Conflict => "finish".to_owned(),
            Action::PartNext if app.place == Place::Conflict => "next".to_owned(),
            Action::Open if app.place == Place::Settings => "change".to_owned(),
            Action::SiblingNext if app.place == Place::Settings => "section".to_owned(),
            Action::Filter if app.place == Place::Settings => "find".to_owned(),
            _ => return hint(app, *action),
        };
        let key = app.keymap.shown(*action, mode, app.place)?;
        Some(written(&key, &label))
    }));
    (
        hints,
        hint(app, Action::Help).unwrap_or_else(|| written("?", "help")),
    )
}

fn keys(app: &App, layout: &Layout, canvas: &mut Canvas<'_>) {
    let (hints, last): (Vec<Hint>, Hint) = match &app.overlay {
        Some(Overlay::Draft { .. }) => (
            vec![
                written("Enter", "send"),
                written("C-j", "new line"),
                written("C-x C-e", "$EDITOR"),
                written("@ Tab", "task or file"),
                written("↑", "earlier"),
            ],
            written("Esc", "keep and leave"),
        ),
        Some(Overlay::Palette { .. }) => (
            vec![
                written("Enter", "run"),
                written("↑ ↓", "pick"),
                written("Tab", "complete"),
            ],
            written("Esc", "close"),
        ),
        Some(Overlay::Confirm { word, .. }) => (
            vec![written("Enter", &format!("confirm the word {word}"))],
            written("Esc", "keep things as they are"),
        ),
        Some(Overlay::Past(Panel::Differences, _)) => {
            (vec![written("j k", "scroll")], written("Esc", "close"))
        }
        Some(Overlay::Past(Panel::Fork, _)) => (
            vec![written("F", "start it")],
            written("Esc", "keep things as they are"),
        ),
        Some(Overlay::Help { .. }) => (
            vec![
                written("Enter", "run"),
                written("↑ ↓", "pick"),
                written("?", "marks"),
            ],
            written("Esc", "close"),
        ),
        Some(Overlay::Filter { .. }) => (vec![written("Enter", "keep")], written("Esc", "clear")),
        // The first run has rows of its own.
        Some(Overlay::KeyTest(_) | Overlay::Setup(_)) => (Vec::new(), written("Esc", "close")),
        Some(Overlay::People(_)) => (
            [Action::FollowPerson, Action::HandOver]
                .into_iter()
                .filter_map(|action| hint(app, action))
                .collect(),
            written("Esc", "close"),
        ),
        Some(Overlay::Notices(_)) => (
            vec![written("j k", "pick"), written("Enter", "open")],
            written("Esc", "close"),
        ),
        Some(Overlay::Answers(..)) => (
            hint(app, Action::ApproveAll).into_iter().collect(),
            written("Esc", "one by one"),
        ),
        None => here(app),
    };
    hints::paint(canvas.buffer, layout.hints, canvas.theme, &hints, &last);
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
            let label = crate::tui::facts::work_label(gate.work);
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
