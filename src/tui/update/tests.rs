//! The interface as state: keys, cards, and decisions that nobody made.

mod board;
mod cards;
mod conflicts;
mod follow;
mod looking;
mod money;
mod notices;
mod offline;
mod people;
mod plans;
mod reviews;
mod streams;
mod told;
mod waiting;
mod writing;

use std::time::{Duration, Instant};

use ratatui::layout::Size;

use super::*;
use crate::base::id::Digest;
use crate::domain::agent::Attempt;
use crate::domain::change::Mark;
use crate::domain::journal::{Envelope, Input as Asked, VOCABULARY, World, step as decide};
use crate::domain::presence::Standing;
use crate::domain::security::Actor;
use crate::domain::sprint::{GateState, Verdict};
use crate::tui::action::Mode;
use crate::tui::app::Settings;
use crate::tui::fixture::{self, Story};
use crate::tui::key::{Code, sequence};
use crate::tui::keymap::Keymap;
use crate::tui::panes::bench;
use crate::tui::terminal::caps::Caps;
use crate::tui::theme::probe;

/// The interface and a host that decides with the real rules.
pub(super) struct Bench {
    pub(super) app: App,
    host: World,
    start: Instant,
    pub(super) ms: u64,
    refused: Vec<String>,
    /// Answers overtake the events they speak of, as they may on two lines.
    is_answered_first: bool,
}

impl Bench {
    pub(super) fn new(story: Story) -> Self {
        let host = story.world.clone();
        let look = (Keymap::built_in().unwrap(), probe::theme());
        let caps = Caps::from_environment(|_| None);
        let mut app = App::new(bench::known(story), Settings::default(), caps, look);
        app.resize(Size::new(80, 24));
        Self {
            app,
            host,
            start: Instant::now(),
            ms: 0,
            refused: Vec::new(),
            is_answered_first: false,
        }
    }

    pub(super) fn at(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    /// A frame is painted and reaches the terminal, then some time passes.
    fn look(&mut self, ms: u64) {
        let at = self.at();
        self.app.arming.painted(false);
        self.app.arming.flushed(at);
        self.ms += ms;
    }

    /// Presses keys one after the other, with the host answering in between.
    fn press(&mut self, names: &str) {
        for key in sequence(names).unwrap() {
            let effects = self.app.input(Input::Key(key), self.at());
            self.serve(effects);
        }
    }

    /// Types text.
    fn write(&mut self, text: &str) {
        for character in text.chars() {
            self.app.input(Input::Key(Key::char(character)), self.at());
        }
    }

    /// The host does what was asked.
    fn serve(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Request(Request::Submit { id, command }) => {
                    let asked = Asked {
                        id: Some(id.clone()),
                        by: Actor::Person {
                            uid: 1000,
                            name: fixture::ME.to_owned(),
                        },
                        standing: Standing::Owner,
                        client: "tui".to_owned(),
                        at: fixture::NOW,
                        command: *command,
                    };
                    let first = self.host.seq + 1;
                    let decided = decide(&mut self.host, &asked);
                    let refusal = decided.as_ref().err().cloned();
                    self.refused.extend(refusal.iter().map(ToString::to_string));
                    let mut news: Vec<News> = Vec::new();
                    for (event, seq) in decided.unwrap_or_default().into_iter().zip(first..) {
                        let envelope = Envelope {
                            v: VOCABULARY,
                            seq,
                            at: fixture::NOW,
                            by: asked.by.clone(),
                            cmd: Some(id.clone()),
                            prev: Digest::of(b""),
                            event,
                        };
                        news.push(News::Event(Box::new(envelope)));
                    }
                    let answer = News::Answered { id, refusal };
                    let batches = if self.is_answered_first {
                        [vec![answer], news]
                    } else {
                        [news, vec![answer]]
                    };
                    for batch in batches {
                        let more = self.app.news(batch, self.at());
                        self.serve(more);
                    }
                }
                Effect::Request(Request::Fetch(digest)) => {
                    let texts = [fixture::DIFF.to_owned(), fixture::document()];
                    let mut texts = texts.into_iter().map(String::into_bytes);
                    let bytes = texts.find(|bytes| digest == Digest::of(bytes));
                    let more = self.app.news([News::Text { digest, bytes }], self.at());
                    self.serve(more);
                }
                // All events of a story are here from its beginning.
                Effect::Request(
                    Request::Past { .. }
                    | Request::Begin(_)
                    | Request::Settings
                    | Request::Set(_)
                    | Request::TakeBack
                    | Request::Here(_)
                    | Request::Hand { .. }
                    | Request::Tell(_)
                    | Request::Again,
                )
                | Effect::Leave
                | Effect::Suspend
                | Effect::Redraw
                | Effect::Edit(_)
                | Effect::Colour(_)
                | Effect::Page(_)
                | Effect::Keyboard
                | Effect::Mouse(_)
                | Effect::Copy(_)
                | Effect::CopyTest(_)
                | Effect::Scheme
                | Effect::KeepSnoozes(_)
                | Effect::KeepDrafts(_)
                | Effect::Call(_)
                | Effect::Reload => {}
            }
        }
    }

    /// Something happens at the host, and is told.
    fn happens(&mut self, event: Event) {
        let envelope = Envelope {
            v: VOCABULARY,
            seq: self.host.seq + 1,
            at: fixture::NOW,
            by: Actor::System,
            cmd: None,
            prev: Digest::of(b""),
            event,
        };
        self.host.absorb(&envelope);
        let at = self.at();
        self.app.news([News::Event(Box::new(envelope))], at);
    }

    fn verdict(&self, number: u32) -> Option<Verdict> {
        match &self.host.gate(fixture::gate(number))?.state {
            GateState::Pending { verdict, .. } | GateState::Closed { verdict, .. } => {
                Some(verdict.clone())
            }
            GateState::Open | GateState::Moot => None,
        }
    }

    fn said(&self) -> String {
        self.app
            .notices
            .iter()
            .map(|notice| notice.text.clone())
            .collect::<Vec<_>>()
            .join(" | ")
    }
}

