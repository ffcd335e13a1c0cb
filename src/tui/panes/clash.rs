//! A conflict, place by place: what both sides have, what would be written, and why. What is chosen stays with the person until it is
//! sent as a whole; nothing is written before that.

mod draft;
mod keys;
mod spoken;
mod tested;
mod view;

pub use draft::Draft;
pub use keys::Keys;
pub use tested::Tested;
pub use view::{head, ours, result, theirs, why};

use std::collections::BTreeMap;

use crate::base::body::Body;
use crate::base::id::{Digest, GateId};
use crate::base::text::SafeText;
use crate::domain::change::clash::{
    Choice, Clash, ClashFile, ClashShape, Document, MOST_TEXT_BYTES, Piece, Split,
};
use crate::domain::change::proposal::{Proposal, Unproposed, proposal};
use crate::domain::journal::{Command, Refusal, World};
use crate::domain::sprint::{Ask, Gate, GateState, Verdict, trial};
use crate::tui::action::Action;
use crate::tui::facts::task_label;
use crate::tui::known::Known;
use crate::tui::layout::Pane;
use crate::tui::theme::Token;

use super::{Intent, Purpose, step};
use crate::tui::widgets::list::Step;

/// Characters of a place that can be written here.
const MOST_WRITTEN: usize = 50_000;

/// What only these panes know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    shown: Option<Shown>,
    /// The keys as they are now.
    pub keys: Keys,
}

/// The conflict that is looked at.
#[derive(Clone, Debug, PartialEq)]
struct Shown {
    gate: GateId,
    revision: Digest,
    document: Document,
    spots: Vec<Spot>,
    /// The document came.
    is_here: bool,
    /// It cannot be read.
    is_odd: bool,
    at: usize,
    draft: Draft,
    /// What is proposed for the places that were looked at.
    proposals: BTreeMap<usize, Result<Proposal, Unproposed>>,
    /// The first rows in view of the sides and of the result.
    tops: [usize; 3],
}

/// A place where a choice is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spot {
    /// The file.
    file: usize,
    /// The piece; none for a file that is taken as a whole.
    piece: Option<usize>,
    /// Its line in what the sprint's branch has.
    line: usize,
    /// Nothing can be chosen here.
    is_beyond: bool,
}

/// What a gate asks to be solved.
pub fn asked(gate: &Gate) -> Option<&Clash> {
    match &gate.ask {
        Ask::Conflict { clash, .. } => clash.as_ref(),
        _ => None,
    }
}

impl State {
    /// Looks at the conflict of a gate. What was chosen for it before is still there.
    pub fn show(&mut self, gate: &Gate) {
        let same = |shown: &Shown| shown.gate == gate.id && shown.revision == gate.revision;
        if !self.shown.as_ref().is_some_and(same) {
            self.shown = Some(Shown {
                gate: gate.id,
                revision: gate.revision,
                document: Document::default(),
                spots: Vec::new(),
                is_here: false,
                is_odd: false,
                at: 0,
                draft: Draft::default(),
                proposals: BTreeMap::new(),
                tops: [0; 3],
            });
        }
    }

