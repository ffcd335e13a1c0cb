//! The way to the end of a budget: the half is noted, then a person is asked, once a step, by one item that holds nothing.

use proptest::prelude::*;

use crate::base::id::{SprintId, TaskId};
use crate::base::money::Money;
use crate::base::time::{DAY_MS, Timestamp};
use crate::domain::journal::stage::{RESERVED, Stage, person, replied, tool, write};
use crate::domain::journal::{Command, Event, Input, PauseScope, Refusal, World, step};
use crate::domain::llm::Tier;
use crate::domain::presence::Standing;
use crate::domain::sprint::gate::{BudgetScope, Kind};
use crate::domain::sprint::{Ask, Closing, Gate, Phase, Sprint, Status, Verdict, nearing};

const ONE: SprintId = SprintId(1);
/// One percent of it is one reservation, and the price of a thousand tokens.
const LIMIT: Money = Money(RESERVED.0 * 100);

fn task() -> TaskId {
    "s1.t1".parse().unwrap()
}

/// A task that runs under a limit, of which nothing is spent as far as anybody was told.
fn spending(scope: BudgetScope) -> Stage {
    let mut stage = Stage::running(|_| {}, &[("a", &[]), ("b", &[])]);
    stage.prepare("s1.t1");
    limit(&mut stage, scope, LIMIT);
    stage
}

/// Sets a limit as if it had always been there.
fn limit(stage: &mut Stage, scope: BudgetScope, to: Money) {
    let spent = spent(&stage.world, scope);
    let sprint = stage.world.sprints.get_mut(&ONE).unwrap();
    match scope {
        BudgetScope::Request => panic!("calls have no steps"),
        BudgetScope::Sprint => sprint.account.limit = Some(to + spent),
        BudgetScope::Day => sprint.setup.policy.day_budget = Some(to + spent),
        BudgetScope::Task(task) => {
            sprint.tasks.get_mut(&task.number).unwrap().account.limit = Some(to + spent);
        }
    }
}

fn spent(world: &World, scope: BudgetScope) -> Money {
    let sprint = &world.sprints[&ONE];
    match scope {
        BudgetScope::Request => Money::ZERO,
        BudgetScope::Sprint => sprint.account.spent,
        BudgetScope::Day => world.days.values().copied().sum(),
        BudgetScope::Task(task) => sprint.task(task).unwrap().account.spent,
    }
}

/// The task's agent spends about so many percent of the limit; nothing if it is held.
fn spend(stage: &mut Stage, percent: u64) -> Vec<Event> {
    let key = stage.model_of("s1.t1");
    let mut events = stage.begin(key).unwrap_or_default();
    if !stage.world.may_run(&key) {
        return events;
    }
    let replied = replied(vec![write()], percent * 1_000);
    events.extend(stage.report(key, replied).unwrap());
    let call = stage
        .wanted()
        .into_iter()
        .find(|key| key.contains(":tool:"));
    if let Some(call) = call {
        stage.do_it(&call, tool(false));
    }
    events
}

fn open(sprint: &Sprint) -> Vec<&Gate> {
    let open = sprint.open_gates();
    open.filter(|gate| matches!(gate.ask, Ask::Nearing { .. }))
        .collect()
}

/// What was said about budgets, in short.
fn told(events: &[Event]) -> Vec<String> {
    let told = events.iter().filter_map(|event| match event {
        Event::HalfSpent { .. } => Some("half".to_owned()),
        Event::GateOpened {
            ask: Ask::Nearing { step, .. },
            ..
        } => Some(format!("asks {step}")),
        Event::GateOpened {
            ask: Ask::Budget { .. },
            ..
        } => Some("holds".to_owned()),
        Event::GateChanged {
            ask: Ask::Nearing { step, .. },
            ..
        } => Some(format!("rises {step}")),
        Event::GateDropped(_) => Some("dropped".to_owned()),
        _ => None,
    });
    told.collect()
}

#[test]
fn each_budget_is_noted_asked_about_and_rises_until_its_end_takes_over() {
    for scope in [
        BudgetScope::Task(task()),
        BudgetScope::Sprint,
        BudgetScope::Day,
    ] {
        let mut stage = spending(scope);
        let steps = [40, 15, 10, 20, 1, 5, 3, 20].map(|percent| told(&spend(&mut stage, percent)));
        let seen: Vec<String> = steps.iter().map(|step| step.join(" ")).collect();
        let expected = ["", "half", "", "asks 80", "", "rises 90", "", ""];
        assert_eq!(seen, expected, "{scope:?}");
        assert_eq!(open(stage.sprint()).len(), 1);
        assert_eq!(told(&spend(&mut stage, 1)), ["dropped", "holds"]);
        assert_eq!(
            stage.waiting(),
            ["BUDGET"],
            "two cards about the same money"
        );
        assert!(open(stage.sprint()).is_empty());
    }
}

