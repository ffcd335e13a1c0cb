//! The board: the sprint's tasks by column, and the one under the cursor.

mod flow;
pub mod form;

use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::Rect;

use crate::base::id::{TaskId, Work};
use crate::domain::journal::Command;
use crate::domain::sprint::board::{Column, column, is_blocked};
use crate::domain::sprint::{Cause, GateState, Sprint, Status, Task};
use crate::tui::action::Action;
use crate::tui::facts::{line, mark, mark_token, people, role_name, task_label};
use crate::tui::known::Known;
use crate::tui::theme::Token;
use crate::tui::widgets::canvas::Canvas;
use crate::tui::widgets::filter::{Fields, Filter};
use crate::tui::widgets::list::{Cursor, Step};
use crate::tui::widgets::row::{Piece, piece, plain};

use super::{Intent, Purpose, agents, narrowed, step};
use form::{Field, Form};

/// What only the board knows.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The column of the cursor, from the left; none before the person moved: then the first that holds something.
    column: Option<usize>,
    /// The cursor of each column.
    cursors: BTreeMap<Column, Cursor<TaskId>>,
    /// What narrows the columns.
    pub filter: Filter,
    /// Tasks that are marked: what is done goes to all of them.
    marked: BTreeSet<TaskId>,
    /// A task that the person is about to add.
    pub form: Option<Form>,
}

impl State {
    /// The tasks of a column that what narrows it leaves.
    fn tasks(&self, sprint: &Sprint, wanted: Column) -> Vec<TaskId> {
        let tasks = sprint.tasks.values();
        let here = tasks.filter(|task| column(sprint, task) == Some(wanted));
        let here = here.filter(|task| self.filter.is_empty() || self.fits(sprint, task));
        let mut here: Vec<&Task> = here.collect();
        if wanted == Column::Ready {
            here.sort_by_key(|task| task.turn);
        }
        here.into_iter().map(|task| task.id).collect()
    }

    fn fits(&self, sprint: &Sprint, task: &Task) -> bool {
        let who = role_name(sprint, &task.spec.role);
        let column = column(sprint, task).map_or("", Column::title);
        let state = if is_blocked(task) { "blocked" } else { column };
        let text = format!("{} {} {who} {column}", task_label(task.id), task.spec.title);
        self.filter.fits(&Fields {
            text: &text,
            agent: &who,
            kind: &task.spec.role,
            state,
            money: Some(task.account.spent),
            ..Fields::default()
        })
    }

    /// Puts the cursor on a task.
    pub fn show(&mut self, id: TaskId, known: &Known) {
        let Some(sprint) = known.world.current() else {
            return;
        };
        let kind = sprint.task(id).and_then(|task| column(sprint, task));
        if let Some(kind) = kind {
            self.filter = Filter::default(); // It must not hide what is opened.
            self.column = Column::ALL.iter().position(|known| *known == kind);
            self.cursors.entry(kind).or_default().set(id);
        }
    }

    fn column(&self, sprint: &Sprint) -> usize {
        let filled = || {
            Column::ALL
                .iter()
                .position(|column| !self.tasks(sprint, *column).is_empty())
        };
        self.column.or_else(filled).unwrap_or(0)
    }

    fn kind(&self, sprint: &Sprint) -> Column {
        Column::ALL
            .get(self.column(sprint))
            .copied()
            .unwrap_or(Column::Ready)
    }

