//! Words about lines: drafts, what was sent, and what became of the words of the review before.

use std::collections::BTreeSet;

use crate::base::id::{Digest, TaskId};
use crate::base::text::wrap;
use crate::domain::change::Comment;
use crate::domain::sprint::{Gate, GateState};
use crate::tui::facts::line;
use crate::tui::known::Known;

use super::index::Pin;
use super::{Row, State};

/// What became of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Not sent.
    Draft,
    /// On the way to the author.
    Sent,
    /// What they are about changed since.
    Answered,
    /// What they are about is as it was.
    NotAddressed,
}

impl Fate {
    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::NotAddressed => "not addressed",
        }
    }
}

/// Words about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    /// Who, safe.
    pub(super) who: String,
    /// When: `10:40`.
    pub(super) when: String,
    /// The file's last name and the line: `total.rs:19`.
    pub(super) place: String,
    /// What, in rows.
    pub(super) rows: Vec<String>,
    /// What became of it.
    pub(super) fate: Fate,
    /// Where it stands; none if its file is not in the change any more.
    pub(super) pin: Option<Pin>,
}

/// All words about the change that is shown, those without a place last.
pub(super) fn all(state: &State, known: &Known, width: u16) -> Vec<Remark> {
    let world = &known.world;
    let Some(task) = state.task(world) else {
        return Vec::new();
    };
    let Some(read) = state.content() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if let Some(gate) = state.gate_before(world) {
        let comments = gate.comments().iter();
        found.extend(comments.map(|comment| (comment, author(gate), None)));
    }
    if let Some(gate) = state.shown_gate(world) {
        let comments = gate.comments().iter();
        found.extend(comments.map(|comment| (comment, author(gate), Some(Fate::Sent))));
    }
    let drafts = state.drafts.get(&task.id);
    let drafts = drafts.into_iter().flatten();
    found.extend(drafts.map(|comment| (comment, known.me.clone(), Some(Fate::Draft))));
    if found.is_empty() {
        return Vec::new(); // A large change has many hunks to look through.
    }
    let keys: BTreeSet<Digest> = {
        let files = read.change.files.iter();
        files
            .flat_map(crate::domain::change::FileDiff::keys)
            .collect()
    };
    let answered = |comment: &Comment| {
        if comment.is_answered(|key| keys.contains(key)) {
            Fate::Answered
        } else {
            Fate::NotAddressed
        }
    };
    let cells = usize::from(width.saturating_sub(18)).clamp(8, 100);
    let mut remarks: Vec<Remark> = found
        .into_iter()
        .map(|(comment, who, fate)| {
            let rows = wrap(
                &crate::base::text::SafeText::block(&comment.text).into_string(),
                cells,
            );
            let files = &read.change.files;
            let file = files
                .iter()
                .position(|file| file.path.display().as_str() == comment.path);
            let name = comment.path.rsplit('/').next().unwrap_or_default();
            let number = comment
                .line
                .map_or_else(String::new, |line| format!(":{line}"));
            let fate = fate.unwrap_or_else(|| answered(comment));
            Remark {
                who: line(&who),
                when: known
                    .clock(comment.at)
                    .get(..5)
                    .unwrap_or_default()
                    .to_owned(),
                place: format!("{}{number}", line(name)),
                pin: file.map(|file| Pin {
                    file,
                    line: comment.line,
                    rows: rows.len() + 1,
                }),
                rows,
                fate,
            }
        })
        .collect();
    remarks.sort_by_key(|remark| remark.pin.is_none());
    remarks
}

fn author(gate: &Gate) -> String {
    match &gate.state {
        GateState::Pending { by, .. } | GateState::Closed { by, .. } => by.to_string(),
        GateState::Open | GateState::Moot => String::new(),
    }
}

impl State {
    /// A comment on what is under the cursor, with the words of a draft that is there already; none if nothing is.
    pub(super) fn comment(&self, known: &Known, is_about_file: bool) -> Option<Comment> {
        let task = self.task(&known.world)?.id;
        let (number, file) = self.file()?;
        let read = self.content()?;
        let place = self.place().filter(|place| place.file == number);
        let own = place.and_then(|place| file.hunks.get(place.number?));
        let line = match self.row() {
            _ if is_about_file => None,
            Some(Row::Code(code)) => match code.new {
                Some(spot) => Some(spot.number),
                // What is gone has no line now: the one that stands there.
                None => self.line_above(code.hunk),
            },
            Some(Row::Hunk(_) | Row::Remark(..)) => self.line_above(self.hunk()),
            Some(Row::Gap | Row::File(_) | Row::Folded(_)) | None => None,
        };
        let hunks = match (line, own) {
            (Some(_), Some(hunk)) => vec![hunk.key],
            _ => file.keys(),
        };
        debug_assert!(
            number < read.change.files.len(),
            "the file is of the change"
        );
        let path = file.path.display().into_string();
        let draft = self.drafts.get(&task).and_then(|drafts| {
            let mut drafts = drafts.iter();
            drafts.find(|draft| draft.path == path && draft.line == line)
        });
        Some(Comment {
            text: draft.map_or_else(String::new, |draft| draft.text.clone()),
            path,
            line,
            hunks,
            at: known.now,
        })
    }

