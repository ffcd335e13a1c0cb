//! The loop: one thing is taken in, what waits beside it too, then at most one frame is painted. Keys come before streams.

mod away;
mod titled;

use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::error::TrySendError;
use tokio::task::JoinSet;

use crate::base::time::Timestamp;

use super::app::{App, DRAFTS, SNOOZES};
use super::highlight::{Coloured, Highlighter, Job};
use super::link::{Link, News, Request};
use super::notify::Call;
use super::pace::{Line, Pace, Speed};
use super::terminal::answer::Answer;
use super::terminal::call;
use super::terminal::clipboard::{self, Sent};
use super::terminal::decoder::{Input, Mouse};
use super::terminal::input::{Batch, InputReader};
use super::terminal::lent::Draft;
use super::terminal::modes::{Extra, Modes};
use super::terminal::output::{Flush, Output};
use super::terminal::screen::{Links, Screen};
use super::terminal::signals::{Signal, Signals};
use super::theme::Token;
use super::update::Effect;
use super::view::{title, view};
use super::watch::{Look, Watch};
use titled::Titled;

/// News taken in at once before a frame is painted.
const NEWS_AT_ONCE: usize = 256;

/// A terminal that takes nothing for so long is not waited for when the program leaves.
const PATIENCE: Duration = Duration::from_secs(1);

/// The last answer of the terminal is waited for so long when the program leaves.
const LAST_ANSWER: Duration = Duration::from_millis(100);

/// Where is the cursor? When the answer comes is what counts.
const WHERE: &[u8] = b"\x1b[6n";

/// The interface on a terminal, and its line to the session.
pub struct Runtime<C> {
    /// On the heap: futures that hold the interface stay small.
    app: Box<App>,
    link: Link,
    clock: C,
    /// Before the modes, because fields are dropped in this order: once the terminal is given back, what is typed is the shell's.
    input: InputReader,
    modes: Modes,
    signals: Signals,
    output: Output,
    screen: Screen,
    pace: Pace,
    titled: Titled,
    /// Colours code; begun when there is code to be seen.
    highlighter: Option<Highlighter>,
    /// Bytes for the terminal that belong to no frame; they go before the next one.
    extra: Vec<u8>,
    /// The terminal was asked about itself.
    has_asked: bool,
    /// Texts that are being copied.
    copies: JoinSet<Sent>,
    /// The person's own programs that were called.
    hooks: JoinSet<Option<String>>,
    /// The file of keys.
    keys: Watch,
    /// The session's end is gone.
    is_lost: bool,
    /// The terminal was given back until the program is continued.
    is_away: bool,
}

/// What came first.
enum Happening {
    Signal(Signal),
    Batch(Option<Batch>),
    Flush(Option<Flush>),
    Copied(Sent),
    Called(Option<String>),
    News(Option<News>),
    Coloured(Coloured),
    Time,
}

/// Whether to go on.
#[derive(PartialEq, Eq)]
enum Going {
    On,
    Away,
}

impl<C: Fn() -> Timestamp> Runtime<C> {
    /// Takes the terminal of standard input and output.
    ///
    /// # Errors
    /// They are no terminal, or it cannot be set up; it is given back as it was.
    pub fn start(app: App, link: Link, clock: C) -> io::Result<Self> {
        let read_from = terminal(rustix::stdio::stdin())?;
        let write_to = terminal(rustix::stdio::stdout())?;
        let signals = Signals::listen()?;
        let modes = Modes::enter(write_to.try_clone()?, app.settings.is_inline)?;
        modes.leave_on_panic(app.settings.folder.clone());
        let window = modes.window();
        let mut screen = Screen::new(window.size);
        screen.resize(window);
        let pace = Pace::new(app.caps.is_remote);
        let keys = Watch::new(app.settings.keymap.clone());
        let mouse = app
            .has_mouse
            .then(|| modes.turn(Extra::Mouse, true))
            .flatten();
        let extra = mouse.unwrap_or_default().as_bytes().to_vec();
        Ok(Self {
            app: Box::new(app),
            link,
            clock,
            input: InputReader::start(read_from)?,
            modes,
            signals,
            output: Output::start(write_to)?,
            screen,
            pace,
            titled: Titled::default(),
            highlighter: None,
            extra,
            has_asked: false,
            copies: JoinSet::new(),
            hooks: JoinSet::new(),
            keys,
            is_lost: false,
            is_away: false,
        })
    }

