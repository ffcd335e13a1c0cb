//! The interface as plain state: where the person is, what is open, what was asked of the session. It changes only in
//! [`super::update`] and is painted only in [`super::view`].

mod settings;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::layout::{Rect, Size};

use crate::base::id::{CommandId, Digest, GateId};
use crate::base::time::Timestamp;
use crate::domain::journal::Command;
use crate::domain::sprint::{Gate, GateState, Verdict};
use crate::session::Presence;

use super::action::{Mode, Place};
use super::arming::Arming;
use super::facts;

use super::keymap::{Keymap, Pending};
use super::known::{Connection, Known};
use super::layout::{Class, Layout, Pane, Shape, panes_of};
use super::motion::Motion;
use super::notify::Caller;
use super::pace::Line;
use super::panes::settings as settings_pane;
use super::panes::{
    Purpose, agents, board, card, clash, cost, log, plan, review, setup, stream, waiting,
};
use super::terminal::caps::Caps;
use super::terminal::probe::Told;
use super::theme::choice::Choice;
use super::theme::{Theme, Token};
use super::update::Acts;
use super::update::overlay::Then;
use super::update::people::Others;
use super::update::travel::{Panel, Replay};
use super::widgets::composer::{Composer, History};

pub use settings::{DRAFTS, SNOOZES, Settings};

/// Notices that are kept.
const SAID: usize = 200;

/// The states of all panes.
#[derive(Clone, Debug, Default)]
pub struct Panes {
    /// The waiting list.
    pub waiting: waiting::State,
    /// The card.
    pub card: card::State,
    /// The agents.
    pub agents: agents::State,
    /// The streams: of the agent under the cursor, and of others where there is room. Each stays with whom it shows.
    pub streams: Vec<stream::State>,
    /// The board.
    pub board: board::State,
    /// The plan.
    pub plan: plan::State,
    /// The review.
    pub review: review::State,
    /// The conflict.
    pub clash: clash::State,
    /// The sums.
    pub cost: cost::State,
    /// The log.
    pub log: log::State,
    /// The settings.
    pub settings: settings_pane::State,
}

/// What lies above the panes and takes the keys.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// Keys and what they do.
    Help {
        /// What is looked for.
        text: Composer,
        /// The row under the cursor.
        row: usize,
        /// The marks and what they mean instead.
        is_legend: bool,
    },
    /// What narrows a list, or is looked for in a text.
    Filter {
        /// Which pane's.
        pane: Pane,
        /// What is typed.
        text: Composer,
    },
    /// The first run.
    Setup(Box<setup::State>),
    /// Who is there: the row under the cursor.
    People(usize),
    /// What was said, newest first: the row under the cursor.
    Notices(usize),
    /// The last keys that arrived, newest last.
    KeyTest(Vec<String>),
    /// A text that is being written.
    Draft {
        /// What for.
        purpose: Purpose,
        /// The text.
        text: Composer,
    },
    /// The palette: what is typed, and the row under the cursor.
    Palette {
        /// What is typed.
        text: Composer,
        /// The row.
        row: usize,
    },
    /// A task that is about to be added; the board holds it.
    NewTask,
    /// Something about the past; the first row in view of a long one.
    Past(Panel, usize),
    /// Items that get one answer together, and which.
    Answers(Vec<GateId>, Verdict),
    /// A word that must be typed first.
    Confirm {
        /// The word.
        word: &'static str,
        /// What will happen.
        text: String,
        /// What is typed so far.
        typed: Composer,
        /// What happens then.
        then: Then,
    },
}

/// What was said, for those who want to read it later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What.
    pub text: String,
    /// How it looked.
    pub token: Token,
    /// When.
    pub at: Timestamp,
    /// What it is about.
    pub gate: Option<GateId>,
}

/// Something that was said to the person and goes away by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: String,
    /// How it looks.
    pub token: Token,
    /// When it goes; errors go with a key after they were seen.
    pub until: Option<Instant>,
    /// When it came.
    pub since: Instant,
}

/// A command that is not answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The gate that it decides on, if it decides.
    pub decides: Option<GateId>,
    /// What was asked, as long as it is a decision.
    pub decision: Option<Box<Command>>,
    /// The name of the task that it adds, if it adds one.
    pub adds: Option<String>,
}

