//! How a conflict looks: the head row, both sides, the result, and what each choice leads to.

use ratatui::layout::Rect;

use crate::base::id::Oid;
use crate::base::text::wrap;
use crate::domain::change::clash::{Choice, Clash, ClashShape, Piece as Part, Side, Whole};
use crate::domain::change::proposal::{Source, Unproposed};
use crate::domain::sprint::{Gate, GateState, Sprint, Task, estimate};
use crate::tui::facts::{line, task_label, waiting, worker};
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::row::{Row, piece, plain};

use super::{Keys, Shown, Spot, State, Tested, asked};
use crate::tui::action::Action;
use crate::tui::layout::Pane;

/// Lines around a place that are shown with its result.
const AROUND: usize = 3;
/// Characters of a line that are looked at; no terminal shows more.
const MOST_CHARS: usize = 1_000;

/// What the panes paint from, while the conflict is asked about and its document is here.
pub(super) struct Scene<'a> {
    pub(super) shown: &'a Shown,
    pub(super) spot: Spot,
    gate: &'a Gate,
    sprint: &'a Sprint,
    task: &'a Task,
    clash: &'a Clash,
}

impl<'a> Scene<'a> {
    pub(super) fn of(state: &'a State, known: &'a Known) -> Option<Self> {
        let shown = state.shown.as_ref()?;
        let gate = state.gate(&known.world)?;
        if gate.state != GateState::Open {
            return None;
        }
        let sprint = known.world.sprints.get(&gate.id.sprint)?;
        Some(Self {
            shown,
            spot: *shown.spots.get(shown.at)?,
            gate,
            sprint,
            task: sprint.task(gate.work.task()?)?,
            clash: asked(gate)?,
        })
    }

    pub(super) fn path(&self) -> &str {
        let file = self.shown.document.files.get(self.spot.file);
        file.map_or("", |file| &file.path)
    }

    pub(super) fn shape(&self) -> Option<&ClashShape> {
        let file = self.shown.document.files.get(self.spot.file)?;
        Some(&file.shape)
    }

    /// The task that brought in what the file is now on the sprint's branch, if one did.
    fn merged(&self) -> Option<&'a Task> {
        let touches = |task: &&Task| {
            let files = task.change.iter().flat_map(|change| &change.files);
            task.merged.is_some() && files.into_iter().any(|file| file.path == self.path())
        };
        let tasks = self.sprint.tasks.values().filter(touches);
        let tip = |task: &&Task| task.merged.as_ref() == Some(&self.clash.onto);
        let mut tasks: Vec<&Task> = tasks.collect();
        let last = tasks.iter().position(tip);
        match (last, tasks.len()) {
            (Some(last), _) => Some(tasks.swap_remove(last)),
            (None, 1) => tasks.pop(),
            (None, _) => None,
        }
    }

    /// What a choice is called.
    pub(super) fn word(&self, choice: &Choice) -> &'static str {
        match choice {
            Choice::Ours => "ours",
            Choice::Theirs => "theirs",
            Choice::Both => "both, ours first",
            Choice::BothTurned => "both, theirs first",
            Choice::Text(_) if self.is_proposed(choice) => "as proposed",
            Choice::Text(_) => "written by you",
        }
    }

    fn is_proposed(&self, choice: &Choice) -> bool {
        matches!(self.shown.proposal(), Some(Ok(proposal)) if proposal.choice == *choice)
    }

    pub(super) fn tested(&self) -> Tested {
        self.shown.tested(self.gate, self.sprint, self.task)
    }

    /// What is proposed for the place, or why nothing is; nothing once it is chosen.
    fn reason(&self, other: &str, keys: &Keys) -> Option<(String, Token)> {
        let chosen = self.shown.draft.get(self.shown.at);
        let proposal = match self.shown.proposal()? {
            Ok(proposal) if Some(&proposal.choice) == chosen => return None,
            Ok(proposal) => proposal,
            Err(_) if chosen.is_some() => return None,
            Err(why) => return Some((unproposed(*why).to_owned(), Token::Text)),
        };
        let task = task_label(self.task.id);
        let what = match proposal.source {
            Source::Words => "both changes, which are of different words".to_owned(),
            Source::Lines => "both, ours first: each side only brings lines".to_owned(),
            Source::Ours => format!("ours, which holds what {task} changed, too"),
            Source::Theirs => format!("theirs, which holds what {other} changed, too"),
        };
        let take = keys.with(Action::ClashProposal, "takes it.");
        Some((format!("Proposed: {what}. {take}"), Token::Text))
    }

    fn ours(&self) -> String {
        match self.merged() {
            Some(task) => format!("{} {}", task_label(task.id), name(self.sprint, task)),
            None => format!("sprint’s branch {}", short(&self.clash.onto)),
        }
    }

    fn theirs(&self) -> String {
        format!(
            "{} {}",
            task_label(self.task.id),
            name(self.sprint, self.task)
        )
    }
}

