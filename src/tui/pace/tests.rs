//! The pace on lines of all kinds, in a time of its own, and what a minute of fourteen agents costs.

use std::collections::VecDeque;

use ratatui::layout::Size;

use super::*;
use crate::tui::action::{Action, Place};
use crate::tui::app::{App, Settings};
use crate::tui::fixture;
use crate::tui::keymap::Keymap;
use crate::tui::link::News;
use crate::tui::panes::bench;
use crate::tui::terminal::caps::Caps;
use crate::tui::terminal::screen::Screen;
use crate::tui::theme::probe;
use crate::tui::view::view;

/// A terminal at the end of a line that takes so many bytes a second, and answers so much later.
struct Far {
    start: Instant,
    ms: u64,
    bytes_a_second: u64,
    delay_ms: u64,
    /// Bytes that are under way.
    queue: u64,
    /// Questions: bytes that go before each.
    questions: VecDeque<u64>,
    /// When answers arrive.
    answers: VecDeque<u64>,
    sent: u64,
    asked: u64,
}

impl Far {
    fn new(bytes_a_second: u64, delay_ms: u64) -> Self {
        Self {
            start: Instant::now(),
            ms: 0,
            bytes_a_second,
            delay_ms,
            queue: 0,
            questions: VecDeque::new(),
            answers: VecDeque::new(),
            sent: 0,
            asked: 0,
        }
    }