/// The interface.
#[derive(Clone, Debug)]
pub struct App {
    /// What is known.
    pub known: Known,
    /// The panes' own states.
    pub panes: Panes,
    /// Where the person is.
    pub place: Place,
    /// The focused pane of each place that was visited.
    pub focus: BTreeMap<Place, Pane>,
    /// The first row that panes show which only tell, where they were scrolled.
    pub tops: BTreeMap<Pane, u16>,
    /// The focused pane is alone.
    pub is_zoomed: bool,
    /// How many streams stand beside each other at the agents, where there is room.
    pub stream_count: usize,
    /// What lies above.
    pub overlay: Option<Overlay>,
    /// What was written before.
    pub history: History,
    /// A text that was left unfinished.
    pub kept: Option<(Purpose, Composer)>,
    /// Keys that have not led to anything yet.
    pub pending: Pending,
    /// Since when a sequence of keys is pending.
    pub pending_since: Option<Instant>,
    /// The wait of the card that is shown.
    pub arming: Arming<(GateId, Digest)>,
    /// Where the person was before the first `w`.
    pub before_waiting: Option<Place>,
    /// The names of files that lead there.
    pub files: Arc<BTreeSet<String>>,
    /// What was said, newest last.
    pub notices: Vec<Notice>,
    /// What was said so far, newest last.
    pub said: VecDeque<Said>,
    /// What the person was called for.
    pub caller: Caller,
    /// What the others were told about where the person is.
    pub told_others: Option<Presence>,
    /// Who is followed, and what others handed over.
    pub others: Others,
    /// When the person pressed the last key.
    pub last_key: Option<Instant>,
    /// The terminal tells who has the focus.
    pub tells_focus: bool,
    /// Commands that are not answered yet.
    pub sent: BTreeMap<CommandId, Sent>,
    /// What was done here and can be taken back.
    pub acts: Acts,
    /// Gates whose decision was taken, until the world shows it.
    pub closing: Vec<GateId>,
    /// Names of tasks that were added, until the world shows them.
    pub adding: Vec<String>,
    /// How many commands were sent.
    pub sent_count: u64,
    /// The past that passes by.
    pub replay: Option<Replay>,
    /// This display only shows until it is unlocked.
    pub is_locked: bool,
    /// When the person asked to leave once.
    pub leaving: Option<Instant>,
    /// The terminal's size.
    pub size: Size,
    /// Whether the terminal has the desktop's focus.
    pub has_focus: bool,
    /// What the terminal can do.
    pub caps: Caps,
    /// What the terminal has told about itself.
    pub told: Told,
    /// How long the line to it is.
    pub line: Line,
    /// Whether the mouse is taken from the terminal.
    pub has_mouse: bool,
    /// The keys.
    pub keymap: Keymap,
    /// The look.
    pub theme: Theme,
    /// What decides about the look.
    pub themes: Choice,
    /// The look is another one for a moment, because the cursor is on it.
    pub is_previewing: bool,
    /// What the program was told at its start.
    pub settings: Settings,
}

impl App {
    /// The interface before anything is known.
    pub fn new(
        known: Known,
        settings: Settings,
        caps: Caps,
        (keymap, theme): (Keymap, Theme),
    ) -> Self {
        Self {
            known,
            panes: Panes {
                streams: (0..Pane::STREAMS.len())
                    .map(stream::State::numbered)
                    .collect(),
                ..Panes::default()
            },
            place: Place::Home,
            focus: BTreeMap::new(),
            tops: BTreeMap::new(),
            is_zoomed: false,
            stream_count: 2,
            overlay: None,
            history: History::default(),
            kept: None,
            pending: Pending::default(),
            pending_since: None,
            arming: Arming::new(settings.arm),
            before_waiting: None,
            files: Arc::default(),
            notices: Vec::new(),
            said: VecDeque::new(),
            caller: Caller::default(),
            told_others: None,
            others: Others::default(),
            last_key: None,
            tells_focus: false,
            sent: BTreeMap::new(),
            acts: Acts::default(),
            closing: Vec::new(),
            adding: Vec::new(),
            sent_count: 0,
            replay: None,
            is_locked: false,
            leaving: None,
            size: Size::new(80, 24),
            has_focus: true,
            caps,
            told: Told::default(),
            line: Line::default(),
            has_mouse: false,
            keymap,
            theme,
            themes: Choice::usual(caps.depth),
            is_previewing: false,
            settings,
        }
    }

    /// The pane that has the focus.
    pub fn focused(&self) -> Pane {
        let first = panes_of(self.place).first().copied().unwrap_or_default();
        let pane = self.focus.get(&self.place).copied().unwrap_or(first);
        let is_shown = |number| number < self.stream_count && Class::of(self.size) == Class::L;
        match pane.stream() {
            // Where there is no room for it, or no longer, the first has the focus.
            Some(number) if number > 0 && !is_shown(number) => first,
            Some(_) | None => pane,
        }
    }

