//! A person without a key goes through the steps.

use super::super::bench::rows;
use super::*;

fn facts() -> Facts {
    let good = |text: &str| Check {
        is_good: true,
        text: text.to_owned(),
    };
    let bad = |text: &str| Check {
        is_good: false,
        text: text.to_owned(),
    };
    Facts {
        terminal: vec![good("256 colours"), good("UTF-8")],
        repository: vec![good("~/src/shop"), good("git 2.43"), good("main"), bad("3 files changed")],
        variables: vec!["ANTHROPIC_API_KEY".to_owned(), "OPENAI_API_KEY".to_owned()],
        key: None,
        server: Some(("ollama".to_owned(), "qwen3-coder".to_owned())),
        budget: "5.00".to_owned(),
        word: "kwxm".to_owned(),
        safety: "agents work in worktrees, without network, and never push. You approve plans, changes and merges.".to_owned(),
    }
}

fn press(state: &mut State, keys: &str) -> Came {
    let mut came = Came::Nothing;
    for letter in keys.chars() {
        came = state.key(match letter {
            '\r' => Key::plain(Code::Enter),
            '\u{1b}' => Key::plain(Code::Esc),
            '\u{3}' => Key::ctrl('c'),
            other => Key::char(other),
        });
    }
    came
}

fn done(models: Models, budget: &str) -> Came {
    let budget = budget.to_owned();
    Came::Outcome(Outcome::Done { models, budget })
}

#[test]
fn the_demo_is_one_key_away_and_so_is_leaving() {
    for (keys, expected) in [
        ("\r", Came::Outcome(Outcome::Demo)),
        ("jd", Came::Outcome(Outcome::Demo)),
        ("s", Came::Outcome(Outcome::Skip)),
        ("q", Came::Leave),
        ("g\u{3}", Came::Leave),
    ] {
        assert_eq!(press(&mut State::new(facts()), keys), expected, "{keys}");
    }
}

#[test]
fn copying_is_tried_by_pasting_letters_that_nobody_was_shown() {
    let copied = Came::Copy("kwxm".to_owned());
    let shown = |state: &State| {
        let seen = rows(110, 26, |canvas, area| {
            view(state, canvas, area);
        });
        seen.join("\n")
    };
    let mut state = State::new(facts());
    assert!(shown(&state).contains("▲ copy? (t)"));
    for (comes, said) in [
        ("kwxm", "✓ copy"),
        ("old text", "▲ copy fails"),
        (" kwxm\n", "✓ copy"),
    ] {
        assert_eq!(press(&mut state, "t"), copied);
        assert!(!shown(&state).contains("kwxm"), "they are not to be typed");
        state.paste(comes);
        if state.is_typing() {
            assert_eq!(press(&mut state, "\r"), Came::Nothing);
        }
        assert!(shown(&state).contains(said), "{comes}: {}", shown(&state));
    }
    // Without bracketed paste letters come one by one; they are no keys.
    press(&mut state, "tkwxm");
    assert!(shown(&state).contains("✓ copy"));
    press(&mut state, "t\u{1b}");
    assert!(shown(&state).contains("copy?"));
    assert_eq!(press(&mut state, "s"), Came::Outcome(Outcome::Skip));
}

#[test]
fn nothing_is_done_before_the_fourth_step_is_finished() {
    let mut state = State::new(facts());
    assert_eq!(press(&mut state, "l"), Came::Nothing);
    assert_eq!(
        press(&mut state, "x\r"),
        Came::Nothing,
        "5.00x is no amount"
    );
    assert!(state.fault.is_some());
    // While something is typed, letters are letters.
    assert_eq!(press(&mut state, "\u{1b}ls"), Came::Nothing);
    state.key(Key::plain(Code::Backspace));
    let server = Models::Server("ollama/qwen3-coder".to_owned());
    assert_eq!(press(&mut state, "\r"), done(server, "5.00"));
}

#[test]
fn a_gateway_is_asked_for_its_address_its_model_and_its_variable() {
    let mut state = State::new(facts());
    press(&mut state, "gllm.here\r");
    assert!(state.fault.is_some(), "no address");
    press(&mut state, "\u{1b}ghttps://llm.here/v1\rbig model\r");
    assert!(state.fault.is_some(), "no name");
    press(&mut state, "\u{1b}ghttps://llm.here/v1\rbig\rsk-123\r");
    assert!(state.fault.is_some(), "no variable, but a key");
    press(&mut state, "\u{1b}ghttps://llm.here/v1\rbig\rBIG_KEY\r");
    let gateway = Models::Gateway {
        url: "https://llm.here/v1".to_owned(),
        model: "big".to_owned(),
        variable: "BIG_KEY".to_owned(),
    };
    assert_eq!(press(&mut state, "\r"), done(gateway, "5.00"));
}

#[test]
fn a_key_that_is_there_answers_the_third_step() {
    let key = Some(("OPENAI_API_KEY".to_owned(), "openai".to_owned()));
    let facts = Facts { key, ..facts() };
    let mut state = State::new(facts.clone());
    assert_eq!(press(&mut state, "\r\r"), done(Models::Key, "5.00"));
    let state = State::new(facts);
    let seen = rows(80, 24, |canvas, area| {
        view(&state, canvas, area);
    });
    assert!(seen.join("\n").contains("✓ OPENAI_API_KEY is set"));
}

#[test]
fn no_server_is_said_and_not_taken() {
    let facts = Facts {
        server: None,
        ..facts()
    };
    let mut state = State::new(facts);
    assert_eq!(press(&mut state, "l"), Came::Nothing);
    assert!(state.fault.is_some());
}

#[test]
fn the_steps_look_so() {
    for (name, keys) in [
        ("models", ""),
        ("variable", "e"),
        ("gateway", "ghttps://llm"),
        ("safety", "l"),
        ("sent", "?"),
    ] {
        let mut state = State::new(facts());
        press(&mut state, keys);
        let seen = rows(80, 24, |canvas, area| {
            view(&state, canvas, area);
        });
        insta::assert_snapshot!(format!("setup_{name}_80x24"), seen.join("\n"));
    }
    for (width, height) in [(120, 36), (200, 55), (40, 12)] {
        let state = State::new(facts());
        let seen = rows(width, height, |canvas, area| {
            view(&state, canvas, area);
        });
        insta::assert_snapshot!(format!("setup_models_{width}x{height}"), seen.join("\n"));
    }
}
