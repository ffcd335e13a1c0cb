//! Links of the terminal (OSC 8) on names of files that are on the screen. Which cells are linked is a function of a row's text alone,
//! so that rows that the terminal moves by itself keep their links, and a row that is the same has the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::{Bound, Range};
use std::sync::Arc;

use ratatui::buffer::Cell;

/// Shorter words are no names of files.
const SHORTEST: usize = 3;

/// The files that can be opened, and where they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// What stands before each path, `file://host/folder/`.
    pub base: String,
    /// The paths, as they are written on the screen.
    pub paths: Arc<BTreeSet<String>>,
}

/// The linked cells of a row, from the left.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Linked<'a>(Vec<(Range<usize>, &'a str)>);

impl<'a> Linked<'a> {
    /// What a cell of the row leads to.
    pub(super) fn at(&self, column: usize) -> Option<&'a str> {
        let next = self.0.partition_point(|(cells, _)| cells.end <= column);
        let (cells, path) = self.0.get(next)?;
        cells.contains(&column).then_some(*path)
    }
}

impl Links {
    /// Finds the linked cells of a row.
    pub(super) fn of(&self, row: &[Cell]) -> Linked<'_> {
        let mut found = Vec::new();
        let mut word = String::new();
        for (column, cell) in row.iter().chain([&Cell::EMPTY]).enumerate() {
            match cell.symbol().as_bytes() {
                [byte] if is_of_path(*byte) => word.push(char::from(*byte)),
                _ => {
                    let start = column - word.len();
                    let name = word.trim_end_matches('.');
                    if name.len() >= SHORTEST
                        && let Some(path) = self.paths.get(name)
                    {
                        found.push((start..start + name.len(), path.as_str()));
                    }
                    word.clear();
                }
            }
        }
        Linked(found)
    }

    /// The sequence that begins a link, with a name by which the terminal joins its parts; that ends one if there is no path.
    pub(super) fn begin(&self, path: Option<&str>) -> String {
        let Some(path) = path else {
            return "\x1b]8;;\x1b\\".to_owned();
        };
        let place = self
            .paths
            .range::<str, _>((Bound::Unbounded, Bound::Excluded(path)))
            .count();
        format!("\x1b]8;id=f{place};{}{path}\x1b\\", self.base)
    }
}

/// Only these stand in paths that are linked, so that a sequence cannot be broken out of.
const fn is_of_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/')
}

/// The address of a folder on a host, for [`Links::base`].
pub fn base(host: &str, folder: &str) -> String {
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let host = if host.as_bytes().iter().all(is_host) {
        host
    } else {
        ""
    };
    let mut base = format!("file://{host}");
    for byte in folder.trim_end_matches('/').bytes() {
        if is_of_path(byte) || byte == b'~' {
            base.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(base, "%{byte:02X}");
        }
    }
    base.push('/');
    base
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;

    use super::*;

    fn links() -> Links {
        let paths = ["Cargo.toml", "src/a.rs", "src/a.rs.bak"].map(str::to_owned);
        Links {
            base: base("box", "/home/mia/a b"),
            paths: Arc::new(paths.into()),
        }
    }

    #[test]
    fn whole_names_are_linked_and_nothing_else() {
        let links = links();
        let row = Buffer::with_lines(["│世 src/a.rs, xsrc/a.rs src/a.rs. (Cargo.toml) src/a…"]);
        let linked = links.of(&row.content);
        let found: Vec<(usize, &str)> = linked
            .0
            .iter()
            .map(|(at, path)| (at.start, *path))
            .collect();
        assert_eq!(
            found,
            [(4, "src/a.rs"), (24, "src/a.rs"), (35, "Cargo.toml")]
        );
        assert_eq!(
            (linked.at(3), linked.at(4), linked.at(12)),
            (None, Some("src/a.rs"), None)
        );
    }

    #[test]
    fn addresses_hold_no_byte_that_could_end_them() {
        assert_eq!(links().base, "file://box/home/mia/a%20b/");
        assert_eq!(base("a\x1bb", "/x\x07/"), "file:///x%07/");
        assert_eq!(
            links().begin(Some("src/a.rs")),
            "\x1b]8;id=f1;file://box/home/mia/a%20b/src/a.rs\x1b\\"
        );
        assert_eq!(links().begin(None), "\x1b]8;;\x1b\\");
    }
}
