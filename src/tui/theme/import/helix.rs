//! Themes of the helix editor: scopes with colours, and a palette. A scope that is not there falls back to its shorter name, as
//! the editor does it.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::super::colour::Rgb;
use super::super::file::Fault;
use super::{Code, Slots, fault, table};

/// Inheriting goes so deep and no deeper.
const DEEPEST: usize = 8;

/// A theme with those that it inherits, nearest first: scopes and palettes as they are written.
#[derive(Default)]
struct Helix {
    /// Scope to the names of its colours, text and ground.
    scopes: BTreeMap<String, (Option<String>, Option<String>)>,
    palette: BTreeMap<String, String>,
}

/// Reads a theme and brings it to the slots.
pub(super) fn slots(
    file: &str,
    text: &str,
    parent: &impl Fn(&str) -> Option<String>,
) -> Result<Slots, Fault> {
    let mut helix = Helix::default();
    let mut next = helix.add(file, text)?;
    for _ in 0..DEEPEST {
        let Some(name) = next else { break };
        let Some(text) = parent(&name) else {
            return Err(Fault {
                hint: Some(format!("put {name}.toml beside it")),
                ..fault(file, None, format!("the theme inherits {name:?}"))
            });
        };
        next = helix.add(&format!("{name}.toml"), &text)?;
    }
    helix.slots(file)
}

impl Helix {
    /// Takes what a file says and no nearer one has said; gives the name of the theme that it inherits.
    fn add(&mut self, file: &str, text: &str) -> Result<Option<String>, Fault> {
        let root = DeTable::parse(text).map_err(|error| fault(file, None, error.message()))?;
        let mut inherits = None;
        for (key, value) in root.into_inner() {
            let text = |value: Option<&DeValue<'_>>| Some(value?.as_str()?.to_owned());
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("inherits", value) => inherits = text(Some(value)),
                ("palette", DeValue::Table(palette)) => {
                    for (name, colour) in palette {
                        if let Some(colour) = text(Some(colour.get_ref())) {
                            let name = name.get_ref().to_string();
                            self.palette.entry(name).or_insert(colour);
                        }
                    }
                }
                (scope, value) => {
                    let part = |name: &str| {
                        let look = table(value)?;
                        text(look.get(name).map(toml::Spanned::get_ref))
                    };
                    let fg = text(Some(value)).or_else(|| part("fg"));
                    let look = (fg, part("bg"));
                    self.scopes.entry(scope.to_owned()).or_insert(look);
                }
            }
        }
        Ok(inherits)
    }

    /// A colour by its name: a hex value, or an entry of the palette. The editor's names for the terminal's sixteen give none.
    fn colour(&self, name: &str) -> Option<Rgb> {
        let value = self.palette.get(name).map_or(name, String::as_str);
        // Some palettes carry a fourth pair of digits for transparency.
        let value = value.get(..7).unwrap_or(value);
        Rgb::parse(value).filter(|_| value.starts_with('#'))
    }

    /// The scope's colour, or that of its shorter names: `a.b.c`, `a.b`, `a`.
    fn find(&self, scope: &str, is_ground: bool) -> Option<Rgb> {
        let mut scope = scope;
        loop {
            let found = self.scopes.get(scope).and_then(|(fg, bg)| {
                let name = if is_ground { bg } else { fg };
                self.colour(name.as_deref()?)
            });
            if found.is_some() {
                return found;
            }
            scope = scope.rsplit_once('.')?.0;
        }
    }

    fn fg(&self, scopes: &[&str]) -> Option<Rgb> {
        scopes.iter().find_map(|scope| self.find(scope, false))
    }

    fn bg(&self, scopes: &[&str]) -> Option<Rgb> {
        scopes.iter().find_map(|scope| self.find(scope, true))
    }

    fn slots(&self, file: &str) -> Result<Slots, Fault> {
        let need = |colour: Option<Rgb>, scope: &str| {
            let what = || format!("the theme gives {scope:?} no colour of its own");
            colour.ok_or_else(|| fault(file, None, what()))
        };
        let ground = need(self.bg(&["ui.background"]), "ui.background")?;
        let text = self.fg(&["ui.text", "ui.background", "variable"]);
        let text = need(text, "ui.text")?;
        let grey = self.fg(&["comment", "ui.linenr"]);
        let grey = grey.unwrap_or(ground.mix(text, 0.55));
        let red = need(self.fg(&["error", "diff.minus"]), "error")?;
        let yellow = need(self.fg(&["warning", "diff.delta"]), "warning")?;
        let green = need(self.fg(&["diff.plus", "string"]), "diff.plus")?;
        let blue = need(self.fg(&["info", "function", "hint"]), "info")?;
        let purple = need(self.fg(&["keyword"]), "keyword")?;
        let cyan = self.fg(&["hint", "type"]).unwrap_or(blue);
        let orange = self.fg(&["constant.numeric", "constant", "special"]);
        let orange = orange.unwrap_or(purple);
        let raised = self.bg(&["ui.popup", "ui.menu", "ui.statusline"]);
        let selected = self.bg(&["ui.selection.primary", "ui.menu.selected"]);
        Ok(Slots {
            base: [
                ground,
                raised.unwrap_or(ground.mix(text, 0.07)),
                selected.unwrap_or(ground.mix(text, 0.18)),
                grey,
                ground.mix(text, 0.7),
                text,
                text,
                text,
                red,
                orange,
                yellow,
                green,
                cyan,
                blue,
                purple,
                self.fg(&["special", "tag"]).unwrap_or(orange),
            ],
            code: Code {
                operator: self.fg(&["operator"]),
                variable: self.fg(&["variable"]),
                string: self.fg(&["string"]),
                number: self.fg(&["constant.numeric"]),
                of_type: self.fg(&["type"]),
                function: self.fg(&["function"]),
                constant: self.fg(&["constant"]),
            },
        })
    }
}
