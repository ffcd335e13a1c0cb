//! The row of keys: which are worth showing in a place, best first.

use crate::domain::presence::Standing;
use crate::domain::sprint::estimate;
use crate::tui::action::{Action, Mode, Place, TABLE, row};
use crate::tui::app::{App, Overlay};
use crate::tui::layout::{Layout, Pane};
use crate::tui::panes::plan;
use crate::tui::update::travel::{Panel, changes};
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::hints::{self, Hint};

/// The keys that are worth showing at a change, best first.
const AT_A_CHANGE: &[Action] = &[
    Action::Approve,
    Action::Reject,
    Action::Comment,
    Action::ApproveAll,
    Action::PartNext,
    Action::SiblingNext,
    Action::ReviewSend,
    Action::SideBySide,
    Action::LineMark,
    Action::EditHunk,
    Action::Blame,
    Action::Tests,
    Action::ContextMore,
    Action::Undo,
    Action::WaitingNext,
];

/// The keys that are worth showing at a pane, best first.
fn best(pane: Pane, mode: Mode) -> &'static [Action] {
    if mode == Mode::Decide {
        return &[
            Action::Approve,
            Action::Reject,
            Action::Comment,
            Action::Snooze,
            Action::WaitingNext,
            Action::Undo,
            Action::Back,
        ];
    }
    match pane {
        Pane::Waiting | Pane::Card => &[
            Action::WaitingNext,
            Action::Open,
            Action::Snooze,
            Action::Compose,
            Action::Undo,
            Action::FocusNext,
            Action::Zoom,
        ],
        Pane::Agents => &[
            Action::Open,
            Action::Compose,
            Action::Pause,
            Action::WaitingNext,
            Action::FocusNext,
            Action::Zoom,
        ],
        Pane::Stream | Pane::Second | Pane::Third | Pane::Fourth | Pane::Call => &[
            Action::Compose,
            Action::SiblingNext,
            Action::PartNext,
            Action::Open,
            Action::Only,
            Action::Follow,
            Action::WaitingNext,
            Action::Pause,
            Action::StreamMore,
            Action::FocusNext,
        ],
        Pane::Board | Pane::Task => &[
            Action::Right,
            Action::Open,
            Action::Compose,
            Action::Pause,
            Action::CardFurther,
            Action::TaskEarlier,
            Action::Assign,
            Action::TaskNew,
            Action::WaitingNext,
            Action::DropTask,
            Action::Mark,
        ],
        Pane::Plan | Pane::Planned | Pane::Limits | Pane::PlanChecks => &[
            Action::ApproveAll,
            Action::PlanKeep,
            Action::PlanDown,
            Action::PlanTitle,
            Action::PlanTier,
            Action::PlanCap,
            Action::Undo,
            Action::PlanFix,
            Action::PlanNew,
            Action::PlanBreak,
            Action::RejectAll,
            Action::Open,
            Action::Budget,
            Action::WaitingNext,
        ],
        Pane::Why | Pane::Remarks | Pane::Explains => TOLD_BEST,
        Pane::Diff | Pane::Files => AT_A_CHANGE,
        Pane::Budget | Pane::Burn | Pane::Saved | Pane::Sums | Pane::Tiers | Pane::Days => &[
            Action::GroupBy,
            Action::CostRange,
            Action::Budget,
            Action::Open,
            Action::CostSort,
            Action::CostExport,
            Action::WaitingNext,
        ],
        Pane::Log | Pane::Event | Pane::Time | Pane::BoardThen | Pane::AgentsThen => LOG_BEST,
        Pane::Settings | Pane::Sections => SETTINGS_BEST,
        Pane::ClashHead | Pane::Ours | Pane::Theirs | Pane::Result | Pane::ClashWhy => CLASH_BEST,
        Pane::Sprint | Pane::Cost | Pane::Risk | Pane::People | Pane::Providers | Pane::Events => {
            TOLD_BEST
        }
    }
}

