//! Changing one setting in a file's text: everything else, comments too, stays as it is.

use std::ops::Range;

use toml_edit::{DocumentMut, Item, TableLike, Value as Written};

use super::value::Value;

/// A file's text in which no place for the setting is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEdit {
    /// The text is not TOML.
    #[error("the file is not valid TOML; correct it first")]
    Syntax,
    /// Something else stands where the setting or its section belongs.
    #[error("something else stands in its place; correct the file first")]
    Taken,
}

/// The text with `path` set to `value`.
///
/// # Errors
/// The text is not TOML, or something else stands in the setting's place.
pub fn set(text: &str, path: &[String], value: &Value) -> Result<String, BadEdit> {
    let mut document: DocumentMut = text.parse().map_err(|_| BadEdit::Syntax)?;
    let mut written: Written = value.to_string().parse().map_err(|_| BadEdit::Syntax)?;
    let (name, sections) = path.split_last().ok_or(BadEdit::Taken)?;
    let mut lead = String::new();
    if sections
        .first()
        .is_some_and(|head| !document.contains_key(head))
    {
        // What stands at the end of the file stays in front of a section that comes behind it.
        document
            .trailing()
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut lead);
        document.set_trailing("");
        if !document.is_empty() || !lead.is_empty() {
            lead.push('\n');
        }
    }
    let mut is_inline = false;
    let mut section: &mut dyn TableLike = document.as_table_mut();
    for (depth, part) in sections.iter().enumerate() {
        let is_last = depth + 1 == sections.len();
        let fresh = || {
            let mut table = toml_edit::Table::new();
            table.set_implicit(!is_last);
            if is_last {
                table.decor_mut().set_prefix(lead.as_str());
            }
            Item::Table(table)
        };
        let inside = section.entry(part).or_insert_with(fresh);
        is_inline = inside.is_inline_table();
        section = inside.as_table_like_mut().ok_or(BadEdit::Taken)?;
    }
    match section.get_mut(name) {
        Some(Item::Value(before)) => {
            *written.decor_mut() = before.decor().clone();
            *before = written;
        }
        Some(_) => return Err(BadEdit::Taken),
        None => {
            section.insert(name, Item::Value(written));
            if is_inline {
                section.fmt();
            }
        }
    }
    Ok(document.to_string())
}

/// The text without `path`; `None` where it does not stand there. Comments on lines of their own stay.
///
/// # Errors
/// The text is not TOML.
pub fn remove(text: &str, path: &[String]) -> Result<Option<String>, BadEdit> {
    if let Some(lines) = lines_of(text, path)? {
        let mut left = text.to_owned();
        left.replace_range(lines, "");
        return Ok(Some(left));
    }
    let mut document: DocumentMut = text.parse().map_err(|_| BadEdit::Syntax)?;
    let (name, sections) = path.split_last().ok_or(BadEdit::Taken)?;
    let mut section: &mut dyn TableLike = document.as_table_mut();
    let mut is_inline = false;
    for part in sections {
        let Some(inside) = section.get_mut(part) else {
            return Ok(None);
        };
        is_inline = inside.is_inline_table();
        let Some(inside) = inside.as_table_like_mut() else {
            return Ok(None);
        };
        section = inside;
    }
    let was_there = section.remove(name).is_some();
    if is_inline {
        section.fmt();
    }
    Ok(was_there.then(|| document.to_string()))
}

