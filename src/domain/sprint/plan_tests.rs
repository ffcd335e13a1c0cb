//! Plans: faults, edits, revisions.

use super::*;
use crate::domain::sprint::PlanEdit;
use crate::domain::tool::args::{PlannedCriterion, PlannedTask};

fn team() -> Vec<Role> {
    let role = |key: &str, kind| Role {
        key: key.to_owned(),
        name: key.to_owned(),
        title: String::new(),
        charge: String::new(),
        kind,
        tools: Vec::new(),
        tier: Tier::Standard,
        prompt: String::new(),
    };
    vec![
        role("cto", RoleKind::Planner),
        role("backend", RoleKind::Worker),
        role("qa", RoleKind::Judge),
    ]
}

fn task(slug: &str, needs: &[&str]) -> PlannedTask {
    PlannedTask {
        slug: slug.to_owned(),
        title: "do it".to_owned(),
        role: "backend".to_owned(),
        detail: String::new(),
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        criteria: vec![PlannedCriterion {
            text: "it works".to_owned(),
            proof: "sh test.sh".to_owned(),
        }],
        touches: Vec::new(),
        complexity: 2,
    }
}

fn draft(tasks: Vec<PlannedTask>) -> Plan {
    Plan::draft(
        1,
        &ProposePlan {
            summary: String::new(),
            tasks,
        },
        &team(),
        12,
    )
}

fn faults(plan: &Plan) -> Vec<String> {
    plan.faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_sound_plan_has_no_faults() {
    assert_eq!(
        faults(&draft(vec![task("a", &[]), task("b", &["a"])])),
        Vec::<String>::new()
    );
}

#[test]
fn all_faults_are_said_at_once() {
    let mut broken = task("A b", &["ghost"]);
    broken.role = "qa".to_owned();
    broken.criteria = vec![PlannedCriterion {
        text: String::new(),
        proof: " ".to_owned(),
    }];
    broken.complexity = 9;
    let said = faults(&draft(vec![broken]));
    assert_eq!(
        said,
        [
            "task A b: the slug must be 1 to 40 small letters, digits or -",
            "task A b: unknown role qa; the team has backend",
            "task A b: criterion c1 has no text",
            "task A b: criterion c1 has no proof",
            "task A b: complexity must be 1 to 5",
            "task A b: needs ghost, which is not in the plan",
        ]
    );
}

#[test]
fn a_circle_is_shown() {
    let plan = draft(vec![
        task("a", &["c"]),
        task("b", &["a"]),
        task("c", &["b"]),
        task("d", &["c"]),
    ]);
    assert_eq!(
        faults(&plan),
        ["tasks need one another in a circle: a > c > b > a"]
    );
    assert_eq!(
        faults(&draft(vec![task("a", &["a"])])),
        ["tasks need one another in a circle: a > a"]
    );
}

#[test]
fn edits_make_a_new_revision_and_are_checked() {
    let plan = draft(vec![task("a", &[]), task("b", &["a"])]);
    let dropped = plan
        .edited(
            &[PlanEdit::Keep {
                slug: "a".to_owned(),
                keep: false,
            }],
            &team(),
            12,
        )
        .unwrap();
    assert_eq!(
        (dropped.revision, faults(&dropped)),
        (
            2,
            vec!["task b: needs a, which is not in the plan".to_owned()]
        )
    );
    assert_ne!(dropped.digest(), plan.digest());
    let moved = plan
        .edited(
            &[PlanEdit::Move {
                slug: "a".to_owned(),
                to: 9,
            }],
            &team(),
            12,
        )
        .unwrap();
    assert_eq!(
        moved
            .tasks
            .iter()
            .map(|task| task.slug.as_str())
            .collect::<Vec<_>>(),
        ["b", "a"]
    );
    assert!(
        plan.edited(
            &[PlanEdit::Title {
                slug: "z".to_owned(),
                title: String::new()
            }],
            &team(),
            12
        )
        .is_err()
    );
}

#[test]
fn too_many_and_none_are_faults() {
    assert_eq!(faults(&draft(Vec::new())), ["the plan has no task"]);
    let many = (0..13)
        .map(|number| task(&format!("t{number}"), &[]))
        .collect();
    assert_eq!(
        faults(&draft(many)),
        ["13 tasks are more than the limit of 12: split the goal"]
    );
}

#[test]
fn a_task_breaks_up_into_two_that_follow_one_another() {
    let plan = draft(vec![task("a", &[]), task("b", &["a"])]);
    let broken = |titles: [&str; 2]| {
        let edit = PlanEdit::Break {
            slug: "a".to_owned(),
            titles: titles.map(str::to_owned),
        };
        plan.edited(&[edit], &team(), 12).unwrap()
    };
    let two = broken(["read it", " Write it: all "]);
    assert_eq!(faults(&two), Vec::<String>::new());
    let seen: Vec<_> = two
        .tasks
        .iter()
        .map(|task| {
            (
                task.slug.as_str(),
                task.title.as_str(),
                task.needs.join(" "),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("a", "read it", String::new()),
            ("write-it-all", "Write it: all", "a".to_owned()),
            ("b", "do it", "write-it-all".to_owned()),
        ]
    );
    assert_eq!(two.tasks[0].criteria[0].proof, Proof::Human);
    assert_eq!(two.tasks[1].criteria, plan.tasks[0].criteria);
    assert_eq!((two.tasks[0].complexity, two.tasks[1].complexity), (1, 1));
    // Whatever a person calls it, its name is one, and free.
    assert_eq!(broken(["x", "a"]).tasks[1].slug, "a-2");
    assert_eq!(broken(["x", "счёт"]).tasks[1].slug, "task");
}

#[test]
fn a_new_task_is_sound_and_a_person_looks_at_it() {
    let plan = draft(vec![task("a", &[])]);
    let new = plan.new_task("Rounding test", "backend");
    let plan = plan
        .edited(&[PlanEdit::Add(Box::new(new))], &team(), 12)
        .unwrap();
    assert_eq!(faults(&plan), Vec::<String>::new());
    assert_eq!(plan.tasks[1].slug, "rounding-test");
}
