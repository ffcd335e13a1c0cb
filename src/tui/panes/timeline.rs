//! Time at a glance: the bar of a sprint's events, one event whole, and the board and the agents as they were then.

use std::borrow::Cow;

use ratatui::layout::Rect;
use serde_json::Value;

use crate::base::id::Digest;
use crate::base::text::{clip, wrap};
use crate::base::time::Timestamp;
use crate::domain::journal::Event;
use crate::domain::sprint::board::{Column, column};
use crate::tui::facts::since::{Figures, differences, grouped};
use crate::tui::facts::{agents, line, task_label, work_label};
use crate::tui::known::Known;
use crate::tui::past::{Chain, Held, Mark};
use crate::tui::theme::Token;
use crate::tui::widgets::bar::sparkline;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{Piece, piece, plain};

use super::log;

/// A span shorter than this is labelled to the second.
const SHORT_MS: i64 = 1_800_000;

/// Paints the bar: when, how much happened, what of weight, and where one is.
pub fn time(
    state: &log::State,
    known: &Known,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (has_focus, right): (bool, &str),
) {
    let inside = canvas.frame(area, "TIME", right, has_focus);
    let moment = state.moment(known);
    let bar = Bar::of(known, moment, usize::from(inside.width.saturating_sub(2)));
    let Some(bar) = bar else {
        let text = known
            .reading()
            .unwrap_or_else(|| "Nothing has happened yet.".to_owned());
        canvas.row(inside, &[piece(format!(" {text}"), Token::Dim)]);
        return;
    };
    let mut marks = vec![plain(" ")];
    for (cell, mark) in bar.marks.iter().enumerate() {
        marks.push(match mark {
            _ if cell == bar.here => piece("┃", Token::Accent),
            None => piece("·", Token::Faint),
            Some(mark) => piece(mark.words().0, token(*mark)),
        });
    }
    let mut legend = vec![plain(" ")];
    for mark in Mark::ALL {
        let (sign, word) = mark.words();
        legend.extend([
            piece(sign, token(mark)),
            piece(format!(" {word}  "), Token::Dim),
        ]);
    }
    legend.extend([
        piece(" ┃", Token::Accent),
        piece(" you are here", Token::Dim),
    ]);
    let cells = bar.counts.len();
    canvas.rows(
        inside,
        [
            vec![plain(" "), piece(bar.labels, Token::Dim)],
            vec![
                plain(" "),
                piece(sparkline(&bar.counts, cells), Token::Info),
            ],
            marks,
            legend,
        ],
    );
}

const fn token(mark: Mark) -> Token {
    match mark {
        Mark::Plan => Token::Info,
        Mark::Merge => Token::Ok,
        Mark::Question | Mark::Gate => Token::Need,
        Mark::Budget => Token::MoneyWarn,
        Mark::Failure => Token::Fail,
    }
}

/// The bar's contents, a cell each.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bar {
    labels: String,
    counts: Vec<u64>,
    marks: Vec<Option<Mark>>,
    here: usize,
}

