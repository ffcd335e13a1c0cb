//! Where everything goes, in every size and place.

use super::*;

const PLACES: [Place; 9] = [
    Place::Home,
    Place::Board,
    Place::Agents,
    Place::Review,
    Place::Plan,
    Place::Cost,
    Place::Log,
    Place::Waiting,
    Place::Settings,
];

/// Every cell of `size` belongs to at most one rectangle, and none reaches out of it.
fn assert_sound(size: Size, layout: &Layout) {
    let rows = [layout.title, layout.pulse, layout.hints, layout.status];
    let all: Vec<Rect> = rows
        .into_iter()
        .chain(layout.panes.iter().map(|(_, area)| *area))
        .collect();
    let whole = Rect::new(0, 0, size.width, size.height);
    for (place, area) in all.iter().enumerate().filter(|(_, area)| !area.is_empty()) {
        assert_eq!(area.intersection(whole), *area, "{size} {layout:?}");
        for other in &all[..place] {
            assert!(
                area.intersection(*other).is_empty(),
                "{size}: {area} and {other}"
            );
        }
    }
}

#[test]
fn at_every_size_nothing_overlaps_nor_leaves_the_screen() {
    for width in 0..=250 {
        for height in 0..=80 {
            let size = Size::new(width, height);
            for place in PLACES {
                assert_sound(size, &Layout::of(size, place, None));
            }
            assert_sound(size, &Layout::of(size, Place::Home, Some(Pane::Agents)));
        }
    }
}

#[test]
fn from_80_columns_the_panes_fill_the_body() {
    for (width, height) in [
        (80, 24),
        (99, 40),
        (100, 24),
        (120, 36),
        (160, 24),
        (200, 55),
        (250, 80),
    ] {
        let size = Size::new(width, height);
        for place in PLACES {
            let layout = Layout::of(size, place, None);
            let cells: u32 = layout.panes.iter().map(|(_, area)| area.area()).sum();
            assert_eq!(cells, layout.body.area(), "{place:?} at {size}");
        }
    }
}

#[test]
fn the_first_pane_of_a_place_is_always_shown() {
    for (width, height) in [(40, 12), (80, 24), (120, 36), (200, 55)] {
        for place in PLACES {
            let layout = Layout::of(Size::new(width, height), place, None);
            let first = panes_of(place)[0];
            assert!(
                layout.area(first).is_some_and(|area| area.height >= 3),
                "{place:?} at {width}x{height}"
            );
        }
    }
}

#[test]
fn classes() {
    for (size, expected) in [
        ((0, 0), Class::Tiny),
        ((39, 60), Class::Tiny),
        ((60, 14), Class::Small),
        ((200, 23), Class::Small),
        ((80, 24), Class::S),
        ((120, 36), Class::M),
        ((200, 55), Class::L),
    ] {
        assert_eq!(Class::of(Size::from(size)), expected, "{size:?}");
    }
    let zoomed = Layout::of(Size::new(120, 36), Place::Home, Some(Pane::Events));
    assert_eq!(zoomed.panes, [(Pane::Events, zoomed.body)]);
}

#[test]
fn compact_panes_lose_no_row_and_share_none() {
    for size in [Size::new(80, 24), Size::new(120, 36), Size::new(200, 55)] {
        for place in PLACES {
            let shape = Shape {
                density: Density::Compact,
                streams: 4,
                ..Shape::default()
            };
            let layout = Layout::shaped(size, place, None, shape);
            // What a pane has within its lines.
            let inside: Vec<Rect> = layout
                .panes
                .iter()
                .filter(|(_, area)| area.width > 2 && area.height > 2)
                .map(|(_, area)| Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2))
                .collect();
            for (number, one) in inside.iter().enumerate() {
                assert_eq!(one.intersection(layout.body), *one, "{place:?}");
                for other in inside.iter().skip(number + 1) {
                    assert!(one.intersection(*other).is_empty(), "{place:?}");
                }
            }
        }
    }
}