fn name(sprint: &Sprint, task: &Task) -> String {
    worker(sprint, crate::base::id::Work::Task(task.id))
}

fn short(oid: &Oid) -> String {
    oid.short().to_string()
}

/// The row above: where it is, and between whom.
pub fn head(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    canvas.row(
        area,
        &[plain(" "), piece(title(state, known), Token::Accent)],
    );
}

fn title(state: &State, known: &Known) -> String {
    let Some(scene) = Scene::of(state, known) else {
        return "conflict".to_owned();
    };
    let shown = scene.shown;
    let ours = scene.merged().map_or_else(
        || "the sprint’s branch".to_owned(),
        |task| format!("{} (merged)", task_label(task.id)),
    );
    format!(
        "conflict {} of {}  {}:{}   {ours} × {} ({})  holds {}",
        shown.at + 1,
        shown.spots.len(),
        line(scene.path()),
        scene.spot.line,
        task_label(scene.task.id),
        name(scene.sprint, scene.task),
        waiting::held(scene.sprint, scene.gate),
    )
}

/// What the sprint's branch has.
pub fn ours(
    state: &State,
    known: &Known,
    canvas: &mut Canvas<'_>,
    area: Rect,
    focus: (bool, bool),
) {
    side(state, known, canvas, area, (Pane::Ours, focus));
}

/// What the task has.
pub fn theirs(
    state: &State,
    known: &Known,
    canvas: &mut Canvas<'_>,
    area: Rect,
    focus: (bool, bool),
) {
    side(state, known, canvas, area, (Pane::Theirs, focus));
}

fn side(
    state: &State,
    known: &Known,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (pane, (has_focus, is_alone)): (Pane, (bool, bool)),
) {
    let (word, action, choice) = match pane {
        Pane::Ours => ("OURS", Action::ClashOurs, Choice::Ours),
        _ => ("THEIRS", Action::ClashTheirs, Choice::Theirs),
    };
    let Some(scene) = Scene::of(state, known) else {
        let inside = canvas.frame(area, word, "", has_focus);
        canvas.rows(inside, absent(state, known));
        return;
    };
    let who = match pane {
        Pane::Ours => scene.ours(),
        _ => scene.theirs(),
    };
    let title = if is_alone {
        format!("{word}  {}:{}", line(scene.path()), scene.spot.line)
    } else {
        format!("{word}  {who}")
    };
    let is_chosen = scene.shown.draft.get(scene.shown.at) == Some(&choice);
    let right = if is_chosen {
        "taken".to_owned()
    } else {
        state.keys.with(action, "take")
    };
    let inside = canvas.frame(area, &title, &right, has_focus);
    let top = super::place_of(pane).and_then(|place| scene.shown.tops.get(place).copied());
    let rows = side_rows(&scene, pane, top.unwrap_or(0), usize::from(inside.height));
    canvas.rows(inside, rows);
}

fn side_rows(scene: &Scene<'_>, pane: Pane, top: usize, height: usize) -> Vec<Row> {
    let of = |split: &crate::domain::change::clash::Split| match pane {
        Pane::Ours => split.ours.clone(),
        _ => split.theirs.clone(),
    };
    if let Some(split) = scene.shown.split(scene.shown.at) {
        return code(&of(split), (top, height), "these lines are not there");
    }
    match scene.shape() {
        Some(ClashShape::Whole { ours, theirs, .. }) => {
            let side = if pane == Pane::Ours { ours } else { theirs };
            whole(side, (top, height))
        }
        Some(ClashShape::Beyond(why)) => {
            vec![vec![piece(format!(" {}", line(why)), Token::Risk)]]
        }
        Some(ClashShape::Places(_)) | None => Vec::new(),
    }
}

