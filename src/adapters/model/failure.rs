//! From what providers say when they refuse to the few kinds of failure that the engine tells apart, and to one line for
//! people. Statuses, error codes and phrases of both wire formats stand here together, because compatible servers mix them.

use serde_json::Value;

use crate::adapters::model::Place;
use crate::base::text::SafeText;
use crate::base::tokens::TokenUsage;
use crate::domain::llm::{CallFailure, FailureKind};

/// The most characters of a failure's text.
const MOST_CHARS: usize = 300;

/// A provider's complaint, before it is known what kind it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Complaint {
    /// The HTTP status; none for an error inside a stream.
    pub status: Option<u16>,
    /// The machine-readable words: type and code, joined by a space.
    pub code: String,
    /// The words for people.
    pub message: String,
}

impl Complaint {
    /// Reads an error out of JSON: `{"error": {"type", "code", "message"}}`, `{"error": "…"}` or `{"type": "error", "code", "message"}`.
    /// None where there is no error in it.
    #[must_use]
    pub fn read(json: &Value) -> Option<Self> {
        let is_flat = ["type", "object"]
            .iter()
            .any(|field| json.get(field).and_then(Value::as_str) == Some("error"));
        let error = match json.get("error") {
            Some(Value::Null) | None if is_flat => json,
            Some(Value::Null) | None => return None,
            Some(Value::String(text)) => {
                return Some(Self {
                    message: text.clone(),
                    ..Self::default()
                });
            }
            Some(error) => error,
        };
        let word = |field: &str| match error.get(field) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let code = format!("{} {}", word("type"), word("code"));
        let status = word("code")
            .parse()
            .ok()
            .filter(|code| (400..600).contains(code));
        Some(Self {
            status,
            code: code.trim().to_owned(),
            message: word("message"),
        })
    }

    /// The complaint of a response that is no stream: its status and whatever its body tells.
    #[must_use]
    pub fn of_response(status: u16, body: &[u8]) -> Self {
        let said = serde_json::from_slice(body)
            .ok()
            .and_then(|json| Self::read(&json));
        let mut complaint = said.unwrap_or_default();
        complaint.status = Some(status);
        complaint
    }

    /// What kind of failure it is. Words decide before the status: providers send 400 and 429 for many things.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        let code = self.code.to_ascii_lowercase();
        let message = self.message.to_ascii_lowercase();
        let says = |words: &[&str]| {
            words
                .iter()
                .any(|word| code.contains(word) || message.contains(word))
        };
        let status = self.status.unwrap_or(0);
        if says(NO_CREDIT) || status == 402 {
            FailureKind::NoCredit
        } else if says(OVERFLOW) || status == 413 {
            FailureKind::ContextOverflow
        } else if matches!(status, 401 | 403 | 407) || has_word(&code, AUTH) {
            FailureKind::Auth
        } else if status == 429 || has_word(&code, RATE) {
            FailureKind::RateLimited
        } else if status == 404 || has_word(&code, UNKNOWN) || names_unknown_model(&message) {
            FailureKind::UnknownModel
        } else if status >= 500 || status == 408 || has_word(&code, OVERLOADED) {
            FailureKind::Overloaded
        } else {
            FailureKind::BadRequest
        }
    }

    /// The failure, told in one line.
    #[must_use]
    pub fn failure(&self, place: &Place, model: &str) -> CallFailure {
        let name = &place.name;
        let status = self
            .status
            .map_or(String::new(), |status| format!(" ({status})"));
        let kind = self.kind();
        let what = match kind {
            FailureKind::Auth => {
                format!("{name} refuses the key{status}, set providers.{name}.key")
            }
            FailureKind::NoCredit => format!("{name} has no credit left for this key{status}"),
            FailureKind::UnknownModel if self.message.is_empty() => {
                format!(
                    "{name} has no model {model}{status}, or providers.{name}.base_url is wrong"
                )
            }
            FailureKind::UnknownModel => format!("{name} has no model {model}{status}"),
            FailureKind::RateLimited => format!("{name} limits the rate{status}"),
            FailureKind::Overloaded => format!("{name} is overloaded or broken{status}"),
            FailureKind::ContextOverflow => {
                format!("the prompt does not fit the window of {name}/{model}{status}")
            }
            FailureKind::Unreachable
            | FailureKind::BadRequest
            | FailureKind::Cut
            | FailureKind::Malformed => format!("{name} refuses the request{status}"),
        };
        let said = if self.message.is_empty() {
            &self.code
        } else {
            &self.message
        };
        let text = if said.is_empty() {
            what
        } else {
            format!("{what}: {said}")
        };
        place.failure(kind, &text)
    }
}