/// The keys that are worth showing at a pane that only tells.
const TOLD_BEST: &[Action] = &[
    Action::WaitingNext,
    Action::Open,
    Action::Down,
    Action::Zoom,
    Action::FocusNext,
];

/// The keys that are worth showing beside those in the log.
const LOG_BEST: &[Action] = &[
    Action::Open,
    Action::Replay,
    Action::WaitingNext,
    Action::Back,
];

/// The keys that are worth showing beside the settings.
const SETTINGS_BEST: &[Action] = &[
    Action::Open,
    Action::SettingDefault,
    Action::SettingTarget,
    Action::Undo,
    Action::Filter,
    Action::SiblingNext,
    Action::FocusNext,
    Action::Back,
];

/// The keys that are worth showing beside a conflict.
const CLASH_BEST: &[Action] = &[
    Action::ClashOurs,
    Action::ClashTheirs,
    Action::ClashBoth,
    Action::ClashProposal,
    Action::ClashEdit,
    Action::ApproveAll,
    Action::ClashTest,
    Action::ClashAgent,
    Action::PartNext,
    Action::Undo,
    Action::ClashTurned,
    Action::WaitingList,
];

/// The keys that walk through time, in pairs.
const WALK: [(Action, Action, &str); 2] = [
    (Action::TimeBack, Action::TimeForward, "step"),
    (Action::DecisionPrevious, Action::DecisionNext, "decision"),
];

/// The keys that are worth showing in the past: those that decide are not.
const fn past_best(place: Place) -> &'static [Action] {
    match place {
        Place::Log => &[
            Action::Back,
            Action::Replay,
            Action::TimeDiff,
            Action::Fork,
            Action::TimeStart,
            Action::Open,
        ],
        _ => &[Action::Back, Action::Go(Place::Log), Action::WaitingNext],
    }
}

/// What `A` does to the plan, with what it will cost; nothing where no plan waits.
fn approves(app: &App) -> Option<String> {
    let sprint = plan::shown(&app.known).filter(|sprint| plan::gate(sprint).is_some())?;
    let shown = app.panes.plan.plan(&app.known, sprint);
    Some(format!("approve {}", estimate::plan(&sprint.setup, shown)))
}

/// A key and what it does here.
fn hint(app: &App, action: Action) -> Option<Hint> {
    let mode = app.mode();
    let here = TABLE
        .iter()
        .find(|spec| spec.action == action && spec.fits(mode, app.place));
    Some(Hint {
        key: app.keymap.shown(action, mode, app.place)?,
        label: here.or_else(|| row(action))?.title.to_owned(),
    })
}

fn written(key: &str, label: &str) -> Hint {
    Hint {
        key: key.to_owned(),
        label: label.to_owned(),
    }
}

/// The keys that are worth showing while nothing lies above the panes, and the one that is always shown.
fn here(app: &App) -> (Vec<Hint>, Hint) {
    let mode = app.mode();
    let pair = |(first, second, label): (Action, Action, &str)| {
        let key = |action| app.keymap.shown(action, mode, app.place);
        let key = format!("{} {}", key(first)?, key(second)?);
        Some(written(&key, label))
    };
    let mut hints: Vec<Hint> = if app.place == Place::Log {
        WALK.into_iter().filter_map(pair).collect()
    } else {
        Vec::new()
    };
    let best: &[Action] = if app.known.is_past() {
        past_best(app.place)
    } else {
        best(app.focused(), mode)
    };
    let best = best.iter();
    let best = best.filter(|action| app.decides() || !changes(**action));
    hints.extend(best.filter_map(|action| {
        let label = match action {
            Action::Back if app.known.is_past() => "now".to_owned(),
            Action::Open if app.place == Place::Log => "inspect".to_owned(),
            Action::ApproveAll if app.place == Place::Plan => approves(app)?,
            Action::ApproveAll if app.place == Place::Conflict => "finish".to_owned(),
            Action::PartNext if app.place == Place::Conflict => "next".to_owned(),
            Action::Open if app.place == Place::Settings => "change".to_owned(),
            Action::SiblingNext if app.place == Place::Settings => "section".to_owned(),
            Action::Filter if app.place == Place::Settings => "find".to_owned(),
            _ => return hint(app, *action),
        };
        let key = app.keymap.shown(*action, mode, app.place)?;
        Some(written(&key, &label))
    }));
    (
        hints,
        hint(app, Action::Help).unwrap_or_else(|| written("?", "help")),
    )
}