    /// The task under the cursor.
    pub fn current<'a>(&self, known: &'a Known) -> Option<&'a Task> {
        let sprint = known.world.current()?;
        let kind = self.kind(sprint);
        let tasks = self.tasks(sprint, kind);
        let cursor = self.cursors.get(&kind);
        let id = cursor.map_or_else(|| tasks.first().copied(), |cursor| cursor.current(&tasks))?;
        sprint.task(id)
    }

    /// Acts on an action; `height` is the height of a column.
    pub fn act(&mut self, action: Action, known: &Known, height: u16) -> Vec<Intent> {
        let Some(sprint) = known.world.current() else {
            return Vec::new();
        };
        if action == Action::TaskNew {
            return self.begin(sprint);
        }
        let place = self.column(sprint);
        match action {
            Action::Left => self.column = Some(place.saturating_sub(1)),
            Action::Right => self.column = Some((place + 1).min(Column::ALL.len() - 1)),
            _ => {
                let kind = self.kind(sprint);
                if let Some(step) = step(action, height) {
                    let tasks = self.tasks(sprint, kind);
                    self.cursors.entry(kind).or_default().step(step, &tasks);
                } else if let Some(task) = self.current(known) {
                    if action == Action::Mark {
                        if !self.marked.remove(&task.id) {
                            self.marked.insert(task.id);
                        }
                        let tasks = self.tasks(sprint, kind);
                        let cursor = self.cursors.entry(kind).or_default();
                        cursor.step(Step::Down, &tasks);
                        return Vec::new();
                    }
                    if matches!(action, Action::TaskEarlier | Action::TaskLater) {
                        return flow::reorder(action, &self.tasks(sprint, Column::Ready), task);
                    }
                    let marked = self.marked(sprint);
                    if marked.is_empty() {
                        return on_task(action, known, sprint, task);
                    }
                    return on_marked(action, known, sprint, (task, &marked));
                }
            }
        }
        Vec::new()
    }

    /// Begins a task that is added, or goes on with it.
    fn begin(&mut self, sprint: &Sprint) -> Vec<Intent> {
        if let Err(why) = sprint.takes_tasks() {
            let text = format!("no task is added: {}", form::refusal(&why));
            return vec![Intent::Say(Token::Info, text)];
        }
        self.form = self.form.take().filter(|form| form.sprint == sprint.id);
        match self.form {
            Some(_) => vec![Intent::ShowNewTask],
            None => vec![Intent::Write(Purpose::NewTask(Field::Title))],
        }
    }

    /// Takes what was written for a task that is added.
    ///
    /// # Errors
    /// It does not fit; the text says why.
    pub fn written(&mut self, known: &Known, field: Field, text: &str) -> Result<(), String> {
        let sprint = known.world.running().ok_or("the sprint is over")?;
        if let Some(form) = &mut self.form {
            return form.set(sprint, field, text);
        }
        self.form = Some(Form::new(sprint, text));
        Ok(())
    }

    /// The marked tasks that are not over.
    fn marked<'a>(&self, sprint: &'a Sprint) -> Vec<&'a Task> {
        let tasks = self.marked.iter().filter_map(|id| sprint.task(*id));
        tasks.filter(|task| !task.is_over()).collect()
    }

    /// Takes all marks off; false if there is none.
    pub fn clear_marks(&mut self) -> bool {
        !std::mem::take(&mut self.marked).is_empty()
    }

    /// Keeps the cursors in view.
    pub fn settle(&mut self, known: &Known, height: u16) {
        if let Some(sprint) = known.world.current() {
            for kind in Column::ALL {
                let tasks = self.tasks(sprint, kind);
                if let Some(cursor) = self.cursors.get_mut(&kind) {
                    cursor.settle(&tasks, height.saturating_sub(2));
                }
            }
        }
    }
}

/// What is done to all marked tasks; what can only be done to one goes to the one under the cursor.
fn on_marked(
    action: Action,
    known: &Known,
    sprint: &Sprint,
    (task, marked): (&Task, &[&Task]),
) -> Vec<Intent> {
    let works = || marked.iter().map(|task| Work::Task(task.id));
    match action {
        Action::Pause => works()
            .flat_map(|work| agents::pause(known, work))
            .collect(),
        Action::Compose | Action::Comment => {
            vec![Intent::Write(Purpose::SteerAll(works().collect()))]
        }
        Action::DropTask => {
            let names: Vec<String> = marked.iter().map(|task| task_label(task.id)).collect();
            vec![Intent::Confirm {
                word: "drop",
                text: format!(
                    "{} tasks are given up: {}. This cannot be undone.",
                    marked.len(),
                    names.join(" ")
                ),
                then: marked
                    .iter()
                    .map(|task| Command::DropTask(task.id))
                    .collect(),
            }]
        }
        _ => on_task(action, known, sprint, task),
    }
}