#[test]
fn everything_that_waits_can_be_decided_with_w_a_and_digits() {
    for is_answered_first in [false, true] {
        let mut bench = Bench::new(fixture::running());
        bench.is_answered_first = is_answered_first;
        all_is_decided(bench);
    }
}

#[test]
fn a_word_comes_before_each_decision_where_the_settings_want_one() {
    let mut bench = Bench::new(fixture::running());
    bench.app.settings.confirm_all = true;
    bench.press("w");
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(2), None);
    bench.write("yes");
    bench.press("Enter");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
}

fn all_is_decided(mut bench: Bench) {
    bench.press("w");
    assert_eq!(
        (bench.app.place, bench.app.focused()),
        (Place::Review, Pane::Diff)
    );
    bench.look(500);
    bench.press("A");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
    assert!(
        bench.said().contains("approved t1   u undo, 30s"),
        "{}",
        bench.said()
    );
    // The next item opened by itself, at the end of its asker's stream, and its card is not armed by what was seen before.
    assert_eq!(
        (bench.app.place, bench.app.focused()),
        (Place::Agents, Pane::Stream)
    );
    bench.press("2 a");
    assert_eq!(bench.verdict(3), None);
    bench.look(500);
    bench.press("2 a");
    assert_eq!(
        bench.verdict(3),
        Some(Verdict::Answer("optional".to_owned()))
    );
    bench.look(500);
    bench.press("a");
    assert_eq!(
        bench.verdict(4),
        Some(Verdict::Allow(crate::domain::tool::grant::Scope::Once))
    );
    assert_eq!(bench.app.place, Place::Home, "where the person was before");
    assert_eq!(bench.refused, [""; 0]);
}

#[test]
fn refusals_are_said_and_stay_until_they_were_seen() {
    let mut bench = Bench::new(fixture::running());
    bench.press("w");
    bench.look(500);
    bench.press("S");
    assert_eq!(bench.refused, ["3 hunks have no mark yet"]);
    bench.press("j");
    assert!(bench.said().contains("no mark yet"));
    bench.ms += 2_500;
    bench.app.tick(fixture::NOW, bench.at());
    assert!(
        bench.said().contains("no mark yet"),
        "time alone does not take an error away"
    );
    bench.press("j");
    assert!(!bench.said().contains("no mark yet"));
}

#[test]
fn text_never_decides_and_is_kept() {
    let mut bench = Bench::new(fixture::running());
    bench.press("w w");
    assert_eq!(bench.app.place, Place::Agents);
    bench.look(500);
    bench.press("c");
    bench.write("aAxw123");
    assert_eq!((bench.verdict(3), bench.app.mode()), (None, Mode::Insert));
    bench.press("Esc");
    assert_eq!(bench.verdict(3), None);
    bench.press("c");
    assert_eq!(
        bench.app.mode(),
        Mode::Decide,
        "the card was not seen since"
    );
    bench.look(500);
    bench.press("c");
    bench.press("Enter");
    assert_eq!(
        bench.verdict(3),
        Some(Verdict::Answer("aAxw123".to_owned())),
        "the draft was kept"
    );
}

