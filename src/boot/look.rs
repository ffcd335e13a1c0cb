//! How the interface looks on this terminal: flags, settings and the environment, and the themes in the person's own folder.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc;

use crate::boot::config::file::{self, Whose};
use crate::boot::config::settings::Display;
use crate::boot::places::{Environment, Places};
use crate::cli::args::Color;
use crate::tui::layout::Density;
use crate::tui::link::News;
use crate::tui::motion::Motion;
use crate::tui::terminal::caps::{Caps, Glyphs, Wanted};
use crate::tui::terminal::probe::Knows;
use crate::tui::theme::choice::{Background, Choice, Wish};
use crate::tui::theme::shelf::Shelf;

/// A changed file is seen within this time.
pub const EVERY: Duration = Duration::from_secs(2);

/// So many of the person's own themes are read.
const MOST: usize = 256;

/// What the interface is told about its looks at the start.
#[derive(Clone, Debug)]
pub struct Look {
    /// What the terminal can do, and what of it the person wants.
    pub caps: Caps,
    /// The theme.
    pub choice: Choice,
    /// How much moves.
    pub motion: Motion,
    /// How much stands on a screen.
    pub density: Density,
    /// Where the person's own themes are.
    pub places: Places,
    /// What of it the person has settled.
    pub knows: Knows,
}

impl Look {
    /// From the settings (flags are among them), and `--color` beside them, which may also ask for colours whatever the
    /// environment says.
    #[must_use]
    pub fn new(
        display: &Display,
        color: Option<Color>,
        environment: &Environment,
        places: &Places,
    ) -> Self {
        let variable = |name: &str| environment.text(name).map(str::to_owned);
        let mut caps = Caps::from_environment(variable);
        let wanted = match (color, Wanted::from_setting(&display.depth)) {
            (Some(Color::Always), Wanted::Auto) => Wanted::Always,
            (_, wanted) => wanted,
        };
        caps.depth = wanted.depth(variable);
        caps.glyphs = match display.glyphs.as_str() {
            "ascii" => Glyphs::Ascii,
            "unicode" => Glyphs::Unicode,
            "nerd" => Glyphs::Nerd,
            _ => caps.glyphs,
        };
        caps.links = match display.links.as_str() {
            "on" => true,
            "off" => false,
            _ => caps.links,
        };
        let fixed = Background::from_word(&display.background);
        let told = || Background::from_colorfgbg(environment.text("COLORFGBG")?);
        Self {
            caps,
            choice: Choice {
                shelf: shelf(places),
                wish: Wish::read(&display.theme),
                depth: caps.depth,
                background: fixed.or_else(told).unwrap_or_default(),
                is_fixed: fixed.is_some(),
            },
            knows: Knows {
                background: fixed.is_some(),
                depth: wanted != Wanted::Auto,
                glyphs: matches!(display.glyphs.as_str(), "ascii" | "unicode" | "nerd"),
            },
            motion: Motion::from_setting(&display.motion, caps.is_remote),
            density: Density::from_setting(&display.density),
            places: places.clone(),
        }
    }
}

/// The shipped themes and the person's own. Files that are not safe to read are left out.
#[must_use]
pub fn shelf(places: &Places) -> Shelf {
    let mut shelf = Shelf::default();
    for (path, name, _) in listed(&places.themes()) {
        if let Ok(Some(text)) = file::read(&path, Whose::Ours) {
            shelf.add(&name, &places.shown(&path), &text);
        }
    }
    shelf
}

/// A theme's file, the theme's name, and when the file was changed and how long it is.
type Listed = (PathBuf, String, (Option<SystemTime>, u64));

/// The theme files of a folder, by name.
fn listed(folder: &Path) -> Vec<Listed> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let files = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let is_toml = path.extension().is_some_and(|end| end == "toml");
        let name = path.file_stem()?.to_str()?.to_owned();
        let facts = path.metadata().ok().filter(|_| is_toml)?;
        Some((path, name, (facts.modified().ok(), facts.len())))
    });
    let mut files: Vec<Listed> = files.collect();
    files.sort();
    files.truncate(MOST);
    files
}

