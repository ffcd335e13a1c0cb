//! The first run: four steps on one screen. Two are checks with results, the third says where models come from, the fourth what may be
//! spent. Nothing is sent and nothing is written here; the outcome is handed over at the end.

mod paint;

pub use paint::view;

use crate::base::money::Money;
use crate::tui::key::{Code, Key};
use crate::tui::widgets::composer::Composer;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// It is as it should be.
    pub is_good: bool,
    /// What was found.
    pub text: String,
}

/// What is known before the first question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The terminal.
    pub terminal: Vec<Check>,
    /// The repository.
    pub repository: Vec<Check>,
    /// The variables in which keys are looked for.
    pub variables: Vec<String>,
    /// The variable that holds a key, and whose key it is.
    pub key: Option<(String, String)>,
    /// A server on this machine: its name and its first model.
    pub server: Option<(String, String)>,
    /// The budget of a sprint as it is set.
    pub budget: String,
    /// What agents may do, in a sentence.
    pub safety: String,
    /// Letters by which copying is tried; nobody knows them beforehand.
    pub word: String,
}

/// Where models come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Models {
    /// From the provider whose key is in the environment.
    Key,
    /// From a server on this machine, as `name/model`.
    Server(String),
    /// From an address that speaks as `OpenAI` does.
    Gateway {
        /// The address.
        url: String,
        /// The model's name there.
        model: String,
        /// The variable that holds its key; empty if it wants none.
        variable: String,
    },
}

/// How the first run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The demo is played.
    Demo,
    /// The person looks around first; nothing is set up.
    Skip,
    /// All four steps are done.
    Done {
        /// Where models come from.
        models: Models,
        /// The budget of a sprint.
        budget: String,
    },
}

/// A row of the third step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Key,
    Demo,
    Server,
    Variable,
    Gateway,
}

/// What is known about copying out of this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copying {
    Untested,
    Works,
    /// Something else was pasted than had been copied.
    Fails,
}

/// What the person is asked now.
#[derive(Clone, Debug)]
enum Step {
    /// Where models come from.
    Models,
    /// To paste what was copied.
    Copy,
    /// How a variable is set is shown.
    Variable,
    /// A field of the gateway: address, model, variable.
    Gateway(usize, [String; 3]),
    /// What may be spent.
    Safety(Models),
}

/// What comes of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// Nothing that leaves this screen.
    Nothing,
    /// This is copied, to be pasted here.
    Copy(String),
    /// The person leaves the program.
    Leave,
    /// It is done.
    Outcome(Outcome),
}

/// The first run.
#[derive(Clone, Debug)]
pub struct State {
    facts: Facts,
    step: Step,
    row: usize,
    field: Composer,
    fault: Option<String>,
    shows_sent: bool,
    copying: Copying,
}

/// What is asked for a gateway, and an example.
const FIELDS: [&str; 3] = [
    "its address, such as https://llm.example.com/v1",
    "the model's name there",
    "the variable with its key, such as GATEWAY_API_KEY; empty if it wants none",
];

impl State {
    /// At the third step: the first two are checks.
    pub fn new(facts: Facts) -> Self {
        Self {
            facts,
            step: Step::Models,
            row: 0,
            field: Composer::single_line(),
            fault: None,
            shows_sent: false,
            copying: Copying::Untested,
        }
    }

    fn ways(&self) -> Vec<Way> {
        let key = self.facts.key.as_ref().map(|_| Way::Key);
        let rest = [Way::Demo, Way::Server, Way::Variable, Way::Gateway];
        key.into_iter().chain(rest).collect()
    }

    const fn is_typing(&self) -> bool {
        matches!(self.step, Step::Copy | Step::Gateway(..) | Step::Safety(_))
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key) -> Came {
        self.fault = None;
        if key == Key::ctrl('c') {
            return Came::Leave;
        }
        if std::mem::take(&mut self.shows_sent) {
            return Came::Nothing; // Any key closes what was shown.
        }
        match key.code {
            Code::Esc => {
                self.ask(Step::Models, "");
                return Came::Nothing;
            }
            Code::Enter => return self.go_on(),
            _ if self.is_typing() => {
                self.field.key(key);
                self.compare();
                return Came::Nothing;
            }
            Code::Down => self.step_row(1),
            Code::Up => self.step_row(-1),
            Code::Char(letter) => return self.letter(letter),
            _ => {}
        }
        Came::Nothing
    }

