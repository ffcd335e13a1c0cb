//! The past by lines: `at 10:37` shows everything as it was then, until `now`.

use crate::tui::known::NO_TIME;
use crate::tui::link::Request;

use super::{Output, Plain};

/// Where the person wants to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// Right after this event.
    Event(u64),
    /// At this moment.
    Clock(crate::base::time::Timestamp),
}

/// What is said where something of the past would be decided.
const PAST: &str = "this is the past. now goes back, then decide.";

impl Plain {
    /// Goes to a time of day, or to the event of a number.
    pub(super) fn at(&mut self, text: &str, out: &mut Output) {
        let number = text.trim_start_matches('#').parse().ok();
        let clock = || self.known.time_of_day(text).map(Moment::Clock);
        match number.map(Moment::Event).or_else(clock) {
            Some(moment) => {
                self.goes_to = Some(moment);
                self.arrive(out);
            }
            None => out.lines.push(format!("{NO_TIME}, an event as 812.")),
        }
    }

    /// Goes where the person wants to be, once the journal is here.
    pub(super) fn arrive(&mut self, out: &mut Output) {
        let Some(moment) = self.goes_to else {
            return;
        };
        if let Some(after) = self.known.want_past() {
            out.requests.push(Request::Past { after });
        }
        match self.known.reading() {
            Some(reading) if reading.starts_with("reading") => return,
            Some(why) => out.lines.push(format!("the past cannot be shown. {why}.")),
            None => {
                let seq = match moment {
                    Moment::Event(seq) => Some(seq),
                    Moment::Clock(moment) => self.known.past.at(moment),
                };
                if seq.is_some_and(|seq| self.known.travel(seq)) {
                    self.tell_moment(out);
                } else {
                    out.lines.push("nothing had happened yet.".to_owned());
                }
            }
        }
        self.goes_to = None;
    }

    /// One event on or back.
    fn step(&mut self, seq: u64, out: &mut Output) {
        if self.known.travel(seq) {
            self.tell_moment(out);
        } else {
            out.lines.push("the log begins here.".to_owned());
        }
    }

    fn tell_moment(&mut self, out: &mut Output) {
        if !self.known.is_past() {
            out.lines.push("now.".to_owned());
            return;
        }
        let seq = self.known.world.seq;
        let clock = self.known.clock(self.known.now);
        out.lines
            .push(format!("past {clock}, event {seq}. earlier, later, now."));
        let line = self
            .known
            .happened()
            .next_back()
            .filter(|line| line.seq == seq);
        if let Some(line) = line {
            out.lines
                .push(format!("event {clock}. {} {}.", line.who, line.text));
        }
        out.lines.push(self.status());
    }

    /// Takes a line while the past is shown; nothing is decided there.
    pub(super) fn line_of_the_past(&mut self, text: &str, out: &mut Output) {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let seq = self.known.world.seq;
        match word {
            "" => {}
            "at" => self.at(rest.trim(), out),
            "earlier" => self.step(seq.saturating_sub(1), out),
            "later" => self.step(seq + 1, out),
            "now" => {
                self.known.come_back();
                self.tell_moment(out);
            }
            "status" | "agents" | "tasks" | "board" | "cost" | "quit" | "q" | "exit" | "?"
            | "help" => {
                self.show(word, out);
            }
            _ => out.lines.push(PAST.to_owned()),
        }
    }
}
