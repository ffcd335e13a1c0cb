//! Colour files that are read line by line: base16 and base24, Ghostty, kitty.

use super::super::colour::Rgb;
use super::super::file::Fault;
use super::{Code, Slots, Terminal, fault};

/// The lines that say something, with their numbers from 1.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().map(str::trim).enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(at, line)| (at + 1, line))
}

/// A value without its quotes and without a remark behind it.
fn bare(value: &str) -> &str {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote) {
            return inner.split(quote).next().unwrap_or_default();
        }
    }
    value.split_whitespace().next().unwrap_or_default()
}

fn colour((file, line): (&str, usize), name: &str, value: &str) -> Result<Rgb, Fault> {
    Rgb::parse(bare(value)).ok_or_else(|| {
        fault(
            file,
            Some(line),
            format!("{name} is no colour such as #f38ba8"),
        )
    })
}

/// Base16 and base24, with the slots at the top or under `palette`. What base24 has beyond the sixteen is not used.
pub(super) fn base16(file: &str, text: &str) -> Result<Slots, Fault> {
    let mut base = [None; 16];
    for (at, line) in lines(text) {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let key = key.trim().trim_matches(['"', '\'']);
        let slot = key.strip_prefix("base");
        let slot = slot.and_then(|slot| usize::from_str_radix(slot, 16).ok());
        if let Some(place) = slot.and_then(|slot| base.get_mut(slot)) {
            *place = Some(colour((file, at), key, value)?);
        }
    }
    let mut slots = [Rgb::new(0, 0, 0); 16];
    for (number, (slot, found)) in slots.iter_mut().zip(base).enumerate() {
        *slot =
            found.ok_or_else(|| fault(file, None, format!("the file has no base{number:02X}")))?;
    }
    Ok(Slots {
        base: slots,
        code: Code::default(),
    })
}

/// Ghostty: `palette = 1=#f38ba8`, `background = #1e1e2e`.
pub(super) fn ghostty(file: &str, text: &str) -> Result<Terminal, Fault> {
    let mut terminal = Terminal::default();
    for (at, line) in lines(text) {
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let place = match key.trim() {
            "palette" => {
                let Some((number, value)) = value.split_once('=') else {
                    return Err(fault(file, Some(at), "palette takes NUMBER=COLOUR"));
                };
                let number = number.trim().parse::<usize>();
                let number = number.unwrap_or(usize::MAX);
                if let Some(place) = terminal.colours.get_mut(number) {
                    *place = Some(colour((file, at), "palette", value)?);
                }
                continue;
            }
            "background" => &mut terminal.background,
            "foreground" => &mut terminal.foreground,
            "selection-background" => &mut terminal.selection,
            _ => continue,
        };
        // A selection may be named after what lies under it.
        *place = Rgb::parse(bare(value));
    }
    Ok(terminal)
}

/// kitty: `color1 #f38ba8`, `background #1e1e2e`.
pub(super) fn kitty(file: &str, text: &str) -> Result<Terminal, Fault> {
    let mut terminal = Terminal::default();
    for (at, line) in lines(text) {
        let Some((key, value)) = line.split_once(char::is_whitespace) else {
            continue;
        };
        let number = key.strip_prefix("color").map(str::parse::<usize>);
        let place = match (key, number) {
            (_, Some(Ok(number))) => match terminal.colours.get_mut(number) {
                Some(place) => place,
                None => continue,
            },
            ("background", _) => &mut terminal.background,
            ("foreground", _) => &mut terminal.foreground,
            ("selection_background", _) if bare(value) != "none" => &mut terminal.selection,
            _ => continue,
        };
        *place = Some(colour((file, at), key, value)?);
    }
    Ok(terminal)
}
