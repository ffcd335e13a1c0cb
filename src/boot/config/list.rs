//! Settings as people and scripts read them: `aios config list`, `get`, `check`.

use serde_json::{Value as Json, json};

use super::layers::{Effective, Setting};
use super::value::Value;
use crate::base::text::SafeText;

/// A dotted name; parts that hold dots or slashes are quoted.
#[must_use]
pub fn name(path: &[String]) -> String {
    let bare = |part: &str| {
        part.chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
    };
    let parts: Vec<String> = path
        .iter()
        .map(|part| {
            if bare(part) {
                part.clone()
            } else {
                toml::Value::String(part.clone()).to_string()
            }
        })
        .collect();
    parts.join(".")
}

/// In the order of the table, then by name.
fn ordered(layers: &Effective) -> Vec<(String, &Setting)> {
    let mut found = Vec::new();
    for key in &layers.table.keys {
        let of_key = layers.settings.iter().filter(|(path, _)| key.matches(path));
        found.extend(of_key.map(|(path, setting)| (name(path), setting)));
    }
    found
}

/// One line a setting, in columns.
#[must_use]
pub fn text(layers: &Effective, with_origin: bool) -> String {
    let rows = ordered(layers);
    let widest = |of: &dyn Fn(&(String, &Setting)) -> usize| rows.iter().map(of).max().unwrap_or(0);
    let names = widest(&|(name, _)| name.chars().count());
    let values = widest(&|(_, setting)| setting.value.to_string().chars().count()).min(40);
    let mut out = String::new();
    for (name, setting) in &rows {
        let value = setting.value.to_string();
        let line = if with_origin {
            format!("{name:<names$}  {value:<values$}  {}", setting.origin)
        } else {
            format!("{name:<names$}  {value}")
        };
        out.push_str(SafeText::line(line.trim_end()).as_str());
        out.push('\n');
    }
    out
}

/// One object: `{"settings":[{"name","value","layer","file","line"}]}`.
#[must_use]
pub fn json(layers: &Effective) -> Json {
    let rows = ordered(layers)
        .into_iter()
        .map(|(name, setting)| object(&name, setting));
    json!({ "settings": rows.collect::<Vec<_>>() })
}

/// One setting as an object.
#[must_use]
pub fn object(name: &str, setting: &Setting) -> Json {
    let value = match &setting.value {
        Value::Text(text) => json!(text),
        Value::Truth(truth) => json!(truth),
        Value::Whole(number) => json!(number),
        Value::Ratio(thousandths) => json!(f64::from(*thousandths) / 1000.0),
        Value::Money(_) => json!(setting.value.to_string().trim_matches('"')),
        Value::List(items) => json!(items),
    };
    let at = setting.origin.position.as_ref();
    json!({
        "name": name,
        "value": value,
        "layer": setting.origin.layer.to_string(),
        "file": at.map(|at| at.file.display().to_string()),
        "line": at.map(|at| at.line),
        "from": setting.origin.name,
    })
}
