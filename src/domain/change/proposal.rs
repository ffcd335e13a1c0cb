//! What is proposed for a place where two sides do not agree: only what follows from their words by itself. Where they want different
//! things of the same words, nothing is proposed. Nobody takes a proposal but a person.

use std::ops::Range;

use similar::DiffOp;
use similar::algorithms::{Capture, myers};

use super::clash::{Choice, Piece, Split};

/// Words, blanks and signs of a side that is compared; time grows with the square of what differs.
const MOST_TOKENS: usize = 2_000;

/// How a line begins that git marks a conflict with.
const MARKS: [&str; 4] = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];

/// A way to bring both sides together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The choice that it comes down to.
    pub choice: Choice,
    /// Where it comes from.
    pub source: Source,
}

/// Where a proposal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Each side changed other words: both changes are made.
    Words,
    /// Each side only brought lines: first those of the sprint's branch, then those of the task.
    Lines,
    /// What the sprint's branch has holds what the task changed.
    Ours,
    /// What the task has holds what the sprint's branch changed.
    Theirs,
}

/// Why nothing is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproposed {
    /// Both changed the same words, or words side by side.
    SameWords,
    /// Both made the file, each its own.
    TwoFiles,
    /// There is too much to compare.
    TooLong,
}

/// What is proposed for the place at `at` among the pieces of a file; none if no place is there.
#[must_use]
pub fn proposal(pieces: &[Piece], at: usize) -> Option<Result<Proposal, Unproposed>> {
    match pieces.get(at)? {
        Piece::Split(split) => Some(of(split, pieces.len() == 1)),
        Piece::Same(_) => None,
    }
}

/// A proposal for lines that differ; `is_alone` if they are all of their file.
fn of(split: &Split, is_alone: bool) -> Result<Proposal, Unproposed> {
    let (base, ours, theirs) = (
        tokens(&split.base),
        tokens(&split.ours),
        tokens(&split.theirs),
    );
    let sides = [&base, &ours, &theirs];
    if sides.iter().any(|side| side.len() > MOST_TOKENS) {
        return Err(Unproposed::TooLong);
    }
    let (choice, source) = match merge(&base, &edits(&base, &ours), &edits(&base, &theirs)) {
        Some(text) if text == split.ours => (Choice::Ours, Source::Ours),
        Some(text) if text == split.theirs => (Choice::Theirs, Source::Theirs),
        Some(text) => (Choice::Text(text), Source::Words),
        None if !split.base.is_empty() => return Err(Unproposed::SameWords),
        None if is_alone => return Err(Unproposed::TwoFiles),
        None if are_alike(&split.ours, &split.theirs) => return Err(Unproposed::SameWords),
        None => (Choice::Both, Source::Lines),
    };
    if has_marks(&choice.text(split)) {
        return Err(Unproposed::SameWords);
    }
    Ok(Proposal { choice, source })
}

/// What a piece of text is to the eye.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Blank,
    Sign,
}

fn kind(letter: char) -> Kind {
    match letter {
        ' ' | '\t' => Kind::Blank,
        '_' => Kind::Word,
        _ if letter.is_alphanumeric() => Kind::Word,
        _ => Kind::Sign,
    }
}

fn kind_of(token: &str) -> Kind {
    token.chars().next().map_or(Kind::Blank, kind)
}

/// A text as words, runs of blanks, ends of lines and single signs; together they are the text.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match kind(first) {
            Kind::Sign if rest.starts_with("\r\n") => 2,
            Kind::Sign => first.len_utf8(),
            same => rest
                .find(|letter| kind(letter) != same)
                .unwrap_or(rest.len()),
        };
        let (token, behind) = rest.split_at(end);
        tokens.push(token);
        rest = behind;
    }
    tokens
}

/// A part of the base, and what a side has there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit<'a> {
    at: Range<usize>,
    with: &'a [&'a str],
}