const NO_CREDIT: &[&str] = &[
    "insufficient_quota",
    "credit balance",
    "out of credit",
    "insufficient credit",
    "insufficient balance",
    "billing_error",
    "exceeded your current quota",
];
const OVERFLOW: &[&str] = &[
    "prompt is too long",
    "context_length_exceeded",
    "exceed_context_size",
    "exceeds the available context",
    "maximum context length",
    "context window",
    "context length",
    "request_too_large",
];
const AUTH: &[&str] = &[
    "authentication_error",
    "permission_error",
    "invalid_api_key",
];
const RATE: &[&str] = &["rate_limit_error", "rate_limit_exceeded"];
const UNKNOWN: &[&str] = &["not_found_error", "model_not_found"];
const OVERLOADED: &[&str] = &[
    "overloaded_error",
    "api_error",
    "server_error",
    "timeout_error",
    "internal_error",
];

fn has_word(code: &str, words: &[&str]) -> bool {
    code.split_whitespace().any(|word| words.contains(&word))
}

fn names_unknown_model(message: &str) -> bool {
    let is_missing = [
        "not found",
        "does not exist",
        "not exist",
        "unknown model",
        "invalid model",
        "no such model",
    ];
    message.contains("model") && is_missing.iter().any(|phrase| message.contains(phrase))
}

/// A failure without known usage; `text` becomes one line of at most 300 characters without control characters.
#[must_use]
pub fn plain(kind: FailureKind, text: &str) -> CallFailure {
    CallFailure {
        kind,
        text: one_line(text),
        retry_after_ms: None,
        usage: TokenUsage::default(),
    }
}

/// Foreign text as one line that is safe to show, cut to its most characters.
fn one_line(text: &str) -> String {
    let line = SafeText::line(text);
    let words: Vec<&str> = line.as_str().split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= MOST_CHARS {
        return line;
    }
    line.chars().take(MOST_CHARS - 1).chain(['…']).collect()
}

/// How long a `retry-after` header asks to wait, in milliseconds: seconds, or a date, which is read against the `date` header
/// of the same response, so that no clock of ours has a say. At most a day.
#[must_use]
pub fn retry_after_ms(value: &str, date: Option<&str>) -> Option<u64> {
    const DAY_S: u64 = 86_400;
    let seconds = match value.trim().parse::<f64>() {
        Ok(seconds) if seconds >= 0.0 => seconds.min(DAY_S as f64).ceil() as u64,
        Ok(_) => return None,
        Err(_) => {
            let until = http_date(value)?;
            let now = http_date(date?)?;
            u64::try_from(until.saturating_sub(now)).unwrap_or(0)
        }
    };
    Some(seconds.min(DAY_S).saturating_mul(1000))
}

