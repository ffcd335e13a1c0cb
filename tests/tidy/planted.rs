//! The checks of tidy, shown what they are there to find.

use std::collections::BTreeSet;

use super::source::Source;
use super::{
    NOT_YET, ORDERED, RANKS, UNFINISHED, WORKPLACE, empty_name, imports, impure, long_file,
    long_functions, packages, room_faults, strangers, unfinished, without_opening, workplace,
};

#[test]
fn a_planted_import_is_found() {
    let cases = [
        (
            "src/domain/tool/x.rs",
            "use crate::domain::journal::World;",
            "stands before",
        ),
        (
            "src/domain/tool/x.rs",
            "use crate::engine::core::Core;",
            "rank 2",
        ),
        (
            "src/engine/llm/x.rs",
            "use crate::{base::id, engine::{core::Core}};",
            "stands before",
        ),
        (
            "src/engine/llm/x.rs",
            "fn f() { super::super::reconcile::g() }",
            "stands before",
        ),
        (
            "src/engine/ports/x.rs",
            "fn f() -> crate::adapters::vcs::Git { g() }",
            "rank 4",
        ),
        ("src/tui/x.rs", "use crate::cli::Args;", "rank 4"),
        ("src/cli/x.rs", "use crate::adapters::vcs::Git;", "rank 4"),
        (
            "src/adapters/vcs/x.rs",
            "use crate::adapters::journal::Files;",
            "rank 4",
        ),
        ("src/adapters/vcs/x.rs", "use crate::boot::run;", "rank 5"),
        (
            "src/engine/core/x.rs",
            "use crate::domain::*;",
            "whole rank",
        ),
        (
            "src/engine/core/x.rs",
            "use crate::domain::World;",
            "no room",
        ),
        (
            "src/tui/widgets/x.rs",
            "use crate::domain::sprint::Task;",
            "widgets know no domain",
        ),
    ];
    for (path, text, expected) in cases {
        let faults = imports::faults(&Source::new(path, text));
        let found = faults.len() == 1 && faults.iter().all(|fault| fault.contains(expected));
        assert!(found, "{path}: {text}: {faults:?}");
    }
}

#[test]
fn allowed_imports_pass() {
    let cases = [
        ("src/domain/journal/x.rs", "use crate::domain::tool::Call;"),
        (
            "src/domain/tool/x.rs",
            "use crate::domain::tool::args; use super::grant::May;",
        ),
        (
            "src/engine/core/x.rs",
            "use crate::engine::ports::Clock; use crate::domain::journal::World;",
        ),
        (
            "src/adapters/vcs/x.rs",
            "use crate::engine::ports::Vcs; use super::wrapper::Git;",
        ),
        (
            "src/boot/x.rs",
            "use crate::{adapters::vcs::Git, cli, tui::app, engine::core::Core};",
        ),
        (
            "src/domain/tool/x.rs",
            "// use crate::boot::run;\nconst A: &str = \"crate::boot::run\";",
        ),
        (
            "src/domain/tool/x.rs",
            "#[cfg(test)]\nmod tests { use crate::engine::core::Core; }",
        ),
        ("src/lib.rs", "use crate::boot::run;"),
    ];
    for (path, text) in cases {
        let faults = imports::faults(&Source::new(path, text));
        assert!(faults.is_empty(), "{faults:?}");
    }
}

#[test]
fn a_planted_circle_is_found() {
    let sources = [
        Source::new("src/engine/core/mod.rs", "use crate::engine::llm::Gateway;"),
        Source::new("src/engine/llm/mod.rs", "use crate::engine::tools::Tools;"),
        Source::new(
            "src/engine/tools/mod.rs",
            "use crate::engine::llm::Call; use crate::base::id;",
        ),
    ];
    assert_eq!(
        imports::circle(&sources).as_deref(),
        Some("engine::llm -> engine::tools -> engine::llm")
    );
    assert_eq!(imports::circle(sources.get(..2).unwrap()), None);
}

#[test]
fn planted_sizes_are_found() {
    let line = "// a line\n";
    assert!(long_file(&Source::new("src/x.rs", &line.repeat(601))).is_some());
    assert!(long_file(&Source::new("src/x.rs", &line.repeat(600))).is_none());
    let body = |lines: usize| format!("//!\nfn long() {{\n{}}}\n", "    work();\n".repeat(lines));
    assert_eq!(long_functions(&Source::new("src/x.rs", &body(89))).len(), 1);
    assert_eq!(long_functions(&Source::new("src/x.rs", &body(88))).len(), 0);
    assert!(without_opening(&Source::new("src/x.rs", "use std::fmt;\n")).is_some());
    assert!(without_opening(&Source::new("src/x.rs", "//! A room.\n")).is_none());
}

#[test]
fn planted_words_are_found() {
    for word in UNFINISHED {
        let text = format!("//!\nfn f() {{ {word} }}\n");
        assert_eq!(
            unfinished(&Source::new("src/x.rs", &text)).len(),
            1,
            "{word}"
        );
        let commented = format!("//! {word}\nconst A: &str = \"{word}\";\n");
        assert!(
            unfinished(&Source::new("src/x.rs", &commented)).is_empty(),
            "{word}"
        );
    }
    let in_tests = "#[cfg(test)]\nmod tests { fn f() { a.unwrap(); } }\n";
    assert!(unfinished(&Source::new("src/x.rs", in_tests)).is_empty());
    assert_eq!(
        impure(&Source::new("src/domain/x.rs", "use std::fs;")).len(),
        1
    );
    assert!(impure(&Source::new("src/engine/x.rs", "use std::fs;")).is_empty());
    assert!(empty_name("src/engine/utils.rs").is_some());
    assert!(empty_name("src/engine/tools/mod.rs").is_none());
    for word in WORKPLACE {
        assert_eq!(workplace("x", &format!("see {word}a")).len(), 1, "{word}");
    }
    assert!(workplace("x", concat!("/home/mia/wo", "rk/shop")).is_empty());
}

#[test]
fn planted_packages_and_strangers_are_found() {
    assert_eq!(packages(&"[[package]]\nname = \"a\"\n".repeat(381)), 381);
    assert_eq!(strangers(["src", "justfile", "themes"]), ["justfile"]);
}

#[test]
fn a_room_outside_the_lists_is_found() {
    let mut existing: BTreeSet<String> = BTreeSet::new();
    for (house, rooms) in ORDERED {
        existing.extend(rooms.iter().map(|room| format!("{house}::{room}")));
    }
    existing.extend(
        RANKS
            .iter()
            .flat_map(|houses| houses.iter())
            .map(|house| (*house).to_owned()),
    );
    existing.retain(|name| !NOT_YET.contains(&name.as_str()));
    assert!(
        room_faults(&existing).is_empty(),
        "{:?}",
        room_faults(&existing)
    );
    let mut more = existing.clone();
    more.extend(["engine::extras".to_owned(), "api".to_owned()]);
    assert_eq!(room_faults(&more).len(), 2);
    existing.remove("domain::tool");
    assert_eq!(room_faults(&existing).len(), 1);
}
