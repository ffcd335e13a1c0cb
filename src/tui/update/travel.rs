//! Travel in time: every place shows what was. Nothing can be decided there, and nothing is sent.

use std::time::{Duration, Instant};

use crate::domain::journal::Command;
use crate::domain::presence::Standing;
use crate::tui::action::Action;
use crate::tui::app::{App, Overlay};
use crate::tui::known::NO_TIME;
use crate::tui::link::Request;
use crate::tui::theme::Token;

use super::Effect;
use super::overlay::{Then, scrolled};

/// What every key that would change something says in the past.
pub const PAST: &str = "this is the past: Esc, then decide";

/// The longest wait between two events of a replay: nights are not waited for.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Events that a replay takes at once when it is late.
const AT_ONCE: usize = 64;

/// How fast the past passes by, one after the other.
const SPEEDS: [u32; 3] = [1, 4, 16];

/// What is shown above the panes about the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// What differs between then and now.
    Differences,
    /// What a fork will do.
    Fork,
}

/// The past passes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// How many times as fast as it was.
    pub speed: u32,
    /// When the next event comes.
    pub next: Instant,
}

/// Whether an action changes something or begins a text, and so is refused in the past and where somebody only looks on. The wall holds
/// what this leaves out.
pub const fn changes(action: Action) -> bool {
    super::is_decision(action)
        || matches!(
            action,
            Action::Comment
                | Action::CommentFile
                | Action::EditHunk
                | Action::EditOutside
                | Action::Snooze
                | Action::Undo
                | Action::Compose
                | Action::PlanKeep
                | Action::PlanDown
                | Action::PlanUp
                | Action::PlanTitle
                | Action::PlanTier
                | Action::PlanNew
                | Action::PlanBreak
                | Action::PlanCap
                | Action::PlanFix
                | Action::Redo
                | Action::Pause
                | Action::PauseAll
                | Action::DropTask
                | Action::TaskNew
                | Action::Allow
                | Action::AskAgain
                | Action::TaskEarlier
                | Action::TaskLater
                | Action::Assign
                | Action::CardFurther
                | Action::CardBack
                | Action::StopSprint
                | Action::ClashTest
                | Action::Budget
        )
}

impl App {
    /// Does what an action means for time. False: it means nothing for it.
    pub(super) fn on_time(&mut self, action: Action, at: Instant) -> bool {
        if self.overlay.is_some() {
            return false;
        }
        if changes(action)
            && let Some(why) = self.barred()
        {
            self.say(Token::Risk, why, at);
            return true;
        }
        let is_past = self.known.is_past();
        match action {
            Action::Interrupt if self.replay.is_some() => self.replay = None,
            Action::Back | Action::BackOrLeave if is_past && !self.is_zoomed => self.come_back(at),
            Action::TimeBack => {
                let here = self.moment();
                let is_inside = !is_past && here < self.known.world.seq;
                let seq = if is_inside {
                    here
                } else {
                    here.saturating_sub(1)
                };
                self.travel_to(seq, at);
            }
            Action::TimeForward if is_past => self.travel_to(self.known.world.seq + 1, at),
            Action::TimeForward => self.say(Token::Info, "this is now: h steps back", at),
            Action::DecisionPrevious => match self.known.past.decision_before(self.moment()) {
                Some(seq) => self.travel_to(seq, at),
                None => self.say(Token::Info, "nothing was decided before", at),
            },
            Action::DecisionNext => match self.known.past.decision_after(self.moment()) {
                Some(seq) => self.travel_to(seq, at),
                None => self.say(Token::Info, "nothing was decided after this", at),
            },
            Action::TimeStart => self.go_to_start(at),
            Action::TimeNow => self.come_back(at),
            Action::TimeAt => self.say(Token::Info, "write the time, such as :at 10:37", at),
            Action::Replay => self.replay_faster(at),
            Action::TimeDiff | Action::Fork if !is_past => {
                self.say(Token::Info, "this is now: h steps back first", at);
            }
            Action::TimeDiff => self.overlay = Some(Overlay::Past(Panel::Differences, 0)),
            Action::Fork => self.ask_fork(at),
            _ => return false,
        }
        true
    }

