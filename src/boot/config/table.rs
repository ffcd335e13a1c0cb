//! The table of settings, read from assets/config.toml: what each is called, what it takes, who may set it.

use serde::Deserialize;

use crate::base::text;

/// The table as it is embedded in the binary.
const BUILT_IN: &str = include_str!("../../../assets/config.toml");

/// Sections of services that this version does not have.
pub const NOT_BUILT: [&str; 11] = [
    "redis", "rabbitmq", "postgres", "qdrant", "s3", "vault", "rest", "api", "mcp", "acp", "otlp",
];

/// The table cannot be read; a fault of the program.
#[derive(Debug, thiserror::Error)]
pub enum BadTable {
    /// Not the TOML that is expected.
    #[error("the table of settings is not valid: {0}")]
    Toml(#[from] toml::de::Error),
    /// A setting that the program reads has no row, or one of another type.
    #[error("the table of settings has no fitting row for {0}")]
    Missing(String),
}

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Any text on one line.
    Text,
    /// One of the row's choices.
    Choice,
    /// True or false.
    Truth,
    /// A whole number within bounds.
    Whole,
    /// A part of one, 0 to 1.
    Ratio,
    /// An amount as text, or whole dollars.
    Money,
    /// Dollars a million tokens, as text.
    Price,
    /// A list of texts.
    List,
    /// A shell command.
    Command,
    /// Shell commands: one, or a list that runs in order.
    Commands,
    /// A model as provider/model.
    Model,
    /// A model, or a tier.
    ModelOrTier,
    /// Where a key is: `env:NAME`.
    Key,
    /// An http or https address.
    Url,
    /// A path; `~/` is the home folder.
    Path,
    /// Hours of a day: `22:00-07:00`.
    Hours,
}

/// Who may set a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layers {
    /// All layers, the repository's files too.
    Everyone,
    /// System, user, environment and flags.
    Person,
    /// The user's own file alone.
    User,
}

/// Which way is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stricter {
    /// A smaller number or amount.
    Lower,
    /// A larger number.
    Higher,
    /// True.
    True,
    /// A later one of the choices.
    Later,
}

/// A row: one setting, or one for each name where the row's name holds `NAME`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Dotted name.
    pub name: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// What it can be, loosest first where that matters.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Smallest number.
    #[serde(default)]
    pub least: i64,
    /// Largest number.
    #[serde(default)]
    pub most: i64,
    /// Its value where no layer sets it; rows with `NAME` have none.
    pub default: Option<toml::Value>,
    /// The default on machines of more than four cores, where it is another.
    pub many_cores: Option<toml::Value>,
    /// Who may set it.
    pub layers: Layers,
    /// Which way is stricter, where it is a limit.
    pub stricter: Option<Stricter>,
    /// One line for people.
    pub help: String,
}

impl Key {
    /// Parts of the name.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.name.split('.')
    }

    /// Whether `path` is a setting of this row.
    #[must_use]
    pub fn matches(&self, path: &[String]) -> bool {
        self.parts().count() == path.len() && self.begins_with(path)
    }

    /// Whether `path` leads to this row, as a section does.
    #[must_use]
    pub fn begins_with(&self, path: &[String]) -> bool {
        let parts = self.parts().count();
        let fits = |(part, given): (&str, &String)| part == "NAME" || part == given;
        path.len() <= parts && self.parts().zip(path).all(fits)
    }

    /// What it takes, in words: `one of ask, deny`, `a whole number from 1 to 50`.
    #[must_use]
    pub fn takes(&self) -> String {
        let text = match self.kind {
            Kind::Text => "a text in quotes",
            Kind::Choice => return format!("one of {}", self.choices.join(", ")),
            Kind::Truth => "true or false",
            Kind::Whole => return format!("a whole number from {} to {}", self.least, self.most),
            Kind::Ratio => "a number from 0.0 to 1.0",
            Kind::Money => "an amount in quotes such as \"5.00\", or whole dollars",
            Kind::Price => "dollars a million tokens in quotes, such as \"0.15\"",
            Kind::List => "a list of texts such as [\"a\", \"b\"]",
            Kind::Command => "a command in quotes",
            Kind::Commands => "a command in quotes, or a list of them",
            Kind::Model => "a model such as \"anthropic/claude-sonnet-5-5\"",
            Kind::ModelOrTier => "a tier or a model such as \"anthropic/claude-sonnet-5-5\"",
            Kind::Key => "the name of a variable, as \"env:NAME\"",
            Kind::Url => "an address that begins with http:// or https://",
            Kind::Path => "an absolute path, or one that begins with ~/",
            Kind::Hours => "hours such as \"22:00-07:00\"",
        };
        text.to_owned()
    }
}

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// In the order of the file, which is the order in which they are listed.
    #[serde(rename = "key")]
    pub keys: Vec<Key>,
}