    /// Where everything goes now.
    pub fn layout(&self) -> Layout {
        let is_alone = self.is_zoomed || Class::of(self.size) == Class::Small || self.is_aside();
        self.laid_out(is_alone.then(|| self.focused()))
    }

    /// Whether the focused pane has no room beside the others at this size: then it is alone while it has the focus.
    pub fn is_aside(&self) -> bool {
        Class::of(self.size) >= Class::S && !self.has_room(self.focused())
    }

    /// Whether a pane is to be seen beside the others at this size.
    pub fn has_room(&self, pane: Pane) -> bool {
        let area = self.laid_out(None).area(pane);
        area.is_some_and(|area| area.height > 2)
    }

    fn laid_out(&self, alone: Option<Pane>) -> Layout {
        let shape = Shape {
            is_beside: self.panes.review.is_beside(self.size.width),
            is_told: self.panes.review.panel() != review::Panel::Task,
            streams: self.stream_count,
            density: self.settings.density,
        };
        Layout::shaped(self.size, self.place, alone, shape)
    }

    /// The stream whose call stands beside: the one that has the focus, else the first.
    pub fn called_stream(&self) -> usize {
        self.focused().stream().unwrap_or_default()
    }

    /// The area of a pane, empty if it is not shown.
    pub fn area(&self, pane: Pane) -> Rect {
        self.layout().area(pane).unwrap_or_default()
    }

    /// The gate that the focused pane shows to be decided, if it does.
    pub fn gate(&self) -> Option<&Gate> {
        let world = &self.known.world;
        match self.focused() {
            Pane::Card => {
                let item = self.panes.waiting.current(&self.known)?;
                world.gate(item.gate)
            }
            Pane::Diff => self.panes.review.gate(world),
            Pane::Ours | Pane::Theirs | Pane::Result | Pane::ClashWhy | Pane::ClashHead => {
                self.panes.clash.gate(world)
            }
            Pane::Plan | Pane::Planned | Pane::Limits | Pane::PlanChecks => {
                plan::shown(&self.known).and_then(plan::gate)
            }
            Pane::Stream if self.place == Place::Agents => {
                stream::asked(&self.known, self.panes.streams.first()?)
            }
            Pane::Waiting
            | Pane::Agents
            | Pane::Second
            | Pane::Third
            | Pane::Fourth
            | Pane::Call
            | Pane::Risk
            | Pane::People
            | Pane::Providers
            | Pane::Burn
            | Pane::Tiers
            | Pane::Days
            | Pane::Sprint
            | Pane::Cost
            | Pane::Events
            | Pane::Stream
            | Pane::Board
            | Pane::Task
            | Pane::Files
            | Pane::Why
            | Pane::Remarks
            | Pane::Explains
            | Pane::Budget
            | Pane::Saved
            | Pane::Sums
            | Pane::Log
            | Pane::Event
            | Pane::Time
            | Pane::BoardThen
            | Pane::AgentsThen
            | Pane::Settings
            | Pane::Sections => None,
        }
        .filter(|gate| gate.state == GateState::Open)
    }

    /// What the card on the screen shows, while nothing lies above it; what it may decide on. A plan's hash names what is shown
    /// of it.
    pub fn decidable(&self) -> Option<(GateId, Digest)> {
        if !self.decides() {
            return None;
        }
        if let Some(Overlay::Answers(gates, verdict)) = &self.overlay {
            let all = self.answers_to_all(gates, verdict)?;
            return all.gates.first().map(|(gate, ..)| (*gate, all.seen));
        }
        let is_free =
            self.overlay.is_none() && Class::of(self.size) != Class::Tiny && !self.known.is_past();
        let gate = self.gate().filter(|_| is_free)?;
        // Whoever approves a plan has seen its checks.
        if self.place == Place::Plan && !self.shows_checks() {
            return None;
        }
        let shown = match self.focused() {
            _ if self.place == Place::Plan => self.panes.plan.revision(&self.known),
            // The amounts that a budget's card offers follow what is spent meanwhile.
            Pane::Card => card::offered(&self.known.world, gate),
            _ if self.place == Place::Conflict => Some(self.panes.clash.revision(gate)),
            _ => None,
        };
        Some((gate.id, shown.unwrap_or(gate.revision)))
    }

    /// Whether the checks of the plan are on the screen.
    pub fn shows_checks(&self) -> bool {
        self.area(Pane::PlanChecks).height > 2
    }

    /// Whether the card takes a decision at `at`.
    pub fn is_armed(&self, at: Instant) -> bool {
        self.arming.is_armed(at)
    }

