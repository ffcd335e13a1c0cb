//! The default keys, presets, files.

use super::*;

fn keymap() -> Keymap {
    Keymap::built_in().unwrap()
}

fn find(mode: Mode, place: Place, keys: &str) -> Match {
    keymap().find(mode, place, &sequence(keys).unwrap())
}

#[test]
fn keys_of_one_place_hide_those_of_all() {
    assert_eq!(
        find(Mode::Normal, Place::Home, "w"),
        Match::Action(Action::WaitingNext)
    );
    assert_eq!(
        find(Mode::Normal, Place::Plan, "J"),
        Match::Action(Action::PlanDown)
    );
    assert_eq!(
        find(Mode::Normal, Place::Review, "J"),
        Match::Action(Action::PartNext)
    );
    assert_eq!(find(Mode::Normal, Place::Cost, "J"), Match::Nothing);
    assert_eq!(find(Mode::Normal, Place::Home, "g"), Match::More);
    assert_eq!(
        find(Mode::Normal, Place::Home, "g b"),
        Match::Action(Action::Go(Place::Board))
    );
}

#[test]
fn digits_choose_on_a_card_and_are_tabs_elsewhere() {
    assert_eq!(
        find(Mode::Normal, Place::Waiting, "3"),
        Match::Action(Action::Go(Place::Agents))
    );
    assert_eq!(
        find(Mode::Decide, Place::Waiting, "3"),
        Match::Action(Action::Choose(3))
    );
}

#[test]
fn nothing_in_a_mode_and_place_is_bound_twice_or_hidden_by_a_shorter_key() {
    let keymap = keymap();
    for (mode, place) in everywhere() {
        let here: Vec<(&[Key], &Spec)> = keymap
            .bindings
            .iter()
            .filter(|binding| binding.fits(mode, place))
            .filter_map(|binding| Some((binding.keys.as_slice(), binding.spec?)))
            .collect();
        for (keys, one) in &here {
            for (others, other) in here.iter().filter(|(_, other)| other.id != one.id) {
                let same_reach = one.places.is_empty() == other.places.is_empty();
                assert!(
                    !(same_reach && keys == others),
                    "{} and {} in {mode:?}",
                    one.id,
                    other.id
                );
                let hides = others.len() > keys.len() && others.starts_with(keys);
                assert!(!hides, "{} hides {} in {mode:?}", one.id, other.id);
            }
        }
    }
    assert_eq!(keymap.conflicts(), []);
}

#[test]
fn no_key_is_bound_that_terminals_and_multiplexers_take() {
    for binding in &keymap().bindings {
        let id = binding.spec.map(|spec| spec.id);
        for key in &binding.keys {
            let taken = "absq\\]gtohim"
                .chars()
                .any(|character| *key == Key::ctrl(character));
            assert!(!taken && !key.alt, "{key} of {id:?}");
            if let Code::Function(number) = key.code {
                assert_eq!(number, 1, "{key} of {id:?}");
            }
        }
    }
}

#[test]
fn every_action_can_be_done_without_ctrl() {
    // The shell's own keys are what people expect; each of them has another way or is one of the shell.
    let shell = ["interrupt", "suspend", "redraw", "newline", "editor"];
    for spec in TABLE
        .iter()
        .filter(|spec| !spec.keys.is_empty() && !shell.contains(&spec.id))
    {
        let plain = spec.keys.iter().any(|keys| !keys.contains("C-"));
        assert!(plain, "{} needs Ctrl", spec.id);
    }
}

#[test]
fn text_modes_leave_every_printable_key_to_the_text() {
    let keymap = keymap();
    for mode in Mode::ALL.into_iter().filter(|mode| mode.is_text()) {
        for (character, place) in
            (' '..='~').flat_map(|character| Place::ALL.map(|place| (character, place)))
        {
            assert_eq!(
                keymap.find(mode, place, &[Key::char(character)]),
                Match::Nothing
            );
        }
    }
}

