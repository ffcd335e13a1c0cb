//! The whole product by appended lines, for screen readers and terminals that can do nothing else: no cursor moves, no boxes, numbered
//! answers, each line beginning with its kind. A pure machine: lines and news go in, lines and requests come out.
//!
//! A number answers the item that was shown last. As on the screen, nothing that was typed before an item could be read decides on it.

mod clash;
mod commands;
mod items;
mod people;
mod tasks;
mod travel;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::base::id::{AttemptId, CommandId, Digest, GateId};
use crate::base::time::Timestamp;
use crate::domain::change::Mark;
use crate::domain::journal::{Command, Refusal};
use crate::domain::presence::Standing;
use crate::domain::sprint::{Gate, GateState, Verdict};

use super::facts::{self, agents, events, risks, work_label};
use super::known::Known;
use super::link::{News, Request};
use super::panes::{card, clash as conflict};

/// Live text of an agent is said at most so often.
const LIVE_EVERY: Duration = Duration::from_secs(10);
/// What is said to a decision that came too soon.
const TOO_EARLY: &str = "too early: that was typed before the item could be read. Choose again.";
/// Characters of a live text that are said.
const LIVE_CHARS: usize = 200;

/// What the machine wants done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// Lines to append.
    pub lines: Vec<String>,
    /// What is asked of the session.
    pub requests: Vec<Request>,
    /// The person leaves.
    pub leaves: bool,
}

/// What the next line means.
#[derive(Clone, Debug, PartialEq)]
enum Expect {
    /// A command, or the number of an answer.
    Command,
    /// Why it is rejected; may be empty.
    Reason(GateId, Digest),
    /// The answer to a question.
    Answer(GateId, Digest),
    /// A new limit.
    Amount(GateId, Digest),
    /// This word, for what cannot be undone.
    Word(&'static str, Box<Command>),
}

/// How much of what happens is said by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loudness {
    /// Items only.
    Quiet,
    /// Events that a person may care for.
    Usual,
    /// Live text of one agent too.
    Follow(AttemptId),
    /// Live text of all.
    All,
}

/// The interface.
#[derive(Debug)]
pub struct Plain {
    /// What is known.
    pub known: Known,
    client: String,
    /// What was typed so soon after an item was shown cannot be meant for it; none where lines are a script's.
    arm: Option<Duration>,
    /// The item that was shown last, its revision, and when.
    asked: Option<(GateId, Digest, Instant)>,
    /// Names the answers that were read out with it, where they may change while it stays as it is.
    offered: Option<Digest>,
    /// A word comes before each decision.
    confirm_all: bool,
    skipped: BTreeSet<GateId>,
    expect: Expect,
    loudness: Loudness,
    sent: BTreeMap<CommandId, Option<GateId>>,
    sent_count: u64,
    /// Hunks that were marked since the last decision, as they were before; newest last.
    marked: Vec<(GateId, Digest, Mark)>,
    closing: Option<GateId>,
    /// A change that is read out when its text is here.
    reading: Option<GateId>,
    /// The conflict that was opened last, and what is chosen for it.
    clash: conflict::State,
    /// What was said of live texts: when, and how many bytes of it.
    live: BTreeMap<AttemptId, (Instant, usize)>,
    has_begun: bool,
    /// The number of the last note that was told.
    heard: u64,
    /// Where in the past the person wants to be, while it is read.
    goes_to: Option<travel::Moment>,
}

impl Plain {
    /// An interface that knows nothing yet.
    pub fn new(known: Known, client: &str, arm: Option<Duration>) -> Self {
        Self {
            known,
            client: client.to_owned(),
            arm,
            asked: None,
            offered: None,
            confirm_all: false,
            skipped: BTreeSet::new(),
            expect: Expect::Command,
            loudness: Loudness::Usual,
            sent: BTreeMap::new(),
            sent_count: 0,
            marked: Vec::new(),
            closing: None,
            reading: None,
            clash: conflict::State::default(),
            live: BTreeMap::new(),
            has_begun: false,
            heard: 0,
            goes_to: None,
        }
    }

    /// Wants a word before each decision.
    #[must_use]
    pub const fn confirming(mut self, confirm_all: bool) -> Self {
        self.confirm_all = confirm_all;
        self
    }

