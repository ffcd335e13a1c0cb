//! The settings change: what the interface itself follows is taken at once, and only what differs from before, so that what the
//! person has switched for the moment stays.

use std::time::Instant;

use crate::tui::action::{Action, Place};
use crate::tui::app::{App, Overlay};
use crate::tui::arming::Arming;
use crate::tui::layout::Pane;
use crate::tui::link::Request;
use crate::tui::panes::step;
use crate::tui::setting::{Listing, Live};
use crate::tui::theme::Token;
use crate::tui::theme::choice::{Choice, Wish};

use super::Effect;

impl App {
    /// Asks for the settings where they are shown or looked for and not here.
    pub(super) fn want_settings(&mut self) -> Option<Request> {
        let is_typed = matches!(&self.overlay, Some(Overlay::Palette { text, .. })
            if text.text().trim_start().starts_with('>'));
        let is_seen = self.place == Place::Settings || is_typed;
        let settings = &mut self.panes.settings;
        let is_wanted = is_seen && !settings.is_asked;
        // Whoever comes back later sees them as they are then.
        settings.is_asked = is_seen;
        is_wanted.then_some(Request::Settings)
    }

    /// Takes the settings as they are now.
    pub(super) fn take_settings(&mut self, listing: Listing, at: Instant) -> Vec<Effect> {
        let live = listing.live.clone();
        let before = self.panes.settings.listing.replace(listing);
        match before {
            Some(before) if before.live != live => self.follow(&before.live, &live, at),
            Some(_) | None => Vec::new(),
        }
    }

    fn follow(&mut self, before: &Live, live: &Live, at: Instant) -> Vec<Effect> {
        if before.theme != live.theme {
            let wish = Wish::read(&live.theme);
            let choice = Choice {
                wish,
                ..self.themes.clone()
            };
            self.wear(choice, at);
        }
        if before.glyphs != live.glyphs {
            self.caps.glyphs = live.glyphs;
        }
        if before.offset_s != live.offset_s {
            self.known.offset_s = live.offset_s;
        }
        self.settings.motion = live.motion;
        self.settings.density = live.density;
        if live.arm > self.settings.arm {
            self.settings.arm = live.arm;
            self.arming = Arming::new(live.arm);
        }
        self.settings.auto_advance = live.auto_advance;
        if before.mouse == live.mouse || self.has_mouse == live.mouse {
            return Vec::new();
        }
        self.has_mouse = live.mouse;
        vec![Effect::Mouse(live.mouse)]
    }

    /// Says what came of writing a setting.
    pub(super) fn written_setting(&mut self, written: Result<String, String>, at: Instant) {
        match written {
            Ok(receipt) => self.say(Token::Ok, receipt, at),
            Err(why) => self.say(Token::Fail, why, at),
        }
    }