/// What a side changed. Changes of a line with no word between them are one: what is alike there is so by chance.
fn edits<'a>(base: &[&str], side: &'a [&'a str]) -> Vec<Edit<'a>> {
    let mut captured = Capture::new();
    // Collecting cannot fail.
    let _ = myers::diff(&mut captured, base, 0..base.len(), side, 0..side.len());
    let mut found: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for op in captured.into_ops() {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let (old, new) = (op.old_range(), op.new_range());
        match found.last_mut() {
            Some((at, with)) if has_no_word(base, at.end..old.start) => {
                (at.end, with.end) = (old.end, new.end);
            }
            _ => found.push((old, new)),
        }
    }
    let edit = |(at, with): (Range<usize>, Range<usize>)| Edit {
        at,
        with: side.get(with).unwrap_or_default(),
    };
    found.into_iter().map(edit).collect()
}

/// Whether nothing but blanks and signs of one line stands there.
fn has_no_word(base: &[&str], between: Range<usize>) -> bool {
    let mut between = base.get(between).unwrap_or_default().iter();
    between.all(|token| kind_of(token) != Kind::Word && !token.ends_with('\n'))
}

/// The base with the changes of both sides; none if they meet, or if both left little of it as it was.
fn merge(base: &[&str], mut ours: &[Edit<'_>], mut theirs: &[Edit<'_>]) -> Option<String> {
    let words = |range: Range<usize>| {
        let tokens = base.get(range).unwrap_or_default().iter();
        tokens.filter(|token| kind_of(token) == Kind::Word).count()
    };
    let is_one_sided = ours.is_empty() || theirs.is_empty();
    let (mut text, mut at, mut kept) = (String::new(), 0, 0);
    loop {
        let (edit, with) = match (ours, theirs) {
            ([], []) => break,
            ([our, our_rest @ ..], [their, their_rest @ ..]) if our.at == their.at => {
                (ours, theirs) = (our_rest, their_rest);
                (our, larger(our.with, their.with)?)
            }
            ([our, rest @ ..], others) if is_before(base, our, others) => {
                ours = rest;
                (our, our.with)
            }
            (others, [their, rest @ ..]) if is_before(base, their, others) => {
                theirs = rest;
                (their, their.with)
            }
            _ => return None,
        };
        kept += words(at..edit.at.start);
        text.push_str(&base.get(at..edit.at.start)?.concat());
        text.push_str(&with.concat());
        at = edit.at.end;
    }
    kept += words(at..base.len());
    text.push_str(&base.get(at..)?.concat());
    (is_one_sided || kept * 2 >= words(0..base.len())).then_some(text)
}

/// Whether a change comes before all others, with something left between.
fn is_before(base: &[&str], edit: &Edit<'_>, others: &[Edit<'_>]) -> bool {
    others.first().is_none_or(|other| {
        let between = base.get(edit.at.end..other.at.start).unwrap_or_default();
        between.iter().any(|token| kind_of(token) != Kind::Blank)
    })
}