    /// The number of the event that is looked at.
    fn moment(&self) -> u64 {
        self.panes.log.moment(&self.known)
    }

    /// Shows everything as it was right after an event.
    pub(super) fn travel_to(&mut self, seq: u64, at: Instant) {
        self.replay = None;
        self.step_to(seq, at);
    }

    fn step_to(&mut self, seq: u64, at: Instant) -> bool {
        let first = self.known.past.first();
        if self.known.past.event(seq).is_none() && self.is_reading(at) {
            return false;
        }
        if seq < first {
            self.say(Token::Info, "the log begins here", at);
            return false;
        }
        if !self.known.travel(seq) {
            return false;
        }
        if !self.known.is_past() {
            self.come_back(at);
        }
        true
    }

    /// Whether the log is still on its way here; if it is, that is said.
    fn is_reading(&mut self, at: Instant) -> bool {
        let Some(reading) = self.known.reading() else {
            return false;
        };
        let text = format!("the log is not here yet: {reading}");
        self.say(Token::Info, text, at);
        true
    }

    /// Back to now, with all that came meanwhile.
    pub(super) fn come_back(&mut self, at: Instant) {
        self.replay = None;
        self.known.come_back();
        self.panes.log.follow();
        self.rebase_drafts(at);
    }

    /// Holds what the person has changed and not sent, of a plan or a conflict, against what it is about as it is now.
    pub(super) fn rebase_drafts(&mut self, at: Instant) {
        let plan = self.panes.plan.rebase(&self.known);
        let clash = self.panes.clash.rebase(&self.known);
        for (token, text) in plan.into_iter().chain(clash) {
            self.say(token, text, at);
        }
    }

    /// To the beginning of the sprint that is looked at; from there to the beginning of all.
    fn go_to_start(&mut self, at: Instant) {
        let here = self.moment();
        let past = &self.known.past;
        let first = past.span(here).map_or(0, |span| span.first);
        let seq = if here > first { first } else { past.first() };
        self.travel_to(seq, at);
    }

    /// To a time of day as the person reads it: the last one before now.
    pub(super) fn travel_to_clock(&mut self, text: &str, at: Instant) {
        let Some(moment) = self.known.time_of_day(text) else {
            self.say(Token::Fail, NO_TIME, at);
            return;
        };
        if self.is_reading(at) {
            return;
        }
        match self.known.past.at(moment) {
            Some(seq) => self.travel_to(seq, at),
            None => self.say(Token::Info, "nothing has happened yet", at),
        }
    }

    fn replay_faster(&mut self, at: Instant) {
        let place = self
            .replay
            .and_then(|replay| SPEEDS.iter().position(|speed| *speed == replay.speed));
        let next = place.map_or(0, |place| (place + 1) % SPEEDS.len());
        let speed = SPEEDS.get(next).copied().unwrap_or(1);
        if !self.known.is_past() {
            self.go_to_start(at);
        }
        if self.known.is_past() {
            let next = at + self.pause(speed);
            self.replay = Some(Replay { speed, next });
        }
    }

    /// How long a replay waits between the event that is shown and the next.
    fn pause(&self, speed: u32) -> Duration {
        let past = &self.known.past;
        let moment = |seq| past.event(seq).map(|held| held.envelope.at);
        let seq = self.known.world.seq;
        let ms = match (moment(seq), moment(seq + 1)) {
            (Some(here), Some(next)) => u64::try_from(next.since(here)).unwrap_or(0),
            _ => 0,
        };
        Duration::from_millis(ms).min(LONGEST_PAUSE) / speed
    }

