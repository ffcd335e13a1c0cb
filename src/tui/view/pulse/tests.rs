//! What waits and what it costs are on the row whole, at every width.

use proptest::prelude::*;
use ratatui::layout::Size;

use super::super::tests::{app, picture};
use super::*;
use crate::tui::fixture;
use crate::tui::theme::probe;

/// The row of what is known at this width.
fn row(app: &mut App, width: u16) -> String {
    app.resize(Size::new(width, 40));
    let rows = probe::rows(&picture(app));
    rows[usize::from(app.layout().pulse.y)]
        .trim_end()
        .to_owned()
}

#[test]
fn what_is_dropped_first() {
    let mut app = app(fixture::fleet(), (200, 40));
    let seen: Vec<String> = [250, 200, 160, 140, 120, 100, 90, 80, 70, 60, 50, 40]
        .map(|width| format!("{width:>3}|{}", row(&mut app, width)))
        .into();
    insta::assert_snapshot!(seen.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn what_waits_and_what_it_costs_are_whole_at_every_width(
        story in 0_usize..5,
        (spent, limit) in (0_i64..9_999_999, proptest::option::of(1_i64..9_999_999)),
        is_paused in any::<bool>(),
        is_locked in any::<bool>(),
        width in 40_u16..=250,
    ) {
        let stories = [fixture::running, fixture::fleet, fixture::over_budget, fixture::failing, fixture::approving];
        let mut app = app(stories[story](), (80, 40));
        app.is_locked = is_locked;
        let spent = Money::cents(spent);
        let sprint = app.known.world.sprints.values_mut().next_back().unwrap();
        sprint.account.spent = spent;
        sprint.account.limit = limit.map(Money::cents);
        sprint.paused = is_paused.then(fixture::person);
        let (count, _) = waiting_count(&app);
        for height in [14, 40] {
            app.resize(Size::new(width, height));
            let rows = probe::rows(&picture(&app));
            let row = &rows[usize::from(app.layout().pulse.y)];
            let waits = row.contains(&format!("{count} waiting")) || (count == 0 && row.contains("nothing waits"));
            prop_assert!(waits, "{width}: {row}");
            prop_assert!(row.contains(&spent.to_string()), "{width}: {row}");
            prop_assert!(!row.contains('…'), "{width}: {row}");
        }
    }
}

#[test]
fn the_smallest_terminal_has_the_three_figures() {
    let mut app = app(fixture::fleet(), (39, 11));
    let rows = probe::rows(&picture(&app));
    assert!(rows[0].starts_with(" aios  "), "{rows:?}");
    assert!(
        rows[0].contains(" waiting  ") && rows[0].contains(" risk  $"),
        "{rows:?}"
    );
    assert!(rows[1..].iter().all(|row| row.trim().is_empty()));
    // A viewer sees that it is one.
    app.is_locked = true;
    assert!(probe::rows(&picture(&app))[0].contains("LOCK"));
}

#[test]
fn the_amount_tells_how_near_the_end_is() {
    let mut world = fixture::running().world;
    let sprint = world.sprints.values_mut().next_back().unwrap();
    sprint.account.spent = Money::dollars(1);
    for (limit, expected) in [
        (None, Token::Money),
        (Some(Money::dollars(100)), Token::Ok),
        (Some(Money::cents(120)), Token::Risk),
        (Some(Money::cents(100)), Token::Fail),
    ] {
        sprint.account.limit = limit;
        assert_eq!(overview::amount(sprint), expected, "{limit:?}");
    }
    // There is money left, but not for all that is to be done.
    sprint.account.spent = Money::ZERO;
    let end = crate::domain::sprint::estimate::forecast(sprint);
    assert!(end > Money(1));
    sprint.account.limit = Some(Money(end.0 - 1));
    assert_eq!(overview::amount(sprint), Token::Risk);
}
