//! What follows inside an attempt: calls that the program answers itself, nudges, brakes, ends.

use crate::base::body::Body;
use crate::base::id::Work;
use crate::domain::agent::{Answer, Attempt, CallState, End, Next, Nudge, RoleKind, Shape};
use crate::domain::journal::Event;
use crate::domain::journal::desired::may_run;
use crate::domain::sprint::{Ask, Gate, Plan, Sprint, rule};
use crate::domain::tool::args::ProposePlan;
use crate::domain::tool::risk;

/// Percent of the model's window at which old results are stubbed.
const TRIM_PERCENT: u64 = 60;
/// Percent of the model's window at which an attempt ends as full.
const FULL_PERCENT: u64 = 85;
/// Steps whose results are never stubbed.
const KEPT_STEPS: u32 = 8;
/// Questions that an attempt may ask a person.
const MOST_QUESTIONS: usize = 3;

pub(super) fn of_attempt(sprint: &Sprint, attempt: &Attempt) -> Option<Event> {
    match attempt.next() {
        Next::Word => Some(without_call(sprint, attempt)),
        Next::Answers => {
            let (call, state) = attempt.unanswered().next()?;
            answer(sprint, attempt, call, state)
        }
        Next::Model(step) if step > 0 => brake(sprint, attempt, step),
        Next::Model(_) | Next::Nothing => None,
    }
}

/// Before the next reply: has it run in circles, is there room?
fn brake(sprint: &Sprint, attempt: &Attempt, step: u32) -> Option<Event> {
    let id = attempt.id;
    if let Some(sign) = attempt.brake.tripped(attempt.kind) {
        return Some(if attempt.was_braked {
            Event::AttemptEnded {
                attempt: id,
                end: End::Looped(sign),
            }
        } else {
            Event::Nudged {
                attempt: id,
                nudge: Nudge::Brake(sign),
            }
        });
    }
    let window = sprint.model(attempt.tier).window.max(1);
    let percent = attempt.context().saturating_mul(100) / window;
    if percent >= FULL_PERCENT {
        return Some(Event::AttemptEnded {
            attempt: id,
            end: End::Full,
        });
    }
    let upto = step.saturating_sub(KEPT_STEPS);
    let is_worth_it = percent >= TRIM_PERCENT && upto >= attempt.trimmed_upto + KEPT_STEPS;
    is_worth_it.then_some(Event::TranscriptTrimmed { attempt: id, upto })
}

/// A reply without a call ends the summary; others are told once, and then it counts as what it is.
fn without_call(sprint: &Sprint, attempt: &Attempt) -> Event {
    let id = attempt.id;
    let last = attempt.steps.last();
    if matches!(id.work, Work::Summary(_)) {
        let text = last.map_or_else(|| Body::Inline(String::new()), |step| step.reply.clone());
        return Event::AttemptEnded {
            attempt: id,
            end: End::Summed(text),
        };
    }
    if attempt.nudged_for_silence() == 0 {
        return Event::Nudged {
            attempt: id,
            nudge: Nudge::NoCall,
        };
    }
    let words = last.map(|step| step.first_line.clone()).unwrap_or_default();
    match attempt.kind {
        RoleKind::Worker => Event::AttemptEnded {
            attempt: id,
            end: End::Finished {
                summary: words,
                claims: Vec::new(),
            },
        },
        RoleKind::Judge => Event::AttemptEnded {
            attempt: id,
            end: End::Silent,
        },
        RoleKind::Planner => {
            let why = "the planner answered in words, not with a plan".to_owned();
            let plan = Plan::unreadable(sprint.plan.revision + 1, why, words);
            Event::PlanProposed {
                sprint: sprint.id,
                plan,
            }
        }
    }
}