    /// Whether the session has been seen.
    pub const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// The words in front of the person's next line.
    pub const fn prompt(&self) -> &'static str {
        match (&self.expect, self.asked) {
            _ if self.known.is_past() => "past> ",
            (Expect::Reason(..), _) => "why not> ",
            (Expect::Answer(..), _) => "answer> ",
            (Expect::Amount(..), _) => "new limit> ",
            (Expect::Word(..), _) => "word> ",
            (Expect::Command, _) if self.known.only_looks() => "look> ",
            (Expect::Command, Some(_)) => "choose> ",
            (Expect::Command, None) => "command> ",
        }
    }

    /// Takes news in.
    pub fn news(&mut self, news: News, now: Timestamp, at: Instant) -> Output {
        self.known.tick(now);
        let mut out = Output::default();
        match news {
            News::Event(envelope) => {
                let seq = envelope.seq;
                let is_new = seq > self.known.world_now().seq;
                self.known.take(News::Event(envelope));
                let line = self.known.log.back().filter(|line| line.seq == seq);
                if let Some(line) = line.filter(|_| is_new && self.loudness != Loudness::Quiet) {
                    let clock = self.known.clock(line.at);
                    out.lines
                        .push(format!("event {clock}. {} {}.", line.who, line.text));
                }
            }
            News::Streaming { attempt, text } => {
                self.known.take(News::Streaming { attempt, text });
                out.lines.extend(self.live(attempt, at));
            }
            News::Answered { id, refusal } => self.answered(&id, refusal, &mut out),
            News::World(world) => {
                let is_back = self.known.lost.is_some();
                self.known.take(News::World(world));
                if is_back {
                    out.lines.push("the host is back.".to_owned());
                }
                if !std::mem::replace(&mut self.has_begun, true) {
                    out.lines.push(self.status());
                    out.requests.push(Self::here());
                    if self.known.only_looks() {
                        let text = "you look on: nothing is decided here.";
                        out.lines.push(text.to_owned());
                    }
                }
            }
            News::Lost(why) => {
                // It is tried again and again; once is enough to say so.
                if self.known.lost.is_none() {
                    out.lines
                        .push(format!("offline. {why}. It is tried again by itself."));
                }
                self.known.take(News::Lost(why));
            }
            News::Unsent(id) => {
                if self.sent.remove(&id).is_some() {
                    let text =
                        "the host was lost: whether your last command was taken is not known";
                    out.lines.push(text.to_owned());
                }
            }
            past @ (News::Past { .. } | News::NoPast(_)) => {
                self.known.take(past);
                self.arrive(&mut out);
            }
            text @ News::Text { .. } => {
                self.known.take(text);
                self.read_out(&mut out);
            }
            // Lines have no colours, settings have aios config, and whoever reads does not watch a clock.
            News::Themes(_) | News::Settings(_) | News::Set(_) | News::Retry(_) => {}
            company @ News::Company(_) => {
                self.known.take(company);
                self.hear(&mut out);
            }
            News::Unheard(why) => out.lines.push(format!("refused. {why}.")),
            News::Removed(why) => {
                out.lines.push(format!("removed. {why}."));
                self.known.take(News::Removed(why));
                out.leaves = true;
            }
        }
        self.after(&mut out, at);
        out
    }

    /// What is live of an agent's text, if it may be said now.
    fn live(&mut self, attempt: AttemptId, at: Instant) -> Option<String> {
        let wanted = match self.loudness {
            Loudness::All => true,
            Loudness::Follow(followed) => followed == attempt,
            Loudness::Quiet | Loudness::Usual => false,
        };
        let text = self.known.streams.get(&attempt)?;
        let (last, said) = self.live.get(&attempt).copied().unwrap_or((at, 0));
        let is_due = said == 0 || at.saturating_duration_since(last) >= LIVE_EVERY;
        if !wanted || !is_due || text.len() <= said {
            return None;
        }
        let new = text.get(said..).unwrap_or(text);
        let new: String = new.split_whitespace().collect::<Vec<_>>().join(" ");
        let tail = new.chars().rev().take(LIVE_CHARS).collect::<Vec<_>>();
        let tail: String = tail.into_iter().rev().collect();
        self.live.insert(attempt, (at, text.len()));
        Some(format!("live {}. {tail}", work_label(attempt.work)))
    }

    fn answered(&mut self, id: &CommandId, refusal: Option<Refusal>, out: &mut Output) {
        match (self.sent.remove(id), refusal) {
            (Some(_), Some(refusal)) => {
                out.lines.push(format!("refused. {refusal}."));
                self.asked = None; // Shown again as it is now.
            }
            (Some(Some(gate)), None) => self.closing = Some(gate),
            (Some(None), None) => out.lines.push("done.".to_owned()),
            (None, _) => {}
        }
    }

    /// Receipts, items that went, and the next one.
    fn after(&mut self, out: &mut Output, at: Instant) {
        if self.known.is_past() {
            return; // Nothing of it waits.
        }
        let world = &self.known.world;
        let is_open = |id: GateId| {
            world
                .gate(id)
                .is_some_and(|gate| gate.state == GateState::Open)
        };
        if let Some(gate) = self.closing.take_if(|gate| !is_open(*gate)) {
            out.lines.extend(self.receipt(gate));
            self.asked = None;
        }
        if let Some((gate, ..)) = self.asked.filter(|(gate, ..)| !is_open(*gate)) {
            if self.closing != Some(gate) {
                let said = items::ended(&self.known, gate);
                out.lines.push(format!("gone. {said}"));
            }
            self.asked = None;
            self.expect = Expect::Command;
        }
        if self.asked.is_none() && self.expect == Expect::Command && self.closing.is_none() {
            self.ask_next(out, at);
        }
    }

    fn receipt(&self, gate: GateId) -> Option<String> {
        let gate = self.known.world.gate(gate)?;
        let label = work_label(gate.work);
        match &gate.state {
            GateState::Pending {
                verdict,
                effective_at,
                ..
            } => {
                let seconds = effective_at.since(self.known.now) / 1_000;
                let act = events::decided(verdict).0;
                Some(format!(
                    "done. {act} {label}. undo takes it back, {seconds} seconds."
                ))
            }
            GateState::Closed { verdict, .. } => {
                Some(format!("done. {} {label}.", events::decided(verdict).0))
            }
            GateState::Open | GateState::Moot => None,
        }
    }

    /// Shows the most pressing item that was not skipped. What is skipped comes again after the others.
    fn ask_next(&mut self, out: &mut Output, at: Instant) {
        let all = items::waiting(&self.known);
        let open: BTreeSet<GateId> = all.iter().copied().collect();
        self.skipped.retain(|gate| open.contains(gate));
        let Some(next) = all
            .iter()
            .copied()
            .find(|gate| !self.skipped.contains(gate))
        else {
            return;
        };
        let Some(gate) = self.known.world.gate(next) else {
            return;
        };
        let place = all.iter().position(|gate| *gate == next).unwrap_or(0) + 1;
        out.lines
            .push(items::heading(&self.known, gate, place, all.len()));
        if !self.known.only_looks() {
            out.lines.extend(items::answers(&self.known, gate));
        }
        self.offered = card::offered(&self.known.world, gate);
        self.asked = Some((next, gate.revision, at));
    }

    /// The state of everything in a line.
    fn status(&self) -> String {
        let known = &self.known;
        let project = super::facts::line(&known.project);
        let Some(sprint) = known.world.current() else {
            return format!("aios {project}. No sprint yet. goal TEXT says what you want built.");
        };
        let agents = agents::agents(&known.world);
        let run = agents
            .iter()
            .filter(|agent| agent.state.is_running())
            .count();
        let limit = sprint
            .account
            .limit
            .map_or_else(String::new, |limit| format!(" of {limit}"));
        format!(
            "aios {project}, sprint {}. {} waiting, {} at risk, {run} agents run. Spent {}{limit}{}.",
            sprint.id,
            items::waiting(known).len(),
            risks::count(&known.world, known.now, known.near),
            sprint.account.spent,
            super::facts::simulated(sprint),
        )
    }

    fn submit(&mut self, command: Command) -> Request {
        self.sent_count += 1;
        let id = CommandId(format!("{}-{}", self.client, self.sent_count));
        let decides = match &command {
            Command::Decide { gate, .. } => {
                self.marked.clear();
                Some(*gate)
            }
            _ => None,
        };
        self.sent.insert(id.clone(), decides);
        Request::Submit {
            id,
            command: Box::new(command),
        }
    }

    /// Decides, after a word where the settings want one.
    fn decide(&mut self, (gate, revision): (GateId, Digest), verdict: Verdict, out: &mut Output) {
        let command = Command::Decide {
            gate,
            revision,
            verdict,
            is_final: false,
        };
        if self.confirm_all {
            let text =
                "the setting decide.confirm_all asks before each decision. Type yes, or nothing.";
            out.lines.push(text.to_owned());
            self.expect = Expect::Word("yes", Box::new(command));
        } else {
            let request = self.submit(command);
            out.requests.push(request);
        }
    }

    /// Takes back what somebody who only looks on would send or would be asked for, and says who decides.
    fn refuse(&mut self, out: &mut Output) {
        let is_asked = self.expect != Expect::Command;
        let count = out.requests.len();
        let sent = &mut self.sent;
        out.requests.retain(|request| match request {
            Request::Submit { id, .. } => {
                sent.remove(id);
                false
            }
            _ => true,
        });
        if is_asked || out.requests.len() < count {
            self.expect = Expect::Command;
            let (has, needs) = (self.known.standing(), Standing::Approver);
            out.lines = vec![format!(
                "{}.",
                facts::people::whom_to_ask(&self.known.company, has, needs)
            )];
        }
    }

    /// The item that was shown last, if it is still the one that was read.
    fn current(&self) -> Option<&Gate> {
        let (id, ..) = self.asked?;
        self.known.world.gate(id)
    }
}

#[cfg(test)]
mod tests;
