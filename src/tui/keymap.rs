//! From keys to actions: bindings of one or more keys for a mode and a place. What is bound for a place hides what is bound
//! everywhere; the person's own file hides a preset, which hides the table.

mod file;
pub mod layouts;

pub use file::{Fault, PRESETS};

use std::collections::{BTreeMap, BTreeSet};

use super::action::{Action, Mode, Place, Spec, TABLE};
use super::key::{BadKey, Code, Key, sequence};
use layouts::Layout;

/// What a key leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// An action.
    Action(Action),
    /// The key begins a longer binding.
    More,
    /// Nothing is bound to it.
    Nothing,
}

/// Where a binding comes from; later ones win.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The table of actions.
    Table,
    /// A preset.
    Preset,
    /// The person's file.
    File,
}

/// Where a binding holds, beside what its action allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Wherever the action can be done.
    Table,
    /// Where keys are commands.
    Commands,
    /// In one mode.
    Mode(Mode),
    /// In one place, where keys are commands.
    Place(Place),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Binding {
    keys: Vec<Key>,
    /// None: the keys do nothing there.
    spec: Option<&'static Spec>,
    reach: Reach,
    source: Source,
}

impl Binding {
    fn fits(&self, mode: Mode, place: Place) -> bool {
        let reaches = match self.reach {
            Reach::Table => true,
            Reach::Commands => !mode.is_text(),
            Reach::Mode(only) => mode == only,
            Reach::Place(only) => !mode.is_text() && place == only,
        };
        reaches && self.spec.is_none_or(|spec| spec.fits(mode, place))
    }

    /// What it is bound for more closely wins over what is bound more widely; then the source counts.
    fn weight(&self) -> (u8, Source) {
        let is_close = |spec: &Spec| !spec.places.is_empty() || spec.modes == [Mode::Decide];
        let closeness = match self.reach {
            Reach::Mode(_) => 2,
            Reach::Place(_) => 1,
            Reach::Table | Reach::Commands => u8::from(self.spec.is_some_and(is_close)),
        };
        (closeness, self.source)
    }
}

/// All bindings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    /// The person's own first, so that they are the ones that are shown.
    bindings: Vec<Binding>,
    layouts: Vec<&'static Layout>,
}

/// Keys that cannot do what they are bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// In which mode it is seen first.
    pub mode: Mode,
    /// In which place it is seen first.
    pub place: Place,
    /// The keys.
    pub keys: String,
    /// What they would do.
    pub wanted: &'static str,
    /// The keys that are taken before, and what they do.
    pub taken: (String, &'static str),
}

impl Keymap {
    /// The keys of the table.
    ///
    /// # Errors
    /// The table names a key that does not exist, which a test rules out.
    pub fn built_in() -> Result<Self, BadKey> {
        let mut bindings = Vec::new();
        for spec in TABLE {
            for keys in spec.keys {
                bindings.push(Binding {
                    keys: sequence(keys)?,
                    spec: Some(spec),
                    reach: Reach::Table,
                    source: Source::Table,
                });
            }
        }
        Ok(Self {
            bindings,
            layouts: Vec::new(),
        })
    }

    /// The binding that wins among those with just these keys.
    fn winner(&self, mode: Mode, place: Place, keys: &[Key]) -> Option<&Binding> {
        let same = self
            .bindings
            .iter()
            .filter(|binding| binding.keys == keys && binding.fits(mode, place));
        // Of equals the first counts.
        same.rev().max_by_key(|binding| binding.weight())
    }