#[test]
fn what_cannot_be_undone_needs_its_word() {
    let mut bench = Bench::new(fixture::running());
    bench.press(":");
    bench.write("stop sprint");
    bench.press("Enter");
    assert_eq!(bench.app.mode(), Mode::Modal);
    bench.app.input(Input::Paste("stop".to_owned()), bench.at());
    bench.press("Enter");
    bench.write("sto");
    bench.press("Enter");
    assert!(!bench.host.current().unwrap().is_closed());
    bench.write("p");
    bench.press("Enter");
    assert!(bench.host.current().unwrap().is_closed());
}

#[test]
fn a_goal_and_a_message_are_written() {
    let mut bench = Bench::new(fixture::running());
    bench.press("Tab");
    assert_eq!(bench.app.focused(), Pane::Agents);
    bench.press("i");
    bench.write("keep the API\\");
    bench.press("Enter");
    bench.write("please");
    bench.press("Enter");
    // Jordan is the first of the agents, since its command waits.
    let attempt = bench.host.attempt(fixture::attempt(5)).unwrap();
    assert_eq!((told(attempt), bench.refused.len()), (1, 0));
}

/// How often somebody was told something, heard or not yet.
fn told(attempt: &Attempt) -> usize {
    let heard = attempt.steps.iter().map(|step| step.nudges.len());
    attempt.inbox.len() + heard.sum::<usize>()
}

#[test]
fn on_home_a_message_goes_to_everybody_who_works() {
    let mut bench = Bench::new(fixture::running());
    bench.press("i");
    bench.write("short titles");
    bench.press("Enter");
    let attempts = bench.host.current().unwrap().attempts.values();
    let working: Vec<_> = attempts
        .filter(|attempt| attempt.end.is_none())
        .map(told)
        .collect();
    assert!(
        working.len() > 1 && working.iter().all(|told| *told == 1),
        "{working:?}"
    );
    assert_eq!(bench.refused, [""; 0]);
}

#[test]
fn leaving_takes_two_presses_and_escape_leads_back() {
    let mut bench = Bench::new(fixture::running());
    let at = bench.at();
    bench.press("2 z");
    assert!(bench.app.is_zoomed);
    bench.press("Esc Esc");
    assert_eq!((bench.app.place, bench.app.is_zoomed), (Place::Home, false));
    assert_eq!(bench.app.input(Input::Key(Key::char('q')), at), []);
    assert_eq!(
        bench.app.input(Input::Key(Key::char('q')), at),
        [Effect::Leave]
    );
    assert_eq!(bench.app.input(Input::End, at), [Effect::Leave]);
}

#[test]
fn a_terminal_that_loses_its_session_says_so() {
    let mut bench = Bench::new(fixture::running());
    bench
        .app
        .news([News::Lost("the host ended".to_owned())], bench.at());
    let at = bench.at();
    let mut picture = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 24));
    crate::tui::view::view(&bench.app, &mut picture, at);
    let rows = probe::rows(&picture);
    assert!(
        rows[0].contains("OFFLINE") && rows[1].contains("the host ended"),
        "{rows:?}"
    );
}

fn rows_shown(bench: &Bench) -> Vec<String> {
    let size = bench.app.size;
    let area = ratatui::layout::Rect::new(0, 0, size.width, size.height);
    let mut picture = ratatui::buffer::Buffer::empty(area);
    crate::tui::view::view(&bench.app, &mut picture, bench.at());
    probe::rows(&picture)
}

#[test]
fn the_palette_finds_tasks_agents_and_items_and_runs_short_commands() {
    let mut bench = Bench::new(fixture::running());
    bench.press(":");
    bench.write("t-3");
    bench.press("Enter");
    let shown = bench.app.panes.board.current(&bench.app.known);
    assert_eq!(
        (bench.app.place, shown.map(|task| task.id)),
        (Place::Board, Some(fixture::task(3)))
    );
    bench.press(":");
    bench.write("@jordan");
    bench.press("Enter");
    assert_eq!(
        (bench.app.place, bench.app.focused()),
        (Place::Agents, Pane::Stream)
    );
    bench.press(":");
    bench.write("l;budget +4");
    bench.press("Enter");
    assert_eq!(bench.app.place, Place::Log);
    let limit = bench.host.current().unwrap().account.limit;
    assert_eq!(limit, Some(crate::base::money::Money::dollars(24)));
    bench.press(":");
    bench.write("pause t3");
    bench.press("Enter");
    assert!(bench.host.task(fixture::task(3)).unwrap().is_paused || bench.refused.is_empty());
    bench.press(":");
    bench.write("budget much");
    bench.press("Enter");
    assert!(
        bench.said().contains("write budget +4 or budget 25.00"),
        "{}",
        bench.said()
    );
    // No decision is offered.
    bench.press("Esc : ");
    bench.write("approve");
    let rows = rows_shown(&bench).join("\n");
    assert!(!rows.contains("yes to"), "{rows}");
    bench.press("Esc :");
    bench.write("q");
    let at = bench.at();
    let enter = Input::Key(Key::plain(Code::Enter));
    assert_eq!(bench.app.input(enter, at), [Effect::Leave]);
}