    /// Among the sections; Enter goes to the values.
    pub(super) fn on_sections(&mut self, action: Action) -> Vec<Effect> {
        let height = self.area(Pane::Sections).height.saturating_sub(2);
        let settings = &mut self.panes.settings;
        match (step(action, height), action) {
            (Some(step), _) => settings.turn(step),
            (None, Action::Open) => {
                self.focus.insert(Place::Settings, Pane::Settings);
            }
            (None, other) => drop(settings.act(other, height)),
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::tui::app::Settings;
    use crate::tui::fixture;
    use crate::tui::key::{Code, Key};
    use crate::tui::keymap::Keymap;
    use crate::tui::known::Known;
    use crate::tui::layout::Density;
    use crate::tui::link::News;
    use crate::tui::motion::Motion;
    use crate::tui::setting::{Target, Wanted};
    use crate::tui::terminal::caps::{Caps, Depth, Glyphs};
    use crate::tui::terminal::decoder::Input;

    fn app() -> App {
        let caps = Caps::from_environment(|name| (name == "LANG").then(|| "C.UTF-8".to_owned()));
        let look = (
            Keymap::built_in().unwrap(),
            Choice::usual(Depth::Sixteen).theme().unwrap(),
        );
        let known = Known::new("mira", "shop");
        let mut app = App::new(known, Settings::default(), caps, look);
        app.resize(ratatui::layout::Size::new(80, 24));
        app
    }

    fn press(app: &mut App, keys: &str) -> Vec<Request> {
        let mut effects = Vec::new();
        for character in keys.chars() {
            let key = match character {
                '\r' => Key::plain(Code::Enter),
                other => Key::char(other),
            };
            effects.extend(app.input(Input::Key(key), Instant::now()));
        }
        let requests = effects.into_iter().filter_map(|effect| match effect {
            Effect::Request(request) => Some(request),
            _ => None,
        });
        requests.collect()
    }

    fn told(app: &mut App) {
        let listing = News::Settings(Box::new(fixture::settings()));
        app.news([listing], Instant::now());
    }

    #[test]
    fn they_are_asked_for_on_each_visit() {
        let mut app = app();
        assert_eq!(press(&mut app, "gs"), [Request::Settings]);
        told(&mut app);
        assert_eq!(press(&mut app, "jjk"), []);
        assert_eq!(press(&mut app, "ghgs"), [Request::Settings]);
        assert_eq!(press(&mut app, "gh:>"), [Request::Settings]);
    }

    #[test]
    fn a_value_is_changed_where_the_person_says() {
        let mut app = app();
        press(&mut app, "gs");
        told(&mut app);
        let wanted = |name: &str, to: &str, target| {
            [Request::Set(Wanted {
                name: name.to_owned(),
                to: Some(to.to_owned()),
                target,
            })]
        };
        assert_eq!(
            press(&mut app, "j\r"),
            wanted("display.glyphs", "ascii", Target::User)
        );
        assert_eq!(
            press(&mut app, "Lww\r"),
            wanted("decide.auto_advance", "false", Target::Local)
        );
        // A line is typed, with what stands there to begin with.
        assert_eq!(
            press(&mut app, "/sprint\r\r5\r"),
            wanted("budget.sprint", "2.005", Target::Local)
        );
    }

    #[test]
    fn the_last_change_is_taken_back() {
        let mut app = app();
        assert_eq!(press(&mut app, "u"), [], "elsewhere it is about decisions");
        press(&mut app, "gs");
        told(&mut app);
        assert_eq!(press(&mut app, "u"), [Request::TakeBack]);
    }

    #[test]
    fn the_palette_finds_a_setting() {
        let mut app = app();
        press(&mut app, ":>");
        told(&mut app);
        press(&mut app, "bsprint\r");
        assert_eq!(app.place, Place::Settings);
        let current = app.panes.settings.current();
        assert_eq!(
            current.map(|setting| setting.name.as_str()),
            Some("budget.sprint")
        );
    }

    #[test]
    fn what_the_interface_follows_counts_at_once() {
        let mut app = app();
        told(&mut app);
        let mut listing = fixture::settings();
        listing.live = Live {
            theme: "nord".to_owned(),
            glyphs: Glyphs::Ascii,
            motion: Motion::Off,
            density: Density::Compact,
            mouse: true,
            arm: Duration::from_secs(1),
            auto_advance: false,
            offset_s: 3_600,
        };
        let effects = app.news([News::Settings(Box::new(listing.clone()))], Instant::now());
        assert_eq!(effects, [Effect::Mouse(true)]);
        assert_eq!(app.theme.name, "nord");
        assert_eq!(app.caps.glyphs, Glyphs::Ascii);
        let settings = &app.settings;
        assert_eq!(
            (settings.motion, settings.density),
            (Motion::Off, Density::Compact)
        );
        assert_eq!(app.settings.arm, Duration::from_secs(1));
        assert_eq!(
            (app.settings.auto_advance, app.known.offset_s),
            (false, 3_600)
        );
        // A shorter wait needs a new start: nobody shortens it under a card.
        listing.live.arm = Duration::ZERO;
        app.news([News::Settings(Box::new(listing))], Instant::now());
        assert_eq!(app.settings.arm, Duration::from_secs(1));
    }

    #[test]
    fn a_refusal_is_said_and_stays() {
        let mut app = app();
        let why = "gates.merge = \"auto\" is looser than \"ask\"".to_owned();
        app.news([News::Set(Err(why.clone()))], Instant::now());
        assert_eq!(
            app.notices
                .last()
                .map(|notice| (&notice.text, notice.until)),
            Some((&why, None))
        );
    }
}
