//! Replacing one exact, unique text by another, as a pure function. Line ends do not count when the place is looked for, and what comes in
//! gets those of the file. When the text is not there, says what is nearest to it.

use std::fmt::Write as _;

/// Lines of a file that are compared with a text that was not found.
const COMPARED_LINES: usize = 20_000;
/// Near places that are shown.
const NEAR_PLACES: usize = 3;
/// Line numbers given for a text that occurs more than once.
const PLACES: usize = 20;

/// A text after its edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edited {
    /// All of it.
    pub(super) text: String,
    /// The first line that changed, from 1.
    pub(super) first_line: usize,
    /// How many lines the new text touches.
    pub(super) lines: usize,
}

/// Why nothing was replaced, in words for the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Miss {
    #[error(
        "old is empty. Quote the text to replace; to insert, quote a neighbouring line and give it back in new with the addition"
    )]
    Empty,
    #[error("old and new are equal, so nothing was changed")]
    Equal,
    #[error("old occurs 0 times{0}")]
    Nowhere(String),
    #[error(
        "old occurs {count} times, at lines {lines}. Quote more lines before or after it until it is unique"
    )]
    Several { count: usize, lines: String },
}

/// Replaces `old` by `new`.
pub(super) fn replace(text: &str, old: &str, new: &str) -> Result<Edited, Miss> {
    let file = Lines::of(text);
    let (old, new) = (old.replace("\r\n", "\n"), new.replace("\r\n", "\n"));
    if old.is_empty() {
        return Err(Miss::Empty);
    }
    if old == new {
        return Err(Miss::Equal);
    }
    let mut places = overlapping(&file.plain, &old);
    let Some(start) = places.next() else {
        return Err(Miss::Nowhere(nearest(&file.plain, &old)));
    };
    if places.next().is_some() {
        return Err(several(&file.plain, &old));
    }
    let (before, rest) = file.plain.split_at(start);
    let after = rest.get(old.len()..).unwrap_or_default();
    let first_line = before.matches('\n').count() + 1;
    let touched = new.strip_suffix('\n').unwrap_or(&new);
    let result = Edited {
        first_line,
        lines: touched.matches('\n').count() + 1,
        text: file.with_ends(before, &old, &new, after),
    };
    Ok(result)
}

/// A text with its line ends set aside.
struct Lines {
    /// With `\n` only.
    plain: String,
    /// For each line end of `plain`: whether it was `\r\n`.
    returns: Vec<bool>,
}

impl Lines {
    fn of(text: &str) -> Self {
        let ends = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        Self {
            returns: ends.map(|line| line.ends_with("\r\n")).collect(),
            plain: text.replace("\r\n", "\n"),
        }
    }

    /// Puts the ends back: kept lines keep theirs, new lines get that of the place.
    fn with_ends(&self, before: &str, old: &str, new: &str, after: &str) -> String {
        if !self.returns.contains(&true) {
            return [before, new, after].concat();
        }
        let count = before.matches('\n').count();
        let behind = count + old.matches('\n').count();
        let nearby = self.returns.get(count).or_else(|| self.returns.last());
        let style = nearby.copied().unwrap_or(false);
        let mut out = String::new();
        push(&mut out, before, self.returns.iter().copied());
        push(&mut out, new, std::iter::repeat(style));
        push(&mut out, after, self.returns.iter().skip(behind).copied());
        out
    }
}

fn push(out: &mut String, text: &str, mut returns: impl Iterator<Item = bool>) {
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(body) if returns.next() == Some(true) => {
                out.push_str(body);
                out.push_str("\r\n");
            }
            _ => out.push_str(line),
        }
    }
}

/// All places, those too that overlap: `aa` occurs twice in `aaa`.
fn overlapping<'a>(text: &'a str, wanted: &'a str) -> impl Iterator<Item = usize> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text.get(from..)?.find(wanted)?;
        let step = text.get(start..)?.chars().next().map_or(1, char::len_utf8);
        from = start + step;
        Some(start)
    })
}

fn several(text: &str, old: &str) -> Miss {
    let mut lines = Vec::new();
    let mut count = 0;
    let (mut line, mut seen) = (1, 0);
    for start in overlapping(text, old) {
        count += 1;
        if count <= PLACES {
            line += text
                .get(seen..start)
                .unwrap_or_default()
                .matches('\n')
                .count();
            seen = start;
            lines.push(line.to_string());
        }
    }
    if count > PLACES {
        lines.push("…".to_owned());
    }
    let lines = lines.join(", ");
    Miss::Several { count, lines }
}

