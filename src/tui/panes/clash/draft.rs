//! What a person chose for the places of a conflict, until it is sent. Each choice can be undone, and chosen again.

use crate::domain::change::clash::Choice;

/// The choices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    chosen: Vec<Option<Choice>>,
    done: Vec<Step>,
    undone: Vec<Step>,
}

/// A choice, and what was there in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    at: usize,
    before: Option<Choice>,
    after: Option<Choice>,
}

impl Draft {
    /// For so many places, none chosen.
    pub fn of(count: usize) -> Self {
        Self {
            chosen: vec![None; count],
            ..Self::default()
        }
    }

    /// All places in their order.
    pub fn chosen(&self) -> &[Option<Choice>] {
        &self.chosen
    }

    /// What is chosen at a place.
    pub fn get(&self, at: usize) -> Option<&Choice> {
        self.chosen.get(at)?.as_ref()
    }

    /// How many places have a choice.
    pub fn count(&self) -> usize {
        self.chosen.iter().flatten().count()
    }

    /// Whether nothing can be undone or done again.
    pub const fn is_untouched(&self) -> bool {
        self.done.is_empty() && self.undone.is_empty()
    }

    /// Chooses. What is chosen already is no choice.
    pub fn choose(&mut self, at: usize, choice: Choice) {
        let Some(place) = self.chosen.get_mut(at) else {
            return;
        };
        if place.as_ref() == Some(&choice) {
            return;
        }
        self.undone.clear();
        let before = place.replace(choice.clone());
        let after = Some(choice);
        self.done.push(Step { at, before, after });
    }

    /// Takes the last choice back; gives its place.
    pub fn undo(&mut self) -> Option<usize> {
        let step = self.done.pop()?;
        self.set(step.at, step.before.clone());
        self.undone.push(step);
        self.undone.last().map(|step| step.at)
    }

    /// Chooses again what was taken back; gives its place.
    pub fn redo(&mut self) -> Option<usize> {
        let step = self.undone.pop()?;
        self.set(step.at, step.after.clone());
        self.done.push(step);
        self.done.last().map(|step| step.at)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        *self = Self::of(self.chosen.len());
    }

    fn set(&mut self, at: usize, choice: Option<Choice>) {
        if let Some(place) = self.chosen.get_mut(at) {
            *place = choice;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_undone_and_done_again() {
        let mut draft = Draft::of(2);
        draft.choose(0, Choice::Ours);
        draft.choose(0, Choice::Ours);
        draft.choose(1, Choice::Both);
        draft.choose(0, Choice::Theirs);
        draft.choose(7, Choice::Theirs);
        assert_eq!(draft.count(), 2);
        assert_eq!(draft.undo(), Some(0));
        assert_eq!(draft.chosen(), [Some(Choice::Ours), Some(Choice::Both)]);
        assert_eq!(
            (draft.undo(), draft.undo(), draft.undo()),
            (Some(1), Some(0), None)
        );
        assert_eq!(draft.count(), 0);
        assert_eq!(draft.redo(), Some(0));
        assert_eq!(draft.get(0), Some(&Choice::Ours));
        draft.choose(1, Choice::Theirs);
        assert_eq!(draft.redo(), None);
        draft.clear();
        assert!(draft.is_untouched() && draft.count() == 0);
    }
}
