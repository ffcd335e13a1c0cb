//! What a typed line does. Commands go by the names that the palette has, or by a short word.

use std::time::Instant;

use crate::base::body::Body;
use crate::domain::agent::Attempt;
use crate::domain::change::Mark;
use crate::domain::journal::{Command, PauseScope};
use crate::domain::sprint::{Ask, GateState, Verdict};
use crate::tui::action::{Action, Place, TABLE};
use crate::tui::facts::{agents, line, role_name, task_label, waiting, work_label};
use crate::tui::link::Request;
use crate::tui::panes::card;

use super::items::{self, Act};
use super::{Expect, Loudness, Output, Plain, TOO_EARLY};

/// Words that are not in the palette: name, what follows it, what it does.
const WORDS: [(&str, &str, &str); 20] = [
    ("goal", "TEXT", "say what you want built"),
    ("next", "", "the next item; this one comes again"),
    ("list", "", "all items that wait"),
    ("status", "", "everything in a line"),
    ("agents", "", "who works, and on what"),
    ("tasks", "", "the tasks of the sprint"),
    ("read", "", "read the plan or the change out"),
    ("accept", "NUMBER", "accept a hunk"),
    ("reject", "NUMBER WHY", "reject a hunk"),
    ("send", "", "send the review as it is marked"),
    ("message", "TEXT", "tell everybody who works"),
    (
        "follow",
        "NAME",
        "say what the agent or a task's agent writes, every 10 seconds",
    ),
    ("/quiet", "", "items only"),
    ("/usual", "", "items and events, no live text"),
    ("/all", "", "live text of all agents, every 10 seconds"),
    (
        "at",
        "TIME",
        "everything as it was, at 10:37 or after event 812",
    ),
    ("earlier", "", "one event back"),
    ("later", "", "in the past: one event on"),
    ("now", "", "in the past: back to the present"),
    ("quit", "", "leave; the work goes on"),
];

impl Plain {
    /// Takes a line that was typed.
    pub fn line(&mut self, text: &str, at: Instant) -> Output {
        let mut out = Output::default();
        let text = text.trim();
        if self.known.is_past() {
            self.line_of_the_past(text, &mut out);
            self.after(&mut out, at);
            return out;
        }
        match std::mem::replace(&mut self.expect, Expect::Command) {
            Expect::Command => self.command(text, at, &mut out),
            Expect::Reason(gate, revision) => {
                let verdict = Verdict::Reject(text.to_owned());
                self.decide((gate, revision), verdict, &mut out);
            }
            Expect::Answer(gate, revision) if !text.is_empty() => {
                let verdict = Verdict::Answer(text.to_owned());
                self.decide((gate, revision), verdict, &mut out);
            }
            Expect::Amount(gate, revision) if !text.is_empty() => {
                match text.trim_start_matches('$').parse() {
                    Ok(limit) => self.decide((gate, revision), Verdict::Raise(limit), &mut out),
                    Err(bad) => out.lines.push(format!("{bad}")),
                }
            }
            Expect::Word(word, command) if text == word => out.requests.push(self.submit(*command)),
            Expect::Answer(..) | Expect::Amount(..) | Expect::Word(..) => {
                out.lines.push("nothing was done.".to_owned());
            }
        }
        if self.known.only_looks() {
            self.refuse(&mut out);
        }
        self.after(&mut out, at);
        out
    }

    fn command(&mut self, text: &str, at: Instant, out: &mut Output) {
        if let Ok(number) = text.parse::<usize>() {
            return self.choose(number, at, out);
        }
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let rest = rest.trim();
        match (word, rest) {
            ("", _) => {}
            ("goal", goal) if !goal.is_empty() => {
                let goal = Body::Inline(goal.to_owned());
                out.requests.push(self.submit(Command::StartSprint {
                    goal,
                    setup: None,
                    base: None,
                }));
            }
            ("n" | "next" | "w", "") => self.skip(),
            ("list", _) => self.list(out),
            ("at", moment) if !moment.is_empty() => self.at(moment, out),
            ("earlier", _) => self.at(&self.known.world.seq.saturating_sub(1).to_string(), out),
            ("read", _) => self.read(out),
            ("accept", number) => self.mark(number, None, out),
            ("reject", rest) if !rest.is_empty() => {
                let (number, why) = rest.split_once(' ').unwrap_or((rest, ""));
                self.mark(number, Some(why.trim().to_owned()), out);
            }
            ("send", _) => self.send(out),
            ("message", words) if !words.is_empty() => self.message(words, out),
            ("follow" | "/follow", task) => self.follow(task, out),
            ("/quiet", _) => self.loudness = Loudness::Quiet,
            ("/usual", _) => self.loudness = Loudness::Usual,
            ("/all", _) => self.loudness = Loudness::All,
            _ if self.show(word, out)
                || self.about_tasks(word, rest, out)
                || self.about_people(word, rest, out) => {}
            _ => self.named(text, at, out),
        }
    }

