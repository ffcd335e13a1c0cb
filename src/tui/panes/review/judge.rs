//! What decides: marks on hunks and on lines, words about them, the review as a whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::id::Digest;
use crate::domain::change::{Hunk, LineKind, Mark, Split, pieces};
use crate::domain::journal::Command;
use crate::domain::sprint::{Gate, Verdict};
use crate::tui::action::Action;
use crate::tui::known::Known;
use crate::tui::panes::{Intent, Purpose};
use crate::tui::theme::Token;

use super::index::Row;
use super::{State, changed};

/// Lines of hunks, by file and hunk.
type Picked = BTreeMap<(usize, usize), BTreeSet<u32>>;

impl State {
    /// Acts on what decides. Whoever may not decide now is stopped before.
    pub(super) fn judge(&mut self, action: Action, known: &Known, height: u16) -> Vec<Intent> {
        let Some(gate) = self.gate(&known.world) else {
            let wants = matches!(
                action,
                Action::Approve
                    | Action::Reject
                    | Action::Comment
                    | Action::CommentFile
                    | Action::EditHunk
                    | Action::ReviewSend
            );
            let text = "this change waits for no review: nothing can be decided on it now";
            let say = Intent::Say(Token::Info, text.to_owned());
            return wants.then_some(say).into_iter().collect();
        };
        let (id, revision) = (gate.id, gate.revision);
        let decide = |verdict| {
            vec![Intent::Decide {
                gate: id,
                revision,
                verdict,
            }]
        };
        match action {
            Action::LineMark => self.pick(height),
            Action::LineRange => {
                self.picked.extend(self.in_range());
                self.range = match self.range {
                    Some(_) => None,
                    None => Some(self.cursor),
                };
            }
            Action::Approve => {
                let (mut intents, hunks) = self.cut(gate);
                let marks: Vec<_> = hunks
                    .into_iter()
                    .map(|hunk| (hunk, Mark::Accepted))
                    .collect();
                if marks.is_empty() {
                    return Vec::new();
                }
                intents.push(Intent::Submit(Box::new(Command::Mark { gate: id, marks })));
                self.after_mark(gate, height);
                return intents;
            }
            Action::Reject => {
                let (mut intents, hunks) = self.cut(gate);
                if !hunks.is_empty() {
                    intents.push(Intent::Write(Purpose::RejectHunks(id, hunks)));
                    self.after_mark(gate, height);
                }
                return intents;
            }
            Action::Comment | Action::CommentFile => {
                let comment = self.comment(known, action == Action::CommentFile);
                let write = |comment| Intent::Write(Purpose::Remark(Box::new(comment)));
                return comment.map(write).into_iter().collect();
            }
            Action::EditHunk => {
                let text = self.place().zip(self.as_it_is());
                let write = |text| Intent::Write(text);
                return text
                    .map(|(place, text)| write(Purpose::EditHunk(id, place.key, text)))
                    .into_iter()
                    .collect();
            }
            Action::ApproveAll if !self.drafts(known).is_empty() => {
                let text = "your comments are not sent: S sends them, and the change goes back";
                return vec![Intent::Say(Token::Risk, text.to_owned())];
            }
            Action::ApproveAll => return decide(Verdict::Approve),
            Action::RejectAll => return vec![Intent::Write(Purpose::Reject(id, revision))],
            Action::ReviewSend => {
                let drafts = self.drafts(known);
                return decide(if drafts.is_empty() {
                    Verdict::Send
                } else {
                    Verdict::Return(drafts.to_vec())
                });
            }
            _ => {}
        }
        Vec::new()
    }

    /// Picks the lines of the row under the cursor, or drops them, and goes one row on.
    fn pick(&mut self, height: u16) {
        let lines = self.lines_at(self.cursor);
        let are_picked = lines.iter().all(|line| self.picked.contains(line));
        for line in lines {
            if are_picked {
                self.picked.remove(&line);
            } else {
                self.picked.insert(line);
            }
        }
        self.step(1, height);
    }

    /// The lines of a row that differ.
    fn lines_at(&self, row: usize) -> Vec<(usize, usize, u32)> {
        let found = self.content().and_then(|read| {
            let Some(Row::Code(code)) = read.index.rows.get(row) else {
                return None;
            };
            let place = read.index.hunks.get(code.hunk)?;
            Some((place.file, place.number?, *code))
        });
        let Some((file, hunk, code)) = found else {
            return Vec::new();
        };
        let lines = changed(code).into_iter();
        lines.map(|line| (file, hunk, line)).collect()
    }

    /// The lines between the row where the range began and the cursor.
    fn in_range(&self) -> BTreeSet<(usize, usize, u32)> {
        let Some(start) = self.range else {
            return BTreeSet::new();
        };
        let (from, to) = (start.min(self.cursor), start.max(self.cursor));
        (from..=to).flat_map(|row| self.lines_at(row)).collect()
    }

