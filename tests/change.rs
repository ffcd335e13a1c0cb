//! Changes read from real repositories by the real git, under settings that users have.

#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use aios::base::id::Digest;
use aios::domain::change::{self, Change, FileKind, Hunk, LineKind, Selected};

/// Settings that change how `git diff` writes.
const SETTINGS: [&str; 11] = [
    "color.ui=always",
    "core.abbrev=7",
    "diff.noprefix=true",
    "diff.mnemonicPrefix=true",
    "diff.renames=copies",
    "diff.context=0",
    "diff.interHunkContext=9",
    "diff.external=false",
    "diff.suppressBlankEmpty=true",
    "diff.submodule=log",
    "diff.relative=true",
];

struct Repository(tempfile::TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "-q"], b"");
        repository
    }

    fn git(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = Command::new("git")
            .args(args)
            .current_dir(self.0.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {args:?}");
        output.stdout
    }

    fn commit(&self) -> String {
        self.git(&["add", "-A"], b"");
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.invalid"];
        self.git(&[&identity[..], &["commit", "-qm", "x"]].concat(), b"");
        let oid = self.git(&["rev-parse", "HEAD"], b"");
        String::from_utf8(oid).unwrap().trim().to_owned()
    }

    fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    fn read(&self, path: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(path)).unwrap()
    }

    fn diff(&self, old: &str, new: &str) -> Change {
        let settings = SETTINGS.iter().flat_map(|setting| ["-c", setting]);
        let mut args: Vec<&str> = settings.collect();
        args.push("diff");
        args.extend(change::FLAGS);
        args.extend([old, new, "--"]);
        change::parse(self.git(&args, b"")).unwrap()
    }
}

