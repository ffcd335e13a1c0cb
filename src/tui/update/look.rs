//! How the look changes: by the palette's `theme NAME`, by the terminal's ground and depth when they become known, by a file of
//! the person's that was changed. A theme that cannot be used changes nothing but a line that says why.

use std::time::Instant;

use crate::tui::app::{App, Overlay};
use crate::tui::terminal::caps::Depth;
use crate::tui::theme::Token;
use crate::tui::theme::choice::{Background, Choice, Wish};
use crate::tui::theme::shelf::Shelf;

/// What begins a line of the palette that chooses a theme.
pub const VERB: &str = "theme ";

impl App {
    /// The themes that fit what is typed in the palette, if it chooses one: those that hold all its letters in a row, the one that
    /// is meant exactly first.
    pub fn fitting_themes(&self, typed: &str) -> Option<Vec<&str>> {
        let wanted = typed.trim_start().strip_prefix(VERB)?.trim();
        let names = self.themes.shelf.names().into_iter();
        let mut found: Vec<&str> = names.filter(|name| name.contains(wanted)).collect();
        found.sort_by_key(|name| *name != wanted);
        Some(found)
    }

    /// Chooses the theme in a row of the palette, if it lists themes.
    pub(super) fn is_theme(&mut self, typed: &str, row: usize, at: Instant) -> bool {
        let Some(found) = self.fitting_themes(typed) else {
            return false;
        };
        let last = found.len().saturating_sub(1);
        let name = match found.get(row.min(last)) {
            Some(name) => (*name).to_owned(),
            // It is looked for all the same: the answer says what was perhaps meant.
            None => typed.trim().trim_start_matches(VERB).to_owned(),
        };
        self.set_theme(&name, at);
        true
    }

    /// Takes what the person has chosen at the start. What cannot be used is said; the usual theme is shown then.
    pub fn wear(&mut self, choice: Choice, at: Instant) {
        self.themes = choice;
        if let Err(fault) = self.themes.design() {
            self.themes.wish = Wish::Auto;
            self.say(Token::Fail, fault.to_string(), at);
        }
        self.dress(at);
    }

    /// Shows the theme of this name, or of a setting such as `auto:nord`, until the program ends.
    pub fn set_theme(&mut self, name: &str, at: Instant) {
        let before = std::mem::replace(&mut self.themes.wish, Wish::read(name));
        let design = match self.themes.design() {
            Ok(design) => design,
            Err(fault) => {
                self.themes.wish = before;
                self.say(Token::Fail, fault.to_string(), at);
                return;
            }
        };
        let warning = self.themes.warning(&design);
        self.dress(at);
        let text = format!("theme {name}; aios config set display.theme {name} keeps it");
        self.say(Token::Info, warning.unwrap_or(text), at);
    }

    /// The terminal's ground is known now. What the person has said about it stays.
    pub fn set_background(&mut self, background: Background, at: Instant) {
        if !self.themes.is_fixed && self.themes.background != background {
            self.themes.background = background;
            self.dress(at);
        }
    }

    /// The terminal has proven, or denied, that it has so many colours.
    pub fn set_depth(&mut self, depth: Depth, at: Instant) {
        if self.caps.depth != depth {
            self.caps.depth = depth;
            self.themes.depth = depth;
            self.dress(at);
        }
    }

    /// The person's own themes were read again. If the one that is shown is broken now, the old one stays.
    pub fn take_themes(&mut self, themes: Shelf, at: Instant) {
        let before = std::mem::replace(&mut self.themes.shelf, themes);
        if let Err(fault) = self.themes.design() {
            self.themes.shelf = before;
            self.say(Token::Fail, fault.to_string(), at);
            return;
        }
        self.dress(at);
    }

    /// Makes the look what the choice says.
    fn dress(&mut self, at: Instant) {
        match self.themes.theme() {
            Ok(theme) => self.theme = theme,
            Err(fault) => self.say(Token::Fail, fault.to_string(), at),
        }
    }

