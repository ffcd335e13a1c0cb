//! Roles from their files: those that the program brings, and a project's own (`.aios/team/*.toml`), which change a built-in role by its key
//! or add one. Names that could be taken for a person or for the program are refused, and so are tools that a kind may not have.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use crate::base::text::SafeText;
use crate::domain::agent::{Role, RoleKind};
use crate::domain::llm::Tier;
use crate::domain::tool::ToolName;

/// The largest file of a role.
const MOST_BYTES: usize = 64 * 1024;
/// The largest persona: it is paid for in every call.
const MOST_PROMPT_BYTES: usize = 8 * 1024;
/// The longest name, in characters.
const LONGEST_NAME: usize = 24;
/// The longest title or charge, in characters.
const LONGEST_LINE: usize = 120;

/// Names that belong to people, to the program, or to whole groups. Compared after [`skeleton`].
const RESERVED: [&str; 24] = [
    "admin",
    "administrator",
    "agent",
    "aios",
    "all",
    "anyone",
    "approver",
    "assistant",
    "everyone",
    "host",
    "human",
    "maintainer",
    "me",
    "none",
    "operator",
    "owner",
    "person",
    "plan",
    "root",
    "summary",
    "system",
    "team",
    "user",
    "you",
];

const BUILT_IN: [(&str, &str); 5] = [
    ("cto.toml", include_str!("../../../assets/roles/cto.toml")),
    (
        "frontend.toml",
        include_str!("../../../assets/roles/frontend.toml"),
    ),
    (
        "backend.toml",
        include_str!("../../../assets/roles/backend.toml"),
    ),
    ("qa.toml", include_str!("../../../assets/roles/qa.toml")),
    (
        "devops.toml",
        include_str!("../../../assets/roles/devops.toml"),
    ),
];

/// A role's file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRole {
    /// Something in it is wrong.
    #[error("{file}:{line}:{column}: {why}")]
    At {
        /// The file's name.
        file: String,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong and what is right.
        why: String,
    },
    /// It cannot be read at all.
    #[error("{file}: {why}")]
    Unreadable {
        /// The file or folder.
        file: String,
        /// Why not.
        why: String,
    },
    /// Each file is right, but together they are no team.
    #[error("the team has no {0}")]
    NoOne(RoleKind),
}

/// A role's file: all of it for a new role, what differs for a known one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleFile {
    key: Spanned<String>,
    name: Option<Spanned<String>>,
    title: Option<Spanned<String>>,
    charge: Option<Spanned<String>>,
    kind: Option<Spanned<RoleKind>>,
    tools: Option<Spanned<Vec<Spanned<ToolName>>>>,
    tier: Option<Spanned<Tier>>,
    prompt: Option<Spanned<String>>,
}

/// The five roles that the program brings, in the order of a sprint's lists.
#[must_use]
pub fn built_in_roles() -> Vec<Role> {
    let mut roles = Vec::new();
    for (file, text) in BUILT_IN {
        // A test reads all of them without an error; a broken one would be missing rather than half read.
        if let Ok(role) = read(file, text, &roles) {
            roles.push(role);
        }
    }
    roles
}

/// The built-in roles changed and added to by the files of a folder; the built-in ones if there is no such folder.
///
/// # Errors
/// The folder or a file cannot be read, or as [`merge_team`].
pub fn load_team(dir: &Path) -> Result<Vec<Role>, BadRole> {
    let unreadable = |path: &Path, error: &io::Error| BadRole::Unreadable {
        file: SafeText::line(&path.to_string_lossy()).into_string(),
        why: error.to_string(),
    };
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(built_in_roles()),
        Err(error) => return Err(unreadable(dir, &error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(dir, &error))?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let facts = fs::symlink_metadata(&path).map_err(|error| unreadable(&path, &error))?;
        // A pipe would hang the read, and a link could lead out of the project.
        if !facts.is_file() || facts.len() > MOST_BYTES as u64 {
            let error = io::Error::other("not a plain file of at most 64 KiB");
            return Err(unreadable(&path, &error));
        }
        let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        files.push((name.unwrap_or_default(), text));
    }
    files.sort();
    merge_team(built_in_roles(), &files)
}