fn on_task(action: Action, known: &Known, sprint: &Sprint, task: &Task) -> Vec<Intent> {
    let work = Work::Task(task.id);
    match action {
        Action::Open => {
            let mut open = sprint
                .open_gates()
                .filter(|gate| gate.state == GateState::Open && gate.ask.holds());
            match open.find(|gate| gate.work == work) {
                Some(gate) => vec![Intent::OpenItem(gate.id)],
                None if task.change.is_some() => vec![Intent::OpenChange(task.id)],
                None => vec![Intent::OpenAgent(work)],
            }
        }
        Action::Compose | Action::Comment => vec![Intent::Write(Purpose::Steer(work))],
        Action::Pause => agents::pause(known, work),
        Action::Assign => flow::assign(sprint, task),
        Action::CardFurther => flow::further(sprint, task),
        Action::CardBack => flow::back(sprint, task),
        Action::DiffOf => agents::diff_of(known, work),
        Action::TimelineOf => vec![agents::timeline_of(work)],
        Action::DropTask if !task.is_over() => vec![Intent::Confirm {
            word: "drop",
            text: format!(
                "{} {} is given up: this cannot be undone.",
                task_label(task.id),
                line(&task.spec.title)
            ),
            then: vec![Command::DropTask(task.id)],
        }],
        _ => Vec::new(),
    }
}

/// The mark of a task and how it looks.
fn marked(sprint: &Sprint, task: &Task) -> (&'static str, Token) {
    let mut open = sprint
        .open_gates()
        .filter(|gate| gate.state == GateState::Open && gate.ask.holds());
    if let Some(gate) = open.find(|gate| gate.work == Work::Task(task.id)) {
        return (mark(gate.ask.kind()), mark_token(gate.ask.kind()));
    }
    match task.status {
        Status::Done => ("✓", Token::Ok),
        Status::Held(Cause::Stuck) => ("✗", Token::Fail),
        Status::Held(Cause::Paused | Cause::TakenOver) => ("·", Token::Off),
        Status::Ready if is_blocked(task) => ("▪", Token::Dim),
        Status::Ready | Status::Dropped => (" ", Token::Text),
        Status::Running | Status::Asking => ("▸", Token::Run),
    }
}

/// Paints the columns; as many as have room, with the one under the cursor among them.
pub fn view(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect, has_focus: bool) {
    let Some(sprint) = known.world.current() else {
        let inside = canvas.frame(area, "BOARD", "", has_focus);
        canvas.row(
            inside,
            &[piece(
                " No tasks.  i says what you want built; the planner proposes tasks.",
                Token::Dim,
            )],
        );
        return;
    };
    // Columns too narrow for a title say nothing: three of a small terminal, all of a wide one.
    let fits = match area.width {
        0..40 => 1,
        40..66 => 2,
        66..100 => 3,
        _ => Column::ALL.len(),
    };
    let at = state.column(sprint);
    let first = at
        .saturating_sub(fits - 1)
        .max(at.saturating_sub(fits / 2))
        .min(Column::ALL.len() - fits);
    let mut area = area;
    if fits < Column::ALL.len() && area.height > 8 {
        canvas.row(area, &strip(state, sprint, (first, fits)));
        area.y += 1;
        area.height -= 1;
    }
    let shown = Column::ALL.iter().enumerate().skip(first).take(fits);
    let mut left = area;
    for (number, (place, kind)) in shown.enumerate() {
        let width = left.width / u16::try_from(fits - number).unwrap_or(1);
        let column_area = Rect { width, ..left };
        left = Rect {
            x: left.x + width,
            width: left.width - width,
            ..left
        };
        one(
            state,
            (known, sprint, *kind),
            canvas,
            column_area,
            has_focus && place == at,
        );
    }
}

/// All columns with their counts, those in view between two pointers.
fn strip(state: &State, sprint: &Sprint, (first, fits): (usize, usize)) -> Vec<Piece<'static>> {
    let mut pieces = vec![plain(" ")];
    for (place, kind) in Column::ALL.into_iter().enumerate() {
        let is_shown = (first..first + fits).contains(&place);
        let gap = match place {
            _ if place == first => "◂ ",
            _ if place == first + fits => " ▸   ",
            _ if is_shown => " │ ",
            0 => "",
            _ => " · ",
        };
        let token = if is_shown { Token::Text } else { Token::Dim };
        pieces.push(piece(gap, Token::Dim));
        let count = state.tasks(sprint, kind).len();
        pieces.push(piece(format!("{} {count}", kind.title()), token));
    }
    if first + fits == Column::ALL.len() {
        pieces.push(piece(" ▸", Token::Dim));
    }
    pieces
}