/// The bytes of the lines that hold the setting and nothing else; `None` where it is not there or shares its lines.
fn lines_of(text: &str, path: &[String]) -> Result<Option<Range<usize>>, BadEdit> {
    let document = toml_edit::Document::parse(text).map_err(|_| BadEdit::Syntax)?;
    let (name, sections) = path.split_last().ok_or(BadEdit::Taken)?;
    let mut section: &dyn TableLike = document.as_table();
    for part in sections {
        match section.get(part) {
            Some(Item::Table(inside)) => section = inside,
            _ => return Ok(None),
        }
    }
    let key = section.key(name).and_then(toml_edit::Key::span);
    let value = section.get(name).and_then(Item::span);
    Ok(key.zip(value).map(|(key, value)| {
        let before = text.get(..key.start).unwrap_or_default();
        let behind = text.get(value.end..).unwrap_or_default();
        let length = behind.find('\n').map_or(behind.len(), |end| end + 1);
        before.rfind('\n').map_or(0, |end| end + 1)..value.end + length
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Money;

    fn path() -> Vec<String> {
        ["budget", "sprint"].map(str::to_owned).to_vec()
    }

    #[test]
    fn one_value_changes_and_the_rest_stays() {
        let seven = Value::Money(Money::dollars(7));
        let cases = [
            ("", "[budget]\nsprint = \"7.00\"\n"),
            (
                "# mine\n[budget] # money\ntask = \"1\" # one\n\n[gates]\n",
                "# mine\n[budget] # money\ntask = \"1\" # one\nsprint = \"7.00\"\n\n[gates]\n",
            ),
            (
                "[budget]\nsprint = \"5\" # why\n",
                "[budget]\nsprint = \"7.00\" # why\n",
            ),
            ("budget.sprint = 5\n", "budget.sprint = \"7.00\"\n"),
            (
                "[display]\nmouse = true\n",
                "[display]\nmouse = true\n\n[budget]\nsprint = \"7.00\"\n",
            ),
            (
                "# mine\n[gates]\n# push = \"deny\"\n",
                "# mine\n[gates]\n# push = \"deny\"\n\n[budget]\nsprint = \"7.00\"\n",
            ),
            ("# mine\n", "# mine\n\n[budget]\nsprint = \"7.00\"\n"),
            (
                "budget = { task = \"1\" }\n",
                "budget = { task = \"1\", sprint = \"7.00\" }\n",
            ),
        ];
        for (before, after) in cases {
            assert_eq!(set(before, &path(), &seven).as_deref(), Ok(after));
        }
        assert_eq!(set("[budget\n", &path(), &seven), Err(BadEdit::Syntax));
        assert_eq!(set("budget = 1\n", &path(), &seven), Err(BadEdit::Taken));
        assert_eq!(
            set("[budget.sprint]\n", &path(), &seven),
            Err(BadEdit::Taken)
        );
    }

    #[test]
    fn names_with_dots_are_quoted_and_read_back() {
        let path = ["prices", "openai/gpt-5.4", "input"].map(str::to_owned);
        let text = set("", &path, &Value::Text("0.15".to_owned())).unwrap();
        assert_eq!(text, "[prices.\"openai/gpt-5.4\"]\ninput = \"0.15\"\n");
        assert_eq!(
            remove(&text, &path).unwrap().as_deref(),
            Some("[prices.\"openai/gpt-5.4\"]\n")
        );
    }

    #[test]
    fn a_line_that_is_taken_out_takes_nothing_along() {
        let text = "# mine\n[budget]\ntask = \"1\" # one\nsprint = \"5\"\n# end\n";
        assert_eq!(
            remove(text, &path()).unwrap().as_deref(),
            Some("# mine\n[budget]\ntask = \"1\" # one\n# end\n")
        );
        for (text, left) in [
            (
                "[budget]\n# task = 1\nsprint = 5 # why\n",
                "[budget]\n# task = 1\n",
            ),
            ("# a\nbudget.sprint = 5", "# a\n"),
            (
                "budget = { task = 1, sprint = 5 }\n",
                "budget = { task = 1 }\n",
            ),
        ] {
            assert_eq!(remove(text, &path()).unwrap().as_deref(), Some(left));
        }
        for without in ["", "[budget]\n", "budget = 1\n"] {
            assert_eq!(remove(without, &path()), Ok(None), "{without}");
        }
        assert_eq!(remove("=", &path()), Err(BadEdit::Syntax));
    }
}
