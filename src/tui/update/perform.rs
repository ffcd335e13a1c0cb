//! What panes intend is done: commands are sent and remembered until they are answered, places open, texts are begun.

use std::time::Instant;

use crate::base::body::Body;
use crate::base::id::{CommandId, Digest, GateId, Work};
use crate::base::money::{BadAmount, Money};
use crate::domain::change::{Comment, Mark};
use crate::domain::journal::{Command, Refusal};
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{GateState, Verdict};
use crate::tui::action::Place;
use crate::tui::app::{App, Overlay, Sent};
use crate::tui::facts::{agents, events, gate_label, next};
use crate::tui::layout::Pane;
use crate::tui::link::Request;
use crate::tui::panes::board::form::Field;
use crate::tui::panes::plan::Wording;
use crate::tui::panes::{Intent, Purpose, clash};
use crate::tui::setting::Wanted;
use crate::tui::theme::Token;
use crate::tui::widgets::composer::Composer;
use crate::tui::widgets::filter::Filter;

use super::Effect;
use super::overlay::Then;

impl App {
    /// Does what panes intend.
    pub(super) fn perform(&mut self, intents: Vec<Intent>, at: Instant) -> Vec<Effect> {
        let mut effects = Vec::new();
        // What is intended at once is one decision: the changes to a plan and its approval.
        let mut commands = Vec::new();
        for intent in intents {
            match intent {
                Intent::Submit(command) => commands.push(*command),
                Intent::Decide {
                    gate,
                    revision,
                    verdict,
                } => commands.push(Command::Decide {
                    gate,
                    revision,
                    verdict,
                    is_final: false,
                }),
                Intent::ListAnswers(gates, verdict) => self.list_answers(gates, verdict),
                Intent::Write(purpose) => self.write(purpose),
                Intent::Confirm { word, text, then } => {
                    let typed = Composer::single_line();
                    self.overlay = Some(Overlay::Confirm {
                        word,
                        text,
                        typed,
                        then: Then::Submit(then),
                    });
                }
                Intent::OpenItem(gate) => self.open_item(gate),
                Intent::OpenAgent(work) => {
                    self.panes.show_agent(work, &self.known.world);
                    self.go(Place::Agents);
                    self.focus.insert(Place::Agents, Pane::Stream);
                }
                Intent::OpenChange(task) => {
                    self.panes.review.show(task);
                    self.go(Place::Review);
                }
                Intent::OpenLog(typed) => {
                    self.panes.log.filter = Filter::read(&typed);
                    self.go(Place::Log);
                }
                Intent::Focus(pane) => {
                    self.focus.insert(self.place, pane);
                }
                Intent::Travel(seq) => self.travel_to(seq, at),
                Intent::Set(wanted) => effects.push(Effect::Request(Request::Set(wanted))),
                Intent::Copy(text) => effects.push(Effect::Copy(text)),
                Intent::ShowNewTask => self.overlay = Some(Overlay::NewTask),
                Intent::Say(token, text) => self.say(token, text, at),
                Intent::KeepSnoozes => {
                    effects.push(Effect::KeepSnoozes(self.panes.waiting.snoozes.text()));
                }
            }
        }
        effects.extend(self.decide(commands));
        effects
    }

    /// Begins a text.
    pub(super) fn write(&mut self, purpose: Purpose) {
        let mut text = match purpose {
            Purpose::Goal
            | Purpose::Team
            | Purpose::Steer(_)
            | Purpose::SteerAll(_)
            | Purpose::Answer(..)
            | Purpose::EditHunk(..)
            | Purpose::NewTask(Field::What)
            | Purpose::Remark(_) => Composer::new(),
            Purpose::Solve(..) => Composer::code(),
            Purpose::Reject(..)
            | Purpose::RejectAll(_)
            | Purpose::RejectHunks(..)
            | Purpose::Amount(..)
            | Purpose::Budget(_)
            | Purpose::Plan(_)
            | Purpose::Note
            | Purpose::NewTask(_)
            | Purpose::Setting { .. } => Composer::single_line(),
        };
        match &purpose {
            // What was left unfinished for the same purpose is there again.
            purpose if self.kept.as_ref().is_some_and(|(kept, _)| kept == purpose) => {
                text = self.kept.take().map_or(text, |(_, kept)| kept);
            }
            Purpose::Plan(Wording::Title(_, title)) => text.paste(title),
            Purpose::NewTask(field) => text.paste(&self.so_far(*field)),
            Purpose::Setting { wanted, .. } => {
                text.paste(wanted.to.as_deref().unwrap_or_default());
            }
            Purpose::EditHunk(_, _, before) | Purpose::Solve(_, _, before) => text.paste(before),
            Purpose::Remark(comment) => text.paste(&comment.text),
            _ => {}
        }
        self.overlay = Some(Overlay::Draft { purpose, text });
    }

