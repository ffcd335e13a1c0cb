//! How the interface changes: by input, by news from the session, by time. It returns what shall be done; it does nothing.

mod additions;
pub mod answers;
mod budget;
mod copy;
mod filter;
mod focus;
mod follow;
pub mod help;
pub mod look;
mod looking;
mod notices;
mod offline;
pub mod overlay;
pub mod palette;
pub mod people;
mod perform;
mod places;
pub mod rules;
mod scroll;
mod settings;
mod settle;
mod streams;
pub mod terminal;
pub mod travel;
mod undo;

pub use undo::Acts;

use std::time::{Duration, Instant};

use ratatui::layout::Size;

use crate::base::time::Timestamp;
use crate::domain::journal::Event;
use crate::domain::sprint::Gate;
use crate::domain::sprint::gate::Kind;

use super::action::{Action, Mode, Place};
use super::app::{App, Overlay};
use super::highlight::{self, Coloured, Job};
use super::key::{Code, Key};
use super::keymap::Match;
use super::layout::Pane;
use super::link::{News, Request};
use super::notify::Call;
use super::panes::setup::Came;
use super::panes::{Intent, Purpose, card, review, step};
use super::terminal::decoder::Input;
use super::theme::Token;

/// The second press that leaves must come within this time.
const TWICE: Duration = Duration::from_secs(2);

/// The menu of keys behind a first one is shown after this time.
pub const MENU: Duration = Duration::from_millis(300);

/// Keys that the key test shows.
const KEYS_TESTED: usize = 12;

/// Characters of a paste that a text takes.
const PASTED: usize = 50_000;

/// What shall be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask this of the session.
    Request(Request),
    /// Leave; the work goes on without this client.
    Leave,
    /// Stop until the shell continues the program.
    Suspend,
    /// Paint everything anew.
    Redraw,
    /// Have the person write this text in the editor; the text comes back to the draft.
    Edit(String),
    /// Colour these lines of code.
    Colour(Box<Job>),
    /// Copy this.
    Copy(String),
    /// Copy this and write it into no file: whether it arrives is being tried.
    CopyTest(String),
    /// Show this text in the person's pager.
    Page(String),
    /// Read the file of keys again.
    Reload,
    /// Use kitty's keyboard protocol.
    Keyboard,
    /// Have the terminal tell when its colours change.
    Scheme,
    /// Take the mouse from the terminal, or give it back.
    Mouse(bool),
    /// Keep this beyond the run: what is put off.
    KeepSnoozes(String),
    /// Keep what was written and not sent beyond this run.
    KeepDrafts(String),
    /// Call the person, who looks elsewhere.
    Call(Call),
}

impl App {
    /// Takes one input that was read at `at`.
    pub fn input(&mut self, input: Input, at: Instant) -> Vec<Effect> {
        let is_own = matches!(input, Input::Key(_) | Input::Paste(_) | Input::Mouse(_));
        if is_own {
            self.last_key = Some(at);
        }
        // The key does nothing else: what is shown is not where the person went.
        let ends_following = is_own && self.unfollow(at);
        let mut effects = match input {
            _ if ends_following => Vec::new(),
            Input::Key(key) => {
                // Only a text knows the difference.
                let key = match key.code {
                    Code::ShiftEnter if self.mode() != Mode::Insert => Key {
                        code: Code::Enter,
                        ..key
                    },
                    _ => key,
                };
                self.key(key, at)
            }
            Input::Paste(text) => {
                self.paste(&text, at);
                Vec::new()
            }
            Input::Focus(has_focus) => {
                self.has_focus = has_focus;
                self.tells_focus = true;
                Vec::new()
            }
            Input::Mouse(mouse) => self.mouse(mouse, at),
            Input::Answer(answer) => self.told(answer, at),
            Input::End => vec![Effect::Leave],
        };
        effects.extend(self.send_kept(at));
        effects.extend(self.settle());
        self.wall(&mut effects, at);
        self.hold(&mut effects, at);
        self.call(&mut effects, at);
        effects
    }

