//! The decoder: keys, pastes, and answers that are never typed.

use proptest::prelude::*;

use super::*;

fn decode(reads: &[&[u8]]) -> Vec<Input> {
    let (mut decoder, mut inputs) = (Decoder::default(), Vec::new());
    for read in reads {
        decoder.feed(read, &mut inputs);
    }
    inputs
}

/// The reads come so far apart that the reader gives up between them.
fn decode_slowly(reads: &[&[u8]]) -> Vec<Input> {
    let (mut decoder, mut inputs) = (Decoder::default(), Vec::new());
    for read in reads {
        decoder.feed(read, &mut inputs);
        if decoder.patience_ms() == Some(ESCAPE_MS) {
            decoder.give_up(&mut inputs);
        }
    }
    inputs
}

/// What was typed, without what the terminal answered.
fn typed(inputs: Vec<Input>) -> Vec<Input> {
    let is_typed = |input: &Input| !matches!(input, Input::Answer(_));
    inputs.into_iter().filter(is_typed).collect()
}

fn keys(names: &str) -> Vec<Input> {
    let keys = crate::tui::key::sequence(names).unwrap();
    keys.into_iter().map(Input::Key).collect()
}

#[test]
fn keys_in_their_many_spellings() {
    for (bytes, names) in [
        (&b"aA~"[..], "a A ~"),
        (b"\r\t\x7f", "Enter Tab Backspace"),
        (b"\x03\x1a\x0a", "C-c C-z C-j"),
        (b"\x1b[A\x1bOB\x1b[1;5C", "up down C-→"),
        (b"\x1b[Z\x1b[9;2u", "S-Tab S-Tab"),
        (b"\x1b[5~\x1b[6~\x1b[3~", "PgUp PgDn Del"),
        (b"\x1b[H\x1b[4~\x1b[11~\x1b[[A", "Home End F1 F1"),
        (b"\x1b[97;5u\x1b[27u\x1b[97;1:3u", "C-a Esc"),
        (b"\x1b[97;2u", "A"),
        (b"\x1b[13;2u\x1b[13u\x1b[13;6u", "S-Enter Enter C-Enter"),
        (b"\x1bx", "A-x"),
        ("äЖ±".as_bytes(), "ä Ж ±"),
        (b"\x1b\x1b[A", "Esc up"),
    ] {
        assert_eq!(decode(&[bytes]), keys(names), "{bytes:?}");
    }
}

#[test]
fn a_lone_escape_needs_patience() {
    let (mut decoder, mut inputs) = (Decoder::default(), Vec::new());
    decoder.feed(b"\x1b", &mut inputs);
    assert_eq!((inputs.len(), decoder.patience_ms()), (0, Some(ESCAPE_MS)));
    decoder.give_up(&mut inputs);
    assert_eq!(inputs, keys("Esc"));
    assert_eq!(decoder.patience_ms(), None);
    decoder.feed(b"a", &mut inputs);
    assert_eq!(inputs, keys("Esc a"));
}

#[test]
fn alt_and_a_bracket_are_keys_in_the_end() {
    assert_eq!(decode_slowly(&[b"\x1b[", b"a"]), keys("A-[ a"));
    assert_eq!(decode_slowly(&[b"\x1b]", b"a"]), keys("A-] a"));
    assert_eq!(decode_slowly(&[b"\x1b", b"]"]), keys("Esc ]"));
}

/// Answers that terminals give: background, device attributes, cursor position, a mode, keyboard flags, a name, a setting.
const ANSWERS: [&[u8]; 9] = [
    b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
    b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07",
    b"\x1b[?62;22;52c",
    b"\x1b[12;40R",
    b"\x1b[?2026;2$y",
    b"\x1b[?1u",
    b"\x1bP>|tmux 3.4\x1b\\",
    b"\x1bP1+r524742=38\x1b\\",
    b"\x1b[?997;1n",
];

#[test]
fn answers_are_never_typed_however_they_are_split() {
    for answer in ANSWERS {
        for first in 0..=answer.len() {
            for second in first..=answer.len() {
                let (one, rest) = answer.split_at(first);
                let (two, three) = rest.split_at(second - first);
                let given = decode(&[one, two, three, b"z"]);
                let mut expected: Vec<Input> = answer::read(answer)
                    .map(Input::Answer)
                    .into_iter()
                    .collect();
                expected.extend(keys("z"));
                assert_eq!(given, expected, "{answer:?} at {first} and {second}");
            }
        }
    }
}

