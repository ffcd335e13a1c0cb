//! The parts of a stream: what was said and done, in its order, as blocks.

use std::borrow::Cow;

use crate::base::body::Body;
use crate::base::text::SafeText;
use crate::domain::agent::{Answer, Attempt, CallState, End, Nudge, Opening, Step};
use crate::domain::llm::Block as ReplyBlock;
use crate::tui::facts::{line, role_name};
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::viewport::{Block, Look};

use super::Read;

/// Bytes of an answer that are looked at.
const MOST_BYTES: usize = 64 << 10;

/// Lines of an answer that is unfolded.
const MOST_LINES: usize = 200;

/// Lines of a failure that nobody has unfolded.
const FIRST_LINES: usize = 3;

/// Which part: a message, or a call of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Part {
    /// The words of a step.
    Said(usize),
    /// A call of a step.
    Call(usize, usize),
    /// The reply that is being written.
    Live,
}

impl Part {
    /// Whether it is a call.
    pub(super) const fn is_call(&self) -> bool {
        matches!(self, Self::Call(..))
    }
}

/// Which parts are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Only {
    /// All.
    #[default]
    All,
    /// Calls.
    Calls,
    /// Words.
    Words,
}

impl Only {
    /// The next choice.
    pub(super) const fn next(self) -> Self {
        match self {
            Self::All => Self::Calls,
            Self::Calls => Self::Words,
            Self::Words => Self::All,
        }
    }

    /// What the title says.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Calls => "only calls  ",
            Self::Words => "only words  ",
        }
    }
}

/// A block, and the part that begins with it.
pub(super) type Begun<'a> = (Option<Part>, Block<'a>);

fn block<'a>(text: impl Into<Cow<'a, str>>, token: Token, indent: u16) -> Block<'a> {
    Block {
        text: text.into(),
        look: Look::Plain(token),
        indent,
    }
}

fn words<'a>(text: impl Into<Cow<'a, str>>) -> Block<'a> {
    Block {
        text: text.into(),
        look: Look::Words,
        indent: 2,
    }
}

/// All blocks of an attempt that are shown.
pub(super) fn blocks<'a>(
    known: &'a Known,
    attempt: &Attempt,
    (read, only): (&'a Read, Only),
) -> Vec<Begun<'a>> {
    let name = known
        .world
        .sprints
        .get(&attempt.id.work.sprint())
        .map_or_else(String::new, |sprint| role_name(sprint, &attempt.role));
    let mut blocks = vec![(None, block(opening(&attempt.opening), Token::Dim, 0))];
    for (place, step) in attempt.steps.iter().enumerate() {
        if only != Only::Calls {
            let text = read.replies.get(place).and_then(Option::as_deref);
            blocks.extend(said(known, &name, (place, step), text));
        }
        if only != Only::Words {
            for (number, call) in step.calls.iter().enumerate() {
                blocks.push((Some(Part::Call(place, number)), called(call)));
                let answer = read.answers.get(&(place, number));
                blocks.extend(answer.map(|text| (None, block(text.as_str(), Token::Dim, 4))));
            }
        }
        let nudges = step.nudges.iter().filter_map(nudged);
        blocks.extend(nudges.map(|block| (None, block)));
    }
    let inbox = attempt.inbox.iter().filter_map(nudged);
    blocks.extend(inbox.map(|block| (None, block)));
    if let Some(text) = known.streams.get(&attempt.id) {
        // Where the line takes no more, each agent is told in a line.
        let told = if known.is_brief {
            format!(
                "{name} writes: {} words so far",
                text.split_whitespace().count()
            )
        } else {
            format!("{name} writes")
        };
        blocks.push((Some(Part::Live), block(told, Token::Run, 0)));
        if !known.is_brief {
            blocks.push((None, words(text.trim())));
        }
    }
    if let Some(end) = &attempt.end {
        let (text, token) = ended(end);
        blocks.push((None, block(text, token, 0)));
    }
    blocks
}

/// The blocks with an empty row before each message.
pub(super) fn apart(blocks: Vec<Begun<'_>>) -> Vec<Begun<'_>> {
    let mut roomy = Vec::with_capacity(blocks.len());
    for (part, next) in blocks {
        if matches!(part, Some(Part::Said(_) | Part::Live)) {
            roomy.push((None, block("", Token::Text, 0)));
        }
        roomy.push((part, next));
    }
    roomy
}

fn said<'a>(
    known: &Known,
    name: &str,
    (place, step): (usize, &Step),
    text: Option<&'a str>,
) -> Vec<Begun<'a>> {
    let text = text.map_or_else(
        || Cow::Owned(line(&step.first_line)),
        |text| Cow::Borrowed(text.trim()),
    );
    if text.trim().is_empty() {
        return Vec::new();
    }
    let clock = known.clock(step.at);
    let head = format!("{name}  {}", clock.get(..5).unwrap_or(&clock));
    vec![
        (Some(Part::Said(place)), block(head, Token::Accent, 0)),
        (None, words(text)),
    ]
}

