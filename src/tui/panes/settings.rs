//! The settings: sections on the left, values and where they come from on the right. It shows and asks; files are written elsewhere.

mod allowed;

use ratatui::layout::Rect;

use crate::base::text::clip;
use crate::tui::action::Action;
use crate::tui::facts::line;
use crate::tui::setting::{Listing, Setting, Takes, Target, Wanted, since};
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::filter::{Fields, Filter};
use crate::tui::widgets::list::{Cursor, List, Step};
use crate::tui::widgets::row::{Piece, piece, plain};
use crate::tui::widgets::table::{Column, Side, Table, Width};

use super::{Intent, Purpose, narrowed, nothing_fits, step};

/// A section: its title and the first parts of the names in it.
pub const SECTIONS: [(&str, &[&str]); 9] = [
    ("Display", &["display", "a11y"]),
    ("Deciding", &["decide"]),
    (
        "Models and keys",
        &["models", "providers", "keys", "prices"],
    ),
    ("Budget", &["budget"]),
    ("Team", &["agents", "rounds", "plan"]),
    ("Gates", &["gates", "sandbox"]),
    ("Checks", &["checks"]),
    ("Worktrees", &["worktree", "paths", "git"]),
    ("Notices", &["notify"]),
];

/// Behind the sections, where there is any.
const FAULTS: &str = "Left out";

/// Behind them, where a person allowed commands.
const ALLOWED: &str = "Allowed";

/// Rows below the values that tell about the one under the cursor.
const FOOT: u16 = 5;

/// What only this pane knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// All settings, once they are told.
    pub listing: Option<Listing>,
    /// They were asked for and are not here yet.
    pub is_asked: bool,
    /// The section.
    pub section: List,
    /// The setting under the cursor, by name.
    pub cursor: Cursor<String>,
    /// What narrows the settings, of all sections.
    pub filter: Filter,
    /// Where a change is written.
    pub target: Target,
    /// The commands that run without a question.
    pub allowed: allowed::State,
}