#[test]
fn an_answer_that_pauses_behind_its_escape_is_at_most_an_escape() {
    for answer in ANSWERS {
        for cut in 1..answer.len() {
            let (one, two) = answer.split_at(cut);
            // Behind `Escape [` and `Escape ]` a pause of 50 ms cannot be told from Alt; terminals write both bytes at once.
            if cut == 2 {
                continue;
            }
            let given = typed(decode_slowly(&[one, two, b"z"]));
            let escape_only = given == keys("Esc z");
            assert!(
                given == keys("z") || escape_only,
                "{answer:?} at {cut} gave {given:?}"
            );
        }
    }
}

#[test]
fn pastes_come_whole_and_never_as_keys() {
    let pasted = |text: &str| vec![Input::Paste(text.to_owned())];
    let whole = b"\x1b[200~rm -rf\nA\x1b[A\x1b[201~";
    assert_eq!(decode(&[whole]), pasted("rm -rf\nA\x1b[A"));
    for cut in 0..whole.len() {
        let (one, two) = whole.split_at(cut);
        assert_eq!(decode(&[one, two]), pasted("rm -rf\nA\x1b[A"));
    }
    let mut long = b"\x1b[200~".to_vec();
    long.extend(vec![b'x'; 1 << 20]);
    long.extend(PASTE_END);
    assert_eq!(decode(&[&long]), pasted(&"x".repeat(1 << 20)));
}

#[test]
fn the_mouse_presses_and_turns() {
    let mouse = |act, x, y| vec![Input::Mouse(Mouse { act, x, y })];
    assert_eq!(
        decode(&[b"\x1b[<0;1;", b"2M"]),
        mouse(MouseAct::Press, 0, 1)
    );
    assert_eq!(
        decode(&[b"\x1b[<16;300;2M"]),
        mouse(MouseAct::Press, 299, 1)
    );
    assert_eq!(decode(&[b"\x1b[<64;5;6M"]), mouse(MouseAct::WheelUp, 4, 5));
    assert_eq!(
        decode(&[b"\x1b[<65;5;6M"]),
        mouse(MouseAct::WheelDown, 4, 5)
    );
}

#[test]
fn with_ctrl_the_place_of_a_key_counts() {
    // Ctrl and the key of c on a Russian keyboard, as kitty reports it with and without its place.
    assert_eq!(decode(&["\u{1b}[1089::99;5u".as_bytes()]), keys("C-c"));
    assert_eq!(decode(&[b"\x1b[1089;5u"]), keys("C-\u{441}"));
    assert_eq!(decode(&[b"\x1b[99::99;5u"]), keys("C-c"));
}

#[test]
fn focus_and_nonsense() {
    assert_eq!(
        decode(&[b"\x1b[I\x1b[O"]),
        [Input::Focus(true), Input::Focus(false)]
    );
    for nonsense in [
        &b"\xff\xfe"[..],
        b"\xc3",
        b"\x1b[99999999999~",
        b"\x1b[;;;;u",
        b"\x1b[<0;1;1m",
        b"\x1b[<35;1;1M",
        b"\x1b[<0;0;1M",
        b"\x1b[<0;1M",
        b"\x1b]52;c;?\x07",
        b"\x1b_G\x1b\\",
        b"\x1b[1;2",
    ] {
        assert_eq!(decode(&[nonsense]), [], "{nonsense:?}");
    }
    // Broken pieces do not swallow what follows.
    assert_eq!(decode(&[b"\xc3", b"a"]), keys("a"));
    assert_eq!(decode(&[b"\x1b[1;2\x1b[A"]), keys("up"));
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_are_survived(reads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)) {
        let reads: Vec<&[u8]> = reads.iter().map(Vec::as_slice).collect();
        decode_slowly(&reads);
    }

    #[test]
    fn sequences_of_any_parameters_are_survived(text in "\u{1b}[\\[\\]OP][0-9;:?<>$ ]{0,12}[A-Za-z~]") {
        decode(&[text.as_bytes()]);
    }
}
