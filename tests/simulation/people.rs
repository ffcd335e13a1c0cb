//! People: they decide, change their minds, come late, pause, stop, and say things.

use aios::base::body::Body;
use aios::base::id::{GateId, SprintId, Work};
use aios::base::money::Money;
use aios::domain::change::Mark;
use aios::domain::change::clash::{Choice, Clash};
use aios::domain::journal::{Command, PauseScope, World};
use aios::domain::llm::Tier;
use aios::domain::sprint::{Ask, Gate, GateState, Phase, PlanEdit, Sprint, Verdict};
use aios::domain::tool::grant::Scope;

use crate::dice::Dice;
use crate::outside::{nothing, words};

/// What people do now, looking at the world as it is.
pub(crate) fn act(world: &World, dice: &mut Dice, is_calm: bool) -> Vec<Command> {
    let mut commands = Vec::new();
    for sprint in world.sprints.values().filter(|sprint| !sprint.is_closed()) {
        for gate in sprint.open_gates() {
            let is_open = gate.state == GateState::Open;
            if is_open && (is_calm || dice.percent(25)) {
                commands.extend(on_gate(sprint, gate, dice, is_calm));
            } else if !is_open && !is_calm && dice.percent(35) {
                commands.push(Command::Undo { gate: gate.id });
            }
        }
        if is_calm {
            resume(sprint, &mut commands);
        } else if dice.percent(12) {
            commands.extend(whim(sprint, dice));
        }
    }
    commands
}

fn resume(sprint: &Sprint, commands: &mut Vec<Command>) {
    if sprint.paused.is_some() {
        commands.push(Command::Resume(PauseScope::Sprint(sprint.id)));
    }
    let paused = sprint
        .tasks
        .values()
        .filter(|task| task.is_paused && !task.is_over());
    commands.extend(paused.map(|task| Command::Resume(PauseScope::Task(task.id))));
}

fn on_gate(sprint: &Sprint, gate: &Gate, dice: &mut Dice, is_calm: bool) -> Vec<Command> {
    let id = gate.id;
    let is_stale = !is_calm && dice.percent(5);
    let revision = if is_stale { nothing() } else { gate.revision };
    let decide = |verdict, is_final| Command::Decide {
        gate: id,
        revision,
        verdict,
        is_final,
    };
    if is_calm {
        if let Ask::Conflict {
            clash: Some(clash), ..
        } = &gate.ask
            && dice.percent(50)
        {
            let choices = chosen(clash, dice);
            return vec![Command::Try {
                gate: id,
                revision,
                choices,
            }];
        }
        return vec![decide(kindly(sprint, gate), true)];
    }
    let mut commands = Vec::new();
    if let Ask::Diff { hunks, .. } = &gate.ask {
        let mut marks = Vec::new();
        for hunk in hunks {
            let reject = Mark::Rejected {
                reason: "no".to_owned(),
            };
            match dice.below(10) {
                0 => marks.push((*hunk, reject)),
                1 => {}
                _ => marks.push((*hunk, Mark::Accepted)),
            }
        }
        commands.push(Command::Mark { gate: id, marks });
    }
    if let Ask::Plan { revision, .. } = &gate.ask
        && dice.percent(30)
    {
        commands.push(edit(sprint.id, *revision, dice));
    }
    let is_final = dice.percent(40);
    if let Ask::Conflict {
        clash: Some(clash), ..
    } = &gate.ask
    {
        let choices = chosen(clash, dice);
        if dice.percent(60) {
            let choices = choices.clone();
            commands.push(Command::Try {
                gate: id,
                revision,
                choices,
            });
        }
        // Who has it tested waits for that, or does not.
        match dice.below(4) {
            0 => {}
            1 => commands.push(decide(any_verdict(gate, dice), is_final)),
            _ => commands.push(decide(Verdict::Resolve(choices), is_final)),
        }
        return commands;
    }
    commands.push(decide(any_verdict(gate, dice), is_final));
    if dice.percent(10) {
        // Two people at once.
        commands.push(decide(any_verdict(gate, dice), is_final));
    }
    commands
}

/// The answer that leads on.
fn kindly(sprint: &Sprint, gate: &Gate) -> Verdict {
    match &gate.ask {
        Ask::Plan { .. } if !sprint.plan.faults.is_empty() => {
            Verdict::Reject("mend the faults".to_owned())
        }

        Ask::Question { .. } => Verdict::Answer("yes".to_owned()),
        Ask::Tool { .. } => Verdict::Allow(Scope::Sprint),
        Ask::Diff { .. } if gate.marked().1 > 0 => Verdict::Send,
        Ask::Plan { .. } | Ask::Merge { .. } | Ask::Hand { .. } | Ask::Diff { .. } => {
            Verdict::Approve
        }
        Ask::Conflict {
            clash: Some(clash), ..
        } => clash
            .all(&Choice::Theirs)
            .map_or(Verdict::Retry, Verdict::Resolve),
        Ask::Conflict { .. } | Ask::Fail { .. } | Ask::Key { .. } => Verdict::Retry,
        Ask::Budget { .. } => Verdict::Raise(Money::dollars(1_000_000)),
        Ask::Nearing { .. } => Verdict::Approve,
    }
}

/// A choice for each place; mostly one of a few, so that the same result is met again.
fn chosen(clash: &Clash, dice: &mut Dice) -> Vec<Vec<Choice>> {
    let all = [
        Choice::Ours,
        Choice::Theirs,
        Choice::Both,
        Choice::Text("x\n".to_owned()),
    ];
    let same = dice.pick(&all).cloned().unwrap_or(Choice::Ours);
    let mut choices = clash.all(&same).unwrap_or_default();
    // One too few, which is refused.
    if dice.percent(10)
        && let Some(file) = choices.first_mut()
    {
        file.pop();
    }
    choices
}

