//! The card of one waiting item: who asks, what exactly, why, what it holds, what it costs, and the answers to choose from.

use ratatui::layout::Rect;

use crate::base::body::Body;
use crate::base::id::{Digest, GateId};
use crate::base::text::wrap;
use crate::base::time;
use crate::domain::change::clash;
use crate::domain::journal::{Command, World};
use crate::domain::sprint::gate::Kind;
use crate::domain::sprint::{Ask, Gate, Sprint, Verdict};
use crate::domain::tool::grant::Scope;
use crate::domain::tool::risk;
use crate::tui::action::Action;
use crate::tui::facts::{alike, asker, gate_label, line, mark, mark_token, worker};
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{Piece, piece, plain};

mod asked;
mod budget;

use super::{Intent, Purpose};
use asked::{asking, body, holds, more, rule_offer};

/// What only the card knows, of the gate that it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// The answer that is chosen.
    chosen: Option<(GateId, usize)>,
    /// Rows above the first in view, of a card that is longer than its pane.
    above: Option<(GateId, usize)>,
    /// The card that was read to its end.
    read: Option<(GateId, Digest)>,
}

/// An answer that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it says.
    pub label: String,
    /// What comes of it; may be empty.
    pub result: String,
    /// What it decides.
    pub verdict: Verdict,
    /// It cannot be undone: this word must be typed first.
    pub word: Option<&'static str>,
}

impl Choice {
    /// What is said before its word is typed.
    pub fn warning(&self) -> String {
        match self.verdict {
            Verdict::Allow(_) => {
                "It destroys, publishes, reaches out or touches secrets.".to_owned()
            }
            _ => format!("{}: this cannot be undone.", self.label),
        }
    }
}

/// The answers to a gate, the safest that goes on first.
pub fn choices(sprint: &Sprint, gate: &Gate) -> Vec<Choice> {
    let choice = |label: &str, verdict: Verdict| Choice {
        label: label.to_owned(),
        result: String::new(),
        verdict,
        word: None,
    };
    let drop = |label: &str, word: &'static str| Choice {
        label: label.to_owned(),
        result: String::new(),
        verdict: Verdict::Drop,
        word: Some(word),
    };
    match &gate.ask {
        Ask::Plan { .. } => vec![
            choice("approve and start", Verdict::Approve),
            drop("stop the sprint", "stop"),
        ],
        Ask::Question { options, .. } => options
            .iter()
            .map(|option| choice(&line(option), Verdict::Answer(option.clone())))
            .collect(),
        Ask::Tool { command, .. } => [
            ("allow once", Scope::Once),
            ("allow this command in this task", Scope::Task),
            ("allow this command in this sprint", Scope::Sprint),
        ]
        .map(|(label, scope)| Choice {
            // What destroys or reaches out is not allowed by a key alone.
            word: risk::is_high(command).then_some("allow"),
            ..choice(label, Verdict::Allow(scope))
        })
        .into(),
        Ask::Diff { .. } => vec![
            choice("approve all of it", Verdict::Approve),
            drop("drop the task", "drop"),
        ],
        Ask::Merge { .. } => vec![
            choice("let it in", Verdict::Approve),
            drop("stop the sprint", "stop"),
        ],
        Ask::Conflict { .. } | Ask::Fail { .. } => {
            let sides = [
                (
                    "take what the sprint’s branch has, everywhere",
                    clash::Choice::Ours,
                ),
                ("take what the task has, everywhere", clash::Choice::Theirs),
            ];
            let sides = sides.into_iter().filter_map(|(label, side)| {
                let choices = super::clash::asked(gate)?.all(&side)?;
                Some(choice(label, Verdict::Resolve(choices)))
            });
            let (what, word) = if gate.work.task().is_some() {
                ("drop the task", "drop")
            } else {
                ("stop the sprint", "stop")
            };
            let usual = [
                choice("try again", Verdict::Retry),
                choice("take it over by hand", Verdict::TakeOver),
                drop(what, word),
            ];
            usual.into_iter().chain(sides).collect()
        }
        Ask::Budget {
            scope,
            asked,
            limit,
            ..
        } => budget::choices(sprint, *scope, *asked, *limit),
        Ask::Nearing {
            scope, step, limit, ..
        } => budget::before_the_end(sprint, *scope, (*step, *limit)),
        Ask::Key { .. } => vec![
            choice("try again", Verdict::Retry),
            drop("stop the sprint", "stop"),
        ],
        Ask::Hand { .. } => vec![
            choice("done, go on", Verdict::Approve),
            drop("drop the task", "drop"),
        ],
    }
}

