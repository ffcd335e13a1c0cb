//! Small panes of the first screen that only show: the sprint, its money, the last events.

use ratatui::layout::Rect;

use crate::domain::presence::Standing;
use crate::domain::sprint::board::{Column, column, is_blocked};
use crate::domain::sprint::{Sprint, estimate};
use crate::tui::action::{Action, Mode, Place, row};
use crate::tui::facts::people::label;
use crate::tui::facts::risks::Cure;
use crate::tui::facts::{line, phase, risks, simulated, work_label};
use crate::tui::keymap::Keymap;
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::bar::meter;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{Piece, piece, plain};

use super::cost::flow;

/// How many tasks stand in each column, and how many are blocked.
pub fn tally(sprint: &Sprint) -> ([usize; 6], usize) {
    let mut counts = [0; 6];
    for task in sprint.tasks.values() {
        if let Some(count) = column(sprint, task).and_then(|column| counts.get_mut(column as usize))
        {
            *count += 1;
        }
    }
    let blocked = sprint
        .tasks
        .values()
        .filter(|task| is_blocked(task))
        .count();
    (counts, blocked)
}

/// Paints the sprint: its goal if there is room, where it is, how far it is.
pub fn sprint(known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let Some(sprint) = known.world.current() else {
        let inside = canvas.frame(area, "SPRINT", "", has_focus);
        canvas.row(inside, &[piece(" none yet", Token::Dim)]);
        return;
    };
    let (done, all) = sprint.progress();
    let title = format!("SPRINT {}", sprint.id);
    let inside = canvas.frame(area, &title, &format!("{done}/{all}"), has_focus);
    let (counts, blocked) = tally(sprint);
    let mut rows: Vec<Vec<Piece<'_>>> = Vec::new();
    if inside.height > 3 {
        rows.push(vec![plain(" "), plain(line(&sprint.goal.first_line()))]);
    }
    rows.push(vec![plain(" "), piece(phase(sprint), Token::Dim)]);
    if inside.height > 3 {
        for (kind, count) in Column::ALL.into_iter().zip(counts) {
            let blocks = "▪".repeat(count.min(20));
            rows.push(vec![
                plain(format!(" {:<8}{count:>3}  ", kind.title())),
                piece(blocks, Token::Run),
            ]);
        }
    } else {
        let short = ["RDY", "RUN", "CHK", "QA", "REV", "DONE"];
        let words = short.iter().zip(counts).filter(|(_, count)| *count > 0);
        let words = words.map(|(kind, count)| format!(" {kind}{count}"));
        rows.push(vec![plain(words.collect::<String>())]);
    }
    if blocked > 0 && inside.height > 8 {
        rows.push(vec![piece(format!(" {blocked} blocked"), Token::Risk)]);
    }
    canvas.rows(inside, rows);
}

/// The token of an amount against its limit: over plan is what will be over it at the end.
pub fn amount(sprint: &Sprint) -> Token {
    against(sprint, [Token::Money, Token::Ok, Token::Risk, Token::Fail])
}

/// The token of a meter of money.
pub fn money(sprint: &Sprint) -> Token {
    let usual = [
        Token::Money,
        Token::Money,
        Token::MoneyWarn,
        Token::MoneyOver,
    ];
    against(sprint, usual)
}

/// One of the tokens for no limit, below plan, near the limit or over plan, at the limit.
fn against(sprint: &Sprint, [none, below, near, over]: [Token; 4]) -> Token {
    let account = &sprint.account;
    let (Some(limit), Some(percent)) = (account.limit, account.percent()) else {
        return none;
    };
    match percent {
        100.. => over,
        80.. => near,
        _ if estimate::forecast(sprint) > limit => near,
        _ => below,
    }
}

/// Paints the money: spent, limit, forecast, saved.
pub fn cost(known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let title = known.world.current().map_or("", simulated);
    let inside = canvas.frame(area, &format!("COST{title}"), "6 cost", has_focus);
    let Some(sprint) = known.world.current() else {
        canvas.row(inside, &[piece(" No spending yet.", Token::Dim)]);
        return;
    };
    let percent = sprint.account.percent();
    let limit = sprint
        .account
        .limit
        .map_or_else(|| "no limit".to_owned(), |limit| format!("of {limit}"));
    let percent_text = percent.map_or_else(String::new, |percent| format!(" {percent}%"));
    let cells = usize::from(inside.width.saturating_sub(2)).saturating_sub(percent_text.len());
    let bar = meter(cells.min(24), percent.unwrap_or(0) * 10);
    let baseline = sprint.ledger.all.baseline;
    let saved = sprint.ledger.all.saved();
    canvas.rows(
        inside,
        [
            vec![
                plain(" "),
                piece(sprint.account.spent.to_string(), amount(sprint)),
                plain(format!(" {limit}")),
            ],
            vec![plain(" "), piece(bar, money(sprint)), plain(percent_text)],
            vec![
                plain(" "),
                piece(flow::curve(known, sprint, cells.min(24)), Token::Run),
                piece(
                    flow::rate(known, sprint).map_or_else(String::new, |rate| format!(" {rate}/h")),
                    Token::Dim,
                ),
            ],
            vec![piece(
                format!(" at its end about {}", estimate::forecast(sprint)),
                Token::Dim,
            )],
            vec![piece(
                format!(" saved {saved} ({}%)", saved.percent_of(baseline)),
                Token::Saved,
            )],
            vec![piece(
                format!(" cache {}% of input", sprint.ledger.all.cached_percent()),
                Token::Dim,
            )],
            vec![piece(
                format!(" {} calls", sprint.ledger.all.calls),
                Token::Dim,
            )],
        ],
    );
}

