//! The demo's recipes against the sample project: real files, a real shell, a stand-in for the engine.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops where something is missing"
)]

mod bench;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use std::thread;

use aios::adapters::model::simulated::Recipes;
use aios::domain::tool::args::PlannedTask;
use aios::engine::agents::Template;
use bench::{Conversation, Crash, End};

type Files = BTreeMap<String, String>;

/// What happened on the way.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    red_checks: Vec<String>,
    rejections: Vec<String>,
    questions: Vec<String>,
}

/// Takes a task through checks and judgement; gives the files it changed.
fn deliver(recipes: &Recipes, base: &Files, task: &PlannedTask, counts: &mut Counts) -> Files {
    let dir = tempfile::tempdir().unwrap();
    bench::write_all(dir.path(), base);
    let opening = bench::task_text(task);
    let mut author = Conversation::new(recipes, dir.path(), &task.role, &task.slug, &opening);
    for round in 1..=3 {
        let End::Finished(finish) = author.run() else {
            panic!("{} does not finish", task.slug);
        };
        assert_eq!(finish.criteria.len(), task.criteria.len(), "{}", task.slug);
        let red = bench::red_checks(dir.path());
        let back = if red.is_empty() {
            let verdict = bench::judge(recipes, dir.path(), task);
            if verdict.accepted {
                counts.questions.append(&mut author.questions);
                return changed(base, &bench::files(dir.path()));
            }
            assert!(!verdict.findings.is_empty());
            counts.rejections.push(task.slug.clone());
            qa_rejected(round, &verdict.summary, &verdict.findings.join("\n"))
        } else {
            counts.red_checks.push(task.slug.clone());
            checks_failed(round, &red.join("\n"))
        };
        author.tell(&back);
    }
    panic!("{} uses up its rounds", task.slug);
}

fn checks_failed(round: u32, failures: &str) -> String {
    let round = round.to_string();
    let values = [
        ("round", round.as_str()),
        ("rounds", "3"),
        ("failures", failures),
    ];
    Template::ChecksFailed.fill(&values).unwrap()
}

fn qa_rejected(round: u32, summary: &str, findings: &str) -> String {
    let round = round.to_string();
    let values = [
        ("round", round.as_str()),
        ("rounds", "3"),
        ("judge", "Sam"),
        ("summary", summary),
        ("findings", findings),
    ];
    Template::QaRejected.fill(&values).unwrap()
}

fn hunks_rejected(hunks: &str) -> String {
    let values = [
        ("round", "2"),
        ("rounds", "3"),
        ("hunks", hunks),
        ("comment", "not like this"),
    ];
    Template::HunksRejected.fill(&values).unwrap()
}

fn changed(base: &Files, now: &Files) -> Files {
    for path in base.keys() {
        assert!(now.contains_key(path), "{path} is gone");
    }
    let differs = |(path, text): &(&String, &String)| base.get(*path) != Some(*text);
    now.iter()
        .filter(differs)
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect()
}

fn sample() -> (Recipes, Files) {
    let dir = tempfile::tempdir().unwrap();
    bench::unpack(dir.path());
    (Recipes::built_in().unwrap(), bench::files(dir.path()))
}

fn with_files<T>(files: &Files, work: impl FnOnce(&Path) -> T) -> T {
    let dir = tempfile::tempdir().unwrap();
    bench::write_all(dir.path(), files);
    work(dir.path())
}

fn plan_of(recipes: &Recipes, base: &Files) -> Vec<PlannedTask> {
    with_files(base, |dir| bench::plan(recipes, dir).tasks)
}

fn is_red(files: &Files, command: &str) -> bool {
    with_files(files, |dir| bench::sh(dir, command).0 != 0)
}

