//! Money over time and by kind: the curve of spending, the tiers, the days.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::domain::llm::Tier;
use crate::domain::sprint::Sprint;
use crate::tui::facts::{role_name, simulated};
use crate::tui::known::{Known, Spending};
use crate::tui::theme::Token;
use crate::tui::widgets::bar::{meter, sparkline};
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{Piece, piece, plain};

/// The rate is that of the last quarter of an hour.
const RECENT_MS: i64 = 15 * 60_000;
const HOUR_MS: i64 = 60 * 60_000;
/// A rate over a shorter time than this would be a guess.
const LEAST_MS: i64 = 60_000;

/// What the current sprint spent call by call, oldest first.
fn spendings<'a>(known: &'a Known, sprint: &Sprint) -> impl Iterator<Item = &'a Spending> {
    let id = sprint.id;
    known
        .spendings
        .iter()
        .filter(move |spending| spending.attempt.work.sprint() == id)
}

/// Dollars an hour of late; none before there is a minute to go by, or when nothing is spent any more.
pub fn rate(known: &Known, sprint: &Sprint) -> Option<Money> {
    let since = Timestamp(known.now.0.saturating_sub(RECENT_MS)).max(sprint.started_at);
    let span = known.now.since(since);
    let spent: Money = spendings(known, sprint)
        .filter(|spending| spending.at >= since)
        .map(|spending| spending.cost)
        .sum();
    let is_known = span >= LEAST_MS && spent > Money::ZERO && !sprint.is_closed();
    is_known.then(|| Money(spent.0.saturating_mul(HOUR_MS) / span))
}

/// Spending from the start of the sprint until now, in `cells` equal times.
fn buckets(known: &Known, sprint: &Sprint, cells: usize) -> Vec<u64> {
    let end = sprint.ended_at.unwrap_or(known.now);
    let span = end.since(sprint.started_at).max(1);
    let mut buckets = vec![0_u64; cells];
    for spending in spendings(known, sprint) {
        let past = spending.at.since(sprint.started_at).clamp(0, span - 1);
        let place = usize::try_from(past.saturating_mul(cells as i64) / span).unwrap_or(0);
        if let Some(bucket) = buckets.get_mut(place) {
            *bucket += u64::try_from(spending.cost.0).unwrap_or(0);
        }
    }
    buckets
}

/// The curve of spending as one line of `cells`.
pub fn curve(known: &Known, sprint: &Sprint, cells: usize) -> String {
    sparkline(&buckets(known, sprint, cells), cells)
}

/// The role that spent most in the last hour, and its share in percent.
fn most(known: &Known, sprint: &Sprint) -> Option<(String, u32)> {
    let since = known.now.0.saturating_sub(HOUR_MS);
    let mut by_role: BTreeMap<&str, Money> = BTreeMap::new();
    let mut all = Money::ZERO;
    for spending in spendings(known, sprint).filter(|spending| spending.at.0 >= since) {
        let role = sprint
            .attempts
            .get(&spending.attempt)
            .map_or("", |attempt| &attempt.role);
        let sum = by_role.entry(role).or_default();
        *sum += spending.cost;
        all += spending.cost;
    }
    let (role, sum) = by_role.into_iter().max_by_key(|(_, sum)| *sum)?;
    (all > Money::ZERO).then(|| (role_name(sprint, role), sum.percent_of(all)))
}

fn padded(inside: Rect) -> Rect {
    Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    }
}

/// Paints how fast money goes.
pub fn burn(known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let inside = padded(canvas.frame(area, "BURN", "", false));
    let Some(sprint) = known
        .world
        .current()
        .filter(|sprint| sprint.ledger.all.calls > 0)
    else {
        canvas.row(inside, &[piece("No spending yet.", Token::Dim)]);
        return;
    };
    let cells = usize::from(inside.width.saturating_sub(5));
    let time = |at: Timestamp| {
        let clock = known.clock(at);
        clock.get(..5).unwrap_or(&clock).to_owned()
    };
    let (first, last) = (
        time(sprint.started_at),
        time(sprint.ended_at.unwrap_or(known.now)),
    );
    let gap = " ".repeat(cells.saturating_sub(10));
    let mut rows: Vec<Vec<Piece<'_>>> = vec![
        vec![
            piece("$/h  ", Token::Dim),
            piece(curve(known, sprint, cells), Token::Run),
        ],
        vec![piece(format!("     {first}{gap}{last}"), Token::Dim)],
    ];
    rows.push(match rate(known, sprint) {
        Some(rate) => vec![
            piece("now ", Token::Dim),
            piece(format!("{rate}/h"), Token::Money),
        ],
        None => vec![piece("now nothing is spent", Token::Dim)],
    });
    if let Some((who, percent)) = most(known, sprint) {
        rows.push(vec![plain(format!("{who} is {percent}% of the last hour"))]);
    }
    canvas.rows(inside, rows);
}