impl Bar {
    /// The bar of the sprint around an event, `cells` wide. None before there are events, and where there is no room.
    fn of(known: &Known, moment: u64, cells: usize) -> Option<Self> {
        let span = known.past.span(moment)?;
        let at = |seq| known.past.event(seq).map(|held| held.envelope.at);
        let (start, end) = (at(span.first)?, at(span.last)?);
        let length = end.since(start).max(1);
        let last = cells.checked_sub(1)?;
        let cell = |ms: i64| {
            let share = i128::from(ms) * last as i128 / i128::from(length);
            usize::try_from(share).unwrap_or(0).min(last)
        };
        let mut bar = Self {
            labels: String::new(),
            counts: vec![0; cells],
            marks: vec![None; cells],
            here: cell(at(moment.clamp(span.first, span.last))?.since(start)),
        };
        for held in known.past.within(span) {
            let place = cell(held.envelope.at.since(start));
            if let Some(count) = bar.counts.get_mut(place) {
                *count += 1;
            }
            // The worst that happened in a cell is what it shows.
            if let Some(mark) = bar.marks.get_mut(place) {
                *mark = (*mark).max(held.mark);
            }
        }
        let clock = |ms: i64| {
            let text = known.clock(start.plus_ms(ms));
            let until = if length < SHORT_MS { 8 } else { 5 };
            text.get(..until).unwrap_or(&text).to_owned()
        };
        let right = if span.is_newest {
            format!("{} now", clock(length))
        } else {
            clock(length)
        };
        let middle = clock(length / 2);
        bar.labels = clock(0);
        let indent = (cells / 2).saturating_sub(middle.len() / 2);
        if cells >= 48 {
            bar.labels = format!("{:<indent$}{middle}", bar.labels);
        }
        let room = cells.saturating_sub(bar.labels.len());
        bar.labels = format!("{}{right:>room$}", bar.labels);
        Some(bar)
    }
}

/// Paints the event under the cursor, whole: what it is, who did it, its figures, its place in the chain, then and now.
pub fn event(
    state: &log::State,
    known: &Known,
    canvas: &mut Canvas<'_>,
    area: Rect,
    has_focus: bool,
) {
    let moment = state.moment(known);
    let Some(held) = known.past.event(moment) else {
        let inside = canvas.frame(area, "EVENT", "", has_focus);
        let text = known.reading().unwrap_or_default();
        canvas.row(inside, &[piece(format!(" {text}"), Token::Dim)]);
        return;
    };
    let chain = known.past.chain(moment);
    let is_wide = area.width >= 46;
    let right = match (is_wide, chain) {
        (_, Chain::Broken) => "chain BROKEN",
        (true, Chain::Whole) => "hash chain ok",
        (true, Chain::Begins) => "first here",
        (false, _) => "Enter",
    };
    let inside = canvas.frame(
        area,
        &format!("EVENT {}", grouped(moment)),
        right,
        has_focus,
    );
    let inside = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    };
    let said = state.current(known).filter(|line| line.seq == moment);
    let said = said.map(|line| line.text.as_str());
    let width = usize::from(inside.width);
    let (kind, fields) = parts(known, &held.envelope.event);
    let mut rows = about(known, held, (kind, said), (width, is_wide));
    let mut below = chained(held, chain, is_wide);
    below.push(Vec::new());
    below.extend(compared(state, known, is_wide));
    // What was and what is stays in view; the fields take the room that is left.
    let room = usize::from(inside.height).saturating_sub(rows.len() + below.len());
    rows.extend(data(&fields, width, room.min(3)));
    rows.extend(below);
    canvas.rows(inside, rows);
}

/// What it is, who did it, what it says.
fn about<'a>(
    known: &Known,
    held: &Held,
    (kind, said): (String, Option<&str>),
    (width, is_wide): (usize, bool),
) -> Vec<Vec<Piece<'a>>> {
    let envelope = &held.envelope;
    let clock = format!(
        "{}.{:03}",
        known.clock(envelope.at),
        envelope.at.0.rem_euclid(1_000)
    );
    let mut rows: Vec<Vec<Piece<'a>>> = Vec::new();
    if is_wide {
        rows.push(vec![
            piece("seq ", Token::Dim),
            plain(grouped(envelope.seq)),
            plain(format!("  {clock}  ")),
            piece("kind ", Token::Dim),
            piece(kind, Token::Accent),
        ]);
    } else {
        rows.push(vec![plain(clock)]);
        rows.push(vec![
            piece("kind  ", Token::Dim),
            piece(kind, Token::Accent),
        ]);
    }
    let by = line(&envelope.by.to_string());
    rows.push(vec![piece("by    ", Token::Dim), plain(clip(&by, 24))]);
    let lines = said.map(|text| wrap(text, width)).unwrap_or_default();
    rows.extend(lines.into_iter().take(3).map(|text| vec![plain(text)]));
    rows
}