    /// Runs until the person leaves, the terminal is gone, or the program is told to end. The terminal is given back then.
    pub async fn run(mut self) {
        let start = Instant::now();
        self.app.tick((self.clock)(), start);
        self.fit(start);
        self.pace.now(start);
        loop {
            self.paint();
            let happening = self.next().await;
            let at = Instant::now();
            let effects = self.app.tick((self.clock)(), at);
            if self.perform(effects, at).await == Going::Away
                || self.take(happening, at).await == Going::Away
            {
                break;
            }
        }
        self.rest().await;
    }

    /// Waits for whatever comes first. Keys and signals before news: a stream must not make the person wait.
    async fn next(&mut self) -> Happening {
        let deadline = tokio::time::Instant::from_std(self.deadline());
        tokio::select! {
            biased;
            signal = self.signals.next() => Happening::Signal(signal),
            batch = self.input.next(), if !self.is_away => Happening::Batch(batch),
            flush = self.output.flushed() => Happening::Flush(flush),
            Some(Ok(sent)) = self.copies.join_next() => Happening::Copied(sent),
            Some(Ok(trouble)) = self.hooks.join_next() => Happening::Called(trouble),
            news = self.link.news.recv(), if !self.is_lost => Happening::News(news),
            coloured = coloured(&mut self.highlighter) => Happening::Coloured(coloured),
            () = tokio::time::sleep_until(deadline) => Happening::Time,
        }
    }

    fn deadline(&self) -> Instant {
        let now = Instant::now();
        let figure = now + self.app.until_next_figure();
        // While a frame is on its way none is painted; its flush wakes the loop.
        let frame = self
            .pace
            .due()
            .filter(|_| !self.output.is_busy() && !self.is_away);
        frame
            .into_iter()
            .chain(self.app.deadline(now))
            .chain(
                self.titled
                    .due()
                    .filter(|_| !self.output.is_busy() && !self.is_away),
            )
            .fold(figure, Instant::min)
    }

    async fn take(&mut self, happening: Happening, at: Instant) -> Going {
        match happening {
            Happening::Signal(signal) => return self.signal(signal, at).await,
            Happening::Batch(batch) => {
                let batch = batch.unwrap_or(Batch {
                    read_at: at,
                    inputs: vec![Input::End],
                });
                let is_answer = |input: &Input| matches!(input, Input::Answer(_));
                if batch.inputs.iter().all(is_answer) {
                    self.pace.soon(at, self.app.has_focus);
                } else {
                    self.pace.now(at);
                    self.look_at_keys(at, false);
                }
                for input in batch.inputs {
                    let Some(input) = self.inside(input) else {
                        continue;
                    };
                    if self.is_of_the_line(&input, batch.read_at) {
                        continue;
                    }
                    let effects = self.app.input(input, batch.read_at);
                    if self.perform(effects, at).await == Going::Away {
                        return Going::Away;
                    }
                }
            }
            Happening::Flush(flush) => return self.flushed(flush),
            Happening::Copied(sent) => {
                self.extra.extend(sent.bytes);
                self.app.say(Token::Ok, sent.receipt, at);
                self.pace.now(at);
            }
            Happening::Called(trouble) => {
                if let Some(why) = trouble {
                    self.app.say(Token::Fail, why, at);
                    self.pace.now(at);
                }
            }
            Happening::News(news) => {
                let mut all = vec![news.unwrap_or_else(|| self.lost())];
                // A page of the past is work enough at once: keys come first.
                while all.len() < NEWS_AT_ONCE
                    && !matches!(all.last(), Some(News::Past { .. }))
                    && let Ok(next) = self.link.news.try_recv()
                {
                    all.push(next);
                }
                let effects = self.app.news(all, at);
                self.pace.soon(at, self.app.has_focus);
                return self.perform(effects, at).await;
            }
            Happening::Coloured(coloured) => {
                let effects = self.app.coloured(coloured);
                self.pace.soon(at, self.app.has_focus);
                return self.perform(effects, at).await;
            }
            Happening::Time => self.pace.soon(at, true),
        }
        Going::On
    }

    /// An input with its place within the window; none if that is outside.
    fn inside(&self, input: Input) -> Option<Input> {
        match input {
            Input::Mouse(mouse) => {
                let y = mouse.y.checked_sub(self.screen.first_row())?;
                Some(Input::Mouse(Mouse { y, ..mouse }))
            }
            other => Some(other),
        }
    }

    /// Whether an input only tells how long the line takes.
    fn is_of_the_line(&mut self, input: &Input, at: Instant) -> bool {
        match input {
            Input::Answer(Answer::Cursor { .. }) if self.app.told.is_done => {
                self.pace.answered(at);
                true
            }
            Input::Answer(Answer::Attributes) if !self.app.told.is_done => {
                self.pace.it_answers(at);
                false
            }
            _ => false,
        }
    }