    fn letter(&mut self, letter: char) -> Came {
        let way = match letter {
            'q' => return Came::Leave,
            's' => return Came::Outcome(Outcome::Skip),
            '?' => {
                self.shows_sent = true;
                return Came::Nothing;
            }
            'j' => {
                self.step_row(1);
                return Came::Nothing;
            }
            'k' => {
                self.step_row(-1);
                return Came::Nothing;
            }
            't' => {
                self.copying = Copying::Untested;
                self.ask(Step::Copy, "");
                return Came::Copy(self.facts.word.clone());
            }
            'd' => Way::Demo,
            'l' => Way::Server,
            'e' => Way::Variable,
            'g' => Way::Gateway,
            'u' if self.facts.key.is_some() => Way::Key,
            _ => return Came::Nothing,
        };
        let place = self.ways().iter().position(|known| *known == way);
        self.row = place.unwrap_or(self.row);
        self.take(way)
    }

    fn step_row(&mut self, by: isize) {
        let last = self.ways().len().saturating_sub(1);
        self.row = self.row.saturating_add_signed(by).min(last);
    }

    /// Pasted text goes into the field.
    pub fn paste(&mut self, text: &str) {
        if self.is_typing() {
            self.field.paste(text);
            self.compare();
        }
    }

    /// Ends the trial of copying as soon as what was copied is here. A terminal without bracketed paste sends it letter by letter.
    fn compare(&mut self) {
        if matches!(self.step, Step::Copy) && self.field.text().trim() == self.facts.word {
            self.copying = Copying::Works;
            self.ask(Step::Models, "");
        }
    }

    fn ask(&mut self, step: Step, text: &str) {
        self.step = step;
        self.field = Composer::single_line();
        self.field.paste(text);
    }

    /// Takes the row under the cursor, or what is typed.
    fn go_on(&mut self) -> Came {
        let typed = self.field.text().trim().to_owned();
        match self.step.clone() {
            Step::Models => match self.ways().get(self.row).copied() {
                Some(way) => return self.take(way),
                None => self.row = 0,
            },
            Step::Copy => {
                self.copying = Copying::Fails;
                self.ask(Step::Models, "");
            }
            Step::Variable => self.ask(Step::Models, ""),
            Step::Gateway(place, mut fields) => {
                if let Some(fault) = wrong(place, &typed) {
                    self.fault = Some(fault.to_owned());
                    return Came::Nothing;
                }
                if let Some(field) = fields.get_mut(place) {
                    *field = typed;
                }
                if place + 1 < FIELDS.len() {
                    self.ask(Step::Gateway(place + 1, fields), "");
                } else {
                    let [url, model, variable] = fields;
                    self.go_to_safety(Models::Gateway {
                        url,
                        model,
                        variable,
                    });
                }
            }
            Step::Safety(models) => {
                let amount = typed.trim_start_matches('$');
                if amount.parse::<Money>().is_err() {
                    self.fault = Some("an amount such as 5.00".to_owned());
                    return Came::Nothing;
                }
                let budget = amount.to_owned();
                return Came::Outcome(Outcome::Done { models, budget });
            }
        }
        Came::Nothing
    }

    fn take(&mut self, way: Way) -> Came {
        match (way, self.facts.server.clone()) {
            (Way::Demo, _) => return Came::Outcome(Outcome::Demo),
            (Way::Key, _) => self.go_to_safety(Models::Key),
            (Way::Server, Some((name, model))) => {
                self.go_to_safety(Models::Server(format!("{name}/{model}")));
            }
            (Way::Server, None) => {
                let text = "no local server answers; start one such as ollama, then aios again";
                self.fault = Some(text.to_owned());
            }
            (Way::Variable, _) => self.ask(Step::Variable, ""),
            (Way::Gateway, _) => self.ask(Step::Gateway(0, <[String; 3]>::default()), ""),
        }
        Came::Nothing
    }

    fn go_to_safety(&mut self, models: Models) {
        let budget = self.facts.budget.clone();
        self.ask(Step::Safety(models), &budget);
    }

    const fn number(&self) -> u8 {
        match self.step {
            Step::Copy => 1,
            Step::Models | Step::Variable | Step::Gateway(..) => 3,
            Step::Safety(_) => 4,
        }
    }
}

/// What is wrong with a field of the gateway.
fn wrong(place: usize, typed: &str) -> Option<&'static str> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    match place {
        0 if !typed.starts_with("http://") && !typed.starts_with("https://") => {
            Some("it begins with http:// or https://")
        }
        1 if typed.is_empty() || typed.contains(char::is_whitespace) => {
            Some("a name without blanks")
        }
        2 if !typed.chars().all(is_name) => {
            Some("the name of a variable; the key itself is never typed here")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