#[test]
fn help_is_searched_and_runs_what_is_found() {
    let mut bench = Bench::new(fixture::running());
    bench.press("?");
    bench.write("board");
    assert!(rows_shown(&bench).join("\n").contains("go to the board"));
    bench.press("Enter");
    assert_eq!(
        (bench.app.place, bench.app.mode()),
        (Place::Board, Mode::Normal)
    );
    bench.press("? ?");
    assert!(rows_shown(&bench).join("\n").contains("needs a word"));
    bench.press("? Esc ?");
    // A decision is not made from help.
    bench.press("Esc w ?");
    bench.look(900);
    bench.write("approve all");
    bench.press("Enter");
    assert_eq!(bench.verdict(2), None);
    assert!(
        bench.said().contains("where the card is shown"),
        "{}",
        bench.said()
    );
}

#[test]
fn lists_narrow_and_w_still_finds_everything() {
    let mut bench = Bench::new(fixture::running());
    bench.press("W /");
    assert_eq!(bench.app.mode(), Mode::Filter);
    bench.write("kind:ask");
    bench.press("Enter");
    let title = rows_shown(&bench)
        .into_iter()
        .find(|row| row.contains("WAITING ON YOU"));
    assert!(title.is_some_and(|title| title.contains("YOU 3") && title.contains("/kind:ask")));
    let current = bench.app.panes.waiting.current(&bench.app.known);
    assert_eq!(current.map(|item| item.gate), Some(fixture::gate(3)));
    // What is hidden from the list is not hidden from `w`, and what opens is what is shown.
    bench.press("w");
    assert_eq!(bench.app.gate().map(|gate| gate.id), Some(fixture::gate(2)));
    bench.press("2 /");
    bench.write("agent:nobody");
    bench.press("Enter");
    let shown = |bench: &Bench| bench.app.panes.board.current(&bench.app.known).is_some();
    assert!(!shown(&bench));
    bench.press("Esc");
    assert!(
        shown(&bench) && bench.app.place == Place::Board,
        "the first Esc clears"
    );
}

#[test]
fn a_row_and_a_pane_are_copied_whole() {
    let mut bench = Bench::new(fixture::running());
    bench.press("7");
    let at = bench.at();
    let mut copied = |name: &str| {
        let key = Input::Key(name.parse().unwrap());
        match bench.app.input(key, at).into_iter().next() {
            Some(Effect::Copy(text)) => text,
            other => panic!("{other:?}"),
        }
    };
    let (row, all) = (copied("y"), copied("Y"));
    assert!(
        !row.contains('\n') && !row.contains('▶') && !row.contains('│'),
        "{row}"
    );
    assert!(all.starts_with(&row) || all.contains(&row), "{all}");
    // More than the screen holds, and nothing of its frame.
    assert!(all.lines().count() > 20 && !all.contains('┃'), "{all}");
    let page = bench.app.input(Input::Key(Key::char('O')), at);
    assert!(matches!(page.as_slice(), [Effect::Page(text)] if *text == all + "\n"));
}

#[test]
fn the_terminal_answers_and_nothing_is_typed() {
    use crate::tui::terminal::answer::Answer;
    use crate::tui::terminal::caps::{Depth, Glyphs};
    use crate::tui::theme::choice::Background;
    use crate::tui::theme::colour::Rgb;
    let mut bench = Bench::new(fixture::running());
    bench.app.caps.glyphs = Glyphs::Unicode;
    bench.press(":");
    let at = bench.at();
    let mut answer = |answer| bench.app.input(Input::Answer(answer), at);
    let light = Answer::Background(Rgb::new(250, 250, 250));
    assert_eq!(answer(light.clone()), [Effect::Scheme]);
    assert_eq!(answer(light), []);
    assert_eq!(answer(Answer::Scheme { is_dark: true }), []);
    assert_eq!(answer(Answer::Colours), []);
    assert_eq!(answer(Answer::Cursor { row: 1, column: 3 }), []);
    assert_eq!(answer(Answer::Keyboard(0)), [Effect::Keyboard]);
    assert_eq!(answer(Answer::Keyboard(5)), []);
    assert_eq!(answer(Answer::Attributes), []);
    assert_eq!(
        bench.app.themes.background,
        Background::Dark,
        "changed since"
    );
    assert_eq!(bench.app.caps.depth, Depth::True);
    assert_eq!(bench.app.caps.glyphs, Glyphs::Ascii);
    assert!(bench.app.told.is_done);
    assert!(matches!(&bench.app.overlay, Some(Overlay::Palette { text, .. }) if text.is_empty()));
}
