//! A place of a conflict in lines, for those who read no panes.

use crate::domain::change::clash::{Choice, ClashShape, Side};
use crate::tui::facts::line;
use crate::tui::known::Known;

use super::State;
use super::view::{Scene, proposed, unproposed};

/// Lines of a side that are read out.
const MOST_LINES: usize = 100;

impl State {
    /// The place under the cursor: where it is, what both sides have, what is proposed, what is chosen, and whether that was tested.
    pub fn spoken(&self, known: &Known) -> Vec<String> {
        let Some(scene) = Scene::of(self, known) else {
            return vec!["no conflict is open.".to_owned()];
        };
        let shown = scene.shown;
        let (place, count) = (shown.at + 1, shown.spots.len());
        let mut lines = vec![format!(
            "conflict {place} of {count}, {} line {}.",
            line(scene.path()),
            scene.spot.line
        )];
        match (shown.split(shown.at), scene.shape()) {
            (Some(split), _) => {
                lines.extend(read("ours", &split.ours));
                lines.extend(read("theirs", &split.theirs));
                match shown.proposal() {
                    Some(Ok(proposal)) => {
                        lines.push(format!("{}.", proposed(proposal.source)));
                        lines.extend(read("proposed", &proposal.choice.text(split)));
                    }
                    Some(Err(why)) => lines.push(unproposed(*why).to_lowercase()),
                    None => {}
                }
            }
            (None, Some(ClashShape::Whole { ours, theirs, .. })) => {
                lines.extend(side("ours", ours));
                lines.extend(side("theirs", theirs));
            }
            (None, Some(ClashShape::Beyond(why))) => lines.push(format!("{}.", line(why))),
            (None, Some(ClashShape::Places(_)) | None) => {}
        }
        lines.extend(self.chosen(known));
        lines
    }

    /// What is chosen for the place under the cursor, and whether the whole was tested.
    pub fn chosen(&self, known: &Known) -> Vec<String> {
        let Some(scene) = Scene::of(self, known) else {
            return Vec::new();
        };
        let shown = scene.shown;
        let count = format!("{} of {} chosen", shown.draft.count(), shown.spots.len());
        let Some(choice) = shown.draft.get(shown.at) else {
            return vec![format!("nothing is chosen here. {count}.")];
        };
        let mut lines = vec![format!(
            "chosen: {}. {count}, {}.",
            scene.word(choice),
            scene.tested().word()
        )];
        let is_made = !matches!(choice, Choice::Ours | Choice::Theirs);
        if let Some(split) = shown.split(shown.at).filter(|_| is_made) {
            lines.extend(read("result", &choice.text(split)));
        }
        let trouble = scene.tested().trouble().into_iter();
        lines.extend(trouble.map(|(text, _)| text.trim_start().to_owned()));
        lines
    }
}

fn read(word: &str, text: &str) -> Vec<String> {
    if text.is_empty() {
        return vec![format!("{word}: these lines are not there")];
    }
    let all = text.lines().count();
    let mut lines: Vec<String> = text
        .lines()
        .take(MOST_LINES)
        .map(|text| format!("{word}: {}", line(text)))
        .collect();
    if all > MOST_LINES {
        lines.push(format!("cut. {} lines more.", all - MOST_LINES));
    }
    lines
}

fn side(word: &str, side: &Side) -> Vec<String> {
    match side {
        Side::Gone => vec![format!("{word}: the file is deleted")],
        Side::Bytes(bytes) => vec![format!("{word}: {bytes} bytes, not shown")],
        Side::Text(text) => read(word, text),
    }
}