#[test]
fn a_sequence_that_leads_nowhere_does_nothing() {
    let (keymap, mut pending) = (keymap(), Pending::default());
    let mut press = |name: &str| {
        let key = name.parse().unwrap();
        pending.press(&keymap, Mode::Normal, Place::Home, key)
    };
    assert_eq!(press("g"), Match::More);
    assert_eq!(press("x"), Match::Nothing);
    assert_eq!(press("x"), Match::Action(Action::Reject));
    assert_eq!(press("g"), Match::More);
    assert_eq!(press("Esc"), Match::Nothing);
    assert_eq!(press("Esc"), Match::Action(Action::Back));
}

#[test]
fn help_lists_what_can_be_done_here() {
    let keymap = keymap();
    let listed = keymap.listed(Mode::Normal, Place::Plan);
    let row = |id: &str| {
        listed
            .iter()
            .find(|(_, spec)| spec.id == id)
            .map(|(keys, _)| keys.as_str())
    };
    assert_eq!(row("plan.down"), Some("J"));
    assert_eq!(row("waiting.next"), Some("w !"));
    assert_eq!(row("sprint.stop"), Some(""));
    assert_eq!(row("part.next"), None);
    assert_eq!(
        keymap
            .continuations(Mode::Normal, Place::Home, &[Key::char('g')])
            .len(),
        10
    );
    assert_eq!(
        keymap
            .shown(Action::Go(Place::Board), Mode::Decide, Place::Home)
            .as_deref(),
        Some("g b")
    );
}

#[test]
fn a_file_binds_unbinds_and_hides() {
    let keymap = Keymap::read(
        "layouts = [\"ru\"]\n[normal]\n\"space\" = \"waiting.next\"\n\"g m\" = \"go.agents\"\n\"x\" = \"none\"\n\
         [decide]\n\"J\" = \"approve\"\n[plan]\n\"space\" = \"none\"\n[insert]\n\"C-g\" = \"back\"\n",
    )
    .unwrap();
    let find = |mode, place, keys: &str| keymap.find(mode, place, &sequence(keys).unwrap());
    let next = Match::Action(Action::WaitingNext);
    assert_eq!(find(Mode::Normal, Place::Home, "space"), next);
    assert_eq!(find(Mode::Decide, Place::Agents, "space"), next);
    assert_eq!(find(Mode::Normal, Place::Plan, "space"), Match::Nothing);
    assert_eq!(find(Mode::Normal, Place::Home, "x"), Match::Nothing);
    assert_eq!(
        find(Mode::Normal, Place::Home, "g m"),
        Match::Action(Action::Go(Place::Agents))
    );
    assert_eq!(
        find(Mode::Decide, Place::Waiting, "J"),
        Match::Action(Action::Approve)
    );
    assert_eq!(
        find(Mode::Normal, Place::Review, "J"),
        Match::Action(Action::PartNext)
    );
    assert_eq!(
        find(Mode::Insert, Place::Home, "C-g"),
        Match::Action(Action::Back)
    );
    // The person's key is the one that is shown; the old one works too.
    let shown = keymap.shown(Action::WaitingNext, Mode::Normal, Place::Home);
    assert_eq!(shown.as_deref(), Some("space"));
    assert_eq!(find(Mode::Normal, Place::Home, "w"), next);
    let without: Vec<&str> = keymap.without_keys().iter().map(|spec| spec.id).collect();
    assert_eq!(without, ["reject", "plan.keep"]);
}

#[test]
fn a_fault_names_its_line_and_the_nearest_name() {
    for (text, expected) in [
        (
            "[normal]\n\n\"a\" = \"waitng.next\"",
            "line 3: no action is called \"waitng.next\"; did you mean \"waiting.next\"?",
        ),
        (
            "preset = \"vm\"",
            "line 1: no preset is called \"vm\"; did you mean \"vim\"?",
        ),
        (
            "\n[reveiw]\n\"a\" = \"open\"",
            "line 2: no table is called \"reveiw\"; did you mean \"review\"?",
        ),
        (
            "layouts = [\n\"ru\",\n\"rux\"]",
            "line 3: no layout is called \"rux\"; did you mean \"ru\"?",
        ),
        (
            "[normal]\n\"C-\" = \"open\"",
            "line 2: no key is called \"C-\"",
        ),
        (
            "[normal]\n\"a\" = 3",
            "line 2: an action is a text, such as \"open\"",
        ),
        (
            "[normal]\n\"Enter\" = \"approve\"",
            "line 2: Enter never decides; approve needs another key",
        ),
        (
            "[insert]\n\"a\" = \"back\"",
            "line 2: a is text while something is written; use Ctrl or a key without a letter",
        ),
        (
            "[board]\n\"a\" = \"plan.down\"",
            "line 2: plan.down cannot be done there",
        ),
        (
            "[normal]\n\"a\" = \"send\"",
            "line 2: send cannot be done there",
        ),
        ("colour = 1", "line 1: no setting is called \"colour\""),
    ] {
        let fault = Keymap::read(text).unwrap_err();
        assert_eq!(fault.to_string(), expected, "{text}");
    }
    let syntax = Keymap::read("[normal\n").unwrap_err();
    assert_eq!(syntax.line, 1);
}

