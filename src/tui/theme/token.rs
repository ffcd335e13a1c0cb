//! What colours mean. Everything that is painted names a token; a theme says how it looks at a depth of colour. No other file
//! of the interface names a colour.

/// A meaning that has a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Token {
    /// Content.
    Text,
    /// Secondary text.
    Dim,
    /// Idle things, zeros.
    Faint,
    /// The ground of popups.
    SurfaceRaised,
    /// The row under the cursor.
    SurfaceSelected,
    /// Marked rows.
    SurfaceMark,
    /// Frames.
    Border,
    /// The frame that has the focus.
    BorderFocus,
    /// Titles of panes.
    Title,
    /// Names and keys.
    Accent,
    /// Links.
    Link,
    /// Waits on a person.
    Need,
    /// A risk detector fired.
    Risk,
    /// Errors and failures.
    Fail,
    /// Done and well.
    Ok,
    /// Notes.
    Info,
    /// Busy.
    Run,
    /// Not busy.
    Off,
    /// Amounts.
    Money,
    /// Money as planned.
    MoneyPlan,
    /// Money near its limit.
    MoneyWarn,
    /// Money at its limit.
    MoneyOver,
    /// Money saved.
    Saved,
    /// Added lines.
    DiffAdd,
    /// Removed lines.
    DiffDel,
    /// Added words in a line.
    DiffAddWord,
    /// Removed words in a line.
    DiffDelWord,
    /// Heads of hunks.
    DiffHunk,
    /// Accepted hunks.
    DiffAccepted,
    /// Rejected hunks.
    DiffRejected,
    /// Keywords of code.
    SynKeyword,
    /// Strings of code.
    SynString,
    /// Numbers of code.
    SynNumber,
    /// Comments of code.
    SynComment,
    /// Types of code.
    SynType,
    /// Functions of code.
    SynFunction,
    /// Constants of code.
    SynConstant,
    /// Operators of code.
    SynOperator,
    /// Variables of code.
    SynVariable,
    /// The first agent or person.
    Who1,
    /// The second agent or person.
    Who2,
    /// The third agent or person.
    Who3,
    /// The fourth agent or person.
    Who4,
    /// The fifth agent or person.
    Who5,
    /// The sixth agent or person.
    Who6,
    /// The seventh agent or person.
    Who7,
    /// The eighth agent or person.
    Who8,
    /// The mode word NORMAL.
    ModeNormal,
    /// The mode word DECIDE.
    ModeDecide,
    /// The mode word INSERT.
    ModeInsert,
    /// The mode word TRAVEL.
    ModeTravel,
    /// The mode word VIEW.
    ModeView,
    /// What a search found.
    Match,
    /// The cursor's own cell.
    Cursor,
    /// Strong words of a text.
    TextStrong,
    /// Stressed words of a text.
    TextEmphasis,
    /// Code within a text.
    TextCode,
}

impl Token {
    /// All of them with their names in theme files, in the order of the enum.
    pub const ALL: [(Self, &'static str); 57] = [
        (Self::Text, "text"),
        (Self::Dim, "dim"),
        (Self::Faint, "faint"),
        (Self::SurfaceRaised, "surface.raised"),
        (Self::SurfaceSelected, "surface.selected"),
        (Self::SurfaceMark, "surface.mark"),
        (Self::Border, "border"),
        (Self::BorderFocus, "border.focus"),
        (Self::Title, "title"),
        (Self::Accent, "accent"),
        (Self::Link, "link"),
        (Self::Need, "need"),
        (Self::Risk, "risk"),
        (Self::Fail, "fail"),
        (Self::Ok, "ok"),
        (Self::Info, "info"),
        (Self::Run, "run"),
        (Self::Off, "off"),
        (Self::Money, "money"),
        (Self::MoneyPlan, "money.plan"),
        (Self::MoneyWarn, "money.warn"),
        (Self::MoneyOver, "money.over"),
        (Self::Saved, "saved"),
        (Self::DiffAdd, "diff.add"),
        (Self::DiffDel, "diff.del"),
        (Self::DiffAddWord, "diff.add.word"),
        (Self::DiffDelWord, "diff.del.word"),
        (Self::DiffHunk, "diff.hunk"),
        (Self::DiffAccepted, "diff.accepted"),
        (Self::DiffRejected, "diff.rejected"),
        (Self::SynKeyword, "syn.keyword"),
        (Self::SynString, "syn.string"),
        (Self::SynNumber, "syn.number"),
        (Self::SynComment, "syn.comment"),
        (Self::SynType, "syn.type"),
        (Self::SynFunction, "syn.function"),
        (Self::SynConstant, "syn.constant"),
        (Self::SynOperator, "syn.operator"),
        (Self::SynVariable, "syn.variable"),
        (Self::Who1, "who.1"),
        (Self::Who2, "who.2"),
        (Self::Who3, "who.3"),
        (Self::Who4, "who.4"),
        (Self::Who5, "who.5"),
        (Self::Who6, "who.6"),
        (Self::Who7, "who.7"),
        (Self::Who8, "who.8"),
        (Self::ModeNormal, "mode.normal"),
        (Self::ModeDecide, "mode.decide"),
        (Self::ModeInsert, "mode.insert"),
        (Self::ModeTravel, "mode.travel"),
        (Self::ModeView, "mode.view"),
        (Self::Match, "match"),
        (Self::Cursor, "cursor"),
        (Self::TextStrong, "text.strong"),
        (Self::TextEmphasis, "text.emphasis"),
        (Self::TextCode, "text.code"),
    ];

    /// Its name in theme files.
    pub fn name(self) -> &'static str {
        Self::ALL
            .get(self as usize)
            .map_or("text", |(_, name)| *name)
    }

    /// The token for the agent or person of this number, counted from 0; there are eight.
    pub const fn who(number: usize) -> Self {
        match number % 8 {
            0 => Self::Who1,
            1 => Self::Who2,
            2 => Self::Who3,
            3 => Self::Who4,
            4 => Self::Who5,
            5 => Self::Who6,
            6 => Self::Who7,
            _ => Self::Who8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stand_in_their_own_order() {
        for (place, (token, name)) in Token::ALL.into_iter().enumerate() {
            assert_eq!(token as usize, place, "{name}");
            assert_eq!(token.name(), name);
        }
        assert_eq!(Token::who(8), Token::Who1);
    }
}