/// What the person may do among those who are there.
fn on_people(app: &App) -> &'static [Action] {
    let all = &[
        Action::FollowPerson,
        Action::LetFollow,
        Action::HandOver,
        Action::NoteAll,
        Action::PersonRole,
        Action::PersonRemove,
    ];
    let (signals, _) = all.split_at(4);
    let (looks, _) = all.split_at(2);
    match app.known.standing() {
        _ if !app.decides() => looks,
        Standing::Owner => all,
        Standing::Approver | Standing::Viewer => signals,
    }
}

/// Paints the row of keys: what is worth showing here, and the one that is always shown.
pub(super) fn paint(app: &App, layout: &Layout, canvas: &mut Canvas<'_>) {
    let (hints, last): (Vec<Hint>, Hint) = match &app.overlay {
        Some(Overlay::Draft { .. }) => (
            vec![
                written("Enter", "send"),
                written("C-j", "new line"),
                written("C-x C-e", "$EDITOR"),
                written("@ Tab", "task or file"),
                written("↑", "earlier"),
            ],
            written("Esc", "keep and leave"),
        ),
        Some(Overlay::Palette { .. }) => (
            vec![
                written("Enter", "run"),
                written("↑ ↓", "pick"),
                written("Tab", "complete"),
            ],
            written("Esc", "close"),
        ),
        Some(Overlay::Confirm { word, .. }) => (
            vec![written("Enter", &format!("confirm the word {word}"))],
            written("Esc", "keep things as they are"),
        ),
        Some(Overlay::Past(Panel::Differences, _)) => {
            (vec![written("j k", "scroll")], written("Esc", "close"))
        }
        Some(Overlay::Past(Panel::Fork, _)) => (
            vec![written("F", "start it")],
            written("Esc", "keep things as they are"),
        ),
        Some(Overlay::Help { .. }) => (
            vec![
                written("Enter", "run"),
                written("↑ ↓", "pick"),
                written("?", "marks"),
            ],
            written("Esc", "close"),
        ),
        Some(Overlay::Filter { .. }) => (vec![written("Enter", "keep")], written("Esc", "clear")),
        // The first run has rows of its own.
        Some(Overlay::KeyTest(_) | Overlay::Setup(_)) => (Vec::new(), written("Esc", "close")),
        Some(Overlay::People(_)) => (
            on_people(app)
                .iter()
                .filter_map(|action| hint(app, *action))
                .collect(),
            written("Esc", "close"),
        ),
        Some(Overlay::Notices(_)) => (
            vec![written("j k", "pick"), written("Enter", "open")],
            written("Esc", "close"),
        ),
        Some(Overlay::NewTask) => {
            let adds = hint(app, Action::ApproveAll).map(|hint| Hint {
                label: "add it".to_owned(),
                ..hint
            });
            let mut hints = vec![
                written("j k", "field"),
                written("Enter", "change"),
                written("h l", "choose"),
            ];
            hints.splice(0..0, adds);
            (hints, written("Esc", "keep and leave"))
        }
        Some(Overlay::Answers(..)) => (
            hint(app, Action::ApproveAll).into_iter().collect(),
            written("Esc", "one by one"),
        ),
        None => here(app),
    };
    hints::paint(canvas.buffer, layout.hints, canvas.theme, &hints, &last);
}