#[test]
fn what_was_seen_before_it_rose_is_not_decided_on() {
    let mut stage = spending(BudgetScope::Sprint);
    spend(&mut stage, 45);
    spend(&mut stage, 40);
    let gate = open(stage.sprint())[0].clone();
    assert!(!gate.ask.holds() && !gate.ask.is_pressing() && !gate.ask.stops_all());
    spend(&mut stage, 10);
    let late = stage.says(Command::Decide {
        gate: gate.id,
        revision: gate.revision,
        verdict: Verdict::Approve,
        is_final: false,
    });
    assert_eq!(late, Err(Refusal::Stale(gate.id.to_string())));
    let risen = open(stage.sprint())[0];
    assert_eq!(risen.id, gate.id, "a second item");
    assert!(risen.ask.is_pressing() && risen.opened_at == gate.opened_at);
}

#[test]
fn going_on_is_an_answer_until_the_next_step() {
    let mut stage = spending(BudgetScope::Sprint);
    spend(&mut stage, 45);
    spend(&mut stage, 40);
    let before = stage.wanted();
    stage.decide(Kind::Budget, Verdict::Approve).unwrap();
    assert_eq!(stage.wanted(), before, "work had been held");
    assert_eq!(told(&spend(&mut stage, 2)), [""; 0]);
    assert_eq!(told(&spend(&mut stage, 5)), ["asks 90"]);
    stage.decide(Kind::Budget, Verdict::Approve).unwrap();
    assert_eq!(told(&spend(&mut stage, 3)), [""; 0]);
    assert_eq!(stage.waiting(), [""; 0]);
}

#[test]
fn a_new_limit_answers_and_the_steps_begin_anew() {
    let mut stage = spending(BudgetScope::Sprint);
    spend(&mut stage, 45);
    spend(&mut stage, 40);
    let low = stage.decide(Kind::Budget, Verdict::Raise(LIMIT));
    assert!(matches!(low, Err(Refusal::BudgetTooLow(_))));
    let twice = LIMIT + LIMIT;
    let events = stage.decide(Kind::Budget, Verdict::Raise(twice)).unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::BudgetChanged { limit, .. } if *limit == twice))
    );
    assert_eq!(stage.waiting(), [""; 0]);
    assert_eq!(told(&spend(&mut stage, 30)), ["half"]);
    assert_eq!(told(&spend(&mut stage, 50)), ["asks 80"]);
    // A person who sets it at the side knows what is spent: no question about the step that is reached by that.
    let limit = twice + Money(RESERVED.0 * 2);
    stage
        .says(Command::SetBudget { sprint: ONE, limit })
        .unwrap();
    assert_eq!(stage.waiting(), [""; 0]);
    assert_eq!(told(&spend(&mut stage, 20)), ["asks 90"]);
}

#[test]
fn the_answers_do_what_they_say() {
    let near = |scope| {
        let mut stage = spending(scope);
        spend(&mut stage, 45);
        spend(&mut stage, 40);
        stage
    };
    let mut stage = near(BudgetScope::Sprint);
    let limit = stage.sprint().account.limit.unwrap();
    stage.decide(Kind::Budget, Verdict::Cheaper(limit)).unwrap();
    assert_eq!(stage.task("s1.t2").spec.tier, Some(Tier::Economy));
    assert_eq!(stage.sprint().account.limit, Some(limit));
    assert_eq!(stage.waiting(), [""; 0]);
    let mut stage = near(BudgetScope::Sprint);
    let finish = stage.decide(Kind::Budget, Verdict::Finish(LIMIT));
    assert!(matches!(finish, Err(Refusal::WrongVerdict(_))));
    stage.decide(Kind::Budget, Verdict::Drop).unwrap();
    assert_eq!(stage.sprint().phase, Phase::Closed(Closing::Stopped));
    let mut stage = near(BudgetScope::Task(task()));
    let cheaper = stage.decide(Kind::Budget, Verdict::Cheaper(LIMIT));
    assert!(matches!(cheaper, Err(Refusal::WrongVerdict(_))));
    stage.decide(Kind::Budget, Verdict::Drop).unwrap();
    assert_eq!(stage.task("s1.t1").status, Status::Dropped);
    assert_eq!(stage.sprint().phase, Phase::Running);
}

#[test]
fn nothing_is_asked_of_what_spends_no_more() {
    let mut stage = spending(BudgetScope::Task(task()));
    spend(&mut stage, 45);
    spend(&mut stage, 40);
    assert_eq!(stage.waiting(), ["BUDGET"]);
    stage.says(Command::DropTask(task())).unwrap();
    assert_eq!(stage.waiting(), [""; 0]);
    let mut stage = Stage::running(|_| {}, &[("a", &[])]);
    stage.reach_review("s1.t1", &[1]);
    let spent = stage.task("s1.t1").account.spent;
    limit(&mut stage, BudgetScope::Task(task()), Money(spent.0 / 10));
    stage
        .says(Command::Pause(PauseScope::Task(task())))
        .unwrap();
    stage
        .says(Command::Resume(PauseScope::Task(task())))
        .unwrap();
    assert_eq!(
        stage.waiting(),
        ["DIFF", "BUDGET"],
        "a host that is newer than the journal asks"
    );
    stage.decide(Kind::Diff, Verdict::Approve).unwrap();
    stage.merge("s1.t1");
    assert_eq!(stage.waiting(), [""; 0]);
}