    /// Sends what was written. False if it cannot be sent as it is; then it stays.
    pub(super) fn written(
        &mut self,
        purpose: Purpose,
        text: &str,
        at: Instant,
    ) -> Result<Vec<Effect>, Purpose> {
        let decide = |gate: GateId, revision: Digest, verdict: Verdict| Command::Decide {
            gate,
            revision,
            verdict,
            is_final: false,
        };
        let (whole, text) = (text, text.trim());
        if needs_text(&purpose) && text.is_empty() {
            return Err(purpose);
        }
        let command = match purpose {
            Purpose::Goal => Command::StartSprint {
                goal: Body::Inline(text.to_owned()),
                setup: None,
                base: None,
            },
            Purpose::Team => return self.tell_all(text, at),
            Purpose::Steer(work) => steer(work, text),
            Purpose::SteerAll(works) => {
                let all = works.into_iter();
                return Ok(all.map(|work| self.submit(steer(work, text))).collect());
            }
            Purpose::RejectAll(gates) => {
                let no = || Verdict::Reject(text.to_owned());
                let all = gates.into_iter();
                let all = all.map(|(gate, revision)| decide(gate, revision, no()));
                return Ok(self.decide(all.collect()));
            }
            Purpose::Answer(gate, revision) => {
                decide(gate, revision, Verdict::Answer(text.to_owned()))
            }
            Purpose::Reject(gate, revision) => {
                decide(gate, revision, Verdict::Reject(text.to_owned()))
            }
            Purpose::RejectHunks(gate, hunks) => {
                let mark = Mark::Rejected {
                    reason: text.to_owned(),
                };
                let marks = hunks.into_iter().map(|hunk| (hunk, mark.clone()));
                Command::Mark {
                    gate,
                    marks: marks.collect(),
                }
            }
            Purpose::Amount(gate, revision) => match self.amount(text, at) {
                Some(limit) => decide(gate, revision, Verdict::Raise(limit)),
                None => return Err(purpose),
            },
            Purpose::Budget(sprint) => match self.amount(text, at) {
                Some(limit) => Command::SetBudget { sprint, limit },
                None => return Err(purpose),
            },
            Purpose::EditHunk(_, _, before) if text == before.trim() => {
                self.say(Token::Info, "the hunk is as it was: nothing is marked", at);
                return Ok(Vec::new());
            }
            Purpose::EditHunk(gate, hunk, _) => {
                let reason = format!("write it like this instead:\n{text}");
                Command::Mark {
                    gate,
                    marks: vec![(hunk, Mark::Rejected { reason })],
                }
            }
            // Blanks count in a file.
            Purpose::Solve(gate, place, _) => {
                self.panes.clash.written((gate, place), whole);
                return Ok(self.settle());
            }
            Purpose::Remark(comment) => {
                let text = text.to_owned();
                let comment = Comment { text, ..*comment };
                let task = self.panes.review.task(&self.known.world);
                let task = task.map(|task| task.id);
                let drafts = |app: &Self| task.map(|task| app.panes.review.drafts_of(task));
                let before = drafts(self);
                self.panes.review.keep(&self.known, comment);
                if let (Some(task), Some(before), Some(after)) = (task, before, drafts(self)) {
                    self.acts.worded(task, before, after);
                }
                return Ok(self.settle());
            }
            Purpose::Setting { wanted, .. } => {
                let to = Some(text.to_owned());
                let wanted = Wanted { to, ..wanted };
                return Ok(vec![Effect::Request(Request::Set(wanted))]);
            }
            Purpose::Plan(wording) => return self.word_plan(wording, text, at),
            Purpose::Note => return self.note_all(text, at),
            Purpose::NewTask(field) => return self.word_task(field, text, at),
        };
        Ok(self.decide(vec![command]))
    }