#[test]
fn the_plan_is_sound_and_its_proofs_fail_before_the_sprint() {
    let (recipes, base) = sample();
    assert!(with_files(&base, bench::red_checks).is_empty());
    assert!(is_red(&base, "sh checks.sh"));
    let tasks = plan_of(&recipes, &base);
    let slugs: Vec<_> = tasks.iter().map(|task| task.slug.as_str()).collect();
    assert_eq!(
        slugs,
        [
            "nav", "vegan", "hours", "specials", "contact", "print", "release"
        ]
    );
    let mut roles: Vec<_> = tasks.iter().map(|task| task.role.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    assert_eq!(roles, ["backend", "devops", "frontend"]);
    for (at, task) in tasks.iter().enumerate() {
        for need in &task.needs {
            assert!(
                slugs[..at].contains(&need.as_str()),
                "{} needs {need}",
                task.slug
            );
        }
        let proofs = bench::criteria(task)
            .into_iter()
            .filter_map(|criterion| criterion.proof);
        let red = proofs.filter(|proof| is_red(&base, proof)).count();
        assert!(red >= 1, "{} has no proof that fails today", task.slug);
    }
}

/// A task as it was done in the sprint.
struct Done {
    task: PlannedTask,
    /// The files from which it began.
    fork: Files,
    /// The files that it changed.
    change: Files,
}

/// A whole sprint, done once for all tests.
struct Sprint {
    recipes: Recipes,
    base: Files,
    /// Tasks that ran side by side, in the order in which they became ready.
    waves: Vec<Vec<Done>>,
    merged: Files,
    counts: Counts,
}

impl Sprint {
    fn tasks(&self) -> impl Iterator<Item = &Done> {
        self.waves.iter().flatten()
    }

    fn task(&self, slug: &str) -> &Done {
        self.tasks().find(|done| done.task.slug == slug).unwrap()
    }
}

static SPRINT: LazyLock<Sprint> = LazyLock::new(|| {
    let (recipes, base) = sample();
    let mut left = plan_of(&recipes, &base);
    let mut counts = Counts::default();
    let mut merged = base.clone();
    let mut waves = Vec::new();
    while !left.is_empty() {
        let waiting: Vec<String> = left.iter().map(|task| task.slug.clone()).collect();
        let is_ready = |task: &PlannedTask| !task.needs.iter().any(|need| waiting.contains(need));
        let (ready, later): (Vec<_>, Vec<_>) = left.into_iter().partition(is_ready);
        let mut wave = Vec::new();
        for task in ready {
            let fork = merged.clone();
            let change = deliver(&recipes, &fork, &task, &mut counts);
            wave.push(Done { task, fork, change });
        }
        merge(&mut merged, wave.iter());
        waves.push(wave);
        left = later;
    }
    Sprint {
        recipes,
        base,
        waves,
        merged,
        counts,
    }
});

/// Merges changes one after the other; the checks stay green, and no two touch one file.
fn merge<'a>(merged: &mut Files, changes: impl Iterator<Item = &'a Done>) {
    for done in changes {
        let slug = &done.task.slug;
        for (path, text) in &done.change {
            assert_eq!(
                merged.get(path),
                done.fork.get(path),
                "{slug}: {path} conflicts"
            );
            merged.insert(path.clone(), text.clone());
        }
        let red = with_files(merged, bench::red_checks);
        assert!(red.is_empty(), "after {slug}: {red:?}");
    }
}

#[test]
fn the_sprint_turns_every_check_green_with_one_fault_of_each_kind() {
    let (exit, output) = with_files(&SPRINT.merged, |dir| bench::sh(dir, "sh checks.sh"));
    assert_eq!(exit, 0, "{output}");
    assert_eq!(SPRINT.counts.red_checks, ["vegan"]);
    assert_eq!(SPRINT.counts.rejections, ["specials"]);
    assert_eq!(SPRINT.counts.questions.len(), 1);
    assert_eq!(SPRINT.merged["content/kitchen.txt"], "Tuesday\n");
    let sizes: Vec<usize> = SPRINT.waves.iter().map(Vec::len).collect();
    assert_eq!(sizes, [3, 3, 1]);
}

#[test]
fn merges_may_come_in_another_order() {
    let mut merged = SPRINT.base.clone();
    for wave in &SPRINT.waves {
        merge(&mut merged, wave.iter().rev());
    }
    assert!(merged == SPRINT.merged);
}

#[test]
fn changes_stay_on_the_paths_that_the_plan_names() {
    for done in SPRINT.tasks() {
        for path in done.change.keys() {
            let is_named = done.task.touches.iter().any(|glob| {
                let folder = glob.strip_suffix("**");
                folder.map_or(glob == path, |folder| path.starts_with(folder))
            });
            assert!(is_named, "{}: {path}", done.task.slug);
        }
    }
}

#[test]
fn a_refused_file_is_written_differently_and_then_left_out() {
    thread::scope(|scope| {
        for done in SPRINT.tasks() {
            scope.spawn(|| {
                let paths = done.change.keys();
                paths
                    .filter(|path| !path.starts_with("tests/"))
                    .for_each(|path| refuse(done, path));
            });
        }
    });
}

