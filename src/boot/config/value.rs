//! Values of settings: read from TOML or from a text, compared for strictness, printed.

use std::fmt;

use toml::de::DeValue;

use super::secrets::{holds_secret, looks_like_secret};
use super::table::{Key, Kind, Stricter};
use crate::base::money::{Money, TokenPrice};
use crate::domain::llm::{Route, Tier};

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, choice, command, model, address, path, hours, source of a key, price.
    Text(String),
    /// True or false.
    Truth(bool),
    /// A whole number.
    Whole(i64),
    /// A part of one, in thousandths.
    Ratio(u16),
    /// An amount.
    Money(Money),
    /// A list of texts.
    List(Vec<String>),
}

/// As it stands in a file.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", quote(text)),
            Self::Truth(truth) => write!(f, "{truth}"),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Ratio(thousandths) => write!(
                f,
                "{}",
                toml::Value::Float(f64::from(*thousandths) / 1000.0)
            ),
            Self::Money(money) => write!(f, "\"{}\"", plain_amount(*money)),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| quote(item)).collect();
                write!(f, "[{}]", items.join(", "))
            }
        }
    }
}

fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Two digits behind the point, more only where they are needed: `5.00`, `0.0015`.
fn plain_amount(money: Money) -> String {
    let exact = money.exact();
    let (whole, fraction) = exact.split_once('.').unwrap_or((&exact, ""));
    format!("{whole}.{:0<2}", fraction.trim_end_matches('0'))
}

/// Why a value is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Another type, or outside the bounds.
    Unfit,
    /// A key stands where none may.
    Secret,
    /// A command as the source of a key.
    NotBuilt,
}

/// Reads a value of a file.
///
/// # Errors
/// The setting does not take it.
pub fn from_toml(key: &Key, value: &DeValue<'_>) -> Result<Value, Refused> {
    if holds_secret(value) {
        return Err(Refused::Secret);
    }
    match (key.kind, value) {
        (Kind::Truth, DeValue::Boolean(truth)) => Ok(Value::Truth(*truth)),
        (Kind::Whole, DeValue::Integer(number)) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            whole(key, number.map_err(|_| Refused::Unfit)?)
        }
        (Kind::Money, DeValue::Integer(number)) if number.radix() == 10 => money(number.as_str()),
        (Kind::Ratio, DeValue::Float(number)) => ratio(number.as_str()),
        (Kind::Ratio, DeValue::Integer(number)) => ratio(number.as_str()),
        (Kind::List | Kind::Commands, DeValue::Array(items)) => {
            let items = items
                .iter()
                .map(|item| item.get_ref().as_str().map(str::to_owned));
            let items: Option<Vec<String>> = items.collect();
            let fits = |items: &Vec<String>| key.kind == Kind::List || items.iter().all(is_line);
            items.filter(fits).map(Value::List).ok_or(Refused::Unfit)
        }
        (Kind::Truth | Kind::Whole | Kind::Ratio | Kind::List, _) => Err(Refused::Unfit),
        (_, DeValue::String(text)) => from_words(key, text),
        (_, _) => Err(Refused::Unfit),
    }
}

/// Reads a value of the environment, of a flag or of `aios config set`.
///
/// # Errors
/// The setting does not take it.
pub fn from_text(key: &Key, text: &str) -> Result<Value, Refused> {
    if looks_like_secret(text) {
        return Err(Refused::Secret);
    }
    match key.kind {
        Kind::Truth => match text {
            "true" | "1" | "yes" | "on" => Ok(Value::Truth(true)),
            "false" | "0" | "no" | "off" => Ok(Value::Truth(false)),
            _ => Err(Refused::Unfit),
        },
        Kind::Whole => whole(key, text.parse().map_err(|_| Refused::Unfit)?),
        Kind::Ratio => ratio(text),
        Kind::List => {
            let items = text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            Ok(Value::List(items.map(str::to_owned).collect()))
        }
        Kind::Text
        | Kind::Choice
        | Kind::Money
        | Kind::Price
        | Kind::Command
        | Kind::Commands
        | Kind::Model
        | Kind::ModelOrTier
        | Kind::Key
        | Kind::Url
        | Kind::Path
        | Kind::Hours => from_words(key, text),
    }
}