    /// The row that just these keys lead to.
    pub fn leads_to(&self, mode: Mode, place: Place, keys: &[Key]) -> Option<&'static Spec> {
        self.winner(mode, place, keys)?.spec
    }

    /// What `keys`, typed one after the other, lead to.
    pub fn find(&self, mode: Mode, place: Place, keys: &[Key]) -> Match {
        if let Some(spec) = self.leads_to(mode, place, keys) {
            return Match::Action(spec.action);
        }
        if self.behind(mode, place, keys).next().is_some() {
            Match::More
        } else {
            Match::Nothing
        }
    }

    /// The bindings that go on behind `keys` and do something.
    fn behind<'a>(
        &'a self,
        mode: Mode,
        place: Place,
        keys: &'a [Key],
    ) -> impl Iterator<Item = (&'a Binding, &'static Spec)> {
        self.bindings.iter().filter_map(move |binding| {
            let goes_on = binding.keys.len() > keys.len() && binding.keys.starts_with(keys);
            let is_live = || self.winner(mode, place, &binding.keys) == Some(binding);
            let spec = binding
                .spec
                .filter(|_| goes_on && binding.fits(mode, place))?;
            is_live().then_some((binding, spec))
        })
    }

    /// Whether these keys get as far as what they are bound to: nothing shorter is taken before.
    fn is_reached(
        &self,
        mode: Mode,
        place: Place,
        keys: &[Key],
    ) -> Result<(), (String, &'static Spec)> {
        for count in 1..keys.len() {
            let before = keys.get(..count).unwrap_or_default();
            if let Some(spec) = self.leads_to(mode, place, before) {
                return Err((printed(before), spec));
            }
        }
        Ok(())
    }

    /// The keys of an action as shown: `g b`. The first of them if there are several, none if it has none here.
    pub fn shown(&self, action: Action, mode: Mode, place: Place) -> Option<String> {
        let own = self.bindings.iter().filter(|binding| {
            let is_its = binding.spec.is_some_and(|spec| spec.action == action);
            is_its && binding.fits(mode, place)
        });
        let mut live = own.filter(|binding| self.is_live(mode, place, binding));
        live.next().map(|binding| printed(&binding.keys))
    }

    /// Whether a binding that fits is the one that its keys lead to.
    fn is_live(&self, mode: Mode, place: Place, binding: &Binding) -> bool {
        self.winner(mode, place, &binding.keys) == Some(binding)
            && self.is_reached(mode, place, &binding.keys).is_ok()
    }

    /// The bindings that do something in a mode and a place.
    fn live(&self, mode: Mode, place: Place) -> impl Iterator<Item = (&Binding, &'static Spec)> {
        self.bindings.iter().filter_map(move |binding| {
            let spec = binding.spec.filter(|_| binding.fits(mode, place))?;
            let is_live = self.is_live(mode, place, binding);
            is_live.then_some((binding, spec))
        })
    }

    /// What can be typed behind `keys`: the next key and the row it leads to. For the menu behind `g`.
    pub fn continuations(
        &self,
        mode: Mode,
        place: Place,
        keys: &[Key],
    ) -> Vec<(String, &'static Spec)> {
        self.behind(mode, place, keys)
            .filter_map(|(binding, spec)| {
                let rest = binding.keys.strip_prefix(keys)?;
                Some((printed(rest), spec))
            })
            .collect()
    }

    /// All rows that can be done here with all their keys, in the order of the table.
    pub fn listed(&self, mode: Mode, place: Place) -> Vec<(String, &'static Spec)> {
        let mut keys: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (binding, spec) in self.live(mode, place) {
            let names = keys.entry(spec.id).or_default();
            names.push(printed(&binding.keys));
        }
        let here = TABLE.iter().filter(|spec| spec.fits(mode, place));
        here.map(|spec| (keys.remove(spec.id).unwrap_or_default().join(" "), spec))
            .collect()
    }

    /// Bindings that can never be reached, because a shorter one is taken before.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let mut found: Vec<Conflict> = Vec::new();
        for (mode, place) in everywhere() {
            for binding in &self.bindings {
                let Some(spec) = binding.spec.filter(|_| binding.fits(mode, place)) else {
                    continue;
                };
                if self.winner(mode, place, &binding.keys) != Some(binding) {
                    continue;
                }
                if let Err((taken, by)) = self.is_reached(mode, place, &binding.keys) {
                    let keys = printed(&binding.keys);
                    let is_told = |known: &Conflict| known.keys == keys && known.wanted == spec.id;
                    if !found.iter().any(is_told) {
                        found.push(Conflict {
                            mode,
                            place,
                            keys,
                            wanted: spec.id,
                            taken: (taken, by.id),
                        });
                    }
                }
            }
        }
        found
    }

    /// Actions that have keys in the table, and none any more wherever they can be done.
    pub fn without_keys(&self) -> Vec<&'static Spec> {
        let live: BTreeSet<Action> = everywhere()
            .flat_map(|(mode, place)| self.live(mode, place).map(|(_, spec)| spec.action))
            .collect();
        let bound = TABLE.iter().filter(|spec| !spec.keys.is_empty());
        bound.filter(|spec| !live.contains(&spec.action)).collect()
    }

    /// The actions that begin with a key which something before us takes, such as the prefix of a multiplexer.
    pub fn begun_by(&self, key: Key) -> Vec<(String, &'static str)> {
        let mut found: Vec<(String, &'static str)> = Vec::new();
        for binding in &self.bindings {
            if let Some(spec) = binding.spec
                && binding.keys.first() == Some(&key)
                && everywhere().any(|(mode, place)| binding.fits(mode, place))
            {
                found.push((printed(&binding.keys), spec.id));
            }
        }
        found
    }

    /// The key that is meant where a keyboard of another script is in use.
    fn translated(&self, key: Key) -> Option<Key> {
        let Code::Char(character) = key.code else {
            return None;
        };
        let latin = self
            .layouts
            .iter()
            .find_map(|layout| layout.latin(character))?;
        Some(Key {
            code: Code::Char(latin),
            ..key
        })
    }
}

/// All modes in all places.
fn everywhere() -> impl Iterator<Item = (Mode, Place)> {
    Mode::ALL
        .into_iter()
        .flat_map(|mode| Place::ALL.map(|place| (mode, place)))
}

fn printed(keys: &[Key]) -> String {
    let names: Vec<String> = keys.iter().map(ToString::to_string).collect();
    names.join(" ")
}

/// The keys typed so far that have not led to anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// The keys.
    pub keys: Vec<Key>,
}

impl Pending {
    /// Takes one more key: as it is, else as the key of an English keyboard at its place. Keys that lead nowhere together are
    /// given up: `g x` is nothing, and `x` alone must not be taken for a wish of its own.
    pub fn press(&mut self, keymap: &Keymap, mode: Mode, place: Place, key: Key) -> Match {
        let meant = [Some(key), keymap.translated(key)];
        for key in meant.into_iter().flatten() {
            let is_text = mode.is_text() && key.text().is_some();
            self.keys.push(key);
            let found = keymap.find(mode, place, &self.keys);
            match found {
                Match::More => return found,
                Match::Action(_) => {
                    self.keys.clear();
                    return found;
                }
                Match::Nothing => drop(self.keys.pop()),
            }
            if is_text {
                break;
            }
        }
        self.keys.clear();
        Match::Nothing
    }
}

#[cfg(test)]
mod tests;