    /// Takes news from the session in, all that have come.
    pub fn news(&mut self, news: impl IntoIterator<Item = News>, at: Instant) -> Vec<Effect> {
        let mut effects = Vec::new();
        let share = self.share();
        for news in news {
            match news {
                News::World(world) => {
                    self.known.take(News::World(world));
                    self.find_files();
                    effects.extend(self.send_kept(at));
                }
                News::Unsent(id) => self.unsent(&id, at),
                News::Answered { id, refusal } => self.answered(&id, refusal, at),
                News::Lost(why) => {
                    self.known.forget_asked();
                    self.known.take(News::Lost(why));
                }
                News::Themes(themes) => self.take_themes(*themes, at),
                News::Settings(listing) => effects.extend(self.take_settings(*listing, at)),
                News::Set(written) => self.written_setting(written, at),
                News::Unheard(why) => self.say(Token::Fail, why, at),
                other => {
                    let has_files = matches!(&other, News::Event(line) if matches!(line.event, Event::Committed { .. }));
                    self.known.take(other);
                    if has_files {
                        self.find_files();
                    }
                }
            }
        }
        self.say_share(share, at);
        self.rebase_drafts(at);
        self.close(at);
        self.tell_added(at);
        self.heed_others(at);
        effects.extend(self.settle());
        self.wall(&mut effects, at);
        self.call(&mut effects, at);
        effects
    }

    /// Takes another size.
    pub fn resize(&mut self, size: Size) -> Vec<Effect> {
        self.size = size;
        self.settle()
    }

    /// Takes coloured lines in.
    pub fn coloured(&mut self, coloured: Coloured) -> Vec<Effect> {
        let mut streams = self.panes.streams.iter_mut();
        if !streams.any(|stream| stream.coloured(&coloured)) {
            self.panes.review.coloured(coloured);
        }
        self.settle()
    }

    /// Lines could not be coloured now; they are asked for again.
    pub fn uncoloured(&mut self, key: highlight::Key) {
        for stream in &mut self.panes.streams {
            stream.uncoloured(key);
        }
        self.panes.review.uncoloured(key);
    }

    /// The editor is closed; the text goes where it came from.
    pub fn edited(&mut self, text: Result<String, String>, at: Instant) {
        match (text, &mut self.overlay) {
            (Ok(written), Some(Overlay::Draft { text, .. })) => {
                text.take();
                let written = written.trim_end();
                let kept: String = written.chars().take(PASTED).collect();
                text.paste(&kept);
                if kept.len() < written.len() {
                    let told = format!("the text is cut after {PASTED} characters");
                    self.say(Token::Risk, told, at);
                }
            }
            (Ok(_), _) => {}
            (Err(why), _) => self.say(
                Token::Fail,
                format!("the text is as it was: {why}; $EDITOR names the program"),
                at,
            ),
        }
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Timestamp, at: Instant) -> Vec<Effect> {
        let before = self.known.clock_now();
        self.known.tick(now);
        let back = self.panes.waiting.snoozes.next(before);
        let mut effects = if self.replays(at) || back.is_some_and(|back| back <= now) {
            self.settle()
        } else {
            Vec::new()
        };
        self.notices
            .retain(|notice| notice.until.is_none_or(|until| until > at));
        if self
            .leaving
            .is_some_and(|since| at.saturating_duration_since(since) >= TWICE)
        {
            self.leaving = None;
        }
        self.last_key.get_or_insert(at); // Whoever starts the program looks at it.
        self.call(&mut effects, at);
        effects.extend(self.tell_others(at));
        effects
    }

    /// When something changes on the screen by time alone.
    pub fn deadline(&self, at: Instant) -> Option<Instant> {
        let notices = self.notices.iter().filter_map(|notice| notice.until);
        let menu = self
            .pending_since
            .and_then(|since| since.checked_add(MENU))
            .filter(|menu| *menu > at);
        let armed = self.arming.ready_at().filter(|ready| *ready > at);
        let leaving = self.leaving.and_then(|since| since.checked_add(TWICE));
        let replay = self.replay.map(|replay| replay.next);
        let others = menu.into_iter().chain(armed).chain(leaving).chain(replay);
        notices
            .chain(others)
            .chain(self.next_back(at))
            .chain(self.caller.next(at))
            .chain(self.others_due(at))
            .min()
    }