fn one(
    state: &State,
    (known, sprint, kind): (&Known, &Sprint, Column),
    canvas: &mut Canvas<'_>,
    area: Rect,
    has_focus: bool,
) {
    let tasks = state.tasks(sprint, kind);
    let (busy, most) = flow::work_in_progress(sprint);
    let count = tasks.len();
    let more = match kind {
        Column::Running => format!("{count} · {busy}/{most}"),
        Column::Ready if count > 0 && busy >= most => format!("{count} · no room"),
        _ => count.to_string(),
    };
    // A title without its count says less than one without the limit.
    let needed = kind.title().len() + more.chars().count() + 8;
    let count = if needed <= usize::from(area.width) {
        more
    } else {
        count.to_string()
    };
    let right = narrowed(&state.filter, &count);
    let inside = canvas.frame(area, kind.title(), &right, has_focus);
    let cursor = state.cursors.get(&kind);
    let selected = cursor.map_or(0, |cursor| cursor.place(&tasks));
    let top = cursor.map_or(0, |cursor| cursor.list.top);
    for (row, (place, id)) in inside.rows().zip(tasks.iter().enumerate().skip(top)) {
        let Some(task) = sprint.task(*id) else {
            continue;
        };
        let (mark, token) = marked(sprint, task);
        let who = if kind == Column::Done {
            String::new()
        } else {
            role_name(sprint, &task.spec.role)
        };
        let left = [
            plain(" "),
            piece(mark, token),
            piece(task_label(task.id), Token::Accent),
            plain(format!(" {}", line(&task.spec.title))),
        ];
        let here = people::initials(&known.company, 2, |presence| {
            presence.work == Some(Work::Task(*id))
        });
        let gap = if here.is_empty() { "" } else { " " };
        canvas.both(
            row,
            &left,
            &[
                piece(here, Token::Info),
                plain(gap),
                piece(crate::base::text::clip(&who, 8), Token::Dim),
            ],
        );
        if state.marked.contains(id) {
            canvas.row(row, &[piece("●", Token::SurfaceMark)]);
        }
        if place == selected && has_focus {
            canvas.cursor(row);
        }
    }
}

/// Paints the task under the cursor.
pub fn task(state: &State, known: &Known, canvas: &mut Canvas<'_>, area: Rect) {
    let (Some(task), Some(sprint)) = (state.current(known), known.world.current()) else {
        canvas.frame(area, "TASK", "", false);
        return;
    };
    let (mark, token) = marked(sprint, task);
    let title = format!("{} {}", task_label(task.id), line(&task.spec.title));
    let inside = canvas.frame(area, &title, mark, false);
    let inside = Rect {
        x: inside.x + 1,
        width: inside.width.saturating_sub(2),
        ..inside
    };
    let (proven, all) = task.proven();
    let limit = task
        .account
        .limit
        .map_or_else(String::new, |limit| format!(" of {limit}"));
    let node = if task.node.is_empty() {
        "not begun"
    } else {
        task.node.as_str()
    };
    let mut rows: Vec<Vec<Piece<'_>>> = vec![
        vec![
            piece(
                format!("{} ", role_name(sprint, &task.spec.role)),
                Token::Accent,
            ),
            piece(format!("{} · round {}   ", line(node), task.round), token),
            piece(format!("cost {}{limit}", task.account.spent), Token::Dim),
        ],
        vec![
            piece("needs ", Token::Dim),
            plain(needs(sprint, task)),
            piece(
                task.added_by.as_ref().map_or_else(String::new, |by| {
                    format!("   added by {}", line(&by.to_string()))
                }),
                Token::Dim,
            ),
            piece(
                flow::waits(sprint, task)
                    .filter(|_| task.unmet == 0)
                    .map_or_else(String::new, |why| format!("   {why}")),
                Token::Risk,
            ),
        ],
        vec![piece(
            format!("done when, {proven} of {all} proven"),
            Token::Dim,
        )],
    ];
    let criteria = task.spec.criteria.iter().zip(1..);
    rows.extend(criteria.map(|(criterion, number)| {
        vec![
            piece(format!(" c{number} "), Token::Dim),
            plain(line(&criterion.text)),
        ]
    }));
    canvas.rows(inside, rows);
}

