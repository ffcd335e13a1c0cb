//! Where the interface reads and writes settings: the same layers and the same rules as `aios config`.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::base::text::SafeText;
use crate::boot::config::table::{Key, Kind, Layers};
use crate::boot::config::value::Value;
use crate::boot::config::write::Change;
use crate::boot::config::{Effective, Layer, Settings, list, write};
use crate::boot::wiring::site::{Person, ours};
use crate::boot::zone;
use crate::cli::errors::Problem;
use crate::tui::setting::{Listing, Live, Setting, Takes, Target, Wanted};

/// The settings of a person, in a repository if there is one.
#[derive(Debug)]
pub struct Desk {
    person: Person,
    root: Option<PathBuf>,
    /// What was changed here, oldest first. Held while a file is changed: two changes at once would lose one.
    changes: Mutex<Vec<(String, Change)>>,
}

impl Desk {
    /// Of `person`, with the files of the checkout at `root`.
    #[must_use]
    pub const fn new(person: Person, root: Option<PathBuf>) -> Self {
        Self {
            person,
            root,
            changes: Mutex::new(Vec::new()),
        }
    }

    /// All settings as they are now.
    ///
    /// # Errors
    /// The program's own table is broken.
    pub fn listing(&self) -> Result<Listing, Problem> {
        let layers = self.person.layers(self.root.as_deref())?;
        let settings = Settings::new(&layers).map_err(ours)?;
        let sources = self.person.sources(self.root.as_deref());
        let files = [Target::User, Target::Project, Target::Local];
        let files = files.into_iter().filter_map(|target| {
            let file = write::place(&sources, layer(target)).ok()?;
            Some((target, self.shown(&file.display().to_string())))
        });
        let faults = layers.faults.iter();
        let look = self.person.look(&settings);
        Ok(Listing {
            settings: self.rows(&layers, &settings),
            faults: faults.map(|fault| fault.problem().to_string()).collect(),
            files: files.collect(),
            live: Live {
                theme: settings.display.theme.clone(),
                glyphs: look.caps.glyphs,
                motion: look.motion,
                density: look.density,
                mouse: settings.display.mouse,
                arm: Duration::from_millis(u64::from(settings.decide.arm_ms)),
                auto_advance: settings.decide.auto_advance,
                offset_s: zone::shown(settings.display.utc),
            },
        })
    }

    /// Writes a setting; gives a receipt for the person.
    ///
    /// # Errors
    /// Why it was not written, for the person.
    pub fn set(&self, wanted: &Wanted) -> Result<String, String> {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let sources = self.person.sources(self.root.as_deref());
        let name = &wanted.name;
        let written = write::write(&sources, layer(wanted.target), name, wanted.to.as_deref());
        let change = written.map_err(|problem| problem.to_string())?;
        let hidden = change.hidden_by();
        let hidden = hidden.map_or_else(String::new, |why| format!("; {why}"));
        let file = self.shown(&change.file.display().to_string());
        let receipt = match &change.value {
            Some(value) => format!("{name} = {value} in {file}{hidden}"),
            None => format!("{name} taken out of {file}"),
        };
        if change.replaced.is_some() {
            changes.push((name.clone(), change));
        }
        Ok(SafeText::line(&receipt).into_string())
    }

    /// Takes the last change back: the file holds again what it held before. Gives a receipt for the person.
    ///
    /// # Errors
    /// Why nothing was taken back, for the person.
    pub fn take_back(&self) -> Result<String, String> {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((name, change)) = changes.pop() else {
            return Err("no change of a setting to take back".to_owned());
        };
        let file = self.shown(&change.file.display().to_string());
        let done = change
            .replaced
            .as_ref()
            .map_or(Ok(false), |replaced| {
                write::restore(&change.file, change.layer, replaced)
            })
            .map_err(|problem| problem.to_string())?;
        let text = if done {
            format!("{name} is as it was in {file}")
        } else {
            format!("{file} was changed since: {name} stays as it is")
        };
        let text = SafeText::line(&text).into_string();
        if done { Ok(text) } else { Err(text) }
    }

    /// A path as a person knows it.
    fn shown(&self, path: &str) -> String {
        let root = self
            .root
            .as_ref()
            .map(|root| format!("{}/", root.display()));
        match root.and_then(|root| path.strip_prefix(&root).map(str::to_owned)) {
            Some(inside) => inside,
            None => self.person.places.shown(std::path::Path::new(path)),
        }
    }