    /// When something that was put off comes back.
    fn next_back(&self, at: Instant) -> Option<Instant> {
        let now = self.known.clock_now();
        let back = self.panes.waiting.snoozes.next(now)?;
        at.checked_add(Duration::from_millis(u64::try_from(back.since(now)).ok()?))
    }

    fn paste(&mut self, text: &str, at: Instant) {
        match &mut self.overlay {
            Some(
                Overlay::Draft { text: composer, .. } | Overlay::Palette { text: composer, .. },
            ) => {
                let kept: String = text.chars().take(PASTED).collect();
                composer.paste(&kept);
                if kept.len() < text.len() {
                    self.say(
                        Token::Risk,
                        format!("the paste is cut after {PASTED} characters"),
                        at,
                    );
                }
            }
            Some(Overlay::Setup(setup)) => setup.paste(text),
            // A word that confirms is typed, never pasted.
            Some(
                Overlay::Confirm { .. }
                | Overlay::Help { .. }
                | Overlay::Filter { .. }
                | Overlay::KeyTest(_)
                | Overlay::Answers(..)
                | Overlay::Notices(_)
                | Overlay::People(_)
                | Overlay::NewTask
                | Overlay::Past(..),
            )
            | None => {
                let count = text.chars().count();
                self.say(
                    Token::Info,
                    format!("pasted {count} characters: i to put them in a message"),
                    at,
                );
            }
        }
    }

    fn key(&mut self, key: Key, at: Instant) -> Vec<Effect> {
        // An error stays until a key comes after it could be read.
        let seen = |since: Instant| at.saturating_duration_since(since) >= Duration::from_secs(2);
        self.notices
            .retain(|notice| notice.token != Token::Fail || !seen(notice.since));
        if let Some(Overlay::Setup(setup)) = &mut self.overlay
            && (!key.ctrl || key == Key::ctrl('c'))
        {
            return match setup.key(key) {
                Came::Nothing => Vec::new(),
                Came::Copy(word) => vec![Effect::CopyTest(word)],
                Came::Leave => vec![Effect::Leave],
                Came::Outcome(outcome) => {
                    vec![Effect::Request(Request::Begin(outcome)), Effect::Leave]
                }
            };
        }
        if let Some(Overlay::KeyTest(keys)) = &mut self.overlay {
            keys.push(key.to_string());
            let surplus = keys.len().saturating_sub(KEYS_TESTED);
            keys.drain(..surplus);
        }
        let mode = self.mode();
        let found = self.pending.press(&self.keymap, mode, self.place, key);
        self.pending_since = (found == Match::More).then_some(at);
        match found {
            Match::Action(action) => self.act(action, at),
            Match::More => Vec::new(),
            Match::Nothing => {
                if mode.is_text() {
                    self.typed(key);
                }
                Vec::new()
            }
        }
    }

    /// Does an action.
    pub fn act(&mut self, action: Action, at: Instant) -> Vec<Effect> {
        if self.on_time(action, at) {
            return Vec::new();
        }
        match action {
            Action::Interrupt | Action::BackOrLeave => return self.leave_or_back(action, at),
            Action::Suspend => return vec![Effect::Suspend],
            Action::Redraw => return vec![Effect::Redraw],
            Action::Back => self.back(),
            _ if self.overlay.is_some() => return self.on_overlay(action, at),
            Action::WaitingNext => self.next_item(at),
            Action::WaitingList => {
                self.panes.waiting.sort(&self.known);
                self.go_waiting(Pane::Waiting);
            }
            Action::Go(place) => self.go(place),
            Action::Zoom => self.is_zoomed = !self.is_zoomed,
            Action::FocusNext => self.shift_focus(1),
            Action::FocusPrevious => self.shift_focus(-1),
            Action::Reconnect => return self.reconnect(at),
            // Without a host the key means on the board what it means elsewhere.
            Action::Assign if self.known.lost.is_some() => return self.reconnect(at),
            Action::Help => self.open_help(),
            Action::Notices => self.open_notices(at),
            Action::People => self.overlay = Some(Overlay::People(0)),
            Action::NoticeNewest => self.newest_notice(at),
            Action::Filter => self.begin_filter(at),
            Action::SearchNext | Action::SearchPrevious => return self.search(action, at),
            Action::Copy | Action::CopyAll => return self.copy(action, at),
            Action::Pager => return self.page(at),
            Action::Mouse => return self.toggle_mouse(at),
            Action::Reload => return vec![Effect::Reload],
            Action::Lock => self.lock(at),
            Action::KeyTest => self.overlay = Some(Overlay::KeyTest(Vec::new())),
            Action::Palette => self.open_palette(""),
            Action::Allow => self.list_rules(at),
            Action::Theme => self.open_palette(look::VERB),
            Action::Undo if !self.changes_draft() => return self.undo(at),
            // A plan and a conflict have their own.
            Action::Redo if !matches!(self.place, Place::Plan | Place::Conflict) => {
                return self.redo(at);
            }
            Action::StreamMore | Action::StreamLess => self.change_streams(action, at),
            Action::Compose if self.is_about_all() => self.write(Purpose::Team),
            Action::PauseAll => return self.pause_all(at),
            Action::StopSprint => self.stop_sprint(at),
            Action::Compose if self.known.world.running().is_none() => self.write(Purpose::Goal),
            Action::EditOutside => return self.write_outside(at),
            _ => return self.on_pane(action, at),
        }
        Vec::new()
    }

