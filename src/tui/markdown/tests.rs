//! Forms, splits and hostile texts.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::base::text;
use crate::tui::highlight::Painter;
use crate::tui::theme::Token;

fn document(text: &str, width: u16) -> Document {
    let mut document = Document::default();
    document.set(text, width, &mut Names::default());
    document
}

fn said(row: &Row) -> String {
    row.iter().map(|piece| &*piece.text).collect()
}

fn shown(text: &str, width: u16) -> Vec<String> {
    document(text, width).rows().map(said).collect()
}

fn token(document: &Document, word: &str) -> Option<Token> {
    let mut pieces = document.rows().flatten();
    let found = pieces.find(|piece| piece.text.contains(word));
    found.map(|piece| piece.token)
}

const EVERYTHING: &str = "\
# Totals
I keep **totals** in *integer* `cents`, and convert [late](https://a.example/late).

1. read the code
   - the cart
   - the tax, which is in a file of its own
2. write

> a quote
> of two lines

Run it:

```rust
fn total() -> u64 { 0 }
```

---
| name | sum |
|------|----:|
| cart | 12 |
| a long name | 1 |
";

#[test]
fn every_form_has_its_rows() {
    let expected = [
        "Totals",
        "I keep totals in integer cents, and",
        "convert late (https://a.example/late).",
        "",
        "1. read the code",
        "   · the cart",
        "   · the tax, which is in a file of its",
        "     own",
        "2. write",
        "",
        "› a quote",
        "› of two lines",
        "",
        "Run it:",
        "",
        "│ fn total() -> u64 { 0 }",
        "",
        "────────────────────────────────────────",
        "name        │ sum",
        "────────────┼────",
        "cart        │  12",
        "a long name │   1",
    ];
    assert_eq!(shown(EVERYTHING, 40), expected);
    let document = document(EVERYTHING, 40);
    for (word, expected) in [
        ("Totals", Token::Title),
        ("totals", Token::TextStrong),
        ("integer", Token::TextEmphasis),
        ("cents", Token::TextCode),
        ("late", Token::Link),
        ("https", Token::Dim),
        ("name", Token::Title),
    ] {
        assert_eq!(token(&document, word), Some(expected), "{word}");
    }
}

#[test]
fn words_are_broken_between_words_and_long_ones_anywhere() {
    assert_eq!(
        shown("one **two three** four", 9),
        ["one two", "three", "four"]
    );
    assert_eq!(shown("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
    assert_eq!(shown("世界 世界", 5), ["世界", "世界"]);
    assert_eq!(shown("a\nb", 9), ["a", "b"]);
    assert_eq!(shown("x", 0), ["x"]);
}

#[test]
fn tables_are_cut_to_the_width() {
    let wide = "|one|a longer column|three|\n|-|-|-|\n|1|what is said here is long|3|";
    assert_eq!(
        shown(wide, 24),
        [
            "one │ a longer … │ three",
            "────┼────────────┼──────",
            "1   │ what is s… │ 3"
        ]
    );
    assert_eq!(
        shown(wide, 14),
        ["one │ a lon… …", "────┼───────", "1   │ what … …"]
    );
    for width in 1..40 {
        let rows = shown(wide, width);
        let widest = rows.iter().map(|row| text::width(row)).max();
        assert!(
            widest <= Some(usize::from(width).max(2)),
            "{width}: {rows:#?}"
        );
    }
}

#[test]
fn nothing_is_hidden_and_nothing_gets_through() {
    let rows = shown(
        "[a]: https://x.example\n<!-- secret -->\n<b>bold</b> &#27;[2J &#x202e; ok",
        60,
    );
    let all = rows.join("\n");
    for part in [
        "[a]: https://x.example",
        "<!-- secret -->",
        "<b>bold</b>",
        "<U+202E>",
        "ok",
    ] {
        assert!(all.contains(part), "{part}: {all}");
    }
    assert!(!all.contains('\u{1b}') && !all.contains('\u{202e}'));
    assert_eq!(
        shown("[one](\"&#27;]8;;x\") **open `code", 60)
            .concat()
            .find('\u{1b}'),
        None
    );
}

#[test]
fn code_in_a_list_stays_in_it_and_gets_its_colours() {
    let text = "1. do\n\n   ```rust\n   fn one() {}\n   ```\n\n   then this\n";
    let mut document = document(text, 30);
    let rows: Vec<String> = document.rows().map(said).collect();
    assert_eq!(rows, ["1. do", "", "   │ fn one() {}", "", "   then this"]);
    let jobs: Vec<Job> = document.wanted().collect();
    assert_eq!(jobs.len(), 1);
    assert_eq!(document.wanted().count(), 0, "asked for once");
    let mut painter = Painter::default();
    let mut other = painter.paint(&jobs[0]);
    other.key.chunk = 7;
    assert!(!document.coloured(&other));
    assert!(document.coloured(&painter.paint(&jobs[0])));
    assert_eq!(token(&document, "fn"), Some(Token::SynKeyword));
    assert_eq!(document.wanted().count(), 0, "all lines have their colours");
}

#[test]
fn colours_follow_code_that_grows() {
    let mut names = Names::default();
    let (mut document, mut painter) = (Document::default(), Painter::default());
    let mut text = "```rs\n".to_owned();
    let mut jobs = 0;
    for line in 0..80 {
        writeln!(text, "let a{line} = 1;").unwrap();
        document.set(&text, 40, &mut names);
        let asked: Vec<Job> = document.wanted().collect();
        jobs += asked.len();
        for job in asked {
            assert!(job.lines.len() <= 32);
            assert!(document.coloured(&painter.paint(&job)));
        }
    }
    assert_eq!(jobs, 80);
    let keywords = document
        .rows()
        .flatten()
        .filter(|piece| piece.token == Token::SynKeyword);
    assert_eq!(keywords.count(), 80);
}

/// Texts that someone may write who wants to see this program stand still.
fn hostile() -> Vec<String> {
    let columns = 500;
    vec![
        "x".repeat(1 << 20),
        "word ".repeat(200_000),
        format!("```\n{}", "y".repeat(1 << 20)),
        "> ".repeat(100_000),
        "- ".repeat(100_000),
        "[".repeat(100_000),
        "*a ".repeat(60_000),
        "`".repeat(100_000),
        "<".repeat(50_000),
        "![".repeat(50_000),
        "|\n".repeat(50_000),
        format!(
            "{}|\n{}|\n{}",
            "|a".repeat(columns),
            "|-".repeat(columns),
            format!("{}|\n", "|b".repeat(columns)).repeat(100)
        ),
        "```\n````\n~~~\n``` `\n".repeat(5_000),
        "世".repeat(100_000),
        "e\u{301}".repeat(50_000),
        "&#27;".repeat(20_000),
        "1. a\n".repeat(20_000),
        "\n".repeat(100_000),
    ]
}

#[test]
fn hostile_texts_stay_within_their_room() {
    for text in hostile() {
        let start = text.chars().take(20).collect::<String>();
        let narrow: String = text.chars().take(2_000).collect();
        for (text, width) in [(text, 30), (narrow, 1)] {
            let document = document(&text, width);
            let open = document.source.len() - document.start;
            assert!(open <= MOST, "{start:?} leaves {open} bytes open");
            for row in document.rows() {
                let row = said(row);
                assert!(!row.chars().any(char::is_control), "{start:?}");
                assert!(
                    width == 1 || text::width(&row) <= usize::from(width),
                    "{start:?}: {row:?}"
                );
            }
        }
    }
}

const FRAGMENTS: &[&str] = &[
    "# a\n",
    "word ",
    "**bold",
    "** ",
    "*",
    "`",
    "```",
    "```rs\n",
    "\n```\n",
    "~~~\n",
    "\n",
    "\n\n",
    "- item\n",
    "  - inner\n",
    "1. one\n",
    "    ",
    "> quote\n",
    "|a|b|\n|-|-|\n|1|2|\n",
    "[x](y)",
    "[x]: y\n",
    "---\n",
    "<b>",
    "世界 ",
    "&amp;",
    "\\",
    "fn main() {}\n",
    "é",
    " ",
    "===\n",
];

/// Numbers that look random and are the same every time.
fn numbers(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    }
}

/// Streams a text in parts that `next` cuts, and compares it with the whole.
fn assert_streams(text: &str, width: u16, mut next: impl FnMut(usize) -> usize) {
    let mut names = Names::default();
    let mut streamed = Document::default();
    let mut end = 0;
    while end < text.len() {
        end = super::boundary(text, end + 4 + next(40));
        streamed.set(text.get(..end).unwrap(), width, &mut names);
    }
    let whole = document(text, width);
    let rows: Vec<&Row> = streamed.rows().collect();
    assert_eq!(rows, whole.rows().collect::<Vec<_>>(), "{text:?}");
    assert_eq!(streamed.count(), rows.len());
}

#[test]
fn long_texts_are_the_same_in_any_split() {
    for seed in 0..8 {
        let mut next = numbers(seed);
        let mut text = String::new();
        while text.len() < 3 * MOST {
            text.push_str(FRAGMENTS[next(FRAGMENTS.len())]);
            if next(60) == 0 {
                text.push_str(&"long".repeat(next(MOST)));
            }
        }
        let text = crate::base::text::SafeText::block(&text).into_string();
        assert_streams(&text, 37, |below| next(below * 20));
    }
}

proptest! {
    #[test]
    fn any_split_gives_the_same_rows(
        parts in prop::collection::vec(prop::sample::select(FRAGMENTS), 0..40),
        seed in any::<u64>(),
        width in 1..60_u16,
    ) {
        assert_streams(&parts.concat(), width, numbers(seed));
    }
}
