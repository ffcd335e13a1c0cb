//! The diff as a picture: its frame, and the rows in view, in one column or side by side. Only rows in view are ever painted.

use ratatui::layout::Rect;

use crate::base::text::{SafeText, clip, pad, width};
use crate::domain::change::{DiffLine, FileDiff, FileKind, Hunk, LineKind, Mark};
use crate::domain::sprint::Gate;
use crate::tui::facts::line;
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::matches;
use crate::tui::widgets::row::{Piece, piece, plain};

use super::index::{Code, Place, Row, Shape, Spot, why_folded};
use super::line::Line;
use super::remarks::Fate;
use super::{Read, State};

/// The column at which a hunk's head tells what became of it.
const STATE: usize = 54;

/// Paints the diff.
pub fn view(
    state: &State,
    known: &Known,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (has_focus, is_armed): (bool, bool),
) {
    let gate = state.shown_gate(&known.world);
    let is_open = state.gate(&known.world).is_some();
    let (title, right) = heads(state, known, (canvas.buffer.area.width, is_open, is_armed));
    let inside = canvas.frame(area, &title, &right, has_focus);
    let say =
        |canvas: &mut Canvas<'_>, text: String, token| canvas.row(inside, &[piece(text, token)]);
    let Some(task) = state.task(&known.world) else {
        return say(
            canvas,
            " Nothing to review. An agent's change comes here when it is done.  w next waiting"
                .to_owned(),
            Token::Dim,
        );
    };
    let read = match &state.read {
        None if task.change.is_some() => {
            return say(
                canvas,
                " The change is being fetched.".to_owned(),
                Token::Dim,
            );
        }
        None => return say(canvas, " Nothing is committed yet.".to_owned(), Token::Dim),
        Some((_, Err(why))) => {
            let text = format!(" The change cannot be read: {}", line(why));
            return say(canvas, text, Token::Fail);
        }
        Some((_, Ok(read))) if read.change.files.is_empty() => {
            return say(canvas, " The change is empty.".to_owned(), Token::Dim);
        }
        Some((_, Ok(read))) => read,
    };
    let is_beside = read.laid.as_ref().is_some_and(|laid| laid.look.is_beside);
    let painter = Painter {
        state,
        known,
        read,
        gate,
        digits: digits(read, if is_beside { 2 } else { 4 }),
        selected: state.hunk(),
    };
    let mut rows = inside.rows();
    if is_beside && let Some(row) = rows.next() {
        painter.sides(canvas, row);
    }
    for (row, number) in rows.zip(state.top..read.index.rows.len()) {
        painter.row(canvas, row, number, is_beside);
    }
}

/// What stands in the frame: the file under the cursor; how far the review is and whether it may be decided.
fn heads(
    state: &State,
    known: &Known,
    (columns, is_open, is_armed): (u16, bool, bool),
) -> (String, String) {
    let Some((number, file)) = state.file() else {
        return ("REVIEW".to_owned(), String::new());
    };
    let what = kind(file);
    let title = format!("{}{what}", line(&file.path.to_string()));
    let files = state.content().map_or(0, |read| read.change.files.len());
    let (hunk, hunks) = state.hunk_of_file().unwrap_or((0, 0));
    let gate = state.shown_gate(&known.world);
    let way = match (is_open, is_armed) {
        (false, _) => "read only",
        (true, false) => "…",
        (true, true) => "ready",
    };
    let is_beside = state.is_beside(columns);
    let right = if columns < super::BESIDE {
        let marked = marked(state, gate, number);
        format!(
            "file {}/{files} · {marked}/{hunks} hunks · {way}",
            number + 1
        )
    } else if is_beside && columns < super::BESIDE_BY_ITSELF {
        format!("before │ after · {way}")
    } else if is_beside {
        format!("before │ after · hunk {hunk}/{hunks} · {way}")
    } else {
        format!("unified · hunk {hunk}/{hunks} · {way}")
    };
    match state.count_found() {
        Some(count) => (title, format!("{count} · {way}")),
        None => (title, right),
    }
}

