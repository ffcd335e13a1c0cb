//! Reading Rust source as text: what is code, what is a comment, what is compiled for tests only. No grammar beyond that.

/// One file of the tree and what is left of it without comments, texts and test code.
pub(crate) struct Source {
    /// Path from the root of the repository, with `/`.
    pub(crate) path: String,
    /// The file as it is.
    pub(crate) text: String,
    /// The file with comments and the contents of texts blanked out; lines stay where they were.
    pub(crate) code: String,
    /// `code` without what stands under `#[cfg(test)]`.
    pub(crate) production: String,
    /// Module paths of the files that it declares under `#[cfg(test)]`.
    pub(crate) test_modules: Vec<Vec<String>>,
}

impl Source {
    /// Takes a file apart.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = without_comments(text);
        let (production, declared) = without_tests(text, &code);
        let test_modules = declared.iter().map(|file| file.module(path)).collect();
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            production,
            test_modules,
        }
    }

    /// The module path below the crate: `src/engine/core/feed.rs` is `engine::core::feed`.
    pub(crate) fn module(&self) -> Vec<String> {
        module(&self.path)
    }
}

fn module(path: &str) -> Vec<String> {
    let path = path.strip_prefix("src/").unwrap_or(path);
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// How a file of tests is declared: by its module's name, or by its path beside the file that declares it.
enum Declared {
    Named(String),
    Beside(String),
}

impl Declared {
    fn module(&self, by: &str) -> Vec<String> {
        match self {
            Self::Named(name) => {
                let mut path = module(by);
                path.push(name.clone());
                path
            }
            Self::Beside(file) => {
                let folder = by.rsplit_once('/').map_or("", |(folder, _)| folder);
                module(&format!("{folder}/{file}"))
            }
        }
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Blanks out `count` letters; line ends stay.
fn blank(out: &mut String, letters: &[char]) {
    out.extend(
        letters
            .iter()
            .map(|letter| if *letter == '\n' { '\n' } else { ' ' }),
    );
}

/// Blanks comments and the contents of texts and letters.
fn without_comments(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(rest) = letters.get(at..).filter(|rest| !rest.is_empty()) {
        let before = at.checked_sub(1).and_then(|last| letters.get(last));
        let inside_word = before.is_some_and(|letter| is_word(*letter));
        let length = comment(rest).or_else(|| literal(rest, inside_word));
        if let Some(length) = length {
            blank(&mut out, rest.get(..length).unwrap_or(rest));
            at += length;
        } else {
            out.extend(rest.first());
            at += 1;
        }
    }
    out
}

/// Length of the comment that begins here.
fn comment(rest: &[char]) -> Option<usize> {
    match rest {
        ['/', '/', ..] => Some(
            rest.iter()
                .position(|letter| *letter == '\n')
                .unwrap_or(rest.len()),
        ),
        ['/', '*', ..] => {
            let mut depth = 0_usize;
            let mut at = 0;
            while let Some(pair) = rest.get(at..at + 2) {
                match pair {
                    ['/', '*'] => depth += 1,
                    ['*', '/'] => depth -= 1,
                    _ => {
                        at += 1;
                        continue;
                    }
                }
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            Some(rest.len())
        }
        _ => None,
    }
}

/// Length of the text or letter that begins here.
fn literal(rest: &[char], inside_word: bool) -> Option<usize> {
    match rest {
        ['"', ..] => Some(quoted(rest)),
        ['\'', '\\', _, tail @ ..] => tail
            .iter()
            .position(|letter| *letter == '\'')
            .map(|n| n + 4),
        ['\'', _, '\'', ..] => Some(3),
        ['r' | 'b' | 'c', ..] if !inside_word => {
            let prefix = rest
                .iter()
                .take_while(|letter| matches!(letter, 'r' | 'b' | 'c'))
                .count();
            let raw = rest.get(..prefix)?.contains(&'r');
            let hashes = rest
                .get(prefix..)?
                .iter()
                .take_while(|letter| **letter == '#')
                .count();
            let open = rest.get(prefix + hashes)?;
            if *open != '"' || prefix > 2 || (hashes > 0 && !raw) {
                return None;
            }
            if !raw {
                return Some(prefix + quoted(rest.get(prefix..)?));
            }
            let mut close = vec!['"'];
            close.extend(std::iter::repeat_n('#', hashes));
            let body = prefix + hashes + 1;
            let end = rest
                .get(body..)?
                .windows(close.len())
                .position(|window| window == close);
            Some(end.map_or(rest.len(), |end| body + end + close.len()))
        }
        _ => None,
    }
}

/// Length of a text in quotes, escapes honoured.
fn quoted(rest: &[char]) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.iter().enumerate().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Blanks every item under `#[cfg(test)]` and names the modules that it declares in other files.
fn without_tests(text: &str, code: &str) -> (String, Vec<Declared>) {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut files = Vec::new();
    let mut rest = code;
    while let Some((before, after)) = rest.split_once(MARK) {
        out.push_str(before);
        let begins = code.chars().count() - after.chars().count();
        let length = item_length(after);
        let item: String = after.chars().take(length).collect();
        let written: String = text.chars().skip(begins).take(length).collect();
        files.extend(declared(&item, &written));
        blank(&mut out, &item.chars().collect::<Vec<char>>());
        rest = after.get(item.len()..).unwrap_or("");
    }
    out.push_str(rest);
    (out, files)
}

/// The file that a `mod name;` means; `item` is its code, `written` the same with its texts.
fn declared(item: &str, written: &str) -> Option<Declared> {
    let mut words = item
        .split(|letter: char| !is_word(letter))
        .filter(|word| !word.is_empty());
    let name = words
        .find(|word| *word == "mod")
        .and_then(|_| words.next())?;
    if !item.ends_with(';') {
        return None;
    }
    let beside = written
        .split_once("#[path = \"")
        .and_then(|(_, rest)| rest.split('"').next());
    Some(match beside {
        Some(file) => Declared::Beside(file.to_owned()),
        None => Declared::Named(name.to_owned()),
    })
}

/// Letters until the item that begins here ends: its `;`, or the brace that closes it.
fn item_length(code: &str) -> usize {
    let mut depth = 0_usize;
    for (at, letter) in code.chars().enumerate() {
        match letter {
            '{' | '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            ';' | ',' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.chars().count()
}

/// A function of a file: its name, its first line (from 1) and how many lines of code it has.
#[derive(Debug, PartialEq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

/// Every function with a body, nested ones too.
pub(crate) fn functions(code: &str) -> Vec<Function> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((head, tail)) = line.split_once("fn ") else {
            continue;
        };
        let name: String = tail.chars().take_while(|letter| is_word(*letter)).collect();
        if head.chars().last().is_some_and(is_word) || name.is_empty() {
            continue;
        }
        let rest = lines.get(at..).unwrap_or_default().join("\n");
        let rest = rest.get(head.len()..).unwrap_or("");
        let item: String = rest.chars().take(item_length(rest)).collect();
        if !item.ends_with('}') {
            continue;
        }
        found.push(Function {
            name,
            line: at + 1,
            lines: item.lines().filter(|line| !line.trim().is_empty()).count(),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_texts_and_letters_are_no_code() {
        let text =
            "a /* b /* c */ d */ e // f\n\"g \\\" h\" r#\"i \" j\"# 'k' '\\n' 'life b\"l\" for_r m";
        let code = without_comments(text);
        let words: Vec<&str> = code.split_whitespace().collect();
        assert_eq!(words, ["a", "e", "'life", "for_r", "m"]);
        assert_eq!(code.lines().count(), 2);
        assert_eq!(code.chars().count(), text.chars().count());
    }

    #[test]
    fn test_code_is_blanked_and_its_files_are_named() {
        let source = Source::new(
            "src/a/mod.rs",
            "fn kept() {}\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\n#[path = \"more.rs\"]\nmod m;\n#[cfg(test)]\nmod inner { fn gone() {} }\nfn also() {}\n",
        );
        assert_eq!(source.test_modules, [vec!["a", "tests"], vec!["a", "more"]]);
        let words: Vec<&str> = source.production.split_whitespace().collect();
        assert_eq!(words, ["fn", "kept()", "{}", "fn", "also()", "{}"]);
        assert_eq!(
            source.production.lines().count(),
            source.text.lines().count()
        );
    }

    #[test]
    fn functions_are_measured_without_blank_lines() {
        let code = "impl A {\n    fn one(\n        a: [u8; 2],\n    ) {\n\n        b();\n    }\n    fn none();\n}\n";
        let expected = Function {
            name: "one".to_owned(),
            line: 2,
            lines: 5,
        };
        assert_eq!(functions(code), [expected]);
    }
}