/// Answers the first unanswered call, if the program can do so by itself.
fn answer(sprint: &Sprint, attempt: &Attempt, call: u32, state: &CallState) -> Option<Event> {
    let step = (attempt.steps.len() as u32).saturating_sub(1);
    let returned = |text: String, is_error: bool, brief: &str| {
        let answer = Answer {
            text: Body::Inline(text),
            is_error,
            brief: brief.to_owned(),
            exit: None,
            rest: None,
        };
        Some(Event::ToolReturned {
            attempt: attempt.id,
            step,
            call,
            answer,
        })
    };
    match &state.shape {
        Shape::Work(_) => None,
        Shape::Bad(why) => match unreadable_plan(sprint, attempt, state, why) {
            Some(event) => Some(event),
            None => returned(why.clone(), true, "refused"),
        },
        Shape::Command { command, .. } => of_command(sprint, attempt, (step, call), command),
        Shape::Ask(asked) => {
            if asked_about(sprint, attempt, step, call).is_some() {
                return None;
            }
            if questions(attempt) >= MOST_QUESTIONS {
                return returned("No more questions in this attempt: decide by yourself, and say in your summary what you assumed.".to_owned(), true, "too many");
            }
            let ask = Ask::Question {
                attempt: attempt.id,
                step,
                call,
                question: asked.question.clone(),
                options: asked.options.clone(),
            };
            Some(Event::GateOpened {
                gate: sprint.next_gate(),
                work: attempt.id.work,
                ask,
            })
        }
        Shape::Message(_) => returned("Left for them. Go on.".to_owned(), false, "left"),
        Shape::Note(_) => returned("Noted.".to_owned(), false, "noted"),
        Shape::Finish { .. } | Shape::Verdict(_) | Shape::Plan(_)
            if !ends(attempt, &state.shape) =>
        {
            let text =
                "That does not end this work: use the closing tool that you were given for it.";
            returned(text.to_owned(), true, "refused")
        }
        Shape::Finish { .. } | Shape::Verdict(_) | Shape::Plan(_) if has_unread_words(attempt) => {
            let text = "Not ended: a person's words reached you in the meantime and follow below. Heed them first, then end again.";
            returned(text.to_owned(), true, "words came")
        }
        Shape::Finish { summary, claims } => Some(Event::AttemptEnded {
            attempt: attempt.id,
            end: End::Finished {
                summary: summary.clone(),
                claims: claims.clone(),
            },
        }),
        Shape::Verdict(verdict) => Some(Event::AttemptEnded {
            attempt: attempt.id,
            end: End::Judged(verdict.clone()),
        }),
        Shape::Plan(proposed) => Some(plan(sprint, attempt, step, call, proposed)),
    }
}

/// A command that may not run waits for a person.
fn of_command(
    sprint: &Sprint,
    attempt: &Attempt,
    (step, call): (u32, u32),
    command: &str,
) -> Option<Event> {
    let asked = asked_about(sprint, attempt, step, call);
    let shape = attempt.call(step, call).map(|call| &call.shape)?;
    if may_run(sprint, attempt.id, step, call, shape) {
        // Meanwhile a person allowed the same command elsewhere, beyond that one call.
        return asked.map(|gate| Event::GateDropped(gate.id));
    }
    let ask = Ask::Tool {
        attempt: attempt.id,
        step,
        call,
        command: command.to_owned(),
        why: why(sprint, command),
    };
    asked.is_none().then(|| Event::GateOpened {
        gate: sprint.next_gate(),
        work: attempt.id.work,
        ask,
    })
}

/// Why a command waits: commands do only where there is no sandbox, and then as far as nobody has allowed them.
fn why(sprint: &Sprint, command: &str) -> String {
    let mut same = sprint
        .gates
        .values()
        .filter(|gate| rule::command_of(gate) == Some(command));
    let rest = if risk::is_high(command) {
        "and risky commands wait each time"
    } else if same.any(|gate| rule::allowed_by(gate).is_some()) {
        "and it was allowed before, but not for this"
    } else {
        "and nobody has allowed it before"
    };
    format!("there is no sandbox here, {rest}")
}