/// Names what the card of a gate offers, where that changes while the gate stays as it is.
pub fn offered(world: &World, gate: &Gate) -> Option<Digest> {
    if gate.ask.kind() != Kind::Budget {
        return None;
    }
    let sprint = world.sprints.get(&gate.id.sprint)?;
    let text = format!("{} {:?}", gate.revision, choices(sprint, gate));
    Some(Digest::of(text.as_bytes()))
}

impl State {
    /// The place of the answer that is chosen.
    pub fn chosen(&self, gate: &Gate) -> usize {
        self.chosen
            .filter(|(id, _)| *id == gate.id)
            .map_or(0, |(_, place)| place)
    }

    fn above(&self, gate: &Gate) -> usize {
        let above = self.above.filter(|(id, _)| *id == gate.id);
        above.map_or(0, |(_, rows)| rows)
    }

    /// Scrolls a card of which so many rows are `hidden`; false if the action does not.
    pub fn scroll(&mut self, action: Action, gate: &Gate, (hidden, height): (usize, u16)) -> bool {
        let page = usize::from(height / 2).max(1);
        let above = self.above(gate);
        let above = match action {
            Action::PageDown => above.saturating_add(page),
            Action::PageUp => above.saturating_sub(page),
            Action::Bottom => hidden,
            Action::Top => 0,
            _ => return false,
        };
        let above = above.min(hidden);
        self.above = Some((gate.id, above));
        if above == hidden {
            self.read = Some((gate.id, gate.revision));
        }
        true
    }

    /// Whether the card was read to its end as it is now.
    pub fn is_read(&self, gate: &Gate) -> bool {
        self.read == Some((gate.id, gate.revision))
    }

