//! Looks as escape sequences (SGR), for frames and for lines on standard output.

use std::io::Write as _;

use ratatui::style::{Color, Modifier, Style};

/// No colour and no attribute.
pub const PLAIN: (Color, Color, Modifier) = (Color::Reset, Color::Reset, Modifier::empty());

/// Adds the sequence that sets text colour, ground and attributes, whatever was set before.
pub fn write(bytes: &mut Vec<u8>, look: (Color, Color, Modifier)) {
    let (fg, bg, modifier) = look;
    bytes.extend_from_slice(b"\x1b[");
    if look != PLAIN {
        bytes.push(b'0');
    }
    for (flag, code) in MODIFIERS {
        if modifier.contains(flag) {
            print(bytes, format_args!(";{code}"));
        }
    }
    colour(bytes, fg, 30);
    colour(bytes, bg, 40);
    bytes.push(b'm');
}

/// A text in a style, plain again behind it. A style without anything leaves the text alone.
pub fn painted(text: &str, style: Style) -> String {
    let fg = style.fg.unwrap_or(Color::Reset);
    let bg = style.bg.unwrap_or(Color::Reset);
    let look = (fg, bg, style.add_modifier);
    if look == PLAIN {
        return text.to_owned();
    }
    let mut bytes = Vec::new();
    write(&mut bytes, look);
    bytes.extend_from_slice(text.as_bytes());
    write(&mut bytes, PLAIN);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn print(bytes: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    bytes.write_fmt(text).ok(); // A vector takes everything.
}

fn colour(bytes: &mut Vec<u8>, colour: Color, base: u8) {
    let basic = match colour {
        Color::Reset => return,
        Color::Indexed(index) => return print(bytes, format_args!(";{};5;{index}", base + 8)),
        Color::Rgb(r, g, b) => {
            return print(bytes, format_args!(";{};2;{r};{g};{b}", base + 8));
        }
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        Color::White => 67,
    };
    print(bytes, format_args!(";{}", base + basic));
}

const MODIFIERS: [(Modifier, u8); 7] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_sequences() {
        let style = Style::new();
        for (style, expected) in [
            (style, "x"),
            (style.fg(Color::Red), "\u{1b}[0;31mx\u{1b}[m"),
            (
                style
                    .fg(Color::Rgb(1, 2, 3))
                    .bg(Color::Indexed(17))
                    .add_modifier(Modifier::BOLD),
                "\u{1b}[0;1;38;2;1;2;3;48;5;17mx\u{1b}[m",
            ),
            (style.bg(Color::White), "\u{1b}[0;107mx\u{1b}[m"),
        ] {
            assert_eq!(painted("x", style), expected);
        }
    }
}
