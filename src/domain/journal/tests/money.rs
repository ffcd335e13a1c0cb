//! Budgets: of a call, a task, a sprint, a day.

use crate::base::id::SprintId;
use crate::base::money::Money;
use crate::domain::journal::stage::{RESERVED, Stage, finish};
use crate::domain::journal::{Command, Event, Hold, Refusal};
use crate::domain::llm::Tier;
use crate::domain::sprint::gate::{BudgetScope, Kind};
use crate::domain::sprint::{Ask, Closing, Phase, Policy, Status, Verdict};

const LOW: Money = Money(RESERVED.0 / 2);
const HIGH: Money = Money(RESERVED.0 * 10);

/// The planner is paid, and then a limit is set so low that the next call does not fit.
fn limited(scope: BudgetScope) -> Stage {
    let mut stage = Stage::planned(
        |setup| set(&mut setup.policy, scope),
        &[("a", &[]), ("b", &[])],
    );
    stage.decide(Kind::Plan, Verdict::Approve).unwrap();
    stage.prepare("s1.t1");
    stage.prepare("s1.t2");
    stage
}

/// The plan's own call is made at the same reservation, so all but a task's limit leave room for just that one.
fn set(policy: &mut Policy, scope: BudgetScope) {
    match scope {
        BudgetScope::Request => {}
        BudgetScope::Task(_) => policy.task_budget = Some(LOW),
        BudgetScope::Sprint => policy.budget = Some(RESERVED),
        BudgetScope::Day => policy.day_budget = Some(RESERVED),
    }
}

fn scope(stage: &Stage) -> BudgetScope {
    match stage.gate(Kind::Budget).ask {
        Ask::Budget { scope, .. } => scope,
        _ => panic!(),
    }
}

#[test]
fn each_budget_asks_holds_and_goes_on_when_it_is_raised() {
    let task = "s1.t1".parse().unwrap();
    for limit in [
        BudgetScope::Task(task),
        BudgetScope::Sprint,
        BudgetScope::Day,
    ] {
        let mut stage = limited(limit);
        let (one, two) = (stage.model_of("s1.t1"), stage.model_of("s1.t2"));
        let events = stage.begin(one).unwrap();
        assert!(
            matches!(
                events[..],
                [Event::GateOpened { .. }] | [Event::GateDropped(_), Event::GateOpened { .. }]
            ),
            "{events:?}"
        );
        assert!(!stage.world.may_run(&one));
        assert_eq!(scope(&stage), limit);
        assert_eq!(stage.begin(one), Err(Refusal::Held(one.to_string())));
        let others = if limit == BudgetScope::Task(task) {
            None
        } else {
            Some(Hold::Budget)
        };
        assert_eq!(stage.world.open[&two].hold, others, "{limit:?}");
        let low = stage.decide(Kind::Budget, Verdict::Raise(Money(1)));
        assert!(matches!(low, Err(Refusal::BudgetTooLow(_))));
        stage.decide(Kind::Budget, Verdict::Raise(HIGH)).unwrap();
        stage.answers("s1.t1", vec![finish()]);
        assert_eq!(stage.world.reserved, Money::ZERO);
    }
}

#[test]
fn a_call_that_is_too_dear_is_asked_about_before_all_else() {
    let mut stage = Stage::started(|setup| setup.policy.request_budget = Some(LOW));
    stage.do_it(
        "s1/open",
        crate::domain::journal::Report::Opened(crate::domain::journal::stage::base(Vec::new())),
    );
    let key = stage.model_of("s1.plan");
    stage.begin(key).unwrap();
    assert_eq!(scope(&stage), BudgetScope::Request);
    stage.decide(Kind::Budget, Verdict::Raise(HIGH)).unwrap();
    stage.plan(&[("a", &[])]);
}