/// Tells the interface whenever a theme of the person's has changed; looks `every` so often. Ends with the interface; may be cancelled at any time.
pub async fn watch(places: Places, every: Duration, news: mpsc::Sender<News>) {
    let folder = places.themes();
    let mut known = listed(&folder);
    while !news.is_closed() {
        tokio::time::sleep(every).await;
        let now = listed(&folder);
        if now != known {
            known = now;
            let shelf = Box::new(shelf(&places));
            if news.send(News::Themes(shelf)).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::terminal::caps::Depth;

    fn display() -> Display {
        Display {
            theme: "auto".to_owned(),
            glyphs: "auto".to_owned(),
            motion: "auto".to_owned(),
            density: "normal".to_owned(),
            links: "auto".to_owned(),
            depth: "auto".to_owned(),
            background: "auto".to_owned(),
            mouse: false,
            shows_cursor: false,
            plain: false,
            utc: false,
        }
    }

    fn look(display: &Display, color: Option<Color>, pairs: &[(&str, &str)]) -> Look {
        let home = [("HOME", "/nowhere")];
        let environment = Environment::of(home.into_iter().chain(pairs.iter().copied()));
        let places = Places::new(&environment).unwrap();
        Look::new(display, color, &environment, &places)
    }

    #[test]
    fn the_ground_comes_from_the_setting_then_from_the_environment() {
        let light = ("COLORFGBG", "0;15");
        for (setting, pairs, expected) in [
            ("auto", &[][..], (Background::Dark, false)),
            ("auto", &[light], (Background::Light, false)),
            ("dark", &[light], (Background::Dark, true)),
            ("light", &[], (Background::Light, true)),
        ] {
            let display = Display {
                background: setting.to_owned(),
                ..display()
            };
            let choice = look(&display, None, pairs).choice;
            assert_eq!((choice.background, choice.is_fixed), expected, "{setting}");
        }
    }

    #[test]
    fn less_moves_where_the_terminal_is_far_away() {
        let far = ("SSH_CONNECTION", "10.0.0.1 22 10.0.0.2 22");
        for (setting, pairs, expected) in [
            ("auto", &[][..], Motion::Full),
            ("auto", &[far], Motion::Reduced),
            ("full", &[far], Motion::Full),
            ("off", &[], Motion::Off),
        ] {
            let display = Display {
                motion: setting.to_owned(),
                ..display()
            };
            let motion = look(&display, None, pairs).motion;
            assert_eq!(motion, expected, "{setting} {pairs:?}");
        }
    }

    #[test]
    fn depth_and_glyphs_come_from_the_settings() {
        let pairs = [
            ("NO_COLOR", "1"),
            ("LANG", "C.UTF-8"),
            ("COLORTERM", "24bit"),
        ];
        let with = |depth: &str, glyphs: &str, color| {
            let display = Display {
                depth: depth.to_owned(),
                glyphs: glyphs.to_owned(),
                ..display()
            };
            let look = look(&display, color, &pairs);
            assert_eq!(look.caps.depth, look.choice.depth);
            (look.caps.depth, look.caps.glyphs)
        };
        for (depth, glyphs, color, expected) in [
            ("auto", "auto", None, (Depth::Mono, Glyphs::Unicode)),
            ("256", "ascii", None, (Depth::Indexed, Glyphs::Ascii)),
            (
                "auto",
                "nerd",
                Some(Color::Always),
                (Depth::True, Glyphs::Nerd),
            ),
            (
                "16",
                "auto",
                Some(Color::Always),
                (Depth::Sixteen, Glyphs::Unicode),
            ),
        ] {
            assert_eq!(with(depth, glyphs, color), expected, "{depth} {glyphs}");
        }
    }

    #[tokio::test]
    async fn a_changed_file_is_told() {
        let home = tempfile::tempdir().unwrap();
        let environment = Environment::of([("HOME", home.path().to_str().unwrap())]);
        let places = Places::new(&environment).unwrap();
        let folder = places.themes();
        let path = folder.join("mine.toml");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("notes.txt"), "no theme").unwrap();
        let (sender, mut news) = mpsc::channel(1);
        let watching = tokio::spawn(watch(places, Duration::from_millis(1), sender));
        tokio::task::yield_now().await;
        std::fs::write(&path, "name = \"mine\"\ninherits = \"nord\"\n").unwrap();
        let Some(News::Themes(shelf)) = news.recv().await else {
            unreachable!("only themes are told");
        };
        assert!(shelf.is_own("mine") && !shelf.is_own("notes"));
        assert_eq!(shelf.design("mine").unwrap().name, "mine");
        std::fs::write(&path, "name = 1").unwrap();
        let Some(News::Themes(shelf)) = news.recv().await else {
            unreachable!("only themes are told");
        };
        assert_eq!(
            shelf.design("mine").unwrap_err().to_string(),
            "~/.config/aios/themes/mine.toml:1:8: the name must be a text in quotes"
        );
        drop(news);
        watching.await.unwrap();
    }
}