fn whole(side: &Side, room: (usize, usize)) -> Vec<Row> {
    match side {
        Side::Gone => vec![vec![piece(" the file is deleted", Token::DiffDel)]],
        Side::Bytes(bytes) => {
            vec![vec![piece(
                format!(" {bytes} bytes, not shown"),
                Token::Dim,
            )]]
        }
        Side::Text(text) => code(text, room, "the file is empty"),
    }
}

/// Lines of code from `top` on, as far as there is room.
fn code(text: &str, (top, height): (usize, usize), nothing: &str) -> Vec<Row> {
    if text.is_empty() {
        return vec![vec![piece(format!(" ({nothing})"), Token::Dim)]];
    }
    let lines = text.lines().skip(top).take(height);
    lines
        .map(|line| vec![plain(format!(" {}", shown_line(line)))])
        .collect()
}

/// A line as it can be shown, tabs as four cells.
fn shown_line(text: &str) -> String {
    let cut: String = text.chars().take(MOST_CHARS).collect();
    let safe = crate::base::text::SafeText::exact(&cut).into_string();
    safe.replace('\n', " ").replace('\t', "    ")
}

/// What would be written at the place, with the lines around it.
pub fn result(
    state: &State,
    known: &Known,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (has_focus, is_alone): (bool, bool),
) {
    let Some(scene) = Scene::of(state, known) else {
        let inside = canvas.frame(area, "RESULT", "", has_focus);
        canvas.rows(inside, absent(state, known));
        return;
    };
    let chosen = scene.shown.draft.get(scene.shown.at);
    let right = match (chosen, scene.shown.proposal()) {
        (None, _) if scene.spot.is_beyond => "not here".to_owned(),
        (None, Some(Ok(proposal))) => format!("{} · not tested", proposed(proposal.source)),
        (None, Some(Err(_))) => "nothing chosen · no proposal".to_owned(),
        (None, None) => "nothing chosen".to_owned(),
        (Some(choice), _) => format!("{} · {}", scene.word(choice), scene.tested().word()),
    };
    let title = if is_alone {
        title(state, known)
    } else {
        "RESULT".to_owned()
    };
    let inside = canvas.frame(area, &title, &right, has_focus);
    let top = scene.shown.tops.get(2).copied().unwrap_or(0);
    let height = usize::from(inside.height);
    let rows = result_rows(&scene, chosen, (&state.keys, height));
    canvas.rows(inside, rows.into_iter().skip(top).take(height));
}

/// Where a proposal comes from, for a title.
pub(super) const fn proposed(source: Source) -> &'static str {
    match source {
        Source::Words => "proposed from both",
        Source::Lines => "proposed: both, ours first",
        Source::Ours => "proposed from ours",
        Source::Theirs => "proposed from theirs",
    }
}

/// Why nothing is proposed, in a sentence.
pub(super) const fn unproposed(why: Unproposed) -> &'static str {
    match why {
        Unproposed::SameWords => "Nothing is proposed: both changed the same words.",
        Unproposed::TwoFiles => "Nothing is proposed: each made a file of its own.",
        Unproposed::TooLong => "Nothing is proposed: there is too much to compare.",
    }
}