    /// Sends commands; if a decision is among them only after a word where the settings want one.
    pub(super) fn decide(&mut self, commands: Vec<Command>) -> Vec<Effect> {
        let decides = |command: &Command| {
            matches!(
                command,
                Command::EditPlan { .. } | Command::AddTask { .. } | Command::Decide { .. }
            )
        };
        if !self.settings.confirm_all || !commands.iter().any(decides) {
            return commands.into_iter().map(|one| self.submit(one)).collect();
        }
        let mut text = "The setting decide.confirm_all asks before each decision.".to_owned();
        if commands.len() > 1 {
            text = format!("{text} {} commands are sent.", commands.len());
        }
        self.overlay = Some(Overlay::Confirm {
            word: "yes",
            text,
            typed: Composer::single_line(),
            then: Then::Submit(commands),
        });
        Vec::new()
    }

    /// Takes a change to the plan that was written; what is to be written next is asked for.
    fn word_plan(
        &mut self,
        wording: Wording,
        text: &str,
        at: Instant,
    ) -> Result<Vec<Effect>, Purpose> {
        match self.panes.plan.written(&self.known, &wording, text) {
            Ok(Some(next)) => self.write(Purpose::Plan(next)),
            Ok(None) => return Ok(self.settle()),
            Err(why) => {
                self.say(Token::Fail, why, at);
                return Err(Purpose::Plan(wording));
            }
        }
        Ok(Vec::new())
    }

    /// An amount of money as a person writes it; if it is none, that is said.
    fn amount(&mut self, text: &str, at: Instant) -> Option<Money> {
        let amount = text.trim_start_matches('$').parse();
        amount
            .map_err(|bad: BadAmount| self.say(Token::Fail, bad.to_string(), at))
            .ok()
    }

    /// Says something to everybody who works now; they hear it before their next call.
    fn tell_all(&mut self, text: &str, at: Instant) -> Result<Vec<Effect>, Purpose> {
        let working = agents::worked_on(&self.known.world);
        if working.is_empty() {
            let text = "nobody works now; what waits on you takes comments with c";
            self.say(Token::Info, text, at);
            return Err(Purpose::Team);
        }
        let tell = |work| self.submit(steer(work, text));
        Ok(working.into_iter().map(tell).collect())
    }

    /// Sends a command under a name of its own.
    pub(super) fn submit(&mut self, command: Command) -> Effect {
        self.sent_count += 1;
        let id = CommandId(format!("{}-{}", self.settings.client, self.sent_count));
        let decides = match &command {
            Command::Decide { gate, .. } => Some(*gate),
            _ => None,
        };
        let decision = decides.map(|_| Box::new(command.clone()));
        let adds = match &command {
            Command::AddTask { task, .. } => Some(task.slug.clone()),
            _ => None,
        };
        self.acts.note(&command, &self.known.world);
        let sent = Sent {
            decides,
            decision,
            adds,
        };
        self.sent.insert(id.clone(), sent);
        Effect::Request(Request::Submit {
            id,
            command: Box::new(command),
        })
    }

    /// A command is answered.
    pub(super) fn answered(&mut self, id: &CommandId, refusal: Option<Refusal>, at: Instant) {
        let Some(sent) = self.sent.remove(id) else {
            return;
        };
        match (refusal, sent.decides) {
            (Some(refusal), gate) => self.say_of(gate, (Token::Fail, refusal.to_string()), at),
            (None, Some(gate)) => self.closing.push(gate),
            (None, None) => self.adding.extend(sent.adds),
        }
    }

    /// A decision was taken: once the world shows it, which may be before or after the answer, there is a receipt, and the next
    /// item opens.
    pub(super) fn close(&mut self, at: Instant) {
        let is_open = |gate: &GateId| {
            let gate = self.known.world.gate(*gate);
            gate.is_some_and(|gate| gate.state == GateState::Open)
        };
        let (open, closed) = self.closing.iter().partition(|gate| is_open(gate));
        let closed: Vec<GateId> = closed;
        self.closing = open;
        for gate in &closed {
            self.receipt(*gate, at);
        }
        let is_shown = closed.iter().any(|gate| self.shows_decided(*gate));
        if self.settings.auto_advance && is_shown {
            self.next_item(at);
            // It came without a key that was meant for it.
            let next = self.gate().map(|gate| gate.id);
            self.panes.waiting.slides(next);
        }
    }

