//! `aios cost`: what was spent, summed as asked for. Sums are of exact amounts; what was lost or has no known price is said.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::base::text::SafeText;
use crate::base::time::Timestamp;
use crate::base::tokens::short;
use crate::cli::args::{Cost as Args, CostBy};
use crate::cli::columns::columns;
use crate::cli::{ExitCode, Out, Stop};
use crate::domain::cost::Totals;
use crate::domain::journal::{Envelope, Event, World};

/// The rows of a table of costs.
#[derive(Debug, Default)]
pub struct Rows {
    rows: BTreeMap<String, Totals>,
}

fn day(days: i64) -> String {
    let (year, month, day) = Timestamp(days.saturating_mul(86_400_000)).date();
    format!("{year:04}-{month:02}-{day:02}")
}

impl Rows {
    /// Everything that was ever spent.
    #[must_use]
    pub fn of_world(world: &World, by: CostBy) -> Self {
        let mut rows = Self::default();
        for sprint in world.sprints.values() {
            let ledger = &sprint.ledger;
            match by {
                CostBy::Agent => rows.join(&ledger.by_role, Clone::clone),
                CostBy::Model => rows.join(&ledger.by_model, Clone::clone),
                CostBy::Task => rows.join(&ledger.by_work, Clone::clone),
                CostBy::Day => rows.join(&ledger.by_day, |days| day(*days)),
                CostBy::Sprint => {
                    let all = BTreeMap::from([(sprint.id.to_string(), ledger.all.clone())]);
                    rows.join(&all, Clone::clone);
                }
            }
        }
        rows
    }

    fn join<K>(&mut self, totals: &BTreeMap<K, Totals>, name: impl Fn(&K) -> String) {
        for (key, totals) in totals {
            *self.rows.entry(name(key)).or_default() += totals;
        }
    }

    /// Adds what an event spent; `world` is the one after it.
    pub fn take(&mut self, world: &World, envelope: &Envelope, by: CostBy) {
        let (attempt, ended) = match &envelope.event {
            Event::ModelReplied { attempt, ended, .. }
            | Event::CallFailed { attempt, ended, .. }
            | Event::CallLost { attempt, ended, .. } => (*attempt, ended),
            _ => return,
        };
        let name = match by {
            CostBy::Agent => world
                .attempt(attempt)
                .map_or_else(String::new, |attempt| attempt.role.clone()),
            CostBy::Model => ended.entry.route.to_string(),
            CostBy::Task => attempt.work.to_string(),
            CostBy::Day => day(envelope.at.0.div_euclid(86_400_000)),
            CostBy::Sprint => attempt.work.sprint().to_string(),
        };
        self.rows.entry(name).or_default().add(&ended.entry);
    }

    fn total(&self) -> Totals {
        let mut total = Totals::default();
        self.rows.values().for_each(|row| total += row);
        total
    }

    /// Prints the rows and their sum.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn print(&self, args: &Args, is_simulated: bool, out: &mut Out) -> Result<ExitCode, Stop> {
        if out.is_json() {
            for (name, totals) in &self.rows {
                out.object(&object(args.by, name, totals, is_simulated))?;
            }
        } else if args.csv {
            out.text(&self.csv(args.by))?;
        } else if self.rows.is_empty() {
            out.text("nothing was spent")?;
        } else {
            if is_simulated {
                out.text("simulated: no money was spent")?;
            }
            out.text(&self.table(args.by))?;
        }
        Ok(ExitCode::Done)
    }

    fn table(&self, by: CostBy) -> String {
        let head = [
            word(by),
            "calls",
            "in",
            "out",
            "cached",
            "cost",
            "saved",
            "",
        ];
        let mut lines = vec![head.map(str::to_owned).to_vec()];
        lines.extend(self.rows.iter().map(|(name, totals)| cells(name, totals)));
        if self.rows.len() > 1 {
            lines.push(cells("all", &self.total()));
        }
        columns(&lines)
    }

    fn csv(&self, by: CostBy) -> String {
        let rows = self.rows.iter();
        let rows = rows.map(|(name, totals)| totals.csv(&SafeText::line(name)));
        format!(
            "{},{}\r\n{}",
            word(by),
            Totals::CSV_HEAD,
            rows.collect::<String>()
        )
    }
}

const fn word(by: CostBy) -> &'static str {
    match by {
        CostBy::Agent => "agent",
        CostBy::Model => "model",
        CostBy::Day => "day",
        CostBy::Task => "task",
        CostBy::Sprint => "sprint",
    }
}

fn cells(name: &str, totals: &Totals) -> Vec<String> {
    let mut notes = Vec::new();
    if totals.lost > 0 {
        notes.push(format!("{} lost", totals.lost));
    }
    if totals.unpriced > 0 {
        notes.push(format!("{} without a price", totals.unpriced));
    }
    vec![
        SafeText::line(name).into_string(),
        totals.calls.to_string(),
        short(totals.usage.prompt()),
        short(totals.usage.output),
        format!("{}%", totals.cached_percent()),
        totals.cost.to_string(),
        totals.saved().to_string(),
        notes.join(", "),
    ]
}

fn object(by: CostBy, name: &str, totals: &Totals, is_simulated: bool) -> Value {
    json!({
        "by": word(by),
        "name": SafeText::line(name),
        "calls": totals.calls,
        "lost": totals.lost,
        "unpriced": totals.unpriced,
        "input": totals.usage.input,
        "output": totals.usage.output,
        "cache_read": totals.usage.cache_read,
        "cache_write": totals.usage.cache_write,
        "cost": totals.cost.exact(),
        "baseline": totals.baseline.exact(),
        "saved": totals.saved().exact(),
        "simulated": is_simulated,
    })
}

/// Whether all of it is simulated.
#[must_use]
pub fn is_simulated(world: &World) -> bool {
    let mut sprints = world.sprints.values().peekable();
    sprints.peek().is_some() && sprints.all(|sprint| sprint.setup.policy.simulated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Money;

    #[test]
    fn rows_add_up() {
        let totals = |cost| Totals {
            calls: 1,
            cost: Money(cost),
            baseline: Money(cost),
            ..Totals::default()
        };
        let mut rows = Rows::default();
        let some = BTreeMap::from([(1, totals(5)), (2, totals(7))]);
        rows.join(&some, |key| format!("s{key}"));
        rows.join(&BTreeMap::from([(2, totals(1))]), |key| format!("s{key}"));
        assert_eq!((rows.total().cost, rows.total().calls), (Money(13), 3));
        let csv = rows.csv(CostBy::Sprint);
        assert!(
            csv.contains("\r\n\"s2\",2,0,0,0,0,0.000000008,0.000000008,0,0\r\n"),
            "{csv}"
        );
    }
}
