//! The second row: what waits, what is at risk, who works, how far it is, what it costs. Where it is too narrow for all of that, parts
//! become shorter and then go, in the order of [`CUTS`]; what waits and what it costs are always there.

use crate::base::money::Money;
use crate::base::time;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::{Ask, GateState, Sprint, outlook};
use crate::tui::action::{Action, Mode};
use crate::tui::app::App;
use crate::tui::facts::{agents, risks};
use crate::tui::known::Known;
use crate::tui::layout::Class;
use crate::tui::panes::cost::flow;
use crate::tui::panes::{overview, waiting};
use crate::tui::theme::Token;
use crate::tui::widgets::bar::meter;
use crate::tui::widgets::row::{Row, piece, plain, width};

use super::{lost, past};

/// A part of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The program's name, or why nothing can be decided here.
    Word,
    Waiting,
    /// How long the oldest item has waited.
    Oldest,
    /// All agents hold.
    Held,
    Risk,
    Team,
    Tasks,
    Money,
    Saved,
}

/// A part and all it can say, from the most to the least. One that can go says nothing at last.
type Forms = (Part, Vec<Row>);

/// What is said in fewer words, one form at a time, until everything fits.
const CUTS: [Part; 21] = [
    Part::Saved,
    Part::Tasks,
    Part::Tasks,
    Part::Oldest,
    Part::Team,
    Part::Money,
    Part::Team,
    Part::Money,
    Part::Money,
    Part::Risk,
    Part::Held,
    Part::Waiting,
    Part::Money,
    Part::Word,
    Part::Held,
    Part::Risk,
    Part::Money,
    Part::Money,
    Part::Held,
    Part::Waiting,
    Part::Word,
];

/// As [`CUTS`], where the row says that the money is at its end.
const CUTS_AT_THE_END: [Part; 7] = [
    Part::Held,
    Part::Money,
    Part::Waiting,
    Part::Held,
    Part::Held,
    Part::Money,
    Part::Money,
];

/// The pieces of the parts, each in the longest form for which there is room.
fn fit(parts: Vec<Forms>, cuts: &[Part], room: u16) -> Row {
    let mut left: Vec<(Part, std::collections::VecDeque<Row>)> = parts
        .into_iter()
        .map(|(part, forms)| (part, forms.into()))
        .collect();
    for cut in cuts {
        let taken: usize = left
            .iter()
            .filter_map(|(_, forms)| forms.front())
            .map(|row| width(row))
            .sum();
        if taken <= usize::from(room) {
            break;
        }
        if let Some((_, forms)) = left.iter_mut().find(|(part, _)| part == cut)
            && forms.len() > 1
        {
            forms.pop_front();
        }
    }
    left.into_iter()
        .filter_map(|(_, mut forms)| forms.pop_front())
        .flatten()
        .collect()
}

/// The row for `room` cells. If the line is lost, or everything is held, it says that.
pub(super) fn pulse(app: &App, class: Class, room: u16) -> Row {
    if let Some(bar) = past::bar(app, class).or_else(|| lost::bar(app, class)) {
        return bar;
    }
    if class <= Class::Small {
        return fit(short(app, class), &CUTS, room);
    }
    if let Some(money) = app.known.world.current().and_then(at_its_end) {
        return fit(reached(app, money), &CUTS_AT_THE_END, room);
    }
    fit(whole(app, class), &CUTS, room)
}

/// What the row of a small terminal can say.
fn short(app: &App, class: Class) -> Vec<Forms> {
    // There is no row for the mode.
    let (word, look) = match app.looks() {
        Some(word) => (word, Token::ModeView),
        None => ("aios", Token::Accent),
    };
    let is_tiny = class == Class::Tiny;
    let (dot, risk) = if is_tiny { ("", "") } else { ("● ", "▲ ") };
    let (count, token) = waiting_count(app);
    let mut parts = vec![
        (
            Part::Word,
            vec![
                vec![plain(" "), piece(word, look), plain("  ")],
                vec![plain(" ")],
            ],
        ),
        (
            Part::Waiting,
            vec![vec![piece(format!("{dot}{count} waiting"), token)]],
        ),
    ];
    let risks = risks::count(&app.known.world, app.known.now, app.known.near);
    if risks > 0 {
        let text = format!("  {risk}{risks} risk");
        parts.push((Part::Risk, vec![vec![piece(text, Token::Risk)], Vec::new()]));
    }
    let sprint = app.known.world.current();
    let token = sprint.map_or(Token::Money, overview::amount);
    let spent = sprint.map_or(Money::ZERO, |sprint| sprint.account.spent);
    let limit = sprint.and_then(|sprint| sprint.account.limit);
    let mut forms = vec![vec![plain("  "), piece(spent.to_string(), token)]];
    if let Some(limit) = limit {
        let text = format!("{spent}/{limit}");
        forms.insert(0, vec![plain("  "), piece(text, token)]);
    }
    parts.push((Part::Money, forms));
    parts
}