/// What the text may have meant: the same lines with other spaces, or lines that are alike.
fn nearest(text: &str, old: &str) -> String {
    let lines: Vec<&str> = text.lines().take(COMPARED_LINES).collect();
    let wanted: Vec<&str> = old.trim_matches('\n').lines().map(str::trim).collect();
    let same_but_spaces = lines.windows(wanted.len().max(1)).position(|window| {
        let trimmed = window.iter().map(|line| line.trim());
        trimmed.eq(wanted.iter().copied()) && wanted.iter().any(|line| !line.is_empty())
    });
    if let Some(at) = same_but_spaces {
        let shown = numbered(&lines, at, wanted.len().min(40));
        return format!(
            ". These lines differ from it only in spaces; quote them as they are (without number and tab):\n{shown}"
        );
    }
    let longest = wanted.iter().copied().max_by_key(|line| line.len());
    let longest = longest.filter(|line| line.len() >= 3 && line.len() <= 400);
    let near = longest.map_or_else(Vec::new, |line| near_lines(&lines, line));
    if near.is_empty() {
        return ", and no line is like it. Read the file again".to_owned();
    }
    let mut out = ". The nearest lines are:\n".to_owned();
    for at in near {
        out.push_str(&numbered(&lines, at.saturating_sub(1), 3));
    }
    out.push_str("Read the place again and quote it exactly, without number and tab.");
    out
}

fn near_lines(lines: &[&str], wanted: &str) -> Vec<usize> {
    let trimmed: Vec<&str> = lines
        .iter()
        .map(|line| line.trim())
        .filter(|line| line.len() <= 400)
        .collect();
    let close = similar::get_close_matches(wanted, &trimmed, NEAR_PLACES, 0.6);
    let mut found: Vec<usize> = close
        .iter()
        .filter_map(|near| lines.iter().position(|line| line.trim() == *near))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Lines as `read_file` gives them: number, tab, text.
pub(super) fn numbered(lines: &[&str], from: usize, count: usize) -> String {
    let mut out = String::new();
    for (at, line) in lines.iter().enumerate().skip(from).take(count) {
        let _ = writeln!(out, "{}\t{line}", at + 1);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_replaced() {
        let edited = replace("a\nb\nc\n", "b\n", "x\ny\n").unwrap();
        assert_eq!(edited.text, "a\nx\ny\nc\n");
        assert_eq!((edited.first_line, edited.lines), (2, 2));
        assert_eq!(replace("only", "only", "").unwrap().text, "");
        assert_eq!(replace("ärger", "är", "Är").unwrap().text, "Ärger");
    }

    #[test]
    fn line_ends_of_the_file_stay() {
        let cases = [
            ("a\r\nb\r\nc\r\n", "a\nb", "x\ny\nz", "x\r\ny\r\nz\r\nc\r\n"),
            ("a\r\nb\r\nc\r\n", "b", "b1\nb2", "a\r\nb1\r\nb2\r\nc\r\n"),
            ("a\nb\n", "a\r\nb", "x\r\ny", "x\ny\n"),
            ("a\r\nb\nc\r\n", "b", "x", "a\r\nx\nc\r\n"),
            ("a\r\nb", "b", "x\ny", "a\r\nx\r\ny"),
            ("a\nb\r\nc\n", "b\nc", "c", "a\nc\n"),
        ];
        for (text, old, new, expected) in cases {
            let edited = replace(text, old, new).unwrap().text;
            assert_eq!(edited, expected, "{text:?}: {old:?} by {new:?}");
        }
    }

    #[test]
    fn misses_say_what_to_do() {
        let say = |text: &str, old: &str| replace(text, old, "new").unwrap_err().to_string();
        assert!(say("x\nx\n", "x").starts_with("old occurs 2 times, at lines 1, 2."));
        assert!(say("aaa", "aa").starts_with("old occurs 2 times, at lines 1, 1."));
        assert!(say("a", "").starts_with("old is empty"));
        let spaces = say("fn a() {\n\treturn 1;\n}\n", "fn a() {\n    return 1;\n}");
        assert!(spaces.contains("only in spaces"), "{spaces}");
        assert!(spaces.contains("2\t\treturn 1;"), "{spaces}");
        let near = say("let one = 1;\nlet total = 10;\nend\n", "let total = 11;");
        assert!(near.contains("2\tlet total = 10;"), "{near}");
        assert!(say("abc\n", "zzzzzzzz").contains("no line is like it"));
        assert_eq!(replace("a", "a", "a"), Err(Miss::Equal));
    }

    #[test]
    fn many_places_are_counted_and_not_all_listed() {
        let Err(Miss::Several { count, lines }) = replace(&"x\n".repeat(500), "x", "y") else {
            panic!("expected several");
        };
        assert_eq!(count, 500);
        assert!(lines.ends_with("20, …"), "{lines}");
    }

    proptest::proptest! {
        #[test]
        fn an_edit_can_be_taken_back(
            before in "[ab\\r\\n]{0,12}",
            old in "[ab]{1,3}",
            after in "[ab\\r\\n]{0,12}",
        ) {
            let text = [before.as_str(), &old, &after].concat();
            if let Ok(edited) = replace(&text, &old, "XX") {
                let back = replace(&edited.text, "XX", &old).unwrap();
                proptest::prop_assert_eq!(back.text, text);
            }
        }
    }
}