fn from_words(key: &Key, text: &str) -> Result<Value, Refused> {
    if !is_line(text) {
        return Err(Refused::Unfit);
    }
    let fits = match key.kind {
        Kind::Money => return money(text),
        Kind::Key => return key_source(text),
        Kind::Commands => {
            let one = Some(text.to_owned()).filter(|text| !text.trim().is_empty());
            return Ok(Value::List(one.into_iter().collect()));
        }
        Kind::Text => !text.is_empty(),
        Kind::Choice => key.choices.iter().any(|choice| choice == text),
        Kind::Price => TokenPrice::per_million(text).is_ok(),
        Kind::Command => true,
        Kind::Model => text.parse::<Route>().is_ok(),
        Kind::ModelOrTier => text.parse::<Route>().is_ok() || text.parse::<Tier>().is_ok(),
        Kind::Url => is_address(text),
        Kind::Path => text.is_empty() || text.starts_with('/') || text.starts_with("~/"),
        Kind::Hours => text.is_empty() || hours(text).is_some(),
        Kind::Truth | Kind::Whole | Kind::Ratio | Kind::List => false,
    };
    if fits {
        Ok(Value::Text(text.to_owned()))
    } else {
        Err(Refused::Unfit)
    }
}

/// A text that fits one line of a file.
fn is_line(text: impl AsRef<str>) -> bool {
    let text = text.as_ref();
    text.len() <= 4096 && !text.chars().any(char::is_control)
}

fn whole(key: &Key, number: i64) -> Result<Value, Refused> {
    let inside = (key.least..=key.most).contains(&number);
    if inside {
        Ok(Value::Whole(number))
    } else {
        Err(Refused::Unfit)
    }
}

fn money(text: &str) -> Result<Value, Refused> {
    text.parse().map(Value::Money).map_err(|_| Refused::Unfit)
}

fn ratio(text: &str) -> Result<Value, Refused> {
    let part: f64 = text.parse().map_err(|_| Refused::Unfit)?;
    if (0.0..=1.0).contains(&part) {
        Ok(Value::Ratio((part * 1000.0).round() as u16))
    } else {
        Err(Refused::Unfit)
    }
}

fn key_source(text: &str) -> Result<Value, Refused> {
    if text.starts_with("cmd:") {
        return Err(Refused::NotBuilt);
    }
    // A text that names no variable may well be the key itself.
    let name = text.strip_prefix("env:").ok_or(Refused::Secret)?;
    let named = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if name.is_empty()
        || !name.chars().all(named)
        || name.starts_with(|first: char| first.is_ascii_digit())
    {
        return Err(Refused::Unfit);
    }
    Ok(Value::Text(text.to_owned()))
}

/// An http address with a host and without a password in it.
fn is_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split('/').next());
    host.is_some_and(|host| {
        !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
    })
}

/// Minutes of the day at which quiet hours begin and end, from `22:00-07:00`.
#[must_use]
pub fn hours(text: &str) -> Option<(u16, u16)> {
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let two_digits =
            |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let (hour, minute): (u16, u16) = match (two_digits(hour), two_digits(minute)) {
            (true, true) => (hour.parse().ok()?, minute.parse().ok()?),
            _ => return None,
        };
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let (from, to) = text.split_once('-')?;
    Some((minute(from)?, minute(to)?))
}