    /// Acts on an action about `gate`; `is_cut` where there is no room for all that is asked, so that what is allowed is not seen whole.
    pub fn act(
        &mut self,
        action: Action,
        (sprint, gate): (&Sprint, &Gate),
        is_cut: bool,
    ) -> Vec<Intent> {
        let choices = choices(sprint, gate);
        match action {
            Action::Approve | Action::Comment if is_cut && gate.ask.kind() == Kind::Ask => {
                let text =
                    "not all of the question is shown: W and Enter open its card, PgDn reads on";
                vec![Intent::Say(Token::Info, text.to_owned())]
            }
            Action::Choose(number) => {
                let place = usize::from(number).saturating_sub(1);
                if place < choices.len() {
                    self.chosen = Some((gate.id, place));
                }
                Vec::new()
            }
            Action::Approve => match choices.into_iter().nth(self.chosen(gate)) {
                Some(choice) => vec![decide(gate, choice, is_cut)],
                None => vec![Intent::Write(Purpose::Answer(gate.id, gate.revision))],
            },
            Action::ApproveAll => {
                let choice = choices.into_iter().nth(self.chosen(gate));
                let verdict = choice.and_then(|choice| alike::for_all(&choice.verdict));
                let others = alike::others(sprint, gate);
                if let Some(verdict) = verdict.filter(|_| !others.is_empty()) {
                    let others = others.into_iter().map(|other| other.id);
                    let gates = std::iter::once(gate.id).chain(others).collect();
                    vec![Intent::ListAnswers(gates, verdict)]
                } else {
                    let text = "nothing like this waits beside it: a answers this one";
                    vec![Intent::Say(Token::Info, text.to_owned())]
                }
            }
            Action::Reject | Action::RejectAll
                if gate.ask.takes(&Verdict::Reject(String::new())) =>
            {
                vec![Intent::Write(Purpose::Reject(gate.id, gate.revision))]
            }
            Action::Comment => match &gate.ask {
                Ask::Question { .. } => {
                    vec![Intent::Write(Purpose::Answer(gate.id, gate.revision))]
                }
                Ask::Budget { .. } | Ask::Nearing { .. } => {
                    vec![Intent::Write(Purpose::Amount(gate.id, gate.revision))]
                }
                Ask::Plan { .. } | Ask::Diff { .. } | Ask::Tool { .. } => {
                    vec![Intent::Write(Purpose::Reject(gate.id, gate.revision))]
                }
                Ask::Merge { .. }
                | Ask::Conflict { .. }
                | Ask::Fail { .. }
                | Ask::Key { .. }
                | Ask::Hand { .. } => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

/// The text that a card shows and that lies elsewhere: what the agent said before it asked.
pub fn wanted(known: &Known, gate: &Gate) -> Option<Body> {
    let sprint = known.world.sprints.get(&gate.id.sprint)?;
    asking(sprint, gate).map(|step| step.reply.clone())
}

fn decide(gate: &Gate, choice: Choice, is_cut: bool) -> Intent {
    let warning = choice.warning();
    let (gate_id, revision, verdict) = (gate.id, gate.revision, choice.verdict);
    let (word, text) = match (&gate.ask, choice.word) {
        (Ask::Tool { command, .. }, _) if is_cut => {
            let length = command.chars().count();
            let text =
                format!("The command has {length} characters, not all are shown: O shows them.");
            ("allow", text)
        }
        (_, Some(word)) => (word, warning),
        (_, None) => {
            return Intent::Decide {
                gate: gate_id,
                revision,
                verdict,
            };
        }
    };
    let is_final = !matches!(verdict, Verdict::Allow(_));
    Intent::Confirm {
        word,
        text,
        then: vec![Command::Decide {
            gate: gate_id,
            revision,
            verdict,
            is_final,
        }],
    }
}

/// Where the rows of a card in `area` stand.
fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    }
}

/// Rows of what is asked for which a card in `area` has no room beside the answers.
pub fn hidden((known, gate): (&Known, &Gate), area: Rect) -> usize {
    let inside = inside(area);
    let Some(sprint) = known.world.sprints.get(&gate.id.sprint) else {
        return 0;
    };
    let room = room(sprint, gate, inside);
    let asked = body(known, (sprint, gate), (usize::from(inside.width), room)).len();
    if asked <= room {
        return 0;
    }
    // A row says that there is more.
    asked.saturating_sub(room.saturating_sub(1).max(1))
}

/// Rows for what is asked: beside the answers there is a gap before them, and the last row.
fn room(sprint: &Sprint, gate: &Gate, inside: Rect) -> usize {
    usize::from(inside.height).saturating_sub(choices(sprint, gate).len() + 2)
}

/// Paints the card of `gate`. `is_armed` says whether it takes a decision now.
pub fn view(
    state: &State,
    (known, gate): (&Known, &Gate),
    canvas: &mut Canvas<'_>,
    area: Rect,
    (has_focus, is_armed): (bool, bool),
) {
    let Some(sprint) = known.world.sprints.get(&gate.id.sprint) else {
        return;
    };
    let kind = gate.ask.kind();
    let who = asker(sprint, gate);
    let title = format!("{}  {who} {}", kind.word(), gate_label(gate));
    canvas.frame(area, &title, mark(kind), has_focus);
    let inside = inside(area);
    let room = room(sprint, gate, inside);
    let mut rows = body(known, (sprint, gate), (usize::from(inside.width), room));
    let hidden = hidden((known, gate), area);
    if hidden > 0 {
        // The answers count: what is asked is read in parts, and that is said.
        let (above, shown) = (state.above(gate).min(hidden), rows.len() - hidden);
        rows = rows.into_iter().skip(above).take(shown).collect();
        let told = match hidden - above {
            0 => piece("that is its end; PgUp reads back", Token::Dim),
            below => piece(
                format!("… {below} more rows: PgDn reads on, O shows all of it"),
                Token::Risk,
            ),
        };
        rows.push(vec![told]);
    }
    rows.push(Vec::new());
    for (place, choice) in choices(sprint, gate).into_iter().enumerate() {
        let is_chosen = place == state.chosen(gate);
        let token = if is_chosen {
            Token::SurfaceMark
        } else {
            Token::Text
        };
        let pointer = if is_chosen { "▶" } else { " " };
        rows.push(vec![
            piece(format!("{pointer} {} ", place + 1), token),
            piece(choice.label, token),
            piece(
                match (choice.word, choice.result.as_str()) {
                    (None, "") => String::new(),
                    (Some(_), "") => "   needs a word".to_owned(),
                    (None, result) => format!("   {result}"),
                    (Some(_), result) => format!("   {result}, needs a word"),
                },
                Token::Dim,
            ),
        ]);
    }
    // The last row is kept for the state, whatever the length of the rest.
    let height = usize::from(inside.height.saturating_sub(1));
    rows.truncate(height);
    canvas.rows(inside, rows);
    let last = Rect {
        y: inside.bottom().saturating_sub(1),
        height: inside.height.min(1),
        ..inside
    };
    let ready = if is_armed {
        piece("ready", Token::Ok)
    } else {
        piece("…", Token::Dim)
    };
    canvas.both(last, &[ready], &[piece(keys(gate), Token::Dim)]);
}

/// Rows of what is asked at the end of a stream.
const SHORT: usize = 4;

/// What is asked at the end of a stream.
fn in_short(gate: &Gate) -> String {
    match &gate.ask {
        Ask::Question { question, .. } => line(question),
        Ask::Tool { command, .. } => format!("$ {}", line(command)),
        other => other.kind().word().to_owned(),
    }
}

/// Whether the card at the end of a stream, so many columns wide, has no room for all that it asks.
pub fn is_short_cut(gate: &Gate, width: usize) -> bool {
    wrap(&in_short(gate), width.saturating_sub(2)).len() > SHORT
}

/// The card in a few rows, for the end of a stream: who asks, what, the answers, and whether it takes one now.
pub fn short<'a>(
    state: &State,
    (known, gate): (&Known, &Gate),
    width: usize,
    is_armed: bool,
) -> Vec<Vec<Piece<'a>>> {
    let Some(sprint) = known.world.sprints.get(&gate.id.sprint) else {
        return Vec::new();
    };
    let edge = || piece("┃ ", Token::Need);
    let who = worker(sprint, gate.work);
    let age = time::age(known.now.since(gate.opened_at));
    let mut rows = vec![vec![
        edge(),
        piece(format!("{who} asks"), Token::Need),
        piece(format!(" · {age}"), Token::Dim),
    ]];
    let mut lines = wrap(&in_short(gate), width.saturating_sub(2));
    if lines.len() > SHORT {
        lines.truncate(SHORT - 1);
        lines.push("… W and Enter show all of it".to_owned());
    }
    rows.extend(lines.into_iter().map(|text| vec![edge(), plain(text)]));
    rows.push(vec![edge(), piece(holds(known, sprint, gate), Token::Dim)]);
    let chosen = state.chosen(gate);
    for (place, choice) in choices(sprint, gate).into_iter().enumerate() {
        let (pointer, token) = if place == chosen {
            ("▶", Token::SurfaceMark)
        } else {
            (" ", Token::Text)
        };
        let label = format!("{pointer} {}  {}", place + 1, choice.label);
        rows.push(vec![edge(), piece(label, token)]);
    }
    let told = more(sprint, gate).into_iter();
    let told = told.chain(rule_offer(known, sprint, gate));
    rows.extend(told.map(|mut row| {
        row.insert(0, edge());
        row
    }));
    let ready = if is_armed {
        piece("ready ", Token::Ok)
    } else {
        piece("…     ", Token::Dim)
    };
    rows.push(vec![edge(), ready, piece(keys(gate), Token::Dim)]);
    rows
}