    /// The session's end of the line is gone.
    fn lost(&mut self) -> News {
        self.is_lost = true;
        News::Lost("the session ended; what is shown is the last that is known".to_owned())
    }

    async fn signal(&mut self, signal: Signal, at: Instant) -> Going {
        match signal {
            Signal::Leave => return Going::Away,
            Signal::Stop => return self.suspend().await,
            Signal::Continued => return self.enter_again(at),
            Signal::Resized => {
                self.screen.resize(self.modes.window());
                self.fit(at);
                self.pace.soon(at, true);
            }
        }
        Going::On
    }

    fn flushed(&mut self, flush: Option<Flush>) -> Going {
        match flush {
            Some(flush) if flush.failure.is_none() => {
                self.pace.flushed(flush.at, flush.took, flush.length);
                self.app.arming.flushed(flush.at);
                if !self.has_asked {
                    self.ask_terminal();
                }
                Going::On
            }
            // The terminal is gone; the host and its agents go on.
            Some(_) | None => Going::Away,
        }
    }

    async fn perform(&mut self, effects: Vec<Effect>, at: Instant) -> Going {
        for effect in effects {
            let going = match effect {
                Effect::Edit(text) => self.edit(&text).await,
                Effect::Page(text) => self.page(&text).await,
                Effect::Leave => Going::Away,
                Effect::Suspend => self.suspend().await,
                other => {
                    self.post(other, at);
                    Going::On
                }
            };
            if going == Going::Away {
                return going;
            }
        }
        Going::On
    }

    /// Does what only asks someone else.
    fn post(&mut self, effect: Effect, at: Instant) {
        match effect {
            Effect::Request(request) => self.ask(request, at),
            Effect::Colour(job) => self.colour(*job),
            Effect::Copy(text) => {
                let folder = self.app.settings.folder.clone();
                self.copy(text, Some(folder));
            }
            Effect::CopyTest(word) => self.copy(word, None),
            Effect::Reload => self.look_at_keys(at, true),
            Effect::Keyboard => self.turn(Extra::Keyboard, true),
            Effect::Scheme => self.turn(Extra::Scheme, true),
            Effect::Mouse(is_on) => self.turn(Extra::Mouse, is_on),
            Effect::Call(call) => self.call(&call, at),
            Effect::KeepSnoozes(text) => self.keep(&text, SNOOZES, at),
            Effect::KeepDrafts(text) => self.keep(&text, DRAFTS, at),
            Effect::Redraw => {
                self.screen.forget();
                self.pace.now(at);
            }
            Effect::Leave | Effect::Suspend | Effect::Edit(_) | Effect::Page(_) => {}
        }
    }

    /// Without a thread there is plain text, which is good enough.
    fn colour(&mut self, job: Job) {
        if self.highlighter.is_none() {
            self.highlighter = Highlighter::start().ok();
        }
        let asked = self
            .highlighter
            .as_ref()
            .map(|highlighter| highlighter.ask(job));
        if let Some(Some(job)) = asked {
            self.app.uncoloured(job.key);
        }
    }

    /// Asks the terminal about itself, behind the first frame. Its answers are inputs like others; nothing waits for them.
    fn ask_terminal(&mut self) {
        let asks = self.app.settings.asks;
        self.has_asked = true;
        if !asks.anything {
            return;
        }
        self.pace.asked(Instant::now());
        // The answer names a row, and only the first is known for sure.
        if asks.width && !self.app.settings.is_inline {
            self.screen.ask_width(&mut self.extra, "●");
        }
        self.extra.extend(asks.bytes());
    }

    /// Copies without holding anything up, into a file of `folder`, too; what became of it is said later.
    fn copy(&mut self, text: String, folder: Option<PathBuf>) {
        let caps = self.app.caps;
        let variable = |name: &str| std::env::var(name).ok();
        self.copies
            .spawn(clipboard::send(text, caps, variable, folder));
    }

    /// Reads the file of keys again if it has changed, or whenever `is_wanted`. While nobody types nothing is looked at.
    fn look_at_keys(&mut self, at: Instant, is_wanted: bool) {
        match self.keys.look(at, is_wanted) {
            Look::Same => {}
            Look::Text(text) => self.app.read_keys(&text, at),
            Look::Failed(why) => self.app.say(Token::Fail, why, at),
        }
    }

