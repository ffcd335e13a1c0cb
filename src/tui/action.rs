//! The one table of what a person can do. Keymap, hints, help and palette all come from it; an action that is not here cannot
//! be reached, and one that is here does something.

mod table;

pub use table::TABLE;

/// Where the person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Everything at a glance.
    #[default]
    Home,
    /// The sprint's tasks by column.
    Board,
    /// What agents write and do.
    Agents,
    /// A change, hunk by hunk.
    Review,
    /// The plan.
    Plan,
    /// Money.
    Cost,
    /// All events.
    Log,
    /// The waiting list and its card.
    Waiting,
    /// The settings.
    Settings,
    /// A merge conflict, place by place.
    Conflict,
}

impl Place {
    /// The places with a tab, in the order of their digits.
    pub const TABS: [Self; 7] = [
        Self::Home,
        Self::Board,
        Self::Agents,
        Self::Review,
        Self::Plan,
        Self::Cost,
        Self::Log,
    ];

    /// All places.
    pub const ALL: [Self; 10] = [
        Self::Home,
        Self::Board,
        Self::Agents,
        Self::Review,
        Self::Plan,
        Self::Cost,
        Self::Log,
        Self::Waiting,
        Self::Settings,
        Self::Conflict,
    ];

    /// The place that others call by this word.
    pub fn named(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|place| place.title().eq_ignore_ascii_case(word))
    }

    /// Its name on tabs.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Board => "Board",
            Self::Agents => "Agents",
            Self::Review => "Review",
            Self::Plan => "Plan",
            Self::Cost => "Cost",
            Self::Log => "Log",
            Self::Waiting => "Waiting",
            Self::Settings => "Settings",
            Self::Conflict => "Conflict",
        }
    }
}

/// What keys mean at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Keys are commands.
    Normal,
    /// Keys are commands, and a card that decides has the focus.
    Decide,
    /// Keys are text for an agent, a comment, an answer.
    Insert,
    /// Keys are text that narrows a list or is looked for.
    Filter,
    /// Keys are text for the palette.
    Palette,
    /// Keys are the word that confirms what cannot be undone.
    Modal,
    /// Keys are commands, and what is shown is the past: nothing can be decided.
    Travel,
    /// Keys are commands about those who are there.
    People,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 8] = [
        Self::Normal,
        Self::Decide,
        Self::Insert,
        Self::Filter,
        Self::Palette,
        Self::Modal,
        Self::Travel,
        Self::People,
    ];

    /// The word in the last row.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Decide => "DECIDE",
            Self::Insert => "INSERT",
            Self::Filter => "FILTER",
            Self::Palette => "PALETTE",
            Self::Modal => "CONFIRM",
            Self::Travel => "TRAVEL",
            Self::People => "PEOPLE",
        }
    }

    /// Whether printable keys are text.
    pub const fn is_text(self) -> bool {
        match self {
            Self::Normal | Self::Decide | Self::Travel | Self::People => false,
            Self::Insert | Self::Filter | Self::Palette | Self::Modal => true,
        }
    }
}

/// How much care an action takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Changes nothing, or can be undone: done at once.
    A,
    /// Weighty: a deliberate key, on a screen that shows its result.
    B,
    /// Cannot be undone: a typed word.
    C,
}

