//! Money: the budget, what was saved, and sums by who, what, model, tier, day and sprint. Money first, tokens second.

pub mod flow;
mod sums;

pub use sums::{State, view as sums};

use ratatui::layout::Rect;

use crate::domain::sprint::estimate;
use crate::tui::facts::simulated;
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::bar::meter;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{piece, plain};

use super::overview::{amount, money};

/// Paints the budget.
pub fn budget(known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(sprint) = known.world.current() else {
        canvas.frame(area, "BUDGET", "", false);
        return;
    };
    let inside = canvas.frame(
        area,
        &format!("BUDGET {}{}", sprint.id, simulated(sprint)),
        if sprint.is_closed() { "" } else { "b change" },
        false,
    );
    let inside = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    };
    let account = &sprint.account;
    let percent = account.percent();
    let limit = match (account.limit, account.left()) {
        (Some(limit), Some(left)) => format!("{limit}   left {left}"),
        _ => "no limit".to_owned(),
    };
    let cells = usize::from(inside.width.saturating_sub(5)).min(40);
    canvas.rows(
        inside,
        [
            vec![
                piece("spent    ", Token::Dim),
                piece(account.spent.to_string(), amount(sprint)),
            ],
            vec![piece("budget   ", Token::Dim), plain(limit)],
            vec![
                piece(meter(cells, percent.unwrap_or(0) * 10), money(sprint)),
                plain(percent.map_or_else(String::new, |percent| format!(" {percent}%"))),
            ],
            vec![
                piece("reserved ", Token::Dim),
                plain(account.reserved.to_string()),
            ],
            vec![
                piece("at its end about ", Token::Dim),
                plain(estimate::forecast(sprint).to_string()),
            ],
            vec![piece(
                if sprint.setup.policy.simulated {
                    "the models are simulated, and so is the money"
                } else {
                    ""
                },
                Token::Info,
            )],
        ],
    );
}

/// Paints what was saved against the dearest way.
pub fn saved(known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let Some(sprint) = known.world.current() else {
        canvas.frame(area, "SAVED", "", false);
        return;
    };
    let all = &sprint.ledger.all;
    let title = format!(
        "SAVED {} ({}%){}",
        all.saved(),
        all.saved().percent_of(all.baseline),
        simulated(sprint)
    );
    let inside = canvas.frame(area, &title, "", false);
    let inside = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    };
    let tiers = sprint
        .ledger
        .by_tier
        .iter()
        .map(|(tier, totals)| format!("{tier} {}", totals.cost));
    canvas.rows(
        inside,
        [
            vec![piece(
                format!("the same calls at the baseline, uncached: {}", all.baseline),
                Token::Dim,
            )],
            vec![plain(tiers.collect::<Vec<_>>().join("   "))],
            vec![piece(
                format!("cache {}% of input", all.cached_percent()),
                Token::Dim,
            )],
            vec![piece(
                if all.unpriced > 0 {
                    "? unknown price, counted at the dearest"
                } else {
                    ""
                },
                Token::Risk,
            )],
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::super::bench::{known, rows};
    use super::*;
    use crate::tui::action::Action;
    use crate::tui::fixture;

    #[test]
    fn the_dearest_stands_first() {
        let known = known(fixture::running());
        let mut state = State::default();
        let seen = rows(80, 6, |canvas, area| {
            sums(&state, &known, canvas, area, true);
        });
        insta::assert_snapshot!(seen.join(
            "
"
        ));
        state.act(Action::GroupBy, &known, 9);
        let seen = rows(30, 5, |canvas, area| {
            sums(&state, &known, canvas, area, true);
        });
        insta::assert_snapshot!(seen.join(
            "
"
        ));
        let seen = rows(40, 7, |canvas, area| {
            budget(&known, canvas, area);
        });
        insta::assert_snapshot!(seen.join(
            "
"
        ));
        let seen = rows(60, 4, |canvas, area| {
            saved(&known, canvas, area);
        });
        insta::assert_snapshot!(seen.join(
            "
"
        ));
    }
}