    /// Calls the person by the terminal and by a program of their own.
    fn call(&mut self, call: &Call, at: Instant) {
        let settings = &self.app.settings;
        let bytes = settings.way.bytes(&call.text, self.app.caps.multiplexer);
        let home = std::env::var("HOME").ok();
        let hook = call::arguments(&settings.hook, call, home.as_deref());
        self.extra.extend(bytes);
        self.pace.now(at);
        if !hook.is_empty() {
            self.hooks.spawn(call::run(hook));
        }
    }

    /// Keeps what the person leaves for the next time.
    fn keep(&mut self, text: &str, file: &str, at: Instant) {
        let Some(folder) = &self.app.settings.kept else {
            return;
        };
        let (name, file) = (format!("{file}.{}", std::process::id()), folder.join(file));
        let kept = Draft::write(folder, &name, text).and_then(|draft| draft.keep_as(&file));
        if let Err(error) = kept {
            let text = format!("kept until you leave only; {}: {error}", file.display());
            self.app.say(Token::Risk, text, at);
        }
    }

    fn turn(&mut self, extra: Extra, is_on: bool) {
        let bytes = self.modes.turn(extra, is_on).unwrap_or_default();
        self.extra.extend_from_slice(bytes.as_bytes());
    }

    fn ask(&mut self, request: Request, at: Instant) {
        let (request, why) = match self.link.requests.try_send(request) {
            Ok(()) => return,
            Err(TrySendError::Full(request)) => {
                let why = "the host does not take commands at the moment; this was not sent";
                (request, why)
            }
            Err(TrySendError::Closed(request)) => {
                (request, "there is no line to the host; this was not sent")
            }
        };
        if let Request::Submit { id, .. } = &request {
            self.app.sent.remove(id);
        }
        self.app.say(Token::Fail, why, at);
    }

    /// Takes the terminal's size. What is to be seen then is asked for; nothing else follows from a size.
    fn fit(&mut self, at: Instant) {
        for effect in self.app.resize(self.modes.size()) {
            self.post(effect, at);
        }
    }

    /// Takes over what is known of the line by now.
    fn look_at_the_line(&mut self, at: Instant) {
        self.pace.gives_up(at);
        let line = Line {
            trip: self.pace.told_trip(),
            is_brief: self.pace.speed() == Speed::Least,
        };
        if line != self.app.line {
            for effect in self.app.on_line(line) {
                self.post(effect, at);
            }
            self.pace.soon(at, self.app.has_focus);
        }
    }

    /// Paints a frame if one is due and the terminal can take it.
    fn paint(&mut self) {
        let at = Instant::now();
        self.look_at_the_line(at);
        let is_due = self.pace.due().is_some_and(|due| due <= at) || self.app.arming.wants_frame();
        if self.titled.due().is_some_and(|due| due <= at) {
            let told = self.titled.next(title(&self.app), at);
            self.extra
                .extend_from_slice(told.unwrap_or_default().as_bytes());
        }
        if self.output.is_busy() || self.is_away || (!is_due && self.extra.is_empty()) {
            return;
        }
        let mut bytes = self.output.buffer();
        bytes.append(&mut self.extra);
        if !is_due {
            return self.output.send(bytes);
        }
        self.screen
            .bracket(self.app.told.synchronised != Some(false));
        let links = |base: &String| Links {
            base: base.clone(),
            paths: self.app.files.clone(),
        };
        self.screen
            .link(self.app.settings.linked.as_ref().map(links));
        let app = &self.app;
        self.screen
            .frame(&mut bytes, |picture| view(app, picture, at));
        let told = self.titled.next(title(&self.app), at);
        bytes.extend_from_slice(told.unwrap_or_default().as_bytes());
        let asks = self.pace.asks(bytes.len());
        if asks {
            bytes.extend_from_slice(WHERE);
        }
        self.pace.painted(at, bytes.len(), asks);
        self.app.arming.painted(self.input.is_waiting());
        if bytes.is_empty() {
            self.app.arming.flushed(at); // It is on the terminal already.
        }
        self.output.send(bytes);
    }
}

/// The next chunk of code that is coloured, if any is being coloured.
async fn coloured(highlighter: &mut Option<Highlighter>) -> Coloured {
    match highlighter {
        Some(highlighter) => highlighter.next().await,
        None => std::future::pending().await,
    }
}

/// The descriptor again, for ourselves.
fn terminal(standard: std::os::fd::BorrowedFd<'_>) -> io::Result<OwnedFd> {
    if !rustix::termios::isatty(standard) {
        return Err(io::Error::other(
            "standard input and output must be a terminal",
        ));
    }
    standard.try_clone_to_owned()
}