/// Everything that a person can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// To the next waiting item.
    WaitingNext,
    /// To the list of waiting items.
    WaitingList,
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// One column left.
    Left,
    /// One column right.
    Right,
    /// The next part of what is shown.
    PartNext,
    /// The previous part of what is shown.
    PartPrevious,
    /// The next of its kind.
    SiblingNext,
    /// The previous of its kind.
    SiblingPrevious,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// Half a page down.
    PageDown,
    /// Half a page up.
    PageUp,
    /// Open what is under the cursor.
    Open,
    /// One level back.
    Back,
    /// One level back; at the top twice leaves.
    BackOrLeave,
    /// To the next pane.
    FocusNext,
    /// To the previous pane.
    FocusPrevious,
    /// To a place.
    Go(Place),
    /// The focused pane alone, and back.
    Zoom,
    /// Yes to the thing under the cursor.
    Approve,
    /// Yes to all that is shown.
    ApproveAll,
    /// No to the thing under the cursor.
    Reject,
    /// No to all that is shown.
    RejectAll,
    /// Say something to the thing under the cursor.
    Comment,
    /// Choose an option of the card.
    Choose(u8),
    /// Put the item off.
    Snooze,
    /// Mark the thing under the cursor: what is done then goes to all that are marked.
    Mark,
    /// Take the last decision back.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Write to an agent, or say what is wanted.
    Compose,
    /// Pause or resume the thing under the cursor.
    Pause,
    /// Pause or resume everything.
    PauseAll,
    /// Keep or drop a task of the plan.
    PlanKeep,
    /// Move a task of the plan down.
    PlanDown,
    /// Move a task of the plan up.
    PlanUp,
    /// Change a task's title.
    PlanTitle,
    /// Change a task's tier.
    PlanTier,
    /// Add a task to the plan.
    PlanNew,
    /// Make two tasks of one.
    PlanBreak,
    /// Set the cap of a task.
    PlanCap,
    /// Mend what a check has against the plan.
    PlanFix,
    /// Send the marks of a review.
    ReviewSend,
    /// Group the costs differently.
    GroupBy,
    /// Sort the costs differently.
    CostSort,
    /// Sum up this sprint, or all.
    CostRange,
    /// Copy the sums as comma-separated values.
    CostExport,
    /// Set the sprint's budget.
    Budget,
    /// Follow the live text.
    Follow,
    /// Only calls, only words, or all of a stream.
    Only,
    /// One stream more beside the others.
    StreamMore,
    /// One stream fewer.
    StreamLess,
    /// The command palette.
    Palette,
    /// Choose how things look.
    Theme,
    /// Keys and what they do.
    Help,
    /// Paint everything anew.
    Redraw,
    /// Stop this program until the shell continues it.
    Suspend,
    /// Cancel; twice leaves.
    Interrupt,
    /// Send what is written.
    Send,
    /// A new line in what is written.
    Newline,
    /// Narrow a list, or look for something in a text.
    Filter,
    /// To the next row that is looked for.
    SearchNext,
    /// To the previous row that is looked for.
    SearchPrevious,
    /// Copy what is under the cursor.
    Copy,
    /// Copy all of the pane.
    CopyAll,
    /// Show all of the pane in the pager of one's own.
    Pager,
    /// Take the mouse from the terminal, or give it back.
    Mouse,
    /// Read the file of keys again.
    Reload,
    /// Show which keys arrive, and what the terminal tells about itself.
    KeyTest,
    /// Stop the sprint for good.
    StopSprint,
    /// Give the task under the cursor up.
    DropTask,
    /// Add a task to the running sprint.
    TaskNew,
    /// Let the task under the cursor begin before the one above it.
    TaskEarlier,
    /// Let the task under the cursor begin after the one below it.
    TaskLater,
    /// Give the task under the cursor to another role.
    Assign,
    /// Move the card under the cursor a column further.
    CardFurther,
    /// Move the card under the cursor a column back.
    CardBack,

    // Time.
    /// Everything as it was one event earlier.
    TimeBack,
    /// Everything as it was one event later.
    TimeForward,
    /// To the decision before.
    DecisionPrevious,
    /// To the decision after.
    DecisionNext,
    /// To the beginning of the sprint.
    TimeStart,
    /// Back to now.
    TimeNow,
    /// To a time of day.
    TimeAt,
    /// Let the past pass by; again, faster.
    Replay,
    /// What differs between then and now.
    TimeDiff,
    /// A new sprint from here.
    Fork,
    /// Before and after beside each other, or in one column.
    SideBySide,
    /// Pick the line under the cursor.
    LineMark,
    /// Begin or end a range of lines.
    LineRange,
    /// Say something to the file as a whole.
    CommentFile,
    /// Write a hunk as it should be.
    EditHunk,
    /// More lines around what differs.
    ContextMore,
    /// Fewer lines around what differs.
    ContextLess,
    /// Which calls wrote the file.
    Blame,
    /// What the checks gave.
    Tests,
    /// Leave changes of blanks out.
    Blanks,
    /// The change of the thing under the cursor.
    DiffOf,
    /// The log of the thing under the cursor.
    TimelineOf,
    /// Write a hunk as it should be, in the editor.
    EditOutside,
    /// What is being written, in the editor.
    Editor,
    /// A setting back to its default.
    SettingDefault,
    /// Another file for settings.
    SettingTarget,
    /// Let a command run in this sprint without a question.
    Allow,
    /// Ask again about a command that was allowed.
    AskAgain,
    /// Only show, until a word is typed.
    Lock,
    /// Who is there.
    People,
    /// Go where somebody else goes.
    FollowPerson,
    /// Hand the item that is open to somebody else.
    HandOver,
    /// What the person may do: the next role.
    PersonRole,
    /// Send the person away.
    PersonRemove,
    /// Say something to everybody who is there.
    NoteAll,
    /// Let others follow, or not.
    LetFollow,
    /// Look for the host again.
    Reconnect,
    /// What was said so far.
    Notices,
    /// What the newest notice is about.
    NoticeNewest,

    // A conflict.
    /// What the sprint's branch has.
    ClashOurs,
    /// What the task has.
    ClashTheirs,
    /// First the one, then the other.
    ClashBoth,
    /// First what the task has, then the other.
    ClashTurned,
    /// Write it by hand.
    ClashEdit,
    /// Take what is proposed.
    ClashProposal,
    /// Run the project's checks on the result.
    ClashTest,
    /// Let the task's author merge.
    ClashAgent,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// What it does.
    pub action: Action,
    /// Its name in key files and the palette.
    pub id: &'static str,
    /// A word or two, for hints.
    pub title: &'static str,
    /// A line, for help.
    pub help: &'static str,
    /// How much care it takes.
    pub class: Class,
    /// Where it can be done; everywhere if empty.
    pub places: &'static [Place],
    /// In which modes.
    pub modes: &'static [Mode],
    /// Its keys; the first is the one that is shown. None: the palette only.
    pub keys: &'static [&'static str],
}

