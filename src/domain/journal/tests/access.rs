//! What each standing may do.

use crate::base::body::Body;
use crate::base::id::{CommandId, SprintId, TaskId, Work};
use crate::base::money::Money;
use crate::base::time::Timestamp;
use crate::domain::journal::stage::{RESERVED, Stage};
use crate::domain::journal::{Command, Event, Input, PauseScope, Refusal, needs, step};
use crate::domain::presence::{Party, Standing};
use crate::domain::security::Actor;
use crate::domain::sprint::Verdict;
use crate::domain::sprint::gate::Kind;
use crate::domain::tool::grant::Scope;

const ONE: SprintId = SprintId(1);

fn person(name: &str) -> Actor {
    Actor::Person {
        uid: 7,
        name: name.to_owned(),
    }
}

fn says(stage: &Stage, standing: Standing, command: Command) -> Result<Vec<Event>, Refusal> {
    let mut world = stage.world.clone();
    let before = world.clone();
    let input = Input {
        id: Some(CommandId("c".to_owned())),
        by: person("li"),
        standing,
        client: "test".to_owned(),
        at: Timestamp(9_000),
        command,
    };
    let answer = step(&mut world, &input);
    if answer.is_err() {
        assert_eq!(world, before);
    }
    answer
}

fn is_below(answer: &Result<Vec<Event>, Refusal>) -> bool {
    matches!(answer, Err(Refusal::Below { .. }))
}

#[test]
fn an_approver_decides_and_does_not_own() {
    let stage = Stage::planned(|_| {}, &[("a", &[]), ("b", &[])]);
    let task: TaskId = "s1.t1".parse().unwrap();
    let gate = stage.gate(Kind::Plan);
    let approve = Command::Decide {
        gate: gate.id,
        revision: gate.revision,
        verdict: Verdict::Approve,
        is_final: false,
    };
    let text = Body::Inline("faster".to_owned());
    let whom = Some(Party {
        who: person("tom"),
        client: "tui".to_owned(),
    });
    let start = Command::StartSprint {
        goal: text.clone(),
        setup: None,
        base: None,
    };
    let owners = [
        start,
        Command::Stop(ONE),
        Command::SetBudget {
            sprint: ONE,
            limit: Money(900),
        },
        Command::SetStanding {
            line: 4,
            to: Standing::Owner,
            whom: whom.clone(),
        },
        Command::Remove { line: 4, whom },
        Command::Allow {
            gate: gate.id,
            revision: gate.revision,
        },
    ];
    for command in owners {
        for low in [Standing::Viewer, Standing::Approver] {
            let answer = says(&stage, low, command.clone());
            assert!(is_below(&answer), "{low}: {command:?}: {answer:?}");
        }
        assert!(!is_below(&says(&stage, Standing::Owner, command)));
    }
    let approvers = [
        approve,
        Command::Pause(PauseScope::Sprint(ONE)),
        Command::Steer {
            work: Work::Task(task),
            text,
        },
        Command::EditPlan {
            sprint: ONE,
            revision: 1,
            edits: Vec::new(),
        },
        Command::DropTask(task),
    ];
    for command in approvers {
        let answer = says(&stage, Standing::Viewer, command.clone());
        let expected = Refusal::Below {
            has: Standing::Viewer,
            needs: Standing::Approver,
            ask: "an owner or an approver".to_owned(),
        };
        assert_eq!(answer, Err(expected), "{command:?}");
        assert!(!is_below(&says(&stage, Standing::Approver, command)));
    }
}

#[test]
fn a_verdict_that_stops_the_sprint_or_moves_a_budget_is_its_owners() {
    let mut stage = Stage::planned(
        |setup| setup.policy.budget = Some(RESERVED),
        &[("a", &[]), ("b", &[])],
    );
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    stage.prepare("s1.t1");
    let key = stage.model_of("s1.t1");
    // There is no money for it: a person is asked.
    stage.begin(key).unwrap();
    let gate = stage.gate(Kind::Budget);
    let decide = |verdict| Command::Decide {
        gate: gate.id,
        revision: gate.revision,
        verdict,
        is_final: true,
    };
    for verdict in [Verdict::Raise(Money(RESERVED.0 * 10)), Verdict::Drop] {
        let answer = says(&stage, Standing::Approver, decide(verdict.clone()));
        assert!(is_below(&answer), "{verdict:?}: {answer:?}");
        let answer = says(&stage, Standing::Owner, decide(verdict.clone()));
        assert!(answer.is_ok(), "{verdict:?}: {answer:?}");
    }
    // A rule is an owner's, one call is not.
    let stage = Stage::planned(|_| {}, &[("a", &[])]);
    let gate = stage.gate(Kind::Plan);
    let allow = |scope| {
        let command = Command::Decide {
            gate: gate.id,
            revision: gate.revision,
            verdict: Verdict::Allow(scope),
            is_final: true,
        };
        needs(&stage.world, &command)
    };
    assert_eq!(allow(Scope::Once), Standing::Approver);
    assert_eq!(allow(Scope::Task), Standing::Owner);
    assert_eq!(allow(Scope::Sprint), Standing::Owner);
}

#[test]
fn who_may_do_what_is_written_down_and_changes_nothing_else() {
    let stage = Stage::planned(|_| {}, &[("a", &[])]);
    let whom = Party {
        who: person("tom"),
        client: "tui".to_owned(),
    };
    let set = |whom| Command::SetStanding {
        line: 4,
        to: Standing::Viewer,
        whom,
    };
    // Only the host says who sits at a line.
    let refused = says(&stage, Standing::Owner, set(None)).unwrap_err();
    assert_eq!(refused.to_string(), "there is no line 4 at this session");
    let events = says(&stage, Standing::Owner, set(Some(whom.clone())));
    let expected = Event::StandingChanged {
        line: 4,
        whom: whom.clone(),
        to: Standing::Viewer,
        by: person("li"),
    };
    assert_eq!(events, Ok(vec![expected.clone()]));
    let mut world = stage.world.clone();
    world.apply(&expected, Timestamp(1));
    assert_eq!(world, stage.world);
    let removed = Command::Remove {
        line: 4,
        whom: Some(whom.clone()),
    };
    let by = person("li");
    let expected = Event::PersonRemoved { line: 4, whom, by };
    assert_eq!(says(&stage, Standing::Owner, removed), Ok(vec![expected]));
}
