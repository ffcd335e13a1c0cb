//! Who imports whom: the paths that begin with `crate` or `super`, and whether the ranks allow them.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;
use super::{BARRED, ORDERED, RANKS, SEPARATE};

/// A path that a file names, resolved from the root of the crate, and the line where it stands.
#[derive(Debug, PartialEq)]
pub(crate) struct Import {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
}

/// A rank's house and, where the house has several, the room in it: `engine::core`, `base`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    house: String,
    room: Option<String>,
}

impl Place {
    fn of(path: &[String]) -> Option<Self> {
        let house = path.first()?;
        rank(house)?;
        let has_rooms = rooms(house).is_some() || SEPARATE.contains(&house.as_str());
        let room = path.get(1).filter(|_| has_rooms).cloned();
        Some(Self {
            house: house.clone(),
            room,
        })
    }

    fn print(&self) -> String {
        match &self.room {
            Some(room) => format!("{}::{room}", self.house),
            None => self.house.clone(),
        }
    }
}

fn rank(house: &str) -> Option<usize> {
    RANKS.iter().position(|houses| houses.contains(&house))
}

fn rooms(house: &str) -> Option<&'static [&'static str]> {
    let found = ORDERED.iter().find(|(name, _)| *name == house);
    found.map(|(_, rooms)| *rooms)
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Colons,
    Other(char),
}

fn tokens(code: &str) -> Vec<(usize, Token)> {
    let mut found = Vec::new();
    for (at, line) in code.lines().enumerate() {
        let mut letters = line.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter.is_alphanumeric() || letter == '_' {
                let mut word = String::from(letter);
                while let Some(next) =
                    letters.next_if(|next| next.is_alphanumeric() || *next == '_')
                {
                    word.push(next);
                }
                found.push((at + 1, Token::Word(word)));
            } else if letter == ':' && letters.next_if_eq(&':').is_some() {
                found.push((at + 1, Token::Colons));
            } else if !letter.is_whitespace() {
                found.push((at + 1, Token::Other(letter)));
            }
        }
    }
    found
}

/// Every path of the file's production code that begins with `crate` or `super`.
pub(crate) fn imports(source: &Source) -> Vec<Import> {
    let tokens = tokens(&source.production);
    let module = source.module();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some((_, token)) = tokens.get(at) {
        let after_path = at.checked_sub(1).and_then(|last| tokens.get(last));
        let continues = after_path.is_some_and(|(_, token)| *token == Token::Colons);
        let followed = tokens
            .get(at + 1)
            .is_some_and(|(_, token)| *token == Token::Colons);
        let start = match token {
            Token::Word(word) if continues || !followed => {
                let _ = word;
                None
            }
            Token::Word(word) if word == "crate" => Some(Vec::new()),
            Token::Word(word) if word == "super" => {
                let above = module.len().saturating_sub(1);
                Some(module.iter().take(above).cloned().collect())
            }
            Token::Word(_) | Token::Colons | Token::Other(_) => None,
        };
        at += 1;
        if let Some(start) = start {
            at += 1;
            tree(&tokens, &mut at, start, &mut found);
        }
    }
    found
}

/// Reads one branch of a path, which may open into braces, and adds its leaves.
fn tree(tokens: &[(usize, Token)], at: &mut usize, mut path: Vec<String>, found: &mut Vec<Import>) {
    let first = tokens.get(*at).map_or(0, |(line, _)| *line);
    while let Some((_, token)) = tokens.get(*at) {
        match token {
            Token::Word(word) => {
                match word.as_str() {
                    "super" => drop(path.pop()),
                    "self" => {}
                    _ => path.push(word.clone()),
                }
                *at += 1;
                if !matches!(tokens.get(*at), Some((_, Token::Colons))) {
                    break;
                }
                *at += 1;
            }
            Token::Other('{') => {
                *at += 1;
                branches(tokens, at, &path, found);
                return;
            }
            Token::Other(_) | Token::Colons => break,
        }
    }
    found.push(Import { line: first, path });
}

fn branches(tokens: &[(usize, Token)], at: &mut usize, path: &[String], found: &mut Vec<Import>) {
    while let Some((_, token)) = tokens.get(*at) {
        match token {
            Token::Other('}') => {
                *at += 1;
                return;
            }
            // The new name behind `as` belongs to no path.
            Token::Word(word) if word == "as" => *at += 2,
            Token::Word(_) | Token::Other('{') => tree(tokens, at, path.to_vec(), found),
            Token::Other(_) | Token::Colons => *at += 1,
        }
    }
}