/// The person refuses one file of a finished change: it is taken out, comes back in other words, and is left out when refused again.
fn refuse(done: &Done, path: &str) {
    let Done { task, fork, change } = done;
    let recipes = &SPRINT.recipes;
    let dir = tempfile::tempdir().unwrap();
    let mut files = fork.clone();
    files.extend(change.clone());
    let take_out = || match fork.get(path) {
        Some(text) => std::fs::write(dir.path().join(path), text).unwrap(),
        None => std::fs::remove_file(dir.path().join(path)).unwrap(),
    };
    bench::write_all(dir.path(), &files);
    take_out();
    let opening = bench::task_text(task);
    let mut author = Conversation::new(recipes, dir.path(), &task.role, &task.slug, &opening);
    author.tell(&hunks_rejected(&format!("- {path}:1: too clever")));
    let End::Finished(_) = author.run() else {
        panic!("{} does not finish", task.slug);
    };
    let now = bench::files(dir.path());
    assert_ne!(
        now.get(path),
        Some(&change[path]),
        "{path} is back as it was"
    );
    for (other, text) in &files {
        assert!(
            other == path || now.get(other) == Some(text),
            "{other} was accepted"
        );
    }
    let red = bench::red_checks(dir.path());
    assert!(red.is_empty(), "{path}: {red:?}");
    let verdict = bench::judge(recipes, dir.path(), task);
    assert!(verdict.accepted, "{path}: {verdict:?}");

    take_out();
    author.tell(&hunks_rejected(&format!("- {path}:1: still too clever")));
    let End::Finished(finish) = author.run() else {
        panic!("{} does not finish", task.slug);
    };
    assert_eq!(
        bench::files(dir.path()).get(path),
        fork.get(path),
        "{path} stays out"
    );
    assert!(finish.summary.contains("stays out"), "{}", finish.summary);
}

#[test]
fn an_interrupted_call_is_neither_lost_nor_done_twice() {
    for Done { task, fork, .. } in SPRINT.tasks() {
        let run = |crash: Crash| {
            with_files(fork, |dir| {
                let opening = bench::task_text(task);
                let mut author =
                    Conversation::new(&SPRINT.recipes, dir, &task.role, &task.slug, &opening);
                author.crash = crash;
                author.is_dry = true;
                assert!(matches!(author.run(), End::Finished(_)));
                (bench::files(dir), author.acted)
            })
        };
        let (whole, acted) = run(Crash::Never);
        for call in 1..=acted {
            for crash in [Crash::Before(call), Crash::After(call)] {
                assert!(run(crash).0 == whole, "{} {crash:?}", task.slug);
            }
        }
    }
}

#[test]
fn rework_is_the_same_in_a_conversation_of_its_own() {
    let vegan = SPRINT.task("vegan");
    let recipes = &SPRINT.recipes;
    with_files(&vegan.fork, |dir| {
        let opening = bench::task_text(&vegan.task);
        let mut first = Conversation::new(recipes, dir, "backend", "vegan", &opening);
        first.run();
        let red = bench::red_checks(dir).join("\n");
        assert!(
            red.contains("not ok - every price has two decimals"),
            "{red}"
        );
        let again = format!("{opening}\n\n{}", checks_failed(2, &red));
        let mut second = Conversation::new(recipes, dir, "backend", "vegan", &again);
        second.run();
        assert!(
            second.said[0].contains("every price has two decimals"),
            "{}",
            second.said[0]
        );
        assert!(bench::red_checks(dir).is_empty());
    });
}

#[test]
fn a_person_is_heard_in_the_middle_of_the_work() {
    let hours = SPRINT.task("hours");
    with_files(&hours.fork, |dir| {
        let opening = bench::task_text(&hours.task);
        let mut author = Conversation::new(&SPRINT.recipes, dir, "frontend", "hours", &opening);
        author.answer = "no day at all: <we> never rest & never sleep".to_owned();
        author.step();
        author.tell(
            &Template::Steered
                .fill(&[("text", "keep the table short")])
                .unwrap(),
        );
        author.run();
        assert!(
            author.said[1].contains("“keep the table short”"),
            "{}",
            author.said[1]
        );
        assert!(author.said[2].contains("never rest"), "{}", author.said[2]);
        assert_eq!(author.questions.len(), 1);
        assert_eq!(bench::sh(dir, "sh tests/goal_hours.sh").0, 0);
        let (_, page) = bench::sh(dir, "cat out/hours.html");
        assert!(
            page.contains("&lt;we&gt; never rest &amp; never sleep"),
            "{page}"
        );
    });
}

#[test]
fn the_summary_keeps_to_the_record() {
    let (recipes, base) = sample();
    let record = "- t1 merged\n- t2 merged after one red check\n";
    let values = [
        ("id", "s1"),
        ("goal", aios::boot::demo_assets::GOAL),
        ("record", record),
    ];
    let opening = Template::SumUp.fill(&values).unwrap();
    with_files(&base, |dir| {
        let end = Conversation::new(&recipes, dir, "cto", "summary", &opening).run();
        let End::Said(text) = end else {
            panic!("{end:?}")
        };
        assert!(text.contains("- t2 merged after one red check"), "{text}");
        assert!(text.lines().count() <= 10, "{text}");
    });
}