    /// The gate that is looked at.
    pub fn gate<'a>(&self, world: &'a World) -> Option<&'a Gate> {
        let shown = self.shown.as_ref()?;
        world
            .gate(shown.gate)
            .filter(|gate| asked(gate).is_some() && gate.revision == shown.revision)
    }

    /// What names the conflict together with what is chosen: another choice must be seen before it can be sent.
    pub fn revision(&self, gate: &Gate) -> Digest {
        let chosen = self.shown.as_ref().map(|shown| shown.draft.chosen());
        // Plain enums of strings always serialise.
        let chosen = serde_json::to_vec(&chosen).unwrap_or_default();
        Digest::of(&[gate.revision.to_string().into_bytes(), chosen].concat())
    }

    /// Which of all conflicts it is: `1/3`.
    pub fn crumbs(&self) -> Option<String> {
        let shown = self.shown.as_ref()?;
        let count = shown.spots.len();
        (count > 0).then(|| format!("{}/{count}", shown.at + 1))
    }

    /// Whether something is chosen, or was and can be chosen again.
    pub fn is_changed(&self) -> bool {
        self.shown
            .as_ref()
            .is_some_and(|shown| !shown.draft.is_untouched())
    }

    /// The text that is shown and may not be here.
    pub fn wanted(&self, known: &Known) -> Option<Body> {
        let shown = self.shown.as_ref().filter(|shown| !shown.is_here)?;
        let gate = known.world.gate(shown.gate)?;
        asked(gate).map(|clash| clash.document.clone())
    }

    /// Takes the document in when it comes.
    pub fn settle(&mut self, known: &Known) {
        let Some(body) = self.wanted(known) else {
            return;
        };
        let (Some(text), Some(shown)) = (known.text(&body), &mut self.shown) else {
            return;
        };
        shown.is_here = true;
        let read: Option<Document> = serde_json::from_slice(&text).ok();
        let gate = known.world.gate(shown.gate);
        let files = gate.and_then(asked).map(|clash| clash.files.as_slice());
        match read.filter(|document| files == Some(document.choosable().as_slice())) {
            Some(document) => {
                shown.spots = spots(&document);
                shown.draft = Draft::of(shown.spots.len());
                shown.document = document;
            }
            None => shown.is_odd = true,
        }
        shown.consider();
    }

    /// Drops what was chosen for a conflict that is asked about no more; says so, unless it was sent.
    pub fn rebase(&mut self, known: &Known) -> Option<(Token, String)> {
        let shown = self.shown.as_ref()?;
        let gate = known.world.gate(shown.gate)?;
        let is_same = gate.revision == shown.revision;
        if is_same && gate.state == GateState::Open {
            return None;
        }
        let count = shown.draft.count();
        let label = gate.work.task().map(task_label).unwrap_or_default();
        self.shown.as_mut()?.draft.clear();
        let why = match &gate.state {
            GateState::Closed {
                verdict: Verdict::Resolve(_),
                ..
            } => return None,
            GateState::Pending { .. } | GateState::Closed { .. } => "was decided otherwise",
            GateState::Open | GateState::Moot => "met a branch that moved, and is tried again",
        };
        let dropped = match count {
            0 => return None,
            1 => "your choice is dropped".to_owned(),
            count => format!("your {count} choices are dropped"),
        };
        Some((Token::Risk, format!("{label} {why}: {dropped}")))
    }

    /// What has been written for a place.
    pub fn written(&mut self, (gate, at): (GateId, usize), text: &str) {
        let Some(shown) = self.shown.as_mut().filter(|shown| shown.gate == gate) else {
            return;
        };
        let Some(split) = shown.split(at) else { return };
        let text = as_file(text, split);
        shown.draft.choose(at, Choice::Text(text));
    }

    /// Acts on an action; `pane` has the focus and shows `height` rows.
    pub fn act(
        &mut self,
        action: Action,
        known: &Known,
        (pane, height): (Pane, u16),
    ) -> Vec<Intent> {
        let gate = self
            .gate(&known.world)
            .filter(|gate| gate.state == GateState::Open)
            .cloned();
        let (Some(shown), Some(gate)) = (&mut self.shown, gate) else {
            return Vec::new();
        };
        let keys = &self.keys;
        let choice = match action {
            Action::ClashOurs => Choice::Ours,
            Action::ClashTheirs => Choice::Theirs,
            Action::ClashBoth => Choice::Both,
            Action::ClashTurned => Choice::BothTurned,
            Action::ClashProposal => match shown.proposal() {
                Some(Ok(proposal)) => proposal.choice.clone(),
                Some(Err(why)) => return say(view::unproposed(*why)),
                None => return say("nothing is proposed here: take a side"),
            },
            Action::ClashTest => return shown.test(&gate, known, keys),
            Action::ClashEdit => return shown.edit(keys),
            Action::ClashAgent => {
                return vec![Intent::Decide {
                    gate: gate.id,
                    revision: gate.revision,
                    verdict: Verdict::Retry,
                }];
            }
            Action::ApproveAll => return shown.finish(&gate, keys),
            Action::Approve | Action::Reject | Action::RejectAll => {
                let key = |action| keys.key(action);
                return say(&format!(
                    "{} finishes, {} gives it back; {} has the card: by hand, or drop",
                    key(Action::ApproveAll),
                    key(Action::ClashAgent),
                    key(Action::WaitingList),
                ));
            }
            _ => {
                shown.walk(action, (pane, height));
                shown.consider();
                return Vec::new();
            }
        };
        shown.choose(choice, keys)
    }
}

impl Shown {
    fn walk(&mut self, action: Action, (pane, height): (Pane, u16)) {
        let last = self.spots.len().saturating_sub(1);
        let file = |at: usize| self.spots.get(at).map_or(0, |spot| spot.file);
        let now = file(self.at);
        match action {
            Action::PartNext => self.go((self.at + 1).min(last)),
            Action::PartPrevious => self.go(self.at.saturating_sub(1)),
            Action::SiblingNext => {
                let next = (self.at..=last).find(|at| file(*at) > now);
                self.go(next.unwrap_or(self.at));
            }
            Action::SiblingPrevious => {
                let before = now.saturating_sub(1);
                let first = (0..=last).find(|at| file(*at) == before);
                self.go(first.unwrap_or(self.at));
            }
            Action::Undo => {
                if let Some(at) = self.draft.undo() {
                    self.go(at);
                }
            }
            Action::Redo => {
                if let Some(at) = self.draft.redo() {
                    self.go(at);
                }
            }
            _ => self.scroll(step(action, height), pane),
        }
    }

