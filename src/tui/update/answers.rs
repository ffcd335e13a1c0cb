//! One answer to several items, because they ask the same or were marked: every one of them is listed first, and each is decided on
//! the revision that was listed.

use std::fmt::Write as _;
use std::time::Instant;

use ratatui::layout::Rect;

use crate::base::id::{Digest, GateId};
use crate::base::text::{SafeText, wrap};
use crate::domain::journal::Command;
use crate::domain::sprint::{Ask, Gate, GateState, Verdict};
use crate::tui::app::{App, Overlay};
use crate::tui::facts::{waiting, work_label, worker};
use crate::tui::layout::Class;
use crate::tui::theme::Token;
use crate::tui::widgets::popup;

use super::Effect;

/// Cells of the list.
const WIDTH: u16 = 100;
/// Rows of the list that are no item: borders, what it is, a gap, and what comes after.
const AROUND: usize = 6;

/// What is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The gates with the revisions that are shown, and the rows of each.
    pub gates: Vec<(GateId, Digest, Vec<String>)>,
    /// How many do not fit; they are asked after these.
    pub rest: usize,
    /// Names everything that is shown.
    pub seen: Digest,
}

/// Where the list lies.
pub fn area(body: Rect) -> Rect {
    popup::centered(body, WIDTH.min(body.width.saturating_sub(2)), body.height)
}

impl App {
    /// What one answer would decide: as many as can be shown whole. None if nothing is left of it, or nothing can be shown.
    pub fn answers_to_all(&self, listed: &[GateId], verdict: &Verdict) -> Option<Answers> {
        if Class::of(self.size) == Class::Tiny || self.known.is_past() {
            return None;
        }
        let sprint = self.known.world.sprints.get(&listed.first()?.sprint)?;
        let area = area(self.layout().body);
        let width = usize::from(area.width.saturating_sub(6));
        let mut room = usize::from(area.height).checked_sub(AROUND)?;
        let (mut gates, mut rest) = (Vec::new(), 0);
        for id in listed.iter().copied().filter(|id| !self.is_decided(*id)) {
            let open = |gate: &&Gate| gate.state == GateState::Open && gate.ask.takes(verdict);
            let Some(gate) = sprint.gate(id).filter(open) else {
                continue;
            };
            let rows = rows(
                &worker(sprint, gate.work),
                gate,
                &waiting::text(sprint, gate),
                width,
            );
            if rest > 0 || rows.len() > room {
                rest += 1;
                continue;
            }
            room -= rows.len();
            gates.push((id, gate.revision, rows));
        }
        let mut named = format!("{verdict:?}");
        for (id, revision, rows) in &gates {
            // A string takes everything.
            let _ = write!(named, "{id} {revision} {}", rows.join("\n"));
        }
        let seen = Digest::of(named.as_bytes());
        (!gates.is_empty()).then_some(Answers { gates, rest, seen })
    }

    /// Opens the list.
    pub(super) fn list_answers(&mut self, gates: Vec<GateId>, verdict: Verdict) {
        self.overlay = Some(Overlay::Answers(gates, verdict));
    }

    /// `A` on the list: all that is shown is decided, if it was seen long enough.
    pub(super) fn decide_all(
        &mut self,
        listed: Vec<GateId>,
        verdict: Verdict,
        at: Instant,
    ) -> Vec<Effect> {
        let Some(answers) = self.answers_to_all(&listed, &verdict) else {
            self.say(Token::Info, "it was decided meanwhile", at);
            return Vec::new();
        };
        if !self.arming.decides(at) {
            self.overlay = Some(Overlay::Answers(listed, verdict));
            return Vec::new();
        }
        self.panes.waiting.clear_marks();
        let decide = |(gate, revision, _)| Command::Decide {
            gate,
            revision,
            verdict: verdict.clone(),
            is_final: false,
        };
        self.decide(answers.gates.into_iter().map(decide).collect())
    }
}

/// One item, whole: what would be answered must be seen.
fn rows(who: &str, gate: &Gate, text: &str, width: usize) -> Vec<String> {
    let text = match &gate.ask {
        Ask::Tool { command, .. } => format!("$ {}", SafeText::exact(command).as_str()),
        _ => text.to_owned(),
    };
    let head = format!("{} {who}  ", work_label(gate.work));
    wrap(&format!("{head}{text}"), width)
}