fn result_rows(
    scene: &Scene<'_>,
    chosen: Option<&Choice>,
    (keys, height): (&Keys, usize),
) -> Vec<Row> {
    let sides = [
        (Action::ClashOurs, "ours"),
        (Action::ClashTheirs, "theirs"),
        (Action::ClashBoth, "both"),
        (Action::ClashEdit, "edit"),
    ];
    let nothing = || {
        let text = if scene.spot.is_beyond {
            let key = keys.key(Action::WaitingList);
            format!(" this cannot be solved here: {key} has the card, take the task over by hand")
        } else if scene.spot.piece.is_some() {
            format!(" nothing is chosen yet: {}", keys.list(&sides))
        } else {
            let sides = keys.list(sides.get(..2).unwrap_or_default());
            format!(" nothing is chosen yet: {sides}, as a whole")
        };
        vec![piece(text, Token::Need)]
    };
    let (Some(piece_at), Some(ClashShape::Places(pieces))) = (scene.spot.piece, scene.shape())
    else {
        return match (chosen, scene.shape()) {
            (Some(Choice::Ours), Some(ClashShape::Whole { ours, .. })) => taken(ours),
            (Some(Choice::Theirs), Some(ClashShape::Whole { theirs, .. })) => taken(theirs),
            _ => vec![nothing()],
        };
    };
    let mut rows = Vec::new();
    let same = |at: Option<usize>| match at.and_then(|at| pieces.get(at)) {
        Some(Part::Same(text)) => text.as_str(),
        Some(Part::Split(_)) | None => "",
    };
    let proposal = scene.shown.proposal().and_then(|found| found.as_ref().ok());
    let shown = chosen.or(proposal.map(|proposal| &proposal.choice));
    let split = scene.shown.split(scene.shown.at);
    let made = shown.zip(split).map(|(choice, split)| choice.text(split));
    // Lines around give way to those that it is about.
    let lines = made.as_ref().map_or(1, |text| text.lines().count());
    let around = AROUND.min(height.saturating_sub(lines) / 2);
    let before = same(piece_at.checked_sub(1)).lines().rev().take(around);
    let before: Vec<&str> = before.collect();
    let mut number = scene.spot.line.saturating_sub(before.len());
    for text in before.into_iter().rev() {
        rows.push(numbered(number, " ", text, Token::Dim));
        number += 1;
    }
    // What nobody chose is not shown as what will be.
    let (mark, token) = match chosen {
        Some(_) => ("+", Token::DiffAdd),
        None => ("?", Token::Dim),
    };
    match &made {
        Some(text) => {
            for text in text.lines() {
                rows.push(numbered(number, mark, text, token));
                number += 1;
            }
        }
        None => rows.push(nothing()),
    }
    for text in same(Some(piece_at + 1)).lines().take(AROUND) {
        let row = match made {
            Some(_) => numbered(number, " ", text, Token::Dim),
            None => vec![piece(format!("       {}", shown_line(text)), Token::Dim)],
        };
        rows.push(row);
        number += 1;
    }
    rows
}

/// What is written of a file that is taken as a whole.
fn taken(side: &Side) -> Vec<Row> {
    match side {
        Side::Text(text) => {
            let lines = (1..).zip(text.lines());
            lines
                .map(|(number, text)| numbered(number, "+", text, Token::DiffAdd))
                .collect()
        }
        Side::Gone | Side::Bytes(_) => whole(side, (0, 1)),
    }
}

fn numbered(number: usize, mark: &'static str, text: &str, token: Token) -> Row {
    vec![
        piece(format!("{number:>4} "), Token::Faint),
        piece(format!("{mark} {}", shown_line(text)), token),
    ]
}

/// What happens with each key.
pub fn why(
    state: &State,
    known: &Known,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (has_focus, is_armed): (bool, bool),
) {
    let Some(scene) = Scene::of(state, known) else {
        let inside = canvas.frame(area, "WHY", "", has_focus);
        canvas.rows(inside, absent(state, known));
        return;
    };
    let count = scene.shown.spots.len();
    let chosen = scene.shown.draft.count();
    let finish = |word| state.keys.with(Action::ApproveAll, word);
    let ready = match (chosen == count, is_armed) {
        (true, true) => format!("all chosen · {}", finish("ready")),
        (true, false) => format!("all chosen · {}", finish("…")),
        (false, _) => format!("{chosen} of {count} chosen"),
    };
    let inside = canvas.frame(area, "WHY", &ready, has_focus);
    let width = usize::from(inside.width.saturating_sub(2));
    let lines = reasons(&scene, &state.keys).into_iter();
    let rows = lines.flat_map(|(text, token)| {
        wrap(&text, width)
            .into_iter()
            .map(move |line| vec![plain(" "), piece(line, token)])
            .collect::<Vec<Row>>()
    });
    canvas.rows(inside, rows.collect::<Vec<Row>>());
}