    fn rows(&self, layers: &Effective, settings: &Settings) -> Vec<Setting> {
        let mut rows = Vec::new();
        for key in &layers.table.keys {
            if key.kind == Kind::Key {
                // One row a provider, whether it is set or not; both spellings mean the same.
                if key.name.starts_with("providers.") {
                    rows.extend(self.keys(layers, settings, key));
                }
                continue;
            }
            let of_key = layers.settings.iter().filter(|(path, _)| key.matches(path));
            rows.extend(of_key.map(|(path, setting)| {
                let (value, typed) = words(key, &setting.value);
                Setting {
                    name: list::name(path),
                    value,
                    typed,
                    ..self.row(key, Some(setting))
                }
            }));
        }
        rows
    }

    /// A row without its name and value.
    fn row(&self, key: &Key, setting: Option<&crate::boot::config::Setting>) -> Setting {
        let origin = setting.map(|setting| &setting.origin);
        let place = origin.and_then(|origin| match (&origin.position, &origin.name) {
            (Some(at), _) => {
                let file = self.shown(&at.file.display().to_string());
                Some(format!("{file}:{}", at.line))
            }
            (None, name) => name.clone(),
        });
        let default = key.default.as_ref().map(|default| match default {
            toml::Value::String(text) => text.clone(),
            toml::Value::Array(_) => String::new(),
            other => other.to_string(),
        });
        let mut targets = vec![Target::User];
        if key.layers == Layers::Everyone && self.root.is_some() {
            targets.extend([Target::Project, Target::Local]);
        }
        Setting {
            name: String::new(),
            value: String::new(),
            typed: String::new(),
            takes: match key.kind {
                Kind::Choice => Takes::Choices(key.choices.clone()),
                Kind::Truth => Takes::Choices(vec!["false".to_owned(), "true".to_owned()]),
                Kind::List => Takes::Line("texts with commas between them".to_owned()),
                Kind::Commands => {
                    Takes::Line("a command; a list of them needs the file".to_owned())
                }
                // What is typed here needs no quotes.
                _ => Takes::Line(key.takes().replace(" in quotes", "").replace('"', "")),
            },
            default: default.unwrap_or_default(),
            origin: origin
                .map_or(Layer::Default, |origin| origin.layer)
                .to_string(),
            place,
            targets,
            help: key.help.clone(),
        }
    }

    /// The variables of the providers' keys, and whether they are set. What they hold is not looked at.
    fn keys(&self, layers: &Effective, settings: &Settings, key: &Key) -> Vec<Setting> {
        let providers = settings.providers.iter();
        let named = providers.filter_map(|(name, provider)| {
            let variable = provider.key_variable.as_ref()?;
            let is_set = self.person.environment.get(variable).is_some();
            let word = if is_set { "set" } else { "not set" };
            let path = |section: &str, field: &str| [section, name, field].map(str::to_owned);
            let [own, other] = [path("providers", "key"), path("keys", "source")];
            let known = layers.settings.get(own.as_slice());
            let known = known.or_else(|| layers.settings.get(other.as_slice()));
            Some(Setting {
                name: list::name(&own),
                value: format!("{word} (env {variable})"),
                typed: format!("env:{variable}"),
                ..self.row(key, known)
            })
        });
        named.collect()
    }
}

const fn layer(target: Target) -> Layer {
    match target {
        Target::User => Layer::User,
        Target::Project => Layer::Project,
        Target::Local => Layer::Local,
    }
}

