//! The hostile corpus of tool calls, as far as its paths decide, and what git itself refuses.

use proptest::prelude::*;

use super::{BadPath, RepoPath};

fn reason(text: &str) -> BadPath {
    RepoPath::parse(text).expect_err(text)
}

#[test]
fn paths_that_stay_inside_are_taken() {
    for (text, path) in [
        ("Cargo.toml", "Cargo.toml"),
        ("./src/main.rs", "src/main.rs"),
        ("src/", "src"),
        ("gitconfig.md", "gitconfig.md"),
        (".gitignore", ".gitignore"),
        (".github/workflows/ci.yml", ".github/workflows/ci.yml"),
        ("a.git/x", "a.git/x"),
        ("app/$id.tsx", "app/$id.tsx"),
        ("$types.ts", "$types.ts"),
        ("~notes", "~notes"),
        ("..a/b..", "..a/b.."),
        ("with space/ü.txt", "with space/ü.txt"),
        ("a\\\\b", "a\\\\b"),
        ("\\xe4.txt", "\\xe4.txt"),
    ] {
        assert_eq!(RepoPath::parse(text).unwrap().to_string(), path);
    }
}

#[test]
fn paths_that_leave_are_refused_with_the_reason() {
    for text in [
        "/etc/shadow",
        "/",
        "/proc/self/environ",
        "C:/x",
        "c:\\x",
        "//a",
    ] {
        assert_eq!(reason(text), BadPath::Absolute, "{text}");
    }
    for text in [
        "..",
        "../stolen.rs",
        "src/../../x",
        "a/..",
        "\\x2e\\x2e/x",
        "a\\\\..\\\\b",
    ] {
        assert_eq!(reason(text), BadPath::Upwards, "{text}");
    }
    for text in [
        "~",
        "~/.ssh/id_ed25519",
        "~root/x",
        "$HOME/.config/x",
        "${HOME}/x",
        "$SOCKET_DIR/s",
    ] {
        assert!(matches!(reason(text), BadPath::Unexpanded(_)), "{text}");
    }
    for text in ["a//b", "a/./b", "a//"] {
        assert_eq!(reason(text), BadPath::EmptyComponent, "{text}");
    }
    for text in ["", ".", "./"] {
        assert_eq!(reason(text), BadPath::Empty, "{text}");
    }
    for text in ["src\\main.rs", "a\\", "a\\x4", "a\\x+1"] {
        assert_eq!(reason(text), BadPath::Backslash, "{text}");
    }
    assert_eq!(reason("src/main.rs\0.png"), BadPath::Nul);
    assert_eq!(reason("src/x\n.rs"), BadPath::Control);
    assert_eq!(reason("src/x\\x0a.rs"), BadPath::Control);
    assert_eq!(reason(&"a/".repeat(3000)), BadPath::TooLong(5999));
    assert_eq!(
        reason("/etc").to_string(),
        "the path is absolute: give it relative to the worktree"
    );
}

#[test]
fn every_spelling_of_gits_folder_is_refused() {
    for text in [
        ".git",
        ".git/config",
        "sub/.git",
        ".GIT/hooks/x",
        ".Git",
        "git~1",
        "GIT~1/config",
        ".git.",
        ".git ",
        ".git . .",
        ".git::$INDEX_ALLOCATION",
        ".git:x",
        ".g\u{200c}it",
        "\u{feff}.git/x",
        "a\\\\.git\\\\config",
        "\\x2egit/config",
    ] {
        assert!(matches!(reason(text), BadPath::Git(_)), "{text}");
    }
}

#[test]
fn the_corpus_of_tool_calls_is_refused_where_the_path_alone_decides() {
    let corpus = include_str!("../../../tests/fixtures/path_calls.jsonl");
    let mut decided = 0;
    for line in corpus.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        // What is behind a link, a pipe or a patch is for whoever opens it.
        let why = case["why"].as_str().unwrap();
        let is_elsewhere = ["setup:", "race:", "patch", "symlink"]
            .iter()
            .any(|word| why.contains(word));
        if is_elsewhere {
            continue;
        }
        let args = ["path", "from", "to"].map(|name| case["args"][name].as_str());
        let is_bad = args
            .into_iter()
            .flatten()
            .any(|path| RepoPath::parse(path).is_err());
        assert_eq!(is_bad, case["expected"] == "deny", "{line}");
        decided += 1;
    }
    assert!(decided >= 15, "{decided}");
}

#[test]
fn unusual_names_of_git_are_held_and_read_back() {
    for bytes in [
        &b"a\nb"[..],
        b"\xff\xfe",
        b"$HOME/x",
        b"~/x",
        b"tab\there",
        b"back\\slash",
    ] {
        let path = RepoPath::from_bytes(bytes).unwrap();
        let json = serde_json::to_string(&path).unwrap();
        let read: RepoPath = serde_json::from_str(&json).unwrap();
        assert_eq!((read.as_bytes(), &read), (bytes, &path));
        assert!(!path.display().as_str().chars().any(char::is_control));
    }
    assert!(serde_json::from_str::<RepoPath>("\"../x\"").is_err());
}

#[test]
fn families_are_known() {
    let path = RepoPath::parse("src/base/path.rs").unwrap();
    let folder = RepoPath::parse("src/base").unwrap();
    assert_eq!(path.parent(), Some(folder.clone()));
    assert_eq!(RepoPath::parse("a").unwrap().parent(), None);
    assert_eq!(path.file_name(), b"path.rs");
    assert_eq!(path.extension(), Some("rs"));
    assert_eq!(
        folder.join(&RepoPath::parse("path.rs").unwrap()),
        Ok(path.clone())
    );
    assert!(path.is_within(&folder) && folder.is_within(&folder));
    assert!(!path.is_within(&RepoPath::parse("src/bas").unwrap()));
    assert_eq!(path.as_path(), std::path::Path::new("src/base/path.rs"));
}

proptest! {
    #[test]
    fn no_path_leaves_and_each_reads_back(bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"./\\~$:git".to_vec())], 0..24)) {
        if let Ok(path) = RepoPath::from_bytes(&bytes) {
            let is_plain = |part: std::path::Component<'_>| matches!(part, std::path::Component::Normal(_));
            prop_assert!(path.as_path().components().all(is_plain));
            prop_assert_eq!(RepoPath::try_from(path.to_string()), Ok(path));
        }
        if let Ok(path) = RepoPath::parse(&String::from_utf8_lossy(&bytes)) {
            prop_assert_eq!(RepoPath::parse(&path.to_string()), Ok(path));
        }
    }
}
