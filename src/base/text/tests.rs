//! The hostile corpus, whole and in every split; tables for measuring; properties of both.

use proptest::prelude::*;
use serde::Deserialize;

use super::{Form, SafeText, Sanitizer, clip, clip_with, first_line, hidden, pad, width, wrap};

const FORMS: [Form; 3] = [Form::Line, Form::Block, Form::Exact];

/// Letters of right-to-left scripts are text, not controls; keeping them in their cells is the screen's work.
const NOT_APPLICABLE: [&str; 1] = ["Hebrew and digits reorder amount"];

#[derive(Deserialize)]
struct Case {
    category: String,
    desc: String,
    text: Option<String>,
    bytes_hex: Option<String>,
    chunks: Option<Vec<String>>,
}

fn corpus() -> Vec<Case> {
    include_str!("../../../tests/fixtures/terminal_injection.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn bytes_of(case: &Case) -> Vec<u8> {
    match (&case.text, &case.bytes_hex, &case.chunks) {
        (Some(text), _, _) => text.clone().into_bytes(),
        (_, Some(hex), _) => hex
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect(),
        (_, _, Some(chunks)) => chunks.concat().into_bytes(),
        (None, None, None) => panic!("a case without text: {}", case.desc),
    }
}

fn in_parts(form: Form, parts: &[&[u8]]) -> String {
    let mut sanitizer = Sanitizer::new(form);
    let mut out: String = parts
        .iter()
        .map(|part| sanitizer.push_bytes(part))
        .collect();
    out.push_str(&sanitizer.finish());
    out
}

fn assert_clean(out: &str, form: Form, what: &str) {
    for c in out.chars() {
        let is_line_end = c == '\n' && form != Form::Line;
        assert!(!c.is_control() || is_line_end, "{what}: {c:?} in {out:?}");
        let may_stay = matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}');
        assert!(
            may_stay || !hidden::is_hidden(c) && !hidden::is_false_space(c),
            "{what}: {c:?} in {out:?}"
        );
    }
}

#[test]
fn the_corpus_is_harmless_in_every_split() {
    for case in corpus() {
        let bytes = bytes_of(&case);
        for form in FORMS {
            let whole = in_parts(form, &[&bytes]);
            assert_clean(&whole, form, &case.desc);
            let each: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(in_parts(form, &each), whole, "{} per byte", case.desc);
            // Splits of the longest cases repeat themselves.
            for at in 0..bytes.len().min(400) {
                let (head, tail) = bytes.split_at(at);
                assert_eq!(
                    in_parts(form, &[head, tail]),
                    whole,
                    "{} at {at}",
                    case.desc
                );
            }
        }
    }
}

#[test]
fn hidden_characters_of_the_corpus_are_marked_or_gone() {
    let mut marked = 0;
    for case in corpus() {
        let is_meant = matches!(case.category.as_str(), "bidi" | "invisible");
        if !is_meant || NOT_APPLICABLE.contains(&case.desc.as_str()) {
            continue;
        }
        let text = case.text.unwrap();
        let exact = SafeText::exact(&text);
        assert!(exact.as_str().contains("<U+"), "{}: {exact}", case.desc);
        let shown = SafeText::line(&text);
        assert_ne!(shown.as_str(), text, "{}", case.desc);
        marked += 1;
    }
    assert!(marked > 10);
}

#[test]
fn bytes_that_are_no_text_stay_readable() {
    let table: [(&[u8], &str); 5] = [
        (b"a\0b\0", "a\\x00b\\x00"),
        (b"AB\x9d0;t\x07", "AB\\x9d0;t\\x07"),
        (b"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"),
        (b"ab\xef\xbb\xbfcd", "ab<U+FEFF>cd"),
        (b"cut \xe2\x82", "cut \\xe2\\x82"),
    ];
    for (bytes, shown) in table {
        assert_eq!(SafeText::from_bytes(bytes).as_str(), shown);
    }
}

#[test]
fn each_form_keeps_what_it_promises() {
    let table = [
        ("a\tb\r\nc", "a b c", "a    b\nc", "a    b\\x0d\nc"),
        (
            "x\u{1b}[1;31mred\u{1b}[0m",
            "xred",
            "xred",
            "x\\x1b[1;31mred\\x1b[0m",
        ),
        ("no\rok", "no ok", "no\nok", "no\\x0dok"),
        (
            "\u{1b}]0;title\u{7}z",
            "0;titlez",
            "0;titlez",
            "\\x1b]0;title\\x07z",
        ),
        ("\u{1b}", "", "", "\\x1b"),
        (
            "\u{301}e",
            "\u{25cc}\u{301}e",
            "\u{25cc}\u{301}e",
            "\u{25cc}\u{301}e",
        ),
        ("\u{85}", "", "", "<U+0085>"),
        ("a\u{a0}b", "a b", "a b", "a<U+00A0>b"),
        (
            "👩\u{200d}💻 \u{2764}\u{fe0f}",
            "👩\u{200d}💻 \u{2764}\u{fe0f}",
            "👩\u{200d}💻 \u{2764}\u{fe0f}",
            "👩\u{200d}💻 \u{2764}\u{fe0f}",
        ),
        ("👩\u{200d}x", "👩<U+200D>x", "👩<U+200D>x", "👩<U+200D>x"),
        ("a\u{fe0f}", "a<U+FE0F>", "a<U+FE0F>", "a<U+FE0F>"),
    ];
    for (text, line, block, exact) in table {
        assert_eq!(SafeText::line(text).as_str(), line, "line of {text:?}");
        assert_eq!(SafeText::block(text).as_str(), block, "block of {text:?}");
        assert_eq!(SafeText::exact(text).as_str(), exact, "exact of {text:?}");
    }
}