    /// What only looks, and leaving: in the past as now. False for anything else.
    pub(super) fn show(&self, word: &str, out: &mut Output) -> bool {
        match word {
            "?" | "help" => out.lines.extend(help()),
            "status" => out.lines.push(self.status()),
            "agents" => self.agents(out),
            "tasks" | "board" => self.tasks(out),
            "cost" => self.cost(out),
            "quit" | "q" | "exit" => out.leaves = true,
            _ => return false,
        }
        true
    }

    /// An action by its palette name.
    fn named(&mut self, text: &str, at: Instant, out: &mut Output) {
        let spec = TABLE
            .iter()
            .find(|spec| spec.id == text || spec.title == text);
        if let Some(spec) = spec
            && self.at_conflict(spec.action, at, out)
        {
            return;
        }
        let sprint = self.known.world.running();
        let sprint = sprint.map(|sprint| (sprint.id, sprint.paused.is_some()));
        match (spec.map(|spec| spec.action), sprint) {
            (Some(Action::WaitingNext), _) => self.skip(),
            (Some(Action::WaitingList | Action::Go(Place::Home)), _) => self.list(out),
            (Some(Action::Go(Place::Agents)), _) => self.agents(out),
            (Some(Action::Go(Place::Board)), _) => self.tasks(out),
            (Some(Action::Go(Place::Plan | Place::Review)), _) => self.read(out),
            (Some(Action::Go(Place::Cost)), _) => self.cost(out),
            (Some(Action::Undo), _) => self.undo(out),
            (Some(Action::Approve | Action::ApproveAll), _) => {
                out.lines
                    .push("an item is decided by its number.".to_owned());
            }
            (Some(Action::PauseAll), Some((sprint, is_paused))) => {
                let scope = PauseScope::Sprint(sprint);
                let command = if is_paused {
                    Command::Resume(scope)
                } else {
                    Command::Pause(scope)
                };
                out.requests.push(self.submit(command));
            }
            (Some(Action::StopSprint), Some((sprint, _))) => {
                self.expect = Expect::Word("stop", Box::new(Command::Stop(sprint)));
                let text = "stops all agents for good. Type stop, or nothing.";
                out.lines.push(format!("{sprint} {text}"));
            }
            (Some(Action::TaskNew), _) => {
                out.lines
                    .push("add TITLE adds a task; ? says more.".to_owned());
            }
            (Some(_), _) => out.lines.push(format!("{text} needs the full screen.")),
            (None, _) => out
                .lines
                .push(format!("no command {}. ? lists them.", line(text))),
        }
    }

    fn choose(&mut self, number: usize, at: Instant, out: &mut Output) {
        let Some((id, revision, _)) = self.asked else {
            out.lines.push("nothing is asked.".to_owned());
            return;
        };
        if self.is_too_early(at) {
            out.lines.push(TOO_EARLY.to_owned());
            return;
        }
        let world = &self.known.world;
        if world.gate(id).and_then(|gate| card::offered(world, gate)) != self.offered {
            let text = "the answers changed since they were read out. Choose again.";
            out.lines.push(text.to_owned());
            self.asked = None;
            return;
        }
        let gate = world.gate(id).zip(world.sprints.get(&id.sprint));
        let acts = gate.map_or_else(Vec::new, |(gate, sprint)| items::acts(sprint, gate));
        let Some((_, act)) = number
            .checked_sub(1)
            .and_then(|place| acts.into_iter().nth(place))
        else {
            out.lines.push(format!("there is no answer {number}."));
            return;
        };
        match act {
            Act::Choose(choice) => match choice.word {
                None => self.decide((id, revision), choice.verdict, out),
                Some(typed) => {
                    let warning = choice.warning();
                    out.lines
                        .push(format!("{warning} Type {typed}, or nothing."));
                    let command = Command::Decide {
                        gate: id,
                        revision,
                        is_final: !matches!(choice.verdict, Verdict::Allow(_)),
                        verdict: choice.verdict,
                    };
                    self.expect = Expect::Word(typed, Box::new(command));
                }
            },
            Act::Reject => self.expect = Expect::Reason(id, revision),
            Act::Answer => self.expect = Expect::Answer(id, revision),
            Act::Amount => self.expect = Expect::Amount(id, revision),
            Act::Read => self.read(out),
        }
    }

