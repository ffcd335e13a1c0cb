//! What narrows a list: words, and fields such as `agent:cy kind:diff state:blocked >$1 since:10m`.

use std::collections::BTreeSet;

use crate::base::money::Money;
use crate::base::text::nearest;

/// What a row of a list is asked for. What a list does not have stays empty, and a wish for it fits nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// All that the row says.
    pub text: &'a str,
    /// Who.
    pub agent: &'a str,
    /// What kind of thing it is.
    pub kind: &'a str,
    /// How it goes with it.
    pub state: &'a str,
    /// The work that it is about.
    pub task: &'a str,
    /// What it costs.
    pub money: Option<Money>,
    /// How old it is, in milliseconds.
    pub age_ms: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Word(String),
    Agent(String),
    Kind(String),
    State(String),
    Task(String),
    Above(Money),
    Below(Money),
    Since(i64),
}

/// What is wanted; nothing at first, which every row fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// As it was typed.
    pub typed: String,
    terms: Vec<Term>,
}

impl Filter {
    /// Reads what is typed. What is no field is a word.
    pub fn read(typed: &str) -> Self {
        Self {
            typed: typed.trim().to_owned(),
            terms: typed.split_whitespace().map(term).collect(),
        }
    }

    /// Whether every row fits.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The words that are wanted, in small letters.
    pub fn words(&self) -> Vec<&str> {
        let words = self.terms.iter().filter_map(|term| match term {
            Term::Word(word) => Some(word.as_str()),
            _ => None,
        });
        words.collect()
    }

    /// Where a field names something that no row has: the nearest that one has.
    pub fn nearest<'a>(&self, rows: impl Iterator<Item = Fields<'a>>) -> Option<String> {
        let rows: Vec<Fields<'a>> = rows.collect();
        self.terms.iter().find_map(|term| {
            let (wanted, value): (&str, fn(&Fields<'a>) -> &'a str) = match term {
                Term::Agent(wanted) => (wanted, |row| row.agent),
                Term::Kind(wanted) => (wanted, |row| row.kind),
                Term::State(wanted) => (wanted, |row| row.state),
                Term::Task(wanted) => (wanted, |row| row.task),
                Term::Word(_) | Term::Above(_) | Term::Below(_) | Term::Since(_) => return None,
            };
            let values: BTreeSet<String> = rows
                .iter()
                .map(|row| value(row).to_lowercase())
                .filter(|value| !value.is_empty())
                .collect();
            if values.iter().any(|value| value.starts_with(wanted)) {
                return None;
            }
            nearest(wanted, values.iter().map(String::as_str)).map(str::to_owned)
        })
    }

    /// Whether a row has all that is wanted.
    pub fn fits(&self, row: &Fields<'_>) -> bool {
        let holds = |text: &str, wanted: &str| text.to_lowercase().contains(wanted);
        self.terms.iter().all(|term| match term {
            Term::Word(wanted) => holds(row.text, wanted),
            Term::Agent(wanted) => row.agent.to_lowercase().starts_with(wanted),
            Term::Kind(wanted) => row.kind.to_lowercase().starts_with(wanted),
            Term::State(wanted) => row.state.to_lowercase().starts_with(wanted),
            Term::Task(wanted) => is_task(row.task, wanted),
            Term::Above(least) => row.money.is_some_and(|money| money > *least),
            Term::Below(most) => row.money.is_some_and(|money| money < *most),
            Term::Since(ms) => row.age_ms.is_some_and(|age| age <= *ms),
        })
    }
}

/// `t1` is not `t12`, but `t` and `pl` are on the way to a name.
fn is_task(task: &str, wanted: &str) -> bool {
    let task = task.to_lowercase();
    let is_begun = !wanted.ends_with(|last: char| last.is_ascii_digit());
    task == wanted || (is_begun && task.starts_with(wanted))
}

fn term(typed: &str) -> Term {
    let lower = typed.to_lowercase();
    let word = || Term::Word(lower.clone());
    if let Some(amount) = lower.strip_prefix('>') {
        return amount.parse().map_or_else(|_| word(), Term::Above);
    }
    if let Some(amount) = lower.strip_prefix('<') {
        return amount.parse().map_or_else(|_| word(), Term::Below);
    }
    match lower.split_once(':') {
        Some(("agent", who)) => Term::Agent(who.to_owned()),
        Some(("kind", kind)) => Term::Kind(kind.to_owned()),
        Some(("state", state)) => Term::State(state.to_owned()),
        Some(("task", task)) => Term::Task(task.to_owned()),
        Some(("since", span)) => span_ms(span).map_or_else(word, Term::Since),
        _ => word(),
    }
}

/// `30s`, `10m`, `2h`, `1d` in milliseconds.
fn span_ms(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1_000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    let count: i64 = text.get(..text.len() - 1)?.parse().ok()?;
    count.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_fields_narrow() {
        let row = Fields {
            text: "DIFF t3 Sarah: cart totals",
            agent: "Sarah",
            kind: "DIFF",
            state: "asks",
            money: Some(Money::cents(150)),
            age_ms: Some(120_000),
            ..Fields::default()
        };
        for (typed, fits) in [
            ("", true),
            ("CART", true),
            ("cart tax", false),
            ("agent:sa kind:diff state:asks", true),
            ("agent:cy", false),
            (">$1 <2", true),
            (">1.50", false),
            ("since:2m", true),
            ("since:30s", false),
            ("since:soon", false),
            (">much", false),
        ] {
            assert_eq!(Filter::read(typed).fits(&row), fits, "{typed}");
        }
        let row = Fields { task: "t1", ..row };
        for (typed, fits) in [("task:t1", true), ("task:t", true), ("task:t12", false)] {
            assert_eq!(Filter::read(typed).fits(&row), fits, "{typed}");
        }
        let twelve = Fields {
            task: "t12",
            ..Fields::default()
        };
        assert!(!Filter::read("task:t1").fits(&twelve));
        // What a list does not have fits no wish for it.
        assert!(!Filter::read(">0").fits(&Fields::default()));
        assert!(Filter::read("  ").is_empty());
    }

    #[test]
    fn the_nearest_is_named_where_a_field_fits_nothing() {
        let rows = ["Alex", "Marcus", ""].map(|agent| Fields {
            agent,
            kind: "merge",
            ..Fields::default()
        });
        for (typed, near) in [
            ("agent:alix", Some("alex")),
            ("kind:merg agent:markus", Some("marcus")),
            ("agent:al", None),
            ("agent:nobody", None),
            ("alix", None),
        ] {
            let found = Filter::read(typed).nearest(rows.iter().cloned());
            assert_eq!(found.as_deref(), near, "{typed}");
        }
    }
}