fn any_verdict(gate: &Gate, dice: &mut Dice) -> Verdict {
    let all = [
        Verdict::Approve,
        Verdict::Approve,
        Verdict::Approve,
        Verdict::Reject("another way".to_owned()),
        Verdict::Reject("smaller".to_owned()),
        Verdict::Answer("spaces".to_owned()),
        Verdict::Answer("tabs".to_owned()),
        Verdict::Allow(Scope::Once),
        Verdict::Allow(Scope::Task),
        Verdict::Allow(Scope::Sprint),
        Verdict::Send,
        Verdict::Send,
        Verdict::Raise(Money(dice.next() as i64 % 3_000_000_000)),
        Verdict::Raise(Money::dollars(5)),
        Verdict::Cheaper(Money::dollars(6)),
        Verdict::Finish(Money::dollars(7)),
        Verdict::Retry,
        Verdict::Retry,
        Verdict::Retry,
        Verdict::TakeOver,
        Verdict::Resolve(vec![vec![Choice::Both, Choice::Text("x".to_owned())]]),
        Verdict::Resolve(vec![vec![Choice::Ours; 2]]),
        Verdict::Drop,
    ];
    if dice.percent(3) {
        return dice.pick(&all).cloned().unwrap_or(Verdict::Drop);
    }
    let fitting: Vec<&Verdict> = all
        .iter()
        .filter(|verdict| gate.ask.takes(verdict))
        .collect();
    // Giving up is rare.
    let chosen = dice.pick(&fitting).map(|verdict| (*verdict).clone());
    match chosen {
        Some(Verdict::Drop) if dice.percent(85) => fitting[0].clone(),
        Some(verdict) => verdict,
        None => Verdict::Drop,
    }
}

fn edit(sprint: SprintId, revision: u32, dice: &mut Dice) -> Command {
    let slug = format!("t{}", dice.below(6));
    let edit = match dice.below(4) {
        0 => PlanEdit::Keep {
            slug,
            keep: dice.percent(50),
        },
        1 => PlanEdit::Move {
            slug,
            to: dice.below(6),
        },
        2 => PlanEdit::Tier {
            slug,
            tier: Tier::Premium,
        },
        _ => PlanEdit::Title {
            slug,
            title: "another title".to_owned(),
        },
    };
    Command::EditPlan {
        sprint,
        revision,
        edits: vec![edit],
    }
}

/// Something that nobody asked for.
fn whim(sprint: &Sprint, dice: &mut Dice) -> Option<Command> {
    let id = sprint.id;
    let tasks: Vec<_> = sprint
        .tasks
        .values()
        .filter(|task| !task.is_over())
        .map(|task| task.id)
        .collect();
    let task = dice.pick(&tasks).copied();
    // Just when it must not be: a merge or a landing is on its way.
    let merging = sprint.tasks.values().find(|task| task.is_merging);
    match merging {
        Some(task) if dice.percent(15) => return Some(Command::DropTask(task.id)),
        None if sprint.is_landing && dice.percent(30) => return Some(Command::Stop(id)),
        Some(_) | None => {}
    }
    Some(match dice.below(28) {
        0 | 1 => Command::Pause(PauseScope::Sprint(id)),
        2..=4 => Command::Resume(PauseScope::Sprint(id)),
        5 | 6 => Command::Pause(PauseScope::Task(task?)),
        7..=9 => Command::Resume(PauseScope::Task(task?)),
        10..=14 => Command::Steer {
            work: Work::Task(task?),
            text: words(dice),
        },
        15 => Command::Steer {
            work: Work::Plan(id),
            text: words(dice),
        },
        16 => Command::Steer {
            work: Work::Summary(id),
            text: words(dice),
        },
        17 | 18 => Command::SetBudget {
            sprint: id,
            limit: Money(dice.next() as i64 % 4_000_000_000),
        },
        19 if dice.percent(40) => Command::DropTask(task?),
        20 if dice.percent(5) => Command::Stop(id),
        21 => Command::Undo {
            gate: GateId {
                sprint: id,
                number: 1 + dice.below(9) as u32,
            },
        },
        22 => Command::Order {
            task: task?,
            before: *dice.pick(&tasks)?,
        },
        23 => Command::Assign {
            task: task?,
            role: dice.pick(&sprint.setup.team)?.key.clone(),
        },
        24 => {
            let gates: Vec<_> = sprint.gates.values().collect();
            let gate = dice.pick(&gates)?;
            Command::Allow {
                gate: gate.id,
                revision: gate.revision,
            }
        }
        25 => {
            let rules = sprint.rules();
            let rule = dice.pick(&rules)?;
            Command::Revoke {
                sprint: id,
                command: rule.command,
                reach: rule.reach,
            }
        }
        26 => {
            let role = &dice.pick(&sprint.setup.team)?.key;
            let mut task = sprint.plan.new_task("one more", role);
            let need = dice.pick(&tasks).and_then(|id| sprint.task(*id));
            let need = need.filter(|_| dice.percent(40));
            task.needs.extend(need.map(|need| need.spec.slug.clone()));
            Command::AddTask {
                sprint: id,
                task: Box::new(task),
                is_final: dice.percent(30),
            }
        }
        27 => Command::TakeBack(task?),
        _ => return None,
    })
}

/// A goal, or nothing that could be one.
pub(crate) fn goal(dice: &mut Dice) -> Body {
    words(dice)
}

/// Whether a sprint is one that people may still start while it runs.
pub(crate) fn is_early(sprint: &Sprint) -> bool {
    matches!(
        sprint.phase,
        Phase::Opening | Phase::Planning | Phase::Approving
    )
}