/// What the row can say while nothing else is in its place.
fn whole(app: &App, class: Class) -> Vec<Forms> {
    let (count, token) = waiting_count(app);
    let say = |text: String| vec![piece(text, token)];
    let waiting = match count {
        0 => vec![say(" ○ nothing waits".to_owned())],
        count => vec![
            say(format!(" ● {count} waiting on you")),
            say(format!(" ● {count} waiting")),
        ],
    };
    let mut parts = vec![(Part::Waiting, waiting)];
    let Some(sprint) = app.known.world.current() else {
        let text = "  no sprint yet: i says what you want built";
        parts.push((Part::Tasks, vec![vec![piece(text, Token::Dim)], Vec::new()]));
        return parts;
    };
    if let Some(age) = oldest(app).filter(|_| class == Class::L) {
        let text = format!(" (oldest {})", time::age(age));
        parts.push((Part::Oldest, vec![say(text), Vec::new()]));
    }
    if sprint.paused.is_some() {
        let key = app
            .keymap
            .shown(Action::PauseAll, Mode::Normal, app.place)
            .unwrap_or_default();
        let say = |text: String| vec![piece(text, Token::Risk)];
        let forms = vec![
            say(format!("  ■ PAUSED  {key} goes on")),
            say("  ■ PAUSED".to_owned()),
        ];
        parts.push((Part::Held, forms));
    }
    let risks = risks::count(&app.known.world, app.known.now, app.known.near);
    if risks > 0 {
        let say = |text: String| vec![piece(text, Token::Risk)];
        let forms = vec![
            say(format!("  ▲ {risks} at risk")),
            say(format!("  ▲ {risks}")),
            Vec::new(),
        ];
        parts.push((Part::Risk, forms));
    }
    let gap = if class > Class::S { "  │  " } else { "  " };
    parts.push((Part::Team, team(app, sprint, gap)));
    parts.push((Part::Tasks, tasks(&app.known, sprint, gap)));
    parts.push((Part::Money, money(app, sprint, gap)));
    let saved = sprint.ledger.all.saved();
    if saved > Money::ZERO {
        let percent = saved.percent_of(sprint.ledger.all.baseline);
        let text = format!("  saved {percent}%");
        parts.push((
            Part::Saved,
            vec![vec![piece(text, Token::Saved)], Vec::new()],
        ));
    }
    parts
}

/// How many items wait, with their token.
fn waiting_count(app: &App) -> (usize, Token) {
    let items = app.panes.waiting.shown(&app.known);
    match waiting::counts(&items) {
        (0, _) => (0, Token::Faint),
        (count, _) => (count, Token::Need),
    }
}

/// For how long the oldest item that is not put off has waited, in milliseconds.
fn oldest(app: &App) -> Option<i64> {
    let items = app.panes.waiting.shown(&app.known);
    let items = items.iter().filter(|item| !item.is_snoozed());
    items.map(|item| item.age_ms).max()
}

/// How many agents do what.
fn team(app: &App, sprint: &Sprint, gap: &'static str) -> Vec<Row> {
    let agents = agents::agents(&app.known.world);
    let count = |wanted: &dyn Fn(agents::State) -> bool| {
        agents.iter().filter(|agent| wanted(agent.state)).count()
    };
    let running = count(&agents::State::is_running);
    let asking = count(&|state| matches!(state, agents::State::Gate | agents::State::Asks));
    let failing = count(&|state| state == agents::State::Failed);
    let (_, blocked) = overview::tally(sprint);
    let off = agents.len() - running - asking - failing;
    let say = |count: usize, word: &str| Some(format!("{count} {word}"));
    let some = |count: usize, word: &str| say(count, word).filter(|_| count > 0);
    let long = [
        say(running, "run"),
        say(asking, "ask"),
        some(failing, "failing"),
        some(blocked, "blocked"),
        say(off, "off"),
    ];
    let brief = [
        say(running, "run"),
        some(asking, "ask"),
        some(failing, "fail"),
        some(blocked, "blkd"),
    ];
    let long: Vec<String> = long.into_iter().flatten().collect();
    let brief: Vec<String> = brief.into_iter().flatten().collect();
    let row = |text: String| {
        let mut row = vec![plain(gap)];
        if app.runs() {
            let mark = app.settings.motion.mark(app.known.now, app.still_ms());
            row.push(piece(format!("{mark} "), Token::Run));
        }
        row.push(plain(text));
        row
    };
    vec![row(long.join(" · ")), row(brief.join(" ")), Vec::new()]
}