#[test]
fn a_budget_that_is_not_raised_ends_what_it_is_about() {
    let task = "s1.t1".parse().unwrap();
    let mut stage = limited(BudgetScope::Task(task));
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    stage.decide(Kind::Budget, Verdict::Drop).unwrap();
    assert_eq!(stage.task("s1.t1").status, Status::Dropped);
    let mut stage = limited(BudgetScope::Sprint);
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    stage.decide(Kind::Budget, Verdict::Drop).unwrap();
    assert_eq!(stage.sprint().phase, Phase::Closed(Closing::Stopped));
}

#[test]
fn a_cheaper_tier_goes_on_with_what_is_open() {
    let mut stage = limited(BudgetScope::Sprint);
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    let low = stage.decide(Kind::Budget, Verdict::Cheaper(Money(1)));
    assert!(matches!(low, Err(Refusal::BudgetTooLow(_))));
    stage.decide(Kind::Budget, Verdict::Cheaper(HIGH)).unwrap();
    let tiers = ["s1.t1", "s1.t2"].map(|task| stage.task(task).spec.tier);
    assert_eq!(tiers, [Some(Tier::Economy); 2]);
    assert_eq!(stage.sprint().account.limit, Some(HIGH));
    stage.answers("s1.t1", vec![finish()]);
    // The cap of one task is no reason to make all cheaper.
    let task = "s1.t1".parse().unwrap();
    let mut stage = limited(BudgetScope::Task(task));
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    let wrong = stage.decide(Kind::Budget, Verdict::Cheaper(HIGH));
    assert!(matches!(wrong, Err(Refusal::WrongVerdict(_))));
}

#[test]
fn what_is_in_review_is_finished_and_the_rest_given_up() {
    let mut stage = Stage::running(|_| {}, &[("a", &[]), ("b", &[]), ("c", &["b"])]);
    stage.reach_review("s1.t1", &[1]);
    stage.prepare("s1.t2");
    let limit = stage.sprint().account.spent;
    stage
        .says(Command::SetBudget {
            sprint: SprintId(1),
            limit,
        })
        .unwrap();
    let key = stage.model_of("s1.t2");
    stage.begin(key).unwrap();
    stage.decide(Kind::Budget, Verdict::Finish(HIGH)).unwrap();
    let seen = ["s1.t1", "s1.t2", "s1.t3"].map(|task| stage.task(task).status);
    assert_eq!(seen, [Status::Asking, Status::Dropped, Status::Dropped]);
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    stage.merge("s1.t1");
    assert_eq!(stage.sprint().phase, Phase::Summing);
}

#[test]
fn nothing_is_finished_where_nothing_is_in_review() {
    let mut stage = limited(BudgetScope::Sprint);
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    let wrong = stage.decide(Kind::Budget, Verdict::Finish(HIGH));
    assert!(matches!(wrong, Err(Refusal::WrongVerdict(_))));
}

#[test]
fn a_new_limit_answers_the_open_question() {
    let mut stage = limited(BudgetScope::Sprint);
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    let set = |limit| Command::SetBudget {
        sprint: SprintId(1),
        limit,
    };
    let spent = stage.sprint().account.spent;
    assert_eq!(stage.says(set(Money(1))), Err(Refusal::BudgetTooLow(spent)));
    stage.says(set(HIGH)).unwrap();
    assert_eq!(stage.waiting(), Vec::<&str>::new());
    stage.answers("s1.t1", vec![finish()]);
}

#[test]
fn a_question_about_the_sprints_budget_outlives_the_task_that_met_it() {
    let mut stage = limited(BudgetScope::Sprint);
    let key = stage.model_of("s1.t1");
    stage.begin(key).unwrap();
    let task = stage.task("s1.t1").id;
    stage.says(Command::DropTask(task)).unwrap();
    assert_eq!(stage.waiting(), ["BUDGET"]);
    let other = stage.model_of("s1.t2");
    assert_eq!(stage.world.open[&other].hold, Some(Hold::Budget));
}

#[test]
fn a_call_without_a_reservation_does_not_begin() {
    let mut stage = limited(BudgetScope::Request);
    let key = stage.model_of("s1.t1");
    assert!(stage.runs(Command::Begin { key, model: None }).is_err());
}
