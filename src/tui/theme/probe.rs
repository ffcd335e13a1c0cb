//! A theme for tests, in which every token has a colour of its own, so that a painted cell tells its tokens. Snapshots show
//! these names, not colours.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Style};

use super::{Theme, Token};

/// The theme. Tokens that paint a ground are told by their background.
pub fn theme() -> Theme {
    let styles = Token::ALL.iter().map(|(token, _)| {
        let colour = Color::Indexed(*token as u8);
        match token {
            Token::SurfaceRaised | Token::SurfaceSelected | Token::Cursor => {
                Style::new().bg(colour)
            }
            _ => Style::new().fg(colour),
        }
    });
    Theme {
        name: "probe".to_owned(),
        styles: styles.collect(),
    }
}

/// The rows of a picture, without the spaces at their ends.
pub fn rows(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width).max(1);
    let mut rows = Vec::new();
    for cells in buffer.content.chunks(width) {
        let (mut row, mut covered) = (String::new(), 0);
        for cell in cells {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = crate::base::text::width(cell.symbol()).saturating_sub(1);
            row.push_str(cell.symbol());
        }
        rows.push(row.trim_end().to_owned());
    }
    rows
}

/// The picture between bars, and below it a line for each run of cells with the same tokens (plain text is left out).
pub fn snapshot(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let mut text = String::new();
    for row in rows(buffer) {
        let filled = crate::base::text::pad(&row, width);
        writeln!(text, "|{filled}|").unwrap();
    }
    text.push('\n');
    for (y, cells) in buffer.content.chunks(width.max(1)).enumerate() {
        let mut start = 0;
        for run in cells.chunk_by(|one, two| (one.fg, one.bg) == (two.fg, two.bg)) {
            let end = start + run.len();
            let names: Vec<&str> = [run[0].fg, run[0].bg]
                .into_iter()
                .filter_map(name)
                .collect();
            let is_blank = run.iter().all(|cell| cell.symbol() == " ") && run[0].bg == Color::Reset;
            if !names.is_empty() && !is_blank {
                writeln!(text, "r{y} c{start}-{} {}", end - 1, names.join(" on ")).unwrap();
            }
            start = end;
        }
    }
    text
}

fn name(colour: Color) -> Option<&'static str> {
    match colour {
        Color::Indexed(number) => Token::ALL.get(usize::from(number)).map(|(_, name)| *name),
        _ => None,
    }
    .filter(|name| *name != "text")
}