/// How far the sprint is, and when it will likely be at its end.
fn tasks(known: &Known, sprint: &Sprint, gap: &'static str) -> Vec<Row> {
    let (done, all) = sprint.progress();
    if all == 0 {
        return vec![Vec::new()];
    }
    let tasks = plain(format!("{gap}{done}/{all} tasks"));
    let mut forms = vec![vec![tasks.clone()], Vec::new()];
    if let Some(rest_ms) = outlook::rest_ms(sprint).filter(|rest| *rest > 0) {
        let clock = known.clock(known.now.plus_ms(rest_ms));
        let clock = clock.get(..5).unwrap_or(&clock);
        forms.insert(0, vec![tasks, plain(format!("  ETA ~{clock}"))]);
    } else {
        // Every part has as many forms, so that the cuts fall where they should.
        forms.insert(0, vec![tasks]);
    }
    forms
}

/// What is spent, with the share of the budget, the rate of late, and whether it is real.
fn money(app: &App, sprint: &Sprint, gap: &'static str) -> Vec<Row> {
    let (account, token) = (&sprint.account, overview::amount(sprint));
    let (spent, percent) = (account.spent, account.percent().unwrap_or(0));
    let amount = |between: &str| {
        let limit = account.limit;
        let limit = limit.map_or_else(String::new, |limit| format!("{between}{limit}"));
        vec![plain(gap), piece(format!("{spent}{limit}"), token)]
    };
    let share = |cells: usize| {
        let bar = piece(
            format!(" {}", meter(cells, percent * 10)),
            overview::money(sprint),
        );
        let bar = (cells > 0).then_some(bar);
        let figure = piece(format!(" {percent}%"), token);
        let is_known = account.limit.is_some();
        bar.into_iter().chain([figure]).filter(move |_| is_known)
    };
    let rate = flow::rate(&app.known, sprint).map(|rate| piece(format!(" {rate}/h"), Token::Dim));
    let is_play = sprint.setup.policy.simulated;
    let row = |between: &str, cells: usize, has_rate: bool| -> Row {
        let rate = rate.clone().filter(|_| has_rate);
        let row = amount(between).into_iter().chain(share(cells));
        row.chain(rate).collect()
    };
    let mut longest = row(" of ", 10, true);
    // Where this goes the title still says that it is a demo.
    longest.extend(is_play.then(|| piece(" simulated", Token::Dim)));
    vec![
        longest,
        row("/", 6, true),
        row("/", 6, false),
        row("/", 0, false),
        amount("/"),
        vec![plain(gap), piece(spent.to_string(), token)],
    ]
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

/// What the row can say when the money is at its end.
fn reached(app: &App, (spent, limit): (Money, Money)) -> Vec<Forms> {
    let percent = spent.percent_of(limit);
    let key = app
        .keymap
        .shown(Action::WaitingNext, Mode::Normal, app.place)
        .unwrap_or_default();
    let (count, _) = waiting_count(app);
    let say = |text: String| vec![piece(text, Token::Fail)];
    let held = |text: &'static str| vec![plain(text)];
    let asks = |text: String| vec![piece(text, Token::Need)];
    vec![
        (Part::Word, vec![say(" ■ BUDGET REACHED".to_owned())]),
        (
            Part::Held,
            vec![
                held("  agents hold before their next call · nothing is lost"),
                held("  all agents hold · nothing lost"),
                held("  all agents hold"),
                Vec::new(),
            ],
        ),
        (
            Part::Money,
            vec![
                say(format!(
                    "   {spent} of {limit} {} {percent}%",
                    meter(10, percent * 10)
                )),
                say(format!("  {spent} of {limit} {percent}%")),
                say(format!("  {spent}/{limit}")),
                say(format!("  {spent}")),
            ],
        ),
        (
            Part::Waiting,
            vec![
                asks(format!("  {count} waiting  {key} decides")),
                asks(format!("  {count} waiting  {key}")),
            ],
        ),
    ]
}

#[cfg(test)]
mod tests;