    /// While the palette lists themes, the one under its cursor is shown; behind it the chosen one again.
    pub(super) fn preview(&mut self) {
        let under = match &self.overlay {
            Some(Overlay::Palette { text, row }) => {
                self.fitting_themes(&text.text()).and_then(|found| {
                    let last = found.len().saturating_sub(1);
                    found.get((*row).min(last)).map(|name| (*name).to_owned())
                })
            }
            _ => None,
        };
        match under {
            Some(name) if self.theme.name != name => {
                // A broken one says so when it is chosen.
                let shown = self.themes.shelf.design(&name);
                if let Ok(theme) = shown.and_then(|design| design.at(self.themes.depth)) {
                    self.theme = theme;
                    self.is_previewing = true;
                }
            }
            None if self.is_previewing => {
                self.is_previewing = false;
                if let Ok(theme) = self.themes.theme() {
                    self.theme = theme;
                }
            }
            Some(_) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Size;

    use super::*;
    use crate::tui::action::Action;
    use crate::tui::app::Settings;
    use crate::tui::key::{Code, Key};
    use crate::tui::keymap::Keymap;
    use crate::tui::known::Known;
    use crate::tui::link::News;
    use crate::tui::terminal::caps::Caps;
    use crate::tui::terminal::decoder::Input;

    fn app() -> App {
        let caps =
            Caps::from_environment(|name| (name == "COLORTERM").then(|| "truecolor".to_owned()));
        assert_eq!(caps.depth, Depth::True);
        let theme = Choice::usual(caps.depth).theme().unwrap();
        let known = Known::new("mira", "shop");
        let look = (Keymap::built_in().unwrap(), theme);
        let mut app = App::new(known, Settings::default(), caps, look);
        app.resize(Size::new(80, 24));
        app
    }

    fn press(app: &mut App, keys: &str) {
        for character in keys.chars() {
            let key = match character {
                '\r' => Key::plain(Code::Enter),
                '\u{1b}' => Key::plain(Code::Esc),
                '\n' => Key::plain(Code::Down),
                other => Key::char(other),
            };
            app.input(Input::Key(key), Instant::now());
        }
    }

    fn said(app: &App) -> &str {
        app.notices.last().map_or("", |notice| notice.text.as_str())
    }

    #[test]
    fn the_palette_changes_the_theme_at_once() {
        let mut app = app();
        press(&mut app, ":theme nord\r");
        assert_eq!(app.theme, app.themes.theme().unwrap());
        assert_eq!(app.theme.name, "nord");
        assert_eq!(
            said(&app),
            "theme nord; aios config set display.theme nord keeps it"
        );
        press(&mut app, ":theme github-light\r");
        assert_eq!(app.theme.name, "github-light");
        assert_eq!(
            said(&app),
            "github-light is made for a light background; this terminal's is dark"
        );
        press(&mut app, ":theme nrod\r");
        assert_eq!(app.theme.name, "github-light");
        assert_eq!(
            said(&app),
            "themes: there is no theme \"nrod\"; perhaps \"nord\""
        );
    }

    #[test]
    fn the_cursor_shows_each_theme_and_leaving_takes_it_back() {
        let mut app = app();
        app.act(Action::Theme, Instant::now());
        press(&mut app, "catppuccin");
        assert_eq!(app.theme.name, "catppuccin-mocha");
        press(&mut app, "\n");
        assert_eq!(app.theme.name, "catppuccin-latte");
        assert_eq!(app.themes.wish, Wish::Auto, "nothing is chosen yet");
        press(&mut app, "\u{1b}");
        assert_eq!(app.theme.name, "terminal");
        app.act(Action::Theme, Instant::now());
        press(&mut app, "catppuccin\n\r");
        assert_eq!(app.theme.name, "catppuccin-latte");
        press(&mut app, "j");
        assert_eq!(app.theme.name, "catppuccin-latte");
    }

    #[test]
    fn a_ground_that_becomes_known_late_changes_the_pair() {
        let mut app = app();
        app.set_theme("auto:solarized-dark", Instant::now());
        assert_eq!(app.theme.name, "solarized-dark");
        app.set_background(Background::Light, Instant::now());
        assert_eq!(app.theme.name, "solarized-light");
        app.themes.is_fixed = true;
        app.set_background(Background::Dark, Instant::now());
        assert_eq!(app.theme.name, "solarized-light", "the person has said it");
    }

    #[test]
    fn a_depth_that_becomes_known_late_changes_the_colours() {
        let mut app = app();
        app.set_theme("nord", Instant::now());
        for depth in [Depth::Mono, Depth::Sixteen, Depth::Indexed, Depth::True] {
            app.set_depth(depth, Instant::now());
            let expected = app.themes.shelf.design("nord").unwrap().at(depth).unwrap();
            assert_eq!(app.theme, expected);
        }
    }

    #[test]
    fn a_setting_that_names_no_theme_is_said_at_the_start() {
        let mut app = app();
        let choice = Choice {
            wish: Wish::read("auto:nrod"),
            ..Choice::usual(Depth::Indexed)
        };
        app.wear(choice, Instant::now());
        assert_eq!(app.theme.name, "terminal");
        assert_eq!(
            said(&app),
            "themes: there is no theme \"nrod\"; perhaps \"nord\""
        );
    }

    #[test]
    fn a_broken_theme_leaves_the_old_one_and_says_where() {
        let mut app = app();
        let with = |text: &str| {
            let mut shelf = Shelf::default();
            shelf.add("mine", "/home/me/themes/mine.toml", text);
            News::Themes(Box::new(shelf))
        };
        let good = "name = \"mine\"\ninherits = \"nord\"\n[palette]\nfail = \"#ff0000\"\n";
        app.news([with(good)], Instant::now());
        app.set_theme("mine", Instant::now());
        let shown = app.theme.clone();
        assert_eq!(shown.name, "mine");
        app.news([with(&good.replace("#ff0000", "rad"))], Instant::now());
        assert_eq!(app.theme, shown);
        assert_eq!(
            said(&app),
            "/home/me/themes/mine.toml:4:8: there is no colour \"rad\"; perhaps \"red\""
        );
        app.news([with(&good.replace("#ff0000", "#00ff00"))], Instant::now());
        assert_ne!(app.theme, shown);
    }
}
