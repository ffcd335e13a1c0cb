//! Pictures of the interface for people who look before they install: the cells that [`super::view`] paints, as SVG.
//!
//! The test holds `assets/screens` to what is painted now; `AIOS_PICTURES=write cargo test pictures` takes the new ones.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Rect, Size};
use ratatui::style::{Color, Modifier};

use super::super::panes::bench;
use super::view;
use crate::tui::action::{Action, Place};
use crate::tui::app::{App, Settings};
use crate::tui::fixture::{self, Story};
use crate::tui::keymap::Keymap;
use crate::tui::link::News;
use crate::tui::terminal::caps::{Caps, Depth};
use crate::tui::theme::Theme;

/// Pixels of a cell.
const CELL: (f64, f64) = (8.4, 18.0);
/// Pixels around the screen.
const EDGE: f64 = 12.0;
const GROUND: &str = "#14171c";
const TEXT: &str = "#d3d7de";

/// A file's name, the place, and the story.
type Picture = (&'static str, Place, fn() -> Story);

/// The six screens, with the story that each shows.
const SCREENS: [Picture; 6] = [
    ("home", Place::Home, fixture::running),
    ("plan", Place::Plan, fixture::approving),
    ("agents", Place::Agents, fixture::running),
    ("review", Place::Review, fixture::running),
    ("board", Place::Board, fixture::running),
    ("cost", Place::Cost, fixture::running),
];

/// A usual palette for the terminal's own sixteen colours.
fn hex(colour: Color, default: &str) -> String {
    let known = match colour {
        Color::Black => "#1d2026",
        Color::Red => "#e06c75",
        Color::Green => "#8fbf6f",
        Color::Yellow => "#e2b866",
        Color::Blue => "#6ea8e8",
        Color::Magenta => "#c586d9",
        Color::Cyan => "#5fbfc4",
        Color::Gray => "#b4bac4",
        Color::DarkGray => "#6b7280",
        Color::White => "#f2f4f8",
        Color::Rgb(red, green, blue) => return format!("#{red:02x}{green:02x}{blue:02x}"),
        _ => default,
    };
    known.to_owned()
}

/// What a run of cells looks like: ink, ground, and how it is drawn.
#[derive(PartialEq)]
struct Look {
    ink: String,
    ground: Option<String>,
    modifier: Modifier,
}

fn look(cell: &Cell) -> Look {
    let ground = (cell.bg != Color::Reset).then(|| hex(cell.bg, GROUND));
    let ink = hex(cell.fg, TEXT);
    let (ink, ground) = if cell.modifier.contains(Modifier::REVERSED) {
        (ground.unwrap_or_else(|| GROUND.to_owned()), Some(ink))
    } else {
        (ink, ground)
    };
    Look {
        ink,
        ground,
        modifier: cell.modifier,
    }
}

fn svg(buffer: &Buffer) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let width = f64::from(columns) * CELL.0 + 2.0 * EDGE;
    let height = f64::from(rows) * CELL.1 + 2.0 * EDGE;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{GROUND}\"/>\n"
    );
    for (y, cells) in buffer.content.chunks(usize::from(columns)).enumerate() {
        let mut x = 0;
        for run in cells.chunk_by(|one, two| look(one) == look(two)) {
            paint(&mut text, (x, y), run);
            x += run.len();
        }
    }
    text.push_str("</svg>\n");
    text
}

/// Paints a run of cells that look alike. Lines and blocks are drawn, so that they meet whatever font is at hand; words are placed one
/// by one, so that columns stay in line.
fn paint(text: &mut String, (x, y): (usize, usize), run: &[Cell]) {
    let look = look(&run[0]);
    let left = |column: usize| column as f64 * CELL.0 + EDGE;
    let top = y as f64 * CELL.1 + EDGE;
    if let Some(ground) = &look.ground {
        rect(
            text,
            (left(x), top),
            (run.len() as f64 * CELL.0, CELL.1),
            (ground, 1.0),
        );
    }
    let is = |modifier| look.modifier.contains(modifier);
    let strength = if is(Modifier::DIM) { 0.6 } else { 1.0 };
    let mut style = String::new();
    if is(Modifier::BOLD) {
        style.push_str(" font-weight=\"bold\"");
    }
    if is(Modifier::DIM) {
        style.push_str(" opacity=\"0.6\"");
    }
    if is(Modifier::UNDERLINED) {
        style.push_str(" text-decoration=\"underline\"");
    }
    let mut word = String::new();
    let mut place = x;
    for same in run.chunk_by(|one, two| one.symbol() == two.symbol()) {
        let symbol = same[0].symbol();
        // A line or a bar of many cells is one rectangle.
        let stretch = if "─━░█▁".contains(symbol) {
            same.len()
        } else {
            1
        };
        for _ in 0..same.len() / stretch {
            let at = (left(place), top);
            let is_drawn = drawn(
                text,
                symbol,
                at,
                stretch as f64 * CELL.0,
                (&look.ink, strength),
            );
            if is_drawn || symbol == " " {
                say(text, &mut word, place, (y, &look.ink, &style));
            } else {
                word.push_str(symbol);
            }
            place += stretch;
        }
    }
    say(text, &mut word, place, (y, &look.ink, &style));
}

