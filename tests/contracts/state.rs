//! What every store of derived state does, and what becomes of a sled that does not open.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use aios::adapters::state::memory::MemoryState;
use aios::adapters::state::sled::{OPEN_LIMIT, open};
use aios::engine::ports::state::{State, Tree};
use tempfile::TempDir;

fn suite(state: &dyn State) {
    for tree in Tree::ALL {
        assert_eq!(state.get(tree, b"key"), Ok(None));
        state.put(tree, b"key", tree.name().as_bytes()).unwrap();
        state.put(tree, b"", b"").unwrap();
        assert_eq!(state.get(tree, b""), Ok(Some(Vec::new())));
    }
    for tree in Tree::ALL {
        assert_eq!(
            state.get(tree, b"key"),
            Ok(Some(tree.name().into())),
            "trees are apart"
        );
    }
    sorted_scans(state);
    state.remove(Tree::Index, b"a/1").unwrap();
    state.remove(Tree::Index, b"never there").unwrap();
    assert_eq!(state.get(Tree::Index, b"a/1"), Ok(None));
    state.clear(Tree::Index).unwrap();
    assert_eq!(state.scan(Tree::Index, b"", 10), Ok(Vec::new()));
    assert_eq!(state.get(Tree::Meta, b"key"), Ok(Some(b"meta".to_vec())));
    let large = vec![7; 3_000_000];
    state.put(Tree::Snapshot, b"large", &large).unwrap();
    state.flush().unwrap();
    assert_eq!(state.get(Tree::Snapshot, b"large"), Ok(Some(large)));
}

fn sorted_scans(state: &dyn State) {
    for key in ["a/2", "b/1", "a/10", "a/1", "a"] {
        state
            .put(Tree::Index, key.as_bytes(), key.as_bytes())
            .unwrap();
    }
    let keys = |prefix: &str, limit| -> Vec<String> {
        let found = state.scan(Tree::Index, prefix.as_bytes(), limit).unwrap();
        found
            .into_iter()
            .map(|(key, _)| String::from_utf8(key).unwrap())
            .collect()
    };
    assert_eq!(keys("a/", 10), ["a/1", "a/10", "a/2"]);
    assert_eq!(keys("a/", 2), ["a/1", "a/10"]);
    assert_eq!(keys("b", 10), ["b/1"]);
    assert!(keys("c", 10).is_empty());
}

#[test]
fn memory_keeps_the_contract() {
    suite(&MemoryState::default());
}

#[test]
fn sled_keeps_the_contract_and_its_content() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("state.sled");
    let opened = open(&dir, OPEN_LIMIT);
    assert_eq!(opened.notice, None);
    suite(opened.state.as_ref());
    drop(opened);
    let opened = open(&dir, OPEN_LIMIT);
    assert_eq!(opened.notice, None);
    assert_eq!(
        opened.state.get(Tree::View, b"key"),
        Ok(Some(b"view".to_vec()))
    );
}

fn filled(dir: &Path) {
    let opened = open(dir, OPEN_LIMIT);
    assert_eq!(opened.notice, None);
    for number in 0_u32..500 {
        opened
            .state
            .put(Tree::Index, &number.to_be_bytes(), &[1; 200])
            .unwrap();
    }
    opened.state.flush().unwrap();
}

#[test]
fn a_broken_folder_is_moved_aside_and_three_are_kept() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("state.sled");
    for turn in 1..=5 {
        filled(&dir);
        fs::write(dir.join("conf"), "not sled's").unwrap();
        let opened = open(&dir, OPEN_LIMIT);
        let notice = opened.notice.unwrap();
        assert!(
            notice.contains(&format!("state.sled.broken-{turn}")),
            "{notice}"
        );
        assert_eq!(opened.state.scan(Tree::Index, b"", 1), Ok(Vec::new()));
        drop(opened.state);
        fs::remove_dir_all(&dir).unwrap();
    }
    let kept: Vec<_> = (1..=5)
        .filter(|number| {
            home.path()
                .join(format!("state.sled.broken-{number}"))
                .exists()
        })
        .collect();
    assert_eq!(kept, [3, 4, 5]);
}

#[test]
fn a_folder_in_use_stays_where_it_is() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("state.sled");
    let first = open(&dir, OPEN_LIMIT);
    first.state.put(Tree::Meta, b"who", b"first").unwrap();
    let second = open(&dir, OPEN_LIMIT);
    assert!(second.notice.unwrap().contains("in memory"));
    assert_eq!(second.state.get(Tree::Meta, b"who"), Ok(None));
    assert_eq!(
        first.state.get(Tree::Meta, b"who"),
        Ok(Some(b"first".to_vec()))
    );
    assert!(!home.path().join("state.sled.broken-1").exists());
}

#[test]
fn where_nothing_can_be_made_state_is_kept_in_memory() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let opened = open(&file.join("state.sled"), OPEN_LIMIT);
    assert!(opened.notice.unwrap().contains("in memory"));
    suite(opened.state.as_ref());
}

#[test]
fn an_opening_that_takes_too_long_is_given_up() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("state.sled");
    fs::create_dir(&dir).unwrap();
    // A pipe that nobody writes to: whoever reads sled's own settings from it waits for ever.
    let made = Command::new("mkfifo").arg(dir.join("conf")).status();
    assert!(made.unwrap().success());
    let opened = open(&dir, Duration::from_millis(100));
    assert!(opened.notice.is_some());
    suite(opened.state.as_ref());
}

#[test]
fn cut_files_never_stop_a_start() {
    let home = TempDir::new().unwrap();
    for part in 0..8 {
        let dir = home.path().join(format!("{part}.sled"));
        filled(&dir);
        let path = dir.join("db");
        let length = fs::metadata(&path).unwrap().len();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(length * part / 8).unwrap();
        let opened = open(&dir, OPEN_LIMIT);
        opened.state.put(Tree::Meta, b"key", b"value").unwrap();
        assert_eq!(
            opened.state.get(Tree::Meta, b"key"),
            Ok(Some(b"value".to_vec()))
        );
    }
}