    /// What keys mean now.
    pub fn mode(&self) -> Mode {
        match &self.overlay {
            Some(Overlay::Draft { .. }) => Mode::Insert,
            Some(Overlay::Palette { .. } | Overlay::Help { .. }) => Mode::Palette,
            Some(Overlay::Filter { .. }) => Mode::Filter,
            Some(Overlay::Confirm { .. } | Overlay::KeyTest(_) | Overlay::Setup(_)) => Mode::Modal,
            Some(Overlay::Notices(_) | Overlay::NewTask) => Mode::Normal,
            Some(Overlay::People(_)) => Mode::People,
            Some(Overlay::Answers(..)) => Mode::Decide,
            Some(Overlay::Past(..)) if !self.known.is_past() => Mode::Normal,
            Some(Overlay::Past(..)) | None => self.mode_below(),
        }
    }

    /// How long until a clock or an age on the screen shows another figure: seconds only while something is young.
    pub fn until_next_figure(&self) -> Duration {
        let is_young = |age_ms: i64| age_ms < 60_000;
        let items = self.panes.waiting.shown(&self.known);
        let is_lost = self.known.lost.is_some();
        let is_moving =
            is_lost || self.known.is_past() || items.iter().any(|item| is_young(item.age_ms));
        let step_ms = match self.has_focus {
            true if self.runs() => self
                .motion_step()
                .min(if is_moving { 1_000 } else { 60_000 }),
            true if is_moving => 1_000,
            true | false => 60_000,
        };
        let past = self.known.clock_now().0.rem_euclid(step_ms);
        Duration::from_millis(u64::try_from(step_ms - past).unwrap_or(1_000))
    }

    /// Whether somebody runs at the moment, and it is shown that they do.
    pub fn runs(&self) -> bool {
        let sprint = self.known.world.current();
        let is_shown = Class::of(self.size) >= Class::S
            && self.known.connection == Connection::Live
            && !self.known.is_past();
        is_shown
            && sprint.is_some_and(|sprint| sprint.paused.is_none())
            && facts::agents::agents(&self.known.world)
                .iter()
                .any(|agent| agent.state.is_running())
    }

    /// Milliseconds since something was heard of those who run.
    pub fn still_ms(&self) -> i64 {
        let attempts = self.known.world.current().into_iter();
        let attempts = attempts.flat_map(|sprint| sprint.attempts.values());
        let last = attempts.map(|attempt| attempt.active_at).max();
        last.map_or(0, |last| self.known.now.since(last))
    }

    /// Milliseconds from a frame of the mark of those who run to the next.
    fn motion_step(&self) -> i64 {
        match self.settings.motion {
            // The age is in minutes by then.
            Motion::Off if self.still_ms() >= 60_000 => 60_000,
            motion => motion.step_ms(),
        }
    }

    /// Takes a file of keys; with a fault in it the old keys stay.
    pub fn read_keys(&mut self, text: &str, at: Instant) {
        match Keymap::read(text) {
            Ok(keymap) => {
                let conflicts = keymap.conflicts().len();
                self.keymap = keymap;
                self.pending = Pending::default();
                if conflicts == 0 {
                    self.say(Token::Ok, "the keys are read again", at);
                } else {
                    let text = format!(
                        "the keys are read again; {conflicts} cannot be reached, aios keys tells"
                    );
                    self.say(Token::Risk, text, at);
                }
            }
            Err(fault) => {
                let file = self.settings.keymap.as_ref();
                let file = file.map_or_else(
                    || "keymap.toml".to_owned(),
                    |file| file.display().to_string(),
                );
                self.say(
                    Token::Fail,
                    format!("{file}, {fault}; the old keys stay"),
                    at,
                );
            }
        }
    }

    /// Says something to the person.
    pub fn say(&mut self, token: Token, text: impl Into<String>, at: Instant) {
        self.say_of(None, (token, text.into()), at);
    }

    /// As [`say`](Self::say), of a gate that the notice leads to.
    pub fn say_of(&mut self, gate: Option<GateId>, (token, text): (Token, String), at: Instant) {
        self.said.push_back(Said {
            text: text.clone(),
            token,
            at: self.known.clock_now(),
            gate,
        });
        if self.said.len() > SAID {
            self.said.pop_front();
        }
        let seconds = match token {
            Token::Ok => Some(4),
            Token::Fail => None,
            _ => Some(6),
        };
        let until = seconds.and_then(|seconds| at.checked_add(Duration::from_secs(seconds)));
        self.notices
            .retain(|notice| notice.token == Token::Fail || notice.token != token);
        self.notices.push(Notice {
            text,
            token,
            until,
            since: at,
        });
        let surplus = self.notices.len().saturating_sub(3);
        self.notices.drain(..surplus);
    }
}