/// The text of a reply, if its blocks are here.
pub(in crate::tui::panes) fn reply(known: &Known, body: &Body) -> Option<String> {
    let bytes = known.text(body)?;
    let blocks: Vec<ReplyBlock> = serde_json::from_slice(&bytes).ok()?;
    let texts = blocks.iter().filter_map(|block| match block {
        ReplyBlock::Text(text) => Some(text.as_str()),
        ReplyBlock::ToolUse(_) | ReplyBlock::ToolResult { .. } | ReplyBlock::Opaque { .. } => None,
    });
    let text = texts.collect::<Vec<_>>().join("\n");
    Some(SafeText::block(&text).into_string())
}

/// What an answer says below its call: all that is of use if it is unfolded, else the first lines of a failure.
pub(super) fn answer(known: &Known, answer: &Answer, is_open: bool) -> Option<String> {
    let bytes = known.text(&answer.text)?;
    let start = bytes.get(..bytes.len().min(MOST_BYTES)).unwrap_or_default();
    let text = SafeText::block(&String::from_utf8_lossy(start)).into_string();
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let most = if is_open { MOST_LINES } else { FIRST_LINES };
    let mut shown = lines
        .iter()
        .take(most)
        .copied()
        .collect::<Vec<_>>()
        .join("\n");
    let left = lines.len().saturating_sub(most);
    if left > 0 {
        let key = if is_open { "" } else { "  (Enter)" };
        shown = format!("{shown}\n… {left} more lines{key}");
    } else if bytes.len() > MOST_BYTES {
        shown.push_str("\n…");
    }
    Some(shown)
}

fn called<'a>(call: &CallState) -> Block<'a> {
    let label = line(&call.label);
    match &call.answer {
        None => block(format!("▸ {label}  …"), Token::Run, 2),
        Some(answer) if answer.is_error => block(
            format!("✗ {label}  {}", line(&answer.brief)),
            Token::Fail,
            2,
        ),
        Some(answer) => block(format!("├ {label}  {}", line(&answer.brief)), Token::Dim, 2),
    }
}

fn nudged<'a>(nudge: &Nudge) -> Option<Block<'a>> {
    match nudge {
        Nudge::Steer { by, text } => Some(block(
            format!("{}: {}", line(by), line(&text.first_line())),
            Token::Info,
            0,
        )),
        Nudge::Brake(looping) => Some(block(
            format!("▲ stopped: {}", looping.evidence()),
            Token::Risk,
            0,
        )),
        Nudge::NoCall => None,
    }
}

fn opening(opening: &Opening) -> String {
    match opening {
        Opening::Plan => "was asked to plan".to_owned(),
        Opening::PlanRejected(why) => format!("was asked to plan again: {}", line(why)),
        Opening::Task => "was given the task".to_owned(),
        Opening::Again(_) => "was given the task anew, with what came of it before".to_owned(),
        Opening::ChecksFailed(_) => "was told that checks are red".to_owned(),
        Opening::ProofsFailed(_) => "was told that proofs are red".to_owned(),
        Opening::Judged(_) => "was told what the judge found".to_owned(),
        Opening::Changes(hunks, why) => format!(
            "was told what to change in {} hunks. {}",
            hunks.len(),
            line(why)
        ),
        Opening::Conflict(paths) => format!(
            "was asked to solve a conflict in {}",
            line(&paths.join(", "))
        ),
        Opening::Judge => "was asked to judge".to_owned(),
        Opening::Summary => "was asked to sum up".to_owned(),
    }
}

fn ended(end: &End) -> (String, Token) {
    match end {
        End::Finished { summary, .. } => (format!("✓ done: {}", line(summary)), Token::Ok),
        End::Judged(verdict) if verdict.accepted => {
            (format!("✓ accepts: {}", line(&verdict.summary)), Token::Ok)
        }
        End::Judged(verdict) => (
            format!("✗ rejects: {}", line(&verdict.summary)),
            Token::Fail,
        ),
        End::Planned => ("✓ has a plan".to_owned(), Token::Ok),
        End::Summed(_) => ("✓ has summed up".to_owned(), Token::Ok),
        End::Looped(looping) => (
            format!("▲ got nowhere: {}", looping.evidence()),
            Token::Risk,
        ),
        End::Silent => ("▲ stopped without a result".to_owned(), Token::Risk),
        End::Failed(_, why) => (format!("✗ failed: {}", line(why)), Token::Fail),
        End::Full => (
            "· its context is full; it begins anew".to_owned(),
            Token::Dim,
        ),
        End::Stopped => ("· was stopped".to_owned(), Token::Dim),
    }
}