    /// The hunk under the cursor as it should be, in the editor at once.
    fn write_outside(&mut self, at: Instant) -> Vec<Effect> {
        let mut effects = self.on_pane(Action::EditHunk, at);
        if let Some(Overlay::Draft { text, .. }) = &self.overlay {
            effects.push(Effect::Edit(text.text()));
        }
        effects
    }

    /// Whether the person looks at a plan or a conflict that they have changed and not sent.
    fn changes_draft(&self) -> bool {
        match self.place {
            Place::Conflict => self.panes.clash.is_changed(),
            _ => self.place == Place::Plan && !self.panes.plan.draft.is_empty(),
        }
    }

    /// Whether the focused pane is about the sprint as a whole, while one runs.
    fn is_about_all(&self) -> bool {
        self.known.world.running().is_some()
            && matches!(
                self.focused(),
                Pane::Waiting | Pane::Sprint | Pane::Cost | Pane::Events | Pane::Sums
            )
    }

    /// Actions that belong to the focused pane. Decisions go through only if the card was seen.
    fn on_pane(&mut self, action: Action, at: Instant) -> Vec<Effect> {
        let focused = self.focused();
        // A comment on a card is an answer, a reason or an amount; one on a line of a change is kept until it is sent.
        let answers = is_decision(action) || (action == Action::Comment && focused != Pane::Diff);
        if let Some(gate) = self.gate().filter(|_| answers).map(|gate| gate.id)
            // What is decided already has its answer on its way.
            && (self.is_decided(gate) || !self.arming.decides(at))
        {
            if self.place == Place::Plan && !self.shows_checks() {
                self.say(Token::Info, "the checks of the plan come first: Tab", at);
            }
            return Vec::new();
        }
        if self.scrolls(action, at) {
            return Vec::new();
        }
        if self.is_unseen(action, at) {
            return Vec::new();
        }
        let area = self.area(focused);
        let height = area.height.saturating_sub(2);
        let gate = self.gate().cloned();
        let is_cut = matches!(action, Action::Approve | Action::Comment) && self.is_card_cut();
        if let (Action::Snooze, Some(gate)) = (action, &gate) {
            let intents = self.panes.waiting.snooze(gate, &self.known);
            return self.perform(intents, at);
        }
        let (panes, known) = (&mut self.panes, &self.known);
        let intents = match focused {
            Pane::Waiting => panes.waiting.act(action, known, height),
            Pane::Card => self.on_card(action, gate.as_ref(), (height, is_cut)),
            Pane::Agents => panes.agents.act(action, known, height),
            Pane::Stream => match (gate, known.world.current()) {
                (Some(gate), Some(sprint)) if is_for_card(action) => {
                    panes.card.act(action, (sprint, &gate), is_cut)
                }
                _ => self.on_stream(action, (focused, at)),
            },
            Pane::Second | Pane::Third | Pane::Fourth => self.on_stream(action, (focused, at)),
            Pane::Board | Pane::Task => panes.board.act(action, known, height),
            Pane::Plan | Pane::Planned | Pane::Limits | Pane::PlanChecks => {
                panes.plan.act(action, known, height)
            }
            // What is decided of a change is decided beside the change itself.
            Pane::Why | Pane::Remarks | Pane::Explains => match action {
                Action::Open => vec![Intent::Focus(Pane::Diff)],
                _ => Vec::new(),
            },
            Pane::Diff => {
                let rows = review::rows_of(area);
                panes.review.act(action, known, (rows, self.size.width))
            }
            Pane::Files => self.on_files(action, height),
            Pane::Sums | Pane::Budget | Pane::Burn | Pane::Saved | Pane::Tiers | Pane::Days => {
                panes.cost.act(action, known, height)
            }
            Pane::Log | Pane::Event | Pane::Time | Pane::BoardThen | Pane::AgentsThen => {
                let height = self.area(Pane::Log).height.saturating_sub(2);
                let focus = focused == Pane::Event;
                self.panes.log.act(action, &self.known, height, focus)
            }
            Pane::Settings => panes.settings.act(action, height),
            Pane::Sections => return self.on_sections(action),
            Pane::ClashHead | Pane::Ours | Pane::Theirs | Pane::Result | Pane::ClashWhy => {
                panes.clash.act(action, known, (focused, height))
            }
            Pane::Events | Pane::Sprint | Pane::Cost | Pane::Risk | Pane::Providers
                if action == Action::Open =>
            {
                self.open_told(focused)
            }
            Pane::Events
            | Pane::Sprint
            | Pane::Cost
            | Pane::Risk
            | Pane::People
            | Pane::Providers
            | Pane::Call => Vec::new(),
        };
        self.perform(intents, at)
    }