#[test]
fn a_new_day_begins_anew() {
    let mut stage = spending(BudgetScope::Day);
    spend(&mut stage, 45);
    spend(&mut stage, 40);
    let mut world = stage.world.clone();
    let input = Input {
        id: None,
        by: person("kim"),
        standing: Standing::Owner,
        client: "test".to_owned(),
        at: Timestamp(DAY_MS + 5),
        command: Command::Pause(PauseScope::Sprint(ONE)),
    };
    let events = step(&mut world, &input).unwrap();
    assert_eq!(told(&events), ["dropped"]);
}

#[test]
fn journals_from_before_say_nothing_about_steps() {
    let setup = crate::domain::journal::stage::setup();
    let mut policy = serde_json::to_value(&setup.policy).unwrap();
    policy.as_object_mut().unwrap().remove("ask_at_percent");
    let read: crate::domain::sprint::Policy = serde_json::from_value(policy).unwrap();
    assert_eq!(read, setup.policy);
}

/// Something that happens to a budget.
#[derive(Clone, Debug)]
enum Move {
    Spend(u64),
    GoOn,
    Raise(i64),
    Set(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        5 => (0_u64..30).prop_map(Move::Spend),
        2 => Just(Move::GoOn),
        1 => (1_i64..150).prop_map(Move::Raise),
        1 => (1_i64..300).prop_map(Move::Set),
    ];
    proptest::collection::vec(one, 1..14)
}

fn play(stage: &mut Stage, one: &Move) {
    let gate = stage
        .sprint()
        .open_gates()
        .find(|gate| gate.ask.kind() == Kind::Budget)
        .map(|gate| gate.id);
    match (one, gate) {
        (Move::Spend(percent), _) => drop(spend(stage, *percent)),
        // What does not fit is refused, and refusals change nothing.
        (Move::GoOn, Some(gate)) => drop(stage.decide_on(gate, Verdict::Approve, false)),
        (Move::Raise(by), Some(gate)) => {
            let limit = stage.sprint().account.limit.unwrap_or(LIMIT);
            let to = limit + Money(RESERVED.0 * by);
            drop(stage.decide_on(gate, Verdict::Raise(to), false));
        }
        (Move::GoOn | Move::Raise(_), None) => {}
        (Move::Set(percent), _) => {
            let limit = Money(RESERVED.0 * percent);
            drop(stage.says(Command::SetBudget { sprint: ONE, limit }));
        }
    }
}

/// At most one item a budget, and exactly where a step is reached that nobody has answered and the end is not asked about.
fn check(sprint: &Sprint, world: &World) {
    let all = [
        BudgetScope::Sprint,
        BudgetScope::Day,
        BudgetScope::Task(task()),
    ];
    for scope in all {
        let limit = match scope {
            BudgetScope::Day => sprint.setup.policy.day_budget,
            BudgetScope::Task(id) => sprint.task(id).unwrap().account.limit,
            _ => sprint.account.limit,
        };
        let Some(limit) = limit else { continue };
        let step = nearing::step(spent(world, scope).percent_of(limit), 80);
        let told = sprint.told.get(&scope).filter(|told| told.limit == limit);
        let is_answered = told.is_some_and(|told| told.step >= step);
        let is_held = sprint
            .open_gates()
            .any(|gate| matches!(gate.ask, Ask::Budget { scope: of, .. } if of == scope));
        let expected = usize::from(step >= 80 && !is_answered && !is_held);
        let asked = open(sprint).into_iter().filter(|gate| {
            matches!(gate.ask, Ask::Nearing { scope: of, step: at, limit: to, .. } if of == scope && at == step && to == limit)
        });
        let count = open(sprint)
            .into_iter()
            .filter(|gate| matches!(gate.ask, Ask::Nearing { scope: of, .. } if of == scope))
            .count();
        assert_eq!((asked.count(), count), (expected, expected), "{scope:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn there_is_one_item_exactly_where_a_step_is_not_answered(moves in moves(), both in any::<bool>()) {
        let mut stage = spending(BudgetScope::Sprint);
        if both {
            limit(&mut stage, BudgetScope::Task(task()), LIMIT);
            limit(&mut stage, BudgetScope::Day, LIMIT);
        }
        let from = stage.world.clone();
        let before = stage.log.len();
        for one in &moves {
            if stage.sprint().is_closed() {
                break;
            }
            play(&mut stage, one);
            check(stage.sprint(), &stage.world);
        }
        let mut again = from;
        for (at, event) in &stage.log[before..] {
            again.apply(event, *at);
        }
        prop_assert_eq!(&again.sprints, &stage.world.sprints);
    }
}