    /// The line of the file as it is now at the cursor or above it in the hunk.
    fn line_above(&self, hunk: usize) -> Option<u32> {
        let index = &self.content()?.index;
        let place = index.hunks.get(hunk)?;
        let above = index.rows.get(place.row..=self.cursor)?.iter().rev();
        let mut numbers = above.filter_map(|row| match row {
            Row::Code(code) => code.new.map(|spot| spot.number),
            _ => None,
        });
        numbers.next().or(Some(place.new.0.max(1)))
    }

    /// Keeps a comment until the review is sent; without words the draft there goes.
    pub fn keep(&mut self, known: &Known, comment: Comment) {
        let Some(task) = self.task(&known.world).map(|task| task.id) else {
            return;
        };
        let drafts = self.drafts.entry(task).or_default();
        drafts.retain(|draft| (&draft.path, draft.line) != (&comment.path, comment.line));
        if !comment.text.trim().is_empty() {
            drafts.push(comment);
        }
    }

    /// Takes the drafts that the person left at an earlier time, from the text of their file. One that cannot be read has none.
    pub fn read_drafts(&mut self, text: &str) {
        let lines: Vec<(TaskId, Vec<Comment>)> = serde_json::from_str(text).unwrap_or_default();
        self.drafts = lines.into_iter().collect();
        self.saved = self.drafts.clone();
    }

    /// The text of the file of drafts, if it is another than it was.
    pub fn unsaved_drafts(&mut self) -> Option<String> {
        if self.drafts == self.saved {
            return None;
        }
        self.saved = self.drafts.clone();
        let lines = self.drafts.iter().filter(|(_, drafts)| !drafts.is_empty());
        // Lists of names, numbers and texts always serialise.
        Some(serde_json::to_string(&lines.collect::<Vec<_>>()).unwrap_or_default())
    }

    /// How many words wait to be sent, about all changes.
    pub fn draft_count(&self) -> usize {
        self.drafts.values().map(Vec::len).sum()
    }

    /// The drafts about the change of a task.
    pub fn drafts_of(&self, task: TaskId) -> Vec<Comment> {
        self.drafts.get(&task).cloned().unwrap_or_default()
    }

    /// Puts the drafts about the change of a task back to what they were.
    pub fn set_drafts(&mut self, task: TaskId, drafts: Vec<Comment>) {
        self.drafts.insert(task, drafts);
    }

    /// The drafts about the change that is shown.
    pub(super) fn drafts(&self, known: &Known) -> &[Comment] {
        let task = self.task(&known.world).map(|task| task.id);
        let drafts = task.and_then(|task| self.drafts.get(&task));
        drafts.map_or(&[], Vec::as_slice)
    }

    /// Drafts that were sent are drafts no more, and drafts again if the decision is withdrawn.
    pub(super) fn take_back(&mut self, known: &Known) {
        if let Some((gate, task, comments)) = self.sent.take() {
            match known.world.gate(gate).map(|gate| &gate.state) {
                Some(GateState::Open) => self.drafts.entry(task).or_default().extend(comments),
                Some(GateState::Pending { .. }) => self.sent = Some((gate, task, comments)),
                Some(GateState::Closed { .. } | GateState::Moot) | None => {}
            }
        }
        let Some(gate) = self.shown_gate(&known.world) else {
            return;
        };
        let (Some(task), sent) = (gate.work.task(), gate.comments()) else {
            return;
        };
        let Some(drafts) = self.drafts.get_mut(&task) else {
            return;
        };
        let (gone, left): (Vec<Comment>, Vec<Comment>) = std::mem::take(drafts)
            .into_iter()
            .partition(|draft| sent.contains(draft));
        *drafts = left;
        if !gone.is_empty() {
            self.sent = Some((gate.id, task, gone));
        }
    }
}