/// Whether a closing call is the one that ends this kind of work.
const fn ends(attempt: &Attempt, shape: &Shape) -> bool {
    match shape {
        Shape::Finish { .. } => matches!(attempt.kind, RoleKind::Worker),
        Shape::Verdict(_) => matches!(attempt.kind, RoleKind::Judge),
        Shape::Plan(_) => matches!(attempt.id.work, Work::Plan(_)),
        Shape::Work(_)
        | Shape::Command { .. }
        | Shape::Ask(_)
        | Shape::Message(_)
        | Shape::Note(_)
        | Shape::Bad(_) => true,
    }
}

/// A faulty plan goes back once with all its faults; then the draft with its faults is what the person sees.
fn plan(sprint: &Sprint, attempt: &Attempt, step: u32, call: u32, proposed: &ProposePlan) -> Event {
    let plan = Plan::draft(
        sprint.plan.revision + 1,
        proposed,
        &sprint.setup.team,
        sprint.setup.policy.max_tasks,
    );
    let was_told = attempt
        .steps
        .iter()
        .flat_map(|step| &step.calls)
        .any(|call| {
            matches!(call.shape, Shape::Plan(_))
                && call.answer.as_ref().is_some_and(|answer| answer.is_error)
        });
    if plan.faults.is_empty() || was_told {
        return Event::PlanProposed {
            sprint: sprint.id,
            plan,
        };
    }
    let faults: Vec<String> = plan
        .faults
        .iter()
        .map(|fault| format!("- {fault}"))
        .collect();
    let text = format!(
        "The plan has faults. Call propose_plan once more with all of them mended:\n{}",
        faults.join("\n")
    );
    let brief = format!("{} faults", plan.faults.len());
    let answer = Answer {
        text: Body::Inline(text),
        is_error: true,
        brief,
        exit: None,
        rest: None,
    };
    Event::ToolReturned {
        attempt: attempt.id,
        step,
        call,
        answer,
    }
}

/// The second plan that cannot be read at all becomes an empty draft with the raw text.
fn unreadable_plan(
    sprint: &Sprint,
    attempt: &Attempt,
    state: &CallState,
    why: &str,
) -> Option<Event> {
    let is_plan = |call: &CallState| {
        call.label.starts_with("propose_plan") && matches!(call.shape, Shape::Bad(_))
    };
    let told = attempt
        .steps
        .iter()
        .flat_map(|step| &step.calls)
        .filter(|call| is_plan(call) && call.answer.is_some())
        .count();
    (matches!(attempt.id.work, Work::Plan(_)) && is_plan(state) && told > 0).then(|| {
        let raw = attempt
            .steps
            .last()
            .map(|step| step.first_line.clone())
            .unwrap_or_default();
        Event::PlanProposed {
            sprint: sprint.id,
            plan: Plan::unreadable(sprint.plan.revision + 1, why.to_owned(), raw),
        }
    })
}

fn questions(attempt: &Attempt) -> usize {
    let calls = attempt.steps.iter().flat_map(|step| &step.calls);
    calls
        .filter(|call| matches!(call.shape, Shape::Ask(_)) && call.answer.is_some())
        .count()
}

/// The open gate about this very call.
fn asked_about<'a>(
    sprint: &'a Sprint,
    of: &Attempt,
    in_step: u32,
    of_call: u32,
) -> Option<&'a Gate> {
    sprint.gates_about(of.id.work).find(|gate| match &gate.ask {
        Ask::Question {
            attempt,
            step,
            call,
            ..
        }
        | Ask::Tool {
            attempt,
            step,
            call,
            ..
        } => (*attempt, *step, *call) == (of.id, in_step, of_call),
        Ask::Plan { .. }
        | Ask::Diff { .. }
        | Ask::Merge { .. }
        | Ask::Conflict { .. }
        | Ask::Budget { .. }
        | Ask::Fail { .. }
        | Ask::Key { .. }
        | Ask::Hand { .. }
        | Ask::Nearing { .. } => false,
    })
}

/// Whether a person said something that the agent has not read yet.
fn has_unread_words(attempt: &Attempt) -> bool {
    let last = attempt.steps.last().map_or(&[][..], |step| &step.nudges);
    last.iter()
        .any(|nudge| matches!(nudge, Nudge::Steer { .. }))
}