const fn keys(gate: &Gate) -> &'static str {
    match &gate.ask {
        Ask::Question { options, .. } if options.is_empty() => "c write an answer",
        Ask::Question { .. } => "1-9 pick · a send · c another answer",
        Ask::Tool { .. } => "1-3 pick · a send · x refuse",
        Ask::Budget { .. } | Ask::Nearing { .. } => "1-4 pick · a send · c another amount",
        Ask::Merge { .. } => "1-2 pick · a send · x keep the branch apart",
        Ask::Plan { .. } | Ask::Diff { .. } | Ask::Hand { .. } => "1-2 pick · a send · x send back",
        Ask::Conflict { clash: Some(_), .. } => "Enter both sides · 1-5 pick · a send",
        Ask::Conflict { .. } | Ask::Fail { .. } | Ask::Key { .. } => "1-3 pick · a send",
    }
}

/// The mark of a gate for titles.
pub const fn token(gate: &Gate) -> Token {
    mark_token(gate.ask.kind())
}

#[cfg(test)]
mod tests {
    use super::super::bench::{known, rows};
    use super::*;
    use crate::tui::fixture;

    fn card(number: u32) -> (Known, Gate) {
        let known = known(fixture::over_budget());
        let gate = known.world.gate(fixture::gate(number)).unwrap().clone();
        (known, gate)
    }