/// What holds both: one of them, if the other is in it as a whole and says anything.
fn larger<'a>(one: &'a [&'a str], other: &'a [&'a str]) -> Option<&'a [&'a str]> {
    let holds = |large: &[&str], small: &[&str]| {
        let says = small.iter().any(|token| kind_of(token) == Kind::Word);
        says && large.windows(small.len()).any(|part| part == small)
    };
    if one == other || holds(one, other) {
        Some(one)
    } else {
        holds(other, one).then_some(other)
    }
}

/// Whether most lines of the shorter text stand in the other, too: two versions of one thing, not two things.
fn are_alike(one: &str, other: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().map(str::trim);
        let telling = lines.filter(|line| line.contains(char::is_alphanumeric));
        telling.map(str::to_owned).collect()
    };
    let (one, other) = (lines(one), lines(other));
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let shared = short.iter().filter(|line| long.contains(line)).count();
    shared * 2 > short.len()
}

/// Whether a line reads as git's mark of a conflict.
fn has_marks(text: &str) -> bool {
    let is_mark = |line: &str, mark: &str| {
        let behind = line.strip_prefix(mark);
        behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(' '))
    };
    text.lines()
        .any(|line| MARKS.iter().any(|mark| is_mark(line, mark)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::change::clash::{ClashShape, shape_of};

    fn split(base: &str, ours: &str, theirs: &str) -> Split {
        Split {
            ours: ours.to_owned(),
            base: base.to_owned(),
            theirs: theirs.to_owned(),
        }
    }

    /// What is proposed between other lines of a file.
    fn proposed(base: &str, ours: &str, theirs: &str) -> Result<(Source, String), Unproposed> {
        let split = split(base, ours, theirs);
        of(&split, false).map(|found| (found.source, found.choice.text(&split)))
    }

    #[test]
    fn changes_of_different_words_are_both_made() {
        for (base, ours, theirs, both) in [
            (
                "fn total(&self) -> f64 {\n",
                "fn total(&self) -> Money {\n",
                "fn total(&self, guest: &Guest) -> f64 {\n",
                "fn total(&self, guest: &Guest) -> Money {\n",
            ),
            // Lines that follow one another.
            (
                "a one\nb two\n",
                "a 1\nb two\n",
                "a one\nb 2\n",
                "a 1\nb 2\n",
            ),
            // Ends of lines as they are, and none at the end.
            (
                "a = b;\r\nc = d;",
                "x = b;\r\nc = d;",
                "a = b;\r\nc = y;",
                "x = b;\r\nc = y;",
            ),
            // The same change on both sides is made once.
            (
                "let v = get(base, one, two)\n",
                "let v = put(base, one, 2)\n",
                "let v = put(base, 1, two)\n",
                "let v = put(base, 1, 2)\n",
            ),
        ] {
            let expected = Ok((Source::Words, both.to_owned()));
            assert_eq!(proposed(base, ours, theirs), expected);
            assert_eq!(proposed(base, theirs, ours), expected);
        }
    }

    #[test]
    fn lines_that_both_only_bring_are_taken_ours_first() {
        let both = Ok((Source::Lines, "use a;\nuse b;\n".to_owned()));
        assert_eq!(proposed("", "use a;\n", "use b;\n"), both);
        let open = Ok((Source::Lines, "one\ntwo".to_owned()));
        assert_eq!(proposed("", "one", "two"), open);
        // Two tests look alike in a line or two and are two tests.
        let (one, two) = (
            "#[test]\nfn a() {\n    x();\n}\n",
            "#[test]\nfn b() {\n    y();\n}\n",
        );
        assert_eq!(
            proposed("", one, two),
            Ok((Source::Lines, format!("{one}{two}")))
        );
        let (one, two) = ("fn a() {\n    x();\n}\n", "fn a() {\n    x();\n    y;\n}\n");
        assert_eq!(proposed("", one, two), Err(Unproposed::SameWords));
    }

    #[test]
    fn a_side_that_holds_the_others_change_is_taken() {
        for (base, ours, theirs) in [
            ("f(a)\n", "f(a, b)\n", "f(a, b, c)\n"),
            ("", "use b;\n", "use a;\nuse b;\nuse c;\n"),
            ("a b c d\n", "a x c d\n", "a x c y\n"),
        ] {
            let theirs_is = Ok((Source::Theirs, theirs.to_owned()));
            assert_eq!(proposed(base, ours, theirs), theirs_is);
            let ours_is = Ok((Source::Ours, theirs.to_owned()));
            assert_eq!(proposed(base, theirs, ours), ours_is);
        }
    }

    #[test]
    fn where_nothing_is_sound_nothing_is_proposed() {
        for (base, ours, theirs) in [
            ("retries = 3\n", "retries = 5\n", "retries = 7\n"),
            ("let a = 1;\n", "", "let a = 2;\n"),
            // Side by side.
            ("go left\n", "run left\n", "go right\n"),
            // Two new texts that have a word in common by chance.
            ("a b c d e f\n", "1 2 c 3 4 5\n", "a x c y z q\n"),
        ] {
            assert_eq!(
                proposed(base, ours, theirs),
                Err(Unproposed::SameWords),
                "{ours}{theirs}"
            );
        }
        let marked = "one two three\n<<<<<<< ours\n";
        assert_eq!(
            proposed(
                marked,
                &marked.replace("one", "1"),
                &marked.replace("three", "3")
            ),
            Err(Unproposed::SameWords)
        );
        let long = "a ".repeat(MOST_TOKENS);
        assert_eq!(proposed(&long, "a", "b"), Err(Unproposed::TooLong));
        let two = vec![Piece::Split(split("", "a\n", "b\n"))];
        assert_eq!(proposal(&two, 0), Some(Err(Unproposed::TwoFiles)));
        assert_eq!(proposal(&two, 1), None);
    }

    #[test]
    fn tokens_are_the_text() {
        let text = "let naïve_1 =\t\"é\u{301}\";\r\n\n  }";
        let found = tokens(text);
        assert_eq!(found.concat(), text);
        assert!(found.contains(&"naïve_1") && found.contains(&"\r\n") && found.contains(&" "));
    }

    /// How often each word stands in a text.
    fn words(text: &str) -> BTreeMap<&str, usize> {
        let mut words = BTreeMap::new();
        for token in tokens(text) {
            if kind_of(token) == Kind::Word {
                *words.entry(token).or_default() += 1;
            }
        }
        words
    }

    /// Words that a side has more of than the base.
    fn added<'a>(base: &str, side: &'a str) -> BTreeMap<&'a str, usize> {
        let before = words(base);
        let more = words(side).into_iter().filter_map(|(word, count)| {
            let count = count.saturating_sub(before.get(word).copied().unwrap_or_default());
            (count > 0).then_some((word, count))
        });
        more.collect()
    }

    fn text() -> impl Strategy<Value = String> {
        let token = prop_oneof![
            4 => "[abc]{1,2}",
            3 => Just(" ".to_owned()),
            2 => Just("\n".to_owned()),
            1 => Just("\r\n".to_owned()),
            1 => "[(,)]",
            1 => Just("<<<<<<<".to_owned()),
        ];
        proptest::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
    }

    /// A text with some of its words changed, taken away or put in.
    fn changed(text: &str, edits: &[(usize, u8)], word: &str) -> String {
        let mut found: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
        for (place, how) in edits {
            let place = place % (found.len() + 1);
            match how % 3 {
                0 => found.insert(place, word.to_owned()),
                1 if place < found.len() => word.clone_into(&mut found[place]),
                _ if place < found.len() => drop(found.remove(place)),
                _ => {}
            }
        }
        found.concat()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Whatever is proposed has every word that either side added, and no mark; the order of the sides decides nothing but the
        /// order of lines that both bring.
        #[test]
        fn a_proposal_holds_what_both_added(
            base in text(),
            ours in proptest::collection::vec((0_usize..40, 0_u8..3), 0..4),
            theirs in proptest::collection::vec((0_usize..40, 0_u8..3), 0..4),
        ) {
            let (ours, theirs) = (changed(&base, &ours, "x"), changed(&base, &theirs, "y z"));
            let Ok((source, text)) = proposed(&base, &ours, &theirs) else {
                return Ok(());
            };
            let has = words(&text);
            for (word, count) in added(&base, &ours).into_iter().chain(added(&base, &theirs)) {
                prop_assert!(has.get(word).is_some_and(|found| *found >= count), "{word} of {text:?}");
            }
            prop_assert!(!has_marks(&text), "{text:?}");
            let turned = proposed(&base, &theirs, &ours);
            if source == Source::Lines {
                prop_assert!(turned.is_ok_and(|(source, _)| source == Source::Lines));
            } else {
                prop_assert_eq!(turned.map(|(_, text)| text), Ok(text));
            }
        }

        /// Where one side changed nothing, the other is the proposal, byte by byte.
        #[test]
        fn an_unchanged_side_gives_the_other(base in text(), theirs in proptest::collection::vec((0_usize..40, 0_u8..3), 0..3)) {
            let theirs = changed(&base, &theirs, "x");
            prop_assume!(!has_marks(&theirs));
            prop_assert_eq!(proposed(&base, &base, &theirs).map(|(_, text)| text), Ok(theirs.clone()));
            prop_assert_eq!(proposed(&base, &theirs, &base).map(|(_, text)| text), Ok(theirs));
        }

        /// No text is too odd.
        #[test]
        fn no_texts_are_too_odd(base in "\\PC{0,40}", ours in "\\PC{0,40}", theirs in "\\PC{0,40}") {
            if let ClashShape::Places(pieces) = shape_of(base.as_bytes(), ours.as_bytes(), theirs.as_bytes()) {
                for at in 0..pieces.len() {
                    if let Some(Ok(found)) = proposal(&pieces, at) {
                        prop_assert!(!matches!(found.choice, Choice::BothTurned));
                    }
                }
            }
        }
    }
}
