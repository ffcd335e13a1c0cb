//! What a person can answer when a budget is reached or comes to its end, each answer with what comes of it. The first is the safest that finishes.

use crate::base::money::Money;
use crate::domain::llm::Tier;
use crate::domain::sprint::gate::BudgetScope;
use crate::domain::sprint::{Gate, Sprint, Verdict, board, estimate, nearing};
use crate::tui::facts::{line, role_name, waiting};

use super::Choice;

/// The answers.
pub(super) fn choices(
    sprint: &Sprint,
    scope: BudgetScope,
    asked: Money,
    limit: Money,
) -> Vec<Choice> {
    let least = round_up(limit + asked.max(Money(limit.0 / 4)));
    let raise = |to: Money| Choice {
        label: format!("add {}, go on", to - limit),
        result: format!("new limit {to}"),
        verdict: Verdict::Raise(to),
        word: None,
    };
    let end = |label: &str, word: &'static str| Choice {
        label: label.to_owned(),
        result: String::new(),
        verdict: Verdict::Drop,
        word: Some(word),
    };
    match scope {
        BudgetScope::Sprint => {
            let enough = round_up(estimate::forecast(sprint)).max(least);
            let mut choices = vec![raise(enough)];
            choices.extend(cheaper(sprint, (limit, asked), enough));
            choices.extend(finish(sprint, limit + asked));
            if choices.len() < 3 {
                choices.push(raise(
                    round_up(limit + limit).max(enough + Money::cents(10)),
                ));
            }
            choices.push(end("stop here, keep the branches", "stop"));
            choices
        }
        BudgetScope::Task(_) => vec![
            raise(least),
            raise(round_up(limit + limit)),
            end("drop the task", "drop"),
        ],
        BudgetScope::Request | BudgetScope::Day => vec![
            raise(least),
            raise(round_up(limit + limit)),
            end("stop the sprint", "stop"),
        ],
    }
}

/// The answers while there is still money: the first changes nothing.
pub(super) fn before_the_end(
    sprint: &Sprint,
    scope: BudgetScope,
    (step, limit): (u32, Money),
) -> Vec<Choice> {
    let next = match nearing::after(step) {
        Some(step) => format!("asked again at {step}%"),
        None => "asked again when it is reached".to_owned(),
    };
    let raise = |to: Money| Choice {
        label: format!("add {}", to - limit),
        result: format!("new limit {to}"),
        verdict: Verdict::Raise(to),
        word: None,
    };
    let mut choices = vec![Choice {
        label: "go on as it is".to_owned(),
        result: next,
        verdict: Verdict::Approve,
        word: None,
    }];
    let quarter = round_up(limit + Money(limit.0 / 4));
    let end = match scope {
        BudgetScope::Sprint => {
            let forecast = estimate::forecast(sprint);
            choices.push(raise(round_up(forecast).max(quarter)));
            let cheap = estimate::forecast_at(sprint, Tier::Economy);
            let has_tier = sprint.setup.models.contains_key(&Tier::Economy);
            if has_tier && cheap < forecast {
                choices.push(Choice {
                    label: "economy tier from now on".to_owned(),
                    result: format!("ends at about {cheap}"),
                    verdict: Verdict::Cheaper(limit),
                    word: None,
                });
            }
            ("stop here, keep the branches", "stop")
        }
        BudgetScope::Task(_) => {
            choices.push(raise(quarter));
            choices.push(raise(round_up(limit + limit)));
            ("drop the task", "drop")
        }
        BudgetScope::Request | BudgetScope::Day => {
            choices.push(raise(quarter));
            choices.push(raise(round_up(limit + limit)));
            ("stop the sprint", "stop")
        }
    };
    choices.push(Choice {
        label: end.0.to_owned(),
        result: String::new(),
        verdict: Verdict::Drop,
        word: Some(end.1),
    });
    choices
}