/// Ends a word that reaches to the column `end`.
fn say(text: &mut String, word: &mut String, end: usize, (y, ink, style): (usize, &str, &str)) {
    if word.is_empty() {
        return;
    }
    let cells = crate::base::text::width(word);
    let left = (end - cells) as f64 * CELL.0 + EDGE;
    let base = y as f64 * CELL.1 + EDGE + 13.5;
    let shown = word
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let length = cells as f64 * CELL.0;
    writeln!(
        text,
        "<text x=\"{left:.1}\" y=\"{base:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{ink}\"{style}>{shown}</text>"
    )
    .unwrap();
    word.clear();
}

type Ink<'a> = (&'a str, f64);

fn rect(
    text: &mut String,
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    (fill, strength): Ink<'_>,
) {
    let opacity = if strength < 1.0 {
        format!(" opacity=\"{strength}\"")
    } else {
        String::new()
    };
    writeln!(
        text,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"{opacity}/>"
    )
    .unwrap();
}

/// Draws a character of a border or a bar, `width` pixels of it; false if it is another one.
fn drawn(text: &mut String, symbol: &str, (x, y): (f64, f64), width: f64, ink: Ink<'_>) -> bool {
    const STEPS: &str = "▁▂▃▄▅▆▇█";
    // Whether lines go up, down, left and right from the middle, and how thick they are.
    let lines = match symbol {
        "─" => (false, false, true, true, 1.0),
        "│" => (true, true, false, false, 1.0),
        "┌" => (false, true, false, true, 1.0),
        "┐" => (false, true, true, false, 1.0),
        "└" => (true, false, false, true, 1.0),
        "┘" => (true, false, true, false, 1.0),
        "├" => (true, true, false, true, 1.0),
        "━" => (false, false, true, true, 2.4),
        "┃" => (true, true, false, false, 2.4),
        "┏" => (false, true, false, true, 2.4),
        "┓" => (false, true, true, false, 2.4),
        "┗" => (true, false, false, true, 2.4),
        "┛" => (true, false, true, false, 2.4),
        "▌" => {
            rect(text, (x, y + 2.0), (CELL.0 / 2.0, CELL.1 - 4.0), ink);
            return true;
        }
        "░" => {
            rect(
                text,
                (x, y + 2.0),
                (width, CELL.1 - 4.0),
                (ink.0, ink.1 * 0.25),
            );
            return true;
        }
        _ => match STEPS.chars().position(|step| symbol == step.to_string()) {
            Some(step) => {
                let height = (CELL.1 - 4.0) * (step + 1) as f64 / 8.0;
                rect(text, (x, y + CELL.1 - 2.0 - height), (width, height), ink);
                return true;
            }
            None => return false,
        },
    };
    let (up, down, west, east, thick) = lines;
    let (middle, centre) = (x + CELL.0 / 2.0, y + CELL.1 / 2.0);
    let half = thick / 2.0;
    if up || down {
        let from = if up { y } else { centre - half };
        let to = if down { y + CELL.1 } else { centre + half };
        rect(text, (middle - half, from), (thick, to - from), ink);
    }
    if west || east {
        let from = if west { x } else { middle - half };
        let to = if east { x + width } else { middle + half };
        rect(text, (from, centre - half), (to - from, thick), ink);
    }
    true
}

fn screen(place: Place, story: Story) -> Buffer {
    let caps = Caps::from_environment(|name| (name == "LANG").then(|| "C.UTF-8".to_owned()));
    let look = (
        Keymap::built_in().unwrap(),
        Theme::built_in(Depth::Sixteen).unwrap(),
    );
    let mut app = App::new(bench::known(story), Settings::default(), caps, look);
    app.resize(Size::new(80, 24));
    let diff = News::Text {
        digest: crate::base::id::Digest::of(fixture::DIFF.as_bytes()),
        bytes: Some(fixture::DIFF.as_bytes().to_vec()),
    };
    app.news([diff], Instant::now());
    app.act(Action::Go(place), Instant::now());
    app.resize(app.size);
    let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
    view(&app, &mut buffer, Instant::now());
    buffer
}

#[test]
fn the_pictures_of_six_screens_are_those_of_the_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screens");
    let writes = std::env::var_os("AIOS_PICTURES").is_some_and(|what| what == "write");
    for (name, place, story) in SCREENS {
        let picture = svg(&screen(place, story()));
        let file = folder.join(format!("{name}.svg"));
        if writes {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&file, &picture).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            kept == picture,
            "{} is not what the program paints: AIOS_PICTURES=write cargo test pictures",
            file.display()
        );
    }
}