    /// Lets the events of a replay pass that are due. Whether any did.
    pub(super) fn replays(&mut self, at: Instant) -> bool {
        let mut passed = 0;
        while let Some(Replay { speed, next }) = self.replay.filter(|replay| replay.next <= at)
            && passed < AT_ONCE
        {
            passed += 1;
            let going = self.step_to(self.known.world.seq + 1, at);
            let next = next + self.pause(speed);
            self.replay = (going && self.known.is_past()).then_some(Replay { speed, next });
        }
        // What is later than that is not caught up with.
        if let Some(replay) = &mut self.replay {
            replay.next = replay.next.max(at);
        }
        passed > 0
    }

    fn ask_fork(&mut self, at: Instant) {
        self.replay = None;
        let sprint = self.known.world.current();
        match sprint.map(|sprint| sprint.tip.is_some()) {
            Some(true) => self.overlay = Some(Overlay::Past(Panel::Fork, 0)),
            Some(false) => {
                let text = "the sprint has no commit yet at this moment: nothing to fork from";
                self.say(Token::Info, text, at);
            }
            None => self.say(Token::Info, "no sprint had begun at this moment", at),
        }
    }

    /// The command that a fork sends.
    fn fork(&self) -> Option<Command> {
        let sprint = self.known.world.current()?;
        Some(Command::StartSprint {
            goal: sprint.goal.clone(),
            setup: None,
            base: Some(sprint.tip.clone()?),
        })
    }

    /// Acts on an action while something about the past lies above.
    pub(super) fn on_panel(
        &mut self,
        action: Action,
        (panel, top): (Panel, usize),
        at: Instant,
    ) -> Vec<Effect> {
        if (action, panel) == (Action::Fork, Panel::Fork)
            && let Some(command) = self.fork()
        {
            self.come_back(at);
            let turn = match self.known.world.active {
                Some(active) => format!("the fork begins when {active} is over"),
                None => "the fork begins".to_owned(),
            };
            self.say(Token::Info, turn, at);
            return vec![self.submit(command)];
        }
        let is_toggled = (action, panel) == (Action::TimeDiff, Panel::Differences);
        self.overlay = match scrolled(action, top) {
            Some(top) if !is_toggled => Some(Overlay::Past(panel, top)),
            _ => None,
        };
        Vec::new()
    }

    /// Nothing leaves from the past, nor from a client that only looks: what got here all the same is taken back, and the person is
    /// told.
    pub(super) fn wall(&mut self, effects: &mut Vec<Effect>, at: Instant) {
        let Some(why) = self.barred() else {
            return self.wall_above(effects, at);
        };
        let decides = self.decides();
        let count = effects.len();
        effects.retain(|effect| match effect {
            Effect::Request(Request::Submit { id, .. }) => {
                self.sent.remove(id);
                false
            }
            Effect::Request(Request::Set(_) | Request::TakeBack) => decides,
            _ => true,
        });
        let is_writing = match &self.overlay {
            Some(Overlay::Draft { .. } | Overlay::NewTask) => true,
            Some(Overlay::Confirm { then, .. }) => *then != Then::Unlock,
            _ => false,
        };
        if is_writing {
            self.overlay = None;
        }
        if is_writing || effects.len() < count {
            self.say(Token::Risk, why, at);
        }
    }

    /// Nothing leaves either that takes more than the person may do; the host would refuse it.
    fn wall_above(&mut self, effects: &mut Vec<Effect>, at: Instant) {
        if self.known.standing() == Standing::Owner {
            return;
        }
        let (above, rest): (Vec<_>, Vec<_>) = std::mem::take(effects)
            .into_iter()
            .partition(|effect| self.is_above(effect));
        *effects = rest;
        let mut is_told = !above.is_empty();
        for effect in above {
            if let Effect::Request(Request::Submit { id, .. }) = effect {
                self.sent.remove(&id);
            }
        }
        if self.writes_above() {
            self.overlay = None;
            is_told = true;
        }
        if is_told {
            let why = self.ask_for(Standing::Owner);
            self.say(Token::Risk, why, at);
        }
    }
}

#[cfg(test)]
mod tests;