    /// Whether the item that is asked about could not be read yet.
    pub(super) fn is_too_early(&self, at: Instant) -> bool {
        let shown = self.asked.map(|(_, _, shown)| shown);
        self.arm
            .zip(shown)
            .is_some_and(|(arm, shown)| at.saturating_duration_since(shown) < arm)
    }

    fn skip(&mut self) {
        if let Some((gate, ..)) = self.asked.take() {
            self.skipped.insert(gate);
            let is_all = items::waiting(&self.known)
                .iter()
                .all(|gate| self.skipped.contains(gate));
            if is_all {
                self.skipped.clear();
            }
        }
    }

    fn list(&self, out: &mut Output) {
        let known = &self.known;
        let all = items::waiting(known);
        if all.is_empty() {
            out.lines.push("nothing waits on you.".to_owned());
        }
        for (place, gate) in (1..).zip(&all) {
            if let Some(gate) = known.world.gate(*gate) {
                out.lines
                    .push(items::heading(known, gate, place, all.len()));
            }
        }
    }

    fn agents(&self, out: &mut Output) {
        let agents = agents::agents(&self.known.world);
        if agents.is_empty() {
            out.lines
                .push("no agents yet; they start when a plan is approved.".to_owned());
        }
        out.lines.extend(agents.into_iter().map(|agent| {
            let work = agent
                .work
                .map_or_else(String::new, |work| format!(" {}", work_label(work)));
            let (name, state) = (agent.name, agent.state.word());
            format!(
                "agent {name}. {state}{work}, {}, {}.",
                agent.doing, agent.cost
            )
        }));
    }

    fn tasks(&self, out: &mut Output) {
        use crate::domain::sprint::board::column;
        let Some(sprint) = self.known.world.current() else {
            out.lines.push("no tasks.".to_owned());
            return;
        };
        out.lines.extend(sprint.tasks.values().map(|task| {
            let place = column(sprint, task).map_or("DROPPED", |column| column.title());
            let (label, title) = (task_label(task.id), line(&task.spec.title));
            format!(
                "task {label}. {}, {title}, {}.",
                place.to_lowercase(),
                task.account.spent
            )
        }));
    }

    fn cost(&self, out: &mut Output) {
        out.lines.push(self.status());
        let Some(sprint) = self.known.world.current() else {
            return;
        };
        for (role, totals) in &sprint.ledger.by_role {
            let name = crate::tui::facts::role_name(sprint, role);
            let (cost, calls) = (totals.cost, totals.calls);
            out.lines
                .push(format!("cost {name}. {cost} in {calls} calls."));
        }
        let all = &sprint.ledger.all;
        out.lines
            .push(format!("saved. {} against {}.", all.saved(), all.baseline));
    }

    /// Reads out what the item is about; a change whose text is not here is asked for first.
    fn read(&mut self, out: &mut Output) {
        let Some(gate) = self.current().map(|gate| gate.id) else {
            out.lines
                .push("nothing to read; an item must be asked first.".to_owned());
            return;
        };
        self.reading = Some(gate);
        self.read_out(out);
    }

    pub(super) fn read_out(&mut self, out: &mut Output) {
        let world = &self.known.world;
        let Some((gate, sprint)) = self
            .reading
            .and_then(|id| world.gate(id).zip(world.sprints.get(&id.sprint)))
        else {
            return;
        };
        let task = gate.work.task().and_then(|id| sprint.task(id));
        match (&gate.ask, task.and_then(|task| task.change.as_ref())) {
            (Ask::Diff { .. }, Some(change)) => {
                let body = change.diff.clone();
                if let Some(text) = self.known.text(&body) {
                    out.lines.extend(items::hunks(&text));
                } else {
                    let missing = self.known.want([body]);
                    out.requests.extend(missing.into_iter().map(Request::Fetch));
                    return;
                }
            }
            (Ask::Plan { .. }, _) => out.lines.extend(items::plan(sprint)),
            (Ask::Conflict { clash: Some(_), .. }, _) => {
                let gate = gate.clone();
                if !self.look_at(&gate, out) {
                    return;
                }
                out.lines.extend(self.clash.spoken(&self.known));
            }
            _ => out.lines.push(format!("{}.", waiting::text(sprint, gate))),
        }
        self.reading = None;
    }