/// A value as it is shown, and as a person would type it. More than one command cannot be typed as one line.
fn words(key: &Key, value: &Value) -> (String, String) {
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::List(items) if key.kind == Kind::Commands && items.len() > 1 => {
            return (value.to_string(), String::new());
        }
        Value::List(items) => items.join(", "),
        Value::Truth(_) | Value::Whole(_) | Value::Ratio(_) | Value::Money(_) => {
            value.to_string().trim_matches('"').to_owned()
        }
    };
    (text.clone(), text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::*;
    use crate::boot::places::{Environment, Places};
    use crate::tui::panes::settings::SECTIONS;

    /// A home and a repository in `folder`.
    fn desk(folder: &std::path::Path) -> Desk {
        let home = folder.join("home");
        let root = folder.join("repo");
        fs::create_dir_all(root.join(".aios")).unwrap();
        let home = home.to_str().unwrap();
        let environment =
            Environment::of([("HOME", home), ("OPENAI_API_KEY", "sk-secret-12345678")]);
        let person = Person {
            args: Arc::new(crate::cli::args::parse(["aios".into()]).unwrap()),
            places: Places::new(&environment).unwrap(),
            environment,
        };
        Desk::new(person, Some(root))
    }

    fn find<'a>(listing: &'a Listing, name: &str) -> &'a Setting {
        let mut settings = listing.settings.iter();
        settings.find(|setting| setting.name == name).unwrap()
    }

    #[test]
    fn every_setting_of_the_table_has_a_section() {
        let folder = tempfile::tempdir().unwrap();
        let listing = desk(folder.path()).listing().unwrap();
        let table = crate::boot::config::table::Table::built_in().unwrap();
        for key in &table.keys {
            let head = key.parts().next().unwrap();
            let found = SECTIONS.iter().filter(|(_, heads)| heads.contains(&head));
            assert_eq!(found.count(), 1, "{}", key.name);
            let is_listed = listing
                .settings
                .iter()
                .any(|setting| setting.name == key.name);
            assert!(is_listed || key.name.contains("NAME"), "{}", key.name);
        }
    }

    #[test]
    fn keys_are_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let listing = desk(folder.path()).listing().unwrap();
        let openai = find(&listing, "providers.openai.key");
        assert_eq!(openai.value, "set (env OPENAI_API_KEY)");
        assert_eq!(openai.typed, "env:OPENAI_API_KEY");
        let anthropic = find(&listing, "providers.anthropic.key");
        assert_eq!(anthropic.value, "not set (env ANTHROPIC_API_KEY)");
        assert!(!format!("{listing:?}").contains("sk-secret"));
    }

    #[test]
    fn what_is_typed_is_what_can_be_set() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path());
        for setting in desk.listing().unwrap().settings {
            let wanted = Wanted {
                name: setting.name.clone(),
                to: Some(setting.typed.clone()),
                target: Target::User,
            };
            let written = desk.set(&wanted);
            assert!(
                written.is_ok(),
                "{} = {}: {written:?}",
                setting.name,
                setting.typed
            );
        }
    }

    #[test]
    fn a_change_is_told_with_its_file_and_a_refusal_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path());
        let set = |name: &str, to: Option<&str>, target| {
            desk.set(&Wanted {
                name: name.to_owned(),
                to: to.map(str::to_owned),
                target,
            })
        };
        assert_eq!(
            set("budget.sprint", Some("2"), Target::Project).unwrap(),
            "budget.sprint = \"2.00\" in .aios/config.toml"
        );
        let listing = desk.listing().unwrap();
        let sprint = find(&listing, "budget.sprint");
        assert_eq!(
            (sprint.value.as_str(), sprint.origin.as_str()),
            ("2.00", "project")
        );
        assert_eq!(sprint.place.as_deref(), Some(".aios/config.toml:2"));
        let refused = set("budget.sprint", Some("9"), Target::Project).unwrap_err();
        assert!(refused.contains("looser"), "{refused}");
        let hidden = set("budget.sprint", Some("4"), Target::User).unwrap();
        assert!(
            hidden.contains("here it is \"2.00\" by project"),
            "{hidden}"
        );
        set("budget.sprint", None, Target::Project).unwrap();
        assert_eq!(
            find(&desk.listing().unwrap(), "budget.sprint").origin,
            "user"
        );
    }

    #[test]
    fn changes_are_taken_back_one_by_one_to_what_the_file_held() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path());
        let set = |to: Option<&str>, target| {
            let name = "budget.sprint".to_owned();
            let to = to.map(str::to_owned);
            desk.set(&Wanted { name, to, target }).unwrap();
        };
        let file = folder.path().join("repo/.aios/config.toml");
        let held = "# ours\n[budget]\nsprint = \"3.00\" # as agreed\n";
        fs::write(&file, held).unwrap();
        set(Some("2"), Target::Project);
        set(None, Target::Project);
        set(Some("1"), Target::Local);
        assert_eq!(
            desk.take_back().unwrap(),
            "budget.sprint is as it was in .aios/local.toml"
        );
        assert!(!folder.path().join("repo/.aios/local.toml").exists());
        desk.take_back().unwrap();
        assert!(fs::read_to_string(&file).unwrap().contains("2.00"));
        // A change that is none is not counted.
        set(Some("2"), Target::Project);
        desk.take_back().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), held);
        assert!(desk.take_back().is_err());
    }

    #[test]
    fn a_file_that_somebody_else_changed_since_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path());
        let wanted = Wanted {
            name: "budget.sprint".to_owned(),
            to: Some("2".to_owned()),
            target: Target::Project,
        };
        desk.set(&wanted).unwrap();
        let file = folder.path().join("repo/.aios/config.toml");
        fs::write(&file, "[budget]\nsprint = \"1.00\"\n").unwrap();
        let why = desk.take_back().unwrap_err();
        assert!(why.contains("was changed since"), "{why}");
        assert!(fs::read_to_string(&file).unwrap().contains("1.00"));
    }

    #[test]
    fn lines_that_would_loosen_a_limit_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path());
        let file = folder.path().join("repo/.aios/config.toml");
        fs::write(file, "[budget]\nday = \"90\"\n").unwrap();
        let faults = desk.listing().unwrap().faults;
        assert!(
            matches!(&faults[..], [fault] if fault.contains("budget.day") && fault.contains("left out")),
            "{faults:?}"
        );
    }
}