/// Seconds since 1970 of the preferred form of HTTP dates: `Wed, 21 Oct 2026 07:28:00 GMT`.
fn http_date(text: &str) -> Option<i64> {
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, rest) = text.split_once(", ")?;
    let parts: Vec<&str> = rest.split_whitespace().collect();
    let [day, month, year, clock, "GMT"] = parts.as_slice() else {
        return None;
    };
    let (day, year): (i64, i64) = (day.parse().ok()?, year.parse().ok()?);
    let month = i64::try_from(months.iter().position(|name| name == month)?).ok()? + 1;
    let mut clock = clock.split(':').map(str::parse::<i64>);
    let (hour, minute, second) = (
        clock.next()?.ok()?,
        clock.next()?.ok()?,
        clock.next()?.ok()?,
    );
    if !(1970..10_000).contains(&year)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place::for_tests("anthropic", Some("sk-very-secret"))
    }

    #[test]
    fn complaints_find_their_kinds() {
        use FailureKind as Kind;
        let table: &[(u16, &str, Kind)] = &[
            (
                401,
                r#"{"error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
                Kind::Auth,
            ),
            (403, "", Kind::Auth),
            (402, "{}", Kind::NoCredit),
            (
                400,
                r#"{"error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}"#,
                Kind::NoCredit,
            ),
            (
                429,
                r#"{"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"You exceeded your current quota"}}"#,
                Kind::NoCredit,
            ),
            (429, "{}", Kind::RateLimited),
            (
                404,
                r#"{"error":{"type":"not_found_error","message":"model: nope"}}"#,
                Kind::UnknownModel,
            ),
            (404, "404 page not found", Kind::UnknownModel),
            (
                400,
                r#"{"error":{"message":"model 'x' not found","code":null}}"#,
                Kind::UnknownModel,
            ),
            (
                400,
                r#"{"error":{"message":"The model `x` does not exist"}}"#,
                Kind::UnknownModel,
            ),
            (
                400,
                r#"{"error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
                Kind::ContextOverflow,
            ),
            (
                400,
                r#"{"error":{"code":"context_length_exceeded","message":"x"}}"#,
                Kind::ContextOverflow,
            ),
            (
                400,
                r#"{"error":{"code":400,"type":"exceed_context_size_error","message":"x"}}"#,
                Kind::ContextOverflow,
            ),
            (
                413,
                r#"{"error":{"type":"request_too_large"}}"#,
                Kind::ContextOverflow,
            ),
            (
                400,
                r#"{"error":"tools are not supported"}"#,
                Kind::BadRequest,
            ),
            (422, "", Kind::BadRequest),
            (500, "{}", Kind::Overloaded),
            (502, "<html>Bad gateway</html>", Kind::Overloaded),
            (
                529,
                r#"{"error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                Kind::Overloaded,
            ),
        ];
        for (status, body, kind) in table {
            assert_eq!(
                Complaint::of_response(*status, body.as_bytes()).kind(),
                *kind,
                "{status} {body}"
            );
        }
    }

    #[test]
    fn errors_inside_streams_find_their_kinds() {
        use FailureKind as Kind;
        for (json, kind) in [
            (
                r#"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#,
                Kind::Overloaded,
            ),
            (
                r#"{"type":"error","error":{"type":"rate_limit_error"}}"#,
                Kind::RateLimited,
            ),
            (
                r#"{"type":"error","error":{"type":"a_new_error_kind","message":"x"}}"#,
                Kind::BadRequest,
            ),
            (
                r#"{"type":"error","code":"server_error","message":"Temporary"}"#,
                Kind::Overloaded,
            ),
            (
                r#"{"object":"error","message":"x","code":503}"#,
                Kind::Overloaded,
            ),
            (r#"{"error":{"code":401,"message":"x"}}"#, Kind::Auth),
        ] {
            let json = serde_json::from_str(json).unwrap();
            assert_eq!(Complaint::read(&json).unwrap().kind(), kind, "{json}");
        }
        let fine = serde_json::json!({"choices": [], "error": null});
        assert_eq!(Complaint::read(&fine), None);
    }

    #[test]
    fn a_text_is_one_short_line_without_the_key() {
        let complaint = Complaint {
            status: Some(401),
            code: "authentication_error".to_owned(),
            message: format!(
                "bad key sk-very-secret\r\n\u{1b}[31m\u{202e}now {}",
                "x".repeat(500)
            ),
        };
        let text = complaint.failure(&place(), "m").text;
        assert!(
            text.starts_with("anthropic refuses the key (401), set providers.anthropic.key: bad key ⟦secret:anthropic⟧ <U+202E>now xxx"),
            "{text}"
        );
        assert!(text.chars().count() <= MOST_CHARS && text.ends_with('…'));
        assert!(!text.contains("sk-very") && !text.chars().any(char::is_control));
    }

    #[test]
    fn waits_are_read_in_both_forms() {
        let date = Some("Wed, 21 Oct 2026 07:28:00 GMT");
        for (value, date, wanted) in [
            ("7", None, Some(7_000)),
            ("0.5", None, Some(1_000)),
            ("-1", None, None),
            ("soon", None, None),
            ("nan", None, None),
            ("1e99", None, Some(86_400_000)),
            ("Wed, 21 Oct 2026 07:28:09 GMT", date, Some(9_000)),
            ("Wed, 21 Oct 2026 07:27:09 GMT", date, Some(0)),
            ("Wed, 21 Oct 2099 07:28:00 GMT", date, Some(86_400_000)),
            ("Wed, 21 Oct 2099 07:28:00 GMT", None, None),
            ("Wed, 99 Oct 2099 07:28:00 GMT", date, None),
        ] {
            assert_eq!(retry_after_ms(value, date), wanted, "{value}");
        }
        assert_eq!(
            http_date("Tue, 29 Feb 2000 00:00:00 GMT"),
            Some(951_782_400)
        );
    }
}
