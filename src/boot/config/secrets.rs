//! What a key looks like, so that none is ever kept in a file.

use toml::de::DeValue;

/// Whether a key stands anywhere in a value.
#[must_use]
pub fn holds_secret(value: &DeValue<'_>) -> bool {
    match value {
        DeValue::String(text) => looks_like_secret(text),
        DeValue::Array(items) => items.iter().any(|item| holds_secret(item.get_ref())),
        DeValue::Table(table) => table.values().any(|item| holds_secret(item.get_ref())),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            false
        }
    }
}

/// Whether a text has the shape of a key that providers hand out.
#[must_use]
pub fn looks_like_secret(text: &str) -> bool {
    const PREFIXES: [&str; 16] = [
        "sk-",
        "sk_live_",
        "rk_live_",
        "pk-lf-",
        "ghp_",
        "gho_",
        "ghs_",
        "github_pat_",
        "glpat-",
        "xoxb-",
        "xoxp-",
        "AKIA",
        "AIza",
        "hf_",
        "gsk_",
        "xai-",
    ];
    if text.contains("-----BEGIN") && text.contains("PRIVATE KEY") {
        return true;
    }
    let words = text.split(|letter: char| letter.is_whitespace() || "\"'=:,;".contains(letter));
    words.into_iter().any(|word| {
        let body = |prefix: &&str| {
            word.strip_prefix(*prefix)
                .is_some_and(|rest| rest.len() >= 12)
        };
        let token = word.starts_with("eyJ") && word.matches('.').count() == 2 && word.len() > 40;
        PREFIXES.iter().any(body) || token
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_their_shape() {
        for text in [
            "sk-ant-api03-abcdefgh1234",
            "Bearer ghp_0123456789abcdef",
            "OPENAI_API_KEY=sk-proj-0123456789",
            "AKIA0123456789ABCDEF",
        ] {
            assert!(looks_like_secret(text), "{text}");
        }
        for text in [
            "anthropic/claude-sonnet-5-5",
            "cargo test",
            "sk-short",
            "env:ANTHROPIC_API_KEY",
        ] {
            assert!(!looks_like_secret(text), "{text}");
        }
    }
}