/// How many hunks of a file have a mark.
fn marked(state: &State, gate: Option<&Gate>, file: usize) -> usize {
    let places = state.content().map_or(&[][..], |read| &read.index.hunks);
    let of_file = places.iter().filter(|place| place.file == file);
    of_file
        .filter(|place| gate.is_some_and(|gate| is_marked(gate, place)))
        .count()
}

pub(super) fn is_marked(gate: &Gate, place: &Place) -> bool {
    !matches!(gate.marks.get(&place.key), None | Some(Mark::Open))
}

/// The digits of the largest line number, at least so many.
fn digits(read: &Read, least: usize) -> usize {
    let ends = read.index.hunks.iter().map(|hunk| {
        let end = |(start, count): (u32, u32)| start.saturating_add(count);
        end(hunk.old).max(end(hunk.new))
    });
    let largest = ends.max().unwrap_or(0);
    largest
        .checked_ilog10()
        .map_or(1, |digits| digits as usize + 1)
        .max(least)
}

struct Painter<'a> {
    state: &'a State,
    known: &'a Known,
    read: &'a Read,
    gate: Option<&'a Gate>,
    digits: usize,
    selected: usize,
}

impl Painter<'_> {
    fn row(&self, canvas: &mut Canvas<'_>, area: Rect, number: usize, is_beside: bool) {
        let Some(row) = self.read.index.rows.get(number) else {
            return;
        };
        match *row {
            Row::Gap => {
                if is_beside {
                    Self::wall(canvas, area);
                }
            }
            Row::File(file) => {
                if let Some(file) = self.read.change.files.get(file) {
                    canvas.row(area, &head(file));
                }
            }
            Row::Folded(file) => self.folded(canvas, area, file),
            Row::Hunk(hunk) => self.hunk(canvas, area, hunk),
            Row::Code(code) if is_beside => self.pair(canvas, area, (number, code)),
            Row::Code(code) => self.code(canvas, area, (number, code)),
            Row::Remark(remark, row) => self.remark(canvas, area, (remark, row)),
        }
        self.mark(canvas, area, *row, is_beside);
        if number == self.state.cursor {
            canvas.cursor(area);
        }
    }

    /// Marks what is looked for, in the code and in the names of files.
    fn mark(&self, canvas: &mut Canvas<'_>, area: Rect, row: Row, is_beside: bool) {
        let words = self.state.search.words();
        let digits = self.digits as u16;
        let areas = match row {
            _ if words.is_empty() => return,
            Row::Gap | Row::Hunk(_) | Row::Remark(..) => return,
            Row::File(_) | Row::Folded(_) => vec![area],
            Row::Code(_) if is_beside => {
                let (left, right) = Self::halves(area);
                vec![shrunk(left, digits + 4), shrunk(right, digits + 4)]
            }
            Row::Code(_) => vec![shrunk(area, 2 * digits + 5)],
        };
        for area in areas {
            matches::mark(canvas.buffer, area, canvas.theme, &words);
        }
    }

    /// The mark at the left: the hunk under the cursor has a bar, picked lines a dot.
    fn bar(&self, number: usize, hunk: usize) -> Piece<'static> {
        if self.state.is_picked(number) {
            return piece("●", Token::SurfaceMark);
        }
        let bar = if hunk == self.selected { "┃" } else { " " };
        piece(bar, Token::BorderFocus)
    }

    fn folded(&self, canvas: &mut Canvas<'_>, area: Rect, number: usize) {
        let Some(file) = self.read.change.files.get(number) else {
            return;
        };
        let why = why_folded(file).unwrap_or("by you");
        let lines: usize = file.hunks.iter().map(|hunk| hunk.lines.len()).sum();
        let text = format!("   {lines} lines are folded ({why}).  Enter shows them");
        canvas.row(area, &[piece(text, Token::Dim)]);
    }

    fn git_hunk(&self, place: &Place) -> Option<&Hunk> {
        self.read
            .change
            .files
            .get(place.file)?
            .hunks
            .get(place.number?)
    }

    fn hunk(&self, canvas: &mut Canvas<'_>, area: Rect, number: usize) {
        let Some(place) = self.read.index.hunks.get(number) else {
            return;
        };
        let left = match self.git_hunk(place) {
            Some(hunk) => {
                let heading = hunk.heading.get(..400).unwrap_or(&hunk.heading);
                let heading = SafeText::from_bytes(heading).into_string();
                let ((old, olds), (new, news)) = (place.old, place.new);
                format!("  @@ -{old},{olds} +{new},{news} @@ {}", line(&heading))
            }
            None => format!("  {}", self.no_text(place)),
        };
        let fate = self.fate(number, place);
        let room = usize::from(area.width);
        let column = STATE.min(room.saturating_sub(width_of(&fate) + 1));
        let mut pieces = vec![piece(
            pad(&clip(&left, column.saturating_sub(2)), column),
            Token::DiffHunk,
        )];
        pieces.extend(fate);
        canvas.row(area, &pieces);
    }

    fn no_text(&self, place: &Place) -> &'static str {
        match self.read.change.files.get(place.file) {
            Some(file) if file.is_binary => "binary: no text to show",
            Some(file) if file.is_submodule() => "a submodule: no text to show",
            Some(file) => match file.kind {
                FileKind::Renamed => "renamed, the content is the same",
                FileKind::ModeChanged => "the mode changed, the content is the same",
                FileKind::Added | FileKind::Deleted | FileKind::Modified => {
                    "empty: no text to show"
                }
            },
            None => "no text to show",
        }
    }

    /// `hunk 2/4  accepted ✓`
    fn fate(&self, number: usize, place: &Place) -> Vec<Piece<'static>> {
        let hunks = &self.read.index.hunks;
        let first = hunks.partition_point(|other| other.file < place.file);
        let count = hunks
            .iter()
            .skip(first)
            .take_while(|other| other.file == place.file)
            .count();
        let label = format!("hunk {}/{count}", number + 1 - first.min(number));
        let mark = self.gate.and_then(|gate| gate.marks.get(&place.key));
        let (text, token) = match mark {
            Some(Mark::Accepted) => ("accepted ✓".to_owned(), Token::DiffAccepted),
            Some(Mark::Rejected { reason }) if reason.is_empty() => {
                ("rejected ✗".to_owned(), Token::Fail)
            }
            Some(Mark::Rejected { reason }) => (format!("✗ {}", line(reason)), Token::Fail),
            Some(Mark::Open) | None if self.is_new_since(place) => {
                ("~ changed".to_owned(), Token::Need)
            }
            Some(Mark::Open) | None if number == self.selected => ("▸ here".to_owned(), Token::Dim),
            Some(Mark::Open) | None => (String::new(), Token::Dim),
        };
        vec![piece(label, Token::Dim), plain("  "), piece(text, token)]
    }

    /// Whether the hunk was not in the review before.
    fn is_new_since(&self, place: &Place) -> bool {
        let before = self.state.gate_before(&self.known.world);
        let Some(before) = before.filter(|gate| !gate.state.is_open()) else {
            return false;
        };
        let file = self.read.change.files.get(place.file);
        let key = file.and_then(|file| match place.number {
            Some(number) => file.hunks.get(number).map(|hunk| hunk.key),
            None => file.keys().first().copied(),
        });
        let crate::domain::sprint::Ask::Diff { hunks, .. } = &before.ask else {
            return false;
        };
        key.is_some_and(|key| !hunks.contains(&key))
    }

    fn lines(&self, code: Code) -> (Option<&DiffLine>, Option<&DiffLine>) {
        let place = self.read.index.hunks.get(code.hunk);
        let hunk = place.and_then(|place| self.git_hunk(place));
        let line = |spot: Option<Spot>| hunk?.lines.get(spot?.line as usize);
        (line(code.old), line(code.new))
    }

    fn number(&self, spot: Option<Spot>) -> String {
        let digits = self.digits;
        let number = spot.map_or_else(String::new, |spot| spot.number.to_string());
        format!("{number:>digits$}")
    }

    /// A row of one column: both numbers, the sign, the line.
    fn code(&self, canvas: &mut Canvas<'_>, area: Rect, (number, code): (usize, Code)) {
        let (old, new) = self.lines(code);
        let (line, other, spot, sign) = match code.shape {
            Shape::Removed => (old, new, code.old, piece("-", Token::DiffDel)),
            Shape::Added => (new, old, code.new, piece("+", Token::DiffAdd)),
            Shape::Context | Shape::Pair => (new, None, code.new, plain(" ")),
        };
        let is_new = code.shape != Shape::Removed;
        let is_old = code.shape != Shape::Added;
        let numbers = format!(
            "{} {} ",
            self.number(code.old.filter(|_| is_old)),
            self.number(code.new.filter(|_| is_new))
        );
        let pieces = [
            self.bar(number, code.hunk),
            piece(numbers, Token::Dim),
            sign,
            plain(" "),
        ];
        canvas.row(area, &pieces);
        let used = width_of(&pieces) as u16;
        self.text(canvas, shrunk(area, used), (code, spot), (line, other));
    }

    /// The line's text, and at its end whether it is the last of a file without line end.
    fn text(
        &self,
        canvas: &mut Canvas<'_>,
        area: Rect,
        (code, spot): (Code, Option<Spot>),
        (line, other): (Option<&DiffLine>, Option<&DiffLine>),
    ) {
        let (Some(line), Some(spot)) = (line, spot) else {
            return;
        };
        let place = self.read.index.hunks.get(code.hunk);
        let runs = place.and_then(|place| self.state.colours.of(self.read, place, spot.line));
        let mut area = area;
        if line.no_newline {
            let note = " no line end";
            let room = area.width.saturating_sub(note.len() as u16);
            let text = super::line::shown(&line.text, usize::from(room) + self.state.shift);
            let at = width(&text)
                .saturating_sub(self.state.shift)
                .min(usize::from(room)) as u16;
            canvas.row(shrunk(area, at), &[piece(note, Token::Dim)]);
            area.width = room;
        }
        let line = Line {
            own: line,
            other,
            runs,
            shift: self.state.shift,
        };
        line.paint(canvas.buffer, area, canvas.theme);
    }

    /// The cells of the left side, and the wall between both.
    fn halves(area: Rect) -> (Rect, Rect) {
        let left = area.width.saturating_sub(1) / 2;
        (
            Rect {
                width: left,
                ..area
            },
            shrunk(area, left + 1),
        )
    }

    fn wall(canvas: &mut Canvas<'_>, area: Rect) {
        let (left, _) = Self::halves(area);
        canvas.row(shrunk(area, left.width), &[piece("│", Token::Border)]);
    }

    /// What the two sides are.
    fn sides(&self, canvas: &mut Canvas<'_>, area: Rect) {
        let sprint = self.known.world.current();
        let task = self.state.task(&self.known.world);
        let base = sprint.and_then(|sprint| sprint.base.as_ref());
        let before = base.map_or("", |base| base.target.as_deref().unwrap_or(&base.branch));
        let before = line(before.strip_prefix("refs/heads/").unwrap_or(before));
        let after = task.zip(sprint).map_or_else(String::new, |(task, sprint)| {
            format!("{}/{}", line(&sprint.setup.prefix), task.id)
        });
        let (left, right) = Self::halves(area);
        Self::wall(canvas, area);
        canvas.row(left, &[piece(format!("  before  {before}"), Token::Dim)]);
        canvas.row(right, &[piece(format!("  after  {after}"), Token::Dim)]);
    }

    /// A row of both sides; the first of a hunk tells what became of it.
    fn pair(&self, canvas: &mut Canvas<'_>, area: Rect, (number, code): (usize, Code)) {
        let (left, right) = Self::halves(area);
        let (old, new) = self.lines(code);
        let is_context = code.shape == Shape::Context;
        let mut left_text = left;
        let place = self.read.index.hunks.get(code.hunk);
        if let Some(place) = place.filter(|place| place.row == number) {
            let fate = self.fate(code.hunk, place);
            let wanted = (width_of(&fate) as u16).min(left.width / 2);
            let at = left.width.saturating_sub(wanted);
            canvas.row(shrunk(left, at), &fate);
            left_text.width = at.saturating_sub(1);
        }
        let other = |line| if is_context { None } else { line };
        let bar = self.bar(number, code.hunk);
        self.side(canvas, left_text, bar, (code, code.old), (old, other(new)));
        Self::wall(canvas, area);
        self.side(
            canvas,
            right,
            plain(" "),
            (code, code.new),
            (new, other(old)),
        );
    }

    fn side(
        &self,
        canvas: &mut Canvas<'_>,
        area: Rect,
        bar: Piece<'_>,
        (code, spot): (Code, Option<Spot>),
        (line, other): (Option<&DiffLine>, Option<&DiffLine>),
    ) {
        let sign = match line.map(|line| line.kind) {
            Some(LineKind::Removed) if code.shape == Shape::Pair => piece("-", Token::DiffDel),
            Some(LineKind::Added) if code.shape == Shape::Pair => piece("+", Token::DiffAdd),
            Some(_) | None => plain(" "),
        };
        let numbers = format!(" {} ", self.number(spot));
        let pieces = [bar, piece(numbers, Token::Dim), sign];
        canvas.row(area, &pieces);
        let used = width_of(&pieces) as u16;
        self.text(canvas, shrunk(area, used), (code, spot), (line, other));
    }

    /// `╭ li 10:40  is that the tax rule?`, and below it what became of it.
    fn remark(&self, canvas: &mut Canvas<'_>, area: Rect, (remark, row): (usize, usize)) {
        // Remarks with a place stand first, in the order of the pins.
        let Some(remark) = self.state.remarks.get(remark) else {
            return;
        };
        let indent = " ".repeat(self.digits * 2 + 3);
        let bar = plain(" ");
        let pieces = match remark.rows.get(row) {
            Some(text) if row == 0 => vec![
                bar,
                plain(indent),
                piece("╭ ", Token::Accent),
                piece(format!("{} {}  ", remark.who, remark.when), Token::Accent),
                plain(text.as_str()),
            ],
            Some(text) => vec![
                bar,
                plain(indent),
                piece("│ ", Token::Accent),
                plain(text.as_str()),
            ],
            None => {
                let (text, token) = match remark.fate {
                    Fate::Draft => ("draft  S sends it, c changes it", Token::Dim),
                    Fate::Sent => ("sent", Token::Dim),
                    Fate::Answered => ("✓ answered: it changed since", Token::Ok),
                    Fate::NotAddressed => ("▲ not addressed: it is as it was", Token::Risk),
                };
                vec![
                    bar,
                    plain(indent),
                    piece("╰ ", Token::Accent),
                    piece(text, token),
                ]
            }
        };
        canvas.row(area, &pieces);
    }
}

fn width_of(pieces: &[Piece<'_>]) -> usize {
    pieces.iter().map(|piece| width(&piece.text)).sum()
}

/// `area` without so many columns at its left.
fn shrunk(area: Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    Rect {
        x: area.x + columns,
        width: area.width - columns,
        ..area
    }
}

fn head<'a>(file: &FileDiff) -> Vec<Piece<'a>> {
    let name = line(&file.path.to_string());
    let name = match &file.renamed_from {
        Some(before) => format!("{} › {name}", line(&before.to_string())),
        None => name,
    };
    vec![
        piece(format!(" {name}"), Token::Title),
        piece(kind(file), Token::Dim),
        piece(format!("  +{}", file.added), Token::DiffAdd),
        piece(format!(" -{}", file.removed), Token::DiffDel),
    ]
}

/// What became of a file, if more than its content.
const fn kind(file: &FileDiff) -> &'static str {
    match file.kind {
        FileKind::Added => "  new",
        FileKind::Deleted => "  deleted",
        FileKind::Renamed => "  renamed",
        FileKind::ModeChanged => "  mode",
        FileKind::Modified => "",
    }
}
