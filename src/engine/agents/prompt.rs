//! The fixed beginning of an agent's conversation: rules, persona, project instructions, task. The same inputs give the same bytes, so that
//! providers can cache it; nothing of a clock or a counter may enter here.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::base::tokens;
use crate::domain::agent::{Role, RoleKind};

const ORDER: &str = include_str!("../../../assets/prompts/order.toml");

/// The part that the persona's own words take.
const ROLE: &str = "role";
/// The part that the project's instructions take.
const PROJECT: &str = "project";

const FRAGMENTS: [(&str, &str); 7] = [
    ("rules", include_str!("../../../assets/prompts/rules.md")),
    ("plan", include_str!("../../../assets/prompts/plan.md")),
    (
        "summary",
        include_str!("../../../assets/prompts/summary.md"),
    ),
    (
        "editing",
        include_str!("../../../assets/prompts/editing.md"),
    ),
    (
        "testing",
        include_str!("../../../assets/prompts/testing.md"),
    ),
    (
        "handover",
        include_str!("../../../assets/prompts/handover.md"),
    ),
    (
        "verdict",
        include_str!("../../../assets/prompts/verdict.md"),
    ),
];

/// A fragment that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPrompt {
    /// The order of the parts cannot be read.
    #[error("prompts/order.toml: {0}")]
    Order(String),
    /// There is no fragment of this name to replace.
    #[error("there is no prompt fragment named {name}; there are {known}")]
    Unknown {
        /// The name as given.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// Over its cap.
    #[error("the prompt fragment {name} has about {tokens} tokens; at most {cap} fit")]
    TooLong {
        /// Which.
        name: String,
        /// How long it is.
        tokens: u64,
        /// How long it may be.
        cap: u64,
    },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    part: Vec<Part>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    name: String,
    max_tokens: u64,
    kinds: Vec<RoleKind>,
}

/// The shared fragments with their order.
#[derive(Clone, Debug)]
pub struct Fragments {
    parts: Vec<Part>,
    texts: BTreeMap<String, String>,
}

impl Fragments {
    /// Those that the program brings.
    ///
    /// # Errors
    /// They are broken, which a test rules out.
    pub fn built_in() -> Result<Self, BadPrompt> {
        let order: Order =
            toml::from_str(ORDER).map_err(|error| BadPrompt::Order(error.to_string()))?;
        let mut fragments = Self {
            parts: order.part,
            texts: BTreeMap::new(),
        };
        for (name, text) in FRAGMENTS {
            fragments.replace(name, text)?;
        }
        Ok(fragments)
    }

    /// Puts a project's fragment (`.aios/prompts/NAME.md`) in the place of the one of this name.
    ///
    /// # Errors
    /// There is none of this name, or the text is over the cap.
    pub fn replace(&mut self, name: &str, text: &str) -> Result<(), BadPrompt> {
        let is_text = |part: &&Part| part.name != ROLE && part.name != PROJECT;
        let part = self
            .parts
            .iter()
            .filter(is_text)
            .find(|part| part.name == name);
        let Some(part) = part else {
            let known = self.parts.iter().filter(is_text);
            let known: Vec<_> = known.map(|part| part.name.as_str()).collect();
            return Err(BadPrompt::Unknown {
                name: name.chars().take(40).collect(),
                known: known.join(", "),
            });
        };
        let tokens = tokens::estimate(text.len());
        if tokens > part.max_tokens {
            return Err(BadPrompt::TooLong {
                name: name.to_owned(),
                tokens,
                cap: part.max_tokens,
            });
        }
        self.texts.insert(name.to_owned(), text.trim().to_owned());
        Ok(())
    }
}

/// The beginning of a conversation, the same for every call of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// The rules.
    pub system: String,
    /// The first message: the task.
    pub first_user: String,
    /// Estimated tokens by part, in order; the task is the last.
    pub tokens: Vec<(String, u64)>,
}