    fn go(&mut self, at: usize) {
        if at != self.at {
            self.at = at;
            self.tops = [0; 3];
        }
    }

    fn scroll(&mut self, step: Option<Step>, pane: Pane) {
        let rows = self.rows_of(pane);
        let Some(top) = place_of(pane).and_then(|place| self.tops.get_mut(place)) else {
            return;
        };
        *top = match step {
            Some(Step::Down) => *top + 1,
            Some(Step::Up) => top.saturating_sub(1),
            Some(Step::Top) => 0,
            Some(Step::Bottom) => rows,
            Some(Step::Forward(count)) => *top + count,
            Some(Step::Back(count)) => top.saturating_sub(count),
            None => return,
        }
        .min(rows.saturating_sub(1));
    }

    fn choose(&mut self, choice: Choice, keys: &Keys) -> Vec<Intent> {
        let Some(spot) = self.spots.get(self.at) else {
            return Vec::new();
        };
        let is_side = matches!(choice, Choice::Ours | Choice::Theirs);
        if spot.is_beyond {
            return say(&beyond(keys));
        }
        if spot.piece.is_none() && !is_side {
            return say(&as_a_whole(keys));
        }
        self.draft.choose(self.at, choice);
        Vec::new()
    }

    /// The place under the cursor as it would be written, to be changed.
    fn edit(&self, keys: &Keys) -> Vec<Intent> {
        let Some(split) = self.split(self.at) else {
            return say(&as_a_whole(keys));
        };
        let proposed = self.proposal().and_then(|found| found.as_ref().ok());
        let before = match (self.draft.get(self.at), proposed) {
            (Some(choice), _) => choice.text(split),
            (None, Some(proposal)) => proposal.choice.text(split),
            (None, None) => Choice::Both.text(split),
        };
        let before = before.replace("\r\n", "\n");
        let before = before.strip_suffix('\n').unwrap_or(&before);
        // What a field would change by itself is not written in one.
        let plain = before.replace('\t', "");
        if before.chars().count() > MOST_WRITTEN || SafeText::block(&plain).as_str() != plain {
            return say("this text cannot be written here: take a side, or by hand from the card");
        }
        vec![Intent::Write(Purpose::Solve(
            self.gate,
            self.at,
            before.to_owned(),
        ))]
    }

    /// Sends all choices, if there is one for each place.
    fn finish(&mut self, gate: &Gate, keys: &Keys) -> Vec<Intent> {
        match self.ready(keys) {
            Ok(choices) => vec![Intent::Decide {
                gate: gate.id,
                revision: gate.revision,
                verdict: Verdict::Resolve(choices),
            }],
            Err(why) => say(&why),
        }
    }

    /// Has the result tested, if there is a choice for each place. What is known of it already is said.
    fn test(&mut self, gate: &Gate, known: &Known, keys: &Keys) -> Vec<Intent> {
        let choices = match self.ready(keys) {
            Ok(choices) => choices,
            Err(why) => return say(&why),
        };
        let sprint = known.world.sprints.get(&gate.id.sprint);
        let about = sprint.and_then(|sprint| Some((sprint, sprint.task(gate.work.task()?)?)));
        let Some((sprint, task)) = about else {
            return Vec::new();
        };
        if trial::checks(sprint).is_empty() {
            return say(&Refusal::NothingToTest.to_string());
        }
        match self.tested(gate, sprint, task) {
            Tested::Not | Tested::Broke(_) => vec![Intent::Submit(Box::new(Command::Try {
                gate: gate.id,
                revision: gate.revision,
                choices,
            }))],
            found => say(&format!("this very result: {}", found.word())),
        }
    }