    fn act(state: &mut State, number: u32, action: Action) -> Vec<Intent> {
        let (known, gate) = card(number);
        state.act(action, (known.world.current().unwrap(), &gate), false)
    }

    #[test]
    fn a_command_is_shown_whole() {
        let (known, gate) = card(4);
        let seen = rows(60, 13, |canvas, area| {
            view(
                &State::default(),
                (&known, &gate),
                canvas,
                area,
                (true, false),
            );
        });
        insta::assert_snapshot!(seen.join("\n"));
    }

    #[test]
    fn after_three_equal_answers_a_rule_is_offered() {
        let mut story = fixture::commands(&["cargo test"; 4]);
        let sprint = |story: &fixture::Story| story.world.current().unwrap().clone();
        let offered = |story: &fixture::Story, number| {
            let sprint = sprint(story);
            let gate = sprint.gate(fixture::gate(number)).unwrap();
            let known = Known::new(fixture::ME, "shop");
            rule_offer(&known, &sprint, gate).map(|row| row[0].text.to_string())
        };
        for number in 5..8 {
            assert_eq!(offered(&story, 8), None);
            let gate = sprint(&story).gate(fixture::gate(number)).unwrap().clone();
            let decided = crate::domain::journal::Event::GateDecided {
                gate: gate.id,
                verdict: Verdict::Allow(Scope::Once),
                by: fixture::person(),
                revision: gate.revision,
                client: "tui".to_owned(),
                latency_ms: 1,
                effective_at: fixture::NOW,
            };
            let closed = crate::domain::journal::Event::GateClosed(gate.id);
            story.then(1, decided).then(1, closed);
        }
        let offer = ":allow cargo test   no more asking in this sprint";
        assert_eq!(offered(&story, 8).as_deref(), Some(offer));
        // Another command, and one that is decided, are offered nothing.
        assert_eq!((offered(&story, 4), offered(&story, 5)), (None, None));
    }

    #[test]
    fn digits_choose_and_a_sends() {
        let mut state = State::default();
        assert_eq!(act(&mut state, 3, Action::Choose(2)), []);
        assert_eq!(
            act(&mut state, 3, Action::Choose(9)),
            [],
            "there is no ninth answer"
        );
        let sent = act(&mut state, 3, Action::Approve);
        assert!(
            matches!(&sent[..], [Intent::Decide { verdict: Verdict::Answer(text), .. }] if text == "optional"),
            "{sent:?}"
        );
        // Another gate begins with its own first answer.
        let sent = act(&mut state, 4, Action::Approve);
        assert!(matches!(
            sent[..],
            [Intent::Decide {
                verdict: Verdict::Allow(Scope::Once),
                ..
            }]
        ));
    }

    #[test]
    fn what_cannot_be_undone_needs_a_word() {
        let mut state = State::default();
        act(&mut state, 5, Action::Choose(4));
        let sent = act(&mut state, 5, Action::Approve);
        assert!(
            matches!(sent[..], [Intent::Confirm { word: "stop", .. }]),
            "{sent:?}"
        );
    }
}