    fn at(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    /// A millisecond passes.
    fn tick(&mut self, pace: &mut Pace) {
        self.ms += 1;
        let before = self.bytes_a_second * (self.ms - 1) / 1_000;
        let taken = self.bytes_a_second * self.ms / 1_000 - before;
        self.queue = self.queue.saturating_sub(taken);
        for question in &mut self.questions {
            *question = question.saturating_sub(taken);
        }
        while self.questions.front() == Some(&0) {
            self.questions.pop_front();
            self.answers.push_back(self.ms + self.delay_ms);
        }
        while self.answers.front().is_some_and(|due| *due <= self.ms) {
            self.answers.pop_front();
            assert!(pace.answered(self.at()));
        }
        pace.gives_up(self.at());
    }

    /// Sends a frame if one is due.
    fn frame(&mut self, pace: &mut Pace, bytes: usize) -> bool {
        let at = self.at();
        if pace.due().is_none_or(|due| due > at) {
            return false;
        }
        let asks = pace.asks(bytes);
        pace.painted(at, bytes, asks);
        pace.flushed(at, Duration::ZERO, bytes); // What lies between takes it all at once.
        self.queue += bytes as u64;
        self.sent += bytes as u64;
        if asks {
            self.asked += 1;
            self.questions.push_back(self.queue);
        }
        true
    }
}

fn answering(is_remote: bool, at: Instant) -> Pace {
    let mut pace = Pace::new(is_remote);
    pace.asked(at);
    pace.it_answers(at);
    pace
}

#[test]
fn a_second_of_streaming_is_a_few_frames_and_keys_are_at_once() {
    for (is_remote, is_looked_at, falls, expected) in [
        (false, true, 0, 20),
        (true, true, 0, 8),
        (false, false, 0, 1),
        (false, true, 1, 4),
        (true, true, 2, 1),
    ] {
        let (mut far, mut pace) = (Far::new(1_000_000, 0), Pace::new(is_remote));
        for _ in 0..falls {
            pace.flushed(far.at(), 2 * SLOW, 50_000);
        }
        pace.painted(far.at(), 0, false);
        let mut frames = 0;
        for _ in 0..1_000 {
            far.tick(&mut pace);
            pace.soon(far.at(), is_looked_at);
            frames += i32::from(far.frame(&mut pace, 1));
        }
        let told = format!("{:?} gave {frames}", pace.speed());
        assert!(frames <= expected && frames + 1 >= expected, "{told}");
        pace.now(far.at());
        assert_eq!(pace.due(), Some(far.at()));
    }
}

#[test]
fn nothing_is_due_and_nothing_is_asked_when_nothing_changed() {
    let (mut far, mut pace) = (Far::new(1_000_000, 1), answering(true, Instant::now()));
    assert_eq!(pace.due(), None);
    pace.now(far.at());
    assert!(far.frame(&mut pace, 0));
    for _ in 0..60_000 {
        far.tick(&mut pace);
        assert!(!pace.asks(0) && pace.due().is_none());
    }
    assert_eq!((far.sent, far.asked), (0, 0));
}

#[test]
fn streams_live_on_their_allowance_and_keys_do_not_wait_for_it() {
    for (is_remote, most) in [(false, 20_000), (true, 5_000)] {
        let (mut far, mut pace) = (
            Far::new(10_000_000, 20),
            answering(is_remote, Instant::now()),
        );
        for _ in 0..60_000 {
            far.tick(&mut pace);
            pace.soon(far.at(), true);
            far.frame(&mut pace, 3_000);
        }
        assert!(far.sent <= 62 * most, "{} bytes a minute", far.sent);
        assert!(far.sent >= 50 * most, "{} bytes a minute", far.sent);
        assert!(far.asked * 2_000 < far.sent, "{} questions", far.asked);
        pace.now(far.at());
        assert!(far.frame(&mut pace, 50));
    }
}

#[test]
fn a_line_of_two_kilobytes_a_second_answers_keys_and_recovers() {
    let (mut far, mut pace) = (Far::new(2_000, 30), answering(false, Instant::now()));
    let mut longest = 0;
    for ms in 0..60_000_u64 {
        far.tick(&mut pace);
        pace.soon(far.at(), true);
        if ms % 997 == 0 {
            pace.now(far.at());
            far.frame(&mut pace, 60);
            if ms > 10_000 {
                longest = longest.max(far.queue);
            }
        }
        // What a frame holds depends on what words are worth.
        let bytes = if pace.speed() == Speed::Least {
            120
        } else {
            1_500
        };
        far.frame(&mut pace, bytes);
    }
    assert!(longest <= 2_000, "a key waits behind {longest} bytes");
    assert!(pace.speed() > Speed::Remote, "{:?}", pace.speed());
    far.bytes_a_second = 10_000_000;
    for _ in 0..120_000 {
        far.tick(&mut pace);
        pace.soon(far.at(), true);
        far.frame(&mut pace, 400);
    }
    assert_eq!(pace.speed(), Speed::Local);
}

#[test]
fn a_key_that_is_held_down_does_not_fill_the_line() {
    let (mut far, mut pace) = (Far::new(2_000, 30), answering(false, Instant::now()));
    let mut most = 0;
    for ms in 0..60_000_u64 {
        far.tick(&mut pace);
        if ms % 33 == 0 {
            pace.now(far.at());
        }
        far.frame(&mut pace, 500);
        if ms > 20_000 {
            most = most.max(far.queue);
        }
    }
    assert!(most <= 4_000, "{most} bytes are under way");
}

#[test]
fn a_terminal_that_stops_answering_is_asked_no_more() {
    let mut far = Far::new(1_000_000, 60_000);
    let mut pace = answering(false, Instant::now());
    let (mut frames, mut longest) = (0, 0);
    let mut since = 0;
    for _ in 0..30_000 {
        far.ms += 1;
        pace.gives_up(far.at());
        pace.now(far.at());
        if far.frame(&mut pace, 600) {
            frames += 1;
            longest = longest.max(far.ms - since);
            since = far.ms;
        }
    }
    assert!(frames > 10_000, "{frames} frames");
    assert!(longest <= 251, "a key waits {longest} ms");
    assert!(!pace.is_asking() && !pace.asks(100_000));
    assert_eq!(pace.speed(), Speed::Local);
}

#[test]
fn a_long_round_trip_is_told_and_a_short_one_is_not() {
    for (delay, told) in [(1, None), (140, None), (187, Some(180)), (900, Some(900))] {
        let (mut far, mut pace) = (Far::new(10_000_000, delay), answering(true, Instant::now()));
        pace.trips = [None; 16];
        for _ in 0..20_000 {
            far.tick(&mut pace);
            pace.soon(far.at(), true);
            far.frame(&mut pace, 900);
        }
        let trip = pace.told_trip().map(|trip| trip.as_millis());
        assert_eq!(trip, told);
    }
}

/// What an agent has written after so many milliseconds at about forty words a second and a half.
fn written(agent: u32, ms: u64) -> String {
    const WORDS: [&str; 12] = [
        "the", "total", "is", "kept", "as", "cents", "so", "that", "no", "sum", "drifts", "here",
    ];
    let count = usize::try_from(ms / 25).unwrap();
    let mut text = String::new();
    for number in 0..count {
        let word = WORDS[(number * 7 + agent as usize * 5 + number / 12) % WORDS.len()];
        text.push_str(word);
        text.push_str(if number % 60 == 59 { "\n\n" } else { " " });
    }
    text
}

fn app(place: Place, (width, height): (u16, u16)) -> App {
    let caps = Caps::from_environment(|name| (name == "LANG").then(|| "C.UTF-8".to_owned()));
    let look = (Keymap::built_in().unwrap(), probe::theme());
    let known = bench::known(fixture::running());
    let mut app = App::new(known, Settings::default(), caps, look);
    app.resize(Size::new(width, height));
    app.act(Action::Go(place), Instant::now());
    app
}

/// Seconds that are played; a minute is three times as much.
const PLAYED: u64 = 20;

/// Bytes that a minute of fourteen agents that write costs.
fn minute(is_remote: bool, tab: Place, (width, height): (u16, u16)) -> u64 {
    let mut shown = app(tab, (width, height));
    let attempts: Vec<_> = shown
        .known
        .world
        .current()
        .unwrap()
        .attempts
        .keys()
        .copied()
        .collect();
    let mut screen = Screen::new(shown.size);
    let mut far = Far::new(10_000_000, 40);
    let mut pace = answering(is_remote, Instant::now());
    let start = far.at();
    screen.frame(&mut Vec::new(), |picture| view(&shown, picture, start));
    for ms in 1..=PLAYED * 1_000 {
        far.tick(&mut pace);
        let at = far.at();
        if ms % 50 == 0 {
            pace.soon(at, true);
        }
        if pace.due().is_none_or(|due| due > at) {
            continue;
        }
        for agent in 0..14_u32 {
            // More agents write than have an attempt here: all of them are news.
            let attempt = attempts[agent as usize % attempts.len()];
            let text = written(agent, ms);
            shown.news([News::Streaming { attempt, text }], at);
        }
        let mut bytes = Vec::new();
        screen.frame(&mut bytes, |picture| view(&shown, picture, at));
        far.frame(&mut pace, bytes.len());
    }
    far.sent * 60 / PLAYED
}

#[test]
fn a_minute_of_fourteen_agents_stays_within_the_budget_of_its_line() {
    for (is_remote, most) in [(true, 300_000), (false, 1_200_000)] {
        for place in [Place::Home, Place::Agents] {
            let bytes = minute(is_remote, place, (120, 36));
            println!("{place:?}: {bytes} bytes a minute, remote: {is_remote}");
            assert!(bytes > 10_000 && bytes <= most, "{place:?}: {bytes} bytes");
        }
    }
}

#[test]
fn a_long_line_is_told_and_agents_are_told_in_a_line_each() {
    let mut app = app(Place::Agents, (120, 36));
    let sprint = app.known.world.current().unwrap();
    for attempt in sprint.attempts.keys().copied().collect::<Vec<_>>() {
        let text = written(1, 5_000);
        app.news([News::Streaming { attempt, text }], Instant::now());
    }
    let shown = |app: &App| {
        let mut picture = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 120, 36));
        view(app, &mut picture, Instant::now());
        probe::rows(&picture)
    };
    let usual = shown(&app);
    assert!(
        usual[0].ends_with(" demo") && usual.concat().contains("drifts"),
        "{usual:#?}"
    );
    app.on_line(Line {
        trip: Some(Duration::from_millis(420)),
        is_brief: true,
    });
    let brief = shown(&app);
    assert!(brief[0].ends_with(" 420ms"), "{}", brief[0]);
    assert!(
        brief.concat().contains("writes: 200 words so far"),
        "{brief:#?}"
    );
    assert!(!brief.concat().contains("drifts"), "{brief:#?}");
}