    fn mark(&mut self, number: &str, rejected: Option<String>, out: &mut Output) {
        let hunks = match self.current().map(|gate| (gate.id, &gate.ask)) {
            Some((gate, Ask::Diff { hunks, .. })) => Some((gate, hunks.clone())),
            _ => None,
        };
        let place = number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        let found = hunks
            .zip(place)
            .and_then(|((gate, hunks), place)| Some((gate, *hunks.get(place)?)));
        let Some((gate, hunk)) = found else {
            out.lines
                .push("no such hunk; read shows their numbers.".to_owned());
            return;
        };
        let mark = rejected.map_or(Mark::Accepted, |reason| Mark::Rejected { reason });
        let before = self.known.world.gate(gate);
        let before = before.and_then(|gate| gate.marks.get(&hunk).cloned());
        self.marked.push((gate, hunk, before.unwrap_or(Mark::Open)));
        let marks = vec![(hunk, mark)];
        out.requests
            .push(self.submit(Command::Mark { gate, marks }));
    }

    fn send(&mut self, out: &mut Output) {
        match self.asked {
            Some((gate, revision, _)) => {
                self.decide((gate, revision), Verdict::Send, out);
            }
            None => out.lines.push("no review is asked.".to_owned()),
        }
    }

    fn message(&mut self, words: &str, out: &mut Output) {
        let working = agents::worked_on(&self.known.world);
        if working.is_empty() {
            out.lines.push("nobody works now.".to_owned());
        }
        for work in working {
            let text = Body::Inline(words.to_owned());
            out.requests
                .push(self.submit(Command::Steer { work, text }));
        }
    }

    /// Follows an agent by its name or by what it works on.
    fn follow(&mut self, name: &str, out: &mut Output) {
        let world = &self.known.world;
        let wanted = name.to_lowercase();
        let found = world.current().and_then(|sprint| {
            let is_meant = |attempt: &&Attempt| {
                let agent = role_name(sprint, &attempt.role).to_lowercase();
                work_label(attempt.id.work) == name || agent == wanted
            };
            let attempts = sprint.attempts.values().filter(is_meant);
            attempts.max_by_key(|attempt| (attempt.end.is_none(), attempt.active_at))
        });
        if let Some(attempt) = found {
            self.loudness = Loudness::Follow(attempt.id);
        } else {
            let name = line(name);
            out.lines.push(format!(
                "nobody is called {name} or works on it. agents names them."
            ));
        }
    }

    /// Takes back what was done last: a mark, else a decision.
    fn undo(&mut self, out: &mut Output) {
        while let Some((gate, hunk, mark)) = self.marked.pop() {
            let found = self.known.world.gate(gate);
            let Some(label) = found
                .filter(|gate| gate.state == GateState::Open)
                .map(|gate| work_label(gate.work))
            else {
                continue;
            };
            out.lines
                .push(format!("taken back: the last mark in {label}."));
            let marks = vec![(hunk, mark)];
            out.requests
                .push(self.submit(Command::Mark { gate, marks }));
            return;
        }
        match waiting::undo(&self.known.world, &self.known.me) {
            Some(command) => out.requests.push(self.submit(command)),
            None => out
                .lines
                .push("nothing of yours can be taken back now.".to_owned()),
        }
    }
}

/// All commands, a line each.
fn help() -> Vec<String> {
    let own = WORDS
        .iter()
        .chain(&super::tasks::WORDS)
        .chain(&super::people::WORDS)
        .map(|(name, what, help)| format!("  {name} {what}").trim_end().to_owned() + ": " + help);
    let ids = ["undo", "pause.all", "sprint.stop", "go.cost"];
    let palette = TABLE.iter().filter(|spec| ids.contains(&spec.id));
    let named = palette.map(|spec| format!("  {}: {}", spec.title, spec.help));
    own.chain(named).collect()
}