impl Spec {
    /// Whether it can be done there and then.
    pub fn fits(&self, mode: Mode, place: Place) -> bool {
        self.modes.contains(&mode) && (self.places.is_empty() || self.places.contains(&place))
    }
}

/// The row of an action; the first if several have it.
pub fn row(action: Action) -> Option<&'static Spec> {
    TABLE.iter().find(|spec| spec.action == action)
}

/// The row with an id.
pub fn by_id(id: &str) -> Option<&'static Spec> {
    TABLE.iter().find(|spec| spec.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_texts_are_short() {
        let ids: BTreeSet<&str> = TABLE.iter().map(|spec| spec.id).collect();
        assert_eq!(ids.len(), TABLE.len());
        for spec in TABLE {
            assert!(
                spec.title.len() <= 20 && spec.help.len() <= 72,
                "{}",
                spec.id
            );
            assert!(
                !spec.help.ends_with('.') && !spec.help.contains('!'),
                "{}",
                spec.id
            );
            assert!(!spec.modes.is_empty(), "{}", spec.id);
        }
        assert_eq!(
            by_id("approve.all")
                .and_then(|spec| row(spec.action))
                .map(|spec| spec.class),
            Some(Class::B)
        );
    }

    #[test]
    fn every_place_can_be_reached() {
        for place in Place::TABS {
            assert!(row(Action::Go(place)).is_some(), "{}", place.title());
        }
    }
}
