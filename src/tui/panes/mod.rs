//! The panes: each has its own small state, acts on actions, and paints what is known. A pane never sends anything; it says
//! what it intends, and the interface does it.

pub mod agents;
pub mod board;
pub mod card;
pub mod clash;
pub mod cost;
pub mod log;
pub mod overview;
pub mod plan;
pub mod review;
pub mod settings;
pub mod setup;
pub mod stream;
pub mod timeline;
pub mod waiting;

use crate::base::id::{Digest, GateId, SprintId, TaskId, Work};
use crate::domain::change::Comment;
use crate::domain::journal::Command;
use crate::domain::sprint::Verdict;

use super::action::Action;
use super::layout::Pane;
use super::setting::Wanted;
use super::theme::Token;
use super::widgets::filter::Filter;
use super::widgets::list::Step;
use super::widgets::row::{Piece, piece};

/// What a pane wants to happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Ask this of the session.
    Submit(Box<Command>),
    /// Decide on a gate, if its card may decide now.
    Decide {
        /// Which.
        gate: GateId,
        /// On what was looked at.
        revision: Digest,
        /// What.
        verdict: Verdict,
    },
    /// List these items, to give all of them this answer.
    ListAnswers(Vec<GateId>, Verdict),
    /// Have the person write something.
    Write(Purpose),
    /// Have the person type a word first.
    Confirm {
        /// The word.
        word: &'static str,
        /// What will happen, in a sentence.
        text: String,
        /// What is asked of the session then.
        then: Vec<Command>,
    },
    /// Show the item of a gate where it can be decided.
    OpenItem(GateId),
    /// Show the agent that works on this.
    OpenAgent(Work),
    /// Show the change of a task.
    OpenChange(TaskId),
    /// Show the log, narrowed by this.
    OpenLog(String),
    /// Give a pane the focus.
    Focus(Pane),
    /// Show everything as it was right after an event.
    Travel(u64),
    /// Write a setting.
    Set(Wanted),
    /// Copy this.
    Copy(String),
    /// Show the task that the person is about to add.
    ShowNewTask,
    /// Say something to the person.
    Say(Token, String),
    /// What is put off has changed, and is kept beyond this run.
    KeepSnoozes,
}

/// What a text is written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What the sprint shall do.
    Goal,
    /// Words to everybody who works.
    Team,
    /// Words to whoever does this work.
    Steer(Work),
    /// Words to those who do any of this work.
    SteerAll(Vec<Work>),
    /// The answer to a question.
    Answer(GateId, Digest),
    /// Why it is rejected; may be empty.
    Reject(GateId, Digest),
    /// Why all of them are rejected; may be empty.
    RejectAll(Vec<(GateId, Digest)>),
    /// Why hunks are rejected; may be empty.
    RejectHunks(GateId, Vec<Digest>),
    /// How a hunk should be; the text so far.
    EditHunk(GateId, Digest, String),
    /// What a place of a conflict becomes; the text so far.
    Solve(GateId, usize, String),
    /// Words about a line or a file, kept until the review is sent.
    Remark(Box<Comment>),
    /// Another limit for a budget.
    Amount(GateId, Digest),
    /// The budget of a sprint, where nothing asks for it.
    Budget(SprintId),
    /// Another value for a setting.
    Setting {
        /// Which, its value so far, and where it is written.
        wanted: Wanted,
        /// What it takes, in words.
        takes: String,
    },
    /// A change to the plan.
    Plan(plan::Wording),
    /// Words to everybody who is at the session.
    Note,
    /// A part of a task that is added to a running sprint.
    NewTask(board::form::Field),
}

/// The step of a list's cursor that an action is, for a page of `height` rows.
pub const fn step(action: Action, height: u16) -> Option<Step> {
    let half = (height / 2) as usize;
    match action {
        Action::Down => Some(Step::Down),
        Action::Up => Some(Step::Up),
        Action::Top => Some(Step::Top),
        Action::Bottom => Some(Step::Bottom),
        Action::PageDown => Some(Step::Forward(half)),
        Action::PageUp => Some(Step::Back(half)),
        _ => None,
    }
}

/// What stands at the right of a list's title: what narrows it, if anything does.
fn narrowed(filter: &Filter, otherwise: &str) -> String {
    if filter.is_empty() {
        otherwise.to_owned()
    } else {
        format!("/{}", filter.typed)
    }
}

/// What a list says of which nothing is left.
fn nothing_fits(filter: &Filter) -> Vec<Vec<Piece<'static>>> {
    let text = format!(" Nothing matches \"{}\". Esc clears", filter.typed);
    vec![vec![piece(text, Token::Dim)]]
}

#[cfg(test)]
pub(super) mod bench {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use crate::tui::fixture::{self, Story};
    use crate::tui::known::Known;
    use crate::tui::link::News;
    use crate::tui::theme::probe;
    use crate::tui::widgets::canvas::Canvas;

    /// What is known after a story.
    pub(crate) fn known(story: Story) -> Known {
        let mut known = Known::new(fixture::ME, "shop");
        known.now = fixture::NOW;
        for line in story.lines {
            known.take(News::Event(Box::new(line)));
        }
        known
    }

    /// Paints into a picture of `width` × `height` and gives its rows.
    pub(crate) fn rows(
        width: u16,
        height: u16,
        paint: impl FnOnce(&mut Canvas<'_>, Rect),
    ) -> Vec<String> {
        let area = Rect::new(0, 0, width, height);
        let (mut buffer, theme) = (Buffer::empty(area), probe::theme());
        paint(
            &mut Canvas {
                buffer: &mut buffer,
                theme: &theme,
                density: crate::tui::layout::Density::Normal,
            },
            area,
        );
        probe::rows(&buffer)
    }
}
