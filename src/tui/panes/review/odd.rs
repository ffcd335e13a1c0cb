//! Changes whose text is odd or large: borders stay where they are, nothing is slow, code is coloured only where it is seen.

use super::tests::{AREA, act, diff_of, of_text, settled};
use super::*;

#[test]
fn no_content_moves_a_border_or_takes_long() {
    let long = "x".repeat(10 << 20);
    let binary = format!(
        "diff --git a/p.png b/p.png\nindex {}..{} 100644\nBinary files a/p.png and b/p.png differ\n",
        "1".repeat(40),
        "2".repeat(40)
    );
    for (name, diff) in [
        (
            "a line of 10 MB",
            diff_of("a.js", &format!("@@ -1 +1 @@\n-{long}\n+{long}y\n")),
        ),
        ("binary", binary),
        (
            "no line end",
            diff_of("a", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"),
        ),
        ("crlf", diff_of("a", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+b\n")),
        (
            "wide",
            diff_of(
                "a",
                "@@ -1 +1 @@\n-日本語日本語日本語日本語日本語日本語日本語日本語日本語\n+한국어 👩\u{200d}👩\u{200d}👧 e\u{301}\u{302}\u{303}\n",
            ),
        ),
        (
            "right to left",
            diff_of(
                "a",
                "@@ -1 +1 @@\n-שלום עולם\n+مرحبا \u{202e}\u{200b}\u{200f}abc\n",
            ),
        ),
        (
            "escapes",
            diff_of(
                "a",
                "@@ -1 +1 @@ \u{1b}]0;x\u{7}\n-\u{1b}[2J\u{9b}1m\n+\t\u{0}\u{8}x\n",
            ),
        ),
    ] {
        for columns in [80, 100, 200] {
            let began = std::time::Instant::now();
            let (mut state, known) = of_text(&diff, columns);
            state.folded.clear();
            for beside in [false, true] {
                state.beside = Some(beside);
                for shift in [0, 1, 8, 4_000] {
                    state.shift = shift;
                    state.settle(&known, Rect::new(0, 0, columns, 12), columns);
                    let area = Rect::new(0, 0, columns, 12);
                    let mut buffer = ratatui::buffer::Buffer::empty(area);
                    let theme = crate::tui::theme::probe::theme();
                    let mut canvas = crate::tui::widgets::canvas::Canvas {
                        buffer: &mut buffer,
                        theme: &theme,
                        density: crate::tui::layout::Density::Normal,
                    };
                    view(&state, &known, &mut canvas, area, (true, true));
                    for y in 1..11 {
                        for x in [0, columns - 1] {
                            assert_eq!(buffer[(x, y)].symbol(), "┃", "{name}, row {y}");
                        }
                        let wall = (columns - 3) / 2 + 1;
                        let is_code = state.is_beside(columns) && y < 3 && name != "binary";
                        assert!(
                            !is_code || buffer[(wall, y)].symbol() == "│",
                            "{name}, {columns} columns, row {y}"
                        );
                        let row = &probe_row(&buffer, y);
                        assert!(!row.chars().any(char::is_control), "{name}: {row:?}");
                    }
                }
            }
            assert!(
                began.elapsed().as_millis() < 3_000,
                "{name}: {:?}",
                began.elapsed()
            );
        }
    }
}

fn probe_row(buffer: &ratatui::buffer::Buffer, y: u16) -> String {
    crate::tui::theme::probe::rows(buffer)[usize::from(y)].clone()
}

#[test]
fn the_lines_in_view_are_coloured_first() {
    let (mut state, known) = settled();
    let jobs = state.wanted_colours(12);
    assert_eq!(jobs.len(), 3);
    assert_eq!(jobs.last().unwrap().path, "src/cart/total.rs");
    assert_eq!(
        state.wanted_colours(12),
        [],
        "what is asked for is not asked again"
    );
    let mut painter = crate::tui::highlight::Painter::default();
    for job in &jobs {
        state.coloured(painter.paint(job));
    }
    assert_eq!(state.wanted_colours(12), []);
    let area = Rect::new(0, 0, 78, 8);
    let mut buffer = ratatui::buffer::Buffer::empty(area);
    let theme = crate::tui::theme::probe::theme();
    let mut canvas = crate::tui::widgets::canvas::Canvas {
        buffer: &mut buffer,
        theme: &theme,
        density: crate::tui::layout::Density::Normal,
    };
    view(&state, &known, &mut canvas, area, (true, true));
    let seen = crate::tui::theme::probe::snapshot(&buffer);
    assert!(seen.contains("r2 c14-16 syn.keyword"), "{seen}");
}

#[test]
fn a_large_file_is_never_coloured_whole() {
    let body: String = (0..20_000).fold(String::new(), |text, _| text + "+let x = 1;\n");
    let (mut state, known) = of_text(
        &diff_of("a.rs", &format!("@@ -0,0 +1,20000 @@\n{body}")),
        80,
    );
    state.folded.clear();
    state.settle(&known, AREA, 80);
    assert!(state.wanted_colours(30).len() <= 2);
    act(&mut state, &known, Action::Bottom);
    let asked = state.wanted_colours(30);
    assert!(asked.last().unwrap().key.chunk > 100, "{:?}", asked.len());
}