/// Changes and adds roles by files, given as (name, text). A file with the key of a known role replaces what it names; a new key needs
/// all fields.
///
/// # Errors
/// The first thing that is wrong, with file, line and column.
pub fn merge_team(built_in: Vec<Role>, files: &[(String, String)]) -> Result<Vec<Role>, BadRole> {
    let mut team = built_in;
    for (file, text) in files {
        let role = read(file, text, &team)?;
        match team.iter_mut().find(|known| known.key == role.key) {
            Some(known) => *known = role,
            None => team.push(role),
        }
    }
    for kind in [RoleKind::Planner, RoleKind::Worker, RoleKind::Judge] {
        if !team.iter().any(|role| role.kind == kind) {
            return Err(BadRole::NoOne(kind));
        }
    }
    Ok(team)
}

/// Reads one file against the roles known so far.
fn read(file: &str, text: &str, team: &[Role]) -> Result<Role, BadRole> {
    let source = Source { file, text };
    if text.len() > MOST_BYTES {
        return Err(source.at(0..0, "larger than 64 KiB"));
    }
    let raw: RoleFile = toml::from_str(text)
        .map_err(|error| source.at(error.span().unwrap_or(0..0), error.message()))?;
    let known = team.iter().find(|role| role.key == *raw.key.get_ref());
    if known.is_none() {
        check_key(&source, &raw.key)?;
    }
    let others = team.iter().filter(|role| role.key != *raw.key.get_ref());
    if let Some(name) = &raw.name {
        check_name(&source, name, others)?;
    }
    for line in [&raw.title, &raw.charge].into_iter().flatten() {
        check_line(&source, line)?;
    }
    if let Some(prompt) = &raw.prompt {
        check_prompt(&source, prompt)?;
    }
    let missing = |field: &str| {
        let why = format!("a new role needs the field `{field}`");
        source.at(raw.key.span(), &why)
    };
    let text_of = |given: &Option<Spanned<String>>, old: Option<&String>, field: &str| {
        let given = given.as_ref().map(Spanned::get_ref);
        given.or(old).cloned().ok_or_else(|| missing(field))
    };
    let kind = raw.kind.as_ref().map(|kind| *kind.get_ref());
    let tier = raw.tier.as_ref().map(|tier| *tier.get_ref());
    let kind = kind
        .or(known.map(|role| role.kind))
        .ok_or_else(|| missing("kind"))?;
    Ok(Role {
        name: text_of(&raw.name, known.map(|role| &role.name), "name")?,
        title: text_of(&raw.title, known.map(|role| &role.title), "title")?,
        charge: text_of(&raw.charge, known.map(|role| &role.charge), "charge")?,
        kind,
        tools: tools_of(&source, &raw, known, kind)?,
        tier: tier
            .or(known.map(|role| role.tier))
            .ok_or_else(|| missing("tier"))?,
        prompt: text_of(&raw.prompt, known.map(|role| &role.prompt), "prompt")?,
        key: raw.key.into_inner(),
    })
}

/// A file being read, for errors with a place.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn at(&self, span: Range<usize>, why: &str) -> BadRole {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        BadRole::At {
            file: SafeText::line(self.file).into_string(),
            line: before.matches('\n').count() + 1,
            column: in_line.chars().count() + 1,
            why: SafeText::line(why).into_string(),
        }
    }
}

fn check_key(source: &Source<'_>, key: &Spanned<String>) -> Result<(), BadRole> {
    let text = key.get_ref();
    let begins = text.starts_with(|first: char| first.is_ascii_lowercase());
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !begins || !plain || text.len() > LONGEST_NAME {
        let why = "a key is a letter and then letters, digits or `-`, all lower case, at most 24";
        return Err(source.at(key.span(), why));
    }
    if RESERVED.contains(&skeleton(text).as_str()) {
        let why = format!("the key `{text}` is reserved");
        return Err(source.at(key.span(), &why));
    }
    Ok(())
}

fn check_name<'a>(
    source: &Source<'_>,
    name: &Spanned<String>,
    mut others: impl Iterator<Item = &'a Role>,
) -> Result<(), BadRole> {
    let text = name.get_ref();
    let count = text.chars().count();
    let begins = text.starts_with(char::is_alphabetic);
    if !begins || count > LONGEST_NAME || !is_plain_line(text) {
        let why = "a name begins with a letter and has at most 24 characters, none of them hidden";
        return Err(source.at(name.span(), why));
    }
    let bare = skeleton(text);
    let words = text.split(|c: char| !c.is_alphanumeric()).map(skeleton);
    if RESERVED.contains(&bare.as_str())
        || words
            .into_iter()
            .any(|word| RESERVED.contains(&word.as_str()))
    {
        let why =
            format!("the name `{text}` could be taken for a person or the program; choose another");
        return Err(source.at(name.span(), &why));
    }
    if let Some(other) = others.find(|other| skeleton(&other.name) == bare) {
        let why = format!("the role `{}` is called {} already", other.key, other.name);
        return Err(source.at(name.span(), &why));
    }
    Ok(())
}