impl State {
    fn titles(&self) -> Vec<&'static str> {
        let mut titles: Vec<&str> = SECTIONS.iter().map(|(title, _)| *title).collect();
        if !self.allowed.is_empty() {
            titles.push(ALLOWED);
        }
        if self.faults().next().is_some() {
            titles.push(FAULTS);
        }
        titles
    }

    fn faults(&self) -> impl Iterator<Item = &String> {
        self.listing.iter().flat_map(|listing| &listing.faults)
    }

    /// The title of the section that is shown.
    pub fn title(&self) -> &'static str {
        let titles = self.titles();
        let place = self.section.selected.min(titles.len().saturating_sub(1));
        titles.get(place).copied().unwrap_or_default()
    }

    /// The settings that are shown: those of the section, or all that fit what is typed.
    fn shown(&self) -> Vec<&Setting> {
        let all = self.listing.iter().flat_map(|listing| &listing.settings);
        if !self.filter.is_empty() {
            let fits = |setting: &&Setting| {
                let text = format!("{} {} {}", setting.name, setting.value, setting.help);
                self.filter.fits(&Fields {
                    text: &text,
                    kind: &setting.origin,
                    ..Fields::default()
                })
            };
            return all.filter(fits).collect();
        }
        let title = self.title();
        let heads = SECTIONS.iter().find(|(known, _)| *known == title);
        let is_in = |setting: &&Setting| {
            heads.is_some_and(|(_, heads)| heads.contains(&head(&setting.name)))
        };
        all.filter(is_in).collect()
    }

    fn names(&self) -> Vec<String> {
        let shown = self.shown();
        shown.iter().map(|setting| setting.name.clone()).collect()
    }

    /// The setting under the cursor.
    pub fn current(&self) -> Option<&Setting> {
        let name = self.cursor.current(&self.names())?;
        let mut shown = self.shown().into_iter();
        shown.find(|setting| setting.name == name)
    }

    /// Puts the cursor on a setting.
    pub fn show(&mut self, name: &str) {
        let head = head(name);
        let section = SECTIONS.iter().position(|(_, heads)| heads.contains(&head));
        self.section.selected = section.unwrap_or(0);
        self.filter = Filter::default(); // It must not hide what is opened.
        self.cursor.set(name.to_owned());
    }

    /// Moves among the sections.
    pub fn turn(&mut self, step: Step) {
        let count = self.titles().len();
        self.section.step(step, count);
        self.cursor = Cursor::default();
    }

    /// Whether the allowed commands are shown, and not settings.
    fn shows_allowed(&self) -> bool {
        self.filter.is_empty() && self.title() == ALLOWED
    }

    /// Acts on an action; `height` is the height of the values.
    pub fn act(&mut self, action: Action, height: u16) -> Vec<Intent> {
        let turns = matches!(action, Action::SiblingNext | Action::SiblingPrevious);
        if self.shows_allowed() && !turns {
            return self.allowed.act(action, height);
        }
        if let Some(step) = step(action, height) {
            let names = self.names();
            self.cursor.step(step, &names);
            return Vec::new();
        }
        match action {
            Action::SiblingNext => self.turn(Step::Down),
            Action::SiblingPrevious => self.turn(Step::Up),
            Action::Open => return self.change(),
            Action::SettingDefault => return self.back_to_default(),
            Action::SettingTarget => return self.next_target(),
            _ => {}
        }
        Vec::new()
    }

    /// The next of the values that it takes, or a line to type one.
    fn change(&self) -> Vec<Intent> {
        let Some(setting) = self.current() else {
            return Vec::new();
        };
        match &setting.takes {
            Takes::Choices(choices) => {
                let place = choices.iter().position(|choice| *choice == setting.typed);
                let next = place.map_or(0, |place| (place + 1) % choices.len().max(1));
                let to = choices.get(next).cloned();
                vec![Intent::Set(self.wanted(setting, to))]
            }
            Takes::Line(takes) => vec![Intent::Write(Purpose::Setting {
                wanted: self.wanted(setting, Some(setting.typed.clone())),
                takes: takes.clone(),
            })],
        }
    }

    fn wanted(&self, setting: &Setting, to: Option<String>) -> Wanted {
        Wanted {
            name: setting.name.clone(),
            to,
            target: self.target,
        }
    }

    /// Takes the setting out of the file that sets it.
    fn back_to_default(&self) -> Vec<Intent> {
        let Some(setting) = self.current() else {
            return Vec::new();
        };
        let target = [Target::User, Target::Project, Target::Local]
            .into_iter()
            .find(|target| target.to_string() == setting.origin);
        if let Some(target) = target {
            return vec![Intent::Set(Wanted {
                name: setting.name.clone(),
                to: None,
                target,
            })];
        }
        let text = match setting.origin.as_str() {
            "default" => "it is as it is by default".to_owned(),
            origin => format!("it is set by {origin}, not by a file of yours"),
        };
        vec![Intent::Say(Token::Info, text)]
    }

    fn next_target(&mut self) -> Vec<Intent> {
        let files = self.listing.as_ref().map(|listing| &listing.files);
        let files: Vec<Target> = files
            .into_iter()
            .flatten()
            .map(|(target, _)| *target)
            .collect();
        let place = files.iter().position(|target| *target == self.target);
        let next = place.map_or(0, |place| (place + 1) % files.len().max(1));
        self.target = files.get(next).copied().unwrap_or_default();
        let text = format!("changes are written to {}", self.file());
        vec![Intent::Say(Token::Info, text)]
    }

    /// The file that a change is written to.
    fn file(&self) -> String {
        let listing = self.listing.as_ref();
        let mut files = listing.into_iter().flat_map(|listing| &listing.files);
        let file = files.find(|(target, _)| *target == self.target);
        file.map_or_else(|| self.target.to_string(), |(_, file)| line(file))
    }

    /// Keeps the cursor in view.
    pub fn settle(&mut self, height: u16) {
        let names = self.names();
        self.cursor.settle(&names, rows_of(height));
        let sections = self.titles().len();
        self.section.selected = self.section.selected.min(sections.saturating_sub(1));
        self.section.top = self.section.window(sections, usize::from(height));
    }
}