/// Its fields, in at most `room` rows.
fn data<'a>(fields: &[(String, String)], width: usize, room: usize) -> Vec<Vec<Piece<'a>>> {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    let lines = wrap(&fields.join("  "), width.saturating_sub(6));
    let lines = lines.into_iter().filter(|text| !text.is_empty());
    let labels = ["data  "].into_iter().chain(std::iter::repeat("      "));
    let rows = lines.take(room).zip(labels);
    rows.map(|(text, label)| vec![piece(label, Token::Dim), plain(text)])
        .collect()
}

/// Its place in the chain.
fn chained<'a>(held: &Held, chain: Chain, is_wide: bool) -> Vec<Vec<Piece<'a>>> {
    let (word, token) = match chain {
        Chain::Whole => ("chain ok", Token::Ok),
        Chain::Begins => ("first here", Token::Dim),
        Chain::Broken => ("chain BROKEN", Token::Fail),
    };
    let hash = short(&held.hash);
    if !is_wide {
        return vec![vec![piece(word, token), plain(format!("  {hash}"))]];
    }
    vec![vec![
        piece("hash  ", Token::Dim),
        plain(hash),
        piece("  prev ", Token::Dim),
        plain(format!("{}  ", short(&held.envelope.prev))),
        piece(word, token),
    ]]
}

/// `b41f…09`.
fn short(hash: &Digest) -> String {
    let digits = hash.to_string();
    let (head, tail) = (digits.get(..4), digits.get(62..));
    format!("{}…{}", head.unwrap_or_default(), tail.unwrap_or_default())
}

/// The figures then and now.
fn compared<'a>(state: &log::State, known: &Known, is_wide: bool) -> Vec<Vec<Piece<'a>>> {
    let row = |label: &'static str, figures: Figures| {
        let Figures {
            done,
            all,
            agents,
            spent,
        } = figures;
        let text = if is_wide {
            format!("{done} of {all} tasks done, {spent} spent, {agents} agents ran")
        } else {
            format!("{done}/{all} done, {spent} spent")
        };
        vec![piece(label, Token::Dim), plain(text)]
    };
    let then = state.then().map(|(_, figures)| row("then  ", figures));
    let now = row("now   ", Figures::of(known.world_now()));
    then.into_iter().chain([now]).collect()
}

/// An event's kind as two words with a dot, and its plain fields: numbers, names, short texts.
fn parts(known: &Known, event: &Event) -> (String, Vec<(String, String)>) {
    let (name, fields) = match serde_json::to_value(event) {
        Ok(Value::Object(variants)) => variants.into_iter().next().unwrap_or_default(),
        Ok(Value::String(name)) => (name, Value::Null),
        _ => return (String::new(), Vec::new()),
    };
    let mut found = Vec::new();
    match &fields {
        Value::Object(_) => flatten(known, "", &fields, &mut found),
        value => flatten(known, "of", value, &mut found),
    }
    (dotted(&name), found)
}

/// Fields of an event that are shown; what follows does not fit anyway.
const MOST_FIELDS: usize = 12;

/// The plain fields of a value, with those of what it holds.
fn flatten(known: &Known, name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    let text = match value {
        Value::Object(fields) => {
            // Who did it stands above.
            for (inner, value) in fields.iter().filter(|(inner, _)| *inner != "by") {
                // A variant: its name is a value.
                if inner.starts_with(|letter: char| letter.is_ascii_uppercase()) {
                    found.push((name.replace('_', " "), line(inner)));
                    flatten(known, "of", value, found);
                } else {
                    flatten(known, inner, value, found);
                }
            }
            found.truncate(MOST_FIELDS);
            return;
        }
        Value::String(text) if is_hash(text) => clip(text, 9),
        Value::String(text) => line(text),
        Value::Number(number) => match number.as_i64() {
            Some(ms) if name.ends_with("_at") => known.clock(Timestamp(ms)),
            _ => number.to_string(),
        },
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) => return,
    };
    let text = clip(&text, 32);
    if !text.is_empty() {
        found.push((name.replace('_', " "), text));
    }
}