fn unusual(bytes: &'static [u8]) -> &'static Path {
    use std::os::unix::ffi::OsStrExt as _;
    Path::new(std::ffi::OsStr::from_bytes(bytes))
}

#[test]
fn what_git_writes_is_read_whatever_the_settings() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let repository = Repository::new();
    let long: String = (0..60).fold(String::new(), |text, line| {
        text + &format!("line {line}\n\n")
    });
    for path in [
        "moved here.txt",
        "gone",
        "run.sh",
        "crlf",
        "tail",
        "link-to-be",
    ] {
        repository.write(path, &long);
    }
    repository.write("gone", "x\n");
    repository.write("picture", b"\0\x01\x02");
    repository.write(unusual(b"latin-\xe4 \"q\".txt"), "a\n");
    repository.write("tab\there/and\nline", "a\n");
    let base = repository.commit();

    let root = repository.0.path();
    std::fs::rename(root.join("moved here.txt"), root.join("moved there.txt")).unwrap();
    repository.write(
        "moved there.txt",
        long.replace("line 30\n", "line thirty\n"),
    );
    std::fs::remove_file(root.join("gone")).unwrap();
    std::fs::set_permissions(root.join("run.sh"), PermissionsExt::from_mode(0o755)).unwrap();
    repository.write("crlf", long.replace('\n', "\r\n"));
    repository.write("tail", format!("{long}no end"));
    std::fs::remove_file(root.join("link-to-be")).unwrap();
    symlink("run.sh", root.join("link-to-be")).unwrap();
    repository.write("picture", b"\0\x01\x03");
    repository.write(unusual(b"latin-\xe4 \"q\".txt"), "b\n");
    repository.write("tab\there/and\nline", "b\n");
    repository.write("empty", "");
    repository.write("-- a/odd", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n");
    let head = repository.commit();

    let change = repository.diff(&base, &head);
    let mut seen: Vec<_> = change
        .summary()
        .into_iter()
        .map(|file| (file.path, file.kind, file.added, file.removed))
        .collect();
    seen.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [
        ("-- a/odd", FileKind::Added, 3, 0),
        ("crlf", FileKind::Modified, 120, 120),
        ("empty", FileKind::Added, 0, 0),
        ("gone", FileKind::Deleted, 0, 1),
        ("latin-\\xe4 \"q\".txt", FileKind::Modified, 1, 1),
        ("link-to-be", FileKind::Deleted, 0, 120),
        ("link-to-be", FileKind::Added, 1, 0),
        ("moved there.txt", FileKind::Renamed, 1, 1),
        ("picture", FileKind::Modified, 0, 0),
        ("run.sh", FileKind::ModeChanged, 0, 0),
        ("tab\\x09here/and\\x0aline", FileKind::Modified, 1, 1),
        ("tail", FileKind::Modified, 1, 0),
    ]
    .map(|(path, kind, added, removed)| (path.to_owned(), kind, added, removed));
    assert_eq!(seen, expected);

    for file in change.files.iter().filter(|file| !file.hunks.is_empty()) {
        let content = |blob: &Option<aios::base::id::Oid>| match blob {
            Some(oid) => repository.git(&["cat-file", "blob", oid.as_str()], b""),
            None => Vec::new(),
        };
        let hunks: Vec<&Hunk> = file.hunks.iter().collect();
        let new = change::apply_hunks(&content(&file.old_blob), &hunks).unwrap();
        assert_eq!(new, content(&file.new_blob), "{}", file.path);
    }
}

/// Writes hunks as a patch of their own, with the line numbers that they have without the others.
fn patch(hunks: &[&Hunk]) -> String {
    let mut text = "--- a/file\n+++ b/file\n".to_owned();
    let mut shift = 0_i64;
    for hunk in hunks {
        let index = |start: u32, lines: u32| i64::from(start) - i64::from(lines > 0);
        let new_index = index(hunk.old_start, hunk.old_lines) + shift;
        let new_start = new_index + i64::from(hunk.new_lines > 0);
        let (old_start, old_lines, new_lines) = (hunk.old_start, hunk.old_lines, hunk.new_lines);
        let _ = writeln!(
            text,
            "@@ -{old_start},{old_lines} +{new_start},{new_lines} @@"
        );
        for line in &hunk.lines {
            let sign = match line.kind {
                LineKind::Context => ' ',
                LineKind::Added => '+',
                LineKind::Removed => '-',
            };
            let _ = writeln!(text, "{sign}{}", String::from_utf8_lossy(&line.text));
            if line.no_newline {
                text.push_str("\\ No newline at end of file\n");
            }
        }
        shift += i64::from(new_lines) - i64::from(old_lines);
    }
    text
}

#[test]
fn a_part_of_thirty_hunks_is_what_git_apply_makes_of_it() {
    let repository = Repository::new();
    let old: Vec<String> = (0..400).map(|line| format!("{}", line % 7)).collect();
    repository.write("file", old.join("\n"));
    let base = repository.commit();
    let mut new = old.clone();
    for (count, line) in (5..400).step_by(13).enumerate() {
        new[line] = ["changed", "two\nlines", "0"][count % 3].to_owned();
    }
    new.push("a new end".to_owned());
    repository.write("file", new.join("\n") + "\n");
    let head = repository.commit();
    let change = repository.diff(&base, &head);
    let file = &change.files[0];
    assert!(file.hunks.len() >= 25, "{} hunks", file.hunks.len());

    let mut seed = 7_u64;
    for _ in 0..12 {
        // A linear congruential generator, so that every run takes the same parts.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let is_taken = |number: usize| (seed >> 20 >> number) & 1 == 1;
        let keys: Vec<Digest> = file.keys();
        let taken = |key: &Digest| {
            keys.iter()
                .position(|known| known == key)
                .is_some_and(is_taken)
        };
        let hunks: Vec<&Hunk> = file.hunks.iter().filter(|hunk| taken(&hunk.key)).collect();
        repository.git(&["checkout", "-q", &base, "--", "file"], b"");
        let old = repository.read("file");
        repository.git(&["apply", "-"], patch(&hunks).as_bytes());
        let selected = change::select(file, &old, taken).unwrap();
        assert_eq!(selected, Selected::Part(repository.read("file")));
    }
}
