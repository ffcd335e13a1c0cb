//! A demo that nobody disturbs.

use aios::domain::agent::Shape;
use aios::domain::tool::Access;

use crate::stage::Stage;

#[test]
fn a_goal_becomes_merged_work() {
    let stage = Stage::new();
    let output = stage.run();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let line = |begin: &str| {
        let found = text.lines().find(|line| line.starts_with(begin));
        found
            .unwrap_or_else(|| panic!("no line {begin:?} in\n{text}"))
            .to_owned()
    };
    assert!(line("before: ").ends_with(" red"));
    assert!(line("after: ").ends_with(" green"));
    let tier = line("sandbox: ");
    assert!(
        tier.contains("bubblewrap") || tier.contains("none"),
        "{tier}"
    );
    // One task comes back from the checks, one from the judge, and somebody asks.
    assert_eq!(text.matches("rework, checks are red").count(), 1);
    assert_eq!(text.matches("rework, QA rejected").count(), 1);
    assert_eq!(text.matches(" ASK waits ").count(), 1);
    // Whoever reads of models or money in a line reads that they are none.
    let money: Vec<&str> = text.lines().filter(|line| line.contains('$')).collect();
    assert!(!money.is_empty());
    for line in money {
        assert!(line.contains("(simulated)"), "{line}");
    }
    assert!(text.lines().next().unwrap().starts_with("simulated: "));
    assert_eq!(text.matches("approves by itself").count(), 1);
    stage.assert_whole();
    trailers(&stage);
    provenance(&stage);
}

fn trailers(stage: &Stage) {
    let merges = stage.git(&["log", "--merges", "--format=%H", "main"]);
    assert!(merges.lines().count() >= 5);
    for merge in merges.lines() {
        let message = stage.git(&["log", "-1", "--format=%(trailers)", merge]);
        for key in ["Task", "Attempt", "Criterion", "Model", "Cost", "Event"] {
            let trailer = format!("AIOS-{key}: ");
            let value = message.lines().find_map(|line| line.strip_prefix(&trailer));
            assert!(
                value.is_some_and(|value| !value.trim().is_empty()),
                "{trailer} is missing in {message}"
            );
        }
        assert!(message.contains("AIOS-Model: sim/"), "{message}");
    }
}

/// Every file that a task changed is known by who changed it, in which call, and what for.
fn provenance(stage: &Stage) {
    let world = stage.world();
    let sprint = world.sprints.first_key_value().unwrap().1;
    let mut with_criterion = 0;
    for task in sprint.tasks.values() {
        let base = task.base.as_ref().unwrap().to_string();
        let head = task.change.as_ref().unwrap().commit.to_string();
        let changed = stage.git(&["diff", "--name-only", "--no-renames", &base, &head]);
        for path in changed.lines() {
            let edits = task.edits.get(path);
            let edits = edits.unwrap_or_else(|| panic!("nobody changed {path} in {}", task.id));
            let last = edits.last().unwrap();
            // The last known content is the one that was merged.
            let content = stage.try_git(&["show", &format!("{head}:{path}")]).stdout;
            assert_eq!(
                last.after,
                Some(aios::base::id::Digest::of(&content)),
                "{path} in {}",
                task.id
            );
            with_criterion += edits.iter().filter(|edit| edit.criterion.is_some()).count();
        }
        for (path, edit) in task
            .edits
            .iter()
            .flat_map(|(path, edits)| edits.iter().map(move |edit| (path, edit)))
        {
            let attempt = world.attempt(edit.attempt).unwrap();
            let call = attempt.call(edit.step, edit.call).unwrap();
            match call.shape.access() {
                Access::Edits => {}
                Access::Runs => assert!(matches!(call.shape, Shape::Command { .. })),
                Access::Reads | Access::Decides => panic!("{} changed {path}", call.label),
            }
        }
    }
    assert!(with_criterion > 0);
}