    /// All choices, file by file; or what is in the way, and then the cursor is there.
    fn ready(&mut self, keys: &Keys) -> Result<Vec<Vec<Choice>>, String> {
        if let Some(spot) = self.spots.iter().position(|spot| spot.is_beyond) {
            self.go(spot);
            return Err(beyond(keys));
        }
        if !self.is_here || self.is_odd || self.spots.is_empty() {
            return Err("the conflict is not here yet".to_owned());
        }
        let count = self.spots.len();
        let open = (0..count).find(|at| self.draft.get(*at).is_none());
        if let Some(open) = open {
            self.go(open);
            self.consider();
            let left = count - self.draft.count();
            return Err(format!("{left} of {count} have no result yet; here is one"));
        }
        let choices = self.whole().unwrap_or_default();
        if choices.iter().flatten().map(Choice::bytes).sum::<usize>() > MOST_TEXT_BYTES {
            let text =
                "what is written is too long to be sent: take a side, or by hand from the card";
            return Err(text.to_owned());
        }
        Ok(choices)
    }

    /// All choices, file by file; none while a place has none.
    fn whole(&self) -> Option<Vec<Vec<Choice>>> {
        let mut choices = vec![Vec::new(); self.document.files.len()];
        for (spot, choice) in self.spots.iter().zip(self.draft.chosen()) {
            choices.get_mut(spot.file)?.push(choice.clone()?);
        }
        (!self.spots.is_empty()).then_some(choices)
    }

    /// What is proposed for the place under the cursor; none where a file is taken as a whole.
    fn proposal(&self) -> Option<&Result<Proposal, Unproposed>> {
        self.proposals.get(&self.at)
    }

    /// Finds out what is proposed for the place under the cursor, once.
    fn consider(&mut self) {
        let piece = self.spots.get(self.at).and_then(|spot| spot.piece);
        let (Some(piece), false) = (piece, self.proposals.contains_key(&self.at)) else {
            return;
        };
        let Some(ClashShape::Places(pieces)) = self.file(self.at).map(|file| &file.shape) else {
            return;
        };
        if let Some(found) = proposal(pieces, piece) {
            self.proposals.insert(self.at, found);
        }
    }

    fn file(&self, at: usize) -> Option<&ClashFile> {
        self.document.files.get(self.spots.get(at)?.file)
    }

    /// The lines that are in question at a place; none where a file is taken as a whole.
    fn split(&self, at: usize) -> Option<&Split> {
        let piece = self.spots.get(at)?.piece?;
        match &self.file(at)?.shape {
            ClashShape::Places(pieces) => match pieces.get(piece)? {
                Piece::Split(split) => Some(split),
                Piece::Same(_) => None,
            },
            ClashShape::Whole { .. } | ClashShape::Beyond(_) => None,
        }
    }
}

fn beyond(keys: &Keys) -> String {
    let key = keys.key(Action::WaitingList);
    format!("this cannot be solved here: {key} has the card, take it over by hand")
}

fn as_a_whole(keys: &Keys) -> String {
    let (ours, theirs) = (keys.key(Action::ClashOurs), keys.key(Action::ClashTheirs));
    format!("this file is taken as a whole: {ours} or {theirs}")
}

fn say(text: &str) -> Vec<Intent> {
    vec![Intent::Say(Token::Info, text.to_owned())]
}

/// Which of the scrolled panes it is.
const fn place_of(pane: Pane) -> Option<usize> {
    match pane {
        Pane::Ours => Some(0),
        Pane::Theirs => Some(1),
        Pane::Result => Some(2),
        _ => None,
    }
}

fn spots(document: &Document) -> Vec<Spot> {
    let mut spots = Vec::new();
    for (file, clash) in document.files.iter().enumerate() {
        let whole = |is_beyond| Spot {
            file,
            piece: None,
            line: 1,
            is_beyond,
        };
        match &clash.shape {
            ClashShape::Places(pieces) => {
                let mut line = 1;
                for (place, piece) in pieces.iter().enumerate() {
                    let ours = match piece {
                        Piece::Same(text) => text,
                        Piece::Split(split) => {
                            spots.push(Spot {
                                piece: Some(place),
                                line,
                                ..whole(false)
                            });
                            &split.ours
                        }
                    };
                    line += ours.lines().count();
                }
            }
            ClashShape::Whole { .. } => spots.push(whole(false)),
            ClashShape::Beyond(_) => spots.push(whole(true)),
        }
    }
    spots
}

/// A text as it was written, with the ends of lines that its place has.
fn as_file(text: &str, split: &Split) -> String {
    if text.is_empty() {
        return String::new();
    }
    let sides = [&split.ours, &split.theirs];
    let is_last = sides
        .iter()
        .all(|side| !side.is_empty() && !side.ends_with('\n'));
    let end = if is_last { "" } else { "\n" };
    let text = format!("{text}{end}");
    if sides.iter().any(|side| side.contains("\r\n")) {
        return text.replace('\n', "\r\n");
    }
    text
}

#[cfg(test)]
mod tests;
