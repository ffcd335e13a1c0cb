//! The price table: dated rows from assets/prices.toml with a user's own rows before them, and which row a model has. A model
//! without a row has no price; it is not free.

use serde::Deserialize;

use crate::base::money::{BadAmount, TokenPrice};
use crate::domain::cost::Price;

/// The rows that the program brings along.
const EMBEDDED: &str = include_str!("../../../assets/prices.toml");

/// Providers whose models run on this machine, by the names that discovery gives them.
const LOCAL: [&str; 5] = ["ollama", "llamacpp", "vllm", "lmstudio", "local"];

/// How far a row is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// One table says so.
    Low,
    /// Several tables do, or they disagree in a part.
    Medium,
    /// A kept catalogue does.
    High,
    /// The user says so.
    Own,
}

/// The price of one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRow {
    /// Who sells it.
    pub provider: String,
    /// Its name there; `*` for all of a local provider.
    pub model: String,
    /// What its tokens cost.
    pub price: Price,
    /// Where the figures are from.
    pub source: String,
    /// The day they are of, as the source gives it: `2026-10-03`, `2026-09`.
    pub as_of: String,
    /// How far to trust them.
    pub confidence: Confidence,
    /// It runs on this machine: nobody sends a bill, and what the power costs is not counted.
    pub is_local: bool,
}

/// A table that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BadPrices {
    /// Not of the form; says where.
    #[error("the price table cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// An amount is none.
    #[error("the price of {0}/{1} cannot be read: {2}")]
    Amount(String, String, BadAmount),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    model: Vec<Row>,
}

/// A row as it is written. `derived` and `note` are for readers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    provider: String,
    model: String,
    input: String,
    output: String,
    cache_read: Option<String>,
    cache_write: Option<String>,
    #[serde(default = "users")]
    source: String,
    #[serde(default)]
    as_of: String,
    confidence: Option<Confidence>,
    #[serde(default, rename = "derived")]
    _derived: Vec<String>,
    #[serde(default, rename = "note")]
    _note: String,
}

fn users() -> String {
    "settings".to_owned()
}

impl Row {
    fn read(self) -> Result<PriceRow, BadPrices> {
        let amount = |text: &str| {
            TokenPrice::per_million(text).map_err(|error| {
                BadPrices::Amount(self.provider.clone(), self.model.clone(), error)
            })
        };
        let input = amount(&self.input)?;
        // Without a price of its own a class costs what the prompt costs: too much rather than too little.
        let or_input = |text: &Option<String>| text.as_deref().map_or(Ok(input), amount);
        let price = Price {
            input,
            output: amount(&self.output)?,
            cache_read: or_input(&self.cache_read)?,
            cache_write: or_input(&self.cache_write)?,
        };
        Ok(PriceRow {
            provider: self.provider,
            model: self.model,
            price,
            source: self.source,
            as_of: self.as_of,
            confidence: self.confidence.unwrap_or(Confidence::Own),
            is_local: false,
        })
    }
}

/// All known prices, in the order of preference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceTable {
    rows: Vec<PriceRow>,
    local: Vec<PriceRow>,
}

impl PriceTable {
    /// The rows that the program brings along; a test holds that they can be read.
    #[must_use]
    pub fn embedded() -> Self {
        let mut table = Self::parse(EMBEDDED).unwrap_or_default();
        for provider in LOCAL {
            table.add_local(provider);
        }
        table
    }

    /// Reads rows of the form of assets/prices.toml.
    ///
    /// # Errors
    /// The text is not of the form, or an amount is not decimal text of at most six digits behind the point.
    pub fn parse(text: &str) -> Result<Self, BadPrices> {
        let file: File = toml::from_str(text)?;
        let rows = file
            .model
            .into_iter()
            .map(Row::read)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            rows,
            local: Vec::new(),
        })
    }

    /// Puts another table, such as a user's own, before this one.
    #[must_use]
    pub fn under(self, mut upper: Self) -> Self {
        upper.rows.extend(self.rows);
        upper.local.extend(self.local);
        upper
    }

    /// Says that a provider runs on this machine, so that models of it without a row of their own cost nothing and say so.
    pub fn add_local(&mut self, provider: &str) {
        self.local.push(PriceRow {
            provider: provider.to_owned(),
            model: "*".to_owned(),
            price: Price::default(),
            source: "local".to_owned(),
            as_of: String::new(),
            confidence: Confidence::High,
            is_local: true,
        });
    }

    /// The row of a model: this provider's; else, for a provider on this machine, nothing to pay; else the same model of
    /// another provider, also where a gateway writes it as `vendor/model`; else the same without a date at its end
    /// (`-20251001`, `-2025-08-07`, `-latest`). None if the price is not known.
    #[must_use]
    pub fn lookup(&self, provider: &str, model: &str) -> Option<&PriceRow> {
        let is_exact = |row: &&PriceRow| row.provider == provider && row.model == model;
        let is_here = |row: &&PriceRow| row.provider == provider;
        let exact = self.rows.iter().find(is_exact);
        exact
            .or_else(|| self.local.iter().find(is_here))
            .or_else(|| {
                let bare = model.rsplit('/').next().unwrap_or(model);
                let plain = undated(bare);
                let own = |name: &str| {
                    let is_same = |row: &&PriceRow| row.provider == provider && row.model == name;
                    self.rows.iter().find(is_same)
                };
                let any = |name: &str| self.rows.iter().find(|row| row.model == name);
                own(bare)
                    .or_else(|| any(bare))
                    .or_else(|| own(plain))
                    .or_else(|| any(plain))
            })
    }

    /// What an unknown model is counted at: the dearest known price of each class.
    #[must_use]
    pub fn dearest(&self) -> Price {
        self.rows
            .iter()
            .fold(Price::default(), |dearest, row| dearest.dearer(row.price))
    }

    /// All rows with a price, in the order of preference.
    pub fn rows(&self) -> impl Iterator<Item = &PriceRow> {
        self.rows.iter()
    }
}