fn needs(sprint: &Sprint, task: &Task) -> String {
    let names = task.spec.needs.iter().map(|slug| {
        let need = sprint.tasks.values().find(|other| other.spec.slug == *slug);
        match need {
            Some(need) if need.status == Status::Done => format!("{} ✓", task_label(need.id)),
            Some(need) => task_label(need.id),
            None => line(slug),
        }
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::{known, rows};
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn columns_and_the_task_under_the_cursor() {
        let known = known(fixture::running());
        let mut state = State::default();
        assert_eq!(
            state.current(&known).map(|task| task.id),
            Some(fixture::task(2))
        );
        state.act(Action::Right, &known, 9);
        state.act(Action::Down, &known, 9);
        assert_eq!(
            state.current(&known).map(|task| task.id),
            Some(fixture::task(5))
        );
        assert_eq!(
            state.act(Action::Open, &known, 9),
            [Intent::OpenItem(fixture::gate(4))]
        );
        let seen = rows(80, 6, |canvas, area| {
            view(&state, &known, canvas, area, true);
        });
        insta::assert_snapshot!(seen.join(
            "
"
        ));
        let seen = rows(60, 6, |canvas, area| {
            task(&state, &known, canvas, area);
        });
        insta::assert_snapshot!(seen.join(
            "
"
        ));
    }

    #[test]
    fn marked_tasks_are_acted_on_together() {
        let known = known(fixture::running());
        let mut state = State::default();
        state.act(Action::Mark, &known, 9);
        state.act(Action::Mark, &known, 9);
        let paused = state.act(Action::Pause, &known, 9);
        let pause = |number| {
            let scope = crate::domain::journal::PauseScope::Task(fixture::task(number));
            Intent::Submit(Box::new(Command::Pause(scope)))
        };
        assert_eq!(paused, [pause(2), pause(4)]);
        let dropped = state.act(Action::DropTask, &known, 9);
        let [Intent::Confirm { text, then, .. }] = &dropped[..] else {
            panic!("{dropped:?}");
        };
        assert_eq!(then.len(), 2);
        assert_eq!(text, "2 tasks are given up: t2 t4. This cannot be undone.");
        assert!(state.clear_marks() && !state.clear_marks());
    }

    #[test]
    fn the_first_column_stands_in_the_order_in_which_tasks_begin() {
        let mut story = fixture::running();
        let ids = |story: &fixture::Story| {
            let sprint = story.world.current().unwrap();
            State::default().tasks(sprint, Column::Ready)
        };
        assert_eq!(ids(&story), [2, 4, 6].map(fixture::task));
        let (task, before) = (fixture::task(6), fixture::task(2));
        let by = fixture::person();
        let ordered = crate::domain::journal::Event::TaskOrdered { task, before, by };
        story.then(1, ordered);
        assert_eq!(ids(&story), [6, 2, 4].map(fixture::task));
        // The cursor stays on the task that it is on.
        let known = known(story);
        let mut state = State::default();
        state.show(fixture::task(2), &known);
        let up = state.act(Action::TaskEarlier, &known, 9);
        let (task, before) = (fixture::task(2), fixture::task(6));
        let up_again = Command::Order { task, before };
        assert_eq!(up, [Intent::Submit(Box::new(up_again))]);
    }

    #[test]
    fn giving_a_task_up_needs_a_word() {
        let known = known(fixture::running());
        let dropped = State::default().act(Action::DropTask, &known, 9);
        assert!(
            matches!(&dropped[..], [Intent::Confirm { word: "drop", then, .. }] if *then == [Command::DropTask(fixture::task(2))])
        );
    }
}
