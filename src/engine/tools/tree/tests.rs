//! The ways out of a worktree, each tried by both resolvers.

use std::sync::atomic::Ordering;

use super::*;

fn path(text: &str) -> RepoPath {
    RepoPath::parse(text).unwrap()
}

fn both(worktree: &Path) -> [Tree; 2] {
    [
        Tree::open(worktree).unwrap(),
        Tree::open(worktree).unwrap().by_steps(),
    ]
}

#[test]
fn links_lead_nowhere() {
    let place = tempfile::tempdir().unwrap();
    let (inside, outside) = (place.path().join("w"), place.path().join("outside"));
    std::fs::create_dir_all(inside.join("real")).unwrap();
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("file"), "kept").unwrap();
    std::fs::write(inside.join("real/file"), "x").unwrap();
    for (link, target) in [
        ("dir", outside.clone()),
        ("file", outside.join("file")),
        ("dangling", outside.join("new")),
        ("loop", inside.join("loop")),
        ("inner", "real".into()),
    ] {
        std::os::unix::fs::symlink(target, inside.join(link)).unwrap();
    }
    for tree in both(&inside) {
        for at in [
            "dir/file",
            "file",
            "dangling",
            "loop",
            "inner/file",
            "dir/new/x",
        ] {
            assert!(tree.read(&path(at), READ_BYTES).is_err(), "read {at}");
            assert!(tree.write(&path(at), b"x", None).is_err(), "wrote {at}");
            let moved = tree.rename(&path("real/file"), &path(at));
            assert!(moved.is_err(), "moved to {at}");
        }
        assert!(tree.delete(&path("dir/file")).is_err());
        assert!(tree.list(Some(&path("dir"))).is_err());
    }
    let names: Vec<_> = std::fs::read_dir(&outside).unwrap().flatten().collect();
    assert_eq!(names.len(), 1);
    assert_eq!(std::fs::read(outside.join("file")).unwrap(), b"kept");
}

#[test]
fn a_folder_that_turns_into_a_link_is_not_followed() {
    let place = tempfile::tempdir().unwrap();
    let (inside, outside) = (place.path().join("w"), place.path().join("outside"));
    std::fs::create_dir_all(inside.join("swap")).unwrap();
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, inside.join("link")).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (swap, link) = (inside.join("swap"), inside.join("link"));
            while !done.load(Ordering::Relaxed) {
                let flags = RenameFlags::EXCHANGE;
                rustix::fs::renameat_with(CWD, &swap, CWD, &link, flags).unwrap();
            }
        });
        for tree in both(&inside) {
            for _ in 0..2000 {
                let _ = tree.write(&path("swap/target.txt"), b"x", None);
                let _ = tree.write(&path("swap/deep/target.txt"), b"x", None);
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn only_plain_files_with_one_name_are_touched() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("a"), "a").unwrap();
    std::fs::hard_link(place.path().join("a"), place.path().join("b")).unwrap();
    let fifo = place.path().join("fifo");
    rustix::fs::mknodat(CWD, &fifo, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    for tree in both(place.path()) {
        assert_eq!(tree.write(&path("b"), b"x", None), Err(Trouble::HardLinked));
        assert_eq!(tree.read(&path("b"), 10), Err(Trouble::HardLinked));
        assert_eq!(tree.read(&path("fifo"), 10), Err(Trouble::Special));
        assert_eq!(tree.write(&path("fifo"), b"x", None), Err(Trouble::Special));
        assert_eq!(
            tree.write(&path(".AIOS/x"), b"x", None),
            Err(Trouble::Protected)
        );
    }
    assert_eq!(std::fs::read(place.path().join("a")).unwrap(), b"a");
}

#[test]
fn writes_keep_the_mode_and_leave_no_draft() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = tempfile::tempdir().unwrap();
    let tree = Tree::open(place.path()).unwrap();
    let mode = || {
        let found = std::fs::metadata(place.path().join("a/b/run.sh")).unwrap();
        found.permissions().mode() & 0o777
    };
    tree.write(&path("a/b/run.sh"), b"1", Some(true)).unwrap();
    assert_eq!(mode() & 0o100, 0o100);
    tree.write(&path("a/b/run.sh"), b"2", None).unwrap();
    assert_eq!(mode() & 0o100, 0o100);
    tree.write(&path("a/b/run.sh"), b"3", Some(false)).unwrap();
    assert_eq!(mode() & 0o111, 0);
    tree.write(&path("c"), b"", None).unwrap();
    assert_eq!(
        tree.rename(&path("a/b/run.sh"), &path("c")),
        Err(Trouble::Exists)
    );
    tree.rename(&path("a/b/run.sh"), &path("d/e")).unwrap();
    assert_eq!(tree.read(&path("d/e"), 10).unwrap().bytes, b"3");
    let large = vec![0; WRITE_BYTES as usize + 1];
    assert!(matches!(
        tree.write(&path("c"), &large, None),
        Err(Trouble::TooLarge { .. })
    ));
    let left = tree.list(Some(&path("a/b"))).unwrap();
    assert_eq!(left, vec![]);
}
