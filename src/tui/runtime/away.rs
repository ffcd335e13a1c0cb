//! While the terminal is somebody else's: an editor or a pager has it, or the program is stopped.

use std::time::Instant;

use super::{Going, LAST_ANSWER, PATIENCE, Runtime};
use crate::base::time::Timestamp;
use crate::tui::terminal::answer::Answer;
use crate::tui::terminal::decoder::Input;
use crate::tui::terminal::lent::{self, Draft, Ended};
use crate::tui::terminal::signals::stop_here;
use crate::tui::theme::Token;

impl<C: Fn() -> Timestamp> Runtime<C> {
    /// Lends the terminal to a program of the person's for a text. Gives the file of that text, which lives as long as it is held.
    async fn lend(&mut self, line: &str, text: &str) -> (Result<Draft, String>, Going) {
        self.give_back().await;
        let name = format!("draft-{}.md", std::process::id());
        let mut going = Going::On;
        let done = match Draft::write(&self.app.settings.folder, &name, text) {
            Err(error) => Err(format!("no file could be written for it: {error}")),
            Ok(draft) => match lent::run(line, &draft, &mut self.signals).await {
                Ended::Well => Ok(draft),
                Ended::Failed(why) => Err(why),
                Ended::Leave => {
                    going = Going::Away;
                    Err("the program was told to end".to_owned())
                }
            },
        };
        if self.enter_again(Instant::now()) == Going::Away {
            going = Going::Away;
        }
        (done, going)
    }

    /// Shows a text in the person's pager.
    pub(super) async fn page(&mut self, text: &str) -> Going {
        let line = self.app.settings.pager.clone();
        let (shown, going) = self.lend(&line, text).await;
        if let Err(why) = shown {
            self.app.say(Token::Fail, why, Instant::now());
        }
        going
    }

    /// Has the person edit a text, and takes it back.
    pub(super) async fn edit(&mut self, text: &str) -> Going {
        let line = self.app.settings.editor.clone();
        let (edited, going) = self.lend(&line, text).await;
        let edited = edited.and_then(|draft| draft.text().map_err(|error| error.to_string()));
        self.app.edited(edited, Instant::now());
        going
    }

    /// Gives the terminal back and stops. It is taken again when someone continues the program.
    pub(super) async fn suspend(&mut self) -> Going {
        self.give_back().await;
        self.signals.forget_continued();
        match stop_here() {
            Ok(()) => Going::On,
            Err(_) => self.enter_again(Instant::now()),
        }
    }

    /// Gives the terminal back for a while: what is typed from here on is somebody else's.
    async fn give_back(&mut self) {
        self.rest().await;
        self.is_away = true;
        self.input.pause();
        self.modes.leave();
    }

    /// Takes the terminal again, whatever was done to it meanwhile.
    pub(super) fn enter_again(&mut self, at: Instant) -> Going {
        self.is_away = false;
        // A terminal that cannot be entered again ends the next read.
        self.modes.again().ok();
        self.screen.resize(self.modes.window());
        // What was typed meanwhile was not typed at a card: it has to be seen again.
        self.app.arming.show(None);
        self.fit(at);
        self.pace.now(at);
        // Without keys there is no way on.
        match self.input.resume() {
            Ok(()) => Going::On,
            Err(_) => Going::Away,
        }
    }

    /// Lets the frame on its way arrive, so that nothing is cut in the middle, and takes the answers that are still to come, so
    /// that the shell does not get them.
    pub(super) async fn rest(&mut self) {
        if self.output.is_busy() {
            tokio::time::timeout(PATIENCE, self.output.flushed())
                .await
                .ok();
        }
        let was_told = self.app.told.is_done;
        if self.has_asked && self.pace.is_asking() {
            self.app.told.is_done = true; // Once is enough.
            let patience = LAST_ANSWER.max(self.pace.patience());
            tokio::time::timeout(patience, async {
                while let Some(batch) = self.input.next().await {
                    let is_last = |input: &Input| match input {
                        Input::Answer(Answer::Attributes) | Input::End => true,
                        Input::Answer(Answer::Cursor { .. }) => was_told,
                        _ => false,
                    };
                    if batch.inputs.iter().any(is_last) {
                        return;
                    }
                }
            })
            .await
            .ok();
            self.pace.answered(Instant::now());
        }
    }
}