#[test]
fn a_pile_of_marks_ends() {
    let pile = format!("e{}", "\u{301}".repeat(500));
    let shown = SafeText::line(&pile).into_string();
    let longest = shown
        .split(|c: char| c.is_ascii())
        .map(|run| run.chars().count())
        .max();
    assert!(longest <= Some(8), "{longest:?}");
}

#[test]
fn what_is_read_back_is_sanitised_again() {
    let read: SafeText = serde_json::from_str(r#""a\u001b[2Jb\u202ec""#).unwrap();
    assert_eq!(read.as_str(), "ab<U+202E>c");
    assert_eq!(serde_json::to_string(&read).unwrap(), r#""ab<U+202E>c""#);
}

#[test]
fn cells_are_counted_and_cut_between_graphemes() {
    for (text, cells) in [
        ("", 0),
        ("abc", 3),
        ("日本", 4),
        ("e\u{301}", 1),
        ("👩\u{200d}💻", 2),
    ] {
        assert_eq!(width(text), cells, "{text:?}");
    }
    for (text, cells, cut) in [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("日本語", 4, "日…"),
        ("日本語", 1, "…"),
        ("e\u{301}e\u{301}e", 2, "e\u{301}…"),
        ("abc", 0, ""),
    ] {
        assert_eq!(clip(text, cells), cut, "{text:?} in {cells}");
    }
    assert_eq!(clip_with("abcdef", 5, "..."), "ab...");
    assert_eq!(clip_with("abcdef", 2, "..."), "ab");
    assert_eq!(pad("日本語", 4), "日… ");
    assert_eq!(pad("a", 3), "a  ");
    assert_eq!(first_line("\n  one\n\n", 9), "one");
    assert_eq!(first_line("one\ntwo", 9), "one …");
    assert_eq!(first_line("one\ntwo", 2), "o…");
}

#[test]
fn lines_break_between_words_and_keep_their_indentation() {
    for (text, cells, lines) in [
        ("", 5, vec![""]),
        ("one two", 7, vec!["one two"]),
        ("one two three", 7, vec!["one two", "three"]),
        ("  one two", 6, vec!["  one", "  two"]),
        ("a\n\nb", 5, vec!["a", "", "b"]),
        ("abcdefgh", 3, vec!["abc", "def", "gh"]),
        ("a  b", 9, vec!["a  b"]),
        ("to abcdefgh", 4, vec!["to", "abcd", "efgh"]),
        ("日本語", 4, vec!["日本", "語"]),
        ("日本", 1, vec!["…", "…", ""]),
        ("any", 0, vec![]),
    ] {
        assert_eq!(wrap(text, cells), lines, "{text:?} in {cells}");
    }
    let long = wrap(&"x".repeat(2_000_000), 80);
    assert_eq!(long.len(), 25_000);
}

/// Any text, with what is dangerous more often than chance would have it.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{0,6}",
        prop::sample::select(vec![
            "\u{1b}[", "\u{1b}]", "\u{1b}", "\u{9b}", "\r", "\n", "\t", "\u{7}", "\u{200d}", "👩",
            "💻", "\u{fe0f}", "\u{301}", "\u{202e}", "\u{a0}", "31m", "日",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_dangerous_passes(text in hostile()) {
        for form in FORMS {
            assert_clean(&in_parts(form, &[text.as_bytes()]), form, "any text");
        }
    }

    #[test]
    fn a_split_changes_nothing(bytes in prop::collection::vec(any::<u8>(), 0..40), text in hostile(), at in 0_usize..60) {
        let mixed = [text.as_bytes(), &bytes].concat();
        let (head, tail) = mixed.split_at(at.min(mixed.len()));
        for form in FORMS {
            prop_assert_eq!(in_parts(form, &[head, tail]), in_parts(form, &[&mixed]));
        }
    }

    #[test]
    fn safe_text_passes_unchanged(text in hostile()) {
        for safe in [SafeText::line(&text), SafeText::block(&text), SafeText::exact(&text)] {
            prop_assert_eq!(SafeText::block(safe.as_str()), safe.clone());
            prop_assert_eq!(SafeText::exact(safe.as_str()), safe);
        }
    }

    #[test]
    fn cut_text_fits(text in hostile(), cells in 1_usize..20) {
        let line = SafeText::line(&text).into_string();
        prop_assert!(width(&clip(&line, cells)) <= cells);
        prop_assert_eq!(width(&pad(&line, cells)), cells);
        let block = SafeText::block(&text).into_string();
        for row in wrap(&block, cells) {
            prop_assert!(width(&row) <= cells, "{:?} in {}", row, cells);
        }
    }
}