/// What is wrong with the imports of one file, one line each.
pub(crate) fn faults(source: &Source) -> Vec<String> {
    let module = source.module();
    let Some(own) = Place::of(&module) else {
        return Vec::new(); // lib.rs and main.rs see everything.
    };
    let mut faults = Vec::new();
    for import in imports(source) {
        let fault = Place::of(&import.path)
            .and_then(|target| refusal(&own, &target))
            .or_else(|| barred(&module, &import.path));
        if let Some(fault) = fault {
            let path = import.path.join("::");
            faults.push(format!(
                "{}:{}: crate::{path}: {fault}",
                source.path, import.line
            ));
        }
    }
    faults
}

/// Why `own` may not import from `target`.
fn refusal(own: &Place, target: &Place) -> Option<String> {
    if own == target {
        return None;
    }
    if let (Some(rooms), Some(room)) = (rooms(&target.house), &target.room)
        && !rooms.contains(&room.as_str())
    {
        return Some(format!(
            "{room} is no room of {}; name the room",
            target.house
        ));
    }
    if rooms(&target.house).is_some() && target.room.is_none() {
        return Some(format!("{} is a whole rank; name the room", target.house));
    }
    let (own_rank, target_rank) = (rank(&own.house)?, rank(&target.house)?);
    if target_rank < own_rank {
        return None;
    }
    if own.house == target.house
        && let Some(rooms) = rooms(&own.house)
    {
        let position = |place: &Place| {
            let room = place.room.as_deref()?;
            rooms.iter().position(|name| *name == room)
        };
        return match (position(own), position(target)) {
            (Some(own_at), Some(target_at)) if target_at < own_at => None,
            _ => Some(format!("{} stands before {}", own.print(), target.print())),
        };
    }
    Some(format!(
        "{} (rank {own_rank}) may not import from {} (rank {target_rank})",
        own.print(),
        target.print()
    ))
}

fn barred(module: &[String], path: &[String]) -> Option<String> {
    let (module, path) = (module.join("::") + "::", path.join("::") + "::");
    let found = BARRED
        .iter()
        .find(|(from, to, _)| module.starts_with(from) && path.starts_with(to));
    found.map(|(_, _, reason)| (*reason).to_owned())
}

/// A circle among the rooms, if there is one: `a -> b -> a`.
pub(crate) fn circle(sources: &[Source]) -> Option<String> {
    let mut edges: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for source in sources {
        let Some(own) = Place::of(&source.module()) else {
            continue;
        };
        let targets = imports(source)
            .into_iter()
            .filter_map(|import| Place::of(&import.path))
            .filter(|target| *target != own);
        edges.entry(own.clone()).or_default().extend(targets);
    }
    // What is left when rooms that import nothing left over are taken away, again and again, lies on or before a circle.
    loop {
        let open: BTreeSet<Place> = edges.keys().cloned().collect();
        let before = edges.len();
        edges.retain(|_, targets| targets.iter().any(|target| open.contains(target)));
        if edges.len() == before {
            break;
        }
    }
    let mut walk = vec![edges.keys().next()?.clone()];
    loop {
        let here = walk.last()?;
        let next = edges
            .get(here)?
            .iter()
            .find(|target| edges.contains_key(*target))?;
        if let Some(start) = walk.iter().position(|seen| seen == next) {
            let names: Vec<String> = walk
                .iter()
                .skip(start)
                .chain([next])
                .map(Place::print)
                .collect();
            return Some(names.join(" -> "));
        }
        walk.push(next.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_braces_and_inline() {
        let source = Source::new(
            "src/engine/core/feed.rs",
            "use crate::{base::{id::SprintId, time}, domain::journal as log};\nuse super::super::llm::X;\n\
             pub(crate) fn f() -> crate::domain::tool::Call { super::mailbox::take() }\n// crate::boot::no\n",
        );
        let found: Vec<(usize, String)> = imports(&source)
            .into_iter()
            .map(|import| (import.line, import.path.join("::")))
            .collect();
        let expected = [
            (1, "base::id::SprintId"),
            (1, "base::time"),
            (1, "domain::journal"),
            (2, "engine::llm::X"),
            (3, "domain::tool::Call"),
            (3, "engine::core::mailbox::take"),
        ];
        assert_eq!(found, expected.map(|(line, path)| (line, path.to_owned())));
    }
}