    /// Whether a line is picked.
    pub(super) fn is_picked(&self, row: usize) -> bool {
        let is_within = self
            .range
            .is_some_and(|start| (start.min(self.cursor)..=start.max(self.cursor)).contains(&row));
        let lines = self.lines_at(row);
        !lines.is_empty() && (is_within || lines.iter().any(|line| self.picked.contains(line)))
    }

    fn all_picked(&self) -> Picked {
        let mut picked = Picked::new();
        for (file, hunk, line) in self.picked.iter().copied().chain(self.in_range()) {
            picked.entry((file, hunk)).or_default().insert(line);
        }
        picked
    }

    /// What a mark falls on: the hunk under the cursor, or the lines that are picked. Hunks of which only some lines are picked are
    /// cut first.
    fn cut(&self, gate: &Gate) -> (Vec<Intent>, Vec<Digest>) {
        let picked = self.all_picked();
        if picked.is_empty() {
            return (
                Vec::new(),
                self.place().map(|place| place.key).into_iter().collect(),
            );
        }
        let (mut intents, mut keys) = (Vec::new(), Vec::new());
        for ((file, number), lines) in picked {
            let hunk = self
                .content()
                .and_then(|read| read.change.files.get(file)?.hunks.get(number));
            let Some(hunk) = hunk else { continue };
            let known = gate.splits.get(&hunk.key);
            let (cuts, pieces) = pieces_of(hunk, &lines, known);
            keys.extend(
                pieces
                    .iter()
                    .filter(|(_, is_in)| *is_in)
                    .map(|(piece, _)| piece.key),
            );
            let is_as_known = known.map_or(pieces.len() < 2, |known| known.cuts == cuts);
            if !is_as_known {
                let pieces = pieces.iter().map(|(piece, _)| piece.summary()).collect();
                intents.push(Intent::Submit(Box::new(Command::Split {
                    gate: gate.id,
                    hunk: hunk.key,
                    split: Split { cuts, pieces },
                })));
            }
        }
        (intents, keys)
    }

    fn after_mark(&mut self, gate: &Gate, height: u16) {
        let had_lines = !self.all_picked().is_empty();
        self.picked.clear();
        self.range = None;
        if !had_lines {
            self.go(self.next_open(gate), height);
        }
    }

    /// The next hunk behind the cursor that has no mark, or the cursor's own.
    fn next_open(&self, gate: &Gate) -> usize {
        let hunks = self.content().map_or(&[][..], |read| &read.index.hunks);
        let behind = hunks.iter().enumerate().skip(self.hunk() + 1);
        let open = |key: &Digest| matches!(gate.marks.get(key), None | Some(Mark::Open));
        behind
            .into_iter()
            .find(|(_, hunk)| open(&hunk.key))
            .map_or(self.hunk(), |(place, _)| place)
    }

    /// The lines of the hunk under the cursor as they are now, for a person to change.
    fn as_it_is(&self) -> Option<String> {
        let place = self.place()?;
        let file = self.content()?.change.files.get(place.file)?;
        let hunk = file.hunks.get(place.number?)?;
        let lines = hunk
            .lines
            .get(place.lines.0 as usize..place.lines.1 as usize)?;
        let now = lines.iter().filter(|line| line.kind != LineKind::Removed);
        let texts: Vec<_> = now
            .map(|line| String::from_utf8_lossy(&line.text))
            .collect();
        Some(texts.join("\n"))
    }
}

/// The pieces of a hunk when the picked lines are cut out, each with whether it is picked, and the cuts.
fn pieces_of(
    hunk: &Hunk,
    picked: &BTreeSet<u32>,
    known: Option<&Split>,
) -> (Vec<u32>, Vec<(Hunk, bool)>) {
    let differs = |line: &u32| {
        let found = hunk.lines.get(*line as usize);
        found.is_some_and(|line| line.kind != LineKind::Context)
    };
    let count = hunk.lines.len() as u32;
    let mut cuts: BTreeSet<u32> = known
        .iter()
        .flat_map(|known| known.cuts.iter().copied())
        .collect();
    for line in picked.iter().filter(|line| differs(line)) {
        let is_first = !line
            .checked_sub(1)
            .is_some_and(|before| picked.contains(&before));
        cuts.extend(is_first.then_some(*line));
        cuts.extend((!picked.contains(&(line + 1))).then_some(line + 1));
    }
    cuts.retain(|cut| (1..count).contains(cut));
    let cuts: Vec<u32> = cuts.into_iter().collect();
    let is_in = |(from, to): (u32, u32)| {
        let mut lines = (from..to).filter(differs);
        lines.all(|line| picked.contains(&line))
    };
    let pieces = pieces(hunk, &cuts).into_iter();
    let pieces = pieces.map(|(lines, piece)| (piece, is_in(lines))).collect();
    (cuts, pieces)
}