/// Whether `value` is at least as strict as `bound`. True where the setting is no limit.
#[must_use]
pub fn is_as_strict(key: &Key, value: &Value, bound: &Value) -> bool {
    let Some(stricter) = key.stricter else {
        return true;
    };
    let place = |value: &Value| match value {
        Value::Text(text) => key
            .choices
            .iter()
            .position(|choice| choice == text)
            .and_then(|at| i64::try_from(at).ok()),
        Value::Truth(truth) => Some(i64::from(*truth)),
        Value::Whole(number) => Some(*number),
        Value::Ratio(thousandths) => Some(i64::from(*thousandths)),
        Value::Money(money) => Some(money.0),
        Value::List(_) => None,
    };
    match (place(value), place(bound)) {
        (Some(value), Some(bound)) => match stricter {
            Stricter::Lower => value <= bound,
            Stricter::Higher | Stricter::True | Stricter::Later => value >= bound,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::config::table::Table;

    fn key(name: &str) -> Key {
        let path: Vec<String> = name.split('.').map(str::to_owned).collect();
        Table::built_in().unwrap().find(&path).unwrap().clone()
    }

    #[test]
    fn texts_are_read_by_type() {
        let cases = [
            ("budget.sprint", "5", Some("\"5.00\"")),
            ("budget.sprint", "0.0015", Some("\"0.0015\"")),
            ("budget.sprint", "5,00", None),
            ("budget.ask_at", "0.75", Some("0.75")),
            ("budget.ask_at", "nan", None),
            ("budget.ask_at", "1.5", None),
            ("agents.max", "0", None),
            ("agents.max", "50", Some("50")),
            ("display.mouse", "1", Some("true")),
            ("display.mouse", "maybe", None),
            ("gates.merge", "ask", Some("\"ask\"")),
            ("gates.merge", "never", None),
            ("models.premium", "openai/gpt-5", Some("\"openai/gpt-5\"")),
            ("models.premium", "gpt-5", None),
            ("models.baseline", "premium", Some("\"premium\"")),
            ("checks.test", "make a, b", Some("[\"make a, b\"]")),
            ("checks.test", "", Some("[]")),
            ("worktree.include", ".env, a b", Some("[\".env\", \"a b\"]")),
            ("notify.quiet", "22:00-07:00", Some("\"22:00-07:00\"")),
            ("notify.quiet", "22:00-24:00", None),
            ("paths.state", "here", None),
            (
                "providers.x.base_url",
                "http://localhost:8000/v1",
                Some("\"http://localhost:8000/v1\""),
            ),
            ("providers.x.base_url", "https://me:pass@host/", None),
            ("providers.x.base_url", "file:///etc", None),
        ];
        for (name, text, expected) in cases {
            let read = from_text(&key(name), text).map(|value| value.to_string());
            assert_eq!(read.ok().as_deref(), expected, "{name} = {text}");
        }
    }

    #[test]
    fn a_key_names_a_variable() {
        let source = key("providers.x.key");
        assert_eq!(from_text(&source, "hunter2"), Err(Refused::Secret));
        assert_eq!(from_text(&source, "cmd:[\"pass\"]"), Err(Refused::NotBuilt));
        assert!(from_text(&source, "env:MY_KEY").is_ok());
    }

    #[test]
    fn strictness_has_a_direction() {
        let cases = [
            ("budget.sprint", "4", "5", true),
            ("budget.sprint", "6", "5", false),
            ("decide.undo_s", "10", "30", false),
            ("decide.confirm_all", "true", "false", true),
            ("decide.confirm_all", "false", "true", false),
            ("gates.merge", "ask", "auto", true),
            ("gates.merge", "auto", "ask", false),
            ("sandbox.minimum", "none", "plain", false),
            ("display.theme", "a", "b", true),
        ];
        for (name, value, bound, expected) in cases {
            let key = key(name);
            let (value, bound) = (
                from_text(&key, value).unwrap(),
                from_text(&key, bound).unwrap(),
            );
            assert_eq!(
                is_as_strict(&key, &value, &bound),
                expected,
                "{name}: {value} under {bound}"
            );
        }
    }
}