/// Paints a bar for each tier.
pub fn tiers(known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let title = known.world.current().map_or("", simulated);
    let inside = padded(canvas.frame(area, &format!("BY MODEL TIER{title}"), "", false));
    let Some(sprint) = known.world.current() else {
        return;
    };
    let ledger = &sprint.ledger;
    let cells = usize::from(inside.width.saturating_sub(26)).min(40);
    let mut rows: Vec<Vec<Piece<'_>>> = [Tier::Premium, Tier::Standard, Tier::Economy, Tier::Local]
        .into_iter()
        .map(|tier| {
            let cost = ledger
                .by_tier
                .get(&tier)
                .map_or(Money::ZERO, |totals| totals.cost);
            let percent = cost.percent_of(ledger.all.cost);
            vec![
                plain(format!("{:<9}", tier.to_string())),
                piece(format!("{:>7} ", cost.to_string()), Token::Money),
                piece(meter(cells, percent * 10), Token::Run),
                plain(format!(" {percent:>3}%")),
            ]
        })
        .collect();
    rows.push(Vec::new());
    rows.push(vec![if ledger.all.unpriced > 0 {
        piece(
            format!(
                "? {} calls of unknown price, counted at the dearest",
                ledger.all.unpriced
            ),
            Token::Risk,
        )
    } else {
        piece("prices as of the sprint's start", Token::Dim)
    }]);
    canvas.rows(inside, rows);
}

/// Paints a bar for each of the last days with spending, over all sprints.
pub fn days(known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let inside = padded(canvas.frame(area, "BY DAY", "UTC", false));
    let mut by_day: BTreeMap<i64, Money> = BTreeMap::new();
    for sprint in known.world.sprints.values() {
        for (day, totals) in &sprint.ledger.by_day {
            let sum = by_day.entry(*day).or_default();
            *sum += totals.cost;
        }
    }
    let most = by_day.values().copied().max().unwrap_or(Money::ZERO);
    let cells = usize::from(inside.width.saturating_sub(28)).min(40);
    let today = known.now.date();
    let first = by_day.len().saturating_sub(usize::from(inside.height));
    let rows = by_day.into_iter().skip(first).map(|(day, cost)| {
        let date = Timestamp(day * 24 * HOUR_MS).date();
        let (year, month, number) = date;
        vec![
            plain(format!("{year}-{month:02}-{number:02} ")),
            piece(format!("{:>7} ", cost.to_string()), Token::Money),
            piece(meter(cells, cost.percent_of(most) * 10), Token::Run),
            piece(if date == today { " today" } else { "" }, Token::Dim),
        ]
    });
    canvas.rows(inside, rows);
}

/// Paints who answered how many calls, and what that cost.
pub fn providers(known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let inside = padded(canvas.frame(area, "PROVIDERS", "", false));
    let Some(sprint) = known.world.current() else {
        return;
    };
    let rows = sprint.ledger.by_model.iter().map(|(model, totals)| {
        let lost = if totals.lost > 0 {
            format!("  {} lost", totals.lost)
        } else {
            String::new()
        };
        vec![
            plain(format!("{:<18} ", crate::base::text::clip(model, 18))),
            piece(format!("{:>4} calls ", totals.calls), Token::Dim),
            piece(format!("{:>7}", totals.cost.to_string()), Token::Money),
            piece(lost, Token::Risk),
        ]
    });
    canvas.rows(inside, rows);
}

#[cfg(test)]
mod tests {
    use super::super::super::bench::{known, rows};
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn money_over_time_and_by_kind() {
        let known = known(fixture::running());
        let mut seen = rows(40, 7, |canvas, area| burn(&known, canvas, area));
        seen.extend(rows(58, 8, |canvas, area| tiers(&known, canvas, area)));
        seen.extend(rows(58, 4, |canvas, area| days(&known, canvas, area)));
        seen.extend(rows(44, 4, |canvas, area| providers(&known, canvas, area)));
        insta::assert_snapshot!(seen.join("\n"));
    }

    #[test]
    fn every_cent_is_in_the_curve_and_the_rate_is_that_of_late() {
        let mut known = known(fixture::running());
        let sprint = known.world.current().unwrap().clone();
        let all: u64 = buckets(&known, &sprint, 7).iter().sum();
        assert_eq!(all, u64::try_from(sprint.ledger.all.cost.0).unwrap());
        // Nothing was spent in the last quarter of an hour of this story.
        assert_eq!(rate(&known, &sprint), None);
        known.now = Timestamp(sprint.started_at.0 + 10 * LEAST_MS);
        let sixth = Money(sprint.ledger.all.cost.0 * 6);
        assert_eq!(rate(&known, &sprint), Some(sixth));
    }
}