fn reasons(scene: &Scene<'_>, keys: &Keys) -> Vec<(String, Token)> {
    let task = task_label(scene.task.id);
    let author = name(scene.sprint, scene.task);
    let other = scene.merged().map_or_else(
        || "the sprint’s branch".to_owned(),
        |task| task_label(task.id),
    );
    let both = |what: &str| format!("{other} and {task} {what}.");
    let what = match scene.shape() {
        Some(ClashShape::Places(_)) | None => both("changed the same lines"),
        Some(ClashShape::Whole { ours, why, .. }) => match why {
            Whole::Deleted if *ours == Side::Gone => {
                format!("{other} deleted a file that {task} changed.")
            }
            Whole::Deleted => format!("{task} deleted a file that {other} changed."),
            Whole::Binary => both("changed a file that is no text: take one side"),
            Whole::TooLarge => both("changed a file that is too large to be shown"),
            Whole::Link => both("changed where a link leads: take one side"),
        },
        Some(ClashShape::Beyond(_)) => both("moved files in ways that do not fit"),
    };
    let estimate = estimate::task(&scene.sprint.setup, &scene.task.spec);
    let key = |action| keys.key(action);
    let (finish, undo) = (key(Action::ApproveAll), key(Action::Undo));
    let proposal = scene.reason(&other, keys).into_iter();
    let rest = [
        (what, Token::Text),
        (
            format!(
                "{} lets {author} merge in another round (est {estimate}); choices are dropped.",
                key(Action::ClashAgent)
            ),
            Token::Text,
        ),
        (
            format!("Nothing is written until {finish}. {undo} takes a choice back."),
            Token::Text,
        ),
        (
            format!(
                "{} runs the project’s checks on the result as it is chosen, before {finish}.",
                key(Action::ClashTest)
            ),
            Token::Dim,
        ),
        (
            format!(
                "{finish} brings the sprint’s branch into {task} as chosen, runs the checks, then merges."
            ),
            Token::Dim,
        ),
        (
            format!(
                "{} has the card: take the task over by hand, or drop it.",
                key(Action::WaitingList)
            ),
            Token::Dim,
        ),
    ];
    let trouble = scene.tested().trouble().into_iter();
    trouble.chain(proposal).chain(rest).collect()
}

/// What stands there while there is nothing to choose from.
fn absent(state: &State, known: &Known) -> Vec<Row> {
    let text = match &state.shown {
        None => " no conflict is open: w opens the next item",
        Some(shown) => match known.world.gate(shown.gate).map(|gate| &gate.state) {
            Some(GateState::Open) if shown.is_odd => {
                " this conflict cannot be shown: the waiting list has the card"
            }
            Some(GateState::Open) if !shown.is_here => " the files are on their way",
            Some(GateState::Open) => " nothing can be chosen here: the waiting list has the card",
            _ => " this conflict is not asked about any more: Esc goes back",
        },
    };
    vec![vec![piece(text, Token::Dim)]]
}

impl Shown {
    /// How many rows a scrolled pane could show.
    pub(super) fn rows_of(&self, pane: Pane) -> usize {
        let split = self.split(self.at);
        match (pane, split) {
            (Pane::Ours, Some(split)) => split.ours.lines().count(),
            (Pane::Theirs, Some(split)) => split.theirs.lines().count(),
            (Pane::Result, Some(split)) => {
                let proposed = self.proposal().and_then(|found| found.as_ref().ok());
                let proposed = proposed.map(|proposal| &proposal.choice);
                let chosen = self.draft.get(self.at).or(proposed);
                let lines = chosen.map_or(1, |choice| choice.text(split).lines().count());
                lines + 2 * AROUND
            }
            _ => match self.file(self.at).map(|file| &file.shape) {
                Some(ClashShape::Whole { ours, theirs, .. }) => {
                    let rows = |side: &Side| match side {
                        Side::Text(text) => text.lines().count(),
                        Side::Gone | Side::Bytes(_) => 1,
                    };
                    rows(ours).max(rows(theirs))
                }
                _ => 1,
            },
        }
    }
}