fn head(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Rows for values in a pane with so many rows inside.
const fn rows_of(height: u16) -> u16 {
    if height > FOOT + 3 {
        height - FOOT
    } else {
        height
    }
}

/// Paints the list of sections.
pub fn sections(state: &State, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let inside = canvas.frame(area, "SETTINGS", "", has_focus);
    let titles = state.titles();
    let shown = titles.iter().enumerate().skip(state.section.top);
    for (row, (place, title)) in inside.rows().zip(shown) {
        let token = if *title == FAULTS {
            Token::Risk
        } else {
            Token::Text
        };
        let mark = if *title == FAULTS { "▲ " } else { "" };
        canvas.row(row, &[plain("  "), piece(format!("{mark}{title}"), token)]);
        if place == state.section.selected {
            canvas.cursor(row);
        }
    }
}

const COLUMNS: [Column; 3] = [
    column(Width::Cells(23), 0),
    column(Width::Rest(14), 0),
    column(Width::Cells(11), 1),
];

const fn column(width: Width, drop: u8) -> Column {
    Column {
        width,
        side: Side::Left,
        drop,
    }
}

/// Paints the values.
pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let title = if state.filter.is_empty() {
        state.title().to_uppercase()
    } else {
        "ALL SETTINGS".to_owned()
    };
    let columns = if state.shows_allowed() {
        "runs without a question · d asks again"
    } else {
        "value › where it comes from"
    };
    let right = narrowed(&state.filter, columns);
    let inside = canvas.frame(area, &title, &right, has_focus);
    if state.shows_allowed() {
        return state.allowed.view(canvas, inside);
    }
    if state.listing.is_none() {
        return canvas.row(inside, &[piece(" reading the settings", Token::Dim)]);
    }
    if state.filter.is_empty() && state.title() == FAULTS {
        let width = usize::from(inside.width.saturating_sub(2));
        let lines = state.faults().flat_map(|fault| {
            let text = line(fault);
            crate::base::text::wrap(&text, width)
        });
        return canvas.rows(
            inside,
            lines.map(|text| vec![piece(format!(" {text}"), Token::Risk)]),
        );
    }
    let shown = state.shown();
    if shown.is_empty() {
        return canvas.rows(inside, nothing_fits(&state.filter));
    }
    let selected = state.cursor.place(&state.names());
    let height = rows_of(inside.height);
    let table = Table::fit(&COLUMNS, inside.width.saturating_sub(3));
    let above = Rect { height, ..inside };
    let rows = shown.iter().enumerate().skip(state.cursor.list.top);
    for (row, (place, setting)) in above.rows().zip(rows) {
        let value = match setting.origin.as_str() {
            "default" => Token::Text,
            _ => Token::Accent,
        };
        let cells = [
            plain(line(&setting.name)),
            piece(line(&setting.value), value),
            piece(setting.origin.as_str(), Token::Dim),
        ];
        let cells_at = Rect {
            x: row.x + 2,
            width: row.width.saturating_sub(3),
            ..row
        };
        table.paint(canvas.buffer, cells_at, canvas.theme, &cells);
        if place == selected {
            canvas.cursor(row);
        }
    }
    if let Some(setting) = shown.get(selected).filter(|_| height < inside.height) {
        let below = Rect {
            y: inside.y + height,
            height: inside.height - height,
            ..inside
        };
        canvas.rows(below, foot(state, setting, usize::from(inside.width)));
    }
}