/// A model's name without the date or the `latest` at its end.
fn undated(name: &str) -> &str {
    if let Some(plain) = name.strip_suffix("-latest") {
        return plain;
    }
    // `-20251001` and `-2025-08-07`, by their lengths.
    for length in [9, 11] {
        let Some((plain, tail)) = name.split_at_checked(name.len().saturating_sub(length)) else {
            continue;
        };
        let digits = tail.bytes().filter(u8::is_ascii_digit).count();
        let dashes = tail.bytes().filter(|byte| *byte == b'-').count();
        let is_date = tail.starts_with("-20") && digits == 8 && dashes == length - 8;
        if is_date && !plain.is_empty() {
            return plain;
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Money;
    use crate::base::tokens::TokenUsage;

    #[test]
    fn the_embedded_rows_can_be_read() {
        let table = PriceTable::parse(EMBEDDED).unwrap();
        assert_eq!(table.rows().count(), 41);
        for row in table.rows() {
            let price = row.price;
            assert!(
                price.input > TokenPrice(0) && price.output >= price.input,
                "{row:?}"
            );
            assert!(
                price.cache_read <= price.input && price.cache_write >= price.input,
                "{row:?}"
            );
            assert!(
                row.as_of.starts_with("2026-") && !row.source.is_empty(),
                "{row:?}"
            );
            assert_ne!(row.confidence, Confidence::Own);
        }
        let mut names: Vec<_> = table
            .rows()
            .map(|row| (&row.provider, &row.model))
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 41);
    }

    #[test]
    fn a_call_costs_what_the_row_says() {
        let table = PriceTable::embedded();
        let row = table.lookup("anthropic", "claude-sonnet-5-5").unwrap();
        let usage = TokenUsage {
            input: 1000,
            output: 500,
            cache_read: 10_000,
            cache_write: 2000,
        };
        // 1000 * 2 + 500 * 10 + 10,000 * 0.1 + 2000 * 2.5 dollars a million.
        assert_eq!(row.price.cost(&usage), Money(13_000_000));
        assert_eq!(row.as_of, "2026-10-03");
    }

    #[test]
    fn models_find_their_rows() {
        let table = PriceTable::embedded();
        for (provider, model, wanted) in [
            ("anthropic", "claude-haiku-4-5", Some("claude-haiku-4-5")),
            (
                "anthropic",
                "claude-haiku-4-5-20251001",
                Some("claude-haiku-4-5"),
            ),
            ("openai", "gpt-5-2025-08-07", Some("gpt-5")),
            ("openai", "gpt-5-mini-latest", Some("gpt-5-mini")),
            ("mistral", "devstral-2512", Some("devstral-2512")),
            ("gateway", "openai/gpt-oss-120b", Some("gpt-oss-120b")),
            ("sim", "claude-sonnet-5-5", Some("claude-sonnet-5-5")),
            ("ollama", "gpt-oss-20b", Some("*")),
            ("ollama", "whatever:7b", Some("*")),
            ("openai", "gpt-nine", None),
            ("openai", "-20251001", None),
            ("openai", "é-2025-08-07", None),
        ] {
            let found = table.lookup(provider, model).map(|row| row.model.as_str());
            assert_eq!(found, wanted, "{provider}/{model}");
        }
        let local = table.lookup("ollama", "whatever:7b").unwrap();
        assert!(local.is_local && local.price == Price::default());
    }

    #[test]
    fn a_users_rows_come_first() {
        let own = PriceTable::parse(
            "[[model]]\nprovider = \"ollama\"\nmodel = \"mine\"\ninput = \"0.5\"\noutput = \"1\"\n\
             [[model]]\nprovider = \"openai\"\nmodel = \"gpt-5\"\ninput = \"1\"\noutput = \"2\"\n",
        )
        .unwrap();
        let table = PriceTable::embedded().under(own);
        let mine = table.lookup("ollama", "mine").unwrap();
        assert_eq!((mine.confidence, mine.is_local), (Confidence::Own, false));
        assert_eq!(mine.price.cache_read, mine.price.input);
        assert_eq!(table.lookup("openai", "gpt-5").unwrap().source, "settings");
        assert_eq!(table.dearest().output, TokenPrice(50_000_000));
    }

    #[test]
    fn faults_are_told() {
        for (text, wanted) in [
            (
                "[[model]]\nprovider = \"p\"\nmodel = \"m\"\ninput = 5\noutput = \"1\"\n",
                "invalid type: integer",
            ),
            (
                "[[model]]\nprovider = \"p\"\nmodel = \"m\"\ninput = \"5e1\"\noutput = \"1\"\n",
                "the price of p/m cannot be read",
            ),
            ("[[modell]]\n", "unknown field `modell`"),
        ] {
            let told = PriceTable::parse(text).unwrap_err().to_string();
            assert!(told.contains(wanted), "{told}");
        }
    }
}
