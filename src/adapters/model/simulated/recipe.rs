//! Recipes: what the simulated model says and calls, as data. A recipe belongs to one task (by its slug) or to a role's turn; its rounds
//! say what happens at first and when the work comes back.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::llm::Metadata;
use crate::domain::tool::ToolName;
use crate::engine::agents::Template;

/// A recipe that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("recipe {file}: {why}")]
pub struct BadRecipe {
    /// The file's name.
    pub file: String,
    /// What is wrong and where.
    pub why: String,
}

/// Why a conversation is where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    Start,
    ChecksFailed,
    ProofsFailed,
    QaRejected,
    HunksRejected,
    Conflict,
}

impl When {
    /// The message that brings work back for this reason.
    pub(super) const fn template(self) -> Option<Template> {
        match self {
            Self::Start => None,
            Self::ChecksFailed => Some(Template::ChecksFailed),
            Self::ProofsFailed => Some(Template::ProofsFailed),
            Self::QaRejected => Some(Template::QaRejected),
            Self::HunksRejected => Some(Template::HunksRejected),
            Self::Conflict => Some(Template::Conflict),
        }
    }

    pub(super) const BACK: [Self; 5] = [
        Self::ChecksFailed,
        Self::ProofsFailed,
        Self::QaRejected,
        Self::HunksRejected,
        Self::Conflict,
    ];

    /// In words, for the honest answer that there is no recipe.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Start => "the start",
            Self::ChecksFailed => "these red checks",
            Self::ProofsFailed => "these red proofs",
            Self::QaRejected => "these findings",
            Self::HunksRejected => "these refused hunks",
            Self::Conflict => "a merge conflict",
        }
    }
}

/// A call with its arguments; texts in them may hold placeholders.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub(super) tool: ToolName,
    #[serde(default)]
    pub(super) args: Map<String, Value>,
}

/// One reply.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    #[serde(default)]
    pub(super) say: String,
    /// The name under which the result of its call is known to later steps.
    pub(super) keep: Option<String>,
    /// What is known instead where the call failed.
    pub(super) otherwise: Option<String>,
    #[serde(default)]
    pub(super) call: Vec<Call>,
}

/// The replies to one reason.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Round {
    pub(super) when: Vec<When>,
    pub(super) step: Vec<Step>,
}

/// What the simulated model does for one task or turn.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recipe {
    /// Only for this role; a recipe without it is for whichever worker has the task.
    role: Option<String>,
    slug: String,
    pub(super) round: Vec<Round>,
}

/// The judge's words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JudgeWords {
    pub(super) look: String,
    pub(super) run: String,
    pub(super) accept: String,
    pub(super) reject: String,
    pub(super) finding: String,
    pub(super) by_eye: String,
}

/// Words that belong to no single task.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct General {
    pub(super) noted: String,
    pub(super) answered: String,
    pub(super) look: String,
    pub(super) retry: String,
    pub(super) left_out: String,
    pub(super) left_out_summary: String,
    pub(super) left_out_how: String,
    pub(super) judge: JudgeWords,
}

/// All that the simulated model knows.
#[derive(Clone, Debug)]
pub struct Recipes {
    goal: String,
    pub(super) general: General,
    by_slug: BTreeMap<(Option<String>, String), Recipe>,
}

impl Recipes {
    /// The recipes of the demo, which the program brings.
    ///
    /// # Errors
    /// They are broken, which a test rules out.
    pub fn built_in() -> Result<Self, BadRecipe> {
        macro_rules! recipe {
            ($name:literal) => {
                (
                    $name,
                    include_str!(concat!("../../../../assets/demo/recipes/", $name, ".toml")),
                )
            };
        }
        Self::parse(
            include_str!("../../../../assets/demo/goal.txt"),
            recipe!("general").1,
            &[
                recipe!("plan"),
                recipe!("nav"),
                recipe!("vegan"),
                recipe!("hours"),
                recipe!("specials"),
                recipe!("contact"),
                recipe!("print"),
                recipe!("release"),
                recipe!("summary"),
            ],
        )
    }

    /// Reads recipes for one goal, given as (name, text).
    ///
    /// # Errors
    /// The first text that is not of the form.
    pub fn parse(goal: &str, general: &str, recipes: &[(&str, &str)]) -> Result<Self, BadRecipe> {
        let mut by_slug = BTreeMap::new();
        for (file, text) in recipes {
            let recipe: Recipe = read(file, text)?;
            by_slug.insert((recipe.role.clone(), recipe.slug.clone()), recipe);
        }
        Ok(Self {
            goal: goal.to_owned(),
            general: read("general", general)?,
            by_slug,
        })
    }

    /// The goal that the recipes are for.
    #[must_use]
    pub fn goal(&self) -> &str {
        self.goal.trim()
    }

    /// Whether a request is about the known goal; line breaks and spaces do not count.
    pub(super) fn knows_goal(&self, goal: &str) -> bool {
        self.goal.split_whitespace().eq(goal.split_whitespace())
    }

    pub(super) fn find(&self, about: &Metadata) -> Option<&Recipe> {
        let slug = about.slug.clone();
        let own = self.by_slug.get(&(Some(about.role.clone()), slug.clone()));
        own.or_else(|| self.by_slug.get(&(None, slug)))
    }
}

fn read<T: serde::de::DeserializeOwned>(file: &str, text: &str) -> Result<T, BadRecipe> {
    toml::from_str(text).map_err(|error| BadRecipe {
        file: file.to_owned(),
        why: error.to_string(),
    })
}