fn is_hash(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `GateOpened` as `gate.opened`.
fn dotted(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push(if text.contains('.') { '_' } else { '.' });
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// The moment that is shown, for titles: `AT 10:37:11`, or `NOW`.
fn when(known: &Known) -> Cow<'static, str> {
    if known.is_past() {
        Cow::Owned(format!("AT {}", known.clock(known.now)))
    } else {
        Cow::Borrowed("NOW")
    }
}

/// Paints the board as it was, and what has changed since.
pub fn board(known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let inside = canvas.frame(area, &format!("BOARD {}", when(known)), "", has_focus);
    let Some(sprint) = known.world.current() else {
        canvas.row(inside, &[piece(" No sprint had begun.", Token::Dim)]);
        return;
    };
    let mut rows: Vec<Vec<Piece<'_>>> = Vec::new();
    for kind in Column::ALL {
        let tasks = sprint.tasks.values();
        let labels: Vec<String> = tasks
            .filter(|task| column(sprint, task) == Some(kind))
            .map(|task| task_label(task.id))
            .collect();
        rows.push(vec![
            piece(
                format!(" {:<8}{:>3}  ", kind.title(), labels.len()),
                Token::Dim,
            ),
            plain(labels.join(" ")),
        ]);
    }
    if known.is_past() {
        rows.push(Vec::new());
        rows.push(vec![piece(" changed since then", Token::Title)]);
        let room = usize::from(inside.height).saturating_sub(rows.len() + 2);
        rows.extend(changed(known, room));
        if rows.len() + 3 <= usize::from(inside.height) {
            rows.push(Vec::new());
        }
        rows.push(vec![
            piece(" d", Token::Accent),
            piece(" differences then and now", Token::Dim),
        ]);
        rows.push(vec![
            piece(" F", Token::Accent),
            piece(" fork a new sprint from here", Token::Dim),
        ]);
    }
    canvas.rows(inside, rows);
}

/// What has changed since the moment that is shown, in at most `room` rows.
fn changed<'a>(known: &Known, room: usize) -> Vec<Vec<Piece<'a>>> {
    let found = differences(&known.world, known.world_now());
    let shown = if found.len() > room {
        room.saturating_sub(1)
    } else {
        found.len()
    };
    let mut rows: Vec<Vec<Piece<'a>>> = found
        .iter()
        .take(shown)
        .map(|found| difference(&found.what, &found.then, &found.now))
        .collect();
    if found.len() > shown && room > 0 {
        let more = format!("  and {} more", found.len() - shown);
        rows.push(vec![piece(more, Token::Dim)]);
    }
    rows
}

/// One thing that differs, as a row.
pub fn difference<'a>(what: &str, then: &str, now: &str) -> Vec<Piece<'a>> {
    vec![
        plain(format!("  {:<12}", clip(what, 12))),
        piece(format!(" {then} "), Token::Dim),
        plain(format!("› {now}")),
    ]
}

/// Paints the agents as they were.
pub fn agents(known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let inside = canvas.frame(area, &format!("AGENTS {}", when(known)), "", has_focus);
    let all = agents::agents(&known.world);
    if all.is_empty() {
        canvas.row(
            inside,
            &[piece(
                " No agents then. They start when a plan is approved.  l later",
                Token::Dim,
            )],
        );
        return;
    }
    canvas.rows(
        inside,
        all.into_iter().map(|agent| {
            let label = agent.work.map(work_label).unwrap_or_default();
            vec![
                piece(format!(" {} ", agent.state.mark()), agent.state.token()),
                plain(format!("{:<9}", clip(&agent.name, 8))),
                piece(format!("{:<9}", agent.state.word()), Token::Dim),
                piece(format!("{label:<6}"), Token::Accent),
                plain(agent.doing),
            ]
        }),
    );
}

#[cfg(test)]
mod tests;
