//! The report: facts with their health and what to do, for people and for scripts.

use serde_json::{Value as Json, json};

use crate::base::text::SafeText;
use crate::cli::ExitCode;
use crate::cli::errors::ErrorCode;
use crate::cli::version::Version;

/// How a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Good.
    Ok,
    /// Works, with a loss.
    Warn,
    /// Does not work.
    Fail,
}

impl Health {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Under which heading.
    pub section: &'static str,
    /// How it is.
    pub health: Health,
    /// What is so.
    pub text: String,
    /// What to do; empty where nothing is.
    pub fix: String,
    /// The code of what is wrong, which decides the exit code.
    pub code: Option<&'static ErrorCode>,
}

impl Fact {
    /// A good one.
    #[must_use]
    pub fn ok(section: &'static str, text: impl Into<String>) -> Self {
        Self {
            section,
            health: Health::Ok,
            text: text.into(),
            fix: String::new(),
            code: None,
        }
    }

    /// One with a loss.
    #[must_use]
    pub fn warn(section: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            health: Health::Warn,
            fix: fix.into(),
            ..Self::ok(section, text)
        }
    }

    /// A failure, with the advice of its code.
    #[must_use]
    pub fn fail(section: &'static str, text: impl Into<String>, code: &'static ErrorCode) -> Self {
        Self {
            health: Health::Fail,
            fix: code.fix.to_owned(),
            code: Some(code),
            ..Self::ok(section, text)
        }
    }
}

/// The whole report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// In the order in which they are printed, section by section.
    pub facts: Vec<Fact>,
}

impl Report {
    /// The failure that decides: what stops everything before what stops some of it.
    #[must_use]
    pub fn exit(&self) -> ExitCode {
        let failures = self.facts.iter().filter(|fact| fact.health == Health::Fail);
        let exits: Vec<ExitCode> = failures
            .filter_map(|fact| fact.code)
            .map(|code| code.exit)
            .collect();
        let order = [
            ExitCode::ReadOnly,
            ExitCode::Configuration,
            ExitCode::Provider,
        ];
        let worst = order.into_iter().find(|exit| exits.contains(exit));
        worst.or(exits.first().copied()).unwrap_or(ExitCode::Done)
    }

    fn count(&self, health: Health) -> usize {
        self.facts
            .iter()
            .filter(|fact| fact.health == health)
            .count()
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self) -> String {
        let version = Version::of_this();
        let mut out = format!("aios {}  {}\n", version.version, version.target);
        let mut section = "";
        for fact in &self.facts {
            if fact.section != section {
                section = fact.section;
                out.extend(["\n", section, "\n"]);
            }
            let code = fact
                .code
                .map(|code| format!("  ({})", code.id))
                .unwrap_or_default();
            out.extend([
                &format!(
                    "  {:<4}  {}",
                    fact.health.word(),
                    SafeText::line(&fact.text).as_str()
                ),
                code.as_str(),
                "\n",
            ]);
            if !fact.fix.is_empty() {
                out.extend(["        fix: ", &fact.fix, "\n"]);
            }
        }
        let (failures, warnings) = (self.count(Health::Fail), self.count(Health::Warn));
        let plural = |count: usize, word: &str| {
            format!("{count} {word}{}", if count == 1 { "" } else { "s" })
        };
        let exit = self.exit().number();
        let (failures, warnings) = (plural(failures, "failure"), plural(warnings, "warning"));
        out.extend([
            "\n",
            &failures,
            ", ",
            &warnings,
            &format!(".   exit {exit}\n"),
        ]);
        out
    }

    /// The report for scripts.
    #[must_use]
    pub fn json(&self) -> Json {
        let fact = |fact: &Fact| {
            json!({
                "section": fact.section,
                "health": fact.health.word(),
                "text": fact.text,
                "fix": fact.fix,
                "code": fact.code.map(|code| code.id),
            })
        };
        let facts: Vec<Json> = self.facts.iter().map(fact).collect();
        json!({ "facts": facts, "exit": self.exit().number() })
    }
}