/// Puts a role's rules together and sets the task below them.
#[must_use]
pub fn assemble_prefix(
    role: &Role,
    fragments: &Fragments,
    project_instructions: Option<&str>,
    task: &str,
) -> Prefix {
    let mut sections: Vec<String> = Vec::new();
    let mut tokens = Vec::new();
    for part in &fragments.parts {
        if !part.kinds.contains(&role.kind) {
            continue;
        }
        let section = match part.name.as_str() {
            ROLE => Some(persona(role)),
            PROJECT => project_instructions.and_then(|text| project(text, part.max_tokens)),
            name => fragments.texts.get(name).cloned(),
        };
        if let Some(section) = section {
            tokens.push((part.name.clone(), tokens::estimate(section.len())));
            sections.push(section);
        }
    }
    let first_user = task.trim().to_owned();
    tokens.push(("task".to_owned(), tokens::estimate(first_user.len())));
    Prefix {
        system: sections.join("\n\n"),
        first_user,
        tokens,
    }
}

fn persona(role: &Role) -> String {
    format!(
        "# Who you are\n\n{}\n\nYour role's key is `{}` ({}). Your charge: {}.",
        role.prompt.trim(),
        role.key,
        role.title,
        role.charge
    )
}

/// The project's instructions under a heading, cut at a line's end where they pass the cap.
fn project(text: &str, max_tokens: u64) -> Option<String> {
    const HEADING: &str = "# The project's instructions\n\nWritten by the people of this project. \
        Follow them in how you work; where they go against the rules above, the rules hold.\n\n";
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let mut kept = String::from(HEADING);
    let mut lines = text.lines();
    for line in lines.by_ref() {
        if tokens::estimate(kept.len() + line.len() + 1) > max_tokens {
            let left = lines.count() + 1;
            let note = format!("[{left} more lines do not fit here; read the file]");
            kept.push_str(&note);
            return Some(kept);
        }
        kept.push_str(line);
        kept.push('\n');
    }
    Some(kept.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::agents::built_in_roles;

    fn role(key: &str) -> Role {
        let roles = built_in_roles();
        roles.into_iter().find(|role| role.key == key).unwrap()
    }

    fn names(prefix: &Prefix) -> Vec<&str> {
        prefix
            .tokens
            .iter()
            .map(|(name, _)| name.as_str())
            .collect()
    }

    #[test]
    fn each_kind_gets_its_own_rules() {
        let fragments = Fragments::built_in().unwrap();
        let cases = [
            ("cto", vec!["rules", "role", "plan", "summary", "task"]),
            (
                "backend",
                vec!["rules", "role", "editing", "testing", "handover", "task"],
            ),
            ("qa", vec!["rules", "role", "verdict", "task"]),
        ];
        for (key, expected) in cases {
            let prefix = assemble_prefix(&role(key), &fragments, None, "do it");
            assert_eq!(names(&prefix), expected);
        }
    }

    #[test]
    fn the_same_inputs_give_the_same_bytes() {
        let fragments = Fragments::built_in().unwrap();
        let assemble = || assemble_prefix(&role("devops"), &fragments, Some("Be brief."), "task");
        let prefix = assemble();
        assert_eq!(prefix, assemble());
        assert!(prefix.system.ends_with("the rules hold.\n\nBe brief."));
        assert!(prefix.system.contains("You are Jordan"));
    }

    #[test]
    fn long_instructions_are_cut_at_a_line() {
        let fragments = Fragments::built_in().unwrap();
        let text = "a line of forty characters, or near to it\n".repeat(2_000);
        let prefix = assemble_prefix(&role("qa"), &fragments, Some(&text), "task");
        assert!(
            prefix
                .system
                .ends_with("more lines do not fit here; read the file]")
        );
        let (_, tokens) = prefix
            .tokens
            .iter()
            .find(|(name, _)| name == PROJECT)
            .unwrap();
        assert!(*tokens <= 6_030, "{tokens}");
    }

    #[test]
    fn fragments_are_replaced_by_name_within_their_cap() {
        let mut fragments = Fragments::built_in().unwrap();
        fragments.replace("verdict", "Judge well.").unwrap();
        let prefix = assemble_prefix(&role("qa"), &fragments, None, "task");
        assert!(prefix.system.ends_with("Judge well."));
        let unknown = fragments.replace("role", "x").unwrap_err().to_string();
        assert!(unknown.contains("rules, plan, summary"), "{unknown}");
        let long = fragments.replace("rules", &"x".repeat(9_000)).unwrap_err();
        assert_eq!(
            long.to_string(),
            "the prompt fragment rules has about 3000 tokens; at most 1400 fit"
        );
    }
}