/// What the card says while there is still money.
pub(super) fn on_the_way(sprint: &Sprint, gate: &Gate, scope: BudgetScope) -> Vec<String> {
    let mut rows = vec![format!("{}.", waiting::text(sprint, gate))];
    if scope == BudgetScope::Sprint {
        let (done, all) = sprint.progress();
        let forecast = estimate::forecast(sprint);
        rows.push(format!(
            "{done} of {all} tasks are done; the sprint ends at about {forecast} as it is."
        ));
    }
    rows.push("Work goes on. Agents hold only when it is reached.".to_owned());
    rows
}

/// Everything that begins from now on works on the economy tier, where there is one and it costs less.
fn cheaper(sprint: &Sprint, (limit, asked): (Money, Money), enough: Money) -> Option<Choice> {
    sprint.setup.models.get(&Tier::Economy)?;
    let forecast = estimate::forecast_at(sprint, Tier::Economy);
    let to = round_up(forecast.max(limit + asked));
    (to < enough).then(|| Choice {
        label: format!("add {}, economy tier from now on", to - limit),
        result: format!("new limit {to}"),
        verdict: Verdict::Cheaper(to),
        word: None,
    })
}

/// What is in review is finished, the rest is given up.
fn finish(sprint: &Sprint, least: Money) -> Option<Choice> {
    let (reviewed, others) = board::by_review(sprint);
    if reviewed.is_empty() || others.is_empty() {
        return None;
    }
    let to = round_up(least);
    Some(Choice {
        label: format!(
            "finish the {} in review, drop {}",
            reviewed.len(),
            others.len()
        ),
        result: format!("new limit {to}"),
        verdict: Verdict::Finish(to),
        word: Some("finish"),
    })
}

/// What the card says before the answers.
pub(super) fn body(sprint: &Sprint) -> Vec<String> {
    let (done, all) = sprint.progress();
    let spent = sprint.account.spent;
    let limit = sprint.account.limit.unwrap_or(spent);
    let rest = estimate::forecast(sprint) - spent;
    let mut roles: Vec<_> = sprint.ledger.by_role.iter().collect();
    roles.sort_by_key(|(role, totals)| (std::cmp::Reverse(totals.cost), (*role).clone()));
    let dear = roles.iter().take(2).map(|(role, totals)| {
        let name = role_name(sprint, role);
        format!("{} {}", line(&name), totals.cost)
    });
    let dear: Vec<String> = dear.collect();
    let mut rows = vec![
        format!(
            "Sprint {} used its budget: {spent} of {limit}. {done} of {all} tasks are done.",
            sprint.id
        ),
        format!(
            "All agents hold, nothing is lost. Left: {} tasks, estimate {rest} as it is.",
            all - done
        ),
    ];
    if !dear.is_empty() {
        rows.push(format!("Most went to {}.", dear.join(", ")));
    }
    rows
}

/// To the next ten cents.
const fn round_up(amount: Money) -> Money {
    let step = Money::cents(10).0;
    Money((amount.0 + step - 1) / step * step)
}

#[cfg(test)]
mod tests {
    use super::super::super::bench::{known, rows};
    use super::super::{State, view};
    use crate::domain::sprint::Verdict;
    use crate::tui::fixture;

    #[test]
    fn four_answers_with_what_comes_of_them() {
        let known = known(fixture::over_budget());
        let gate = known.world.gate(fixture::gate(5)).unwrap();
        let sprint = known.world.current().unwrap();
        let found = super::super::choices(sprint, gate);
        let seen: Vec<_> = found
            .iter()
            .map(|choice| (&choice.verdict, choice.word))
            .collect();
        assert!(
            matches!(
                seen[..],
                [
                    (Verdict::Raise(_), None),
                    (Verdict::Cheaper(_), None),
                    (Verdict::Finish(_), Some("finish")),
                    (Verdict::Drop, Some("stop")),
                ]
            ),
            "{seen:?}"
        );
        let seen = rows(76, 16, |canvas, area| {
            view(
                &State::default(),
                (&known, gate),
                canvas,
                area,
                (true, true),
            );
        });
        insta::assert_snapshot!(seen.join("\n"));
    }
}