impl Table {
    /// The table of this binary.
    ///
    /// # Errors
    /// The embedded file is broken; a test holds that it is not.
    pub fn built_in() -> Result<Self, BadTable> {
        Ok(toml::from_str(BUILT_IN)?)
    }

    /// The row of a setting.
    #[must_use]
    pub fn find(&self, path: &[String]) -> Option<&Key> {
        self.keys.iter().find(|key| key.matches(path))
    }

    /// Whether `path` is a section that holds settings.
    #[must_use]
    pub fn has_section(&self, path: &[String]) -> bool {
        self.keys
            .iter()
            .any(|key| key.parts().count() > path.len() && key.begins_with(path))
    }

    /// The name that was perhaps meant: same section and near, or near as a whole.
    #[must_use]
    pub fn nearest(&self, path: &[String]) -> Option<String> {
        let given = path.join(".");
        let spelled = |key: &Key| {
            let parts = key.parts().enumerate();
            let parts = parts.map(|(at, part)| match path.get(at) {
                Some(name) if part == "NAME" => name.clone(),
                _ => part.to_owned(),
            });
            parts.collect::<Vec<_>>().join(".")
        };
        let names: Vec<String> = self.keys.iter().map(spelled).collect();
        let nearest = text::nearest(&given, names.iter().map(String::as_str))?;
        Some(nearest.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> Vec<String> {
        name.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn the_embedded_table_is_sound() {
        let table = Table::built_in().unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for key in &table.keys {
            assert!(seen.insert(key.name.clone()), "{} stands twice", key.name);
            assert_eq!(
                key.default.is_none(),
                key.name.contains("NAME"),
                "{}",
                key.name
            );
            assert_eq!(
                key.choices.is_empty(),
                key.kind != Kind::Choice,
                "{}",
                key.name
            );
            assert!(
                !key.help.ends_with('.') && key.help.len() < 100,
                "{}",
                key.name
            );
            let fits = match key.stricter {
                Some(Stricter::Lower | Stricter::Higher) => {
                    matches!(key.kind, Kind::Whole | Kind::Money | Kind::Ratio)
                }
                Some(Stricter::True) => key.kind == Kind::Truth,
                Some(Stricter::Later) => key.kind == Kind::Choice,
                None => true,
            };
            assert!(fits, "{}: stricter does not fit the type", key.name);
        }
    }

    #[test]
    fn names_are_found_and_guessed() {
        let table = Table::built_in().unwrap();
        assert!(table.find(&path("providers.mine.base_url")).is_some());
        assert!(table.find(&path("providers.mine")).is_none());
        assert!(table.has_section(&path("providers.mine")));
        assert!(!table.has_section(&path("budget.sprint")));
        for (given, meant) in [
            ("budgte.sprint", Some("budget.sprint")),
            ("budget.sprnt", Some("budget.sprint")),
            ("providers.mine.baseurl", Some("providers.mine.base_url")),
            ("completely.different", None),
        ] {
            assert_eq!(table.nearest(&path(given)).as_deref(), meant, "{given}");
        }
    }
}
