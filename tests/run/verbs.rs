//! The other verbs that look at a repository: plan, init, config, roles, dump-prompt, doctor.

use std::fs;

use crate::agents::{doing, write};
use crate::bench::{Bench, GOAL, Ran};
use crate::llm::{Behaviour, Wire};

fn one() -> Behaviour {
    doing(vec![write("one", "one.txt", "1\n")])
}

#[test]
fn a_plan_is_printed_kept_and_gone_on_with() {
    let bench = Bench::new(Wire::Anthropic, one());
    let file = bench.home().join("plan.toml");
    let shown = bench
        .aios(&["plan", GOAL, "--trust", "--out", file.to_str().unwrap()])
        .ends(0);
    assert!(
        shown.out.starts_with("s1  Write the files\n"),
        "{}",
        shown.out
    );
    assert!(
        shown
            .out
            .contains("c1  one.txt is there  (test -f one.txt)"),
        "{}",
        shown.out
    );
    let written: toml::Table = fs::read_to_string(&file).unwrap().parse().unwrap();
    assert_eq!(written["tasks"][0]["slug"].as_str(), Some("one"));
    // The same goal again asks nobody.
    let again = bench.aios(&["plan", GOAL, "--json"]).ends(0);
    let object: serde_json::Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!((&object["v"], &object["goal"]), (&1.into(), &GOAL.into()));
    assert_eq!(bench.fake.calls(), 1);
    bench
        .aios(&["plan", "Another goal"])
        .ends(4)
        .says("E-GATE-03", "s1 is unfinished");
    bench
        .aios(&["run", "--from", file.to_str().unwrap()])
        .ends(2)
        .says("E-USE-04", "a plan from a file");
    bench.run(&["--json"]).ends(0);
    assert_eq!(bench.of_kind("SprintStarted").len(), 1);
}

#[test]
fn init_writes_once_and_shows_what_is_trusted() {
    let bench = Bench::new(Wire::Anthropic, one());
    bench.put("AGENTS.md", "Be brief.\n", 0o644);
    let ran = bench.aios(&["init"]).ends(0);
    assert!(
        ran.out.contains("config.toml: written") && ran.out.contains("not trusted yet"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("test   ./checks.sh  (checks.sh)"),
        "{}",
        ran.out
    );
    bench.put(".aios/config.toml", "[checks]\ntest = \"true\"\n", 0o644);
    let ran = bench.aios(&["init", "--trust"]).ends(0);
    assert!(
        ran.out.contains("already there") && ran.out.contains("trusted as it is now"),
        "{}",
        ran.out
    );
    for item in ["  .aios/config.toml", "  AGENTS.md", "  command: true"] {
        assert!(ran.out.contains(item), "{}", ran.out);
    }
    assert_eq!(
        fs::read_to_string(bench.repo.join(".aios/config.toml")).unwrap(),
        "[checks]\ntest = \"true\"\n"
    );
}

#[test]
fn settings_are_listed_set_and_checked() {
    let bench = Bench::new(Wire::Anthropic, one());
    let list = bench.aios(&["config", "list", "--origin"]).ends(0);
    assert!(
        list.out.contains("models.standard") && list.out.contains("user  "),
        "{}",
        list.out
    );
    assert_eq!(
        bench.aios(&["config", "get", "budget.sprint"]).ends(0).out,
        "\"5.00\"\n"
    );
    bench.aios(&["config", "set", "budget.sprint", "3"]).ends(0);
    assert_eq!(
        bench.aios(&["config", "get", "budget.sprint"]).ends(0).out,
        "\"3.00\"\n"
    );
    bench
        .aios(&["config", "set", "agents.max", "2", "--project"])
        .ends(0);
    let local = bench.aios(&["config", "set", "budget.sprint", "2", "--local"]);
    assert!(local.ends(0).out.contains(".aios/local.toml"));
    let hidden = bench.aios(&["config", "set", "budget.sprint", "2.50"]);
    let note = hidden.ends(0).err;
    assert!(note.contains("here it is \"2.00\" by local"), "{note}");
    bench.aios(&["config", "check"]).ends(0);
    bench
        .aios(&["config", "get", "budget.sprnt"])
        .ends(3)
        .says("E-CONF-02", "perhaps budget.sprint");
    bench
        .aios(&["config", "set", "budget.sprint", "much"])
        .ends(3)
        .says("E-CONF-03", "an amount");
    bench
        .aios(&["config", "set", "providers.x.key", "hunter2"])
        .ends(3)
        .says("E-CONF-05", "a key was given");
    let paths = bench.aios(&["config", "path"]).ends(0);
    assert!(paths.out.contains(".aios/local.toml\n"), "{}", paths.out);
    bench.put(".aios/config.toml", "[budget]\nsprint = 5.5\n", 0o644);
    bench
        .aios(&["config", "check"])
        .ends(3)
        .says("E-CONF-03", "config.toml:2:");
}

#[test]
fn roles_are_a_projects_own_once_it_is_trusted() {
    let bench = Bench::new(Wire::Anthropic, one());
    let mia = "key = \"backend\"\nname = \"Mia\"\n";
    bench.put(".aios/team/mia.toml", mia, 0o644);
    bench.put(
        ".aios/prompts/editing.md",
        "Edit with sentinel-care.\n",
        0o644,
    );
    let before = bench.aios(&["roles"]).ends(0);
    assert!(
        before.out.contains("Marcus") && before.err.contains("is not trusted"),
        "{}",
        before.out
    );
    bench.aios(&["init", "--trust"]).ends(0);
    let after = bench.aios(&["roles"]).ends(0);
    assert!(
        after.out.contains("Mia") && !after.out.contains("Marcus"),
        "{}",
        after.out
    );
    let prompt = bench.aios(&["dump-prompt", "mia"]).ends(0);
    for part in [
        "You are",
        "sentinel-care",
        "----- first message -----",
        "tokens: rules ",
    ] {
        assert!(prompt.out.contains(part), "{part}: {}", prompt.out);
    }
    bench
        .aios(&["dump-prompt", "nobody"])
        .ends(2)
        .says("E-USE-03", "name one of cto");
}

#[test]
fn the_doctor_changes_nothing_and_shows_no_key() {
    let bench = Bench::new(Wire::Anthropic, one());
    let ran = bench.aios(&["doctor", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["exit"], ran.code.unwrap());
    assert!(
        !ran.out.contains(crate::bench::KEY) && ran.out.contains("FAKE_KEY is set"),
        "{}",
        ran.out
    );
    assert!(!bench.repo.join(".git/aios").exists() && !bench.home().join(".state").exists());
    let mut outside = bench.command(&["doctor"]);
    let ran = Ran::of(&outside.current_dir(bench.home()).output().unwrap()).ends(3);
    assert!(
        ran.out.contains("not a git repository  (E-REPO-01)"),
        "{}",
        ran.out
    );
}