    /// Among the files of a change, rows are files.
    fn on_files(&mut self, action: Action, height: u16) -> Vec<Intent> {
        let file = match action {
            Action::Down => Action::SiblingNext,
            Action::Up => Action::SiblingPrevious,
            Action::Open => return vec![Intent::Focus(Pane::Diff)],
            _ => return Vec::new(),
        };
        let room = (height, self.size.width);
        self.panes.review.act(file, &self.known, room)
    }

    fn on_card(
        &mut self,
        action: Action,
        gate: Option<&Gate>,
        (height, is_cut): (u16, bool),
    ) -> Vec<Intent> {
        let area = self.area(Pane::Card);
        let (panes, known) = (&mut self.panes, &self.known);
        let (Some(gate), Some(sprint)) = (gate, known.world.current()) else {
            return panes.waiting.act(action, known, height);
        };
        let hidden = || card::hidden((known, gate), area);
        if step(action, height).is_some()
            && !matches!(action, Action::Down | Action::Up)
            && panes.card.scroll(action, gate, (hidden(), height))
        {
            return Vec::new();
        }
        // What the card shows of a plan is not what the person has made of it.
        let is_changed = gate.ask.kind() == Kind::Plan && !panes.plan.draft.is_empty();
        match action {
            _ if is_changed && is_decision(action) => vec![Intent::OpenItem(gate.id)],
            Action::Down | Action::Up => panes.waiting.act(action, known, height),
            Action::Mark => panes.waiting.mark(known, gate),
            Action::ApproveAll | Action::RejectAll if panes.waiting.has_marks(known) => {
                panes.waiting.decide_marked(action, known)
            }
            Action::Open => vec![Intent::OpenItem(gate.id)],
            Action::Compose => vec![Intent::Write(Purpose::Steer(gate.work))],
            _ => panes.card.act(action, (sprint, gate), is_cut),
        }
    }
}

/// Whether an action is about the card at the end of a stream, and not about the stream.
const fn is_for_card(action: Action) -> bool {
    matches!(
        action,
        Action::Approve
            | Action::ApproveAll
            | Action::Reject
            | Action::RejectAll
            | Action::Comment
            | Action::Choose(_)
    )
}

/// Whether an action decides something where a gate has the focus.
pub const fn is_decision(action: Action) -> bool {
    matches!(
        action,
        Action::Approve
            | Action::ApproveAll
            | Action::Reject
            | Action::RejectAll
            | Action::ReviewSend
            | Action::Choose(_)
            | Action::Mark
            | Action::ClashAgent
    )
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