/// About the setting under the cursor: what it is for, what it takes, where it comes from, since when a change counts, where it goes.
fn foot<'a>(state: &State, setting: &'a Setting, width: usize) -> Vec<Vec<Piece<'a>>> {
    let takes = match &setting.takes {
        Takes::Choices(choices) => {
            let mut pieces = vec![piece(" takes ", Token::Dim)];
            for choice in choices {
                let is_now = *choice == setting.typed;
                let text = if is_now {
                    format!("[{choice}] ")
                } else {
                    format!("{choice} ")
                };
                pieces.push(piece(
                    text,
                    if is_now { Token::Accent } else { Token::Text },
                ));
            }
            pieces
        }
        Takes::Line(words) => vec![piece(" takes ", Token::Dim), plain(words.as_str())],
    };
    let default = match setting.default.as_str() {
        "" => "nothing".to_owned(),
        text => line(text),
    };
    let place = setting.place.as_deref().map(line);
    let place = place.map_or_else(String::new, |place| format!("  {place}"));
    let from = format!(" default {default} · set by {}{place}", setting.origin);
    let to = if setting.targets.contains(&state.target) {
        format!(" {}; written to {}", since(&setting.name), state.file())
    } else {
        let may: Vec<String> = setting.targets.iter().map(ToString::to_string).collect();
        format!(" only the {} file may set it: w", may.join(", "))
    };
    vec![
        vec![piece("─".repeat(width), Token::Border)],
        vec![plain(format!(" {}", setting.help))],
        takes,
        vec![piece(clip(&from, width), Token::Dim)],
        vec![piece(clip(&to, width), Token::Dim)],
    ]
}

#[cfg(test)]
mod tests {
    use super::super::bench::rows;
    use super::*;
    use crate::tui::fixture;

    fn state() -> State {
        State {
            listing: Some(fixture::settings()),
            ..State::default()
        }
    }

    fn set(name: &str, to: Option<&str>, target: Target) -> Vec<Intent> {
        vec![Intent::Set(Wanted {
            name: name.to_owned(),
            to: to.map(str::to_owned),
            target,
        })]
    }

    #[test]
    fn a_choice_goes_round_and_a_line_is_typed() {
        let mut state = state();
        state.show("display.glyphs");
        let next = set("display.glyphs", Some("ascii"), Target::User);
        assert_eq!(state.act(Action::Open, 9), next);
        state.show("display.mouse");
        let on = set("display.mouse", Some("true"), Target::User);
        assert_eq!(state.act(Action::Open, 9), on);
        state.show("budget.sprint");
        let typed = state.act(Action::Open, 9);
        assert!(
            matches!(&typed[..], [Intent::Write(Purpose::Setting { wanted, .. })] if wanted.to.as_deref() == Some("2.00")),
            "{typed:?}"
        );
    }

    #[test]
    fn a_default_is_taken_from_the_file_that_sets_it() {
        let mut state = state();
        state.show("budget.sprint");
        let out = set("budget.sprint", None, Target::Project);
        assert_eq!(state.act(Action::SettingDefault, 9), out);
        state.show("display.theme");
        assert!(matches!(
            state.act(Action::SettingDefault, 9)[..],
            [Intent::Say(..)]
        ));
    }

    #[test]
    fn where_it_is_written_goes_round() {
        let mut state = state();
        let mut seen = Vec::new();
        for _ in 0..3 {
            state.act(Action::SettingTarget, 9);
            seen.push(state.target);
        }
        assert_eq!(seen, [Target::Project, Target::Local, Target::User]);
    }

    #[test]
    fn what_is_typed_finds_settings_of_all_sections() {
        let mut state = state();
        state.filter = Filter::read("sprint");
        assert_eq!(state.names(), ["budget.sprint"]);
        state.filter = Filter::read("kind:project");
        assert_eq!(state.names(), ["budget.sprint"]);
        state.filter = Filter::default();
        state.act(Action::SiblingNext, 9);
        assert_eq!(state.title(), "Deciding");
    }

    #[test]
    fn lines_that_were_left_out_have_a_section() {
        let mut state = state();
        state.turn(Step::Bottom);
        state.settle(12);
        let seen = rows(60, 8, |canvas, area| view(&state, canvas, area, true));
        insta::assert_snapshot!(seen.join("\n"));
    }
}