    /// What was decided, and whether it can be taken back.
    fn receipt(&mut self, id: GateId, at: Instant) {
        let Some(gate) = self.known.world.gate(id) else {
            return;
        };
        let label = gate_label(gate);
        let (text, token) = match &gate.state {
            GateState::Pending {
                verdict,
                effective_at,
                ..
            } => {
                let seconds = effective_at.since(self.known.now) / 1_000;
                let (act, _) = events::decided(verdict);
                (format!("{act} {label}   u undo, {seconds}s"), Token::Ok)
            }
            GateState::Closed { verdict, .. } => {
                (format!("{} {label}", events::decided(verdict).0), Token::Ok)
            }
            GateState::Open | GateState::Moot => return,
        };
        self.say_of(Some(id), (token, text), at);
    }

    /// Whether the person still looks at the place where the gate was decided.
    fn shows_decided(&self, gate: GateId) -> bool {
        let is_there = matches!(
            self.place,
            Place::Waiting | Place::Review | Place::Plan | Place::Agents | Place::Conflict
        );
        is_there && self.overlay.is_none() && self.gate().is_none_or(|shown| shown.id != gate)
    }

    /// Opens the next item, where it can be decided.
    pub(super) fn next_item(&mut self, at: Instant) {
        let shown = self.gate().map(|gate| gate.id);
        self.panes.waiting.sort(&self.known);
        let Some(next) = self.panes.waiting.next(&self.known, shown) else {
            self.back_from_waiting();
            let mut text = next::nothing_waits(&self.known.world, self.known.now);
            let items = self.panes.waiting.shown(&self.known);
            text = match crate::tui::panes::waiting::counts(&items) {
                (0, 0) => text,
                (0, off) => format!("{off} put off, nothing else waits on you: W shows them"),
                // Others have them open, or the host is lost and the decision is kept.
                (held, 0) => format!("{held} in somebody's hands, nothing else: W shows them"),
                (held, off) => {
                    format!("{off} put off, {held} in somebody's hands: W shows them")
                }
            };
            // Beside the receipt of the last decision, not in its place.
            self.say(Token::Info, text, at);
            return;
        };
        if Some(next) == shown {
            self.say(Token::Info, "nothing else waits on you", at);
        }
        self.open_item(next);
    }

    /// When the last item is decided, the person is where they were before the first.
    fn back_from_waiting(&mut self) {
        if let Some(before) = self.before_waiting.take() {
            self.go(before);
        }
    }

    /// Opens an item: a plan in Plan, a change in Review, a conflict with its sides, a question at the end of its asker's stream,
    /// everything else as a card.
    pub(super) fn open_item(&mut self, id: GateId) {
        let Some(gate) = self.known.world.gate(id) else {
            return;
        };
        let (kind, work, task) = (gate.ask.kind(), gate.work, gate.work.task());
        let before = self
            .before_waiting
            .or(Some(self.place))
            .filter(|place| *place != Place::Waiting);
        // What is opened must not be hidden by what narrows the list.
        self.panes.waiting.filter = Filter::default();
        self.panes.waiting.put(id);
        match (kind, task) {
            (Kind::Plan, _) => {
                self.go(Place::Plan);
                self.focus.insert(Place::Plan, Pane::Plan);
            }
            (Kind::Diff, Some(task)) => {
                self.panes.review.show(task);
                self.go(Place::Review);
                self.focus.insert(Place::Review, Pane::Diff);
            }
            (Kind::Conflict, Some(_)) if clash::asked(gate).is_some() => {
                self.panes.clash.show(gate);
                self.go(Place::Conflict);
                self.focus.insert(Place::Conflict, Pane::Result);
            }
            (Kind::Ask, Some(_)) => {
                self.panes.show_agent(work, &self.known.world);
                self.go(Place::Agents);
                self.focus.insert(Place::Agents, Pane::Stream);
                // What has no room there is read on its card.
                if self.is_card_cut() {
                    self.go_waiting(Pane::Card);
                }
            }
            _ => self.go_waiting(Pane::Card),
        }
        self.before_waiting = before;
    }
}

/// Whether it is nothing without a text.
const fn needs_text(purpose: &Purpose) -> bool {
    !matches!(
        purpose,
        Purpose::Reject(..)
            | Purpose::RejectAll(_)
            | Purpose::RejectHunks(..)
            | Purpose::EditHunk(..)
            | Purpose::Solve(..)
            | Purpose::Remark(_)
            | Purpose::NewTask(
                Field::What | Field::Needs | Field::Done | Field::Proof | Field::Cap
            )
            | Purpose::Setting { .. }
    )
}

fn steer(work: Work, text: &str) -> Command {
    let text = Body::Inline(text.to_owned());
    Command::Steer { work, text }
}