/// Paints what is likely to go wrong: cause, cost and cures, as much of it as there is room for.
pub fn risk(known: &Known, keymap: &Keymap, canvas: &mut Canvas<'_>, area: Rect) {
    let risks = risks::risks(&known.world, known.now, known.near);
    let inside = canvas.frame(area, &format!("RISK {}", risks.len()), "", false);
    if risks.is_empty() {
        canvas.row(inside, &[piece(" nothing is at risk", Token::Dim)]);
        return;
    }
    let is_roomy = usize::from(inside.height) >= risks.len() * 3;
    let rows = risks.into_iter().flat_map(|risk| {
        let cause = vec![piece(" ▲ ", Token::Risk), plain(risk.cause)];
        let more = is_roomy.then(|| {
            [
                vec![piece(format!("   {}", risk.cost), Token::Dim)],
                vec![piece(
                    format!("   {}", cures(risk.cures, keymap)),
                    Token::Dim,
                )],
            ]
        });
        std::iter::once(cause).chain(more.into_iter().flatten())
    });
    canvas.rows(inside, rows);
}

/// The cures with the keys that lead to them from here: `3 i message  p pause`.
fn cures(cures: &[Cure], keymap: &Keymap) -> String {
    let mut text = String::new();
    let mut before = Place::Home;
    for (action, place) in cures {
        let key = |action: Action, place: Place| keymap.shown(action, Mode::Normal, place);
        let Some(own) = key(*action, *place) else {
            continue;
        };
        text.push_str(if text.is_empty() { "" } else { "  " });
        let leads = keymap
            .shown(Action::Go(*place), Mode::Normal, before)
            .filter(|_| *place != before && *place != Place::Home);
        if let Some(leads) = leads {
            text.push_str(&leads);
            text.push(' ');
            before = *place;
        }
        let title = row(*action).map_or("", |spec| spec.title);
        text.push_str(&own);
        text.push(' ');
        text.push_str(title);
    }
    text
}

/// Paints who is here, and where.
pub fn people(known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let company = &known.company;
    let title = format!("HERE {}", company.guests.len());
    let inside = canvas.frame(area, &title, "@ people", false);
    if company.guests.is_empty() {
        canvas.row(inside, &[piece(" Only you are here.", Token::Dim)]);
        return;
    }
    let rows = company.guests.iter().map(|guest| {
        let presence = &guest.presence;
        let (mark, token) = if presence.is_idle {
            (" ○ ", Token::Dim)
        } else {
            (" ● ", Token::Ok)
        };
        let word = match (
            guest.number == company.you,
            guest.standing == Standing::Viewer,
        ) {
            (true, _) => "you",
            (false, true) => "viewer",
            (false, false) if presence.is_idle => "idle",
            (false, false) => "busy",
        };
        let open = presence.gate.and_then(|gate| known.world.gate(gate));
        let open = open.map_or_else(String::new, |gate| {
            format!(" {} {}", gate.ask.kind().word(), work_label(gate.work))
        });
        let name = crate::base::text::clip(&label(company, guest), 12);
        vec![
            piece(mark, token),
            plain(format!("{name:<12} ")),
            piece(format!("{word:<6} "), Token::Dim),
            plain(line(&presence.place)),
            piece(open, Token::Info),
        ]
    });
    canvas.rows(inside, rows);
}

/// Paints the last events, newest first.
pub fn events(known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let inside = canvas.frame(area, "EVENTS", "7 log", has_focus);
    let rows = known.happened().rev().map(|event| {
        vec![
            piece(format!(" {} ", known.clock(event.at)), Token::Dim),
            piece(
                format!("{:<8} ", crate::base::text::clip(&event.who, 8)),
                Token::Accent,
            ),
            piece(event.text.as_str(), event.token),
        ]
    });
    canvas.rows(inside, rows);
}

#[cfg(test)]
mod tests {
    use super::super::bench::{known, rows};
    use super::*;
    use crate::session::{Company, Guest, Presence};
    use crate::tui::fixture;

    #[test]
    fn the_small_panes() {
        let known = known(fixture::running());
        let mut seen = rows(30, 4, |canvas, area| {
            sprint(&known, canvas, area, false);
        });
        seen.extend(rows(40, 11, |canvas, area| {
            sprint(&known, canvas, area, false);
        }));
        seen.extend(rows(30, 8, |canvas, area| {
            cost(&known, canvas, area, false);
        }));
        seen.extend(rows(60, 6, |canvas, area| {
            events(&known, canvas, area, false);
        }));
        insta::assert_snapshot!(seen.join("\n"));
    }

    #[test]
    fn who_is_here_and_what_they_have_open() {
        let mut known = known(fixture::running());
        let guest = |number, name: &str, gate| Guest {
            number,
            name: name.to_owned(),
            standing: if number == 3 {
                Standing::Viewer
            } else {
                Standing::Owner
            },
            presence: Presence {
                place: "review".to_owned(),
                gate,
                is_idle: number == 2,
                ..Presence::default()
            },
        };
        known.company = Company {
            you: 1,
            guests: vec![
                guest(1, "mira", None),
                guest(2, "li", Some(fixture::gate(2))),
                guest(3, "tom", None),
            ],
            ..Company::default()
        };
        let seen = rows(44, 5, |canvas, area| people(&known, canvas, area));
        assert_eq!(seen[1], "│ ● mira         you    review             │");
        assert!(
            seen[2].starts_with("│ ○ li           idle   review "),
            "{seen:?}"
        );
        assert!(
            seen[3].starts_with("│ ● tom          viewer review "),
            "{seen:?}"
        );
    }
}
