//! The plain interface over a host that decides with the real rules.

mod clash;
mod people;

use super::*;
use crate::base::id::Work;
use crate::domain::journal::{Envelope, Event, Input as Asked, VOCABULARY, World, step as decide};
use crate::domain::presence::Standing;
use crate::domain::security::Actor;
use crate::domain::tool::grant::Scope;
use crate::tui::fixture::{self, Story};

struct Bench {
    plain: Plain,
    host: World,
    start: Instant,
    ms: u64,
    said: Vec<String>,
}

impl Bench {
    fn new(story: &Story) -> Self {
        let mut known = Known::new(fixture::ME, "shop");
        known.now = fixture::NOW;
        let mut bench = Self {
            plain: Plain::new(known, "plain", Some(Duration::from_millis(400))),
            host: story.world.clone(),
            start: Instant::now(),
            ms: 0,
            said: Vec::new(),
        };
        bench.news(News::World(Box::new(story.world.clone())));
        bench
    }

    fn at(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    fn news(&mut self, news: News) {
        let out = self.plain.news(news, fixture::NOW, self.at());
        self.take(out);
    }

    /// Types a line a second after the last.
    fn types(&mut self, line: &str) {
        self.ms += 1_000;
        let out = self.plain.line(line, self.at());
        self.take(out);
    }

    fn take(&mut self, out: Output) {
        self.said.extend(out.lines);
        for request in out.requests {
            match request {
                Request::Submit { id, command } => self.serve(&id, *command),
                Request::Begin(_)
                | Request::Settings
                | Request::Set(_)
                | Request::TakeBack
                | Request::Here(_)
                | Request::Hand { .. }
                | Request::Tell(_)
                | Request::Again => {}
                Request::Past { after } => {
                    let lines = fixture::running().lines.into_iter();
                    let kept = lines.skip(usize::try_from(after).unwrap()).map(|envelope| {
                        let hash = envelope.seal().unwrap().1;
                        crate::tui::link::Kept { envelope, hash }
                    });
                    let events = kept.collect();
                    self.news(News::Past {
                        events,
                        is_last: true,
                    });
                }
                Request::Fetch(digest) => {
                    let texts = [fixture::DIFF.to_owned(), fixture::document()];
                    let mut texts = texts.into_iter().map(String::into_bytes);
                    let bytes = texts.find(|bytes| digest == Digest::of(bytes));
                    self.news(News::Text { digest, bytes });
                }
            }
        }
    }

    fn serve(&mut self, id: &CommandId, command: Command) {
        let by = Actor::Person {
            uid: 1000,
            name: fixture::ME.to_owned(),
        };
        let asked = Asked {
            id: Some(id.clone()),
            by: by.clone(),
            standing: Standing::Owner,
            client: "plain".to_owned(),
            at: fixture::NOW,
            command,
        };
        let first = self.host.seq + 1;
        let decided = decide(&mut self.host, &asked);
        let refusal = decided.as_ref().err().cloned();
        for (event, seq) in decided.unwrap_or_default().into_iter().zip(first..) {
            self.news(News::Event(Box::new(Envelope {
                v: VOCABULARY,
                seq,
                at: fixture::NOW,
                by: by.clone(),
                cmd: Some(id.clone()),
                prev: Digest::of(b""),
                event,
            })));
        }
        self.news(News::Answered {
            id: id.clone(),
            refusal,
        });
    }

    fn verdict(&self, number: u32) -> Option<Verdict> {
        match &self.host.gate(fixture::gate(number))?.state {
            GateState::Pending { verdict, .. } | GateState::Closed { verdict, .. } => {
                Some(verdict.clone())
            }
            GateState::Open | GateState::Moot => None,
        }
    }

    /// What was said since the last look.
    fn heard(&mut self) -> String {
        std::mem::take(&mut self.said).join("\n")
    }
}

#[test]
fn everything_that_waits_is_decided_by_numbers() {
    let mut bench = Bench::new(&fixture::running());
    insta::assert_snapshot!("begin", bench.heard());
    bench.types("3");
    insta::assert_snapshot!("read", bench.heard());
    bench.types("1");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
    assert!(
        bench
            .heard()
            .contains("done. approved t1. undo takes it back, 30 seconds.")
    );
    bench.types("4");
    assert_eq!(bench.plain.prompt(), "answer> ");
    bench.types("by phone only");
    assert_eq!(
        bench.verdict(3),
        Some(Verdict::Answer("by phone only".to_owned()))
    );
    bench.types("1");
    assert_eq!(bench.verdict(4), Some(Verdict::Allow(Scope::Once)));
    assert_eq!(bench.plain.prompt(), "command> ");
    bench.heard();
    bench.types("undo");
    assert!(bench.heard().contains("waiting 1 of 1"), "it waits again");
}

#[test]
fn what_was_typed_before_an_item_could_be_read_decides_nothing() {
    let mut bench = Bench::new(&fixture::running());
    let out = bench.plain.line("1", bench.at());
    bench.take(out);
    assert_eq!(bench.verdict(2), None);
    assert!(bench.heard().contains("too early"));
    bench.types("1");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
    // The next item is shown by now; what came with the same paste is not for it.
    let out = bench.plain.line("1", bench.at());
    bench.take(out);
    assert_eq!(bench.verdict(3), None);
}

#[test]
fn a_word_comes_before_each_decision_where_the_settings_want_one() {
    let mut bench = Bench::new(&fixture::running());
    bench.plain.confirm_all = true;
    bench.types("1");
    assert_eq!((bench.plain.prompt(), bench.verdict(2)), ("word> ", None));
    bench.types("yes");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
}

#[test]
fn answers_that_changed_since_they_were_read_out_are_read_out_again() {
    let mut bench = Bench::new(&fixture::over_budget());
    while !bench.heard().contains("BUDGET") {
        bench.types("skip");
    }
    let event = Event::TaskDropped(fixture::task(4));
    let envelope = Envelope {
        v: VOCABULARY,
        seq: bench.host.seq + 1,
        at: fixture::NOW,
        by: Actor::System,
        cmd: None,
        prev: Digest::of(b""),
        event,
    };
    bench.host.absorb(&envelope);
    bench.news(News::Event(Box::new(envelope)));
    bench.types("1");
    assert_eq!(bench.verdict(5), None);
    assert!(bench.heard().contains("the answers changed"));
}

#[test]
fn hunks_are_marked_and_what_cannot_be_undone_wants_its_word() {
    let mut bench = Bench::new(&fixture::running());
    bench.types("accept 1");
    bench.types("reject 2 the sum may overflow");
    bench.types("reject 9 no");
    assert!(bench.heard().contains("no such hunk"));
    let review = bench.host.gate(fixture::gate(2)).unwrap();
    assert_eq!(review.state, GateState::Open);
    assert_eq!(review.marks.len(), 2);
    bench.types("undo");
    assert!(bench.heard().contains("taken back: the last mark in t1"));
    let review = bench.host.gate(fixture::gate(2)).unwrap();
    assert_eq!(review.marked(), (1, 0, 2));
    bench.types("4");
    assert_eq!(bench.plain.prompt(), "word> ");
    bench.types("yes");
    assert_eq!(bench.verdict(2), None);
    bench.types("stop sprint");
    bench.types("stop");
    assert!(
        bench
            .host
            .current()
            .is_none_or(crate::domain::sprint::Sprint::is_closed)
    );
}

#[test]
fn items_are_skipped_and_come_again() {
    let mut bench = Bench::new(&fixture::running());
    let mut seen = Vec::new();
    for _ in 0..4 {
        let heard = bench.heard();
        let line = heard
            .lines()
            .find(|line| line.starts_with("waiting "))
            .unwrap();
        seen.push(line.split_whitespace().nth(1).unwrap().to_owned());
        bench.types("n");
    }
    assert_eq!(seen, ["1", "2", "3", "1"]);
}

#[test]
fn the_sprint_can_be_looked_at_and_told_something() {
    let mut bench = Bench::new(&fixture::running());
    bench.heard();
    for command in ["status", "agents", "tasks", "cost", "help", "bogus", "zoom"] {
        bench.types(command);
    }
    insta::assert_snapshot!("looks", bench.heard());
    bench.types("message keep it short");
    let attempt = bench.host.attempt(fixture::attempt(3)).unwrap();
    assert_eq!(attempt.id.work, Work::Task(fixture::task(3)));
    let heard: usize = attempt.steps.iter().map(|step| step.nudges.len()).sum();
    assert_eq!(attempt.inbox.len() + heard, 1);
    let text = format!("I begin.\n{}", "word ".repeat(80));
    bench.heard();
    bench.news(News::Streaming {
        attempt: fixture::attempt(3),
        text: text.clone(),
    });
    assert_eq!(bench.heard(), "", "nobody is followed");
    bench.types("/follow nobody");
    assert!(bench.heard().contains("nobody is called nobody"));
    let world = &bench.host;
    let role = &world.attempt(fixture::attempt(3)).unwrap().role;
    let name = crate::tui::facts::role_name(world.current().unwrap(), role);
    bench.types(&format!("/follow {}", name.to_uppercase()));
    bench.news(News::Streaming {
        attempt: fixture::attempt(3),
        text,
    });
    let heard = bench.heard();
    assert!(
        heard.starts_with("live t3. ") && heard.len() < 230,
        "{heard}"
    );
}

#[test]
fn the_past_is_looked_at_and_nothing_is_decided_there() {
    let mut bench = Bench::new(&fixture::running());
    bench.heard();
    bench.types("at noon");
    assert!(bench.heard().contains("a time is written as 10:37"));
    bench.types("at 3");
    let heard = bench.heard();
    assert!(
        heard.starts_with("past ") && heard.contains("event 3."),
        "{heard}"
    );
    assert_eq!(bench.plain.prompt(), "past> ");
    for typed in ["1", "undo", "stop sprint", "message hello", "goal x"] {
        let before = bench.host.seq;
        bench.types(typed);
        assert!(bench.heard().contains("this is the past"), "{typed}");
        assert_eq!(bench.host.seq, before);
    }
    bench.types("later");
    assert!(bench.heard().contains("event 4."));
    bench.types("earlier");
    bench.types("tasks");
    assert!(bench.heard().contains("event 3."));
    bench.types("at 09:42");
    assert!(bench.heard().contains("past 09:"));
    bench.types("now");
    assert!(bench.heard().contains("now."));
    // What was shown before is to be read again before it is decided.
    bench.types("at 2000000");
    assert!(bench.heard().contains("now."));
    bench.types("1");
    assert_eq!(bench.verdict(2), Some(Verdict::Approve));
}

#[test]
fn tasks_are_put_in_order_given_away_and_dropped_by_words() {
    let mut bench = Bench::new(&fixture::running());
    bench.heard();
    bench.types("before t6 t2");
    bench.types("assign t6 Marcus");
    let task = |bench: &Bench, number: u32| {
        let sprint = bench.host.current().unwrap();
        sprint.tasks[&number].clone()
    };
    assert!(task(&bench, 6).turn < task(&bench, 2).turn);
    assert_eq!(task(&bench, 6).spec.role, "backend");
    bench.heard();
    bench.types("assign t6 Sam");
    assert!(bench.heard().contains("Sam does no tasks"));
    bench.types("before t1 t2");
    assert!(bench.heard().contains("s1.t1 has begun"));
    bench.types("drop t9");
    assert!(bench.heard().contains("no task is called t9"));
    bench.types("drop t6");
    bench.types("no");
    assert!(!task(&bench, 6).is_over(), "only the word drops it");
    bench.types("drop t6");
    bench.types("drop");
    assert!(task(&bench, 6).is_over());
}

#[test]
fn rules_are_listed_and_taken_back_by_their_number() {
    let mut story = fixture::running();
    story.then(
        1,
        crate::domain::journal::Event::CommandGranted {
            sprint: fixture::SPRINT,
            command: Digest::of(b"make"),
            reach: crate::domain::sprint::Reach::Sprint,
            text: "make".to_owned(),
        },
    );
    let mut bench = Bench::new(&story);
    bench.heard();
    bench.types("rules");
    assert_eq!(bench.heard(), "rule 1, in the sprint. make");
    bench.types("ask-again 2");
    assert!(bench.heard().contains("no such rule"));
    bench.types("ask-again 1");
    bench.heard();
    bench.types("rules");
    assert_eq!(bench.heard(), "no command runs without a question.");
}

#[test]
fn who_only_looks_is_told_who_decides() {
    let mut bench = Bench::new(&fixture::running());
    bench.plain.known.looks_only = true;
    let guest = crate::session::Guest {
        number: 1,
        name: "li".to_owned(),
        standing: Standing::Owner,
        presence: crate::session::Presence::default(),
    };
    bench.plain.known.company.guests.push(guest);
    let before = bench.host.seq;
    for line in [
        "1",
        "2",
        "goal a",
        "message all",
        "pause all",
        "stop sprint",
        "undo",
        "send",
    ] {
        bench.said.clear();
        bench.types(line);
        let refused = "viewer: ask li.";
        let nothing = "nothing of yours can be taken back now.";
        assert!(
            bench
                .said
                .iter()
                .any(|said| said == refused || said == nothing),
            "{line}: {:?}",
            bench.said
        );
        assert_eq!(bench.plain.prompt(), "look> ", "{line}");
    }
    assert_eq!(bench.host.seq, before);
    assert!(bench.plain.sent.is_empty());
    bench.types("tasks");
    assert!(bench.said.iter().any(|said| said.starts_with("task t")));
}

#[test]
fn a_task_is_added_in_a_line_after_its_price_was_read_out() {
    let mut bench = Bench::new(&fixture::running());
    bench.heard();
    bench.types("add");
    assert_eq!(bench.heard(), "a task needs a title.");
    bench.types("add Round the total; colour red");
    assert_eq!(bench.heard(), "no field is called so: colour red.");
    bench.types("add Round the total; role nobody");
    assert!(bench.heard().starts_with("who does tasks: "));
    let line = "add Round the total; role frontend; tier eco; needs t1; done when totals are even; proof cargo test; cap 1.50";
    bench.types(line);
    let heard = bench.heard();
    assert!(
        heard.starts_with("Round the total, for Alex, about $"),
        "{heard}"
    );
    assert!(heard.ends_with("Type add, or nothing."), "{heard}");
    bench.types("no");
    assert_eq!(bench.host.current().unwrap().tasks.len(), 6);
    bench.types(line);
    bench.heard();
    bench.types("add");
    assert!(bench.heard().contains("added t7: Round the total"));
    let spec = &bench.host.current().unwrap().tasks[&7].spec;
    assert_eq!(spec.cap, Some(crate::base::money::Money::cents(150)));
    assert_eq!(spec.criteria[0].text, "totals are even");
    bench.types("undo");
    assert!(bench.heard().contains("took t7 back"));
    bench.types("task.new");
    assert_eq!(bench.heard(), "add TITLE adds a task; ? says more.");
}

#[test]
fn a_budget_that_comes_to_its_end_is_read_out_with_its_answers() {
    let mut bench = Bench::new(&fixture::nearing(93));
    let heard = bench.heard();
    assert!(
        heard.contains("BUDGET, aios, s1: the sprint's budget is 93% spent"),
        "{heard}"
    );
    assert!(
        heard.contains("1 go on as it is, asked again when it is reached"),
        "{heard}"
    );
    bench.types("1");
    assert_eq!(bench.verdict(5), Some(Verdict::Approve));
}
