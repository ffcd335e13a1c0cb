//! One configuration file: is it safe to read, is it TOML, which settings does it name and where. What they mean is decided in
//! [`layers`](super::layers).

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::OFlags;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::fault::{Fault, Position};
use super::secrets;
use super::table::{NOT_BUILT, Table};
use crate::cli::errors::table as codes;

/// The largest file that is read.
pub const MOST_BYTES: u64 = 256 * 1024;

/// Names under which people write keys into files.
const SECRET_NAMES: [&str; 6] = [
    "api_key",
    "apikey",
    "token",
    "secret",
    "password",
    "access_key",
];

/// Whose file it is, which decides how much it is mistrusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The machine's or the user's: nobody else may be able to write it.
    Ours,
    /// The repository's.
    Theirs,
}

/// Reads a file's text; `None` where there is none.
///
/// # Errors
/// The file cannot be read or is not safe to read; the fault says why.
pub fn read(path: &Path, whose: Whose) -> Result<Option<String>, Fault> {
    let refuse = |why: &str| {
        Fault::new(
            &codes::UNSAFE_FILE,
            format!("{}: {why}", path.display()),
            None,
        )
    };
    // Non-blocking, so that a pipe in the file's place does not hold the program up.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = match rustix::fs::open(path, flags, rustix::fs::Mode::empty()) {
        Ok(handle) => File::from(handle),
        Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => return Ok(None),
        Err(error) => return Err(refuse(&io::Error::from(error).to_string())),
    };
    let facts = file
        .metadata()
        .map_err(|error| refuse(&error.to_string()))?;
    if let Some(why) = unsafe_because(&facts, whose) {
        return Err(refuse(why));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refuse(&error.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(refuse("larger than 256 KiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| refuse("not UTF-8"))?;
    if text.contains('\0') {
        return Err(refuse("holds NUL bytes"));
    }
    Ok(Some(text))
}

fn unsafe_because(facts: &Metadata, whose: Whose) -> Option<&'static str> {
    if !facts.is_file() {
        return Some("not a regular file");
    }
    if facts.len() > MOST_BYTES {
        return Some("larger than 256 KiB");
    }
    if whose == Whose::Theirs {
        return None;
    }
    let own = rustix::process::getuid().as_raw();
    if facts.uid() != own && facts.uid() != 0 {
        return Some("belongs to another user");
    }
    (facts.mode() & 0o002 != 0).then_some("anybody can write it")
}

/// A setting as it stands in a file.
#[derive(Debug)]
pub struct Entry<'text> {
    /// Parts of its dotted name.
    pub path: Vec<String>,
    /// What stands there.
    pub value: DeValue<'text>,
    /// Where.
    pub position: Position,
}

/// The settings that a text names, in its order, and what is wrong with it. A text that is not TOML has no settings.
pub fn entries<'text>(
    table: &Table,
    file: &Path,
    text: &'text str,
) -> (Vec<Entry<'text>>, Vec<Fault>) {
    let mut walk = Walk {
        table,
        file,
        text,
        entries: Vec::new(),
        faults: Vec::new(),
    };
    match DeTable::parse(text) {
        Ok(root) => walk.section(&[], root.into_inner()),
        Err(error) => {
            let position = error.span().map(|span| walk.position(span.start));
            let message = error
                .message()
                .lines()
                .next()
                .unwrap_or("not TOML")
                .to_owned();
            walk.faults
                .push(Fault::new(&codes::BAD_SYNTAX, message, position));
        }
    }
    walk.entries
        .sort_by_key(|entry| (entry.position.line, entry.position.column));
    walk.faults
        .sort_by_key(|fault| fault.position.as_ref().map(|at| (at.line, at.column)));
    (walk.entries, walk.faults)
}

struct Walk<'table, 'text> {
    table: &'table Table,
    file: &'table Path,
    text: &'text str,
    entries: Vec<Entry<'text>>,
    faults: Vec<Fault>,
}

impl<'text> Walk<'_, 'text> {
    fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.rsplit('\n').next().unwrap_or(before);
        Position {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }

    fn section(&mut self, above: &[String], section: DeTable<'text>) {
        for (name, value) in section {
            self.item(above, &name, value);
        }
    }

    fn item(
        &mut self,
        above: &[String],
        name: &Spanned<DeString<'text>>,
        value: Spanned<DeValue<'text>>,
    ) {
        let mut path = above.to_vec();
        path.push(name.get_ref().to_string());
        let position = self.position(name.span().start);
        if let [first] = path.as_slice()
            && NOT_BUILT.contains(&first.as_str())
        {
            let text = format!("[{first}] is not built yet");
            self.faults
                .push(Fault::new(&codes::SETTING_NOT_BUILT, text, Some(position)));
            return;
        }
        if self.table.find(&path).is_some() {
            let value = value.into_inner();
            self.entries.push(Entry {
                path,
                value,
                position,
            });
            return;
        }
        let named_secret = SECRET_NAMES
            .iter()
            .any(|secret| name.get_ref().eq_ignore_ascii_case(secret));
        match value.into_inner() {
            DeValue::Table(inner) if self.table.has_section(&path) => self.section(&path, inner),
            other if secrets::holds_secret(&other) || (named_secret && other.is_str()) => {
                let text = format!("a key stands under {}", path.join("."));
                self.faults
                    .push(Fault::new(&codes::SECRET_IN_FILE, text, Some(position)));
            }
            _ => {
                let text = format!("unknown setting {}", path.join("."));
                let mut fault = Fault::new(&codes::UNKNOWN_KEY, text, Some(position));
                if let Some(near) = self.table.nearest(&path) {
                    fault.hint = format!("perhaps {near}; see aios config list");
                }
                self.faults.push(fault);
            }
        }
    }
}
