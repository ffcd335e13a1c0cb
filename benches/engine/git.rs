//! The same work with real git, against a shell script that makes the same calls of git one after the other.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use aios::adapters::vcs::git::GitRepo;

use crate::report::{ms, row, time};
use crate::workshop::{LINE, play};

/// Tasks of the sprint.
const TASKS: u32 = 24;

/// What git is asked for a task: a worktree, a commit of what it holds, the diff, a merge, its commit, the worktree away.
const SCRIPT: &str = r#"
set -e
into=refs/heads/bench/into
base=$(git rev-parse HEAD)
git update-ref $into $base
number=1
while [ $number -le $1 ]; do
  branch=refs/heads/bench/t$number
  tree_dir=$2/t$number
  onto=$(git rev-parse $into)
  git worktree add -q -b bench/t$number $tree_dir $onto
  echo "changed" > $tree_dir/parts/task-$number.txt
  git -C $tree_dir add -A
  tree=$(git -C $tree_dir write-tree)
  commit=$(git commit-tree -p $onto -m "task $number" $tree)
  git update-ref $branch $commit $onto
  git diff $onto $commit > /dev/null
  merged=$(git merge-tree --write-tree $onto $commit)
  merge=$(git commit-tree -p $onto -p $commit -m "merge $number" $merged)
  git update-ref $into $merge $onto
  git worktree remove --force $tree_dir
  number=$((number + 1))
done
"#;

fn git(root: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "git {arguments:?}");
}

/// A repository of 500 files, of which each task has one.
fn repository(root: &Path) {
    std::fs::create_dir_all(root.join("parts")).unwrap();
    for number in 1..=500 {
        let name = root.join("parts").join(format!("task-{number}.txt"));
        std::fs::write(name, LINE).unwrap();
    }
    git(root, &["init", "-q", "-b", "main"]);
    git(root, &["config", "user.name", "Bench"]);
    git(root, &["config", "user.email", "bench@aios.invalid"]);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "-m", "as it is"]);
}

fn script(root: &Path, worktrees: &Path) -> Duration {
    let (wall, status) = time(|| {
        Command::new("sh")
            .args(["-c", SCRIPT, "script", &TASKS.to_string()])
            .arg(worktrees)
            .current_dir(root)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdout(Stdio::null())
            .status()
            .unwrap()
    });
    assert!(status.success(), "the script of git calls");
    wall
}

/// The rows.
pub(crate) fn run() {
    let dir = tempfile::tempdir().unwrap();
    let scripted = dir.path().join("scripted");
    repository(&scripted);
    let alone = script(&scripted, &dir.path().join("trees"));
    row("git.script", ms(alone) / f64::from(TASKS), "ms/task")
        .note("one after the other, 500 files")
        .print();
    for agents in [1, 4] {
        let place = dir.path().join(format!("played-{agents}"));
        let project = place.join("project");
        repository(&project);
        let vcs = Arc::new(GitRepo::discover(&project).expect("the repository opens"));
        let played = play(&place, vcs, TASKS, agents);
        let an_hour = f64::from(TASKS) * 3_600.0 / played.wall.as_secs_f64();
        let ratio = played.wall.as_secs_f64() / alone.as_secs_f64();
        row(
            &format!("orchestration.git.agents_{agents}"),
            an_hour,
            "tasks/h",
        )
        .print();
        let line = row(
            &format!("orchestration.git.agents_{agents}.ratio"),
            ratio,
            "x",
        );
        if agents == 4 {
            line.aim("<= 1.5 of the script").print();
        } else {
            line.print();
        }
    }
}
