//! Panes that only tell: every one is reached, scrolled to its end and left again, at every size.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;
use crate::tui::layout::panes_of;
use crate::tui::theme::probe;
use crate::tui::view::view;

const SIZES: [(u16, u16); 4] = [(60, 14), (80, 24), (120, 36), (200, 55)];

const PLACES: [Place; 8] = [
    Place::Home,
    Place::Board,
    Place::Agents,
    Place::Review,
    Place::Plan,
    Place::Cost,
    Place::Log,
    Place::Settings,
];

fn rows(app: &App) -> Vec<String> {
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.width, app.size.height));
    view(app, &mut buffer, Instant::now());
    probe::rows(&buffer)
}

fn sized(story: Story, (width, height): (u16, u16)) -> App {
    let mut app = Bench::new(story).app;
    app.resize(Size::new(width, height));
    app
}

#[test]
fn tab_reaches_every_pane_and_comes_back() {
    for size in SIZES {
        for place in PLACES {
            let mut app = sized(fixture::running(), size);
            app.act(Action::Go(place), Instant::now());
            let first = app.focused();
            let mut seen = vec![first];
            loop {
                app.act(Action::FocusNext, Instant::now());
                if app.focused() == first {
                    break;
                }
                let area = app.area(app.focused());
                assert!(area.height > 2, "{:?} {size:?}", app.focused());
                assert!(!seen.contains(&app.focused()), "{seen:?}");
                seen.push(app.focused());
            }
            let streams = if size.0 < 160 { 1 } else { 2 };
            let is_there = |pane: &Pane| pane.stream().is_none_or(|number| number < streams);
            let all = panes_of(place).iter().filter(|pane| is_there(pane)).count();
            assert_eq!(seen.len(), all, "{place:?} {size:?}: {seen:?}");
        }
    }
}

#[test]
fn what_has_no_room_beside_the_others_is_alone_and_esc_leads_back() {
    let mut app = sized(fixture::running(), (80, 24));
    app.focus.insert(Place::Home, Pane::Risk);
    assert_eq!(app.layout().panes, [(Pane::Risk, app.layout().body)]);
    app.act(Action::Back, Instant::now());
    assert_eq!((app.place, app.focused()), (Place::Home, Pane::Waiting));
    assert!(app.layout().panes.len() > 1);
}

#[test]
fn the_end_of_a_long_text_is_reached_and_not_passed() {
    let mut app = sized(fixture::running(), (80, 24));
    app.focus.insert(Place::Home, Pane::Cost);
    let shows = |app: &App, text: &str| rows(app).iter().any(|row| row.contains(text));
    assert!(!shows(&app, "calls"), "{:#?}", rows(&app));
    app.act(Action::Bottom, Instant::now());
    assert!(shows(&app, "calls"), "{:#?}", rows(&app));
    let last = app.top(Pane::Cost);
    assert!(last > 0);
    app.act(Action::Down, Instant::now());
    assert_eq!(app.top(Pane::Cost), last);
    app.act(Action::Up, Instant::now());
    assert_eq!(app.top(Pane::Cost), last - 1);
    app.act(Action::Zoom, Instant::now());
    assert!(shows(&app, "calls") && shows(&app, "COST"));
}

#[test]
fn a_plan_is_approved_only_where_its_checks_are_seen() {
    let mut bench = Bench::new(fixture::approving());
    bench.app.resize(Size::new(60, 14));
    bench.press("5");
    bench.look(500);
    bench.press("A");
    assert!(bench.app.sent.is_empty(), "the checks were not seen");
    let said = bench.app.notices.last().map(|notice| notice.text.clone());
    assert_eq!(
        said.as_deref(),
        Some("the checks of the plan come first: Tab")
    );
    bench.press("tab");
    assert_eq!(bench.app.focused(), Pane::PlanChecks);
    bench.press("A");
    let gate = |bench: &Bench| bench.app.gate().is_some();
    assert!(gate(&bench), "they were not seen long enough");
    bench.look(500);
    bench.press("A");
    assert!(!gate(&bench), "it is approved");
}

#[test]
fn risks_are_read_at_every_size() {
    for size in SIZES {
        let mut app = sized(fixture::fleet(), size);
        app.focus.insert(Place::Home, Pane::Risk);
        let rows = rows(&app).join("\n");
        assert!(rows.contains("RISK"), "{size:?}: {rows}");
        assert!(rows.contains("goes in circles"), "{size:?}: {rows}");
    }
}