#[test]
fn presets_are_whole() {
    for (name, _) in PRESETS {
        let keymap = Keymap::read(&format!("preset = \"{name}\"")).unwrap();
        assert_eq!(keymap.conflicts(), [], "{name}");
        let without: Vec<&str> = keymap.without_keys().iter().map(|spec| spec.id).collect();
        assert_eq!(without, [""; 0], "{name}");
    }
}

#[test]
fn the_left_hand_alone_reaches_what_decides_and_moves() {
    let keymap = Keymap::read("preset = \"left\"").unwrap();
    let is_left = |key: &Key| match key.code {
        Code::Char(character) => {
            " 12345!\"#$%".contains(character)
                || "qwertasdfgzxcvb".contains(character.to_ascii_lowercase())
        }
        Code::Esc | Code::Tab => !key.ctrl,
        _ => false,
    };
    for (place, ids) in [
        (
            Place::Waiting,
            "waiting.next open approve approve.all reject comment snooze undo back move.up move.down compose",
        ),
        (
            Place::Review,
            "approve approve.all reject part.next sibling.next review.send undo",
        ),
        (
            Place::Plan,
            "approve.all reject.all plan.keep plan.down plan.up plan.title plan.tier move.down",
        ),
        (Place::Board, "move.right move.down open"),
    ] {
        for id in ids.split(' ') {
            let reaches = |mode| {
                keymap
                    .live(mode, place)
                    .any(|(binding, spec)| spec.id == id && binding.keys.iter().all(is_left))
            };
            assert!(
                reaches(Mode::Normal) || reaches(Mode::Decide),
                "{id} in {place:?}"
            );
        }
    }
}

#[test]
fn what_is_hidden_by_a_shorter_key_is_told() {
    let keymap = Keymap::read("[normal]\n\"a b\" = \"open\"\n\"g\" = \"help\"").unwrap();
    let conflicts = keymap.conflicts();
    let told: Vec<(&str, &str)> = conflicts
        .iter()
        .map(|conflict| (conflict.keys.as_str(), conflict.taken.1))
        .collect();
    assert!(
        told.contains(&("a b", "approve")) && told.contains(&("g b", "help")),
        "{told:?}"
    );
    assert_eq!(
        keymap.begun_by(Key::ctrl('p')),
        [("C-p".to_owned(), "palette")]
    );
}

#[test]
fn commands_work_on_a_keyboard_of_another_script_and_texts_are_left_alone() {
    let keymap = Keymap::read("layouts = [\"ru\", \"el\"]").unwrap();
    let mut pending = Pending::default();
    let mut press = |mode, name: &str| {
        let key = name.parse().unwrap();
        pending.press(&keymap, mode, Place::Home, key)
    };
    assert_eq!(press(Mode::Normal, "ц"), Match::Action(Action::WaitingNext));
    assert_eq!(press(Mode::Normal, "Ц"), Match::Action(Action::WaitingList));
    assert_eq!(press(Mode::Normal, "п"), Match::More);
    assert_eq!(
        press(Mode::Normal, "и"),
        Match::Action(Action::Go(Place::Board))
    );
    assert_eq!(press(Mode::Normal, "ς"), Match::Action(Action::WaitingNext));
    assert_eq!(press(Mode::Insert, "C-с"), Match::Action(Action::Interrupt));
    assert_eq!(press(Mode::Insert, "ц"), Match::Nothing);
    assert_eq!(press(Mode::Normal, "я"), Match::Action(Action::Zoom));
}