fn check_line(source: &Source<'_>, line: &Spanned<String>) -> Result<(), BadRole> {
    let text = line.get_ref();
    let fits = !text.trim().is_empty() && text.chars().count() <= LONGEST_LINE;
    if fits && is_plain_line(text) {
        return Ok(());
    }
    let why = "one line of 1 to 120 characters without hidden ones is wanted";
    Err(source.at(line.span(), why))
}

fn check_prompt(source: &Source<'_>, prompt: &Spanned<String>) -> Result<(), BadRole> {
    let text = prompt.get_ref();
    let why = if text.trim().is_empty() {
        "the prompt is empty"
    } else if text.len() > MOST_PROMPT_BYTES {
        "the prompt is larger than 8 KiB"
    } else if text.contains("{{") {
        "a prompt is plain text: `{{` has no meaning in it, and nothing is read from the environment"
    } else if SafeText::block(text).as_str() != text {
        "the prompt holds hidden or control characters"
    } else {
        return Ok(());
    };
    Err(source.at(prompt.span(), why))
}

fn tools_of(
    source: &Source<'_>,
    raw: &RoleFile,
    known: Option<&Role>,
    kind: RoleKind,
) -> Result<Vec<ToolName>, BadRole> {
    let Some(given) = &raw.tools else {
        return match known {
            Some(role) if role.kind == kind => Ok(role.tools.clone()),
            _ => Err(source.at(raw.key.span(), "the field `tools` is needed here")),
        };
    };
    let mut tools: Vec<ToolName> = Vec::new();
    for tool in given.get_ref() {
        let name = *tool.get_ref();
        if !kind.may_have(name) {
            let why = format!("a {kind} may not have the tool {name}");
            return Err(source.at(tool.span(), &why));
        }
        if tools.contains(&name) {
            let why = format!("the tool {name} is named twice");
            return Err(source.at(tool.span(), &why));
        }
        tools.push(name);
    }
    if !tools.contains(&kind.closing_tool()) {
        let why = format!(
            "a {kind} cannot end its work without the tool {}",
            kind.closing_tool()
        );
        return Err(source.at(given.span(), &why));
    }
    // The order in which tools are offered is fixed, so that prompts do not differ for nothing.
    tools.sort_unstable();
    Ok(tools)
}

/// Whether a text is one line as it will be shown: nothing hidden, nothing that a terminal acts on.
fn is_plain_line(text: &str) -> bool {
    SafeText::line(text).as_str() == text
}

/// A name without what only the eye would miss: case, spaces and signs, and letters or digits that look like Latin ones.
fn skeleton(name: &str) -> String {
    let letters = name.chars().flat_map(char::to_lowercase);
    letters.filter_map(look_alike).collect()
}

fn look_alike(letter: char) -> Option<char> {
    // The full-width forms stand in the order of ASCII.
    let letter = match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        other => other,
    };
    let plain = match letter {
        'а' | 'α' | 'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | '4' | '@' => 'a',
        'е' | 'ё' | 'ε' | 'é' | 'è' | 'ê' | 'ë' | '3' => 'e',
        'о' | 'ο' | 'σ' | 'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' | '0' => 'o',
        'і' | 'ї' | 'ι' | 'í' | 'ì' | 'î' | 'ï' | 'ı' | '1' | '|' | '!' => 'i',
        'у' | 'γ' | 'ý' | 'ÿ' => 'y',
        'υ' | 'ú' | 'ù' | 'û' | 'ü' | 'ս' => 'u',
        'ѕ' | '5' | '$' => 's',
        'р' | 'ρ' => 'p',
        'с' | 'ç' => 'c',
        'м' | 'μ' => 'm',
        'н' | 'һ' => 'h',
        'п' | 'ո' | 'ñ' | 'η' => 'n',
        'т' | 'τ' | '7' => 't',
        'ѡ' | 'ω' => 'w',
        'г' => 'r',
        'ԁ' => 'd',
        other => other,
    };
    plain.is_alphanumeric().then_some(plain)
}

#[cfg(test)]
#[path = "roles_tests.rs"]
mod tests;
